//! Any bytes as a picture with a QR code.
#![no_main]

#[path = "../../crates/yima/src/statement/picture.rs"]
mod picture;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let found = picture::Kind::of(bytes).and_then(|kind| picture::luma(kind, bytes));
    if let Some(luma) = found {
        drop(luma.code());
    }
});

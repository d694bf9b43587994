//! Any bytes as a zlib stream: what comes out is bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_statement::dcc::decompress;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(inflated) = decompress(bytes) {
        assert!(inflated.len() <= 64 * 1024);
    }
});

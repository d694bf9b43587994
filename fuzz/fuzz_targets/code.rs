//! Any text as what a camera read at a checkpoint.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_credential::inspect;
use yima_fuzz::scan;

fuzz_target!(|text: &str| {
    assert!(scan(text).is_err() || inspect(text).is_ok(), "what is verified can be read");
});

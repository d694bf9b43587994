//! Any text as base45: it is refused, or it is the one text of its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_credential::base45;

fuzz_target!(|text: &str| {
    if let Some(bytes) = base45::decode(text) {
        let mut again = String::new();
        base45::encode_to(&bytes, &mut again);
        assert_eq!(again, text);
    }
});

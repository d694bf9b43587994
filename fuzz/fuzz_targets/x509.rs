//! Any bytes as an X.509 certificate whose key would be trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_statement::Trust;

fuzz_target!(|bytes: &[u8]| {
    let mut trust = Trust::nobody();
    if trust.add_certificate(bytes).is_err() {
        assert_eq!(trust.keys(), 0, "what is refused adds no key");
    }
    trust.pin_certificate(bytes).ok();
});

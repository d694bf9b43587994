//! Any bytes as a file of a trust folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_statement::Trust;

fuzz_target!(|bytes: &[u8]| {
    for place in ["a.example/.well-known/jwks.json", "list.json", "signer.pem", "LICENSE"] {
        let mut trust = Trust::nobody();
        drop(trust.add_file(place, bytes));
        trust.pin_file(bytes).ok();
    }
});

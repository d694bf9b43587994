//! Any bytes as the signed object of another issuer: CBOR and COSE that need not be canonical, and the content of a DCC.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_statement::dcc::{Claims, Signed};
use yima_statement::nzcp::Pass;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signed) = Signed::parse(bytes) {
        signed.key_id().map(<[u8]>::len).ok();
        if let Ok(Claims { payload, .. }) = signed.claims() {
            drop((payload.json(), payload.certificate(), payload.usages()));
        }
    }
    drop(Pass::parse(bytes));
});

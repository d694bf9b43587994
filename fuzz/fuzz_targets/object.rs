//! Any bytes as the signed object of a code, of a trust list and of a status list: CBOR, COSE and claims.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_credential::{StatusList, TrustList, base45, inspect};
use yima_fuzz::{CHECKPOINT, scan};
use yima_model::Timestamp;

fuzz_target!(|bytes: &[u8]| {
    let mut text = "YM1:".to_owned();
    base45::encode_to(bytes, &mut text);
    assert!(scan(&text).is_err() || inspect(&text).is_ok(), "what is verified can be read");
    let checkpoint = &*CHECKPOINT;
    for at in [Timestamp::BEGINNING, Timestamp::FOREVER] {
        drop(TrustList::open(bytes, &checkpoint.roots, None, at));
        drop(StatusList::open(bytes, &checkpoint.trust, None, at));
    }
});

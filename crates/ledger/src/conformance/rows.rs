//! The rows of the vault.

use std::thread;

use super::*;
use crate::{Claim, RowTable};

const DOCUMENTS: RowTable = RowTable::new("documents");
const DOC: RowTable = RowTable::new("doc");
const KEYS: RowTable = RowTable::new("keys");

/// Catches two persons for one document: two desks that register it at the same moment.
pub(super) fn one_claim_wins<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    for round in 0..20_u8 {
        let claim = |desk: u8| ledger.claim_row(DOCUMENTS, &[round], &[desk]).unwrap();
        let claims: Vec<(u8, Claim)> = thread::scope(|scope| {
            let desks: Vec<_> = (0..8).map(|desk| scope.spawn(move || (desk, claim(desk)))).collect();
            desks.into_iter().map(|desk| desk.join().unwrap()).collect()
        });
        let winners: Vec<u8> =
            claims.iter().filter(|(_, claim)| *claim == Claim::Inserted).map(|(desk, _)| *desk).collect();
        assert_eq!(winners.len(), 1);
        for (desk, claim) in &claims {
            assert!(*desk == winners[0] || *claim == Claim::Taken(winners.clone()));
        }
        assert_eq!(ledger.row(DOCUMENTS, &[round]).unwrap(), Some(winners));
    }
}

/// Catches tables that overlap, a prefix taken for the key, and a page that begins or ends wrongly.
pub(super) fn rows_are_kept_by_table_and_key<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    for key in ["b", "a", "ab", ""] {
        ledger.put_row(DOC, key.as_bytes(), key.as_bytes()).unwrap();
    }
    ledger.put_row(DOCUMENTS, b"a", b"other").unwrap();
    ledger.put_row(KEYS, b"z", b"other").unwrap();
    let keys = |from: &str, max| -> Vec<String> {
        let rows = ledger.rows(DOC, from.as_bytes(), max).unwrap();
        rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect()
    };
    assert_eq!(keys("", 10), ["", "a", "ab", "b"]);
    assert_eq!(keys("ab", 10), ["ab", "b"]);
    assert_eq!(keys("aa", 1), ["ab"]);
    assert_eq!(keys("c", 10), [""; 0]);
    ledger.put_row(DOC, b"a", b"new").unwrap();
    ledger.delete_row(DOC, b"b").unwrap();
    ledger.delete_row(DOC, b"was never there").unwrap();
    assert_eq!(ledger.row(DOC, b"a").unwrap().as_deref(), Some(&b"new"[..]));
    assert_eq!(ledger.row(DOC, b"b").unwrap(), None);
    assert_eq!(ledger.row(KEYS, b"a").unwrap(), None);
    assert_eq!(ledger.claim_row(DOC, b"b", b"again").unwrap(), Claim::Inserted);
    assert_eq!(ledger.claim_row(DOC, b"b", b"late").unwrap(), Claim::Taken(b"again".to_vec()));
}

/// Catches rows that are answered from memory before they are durable, and a deletion that a restart undoes.
pub(super) fn rows_last<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    backend.ledger().claim_row(KEYS, b"1", b"one").unwrap();
    backend.ledger().put_row(KEYS, b"2", b"two").unwrap();
    backend.ledger().delete_row(KEYS, b"2").unwrap();
    backend.ledger().shred_rows().unwrap();
    let backend = backend.restart();
    assert_eq!(backend.ledger().rows(KEYS, b"", 10).unwrap(), [(b"1".to_vec(), b"one".to_vec())]);
    assert_eq!(backend.ledger().claim_row(KEYS, b"1", b"uno").unwrap(), Claim::Taken(b"one".to_vec()));
}

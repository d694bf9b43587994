//! Emptying what acts have condemned, and finishing that after a crash.

use std::collections::BTreeSet;

use super::{
    log::{Walk, log_key},
    state::Acts,
};
use crate::{
    entry::{Content, Entry, Partition, Tail},
    error::LedgerError,
    store::{Store, Table, Write},
};

/// Whether entries are being emptied: 1 from the act on until all is gone. Absent and 0 mean no.
const EMPTYING: &[u8] = b"emptying";

/// The mark, written together with an act, that entries are to be emptied.
pub(super) fn begun() -> Write {
    Write::put(Table::Meta, EMPTYING, [1])
}

/// Goes over everything if an earlier sweep was not finished.
pub(super) fn finish(store: &dyn Store, tails: &[Tail]) -> Result<(), LedgerError> {
    if store.get(Table::Meta, EMPTYING)?.is_none_or(|mark| mark == [0]) {
        return Ok(());
    }
    let partitions: BTreeSet<Partition> = all(tails).map(|(partition, _)| partition).collect();
    empty(store, tails, &partitions)?;
    settle(store, &partitions)
}

/// Empties the condemned entries of these partitions and waits until they are gone from the disk, with all dead rows.
pub(super) fn sweep(store: &dyn Store, tails: &[Tail], partitions: BTreeSet<Partition>) -> Result<(), LedgerError> {
    let changed = empty(store, tails, &partitions)?;
    settle(store, &changed)
}

/// Empties entries and says in which partitions there were any.
fn empty(
    store: &dyn Store,
    tails: &[Tail],
    partitions: &BTreeSet<Partition>,
) -> Result<BTreeSet<Partition>, LedgerError> {
    let acts = Acts::load(store)?;
    let mut changed = BTreeSet::new();
    for (partition, tail) in all(tails).filter(|(partition, _)| partitions.contains(partition)) {
        let mut walk = Walk::new(store, partition, tail.position);
        while let Some(entries) = walk.next_entries()? {
            let condemned = |entry: &Entry| matches!(&entry.content, Content::Fact(fact) if acts.empties(&fact.filed));
            let emptied = |entry: Entry| {
                let key = log_key(entry.position);
                Write::put(Table::Log(partition), key, entry.emptied().encode())
            };
            let writes: Vec<Write> = entries.into_iter().filter(condemned).map(emptied).collect();
            if !writes.is_empty() {
                changed.insert(partition);
                store.commit(writes, None)?;
            }
        }
    }
    Ok(changed)
}

fn settle(store: &dyn Store, changed: &BTreeSet<Partition>) -> Result<(), LedgerError> {
    let tables: Vec<Table> = changed.iter().copied().map(Table::Log).chain([Table::Rows]).collect();
    store.shred(&tables)?;
    Ok(store.commit(vec![Write::put(Table::Meta, EMPTYING, [0])], None)?)
}

fn all(tails: &[Tail]) -> impl Iterator<Item = (Partition, &Tail)> {
    Partition::all(u16::MAX).zip(tails)
}

#[cfg(test)]
mod tests {
    use crate::{
        Act, KeyedLedger, Ledger,
        conformance::{Machine, PARTITIONS, append, fact, facts, person},
        keyed::committer::Request,
    };

    /// Catches an erasure that was recorded when the process died, and is never carried out.
    #[test]
    fn an_interrupted_erasure_is_finished_at_the_next_start() {
        let host = Machine::default().host();
        let ledger = KeyedLedger::in_memory(PARTITIONS, host.clone()).unwrap();
        append(&ledger, &[fact(1, 1), fact(2, 2)]).unwrap();
        let acts = vec![Act::Erase(person(1))];
        ledger.committer.send(|promise| Request::Acts(acts, promise)).wait().unwrap();
        assert_eq!(facts(&ledger).len(), 2);
        let store = ledger.store();
        drop(ledger);
        let ledger = KeyedLedger::start(store, host).unwrap();
        assert_eq!(facts(&ledger).len(), 1);
        assert_eq!(ledger.verify().unwrap().empty, 1);
    }
}

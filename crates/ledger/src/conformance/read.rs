//! Reading: going on from a position, waiting for news, and finding out what is damaged.

use std::{thread, time::Duration};

use super::*;
use crate::Corruption;

/// Catches a reader that skips or repeats an entry at the edge of a page, or sees facts in another order than filed.
pub(super) fn reading_on_misses_nothing<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    let facts: Vec<NewFact> = (0..40).map(|n| fact(n, 1)).collect();
    facts.chunks(3).for_each(|batch| drop(append(ledger, batch).unwrap()));
    let partition = partition(&facts[0]);
    let whole = all(ledger, partition);
    assert_eq!(filed(ledger), facts);
    for max in [1, 2, 7, 39, 40, 41] {
        let mut read: Vec<Entry> = Vec::new();
        loop {
            let after = read.last().map_or(Position::START, |entry| entry.position);
            let page = ledger.read(partition, after, max).unwrap();
            assert!(page.len() <= max);
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, whole, "{max} at a time");
    }
}

/// Catches a reader that is ahead of the ledger, or asks for a partition it does not have, and is told nothing strange.
pub(super) fn what_is_not_there_is_told<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    append(backend.ledger(), &[global(1)]).unwrap();
    for after in [1, 2, u64::MAX] {
        assert_eq!(backend.ledger().read(Partition::GLOBAL, Position(after), 10).unwrap(), []);
    }
    assert_eq!(backend.ledger().read(Partition::GLOBAL, Position::START, 0).unwrap(), []);
    let partition = Partition::new(PARTITIONS + 1, u16::MAX).unwrap();
    refused!(backend.ledger().read(partition, Position::START, 1), LedgerError::NoSuchPartition { .. });
}

/// Catches a follower that sleeps through an append, or is woken only by the next one.
pub(super) fn waiting_ends_with_news<B: Backend>(machine: &Machine) {
    const LONG: Duration = Duration::from_secs(600);
    let backend = B::start(machine);
    let ledger = backend.ledger();
    assert_eq!(ledger.wait(&[], Duration::ZERO).unwrap(), ledger.tails().unwrap());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| ledger.wait(&[], LONG).unwrap());
        append(ledger, &[fact(1, 1)]).unwrap();
        assert_eq!(waiting.join().unwrap(), ledger.tails().unwrap());
    });
    let mut seen: Vec<Position> = ledger.tails().unwrap().iter().map(|tail| tail.position).collect();
    assert_eq!(ledger.wait(&seen, Duration::ZERO).unwrap(), ledger.tails().unwrap());
    seen[usize::from(partition(&fact(1, 1)).number())] = Position::START;
    assert_eq!(ledger.wait(&seen, LONG).unwrap(), ledger.tails().unwrap());
}

/// Ten facts in the global partition and where the fifth of them lies.
fn ten<B: Backend>(machine: &Machine) -> (B, Place) {
    let backend = B::start(machine);
    let outcomes = append(backend.ledger(), &(0..10).map(global).collect::<Vec<_>>()).unwrap();
    (backend, outcomes[4].place())
}

fn check(ledger: &dyn Ledger, expected: Place, what: &[Corruption]) {
    let right = |error: &LedgerError| {
        matches!(error, LedgerError::Corrupt { partition, position, what: found }
            if Place { partition: *partition, position: *position } == expected && what.contains(found))
    };
    let whole = ledger.verify().unwrap_err();
    let read = ledger.read(expected.partition, Position::START, 100).unwrap_err();
    assert!(right(&whole) && right(&read), "{whole:?} {read:?}");
}

/// Catches a reader that takes the entry after a lost one for the next one.
pub(super) fn a_hole_is_reported<B: Backend>(machine: &Machine) {
    let (backend, place) = ten::<B>(machine);
    backend.damage(place, None);
    check(backend.ledger(), place, &[Corruption::Hole]);
    assert_eq!(backend.ledger().read(place.partition, Position::START, 4).unwrap().len(), 4);
    refused!(backend.ledger().read(place.partition, place.position, 1), LedgerError::Corrupt { .. });
}

/// Catches a field that the chain does not cover, the time of recording and the kind among them.
pub(super) fn a_changed_byte_is_reported<B: Backend>(machine: &Machine) {
    let (backend, place) = ten::<B>(machine);
    let whole = backend.stored(place);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        backend.damage(place, Some(bytes));
        check(backend.ledger(), place, &[Corruption::Chain, Corruption::Form]);
    }
    backend.damage(place, Some(whole));
    backend.ledger().verify().unwrap();
}

/// Catches a walk that stops quietly where the entries end instead of where they must end.
pub(super) fn a_lost_end_is_reported<B: Backend>(machine: &Machine) {
    let (backend, place) = ten::<B>(machine);
    let last = Place { position: Position(10), ..place };
    backend.damage(last, None);
    check(backend.ledger(), last, &[Corruption::Hole]);
}

//! Erasing persons, horizons and expiry.

use super::*;
use crate::{Act, Content, Verified};

fn act(entry: &Entry) -> Option<Act> {
    match &entry.content {
        Content::Act(recorded) => Some(recorded.act),
        _ => None,
    }
}

/// Catches content that stays, content of others that goes, and a chain that no longer verifies without the content.
pub(super) fn erasing_empties_one_person<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    let facts: Vec<NewFact> = (0..30).map(|n| fact(n, n % 3)).collect();
    append(ledger, &facts).unwrap();
    let partition = partition(&facts[1]);
    let before = all(ledger, partition);
    let place = ledger.erase(&[person(1)]).unwrap()[0].place();
    assert_eq!(place, Place { partition, position: Position(before.len() as u64 + 1) });

    let after = all(ledger, partition);
    assert_eq!(act(after.last().unwrap()), Some(Act::Erase(person(1))));
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.position, old.leaf, old.head), (new.position, new.leaf, new.head));
        let Content::Fact(fact) = &old.content else { panic!("a fact was filed") };
        let of_the_erased = fact.filed.subject == Subject::Person(person(1));
        assert_eq!(new.content, if of_the_erased { Content::Empty } else { old.content.clone() });
    }
    let others = facts.iter().filter(|fact| fact.subject != Subject::Person(person(1))).cloned().collect();
    assert_same(filed(ledger), others, |fact| fact.id);
    append(ledger, &[fact(100, 0), fact(101, 2)]).unwrap();
    assert_eq!(ledger.verify().unwrap(), Verified { entries: 33, empty: 10 });
}

/// Catches a repeated erasure that writes another entry, or one person in the list that hides the others.
pub(super) fn erasing_again_does_nothing<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    append(ledger, &(0..6).map(|n| fact(n, n)).collect::<Vec<_>>()).unwrap();
    let first = ledger.erase(&[person(1), person(1)]).unwrap();
    assert!(matches!(first[..], [Appended::New(a), Appended::Already(b)] if a == b));
    let second = ledger.erase(&[person(2), person(1), person(99)]).unwrap();
    assert!(matches!(second[..], [Appended::New(_), Appended::Already(_), Appended::New(_)]));
    assert_eq!(ledger.erase(&[]).unwrap(), []);
    assert_eq!(second[1].place(), first[0].place());
    assert_eq!(count(ledger), 6 + 3);
    let mut erased = vec![person(1), person(2), person(99)];
    erased.sort();
    assert_eq!(ledger.erased().unwrap(), erased);
}

/// Catches a source's late repetition, or a straggler, that brings a person back.
pub(super) fn what_was_erased_does_not_come_back<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let first = append(backend.ledger(), &[fact(1, 1)]).unwrap()[0].place();
    backend.ledger().erase(&[person(1)]).unwrap();
    let backend = backend.restart();
    let ledger = backend.ledger();
    assert_eq!(append(ledger, &[fact(1, 1)]).unwrap(), [Appended::Emptied(first)]);
    let other = NewFact { body: Sealed(b"other".to_vec()), ..fact(1, 1) };
    assert_eq!(append(ledger, &[other]).unwrap(), [Appended::Emptied(first)]);
    refused!(append(ledger, &[fact(2, 2), fact(3, 1)]), LedgerError::Erased { id } if *id == super::id(3));
    assert_eq!(filed(ledger), []);
}

/// Facts of two kinds that count by instants around 1000.
fn dated() -> Vec<NewFact> {
    let untils = [i64::MIN, -1, 999, 1000, 1001, i64::MAX];
    let fact = |kind: u16, at: usize| NewFact {
        kind: Kind(kind),
        until: Timestamp::from_millis(untils[at]),
        ..fact(u64::from(kind) * 10 + at as u64, at as u64)
    };
    (1..=2).flat_map(|kind| (0..untils.len()).map(move |at| fact(kind, at))).collect()
}

/// Catches an expiry that takes what counts by the very instant, what is still open, or another kind.
pub(super) fn only_what_counts_before_expires<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    append(ledger, &dated()).unwrap();
    append(ledger, &[global(100)]).unwrap();
    let before = Timestamp::from_millis(1000);
    ledger.horizon(&[Kind(1)], before).unwrap();
    let first = ledger.expire(&[Kind(1)], before).unwrap()[0];
    assert!(matches!(first, Appended::New(place) if place.partition == Partition::GLOBAL));
    let kept = |fact: &NewFact| fact.kind != Kind(1) || fact.until >= before;
    assert_same(filed(ledger), dated().into_iter().filter(kept).chain([global(100)]).collect(), |fact| fact.id);
    for earlier in [1000, 999] {
        let again = ledger.expire(&[Kind(1)], Timestamp::from_millis(earlier)).unwrap()[0];
        assert_eq!(again, Appended::Already(first.place()));
    }
    assert_eq!(ledger.verify().unwrap(), Verified { entries: 12 + 1 + 2, empty: 3 });

    ledger.horizon(&[Kind(1)], Timestamp::FOREVER).unwrap();
    ledger.expire(&[Kind(1)], Timestamp::FOREVER).unwrap();
    let open = |fact: &NewFact| fact.kind != Kind(1) || fact.until == Timestamp::FOREVER;
    assert_same(filed(ledger), dated().into_iter().filter(open).chain([global(100)]).collect(), |fact| fact.id);
}

/// Catches facts emptied while registries still look at them: colours would change without a fact.
pub(super) fn expiry_stays_behind_the_horizon<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    append(ledger, &dated()).unwrap();
    let at = Timestamp::from_millis;
    refused!(ledger.expire(&[Kind(1)], at(-5)), LedgerError::InsideHorizon { horizon: Timestamp::BEGINNING, .. });
    ledger.horizon(&[Kind(1)], at(500)).unwrap();
    refused!(ledger.expire(&[Kind(1)], at(501)), LedgerError::InsideHorizon { horizon, .. } if *horizon == at(500));
    refused!(ledger.expire(&[Kind(2)], at(500)), LedgerError::InsideHorizon { .. });
    assert_eq!(filed(ledger).len(), dated().len());
    ledger.expire(&[Kind(1)], at(500)).unwrap();
}

/// Catches a horizon that moves back, that refuses a repetition, or that lets in what nothing looks at any more.
pub(super) fn the_horizon_only_moves_forward<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    let at = Timestamp::from_millis;
    let counting = |number, until| NewFact { until: at(until), ..fact(number, 1) };
    let first = append(ledger, &[counting(1, 400)]).unwrap()[0].place();
    let placed = ledger.horizon(&[Kind(1)], at(500)).unwrap()[0];
    assert_eq!(ledger.horizon(&[Kind(1)], at(499)).unwrap(), [Appended::Already(placed.place())]);
    assert_eq!(ledger.horizon(&[Kind(1)], at(500)).unwrap(), [Appended::Already(placed.place())]);
    assert_eq!(append(ledger, &[counting(1, 400)]).unwrap(), [Appended::Already(first)]);
    refused!(append(ledger, &[counting(2, 499)]), LedgerError::BehindHorizon { horizon, .. } if *horizon == at(500));
    append(ledger, &[counting(3, 500), NewFact { kind: Kind(2), ..counting(4, 0) }, fact(5, 1)]).unwrap();
    let both = ledger.horizon(&[Kind(1), Kind(2)], at(501)).unwrap();
    assert!(matches!(*both, [Appended::New(one), Appended::New(other)] if other.position == one.position.next()));
    assert_eq!(ledger.horizon(&[Kind(2), Kind(3)], at(501)).unwrap()[0], Appended::Already(both[1].place()));
    let acts: Vec<Act> = all(ledger, Partition::GLOBAL).iter().filter_map(act).collect();
    let moved = [(1, 500), (1, 501), (2, 501), (3, 501)].map(|(kind, before)| Act::Horizon(Kind(kind), at(before)));
    assert_eq!(acts, moved);
}

/// Catches acts that hold only until the next start.
pub(super) fn acts_last<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let before = Timestamp::from_millis(1000);
    backend.ledger().erase(&[person(1)]).unwrap();
    let horizon = backend.ledger().horizon(&[Kind(1)], before).unwrap()[0].place();
    let expiry = backend.ledger().expire(&[Kind(1)], before).unwrap()[0].place();
    let backend = backend.restart();
    let ledger = backend.ledger();
    assert_eq!(ledger.erased().unwrap(), [person(1)]);
    assert_eq!(ledger.horizon(&[Kind(1)], before).unwrap(), [Appended::Already(horizon)]);
    assert_eq!(ledger.expire(&[Kind(1)], before).unwrap(), [Appended::Already(expiry)]);
    refused!(append(ledger, &[fact(1, 1)]), LedgerError::Erased { .. });
    let old = NewFact { until: Timestamp::from_millis(999), ..fact(2, 2) };
    refused!(append(ledger, &[old]), LedgerError::BehindHorizon { .. });
}

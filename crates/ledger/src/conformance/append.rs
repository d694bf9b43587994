//! Filing facts: positions, repetitions, conflicts, group commit, the time of recording.

use std::{collections::BTreeMap, thread};

use super::*;

/// Catches positions counted over the whole ledger, from 0, or with a gap after a batch.
pub(super) fn positions_are_dense_in_each_partition<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    let mut expected: BTreeMap<Partition, u64> = BTreeMap::new();
    for batch in 0..10 {
        let facts: Vec<NewFact> =
            (0..7).map(|n| fact(batch * 7 + n, batch + n)).chain([global(1000 + batch)]).collect();
        for (fact, outcome) in facts.iter().zip(append(ledger, &facts).unwrap()) {
            let last = expected.entry(partition(fact)).or_default();
            *last += 1;
            let place = Place { partition: partition(fact), position: Position(*last) };
            assert_eq!(outcome, Appended::New(place));
        }
    }
    let ends: Vec<u64> = ledger.tails().unwrap().iter().map(|tail| tail.position.0).collect();
    let expected: Vec<u64> = Partition::all(PARTITIONS).map(|at| expected.get(&at).copied().unwrap_or(0)).collect();
    assert_eq!(ends, expected);
    assert_eq!(ledger.verify().unwrap().entries, 80);
}

/// Catches a repetition that is recorded twice, forgotten by a restart, or numbered and then skipped.
pub(super) fn a_repetition_gives_the_first_position<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let facts: Vec<NewFact> = (0..20).map(|n| fact(n, n % 3)).collect();
    let first: Vec<Place> = append(backend.ledger(), &facts).unwrap().into_iter().map(Appended::place).collect();
    let again: Vec<Appended> = first.iter().map(|place| Appended::Already(*place)).collect();
    assert_eq!(append(backend.ledger(), &facts).unwrap(), again);
    let backend = backend.restart();
    assert_eq!(append(backend.ledger(), &facts).unwrap(), again);
    let mixed = [facts[3].clone(), fact(100, 0), facts[0].clone()];
    let outcomes = append(backend.ledger(), &mixed).unwrap();
    assert_eq!((outcomes[0], outcomes[2]), (again[3], again[0]));
    assert!(matches!(outcomes[1], Appended::New(_)));
    assert_eq!(count(backend.ledger()), 21);
    backend.ledger().verify().unwrap();
}

/// Catches a batch that is checked against what is stored but not against itself.
pub(super) fn duplicates_within_a_call_are_one_fact<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let outcomes = append(backend.ledger(), &[fact(1, 1), fact(2, 1), fact(1, 1)]).unwrap();
    assert!(matches!(outcomes[..2], [Appended::New(_), Appended::New(_)]));
    assert_eq!(outcomes[2], Appended::Already(outcomes[0].place()));
    let other = NewFact { body: Sealed(b"other".to_vec()), ..fact(3, 1) };
    refused!(append(backend.ledger(), &[fact(3, 1), other]), LedgerError::Conflict { id } if *id == super::id(3));
    assert_eq!(count(backend.ledger()), 2);
}

/// Catches an id that stands for two contents: whoever corrects a fact by its id would change another one.
pub(super) fn another_content_is_a_conflict<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let first = fact(1, 1);
    append(backend.ledger(), std::slice::from_ref(&first)).unwrap();
    let same_partition = (2..).find(|n| partition(&fact(0, *n)) == partition(&first)).unwrap();
    let others = [
        NewFact { body: Sealed(b"other".to_vec()), ..first.clone() },
        NewFact { kind: Kind(2), ..first.clone() },
        NewFact { until: Timestamp::from_millis(0), ..first.clone() },
        NewFact { subject: fact(0, same_partition).subject, ..first.clone() },
    ];
    for other in others {
        let outcome = append(backend.ledger(), &[other]);
        refused!(&outcome, LedgerError::Conflict { id } if *id == first.id);
        assert!(outcome.unwrap_err().to_string().contains(&first.id.to_string()));
    }
    assert_eq!(filed(backend.ledger()), [first]);
}

/// Catches a refused call that leaves some of its facts, or drags down those committed in the same group.
pub(super) fn one_refused_fact_refuses_its_call_alone<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    append(ledger, &[fact(1, 1)]).unwrap();
    let conflict = NewFact { kind: Kind(9), ..fact(1, 1) };
    machine.hold();
    let first = ledger.append(vec![fact(2, 2)]);
    machine.until_asked(2);
    let receipts = [vec![fact(3, 3)], vec![fact(4, 4), conflict], vec![fact(4, 4)]].map(|facts| ledger.append(facts));
    machine.release();
    let [third, refused, fourth] = receipts.map(crate::Receipt::wait);
    assert!(matches!(first.wait().unwrap()[..], [Appended::New(_)]));
    assert!(matches!(third.unwrap()[..], [Appended::New(_)]));
    refused!(refused, LedgerError::Conflict { id } if *id == super::id(1));
    assert!(matches!(fourth.unwrap()[..], [Appended::New(_)]));
    assert_same(filed(ledger), (1..=4).map(|n| fact(n, n)).collect(), |fact| fact.id);
    ledger.verify().unwrap();
}

/// Catches a look-up that two writers pass before either has written.
pub(super) fn concurrent_repetitions_are_one_fact<B: Backend>(machine: &Machine) {
    const THREADS: u64 = 8;
    const FACTS: u64 = 60;
    let backend = B::start(machine);
    let ledger = backend.ledger();
    let file = |thread: u64| -> Vec<(u64, Appended)> {
        let order = (0..FACTS).map(|n| (n * 7 + thread * 13) % FACTS).collect::<Vec<_>>();
        let chunks = order.chunks(5).map(|numbers| {
            let facts: Vec<NewFact> = numbers.iter().map(|n| fact(*n, n % 5)).collect();
            numbers.iter().copied().zip(append(ledger, &facts).unwrap()).collect::<Vec<_>>()
        });
        chunks.flatten().collect()
    };
    let outcomes: Vec<(u64, Appended)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || file(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for number in 0..FACTS {
        let of: Vec<Appended> = outcomes.iter().filter(|(n, _)| *n == number).map(|(_, outcome)| *outcome).collect();
        assert_eq!(of.iter().filter(|outcome| matches!(outcome, Appended::New(_))).count(), 1);
        assert!(of.iter().all(|outcome| outcome.place() == of[0].place()));
    }
    assert_eq!(ledger.verify().unwrap().entries, FACTS);
}

/// Catches a commit for each fact: the rate of filing would be that of the disk's syncs.
pub(super) fn facts_filed_together_share_a_commit<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    machine.hold();
    let receipts: Vec<_> = (0..300).map(|n| backend.ledger().append(vec![fact(n, n)])).collect();
    machine.until_asked(1);
    machine.release();
    assert!(receipts.into_iter().all(|receipt| matches!(receipt.wait().unwrap()[..], [Appended::New(_)])));
    assert!(machine.asked() <= 3, "{} commits for 300 facts", machine.asked());
}

/// Catches tails or entries that are shown when they are planned, not when they are durable.
pub(super) fn nothing_is_seen_before_it_is_durable<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let ledger = backend.ledger();
    machine.hold();
    let receipt = ledger.append(vec![global(1)]);
    machine.until_asked(1);
    assert_eq!(count(ledger), 0);
    assert_eq!(all(ledger, Partition::GLOBAL), []);
    machine.release();
    receipt.wait().unwrap();
    assert_eq!(all(ledger, Partition::GLOBAL).len(), 1);
}

/// Catches a clock that is trusted: after it went back, "as known at" would give another answer than was given.
pub(super) fn recorded_never_goes_back<B: Backend>(machine: &Machine) {
    let mut backend = B::start(machine);
    let times = [(100, 100), (50, 100), (120, 120), (-7, 120), (121, 121)];
    for (number, (clock, _)) in times.iter().enumerate() {
        machine.set_now(*clock);
        append(backend.ledger(), &[global(number as u64)]).unwrap();
        backend = backend.restart();
    }
    let recorded: Vec<i64> = facts(backend.ledger()).iter().map(|fact| fact.recorded.millis()).collect();
    assert_eq!(recorded, times.map(|(_, recorded)| recorded));
    assert_eq!(backend.ledger().tails().unwrap()[0].recorded.millis(), 121);
}

/// Catches a close that drops what was accepted but nobody waited for.
pub(super) fn what_was_queued_is_durable_after_closing<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    for number in 0..50 {
        drop(backend.ledger().append(vec![fact(number, number)]));
    }
    let backend = backend.restart();
    assert_eq!(backend.ledger().verify().unwrap().entries, 50);
}

/// Catches a call that is lost because the outcome came before it, or came while it was made.
pub(super) fn a_receipt_calls_back<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let (sender, outcomes) = std::sync::mpsc::channel();
    machine.hold();
    for number in 0..20 {
        let sender = sender.clone();
        backend.ledger().append(vec![fact(number, 1)]).then(move |outcome| sender.send((number, outcome)).unwrap());
    }
    machine.release();
    for number in 0..20 {
        let (of, outcome) = outcomes.recv().unwrap();
        assert!(of == number && matches!(outcome.unwrap()[..], [Appended::New(_)]), "in the order of filing");
    }
    let late = backend.ledger().append(vec![fact(0, 1)]);
    append(backend.ledger(), &[fact(20, 1)]).unwrap();
    late.then(move |outcome| sender.send((99, outcome)).unwrap());
    assert!(matches!(outcomes.recv().unwrap().1.unwrap()[..], [Appended::Already(_)]));
}

/// Catches a body that the storage cannot hold and that fails, or stops the ledger, only there.
pub(super) fn a_body_that_is_too_long_is_refused<B: Backend>(machine: &Machine) {
    let backend = B::start(machine);
    let with = |number, length| NewFact { body: Sealed(vec![0; length]), ..fact(number, 1) };
    refused!(append(backend.ledger(), &[with(1, Sealed::LENGTH_MAX + 1)]), LedgerError::TooLong { .. });
    let longest = with(2, Sealed::LENGTH_MAX);
    append(backend.ledger(), std::slice::from_ref(&longest)).unwrap();
    append(backend.ledger(), &[with(3, 0)]).unwrap();
    assert_eq!(filed(backend.ledger()), [longest, with(3, 0)]);
}

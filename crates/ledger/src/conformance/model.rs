//! Random histories, compared after each step with a model that is as simple as can be.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What the ledger should hold: entries without positions, each fact once, in order of recording.
#[derive(Default)]
struct Model {
    partitions: BTreeMap<Partition, Vec<Option<NewFact>>>,
    places: BTreeMap<FactId, Place>,
    erased: BTreeSet<PersonId>,
    reach: BTreeMap<u16, i64>,
}

impl Model {
    fn push(&mut self, partition: Partition, entry: Option<NewFact>) -> Place {
        let entries = self.partitions.entry(partition).or_default();
        entries.push(entry);
        Place { partition, position: Position(entries.len() as u64) }
    }

    /// The outcomes, or `None` if the facts must be refused.
    fn append(&mut self, facts: &[NewFact]) -> Option<Vec<Appended>> {
        let admitted = facts.iter().all(|fact| {
            let erased = matches!(fact.subject, Subject::Person(person) if self.erased.contains(&person));
            let reach = self.reach.get(&fact.kind.0).copied().unwrap_or(i64::MIN);
            self.places.contains_key(&fact.id) || !erased && fact.until.millis() >= reach
        });
        admitted.then(|| facts.iter().map(|fact| self.add(fact)).collect())
    }

    fn add(&mut self, fact: &NewFact) -> Appended {
        match self.places.get(&fact.id) {
            Some(place) => match &self.partitions[&place.partition][place.position.0 as usize - 1] {
                Some(_) => Appended::Already(*place),
                None => Appended::Emptied(*place),
            },
            None => {
                let place = self.push(partition(fact), Some(fact.clone()));
                self.places.insert(fact.id, place);
                Appended::New(place)
            }
        }
    }

    fn erase(&mut self, person: PersonId) {
        if self.erased.insert(person) {
            self.push(Partition::of(Subject::Person(person), PARTITIONS), None);
            self.empty(|fact| fact.subject == Subject::Person(person));
        }
    }

    /// Horizon and expiry at the same instant.
    fn expire(&mut self, kind: u16, before: i64) {
        if self.reach.get(&kind).is_none_or(|reach| *reach < before) {
            self.reach.insert(kind, before);
            self.push(Partition::GLOBAL, None);
            self.push(Partition::GLOBAL, None);
            self.empty(|fact| fact.kind.0 == kind && fact.until.millis() < before);
        }
    }

    fn empty(&mut self, condemned: impl Fn(&NewFact) -> bool) {
        let entries = self.partitions.values_mut().flatten();
        entries.filter(|entry| entry.as_ref().is_some_and(&condemned)).for_each(|entry| *entry = None);
    }
}

/// Catches what the other tests do not think of: repetitions, emptying and restarts in any order.
pub(super) fn random_histories_agree_with_the_model<B: Backend>(machine: &Machine) {
    for seed in 0..4 {
        let mut backend = B::start(machine);
        let mut model = Model::default();
        let mut dice = seed * 1_000_000;
        let mut roll = |sides: u64| {
            dice += 1;
            splitmix(dice) % sides
        };
        for step in 0..60 {
            match roll(20) {
                0 => {
                    let person = person(roll(6));
                    model.erase(person);
                    backend.ledger().erase(&[person]).unwrap();
                }
                1 => {
                    let (kind, before) = (roll(2) as u16, roll(100) as i64);
                    model.expire(kind, before);
                    backend.ledger().horizon(&[Kind(kind)], Timestamp::from_millis(before)).unwrap();
                    backend.ledger().expire(&[Kind(kind)], Timestamp::from_millis(before)).unwrap();
                }
                2 => backend = backend.restart(),
                _ => {
                    let facts: Vec<NewFact> = (0..1 + roll(4)).map(|_| any_fact(roll(150))).collect();
                    let outcomes = append(backend.ledger(), &facts).ok();
                    assert_eq!(outcomes, model.append(&facts), "seed {seed}, step {step}");
                }
            }
        }
        backend.ledger().verify().unwrap();
        for partition in Partition::all(PARTITIONS) {
            let read = all(backend.ledger(), partition).into_iter().map(|entry| match entry.content {
                Content::Fact(fact) => Some(fact.filed),
                Content::Act(_) | Content::Empty => None,
            });
            let expected = model.partitions.remove(&partition).unwrap_or_default();
            assert_eq!(read.collect::<Vec<_>>(), expected, "seed {seed}");
        }
    }
}

/// One of 150 facts about six persons and everybody, of two kinds.
fn any_fact(number: u64) -> NewFact {
    let fact = if number.is_multiple_of(7) { global(number) } else { fact(number, number % 6) };
    let until = match splitmix(number) % 120 {
        100.. => Timestamp::FOREVER,
        closed => Timestamp::from_millis(closed as i64),
    };
    NewFact { kind: Kind((number % 2) as u16), until, ..fact }
}

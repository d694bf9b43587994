//! Turns the requests of one group into the writes of one commit.

use std::collections::{BTreeSet, HashMap};

use yima_model::{FactId, Subject, Timestamp};

use super::{
    Random,
    log::{find_id, log_key, read_entry},
    state::{State, act_row, id_row, tail_row},
    sweep,
};
use crate::{
    Claim,
    chain::{self, Digest, LeafOfFact, Salt},
    entry::{Act, Appended, Content, Entry, NewFact, Partition, Place, Recorded, Sealed, encode_act, encode_fact},
    error::LedgerError,
    store::{Store, Table, Write},
};

/// A fact with what can be worked out before its turn comes, on the thread that files it.
#[derive(Debug)]
pub(super) struct Prepared {
    fact: NewFact,
    partition: Partition,
    salt: Salt,
    leaf: LeafOfFact,
}

impl Prepared {
    pub(super) fn new(fact: NewFact, person_partitions: u16, random: &Random) -> Self {
        let mut salt = [0; 16];
        random(&mut salt);
        let (partition, leaf) = (Partition::of(fact.subject, person_partitions), LeafOfFact::new(&salt, &fact));
        Self { fact, partition, salt, leaf }
    }
}

/// A change to a row of the vault, by its key in the store.
#[derive(Debug)]
pub(super) enum RowChange {
    /// Insert if there is none.
    Claim(Vec<u8>, Vec<u8>),
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
}

/// One commit as it grows: each request sees what the requests before it will have written.
pub(super) struct Plan<'a> {
    state: &'a mut State,
    store: &'a dyn Store,
    now: Timestamp,
    random: &'a Random,
    writes: Vec<Write>,
    /// The facts that are new in this commit, and which of the writes is the entry.
    fresh: HashMap<FactId, (Place, usize)>,
    /// The rows of the vault as this commit leaves them.
    rows: HashMap<Vec<u8>, Option<Vec<u8>>>,
    extended: BTreeSet<Partition>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(state: &'a mut State, store: &'a dyn Store, now: Timestamp, random: &'a Random) -> Self {
        let (writes, fresh, rows, extended) = Default::default();
        Self { state, store, now, random, writes, fresh, rows, extended }
    }

    /// The writes of the commit, the new tails among them.
    pub(super) fn into_writes(mut self) -> Vec<Write> {
        for partition in self.extended {
            if let Some(tail) = self.state.tails.get(partition.index()) {
                self.writes.push(tail_row(partition, tail));
            }
        }
        self.writes
    }

    /// Adds facts, or none of them if one is refused.
    pub(super) fn facts(&mut self, facts: &[Prepared]) -> Result<Vec<Appended>, LedgerError> {
        if let [one] = facts {
            return Ok(vec![match self.recorded(&one.fact)? {
                Some(outcome) => outcome,
                None => {
                    self.admit(&one.fact)?;
                    Appended::New(self.add_fact(one)?)
                }
            }]);
        }
        let mut first: HashMap<&FactId, &NewFact> = HashMap::with_capacity(facts.len());
        let mut known: HashMap<&FactId, Appended> = HashMap::new();
        for Prepared { fact, .. } in facts {
            match first.insert(&fact.id, fact) {
                Some(before) if before == fact => {}
                Some(_) => return Err(LedgerError::Conflict { id: fact.id }),
                None => {
                    if let Some(outcome) = self.recorded(fact)? {
                        known.insert(&fact.id, outcome);
                    } else {
                        self.admit(fact)?;
                    }
                }
            }
        }
        facts
            .iter()
            .map(|prepared| match known.get(&prepared.fact.id) {
                Some(outcome) => Ok(*outcome),
                None => {
                    let place = self.add_fact(prepared)?;
                    known.insert(&prepared.fact.id, Appended::Already(place));
                    Ok(Appended::New(place))
                }
            })
            .collect()
    }

    /// Adds an act unless an earlier one reaches as far.
    pub(super) fn acts(&mut self, acts: &[Act]) -> Result<Vec<Appended>, LedgerError> {
        for act in acts {
            if let Act::Expire(kind, before) = *act {
                let horizon = self.state.acts.horizon(kind);
                if before > horizon {
                    return Err(LedgerError::InsideHorizon { kind, before, horizon });
                }
            }
        }
        acts.iter().map(|act| self.add_act(act)).collect()
    }

    /// Changes a row of the vault.
    pub(super) fn row(&mut self, change: RowChange) -> Result<Claim, LedgerError> {
        let (key, value) = match change {
            RowChange::Put(key, value) => (key, Some(value)),
            RowChange::Delete(key) => (key, None),
            RowChange::Claim(key, value) => {
                let there = match self.rows.get(&key) {
                    Some(row) => row.clone(),
                    None => self.store.get(Table::Rows, &key)?,
                };
                if let Some(there) = there {
                    return Ok(Claim::Taken(there));
                }
                (key, Some(value))
            }
        };
        self.rows.insert(key.clone(), value.clone());
        self.writes.push(Write { table: Table::Rows, key, value });
        Ok(Claim::Inserted)
    }

    /// What is recorded under the id of this fact, if anything is.
    fn recorded(&self, fact: &NewFact) -> Result<Option<Appended>, LedgerError> {
        let fresh = self.fresh.get(&fact.id).and_then(|(place, write)| {
            let bytes = self.writes.get(*write)?.value.as_deref()?;
            Some((*place, Entry::decode(place.position, bytes)?.content))
        });
        let found = match fresh {
            Some(fresh) => fresh,
            None => match find_id(self.store, &fact.id)? {
                Some(place) => (place, read_entry(self.store, place.partition, place.position)?.content),
                None => return Ok(None),
            },
        };
        match found {
            (place, Content::Empty) => Ok(Some(Appended::Emptied(place))),
            (place, Content::Fact(before)) if before.filed == *fact => Ok(Some(Appended::Already(place))),
            _ => Err(LedgerError::Conflict { id: fact.id }),
        }
    }

    /// Whether a new fact may be recorded.
    fn admit(&self, fact: &NewFact) -> Result<(), LedgerError> {
        let id = fact.id;
        if fact.body.0.len() > Sealed::LENGTH_MAX {
            return Err(LedgerError::TooLong { id });
        }
        if let Subject::Person(person) = &fact.subject
            && self.state.acts.erased.contains_key(person)
        {
            return Err(LedgerError::Erased { id });
        }
        let horizon = self.state.acts.horizon(fact.kind);
        if fact.until < horizon {
            return Err(LedgerError::BehindHorizon { id, horizon });
        }
        Ok(())
    }

    fn add_fact(&mut self, prepared: &Prepared) -> Result<Place, LedgerError> {
        let Prepared { fact, partition, salt, leaf } = prepared;
        let leaf = |recorded| leaf.clone().recorded(recorded);
        let place = self.extend(*partition, leaf, |head, recorded| encode_fact(head, recorded, salt, fact))?;
        self.fresh.insert(fact.id, (place, self.writes.len() - 1));
        self.writes.push(id_row(&fact.id, place));
        Ok(place)
    }

    fn add_act(&mut self, act: &Act) -> Result<Appended, LedgerError> {
        if let Some(place) = self.state.acts.covering(act) {
            return Ok(Appended::Already(place));
        }
        let partition = match act {
            Act::Erase(person) => Partition::of(Subject::Person(*person), self.state.person_partitions),
            Act::Horizon(..) | Act::Expire(..) => Partition::GLOBAL,
        };
        let mut salt = [0; 16];
        (self.random)(&mut salt);
        let leaf = |recorded| chain::leaf_of_act(&salt, recorded, &act.encode());
        let encode = |head: &Digest, recorded| encode_act(head, &Recorded { recorded, salt, act: *act });
        let place = self.extend(partition, leaf, encode)?;
        self.writes.push(act_row(act, place));
        if !matches!(act, Act::Horizon(..)) {
            self.writes.push(sweep::begun());
        }
        self.state.acts.add(*act, place);
        Ok(Appended::New(place))
    }

    /// Adds an entry at the end of a partition.
    fn extend(
        &mut self,
        partition: Partition,
        leaf: impl FnOnce(Timestamp) -> Digest,
        encode: impl FnOnce(&Digest, Timestamp) -> Vec<u8>,
    ) -> Result<Place, LedgerError> {
        let tail = self.state.tails.get_mut(partition.index()).ok_or(LedgerError::NoSuchPartition { partition })?;
        tail.position = tail.position.next();
        tail.recorded = tail.recorded.max(self.now);
        tail.head = chain::head(&tail.head, tail.position, &leaf(tail.recorded));
        let bytes = encode(&tail.head, tail.recorded);
        self.writes.push(Write::put(Table::Log(partition), log_key(tail.position), bytes));
        self.extended.insert(partition);
        Ok(Place { partition, position: tail.position })
    }
}

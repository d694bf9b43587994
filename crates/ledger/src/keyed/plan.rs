//! Turns the requests of one group into the writes of one commit.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::Arc,
};

use yima_model::{FactId, Subject, Timestamp};

use super::{
    Host, Random,
    log::{find_id, log_key, read_entry},
    state::{State, act_row, id_row, tail_row},
    sweep,
};
use crate::{
    Claim,
    chain::{self, Digest, LeafOfFact, Salt},
    entry::{Act, Appended, Content, NewFact, Partition, Place, Recorded, Sealed, Tail, encode_act, encode_fact},
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

/// The next commit as it grows: each request sees what the requests before it will have written.
pub(super) struct Plan {
    state: State,
    store: Arc<dyn Store>,
    host: Host,
    /// When the facts of this commit are recorded.
    now: Option<Timestamp>,
    writes: Vec<Write>,
    extended: BTreeSet<Partition>,
    /// What this commit will write.
    planned: Unwritten,
    /// What the commit before it writes, perhaps at this moment.
    before: Unwritten,
}

/// What the store does not say yet.
#[derive(Default)]
struct Unwritten {
    facts: HashMap<FactId, (Place, NewFact)>,
    /// The rows of the vault, by their keys in the store.
    rows: HashMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Plan {
    pub(super) fn new(state: State, store: Arc<dyn Store>, host: Host) -> Self {
        let (now, writes, extended, planned, before) = Default::default();
        Self { state, store, host, now, writes, extended, planned, before }
    }

    /// How many writes there are so far.
    pub(super) fn len(&self) -> usize {
        self.writes.len()
    }

    /// The writes of the commit, the new tails among them, and where it leaves the partitions; the next one begins.
    ///
    /// To be called when the commit before is in the store.
    pub(super) fn take(&mut self) -> (Vec<Write>, Vec<Tail>) {
        for partition in mem::take(&mut self.extended) {
            if let Some(tail) = self.state.tails.get(partition.index()) {
                self.writes.push(tail_row(partition, tail));
            }
        }
        self.now = None;
        mem::swap(&mut self.before, &mut self.planned);
        self.planned.facts.clear();
        self.planned.rows.clear();
        (mem::take(&mut self.writes), self.state.tails.clone())
    }

    /// Adds facts, or none of them if one is refused.
    pub(super) fn facts(&mut self, facts: Vec<Prepared>) -> Result<Vec<Appended>, LedgerError> {
        if facts.len() == 1 {
            return facts.into_iter().map(|prepared| self.fact(prepared)).collect();
        }
        let mut first: HashMap<FactId, &NewFact> = HashMap::new();
        let mut known: Vec<Option<Appended>> = Vec::with_capacity(facts.len());
        for Prepared { fact, .. } in &facts {
            known.push(match first.insert(fact.id, fact) {
                Some(before) if before == fact => None,
                Some(_) => return Err(conflict(fact)),
                None => {
                    let recorded = self.recorded(fact)?;
                    if recorded.is_none() {
                        self.admit(fact)?;
                    }
                    recorded
                }
            });
        }
        let add = |(prepared, known): (Prepared, Option<Appended>)| match known {
            Some(outcome) => Ok(outcome),
            // Twice among these facts is once in the ledger.
            None => match self.planned.facts.get(&prepared.fact.id) {
                Some((place, _)) => Ok(Appended::Already(*place)),
                None => self.add_fact(prepared),
            },
        };
        facts.into_iter().zip(known).map(add).collect()
    }

    /// Adds a fact filed alone.
    fn fact(&mut self, prepared: Prepared) -> Result<Appended, LedgerError> {
        match self.recorded(&prepared.fact)? {
            Some(outcome) => Ok(outcome),
            None => {
                self.admit(&prepared.fact)?;
                self.add_fact(prepared)
            }
        }
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
                let unwritten =
                    [&self.planned, &self.before].into_iter().find_map(|unwritten| unwritten.rows.get(&key));
                let there = match unwritten {
                    Some(row) => row.clone(),
                    None => self.store.get(Table::Rows, &key)?,
                };
                if let Some(there) = there {
                    return Ok(Claim::Taken(there));
                }
                (key, Some(value))
            }
        };
        self.planned.rows.insert(key.clone(), value.clone());
        self.writes.push(Write { table: Table::Rows, key: key.into(), value: value.map(Into::into) });
        Ok(Claim::Inserted)
    }

    /// What is recorded under the id of this fact, if anything is.
    fn recorded(&self, fact: &NewFact) -> Result<Option<Appended>, LedgerError> {
        let unwritten = [&self.planned, &self.before].into_iter().find_map(|unwritten| unwritten.facts.get(&fact.id));
        if let Some((place, before)) = unwritten {
            return if before == fact { Ok(Some(Appended::Already(*place))) } else { Err(conflict(fact)) };
        }
        let Some(place) = find_id(&*self.store, &fact.id)? else { return Ok(None) };
        match read_entry(&*self.store, place.partition, place.position)?.content {
            Content::Empty => Ok(Some(Appended::Emptied(place))),
            Content::Fact(before) if before.filed == *fact => Ok(Some(Appended::Already(place))),
            _ => Err(conflict(fact)),
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

    fn add_fact(&mut self, prepared: Prepared) -> Result<Appended, LedgerError> {
        let Prepared { fact, partition, salt, leaf } = prepared;
        let leaf = |recorded| leaf.recorded(recorded);
        let place = self.extend(partition, leaf, |head, recorded| encode_fact(head, recorded, &salt, &fact))?;
        self.writes.push(id_row(&fact.id, place));
        self.planned.facts.insert(fact.id, (place, fact));
        Ok(Appended::New(place))
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
        (self.host.random)(&mut salt);
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
        let now = *self.now.get_or_insert_with(|| (self.host.clock)());
        let tail = self.state.tails.get_mut(partition.index()).ok_or(LedgerError::NoSuchPartition { partition })?;
        tail.position = tail.position.next();
        tail.recorded = tail.recorded.max(now);
        tail.head = chain::head(&tail.head, tail.position, &leaf(tail.recorded));
        let bytes = encode(&tail.head, tail.recorded);
        self.writes.push(Write::put(Table::Log(partition), log_key(tail.position), bytes));
        self.extended.insert(partition);
        Ok(Place { partition, position: tail.position })
    }
}

fn conflict(fact: &NewFact) -> LedgerError {
    LedgerError::Conflict { id: fact.id }
}

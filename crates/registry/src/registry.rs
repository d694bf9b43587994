//! The registry: what a node derives from the ledger by following it, and can throw away.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use thiserror::Error;
use yima_ledger::{
    Act, Content, Digest, Entry, Identity, Kind as LedgerKind, Ledger, LedgerError, Partition, Place, Position, Tail,
};
use yima_model::codec::{self, CodecError};
use yima_model::id::{PoolId, SampleId};
use yima_model::{AreaCode, Fact, FactId, Kind, PersonId, Source, Subject, Timestamp};

use crate::index::{self, Carrier, Sampled, Weight, Weighty};
use crate::record::{Horizons, Record, VISITS, is_inside, kind_of};
use crate::store::{FjallStore, MemoryStore, StorageError, Store, Writes};
use crate::vault::{Vault, VaultError};

/// The form of the rows; a registry in another form is rebuilt.
const FORM: u8 = 5;

const IDENTITY: &[u8] = b"mi";
const END: &[u8] = b"me";
const HORIZON: &[u8] = b"mh";
const EXPIRED: &[u8] = b"mx";
const RECORD: &[u8] = b"r";
const GLOBAL: &[u8] = b"g";

/// Entries and records handled in one transaction.
const PAGE: usize = 1024;

/// What a node derives from the ledger: a record per person, the facts about everybody, indexes.
///
/// It remembers what it has applied in the transaction that applies it, so that a crash at any point loses nothing and
/// applies nothing twice.
pub struct Registry {
    ledger: Arc<dyn Ledger>,
    vault: Vault,
    store: Box<dyn Store>,
    /// Taken for reading while positions and records are read together, for writing while both change.
    state: RwLock<State>,
    /// Held while entries are applied, by one thread at a time.
    following: Mutex<()>,
    /// Held by a use case from looking at what a source has filed until its own filing is applied.
    weighing: Mutex<()>,
    /// Held by whoever files levels of the national list from looking at what is filed until its own filing is applied.
    listing: Mutex<()>,
    applied: Mutex<Vec<Position>>,
    moved: Condvar,
}

#[derive(Clone, Debug)]
struct State {
    /// One for each partition, the global one first.
    ends: Vec<End>,
    globals: Arc<Globals>,
    horizons: Horizons,
    /// Before when facts are destroyed; [`Timestamp::BEGINNING`] if none are.
    expired: Timestamp,
    /// Up to when everything that the ledger had is applied.
    complete_until: Timestamp,
}

/// Up to where a partition is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    position: Position,
    head: Option<Digest>,
}

/// The facts about everybody.
pub type Globals = Vec<Fact>;

/// What an answer was made from; equal ones give equal answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The position in the person's partition.
    pub person: Place,
    /// The position in the global partition.
    pub global: Place,
    /// The instant up to which the registry had everything that the ledger had.
    pub at: Timestamp,
}

/// How far back facts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The registry has forgotten what counts by an instant before this one; [`Timestamp::BEGINNING`] if nothing.
    pub horizon: Timestamp,
    /// The ledger has destroyed what counts by an instant before this one; [`Timestamp::BEGINNING`] if nothing.
    pub expired: Timestamp,
}

/// The facts of one person and of everybody at one moment.
#[derive(Clone, Debug)]
pub struct View {
    /// The facts of the person, by id.
    pub facts: Vec<Fact>,
    /// The facts about everybody, by id.
    pub globals: Arc<Globals>,
    /// What they were read from.
    pub as_of: AsOf,
}

/// Why a registry was built anew; an alarm for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rebuilt {
    /// The rows are in another form or cannot be read.
    #[error("the registry was written by another version or is damaged, and was rebuilt")]
    OtherForm,
    /// The registry followed another ledger, perhaps the one before a restore.
    #[error("the registry belonged to another ledger, and was rebuilt; look whether facts are missing")]
    OtherLedger,
    /// The registry had applied entries that the ledger does not have.
    #[error("the ledger does not have what the registry had applied in partition {}; facts are missing", .0.number())]
    OffChain(Partition),
}

/// What following brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// How many entries were applied.
    pub entries: u64,
}

/// Why the registry could not follow or answer.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// An entry cannot be read, so that following stops before it: leaving it out could make a colour milder.
    #[error("entry {} of partition {} cannot be read ({error}); following stops there", place.position.0, place.partition.number())]
    Unreadable {
        /// Which entry.
        place: Place,
        /// Why.
        error: VaultError,
    },
    /// A row cannot be read.
    #[error("a row of the registry cannot be read ({0}); throw the registry away and it is rebuilt")]
    Damaged(#[from] CodecError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The registry's own storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Registry {
    /// A registry in memory, gone with the process.
    ///
    /// # Errors
    /// [`RegistryError::Ledger`].
    pub fn in_memory(ledger: Arc<dyn Ledger>, vault: Vault) -> Result<Self, RegistryError> {
        Ok(Self::over(Box::new(MemoryStore::default()), ledger, vault)?.0)
    }

    /// Opens the registry in a directory, or begins one there; says if what it found was of no use.
    ///
    /// # Errors
    /// [`RegistryError::Ledger`], [`RegistryError::Storage`].
    pub fn open(
        directory: &Path,
        ledger: Arc<dyn Ledger>,
        vault: Vault,
    ) -> Result<(Self, Option<Rebuilt>), RegistryError> {
        Self::over(Box::new(FjallStore::open(directory)?), ledger, vault)
    }

    /// The ledger that it follows.
    pub fn ledger(&self) -> &dyn Ledger {
        &*self.ledger
    }

    /// The vault whose keys it opens facts with.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Applies everything that the ledger has, all partitions in turn.
    ///
    /// `now` is when the call is made: afterwards the registry is complete up to then.
    ///
    /// # Errors
    /// [`RegistryError`]; what was applied before stays applied.
    pub fn follow(&self, now: Timestamp) -> Result<Followed, RegistryError> {
        let _one = lock(&self.following);
        let mut followed = Followed::default();
        let tails = self.ledger.tails()?;
        for (partition, tail) in Partition::all(self.ledger.identity().person_partitions).zip(&tails) {
            while self.end(partition) < tail.position {
                let entries = self.ledger.read(partition, self.end(partition), PAGE)?;
                if entries.is_empty() {
                    break;
                }
                followed.entries += entries.len() as u64;
                self.apply(partition, &entries)?;
            }
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.complete_until = state.complete_until.max(now);
        Ok(followed)
    }

    /// Waits until a place is applied; `false` if that did not happen in time. Some other thread follows meanwhile.
    pub fn wait(&self, place: Place, timeout: Duration) -> bool {
        let is_behind = |applied: &mut Vec<Position>| {
            applied.get(usize::from(place.partition.number())).is_none_or(|position| *position < place.position)
        };
        let applied = lock(&self.applied);
        let waited = self.moved.wait_timeout_while(applied, timeout, is_behind);
        !is_behind(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Up to where each partition is applied, the global one first.
    pub fn positions(&self) -> Vec<Position> {
        lock(&self.applied).clone()
    }

    /// The facts of a person, with those about everybody, as of one moment.
    ///
    /// # Errors
    /// [`RegistryError::Storage`], [`RegistryError::Damaged`].
    pub fn view(&self, person: PersonId) -> Result<View, RegistryError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.store.get(&record_key(person))?;
        let partition = Partition::of(Subject::Person(person), self.ledger.identity().person_partitions);
        let place = |partition| Place { partition, position: state.position(partition) };
        let as_of = AsOf { person: place(partition), global: place(Partition::GLOBAL), at: state.complete_until };
        let globals = Arc::clone(&state.globals);
        drop(state);
        let facts = Record::decode(&bytes.unwrap_or_default())?.into_facts();
        Ok(View { facts, globals, as_of })
    }

    /// The facts of a person, by id; empty for somebody unknown.
    ///
    /// # Errors
    /// [`RegistryError::Storage`], [`RegistryError::Damaged`].
    pub fn record(&self, person: PersonId) -> Result<Vec<Fact>, RegistryError> {
        Ok(self.view(person)?.facts)
    }

    /// The facts about everybody, by id.
    pub fn globals(&self) -> Arc<Globals> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).globals)
    }

    /// The facts about everybody, with the position they are applied up to and the instant up to which they are complete.
    pub fn globals_as_of(&self) -> (Arc<Globals>, Position, Timestamp) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&state.globals), state.position(Partition::GLOBAL), state.complete_until)
    }

    /// How far back facts are kept, of the kind of which the fewest are.
    pub fn kept(&self) -> Kept {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        // Of visits a pack says how long they are kept, and past verdicts are answered without them.
        let horizons = state.horizons.iter().filter(|(kind, _)| **kind != VISITS);
        let horizon = horizons.map(|(_, before)| *before).max().unwrap_or(Timestamp::BEGINNING);
        Kept { horizon, expired: state.expired }
    }

    /// Up to `max` persons who have a record, ascending from `from` on.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn persons(&self, from: PersonId, max: usize) -> Result<Vec<PersonId>, RegistryError> {
        let rows = self.store.scan(RECORD, &record_key(from), max)?;
        Ok(rows.iter().filter_map(|(key, _)| person_of(key)).collect())
    }

    /// Up to `max` persons with their facts, ascending from `from` on, whose ids begin with the same byte.
    ///
    /// # Errors
    /// [`RegistryError::Storage`], [`RegistryError::Damaged`].
    pub fn records(&self, from: PersonId, max: usize) -> Result<Vec<(PersonId, Vec<Fact>)>, RegistryError> {
        let from = record_key(from);
        let share = from.get(..=RECORD.len()).unwrap_or_default();
        let rows = self.store.scan(share, &from, max)?;
        let record = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let person = person_of(&key)?;
            Some(Record::decode(&bytes).map(|record| (person, record.into_facts())))
        };
        Ok(rows.into_iter().filter_map(record).collect::<Result<_, _>>()?)
    }

    /// The instant up to which everything that the ledger had is applied.
    pub fn complete_until(&self) -> Timestamp {
        self.state.read().unwrap_or_else(PoisonError::into_inner).complete_until
    }

    /// Whose case or contact a fact is.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn carrier(&self, fact: FactId) -> Result<Option<Carrier>, RegistryError> {
        Ok(index::carrier(&*self.store, fact)?)
    }

    /// The contacts that name this case or contact.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn contacts(&self, of: FactId) -> Result<Vec<(PersonId, FactId)>, RegistryError> {
        Ok(index::contacts(&*self.store, of)?)
    }

    /// Who registered a sample, and from whom it was taken.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn samples(&self, sample: SampleId) -> Result<Vec<Sampled>, RegistryError> {
        Ok(index::samples(&*self.store, sample)?)
    }

    /// Who has a sample in a shared tube, retracted ones too, and by which fact.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn members(&self, pool: PoolId) -> Result<Vec<(PersonId, FactId)>, RegistryError> {
        Ok(index::members(&*self.store, pool)?)
    }

    /// The results of a shared tube, retracted ones too; they are about everybody, yet no part of [`Self::globals`].
    ///
    /// # Errors
    /// [`RegistryError::Storage`], [`RegistryError::Damaged`].
    pub fn pool_results(&self, pool: PoolId) -> Result<Vec<Fact>, RegistryError> {
        let rows = index::pool_results(&*self.store, pool)?;
        Ok(rows.iter().map(|bytes| codec::decode_fact(bytes)).collect::<Result<_, _>>()?)
    }

    /// Of which shared tube a fact is the result.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn pool_of_result(&self, result: FactId) -> Result<Option<PoolId>, RegistryError> {
        Ok(index::pool_of_result(&*self.store, result)?)
    }

    /// Whose code a person was ever given to manage, with the fact that says so.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn guarded_by(&self, guardian: PersonId) -> Result<Vec<(PersonId, FactId)>, RegistryError> {
        Ok(index::guarded_by(&*self.store, guardian)?)
    }

    /// Who arrived in an area from `since` on, and by which fact, by where exactly and when.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn arrivals_to(&self, to: AreaCode, since: Timestamp) -> Result<Vec<(PersonId, FactId)>, RegistryError> {
        Ok(index::arrivals(&*self.store, to, since)?)
    }

    /// The facts of one weight that a source had recorded from `since` on.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn weighty(&self, source: &Source, weight: Weight, since: Timestamp) -> Result<Vec<Weighty>, RegistryError> {
        Ok(index::weighty(&*self.store, source, weight, since)?)
    }

    /// Every fact that was turned inert, lifted since or not.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn turned_inert(&self) -> Result<Vec<(Subject, FactId)>, RegistryError> {
        Ok(index::turned_inert(&*self.store)?)
    }

    /// Every dispute, ruled upon or not.
    ///
    /// # Errors
    /// [`RegistryError::Storage`].
    pub fn disputes(&self) -> Result<Vec<(PersonId, FactId)>, RegistryError> {
        Ok(index::disputes(&*self.store)?)
    }

    /// Keeps others from weighing what a source has filed until the guard is dropped.
    pub(crate) fn weigh(&self) -> MutexGuard<'_, ()> {
        lock(&self.weighing)
    }

    /// Keeps others from filing levels of the national list until the guard is dropped.
    pub(crate) fn follow_list(&self) -> MutexGuard<'_, ()> {
        lock(&self.listing)
    }

    fn over(
        store: Box<dyn Store>,
        ledger: Arc<dyn Ledger>,
        vault: Vault,
    ) -> Result<(Self, Option<Rebuilt>), RegistryError> {
        let identity = ledger.identity();
        let (state, rebuilt) = match load(&*store, &*ledger)? {
            Ok(state) => (state, None),
            Err(why) => {
                for (key, _) in store.all(&[])?.chunks(PAGE).flatten() {
                    store.commit(Writes::from([(key.clone(), None)]))?;
                }
                (State::empty(identity), why)
            }
        };
        store.commit(Writes::from([(IDENTITY.to_vec(), Some(identity_row(identity)))]))?;
        let applied = Mutex::new(state.ends.iter().map(|end| end.position).collect());
        let registry = Self {
            ledger,
            vault,
            store,
            state: RwLock::new(state),
            following: Mutex::new(()),
            weighing: Mutex::new(()),
            listing: Mutex::new(()),
            applied,
            moved: Condvar::new(),
        };
        Ok((registry, rebuilt))
    }

    fn end(&self, partition: Partition) -> Position {
        self.state.read().unwrap_or_else(PoisonError::into_inner).position(partition)
    }

    /// Applies entries that follow one another, and remembers it, in one transaction.
    fn apply(&self, partition: Partition, entries: &[Entry]) -> Result<(), RegistryError> {
        let mut next = self.state.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut change = Change {
            store: &*self.store,
            records: HashMap::new(),
            globals: Vec::new(),
            pool_results: Vec::new(),
            writes: Writes::new(),
        };
        let mut is_moved = false;
        for entry in entries {
            let place = Place { partition, position: entry.position };
            match &entry.content {
                Content::Empty => {}
                Content::Act(recorded) => match recorded.act {
                    Act::Erase(person) => change.erase(person)?,
                    Act::Horizon(kind, before) => is_moved |= change.move_horizon(&mut next, kind, before),
                    Act::Expire(VISITS, _) => {}
                    Act::Expire(_, before) => change.move_expired(&mut next, before),
                },
                Content::Fact(fact) => {
                    let opened =
                        self.vault.open_fact(fact).map_err(|error| RegistryError::Unreadable { place, error })?;
                    match (opened, fact.filed.subject) {
                        (Some(fact), Subject::Person(person)) => change.add(person, fact, &next.horizons)?,
                        (Some(fact), Subject::Global) => change.add_global(fact),
                        // Its key was destroyed, and the entry is about to be emptied.
                        (None, _) => {}
                    }
                }
            }
        }
        change.finish_globals(&mut next, is_moved);
        change.finish_pool_results(&next.horizons);
        if is_moved {
            self.sweep(&next.horizons)?;
            self.sweep_pool_results(&next.horizons)?;
        }
        let last = entries.last().map(|entry| End { position: entry.position, head: Some(entry.head) });
        if let (Some(end), Some(slot)) = (last, next.ends.get_mut(usize::from(partition.number()))) {
            *slot = end;
            change.writes.insert(end_key(partition), Some(end.encode()));
        }
        let writes = change.into_writes();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        self.store.commit(writes)?;
        *lock(&self.applied) = next.ends.iter().map(|end| end.position).collect();
        *state = next;
        drop(state);
        self.moved.notify_all();
        Ok(())
    }

    /// Forgets in every record what now lies behind the horizons.
    ///
    /// Records are swept in transactions of their own before the one that remembers the act: after a crash it is done
    /// again, and sweeping twice is sweeping once.
    fn sweep(&self, horizons: &Horizons) -> Result<(), RegistryError> {
        let mut from = RECORD.to_vec();
        loop {
            let rows = self.store.scan(RECORD, &from, PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            from = [last.as_slice(), &[0]].concat();
            let mut swept = Writes::new();
            for (key, bytes) in rows {
                let mut record = Record::decode(&bytes)?;
                let forgotten = record.forget(horizons);
                if !forgotten.is_empty() {
                    remove_index_rows(&mut swept, &forgotten);
                    swept.insert(key, (!record.is_empty()).then(|| record.encode()));
                }
            }
            self.store.commit(swept)?;
        }
    }

    /// Forgets the results of shared tubes that now lie behind the horizon, as [`Self::sweep`] does in records.
    fn sweep_pool_results(&self, horizons: &Horizons) -> Result<(), RegistryError> {
        let mut from = index::POOL_RESULTS.to_vec();
        loop {
            let rows = self.store.scan(&index::POOL_RESULTS, &from, PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            from = [last.as_slice(), &[0]].concat();
            let facts = rows.iter().map(|(_, bytes)| codec::decode_fact(bytes)).collect::<Result<Vec<_>, _>>()?;
            let (_, forgotten): (Vec<_>, Vec<_>) = facts.into_iter().partition(|fact| is_inside(fact, horizons));
            let mut swept = Writes::new();
            remove_index_rows(&mut swept, &forgotten);
            self.store.commit(swept)?;
        }
    }

    /// Every row, for comparing two registries.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> Vec<crate::store::Row> {
        self.store.all(&[]).unwrap()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")
    }
}

impl State {
    fn empty(identity: Identity) -> Self {
        let ends = Partition::all(identity.person_partitions).map(|_| End { position: Position::START, head: None });
        Self {
            ends: ends.collect(),
            globals: Arc::new(Vec::new()),
            horizons: Horizons::new(),
            expired: Timestamp::BEGINNING,
            complete_until: Timestamp::BEGINNING,
        }
    }

    fn position(&self, partition: Partition) -> Position {
        self.ends.get(usize::from(partition.number())).map_or(Position::START, |end| end.position)
    }
}

impl End {
    fn encode(&self) -> Vec<u8> {
        let head = self.head.map(|head| *head.bytes()).unwrap_or_default();
        [self.position.0.to_be_bytes().as_slice(), &head].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (position, head) = bytes.split_first_chunk()?;
        let head = Digest::from_bytes(head.try_into().ok()?);
        Some(Self { position: Position(u64::from_be_bytes(*position)), head: Some(head) })
    }
}

/// One transaction as it grows.
struct Change<'a> {
    store: &'a dyn Store,
    records: HashMap<PersonId, Record>,
    /// What was added for everybody.
    globals: Vec<Fact>,
    /// What was added for shared tubes: so many that they lie in the index alone.
    pool_results: Vec<Fact>,
    writes: Writes,
}

impl Change<'_> {
    fn add(&mut self, person: PersonId, fact: Fact, horizons: &Horizons) -> Result<(), RegistryError> {
        self.writes.extend(index::rows(&fact).into_iter().map(|(key, value)| (key, Some(value))));
        let record = self.record(person)?;
        record.insert(fact);
        let forgotten = record.forget(horizons);
        remove_index_rows(&mut self.writes, &forgotten);
        Ok(())
    }

    fn add_global(&mut self, fact: Fact) {
        if fact.kind() == Kind::PoolResult {
            self.pool_results.push(fact);
            return;
        }
        self.writes.extend(index::rows(&fact).into_iter().map(|(key, value)| (key, Some(value))));
        self.writes.insert([GLOBAL, fact.id().bytes()].concat(), Some(codec::encode_fact(&fact)));
        self.globals.push(fact);
    }

    /// Moves the horizon of a kind; `false` for a kind that this program does not know.
    fn move_horizon(&mut self, next: &mut State, kind: yima_ledger::Kind, before: Timestamp) -> bool {
        let Ok(number) = u8::try_from(kind.0) else { return false };
        if kind_of(kind).is_none() {
            return false;
        }
        next.horizons.insert(kind, before);
        let key = [HORIZON, &[number]].concat();
        self.writes.insert(key, Some(before.millis().to_be_bytes().into()));
        true
    }

    fn move_expired(&mut self, next: &mut State, before: Timestamp) {
        next.expired = next.expired.max(before);
        self.writes.insert(EXPIRED.to_vec(), Some(next.expired.millis().to_be_bytes().into()));
    }

    /// Puts in what was added for everybody, and forgets what lies behind the horizons: once for all entries of the change.
    fn finish_globals(&mut self, next: &mut State, is_moved: bool) {
        if !self.globals.is_empty() {
            let globals = Arc::make_mut(&mut next.globals);
            globals.append(&mut self.globals);
            // A fact that was there already stays, as the first of its id.
            globals.sort_by_key(Fact::id);
            globals.dedup_by_key(|fact| fact.id());
        } else if !is_moved {
            return;
        }
        if next.horizons.is_empty() {
            return;
        }
        let mut record = Record::default();
        next.globals.iter().for_each(|fact| record.insert(fact.clone()));
        let forgotten = record.forget(&next.horizons);
        if !forgotten.is_empty() {
            remove_index_rows(&mut self.writes, &forgotten);
            self.writes.extend(forgotten.iter().map(|fact| ([GLOBAL, fact.id().bytes()].concat(), None)));
            next.globals = Arc::new(record.into_facts());
        }
    }

    /// Puts in the results of shared tubes that do not lie behind the horizon.
    fn finish_pool_results(&mut self, horizons: &Horizons) {
        let inside = self.pool_results.iter().filter(|fact| is_inside(fact, horizons));
        self.writes.extend(inside.flat_map(index::rows).map(|(key, value)| (key, Some(value))));
    }

    fn erase(&mut self, person: PersonId) -> Result<(), RegistryError> {
        let record = std::mem::take(self.record(person)?);
        remove_index_rows(&mut self.writes, &record.into_facts());
        Ok(())
    }

    fn record(&mut self, person: PersonId) -> Result<&mut Record, RegistryError> {
        use std::collections::hash_map::Entry::{Occupied, Vacant};
        match self.records.entry(person) {
            Occupied(slot) => Ok(slot.into_mut()),
            Vacant(slot) => {
                let bytes = self.store.get(&record_key(person))?.unwrap_or_default();
                Ok(slot.insert(Record::decode(&bytes)?))
            }
        }
    }

    fn into_writes(mut self) -> Writes {
        for (person, record) in self.records {
            self.writes.insert(record_key(person), (!record.is_empty()).then(|| record.encode()));
        }
        self.writes
    }
}

/// The state that the rows hold, or why they are of no use; `None` for rows that were never there.
fn load(store: &dyn Store, ledger: &dyn Ledger) -> Result<Result<State, Option<Rebuilt>>, RegistryError> {
    let identity = ledger.identity();
    let Some(found) = store.get(IDENTITY)? else {
        return Ok(Err(None));
    };
    if found.first() != Some(&FORM) {
        return Ok(Err(Some(Rebuilt::OtherForm)));
    }
    if found != identity_row(identity) {
        return Ok(Err(Some(Rebuilt::OtherLedger)));
    }
    let mut state = State::empty(identity);
    let Some(()) = load_rows(store, &mut state)? else { return Ok(Err(Some(Rebuilt::OtherForm))) };
    let tails = ledger.tails()?;
    for ((partition, tail), end) in Partition::all(identity.person_partitions).zip(&tails).zip(&state.ends) {
        if !is_on_chain(ledger, partition, tail, end)? {
            return Ok(Err(Some(Rebuilt::OffChain(partition))));
        }
    }
    Ok(Ok(state))
}

/// Reads everything but the records; `None` if a row cannot be read.
fn load_rows(store: &dyn Store, state: &mut State) -> Result<Option<()>, RegistryError> {
    for (key, value) in store.all(END)? {
        let number = key.get(END.len()..).and_then(|number| number.try_into().ok()).map(u16::from_be_bytes);
        let slot = number.and_then(|number| state.ends.get_mut(usize::from(number)));
        let (Some(slot), Some(end)) = (slot, End::decode(&value)) else { return Ok(None) };
        *slot = end;
    }
    for (key, value) in store.all(HORIZON)? {
        let kind = key.last().map(|number| LedgerKind((*number).into())).filter(|kind| kind_of(*kind).is_some());
        let before = value.try_into().ok().map(i64::from_be_bytes);
        let (Some(kind), Some(before)) = (kind, before) else { return Ok(None) };
        state.horizons.insert(kind, Timestamp::from_millis(before));
    }
    if let Some(value) = store.get(EXPIRED)? {
        let Some(before) = value.try_into().ok().map(i64::from_be_bytes) else { return Ok(None) };
        state.expired = Timestamp::from_millis(before);
    }
    let facts = store.all(GLOBAL)?.into_iter().map(|(_, bytes)| codec::decode_fact(&bytes));
    match facts.collect::<Result<Vec<_>, _>>() {
        Ok(globals) => state.globals = Arc::new(globals),
        Err(_) => return Ok(None),
    }
    Ok(Some(()))
}

fn is_on_chain(ledger: &dyn Ledger, partition: Partition, tail: &Tail, end: &End) -> Result<bool, LedgerError> {
    if end.position == Position::START {
        return Ok(true);
    }
    if end.position > tail.position {
        return Ok(false);
    }
    let before = Position(end.position.0 - 1);
    let entry = ledger.read(partition, before, 1)?.into_iter().next();
    Ok(entry.is_some_and(|entry| Some(entry.head) == end.head))
}

fn remove_index_rows(writes: &mut Writes, facts: &[Fact]) {
    writes.extend(facts.iter().flat_map(index::rows).map(|(key, _)| (key, None)));
}

fn record_key(person: PersonId) -> Vec<u8> {
    [RECORD, person.bytes()].concat()
}

fn person_of(record_key: &[u8]) -> Option<PersonId> {
    record_key.get(RECORD.len()..)?.try_into().ok().map(PersonId::from_bytes)
}

fn end_key(partition: Partition) -> Vec<u8> {
    [END, partition.number().to_be_bytes().as_slice()].concat()
}

fn identity_row(identity: Identity) -> Vec<u8> {
    let count = identity.person_partitions.to_be_bytes();
    [&[FORM][..], identity.incarnation.bytes(), &count].concat()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

//! The ledger over a key-value store: everything but the storage itself, alike in memory and embedded.

use std::{
    collections::BTreeSet,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use yima_model::{PersonId, Subject, Timestamp};

mod backup;
mod committer;
mod log;
mod plan;
mod state;
mod sweep;

use self::{
    committer::{Committer, Request},
    log::read_log,
    plan::{Prepared, RowChange},
    state::{Acts, State},
};
use crate::{
    Claim, Identity, Ledger, Row, RowTable, Verified,
    entry::{Act, Appended, Content, Entry, Incarnation, Kind, NewFact, Partition, Position, Tail},
    error::{Corruption, LedgerError, OpenError},
    receipt::Receipt,
    store::{MemoryStore, Store, Table},
};

pub(crate) use self::{
    log::log_key,
    state::{read_identity, read_tails, write_identity},
};

/// The ledger in memory or on the disk of one node.
#[derive(Debug)]
pub struct KeyedLedger {
    identity: Identity,
    store: Arc<dyn Store>,
    committer: Committer,
    host: Host,
    /// Held from before an act is recorded until what it empties is gone, so that one is never taken for another's.
    emptying: Mutex<()>,
}

/// What a ledger takes from the machine.
#[derive(Clone)]
pub struct Host {
    /// The clock; asked once for each commit.
    pub clock: Arc<Clock>,
    /// Fills a slice with random bytes that nobody can guess.
    pub random: Arc<Random>,
}

/// Says what time it is.
pub type Clock = dyn Fn() -> Timestamp + Send + Sync;

/// Fills a slice with random bytes.
pub type Random = dyn Fn(&mut [u8]) + Send + Sync;

impl Host {
    fn incarnation(&self) -> Incarnation {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes);
        Incarnation::from_bytes(bytes)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

impl KeyedLedger {
    /// The most partitions for persons that a ledger can have.
    pub const PERSON_PARTITIONS_MAX: u16 = 4096;

    /// A new ledger in memory, gone with the process.
    ///
    /// # Errors
    /// [`OpenError::Partitions`].
    pub fn in_memory(person_partitions: u16, host: Host) -> Result<Self, OpenError> {
        let store = Arc::new(MemoryStore::default());
        write_identity(&*store, new_identity(person_partitions, &host)?)?;
        Ok(Self::start(store, host)?)
    }

    /// Makes a ledger in `directory`, which is absent or empty, and opens it.
    ///
    /// # Errors
    /// [`OpenError::Partitions`], [`OpenError::Occupied`], [`OpenError::Locked`], or a failure of the disk.
    pub fn create(directory: &Path, person_partitions: u16, host: Host) -> Result<Self, OpenError> {
        let identity = new_identity(person_partitions, &host)?;
        crate::embedded::build(directory, identity, |_| Ok(()))?;
        Self::open(directory, host)
    }

    /// Opens the ledger in `directory` and finishes what an interrupted erasure or expiry had left.
    ///
    /// # Errors
    /// Each variant of [`OpenError`] but those of making and backup; above all [`OpenError::FactsMissing`] when the
    /// ledger has lost facts that were acknowledged. It never opens shorter than what was acknowledged.
    pub fn open(directory: &Path, host: Host) -> Result<Self, OpenError> {
        Ok(Self::start(crate::embedded::open(directory)?, host)?)
    }

    /// Writes a backup to a new file while the ledger runs: everything up to the tails of this moment, and the vault.
    ///
    /// The file appears under its name once it is whole and durable. What is erased later is still in it.
    ///
    /// # Errors
    /// [`OpenError::Occupied`] if the file exists, [`OpenError::Ledger`] if the ledger is corrupt, or a failure of the
    /// disk.
    pub fn backup(&self, file: &Path) -> Result<Verified, OpenError> {
        backup::write(&*self.store, self.identity, &self.committer.tails(), file)
    }

    /// Makes a ledger in `directory` from a backup, under a new incarnation, erases the persons of the list and opens it.
    ///
    /// `erased` is the list of [`Ledger::erased`] at its latest: nothing of these persons is ever served again.
    ///
    /// # Errors
    /// [`OpenError::Backup`] if the file is not whole; otherwise as [`KeyedLedger::create`].
    pub fn restore(file: &Path, directory: &Path, erased: &[PersonId], host: Host) -> Result<Self, OpenError> {
        let found = backup::check(file)?;
        let identity = Identity { incarnation: host.incarnation(), ..found };
        crate::embedded::build(directory, identity, |store| {
            backup::load(&*store, file)?;
            Self::start(store, host.clone())?.erase(erased)?;
            Ok(())
        })?;
        Self::open(directory, host)
    }

    /// Runs the ledger that a store holds.
    pub(crate) fn start(store: Arc<dyn Store>, host: Host) -> Result<Self, LedgerError> {
        let identity = read_identity(&*store)?;
        let state = State::load(&*store, identity.person_partitions)?;
        sweep::finish(&*store, &state.tails)?;
        let committer = Committer::start(Arc::clone(&store), state, host.clone())?;
        Ok(Self { identity, store, committer, host, emptying: Mutex::new(()) })
    }

    /// The store underneath, for tests that damage it.
    #[cfg(test)]
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    fn known(&self, partition: Partition) -> Result<(), LedgerError> {
        match Partition::new(partition.number(), self.identity.person_partitions) {
            Some(_) => Ok(()),
            None => Err(LedgerError::NoSuchPartition { partition }),
        }
    }

    /// Records acts, then empties what they say in these partitions.
    fn empty(&self, acts: Vec<Act>, partitions: BTreeSet<Partition>) -> Result<Vec<Appended>, LedgerError> {
        let _one = self.emptying.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = self.committer.send(|promise| Request::Acts(acts, promise)).wait()?;
        if outcomes.iter().any(|outcome| matches!(outcome, Appended::New(_))) {
            sweep::sweep(&*self.store, &self.committer.tails(), partitions)?;
        } else {
            sweep::finish(&*self.store, &self.committer.tails())?;
        }
        Ok(outcomes)
    }

    fn change_row(&self, change: RowChange) -> Result<Claim, LedgerError> {
        self.committer.send(|promise| Request::Row(change, promise)).wait()
    }
}

impl Ledger for KeyedLedger {
    fn identity(&self) -> Identity {
        self.identity
    }

    fn append(&self, facts: Vec<NewFact>) -> Receipt<Vec<Appended>> {
        let prepare = |fact| Prepared::new(fact, self.identity.person_partitions, &*self.host.random);
        let facts = facts.into_iter().map(prepare).collect();
        self.committer.send(|promise| Request::Facts(facts, promise))
    }

    fn read(&self, partition: Partition, after: Position, max: usize) -> Result<Vec<Entry>, LedgerError> {
        self.known(partition)?;
        read_log(&*self.store, partition, after, self.committer.end(partition), max)
    }

    fn tails(&self) -> Result<Vec<Tail>, LedgerError> {
        Ok(self.committer.tails())
    }

    fn wait(&self, seen: &[Position], timeout: Duration) -> Result<Vec<Tail>, LedgerError> {
        self.committer.news(seen, timeout)
    }

    fn verify(&self) -> Result<Verified, LedgerError> {
        let mut verified = Verified { entries: 0, empty: 0 };
        for (partition, tail) in Partition::all(self.identity.person_partitions).zip(self.committer.tails()) {
            let mut walk = log::Walk::new(&*self.store, partition, tail.position);
            while let Some(entries) = walk.next_entries()? {
                for entry in entries {
                    verified.entries += 1;
                    match &entry.content {
                        Content::Fact(fact) => {
                            log::check_id(&*self.store, partition, entry.position, &fact.filed.id)?;
                        }
                        Content::Act(_) => {}
                        Content::Empty => verified.empty += 1,
                    }
                }
            }
            if walk.head() != tail.head {
                let what = Corruption::End;
                return Err(LedgerError::Corrupt { partition, position: tail.position, what });
            }
        }
        Ok(verified)
    }

    fn erase(&self, persons: &[PersonId]) -> Result<Vec<Appended>, LedgerError> {
        let count = self.identity.person_partitions;
        let partitions = persons.iter().map(|person| Partition::of(Subject::Person(*person), count)).collect();
        self.empty(persons.iter().copied().map(Act::Erase).collect(), partitions)
    }

    fn erased(&self) -> Result<Vec<PersonId>, LedgerError> {
        Ok(Acts::load(&*self.store)?.erased.into_keys().collect())
    }

    fn horizon(&self, kinds: &[Kind], before: Timestamp) -> Result<Vec<Appended>, LedgerError> {
        let acts = kinds.iter().map(|kind| Act::Horizon(*kind, before)).collect();
        self.committer.send(|promise| Request::Acts(acts, promise)).wait()
    }

    fn expire(&self, kinds: &[Kind], before: Timestamp) -> Result<Vec<Appended>, LedgerError> {
        let acts = kinds.iter().map(|kind| Act::Expire(*kind, before)).collect();
        self.empty(acts, Partition::all(self.identity.person_partitions).collect())
    }

    fn row(&self, table: RowTable, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.store.get(Table::Rows, &row_key(table, key))?)
    }

    fn rows(&self, table: RowTable, from: &[u8], max: usize) -> Result<Vec<Row>, LedgerError> {
        let prefix = row_key(table, &[]);
        let rows = self.store.scan(Table::Rows, &row_key(table, from), max)?;
        let of_table = |(key, value): Row| key.strip_prefix(&*prefix).map(|key| (key.to_vec(), value));
        Ok(rows.into_iter().map_while(of_table).collect())
    }

    fn claim_row(&self, table: RowTable, key: &[u8], value: &[u8]) -> Result<Claim, LedgerError> {
        self.change_row(RowChange::Claim(row_key(table, key), value.to_vec()))
    }

    fn put_row(&self, table: RowTable, key: &[u8], value: &[u8]) -> Result<(), LedgerError> {
        self.change_row(RowChange::Put(row_key(table, key), value.to_vec())).map(drop)
    }

    fn delete_row(&self, table: RowTable, key: &[u8]) -> Result<(), LedgerError> {
        self.change_row(RowChange::Delete(row_key(table, key))).map(drop)
    }

    fn shred_rows(&self) -> Result<(), LedgerError> {
        let _one = self.emptying.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.store.shred(&[Table::Rows])?)
    }
}

fn new_identity(person_partitions: u16, host: &Host) -> Result<Identity, OpenError> {
    if (1..=KeyedLedger::PERSON_PARTITIONS_MAX).contains(&person_partitions) {
        Ok(Identity { incarnation: host.incarnation(), person_partitions })
    } else {
        Err(OpenError::Partitions(person_partitions))
    }
}

fn row_key(table: RowTable, key: &[u8]) -> Vec<u8> {
    [table.name().as_bytes(), &[0], key].concat()
}

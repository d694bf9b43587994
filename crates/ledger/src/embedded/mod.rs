//! The embedded store: a fjall database, and beside it the tail file and the lock.

use std::{
    fs::{self, File, TryLockError},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, config::CompressionPolicy};

mod shred;
mod tail_file;

#[cfg(test)]
mod tests;

pub(crate) use self::tail_file::FORMAT;
use self::tail_file::{Acknowledged, TailFile, TailWriter};
use crate::{
    Identity, Row,
    entry::{Entry, Partition, Position, Tail},
    error::{LedgerError, OpenError, StoreError},
    keyed::{log_key, read_identity, read_tails, write_identity},
    store::{Store, Table, Write},
};

const DATABASE: &str = "database";
const LOCK: &str = "lock";

/// Makes a ledger in a directory that is absent or empty; it appears there whole or not at all.
pub(crate) fn build(
    directory: &Path,
    identity: Identity,
    fill: impl FnOnce(Arc<dyn Store>) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    if directory.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        return Err(OpenError::Occupied(directory.into()));
    }
    let unfinished = beside(directory, ".unfinished");
    fs::create_dir_all(&unfinished)?;
    let lock = DirectoryLock::take(&unfinished)?;
    for left in [DATABASE, tail_file::NAME].map(|name| unfinished.join(name)) {
        match if left.is_dir() { fs::remove_dir_all(&left) } else { fs::remove_file(&left) } {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let tails: Vec<Tail> = Partition::all(identity.person_partitions).map(Tail::empty).collect();
    let tail_file = TailFile::create(&unfinished.join(tail_file::NAME), identity, &tails)?;
    let database = FjallStore::open(&unfinished, identity.person_partitions, lock)?;
    write_identity(&database, identity)?;
    fill(Arc::new(database.with(tail_file, &tails)?))?;
    sync_directory(&unfinished.join(DATABASE))?;
    fs::rename(&unfinished, directory)?;
    sync_directory(directory)?;
    Ok(())
}

/// Opens the store in a directory, if it has everything that was acknowledged.
pub(crate) fn open(directory: &Path) -> Result<Arc<dyn Store>, OpenError> {
    if !directory.join(DATABASE).is_dir() {
        return Err(OpenError::NoLedger(directory.into()));
    }
    let lock = DirectoryLock::take(directory)?;
    let (tail_file, acknowledged) = TailFile::open(&directory.join(tail_file::NAME))?;
    let store = FjallStore::open(directory, acknowledged.identity.person_partitions, lock)?;
    let tails = check(&store, &acknowledged)?;
    Ok(Arc::new(store.with(tail_file, &tails)?))
}

/// The path with something added to its last name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Syncs the directory that holds `path`, so that a new name in it lasts.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

/// Finds out whether the database has lost what was acknowledged; it may have a commit more, which was not told.
fn check(store: &FjallStore, acknowledged: &Acknowledged) -> Result<Vec<Tail>, OpenError> {
    let identity = match read_identity(store) {
        Ok(identity) => identity,
        Err(StoreError::Row) => return Err(OpenError::OtherLedger),
        Err(error) => return Err(error.into()),
    };
    if identity != acknowledged.identity {
        return Err(OpenError::OtherLedger);
    }
    let tails = read_tails(store, identity.person_partitions)?;
    for ((partition, tail), (position, head)) in
        Partition::all(identity.person_partitions).zip(&tails).zip(&acknowledged.ends)
    {
        let (found, acknowledged) = (last_position(store, partition, tail)?, *position);
        if found < acknowledged {
            return Err(OpenError::FactsMissing { partition, found, acknowledged });
        }
        if acknowledged > Position::START {
            let entry = store.get(Table::Log(partition), &log_key(acknowledged))?;
            let entry = entry.and_then(|bytes| Entry::decode(acknowledged, &bytes));
            if entry.is_none_or(|entry| entry.head != *head) {
                return Err(OpenError::OtherChain { partition, acknowledged });
            }
        }
    }
    Ok(tails)
}

/// Where a partition ends, if its last entry is there; otherwise where the entries before it end.
fn last_position(store: &FjallStore, partition: Partition, tail: &Tail) -> Result<Position, OpenError> {
    let there = match tail.position {
        Position::START => true,
        last => store.get(Table::Log(partition), &log_key(last))?.is_some(),
    };
    if there {
        return Ok(tail.position);
    }
    let last = store.log(partition)?.last_key_value().map(fjall::Guard::key).transpose().map_err(StoreError::from)?;
    let last = last.and_then(|key| key.first_chunk().copied()).map_or(0, u64::from_be_bytes);
    Ok(Position(last))
}

/// A directory that is this process's until this is dropped.
struct DirectoryLock(File);

impl DirectoryLock {
    fn take(directory: &Path) -> Result<Self, OpenError> {
        let file = File::options().create(true).truncate(false).write(true).open(directory.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(directory.into())),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl Drop for DirectoryLock {
    /// Closing the file is not enough: a process that is just being started shares it until its program begins.
    fn drop(&mut self) {
        // Without this the lock ends when the last who shares the file closes it.
        drop(self.0.unlock());
    }
}

/// Tables in a fjall database.
struct FjallStore {
    database: Database,
    meta: Keyspace,
    ids: Keyspace,
    acts: Keyspace,
    rows: Keyspace,
    /// One for each partition, so that emptying rewrites the partitions concerned and no others.
    logs: Vec<Keyspace>,
    /// Written to only to move the engine on, see [`shred`].
    filler: Keyspace,
    path: PathBuf,
    /// `None` until the database was found to have what the file says.
    tail_file: Option<TailWriter>,
    /// Held for reading while the engine's iterators live: they keep old versions from being dropped.
    iterating: RwLock<()>,
    /// Last, so that the files are closed before another may open them.
    _lock: DirectoryLock,
}

impl FjallStore {
    /// Small, so that the many keyspaces take little memory together and the journal stays short.
    const MEMTABLE_BYTES: u64 = 8 << 20;
    const CACHE_BYTES: u64 = 64 << 20;

    fn open(directory: &Path, person_partitions: u16, lock: DirectoryLock) -> Result<Self, StoreError> {
        let path = directory.join(DATABASE);
        let builder = Database::builder(&path)
            .worker_threads(2)
            .cache_size(Self::CACHE_BYTES)
            .journal_compression(CompressionType::None);
        // The engine asserts that the lengths in its journal are possible, so that damage there is a panic.
        let database = catch_unwind(AssertUnwindSafe(|| builder.open())).map_err(|_| StoreError::Damaged)??;
        let keyspace = |name: &str, memtable_bytes| {
            // What is sealed does not compress.
            let options = || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(memtable_bytes)
                    .data_block_compression_policy(CompressionPolicy::disabled())
            };
            database.keyspace(name, options)
        };
        let log = |partition: Partition| keyspace(&format!("log-{}", partition.number()), Self::MEMTABLE_BYTES);
        let logs = Partition::all(person_partitions).map(log).collect::<Result<_, _>>()?;
        let [meta, ids, acts, rows] = ["meta", "ids", "acts", "rows"].map(|name| keyspace(name, Self::MEMTABLE_BYTES));
        let filler = keyspace("filler", shred::MEMTABLE_BYTES);
        Ok(Self {
            meta: meta?,
            ids: ids?,
            acts: acts?,
            rows: rows?,
            filler: filler?,
            logs,
            database,
            path,
            tail_file: None,
            iterating: RwLock::new(()),
            _lock: lock,
        })
    }

    fn keyspace(&self, table: Table) -> Result<&Keyspace, StoreError> {
        match table {
            Table::Meta => Ok(&self.meta),
            Table::Ids => Ok(&self.ids),
            Table::Acts => Ok(&self.acts),
            Table::Rows => Ok(&self.rows),
            Table::Log(partition) => self.log(partition),
        }
    }

    fn log(&self, partition: Partition) -> Result<&Keyspace, StoreError> {
        self.logs.get(partition.index()).ok_or(StoreError::Row)
    }

    fn keyspaces(&self) -> impl Iterator<Item = &Keyspace> {
        [&self.meta, &self.ids, &self.acts, &self.rows].into_iter().chain(&self.logs)
    }

    /// The store with its tail file, which says that these tails are acknowledged.
    fn with(self, tail_file: TailFile, tails: &[Tail]) -> io::Result<Self> {
        Ok(Self { tail_file: Some(TailWriter::start(tail_file, tails)?), ..self })
    }
}

impl std::fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store for FjallStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.keyspace(table)?.get(key)?.map(|value| value.to_vec()))
    }

    fn scan(&self, table: Table, first: &[u8], max: usize) -> Result<Vec<Row>, StoreError> {
        let _iterating = self.iterating.read().unwrap_or_else(PoisonError::into_inner);
        let row = |guard: fjall::Guard| guard.into_inner().map(|(key, value)| (key.to_vec(), value.to_vec()));
        Ok(self.keyspace(table)?.range(first..).take(max).map(row).collect::<Result<_, _>>()?)
    }

    fn commit(&self, writes: Vec<Write>, tails: Option<&[Tail]>) -> Result<(), StoreError> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for Write { table, key, value } in writes {
            match value {
                Some(value) => batch.insert(self.keyspace(table)?, key, value),
                None => batch.remove(self.keyspace(table)?, key),
            }
        }
        batch.commit()?;
        match (tails, &self.tail_file) {
            (Some(tails), Some(tail_file)) => tail_file.note(tails),
            _ => Ok(()),
        }
    }

    fn shred(&self, tables: &[Table]) -> Result<(), StoreError> {
        let keyspaces = tables.iter().map(|table| self.keyspace(*table)).collect::<Result<Vec<_>, _>>()?;
        shred::shred(self, &keyspaces)
    }
}

impl From<fjall::Error> for OpenError {
    fn from(error: fjall::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<fjall::Error> for LedgerError {
    fn from(error: fjall::Error) -> Self {
        StoreError::from(error).into()
    }
}

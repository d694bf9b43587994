//! Where a registry keeps what it derives: ordered rows and one atomic write, in memory or beside the node.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{PoisonError, RwLock},
};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

/// A key and its value.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// Changes by key; without a value the row is removed.
pub(crate) type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What failed in the storage of a registry.
#[derive(Debug, thiserror::Error)]
#[error("the registry's storage failed: {0}; look for a full or failing disk, or throw the registry away")]
pub struct StorageError(#[from] Box<fjall::Error>);

impl From<fjall::Error> for StorageError {
    fn from(error: fjall::Error) -> Self {
        Self(Box::new(error))
    }
}

/// Ordered rows: [`MemoryStore`] and [`FjallStore`].
///
/// Writes need not be durable, since a registry can be rebuilt; but after a crash there are the first so many, each whole.
pub(crate) trait Store: Send + Sync + fmt::Debug {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError>;

    /// The rows whose key has the prefix, ascending from the key `from` on, at most `max`.
    fn scan(&self, prefix: &[u8], from: &[u8], max: usize) -> Result<Vec<Row>, StorageError>;

    /// Makes all changes, or none.
    fn commit(&self, writes: Writes) -> Result<(), StorageError>;
}

impl dyn Store + '_ {
    /// All rows whose key has the prefix.
    pub(crate) fn all(&self, prefix: &[u8]) -> Result<Vec<Row>, StorageError> {
        self.scan(prefix, prefix, usize::MAX)
    }
}

/// Rows in memory, gone with the process.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    rows: RwLock<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Store for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.rows.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], from: &[u8], max: usize) -> Result<Vec<Row>, StorageError> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let rows = rows.range(from.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)).take(max);
        Ok(rows.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in writes {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }
}

/// Rows in a fjall database in a directory of its own.
pub(crate) struct FjallStore {
    database: Database,
    rows: Keyspace,
}

impl FjallStore {
    pub(crate) fn open(directory: &Path) -> Result<Self, StorageError> {
        let database = Database::builder(directory).worker_threads(1).open()?;
        let rows = database.keyspace("rows", KeyspaceCreateOptions::default)?;
        Ok(Self { database, rows })
    }
}

impl fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FjallStore")
    }
}

impl Store for FjallStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.rows.get(key)?.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], from: &[u8], max: usize) -> Result<Vec<Row>, StorageError> {
        let mut found = Vec::new();
        for guard in self.rows.range(from..).take(max) {
            let (key, value) = guard.into_inner()?;
            if !key.starts_with(prefix) {
                break;
            }
            found.push((key.to_vec(), value.to_vec()));
        }
        Ok(found)
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let mut batch = self.database.batch();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(&self.rows, key, value),
                None => batch.remove(&self.rows, key),
            }
        }
        Ok(batch.commit()?)
    }
}

//! What a ledger over a key-value store needs of that store: ordered tables and one atomic, durable write.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{PoisonError, RwLock},
};

use crate::{
    Row,
    entry::{Partition, Tail},
    error::StoreError,
};

/// The tables of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Table {
    /// Identity, tails, and whether emptying is under way.
    Meta,
    /// Fact id to place; kept when the entry is emptied, so that a late repetition is still known.
    Ids,
    /// Which persons are erased, and how far each kind reaches.
    Acts,
    /// The rows of the vault.
    Rows,
    /// Position to entry.
    Log(Partition),
}

/// One change; without a value the row is removed.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) table: Table,
    pub(crate) key: Bytes,
    pub(crate) value: Option<Bytes>,
}

/// Bytes as the embedded engine keeps them, so that the committing thread copies none.
pub(crate) type Bytes = fjall::Slice;

impl Write {
    pub(crate) fn put(table: Table, key: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { table, key: key.into(), value: Some(value.into()) }
    }
}

/// Ordered tables; the memory and the embedded store.
pub(crate) trait Store: Send + Sync + fmt::Debug {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The rows from `first` on, ascending, at most `max`.
    fn scan(&self, table: Table, first: &[u8], max: usize) -> Result<Vec<Row>, StoreError>;

    /// Makes all writes durable, or none, and notes where that leaves the partitions.
    ///
    /// A store that has lost what was noted does not open.
    fn commit(&self, writes: Vec<Write>, tails: Option<&[Tail]>) -> Result<(), StoreError>;

    /// Returns once nothing that was replaced or removed in these tables is left on any disk.
    fn shred(&self, tables: &[Table]) -> Result<(), StoreError>;
}

/// Tables in memory, gone with the process.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    tables: RwLock<HashMap<Table, MemoryTable>>,
}

type MemoryTable = BTreeMap<Vec<u8>, Vec<u8>>;

impl Store for MemoryStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        Ok(tables.get(&table).and_then(|rows| rows.get(key)).cloned())
    }

    fn scan(&self, table: Table, first: &[u8], max: usize) -> Result<Vec<Row>, StoreError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let rows = tables.get(&table).into_iter().flat_map(|rows| rows.range(first.to_vec()..));
        Ok(rows.take(max).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn commit(&self, writes: Vec<Write>, _tails: Option<&[Tail]>) -> Result<(), StoreError> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        for Write { table, key, value } in writes {
            let rows = tables.entry(table).or_default();
            match value {
                Some(value) => rows.insert(key.to_vec(), value.to_vec()),
                None => rows.remove(&*key),
            };
        }
        Ok(())
    }

    fn shred(&self, _tables: &[Table]) -> Result<(), StoreError> {
        Ok(())
    }
}

//! Tables of what the node itself must remember, in the tables that the ledger keeps for many nodes.
//!
//! Nothing in them says who a person is: persons stand there by their random ids alone.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use yima_ledger::{Claim, Ledger, LedgerError, RowTable, StoreError};

/// One table with rows of one type.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    table: RowTable,
    row: PhantomData<fn() -> T>,
}

/// Rows read at a time.
const PAGE: usize = 1024;

impl<T: Serialize + DeserializeOwned> Rows<T> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { table: RowTable::new(name), row: PhantomData }
    }

    pub(crate) fn find(&self, ledger: &dyn Ledger, key: &[u8]) -> Result<Option<T>, LedgerError> {
        ledger.row(self.table, key)?.map(|value| read(&value)).transpose()
    }

    pub(crate) fn put(&self, ledger: &dyn Ledger, key: &[u8], row: &T) -> Result<(), LedgerError> {
        ledger.put_row(self.table, key, &write(row)?)
    }

    /// Puts the row if there is none with this key; gives the one that was there.
    pub(crate) fn claim(&self, ledger: &dyn Ledger, key: &[u8], row: &T) -> Result<Option<T>, LedgerError> {
        match ledger.claim_row(self.table, key, &write(row)?)? {
            Claim::Inserted => Ok(None),
            Claim::Taken(value) => read(&value).map(Some),
        }
    }

    pub(crate) fn delete(&self, ledger: &dyn Ledger, key: &[u8]) -> Result<(), LedgerError> {
        ledger.delete_row(self.table, key)
    }

    /// Every row whose key begins with `prefix`, ascending by key.
    pub(crate) fn all(&self, ledger: &dyn Ledger, prefix: &[u8]) -> Result<Vec<(Vec<u8>, T)>, LedgerError> {
        let mut found = Vec::new();
        let mut from = prefix.to_vec();
        loop {
            let page = ledger.rows(self.table, &from, PAGE)?;
            let is_last = page.len() < PAGE;
            let Some((last, _)) = page.last() else { return Ok(found) };
            from = [last.as_slice(), &[0]].concat();
            for (key, value) in page {
                if !key.starts_with(prefix) {
                    return Ok(found);
                }
                found.push((key, read(&value)?));
            }
            if is_last {
                return Ok(found);
            }
        }
    }
}

fn read<T: DeserializeOwned>(value: &[u8]) -> Result<T, LedgerError> {
    serde_json::from_slice(value).map_err(|_| StoreError::Row.into())
}

fn write<T: Serialize>(row: &T) -> Result<Vec<u8>, LedgerError> {
    serde_json::to_vec(row).map_err(|_| StoreError::Row.into())
}

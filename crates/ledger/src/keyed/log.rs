//! Reading the log of a partition: every read checks that there is no hole and that the chain holds.

use yima_model::FactId;

use super::state::{decode_place, encode_place};
use crate::{
    chain::{self, Digest},
    entry::{Entry, Partition, Place, Position},
    error::{Corruption, LedgerError},
    store::{Store, Table},
};

/// The key of an entry in the log of its partition.
pub(crate) fn log_key(position: Position) -> [u8; 8] {
    position.0.to_be_bytes()
}

/// Up to `max` entries after a position and up to `end`.
pub(super) fn read_log(
    store: &dyn Store,
    partition: Partition,
    after: Position,
    end: Position,
    max: usize,
) -> Result<Vec<Entry>, LedgerError> {
    if after >= end || max == 0 {
        return Ok(Vec::new());
    }
    let head = match after {
        Position::START => chain::genesis(partition),
        after => read_entry(store, partition, after)?.head,
    };
    read_on(store, partition, after, head, end, max)
}

/// The entry at a position where there must be one; whether it fits the chain is not checked.
pub(super) fn read_entry(store: &dyn Store, partition: Partition, position: Position) -> Result<Entry, LedgerError> {
    let corrupt = |what| LedgerError::Corrupt { partition, position, what };
    let bytes = store.get(Table::Log(partition), &log_key(position))?.ok_or(corrupt(Corruption::Hole))?;
    Entry::decode(position, &bytes).ok_or(corrupt(Corruption::Form))
}

/// Where the fact with this id was recorded first, if it was.
pub(super) fn find_id(store: &dyn Store, id: &FactId) -> Result<Option<Place>, LedgerError> {
    match store.get(Table::Ids, id.bytes())? {
        None => Ok(None),
        Some(bytes) => Ok(Some(decode_place(&bytes)?)),
    }
}

/// Checks that the id of a recorded fact leads to it.
pub(super) fn check_id(
    store: &dyn Store,
    partition: Partition,
    position: Position,
    id: &FactId,
) -> Result<(), LedgerError> {
    let expected = encode_place(Place { partition, position });
    match store.get(Table::Ids, id.bytes())? {
        Some(found) if found == expected => Ok(()),
        _ => Err(LedgerError::Corrupt { partition, position, what: Corruption::Index }),
    }
}

/// A walk over a whole partition, some entries at a time.
pub(super) struct Walk<'a> {
    store: &'a dyn Store,
    partition: Partition,
    after: Position,
    head: Digest,
    end: Position,
}

impl<'a> Walk<'a> {
    const ENTRIES: usize = 1024;

    pub(super) fn new(store: &'a dyn Store, partition: Partition, end: Position) -> Self {
        Self { store, partition, after: Position::START, head: chain::genesis(partition), end }
    }

    /// The head of the chain up to where the walk has come.
    pub(super) fn head(&self) -> Digest {
        self.head
    }

    /// The next entries; `None` at the end.
    pub(super) fn next_entries(&mut self) -> Result<Option<Vec<Entry>>, LedgerError> {
        if self.after >= self.end {
            return Ok(None);
        }
        let entries = read_on(self.store, self.partition, self.after, self.head, self.end, Self::ENTRIES)?;
        if let Some(last) = entries.last() {
            (self.after, self.head) = (last.position, last.head);
        }
        Ok(Some(entries))
    }
}

/// Reads on from a position whose head is known; never returns fewer entries than there must be.
fn read_on(
    store: &dyn Store,
    partition: Partition,
    after: Position,
    mut head: Digest,
    end: Position,
    max: usize,
) -> Result<Vec<Entry>, LedgerError> {
    let count = usize::try_from(end.0.saturating_sub(after.0)).unwrap_or(usize::MAX).min(max);
    let mut rows = store.scan(Table::Log(partition), &log_key(after.next()), count)?.into_iter();
    let mut entries = Vec::with_capacity(rows.len());
    let mut position = after;
    for _ in 0..count {
        position = position.next();
        let corrupt = |what| LedgerError::Corrupt { partition, position, what };
        let row = rows.next().filter(|(key, _)| *key == log_key(position));
        let (_, bytes) = row.ok_or(corrupt(Corruption::Hole))?;
        let entry = Entry::decode(position, &bytes).ok_or(corrupt(Corruption::Form))?;
        head = chain::head(&head, position, &entry.leaf);
        if head != entry.head {
            return Err(corrupt(Corruption::Chain));
        }
        entries.push(entry);
    }
    Ok(entries)
}

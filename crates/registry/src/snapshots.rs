//! Where the snapshots of the feed of risk levels lie until they are settled, with what was decided about them.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use yima_feed::places::{Added, Places};
use yima_feed::{Ruling, SnapshotId};
use yima_ledger::{Ledger, LedgerError, RowTable, StoreError};
use yima_model::id::SourceId;
use yima_model::{AreaCode, DivisionTree, Timestamp};

/// Snapshots by their id.
const SNAPSHOTS: RowTable = RowTable::new("risk-snapshot");
/// What was decided about them.
const RULINGS: RowTable = RowTable::new("risk-ruling");
/// Spellings and the places that they mean, many in a row, by the first place of the row.
const PLACES: RowTable = RowTable::new("risk-place");

/// Rows read at a time.
const PAGE: usize = 64;

/// The most bytes of a snapshot.
const SNAPSHOT_BYTES_MAX: usize = 64 * 1024 * 1024;

const COMPRESSION_LEVEL: u8 = 6;

/// A snapshot as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// When it was first fetched or saved.
    pub(crate) saved: Timestamp,
    /// Whose account delivered it.
    pub(crate) delivered_by: SourceId,
    /// What was published, byte for byte.
    pub(crate) bytes: Vec<u8>,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What.
    pub ruling: Ruling,
    /// When.
    pub at: Timestamp,
    /// Whose account.
    pub by: SourceId,
}

pub(crate) fn all(ledger: &dyn Ledger) -> Result<BTreeMap<SnapshotId, Kept>, LedgerError> {
    rows(ledger, SNAPSHOTS)?.into_iter().map(|(key, value)| Ok((id(&key)?, Kept::decode(&value)?))).collect()
}

pub(crate) fn find(ledger: &dyn Ledger, id: SnapshotId) -> Result<Option<Kept>, LedgerError> {
    Ok(ledger.row(SNAPSHOTS, id.bytes())?.map(|row| Kept::decode(&row)).transpose()?)
}

pub(crate) fn put(ledger: &dyn Ledger, id: SnapshotId, kept: &Kept) -> Result<(), LedgerError> {
    ledger.put_row(SNAPSHOTS, id.bytes(), &kept.encode())
}

/// Deletes a snapshot that is settled, and what was decided about it.
pub(crate) fn delete(ledger: &dyn Ledger, id: SnapshotId) -> Result<(), LedgerError> {
    ledger.delete_row(SNAPSHOTS, id.bytes())?;
    ledger.delete_row(RULINGS, id.bytes())
}

pub(crate) fn rulings(ledger: &dyn Ledger) -> Result<BTreeMap<SnapshotId, Decided>, LedgerError> {
    rows(ledger, RULINGS)?.into_iter().map(|(key, value)| Ok((id(&key)?, Decided::decode(&value)?))).collect()
}

pub(crate) fn put_ruling(ledger: &dyn Ledger, id: SnapshotId, decided: &Decided) -> Result<(), LedgerError> {
    ledger.put_row(RULINGS, id.bytes(), &decided.encode())
}

/// Writes down which places the new spellings mean; they are known before any fact names them.
pub(crate) fn put_places(ledger: &dyn Ledger, added: &[Added]) -> Result<(), LedgerError> {
    let Some(first) = added.first() else { return Ok(()) };
    let lines: String = added.iter().map(|added| format!("{}\t{}\n", added.code, added.spelling)).collect();
    let value = compress_to_vec_zlib(lines.as_bytes(), COMPRESSION_LEVEL);
    ledger.put_row(PLACES, &first.code.number().to_be_bytes(), &value)
}

/// Tells a reader which places the spellings of earlier snapshots mean.
pub(crate) fn know_places(ledger: &dyn Ledger, places: &mut Places) -> Result<(), LedgerError> {
    each_place(ledger, |parent, added| places.know(parent, added.0, added.1))
}

/// Puts the places that the feed has named into the division tree, for everybody to choose and find.
///
/// # Errors
/// [`LedgerError`].
pub fn name_places(ledger: &dyn Ledger, tree: &mut DivisionTree) -> Result<(), LedgerError> {
    each_place(ledger, |parent, (spelling, code)| {
        let name = Added { parent, spelling: spelling.to_owned(), code }.name();
        match tree.insert(code, &name) {
            // Another spelling of a place that has its name already says nothing new.
            Ok(()) | Err(_) => {}
        }
    })
}

fn each_place(ledger: &dyn Ledger, mut see: impl FnMut(AreaCode, (&str, AreaCode))) -> Result<(), LedgerError> {
    for (_, value) in rows(ledger, PLACES)? {
        let lines = inflate(&value)?;
        let lines = std::str::from_utf8(&lines).map_err(|_| StoreError::Row)?;
        for line in lines.lines() {
            let (code, spelling) = line.split_once('\t').ok_or(StoreError::Row)?;
            let code = AreaCode::parse(code).map_err(|_| StoreError::Row)?;
            see(code.parent().ok_or(StoreError::Row)?, (spelling, code));
        }
    }
    Ok(())
}

impl Kept {
    fn encode(&self) -> Vec<u8> {
        let packed = compress_to_vec_zlib(&self.bytes, COMPRESSION_LEVEL);
        [&self.saved.millis().to_be_bytes()[..], &name(&self.delivered_by), &packed].concat()
    }

    fn decode(row: &[u8]) -> Result<Self, StoreError> {
        let (saved, rest) = row.split_first_chunk().ok_or(StoreError::Row)?;
        let (delivered_by, packed) = split_name(rest)?;
        let saved = Timestamp::from_millis(i64::from_be_bytes(*saved));
        Ok(Self { saved, delivered_by, bytes: inflate(packed)? })
    }
}

impl Decided {
    fn encode(&self) -> Vec<u8> {
        let accepts = u8::from(self.ruling == Ruling::Accept);
        [&[accepts][..], &self.at.millis().to_be_bytes(), &name(&self.by)].concat()
    }

    fn decode(row: &[u8]) -> Result<Self, StoreError> {
        let (accepts, rest) = row.split_first().ok_or(StoreError::Row)?;
        let (at, rest) = rest.split_first_chunk().ok_or(StoreError::Row)?;
        let ruling = if *accepts == 1 { Ruling::Accept } else { Ruling::Reject };
        Ok(Self { ruling, at: Timestamp::from_millis(i64::from_be_bytes(*at)), by: split_name(rest)?.0 })
    }
}

/// A name with its length before it.
fn name(source: &SourceId) -> Vec<u8> {
    let name = source.as_str().as_bytes();
    [&[u8::try_from(name.len()).unwrap_or(u8::MAX)], name].concat()
}

fn split_name(row: &[u8]) -> Result<(SourceId, &[u8]), StoreError> {
    let (length, rest) = row.split_first().ok_or(StoreError::Row)?;
    let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or(StoreError::Row)?;
    let name = std::str::from_utf8(name).map_err(|_| StoreError::Row)?;
    Ok((SourceId::parse(name).map_err(|_| StoreError::Row)?, rest))
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    decompress_to_vec_zlib_with_limit(packed, SNAPSHOT_BYTES_MAX).map_err(|_| StoreError::Row)
}

fn id(key: &[u8]) -> Result<SnapshotId, StoreError> {
    key.try_into().map(SnapshotId::from_bytes).map_err(|_| StoreError::Row)
}

fn rows(ledger: &dyn Ledger, table: RowTable) -> Result<Vec<yima_ledger::Row>, LedgerError> {
    let mut rows = Vec::new();
    loop {
        let from = rows.last().map_or_else(Vec::new, |(last, _): &yima_ledger::Row| [last.as_slice(), &[0]].concat());
        let page = ledger.rows(table, &from, PAGE)?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

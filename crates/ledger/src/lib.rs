//! The append-only ledger of facts: one trait, in memory and embedded.
//!
//! The ledger knows nothing of what a fact says: a body is sealed bytes. It knows whom a fact is about, of which kind it
//! is and by which instant it counts, which is what erasing a person and the expiry of a kind need.
//!
//! Entries lie in partitions, one for everybody and a fixed number among which the persons are spread. Within a partition
//! positions are dense from 1, each entry extends a hash chain, and the order of positions is the order of recording.
//! Facts filed at the same time share one commit; none is seen before it is durable.
#![warn(missing_docs)]

use std::{fmt, time::Duration};

use yima_model::{PersonId, Timestamp};

mod chain;
mod embedded;
mod entry;
mod error;
mod keyed;
mod receipt;
mod store;

#[cfg(test)]
mod conformance;

pub use chain::Digest;
pub use entry::{
    Act, Appended, Content, Entry, Fact, Incarnation, Kind, NewFact, Partition, Place, Position, Recorded, Sealed, Tail,
};
pub use error::{Corruption, LedgerError, OpenError, StoreError};
pub use keyed::{Clock, Host, KeyedLedger, Random};
pub use receipt::Receipt;

/// Which ledger it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Differs between any two ledgers, and after a restore.
    pub incarnation: Incarnation,
    /// Into how many partitions persons are spread; the global partition comes on top.
    pub person_partitions: u16,
}

/// A ledger: [`KeyedLedger`] in memory and on the disk of one node, and a database that many nodes share.
///
/// Every backend keeps the contracts of the methods; the conformance suite of this crate runs against each.
pub trait Ledger: Send + Sync + fmt::Debug {
    /// Which ledger it is.
    fn identity(&self) -> Identity;

    /// Files facts, all or none, in this order; the outcomes come in the same order once they are durable.
    ///
    /// A fact id names one fact. Filing it again with the same content, in the same call or years later, is a no-op
    /// that gives the first position, even when the content was emptied since. Only new facts are numbered, so a
    /// repetition leaves no hole. `recorded` is the ledger's clock, or the time of the entry before if that is later.
    ///
    /// # Errors
    /// Through the receipt, for the first fact that is refused and in this order: [`LedgerError::Conflict`] (certain
    /// within a partition; between partitions where the backend sees it), [`LedgerError::TooLong`],
    /// [`LedgerError::Erased`], [`LedgerError::BehindHorizon`]; then nothing of the call is recorded.
    /// [`LedgerError::Stopped`] when a write failed.
    fn append(&self, facts: Vec<NewFact>) -> Receipt<Vec<Appended>>;

    /// Up to `max` entries after a position, in order and without holes; empty when there are none yet.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] at a hole or where the chain does not hold, [`LedgerError::NoSuchPartition`].
    fn read(&self, partition: Partition, after: Position, max: usize) -> Result<Vec<Entry>, LedgerError>;

    /// Where each partition ends, in ascending order of partitions, the global one first.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the ledger cannot be reached.
    fn tails(&self) -> Result<Vec<Tail>, LedgerError>;

    /// The tails as soon as one lies after what was `seen` (a position for each partition; a missing one counts as
    /// start), or after `timeout` at the latest.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the ledger cannot be reached, [`LedgerError::Stopped`] when it has stopped.
    fn wait(&self, seen: &[Position], timeout: Duration) -> Result<Vec<Tail>, LedgerError>;

    /// Reads everything: no holes, every chain and every fact id as they must be.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] with the first place that is wrong.
    fn verify(&self) -> Result<Verified, LedgerError>;

    /// Erases persons: nothing is left of their facts but position and leaf, and no further ones are taken.
    ///
    /// Returns once the content is gone from the disk. The outcome has one item for each person; erasing again is a
    /// no-op. Rows of the vault must have been deleted before; they are gone from the disk too when this returns.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`], [`LedgerError::Store`], [`LedgerError::Corrupt`]; calling again goes on where it failed.
    fn erase(&self, persons: &[PersonId]) -> Result<Vec<Appended>, LedgerError>;

    /// The persons who were erased, ascending: the list that a restore must be given.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    fn erased(&self) -> Result<Vec<PersonId>, LedgerError>;

    /// Tells registries to forget the facts of these kinds that count by an instant before `before`, and refuses further ones.
    ///
    /// The outcome has one item for each kind. A horizon only moves forward; where it would not move, the outcome is the
    /// present one.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    fn horizon(&self, kinds: &[Kind], before: Timestamp) -> Result<Vec<Appended>, LedgerError>;

    /// Empties the facts of these kinds that count by an instant before `before`; returns once they are gone from the disk.
    ///
    /// The outcome has one item for each kind. What counts by [`Timestamp::FOREVER`] never expires. Where it would not reach
    /// further, nothing happens.
    ///
    /// # Errors
    /// [`LedgerError::InsideHorizon`] if `before` lies after the horizon of one of the kinds, and then none expires;
    /// otherwise as [`Ledger::erase`].
    fn expire(&self, kinds: &[Kind], before: Timestamp) -> Result<Vec<Appended>, LedgerError>;

    /// The value of a row of the vault.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    fn row(&self, table: RowTable, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;

    /// Up to `max` keys and values of a table of the vault, from the key `from` on, ascending by key.
    ///
    /// # Errors
    /// [`LedgerError::Store`].
    fn rows(&self, table: RowTable, from: &[u8], max: usize) -> Result<Vec<Row>, LedgerError>;

    /// Inserts a row if there is none with this key; of concurrent calls exactly one inserts. Durable on return.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    fn claim_row(&self, table: RowTable, key: &[u8], value: &[u8]) -> Result<Claim, LedgerError>;

    /// Inserts or replaces a row; durable on return. A replaced value is on the disk until [`Ledger::shred_rows`].
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    fn put_row(&self, table: RowTable, key: &[u8], value: &[u8]) -> Result<(), LedgerError>;

    /// Deletes a row if it is there; durable on return. Its value is on the disk until [`Ledger::shred_rows`].
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    fn delete_row(&self, table: RowTable, key: &[u8]) -> Result<(), LedgerError>;

    /// Returns once the disk holds nothing any more of rows that were deleted or replaced.
    ///
    /// # Errors
    /// [`LedgerError::Store`]; calling again goes on where it failed.
    fn shred_rows(&self) -> Result<(), LedgerError>;
}

/// What a walk over the whole ledger found in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// How many of them are empty.
    pub empty: u64,
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// The name of a table of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowTable(&'static str);

impl RowTable {
    /// The table with this name.
    ///
    /// # Panics
    /// When the name is empty or holds a zero byte, which would let two tables overlap.
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a table has a name");
        let mut rest = name.as_bytes();
        while let [byte, tail @ ..] = rest {
            assert!(*byte != 0, "a table name holds no zero byte");
            rest = tail;
        }
        Self(name)
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// What came of claiming a row.
#[derive(Clone, PartialEq, Eq)]
pub enum Claim {
    /// The row was inserted.
    Inserted,
    /// There was a row already, with this value.
    Taken(Vec<u8>),
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inserted => f.write_str("Inserted"),
            Self::Taken(value) => write!(f, "Taken(<{} bytes>)", value.len()),
        }
    }
}

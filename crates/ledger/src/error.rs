//! What a ledger refuses and what can go wrong, each with what to do next.

use std::{io, path::PathBuf, sync::Arc};

use thiserror::Error;
use yima_model::{FactId, Timestamp};

use crate::entry::{Kind, Partition, Position, Sealed};

/// Why a ledger did not do what it was asked.
#[derive(Clone, Debug, Error)]
pub enum LedgerError {
    /// The id is taken by a fact with another content.
    #[error("fact {id} is recorded with another content; file a correction under an id of its own")]
    Conflict {
        /// The id that is taken.
        id: FactId,
    },
    /// The person of the fact was erased.
    #[error("fact {id} is about a person who was erased; register the person again before filing it")]
    Erased {
        /// The fact that was refused.
        id: FactId,
    },
    /// The fact counts by an instant that lies behind the horizon of its kind.
    #[error("fact {id} counts by an instant before {horizon}, which nothing looks at any more; do not file it")]
    BehindHorizon {
        /// The fact that was refused.
        id: FactId,
        /// Where the horizon lies.
        horizon: Timestamp,
    },
    /// The body of the fact is too long.
    #[error("the body of fact {id} is longer than {} bytes; file it in parts", Sealed::LENGTH_MAX)]
    TooLong {
        /// The fact that was refused.
        id: FactId,
    },
    /// Facts would expire that registries still look at.
    #[error("the horizon of kind {} lies at {horizon}; move it to {before} before facts up to there expire", kind.0)]
    InsideHorizon {
        /// Which kind.
        kind: Kind,
        /// Up to when the facts were to expire.
        before: Timestamp,
        /// Where the horizon lies; [`Timestamp::BEGINNING`] if there is none yet.
        horizon: Timestamp,
    },
    /// The ledger has no such partition.
    #[error("the ledger has no partition {}; read its count of partitions first", partition.number())]
    NoSuchPartition {
        /// The one that was asked for.
        partition: Partition,
    },
    /// An entry is not what was written.
    #[error(
        "the ledger is corrupt at position {} of partition {}: {what}; restore it from a backup",
        position.0,
        partition.number()
    )]
    Corrupt {
        /// Where: the partition.
        partition: Partition,
        /// Where: the first position that is wrong.
        position: Position,
        /// In which way.
        what: Corruption,
    },
    /// A write failed earlier, so that nothing more is accepted.
    #[error("the ledger has stopped ({0}); restart it, then file again what was not acknowledged")]
    Stopped(Arc<StoreError>),
    /// The storage underneath failed.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// In which way an entry is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Corruption {
    /// There is no entry at this position although there are later ones.
    #[error("the entry is missing")]
    Hole,
    /// The bytes are no entry.
    #[error("the entry cannot be read")]
    Form,
    /// The head does not follow from the head before and the content.
    #[error("the entry does not fit the hash chain")]
    Chain,
    /// The table of fact ids does not lead to this entry, so that the fact could be recorded twice.
    #[error("the fact id does not lead to the entry")]
    Index,
    /// The last entry is not the one that was last recorded as such.
    #[error("the partition ends elsewhere")]
    End,
}

/// What failed in the storage underneath.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The storage engine.
    #[error("the storage engine failed: {0}; look for a full or failing disk")]
    Engine(#[source] Box<fjall::Error>),
    /// The storage engine gave up on its own files.
    #[error("the files of the storage engine are damaged; restore the ledger from a backup")]
    Damaged,
    /// A file of the ledger.
    #[error("a file of the ledger failed: {0}; look for a full or failing disk")]
    File(#[from] io::Error),
    /// The ledger was closed.
    #[error("the ledger is closed; open it again")]
    Closed,
    /// Erased content is still on the disk after a long wait.
    #[error("erased content is still on the disk, the storage engine has not let go of it; restart, which tries again")]
    StillThere,
    /// A row of the ledger's own tables cannot be read.
    #[error("a row of the ledger's own tables cannot be read; restore the ledger from a backup")]
    Row,
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

/// Why a ledger was not made, opened, backed up or restored.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory holds no ledger.
    #[error("`{0}` holds no ledger; name another directory or make a ledger there")]
    NoLedger(PathBuf),
    /// Something lies where the ledger is to be made.
    #[error("`{0}` exists and is not empty; name another place")]
    Occupied(PathBuf),
    /// Another process has the ledger open.
    #[error("`{0}` is in use by another process; stop that one first")]
    Locked(PathBuf),
    /// A newer version of this program wrote the ledger or the backup.
    #[error("written in format {found}, this program knows up to {known}; use the newer program")]
    Newer {
        /// The format that was found.
        found: u16,
        /// The newest format that this program knows.
        known: u16,
    },
    /// A ledger has 1 to 4096 partitions for persons.
    #[error("{0} partitions for persons; choose 1 to 4096")]
    Partitions(u16),
    /// The tail file is missing or both of its copies are damaged.
    #[error("the tail file `{0}` is missing or damaged, so acknowledged facts may be missing; restore a backup")]
    TailFile(PathBuf),
    /// The tail file is that of another ledger.
    #[error("the tail file belongs to another ledger; put the right one back or restore a backup")]
    OtherLedger,
    /// The ledger ends before facts that were acknowledged.
    #[error(
        "acknowledged facts are missing: partition {} ends at {}, acknowledged up to {}; restore a backup and let \
         the sources file again",
        partition.number(), found.0, acknowledged.0
    )]
    FactsMissing {
        /// In which partition.
        partition: Partition,
        /// Where it ends.
        found: Position,
        /// The last position that was acknowledged.
        acknowledged: Position,
    },
    /// The ledger is not the one whose facts were acknowledged.
    #[error(
        "partition {} is not on the chain of the tail file at position {}; restore a backup",
        partition.number(), acknowledged.0
    )]
    OtherChain {
        /// In which partition.
        partition: Partition,
        /// The last position that was acknowledged.
        acknowledged: Position,
    },
    /// The file is no backup, or not whole.
    #[error("`{0}` is not a whole backup of a ledger; take another one")]
    Backup(PathBuf),
    /// The ledger inside could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The storage underneath failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}

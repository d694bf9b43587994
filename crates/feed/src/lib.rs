//! The national feed of risk levels: reading a snapshot, names to areas, what changed, and what is held back.
//!
//! A snapshot lists places by name. [`Reader`] turns each name into a set of areas with stable ids, [`Feed`] holds snapshots
//! in whatever order they arrive and folds them into one level history; docs/AREAS.md tells the faults of the feed.
#![warn(missing_docs)]

pub mod archive;
pub mod atlas;
pub mod carve;
pub mod changes;
pub mod due;
pub mod feed;
pub mod fold;
pub mod followed;
pub mod ladder;
pub mod places;
pub mod reader;
pub mod report;
pub mod snapshot;
pub mod text;

pub use changes::{Change, changes};
pub use feed::{Delivered, Feed, Ruling};
pub use fold::{Spell, Standing, Suspicion};
pub use reader::{Listing, Reader, Reading, SetId};
pub use report::Report;
pub use snapshot::{Named, Row, Snapshot, SnapshotError, SnapshotId};

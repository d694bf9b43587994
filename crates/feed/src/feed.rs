//! Snapshots in whatever order they arrive, and the one level history that follows from them.

use std::collections::BTreeMap;

use yima_model::{AreaSet, Timestamp};

pub use crate::fold::Ruling;
use crate::fold::{Announcement, Fold, Step, Suspicion, fault};
use crate::reader::{Listing, Reader, SetId};
use crate::snapshot::{Snapshot, SnapshotId};

/// A snapshot as it was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Its hour.
    pub hour: Timestamp,
    /// When it was first fetched or saved; of two snapshots of one hour the one saved later says what holds.
    pub saved: Timestamp,
    /// What it lists.
    pub listing: Listing,
    /// What speaks against it by itself.
    pub fault: Option<Suspicion>,
}

impl Delivered {
    /// A snapshot that was fetched or saved at `saved`.
    pub fn new(snapshot: &Snapshot, saved: Timestamp, reader: &mut Reader) -> Self {
        let listing = reader.listing(&snapshot.rows);
        Self { id: snapshot.id(), hour: snapshot.hour, saved, listing, fault: fault(snapshot) }
    }
}

/// Snapshots with what was decided about them.
///
/// The history is a function of the set of snapshots, rulings and announcements: it does not depend on the order in which
/// they came, and what comes twice changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    snapshots: BTreeMap<SnapshotId, Delivered>,
    rulings: BTreeMap<SnapshotId, Ruling>,
    announcements: Vec<Announcement>,
}

impl Feed {
    /// Adds a snapshot; `false` if it was there already, when only an earlier time of saving is kept.
    pub fn deliver(&mut self, delivered: Delivered) -> bool {
        match self.snapshots.get_mut(&delivered.id) {
            Some(known) => {
                known.saved = known.saved.min(delivered.saved);
                false
            }
            None => self.snapshots.insert(delivered.id, delivered).is_none(),
        }
    }

    /// Leaves out a snapshot, and what was decided about it.
    pub fn forget(&mut self, id: SnapshotId) {
        self.snapshots.remove(&id);
        self.rulings.remove(&id);
    }

    /// Notes what was decided about a snapshot.
    pub fn rule(&mut self, id: SnapshotId, ruling: Ruling) {
        self.rulings.insert(id, ruling);
    }

    /// Notes an announcement.
    pub fn announce(&mut self, announcement: Announcement) {
        self.announcements.push(announcement);
    }

    /// The snapshots by hour, and within an hour by when they were saved.
    pub fn in_order(&self) -> Vec<&Delivered> {
        let mut snapshots: Vec<&Delivered> = self.snapshots.values().collect();
        snapshots.sort_unstable_by_key(|delivered| (delivered.hour, delivered.saved, delivered.id));
        snapshots
    }

    /// Folds all snapshots; `areas` gives the areas of a set.
    pub fn fold<'r>(&self, areas: impl Fn(SetId) -> Option<&'r AreaSet>) -> Fold {
        let mut fold = Fold::default();
        for delivered in self.in_order() {
            let Delivered { id, hour, listing, fault, .. } = delivered;
            let ruling = self.rulings.get(id).copied();
            let step = Step { id: *id, hour: *hour, listing, fault: *fault, ruling };
            let counting: Vec<_> = self.announcements.iter().filter(|said| said.during.contains(*hour)).collect();
            let covers =
                |set: &AreaSet| counting.iter().any(|said| set.include.iter().all(|area| said.areas.contains(*area)));
            fold.step(&step, |set| !counting.is_empty() && areas(set).is_some_and(covers));
        }
        fold
    }
}

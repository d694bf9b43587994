//! Getting replaced and removed values off the disk.
//!
//! The engine keeps them in three places: in its journal until that is rotated and everything in it was flushed, in its
//! tables until a compaction that knows of no reader who could want them, and in the files of old tables until the
//! last version that names those is dropped. It does all three in its own time, the first only when the journal has
//! grown long. So the journal is made long, and each step is waited for by looking at the files themselves.

use std::{collections::BTreeSet, fs, io, path::PathBuf, sync::PoisonError, thread, time::Duration};

use fjall::Keyspace;

use super::FjallStore;
use crate::error::StoreError;

/// More than the length at which the engine rotates its journal, in pieces.
const FILLING: [usize; 9] = [8_000_000; 9];
/// So large that what fills the journal is not written to tables as well.
pub(super) const MEMTABLE_BYTES: u64 = 128 << 20;
const PAUSE: Duration = Duration::from_millis(5);
const ATTEMPTS: usize = 12_000;

/// Returns once no file holds a value that was replaced or removed in these keyspaces before the call.
pub(super) fn shred(store: &FjallStore, keyspaces: &[&Keyspace]) -> Result<(), StoreError> {
    let journals = files(&store.path, "jnl")?;
    for length in FILLING {
        store.filler.insert("filler", vec![0; length])?;
    }
    store.filler.insert("filler", "")?;
    until_gone(&journals, || {
        move_on(store)?;
        store.keyspaces().try_for_each(|keyspace| keyspace.rotate_memtable().map(drop))
    })?;
    let compacted: Vec<&Keyspace> = keyspaces.iter().copied().chain([&store.filler]).collect();
    let mut old = BTreeSet::new();
    for keyspace in &compacted {
        old.extend(files(&keyspace.path().join("tables"), "")?);
    }
    move_on(store)?;
    compacted.iter().try_for_each(|keyspace| keyspace.major_compact())?;
    until_gone(&old, || move_on(store))
}

/// Makes the engine see that nobody reads any version from before this moment, and drop what only those needed.
fn move_on(store: &FjallStore) -> Result<(), fjall::Error> {
    store.filler.insert("moment", "")?;
    let _none = store.iterating.write().unwrap_or_else(PoisonError::into_inner);
    store.filler.rotate_memtable().map(drop)
}

fn until_gone(files: &BTreeSet<PathBuf>, mut act: impl FnMut() -> Result<(), fjall::Error>) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        act()?;
        if !files.iter().any(|file| file.exists()) {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
    Err(StoreError::StillThere)
}

fn files(directory: &std::path::Path, extension: &str) -> io::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for file in fs::read_dir(directory)? {
        let path = file?.path();
        if path.extension().unwrap_or_default() == extension {
            files.insert(path);
        }
    }
    Ok(files)
}

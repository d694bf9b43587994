//! Getting replaced and removed values off the disk.
//!
//! The engine keeps them in three places: in its journal until that is rotated and everything in it was flushed, in its
//! tables until a compaction that knows of no reader who could want them, and in the files of old tables until the
//! last version that names those is dropped. It does all three in its own time, the first only when the journal has
//! grown long. So the journal is made long, and each step is waited for by looking at the files themselves.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::PoisonError,
    thread,
    time::Duration,
};

use fjall::Keyspace;

use super::FjallStore;
use crate::error::StoreError;

/// More than the length at which the engine rotates its journal, in pieces.
const FILLING: [usize; 9] = [8_000_000; 9];
/// So large that what fills the journal is not written to tables as well.
pub(super) const MEMTABLE_BYTES: u64 = 128 << 20;
/// In a round the files are looked at so often, after pauses of which each is twice the one before: 5 s in all.
const LOOKS: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// How often the steps are repeated before the engine counts as stuck.
const ROUNDS: usize = 10;

/// A key that no table of the vault has, since their names are not empty.
const NO_ROW: &str = "\0";

/// Returns once no file holds a value that was replaced or removed in these keyspaces before the call.
pub(super) fn shred(store: &FjallStore, keyspaces: &[&Keyspace]) -> Result<(), StoreError> {
    let journals = files(&store.path, "jnl")?;
    for length in FILLING {
        store.filler.insert("filler", vec![0; length])?;
    }
    store.filler.insert("filler", "")?;
    let flush = || {
        move_on(store)?;
        // A compaction that drops a removal as the last thing in a keyspace makes the engine keep the journal until
        // something else is written there.
        store.rows.insert(NO_ROW, "")?;
        store.keyspaces().try_for_each(|keyspace| keyspace.rotate_memtable().map(drop))
    };
    repeat(|| gone(&journals, flush))?;
    let compacted: Vec<&Keyspace> = keyspaces.iter().copied().chain([&store.filler]).collect();
    repeat(|| {
        let mut old = BTreeSet::new();
        for keyspace in &compacted {
            old.extend(files(&keyspace.path().join("tables"), "")?);
        }
        move_on(store)?;
        compacted.iter().try_for_each(|keyspace| keyspace.major_compact())?;
        // A table that was being written while the files were listed stays, and is compacted in the next round.
        gone(&old, || move_on(store))
    })
}

/// Makes the engine see that nobody reads any version from before this moment, and drop what only those needed.
fn move_on(store: &FjallStore) -> Result<(), fjall::Error> {
    store.filler.insert("moment", "")?;
    let _none = store.iterating.write().unwrap_or_else(PoisonError::into_inner);
    store.filler.rotate_memtable().map(drop)
}

fn repeat(mut step: impl FnMut() -> Result<bool, StoreError>) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        if step()? {
            return Ok(());
        }
    }
    Err(StoreError::StillThere)
}

/// Whether the files are gone, some time after what brings that about.
fn gone(files: &BTreeSet<PathBuf>, act: impl Fn() -> Result<(), fjall::Error>) -> Result<bool, StoreError> {
    for look in 0..LOOKS {
        act()?;
        if !files.iter().any(|file| file.exists()) {
            return Ok(true);
        }
        thread::sleep(FIRST_PAUSE * (1 << look));
    }
    Ok(false)
}

fn files(directory: &Path, extension: &str) -> io::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for file in fs::read_dir(directory)? {
        let path = file?.path();
        if path.extension().unwrap_or_default() == extension {
            files.insert(path);
        }
    }
    Ok(files)
}

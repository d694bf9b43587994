//! The tail file: what was acknowledged, kept beside the database so that a database that lost it is found out.
//!
//! The storage engine cuts its journal at the first damaged batch without a word. So the ends of all partitions are also
//! written to this file, and a ledger that lacks any of them does not start. They are written after they are acknowledged,
//! by a thread of their own that pauses between two writes: a sync of this file beside each commit would double the time
//! that a slow disk takes for it. What was acknowledged in the last [`TailWriter::PAUSE`] before a crash is as durable as
//! everything else, but damage to just that would not be found out.
//!
//! Two slots are written in turn, each with a digest, so a torn write loses only the newer one.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    Identity,
    chain::{self, Digest},
    entry::{Incarnation, Position, Tail, take},
    error::{OpenError, StoreError},
};

/// The newest on-disk format that this program knows, and the one it writes.
pub(crate) const FORMAT: u16 = 2;

pub(super) const NAME: &str = "tail";

const MAGIC: &[u8; 8] = b"YIMATAIL";
/// Slots begin on different blocks of the disk.
const BLOCK: usize = 4096;

/// The thread that writes the file.
#[derive(Debug)]
pub(super) struct TailWriter {
    notes: Arc<Notes>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Notes {
    noted: Mutex<Noted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Noted {
    /// The newest ends, until they are written.
    ends: Option<Vec<End>>,
    /// Whether the thread is to end, or has.
    closed: bool,
    failed: Option<io::Error>,
}

impl TailWriter {
    /// The time between two writes.
    const PAUSE: Duration = Duration::from_millis(10);

    /// Starts with a file that says that the present ends are acknowledged.
    pub(super) fn start(mut file: TailFile, tails: &[Tail]) -> io::Result<Self> {
        file.write(ends(tails))?;
        let notes = Arc::new(Notes::default());
        let shared = Arc::clone(&notes);
        let thread = thread::Builder::new().name("ledger-tail".into()).spawn(move || shared.write_to(file))?;
        Ok(Self { notes, thread: Some(thread) })
    }

    /// Has the ends after a commit written soon; an error of an earlier write is told once.
    pub(super) fn note(&self, tails: &[Tail]) -> Result<(), StoreError> {
        let mut noted = self.notes.lock();
        if let Some(error) = noted.failed.take() {
            return Err(error.into());
        }
        if noted.closed {
            return Err(StoreError::Closed);
        }
        noted.ends = Some(ends(tails));
        drop(noted);
        self.notes.changed.notify_one();
        Ok(())
    }
}

impl Drop for TailWriter {
    /// Writes what is noted, then ends the thread.
    fn drop(&mut self) {
        self.notes.lock().closed = true;
        self.notes.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A write that failed leaves the file as it was before.
            drop(thread.join());
        }
    }
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut file: TailFile) {
        loop {
            let waits = |noted: &mut Noted| noted.ends.is_none() && !noted.closed;
            let mut noted = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
            let Some(ends) = noted.ends.take() else { return };
            drop(noted);
            if let Err(error) = file.write(ends) {
                let mut noted = self.lock();
                (noted.closed, noted.failed) = (true, Some(error));
                return;
            }
            let open = |noted: &mut Noted| !noted.closed;
            drop(self.changed.wait_timeout_while(self.lock(), TailWriter::PAUSE, open));
        }
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct TailFile {
    file: File,
    identity: Identity,
    sequence: u64,
}

/// The last position and head of a partition.
pub(super) type End = (Position, Digest);

/// What the file says was acknowledged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) identity: Identity,
    pub(super) ends: Vec<End>,
}

impl TailFile {
    /// Makes the file with both slots the same.
    pub(super) fn create(path: &Path, identity: Identity, tails: &[Tail]) -> io::Result<Self> {
        let mut file = Self { file: File::create_new(path)?, identity, sequence: 0 };
        file.write(ends(tails))?;
        file.write(ends(tails))?;
        file.file.sync_all()?;
        Ok(file)
    }

    /// Opens the file and reads what was acknowledged.
    pub(super) fn open(path: &Path) -> Result<(Self, Acknowledged), OpenError> {
        let damaged = || OpenError::TailFile(path.into());
        let mut file = match File::options().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged()),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (first, second) = bytes.split_at(bytes.len() / 2);
        if let Some(found) = [first, second].into_iter().filter_map(format).max().filter(|found| *found > FORMAT) {
            return Err(OpenError::Newer { found, known: FORMAT });
        }
        let slots = [first, second].into_iter().filter_map(Slot::decode);
        let Slot { identity, sequence, ends } = slots.max_by_key(|slot| slot.sequence).ok_or_else(damaged)?;
        Ok((Self { file, identity, sequence: sequence + 1 }, Acknowledged { identity, ends }))
    }

    /// Replaces the older slot, durable on return.
    fn write(&mut self, ends: Vec<End>) -> io::Result<()> {
        let slot = Slot { identity: self.identity, sequence: self.sequence, ends }.encode();
        let offset = if self.sequence.is_multiple_of(2) { 0 } else { slot.len() as u64 };
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(&slot)?;
        self.file.sync_data()?;
        self.sequence += 1;
        Ok(())
    }
}

fn ends(tails: &[Tail]) -> Vec<End> {
    tails.iter().map(|tail| (tail.position, tail.head)).collect()
}

struct Slot {
    identity: Identity,
    sequence: u64,
    ends: Vec<End>,
}

impl Slot {
    fn encode(&self) -> Vec<u8> {
        let mut slot = Vec::with_capacity(BLOCK);
        slot.extend_from_slice(MAGIC);
        slot.extend_from_slice(&FORMAT.to_be_bytes());
        slot.extend_from_slice(self.identity.incarnation.bytes());
        slot.extend_from_slice(&self.identity.person_partitions.to_be_bytes());
        slot.extend_from_slice(&self.sequence.to_be_bytes());
        for (position, head) in &self.ends {
            slot.extend_from_slice(&position.0.to_be_bytes());
            slot.extend_from_slice(head.bytes());
        }
        let digest = chain::sha256(&[&slot]);
        slot.extend_from_slice(digest.bytes());
        slot.resize(slot.len().next_multiple_of(BLOCK), 0);
        slot
    }

    fn decode(slot: &[u8]) -> Option<Self> {
        let (_, rest) = take::<10>(slot)?;
        let (incarnation, rest) = take(rest)?;
        let (count, rest) = take(rest)?;
        let (sequence, rest) = take(rest)?;
        let identity = Identity {
            incarnation: Incarnation::from_bytes(incarnation),
            person_partitions: u16::from_be_bytes(count),
        };
        let (ends, rest) = decode_ends(rest, identity.person_partitions)?;
        let (signed, _) = slot.split_at_checked(slot.len() - rest.len())?;
        let (digest, _) = take(rest)?;
        let whole = slot.starts_with(MAGIC) && chain::sha256(&[signed]) == Digest::from_bytes(digest);
        whole.then_some(Self { identity, sequence: u64::from_be_bytes(sequence), ends })
    }
}

fn decode_ends(mut rest: &[u8], person_partitions: u16) -> Option<(Vec<End>, &[u8])> {
    let mut ends = Vec::new();
    for _ in 0..=person_partitions {
        let (position, after) = take(rest)?;
        let (head, after) = take(after)?;
        ends.push((Position(u64::from_be_bytes(position)), Digest::from_bytes(head)));
        rest = after;
    }
    Some((ends, rest))
}

/// The format that a slot says it is in, whatever else it says.
fn format(slot: &[u8]) -> Option<u16> {
    let (format, _) = take(slot.strip_prefix(MAGIC)?)?;
    Some(u16::from_be_bytes(format))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::entry::Partition;

    const IDENTITY: Identity = Identity { incarnation: Incarnation::from_bytes([5; 16]), person_partitions: 200 };

    fn tails(position: u64) -> Vec<Tail> {
        let tail = |partition| Tail { position: Position(position), ..Tail::empty(partition) };
        Partition::all(IDENTITY.person_partitions).map(tail).collect()
    }

    /// A tail file that was written for positions 0, 1 and 2.
    fn written() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        let mut file = TailFile::create(&path, IDENTITY, &tails(0)).unwrap();
        file.write(ends(&tails(1))).unwrap();
        file.write(ends(&tails(2))).unwrap();
        (directory, path)
    }

    fn position(path: &Path) -> Option<u64> {
        TailFile::open(path).ok().map(|(_, acknowledged)| acknowledged.ends[7].0.0)
    }

    /// Catches a slot that is written where the newest one lies.
    #[test]
    fn a_torn_write_leaves_what_was_written_before() {
        let (_directory, path) = written();
        assert_eq!(position(&path), Some(2));
        let whole = fs::read(&path).unwrap();
        let (mut file, _) = TailFile::open(&path).unwrap();
        file.write(ends(&tails(3))).unwrap();
        let next = fs::read(&path).unwrap();
        let changed: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != next[*at]).collect();
        for torn in [changed[0] + 1, changed[changed.len() / 2], changed[changed.len() - 1]] {
            fs::write(&path, [&next[..torn], &whole[torn..]].concat()).unwrap();
            assert_eq!(position(&path), Some(2), "torn at {torn}");
        }
        fs::write(&path, next).unwrap();
        assert_eq!(position(&path), Some(3));
    }

    /// Catches ends that were noted and are never written because nothing follows them, or because something does.
    #[test]
    fn the_newest_ends_are_written_at_the_latest_when_the_ledger_closes() {
        let (_directory, path) = written();
        let writer = TailWriter::start(TailFile::open(&path).unwrap().0, &tails(2)).unwrap();
        (3..50).for_each(|number| writer.note(&tails(number)).unwrap());
        drop(writer);
        assert_eq!(position(&path), Some(49));
    }

    /// Catches a ledger that goes on after its tail file could not be written.
    #[test]
    fn a_write_that_failed_is_told() {
        let (_directory, path) = written();
        let (file, _) = TailFile::open(&path).unwrap();
        let read_only = TailFile { file: File::open(&path).unwrap(), ..file };
        let notes =
            Notes { noted: Mutex::new(Noted { ends: Some(ends(&tails(3))), ..Noted::default() }), ..Notes::default() };
        notes.write_to(read_only);
        let writer = TailWriter { notes: Arc::new(notes), thread: None };
        assert!(matches!(writer.note(&tails(4)), Err(StoreError::File(_))));
        assert!(matches!(writer.note(&tails(5)), Err(StoreError::Closed)));
        assert_eq!(position(&path), Some(2));
    }

    /// Catches a slot whose digest does not cover everything in it.
    #[test]
    fn a_flipped_bit_never_makes_another_tail() {
        let (_directory, path) = written();
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            // In the number of the format a newer program may have written one of the slots.
            let refused = (8..10).contains(&(at % (whole.len() / 2)));
            assert_eq!(matches!(position(&path), Some(1 | 2)), !refused, "byte {at}");
        }
    }

    /// Catches a program that reads what a newer one wrote as if it knew the format, or takes anything for a tail file.
    #[test]
    fn what_is_no_tail_file_of_this_format_is_refused() {
        let (_directory, path) = written();
        let mut bytes = fs::read(&path).unwrap();
        bytes[8..10].copy_from_slice(&(FORMAT + 1).to_be_bytes());
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(TailFile::open(&path), Err(OpenError::Newer { found: 3, known: FORMAT })));
        for other in [&b""[..], b"YIMATAIL", &[0; 9000]] {
            fs::write(&path, other).unwrap();
            assert!(matches!(TailFile::open(&path), Err(OpenError::TailFile(_))));
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(TailFile::open(&path), Err(OpenError::TailFile(_))));
    }
}

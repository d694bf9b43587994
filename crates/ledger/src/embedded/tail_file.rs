//! The tail file: what was acknowledged, kept beside the database so that a database that lost it is found out.
//!
//! The storage engine cuts its journal at the first damaged batch without a word. So each commit also writes the ends of
//! all partitions to this file, and is acknowledged only when both are synced. The two syncs run side by side, since one
//! after the other would halve the rate of commits on a slow disk. That is why a slot has two ends for each partition:
//! what is *certain*, all that was acknowledged before this commit, and what is *intended*, the end after it. A crash
//! between the two syncs leaves an intention without its commit, and the ledger starts; a ledger that lacks anything
//! certain does not. When no further commit is waiting, the intended ends are written once more, as certain.
//!
//! Two slots are written in turn, each with a digest. A torn write loses one slot. It began only when the commit of the
//! other slot had been acknowledged, so what that one intended is certain then.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use crate::{
    Identity,
    chain::{self, Digest},
    entry::{Incarnation, Position, Tail, take},
    error::{OpenError, StoreError},
};

/// The newest on-disk format that this program knows, and the one it writes.
pub(crate) const FORMAT: u16 = 1;

pub(super) const NAME: &str = "tail";

const MAGIC: &[u8; 8] = b"YIMATAIL";
/// Slots begin on different blocks of the disk.
const BLOCK: usize = 4096;

/// The file and the thread that syncs it.
#[derive(Debug)]
pub(super) struct TailWriter {
    /// Held from the order to its outcome.
    channel: Mutex<Channel>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Channel {
    /// `None` once the thread is to end.
    orders: Option<mpsc::Sender<Vec<End>>>,
    outcomes: mpsc::Receiver<io::Result<()>>,
}

impl TailWriter {
    /// Starts with a file in which the present ends are certain.
    pub(super) fn start(mut file: TailFile, tails: &[Tail]) -> io::Result<Self> {
        file.last = ends(tails);
        file.write(ends(tails))?;
        let (orders, received) = mpsc::channel();
        let (sent, outcomes) = mpsc::channel();
        let work = move || {
            for ends in received {
                if sent.send(file.write(ends)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("ledger-tail".into()).spawn(work)?;
        Ok(Self { channel: Mutex::new(Channel { orders: Some(orders), outcomes }), thread: Some(thread) })
    }

    /// Writes the ends after a commit while the commit runs; both are durable on return.
    pub(super) fn write_during(
        &self,
        tails: &[Tail],
        commit: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let channel = self.channel.lock().unwrap_or_else(PoisonError::into_inner);
        let ordered = channel.orders.as_ref().is_some_and(|orders| orders.send(ends(tails)).is_ok());
        let committed = commit();
        let written = if ordered { channel.outcomes.recv().ok() } else { None };
        committed?;
        Ok(written.ok_or(StoreError::Closed)??)
    }
}

impl Drop for TailWriter {
    fn drop(&mut self) {
        self.channel.get_mut().unwrap_or_else(PoisonError::into_inner).orders = None;
        if let Some(thread) = self.thread.take() {
            // The thread passes all errors on, and does nothing after the last order.
            drop(thread.join());
        }
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct TailFile {
    file: File,
    identity: Identity,
    sequence: u64,
    /// What the last write intended.
    last: Vec<End>,
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
        let mut file = Self { file: File::create_new(path)?, identity, sequence: 0, last: ends(tails) };
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
        let (slot, ends) = match (Slot::decode(first), Slot::decode(second)) {
            (Some(first), Some(second)) => {
                let newer = if first.sequence > second.sequence { first } else { second };
                let certain = newer.certain.clone();
                (newer, certain)
            }
            (Some(slot), None) | (None, Some(slot)) => {
                let intended = slot.intended.clone();
                (slot, intended)
            }
            (None, None) => return Err(damaged()),
        };
        let Slot { identity, sequence, intended, .. } = slot;
        Ok((Self { file, identity, sequence: sequence + 1, last: intended }, Acknowledged { identity, ends }))
    }

    /// Replaces the older slot, durable on return: what the last write intended is certain now.
    fn write(&mut self, intended: Vec<End>) -> io::Result<()> {
        let certain = std::mem::replace(&mut self.last, intended.clone());
        let slot = Slot { identity: self.identity, sequence: self.sequence, certain, intended }.encode();
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
    certain: Vec<End>,
    intended: Vec<End>,
}

impl Slot {
    fn encode(&self) -> Vec<u8> {
        let mut slot = Vec::with_capacity(BLOCK);
        slot.extend_from_slice(MAGIC);
        slot.extend_from_slice(&FORMAT.to_be_bytes());
        slot.extend_from_slice(self.identity.incarnation.bytes());
        slot.extend_from_slice(&self.identity.person_partitions.to_be_bytes());
        slot.extend_from_slice(&self.sequence.to_be_bytes());
        for (position, head) in self.certain.iter().chain(&self.intended) {
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
        let (certain, rest) = decode_ends(rest, identity.person_partitions)?;
        let (intended, rest) = decode_ends(rest, identity.person_partitions)?;
        let (signed, _) = slot.split_at_checked(slot.len() - rest.len())?;
        let (digest, _) = take(rest)?;
        let whole = slot.starts_with(MAGIC) && chain::sha256(&[signed]) == Digest::from_bytes(digest);
        whole.then_some(Self { identity, sequence: u64::from_be_bytes(sequence), certain, intended })
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

    /// Catches a slot that is written where the newest one lies, and an intention taken for certain or the other way round.
    #[test]
    fn a_torn_write_leaves_what_was_certain() {
        let (_directory, path) = written();
        assert_eq!(position(&path), Some(1), "2 is intended only");
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
        assert_eq!(position(&path), Some(2), "3 is intended only");
        let (mut file, _) = TailFile::open(&path).unwrap();
        file.write(ends(&tails(3))).unwrap();
        assert_eq!(position(&path), Some(3), "3 was written as certain");
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
        bytes[8..10].copy_from_slice(&2_u16.to_be_bytes());
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(TailFile::open(&path), Err(OpenError::Newer { found: 2, known: 1 })));
        for other in [&b""[..], b"YIMATAIL", &[0; 9000]] {
            fs::write(&path, other).unwrap();
            assert!(matches!(TailFile::open(&path), Err(OpenError::TailFile(_))));
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(TailFile::open(&path), Err(OpenError::TailFile(_))));
    }
}

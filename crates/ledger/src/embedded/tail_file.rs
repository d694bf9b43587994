//! The tail file: what was acknowledged, kept beside the database so that a database that lost it is found out.
//!
//! The storage engine cuts its journal at the first damaged batch without a word. So after each commit, and before
//! anybody is told that it is durable, the end of every partition is written to this file and synced. Two slots are
//! written in turn, each with a digest: a write that was torn loses one slot, and the other one is a commit older, which
//! was acknowledged too.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use crate::{
    Identity,
    chain::{self, Digest},
    entry::{Incarnation, Position, Tail, take},
    error::OpenError,
};

/// The newest on-disk format that this program knows, and the one it writes.
pub(crate) const FORMAT: u16 = 1;

pub(super) const NAME: &str = "tail";

const MAGIC: &[u8; 8] = b"YIMATAIL";
/// Slots begin on different blocks of the disk.
const BLOCK: usize = 4096;

/// The open file.
#[derive(Debug)]
pub(super) struct TailFile {
    file: File,
    identity: Identity,
    sequence: u64,
}

/// What the file says was acknowledged: the last position and head of each partition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) identity: Identity,
    pub(super) ends: Vec<(Position, Digest)>,
    sequence: u64,
}

impl TailFile {
    /// Makes the file with both slots the same.
    pub(super) fn create(path: &Path, identity: Identity, tails: &[Tail]) -> io::Result<()> {
        let mut file = Self { file: File::create_new(path)?, identity, sequence: 0 };
        file.write(tails)?;
        file.write(tails)?;
        file.file.sync_all()
    }

    /// Opens the file and reads the newer of its whole slots.
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
        let slots = [first, second].into_iter().filter_map(decode);
        let acknowledged = slots.max_by_key(|slot| slot.sequence).ok_or_else(damaged)?;
        let (identity, sequence) = (acknowledged.identity, acknowledged.sequence + 1);
        Ok((Self { file, identity, sequence }, acknowledged))
    }

    /// Replaces the older slot, durable on return.
    pub(super) fn write(&mut self, tails: &[Tail]) -> io::Result<()> {
        let slot = encode(self.identity, self.sequence, tails);
        let offset = if self.sequence.is_multiple_of(2) { 0 } else { slot.len() as u64 };
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.write_all(&slot)?;
        self.file.sync_data()?;
        self.sequence += 1;
        Ok(())
    }
}

fn encode(identity: Identity, sequence: u64, tails: &[Tail]) -> Vec<u8> {
    let mut slot = Vec::with_capacity(BLOCK);
    slot.extend_from_slice(MAGIC);
    slot.extend_from_slice(&FORMAT.to_be_bytes());
    slot.extend_from_slice(identity.incarnation.bytes());
    slot.extend_from_slice(&identity.person_partitions.to_be_bytes());
    slot.extend_from_slice(&sequence.to_be_bytes());
    for tail in tails {
        slot.extend_from_slice(&tail.position.0.to_be_bytes());
        slot.extend_from_slice(tail.head.bytes());
    }
    let digest = chain::sha256(&[&slot]);
    slot.extend_from_slice(digest.bytes());
    slot.resize(slot.len().next_multiple_of(BLOCK), 0);
    slot
}

/// The format that a slot says it is in, whatever else it says.
fn format(slot: &[u8]) -> Option<u16> {
    let (format, _) = take(slot.strip_prefix(MAGIC)?)?;
    Some(u16::from_be_bytes(format))
}

fn decode(slot: &[u8]) -> Option<Acknowledged> {
    let (_, rest) = take::<10>(slot)?;
    let (incarnation, rest) = take(rest)?;
    let (count, rest) = take(rest)?;
    let (sequence, mut rest) = take(rest)?;
    let identity =
        Identity { incarnation: Incarnation::from_bytes(incarnation), person_partitions: u16::from_be_bytes(count) };
    let mut ends = Vec::new();
    for _ in 0..=identity.person_partitions {
        let (position, after) = take(rest)?;
        let (head, after) = take(after)?;
        ends.push((Position(u64::from_be_bytes(position)), Digest::from_bytes(head)));
        rest = after;
    }
    let (signed, _) = slot.split_at_checked(slot.len() - rest.len())?;
    let (digest, _) = take(rest)?;
    let whole = chain::sha256(&[signed]) == Digest::from_bytes(digest);
    whole.then_some(Acknowledged { identity, ends, sequence: u64::from_be_bytes(sequence) })
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
        TailFile::create(&path, IDENTITY, &tails(0)).unwrap();
        let (mut file, _) = TailFile::open(&path).unwrap();
        file.write(&tails(1)).unwrap();
        file.write(&tails(2)).unwrap();
        (directory, path)
    }

    fn position(path: &Path) -> Option<u64> {
        TailFile::open(path).ok().map(|(_, acknowledged)| acknowledged.ends[7].0.0)
    }

    /// Catches a slot that is written where the newest one lies: a torn write would then lose what was acknowledged.
    #[test]
    fn a_torn_write_leaves_the_slot_before() {
        let (_directory, path) = written();
        assert_eq!(position(&path), Some(2));
        let whole = fs::read(&path).unwrap();
        let (mut file, _) = TailFile::open(&path).unwrap();
        file.write(&tails(3)).unwrap();
        let next = fs::read(&path).unwrap();
        let changed: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != next[*at]).collect();
        for torn in [changed[0], changed[0] + 1, changed[changed.len() / 2], changed[changed.len() - 1]] {
            fs::write(&path, [&next[..torn], &whole[torn..]].concat()).unwrap();
            assert_eq!(position(&path), Some(2), "torn at {torn}");
        }
        fs::write(&path, next).unwrap();
        assert_eq!(position(&path), Some(3));
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
            assert!(matches!(position(&path), Some(1 | 2)), "byte {at}");
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

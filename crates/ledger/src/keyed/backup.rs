//! Backups: one file with the entries, the fact ids and the vault, and a digest over all of it at its end.
//!
//! The tails are taken first and entries up to them are never changed but to be emptied, so a copy made while facts come
//! in is that of one moment. The vault is copied after, so it has whatever those entries need. The file holds no
//! acts: they are entries, and are found again when it is loaded.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write as _},
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};

use super::{
    log::{Walk, log_key},
    state::{act_row, decode_place, decode_tail, encode_tail, tail_row},
    sweep,
};
use crate::{
    Identity, Verified,
    chain::finish,
    embedded::{FORMAT, beside, sync_directory},
    entry::{Content, Entry, Incarnation, Partition, Position, Tail, take},
    error::{Corruption, LedgerError, OpenError, StoreError},
    store::{Store, Table, Write},
};

const MAGIC: &[u8; 8] = b"YIMA-BAK";
const END: u8 = 0;
const LOG: u8 = 1;
const ID: u8 = 2;
const VAULT: u8 = 3;
/// How many rows are read or written at a time.
const ROWS: usize = 1024;

/// Writes a backup up to these tails.
pub(super) fn write(store: &dyn Store, identity: Identity, tails: &[Tail], file: &Path) -> Result<Verified, OpenError> {
    if file.try_exists()? {
        return Err(OpenError::Occupied(file.into()));
    }
    let partial = beside(file, ".partial");
    let mut out = Output { file: BufWriter::new(create_private(&partial)?), context: Context::new(&SHA256) };
    out.put(&[MAGIC, &FORMAT.to_be_bytes()[..], identity.incarnation.bytes()])?;
    out.put(&[&identity.person_partitions.to_be_bytes()])?;
    tails.iter().try_for_each(|tail| out.put(&[&encode_tail(tail)]))?;
    let verified = write_log(store, identity, tails, &mut out)?;
    write_table(store, Table::Ids, &mut out, |out, key, value| {
        let place = decode_place(value)?;
        let kept = tails.get(place.partition.index()).is_some_and(|tail| place.position <= tail.position);
        if kept { out.row(ID, 0, key, value) } else { Ok(()) }
    })?;
    write_table(store, Table::Rows, &mut out, |out, key, value| out.row(VAULT, 0, key, value))?;
    out.put(&[&[END]])?;
    let digest = finish(out.context);
    out.file.write_all(digest.bytes())?;
    out.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&partial, file)?;
    sync_directory(file)?;
    Ok(verified)
}

/// Reads a backup to its end and says which ledger it is of.
pub(super) fn check(file: &Path) -> Result<Identity, OpenError> {
    read(file, &mut |_| Ok(()))
}

/// Loads a backup into an empty store; what its acts condemn is emptied when the ledger starts.
pub(super) fn load(store: &dyn Store, file: &Path) -> Result<(), OpenError> {
    let mut writes = vec![sweep::begun()];
    read(file, &mut |write| {
        if let (Table::Log(partition), Some(value)) = (write.table, &write.value) {
            let position = take(&write.key).map(|(position, _)| Position(u64::from_be_bytes(position)));
            let entry = position.and_then(|position| Entry::decode(position, value)).ok_or(StoreError::Row)?;
            if let Content::Act(recorded) = entry.content {
                writes.push(act_row(&recorded.act, crate::Place { partition, position: entry.position }));
            }
        }
        writes.push(write);
        if writes.len() >= ROWS { store.commit(std::mem::take(&mut writes), None) } else { Ok(()) }
    })?;
    Ok(store.commit(writes, None)?)
}

fn write_log(store: &dyn Store, identity: Identity, tails: &[Tail], out: &mut Output) -> Result<Verified, OpenError> {
    let mut verified = Verified { entries: 0, empty: 0 };
    for (partition, tail) in Partition::all(identity.person_partitions).zip(tails) {
        let mut walk = Walk::new(store, partition, tail.position);
        while let Some(entries) = walk.next_entries()? {
            for entry in entries {
                verified.entries += 1;
                verified.empty += u64::from(entry.content == Content::Empty);
                out.row(LOG, partition.number(), &log_key(entry.position), &entry.encode())?;
            }
        }
        if walk.head() != tail.head {
            let (position, what) = (tail.position, Corruption::End);
            return Err(LedgerError::Corrupt { partition, position, what }.into());
        }
    }
    Ok(verified)
}

fn write_table(
    store: &dyn Store,
    table: Table,
    out: &mut Output,
    mut write: impl FnMut(&mut Output, &[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut from = Vec::new();
    loop {
        let rows = store.scan(table, &from, ROWS)?;
        rows.iter().try_for_each(|(key, value)| write(out, key, value))?;
        match rows.into_iter().nth(ROWS - 1) {
            None => return Ok(()),
            Some((key, _)) => from = [&key[..], &[0]].concat(),
        }
    }
}

/// Reads a whole backup and hands over each row as a write; the rows are to be trusted only if it succeeds.
fn read(file: &Path, visit: &mut dyn FnMut(Write) -> Result<(), StoreError>) -> Result<Identity, OpenError> {
    let mut input = Input { file: BufReader::new(File::open(file)?), context: Context::new(&SHA256) };
    let damaged = || OpenError::Backup(file.into());
    let magic: [u8; 8] = input.array().map_err(|_| damaged())?;
    if &magic != MAGIC {
        return Err(damaged());
    }
    let found = u16::from_be_bytes(input.array().map_err(|_| damaged())?);
    if found > FORMAT {
        return Err(OpenError::Newer { found, known: FORMAT });
    }
    match read_rows(&mut input, visit) {
        Ok(Some(identity)) => Ok(identity),
        Ok(None) => Err(damaged()),
        Err(StoreError::File(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(damaged()),
        Err(error) => Err(error.into()),
    }
}

/// `None` if the bytes are no backup, or not the ones that were written.
fn read_rows(
    input: &mut Input,
    visit: &mut dyn FnMut(Write) -> Result<(), StoreError>,
) -> Result<Option<Identity>, StoreError> {
    let incarnation = Incarnation::from_bytes(input.array()?);
    let person_partitions = u16::from_be_bytes(input.array()?);
    for partition in Partition::all(person_partitions) {
        let Some(tail) = decode_tail(&input.array::<48>()?) else { return Ok(None) };
        visit(tail_row(partition, &tail))?;
    }
    loop {
        let [sort] = input.array()?;
        let table = match sort {
            END => break,
            LOG => match Partition::new(u16::from_be_bytes(input.array()?), person_partitions) {
                Some(partition) => Table::Log(partition),
                None => return Ok(None),
            },
            ID | VAULT => {
                let [_, _] = input.array()?;
                if sort == ID { Table::Ids } else { Table::Rows }
            }
            _ => return Ok(None),
        };
        let (key, value) = (input.bytes()?, input.bytes()?);
        visit(Write::put(table, key, value))?;
    }
    let digest = finish(input.context.clone());
    let whole = input.array()? == *digest.bytes() && input.file.read(&mut [0])? == 0;
    Ok(whole.then_some(Identity { incarnation, person_partitions }))
}

/// A new file that only its owner can read.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

struct Output {
    file: BufWriter<File>,
    context: Context,
}

impl Output {
    fn put(&mut self, parts: &[&[u8]]) -> Result<(), StoreError> {
        for part in parts {
            self.context.update(part);
            self.file.write_all(part)?;
        }
        Ok(())
    }

    fn row(&mut self, sort: u8, partition: u16, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map(u32::to_be_bytes).map_err(|_| StoreError::Row);
        self.put(&[&[sort], &partition.to_be_bytes(), &length(key)?, key, &length(value)?, value])
    }
}

struct Input {
    file: BufReader<File>,
    context: Context,
}

impl Input {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.context.update(&bytes);
        Ok(bytes)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        let length = u32::from_be_bytes(self.array()?);
        let mut bytes = Vec::new();
        // A damaged length allocates no more than the file has.
        let read = (&mut self.file).take(length.into()).read_to_end(&mut bytes)?;
        if u32::try_from(read) != Ok(length) {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.context.update(&bytes);
        Ok(bytes)
    }
}

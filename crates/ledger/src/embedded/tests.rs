//! What only a ledger on disk can get wrong: lost and damaged files, content that stays, backups.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use yima_model::Timestamp;

use super::*;
use crate::{
    Appended, KeyedLedger, Kind, Ledger, LedgerError, NewFact, RowTable, Sealed,
    conformance::{Backend, Embedded, Machine, PARTITIONS, append, fact, facts, global, partition, person, splitmix},
};

const NOWHERE: [PathBuf; 0] = [];
const KEYS: RowTable = RowTable::new("keys");

fn open_at(path: &Path) -> Result<KeyedLedger, OpenError> {
    KeyedLedger::open(path, Machine::default().host())
}

/// A closed ledger with facts 0 to `count`, each filed alone.
fn filed(count: u64) -> (tempfile::TempDir, PathBuf) {
    let backend = Embedded::start(&Machine::default());
    for number in 0..count {
        append(backend.ledger(), &[fact(number, number)]).unwrap();
    }
    backend.close()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// All files below a directory that hold these bytes.
fn holding(directory: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    let holds = |path: &PathBuf| fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes);
    let (directories, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
    let below = directories.iter().flat_map(|path| holding(path, bytes)).collect::<Vec<_>>();
    files.into_iter().filter(holds).chain(below).collect()
}

/// A fact whose body can be found on the disk.
fn marked(number: u64, about: u64, mark: &str) -> NewFact {
    NewFact { body: Sealed(mark.repeat(20).into_bytes()), ..fact(number, about) }
}

/// Catches a ledger that starts shorter than what was acknowledged, which the engine does without a word.
#[test]
fn a_flipped_bit_in_the_journal_never_gives_a_shorter_ledger() {
    let (directory, path) = filed(60);
    let mut files = fs::read_dir(path.join(DATABASE)).unwrap().map(|entry| entry.unwrap().path());
    let journal = files.find(|path| path.extension().is_some_and(|extension| extension == "jnl")).unwrap();
    let journal = journal.strip_prefix(&path).unwrap();
    let used = fs::read(path.join(journal)).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    let mut cut = 0;
    for round in 0..24 {
        let damaged = directory.path().join(round.to_string());
        copy(&path, &damaged);
        let mut bytes = fs::read(damaged.join(journal)).unwrap();
        let at = usize::try_from(splitmix(round)).unwrap() % used;
        bytes[at] ^= 1 << (round % 8);
        fs::write(damaged.join(journal), bytes).unwrap();
        match open_at(&damaged) {
            Ok(ledger) => assert_eq!((ledger.verify().unwrap().entries, facts(&ledger).len()), (60, 60), "byte {at}"),
            Err(error) => {
                cut += u8::from(matches!(error, OpenError::FactsMissing { .. }));
                assert!(open_at(&damaged).is_err(), "byte {at}: a second start must not do what the first refused");
            }
        }
        fs::remove_dir_all(&damaged).unwrap();
    }
    assert!(cut > 0, "no flip made the engine cut its journal");
}

/// Catches a database that was put back from an old copy and is taken for the ledger.
#[test]
fn a_ledger_behind_its_tail_file_is_refused() {
    let (directory, path) = filed(5);
    let old = directory.path().join("old");
    copy(&path, &old);
    let ledger = open_at(&path).unwrap();
    append(&ledger, &[fact(5, 5)]).unwrap();
    drop(ledger);
    fs::copy(path.join(tail_file::NAME), old.join(tail_file::NAME)).unwrap();
    let error = open_at(&old).unwrap_err();
    assert!(matches!(error, OpenError::FactsMissing { .. }));
    assert!(error.to_string().starts_with("acknowledged facts are missing"), "{error}");
}

/// Catches a ledger that went another way after an old copy was put back, and then grew past what was acknowledged.
#[test]
fn a_ledger_on_another_chain_is_refused() {
    let (directory, path) = filed(5);
    let other = directory.path().join("other");
    copy(&path, &other);
    for (path, number) in [(&path, 5), (&other, 6), (&other, 7)] {
        append(&open_at(path).unwrap(), &[global(number)]).unwrap();
    }
    fs::copy(path.join(tail_file::NAME), other.join(tail_file::NAME)).unwrap();
    assert!(matches!(open_at(&other), Err(OpenError::OtherChain { .. })));
}

/// Catches a start that fails, or drops facts, when the process died between the journal and the tail file.
#[test]
fn a_commit_that_was_not_acknowledged_is_kept() {
    let (directory, path) = filed(5);
    let tail = directory.path().join("tail");
    fs::copy(path.join(tail_file::NAME), &tail).unwrap();
    append(&open_at(&path).unwrap(), &[fact(5, 5), fact(6, 6)]).unwrap();
    fs::copy(&tail, path.join(tail_file::NAME)).unwrap();
    let ledger = open_at(&path).unwrap();
    assert_eq!(ledger.verify().unwrap().entries, 7);
    assert!(matches!(append(&ledger, &[fact(6, 6)]).unwrap()[..], [Appended::Already(_)]));
}

/// Catches a missing, foreign or newer tail file that is made anew, and a newer ledger that is touched before it is refused.
#[test]
fn without_the_right_tail_file_nothing_starts() {
    let (directory, path) = filed(1);
    let tail = path.join(tail_file::NAME);
    let right = fs::read(&tail).unwrap();
    let mut newer = right.clone();
    for slot in [0, right.len() / 2] {
        newer[slot + 8..slot + 10].copy_from_slice(&(FORMAT + 1).to_be_bytes());
    }
    let (_other, foreign) = filed(1);
    fs::remove_file(&tail).unwrap();
    assert!(matches!(open_at(&path), Err(OpenError::TailFile(_))));
    fs::write(&tail, newer).unwrap();
    let error = open_at(&path).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 3, known: FORMAT }));
    assert!(error.to_string().contains("use the newer program"));
    let machine = Machine::default();
    machine.host().random.as_ref()(&mut [0; 5]);
    let another = directory.path().join("another");
    drop(KeyedLedger::create(&another, PARTITIONS, machine.host()).unwrap());
    fs::copy(another.join(tail_file::NAME), &tail).unwrap();
    assert!(matches!(open_at(&path), Err(OpenError::OtherLedger)));
    fs::copy(foreign.join(tail_file::NAME), &tail).unwrap();
    fs::write(&tail, right).unwrap();
    open_at(&path).unwrap();
}

/// Catches two processes that write one ledger, and a ledger made over something else.
#[test]
fn a_directory_is_one_ledger_of_one_process() {
    let machine = Machine::default();
    let backend = Embedded::start(&machine);
    assert!(matches!(open_at(&backend.path()), Err(OpenError::Locked(_))));
    let create = |path: &Path, count| KeyedLedger::create(path, count, machine.host());
    assert!(matches!(create(&backend.path(), 4), Err(OpenError::Occupied(_))));
    let (directory, path) = backend.close();
    open_at(&path).unwrap();
    assert!(matches!(open_at(directory.path()), Err(OpenError::NoLedger(_))));
    assert!(matches!(open_at(&directory.path().join("absent")), Err(OpenError::NoLedger(_))));
    for count in [0, KeyedLedger::PERSON_PARTITIONS_MAX + 1] {
        assert!(matches!(create(&directory.path().join("new"), count), Err(OpenError::Partitions(_))));
    }
    fs::create_dir(directory.path().join("empty")).unwrap();
    create(&directory.path().join("empty"), 1).unwrap();
}

/// Catches a ledger that stays locked after it was closed, because a process started meanwhile shares the file.
#[test]
fn a_closed_ledger_is_free_whoever_shares_the_lock() {
    let directory = tempfile::tempdir().unwrap();
    let held = DirectoryLock::take(directory.path()).unwrap();
    let shared = held.0.try_clone().unwrap();
    assert!(matches!(DirectoryLock::take(directory.path()), Err(OpenError::Locked(_))));
    drop(held);
    DirectoryLock::take(directory.path()).map(drop).unwrap();
    drop(shared);
}

/// Catches a half-made ledger of a killed process that stands in the way of the next try, or is taken for whole.
#[test]
fn a_ledger_that_was_half_made_is_made_again() {
    let (directory, path) = filed(3);
    let new = directory.path().join("new");
    fs::rename(&path, beside(&new, ".unfinished")).unwrap();
    assert!(matches!(open_at(&new), Err(OpenError::NoLedger(_))));
    let ledger = KeyedLedger::create(&new, 2, Machine::default().host()).unwrap();
    assert_eq!((ledger.verify().unwrap().entries, ledger.identity().person_partitions), (0, 2));
}

/// Catches content that the journal, an old table or the vault still holds when the command has returned.
#[test]
fn what_is_erased_is_gone_from_the_disk() {
    let machine = Machine::default();
    let backend = Embedded::start(&machine);
    let (ledger, path) = (backend.ledger(), backend.path());
    for number in 0..10 {
        append(ledger, &[marked(number, 1, "of the erased"), marked(100 + number, 2, "of another")]).unwrap();
    }
    let old = NewFact { kind: Kind(2), until: Timestamp::from_millis(5), ..marked(200, 2, "of the expired") };
    append(ledger, &[old]).unwrap();
    ledger.put_row(KEYS, b"1", b"key of the erased").unwrap();
    ledger.put_row(KEYS, b"2", b"key before rotation").unwrap();
    // All of it has left the journal for tables; what follows is in the journal.
    backend.keyed().store().shred(&[]).unwrap();
    ledger.put_row(KEYS, b"2", b"key after rotation").unwrap();
    append(ledger, &[marked(50, 1, "of the erased")]).unwrap();
    for there in ["of the erased", "of the expired", "key of the erased", "key before rotation"] {
        assert!(!holding(&path, there.as_bytes()).is_empty(), "{there}");
    }

    ledger.delete_row(KEYS, b"1").unwrap();
    ledger.erase(&[person(1)]).unwrap();
    for gone in ["of the erased", "key of the erased", "key before rotation"] {
        assert_eq!(holding(&path, gone.as_bytes()), NOWHERE, "{gone}");
    }
    ledger.horizon(&[Kind(2)], Timestamp::from_millis(6)).unwrap();
    ledger.expire(&[Kind(2)], Timestamp::from_millis(6)).unwrap();
    assert_eq!(holding(&path, b"of the expired"), NOWHERE);
    for there in ["of another", "key after rotation"] {
        assert!(!holding(&path, there.as_bytes()).is_empty(), "{there}");
    }
    let backend = backend.restart();
    assert_eq!(backend.ledger().verify().unwrap().empty, 12);
    assert_eq!(facts(backend.ledger()).len(), 10);
}

/// Catches an erasure that gives up, or leaves content, because facts are filed and read meanwhile.
#[test]
fn erasing_under_load_ends_and_erases() {
    let backend = Embedded::start(&Machine::default());
    let ledger = backend.ledger();
    append(ledger, &[marked(0, 1, "of the erased")]).unwrap();
    let (done, partition) = (AtomicBool::new(false), partition(&fact(0, 1)));
    thread::scope(|scope| {
        let load = || {
            for number in 1.. {
                append(ledger, &[fact(number, 2 + number % 50)]).unwrap();
                ledger.read(partition, crate::Position(number.saturating_sub(50)), 50).unwrap();
                if done.load(Ordering::SeqCst) {
                    return number;
                }
            }
            0
        };
        let load = scope.spawn(load);
        let erased = ledger.erase(&[person(1)]);
        let left = holding(&backend.path(), b"of the erased");
        done.store(true, Ordering::SeqCst);
        let filed = load.join().unwrap();
        assert!(erased.is_ok(), "{erased:?}");
        assert_eq!(left, NOWHERE);
        assert_eq!(ledger.verify().unwrap().entries, filed + 2);
    });
}

/// Catches a backup that is of no one moment, loses what came before, or keeps the name of the ledger it was taken from.
#[test]
fn a_backup_under_load_restores_one_moment() {
    let backend = Embedded::start(&Machine::default());
    let ledger = backend.ledger();
    append(ledger, &(0..200).map(|n| fact(n, n % 9)).collect::<Vec<_>>()).unwrap();
    ledger.put_row(KEYS, b"1", b"one").unwrap();
    ledger.horizon(&[Kind(1)], Timestamp::from_millis(7)).unwrap();
    ledger.erase(&[person(8)]).unwrap();
    let file = backend.path().with_file_name("backup");
    let before = facts(ledger);
    thread::scope(|scope| {
        let load = scope.spawn(|| (200..260).for_each(|n| drop(append(ledger, &[fact(n, n % 8)]).unwrap())));
        backend.keyed().backup(&file).unwrap();
        load.join().unwrap();
    });
    assert!(matches!(backend.keyed().backup(&file), Err(OpenError::Occupied(_))));

    let path = backend.path().with_file_name("restored");
    let machine = Machine::default();
    machine.host().random.as_ref()(&mut [0; 5]);
    let restored = KeyedLedger::restore(&file, &path, &[], machine.host()).unwrap();
    restored.verify().unwrap();
    let now = facts(&restored);
    assert!(before.iter().all(|fact| now.contains(fact)));
    assert!(now.iter().all(|fact| facts(ledger).contains(fact)));
    assert_ne!(restored.identity().incarnation, ledger.identity().incarnation);
    assert_eq!(restored.erased().unwrap(), [person(8)]);
    assert_eq!(restored.row(KEYS, b"1").unwrap().as_deref(), Some(&b"one"[..]));
    let repeated = append(&restored, &[fact(3, 3), fact(8, 8)]).unwrap();
    assert!(matches!(repeated[..], [Appended::Already(_), Appended::Emptied(_)]));
    let old = NewFact { until: Timestamp::from_millis(6), ..fact(999, 1) };
    assert!(matches!(append(&restored, &[old]), Err(LedgerError::BehindHorizon { .. })));
    for number in 200..260 {
        append(&restored, &[fact(number, number % 8)]).unwrap();
    }
    assert_eq!(facts(&restored).len(), facts(ledger).len());
    restored.wait(&[], Duration::ZERO).unwrap();
}

/// Catches a restore that serves, or leaves on the disk, somebody who was erased after the backup was taken.
#[test]
fn a_restore_erases_who_was_erased_since() {
    let backend = Embedded::start(&Machine::default());
    append(backend.ledger(), &[marked(1, 1, "of the erased"), marked(2, 2, "of another")]).unwrap();
    let file = backend.path().with_file_name("backup");
    backend.keyed().backup(&file).unwrap();
    backend.ledger().erase(&[person(1)]).unwrap();
    let list = backend.ledger().erased().unwrap();
    let path = backend.path().with_file_name("restored");
    let restored = KeyedLedger::restore(&file, &path, &list, Machine::default().host()).unwrap();
    assert_eq!(facts(&restored).len(), 1);
    assert_eq!(holding(&path, b"of the erased"), NOWHERE);
    assert!(!holding(&path, b"of another").is_empty());
    assert!(matches!(append(&restored, &[fact(1, 1)]).unwrap()[..], [Appended::Emptied(_)]));
}

/// Catches a damaged or truncated backup that is restored in part.
#[test]
fn a_damaged_backup_is_refused() {
    let backend = Embedded::start(&Machine::default());
    append(backend.ledger(), &(0..5).map(|n| fact(n, n)).collect::<Vec<_>>()).unwrap();
    backend.ledger().put_row(KEYS, b"1", b"one").unwrap();
    let file = backend.path().with_file_name("backup");
    backend.keyed().backup(&file).unwrap();
    let whole = fs::read(&file).unwrap();
    let path = backend.path().with_file_name("restored");
    let mut bad: Vec<Vec<u8>> = vec![Vec::new(), [&whole[..], &[0]].concat()];
    bad.extend((0..whole.len()).step_by(31).map(|at| whole[..at].to_vec()));
    bad.extend((0..whole.len()).step_by(7).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        bytes
    }));
    for bytes in bad {
        fs::write(&file, &bytes).unwrap();
        let refused = KeyedLedger::restore(&file, &path, &[], Machine::default().host());
        let newer = bytes.get(8..10).is_some_and(|format| format > &FORMAT.to_be_bytes()[..]);
        match refused {
            Err(OpenError::Newer { .. }) => assert!(newer),
            Err(OpenError::Backup(_)) => assert!(!newer),
            other => panic!("{other:?}"),
        }
        assert!(!path.exists());
    }
}

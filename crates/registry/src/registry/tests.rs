//! The registry: rebuilt to equal bytes, right after a crash at any point, off the ledger's chain rebuilt with an alarm.

use std::thread;

use yima_ledger::{Host, KeyedLedger, Kind as LedgerKind, NewFact};
use yima_model::fact::{CaseClass, SourceKind, Symptoms};
use yima_model::{Content as Said, Kind};

use super::*;
use crate::cases::statements::check_in;
use crate::testing::{DAY, MINUTE, World, at, during};

/// Twelve persons with facts of several kinds, one erased, one horizon in the middle.
fn busy(world: &World) -> Vec<PersonId> {
    let persons: Vec<PersonId> = (0..12).map(|number| world.resident(number)).collect();
    for round in 0..4 {
        for person in &persons {
            check_in(&world.registry, &world.own_call(), *person, Symptoms::NONE).unwrap();
            world.pass(MINUTE);
        }
        let case = Said::Case { class: CaseClass::Suspected };
        world.files(SourceKind::Hospital, "first", during(persons[round], world.now(), 1, case));
        world.pass(DAY);
    }
    world.ledger.erase(&persons[11..]).unwrap();
    let behind = world.now().plus_millis(-2 * DAY);
    world.ledger.horizon(&[LedgerKind(codec::kind_number(Kind::CheckIn).into())], behind).unwrap();
    world.ledger.horizon(&[LedgerKind(codec::kind_number(Kind::Case).into())], behind).unwrap();
    check_in(&world.registry, &world.own_call(), persons[0], Symptoms::NONE).unwrap();
    persons
}

fn rebuilt(world: &World) -> Registry {
    let registry = Registry::in_memory(world.ledger.clone(), world.vault.clone()).unwrap();
    registry.follow(world.now()).unwrap();
    registry
}

#[test]
fn a_registry_thrown_away_is_rebuilt_to_equal_bytes() {
    let world = World::new();
    let persons = busy(&world);
    assert_eq!(rebuilt(&world).rows(), world.registry.rows());
    assert_eq!(world.registry.record(persons[11]).unwrap(), [], "erased");
    assert_eq!(world.facts(persons[5], Kind::CheckIn).len(), 1, "three lie behind the horizon");
    assert_eq!(world.facts(persons[0], Kind::Case).len(), 0, "it ended before the horizon");
    assert_eq!(world.facts(persons[3], Kind::Case).len(), 1, "it ended after the horizon");
    world
        .ledger
        .expire(&[LedgerKind(codec::kind_number(Kind::CheckIn).into())], world.now().plus_millis(-2 * DAY))
        .unwrap();
    world.registry.follow(world.now()).unwrap();
    assert_eq!(rebuilt(&world).rows(), world.registry.rows(), "what has expired was forgotten before");
}

#[test]
fn equal_positions_give_equal_bytes_whatever_the_interleaving() {
    let world = World::new();
    busy(&world);
    // One registry follows entry by entry, partitions from the last to the first; the other in pages, in order.
    let other = Registry::in_memory(world.ledger.clone(), world.vault.clone()).unwrap();
    let partitions: Vec<Partition> = Partition::all(4).collect();
    let tails = world.ledger.tails().unwrap();
    for (partition, tail) in partitions.iter().zip(&tails).rev() {
        while other.end(*partition) < tail.position {
            let entries = world.ledger.read(*partition, other.end(*partition), 1).unwrap();
            other.apply(*partition, &entries).unwrap();
        }
    }
    assert_eq!(other.rows(), rebuilt(&world).rows());
}

#[test]
fn a_registry_on_disk_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on_disk(directory.path());
    let persons = busy(&world);
    let expected = rebuilt(&world);
    let World { ledger, vault, registry, .. } = world;
    drop(registry);
    let (again, alarm) = Registry::open(&directory.path().join("registry"), ledger, vault).unwrap();
    assert_eq!(alarm, None);
    assert_eq!(again.follow(Timestamp::FOREVER).unwrap().entries, 0);
    assert_eq!(again.rows(), expected.rows());
    assert_eq!(again.globals(), expected.globals());
    assert_eq!(again.positions(), expected.positions());
    assert_eq!(again.record(persons[3]).unwrap(), expected.record(persons[3]).unwrap());
}

/// A store whose commits fail from a certain one on, as if the process had died there.
#[derive(Debug)]
struct Dying {
    store: Arc<MemoryStore>,
    left: Mutex<usize>,
}

impl Store for Dying {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.get(key)
    }

    fn scan(&self, prefix: &[u8], from: &[u8], max: usize) -> Result<Vec<crate::store::Row>, StorageError> {
        self.store.scan(prefix, from, max)
    }

    fn commit(&self, writes: Writes) -> Result<(), StorageError> {
        let mut left = lock(&self.left);
        *left = left.checked_sub(1).ok_or_else(|| StorageError::from(fjall::Error::Poisoned))?;
        self.store.commit(writes)
    }
}

#[test]
fn a_crash_at_any_commit_loses_nothing_and_applies_nothing_twice() {
    let world = World::new();
    busy(&world);
    let expected = rebuilt(&world).rows();
    for crash_at in 0..12 {
        let store = Arc::new(MemoryStore::default());
        let mut left = crash_at;
        let finished = loop {
            let dying = Dying { store: Arc::clone(&store), left: Mutex::new(left) };
            left = usize::MAX;
            let Ok((registry, alarm)) = Registry::over(Box::new(dying), world.ledger.clone(), world.vault.clone())
            else {
                continue;
            };
            assert_eq!(alarm, None);
            if registry.follow(world.now()).is_ok() {
                break registry;
            }
        };
        assert_eq!(finished.rows(), expected, "crash at commit {crash_at}");
    }
}

/// A ledger in a directory of its own, with so many check-ins of one person.
fn ledger_of(directory: &Path, count: u8) -> (Arc<KeyedLedger>, Vault) {
    let random = crate::vault::tests::counting();
    let host = Host { clock: Arc::new(|| Timestamp::from_millis(9)), random: random.clone() };
    let ledger = Arc::new(KeyedLedger::create(directory, 1, host).unwrap());
    let vault = Vault::new(ledger.clone(), crate::vault::Keyring::generate(&random), random);
    add(&*ledger, &vault, 0, count);
    (ledger, vault)
}

fn add(ledger: &dyn Ledger, vault: &Vault, from: u8, until: u8) {
    let person = vault.claim_document(&crate::testing::document(1)).unwrap().person();
    for number in from..until {
        let report = at(person, Timestamp::from_millis(i64::from(number)), Said::CheckIn { symptoms: Symptoms::NONE });
        let filing = yima_model::Filing {
            id: FactId::from_bytes([number; 16]),
            subject: report.subject,
            source: crate::testing::source(SourceKind::Resident, "self"),
            occurred: report.occurred,
            cause: None,
            replaces: None,
            content: report.content,
        };
        let body = vault.seal_filing(&filing).unwrap();
        let (id, subject, kind, until) = (filing.id, filing.subject, LedgerKind(7), Timestamp::FOREVER);
        ledger.append(vec![NewFact { id, subject, kind, until, body }]).wait().unwrap();
    }
}

#[test]
fn a_registry_that_is_not_on_the_ledgers_chain_is_rebuilt_with_an_alarm() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    let random = crate::vault::tests::counting();
    random(&mut [0; 999]); // so that the restored ledger has other random bytes than the first one
    let host = Host { clock: Arc::new(|| Timestamp::from_millis(9)), random };
    let (ledger, vault) = ledger_of(&place("one"), 3);
    ledger.backup(&place("backup")).unwrap();
    add(&*ledger, &vault, 3, 5);
    let open = |ledger: Arc<KeyedLedger>, vault: &Vault| {
        let (registry, alarm) = Registry::open(&place("registry"), ledger, vault.clone()).unwrap();
        registry.follow(Timestamp::from_millis(9)).unwrap();
        (registry.positions()[1].0, alarm)
    };
    assert_eq!(open(ledger.clone(), &vault), (5, None));
    assert_eq!(open(ledger, &vault), (5, None));

    let restored = Arc::new(KeyedLedger::restore(&place("backup"), &place("two"), &[], host).unwrap());
    let same_keys = Vault::new(restored.clone(), vault.keyring().clone(), crate::vault::tests::counting());
    assert_eq!(open(restored.clone(), &same_keys), (3, Some(Rebuilt::OtherLedger)));
    assert_eq!(open(restored, &same_keys), (3, None));
}

#[test]
fn a_ledger_that_lost_entries_under_the_same_name_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let (ledger, vault) = ledger_of(&directory.path().join("ledger"), 3);
    let store = Arc::new(MemoryStore::default());
    let keep = |store: &Arc<MemoryStore>| Box::new(Dying { store: Arc::clone(store), left: Mutex::new(usize::MAX) });
    let (registry, _) = Registry::over(keep(&store), ledger.clone(), vault.clone()).unwrap();
    registry.follow(Timestamp::from_millis(9)).unwrap();
    let partition = Partition::new(1, 1).unwrap();
    for end in [
        End { position: Position(4), head: Some(Digest::from_bytes([1; 32])) },
        End { position: Position(3), head: Some(Digest::from_bytes([1; 32])) },
    ] {
        store.commit(Writes::from([(end_key(partition), Some(end.encode()))])).unwrap();
        let (registry, alarm) = Registry::over(keep(&store), ledger.clone(), vault.clone()).unwrap();
        assert_eq!(alarm, Some(Rebuilt::OffChain(partition)));
        registry.follow(Timestamp::from_millis(9)).unwrap();
    }
    store.commit(Writes::from([(IDENTITY.to_vec(), Some(vec![FORM + 1]))])).unwrap();
    let (_, alarm) = Registry::over(keep(&store), ledger, vault).unwrap();
    assert_eq!(alarm, Some(Rebuilt::OtherForm));
}

#[test]
fn a_read_waits_for_the_position_that_it_must_see() {
    let world = World::new();
    let place = |position| Place { partition: Partition::GLOBAL, position: Position(position) };
    assert!(world.registry.wait(place(1), Duration::ZERO), "the pack");
    assert!(!world.registry.wait(place(99), Duration::ZERO));
    let next = world.registry.positions()[0].next();
    let waiting = thread::scope(|scope| {
        let waiter = scope.spawn(|| world.registry.wait(place(next.0), Duration::from_secs(60)));
        world.ledger.horizon(&[LedgerKind(1)], world.now()).unwrap();
        world.registry.follow(world.now()).unwrap();
        waiter.join().unwrap()
    });
    assert!(waiting);
}

#[test]
fn who_was_erased_is_in_no_row() {
    let world = World::new();
    let persons = busy(&world);
    let gone = persons[11].bytes();
    let holds = |bytes: &[u8]| bytes.windows(16).any(|window| window == gone);
    assert!(!world.registry.rows().iter().any(|(key, value)| holds(key) || holds(value)));
}

//! The contracts of [`Ledger`] as tests, run against every backend; each says which mistake it would catch.

use std::{
    fmt::Debug,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use yima_model::{FactId, PersonId, Subject, Timestamp};

use crate::{
    Appended, Content, Entry, Fact, Host, KeyedLedger, Kind, Ledger, LedgerError, NewFact, Partition, Place, Position,
    Sealed,
    keyed::log_key,
    store::{Store, Table, Write},
};

mod append;
mod erase;
mod model;
mod read;
mod rows;

/// How many partitions for persons the ledgers of the suite have.
pub(crate) const PARTITIONS: u16 = 4;

/// What a backend must offer to be tested.
pub(crate) trait Backend: Sized {
    /// A new, empty ledger.
    fn start(machine: &Machine) -> Self;

    /// The ledger.
    fn ledger(&self) -> &dyn Ledger;

    /// Closes the ledger and opens it again.
    fn restart(self) -> Self;

    /// The stored bytes of an entry.
    fn stored(&self, place: Place) -> Vec<u8>;

    /// Replaces the stored bytes of an entry behind the ledger's back, or removes them.
    fn damage(&self, place: Place, bytes: Option<Vec<u8>>);
}

/// The keyed ledger over a store in memory, which outlives it.
pub(crate) struct InMemory {
    store: Arc<dyn Store>,
    ledger: KeyedLedger,
    machine: Machine,
}

impl Backend for InMemory {
    fn start(machine: &Machine) -> Self {
        let ledger = KeyedLedger::in_memory(PARTITIONS, machine.host()).unwrap();
        Self { store: ledger.store(), ledger, machine: machine.clone() }
    }

    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    fn restart(self) -> Self {
        let Self { store, ledger, machine } = self;
        drop(ledger);
        Self { ledger: KeyedLedger::start(Arc::clone(&store), machine.host()).unwrap(), store, machine }
    }

    fn stored(&self, place: Place) -> Vec<u8> {
        stored(&*self.store, place)
    }

    fn damage(&self, place: Place, bytes: Option<Vec<u8>>) {
        damage(&*self.store, place, bytes);
    }
}

/// The keyed ledger on disk.
pub(crate) struct Embedded {
    ledger: KeyedLedger,
    machine: Machine,
    directory: tempfile::TempDir,
}

impl Embedded {
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("ledger")
    }

    pub(crate) fn keyed(&self) -> &KeyedLedger {
        &self.ledger
    }

    /// Closes the ledger and leaves the directory.
    pub(crate) fn close(self) -> (tempfile::TempDir, PathBuf) {
        let path = self.path();
        drop(self.ledger);
        (self.directory, path)
    }
}

impl Backend for Embedded {
    fn start(machine: &Machine) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ledger = KeyedLedger::create(&directory.path().join("ledger"), PARTITIONS, machine.host()).unwrap();
        Self { ledger, machine: machine.clone(), directory }
    }

    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    fn restart(self) -> Self {
        let path = self.path();
        let Self { ledger, machine, directory } = self;
        drop(ledger);
        Self { ledger: KeyedLedger::open(&path, machine.host()).unwrap(), machine, directory }
    }

    fn stored(&self, place: Place) -> Vec<u8> {
        stored(&*self.ledger.store(), place)
    }

    fn damage(&self, place: Place, bytes: Option<Vec<u8>>) {
        damage(&*self.ledger.store(), place, bytes);
    }
}

fn stored(store: &dyn Store, place: Place) -> Vec<u8> {
    store.get(Table::Log(place.partition), &log_key(place.position)).unwrap().unwrap()
}

fn damage(store: &dyn Store, place: Place, value: Option<Vec<u8>>) {
    let (table, key) = (Table::Log(place.partition), log_key(place.position).into());
    let value = value.map(Into::into);
    store.commit(vec![Write { table, key, value }], None).unwrap();
}

/// The clock and the random bytes of a test: both are the same in every run, and the clock can be held.
#[derive(Clone, Default)]
pub(crate) struct Machine(Arc<Parts>);

#[derive(Default)]
struct Parts {
    now: AtomicI64,
    random: AtomicU64,
    gate: Mutex<Gate>,
    moved: Condvar,
}

#[derive(Default)]
struct Gate {
    held: bool,
    /// How often the clock was asked, which is once for each commit.
    asked: u64,
}

impl Machine {
    pub(crate) fn host(&self) -> Host {
        let (clock, random) = (Arc::clone(&self.0), Arc::clone(&self.0));
        Host { clock: Arc::new(move || clock.read_clock()), random: Arc::new(move |bytes| random.fill(bytes)) }
    }

    pub(crate) fn set_now(&self, millis: i64) {
        self.0.now.store(millis, Ordering::SeqCst);
    }

    /// Stops the next commit where it reads the clock, until [`Machine::release`].
    fn hold(&self) {
        self.0.gate.lock().unwrap().held = true;
    }

    /// Waits until so many commits have begun.
    fn until_asked(&self, times: u64) {
        drop(self.0.moved.wait_while(self.0.gate.lock().unwrap(), |gate| gate.asked < times).unwrap());
    }

    fn release(&self) {
        self.0.gate.lock().unwrap().held = false;
        self.0.moved.notify_all();
    }

    fn asked(&self) -> u64 {
        self.0.gate.lock().unwrap().asked
    }
}

impl Parts {
    fn read_clock(&self) -> Timestamp {
        let mut gate = self.gate.lock().unwrap();
        gate.asked += 1;
        self.moved.notify_all();
        drop(self.moved.wait_while(gate, |gate| gate.held).unwrap());
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = splitmix(self.random.fetch_add(1, Ordering::SeqCst)).to_le_bytes()[0];
        }
    }
}

/// The mixing step of SplitMix64: well spread bits from a counter.
pub(crate) fn splitmix(counter: u64) -> u64 {
    let mixed = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

pub(crate) fn id(number: u64) -> FactId {
    FactId::from_bytes((u128::from(splitmix(number)) << 64 | u128::from(number)).to_be_bytes())
}

pub(crate) fn person(number: u64) -> PersonId {
    PersonId::from_bytes((u128::from(splitmix(!number)) << 64 | u128::from(number)).to_be_bytes())
}

/// A fact about a person; its content follows from its number.
pub(crate) fn fact(number: u64, about: u64) -> NewFact {
    let body = Sealed(format!("content of {number}").into_bytes());
    let subject = Subject::Person(person(about));
    NewFact { id: id(number), subject, kind: Kind(1), until: Timestamp::FOREVER, body }
}

/// A fact about everybody.
pub(crate) fn global(number: u64) -> NewFact {
    NewFact { subject: Subject::Global, ..fact(number, 0) }
}

pub(crate) fn partition(fact: &NewFact) -> Partition {
    Partition::of(fact.subject, PARTITIONS)
}

pub(crate) fn append(ledger: &dyn Ledger, facts: &[NewFact]) -> Result<Vec<Appended>, LedgerError> {
    ledger.append(facts.to_vec()).wait()
}

/// Everything in a partition.
pub(crate) fn all(ledger: &dyn Ledger, partition: Partition) -> Vec<Entry> {
    ledger.read(partition, Position::START, usize::MAX).unwrap()
}

/// Every fact of the ledger that is not empty.
pub(crate) fn facts(ledger: &dyn Ledger) -> Vec<Fact> {
    let content = |entry: Entry| match entry.content {
        Content::Fact(fact) => Some(fact),
        _ => None,
    };
    Partition::all(PARTITIONS).flat_map(|partition| all(ledger, partition)).filter_map(content).collect()
}

fn filed(ledger: &dyn Ledger) -> Vec<NewFact> {
    facts(ledger).into_iter().map(|fact| fact.filed).collect()
}

fn count(ledger: &dyn Ledger) -> u64 {
    ledger.tails().unwrap().iter().map(|tail| tail.position.0).sum()
}

/// Asserts that something was refused as it should be.
macro_rules! refused {
    ($outcome:expr, $error:pat $(if $guard:expr)?) => {{
        let outcome = $outcome;
        assert!(matches!(&outcome, Err($error) $(if $guard)?), "{outcome:?}");
    }};
}
use refused;

fn assert_same<T: PartialEq + Debug>(mut left: Vec<T>, mut right: Vec<T>, key: impl Fn(&T) -> FactId) {
    left.sort_by_key(&key);
    right.sort_by_key(&key);
    assert_eq!(left, right);
}

macro_rules! suite {
    ($($file:ident: $($test:ident)*;)*) => {
        suite!(memory InMemory: $($($file $test)*)*);
        suite!(embedded Embedded: $($($file $test)*)*);
    };
    ($name:ident $backend:ident: $($file:ident $test:ident)*) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    super::$file::$test::<super::$backend>(&super::Machine::default());
                }
            )*
        }
    };
}

suite! {
    append:
        positions_are_dense_in_each_partition
        a_repetition_gives_the_first_position
        duplicates_within_a_call_are_one_fact
        another_content_is_a_conflict
        one_refused_fact_refuses_its_call_alone
        concurrent_repetitions_are_one_fact
        facts_filed_together_share_a_commit
        nothing_is_seen_before_it_is_durable
        recorded_never_goes_back
        what_was_queued_is_durable_after_closing
        a_receipt_calls_back
        a_body_that_is_too_long_is_refused;
    read:
        reading_on_misses_nothing
        what_is_not_there_is_told
        waiting_ends_with_news
        a_hole_is_reported
        a_changed_byte_is_reported
        a_lost_end_is_reported;
    erase:
        erasing_empties_one_person
        erasing_again_does_nothing
        what_was_erased_does_not_come_back
        only_what_counts_before_expires
        expiry_stays_behind_the_horizon
        the_horizon_only_moves_forward
        acts_last;
    rows:
        one_claim_wins
        rows_are_kept_by_table_and_key
        rows_last;
    model:
        random_histories_agree_with_the_model;
}

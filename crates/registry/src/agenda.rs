//! The agenda of a job: up to where it has read the ledger, when each person is due, and who is left of a look at everybody.
//!
//! It lies beside the registry and can be thrown away like it: a job that finds an empty one looks at everybody once.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use yima_ledger::{Identity, Partition, Position};
use yima_model::{PersonId, Timestamp};

use crate::index::ordered;
use crate::store::{FjallStore, MemoryStore, StorageError, Store, Writes};

const IDENTITY: &[u8] = b"identity";
const READ: &[u8] = b"/r";
const DUE: &[u8] = b"/d";
const DUE_OF: &[u8] = b"/o";
const SWEEP: &[u8] = b"/s";

/// The agendas of the jobs of one node, in one place.
#[derive(Clone)]
pub struct Agendas(Arc<dyn Store>);

/// The agenda of one job.
#[derive(Clone)]
pub struct Agenda {
    store: Arc<dyn Store>,
    job: &'static str,
}

/// A look at everybody that goes on from a person, comparing with how everything was known before an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// With what everybody is compared.
    pub before: Timestamp,
    /// Who comes next.
    pub from: PersonId,
}

impl Agendas {
    /// Opens the agendas in a directory, empty ones if there are none or if they belong to another ledger.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn open(directory: &Path, identity: Identity) -> Result<Self, StorageError> {
        let agendas = Self(Arc::new(FjallStore::open(directory)?));
        let own = identity.incarnation.bytes().to_vec();
        if agendas.0.get(IDENTITY)?.as_ref() != Some(&own) {
            let rows = agendas.0.all(&[])?;
            let cleared = rows.into_iter().map(|(key, _)| (key, None));
            agendas.0.commit(cleared.chain([(IDENTITY.to_vec(), Some(own))]).collect())?;
        }
        Ok(agendas)
    }

    /// Agendas in memory, gone with the process.
    pub fn in_memory() -> Self {
        Self(Arc::new(MemoryStore::default()))
    }

    /// The agenda of the job with this name.
    pub fn of(&self, job: &'static str) -> Agenda {
        Agenda { store: Arc::clone(&self.0), job }
    }
}

/// Changes to an agenda, which are made all at once or not at all.
#[derive(Debug)]
pub struct Steps {
    agenda: Agenda,
    writes: Writes,
}

impl Agenda {
    /// Begins to put changes together.
    pub fn steps(&self) -> Steps {
        Steps { agenda: self.clone(), writes: Writes::new() }
    }

    /// Up to where the job has read a partition; `None` if it never began.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn read_to(&self, partition: Partition) -> Result<Option<Position>, StorageError> {
        let row = self.store.get(&self.key(READ, &partition.number().to_be_bytes()))?;
        Ok(row.and_then(|row| row.try_into().ok()).map(|row| Position(u64::from_be_bytes(row))))
    }

    /// Up to `max` persons who were due by `now`, those first who have waited longest.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn due(&self, now: Timestamp, max: usize) -> Result<Vec<(Timestamp, PersonId)>, StorageError> {
        let prefix = self.key(DUE, &[]);
        let rows = self.store.scan(&prefix, &prefix, max)?;
        let read = |(key, _): (Vec<u8>, Vec<u8>)| {
            let (at, person) = key.get(prefix.len()..)?.split_first_chunk()?;
            let at = Timestamp::from_millis(i64::from_be_bytes(*at) ^ i64::MIN);
            Some((at, PersonId::from_bytes(person.try_into().ok()?)))
        };
        Ok(rows.into_iter().filter_map(read).take_while(|(at, _)| *at <= now).collect())
    }

    /// The looks at everybody that are not finished, the oldest first.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn sweeps(&self) -> Result<Vec<Sweep>, StorageError> {
        let prefix = self.key(SWEEP, &[]);
        let read = |(key, value): (Vec<u8>, Vec<u8>)| {
            let before = i64::from_be_bytes(key.get(prefix.len()..)?.try_into().ok()?) ^ i64::MIN;
            Some(Sweep { before: Timestamp::from_millis(before), from: PersonId::from_bytes(value.try_into().ok()?) })
        };
        Ok(self.store.all(&prefix)?.into_iter().filter_map(read).collect())
    }

    fn due_of(&self, person: PersonId) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.get(&self.key(DUE_OF, person.bytes()))
    }

    fn key(&self, sort: &[u8], rest: &[u8]) -> Vec<u8> {
        [self.job.as_bytes(), sort, rest].concat()
    }
}

impl Steps {
    /// Remembers up to where a partition was read.
    pub fn read_to(&mut self, partition: Partition, position: Position) {
        let key = self.agenda.key(READ, &partition.number().to_be_bytes());
        self.writes.insert(key, Some(position.0.to_be_bytes().into()));
    }

    /// Sets when a person is due, in the place of what was set before; `None` for never.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn set_due(&mut self, person: PersonId, at: Option<Timestamp>) -> Result<(), StorageError> {
        let due = |at: &[u8]| self.agenda.key(DUE, &[at, person.bytes()].concat());
        let of = self.agenda.key(DUE_OF, person.bytes());
        let (new, old) = (at.map(|at| ordered(at).to_vec()), self.agenda.due_of(person)?);
        if new == old {
            return Ok(());
        }
        let rows = [old.map(|at| (due(&at), None)), new.as_ref().map(|at| (due(at), Some(Vec::new())))];
        self.writes.extend(rows.into_iter().flatten());
        self.writes.insert(of, new);
        Ok(())
    }

    /// Begins a look at everybody, or says how far one has come.
    pub fn sweep_on(&mut self, sweep: Sweep) {
        let key = self.agenda.key(SWEEP, &ordered(sweep.before));
        self.writes.insert(key, Some(sweep.from.bytes().to_vec()));
    }

    /// Ends a look at everybody.
    pub fn sweep_ends(&mut self, sweep: Sweep) {
        self.writes.insert(self.agenda.key(SWEEP, &ordered(sweep.before)), None);
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// [`StorageError`]; then none was made.
    pub fn commit(self) -> Result<(), StorageError> {
        self.agenda.store.commit(self.writes)
    }
}

impl fmt::Debug for Agendas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Agendas")
    }
}

impl fmt::Debug for Agenda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agenda({})", self.job)
    }
}

#[cfg(test)]
mod tests {
    use yima_ledger::Incarnation;

    use super::*;

    const fn person(number: u8) -> PersonId {
        PersonId::from_bytes([number; 16])
    }

    const fn ms(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn set(agenda: &Agenda, dues: &[(u8, Option<i64>)]) {
        let mut steps = agenda.steps();
        for (number, at) in dues {
            steps.set_due(person(*number), at.map(ms)).unwrap();
        }
        steps.commit().unwrap();
    }

    #[test]
    fn who_is_due_comes_in_order_once_and_in_time() {
        let agendas = Agendas::in_memory();
        let agenda = agendas.of("a");
        set(&agenda, &[(1, Some(30)), (2, Some(-10)), (3, Some(20)), (4, Some(31))]);
        set(&agendas.of("b"), &[(5, Some(0))]);
        assert_eq!(agenda.due(ms(30), 9).unwrap(), [(ms(-10), person(2)), (ms(20), person(3)), (ms(30), person(1))]);
        assert_eq!(agenda.due(ms(30), 2).unwrap().len(), 2);
        set(&agenda, &[(1, Some(40)), (2, None), (3, Some(20))]);
        assert_eq!(agenda.due(ms(30), 9).unwrap(), [(ms(20), person(3))], "one instant for each person");
    }

    #[test]
    fn sweeps_and_places_are_remembered() {
        let agenda = Agendas::in_memory().of("a");
        assert_eq!(agenda.read_to(Partition::GLOBAL).unwrap(), None);
        let sweep = |before, from| Sweep { before: ms(before), from: person(from) };
        let mut steps = agenda.steps();
        steps.read_to(Partition::GLOBAL, Position(7));
        steps.sweep_on(sweep(5, 0));
        steps.sweep_on(sweep(-5, 0));
        assert_eq!(agenda.sweeps().unwrap(), [], "nothing before all of it");
        steps.commit().unwrap();
        assert_eq!(agenda.read_to(Partition::GLOBAL).unwrap(), Some(Position(7)));
        let mut steps = agenda.steps();
        steps.sweep_ends(sweep(-5, 3));
        steps.sweep_on(sweep(5, 4));
        steps.commit().unwrap();
        assert_eq!(agenda.sweeps().unwrap(), [sweep(5, 4)]);
    }

    #[test]
    fn agendas_outlive_the_process_and_belong_to_one_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let identity = |byte| Identity { incarnation: Incarnation::from_bytes([byte; 16]), person_partitions: 4 };
        set(&Agendas::open(folder.path(), identity(1)).unwrap().of("a"), &[(1, Some(1))]);
        assert_eq!(Agendas::open(folder.path(), identity(1)).unwrap().of("a").due(ms(1), 9).unwrap().len(), 1);
        assert_eq!(Agendas::open(folder.path(), identity(2)).unwrap().of("a").due(ms(1), 9).unwrap(), []);
    }
}

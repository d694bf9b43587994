//! The indexes of a registry: which rows a fact adds, and what can be looked up by them.
//!
//! The rows of a fact depend on that fact alone, so that they go with it and a rebuilt registry has the same ones.

use yima_model::codec;
use yima_model::fact::{CaseClass, PlaceRelation, SourceKind, StayOrigin};
use yima_model::id::{PoolId, SampleId, SourceId};
use yima_model::{AreaCode, Content, Fact, FactId, Kind, Level, PersonId, Source, Subject, Timestamp};

use crate::store::{StorageError, Store};

/// Cases and contacts by fact id: to whom they belong.
const CARRIER: u8 = b'f';
/// Contacts by the case or contact that they name.
const CONTACT: u8 = b'o';
/// Samples by their id.
const SAMPLE: u8 = b's';
/// Samples by the tube that they share with others.
const MEMBER: u8 = b'p';
/// Results of shared tubes, whole, by the tube.
const POOL_RESULT: u8 = b't';
/// Results of shared tubes by their own id: of which tube.
const POOL_OF_RESULT: u8 = b'r';
/// Restrictive and releasing facts by institution and time of recording.
const SOURCE: u8 = b'q';
/// Facts that turn another one inert.
const INERT: u8 = b'i';
/// Guardianships by guardian.
const GUARDIAN: u8 = b'u';
/// Arrivals by where they lead and when they were.
const ARRIVAL: u8 = b'a';
/// Disputes.
const DISPUTE: u8 = b'd';

/// The prefix of every row of an index.
const PREFIX: u8 = b'x';

/// Whether a fact can make somebody yellow or red, undo what did, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Neither.
    Neutral,
    /// It can make a colour worse.
    Restrictive,
    /// It undoes another fact or ends a state.
    Releasing,
}

impl Weight {
    /// The weight of what a source states; what residents and guardians say of themselves is no weight, nor what a desk
    /// writes down for them.
    pub fn of(source: SourceKind, content: &Content) -> Self {
        match content {
            Content::Case { .. }
            | Content::Contact { .. }
            | Content::Isolation { .. }
            | Content::MissedTest { .. }
            | Content::TestResult { positive: true, .. }
            | Content::Comparison { matched: true, .. }
            | Content::FollowUp { clear: false }
            | Content::AreaLevel { level: Level::Medium | Level::High, .. }
            | Content::List { .. }
            | Content::Place { relation: PlaceRelation::Within | PlaceRelation::Same, .. } => Self::Restrictive,
            Content::Temperature { decicelsius } if *decicelsius >= FEVER_DECICELSIUS => Self::Restrictive,
            Content::Declaration { symptoms, .. } | Content::CheckIn { symptoms } if !symptoms.is_none() => {
                match source {
                    SourceKind::Resident | SourceKind::Guardian => Self::Neutral,
                    _ => Self::Restrictive,
                }
            }
            Content::Arrival { .. } | Content::Stay { origin: StayOrigin::Ticket | StayOrigin::Carrier, .. } => {
                match source {
                    SourceKind::Resident | SourceKind::Guardian | SourceKind::Desk => Self::Neutral,
                    _ => Self::Restrictive,
                }
            }
            Content::FollowUp { clear: true } | Content::Review => Self::Releasing,
            Content::Closing { .. } | Content::Retraction { .. } => match source {
                SourceKind::Resident | SourceKind::Guardian | SourceKind::Desk | SourceKind::System => Self::Neutral,
                _ => Self::Releasing,
            },
            _ => Self::Neutral,
        }
    }
}

/// The temperature from which a reading is a fever, in tenths of a degree.
pub const FEVER_DECICELSIUS: u16 = 373;

/// The rows that a fact adds.
pub(crate) fn rows(fact: &Fact) -> Vec<(Vec<u8>, Vec<u8>)> {
    let id = *fact.id().bytes();
    let person = match fact.subject() {
        Subject::Person(person) => person.bytes().to_vec(),
        Subject::Global => Vec::new(),
    };
    let mut rows = Vec::new();
    let mut add = |index: u8, key: &[&[u8]], value: Vec<u8>| {
        rows.push(([&[PREFIX, index], key.concat().as_slice(), &id].concat(), value));
    };
    let filing = fact.filing();
    match &filing.content {
        Content::Case { class } => {
            add(CARRIER, &[], [&person[..], &[codec::kind_number(Kind::Case), *class as u8]].concat());
        }
        Content::Contact { of, .. } => {
            add(CARRIER, &[], [&person[..], &[codec::kind_number(Kind::Contact), 0]].concat());
            add(CONTACT, &[of.bytes()], person.clone());
        }
        Content::Sample { sample, pool, .. } => {
            add(SAMPLE, &[sample.bytes()], [&person[..], &source_key(&filing.source)].concat());
            if let Some(pool) = pool {
                add(MEMBER, &[pool.bytes()], person.clone());
            }
        }
        Content::PoolResult { pool, .. } => {
            add(POOL_RESULT, &[pool.bytes()], codec::encode_fact(fact));
            add(POOL_OF_RESULT, &[], pool.bytes().to_vec());
        }
        Content::Guardianship { guardian, .. } => add(GUARDIAN, &[guardian.bytes()], person.clone()),
        Content::Arrival { to, .. } => {
            add(ARRIVAL, &[&to.number().to_be_bytes(), &ordered(filing.occurred.start())], person.clone());
        }
        Content::Inert { target } => add(INERT, &[target.bytes()], person.clone()),
        Content::Dispute { target, .. } => add(DISPUTE, &[], [&person[..], target.bytes()].concat()),
        _ => {}
    }
    let weight = Weight::of(filing.source.kind, &filing.content);
    if weight != Weight::Neutral {
        let recorded = ordered(fact.recorded());
        add(SOURCE, &[&institution_key(&filing.source), &[weight as u8], &recorded], person);
    }
    rows
}

/// A case or contact that another person's contact can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Whose it is.
    pub person: PersonId,
    /// Set if it is a case.
    pub class: Option<CaseClass>,
}

/// Who took a sample, and from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// From whom.
    pub person: PersonId,
    /// By whom.
    pub source: Source,
}

/// A weighty fact of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighty {
    /// Which fact.
    pub id: FactId,
    /// About whom.
    pub subject: Subject,
}

pub(crate) fn carrier(store: &dyn Store, id: FactId) -> Result<Option<Carrier>, StorageError> {
    let row = store.get(&[&[PREFIX, CARRIER], id.bytes().as_slice()].concat())?;
    Ok(row.and_then(|row| {
        let (person, rest) = row.split_first_chunk()?;
        let [kind, class] = rest else { return None };
        let class =
            if *kind == codec::kind_number(Kind::Case) { CaseClass::ALL.get(usize::from(*class)) } else { None };
        Some(Carrier { person: PersonId::from_bytes(*person), class: class.copied() })
    }))
}

/// The persons and facts that are contacts of a case or contact.
pub(crate) fn contacts(store: &dyn Store, of: FactId) -> Result<Vec<(PersonId, FactId)>, StorageError> {
    let rows = store.all(&[&[PREFIX, CONTACT], of.bytes().as_slice()].concat())?;
    Ok(rows.into_iter().filter_map(|(key, person)| Some((person_of(&person)?, last_id(&key)?))).collect())
}

/// Whose code a person manages or managed, and by which fact.
pub(crate) fn guarded_by(store: &dyn Store, guardian: PersonId) -> Result<Vec<(PersonId, FactId)>, StorageError> {
    let rows = store.all(&[&[PREFIX, GUARDIAN], guardian.bytes().as_slice()].concat())?;
    Ok(rows.into_iter().filter_map(|(key, person)| Some((person_of(&person)?, last_id(&key)?))).collect())
}

/// Arrivals read at a time.
const PAGE: usize = 1024;

/// The arrivals in an area from `since` on.
pub(crate) fn arrivals(
    store: &dyn Store,
    to: AreaCode,
    since: Timestamp,
) -> Result<Vec<(PersonId, FactId)>, StorageError> {
    let (prefix, since) = ([PREFIX, ARRIVAL], ordered(since));
    let mut from = [&prefix[..], &to.number().to_be_bytes()].concat();
    let mut found = Vec::new();
    loop {
        let page = store.scan(&prefix, &from, PAGE)?;
        for (key, person) in &page {
            let area = key.get(2..10).and_then(|number| number.try_into().ok()).map(u64::from_be_bytes);
            if !area.and_then(AreaCode::from_number).is_some_and(|area| to.contains(area)) {
                return Ok(found);
            }
            if key.get(10..18).is_some_and(|at| at >= &since[..]) {
                found.extend(person_of(person).zip(last_id(key)));
            }
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => from = [last.as_slice(), &[0]].concat(),
            _ => return Ok(found),
        }
    }
}

pub(crate) fn samples(store: &dyn Store, sample: SampleId) -> Result<Vec<Sampled>, StorageError> {
    let rows = store.all(&[&[PREFIX, SAMPLE], sample.bytes().as_slice()].concat())?;
    let read = |row: &[u8]| {
        let (person, source) = row.split_first_chunk()?;
        let (kind, name) = source.split_first()?;
        let id = SourceId::parse(std::str::from_utf8(name.get(1..)?).ok()?).ok()?;
        let source = Source { kind: *SourceKind::ALL.get(usize::from(*kind))?, id };
        Some(Sampled { person: PersonId::from_bytes(*person), source })
    };
    Ok(rows.iter().filter_map(|(_, row)| read(row)).collect())
}

/// Who has a sample in a shared tube, and by which fact.
pub(crate) fn members(store: &dyn Store, pool: PoolId) -> Result<Vec<(PersonId, FactId)>, StorageError> {
    let rows = store.all(&[&[PREFIX, MEMBER], pool.bytes().as_slice()].concat())?;
    Ok(rows.into_iter().filter_map(|(key, person)| Some((person_of(&person)?, last_id(&key)?))).collect())
}

/// The results of a shared tube, encoded.
pub(crate) fn pool_results(store: &dyn Store, pool: PoolId) -> Result<Vec<Vec<u8>>, StorageError> {
    let rows = store.all(&[&[PREFIX, POOL_RESULT], pool.bytes().as_slice()].concat())?;
    Ok(rows.into_iter().map(|(_, fact)| fact).collect())
}

/// Where the results of all shared tubes lie, encoded.
pub(crate) const POOL_RESULTS: [u8; 2] = [PREFIX, POOL_RESULT];

/// Of which tube a fact is the result.
pub(crate) fn pool_of_result(store: &dyn Store, result: FactId) -> Result<Option<PoolId>, StorageError> {
    let row = store.get(&[&[PREFIX, POOL_OF_RESULT], result.bytes().as_slice()].concat())?;
    Ok(row.and_then(|row| row.try_into().ok()).map(PoolId::from_bytes))
}

/// The weighty facts of the institution of a source that were recorded from `since` on.
pub(crate) fn weighty(
    store: &dyn Store,
    source: &Source,
    weight: Weight,
    since: Timestamp,
) -> Result<Vec<Weighty>, StorageError> {
    let prefix = [&[PREFIX, SOURCE], institution_key(source).as_slice(), &[weight as u8]].concat();
    let rows = store.scan(&prefix, &[&prefix[..], &ordered(since)].concat(), usize::MAX)?;
    let subject = |person: &[u8]| person_of(person).map_or(Subject::Global, Subject::Person);
    Ok(rows.iter().filter_map(|(key, person)| Some(Weighty { id: last_id(key)?, subject: subject(person) })).collect())
}

/// What was ever turned inert, with the person concerned.
pub(crate) fn turned_inert(store: &dyn Store) -> Result<Vec<(Subject, FactId)>, StorageError> {
    let rows = store.all(&[PREFIX, INERT])?;
    let target = |key: &[u8]| Some(FactId::from_bytes(key.get(2..18)?.try_into().ok()?));
    let subject = |person: &[u8]| person_of(person).map_or(Subject::Global, Subject::Person);
    Ok(rows.iter().filter_map(|(key, person)| Some((subject(person), target(key)?))).collect())
}

/// Every dispute, with the person concerned.
pub(crate) fn disputes(store: &dyn Store) -> Result<Vec<(PersonId, FactId)>, StorageError> {
    let rows = store.all(&[PREFIX, DISPUTE])?;
    Ok(rows.iter().filter_map(|(key, row)| Some((person_of(row.get(..16)?)?, last_id(key)?))).collect())
}

/// Kind, length and name, so that no source's key is the beginning of another's.
fn source_key(source: &Source) -> Vec<u8> {
    let name = source.id.as_str().as_bytes();
    [&[source.kind as u8, u8::try_from(name.len()).unwrap_or(u8::MAX)], name].concat()
}

/// Length and name, as above.
fn institution_key(source: &Source) -> Vec<u8> {
    let name = source.id.institution().as_bytes();
    [&[u8::try_from(name.len()).unwrap_or(u8::MAX)], name].concat()
}

/// Bytes in the order of the instants.
pub(crate) fn ordered(at: Timestamp) -> [u8; 8] {
    (at.millis() ^ i64::MIN).to_be_bytes()
}

fn person_of(row: &[u8]) -> Option<PersonId> {
    row.try_into().ok().map(PersonId::from_bytes)
}

fn last_id(key: &[u8]) -> Option<FactId> {
    key.last_chunk().map(|id| FactId::from_bytes(*id))
}

//! Use cases: a command comes in, facts are filed, and the registry has applied them when the call returns.
//!
//! A repeated call, known by its request id, files nothing new and answers as the first one did.

pub mod certificates;
pub mod comparison;
pub mod dependents;
pub mod disputes;
mod evidence;
pub mod places;
pub mod pools;
pub mod provisional;
pub mod reach;
pub mod register;
pub mod relations;
pub mod report;
pub mod risk_levels;
pub mod statements;
pub mod undo;
pub mod venue_visits;

pub use self::evidence::Missing;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use aws_lc_rs::digest;
use thiserror::Error;
use yima_feed::SnapshotError;
use yima_ledger::{Appended, LedgerError, NewFact, Partition, Place};
use yima_model::fact::FactError;
use yima_model::{Content, Fact, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp};

use crate::record::{counts_until, ledger_kind};
use crate::registry::{Registry, RegistryError};
use crate::standing;
use crate::vault::VaultError;

/// Who asks for something, when, and under which request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Chosen by the client, so that asking twice is asking once.
    pub request: RequestId,
    /// Who files.
    pub source: Source,
    /// The present instant.
    pub now: Timestamp,
}

/// Names one request of one client; the ids of the facts that it files follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub [u8; 16]);

impl RequestId {
    /// The id of the fact with this number that the request files.
    pub fn fact_id(self, number: u32) -> FactId {
        derived_id(b"request", &[&self.0, &number.to_be_bytes()])
    }
}

/// What was filed, durable and applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The facts, in the order of filing.
    pub facts: Vec<FactId>,
    /// What a read must have applied to see them, one place for each partition concerned.
    pub places: Vec<Place>,
    /// Whether all of it had been filed before.
    pub repeated: bool,
}

/// Why a use case was refused; what each says next is for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The person has not registered.
    #[error("the person is not registered; register first")]
    NotRegistered,
    /// The source may not file this.
    #[error("this kind of source does not file that; ask the one named in the guide")]
    NotForThisSource,
    /// The source's key does not cover the kind or the area.
    #[error("the key of this source does not cover that kind of fact or that area; ask for a wider scope")]
    OutsideScope,
    /// No standing fact of that id.
    #[error("there is no such fact, or it was retracted or replaced; look at the record again")]
    NoSuchFact,
    /// The fact was filed by somebody else.
    #[error("the fact was filed by another source; dispute it instead")]
    NotYours,
    /// The amendment is of another kind than the fact.
    #[error("an amendment is of the same kind as the fact it replaces; file a new fact instead")]
    OtherKind,
    /// A person cannot manage the own code.
    #[error("a person cannot be the own guardian; name the other person")]
    OwnGuardian,
    /// The guardian manages as many codes as one person may.
    #[error("one person manages {} codes at most; remove one first", dependents::DEPENDENTS_MAX)]
    TooManyDependents,
    /// The dependent has come of age.
    #[error("the person is eighteen or older and manages the own code; choose another relation if help is needed")]
    OfAge,
    /// A provisional record for a child who has a code, or had such a record lately.
    #[error("a child of this name and birth has or lately had a code in this family; bring the child's document")]
    KnownChild,
    /// No provisional record that a document could be attached to.
    #[error(
        "no provisional record of this name and birth is in that care, or it has ended; register the child instead"
    )]
    NoProvisionalRecord,
    /// Nobody knows when the dependent comes of age.
    #[error("the date of birth is not known; let a desk keep it from the document")]
    BirthUnknown,
    /// No rule can see so far back any more.
    #[error("this lies further back than any rule can see, and is not kept; leave it out")]
    TooOld,
    /// A check-in that waited too long to say how somebody is.
    #[error("this was made more than 48 hours ago, or the clock of the phone is wrong; check in anew")]
    WaitedTooLong,
    /// The fact is disputed already.
    #[error("the fact is disputed already; the answer comes within a day")]
    DisputedAlready,
    /// Only an institution that filed neither the fact nor the dispute rules on it, or confirms it.
    #[error("the same institution filed the fact or the objection; another one must look at it")]
    SameSource,
    /// The dispute was answered.
    #[error("the dispute is answered already; dispute the fact anew if there is more to say")]
    Answered,
    /// The fact is not inert.
    #[error("the fact is not held back; nothing is to be confirmed")]
    NotHeld,
    /// A day has passed since the fact was filed.
    #[error("the fact was filed more than a day ago without confirmation and is void; file it anew with evidence")]
    Void,
    /// A case or isolation without an end, or one further away than a renewal may reach.
    #[error(
        "name an end, at most {} days after the beginning; file a further state if it lasts longer",
        report::STATE_DAYS_MAX
    )]
    EndRequired,
    /// The tube holds the samples of as many persons as are mixed.
    #[error("a tube holds the samples of {} persons at most; check its number", pools::MEMBERS_MAX)]
    TubeFull,
    /// Somebody else has put samples into a tube of that number.
    #[error("another office has put samples into the tube of this number; check the number and the laboratory")]
    TubeOfAnother,
    /// The tube has a result that stands.
    #[error("the tube has a result; retract that one first if it was wrong")]
    ResultStands,
    /// The bytes are no snapshot of the list of risk areas.
    #[error(transparent)]
    Snapshot(SnapshotError),
    /// A snapshot for an hour that has not come.
    #[error("the snapshot is for an hour that lies ahead; deliver it when that hour has come")]
    SnapshotAhead,
    /// A snapshot for an hour before everything that is kept.
    #[error("the snapshot is older than every one that is kept; what it says can no longer be compared")]
    SnapshotTooLate,
    /// No snapshot of that id is kept.
    #[error("there is no such snapshot, or it was settled days ago; look at the list again")]
    NoSuchSnapshot,
    /// Too few places or too many.
    #[error("name two places, or up to {} of which all are one or the first is none of the others", places::PLACES_MAX)]
    PlaceCount,
    /// A place would lie in itself.
    #[error("the place would lie in itself, since the other lies in it already; say first that they are apart")]
    PlaceInItself,
    /// It is said already.
    #[error("that is said of the two places already; nothing is left to do")]
    PlaceSaid,
    /// Nothing is said of the two places.
    #[error(
        "nothing is said of these two places; name those that are said to be one, or of which one lies in the other"
    )]
    NotRelated,
    /// They are related by way of a third one.
    #[error("the two are still related by way of another place; name that one too")]
    StillRelated,
    /// No pack in force has visits to venues reported there.
    #[error("no pack in force has visits to venues reported there; the visit stays on the phone")]
    VisitsStay,
    /// A certificate does not count, or not for this person.
    #[error(transparent)]
    Certificate(#[from] certificates::CertificateRefusal),
    /// Times or shape contradict one another.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// The request was used for something else.
    #[error("this request id was used for something else; send another one")]
    RequestReused,
}

/// Why a use case did not succeed.
#[derive(Debug, Error)]
pub enum CaseError {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The vault refused or failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The registry failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<certificates::CertificateRefusal> for CaseError {
    fn from(refusal: certificates::CertificateRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<FactError> for CaseError {
    fn from(error: FactError) -> Self {
        Self::Refused(error.into())
    }
}

/// Filings of one call as they are put together.
struct Draft<'a> {
    call: &'a Call,
    filings: Vec<Filing>,
}

impl<'a> Draft<'a> {
    const fn new(call: &'a Call) -> Self {
        Self { call, filings: Vec::new() }
    }

    /// Adds a fact by the source of the call, and gives its id.
    fn add(&mut self, subject: Subject, occurred: Occurred, content: Content) -> FactId {
        self.push(self.call.source.clone(), subject, occurred, content)
    }

    /// Adds a fact that follows from others by a published procedure.
    fn add_by_system(&mut self, subject: Subject, occurred: Occurred, content: Content) -> FactId {
        self.push(system(self.call), subject, occurred, content)
    }

    fn push(&mut self, source: Source, subject: Subject, occurred: Occurred, content: Content) -> FactId {
        let number = u32::try_from(self.filings.len()).unwrap_or(u32::MAX);
        let id = self.call.request.fact_id(number);
        self.filings.push(Filing { id, subject, source, occurred, cause: None, replaces: None, content });
        id
    }

    fn last(&mut self) -> Option<&mut Filing> {
        self.filings.last_mut()
    }

    fn file(self, registry: &Registry) -> Result<Filed, CaseError> {
        file(registry, self.filings, self.call.now)
    }
}

/// As whom this system files.
fn system(call: &Call) -> Source {
    // INVARIANT: the source id of the system is a name; the call's own stands in if that ever changed.
    let id = yima_model::id::SourceId::parse("yima").unwrap_or_else(|_| call.source.id.clone());
    Source { kind: SourceKind::System, id }
}

/// Seals and appends filings, all or none, and applies them.
fn file(registry: &Registry, filings: Vec<Filing>, now: Timestamp) -> Result<Filed, CaseError> {
    for filing in &filings {
        filing.clone().record(now)?;
    }
    let ends = ends(registry, &filings)?;
    let new = |(filing, until): (&Filing, Timestamp)| {
        Ok(NewFact {
            id: filing.id,
            subject: filing.subject,
            kind: ledger_kind(filing),
            until,
            body: registry.vault().seal_filing(filing)?,
        })
    };
    let facts = filings.iter().zip(ends).map(new).collect::<Result<Vec<_>, CaseError>>()?;
    let ids = filings.iter().map(|filing| filing.id).collect();
    match registry.ledger().append(facts).wait() {
        Ok(outcomes) => {
            registry.follow(now)?;
            let repeated = outcomes.iter().all(|outcome| !matches!(outcome, Appended::New(_)));
            let mut places: Vec<Place> = Vec::new();
            for place in outcomes.into_iter().map(Appended::place) {
                match places.iter_mut().find(|known| known.partition == place.partition) {
                    Some(known) => known.position = known.position.max(place.position),
                    None => places.push(place),
                }
            }
            Ok(Filed { facts: ids, places, repeated })
        }
        // A repetition some time later names other instants, so that its bytes differ.
        Err(LedgerError::Conflict { id }) => repetition(registry, &filings, id, now),
        Err(LedgerError::BehindHorizon { .. }) => Err(Refusal::TooOld.into()),
        Err(error) => Err(error.into()),
    }
}

/// By when the ledger may destroy each filing: not before what it refers to, or a state that was closed would be open again.
fn ends(registry: &Registry, filings: &[Filing]) -> Result<Vec<Timestamp>, CaseError> {
    let mut facts: BTreeMap<Subject, Vec<Fact>> = BTreeMap::new();
    for filing in filings.iter().filter(|filing| referred(filing).next().is_some()) {
        if let Entry::Vacant(slot) = facts.entry(filing.subject) {
            slot.insert(report::facts_of(registry, filing.subject)?);
        }
    }
    let known = facts.values().flatten().map(Fact::filing).chain(filings);
    let known: HashMap<(Subject, FactId), &Filing> =
        known.map(|filing| ((filing.subject, filing.id), filing)).collect();
    Ok(filings.iter().map(|filing| lasts_until(&known, filing)).collect())
}

fn lasts_until(known: &HashMap<(Subject, FactId), &Filing>, filing: &Filing) -> Timestamp {
    let mut until = counts_until(filing);
    let mut next: Vec<FactId> = referred(filing).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = next.pop() {
        if let Some(older) = known.get(&(filing.subject, id)).filter(|_| seen.insert(id)) {
            until = until.max(counts_until(older));
            next.extend(referred(older));
        }
    }
    until
}

/// The older facts that a filing is about.
fn referred(filing: &Filing) -> impl Iterator<Item = FactId> {
    [filing.content.target(), filing.replaces, filing.cause].into_iter().flatten()
}

/// The answer to a request that was answered before; refused if it said something else then.
fn repetition(registry: &Registry, filings: &[Filing], id: FactId, now: Timestamp) -> Result<Filed, CaseError> {
    registry.follow(now)?;
    let filing = filings.iter().find(|filing| filing.id == id).ok_or(Refusal::RequestReused)?;
    let facts = match filing.subject {
        Subject::Person(person) => registry.record(person)?,
        Subject::Global => registry.globals().to_vec(),
    };
    let before = facts.iter().find(|fact| fact.id() == id).ok_or(Refusal::RequestReused)?.filing();
    let same = match (&before.content, &filing.content) {
        // Its deadline is counted from when it was filed.
        (Content::Dispute { target, .. }, Content::Dispute { target: other, .. }) => target == other,
        (before, content) => before == content,
    };
    if !same || before.source != filing.source {
        return Err(Refusal::RequestReused.into());
    }
    let places = applied_places(registry, filings.iter().map(|filing| filing.subject));
    Ok(Filed { facts: filings.iter().map(|filing| filing.id).collect(), places, repeated: true })
}

/// The answer to a request whose first fact is in the record already; refused unless that says what the request `says`.
fn earlier(
    registry: &Registry,
    call: &Call,
    facts: &[Fact],
    says: impl FnOnce(&Filing) -> bool,
) -> Result<Option<Filed>, Refusal> {
    let by_number = |number| facts.iter().find(|fact| fact.id() == call.request.fact_id(number));
    let Some(first) = by_number(0) else { return Ok(None) };
    if first.filing().source != call.source || !says(first.filing()) {
        return Err(Refusal::RequestReused);
    }
    let filed: Vec<&Fact> = (0..).map_while(by_number).collect();
    let places = applied_places(registry, filed.iter().map(|fact| fact.subject()));
    Ok(Some(Filed { facts: filed.into_iter().map(Fact::id).collect(), places, repeated: true }))
}

/// Up to where the partitions of these subjects are applied.
fn applied_places(registry: &Registry, subjects: impl Iterator<Item = Subject>) -> Vec<Place> {
    let count = registry.ledger().identity().person_partitions;
    let partitions: BTreeSet<Partition> = subjects.map(|subject| Partition::of(subject, count)).collect();
    let positions = registry.positions();
    let place = |partition: Partition| {
        positions.get(usize::from(partition.number())).map(|position| Place { partition, position: *position })
    };
    partitions.into_iter().filter_map(place).collect()
}

/// An id that follows from its parts.
fn derived_id(label: &[u8], parts: &[&[u8]]) -> FactId {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(label);
    context.update(&[0]);
    parts.iter().for_each(|part| context.update(part));
    let mut bytes = [0; 16];
    context.finish().as_ref().iter().zip(&mut bytes).for_each(|(from, to)| *to = *from);
    FactId::from_bytes(bytes)
}

/// The record of a person who is registered.
fn registered(registry: &Registry, person: PersonId, now: Timestamp) -> Result<Vec<Fact>, CaseError> {
    registry.follow(now)?;
    let facts = registry.record(person)?;
    if is_registered(&facts, now) { Ok(facts) } else { Err(Refusal::NotRegistered.into()) }
}

fn is_registered(facts: &[Fact], now: Timestamp) -> bool {
    register::registered_until(facts, now).is_some()
}

/// Whether a fact is inert at `at`.
fn is_inert(facts: &[Fact], id: FactId, at: Timestamp) -> bool {
    inert_at(facts, at).contains(&id)
}

/// The facts that are inert at `at`: those that the latest switch before it turned off.
pub(crate) fn inert_at(facts: &[Fact], at: Timestamp) -> HashSet<FactId> {
    let mut latest: HashMap<FactId, (Timestamp, bool)> = HashMap::new();
    for (fact, lasts) in standing::standing(facts, Timestamp::FOREVER) {
        let (target, on) = match fact.content() {
            Content::Inert { target } => (*target, false),
            Content::Lift { target } => (*target, true),
            _ => continue,
        };
        if lasts.from() <= at {
            let switch = latest.entry(target).or_insert((lasts.from(), on));
            *switch = (*switch).max((lasts.from(), on));
        }
    }
    latest.into_iter().filter(|(_, (_, on))| !on).map(|(target, _)| target).collect()
}

#[cfg(test)]
mod tests;

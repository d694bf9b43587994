//! What authorities, laboratories, checkpoints and carriers report; restrictive facts without evidence are born inert.
//!
//! Source: R-175; a yellow or red cannot be produced in bulk by one source.

use std::collections::BTreeSet;

use yima_model::{AreaSet, Content, Fact, FactId, Interval, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp};

use super::evidence::{self, Missing};
use super::{Call, CaseError, Draft, Filed, Refusal, applied_places, inert_at, is_inert, pools};
use crate::index::Weight;
use crate::registry::Registry;
use crate::standing::{address, standing};

/// About how many persons one institution may file restrictive facts within an hour, and as many releasing ones.
pub const PERSONS_PER_HOUR_MAX: usize = 20;

/// How many contacts one case may have before somebody else confirms them.
pub const CONTACTS_PER_CASE_MAX: usize = 30;

/// How long a case or an isolation may last before it is filed anew.
pub const STATE_DAYS_MAX: i64 = 90;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// What the key of a source covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Where its persons and areas lie; `None` for the whole country.
    pub areas: Option<AreaSet>,
    /// What it files.
    pub kinds: Vec<Kind>,
    /// About how many persons it may file restrictive facts within an hour; the general bound holds as well.
    pub persons_per_hour: usize,
}

/// One reported fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whom it is about.
    pub subject: Subject,
    /// When it happened.
    pub occurred: Occurred,
    /// What is reported.
    pub content: Content,
    /// The fact that led to it; for a level, the case in the area.
    pub cause: Option<FactId>,
}

/// What came of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// What was filed: first the reported facts in their order, then what turns facts inert or active.
    pub filed: Filed,
    /// Which of the reported facts were born inert, and what each lacks.
    pub inert: Vec<(FactId, Missing)>,
    /// Set if the source went beyond its bounds; somebody must look at it at once.
    pub alarm: Option<Alarm>,
}

/// What of a batch is held back.
pub(super) struct Held {
    /// Which facts are born inert, and what each lacks.
    pub(super) inert: Vec<(FactId, Missing)>,
    /// Set if the source went beyond its bounds.
    pub(super) alarm: Option<Alarm>,
}

/// An institution went beyond its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Restrictive facts about too many persons within an hour.
    Persons {
        /// How many.
        count: usize,
    },
    /// Too many contacts of one case.
    Contacts {
        /// Which case.
        of: FactId,
        /// How many.
        count: usize,
    },
    /// Restrictions of too many persons undone within an hour.
    Release {
        /// How many.
        count: usize,
    },
}

impl Alarm {
    /// What is held back until a second body confirms it.
    const fn weight(self) -> Weight {
        match self {
            Self::Persons { .. } | Self::Contacts { .. } => Weight::Restrictive,
            Self::Release { .. } => Weight::Releasing,
        }
    }
}

/// Files what a source reports, all or none.
///
/// A restrictive fact without its evidence is kept and inert. If the batch, with what the institution filed in the last hour,
/// goes beyond the bounds, all of that is inert until a second body confirms it with [`super::undo::confirm`].
///
/// # Errors
/// [`Refusal::OutsideScope`], [`Refusal::EndRequired`], [`Refusal::NotForThisSource`], [`Refusal::Fact`], or a failure underneath.
pub fn report(registry: &Registry, call: &Call, scope: &Scope, reports: &[Report]) -> Result<Reported, CaseError> {
    let _weighing = registry.weigh();
    registry.follow(call.now)?;
    if let Some(repeated) = repeated(registry, call, reports)? {
        return pools::deliver_late(registry, call, reports, repeated);
    }
    for report in reports {
        admit(registry, call, scope, report)?;
    }
    pools::admit(registry, call, reports)?;
    let mut draft = Draft::new(call);
    let mut ids = Vec::with_capacity(reports.len());
    for report in reports {
        ids.push(draft.add(report.subject, report.occurred, report.content.clone()));
        if let Some(filing) = draft.last() {
            filing.cause = report.cause;
        }
    }
    let Held { inert, alarm } = hold(registry, call, scope, reports, &ids, &mut draft)?;
    let reported = Reported { filed: draft.file(registry)?, inert, alarm };
    pools::deliver_late(registry, call, reports, reported)
}

/// The answer to a batch that came before: what each of its facts lacks now. Refused if it said anything else then.
fn repeated(registry: &Registry, call: &Call, reports: &[Report]) -> Result<Option<Reported>, CaseError> {
    let (mut facts, mut inert) = (Vec::with_capacity(reports.len()), Vec::new());
    for (number, report) in (0..).zip(reports) {
        let id = call.request.fact_id(number);
        let record = facts_of(registry, report.subject)?;
        let Some(before) = record.iter().find(|fact| fact.id() == id).map(Fact::filing) else { break };
        // What happened now, by the clock, happened when the request came first.
        let same_time = report.occurred == before.occurred || report.occurred == Occurred::at(call.now);
        let same = before.source == call.source && before.content == report.content && before.cause == report.cause;
        if !same || !same_time {
            return Err(Refusal::RequestReused.into());
        }
        if is_inert(&record, id, call.now) {
            inert.push((id, evidence::missing(registry, call, report)?.unwrap_or(Missing::Confirmation)));
        }
        facts.push(id);
    }
    if facts.is_empty() {
        return Ok(None);
    }
    if facts.len() < reports.len() {
        return Err(Refusal::RequestReused.into());
    }
    let places = applied_places(registry, reports.iter().map(|report| report.subject));
    Ok(Some(Reported { filed: Filed { facts, places, repeated: true }, inert, alarm: None }))
}

/// Turns inert, in the draft, which of the reported facts lack their evidence, or all of them and those of the last hour
/// if the batch goes beyond the bounds; what the reports are evidence for counts again.
pub(super) fn hold(
    registry: &Registry,
    call: &Call,
    scope: &Scope,
    reports: &[Report],
    ids: &[FactId],
    draft: &mut Draft<'_>,
) -> Result<Held, CaseError> {
    let alarms = weigh(registry, call, scope, reports)?;
    let mut inert = Vec::new();
    for (report, id) in reports.iter().zip(ids) {
        let weight = Weight::of(call.source.kind, &report.content);
        let missing = if alarms.iter().any(|alarm| alarm.weight() == weight) {
            Some(Missing::Confirmation)
        } else {
            evidence::missing(registry, call, report)?
        };
        if let Some(missing) = missing {
            turn_inert(draft, report.subject, *id, report.occurred.start().min(call.now));
            inert.push((*id, missing));
        } else {
            evidence::supports(registry, call, report)?.into_iter().for_each(|older| {
                draft.add_by_system(report.subject, Occurred::at(call.now), Content::Lift { target: older });
            });
        }
    }
    for alarm in &alarms {
        hold_older(registry, call, alarm.weight(), draft)?;
    }
    Ok(Held { inert, alarm: alarms.first().copied() })
}

/// Holds back, in the draft, what the institution filed of this weight within the last hour.
pub(super) fn hold_older(
    registry: &Registry,
    call: &Call,
    weight: Weight,
    draft: &mut Draft<'_>,
) -> Result<(), CaseError> {
    for older in registry.weighty(&call.source, weight, call.now.plus_millis(-HOUR_MILLIS))? {
        let facts = facts_of(registry, older.subject)?;
        let Some(fact) = facts.iter().find(|fact| fact.id() == older.id) else { continue };
        let target = older.id;
        match fact.content() {
            Content::Retraction { .. } | Content::Closing { .. } if held_by(&facts, target).is_none() => {
                draft.add_by_system(older.subject, Occurred::at(call.now), Content::Retraction { target });
            }
            Content::Retraction { .. } | Content::Closing { .. } => {}
            _ if is_inert(&facts, target, call.now) => {}
            _ => turn_inert(draft, older.subject, target, call.now),
        }
    }
    Ok(())
}

/// The standing retraction of this fact.
pub(super) fn held_by(facts: &[Fact], target: FactId) -> Option<FactId> {
    let standing = standing(facts, Timestamp::FOREVER);
    let hold = standing.iter().find(|(fact, _)| *fact.content() == Content::Retraction { target });
    hold.map(|(fact, _)| fact.id())
}

/// The facts that are inert at `now`, with the person concerned: what an operator has to look at.
///
/// # Errors
/// [`CaseError::Registry`].
pub fn inert(registry: &Registry, now: Timestamp) -> Result<Vec<(Subject, Fact)>, CaseError> {
    let mut found = Vec::new();
    let subjects: BTreeSet<Subject> = registry.turned_inert()?.into_iter().map(|(subject, _)| subject).collect();
    for subject in subjects {
        let facts = facts_of(registry, subject)?;
        let inert = inert_at(&facts, now);
        let mut here: Vec<&Fact> = standing(&facts, Timestamp::FOREVER).into_iter().map(|(fact, _)| fact).collect();
        here.retain(|fact| inert.contains(&fact.id()));
        here.sort_unstable_by_key(|fact| fact.id());
        found.extend(here.into_iter().map(|fact| (subject, fact.clone())));
    }
    Ok(found)
}

pub(super) fn facts_of(registry: &Registry, subject: Subject) -> Result<Vec<Fact>, CaseError> {
    match subject {
        Subject::Person(person) => Ok(registry.record(person)?),
        Subject::Global => Ok(registry.globals().to_vec()),
    }
}

pub(super) fn turn_inert(draft: &mut Draft<'_>, subject: Subject, target: FactId, at: Timestamp) {
    draft.add_by_system(subject, Occurred::at(at), Content::Inert { target });
}

/// Whether the source may file this at all.
fn admit(registry: &Registry, call: &Call, scope: &Scope, report: &Report) -> Result<(), CaseError> {
    let kind = report.content.kind();
    if !scope.kinds.contains(&kind) {
        return Err(Refusal::OutsideScope.into());
    }
    let by_use_case_alone = matches!(
        kind,
        Kind::Registration
            | Kind::Binding
            | Kind::Guardianship
            | Kind::Document
            | Kind::Closing
            | Kind::Retraction
            | Kind::Dispute
            | Kind::Ruling
            | Kind::Inert
            | Kind::Lift
            | Kind::PoolResult
            | Kind::Place
    );
    if by_use_case_alone || matches!(call.source.kind, SourceKind::Resident | SourceKind::Guardian | SourceKind::System)
    {
        return Err(Refusal::NotForThisSource.into());
    }
    if let (Kind::Case | Kind::Isolation, Occurred::During { from, until }) = (kind, report.occurred)
        && until > from.plus_millis(STATE_DAYS_MAX * DAY_MILLIS)
    {
        return Err(Refusal::EndRequired.into());
    }
    let Some(areas) = &scope.areas else { return Ok(()) };
    let within = match (&report.content, report.subject) {
        (
            Content::AreaLevel { areas: named, .. }
            | Content::Notice { areas: named, .. }
            | Content::List { areas: named, .. }
            | Content::Campaign { areas: named, .. },
            _,
        ) => named.include.iter().all(|area| areas.contains(*area)),
        (_, Subject::Global) => true,
        (_, Subject::Person(person)) => covers(registry, call, scope, person)?,
    };
    if within { Ok(()) } else { Err(Refusal::OutsideScope.into()) }
}

/// Whether a person lives where the source may file.
pub(super) fn covers(registry: &Registry, call: &Call, scope: &Scope, person: PersonId) -> Result<bool, CaseError> {
    let Some(areas) = &scope.areas else { return Ok(true) };
    let facts = registry.record(person)?;
    Ok(address(&standing(&facts, Timestamp::FOREVER), call.now).is_none_or(|area| areas.contains(area)))
}

/// Which bounds the batch goes beyond, with what the institution filed within the last hour: one alarm of a weight.
fn weigh(registry: &Registry, call: &Call, scope: &Scope, reports: &[Report]) -> Result<Vec<Alarm>, CaseError> {
    let persons = |weight| {
        let of_weight = move |report: &&Report| Weight::of(call.source.kind, &report.content) == weight;
        persons_within_hour(registry, call, weight, reports.iter().filter(of_weight).map(|report| report.subject))
    };
    let max = PERSONS_PER_HOUR_MAX.min(scope.persons_per_hour);
    let (restricted, released) = (persons(Weight::Restrictive)?, persons(Weight::Releasing)?);
    let mut alarms = Vec::new();
    if restricted > max {
        alarms.push(Alarm::Persons { count: restricted });
    } else if let Some(alarm) = beyond_contacts(registry, reports)? {
        alarms.push(alarm);
    }
    if released > max {
        alarms.push(Alarm::Release { count: released });
    }
    Ok(alarms)
}

/// Whether a case has more contacts now than one office can vouch for.
fn beyond_contacts(registry: &Registry, reports: &[Report]) -> Result<Option<Alarm>, CaseError> {
    let named: BTreeSet<FactId> = reports.iter().filter_map(|report| named_carrier(&report.content)).collect();
    for of in named {
        let known = registry.contacts(of)?.into_iter().map(|(person, _)| Subject::Person(person));
        let new = reports.iter().filter(|report| named_carrier(&report.content) == Some(of));
        let count = known.chain(new.map(|report| report.subject)).collect::<BTreeSet<_>>().len();
        if count > CONTACTS_PER_CASE_MAX {
            return Ok(Some(Alarm::Contacts { of, count }));
        }
    }
    Ok(None)
}

/// About how many persons the institution files facts of this weight, with those of the last hour; none if it files none now.
pub(super) fn persons_within_hour(
    registry: &Registry,
    call: &Call,
    weight: Weight,
    subjects: impl Iterator<Item = Subject>,
) -> Result<usize, CaseError> {
    let is_person = |subject: &Subject| *subject != Subject::Global;
    let mut persons: BTreeSet<Subject> = subjects.filter(is_person).collect();
    if !persons.is_empty() {
        let older = registry.weighty(&call.source, weight, call.now.plus_millis(-HOUR_MILLIS))?;
        persons.extend(older.iter().map(|older| older.subject).filter(is_person));
    }
    Ok(persons.len())
}

const fn named_carrier(content: &Content) -> Option<FactId> {
    match content {
        Content::Contact { of, .. } => Some(*of),
        _ => None,
    }
}

/// The facts of a person that stand and count at `at`.
pub(super) fn counting(facts: &[Fact], at: Timestamp) -> Vec<(&Fact, Interval)> {
    let inert = inert_at(facts, at);
    standing(facts, Timestamp::FOREVER).into_iter().filter(|(fact, _)| !inert.contains(&fact.id())).collect()
}

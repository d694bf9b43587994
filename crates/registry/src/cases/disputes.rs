//! Disputes: every ground can be contested, and another office answers within a day.

use yima_model::{Content, FactId, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp};

use super::{Call, CaseError, Draft, Filed, Refusal, earlier, registered};
use crate::registry::Registry;
use crate::standing;

/// How long an office has for its answer.
pub const ANSWER_MILLIS: i64 = 24 * 3_600_000;

/// A dispute that nobody has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDispute {
    /// The dispute itself.
    pub dispute: FactId,
    /// Who disputes.
    pub person: PersonId,
    /// The contested fact.
    pub target: FactId,
    /// What kind of fact that is.
    pub kind: Kind,
    /// Unanswered, the contested fact is inert from here on.
    pub deadline: Timestamp,
}

/// Contests a fact of the person's own record; unanswered within a day it is inert.
///
/// # Errors
/// [`Refusal::NoSuchFact`], [`Refusal::DisputedAlready`], [`Refusal::NotRegistered`], or a failure underneath.
pub fn dispute(registry: &Registry, call: &Call, person: PersonId, target: FactId) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| before.content.target() == Some(target))? {
        return Ok(filed);
    }
    standing::find(&facts, target).ok_or(Refusal::NoSuchFact)?;
    let mut open = of_person(&facts, person).into_iter().filter(|open| open.deadline > call.now);
    if open.any(|open| open.target == target) {
        return Err(Refusal::DisputedAlready.into());
    }
    let deadline = call.now.plus_millis(ANSWER_MILLIS);
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::at(call.now), Content::Dispute { target, deadline });
    draft.file(registry)
}

/// Answers a dispute: the fact stands, or is inert from now on.
///
/// # Errors
/// [`Refusal::SameSource`] for the institution that filed the contested fact, or the dispute for the person, [`Refusal::NotForThisSource`] for one that is no
/// office, [`Refusal::NoSuchFact`], [`Refusal::Answered`], or a failure underneath.
pub fn rule_on(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    dispute: FactId,
    stands: bool,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if !is_office(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    if let Some(filed) =
        earlier(registry, call, &facts, |before| before.content == Content::Ruling { target: dispute, stands })?
    {
        return Ok(filed);
    }
    let (disputing, _) = standing::find(&facts, dispute).ok_or(Refusal::NoSuchFact)?;
    let Content::Dispute { target, .. } = *disputing.content() else { return Err(Refusal::NoSuchFact.into()) };
    let contested = facts.iter().find(|fact| fact.id() == target).ok_or(Refusal::NoSuchFact)?;
    if [contested, disputing].iter().any(|fact| fact.filing().source.is_colleague_of(&call.source)) {
        return Err(Refusal::SameSource.into());
    }
    let is_ruling = |content: &Content| matches!(content, Content::Ruling { target, .. } if *target == dispute);
    if facts.iter().any(|fact| is_ruling(fact.content())) {
        return Err(Refusal::Answered.into());
    }
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::at(call.now), Content::Ruling { target: dispute, stands });
    draft.file(registry)
}

/// The disputes without a ruling, those with the nearest deadline first.
///
/// # Errors
/// [`CaseError::Registry`].
pub fn open(registry: &Registry) -> Result<Vec<OpenDispute>, CaseError> {
    let mut persons: Vec<PersonId> = registry.disputes()?.into_iter().map(|(person, _)| person).collect();
    persons.sort_unstable();
    persons.dedup();
    let mut open = Vec::new();
    for person in persons {
        open.extend(of_person(&registry.record(person)?, person));
    }
    open.sort_unstable_by_key(|dispute| (dispute.deadline, dispute.dispute));
    Ok(open)
}

fn of_person(facts: &[yima_model::Fact], person: PersonId) -> Vec<OpenDispute> {
    let standing = standing::standing(facts, Timestamp::FOREVER);
    let is_answered = |dispute: FactId| {
        standing.iter().any(|(fact, _)| matches!(fact.content(), Content::Ruling { target, .. } if *target == dispute))
    };
    let unanswered = standing.iter().filter(|(fact, _)| !is_answered(fact.id()));
    let found = unanswered.filter_map(|(fact, _)| {
        let Content::Dispute { target, deadline } = *fact.content() else { return None };
        let kind = facts.iter().find(|fact| fact.id() == target)?.kind();
        Some(OpenDispute { dispute: fact.id(), person, target, kind, deadline })
    });
    found.collect()
}

/// Who examines what others filed.
pub(super) const fn is_office(source: SourceKind) -> bool {
    matches!(
        source,
        SourceKind::DiseaseControl
            | SourceKind::Headquarters
            | SourceKind::Hospital
            | SourceKind::Laboratory
            | SourceKind::Register
            | SourceKind::Community
    )
}

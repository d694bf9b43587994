//! Undoing and confirming: retractions, closings, and the second body's word on what is held back.

use yima_model::{Content, Fact, FactId, Filing, Occurred, PersonId, Subject, Timestamp};

use super::disputes::is_office;
use super::report::{Alarm, PERSONS_PER_HOUR_MAX, facts_of, held_by, hold_older, persons_within_hour};
use super::{Call, CaseError, Draft, Filed, Refusal, earlier, is_inert, pools};
use crate::index::Weight;
use crate::registry::Registry;
use crate::standing::{self, standing};

const HOUR_MILLIS: i64 = 3_600_000;

/// Within what time after its recording a fact that is held back can be confirmed.
pub const CONFIRM_MILLIS: i64 = 24 * HOUR_MILLIS;

/// What came of undoing something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// What was filed.
    pub filed: Filed,
    /// Set if the institution undid too much within an hour: then nothing changes until a second body confirms it.
    pub alarm: Option<Alarm>,
}

/// Says that a fact was wrong; what followed from it is retracted with it, in other persons' records too.
///
/// # Errors
/// [`Refusal::NoSuchFact`], [`Refusal::NotYours`], or a failure underneath.
pub fn retract(registry: &Registry, call: &Call, subject: Subject, target: FactId) -> Result<Undone, CaseError> {
    let _weighing = registry.weigh();
    registry.follow(call.now)?;
    let mut facts = facts_of(registry, subject)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| before.content == Content::Retraction { target })? {
        return Ok(Undone { filed, alarm: None });
    }
    if let Some(pool) = registry.pool_of_result(target)? {
        facts.extend(registry.pool_results(pool)?);
    }
    own_fact(&facts, call, target)?;
    let mut draft = Draft::new(call);
    draft.add(subject, Occurred::at(call.now), Content::Retraction { target });
    let mut retracted = vec![(subject, target)];
    for (subject, target) in pools::delivered(registry, target)? {
        draft.add(subject, Occurred::at(call.now), Content::Retraction { target });
        retracted.push((subject, target));
    }
    for (subject, target) in consequences(registry, retracted)? {
        draft.add_by_system(subject, Occurred::at(call.now), Content::Retraction { target });
    }
    finish(registry, call, draft)
}

/// Ends a state at an instant.
///
/// # Errors
/// [`Refusal::NoSuchFact`], [`Refusal::NotYours`], [`Refusal::Fact`] if `at` lies ahead, or a failure underneath.
pub fn close(
    registry: &Registry,
    call: &Call,
    subject: Subject,
    target: FactId,
    at: Timestamp,
) -> Result<Undone, CaseError> {
    let _weighing = registry.weigh();
    registry.follow(call.now)?;
    let facts = facts_of(registry, subject)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| before.content == Content::Closing { target })? {
        return Ok(Undone { filed, alarm: None });
    }
    own_fact(&facts, call, target)?;
    let mut draft = Draft::new(call);
    draft.add(subject, Occurred::at(at), Content::Closing { target });
    finish(registry, call, draft)
}

/// Confirms what is held back, as another office than the one that filed it, within a day; all of it or nothing.
///
/// An inert fact counts from now on; a retraction or closing that was held takes effect.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NoSuchFact`], [`Refusal::SameSource`], [`Refusal::NotHeld`],
/// [`Refusal::Void`], or a failure underneath.
pub fn confirm(registry: &Registry, call: &Call, targets: &[(Subject, FactId)]) -> Result<Filed, CaseError> {
    registry.follow(call.now)?;
    if !is_office(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    let mut draft = Draft::new(call);
    for (number, (subject, target)) in (0..).zip(targets) {
        let facts = facts_of(registry, *subject)?;
        let own = call.request.fact_id(number);
        let before = facts.iter().find(|fact| fact.id() == own && fact.filing().source == call.source);
        let content = match before {
            // The answer to the same request may have been lost.
            Some(before) if confirms(&facts, before, *target) => before.content().clone(),
            Some(_) => return Err(Refusal::RequestReused.into()),
            None => confirmation(&facts, call, *target)?,
        };
        draft.add(*subject, Occurred::at(call.now), content);
    }
    draft.file(registry)
}

/// Whether an earlier confirmation was of this fact.
fn confirms(facts: &[Fact], confirmation: &Fact, target: FactId) -> bool {
    let named = confirmation.content().target();
    let holds = |fact: &Fact| Some(fact.id()) == named && fact.content().target() == Some(target);
    named == Some(target) || facts.iter().any(holds)
}

/// What confirms one fact.
fn confirmation(facts: &[Fact], call: &Call, target: FactId) -> Result<Content, Refusal> {
    let fact = facts.iter().find(|fact| fact.id() == target).ok_or(Refusal::NoSuchFact)?;
    if fact.filing().source.is_colleague_of(&call.source) {
        return Err(Refusal::SameSource);
    }
    let content = match fact.content() {
        Content::Retraction { .. } | Content::Closing { .. } => {
            let hold = held_by(facts, target).ok_or(Refusal::NotHeld)?;
            Content::Retraction { target: hold }
        }
        _ if is_inert(facts, target, call.now) => Content::Lift { target },
        _ => return Err(Refusal::NotHeld),
    };
    if call.now >= fact.recorded().plus_millis(CONFIRM_MILLIS) {
        return Err(Refusal::Void);
    }
    Ok(content)
}

/// Files the draft; where an institution undoes too much, its retractions, closings and clear findings are held.
fn finish(registry: &Registry, call: &Call, mut draft: Draft<'_>) -> Result<Undone, CaseError> {
    let is_releasing = |filing: &&Filing| {
        filing.source == call.source && Weight::of(call.source.kind, &filing.content) == Weight::Releasing
    };
    let new = draft.filings.iter().filter(is_releasing).map(|filing| filing.subject);
    let count = persons_within_hour(registry, call, Weight::Releasing, new)?;
    if count <= PERSONS_PER_HOUR_MAX {
        return Ok(Undone { filed: draft.file(registry)?, alarm: None });
    }
    let hold: Vec<(Subject, FactId)> = draft.filings.iter().map(|filing| (filing.subject, filing.id)).collect();
    for (subject, target) in hold {
        draft.add_by_system(subject, Occurred::at(call.now), Content::Retraction { target });
    }
    hold_older(registry, call, Weight::Releasing, &mut draft)?;
    Ok(Undone { filed: draft.file(registry)?, alarm: Some(Alarm::Release { count }) })
}

/// A fact is its institution's own: a colleague on duty undoes it as well as whoever filed it.
fn own_fact(facts: &[Fact], call: &Call, target: FactId) -> Result<(), Refusal> {
    let (fact, _) = standing::find(facts, target).ok_or(Refusal::NoSuchFact)?;
    let source = &fact.filing().source;
    let is_own = source.kind == call.source.kind && source.is_colleague_of(&call.source);
    if is_own { Ok(()) } else { Err(Refusal::NotYours) }
}

/// The standing facts that were filed because of others: by cause, by isolation, by contact, by a sample in a shared tube;
/// and what followed from those.
fn consequences(registry: &Registry, mut open: Vec<(Subject, FactId)>) -> Result<Vec<(Subject, FactId)>, CaseError> {
    let mut found = open.clone();
    let retracted = found.len();
    while let Some((subject, target)) = open.pop() {
        let facts = facts_of(registry, subject)?;
        let out_of_pool = pools::result_without_sample(&facts, target);
        let follows = |fact: &Fact| {
            fact.filing().cause == Some(target)
                || out_of_pool == Some(fact.id())
                || matches!(fact.content(), Content::Isolation { ground, .. } if *ground == target)
        };
        let here = standing(&facts, Timestamp::FOREVER).into_iter().filter(|(fact, _)| follows(fact));
        let mut next: Vec<(Subject, FactId)> = here.map(|(fact, _)| (subject, fact.id())).collect();
        for (person, contact) in registry.contacts(target)? {
            if stands(registry, person, contact)? {
                next.push((Subject::Person(person), contact));
            }
        }
        for follower in next {
            if !found.contains(&follower) {
                found.push(follower);
                open.push(follower);
            }
        }
    }
    Ok(found.split_off(retracted))
}

fn stands(registry: &Registry, person: PersonId, fact: FactId) -> Result<bool, CaseError> {
    Ok(standing::find(&registry.record(person)?, fact).is_some())
}

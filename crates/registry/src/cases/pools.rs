//! Shared tubes: a result for a tube is a result for each person with a sample in it, then or later.
//!
//! A site files who has a sample in which tube, a laboratory one result for the tube. Whichever comes second, each
//! person's result is filed with the tube's as its cause, under an id that follows from both.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::fact::TestMethod;
use yima_model::id::{PoolId, SampleId, SourceId, TubeNumber};
use yima_model::{Content, Fact, FactId, Filing, Interval, Kind, Occurred, PersonId, Source, Subject, Timestamp};

use super::report::{self, Held, PERSONS_PER_HOUR_MAX, Report, Reported, Scope, counting, turn_inert};
use super::{Call, CaseError, Draft, Filed, Missing, Refusal, RequestId, derived_id, earlier, is_inert};
use crate::registry::Registry;
use crate::standing;

/// From how many persons samples are mixed at most (20-in-1).
pub const MEMBERS_MAX: usize = 20;

/// A tube that several persons share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tube {
    /// Where it goes.
    pub laboratory: SourceId,
    /// Its number there.
    pub number: TubeNumber,
    /// How it will be tested.
    pub method: TestMethod,
}

/// A sample that was put into a tube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whose.
    pub person: PersonId,
    /// When it was taken.
    pub at: Timestamp,
}

/// What a laboratory found in a tube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number at this laboratory.
    pub number: TubeNumber,
    /// How it was tested.
    pub method: TestMethod,
    /// The result.
    pub positive: bool,
    /// When it was known.
    pub at: Timestamp,
}

/// The id of a laboratory's tube: two laboratories that use one number mean two tubes.
pub fn pool_id(laboratory: &SourceId, number: &TubeNumber) -> PoolId {
    let parts = [laboratory.institution().as_bytes(), &[0], number.as_str().as_bytes()];
    PoolId::from_bytes(*derived_id(b"tube", &parts).bytes())
}

/// Files whose samples were put into a tube; where its result is known, each person has it at once.
///
/// # Errors
/// [`Refusal::TubeFull`], [`Refusal::TubeOfAnother`], and those of [`report::report`].
pub fn fill(
    registry: &Registry,
    call: &Call,
    scope: &Scope,
    tube: &Tube,
    taken: &[Taken],
) -> Result<Reported, CaseError> {
    let pool = pool_id(&tube.laboratory, &tube.number);
    let report = |taken: &Taken| {
        // One sample of a person in a tube, however often the list is sent.
        let sample = SampleId::from_bytes(*derived_id(b"sample", &[pool.bytes(), taken.person.bytes()]).bytes());
        Report {
            subject: Subject::Person(taken.person),
            occurred: Occurred::at(taken.at),
            content: Content::Sample { sample, pool: Some(pool), method: tube.method },
            cause: None,
        }
    };
    report::report(registry, call, scope, &taken.iter().map(report).collect::<Vec<_>>())
}

/// Files the result of a laboratory's tube, and with it that of every person who has a sample in it.
///
/// The first fact is the tube's result, the others those of the persons. They are within the bounds of the laboratory and
/// need the samples of another source like any result.
///
/// # Errors
/// [`Refusal::OutsideScope`], [`Refusal::ResultStands`], [`Refusal::Fact`], or a failure underneath.
pub fn find(registry: &Registry, call: &Call, scope: &Scope, found: &Found) -> Result<Reported, CaseError> {
    let _weighing = registry.weigh();
    registry.follow(call.now)?;
    if !scope.kinds.contains(&Kind::PoolResult) {
        return Err(Refusal::OutsideScope.into());
    }
    let Found { ref number, method, positive, at } = *found;
    let pool = pool_id(&call.source.id, number);
    let content = Content::PoolResult { pool, method, positive };
    let says = |before: &Filing| before.content == content && (before.occurred == Occurred::at(at) || at == call.now);
    let filed = match earlier(registry, call, &registry.pool_results(pool)?, says)? {
        Some(filed) => filed,
        None if standing_result(registry, pool, call.now)?.is_some() => return Err(Refusal::ResultStands.into()),
        None => {
            let mut draft = Draft::new(call);
            draft.add(Subject::Global, Occurred::at(at), content);
            draft.file(registry)?
        }
    };
    let mut reported = Reported { filed, inert: Vec::new(), alarm: None };
    deliver(registry, call, scope.persons_per_hour, pool, &mut reported)?;
    Ok(reported)
}

/// Whether these samples may go into their tubes: those of one office, and of so many persons.
pub(super) fn admit(registry: &Registry, call: &Call, reports: &[Report]) -> Result<(), CaseError> {
    let mut new: BTreeMap<PoolId, BTreeSet<Subject>> = BTreeMap::new();
    for report in reports {
        if let Content::Sample { pool: Some(pool), .. } = report.content {
            new.entry(pool).or_default().insert(report.subject);
        }
    }
    for (pool, mut persons) in new {
        let members = members(registry, pool, call.now)?;
        if members.iter().any(|member| !member.source.is_colleague_of(&call.source)) {
            return Err(Refusal::TubeOfAnother.into());
        }
        persons.extend(members.iter().map(|member| Subject::Person(member.person)));
        if persons.len() > MEMBERS_MAX {
            return Err(Refusal::TubeFull.into());
        }
    }
    Ok(())
}

/// Files the results of the tubes into which samples have just been put, where they are known.
pub(super) fn deliver_late(
    registry: &Registry,
    call: &Call,
    reports: &[Report],
    mut reported: Reported,
) -> Result<Reported, CaseError> {
    let pool = |report: &Report| match report.content {
        Content::Sample { pool, .. } => pool,
        _ => None,
    };
    for pool in reports.iter().filter_map(pool).collect::<BTreeSet<_>>() {
        deliver(registry, call, PERSONS_PER_HOUR_MAX, pool, &mut reported)?;
    }
    Ok(reported)
}

/// The facts by which persons have the result of a tube; none if that is no such result.
///
/// # Errors
/// [`CaseError::Registry`].
pub fn delivered(registry: &Registry, result: FactId) -> Result<Vec<(Subject, FactId)>, CaseError> {
    let Some(pool) = registry.pool_of_result(result)? else { return Ok(Vec::new()) };
    let persons: BTreeSet<PersonId> = registry.members(pool)?.into_iter().map(|(person, _)| person).collect();
    let mut found = Vec::new();
    for person in persons {
        let facts = registry.record(person)?;
        found.extend(result_of(&facts, result).map(|fact| (Subject::Person(person), fact)));
    }
    Ok(found)
}

/// The result that a person has by a sample in a shared tube which is now retracted, unless another such sample stands.
pub(super) fn result_without_sample(facts: &[Fact], retracted: FactId) -> Option<FactId> {
    let standing: Vec<&Fact> =
        standing::standing(facts, Timestamp::FOREVER).into_iter().map(|(fact, _)| fact).collect();
    let Content::Sample { sample: lost, pool: Some(_), .. } =
        *standing.iter().find(|fact| fact.id() == retracted)?.content()
    else {
        return None;
    };
    let is_again = |fact: &&Fact| {
        fact.id() != retracted && matches!(fact.content(), Content::Sample { sample, .. } if *sample == lost)
    };
    let is_result = |fact: &&Fact| {
        fact.filing().cause.is_some() && matches!(fact.content(), Content::TestResult { sample, .. } if *sample == lost)
    };
    if standing.iter().any(is_again) {
        return None;
    }
    standing.iter().find(|fact| is_result(fact)).map(|fact| fact.id())
}

/// The standing fact by which a person has the result of a tube.
fn result_of(facts: &[Fact], result: FactId) -> Option<FactId> {
    let is_it = |fact: &Fact| fact.kind() == Kind::TestResult && fact.filing().cause == Some(result);
    let mut standing = standing::standing(facts, Timestamp::FOREVER).into_iter();
    standing.find(|(fact, _)| is_it(fact)).map(|(fact, _)| fact.id())
}

/// A sample that stands in a tube.
struct Member {
    person: PersonId,
    source: Source,
    /// The fact by which it is known.
    fact: FactId,
    sample: SampleId,
    at: Timestamp,
    /// Everything about the person.
    facts: Vec<Fact>,
}

/// The samples in a tube that stand and count, one for each person.
fn members(registry: &Registry, pool: PoolId, now: Timestamp) -> Result<Vec<Member>, CaseError> {
    let mut found = BTreeMap::new();
    for (person, id) in registry.members(pool)? {
        let facts = registry.record(person)?;
        let sample = counting(&facts, now).into_iter().find(|(fact, _)| fact.id() == id).map(|(fact, _)| fact.clone());
        let Some(fact) = sample else { continue };
        if let Content::Sample { sample, .. } = *fact.content() {
            let (source, at) = (fact.filing().source.clone(), fact.occurred().start());
            found.entry(person).or_insert(Member { person, source, fact: id, sample, at, facts });
        }
    }
    Ok(found.into_values().collect())
}

/// The result of a tube that stands.
fn standing_result(registry: &Registry, pool: PoolId, now: Timestamp) -> Result<Option<Fact>, CaseError> {
    let results = registry.pool_results(pool)?;
    if results.is_empty() {
        return Ok(None);
    }
    // What retracts a result is about everybody, as the result is.
    let facts = [registry.globals().as_slice(), &results].concat();
    let is_result = |(fact, _): &(&Fact, Interval)| fact.kind() == Kind::PoolResult;
    Ok(counting(&facts, now).into_iter().find(is_result).map(|(fact, _)| fact.clone()))
}

/// Files the result of a tube for every member who lacks it, and adds what that brings to the answer.
fn deliver(
    registry: &Registry,
    call: &Call,
    persons_per_hour: usize,
    pool: PoolId,
    reported: &mut Reported,
) -> Result<(), CaseError> {
    let Some(result) = standing_result(registry, pool, call.now)? else { return Ok(()) };
    let Content::PoolResult { method, positive, .. } = *result.content() else { return Ok(()) };
    let known = result.occurred().start();
    // As the laboratory, whose finding it is, by a request of its own.
    let request = RequestId(*derived_id(b"delivery", &[&call.request.0, result.id().bytes()]).bytes());
    let call = Call { request, source: result.filing().source.clone(), now: call.now };
    let (mut draft, mut ids, mut reports, mut others_held) = (Draft::new(&call), Vec::new(), Vec::new(), None);
    for member in members(registry, pool, call.now)? {
        if let Some(before) = result_of(&member.facts, result.id()) {
            others_held = Some(others_held.unwrap_or(true) && is_inert(&member.facts, before, call.now));
        } else if member.at <= known {
            let id = derived_id(b"pool-result", &[result.id().bytes(), member.fact.bytes()]);
            let report = Report {
                subject: Subject::Person(member.person),
                occurred: Occurred::At { at: member.at, reported: known },
                content: Content::TestResult { sample: member.sample, method, positive },
                cause: Some(result.id()),
            };
            draft.add(report.subject, report.occurred, report.content.clone());
            draft.last().into_iter().for_each(|filing| (filing.id, filing.cause) = (id, report.cause));
            ids.push(id);
            reports.push(report);
        }
    }
    if reports.is_empty() {
        return Ok(());
    }
    let scope = Scope { areas: None, kinds: Vec::new(), persons_per_hour };
    let Held { mut inert, alarm } = report::hold(registry, &call, &scope, &reports, &ids, &mut draft)?;
    if positive && others_held == Some(true) {
        // Who comes late has the result as the others have it, and theirs waits for confirmation.
        for (report, id) in reports.iter().zip(&ids) {
            if !inert.iter().any(|(known, _)| known == id) {
                turn_inert(&mut draft, report.subject, *id, report.occurred.start());
                inert.push((*id, Missing::Confirmation));
            }
        }
    }
    let filed = draft.file(registry)?;
    add(&mut reported.filed, filed);
    reported.inert.extend(inert);
    reported.alarm = reported.alarm.or(alarm);
    Ok(())
}

fn add(filed: &mut Filed, more: Filed) {
    filed.facts.extend(more.facts);
    for place in more.places {
        match filed.places.iter_mut().find(|known| known.partition == place.partition) {
            Some(known) => known.position = known.position.max(place.position),
            None => filed.places.push(place),
        }
    }
}

#[cfg(test)]
mod tests;

//! What a person says, or what is noted about a person as daily routine: declaring, amending, moving, checking in.

use yima_model::fact::{StayOrigin, Symptoms};
use yima_model::{
    AreaCode, Content, FactId, Filing, Interval, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp,
};

use super::register::{Dwelling, Health};
use super::{Call, CaseError, Draft, Filed, Refusal, earlier, registered};
use crate::registry::Registry;
use crate::standing;

/// Files a declaration.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], or a failure underneath.
pub fn declare(registry: &Registry, call: &Call, person: PersonId, health: Health) -> Result<Filed, CaseError> {
    note(registry, call, person, Occurred::at(call.now), health.content())
}

/// Files a check-in; a desk or telephone operator does it for a person without a phone.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], or a failure underneath.
pub fn check_in(registry: &Registry, call: &Call, person: PersonId, symptoms: Symptoms) -> Result<Filed, CaseError> {
    check_in_made(registry, call, person, symptoms, call.now)
}

/// How long a check-in may wait on a phone without a network: two days of a window of three.
pub const CHECK_IN_WAITS_MILLIS: i64 = 48 * 3_600_000;

/// Files a check-in that was made a while ago, on a phone without a network; it counts from then.
///
/// A phone whose clock is ahead made it now.
///
/// # Errors
/// [`Refusal::WaitedTooLong`] if it arrives for the first time after [`CHECK_IN_WAITS_MILLIS`], and those of [`check_in`].
pub fn check_in_made(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    symptoms: Symptoms,
    made: Timestamp,
) -> Result<Filed, CaseError> {
    let is_late = made < call.now.plus_millis(-CHECK_IN_WAITS_MILLIS);
    // What arrives again after a lost answer was in time when it arrived first.
    if is_late && earlier(registry, call, &registered(registry, person, call.now)?, |_| true)?.is_none() {
        return Err(Refusal::WaitedTooLong.into());
    }
    note(registry, call, person, Occurred::at(made.min(call.now)), Content::CheckIn { symptoms })
}

/// Files where a person was, as the person's side declares it; how precise that is, the area and the interval say.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], [`Refusal::TooOld`], or a failure underneath.
pub fn travel(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    area: AreaCode,
    during: Interval,
) -> Result<Filed, CaseError> {
    let occurred = Occurred::During { from: during.from(), until: during.until() };
    note(registry, call, person, occurred, Content::Stay { area, origin: StayOrigin::Declared })
}

/// Takes the place of an older statement of the same kind by the person's side, as often as needed.
///
/// The older statement counts as never made, from now on; when it was made stays in the history.
///
/// # Errors
/// [`Refusal::NoSuchFact`], [`Refusal::OtherKind`], [`Refusal::NotYours`] if an authority filed it,
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], [`Refusal::Fact`], or a failure underneath.
pub fn amend(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    target: FactId,
    occurred: Occurred,
    content: Content,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if !speaks_for_person(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    if let Some(filed) =
        earlier(registry, call, &facts, |before| before.content == content && before.replaces == Some(target))?
    {
        return Ok(filed);
    }
    let (older, _) = standing::find(&facts, target).ok_or(Refusal::NoSuchFact)?;
    if older.kind() != content.kind() || !is_amendable(content.kind()) {
        return Err(Refusal::OtherKind.into());
    }
    if !speaks_for_person(older.filing().source.kind) {
        return Err(Refusal::NotYours.into());
    }
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), occurred, content);
    if let Some(filing) = draft.last() {
        filing.replaces = Some(target);
    }
    // What the older statement replaced would stand again once that one no longer does.
    if let Some(before) = older.filing().replaces {
        draft.add(Subject::Person(person), Occurred::at(call.now), Content::Retraction { target: before });
    }
    draft.file(registry)
}

/// Files a new address from now on; the one of the same role before it ends.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], or a failure underneath.
pub fn move_to(registry: &Registry, call: &Call, person: PersonId, dwelling: &Dwelling) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if !speaks_for_person(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    if let Some(filed) = earlier(registry, call, &facts, |before| {
        let Dwelling { area, role, .. } = *dwelling;
        before.content == Content::Dwelling { area, role }
            && before.occurred == dwelling.occurred(before.occurred.start())
    })? {
        return Ok(filed);
    }
    let mut draft = Draft::new(call);
    let Dwelling { area, role, .. } = *dwelling;
    draft.add(Subject::Person(person), dwelling.occurred(call.now), Content::Dwelling { area, role });
    for (fact, lasts) in standing::standing(&facts, Timestamp::FOREVER) {
        let is_before = matches!(fact.content(), Content::Dwelling { role: other, .. } if *other == role);
        if is_before && lasts.until() > call.now {
            draft.add(Subject::Person(person), Occurred::at(call.now), Content::Closing { target: fact.id() });
        }
    }
    let filed = draft.file(registry)?;
    if let Some(text) = &dwelling.text {
        registry.vault().put_address(person, role, text)?;
    }
    Ok(filed)
}

/// Files where the person came from, and when; the present address is where the person arrived.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], [`Refusal::Fact`] if `at` lies ahead, or a failure underneath.
pub fn arrive(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    from: Option<AreaCode>,
    at: Timestamp,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if !speaks_for_person(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    if let Some(filed) = earlier(registry, call, &facts, |before| {
        matches!(before.content, Content::Arrival { from: named, .. } if named == from)
            && before.occurred == Occurred::at(at)
    })? {
        return Ok(filed);
    }
    // INVARIANT: whoever is registered has an address.
    let to =
        standing::address(&standing::standing(&facts, Timestamp::FOREVER), call.now).ok_or(Refusal::NotRegistered)?;
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::at(at), Content::Arrival { from, to });
    draft.file(registry)
}

fn note(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    occurred: Occurred,
    content: Content,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if !speaks_for_person(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    // An instant is that of the clock, or of a phone that says when only once it had to wait.
    let says = |before: &Filing| {
        before.content == content && (!matches!(occurred, Occurred::During { .. }) || before.occurred == occurred)
    };
    if let Some(filed) = earlier(registry, call, &facts, says)? {
        return Ok(filed);
    }
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), occurred, content);
    draft.file(registry)
}

/// Who files what a person says.
const fn speaks_for_person(source: SourceKind) -> bool {
    matches!(source, SourceKind::Resident | SourceKind::Guardian | SourceKind::Desk | SourceKind::Community)
}

/// What a person says and may say otherwise later.
const fn is_amendable(kind: Kind) -> bool {
    matches!(kind, Kind::Declaration | Kind::CheckIn | Kind::Dwelling | Kind::Arrival | Kind::Stay)
}

//! Dependents: somebody manages the code of a child, an elder, or a person without a phone.

use std::cmp::Reverse;

use jiff::civil::Date;
use yima_model::fact::Relation;
use yima_model::{Content, Fact, FactId, Occurred, PersonId, SourceKind, Subject, Timestamp, Zone};

use super::{Call, CaseError, Draft, Filed, Refusal, earlier, registered};
use crate::registry::Registry;
use crate::standing;
use crate::vault::PersonalText;

/// How many codes one person may manage.
pub const DEPENDENTS_MAX: usize = 8;

const OF_AGE_YEARS: i16 = 18;

/// A person whose code another one manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// Whose code it is.
    pub person: PersonId,
    /// How the guardian is related to that person.
    pub relation: Relation,
    /// The fact that says so.
    pub fact: FactId,
    /// When it ends.
    pub until: Timestamp,
}

/// Gives the code of a dependent into the care of a guardian, proved by a desk or a national register.
///
/// Whoever manages a child's code, the care ends at the eighteenth birthday. A parent's cannot begin after it; who is grown
/// may be helped by others, without an end.
///
/// # Errors
/// [`Refusal::NotForThisSource`] unless a desk or register files it, [`Refusal::OwnGuardian`], [`Refusal::OfAge`],
/// [`Refusal::BirthUnknown`], [`Refusal::TooManyDependents`], [`Refusal::NotRegistered`] (of either), or a failure underneath.
pub fn add(
    registry: &Registry,
    call: &Call,
    guardian: PersonId,
    dependent: PersonId,
    relation: Relation,
) -> Result<Filed, CaseError> {
    if !proves_relations(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    if guardian == dependent {
        return Err(Refusal::OwnGuardian.into());
    }
    let _counting = registry.weigh();
    registered(registry, guardian, call.now)?;
    let facts = registered(registry, dependent, call.now)?;
    if let Some(filed) =
        earlier(registry, call, &facts, |before| before.content == Content::Guardianship { guardian, relation })?
    {
        return Ok(filed);
    }
    let of_age = of_age(registry, dependent)?.ok_or(Refusal::BirthUnknown)?;
    let until = match relation {
        _ if call.now < of_age => of_age,
        Relation::Parent => return Err(Refusal::OfAge.into()),
        Relation::Child | Relation::Spouse | Relation::Relative | Relation::Friend | Relation::Institution => {
            Timestamp::FOREVER
        }
    };
    let managed = of_guardian(registry, guardian, call.now)?;
    if managed.len() >= DEPENDENTS_MAX && managed.iter().all(|known| known.person != dependent) {
        return Err(Refusal::TooManyDependents.into());
    }
    let mut draft = Draft::new(call);
    let content = Content::Guardianship { guardian, relation };
    draft.add(Subject::Person(dependent), Occurred::During { from: call.now, until }, content);
    draft.file(registry)
}

/// How long a code lasts in the care of a parent whom no desk has seen with the child.
pub const PROVISIONAL_DAYS: i64 = 7;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// What came of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedUp {
    /// The child, if there is just one that fits.
    pub child: Option<PersonId>,
    /// The other parents of the children whom the one who asks is a parent of; they are told.
    pub other_parents: Vec<PersonId>,
}

/// Gives a child's code into the care of a parent who does not know its number, for seven days at most.
///
/// The child is looked for among the children of whoever is a parent of the same child as the one who asks, and has to
/// have this name and date of birth. Both relations must have been proved by a desk or a register, so that nobody who is
/// not a proven parent learns anything, and nobody learns a number.
///
/// # Errors
/// [`Refusal::NotRegistered`], or a failure underneath.
pub fn look_up(
    registry: &Registry,
    call: &Call,
    parent: PersonId,
    name: &PersonalText,
    birth: Date,
) -> Result<LookedUp, CaseError> {
    let _counting = registry.weigh();
    registered(registry, parent, call.now)?;
    let own = of_guardian(registry, parent, call.now)?;
    let other_parents = other_parents(registry, parent, call.now)?;
    let mut candidates: Vec<PersonId> = own.iter().map(|known| known.person).collect();
    for other in &other_parents {
        candidates.extend(proven_children(registry, *other, call.now)?);
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut found = Vec::new();
    for candidate in candidates.into_iter().filter(|candidate| *candidate != parent) {
        let details = registry.vault().details(candidate)?;
        if details.name.as_ref() == Some(name) && details.birth().is_some_and(|known| *known.reveal() == birth) {
            found.push(candidate);
        }
    }
    let mut looked_up = LookedUp { child: None, other_parents };
    if let [child] = *found
        && (own.iter().any(|known| known.person == child) || link(registry, call, parent, child, own.len())?)
    {
        looked_up.child = Some(child);
    }
    Ok(looked_up)
}

/// Links for some days; `false` where that cannot be.
fn link(
    registry: &Registry,
    call: &Call,
    parent: PersonId,
    child: PersonId,
    managed: usize,
) -> Result<bool, CaseError> {
    let is_by_system = |fact: &Fact| {
        fact.filing().source.kind == SourceKind::System
            && matches!(fact.content(), Content::Guardianship { guardian, .. } if *guardian == parent)
    };
    // Seven days are enough for a way to the desk; they are not had twice.
    if registry.record(child)?.iter().any(is_by_system) {
        return Ok(false);
    }
    let provisional = call.now.plus_millis(PROVISIONAL_DAYS * DAY_MILLIS);
    let until = of_age(registry, child)?.map_or(provisional, |of_age| of_age.min(provisional));
    if until <= call.now || managed >= DEPENDENTS_MAX {
        return Ok(false);
    }
    let mut draft = Draft::new(call);
    let content = Content::Guardianship { guardian: parent, relation: Relation::Parent };
    draft.add_by_system(Subject::Person(child), Occurred::During { from: call.now, until }, content);
    draft.file(registry)?;
    Ok(true)
}

/// Whose parent a person is, as a desk or a register has seen.
fn proven_children(registry: &Registry, parent: PersonId, now: Timestamp) -> Result<Vec<PersonId>, CaseError> {
    let mut children = Vec::new();
    let known = guardianships(registry, parent, now)?;
    for known in known.into_iter().filter(|known| known.relation == Relation::Parent) {
        let facts = registry.record(known.person)?;
        if facts.iter().any(|fact| fact.id() == known.fact && proves_relations(fact.filing().source.kind)) {
            children.push(known.person);
        }
    }
    Ok(children)
}

/// Who else is a proven parent of a proven child of this person.
pub(super) fn other_parents(registry: &Registry, parent: PersonId, now: Timestamp) -> Result<Vec<PersonId>, CaseError> {
    let mut others = Vec::new();
    for child in proven_children(registry, parent, now)? {
        let facts = registry.record(child)?;
        for (fact, lasts) in standing::standing(&facts, Timestamp::FOREVER) {
            match fact.content() {
                Content::Guardianship { guardian, relation: Relation::Parent }
                    if *guardian != parent && lasts.contains(now) && proves_relations(fact.filing().source.kind) =>
                {
                    others.push(*guardian);
                }
                _ => {}
            }
        }
    }
    others.sort_unstable();
    others.dedup();
    Ok(others)
}

const fn proves_relations(source: SourceKind) -> bool {
    matches!(source, SourceKind::Desk | SourceKind::Register)
}

/// Ends a guardianship: the guardian, the dependent or a desk asks for it, and the caller has checked which.
///
/// # Errors
/// [`Refusal::NoSuchFact`] if the dependent has no such guardian now, [`Refusal::NotRegistered`], or a failure underneath.
pub fn remove(registry: &Registry, call: &Call, guardian: PersonId, dependent: PersonId) -> Result<Filed, CaseError> {
    let facts = registered(registry, dependent, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| matches!(before.content, Content::Closing { .. }))? {
        return Ok(filed);
    }
    let found = guardianships(registry, guardian, call.now)?.into_iter().filter(|known| known.person == dependent);
    let mut draft = Draft::new(call);
    for known in found {
        draft.add(Subject::Person(dependent), Occurred::at(call.now), Content::Closing { target: known.fact });
    }
    if draft.filings.is_empty() {
        return Err(Refusal::NoSuchFact.into());
    }
    draft.file(registry)
}

/// Whose codes a person manages at `now`, each person once, with the fact that lasts longest.
///
/// # Errors
/// [`CaseError::Registry`].
pub fn of_guardian(registry: &Registry, guardian: PersonId, now: Timestamp) -> Result<Vec<Dependent>, CaseError> {
    let mut dependents = guardianships(registry, guardian, now)?;
    dependents.sort_by_key(|known| (known.person, Reverse(known.until)));
    dependents.dedup_by_key(|known| known.person);
    Ok(dependents)
}

/// Every fact by which a person manages a code at `now`: a desk and a register may both have proved one relation.
fn guardianships(registry: &Registry, guardian: PersonId, now: Timestamp) -> Result<Vec<Dependent>, CaseError> {
    let mut dependents = Vec::new();
    for (person, id) in registry.guarded_by(guardian)? {
        let facts = registry.record(person)?;
        if let Some((fact, lasts)) = standing::find(&facts, id)
            && let Content::Guardianship { relation, .. } = fact.content()
            && lasts.contains(now)
        {
            dependents.push(Dependent { person, relation: *relation, fact: id, until: lasts.until() });
        }
    }
    Ok(dependents)
}

/// When a person comes of age in Beijing time, where the date of birth is known.
pub(super) fn of_age(registry: &Registry, person: PersonId) -> Result<Option<Timestamp>, CaseError> {
    let birth = registry.vault().details(person)?.birth();
    Ok(birth.map(|birth| comes_of_age(*birth.reveal())))
}

/// When somebody who was born on that day comes of age in Beijing time.
pub(super) fn comes_of_age(birth: Date) -> Timestamp {
    birth.checked_add(jiff::Span::new().years(OF_AGE_YEARS)).map_or(Timestamp::FOREVER, midnight)
}

fn midnight(date: Date) -> Timestamp {
    let days = date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
    Zone::BEIJING.midnight(days.into())
}

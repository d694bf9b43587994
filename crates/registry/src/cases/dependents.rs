//! Dependents: somebody manages the code of a child, an elder, or a person without a phone.

use jiff::civil::Date;
use yima_model::fact::Relation;
use yima_model::{Content, FactId, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp, Zone};

use super::{Call, CaseError, Draft, Filed, Refusal, earlier, registered};
use crate::registry::Registry;
use crate::standing;

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
/// What a parent manages ends at the child's eighteenth birthday, if the child's date of birth is known.
///
/// # Errors
/// [`Refusal::NotForThisSource`] unless a desk or register files it, [`Refusal::OwnGuardian`], [`Refusal::OfAge`],
/// [`Refusal::TooManyDependents`], [`Refusal::NotRegistered`] (of either), or a failure underneath.
pub fn add(
    registry: &Registry,
    call: &Call,
    guardian: PersonId,
    dependent: PersonId,
    relation: Relation,
) -> Result<Filed, CaseError> {
    if !matches!(call.source.kind, SourceKind::Desk | SourceKind::Register) {
        return Err(Refusal::NotForThisSource.into());
    }
    if guardian == dependent {
        return Err(Refusal::OwnGuardian.into());
    }
    let _counting = registry.weigh();
    registered(registry, guardian, call.now)?;
    let facts = registered(registry, dependent, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, Kind::Guardianship)? {
        return Ok(filed);
    }
    let until = match relation {
        Relation::Parent => of_age(registry, dependent)?.unwrap_or(Timestamp::FOREVER),
        Relation::Child | Relation::Spouse | Relation::Relative | Relation::Friend | Relation::Institution => {
            Timestamp::FOREVER
        }
    };
    if until <= call.now {
        return Err(Refusal::OfAge.into());
    }
    if of_guardian(registry, guardian, call.now)?.len() >= DEPENDENTS_MAX {
        return Err(Refusal::TooManyDependents.into());
    }
    let mut draft = Draft::new(call);
    let content = Content::Guardianship { guardian, relation };
    draft.add(Subject::Person(dependent), Occurred::During { from: call.now, until }, content);
    draft.file(registry)
}

/// Ends a guardianship: the guardian, the dependent or a desk asks for it, and the caller has checked which.
///
/// # Errors
/// [`Refusal::NoSuchFact`] if the dependent has no such guardian now, [`Refusal::NotRegistered`], or a failure underneath.
pub fn remove(registry: &Registry, call: &Call, guardian: PersonId, dependent: PersonId) -> Result<Filed, CaseError> {
    let facts = registered(registry, dependent, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, Kind::Closing)? {
        return Ok(filed);
    }
    let found = of_guardian(registry, guardian, call.now)?.into_iter().filter(|known| known.person == dependent);
    let mut draft = Draft::new(call);
    for known in found {
        draft.add(Subject::Person(dependent), Occurred::at(call.now), Content::Closing { target: known.fact });
    }
    if draft.filings.is_empty() {
        return Err(Refusal::NoSuchFact.into());
    }
    draft.file(registry)
}

/// Whose codes a person manages at `now`.
///
/// # Errors
/// [`CaseError::Registry`].
pub fn of_guardian(registry: &Registry, guardian: PersonId, now: Timestamp) -> Result<Vec<Dependent>, CaseError> {
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
fn of_age(registry: &Registry, person: PersonId) -> Result<Option<Timestamp>, CaseError> {
    let birth = registry.vault().details(person)?.birth().map(|birth| *birth.reveal());
    Ok(birth.and_then(|birth| birth.checked_add(jiff::Span::new().years(OF_AGE_YEARS)).ok()).map(midnight))
}

fn midnight(date: Date) -> Timestamp {
    let days = date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days());
    Zone::BEIJING.midnight(days.into())
}

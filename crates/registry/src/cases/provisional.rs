//! Provisional records: a child whom nobody has registered, and whose number nobody has at hand, gets a code for seven
//! days.

use yima_model::fact::{DwellingRole, Relation};
use yima_model::{Content, Document, Occurred, PersonId, SourceKind, Subject, Timestamp};

use super::dependents::{DEPENDENTS_MAX, PROVISIONAL_DAYS, comes_of_age, of_guardian, other_parents};
use super::reach::{self, Reach};
use super::register::{Health, registered_until};
use super::{Call, CaseError, Draft, Filed, Refusal, earlier, registered};
use crate::registry::Registry;
use crate::standing;
use crate::vault::{BirthDate, PersonalText};

/// How long after its end the name and date of birth of a provisional record are kept, so that it is not had twice.
const DETAILS_DAYS: i64 = 28;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A child as the guardian names it.
#[derive(Clone, Debug)]
pub struct Child {
    /// The name.
    pub name: PersonalText,
    /// The date of birth.
    pub birth: BirthDate,
}

/// A provisional record that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whose it is.
    pub person: PersonId,
    /// When it ends, with everything that is made from it.
    pub until: Timestamp,
    /// The other proven parents of the guardian's children; they are told.
    pub other_parents: Vec<PersonId>,
    /// What was filed.
    pub filed: Filed,
}

/// Opens a record for a child without a document, in the care of a guardian whom the desk knows.
///
/// The child lives where the guardian lives. The relation is stated and not proved, so that it gives no right to look for
/// other children.
///
/// # Errors
/// [`Refusal::NotForThisSource`] unless a desk files it, [`Refusal::NotRegistered`] (the guardian), [`Refusal::OfAge`],
/// [`Refusal::KnownChild`], [`Refusal::TooManyDependents`], or a failure underneath.
pub fn open(
    registry: &Registry,
    call: &Call,
    guardian: PersonId,
    child: &Child,
    relation: Relation,
    health: Health,
) -> Result<Opened, CaseError> {
    if call.source.kind != SourceKind::Desk {
        return Err(Refusal::NotForThisSource.into());
    }
    let _counting = registry.weigh();
    let facts = registered(registry, guardian, call.now)?;
    let other_parents = other_parents(registry, guardian, call.now)?;
    for person in children_of(registry, [&[guardian], &other_parents[..]].concat())? {
        if is(registry, person, child)? {
            let (record, until) = (registry.record(person)?, ends(registry, person, call.now)?);
            let filed = earlier(registry, call, &record, |before| before.content == Content::Registration)?;
            let (filed, until) = filed.zip(until).ok_or(Refusal::KnownChild)?;
            return Ok(Opened { person, until, other_parents, filed });
        }
    }
    let of_age = comes_of_age(*child.birth.date().reveal());
    if of_age <= call.now {
        return Err(Refusal::OfAge.into());
    }
    if of_guardian(registry, guardian, call.now)?.len() >= DEPENDENTS_MAX {
        return Err(Refusal::TooManyDependents.into());
    }
    // INVARIANT: whoever is registered has an address.
    let area =
        standing::address(&standing::standing(&facts, Timestamp::FOREVER), call.now).ok_or(Refusal::NotRegistered)?;
    let vault = registry.vault();
    let person = vault.admit()?;
    vault.put_name(person, &child.name)?;
    vault.put_birth(person, &child.birth)?;
    let until = call.now.plus_millis(PROVISIONAL_DAYS * DAY_MILLIS).min(of_age);
    let (subject, week) = (Subject::Person(person), Occurred::During { from: call.now, until });
    let mut draft = Draft::new(call);
    draft.add(subject, week, Content::Registration);
    draft.add(subject, Occurred::since(call.now), Content::Dwelling { area, role: DwellingRole::Home });
    draft.add(subject, Occurred::at(call.now), health.content());
    reach::add_binding(&mut draft, person, &Reach::Guardian, until);
    draft.add_by_system(subject, week, Content::Guardianship { guardian, relation });
    Ok(Opened { person, until, other_parents, filed: draft.file(registry)? })
}

/// Makes a provisional record an ordinary one: the desk has seen the child's document.
///
/// # Errors
/// [`Refusal::NotForThisSource`] unless a desk files it, [`Refusal::NoProvisionalRecord`],
/// [`crate::vault::VaultError::OfAnotherPerson`] if the document has a record already, or a failure underneath.
pub fn attach(
    registry: &Registry,
    call: &Call,
    guardian: PersonId,
    child: &Child,
    document: &Document,
) -> Result<(PersonId, Filed), CaseError> {
    if call.source.kind != SourceKind::Desk {
        return Err(Refusal::NotForThisSource.into());
    }
    registry.follow(call.now)?;
    for person in of_guardian(registry, guardian, call.now)?.into_iter().map(|known| known.person) {
        if !is(registry, person, child)? {
            continue;
        }
        if let Some(filed) =
            earlier(registry, call, &registry.record(person)?, |before| before.content == Content::Registration)?
        {
            return Ok((person, filed));
        }
        if ends(registry, person, call.now)?.is_some() {
            registry.vault().link_document(person, document)?;
            if document.birth().is_none() {
                registry.vault().put_birth(person, &child.birth)?;
            }
            let (subject, mut draft) = (Subject::Person(person), Draft::new(call));
            draft.add(subject, Occurred::since(call.now), Content::Registration);
            draft.add(subject, Occurred::since(call.now), Content::Document { kind: document.kind() });
            return Ok((person, draft.file(registry)?));
        }
    }
    Err(Refusal::NoProvisionalRecord.into())
}

/// Deletes name and date of birth of a record that ended without a document some weeks ago; says whether there is nothing
/// more to wait for.
///
/// # Errors
/// A failure underneath.
pub fn clear(registry: &Registry, person: PersonId, until: Timestamp, now: Timestamp) -> Result<bool, CaseError> {
    if now < until.plus_millis(DETAILS_DAYS * DAY_MILLIS) {
        return Ok(false);
    }
    if registered_until(&registry.record(person)?, now).is_none() {
        registry.vault().forget_details(person)?;
    }
    Ok(true)
}

/// When the registration of a person ends, if it does.
fn ends(registry: &Registry, person: PersonId, now: Timestamp) -> Result<Option<Timestamp>, CaseError> {
    let until = registered_until(&registry.record(person)?, now);
    Ok(until.filter(|until| *until < Timestamp::FOREVER))
}

/// Whose codes these guardians manage or managed, each person once.
fn children_of(registry: &Registry, guardians: Vec<PersonId>) -> Result<Vec<PersonId>, CaseError> {
    let guarded = guardians.into_iter().map(|guardian| registry.guarded_by(guardian)).collect::<Result<Vec<_>, _>>()?;
    let mut persons: Vec<PersonId> = guarded.into_iter().flatten().map(|(person, _)| person).collect();
    persons.sort_unstable();
    persons.dedup();
    Ok(persons)
}

fn is(registry: &Registry, person: PersonId, child: &Child) -> Result<bool, CaseError> {
    let details = registry.vault().details(person)?;
    Ok(details.name.as_ref() == Some(&child.name) && details.birth().as_ref() == Some(child.birth.date()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use yima_model::Kind;
    use yima_model::fact::{Answer, Symptoms};

    use super::*;
    use crate::testing::{DAY, World, document};

    #[test]
    fn names_go_four_weeks_after_the_end_unless_a_document_was_attached() {
        let world = World::new();
        let guardian = world.resident(100);
        let child = |name| Child {
            name: PersonalText::parse(name).unwrap(),
            birth: BirthDate::parse("2015-03-07", Date::constant(2020, 2, 24), false).unwrap(),
        };
        let desk = || world.call(SourceKind::Desk, "wuchang");
        let health = Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false };
        let opened = |name| open(&world.registry, &desk(), guardian, &child(name), Relation::Parent, health).unwrap();
        let (left, kept) = (opened("王小红"), opened("王小兰"));
        let again = Call { now: world.now(), ..desk() };
        let first = open(&world.registry, &again, guardian, &child("王小青"), Relation::Parent, health).unwrap();
        let repeated = open(&world.registry, &again, guardian, &child("王小青"), Relation::Parent, health).unwrap();
        assert_eq!((first.person, repeated.filed.repeated), (repeated.person, true));
        attach(&world.registry, &desk(), guardian, &child("王小兰"), &document(7)).unwrap();
        let clear = |opened: &Opened| clear(&world.registry, opened.person, opened.until, world.now()).unwrap();
        let name = |opened: &Opened| world.vault.details(opened.person).unwrap().name.is_some();
        world.pass(35 * DAY - 1);
        assert!(!clear(&left) && !clear(&kept) && name(&left));
        world.pass(1);
        assert!(clear(&left) && clear(&kept));
        assert_eq!((name(&left), name(&kept)), (false, true));
        assert_eq!(world.vault.find_document(&document(7)).unwrap(), Some(kept.person));
        assert_eq!(world.facts(left.person, Kind::Guardianship).len(), 1, "what was filed can still be opened");
    }
}

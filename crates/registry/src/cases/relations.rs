//! Relations that a civil register proves: it files whose children are whose, many at a time.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::fact::{FactError, Relation};
use yima_model::{Content, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp};

use super::dependents::{DEPENDENTS_MAX, of_age, of_guardian};
use super::report::{Scope, covers};
use super::{Call, CaseError, Draft, Filed, Refusal, registered};
use crate::registry::Registry;

/// A relation as a register knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Who cares for the child.
    pub guardian: PersonId,
    /// The child.
    pub child: PersonId,
    /// What the guardian is to the child.
    pub relation: Relation,
    /// Until when the register knows of it; [`Timestamp::FOREVER`] without an end.
    pub until: Timestamp,
}

/// What came of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// All of it was filed, or had been before.
    Filed(Filed),
    /// Nothing was filed: these relations, counted from 0, are refused.
    Refused(Vec<(usize, Refusal)>),
}

/// Gives the codes of children into the care of whom a civil register names, all of them or none.
///
/// Each begins now and ends at the child's eighteenth birthday, whatever the relation; nobody cares for more than
/// [`DEPENDENTS_MAX`] persons by it.
///
/// # Errors
/// [`Refusal::NotForThisSource`] unless a register files it, or a failure underneath.
pub fn upload(registry: &Registry, call: &Call, scope: &Scope, proven: &[Proven]) -> Result<Uploaded, CaseError> {
    if call.source.kind != SourceKind::Register {
        return Err(Refusal::NotForThisSource.into());
    }
    let _counting = registry.weigh();
    registry.follow(call.now)?;
    let is_filed = match proven.first() {
        Some(first) => registry.record(first.child)?.iter().any(|fact| fact.id() == call.request.fact_id(0)),
        None => false,
    };
    let (mut draft, mut managed, mut refused) = (Draft::new(call), BTreeMap::new(), Vec::new());
    for (at, one) in proven.iter().enumerate() {
        let until = match end(registry, call, scope, one, &mut managed) {
            Ok(until) => until,
            // It was let in when it came first; the repetition names the same ids and files nothing.
            Err(CaseError::Refused(_)) if is_filed => Timestamp::FOREVER,
            Err(CaseError::Refused(refusal)) => {
                refused.push((at, refusal));
                continue;
            }
            Err(error) => return Err(error),
        };
        let content = Content::Guardianship { guardian: one.guardian, relation: one.relation };
        draft.add(Subject::Person(one.child), Occurred::During { from: call.now, until }, content);
    }
    if refused.is_empty() { Ok(Uploaded::Filed(draft.file(registry)?)) } else { Ok(Uploaded::Refused(refused)) }
}

/// When the care ends, if it may begin; `managed` grows by the child.
fn end(
    registry: &Registry,
    call: &Call,
    scope: &Scope,
    proven: &Proven,
    managed: &mut BTreeMap<PersonId, BTreeSet<PersonId>>,
) -> Result<Timestamp, CaseError> {
    let Proven { guardian, child, .. } = *proven;
    if !scope.kinds.contains(&Kind::Guardianship) || !covers(registry, call, scope, child)? {
        return Err(Refusal::OutsideScope.into());
    }
    if guardian == child {
        return Err(Refusal::OwnGuardian.into());
    }
    registered(registry, guardian, call.now)?;
    registered(registry, child, call.now)?;
    let of_age = of_age(registry, child)?.ok_or(Refusal::BirthUnknown)?;
    let until = of_age.min(proven.until);
    if of_age <= call.now {
        return Err(Refusal::OfAge.into());
    }
    if until <= call.now {
        return Err(Refusal::Fact(FactError::EndsTooEarly).into());
    }
    if let std::collections::btree_map::Entry::Vacant(slot) = managed.entry(guardian) {
        slot.insert(of_guardian(registry, guardian, call.now)?.iter().map(|known| known.person).collect());
    }
    let managed = managed.entry(guardian).or_default();
    if !managed.contains(&child) && managed.len() >= DEPENDENTS_MAX {
        return Err(Refusal::TooManyDependents.into());
    }
    managed.insert(child);
    Ok(until)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use yima_model::{Document, DocumentKind};

    use super::super::{dependents, register::register};
    use super::*;
    use crate::testing::{MINUTE, World, application, areas};

    #[test]
    fn a_register_proves_whose_children_are_whose_or_says_which_it_cannot() {
        let world = World::new();
        let (guardian, other) = (world.resident(100), world.resident(101));
        let child = |number: &str| {
            let mut form = application(0);
            form.document =
                Document::parse(DocumentKind::ResidentId, None, number, Date::constant(2020, 2, 25)).unwrap();
            register(&world.registry, &world.own_call(), &form).unwrap().person()
        };
        // Born on 2010-03-01 and 1990-01-01; the other documents carry no date.
        let (young, grown) = (child("420106201003010013"), child("61010219900101001X"));
        let civil = || world.call(SourceKind::Register, "civil-register-42");
        let scope =
            |area: Option<&str>| Scope { areas: area.map(areas), kinds: vec![Kind::Guardianship], persons_per_hour: 0 };
        let of = |guardian, child| Proven { guardian, child, relation: Relation::Parent, until: Timestamp::FOREVER };
        let upload =
            |call: &Call, areas, proven: &[Proven]| super::upload(&world.registry, call, &scope(areas), proven);
        let by_another = upload(&world.call(SourceKind::Hospital, "first"), None, &[of(guardian, young)]);
        assert!(matches!(by_another, Err(CaseError::Refused(Refusal::NotForThisSource))));
        let stranger = PersonId::from_bytes([9; 16]);
        let ended = Proven { until: world.now(), ..of(guardian, young) };
        let bad = [
            of(guardian, young),
            of(guardian, grown),
            of(young, young),
            of(stranger, young),
            of(guardian, other),
            ended,
        ];
        let refusals = vec![
            (1, Refusal::OfAge),
            (2, Refusal::OwnGuardian),
            (3, Refusal::NotRegistered),
            (4, Refusal::BirthUnknown),
            (5, Refusal::Fact(FactError::EndsTooEarly)),
        ];
        assert_eq!(upload(&civil(), None, &bad).unwrap(), Uploaded::Refused(refusals));
        let elsewhere = upload(&civil(), Some("61"), &[of(guardian, young)]).unwrap();
        assert_eq!(elsewhere, Uploaded::Refused(vec![(0, Refusal::OutsideScope)]));
        let managed = |guardian| dependents::of_guardian(&world.registry, guardian, world.now()).unwrap();
        assert_eq!(managed(guardian), [], "nothing of a batch with a bad row is filed");

        let call = civil();
        let relative = Proven { relation: Relation::Relative, ..of(other, young) };
        let Uploaded::Filed(filed) = upload(&call, Some("42"), &[of(guardian, young), relative]).unwrap() else {
            panic!()
        };
        assert_eq!(filed.facts.len(), 2);
        for guardian in [guardian, other] {
            assert_eq!(managed(guardian)[0].until, Timestamp::parse("2028-03-01T00:00:00+08:00").unwrap());
        }
        world.pass(MINUTE);
        let again = upload(&Call { now: world.now(), ..call }, Some("42"), &[of(guardian, young), relative]).unwrap();
        assert!(matches!(again, Uploaded::Filed(again) if again.repeated && again.facts == filed.facts));
        dependents::add(&world.registry, &world.call(SourceKind::Desk, "a"), guardian, young, Relation::Parent)
            .unwrap();
        assert_eq!(managed(guardian).len(), 1, "proved twice is one child");
        world.pass(MINUTE);
        dependents::remove(&world.registry, &world.call(SourceKind::Desk, "a"), guardian, young).unwrap();
        world.pass(MINUTE);
        assert_eq!(managed(guardian), []);

        // Eight at most, those of the same batch among them.
        let many: Vec<_> = (1..=9).map(|order| of(guardian, child(&number_of("20150307", order)))).collect();
        assert_eq!(upload(&civil(), None, &many).unwrap(), Uploaded::Refused(vec![(8, Refusal::TooManyDependents)]));
        assert!(matches!(upload(&civil(), None, &many[..8]).unwrap(), Uploaded::Filed(_)));
    }

    /// A resident number with this birthday that is right by form.
    fn number_of(birthday: &str, order: u32) -> String {
        const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let digits = format!("420106{birthday}{order:03}");
        let sum: usize = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
        format!("{digits}{}", char::from(b"10X98765432"[sum % 11]))
    }
}

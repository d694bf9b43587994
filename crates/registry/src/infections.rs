//! The cases of a county as the ladders of the national plans take them: by place, and without persons.

use std::collections::HashSet;

use yima_feed::ladder::{AreaCase, Presence};
use yima_model::fact::CaseClass;
use yima_model::{AreaCode, Content, Fact, FactId, Interval, PersonId, Timestamp, Zone};

use crate::cases::inert_at;
use crate::registry::{Registry, RegistryError};
use crate::standing;

/// Records read at a time.
const PAGE: usize = 1024;

/// For how many days before it was found a case's stays count: as far back as its contacts are sought, two days.
///
/// Source: our reading of the ninth plan, which names the places where cases stayed and not how long before.
const STAY_DAYS: i64 = 2;

/// The infections that were found by `at`, each with the place in the county where the person lived, and those where it stayed.
///
/// An illness counts once, when it was first found: who is asymptomatic and then confirmed is no new infection. What is inert
/// at `at`, for want of evidence or by a dispute, counts for nothing.
///
/// # Errors
/// [`RegistryError`].
pub fn area_cases(registry: &Registry, county: AreaCode, at: Timestamp) -> Result<Vec<AreaCase>, RegistryError> {
    let mut cases = Vec::new();
    for share in 0..=u8::MAX {
        let mut from = u128::from(share) << 120;
        loop {
            let records = registry.records(PersonId::from_bytes(from.to_be_bytes()), PAGE)?;
            for (_, facts) in &records {
                cases.extend(of_person(facts, at).into_iter().filter(|case| county.contains(case.area)));
            }
            match records.last() {
                Some((last, _)) if records.len() == PAGE => from = u128::from_be_bytes(*last.bytes()).saturating_add(1),
                _ => break,
            }
        }
    }
    Ok(cases)
}

fn of_person(facts: &[Fact], at: Timestamp) -> Vec<AreaCase> {
    if !facts.iter().any(|fact| matches!(fact.content(), Content::Case { .. })) {
        return Vec::new();
    }
    let inert = inert_at(facts, at);
    let standing = standing::standing(facts, Timestamp::FOREVER);
    let mut cases = Vec::new();
    for (found, class) in illnesses(&standing, &inert, at) {
        let lives = standing::address(&standing, found).into_iter().map(|area| (area, Presence::Lives));
        let stayed = stays(&standing, &inert, found).map(|area| (area, Presence::Stayed));
        cases.extend(lives.chain(stayed).map(|(area, presence)| AreaCase { area, class, found, presence }));
    }
    cases
}

/// When each illness was found, and how certain it was then.
fn illnesses(standing: &[(&Fact, Interval)], inert: &HashSet<FactId>, at: Timestamp) -> Vec<(Timestamp, CaseClass)> {
    let infections = standing.iter().filter_map(|(fact, lasts)| match fact.content() {
        Content::Case { class: CaseClass::Suspected | CaseClass::Fever } => None,
        Content::Case { class } if lasts.from() <= at && !inert.contains(&fact.id()) => Some((*lasts, *class)),
        _ => None,
    });
    let mut infections: Vec<(Interval, CaseClass)> = infections.collect();
    infections.sort_unstable_by_key(|(lasts, class)| (lasts.from(), *class as u8));
    let mut found: Vec<(Timestamp, CaseClass)> = Vec::new();
    let mut ill_until = Timestamp::BEGINNING;
    for (lasts, class) in infections {
        if found.is_empty() || lasts.from() > ill_until {
            found.push((lasts.from(), class));
        }
        ill_until = ill_until.max(lasts.until());
    }
    found
}

/// Where the person stayed in the days before a case was found.
fn stays(standing: &[(&Fact, Interval)], inert: &HashSet<FactId>, found: Timestamp) -> impl Iterator<Item = AreaCode> {
    let first = Zone::BEIJING.midnight(Zone::BEIJING.day(found) - STAY_DAYS);
    standing.iter().filter_map(move |(fact, lasts)| match fact.content() {
        Content::Stay { area, .. } if lasts.from() <= found && first < lasts.until() && !inert.contains(&fact.id()) => {
            Some(*area)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use yima_model::fact::{StayOrigin, TestMethod};
    use yima_model::id::SampleId;
    use yima_model::{Occurred, SourceKind, Subject};

    use super::*;
    use crate::cases::report::Report;
    use crate::cases::undo::retract;
    use crate::testing::{DAY, HOUR, START, World, area, at, during};

    const HOME: &str = "420106001";

    /// The place, when it was found in hours since noon of the first day, and what the place is to the case.
    fn check(world: &World, county: &str, expected: &[(&str, i64, Presence)]) {
        world.registry.follow(world.now()).unwrap();
        let cases = area_cases(&world.registry, area(county), world.now()).unwrap();
        let hours = |at: Timestamp| (at.millis() - START) / HOUR;
        let found: Vec<_> =
            cases.iter().map(|case| (case.area.to_string(), hours(case.found), case.presence)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(place, hours, presence)| ((*place).to_owned(), *hours, *presence)).collect();
        assert_eq!(found, expected);
    }

    /// A positive test and the case that it proves.
    fn falls_ill(world: &World, person: PersonId, class: CaseClass) -> FactId {
        let sample = SampleId::from_bytes([u8::try_from(world.now().millis() / HOUR % 200).unwrap(); 16]);
        let method = TestMethod::NucleicAcid;
        let sampled = Content::Sample { sample, pool: None, method };
        world.files(SourceKind::Laboratory, "first", at(person, world.now(), sampled));
        let positive = Content::TestResult { sample, method, positive: true };
        world.files(SourceKind::Laboratory, "second", at(person, world.now(), positive));
        let case = during(person, world.now(), 10, Content::Case { class });
        let (fact, is_inert) = world.files(SourceKind::Hospital, "first", case);
        assert!(!is_inert);
        fact
    }

    #[test]
    fn a_case_counts_where_the_person_lives_and_stayed() {
        let world = World::new();
        let person = world.resident(1);
        world.resident(2);
        let stay = |place: &str| Content::Stay { area: area(place), origin: StayOrigin::Ticket };
        let noon = world.now();
        for (place, days_before) in [("420102003", 1), ("420106002", 2), ("420106007", 4)] {
            let from = noon.plus_millis(-days_before * DAY);
            let report = Report {
                subject: Subject::Person(person),
                occurred: Occurred::During { from, until: from.plus_millis(HOUR) },
                content: stay(place),
                cause: None,
            };
            world.files(SourceKind::Carrier, "rail", report);
        }
        check(&world, "420106", &[]);
        falls_ill(&world, person, CaseClass::Confirmed);
        check(&world, "420106", &[(HOME, 0, Presence::Lives), ("420106002", 0, Presence::Stayed)]);
        check(&world, "420102", &[("420102003", 0, Presence::Stayed)]);
        check(&world, "420103", &[]);
    }

    #[test]
    fn one_illness_is_one_infection_and_what_is_none_counts_for_nothing() {
        let world = World::new();
        let person = world.resident(1);
        let suspected = during(person, world.now(), 10, Content::Case { class: CaseClass::Suspected });
        world.files(SourceKind::Hospital, "first", suspected);
        check(&world, "420106", &[]);
        world.pass(HOUR);
        falls_ill(&world, person, CaseClass::Asymptomatic);
        world.pass(HOUR);
        falls_ill(&world, person, CaseClass::Confirmed);
        check(&world, "420106", &[(HOME, 1, Presence::Lives)]);
        world.pass(30 * DAY);
        falls_ill(&world, person, CaseClass::Confirmed);
        check(&world, "420106", &[(HOME, 1, Presence::Lives), (HOME, 2 + 30 * 24, Presence::Lives)]);
    }

    #[test]
    fn a_case_without_evidence_or_taken_back_counts_for_nothing() {
        let world = World::new();
        let person = world.resident(1);
        let alone = during(person, world.now(), 10, Content::Case { class: CaseClass::Confirmed });
        let (_, is_inert) = world.files(SourceKind::Hospital, "first", alone);
        assert!(is_inert);
        check(&world, "420106", &[]);
        let other = world.resident(2);
        let case = falls_ill(&world, other, CaseClass::Confirmed);
        check(&world, "420106", &[(HOME, 0, Presence::Lives)]);
        let hospital = world.call(SourceKind::Hospital, "first");
        retract(&world.registry, &hospital, Subject::Person(other), case).unwrap();
        check(&world, "420106", &[]);
    }
}

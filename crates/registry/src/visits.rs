//! Where a person was, or came from, while it had a medium or high level; of everything else nothing is told (R-16 … R-20).

use std::collections::BTreeMap;

use yima_model::{AreaCode, Content, Fact, FactId, Interval, Level, Signal, Timestamp};

use crate::cases::inert_at;
use crate::levels::{Levels, Listed};
use crate::standing::standing;

/// How long after an arrival its marker is shown; our reading of the fourteen days for which travel was looked back.
pub const MARKED_DAYS: i64 = 14;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A listed place where a person was while it had its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The place with its level.
    pub listed: &'a Listed,
    /// From the first until the last instant of both together.
    pub during: Interval,
}

/// An arrival from a place that had a medium or high level at that instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker<'a> {
    /// The arrival.
    pub fact: FactId,
    /// When.
    pub at: Timestamp,
    /// Where to.
    pub to: AreaCode,
    /// The place that the person came from.
    pub listed: &'a Listed,
}

/// The listed places that a person has visited by `now`, each once, the latest first.
///
/// A level that no other office has confirmed is none yet.
pub fn visits<'a>(facts: &[Fact], levels: &'a Levels, now: Timestamp) -> Vec<Visit<'a>> {
    let mut found: BTreeMap<FactId, Visit<'a>> = BTreeMap::new();
    for (fact, lasts) in counting(facts, now) {
        let Content::Stay { area, .. } = fact.content() else { continue };
        for (listed, holds) in restrictive(levels, *area, now) {
            let both = holds.and(&lasts.into());
            for during in both.intervals().iter().copied().filter(|during| during.from() <= now) {
                let visit = found.entry(listed.fact).or_insert(Visit { listed, during });
                let (from, until) = (visit.during.from().min(during.from()), visit.during.until().max(during.until()));
                visit.during = Interval::new(from, until).unwrap_or(during);
            }
        }
    }
    let mut visits: Vec<_> = found.into_values().collect();
    visits.sort_by_key(|visit| std::cmp::Reverse((visit.during.from(), visit.listed.fact)));
    visits
}

/// The arrivals of a person from listed places within the last days, the latest first.
pub fn markers<'a>(facts: &[Fact], levels: &'a Levels, now: Timestamp) -> Vec<Marker<'a>> {
    let since = marked_since(now);
    let marker = |fact: &Fact| {
        let Content::Arrival { from: Some(from), to } = *fact.content() else { return None };
        let at = fact.occurred().start();
        let listed = restrictive(levels, from, now).filter(|(_, holds)| holds.holds_at(at)).map(|(listed, _)| listed);
        let listed = listed.max_by_key(|listed| (listed.level, listed.fact)).filter(|_| since < at && at <= now)?;
        Some(Marker { fact: fact.id(), at, to, listed })
    };
    let mut markers: Vec<_> = counting(facts, now).filter_map(|(fact, _)| marker(fact)).collect();
    markers.sort_by_key(|marker| std::cmp::Reverse((marker.at, marker.fact)));
    markers
}

/// From when on an arrival is marked at `now`.
pub const fn marked_since(now: Timestamp) -> Timestamp {
    now.plus_millis(-MARKED_DAYS * DAY_MILLIS)
}

/// The facts that stand and are not inert.
fn counting(facts: &[Fact], now: Timestamp) -> impl Iterator<Item = (&Fact, Interval)> {
    let inert = inert_at(facts, now);
    standing(facts, Timestamp::FOREVER).into_iter().filter(move |(fact, _)| !inert.contains(&fact.id()))
}

fn restrictive(levels: &Levels, area: AreaCode, now: Timestamp) -> impl Iterator<Item = (&Listed, Signal)> {
    let containing = levels.containing(area).into_iter();
    containing.filter(move |(listed, _)| listed.level > Level::Low && listed.has_effect(now))
}

#[cfg(test)]
mod tests {
    use yima_model::fact::{SourceKind, StayOrigin};
    use yima_model::{AreaSet, Occurred, PersonId, Subject};

    use super::*;
    use crate::cases::report::Report;
    use crate::cases::undo;
    use crate::testing::{DAY, HOUR, World, area, areas, at, during};

    /// A level that another office has confirmed.
    fn level(world: &World, areas: AreaSet, level: Level, days: i64) -> FactId {
        let occurred = Occurred::During { from: world.now(), until: world.now().plus_millis(days * DAY) };
        let content = Content::AreaLevel { areas, level };
        let report = Report { subject: Subject::Global, occurred, content, cause: None };
        let (id, is_inert) = world.files(SourceKind::Headquarters, "hubei", report);
        if is_inert {
            let call = world.call(SourceKind::DiseaseControl, "cdc");
            undo::confirm(&world.registry, &call, &[(Subject::Global, id)]).unwrap();
        }
        id
    }

    fn stay(world: &World, person: PersonId, code: &str, from: Timestamp, days: i64) {
        let content = Content::Stay { area: area(code), origin: StayOrigin::Declared };
        world.files(SourceKind::Community, "wuchang", during(person, from, days, content));
    }

    fn seen(world: &World, person: PersonId) -> Vec<(FactId, Timestamp, Timestamp)> {
        let levels = Levels::new(&world.registry.globals(), Timestamp::FOREVER);
        let visits = visits(&world.registry.record(person).unwrap(), &levels, world.now());
        visits.iter().map(|visit| (visit.listed.fact, visit.during.from(), visit.during.until())).collect()
    }

    #[test]
    fn of_nine_low_cities_and_one_medium_compound_one_line_is_seen() {
        let world = World::new();
        let person = world.resident(1);
        let start = world.now();
        let compound = level(&world, areas("610102.1"), Level::Medium, 5);
        level(&world, areas("61"), Level::Low, 30);
        let unconfirmed = Content::AreaLevel { areas: areas("6103"), level: Level::High };
        let occurred = Occurred::since(start);
        let report = Report { subject: Subject::Global, occurred, content: unconfirmed, cause: None };
        assert!(world.files(SourceKind::Headquarters, "hubei", report).1);
        world.pass(20 * DAY);
        for (number, city) in
            ["6103", "6104", "6105", "6106", "6107", "6108", "6109", "6110", "610102"].iter().enumerate()
        {
            stay(&world, person, city, start.plus_millis(number as i64 * DAY), 1);
        }
        assert_eq!(seen(&world, person), []);
        let from = start.plus_millis(4 * DAY);
        stay(&world, person, "610102.1", from, 4);
        assert_eq!(seen(&world, person), [(compound, from, start.plus_millis(5 * DAY))], "while it was medium");
        stay(&world, person, "610102.1", start.plus_millis(DAY), 1);
        let both = [(compound, start.plus_millis(DAY), start.plus_millis(5 * DAY))];
        assert_eq!(seen(&world, person), both, "a place is one line however often it was visited");
        stay(&world, person, "610102.1", start.plus_millis(5 * DAY), 3);
        assert_eq!(seen(&world, person), both, "it was low again");
    }

    #[test]
    fn an_arrival_is_marked_by_the_level_at_that_instant_for_fourteen_days() {
        let world = World::new();
        let person = world.resident(1);
        let medium = level(&world, areas("610102.1"), Level::Medium, 5);
        world.pass(DAY);
        let arrives = |code: &str, when| {
            let content = Content::Arrival { from: Some(area(code)), to: area("420106001") };
            world.files(SourceKind::Carrier, "rail", at(person, when, content)).0
        };
        let marked = |now: Timestamp| {
            let levels = Levels::new(&world.registry.globals(), Timestamp::FOREVER);
            let facts = world.registry.record(person).unwrap();
            markers(&facts, &levels, now).iter().map(|marker| (marker.fact, marker.listed.fact)).collect::<Vec<_>>()
        };
        arrives("610102", world.now());
        arrives("610102.1", world.now().plus_millis(-DAY - HOUR));
        assert_eq!(marked(world.now()), [], "the county is not the compound, and that one was not listed yet");
        let arrival = arrives("610102.1", world.now());
        assert_eq!(marked(world.now()), [(arrival, medium)]);
        let last = world.now().plus_millis(14 * DAY);
        assert_eq!(marked(last.plus_millis(-1)), [(arrival, medium)], "though the level has ended meanwhile");
        assert_eq!(marked(last), []);
    }

    #[test]
    fn arrivals_are_found_by_where_they_lead() {
        let world = World::new();
        let (first, second) = (world.resident(1), world.resident(2));
        let arrives = |person, to: &str, when| {
            let content = Content::Arrival { from: Some(area("61")), to: area(to) };
            world.files(SourceKind::Carrier, "rail", at(person, when, content)).0
        };
        let start = world.now();
        let early = arrives(first, "420106001.7", start.plus_millis(-DAY));
        let late = arrives(second, "420106", start);
        arrives(second, "420102", start);
        let to = |code: &str, since| world.registry.arrivals_to(area(code), since).unwrap();
        assert_eq!(to("420106", start.plus_millis(-DAY)), [(second, late), (first, early)]);
        assert_eq!(to("420106", start), [(second, late)]);
        assert_eq!(to("420106001", start.plus_millis(-DAY)), [(first, early)]);
        assert_eq!(to("4201", start).len(), 2);
        assert_eq!(to("43", start.plus_millis(-DAY)), []);
    }
}

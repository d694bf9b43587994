//! Which level follows from the cases of an area, by the two national plans that state a ladder.
//!
//! Source: the ninth edition of the prevention and control plan, 2022-06-28: 高风险区连续7天无新增感染者降为中风险区 (after a clear
//! screening of everybody on the seventh day); 中风险区连续7天（由高风险区降级的连续3天）无新增感染者降为低风险区. The twenty measures,
//! 2022-11-11: 高风险区连续5天未发现新增感染者，降为低风险区, and medium is no level any more.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::area::Depth;
use yima_model::fact::CaseClass;
use yima_model::{AreaCode, FirstDay, Level, Span, Timestamp, Zone};

use crate::fold::Spell;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// What a plan says of an area in which nobody is found infected any more; days are civil days in Beijing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The first hour at which it applied.
    pub from: Timestamp,
    /// The first hour at which the next plan did.
    pub until: Timestamp,
    /// Days without a new infection after which a high area is high no more.
    pub high_days: u32,
    /// What it says of medium areas; `None` where there is no medium.
    pub medium: Option<Medium>,
    /// Whether a screening of everybody in a high area on the last of those days, or later, must have found nobody.
    pub asks_screening: bool,
}

/// What a plan says of medium areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Medium {
    /// Days without a new infection for an area that was high before.
    pub after_high_days: u32,
    /// Days without a new infection for an area that was not.
    pub days: u32,
}

/// A case as it matters to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaCase {
    /// The place, as precisely as it is known.
    pub area: AreaCode,
    /// How certain the case is; what is not yet known to be an infection counts for nothing.
    pub class: CaseClass,
    /// When it was found.
    pub found: Timestamp,
    /// What the place is to it.
    pub presence: Presence,
}

/// What a place is to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The case lives or often is there, which makes a place high.
    Lives,
    /// The case stayed there for some time, which makes a place medium where there is medium.
    Stayed,
}

/// A screening of everybody in an area that found nobody infected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearScreening {
    /// Where; it holds for all that lies in it.
    pub area: AreaCode,
    /// When it ended.
    pub ended: Timestamp,
}

/// What is known of the areas of a county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// The cases, in whatever order.
    pub cases: &'a [AreaCase],
    /// The clear screenings, in whatever order.
    pub screenings: &'a [ClearScreening],
}

impl AreaCase {
    /// Whether a case is an infection. A suspected case and an unexplained fever are none before they are confirmed, and a
    /// clinical diagnosis is one (our reading).
    pub const fn is_infection(&self) -> bool {
        match self.class {
            CaseClass::Confirmed | CaseClass::Clinical | CaseClass::Asymptomatic => true,
            CaseClass::Suspected | CaseClass::Fever => false,
        }
    }
}

impl Ladder {
    /// The ninth plan: high for seven days and until a clear screening, then medium for three; medium of its own for seven.
    pub const NINTH_PLAN: Self = Self {
        from: Timestamp::from_millis(1_656_345_600_000),
        until: Self::TWENTY_MEASURES.from,
        high_days: 7,
        medium: Some(Medium { after_high_days: 3, days: 7 }),
        asks_screening: true,
    };

    /// The twenty measures: high for five days, and there is no medium.
    pub const TWENTY_MEASURES: Self = Self {
        from: Timestamp::from_millis(1_668_096_000_000),
        until: Timestamp::from_millis(1_670_342_400_000),
        high_days: 5,
        medium: None,
        asks_screening: false,
    };

    /// The high and medium levels of a place that follow from the cases in it, ascending and without overlap.
    ///
    /// The day on which the last infection was found does not count (our reading); the level ends at 00:00 after the last of
    /// the days. Where the plan asks for a screening and none was clear, the place stays high without end.
    pub fn levels(&self, place: AreaCode, known: Known<'_>) -> Vec<Spell> {
        let found = |presence: Presence| {
            let here = known.cases.iter().filter(|case| case.presence == presence && case.is_infection());
            let mut found: Vec<Timestamp> =
                here.filter(|case| place.contains(case.area)).map(|case| case.found).collect();
            found.sort_unstable();
            found
        };
        let here = known.screenings.iter().filter(|screening| screening.area.contains(place));
        let screenings: Vec<Timestamp> = here.map(|screening| screening.ended).collect();
        let mut spells: Vec<Spell> = Vec::new();
        for infection in found(Presence::Lives) {
            let until = self.high_until(infection, &screenings);
            match spells.last_mut().filter(|last| infection <= last.until) {
                // The days begin anew; a screening before this infection says nothing any more.
                Some(last) => last.until = until,
                None => spells.push(Spell { from: infection, until, level: Level::High }),
            }
        }
        if let Some(medium) = self.medium {
            let ended = spells.iter().map(|high| high.until).filter(|until| *until != Timestamp::FOREVER);
            let after: Vec<Spell> =
                ended.map(|from| until_days(from, medium.after_high_days, FirstDay::Counts)).collect();
            let stays = found(Presence::Stayed).into_iter();
            spells.extend(stays.map(|from| until_days(from, medium.days, FirstDay::DoesNotCount)));
            spells.extend(after);
        }
        highest(&spells)
    }

    /// The levels of every place of a county with an infection in it, and under the county's own code those of the rest of it.
    ///
    /// Source: both plans: the rest of a county with high or medium areas is low, and so is an area of it whose own levels have
    /// ended; when all have, no place has a level any more. A case that is known no more precisely than by its county is of no
    /// place.
    pub fn county(&self, county: AreaCode, known: Known<'_>) -> BTreeMap<AreaCode, Vec<Spell>> {
        let is_place = |case: &&AreaCase| county.contains(case.area) && case.area.depth() > Depth::County;
        let places: BTreeSet<AreaCode> = known.cases.iter().filter(is_place).map(|case| case.area).collect();
        let own = places.into_iter().map(|place| (place, self.levels(place, known)));
        let mut levels: BTreeMap<AreaCode, Vec<Spell>> = own.filter(|(_, spells)| !spells.is_empty()).collect();
        let low = |spell: &Spell| Spell { level: Level::Low, ..*spell };
        let rest = highest(&levels.values().flatten().map(low).collect::<Vec<_>>());
        for spells in levels.values_mut() {
            spells.extend(&rest);
            *spells = highest(spells);
        }
        levels.insert(county, rest);
        levels
    }

    /// When the days of a high area are over whose last infection was found then.
    pub const fn days_over(&self, infection: Timestamp) -> Timestamp {
        Zone::BEIJING.advance(infection, Span::Days(self.high_days), FirstDay::DoesNotCount)
    }

    /// From when on a screening counts that ends a high level after this last infection; `None` where none is asked for.
    pub fn screening_from(&self, infection: Timestamp) -> Option<Timestamp> {
        self.asks_screening.then(|| self.days_over(infection).plus_millis(-DAY_MILLIS))
    }

    /// Until when an area is high whose last infection was found then.
    fn high_until(&self, infection: Timestamp, screenings: &[Timestamp]) -> Timestamp {
        let over = self.days_over(infection);
        let Some(first) = self.screening_from(infection) else { return over };
        let screened = screenings.iter().filter(|ended| **ended >= first).min();
        screened.map_or(Timestamp::FOREVER, |ended| over.max(*ended))
    }
}

const fn until_days(from: Timestamp, days: u32, first_day: FirstDay) -> Spell {
    Spell { from, until: Zone::BEIJING.advance(from, Span::Days(days), first_day), level: Level::Medium }
}

/// The highest of these levels at each instant.
fn highest(spells: &[Spell]) -> Vec<Spell> {
    let edges: BTreeSet<Timestamp> = spells.iter().flat_map(|spell| [spell.from, spell.until]).collect();
    let mut highest: Vec<Spell> = Vec::new();
    for (from, until) in edges.iter().zip(edges.iter().skip(1)) {
        let here = spells.iter().filter(|spell| spell.from <= *from && *from < spell.until);
        let Some(level) = here.map(|spell| spell.level).max() else { continue };
        match highest.last_mut().filter(|last| last.until == *from && last.level == level) {
            Some(last) => last.until = *until,
            None => highest.push(Spell { from: *from, until: *until, level }),
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH: Level = Level::High;
    const MEDIUM: Level = Level::Medium;
    const LOW: Level = Level::Low;
    const COMPOUND: &str = "110105003.17";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2022-{text}+08:00")).unwrap()
    }

    fn area(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    fn case(place: &str, class: CaseClass, found: &str, presence: Presence) -> AreaCase {
        AreaCase { area: area(place), class, found: at(found), presence }
    }

    fn lives(found: &str) -> AreaCase {
        case(COMPOUND, CaseClass::Confirmed, found, Presence::Lives)
    }

    fn stayed(found: &str) -> AreaCase {
        case(COMPOUND, CaseClass::Confirmed, found, Presence::Stayed)
    }

    fn clear(ended: &[&str]) -> Vec<ClearScreening> {
        ended.iter().map(|ended| ClearScreening { area: area(COMPOUND), ended: at(ended) }).collect()
    }

    fn spells(expected: &[(&str, &str, Level)]) -> Vec<Spell> {
        let until = |text: &str| if text.is_empty() { Timestamp::FOREVER } else { at(text) };
        expected.iter().map(|(from, end, level)| Spell { from: at(from), until: until(end), level: *level }).collect()
    }

    fn check(ladder: Ladder, cases: &[AreaCase], screened: &[&str], expected: &[(&str, &str, Level)]) {
        let screenings = clear(screened);
        let levels = ladder.levels(area(COMPOUND), Known { cases, screenings: &screenings });
        assert_eq!(levels, spells(expected), "{cases:?} {screened:?}");
    }

    #[test]
    fn the_plans_begin_on_their_days() {
        assert_eq!(Ladder::NINTH_PLAN.from, at("06-28T00:00:00"));
        assert_eq!(Ladder::NINTH_PLAN.until, at("11-11T00:00:00"));
        assert_eq!(Ladder::TWENTY_MEASURES.from, at("11-11T00:00:00"));
        assert_eq!(Ladder::TWENTY_MEASURES.until, at("12-07T00:00:00"));
    }

    #[test]
    fn a_high_area_of_the_ninth_plan_steps_down_after_seven_days_and_three() {
        let plan = Ladder::NINTH_PLAN;
        check(plan, &[], &[], &[]);
        // The first and the last instant of the day of the infection count alike, and so do those of the seventh day.
        for found in ["07-01T00:00:00", "07-01T10:00:00", "07-01T23:59:59.999"] {
            for screened in ["07-08T00:00:00", "07-08T09:00:00", "07-08T23:59:59.999"] {
                check(
                    plan,
                    &[lives(found)],
                    &[screened],
                    &[(found, "07-09T00:00:00", HIGH), ("07-09T00:00:00", "07-12T00:00:00", MEDIUM)],
                );
            }
        }
    }

    #[test]
    fn without_the_screening_of_the_seventh_day_an_area_stays_high() {
        let plan = Ladder::NINTH_PLAN;
        let found = "07-01T10:00:00";
        check(plan, &[lives(found)], &[], &[(found, "", HIGH)]);
        check(plan, &[lives(found)], &["07-07T23:59:59.999"], &[(found, "", HIGH)]);
        check(
            plan,
            &[lives(found)],
            &["07-10T15:00:00", "07-07T12:00:00"],
            &[(found, "07-10T15:00:00", HIGH), ("07-10T15:00:00", "07-13T00:00:00", MEDIUM)],
        );
    }

    #[test]
    fn a_new_infection_begins_the_days_anew() {
        let plan = Ladder::NINTH_PLAN;
        let first = "07-01T10:00:00";
        check(
            plan,
            &[lives("07-05T10:00:00"), lives(first)],
            &["07-08T10:00:00", "07-12T10:00:00"],
            &[(first, "07-13T00:00:00", HIGH), ("07-13T00:00:00", "07-16T00:00:00", MEDIUM)],
        );
        // At the last instant of the seventh day the days begin anew, and what was screened before says nothing any more.
        for last in ["07-08T23:59:59.999", "07-09T00:00:00"] {
            check(plan, &[lives(first), lives(last)], &["07-08T10:00:00"], &[(first, "", HIGH)]);
        }
        // While it is medium, the area is high again from the infection on.
        for second in ["07-09T00:00:00.001", "07-10T10:00:00", "07-11T23:59:59.999"] {
            check(
                plan,
                &[lives(first), lives(second)],
                &["07-08T10:00:00"],
                &[(first, "07-09T00:00:00", HIGH), ("07-09T00:00:00", second, MEDIUM), (second, "", HIGH)],
            );
        }
        // After the release it is a new case.
        check(
            plan,
            &[lives(first), lives("07-20T10:00:00")],
            &["07-08T10:00:00"],
            &[
                (first, "07-09T00:00:00", HIGH),
                ("07-09T00:00:00", "07-12T00:00:00", MEDIUM),
                ("07-20T10:00:00", "", HIGH),
            ],
        );
    }

    #[test]
    fn a_medium_area_of_the_ninth_plan_ends_after_seven_days_and_needs_no_screening() {
        let plan = Ladder::NINTH_PLAN;
        for found in ["07-01T00:00:00", "07-01T23:59:59.999"] {
            check(plan, &[stayed(found)], &[], &[(found, "07-09T00:00:00", MEDIUM)]);
        }
        check(
            plan,
            &[stayed("07-01T10:00:00"), stayed("07-08T23:59:59.999")],
            &[],
            &[("07-01T10:00:00", "07-16T00:00:00", MEDIUM)],
        );
        check(
            plan,
            &[stayed("07-01T10:00:00"), stayed("07-09T00:00:00.001")],
            &[],
            &[("07-01T10:00:00", "07-09T00:00:00", MEDIUM), ("07-09T00:00:00.001", "07-17T00:00:00", MEDIUM)],
        );
        // An infection of whoever lives there makes it high; of the two ways to be medium the one that lasts longer counts.
        check(
            plan,
            &[stayed("07-01T10:00:00"), lives("07-03T10:00:00"), stayed("07-09T10:00:00")],
            &["07-10T10:00:00"],
            &[
                ("07-01T10:00:00", "07-03T10:00:00", MEDIUM),
                ("07-03T10:00:00", "07-11T00:00:00", HIGH),
                ("07-11T00:00:00", "07-17T00:00:00", MEDIUM),
            ],
        );
    }

    #[test]
    fn a_high_area_of_the_twenty_measures_ends_after_five_days_and_is_never_medium() {
        let measures = Ladder::TWENTY_MEASURES;
        for found in ["11-20T00:00:00", "11-20T10:00:00", "11-20T23:59:59.999"] {
            check(measures, &[lives(found)], &[], &[(found, "11-26T00:00:00", HIGH)]);
        }
        let first = "11-20T10:00:00";
        check(measures, &[lives(first), lives("11-25T23:59:59.999")], &[], &[(first, "12-01T00:00:00", HIGH)]);
        check(
            measures,
            &[lives(first), lives("11-26T00:00:00.001")],
            &[],
            &[(first, "11-26T00:00:00", HIGH), ("11-26T00:00:00.001", "12-02T00:00:00", HIGH)],
        );
        check(measures, &[stayed(first)], &[], &[]);
    }

    #[test]
    fn what_is_no_infection_and_what_lies_elsewhere_makes_no_level() {
        let found = "11-20T10:00:00";
        let high = [(found, "11-26T00:00:00", HIGH)];
        let check = |place: &str, class, is_high: bool| {
            let cases = [case(place, class, found, Presence::Lives)];
            super::tests::check(Ladder::TWENTY_MEASURES, &cases, &[], if is_high { &high } else { &[] });
        };
        for (class, is_high) in [
            (CaseClass::Confirmed, true),
            (CaseClass::Clinical, true),
            (CaseClass::Asymptomatic, true),
            (CaseClass::Suspected, false),
            (CaseClass::Fever, false),
        ] {
            check(COMPOUND, class, is_high);
        }
        check("110105003.18", CaseClass::Confirmed, false);
        check("110105003", CaseClass::Confirmed, false);
    }

    #[test]
    fn a_screening_counts_for_what_lies_in_its_area() {
        let found = "07-01T10:00:00";
        let cases = [lives(found)];
        let check = |screened: &str, is_clear: bool| {
            let screenings = [ClearScreening { area: area(screened), ended: at("07-08T10:00:00") }];
            let known = Known { cases: &cases, screenings: &screenings };
            let levels = Ladder::NINTH_PLAN.levels(area(COMPOUND), known);
            assert_eq!(levels[0].until == at("07-09T00:00:00"), is_clear, "{screened}");
        };
        check("110105", true);
        check(COMPOUND, true);
        check("110105003.18", false);
    }

    #[test]
    fn the_rest_of_a_county_is_low_until_no_place_of_it_is_high_or_medium() {
        let county = area("110105");
        let cases = [
            case("110105003.17", CaseClass::Confirmed, "07-01T10:00:00", Presence::Lives),
            case("110105012.4", CaseClass::Asymptomatic, "07-06T10:00:00", Presence::Stayed),
            // Of another county, of no place, and no infection.
            case("110106003", CaseClass::Confirmed, "07-20T10:00:00", Presence::Lives),
            case("110105", CaseClass::Confirmed, "07-20T10:00:00", Presence::Lives),
            case("110105009", CaseClass::Suspected, "07-20T10:00:00", Presence::Lives),
        ];
        let screenings = clear(&["07-08T10:00:00"]);
        let levels = Ladder::NINTH_PLAN.county(county, Known { cases: &cases, screenings: &screenings });
        let expected = [
            ("110105", spells(&[("07-01T10:00:00", "07-14T00:00:00", LOW)])),
            (
                "110105003.17",
                spells(&[
                    ("07-01T10:00:00", "07-09T00:00:00", HIGH),
                    ("07-09T00:00:00", "07-12T00:00:00", MEDIUM),
                    ("07-12T00:00:00", "07-14T00:00:00", LOW),
                ]),
            ),
            (
                "110105012.4",
                spells(&[("07-01T10:00:00", "07-06T10:00:00", LOW), ("07-06T10:00:00", "07-14T00:00:00", MEDIUM)]),
            ),
        ];
        assert_eq!(levels, expected.map(|(place, spells)| (area(place), spells)).into());

        // High to low after five days, and none once the last place of the county has had them.
        let cases = [
            case("110105003.17", CaseClass::Confirmed, "11-20T10:00:00", Presence::Lives),
            case("110105012.4", CaseClass::Confirmed, "11-22T10:00:00", Presence::Lives),
        ];
        let levels = Ladder::TWENTY_MEASURES.county(county, Known { cases: &cases, screenings: &[] });
        assert_eq!(levels[&county], spells(&[("11-20T10:00:00", "11-28T00:00:00", LOW)]));
        assert_eq!(
            levels[&area("110105003.17")],
            spells(&[("11-20T10:00:00", "11-26T00:00:00", HIGH), ("11-26T00:00:00", "11-28T00:00:00", LOW)])
        );
        assert_eq!(Ladder::TWENTY_MEASURES.county(area("110106"), Known { cases: &cases, screenings: &[] }).len(), 1);
    }
}

//! How long a level lasts by the national plans, on what was found in the area, and how far published levels follow that.
//!
//! Source: the ninth edition of the prevention and control plan (2022-06-28), and the twenty measures (2022-11-11).

use std::fmt;

use yima_model::{FirstDay, Level, Span, Timestamp, Zone};

use crate::fold::{History, Spell};

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// What a plan says of a high-risk area in which nobody is found infected any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The first hour at which it applied.
    pub from: Timestamp,
    /// The first hour at which the next plan did.
    pub until: Timestamp,
    /// Civil days without a new infection after which it is high no more.
    pub high_days: u32,
    /// Civil days that it is medium then; `None` where there is no medium.
    pub medium_days: Option<u32>,
    /// Whether a screening of everybody on the last of those days, or later, must have found nobody.
    pub asks_screening: bool,
}

/// What was found in one area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// When somebody there was found infected, ascending.
    pub infections: &'a [Timestamp],
    /// When a screening of everybody there ended without an infection, ascending.
    pub clear_screenings: &'a [Timestamp],
}

/// How far published levels follow a ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// High levels that began and ended while the plan applied.
    pub high: usize,
    /// Those that lasted as long as it says at least, less the day on which the infection may have been found before.
    pub high_long_enough: usize,
    /// Those that became medium in the very update in which they ended.
    pub high_then_medium: usize,
    /// Medium levels that followed so, and ended while the plan applied.
    pub medium: usize,
    /// Those of them that lasted as long as the plan says at least, less a day.
    pub medium_long_enough: usize,
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, whole: usize| (100 * part).checked_div(whole).unwrap_or_default();
        let Self { high, high_long_enough, high_then_medium, medium, medium_long_enough } = *self;
        write!(
            f,
            "{high} high levels, {high_long_enough} ({} %) long enough, {high_then_medium} ({} %) medium at once; \
             {medium} of these ended, {medium_long_enough} ({} %) long enough",
            percent(high_long_enough, high),
            percent(high_then_medium, high),
            percent(medium_long_enough, medium),
        )
    }
}

impl Ladder {
    /// The ninth plan: seven days and a clear screening, then three days of medium.
    pub const NINTH_PLAN: Self = Self {
        from: beijing(1_656_345_600_000),
        until: Self::TWENTY_MEASURES.from,
        high_days: 7,
        medium_days: Some(3),
        asks_screening: true,
    };

    /// The twenty measures: five days, and there is no medium.
    pub const TWENTY_MEASURES: Self = Self {
        from: beijing(1_668_096_000_000),
        until: beijing(1_670_342_400_000),
        high_days: 5,
        medium_days: None,
        asks_screening: false,
    };

    /// The levels that follow from what was found; the day of the last infection does not count.
    ///
    /// Without the screening that a plan asks for, an area stays high.
    pub fn levels(&self, found: Found<'_>) -> Vec<Spell> {
        let mut spells: Vec<Spell> = Vec::new();
        for infection in found.infections {
            // Whatever was to end after this infection does not end then.
            spells.retain(|spell| spell.from < *infection);
            let is_high = |spell: &&mut Spell| spell.level == Level::High && spell.until >= *infection;
            let from = spells.last_mut().filter(is_high).map(|spell| spell.from);
            if from.is_some() {
                spells.pop();
            } else if let Some(last) = spells.last_mut() {
                last.until = last.until.min(*infection);
            }
            let from = from.unwrap_or(*infection);
            let high_until = self.high_until(*infection, found.clear_screenings);
            spells.push(Spell { from, until: high_until, level: Level::High });
            if let Some(days) = self.medium_days.filter(|_| high_until != Timestamp::FOREVER) {
                let until = Zone::BEIJING.advance(high_until, Span::Days(days), FirstDay::Counts);
                spells.push(Spell { from: high_until, until, level: Level::Medium });
            }
        }
        spells
    }

    /// How far the levels of a history follow, among those that began and ended while the plan applied.
    pub fn followed_by(&self, history: &History) -> Followed {
        let mut followed = Followed::default();
        let lasts =
            |spell: &Spell, days: u32| spell.until.millis() - spell.from.millis() >= (i64::from(days) - 1) * DAY_MILLIS;
        let is_within = |spell: &Spell| self.from <= spell.from && spell.until < self.until;
        for spells in history.values() {
            let next = spells.iter().skip(1).map(Some).chain([None]);
            for (spell, next) in spells.iter().zip(next) {
                if spell.level != Level::High || !is_within(spell) {
                    continue;
                }
                followed.high += 1;
                followed.high_long_enough += usize::from(lasts(spell, self.high_days));
                let medium = next.filter(|next| next.level == Level::Medium && next.from == spell.until);
                followed.high_then_medium += usize::from(medium.is_some());
                if let (Some(medium), Some(days)) = (medium.filter(|medium| is_within(medium)), self.medium_days) {
                    followed.medium += 1;
                    followed.medium_long_enough += usize::from(lasts(medium, days));
                }
            }
        }
        followed
    }

    /// Until when an area is high whose last infection was found then.
    fn high_until(&self, infection: Timestamp, clear_screenings: &[Timestamp]) -> Timestamp {
        let until = Zone::BEIJING.advance(infection, Span::Days(self.high_days), FirstDay::DoesNotCount);
        if !self.asks_screening {
            return until;
        }
        let last_day = until.plus_millis(-DAY_MILLIS);
        let screened = clear_screenings.iter().find(|at| **at >= last_day);
        screened.map_or(Timestamp::FOREVER, |at| until.max(*at))
    }
}

/// The instant of a midnight in Beijing, given in milliseconds since 1970.
const fn beijing(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2022-{text}+08:00")).unwrap()
    }

    fn check(ladder: Ladder, infections: &[&str], clear: &[&str], expected: &[(&str, &str, Level)]) {
        let [infections, clear] =
            [infections, clear].map(|texts| texts.iter().map(|text| at(text)).collect::<Vec<_>>());
        let found = Found { infections: &infections, clear_screenings: &clear };
        let until = |text: &str| if text.is_empty() { Timestamp::FOREVER } else { at(text) };
        let expected: Vec<_> = expected
            .iter()
            .map(|(from, end, level)| Spell { from: at(from), until: until(end), level: *level })
            .collect();
        assert_eq!(ladder.levels(found), expected, "{infections:?} {clear:?}");
    }

    #[test]
    fn the_plans_begin_on_their_days() {
        assert_eq!(Ladder::NINTH_PLAN.from, at("06-28T00:00:00"));
        assert_eq!(Ladder::NINTH_PLAN.until, at("11-11T00:00:00"));
        assert_eq!(Ladder::TWENTY_MEASURES.until, at("12-07T00:00:00"));
    }

    #[test]
    fn the_ninth_plan_steps_down_by_seven_and_three_days() {
        let plan = Ladder::NINTH_PLAN;
        check(plan, &[], &[], &[]);
        check(
            plan,
            &["07-01T10:00:00"],
            &["07-08T09:00:00"],
            &[("07-01T10:00:00", "07-09T00:00:00", Level::High), ("07-09T00:00:00", "07-12T00:00:00", Level::Medium)],
        );
        // The first and the last second of a day count alike.
        check(
            plan,
            &["07-01T00:00:00"],
            &["07-08T00:00:00"],
            &[("07-01T00:00:00", "07-09T00:00:00", Level::High), ("07-09T00:00:00", "07-12T00:00:00", Level::Medium)],
        );
        check(
            plan,
            &["07-01T23:59:59"],
            &["07-08T23:59:59"],
            &[("07-01T23:59:59", "07-09T00:00:00", Level::High), ("07-09T00:00:00", "07-12T00:00:00", Level::Medium)],
        );
    }

    #[test]
    fn without_the_screening_of_the_last_day_an_area_stays_high() {
        let plan = Ladder::NINTH_PLAN;
        check(plan, &["07-01T10:00:00"], &[], &[("07-01T10:00:00", "", Level::High)]);
        check(plan, &["07-01T10:00:00"], &["07-07T23:59:59"], &[("07-01T10:00:00", "", Level::High)]);
        check(
            plan,
            &["07-01T10:00:00"],
            &["07-10T15:00:00"],
            &[("07-01T10:00:00", "07-10T15:00:00", Level::High), ("07-10T15:00:00", "07-13T00:00:00", Level::Medium)],
        );
    }

    #[test]
    fn a_new_infection_begins_the_days_anew() {
        let plan = Ladder::NINTH_PLAN;
        check(
            plan,
            &["07-01T10:00:00", "07-05T10:00:00"],
            &["07-08T10:00:00", "07-12T10:00:00"],
            &[("07-01T10:00:00", "07-13T00:00:00", Level::High), ("07-13T00:00:00", "07-16T00:00:00", Level::Medium)],
        );
        // While it is medium, the area is high again from the infection on.
        check(
            plan,
            &["07-01T10:00:00", "07-10T10:00:00"],
            &["07-08T10:00:00", "07-17T10:00:00"],
            &[
                ("07-01T10:00:00", "07-09T00:00:00", Level::High),
                ("07-09T00:00:00", "07-10T10:00:00", Level::Medium),
                ("07-10T10:00:00", "07-18T00:00:00", Level::High),
                ("07-18T00:00:00", "07-21T00:00:00", Level::Medium),
            ],
        );
        // After the release it is a new case.
        check(
            plan,
            &["07-01T10:00:00", "07-20T10:00:00"],
            &["07-08T10:00:00"],
            &[
                ("07-01T10:00:00", "07-09T00:00:00", Level::High),
                ("07-09T00:00:00", "07-12T00:00:00", Level::Medium),
                ("07-20T10:00:00", "", Level::High),
            ],
        );
    }

    #[test]
    fn the_twenty_measures_know_no_medium() {
        let measures = Ladder::TWENTY_MEASURES;
        check(measures, &["11-20T10:00:00"], &[], &[("11-20T10:00:00", "11-26T00:00:00", Level::High)]);
        check(
            measures,
            &["11-20T10:00:00", "11-25T23:59:59"],
            &[],
            &[("11-20T10:00:00", "12-01T00:00:00", Level::High)],
        );
        check(
            measures,
            &["11-20T10:00:00", "11-26T00:00:01"],
            &[],
            &[("11-20T10:00:00", "11-26T00:00:00", Level::High), ("11-26T00:00:01", "12-02T00:00:00", Level::High)],
        );
    }
}

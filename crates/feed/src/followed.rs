//! How far published levels follow a ladder: the ladder is run on the cases for which a place can have been listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use yima_model::fact::CaseClass;
use yima_model::{AreaCode, AreaSet, Level, Timestamp, Zone};

use crate::fold::{History, Spell};
use crate::ladder::{AreaCase, ClearScreening, Known, Ladder, Presence};
use crate::reader::SetId;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// How far a published history follows a ladder, among the levels that began and ended while the plan applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// High levels.
    pub high: Ended,
    /// Those of them that became medium in the very update in which they ended.
    pub high_then_medium: usize,
    /// Medium levels that followed so on a high one.
    pub after_high: Ended,
    /// Medium levels of places that were not high before.
    pub medium: Ended,
    /// Medium levels that the plan does not know.
    pub unknown: usize,
}

/// How published levels of one kind ended, beside the end that a ladder gives for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// All of them.
    pub levels: usize,
    /// Those that the list itself shows to be parts of a longer one, or that cannot be told from that: the place was listed as
    /// high as this within a day before or after, or another place of the same area begins or ends at that level in the very
    /// update in which this one ends or begins. Where names are worded anew, no level has ended; what follows leaves these out.
    pub redrawn: usize,
    /// Those that ended sooner than the plan lets them.
    pub sooner: usize,
    /// Those of them for which one day is missing.
    pub sooner_by_a_day: usize,
    /// Those that ended on a day that follows from the case for which the place was listed, and no further one.
    pub to_the_day: usize,
    /// Those that ended later, as the plan asks if there were further cases.
    pub later: usize,
    /// How many lasted how many days, from the date on which the place was listed to that on which it was no more.
    pub lasted: BTreeMap<i64, usize>,
}

/// How far the levels of a history follow a ladder.
///
/// The list does not say when its cases were found. A place is taken to be listed for a case of the same day or of the day
/// before, so the ladder is run on each of the two, and an end follows if it lies on one of the days that they give. How long
/// a place is medium after it was high, the ladder gives to the day. Screenings are taken to find nobody in time.
pub fn followed<'r>(ladder: &Ladder, history: &History, areas: impl Fn(SetId) -> Option<&'r AreaSet>) -> Followed {
    let place = |set: SetId| areas(set).and_then(|areas| areas.include.first().copied());
    let placed = || history.iter().filter_map(|(set, spells)| Some((place(*set)?, spells)));
    let edges = Edges::of(placed());
    let mut followed = Followed::default();
    let is_within = |spell: &Spell| ladder.from <= spell.from && spell.until < ladder.until;
    for (place, spells) in placed() {
        let mut before: Option<&Spell> = None;
        for (at, spell) in spells.iter().enumerate() {
            let high_before = before.filter(|before| before.level == Level::High && before.until == spell.from);
            before = Some(spell);
            if spell.level == Level::Medium && high_before.is_some_and(is_within) {
                followed.high_then_medium += 1;
            }
            if !is_within(spell) {
                continue;
            }
            let (ended, ends) = match (spell.level, high_before) {
                (Level::High, _) => (&mut followed.high, ends(ladder, place, spell, Presence::Lives)),
                (Level::Medium, None) => (&mut followed.medium, ends(ladder, place, spell, Presence::Stayed)),
                (Level::Medium, Some(_)) => (&mut followed.after_high, ends_after_high(ladder, place, spell)),
                (Level::Low, _) => continue,
            };
            let Some(ends) = ends else {
                followed.unknown += 1;
                continue;
            };
            ended.levels += 1;
            if edges.is_redrawn(place, spells, at, high_before.is_some()) {
                ended.redrawn += 1;
            } else {
                ended.count(ends, spell);
            }
        }
    }
    followed
}

/// In which updates places of an area begin and end at a level.
struct Edges {
    begun: BTreeSet<(AreaCode, Timestamp, Level)>,
    ended: BTreeSet<(AreaCode, Timestamp, Level)>,
}

impl Edges {
    fn of<'a>(placed: impl Iterator<Item = (AreaCode, &'a Vec<Spell>)>) -> Self {
        let mut edges = Self { begun: BTreeSet::new(), ended: BTreeSet::new() };
        for (place, spells) in placed {
            for spell in spells {
                edges.begun.insert((around(place), spell.from, spell.level));
                edges.ended.insert((around(place), spell.until, spell.level));
            }
        }
        edges
    }

    /// Whether the level at this index may be a part of a longer one; one that follows on a high one surely begins there.
    fn is_redrawn(&self, place: AreaCode, spells: &[Spell], at: usize, is_after_high: bool) -> bool {
        let Some(spell) = spells.get(at) else { return false };
        let before = at.checked_sub(1).and_then(|before| spells.get(before));
        let is_near = |one: &Spell, next: &Spell| next.from.millis() - one.until.millis() <= DAY_MILLIS;
        let goes_on = spells.get(at + 1).is_some_and(|next| next.level >= spell.level && is_near(spell, next));
        let went_on = !is_after_high && before.is_some_and(|before| is_near(before, spell));
        goes_on
            || went_on
            || self.begun.contains(&(around(place), spell.until, spell.level))
            || !is_after_high && self.ended.contains(&(around(place), spell.from, spell.level))
    }
}

/// The area in which a place lies.
fn around(place: AreaCode) -> AreaCode {
    place.parent().unwrap_or(place)
}

/// The first and the last end that follow from a case of the day before the listing or of the listing itself; `None` if the
/// plan knows no such level.
fn ends(ladder: &Ladder, place: AreaCode, listed: &Spell, presence: Presence) -> Option<[Timestamp; 2]> {
    let end = |found: Timestamp| {
        let spells = after_case(ladder, place, found, presence);
        spells.iter().find(|spell| spell.level == listed.level).map(|spell| spell.until)
    };
    Some([end(listed.from.plus_millis(-DAY_MILLIS))?, end(listed.from)?])
}

/// The end of a medium level that began on the day on which the ladder ended the high one.
fn ends_after_high(ladder: &Ladder, place: AreaCode, medium: &Spell) -> Option<[Timestamp; 2]> {
    let day = Zone::BEIJING.day(medium.from) - i64::from(ladder.high_days) - 1;
    let spells = after_case(ladder, place, Zone::BEIJING.midnight(day), Presence::Lives);
    let [_, then] = spells.as_slice() else { return None };
    (then.level == Level::Medium).then_some([then.until; 2])
}

/// The levels of a place after one case, if everybody is screened as soon as that counts.
fn after_case(ladder: &Ladder, place: AreaCode, found: Timestamp, presence: Presence) -> Vec<Spell> {
    let cases = [AreaCase { area: place, class: CaseClass::Confirmed, found, presence }];
    let ended = ladder.screening_from(found).unwrap_or(found);
    let screenings = [ClearScreening { area: place, ended }];
    ladder.levels(place, Known { cases: &cases, screenings: &screenings })
}

impl Ended {
    /// The part of those that are no part of a longer one, in hundredths, that ended when the plan lets them, or later.
    pub fn follows_percent(&self) -> usize {
        (100 * (self.to_the_day + self.later)).checked_div(self.levels - self.redrawn).unwrap_or_default()
    }

    /// How many days they lasted most often.
    pub fn most_often(&self) -> Option<i64> {
        self.lasted.iter().max_by_key(|(_, levels)| **levels).map(|(days, _)| *days)
    }

    /// Counts a published level beside the first and the last end that follow.
    fn count(&mut self, [first, last]: [Timestamp; 2], published: &Spell) {
        let day = |at: Timestamp| Zone::BEIJING.day(at);
        *self.lasted.entry(day(published.until) - day(published.from)).or_default() += 1;
        // The list is published some hours after a level has ended.
        if day(published.until) < day(first) {
            self.sooner += 1;
            self.sooner_by_a_day += usize::from(day(published.until) + 1 == day(first));
        } else if day(published.until) <= day(last) {
            self.to_the_day += 1;
        } else {
            self.later += 1;
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { levels, redrawn, sooner, sooner_by_a_day, to_the_day, later, .. } = self;
        write!(
            f,
            "{levels}, {redrawn} redrawn; of the others {to_the_day} to the day, {later} later, {sooner} sooner \
             ({sooner_by_a_day} by a day): {} % follow",
            self.follows_percent()
        )
    }
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { high, high_then_medium, after_high, medium, unknown } = self;
        writeln!(f, "high: {high}")?;
        writeln!(f, "high and medium at once: {high_then_medium}")?;
        writeln!(f, "medium after high: {after_high}")?;
        writeln!(f, "medium alone: {medium}")?;
        write!(f, "medium where the plan knows none: {unknown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;
    use yima_model::DivisionTree;

    const PLACE: &str = "110105003.17";
    const SIBLING: &str = "110105003.18";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2022-{text}:00+08:00")).unwrap()
    }

    /// What follows of a history of places with their levels.
    fn check(ladder: Ladder, listed: &[(&str, Level, &str, &str)]) -> Followed {
        let mut reader = Reader::new(&DivisionTree::default());
        let mut history = History::new();
        for (place, level, from, until) in listed {
            let set = reader.number(AreaSet::of(AreaCode::parse(place).unwrap()));
            history.entry(set).or_default().push(Spell { from: at(from), until: at(until), level: *level });
        }
        followed(&ladder, &history, |set| reader.areas(set))
    }

    /// To the day, later, sooner, sooner by a day.
    fn counts(ended: &Ended) -> [usize; 4] {
        [ended.to_the_day, ended.later, ended.sooner, ended.sooner_by_a_day]
    }

    #[test]
    fn a_high_level_follows_from_a_case_of_its_day_or_of_the_day_before() {
        let check = |ladder, from, until, expected| {
            let followed = check(ladder, &[(PLACE, Level::High, from, until)]);
            assert_eq!(counts(&followed.high), expected, "{from} {until}");
        };
        // Found on 1 July at the latest, on 30 June at the earliest: high until the 9th at 00:00, or the 8th.
        let ninth = |until, expected| check(Ladder::NINTH_PLAN, "07-01T21:00", until, expected);
        ninth("07-06T23:59", [0, 0, 1, 0]);
        ninth("07-07T00:00", [0, 0, 1, 1]);
        ninth("07-07T23:59", [0, 0, 1, 1]);
        ninth("07-08T00:00", [1, 0, 0, 0]);
        ninth("07-09T23:59", [1, 0, 0, 0]);
        ninth("07-10T00:00", [0, 1, 0, 0]);
        let twenty = |until, expected| check(Ladder::TWENTY_MEASURES, "11-20T08:00", until, expected);
        twenty("11-24T23:59", [0, 0, 1, 1]);
        twenty("11-25T00:00", [1, 0, 0, 0]);
        twenty("11-26T23:59", [1, 0, 0, 0]);
        twenty("11-27T00:00", [0, 1, 0, 0]);
    }

    #[test]
    fn a_medium_level_after_a_high_one_follows_to_the_day_and_one_of_its_own_like_a_high_one() {
        let after_high = |until, expected| {
            let high = (PLACE, Level::High, "07-01T21:00", "07-08T15:00");
            let followed = check(Ladder::NINTH_PLAN, &[high, (PLACE, Level::Medium, "07-08T15:00", until)]);
            assert_eq!((followed.high_then_medium, counts(&followed.after_high)), (1, expected), "{until}");
            assert_eq!(followed.medium, Ended::default());
        };
        after_high("07-10T23:59", [0, 0, 1, 1]);
        after_high("07-11T00:00", [1, 0, 0, 0]);
        after_high("07-11T23:59", [1, 0, 0, 0]);
        after_high("07-12T00:00", [0, 1, 0, 0]);
        let medium = |ladder, from, until| check(ladder, &[(PLACE, Level::Medium, from, until)]);
        assert_eq!(counts(&medium(Ladder::NINTH_PLAN, "07-01T21:00", "07-07T23:59").medium), [0, 0, 1, 1]);
        assert_eq!(counts(&medium(Ladder::NINTH_PLAN, "07-01T21:00", "07-08T00:00").medium), [1, 0, 0, 0]);
        assert_eq!(medium(Ladder::TWENTY_MEASURES, "11-20T08:00", "11-25T08:00").unknown, 1);
    }

    #[test]
    fn what_the_plan_does_not_govern_is_left_out() {
        let plan = Ladder::NINTH_PLAN;
        let levels = |from, until| check(plan, &[(PLACE, Level::High, from, until)]).high.levels;
        assert_eq!(levels("06-27T23:59", "07-08T00:00"), 0);
        assert_eq!(levels("06-28T00:00", "07-08T00:00"), 1);
        assert_eq!(levels("11-01T00:00", "11-10T23:59"), 1);
        assert_eq!(levels("11-01T00:00", "11-11T00:00"), 0);
        assert_eq!(check(plan, &[(PLACE, Level::Low, "07-01T00:00", "07-02T00:00")]), Followed::default());
    }

    #[test]
    fn a_place_that_is_worded_anew_or_listed_again_has_not_ended() {
        let first = (PLACE, Level::High, "07-01T21:00", "07-04T15:00");
        let redrawn = |other| check(Ladder::NINTH_PLAN, &[first, other]).high.redrawn;
        assert_eq!(redrawn((SIBLING, Level::High, "07-04T15:00", "07-09T15:00")), 2);
        assert_eq!(redrawn((SIBLING, Level::High, "07-04T16:00", "07-09T15:00")), 0);
        assert_eq!(redrawn((SIBLING, Level::Medium, "07-04T15:00", "07-09T15:00")), 0);
        assert_eq!(redrawn(("110106003.18", Level::High, "07-04T15:00", "07-09T15:00")), 0);
        assert_eq!(redrawn((PLACE, Level::High, "07-05T15:00", "07-09T15:00")), 2);
        assert_eq!(redrawn((PLACE, Level::High, "07-05T15:01", "07-12T15:00")), 0);
    }
}

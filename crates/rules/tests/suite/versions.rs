//! What becomes of people in the middle of a measure when a new version takes over, worked out by hand.

use std::sync::Arc;

use yima_model::Colour::{self, Green, Red, Yellow};
use yima_model::id::{PackId, RuleId};
use yima_model::{FactId, Interval, SourceKind, Timestamp};
use yima_rules::diff::Diff;
use yima_rules::pack::{Pack, Takeover, Transition};
use yima_rules::rulebook::{PutInForce, Rulebook};
use yima_rules::syntax::{Names, read_condition};

use crate::support::*;

const BEGINS: &str = "2022-11-11 00:00";

/// The old version lasts until the new one begins; 10 days of isolation become 5, or the other way round.
fn versions(old: &str, new: &str, transition: Transition) -> [Pack; 2] {
    let pack = pack("state-council-2022-06-28");
    let one = |name: &str, when: &str, colour| {
        let when = read_condition(when, &Names::default()).unwrap();
        let rule = yima_rules::pack::Rule { when, colour, transition, ..pack.rules[3].clone() };
        let (from, until) = (at("2022-10-01 00:00"), at("2022-12-20 00:00"));
        Pack { id: PackId::parse(name).unwrap(), rules: vec![rule], from, until, ..pack.clone() }
    };
    let takeover = Takeover { pack: PackId::parse("old").unwrap(), transition, dropped: Default::default() };
    [one("old", old, Red), Pack { follows: Some(takeover), ..one("new", new, Yellow) }]
}

fn put_in_force([old, new]: [Pack; 2]) -> Vec<PutInForce> {
    let put = |number, pack, from| PutInForce {
        id: FactId::from_bytes([number; 16]),
        pack: Arc::new(pack),
        lasts: Interval::new(at(from), Timestamp::FOREVER).unwrap(),
    };
    vec![put(1, old, "2022-10-01 00:00"), put(2, new, BEGINS)]
}

/// Checks engine and oracle.
fn check(packs: &[PutInForce], story: &Story, rows: &[(&str, Colour)]) {
    let book = Rulebook::new(packs.to_vec(), &story.facts, Timestamp::FOREVER);
    for (when, colour) in rows {
        let instant = at(when);
        assert_eq!(book.verdict(&story.own(), instant, instant).colour, *colour, "at {when}");
        let judged = yima_oracle::judge_all(packs, &story.facts, instant, Timestamp::FOREVER, instant);
        assert_eq!(judged.colour, *colour, "oracle at {when}");
    }
}

/// A close contact at 10:00 of that day.
fn met(day: &str) -> Story {
    let mut story = Story::default();
    story.event_by(SourceKind::DiseaseControl, &format!("{day} 10:00"), contact());
    story
}

/// Checks one version with ten days and one with five, the day of the contact being day 0.
fn check_contacts(old: &str, new: &str, transition: Transition, before: &[(&str, Colour)], after: &[(&str, Colour)]) {
    let packs = put_in_force(versions(old, new, transition));
    check(&packs, &met("2022-11-08"), before);
    check(&packs, &met("2022-11-11"), after);
}

const TEN: &str = "contact(close) within 10d";
const FIVE: &str = "contact(close) within 5d";

#[test]
fn apply_judges_everybody_as_if_the_new_version_had_always_been() {
    check_contacts(
        TEN,
        FIVE,
        Transition::Apply,
        &[
            ("2022-11-10 23:59:59.999", Red),
            ("2022-11-11 00:00", Yellow),
            ("2022-11-13 23:59:59.999", Yellow),
            ("2022-11-14 00:00", Green),
        ],
        &[("2022-11-16 23:59:59.999", Yellow), ("2022-11-17 00:00", Green)],
    );
}

#[test]
fn keep_lets_what_has_begun_go_on_and_begins_the_rest_anew() {
    check_contacts(
        TEN,
        FIVE,
        Transition::Keep,
        &[
            ("2022-11-10 23:59:59.999", Red),
            ("2022-11-11 00:00", Red),
            ("2022-11-18 23:59:59.999", Red),
            ("2022-11-19 00:00", Green),
        ],
        &[("2022-11-11 10:00", Yellow), ("2022-11-16 23:59:59.999", Yellow), ("2022-11-17 00:00", Green)],
    );
}

#[test]
fn shorter_takes_the_earlier_of_the_two_ends() {
    let by_the_new = [("2022-11-11 00:00", Yellow), ("2022-11-13 23:59:59.999", Yellow), ("2022-11-14 00:00", Green)];
    let after = [("2022-11-16 23:59:59.999", Yellow), ("2022-11-17 00:00", Green)];
    check_contacts(TEN, FIVE, Transition::Shorter, &by_the_new, &after);
    let after = [("2022-11-21 23:59:59.999", Yellow), ("2022-11-22 00:00", Green)];
    check_contacts(FIVE, TEN, Transition::Shorter, &by_the_new, &after);
}

#[test]
fn restart_counts_what_runs_from_the_day_on_which_the_new_version_begins() {
    check_contacts(
        TEN,
        FIVE,
        Transition::Restart,
        &[("2022-11-11 00:00", Yellow), ("2022-11-16 23:59:59.999", Yellow), ("2022-11-17 00:00", Green)],
        &[("2022-11-16 23:59:59.999", Yellow), ("2022-11-17 00:00", Green)],
    );
    // What is over by the new version does not begin again.
    let packs = put_in_force(versions(TEN, FIVE, Transition::Restart));
    check(&packs, &met("2022-11-05"), &[("2022-11-10 23:59:59.999", Red), ("2022-11-11 00:00", Green)]);
}

#[test]
fn restart_of_a_stage_that_is_to_come_follows_at_its_distance_and_one_that_runs_begins_again() {
    let packs = put_in_force(versions(TEN, "contact(close) from 5d for 3d", Transition::Restart));
    check(
        &packs,
        &met("2022-11-08"),
        &[
            ("2022-11-16 23:59:59.999", Green),
            ("2022-11-17 00:00", Yellow),
            ("2022-11-19 23:59:59.999", Yellow),
            ("2022-11-20 00:00", Green),
        ],
    );
    check(
        &packs,
        &met("2022-11-04"),
        &[("2022-11-11 00:00", Yellow), ("2022-11-14 23:59:59.999", Yellow), ("2022-11-15 00:00", Green)],
    );
}

#[test]
fn restart_of_what_a_test_clears_asks_for_the_test_again() {
    let until = "contact(close) until count(test(negative), 2, apart: 24h, within: 3d) at most 5d";
    let packs = put_in_force(versions(TEN, until, Transition::Restart));
    let mut story = met("2022-11-08");
    story.tested("2022-11-10 09:00", "2022-11-10 20:00", false);
    story.tested("2022-11-11 09:00", "2022-11-11 20:00", false);
    check(&packs, &story, &[("2022-11-11 20:00", Yellow)]);
    let book = Rulebook::new(packs.clone(), &story.facts, Timestamp::FOREVER);
    let verdict = book.verdict(&story.own(), at("2022-11-11 20:00"), at("2022-11-11 20:00"));
    let progress: Vec<_> = verdict.grounds.iter().flat_map(|held| &held.progress).collect();
    assert_eq!(progress.iter().map(|progress| (progress.done, progress.wanted)).collect::<Vec<_>>(), [(1, 2)]);
    story.tested("2022-11-12 09:00", "2022-11-12 20:00", false);
    check(&packs, &story, &[("2022-11-12 19:59:59.999", Yellow), ("2022-11-12 20:00", Green)]);
}

#[test]
fn a_rule_stands_for_those_that_it_replaces() {
    let [old, mut new] = versions(TEN, FIVE, Transition::Keep);
    new.rules[0].id = RuleId::parse("OTHER").unwrap();
    let packs = put_in_force([old.clone(), new.clone()]);
    // Without a successor the transition of the pack counts, which is to keep as well.
    check(&packs, &met("2022-11-08"), &[("2022-11-11 00:00", Red), ("2022-11-18 23:59:59.999", Red)]);
    new.rules[0].replaces = vec![old.rules[0].id.clone()];
    new.rules[0].transition = Transition::Shorter;
    check(&put_in_force([old, new]), &met("2022-11-08"), &[("2022-11-11 00:00", Yellow), ("2022-11-14 00:00", Green)]);
}

#[test]
fn what_is_dropped_ends_unless_it_is_kept() {
    for (transition, colour) in [
        (Transition::Apply, Green),
        (Transition::Shorter, Green),
        (Transition::Restart, Green),
        (Transition::Keep, Red),
    ] {
        let [old, mut new] = versions(TEN, "symptom within 1d", Transition::Keep);
        new.rules[0].id = RuleId::parse("OTHER").unwrap();
        let dropped = &mut new.follows.as_mut().unwrap().dropped;
        dropped.insert(old.rules[0].id.clone(), transition);
        let packs = put_in_force([old, new]);
        check(&packs, &met("2022-11-08"), &[("2022-11-10 23:59:59.999", Red), ("2022-11-11 00:00", colour)]);
        check(&packs, &met("2022-11-11"), &[("2022-11-11 10:00", Green)]);
    }
}

#[test]
fn what_is_kept_twice_goes_on_by_the_first_version() {
    let [old, new] = versions(TEN, FIVE, Transition::Keep);
    let mut packs = put_in_force([old, new.clone()]);
    let takeover = Takeover { pack: new.id.clone(), ..new.follows.clone().unwrap() };
    let third = Pack { id: PackId::parse("third").unwrap(), follows: Some(takeover), ..new };
    let lasts = Interval::new(at("2022-11-14 00:00"), Timestamp::FOREVER).unwrap();
    packs.push(PutInForce { id: FactId::from_bytes([3; 16]), pack: Arc::new(third), lasts });
    check(
        &packs,
        &met("2022-11-08"),
        &[("2022-11-14 00:00", Red), ("2022-11-18 23:59:59.999", Red), ("2022-11-19 00:00", Green)],
    );
    check(&packs, &met("2022-11-12"), &[("2022-11-14 00:00", Yellow), ("2022-11-18 00:00", Green)]);
}

#[test]
fn without_the_version_before_nothing_of_it_goes_on() {
    let [_, new] = versions(TEN, FIVE, Transition::Restart);
    let lasts = Interval::new(at(BEGINS), Timestamp::FOREVER).unwrap();
    let alone = vec![PutInForce { id: FactId::from_bytes([2; 16]), pack: Arc::new(new), lasts }];
    check(&alone, &met("2022-11-08"), &[("2022-11-13 23:59:59.999", Yellow), ("2022-11-14 00:00", Green)]);
}

/// What a new version changes for people is told with what becomes of those in the middle of a measure.
#[test]
fn a_diff_takes_the_transition_along() {
    let period = Interval::new(at(BEGINS), at("2022-12-20 00:00")).unwrap();
    let first = |story: &Story, transition| {
        let [old, new] = versions(TEN, FIVE, transition);
        let change = Diff::new(old, new, period, &story.facts).first_change(&story.own());
        change.map(|change| (change.at, change.old, change.new, change.rules.len()))
    };
    let begun = met("2022-11-08");
    for (transition, expected) in [
        (Transition::Apply, Some((at(BEGINS), Red, Yellow, 1))),
        (Transition::Keep, None),
        (Transition::Shorter, Some((at(BEGINS), Red, Yellow, 1))),
    ] {
        assert_eq!(first(&begun, transition), expected, "{transition:?}");
    }
    for transition in [Transition::Apply, Transition::Keep, Transition::Shorter, Transition::Restart] {
        let when = at("2022-11-12 10:00");
        assert_eq!(first(&self::met("2022-11-12"), transition), Some((when, Red, Yellow, 1)), "{transition:?}");
    }
}

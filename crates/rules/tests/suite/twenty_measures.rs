//! The rows of the twenty measures (11 November 2022), and whom their coming into force releases.

use std::sync::Arc;

use yima_model::Colour::{Green, Grey, Red, Yellow};
use yima_model::fact::CaseClass;
use yima_model::{Content, FactId, Interval, Level, SourceKind, Timestamp};
use yima_rules::pack::Pack;
use yima_rules::rulebook::{PutInForce, Rulebook};

use crate::ninth_plan::check_two_tests;
use crate::support::*;

const HOTEL: &str = "440106001.1";
const HOME: &str = "310101004.7";

/// Somebody of Shanghai, registered on 1 November 2022.
fn resident() -> Story {
    resident_of(HOME, "2022-11-01 08:00", 40, "cn-risk-register")
}

fn twenty() -> Pack {
    pack("state-council-2022-11-11")
}

/// The ninth plan as it was still in force when the twenty measures came: its renewal.
fn ninth() -> Pack {
    pack("state-council-2022-09-26")
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&twenty(), rows);
}

fn with(when: &str, content: Content) -> Story {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, when, content);
    story
}

fn guest(of: Level, from: &str, until: &str) -> Story {
    let mut story = resident();
    story.since("2022-11-01 00:00", level(of, HOTEL));
    story.during(from, until, stay(HOTEL));
    story
}

#[test]
fn cn_2_a_close_contact_is_five_days_in_central_isolation_and_three_at_home() {
    check(
        &with("2022-11-12 22:00", contact()),
        &[
            ("2022-11-12 21:59:59.999", Green, &[]),
            ("2022-11-12 22:00", Red, &["CN-2"]),
            ("2022-11-17 23:59:59.999", Red, &["CN-2"]),
            ("2022-11-18 00:00", Yellow, &["CN-2A"]),
            ("2022-11-20 23:59:59.999", Yellow, &["CN-2A"]),
            ("2022-11-21 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_3_second_contacts_are_no_longer_identified() {
    check(
        &with("2022-11-12 22:00", secondary()),
        &[("2022-11-12 22:00", Green, &[]), ("2022-11-19 23:59:59.999", Green, &[])],
    );
}

#[test]
fn cn_4_whoever_enters_the_country_is_five_days_in_central_isolation_and_three_at_home() {
    check(
        &with("2022-11-12 22:00", arrival_from_abroad("310101")),
        &[
            ("2022-11-12 21:59:59.999", Green, &[]),
            ("2022-11-12 22:00", Red, &["CN-4"]),
            ("2022-11-17 23:59:59.999", Red, &["CN-4"]),
            ("2022-11-18 00:00", Yellow, &["CN-4A"]),
            ("2022-11-20 23:59:59.999", Yellow, &["CN-4A"]),
            ("2022-11-21 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_5_after_a_high_risk_area_seven_days_at_home() {
    let mut arrived = resident();
    arrived.since("2022-11-01 00:00", level(Level::High, HOTEL));
    arrived.event("2022-11-12 10:00", arrival(HOTEL, "310101"));
    for story in [guest(Level::High, "2022-11-12 10:00", "2022-11-12 12:00"), arrived] {
        check(
            &story,
            &[
                ("2022-11-12 09:59:59.999", Green, &[]),
                ("2022-11-12 10:00", Yellow, &["CN-5"]),
                ("2022-11-19 23:59:59.999", Yellow, &["CN-5"]),
                ("2022-11-20 00:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn cn_6_and_cn_9_there_is_no_medium_level() {
    let story = guest(Level::Medium, "2022-11-12 10:00", "2022-11-12 12:00");
    check(&story, &[("2022-11-12 11:00", Green, &[]), ("2022-11-13 11:00", Green, &[])]);
    let mut at_home = resident();
    at_home.since("2022-11-12 00:00", level(Level::Medium, HOME));
    check(&at_home, &[("2022-11-12 11:00", Green, &[])]);
}

#[test]
fn cn_7_after_a_low_risk_area_two_tests_in_three_days_as_before() {
    let guest = guest(Level::Low, "2022-11-12 10:00", "2022-11-12 12:00");
    let mut arrived = resident();
    arrived.since("2022-11-01 00:00", level(Level::Low, "440106"));
    arrived.event("2022-11-12 12:00", arrival("440106", "310101"));
    check_two_tests(&twenty(), &[guest, arrived], "2022-11", 9);
}

#[test]
fn cn_8_a_high_risk_home_is_red_until_it_is_low() {
    let mut story = resident();
    story.during("2022-11-12 12:00", "2022-11-17 12:00", level(Level::High, HOME));
    story.since("2022-11-17 12:00", level(Level::Low, HOME));
    check(
        &story,
        &[
            ("2022-11-12 11:59:59.999", Green, &[]),
            ("2022-11-12 12:00", Red, &["CN-8"]),
            ("2022-11-17 11:59:59.999", Red, &["CN-8"]),
            ("2022-11-17 12:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_1_cases_and_the_days_after_discharge_are_as_before() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2022-11-12 12:00", "2022-11-15 12:00", case(class));
        check(
            &story,
            &[
                ("2022-11-12 11:59:59.999", Green, &[]),
                ("2022-11-12 12:00", Red, &["CN-1"]),
                ("2022-11-15 11:59:59.999", Red, &["CN-1"]),
                ("2022-11-15 12:00", Yellow, &["CN-1A"]),
                ("2022-11-22 23:59:59.999", Yellow, &["CN-1A"]),
                ("2022-11-23 00:00", Green, &[]),
            ],
        );
    }
    let mut suspected = resident();
    suspected.during("2022-11-12 12:00", "2022-11-15 12:00", case(CaseClass::Suspected));
    check(&suspected, &[("2022-11-15 11:59:59.999", Red, &["CN-1"]), ("2022-11-15 12:00", Green, &[])]);
}

#[test]
fn cn_0_without_a_fresh_comparison_the_answer_is_pending_and_the_ten_measures_end_the_pack() {
    let compared_once = resident_of(HOME, "2022-11-12 08:00", 1, "cn-risk-register");
    check(
        &compared_once,
        &[
            ("2022-11-12 07:59:59.999", Grey, &["CN-0"]),
            ("2022-11-12 08:00", Green, &[]),
            ("2022-11-19 23:59:59.999", Green, &[]),
            ("2022-11-20 00:00", Grey, &["CN-0"]),
        ],
    );
    check(&resident(), &[("2022-12-06 23:59:59.999", Green, &[]), ("2022-12-07 00:00", Grey, &[])]);
}

/// Each ground of the ninth plan, apart from second contacts and the medium level, as it stands on 11 November 2022.
fn other_grounds() -> Vec<(&'static str, Story)> {
    let mut ill = resident();
    ill.since("2022-11-09 12:00", case(CaseClass::Confirmed));
    let mut discharged = resident();
    discharged.during("2022-11-03 12:00", "2022-11-09 12:00", case(CaseClass::Asymptomatic));
    let mut at_home = resident();
    at_home.since("2022-11-09 12:00", level(Level::High, HOME));
    vec![
        ("CN-0", resident_of(HOME, "2022-11-09 08:00", 0, "cn-risk-register")),
        ("CN-1", ill),
        ("CN-1A", discharged),
        ("CN-2", with("2022-11-09 12:00", contact())),
        ("CN-4", with("2022-11-09 12:00", arrival_from_abroad("310101"))),
        ("CN-5", guest(Level::High, "2022-11-09 10:00", "2022-11-09 12:00")),
        ("CN-7", guest(Level::Low, "2022-11-06 10:00", "2022-11-06 12:00")),
        ("CN-8", at_home),
    ]
}

/// The rules that hold for a person at an instant, with the twenty measures taking over from the ninth plan.
fn held(story: &Story, when: &str) -> Vec<String> {
    let put = |number, pack: Pack| {
        let lasts = Interval::new(pack.from, pack.until).unwrap();
        PutInForce { id: FactId::from_bytes([number; 16]), pack: Arc::new(pack), lasts }
    };
    let packs = vec![put(1, ninth()), put(2, twenty())];
    let judged = yima_oracle::judge_all(&packs, &story.facts, at(when), Timestamp::FOREVER, at(when));
    let book = Rulebook::new(packs, &story.facts, Timestamp::FOREVER);
    let verdict = book.verdict(&story.own(), at(when), at(when));
    assert_eq!(verdict.colour, judged.colour, "oracle at {when}");
    verdict.grounds.iter().map(|held| held.ground.rule.id.to_string()).collect()
}

#[test]
fn exactly_those_are_released_whose_only_ground_was_a_second_contact() {
    let (eve, day) = ("2022-11-10 23:59:59.999", "2022-11-11 00:00");
    let mut persons = other_grounds();
    persons.push(("", resident()));
    let mut released = Vec::new();
    for (ground, alone) in persons {
        let mut also = alone.clone();
        also.event_by(SourceKind::DiseaseControl, "2022-11-09 18:00", secondary());
        for story in [alone, also] {
            let before = held(&story, eve);
            let after = held(&story, day);
            assert_eq!(before.iter().any(|rule| rule == ground), !ground.is_empty(), "{ground}: {before:?}");
            let mut kept = before.clone();
            kept.retain(|rule| rule != "CN-3");
            kept.sort();
            let mut holding = after.clone();
            holding.sort();
            assert_eq!(holding, kept, "{ground}: nothing else begins or ends");
            if !before.is_empty() && after.is_empty() {
                released.push((ground, before));
            }
        }
    }
    assert_eq!(released, [("", vec!["CN-3".to_owned()])]);
}

#[test]
fn the_medium_level_ends_with_the_day_for_guests_and_residents() {
    let mut at_home = resident();
    at_home.since("2022-11-09 12:00", level(Level::Medium, HOME));
    for story in [guest(Level::Medium, "2022-11-09 10:00", "2022-11-09 12:00"), at_home] {
        story.check(&twenty(), "2022-11-11 00:00", Green, &[]);
        assert_eq!(held(&story, "2022-11-10 23:59:59.999").len(), 1);
    }
}

#[test]
fn shorter_measures_apply_to_those_in_the_middle_of_them() {
    for (content, stages) in [(contact(), ["CN-2", "CN-2A"]), (arrival_from_abroad("310101"), ["CN-4", "CN-4A"])] {
        for (when, before, after) in [
            ("2022-11-04 12:00", Some(stages[0]), Some(stages[1])),
            ("2022-11-03 12:00", Some(stages[0]), Some(stages[1])),
            ("2022-11-02 12:00", Some(stages[1]), None),
        ] {
            let story = with(when, content.clone());
            assert_eq!(held(&story, "2022-11-10 23:59:59.999"), Vec::from_iter(before), "{when}");
            assert_eq!(held(&story, "2022-11-11 00:00"), Vec::from_iter(after), "{when}");
        }
    }
}

#[test]
fn cn_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&twenty(), "CN-0", "cn-risk-register", "2022-11-15");
}

#[test]
fn cn_10_who_leaves_closed_loop_duty_is_monitored_for_five_days() {
    resident().check_closed_loop(&twenty(), "2022-11-15", 5);
}

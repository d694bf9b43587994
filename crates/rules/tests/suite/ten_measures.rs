//! The rows of the ten measures (7 December 2022), each with its boundaries at both ends.

use yima_model::Colour::{Green, Grey, Red, Yellow};
use yima_model::fact::CaseClass;
use yima_model::{Level, Occurred, SourceKind};

use crate::support::*;

const HOTEL: &str = "440106001.1";
const HOME: &str = "310101004.7";

/// Somebody of Shanghai, registered on 7 December 2022.
fn resident() -> Story {
    resident_of(HOME, "2022-12-07 08:00", 40, "cn-risk-register")
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("state-council-2022-12-07"), rows);
}

fn close_contact() -> Story {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2022-12-08 22:00", contact());
    story
}

#[test]
fn cn_2_a_close_contact_is_at_home_until_a_negative_test_of_the_fifth_day() {
    let mut story = close_contact();
    story.tested("2022-12-13 00:00", "2022-12-13 15:00", false);
    check(
        &story,
        &[
            ("2022-12-08 21:59:59.999", Green, &[]),
            ("2022-12-08 22:00", Yellow, &["CN-2"]),
            ("2022-12-13 14:59:59.999", Yellow, &["CN-2"]),
            ("2022-12-13 15:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_2_without_that_test_it_ends_after_the_eight_days_of_before() {
    let untested: [Row<'_>; 3] = [
        ("2022-12-13 15:00", Yellow, &["CN-2"]),
        ("2022-12-16 23:59:59.999", Yellow, &["CN-2"]),
        ("2022-12-17 00:00", Green, &[]),
    ];
    check(&close_contact(), &untested);
    let mut early = close_contact();
    early.tested("2022-12-12 23:59:59", "2022-12-13 15:00", false);
    check(&early, &untested);
    let mut positive = close_contact();
    positive.tested("2022-12-13 09:00", "2022-12-13 15:00", true);
    check(&positive, &untested);
    let mut by_antigen = close_contact();
    by_antigen.event_by(SourceKind::Laboratory, "2022-12-13 09:00", antigen(false));
    check(&by_antigen, &untested);
}

#[test]
fn cn_2_a_contact_that_is_found_late_is_yellow_until_that_test_too() {
    let mut story = resident();
    let occurred = Occurred::At { at: at("2022-12-08 22:00"), reported: at("2022-12-13 10:00") };
    story.file(SourceKind::DiseaseControl, at("2022-12-13 10:00"), occurred, contact());
    check(
        &story,
        &[
            ("2022-12-13 09:59:59.999", Green, &[]),
            ("2022-12-13 12:00", Yellow, &["CN-2"]),
            ("2022-12-16 23:59:59.999", Yellow, &["CN-2"]),
            ("2022-12-17 00:00", Green, &[]),
        ],
    );
    story.tested("2022-12-14 09:00", "2022-12-14 20:00", false);
    check(&story, &[("2022-12-14 19:59:59.999", Yellow, &["CN-2"]), ("2022-12-14 20:00", Green, &[])]);
}

#[test]
fn cn_3_cn_6_and_cn_7_second_contacts_the_medium_level_and_tests_of_travellers_are_no_more() {
    let mut second = resident();
    second.event_by(SourceKind::DiseaseControl, "2022-12-08 22:00", secondary());
    check(&second, &[("2022-12-08 22:00", Green, &[])]);
    for of in [Level::Medium, Level::Low] {
        let mut traveller = resident();
        traveller.since("2022-12-07 00:00", level(of, HOTEL));
        traveller.during("2022-12-08 10:00", "2022-12-08 12:00", stay(HOTEL));
        traveller.event("2022-12-08 12:00", arrival(HOTEL, "310101"));
        check(&traveller, &[("2022-12-08 12:00", Green, &[]), ("2022-12-12 00:00", Green, &[])]);
    }
}

#[test]
fn cn_4_entries_go_on_as_under_the_twenty_measures() {
    let mut story = resident();
    story.event("2022-12-08 22:00", arrival_from_abroad("310101"));
    check(
        &story,
        &[
            ("2022-12-08 21:59:59.999", Green, &[]),
            ("2022-12-08 22:00", Red, &["CN-4"]),
            ("2022-12-13 23:59:59.999", Red, &["CN-4"]),
            ("2022-12-14 00:00", Yellow, &["CN-4A"]),
            ("2022-12-16 23:59:59.999", Yellow, &["CN-4A"]),
            ("2022-12-17 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_5_and_cn_8_high_risk_areas_for_guests_and_residents() {
    let mut guest = resident();
    guest.since("2022-12-07 00:00", level(Level::High, HOTEL));
    let mut arrived = guest.clone();
    guest.during("2022-12-08 10:00", "2022-12-08 12:00", stay(HOTEL));
    arrived.event("2022-12-08 10:00", arrival(HOTEL, "310101"));
    for story in [guest, arrived] {
        check(
            &story,
            &[
                ("2022-12-08 09:59:59.999", Green, &[]),
                ("2022-12-08 10:00", Yellow, &["CN-5"]),
                ("2022-12-15 23:59:59.999", Yellow, &["CN-5"]),
                ("2022-12-16 00:00", Green, &[]),
            ],
        );
    }
    let mut at_home = resident();
    at_home.during("2022-12-08 12:00", "2022-12-13 12:00", level(Level::High, HOME));
    check(
        &at_home,
        &[
            ("2022-12-08 11:59:59.999", Green, &[]),
            ("2022-12-08 12:00", Red, &["CN-8"]),
            ("2022-12-13 11:59:59.999", Red, &["CN-8"]),
            ("2022-12-13 12:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_1_a_case_is_red_until_its_office_closes_it_wherever_it_is_isolated() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2022-12-08 12:00", "2022-12-15 12:00", case(class));
        check(
            &story,
            &[
                ("2022-12-08 11:59:59.999", Green, &[]),
                ("2022-12-08 12:00", Red, &["CN-1"]),
                ("2022-12-15 11:59:59.999", Red, &["CN-1"]),
                ("2022-12-15 12:00", Yellow, &["CN-1A"]),
                ("2022-12-22 23:59:59.999", Yellow, &["CN-1A"]),
                ("2022-12-23 00:00", Green, &[]),
            ],
        );
    }
    let mut suspected = resident();
    suspected.during("2022-12-08 12:00", "2022-12-15 12:00", case(CaseClass::Suspected));
    check(&suspected, &[("2022-12-15 11:59:59.999", Red, &["CN-1"]), ("2022-12-15 12:00", Green, &[])]);
}

#[test]
fn cn_0_without_a_fresh_comparison_the_answer_is_pending() {
    let compared_once = resident_of(HOME, "2022-12-08 08:00", 1, "cn-risk-register");
    check(
        &compared_once,
        &[
            ("2022-12-08 07:59:59.999", Grey, &["CN-0"]),
            ("2022-12-08 08:00", Green, &[]),
            ("2022-12-15 23:59:59.999", Green, &[]),
            ("2022-12-16 00:00", Grey, &["CN-0"]),
        ],
    );
}

#[test]
fn it_follows_the_twenty_measures_and_ends_on_8_january() {
    check(&resident(), &[("2022-12-06 23:59:59.999", Grey, &[]), ("2022-12-07 08:00", Green, &[])]);
    check(&resident(), &[("2023-01-07 23:59:59.999", Green, &[]), ("2023-01-08 00:00", Grey, &[])]);
    assert_eq!(pack("state-council-2022-11-11").until, pack("state-council-2022-12-07").from);
}

#[test]
fn cn_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("state-council-2022-12-07"), "CN-0", "cn-risk-register", "2022-12-12");
}

#[test]
fn cn_10_who_leaves_closed_loop_duty_is_monitored_for_five_days_as_before() {
    resident().check_closed_loop(&pack("state-council-2022-12-07"), "2022-12-15", 5);
}

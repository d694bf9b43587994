//! The rows of the Zhejiang pack (June 2020), each with its boundaries at both ends.

use yima_model::Colour::{self, Green, Grey, Red, Yellow};
use yima_model::fact::{CaseClass, IsolationPlace, Symptom};
use yima_model::{Content, Level, SourceKind};

use crate::support::*;

const HOME: &str = "330106";
const MARKET: &str = "110106001.1";

/// Somebody of Hangzhou, registered on 10 June 2020.
fn resident() -> Story {
    resident_of(HOME, "2020-06-10 08:00", 60, "zj-risk-register")
}

fn with(kind: SourceKind, content: Content) -> Story {
    let mut story = resident();
    story.event_by(kind, "2020-06-12 10:00", content);
    story
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("zhejiang-2020-06"), rows);
}

/// One ground from 12 June 10:00 until the beginning of a day.
fn check_until(story: &Story, colour: Colour, rule: &str, last: &str, after: &str) {
    let rules = &[rule];
    check(
        story,
        &[
            ("2020-06-12 09:59:59.999", Green, &[]),
            ("2020-06-12 10:00", colour, rules),
            (last, colour, rules),
            (after, Green, &[]),
        ],
    );
}

#[test]
fn zj_r_cases_and_observation_are_red_while_they_last() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Suspected, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2020-06-12 10:00", "2020-06-20 10:00", case(class));
        check_until(&story, Red, "ZJ-R1", "2020-06-20 09:59:59.999", "2020-06-20 10:00");
    }
    for place in [IsolationPlace::Central, IsolationPlace::Home] {
        let mut story = resident();
        story.during("2020-06-12 10:00", "2020-06-20 10:00", isolation(place));
        check_until(&story, Red, "ZJ-R4", "2020-06-20 09:59:59.999", "2020-06-20 10:00");
    }
}

#[test]
fn zj_r_a_close_contact_is_red_for_fourteen_days_and_a_second_contact_is_not() {
    let story = with(SourceKind::DiseaseControl, contact());
    check_until(&story, Red, "ZJ-R2", "2020-06-25 23:59:59.999", "2020-06-26 00:00");
    check(&with(SourceKind::DiseaseControl, secondary()), &[("2020-06-12 10:00", Green, &[])]);
}

#[test]
fn zj_r_an_entry_is_red_for_fourteen_days_and_seven_more_at_home() {
    check(
        &with(SourceKind::Register, arrival_from_abroad(HOME)),
        &[
            ("2020-06-12 09:59:59.999", Green, &[]),
            ("2020-06-12 10:00", Red, &["ZJ-R3"]),
            ("2020-06-25 23:59:59.999", Red, &["ZJ-R3"]),
            ("2020-06-26 00:00", Red, &["ZJ-R3A"]),
            ("2020-07-02 23:59:59.999", Red, &["ZJ-R3A"]),
            ("2020-07-03 00:00", Green, &[]),
        ],
    );
    check(&with(SourceKind::Carrier, arrival("110106", HOME)), &[("2020-06-12 10:00", Green, &[])]);
}

#[test]
fn zj_r_an_area_counts_from_the_day_on_which_the_province_adds_it() {
    let mut before = with(SourceKind::Carrier, arrival(MARKET, HOME));
    before.since("2020-06-13 00:00", list("zj-added-areas", &[MARKET]));
    check(&before, &[("2020-06-13 10:00", Green, &[])]);

    let mut arrived = with(SourceKind::Carrier, arrival(MARKET, HOME));
    arrived.since("2020-06-11 00:00", list("zj-added-areas", &[MARKET]));
    let mut stayed = resident();
    stayed.since("2020-06-11 00:00", list("zj-added-areas", &[MARKET]));
    stayed.during("2020-06-12 10:00", "2020-06-12 12:00", stay(MARKET));
    for story in [arrived, stayed] {
        check_until(&story, Red, "ZJ-R5", "2020-06-25 23:59:59.999", "2020-06-26 00:00");
    }
}

#[test]
fn zj_y_fever_is_yellow_until_a_clear_follow_up_or_fourteen_days() {
    let declared = with(SourceKind::Resident, declaration(&[Symptom::Fever]));
    let measured = with(SourceKind::Checkpoint, temperature(373));
    for story in [declared, measured] {
        check_until(&story, Yellow, "ZJ-Y1", "2020-06-25 23:59:59.999", "2020-06-26 00:00");
        let mut cleared = story;
        cleared.event_by(SourceKind::Hospital, "2020-06-14 10:00", FOLLOW_UP_CLEAR);
        check_until(&cleared, Yellow, "ZJ-Y1", "2020-06-14 09:59:59.999", "2020-06-14 10:00");
    }
    for none in [declaration(&[Symptom::Cough]), temperature(372)] {
        check(&with(SourceKind::Resident, none), &[("2020-06-12 10:00", Green, &[])]);
    }
}

#[test]
fn zj_y_who_lives_in_a_risk_area_is_yellow_without_a_negative_test_of_seven_days() {
    for of in [Level::High, Level::Medium] {
        let mut story = resident();
        story.during("2020-06-12 10:00", "2020-06-26 10:00", level(of, HOME));
        check_until(&story, Yellow, "ZJ-Y2", "2020-06-26 09:59:59.999", "2020-06-26 10:00");
        story.event_by(SourceKind::Hospital, "2020-06-13 09:00", antigen(false));
        story.tested("2020-06-14 09:00", "2020-06-15 09:00", false);
        check(
            &story,
            &[
                ("2020-06-15 08:59:59.999", Yellow, &["ZJ-Y2"]),
                ("2020-06-15 09:00", Green, &[]),
                ("2020-06-20 23:59:59.999", Green, &[]),
                ("2020-06-21 00:00", Yellow, &["ZJ-Y2"]),
            ],
        );
    }
    let mut low = resident();
    low.since("2020-06-12 10:00", level(Level::Low, HOME));
    check(&low, &[("2020-06-12 10:00", Green, &[])]);
}

#[test]
fn zj_y_late_data_make_nobody_yellow() {
    let mut story = resident();
    story.during("2020-06-12 10:00", "2020-06-26 10:00", level(Level::High, HOME));
    story.tested("2020-06-14 09:00", "2020-06-15 09:00", false);
    let (ends, before) = (at("2020-06-21 00:00"), at("2020-06-20 23:59:59.999"));
    for (when, as_of, colour) in
        [(ends, before, Green), (ends.plus_millis(86_400_000), before, Green), (ends, ends, Yellow)]
    {
        story.check_as_of(&pack("zhejiang-2020-06"), when, as_of, colour);
    }
}

#[test]
fn zj_0_pending_without_a_comparison_and_nothing_outside_its_time() {
    let compared_once = resident_of(HOME, "2020-06-10 08:00", 1, "zj-risk-register");
    check(
        &compared_once,
        &[
            ("2020-06-10 07:59:59.999", Grey, &["ZJ-0"]),
            ("2020-06-10 08:00", Green, &[]),
            ("2020-06-16 23:59:59.999", Green, &[]),
            ("2020-06-17 00:00", Grey, &["ZJ-0"]),
        ],
    );
    check(&resident(), &[("2020-05-31 23:59:59.999", Grey, &[]), ("2020-08-30 00:00", Grey, &[])]);
}

#[test]
fn zj_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("zhejiang-2020-06"), "ZJ-0", "zj-risk-register", "2020-06-20");
}

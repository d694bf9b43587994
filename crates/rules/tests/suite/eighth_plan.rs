//! The rows of the eighth plan (May 2021), each with its boundaries at both ends.

use yima_model::Colour::{Green, Grey, Red, Yellow};
use yima_model::fact::CaseClass;
use yima_model::{Content, Level, SourceKind};

use crate::support::*;

/// Somebody of Shanghai, registered on 1 June 2021.
fn resident() -> Story {
    resident_of("310101", "2021-06-01 08:00", 60, "cn-risk-register")
}

fn with(content: Content) -> Story {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2021-06-03 22:00", content);
    story
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("state-council-2021-05"), rows);
}

#[test]
fn cn_2_a_close_contact_is_fourteen_days_in_central_isolation_and_seven_at_home() {
    check(
        &with(contact()),
        &[
            ("2021-06-03 21:59:59.999", Green, &[]),
            ("2021-06-03 22:00", Red, &["CN-2"]),
            ("2021-06-17 23:59:59.999", Red, &["CN-2"]),
            ("2021-06-18 00:00", Yellow, &["CN-2A"]),
            ("2021-06-24 23:59:59.999", Yellow, &["CN-2A"]),
            ("2021-06-25 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_3_a_second_contact_is_seven_days_in_central_isolation() {
    check(
        &with(secondary()),
        &[
            ("2021-06-03 21:59:59.999", Green, &[]),
            ("2021-06-03 22:00", Red, &["CN-3"]),
            ("2021-06-10 23:59:59.999", Red, &["CN-3"]),
            ("2021-06-11 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_4_whoever_enters_the_country_is_fourteen_days_in_central_isolation_and_seven_at_home() {
    check(
        &with(arrival_from_abroad("310101")),
        &[
            ("2021-06-03 21:59:59.999", Green, &[]),
            ("2021-06-03 22:00", Red, &["CN-4"]),
            ("2021-06-17 23:59:59.999", Red, &["CN-4"]),
            ("2021-06-18 00:00", Yellow, &["CN-4A"]),
            ("2021-06-24 23:59:59.999", Yellow, &["CN-4A"]),
            ("2021-06-25 00:00", Green, &[]),
        ],
    );
    check(&with(arrival("440106", "310101")), &[("2021-06-03 22:00", Green, &[])]);
}

#[test]
fn no_level_of_an_area_gives_a_colour() {
    for of in [Level::High, Level::Medium, Level::Low] {
        let mut story = resident();
        story.since("2021-06-02 00:00", level(of, "310101"));
        story.during("2021-06-03 10:00", "2021-06-03 12:00", stay("310101"));
        check(&story, &[("2021-06-03 11:00", Green, &[]), ("2021-06-08 00:00", Green, &[])]);
    }
}

#[test]
fn cn_1_a_case_is_red_while_it_lasts() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Suspected, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2021-06-03 12:00", "2021-06-10 12:00", case(class));
        check(
            &story,
            &[
                ("2021-06-03 11:59:59.999", Green, &[]),
                ("2021-06-03 12:00", Red, &["CN-1"]),
                ("2021-06-10 11:59:59.999", Red, &["CN-1"]),
                ("2021-06-10 12:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn cn_0_without_a_fresh_comparison_the_answer_is_pending() {
    let story = resident_of("310101", "2021-06-01 08:00", 1, "cn-risk-register");
    check(
        &story,
        &[
            ("2021-06-01 07:59:59.999", Grey, &["CN-0"]),
            ("2021-06-01 08:00", Green, &[]),
            ("2021-06-08 23:59:59.999", Green, &[]),
            ("2021-06-09 00:00", Grey, &["CN-0"]),
        ],
    );
    check(&resident(), &[("2021-05-13 23:59:59.999", Grey, &[]), ("2021-08-12 00:00", Grey, &[])]);
}

#[test]
fn cn_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("state-council-2021-05"), "CN-0", "cn-risk-register", "2021-06-10");
}

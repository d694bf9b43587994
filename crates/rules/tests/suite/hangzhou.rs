//! The rows of the Hangzhou pack (11 February 2020), each with its boundaries at both ends.

use yima_model::Colour::{Green, Grey, Red, Yellow};
use yima_model::fact::{CaseClass, Symptom, Symptoms};
use yima_model::id::ListId;
use yima_model::{Content, SourceKind};

use crate::support::*;

const HOME: &str = "330106";
const RED: &str = "hz-red-register";
const YELLOW: &str = "hz-yellow-register";

/// Somebody of Hangzhou, registered on 11 February 2020, who checks in at 08:00 on so many days.
fn resident(days: i64) -> Story {
    let mut story = resident_of(HOME, "2020-02-11 08:00", days, RED);
    story.compared_daily("2020-02-11 08:00", 80, YELLOW);
    story
}

/// A match in the register at 10:00 on 12 February.
fn matched(mut story: Story, register: &str) -> Story {
    story.event_by(SourceKind::Register, "2020-02-12 10:00", comparison(register));
    story
}

fn comparison(register: &str) -> Content {
    Content::Comparison { list: ListId::parse(register).unwrap(), as_of: at("2020-02-12 09:00"), matched: true }
}

fn coughing() -> Content {
    Content::CheckIn { symptoms: Symptoms::NONE.with(Symptom::Cough) }
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("hangzhou-2020-02"), rows);
}

#[test]
fn hz_1_red_ends_with_the_fourteenth_normal_check_in_in_a_row() {
    check(
        &matched(resident(60), RED),
        &[
            ("2020-02-12 09:59:59.999", Green, &[]),
            ("2020-02-12 10:00", Red, &["HZ-1"]),
            // The check-in of 12 February came before the match; from the 13th on, the fourteenth is that of the 26th.
            ("2020-02-26 07:59:59.999", Red, &["HZ-1"]),
            ("2020-02-26 08:00", Green, &[]),
        ],
    );
}

#[test]
fn hz_1_fourteen_check_ins_do_not_shorten_the_isolation() {
    let mut story = matched(resident(60), RED);
    story.check_in("2020-02-12 20:00");
    check(&story, &[("2020-02-25 23:59:59.999", Red, &["HZ-1"]), ("2020-02-26 00:00", Green, &[])]);
}

#[test]
fn hz_1_a_day_without_a_normal_check_in_begins_the_row_again() {
    let mut missed = matched(resident(9), RED);
    missed.daily("2020-02-21 08:00", 40, RED);
    let mut ill = missed.clone();
    ill.event("2020-02-20 08:00", coughing());
    for story in [missed, ill] {
        check(&story, &[("2020-03-05 07:59:59.999", Red, &["HZ-1"]), ("2020-03-05 08:00", Green, &[])]);
    }
}

#[test]
fn hz_1_two_check_ins_on_one_day_count_once() {
    let mut story = matched(resident(9), RED);
    story.check_in("2020-02-19 20:00");
    story.daily("2020-02-21 08:00", 5, RED);
    check(&story, &[("2020-02-26 08:00", Red, &["HZ-1"])]);
}

#[test]
fn hz_1_ends_without_check_ins_after_twenty_eight_days() {
    let mut story = matched(resident(1), RED);
    story.event_by(SourceKind::Register, "2020-03-10 08:00", clear(RED));
    check(&story, &[("2020-03-10 23:59:59.999", Red, &["HZ-1"]), ("2020-03-11 00:00", Green, &[])]);
}

fn clear(register: &str) -> Content {
    Content::Comparison { list: ListId::parse(register).unwrap(), as_of: at("2020-03-10 08:00"), matched: false }
}

#[test]
fn hz_1_a_repeated_match_begins_again() {
    let mut story = matched(resident(60), RED);
    story.event_by(SourceKind::Register, "2020-02-20 10:00", comparison(RED));
    check(&story, &[("2020-03-05 07:59:59.999", Red, &["HZ-1"]), ("2020-03-05 08:00", Green, &[])]);
}

#[test]
fn hz_1_where_the_county_confirms_red_ends_with_its_review() {
    let confirming = pack_with("hangzhou-2020-02", &[("county-confirms", true)]);
    let mut story = matched(resident(60), RED);
    story.event_by(SourceKind::Community, "2020-02-27 15:00", Content::Review);
    story.check_rows(&confirming, &[("2020-02-27 14:59:59.999", Red, &["HZ-1"]), ("2020-02-27 15:00", Green, &[])]);
    check(&story, &[("2020-02-26 08:00", Green, &[])]);
    let without = matched(resident(60), RED);
    without.check_rows(&confirming, &[("2020-03-10 23:59:59.999", Red, &["HZ-1"]), ("2020-03-11 00:00", Green, &[])]);
}

#[test]
fn hz_1a_cases_are_red_while_they_last() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Suspected, CaseClass::Asymptomatic] {
        let mut story = resident(60);
        story.during("2020-02-12 10:00", "2020-02-20 10:00", case(class));
        check(
            &story,
            &[
                ("2020-02-12 09:59:59.999", Green, &[]),
                ("2020-02-12 10:00", Red, &["HZ-1A"]),
                ("2020-02-20 09:59:59.999", Red, &["HZ-1A"]),
                ("2020-02-20 10:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn hz_2_yellow_ends_with_the_seventh_normal_check_in_in_a_row() {
    check(
        &matched(resident(60), YELLOW),
        &[
            ("2020-02-12 09:59:59.999", Green, &[]),
            ("2020-02-12 10:00", Yellow, &["HZ-2"]),
            ("2020-02-19 07:59:59.999", Yellow, &["HZ-2"]),
            ("2020-02-19 08:00", Green, &[]),
        ],
    );
}

#[test]
fn hz_2_an_illness_does_not_count_towards_the_seven() {
    let mut story = matched(resident(4), YELLOW);
    story.event("2020-02-15 08:00", coughing());
    story.daily("2020-02-16 08:00", 30, RED);
    check(&story, &[("2020-02-22 07:59:59.999", Yellow, &["HZ-2"]), ("2020-02-22 08:00", Green, &[])]);
}

#[test]
fn hz_2_ends_without_check_ins_after_fourteen_days() {
    let mut story = matched(resident(1), YELLOW);
    story.event_by(SourceKind::Register, "2020-02-25 08:00", clear(RED));
    check(&story, &[("2020-02-25 23:59:59.999", Yellow, &["HZ-2"]), ("2020-02-26 00:00", Green, &[])]);
}

#[test]
fn hz_3_a_later_match_turns_green_into_yellow_and_yellow_into_red() {
    let mut story = matched(resident(60), YELLOW);
    story.event_by(SourceKind::Register, "2020-02-14 10:00", comparison(RED));
    check(
        &story,
        &[
            ("2020-02-12 09:59:59.999", Green, &[]),
            ("2020-02-14 09:59:59.999", Yellow, &["HZ-2"]),
            ("2020-02-14 10:00", Red, &["HZ-1", "HZ-2"]),
            ("2020-02-19 08:00", Red, &["HZ-1"]),
        ],
    );
}

#[test]
fn hz_0_pending_without_a_comparison_and_nothing_outside_its_time() {
    check(
        &resident(1),
        &[
            ("2020-02-11 07:59:59.999", Grey, &["HZ-0"]),
            ("2020-02-11 08:00", Green, &[]),
            ("2020-02-17 23:59:59.999", Green, &[]),
            ("2020-02-18 00:00", Grey, &["HZ-0"]),
        ],
    );
    for (red, yellow, pending) in [(0, 0, false), (4, 0, true), (0, 4, true)] {
        let mut story = resident(1);
        story.facts.retain(|fact| !matches!(fact.content(), Content::Comparison { .. }));
        let as_of = |days: i64| at("2020-02-12 08:00").plus_millis(-days * 86_400_000);
        story.compared(RED, at("2020-02-12 08:00"), as_of(red), false);
        check(&story, &[("2020-02-12 09:00", Grey, &["HZ-0"])]);
        story.compared(YELLOW, at("2020-02-12 08:00"), as_of(yellow), false);
        let expected: (_, &[&str]) = if pending { (Grey, &["HZ-0"]) } else { (Green, &[]) };
        check(&story, &[("2020-02-12 09:00", expected.0, expected.1)]);
    }
    check(&resident(60), &[("2020-02-10 23:59:59.999", Grey, &[]), ("2020-05-11 00:00", Grey, &[])]);
}

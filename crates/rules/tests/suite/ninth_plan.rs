//! The rows of the ninth plan (28 June 2022), each with its boundaries at both ends.

use std::sync::Arc;

use yima_model::Colour::{self, Green, Grey, Red, Yellow};
use yima_model::fact::CaseClass;
use yima_model::{Content, FactId, Interval, Level, Occurred, SourceKind, Timestamp};
use yima_rules::pack::{Pack, Takeover, Transition};
use yima_rules::rulebook::{PutInForce, Rulebook};

use crate::support::*;

const HOTEL: &str = "440106001.1";

/// When a sample was taken and reported, and its result.
type Sampled<'a> = (&'a str, &'a str, &'a Content);

/// An instant, and whether the rule holds then.
type Held<'a> = (&'a str, bool);

/// Somebody of Shanghai, registered on 1 July 2022.
fn resident() -> Story {
    resident_of("310101", "2022-07-01 08:00", 40, "cn-risk-register")
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("state-council-2022-06-28"), rows);
}

/// Two hours in the hotel on 3 July, while it has this level.
fn guest(of: Level) -> Story {
    let mut story = resident();
    story.during("2022-07-03 10:00", "2022-07-03 12:00", stay(HOTEL));
    story.since("2022-07-02 00:00", level(of, HOTEL));
    story
}

#[test]
fn cn_0_without_a_fresh_comparison_the_answer_is_pending() {
    let mut story = resident_of("310101", "2022-07-02 08:00", 1, "cn-risk-register");
    check(
        &story,
        &[
            ("2022-07-02 07:59:59.999", Grey, &["CN-0"]),
            ("2022-07-02 08:00", Green, &[]),
            ("2022-07-09 23:59:59.999", Green, &[]),
            ("2022-07-10 00:00", Grey, &["CN-0"]),
        ],
    );
    story.event_by(SourceKind::DiseaseControl, "2022-07-09 10:00", contact());
    check(&story, &[("2022-07-10 00:00", Red, &["CN-2", "CN-0"])]);
}

#[test]
fn cn_1_cases_are_red_while_they_last_and_monitored_for_seven_days_after_discharge() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2022-07-03 12:00", "2022-07-10 12:00", case(class));
        check(
            &story,
            &[
                ("2022-07-03 11:59:59.999", Green, &[]),
                ("2022-07-03 12:00", Red, &["CN-1"]),
                ("2022-07-10 11:59:59.999", Red, &["CN-1"]),
                ("2022-07-10 12:00", Yellow, &["CN-1A"]),
                ("2022-07-17 23:59:59.999", Yellow, &["CN-1A"]),
                ("2022-07-18 00:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn cn_1_a_suspicion_ends_when_it_is_excluded_and_fever_alone_is_no_case() {
    let mut suspected = resident();
    suspected.during("2022-07-03 12:00", "2022-07-05 12:00", case(CaseClass::Suspected));
    check(
        &suspected,
        &[
            ("2022-07-03 12:00", Red, &["CN-1"]),
            ("2022-07-05 11:59:59.999", Red, &["CN-1"]),
            ("2022-07-05 12:00", Green, &[]),
        ],
    );
    let mut fever = resident();
    fever.during("2022-07-03 12:00", "2022-07-05 12:00", case(CaseClass::Fever));
    check(&fever, &[("2022-07-03 12:00", Green, &[])]);
}

#[test]
fn cn_2_a_close_contact_is_seven_days_in_central_isolation_and_three_at_home() {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2022-07-03 22:00", contact());
    check(
        &story,
        &[
            ("2022-07-03 21:59:59.999", Green, &[]),
            ("2022-07-03 22:00", Red, &["CN-2"]),
            ("2022-07-10 23:59:59.999", Red, &["CN-2"]),
            ("2022-07-11 00:00", Yellow, &["CN-2A"]),
            ("2022-07-13 23:59:59.999", Yellow, &["CN-2A"]),
            ("2022-07-14 00:00", Green, &[]),
        ],
    );
    story.event_by(SourceKind::DiseaseControl, "2022-07-05 09:00", contact());
    check(
        &story,
        &[
            ("2022-07-12 23:59:59.999", Red, &["CN-2", "CN-2A"]),
            ("2022-07-13 00:00", Yellow, &["CN-2A"]),
            ("2022-07-15 23:59:59.999", Yellow, &["CN-2A"]),
            ("2022-07-16 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_2_a_contact_that_is_found_late_has_the_rest_of_its_measure_to_serve() {
    let mut story = resident();
    let found = at("2022-07-12 15:00");
    let occurred = Occurred::At { at: at("2022-07-03 22:00"), reported: found };
    story.file(SourceKind::DiseaseControl, found, occurred, contact());
    check(
        &story,
        &[
            ("2022-07-12 14:59:59.999", Green, &[]),
            ("2022-07-12 15:00", Yellow, &["CN-2A"]),
            ("2022-07-14 00:00", Green, &[]),
        ],
    );
}

#[test]
fn where_test_days_are_asked_for_a_contact_is_released_with_the_last_of_them() {
    let asking = pack_with("state-council-2022-06-28", &[("test-days", true)]);
    let tested = |content: fn() -> Content, days: &[&str]| {
        let mut story = resident();
        story.event_by(SourceKind::DiseaseControl, "2022-07-03 22:00", content());
        for day in days {
            story.tested(&format!("2022-07-{day} 09:00"), &format!("2022-07-{day} 20:00"), false);
        }
        story
    };
    let all = tested(contact, &["04", "05", "06", "08", "10"]);
    all.check_rows(&asking, &[("2022-07-10 23:59:59.999", Red, &["CN-2"]), ("2022-07-11 00:00", Yellow, &["CN-2A"])]);
    let without_the_last = tested(contact, &["04", "05", "06", "08", "11"]);
    without_the_last.check_rows(
        &asking,
        &[
            ("2022-07-11 00:00", Red, &["CN-2", "CN-2A"]),
            ("2022-07-17 23:59:59.999", Red, &["CN-2"]),
            ("2022-07-18 00:00", Green, &[]),
        ],
    );
    without_the_last.check_progress(&asking, "2022-07-11 20:00", &[("CN-2", 4, 5)]);
    check(&without_the_last, &[("2022-07-11 00:00", Yellow, &["CN-2A"])]);
    let second = tested(secondary, &["04", "07", "10"]);
    second.check_rows(&asking, &[("2022-07-10 23:59:59.999", Yellow, &["CN-3"]), ("2022-07-11 00:00", Green, &[])]);
    tested(secondary, &["04", "07"]).check_rows(&asking, &[("2022-07-17 23:59:59.999", Yellow, &["CN-3"])]);
}

#[test]
fn cn_3_a_second_contact_is_seven_days_at_home() {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2022-07-03 22:00", secondary());
    check(
        &story,
        &[
            ("2022-07-03 21:59:59.999", Green, &[]),
            ("2022-07-03 22:00", Yellow, &["CN-3"]),
            ("2022-07-10 23:59:59.999", Yellow, &["CN-3"]),
            ("2022-07-11 00:00", Green, &[]),
        ],
    );
}

#[test]
fn cn_4_whoever_enters_the_country_is_seven_days_in_central_isolation_and_three_at_home() {
    let abroad = arrival_from_abroad("310101");
    let (hong_kong, macau, taiwan) = (arrival("81", "310101"), arrival("82", "310101"), arrival("71", "310101"));
    for entry in [abroad, hong_kong, macau, taiwan] {
        let mut story = resident();
        story.event("2022-07-03 22:00", entry);
        check(
            &story,
            &[
                ("2022-07-03 21:59:59.999", Green, &[]),
                ("2022-07-03 22:00", Red, &["CN-4"]),
                ("2022-07-10 23:59:59.999", Red, &["CN-4"]),
                ("2022-07-11 00:00", Yellow, &["CN-4A"]),
                ("2022-07-13 23:59:59.999", Yellow, &["CN-4A"]),
                ("2022-07-14 00:00", Green, &[]),
            ],
        );
    }
    let mut domestic = resident();
    domestic.event("2022-07-03 22:00", arrival("440106", "310101"));
    check(&domestic, &[("2022-07-03 22:00", Green, &[]), ("2022-07-11 00:00", Green, &[])]);
}

#[test]
fn cn_5_and_cn_6_seven_days_after_a_high_or_medium_risk_area() {
    for (of, colour, rule) in [(Level::High, Red, "CN-5"), (Level::Medium, Yellow, "CN-6")] {
        let mut story = guest(of);
        let rows: [Row<'_>; 4] = [
            ("2022-07-03 09:59:59.999", Green, &[]),
            ("2022-07-03 10:00", colour, &[rule]),
            ("2022-07-10 23:59:59.999", colour, &[rule]),
            ("2022-07-11 00:00", Green, &[]),
        ];
        check(&story, &rows);
        let listing = story.facts.last().unwrap().id();
        story.close("2022-07-05 00:00", listing);
        check(&story, &rows);

        let mut arrived = resident();
        arrived.since("2022-07-02 00:00", level(of, HOTEL));
        arrived.event("2022-07-03 10:00", arrival(HOTEL, "310101"));
        check(&arrived, &rows);
    }
}

#[test]
fn cn_5_the_stay_must_overlap_the_time_of_the_level() {
    for (listed, colour, rules) in [
        ("2022-07-03 12:00", Green, &[] as &[&str]),
        ("2022-07-03 11:59:59.999", Red, &["CN-5"]),
        ("2022-07-01 00:00", Red, &["CN-5"]),
    ] {
        let mut story = resident();
        story.during("2022-07-03 10:00", "2022-07-03 12:00", stay(HOTEL));
        let lasts = Occurred::since(at(listed));
        story.file(SourceKind::Headquarters, at("2022-07-05 09:00"), lasts, level(Level::High, HOTEL));
        check(&story, &[("2022-07-06 00:00", colour, rules)]);
    }
}

#[test]
fn cn_7_after_a_low_risk_area_two_tests_in_three_days() {
    let mut arrived = resident();
    arrived.since("2022-07-02 00:00", level(Level::Low, "440106"));
    arrived.event("2022-07-03 12:00", arrival("440106", "310101"));
    check_two_tests(&pack("state-council-2022-06-28"), &[guest(Level::Low), arrived], "2022-07", 0);
}

#[test]
fn cn_7_low_is_the_rest_of_a_county_with_a_medium_or_high_risk_area() {
    for of in [Level::High, Level::Medium] {
        let beside = |place: &str| {
            let mut story = resident();
            story.since("2022-07-02 00:00", level(of, HOTEL));
            story.during("2022-07-03 10:00", "2022-07-03 12:00", stay(place));
            story
        };
        check_two_tests(&pack("state-council-2022-06-28"), &[beside("440106002")], "2022-07", 0);
        check(&beside("440105001"), &[("2022-07-07 00:00", Green, &[])]);
        check(&beside("4401"), &[("2022-07-07 00:00", Green, &[])]);
    }
}

#[test]
fn cn_7_late_data_make_nobody_yellow() {
    let seventh = at("2022-07-07 00:00");
    guest(Level::Low).check_as_of(&pack("state-council-2022-06-28"), seventh, seventh.plus_millis(-1), Green);
    guest(Level::Low).check_as_of(&pack("state-council-2022-06-28"), seventh, seventh, Yellow);
    guest(Level::Low).check_as_of(&pack("state-council-2022-06-28"), seventh.plus_millis(3_600_000), seventh, Yellow);
}

/// CN-7 for persons who left a low-risk area on day 3; day 1 is `offset` days after the beginning of the month.
pub(crate) fn check_two_tests(pack: &Pack, persons: &[Story], month: &str, offset: u32) {
    let date = |text: &str| {
        let (day, time) = text.split_once(' ').unwrap();
        format!("{month}-{:02} {time}", day.parse::<u32>().unwrap() + offset)
    };
    let untested = [
        ("3 11:00", false),
        ("6 23:59:59.999", false),
        ("7 00:00", true),
        ("10 23:59:59.999", true),
        ("11 00:00", false),
    ];
    let (negative, positive, not_nucleic) = (nucleic_acid(false), nucleic_acid(true), antigen(false));
    let tables: [(&[Sampled<'_>], &[Held<'_>]); 9] = [
        (&[], &untested),
        (&[("4 09:00", "4 20:00", &negative)], &untested),
        (&[("1 09:00", "1 20:00", &negative), ("2 09:00", "2 20:00", &negative)], &untested),
        (&[("4 09:00", "4 20:00", &negative), ("5 08:59:59.999", "5 20:00", &negative)], &untested),
        (&[("4 09:00", "4 20:00", &negative), ("5 09:00", "5 20:00", &positive)], &untested),
        (&[("4 09:00", "4 20:00", &negative), ("5 09:00", "5 20:00", &not_nucleic)], &untested),
        (
            &[("4 09:00", "4 20:00", &negative), ("5 09:00", "5 20:00", &negative)],
            &[("7 00:00", false), ("10 23:59:59.999", false)],
        ),
        (
            &[("4 09:00", "4 20:00", &negative), ("7 23:59:59.999", "8 10:00", &negative)],
            &[("8 09:59:59.999", true), ("8 10:00", false)],
        ),
        (&[("4 09:00", "4 20:00", &negative), ("8 00:00", "8 10:00", &negative)], &untested),
    ];
    for (tests, rows) in tables {
        for person in persons {
            let mut story = person.clone();
            for (sampled, reported, result) in tests {
                let occurred = Occurred::At { at: at(&date(sampled)), reported: at(&date(reported)) };
                story.file(SourceKind::Laboratory, at(&date(reported)), occurred, (*result).clone());
            }
            for (when, held) in rows {
                let (colour, rules): (Colour, &[&str]) = if *held { (Yellow, &["CN-7"]) } else { (Green, &[]) };
                story.check(pack, &date(when), colour, rules);
            }
        }
    }
}

#[test]
fn cn_8_and_cn_9_who_lives_there_follows_the_ladder_at_once() {
    let mut story = resident();
    story.during("2022-07-03 12:00", "2022-07-10 12:00", level(Level::High, "310101004.7"));
    story.during("2022-07-10 12:00", "2022-07-13 12:00", level(Level::Medium, "310101004.7"));
    story.since("2022-07-13 12:00", level(Level::Low, "310101004.7"));
    check(&story, &[("2022-07-03 12:00", Green, &[])]);
    story.since("2022-07-01 08:00", dwelling("310101004.7"));
    check(
        &story,
        &[
            ("2022-07-03 11:59:59.999", Green, &[]),
            ("2022-07-03 12:00", Red, &["CN-8"]),
            ("2022-07-10 11:59:59.999", Red, &["CN-8"]),
            ("2022-07-10 12:00", Yellow, &["CN-9"]),
            ("2022-07-13 11:59:59.999", Yellow, &["CN-9"]),
            ("2022-07-13 12:00", Green, &[]),
        ],
    );
}

#[test]
fn every_ground_is_listed_the_worst_first_and_the_last_to_end_keeps_its_colour() {
    let mut story = guest(Level::Medium);
    story.event_by(SourceKind::DiseaseControl, "2022-07-04 09:00", secondary());
    let wrong = story.event_by(SourceKind::DiseaseControl, "2022-07-04 09:00", contact());
    check(&story, &[("2022-07-05 12:00", Red, &["CN-2", "CN-3", "CN-6"])]);
    story.event_by(SourceKind::DiseaseControl, "2022-07-05 13:00", Content::Retraction { target: wrong });
    check(
        &story,
        &[
            ("2022-07-05 13:00", Yellow, &["CN-3", "CN-6"]),
            ("2022-07-11 23:59:59.999", Yellow, &["CN-3"]),
            ("2022-07-12 00:00", Green, &[]),
        ],
    );
}

/// The plan went on unchanged until the twenty measures; a pack ends after ninety days.
#[test]
fn its_renewal_has_the_same_rules_and_the_next_ninety_days() {
    let (plan, renewed) = (pack("state-council-2022-06-28"), pack("state-council-2022-09-26"));
    let takeover = Takeover { pack: plan.id.clone(), transition: Transition::Apply, dropped: Default::default() };
    assert_eq!((plan.until, renewed.until), (renewed.from, pack("state-council-2022-11-11").from));
    assert!(renewed.because.is_some());
    let Pack { id, published, from, until, because, .. } = renewed.clone();
    assert_eq!(renewed, Pack { id, published, from, until, because, follows: Some(takeover), ..plan });
}

#[test]
fn who_is_in_the_middle_of_a_measure_when_it_is_renewed_stays_there_as_long_as_before() {
    let met = |day: &str| {
        let mut story = resident_of("310101004.7", "2022-09-20 08:00", 40, "cn-risk-register");
        story.event_by(SourceKind::DiseaseControl, &format!("{day} 12:00"), contact());
        story
    };
    let put = |number, pack: Pack| PutInForce {
        id: FactId::from_bytes([number; 16]),
        lasts: Interval::new(pack.from, Timestamp::FOREVER).unwrap(),
        pack: Arc::new(pack),
    };
    let packs = vec![put(1, pack("state-council-2022-06-28")), put(2, pack("state-council-2022-09-26"))];
    // Seven days in isolation and three at home, the day of the contact being day 0.
    for (day, rows) in [
        (
            "2022-09-22",
            &[
                ("2022-09-25 23:59:59.999", Red),
                ("2022-09-26 00:00", Red),
                ("2022-09-30 00:00", Yellow),
                ("2022-10-03 00:00", Green),
            ][..],
        ),
        (
            "2022-09-18",
            &[
                ("2022-09-25 23:59:59.999", Red),
                ("2022-09-26 00:00", Yellow),
                ("2022-09-28 23:59:59.999", Yellow),
                ("2022-09-29 00:00", Green),
            ],
        ),
        (
            "2022-09-26",
            &[
                ("2022-09-26 13:00", Red),
                ("2022-10-03 23:59:59.999", Red),
                ("2022-10-04 00:00", Yellow),
                ("2022-10-07 00:00", Green),
            ],
        ),
    ] {
        let story = met(day);
        let book = Rulebook::new(packs.clone(), &story.facts, Timestamp::FOREVER);
        for (when, colour) in rows {
            let instant = at(when);
            assert_eq!(book.verdict(&story.own(), instant, instant).colour, *colour, "{day}, at {when}");
            let judged = yima_oracle::judge_all(&packs, &story.facts, instant, Timestamp::FOREVER, instant);
            assert_eq!(judged.colour, *colour, "{day}, oracle at {when}");
        }
    }
}

#[test]
fn outside_its_time_the_pack_says_nothing() {
    check(&resident(), &[("2022-06-27 23:59:59.999", Grey, &[]), ("2022-09-26 00:00", Grey, &[])]);
}

#[test]
fn cn_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("state-council-2022-06-28"), "CN-0", "cn-risk-register", "2022-07-10");
}

#[test]
fn cn_10_who_leaves_closed_loop_duty_is_seven_days_at_home() {
    resident().check_closed_loop(&pack("state-council-2022-06-28"), "2022-07-12", 7);
}

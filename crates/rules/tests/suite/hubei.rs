//! The rows of the Hubei pack, each with its boundaries at both ends.

use yima_model::Colour::{self, Green, Grey, Red, Yellow};
use yima_model::SourceKind;
use yima_model::fact::{CaseClass, IsolationPlace, NoticeKind};
use yima_rules::pack::Pack;

use crate::support::*;

const LIST: &str = "four-classes";

fn hubei() -> Pack {
    pack("hubei-2020-02")
}

/// Somebody of Xiangyang who registered and declared on 26 February and checks in daily for `days` days.
fn resident(days: i64) -> Story {
    let mut story = Story::default();
    story.since("2020-02-26 08:00", yima_model::Content::Registration);
    story.since("2020-02-26 08:00", dwelling("420602"));
    story.event("2020-02-26 08:00", declaration(&[]));
    story.daily("2020-02-26 08:00", days, LIST);
    story
}

fn check(story: &Story, rows: &[(&str, Colour, &[&str])]) {
    let pack = hubei();
    for (when, colour, rules) in rows {
        story.check(&pack, when, *colour, rules);
    }
}

#[test]
fn hb_1_green_needs_a_report_and_a_comparison() {
    let mut story = Story::default();
    story.since("2020-02-26 08:00", yima_model::Content::Registration);
    check(&story, &[("2020-02-26 08:00", Grey, &["HB-1P"])]);
    story.event("2020-02-26 09:00", declaration(&[]));
    check(&story, &[("2020-02-26 09:00", Grey, &["HB-1P"])]);
    story.daily("2020-02-26 10:00", 1, LIST);
    check(
        &story,
        &[
            ("2020-02-26 08:59:59.999", Grey, &["HB-1P"]),
            ("2020-02-26 09:59:59.999", Grey, &["HB-1P"]),
            ("2020-02-26 10:00", Green, &[]),
        ],
    );
}

#[test]
fn hb_1_a_comparison_older_than_seven_days_is_pending_never_green() {
    let mut story = resident(1);
    for day in 27..=29 {
        story.check_in(&format!("2020-02-{day} 08:00"));
    }
    for day in 1..=5 {
        story.check_in(&format!("2020-03-0{day} 08:00"));
    }
    check(&story, &[("2020-03-03 23:59:59.999", Green, &[]), ("2020-03-04 00:00", Grey, &["HB-1P"])]);
}

#[test]
fn hb_2_and_hb_3_a_check_in_inside_three_days_extends_and_none_gives_yellow() {
    let mut story = resident(1);
    check(
        &story,
        &[
            ("2020-02-29 07:59:59.999", Green, &[]),
            ("2020-02-29 08:00", Yellow, &["HB-3"]),
            ("2020-03-02 08:00", Yellow, &["HB-3"]),
        ],
    );
    story.check_in("2020-02-29 07:59:59");
    check(
        &story,
        &[
            ("2020-02-29 08:00", Green, &[]),
            ("2020-03-03 07:59:58.999", Green, &[]),
            ("2020-03-03 07:59:59", Yellow, &["HB-3"]),
        ],
    );
}

#[test]
fn hb_3_the_next_check_in_clears_at_once() {
    let mut story = resident(1);
    story.check_in("2020-03-01 12:00");
    check(&story, &[("2020-03-01 11:59:59.999", Yellow, &["HB-3"]), ("2020-03-01 12:00", Green, &[])]);
}

#[test]
fn hb_3_a_normal_reading_at_a_checkpoint_counts_as_check_in() {
    let mut story = resident(1);
    story.event_by(SourceKind::Checkpoint, "2020-02-28 18:00", temperature(372));
    check(&story, &[("2020-03-02 17:59:59.999", Green, &[]), ("2020-03-02 18:00", Yellow, &["HB-3"])]);
}

#[test]
fn hb_3_missing_a_day_inside_three_days_has_no_effect() {
    let mut story = resident(1);
    story.check_in("2020-02-28 08:00");
    check(&story, &[("2020-02-27 23:00", Green, &[]), ("2020-03-02 07:59:59.999", Green, &[])]);
}

#[test]
fn hb_4_fever_gives_yellow_until_a_clear_follow_up_or_fourteen_days() {
    let mut story = resident(20);
    story.event_by(SourceKind::Checkpoint, "2020-02-27 10:00", temperature(373));
    check(
        &story,
        &[
            ("2020-02-27 09:59:59.999", Green, &[]),
            ("2020-02-27 10:00", Yellow, &["HB-4"]),
            ("2020-03-11 23:59:59.999", Yellow, &["HB-4"]),
            ("2020-03-12 00:00", Green, &[]),
        ],
    );
    story.event_by(SourceKind::Community, "2020-03-01 10:00", FOLLOW_UP_CLEAR);
    check(&story, &[("2020-03-01 09:59:59.999", Yellow, &["HB-4"]), ("2020-03-01 10:00", Green, &[])]);
    story.event_by(SourceKind::Checkpoint, "2020-03-02 10:00", temperature(385));
    check(&story, &[("2020-03-02 10:00", Yellow, &["HB-4"]), ("2020-03-15 23:59:59.999", Yellow, &["HB-4"])]);
}

#[test]
fn hb_4_a_clear_follow_up_of_before_clears_nothing() {
    let mut story = resident(10);
    story.event_by(SourceKind::Community, "2020-02-27 09:00", FOLLOW_UP_CLEAR);
    story.event_by(SourceKind::Checkpoint, "2020-02-27 10:00", temperature(380));
    check(&story, &[("2020-02-28 10:00", Yellow, &["HB-4"])]);
}

#[test]
fn hb_5_and_hb_9_a_close_contact_is_green_after_fourteen_days_and_a_clear_follow_up() {
    let mut story = resident(40);
    story.event_by(SourceKind::DiseaseControl, "2020-02-27 20:00", contact());
    check(
        &story,
        &[
            ("2020-02-27 19:59:59.999", Green, &[]),
            ("2020-02-27 20:00", Yellow, &["HB-5A"]),
            ("2020-03-12 00:00", Yellow, &["HB-5A"]),
            ("2020-03-25 23:59:59.999", Yellow, &["HB-5A"]),
            ("2020-03-26 00:00", Green, &[]),
        ],
    );
    let mut early = story.clone();
    early.event_by(SourceKind::Community, "2020-03-05 09:00", FOLLOW_UP_CLEAR);
    check(
        &early,
        &[
            ("2020-03-05 09:00", Yellow, &["HB-5A"]),
            ("2020-03-11 23:59:59.999", Yellow, &["HB-5A"]),
            ("2020-03-12 00:00", Green, &[]),
        ],
    );
    let mut late = story;
    late.event_by(SourceKind::Community, "2020-03-15 09:00", FOLLOW_UP_CLEAR);
    check(&late, &[("2020-03-15 08:59:59.999", Yellow, &["HB-5A"]), ("2020-03-15 09:00", Green, &[])]);
}

#[test]
fn hb_5_isolation_at_home_is_yellow_until_re_examined() {
    let mut story = resident(40);
    story.during("2020-02-27 12:00", "2020-03-05 12:00", isolation(IsolationPlace::Home));
    check(
        &story,
        &[
            ("2020-02-27 11:59:59.999", Green, &[]),
            ("2020-02-27 12:00", Yellow, &["HB-5B"]),
            ("2020-03-05 12:00", Yellow, &["HB-5B"]),
            ("2020-03-18 23:59:59.999", Yellow, &["HB-5B"]),
            ("2020-03-19 00:00", Green, &[]),
        ],
    );
    story.event_by(SourceKind::Hospital, "2020-03-06 09:00", FOLLOW_UP_CLEAR);
    check(&story, &[("2020-03-06 08:59:59.999", Yellow, &["HB-5B"]), ("2020-03-06 09:00", Green, &[])]);
}

#[test]
fn hb_5_central_isolation_is_yellow_for_fourteen_days_and_needs_no_re_examination() {
    let short = |re_examined| {
        let mut story = resident(40);
        story.during("2020-02-27 12:00", "2020-03-05 12:00", isolation(IsolationPlace::Central));
        if re_examined {
            story.event_by(SourceKind::Hospital, "2020-03-06 09:00", FOLLOW_UP_CLEAR);
        }
        story
    };
    for re_examined in [true, false] {
        check(
            &short(re_examined),
            &[
                ("2020-02-27 11:59:59.999", Green, &[]),
                ("2020-02-27 12:00", Yellow, &["HB-5C"]),
                ("2020-03-06 09:00", Yellow, &["HB-5C"]),
                ("2020-03-11 23:59:59.999", Yellow, &["HB-5C"]),
                ("2020-03-12 00:00", Green, &[]),
            ],
        );
    }
    let mut long = resident(40);
    long.during("2020-02-27 12:00", "2020-03-13 12:00", isolation(IsolationPlace::Central));
    check(&long, &[("2020-03-13 11:59:59.999", Yellow, &["HB-5C"]), ("2020-03-13 12:00", Green, &[])]);
}

#[test]
fn hb_6_cases_are_red_while_they_last() {
    for (class, rule) in [
        (CaseClass::Confirmed, "HB-6"),
        (CaseClass::Clinical, "HB-6"),
        (CaseClass::Suspected, "HB-6"),
        (CaseClass::Fever, "HB-6"),
        (CaseClass::Asymptomatic, "HB-6A"),
    ] {
        let mut story = resident(10);
        story.since("2020-02-27 12:00", case(class));
        let colours: Vec<_> =
            [("2020-02-27 11:59:59.999", Green), ("2020-02-27 12:00", Red), ("2020-03-04 12:00", Red)].into();
        let pack = hubei();
        for (when, colour) in colours {
            let instant = at(when);
            let everybody =
                yima_rules::timeline::Everybody::new(pack.clone(), &story.facts, yima_model::Timestamp::FOREVER);
            let verdict = everybody.verdict(&story.own(), instant, instant);
            assert_eq!(verdict.colour, colour, "{class:?} at {when}");
            assert_eq!(verdict.rules().any(|held| held.as_str() == rule), colour == Red);
        }
    }
}

#[test]
fn hb_7_after_discharge_red_for_fourteen_days_and_a_clear_follow_up_then_yellow() {
    let mut story = resident(60);
    let confirmed = story.since("2020-02-27 12:00", case(CaseClass::Confirmed));
    story.close("2020-03-05 12:00", confirmed);
    check(
        &story,
        &[
            ("2020-03-05 11:59:59.999", Red, &["HB-6"]),
            ("2020-03-05 12:00", Red, &["HB-7R"]),
            ("2020-03-19 00:00", Red, &["HB-7R"]),
            ("2020-04-01 23:59:59.999", Red, &["HB-7R"]),
            ("2020-04-02 00:00", Green, &[]),
        ],
    );
    story.event_by(SourceKind::Hospital, "2020-03-10 12:00", FOLLOW_UP_CLEAR);
    check(
        &story,
        &[
            ("2020-03-18 23:59:59.999", Red, &["HB-7R"]),
            ("2020-03-19 00:00", Yellow, &["HB-7"]),
            ("2020-04-01 23:59:59.999", Yellow, &["HB-7"]),
            ("2020-04-02 00:00", Green, &[]),
        ],
    );
}

#[test]
fn hb_8_after_exclusion_red_for_fourteen_days_then_yellow() {
    for class in [CaseClass::Suspected, CaseClass::Fever] {
        let mut story = resident(60);
        let suspected = story.since("2020-02-27 12:00", case(class));
        story.close("2020-03-05 12:00", suspected);
        check(
            &story,
            &[
                ("2020-03-05 11:59:59.999", Red, &["HB-6"]),
                ("2020-03-05 12:00", Red, &["HB-8R"]),
                ("2020-03-18 23:59:59.999", Red, &["HB-8R"]),
                ("2020-03-19 00:00", Yellow, &["HB-8"]),
                ("2020-04-01 23:59:59.999", Yellow, &["HB-8"]),
                ("2020-04-02 00:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn hb_11_a_closed_area_is_grey_and_hides_neither_yellow_nor_red() {
    let mut story = resident(30);
    story.during("2020-02-27 00:00", "2020-03-11 00:00", notice(NoticeKind::Closing, "4206"));
    story.since("2020-03-01 00:00", case(CaseClass::Confirmed));
    check(
        &story,
        &[
            ("2020-02-26 23:59:59.999", Green, &[]),
            ("2020-02-27 00:00", Grey, &["HB-11"]),
            ("2020-03-01 00:00", Red, &["HB-6", "HB-11"]),
        ],
    );
    let mut closed = resident(30);
    closed.during("2020-02-27 00:00", "2020-02-28 00:00", notice(NoticeKind::Closing, "4206"));
    let last = ("2020-02-27 23:59:59.999", Grey, &["HB-11"][..]);
    check(&closed, &[("2020-02-26 23:59:59.999", Green, &[]), last, ("2020-02-28 00:00", Green, &[])]);
    let mut elsewhere = resident(30);
    elsewhere.since("2020-02-27 00:00", notice(NoticeKind::Closing, "4201"));
    check(&elsewhere, &[("2020-02-27 00:00", Green, &[])]);
}

#[test]
fn hb_6a_who_is_infected_without_symptoms_is_red_until_the_case_is_closed() {
    let mut story = resident(10);
    story.during("2020-02-27 12:00", "2020-02-28 12:00", case(CaseClass::Asymptomatic));
    check(
        &story,
        &[
            ("2020-02-27 11:59:59.999", Green, &[]),
            ("2020-02-27 12:00", Red, &["HB-6A"]),
            ("2020-02-28 11:59:59.999", Red, &["HB-6A"]),
            ("2020-02-28 12:00", Green, &[]),
        ],
    );
}

#[test]
fn hb_12_amendments_are_unlimited() {
    let mut story = resident(5);
    for day in ["27", "28", "29"] {
        let wrong = story.event_by(SourceKind::Checkpoint, &format!("2020-02-{day} 10:00"), temperature(390));
        let correction = yima_model::Content::Retraction { target: wrong };
        story.event_by(SourceKind::Checkpoint, &format!("2020-02-{day} 10:30"), correction);
    }
    check(&story, &[("2020-02-29 11:00", Green, &[])]);
}

#[test]
fn one_ground_ends_and_another_still_holds() {
    let mut story = resident(40);
    story.event_by(SourceKind::DiseaseControl, "2020-02-27 20:00", contact());
    story.event_by(SourceKind::Checkpoint, "2020-03-08 10:00", temperature(380));
    story.event_by(SourceKind::Community, "2020-03-09 10:00", FOLLOW_UP_CLEAR);
    check(
        &story,
        &[
            ("2020-03-08 12:00", Yellow, &["HB-4", "HB-5A"]),
            ("2020-03-09 10:00", Yellow, &["HB-5A"]),
            ("2020-03-12 00:00", Green, &[]),
        ],
    );
}

#[test]
fn outside_its_time_the_pack_says_nothing() {
    let story = resident(1);
    check(&story, &[("2020-02-24 23:59:59.999", Grey, &[]), ("2020-05-25 00:00", Grey, &[])]);
    let pack = hubei();
    let instant = at("2020-05-25 00:00");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, instant);
    assert!(!everybody.verdict(&story.own(), instant, instant).in_force);
}

#[test]
fn an_outage_makes_nobody_yellow() {
    let pack = hubei();
    let story = resident(1);
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, yima_model::Timestamp::FOREVER);
    let data_end = at("2020-02-28 08:00");
    let later = at("2020-03-02 08:00");
    assert_eq!(everybody.verdict(&story.own(), later, data_end).colour, Green);
    assert_eq!(everybody.verdict(&story.own(), later, later).colour, Yellow);
}

#[test]
fn the_forecast_names_the_lapse_before_it_comes() {
    let pack = hubei();
    let story = resident(1);
    let now = at("2020-02-27 08:00");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, now);
    let verdict = everybody.verdict(&story.own(), now, now);
    assert_eq!((verdict.colour, verdict.next_change), (Green, Some(at("2020-02-29 08:00"))));
}

#[test]
fn a_ground_names_its_facts() {
    let pack = hubei();
    let mut story = resident(5);
    let fever = story.event_by(SourceKind::Checkpoint, "2020-02-27 10:00", temperature(380));
    let now = at("2020-02-28 08:00");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, now);
    let verdict = everybody.verdict(&story.own(), now, now);
    let ground = verdict.grounds.first().unwrap();
    assert_eq!(ground.evidence, [fever]);
    assert_eq!((ground.interval.from(), ground.interval.until()), (at("2020-02-27 10:00"), at("2020-03-12 00:00")));
}

#[test]
fn hb_1_the_register_has_nothing_on_whoever_is_green() {
    resident(40).check_register(&hubei(), "HB-1P", LIST, "2020-03-02");
}

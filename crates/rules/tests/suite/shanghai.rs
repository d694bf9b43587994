//! The rows of the two Shanghai packs (April and September 2022), each with its boundaries at both ends.

use yima_model::Colour::{Green, Grey, Red, Yellow};
use yima_model::fact::{CaseClass, IsolationPlace, TestMethod};
use yima_model::id::{CampaignId, ListId, PoolId, SampleId};
use yima_model::{Content, Level, Occurred, SourceKind};

use crate::support::*;

const HOTEL: &str = "440106001.1";

/// Somebody of Shanghai, registered on 1 May 2022.
fn in_spring() -> Story {
    resident_of("310101", "2022-05-01 08:00", 60, "sh-risk-register")
}

/// Somebody of Shanghai, registered on 1 October 2022, with a negative test every third day until the 25th.
fn in_autumn() -> Story {
    let mut story = resident_of("310101", "2022-10-01 08:00", 40, "sh-risk-register");
    for day in (1..=25).step_by(3) {
        story.tested(&format!("2022-10-{day:02} 08:00"), &format!("2022-10-{day:02} 08:00"), false);
    }
    story
}

fn april(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("shanghai-2022-04"), rows);
}

fn september(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("shanghai-2022-09"), rows);
}

fn with(mut story: Story, when: &str, content: Content) -> Story {
    story.event_by(SourceKind::DiseaseControl, when, content);
    story
}

fn listed(name: &str, matched: bool, when: &str) -> Content {
    Content::Comparison { list: ListId::parse(name).unwrap(), as_of: at(when), matched }
}

fn missed() -> Content {
    Content::MissedTest { campaign: CampaignId::parse("screening").unwrap() }
}

#[test]
fn sh_r1_a_positive_tube_or_pool_is_red_until_a_negative_re_test() {
    let mut story = in_spring();
    story.tested("2022-05-04 09:00", "2022-05-04 20:00", true);
    april(
        &story,
        &[
            ("2022-05-04 19:59:59.999", Green, &[]),
            ("2022-05-04 20:00", Red, &["SH-R1"]),
            ("2022-05-18 23:59:59.999", Red, &["SH-R1"]),
            ("2022-05-19 00:00", Green, &[]),
        ],
    );
    let mut again = story.clone();
    again.tested("2022-05-05 09:00", "2022-05-05 20:00", true);
    april(&again, &[("2022-05-05 20:00", Red, &["SH-R1"]), ("2022-05-19 00:00", Red, &["SH-R1"])]);
    story.event_by(SourceKind::Hospital, "2022-05-05 08:00", antigen(false));
    story.tested("2022-05-05 09:00", "2022-05-05 20:00", false);
    april(&story, &[("2022-05-05 19:59:59.999", Red, &["SH-R1"]), ("2022-05-05 20:00", Green, &[])]);
    again.tested("2022-05-04 15:00", "2022-05-06 20:00", false);
    april(&again, &[("2022-05-06 20:00", Red, &["SH-R1"])]);

    let mut pooled = story.clone();
    pooled.facts.retain(|fact| fact.occurred().start() != at("2022-05-05 09:00"));
    pooled.event_by(SourceKind::Community, "2022-05-06 09:00", sample_of_pool(2));
    pooled.event_by(SourceKind::Laboratory, "2022-05-06 20:00", result(2));
    april(&pooled, &[("2022-05-06 20:00", Red, &["SH-R1"])]);
    pooled.event_by(SourceKind::Laboratory, "2022-05-07 20:00", result(3));
    april(&pooled, &[("2022-05-07 19:59:59.999", Red, &["SH-R1"]), ("2022-05-07 20:00", Green, &[])]);

    let mut autumn = in_autumn();
    autumn.tested("2022-10-05 09:00", "2022-10-05 20:00", true);
    september(
        &autumn,
        &[
            ("2022-10-05 19:59:59.999", Green, &[]),
            ("2022-10-05 20:00", Red, &["SH-R1"]),
            ("2022-10-07 07:59:59.999", Red, &["SH-R1"]),
            ("2022-10-07 08:00", Green, &[]),
        ],
    );
    let mut untested = in_autumn();
    untested.tested("2022-10-26 09:00", "2022-10-26 20:00", true);
    untested.event_by(SourceKind::Hospital, "2022-10-27 09:00", antigen(false));
    september(
        &untested,
        &[("2022-10-27 09:00", Red, &["SH-R1"]), ("2022-11-09 23:59:59.999", Red, &["SH-R1", "SH-Y4"])],
    );
    september(&untested, &[("2022-11-10 00:00", Yellow, &["SH-Y4"])]);
}

/// A negative nucleic acid test of this sample.
const fn result(sample: u8) -> Content {
    let sample = SampleId::from_bytes([sample; 16]);
    Content::TestResult { sample, method: TestMethod::NucleicAcid, positive: false }
}

fn sample_of_pool(sample: u8) -> Content {
    let (sample, pool) = (SampleId::from_bytes([sample; 16]), Some(PoolId::from_bytes([1; 16])));
    Content::Sample { sample, pool, method: TestMethod::NucleicAcid }
}

#[test]
fn sh_r1_a_positive_antigen_test_is_red_and_antibodies_are_not() {
    for (method, colour, rules) in
        [(TestMethod::Antigen, Red, &["SH-R1"] as &[&str]), (TestMethod::Antibody, Green, &[])]
    {
        let result = || Content::TestResult { sample: SampleId::from_bytes([1; 16]), method, positive: true };
        april(&with(in_spring(), "2022-05-04 10:00", result()), &[("2022-05-04 10:00", colour, rules)]);
        september(&with(in_autumn(), "2022-10-05 10:00", result()), &[("2022-10-05 10:00", colour, rules)]);
    }
}

#[test]
fn sh_r2_and_sh_y1_cases_and_in_september_the_days_after_discharge() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Asymptomatic, CaseClass::Suspected] {
        let mut spring = in_spring();
        spring.during("2022-05-04 12:00", "2022-05-10 12:00", case(class));
        april(
            &spring,
            &[
                ("2022-05-04 11:59:59.999", Green, &[]),
                ("2022-05-04 12:00", Red, &["SH-R2"]),
                ("2022-05-10 11:59:59.999", Red, &["SH-R2"]),
                ("2022-05-10 12:00", Green, &[]),
            ],
        );
        let mut autumn = in_autumn();
        autumn.during("2022-10-04 12:00", "2022-10-10 12:00", case(class));
        september(&autumn, &[("2022-10-04 12:00", Red, &["SH-R2"]), ("2022-10-10 11:59:59.999", Red, &["SH-R2"])]);
        if class == CaseClass::Suspected {
            september(&autumn, &[("2022-10-10 12:00", Green, &[])]);
        } else {
            september(
                &autumn,
                &[
                    ("2022-10-10 12:00", Yellow, &["SH-Y1"]),
                    ("2022-10-17 23:59:59.999", Yellow, &["SH-Y1"]),
                    ("2022-10-18 00:00", Green, &[]),
                ],
            );
        }
    }
}

#[test]
fn sh_r3_and_sh_y1_in_april_a_close_contact_is_red_until_decoded_and_then_monitored() {
    let story = with(in_spring(), "2022-05-04 22:00", contact());
    let mut decoded = story.clone();
    decoded.event_by(SourceKind::DiseaseControl, "2022-05-18 15:00", FOLLOW_UP_CLEAR);
    april(
        &decoded,
        &[
            ("2022-05-04 21:59:59.999", Green, &[]),
            ("2022-05-04 22:00", Red, &["SH-R3"]),
            ("2022-05-18 23:59:59.999", Red, &["SH-R3"]),
            ("2022-05-19 00:00", Yellow, &["SH-Y1"]),
            ("2022-05-25 23:59:59.999", Yellow, &["SH-Y1"]),
            ("2022-05-26 00:00", Green, &[]),
        ],
    );
    april(
        &story,
        &[
            ("2022-05-19 00:00", Red, &["SH-R3", "SH-Y1"]),
            ("2022-06-01 23:59:59.999", Red, &["SH-R3"]),
            ("2022-06-02 00:00", Green, &[]),
        ],
    );
}

#[test]
fn sh_r3_a_second_contact_is_yellow_in_april_and_red_in_september() {
    april(
        &with(in_spring(), "2022-05-04 22:00", secondary()),
        &[
            ("2022-05-04 21:59:59.999", Green, &[]),
            ("2022-05-04 22:00", Yellow, &["SH-Y5"]),
            ("2022-05-11 23:59:59.999", Yellow, &["SH-Y5"]),
            ("2022-05-12 00:00", Green, &[]),
        ],
    );
    for content in [contact(), secondary()] {
        let story = with(in_autumn(), "2022-10-04 22:00", content);
        september(
            &story,
            &[
                ("2022-10-04 21:59:59.999", Green, &[]),
                ("2022-10-04 22:00", Red, &["SH-R3"]),
                ("2022-10-18 23:59:59.999", Red, &["SH-R3"]),
                ("2022-10-19 00:00", Green, &[]),
            ],
        );
        let early = with(story.clone(), "2022-10-10 09:00", FOLLOW_UP_CLEAR);
        september(&early, &[("2022-10-11 23:59:59.999", Red, &["SH-R3"]), ("2022-10-12 00:00", Green, &[])]);
        let late = with(story, "2022-10-13 09:00", FOLLOW_UP_CLEAR);
        september(&late, &[("2022-10-13 08:59:59.999", Red, &["SH-R3"]), ("2022-10-13 09:00", Green, &[])]);
    }
}

#[test]
fn sh_r4_entries_are_red_in_april_but_for_macau_and_in_september_while_isolated() {
    for entry in [arrival_from_abroad("310101"), arrival("81", "310101"), arrival("71", "310101")] {
        april(
            &with(in_spring(), "2022-05-04 22:00", entry),
            &[
                ("2022-05-04 21:59:59.999", Green, &[]),
                ("2022-05-04 22:00", Red, &["SH-R4A"]),
                ("2022-05-18 23:59:59.999", Red, &["SH-R4A"]),
                ("2022-05-19 00:00", Green, &[]),
            ],
        );
    }
    for exempt in [arrival("82", "310101"), arrival("440106", "310101")] {
        april(&with(in_spring(), "2022-05-04 22:00", exempt), &[("2022-05-04 22:00", Green, &[])]);
    }
    for entry in [arrival_from_abroad("310101"), arrival("82", "310101")] {
        let mut story = with(in_autumn(), "2022-10-04 22:00", entry);
        september(&story, &[("2022-10-04 22:00", Green, &[])]);
        story.during("2022-10-04 23:00", "2022-10-11 12:00", isolation(IsolationPlace::Central));
        september(
            &story,
            &[
                ("2022-10-04 22:59:59.999", Green, &[]),
                ("2022-10-04 23:00", Red, &["SH-R4A"]),
                ("2022-10-11 11:59:59.999", Red, &["SH-R4A"]),
                ("2022-10-11 12:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn sh_r4_ten_days_after_entry_isolation_alone_is_no_ground() {
    let mut story = with(in_autumn(), "2022-10-04 22:00", arrival_from_abroad("310101"));
    story.since("2022-10-04 23:00", isolation(IsolationPlace::Home));
    september(&story, &[("2022-10-14 23:59:59.999", Red, &["SH-R4A"]), ("2022-10-15 00:00", Green, &[])]);
}

#[test]
fn sh_r4_risk_areas_high_red_medium_yellow_in_april_and_both_red_in_september() {
    for (of, colour, rule) in [(Level::High, Red, "SH-R4B"), (Level::Medium, Yellow, "SH-Y6")] {
        let mut spring = in_spring();
        spring.since("2022-05-02 00:00", level(of, HOTEL));
        let arrived = with(spring.clone(), "2022-05-04 10:00", arrival(HOTEL, "310101"));
        spring.during("2022-05-04 10:00", "2022-05-04 12:00", stay(HOTEL));
        for story in [spring, arrived] {
            april(
                &story,
                &[
                    ("2022-05-04 09:59:59.999", Green, &[]),
                    ("2022-05-04 10:00", colour, &[rule]),
                    ("2022-05-18 23:59:59.999", colour, &[rule]),
                    ("2022-05-19 00:00", Green, &[]),
                ],
            );
        }
        let mut autumn = in_autumn();
        autumn.since("2022-10-02 00:00", level(of, HOTEL));
        let arrived = with(autumn.clone(), "2022-10-04 10:00", arrival(HOTEL, "310101"));
        autumn.during("2022-10-04 10:00", "2022-10-04 12:00", stay(HOTEL));
        for story in [autumn, arrived] {
            september(
                &story,
                &[
                    ("2022-10-04 09:59:59.999", Green, &[]),
                    ("2022-10-04 10:00", Red, &["SH-R4B"]),
                    ("2022-10-11 23:59:59.999", Red, &["SH-R4B"]),
                    ("2022-10-12 00:00", Green, &[]),
                ],
            );
        }
    }
}

#[test]
fn sh_y2_a_co_investigation_list_is_yellow_until_it_clears() {
    let mut story = with(in_autumn(), "2022-10-04 22:00", listed("sh-co-investigation", true, "2022-10-04 22:00"));
    september(
        &story,
        &[
            ("2022-10-04 21:59:59.999", Green, &[]),
            ("2022-10-04 22:00", Yellow, &["SH-Y2"]),
            ("2022-10-11 23:59:59.999", Yellow, &["SH-Y2"]),
            ("2022-10-12 00:00", Green, &[]),
        ],
    );
    story = with(story, "2022-10-06 09:00", listed("sh-co-investigation", false, "2022-10-06 09:00"));
    september(&story, &[("2022-10-06 08:59:59.999", Yellow, &["SH-Y2"]), ("2022-10-06 09:00", Green, &[])]);
}

#[test]
fn sh_y3_missed_tests_and_in_september_key_persons_are_yellow_until_tested() {
    april(
        &with(in_spring(), "2022-05-04 22:00", missed()),
        &[
            ("2022-05-04 21:59:59.999", Green, &[]),
            ("2022-05-04 22:00", Yellow, &["SH-Y3"]),
            ("2022-05-18 23:59:59.999", Yellow, &["SH-Y3"]),
            ("2022-05-19 00:00", Green, &[]),
        ],
    );
    let mut tested = with(in_spring(), "2022-05-04 22:00", missed());
    tested.event_by(SourceKind::Hospital, "2022-05-05 08:00", antigen(false));
    tested.tested("2022-05-05 09:00", "2022-05-05 20:00", false);
    april(&tested, &[("2022-05-05 19:59:59.999", Yellow, &["SH-Y3"]), ("2022-05-05 20:00", Green, &[])]);

    let key = || listed("sh-key-persons", true, "2022-10-26 22:00");
    for (content, rule, last, after) in [
        (missed(), "SH-Y3B", "2022-11-09 23:59:59.999", "2022-11-10 00:00"),
        (key(), "SH-Y3A", "2022-11-02 23:59:59.999", "2022-11-03 00:00"),
    ] {
        let untested = with(in_autumn(), "2022-10-26 22:00", content);
        september(
            &untested,
            &[
                ("2022-10-26 21:59:59.999", Green, &[]),
                ("2022-10-26 22:00", Yellow, &[rule]),
                (last, Yellow, &[rule, "SH-Y4"]),
                (after, Yellow, &["SH-Y4"]),
            ],
        );
        let mut tested = untested;
        tested.event_by(SourceKind::Hospital, "2022-10-27 09:00", antigen(false));
        tested.tested("2022-10-28 09:00", "2022-10-28 20:00", false);
        september(&tested, &[("2022-10-28 19:59:59.999", Yellow, &[rule]), ("2022-10-28 20:00", Green, &[])]);
    }
}

#[test]
fn sh_y4_no_test_on_record_for_seven_days_is_yellow_until_the_next_result() {
    let mut story = in_autumn();
    september(
        &story,
        &[
            ("2022-11-01 23:59:59.999", Green, &[]),
            ("2022-11-02 00:00", Yellow, &["SH-Y4"]),
            ("2022-11-10 23:59:59.999", Yellow, &["SH-Y4"]),
        ],
    );
    let elsewhere = Occurred::At { at: at("2022-11-02 09:00"), reported: at("2022-11-03 08:00") };
    story.file(SourceKind::Province, at("2022-11-03 08:00"), elsewhere, nucleic_acid(false));
    september(
        &story,
        &[
            ("2022-11-03 07:59:59.999", Yellow, &["SH-Y4"]),
            ("2022-11-03 08:00", Green, &[]),
            ("2022-11-09 23:59:59.999", Green, &[]),
            ("2022-11-10 00:00", Yellow, &["SH-Y4"]),
        ],
    );
    april(&in_spring(), &[("2022-05-20 08:00", Green, &[])]);
}

#[test]
fn sh_y4_somebody_newly_registered_without_a_test_is_yellow_too() {
    let story = resident_of("310101", "2022-10-01 08:00", 10, "sh-risk-register");
    september(&story, &[("2022-10-01 08:00", Yellow, &["SH-Y4"])]);
}

#[test]
fn sh_0_pending_without_a_comparison_and_nothing_outside_their_time() {
    let spring = resident_of("310101", "2022-05-01 08:00", 1, "sh-risk-register");
    april(
        &spring,
        &[
            ("2022-05-01 07:59:59.999", Grey, &["SH-0"]),
            ("2022-05-01 08:00", Green, &[]),
            ("2022-05-08 23:59:59.999", Green, &[]),
            ("2022-05-09 00:00", Grey, &["SH-0"]),
        ],
    );
    april(&in_spring(), &[("2022-04-25 23:59:59.999", Grey, &[]), ("2022-07-25 00:00", Grey, &[])]);
    september(&in_autumn(), &[("2022-09-17 23:59:59.999", Grey, &[]), ("2022-11-11 00:00", Grey, &[])]);
    let autumn = resident_of("310101", "2022-10-01 08:00", 1, "sh-risk-register");
    september(
        &autumn,
        &[
            ("2022-10-01 07:59:59.999", Grey, &["SH-0"]),
            ("2022-10-01 08:00", Yellow, &["SH-Y4"]),
            ("2022-10-08 23:59:59.999", Yellow, &["SH-Y4"]),
            ("2022-10-09 00:00", Yellow, &["SH-Y4", "SH-0"]),
        ],
    );
}

#[test]
fn sh_0_the_register_has_nothing_on_whoever_is_green() {
    in_spring().check_register(&pack("shanghai-2022-04"), "SH-0", "sh-risk-register", "2022-05-12");
    let mut tested = in_autumn();
    for day in 10..30 {
        tested.tested(&format!("2022-10-{day} 07:00"), &format!("2022-10-{day} 08:00"), false);
    }
    tested.check_register(&pack("shanghai-2022-09"), "SH-0", "sh-risk-register", "2022-10-12");
}

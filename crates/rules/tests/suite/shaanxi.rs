//! The rows of the Shaanxi pack, each with its boundaries at both ends.

use yima_model::fact::{CaseClass, Channel, StayOrigin, Symptom};
use yima_model::{Colour, Colour::Green, Colour::Grey, Colour::Red, Colour::Yellow, Content, SourceKind};

use crate::support::*;

/// Somebody of Xi'an who registered, bound a phone and declared on 14 December, with daily comparisons.
fn resident() -> Story {
    let mut story = Story::default();
    story.since("2020-12-14 08:00", Content::Registration);
    story.since("2020-12-14 08:00", dwelling("610102"));
    story.since("2020-12-14 08:00", Content::Binding { channel: Channel::Phone });
    story.event("2020-12-14 08:00", declaration(&[]));
    story.daily("2020-12-14 08:00", 60, "sx-risk-register");
    story
}

fn check(story: &Story, rows: &[(&str, Colour, &[&str])]) {
    let pack = pack("shaanxi-2020-12");
    for (when, colour, rules) in rows {
        story.check(&pack, when, *colour, rules);
    }
}

#[test]
fn sx_1_nothing_against_somebody_is_green() {
    check(&resident(), &[("2020-12-14 08:00", Green, &[]), ("2020-12-30 08:00", Green, &[])]);
}

#[test]
fn sx_1_in_no_class_is_pending_never_yellow() {
    let mut story = Story::default();
    story.since("2020-12-14 08:00", Content::Registration);
    story.since("2020-12-14 08:00", Content::Binding { channel: Channel::Phone });
    check(&story, &[("2020-12-14 08:00", Grey, &["SX-0"]), ("2020-12-31 08:00", Grey, &["SX-0"])]);
}

#[test]
fn sx_1_the_or_of_the_notice_is_a_setting_and_its_safe_reading_is_the_default() {
    let mut story = resident();
    story.event_by(SourceKind::Headquarters, "2020-12-15 00:00", Content::Review);
    story.since("2020-12-15 00:00", list("sx-contaminated", &["610102001.1"]));
    let stay = Content::Stay { area: area("610102001.1"), origin: StayOrigin::Declared };
    story.during("2020-12-16 10:00", "2020-12-16 12:00", stay);
    check(
        &story,
        &[
            ("2020-12-16 09:59:59.999", Green, &[]),
            ("2020-12-16 10:00", Grey, &["SX-1P"]),
            ("2020-12-29 23:59:59.999", Grey, &["SX-1P"]),
            ("2020-12-30 00:00", Green, &[]),
        ],
    );
    let either = pack_with("shaanxi-2020-12", &[("either-clause-suffices", true)]);
    story.check(&either, "2020-12-16 11:00", Green, &[]);

    let mut symptomatic = story.clone();
    symptomatic.event("2020-12-16 11:00", declaration(&[Symptom::Cough]));
    symptomatic.check(&either, "2020-12-16 11:00", Red, &["SX-3C"]);

    story.event_by(SourceKind::Community, "2020-12-17 09:00", Content::Review);
    check(&story, &[("2020-12-17 08:59:59.999", Grey, &["SX-1P"]), ("2020-12-17 09:00", Green, &[])]);
}

#[test]
fn sx_2_arrivals_from_other_provinces_are_yellow_for_fourteen_days() {
    let mut story = resident();
    story.event("2020-12-16 22:30", arrival("420602", "610102"));
    check(
        &story,
        &[
            ("2020-12-16 22:29:59.999", Green, &[]),
            ("2020-12-16 22:30", Yellow, &["SX-2A"]),
            ("2020-12-29 23:59:59.999", Yellow, &["SX-2A"]),
            ("2020-12-30 00:00", Green, &[]),
        ],
    );
    let mut inside = resident();
    inside.event("2020-12-16 22:30", arrival("610602", "610102"));
    check(&inside, &[("2020-12-16 22:30", Green, &[])]);
}

#[test]
fn sx_2_a_key_compound_is_yellow_while_it_is_listed_and_fourteen_days_after_a_stay() {
    let mut story = resident();
    story.during("2020-12-15 00:00", "2020-12-20 12:00", list("sx-key-compounds", &["610102"]));
    story.since("2020-12-20 12:00", list("sx-key-compounds", &["610103"]));
    check(
        &story,
        &[
            ("2020-12-14 23:59:59.999", Green, &[]),
            ("2020-12-15 00:00", Yellow, &["SX-2B"]),
            ("2020-12-20 11:59:59.999", Yellow, &["SX-2B"]),
            ("2020-12-20 12:00", Green, &[]),
        ],
    );
    let stay = Content::Stay { area: area("610103001"), origin: StayOrigin::Ticket };
    story.during("2020-12-21 10:00", "2020-12-21 11:00", stay);
    check(
        &story,
        &[
            ("2020-12-21 10:00", Yellow, &["SX-2B"]),
            ("2021-01-03 23:59:59.999", Yellow, &["SX-2B"]),
            ("2021-01-04 00:00", Green, &[]),
        ],
    );
}

#[test]
fn sx_3_a_close_contact_is_red_on_days_one_to_fourteen() {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2020-12-16 23:59", contact());
    check(
        &story,
        &[
            ("2020-12-16 23:58:59.999", Green, &[]),
            ("2020-12-16 23:59", Red, &["SX-3A"]),
            ("2020-12-29 23:59:59.999", Red, &["SX-3A"]),
            ("2020-12-30 00:00", Green, &[]),
        ],
    );
}

#[test]
fn sx_3_arrivals_from_key_regions_are_red_and_not_yellow() {
    let mut story = resident();
    story.event("2020-12-16 10:00", arrival("231081", "610102"));
    check(
        &story,
        &[
            ("2020-12-16 09:59:59.999", Green, &[]),
            ("2020-12-16 10:00", Red, &["SX-3B"]),
            ("2020-12-29 23:59:59.999", Red, &["SX-3B"]),
            ("2020-12-30 00:00", Green, &[]),
        ],
    );
}

#[test]
fn sx_3_each_of_the_five_symptom_groups_alone_is_red() {
    for symptom in Symptom::ALL {
        let mut story = resident();
        story.event("2020-12-16 10:00", declaration(&[*symptom]));
        let expected: (Colour, &[&str]) =
            if *symptom == Symptom::Breathlessness { (Green, &[]) } else { (Red, &["SX-3C"]) };
        check(
            &story,
            &[
                ("2020-12-16 09:59:59.999", Green, &[]),
                ("2020-12-16 10:00", expected.0, expected.1),
                ("2020-12-29 23:59:59.999", expected.0, expected.1),
                ("2020-12-30 00:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn sx_3_symptoms_declared_by_somebody_else_make_yellow_at_most() {
    let mut story = resident();
    story.event_by(SourceKind::Community, "2020-12-16 10:00", declaration(&[Symptom::Fever]));
    check(
        &story,
        &[
            ("2020-12-16 09:59:59.999", Green, &[]),
            ("2020-12-16 10:00", Yellow, &["SX-3D"]),
            ("2020-12-29 23:59:59.999", Yellow, &["SX-3D"]),
            ("2020-12-30 00:00", Green, &[]),
        ],
    );
}

#[test]
fn sx_3_symptoms_that_the_guardian_declares_count_as_ones_own() {
    let mut child = resident();
    child.event_by(SourceKind::Guardian, "2020-12-16 10:00", declaration(&[Symptom::Fever]));
    check(&child, &[("2020-12-16 10:00", Red, &["SX-3C"]), ("2020-12-30 00:00", Green, &[])]);
}

#[test]
fn sx_3_a_case_is_red_while_it_lasts() {
    for class in CaseClass::ALL {
        let mut story = resident();
        story.during("2020-12-16 10:00", "2020-12-20 10:00", case(*class));
        check(
            &story,
            &[
                ("2020-12-16 09:59:59.999", Green, &[]),
                ("2020-12-16 10:00", Red, &["SX-3E"]),
                ("2020-12-20 09:59:59.999", Red, &["SX-3E"]),
                ("2020-12-20 10:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn sx_4_an_expired_binding_is_grey_and_binding_again_restores_everything() {
    let mut story = Story::default();
    story.since("2020-12-14 08:00", Content::Registration);
    story.event("2020-12-14 08:00", declaration(&[]));
    story.daily("2020-12-14 08:00", 60, "sx-risk-register");
    story.during("2020-12-14 08:00", "2020-12-20 08:00", Content::Binding { channel: Channel::Phone });
    check(&story, &[("2020-12-20 07:59:59.999", Green, &[]), ("2020-12-20 08:00", Grey, &["SX-4"])]);
    story.since("2020-12-21 08:00", Content::Binding { channel: Channel::Phone });
    check(&story, &[("2020-12-21 07:59:59.999", Grey, &["SX-4"]), ("2020-12-21 08:00", Green, &[])]);
}

#[test]
fn red_stands_over_yellow_over_green_and_every_rule_is_listed() {
    let mut story = resident();
    story.event("2020-12-16 10:00", arrival("420602", "610102"));
    story.event("2020-12-17 10:00", declaration(&[Symptom::Fever]));
    story.event_by(SourceKind::DiseaseControl, "2020-12-18 10:00", contact());
    check(&story, &[("2020-12-18 10:00", Red, &["SX-3A", "SX-3C", "SX-2A"])]);
}

#[test]
fn a_retracted_symptom_leaves_no_trace_from_the_retraction_on() {
    let mut story = resident();
    let declared = story.event("2020-12-16 10:00", declaration(&[Symptom::Fever]));
    story.event("2020-12-16 10:05", Content::Retraction { target: declared });
    check(&story, &[("2020-12-16 10:05", Green, &[])]);
    let pack = pack("shaanxi-2020-12");
    let known = at("2020-12-16 10:04");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, known);
    assert_eq!(everybody.verdict(&story.own(), known, known).colour, Red);
}

#[test]
fn sx_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("shaanxi-2020-12"), "SX-0", "sx-risk-register", "2020-12-20");
}

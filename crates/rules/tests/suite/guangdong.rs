//! The rows of the Guangdong pack (April 2022), each with its boundaries at both ends.

use yima_model::Colour::{self, Green, Grey, Red, Yellow};
use yima_model::fact::{CaseClass, IsolationPlace, TestMethod};
use yima_model::id::SampleId;
use yima_model::{Content, SourceKind};

use crate::support::*;

const MARKET: &str = "440106001.1";

/// Somebody of Guangzhou, registered on 2 April 2022.
fn resident() -> Story {
    resident_of("440106", "2022-04-02 08:00", 60, "gd-risk-register")
}

fn check(story: &Story, rows: &[Row<'_>]) {
    story.check_rows(&pack("guangdong-2022-04"), rows);
}

/// Two hours on 4 April in a place that stands on the list, and an arrival from it.
fn visits(list_name: &str) -> [Story; 2] {
    let mut stayed = resident();
    stayed.since("2022-04-03 00:00", list(list_name, &[MARKET]));
    let mut arrived = stayed.clone();
    stayed.during("2022-04-04 10:00", "2022-04-04 12:00", stay(MARKET));
    arrived.event("2022-04-04 10:00", arrival(MARKET, "440106"));
    [stayed, arrived]
}

/// Isolation of fourteen days from 4 April, and until a sample of its last day or later excludes an infection, 28 days at most.
fn check_isolation(story: &Story, from: &str, before: &str, rule: &str) {
    let held: (Colour, &[&str]) = (Red, &[rule]);
    check(
        story,
        &[
            (before, Green, &[]),
            (from, held.0, held.1),
            ("2022-04-18 00:00", held.0, held.1),
            ("2022-05-01 23:59:59.999", held.0, held.1),
            ("2022-05-02 00:00", Green, &[]),
        ],
    );
    let mut early = story.clone();
    early.tested("2022-04-16 23:59:59", "2022-04-17 20:00", false);
    check(&early, &[("2022-04-17 23:59:59.999", held.0, held.1), ("2022-04-18 00:00", held.0, held.1)]);
    let mut last_day = story.clone();
    last_day.tested("2022-04-17 00:00", "2022-04-17 20:00", false);
    check(&last_day, &[("2022-04-17 19:59:59.999", held.0, held.1), ("2022-04-17 20:00", Green, &[])]);
    let mut late = story.clone();
    late.tested("2022-04-20 09:00", "2022-04-20 20:00", false);
    check(&late, &[("2022-04-20 19:59:59.999", held.0, held.1), ("2022-04-20 20:00", Green, &[])]);
    let mut by_antigen = story.clone();
    by_antigen.event_by(SourceKind::Hospital, "2022-04-17 09:00", antigen(false));
    check(&by_antigen, &[("2022-04-18 00:00", held.0, held.1)]);
    let mut before_it = story.clone();
    before_it.tested("2022-04-03 09:00", "2022-04-03 20:00", false);
    check(&before_it, &[("2022-04-18 00:00", held.0, held.1)]);
}

#[test]
fn gd_r_cases_are_red_while_they_last() {
    for class in [CaseClass::Confirmed, CaseClass::Clinical, CaseClass::Suspected, CaseClass::Asymptomatic] {
        let mut story = resident();
        story.during("2022-04-04 10:00", "2022-04-10 10:00", case(class));
        check(
            &story,
            &[
                ("2022-04-04 09:59:59.999", Green, &[]),
                ("2022-04-04 10:00", Red, &["GD-R1"]),
                ("2022-04-10 09:59:59.999", Red, &["GD-R1"]),
                ("2022-04-10 10:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn gd_r_a_positive_test_is_red_for_fourteen_days_and_until_the_infection_is_excluded() {
    let mut story = resident();
    story.tested("2022-04-04 09:00", "2022-04-04 20:00", true);
    check(
        &story,
        &[
            ("2022-04-04 19:59:59.999", Green, &[]),
            ("2022-04-04 20:00", Red, &["GD-R2"]),
            ("2022-05-01 23:59:59.999", Red, &["GD-R2"]),
            ("2022-05-02 00:00", Green, &[]),
        ],
    );
    story.tested("2022-04-16 23:59:59", "2022-04-17 20:00", false);
    check(&story, &[("2022-04-18 00:00", Red, &["GD-R2"])]);
    story.tested("2022-04-17 09:00", "2022-04-17 21:00", false);
    check(&story, &[("2022-04-17 20:59:59.999", Red, &["GD-R2"]), ("2022-04-17 21:00", Green, &[])]);
}

#[test]
fn gd_r_an_antigen_test_can_make_red_and_not_green() {
    let mut story = resident();
    story.event_by(SourceKind::Hospital, "2022-04-04 09:00", antigen(true));
    story.event_by(SourceKind::Hospital, "2022-04-05 09:00", antigen(false));
    check(&story, &[("2022-04-04 09:00", Red, &["GD-R2"]), ("2022-04-05 09:00", Red, &["GD-R2"])]);
    let mut antibody = resident();
    let result =
        Content::TestResult { sample: SampleId::from_bytes([1; 16]), method: TestMethod::Antibody, positive: true };
    antibody.event_by(SourceKind::Hospital, "2022-04-04 09:00", result);
    check(&antibody, &[("2022-04-04 09:00", Green, &[])]);
}

#[test]
fn gd_r_a_close_contact_isolates_fourteen_days_and_until_the_infection_is_excluded() {
    let mut story = resident();
    story.event_by(SourceKind::DiseaseControl, "2022-04-04 22:00", contact());
    check_isolation(&story, "2022-04-04 22:00", "2022-04-04 21:59:59.999", "GD-R3");
}

#[test]
fn gd_r_isolation_is_red_while_it_lasts_in_a_hotel_or_at_home() {
    for place in [IsolationPlace::Central, IsolationPlace::Home] {
        let mut story = resident();
        story.during("2022-04-04 10:00", "2022-04-10 10:00", isolation(place));
        check(
            &story,
            &[
                ("2022-04-04 09:59:59.999", Green, &[]),
                ("2022-04-04 10:00", Red, &["GD-R4"]),
                ("2022-04-10 09:59:59.999", Red, &["GD-R4"]),
                ("2022-04-10 10:00", Green, &[]),
            ],
        );
    }
}

#[test]
fn gd_r_whoever_comes_from_a_key_area_isolates_likewise() {
    for story in visits("gd-key-areas") {
        check_isolation(&story, "2022-04-04 10:00", "2022-04-04 09:59:59.999", "GD-R5");
    }
}

#[test]
fn gd_y_two_negative_tests_within_three_days_end_yellow_and_the_first_alone_does_not() {
    let [guest, _] = visits("gd-risk-places");
    let [_, arrived] = visits("gd-risk-regions");
    for (story, rule) in [(guest, "GD-Y1"), (arrived, "GD-Y2")] {
        let held: (Colour, &[&str]) = (Yellow, &[rule]);
        check(
            &story,
            &[
                ("2022-04-04 09:59:59.999", Green, &[]),
                ("2022-04-04 10:00", held.0, held.1),
                ("2022-04-17 23:59:59.999", held.0, held.1),
                ("2022-04-18 00:00", Green, &[]),
            ],
        );
        let mut tested = story.clone();
        tested.tested("2022-04-05 09:00", "2022-04-05 20:00", false);
        check(&tested, &[("2022-04-05 20:00", held.0, held.1)]);
        let mut by_antigen = tested.clone();
        by_antigen.event_by(SourceKind::Hospital, "2022-04-06 09:00", antigen(false));
        check(&by_antigen, &[("2022-04-06 20:00", held.0, held.1)]);
        for (second, reported, clears) in [
            ("2022-04-06 08:59:59.999", "2022-04-06 20:00", false),
            ("2022-04-06 09:00", "2022-04-06 20:00", true),
            ("2022-04-07 23:59:59.999", "2022-04-08 08:00", true),
            ("2022-04-08 00:00", "2022-04-08 08:00", false),
        ] {
            let mut twice = tested.clone();
            twice.tested(second, reported, false);
            let (colour, rules): (Colour, &[&str]) = if clears { (Green, &[]) } else { held };
            check(&twice, &[("2022-04-06 19:59:59.999", held.0, held.1), (reported, colour, rules)]);
        }
    }
}

#[test]
fn gd_y_the_first_of_two_negative_tests_shows_as_one_of_two_while_a_second_can_join_it() {
    let guangdong = pack("guangdong-2022-04");
    let [mut story, _] = visits("gd-risk-places");
    story.check_progress(&guangdong, "2022-04-04 09:59:59.999", &[]);
    story.tested("2022-04-04 11:00", "2022-04-04 20:00", false);
    story.check_progress(&guangdong, "2022-04-04 20:00", &[("GD-Y1", 0, 2)]); // sampled before the exposure ended
    story.tested("2022-04-05 09:00", "2022-04-05 20:00", false);
    for (when, done) in [
        ("2022-04-05 19:59:59.999", 0),
        ("2022-04-05 20:00", 1),
        ("2022-04-07 23:59:59.999", 1),
        ("2022-04-08 00:00", 0),
    ] {
        story.check_progress(&guangdong, when, &[("GD-Y1", done, 2)]);
    }
    story.tested("2022-04-06 09:00", "2022-04-06 20:00", false);
    story.check_progress(&guangdong, "2022-04-06 20:00", &[]);
}

#[test]
fn gd_red_stands_over_yellow_and_a_later_exposure_starts_again() {
    let [mut story, _] = visits("gd-risk-places");
    story.tested("2022-04-05 09:00", "2022-04-05 20:00", false);
    story.event_by(SourceKind::DiseaseControl, "2022-04-06 08:00", contact());
    check(&story, &[("2022-04-06 08:00", Red, &["GD-R3", "GD-Y1"])]);
    story.tested("2022-04-06 09:00", "2022-04-06 20:00", false);
    story.during("2022-04-06 21:00", "2022-04-06 22:00", stay(MARKET));
    check(&story, &[("2022-04-06 20:00", Red, &["GD-R3"]), ("2022-04-06 21:00", Red, &["GD-R3", "GD-Y1"])]);
}

#[test]
fn gd_0_pending_without_a_comparison_and_nothing_outside_its_time() {
    let compared_once = resident_of("440106", "2022-04-02 08:00", 1, "gd-risk-register");
    check(
        &compared_once,
        &[
            ("2022-04-02 07:59:59.999", Grey, &["GD-0"]),
            ("2022-04-02 08:00", Green, &[]),
            ("2022-04-08 23:59:59.999", Green, &[]),
            ("2022-04-09 00:00", Grey, &["GD-0"]),
        ],
    );
    check(&resident(), &[("2022-03-31 23:59:59.999", Grey, &[]), ("2022-06-28 00:00", Grey, &[])]);
}

#[test]
fn gd_0_the_register_has_nothing_on_whoever_is_green() {
    resident().check_register(&pack("guangdong-2022-04"), "GD-0", "gd-risk-register", "2022-04-12");
}

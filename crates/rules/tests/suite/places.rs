//! Places inside places: a listed compound and its buildings, by engine and oracle, with both ends.

use yima_model::fact::PlaceRelation::{self, Apart, Same, Within};
use yima_model::id::Remark;
use yima_model::{AreaSet, Colour, Content, FactId, Level, SourceKind};
use yima_rules::pack::{Pack, Rule};
use yima_rules::syntax::{Names, read_condition};

use crate::support::{Story, area, at, level, pack, stay};

const COMPOUND: &str = "610102.1";
const BUILDING_5: &str = "610102.5";
const BUILDING_6: &str = "610102.6";
const FLAT: &str = "610102.61";

fn pack_of(when: &str) -> Pack {
    let mut pack = pack("shaanxi-2020-12");
    let when = read_condition(when, &Names::default()).unwrap();
    pack.rules = vec![Rule { when, colour: Colour::Yellow, ..pack.rules[0].clone() }];
    (pack.base, pack.from, pack.until) = (Colour::Green, at("2020-12-01 00:00"), at("2021-03-01 00:00"));
    pack
}

fn place(place: &str, relation: PlaceRelation, other: &str) -> Content {
    Content::Place {
        place: area(place),
        relation,
        other: area(other),
        why: Remark::parse("plan of the estate").unwrap(),
    }
}

/// The estate with two buildings and a flat, as it has always been.
fn estate() -> Story {
    let mut story = Story::default();
    for (inner, outer) in [(BUILDING_5, COMPOUND), (BUILDING_6, COMPOUND), (FLAT, BUILDING_6)] {
        story.since("2020-01-01 00:00", place(inner, Within, outer));
    }
    story
}

/// Checks during which of these times somebody who is in `code` all the time is yellow, to the millisecond.
fn check(story: &Story, code: &str, yellow: &[(&str, &str)]) {
    let mut story = story.clone();
    story.since("2020-12-01 00:00", stay(code));
    check_all(&story, "stay(level: high)", yellow);
}

fn check_all(story: &Story, when: &str, yellow: &[(&str, &str)]) {
    let pack = pack_of(when);
    let own = story.own();
    let everybody = yima_rules::timeline::Everybody::new(pack.clone(), &story.facts, yima_model::Timestamp::FOREVER);
    let mut probes = yima_oracle::candidates(&pack, &story.facts, yima_model::Timestamp::FOREVER);
    probes.extend(yellow.iter().flat_map(|(from, until)| [at(from), at(until)]));
    for probe in probes.iter().flat_map(|probe| [-1, 0, 1].map(|off| probe.plus_millis(off))) {
        if !pack.in_force(probe) {
            continue;
        }
        let expected = yellow.iter().any(|(from, until)| at(from) <= probe && probe < at(until));
        let expected = if expected { Colour::Yellow } else { Colour::Green };
        assert_eq!(everybody.verdict(&own, probe, probe).colour, expected, "engine at {probe:?}");
        let judged = yima_oracle::judge(&pack, &story.facts, probe, yima_model::Timestamp::FOREVER, probe);
        assert_eq!(judged.colour, expected, "oracle at {probe:?}");
    }
}

const LISTED: (&str, &str) = ("2020-12-10 00:00", "2020-12-20 00:00");

fn listed(story: &mut Story, areas: AreaSet) -> FactId {
    story.during(LISTED.0, LISTED.1, Content::AreaLevel { areas, level: Level::High })
}

#[test]
fn a_listed_compound_covers_its_buildings_and_what_lies_in_them() {
    let mut story = estate();
    listed(&mut story, AreaSet::of(area(COMPOUND)));
    for inside in [COMPOUND, BUILDING_5, BUILDING_6, FLAT] {
        check(&story, inside, &[LISTED]);
    }
    check(&story, "610102.7", &[]);
    check(&story, "610102", &[]);
}

#[test]
fn what_is_excluded_is_excluded_with_all_that_lies_in_it() {
    let mut story = estate();
    listed(&mut story, AreaSet { include: vec![area(COMPOUND)], exclude: vec![area(BUILDING_6)] });
    check(&story, COMPOUND, &[LISTED]);
    check(&story, BUILDING_5, &[LISTED]);
    check(&story, BUILDING_6, &[]);
    check(&story, FLAT, &[]);
}

#[test]
fn a_listed_building_never_widens_to_its_compound() {
    let mut story = estate();
    listed(&mut story, AreaSet::of(area(BUILDING_6)));
    check(&story, COMPOUND, &[]);
    check(&story, BUILDING_5, &[]);
    check(&story, BUILDING_6, &[LISTED]);
    check(&story, FLAT, &[LISTED]);
}

#[test]
fn a_place_lies_in_another_for_as_long_as_is_said() {
    let mut story = Story::default();
    story.during("2020-12-12 00:00", "2020-12-14 00:00", place(BUILDING_5, Within, COMPOUND));
    let later = story.since("2020-12-16 00:00", place(BUILDING_5, Within, COMPOUND));
    listed(&mut story, AreaSet::of(area(COMPOUND)));
    let twice = [("2020-12-12 00:00", "2020-12-14 00:00"), ("2020-12-16 00:00", LISTED.1)];
    check(&story, BUILDING_5, &twice);
    story.close("2020-12-18 00:00", later);
    check(&story, BUILDING_5, &[twice[0], ("2020-12-16 00:00", "2020-12-18 00:00")]);
    story.event("2020-12-19 00:00", Content::Retraction { target: later });
    check(&story, BUILDING_5, &twice[..1]);
}

#[test]
fn two_wordings_of_one_place_have_each_other_s_levels() {
    let mut story = estate();
    let same = story.since("2020-01-01 00:00", place("610102.9", Same, COMPOUND));
    listed(&mut story, AreaSet::of(area("610102.9")));
    for inside in ["610102.9", COMPOUND, BUILDING_5, FLAT] {
        check(&story, inside, &[LISTED]);
    }
    let mut apart = story.clone();
    let fact = apart.since("2020-12-21 00:00", place("610102.9", Apart, COMPOUND));
    let filing = apart.facts.pop().unwrap();
    let filing = yima_model::Filing { replaces: Some(same), ..filing.filing().clone() };
    apart.facts.push(filing.record(at("2020-12-21 00:00")).unwrap());
    check(&apart, "610102.9", &[LISTED]);
    check(&apart, BUILDING_5, &[]);
    apart.event("2020-12-22 00:00", Content::Retraction { target: fact });
    check(&apart, BUILDING_5, &[LISTED]);
}

#[test]
fn a_circle_of_facts_is_one_place() {
    let mut story = Story::default();
    for (inner, outer) in [(BUILDING_5, BUILDING_6), (BUILDING_6, FLAT), (FLAT, BUILDING_5)] {
        story.since("2020-01-01 00:00", place(inner, Within, outer));
    }
    listed(&mut story, AreaSet::of(area(FLAT)));
    for inside in [BUILDING_5, BUILDING_6, FLAT] {
        check(&story, inside, &[LISTED]);
    }
}

#[test]
fn every_word_about_places_looks_into_compounds() {
    let mut story = estate();
    story.file(
        SourceKind::DiseaseControl,
        at("2020-12-01 00:00"),
        yima_model::Occurred::since(at("2020-12-05 00:00")),
        crate::support::dwelling(FLAT),
    );
    let from = ("2020-12-05 00:00", "2021-03-01 00:00");
    check_all(&story, &format!("dwelling(in: {COMPOUND})"), &[from]);
    check_all(&story, &format!("dwelling(outside: {COMPOUND})"), &[]);
    check_all(&story, "dwelling(in: 6101)", &[from]);
    let notice = crate::support::notice(yima_model::fact::NoticeKind::Closing, COMPOUND);
    story.during(LISTED.0, LISTED.1, notice);
    check_all(&story, "notice(closing)", &[LISTED]);
    story.since("2020-01-01 00:00", level(Level::Medium, COMPOUND));
    check_all(&story, "dwelling(level: medium)", &[from]);
}

#[test]
fn a_ground_names_the_facts_that_say_where_the_place_lies() {
    let mut story = Story::default();
    let lies = story.since("2020-01-01 00:00", place(BUILDING_6, Within, COMPOUND));
    let high = listed(&mut story, AreaSet::of(area(COMPOUND)));
    let there = story.since("2020-12-01 00:00", stay(BUILDING_6));
    let pack = pack_of("stay(level: high)");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, yima_model::Timestamp::FOREVER);
    let verdict = everybody.verdict(&story.own(), at("2020-12-15 00:00"), at("2020-12-15 00:00"));
    assert_eq!(verdict.grounds[0].evidence, [lies, there, high]);
}

/// Each level of the national list is born inert and confirmed some time after: time is cut wherever that happens.
#[test]
fn of_many_levels_that_were_confirmed_one_by_one_each_counts_from_its_confirmation() {
    let hour = |hour: i64| at("2020-12-10 00:00").plus_millis(hour * 3_600_000);
    let filed = |story: &mut Story, when: i64, content: Content| {
        let occurred = match content {
            Content::AreaLevel { .. } => yima_model::Occurred::since(hour(when)),
            _ => yima_model::Occurred::at(hour(when)),
        };
        story.file(SourceKind::Headquarters, hour(when), occurred, content)
    };
    let mut story = Story::default();
    for number in 0..150 {
        let level = filed(&mut story, number, level(Level::High, &format!("610102.{}", number + 1)));
        filed(&mut story, number, Content::Inert { target: level });
        filed(&mut story, number + 24, Content::Lift { target: level });
    }
    story.since("2020-12-01 00:00", stay("610102.51"));
    let pack = pack_of("stay(level: high)");
    let everybody = yima_rules::timeline::Everybody::new(pack, &story.facts, yima_model::Timestamp::FOREVER);
    let timeline = everybody.timeline(&story.own(), yima_model::Timestamp::FOREVER);
    let grounds: Vec<_> = timeline.grounds().iter().map(|ground| ground.interval.from()).collect();
    assert_eq!(grounds, [hour(50 + 24)]);
}

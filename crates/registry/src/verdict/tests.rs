//! Which packs judge a person: the national one everywhere, beside it that of the place, up to the ceiling.

use yima_model::fact::{DwellingRole, SourceKind, StayOrigin, Symptom, Symptoms};
use yima_model::{Level, Occurred, PersonId, Subject};

use super::*;
use crate::cases::register::Dwelling;
use crate::cases::report::{self, Report};
use crate::cases::statements::{check_in, move_to};
use crate::cases::{Missing, undo};
use crate::testing::{DAY, HOUR, World, area, areas, during, pack};

/// A pack for Hubei that is milder than the ceiling `yellow` in one rule and harsher in the other.
const LOCAL: [(&str, &str, &str); 2] =
    [("L-1", "yellow", "symptom(fatigue) within 14d"), ("L-2", "red", "symptom(fever) within 14d")];

fn national(ceiling: &str) -> String {
    let text = pack(&[("N-1", "yellow", "symptom(cough) within 7d")]);
    text.replace("test-2020-02", "national").replace("areas = [\"42\"]", &format!("ceiling = \"{ceiling}\""))
}

fn local(name: &str, areas: &str, rules: &[(&str, &str, &str)]) -> String {
    pack(rules).replace("test-2020-02", name).replace("[\"42\"]", areas)
}

fn put_in_force(world: &mut World, text: &str, days: i64) {
    let digest = world.shelf.add(text).unwrap();
    let pack = world.shelf.find(&digest).unwrap().id.clone();
    world.pass(HOUR);
    let occurred = Occurred::During { from: world.now(), until: world.now().plus_millis(days * DAY) };
    let content = Content::Pack { pack, digest };
    world.files(SourceKind::Headquarters, "h", Report { subject: Subject::Global, occurred, content, cause: None });
}

fn feels(world: &World, person: PersonId, symptoms: &[Symptom]) {
    let symptoms = symptoms.iter().fold(Symptoms::NONE, |all, symptom| all.with(*symptom));
    check_in(&world.registry, &world.own_call(), person, symptoms).unwrap();
}

fn moves(world: &World, person: PersonId, code: &str) {
    let dwelling = Dwelling { area: area(code), role: DwellingRole::Home, until: None, text: None };
    world.pass(HOUR);
    move_to(&world.registry, &world.own_call(), person, &dwelling).unwrap();
}

/// The colour, the pack shown, and the rules that hold.
fn told(judgement: &Judgement) -> (Colour, String, String) {
    let rules: Vec<_> = judgement.grounds.iter().map(|ground| ground.rule().unwrap().id.to_string()).collect();
    (judgement.colour, judgement.pack.as_ref().map_or(String::new(), |pack| pack.id.to_string()), rules.join(" "))
}

fn check(world: &World, person: PersonId, colour: Colour, pack: &str, rules: &str) {
    assert_eq!(told(&world.judgement(person)), (colour, pack.to_owned(), rules.to_owned()));
}

#[test]
fn the_national_pack_judges_everybody_and_a_place_adds_up_to_its_ceiling() {
    let mut world = World::new();
    put_in_force(&mut world, &local("hubei", "[\"42\"]", &LOCAL), 30);
    let person = world.resident(1);
    feels(&world, person, &[Symptom::Cough, Symptom::Fatigue, Symptom::Fever]);
    check(&world, person, Colour::Red, "hubei", "L-2 L-1");
    put_in_force(&mut world, &national("yellow"), 30);
    check(&world, person, Colour::Yellow, "hubei", "N-1 L-2 L-1");
    moves(&world, person, "610102");
    check(&world, person, Colour::Yellow, "national", "N-1");
    world.pass(8 * DAY);
    check(&world, person, Colour::Green, "national", "");
}

#[test]
fn a_ceiling_bounds_what_a_place_adds_and_never_the_national_pack() {
    for (ceiling, colour, rules) in [
        ("green", Colour::Yellow, "N-1"),
        ("yellow", Colour::Yellow, "N-1 L-2 L-1"),
        ("red", Colour::Red, "L-2 N-1 L-1"),
    ] {
        let mut world = World::new();
        let person = world.resident(1);
        put_in_force(&mut world, &national(ceiling), 30);
        put_in_force(&mut world, &local("hubei", "[\"42\"]", &LOCAL), 30);
        feels(&world, person, &[Symptom::Cough, Symptom::Fatigue, Symptom::Fever]);
        check(&world, person, colour, "hubei", rules);
    }
}

#[test]
fn what_a_place_adds_never_makes_the_national_colour_milder() {
    let symptoms = [Symptom::Cough, Symptom::Fatigue, Symptom::Fever];
    for chosen in 0..8 {
        let felt: Vec<_> = (0..3).filter(|bit| chosen >> bit & 1 == 1).map(|bit| symptoms[bit]).collect();
        let colours = [false, true].map(|beside| {
            let mut world = World::new();
            put_in_force(&mut world, &national("yellow"), 30);
            if beside {
                put_in_force(&mut world, &local("hubei", "[\"42\"]", &LOCAL), 30);
            }
            let person = world.resident(1);
            feels(&world, person, &felt);
            world.colour(person)
        });
        assert!(colours[0] <= colours[1] && colours[1] <= Colour::Yellow, "{felt:?}: {colours:?}");
    }
}

#[test]
fn of_the_places_the_deepest_judges_alone() {
    let mut world = World::new();
    let person = world.resident(1);
    put_in_force(&mut world, &local("wuhan", "[\"4201\"]", &[("W-1", "yellow", "symptom(fever) within 3d")]), 30);
    put_in_force(&mut world, &local("hubei", "[\"42\"]", &LOCAL), 30);
    feels(&world, person, &[Symptom::Fever]);
    check(&world, person, Colour::Yellow, "wuhan", "W-1");
    moves(&world, person, "420602");
    check(&world, person, Colour::Red, "hubei", "L-2");
}

#[test]
fn the_timeline_is_joined_where_a_pack_comes_and_goes() {
    let mut world = World::new();
    put_in_force(&mut world, &local("hubei", "[\"42\"]", &LOCAL), 30);
    let person = world.resident(1);
    let start = world.now();
    feels(&world, person, &[Symptom::Fever]);
    put_in_force(&mut world, &national("yellow"), 2);
    world.registry.follow(world.now()).unwrap();
    let view = world.registry.view(person).unwrap();
    let judge = Judge::new(&view.globals, &world.shelf, Timestamp::FOREVER).unwrap();
    let steps = judge.timeline(&view, start, start.plus_millis(20 * DAY), 20);
    let mut steps: Vec<_> = steps.iter().map(|step| (step.at.millis() - start.millis(), step.colour)).collect();
    steps.dedup_by_key(|(_, colour)| *colour);
    let (begins, ends) = (HOUR, HOUR + 2 * DAY);
    assert_eq!(steps[..3], [(0, Colour::Red), (begins, Colour::Yellow), (ends, Colour::Red)]);
    assert_eq!(steps.last().map(|(_, colour)| *colour), Some(Colour::Green), "14 days after the fever");
}

/// Who is where a level holds: those who live there and those who stay there, while they do.
const BY_LEVEL: [(&str, &str, &str); 3] = [
    ("D-1", "yellow", "dwelling(level: medium)"),
    ("S-1", "yellow", "stay(level: medium)"),
    ("F-1", "yellow", "symptom(fever) within 14d"),
];

#[test]
fn a_level_that_ends_releases_at_that_instant_those_whose_only_ground_it_was_and_writes_nothing_about_anybody() {
    let mut world = World::new();
    put_in_force(&mut world, &local("wuhan", "[\"4201\"]", &BY_LEVEL), 30);
    let [lives_there, has_fever_too, stays_there, left_before, lives_elsewhere] = [1, 2, 3, 4, 5].map(|number| {
        let person = world.resident(number);
        if number > 2 {
            moves(&world, person, "420102");
        }
        person
    });
    feels(&world, has_fever_too, &[Symptom::Fever]);
    let start = world.now().plus_millis(DAY);
    let stay = |person, from: Timestamp, days| {
        let content = Content::Stay { area: area("420106001.3"), origin: StayOrigin::Declared };
        world.files(SourceKind::Community, "wuchang", during(person, from, days, content));
    };
    stay(stays_there, start.plus_millis(-DAY), 9);
    stay(left_before, start.plus_millis(-2 * DAY), 2);
    let everybody = [lives_there, has_fever_too, stays_there, left_before, lives_elsewhere];
    let records = || everybody.map(|person| world.registry.record(person).unwrap());
    let before = (records(), world.registry.positions()[1..].to_vec());

    let content = Content::AreaLevel { areas: areas("420106001"), level: Level::Medium };
    let occurred = Occurred::During { from: start, until: start.plus_millis(20 * DAY) };
    let report = Report { subject: Subject::Global, occurred, content, cause: None };
    let (level, _) = world.files(SourceKind::Headquarters, "hubei", report);
    let office = world.call(SourceKind::DiseaseControl, "cdc");
    undo::confirm(&world.registry, &office, &[(Subject::Global, level)]).unwrap();
    world.pass(4 * DAY);
    let judge = || Judge::new(&world.registry.globals(), &world.shelf, Timestamp::FOREVER).unwrap();
    let rules = |judge: &Judge, at: Timestamp| {
        world.registry.follow(world.now()).unwrap();
        everybody.map(|person| told(&judge.verdict(&world.registry.view(person).unwrap(), at)).2)
    };
    assert_eq!(rules(&judge(), start.plus_millis(-1)), ["", "F-1", "", "", ""]);
    assert_eq!(rules(&judge(), start), ["D-1", "D-1 F-1", "S-1", "", ""]);

    let lowered = world.now();
    let headquarters = world.call(SourceKind::Headquarters, "hubei");
    undo::close(&world.registry, &headquarters, Subject::Global, level, lowered).unwrap();
    assert_eq!(rules(&judge(), lowered.plus_millis(-1)), ["D-1", "D-1 F-1", "S-1", "", ""]);
    assert_eq!(rules(&judge(), lowered), ["", "F-1", "", "", ""]);
    assert_eq!((records(), world.registry.positions()[1..].to_vec()), before);
}

/// A photographed poster, or a carrier's word for what only the person can say, is a trace and no evidence.
#[test]
fn a_stay_that_nobody_vouches_for_colours_nobody_until_another_office_has_looked() {
    let mut world = World::new();
    put_in_force(&mut world, &local("wuhan", "[\"4201\"]", &BY_LEVEL), 30);
    let content = Content::AreaLevel { areas: areas("420106001"), level: Level::Medium };
    let occurred = Occurred::During { from: world.now(), until: world.now().plus_millis(20 * DAY) };
    let report = Report { subject: Subject::Global, occurred, content, cause: None };
    let (level, _) = world.files(SourceKind::Headquarters, "hubei", report);
    undo::confirm(&world.registry, &world.call(SourceKind::DiseaseControl, "cdc"), &[(Subject::Global, level)])
        .unwrap();

    let cases = [
        (SourceKind::DiseaseControl, StayOrigin::VenueCode, false),
        (SourceKind::Community, StayOrigin::VenueCode, false),
        (SourceKind::Carrier, StayOrigin::VenueCode, false),
        (SourceKind::Carrier, StayOrigin::Declared, false),
        (SourceKind::Carrier, StayOrigin::Ticket, true),
        (SourceKind::Carrier, StayOrigin::Carrier, true),
        (SourceKind::DiseaseControl, StayOrigin::Ticket, true),
        (SourceKind::Community, StayOrigin::Declared, true),
    ];
    for (number, (source, origin, counts)) in (1..).zip(cases) {
        let person = world.resident(number);
        moves(&world, person, "420102");
        let stay = during(person, world.now(), 1, Content::Stay { area: area("420106001.3"), origin });
        let call = world.call(source, "one");
        let reported = world.report(&call, &[stay]).unwrap();
        let stay = reported.filed.facts[0];
        assert_eq!(
            reported.inert,
            if counts { vec![] } else { vec![(stay, Missing::Origin)] },
            "{source:?} {origin:?}"
        );
        let expected = if counts { Colour::Yellow } else { Colour::Green };
        assert_eq!(world.colour(person), expected, "{source:?} {origin:?}");
        if !counts {
            let subject = Subject::Person(person);
            let listed = report::inert(&world.registry, world.now()).unwrap();
            assert!(listed.iter().any(|(of, fact)| (*of, fact.id()) == (subject, stay)), "an operator sees it");
            undo::confirm(&world.registry, &world.call(source, "one"), &[(subject, stay)]).unwrap_err();
            undo::confirm(&world.registry, &world.call(SourceKind::Headquarters, "two"), &[(subject, stay)]).unwrap();
            assert_eq!(world.colour(person), Colour::Yellow, "another office has looked");
        }
    }
}

//! Runs every committed hostile text against a checkpoint that holds everything: each is refused, for its own reason.

use std::collections::BTreeSet;

use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_credential::{Checkpoint, Refusal, Seen, verify};
use yima_model::{Level, Timestamp};

use crate::json;
use crate::vectors::{CODES, WORLD, long, read, status, trust};
use crate::world::T;

const HOSTILE: &str = include_str!("../../../../docs/vectors/code/hostile.json");

#[test]
fn every_hostile_text_is_refused_for_its_reason() {
    let (world, now) = (read(WORLD), Timestamp::from_millis((T + 30) * 1000));
    let trust = trust(&world, &"default".into());
    let status = [status(&world, &"default".into(), &trust)];
    let place = Place {
        class: PlaceClass::Venue,
        level: Level::Medium,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    let checkpoint = Checkpoint { place, trust: &trust, status: &status, built: now };
    let (mut wrong, mut seen) = (Vec::new(), Seen::new());
    let cases = read(HOSTILE);
    for case in cases.as_array().unwrap() {
        let found =
            verify(&long(&case["text"]), &checkpoint, &mut seen, now).map_or_else(Refusal::code, |_| "verified");
        if case["refused"] != found {
            wrong.push(format!("{}: {} instead of {}", case["name"], found, case["refused"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.as_array().unwrap().len() > 400);
}

/// If this fails, the cases were changed: `cargo run -p yima-credential --example vectors hostile` writes them again.
#[test]
fn committed_hostile_texts_are_those_of_the_rules_and_differ() {
    let cases = json::hostile(&read(CODES));
    assert_eq!(read(HOSTILE).as_array().unwrap(), &cases);
    let names: BTreeSet<_> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), cases.len());
}

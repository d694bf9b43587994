//! Runs docs/vectors/code/groups.json, as the checkpoint page does.

use serde_json::Value;
use yima_checkpoint::{Gate, Group, Lists, Scanned};
use yima_credential::place::{Staffing, Strictness};
use yima_credential::trust_list::Environment;
use yima_credential::{Coordinates, PinnedRoots, Place, PlaceClass, PublicKey};
use yima_model::Level;

use crate::issuer::{T, at};

fn read(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

fn from_hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn lists() -> Lists {
    let world = read(include_str!("../../../../docs/vectors/code/world.json"));
    let root = &world["roots"]["test"]["keys"][0];
    let [x, y] = ["x", "y"].map(|part| from_hex(&root[part]).try_into().unwrap());
    let keys = vec![PublicKey::new(Coordinates { x, y }).unwrap()];
    let mut lists = Lists::new(PinnedRoots { environment: Environment::Test, keys }, at(0));
    lists.take_trust(&from_hex(&world["trust"]["default"]), at(T)).unwrap();
    lists.take_status(1, &from_hex(&world["status"]["default"]), at(T)).unwrap();
    lists
}

fn place(place: &Value) -> Place {
    Place {
        class: PlaceClass::from_word(place["class"].as_str().unwrap()).unwrap(),
        level: if place["level"] == "medium" { Level::Medium } else { Level::High },
        listed: place["listed"] == true,
        strictness: if place["strict"] == true { Strictness::Strict } else { Strictness::Ordinary },
        staffing: if place["attended"] == true { Staffing::Attended } else { Staffing::Unattended },
    }
}

#[test]
fn committed_groups_have_their_rows() {
    let vectors = read(include_str!("../../../../docs/vectors/code/groups.json"));
    for vector in vectors.as_array().unwrap() {
        let name = &vector["name"];
        let mut gate = Gate::new(place(&vector["place"]), lists());
        let mut group = Group::new();
        for step in vector["steps"].as_array().unwrap() {
            if let Some(row) = step["remove"].as_u64() {
                group.remove(usize::try_from(row).unwrap());
                continue;
            }
            let now = at(step["now"].as_i64().unwrap());
            let told = match group.scan(&mut gate, step["text"].as_str().unwrap(), now) {
                Scanned::Answered(answer) => answer.decision.word(),
                Scanned::Counted => "counted",
                Scanned::Full => "full",
            };
            assert_eq!(told, step["told"], "{name}");
        }
        let row = |member: &yima_checkpoint::Member| {
            let character = member.who().map(|who| who.name().reveal().to_owned());
            serde_json::json!({"decision": member.decision().word(), "character": character})
        };
        assert_eq!(Value::from_iter(group.members().iter().map(row)), vector["rows"], "{name}");
    }
}

#[test]
fn where_codes_are_not_checked_nobody_is_a_row() {
    let place = Place { level: Level::Low, ..crate::issuer::VENUE };
    let (mut gate, mut group) = (Gate::new(place, lists()), Group::new());
    let told = group.scan(&mut gate, "anything", at(T));
    assert_eq!(told, Scanned::Answered(yima_checkpoint::Answer::NO_CHECK));
    assert!(group.members().is_empty());
}

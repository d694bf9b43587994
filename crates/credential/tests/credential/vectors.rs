//! Runs every case: as committed in docs/vectors/code, which every verifier runs, and as signed just now.

use std::collections::BTreeSet;

use serde_json::Value;
use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_credential::trust_list::{Environment, PinnedRoots};
use yima_credential::{
    Age, Checkpoint, Coordinates, ListMark, ListRefusal, PublicKey, Refusal, Seen, Standing, StatusList, TrustList,
    VenueVerifier, VerifiedCode, WarningList, verify,
};
use yima_model::{Level, Timestamp};

use crate::json;
use crate::raw::{from_hex, hex};
use crate::world::T;

pub(crate) const CODES: &str = include_str!("../../../../docs/vectors/code/codes.json");
const LISTS: &str = include_str!("../../../../docs/vectors/code/lists.json");
const GROUPS: &str = include_str!("../../../../docs/vectors/code/groups.json");
const VENUES: &str = include_str!("../../../../docs/vectors/code/venues.json");
pub(crate) const WORLD: &str = include_str!("../../../../docs/vectors/code/world.json");

/// What another signature makes different.
const SIGNED: [&str; 4] = ["text", "before", "list", "link"];

pub(crate) fn read(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

#[test]
fn committed_codes_have_their_outcomes() {
    run_codes(&read(WORLD), read(CODES).as_array().unwrap());
}

#[test]
fn committed_lists_have_their_outcomes() {
    run_lists(&read(WORLD), read(LISTS).as_array().unwrap());
}

#[test]
fn committed_venues_have_their_outcomes() {
    run_venues(&read(WORLD), read(VENUES).as_array().unwrap());
}

#[test]
fn venues_signed_now_have_their_outcomes() {
    run_venues(&json::world(), &json::venues());
}

#[test]
fn codes_signed_now_have_their_outcomes() {
    run_codes(&json::world(), &json::codes());
}

#[test]
fn lists_signed_now_have_their_outcomes() {
    run_lists(&json::world(), &json::lists());
}

/// If this fails, the cases were changed: `cargo run -p yima-credential --example vectors` signs the vectors again.
#[test]
fn committed_vectors_are_those_of_the_cases() {
    let unsigned = |vectors: Vec<Value>| -> Vec<Value> {
        vectors
            .into_iter()
            .map(|mut vector| {
                for part in SIGNED {
                    vector.as_object_mut().unwrap().remove(part);
                }
                for step in vector["steps"].as_array_mut().into_iter().flatten() {
                    step.as_object_mut().unwrap().remove("text");
                }
                if !vector["held"].is_null() {
                    vector["held"]["sha256"].take();
                }
                vector
            })
            .collect()
    };
    let committed = |file| unsigned(read(file).as_array().unwrap().clone());
    assert_eq!(committed(CODES), unsigned(json::codes()));
    assert_eq!(committed(LISTS), unsigned(json::lists()));
    assert_eq!(committed(VENUES), unsigned(json::venues()));
    assert_eq!(committed(GROUPS), unsigned(json::groups()));
}

/// The faults of form and of keys are shared by codes and lists, so a vector of either will do.
#[test]
fn every_reason_has_a_vector() {
    let reasons = |file| -> BTreeSet<String> {
        read(file)
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|vector| Some(vector["refused"].as_str()?.to_owned()))
            .collect()
    };
    let (codes, lists) = (reasons(CODES), reasons(LISTS));
    for refusal in Refusal::all() {
        let shared = matches!(refusal, Refusal::Form(_) | Refusal::Key(_));
        let code = refusal.code();
        assert!(codes.contains(code) || shared && lists.contains(code), "no code has the reason {code}");
    }
    for refusal in ListRefusal::all() {
        let shared = matches!(refusal, ListRefusal::Form(_) | ListRefusal::Key(_));
        let code = refusal.code();
        assert!(lists.contains(code) || shared && codes.contains(code), "no list has the reason {code}");
    }
}

#[test]
fn names_are_unique() {
    for vectors in [json::codes(), json::lists(), json::venues()] {
        let names: BTreeSet<_> =
            vectors.iter().map(|vector| format!("{} {}", vector["kind"], vector["name"])).collect();
        assert_eq!(names.len(), vectors.len());
    }
}

fn run_codes(world: &Value, vectors: &[Value]) {
    for vector in vectors {
        let name = &vector["name"];
        let trust = trust(world, &vector["trust"]);
        let lists = vector["status"].as_array().unwrap();
        let status: Vec<_> = lists.iter().map(|name| status(world, name, &trust)).collect();
        let place = place(&vector["place"]);
        let checkpoint = Checkpoint { place, trust: &trust, status: &status, built: at(&vector["built"]) };
        let (mut seen, now) = (Seen::new(), at(&vector["now"]));
        for text in vector["before"].as_array().unwrap() {
            verify(&long(text), &checkpoint, &mut seen, now).unwrap();
        }
        let outcome = verify(&long(&vector["text"]), &checkpoint, &mut seen, now);
        let decision = place.decide(&outcome).word();
        match outcome {
            Ok(code) => assert_eq!(verified(&code), vector["verified"], "{name}"),
            Err(refusal) => assert_eq!(refusal.code(), vector["refused"], "{name}"),
        }
        assert_eq!(decision, vector["decision"], "{name}");
    }
}

fn run_lists(world: &Value, vectors: &[Value]) {
    for vector in vectors {
        let list = from_hex(&long(&vector["list"]));
        let held = (!vector["held"].is_null()).then(|| ListMark {
            number: number(&vector["held"]["number"]),
            digest: from_hex(string(&vector["held"]["sha256"])).try_into().unwrap(),
        });
        let now = at(&vector["now"]);
        let taken = match string(&vector["kind"]) {
            "trust" => TrustList::open(&list, &roots(world, &vector["roots"]), held, now).map(|list| list.mark()),
            "warning" => WarningList::open(&list, &trust(world, &vector["trust"]), held, now).map(|list| list.mark()),
            _ => StatusList::open(&list, &trust(world, &vector["trust"]), held, now).map(|list| list.mark()),
        };
        match taken.map_err(ListRefusal::code) {
            Ok(mark) => assert_eq!(mark.number, vector["number"], "{}", vector["name"]),
            Err(reason) => assert_eq!(reason, vector["refused"], "{}", vector["name"]),
        }
    }
}

fn run_venues(world: &Value, vectors: &[Value]) {
    for vector in vectors {
        let trust = trust(world, &vector["trust"]);
        let warnings = vector["warnings"].as_str().map(|name| {
            let bytes = from_hex(string(&world["warnings"][name]));
            WarningList::open(&bytes, &trust, None, Timestamp::from_millis(T * 1000)).unwrap()
        });
        let verifier = VenueVerifier { trust: &trust, warnings: warnings.as_ref(), built: at(&vector["built"]) };
        match verifier.verify(string(&vector["link"]), at(&vector["now"])) {
            Ok(seen) => {
                let (venue, area, at) = (hex(seen.venue().bytes()), seen.area().to_string(), seen.at().get());
                let seen = serde_json::json!({"venue": venue, "area": area, "at": at});
                assert_eq!(seen, vector["verified"], "{}", vector["name"]);
            }
            Err(refusal) => assert_eq!(refusal.code(), vector["refused"], "{}", vector["name"]),
        }
    }
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

pub(crate) fn at(seconds: &Value) -> Timestamp {
    Timestamp::from_millis(seconds.as_i64().unwrap() * 1000)
}

pub(crate) fn long(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        repeated => {
            string(&repeated["prefix"]).to_owned()
                + &string(&repeated["repeat"]).repeat(number(&repeated["times"]) as usize)
        }
    }
}

pub(crate) fn roots(world: &Value, name: &Value) -> PinnedRoots {
    let roots = &world["roots"][string(name)];
    let coordinate = |value: &Value| from_hex(string(value)).try_into().unwrap();
    let key = |key: &Value| PublicKey::new(Coordinates { x: coordinate(&key["x"]), y: coordinate(&key["y"]) }).unwrap();
    PinnedRoots {
        environment: Environment::from_word(string(&roots["environment"])).unwrap(),
        keys: roots["keys"].as_array().unwrap().iter().map(key).collect(),
    }
}

pub(crate) fn trust(world: &Value, name: &Value) -> TrustList {
    let bytes = from_hex(string(&world["trust"][string(name)]));
    TrustList::open(&bytes, &roots(world, &"test".into()), None, Timestamp::from_millis(T * 1000)).unwrap()
}

pub(crate) fn status(world: &Value, name: &Value, trust: &TrustList) -> StatusList {
    let bytes = from_hex(string(&world["status"][string(name)]));
    StatusList::open(&bytes, trust, None, Timestamp::from_millis(T * 1000)).unwrap()
}

fn place(place: &Value) -> Place {
    Place {
        class: PlaceClass::from_word(string(&place["class"])).unwrap(),
        level: match string(&place["level"]) {
            "low" => Level::Low,
            "medium" => Level::Medium,
            _ => Level::High,
        },
        listed: place["listed"].as_bool().unwrap(),
        strictness: if place["strict"] == true { Strictness::Strict } else { Strictness::Ordinary },
        staffing: if place["attended"] == true { Staffing::Attended } else { Staffing::Unattended },
    }
}

fn verified(code: &VerifiedCode) -> Value {
    let standing = match code.standing() {
        Standing::Colour(colour) => colour.word(),
        Standing::Passes => "passes",
    };
    let older_hours = match code.age() {
        Age::Fresh => None,
        Age::Older { hours } => Some(hours),
    };
    let who = code.who().map(|who| serde_json::json!({"character": who.name().reveal(), "day": who.reveal_day()}));
    let guardian = code
        .guardian()
        .map(|guardian| serde_json::json!({"relation": guardian.relation.word(), "character": guardian.name.reveal()}));
    serde_json::json!({
        "standing": standing,
        "as_of": code.as_of().get(),
        "older_hours": older_hours,
        "expires": code.expires().get(),
        "epoch": code.epoch(),
        "who": who,
        "guardian": guardian,
    })
}

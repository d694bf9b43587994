//! The JSON form of the cases, as docs/vectors/code/README.md describes it.

use serde_json::{Value, json};

use crate::code_cases::{self, Case, Expected, Place};
use crate::group_cases::{self, GroupCase, Step};
use crate::hostile_cases;
use crate::list_cases::{self, ListCase};
use crate::raw::{hex, int};
use crate::venue_cases::{self, VenueCase};
use crate::world::{HOUR, KEYS, T, default_warnings, warning_content, warning_list};

pub(crate) fn codes() -> Vec<Value> {
    code_cases::cases().iter().map(code).collect()
}

pub(crate) fn lists() -> Vec<Value> {
    list_cases::cases().iter().map(list).collect()
}

/// Hostile texts; some are changed from these committed codes.
pub(crate) fn hostile(codes: &Value) -> Vec<Value> {
    let committed = |name: &str| {
        let code = codes.as_array().unwrap().iter().find(|code| code["name"] == name);
        code.unwrap()["text"].as_str().unwrap().to_owned()
    };
    let cases = hostile_cases::cases(committed).into_iter();
    cases.map(|case| json!({"name": case.name, "text": case.text, "refused": case.reason})).collect()
}

pub(crate) fn venues() -> Vec<Value> {
    venue_cases::cases().iter().map(venue).collect()
}

pub(crate) fn groups() -> Vec<Value> {
    group_cases::cases().iter().map(group).collect()
}

/// The lists that code vectors name, and the roots that list vectors name.
pub(crate) fn world() -> Value {
    let named = |lists: Vec<(&str, Vec<u8>)>| -> Value {
        lists
            .into_iter()
            .map(|(name, bytes)| (name.to_owned(), json!(hex(&bytes))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let roots: serde_json::Map<_, _> = list_cases::roots()
        .into_iter()
        .map(|(name, environment, key)| {
            let key = json!({"x": hex(&key.x), "y": hex(&key.y)});
            (name.to_owned(), json!({"environment": environment, "keys": [key]}))
        })
        .collect();
    let later = warning_content(&default_warnings()).with(6, int(T + HOUR));
    let warnings = warning_list(&later, &KEYS.warning).encode();
    json!({
        "roots": roots,
        "trust": named(code_cases::trust_lists()),
        "status": named(code_cases::status_lists()),
        "warnings": named(vec![("an hour later", warnings)]),
    })
}

fn code(case: &Case) -> Value {
    let mut vector = json!({
        "name": case.name,
        "text": long(&case.text, "YM1:", "0"),
        "trust": case.trust,
        "status": case.status,
        "place": place(&case.place),
        "now": case.now,
        "built": case.built,
        "before": case.before,
        "decision": case.decision,
    });
    let (key, expected) = match &case.expected {
        Expected::Refused(reason) => ("refused", json!(reason)),
        Expected::Verified(verified) => {
            let who = verified.who.map(|(character, day)| json!({"character": character, "day": day}));
            let guardian = verified.guardian.map(|(relation, name)| json!({"relation": relation, "character": name}));
            let verified = json!({
                "standing": verified.standing,
                "as_of": verified.as_of,
                "older_hours": verified.older_hours,
                "expires": verified.expires,
                "epoch": verified.epoch,
                "who": who,
                "guardian": guardian,
            });
            ("verified", verified)
        }
    };
    vector[key] = expected;
    vector
}

fn place(place: &Place) -> Value {
    json!({
        "class": place.class,
        "level": place.level,
        "listed": place.listed,
        "strict": place.strict,
        "attended": place.attended,
    })
}

fn group(case: &GroupCase) -> Value {
    let step = |step: &Step| match step {
        Step::Scan(text, now, told) => json!({"text": text, "now": now, "told": told}),
        Step::Remove(row) => json!({"remove": row}),
    };
    let row = |(decision, character): &(&str, Option<&str>)| json!({"decision": decision, "character": character});
    json!({
        "name": case.name,
        "place": place(&case.place),
        "steps": case.steps.iter().map(step).collect::<Vec<_>>(),
        "rows": case.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn list(case: &ListCase) -> Value {
    let held = case.held.as_ref().map(|(number, bytes)| json!({"number": number, "sha256": sha256(bytes)}));
    let mut vector = json!({
        "name": case.name,
        "kind": case.kind,
        "list": long(&hex(&case.list), "", "00"),
        "held": held,
        "now": case.now,
    });
    match case.kind {
        "trust" => vector["roots"] = json!(case.roots),
        _ => vector["trust"] = json!("default"),
    }
    match case.expected {
        Ok(number) => vector["number"] = json!(number),
        Err(reason) => vector["refused"] = json!(reason),
    }
    vector
}

fn venue(case: &VenueCase) -> Value {
    let mut vector = json!({
        "name": case.name,
        "link": case.link,
        "trust": case.trust,
        "warnings": case.warnings.then_some("an hour later"),
        "now": case.now,
        "built": case.built,
    });
    match case.expected {
        Ok((venue, area, at)) => vector["verified"] = json!({"venue": hex(&venue), "area": area, "at": at}),
        Err(reason) => vector["refused"] = json!(reason),
    }
    vector
}

/// A text, or for a very long one what it repeats after a prefix.
fn long(text: &str, prefix: &str, unit: &str) -> Value {
    match text.strip_prefix(prefix) {
        Some(rest) if text.len() > 20_000 && rest == unit.repeat(rest.len() / unit.len()) => {
            json!({"prefix": prefix, "repeat": unit, "times": rest.len() / unit.len()})
        }
        _ => json!(text),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

//! What of a content may be shown without its person: what a closed list names, and nothing else.
//!
//! A field that stands in no list, of whichever depth, may say who somebody is: a number of a passport, a text for people, a relative.
//! The number of a certificate itself is shown: its issuer revokes it by that, and it says who somebody is to nobody else.

use serde_json::Value;

use super::Format;

/// What may be shown of one place in a content; of a list each item by itself.
#[derive(Clone, Copy)]
enum May {
    /// A text, a number or a word.
    Value,
    /// These fields of an object.
    Fields(&'static [(&'static str, May)]),
    /// Those of a FHIR resource, by its kind.
    Resource,
}

use May::{Fields, Resource, Value as Plain};

const CODING: May = Fields(&[("system", Plain), ("code", Plain)]);
const CONCEPT: May = Fields(&[("coding", CODING)]);

/// Source: DCC schema 1.3.2.
const DCC: May = Fields(&[("ver", Plain), ("v", DCC_ENTRY), ("t", DCC_ENTRY), ("r", DCC_ENTRY)]);
const DCC_ENTRY: May = Fields(&[
    ("tg", Plain),
    ("co", Plain),
    ("is", Plain),
    ("ci", Plain),
    ("vp", Plain),
    ("mp", Plain),
    ("ma", Plain),
    ("dn", Plain),
    ("sd", Plain),
    ("dt", Plain),
    ("tt", Plain),
    ("nm", Plain),
    ("sc", Plain),
    ("tr", Plain),
    ("tc", Plain),
    ("fr", Plain),
    ("df", Plain),
    ("du", Plain),
]);

/// Source: `DDCCVSCoreDataSetQuestionnaire`.
const DDCC: May = Fields(&[
    ("hcid", Plain),
    ("vaccine", CODING),
    ("brand", CODING),
    ("manufacturer", CODING),
    ("ma_holder", CODING),
    ("disease", CODING),
    ("country", CODING),
    ("lot", Plain),
    ("date", Plain),
    ("vaccine_valid", Plain),
    ("dose", Plain),
    ("total_doses", Plain),
    ("centre", Plain),
    ("pha", Plain),
    ("valid_from", Plain),
    ("valid_until", Plain),
    ("due_date", Plain),
]);

/// Source: ICAO, the data sets of health travel.
const SEAL: May = Fields(&[
    ("hdr", Fields(&[("t", Plain), ("v", Plain), ("is", Plain)])),
    (
        "msg",
        Fields(&[
            ("uvci", Plain),
            ("utci", Plain),
            ("ve", Fields(&[("des", Plain), ("nam", Plain), ("dis", Plain), ("vd", SEAL_DOSE)])),
            ("sp", Fields(&[("spn", Plain), ("ctr", Plain)])),
            ("dat", Fields(&[("sc", Plain), ("ri", Plain)])),
            ("tr", Fields(&[("tc", Plain), ("r", Plain), ("m", Plain)])),
        ]),
    ),
]);
const SEAL_DOSE: May =
    Fields(&[("dvc", Plain), ("seq", Plain), ("ctr", Plain), ("adm", Plain), ("lot", Plain), ("dvn", Plain)]);

/// Source: SMART Health Cards, the vaccination and testing implementation guide. Of other resources the kind is shown.
const BUNDLE: May = Fields(&[("resourceType", Plain), ("type", Plain), ("entry", Fields(&[("resource", Resource)]))]);
const OTHER_RESOURCE: May = Fields(&[("resourceType", Plain)]);
const IMMUNIZATION: May = Fields(&[
    ("resourceType", Plain),
    ("status", Plain),
    ("vaccineCode", CONCEPT),
    ("occurrenceDateTime", Plain),
    ("lotNumber", Plain),
]);
const OBSERVATION: May = Fields(&[
    ("resourceType", Plain),
    ("status", Plain),
    ("code", CONCEPT),
    ("effectiveDateTime", Plain),
    ("valueCodeableConcept", CONCEPT),
    ("valueQuantity", Fields(&[("value", Plain), ("unit", Plain), ("system", Plain), ("code", Plain)])),
]);

/// The content of a statement without what may identify its person.
pub(super) fn shown(format: Format, content: &Value) -> Value {
    let may = match format {
        Format::Dcc => DCC,
        Format::Ddcc => DDCC,
        Format::Shc => BUNDLE,
        Format::VdsNc => SEAL,
        // The subject of a pass is the person alone.
        Format::Nzcp => Fields(&[]),
        Format::Divoc => return Value::Null,
    };
    part(content, may).unwrap_or_default()
}

fn part(value: &Value, may: May) -> Option<Value> {
    match (value, may) {
        (Value::Array(items), _) => Some(items.iter().filter_map(|item| part(item, may)).collect()),
        (Value::Object(_), Resource) => part(value, of_resource(value)),
        (Value::Object(_), Fields(fields)) => {
            let shown = |(name, may): &(&str, May)| Some(((*name).to_owned(), part(value.get(name)?, *may)?));
            Some(Value::Object(fields.iter().filter_map(shown).collect()))
        }
        (Value::Object(_), Plain) | (_, Fields(_) | Resource) => None,
        (plain, Plain) => Some(plain.clone()),
    }
}

fn of_resource(resource: &Value) -> May {
    match resource.get("resourceType").and_then(Value::as_str) {
        Some("Immunization") => IMMUNIZATION,
        Some("Observation") => OBSERVATION,
        _ => OTHER_RESOURCE,
    }
}

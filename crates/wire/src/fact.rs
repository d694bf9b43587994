//! One fact as one JSON object on a line.

use serde::ser::{Serialize, SerializeMap, Serializer};
use yima_model::fact::{FactError, Kind, Shape};
use yima_model::{Fact, Filing, Occurred, PersonId, Source, Subject, Timestamp};

use crate::content;
use crate::error::{FactJsonError, Reason};
use crate::field::{Value, optional, required, write_optional};
use crate::object::Object;

/// Reads one fact, as a ledger wrote it or a file states it.
///
/// # Errors
/// [`FactJsonError`] names the field that is wrong and what may stand there; it repeats no value.
///
/// Source: docs/FACTS.md.
pub fn read_fact(text: &str) -> Result<Fact, FactJsonError> {
    let object = Object::read(text)?;
    let kind = required(&object, "kind", "fact")?;
    let filing = filing(&object, kind, &["recorded"])?;
    Ok(filing.record(required(&object, "recorded", kind.word())?)?)
}

/// Reads what a source files: a fact without `recorded`, which only the ledger knows.
///
/// Whether times contradict one another, and whether the kind is about persons, shows when the filing is recorded.
///
/// # Errors
/// [`FactJsonError`] as [`read_fact`].
pub fn read_filing(text: &str) -> Result<Filing, FactJsonError> {
    let object = Object::read(text)?;
    let kind = required(&object, "kind", "fact")?;
    filing(&object, kind, &[])
}

/// Writes a fact so that [`read_fact`] reads it back; instants in Beijing time.
///
/// An instant outside the years 1 to 9999, which no line can give to a fact, is written in a form that is not read back.
pub fn write_fact(fact: &Fact) -> String {
    crate::line(&FactJson(fact))
}

/// A fact as part of a larger answer.
#[derive(Clone, Copy, Debug)]
pub struct FactJson<'a>(pub &'a Fact);

impl Serialize for FactJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filing = self.0.filing();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &filing.id.json())?;
        if let Subject::Person(person) = &filing.subject {
            map.serialize_entry("person", &person.json())?;
        }
        map.serialize_entry("kind", self.0.kind().word())?;
        map.serialize_entry("source", &SourceJson { kind: filing.source.kind.word(), id: filing.source.id.as_str() })?;
        map.serialize_entry("recorded", &self.0.recorded().json())?;
        match filing.occurred {
            Occurred::At { at, reported } => {
                map.serialize_entry("at", &at.json())?;
                write_optional((reported != at).then_some(&reported), "reported", &mut map)?;
            }
            Occurred::During { from, until } => {
                map.serialize_entry("from", &from.json())?;
                write_optional((until != Timestamp::FOREVER).then_some(&until), "until", &mut map)?;
            }
        }
        write_optional(filing.cause.as_ref(), "cause", &mut map)?;
        write_optional(filing.replaces.as_ref(), "replaces", &mut map)?;
        content::write(&filing.content, &mut map)?;
        map.end()
    }
}

#[derive(serde::Serialize)]
struct SourceJson<'a> {
    kind: &'static str,
    id: &'a str,
}

const EVENT: [&str; 2] = ["at", "reported"];
const STATE: [&str; 2] = ["from", "until"];

fn filing(object: &Object<'_>, kind: Kind, more: &[&'static str]) -> Result<Filing, FactJsonError> {
    let (times, other_times) = match kind.shape() {
        Shape::Event => (EVENT, STATE),
        Shape::State => (STATE, EVENT),
    };
    if other_times.iter().any(|name| object.get(name).is_some()) {
        return Err(FactError::WrongShape(kind).into());
    }
    let common = &["id", "person", "kind", "source", "cause", "replaces"];
    object.allow(kind.word(), [common, more, times.as_slice(), content::names(kind)].concat())?;
    Ok(Filing {
        id: required(object, "id", kind.word())?,
        subject: optional::<PersonId>(object, "person")?.map_or(Subject::Global, Subject::Person),
        source: source(object, kind)?,
        occurred: occurred(object, kind)?,
        cause: optional(object, "cause")?,
        replaces: optional(object, "replaces")?,
        content: content::read(kind, object)?,
    })
}

fn source(object: &Object<'_>, kind: Kind) -> Result<Source, FactJsonError> {
    let value = object.get("source").ok_or(FactJsonError::Missing { field: "source", what: kind.word() })?;
    let source = Object::read(value.get()).map_err(|error| match error {
        FactJsonError::Syntax { .. } => FactJsonError::Wrong { field: "source", reason: Reason::NotSource },
        error => error,
    })?;
    source.allow("source", vec!["kind", "id"])?;
    Ok(Source { kind: required(&source, "kind", "source")?, id: required(&source, "id", "source")? })
}

fn occurred(object: &Object<'_>, kind: Kind) -> Result<Occurred, FactJsonError> {
    Ok(match kind.shape() {
        Shape::Event => {
            let at = required(object, "at", kind.word())?;
            Occurred::At { at, reported: optional(object, "reported")?.unwrap_or(at) }
        }
        Shape::State => {
            let from = required(object, "from", kind.word())?;
            Occurred::During { from, until: optional(object, "until")?.unwrap_or(Timestamp::FOREVER) }
        }
    })
}

//! The fields of each kind of fact.

use serde::ser::SerializeMap;
use yima_model::fact::{Content, Kind};

use crate::error::FactJsonError::{self, Missing};
use crate::field::Field;
use crate::object::Object;

/// For each kind: what the model calls each part, and the name of its field in JSON.
macro_rules! contents {
    ($($kind:ident { $($part:ident: $name:literal $(and $second:literal)?,)* })+) => {
        /// The names of the fields that only this kind has.
        pub(crate) const fn names(kind: Kind) -> &'static [&'static str] {
            match kind {
                $(Kind::$kind => &[$($name, $($second,)?)*],)+
            }
        }

        /// Reads the fields of this kind.
        pub(crate) fn read(kind: Kind, object: &Object<'_>) -> Result<Content, FactJsonError> {
            Ok(match kind {
                $(Kind::$kind => Content::$kind {
                    $($part: Field::read(object, $name)?.ok_or(Missing { field: $name, what: kind.word() })?,)*
                },)+
            })
        }

        /// Writes the fields of this content.
        pub(crate) fn write<M: SerializeMap>(content: &Content, map: &mut M) -> Result<(), M::Error> {
            match content {
                $(Content::$kind { $($part,)* } => { $(Field::write($part, $name, map)?;)* })+
            }
            Ok(())
        }
    };
}

contents! {
    Registration {}
    Dwelling { area: "area", role: "role", }
    Binding { channel: "channel", }
    Guardianship { guardian: "guardian", relation: "relation", }
    Document { kind: "document", }
    Declaration { symptoms: "symptoms", contact: "contact", on_duty: "on_duty", }
    CheckIn { symptoms: "symptoms", }
    Temperature { decicelsius: "temperature", }
    Comparison { list: "list", as_of: "as_of", matched: "matched", }
    Review {}
    FollowUp { clear: "clear", }
    Sample { sample: "sample", pool: "pool", method: "method", }
    TestResult { sample: "sample", method: "method", positive: "positive", }
    MissedTest { campaign: "campaign", }
    Case { class: "class", }
    Contact { degree: "degree", of: "of", }
    Isolation { place: "place", ground: "ground", }
    Arrival { from: "from_area", to: "to_area", }
    Stay { area: "area", origin: "origin", }
    Vaccination { dose: "dose", }
    Statement { meaning: "meaning", origin: "format" and "issuer", }
    AreaLevel { areas: "areas" and "except", level: "level", }
    Notice { kind: "notice", areas: "areas" and "except", }
    List { list: "list", areas: "areas" and "except", }
    Pack { pack: "pack", digest: "digest", }
    Campaign { campaign: "campaign", areas: "areas" and "except", }
    Closing { target: "target", }
    Retraction { target: "target", }
    Dispute { target: "target", deadline: "deadline", }
    Ruling { target: "target", stands: "stands", }
    Inert { target: "target", }
    Lift { target: "target", }
    PoolResult { pool: "pool", method: "method", positive: "positive", }
    Place { place: "place", relation: "relation", other: "area", why: "why", }
}

//! The values of fields: how each type stands in JSON, and how it is read back.

use serde::ser::SerializeMap;
use serde_json::value::RawValue;
use yima_model::area::{AreaCode, AreaSet, Level};
use yima_model::document::DocumentKind;
use yima_model::fact::{
    Answer, CaseClass, Channel, ContactDegree, DwellingRole, IsolationPlace, Kind, NoticeKind, PlaceRelation, Relation,
    SourceKind, StatementFormat, StatementMeaning, StatementOrigin, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{
    CampaignId, FactId, ListId, PackId, PersonId, PoolId, Remark, SampleId, SourceId, StatementIssuer,
};
use yima_model::time::{TimeError, Timestamp, Zone};

use crate::error::{FactJsonError, Reason};
use crate::object::Object;

/// What stands in one field of the content of a fact; a set of areas takes a second field for what it leaves out.
pub(crate) trait Field: Sized {
    fn read(object: &Object<'_>, name: &'static str) -> Result<Option<Self>, FactJsonError>;
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error>;
}

/// What is one JSON value.
pub(crate) trait Value: Sized {
    fn read(value: &RawValue) -> Result<Self, Reason>;
    fn json(&self) -> impl serde::Serialize;
}

/// Reads a field that may be absent.
pub(crate) fn optional<T: Value>(object: &Object<'_>, field: &'static str) -> Result<Option<T>, FactJsonError> {
    let value = object.get(field).map(T::read).transpose();
    value.map_err(|reason| FactJsonError::Wrong { field, reason })
}

/// Reads a field that `what` (a fact, a kind of facts, a source) needs.
pub(crate) fn required<T: Value>(
    object: &Object<'_>,
    field: &'static str,
    what: &'static str,
) -> Result<T, FactJsonError> {
    optional(object, field)?.ok_or(FactJsonError::Missing { field, what })
}

/// Writes a field unless it is absent.
pub(crate) fn write_optional<T: Value, M: SerializeMap>(
    value: Option<&T>,
    name: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value.json()))
}

impl<T: Value> Field for T {
    fn read(object: &Object<'_>, name: &'static str) -> Result<Option<Self>, FactJsonError> {
        optional(object, name)
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(name, &self.json())
    }
}

impl Field for Option<PoolId> {
    fn read(object: &Object<'_>, name: &'static str) -> Result<Option<Self>, FactJsonError> {
        optional(object, name).map(Some)
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        write_optional(self.as_ref(), name, map)
    }
}

const EXCEPT: &str = "except";

impl Field for AreaSet {
    fn read(object: &Object<'_>, name: &'static str) -> Result<Option<Self>, FactJsonError> {
        let exclude = optional(object, EXCEPT)?.unwrap_or_default();
        Ok(optional(object, name)?.map(|include| Self { include, exclude }))
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(name, &self.include.json())?;
        let exclude = (!self.exclude.is_empty()).then_some(&self.exclude);
        write_optional(exclude, EXCEPT, map)
    }
}

const ISSUER: &str = "issuer";

/// Format and issuer of a statement, of which each needs the other.
impl Field for Option<StatementOrigin> {
    fn read(object: &Object<'_>, name: &'static str) -> Result<Option<Self>, FactJsonError> {
        let missing = |field| FactJsonError::Missing { field, what: Kind::Statement.word() };
        match (optional(object, name)?, optional(object, ISSUER)?) {
            (None, None) => Ok(Some(None)),
            (Some(format), Some(issuer)) => Ok(Some(Some(StatementOrigin { format, issuer }))),
            (None, Some(_)) => Err(missing(name)),
            (Some(_), None) => Err(missing(ISSUER)),
        }
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        write_optional(self.as_ref().map(|origin| &origin.format), name, map)?;
        write_optional(self.as_ref().map(|origin| &origin.issuer), ISSUER, map)
    }
}

fn text(value: &RawValue) -> Result<String, Reason> {
    serde_json::from_str(value.get()).map_err(|_| Reason::NotText)
}

fn texts(value: &RawValue) -> Result<Vec<String>, Reason> {
    serde_json::from_str(value.get()).map_err(|_| Reason::NotList)
}

macro_rules! parsed {
    ($($name:ident)+) => {
        $(impl Value for $name {
            fn read(value: &RawValue) -> Result<Self, Reason> {
                Ok(Self::parse(&text(value)?)?)
            }

            fn json(&self) -> impl serde::Serialize {
                self.to_string()
            }
        })+
    };
}

parsed! { FactId PersonId SampleId PoolId SourceId ListId PackId CampaignId AreaCode Remark StatementIssuer }

macro_rules! words {
    ($($name:ident)+) => {
        $(impl Value for $name {
            fn read(value: &RawValue) -> Result<Self, Reason> {
                Self::from_word(&text(value)?)
                    .ok_or_else(|| Reason::NotWord(Self::ALL.iter().map(|word| word.word()).collect()))
            }

            fn json(&self) -> impl serde::Serialize {
                self.word()
            }
        })+
    };
}

words! {
    Kind SourceKind DwellingRole Channel Relation Answer TestMethod CaseClass ContactDegree IsolationPlace StayOrigin
    StatementMeaning StatementFormat NoticeKind PlaceRelation
}

const LEVELS: [Level; 3] = [Level::Low, Level::Medium, Level::High];

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

impl Value for Level {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        let word = text(value)?;
        let level = LEVELS.into_iter().find(|level| level_word(*level) == word);
        level.ok_or_else(|| Reason::NotWord(LEVELS.map(level_word).to_vec()))
    }

    fn json(&self) -> impl serde::Serialize {
        level_word(*self)
    }
}

impl Value for Vec<AreaCode> {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        texts(value)?.iter().map(|text| Ok(AreaCode::parse(text)?)).collect()
    }

    fn json(&self) -> impl serde::Serialize {
        self.iter().map(AreaCode::to_string).collect::<Vec<_>>()
    }
}

/// The place of origin of an arrival, where nothing stands for abroad.
impl Value for Option<AreaCode> {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        match text(value)?.as_str() {
            ABROAD => Ok(None),
            code => AreaCode::parse(code).map(Some).map_err(|_| Reason::NotOrigin),
        }
    }

    fn json(&self) -> impl serde::Serialize {
        self.map_or_else(|| ABROAD.to_owned(), |area| area.to_string())
    }
}

const ABROAD: &str = "abroad";

impl Value for Symptoms {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        let known = || Symptom::ALL.iter().map(|symptom| symptom.word()).collect();
        let read = |word: &String| Symptom::from_word(word).ok_or_else(|| Reason::NotWord(known()));
        texts(value)?.iter().map(read).collect()
    }

    fn json(&self) -> impl serde::Serialize {
        self.iter().map(Symptom::word).collect::<Vec<_>>()
    }
}

impl Value for bool {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        serde_json::from_str(value.get()).map_err(|_| Reason::NotFlag)
    }

    fn json(&self) -> impl serde::Serialize {
        *self
    }
}

impl Value for Timestamp {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        let text = text(value)?;
        let at = Self::parse(&text)?;
        if is_rfc_3339(&text) && at >= EARLIEST { Ok(at) } else { Err(TimeError::NotAnInstant.into()) }
    }

    fn json(&self) -> impl serde::Serialize {
        Zone::BEIJING.format(*self)
    }
}

/// 0001-01-01T00:00:00Z: what is earlier may have no year of four digits when it is written.
const EARLIEST: Timestamp = Timestamp::from_millis(-62_135_596_800_000);

/// Whether the text has the one shape in which instants are exchanged; civil calendars allow many more.
fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else { return false };
    let offset = match rest.strip_prefix(".0") {
        Some(fraction) => fraction.trim_start_matches('0'),
        None => rest,
    };
    matches!(offset, "Z" | "+00:00" | "-00:00")
}

/// Tenths of a degree Celsius, written as degrees.
impl Value for u16 {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        let (degrees, tenths) = value.get().split_once('.').unwrap_or((value.get(), "0"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let digits =
            (tenths.len() == 1 && is_number(degrees) && is_number(tenths)).then(|| format!("{degrees}{tenths}"));
        digits.and_then(|digits| digits.parse().ok()).ok_or(Reason::NotTemperature)
    }

    fn json(&self) -> impl serde::Serialize {
        // The number nearest to a tenth is written as that tenth: a float's shortest text is the one that was divided.
        f64::from(*self) / 10.0
    }
}

/// The number of a dose.
impl Value for u8 {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        serde_json::from_str(value.get()).ok().filter(|dose| *dose > 0).ok_or(Reason::NotDose)
    }

    fn json(&self) -> impl serde::Serialize {
        *self
    }
}

impl Value for DocumentKind {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        serde_json::from_str(value.get()).ok().and_then(Self::from_code).ok_or(Reason::NotDocumentKind)
    }

    fn json(&self) -> impl serde::Serialize {
        self.code()
    }
}

/// A SHA-256.
impl Value for [u8; 32] {
    fn read(value: &RawValue) -> Result<Self, Reason> {
        let text = text(value)?;
        let (halves, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |[high, low]: &[u8; 2]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?);
        let bytes: Option<Vec<u8>> = halves.iter().map(byte).collect();
        let digest = bytes.filter(|_| rest.is_empty()).and_then(|bytes| bytes.try_into().ok());
        digest.ok_or(Reason::NotDigest)
    }

    fn json(&self) -> impl serde::Serialize {
        self.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

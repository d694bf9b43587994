//! What a WHO certificate of vaccination must have: the core data set as its QR codes spell it.
//!
//! Source: WHO, Digital Documentation of COVID-19 Certificates 1.0.0, `DDCCVSCoreDataSetQuestionnaire`; that the
//! manufacturer or the holder of the market authorization is there is its invariant `who-ddcc-data-1`.
//! It has no length of texts; they are bounded by the QR code.

use serde_json::Value;

use super::schema::SchemaFault;
use crate::civil::{DAY_MILLIS, Moment};

/// The term that the content states beside that of its claims: first second and last, since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) from: Option<i64>,
    pub(super) until: Option<i64>,
}

/// The term of a content that has what the data set demands, each of its type.
///
/// # Errors
/// [`SchemaFault`], the first that the content has.
pub(super) fn read(content: &Value) -> Result<Term, SchemaFault> {
    for field in ["name", "lot", "centre", "pha", "hcid"] {
        text(content, field)?.ok_or(SchemaFault::Missing(field))?;
    }
    for field in ["birthDate", "identifier", "hw"] {
        text(content, field)?;
    }
    for field in ["vaccine", "brand", "country"] {
        coding(content, field)?.ok_or(SchemaFault::Missing(field))?;
    }
    for field in ["sex", "disease"] {
        coding(content, field)?;
    }
    if (coding(content, "manufacturer")?, coding(content, "ma_holder")?) == (None, None) {
        return Err(SchemaFault::Missing("manufacturer"));
    }
    moment(content, "date")?.ok_or(SchemaFault::Missing("date"))?;
    for field in ["vaccine_valid", "due_date"] {
        moment(content, field)?;
    }
    number(content, "dose")?.ok_or(SchemaFault::Missing("dose"))?;
    number(content, "total_doses")?;
    let (from, until) = (moment(content, "valid_from")?, moment(content, "valid_until")?);
    let last = |until: Moment| if until.has_time { until.millis } else { until.millis + DAY_MILLIS - 1 };
    let seconds = |millis: i64| millis.div_euclid(1000);
    Ok(Term { from: from.map(|from| seconds(from.millis)), until: until.map(|until| seconds(last(until))) })
}

fn field<'a>(content: &'a Value, field: &str) -> Option<&'a Value> {
    content.get(field).filter(|value| !value.is_null())
}

fn text<'a>(content: &'a Value, name: &'static str) -> Result<Option<&'a str>, SchemaFault> {
    let text = field(content, name).map(|value| value.as_str().ok_or(SchemaFault::WrongType(name))).transpose()?;
    if text.is_some_and(str::is_empty) { Err(SchemaFault::WrongForm(name)) } else { Ok(text) }
}

fn coding<'a>(content: &'a Value, name: &'static str) -> Result<Option<&'a str>, SchemaFault> {
    let code = |value: &'a Value| value.get("code")?.as_str().filter(|code| !code.is_empty());
    field(content, name).map(|value| code(value).ok_or(SchemaFault::WrongType(name))).transpose()
}

fn moment(content: &Value, name: &'static str) -> Result<Option<Moment>, SchemaFault> {
    text(content, name)?.map(|text| Moment::parse(text).ok_or(SchemaFault::WrongForm(name))).transpose()
}

fn number(content: &Value, name: &'static str) -> Result<Option<u64>, SchemaFault> {
    let number = field(content, name).map(|value| value.as_u64().ok_or(SchemaFault::WrongType(name))).transpose()?;
    if number == Some(0) { Err(SchemaFault::WrongForm(name)) } else { Ok(number) }
}

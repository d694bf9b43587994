//! The language of conditions: text in, [`Condition`] out, or an error that names the place.

mod parser;
mod term;
mod token;

use std::collections::BTreeMap;
use std::ops::Range;

pub use term::TERMS;

use crate::expression::{Condition, EventTerm, StateTerm};

/// What a piece of the language denotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Events, which hold at no interval by themselves.
    Events(EventTerm),
    /// States.
    States(StateTerm),
    /// A condition.
    Condition(Condition),
}

/// What names stand for while conditions are read.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Definitions by name.
    pub definitions: BTreeMap<String, Meaning>,
    /// Settings by name.
    pub settings: BTreeMap<String, bool>,
    /// Names of the lists that the pack declares.
    pub lists: Vec<String>,
}

/// What is wrong with a condition, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes of the condition's text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do, if that is not plain from the message.
    pub help: Option<String>,
}

/// Reads a definition, which may stand for events, states or a condition.
///
/// # Errors
/// The first [`SyntaxError`].
pub fn read_definition(text: &str, names: &Names) -> Result<Meaning, SyntaxError> {
    parser::Parser::new(text, names)?.whole()
}

/// Reads a condition.
///
/// # Errors
/// The first [`SyntaxError`]; a bare event is one.
pub fn read_condition(text: &str, names: &Names) -> Result<Condition, SyntaxError> {
    let meaning = read_definition(text, names)?;
    let condition = parser::condition(meaning, 0..text.len())?;
    if parser::has_loose_days(&condition) {
        return Err(SyntaxError {
            span: 0..text.len(),
            message: "`on_days` counts the days of a measure, and there is none".to_owned(),
            help: Some("put it behind `until`, such as `contact until on_days(test, 1, 4, 7) at most 10d`".to_owned()),
        });
    }
    Ok(condition)
}

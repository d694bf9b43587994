//! What can be wrong with a message, by element; no value is ever repeated.

use std::fmt;

use thiserror::Error;
use yima_model::document::DocumentError;

/// One element that is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name on the wire, or `…` for an unknown name that is no plain word.
    pub element: Box<str>,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Everything that is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Faults(pub Vec<Fault>); // INVARIANT: never empty

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Fault { element, reason }) in self.0.iter().enumerate() {
            let before = if number == 0 { "" } else { "; " };
            write!(f, "{before}`{element}`: {reason}")?;
        }
        Ok(())
    }
}

/// What is wrong with an element.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The message is not one JSON object.
    #[error("not one JSON object; check braces, quotes and commas")]
    NotAnObject,
    /// It is not there.
    #[error("missing; this interface needs it")]
    Missing,
    /// It is there twice.
    #[error("given twice; keep one of them")]
    Twice,
    /// This interface does not take it.
    #[error("no element that this interface takes; leave it out")]
    Unknown,
    /// Not a text, or an empty, long or broken one.
    #[error("not a text on one line of 1 to {0} characters")]
    NotText(usize),
    /// Not one of the codes of its list.
    #[error("not one of the codes {}; write it as a text", .0.join(", "))]
    NotCode(&'static [&'static str]),
    /// Not a list of such values.
    #[error("not a list; write the values in square brackets, each once")]
    NotList,
    /// Codes that exclude one another.
    #[error("no symptoms and symptoms at once; leave out the code 1")]
    Contradiction,
    /// Not an area.
    #[error("not an area code of 2, 4 or 6 digits, or one below that; look it up in GB/T 2260")]
    NotArea,
    /// Not a state.
    #[error("not a state; write the three letters of GB/T 2659, such as CHN")]
    NotState,
    /// Not an instant.
    #[error("not a time of Beijing; write 2020-12-14 08:00:00")]
    NotMoment,
    /// Not a day.
    #[error("not a day; write 2020-12-14")]
    NotDay,
    /// A trip that ends before it begins.
    #[error("the last day lies before the first one; check both")]
    EndsTooEarly,
    /// Neither `true` nor `false`.
    #[error("write true or false")]
    NotFlag,
    /// The person has not agreed.
    #[error("ask the person, who must agree; then write true")]
    NotAgreed,
    /// Not a temperature of a living person.
    #[error("not a temperature; write degrees Celsius from 30.0 to 45.0 with one decimal at most")]
    NotTemperature,
    /// Not 32 hexadecimal digits.
    #[error("not an id; write its 32 hexadecimal digits as they were given")]
    NotId,
    /// The number of a document is wrong.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Reason {
    /// The stable word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not-an-object",
            Self::Missing => "missing",
            Self::Twice => "twice",
            Self::Unknown => "unknown-element",
            Self::NotText(_) => "not-a-text",
            Self::NotCode(_) => "unknown-code",
            Self::NotList => "not-a-list",
            Self::Contradiction => "contradiction",
            Self::NotArea => "not-an-area",
            Self::NotState => "not-a-state",
            Self::NotMoment => "not-an-instant",
            Self::NotDay => "not-a-day",
            Self::EndsTooEarly => "not-a-trip",
            Self::NotFlag => "not-a-flag",
            Self::NotAgreed => "not-agreed",
            Self::NotTemperature => "not-a-temperature",
            Self::NotId => "not-an-id",
            Self::Document(_) => "wrong-number",
        }
    }
}

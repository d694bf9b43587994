//! What can be wrong with a fact that was read, said without repeating any value.

use thiserror::Error;
use yima_model::area::AreaError;
use yima_model::fact::FactError;
use yima_model::id::IdError;
use yima_model::time::TimeError;

/// Why a text is not a fact: the first thing that is wrong, fields in the order of docs/FACTS.md.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FactJsonError {
    /// The text is not one JSON object.
    #[error("not one JSON object; check braces, quotes and commas near column {column}")]
    Syntax {
        /// Where reading ended, counted in bytes from 1; 0 if the whole text is something else.
        column: usize,
    },
    /// A field is given more than once.
    #[error("field `{field}` is given twice; keep one of them")]
    Twice {
        /// Its name, or `…` if that is not a plain word.
        field: String,
    },
    /// A field that facts of this kind do not have.
    #[error("unknown field `{field}`; {what} has the fields {allowed}", allowed = .allowed.join(", "))]
    Unknown {
        /// Its name, or `…` if that is not a plain word.
        field: String,
        /// What the fields belong to: the word of a kind, or `source`.
        what: &'static str,
        /// What may stand there.
        allowed: Vec<&'static str>,
    },
    /// A required field is absent.
    #[error("field `{field}` is missing; {what} needs it")]
    Missing {
        /// Its name.
        field: &'static str,
        /// What the field belongs to: the word of a kind, `source`, or `fact` while the kind is not known.
        what: &'static str,
    },
    /// The value of a field is wrong.
    #[error("field `{field}`: {reason}")]
    Wrong {
        /// Its name.
        field: &'static str,
        /// Why.
        reason: Reason,
    },
    /// The fields are right one by one, but not together.
    #[error(transparent)]
    Fact(#[from] FactError),
}

/// What is wrong with the value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// Not a text.
    #[error("not a text; write it in quotes")]
    NotText,
    /// Not a list of texts.
    #[error("not a list; write texts in square brackets")]
    NotList,
    /// Neither `true` nor `false`.
    #[error("not an answer; write true or false")]
    NotFlag,
    /// Not an object with the kind and the id of a source.
    #[error("not a source; write an object with the fields kind, id")]
    NotSource,
    /// None of the words that may stand there.
    #[error("not a word known here; write one of {}", .0.join(", "))]
    NotWord(Vec<&'static str>),
    /// Not an id or a name.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Not an area.
    #[error(transparent)]
    Area(#[from] AreaError),
    /// Neither an area nor the word for abroad.
    #[error("neither an area code nor abroad; write a code such as 610102, or abroad")]
    NotOrigin,
    /// Not an instant.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// Not tenths of a degree.
    #[error("not a temperature; write degrees Celsius as a number with at most one decimal, such as 37.2")]
    NotTemperature,
    /// Not the number of a dose.
    #[error("not a dose; write its number, 1 to 255")]
    NotDose,
    /// Not a kind of document.
    #[error("not a kind of document; write one of the numbers 10, 14, 15, 16, 20, 34, 99")]
    NotDocumentKind,
    /// Not a SHA-256.
    #[error("not a digest; write the SHA-256 as 64 hexadecimal digits")]
    NotDigest,
}

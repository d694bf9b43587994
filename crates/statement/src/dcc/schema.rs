//! What the DCC schema asks of the content, in its latest version (1.3.2).
//!
//! Certificates of every version since 1.0.0 follow it but for two liberties that issuers take and verifiers of the
//! time granted: a date may carry a time, and a field that does not apply may be `null`.

use thiserror::Error;

/// The first fault of the content, with the field where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum SchemaFault {
    /// A field that must be there is not.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// A field is of another type.
    #[error("the field `{0}` is of another type")]
    WrongType(&'static str),
    /// A text is longer than allowed.
    #[error("the field `{0}` is too long")]
    TooLong(&'static str),
    /// A value is not of the form or in the range that is asked for.
    #[error("the field `{0}` is not of the form that is asked for")]
    WrongForm(&'static str),
    /// None or several of vaccination, test and recovery, or several of one.
    #[error("there is not exactly one vaccination, test or recovery")]
    NotOneEntry,
}

/// The most characters of a name, an issuer, an id, a test or a place.
pub(crate) const TEXT_LENGTH_MAX: usize = 80;
/// The most characters of a code, for which the schema has no bound.
pub(crate) const CODE_LENGTH_MAX: usize = 256;

/// `^\d+.\d+.\d+$`, where the schema's dots stand for any character.
pub(crate) fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_number = |part: Option<&str>| {
        part.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    is_number(parts.next()) && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

/// `^((19|20)\d\d(-\d\d){0,2}){0,1}$`, alone or with a time.
pub(crate) fn is_birth_date(text: &str) -> bool {
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    if date.is_empty() {
        return text.is_empty();
    }
    let mut parts = date.split('-');
    let is_number = |part: &str, length| part.len() == length && part.bytes().all(|digit| digit.is_ascii_digit());
    let year = parts.next().unwrap_or_default();
    (year.starts_with("19") || year.starts_with("20"))
        && is_number(year, 4)
        && date.len() <= "1979-04-14".len()
        && parts.all(|part| is_number(part, 2))
}

/// `^[A-Z<]*$`.
pub(crate) fn is_transliterated(text: &str) -> bool {
    text.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'<')
}

/// `[A-Z]{1,10}`, which the schema does not anchor.
pub(crate) fn is_country(text: &str) -> bool {
    text.bytes().any(|letter| letter.is_ascii_uppercase())
}

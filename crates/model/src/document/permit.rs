//! 通行证: the permits with which residents of Hong Kong, Macau and Taiwan travel to the mainland.

use super::number::{self, CharacterClass, DocumentError, Lengths};

/// Reads H or M and eight digits, which stay with the holder for life; the renewal count of old cards is dropped.
pub(super) fn read_hong_kong_macau(typed: &str) -> Result<String, DocumentError> {
    Lengths::OneOf(&[9, 11]).expect(typed.len())?;
    let digits = std::iter::repeat(CharacterClass::Digit);
    number::expect_shape(typed, std::iter::once(CharacterClass::HongKongOrMacau).chain(digits))?;
    Ok(typed.chars().take(9).collect())
}

/// Reads eight digits, which stay with the holder for life.
///
/// Booklets issued before 25 September 2008 add a renewal count of two digits, and most of them the mark of the issuing
/// authority in brackets, a letter or a digit; both are dropped.
pub(super) fn read_taiwan(typed: &str) -> Result<String, DocumentError> {
    Lengths::OneOf(&[8, 10, 11]).expect(typed.len())?;
    let digits = [CharacterClass::Digit; 10];
    number::expect_shape(typed, digits.into_iter().chain([CharacterClass::LetterOrDigit]))?;
    Ok(typed.chars().take(8).collect())
}

/// Reads 8 to 12 letters and digits and keeps them all: a single-trip permit has a number of its own, of no published form.
pub(super) fn read_single_trip(typed: &str) -> Result<String, DocumentError> {
    Lengths::Between(8, 12).expect(typed.len())?;
    Ok(typed.to_owned())
}

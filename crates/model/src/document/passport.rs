//! 护照: passports of China and of other states.

use std::fmt;

use super::number::{self, CharacterClass, DocumentError, Lengths};

/// The state or organisation that issued a passport, as ICAO 9303 writes it: three letters, or `D` for Germany.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuingState([u8; 3]); // INVARIANT: upper-case letters, filled up with `<`

impl IssuingState {
    /// China, with the passports of Hong Kong and Macau.
    pub const CHINA: Self = Self(*b"CHN");

    const GERMANY: Self = Self(*b"D<<");

    /// Reads a code such as `CHN`, `UTO` or `D`; `DEU` means `D`.
    ///
    /// # Errors
    /// [`DocumentError::IssuingState`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        match text.as_bytes() {
            b"D" | b"DEU" => Ok(Self::GERMANY),
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(DocumentError::IssuingState),
        }
    }

    pub(super) const fn bytes(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for IssuingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().filter(|byte| **byte != b'<').try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for IssuingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads the number of a passport that this state issued.
///
/// A Chinese one has a letter (E and G are ordinary ones, H, K and M those of Hong Kong and Macau, D, P and S official
/// ones) and eight digits, or two letters and seven digits; any other has at most nine letters and digits (ICAO 9303).
pub(super) fn read(issuer: IssuingState, typed: &str) -> Result<String, DocumentError> {
    if issuer != IssuingState::CHINA {
        return Lengths::Between(5, 9).expect(typed.len()).map(|()| typed.to_owned());
    }
    Lengths::OneOf(&[9]).expect(typed.len())?;
    let second_is_letter = typed.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    let second = if second_is_letter { CharacterClass::LetterNotIO } else { CharacterClass::Digit };
    let digits = std::iter::repeat(CharacterClass::Digit);
    number::expect_shape(typed, [CharacterClass::PassportLetter, second].into_iter().chain(digits))?;
    Ok(typed.to_owned())
}

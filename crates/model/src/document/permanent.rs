//! 外国人永久居留身份证: 15 characters until November 2023, and since then 18 by the scheme of the resident number.

use jiff::civil::Date;

use super::number::{self, CharacterClass, DocumentError, LENGTH, Lengths};

const OLD_LENGTH: usize = 15;

/// Reads three letters and 12 digits, or 18 characters that begin with 9 and end with a check character.
///
/// An old and a new card of one person are two documents: neither number follows from the other.
pub(super) fn read(typed: &str, today: Date) -> Result<String, DocumentError> {
    match typed.len() {
        LENGTH => {
            let digits = std::iter::repeat_n(CharacterClass::Digit, LENGTH - 2);
            let nine = std::iter::once(CharacterClass::Nine);
            number::expect_shape(typed, nine.chain(digits).chain([CharacterClass::DigitOrX]))?;
            number::read_birth(typed, today)?;
            number::expect_check_character(typed)?;
        }
        OLD_LENGTH => {
            let digits = std::iter::repeat(CharacterClass::Digit);
            number::expect_shape(typed, [CharacterClass::Letter; 3].into_iter().chain(digits))?;
        }
        found => {
            let expected = Lengths::OneOf(&[LENGTH, OLD_LENGTH]);
            return Err(DocumentError::Length { found, expected });
        }
    }
    Ok(typed.to_owned())
}

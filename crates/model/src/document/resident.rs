//! 居民身份证 and 居住证: numbers of GB 11643-1999, and the 15 digits of GB 11643-1989 that they replaced.

use jiff::civil::Date;

use super::number::{self, CharacterClass, DocumentError, LENGTH, Lengths};
use crate::division::history;

const OLD_LENGTH: usize = 15;

/// The residence permits, whose address code names where the holder is from instead of a county.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResidencePermit {
    /// 香港居民居住证, 810000.
    HongKong,
    /// 澳门居民居住证, 820000.
    Macau,
    /// 台湾居民居住证, 830000 (where GB/T 2260 says 710000).
    Taiwan,
}

impl ResidencePermit {
    pub(super) fn of_number(number: &str) -> Option<Self> {
        match number.get(..6)? {
            "810000" => Some(Self::HongKong),
            "820000" => Some(Self::Macau),
            "830000" => Some(Self::Taiwan),
            _ => None,
        }
    }
}

/// Reads 18 characters, or 15 digits and completes them.
pub(super) fn read(typed: &str, today: Date) -> Result<String, DocumentError> {
    let number = match typed.len() {
        LENGTH => {
            let digits = std::iter::repeat_n(CharacterClass::Digit, LENGTH - 1);
            number::expect_shape(typed, digits.chain([CharacterClass::DigitOrX]))?;
            typed.to_owned()
        }
        OLD_LENGTH => {
            number::expect_shape(typed, [CharacterClass::Digit; OLD_LENGTH])?;
            complete(typed)
        }
        found => {
            let expected = Lengths::OneOf(&[LENGTH, OLD_LENGTH]);
            return Err(DocumentError::Length { found, expected });
        }
    };
    // A wrong birth date hides no wrong address code, and puts no right one in the wrong: any year may be meant.
    let birth = number::read_birth(&number, today);
    let birth_year = birth.map_or(number::BIRTH_YEAR_MIN, Date::year);
    if !can_have_given(&number, birth_year, today.year()) {
        return Err(DocumentError::AddressCode);
    }
    birth?;
    number::expect_check_character(&number)?;
    Ok(number)
}

/// The 18-digit form: sequence numbers 996 to 999 were kept for those born in the century before.
fn complete(old: &str) -> String {
    let (address, rest) = old.split_at_checked(6).unwrap_or((old, ""));
    let century = if matches!(rest.get(6..), Some("996" | "997" | "998" | "999")) { "18" } else { "19" };
    let body = [address, century, rest].concat();
    let check = number::check_character(&body);
    format!("{body}{check}")
}

/// Whether the county can have given a number to somebody born in that year.
///
/// A number is given once, in some year from the birth on (to many only when numbers began in 1984), and is kept for life
/// while counties come and go. So the code must have been in use in some year from the birth until today. A code that the
/// table does not know may be a county younger than it, and passes if the holder is that young too.
fn can_have_given(number: &str, birth_year: i16, year: i16) -> bool {
    let Some(code) = number.get(..6).and_then(|digits| digits.parse::<u32>().ok()) else { return false };
    if ResidencePermit::of_number(number).is_some() {
        return true;
    }
    let province = code / 10_000 * 10_000;
    let is_mainland = province < 700_000 && history::was_in_use(province, history::LAST_YEAR, year);
    let is_newer = birth_year >= history::LAST_YEAR && !history::is_listed(code);
    is_mainland && code != province && (history::was_in_use(code, birth_year, year) || is_newer)
}

//! What the numbers of all kinds share: normal form, shape, dates, the check character, and what can be wrong.

use std::fmt;

use jiff::civil::Date;
use thiserror::Error;

/// Characters in a resident number, and in those that follow its scheme.
pub(super) const LENGTH: usize = 18;

/// Nobody who was alive when numbers were first given, in 1984, was born earlier.
pub(super) const BIRTH_YEAR_MIN: i16 = 1850;

/// Which part of a document number is wrong; it never contains the number.
///
/// The variants stand in order of precedence, but a sign that is in no number at all comes before a wrong length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// The state that issued a passport is missing.
    #[error("the issuing state is missing; choose the state that issued the passport")]
    IssuingState,
    /// Nothing was typed.
    #[error("the number is missing; type it as it stands on the document")]
    Empty,
    /// Too few or too many characters.
    #[error("{found} characters were typed and the number has {expected}; compare it with the document")]
    Length {
        /// How many there are, without spaces, hyphens and brackets.
        found: usize,
        /// How many there can be.
        expected: Lengths,
    },
    /// A character that this kind of number does not have there.
    #[error("character {position} is not {expected}; compare it with the document")]
    Character {
        /// Counted from 1, without spaces, hyphens and brackets.
        position: usize,
        /// What stands there on a real document.
        expected: CharacterClass,
    },
    /// The first six digits are the code of no county that can have given the number.
    #[error("the first six digits name no county that can have given the number; compare them with the card")]
    AddressCode,
    /// The digits of the birth date are no date of the calendar, or one too long ago.
    #[error("the birth date in the number is no possible date; compare digits 7 to 14, or 7 to 12 of an old number")]
    BirthDate,
    /// The birth date lies after today.
    #[error("the birth date in the number lies in the future; compare digits 7 to 14 with the card")]
    BirthDateInFuture,
    /// The last character does not follow from the others, so that one of them is wrong.
    #[error("the last character does not fit the others; compare the whole number with the card, digit by digit")]
    CheckCharacter,
}

/// What must stand at one position of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterClass {
    /// 0 to 9.
    Digit,
    /// A to Z.
    Letter,
    /// 0 to 9 or A to Z.
    LetterOrDigit,
    /// 0 to 9, or X for ten.
    DigitOrX,
    /// H for Hong Kong or M for Macau.
    HongKongOrMacau,
    /// 9, which marks a foreign holder.
    Nine,
    /// The first letter of a Chinese passport number.
    PassportLetter,
    /// A letter other than I and O, which look like digits.
    LetterNotIO,
}

impl CharacterClass {
    const fn matches(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Letter => byte.is_ascii_uppercase(),
            Self::LetterOrDigit => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::DigitOrX => byte.is_ascii_digit() || byte == b'X',
            Self::HongKongOrMacau => matches!(byte, b'H' | b'M'),
            Self::Nine => byte == b'9',
            Self::PassportLetter => matches!(byte, b'D' | b'E' | b'G' | b'H' | b'K' | b'M' | b'P' | b'S'),
            Self::LetterNotIO => byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O'),
        }
    }
}

impl fmt::Display for CharacterClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digit => "a digit",
            Self::Letter => "a letter from A to Z",
            Self::LetterOrDigit => "a digit or a letter from A to Z",
            Self::DigitOrX => "a digit or X",
            Self::HongKongOrMacau => "H or M",
            Self::Nine => "a 9",
            Self::PassportLetter => "one of D, E, G, H, K, M, P and S",
            Self::LetterNotIO => "a letter other than I and O",
        })
    }
}

/// How many characters a number can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// One of these counts.
    OneOf(&'static [usize]),
    /// Any count from the first to the last.
    Between(usize, usize),
}

impl Lengths {
    /// Refuses a number that is shorter or longer.
    pub(super) fn expect(self, found: usize) -> Result<(), DocumentError> {
        let fits = match self {
            Self::OneOf(counts) => counts.contains(&found),
            Self::Between(first, last) => (first..=last).contains(&found),
        };
        if fits { Ok(()) } else { Err(DocumentError::Length { found, expected: self }) }
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(counts) => counts.iter().enumerate().try_for_each(|(index, count)| {
                let before = if index == 0 { "" } else { " or " };
                write!(f, "{before}{count}")
            }),
            Self::Between(first, last) => write!(f, "{first} to {last}"),
        }
    }
}

/// The text in upper-case letters and digits, without the spaces, hyphens and brackets of careless typing.
pub(super) fn typed(text: &str) -> Result<String, DocumentError> {
    let typed = normal_form(text);
    if typed.is_empty() {
        return Err(DocumentError::Empty);
    }
    match typed.chars().position(|character| !character.is_ascii_alphanumeric()) {
        Some(index) => Err(DocumentError::Character { position: index + 1, expected: CharacterClass::LetterOrDigit }),
        None => Ok(typed),
    }
}

/// Reads the number of a document of some other kind: letters and digits of any script.
pub(super) fn read_other(text: &str) -> Result<String, DocumentError> {
    let typed = normal_form(text);
    if typed.is_empty() {
        return Err(DocumentError::Empty);
    }
    match typed.chars().position(|character| !character.is_alphanumeric()) {
        Some(index) => Err(DocumentError::Character { position: index + 1, expected: CharacterClass::LetterOrDigit }),
        None => Lengths::Between(1, 40).expect(typed.chars().count()).map(|()| typed),
    }
}

fn normal_form(text: &str) -> String {
    let half_width = |character: char| match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        _ => character,
    };
    let is_noise = |character: char| {
        character.is_whitespace()
            || matches!(character, '-' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    text.chars().map(half_width).filter(|c| !is_noise(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

/// Checks each character against the class of its position; both are equally long.
pub(super) fn expect_shape(typed: &str, shape: impl IntoIterator<Item = CharacterClass>) -> Result<(), DocumentError> {
    let wrong = typed.bytes().zip(shape).enumerate().find(|(_, (byte, class))| !class.matches(*byte));
    wrong.map_or(Ok(()), |(index, (_, expected))| Err(DocumentError::Character { position: index + 1, expected }))
}

/// The eight digits of the birth date in a number of the resident scheme.
pub(super) fn birth_digits(number: &str) -> Option<&str> {
    number.get(6..14)
}

/// The date of eight digits, year first.
pub(super) fn civil_date(digits: &str) -> Option<Date> {
    let (year, month_day) = digits.split_at_checked(4)?;
    let (month, day) = month_day.split_at_checked(2)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The birth date in a number of the resident scheme, if it is a possible one.
pub(super) fn read_birth(number: &str, today: Date) -> Result<Date, DocumentError> {
    match birth_digits(number).and_then(civil_date) {
        Some(birth) if birth > today => Err(DocumentError::BirthDateInFuture),
        Some(birth) if birth.year() >= BIRTH_YEAR_MIN => Ok(birth),
        _ => Err(DocumentError::BirthDate),
    }
}

/// Checks the last of eighteen characters.
pub(super) fn expect_check_character(number: &str) -> Result<(), DocumentError> {
    let (body, last) = number.split_at_checked(LENGTH - 1).unwrap_or((number, ""));
    if last.chars().eq([check_character(body)]) { Ok(()) } else { Err(DocumentError::CheckCharacter) }
}

/// The check character of these digits by ISO 7064, MOD 11-2.
pub(super) fn check_character(digits: &str) -> char {
    let product = digits.bytes().fold(0, |product, digit| (product + u32::from(digit - b'0')) * 2 % 11);
    char::from_digit((12 - product) % 11, 10).unwrap_or('X')
}

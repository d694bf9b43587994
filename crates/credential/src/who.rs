//! Whose code it is: the last character of the name and the day of the month of birth, compared by eye with the card.
//!
//! A live code carries only a salted commitment to them; the holder opens it by a tap. Source: docs/CODE.md, "Whose code".

use thiserror::Error;
use yima_model::Personal;

use crate::cbor::{Encoder, Reader, WrongShape};
use crate::key::truncated_sha256;

/// Why a name or a day gives no mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WhoError {
    /// The name has no letter or character.
    #[error("the name has no letter; write it as on the document")]
    NoLetter,
    /// The day of the month of birth is 1 to 31.
    #[error("the day of birth is no day of a month; write 1 to 31")]
    NoDay,
}

/// The last letter or character of a name; shown behind an asterisk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameMark(Personal<char>); // INVARIANT: alphabetic, so neither a control nor a mark of direction

impl NameMark {
    /// The mark of a name as it stands on the document.
    ///
    /// # Errors
    /// [`WhoError::NoLetter`] when nothing in it is a letter.
    pub fn of(name: &Personal<String>) -> Result<Self, WhoError> {
        let last = name.reveal().chars().rfind(|character| character.is_alphabetic());
        last.map(|last| Self(Personal::new(last))).ok_or(WhoError::NoLetter)
    }

    /// The character.
    pub const fn reveal(&self) -> char {
        *self.0.reveal()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.text(self.reveal().encode_utf8(&mut [0; 4]));
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, WrongShape> {
        let mut characters = reader.text()?.chars();
        match (characters.next(), characters.next()) {
            (Some(last), None) if last.is_alphabetic() => Ok(Self(Personal::new(last))),
            _ => Err(WrongShape),
        }
    }
}

/// Whose code it is, in at most 14 bits of information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    name: NameMark,
    day: Personal<u8>, // INVARIANT: 1 to 31
}

impl Who {
    /// The bits of a person with this name, born on this day of a month.
    ///
    /// # Errors
    /// [`WhoError`] when the name has no letter or the day is no day.
    pub fn of(name: &Personal<String>, day_of_birth: u8) -> Result<Self, WhoError> {
        let name = NameMark::of(name)?;
        if !(1..=31).contains(&day_of_birth) {
            return Err(WhoError::NoDay);
        }
        Ok(Self { name, day: Personal::new(day_of_birth) })
    }

    /// The last character of the name.
    pub const fn name(&self) -> &NameMark {
        &self.name
    }

    /// The day of the month of birth.
    pub const fn reveal_day(&self) -> u8 {
        *self.day.reveal()
    }

    /// Writes the two items character and day.
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        self.name.encode(encoder);
        encoder.unsigned(self.reveal_day());
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, WrongShape> {
        let name = NameMark::decode(reader)?;
        match u8::try_from(reader.unsigned()?) {
            Ok(day @ 1..=31) => Ok(Self { name, day: Personal::new(day) }),
            _ => Err(WrongShape),
        }
    }
}

/// What a live credential carries instead of the bits: a hash that says nothing without the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WhoCommitment([u8; 16]);

impl WhoCommitment {
    /// The commitment with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What opens a commitment. The issuer makes one for each credential; only the holder's device keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoOpening {
    /// 16 random bytes of the issuer.
    pub salt: Personal<[u8; 16]>,
    /// The bits.
    pub who: Who,
}

impl WhoOpening {
    /// The commitment that this opens: the first 16 bytes of SHA-256 over `YM1 who`, salt, day, character in UTF-8.
    pub fn commitment(&self) -> WhoCommitment {
        let mut message = Vec::with_capacity(32);
        message.extend_from_slice(b"YM1 who");
        message.extend_from_slice(self.salt.reveal());
        message.push(self.who.reveal_day());
        message.extend_from_slice(self.who.name.reveal().encode_utf8(&mut [0; 4]).as_bytes());
        WhoCommitment(truncated_sha256(&message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Personal<String> {
        Personal::new(text.to_owned())
    }

    #[test]
    fn the_mark_is_the_last_letter() {
        let check = |text, mark| assert_eq!(NameMark::of(&name(text)).map(|mark| mark.reveal()), mark, "{text}");
        check("王小明", Ok('明'));
        check("买买提·吐尔逊", Ok('逊'));
        check("𠮷田", Ok('田'));
        check("王𠮷", Ok('𠮷'));
        check("SMITH JOHN Jr.", Ok('r'));
        check("X Æ A-12", Ok('A'));
        check("王明\u{202e}", Ok('明'));
        check("", Err(WhoError::NoLetter));
        check("123 *", Err(WhoError::NoLetter));
    }

    #[test]
    fn the_day_is_one_of_a_month() {
        for day in [1, 31] {
            assert_eq!(Who::of(&name("明"), day).map(|who| who.reveal_day()), Ok(day));
        }
        for day in [0, 32] {
            assert_eq!(Who::of(&name("明"), day), Err(WhoError::NoDay));
        }
    }

    #[test]
    fn a_commitment_depends_on_salt_day_and_name() {
        let opening = |salt, text, day| {
            WhoOpening { salt: Personal::new([salt; 16]), who: Who::of(&name(text), day).unwrap() }.commitment()
        };
        let first = opening(1, "明", 7);
        assert_eq!(first, opening(1, "小明", 7));
        for other in [opening(2, "明", 7), opening(1, "明", 8), opening(1, "红", 7)] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn debug_hides_the_bits() {
        let who = Who::of(&name("王小明"), 27).unwrap();
        let text = format!("{who:?}");
        assert!(!text.contains('明') && !text.contains("27"), "{text}");
    }
}

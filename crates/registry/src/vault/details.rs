//! Personal details as the vault keeps them: texts, contacts, documents, each parsed before it is sealed.

use jiff::civil::Date;
use thiserror::Error;
use yima_model::document::IssuingState;
use yima_model::fact::{Channel, DwellingRole};
use yima_model::{Document, DocumentKind, Personal};

/// A name or the free text of an address: one line without control characters or marks that turn its direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalText(Personal<Box<str>>); // INVARIANT: trimmed, not empty, CHARACTERS_MAX at most, one line

/// A phone number or e-mail address in one normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactAddress {
    channel: ContactChannel,
    address: Personal<Box<str>>, // INVARIANT: normalised for the channel
}

/// A means of reaching somebody from afar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactChannel {
    /// A phone.
    Phone,
    /// E-mail.
    Email,
}

impl ContactChannel {
    /// The channel as facts name it.
    pub const fn fact_channel(self) -> Channel {
        match self {
            Self::Phone => Channel::Phone,
            Self::Email => Channel::Email,
        }
    }
}

/// What is wrong with a personal detail; it never contains the detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DetailError {
    /// A text is empty, too long, or has characters that cannot stand on one line.
    #[error("write 1 to {} characters on one line", PersonalText::CHARACTERS_MAX)]
    NotALine,
    /// Not a phone number.
    #[error("not a phone number; write 11 digits, or + and the number with its country code")]
    NotAPhoneNumber,
    /// Not an e-mail address.
    #[error("not an e-mail address; write it as name@example.com")]
    NotAnEmailAddress,
}

impl PersonalText {
    /// The longest text, in characters; names of 47 letters exist, addresses are longer.
    pub const CHARACTERS_MAX: usize = 200;

    /// Reads a text as a person types it.
    ///
    /// # Errors
    /// [`DetailError::NotALine`].
    pub fn parse(text: &str) -> Result<Self, DetailError> {
        let text = text.trim();
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let fits = (1..=Self::CHARACTERS_MAX).contains(&text.chars().count());
        if !fits || text.chars().any(|c| c.is_control() || turns(c)) {
            return Err(DetailError::NotALine);
        }
        Ok(Self(Personal::new(text.into())))
    }

    /// The text, for the person concerned.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl ContactAddress {
    /// Reads a phone number; eleven digits that begin with 1 are a mobile number of China.
    ///
    /// # Errors
    /// [`DetailError::NotAPhoneNumber`].
    pub fn phone(text: &str) -> Result<Self, DetailError> {
        let typed: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let (digits, has_country) = match typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")) {
            Some(digits) => (digits, true),
            None => (typed.as_str(), false),
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let address = match (has_country, digits.len()) {
            (true, 7..=15) if is_number && !digits.starts_with('0') => format!("+{digits}"),
            (false, 11) if is_number && digits.starts_with('1') => format!("+86{digits}"),
            _ => return Err(DetailError::NotAPhoneNumber),
        };
        Ok(Self { channel: ContactChannel::Phone, address: Personal::new(address.into()) })
    }

    /// Reads an e-mail address; case makes no difference.
    ///
    /// # Errors
    /// [`DetailError::NotAnEmailAddress`].
    pub fn email(text: &str) -> Result<Self, DetailError> {
        const LENGTH_MAX: usize = 254;
        let address = text.trim().to_lowercase();
        let is_address = address.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && !domain.contains('@')
                && domain.split('.').count() > 1
                && domain.split('.').all(|part| !part.is_empty())
        });
        let is_plain =
            address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | '"'));
        if !is_address || !is_plain || address.len() > LENGTH_MAX {
            return Err(DetailError::NotAnEmailAddress);
        }
        Ok(Self { channel: ContactChannel::Email, address: Personal::new(address.into()) })
    }

    /// Phone or e-mail.
    pub const fn channel(&self) -> ContactChannel {
        self.channel
    }

    /// The number or address, for sending something to it.
    pub fn reveal(&self) -> &str {
        self.address.reveal()
    }

    /// The bytes under which the vault looks it up.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let sort = match self.channel {
            ContactChannel::Phone => b'p',
            ContactChannel::Email => b'e',
        };
        [&[sort], self.reveal().as_bytes()].concat()
    }

    pub(super) fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let (sort, rest) = bytes.split_first()?;
        let text = std::str::from_utf8(rest).ok()?;
        match sort {
            b'p' => Self::phone(text).ok(),
            b'e' => Self::email(text).ok(),
            _ => None,
        }
    }
}

/// Reads back the canonical bytes of a document.
pub(super) fn document_from_canonical(bytes: &[u8]) -> Option<Document> {
    let (kind, rest) = bytes.split_first()?;
    let (issuer, number) = rest.split_first_chunk::<3>()?;
    let issuer = match std::str::from_utf8(issuer).ok()?.trim_end_matches('<') {
        "" => None,
        issuer => Some(IssuingState::parse(issuer).ok()?),
    };
    let number = std::str::from_utf8(number).ok()?;
    // The birth date was compared with the day of registration; any later day says nothing new.
    Document::parse(DocumentKind::from_code(*kind)?, issuer, number, Date::MAX).ok()
}

/// Everything that the vault knows of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The name.
    pub name: Option<PersonalText>,
    /// The free text of each address.
    pub addresses: Vec<(DwellingRole, PersonalText)>,
    /// The documents, by no particular order.
    pub documents: Vec<Document>,
    /// The phones and e-mail addresses.
    pub contacts: Vec<ContactAddress>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_plain_line() {
        for name in ["王小明", " Ana María ", "𠮷野", "Ng", "a"] {
            assert_eq!(PersonalText::parse(name).unwrap().reveal(), name.trim());
        }
        for name in ["", "  ", "a\nb", "a\u{202e}b", "a\u{0}b", "a\u{200f}", &"a".repeat(201)] {
            assert_eq!(PersonalText::parse(name), Err(DetailError::NotALine), "{name:?}");
        }
    }

    #[test]
    fn phones_and_addresses_have_one_form() {
        let phone = |text| ContactAddress::phone(text).map(|contact| contact.reveal().to_owned());
        for text in ["13800138000", "138 0013 8000", "+8613800138000", "0086-138-0013-8000"] {
            assert_eq!(phone(text).as_deref(), Ok("+8613800138000"), "{text}");
        }
        assert_eq!(phone("+852 2345 6789").as_deref(), Ok("+85223456789"));
        for text in ["", "1380013800", "23800138000", "+", "+0123456789", "+1234567890123456", "1380013800x"] {
            assert_eq!(phone(text), Err(DetailError::NotAPhoneNumber), "{text}");
        }
        let email = |text| ContactAddress::email(text).map(|contact| contact.reveal().to_owned());
        assert_eq!(email(" Ming@Example.COM ").as_deref(), Ok("ming@example.com"));
        for text in ["", "a", "@b.c", "a@", "a@b", "a@b..c", "a@b@c.d", "a b@c.d", "a@b.c\r\nBcc: x@y.z", "<a@b.c>"] {
            assert_eq!(email(text), Err(DetailError::NotAnEmailAddress), "{text}");
        }
    }

    #[test]
    fn details_are_read_back_from_their_canonical_bytes() {
        for contact in [ContactAddress::phone("+85223456789").unwrap(), ContactAddress::email("a@b.cn").unwrap()] {
            assert_eq!(ContactAddress::from_canonical(&contact.canonical()), Some(contact));
        }
        let today = Date::constant(2020, 2, 25);
        for document in [
            Document::parse(DocumentKind::ResidentId, None, "61010219900101001X", today).unwrap(),
            Document::parse(DocumentKind::Passport, Some(IssuingState::parse("D").unwrap()), "C01X00T47", today)
                .unwrap(),
            Document::parse(DocumentKind::Other, None, "A-1", today).unwrap(),
        ] {
            assert_eq!(document_from_canonical(&document.canonical()), Some(document));
        }
        assert_eq!(document_from_canonical(b""), None);
        assert_eq!(document_from_canonical(&[10]), None);
    }
}

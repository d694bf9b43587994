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

/// A date of birth that somebody stated, for a person whose documents do not carry one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BirthDate {
    date: Personal<Date>,
    is_confirmed: bool,
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
    /// Not a date on which somebody alive can have been born.
    #[error("not a date of birth; write year, month and day as in 1990-01-31")]
    NotABirthDate,
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

impl BirthDate {
    /// How old anybody can be.
    const YEARS_MAX: i16 = 130;

    /// Reads a date such as 1990-01-31 that lies within 130 years before `today`; `is_confirmed` says whether a desk has
    /// seen it on the document.
    ///
    /// # Errors
    /// [`DetailError::NotABirthDate`].
    pub fn parse(text: &str, today: Date, is_confirmed: bool) -> Result<Self, DetailError> {
        let text = text.trim();
        // The parser would take a time of day too, and leave it out.
        let date = Some(text).filter(|text| text.len() == Self::LENGTH).and_then(|text| text.parse::<Date>().ok());
        let is_possible = |date: &Date| *date <= today && today.year() - date.year() <= Self::YEARS_MAX;
        let date = date.filter(is_possible).ok_or(DetailError::NotABirthDate)?;
        Ok(Self { date: Personal::new(date), is_confirmed })
    }

    const LENGTH: usize = "1990-01-31".len();

    /// The date.
    pub const fn date(&self) -> &Personal<Date> {
        &self.date
    }

    /// Whether a desk has seen it on the document.
    pub const fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    pub(super) fn canonical(&self) -> Vec<u8> {
        [&[u8::from(self.is_confirmed)], self.date.reveal().to_string().as_bytes()].concat()
    }

    pub(super) fn from_canonical(bytes: &[u8]) -> Option<Self> {
        let (is_confirmed, date) = bytes.split_first()?;
        let date = std::str::from_utf8(date).ok()?.parse().ok()?;
        Some(Self { date: Personal::new(date), is_confirmed: *is_confirmed != 0 })
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
    /// The date of birth that was stated.
    pub stated_birth: Option<BirthDate>,
}

impl Details {
    /// The free text of the address where the person is: the present one before the home.
    pub fn address(&self) -> Option<&PersonalText> {
        let of = |role| self.addresses.iter().find(|(known, _)| *known == role).map(|(_, text)| text);
        of(DwellingRole::Present).or_else(|| of(DwellingRole::Home))
    }

    /// The date of birth: that of a document where one carries it, otherwise the one that was stated.
    pub fn birth(&self) -> Option<Personal<Date>> {
        let documented = self.documents.iter().find_map(Document::birth);
        documented.or_else(|| self.stated_birth.as_ref().map(|birth| birth.date().clone()))
    }
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
    fn a_date_of_birth_is_a_day_on_which_somebody_alive_was_born() {
        let today = Date::constant(2020, 12, 14);
        let parse = |text| BirthDate::parse(text, today, true);
        for (text, date) in [
            ("2020-12-14", today),
            (" 1890-01-01 ", Date::constant(1890, 1, 1)),
            ("2000-02-29", Date::constant(2000, 2, 29)),
        ] {
            let birth = parse(text).unwrap();
            assert_eq!((birth.date().reveal(), birth.is_confirmed()), (&date, true));
            assert_eq!(BirthDate::from_canonical(&birth.canonical()), Some(birth));
        }
        for text in
            ["", "2020-12-15", "1889-12-31", "1999-02-29", "19900101", "1990-1-1", "1990-01-01T00:00", "31.1.90"]
        {
            assert_eq!(parse(text), Err(DetailError::NotABirthDate), "{text}");
        }
        assert!(!format!("{:?}", parse("1990-01-31")).contains("31"), "it is hidden");
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

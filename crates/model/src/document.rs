//! Identity documents: their kinds, and numbers that exist only once they were read and found right.

mod number;
mod passport;
mod permanent;
mod permit;
mod resident;

use jiff::civil::Date;

pub use number::{CharacterClass, DocumentError, Lengths};
pub use passport::IssuingState;
pub use resident::ResidencePermit;

use crate::personal::Personal;

/// 证件类型, with the codes of the national health code family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// 10 居民身份证, and the residence permits that share its number scheme.
    ResidentId,
    /// 14 港澳居民来往内地通行证.
    HongKongMacauPermit,
    /// 15 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 16 一次性台湾居民来往大陆通行证.
    TaiwanSingleTripPermit,
    /// 20 护照.
    Passport,
    /// 34 外国人永久居留证.
    PermanentResidentCard,
    /// 99 其他.
    Other,
}

impl DocumentKind {
    /// All seven, by code.
    pub const ALL: [Self; 7] = [
        Self::ResidentId,
        Self::HongKongMacauPermit,
        Self::TaiwanPermit,
        Self::TaiwanSingleTripPermit,
        Self::Passport,
        Self::PermanentResidentCard,
        Self::Other,
    ];

    /// The two-digit code that provincial interfaces exchange.
    pub const fn code(self) -> u8 {
        match self {
            Self::ResidentId => 10,
            Self::HongKongMacauPermit => 14,
            Self::TaiwanPermit => 15,
            Self::TaiwanSingleTripPermit => 16,
            Self::Passport => 20,
            Self::PermanentResidentCard => 34,
            Self::Other => 99,
        }
    }

    /// The kind with that code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One identity document: its kind, who issued it where that matters, and its number in one normal form.
///
/// Two texts that mean the same document are equal: full-width digits, spaces, hyphens, brackets and lower-case letters
/// are normalised, the 15-digit resident number becomes the 18-digit one, and the renewal count of old travel permits is
/// dropped, since the number before it stays with the holder for life.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Document {
    kind: DocumentKind,
    issuer: Option<IssuingState>, // INVARIANT: present on a passport, absent on what only China issues
    number: Personal<Box<str>>,   // INVARIANT: normalised, and right for the kind
}

impl Document {
    /// Reads a number as a person types it.
    ///
    /// A passport number is unique only within the state that issued it, so `issuer` is required for a passport, kept for
    /// [`DocumentKind::Other`] and not looked at for the rest, which China issues. `today` is the civil date at the
    /// holder's place; a later birth date is refused.
    ///
    /// # Errors
    /// [`DocumentError`] names the first wrong part: length and characters before address code, birth date, check character.
    pub fn parse(
        kind: DocumentKind,
        issuer: Option<IssuingState>,
        text: &str,
        today: Date,
    ) -> Result<Self, DocumentError> {
        let (issuer, number) = match kind {
            DocumentKind::Passport => {
                let issuer = issuer.ok_or(DocumentError::IssuingState)?;
                (Some(issuer), passport::read(issuer, &number::typed(text)?)?)
            }
            DocumentKind::Other => (issuer, number::read_other(text)?),
            DocumentKind::ResidentId => (None, resident::read(&number::typed(text)?, today)?),
            DocumentKind::HongKongMacauPermit => (None, permit::read_hong_kong_macau(&number::typed(text)?)?),
            DocumentKind::TaiwanPermit => (None, permit::read_taiwan(&number::typed(text)?)?),
            DocumentKind::TaiwanSingleTripPermit => (None, permit::read_single_trip(&number::typed(text)?)?),
            DocumentKind::PermanentResidentCard => (None, permanent::read(&number::typed(text)?, today)?),
        };
        Ok(Self { kind, issuer, number: Personal::new(number.into()) })
    }

    /// Its kind.
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The state that issued it, on a passport and perhaps on another kind of document.
    pub const fn issuer(&self) -> Option<IssuingState> {
        self.issuer
    }

    /// The normalised number; [`Document::parse`] reads it back to an equal document.
    pub const fn number(&self) -> &Personal<Box<str>> {
        &self.number
    }

    /// The holder's date of birth, where the number carries it.
    pub fn birth(&self) -> Option<Personal<Date>> {
        let carries_birth = match self.kind {
            DocumentKind::ResidentId => true,
            DocumentKind::PermanentResidentCard => self.number.reveal().len() == number::LENGTH,
            DocumentKind::HongKongMacauPermit
            | DocumentKind::TaiwanPermit
            | DocumentKind::TaiwanSingleTripPermit
            | DocumentKind::Passport
            | DocumentKind::Other => false,
        };
        let birth = number::birth_digits(self.number.reveal()).and_then(number::civil_date);
        carries_birth.then_some(birth).flatten().map(Personal::new)
    }

    /// Which residence permit (港澳台居民居住证) this is, if it is one rather than a resident ID card.
    pub fn residence_permit(&self) -> Option<ResidencePermit> {
        match self.kind {
            DocumentKind::ResidentId => ResidencePermit::of_number(self.number.reveal()),
            DocumentKind::HongKongMacauPermit
            | DocumentKind::TaiwanPermit
            | DocumentKind::TaiwanSingleTripPermit
            | DocumentKind::Passport
            | DocumentKind::PermanentResidentCard
            | DocumentKind::Other => None,
        }
    }

    /// The bytes under which a vault looks the document up: kind, issuing state (`<<<` if none), number.
    pub fn canonical(&self) -> Vec<u8> {
        let issuer = self.issuer.map_or(*b"<<<", IssuingState::bytes);
        [&[self.kind.code()], issuer.as_slice(), self.number.reveal().as_bytes()].concat()
    }
}

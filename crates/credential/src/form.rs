//! The form of a code: from its text to claims that nobody has verified yet.

use yima_model::Personal;

use crate::base45;
use crate::cbor::{self, Reader, WrongShape};
use crate::claims::{Claims, ClaimsFault, LiveClaims, PaperClaims};
use crate::code::PREFIX;
use crate::cose::{FormFault, Sign1, TAG_CWT, TAG_SIGN1};
use crate::key::KeyId;
use crate::refusal::Refusal;
use crate::seconds::Seconds;
use crate::who::{Who, WhoOpening};

/// The most characters of a code: what a QR of version 15, level M, holds.
pub const TEXT_LENGTH_MAX: usize = 600;

/// The bytes in the text of a code.
pub(crate) fn decode_text(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    let digits = text.strip_prefix(PREFIX).ok_or(Refusal::NotOurs)?;
    if text.chars().nth(TEXT_LENGTH_MAX).is_some() {
        return Err(Refusal::Oversized);
    }
    base45::decode(digits).ok_or(Refusal::Base45Invalid)
}

/// A code whose form is right and whose signatures nobody has checked.
#[derive(Debug)]
pub(crate) struct Form<'a> {
    pub(crate) credential: Sign1<'a>,
    pub(crate) content: Content<'a>,
}

/// What a code is made of.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    Live(LiveClaims, Presentation<'a>),
    BareLive(LiveClaims),
    Paper(PaperClaims),
}

/// The device's layer around a live credential.
#[derive(Debug)]
pub(crate) struct Presentation<'a> {
    pub(crate) signed: Sign1<'a>,
    pub(crate) at: Seconds,
    pub(crate) opening: Option<WhoOpening>,
}

impl<'a> Form<'a> {
    /// Reads the outer object: a CWT is a bare credential, a plain COSE_Sign1 is a device's presentation of one.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        cbor::check(bytes).map_err(FormFault::from)?;
        let (credential, presentation) = match Reader::new(bytes).tag() {
            Ok(TAG_CWT) => (bytes, None),
            _ => {
                let signed = Sign1::parse(bytes, &[TAG_SIGN1])?;
                let (credential, at, opening) =
                    read_presentation(signed.payload).map_err(|WrongShape| Refusal::PresentationInvalid)?;
                (credential, Some(Presentation { signed, at, opening }))
            }
        };
        let credential = Sign1::parse(credential, &[TAG_CWT, TAG_SIGN1])?;
        let content = match (Claims::parse(credential.payload)?, presentation) {
            (Claims::Live(claims), Some(presentation)) => Content::Live(claims, presentation),
            (Claims::Live(claims), None) => Content::BareLive(claims),
            (Claims::Paper(claims), None) => Content::Paper(claims),
            (Claims::Paper(_), Some(_)) => return Err(Refusal::PresentationInvalid),
        };
        Ok(Self { credential, content })
    }
}

pub(crate) fn read_presentation(payload: &[u8]) -> Result<(&[u8], Seconds, Option<WhoOpening>), WrongShape> {
    let mut reader = Reader::new(payload);
    let length = reader.array()?;
    if !(2..=3).contains(&length) {
        return Err(WrongShape);
    }
    let credential = reader.bytes()?;
    let at = Seconds::new(reader.u32()?);
    let opening = match length {
        2 => None,
        _ => {
            reader.array_of(3)?;
            let salt = Personal::new(*reader.byte_array()?);
            Some(WhoOpening { salt, who: Who::decode(&mut reader)? })
        }
    };
    Ok((credential, at, opening))
}

impl From<ClaimsFault> for Refusal {
    fn from(fault: ClaimsFault) -> Self {
        match fault {
            ClaimsFault::Form(fault) => Self::Form(fault),
            ClaimsFault::Missing => Self::ClaimMissing,
            ClaimsFault::Invalid => Self::ClaimInvalid,
            ClaimsFault::LifetimeInvalid => Self::LifetimeInvalid,
        }
    }
}

/// What a code says, with nothing verified: for looking at, never for deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// The key that the credential names.
    pub key_id: Option<KeyId>,
    /// The claims of the credential.
    pub claims: Claims,
    /// What the device added, if it is a presentation.
    pub presented: Option<Presented>,
}

/// What a device adds to a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// When, by the device's clock.
    pub at: Seconds,
    /// Whose code it is, if the holder tapped for it; the commitment was not compared.
    pub who: Option<Who>,
}

/// Reads a code without verifying anything.
///
/// # Errors
/// The [`Refusal`] of a code whose form is wrong.
pub fn inspect(text: &str) -> Result<Unverified, Refusal> {
    let bytes = decode_text(text)?;
    let form = Form::parse(&bytes)?;
    let key_id = form.credential.key_id;
    let (claims, presented) = match form.content {
        Content::Live(claims, Presentation { at, opening, .. }) => {
            (Claims::Live(claims), Some(Presented { at, who: opening.map(|opening| opening.who) }))
        }
        Content::BareLive(claims) => (Claims::Live(claims), None),
        Content::Paper(claims) => (Claims::Paper(claims), None),
    };
    Ok(Unverified { key_id, claims, presented })
}

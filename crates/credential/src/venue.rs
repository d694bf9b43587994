//! Venue tokens: what the screen at the entrance of a venue shows, and what a visitor's phone makes of it.
//!
//! An issuer gives the venue's device a credential; every half minute the device signs it with the time. Whoever scans the
//! token learns which venue it is and that its screen was seen just now, and tells nobody. Source: docs/CODE.md, "Venues".

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use thiserror::Error;
use yima_model::{AreaCode, Timestamp};

use crate::cbor::{Encoder, Reader};
use crate::claims::{ClaimsFault, Issuer, MODE_VENUE, each_entry, key, lifetime, read_confirmation, read_seconds};
use crate::code::sign_credential;
use crate::cose::{self, FormFault, HeaderContent, Sign1, TAG_CWT, TAG_SIGN1};
use crate::form::{TEXT_LENGTH_MAX, read_presentation};
use crate::key::{Coordinates, KeyError, PublicKey, Signer, encode_cose_key};
use crate::refusal::Refusal;
use crate::seconds::Seconds;
use crate::trust_list::{KeyUse, TrustList};
use crate::verify::{check_fresh, check_key, check_term};
use crate::warning_list::WarningList;

/// The longest life of the credential of a venue's device: so long goes on what was stolen.
pub const VENUE_SECONDS_MAX: u32 = 24 * 3600;
/// The most bytes of the name of a venue.
pub const VENUE_NAME_LENGTH_MAX: usize = 60;
/// What stands before the token in its link; a browser sends nothing of it to any server.
pub const LINK_PART: &str = "#venue=";

/// A random id of one venue; whoever was there knows it, and lists of warnings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VenueId([u8; 16]);

impl VenueId {
    /// The id with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What a venue is called: 1 to 60 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueName(String);

/// Why a text is no name of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a venue has a name of 1 to {VENUE_NAME_LENGTH_MAX} bytes without control characters; shorten it")]
pub struct VenueNameError;

impl VenueName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`VenueNameError`] when it is empty, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, VenueNameError> {
        let fits = (1..=VENUE_NAME_LENGTH_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(VenueNameError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the credential of a venue's device says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueClaims {
    /// Who stands behind it.
    pub issuer: Issuer,
    /// When it was issued.
    pub issued: Seconds,
    /// The first instant at which it no longer counts, at most 24 hours later.
    pub expires: Seconds,
    /// The public key of the device.
    pub device: Coordinates,
    /// Which venue.
    pub venue: VenueId,
    /// What it is called.
    pub name: VenueName,
    /// The smallest listed area that it lies in, so that a phone knows which rules are about a visit.
    pub area: AreaCode,
}

impl VenueClaims {
    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(200);
        encoder.map(5);
        encoder.integer(key::ISSUER).text(self.issuer.as_str());
        encoder.integer(key::EXPIRES).unsigned(self.expires.get());
        encoder.integer(key::ISSUED).unsigned(self.issued.get());
        encoder.integer(key::CONFIRMATION).map(1).integer(key::COSE_KEY);
        encode_cose_key(&self.device, &mut encoder);
        encoder.integer(key::YIMA).map(4);
        encoder.integer(key::MODE).unsigned(MODE_VENUE);
        encoder.integer(key::VENUE).bytes(self.venue.bytes());
        encoder.integer(key::VENUE_NAME).text(self.name.as_str());
        encoder.integer(key::VENUE_AREA).text(&self.area.to_string());
        encoder.finish()
    }

    fn parse(payload: &[u8]) -> Result<Self, ClaimsFault> {
        let mut found = Found::default();
        each_entry(Reader::new(payload), |label, value| found.take(label, value))?;
        let missing = ClaimsFault::Missing;
        match found.mode.ok_or(missing)? {
            MODE_VENUE => {}
            _ => return Err(ClaimsFault::Invalid),
        }
        let claims = Self {
            issuer: found.issuer.ok_or(missing)?,
            issued: found.issued.ok_or(missing)?,
            expires: found.expires.ok_or(missing)?,
            device: found.device.ok_or(missing)?,
            venue: found.venue.ok_or(missing)?,
            name: found.name.ok_or(missing)?,
            area: found.area.ok_or(missing)?,
        };
        lifetime(claims.issued, claims.expires, VENUE_SECONDS_MAX)?;
        Ok(claims)
    }
}

#[derive(Default)]
struct Found {
    issuer: Option<Issuer>,
    issued: Option<Seconds>,
    expires: Option<Seconds>,
    device: Option<Coordinates>,
    mode: Option<u64>,
    venue: Option<VenueId>,
    name: Option<VenueName>,
    area: Option<AreaCode>,
}

impl Found {
    fn take(&mut self, label: i64, value: &mut Reader<'_>) -> Result<(), ClaimsFault> {
        match label {
            key::ISSUER => self.issuer = Some(Issuer::parse(value.text()?).ok_or(ClaimsFault::Invalid)?),
            key::EXPIRES => self.expires = Some(read_seconds(value)?),
            key::ISSUED => self.issued = Some(read_seconds(value)?),
            key::CONFIRMATION => self.device = Some(read_confirmation(*value)?),
            key::YIMA => each_entry(*value, |label, value| self.take_ours(label, value))?,
            _ => {}
        }
        Ok(())
    }

    fn take_ours(&mut self, label: i64, value: &mut Reader<'_>) -> Result<(), ClaimsFault> {
        match label {
            key::MODE => self.mode = Some(value.unsigned()?),
            key::VENUE => self.venue = Some(VenueId(*value.byte_array()?)),
            key::VENUE_NAME => {
                self.name = Some(VenueName::parse(value.text()?).map_err(|VenueNameError| ClaimsFault::Invalid)?);
            }
            key::VENUE_AREA => self.area = Some(read_area(value.text()?).ok_or(ClaimsFault::Invalid)?),
            ..=-1 => return Err(FormFault::CriticalUnknown.into()),
            _ => {}
        }
        Ok(())
    }
}

/// An area in its one form, without segments of zeros at the end.
fn read_area(text: &str) -> Option<AreaCode> {
    AreaCode::parse(text).ok().filter(|area| area.to_string() == text)
}

/// A signed credential as the venue's device keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct VenueCredential(Vec<u8>);

impl VenueCredential {
    /// Signs the claims with a key for venues.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn issue(claims: &VenueClaims, issuer: &Signer) -> Result<Self, KeyError> {
        sign_credential(&claims.encode(), issuer).map(Self)
    }

    /// The credential that a node sent to this device; a phone verifies it, the device need not.
    pub const fn received(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that the node sends to the device.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The link that the device shows at `at`, to the page of residents at `address`.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn present(&self, device: &Signer, at: Seconds, address: &str) -> Result<String, KeyError> {
        let mut encoder = Encoder::with_capacity(self.0.len() + 16);
        encoder.array(2).bytes(&self.0).unsigned(at.get());
        let header = HeaderContent { key_id: None, content_type: None };
        let token = cose::sign(&encoder.finish(), header, &[TAG_SIGN1], device)?;
        Ok(format!("{address}{LINK_PART}{}", Base64UrlUnpadded::encode_string(&token)))
    }
}

impl fmt::Debug for VenueCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VenueCredential(…)")
    }
}

/// What a phone verifies a venue token against.
#[derive(Clone, Copy, Debug)]
pub struct VenueVerifier<'a> {
    /// The trust list it holds.
    pub trust: &'a TrustList,
    /// The list of warnings it holds, if any.
    pub warnings: Option<&'a WarningList>,
    /// When its software was built.
    pub built: Timestamp,
}

/// A venue whose screen was seen within the minute; only [`VenueVerifier::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedVenue {
    venue: VenueId,
    name: VenueName,
    area: AreaCode,
    at: Seconds,
}

impl VerifiedVenue {
    /// Which venue.
    pub const fn venue(&self) -> VenueId {
        self.venue
    }

    /// What it is called.
    pub const fn name(&self) -> &VenueName {
        &self.name
    }

    /// The smallest listed area that it lies in.
    pub const fn area(&self) -> AreaCode {
        self.area
    }

    /// When its device signed the token.
    pub const fn at(&self) -> Seconds {
        self.at
    }
}

impl VenueVerifier<'_> {
    /// Checks a scanned or opened link; `clock` is that of the phone.
    ///
    /// # Errors
    /// The [`Refusal`] that comes first in the order in which the checks stand here. Source: docs/CODE.md, "Venues".
    pub fn verify(&self, text: &str, clock: Timestamp) -> Result<VerifiedVenue, Refusal> {
        let now = self.time(clock);
        self.verify_as_of(text, now, |_| now)
    }

    /// Checks a link that was kept since it was scanned: that the screen of the venue once showed it, and no more than that.
    ///
    /// # Errors
    /// The [`Refusal`] that comes first.
    pub fn verify_kept(&self, text: &str, clock: Timestamp) -> Result<VerifiedVenue, Refusal> {
        let now = self.time(clock);
        self.verify_as_of(text, now, |at| at.min(now))
    }

    /// Checks a link as it was at a time that follows from when the device of the venue signed.
    fn verify_as_of(
        &self,
        text: &str,
        now: Seconds,
        as_of: impl FnOnce(Seconds) -> Seconds,
    ) -> Result<VerifiedVenue, Refusal> {
        let token = decode_link(text)?;
        let layer = Sign1::parse(&token, &[TAG_SIGN1])?;
        let (credential, at) = match read_presentation(layer.payload) {
            Ok((credential, at, None)) => (credential, at),
            Ok((_, _, Some(_))) | Err(_) => return Err(Refusal::PresentationInvalid),
        };
        let credential = Sign1::parse(credential, &[TAG_CWT, TAG_SIGN1])?;
        let claims = VenueClaims::parse(credential.payload)?;
        check_key(&credential, self.trust, (claims.issuer, KeyUse::Venue, claims.issued), now)?;
        let device = PublicKey::new(claims.device).map_err(|_| Refusal::PresentationKeyMismatch)?;
        if !layer.is_signed_by(&device) {
            return Err(Refusal::PresentationKeyMismatch);
        }
        let as_of = as_of(at);
        check_term(claims.issued, claims.expires, as_of)?;
        check_fresh(at, as_of)?;
        let VenueClaims { venue, name, area, .. } = claims;
        Ok(VerifiedVenue { venue, name, area, at })
    }

    /// The time that counts: the latest of the phone's clock, the lists that it holds, and the build.
    fn time(&self, clock: Timestamp) -> Seconds {
        let warnings = self.warnings.map(|list| list.content().issued);
        let times = [clock, self.built].map(Seconds::floor).into_iter().chain([self.trust.content().issued]);
        times.chain(warnings).max().unwrap_or(Seconds::floor(clock))
    }
}

/// The bytes of the token in a link, wherever the link leads.
fn decode_link(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    let (_, token) = text.split_once(LINK_PART).ok_or(Refusal::NotOurs)?;
    if token.len() > TEXT_LENGTH_MAX {
        return Err(Refusal::Oversized);
    }
    Base64UrlUnpadded::decode_vec(token).map_err(|_| Refusal::NotOurs)
}

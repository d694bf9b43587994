//! EU Digital COVID Certificates (HCERT): from the text of the QR to a verified certificate.
//!
//! Source: the HCERT specification 1.0.8 and the DCC schema 1.3.2, which the WHO's network has taken over. [`verify`] is the one ordered series of checks.

mod content;
pub mod revocation;
mod schema;
pub mod value_sets;
mod who;

use std::borrow::Cow;

use serde_json::Value;
use yima_credential::base45;
use yima_model::Timestamp;

pub use content::{Certificate, Entry, Holder, Recovery, Test, Vaccination};
pub use schema::SchemaFault;

use crate::Refusal;
use crate::cbor::{self, Reader, WrongShape, set};
use crate::cose::Sign1;
use crate::countries::of_code;
use crate::inflate::{Wrapping, inflate};
use crate::key::Algorithm;
use crate::trust::{Claimed, Container, Grant, Trust};
use crate::x509::Usages;
use content::Groups;

/// What a DCC begins with.
pub const PREFIX: &str = "HC1:";

/// The most characters: what the largest QR code holds in alphanumeric mode at the lowest level.
const TEXT_LENGTH_MAX: usize = 4296;

const CLAIM_ISSUER: i64 = 1;
const CLAIM_EXPIRES: i64 = 4;
const CLAIM_ISSUED: i64 = 6;
const CLAIM_CERTIFICATE: i64 = -260;
const CERTIFICATE_V1: i64 = 1;

/// The signed bytes that the text of a QR stands for.
///
/// # Errors
/// [`Refusal`] about the text, the base45 and the compression.
pub fn unpack(text: &str) -> Result<Vec<u8>, Refusal> {
    match text.strip_prefix(PREFIX) {
        _ if text.is_empty() => Err(Refusal::Empty),
        None => Err(Refusal::FormatUnknown),
        Some(_) if text.len() > TEXT_LENGTH_MAX => Err(Refusal::Oversized),
        Some(encoded) => decompress(&base45::decode(encoded).ok_or(Refusal::EncodingInvalid)?),
    }
}

/// The signed bytes in a zlib stream.
///
/// # Errors
/// [`Refusal::CompressionInvalid`] and [`Refusal::TooLarge`].
pub fn decompress(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    inflate(bytes, Wrapping::Zlib)
}

/// A signed object whose form was read and whose signature was not verified.
#[derive(Debug)]
pub struct Signed<'a> {
    object: Sign1<'a>,
}

/// The claims about issuer and time, and the content.
#[derive(Debug)]
pub struct Claims<'a> {
    /// Who issued it, as it says itself.
    pub issuer: Option<Cow<'a, str>>,
    /// When it was issued, in seconds since 1970.
    pub issued: Option<i64>,
    /// The last second of its validity, since 1970.
    pub expires: Option<i64>,
    /// What it certifies.
    pub payload: Payload<'a>,
}

/// The content: a DCC, or the map with names instead of numbers that a WHO certificate has.
#[derive(Debug)]
pub struct Payload<'a> {
    whole: Reader<'a>,
    dcc: Option<Groups<'a>>,
}

impl<'a> Signed<'a> {
    /// Reads the signed object in `bytes`.
    ///
    /// # Errors
    /// [`Refusal`] about the form of CBOR and COSE.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        Ok(Self { object: Sign1::parse(bytes)? })
    }

    /// The id of the key, in the protected header if it stands there.
    ///
    /// # Errors
    /// [`Refusal::KeyIdMissing`].
    pub fn key_id(&self) -> Result<&[u8], Refusal> {
        self.object.key_id()
    }

    /// The claims, with nothing verified.
    ///
    /// # Errors
    /// [`Refusal::ClaimsInvalid`] when they are not those of a DCC or of a WHO certificate.
    pub fn claims(&self) -> Result<Claims<'_>, Refusal> {
        Claims::read(&self.object.payload).map_err(|WrongShape| Refusal::ClaimsInvalid)
    }

    /// The signature, for lists of revoked ones.
    pub fn signature(&self) -> &[u8] {
        self.object.signature()
    }

    fn algorithm(&self) -> Result<Algorithm, Refusal> {
        match self.object.algorithm()? {
            algorithm @ (Algorithm::Es256 | Algorithm::Ps256) => Ok(algorithm),
            Algorithm::Es384 | Algorithm::Es512 => Err(Refusal::AlgorithmWrong),
        }
    }
}

impl<'a> Claims<'a> {
    /// The country that it names as its issuer; another name, as of an office, names none.
    ///
    /// Source: HCERT, section 3.3.4, by which the issuer may be the code of a country (ISO 3166-1).
    pub fn country(&self) -> Option<&str> {
        self.issuer.as_deref().map(str::trim).filter(|name| of_code(name.as_bytes()).is_some())
    }

    fn read(payload: &'a [u8]) -> Result<Self, WrongShape> {
        let (mut issuer, mut issued, mut expires, mut certificate) = (None, None, None, None);
        let mut reader = Reader::new(payload);
        let mut is_named = false;
        let mut entries = reader.map()?;
        while reader.more(&mut entries)? {
            match reader.label()? {
                Some(CLAIM_ISSUER) => set(&mut issuer, reader.text()?)?,
                Some(CLAIM_EXPIRES) => set(&mut expires, reader.seconds()?)?,
                Some(CLAIM_ISSUED) => set(&mut issued, reader.seconds()?)?,
                Some(CLAIM_CERTIFICATE) => set(&mut certificate, version_one(&mut reader)?)?,
                label => {
                    is_named |= label.is_none();
                    reader.skip()?;
                }
            }
        }
        let payload = match certificate {
            Some(certificate) => certificate,
            None if is_named => Payload { whole: Reader::new(payload), dcc: None },
            None => return Err(WrongShape),
        };
        Ok(Self { issuer, issued, expires, payload })
    }
}

impl<'a> Payload<'a> {
    /// Reads a DCC that stands by itself, in CBOR.
    ///
    /// # Errors
    /// [`Refusal`] about the form of the CBOR, and [`Refusal::ClaimsInvalid`] when it is no map.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        cbor::check(bytes)?;
        Self::read(&mut Reader::new(bytes)).map_err(|WrongShape| Refusal::ClaimsInvalid)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WrongShape> {
        Ok(Self { whole: *reader, dcc: Some(Groups::find(reader)?) })
    }

    /// The content as JSON.
    pub fn json(&self) -> Value {
        let mut whole = self.whole;
        whole.value().unwrap_or(Value::Null)
    }

    /// Whether this is a WHO certificate rather than a DCC.
    pub const fn is_ddcc(&self) -> bool {
        self.dcc.is_none()
    }

    /// What it certifies; a WHO certificate, whose network takes over the uses of keys, a vaccination.
    pub const fn usages(&self) -> Usages {
        match &self.dcc {
            Some(groups) => groups.usages(),
            None => Usages { vaccination: true, ..Usages::NONE },
        }
    }

    /// The content, typed; `None` for a WHO certificate.
    ///
    /// # Errors
    /// [`SchemaFault`], the first that the content has.
    pub fn certificate(&self) -> Result<Option<Certificate<'a>>, SchemaFault> {
        self.dcc.as_ref().map(Certificate::read).transpose()
    }
}

/// The DCC of version 1 in the container of health certificates.
fn version_one<'a>(container: &mut Reader<'a>) -> Result<Payload<'a>, WrongShape> {
    let mut found = None;
    let mut entries = container.map()?;
    while container.more(&mut entries)? {
        match container.label()? {
            Some(CERTIFICATE_V1) => set(&mut found, Payload::read(container)?)?,
            _ => container.skip()?,
        }
    }
    found.ok_or(WrongShape)
}

/// A certificate whose signature, key, content and term were verified.
#[derive(Debug)]
pub struct Verified<'a> {
    claims: Claims<'a>,
    grant: &'a Grant,
}

impl<'a> Verified<'a> {
    /// Issuer, term and content.
    pub const fn claims(&self) -> &Claims<'a> {
        &self.claims
    }

    /// What its key is trusted for.
    pub const fn grant(&self) -> &Grant {
        self.grant
    }

    /// The country whose key has signed it; where its key is trusted for any, the issuer that it names.
    pub fn issuer(&self) -> Option<&str> {
        self.grant.country().or(self.claims.issuer.as_deref())
    }
}

/// Verifies a certificate at `now`; the first reason that holds is the answer.
///
/// # Errors
/// [`Refusal`], in the order: form, key, signature, issuer, use of the key, its validity at issue, schema, term, revocation.
pub fn verify<'a>(signed: &'a Signed<'a>, trust: &'a Trust, now: Timestamp) -> Result<Verified<'a>, Refusal> {
    let algorithm = signed.algorithm()?;
    let key_id = signed.key_id()?;
    let claims = signed.claims()?;
    let claimed = Claimed {
        issuer: claims.country(),
        container: Container::Hcert,
        usages: claims.payload.usages(),
        issued: claims.issued.unwrap_or_else(|| now.seconds()),
    };
    let message = signed.object.message();
    let grant = trust.verify(key_id, algorithm, (&message, signed.signature()), claimed)?;
    let certificate = claims.payload.certificate().map_err(Refusal::SchemaInvalid)?;
    let own = match &certificate {
        Some(_) => who::Term::default(),
        None => who::read(&claims.payload.json()).map_err(Refusal::SchemaInvalid)?,
    };
    check_term(&claims, own, now)?;
    if trust.certificate_is_revoked(signed, &claims, certificate.as_ref()) {
        return Err(Refusal::Revoked);
    }
    Ok(Verified { claims, grant })
}

/// The term of a DCC is stated; a WHO certificate may state one in its claims, its content or both. The last second counts.
fn check_term(claims: &Claims<'_>, own: who::Term, now: Timestamp) -> Result<(), Refusal> {
    let now = now.seconds();
    let (issued, expires) = match (claims.issued, claims.expires) {
        (Some(issued), Some(expires)) => (issued, expires),
        _ if !claims.payload.is_ddcc() => return Err(Refusal::ClaimsInvalid),
        (issued, expires) => (issued.unwrap_or(i64::MIN), expires.unwrap_or(i64::MAX)),
    };
    if now < issued || own.from.is_some_and(|from| now < from) {
        Err(Refusal::NotYetValid)
    } else if now > expires || own.until.is_some_and(|until| now > until) {
        Err(Refusal::Expired)
    } else {
        Ok(())
    }
}

//! New Zealand COVID Passes.
//!
//! Source: the NZ COVID Pass technical specification, version 1.

use serde_json::Value;
use yima_model::Timestamp;

use crate::Refusal;
use crate::cbor::{Reader, WrongShape, set};
use crate::civil::parse_date;
use crate::cose::{Sign1, TAG_SIGN1};
use crate::key::Algorithm;
use crate::trust::{Claimed, Container, Trust};
use crate::x509::Usages;

/// What the text of a pass begins with.
pub const PREFIX: &str = "NZCP:/";

const TEXT_LENGTH_MAX: usize = 4296;
const UUID_LENGTH: usize = 16;
/// The most characters of a name.
const NAME_LENGTH_MAX: usize = 100;
const CONTEXT: &str = "https://www.w3.org/2018/credentials/v1";
const TYPES: [&str; 2] = ["VerifiableCredential", "PublicCovidPass"];
const VERSION: &str = "1.0.0";
/// Who issues passes: the ministry of health, and its examples. Source: the specification, "Trusted Issuers".
const ISSUERS: [&str; 2] = ["did:web:nzcp.identity.health.nz", "did:web:nzcp.covid19.health.nz"];

/// The signed bytes that the text of a QR stands for.
///
/// # Errors
/// [`Refusal`] about the text.
pub fn unpack(text: &str) -> Result<Vec<u8>, Refusal> {
    let body = text.strip_prefix(PREFIX).ok_or(Refusal::FormatUnknown)?;
    let body = body.strip_prefix("1/").ok_or(Refusal::FormatUnknown)?;
    if text.len() > TEXT_LENGTH_MAX {
        return Err(Refusal::Oversized);
    }
    base32(body).ok_or(Refusal::EncodingInvalid)
}

/// Base32 (RFC 4648, section 6) without padding; bits left over must be zero.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(value)) & 0xffff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.extend((bits >> count).to_be_bytes().last());
        }
    }
    let left_over = bits & ((1 << count) - 1);
    (count < 5 && left_over == 0).then_some(bytes)
}

/// A pass with nothing verified.
#[derive(Debug)]
pub struct Pass<'a> {
    object: Sign1<'a>,
    claims: Claims,
}

#[derive(Debug, Default)]
struct Claims {
    issuer: Option<String>,
    expires: Option<i64>,
    not_before: Option<i64>,
    id_length: Option<usize>,
    credential: Option<Value>,
}

impl<'a> Pass<'a> {
    /// Reads the signed object in `bytes`.
    ///
    /// # Errors
    /// [`Refusal`] about the form of CBOR, COSE and claims.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let object = Sign1::parse(bytes)?;
        if object.tag != Some(TAG_SIGN1) {
            return Err(Refusal::NotSigned);
        }
        let claims = Claims::read(&object.payload).map_err(|WrongShape| Refusal::ClaimsInvalid)?;
        Ok(Self { object, claims })
    }

    /// The credential, and who issued it.
    pub fn content(&self) -> (Option<&str>, Option<&Value>) {
        (self.claims.issuer.as_deref(), self.claims.credential.as_ref())
    }
}

impl Claims {
    fn read(payload: &[u8]) -> Result<Self, WrongShape> {
        const ISSUER: i64 = 1;
        const EXPIRES: i64 = 4;
        const NOT_BEFORE: i64 = 5;
        const ID: i64 = 7;
        let mut claims = Self::default();
        let mut reader = Reader::new(payload);
        let mut entries = reader.map()?;
        while reader.more(&mut entries)? {
            let mut key = reader.piece()?;
            let mut value = reader.piece()?;
            let (label, name) = (key.plain_integer(), key.name().ok().flatten());
            match label {
                Ok(ISSUER) => set(&mut claims.issuer, value.text()?.into_owned())?,
                Ok(EXPIRES) => set(&mut claims.expires, value.plain_integer()?)?,
                Ok(NOT_BEFORE) => set(&mut claims.not_before, value.plain_integer()?)?,
                Ok(ID) => set(&mut claims.id_length, value.bytes()?.len())?,
                Err(WrongShape) if name.as_deref() == Some(b"vc") => {
                    check_names(value)?;
                    set(&mut claims.credential, value.value()?)?;
                }
                _ => {}
            }
        }
        Ok(claims)
    }
}

/// That no name stands twice in a credential or its subject, in whatever form of its length.
fn check_names(mut map: Reader<'_>) -> Result<(), WrongShape> {
    let mut seen = Vec::new();
    let mut entries = map.map()?;
    while map.more(&mut entries)? {
        let name = map.name()?;
        let value = map.piece()?;
        if name.as_deref() == Some(b"credentialSubject") {
            check_names(value)?;
        }
        if name.is_some() && seen.contains(&name) {
            return Err(WrongShape);
        }
        seen.push(name);
    }
    Ok(())
}

/// A pass that was verified.
#[derive(Debug)]
pub struct Verified {
    /// The issuer's DID.
    pub issuer: String,
    /// The first second of its validity, since 1970.
    pub not_before: i64,
    /// The first second after its validity, since 1970.
    pub expires: i64,
    /// The person: `givenName`, `familyName`, `dob`.
    pub subject: Value,
}

/// Verifies a pass at `now`; the first reason that holds is the answer.
///
/// # Errors
/// [`Refusal`], in the order: header, claims, issuer, key, signature, credential, term.
pub fn verify(pass: &Pass<'_>, trust: &Trust, now: Timestamp) -> Result<Verified, Refusal> {
    let algorithm = pass.object.algorithm()?;
    if algorithm != Algorithm::Es256 {
        return Err(Refusal::AlgorithmWrong);
    }
    let key_id = pass.object.protected_key_id()?;
    let claims = &pass.claims;
    let issuer = claims.issuer.as_deref().filter(|issuer| issuer.starts_with("did:web:"));
    let issuer = issuer.ok_or(Refusal::ClaimsInvalid)?;
    if !ISSUERS.contains(&issuer) || !trust.knows(issuer) {
        return Err(Refusal::IssuerUnknown);
    }
    let (Some(not_before), Some(expires), Some(UUID_LENGTH)) = (claims.not_before, claims.expires, claims.id_length)
    else {
        return Err(Refusal::ClaimsInvalid);
    };
    let reference = [issuer.as_bytes(), b"#", key_id].concat();
    let claimed =
        Claimed { issuer: Some(issuer), container: Container::Pass, usages: Usages::NONE, issued: not_before };
    let message = pass.object.message();
    trust.verify(&reference, algorithm, (&message, pass.object.signature()), claimed)?;
    let subject = claims.credential.as_ref().and_then(read_credential).ok_or(Refusal::ClaimsInvalid)?;
    let second = now.seconds();
    if second < not_before {
        return Err(Refusal::NotYetValid);
    }
    if second >= expires {
        return Err(Refusal::Expired);
    }
    Ok(Verified { issuer: issuer.to_owned(), not_before, expires, subject: subject.clone() })
}

/// Source: the specification, "Verifiable Credential Claim Structure" and "PublicCovidPass".
fn read_credential(credential: &Value) -> Option<&Value> {
    let list = |name: &str| credential.get(name).and_then(Value::as_array);
    let contexts = list("@context")?;
    let has_contexts = contexts.first()? == CONTEXT && contexts.iter().all(Value::is_string);
    let subject = credential.get("credentialSubject")?;
    let is_name = |name: &Value| name.as_str().is_some_and(|name| name.chars().count() <= NAME_LENGTH_MAX);
    let is_named = is_name(subject.get("givenName")?) && subject.get("familyName").is_none_or(is_name);
    parse_date(subject.get("dob")?.as_str()?)?;
    (has_contexts && is_named && *list("type")? == TYPES && credential.get("version")? == VERSION).then_some(subject)
}

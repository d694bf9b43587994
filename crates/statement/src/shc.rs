//! SMART Health Cards: one card in one or several QR codes, as text, or in a file of several.
//!
//! Source: the SMART Health Cards framework 1.4.

use serde_json::Value;
use yima_model::Timestamp;

use crate::Refusal;
use crate::crl::Revocation;
use crate::inflate::{Wrapping, inflate};
use crate::jws::Jws;
use crate::key::Algorithm;
use crate::trust::{Claimed, Container, Trust};
use crate::x509::Usages;

/// What the text of a QR begins with.
pub const PREFIX: &str = "shc:/";

/// The most characters of a card in one QR code, and of each part of a card in several.
const SINGLE_LENGTH_MAX: usize = 1195;
const PART_LENGTH_MAX: usize = 1191;
/// The most characters of a card: what inflates to the bound, and was not compressed at all.
const CARD_LENGTH_MAX: usize = 96 * 1024;
const PARTS_MAX: usize = 99;
const CARDS_MAX: usize = 64;
/// The most characters of a file of cards: as many cards as may be, each as long as it may be.
pub(crate) const FILE_LENGTH_MAX: usize = CARDS_MAX * CARD_LENGTH_MAX;
/// The last second of the year 9999: a larger number counts milliseconds, or nothing.
const SECONDS_MAX: f64 = 253_402_300_799.0;
const HEALTH_CARD: &str = "https://smarthealth.cards#health-card";

/// The cards, each a compact JWS, in a text: QR texts of one card, JWS, or a file of them in JSON.
///
/// # Errors
/// [`Refusal`] about the text and how its parts fit together.
pub fn cards(text: &str) -> Result<Vec<String>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if text.starts_with('{') {
        return from_file(text);
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.iter().all(|part| has_prefix(part)) {
        return join(&parts).map(|card| vec![card]);
    }
    match parts.as_slice() {
        [card] if card.len() <= CARD_LENGTH_MAX => Ok(vec![(*card).to_owned()]),
        [_] => Err(Refusal::Oversized),
        _ => Err(Refusal::FormatUnknown),
    }
}

/// Whether this is the text of a QR of a card; the scheme of a URI has no case.
pub(crate) fn has_prefix(text: &str) -> bool {
    text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// A file of cards, or the answer of a FHIR server with some.
fn from_file(text: &str) -> Result<Vec<String>, Refusal> {
    if text.len() > FILE_LENGTH_MAX {
        return Err(Refusal::Oversized);
    }
    let file: Value = serde_json::from_str(text).map_err(|_| Refusal::JsonInvalid)?;
    let list = |name: &str| file.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parameters = list("parameter").iter().filter(|parameter| parameter["name"] == "verifiableCredential");
    let cards = list("verifiableCredential").iter().chain(parameters.map(|parameter| &parameter["valueString"]));
    let cards: Option<Vec<String>> = cards.map(|card| card.as_str().map(str::to_owned)).collect();
    match cards.ok_or(Refusal::NotSigned)? {
        cards if cards.is_empty() => Err(Refusal::FormatUnknown),
        cards if cards.len() > CARDS_MAX => Err(Refusal::Oversized),
        cards => Ok(cards),
    }
}

/// Puts a card together from the texts of its QR codes, which may come in any order.
fn join(parts: &[&str]) -> Result<String, Refusal> {
    let bodies: Vec<&str> = parts.iter().filter_map(|part| part.get(PREFIX.len()..)).collect();
    if let [single] = bodies.as_slice()
        && !single.contains('/')
    {
        return letters(single);
    }
    if bodies.len() > PARTS_MAX {
        return Err(Refusal::PartsInvalid);
    }
    let mut slots = vec![None; bodies.len()];
    for body in &bodies {
        let mut fields = body.splitn(3, '/');
        let mut number = || fields.next().and_then(|digits| digits.parse::<usize>().ok());
        let (place, of) = (number(), number());
        let slot = place.and_then(|place| slots.get_mut(place.checked_sub(1)?));
        match (slot, fields.next()) {
            (Some(slot @ None), Some(digits)) if of == Some(bodies.len()) => *slot = Some(letters(digits)?),
            _ => return Err(Refusal::PartsInvalid),
        }
    }
    let parts: Vec<String> = slots.into_iter().flatten().collect();
    let card = parts.concat();
    let is_needless = card.len() <= SINGLE_LENGTH_MAX;
    if is_needless || parts.iter().any(|part| part.len() > PART_LENGTH_MAX) {
        return Err(Refusal::PartsInvalid);
    }
    Ok(card)
}

/// The letters of a JWS that stand as two digits each: their ASCII code less that of `-`.
fn letters(digits: &str) -> Result<String, Refusal> {
    if digits.is_empty() {
        return Err(Refusal::Empty);
    }
    if digits.len() > 2 * CARD_LENGTH_MAX {
        return Err(Refusal::Oversized);
    }
    let letter = |pair: &[u8]| match pair {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            let code = (tens - b'0') * 10 + (ones - b'0') + b'-';
            let is_in_jws = code.is_ascii_alphanumeric() || matches!(code, b'-' | b'_' | b'.');
            is_in_jws.then_some(char::from(code))
        }
        _ => None,
    };
    digits.as_bytes().chunks(2).map(letter).collect::<Option<_>>().ok_or(Refusal::EncodingInvalid)
}

/// A card with nothing verified.
#[derive(Debug)]
pub struct Card<'a> {
    jws: Jws<'a>,
    is_compressed: bool,
    /// The payload: issuer, term and credential.
    pub payload: Value,
}

impl<'a> Card<'a> {
    /// Reads a compact JWS.
    ///
    /// # Errors
    /// [`Refusal`] about its form, its header and its compression.
    pub fn parse(card: &'a str) -> Result<Self, Refusal> {
        if card.len() > CARD_LENGTH_MAX {
            return Err(Refusal::Oversized);
        }
        let mut jws = Jws::parse(card)?;
        let is_compressed = jws.text("zip") == Some("DEF");
        if is_compressed {
            jws.payload = inflate(&jws.payload, Wrapping::Raw)?;
        }
        let payload = serde_json::from_slice(&jws.payload).map_err(|_| Refusal::JsonInvalid)?;
        Ok(Self { jws, is_compressed, payload })
    }
}

/// A card that was verified.
#[derive(Debug)]
pub struct Verified {
    /// The issuer's URL.
    pub issuer: String,
    /// The first second of its validity, since 1970.
    pub not_before: i64,
    /// The last second of its validity, since 1970, if it has one.
    pub expires: Option<i64>,
    /// What is known about its revocation.
    pub revocation: Revocation,
    /// The bundle of FHIR resources.
    pub bundle: Value,
}

/// Verifies a card at `now`; the first reason that holds is the answer.
///
/// # Errors
/// [`Refusal`], in the order: header, claims, issuer, key, signature, credential, term, revocation.
pub fn verify(card: &Card<'_>, trust: &Trust, now: Timestamp) -> Result<Verified, Refusal> {
    let algorithm = card.jws.algorithm()?;
    if algorithm != Algorithm::Es256 {
        return Err(Refusal::AlgorithmWrong);
    }
    if !card.is_compressed {
        return Err(Refusal::CompressionInvalid);
    }
    let key_id = card.jws.text("kid").ok_or(Refusal::KeyIdMissing)?;
    let claims = &card.payload;
    let issuer = claims.get("iss").and_then(Value::as_str).filter(|issuer| is_issuer(issuer));
    let issuer = issuer.ok_or(Refusal::ClaimsInvalid)?;
    let not_before = seconds(claims, "nbf")?.ok_or(Refusal::ClaimsInvalid)?;
    let expires = seconds(claims, "exp")?;
    if !trust.knows(issuer) {
        return Err(Refusal::IssuerUnknown);
    }
    let claimed =
        Claimed { issuer: Some(issuer), container: Container::Card, usages: Usages::NONE, issued: not_before };
    trust.verify(key_id.as_bytes(), algorithm, (card.jws.signed.as_bytes(), &card.jws.signature), claimed)?;
    let bundle = read_credential(claims).ok_or(Refusal::ClaimsInvalid)?;
    let second = now.seconds();
    if second < not_before {
        return Err(Refusal::NotYetValid);
    }
    if expires.is_some_and(|expires| second > expires) {
        return Err(Refusal::Expired);
    }
    let card_id = claims.pointer("/vc/rid").and_then(Value::as_str);
    let revocation = trust.card_revocation(key_id, issuer, (card_id, not_before))?;
    Ok(Verified { issuer: issuer.to_owned(), not_before, expires, revocation, bundle: bundle.clone() })
}

/// An issuer is an `https` URL without query, fragment or a slash at its end.
fn is_issuer(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty() && !rest.ends_with('/') && !rest.contains(['?', '#', ' ', '@']) && rest.is_ascii()
    })
}

/// A NumericDate, rounded down; `None` if there is none.
#[expect(clippy::cast_possible_truncation, reason = "within the years that a date can have")]
fn seconds(claims: &Value, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let number = claim.as_f64().filter(|number| (0.0..=SECONDS_MAX).contains(number));
    Ok(Some(number.ok_or(Refusal::ClaimsInvalid)?.floor() as i64))
}

fn read_credential(claims: &Value) -> Option<&Value> {
    let credential = claims.get("vc")?;
    let types = credential.get("type")?.as_array()?;
    let subject = credential.get("credentialSubject")?;
    subject.get("fhirVersion")?.as_str()?;
    let bundle = subject.get("fhirBundle")?;
    (types.iter().any(|kind| kind == HEALTH_CARD) && bundle["resourceType"] == "Bundle").then_some(bundle)
}

/// Whether the cards of one file are all about one person: each names one patient, with the birth date, the family name and the
/// first given name of the others. Several persons' doses do not add up; a card by itself need not say whose it is.
pub(crate) fn are_of_one_person(bundles: &[Value]) -> bool {
    match bundles {
        [] => true,
        [alone] => patients(alone).nth(1).is_none(),
        [first, others @ ..] => {
            let first = person(first);
            first.is_some() && others.iter().all(|other| person(other) == first)
        }
    }
}

fn patients(bundle: &Value) -> impl Iterator<Item = &Value> {
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("resource")).filter(|resource| resource["resourceType"] == "Patient")
}

/// Birth date, family name and first given name of the one patient of a bundle, if it says them all.
fn person(bundle: &Value) -> Option<[String; 3]> {
    let mut patients = patients(bundle);
    let (Some(patient), None) = (patients.next(), patients.next()) else { return None };
    let text = |path: &str| patient.pointer(path).and_then(Value::as_str).map(|text| text.trim().to_lowercase());
    let given = text("/name/0/given/0")?.split_whitespace().next()?.to_owned();
    let family = text("/name/0/family").filter(|family| !family.is_empty())?;
    Some([text("/birthDate").filter(|born| !born.is_empty())?, family, given])
}

//! ICAO visible digital seals for health travel (VDS-NC): proofs of vaccination and of testing.
//!
//! Source: ICAO, "Visible Digital Seals for non-constrained environments", and the data sets of health travel.
//! The signer's certificate comes with the seal; it counts if the trust list holds it or the authority that issued it.

use serde_json::Value;
use yima_model::Timestamp;

use crate::Refusal;
use crate::countries::of_travel_document;
use crate::jcs::canonical;
use crate::key::{Algorithm, decode_base64};
use crate::trust::Trust;
use crate::x509::Certificate;

/// The most characters of a seal: it is meant for one QR code.
const TEXT_LENGTH_MAX: usize = 8192;

/// The version of both data sets.
const VERSION: u64 = 1;

/// A seal with nothing verified.
#[derive(Debug)]
pub struct Seal {
    /// Header and message.
    pub data: Value,
    algorithm: Option<String>,
    signature: Option<Vec<u8>>,
    certificate: Option<Vec<u8>>,
}

impl Seal {
    /// Reads the text of a QR.
    ///
    /// # Errors
    /// [`Refusal`] about the text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > TEXT_LENGTH_MAX {
            return Err(Refusal::Oversized);
        }
        let seal: Value = serde_json::from_str(text).map_err(|_| Refusal::JsonInvalid)?;
        let signature = seal.get("sig").ok_or(Refusal::NotSigned)?;
        let text = |name: &str| signature.get(name).and_then(Value::as_str);
        Ok(Self {
            data: seal.get("data").cloned().ok_or(Refusal::NotSigned)?,
            algorithm: text("alg").map(str::to_owned),
            signature: text("sigvl").and_then(decode_base64),
            certificate: text("cer").and_then(decode_base64),
        })
    }
}

/// A seal that was verified.
#[derive(Debug)]
pub struct Verified {
    /// The issuing country or organisation, three letters.
    pub issuer: String,
    /// First and last second of the signer's validity, since 1970; a seal has no other term.
    pub validity: (i64, i64),
}

/// Verifies a seal at `now`; the first reason that holds is the answer.
///
/// # Errors
/// [`Refusal`], in the order: algorithm, form, certificate, signature, its authority, issuer, use, term.
pub fn verify(seal: &Seal, trust: &Trust, now: Timestamp) -> Result<Verified, Refusal> {
    let algorithm = seal.algorithm.as_deref().ok_or(Refusal::AlgorithmMissing)?;
    let algorithm = Algorithm::from_name(algorithm).filter(|algorithm| *algorithm != Algorithm::Ps256);
    let algorithm = algorithm.ok_or(Refusal::AlgorithmWrong)?;
    let signature = seal.signature.as_deref().ok_or(Refusal::NotSigned)?;
    let header = |name: &str| seal.data.get("hdr").and_then(|header| header.get(name));
    let document = match header("t").and_then(Value::as_str) {
        Some("icao.vacc") => "NV",
        Some("icao.test") => "NT",
        _ => return Err(Refusal::ClaimsInvalid),
    };
    let issuer = header("is").and_then(Value::as_str).ok_or(Refusal::ClaimsInvalid)?;
    let has_message = seal.data.get("msg").is_some_and(Value::is_object);
    if !has_message || header("v").and_then(Value::as_u64) != Some(VERSION) {
        return Err(Refusal::ClaimsInvalid);
    }
    let certificate = seal.certificate.as_deref().ok_or(Refusal::KeyIdMissing)?;
    let certificate = Certificate::from_der(certificate).map_err(|_| Refusal::SignerUntrusted)?;
    if certificate.key.algorithm() != algorithm {
        return Err(Refusal::AlgorithmWrong);
    }
    let message = canonical(&seal.data).ok_or(Refusal::JsonInvalid)?;
    if !certificate.key.verifies(message.as_bytes(), signature) {
        return Err(Refusal::SignatureInvalid);
    }
    let second = now.seconds();
    trust.vouches_for(&certificate, of_travel_document(issuer))?;
    if certificate.is_authority || !certificate.sealing.allows(document) {
        return Err(Refusal::KeyUsageWrong);
    }
    if second < certificate.not_before {
        return Err(Refusal::NotYetValid);
    }
    if second > certificate.not_after {
        return Err(Refusal::Expired);
    }
    Ok(Verified { issuer: issuer.to_owned(), validity: (certificate.not_before, certificate.not_after) })
}

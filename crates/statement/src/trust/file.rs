//! The files of a trust folder: certificates, key sets, DID documents, directories of issuers, lists of revoked ones.
//!
//! A key set or a list of revoked cards belongs to the issuer that its place in the folder spells as the web would
//! (`HOST/PATH/.well-known/jwks.json`), or else to the one that it names (`issuer`); a place and a name that differ are an
//! error. Without either its keys count for every issuer that the directory lists.

use serde_json::{Value, json};
use thiserror::Error;

use super::{Owner, Trust};
use crate::dcc::revocation::{RevocationError, Revocations};
use crate::key::{KeyError, decode_base64};

/// Why a file of a trust folder cannot be used.
///
/// It may be a list of revoked certificates, without which they would count; so it is never passed over.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrustFileError {
    /// Meant to be JSON, and none.
    #[error("it is damaged; fetch it again")]
    Damaged,
    /// JSON of another form than the known ones.
    #[error(
        "it is neither a set of keys, a list of certificates, a DID document nor a list of revoked ones; take it out of the folder"
    )]
    Unknown,
    /// It names another issuer than the one whose place it lies in.
    #[error("it lies where the keys of {place} lie and names {named}; put it where it belongs")]
    IssuersDiffer {
        /// Whose place it is.
        place: String,
        /// Whom it names.
        named: String,
    },
    /// A list of revoked cards that names no key, or has what such a list cannot have.
    #[error("the list of revoked cards is damaged; fetch it again")]
    CardList,
    /// A list of revoked certificates.
    #[error("{0}; fetch it again")]
    CertificateList(#[from] RevocationError),
}

impl Trust {
    /// Trusts what stands in a file that lies at `place` in its folder, as in `example.org/.well-known/jwks.json`, and gives
    /// what is wrong with the keys that it leaves out. A file that is neither JSON nor a certificate says nothing.
    ///
    /// # Errors
    /// [`TrustFileError`].
    pub fn add_file(&mut self, place: &str, bytes: &[u8]) -> Result<Vec<KeyError>, TrustFileError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match serde_json::from_slice(bytes) {
            Ok(value) => self.add_json(&value, issuer_of(place)),
            Err(_) if is_json(place, bytes) => Err(TrustFileError::Damaged),
            Err(_) if is_certificate(place, bytes) => {
                Ok(certificates(bytes).iter().filter_map(|der| self.add_certificate(der).err()).collect())
            }
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Trusts the signers with the certificates in a file (DER, PEM) whatever country their statements name.
    ///
    /// # Errors
    /// [`KeyError`] when one cannot be used.
    pub fn pin_file(&mut self, bytes: &[u8]) -> Result<(), KeyError> {
        certificates(bytes).iter().try_for_each(|der| self.pin_certificate(der))
    }

    fn add_json(&mut self, value: &Value, place: Option<String>) -> Result<Vec<KeyError>, TrustFileError> {
        let has = |name: &str| value.get(name).is_some();
        if has("verificationMethod") {
            return Ok(self.add_did_document(value));
        }
        let issuer = issuer(value, place)?;
        let owner = issuer.clone().map_or(Owner::Anyone, Owner::Issuer);
        if has("participating_issuers") {
            self.add_issuer_directory(value);
        } else if has("rids") || has("method") {
            if !self.add_card_revocations(value, issuer.as_deref()) {
                return Err(TrustFileError::CardList);
            }
        } else if has("hashType") {
            self.add_certificate_revocations(Revocations::read(value)?);
        } else if value.get("keys").is_some_and(Value::is_array) {
            return Ok(self.add_key_set(value, &owner));
        } else if has("kty") {
            return Ok(self.add_key_set(&json!({"keys": [value]}), &owner));
        } else {
            let list = value.get("certificates").unwrap_or(value).as_array();
            return self.add_gateway_list(list.ok_or(TrustFileError::Unknown)?);
        }
        Ok(Vec::new())
    }

    /// A list of signers as national backends publish it: `[{"kid": …, "rawData": …}]`, alone or under `certificates`.
    fn add_gateway_list(&mut self, list: &[Value]) -> Result<Vec<KeyError>, TrustFileError> {
        let mut faults = Vec::new();
        for entry in list {
            let certificate = entry.get("rawData").and_then(Value::as_str).ok_or(TrustFileError::Unknown)?;
            let der = decode_base64(certificate).ok_or(KeyError::CertificateDamaged);
            faults.extend(der.and_then(|der| self.add_certificate(&der)).err());
        }
        Ok(faults)
    }
}

/// Whose a file is: the place where an issuer publishes it decides, and what the file names may not differ from it.
fn issuer(value: &Value, place: Option<String>) -> Result<Option<String>, TrustFileError> {
    let named = value.get("issuer").and_then(Value::as_str).map(str::to_owned);
    match (place, named) {
        (Some(place), Some(named)) if place != named => Err(TrustFileError::IssuersDiffer { place, named }),
        (place, named) => Ok(place.or(named)),
    }
}

/// The URL that a place spells: what stands before `.well-known`, as the web has it.
fn issuer_of(place: &str) -> Option<String> {
    let (url, _) = place.split_once("/.well-known/")?;
    let host = url.split('/').next()?;
    host.contains('.').then(|| format!("https://{url}"))
}

/// Whether a file was meant to be JSON, which a damaged one no longer is.
fn is_json(place: &str, bytes: &[u8]) -> bool {
    extension(place) == Some("json") || matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn is_certificate(place: &str, bytes: &[u8]) -> bool {
    matches!(extension(place), Some("der" | "cer" | "crt" | "pem")) || bytes.starts_with(PEM_BEGIN.as_bytes())
}

fn extension(place: &str) -> Option<&str> {
    Some(place.rsplit('/').next()?.rsplit_once('.')?.1)
}

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

/// The certificates in a file: one in DER, one in base64, or several in PEM.
fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![bytes.to_vec()] };
    let bodies = text.split(PEM_BEGIN).skip(1).filter_map(|part| part.split_once(PEM_END));
    let found: Vec<Vec<u8>> = bodies.filter_map(|(body, _)| decode_base64(body.trim())).collect();
    if found.is_empty() { vec![decode_base64(text.trim()).unwrap_or_else(|| bytes.to_vec())] } else { found }
}

//! JSON Web Signature (RFC 7515) in its compact form, with one signature.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use crate::Refusal;
use crate::key::Algorithm;

/// A signed object whose form was read and whose signature was not verified.
#[derive(Debug)]
pub(crate) struct Jws<'a> {
    /// What the signature is over.
    pub(crate) signed: &'a str,
    pub(crate) header: Value,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub(crate) fn parse(compact: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) = compact.rsplit_once('.').ok_or(Refusal::NotSigned)?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::NotSigned)?;
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).map_err(|_| Refusal::EncodingInvalid);
        let header = serde_json::from_slice(&decode(header)?).map_err(|_| Refusal::JsonInvalid)?;
        Ok(Self { signed, header, payload: decode(payload)?, signature: decode(signature)? })
    }

    /// The algorithm that the header names; nothing may be critical.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Refusal> {
        if self.header.get("crit").is_some() {
            return Err(Refusal::CriticalUnknown);
        }
        Algorithm::from_name(self.text("alg").ok_or(Refusal::AlgorithmMissing)?).ok_or(Refusal::AlgorithmWrong)
    }

    /// A field of the header that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

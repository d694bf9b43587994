//! Making codes: the issuer signs a credential, the device signs each presentation of a live one.

use std::fmt;

use crate::base45;
use crate::cbor::Encoder;
use crate::claims::{LiveClaims, PaperClaims};
use crate::cose::{self, HeaderContent, TAG_CWT, TAG_SIGN1};
use crate::key::{KeyError, Signer};
use crate::qr::{Bitmap, QrError, Version};
use crate::seconds::Seconds;
use crate::who::WhoOpening;

/// What every code begins with.
pub const PREFIX: &str = "YM1:";

/// A signed live credential as the device keeps it; it passes nowhere until the device presents it.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveCredential(Vec<u8>);

impl LiveCredential {
    /// Signs the claims with a key for live codes.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn issue(claims: &LiveClaims, issuer: &Signer) -> Result<Self, KeyError> {
        sign_credential(&claims.encode(), issuer).map(Self)
    }

    /// The credential that a node sent to this device; a checkpoint verifies it, the device need not.
    pub const fn received(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that the node sends to the device.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The code that the device shows at `at`; with `opening`, it also shows whose it is.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn present(&self, device: &Signer, at: Seconds, opening: Option<&WhoOpening>) -> Result<Code, KeyError> {
        let mut encoder = Encoder::with_capacity(self.0.len() + 40);
        encoder.array(if opening.is_some() { 3 } else { 2 }).bytes(&self.0).unsigned(at.get());
        if let Some(opening) = opening {
            encoder.array(3).bytes(opening.salt.reveal());
            opening.who.encode(&mut encoder);
        }
        let header = HeaderContent { key_id: None, content_type: None };
        let bytes = cose::sign(&encoder.finish(), header, &[TAG_SIGN1], device)?;
        Ok(Code { bytes, version_max: Version::LIVE_MAX })
    }
}

impl fmt::Debug for LiveCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveCredential(…)")
    }
}

/// A finished code: what stands in the QR.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    bytes: Vec<u8>,
    version_max: Version,
}

impl Code {
    /// Signs a paper code with a key for paper codes.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn paper(claims: &PaperClaims, issuer: &Signer) -> Result<Self, KeyError> {
        let bytes = sign_credential(&claims.encode(), issuer)?;
        Ok(Self { bytes, version_max: Version::PAPER_MAX })
    }

    /// The signed bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of the QR: `YM1:` and the bytes in base45.
    pub fn text(&self) -> String {
        text_of(&self.bytes)
    }

    /// The QR symbol: one alphanumeric segment, level M.
    ///
    /// # Errors
    /// [`QrError::TooLong`] past version 15 for a live code, 12 for a paper code.
    pub fn qr(&self) -> Result<Bitmap, QrError> {
        Bitmap::of(&self.text(), self.version_max)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(PREFIX.len() + bytes.len().div_ceil(2) * 3);
    text.push_str(PREFIX);
    base45::encode_to(bytes, &mut text);
    text
}

pub(crate) fn sign_credential(claims: &[u8], issuer: &Signer) -> Result<Vec<u8>, KeyError> {
    let header = HeaderContent { key_id: Some(issuer.public().id()), content_type: None };
    cose::sign(claims, header, &[TAG_CWT, TAG_SIGN1], issuer)
}

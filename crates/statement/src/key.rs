//! Public keys of other issuers and the signatures that they verify.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;
use thiserror::Error;
use yima_credential::sha256;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum KeyError {
    /// Neither an EC key on P-256, P-384 or P-521 nor an RSA key.
    #[error("a key of a kind that no format here uses")]
    KindUnknown,
    /// The bytes are no key of the kind that is named.
    #[error("the key is damaged")]
    Damaged,
    /// The key states another use, or another algorithm, than signing with what it is.
    #[error("the key is stated to be for another use")]
    OtherUse,
    /// The id that comes with the key is not its thumbprint.
    #[error("the id of the key is not its thumbprint")]
    KeyIdWrong,
    /// The certificate around the key cannot be read.
    #[error("the certificate is damaged")]
    CertificateDamaged,
    /// No authority that comes with the certificate, or with its list, issued it for its country.
    #[error("the certificate is not issued by the authority that comes with it")]
    ChainBroken,
    /// A signer's certificate in a list comes without that of the authority which issued it.
    #[error("the certificate comes without the authority that issued it; fetch the list with its authorities")]
    ChainMissing,
    /// A signer's certificate in a list names no country.
    #[error("the certificate names no country; pin it by itself if it should count")]
    CountryMissing,
}

/// How statements are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
}

impl Algorithm {
    /// Source: the IANA registry of COSE algorithms.
    pub(crate) const fn from_cose(number: i64) -> Option<Self> {
        match number {
            -7 => Some(Self::Es256),
            -35 => Some(Self::Es384),
            -36 => Some(Self::Es512),
            -37 => Some(Self::Ps256),
            _ => None,
        }
    }

    /// Source: RFC 7518, section 3.1.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "ES512" => Some(Self::Es512),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }
}

/// What a key is; for RSA the algorithm that statements are signed with, whatever its certificate is signed with.
type Kind = Algorithm;

/// A public key, ready to verify; its kind fixes the one algorithm that it verifies.
#[derive(Clone)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>, // INVARIANT: what `parsed` was made of, a point or an RSAPublicKey (RFC 8017)
    parsed: ParsedPublicKey,
}

impl PublicKey {
    pub(crate) fn new(kind: Kind, bytes: Vec<u8>) -> Result<Self, KeyError> {
        let parsed = match kind {
            Kind::Es256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &bytes),
            Kind::Es384 => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &bytes),
            Kind::Es512 => ParsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, &bytes),
            Kind::Ps256 => ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &bytes),
        };
        Ok(Self { kind, bytes, parsed: parsed.map_err(|_| KeyError::Damaged)? })
    }

    /// Reads a JSON Web Key (RFC 7517); leading zeros and padding that issuers write are passed over.
    ///
    /// # Errors
    /// [`KeyError`] when it is no signature key of a known kind.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let operations = jwk.get("key_ops").map(|list| list.as_array().map(Vec::as_slice).unwrap_or_default());
        let is_for_others = operations.is_some_and(|list| !list.contains(&"verify".into()));
        if is_for_others || text("use").is_some_and(|purpose| purpose != "sig") {
            return Err(KeyError::OtherUse);
        }
        let kind = match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => Kind::Es256,
            (Some("EC"), Some("P-384")) => Kind::Es384,
            (Some("EC"), Some("P-521")) => Kind::Es512,
            (Some("RSA"), _) => Kind::Ps256,
            _ => return Err(KeyError::KindUnknown),
        };
        let is_other =
            |name: &str| Algorithm::from_name(name) != Some(kind) && !(kind == Kind::Ps256 && name == "RS256");
        if text("alg").is_some_and(is_other) {
            return Err(KeyError::OtherUse);
        }
        let number = |name: &str| text(name).and_then(decode_base64).map(strip_zeros).ok_or(KeyError::Damaged);
        let bytes = if kind == Kind::Ps256 {
            rsa_public_key(&number("n")?, &number("e")?)
        } else {
            let width = match kind {
                Kind::Es384 => 48,
                Kind::Es512 => 66,
                Kind::Es256 | Kind::Ps256 => 32,
            };
            let mut point = vec![0x04];
            for coordinate in [number("x")?, number("y")?] {
                let zeros = width - coordinate.len().min(width);
                point.extend(std::iter::repeat_n(0, zeros));
                point.extend(coordinate);
            }
            point
        };
        Self::new(kind, bytes)
    }

    /// The one algorithm that it verifies.
    pub const fn algorithm(&self) -> Algorithm {
        self.kind
    }

    /// The thumbprint of an EC key in base64url (RFC 7638, SHA-256); an RSA key has none here.
    pub fn thumbprint(&self) -> Option<String> {
        let (curve, width) = match self.kind {
            Kind::Es256 => ("P-256", 32),
            Kind::Es384 => ("P-384", 48),
            Kind::Es512 => ("P-521", 66),
            Kind::Ps256 => return None,
        };
        let (x, y) = self.bytes.strip_prefix(&[0x04])?.split_at_checked(width)?;
        let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
        let members = format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Some(Base64UrlUnpadded::encode_string(&sha256(members.as_bytes())))
    }

    /// Whether this key made `signature`, r and s of fixed length or the bytes of RSA, over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }

    /// Whether this key made the signature of a certificate.
    pub(crate) fn issued(&self, message: &[u8], signature: &[u8], algorithm: CertificateAlgorithm) -> bool {
        use CertificateAlgorithm::{EcdsaSha256, EcdsaSha384, EcdsaSha512, Pss, RsaSha256, RsaSha384, RsaSha512};
        let algorithms: &[&dyn VerificationAlgorithm] = match (self.kind, algorithm) {
            (Kind::Es256, EcdsaSha256) => &[&ECDSA_P256_SHA256_ASN1],
            (Kind::Es256, EcdsaSha384) => &[&ECDSA_P256_SHA384_ASN1],
            (Kind::Es384, EcdsaSha256) => &[&ECDSA_P384_SHA256_ASN1],
            (Kind::Es384, EcdsaSha384) => &[&ECDSA_P384_SHA384_ASN1],
            (Kind::Es512, EcdsaSha256) => &[&ECDSA_P521_SHA256_ASN1],
            (Kind::Es512, EcdsaSha384) => &[&ECDSA_P521_SHA384_ASN1],
            (Kind::Es512, EcdsaSha512) => &[&ECDSA_P521_SHA512_ASN1],
            (Kind::Ps256, RsaSha256) => &[&RSA_PKCS1_2048_8192_SHA256],
            (Kind::Ps256, RsaSha384) => &[&RSA_PKCS1_2048_8192_SHA384],
            (Kind::Ps256, RsaSha512) => &[&RSA_PKCS1_2048_8192_SHA512],
            (Kind::Ps256, Pss) => &[&RSA_PSS_2048_8192_SHA256, &RSA_PSS_2048_8192_SHA384, &RSA_PSS_2048_8192_SHA512],
            _ => &[],
        };
        let verifies = |algorithm: &&'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(*algorithm, &self.bytes).verify(message, signature).is_ok()
        };
        algorithms.iter().any(verifies)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {:?})", self.kind, self.thumbprint())
    }
}

/// How certificates are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificateAlgorithm {
    EcdsaSha256,
    EcdsaSha384,
    EcdsaSha512,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    /// RSASSA-PSS; its hash stands in its parameters, and each is tried.
    Pss,
}

/// Base64 of either alphabet, with or without padding.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let unified: String = text
        .trim_end_matches('=')
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .map(|letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    Base64UrlUnpadded::decode_vec(&unified).ok()
}

fn strip_zeros(number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.into_iter().skip(zeros).collect()
}

/// An RSAPublicKey (RFC 8017, appendix A.1.1) in DER.
fn rsa_public_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    const INTEGER: u8 = 0x02;
    const SEQUENCE: u8 = 0x30;
    let element = |tag: u8, content: Vec<u8>| {
        let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
        let head = match (high, low) {
            (0, 0..=0x7f) => vec![tag, low],
            (0, _) => vec![tag, 0x81, low],
            _ => vec![tag, 0x82, high, low],
        };
        [head, content].concat()
    };
    let integer = |number: &[u8]| element(INTEGER, [&[0], number].concat());
    let integers = [modulus, exponent].map(|number| match number.first() {
        Some(0..=0x7f) => element(INTEGER, number.to_vec()),
        _ => integer(number),
    });
    element(SEQUENCE, integers.concat())
}

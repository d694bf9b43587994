//! ES256 keys: the signer, the public key, its id, and the one accepted form of a signature.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
};
use thiserror::Error;

use crate::cbor::{Encoder, Reader, WrongShape};

/// Why a key could not be read, made or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a P-256 private key in PKCS#8.
    #[error("not a P-256 private key; it must be PKCS#8 in DER, as `yima keys init` writes it")]
    NotAPrivateKey,
    /// The coordinates are no point of P-256.
    #[error("not a P-256 public key; x and y must be a point of the curve")]
    NotAPublicKey,
    /// The library could not make a key.
    #[error("no key could be generated; the system gave no randomness")]
    NotGenerated,
    /// The library, or the device that holds the key, could not sign.
    #[error("the signature failed; the system gave no randomness, or the device that holds the key did not answer")]
    NotSigned,
}

/// The id of a key: the first 16 bytes of its RFC 9679 thumbprint (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The id with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The coordinates x and y of a public key, not yet known to be a point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coordinates {
    /// x, big-endian.
    pub x: [u8; 32],
    /// y, big-endian.
    pub y: [u8; 32],
}

/// A P-256 public key: a point of the curve, ready to verify.
#[derive(Clone)]
pub struct PublicKey {
    coordinates: Coordinates, // INVARIANT: the point that `parsed` holds
    id: KeyId,                // INVARIANT: the thumbprint of `coordinates`
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// The key with these coordinates.
    ///
    /// # Errors
    /// [`KeyError::NotAPublicKey`] when they are no point of the curve.
    pub fn new(coordinates: Coordinates) -> Result<Self, KeyError> {
        let mut point = [0x04; 65];
        if let Some((x, y)) = point.get_mut(1..).and_then(|xy| xy.split_at_mut_checked(32)) {
            x.copy_from_slice(&coordinates.x);
            y.copy_from_slice(&coordinates.y);
        }
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyError::NotAPublicKey)?;
        let mut encoder = Encoder::with_capacity(80);
        encode_cose_key(&coordinates, &mut encoder);
        let id = KeyId(truncated_sha256(&encoder.finish()));
        Ok(Self { coordinates, id, parsed })
    }

    /// The coordinates.
    pub const fn coordinates(&self) -> &Coordinates {
        &self.coordinates
    }

    /// The id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        self.parsed.verify_sig(message, &signature.0).is_ok()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.coordinates == other.coordinates
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.id()).finish()
    }
}

/// Writes a COSE_Key of type EC2 on P-256; the thumbprint is taken over the same bytes.
pub(crate) fn encode_cose_key(coordinates: &Coordinates, encoder: &mut Encoder) {
    encoder.map(4).unsigned(1_u8).unsigned(2_u8).integer(-1).unsigned(1_u8);
    encoder.integer(-2).bytes(&coordinates.x).integer(-3).bytes(&coordinates.y);
}

/// Reads a COSE_Key that has exactly the four entries that [`encode_cose_key`] writes.
pub(crate) fn read_cose_key(reader: &mut Reader<'_>) -> Result<Coordinates, WrongShape> {
    let expect = |reader: &mut Reader<'_>, number| if reader.integer()? == number { Ok(()) } else { Err(WrongShape) };
    if reader.map()? != 4 {
        return Err(WrongShape);
    }
    for number in [1, 2, -1, 1, -2] {
        expect(reader, number)?;
    }
    let x = *reader.byte_array()?;
    expect(reader, -3)?;
    let y = *reader.byte_array()?;
    Ok(Coordinates { x, y })
}

/// A private P-256 key that signs by ES256, wherever it lies: whatever signs codes or lists asks a `Signer`.
///
/// The nonce of each signature comes from the random source of the library; it is the one thing here that is no function
/// of the arguments.
pub struct Signer {
    public: PublicKey,
    private: Private,
}

/// Where the private key lies.
enum Private {
    /// In the memory of this process, from a file.
    Here(EcdsaKeyPair, SystemRandom),
    /// In a device or another process, which gives r and s for a message.
    Elsewhere(SignElsewhere),
}

/// Has a message signed by ES256 where the private key lies; `None` if it could not be.
pub type SignElsewhere = Box<dyn Fn(&[u8]) -> Option<[u8; 64]> + Send + Sync>;

impl Signer {
    /// Makes a new private key and returns its PKCS#8 document, from the random source of the library.
    ///
    /// # Errors
    /// [`KeyError::NotGenerated`] when that source fails.
    pub fn generate_pkcs8() -> Result<Vec<u8>, KeyError> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map(|document| document.as_ref().to_vec())
            .map_err(|_| KeyError::NotGenerated)
    }

    /// Reads a private key from its PKCS#8 document (DER).
    ///
    /// # Errors
    /// [`KeyError::NotAPrivateKey`] when the bytes are anything else.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(|_| KeyError::NotAPrivateKey)?;
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .strip_prefix(&[0x04])
            .and_then(|xy| Some((xy.first_chunk()?, xy.last_chunk()?)))
            .ok_or(KeyError::NotAPrivateKey)?;
        let public = PublicKey::new(Coordinates { x: *x, y: *y }).map_err(|_| KeyError::NotAPrivateKey)?;
        Ok(Self { public, private: Private::Here(pair, SystemRandom::new()) })
    }

    /// The signer whose private key lies elsewhere, such as in a security module that is reached by PKCS#11.
    pub fn elsewhere(public: PublicKey, sign: SignElsewhere) -> Self {
        Self { public, private: Private::Elsewhere(sign) }
    }

    /// The public key.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Signature, KeyError> {
        let signature = match &self.private {
            Private::Here(pair, random) => pair.sign(random, message).ok().and_then(|rs| rs.as_ref().try_into().ok()),
            Private::Elsewhere(sign) => sign(message),
        };
        Ok(Signature(signature.ok_or(KeyError::NotSigned)?).into_low_s())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.public.id()).finish()
    }
}

/// The 64 bytes r, s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signature(pub(crate) [u8; 64]);

/// The order n of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// (n − 1) / 2: the largest s that is accepted.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

impl Signature {
    /// Whether s lies in the lower half, so that nobody can make a second signature of the same content from it.
    pub(crate) fn is_low_s(&self) -> bool {
        self.0.last_chunk::<32>().is_some_and(|s| *s <= HALF_ORDER)
    }

    fn into_low_s(mut self) -> Self {
        if !self.is_low_s()
            && let Some(s) = self.0.last_chunk_mut::<32>()
        {
            *s = order_minus(s);
        }
        self
    }
}

fn order_minus(s: &[u8; 32]) -> [u8; 32] {
    let mut difference = ORDER;
    let mut borrow = false;
    for (digit, subtrahend) in difference.iter_mut().zip(s).rev() {
        let (partial, under) = digit.overflowing_sub(*subtrahend);
        let (result, under_again) = partial.overflowing_sub(u8::from(borrow));
        *digit = result;
        borrow = under || under_again;
    }
    difference
}

/// The first 16 bytes of the SHA-256 of `bytes`.
pub(crate) fn truncated_sha256(bytes: &[u8]) -> [u8; 16] {
    let mut truncated = [0; 16];
    truncated.iter_mut().zip(sha256(bytes)).for_each(|(to, from)| *to = from);
    truncated
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut whole = [0; 32];
    whole.iter_mut().zip(digest(&SHA256, bytes).as_ref()).for_each(|(to, from)| *to = *from);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap()
    }

    #[test]
    fn every_signature_has_low_s_and_verifies() {
        let signer = signer();
        for message in 0..64_u8 {
            let signature = signer.sign(&[message]).unwrap();
            assert!(signature.is_low_s());
            assert!(signer.public().verifies(&[message], &signature));
            assert!(!signer.public().verifies(&[message ^ 1], &signature));
        }
    }

    #[test]
    fn a_key_that_lies_elsewhere_signs_in_the_one_form_or_not_at_all() {
        let here = signer();
        let public = here.public().clone();
        let high = move |message: &[u8]| {
            let mut signature = here.sign(message).ok()?;
            let s = signature.0.last_chunk_mut::<32>()?;
            *s = order_minus(s);
            Some(signature.0)
        };
        let device = Signer::elsewhere(public, Box::new(high));
        let signature = device.sign(b"message").unwrap();
        assert!(signature.is_low_s() && device.public().verifies(b"message", &signature));
        let away = Signer::elsewhere(device.public().clone(), Box::new(|_| None));
        assert_eq!(away.sign(b"message"), Err(KeyError::NotSigned));
    }

    #[test]
    fn the_other_half_verifies_too_and_is_told_apart() {
        let signer = signer();
        let mut high = signer.sign(b"message").unwrap();
        let s = high.0.last_chunk_mut::<32>().unwrap();
        *s = order_minus(s);
        assert!(signer.public().verifies(b"message", &high));
        assert!(!high.is_low_s());
        assert!(high.into_low_s().is_low_s());
    }

    #[test]
    fn the_bound_of_s_is_half_the_order() {
        assert_eq!(order_minus(&HALF_ORDER).map(i32::from), {
            let mut above = HALF_ORDER.map(i32::from);
            above[31] += 1;
            above
        });
    }

    /// Source: RFC 9679, section 6 (the example key and its thumbprint).
    #[test]
    fn the_id_is_the_thumbprint_of_the_standard() {
        let hex = |text: &str| -> [u8; 32] {
            let digits: Vec<u8> = text.bytes().map(|byte| (byte as char).to_digit(16).unwrap() as u8).collect();
            digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<_>>().try_into().unwrap()
        };
        let coordinates = Coordinates {
            x: hex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"),
            y: hex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"),
        };
        let id = PublicKey::new(coordinates).unwrap().id();
        assert_eq!(id.to_string(), "496bd8afadf307e5b08c64b0421bf9dc");
    }

    #[test]
    fn other_bytes_are_no_keys() {
        assert_eq!(Signer::from_pkcs8(b"").map(drop), Err(KeyError::NotAPrivateKey));
        let nowhere = Coordinates { x: [1; 32], y: [1; 32] };
        assert_eq!(PublicKey::new(nowhere), Err(KeyError::NotAPublicKey));
    }
}

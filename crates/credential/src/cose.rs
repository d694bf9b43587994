//! COSE_Sign1 (RFC 9052) as codes and lists use it: ES256, everything in the protected header.

use thiserror::Error;

use crate::cbor::{self, CborFault, Encoder, Reader, WrongShape};
use crate::key::{KeyError, KeyId, PublicKey, Signature, Signer};

/// The tag of COSE_Sign1.
pub(crate) const TAG_SIGN1: u64 = 18;
/// The tag of a CWT.
pub(crate) const TAG_CWT: u64 = 61;

const HEADER_ALGORITHM: i64 = 1;
const HEADER_CRITICAL: i64 = 2;
const HEADER_KEY_ID: i64 = 4;
const HEADER_TYPE: i64 = 16;
/// The algorithm of every signature.
pub(crate) const ES256: i64 = -7;

/// What makes bytes no signed object of ours, before any key is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum FormFault {
    /// The CBOR is not well formed, not canonical or out of bounds.
    #[error(transparent)]
    Cbor(#[from] CborFault),
    /// Another tag than the one of this kind of object, or none.
    #[error("this is another kind of object")]
    WrongTag,
    /// Not the four parts of a COSE_Sign1, or a part of another type or length.
    #[error("this is no signed object")]
    NotSigned,
    /// No algorithm is named.
    #[error("no signature algorithm is named")]
    AlgorithmMissing,
    /// The algorithm stands where no signature protects it.
    #[error("the signature algorithm is not protected")]
    AlgorithmUnprotected,
    /// Another algorithm than ES256.
    #[error("the signature algorithm is not ES256")]
    AlgorithmWrong,
    /// Something stands in the header that no signature protects.
    #[error("the unprotected header is not empty")]
    HeaderUnprotected,
    /// Something is marked as critical that this version does not know.
    #[error("something critical is not understood; update the verifier")]
    CriticalUnknown,
    /// The signature is in the form that anybody can make from the one that was signed.
    #[error("the signature is not in its one form")]
    SignatureMalleable,
}

impl FormFault {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cbor(fault) => fault.code(),
            Self::WrongTag => "wrong_tag",
            Self::NotSigned => "not_signed",
            Self::AlgorithmMissing => "algorithm_missing",
            Self::AlgorithmUnprotected => "algorithm_unprotected",
            Self::AlgorithmWrong => "algorithm_wrong",
            Self::HeaderUnprotected => "header_unprotected",
            Self::CriticalUnknown => "critical_unknown",
            Self::SignatureMalleable => "signature_malleable",
        }
    }

    /// All faults.
    pub fn all() -> impl Iterator<Item = Self> {
        CborFault::ALL.into_iter().map(Self::Cbor).chain([
            Self::WrongTag,
            Self::NotSigned,
            Self::AlgorithmMissing,
            Self::AlgorithmUnprotected,
            Self::AlgorithmWrong,
            Self::HeaderUnprotected,
            Self::CriticalUnknown,
            Self::SignatureMalleable,
        ])
    }
}

/// A COSE_Sign1 whose form was checked and whose signature was not.
#[derive(Debug)]
pub(crate) struct Sign1<'a> {
    protected: &'a [u8],
    pub(crate) payload: &'a [u8],
    signature: Signature,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) content_type: Option<&'a str>,
}

impl<'a> Sign1<'a> {
    /// Reads the tagged object in `bytes`, whose outermost tags are `tags`.
    pub(crate) fn parse(bytes: &'a [u8], tags: &[u64]) -> Result<Self, FormFault> {
        cbor::check(bytes)?;
        let mut reader = Reader::new(bytes);
        for tag in tags {
            if reader.tag() != Ok(*tag) {
                return Err(FormFault::WrongTag);
            }
        }
        let Parts { protected, unprotected, payload, signature } =
            Parts::read(&mut reader).map_err(|WrongShape| FormFault::NotSigned)?;
        cbor::check(payload)?;
        let header = Header::parse(protected)?;
        match header.algorithm {
            _ if unprotected == Unprotected::Algorithm => return Err(FormFault::AlgorithmUnprotected),
            None => return Err(FormFault::AlgorithmMissing),
            Some(ES256) => {}
            Some(_) => return Err(FormFault::AlgorithmWrong),
        }
        if unprotected != Unprotected::Empty {
            return Err(FormFault::HeaderUnprotected);
        }
        if header.critical {
            return Err(FormFault::CriticalUnknown);
        }
        if !signature.is_low_s() {
            return Err(FormFault::SignatureMalleable);
        }
        Ok(Self { protected, payload, signature, key_id: header.key_id, content_type: header.content_type })
    }

    /// Whether `key` made the signature.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(&signed_bytes(self.protected, self.payload), &self.signature)
    }
}

struct Parts<'a> {
    protected: &'a [u8],
    unprotected: Unprotected,
    payload: &'a [u8],
    signature: Signature,
}

/// What stands in the unprotected header; nothing of it is ever used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unprotected {
    Empty,
    Algorithm,
    Other,
}

impl<'a> Parts<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, WrongShape> {
        reader.array_of(4)?;
        Ok(Self {
            protected: reader.bytes()?,
            unprotected: Unprotected::read(reader)?,
            payload: reader.bytes()?,
            signature: Signature(*reader.byte_array()?),
        })
    }
}

impl Unprotected {
    fn read(reader: &mut Reader<'_>) -> Result<Self, WrongShape> {
        let mut unprotected = Self::Empty;
        for _ in 0..reader.map()? {
            match read_label(reader)? {
                Some(HEADER_ALGORITHM) => unprotected = Self::Algorithm,
                _ if unprotected == Self::Empty => unprotected = Self::Other,
                _ => {}
            }
            reader.skip()?;
        }
        Ok(unprotected)
    }
}

#[derive(Default)]
struct Header<'a> {
    algorithm: Option<i64>,
    key_id: Option<KeyId>,
    content_type: Option<&'a str>,
    critical: bool,
}

impl<'a> Header<'a> {
    /// An empty byte string stands for the empty map; an algorithm that is no integer is a wrong one.
    fn parse(protected: &'a [u8]) -> Result<Self, FormFault> {
        if protected.is_empty() {
            return Ok(Self::default());
        }
        cbor::check(protected)?;
        Self::read(&mut Reader::new(protected)).map_err(|WrongShape| FormFault::NotSigned)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WrongShape> {
        let mut header = Self::default();
        for _ in 0..reader.map()? {
            let label = read_label(reader)?;
            let mut value = *reader;
            reader.skip()?;
            match label {
                Some(HEADER_ALGORITHM) => header.algorithm = Some(value.integer().unwrap_or(0)),
                Some(HEADER_CRITICAL) => header.critical = true,
                Some(HEADER_KEY_ID) => header.key_id = value.byte_array().ok().map(|id| KeyId::from_bytes(*id)),
                Some(HEADER_TYPE) => header.content_type = value.text().ok(),
                Some(_) | None => {}
            }
        }
        Ok(header)
    }
}

/// Reads a map key; `None` if it is no integer.
pub(crate) fn read_label(reader: &mut Reader<'_>) -> Result<Option<i64>, WrongShape> {
    let mut ahead = *reader;
    reader.skip()?;
    Ok(ahead.integer().ok())
}

/// What the signer names in the protected header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderContent<'a> {
    pub(crate) key_id: Option<KeyId>,
    pub(crate) content_type: Option<&'a str>,
}

/// Signs `payload` and writes the COSE_Sign1 under `tags`.
pub(crate) fn sign(
    payload: &[u8],
    header: HeaderContent<'_>,
    tags: &[u64],
    signer: &Signer,
) -> Result<Vec<u8>, KeyError> {
    let protected = encode_header(header);
    let signature = signer.sign(&signed_bytes(&protected, payload))?;
    let mut encoder = Encoder::with_capacity(payload.len() + protected.len() + 80);
    for tag in tags {
        encoder.tag(*tag);
    }
    encoder.array(4).bytes(&protected).map(0).bytes(payload).bytes(&signature.0);
    Ok(encoder.finish())
}

fn encode_header(header: HeaderContent<'_>) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(64);
    let entries = 1 + usize::from(header.key_id.is_some()) + usize::from(header.content_type.is_some());
    encoder.map(entries).integer(HEADER_ALGORITHM).integer(ES256);
    if let Some(key_id) = header.key_id {
        encoder.integer(HEADER_KEY_ID).bytes(key_id.bytes());
    }
    if let Some(content_type) = header.content_type {
        encoder.integer(HEADER_TYPE).text(content_type);
    }
    encoder.finish()
}

/// The Sig_structure of RFC 9052, section 4.4, without external data: what the signature of a COSE_Sign1 is over.
///
/// `protected` is the content of the byte string of the protected header, as it was sent.
pub fn signed_bytes(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::with_capacity(payload.len() + protected.len() + 24);
    encoder.array(4).text("Signature1").bytes(protected).bytes(&[]).bytes(payload);
    encoder.finish()
}

//! COSE_Sign1 (RFC 9052) as other issuers write it: a key id in either header, an algorithm in the protected one only.

use std::borrow::Cow;

use yima_credential::signed_bytes;

use crate::Refusal;
use crate::cbor::{self, Reader, WrongShape};
use crate::key::Algorithm;

/// The tag of COSE_Sign1.
pub(crate) const TAG_SIGN1: u64 = 18;
/// The tag of a CWT, which may stand around the other.
const TAG_CWT: u64 = 61;

const HEADER_ALGORITHM: i64 = 1;
const HEADER_CRITICAL: i64 = 2;
const HEADER_KEY_ID: i64 = 4;

/// A COSE_Sign1 whose form was checked and whose signature was not.
#[derive(Debug)]
pub(crate) struct Sign1<'a> {
    protected: Cow<'a, [u8]>,
    pub(crate) payload: Cow<'a, [u8]>,
    signature: Cow<'a, [u8]>,
    /// The innermost tag, if there is one.
    pub(crate) tag: Option<u64>,
    header: Header,
    unprotected: Unprotected<'a>,
}

#[derive(Debug, Default)]
struct Header {
    algorithm: Option<i64>,
    is_critical: bool,
    key_id: KeyId,
}

/// What a protected header says of the key.
#[derive(Debug, Default)]
enum KeyId {
    /// Nothing.
    #[default]
    Absent,
    /// Something that is no id.
    Mistyped,
    /// Its id.
    Of(Vec<u8>),
}

/// What counts of the header that no signature covers.
#[derive(Debug, Default)]
struct Unprotected<'a> {
    key_id: Option<Cow<'a, [u8]>>,
    is_critical: bool,
}

impl<'a> Sign1<'a> {
    /// Reads the object in `bytes`: untagged, tagged 18, or tagged 18 within 61.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let signed = Self::parse_object(bytes)?;
        cbor::check(&signed.payload)?;
        Ok(signed)
    }

    /// The same, whatever the payload is.
    pub(crate) fn parse_object(bytes: &'a [u8]) -> Result<Self, Refusal> {
        cbor::check(bytes)?;
        let mut reader = Reader::new(bytes);
        let mut tag = None;
        while let Some(next) = reader.tag() {
            if !matches!((tag, next), (None, TAG_CWT | TAG_SIGN1) | (Some(TAG_CWT), TAG_SIGN1)) {
                return Err(Refusal::NotSigned);
            }
            tag = Some(next);
        }
        let mut signed = Self::read(&mut reader, tag).map_err(|WrongShape| Refusal::NotSigned)?;
        if !signed.protected.is_empty() {
            cbor::check(&signed.protected)?;
        }
        signed.header = Header::read(&signed.protected).map_err(|WrongShape| Refusal::NotSigned)?;
        Ok(signed)
    }

    fn read(reader: &mut Reader<'a>, tag: Option<u64>) -> Result<Self, WrongShape> {
        let mut parts = reader.array()?;
        let mut next = |reader: &mut Reader<'a>| if reader.more(&mut parts)? { Ok(()) } else { Err(WrongShape) };
        next(reader)?;
        let protected = reader.bytes()?;
        next(reader)?;
        let unprotected = Unprotected::read(reader)?;
        next(reader)?;
        let payload = reader.bytes()?;
        next(reader)?;
        let signature = reader.bytes()?;
        if reader.more(&mut parts)? {
            return Err(WrongShape);
        }
        Ok(Self { protected, payload, signature, tag, header: Header::default(), unprotected })
    }

    /// The key id: of the protected header if it stands there, else of the other.
    pub(crate) fn key_id(&self) -> Result<&[u8], Refusal> {
        match &self.header.key_id {
            KeyId::Absent => self.unprotected.key_id.as_deref().ok_or(Refusal::KeyIdMissing),
            KeyId::Mistyped | KeyId::Of(_) => self.protected_key_id(),
        }
    }

    /// The key id of the protected header alone.
    pub(crate) fn protected_key_id(&self) -> Result<&[u8], Refusal> {
        match &self.header.key_id {
            KeyId::Of(id) => Ok(id),
            KeyId::Absent | KeyId::Mistyped => Err(Refusal::KeyIdMissing),
        }
    }

    /// The algorithm that the protected header names; nothing may be critical, least of all where no signature covers it.
    ///
    /// Source: RFC 9052, section 3.1, `crit`.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Refusal> {
        if self.header.is_critical || self.unprotected.is_critical {
            return Err(Refusal::CriticalUnknown);
        }
        let number = self.header.algorithm.ok_or(Refusal::AlgorithmMissing)?;
        Algorithm::from_cose(number).ok_or(Refusal::AlgorithmWrong)
    }

    /// What the signature is over.
    pub(crate) fn message(&self) -> Vec<u8> {
        signed_bytes(&self.protected, &self.payload)
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl Header {
    /// An algorithm that is no integer is a wrong one; a key id is a byte string or, as in New Zealand, a text.
    fn read(protected: &[u8]) -> Result<Self, WrongShape> {
        let mut header = Self::default();
        if protected.is_empty() {
            return Ok(header);
        }
        let mut reader = Reader::new(protected);
        let mut entries = reader.map()?;
        while reader.more(&mut entries)? {
            let label = reader.label()?;
            let mut value = reader.piece()?;
            match label {
                Some(HEADER_ALGORITHM) if header.algorithm.is_none() => {
                    header.algorithm = Some(value.integer().unwrap_or(0));
                }
                Some(HEADER_CRITICAL) => header.is_critical = true,
                Some(HEADER_KEY_ID) if matches!(header.key_id, KeyId::Absent) => {
                    let mut again = value;
                    let text = again.text().map(|text| text.into_owned().into_bytes());
                    header.key_id = value.bytes().map(Cow::into_owned).or(text).map_or(KeyId::Mistyped, KeyId::Of);
                }
                // The same label as a float.
                Some(HEADER_ALGORITHM | HEADER_KEY_ID) => return Err(WrongShape),
                _ => {}
            }
        }
        Ok(header)
    }
}

impl<'a> Unprotected<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, WrongShape> {
        let mut header = Self::default();
        let mut entries = reader.map()?;
        while reader.more(&mut entries)? {
            let label = reader.label()?;
            let mut value = reader.piece()?;
            match label {
                Some(HEADER_KEY_ID) if header.key_id.is_none() => header.key_id = value.bytes().ok(),
                Some(HEADER_CRITICAL) => header.is_critical = true,
                _ => {}
            }
        }
        Ok(header)
    }
}

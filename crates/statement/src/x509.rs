//! X.509 certificates of document signers and their authorities: key, validity, country, and what the key may sign.
//!
//! A certificate is only ever believed because the trust list holds it, or because an authority that the trust list
//! holds has signed it; so a form that a strict parser would refuse is read as far as it is understood.

use yima_credential::sha256;

use crate::civil::{Civil, seconds_of};
use crate::countries::of_code;
use crate::der::{BIT_STRING, BOOLEAN, Elements, GENERALIZED_TIME, OBJECT_ID, OCTET_STRING, SEQUENCE, SET, UTC_TIME};
use crate::key::{Algorithm, CertificateAlgorithm, KeyError, PublicKey};

/// What a key may sign: vaccinations, tests, recoveries.
///
/// Source: the HCERT specification, appendix A.4; a certificate that names none of them may sign each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Usages {
    /// Vaccinations.
    pub vaccination: bool,
    /// Test results.
    pub test: bool,
    /// Recoveries.
    pub recovery: bool,
}

impl Usages {
    /// Everything.
    pub const ALL: Self = Self { vaccination: true, test: true, recovery: true };
    /// Nothing.
    pub const NONE: Self = Self { vaccination: false, test: false, recovery: false };

    /// Whether everything in `other` is here too.
    pub const fn covers(self, other: Self) -> bool {
        (self.vaccination || !other.vaccination) && (self.test || !other.test) && (self.recovery || !other.recovery)
    }
}

/// What a certificate says about signing seals.
///
/// Source: ICAO, "Visible Digital Seals for non-constrained environments", the profile of the signer's certificate. It
/// demands both extensions, which signers in use lack; so what a certificate does not state is not held against it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sealing {
    /// Whether its uses, if it states any, have the one of seals.
    is_stated: Option<bool>,
    /// The types of documents, if it states them.
    documents: Option<Vec<Vec<u8>>>,
}

impl Sealing {
    /// Whether it may sign documents of this type of two letters.
    pub(crate) fn allows(&self, document: &str) -> bool {
        let is_listed = |types: &Vec<Vec<u8>>| types.iter().any(|own| own == document.as_bytes());
        self.is_stated != Some(false) && self.documents.as_ref().is_none_or(is_listed)
    }
}

/// A certificate, with nothing believed.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The key.
    pub key: PublicKey,
    /// The first eight bytes of the SHA-256 of the certificate: its key id in a DCC.
    pub id: [u8; 8],
    /// First second of validity, since 1970.
    pub not_before: i64,
    /// Last second of validity, since 1970.
    pub not_after: i64,
    /// The country of the subject, two capital letters of ISO 3166-1.
    pub country: Option<[u8; 2]>,
    /// What the key may sign.
    pub usages: Usages,
    /// Whether it says that it is an authority's.
    pub is_authority: bool,
    pub(crate) sealing: Sealing,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Option<CertificateAlgorithm>,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read or its key is of no known kind.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let damaged = || KeyError::CertificateDamaged;
        let whole = Elements::of(der).expect(SEQUENCE).ok_or_else(damaged)?;
        let mut parts = Elements::of(whole.content);
        let to_be_signed = parts.expect(SEQUENCE).ok_or_else(damaged)?;
        let algorithm = parts.expect(SEQUENCE).ok_or_else(damaged)?;
        let signature = parts.expect(BIT_STRING).and_then(|bits| bits.content.strip_prefix(&[0])).unwrap_or_default();
        let fields = Fields::read(to_be_signed.content).ok_or_else(damaged)?;
        let Extensions { usages, is_authority, sealing } = fields.extensions.map(Extensions::read).unwrap_or_default();
        Ok(Self {
            key: read_key(fields.key)?,
            id: sha256(whole.whole).first_chunk().copied().unwrap_or_default(),
            not_before: fields.not_before,
            not_after: fields.not_after,
            country: country(fields.subject),
            usages,
            is_authority,
            sealing,
            subject: fields.subject.to_vec(),
            issuer: fields.issuer.to_vec(),
            to_be_signed: to_be_signed.whole.to_vec(),
            signature: signature.to_vec(),
            algorithm: signature_algorithm(algorithm.content),
        })
    }

    /// Whether `authority` has signed this certificate.
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        let verifies = |algorithm| authority.key.issued(&self.to_be_signed, &self.signature, algorithm);
        self.issuer == authority.subject && self.algorithm.is_some_and(verifies)
    }
}

struct Fields<'a> {
    issuer: &'a [u8],
    not_before: i64,
    not_after: i64,
    subject: &'a [u8],
    key: &'a [u8],
    extensions: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn read(to_be_signed: &'a [u8]) -> Option<Self> {
        const VERSION: u8 = 0xa0;
        const EXTENSIONS: u8 = 0xa3;
        let mut fields = Elements::of(to_be_signed);
        fields.expect(VERSION);
        let _serial = fields.next()?;
        let _algorithm = fields.expect(SEQUENCE)?;
        let issuer = fields.expect(SEQUENCE)?.content;
        let mut validity = Elements::of(fields.expect(SEQUENCE)?.content);
        let (not_before, not_after) = (read_time(&mut validity)?, read_time(&mut validity)?);
        let subject = fields.expect(SEQUENCE)?.content;
        let key = fields.expect(SEQUENCE)?.content;
        let extensions = fields.find(|field| field.tag == EXTENSIONS);
        let extensions = extensions.and_then(|wrapped| Elements::of(wrapped.content).expect(SEQUENCE));
        Some(Self { issuer, not_before, not_after, subject, key, extensions: extensions.map(|list| list.content) })
    }
}

fn read_time(validity: &mut Elements<'_>) -> Option<i64> {
    let time = validity.next()?;
    let digits = std::str::from_utf8(time.content).ok()?.strip_suffix('Z')?;
    let century_split = if time.tag == UTC_TIME { 2 } else { 4 };
    let (year, rest) = digits.split_at_checked(century_split)?;
    let number =
        |text: &str| text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let year = match (time.tag, number(year)?) {
        (UTC_TIME, short @ 0..50) => 2000 + short,
        (UTC_TIME, short) => 1900 + short,
        (GENERALIZED_TIME, year) => year,
        _ => return None,
    };
    let mut pairs = rest.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok().and_then(number));
    let mut pair = || pairs.next().flatten();
    let (month, day, hour, minute) = (pair()?, pair()?, pair()?, pair()?);
    let day = Civil::new(year, month, day)?.days();
    Some(seconds_of(day, hour, minute, pair().unwrap_or(0)))
}

fn read_key(info: &[u8]) -> Result<PublicKey, KeyError> {
    let damaged = || KeyError::CertificateDamaged;
    let mut info = Elements::of(info);
    let mut algorithm = Elements::of(info.expect(SEQUENCE).ok_or_else(damaged)?.content);
    let bits = info.expect(BIT_STRING).and_then(|bits| bits.content.strip_prefix(&[0])).ok_or_else(damaged)?;
    let kind = algorithm.expect(OBJECT_ID).ok_or_else(damaged)?.content;
    let curve = algorithm.expect(OBJECT_ID).map(|curve| curve.content);
    let kind = match (kind, curve) {
        (EC_PUBLIC_KEY, Some(P256)) => Algorithm::Es256,
        (EC_PUBLIC_KEY, Some(P384)) => Algorithm::Es384,
        (EC_PUBLIC_KEY, Some(P521)) => Algorithm::Es512,
        (RSA_ENCRYPTION | RSASSA_PSS, _) => Algorithm::Ps256,
        _ => return Err(KeyError::KindUnknown),
    };
    PublicKey::new(kind, bits.to_vec())
}

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const COUNTRY_NAME: &[u8] = &[0x55, 0x04, 0x06];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SEAL_SIGNER: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x0e, 0x02];
const DOCUMENT_TYPES: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

fn signature_algorithm(content: &[u8]) -> Option<CertificateAlgorithm> {
    let id = Elements::of(content).expect(OBJECT_ID)?.content;
    Some(match id {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => CertificateAlgorithm::EcdsaSha256,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => CertificateAlgorithm::EcdsaSha384,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => CertificateAlgorithm::EcdsaSha512,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b] => CertificateAlgorithm::RsaSha256,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] => CertificateAlgorithm::RsaSha384,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] => CertificateAlgorithm::RsaSha512,
        RSASSA_PSS => CertificateAlgorithm::Pss,
        _ => return None,
    })
}

fn country(subject: &[u8]) -> Option<[u8; 2]> {
    let names = Elements::of(subject).filter(|set| set.tag == SET).flat_map(|set| Elements::of(set.content));
    names.filter(|pair| pair.tag == SEQUENCE).find_map(|pair| {
        let mut pair = Elements::of(pair.content);
        let is_country = pair.expect(OBJECT_ID)?.content == COUNTRY_NAME;
        of_code(pair.next().filter(|_| is_country)?.content)
    })
}

struct Extensions {
    usages: Usages,
    is_authority: bool,
    sealing: Sealing,
}

impl Default for Extensions {
    fn default() -> Self {
        Self { usages: Usages::ALL, is_authority: false, sealing: Sealing::default() }
    }
}

impl Extensions {
    fn read(list: &[u8]) -> Self {
        let mut read = Self::default();
        for extension in Elements::of(list) {
            let mut parts = Elements::of(extension.content);
            let id = parts.expect(OBJECT_ID).map(|id| id.content);
            parts.expect(BOOLEAN);
            let Some(value) = parts.expect(OCTET_STRING) else { continue };
            let Some(inner) = Elements::of(value.content).expect(SEQUENCE) else { continue };
            match id {
                Some(EXTENDED_KEY_USAGE) => {
                    read.usages = read_usages(inner.content);
                    read.sealing.is_stated = Some(Elements::of(inner.content).any(|id| id.content == SEAL_SIGNER));
                }
                Some(BASIC_CONSTRAINTS) => {
                    let flag = Elements::of(inner.content).expect(BOOLEAN);
                    read.is_authority = flag.is_some_and(|flag| flag.content != [0]);
                }
                Some(DOCUMENT_TYPES) => {
                    let types = Elements::of(inner.content).filter(|part| part.tag == SET);
                    let types = types.flat_map(|set| Elements::of(set.content)).map(|kind| kind.content.to_vec());
                    read.sealing.documents = Some(types.collect());
                }
                _ => {}
            }
        }
        read
    }
}

/// The ids of the specification, and the ones with a zero in them that most issuers write; a signer of seals that names
/// none of them signs seals alone.
fn read_usages(list: &[u8]) -> Usages {
    let mut usages = Usages::NONE;
    let mut signs_seals = false;
    for id in Elements::of(list) {
        match id.content {
            [0x2b, 0x06, 0x01, 0x04, 0x01, 0x00, 0x8e, 0x37, 0x8f, 0x65, 0x01, use_id]
            | [0x2b, 0x06, 0x01, 0x04, 0x01, 0x8e, 0x37, 0x8f, 0x65, 0x01, use_id] => match use_id {
                1 => usages.test = true,
                2 => usages.vaccination = true,
                3 => usages.recovery = true,
                _ => {}
            },
            SEAL_SIGNER => signs_seals = true,
            _ => {}
        }
    }
    if usages == Usages::NONE && !signs_seals { Usages::ALL } else { usages }
}

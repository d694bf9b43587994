//! Lists of revoked DCC: batches of hashes as the gateway hands them out, and the two filters made from them.
//!
//! A hash is the first sixteen bytes of a SHA-256: over the certificate's id, over its country and id, or over its
//! signature, of which ECDSA lends only r, since anybody can make another s.
//! A filter may take a certificate for revoked that is not, with the probability that it states, and never the reverse.

use std::collections::BTreeSet;

use serde_json::Value;
use thiserror::Error;
use yima_credential::sha256;

use super::{Certificate, Claims, Entry, Signed};
use crate::key::{Algorithm, decode_base64};

/// What a hash is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// The id of the certificate.
    Id,
    /// The country of the issuer and the id.
    CountryId,
    /// The signature.
    Signature,
}

impl HashKind {
    const ALL: [(&'static str, Self); 3] =
        [("UCI", Self::Id), ("COUNTRYCODEUCI", Self::CountryId), ("SIGNATURE", Self::Signature)];
}

/// Why a list cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum RevocationError {
    /// A field of a list is missing or of another type or word.
    #[error("the list of revoked certificates lacks a field, or has one of another type")]
    Field,
    /// A filter of another version, with another hash, or of another length than it states.
    #[error("the filter is damaged or of an unknown version")]
    Filter,
}

/// A list of revoked certificates.
#[derive(Clone, Debug)]
pub struct Revocations {
    /// The key that the certificates were signed with; any, if it is not known.
    key_id: Option<Vec<u8>>,
    kind: HashKind,
    hashes: Hashes,
}

#[derive(Clone, Debug)]
enum Hashes {
    Exact(BTreeSet<[u8; 16]>),
    Bloom(Bloom),
    Parts(Parts),
}

impl Revocations {
    /// Reads a list about the certificates of one key: `{"kid": …, "hashType": …}` with `entries`, the hashes themselves
    /// (`[{"hash": …}]`), or with `data`, a filter of them whose `type` is `BLOOMFILTER` or `VARHASHLIST`; all in base64.
    ///
    /// # Errors
    /// [`RevocationError`].
    pub fn read(list: &Value) -> Result<Self, RevocationError> {
        let text = |name: &str| list.get(name).and_then(Value::as_str).ok_or(RevocationError::Field);
        let bytes = |name: &str| text(name).and_then(|text| decode_base64(text).ok_or(RevocationError::Field));
        let kind = text("hashType")?;
        let (_, kind) = HashKind::ALL.into_iter().find(|(name, _)| *name == kind).ok_or(RevocationError::Field)?;
        let key_id = if text("kid")? == "UNKNOWN_KID" { None } else { Some(bytes("kid")?) };
        let hashes = match (list.get("entries"), list.get("data")) {
            (Some(entries), None) => Hashes::Exact(read_entries(entries).ok_or(RevocationError::Field)?),
            (None, Some(_)) => {
                let filter = bytes("data")?;
                let filter = match text("type")? {
                    "BLOOMFILTER" => Bloom::read(&filter).map(Hashes::Bloom),
                    "VARHASHLIST" => Parts::read(&filter).map(Hashes::Parts),
                    _ => return Err(RevocationError::Field),
                };
                filter.ok_or(RevocationError::Filter)?
            }
            _ => return Err(RevocationError::Field),
        };
        Ok(Self { key_id, kind, hashes })
    }

    /// Whether the certificate is on the list; one of the WHO, which has no such id, only by its signature.
    pub(crate) fn has(&self, signed: &Signed<'_>, claims: &Claims<'_>, certificate: Option<&Certificate<'_>>) -> bool {
        let is_of_key = |key_id: &Vec<u8>| signed.key_id().is_ok_and(|own| own == key_id.as_slice());
        if !self.key_id.as_ref().is_none_or(is_of_key) {
            return false;
        }
        let common = certificate.map(|certificate| match &certificate.entry {
            Entry::Vaccination(entry) => &entry.common,
            Entry::Test(entry) => &entry.common,
            Entry::Recovery(entry) => &entry.common,
        });
        let whole = match (self.kind, common) {
            (HashKind::Id | HashKind::CountryId, None) => return false,
            (HashKind::Id, Some(common)) => sha256(common.id.as_bytes()),
            (HashKind::CountryId, Some(common)) => {
                let country = claims.country().unwrap_or(&common.country);
                sha256([country, &common.id].concat().as_bytes())
            }
            (HashKind::Signature, _) => {
                let signature = signed.signature();
                let is_ecdsa = signed.algorithm() == Ok(Algorithm::Es256);
                sha256(signature.get(..signature.len() / 2).filter(|_| is_ecdsa).unwrap_or(signature))
            }
        };
        let hash: [u8; 16] = whole.first_chunk().copied().unwrap_or_default();
        match &self.hashes {
            Hashes::Exact(hashes) => hashes.contains(&hash),
            Hashes::Bloom(filter) => filter.may_have(&hash),
            Hashes::Parts(filter) => filter.may_have(&hash),
        }
    }
}

fn read_entries(entries: &Value) -> Option<BTreeSet<[u8; 16]>> {
    let hash = |entry: &Value| decode_base64(entry.get("hash")?.as_str()?)?.first_chunk().copied();
    entries.as_array()?.iter().map(hash).collect()
}

/// A Bloom filter of the form that the EU standardised: words of 32 bits, the first bit the highest.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bloom {
    rounds: u8,
    words: Vec<u32>,
}

impl Bloom {
    /// Version, kind of hash, rounds, probability, elements planned and present, length, words.
    fn read(bytes: &[u8]) -> Option<Self> {
        const SHA_256: u8 = 0;
        let (head, rest) = bytes.split_first_chunk::<16>()?;
        let [_, _, SHA_256, rounds @ 1..=127, ..] = *head else { return None };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        // The length counts bytes in some implementations, and words in others.
        if rest.is_empty() || rest.len() % 4 != 0 || (length != rest.len() && length != rest.len() / 4) {
            return None;
        }
        let words = rest.chunks_exact(4).filter_map(|word| Some(u32::from_be_bytes(*word.first_chunk()?)));
        Some(Self { rounds, words: words.collect() })
    }

    fn may_have(&self, element: &[u8]) -> bool {
        let bits = self.words.len() as u64 * 32;
        (0..self.rounds).all(|round| {
            let index = remainder(&sha256(&[element, &[round]].concat()), bits);
            let word = usize::try_from(index / 32).ok().and_then(|word| self.words.get(word));
            word.is_some_and(|word| word << (index % 32) >> 31 == 1)
        })
    }
}

/// The least number that is not negative and differs by a multiple of `modulus` from `number`, a signed one of 256 bits.
fn remainder(number: &[u8; 32], modulus: u64) -> u64 {
    let modulus = u128::from(modulus);
    let reduce = |digits: &mut dyn Iterator<Item = u8>| {
        digits.fold(0, |sum: u128, digit| (sum * 256 + u128::from(digit)) % modulus)
    };
    let unsigned = reduce(&mut number.iter().copied());
    let is_negative = number.first().is_some_and(|first| first >> 7 == 1);
    let overflow = reduce(&mut std::iter::once(1).chain([0; 32]));
    let least = if is_negative { (unsigned + modulus - overflow) % modulus } else { unsigned };
    u64::try_from(least).unwrap_or(u64::MAX)
}

/// The first bytes of each hash, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    length: usize,
    parts: Vec<u8>,
}

impl Parts {
    /// Version, probability, elements, length of a part, parts.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (head, parts) = bytes.split_first_chunk::<11>()?;
        let [.., length @ 1..=16] = *head else { return None };
        let length = usize::from(length);
        (parts.len() % length == 0).then(|| Self { length, parts: parts.to_vec() })
    }

    fn may_have(&self, element: &[u8]) -> bool {
        let part = element.get(..self.length);
        self.parts.chunks_exact(self.length).any(|own| Some(own) == part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bloom(rounds: u8, words: &[u32]) -> Vec<u8> {
        let head = [0, 1, 0, rounds, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9];
        let length = (words.len() as u32).to_be_bytes();
        [head.as_slice(), &length, &words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>()].concat()
    }

    /// Source: the EU's repository of standardised Bloom filters, filter-test.json, for a probability of 0.0001.
    #[test]
    fn the_published_filters_have_what_was_written() {
        const ROUNDS: u8 = 13;
        let check = |words: &[i32], elements: &str, expected: &str| {
            let words: Vec<u32> = words.iter().map(|word| word.cast_unsigned()).collect();
            let filter = Bloom::read(&bloom(ROUNDS, &words)).unwrap();
            let found = elements.bytes().map(|element| if filter.may_have(&[element]) { '1' } else { '0' });
            assert_eq!(found.collect::<String>(), expected);
        };
        check(&[2_102_098_068, 1_202_697_683, 439_752_268], "1", "1");
        check(&[2_129_861_756, 1_680_563_432], "12", "11");
        check(&[72_564_506, 917_192_896], "123", "101");
        check(&[373_367_068, -1_457_290_747, -1_504_305_326, 379_210_944], "1234", "1011");
    }

    /// Source: the EU's repository of partial variable hash filters.
    #[test]
    fn the_published_parts_have_what_was_written() {
        let filter = [
            0x00, 0x01, 0x35, 0x86, 0x37, 0xbd, 0x00, 0x00, 0x00, 0x06, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
            0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
        ];
        let parts = Parts::read(&filter).unwrap();
        assert!(parts.may_have(&[0x03, 0x04, 0xff]) && parts.may_have(&[0x0d, 0x0e]));
        assert!(!parts.may_have(&[0x04, 0x05]) && !parts.may_have(&[0x03]));
        assert_eq!(Parts::read(&filter[..filter.len() - 1]), None);
    }

    #[test]
    fn damaged_lists_are_no_lists() {
        let whole = bloom(13, &[1, 2]);
        for damaged in [&whole[..whole.len() - 1], &whole[..20], &[], &bloom(0, &[1]), &bloom(13, &[])] {
            assert_eq!(Bloom::read(damaged), None, "{damaged:?}");
        }
        for list in [
            r#"{}"#,
            r#"{"kid":"AAAA","hashType":"UCI"}"#,
            r#"{"kid":"AAAA","hashType":"UCI","entries":{}}"#,
            r#"{"kid":"AAAA","hashType":"UCI","entries":[{}]}"#,
            r#"{"kid":"AAAA","hashType":"UCI","entries":[{"hash":"AAAA"}]}"#,
            r#"{"kid":"AAAA","hashType":"X","entries":[]}"#,
            r#"{"kid":"?","hashType":"UCI","entries":[]}"#,
            r#"{"hashType":"UCI","entries":[]}"#,
            r#"{"kid":"AAAA","hashType":"UCI","data":"AAAA"}"#,
            r#"{"kid":"AAAA","hashType":"UCI","type":"XOR","data":"AAAA"}"#,
            r#"{"kid":"AAAA","hashType":"UCI","entries":[],"type":"BLOOMFILTER","data":"AAAA"}"#,
        ] {
            let read = Revocations::read(&serde_json::from_str(list).unwrap());
            assert_eq!(read.err(), Some(RevocationError::Field), "{list}");
        }
        for kind in ["BLOOMFILTER", "VARHASHLIST"] {
            let list = serde_json::json!({"kid": "AAAA", "hashType": "UCI", "type": kind, "data": "AAAA"});
            assert_eq!(Revocations::read(&list).err(), Some(RevocationError::Filter), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn the_remainder_is_that_of_a_signed_number(high: bool, low: u64, modulus in 1..u64::from(u32::MAX)) {
            let mut number = [if high { 0xff } else { 0 }; 32];
            number[24..].copy_from_slice(&low.to_be_bytes());
            let signed = if high { i128::from(low) - (1 << 64) } else { i128::from(low) };
            prop_assert_eq!(i128::from(remainder(&number, modulus)), signed.rem_euclid(i128::from(modulus)));
        }

        #[test]
        fn any_filter_is_read_without_panic(bytes: Vec<u8>, element: Vec<u8>) {
            let bloom = Bloom::read(&bytes).is_some_and(|filter| filter.may_have(&element));
            let parts = Parts::read(&bytes).is_some_and(|filter| filter.may_have(&element));
            prop_assert!(bytes.len() > 11 || !bloom && !parts);
        }
    }
}

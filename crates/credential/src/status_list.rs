//! Status lists: whether a paper code passes now, as an IETF Token Status List in its CWT form.
//!
//! One bit for each entry: 0 passes, 1 is fallen. Why a bit has fallen stands nowhere. Source: docs/CODE.md, "Status list".

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus, deflate};
use yima_model::Timestamp;

use crate::cbor::{Encoder, Reader, WrongShape};
use crate::cose::{self, FormFault, HeaderContent, TAG_SIGN1, read_label};
use crate::key::{KeyError, KeyId, Signer};
use crate::list::{self, ListMark, Term};
use crate::refusal::ListRefusal;
use crate::seconds::Seconds;
use crate::trust_list::{IssuerKey, KeyUse, TrustList};

/// The fewest entries of a list; shorter ones are padded, so that a list hides how few codes there are.
pub const STATUS_ENTRIES_MIN: u32 = 1 << 17;
/// The most entries of a list.
pub const STATUS_ENTRIES_MAX: u32 = 1 << 24;
/// The most bytes of a signed list: the largest list where nothing can be compressed, and its envelope.
pub const STATUS_LIST_LENGTH_MAX: usize = ENTRY_BYTES_MAX + 4096;
/// How long a list counts at most, and how old it may be at a checkpoint.
pub const STATUS_LIST_SECONDS_MAX: u32 = 24 * 3600;

const ENTRY_BYTES_MAX: usize = STATUS_ENTRIES_MAX as usize / 8;
const CONTENT_TYPE: &str = "application/statuslist+cwt";
/// Of the ten levels of zlib, the one after which lists shrink little and time grows much.
const COMPRESSION: u8 = 6;

/// The entries of a list. Entries that stand for no code are fallen.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusEntries(Vec<u8>); // INVARIANT: a power of two of bytes within the bounds

impl StatusEntries {
    /// At least `count` entries, all fallen, padded to a power of two; at most [`STATUS_ENTRIES_MAX`].
    pub fn fallen(count: u32) -> Self {
        let entries = count.clamp(STATUS_ENTRIES_MIN, STATUS_ENTRIES_MAX).next_power_of_two();
        Self(vec![0xff; entries as usize / 8])
    }

    /// How many entries there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len() * 8).unwrap_or(STATUS_ENTRIES_MAX)
    }

    /// Says whether an entry passes; `None` if there is no such entry.
    pub fn passes(&self, index: u32) -> Option<bool> {
        let byte = self.0.get(index as usize / 8)?;
        Some(byte & mask(index) == 0)
    }

    /// Lets an entry pass; an index past the end changes nothing and gives `None`.
    pub fn let_pass(&mut self, index: u32) -> Option<()> {
        let byte = self.0.get_mut(index as usize / 8)?;
        *byte &= !mask(index);
        Some(())
    }
}

const fn mask(index: u32) -> u8 {
    1 << (index % 8)
}

impl std::fmt::Debug for StatusEntries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatusEntries({})", self.count())
    }
}

/// What a status list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusContent {
    /// The number that paper codes carry.
    pub number: u32,
    /// The URI that the trust list gives for this number.
    pub uri: String,
    /// Grows with every edition of this list.
    pub version: u32,
    /// When it was signed, and as of when its data are.
    pub issued: Seconds,
    /// The first instant at which it no longer counts.
    pub expires: Seconds,
    /// The entries.
    pub entries: StatusEntries,
}

/// A status list that a key of the trust list has signed; only [`StatusList::open`] makes one.
#[derive(Clone, Debug)]
pub struct StatusList {
    content: StatusContent,
    key_id: KeyId,
    mark: ListMark,
}

impl StatusList {
    /// Checks a list that was fetched or stored; on a refusal the caller keeps the list that it has.
    ///
    /// Nothing is inflated before the signature is known to be right, and never more than 2 MiB.
    ///
    /// # Errors
    /// The [`ListRefusal`] that comes first in the order of docs/CODE.md.
    pub fn open(bytes: &[u8], trust: &TrustList, held: Option<ListMark>, now: Timestamp) -> Result<Self, ListRefusal> {
        let signed = list::parse(bytes, STATUS_LIST_LENGTH_MAX, CONTENT_TYPE)?;
        let key = trust.key(signed.key_id, KeyUse::Status)?;
        key.check_signature(&signed)?;
        let content = StatusContent::parse(signed.payload)?;
        content.check_standing(key, trust)?;
        let term = Term { issued: content.issued, expires: content.expires, seconds_max: STATUS_LIST_SECONDS_MAX };
        let mark = list::admit(bytes, content.version, term, held, now)?;
        Ok(Self { content, key_id: key.public.id(), mark })
    }

    /// Checks that the list counts under `trust`, which may be newer than the trust list under which it was opened.
    ///
    /// # Errors
    /// The [`ListRefusal`] with which [`StatusList::open`] would refuse it under `trust`, age and signature apart.
    pub fn check_under(&self, trust: &TrustList) -> Result<(), ListRefusal> {
        let key = trust.key(Some(self.key_id), KeyUse::Status)?;
        self.content.check_standing(key, trust)
    }

    /// What the list says.
    pub const fn content(&self) -> &StatusContent {
        &self.content
    }

    /// The key that signed the list.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// What a verifier stores for the number of this list, so that no older edition takes its place.
    pub const fn mark(&self) -> ListMark {
        self.mark
    }
}

mod key {
    pub(super) const SUBJECT: i64 = 2;
    pub(super) const EXPIRES: i64 = 4;
    pub(super) const ISSUED: i64 = 6;
    pub(super) const STATUS_LIST: i64 = 65533;
    pub(super) const YIMA: i64 = -65537;

    pub(super) const NUMBER: i64 = 1;
    pub(super) const VERSION: i64 = 2;
}

impl StatusContent {
    /// Signs the list with a key for status lists.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>, KeyError> {
        let header = HeaderContent { key_id: Some(signer.public().id()), content_type: Some(CONTENT_TYPE) };
        cose::sign(&self.encode(), header, &[TAG_SIGN1], signer)
    }

    /// The key could sign at that time, and `trust` gives this number this address.
    fn check_standing(&self, key: &IssuerKey, trust: &TrustList) -> Result<(), ListRefusal> {
        key.check_validity(self.issued)?;
        match trust.status_list(self.number) {
            Some(address) if address.uri == self.uri => Ok(()),
            Some(_) | None => Err(ListRefusal::SubjectWrong),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let compressed = deflate::compress_to_vec_zlib(&self.entries.0, COMPRESSION);
        let mut encoder = Encoder::with_capacity(compressed.len() + self.uri.len() + 64);
        encoder.map(5);
        encoder.integer(key::SUBJECT).text(&self.uri);
        encoder.integer(key::EXPIRES).unsigned(self.expires.get());
        encoder.integer(key::ISSUED).unsigned(self.issued.get());
        encoder.integer(key::STATUS_LIST).map(2).text("lst").bytes(&compressed).text("bits").unsigned(1_u8);
        encoder.integer(key::YIMA).map(2);
        encoder.integer(key::NUMBER).unsigned(self.number).integer(key::VERSION).unsigned(self.version);
        encoder.finish()
    }

    fn parse(payload: &[u8]) -> Result<Self, ListRefusal> {
        let (mut uri, mut expires, mut issued, mut entries, mut numbers) = (None, None, None, None, None);
        let mut reader = Reader::new(payload);
        for _ in 0..reader.map()? {
            let label = read_label(&mut reader)?;
            let mut value = reader;
            reader.skip()?;
            match label {
                Some(key::SUBJECT) => uri = Some(value.text()?.to_owned()),
                Some(key::EXPIRES) => expires = Some(Seconds::new(value.u32()?)),
                Some(key::ISSUED) => issued = Some(Seconds::new(value.u32()?)),
                Some(key::STATUS_LIST) => entries = Some(read_entries(&mut value)?),
                Some(key::YIMA) => numbers = Some(read_numbers(&mut value)?),
                Some(_) | None => {}
            }
        }
        let missing = ListRefusal::ContentInvalid;
        let (number, version) = numbers.ok_or(missing)?;
        Ok(Self {
            number,
            uri: uri.ok_or(missing)?,
            version,
            issued: issued.ok_or(missing)?,
            expires: expires.ok_or(missing)?,
            entries: entries.ok_or(missing)?,
        })
    }
}

fn read_entries(reader: &mut Reader<'_>) -> Result<StatusEntries, ListRefusal> {
    let (mut bits, mut compressed) = (None, None);
    for _ in 0..reader.map()? {
        let name = reader.text()?;
        let mut value = *reader;
        reader.skip()?;
        match name {
            "bits" => bits = Some(value.unsigned()?),
            "lst" => compressed = Some(value.bytes()?),
            _ => {}
        }
    }
    let (Some(1), Some(compressed)) = (bits, compressed) else { return Err(ListRefusal::ContentInvalid) };
    let entries = inflated(compressed).ok_or(ListRefusal::EntriesInvalid)?;
    let count = u32::try_from(entries.len() * 8).map_err(|_| ListRefusal::EntriesInvalid)?;
    if count < STATUS_ENTRIES_MIN || !count.is_power_of_two() {
        return Err(ListRefusal::EntriesInvalid);
    }
    Ok(StatusEntries(entries))
}

/// Inflates one whole zlib stream of at most [`ENTRY_BYTES_MAX`], with nothing after its end.
fn inflated(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut entries = vec![0; ENTRY_BYTES_MAX];
    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let outcome = inflate(&mut state, compressed, &mut entries, MZFlush::Finish);
    let is_whole = outcome.status == Ok(MZStatus::StreamEnd) && outcome.bytes_consumed == compressed.len();
    entries.truncate(outcome.bytes_written);
    is_whole.then_some(entries)
}

fn read_numbers(reader: &mut Reader<'_>) -> Result<(u32, u32), ListRefusal> {
    let (mut number, mut version) = (None, None);
    for _ in 0..reader.map()? {
        let label = reader.integer()?;
        let mut value = *reader;
        reader.skip()?;
        match label {
            key::NUMBER => number = Some(value.u32()?),
            key::VERSION => version = Some(value.u32()?),
            ..=-1 => return Err(FormFault::CriticalUnknown.into()),
            _ => {}
        }
    }
    number.zip(version).ok_or_else(|| WrongShape.into())
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    /// Source: draft-ietf-oauth-status-list, test vectors; a list here has one bit an entry.
    #[test]
    fn the_published_list_of_one_bit_is_read_entry_by_entry() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/ietf-status-list/split-dev/vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            let is_demanded = std::env::var_os("CI").as_deref() == Some("true".as_ref());
            assert!(!is_demanded, "the folder `shared` beside the project is absent");
            return println!("skipped: the folder `shared` beside the project is absent");
        };
        let suite: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut run = 0;
        for vector in suite["vectors"].as_array().unwrap() {
            if vector["bits"] != 1 {
                println!("ietf-status-list: not run: {} bits an entry; a code here passes or does not", vector["bits"]);
                continue;
            }
            let compressed = Base64UrlUnpadded::decode_vec(vector["lst"].as_str().unwrap()).unwrap();
            let entries = StatusEntries(inflated(&compressed).unwrap());
            assert_eq!(u64::from(entries.count()), vector["size"].as_u64().unwrap());
            let fallen: Vec<u64> =
                (0..entries.count()).filter(|index| entries.passes(*index) == Some(false)).map(u64::from).collect();
            let listed = vector["entries"].as_array().unwrap().iter().map(|entry| entry[0].as_u64().unwrap());
            assert_eq!(fallen, listed.collect::<Vec<_>>());
            run += 1;
        }
        println!("ietf-status-list: {run} run, {run} passed");
        assert!(run > 0);
    }

    #[test]
    fn entries_are_padded_and_fallen_until_let_pass() {
        let check = |count, padded| assert_eq!(StatusEntries::fallen(count).count(), padded);
        check(0, 1 << 17);
        check((1 << 17) + 1, 1 << 18);
        check(u32::MAX, 1 << 24);
        let mut entries = StatusEntries::fallen(8);
        assert_eq!(entries.passes(9), Some(false));
        assert_eq!(entries.let_pass(9), Some(()));
        assert_eq!([8, 9, 10].map(|index| entries.passes(index)), [Some(false), Some(true), Some(false)]);
        assert_eq!(entries.let_pass(1 << 17), None);
        assert_eq!(entries.passes(1 << 17), None);
    }

    /// Source: draft-ietf-oauth-status-list, section 4.1: the bits 1, 0, 0, 1, 1, 1, 0, 1 … are the bytes b9 a3.
    #[test]
    fn bits_stand_in_the_order_of_the_standard() {
        let entries = StatusEntries(vec![0xb9, 0xa3]);
        let fallen: Vec<u8> = (0..16).map(|index| u8::from(entries.passes(index) == Some(false))).collect();
        assert_eq!(fallen, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn inflating_is_bounded() {
        let list = |bytes: usize| {
            let mut encoder = Encoder::with_capacity(0);
            let compressed = deflate::compress_to_vec_zlib(&vec![0; bytes], 9);
            encoder.map(2).text("lst").bytes(&compressed).text("bits").unsigned(1_u8);
            read_entries(&mut Reader::new(&encoder.finish())).map(|entries| entries.count())
        };
        assert_eq!(list(ENTRY_BYTES_MAX), Ok(STATUS_ENTRIES_MAX));
        assert_eq!(list(ENTRY_BYTES_MAX * 2), Err(ListRefusal::EntriesInvalid));
        assert_eq!(list(1 << 14), Ok(STATUS_ENTRIES_MIN));
        assert_eq!(list(1 << 13), Err(ListRefusal::EntriesInvalid));
        assert_eq!(list((1 << 14) + 1), Err(ListRefusal::EntriesInvalid));
    }
}

//! Lists of warnings: which venues to be warned about, and from when until when.
//!
//! Everybody fetches the same list, and a phone looks by itself for the venues where it was. Source: docs/CODE.md, "Warnings".

use yima_model::Timestamp;

use crate::cbor::{Encoder, Reader, WrongShape};
use crate::cose::{self, FormFault, HeaderContent, TAG_SIGN1, read_label};
use crate::key::{KeyError, Signer};
use crate::list::{self, ListMark, Term};
use crate::refusal::ListRefusal;
use crate::seconds::Seconds;
use crate::trust_list::{KeyUse, TrustList};
use crate::venue::VenueId;

/// How long a list counts at most.
pub const WARNING_LIST_SECONDS_MAX: u32 = 24 * 3600;
/// The longest time that one warning is about: nobody is warned of a venue as such.
pub const WARNING_SECONDS_MAX: u32 = 24 * 3600;
/// The most warnings of a list.
pub const WARNINGS_MAX: usize = 40_000;
/// The most bytes of a signed list: the most warnings, and their envelope.
pub const WARNING_LIST_LENGTH_MAX: usize = WARNINGS_MAX * WARNING_LENGTH + 4096;

const WARNING_LENGTH: usize = 16 + 4 + 4;
const CONTENT_TYPE: &str = "application/yima-warning-list+cbor";

/// A venue from `from` on and before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Which venue.
    pub venue: VenueId,
    /// The first instant.
    pub from: Seconds,
    /// The first instant after, at most 24 hours later.
    pub until: Seconds,
}

impl Warning {
    /// Whether it is about a time of this length at most.
    pub fn is_bounded(&self) -> bool {
        (1..=WARNING_SECONDS_MAX).contains(&self.until.since(self.from))
    }

    fn read(bytes: &[u8; WARNING_LENGTH]) -> Option<Self> {
        let (venue, times) = bytes.split_first_chunk()?;
        let (from, until) = times.split_first_chunk()?;
        let seconds = |bytes: [u8; 4]| Seconds::new(u32::from_be_bytes(bytes));
        let warning =
            Self { venue: VenueId::from_bytes(*venue), from: seconds(*from), until: seconds(*until.first_chunk()?) };
        warning.is_bounded().then_some(warning)
    }
}

/// What a list of warnings says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningContent {
    /// Grows with every list.
    pub number: u32,
    /// When it was signed.
    pub issued: Seconds,
    /// The first instant at which it no longer counts.
    pub expires: Seconds,
    /// Every warning once, in ascending order, at most [`WARNINGS_MAX`].
    pub warnings: Vec<Warning>,
}

/// A list of warnings that a key of the trust list has signed; only [`WarningList::open`] makes one.
#[derive(Clone, Debug)]
pub struct WarningList {
    content: WarningContent,
    mark: ListMark,
}

impl WarningList {
    /// Checks a list that was fetched or stored; on a refusal the caller keeps the list that it has.
    ///
    /// # Errors
    /// The [`ListRefusal`] that comes first in the order of docs/CODE.md.
    pub fn open(bytes: &[u8], trust: &TrustList, held: Option<ListMark>, now: Timestamp) -> Result<Self, ListRefusal> {
        let signed = list::parse(bytes, WARNING_LIST_LENGTH_MAX, CONTENT_TYPE)?;
        let key = trust.key(signed.key_id, KeyUse::Warning)?;
        key.check_signature(&signed)?;
        let content = WarningContent::parse(signed.payload)?;
        key.check_validity(content.issued)?;
        let term = Term { issued: content.issued, expires: content.expires, seconds_max: WARNING_LIST_SECONDS_MAX };
        let mark = list::admit(bytes, content.number, term, held, now)?;
        Ok(Self { content, mark })
    }

    /// What the list says.
    pub const fn content(&self) -> &WarningContent {
        &self.content
    }

    /// What a phone stores, so that no older list takes the place of this one.
    pub const fn mark(&self) -> ListMark {
        self.mark
    }

    /// The warnings about a venue that somebody visited from `from` on and before `until`.
    pub fn about(&self, venue: VenueId, from: Seconds, until: Seconds) -> impl Iterator<Item = &Warning> {
        let warnings = self.content.warnings.iter();
        warnings.filter(move |warning| warning.venue == venue && warning.from < until && from < warning.until)
    }
}

mod key {
    pub(super) const EXPIRES: i64 = 4;
    pub(super) const ISSUED: i64 = 6;
    pub(super) const YIMA: i64 = -65537;

    pub(super) const NUMBER: i64 = 1;
    pub(super) const WARNINGS: i64 = 2;
}

impl WarningContent {
    /// Signs the list with a key for warnings.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>, KeyError> {
        let header = HeaderContent { key_id: Some(signer.public().id()), content_type: Some(CONTENT_TYPE) };
        cose::sign(&self.encode(), header, &[TAG_SIGN1], signer)
    }

    fn encode(&self) -> Vec<u8> {
        let mut warnings = Vec::with_capacity(self.warnings.len() * WARNING_LENGTH);
        for Warning { venue, from, until } in &self.warnings {
            warnings.extend_from_slice(venue.bytes());
            warnings.extend_from_slice(&from.get().to_be_bytes());
            warnings.extend_from_slice(&until.get().to_be_bytes());
        }
        let mut encoder = Encoder::with_capacity(warnings.len() + 64);
        encoder.map(3);
        encoder.integer(key::EXPIRES).unsigned(self.expires.get());
        encoder.integer(key::ISSUED).unsigned(self.issued.get());
        encoder.integer(key::YIMA).map(2);
        encoder.integer(key::NUMBER).unsigned(self.number).integer(key::WARNINGS).bytes(&warnings);
        encoder.finish()
    }

    fn parse(payload: &[u8]) -> Result<Self, ListRefusal> {
        let (mut expires, mut issued, mut ours) = (None, None, None);
        let mut reader = Reader::new(payload);
        for _ in 0..reader.map()? {
            let label = read_label(&mut reader)?;
            let mut value = reader;
            reader.skip()?;
            match label {
                Some(key::EXPIRES) => expires = Some(Seconds::new(value.u32()?)),
                Some(key::ISSUED) => issued = Some(Seconds::new(value.u32()?)),
                Some(key::YIMA) => ours = Some(read_ours(&mut value)?),
                Some(_) | None => {}
            }
        }
        let missing = ListRefusal::ContentInvalid;
        let (number, warnings) = ours.ok_or(missing)?;
        Ok(Self { number, issued: issued.ok_or(missing)?, expires: expires.ok_or(missing)?, warnings })
    }
}

fn read_ours(reader: &mut Reader<'_>) -> Result<(u32, Vec<Warning>), ListRefusal> {
    let (mut number, mut warnings) = (None, None);
    for _ in 0..reader.map()? {
        let label = reader.integer()?;
        let mut value = *reader;
        reader.skip()?;
        match label {
            key::NUMBER => number = Some(value.u32()?),
            key::WARNINGS => warnings = Some(read_warnings(value.bytes()?).ok_or(ListRefusal::EntriesInvalid)?),
            ..=-1 => return Err(FormFault::CriticalUnknown.into()),
            _ => {}
        }
    }
    number.zip(warnings).ok_or_else(|| WrongShape.into())
}

/// Reads the warnings; `None` for a torn one, too many, one that is not bounded, or another order than ascending.
fn read_warnings(bytes: &[u8]) -> Option<Vec<Warning>> {
    let (entries, rest) = bytes.as_chunks();
    if !rest.is_empty() || entries.len() > WARNINGS_MAX {
        return None;
    }
    let warnings: Vec<_> = entries.iter().map(Warning::read).collect::<Option<_>>()?;
    warnings.is_sorted_by(|before, after| before < after).then_some(warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_warnings_at_most() {
        let venue = VenueId::from_bytes([7; 16]);
        let warning = |at| Warning { venue, from: Seconds::new(at), until: Seconds::new(at + 1) };
        let read = |count: u32| {
            let content = WarningContent {
                number: 1,
                issued: Seconds::new(0),
                expires: Seconds::new(1),
                warnings: (0..count).map(warning).collect(),
            };
            WarningContent::parse(&content.encode()).map(|read| read == content)
        };
        assert_eq!(read(40_000), Ok(true));
        assert_eq!(read(40_001), Err(ListRefusal::EntriesInvalid));
    }
}

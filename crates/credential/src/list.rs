//! What trust lists and status lists have in common: their form, their term, and that none takes the place of a newer one.

use yima_model::Timestamp;

use crate::cose::{Sign1, TAG_SIGN1};
use crate::key::sha256;
use crate::refusal::ListRefusal;
use crate::seconds::Seconds;

/// What a verifier keeps of the newest list it has held, so that no older one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListMark {
    /// The number of a trust list, the version of a status list.
    pub number: u32,
    /// The SHA-256 of the signed bytes.
    pub digest: [u8; 32],
}

/// From when until when a list counts, and how long such a list may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) issued: Seconds,
    pub(crate) expires: Seconds,
    pub(crate) seconds_max: u32,
}

/// Reads the signed object of a list of this type; its signature is still to be checked.
pub(crate) fn parse<'a>(bytes: &'a [u8], length_max: usize, content_type: &str) -> Result<Sign1<'a>, ListRefusal> {
    if bytes.len() > length_max {
        return Err(ListRefusal::Oversized);
    }
    let signed = Sign1::parse(bytes, &[TAG_SIGN1])?;
    if signed.content_type == Some(content_type) { Ok(signed) } else { Err(ListRefusal::TypeWrong) }
}

/// The mark of a list that may take the place of the one that is held.
pub(crate) fn admit(
    bytes: &[u8],
    number: u32,
    term: Term,
    held: Option<ListMark>,
    now: Timestamp,
) -> Result<ListMark, ListRefusal> {
    if !(1..=term.seconds_max).contains(&term.expires.since(term.issued)) {
        return Err(ListRefusal::LifetimeInvalid);
    }
    let mark = ListMark { number, digest: sha256(bytes) };
    match held {
        Some(held) if number < held.number => return Err(ListRefusal::RolledBack),
        Some(held) if number == held.number && mark != held => return Err(ListRefusal::NumberReused),
        Some(_) | None => {}
    }
    if Seconds::floor(now) >= term.expires { Err(ListRefusal::Expired) } else { Ok(mark) }
}

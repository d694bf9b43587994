//! The claims of live and paper codes: what stands in a code, under which key, within which bounds.
//!
//! Source: docs/CODE.md, "Claims". What is not listed there cannot be encoded.

use thiserror::Error;
use yima_model::fact::Relation;
use yima_model::{Colour, Timestamp};

use crate::cbor::{Encoder, Reader, WrongShape};
use crate::cose::{FormFault, read_label};
use crate::key::{Coordinates, encode_cose_key, read_cose_key};
use crate::seconds::Seconds;
use crate::who::{NameMark, Who, WhoCommitment};

/// The longest life of a live code.
pub const LIVE_SECONDS_MAX: u32 = 24 * 3600;
/// The life of a live code that is shown as soon as it was fetched: as old as an ordinary place takes as fresh.
const BRIEF_SECONDS: u32 = 10 * 60;
/// The longest life of a paper code.
pub const PAPER_SECONDS_MAX: u32 = 180 * 24 * 3600;

/// Why claims cannot be made from these times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClaimsError {
    /// Nothing remains until the next change, or until the end that was asked for.
    #[error("no code: it would end before it begins; evaluate the verdict again")]
    NoTimeLeft,
    /// The data are said to be newer than the code.
    #[error("no code: its data are from the future; check the clocks")]
    DataFromTheFuture,
    /// A paper code lasts at most 180 days.
    #[error("no code: a paper code lasts at most 180 days")]
    TooLong,
}

/// The body that stands behind a code: an ISO 3166 country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Issuer([u8; 2]);

impl Issuer {
    /// 中国.
    pub const CHINA: Self = Self(*b"CN");

    /// Reads two capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A random id of one live credential; it says nothing and is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeId([u8; 16]);

impl CodeId {
    /// The id of 16 random bytes.
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, by which a checkpoint names the scan when it files a temperature.
    pub const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

/// The claims of either kind of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claims {
    /// 动态码.
    Live(LiveClaims),
    /// 纸质码.
    Paper(PaperClaims),
}

/// What a live credential says: a colour, its times, the device key, and nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveClaims {
    /// Who stands behind it.
    pub issuer: Issuer,
    /// The colour of the verdict.
    pub colour: Colour,
    /// When it was issued, from which data, until when it counts.
    pub times: LiveTimes,
    /// The number of the set of rule packs; it resolves through the trust list.
    pub epoch: u32,
    /// A random id.
    pub id: CodeId,
    /// The public key of the device, fresh for each credential.
    pub device: Coordinates,
    /// What the holder may open to show whose code it is.
    pub who: WhoCommitment,
}

/// The three times of a live credential, in whole minutes, so that they do not tell one holder from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTimes {
    issued: Seconds,
    expires: Seconds,
    as_of: Seconds, // INVARIANT: as_of ≤ issued < expires, all whole minutes
}

impl LiveTimes {
    /// The times of a code issued `now` from data as of `as_of`, whose colour holds until `next_change`.
    ///
    /// The issue is the minute of `now`, or that of the data where it is the minute before.
    ///
    /// The end is the earlier of 24 hours after the issue and `next_change`, rounded down to a quarter of an hour, or to a
    /// minute where less than a quarter would be left: a verdict's exact end would be a mark of its holder.
    ///
    /// # Errors
    /// [`ClaimsError::NoTimeLeft`] less than a minute before the next change, [`ClaimsError::DataFromTheFuture`] if
    /// `as_of` lies after `now`.
    pub fn new(now: Timestamp, as_of: Timestamp, next_change: Timestamp) -> Result<Self, ClaimsError> {
        if as_of > now {
            return Err(ClaimsError::DataFromTheFuture);
        }
        let (minute, as_of) = (Seconds::floor(now).floor_to(60), Seconds::floor(as_of).floor_to(60));
        // Data a second old would mark the few whose code is of the first second of a minute.
        let issued = if minute.since(as_of) == 60 { as_of } else { minute };
        let end = issued.plus(LIVE_SECONDS_MAX).min(Seconds::floor(next_change));
        let quarter = end.floor_to(15 * 60);
        let expires = if quarter.since(issued) >= 15 * 60 { quarter } else { end.floor_to(60) };
        if expires <= Seconds::floor(now) {
            return Err(ClaimsError::NoTimeLeft);
        }
        Ok(Self { issued, expires, as_of })
    }

    /// The times of a code that is shown soon: ten minutes, unless they end earlier anyway.
    ///
    /// So the end says nothing of the holder's verdict, but in the last ten minutes of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { expires: self.expires.min(self.issued.plus(BRIEF_SECONDS)), ..self }
    }

    /// When it was issued.
    pub const fn issued(self) -> Seconds {
        self.issued
    }

    /// The first instant at which it no longer counts.
    pub const fn expires(self) -> Seconds {
        self.expires
    }

    /// As of when the data behind the colour are.
    pub const fn as_of(self) -> Seconds {
        self.as_of
    }
}

/// What a paper code says: whose it is and where its status stands; no colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperClaims {
    /// Who stands behind it.
    pub issuer: Issuer,
    /// When it was printed and until when it counts.
    pub times: PaperTimes,
    /// Whose it is, compared by eye with the card.
    pub who: Who,
    /// Where the status list says whether it passes now.
    pub status: StatusReference,
    /// Who manages the code of a dependent.
    pub guardian: Option<Guardian>,
}

/// The two times of a paper code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperTimes {
    issued: Seconds,
    expires: Seconds, // INVARIANT: issued < expires ≤ issued + 180 days
}

impl PaperTimes {
    /// The times of a code printed `now` that counts until `until`.
    ///
    /// # Errors
    /// [`ClaimsError::NoTimeLeft`] if that is no time, [`ClaimsError::TooLong`] if it is more than 180 days.
    pub fn new(now: Timestamp, until: Timestamp) -> Result<Self, ClaimsError> {
        let (issued, expires) = (Seconds::floor(now), Seconds::floor(until));
        match expires.since(issued) {
            0 => Err(ClaimsError::NoTimeLeft),
            1..=PAPER_SECONDS_MAX => Ok(Self { issued, expires }),
            _ => Err(ClaimsError::TooLong),
        }
    }

    /// When it was printed.
    pub const fn issued(self) -> Seconds {
        self.issued
    }

    /// The first instant at which it no longer counts.
    pub const fn expires(self) -> Seconds {
        self.expires
    }
}

/// An entry of a status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatusReference {
    /// The number of the list; it resolves through the trust list.
    pub list: u32,
    /// The index of the entry.
    pub index: u32,
}

/// 代办人: who manages a dependent's code. The name is masked here and stands in full on the printed sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardian {
    /// How the guardian is related to the holder.
    pub relation: Relation,
    /// The last character of the guardian's name, shown as `*明`.
    pub name: NameMark,
}

pub(crate) mod key {
    pub(crate) const ISSUER: i64 = 1;
    pub(crate) const EXPIRES: i64 = 4;
    pub(crate) const ISSUED: i64 = 6;
    pub(crate) const ID: i64 = 7;
    pub(crate) const CONFIRMATION: i64 = 8;
    pub(crate) const YIMA: i64 = -65537;

    pub(crate) const COSE_KEY: i64 = 1;

    pub(crate) const MODE: i64 = 1;
    pub(crate) const COLOUR: i64 = 2;
    pub(crate) const AS_OF: i64 = 3;
    pub(crate) const EPOCH: i64 = 4;
    pub(crate) const WHO_COMMITMENT: i64 = 5;
    pub(crate) const WHO: i64 = 6;
    pub(crate) const STATUS: i64 = 7;
    pub(crate) const GUARDIAN: i64 = 8;
    pub(crate) const VENUE: i64 = 9;
    pub(crate) const VENUE_NAME: i64 = 10;
    pub(crate) const VENUE_AREA: i64 = 11;
}

const MODE_LIVE: u64 = 1;
const MODE_PAPER: u64 = 2;
/// The mode of the credential of a venue's device, which is no code: a checkpoint refuses it.
pub(crate) const MODE_VENUE: u64 = 3;

const fn colour_number(colour: Colour) -> u8 {
    match colour {
        Colour::Green => 0,
        Colour::Yellow => 1,
        Colour::Red => 2,
        Colour::Grey => 3,
    }
}

const fn relation_number(relation: Relation) -> u8 {
    match relation {
        Relation::Parent => 1,
        Relation::Child => 2,
        Relation::Spouse => 3,
        Relation::Relative => 4,
        Relation::Friend => 5,
        Relation::Institution => 6,
    }
}

impl LiveClaims {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(160);
        encoder.map(6);
        encoder.integer(key::ISSUER).text(self.issuer.as_str());
        encoder.integer(key::EXPIRES).unsigned(self.times.expires.get());
        encoder.integer(key::ISSUED).unsigned(self.times.issued.get());
        encoder.integer(key::ID).bytes(&self.id.0);
        encoder.integer(key::CONFIRMATION).map(1).integer(key::COSE_KEY);
        encode_cose_key(&self.device, &mut encoder);
        encoder.integer(key::YIMA).map(5);
        encoder.integer(key::MODE).unsigned(MODE_LIVE);
        encoder.integer(key::COLOUR).unsigned(colour_number(self.colour));
        encoder.integer(key::AS_OF).unsigned(self.times.as_of.get());
        encoder.integer(key::EPOCH).unsigned(self.epoch);
        encoder.integer(key::WHO_COMMITMENT).bytes(self.who.bytes());
        encoder.finish()
    }
}

impl PaperClaims {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(80);
        encoder.map(4);
        encoder.integer(key::ISSUER).text(self.issuer.as_str());
        encoder.integer(key::EXPIRES).unsigned(self.times.expires.get());
        encoder.integer(key::ISSUED).unsigned(self.times.issued.get());
        encoder.integer(key::YIMA).map(3 + usize::from(self.guardian.is_some()));
        encoder.integer(key::MODE).unsigned(MODE_PAPER);
        encoder.integer(key::WHO).array(2);
        self.who.encode(&mut encoder);
        encoder.integer(key::STATUS).array(2).unsigned(self.status.list).unsigned(self.status.index);
        if let Some(guardian) = &self.guardian {
            encoder.integer(key::GUARDIAN).array(2).unsigned(relation_number(guardian.relation));
            guardian.name.encode(&mut encoder);
        }
        encoder.finish()
    }
}

/// Why a payload holds no claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimsFault {
    Form(FormFault),
    Missing,
    Invalid,
    LifetimeInvalid,
}

impl From<FormFault> for ClaimsFault {
    fn from(fault: FormFault) -> Self {
        Self::Form(fault)
    }
}

impl From<WrongShape> for ClaimsFault {
    fn from(_: WrongShape) -> Self {
        Self::Invalid
    }
}

impl Claims {
    /// Reads the claims from a payload that `cbor::check` has accepted; claims it does not know are passed over.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, ClaimsFault> {
        let mut found = Found::default();
        each_entry(Reader::new(payload), |label, value| found.take_standard(label, value))?;
        match found.mode.ok_or(ClaimsFault::Missing)? {
            MODE_LIVE => found.live().map(Self::Live),
            MODE_PAPER => found.paper().map(Self::Paper),
            _ => Err(ClaimsFault::Invalid),
        }
    }
}

pub(crate) fn each_entry<'a>(
    mut reader: Reader<'a>,
    mut take: impl FnMut(i64, &mut Reader<'a>) -> Result<(), ClaimsFault>,
) -> Result<(), ClaimsFault> {
    for _ in 0..reader.map()? {
        let label = read_label(&mut reader)?;
        let mut value = reader;
        reader.skip()?;
        if let Some(label) = label {
            take(label, &mut value)?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Found {
    issuer: Option<Issuer>,
    expires: Option<Seconds>,
    issued: Option<Seconds>,
    id: Option<CodeId>,
    device: Option<Coordinates>,
    mode: Option<u64>,
    colour: Option<Colour>,
    as_of: Option<Seconds>,
    epoch: Option<u32>,
    commitment: Option<WhoCommitment>,
    who: Option<Who>,
    status: Option<StatusReference>,
    guardian: Option<Guardian>,
}

impl Found {
    fn take_standard(&mut self, label: i64, value: &mut Reader<'_>) -> Result<(), ClaimsFault> {
        match label {
            key::ISSUER => self.issuer = Some(Issuer::parse(value.text()?).ok_or(ClaimsFault::Invalid)?),
            key::EXPIRES => self.expires = Some(read_seconds(value)?),
            key::ISSUED => self.issued = Some(read_seconds(value)?),
            key::ID => self.id = Some(CodeId(*value.byte_array()?)),
            key::CONFIRMATION => self.device = Some(read_confirmation(*value)?),
            key::YIMA => each_entry(*value, |label, value| self.take_ours(label, value))?,
            _ => {}
        }
        Ok(())
    }

    /// In the map of ours, a negative key marks what must be understood.
    fn take_ours(&mut self, label: i64, value: &mut Reader<'_>) -> Result<(), ClaimsFault> {
        match label {
            key::MODE => self.mode = Some(value.unsigned()?),
            key::COLOUR => self.colour = Some(read_colour(value)?),
            key::AS_OF => self.as_of = Some(read_seconds(value)?),
            key::EPOCH => self.epoch = Some(value.u32()?),
            key::WHO_COMMITMENT => self.commitment = Some(WhoCommitment::from_bytes(*value.byte_array()?)),
            key::WHO => {
                value.array_of(2)?;
                self.who = Some(Who::decode(value)?);
            }
            key::STATUS => {
                value.array_of(2)?;
                self.status = Some(StatusReference { list: value.u32()?, index: value.u32()? });
            }
            key::GUARDIAN => {
                value.array_of(2)?;
                self.guardian = Some(Guardian { relation: read_relation(value)?, name: NameMark::decode(value)? });
            }
            ..=-1 => return Err(FormFault::CriticalUnknown.into()),
            _ => {}
        }
        Ok(())
    }

    fn live(self) -> Result<LiveClaims, ClaimsFault> {
        let missing = ClaimsFault::Missing;
        let issuer = self.issuer.ok_or(missing)?;
        let (issued, expires) = (self.issued.ok_or(missing)?, self.expires.ok_or(missing)?);
        let as_of = self.as_of.ok_or(missing)?;
        let claims = LiveClaims {
            issuer,
            colour: self.colour.ok_or(missing)?,
            times: LiveTimes { issued, expires, as_of },
            epoch: self.epoch.ok_or(missing)?,
            id: self.id.ok_or(missing)?,
            device: self.device.ok_or(missing)?,
            who: self.commitment.ok_or(missing)?,
        };
        let whole_minutes = [issued, expires, as_of].iter().all(|time| time.get() % 60 == 0);
        if !whole_minutes || as_of > issued {
            return Err(ClaimsFault::Invalid);
        }
        lifetime(issued, expires, LIVE_SECONDS_MAX)?;
        Ok(claims)
    }

    fn paper(self) -> Result<PaperClaims, ClaimsFault> {
        let missing = ClaimsFault::Missing;
        let issuer = self.issuer.ok_or(missing)?;
        let (issued, expires) = (self.issued.ok_or(missing)?, self.expires.ok_or(missing)?);
        let claims = PaperClaims {
            issuer,
            times: PaperTimes { issued, expires },
            who: self.who.ok_or(missing)?,
            status: self.status.ok_or(missing)?,
            guardian: self.guardian,
        };
        lifetime(issued, expires, PAPER_SECONDS_MAX)?;
        Ok(claims)
    }
}

pub(crate) fn lifetime(issued: Seconds, expires: Seconds, longest: u32) -> Result<(), ClaimsFault> {
    if (1..=longest).contains(&expires.since(issued)) { Ok(()) } else { Err(ClaimsFault::LifetimeInvalid) }
}

pub(crate) fn read_seconds(value: &mut Reader<'_>) -> Result<Seconds, WrongShape> {
    value.u32().map(Seconds::new)
}

fn read_colour(value: &mut Reader<'_>) -> Result<Colour, WrongShape> {
    let number = value.unsigned()?;
    Colour::ALL.into_iter().find(|colour| u64::from(colour_number(*colour)) == number).ok_or(WrongShape)
}

fn read_relation(value: &mut Reader<'_>) -> Result<Relation, WrongShape> {
    let number = value.unsigned()?;
    Relation::ALL.iter().copied().find(|relation| u64::from(relation_number(*relation)) == number).ok_or(WrongShape)
}

/// A `cnf` claim: exactly one COSE_Key.
pub(crate) fn read_confirmation(mut value: Reader<'_>) -> Result<Coordinates, WrongShape> {
    if value.map()? != 1 || value.integer()? != key::COSE_KEY {
        return Err(WrongShape);
    }
    read_cose_key(&mut value)
}

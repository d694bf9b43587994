//! The canonical bytes of filings and facts: one encoding of each, and nothing else is read.
//!
//! A filing is: version, kind, flags, subject, id, source, times, cause, replaced fact, content. Ids are their 16 bytes,
//! names a length and their bytes, instants and counts variable-length integers of seven bits a byte, lowest first.
//! Numbers of kinds and words are their order of declaration; a new one goes to the end of its list.
//! The meaning of a statement has its highest bit set if format and issuer follow it; facts from before those were filed
//! have neither, and keep their bytes.

mod record;

use thiserror::Error;

pub use self::record::{ContentView, FactView, decode_record, encode_record, view_record};

use crate::area::{AreaCode, AreaSet, Level};
use crate::document::DocumentKind;
use crate::fact::{
    Answer, CaseClass, Channel, ContactDegree, Content, DwellingRole, Fact, FactError, Filing, IsolationPlace, Kind,
    NoticeKind, Occurred, PlaceRelation, Relation, Source, SourceKind, StatementFormat, StatementMeaning,
    StatementOrigin, StayOrigin, Subject, Symptoms, TestMethod,
};
use crate::id::{CampaignId, FactId, ListId, PackId, PersonId, PoolId, Remark, SampleId, SourceId, StatementIssuer};
use crate::time::Timestamp;

/// The version of the encoding that is written, and the only one there is so far.
pub const VERSION: u8 = 1;

const PERSON: u8 = 1;
const STATE: u8 = 1 << 1;
const SECOND_TIME: u8 = 1 << 2;
const CAUSE: u8 = 1 << 3;
const REPLACES: u8 = 1 << 4;
/// The bit of a statement's meaning that says that format and issuer follow.
const ORIGIN: u8 = 1 << 7;
const FLAGS: u8 = PERSON | STATE | SECOND_TIME | CAUSE | REPLACES;

/// Why bytes are no filing or fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// A version that this program does not know.
    #[error("written in version {0} of the encoding; read it with a newer program")]
    Version(u8),
    /// A kind that this program does not know.
    #[error("kind {0} of facts is not known; read it with a newer program")]
    Kind(u8),
    /// The bytes end too early.
    #[error("the bytes end too early; fetch them again")]
    Truncated,
    /// There are bytes after the end.
    #[error("there are bytes after the end; fetch them again")]
    Trailing,
    /// A value that this part cannot have.
    #[error("the {0} has no such value; fetch the bytes again")]
    OutOfRange(Part),
    /// A value that is written in another way than the one it has to be.
    #[error("the {0} is not written in its one form; fetch the bytes again")]
    NotCanonical(Part),
    /// The filing is whole but cannot be a fact.
    #[error(transparent)]
    NotAFact(#[from] FactError),
}

/// A part of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The byte that says which optional parts there are.
    Flags,
    /// An instant, a count or another number.
    Number,
    /// The end of a state or the report of an event.
    SecondTime,
    /// A name of a source, list, pack or campaign, or an issuer.
    Name,
    /// A line of text.
    Remark,
    /// An area.
    Area,
    /// A word of a closed list.
    Word,
    /// A yes or no.
    Flag,
    /// A set of symptoms.
    Symptoms,
    /// A source of a record, or its number.
    Source,
    /// The order of the facts of a record.
    Order,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Flags => "byte of flags",
            Self::Number => "number",
            Self::SecondTime => "second time",
            Self::Name => "name",
            Self::Remark => "remark",
            Self::Area => "area",
            Self::Word => "word",
            Self::Flag => "yes or no",
            Self::Symptoms => "set of symptoms",
            Self::Source => "source",
            Self::Order => "order of facts",
        })
    }
}

/// The bytes of a filing; equal filings have equal bytes.
pub fn encode_filing(filing: &Filing) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(96));
    out.filing(filing);
    out.0
}

/// Reads a filing.
///
/// # Errors
/// [`CodecError`] by the first thing that is wrong from the front, never [`CodecError::NotAFact`].
pub fn decode_filing(bytes: &[u8]) -> Result<Filing, CodecError> {
    let mut input = Reader(bytes);
    let filing = input.filing()?;
    input.end()?;
    Ok(filing)
}

/// The bytes of a fact: the instant of recording, then the filing.
pub fn encode_fact(fact: &Fact) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(104));
    out.instant(fact.recorded());
    out.filing(fact.filing());
    out.0
}

/// Reads a fact.
///
/// # Errors
/// [`CodecError`] by the first thing that is wrong from the front, and [`CodecError::NotAFact`] last.
pub fn decode_fact(bytes: &[u8]) -> Result<Fact, CodecError> {
    let mut input = Reader(bytes);
    let recorded = input.instant()?;
    let filing = input.filing()?;
    input.end()?;
    Ok(filing.record(recorded)?)
}

/// The number by which a kind is stored, from 1.
pub const fn kind_number(kind: Kind) -> u8 {
    kind as u8 + 1
}

/// The kind with that number.
#[inline]
pub fn kind_of_number(number: u8) -> Option<Kind> {
    Kind::ALL.get(usize::from(number).checked_sub(1)?).copied()
}

struct Writer(Vec<u8>);

impl Writer {
    fn filing(&mut self, filing: &Filing) {
        let Filing { id, subject, source, occurred, cause, replaces, content } = filing;
        let (shape, first, second) = match *occurred {
            Occurred::At { at, reported } => (0, at, (reported != at).then_some(reported)),
            Occurred::During { from, until } => (STATE, from, (until != Timestamp::FOREVER).then_some(until)),
        };
        let person = match subject {
            Subject::Person(person) => Some(person),
            Subject::Global => None,
        };
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = shape
            | flag(person.is_some(), PERSON)
            | flag(second.is_some(), SECOND_TIME)
            | flag(cause.is_some(), CAUSE)
            | flag(replaces.is_some(), REPLACES);
        self.0.extend([VERSION, kind_number(content.kind()), flags]);
        person.into_iter().for_each(|person| self.0.extend(person.bytes()));
        self.0.extend(id.bytes());
        self.word(source.kind as u8);
        self.name(source.id.as_str());
        self.instant(first);
        second.into_iter().for_each(|second| self.instant(second));
        cause.iter().chain(replaces).for_each(|fact| self.0.extend(fact.bytes()));
        self.content(content);
    }

    fn content(&mut self, content: &Content) {
        match content {
            Content::Registration | Content::Review => {}
            Content::Dwelling { area, role } => {
                self.area(*area);
                self.word(*role as u8);
            }
            Content::Binding { channel } => self.word(*channel as u8),
            Content::Guardianship { guardian, relation } => {
                self.0.extend(guardian.bytes());
                self.word(*relation as u8);
            }
            Content::Document { kind } => self.word(kind.code()),
            Content::Declaration { symptoms, contact, on_duty } => {
                self.symptoms(*symptoms);
                self.word(*contact as u8);
                self.flag(*on_duty);
            }
            Content::CheckIn { symptoms } => self.symptoms(*symptoms),
            Content::Temperature { decicelsius } => self.number(u64::from(*decicelsius)),
            Content::Comparison { list, as_of, matched } => {
                self.name(list.as_str());
                self.instant(*as_of);
                self.flag(*matched);
            }
            Content::FollowUp { clear } => self.flag(*clear),
            Content::Sample { sample, pool, method } => {
                self.0.extend(sample.bytes());
                self.flag(pool.is_some());
                pool.iter().for_each(|pool| self.0.extend(pool.bytes()));
                self.word(*method as u8);
            }
            Content::TestResult { sample, method, positive } => {
                self.0.extend(sample.bytes());
                self.word(*method as u8);
                self.flag(*positive);
            }
            Content::PoolResult { pool, method, positive } => {
                self.0.extend(pool.bytes());
                self.word(*method as u8);
                self.flag(*positive);
            }
            Content::Place { place, relation, other, why } => {
                self.area(*place);
                self.word(*relation as u8);
                self.area(*other);
                self.number(why.as_str().len() as u64);
                self.0.extend(why.as_str().as_bytes());
            }
            Content::MissedTest { campaign } => self.name(campaign.as_str()),
            Content::Case { class } => self.word(*class as u8),
            Content::Contact { degree, of } => {
                self.word(*degree as u8);
                self.0.extend(of.bytes());
            }
            Content::Isolation { place, ground } => {
                self.word(*place as u8);
                self.0.extend(ground.bytes());
            }
            Content::Arrival { from, to } => {
                self.flag(from.is_some());
                from.iter().chain([to]).for_each(|area| self.area(*area));
            }
            Content::Stay { area, origin } => {
                self.area(*area);
                self.word(*origin as u8);
            }
            Content::Vaccination { dose } => self.word(*dose),
            Content::Statement { meaning, origin: None } => self.word(*meaning as u8),
            Content::Statement { meaning, origin: Some(origin) } => {
                self.word(*meaning as u8 | ORIGIN);
                self.word(origin.format as u8);
                self.name(origin.issuer.as_str());
            }
            Content::AreaLevel { areas, level } => {
                self.areas(areas);
                self.word(*level as u8);
            }
            Content::Notice { kind, areas } => {
                self.word(*kind as u8);
                self.areas(areas);
            }
            Content::List { list, areas } => {
                self.name(list.as_str());
                self.areas(areas);
            }
            Content::Pack { pack, digest } => {
                self.name(pack.as_str());
                self.0.extend(digest);
            }
            Content::Campaign { campaign, areas } => {
                self.name(campaign.as_str());
                self.areas(areas);
            }
            Content::Closing { target }
            | Content::Retraction { target }
            | Content::Inert { target }
            | Content::Lift { target } => self.0.extend(target.bytes()),
            Content::Dispute { target, deadline } => {
                self.0.extend(target.bytes());
                self.instant(*deadline);
            }
            Content::Ruling { target, stands } => {
                self.0.extend(target.bytes());
                self.flag(*stands);
            }
        }
    }

    fn word(&mut self, number: u8) {
        self.0.push(number);
    }

    fn flag(&mut self, value: bool) {
        self.0.push(u8::from(value));
    }

    fn symptoms(&mut self, symptoms: Symptoms) {
        self.0.push(symptoms.bits());
    }

    fn number(&mut self, mut number: u64) {
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | 0x80);
        }
    }

    fn instant(&mut self, at: Timestamp) {
        self.signed(at.millis());
    }

    /// Zigzag, so that numbers just below zero are short too.
    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    fn name(&mut self, name: &str) {
        // INVARIANT: names have 64 bytes at most, issuers 200.
        self.0.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        self.0.extend(name.as_bytes());
    }

    fn area(&mut self, area: AreaCode) {
        self.0.extend(area.number().to_be_bytes());
    }

    fn areas(&mut self, areas: &AreaSet) {
        for list in [&areas.include, &areas.exclude] {
            self.number(list.len() as u64);
            list.iter().for_each(|area| self.area(*area));
        }
    }
}

/// The bits that say of each of eight bytes that the number goes on after it.
const TOP_BITS: u64 = 0x8080_8080_8080_8080;

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn end(&self) -> Result<(), CodecError> {
        if self.0.is_empty() { Ok(()) } else { Err(CodecError::Trailing) }
    }

    fn filing(&mut self) -> Result<Filing, CodecError> {
        let version = self.byte()?;
        if version != VERSION {
            return Err(CodecError::Version(version));
        }
        let number = self.byte()?;
        let kind = kind_of_number(number).ok_or(CodecError::Kind(number))?;
        let flags = self.byte()?;
        if flags & !FLAGS != 0 {
            return Err(CodecError::OutOfRange(Part::Flags));
        }
        let has = |flag: u8| flags & flag != 0;
        let subject = match has(PERSON) {
            true => Subject::Person(PersonId::from_bytes(self.array()?)),
            false => Subject::Global,
        };
        let id = FactId::from_bytes(self.array()?);
        let source = Source { kind: self.word(SourceKind::ALL)?, id: self.name(|text| SourceId::parse(text).ok())? };
        let occurred = self.occurred(has(STATE), has(SECOND_TIME))?;
        let cause = self.fact_id_if(has(CAUSE))?;
        let replaces = self.fact_id_if(has(REPLACES))?;
        let content = self.content(kind)?;
        Ok(Filing { id, subject, source, occurred, cause, replaces, content })
    }

    fn occurred(&mut self, is_state: bool, has_second: bool) -> Result<Occurred, CodecError> {
        let first = self.instant()?;
        let absent = if is_state { Timestamp::FOREVER } else { first };
        let second = if has_second { self.instant()? } else { absent };
        if has_second && second == absent {
            return Err(CodecError::NotCanonical(Part::SecondTime));
        }
        Ok(match is_state {
            true => Occurred::During { from: first, until: second },
            false => Occurred::At { at: first, reported: second },
        })
    }

    fn content(&mut self, kind: Kind) -> Result<Content, CodecError> {
        Ok(match kind {
            Kind::Registration => Content::Registration,
            Kind::Dwelling => Content::Dwelling { area: self.area()?, role: self.word(DwellingRole::ALL)? },
            Kind::Binding => Content::Binding { channel: self.word(Channel::ALL)? },
            Kind::Guardianship => Content::Guardianship {
                guardian: PersonId::from_bytes(self.array()?),
                relation: self.word(Relation::ALL)?,
            },
            Kind::Document => Content::Document {
                kind: DocumentKind::from_code(self.byte()?).ok_or(CodecError::OutOfRange(Part::Word))?,
            },
            Kind::Declaration => Content::Declaration {
                symptoms: self.symptoms()?,
                contact: self.word(Answer::ALL)?,
                on_duty: self.flag()?,
            },
            Kind::CheckIn => Content::CheckIn { symptoms: self.symptoms()? },
            Kind::Temperature => Content::Temperature { decicelsius: self.number()? },
            Kind::Comparison => Content::Comparison {
                list: self.name(|text| ListId::parse(text).ok())?,
                as_of: self.instant()?,
                matched: self.flag()?,
            },
            Kind::Review => Content::Review,
            Kind::FollowUp => Content::FollowUp { clear: self.flag()? },
            Kind::Sample => Content::Sample {
                sample: SampleId::from_bytes(self.array()?),
                pool: if self.flag()? { Some(PoolId::from_bytes(self.array()?)) } else { None },
                method: self.word(TestMethod::ALL)?,
            },
            Kind::TestResult => Content::TestResult {
                sample: SampleId::from_bytes(self.array()?),
                method: self.word(TestMethod::ALL)?,
                positive: self.flag()?,
            },
            Kind::MissedTest => Content::MissedTest { campaign: self.name(|text| CampaignId::parse(text).ok())? },
            Kind::Case => Content::Case { class: self.word(CaseClass::ALL)? },
            Kind::Contact => Content::Contact { degree: self.word(ContactDegree::ALL)?, of: self.fact_id()? },
            Kind::Isolation => Content::Isolation { place: self.word(IsolationPlace::ALL)?, ground: self.fact_id()? },
            Kind::Arrival => {
                Content::Arrival { from: if self.flag()? { Some(self.area()?) } else { None }, to: self.area()? }
            }
            Kind::Stay => Content::Stay { area: self.area()?, origin: self.word(StayOrigin::ALL)? },
            Kind::Vaccination => Content::Vaccination { dose: self.byte()? },
            Kind::Statement => self.statement()?,
            Kind::AreaLevel => Content::AreaLevel {
                areas: self.areas()?,
                level: self.word(&[Level::Low, Level::Medium, Level::High])?,
            },
            Kind::Notice => Content::Notice { kind: self.word(NoticeKind::ALL)?, areas: self.areas()? },
            Kind::List => Content::List { list: self.name(|text| ListId::parse(text).ok())?, areas: self.areas()? },
            Kind::Pack => Content::Pack { pack: self.name(|text| PackId::parse(text).ok())?, digest: self.array()? },
            Kind::Campaign => {
                Content::Campaign { campaign: self.name(|text| CampaignId::parse(text).ok())?, areas: self.areas()? }
            }
            Kind::Closing => Content::Closing { target: self.fact_id()? },
            Kind::Retraction => Content::Retraction { target: self.fact_id()? },
            Kind::Dispute => Content::Dispute { target: self.fact_id()?, deadline: self.instant()? },
            Kind::Ruling => Content::Ruling { target: self.fact_id()?, stands: self.flag()? },
            Kind::Inert => Content::Inert { target: self.fact_id()? },
            Kind::Lift => Content::Lift { target: self.fact_id()? },
            Kind::PoolResult => Content::PoolResult {
                pool: PoolId::from_bytes(self.array()?),
                method: self.word(TestMethod::ALL)?,
                positive: self.flag()?,
            },
            Kind::Place => Content::Place {
                place: self.area()?,
                relation: self.word(PlaceRelation::ALL)?,
                other: self.area()?,
                why: self.remark()?,
            },
        })
    }

    fn statement(&mut self) -> Result<Content, CodecError> {
        let number = self.byte()?;
        let meaning = StatementMeaning::ALL.get(usize::from(number & !ORIGIN)).copied();
        let meaning = meaning.ok_or(CodecError::OutOfRange(Part::Word))?;
        let origin = (number & ORIGIN != 0).then(|| {
            let format = self.word(StatementFormat::ALL)?;
            Ok::<_, CodecError>(StatementOrigin {
                format,
                issuer: self.name(|text| StatementIssuer::parse(text).ok())?,
            })
        });
        Ok(Content::Statement { meaning, origin: origin.transpose()? })
    }

    #[inline]
    fn bytes(&mut self, length: usize) -> Result<&[u8], CodecError> {
        let (first, rest) = self.0.split_at_checked(length).ok_or(CodecError::Truncated)?;
        self.0 = rest;
        Ok(first)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(CodecError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, CodecError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    #[inline]
    fn fact_id(&mut self) -> Result<FactId, CodecError> {
        Ok(FactId::from_bytes(self.array()?))
    }

    #[inline]
    fn fact_id_if(&mut self, present: bool) -> Result<Option<FactId>, CodecError> {
        if present { self.fact_id().map(Some) } else { Ok(None) }
    }

    #[inline]
    fn word<T: Copy>(&mut self, all: &[T]) -> Result<T, CodecError> {
        let number = usize::from(self.byte()?);
        all.get(number).copied().ok_or(CodecError::OutOfRange(Part::Word))
    }

    #[inline]
    fn flag(&mut self) -> Result<bool, CodecError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CodecError::OutOfRange(Part::Flag)),
        }
    }

    #[inline]
    fn symptoms(&mut self) -> Result<Symptoms, CodecError> {
        let bits = self.byte()?;
        Symptoms::from_bits(bits).ok_or(CodecError::OutOfRange(Part::Symptoms))
    }

    #[inline]
    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, CodecError> {
        let number = match self.0 {
            [byte @ ..0x80, rest @ ..] => {
                self.0 = rest;
                u64::from(*byte)
            }
            _ => self.long_number()?,
        };
        T::try_from(number).map_err(|_| CodecError::OutOfRange(Part::Number))
    }

    /// A number of several bytes, at once if it has eight at most: nearly every one.
    fn long_number(&mut self) -> Result<u64, CodecError> {
        let Some(word) = self.0.first_chunk().map(|word| u64::from_le_bytes(*word)) else {
            return self.number_by_bytes();
        };
        // The top bit of each byte says that the number goes on after it.
        let last = (!word & TOP_BITS).trailing_zeros();
        let (Some(rest), true) = (self.0.get((last / 8 + 1) as usize..), last < u64::BITS) else {
            return self.number_by_bytes();
        };
        let bits = word & (u64::MAX >> (u64::BITS - 1 - last)) & !TOP_BITS;
        if bits >> (last - 7) == 0 {
            return Err(CodecError::NotCanonical(Part::Number));
        }
        self.0 = rest;
        // Closes the gap of one bit between neighbouring bytes, then of two between pairs, then of four between halves.
        let pairs = bits & 0x007f_007f_007f_007f | (bits & 0x7f00_7f00_7f00_7f00) >> 1;
        let halves = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
        Ok(halves & 0x0fff_ffff | (halves & 0x0fff_ffff_0000_0000) >> 4)
    }

    fn number_by_bytes(&mut self) -> Result<u64, CodecError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(CodecError::OutOfRange(Part::Number));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift != 0 {
                    return Err(CodecError::NotCanonical(Part::Number));
                }
                return Ok(number);
            }
        }
        Err(CodecError::OutOfRange(Part::Number))
    }

    #[inline]
    fn instant(&mut self) -> Result<Timestamp, CodecError> {
        Ok(Timestamp::from_millis(self.signed()?))
    }

    #[inline]
    fn signed(&mut self) -> Result<i64, CodecError> {
        let number: u64 = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn name<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, CodecError> {
        let length = usize::from(self.byte()?);
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes).ok().and_then(parse).ok_or(CodecError::OutOfRange(Part::Name))
    }

    fn remark(&mut self) -> Result<Remark, CodecError> {
        let length = self.number()?;
        let text = std::str::from_utf8(self.bytes(length)?).ok();
        text.and_then(|text| Remark::parse(text).ok()).ok_or(CodecError::OutOfRange(Part::Remark))
    }

    fn area(&mut self) -> Result<AreaCode, CodecError> {
        AreaCode::from_number(u64::from_be_bytes(self.array()?)).ok_or(CodecError::OutOfRange(Part::Area))
    }

    fn areas(&mut self) -> Result<AreaSet, CodecError> {
        let include = self.area_list()?;
        Ok(AreaSet { include, exclude: self.area_list()? })
    }

    fn area_list(&mut self) -> Result<Vec<AreaCode>, CodecError> {
        let count: usize = self.number()?;
        // A wrong count allocates nothing: there cannot be more areas than bytes.
        if count > self.0.len() {
            return Err(CodecError::Truncated);
        }
        (0..count).map(|_| self.area()).collect()
    }
}

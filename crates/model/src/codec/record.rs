//! Records: all facts about one person, or about everybody, in one compact canonical form.
//!
//! Subject and sources are written once and instants as differences, which takes half the bytes of the facts written
//! alone. The form is: version, subject, the sources in the order of their first use, the facts by (start, id). A fact
//! is: id, kind, flags, number of its source, start since the start before, second time since the start, recording
//! since the start, cause, replaced fact, content.

use std::borrow::Cow;

use super::{
    CAUSE, CodecError, FLAGS, PERSON, Part, REPLACES, Reader, SECOND_TIME, STATE, VERSION, Writer, kind_number,
    kind_of_number,
};
use crate::fact::{Content, Fact, Filing, Kind, Occurred, Source, SourceKind, Subject};
use crate::id::{FactId, PersonId, SourceId};
use crate::time::Timestamp;

/// The fewest bytes of a fact: id, kind, flags, source, start, recording.
const SHORTEST: usize = 16 + 5;

/// The bytes of a set of facts about one subject, each id once; equal sets have equal bytes, and the empty one none.
pub fn encode_record<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Vec<u8> {
    let mut facts: Vec<_> = facts.into_iter().collect();
    facts.sort_unstable_by_key(|fact| (fact.occurred().start(), fact.id()));
    let Some(first) = facts.first() else {
        return Vec::new();
    };
    let mut sources: Vec<&Source> = Vec::new();
    for fact in &facts {
        if !sources.contains(&&fact.filing().source) {
            sources.push(&fact.filing().source);
        }
    }
    let mut out = Writer(Vec::with_capacity(32 + 40 * facts.len()));
    out.0.push(VERSION);
    match first.subject() {
        Subject::Global => out.flag(false),
        Subject::Person(person) => {
            out.flag(true);
            out.0.extend(person.bytes());
        }
    }
    out.number(sources.len() as u64);
    for source in &sources {
        out.word(source.kind as u8);
        out.name(source.id.as_str());
    }
    out.number(facts.len() as u64);
    let mut before = 0;
    for fact in facts {
        let source = sources.iter().position(|source| **source == fact.filing().source);
        out.fact_of_record(fact, source.unwrap_or_default() as u64, before);
        before = fact.occurred().start().millis();
    }
    out.0
}

/// Reads a record, its facts by (start, id).
///
/// # Errors
/// [`CodecError`] by the first thing that is wrong from the front.
pub fn decode_record(bytes: &[u8]) -> Result<Vec<Fact>, CodecError> {
    let mut facts = Vec::new();
    read(bytes, |subject, source, view| {
        let FactView { id, source: _, occurred, recorded, cause, replaces, content } = view;
        let content = content.get().into_owned();
        let filing = Filing { id, subject, source: source.clone(), occurred, cause, replaces, content };
        facts.push(filing.record(recorded)?);
        Ok(())
    })?;
    Ok(facts)
}

/// Reads what rules look at of each fact of a record, in place, by (start, id).
///
/// # Errors
/// [`CodecError`] by the first thing that is wrong from the front, but never [`CodecError::NotAFact`].
pub fn view_record(bytes: &[u8]) -> Result<Vec<FactView<'_>>, CodecError> {
    let mut views = Vec::with_capacity(bytes.len() / SHORTEST);
    read(bytes, |_, _, view| {
        views.push(view);
        Ok(())
    })?;
    Ok(views)
}

/// Takes each fact of a record with its subject and source.
#[inline]
fn read<'a>(
    bytes: &'a [u8],
    mut take: impl FnMut(Subject, &Source, FactView<'a>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut input = Reader(bytes);
    let version = input.byte()?;
    if version != VERSION {
        return Err(CodecError::Version(version));
    }
    let subject = match input.flag()? {
        true => Subject::Person(PersonId::from_bytes(input.array()?)),
        false => Subject::Global,
    };
    let sources = input.sources()?;
    let count: usize = input.number()?;
    if count == 0 {
        return Err(CodecError::NotCanonical(Part::Number));
    }
    let (mut before, mut used) = (None, 0);
    for _ in 0..count {
        let id = FactId::from_bytes(input.array()?);
        let [number, flags] = input.array()?;
        let kind = kind_of_number(number).ok_or(CodecError::Kind(number))?;
        let number: usize = input.number()?;
        let source = sources.get(number).ok_or(CodecError::OutOfRange(Part::Source))?;
        // Sources are numbered as they come.
        if number > used {
            return Err(CodecError::NotCanonical(Part::Source));
        }
        used = used.max(number + 1);
        let view = input.fact_view(id, kind, flags, source.kind, before)?;
        before = Some((view.occurred.start(), id));
        take(subject, source, view)?;
    }
    input.end()?;
    if used == sources.len() { Ok(()) } else { Err(CodecError::NotCanonical(Part::Source)) }
}

impl Writer {
    fn fact_of_record(&mut self, fact: &Fact, source: u64, before: i64) {
        let Filing { id, occurred, cause, replaces, content, .. } = fact.filing();
        let start = occurred.start().millis();
        let (shape, second) = match *occurred {
            Occurred::At { at, reported } => (0, (reported != at).then_some(reported)),
            Occurred::During { until, .. } => (STATE, (until != Timestamp::FOREVER).then_some(until)),
        };
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = shape
            | flag(second.is_some(), SECOND_TIME)
            | flag(cause.is_some(), CAUSE)
            | flag(replaces.is_some(), REPLACES);
        self.0.extend(id.bytes());
        self.0.extend([kind_number(content.kind()), flags]);
        self.number(source);
        // The first start may lie before 1970; those after it do not lie before it.
        self.signed(start.wrapping_sub(before));
        second.into_iter().for_each(|second| self.signed(second.millis().wrapping_sub(start)));
        self.signed(fact.recorded().millis().wrapping_sub(start));
        cause.iter().chain(replaces).for_each(|fact| self.0.extend(fact.bytes()));
        self.content(content);
    }
}

impl<'a> Reader<'a> {
    fn sources(&mut self) -> Result<Vec<Source>, CodecError> {
        let count: usize = self.number()?;
        if count > self.0.len() {
            return Err(CodecError::Truncated);
        }
        let mut sources = Vec::with_capacity(count);
        for _ in 0..count {
            let kind = self.word(SourceKind::ALL)?;
            let source = Source { kind, id: self.name(|text| SourceId::parse(text).ok())? };
            if sources.contains(&source) {
                return Err(CodecError::NotCanonical(Part::Source));
            }
            sources.push(source);
        }
        Ok(sources)
    }

    /// The rest of a fact; `before` is the start and the id of the fact before it.
    #[inline(always)]
    fn fact_view(
        &mut self,
        id: FactId,
        kind: Kind,
        flags: u8,
        source: SourceKind,
        before: Option<(Timestamp, FactId)>,
    ) -> Result<FactView<'a>, CodecError> {
        if flags & !(FLAGS & !PERSON) != 0 {
            return Err(CodecError::OutOfRange(Part::Flags));
        }
        let has = |flag: u8| flags & flag != 0;
        let start = before.map_or(0, |(start, _)| start.millis()).wrapping_add(self.signed()?);
        let first = Timestamp::from_millis(start);
        if before.is_some_and(|before| (first, id) <= before) {
            return Err(CodecError::NotCanonical(Part::Order));
        }
        let absent = if has(STATE) { Timestamp::FOREVER } else { first };
        let second = match has(SECOND_TIME) {
            true => Timestamp::from_millis(start.wrapping_add(self.signed()?)),
            false => absent,
        };
        if has(SECOND_TIME) && second == absent {
            return Err(CodecError::NotCanonical(Part::SecondTime));
        }
        let occurred = match has(STATE) {
            true => Occurred::During { from: first, until: second },
            false => Occurred::At { at: first, reported: second },
        };
        let recorded = Timestamp::from_millis(start.wrapping_add(self.signed()?));
        let cause = self.fact_id_if(has(CAUSE))?;
        let replaces = self.fact_id_if(has(REPLACES))?;
        let content = ContentView(Stated::Encoded(kind, self.skip_content(kind)?));
        Ok(FactView { id, source, occurred, recorded, cause, replaces, content })
    }

    /// The bytes of a content, which are found to be right.
    #[inline]
    fn skip_content(&mut self, kind: Kind) -> Result<&'a [u8], CodecError> {
        let whole = self.0;
        match kind {
            // The kind of which there are most.
            Kind::CheckIn => {
                self.symptoms()?;
            }
            _ => drop(self.content(kind)?),
        }
        whole.get(..whole.len() - self.0.len()).ok_or(CodecError::Truncated)
    }
}

/// What rules look at of a fact, be it whole or in place in a record.
#[derive(Clone, Copy, Debug)]
pub struct FactView<'a> {
    /// Its id.
    pub id: FactId,
    /// What kind of body filed it.
    pub source: SourceKind,
    /// When it happened.
    pub occurred: Occurred,
    /// When the ledger accepted it.
    pub recorded: Timestamp,
    /// The fact that led to it.
    pub cause: Option<FactId>,
    /// The older fact that it takes the place of.
    pub replaces: Option<FactId>,
    /// What it states.
    pub content: ContentView<'a>,
}

impl<'a> From<&'a Fact> for FactView<'a> {
    #[inline]
    fn from(fact: &'a Fact) -> Self {
        let Filing { id, source, occurred, cause, replaces, content, .. } = fact.filing();
        Self {
            id: *id,
            source: source.kind,
            occurred: *occurred,
            recorded: fact.recorded(),
            cause: *cause,
            replaces: *replaces,
            content: content.into(),
        }
    }
}

impl<'a> From<&Self> for FactView<'a> {
    #[inline]
    fn from(view: &Self) -> Self {
        *view
    }
}

/// What a fact states, be it whole or in place in a record.
#[derive(Clone, Copy, Debug)]
pub struct ContentView<'a>(Stated<'a>);

#[derive(Clone, Copy, Debug)]
enum Stated<'a> {
    Whole(&'a Content),
    /// The bytes of a content of this kind.
    Encoded(Kind, &'a [u8]), // INVARIANT: they were read once without an error
}

impl<'a> From<&'a Content> for ContentView<'a> {
    #[inline]
    fn from(content: &'a Content) -> Self {
        Self(Stated::Whole(content))
    }
}

impl<'a> ContentView<'a> {
    /// What kind of fact this is.
    #[inline]
    pub fn kind(self) -> Kind {
        match self.0 {
            Stated::Whole(content) => content.kind(),
            Stated::Encoded(kind, _) => kind,
        }
    }

    /// The content itself.
    pub fn get(self) -> Cow<'a, Content> {
        match self.0 {
            Stated::Whole(content) => Cow::Borrowed(content),
            Stated::Encoded(kind, bytes) => match Reader(bytes).content(kind) {
                Ok(content) => Cow::Owned(content),
                Err(error) => unreachable!("bytes that were read before: {error}"),
            },
        }
    }
}

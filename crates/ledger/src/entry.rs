//! The words of the ledger as types: partitions, positions, facts as they are filed and entries as they are read.

use std::fmt;

use yima_model::{FactId, PersonId, Subject, Timestamp};

use crate::chain::{self, Digest, Salt};

/// One of the independent sequences of entries: the global one, or one that some of the persons share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(u16);

impl Partition {
    /// Where the facts about everybody lie.
    pub const GLOBAL: Self = Self(0);

    /// The number, 0 for the global partition.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The partition with this number, if a ledger with `person_partitions` has it.
    pub const fn new(number: u16, person_partitions: u16) -> Option<Self> {
        if number <= person_partitions { Some(Self(number)) } else { None }
    }

    /// All partitions of a ledger with `person_partitions`, in ascending order, the global one first.
    pub fn all(person_partitions: u16) -> impl Iterator<Item = Self> {
        (0..=person_partitions).map(Self)
    }

    /// Where the facts about `subject` lie in a ledger with `person_partitions`: 1 + SHA-256(person) modulo that count.
    pub fn of(subject: Subject, person_partitions: u16) -> Self {
        match subject {
            Subject::Global => Self::GLOBAL,
            Subject::Person(person) => {
                let digest = chain::sha256(&[person.bytes()]);
                let number = digest.bytes().iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
                let place = number.checked_rem(u64::from(person_partitions)).unwrap_or_default();
                Self(u16::try_from(place + 1).unwrap_or(person_partitions))
            }
        }
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A place in a partition; the first entry has position 1, and there are no holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// The position after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A position in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which partition.
    pub partition: Partition,
    /// Where in it.
    pub position: Position,
}

/// Where a partition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The last position; [`Position::START`] if the partition is empty.
    pub position: Position,
    /// The head of the chain there.
    pub head: Digest,
    /// When the last entry was recorded; [`Timestamp::BEGINNING`] if the partition is empty.
    pub recorded: Timestamp,
}

impl Tail {
    pub(crate) fn empty(partition: Partition) -> Self {
        Self { position: Position::START, head: chain::genesis(partition), recorded: Timestamp::BEGINNING }
    }
}

/// Random bytes given to a ledger when it is made or restored; two ledgers never share them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Incarnation([u8; 16]);

impl Incarnation {
    /// The incarnation with these 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A small number that the filer gives to facts that are forgotten together; the ledger attaches no meaning to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// The sealed content of a fact: bytes that mean nothing to the ledger.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl Sealed {
    /// The longest body that the ledger takes, in bytes.
    pub const LENGTH_MAX: usize = 1 << 20;
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

/// A fact as it is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFact {
    /// Names the fact; filing the same fact again must name the same id.
    pub id: FactId,
    /// Whom it is about.
    pub subject: Subject,
    /// With which facts it is forgotten.
    pub kind: Kind,
    /// The instant by which it counts: when its state ended, or [`Timestamp::FOREVER`] while that is open.
    pub until: Timestamp,
    /// The content; the same fact must be sealed to the same bytes when it is filed again.
    pub body: Sealed,
}

/// What became of a fact that was filed, or of an act; each names the position it has in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It was recorded now.
    New(Place),
    /// It had been recorded before with the same content; nothing was written.
    Already(Place),
    /// It had been recorded before and its content was erased or expired since; nothing was written.
    Emptied(Place),
}

impl Appended {
    /// The first position of the fact.
    pub const fn place(self) -> Place {
        match self {
            Self::New(place) | Self::Already(place) | Self::Emptied(place) => place,
        }
    }
}

/// An entry as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies in its partition.
    pub position: Position,
    /// The digest of its content.
    pub leaf: Digest,
    /// The head of the chain up to and with this entry.
    pub head: Digest,
    /// What it says.
    pub content: Content,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A fact.
    Fact(Fact),
    /// Something that was done to the ledger itself.
    Act(Recorded),
    /// Nothing any more: the fact was erased or has expired.
    Empty,
}

/// A fact as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// When the ledger recorded it; never earlier than the entry before.
    pub recorded: Timestamp,
    /// The random bytes in its leaf.
    pub salt: [u8; 16],
    /// As it was filed.
    pub filed: NewFact,
}

/// An act as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// When the ledger recorded it; never earlier than the entry before.
    pub recorded: Timestamp,
    /// The random bytes in its leaf.
    pub salt: [u8; 16],
    /// What was done.
    pub act: Act,
}

/// Something that is done to the ledger itself, and is an entry of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// All facts about a person are emptied, and none are taken any more; lies in the person's partition.
    Erase(PersonId),
    /// Registries forget the facts of the kind that count by an instant before this one, and none such are taken any
    /// more; lies in the global partition.
    Horizon(Kind, Timestamp),
    /// The facts of the kind that count by an instant before this one are emptied; lies in the global partition.
    Expire(Kind, Timestamp),
}

impl Content {
    /// The leaf over this content; `None` for an emptied one, whose leaf is stored.
    fn leaf(&self) -> Option<Digest> {
        match self {
            Self::Fact(Fact { recorded, salt, filed }) => Some(chain::LeafOfFact::new(salt, filed).recorded(*recorded)),
            Self::Act(Recorded { recorded, salt, act }) => Some(chain::leaf_of_act(salt, *recorded, &act.encode())),
            Self::Empty => None,
        }
    }
}

const EMPTY: u8 = 0;
const GLOBAL: u8 = 1;
const PERSON: u8 = 2;
const ACT: u8 = 3;

impl Entry {
    /// The stored form: tag, head, then the leaf of an emptied entry or the content of a full one.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match &self.content {
            Content::Empty => [&[EMPTY][..], self.head.bytes(), self.leaf.bytes()].concat(),
            Content::Fact(fact) => encode_fact(&self.head, fact.recorded, &fact.salt, &fact.filed),
            Content::Act(act) => encode_act(&self.head, act),
        }
    }

    /// Reads the stored form; `None` if it is none. Whether the head fits is for the reader of the chain to say.
    pub(crate) fn decode(position: Position, bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let (head, rest) = take::<32>(rest)?;
        let content = match *tag {
            EMPTY => {
                let leaf = Digest::from_bytes(rest.try_into().ok()?);
                return Some(Self { position, leaf, head: Digest::from_bytes(head), content: Content::Empty });
            }
            GLOBAL => Content::Fact(decode_fact(rest, |rest| Some((Subject::Global, rest)))?),
            PERSON => Content::Fact(decode_fact(rest, |rest| {
                take(rest).map(|(person, rest)| (Subject::Person(PersonId::from_bytes(person)), rest))
            })?),
            ACT => Content::Act(decode_act(rest)?),
            _ => return None,
        };
        Some(Self { position, leaf: content.leaf()?, head: Digest::from_bytes(head), content })
    }

    /// The same entry with nothing left but position, leaf and head.
    pub(crate) fn emptied(self) -> Self {
        Self { content: Content::Empty, ..self }
    }
}

/// The stored form of a full entry that is a fact.
pub(crate) fn encode_fact(head: &Digest, recorded: Timestamp, salt: &Salt, fact: &NewFact) -> Vec<u8> {
    let NewFact { id, subject, kind, until, body } = fact;
    let (tag, person): (u8, &[u8]) = match subject {
        Subject::Global => (GLOBAL, &[]),
        Subject::Person(person) => (PERSON, person.bytes()),
    };
    let recorded = recorded.millis().to_be_bytes();
    let until = until.millis().to_be_bytes();
    [&[tag][..], head.bytes(), salt, &recorded, &kind.0.to_be_bytes(), &until, person, id.bytes(), &body.0].concat()
}

/// The stored form of a full entry that is an act.
pub(crate) fn encode_act(head: &Digest, act: &Recorded) -> Vec<u8> {
    let recorded = act.recorded.millis().to_be_bytes();
    [&[ACT][..], head.bytes(), &act.salt, &recorded, &act.act.encode()].concat()
}

fn decode_fact(bytes: &[u8], subject: impl Fn(&[u8]) -> Option<(Subject, &[u8])>) -> Option<Fact> {
    let (salt, rest) = take(bytes)?;
    let (recorded, rest) = take_instant(rest)?;
    let (kind, rest) = take(rest)?;
    let (until, rest) = take_instant(rest)?;
    let (subject, rest) = subject(rest)?;
    let (id, body) = take(rest)?;
    let (id, kind) = (FactId::from_bytes(id), Kind(u16::from_be_bytes(kind)));
    let filed = NewFact { id, subject, kind, until, body: Sealed(body.to_vec()) };
    Some(Fact { recorded, salt, filed })
}

fn decode_act(bytes: &[u8]) -> Option<Recorded> {
    let (salt, rest) = take(bytes)?;
    let (recorded, rest) = take_instant(rest)?;
    Some(Recorded { recorded, salt, act: Act::decode(rest)? })
}

impl Act {
    const ERASE: u8 = 1;
    const HORIZON: u8 = 2;
    const EXPIRE: u8 = 3;

    /// The bytes over which the leaf of an act is taken.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let dated = |tag, kind: &Kind, before: &Timestamp| {
            [&[tag][..], &kind.0.to_be_bytes(), &before.millis().to_be_bytes()].concat()
        };
        match self {
            Self::Erase(person) => [&[Self::ERASE][..], person.bytes()].concat(),
            Self::Horizon(kind, before) => dated(Self::HORIZON, kind, before),
            Self::Expire(kind, before) => dated(Self::EXPIRE, kind, before),
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        if *tag == Self::ERASE {
            return Some(Self::Erase(PersonId::from_bytes(rest.try_into().ok()?)));
        }
        let (kind, rest) = take(rest)?;
        let kind = Kind(u16::from_be_bytes(kind));
        let (before, []) = take_instant(rest)? else { return None };
        match *tag {
            Self::HORIZON => Some(Self::Horizon(kind, before)),
            Self::EXPIRE => Some(Self::Expire(kind, before)),
            _ => None,
        }
    }
}

/// Splits off so many bytes.
pub(crate) fn take<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    bytes.split_first_chunk().map(|(first, rest)| (*first, rest))
}

/// Splits off an instant.
pub(crate) fn take_instant(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    take(bytes).map(|(millis, rest)| (Timestamp::from_millis(i64::from_be_bytes(millis)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let (recorded, salt) = (Timestamp::from_millis(-5), [7; 16]);
        let fact = |subject, until| {
            let (id, kind, body) = (FactId::from_bytes([9; 16]), Kind(258), Sealed(b"sealed".to_vec()));
            Content::Fact(Fact { recorded, salt, filed: NewFact { id, subject, kind, until, body } })
        };
        let act = |act| Content::Act(Recorded { recorded, salt, act });
        [
            fact(Subject::Global, Timestamp::FOREVER),
            fact(Subject::Person(PersonId::from_bytes([4; 16])), Timestamp::from_millis(1)),
            act(Act::Erase(PersonId::from_bytes([4; 16]))),
            act(Act::Horizon(Kind(1), Timestamp::from_millis(2))),
            act(Act::Expire(Kind(1), Timestamp::from_millis(2))),
        ]
        .map(|content| Entry {
            position: Position(3),
            leaf: content.leaf().unwrap(),
            head: Digest::from_bytes([1; 32]),
            content,
        })
        .into()
    }

    /// Catches a field that is written and read differently, or lost when an entry is emptied.
    #[test]
    fn the_stored_form_is_read_back() {
        for entry in entries() {
            assert_eq!(Entry::decode(Position(3), &entry.encode()).as_ref(), Some(&entry));
            let emptied = entry.clone().emptied();
            assert_eq!(Entry::decode(Position(3), &emptied.encode()), Some(emptied.clone()));
            assert_eq!((emptied.leaf, emptied.head), (entry.leaf, entry.head));
        }
    }

    /// Catches a decoder that takes a truncated or foreign value for an entry.
    #[test]
    fn other_bytes_are_no_entries() {
        for entry in entries() {
            let mut bytes = entry.encode();
            let shortest = bytes.len() - if matches!(entry.content, Content::Fact(_)) { 6 } else { 0 };
            for length in 0..shortest {
                assert_eq!(Entry::decode(Position(3), &bytes[..length]), None, "{length}");
            }
            bytes[0] = 9;
            assert_eq!(Entry::decode(Position(3), &bytes), None);
        }
        let act = entries().pop().unwrap().encode();
        assert_eq!(Entry::decode(Position(3), &[&act[..], &[0]].concat()), None);
    }

    /// Catches a partition that depends on anything but the person, or a person that lands in the global one.
    #[test]
    fn persons_spread_over_all_partitions_but_the_global_one() {
        let numbers: std::collections::BTreeSet<u16> = (0..=255)
            .map(|byte| Partition::of(Subject::Person(PersonId::from_bytes([byte; 16])), 16).number())
            .collect();
        assert_eq!(numbers, (1..=16).collect());
        assert_eq!(Partition::of(Subject::Global, 16), Partition::GLOBAL);
    }
}

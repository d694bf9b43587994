//! What a ledger keeps beside its entries: identity, tails and acts, and their stored forms.

use std::collections::{BTreeMap, HashMap};

use yima_model::{FactId, PersonId, Timestamp};

use crate::{
    Identity,
    chain::Digest,
    entry::{Act, Incarnation, Kind, NewFact, Partition, Place, Position, Tail, take, take_instant},
    error::StoreError,
    store::{Store, Table, Write},
};

/// What the next commit builds on.
#[derive(Debug)]
pub(super) struct State {
    pub(super) person_partitions: u16,
    /// One for each partition, in ascending order.
    pub(super) tails: Vec<Tail>,
    pub(super) acts: Acts,
}

impl State {
    pub(super) fn load(store: &dyn Store, person_partitions: u16) -> Result<Self, StoreError> {
        Ok(Self { person_partitions, tails: read_tails(store, person_partitions)?, acts: Acts::load(store)? })
    }
}

/// What was done to the ledger itself, and where the entries about it lie.
#[derive(Debug, Default)]
pub(super) struct Acts {
    pub(super) erased: BTreeMap<PersonId, Place>,
    pub(super) horizons: HashMap<Kind, (Timestamp, Place)>,
    pub(super) expiries: HashMap<Kind, (Timestamp, Place)>,
}

impl Acts {
    const ROWS: usize = 1024;

    pub(super) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut acts = Self::default();
        let mut from = Vec::new();
        loop {
            let rows = store.scan(Table::Acts, &from, Self::ROWS)?;
            for (key, value) in &rows {
                let (act, place) = decode_act(key, value).ok_or(StoreError::Row)?;
                acts.add(act, place);
            }
            match rows.into_iter().nth(Self::ROWS - 1) {
                None => return Ok(acts),
                Some((key, _)) => from = [&key[..], &[0]].concat(),
            }
        }
    }

    pub(super) fn add(&mut self, act: Act, place: Place) {
        match act {
            Act::Erase(person) => drop(self.erased.insert(person, place)),
            Act::Horizon(kind, before) => drop(self.horizons.insert(kind, (before, place))),
            Act::Expire(kind, before) => drop(self.expiries.insert(kind, (before, place))),
        }
    }

    /// Where an act is that makes this one a repetition.
    pub(super) fn covering(&self, act: &Act) -> Option<Place> {
        let reached = |by: &HashMap<Kind, (Timestamp, Place)>, kind, before: &Timestamp| {
            by.get(kind).filter(|(reached, _)| reached >= before).map(|(_, place)| *place)
        };
        match act {
            Act::Erase(person) => self.erased.get(person).copied(),
            Act::Horizon(kind, before) => reached(&self.horizons, kind, before),
            Act::Expire(kind, before) => reached(&self.expiries, kind, before),
        }
    }

    /// How far the horizon of a kind lies; [`Timestamp::BEGINNING`] if it has none.
    pub(super) fn horizon(&self, kind: Kind) -> Timestamp {
        self.horizons.get(&kind).map_or(Timestamp::BEGINNING, |(before, _)| *before)
    }

    /// Whether nothing may be left of a fact.
    pub(super) fn empties(&self, fact: &NewFact) -> bool {
        let erased = match fact.subject {
            yima_model::Subject::Person(person) => self.erased.contains_key(&person),
            yima_model::Subject::Global => false,
        };
        erased || self.expiries.get(&fact.kind).is_some_and(|(before, _)| fact.until < *before)
    }
}

/// The row by which an act is found without reading the log; one kind has one for each sort of act, the latest.
pub(super) fn act_row(act: &Act, place: Place) -> Write {
    let dated = |sort, kind: &Kind, before: &Timestamp| {
        let key = [&[sort][..], &kind.0.to_be_bytes()].concat();
        Write::put(Table::Acts, key, [&encode_place(place)[..], &before.millis().to_be_bytes()].concat())
    };
    match act {
        Act::Erase(person) => Write::put(Table::Acts, [&[b'e'][..], person.bytes()].concat(), encode_place(place)),
        Act::Horizon(kind, before) => dated(b'h', kind, before),
        Act::Expire(kind, before) => dated(b'x', kind, before),
    }
}

fn decode_act(key: &[u8], value: &[u8]) -> Option<(Act, Place)> {
    let (sort, key) = key.split_first()?;
    let (place, rest) = value.split_at_checked(10)?;
    let place = decode_place(place).ok()?;
    if *sort == b'e' {
        return Some((Act::Erase(PersonId::from_bytes(key.try_into().ok()?)), place));
    }
    let kind = Kind(u16::from_be_bytes(key.try_into().ok()?));
    let (before, []) = take_instant(rest)? else { return None };
    match *sort {
        b'h' => Some((Act::Horizon(kind, before), place)),
        b'x' => Some((Act::Expire(kind, before), place)),
        _ => None,
    }
}

/// The row by which a fact is found by its id.
pub(super) fn id_row(id: &FactId, place: Place) -> Write {
    Write::put(Table::Ids, *id.bytes(), encode_place(place))
}

pub(super) fn encode_place(place: Place) -> [u8; 10] {
    let mut bytes = [0; 10];
    let parts = place.partition.number().to_be_bytes().into_iter().chain(place.position.0.to_be_bytes());
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    bytes
}

pub(super) fn decode_place(bytes: &[u8]) -> Result<Place, StoreError> {
    let decode = || {
        let (partition, rest) = take(bytes)?;
        let position = Position(u64::from_be_bytes(rest.try_into().ok()?));
        Some(Place { partition: Partition::new(u16::from_be_bytes(partition), u16::MAX)?, position })
    };
    decode().ok_or(StoreError::Row)
}

const IDENTITY: &[u8] = b"identity";
const TAIL: &[u8] = b"tail";

/// Gives an empty store the identity of a ledger.
pub(crate) fn write_identity(store: &dyn Store, identity: Identity) -> Result<(), StoreError> {
    let value = [&identity.incarnation.bytes()[..], &identity.person_partitions.to_be_bytes()].concat();
    store.commit(vec![Write::put(Table::Meta, IDENTITY, value)], None)
}

/// Which ledger a store holds.
pub(crate) fn read_identity(store: &dyn Store) -> Result<Identity, StoreError> {
    let bytes = store.get(Table::Meta, IDENTITY)?.ok_or(StoreError::Row)?;
    let decode = || {
        let (incarnation, rest) = take(&bytes)?;
        let person_partitions = u16::from_be_bytes(rest.try_into().ok()?);
        Some(Identity { incarnation: Incarnation::from_bytes(incarnation), person_partitions })
    };
    decode().ok_or(StoreError::Row)
}

/// The row that says where a partition ends.
pub(super) fn tail_row(partition: Partition, tail: &Tail) -> Write {
    Write::put(Table::Meta, tail_key(partition), encode_tail(tail))
}

/// Where each partition ends.
pub(crate) fn read_tails(store: &dyn Store, person_partitions: u16) -> Result<Vec<Tail>, StoreError> {
    let tail = |partition| match store.get(Table::Meta, &tail_key(partition))? {
        None => Ok(Tail::empty(partition)),
        Some(bytes) => decode_tail(&bytes).ok_or(StoreError::Row),
    };
    Partition::all(person_partitions).map(tail).collect()
}

fn tail_key(partition: Partition) -> Vec<u8> {
    [TAIL, &partition.number().to_be_bytes()].concat()
}

pub(super) fn encode_tail(tail: &Tail) -> Vec<u8> {
    [&tail.position.0.to_be_bytes()[..], tail.head.bytes(), &tail.recorded.millis().to_be_bytes()].concat()
}

pub(super) fn decode_tail(bytes: &[u8]) -> Option<Tail> {
    let (position, rest) = take(bytes)?;
    let (head, rest) = take(rest)?;
    let (recorded, []) = take_instant(rest)? else { return None };
    Some(Tail { position: Position(u64::from_be_bytes(position)), head: Digest::from_bytes(head), recorded })
}

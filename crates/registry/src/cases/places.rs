//! How places lie: an office says that a place lies in another, that two wordings are one place, or that they are not.
//!
//! Each decision is a fact with its date, its office and its reason, and history is never rewritten: as known before, the
//! places lay as they did. A relation can carry a level to people whom it did not reach, so it counts once another office has
//! confirmed it.

use std::collections::BTreeMap;

use yima_model::fact::PlaceRelation;
use yima_model::id::Remark;
use yima_model::{AreaCode, Content, Fact, FactId, Interval, Occurred, Source, Subject, Timestamp};
use yima_rules::places::Places;

use super::disputes::is_office;
use super::report::{counting, turn_inert};
use super::{Call, CaseError, Draft, Filed, Refusal, earlier, inert_at};
use crate::registry::Registry;
use crate::standing::standing;

/// From when on places lie as they do, unless an office names another instant: always.
pub const ALWAYS: Timestamp = Timestamp::from_millis(0);

/// The most places that one decision is about.
pub const PLACES_MAX: usize = 8;

/// What an office says of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `within`: the first lies in the second; `same`: all are one; `apart`: the first is none of the others and lies in none.
    pub relation: PlaceRelation,
    /// Two to eight, for `within` two.
    pub places: Vec<AreaCode>,
    /// From when on.
    pub from: Timestamp,
    /// By which document or survey.
    pub why: Remark,
}

/// A decision that stands, about two places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The fact.
    pub fact: FactId,
    /// The place.
    pub place: AreaCode,
    /// How it lies.
    pub relation: PlaceRelation,
    /// To what.
    pub other: AreaCode,
    /// Whose decision.
    pub by: Source,
    /// When it was recorded.
    pub at: Timestamp,
    /// Why.
    pub why: Remark,
    /// Whether another office has confirmed it; `apart` needs none.
    pub counts: bool,
}

/// Files a decision about places: one fact for each two of them.
///
/// # Errors
/// [`Refusal::NotForThisSource`], [`Refusal::PlaceCount`], [`Refusal::PlaceInItself`], [`Refusal::PlaceSaid`],
/// [`Refusal::NotRelated`], [`Refusal::StillRelated`], [`Refusal::Fact`] if their codes do not allow it, or a failure underneath.
pub fn decide(registry: &Registry, call: &Call, decision: &Decision) -> Result<Filed, CaseError> {
    if !is_office(call.source.kind) {
        return Err(Refusal::NotForThisSource.into());
    }
    let _weighing = registry.weigh();
    registry.follow(call.now)?;
    let globals = registry.globals();
    let pairs = pairs(decision)?;
    let content =
        |(place, other)| Content::Place { place, relation: decision.relation, other, why: decision.why.clone() };
    if let Some(filed) =
        earlier(registry, call, &globals, |before| pairs.first().is_some_and(|pair| before.content == content(*pair)))?
    {
        return Ok(filed);
    }
    let mut draft = Draft::new(call);
    for (place, other) in pairs {
        let replaces = before(&globals, decision.relation, place, other, call.now)?;
        if decision.relation != PlaceRelation::Apart {
            check_circle(&globals, decision, place, other)?;
        }
        let fact = draft.add(Subject::Global, Occurred::since(decision.from), content((place, other)));
        if let Some(filing) = draft.last() {
            filing.replaces = replaces;
        }
        if decision.relation != PlaceRelation::Apart {
            turn_inert(&mut draft, Subject::Global, fact, decision.from.min(call.now));
        }
    }
    if decision.relation == PlaceRelation::Apart {
        let replaced: Vec<FactId> = draft.filings.iter().filter_map(|filing| filing.replaces).collect();
        check_apart(&globals, &decision.places, &replaced)?;
    }
    draft.file(registry)
}

/// The decisions that stand, the latest first.
pub fn decided(globals: &[Fact], now: Timestamp) -> Vec<Decided> {
    let inert = inert_at(globals, now);
    let decided = standing(globals, Timestamp::FOREVER).into_iter().filter_map(|(fact, _)| {
        let Content::Place { place, relation, other, why } = fact.content() else { return None };
        Some(Decided {
            fact: fact.id(),
            place: *place,
            relation: *relation,
            other: *other,
            by: fact.filing().source.clone(),
            at: fact.recorded(),
            why: why.clone(),
            counts: !inert.contains(&fact.id()),
        })
    });
    decided.collect()
}

/// How places lie by the facts that count at `now`.
pub(crate) fn places_at(globals: &[Fact], now: Timestamp) -> Places {
    lie(counting(globals, now))
}

/// For each place with several wordings by the facts that count at `now`, the one under which it is known: the smallest code.
pub(crate) fn wordings_at(globals: &[Fact], now: Timestamp) -> BTreeMap<AreaCode, AreaCode> {
    let mut known_as: BTreeMap<AreaCode, AreaCode> = BTreeMap::new();
    for (fact, lasts) in counting(globals, now) {
        let Content::Place { place, relation: PlaceRelation::Same, other, .. } = *fact.content() else { continue };
        if !lasts.contains(now) {
            continue;
        }
        let [one, two] = [place, other].map(|code| known_as.get(&code).copied().unwrap_or(code));
        known_as.extend([(place, one), (other, two)]);
        known_as.values_mut().filter(|known| **known == one || **known == two).for_each(|known| *known = one.min(two));
    }
    known_as
}

fn lie<'f>(facts: impl IntoIterator<Item = (&'f Fact, Interval)>) -> Places {
    let mut places = Places::default();
    for (fact, lasts) in facts {
        if let Content::Place { place, relation, other, .. } = *fact.content() {
            places.say(place, relation, other, lasts, fact.id());
        }
    }
    places
}

/// The two places of each fact.
fn pairs(decision: &Decision) -> Result<Vec<(AreaCode, AreaCode)>, Refusal> {
    let places = &decision.places;
    let most = if decision.relation == PlaceRelation::Within { 2 } else { PLACES_MAX };
    let Some((first, others)) = places.split_first().filter(|_| (2..=most).contains(&places.len())) else {
        return Err(Refusal::PlaceCount);
    };
    Ok(match decision.relation {
        PlaceRelation::Within | PlaceRelation::Apart => others.iter().map(|other| (*first, *other)).collect(),
        // Every two of them, so that one may be set apart and the others stay one.
        PlaceRelation::Same => {
            let each = places.iter().enumerate();
            each.flat_map(|(at, one)| places.iter().skip(at + 1).map(|other| (*one, *other))).collect()
        }
    })
}

/// The standing fact about these two that the new one takes the place of.
fn before(
    globals: &[Fact],
    relation: PlaceRelation,
    one: AreaCode,
    two: AreaCode,
    now: Timestamp,
) -> Result<Option<FactId>, Refusal> {
    let decided = decided(globals, now);
    let found = decided.iter().find(|said| {
        let (forth, back) = ((said.place, said.other) == (one, two), (said.place, said.other) == (two, one));
        forth || back && relation != PlaceRelation::Within
    });
    match found {
        Some(said) if said.relation == relation && said.counts => Err(Refusal::PlaceSaid),
        None if relation == PlaceRelation::Apart => Err(Refusal::NotRelated),
        found => Ok(found.map(|said| said.fact)),
    }
}

/// Refuses what would make a place lie in itself: where the outer one lies in the inner, or one of two that are one lies in the other.
fn check_circle(globals: &[Fact], decision: &Decision, place: AreaCode, other: AreaCode) -> Result<(), Refusal> {
    let places = lie(standing(globals, Timestamp::FOREVER));
    let lies_in = |inner: AreaCode, outer: AreaCode| {
        let within = places.around(inner).within(&[outer].into());
        within.first_from(decision.from).is_some()
    };
    let circle = match decision.relation {
        PlaceRelation::Within => lies_in(other, place),
        PlaceRelation::Same => lies_in(other, place) != lies_in(place, other),
        PlaceRelation::Apart => false,
    };
    if circle { Err(Refusal::PlaceInItself) } else { Ok(()) }
}

/// Refuses what would leave the first place related to one of the others by way of a third.
fn check_apart(globals: &[Fact], places: &[AreaCode], replaced: &[FactId]) -> Result<(), Refusal> {
    let standing = standing(globals, Timestamp::FOREVER).into_iter();
    let left = lie(standing.filter(|(fact, _)| !replaced.contains(&fact.id())));
    let Some((first, others)) = places.split_first() else { return Ok(()) };
    let related = |other: &AreaCode| {
        let lies_in = |inner: AreaCode, outer: AreaCode| !left.around(inner).within(&[outer].into()).is_never();
        lies_in(*first, *other) || lies_in(*other, *first)
    };
    if others.iter().any(related) { Err(Refusal::StillRelated) } else { Ok(()) }
}

#[cfg(test)]
mod tests;

//! Which facts stand: neither retracted nor replaced, and until when a state lasts.

use std::collections::{HashMap, HashSet};

use yima_model::fact::DwellingRole;
use yima_model::{AreaCode, Content, Fact, FactId, Interval, Occurred, Timestamp};

/// The facts known at `known_at` that no standing fact retracts or replaces, each with how long it lasts.
///
/// An event lasts from its instant on; a state that was closed before it began is left out.
pub fn standing(facts: &[Fact], known_at: Timestamp) -> Vec<(&Fact, Interval)> {
    let mut newest_first: Vec<&Fact> = facts.iter().filter(|fact| fact.recorded() <= known_at).collect();
    // What hides another fact came after it, within one millisecond too.
    newest_first.sort_unstable_by_key(|fact| std::cmp::Reverse((fact.recorded(), hides(fact), fact.id())));
    let mut hidden: HashSet<FactId> = HashSet::new();
    let mut standing = Vec::with_capacity(newest_first.len());
    for fact in newest_first {
        if hidden.contains(&fact.id()) {
            continue;
        }
        hidden.extend(fact.filing().replaces);
        if let Content::Retraction { target } = fact.content() {
            hidden.insert(*target);
        }
        standing.push(fact);
    }
    let mut ends: HashMap<FactId, Timestamp> = HashMap::new();
    for fact in &standing {
        if let Content::Closing { target } = fact.content() {
            let at = fact.occurred().start();
            ends.entry(*target).and_modify(|end| *end = at.min(*end)).or_insert(at);
        }
    }
    let lasts = |fact: &Fact| match fact.occurred() {
        Occurred::At { at, .. } => Interval::new(at, Timestamp::FOREVER),
        Occurred::During { from, until } => {
            Interval::new(from, ends.get(&fact.id()).map_or(until, |end| until.min(*end)))
        }
    };
    standing.into_iter().filter_map(|fact| Some((fact, lasts(fact)?))).collect()
}

fn hides(fact: &Fact) -> bool {
    fact.filing().replaces.is_some() || matches!(fact.content(), Content::Retraction { .. })
}

/// The standing fact with this id.
pub fn find(facts: &[Fact], id: FactId) -> Option<(&Fact, Interval)> {
    standing(facts, Timestamp::FOREVER).into_iter().find(|(fact, _)| fact.id() == id)
}

/// Where the person lives at `at`: the present dwelling before the home, then the latest; else the last arrival.
pub fn address(standing: &[(&Fact, Interval)], at: Timestamp) -> Option<AreaCode> {
    let dwellings =
        standing.iter().filter(|(_, lasts)| lasts.contains(at)).filter_map(|(fact, lasts)| match fact.content() {
            Content::Dwelling { area, role: role @ (DwellingRole::Present | DwellingRole::Home) } => {
                Some(((*role == DwellingRole::Present, lasts.from(), fact.id()), *area))
            }
            _ => None,
        });
    let arrivals = || {
        standing.iter().filter(|(_, lasts)| lasts.contains(at)).filter_map(|(fact, lasts)| match fact.content() {
            Content::Arrival { to, .. } => Some(((lasts.from(), fact.id()), *to)),
            _ => None,
        })
    };
    let dwelling = dwellings.max_by_key(|(rank, _)| *rank).map(|(_, area)| area);
    dwelling.or_else(|| arrivals().max_by_key(|(rank, _)| *rank).map(|(_, area)| area))
}

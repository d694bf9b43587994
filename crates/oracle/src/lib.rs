//! The meaning of a rule pack once more, by direct search: what tests compare the engine with.
//!
//! It follows docs/RULES.md sentence by sentence and asks one question: what holds at one instant? It shares the data
//! types with the engine and nothing else: no interval is ever combined with another.
#![warn(missing_docs)]

mod all;
mod moment;
mod visible;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use yima_model::id::RuleId;
use yima_model::{Colour, Fact, Timestamp};
use yima_rules::pack::{Pack, Rule};

pub use all::{Composed, candidates_of_all, judge_all};

use crate::moment::View;
use crate::visible::{is_inert, visible};

/// What a pack says about a person at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The worst colour among the rules that hold, else the base; grey where the pack is not in force.
    pub colour: Colour,
    /// The rules that hold, in the order of the pack.
    pub rules: Vec<RuleId>,
    /// Whether the pack is in force at that instant.
    pub in_force: bool,
}

/// The colour and the rules that hold at `at`, as known at `known_at`, with the data complete up to `as_of`.
///
/// `facts` holds the facts of one person and those for everybody, each once and in any order.
pub fn judge(pack: &Pack, facts: &[Fact], at: Timestamp, known_at: Timestamp, as_of: Timestamp) -> Judgement {
    if at < pack.from || pack.until <= at {
        return Judgement { colour: Colour::Grey, rules: Vec::new(), in_force: false };
    }
    let visible = visible(facts, known_at);
    let counting = visible.iter().copied().filter(|fact| !is_inert(fact, &visible, pack.while_disputed, at)).collect();
    let view = View::new(pack, counting, as_of);
    let holding = || pack.rules.iter().filter(|rule| view.holds(&rule.when, at, Timestamp::BEGINNING));
    Judgement {
        colour: holding().map(|rule| rule.colour).max().unwrap_or(pack.base),
        rules: holding().map(|rule| rule.id.clone()).collect(),
        in_force: true,
    }
}

/// How far the counts have come that would clear what holds at `at`: for each its rule, how many are done and how many wanted.
pub fn progress(
    pack: &Pack,
    facts: &[Fact],
    at: Timestamp,
    known_at: Timestamp,
    as_of: Timestamp,
) -> Vec<(RuleId, u8, u8)> {
    if at < pack.from || pack.until <= at {
        return Vec::new();
    }
    let visible = visible(facts, known_at);
    let counting = visible.iter().copied().filter(|fact| !is_inert(fact, &visible, pack.while_disputed, at)).collect();
    let view = View::new(pack, counting, as_of);
    let of_rule = |rule: &Rule| {
        view.progress(&rule.when, at)
            .into_iter()
            .map(|(done, wanted)| (rule.id.clone(), done, wanted))
            .collect::<Vec<_>>()
    };
    pack.rules.iter().flat_map(of_rule).collect()
}

/// Instants, sorted, among which are all at which [`judge`] may change as `at` moves on; between two of them it does not.
///
/// An inert fact only takes instants away, and `as_of` only stops changes, so neither is an argument.
pub fn candidates(pack: &Pack, facts: &[Fact], known_at: Timestamp) -> Vec<Timestamp> {
    let view = View::new(pack, visible(facts, known_at), Timestamp::FOREVER);
    let mut instants = BTreeSet::from([pack.from, pack.until]);
    instants.extend(view.instants());
    for rule in &pack.rules {
        instants.extend(view.changes(&rule.when));
    }
    instants.into_iter().collect()
}

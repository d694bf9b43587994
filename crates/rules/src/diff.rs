//! Two packs over the same persons: who changes colour, when, and by which rules.

use std::cmp::Ordering;

use yima_model::id::RuleId;
use yima_model::{Colour, Fact, Interval, Timestamp};

use crate::pack::Pack;
use crate::timeline::{Everybody, Verdict};

/// Two packs, each judging as if it were in force throughout one period.
#[derive(Debug)]
pub struct Diff {
    period: Interval,
    old: Everybody,
    new: Everybody,
}

/// One person's first change of colour from the old pack to the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The first instant of the period at which the colours differ.
    pub at: Timestamp,
    /// The colour by the old pack.
    pub old: Colour,
    /// The colour by the new pack.
    pub new: Colour,
    /// The rules that make the worse of the two colours, of the pack that gives it; none where that is its base.
    pub rules: Vec<RuleId>,
}

impl Diff {
    /// Makes the packs ready with the facts for everybody; facts about persons are passed over.
    pub fn new(old: Pack, new: Pack, period: Interval, facts: &[Fact]) -> Self {
        let throughout = |pack| Pack { from: period.from(), until: period.until(), ..pack };
        let everybody = |pack| Everybody::new(throughout(pack), facts, Timestamp::FOREVER);
        Self { period, old: everybody(old), new: everybody(new) }
    }

    /// The first change of the one person whom `facts` are about; `None` if the colour is the same throughout.
    pub fn first_change(&self, facts: &[Fact]) -> Option<Change> {
        let (old, new) = (self.old.timeline(facts, Timestamp::FOREVER), self.new.timeline(facts, Timestamp::FOREVER));
        let mut instants: Vec<_> = old.edges().chain(new.edges()).chain([self.period.from()]).collect();
        instants.retain(|at| self.period.contains(*at));
        instants.sort_unstable();
        instants.dedup();
        instants.into_iter().find_map(|at| change(at, &old.verdict(at), &new.verdict(at)))
    }
}

fn change(at: Timestamp, old: &Verdict<'_>, new: &Verdict<'_>) -> Option<Change> {
    let worse = match old.colour.cmp(&new.colour) {
        Ordering::Equal => return None,
        Ordering::Less => new,
        Ordering::Greater => old,
    };
    let rules = worse.grounds.iter().map(|ground| ground.rule).filter(|rule| rule.colour == worse.colour);
    Some(Change { at, old: old.colour, new: new.colour, rules: rules.map(|rule| rule.id.clone()).collect() })
}

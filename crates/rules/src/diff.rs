//! Two packs over the same persons: who changes colour, when, and by which rules.

use std::cmp::Ordering;
use std::sync::Arc;

use yima_model::id::RuleId;
use yima_model::{AreaSet, Colour, Fact, FactId, Interval, Timestamp};

use crate::pack::Pack;
use crate::rulebook::{PutInForce, Rulebook};
use crate::timeline::Everybody;

/// Two packs, each judging as if it were in force throughout one period.
#[derive(Debug)]
pub struct Diff {
    period: Interval,
    old: Everybody,
    new: New,
}

/// How the new pack judges.
#[derive(Debug)]
enum New {
    /// By its own rules.
    Alone(Box<Everybody>),
    /// By these and by what goes on of the old one, from which it takes over when the period begins.
    TakesOver(Rulebook),
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

/// A colour with the rules that hold.
type Told = (Colour, Vec<(RuleId, Colour)>);

impl Diff {
    /// Makes the packs ready with the facts for everybody; facts about persons are passed over.
    pub fn new(old: Pack, new: Pack, period: Interval, facts: &[Fact]) -> Self {
        let takes_over = new.is_transitional() && new.follows.as_ref().is_some_and(|follows| follows.pack == old.id);
        let throughout = |pack| Pack { from: period.from(), until: period.until(), ..pack };
        let everybody = |pack| Everybody::new(throughout(pack), facts, Timestamp::FOREVER);
        let new = match takes_over {
            true => New::TakesOver(taking_over(old.clone(), new, period, facts)),
            false => New::Alone(Box::new(everybody(new))),
        };
        Self { period, old: everybody(old), new }
    }

    /// The first change of the one person whom `facts` are about; `None` if the colour is the same throughout.
    pub fn first_change(&self, facts: &[Fact]) -> Option<Change> {
        let old = self.old.timeline(facts, Timestamp::FOREVER);
        let by_old = |at| {
            let verdict = old.verdict(at);
            let rules = verdict.grounds.iter().map(|ground| (ground.rule.id.clone(), ground.rule.colour)).collect();
            (verdict.colour, rules)
        };
        let instants = |edges: Vec<Timestamp>| {
            let mut instants: Vec<_> = old.edges().chain(edges).chain([self.period.from()]).collect();
            instants.retain(|at| self.period.contains(*at));
            instants.sort_unstable();
            instants.dedup();
            instants
        };
        match &self.new {
            New::Alone(new) => {
                let new = new.timeline(facts, Timestamp::FOREVER);
                let by_new = |at| {
                    let verdict = new.verdict(at);
                    let held = verdict.grounds.iter().map(|ground| (ground.rule.id.clone(), ground.rule.colour));
                    (verdict.colour, held.collect())
                };
                instants(new.edges().collect()).into_iter().find_map(|at| change(at, &by_old(at), &by_new(at)))
            }
            New::TakesOver(book) => {
                let verdict = |at| book.verdict(facts, at, Timestamp::FOREVER);
                let by_new = |at| {
                    let verdict = verdict(at);
                    let held = verdict.grounds.iter().map(|held| (held.ground.rule.id.clone(), held.colour));
                    (verdict.colour, held.collect())
                };
                let edges = std::iter::successors(verdict(self.period.from()).next_change, |at| {
                    verdict(*at).next_change.filter(|next| self.period.contains(*next))
                });
                instants(edges.collect()).into_iter().find_map(|at| change(at, &by_old(at), &by_new(at)))
            }
        }
    }
}

/// Both packs for everybody, wherever they live, the new one from the beginning of the period on.
fn taking_over(old: Pack, new: Pack, period: Interval, facts: &[Fact]) -> Rulebook {
    let everywhere = |pack| Pack { areas: AreaSet::default(), ceiling: Some(Colour::Red), ..pack };
    let before = Pack { from: Timestamp::BEGINNING, until: period.from(), ..everywhere(old) };
    let after = Pack { from: period.from(), until: period.until(), ..everywhere(new) };
    let put = |number, pack: Pack| {
        let lasts = Interval::new(pack.from, pack.until)?;
        Some(PutInForce { id: FactId::from_bytes([number; 16]), pack: Arc::new(pack), lasts })
    };
    Rulebook::new([put(1, before), put(2, after)].into_iter().flatten(), facts, Timestamp::FOREVER)
}

fn change(at: Timestamp, old: &Told, new: &Told) -> Option<Change> {
    let (colour, held) = match old.0.cmp(&new.0) {
        Ordering::Equal => return None,
        Ordering::Less => new,
        Ordering::Greater => old,
    };
    let rules = held.iter().filter(|(_, of)| of == colour).map(|(rule, _)| rule.clone());
    Some(Change { at, old: old.0, new: new.0, rules: rules.collect() })
}

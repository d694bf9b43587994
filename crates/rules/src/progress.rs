//! How far counts have come: of the tests and check-ins that would clear what holds, how many of how many are done.

use yima_model::{Span, Timestamp};

use crate::engine::{Condition, Count, Trigger};
use crate::scene::Scene;

/// How far one count has come, such as 1 of 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Progress {
    /// How many are done.
    pub done: u8,
    /// How many are wanted.
    pub wanted: u8,
}

impl Scene<'_> {
    /// The counts that would clear what makes `condition` hold at `at`, in its order.
    ///
    /// Source: docs/RULES.md, progress.
    pub(crate) fn progress(&self, condition: &Condition, at: Timestamp) -> Vec<Progress> {
        if !self.signal(condition, Timestamp::BEGINNING).holds_at(at) {
            return Vec::new();
        }
        match condition {
            Condition::Until(until) => {
                let runs_at = |again: &Timestamp| self.until(until, Timestamp::BEGINNING).holds_at(*again);
                let again = self.restart.filter(|again| *again <= at).filter(runs_at);
                match (&until.clears, self.last(&until.trigger, at, Timestamp::BEGINNING).max(again)) {
                    (Trigger::Condition(clears), Some(last)) => {
                        self.counted(clears, at, self.advance(last, until.after))
                    }
                    _ => Vec::new(),
                }
            }
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().flat_map(|part| self.progress(part, at)).collect()
            }
            Condition::Constant(_)
            | Condition::State(_)
            | Condition::Within(..)
            | Condition::From(..)
            | Condition::No(..)
            | Condition::Count(_)
            | Condition::OnDays(..)
            | Condition::Not(_) => Vec::new(),
        }
    }

    /// How far each count of a clearing side has come at `at`, by facts since `since`.
    fn counted(&self, clears: &Condition, at: Timestamp, since: Timestamp) -> Vec<Progress> {
        match clears {
            Condition::Count(count) => vec![Progress { done: self.done(count, at, since), wanted: count.wanted }],
            Condition::OnDays(events, days) => {
                let done = self.on_days(*events, days, since).into_iter().flatten().filter(|usable| *usable <= at);
                vec![Progress {
                    done: u8::try_from(done.count()).unwrap_or(u8::MAX),
                    wanted: u8::try_from(days.len()).unwrap_or(u8::MAX),
                }]
            }
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().flat_map(|part| self.counted(part, at, since)).collect()
            }
            Condition::Constant(_)
            | Condition::State(_)
            | Condition::Within(..)
            | Condition::From(..)
            | Condition::No(..)
            | Condition::Until(_)
            | Condition::Not(_) => Vec::new(),
        }
    }

    /// The length of the longest chain that an event at `at` could still join.
    fn done(&self, count: &Count, at: Timestamp, since: Timestamp) -> u8 {
        let mut usable: Vec<_> = self.events(count.events, since).filter(|event| event.usable <= at).collect();
        usable.sort_unstable_by_key(|event| (event.base, event.id));
        let is_open = |first: Timestamp| match count.within {
            Span::Days(_) => at < self.advance(first, count.within),
            Span::Millis(_) => at <= self.advance(first, count.within),
        };
        let open = (0..usable.len())
            .filter_map(|first| usable.get(first..))
            .filter(|events| events.first().is_some_and(|first| is_open(first.base)));
        let longest = open.map(|events| self.chain_from(events, count).len()).max().unwrap_or(0);
        u8::try_from(longest).unwrap_or(count.wanted)
    }
}

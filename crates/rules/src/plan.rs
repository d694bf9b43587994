//! A pack's conditions made ready for many records: each set of events that they speak of is looked for once.

use yima_model::Kind;

use crate::expression::{By, Condition, EventMatch, EventSelector, EventTerm};
use crate::kinds::Kinds;
use crate::pack::Pack;

/// The number that a plan gives to a set of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventsId(pub(crate) usize);

/// The rules of a pack in its order, and the sets of events that they speak of.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rules: Vec<Planned>,
    terms: Vec<EventTerm>,
    /// The sets whose events count from something else than the pack says.
    otherwise: Vec<bool>,
    /// By the number of a kind, the sets that an event of this kind may be in, with what it must state for that.
    by_kind: Vec<Vec<(EventsId, Fit)>>,
}

/// What an event of a given kind must state to be in a set.
#[derive(Debug)]
pub(crate) enum Fit {
    /// Anything.
    Always,
    /// What one of these says.
    OneOf(EventTerm),
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Planned {
    /// Kinds of facts without any of which it never holds; `None` if it may hold without any fact.
    pub(crate) needed: Option<Kinds>,
    pub(crate) when: Condition<EventsId>,
}

impl Plan {
    pub(crate) fn new(pack: &Pack) -> Self {
        let mut terms: Vec<EventTerm> = Vec::new();
        let mut number = |term: &EventTerm| {
            let known = terms.iter().position(|known| known == term);
            EventsId(known.unwrap_or_else(|| {
                terms.push(term.clone());
                terms.len() - 1
            }))
        };
        let plan = |when: &Condition| Planned { needed: Kinds::needed_by(when), when: when.rename(&mut number) };
        let rules = pack.rules.iter().map(|rule| &rule.when).map(plan).collect();
        let looked_for = |kind: &Kind| {
            let sets = terms.iter().zip(0..).filter_map(|(term, number)| Some((EventsId(number), fit(term, *kind)?)));
            sets.collect()
        };
        let by_kind = Kind::ALL.iter().map(looked_for).collect();
        let other = Some(pack.counts_from.other());
        let otherwise = terms.iter().map(|term| term.first().is_some_and(|event| event.counts_from == other)).collect();
        Self { rules, terms, otherwise, by_kind }
    }

    /// How many sets of events there are.
    pub(crate) const fn width(&self) -> usize {
        self.terms.len()
    }

    /// Whether the events of a set count from something else than the pack says.
    pub(crate) fn counts_otherwise(&self, number: EventsId) -> bool {
        self.otherwise.get(number.0).copied().unwrap_or_default()
    }

    /// Whether those of any set do.
    pub(crate) fn any_counts_otherwise(&self) -> bool {
        self.otherwise.contains(&true)
    }

    /// The sets that an event of this kind may be in.
    pub(crate) fn of_kind(&self, kind: Kind) -> &[(EventsId, Fit)] {
        self.by_kind.get(kind as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the events of a set state.
    pub(crate) fn term(&self, number: EventsId) -> Option<&EventTerm> {
        self.terms.get(number.0)
    }
}

/// What an event of this kind must state to match the term; `None` if it never does.
fn fit(term: &EventTerm, kind: Kind) -> Option<Fit> {
    let of_kind = |selector: &&EventSelector| Kinds::of_event(&selector.what).meets(Kinds::of(kind));
    let selectors: EventTerm = term.iter().filter(of_kind).cloned().collect();
    let states_nothing_more = |selector: &EventSelector| {
        selector.by == By::Anybody
            && matches!(selector.what, EventMatch::CheckedIn(None) | EventMatch::Declared(None) | EventMatch::Reviewed)
    };
    match selectors.iter().any(states_nothing_more) {
        true => Some(Fit::Always),
        false => (!selectors.is_empty()).then_some(Fit::OneOf(selectors)),
    }
}

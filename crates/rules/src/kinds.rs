//! Which kinds of facts a condition looks for: most rules of a pack look for kinds that a person has no fact of.

use yima_model::Kind;

use crate::expression::{Condition, EventMatch, EventSelector, StateSelector, Term, Trigger};

/// A set of kinds of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u64);

impl Kinds {
    pub(crate) const fn of(kind: Kind) -> Self {
        Self(1 << kind as u8)
    }

    pub(crate) const fn add(&mut self, kind: Kind) {
        self.0 |= Self::of(kind).0;
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of which an event that matches the term can be.
    pub(crate) fn of_events(term: &[EventSelector]) -> Self {
        term.iter().fold(Self::default(), |all, selector| all.and(Self::of_event(&selector.what)))
    }

    pub(crate) const fn of_event(what: &EventMatch) -> Self {
        match what {
            EventMatch::Declared(_) => Self::of(Kind::Declaration),
            EventMatch::CheckedIn(_) => Self::of(Kind::CheckIn),
            EventMatch::Symptom(_) => Self::of(Kind::Declaration).and(Self::of(Kind::CheckIn)),
            EventMatch::Temperature(..) => Self::of(Kind::Temperature),
            EventMatch::Compared(..) => Self::of(Kind::Comparison),
            EventMatch::Reviewed => Self::of(Kind::Review),
            EventMatch::FollowUp(_) => Self::of(Kind::FollowUp),
            EventMatch::Test(..) => Self::of(Kind::TestResult),
            EventMatch::Missed(_) => Self::of(Kind::MissedTest),
            EventMatch::Contact(_) => Self::of(Kind::Contact),
            EventMatch::Isolated(_) => Self::of(Kind::Isolation),
            EventMatch::Arrival(_) => Self::of(Kind::Arrival),
            EventMatch::Vaccinated(_) => Self::of(Kind::Vaccination),
            EventMatch::Statement(_) => Self::of(Kind::Statement),
        }
    }

    /// Those of which the person has a fact where the selector matches.
    pub(crate) const fn of_state(selector: &StateSelector) -> Self {
        match selector {
            StateSelector::Registered => Self::of(Kind::Registration),
            StateSelector::Bound => Self::of(Kind::Binding),
            StateSelector::Case(_) => Self::of(Kind::Case),
            StateSelector::Isolation(_) => Self::of(Kind::Isolation),
            StateSelector::Stay(..) => Self::of(Kind::Stay),
            StateSelector::Dwelling(_) | StateSelector::Notice(_) => Self::of(Kind::Dwelling),
        }
    }

    fn of_states(term: &[StateSelector]) -> Self {
        term.iter().fold(Self::default(), |all, selector| all.and(Self::of_state(selector)))
    }

    /// A set without any of which the condition never holds; `None` if it may hold without any fact.
    pub(crate) fn needed_by(condition: &Condition) -> Option<Self> {
        match condition {
            Condition::Constant(true) | Condition::No(..) | Condition::Not(_) => None,
            Condition::Constant(false) => Some(Self::default()),
            Condition::State(states) | Condition::Within(Term::States(states), _) => Some(Self::of_states(states)),
            Condition::Within(Term::Events(events), _) | Condition::From(events, ..) => Some(Self::of_events(events)),
            Condition::OnDays(events, _) => Some(Self::of_events(events)),
            Condition::Count(count) => Some(Self::of_events(&count.events)),
            Condition::Until(until) => match &until.trigger {
                Trigger::Events(events) => Some(Self::of_events(events)),
                Trigger::Condition(condition) => Self::needed_by(condition),
            },
            Condition::And(parts) => parts.iter().find_map(Self::needed_by),
            Condition::Or(parts) => {
                parts.iter().map(Self::needed_by).try_fold(Self::default(), |all, part| Some(all.and(part?)))
            }
        }
    }
}

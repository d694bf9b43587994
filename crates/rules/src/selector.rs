//! What a condition speaks of: every event and state that it selects, wherever in it they stand.

use yima_model::id::ListId;

use crate::expression::{
    Condition, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Term, Trigger,
};

/// One event or state that a condition selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector<'a> {
    /// Events.
    Event(&'a EventSelector),
    /// States.
    State(&'a StateSelector),
}

/// Everything that the condition selects, the clearing sides of `until` included, in the order of the text.
pub fn selectors(condition: &Condition) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    condition.visit(&mut |part| match part {
        Condition::State(states)
        | Condition::Within(Term::States(states), _)
        | Condition::No(Term::States(states), _) => {
            found.extend(states.iter().map(Selector::State));
        }
        Condition::Within(Term::Events(events), _)
        | Condition::No(Term::Events(events), _)
        | Condition::From(events, ..)
        | Condition::OnDays(events, _) => {
            found.extend(events.iter().map(Selector::Event));
        }
        Condition::Count(count) => found.extend(count.events.iter().map(Selector::Event)),
        Condition::Until(until) => {
            for side in [&until.trigger, &until.clears] {
                if let Trigger::Events(events) = side {
                    found.extend(events.iter().map(Selector::Event));
                }
            }
        }
        Condition::Constant(_) | Condition::And(_) | Condition::Or(_) | Condition::Not(_) => {}
    });
    found
}

impl<'a> Selector<'a> {
    /// The place that it asks for, where it can ask for one.
    pub const fn place(self) -> Option<&'a PlaceCondition> {
        match self {
            Self::Event(EventSelector { what: EventMatch::Arrival(place), .. })
            | Self::State(StateSelector::Dwelling(place) | StateSelector::Stay(place, _)) => Some(place),
            Self::Event(_) | Self::State(_) => None,
        }
    }

    /// The lists of places that it asks for.
    pub fn place_lists(self) -> impl Iterator<Item = &'a ListId> {
        let places = self.place().into_iter().flat_map(|place| place.inside.iter().chain(&place.outside));
        places.filter_map(PlaceName::list)
    }

    /// The list that it asks to have been compared with.
    pub const fn compared(self) -> Option<&'a ListId> {
        match self {
            Self::Event(EventSelector { what: EventMatch::Compared(list, ..), .. }) => Some(list),
            Self::Event(_) | Self::State(_) => None,
        }
    }
}

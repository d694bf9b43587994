//! Whether a condition can hold at all, and whether it can end, as far as its text tells.

use yima_model::Span;

use super::DAY_MILLIS;
use super::outage::clears;
use crate::expression::{Condition, Count, PlaceCondition, PlaceName, StateSelector, Term, Trigger};
use crate::imply::excludes;

/// Whether the condition plainly holds at no instant, whatever the settings.
pub(super) fn never_holds(condition: &Condition) -> bool {
    let empty = |span: &Span| matches!(span, Span::Days(0) | Span::Millis(0));
    match condition {
        Condition::Within(Term::Events(_), span) | Condition::From(_, _, span) => empty(span),
        Condition::And(parts) => {
            let excluded = |(at, part)| parts.iter().skip(at + 1).any(|other| excludes(part, other));
            parts.iter().any(never_holds) || parts.iter().enumerate().any(excluded)
        }
        Condition::Or(parts) => parts.iter().all(never_holds),
        Condition::Within(Term::States(selectors), _) | Condition::State(selectors) => {
            selectors.iter().all(contradicts)
        }
        Condition::Count(count) => too_tight(count),
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(_) => false,
            Trigger::Condition(trigger) => never_holds(trigger),
        },
        Condition::Constant(_) | Condition::Not(_) | Condition::No(..) | Condition::OnDays(..) => false,
    }
}

/// Whether so many events, so far apart, do not fit into the time that they have.
fn too_tight(count: &Count) -> bool {
    let gaps = i64::from(count.wanted) - 1;
    match (count.apart, count.within) {
        (Span::Millis(apart), Span::Millis(within)) => gaps * apart > within,
        (Span::Days(apart), Span::Days(within)) => gaps * i64::from(apart) > i64::from(within),
        (Span::Millis(apart), within @ Span::Days(_)) => gaps * apart > within.reach_millis(),
        (Span::Days(apart), Span::Millis(within)) => (gaps * i64::from(apart) - 1) * DAY_MILLIS > within,
    }
}

/// Whether no state can match: its place is both inside and outside the same place.
fn contradicts(selector: &StateSelector) -> bool {
    let shut_out = |inside: &PlaceName, outside: &PlaceName| match (inside, outside) {
        (PlaceName::Area(inside), PlaceName::Area(outside)) => outside.contains(*inside),
        (inside, outside) => inside == outside,
    };
    let apart = |one: &PlaceName, other: &PlaceName| match (one, other) {
        (PlaceName::Area(one), PlaceName::Area(other)) => !one.contains(*other) && !other.contains(*one),
        _ => false,
    };
    let impossible = |place: &PlaceCondition| {
        let against = |inside| place.outside.iter().any(|outside| shut_out(inside, outside));
        place.inside.iter().any(|inside| against(inside) || place.inside.iter().any(|other| apart(inside, other)))
    };
    match selector {
        StateSelector::Dwelling(place) | StateSelector::Stay(place, _) => impossible(place),
        StateSelector::Registered
        | StateSelector::Bound
        | StateSelector::Case(_)
        | StateSelector::Isolation(_)
        | StateSelector::Notice(_) => false,
    }
}

/// Whether what holds ends by the clock, by a new fact of the same kind, or by the end of a state.
pub(super) fn ends(condition: &Condition) -> bool {
    match condition {
        Condition::Constant(value) => !value,
        Condition::State(selectors) | Condition::Within(Term::States(selectors), _) => {
            !selectors.contains(&StateSelector::Registered)
        }
        Condition::Within(Term::Events(_), _) | Condition::From(..) => true,
        Condition::No(Term::Events(events), _) => events.iter().any(clears),
        Condition::No(Term::States(states), _) => states.iter().any(begins_by_own_act),
        Condition::Count(_) | Condition::OnDays(..) => false,
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(_) => true,
            Trigger::Condition(condition) => ends(condition),
        },
        Condition::And(parts) => parts.iter().any(ends),
        Condition::Or(parts) => parts.iter().all(ends),
        Condition::Not(part) => begins_again(part),
    }
}

/// Whether a condition that does not hold can come to hold by something that the person or an office files.
fn begins_again(condition: &Condition) -> bool {
    match condition {
        Condition::Constant(value) => *value,
        Condition::Within(Term::Events(events), _) | Condition::From(events, ..) => events.iter().any(clears),
        Condition::State(states) | Condition::Within(Term::States(states), _) => states.iter().any(begins_by_own_act),
        Condition::And(parts) => parts.iter().all(begins_again),
        Condition::Or(parts) => parts.iter().any(begins_again),
        Condition::Not(part) => ends(part),
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(events) => events.iter().any(clears),
            Trigger::Condition(trigger) => begins_again(trigger),
        },
        Condition::No(..) | Condition::Count(_) | Condition::OnDays(..) => true,
    }
}

/// Whether people come into the state as they like: by applying, binding, moving or travelling, and not by falling ill.
const fn begins_by_own_act(state: &StateSelector) -> bool {
    match state {
        StateSelector::Registered | StateSelector::Case(_) | StateSelector::Isolation(_) => false,
        StateSelector::Bound | StateSelector::Dwelling(_) | StateSelector::Stay(..) | StateSelector::Notice(_) => true,
    }
}

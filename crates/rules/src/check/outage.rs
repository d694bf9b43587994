//! Whether an outage would colour people: what they filed is not there yet, and a rule holds for want of it.
//!
//! Source: docs/RULES.md, as of; SEMANTICS 11: absence is judged by complete data only, and only `no … within` knows how far
//! they are complete.

use super::review::says_nothing;
use crate::expression::{By, Comparison, Condition, Count, EventMatch, EventSelector, Term, Trigger};
use crate::selector::{Selector, selectors};

/// Whether the condition can begin to hold because something that would clear somebody has not come in.
pub(super) fn colours(condition: &Condition) -> bool {
    match condition {
        Condition::Not(part) => wants_clearing(part),
        Condition::And(parts) => {
            let is_exemption = |part: &Condition| is_exemption(part) && parts.iter().any(finds);
            parts.iter().any(|part| colours(part) && !is_exemption(part))
                || (parts.iter().any(is_cleared) && parts.iter().any(is_delay))
        }
        Condition::Or(parts) => parts.iter().any(colours),
        Condition::Until(until) => match &until.trigger {
            Trigger::Condition(trigger) => colours(trigger),
            Trigger::Events(_) => false,
        },
        Condition::Constant(_)
        | Condition::State(_)
        | Condition::Within(..)
        | Condition::From(..)
        | Condition::No(..)
        | Condition::Count(_)
        | Condition::OnDays(..) => false,
    }
}

/// Whether it can hold by what clears somebody: a report, a negative test, a dose.
fn wants_clearing(condition: &Condition) -> bool {
    let clearing = |events: &[EventSelector]| events.iter().any(clears);
    match condition {
        Condition::Within(Term::Events(events), _) | Condition::From(events, ..) => clearing(events),
        Condition::Count(Count { events, .. }) => clearing(events),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(wants_clearing),
        Condition::Not(part) => colours(part),
        Condition::Constant(_)
        | Condition::State(_)
        | Condition::Within(Term::States(_), _)
        | Condition::No(..)
        | Condition::OnDays(..) => false,
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(events) => clearing(events),
            Trigger::Condition(trigger) => wants_clearing(trigger),
        },
    }
}

/// Whether it lets somebody off by what others filed, once, such as a certificate (`unless`): there must be something else
/// that was found, so that late data leave in force what holds anyhow.
fn is_exemption(condition: &Condition) -> bool {
    let Condition::Not(exempt) = condition else { return false };
    let by_others = |selector: &Selector<'_>| match selector {
        Selector::Event(event) => event.by == By::Others,
        Selector::State(_) => true,
    };
    selectors(exempt).iter().all(by_others)
}

/// Whether it rests on something that happened or was found, such as an arrival or a contact.
fn finds(condition: &Condition) -> bool {
    let is_found = |selector: Selector<'_>| match selector {
        Selector::Event(event) => !clears(event),
        Selector::State(_) => !says_nothing(selector),
    };
    !matches!(condition, Condition::Not(_) | Condition::No(..)) && selectors(condition).into_iter().any(is_found)
}

/// Whether people file it, or have it filed, so as to be let go.
pub(super) fn clears(event: &EventSelector) -> bool {
    match &event.what {
        EventMatch::Declared(_) | EventMatch::CheckedIn(_) | EventMatch::Reviewed | EventMatch::FollowUp(_) => true,
        // Whoever has a temperature at all is asked for a reading.
        EventMatch::Temperature(comparison, bound) => {
            matches!(comparison, Comparison::Less | Comparison::AtMost) || *bound < FEVERLESS_DECICELSIUS
        }
        EventMatch::Compared(_, matched, _) => *matched != Some(true),
        EventMatch::Test(positive, ..) => *positive != Some(true),
        EventMatch::Vaccinated(_) | EventMatch::Statement(_) => true,
        EventMatch::Symptom(_)
        | EventMatch::Missed(_)
        | EventMatch::Contact(_)
        | EventMatch::Isolated(_)
        | EventMatch::Arrival(_) => false,
    }
}

/// Below this a reading is of somebody well, in tenths of a degree.
const FEVERLESS_DECICELSIUS: u16 = 370;

/// Whether it holds until something clears it.
fn is_cleared(condition: &Condition) -> bool {
    match condition {
        Condition::Until(_) => true,
        Condition::Or(parts) => parts.iter().any(is_cleared),
        _ => false,
    }
}

/// Whether it lets begin later what something else holds back: by then it should have been cleared.
fn is_delay(condition: &Condition) -> bool {
    matches!(condition, Condition::Not(part) if matches!(**part, Condition::Within(..)))
}

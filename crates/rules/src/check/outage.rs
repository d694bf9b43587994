//! Whether an outage would colour people: what they filed is not there yet, and a rule holds for want of it.
//!
//! Source: docs/RULES.md, as of; SEMANTICS 11: absence is judged by complete data only, and only `no … within` knows how far
//! they are complete.

use crate::expression::{By, Comparison, Condition, Count, EventMatch, EventSelector, Term, Trigger};

/// Whether the condition can begin to hold because something that would clear somebody has not come in.
pub(super) fn colours(condition: &Condition) -> bool {
    match condition {
        Condition::Not(part) => wants_clearing(part),
        Condition::And(parts) => {
            parts.iter().any(colours) || (parts.iter().any(is_cleared) && parts.iter().any(is_delay))
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

/// Whether it holds by nothing but what clears somebody: a report, a negative test, a dose.
fn wants_clearing(condition: &Condition) -> bool {
    let clearing = |events: &[EventSelector]| events.iter().all(clears);
    match condition {
        Condition::Within(Term::Events(events), _) | Condition::From(events, ..) => clearing(events),
        Condition::Count(Count { events, .. }) => clearing(events),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(wants_clearing),
        Condition::Not(part) => colours(part),
        Condition::Constant(_)
        | Condition::State(_)
        | Condition::Within(Term::States(_), _)
        | Condition::No(..)
        | Condition::OnDays(..)
        | Condition::Until(_) => false,
    }
}

/// Whether people file it, or have it filed, so as to be let go. An exemption (`unless`) asks for what others filed, once.
fn clears(event: &EventSelector) -> bool {
    event.by != By::Others
        && match &event.what {
            EventMatch::Declared(_) | EventMatch::CheckedIn(_) | EventMatch::Reviewed | EventMatch::FollowUp(_) => true,
            EventMatch::Temperature(comparison, _) => matches!(comparison, Comparison::Less | Comparison::AtMost),
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

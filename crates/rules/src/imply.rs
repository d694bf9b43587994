//! Whether one condition can hold only while another does, as far as their texts tell.
//!
//! A `true` is certain; a `false` says only that the texts do not show it. The search over generated facts looks further.

use yima_model::Span;

use crate::expression::{
    By, Comparison, Condition, Count, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Term,
    Trigger, Until,
};

/// Whether `narrow` holds at no instant at which `wide` does not.
pub(crate) fn implies(narrow: &Condition, wide: &Condition) -> bool {
    match (narrow, wide) {
        // What a setting stands for may be turned over.
        (Condition::Constant(_), _) | (_, Condition::Constant(_)) => false,
        (narrow, wide) if narrow == wide => true,
        (_, Condition::And(parts)) => parts.iter().all(|part| implies(narrow, part)),
        (Condition::Or(parts), _) => parts.iter().all(|part| implies(part, wide)),
        (Condition::And(parts), _) if parts.iter().any(|part| implies(part, wide)) => true,
        (_, Condition::Or(parts)) => parts.iter().any(|part| implies(narrow, part)),
        (Condition::Not(narrow), Condition::Not(wide)) => implies(wide, narrow),
        (Condition::State(few), Condition::State(many) | Condition::Within(Term::States(many), _)) => covers(many, few),
        (Condition::Within(few, short), Condition::Within(many, long)) => subset(few, many) && shorter(*short, *long),
        (Condition::No(many, long), Condition::No(few, short)) => subset(few, many) && shorter(*short, *long),
        (Condition::No(many, long), Condition::Not(part)) => match &**part {
            Condition::Within(few, short) => subset(few, many) && shorter(*short, *long),
            _ => false,
        },
        (Condition::From(few, delay, length), Condition::Within(Term::Events(many), long)) => {
            covers(many, few) && sum(*delay, *length).is_some_and(|reach| shorter(reach, *long))
        }
        (Condition::Count(few), Condition::Count(many)) => counts_fewer(few, many),
        (Condition::Until(one), Condition::Until(other)) if outlasts(other, one) => true,
        (Condition::Until(until), Condition::Within(term, span)) => lies_within(until, term, *span),
        (_, Condition::Until(until)) => match &until.trigger {
            Trigger::Condition(trigger) => implies(narrow, trigger),
            Trigger::Events(_) => false,
        },
        _ => false,
    }
}

/// Whether the two conditions never hold at one instant.
pub(crate) fn excludes(one: &Condition, other: &Condition) -> bool {
    let denies = |one: &Condition, other: &Condition| match other {
        Condition::Not(denied) => implies(one, denied),
        Condition::No(term, span) => implies(one, &Condition::Within(term.clone(), *span)),
        _ => false,
    };
    denies(one, other) || denies(other, one)
}

/// Each event or state of `few` is one of `many`.
trait Covered {
    fn lies_in(&self, wide: &Self) -> bool;
}

fn covers<S: Covered>(many: &[S], few: &[S]) -> bool {
    few.iter().all(|narrow| many.iter().any(|wide| narrow.lies_in(wide)))
}

fn subset(few: &Term, many: &Term) -> bool {
    match (few, many) {
        (Term::Events(few), Term::Events(many)) => covers(many, few),
        (Term::States(few), Term::States(many)) => covers(many, few),
        (Term::Events(_), Term::States(_)) | (Term::States(_), Term::Events(_)) => false,
    }
}

impl Covered for EventSelector {
    fn lies_in(&self, wide: &Self) -> bool {
        (wide.by == By::Anybody || wide.by == self.by)
            && wide.counts_from == self.counts_from
            && event_in(&self.what, &wide.what)
    }
}

fn event_in(narrow: &EventMatch, wide: &EventMatch) -> bool {
    /// What is left open takes in everything.
    fn open<T: PartialEq>(narrow: Option<&T>, wide: Option<&T>) -> bool {
        wide.is_none() || narrow == wide
    }
    match (narrow, wide) {
        (EventMatch::CheckedIn(narrow), EventMatch::CheckedIn(wide)) => open(narrow.as_ref(), wide.as_ref()),
        (EventMatch::Declared(narrow), EventMatch::Declared(wide)) => open(narrow.as_ref(), wide.as_ref()),
        (EventMatch::Symptom(narrow), EventMatch::Symptom(wide)) => narrow.iter().all(|symptom| wide.has(symptom)),
        (EventMatch::Temperature(sign, narrow), EventMatch::Temperature(other, wide)) => match (sign, other) {
            (Comparison::Greater | Comparison::AtLeast, Comparison::AtLeast) => narrow >= wide,
            (Comparison::Less | Comparison::AtMost, Comparison::AtMost) => narrow <= wide,
            _ => narrow == wide && sign == other,
        },
        (EventMatch::Compared(list, narrow, fresh), EventMatch::Compared(other, wide, limit)) => {
            let in_time = limit.is_none_or(|limit| fresh.is_some_and(|fresh| shorter(fresh, limit)));
            list == other && open(narrow.as_ref(), wide.as_ref()) && in_time
        }
        (EventMatch::FollowUp(narrow), EventMatch::FollowUp(wide)) => open(narrow.as_ref(), wide.as_ref()),
        (EventMatch::Test(narrow, by, tube), EventMatch::Test(wide, by_any, any_tube)) => {
            open(narrow.as_ref(), wide.as_ref())
                && open(by.as_ref(), by_any.as_ref())
                && open(tube.as_ref(), any_tube.as_ref())
        }
        (EventMatch::Missed(narrow), EventMatch::Missed(wide)) => open(narrow.as_ref(), wide.as_ref()),
        (EventMatch::Contact(few), EventMatch::Contact(many)) => few.iter().all(|degree| many.contains(degree)),
        (EventMatch::Isolated(few), EventMatch::Isolated(many)) => few.iter().all(|place| many.contains(place)),
        (EventMatch::Arrival(narrow), EventMatch::Arrival(wide)) => place_in(narrow, wide),
        (EventMatch::Vaccinated(more), EventMatch::Vaccinated(least)) => more >= least,
        (narrow, wide) => narrow == wide,
    }
}

impl Covered for StateSelector {
    fn lies_in(&self, wide: &Self) -> bool {
        match (self, wide) {
            (Self::Case(few), Self::Case(many)) => few.iter().all(|class| many.contains(class)),
            (Self::Isolation(few), Self::Isolation(many)) => few.iter().all(|place| many.contains(place)),
            (Self::Dwelling(narrow), Self::Dwelling(wide)) => place_in(narrow, wide),
            (Self::Stay(narrow, long), Self::Stay(wide, short)) => place_in(narrow, wide) && shorter(*short, *long),
            (narrow, wide) => narrow == wide,
        }
    }
}

/// Whatever `wide` asks for, `narrow` asks for too.
fn place_in(narrow: &PlaceCondition, wide: &PlaceCondition) -> bool {
    let inside = |wide: &PlaceName| narrow.inside.iter().any(|narrow| contains(wide, narrow));
    let outside = |wide: &PlaceName| narrow.outside.iter().any(|narrow| contains(narrow, wide));
    (wide.level.is_none() || wide.level == narrow.level)
        && (wide.near.is_none() || wide.near == narrow.near)
        && wide.inside.iter().all(inside)
        && wide.outside.iter().all(outside)
}

fn contains(wide: &PlaceName, narrow: &PlaceName) -> bool {
    match (wide, narrow) {
        (PlaceName::Area(wide), PlaceName::Area(narrow)) => wide.contains(*narrow),
        (wide, narrow) => wide == narrow,
    }
}

/// Whether a window of `short` ends no later than one of `long`, from whatever instant both are counted.
pub(crate) fn shorter(short: Span, long: Span) -> bool {
    match (short, long) {
        (Span::Days(short), Span::Days(long)) => short <= long,
        (short, long) => short.reach_millis() <= long.least_millis(),
    }
}

const fn sum(delay: Span, length: Span) -> Option<Span> {
    match (delay, length) {
        (Span::Days(delay), Span::Days(length)) => Some(Span::Days(delay + length)),
        (Span::Millis(delay), Span::Millis(length)) => Some(Span::Millis(delay + length)),
        (Span::Days(_), Span::Millis(_)) | (Span::Millis(_), Span::Days(_)) => None,
    }
}

/// Whether a chain for `more` is one for `less`.
fn counts_fewer(more: &Count, less: &Count) -> bool {
    covers(&less.events, &more.events)
        && less.wanted <= more.wanted
        && shorter(less.apart, more.apart)
        && shorter(more.within, less.within)
}

/// Whether `long` holds whenever `short` does: it is triggered by as much, cleared by no more, and ends no earlier.
fn outlasts(long: &Until, short: &Until) -> bool {
    side_in(&short.trigger, &long.trigger)
        && side_in(&long.clears, &short.clears)
        && shorter(short.after, long.after)
        && shorter(short.at_most, long.at_most)
}

fn side_in(narrow: &Trigger, wide: &Trigger) -> bool {
    match (narrow, wide) {
        (Trigger::Events(few), Trigger::Events(many)) => covers(many, few),
        (Trigger::Condition(narrow), Trigger::Condition(wide)) => implies(narrow, wide),
        (Trigger::Events(_), Trigger::Condition(_)) | (Trigger::Condition(_), Trigger::Events(_)) => false,
    }
}

/// Whether what is triggered ends by the clock before a window of the same events or states does.
fn lies_within(until: &Until, term: &Term, span: Span) -> bool {
    let covered = match (&until.trigger, term) {
        (Trigger::Events(few), Term::Events(many)) => covers(many, few),
        (Trigger::Condition(Condition::State(few)), Term::States(many)) => covers(many, few),
        _ => false,
    };
    covered && shorter(until.at_most, span)
}

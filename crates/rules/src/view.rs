//! The facts as known at an instant: what retractions and replacements leave, when states end, what is inert when.

use std::collections::HashMap;

use yima_model::codec::FactView;
use yima_model::{Content, Fact, FactId, Interval, Kind, Occurred, Signal, Timestamp};

use crate::pack::WhileDisputed;

/// One visible fact that rules may look at.
#[derive(Clone, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) fact: &'a FactView<'a>,
    /// For a state, its interval after closings; for an event, its instant and what follows.
    pub(crate) lasts: Interval,
    /// When it has no effect; `None` for nearly every fact, which always has.
    inert: Option<Box<Signal>>,
}

impl Seen<'_> {
    #[inline]
    pub(crate) fn is_inert_at(&self, at: Timestamp) -> bool {
        self.inert.as_ref().is_some_and(|inert| inert.holds_at(at))
    }

    #[inline]
    pub(crate) const fn always_counts(&self) -> bool {
        self.inert.is_none()
    }

    /// When it has no effect, if that is not never.
    pub(crate) fn inert(&self) -> Option<&Signal> {
        self.inert.as_deref()
    }

    /// The instants at which it turns inert or counts again.
    pub(crate) fn switches(&self) -> impl Iterator<Item = Timestamp> {
        self.inert.iter().flat_map(|inert| inert.boundaries())
    }
}

/// The facts that are visible at `known_at`, each with how long it lasts, the newest first.
///
/// An event lasts from its instant on; a state that was closed before it began is left out. Rules look at the same facts,
/// less those that are about others, and less what is inert.
///
/// Source: docs/RULES.md, facts 1 and 2.
pub fn standing(facts: &[Fact], known_at: Timestamp) -> Vec<(&Fact, Interval)> {
    let views: Vec<_> = facts.iter().map(FactView::from).collect();
    let mut known: Vec<_> = views.iter().filter(|fact| fact.recorded <= known_at).collect();
    known.sort_unstable_by_key(|fact| (fact.recorded, fact.id));
    if known.iter().any(|fact| refers(fact)) {
        known = unretracted(known);
    }
    let ends = ends(&known);
    let whole: HashMap<FactId, &Fact> = facts.iter().map(|fact| (fact.id(), fact)).collect();
    let lasting = known.into_iter().rev().filter_map(|fact| {
        let closed = ends.get(&fact.id).copied().unwrap_or(Timestamp::FOREVER);
        Some((*whole.get(&fact.id)?, lasts(fact, closed)?))
    });
    lasting.collect()
}

/// The facts that rules may look at as known at `known_at`: the visible ones that are not about others.
///
/// Source: docs/RULES.md, facts 1, 2 and 4.
pub(crate) fn visible<'a>(
    facts: &'a [FactView<'a>],
    known_at: Timestamp,
    while_disputed: WhileDisputed,
) -> Vec<Seen<'a>> {
    let known = facts.iter().filter(|fact| fact.recorded <= known_at);
    let mut plain = Vec::with_capacity(facts.len());
    for fact in known.clone() {
        if refers(fact) || is_control(fact) {
            return related(known.collect(), while_disputed);
        }
        plain.extend(seen(fact, Timestamp::FOREVER, None));
    }
    plain
}

/// Those of the known facts that are visible, where some of them are about others.
fn related<'a>(mut known: Vec<&'a FactView<'a>>, while_disputed: WhileDisputed) -> Vec<Seen<'a>> {
    if known.iter().any(|fact| refers(fact)) {
        known = unretracted(known);
    }
    let controls = Controls::of(&known, while_disputed);
    known.into_iter().filter(|fact| !is_control(fact)).filter_map(|fact| controls.seen(fact)).collect()
}

/// The fact until it is closed; `None` for a state that was closed before it began.
#[inline]
fn seen<'a>(fact: &'a FactView<'a>, closed: Timestamp, inert: Option<Box<Signal>>) -> Option<Seen<'a>> {
    Some(Seen { fact, lasts: lasts(fact, closed)?, inert })
}

#[inline]
fn lasts(fact: &FactView<'_>, closed: Timestamp) -> Option<Interval> {
    match fact.occurred {
        Occurred::At { at, .. } => Interval::new(at, Timestamp::FOREVER),
        Occurred::During { from, until } => Interval::new(from, until.min(closed)),
    }
}

/// When states were closed: at the earliest of all closings.
fn ends(visible: &[&FactView<'_>]) -> HashMap<FactId, Timestamp> {
    let mut ends = HashMap::new();
    for fact in visible {
        if let Content::Closing { target } = *fact.content.get() {
            let at = fact.occurred.start();
            let end = ends.entry(target).or_insert(at);
            *end = at.min(*end);
        }
    }
    ends
}

/// Whether visibility of some fact may hang on this one, or of this one on another.
#[inline]
fn refers(fact: &FactView<'_>) -> bool {
    fact.cause.is_some() || fact.replaces.is_some() || fact.content.kind() == Kind::Retraction
}

/// Whether it does something to other facts rather than state something about the world.
#[inline]
fn is_control(fact: &FactView<'_>) -> bool {
    matches!(
        fact.content.kind(),
        Kind::Closing | Kind::Retraction | Kind::Dispute | Kind::Ruling | Kind::Inert | Kind::Lift
    )
}

/// The facts that no visible fact retracts or replaces, and whose cause is visible.
fn unretracted<'a>(mut known: Vec<&'a FactView<'a>>) -> Vec<&'a FactView<'a>> {
    known.sort_unstable_by_key(|fact| (fact.recorded, fact.id));
    let index: HashMap<FactId, usize> = known.iter().enumerate().map(|(at, fact)| (fact.id, at)).collect();
    let mut hidden_by = vec![Vec::new(); known.len()];
    for (at, fact) in known.iter().enumerate() {
        let retracted = match *fact.content.get() {
            Content::Retraction { target } => Some(target),
            _ => None,
        };
        for target in [retracted, fact.replaces].into_iter().flatten() {
            if let Some(hidden) = index.get(&target).and_then(|target| hidden_by.get_mut(*target)) {
                hidden.push(at);
            }
        }
    }
    let causes: Vec<_> = known.iter().map(|fact| fact.cause.and_then(|cause| index.get(&cause).copied())).collect();
    let visible = decide(&hidden_by, &causes);
    known.into_iter().zip(visible).filter(|(_, visible)| *visible).map(|(fact, _)| fact).collect()
}

/// Which facts are visible: a fact is if every fact that hides it is not and its cause is.
///
/// Facts stand from the oldest to the newest, so deciding from the end takes one pass or two. What hangs on itself in a
/// circle stays undecided, and is not visible.
fn decide(hidden_by: &[Vec<usize>], causes: &[Option<usize>]) -> Vec<bool> {
    let mut decided: Vec<Option<bool>> = vec![None; causes.len()];
    let mut progress = true;
    while progress {
        progress = false;
        for (at, (hiding, cause)) in hidden_by.iter().zip(causes).enumerate().rev() {
            let decision = |at: &usize| decided.get(*at).copied().flatten();
            let cause = cause.map(|cause| decision(&cause));
            let outcome = if hiding.iter().any(|hide| decision(hide) == Some(true)) || cause == Some(Some(false)) {
                false
            } else if hiding.iter().all(|hide| decision(hide) == Some(false)) && cause != Some(None) {
                true
            } else {
                continue;
            };
            if let Some(slot) = decided.get_mut(at).filter(|slot| slot.is_none()) {
                *slot = Some(outcome);
                progress = true;
            }
        }
    }
    decided.into_iter().map(|decision| decision == Some(true)).collect()
}

/// Closings and switches, by the fact they are about.
struct Controls {
    ends: HashMap<FactId, Timestamp>,
    switches: HashMap<FactId, Vec<Switch>>,
}

/// Turns a fact off or on; `on` sorts last, so that of several at one instant it wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Switch {
    at: Timestamp,
    on: bool,
}

impl Controls {
    fn of(known: &[&FactView<'_>], while_disputed: WhileDisputed) -> Self {
        let mut controls = Self { ends: ends(known), switches: HashMap::new() };
        let mut disputes: HashMap<FactId, (FactId, Timestamp)> = HashMap::new();
        let mut answered: HashMap<FactId, Timestamp> = HashMap::new();
        for fact in known {
            let at = fact.occurred.start();
            match *fact.content.get() {
                Content::Inert { target } => controls.switch(target, at, false),
                Content::Lift { target } => controls.switch(target, at, true),
                Content::Dispute { target, deadline } => {
                    disputes.insert(fact.id, (target, deadline));
                    if while_disputed == WhileDisputed::Inert {
                        controls.switch(target, at, false);
                    }
                }
                _ => {}
            }
        }
        for fact in known {
            if let Content::Ruling { target, stands } = *fact.content.get()
                && let Some((contested, _)) = disputes.get(&target)
            {
                let at = fact.occurred.start();
                controls.switch(*contested, at, stands);
                let first = answered.entry(target).or_insert(at);
                *first = at.min(*first);
            }
        }
        for (dispute, (contested, deadline)) in disputes {
            if answered.get(&dispute).is_none_or(|at| *at > deadline) {
                controls.switch(contested, deadline, false);
            }
        }
        controls
    }

    fn switch(&mut self, target: FactId, at: Timestamp, on: bool) {
        self.switches.entry(target).or_default().push(Switch { at, on });
    }

    /// The fact with its end and its inert times; `None` for a state that was closed before it began.
    fn seen<'a>(&self, fact: &'a FactView<'a>) -> Option<Seen<'a>> {
        let closed = self.ends.get(&fact.id).copied().unwrap_or(Timestamp::FOREVER);
        seen(fact, closed, self.inert(fact.id))
    }

    fn inert(&self, id: FactId) -> Option<Box<Signal>> {
        let mut switches = self.switches.get(&id)?.clone();
        switches.sort_unstable();
        let ends = switches.iter().skip(1).map(|next| next.at).chain([Timestamp::FOREVER]);
        let off = switches.iter().zip(ends).filter(|(switch, _)| !switch.on);
        Some(Box::new(Signal::union_of(off.filter_map(|(switch, end)| Interval::new(switch.at, end)))))
    }
}

#[cfg(test)]
mod tests {
    use yima_model::id::SourceId;
    use yima_model::{Filing, PersonId, Source, SourceKind, Subject};

    use super::*;

    const fn id(number: u8) -> FactId {
        FactId::from_bytes([number; 16])
    }

    const fn ms(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// A fact that is recorded so many milliseconds after the beginning as its number says.
    fn fact(number: u8, occurred: Occurred, cause: Option<u8>, content: Content) -> Fact {
        let filing = Filing {
            id: id(number),
            subject: Subject::Person(PersonId::from_bytes([9; 16])),
            source: Source { kind: SourceKind::Hospital, id: SourceId::parse("h").unwrap() },
            occurred,
            cause: cause.map(id),
            replaces: None,
            content,
        };
        filing.record(ms(number.into())).unwrap()
    }

    #[test]
    fn what_stands_is_what_rules_may_look_at() {
        let now = |number: u8| Occurred::at(ms(number.into()));
        let facts = [
            fact(1, now(1), None, Content::Review),
            fact(2, now(2), Some(1), Content::FollowUp { clear: true }),
            fact(3, Occurred::since(ms(0)), None, Content::Registration),
            fact(4, now(4), None, Content::Closing { target: id(3) }),
            fact(5, now(5), None, Content::Retraction { target: id(1) }),
            fact(6, now(6), None, Content::Retraction { target: id(5) }),
        ];
        let standing = |known_at| standing(&facts, ms(known_at)).into_iter().map(|(fact, lasts)| (fact.id(), lasts));
        let ids = |known_at| standing(known_at).map(|(fact, _)| fact).collect::<Vec<_>>();
        assert_eq!(ids(4), [4, 3, 2, 1].map(id), "the newest first");
        assert_eq!(ids(5), [5, 4, 3].map(id), "what was filed because of a retracted fact goes with it");
        assert_eq!(ids(6), [6, 4, 3, 2, 1].map(id), "and comes back with it");
        let lasts = |known_at| standing(known_at).find(|(fact, _)| *fact == id(3)).unwrap().1.until();
        assert_eq!((lasts(3), lasts(4)), (Timestamp::FOREVER, ms(4)));
        let views: Vec<_> = facts.iter().map(FactView::from).collect();
        for known_at in 0..7 {
            let mut seen: Vec<_> =
                visible(&views, ms(known_at), WhileDisputed::Holds).iter().map(|seen| seen.fact.id).collect();
            let mut stated = ids(known_at);
            stated.retain(|one| ![id(4), id(5), id(6)].contains(one));
            seen.sort_unstable();
            stated.sort_unstable();
            assert_eq!(seen, stated, "known at {known_at}");
        }
    }
}

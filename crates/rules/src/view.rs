//! The facts as known at an instant: what retractions and replacements leave, when states end, what is inert when.

use std::collections::HashMap;

use yima_model::{Content, Fact, FactId, Interval, Occurred, Signal, Timestamp};

use crate::pack::WhileDisputed;

/// One visible fact that rules may look at.
#[derive(Clone, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) fact: &'a Fact,
    /// For a state, its interval after closings; for an event, its instant and what follows.
    pub(crate) lasts: Interval,
    /// When it has no effect.
    pub(crate) inert: Signal,
}

/// The facts that are visible at `known_at`, switches, retractions and closings left out.
///
/// Source: docs/RULES.md, facts 1, 2 and 4.
pub(crate) fn visible<'a>(
    facts: impl IntoIterator<Item = &'a Fact>,
    known_at: Timestamp,
    while_disputed: WhileDisputed,
) -> Vec<Seen<'a>> {
    let mut known: Vec<&Fact> = facts.into_iter().filter(|fact| fact.recorded() <= known_at).collect();
    if known.iter().any(|fact| refers(fact)) {
        known = unretracted(known);
    }
    let controls = Controls::of(&known, while_disputed);
    known.into_iter().filter(|fact| !is_control(fact.content())).filter_map(|fact| controls.seen(fact)).collect()
}

/// Whether visibility of some fact may hang on this one, or of this one on another.
fn refers(fact: &Fact) -> bool {
    let filing = fact.filing();
    filing.cause.is_some() || filing.replaces.is_some() || matches!(filing.content, Content::Retraction { .. })
}

/// What a fact does to others rather than state about the world.
const fn is_control(content: &Content) -> bool {
    matches!(
        content,
        Content::Closing { .. }
            | Content::Retraction { .. }
            | Content::Dispute { .. }
            | Content::Ruling { .. }
            | Content::Inert { .. }
            | Content::Lift { .. }
    )
}

/// The facts that no visible fact retracts or replaces, and whose cause is visible.
fn unretracted(mut known: Vec<&Fact>) -> Vec<&Fact> {
    known.sort_unstable_by_key(|fact| (fact.recorded(), fact.id()));
    let index: HashMap<FactId, usize> = known.iter().enumerate().map(|(at, fact)| (fact.id(), at)).collect();
    let mut hidden_by = vec![Vec::new(); known.len()];
    for (at, fact) in known.iter().enumerate() {
        let retracted = match fact.content() {
            Content::Retraction { target } => Some(*target),
            _ => None,
        };
        for target in [retracted, fact.filing().replaces].into_iter().flatten() {
            if let Some(hidden) = index.get(&target).and_then(|target| hidden_by.get_mut(*target)) {
                hidden.push(at);
            }
        }
    }
    let causes: Vec<_> =
        known.iter().map(|fact| fact.filing().cause.and_then(|cause| index.get(&cause).copied())).collect();
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
    fn of(known: &[&Fact], while_disputed: WhileDisputed) -> Self {
        let mut controls = Self { ends: HashMap::new(), switches: HashMap::new() };
        let mut disputes: HashMap<FactId, (FactId, Timestamp)> = HashMap::new();
        let mut answered: HashMap<FactId, Timestamp> = HashMap::new();
        for fact in known {
            let at = fact.occurred().start();
            match fact.content() {
                Content::Closing { target } => {
                    let end = controls.ends.entry(*target).or_insert(at);
                    *end = at.min(*end);
                }
                Content::Inert { target } => controls.switch(*target, at, false),
                Content::Lift { target } => controls.switch(*target, at, true),
                Content::Dispute { target, deadline } => {
                    disputes.insert(fact.id(), (*target, *deadline));
                    if while_disputed == WhileDisputed::Inert {
                        controls.switch(*target, at, false);
                    }
                }
                _ => {}
            }
        }
        for fact in known {
            if let Content::Ruling { target, stands } = fact.content()
                && let Some((contested, _)) = disputes.get(target)
            {
                let at = fact.occurred().start();
                controls.switch(*contested, at, *stands);
                let first = answered.entry(*target).or_insert(at);
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
    fn seen<'a>(&self, fact: &'a Fact) -> Option<Seen<'a>> {
        let lasts = match fact.occurred() {
            Occurred::At { at, .. } => Interval::new(at, Timestamp::FOREVER),
            Occurred::During { from, until } => {
                let end = if self.ends.is_empty() {
                    until
                } else {
                    self.ends.get(&fact.id()).map_or(until, |end| until.min(*end))
                };
                Interval::new(from, end)
            }
        }?;
        let inert = if self.switches.is_empty() { Signal::NEVER } else { self.inert(fact.id()) };
        Some(Seen { fact, lasts, inert })
    }

    fn inert(&self, id: FactId) -> Signal {
        let mut switches = self.switches.get(&id).cloned().unwrap_or_default();
        switches.sort_unstable();
        let ends = switches.iter().skip(1).map(|next| next.at).chain([Timestamp::FOREVER]);
        Signal::union_of(
            switches
                .iter()
                .zip(ends)
                .filter(|(switch, _)| !switch.on)
                .filter_map(|(switch, end)| Interval::new(switch.at, end)),
        )
    }
}

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
    let mut search = Search { hidden_by: &hidden_by, causes: &causes, decided: vec![None; known.len()] };
    (0..known.len()).filter(|at| search.is_visible(*at)).filter_map(|at| known.get(at).copied()).collect()
}

/// Decides newest first: a fact is visible if every fact that hides it is not.
struct Search<'a> {
    hidden_by: &'a [Vec<usize>],
    causes: &'a [Option<usize>],
    decided: Vec<Option<bool>>,
}

impl Search<'_> {
    fn is_visible(&mut self, start: usize) -> bool {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            if self.decision(at).is_some() {
                stack.pop();
                continue;
            }
            let hiding = self.hidden_by.get(at).map_or(&[][..], Vec::as_slice);
            let cause = self.causes.get(at).copied().flatten();
            let needed = hiding.iter().copied().chain(cause);
            // INVARIANT: references go from newer to older facts, so a need that is already on the stack is malformed
            // input; it is passed over, and the order of `known` makes the outcome the same for every order of arrival.
            let waiting: Vec<_> =
                needed.filter(|need| self.decision(*need).is_none() && !stack.contains(need)).collect();
            if waiting.is_empty() {
                let visible = !hiding.iter().any(|hide| self.decision(*hide) == Some(true))
                    && cause.is_none_or(|cause| self.decision(cause) != Some(false));
                if let Some(slot) = self.decided.get_mut(at) {
                    *slot = Some(visible);
                }
                stack.pop();
            } else {
                stack.extend(waiting);
            }
        }
        self.decision(start) == Some(true)
    }

    fn decision(&self, at: usize) -> Option<bool> {
        self.decided.get(at).copied().flatten()
    }
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

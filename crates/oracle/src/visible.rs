//! Which facts count: the visible ones (rule 1), less those that are inert at the instant judged (rule 4).

use std::collections::BTreeSet;

use yima_model::{Content, Fact, FactId, Kind, Timestamp};
use yima_rules::pack::WhileDisputed;

/// V(k): the facts recorded by `known_at` that no visible fact retracts or replaces, with visible causes.
///
/// Whether a fact is visible may depend on any other, so the set is found by repetition: from "nothing is visible", what
/// stands is too much, what then stands too little, and so on, each time nearer. Where facts deny one another in a circle
/// the definition has no answer; then those of the circle are not visible.
pub(crate) fn visible(facts: &[Fact], known_at: Timestamp) -> Vec<&Fact> {
    let mut seen = BTreeSet::new();
    loop {
        let next = standing(facts, known_at, &standing(facts, known_at, &seen));
        if next == seen {
            return facts.iter().filter(|fact| seen.contains(&fact.id())).collect();
        }
        seen = next;
    }
}

/// The facts that would be visible if `seen` were all that may retract and replace.
fn standing(facts: &[Fact], known_at: Timestamp, seen: &BTreeSet<FactId>) -> BTreeSet<FactId> {
    let denied = |id: FactId| facts.iter().any(|fact| seen.contains(&fact.id()) && denies(fact, id));
    let ids: BTreeSet<FactId> = facts.iter().map(Fact::id).collect();
    let mut kept: BTreeSet<FactId> =
        facts.iter().filter(|fact| fact.recorded() <= known_at && !denied(fact.id())).map(Fact::id).collect();
    loop {
        let caused =
            |fact: &&Fact| fact.filing().cause.is_none_or(|cause| !ids.contains(&cause) || kept.contains(&cause));
        let next: BTreeSet<FactId> =
            facts.iter().filter(|fact| kept.contains(&fact.id())).filter(caused).map(Fact::id).collect();
        if next == kept {
            return kept;
        }
        kept = next;
    }
}

/// Whether `fact` retracts or replaces the fact `id`.
fn denies(fact: &Fact, id: FactId) -> bool {
    fact.filing().replaces == Some(id) || matches!(fact.content(), Content::Retraction { target } if *target == id)
}

/// Whether the latest switch for `fact` at or before `at` turned it off.
pub(crate) fn is_inert(fact: &Fact, visible: &[&Fact], while_disputed: WhileDisputed, at: Timestamp) -> bool {
    if matches!(fact.kind(), Kind::Retraction | Kind::Closing | Kind::Dispute | Kind::Ruling | Kind::Inert | Kind::Lift)
    {
        return false;
    }
    let mut switches: Vec<(Timestamp, bool)> = Vec::new(); // from when, and whether it turns the fact on
    for switch in visible {
        let start = switch.occurred().start();
        match switch.content() {
            Content::Inert { target } if *target == fact.id() => switches.push((start, false)),
            Content::Lift { target } if *target == fact.id() => switches.push((start, true)),
            Content::Dispute { target, deadline } if *target == fact.id() => {
                let rulings: Vec<_> = rulings(switch.id(), visible).collect();
                if !rulings.iter().any(|(ruled, _)| ruled <= deadline) {
                    switches.push((*deadline, false));
                }
                if while_disputed == WhileDisputed::Inert {
                    switches.push((start, false));
                }
                switches.extend(rulings);
            }
            _ => {}
        }
    }
    // The greatest is the latest and, of several at one instant, the one that turns on.
    switches.into_iter().filter(|(from, _)| *from <= at).max().is_some_and(|(_, on)| !on)
}

/// When each ruling on `dispute` was made, and whether the contested fact stands.
fn rulings(dispute: FactId, visible: &[&Fact]) -> impl Iterator<Item = (Timestamp, bool)> {
    visible.iter().filter_map(move |fact| match fact.content() {
        Content::Ruling { target, stands } if *target == dispute => Some((fact.occurred().start(), *stands)),
        _ => None,
    })
}

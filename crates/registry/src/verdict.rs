//! Verdicts: what the packs in force say of a person at an instant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use thiserror::Error;
use yima_model::id::{PackId, RuleId};
use yima_model::{AreaCode, Colour, Content, Fact, FactId, Interval, Timestamp};
use yima_rules::check;
use yima_rules::diagnostic::Diagnostic;
use yima_rules::pack::{GreyCause, Pack, Rule};
use yima_rules::progress::Progress;
use yima_rules::rulebook::{Composed, Held, PutInForce, Rulebook};
use yima_rules::timeline::Ground;

use crate::registry::{AsOf, Globals, View};
use crate::standing::standing;

/// The packs that a node has read, by the digest under which facts put them in force.
#[derive(Clone, Debug, Default)]
pub struct Shelf(BTreeMap<[u8; 32], Arc<Pack>>);

impl Shelf {
    /// Reads a pack and keeps it; gives the digest of its text.
    ///
    /// # Errors
    /// Every finding if the pack does not load.
    pub fn add(&mut self, text: &str) -> Result<[u8; 32], Vec<Diagnostic>> {
        let loaded = check::load(text)?;
        let digest = pack_digest(text);
        self.0.insert(digest, Arc::new(loaded.pack));
        Ok(digest)
    }

    /// The pack whose text has this digest.
    pub fn find(&self, digest: &[u8; 32]) -> Option<&Arc<Pack>> {
        self.0.get(digest)
    }

    /// The digest of the whole set, by which a trust list gives it a number.
    pub fn set_digest(&self) -> [u8; 32] {
        set_digest(self.0.keys().copied())
    }

    /// Every pack with its digest.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8; 32], &Arc<Pack>)> {
        self.0.iter()
    }
}

/// The digest by which a fact names the text of a pack.
pub fn pack_digest(text: &str) -> [u8; 32] {
    sha256(text.as_bytes())
}

/// The digest of a set of packs: that of their digests, each once, in ascending order. Source: docs/CODE.md, rule epochs.
pub fn set_digest(packs: impl IntoIterator<Item = [u8; 32]>) -> [u8; 32] {
    let packs: BTreeSet<_> = packs.into_iter().collect();
    sha256(&packs.into_iter().collect::<Vec<_>>().concat())
}

fn sha256(content: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let digest = digest::digest(&digest::SHA256, content);
    digest.as_ref().iter().zip(&mut bytes).for_each(|(from, to)| *to = *from);
    bytes
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JudgeError {
    /// A pack is in force whose text this node has not read.
    #[error("pack `{0}` is in force and its text is not on this node; put the file beside the others")]
    PackMissing(PackId),
}

/// The packs in force and the facts about everybody, made ready for judging many persons.
#[derive(Debug)]
pub struct Judge(Rulebook);

/// A colour with what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The instant that is judged.
    pub at: Timestamp,
    /// The colour.
    pub colour: Colour,
    /// Why it is grey, if it is.
    pub cause: Option<GreyCause>,
    /// The pack of the place, else the national one; `None` where none applies.
    pub pack: Option<Arc<Pack>>,
    /// Every ground that holds, worst colour first, then the national pack's, then as their own pack ranks them.
    pub grounds: Vec<HeldGround>,
    /// The next instant at which colour, grounds, pack or address change if nothing more is filed.
    pub next_change: Option<Timestamp>,
    /// What the answer was made from.
    pub as_of: AsOf,
}

/// One rule over one maximal interval, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGround {
    /// The pack that the rule is of; an earlier version where what it has begun goes on.
    pub pack: Arc<Pack>,
    /// The rule.
    pub rule: RuleId,
    /// Its colour, at most the national ceiling.
    pub colour: Colour,
    /// During what time it holds.
    pub interval: Interval,
    /// The facts used at its start.
    pub evidence: Vec<FactId>,
    /// How far the counts have come that would clear it, such as 1 of 2.
    pub progress: Vec<Progress>,
}

impl HeldGround {
    fn of(held: Held<'_>) -> Self {
        let Held { pack, ground: Ground { rule, interval, evidence }, colour, progress } = held;
        Self { pack: Arc::clone(pack), rule: rule.id.clone(), colour, interval, evidence, progress }
    }

    /// The rule with its texts.
    pub fn rule(&self) -> Option<&Rule> {
        self.pack.rules.iter().find(|rule| rule.id == self.rule)
    }
}

impl Judge {
    /// Makes ready what is known at `known_at`; [`Timestamp::FOREVER`] for everything that is applied.
    ///
    /// # Errors
    /// [`JudgeError::PackMissing`].
    pub fn new(globals: &Globals, shelf: &Shelf, known_at: Timestamp) -> Result<Self, JudgeError> {
        let mut packs = Vec::new();
        for (fact, lasts) in standing(globals, known_at) {
            if let Content::Pack { pack, digest } = fact.content() {
                let pack = shelf.find(digest).ok_or_else(|| JudgeError::PackMissing(pack.clone()))?;
                packs.push(PutInForce { id: fact.id(), pack: Arc::clone(pack), lasts });
            }
        }
        Ok(Self(Rulebook::new(packs, globals, known_at)))
    }

    /// The verdict on a person at `at`. Source: docs/RULES.md, which pack.
    pub fn verdict(&self, view: &View, at: Timestamp) -> Judgement {
        let verdict = self.0.verdict(&view.facts, at, view.as_of.at);
        let Composed { colour, cause, pack, grounds, next_change, .. } = verdict;
        Judgement {
            at,
            colour,
            cause,
            pack: pack.cloned(),
            grounds: grounds.into_iter().map(HeldGround::of).collect(),
            next_change,
            as_of: view.as_of,
        }
    }

    /// Where a person lives at `at`, and which colour the verdict then has; the facts are complete up to `as_of`.
    pub fn colour(&self, facts: &[Fact], at: Timestamp, as_of: Timestamp) -> (Option<AreaCode>, Colour) {
        let verdict = self.0.verdict(facts, at, as_of);
        (verdict.area, verdict.colour)
    }

    /// The verdicts from `from` on and before `until`, at most `max`, each with the instant at which it begins.
    pub fn timeline(&self, view: &View, from: Timestamp, until: Timestamp, max: usize) -> Vec<Judgement> {
        let first = (from < until).then(|| self.verdict(view, from));
        let next = |before: &Judgement| {
            let at = before.next_change.filter(|at| *at < until)?;
            Some(self.verdict(view, at))
        };
        std::iter::successors(first, next).take(max).collect()
    }
}

#[cfg(test)]
mod tests;

//! Verdicts: which pack judges a person at an instant, and what it says.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use thiserror::Error;
use yima_model::id::{PackId, RuleId};
use yima_model::{AreaCode, Colour, Content, Fact, FactId, Interval, Timestamp};
use yima_rules::check;
use yima_rules::diagnostic::Diagnostic;
use yima_rules::pack::{GreyCause, Pack, Rule};
use yima_rules::timeline::{Everybody, Ground};

use crate::registry::{AsOf, Globals, View};
use crate::standing::{address, standing};

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
pub struct Judge {
    known_at: Timestamp,
    packs: Vec<InForce>,
}

#[derive(Debug)]
struct InForce {
    id: FactId,
    lasts: Interval,
    everybody: Everybody,
}

impl InForce {
    const fn pack(&self) -> &Arc<Pack> {
        self.everybody.pack()
    }
}

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
    /// Every ground that holds, worst colour first, then the national pack's, then in the order of the pack.
    pub grounds: Vec<HeldGround>,
    /// The next instant at which colour, grounds, pack or address change if nothing more is filed.
    pub next_change: Option<Timestamp>,
    /// What the answer was made from.
    pub as_of: AsOf,
}

/// One rule over one maximal interval, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGround {
    /// The pack that the rule is of.
    pub pack: Arc<Pack>,
    /// The rule.
    pub rule: RuleId,
    /// During what time it holds.
    pub interval: Interval,
    /// The facts used at its start.
    pub evidence: Vec<FactId>,
}

impl HeldGround {
    fn of(pack: &Arc<Pack>, ground: Ground<'_>) -> Self {
        let Ground { rule, interval, evidence } = ground;
        Self { pack: Arc::clone(pack), rule: rule.id.clone(), interval, evidence }
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
                let everybody = Everybody::new(Arc::clone(pack), globals, known_at);
                packs.push(InForce { id: fact.id(), lasts, everybody });
            }
        }
        Ok(Self { known_at, packs })
    }

    /// The verdict on a person at `at`.
    ///
    /// The national pack judges everybody. Beside it judges the pack of the deepest area that contains the address (of
    /// several, the one whose fact begins last), up to the ceiling of the national one: it adds grounds and removes
    /// none, and what is harsher than the ceiling does not count. Source: docs/RULES.md, which pack.
    pub fn verdict(&self, view: &View, at: Timestamp) -> Judgement {
        let standing = standing(&view.facts, self.known_at);
        let applying = self.applying(address(&standing, at), at);
        let moves = next_move(&standing, at);
        let switches = self
            .packs
            .iter()
            .flat_map(|pack| [pack.lasts.from(), pack.lasts.until(), pack.pack().from, pack.pack().until]);
        let outside = switches.chain(moves).filter(|change| *change > at && *change < Timestamp::FOREVER).min();
        let (grounds, inside) = applying.grounds(&view.facts, at, view.as_of.at);
        let colour = applying.colour(&grounds);
        let by_rule = grounds.iter().find_map(|(_, ground)| ground.rule.cause);
        Judgement {
            at,
            colour,
            cause: (colour == Colour::Grey).then(|| by_rule.unwrap_or(GreyCause::NotOpened)),
            pack: applying.local.or(applying.national).map(|in_force| Arc::clone(in_force.pack())),
            grounds: grounds.into_iter().map(|(pack, ground)| HeldGround::of(pack, ground)).collect(),
            next_change: outside.into_iter().chain(inside).min(),
            as_of: view.as_of,
        }
    }

    /// Where a person lives at `at`, and which colour the verdict then has; the facts are complete up to `as_of`.
    pub fn colour(&self, facts: &[Fact], at: Timestamp, as_of: Timestamp) -> (Option<AreaCode>, Colour) {
        let area = address(&standing(facts, self.known_at), at);
        let applying = self.applying(area, at);
        let (grounds, _) = applying.grounds(facts, at, as_of);
        (area, applying.colour(&grounds))
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

    fn applying(&self, area: Option<AreaCode>, at: Timestamp) -> Applying<'_> {
        let national = self.latest(at, |pack| pack.pack().ceiling.is_some());
        Applying { national, local: area.and_then(|area| self.of_place(area, at)) }
    }

    fn of_place(&self, area: AreaCode, at: Timestamp) -> Option<&InForce> {
        let depth = |pack: &InForce| {
            let areas = pack.pack().areas.include.iter().filter(|outer| outer.contains(area));
            areas.map(|outer| outer.depth()).max()
        };
        let deepest = self.in_force(at).filter_map(depth).max();
        deepest.and_then(|deepest| self.latest(at, |pack| depth(pack) == Some(deepest)))
    }

    /// Of those in force, the one whose fact begins last.
    fn latest(&self, at: Timestamp, choose: impl Fn(&InForce) -> bool) -> Option<&InForce> {
        self.in_force(at).filter(|pack| choose(pack)).max_by_key(|pack| (pack.lasts.from(), pack.id))
    }

    fn in_force(&self, at: Timestamp) -> impl Iterator<Item = &InForce> {
        self.packs.iter().filter(move |pack| pack.lasts.contains(at) && pack.pack().in_force(at))
    }
}

/// The packs that judge a person at an instant.
struct Applying<'a> {
    national: Option<&'a InForce>,
    local: Option<&'a InForce>,
}

impl<'a> Applying<'a> {
    /// The grounds that count, worst colour first, and the next instant at which one of either pack begins or ends.
    fn grounds(
        &self,
        facts: &[Fact],
        at: Timestamp,
        as_of: Timestamp,
    ) -> (Vec<(&'a Arc<Pack>, Ground<'a>)>, Option<Timestamp>) {
        let ceiling = self.national.and_then(|national| national.pack().ceiling);
        let (mut grounds, mut next_change) = (Vec::new(), None);
        for in_force in self.national.into_iter().chain(self.local) {
            let pack = in_force.pack();
            let verdict = in_force.everybody.verdict(facts, at, as_of);
            next_change = next_change.into_iter().chain(verdict.next_change).min();
            let bound = if pack.ceiling.is_some() { None } else { ceiling };
            let counts = |ground: &Ground<'_>| bound.is_none_or(|bound| ground.rule.colour <= bound);
            grounds.extend(verdict.grounds.into_iter().filter(counts).map(|ground| (pack, ground)));
        }
        grounds.sort_by_key(|(_, ground)| Reverse(ground.rule.colour));
        (grounds, next_change)
    }

    /// The colour that grounds give, worst first.
    fn colour(&self, grounds: &[(&Arc<Pack>, Ground<'_>)]) -> Colour {
        let base = self.national.or(self.local).map_or(Colour::Grey, |in_force| in_force.pack().base);
        grounds.first().map_or(base, |(_, worst)| worst.rule.colour.max(base))
    }
}

/// The instants after `at` at which the address may change.
fn next_move(standing: &[(&Fact, Interval)], at: Timestamp) -> impl Iterator<Item = Timestamp> {
    let places = standing
        .iter()
        .filter(|(fact, _)| matches!(fact.content(), Content::Dwelling { .. } | Content::Arrival { .. }));
    places.flat_map(|(_, lasts)| [lasts.from(), lasts.until()]).filter(move |change| *change > at)
}

#[cfg(test)]
mod tests;

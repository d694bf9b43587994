//! All packs that are put in force: which of them judge a person at an instant, and how a version takes over from the one before.

use std::cmp::Reverse;
use std::sync::Arc;

use smallvec::SmallVec;
use yima_model::codec::FactView;
use yima_model::fact::DwellingRole;
use yima_model::id::RuleId;
use yima_model::{AreaCode, Colour, Content, Fact, FactId, Interval, Kind, Signal, Timestamp};

use crate::pack::{GreyCause, Pack, Transition, WhileDisputed};
use crate::progress::Progress;
use crate::timeline::{Everybody, Ground, complete_until};
use crate::view::{Seen, visible};

/// A pack as a fact puts it in force.
#[derive(Clone, Debug)]
pub struct PutInForce {
    /// The fact.
    pub id: FactId,
    /// The pack.
    pub pack: Arc<Pack>,
    /// For how long the fact lasts.
    pub lasts: Interval,
}

/// The packs in force and the facts for everybody, made ready for judging many persons.
#[derive(Debug)]
pub struct Rulebook {
    known_at: Timestamp,
    packs: Vec<InForce>,
}

#[derive(Debug)]
struct InForce {
    id: FactId,
    lasts: Interval,
    everybody: Everybody,
    /// The place of the version that it takes over from, where that is put in force and anything goes on from it.
    before: Option<usize>,
}

/// A colour with what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed<'a> {
    /// Where the person lives, as far as that is known.
    pub area: Option<AreaCode>,
    /// The colour.
    pub colour: Colour,
    /// Why it is grey, if it is.
    pub cause: Option<GreyCause>,
    /// The pack of the place, else the national one; `None` where none applies.
    pub pack: Option<&'a Arc<Pack>>,
    /// Every ground that holds, worst colour first, then the national pack's, then as their own pack ranks them.
    pub grounds: Vec<Held<'a>>,
    /// The next instant at which colour, grounds, pack or address change if nothing more is filed.
    pub next_change: Option<Timestamp>,
}

/// A ground that holds, with the pack that its rule is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    /// The pack; an earlier version where what it has begun goes on.
    pub pack: &'a Arc<Pack>,
    /// The ground.
    pub ground: Ground<'a>,
    /// Its colour: that of the rule, or the ceiling of the national pack, whichever is milder.
    pub colour: Colour,
    /// How far the counts have come that would clear it.
    pub progress: Vec<Progress>,
}

/// A ground as a line of versions has it.
struct Joined<'a> {
    /// The place of the pack that its rule is of.
    of: usize,
    /// The rule by which the latest version knows it.
    known_as: &'a RuleId,
    ground: Ground<'a>,
}

impl InForce {
    const fn pack(&self) -> &Arc<Pack> {
        self.everybody.pack()
    }

    /// When it takes over.
    fn begins(&self) -> Timestamp {
        self.lasts.from().max(self.pack().from)
    }

    fn holds_at(&self, at: Timestamp) -> bool {
        self.lasts.contains(at) && self.pack().in_force(at)
    }
}

impl Rulebook {
    /// Makes ready the packs with the facts for everybody as known at `known_at`; facts about persons are passed over.
    pub fn new<'f>(
        packs: impl IntoIterator<Item = PutInForce>,
        facts: impl IntoIterator<Item = &'f Fact> + Clone,
        known_at: Timestamp,
    ) -> Self {
        let in_force = |PutInForce { id, pack, lasts }| {
            let everybody = Everybody::new(pack, facts.clone(), known_at);
            InForce { id, lasts, everybody, before: None }
        };
        let mut packs: Vec<_> = packs.into_iter().map(in_force).collect();
        let befores: Vec<_> = packs.iter().map(|pack| before(&packs, pack)).collect();
        packs.iter_mut().zip(befores).for_each(|(pack, before)| pack.before = before);
        Self { known_at, packs }
    }

    /// The verdict at `at` on the one person whom `facts` are about, with the facts complete up to `as_of`.
    ///
    /// The national pack judges everybody. Beside it judges the pack of the deepest area that contains the address (of
    /// several, the one whose fact begins last), up to the ceiling of the national one: it adds grounds and removes
    /// none, and what is harsher than the ceiling counts as the ceiling. Where the person is asked plays no part.
    ///
    /// Source: docs/RULES.md, which pack, and versions.
    pub fn verdict(&self, facts: &[Fact], at: Timestamp, as_of: Timestamp) -> Composed<'_> {
        let views: Vec<_> = facts.iter().map(FactView::from).collect();
        let seen = visible(&views, self.known_at, WhileDisputed::Holds);
        let national = self.latest(at, |pack| pack.pack().ceiling.is_some());
        let area = address(&seen, at);
        let local = area.and_then(|area| self.of_place(area, at));
        let (mut grounds, mut next_change) = (Vec::new(), self.next_switch(&seen, at));
        for place in national.into_iter().chain(local) {
            let (held, change) = self.held(place, facts, at, as_of);
            next_change = next_change.into_iter().chain(change).min();
            let ceiling = self.pack(national).filter(|_| Some(place) != national).and_then(|pack| pack.ceiling);
            grounds.extend(held.into_iter().filter_map(|held| up_to(ceiling, held)));
        }
        grounds.sort_by_key(|held| Reverse(held.colour));
        let base = self.pack(national.or(local)).map_or(Colour::Grey, |pack| pack.base);
        let colour = grounds.first().map_or(base, |worst| worst.colour.max(base));
        let by_rule = grounds.iter().find_map(|held| held.ground.rule.cause);
        Composed {
            area,
            colour,
            cause: (colour == Colour::Grey).then(|| by_rule.unwrap_or(GreyCause::NotOpened)),
            pack: self.pack(local.or(national)),
            grounds,
            next_change,
        }
    }

    /// The grounds that hold at `at` by the pack in this place, and the next instant at which they may change.
    fn held(
        &self,
        place: usize,
        facts: &[Fact],
        at: Timestamp,
        as_of: Timestamp,
    ) -> (Vec<Held<'_>>, Option<Timestamp>) {
        let Some(in_force) = self.packs.get(place) else {
            return (Vec::new(), None);
        };
        let (holding, next_change) = if in_force.before.is_none() {
            let verdict = in_force.everybody.verdict(facts, at, as_of);
            (verdict.grounds.into_iter().map(|ground| (place, ground)).collect(), verdict.next_change)
        } else {
            self.holding(place, facts, at, as_of)
        };
        let held = holding.into_iter().filter_map(|(of, ground)| self.with_progress(of, ground, facts, at, as_of));
        (held.collect(), next_change)
    }

    /// The same where a version has taken over from another.
    fn holding(
        &self,
        place: usize,
        facts: &[Fact],
        at: Timestamp,
        as_of: Timestamp,
    ) -> (Vec<(usize, Ground<'_>)>, Option<Timestamp>) {
        let mut joined = self.joined(place, facts, complete_until(at, as_of));
        let edges = joined.iter().flat_map(|one| [one.ground.interval.from(), one.ground.interval.until()]);
        let end = self.pack(Some(place)).map(|pack| pack.until);
        let next_change = edges.chain(end).filter(|change| *change > at).min();
        joined.retain(|one| one.ground.interval.contains(at));
        let rules = self.pack(Some(place)).map(|pack| pack.rules.as_slice()).unwrap_or_default();
        let position = |one: &Joined<'_>| rules.iter().position(|rule| rule.id == *one.known_as).unwrap_or(rules.len());
        joined.sort_by_key(|one| (Reverse(one.ground.rule.colour), position(one)));
        (joined.into_iter().map(|one| (one.of, one.ground)).collect(), next_change)
    }

    /// Every ground by the pack in this place and by the versions before it, as the transitions join them.
    ///
    /// What it says of instants before the pack takes over counts for nothing.
    /// Source: docs/RULES.md, versions.
    fn joined(&self, place: usize, facts: &[Fact], complete_until: Timestamp) -> Vec<Joined<'_>> {
        let Some(in_force) = self.packs.get(place) else {
            return Vec::new();
        };
        let begins = in_force.begins();
        let restart = in_force.before.map(|_| begins);
        let own = in_force.everybody.grounds(facts, complete_until, restart);
        let own = own.into_iter().map(|ground| Joined { of: place, known_as: &ground.rule.id, ground });
        let Some(before) = in_force.before else {
            return own.collect();
        };
        let mut begun = self.joined(before, facts, complete_until);
        begun.retain(|old| old.ground.interval.from() < begins);
        let mut joined = Vec::new();
        for new in own {
            let has_begun = new.ground.interval.from() < begins;
            match new.ground.rule.transition {
                Transition::Keep if has_begun => {}
                Transition::Shorter if has_begun => joined.extend(meet(&new, &begun)),
                Transition::Apply | Transition::Keep | Transition::Shorter | Transition::Restart => joined.push(new),
            }
        }
        let kept = begun
            .into_iter()
            .filter_map(|old| Some(Joined { known_as: kept_as(in_force.pack(), old.known_as)?, ..old }));
        joined.extend(kept);
        joined
    }

    /// The ground with its pack and with how far the counts have come that would clear it.
    fn with_progress<'a>(
        &'a self,
        of: usize,
        ground: Ground<'a>,
        facts: &[Fact],
        at: Timestamp,
        as_of: Timestamp,
    ) -> Option<Held<'a>> {
        let in_force = self.packs.get(of)?;
        let mut progress = Vec::new();
        if ground.rule.when.is_cleared_by_count() {
            let views: Vec<_> = facts.iter().map(FactView::from).collect();
            let restart = in_force.before.map(|_| in_force.begins());
            let counts = in_force.everybody.counts(&views, at, as_of, restart);
            progress.extend(counts.into_iter().filter(|(rule, _)| rule.id == ground.rule.id).map(|(_, count)| count));
        }
        Some(Held { pack: in_force.pack(), colour: ground.rule.colour, ground, progress })
    }

    fn of_place(&self, area: AreaCode, at: Timestamp) -> Option<usize> {
        let depth = |pack: &InForce| {
            let areas = pack.pack().areas.include.iter().filter(|outer| outer.contains(area));
            areas.map(|outer| outer.depth()).max()
        };
        let deepest = self.packs.iter().filter(|pack| pack.holds_at(at)).filter_map(depth).max();
        deepest.and_then(|deepest| self.latest(at, |pack| depth(pack) == Some(deepest)))
    }

    /// The place of that, of those in force, whose fact begins last.
    fn latest(&self, at: Timestamp, choose: impl Fn(&InForce) -> bool) -> Option<usize> {
        let in_force = self.packs.iter().zip(0..).filter(|(pack, _)| pack.holds_at(at) && choose(pack));
        in_force.max_by_key(|(pack, _)| (pack.lasts.from(), pack.id)).map(|(_, place)| place)
    }

    fn pack(&self, place: Option<usize>) -> Option<&Arc<Pack>> {
        place.and_then(|place| self.packs.get(place)).map(InForce::pack)
    }

    /// The next instant after `at` at which a pack begins or ends, or the address may change.
    fn next_switch(&self, seen: &[Seen<'_>], at: Timestamp) -> Option<Timestamp> {
        let packs = self
            .packs
            .iter()
            .flat_map(|pack| [pack.lasts.from(), pack.lasts.until(), pack.pack().from, pack.pack().until]);
        let places = seen.iter().filter(|seen| matches!(seen.fact.content.kind(), Kind::Dwelling | Kind::Arrival));
        let moves = places.flat_map(|seen| seen.switches().chain([seen.lasts.from(), seen.lasts.until()]));
        packs.chain(moves).filter(|change| *change > at && *change < Timestamp::FOREVER).min()
    }
}

/// The ground as it counts under a ceiling; `None` where it counts for nothing.
///
/// Under a ceiling of green or grey nothing harsher counts: grey has four causes, and none of them is a health finding.
fn up_to(ceiling: Option<Colour>, held: Held<'_>) -> Option<Held<'_>> {
    match ceiling {
        Some(ceiling) if held.colour > ceiling => {
            (ceiling >= Colour::Yellow).then_some(Held { colour: ceiling, ..held })
        }
        _ => Some(held),
    }
}

/// The place of the version that the pack takes over from: of those put in force before it begins, the latest.
fn before(packs: &[InForce], pack: &InForce) -> Option<usize> {
    let follows = pack.pack().follows.as_ref().filter(|_| pack.pack().is_transitional())?;
    let named = packs
        .iter()
        .zip(0..)
        .filter(|(earlier, _)| earlier.pack().id == follows.pack && earlier.begins() < pack.begins());
    named.max_by_key(|(earlier, _)| (earlier.begins(), earlier.id)).map(|(_, place)| place)
}

/// The parts of a ground of the new version during which one of the old version that it stands for holds as well.
fn meet<'a>(new: &Joined<'a>, begun: &[Joined<'a>]) -> Vec<Joined<'a>> {
    let old = begun.iter().filter(|old| new.ground.rule.succeeds(old.known_as)).map(|old| old.ground.interval);
    let both = Signal::union_of(old).and(&Signal::from(new.ground.interval));
    let part = |interval: &Interval| {
        let ground = Ground { interval: *interval, ..new.ground.clone() };
        Joined { ground, ..*new }
    };
    both.intervals().iter().map(part).collect()
}

/// The rule by which the new version keeps what this one has begun; `None` if it does not.
fn kept_as<'a>(pack: &'a Pack, earlier: &'a RuleId) -> Option<&'a RuleId> {
    let mut successors = pack.rules.iter().filter(|rule| rule.succeeds(earlier)).peekable();
    if successors.peek().is_some() {
        return successors.find(|rule| rule.transition == Transition::Keep).map(|rule| &rule.id);
    }
    let follows = pack.follows.as_ref()?;
    let transition = follows.dropped.get(earlier).unwrap_or(&follows.transition);
    (*transition == Transition::Keep).then_some(earlier)
}

/// Where the person lives at `at`: the present dwelling before the home, then the latest; else where the last arrival led.
fn address(seen: &[Seen<'_>], at: Timestamp) -> Option<AreaCode> {
    let mut dwellings: SmallVec<[_; 2]> = SmallVec::new();
    let mut arrivals: SmallVec<[_; 2]> = SmallVec::new();
    for seen in seen.iter().filter(|seen| seen.lasts.contains(at) && !seen.is_inert_at(at)) {
        match (seen.fact.content.kind(), (seen.lasts.from(), seen.fact.id)) {
            (Kind::Dwelling, begun) => {
                if let Content::Dwelling { area, role: role @ (DwellingRole::Present | DwellingRole::Home) } =
                    *seen.fact.content.get()
                {
                    dwellings.push(((role == DwellingRole::Present, begun), area));
                }
            }
            (Kind::Arrival, begun) => {
                if let Content::Arrival { to, .. } = *seen.fact.content.get() {
                    arrivals.push((begun, to));
                }
            }
            _ => {}
        }
    }
    let dwelling = dwellings.into_iter().max_by_key(|(rank, _)| *rank).map(|(_, area)| area);
    dwelling.or_else(|| arrivals.into_iter().max_by_key(|(begun, _)| *begun).map(|(_, area)| area))
}

//! Timelines and verdicts: what a pack says of a person, as a function of time.

use std::sync::Arc;

use smallvec::SmallVec;
use yima_model::codec::FactView;
use yima_model::id::RuleId;
use yima_model::{Colour, Fact, FactId, Interval, Signal, Subject, Timestamp};

use crate::pack::{Pack, Rule, Transition};
use crate::plan::{Plan, Planned};
use crate::progress::Progress;
use crate::scene::Scene;
use crate::surroundings::Surroundings;
use crate::view::{Seen, visible};

/// The facts for everybody as known at an instant, made ready for one pack.
#[derive(Debug)]
pub struct Everybody {
    pack: Arc<Pack>,
    known_at: Timestamp,
    facts: Vec<(Timestamp, FactId)>,
    /// Time cut at every instant at which some global fact turns inert or counts again.
    pieces: Vec<Interval>,
    surroundings: Surroundings,
    plan: Plan,
}

/// What rules look at, for each piece of time in which nothing turns inert; for nearly everybody there is one.
type Scenes<'a> = SmallVec<[(Interval, Scene<'a>); 1]>;

impl Everybody {
    /// Takes what the global facts say as known at `known_at`; facts about persons are passed over.
    pub fn new<'f>(pack: impl Into<Arc<Pack>>, facts: impl IntoIterator<Item = &'f Fact>, known_at: Timestamp) -> Self {
        let pack = pack.into();
        let global = facts.into_iter().filter(|fact| fact.subject() == Subject::Global);
        let views: Vec<_> = global.map(FactView::from).collect();
        let facts = visible(&views, known_at, pack.while_disputed);
        let always = Interval::new(Timestamp::BEGINNING, Timestamp::FOREVER);
        let pieces = always.into_iter().flat_map(|always| cut(always, &facts)).collect();
        let surroundings = Surroundings::new(&pack, &facts);
        let facts = facts.iter().map(|seen| (seen.fact.occurred.start(), seen.fact.id)).collect();
        let plan = Plan::new(&pack);
        Self { pack, known_at, facts, pieces, surroundings, plan }
    }

    /// The pack that judges.
    pub const fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// The timeline of the one person whom `facts` are about.
    ///
    /// `complete_until` is the instant up to which facts are complete: no absence begins after it.
    /// [`Timestamp::FOREVER`] gives the forecast "if nothing more is filed".
    ///
    /// Source: docs/RULES.md, grounds, colour, evidence.
    pub fn timeline(&self, facts: &[Fact], complete_until: Timestamp) -> Timeline<'_> {
        let mut grounds = self.grounds(facts, complete_until, None);
        grounds.sort_by_key(|ground| ground.interval.from());
        Timeline { pack: &self.pack, grounds }
    }

    /// Every ground of the one person whom `facts` are about, in the order of the pack; at `restart` what runs by a rule
    /// that says so begins again.
    pub(crate) fn grounds(
        &self,
        facts: &[Fact],
        complete_until: Timestamp,
        restart: Option<Timestamp>,
    ) -> Vec<Ground<'_>> {
        let views: Vec<_> = facts.iter().map(FactView::from).collect();
        let own = visible(&views, self.known_at, self.pack.while_disputed);
        let mut scenes = self.scenes(&own, complete_until);
        let mut grounds = Vec::new();
        for (rule, planned) in self.pack.rules.iter().zip(&self.plan.rules) {
            let restart = restart.filter(|_| rule.transition == Transition::Restart);
            scenes.iter_mut().for_each(|(_, scene)| scene.restart = restart);
            let signal = signal(planned, &scenes);
            let ground = |interval: &Interval| self.ground(rule, planned, *interval, &scenes, &own);
            grounds.extend(signal.intervals().iter().map(ground));
        }
        grounds
    }

    /// The verdict on the one person whom `facts` are about at `at`, with the facts complete up to `as_of`.
    ///
    /// The same as asking the timeline, without the evidence for grounds that do not hold then.
    /// The facts are whole ones or those of a record, as [`view_record`](yima_model::codec::view_record) reads it.
    pub fn verdict<'f>(
        &self,
        facts: impl IntoIterator<Item: Into<FactView<'f>>>,
        at: Timestamp,
        as_of: Timestamp,
    ) -> Verdict<'_> {
        let views: Vec<_> = facts.into_iter().map(Into::into).collect();
        let own = visible(&views, self.known_at, self.pack.while_disputed);
        let scenes = self.scenes(&own, complete_until(at, as_of));
        let mut grounds = Vec::new();
        let mut next_change = Timestamp::FOREVER;
        for (rule, planned, signal) in self.signals(&scenes) {
            next_change = signal.boundaries().filter(|change| *change > at).fold(next_change, Timestamp::min);
            let holding = signal.interval_at(at);
            grounds.extend(holding.map(|interval| self.ground(rule, planned, interval, &scenes, &own)));
        }
        Verdict::new(&self.pack, at, grounds, next_change)
    }

    /// How far the counts have come that would clear the grounds of the one person whom `facts` are about, as they hold
    /// at `at` with the facts complete up to `as_of`: for each count its rule, in the order of the pack.
    ///
    /// Source: docs/RULES.md, progress.
    pub fn progress<'f>(
        &self,
        facts: impl IntoIterator<Item: Into<FactView<'f>>>,
        at: Timestamp,
        as_of: Timestamp,
    ) -> Vec<(&Rule, Progress)> {
        let views: Vec<_> = facts.into_iter().map(Into::into).collect();
        if self.pack.in_force(at) { self.counts(&views, at, as_of, None) } else { Vec::new() }
    }

    /// The same at any instant; at `restart` what runs by a rule that says so has begun again.
    pub(crate) fn counts(
        &self,
        views: &[FactView<'_>],
        at: Timestamp,
        as_of: Timestamp,
        restart: Option<Timestamp>,
    ) -> Vec<(&Rule, Progress)> {
        let own = visible(views, self.known_at, self.pack.while_disputed);
        let mut scenes = self.scenes(&own, complete_until(at, as_of));
        let Some((_, scene)) = scenes.iter_mut().find(|(piece, _)| piece.contains(at)) else {
            return Vec::new();
        };
        let mut counts = Vec::new();
        for (rule, planned) in self.pack.rules.iter().zip(&self.plan.rules) {
            scene.restart = restart.filter(|_| rule.transition == Transition::Restart);
            counts.extend(scene.progress(&planned.when, at).into_iter().map(|progress| (rule, progress)));
        }
        counts
    }

    /// The rules that hold at some time, each with when it does.
    fn signals<'a>(
        &'a self,
        scenes: &[(Interval, Scene<'_>)],
    ) -> impl Iterator<Item = (&'a Rule, &'a Planned, Signal)> {
        let rules = self.pack.rules.iter().zip(&self.plan.rules);
        let signals = rules.map(|(rule, planned)| (rule, planned, signal(planned, scenes)));
        signals.filter(|(.., signal)| !signal.is_never())
    }

    fn ground<'a>(
        &self,
        rule: &'a Rule,
        planned: &Planned,
        interval: Interval,
        scenes: &[(Interval, Scene<'_>)],
        own: &[Seen<'_>],
    ) -> Ground<'a> {
        let scene = scenes.iter().find(|(piece, _)| piece.contains(interval.from()));
        let used = scene.map(|(_, scene)| scene.evidence(&planned.when, interval.from(), Timestamp::BEGINNING));
        Ground { rule, interval, evidence: self.dated(&used.unwrap_or_default(), own) }
    }

    fn scenes<'s>(&'s self, own: &'s [Seen<'s>], complete_until: Timestamp) -> Scenes<'s> {
        let mut scenes = Scenes::new();
        for whole in &self.pieces {
            for piece in cut(*whole, own) {
                let surroundings = self.surroundings.at(piece.from());
                let active = own.iter().filter(|seen| !seen.is_inert_at(piece.from()));
                scenes.push((piece, Scene::new(&self.pack, &self.plan, surroundings, active, complete_until)));
            }
        }
        scenes
    }

    /// The facts used, each once, by (`at` or `from`, id).
    fn dated(&self, used: &[FactId], own: &[Seen<'_>]) -> Vec<FactId> {
        let own = own.iter().map(|seen| (seen.fact.occurred.start(), seen.fact.id));
        let mut dated: Vec<_> = own.chain(self.facts.iter().copied()).filter(|(_, id)| used.contains(id)).collect();
        dated.sort_unstable();
        dated.dedup();
        dated.into_iter().map(|(_, id)| id).collect()
    }
}

/// Up to when absence is judged for an answer about `at` from facts that are complete up to `as_of`.
pub(crate) fn complete_until(at: Timestamp, as_of: Timestamp) -> Timestamp {
    if at <= as_of { Timestamp::FOREVER } else { as_of }
}

/// When the rule holds, piece by piece; never where a person has no fact of the kinds that it needs.
fn signal(rule: &Planned, scenes: &[(Interval, Scene<'_>)]) -> Signal {
    let whole = |scene: &Scene<'_>| match rule.needed {
        Some(needed) if !scene.kinds.meets(needed) => Signal::NEVER,
        _ => scene.signal(&rule.when, Timestamp::BEGINNING),
    };
    match scenes {
        [(_, scene)] => whole(scene),
        scenes => Signal::union_of(scenes.iter().flat_map(|(piece, scene)| {
            let piece = Signal::from(*piece);
            whole(scene).and(&piece).intervals().to_vec()
        })),
    }
}

/// The interval cut at every instant at which one of the facts turns inert or counts again.
fn cut(interval: Interval, facts: &[Seen<'_>]) -> SmallVec<[Interval; 1]> {
    if facts.iter().all(Seen::always_counts) {
        return SmallVec::from([interval]);
    }
    let mut cuts: SmallVec<[Timestamp; 4]> = facts.iter().flat_map(Seen::switches).collect();
    cuts.retain(|at| interval.contains(*at));
    cuts.extend([interval.from(), interval.until()]);
    cuts.sort_unstable();
    cuts.iter().zip(cuts.iter().skip(1)).filter_map(|(from, until)| Interval::new(*from, *until)).collect()
}

/// One rule over one maximal interval, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// During what time it holds.
    pub interval: Interval,
    /// The facts used at its start, by (`at` or `from`, id).
    pub evidence: Vec<FactId>,
}

/// Every ground of one person under one pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<'a> {
    pack: &'a Pack,
    grounds: Vec<Ground<'a>>,
}

/// The colour at an instant, with what it follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// The colour.
    pub colour: Colour,
    /// Every ground that holds, worst colour first, then in the order of the pack.
    pub grounds: Vec<Ground<'a>>,
    /// The next instant at which the colour or the set of grounds changes if nothing more is filed.
    pub next_change: Option<Timestamp>,
    /// Whether the pack is in force; if not, the colour is grey: no rules here.
    pub in_force: bool,
}

impl<'a> Verdict<'a> {
    /// The verdict from the grounds that hold at `at` and the first instant after at which one begins or ends.
    fn new(pack: &'a Pack, at: Timestamp, mut grounds: Vec<Ground<'a>>, next_boundary: Timestamp) -> Self {
        if !pack.in_force(at) {
            let next_change = [pack.from, pack.until].into_iter().find(|edge| *edge > at);
            return Self { colour: Colour::Grey, grounds: Vec::new(), next_change, in_force: false };
        }
        let position = |ground: &Ground<'_>| pack.rules.iter().position(|rule| rule.id == ground.rule.id);
        grounds.sort_by_key(|ground| (std::cmp::Reverse(ground.rule.colour), position(ground)));
        let colour = grounds.first().map_or(pack.base, |worst| worst.rule.colour.max(pack.base));
        Self { colour, grounds, next_change: Some(next_boundary.min(pack.until)), in_force: true }
    }

    /// The rules that hold, in the order of the grounds.
    pub fn rules(&self) -> impl Iterator<Item = &RuleId> {
        self.grounds.iter().map(|ground| &ground.rule.id)
    }
}

impl<'a> Timeline<'a> {
    /// Every ground, by its start.
    pub fn grounds(&self) -> &[Ground<'a>] {
        &self.grounds
    }

    /// The instants at which a ground begins or ends, in no order.
    pub(crate) fn edges(&self) -> impl Iterator<Item = Timestamp> {
        self.grounds.iter().flat_map(|ground| [ground.interval.from(), ground.interval.until()])
    }

    /// The verdict at `at`.
    pub fn verdict(&self, at: Timestamp) -> Verdict<'a> {
        let holding = self.grounds.iter().filter(|ground| ground.interval.contains(at)).cloned().collect();
        let next_change = self.edges().filter(|change| *change > at).fold(Timestamp::FOREVER, Timestamp::min);
        Verdict::new(self.pack, at, holding, next_change)
    }

    /// The verdicts from `from` on, each with the instant at which it begins.
    pub fn verdicts_from(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Verdict<'a>)> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let at = next?;
            let verdict = self.verdict(at);
            next = verdict.next_change;
            Some((at, verdict))
        })
    }
}

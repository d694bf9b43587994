//! Timelines and verdicts: what a pack says of a person, as a function of time.

use yima_model::id::RuleId;
use yima_model::{Colour, Fact, FactId, Interval, Signal, Subject, Timestamp};

use crate::pack::{Pack, Rule};
use crate::scene::{Scene, Surroundings};
use crate::view::{Seen, visible};

/// The facts for everybody as known at an instant, made ready for one pack.
#[derive(Debug)]
pub struct Everybody<'a> {
    pack: &'a Pack,
    known_at: Timestamp,
    facts: Vec<(Timestamp, FactId)>,
    /// Time cut at every instant at which some global fact turns inert or counts again.
    pieces: Vec<(Interval, Surroundings<'a>)>,
}

impl<'a> Everybody<'a> {
    /// Takes what the global facts say as known at `known_at`; facts about persons are passed over.
    pub fn new(pack: &'a Pack, facts: impl IntoIterator<Item = &'a Fact>, known_at: Timestamp) -> Self {
        let global = facts.into_iter().filter(|fact| fact.subject() == Subject::Global);
        let facts = visible(global, known_at, pack.while_disputed);
        let always = Signal::always();
        let pieces = cut(always.intervals(), &facts).map(|piece| {
            (piece, Surroundings::new(pack, facts.iter().filter(|seen| !seen.inert.holds_at(piece.from()))))
        });
        let pieces = pieces.collect();
        Self {
            pack,
            known_at,
            facts: facts.iter().map(|seen| (seen.fact.occurred().start(), seen.fact.id())).collect(),
            pieces,
        }
    }

    /// The timeline of the one person whom `facts` are about.
    ///
    /// `complete_until` is the instant up to which facts are complete: no absence begins after it.
    /// [`Timestamp::FOREVER`] gives the forecast "if nothing more is filed".
    ///
    /// Source: docs/RULES.md, grounds, colour, evidence.
    pub fn timeline(&self, facts: &[Fact], complete_until: Timestamp) -> Timeline<'a> {
        let own = visible(facts, self.known_at, self.pack.while_disputed);
        let scenes: Vec<_> = self.scenes(&own, complete_until).collect();
        let mut grounds = Vec::new();
        for rule in &self.pack.rules {
            let signal = signal(rule, &scenes);
            grounds.extend(signal.intervals().iter().map(|interval| self.ground(rule, *interval, &scenes, &own)));
        }
        grounds.sort_by_key(|ground| ground.interval.from());
        Timeline { pack: self.pack, grounds }
    }

    /// The verdict on that person at `at`, with the facts complete up to `as_of`.
    ///
    /// The same as asking the timeline, without the evidence for grounds that do not hold then.
    pub fn verdict(&self, facts: &[Fact], at: Timestamp, as_of: Timestamp) -> Verdict<'a> {
        let complete_until = if at <= as_of { Timestamp::FOREVER } else { as_of };
        let own = visible(facts, self.known_at, self.pack.while_disputed);
        let scenes: Vec<_> = self.scenes(&own, complete_until).collect();
        let mut grounds = Vec::new();
        let mut next_change = Timestamp::FOREVER;
        for rule in &self.pack.rules {
            let signal = signal(rule, &scenes);
            next_change = signal.boundaries().filter(|change| *change > at).fold(next_change, Timestamp::min);
            let holding = signal.interval_at(at);
            grounds.extend(holding.map(|interval| self.ground(rule, interval, &scenes, &own)));
        }
        Verdict::new(self.pack, at, grounds, next_change)
    }

    fn ground(
        &self,
        rule: &'a Rule,
        interval: Interval,
        scenes: &[(Interval, Scene<'_>)],
        own: &[Seen<'_>],
    ) -> Ground<'a> {
        let scene = scenes.iter().find(|(piece, _)| piece.contains(interval.from()));
        let used = scene.map(|(_, scene)| scene.evidence(&rule.when, interval.from(), Timestamp::BEGINNING));
        Ground { rule, interval, evidence: self.dated(&used.unwrap_or_default(), own) }
    }

    /// What rules look at, for each piece of time in which nothing turns inert.
    fn scenes<'s>(
        &'s self,
        own: &'s [Seen<'s>],
        complete_until: Timestamp,
    ) -> impl Iterator<Item = (Interval, Scene<'s>)> {
        self.pieces.iter().flat_map(move |(whole, surroundings)| {
            cut(std::slice::from_ref(whole), own).map(move |piece| {
                let active = own.iter().filter(|seen| !seen.inert.holds_at(piece.from()));
                (piece, Scene::new(self.pack, surroundings, active, complete_until))
            })
        })
    }

    /// The facts used, each once, by (`at` or `from`, id).
    fn dated(&self, used: &[FactId], own: &[Seen<'_>]) -> Vec<FactId> {
        let own = own.iter().map(|seen| (seen.fact.occurred().start(), seen.fact.id()));
        let mut dated: Vec<_> = own.chain(self.facts.iter().copied()).filter(|(_, id)| used.contains(id)).collect();
        dated.sort_unstable();
        dated.dedup();
        dated.into_iter().map(|(_, id)| id).collect()
    }
}

/// When `rule` holds, piece by piece.
fn signal(rule: &Rule, scenes: &[(Interval, Scene<'_>)]) -> Signal {
    match scenes {
        [(_, scene)] => scene.signal(&rule.when, Timestamp::BEGINNING),
        scenes => Signal::union_of(scenes.iter().flat_map(|(piece, scene)| {
            let whole = scene.signal(&rule.when, Timestamp::BEGINNING);
            whole.and(&Signal::union_of([*piece])).intervals().to_vec()
        })),
    }
}

/// The intervals cut at every instant at which one of the facts turns inert or counts again.
fn cut<'a>(intervals: &'a [Interval], facts: &'a [Seen<'_>]) -> impl Iterator<Item = Interval> + 'a {
    intervals.iter().flat_map(|interval| {
        let switches = facts.iter().flat_map(|seen| seen.inert.boundaries()).filter(|at| interval.contains(*at));
        let mut cuts: Vec<_> = [interval.from(), interval.until()].into_iter().chain(switches).collect();
        cuts.sort_unstable();
        let ends: Vec<_> = cuts.iter().copied().skip(1).collect();
        cuts.into_iter().zip(ends).filter_map(|(from, until)| Interval::new(from, until))
    })
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

    /// The verdict at `at`.
    pub fn verdict(&self, at: Timestamp) -> Verdict<'a> {
        let holding = self.grounds.iter().filter(|ground| ground.interval.contains(at)).cloned().collect();
        let edges = self.grounds.iter().flat_map(|ground| [ground.interval.from(), ground.interval.until()]);
        let next_change = edges.filter(|change| *change > at).fold(Timestamp::FOREVER, Timestamp::min);
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

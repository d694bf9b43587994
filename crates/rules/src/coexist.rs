//! Packs side by side: when they give one person different colours at the same moment, and by which rules.

use yima_model::id::{PackId, RuleId};
use yima_model::{Colour, Fact, Interval, Timestamp};

use crate::pack::{Class, Pack, PackList};
use crate::timeline::{Everybody, Timeline, Verdict};

/// Places that each judge whoever stands there by a pack of their own, as if it were in force throughout one period.
#[derive(Debug)]
pub struct Coexistence {
    period: Interval,
    places: Vec<Everybody>,
}

/// What a place says of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// Its pack.
    pub pack: PackId,
    /// The colour.
    pub colour: Colour,
    /// The rule that gives the colour: one that speaks of health before others, then the first of the pack; `None` for
    /// the base of the pack.
    pub rule: Option<RuleId>,
}

/// Two places that give one person different colours during the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// During what time.
    pub during: Interval,
    /// Risk if the colours differ by rules of health alone; administrative if they do only by what is paperwork.
    pub class: Class,
    /// The place with the worse colour.
    pub worse: Side,
    /// The place with the milder colour.
    pub milder: Side,
}

impl Coexistence {
    /// Makes ready one pack for each place, with the facts for everybody as that place has them.
    pub fn new<'f>(period: Interval, places: impl IntoIterator<Item = (Pack, &'f [Fact])>) -> Self {
        let place = |(pack, facts)| Everybody::new(throughout(pack, period), facts, Timestamp::FOREVER);
        Self { period, places: places.into_iter().map(place).collect() }
    }

    /// Every two places that differ about one person, whose facts are given as each place has them, in their order.
    pub fn conflicts<'f>(&self, copies: impl IntoIterator<Item = &'f [Fact]>) -> Vec<Conflict> {
        let places = self.places.iter().zip(copies);
        let timelines: Vec<_> =
            places.map(|(place, facts)| (place.pack(), place.timeline(facts, Timestamp::FOREVER))).collect();
        let mut edges: Vec<_> = timelines.iter().flat_map(|(_, timeline)| timeline.edges()).collect();
        edges.retain(|at| self.period.contains(*at));
        edges.push(self.period.from());
        edges.sort_unstable();
        edges.dedup();
        let ends = edges.iter().skip(1).chain([&self.period.until()]).copied().collect::<Vec<_>>();
        let pieces = edges.into_iter().zip(ends).filter_map(|(from, until)| Interval::new(from, until));
        pieces.flat_map(|piece| differences(piece, &timelines)).collect()
    }
}

/// The pack as if it had been in force during the period, and its lists ever before, since a list says where somebody came from.
fn throughout(pack: Pack, period: Interval) -> Pack {
    let ever = |list| PackList { from: Timestamp::BEGINNING, ..list };
    let lists = pack.lists.into_iter().map(ever).collect();
    Pack { from: period.from(), until: period.until(), lists, ..pack }
}

/// What differs during a time in which no place changes its mind.
fn differences(during: Interval, timelines: &[(&std::sync::Arc<Pack>, Timeline<'_>)]) -> Vec<Conflict> {
    let said: Vec<_> =
        timelines.iter().map(|(pack, timeline)| Said::new(pack, &timeline.verdict(during.from()))).collect();
    let pairs = said.iter().enumerate().flat_map(|(at, one)| said.iter().skip(at + 1).map(move |other| (one, other)));
    let differing = pairs.filter(|(one, other)| one.side.colour != other.side.colour);
    let conflict = |(one, other): (&Said, &Said)| {
        let (worse, milder) = if one.side.colour > other.side.colour { (one, other) } else { (other, one) };
        let class = if one.of_health == other.of_health { Class::Administrative } else { Class::Risk };
        Conflict { during, class, worse: worse.side.clone(), milder: milder.side.clone() }
    };
    differing.map(conflict).collect()
}

struct Said {
    side: Side,
    /// The colour by rules of health alone.
    of_health: Colour,
}

impl Said {
    fn new(pack: &Pack, verdict: &Verdict<'_>) -> Self {
        let rules = || verdict.grounds.iter().map(|ground| ground.rule);
        let giving = rules().filter(|rule| rule.colour == verdict.colour);
        let rule = giving.min_by_key(|rule| rule.class).map(|rule| rule.id.clone());
        let worst = rules().filter(|rule| rule.class == Class::Risk).map(|rule| rule.colour).max();
        let side = Side { pack: pack.id.clone(), colour: verdict.colour, rule };
        Self { side, of_health: worst.map_or(pack.base, |worst| worst.max(pack.base)) }
    }
}

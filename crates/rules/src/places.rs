//! Which places lie in which others, as offices have said, over time.

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;
use yima_model::area::Depth;
use yima_model::fact::PlaceRelation;
use yima_model::{AreaCode, AreaSet, FactId, Interval, Signal, Timestamp};

/// What is said of places, found by place.
///
/// A code says in which listed areas a place lies; in which other place it lies, or that two are one, somebody has to say.
/// Source: docs/RULES.md, places.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<AreaCode, Vec<Step>>);

/// A place lies in another one for a time.
#[derive(Clone, Copy, Debug)]
struct Step {
    other: AreaCode,
    lasts: Interval,
    id: FactId,
}

/// Every area in which one area lies, and when.
#[derive(Clone, Debug)]
pub struct Around {
    area: AreaCode,
    /// Those that its code does not tell.
    more: Vec<(AreaCode, Signal)>,
    by: Vec<(Interval, FactId)>,
}

impl Places {
    /// Takes what a fact says while it lasts.
    pub fn say(&mut self, place: AreaCode, relation: PlaceRelation, other: AreaCode, lasts: Interval, id: FactId) {
        let mut step = |place, other| self.0.entry(place).or_default().push(Step { other, lasts, id });
        match relation {
            PlaceRelation::Within => step(place, other),
            PlaceRelation::Same => {
                step(place, other);
                step(other, place);
            }
            PlaceRelation::Apart => {}
        }
    }

    /// In what `area` lies.
    pub fn around(&self, area: AreaCode) -> Around {
        self.around_by(area, |_| true)
    }

    /// In what `area` lies by the facts that count.
    pub(crate) fn around_by(&self, area: AreaCode, counts: impl Fn(FactId) -> bool) -> Around {
        if !self.0.contains_key(&area) {
            return Around { area, more: Vec::new(), by: Vec::new() };
        }
        let mut reached = BTreeMap::from([(area, Signal::always())]);
        let mut by = Vec::new();
        let mut open = vec![area];
        // A circle adds no time to what was reached before, so that this ends.
        while let Some(place) = open.pop() {
            let when = reached.get(&place).cloned().unwrap_or_default();
            for step in self.0.get(&place).into_iter().flatten().filter(|step| counts(step.id)) {
                let there = when.and(&step.lasts.into());
                by.extend(there.intervals().iter().map(|interval| (*interval, step.id)));
                let known = reached.entry(step.other).or_default();
                let longer = known.or(&there);
                if longer != *known {
                    *known = longer;
                    open.push(step.other);
                }
            }
        }
        let mut more: BTreeMap<AreaCode, Signal> = BTreeMap::new();
        for (place, when) in reached {
            for outer in place.and_above().filter(|outer| !outer.contains(area)) {
                let known = more.entry(outer).or_default();
                *known = known.or(&when);
            }
        }
        Around { area, more: more.into_iter().collect(), by }
    }

    /// The places of which something is said that lie in `area` at `at`, and not by their codes alone.
    pub fn inside(&self, area: AreaCode, at: Timestamp) -> impl Iterator<Item = AreaCode> {
        // One area lies in another by what is said only if the nearest listed area of one contains that of the other.
        let listed = if area.depth() == Depth::Place { area.parent().unwrap_or(area) } else { area };
        let is_near =
            move |place: &AreaCode| place.parent().is_some_and(|near| near.contains(listed) || listed.contains(near));
        let placed = self.0.keys().copied().filter(move |place| is_near(place) && !area.contains(*place));
        placed.filter(move |place| self.around(*place).areas_at(at).any(|outer| outer == area))
    }
}

impl Around {
    /// The areas around at `at`, the area itself first.
    pub fn areas_at(&self, at: Timestamp) -> impl Iterator<Item = AreaCode> {
        let more = self.more.iter().filter(move |(_, when)| when.holds_at(at)).map(|(outer, _)| *outer);
        self.area.and_above().chain(more)
    }

    /// The areas around: those that hold always, and each other one with when.
    pub fn areas(&self) -> impl Iterator<Item = (AreaCode, Option<&Signal>)> {
        let more = self.more.iter().map(|(outer, when)| (*outer, Some(when)));
        self.area.and_above().map(|outer| (outer, None)).chain(more)
    }

    /// Whether the area lies at `at` in something that the set includes, and in nothing that it excludes.
    pub fn is_in(&self, set: &AreaSet, at: Timestamp) -> bool {
        let any = |areas: &[AreaCode]| self.areas_at(at).any(|outer| areas.contains(&outer));
        any(&set.include) && !any(&set.exclude)
    }

    /// When the area lies in one of `areas`.
    pub fn within(&self, areas: &BTreeSet<AreaCode>) -> Signal {
        if areas.is_empty() {
            return Signal::NEVER;
        }
        if self.area.and_above().any(|outer| areas.contains(&outer)) {
            return Signal::always();
        }
        let more = self.more.iter().filter(|(outer, _)| areas.contains(outer));
        more.fold(Signal::NEVER, |any, (_, when)| any.or(when))
    }

    /// What of an interval is left in which the area lies in another one, where that is not always so, and in none of `exclude`.
    pub fn during(
        &self,
        lasts: Interval,
        when: Option<&Signal>,
        exclude: &BTreeSet<AreaCode>,
    ) -> SmallVec<[Interval; 1]> {
        let excluded = self.within(exclude);
        if when.is_none() && excluded.is_never() {
            return SmallVec::from([lasts]);
        }
        let left = Signal::from(lasts).and(&excluded.complement());
        when.map_or_else(|| left.clone(), |when| left.and(when)).intervals().into()
    }

    /// The facts that say at `at` where the area lies.
    pub fn facts_at(&self, at: Timestamp) -> impl Iterator<Item = FactId> {
        self.by.iter().filter(move |(lasts, _)| lasts.contains(at)).map(|(_, id)| *id)
    }
}

//! The levels of areas, found by area: which hold at an instant, as known now or then. docs/AREAS.md says what they mean.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use yima_model::{AreaCode, AreaSet, Content, Fact, FactId, Interval, Level, Signal, Timestamp};
use yima_rules::places::Places;

use crate::standing::standing;

/// Every level that stands, made ready for finding by area.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    listed: Vec<Listed>,
    /// The places in `listed` that name an area as included.
    by_area: BTreeMap<AreaCode, Vec<usize>>,
    /// How places lie by what is confirmed.
    places: Places,
    changed: Option<Timestamp>,
}

/// One level of a set of places over an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The fact that says so.
    pub fact: FactId,
    /// The level.
    pub level: Level,
    /// Of which places.
    pub areas: AreaSet,
    /// From when until when.
    pub lasts: Interval,
    /// When it was turned inert (`false`) and lifted (`true`), ascending.
    switches: Vec<(Timestamp, bool)>,
}

impl Listed {
    /// Whether it counts for colours at `at`: an unconfirmed level is shown and has no effect.
    pub fn has_effect(&self, at: Timestamp) -> bool {
        let latest = self.switches.iter().rev().find(|(from, _)| *from <= at);
        latest.is_none_or(|(_, is_on)| *is_on)
    }
}

impl Levels {
    /// The levels among the facts about everybody, as known at `known_at`; [`Timestamp::FOREVER`] for all that is applied.
    pub fn new(globals: &[Fact], known_at: Timestamp) -> Self {
        let mut levels = Self::default();
        let mut switches: HashMap<FactId, Vec<(Timestamp, bool)>> = HashMap::new();
        let mut placed = Vec::new();
        for (fact, lasts) in standing(globals, known_at) {
            match fact.content() {
                Content::AreaLevel { areas, level } => {
                    let (areas, level) = (areas.clone(), *level);
                    levels.listed.push(Listed { fact: fact.id(), level, areas, lasts, switches: Vec::new() });
                }
                Content::Place { place, relation, other, .. } => {
                    placed.push((fact.id(), *place, *relation, *other, lasts));
                }
                Content::Inert { target } => switches.entry(*target).or_default().push((lasts.from(), false)),
                Content::Lift { target } => switches.entry(*target).or_default().push((lasts.from(), true)),
                _ => {}
            }
        }
        levels.changed = last_change(globals, known_at);
        for (fact, place, relation, other, lasts) in placed {
            // What is known to count counts for all of its time, as it does for rules.
            if switches.get(&fact).and_then(|switches| switches.iter().max()).is_none_or(|(_, is_on)| *is_on) {
                levels.places.say(place, relation, other, lasts, fact);
            }
        }
        for (at, listed) in levels.listed.iter_mut().enumerate() {
            listed.switches = switches.remove(&listed.fact).unwrap_or_default();
            listed.switches.sort_unstable();
            for area in &listed.areas.include {
                levels.by_area.entry(*area).or_default().push(at);
            }
        }
        levels
    }

    /// When the newest of the facts was recorded that this rests on; `None` where no level was ever published.
    pub const fn changed(&self) -> Option<Timestamp> {
        self.changed
    }

    /// The level of an area at `at`: the worst of those whose places contain it; `None` where none is published.
    pub fn of(&self, area: AreaCode, at: Timestamp) -> Option<&Listed> {
        let here = self.containing(area).into_iter().filter(|(_, holds)| holds.holds_at(at)).map(|(listed, _)| listed);
        here.max_by_key(|listed| (listed.level, listed.lasts.until(), Reverse(listed.fact)))
    }

    /// Every level, at whatever time, whose places contain an area, and when it holds there.
    pub fn containing(&self, area: AreaCode) -> Vec<(&Listed, Signal)> {
        let around = self.places.around(area);
        let named = around.areas().filter_map(|(outer, when)| Some((self.by_area.get(&outer)?, when)));
        let listed = named.flat_map(|(listed, when)| listed.iter().map(move |at| (*at, when)));
        let holding = listed.filter_map(|(at, when)| {
            let listed = self.listed.get(at)?;
            let exclude = listed.areas.exclude.iter().copied().collect();
            let holds = Signal::union_of(around.during(listed.lasts, when, &exclude));
            (!holds.is_never()).then_some((listed, holds))
        });
        holding.collect()
    }

    /// The medium and high levels at `at` of places that lie in an area, or anywhere: the higher first, then by code.
    ///
    /// What holds for an area as a whole is not in it: that is [`Levels::of`].
    pub fn inside(&self, area: Option<AreaCode>, at: Timestamp) -> Vec<&Listed> {
        let mut found: Vec<_> = self.lying_in(area, at).collect();
        found.sort_by_cached_key(|listed| (Reverse(listed.level), listed.areas.clone(), listed.fact));
        found
    }

    /// How many of them are high and how many medium.
    pub fn count_inside(&self, area: Option<AreaCode>, at: Timestamp) -> (usize, usize) {
        let (high, medium): (Vec<_>, Vec<_>) = self.lying_in(area, at).partition(|listed| listed.level == Level::High);
        (high.len(), medium.len())
    }

    fn lying_in(&self, area: Option<AreaCode>, at: Timestamp) -> impl Iterator<Item = &Listed> {
        let from = area.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let named = self.by_area.range((from, std::ops::Bound::Unbounded));
        let named = named.take_while(|(place, _)| area.is_none_or(|area| area.contains(**place)));
        let inside = area.into_iter().flat_map(|area| self.places.inside(area, at));
        let placed = inside.filter_map(|place| self.by_area.get(&place));
        let found: BTreeSet<usize> = named.map(|(_, places)| places).chain(placed).flatten().copied().collect();
        let found = found.into_iter().filter_map(|at| self.listed.get(at));
        found.filter(move |listed| listed.level > Level::Low && listed.lasts.contains(at))
    }
}

/// When the newest level was recorded, or the newest fact about one, such as its end.
fn last_change(globals: &[Fact], known_at: Timestamp) -> Option<Timestamp> {
    let mut known: Vec<&Fact> = globals.iter().filter(|fact| fact.recorded() <= known_at).collect();
    // What a fact is about came before it.
    known.sort_by_key(|fact| fact.recorded());
    let mut of_levels: HashSet<FactId> = HashSet::new();
    let mut changed = None;
    for fact in known {
        let is_about = |target| of_levels.contains(&target);
        if matches!(fact.content(), Content::AreaLevel { .. }) || fact.content().target().is_some_and(is_about) {
            of_levels.insert(fact.id());
            changed = Some(fact.recorded());
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use yima_model::fact::{NoticeKind, SourceKind};
    use yima_model::{Occurred, Subject};

    use super::*;
    use crate::cases::report::Report;
    use crate::testing::{DAY, HOUR, World, area};

    fn level(world: &World, include: &[&str], exclude: &[&str], level: Level, days: i64) -> FactId {
        let set = |codes: &[&str]| codes.iter().map(|code| area(code)).collect();
        let content = Content::AreaLevel { areas: AreaSet { include: set(include), exclude: set(exclude) }, level };
        let occurred = Occurred::During { from: world.now(), until: world.now().plus_millis(days * DAY) };
        let report = Report { subject: Subject::Global, occurred, content, cause: None };
        world.files(SourceKind::Headquarters, "hubei", report).0
    }

    #[test]
    fn a_level_is_that_of_the_places_it_names_and_never_of_what_contains_them() {
        let world = World::new();
        let compound = level(&world, &["420106001.1"], &["420106001.2"], Level::Medium, 3);
        let street = level(&world, &["420106002"], &["420106002.7"], Level::High, 5);
        level(&world, &["42"], &[], Level::Low, 9);
        let levels = Levels::new(&world.registry.globals(), Timestamp::FOREVER);
        let of = |code: &str, at| levels.of(area(code), at).map(|listed| (listed.level, listed.fact));
        let now = world.now();
        assert_eq!(of("420106001.1", now), Some((Level::Medium, compound)));
        assert_eq!(of("420106002.3", now), Some((Level::High, street)));
        for low in ["420106001", "420106001.2", "420106002.7", "420106", "4201"] {
            assert_eq!(of(low, now).map(|(level, _)| level), Some(Level::Low), "{low}");
        }
        assert_eq!(of("61", now), None);
        assert_eq!(
            of("420106001.1", now.plus_millis(3 * DAY)).map(|(level, _)| level),
            Some(Level::Low),
            "it has ended"
        );
        assert_eq!(of("420106001.1", now.plus_millis(-1)), None, "it had not begun");

        let inside = |code: Option<&str>, at| {
            levels.inside(code.map(area), at).iter().map(|listed| listed.fact).collect::<Vec<_>>()
        };
        for whole in [None, Some("42"), Some("4201"), Some("420106")] {
            assert_eq!(inside(whole, now), [street, compound], "{whole:?}");
            assert_eq!(levels.count_inside(whole.map(area), now), (1, 1), "{whole:?}");
        }
        assert_eq!(inside(Some("420106001"), now), [compound]);
        assert_eq!(inside(Some("420106002"), now), [] as [FactId; 0], "that is the street itself");
        assert_eq!(inside(Some("4202"), now), [] as [FactId; 0]);
        assert_eq!(inside(None, now.plus_millis(4 * DAY)), [street]);
    }

    #[test]
    fn the_same_instant_is_answered_as_it_was_known_then() {
        let world = World::new();
        let before = world.now();
        world.pass(HOUR);
        let id = level(&world, &["420106001.1"], &[], Level::High, 9);
        let filed = world.now();
        world.pass(HOUR);
        let call = world.call(SourceKind::Headquarters, "hubei");
        crate::cases::undo::close(&world.registry, &call, Subject::Global, id, world.now()).unwrap();
        let ended = world.now();
        let at = |known_at, at| {
            let levels = Levels::new(&world.registry.globals(), known_at);
            levels.of(area("420106001.1"), at).map(|listed| listed.fact)
        };
        let later = ended.plus_millis(HOUR);
        assert_eq!(at(Timestamp::FOREVER, filed), Some(id));
        assert_eq!(at(Timestamp::FOREVER, later), None);
        assert_eq!(at(filed, later), Some(id), "nobody knew yet that it would end");
        assert_eq!(at(before, filed), None, "nobody knew of it yet");
        let changed = |known_at| Levels::new(&world.registry.globals(), known_at).changed();
        assert_eq!((changed(before), changed(filed), changed(Timestamp::FOREVER)), (None, Some(filed), Some(ended)));
    }

    #[test]
    fn what_is_recorded_of_other_things_is_no_change_of_the_list() {
        let world = World::new();
        let set = AreaSet { include: vec![area("42")], exclude: Vec::new() };
        let content = Content::Notice { kind: NoticeKind::Measure, areas: set };
        let occurred = Occurred::since(world.now());
        let notice = Report { subject: Subject::Global, occurred, content, cause: None };
        let (notice, _) = world.files(SourceKind::Headquarters, "hubei", notice);
        world.pass(HOUR);
        let call = world.call(SourceKind::Headquarters, "hubei");
        crate::cases::undo::close(&world.registry, &call, Subject::Global, notice, world.now()).unwrap();
        let changed = || Levels::new(&world.registry.globals(), Timestamp::FOREVER).changed();
        assert_eq!(changed(), None, "no level was ever published");
        world.pass(HOUR);
        level(&world, &["420106001.1"], &[], Level::High, 9);
        assert_eq!(changed(), Some(world.now()));
    }
}

//! What holds for everybody during one piece of time in which nothing turns inert: levels, notices, lists, comparisons.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::codec::FactView;
use yima_model::fact::NoticeKind;
use yima_model::id::ListId;
use yima_model::{AreaCode, AreaSet, Content, FactId, Interval, Level, Occurred, Signal, SourceKind, Timestamp};

use crate::expression::{PlaceCondition, PlaceName};
use crate::pack::{CountsFrom, Pack};
use crate::scene::Event;
use crate::view::Seen;

/// Levels, notices, lists and comparisons, found by area without going through all of them.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    levels: ByArea<Level>,
    notices: ByArea<NoticeKind>,
    /// The versions of each list, the latest start first.
    lists: BTreeMap<ListId, Vec<Version>>,
    comparisons: Vec<Compared>,
}

/// A comparison of all who were registered at `as_of`.
#[derive(Debug)]
struct Compared {
    id: FactId,
    source: SourceKind,
    occurred: Occurred,
    content: Content,
    as_of: Timestamp,
}

/// What is said of sets of areas, by each area that a set includes.
#[derive(Debug)]
struct ByArea<T>(BTreeMap<AreaCode, Vec<Said<T>>>);

#[derive(Debug)]
struct Said<T> {
    what: T,
    lasts: Interval,
    id: FactId,
    exclude: BTreeSet<AreaCode>,
}

/// One version of a list; `id` is `None` for the pack's own.
#[derive(Debug)]
struct Version {
    lasts: Interval,
    id: Option<FactId>,
    include: BTreeSet<AreaCode>,
    exclude: BTreeSet<AreaCode>,
}

impl<T> Default for ByArea<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Copy + PartialEq> ByArea<T> {
    fn add(&mut self, what: T, lasts: Interval, areas: &AreaSet, id: FactId) {
        for area in &areas.include {
            let exclude = areas.exclude.iter().copied().collect();
            self.0.entry(*area).or_default().push(Said { what, lasts, id, exclude });
        }
    }

    /// When this is said of `area`, and by which fact.
    fn find(&self, area: AreaCode, what: T) -> impl Iterator<Item = (Interval, FactId)> {
        let said = area.and_above().filter_map(|outer| self.0.get(&outer)).flatten();
        let here = said.filter(move |said| said.what == what && !lies_in(area, &said.exclude));
        here.map(|said| (said.lasts, said.id))
    }
}

impl Version {
    fn new(lasts: Interval, id: Option<FactId>, areas: &AreaSet) -> Self {
        let set = |areas: &[AreaCode]| areas.iter().copied().collect();
        Self { lasts, id, include: set(&areas.include), exclude: set(&areas.exclude) }
    }

    fn contains(&self, area: AreaCode) -> bool {
        lies_in(area, &self.include) && !lies_in(area, &self.exclude)
    }
}

fn lies_in(area: AreaCode, areas: &BTreeSet<AreaCode>) -> bool {
    !areas.is_empty() && area.and_above().any(|outer| areas.contains(&outer))
}

impl Surroundings {
    pub(crate) fn new<'b, 'a: 'b>(pack: &Pack, facts: impl Iterator<Item = &'b Seen<'a>>) -> Self {
        let mut surroundings = Self::default();
        for list in &pack.lists {
            if let Some(lasts) = Interval::new(list.from, Timestamp::FOREVER) {
                let versions = surroundings.lists.entry(list.id.clone()).or_default();
                versions.push(Version::new(lasts, None, &list.areas));
            }
        }
        for Seen { fact, lasts, .. } in facts {
            match &*fact.content.get() {
                Content::AreaLevel { areas, level } => surroundings.levels.add(*level, *lasts, areas, fact.id),
                Content::Notice { kind, areas } => surroundings.notices.add(*kind, *lasts, areas, fact.id),
                Content::List { list, areas } => {
                    let versions = surroundings.lists.entry(list.clone()).or_default();
                    versions.push(Version::new(*lasts, Some(fact.id), areas));
                }
                content @ Content::Comparison { as_of, .. } => {
                    let FactView { id, source, occurred, .. } = **fact;
                    let compared = Compared { id, source, occurred, content: content.clone(), as_of: *as_of };
                    surroundings.comparisons.push(compared);
                }
                _ => {}
            }
        }
        for versions in surroundings.lists.values_mut() {
            versions.sort_unstable_by_key(|version| std::cmp::Reverse((version.lasts.from(), version.id)));
        }
        surroundings
    }

    /// The comparisons that cover a person registered at `registered`, as events.
    pub(crate) fn comparisons(
        &self,
        registered: Timestamp,
        counts_from: CountsFrom,
    ) -> impl Iterator<Item = Event<'_>> {
        let covering = self.comparisons.iter().filter(move |compared| registered <= compared.as_of);
        covering.filter_map(move |Compared { id, source, occurred, content, .. }| {
            Event::new(*id, *source, *occurred, content.into(), counts_from)
        })
    }

    /// When `area` satisfies the place.
    pub(crate) fn place(&self, area: AreaCode, place: &PlaceCondition) -> Signal {
        let level = place.level.map(|level| Signal::union_of(self.levels.find(area, level).map(|(lasts, _)| lasts)));
        let inside = place.inside.iter().map(|name| self.membership(area, name));
        let outside = place.outside.iter().map(|name| self.membership(area, name).complement());
        inside.chain(outside).chain(level).fold(Signal::always(), |all, part| all.and(&part))
    }

    /// The notices of this kind for `area`, with when they last.
    pub(crate) fn notices(&self, area: AreaCode, kind: NoticeKind) -> impl Iterator<Item = (Interval, FactId)> {
        self.notices.find(area, kind)
    }

    /// When `area` lies in the area or stands on the list; the version with the latest start counts.
    fn membership(&self, area: AreaCode, name: &PlaceName) -> Signal {
        let list = match name {
            PlaceName::Area(outer) => return if outer.contains(area) { Signal::always() } else { Signal::NEVER },
            PlaceName::List(list) => list,
        };
        let mut settled = Signal::NEVER;
        let mut member = Signal::NEVER;
        for version in self.lists.get(list).into_iter().flatten() {
            let lasts = Signal::from(version.lasts);
            if version.contains(area) {
                member = member.or(&lasts.and(&settled.complement()));
            }
            settled = settled.or(&lasts);
        }
        member
    }

    /// The facts by which `area` satisfies the place at `at`.
    pub(crate) fn place_evidence(&self, area: AreaCode, place: &PlaceCondition, at: Timestamp) -> Vec<FactId> {
        let level = place.level.and_then(|level| {
            let holding = self.levels.find(area, level).filter(|(lasts, _)| lasts.contains(at));
            holding.map(|(lasts, id)| (lasts.from(), id)).min().map(|(_, id)| id)
        });
        let lists = place.inside.iter().chain(&place.outside).filter_map(PlaceName::list);
        let versions =
            lists.filter_map(move |list| self.lists.get(list)?.iter().find(|version| version.lasts.contains(at))?.id);
        level.into_iter().chain(versions).collect()
    }
}

//! What is said of everybody: levels, notices, lists, comparisons, places; and what of it counts in one piece of time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smallvec::SmallVec;
use yima_model::area::Depth;
use yima_model::codec::FactView;
use yima_model::fact::NoticeKind;
use yima_model::id::ListId;
use yima_model::{AreaCode, AreaSet, Content, FactId, Interval, Level, Occurred, Signal, SourceKind, Timestamp};

use crate::expression::{PlaceCondition, PlaceName};
use crate::pack::{CountsFrom, Pack};
use crate::places::{Around, Places};
use crate::scene::Event;
use crate::view::Seen;

/// Levels, notices, lists and comparisons, found by area without going through all of them.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    levels: ByArea<Level>,
    /// The same levels by the counties in which something has them.
    near: ByArea<Level>,
    notices: ByArea<NoticeKind>,
    /// The versions of each list, the latest start first.
    lists: BTreeMap<ListId, Vec<Version>>,
    comparisons: Vec<Compared>,
    places: Places,
    /// When the facts have no effect that do not always have one.
    inert: HashMap<FactId, Signal>,
}

/// What of the surroundings counts at an instant, and until the next fact turns inert or counts again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    all: &'a Surroundings,
    at: Timestamp,
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

/// A fact that says something of an area.
#[derive(Debug)]
pub(crate) struct Found {
    /// From when it lasts, there or elsewhere.
    pub(crate) from: Timestamp,
    pub(crate) id: FactId,
    /// When it holds there.
    pub(crate) here: SmallVec<[Interval; 1]>,
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

    /// What says this of an area.
    fn find(&self, around: &Around, what: T) -> impl Iterator<Item = Found> {
        let said = around.areas().flat_map(move |(outer, when)| {
            let said = self.0.get(&outer).into_iter().flatten();
            said.filter(move |said| said.what == what).map(move |said| (said, when))
        });
        said.filter_map(|(said, when)| {
            let here = around.during(said.lasts, when, &said.exclude);
            (!here.is_empty()).then(|| Found { from: said.lasts.from(), id: said.id, here })
        })
    }
}

impl Version {
    fn new(lasts: Interval, id: Option<FactId>, areas: &AreaSet) -> Self {
        let set = |areas: &[AreaCode]| areas.iter().copied().collect();
        Self { lasts, id, include: set(&areas.include), exclude: set(&areas.exclude) }
    }

    fn contains(&self, around: &Around) -> Signal {
        around.within(&self.include).and(&around.within(&self.exclude).complement())
    }
}

impl Surroundings {
    pub(crate) fn new(pack: &Pack, facts: &[Seen<'_>]) -> Self {
        let mut surroundings = Self::default();
        for list in &pack.lists {
            if let Some(lasts) = Interval::new(list.from, Timestamp::FOREVER) {
                let versions = surroundings.lists.entry(list.id.clone()).or_default();
                versions.push(Version::new(lasts, None, &list.areas));
            }
        }
        for seen in facts {
            let Seen { fact, lasts, .. } = seen;
            surroundings.inert.extend(seen.inert().map(|inert| (fact.id, inert.clone())));
            match &*fact.content.get() {
                Content::AreaLevel { areas, level } => {
                    surroundings.levels.add(*level, *lasts, areas, fact.id);
                    surroundings.near.add(*level, *lasts, &counties(areas), fact.id);
                }
                Content::Notice { kind, areas } => surroundings.notices.add(*kind, *lasts, areas, fact.id),
                Content::List { list, areas } => {
                    let versions = surroundings.lists.entry(list.clone()).or_default();
                    versions.push(Version::new(*lasts, Some(fact.id), areas));
                }
                Content::Place { place, relation, other, .. } => {
                    surroundings.places.say(*place, *relation, *other, *lasts, fact.id);
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

    /// What counts from `at` on, up to where the next fact turns inert or counts again.
    pub(crate) const fn at(&self, at: Timestamp) -> Piece<'_> {
        Piece { all: self, at }
    }
}

/// The counties that these areas lie in; an area above the counties stands for all of its own.
fn counties(areas: &AreaSet) -> AreaSet {
    let county = |area: &AreaCode| area.and_above().find(|above| above.depth() == Depth::County).unwrap_or(*area);
    let include: BTreeSet<_> = areas.include.iter().map(county).collect();
    AreaSet { include: include.into_iter().collect(), exclude: Vec::new() }
}

impl<'s> Piece<'s> {
    fn counts(&self, id: FactId) -> bool {
        let inert = &self.all.inert;
        inert.is_empty() || !inert.get(&id).is_some_and(|inert| inert.holds_at(self.at))
    }

    fn around(&self, area: AreaCode) -> Around {
        self.all.places.around_by(area, |id| self.counts(id))
    }

    /// The versions of a list, the latest start first.
    fn versions(&self, list: &ListId) -> impl Iterator<Item = &'s Version> {
        let piece = *self;
        let versions = self.all.lists.get(list).into_iter().flatten();
        versions.filter(move |version| version.id.is_none_or(|id| piece.counts(id)))
    }

    /// The comparisons that cover a person registered at `registered`, as events.
    pub(crate) fn comparisons(
        &self,
        registered: Timestamp,
        counts_from: CountsFrom,
    ) -> impl Iterator<Item = Event<'s>> {
        let (all, piece) = (self.all, *self);
        let covering = all.comparisons.iter().filter(move |compared| registered <= compared.as_of);
        let covering = covering.filter(move |compared| piece.counts(compared.id));
        covering.filter_map(move |Compared { id, source, occurred, content, .. }| {
            Event::new(*id, *source, *occurred, content.into(), counts_from)
        })
    }

    /// When `area` satisfies the place.
    pub(crate) fn place(&self, area: AreaCode, place: &PlaceCondition) -> Signal {
        let around = self.around(area);
        let holding = |found: Vec<Found>| Signal::union_of(found.into_iter().flat_map(|found| found.here));
        let levels = self.levels(&around, place).into_iter().flatten().map(holding);
        let itself = place.near.map(|level| self.all.levels.find(&around, level).filter(|found| self.counts(found.id)));
        let beside = itself.map(|found| holding(found.collect()).complement());
        let inside = place.inside.iter().map(|name| self.membership(&around, name));
        let outside = place.outside.iter().map(|name| self.membership(&around, name).complement());
        inside.chain(outside).chain(levels).chain(beside).fold(Signal::always(), |all, part| all.and(&part))
    }

    /// What gives the level, and the level near by, that the place asks for; `None` where it asks for none.
    fn levels(&self, around: &Around, place: &PlaceCondition) -> [Option<Vec<Found>>; 2] {
        let found =
            |levels: &ByArea<Level>, level| levels.find(around, level).filter(|found| self.counts(found.id)).collect();
        [place.level.map(|level| found(&self.all.levels, level)), place.near.map(|level| found(&self.all.near, level))]
    }

    /// The notices of this kind for `area`.
    pub(crate) fn notices(&self, area: AreaCode, kind: NoticeKind) -> Vec<Found> {
        let around = self.around(area);
        self.all.notices.find(&around, kind).filter(|found| self.counts(found.id)).collect()
    }

    /// When an area lies in the named one or stands on the list; the version with the latest start counts.
    fn membership(&self, around: &Around, name: &PlaceName) -> Signal {
        let list = match name {
            PlaceName::Area(outer) => return around.within(&BTreeSet::from([*outer])),
            PlaceName::List(list) => list,
        };
        let mut settled = Signal::NEVER;
        let mut member = Signal::NEVER;
        for version in self.versions(list) {
            let lasts = Signal::from(version.lasts);
            member = member.or(&version.contains(around).and(&lasts).and(&settled.complement()));
            settled = settled.or(&lasts);
        }
        member
    }

    /// The facts by which `area` satisfies the place at `at`.
    pub(crate) fn place_evidence(&self, area: AreaCode, place: &PlaceCondition, at: Timestamp) -> Vec<FactId> {
        let around = self.around(area);
        let first = |found: Vec<Found>| {
            let holding = found.iter().filter(|found| found.here.iter().any(|here| here.contains(at)));
            holding.map(|found| (found.from, found.id)).min().map(|(_, id)| id)
        };
        let levels = self.levels(&around, place).into_iter().flatten().filter_map(first);
        let lists = place.inside.iter().chain(&place.outside).filter_map(PlaceName::list);
        let versions = lists.filter_map(move |list| self.versions(list).find(|version| version.lasts.contains(at))?.id);
        levels.chain(versions).chain(around.facts_at(at)).collect()
    }
}

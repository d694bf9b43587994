//! What rules look at during one piece of time in which nothing turns inert: events, states, addresses, lists, levels.

use std::collections::BTreeMap;

use yima_model::fact::{Answer, DwellingRole, NoticeKind};
use yima_model::id::ListId;
use yima_model::{
    AreaCode, AreaSet, Content, Fact, FactId, Interval, Kind, Level, Occurred, Signal, SourceKind, Timestamp,
};

use crate::expression::{By, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector};
use crate::pack::{CountsFrom, Pack};
use crate::view::Seen;

/// An event as windows and counts see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) at: Timestamp,
    /// Where windows and spacing begin.
    pub(crate) base: Timestamp,
    /// Before this it makes nothing true.
    pub(crate) usable: Timestamp,
    pub(crate) fact: &'a Fact,
}

/// A state as a term narrows it down.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) from: Timestamp,
    pub(crate) id: FactId,
    /// When it lasts and its place satisfies the term.
    pub(crate) holds: Signal,
}

/// What holds for everybody during one piece of time.
#[derive(Debug, Default)]
pub(crate) struct Surroundings<'a> {
    levels: Vec<(Interval, Level, &'a AreaSet, FactId)>,
    notices: Vec<(Interval, NoticeKind, &'a AreaSet, FactId)>,
    lists: BTreeMap<&'a ListId, Vec<Version<'a>>>,
    comparisons: Vec<Event<'a>>,
}

/// One version of a list; `id` is `None` for the pack's own.
#[derive(Clone, Copy, Debug)]
struct Version<'a> {
    lasts: Interval,
    id: Option<FactId>,
    areas: &'a AreaSet,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new<'b>(pack: &'a Pack, facts: impl Iterator<Item = &'b Seen<'a>>) -> Self
    where
        'a: 'b,
    {
        let mut surroundings = Self::default();
        for list in &pack.lists {
            if let Some(lasts) = Interval::new(list.from, Timestamp::FOREVER) {
                let version = Version { lasts, id: None, areas: &list.areas };
                surroundings.lists.entry(&list.id).or_default().push(version);
            }
        }
        for Seen { fact, lasts, .. } in facts {
            match fact.content() {
                Content::AreaLevel { areas, level } => surroundings.levels.push((*lasts, *level, areas, fact.id())),
                Content::Notice { kind, areas } => surroundings.notices.push((*lasts, *kind, areas, fact.id())),
                Content::List { list, areas } => {
                    let version = Version { lasts: *lasts, id: Some(fact.id()), areas };
                    surroundings.lists.entry(list).or_default().push(version);
                }
                Content::Comparison { .. } => surroundings.comparisons.extend(event(pack, fact)),
                _ => {}
            }
        }
        for versions in surroundings.lists.values_mut() {
            versions.sort_unstable_by_key(|version| std::cmp::Reverse((version.lasts.from(), version.id)));
        }
        surroundings
    }

    /// When `area` satisfies the place.
    fn place(&self, area: AreaCode, place: &PlaceCondition) -> Signal {
        let level = place.level.map(|level| self.level(area, level));
        let inside = place.inside.iter().map(|name| self.membership(area, name));
        let outside = place.outside.iter().map(|name| self.membership(area, name).complement());
        inside.chain(outside).chain(level).fold(Signal::always(), |all, part| all.and(&part))
    }

    fn level(&self, area: AreaCode, level: Level) -> Signal {
        let matching = self.levels.iter().filter(|(_, listed, areas, _)| *listed == level && areas.contains(area));
        Signal::union_of(matching.map(|(lasts, ..)| *lasts))
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
            let lasts = Signal::union_of([version.lasts]);
            if version.areas.contains(area) {
                member = member.or(&lasts.and(&settled.complement()));
            }
            settled = settled.or(&lasts);
        }
        member
    }

    /// The facts by which `area` satisfies the place at `at`.
    fn place_evidence(&self, area: AreaCode, place: &PlaceCondition, at: Timestamp) -> impl Iterator<Item = FactId> {
        let level = place.level.and_then(|level| {
            let matching = self.levels.iter().filter(move |(lasts, listed, areas, _)| {
                *listed == level && lasts.contains(at) && areas.contains(area)
            });
            matching.map(|(lasts, _, _, id)| (lasts.from(), *id)).min().map(|(_, id)| id)
        });
        let lists = place.inside.iter().chain(&place.outside).filter_map(PlaceName::list);
        let versions =
            lists.filter_map(move |list| self.lists.get(list)?.iter().find(|version| version.lasts.contains(at))?.id);
        level.into_iter().chain(versions).collect::<Vec<_>>().into_iter()
    }
}

/// What holds for one person during one piece of time.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) pack: &'a Pack,
    surroundings: &'a Surroundings<'a>,
    events: Vec<Event<'a>>,
    states: Vec<(Interval, &'a Fact)>,
    addresses: Vec<Address<'a>>,
    /// Which kinds of facts there are: most terms of a pack look for kinds that a person has none of.
    kinds: Kinds,
    /// The first registration.
    pub(crate) registered: Option<Timestamp>,
    /// Absence is judged no later than this.
    pub(crate) complete_until: Timestamp,
}

/// A set of kinds of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kinds(u64);

impl Kinds {
    const fn of(kinds: &[Kind]) -> Self {
        let mut set = 0;
        let mut rest = kinds;
        while let [kind, others @ ..] = rest {
            set |= 1 << *kind as u8;
            rest = others;
        }
        Self(set)
    }

    const fn add(&mut self, kind: Kind) {
        self.0 |= Self::of(&[kind]).0;
    }

    const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Which kinds of facts can match.
const fn kinds_of_events(what: &EventMatch) -> Kinds {
    match what {
        EventMatch::Declared(_) => Kinds::of(&[Kind::Declaration]),
        EventMatch::CheckedIn => Kinds::of(&[Kind::CheckIn]),
        EventMatch::Symptom(_) => Kinds::of(&[Kind::Declaration, Kind::CheckIn]),
        EventMatch::Temperature(..) => Kinds::of(&[Kind::Temperature]),
        EventMatch::Compared(..) => Kinds::of(&[Kind::Comparison]),
        EventMatch::Reviewed => Kinds::of(&[Kind::Review]),
        EventMatch::FollowUp(_) => Kinds::of(&[Kind::FollowUp]),
        EventMatch::Test(..) => Kinds::of(&[Kind::TestResult]),
        EventMatch::Missed(_) => Kinds::of(&[Kind::MissedTest]),
        EventMatch::Contact(_) => Kinds::of(&[Kind::Contact]),
        EventMatch::Arrival(_) => Kinds::of(&[Kind::Arrival]),
        EventMatch::Vaccinated(_) => Kinds::of(&[Kind::Vaccination]),
        EventMatch::Statement(_) => Kinds::of(&[Kind::Statement]),
    }
}

/// Which kind of fact can match.
const fn kinds_of_states(selector: &StateSelector) -> Kinds {
    match selector {
        StateSelector::Registered => Kinds::of(&[Kind::Registration]),
        StateSelector::Bound => Kinds::of(&[Kind::Binding]),
        StateSelector::Case(_) => Kinds::of(&[Kind::Case]),
        StateSelector::Isolation(_) => Kinds::of(&[Kind::Isolation]),
        StateSelector::Stay(_) => Kinds::of(&[Kind::Stay]),
        StateSelector::Dwelling(_) | StateSelector::Notice(_) => Kinds::of(&[Kind::Dwelling]),
    }
}

/// A dwelling while it is the address.
#[derive(Debug)]
struct Address<'a> {
    lasts: Interval,
    area: AreaCode,
    during: Signal,
    fact: &'a Fact,
}

impl<'a> Scene<'a> {
    pub(crate) fn new<'b>(
        pack: &'a Pack,
        surroundings: &'a Surroundings<'a>,
        facts: impl Iterator<Item = &'b Seen<'a>>,
        complete_until: Timestamp,
    ) -> Self
    where
        'a: 'b,
    {
        let mut scene = Self {
            pack,
            surroundings,
            events: Vec::new(),
            states: Vec::new(),
            addresses: Vec::new(),
            kinds: Kinds::default(),
            registered: None,
            complete_until,
        };
        let mut dwellings: Vec<(DwellingRole, Interval, AreaCode, &Fact)> = Vec::new();
        for Seen { fact, lasts, .. } in facts {
            scene.kinds.add(fact.kind());
            match fact.content() {
                Content::Dwelling { role: DwellingRole::Workplace, .. } => {}
                Content::Dwelling { area, role } => dwellings.push((*role, *lasts, *area, fact)),
                Content::Registration => {
                    scene.registered = Some(scene.registered.map_or(lasts.from(), |first| first.min(lasts.from())));
                    scene.states.push((*lasts, fact));
                }
                _ => match event(pack, fact) {
                    Some(event) => scene.events.push(event),
                    None => scene.states.push((*lasts, fact)),
                },
            }
        }
        if let Some(registered) = scene.registered {
            let everybody = surroundings.comparisons.iter().filter(|event| covers(event.fact, registered));
            scene.events.extend(everybody.copied());
            scene.kinds.add(Kind::Comparison);
        }
        scene.events.sort_unstable_by_key(|event| (event.at, event.fact.id()));
        scene.addresses = addresses(dwellings);
        scene
    }

    /// The events that match the term, by (`at`, id).
    pub(crate) fn events<'b>(
        &'b self,
        term: &'b [EventSelector],
        since: Timestamp,
    ) -> impl Iterator<Item = Event<'a>> + Clone + 'b {
        let any = term.iter().any(|selector| self.kinds.meets(kinds_of_events(&selector.what)));
        let events = if any { self.events.as_slice() } else { &[] };
        let recent = events.iter().filter(move |event| event.at >= since);
        recent.filter(|event| term.iter().any(|selector| self.matches(selector, event))).copied()
    }

    /// The states that match the term, with when they hold; a state appears once for each selector that it matches.
    pub(crate) fn states(&self, term: &[StateSelector], since: Timestamp) -> Vec<State> {
        let mut states = Vec::new();
        for selector in term.iter().filter(|selector| self.kinds.meets(kinds_of_states(selector))) {
            match selector {
                StateSelector::Notice(kind) => self.notices(*kind, &mut states),
                StateSelector::Dwelling(place) => {
                    let narrowed = self.addresses.iter().map(|address| State {
                        from: address.lasts.from(),
                        id: address.fact.id(),
                        holds: address.during.and(&self.surroundings.place(address.area, place)),
                    });
                    states.extend(narrowed);
                }
                _ => states.extend(self.states.iter().filter_map(|(lasts, fact)| self.state(selector, *lasts, fact))),
            }
        }
        states.retain(|state| state.from >= since && !state.holds.is_never());
        states
    }

    /// The facts, beside the state itself, by which it holds at `at`: a level, a list, a notice.
    pub(crate) fn place_evidence(&self, selector: &StateSelector, id: FactId, at: Timestamp) -> Vec<FactId> {
        match selector {
            StateSelector::Stay(place) => self
                .states
                .iter()
                .filter_map(|(_, fact)| match fact.content() {
                    Content::Stay { area, .. } if fact.id() == id => Some(*area),
                    _ => None,
                })
                .flat_map(|area| self.surroundings.place_evidence(area, place, at))
                .collect(),
            StateSelector::Dwelling(place) => {
                let address = self.addresses.iter().find(|address| address.fact.id() == id);
                address
                    .into_iter()
                    .flat_map(|address| self.surroundings.place_evidence(address.area, place, at))
                    .collect()
            }
            StateSelector::Notice(_) => {
                let address = self.addresses.iter().find(|address| address.during.holds_at(at));
                address.map(|address| address.fact.id()).into_iter().collect()
            }
            StateSelector::Registered | StateSelector::Bound | StateSelector::Case(_) | StateSelector::Isolation(_) => {
                Vec::new()
            }
        }
    }

    /// The facts, beside the event itself, by which an arrival's place holds.
    pub(crate) fn event_place_evidence(&self, term: &[EventSelector], event: &Event<'_>) -> Vec<FactId> {
        let Content::Arrival { from: Some(area), .. } = event.fact.content() else {
            return Vec::new();
        };
        let matching = term.iter().find(|selector| self.matches(selector, event));
        match matching.map(|selector| &selector.what) {
            Some(EventMatch::Arrival(place)) => self.surroundings.place_evidence(*area, place, event.at).collect(),
            _ => Vec::new(),
        }
    }

    fn state(&self, selector: &StateSelector, lasts: Interval, fact: &Fact) -> Option<State> {
        let whole = || Signal::union_of([lasts]);
        let holds = match (selector, fact.content()) {
            (StateSelector::Registered, Content::Registration) | (StateSelector::Bound, Content::Binding { .. }) => {
                whole()
            }
            (StateSelector::Case(classes), Content::Case { class }) if classes.contains(class) => whole(),
            (StateSelector::Isolation(places), Content::Isolation { place, .. }) if places.contains(place) => whole(),
            (StateSelector::Stay(place), Content::Stay { area, .. }) => {
                whole().and(&self.surroundings.place(*area, place))
            }
            _ => return None,
        };
        Some(State { from: lasts.from(), id: fact.id(), holds })
    }

    fn notices(&self, wanted: NoticeKind, states: &mut Vec<State>) {
        for (lasts, kind, areas, id) in &self.surroundings.notices {
            if *kind == wanted {
                let here = self.addresses.iter().filter(|address| areas.contains(address.area));
                let here = here.fold(Signal::NEVER, |all, address| all.or(&address.during));
                states.push(State { from: lasts.from(), id: *id, holds: here.and(&Signal::union_of([*lasts])) });
            }
        }
    }

    fn matches(&self, selector: &EventSelector, event: &Event<'_>) -> bool {
        let what = match (&selector.what, event.fact.content()) {
            (EventMatch::Declared(wanted), Content::Declaration { contact, .. }) => {
                wanted.is_none_or(|wanted: Answer| wanted == *contact)
            }
            (EventMatch::CheckedIn, Content::CheckIn { .. }) | (EventMatch::Reviewed, Content::Review) => true,
            (EventMatch::Symptom(wanted), Content::Declaration { symptoms, .. } | Content::CheckIn { symptoms }) => {
                symptoms.iter().any(|symptom| wanted.has(symptom))
            }
            (EventMatch::Temperature(comparison, bound), Content::Temperature { decicelsius }) => {
                comparison.holds(*decicelsius, *bound)
            }
            (EventMatch::Compared(wanted, result), Content::Comparison { list, matched, .. }) => {
                wanted == list && result.is_none_or(|result| result == *matched)
            }
            (EventMatch::FollowUp(wanted), Content::FollowUp { clear }) => wanted.is_none_or(|wanted| wanted == *clear),
            (EventMatch::Test(result, wanted), Content::TestResult { method, positive, .. }) => {
                result.is_none_or(|result| result == *positive) && wanted.is_none_or(|wanted| wanted == *method)
            }
            (EventMatch::Missed(wanted), Content::MissedTest { campaign }) => {
                wanted.as_ref().is_none_or(|wanted| wanted == campaign)
            }
            (EventMatch::Contact(degrees), Content::Contact { degree, .. }) => degrees.contains(degree),
            (EventMatch::Arrival(place), Content::Arrival { from, .. }) => match from {
                Some(area) => self.surroundings.place(*area, place).holds_at(event.at),
                None => place.inside.is_empty() && place.level.is_none(),
            },
            (EventMatch::Vaccinated(least), Content::Vaccination { dose }) => dose >= least,
            (EventMatch::Statement(wanted), Content::Statement { meaning }) => wanted == meaning,
            _ => false,
        };
        let filed_by_self = || event.fact.filing().source.kind == SourceKind::Resident;
        what && match selector.by {
            By::Anybody => true,
            By::Oneself => filed_by_self(),
            By::Others => !filed_by_self(),
        }
    }
}

/// The fact as an event, if it is one.
fn event<'a>(pack: &Pack, fact: &'a Fact) -> Option<Event<'a>> {
    match fact.occurred() {
        Occurred::During { .. } => None,
        Occurred::At { at, reported } => {
            let usable = at.max(reported);
            let base = match pack.counts_from {
                CountsFrom::Occurrence => at,
                CountsFrom::Report => usable,
            };
            Some(Event { at, base, usable, fact })
        }
    }
}

/// Whether a comparison filed for everybody covers a person registered at `registered`.
fn covers(fact: &Fact, registered: Timestamp) -> bool {
    matches!(fact.content(), Content::Comparison { as_of, .. } if registered <= *as_of)
}

/// When each dwelling is the address: present before home, then the latest start, then the greatest id.
fn addresses(mut dwellings: Vec<(DwellingRole, Interval, AreaCode, &Fact)>) -> Vec<Address<'_>> {
    dwellings.sort_unstable_by_key(|(role, lasts, _, fact)| (*role == DwellingRole::Present, lasts.from(), fact.id()));
    let mut settled = Signal::NEVER;
    let mut addresses = Vec::with_capacity(dwellings.len());
    for (_, lasts, area, fact) in dwellings.into_iter().rev() {
        let whole = Signal::union_of([lasts]);
        let during = whole.and(&settled.complement());
        settled = settled.or(&whole);
        addresses.push(Address { lasts, area, during, fact });
    }
    addresses
}

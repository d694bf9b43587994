//! What rules look at of one person during one piece of time in which nothing turns inert: events, states, addresses.

use smallvec::SmallVec;
use yima_model::codec::ContentView;
use yima_model::fact::{DwellingRole, NoticeKind};
use yima_model::id::{ListId, SampleId};
use yima_model::{AreaCode, Content, FactId, Interval, Kind, Occurred, Signal, SourceKind, Span, Timestamp};

use crate::expression::{EventMatch, EventSelector, StateSelector, Tube};
use crate::kinds::Kinds;
use crate::pack::{CountsFrom, Pack};
use crate::plan::{EventsId, Fit, Plan};
use crate::surroundings::{Found, Piece};
use crate::view::Seen;

/// An event as windows and counts see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) at: Timestamp,
    /// Where windows and spacing begin.
    pub(crate) base: Timestamp,
    /// Before this it makes nothing true.
    pub(crate) usable: Timestamp,
    pub(crate) id: FactId,
    source: SourceKind,
    /// Whether another fact led to it.
    caused: bool,
    /// Whether it was filed for everybody.
    of_everybody: bool,
    content: ContentView<'a>,
}

/// A comparison of this person alone.
#[derive(Debug)]
struct ByName {
    at: Timestamp,
    list: ListId,
    matched: bool,
}

/// A state as a term narrows it down.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) from: Timestamp,
    pub(crate) id: FactId,
    /// When it lasts and its place satisfies the term.
    pub(crate) holds: Signal,
}

/// What holds for one person during one piece of time.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) pack: &'a Pack,
    plan: &'a Plan,
    surroundings: Piece<'a>,
    /// By (`at`, id).
    events: Vec<Event<'a>>,
    /// The same for the sets that count from something else than the pack says; empty if there is none.
    otherwise: Vec<Event<'a>>,
    /// For each set of the plan, a bit for each event that is in it.
    members: Vec<u64>,
    states: Vec<(Interval, FactId, ContentView<'a>)>,
    addresses: Vec<Address>,
    /// The samples that share a tube with others, each with the fact that says so.
    pooled: SmallVec<[(SampleId, FactId); 1]>,
    /// The comparisons of this person alone that say what the list has, by (`at`, id); empty if none matched, or if there is none
    /// for everybody beside them.
    by_name: Vec<ByName>,
    /// Which kinds of facts there are: most terms of a pack look for kinds that a person has none of.
    pub(crate) kinds: Kinds,
    /// The first registration.
    pub(crate) registered: Option<Timestamp>,
    /// Absence is judged no later than this.
    pub(crate) complete_until: Timestamp,
    /// What runs at this instant begins again there: a new version has taken over that says so.
    pub(crate) restart: Option<Timestamp>,
}

/// Homes and present dwellings; most persons have one.
type Dwellings = SmallVec<[(DwellingRole, Interval, AreaCode, FactId); 1]>;

/// How many events one word of bits stands for.
const WORD: usize = u64::BITS as usize;

/// The events whose bit is set, the first event the lowest bit of the first word.
#[derive(Clone, Debug)]
struct Members<'s, 'a> {
    /// From the one on that the lowest bit of `word` stands for.
    events: &'s [Event<'a>],
    word: u64,
    words: &'s [u64],
}

impl<'s, 'a> Iterator for Members<'s, 'a> {
    type Item = &'s Event<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.word == 0 {
            let (word, words) = self.words.split_first()?;
            (self.word, self.words) = (*word, words);
            self.events = self.events.get(WORD..).unwrap_or_default();
        }
        let position = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        self.events.get(position)
    }
}

/// A dwelling while it is the address.
#[derive(Debug)]
struct Address {
    lasts: Interval,
    area: AreaCode,
    during: Signal,
    id: FactId,
}

impl<'a> Scene<'a> {
    pub(crate) fn new<'b>(
        pack: &'a Pack,
        plan: &'a Plan,
        surroundings: Piece<'a>,
        facts: impl Iterator<Item = &'b Seen<'a>>,
        complete_until: Timestamp,
    ) -> Self
    where
        'a: 'b,
    {
        let mut scene = Self {
            pack,
            plan,
            surroundings,
            members: Vec::new(),
            otherwise: Vec::new(),
            events: Vec::with_capacity(facts.size_hint().1.unwrap_or_default()),
            states: Vec::new(),
            addresses: Vec::new(),
            pooled: SmallVec::new(),
            by_name: Vec::new(),
            kinds: Kinds::default(),
            registered: None,
            complete_until,
            restart: None,
        };
        let mut dwellings = Dwellings::new();
        for Seen { fact, lasts, .. } in facts {
            let kind = fact.content.kind();
            scene.kinds.add(kind);
            match kind {
                Kind::Dwelling => {
                    if let Content::Dwelling { area, role: role @ (DwellingRole::Home | DwellingRole::Present) } =
                        *fact.content.get()
                    {
                        dwellings.push((role, *lasts, area, fact.id));
                    }
                    continue;
                }
                Kind::Sample => {
                    if let Content::Sample { sample, pool: Some(_), .. } = *fact.content.get() {
                        scene.pooled.push((sample, fact.id));
                    }
                    continue;
                }
                Kind::Registration => {
                    scene.registered = Some(scene.registered.map_or(lasts.from(), |first| first.min(lasts.from())));
                }
                _ => {}
            }
            if kind == Kind::Isolation {
                let beginning = Occurred::at(lasts.from());
                scene.events.extend(Event::new(fact.id, fact.source, beginning, fact.content, pack.counts_from));
            }
            match Event::new(fact.id, fact.source, fact.occurred, fact.content, pack.counts_from) {
                Some(event) => scene.events.push(Event { caused: fact.cause.is_some(), ..event }),
                None => scene.states.push((*lasts, fact.id, fact.content)),
            }
        }
        if let Some(registered) = scene.registered {
            let all = surroundings.comparisons(registered, pack.counts_from);
            scene.events.extend(all.map(|event| Event { of_everybody: true, ..event }));
            scene.kinds.add(Kind::Comparison);
        }
        let by_at = |a: &Event<'_>, b: &Event<'_>| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id));
        if !scene.events.is_sorted_by(|a, b| by_at(a, b).is_lt()) {
            scene.events.sort_unstable_by(by_at);
        }
        if plan.any_counts_otherwise() {
            let counted = |event: &Event<'a>| event.counted_from(pack.counts_from.other());
            scene.otherwise = scene.events.iter().map(counted).collect();
        }
        scene.addresses = addresses(dwellings);
        if scene.events.iter().any(|event| event.of_everybody) {
            scene.by_name = scene.compared_by_name();
        }
        scene.members = scene.members();
        scene
    }

    fn compared_by_name(&self) -> Vec<ByName> {
        let own = self.events.iter().filter(|event| !event.of_everybody && event.content.kind() == Kind::Comparison);
        let compared = own.filter_map(|event| match &*event.content.get() {
            Content::Comparison { list, matched, .. } if !(*matched && event.caused) => {
                Some(ByName { at: event.at, list: list.clone(), matched: *matched })
            }
            _ => None,
        });
        let compared: Vec<_> = compared.collect();
        if compared.iter().any(|one| one.matched) { compared } else { Vec::new() }
    }

    /// Whether the comparison says of this person that the list has, or has not, something that no other fact says.
    ///
    /// A match that another fact led to is explained by that one and says nothing more; and what is filed for everybody clears
    /// nobody whom the list has matched by name.
    fn tells_result(&self, event: &Event<'_>, list: &ListId, matched: bool) -> bool {
        if !event.of_everybody {
            return !(matched && event.caused);
        }
        let mut before = self.by_name.iter().rev().filter(|one| one.at <= event.at && one.list == *list);
        before.next().is_none_or(|one| !one.matched)
    }

    /// How many words the bits of one set take.
    fn stride(&self) -> usize {
        self.events.len().div_ceil(WORD)
    }

    fn members(&self) -> Vec<u64> {
        let stride = self.stride();
        let mut members = vec![0; stride * self.plan.width()];
        for (position, event) in self.events.iter().enumerate() {
            let mut content = None;
            for (set, fit) in self.plan.of_kind(event.content.kind()) {
                let is_member = match fit {
                    Fit::Always => true,
                    Fit::OneOf(term) => {
                        let content = content.get_or_insert_with(|| event.content.get());
                        term.iter().any(|selector| self.matches(selector, event, content))
                    }
                };
                if is_member && let Some(word) = members.get_mut(set.0 * stride + position / WORD) {
                    *word |= 1 << (position % WORD);
                }
            }
        }
        members
    }

    /// The events of a set, by (`at`, id).
    #[inline]
    pub(crate) fn events(&self, set: EventsId, since: Timestamp) -> impl Iterator<Item = &Event<'a>> + Clone {
        let stride = self.stride();
        let words = self.members.get(set.0 * stride..).and_then(|words| words.get(..stride)).unwrap_or_default();
        let (word, words) = words.split_first().unwrap_or((&0, &[]));
        let events = if self.plan.counts_otherwise(set) { &self.otherwise } else { &self.events };
        Members { events, word: *word, words }.filter(move |event| event.at >= since)
    }

    /// The states that match the term, with when they hold; a state appears once for each selector that it matches.
    pub(crate) fn states(&self, term: &[StateSelector], since: Timestamp) -> Vec<State> {
        let mut states = Vec::new();
        for selector in term.iter().filter(|selector| self.kinds.meets(Kinds::of_state(selector))) {
            match selector {
                StateSelector::Notice(kind) => self.notices(*kind, &mut states),
                StateSelector::Dwelling(place) => {
                    let narrowed = self.addresses.iter().map(|address| State {
                        from: address.lasts.from(),
                        id: address.id,
                        holds: address.during.and(&self.surroundings.place(address.area, place)),
                    });
                    states.extend(narrowed);
                }
                _ => {
                    let all = self.states.iter();
                    states.extend(all.filter_map(|(lasts, id, content)| self.state(selector, *lasts, *id, *content)));
                }
            }
        }
        states.retain(|state| state.from >= since && !state.holds.is_never());
        states
    }

    /// The facts, beside the state itself, by which it holds at `at`: a level, a list, a notice.
    pub(crate) fn place_evidence(&self, selector: &StateSelector, id: FactId, at: Timestamp) -> Vec<FactId> {
        match selector {
            StateSelector::Stay(place, _) => self
                .states
                .iter()
                .filter(|(_, stay, _)| *stay == id)
                .filter_map(|(_, _, content)| match *content.get() {
                    Content::Stay { area, .. } => Some(area),
                    _ => None,
                })
                .flat_map(|area| self.surroundings.place_evidence(area, place, at))
                .collect(),
            StateSelector::Dwelling(place) => {
                let address = self.addresses.iter().find(|address| address.id == id);
                address
                    .into_iter()
                    .flat_map(|address| self.surroundings.place_evidence(address.area, place, at))
                    .collect()
            }
            StateSelector::Notice(_) => {
                let address = self.addresses.iter().find(|address| address.during.holds_at(at));
                address.map(|address| address.id).into_iter().collect()
            }
            StateSelector::Registered | StateSelector::Bound | StateSelector::Case(_) | StateSelector::Isolation(_) => {
                Vec::new()
            }
        }
    }

    /// The facts, beside the event itself, by which it matches: those of an arrival's place, the sample of a shared tube.
    pub(crate) fn matching_evidence(&self, set: EventsId, event: &Event<'_>) -> Vec<FactId> {
        if !matches!(event.content.kind(), Kind::Arrival | Kind::TestResult) {
            return Vec::new();
        }
        let content = event.content.get();
        let mut selectors = self.plan.term(set).into_iter().flatten();
        let matching = selectors.find(|selector| self.matches(selector, event, &content));
        match (matching.map(|selector| &selector.what), &*content) {
            (Some(EventMatch::Arrival(place)), Content::Arrival { from: Some(area), .. }) => {
                self.surroundings.place_evidence(*area, place, event.at)
            }
            (Some(EventMatch::Test(_, _, Some(Tube::Pool))), Content::TestResult { sample, .. }) => {
                let taken = self.pooled.iter().filter(|(pooled, _)| pooled == sample);
                taken.map(|(_, fact)| *fact).collect()
            }
            _ => Vec::new(),
        }
    }

    fn state(&self, selector: &StateSelector, lasts: Interval, id: FactId, content: ContentView<'_>) -> Option<State> {
        if !Kinds::of(content.kind()).meets(Kinds::of_state(selector)) {
            return None;
        }
        let holds = match (selector, &*content.get()) {
            (StateSelector::Registered, Content::Registration) | (StateSelector::Bound, Content::Binding { .. }) => {
                Signal::from(lasts)
            }
            (StateSelector::Case(classes), Content::Case { class }) if classes.contains(class) => Signal::from(lasts),
            (StateSelector::Isolation(places), Content::Isolation { place, .. }) if places.contains(place) => {
                Signal::from(lasts)
            }
            (StateSelector::Stay(place, longer), Content::Stay { area, .. }) => {
                let there = Signal::from(lasts).and(&self.surroundings.place(*area, place));
                if *longer == Span::ZERO { there } else { self.once_it_has_lasted(*longer, &there) }
            }
            _ => return None,
        };
        Some(State { from: lasts.from(), id, holds })
    }

    /// Each interval from when it has lasted this long.
    fn once_it_has_lasted(&self, longer: Span, signal: &Signal) -> Signal {
        let from = |interval: &Interval| self.pack.zone.advance(interval.from(), longer, self.pack.first_day);
        Signal::union_of(
            signal.intervals().iter().filter_map(|interval| Interval::new(from(interval), interval.until())),
        )
    }

    fn notices(&self, wanted: NoticeKind, states: &mut Vec<State>) {
        for address in &self.addresses {
            let here = self.surroundings.notices(address.area, wanted);
            states.extend(here.into_iter().map(|Found { from, id, here }| State {
                from,
                id,
                holds: address.during.and(&Signal::union_of(here)),
            }));
        }
    }

    /// Whether the event, which states `content`, matches.
    fn matches(&self, selector: &EventSelector, event: &Event<'_>, content: &Content) -> bool {
        selector.by.means(event.source)
            && match (&selector.what, content) {
                (EventMatch::Declared(wanted), Content::Declaration { contact, .. }) => {
                    wanted.is_none_or(|wanted| wanted == *contact)
                }
                (EventMatch::CheckedIn(wanted), Content::CheckIn { symptoms }) => {
                    wanted.is_none_or(|wanted| wanted == symptoms.is_none())
                }
                (EventMatch::Reviewed, Content::Review) => true,
                (
                    EventMatch::Symptom(wanted),
                    Content::Declaration { symptoms, .. } | Content::CheckIn { symptoms },
                ) => symptoms.meets(*wanted),
                (EventMatch::Temperature(comparison, bound), Content::Temperature { decicelsius }) => {
                    comparison.holds(*decicelsius, *bound)
                }
                (EventMatch::Compared(wanted, result, fresh), Content::Comparison { list, as_of, matched }) => {
                    let is_fresh = |fresh| event.at < self.pack.zone.advance(*as_of, fresh, self.pack.first_day);
                    let says = |result| result == *matched && self.tells_result(event, list, *matched);
                    wanted == list && result.is_none_or(says) && fresh.is_none_or(is_fresh)
                }
                (EventMatch::FollowUp(wanted), Content::FollowUp { clear }) => {
                    wanted.is_none_or(|wanted| wanted == *clear)
                }
                (EventMatch::Test(result, wanted, tube), Content::TestResult { sample, method, positive }) => {
                    let is_in = |tube| (tube == Tube::Pool) == self.pooled.iter().any(|(pooled, _)| pooled == sample);
                    result.is_none_or(|result| result == *positive)
                        && wanted.is_none_or(|wanted| wanted == *method)
                        && tube.is_none_or(is_in)
                }
                (EventMatch::Missed(wanted), Content::MissedTest { campaign }) => {
                    wanted.as_ref().is_none_or(|wanted| wanted == campaign)
                }
                (EventMatch::Contact(degrees), Content::Contact { degree, .. }) => degrees.contains(degree),
                (EventMatch::Isolated(places), Content::Isolation { place, .. }) => places.contains(place),
                (EventMatch::Arrival(place), Content::Arrival { from, .. }) => match from {
                    Some(area) => self.surroundings.place(*area, place).holds_at(event.at),
                    None => place.holds_abroad(),
                },
                (EventMatch::Vaccinated(least), Content::Vaccination { dose }) => dose >= least,
                (EventMatch::Statement(wanted), Content::Statement { meaning, .. }) => wanted == meaning,
                _ => false,
            }
    }
}

impl<'a> Event<'a> {
    /// What happened then, as an event; `None` for a state.
    #[inline]
    pub(crate) fn new(
        id: FactId,
        source: SourceKind,
        occurred: Occurred,
        content: ContentView<'a>,
        counts_from: CountsFrom,
    ) -> Option<Self> {
        let Occurred::At { at, reported } = occurred else {
            return None;
        };
        let usable = at.max(reported);
        let event = Self { at, base: at, usable, id, source, caused: false, of_everybody: false, content };
        Some(event.counted_from(counts_from))
    }

    #[inline]
    const fn counted_from(self, counts_from: CountsFrom) -> Self {
        let base = match counts_from {
            CountsFrom::Occurrence => self.at,
            CountsFrom::Report => self.usable,
        };
        Self { base, ..self }
    }
}

/// When each dwelling is the address: present before home, then the latest start, then the greatest id.
fn addresses(mut dwellings: Dwellings) -> Vec<Address> {
    if let [(_, lasts, area, id)] = *dwellings.as_slice() {
        return vec![Address { lasts, area, during: lasts.into(), id }];
    }
    dwellings.sort_unstable_by_key(|(role, lasts, _, id)| (*role == DwellingRole::Present, lasts.from(), *id));
    let mut settled = Signal::NEVER;
    let mut addresses = Vec::with_capacity(dwellings.len());
    for (_, lasts, area, id) in dwellings.into_iter().rev() {
        let whole = Signal::from(lasts);
        let during = whole.and(&settled.complement());
        settled = settled.or(&whole);
        addresses.push(Address { lasts, area, during, id });
    }
    addresses
}

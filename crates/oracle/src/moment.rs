//! Whether a condition holds at one instant.
//!
//! Wherever the meaning speaks of all instants of a stretch, a few are asked instead. [`View::changes`] gives, for each
//! condition, instants among which are all at which its truth changes; so between two neighbours c < d of them the
//! truth at c is the truth at each instant before d. Hence the latest instant before t at which something held is one
//! millisecond before one of them, and what held somewhere in [s, t] held at s or at one of them in between.

use std::collections::BTreeSet;

use yima_model::area::Depth;
use yima_model::fact::{DwellingRole, PlaceRelation, Symptom};
use yima_model::id::ListId;
use yima_model::{
    AreaCode, AreaSet, Content, Fact, FactId, FirstDay, Level, Occurred, SourceKind, Span, Subject, Timestamp,
};
use yima_rules::expression::{
    By, Condition, Count, EventMatch, EventSelector, EventTerm, PlaceCondition, PlaceName, StateSelector, StateTerm,
    Term, Trigger, Tube, Until,
};
use yima_rules::pack::{CountsFrom, Pack};

/// The facts that count, and up to when they are complete.
pub(crate) struct View<'a> {
    pack: &'a Pack,
    facts: Vec<&'a Fact>,
    as_of: Timestamp,
    /// What runs then begins again then.
    restart: Option<Timestamp>,
    instants: BTreeSet<Timestamp>,
}

/// An event as windows see it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    base: Timestamp,
    usable: Timestamp,
}

impl<'a> View<'a> {
    pub(crate) fn new(pack: &'a Pack, facts: Vec<&'a Fact>, as_of: Timestamp) -> Self {
        let mut instants: BTreeSet<Timestamp> = pack.lists.iter().map(|list| list.from).collect();
        for fact in &facts {
            match fact.occurred() {
                Occurred::At { at, reported } => instants.extend([at, at.max(reported)]),
                Occurred::During { from, until } => instants.extend([from, until]),
            }
            if let Content::Dispute { deadline, .. } = fact.content() {
                instants.insert(*deadline);
            }
        }
        instants.retain(|instant| *instant != Timestamp::BEGINNING && *instant != Timestamp::FOREVER);
        Self { pack, facts, as_of, restart: None, instants }
    }

    /// The same, with what runs at `restart` beginning again then.
    pub(crate) fn restarted(mut self, restart: Option<Timestamp>) -> Self {
        self.instants.extend(restart);
        Self { restart, ..self }
    }

    /// Every instant that a fact or a list names.
    pub(crate) fn instants(&self) -> &BTreeSet<Timestamp> {
        &self.instants
    }

    /// Instants among which are all at which the truth of `condition` changes, whatever `since` is.
    pub(crate) fn changes(&self, condition: &Condition) -> BTreeSet<Timestamp> {
        let mut changes = self.instants.clone();
        match condition {
            Condition::Constant(_) | Condition::Count(_) | Condition::OnDays(..) => {}
            Condition::State(states) => changes.extend(self.lengths(states)),
            Condition::Within(term, span) | Condition::No(term, span) => {
                if let Term::States(states) = term {
                    changes.extend(self.lengths(states));
                }
                changes.extend(self.instants.iter().map(|base| self.after(*base, *span)));
            }
            Condition::From(_, delay, length) => {
                for base in &self.instants {
                    changes.extend([self.after(*base, *delay), self.after(*base, sum(*delay, *length))]);
                }
            }
            Condition::Until(until) => {
                for side in [&until.trigger, &until.clears] {
                    if let Trigger::Condition(condition) = side {
                        changes.extend(self.changes(condition));
                    }
                }
                // The latest instant of the trigger is the base of an event, or one millisecond before a change.
                let ends = changes.iter().flat_map(|last| [*last, before(*last)]);
                let ends = ends.flat_map(|last| [self.after(last, until.after), self.after(last, until.at_most)]);
                let ends: Vec<_> = ends.collect();
                changes.extend(ends);
            }
            Condition::And(parts) | Condition::Or(parts) => {
                changes.extend(parts.iter().flat_map(|part| self.changes(part)));
            }
            Condition::Not(part) => changes.extend(self.changes(part)),
        }
        changes
    }

    /// Whether `condition` holds at `t`, as far as events and states from `since` on make it hold.
    pub(crate) fn holds(&self, condition: &Condition, t: Timestamp, since: Timestamp) -> bool {
        match condition {
            Condition::Constant(value) => *value,
            Condition::State(term) => self.state_holds(term, t, since),
            Condition::Within(term, span) => self.within(term, *span, t, since),
            Condition::From(term, delay, length) => {
                self.events(term, since).iter().any(|event| self.in_stage(*event, *delay, *length, t))
            }
            Condition::No(term, span) => {
                let t = t.min(self.as_of);
                self.first_registration().is_some_and(|first| first <= t) && !self.within(term, *span, t, since)
            }
            Condition::Count(count) => self.count(count, t, since),
            Condition::OnDays(term, days) => {
                since != Timestamp::BEGINNING && days.iter().all(|day| self.on_day(term, *day, t, since))
            }
            Condition::Until(until) => self.until(until, t, since),
            Condition::And(parts) => parts.iter().all(|part| self.holds(part, t, since)),
            Condition::Or(parts) => parts.iter().any(|part| self.holds(part, t, since)),
            Condition::Not(part) => !self.holds(part, t, since),
        }
    }

    fn within(&self, term: &Term, span: Span, t: Timestamp, since: Timestamp) -> bool {
        match term {
            Term::Events(term) => {
                let events = self.events(term, since);
                events.iter().any(|e| {
                    let begins = e.base.max(e.usable);
                    begins <= t && t < self.over(begins, e.base, span)
                })
            }
            Term::States(term) => {
                let held = |t| self.state_holds(term, t, since);
                let ends = || self.instants.iter().copied().filter(|end| held(before(*end)) && !held(*end));
                let lasting = held(t) && ends().find(|end| t < *end).is_none_or(|end| t < self.over(end, end, span));
                lasting || ends().take_while(|end| *end <= t).any(|end| t < self.over(end, end, span))
            }
        }
    }

    /// When what counts for `span` from `base` on, and has begun at `begins`, is over.
    fn over(&self, begins: Timestamp, base: Timestamp, span: Span) -> Timestamp {
        match self.restart {
            Some(restart) if begins <= restart && restart < self.after(base, span) => self.after(restart, span),
            _ => self.after(base, span),
        }
    }

    /// Whether `t` lies in the stage of `length` that comes `delay` after the event.
    fn in_stage(&self, event: Event, delay: Span, length: Span, t: Timestamp) -> bool {
        let both = sum(delay, length);
        let (from, until) = (self.after(event.base, delay), self.after(event.base, both));
        let is_known = |at: Timestamp| event.base <= at && event.usable <= at;
        match self.restart.filter(|restart| is_known(*restart) && *restart < until) {
            Some(again) if again < from => self.after(again, delay) <= t && t < self.after(again, both),
            Some(again) => from <= t && event.usable <= t && t < self.after(again, length),
            None => from <= t && event.usable <= t && t < until,
        }
    }

    /// Whether an event that is usable at `t` lies on that day of what began at `since`.
    fn on_day(&self, term: &EventTerm, day: u16, t: Timestamp, since: Timestamp) -> bool {
        let first = match self.pack.first_day {
            FirstDay::Counts => 1,
            FirstDay::DoesNotCount => 0,
        };
        let days_after = |base: Timestamp| self.pack.zone.day(base) - self.pack.zone.day(since) + first;
        self.events(term, since).iter().any(|e| e.usable <= t && days_after(e.base) == i64::from(day))
    }

    /// When a state that begins at one of the instants has lasted as long as one of these asks for.
    fn lengths(&self, states: &StateTerm) -> Vec<Timestamp> {
        let longer = |selector: &StateSelector| match selector {
            StateSelector::Stay(_, longer) => Some(longer.reach_millis()),
            _ => None,
        };
        let all = states.iter().filter_map(longer);
        all.flat_map(|millis| self.instants.iter().map(move |start| start.plus_millis(millis))).collect()
    }

    fn count(&self, count: &Count, t: Timestamp, since: Timestamp) -> bool {
        let mut events = self.events(&count.events, since);
        events.retain(|event| event.usable <= t);
        events.sort();
        // From each first event, the earliest next one each time makes the chain with the earliest last one.
        (0..events.len()).any(|start| {
            let mut later = events.iter().skip(start).map(|event| event.base);
            let Some(first) = later.next() else { return false };
            let last = (1..count.wanted).try_fold(first, |one, _| later.find(|next| self.apart(count, one, *next)));
            last.is_some_and(|last| self.in_reach(count, first, last))
        })
    }

    fn until(&self, until: &Until, t: Timestamp, since: Timestamp) -> bool {
        if let Trigger::Condition(trigger) = &until.trigger
            && self.holds(trigger, t, since)
        {
            return true;
        }
        let Some(last) = self.last(&until.trigger, t, since) else { return false };
        let runs = |last: Timestamp, t: Timestamp| {
            let first = self.after(last, until.after);
            let has_cleared = first <= t && self.has_cleared(&until.clears, first, t, since.max(first));
            t < self.after(last, until.at_most) && !has_cleared
        };
        match self.begun_again(until, t, since) {
            Some(again) => runs(last.max(again), t),
            None => runs(last, t),
        }
    }

    /// The instant of the restart, if it is before `t` and `until` held then: from then on the trigger counts as having held.
    fn begun_again(&self, until: &Until, t: Timestamp, since: Timestamp) -> Option<Timestamp> {
        self.restart.filter(|restart| *restart < t && self.until(until, *restart, since))
    }

    /// The latest instant ≤ `t` at which the trigger held.
    fn last(&self, trigger: &Trigger, t: Timestamp, since: Timestamp) -> Option<Timestamp> {
        match trigger {
            Trigger::Events(term) => {
                self.events(term, since).iter().filter(|event| event.usable <= t).map(|event| event.base).max()
            }
            Trigger::Condition(trigger) => {
                if self.holds(trigger, t, since) {
                    return Some(t);
                }
                let changes = self.changes(trigger);
                let earlier = changes.iter().filter(|change| **change <= t).map(|change| before(*change));
                earlier.rev().find(|s| self.holds(trigger, *s, since))
            }
        }
    }

    /// Of each count that would clear what makes `condition` hold at `t`: how many are done, and how many wanted.
    pub(crate) fn progress(&self, condition: &Condition, t: Timestamp) -> Vec<(u8, u8)> {
        match condition {
            _ if !self.holds(condition, t, Timestamp::BEGINNING) => Vec::new(),
            Condition::Until(until) => {
                let again = self.begun_again(until, t, Timestamp::BEGINNING);
                match (self.last(&until.trigger, t, Timestamp::BEGINNING), &until.clears) {
                    (Some(last), Trigger::Condition(clears)) => {
                        self.counted(clears, t, self.after(again.map_or(last, |again| last.max(again)), until.after))
                    }
                    _ => Vec::new(),
                }
            }
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().flat_map(|part| self.progress(part, t)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn counted(&self, clears: &Condition, t: Timestamp, since: Timestamp) -> Vec<(u8, u8)> {
        match clears {
            Condition::Count(count) => {
                let mut bases: Vec<_> =
                    self.events(&count.events, since).iter().filter(|e| e.usable <= t).map(|e| e.base).collect();
                bases.sort_unstable();
                let chains = bases.iter().zip(1..).filter(|(first, _)| self.in_reach(count, **first, t));
                let longest = chains.map(|(first, next)| self.longest(count, *first, *first, bases.get(next..)));
                let longest = longest.max().unwrap_or(0);
                vec![(longest.min(count.wanted), count.wanted)]
            }
            Condition::OnDays(term, days) => {
                let done = days.iter().filter(|day| self.on_day(term, **day, t, since)).count();
                vec![(u8::try_from(done).unwrap_or(u8::MAX), u8::try_from(days.len()).unwrap_or(u8::MAX))]
            }
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().flat_map(|part| self.counted(part, t, since)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many events the longest chain has that begins at `first`, has come to `one` and may go on with some of `later`.
    fn longest(&self, count: &Count, first: Timestamp, one: Timestamp, later: Option<&[Timestamp]>) -> u8 {
        let later = later.unwrap_or_default();
        let fits = |next: &Timestamp| self.apart(count, one, *next) && self.in_reach(count, first, *next);
        let longer = later.iter().zip(1..).filter(|(next, _)| fits(next));
        let longest = longer.map(|(next, rest)| self.longest(count, first, *next, later.get(rest..))).max();
        longest.unwrap_or(0).saturating_add(1)
    }

    /// Whether `next` lies far enough after `one`.
    fn apart(&self, count: &Count, one: Timestamp, next: Timestamp) -> bool {
        match count.apart {
            Span::Days(days) => self.pack.zone.day(next) - self.pack.zone.day(one) >= i64::from(days),
            Span::Millis(millis) => next >= one.plus_millis(millis),
        }
    }

    /// Whether a chain that begins at `first` may reach to `last`.
    fn in_reach(&self, count: &Count, first: Timestamp, last: Timestamp) -> bool {
        match count.within {
            Span::Days(_) => last < self.after(first, count.within),
            Span::Millis(millis) => last <= first.plus_millis(millis),
        }
    }

    /// Whether `clears`, told from facts `since` on, held at some instant of [last, t].
    fn has_cleared(&self, clears: &Trigger, last: Timestamp, t: Timestamp, since: Timestamp) -> bool {
        match clears {
            Trigger::Events(term) => self.events(term, since).iter().any(|event| event.usable <= t),
            Trigger::Condition(clears) => {
                let held = |s: &Timestamp| self.holds(clears, *s, since);
                held(&last) || self.changes(clears).iter().filter(|s| last < **s && **s <= t).any(held)
            }
        }
    }

    /// The events of `term` that happened at `since` or later.
    fn events(&self, term: &EventTerm, since: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        for fact in &self.facts {
            let happened = match (fact.occurred(), fact.content()) {
                (Occurred::At { at, reported }, _) => Some((at, reported)),
                // An isolation begins at an instant.
                (Occurred::During { from, .. }, Content::Isolation { .. }) => Some((from, from)),
                (Occurred::During { .. }, _) => None,
            };
            if let Some((at, reported)) = happened
                && at >= since
                && let Some(selector) = term.iter().find(|selector| self.event_matches(selector, fact, at))
            {
                let usable = at.max(reported);
                let base = match selector.counts_from.unwrap_or(self.pack.counts_from) {
                    CountsFrom::Occurrence => at,
                    CountsFrom::Report => usable,
                };
                events.push(Event { base, usable });
            }
        }
        events
    }

    fn event_matches(&self, selector: &EventSelector, fact: &Fact, at: Timestamp) -> bool {
        let by_self = [SourceKind::Resident, SourceKind::Guardian].contains(&fact.filing().source.kind);
        let filed = match selector.by {
            By::Anybody => true,
            By::Oneself => by_self,
            By::Others => !by_self,
        };
        filed
            && match (&selector.what, fact.content()) {
                (EventMatch::Declared(answer), Content::Declaration { contact, .. }) => {
                    answer.is_none_or(|answer| answer == *contact)
                }
                (EventMatch::Reviewed, Content::Review) => true,
                (EventMatch::CheckedIn(wanted), Content::CheckIn { symptoms }) => {
                    wanted.is_none_or(|wanted| wanted != Symptom::ALL.iter().any(|symptom| symptoms.has(*symptom)))
                }
                (
                    EventMatch::Symptom(wanted),
                    Content::Declaration { symptoms, .. } | Content::CheckIn { symptoms },
                ) => wanted.iter().any(|symptom| symptoms.has(symptom)),
                (EventMatch::Temperature(comparison, bound), Content::Temperature { decicelsius }) => {
                    comparison.holds(*decicelsius, *bound)
                }
                (EventMatch::Compared(wanted, outcome, fresh), Content::Comparison { list, as_of, matched }) => {
                    let concerned = fact.subject() != Subject::Global
                        || self.first_registration().is_some_and(|first| first <= *as_of);
                    let fresh = fresh.is_none_or(|fresh| at < self.after(*as_of, fresh));
                    let says = |outcome| outcome == *matched && !self.says_nothing(fact, list, *matched, at);
                    list == wanted && outcome.is_none_or(says) && concerned && fresh
                }
                (EventMatch::FollowUp(wanted), Content::FollowUp { clear }) => {
                    wanted.is_none_or(|wanted| wanted == *clear)
                }
                (EventMatch::Test(outcome, by, tube), Content::TestResult { sample, method, positive }) => {
                    let shared = self.facts.iter().any(|fact| {
                        matches!(fact.content(), Content::Sample { sample: taken, pool: Some(_), .. } if taken == sample)
                    });
                    let tube = match tube {
                        None => true,
                        Some(Tube::Single) => !shared,
                        Some(Tube::Pool) => shared,
                    };
                    outcome.is_none_or(|outcome| outcome == *positive) && by.is_none_or(|by| by == *method) && tube
                }
                (EventMatch::Missed(wanted), Content::MissedTest { campaign }) => {
                    wanted.as_ref().is_none_or(|wanted| wanted == campaign)
                }
                (EventMatch::Contact(degrees), Content::Contact { degree, .. }) => degrees.contains(degree),
                (EventMatch::Isolated(places), Content::Isolation { place, .. }) => places.contains(place),
                (EventMatch::Arrival(place), Content::Arrival { from, .. }) => self.satisfies(place, *from, at),
                (EventMatch::Vaccinated(least), Content::Vaccination { dose }) => dose >= least,
                (EventMatch::Statement(wanted), Content::Statement { meaning, .. }) => wanted == meaning,
                _ => false,
            }
    }

    /// Whether a comparison leaves open what the list has on the person: its match is that of another fact, or it is one for
    /// everybody and the latest by name is a match.
    fn says_nothing(&self, fact: &Fact, list: &ListId, matched: bool, at: Timestamp) -> bool {
        let explained = |fact: &Fact, matched: bool| matched && fact.filing().cause.is_some();
        if fact.subject() != Subject::Global {
            return explained(fact, matched);
        }
        let by_name = self.facts.iter().filter(|own| own.subject() != Subject::Global && own.occurred().start() <= at);
        let of_list = by_name.filter_map(|own| match own.content() {
            Content::Comparison { list: of, matched, .. } if of == list && !explained(own, *matched) => {
                Some((own.occurred().start(), own.id(), *matched))
            }
            _ => None,
        });
        of_list.max().is_some_and(|(.., matched)| matched)
    }

    /// Whether one of the states of `term` with `from` at `since` or later holds at `t`.
    fn state_holds(&self, term: &StateTerm, t: Timestamp, since: Timestamp) -> bool {
        let mut lasting = self.facts.iter().filter(|fact| fact.occurred().start() >= since && self.lasts(fact, t));
        lasting.any(|fact| term.iter().any(|selector| self.state_matches(selector, fact, t)))
    }

    fn state_matches(&self, selector: &StateSelector, fact: &Fact, t: Timestamp) -> bool {
        match (selector, fact.content()) {
            (StateSelector::Registered, Content::Registration) | (StateSelector::Bound, Content::Binding { .. }) => {
                true
            }
            (StateSelector::Case(classes), Content::Case { class }) => classes.contains(class),
            (StateSelector::Isolation(places), Content::Isolation { place, .. }) => places.contains(place),
            (StateSelector::Dwelling(place), Content::Dwelling { area, .. }) => {
                self.address(t).is_some_and(|(id, _)| id == fact.id()) && self.satisfies(place, Some(*area), t)
            }
            (StateSelector::Stay(place, longer), Content::Stay { area, .. }) => {
                let since = t.plus_millis(-longer.reach_millis());
                let between = self.instants.iter().copied().filter(|s| since < *s && *s < t);
                let mut all = between.chain([since, t]);
                all.all(|s| self.lasts(fact, s) && self.satisfies(place, Some(*area), s))
            }
            (StateSelector::Notice(wanted), Content::Notice { kind, areas }) => {
                wanted == kind && self.address(t).is_some_and(|(_, area)| self.in_set(areas, area, t))
            }
            _ => false,
        }
    }

    /// Whether the state `fact` has begun and neither ended nor been closed at `t`.
    fn lasts(&self, fact: &Fact, t: Timestamp) -> bool {
        let Occurred::During { from, until } = fact.occurred() else { return false };
        let mut closings = self
            .facts
            .iter()
            .filter(|closing| matches!(closing.content(), Content::Closing { target } if *target == fact.id()));
        from <= t && t < until && !closings.any(|closing| closing.occurred().start() <= t)
    }

    /// When the first registration that ever held began.
    fn first_registration(&self) -> Option<Timestamp> {
        let registrations = self.facts.iter().filter(|fact| matches!(fact.content(), Content::Registration));
        let held = registrations.filter(|fact| self.lasts(fact, fact.occurred().start()));
        held.map(|fact| fact.occurred().start()).min()
    }

    /// The dwelling that is the address at `t`, and its area.
    fn address(&self, t: Timestamp) -> Option<(FactId, AreaCode)> {
        let dwellings = self.facts.iter().filter(|fact| self.lasts(fact, t)).filter_map(|fact| match fact.content() {
            Content::Dwelling { area, role: role @ (DwellingRole::Present | DwellingRole::Home) } => {
                Some((*role == DwellingRole::Present, fact.occurred().start(), fact.id(), *area))
            }
            _ => None,
        });
        dwellings.max().map(|(_, _, id, area)| (id, area))
    }

    /// Where the person lives at `t`: the address, else where the last arrival led.
    pub(crate) fn lives_in(&self, t: Timestamp) -> Option<AreaCode> {
        let arrivals = self.facts.iter().filter_map(|fact| match (fact.content(), fact.occurred()) {
            (Content::Arrival { to, .. }, Occurred::At { at, .. }) if at <= t => Some((at, fact.id(), *to)),
            _ => None,
        });
        self.address(t).map(|(_, area)| area).or_else(|| arrivals.max().map(|(.., area)| area))
    }

    /// Whether `area` (none: abroad) satisfies every part of `place` at `t`.
    fn satisfies(&self, place: &PlaceCondition, area: Option<AreaCode>, t: Timestamp) -> bool {
        let lies_in = |name: &PlaceName| area.is_some_and(|area| self.contains(name, area, t));
        place.level.is_none_or(|level| area.is_some_and(|area| self.has_level(area, level, t)))
            && place.near.is_none_or(|level| area.is_some_and(|area| self.is_near(area, level, t)))
            && place.inside.iter().all(lies_in)
            && !place.outside.iter().any(lies_in)
    }

    fn contains(&self, name: &PlaceName, area: AreaCode, t: Timestamp) -> bool {
        match name {
            PlaceName::Area(outer) => self.around(area, t).contains(outer),
            PlaceName::List(list) => self.version(list, t).is_some_and(|areas| self.in_set(areas, area, t)),
        }
    }

    /// What stands on `list` at `t`.
    fn version(&self, wanted: &ListId, t: Timestamp) -> Option<&AreaSet> {
        let own = self.pack.lists.iter().filter(|list| list.id == *wanted && list.from <= t);
        let own = own.map(|list| (list.from, None, &list.areas));
        let later = self.facts.iter().filter(|fact| self.lasts(fact, t)).filter_map(|fact| match fact.content() {
            Content::List { list, areas } if list == wanted => Some((fact.occurred().start(), Some(fact.id()), areas)),
            _ => None,
        });
        own.chain(later).max_by_key(|(from, id, _)| (*from, *id)).map(|(.., areas)| areas)
    }

    fn has_level(&self, area: AreaCode, wanted: Level, t: Timestamp) -> bool {
        self.facts.iter().any(|fact| {
            matches!(fact.content(), Content::AreaLevel { areas, level } if *level == wanted && self.in_set(areas, area, t))
                && self.lasts(fact, t)
        })
    }

    /// Whether something of this level lies in a county, or above one, in which `area` lies, and `area` has not itself the level.
    fn is_near(&self, area: AreaCode, wanted: Level, t: Timestamp) -> bool {
        let around = self.around(area, t);
        let county = |of: AreaCode| of.and_above().find(|above| above.depth() == Depth::County).unwrap_or(of);
        let mut lasting = self.facts.iter().filter(|fact| self.lasts(fact, t));
        let beside = lasting.any(|fact| match fact.content() {
            Content::AreaLevel { areas, level } if *level == wanted => {
                areas.include.iter().any(|listed| around.contains(&county(*listed)))
            }
            _ => false,
        });
        beside && !self.has_level(area, wanted, t)
    }

    /// Whether `area` lies in something that the set includes, and in nothing that it excludes.
    fn in_set(&self, set: &AreaSet, area: AreaCode, t: Timestamp) -> bool {
        let around = self.around(area, t);
        let any = |areas: &[AreaCode]| areas.iter().any(|one| around.contains(one));
        any(&set.include) && !any(&set.exclude)
    }

    /// Every area in which `area` lies at `t`: by its code, and by what is said of it and of those.
    fn around(&self, area: AreaCode, t: Timestamp) -> BTreeSet<AreaCode> {
        let mut around: BTreeSet<AreaCode> = area.and_above().collect();
        loop {
            let mut more = around.clone();
            for fact in self.facts.iter().filter(|fact| self.lasts(fact, t)) {
                let Content::Place { place, relation, other, .. } = fact.content() else { continue };
                if around.contains(place) && *relation != PlaceRelation::Apart {
                    more.extend(other.and_above());
                }
                if around.contains(other) && *relation == PlaceRelation::Same {
                    more.extend(place.and_above());
                }
            }
            if more == around {
                return around;
            }
            around = more;
        }
    }

    /// `p ⊕ span`.
    fn after(&self, p: Timestamp, span: Span) -> Timestamp {
        self.pack.zone.advance(p, span, self.pack.first_day)
    }
}

/// `D1 + D2`, both in days or both in hours, as the language demands.
fn sum(one: Span, other: Span) -> Span {
    match (one, other) {
        (Span::Days(one), Span::Days(other)) => Span::Days(one.saturating_add(other)),
        _ => Span::Millis(one.reach_millis().saturating_add(other.reach_millis())),
    }
}

/// One millisecond before.
fn before(t: Timestamp) -> Timestamp {
    t.plus_millis(-1)
}

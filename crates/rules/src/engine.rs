//! Conditions as signals: the interval algebra behind a timeline, and the evidence for where a signal begins.

use yima_model::{FactId, FirstDay, Interval, Signal, Span, Timestamp};

use crate::expression::{self, StateTerm};
use crate::plan::EventsId;
use crate::scene::{Event, Scene};

pub(crate) type Condition = expression::Condition<EventsId>;
pub(crate) type Count = expression::Count<EventsId>;
type Term = expression::Term<EventsId>;
pub(crate) type Trigger = expression::Trigger<EventsId>;
type Until = expression::Until<EventsId>;

impl Scene<'_> {
    /// When `condition` holds, computed only from facts with `at` or `from` ≥ `since`.
    ///
    /// Source: docs/RULES.md, operators.
    pub(crate) fn signal(&self, condition: &Condition, since: Timestamp) -> Signal {
        match condition {
            Condition::Constant(true) => Signal::always(),
            Condition::Constant(false) => Signal::NEVER,
            Condition::State(states) => self.while_any(states, since),
            Condition::Within(term, span) => self.within(term, *span, since),
            Condition::From(events, delay, length) => {
                Signal::union_of(self.events(*events, since).filter_map(|event| self.stage(event, *delay, *length)))
            }
            Condition::No(term, span) => self.absence(&self.within(term, *span, since)),
            Condition::Count(count) => match self.chain(count, since) {
                Some((from, _)) => Signal::between(from, Timestamp::FOREVER),
                None => Signal::NEVER,
            },
            Condition::OnDays(events, days) => {
                match self.on_days(*events, days, since).into_iter().try_fold(since, |all, day| Some(all.max(day?))) {
                    Some(from) if since != Timestamp::BEGINNING => Signal::between(from, Timestamp::FOREVER),
                    _ => Signal::NEVER,
                }
            }
            Condition::Until(until) => self.until(until, since),
            Condition::And(parts) => {
                let mut all = Signal::always();
                for part in parts {
                    all = all.and(&self.signal(part, since));
                    if all.is_never() {
                        break;
                    }
                }
                all
            }
            Condition::Or(parts) => parts.iter().fold(Signal::NEVER, |any, part| any.or(&self.signal(part, since))),
            Condition::Not(part) => self.signal(part, since).complement(),
        }
    }

    /// The facts by which `condition` holds at `at`, in no order.
    ///
    /// Source: docs/RULES.md, grounds, colour, evidence.
    pub(crate) fn evidence(&self, condition: &Condition, at: Timestamp, since: Timestamp) -> Vec<FactId> {
        match condition {
            // What clears is evidence of nothing.
            Condition::Constant(_) | Condition::Not(_) | Condition::OnDays(..) => Vec::new(),
            Condition::State(states) => self.state_evidence(states, Span::ZERO, at, since),
            Condition::Within(Term::States(states), span) => self.state_evidence(states, *span, at, since),
            Condition::Within(Term::Events(events), span) => {
                let holding = self
                    .events(*events, since)
                    .find(|event| event.usable <= at && event.base <= at && at < self.window_end(event, *span));
                self.event_evidence(*events, holding)
            }
            Condition::From(events, delay, length) => {
                let holds =
                    |event: &&Event<'_>| self.stage(event, *delay, *length).is_some_and(|stage| stage.contains(at));
                let holding = self.events(*events, since).find(holds);
                self.event_evidence(*events, holding)
            }
            Condition::No(Term::Events(events), _) => {
                let last = self.events(*events, since).filter(|event| event.usable <= at).last();
                self.event_evidence(*events, last)
            }
            Condition::No(Term::States(states), _) => {
                let before = self.states(states, since).into_iter().filter(|state| state.from <= at);
                before.max_by_key(|state| (state.from, state.id)).map(|state| state.id).into_iter().collect()
            }
            Condition::Count(count) => self.chain(count, since).map(|(_, chain)| chain).unwrap_or_default(),
            Condition::Until(until) => self.trigger_evidence(&until.trigger, at, since),
            Condition::And(parts) => parts.iter().flat_map(|part| self.evidence(part, at, since)).collect(),
            Condition::Or(parts) => {
                let holding = parts.iter().filter(|part| self.signal(part, since).holds_at(at));
                holding.flat_map(|part| self.evidence(part, at, since)).collect()
            }
        }
    }

    pub(crate) fn advance(&self, at: Timestamp, span: Span) -> Timestamp {
        self.pack.zone.advance(at, span, self.pack.first_day)
    }

    fn while_any(&self, states: &StateTerm, since: Timestamp) -> Signal {
        self.states(states, since).iter().fold(Signal::NEVER, |any, state| any.or(&state.holds))
    }

    fn within(&self, term: &Term, span: Span, since: Timestamp) -> Signal {
        match term {
            Term::Events(events) => self.windows(*events, span, since),
            Term::States(states) => self.prolonged(&self.while_any(states, since), span),
        }
    }

    /// The union of every event's window, from its base (but not before it is usable) for the span.
    ///
    /// Most persons check in daily and most windows overlap, so the end of a window is looked for only where the next
    /// event does not surely lie inside it.
    fn windows(&self, events: EventsId, span: Span, since: Timestamp) -> Signal {
        if self.restart.is_some() {
            let window = |event: &Event<'_>| Interval::new(event.base.max(event.usable), self.window_end(event, span));
            return Signal::union_of(self.events(events, since).filter_map(window));
        }
        let sure = span.least_millis();
        let mut events = self.events(events, since);
        let Some(first) = events.next() else {
            return Signal::NEVER;
        };
        let (mut from, mut last) = (first.base.max(first.usable), first.base);
        let mut whole = Signal::NEVER;
        for event in events {
            let start = event.base.max(event.usable);
            if event.base < last || start < from || start > last.plus_millis(sure) {
                whole = whole.or(&Signal::between(from, self.advance(last, span)));
                from = start;
            }
            last = event.base;
        }
        let end = Signal::between(from, self.advance(last, span));
        if whole.is_never() { end } else { whole.or(&end) }
    }

    fn prolonged(&self, signal: &Signal, span: Span) -> Signal {
        let longer = |interval: &Interval| Interval::new(interval.from(), self.state_end(interval.until(), span));
        Signal::union_of(signal.intervals().iter().filter_map(longer))
    }

    /// Whether what has begun by `from` and ends at `until` runs at the restart: then that is when it begins again.
    fn again(&self, from: Timestamp, until: Timestamp) -> Option<Timestamp> {
        self.restart.filter(|again| from <= *again && *again < until)
    }

    /// When the window of an event ends.
    fn window_end(&self, event: &Event<'_>, span: Span) -> Timestamp {
        let end = self.advance(event.base, span);
        self.again(event.base.max(event.usable), end).map_or(end, |again| self.advance(again, span))
    }

    /// When what counts for a span after a state that ends at `until` ends.
    fn state_end(&self, until: Timestamp, span: Span) -> Timestamp {
        let end = self.advance(until, span);
        self.again(until, end).map_or(end, |again| self.advance(again, span))
    }

    /// When a stage after an event holds; one that is still to come at a restart follows it at its distance.
    fn stage(&self, event: &Event<'_>, delay: Span, length: Span) -> Option<Interval> {
        let both = sum(delay, length);
        let (from, until) = (self.advance(event.base, delay), self.advance(event.base, both));
        match self.again(event.base.max(event.usable), until) {
            Some(again) if again < from => Interval::new(self.advance(again, delay), self.advance(again, both)),
            Some(again) => Interval::new(from.max(event.usable), self.advance(again, length)),
            None => Interval::new(from.max(event.usable), until),
        }
    }

    /// The complement of `presence` since the first registration; no absence begins after the data end.
    fn absence(&self, presence: &Signal) -> Signal {
        let Some(registered) = self.registered else {
            return Signal::NEVER;
        };
        let absence = presence.complement().and(&Signal::between(registered, Timestamp::FOREVER));
        let end = self.complete_until;
        let known = absence.and(&Signal::between(Timestamp::BEGINNING, end));
        if absence.holds_at(end) { known.or(&Signal::between(end, Timestamp::FOREVER)) } else { known }
    }

    /// For each of these days of what began at `since`, from when an event on that day is usable, if there is one.
    pub(crate) fn on_days(&self, events: EventsId, days: &[u16], since: Timestamp) -> Vec<Option<Timestamp>> {
        let zone = self.pack.zone;
        let before_first = match self.pack.first_day {
            FirstDay::Counts => zone.day(since) - 1,
            FirstDay::DoesNotCount => zone.day(since),
        };
        let on_day = |day: &u16| {
            let is_then = |event: &&Event<'_>| zone.day(event.base) == before_first + i64::from(*day);
            self.events(events, since).filter(is_then).map(|event| event.usable).min()
        };
        days.iter().map(on_day).collect()
    }

    /// The instant from which a chain is complete, and the chain; the earliest such instant.
    fn chain(&self, count: &Count, since: Timestamp) -> Option<(Timestamp, Vec<FactId>)> {
        let mut events: Vec<&Event<'_>> = self.events(count.events, since).collect();
        events.sort_unstable_by_key(|event| (event.base, event.id));
        let mut instants: Vec<_> = events.iter().map(|event| event.usable).collect();
        instants.sort_unstable();
        instants.into_iter().find_map(|instant| {
            let usable: Vec<_> = events.iter().copied().filter(|event| event.usable <= instant).collect();
            let chain = (0..usable.len()).find_map(|first| {
                let chain = self.chain_from(usable.get(first..)?, count);
                (chain.len() >= usize::from(count.wanted)).then_some(chain)
            })?;
            Some((instant, chain))
        })
    }

    /// The longest chain that begins with the first of `events`, which stand in the order of their base, cut at the number wanted.
    pub(crate) fn chain_from(&self, events: &[&Event<'_>], count: &Count) -> Vec<FactId> {
        let mut chain = Vec::new();
        let Some(first) = events.first() else {
            return chain;
        };
        let mut next_from = first.base;
        for event in events {
            let in_span = match count.within {
                Span::Days(_) => event.base < self.advance(first.base, count.within),
                Span::Millis(_) => event.base <= self.advance(first.base, count.within),
            };
            if in_span && event.base >= next_from && chain.len() < usize::from(count.wanted) {
                chain.push(event.id);
                next_from = self.pack.zone.advance(event.base, count.apart, FirstDay::Counts);
            }
        }
        chain
    }

    pub(crate) fn until(&self, until: &Until, since: Timestamp) -> Signal {
        let holds = self.until_since(until, since, None);
        match self.restart.filter(|again| holds.holds_at(*again)) {
            Some(again) => self.until_since(until, since, Some(again)),
            None => holds,
        }
    }

    /// The same, with the trigger taken to hold at `again` too.
    fn until_since(&self, until: &Until, since: Timestamp, again: Option<Timestamp>) -> Signal {
        match &until.trigger {
            Trigger::Events(events) => self.until_after_events(until, *events, since, again),
            Trigger::Condition(condition) => {
                let again = again.map_or(Signal::NEVER, |again| Signal::between(again, again.plus_millis(1)));
                self.until_after(until, &self.signal(condition, since).or(&again))
            }
        }
    }

    /// Each interval of the trigger, prolonged until it is cleared, ends, or the trigger recurs.
    fn until_after(&self, until: &Until, trigger: &Signal) -> Signal {
        let recurrences = trigger.intervals().iter().skip(1).map(|next| next.from()).chain([Timestamp::FOREVER]);
        Signal::union_of(trigger.intervals().iter().zip(recurrences).filter_map(|(interval, recurrence)| {
            if interval.until() == Timestamp::FOREVER {
                return Some(*interval);
            }
            let end = self.end(until, interval.until().plus_millis(-1)).min(recurrence);
            Interval::new(interval.from(), end.max(interval.until()))
        }))
    }

    /// From when each event is usable until a later one takes over, it is cleared, or it ends.
    fn until_after_events(
        &self,
        until: &Until,
        events: EventsId,
        since: Timestamp,
        again: Option<Timestamp>,
    ) -> Signal {
        let known = self.events(events, since).map(|event| (event.usable, event.base));
        let mut known: Vec<_> = known.chain(again.map(|again| (again, again))).collect();
        known.sort_unstable();
        let mut intervals = Vec::with_capacity(known.len());
        let mut last = Timestamp::BEGINNING;
        let takeovers = known.iter().skip(1).map(|(usable, _)| *usable).chain([Timestamp::FOREVER]);
        for ((usable, base), takeover) in known.iter().zip(takeovers) {
            last = last.max(*base);
            intervals.extend(Interval::new(*usable, self.end(until, last).min(takeover)));
        }
        Signal::union_of(intervals)
    }

    /// When what began at `last` ends: cleared by later facts, or at the latest end.
    fn end(&self, until: &Until, last: Timestamp) -> Timestamp {
        let since = self.advance(last, until.after);
        let cleared = match &until.clears {
            Trigger::Events(events) => self.events(*events, since).map(|event| event.usable).min(),
            Trigger::Condition(condition) => self.signal(condition, since).first_from(since),
        };
        let latest = self.advance(last, until.at_most);
        cleared.map_or(latest, |cleared| cleared.min(latest))
    }

    /// The latest instant, not after `at`, at which the trigger held as far as is known at `at`.
    pub(crate) fn last(&self, trigger: &Trigger, at: Timestamp, since: Timestamp) -> Option<Timestamp> {
        match trigger {
            Trigger::Events(events) => {
                let usable = self.events(*events, since).filter(|event| event.usable <= at);
                usable.map(|event| event.base).max()
            }
            Trigger::Condition(condition) => {
                let signal = self.signal(condition, since);
                let before = signal.intervals().iter().rfind(|interval| interval.from() <= at);
                before.map(|interval| if interval.contains(at) { at } else { interval.until().plus_millis(-1) })
            }
        }
    }

    fn trigger_evidence(&self, trigger: &Trigger, at: Timestamp, since: Timestamp) -> Vec<FactId> {
        let Some(last) = self.last(trigger, at, since) else {
            return Vec::new();
        };
        match trigger {
            Trigger::Events(events) => {
                let mut usable = self.events(*events, since).filter(|event| event.usable <= at);
                self.event_evidence(*events, usable.find(|event| event.base == last))
            }
            Trigger::Condition(condition) => self.evidence(condition, last, since),
        }
    }

    fn event_evidence(&self, term: EventsId, event: Option<&Event<'_>>) -> Vec<FactId> {
        let Some(event) = event else {
            return Vec::new();
        };
        let mut facts = vec![event.id];
        facts.extend(self.matching_evidence(term, event));
        facts
    }

    /// The first state, by (`from`, id), that holds at `at` or has held within `span` before.
    fn state_evidence(&self, term: &StateTerm, span: Span, at: Timestamp, since: Timestamp) -> Vec<FactId> {
        let held = |holds: &Signal| {
            holds
                .intervals()
                .iter()
                .find(|interval| {
                    let until =
                        if span == Span::ZERO { interval.until() } else { self.state_end(interval.until(), span) };
                    interval.from() <= at && at < until
                })
                .copied()
        };
        let selected = term.iter().flat_map(|selector| {
            let states = self.states(std::slice::from_ref(selector), since);
            states.into_iter().filter_map(move |state| Some((state.from, state.id, held(&state.holds)?, selector)))
        });
        let Some((_, id, interval, selector)) = selected.min_by_key(|(from, id, ..)| (*from, *id)) else {
            return Vec::new();
        };
        let mut facts = vec![id];
        facts.extend(self.place_evidence(selector, id, interval.from()));
        facts
    }
}

/// Delay and length together; the checker lets only days with days and hours with hours through.
fn sum(delay: Span, length: Span) -> Span {
    match (delay, length) {
        (Span::Days(delay), Span::Days(length)) => Span::Days(delay + length),
        (Span::Millis(delay), Span::Millis(length)) => Span::Millis(delay + length),
        (Span::Days(_), Span::Millis(_)) | (Span::Millis(_), Span::Days(_)) => length,
    }
}

//! Recursive descent over the tokens; the grammar stands in docs/RULES.md.

use std::ops::Range;

use yima_model::Span;

use super::term::{self, Argument};
use super::token::{Token, tokens};
use super::{Meaning, Names, SyntaxError};
use crate::expression::{By, Condition, Count, EventSelector, EventTerm, StateSelector, Term, Trigger, Until};
use crate::imply::shorter;

/// How deep parentheses may nest.
const DEPTH_MAX: u32 = 32;

/// Words that are part of the grammar and name nothing else.
const KEYWORDS: [&str; 15] = [
    "and", "unless", "or", "not", "no", "within", "from", "for", "until", "after", "at", "most", "count", "on_days",
    "setting",
];

/// One condition being read.
pub(super) struct Parser<'a> {
    names: &'a Names,
    tokens: Vec<(Token<'a>, Range<usize>)>,
    next: usize,
    end: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, names: &'a Names) -> Result<Self, SyntaxError> {
        Ok(Self { names, tokens: tokens(text)?, next: 0, end: text.len(), depth: 0 })
    }

    /// Reads the whole text.
    pub(super) fn whole(mut self) -> Result<Meaning, SyntaxError> {
        let meaning = self.alternatives()?;
        match self.peek() {
            None => Ok(meaning),
            Some(token) => Err(self.error(format!("unexpected `{}`", token.text()))),
        }
    }

    /// `A or B or …`
    fn alternatives(&mut self) -> Result<Meaning, SyntaxError> {
        let start = self.start();
        let mut parts = vec![(self.exempted()?, start..self.previous_end())];
        while self.accept("or") {
            let start = self.start();
            parts.push((self.exempted()?, start..self.previous_end()));
        }
        union(parts)
    }

    /// `A unless B`
    fn exempted(&mut self) -> Result<Meaning, SyntaxError> {
        let start = self.start();
        let bound = self.conjunction()?;
        let end = self.previous_end();
        if !self.accept("unless") {
            return Ok(bound);
        }
        let bound = condition(bound, start..end)?;
        let start = self.start();
        let exempt = self.negation()?;
        let place = start..self.previous_end();
        let exempt = by_others(&condition(exempt, place.clone())?, place)?;
        Ok(Meaning::Condition(Condition::And(vec![bound, Condition::Not(Box::new(exempt))])))
    }

    /// `A and B and …`
    fn conjunction(&mut self) -> Result<Meaning, SyntaxError> {
        let start = self.start();
        let first = self.negation()?;
        if !self.peek_is("and") {
            return Ok(first);
        }
        let mut parts = vec![condition(first, start..self.previous_end())?];
        while self.accept("and") {
            let start = self.start();
            let part = self.negation()?;
            parts.push(condition(part, start..self.previous_end())?);
        }
        Ok(Meaning::Condition(Condition::And(parts)))
    }

    /// `not A`
    fn negation(&mut self) -> Result<Meaning, SyntaxError> {
        if !self.accept("not") {
            return self.windowed();
        }
        self.nested(|parser| {
            let start = parser.start();
            let part = parser.negation()?;
            let part = condition(part, start..parser.previous_end())?;
            Ok(Meaning::Condition(Condition::Not(Box::new(part))))
        })
    }

    /// `P within D`, `P from D1 for D2`, `P until C after A at most D`
    fn windowed(&mut self) -> Result<Meaning, SyntaxError> {
        let start = self.start();
        if self.accept("no") {
            let term = self.primary()?;
            let term = term_of(term, start..self.previous_end())?;
            self.expect("within")?;
            return Ok(Meaning::Condition(Condition::No(term, self.span()?)));
        }
        let mut meaning = self.primary()?;
        loop {
            let end = self.previous_end();
            meaning = if self.accept("within") {
                let term = term_of(meaning, start..end)?;
                Meaning::Condition(Condition::Within(term, self.span()?))
            } else if self.accept("from") {
                let Term::Events(events) = term_of(meaning, start..end)? else {
                    return Err(error_at(start..end, "`from … for …` counts from events, and this is a state"));
                };
                let delay = self.span()?;
                self.expect("for")?;
                let length = self.span()?;
                if matches!(delay, Span::Days(_)) != matches!(length, Span::Days(_)) {
                    return Err(self.error_before("delay and length must both be in days or both in hours"));
                }
                Meaning::Condition(Condition::From(events, delay, length))
            } else if self.accept("until") {
                let trigger = trigger(meaning);
                let clears_start = self.start();
                let clears = trigger_of_clearing(self.alternatives()?, clears_start..self.previous_end())?;
                let clears_end = self.previous_end();
                let after_start = self.start();
                let after = if self.accept("after") { self.span()? } else { Span::ZERO };
                let after_place = after_start..self.previous_end();
                self.expect("at")?;
                self.expect("most")?;
                let at_most = self.span()?;
                if after != Span::ZERO {
                    if matches!(&clears, Trigger::Condition(clears) if has_loose_days(clears)) {
                        let message = "`on_days` names its days itself; leave `after` out";
                        return Err(error_at(clears_start..clears_end, message));
                    }
                    if shorter(at_most, after) {
                        return Err(error_at(after_place, "nothing could clear it: it ends before that"));
                    }
                }
                Meaning::Condition(Condition::Until(Box::new(Until { trigger, clears, after, at_most })))
            } else {
                return Ok(meaning);
            };
        }
    }

    /// `( … )`, `count( … )`, `setting( … )`, a definition, or a term with its arguments
    fn primary(&mut self) -> Result<Meaning, SyntaxError> {
        let place = self.place();
        match self.peek() {
            Some(Token::Sign("(")) => {
                self.next += 1;
                self.nested(|parser| {
                    let meaning = parser.alternatives()?;
                    parser.expect(")")?;
                    Ok(meaning)
                })
            }
            Some(Token::Word("count")) => {
                self.next += 1;
                self.count()
            }
            Some(Token::Word("on_days")) => {
                self.next += 1;
                self.on_days()
            }
            Some(Token::Word("setting")) => {
                self.next += 1;
                self.setting()
            }
            Some(Token::Word(word)) if KEYWORDS.contains(&word) => {
                Err(error_at(place, &format!("`{word}` needs something before it")))
            }
            Some(Token::Word(word)) => {
                self.next += 1;
                let names = self.names;
                if let Some(meaning) = names.definitions.get(word) {
                    return Ok(meaning.clone());
                }
                let arguments = self.arguments()?;
                term::read(word, place, &arguments, names)
            }
            Some(token) => Err(error_at(place, &format!("expected a term, found `{}`", token.text()))),
            None => Err(error_at(place, "expected a term, found the end")),
        }
    }

    /// `( E , n , apart: A , within: W )`
    fn count(&mut self) -> Result<Meaning, SyntaxError> {
        self.expect("(")?;
        let start = self.start();
        let events = self.alternatives()?;
        let Meaning::Events(events) = events else {
            return Err(error_at(start..self.previous_end(), "`count` counts events, and this is none"));
        };
        self.expect(",")?;
        let place = self.place();
        let wanted = match self.take() {
            Some(Token::Number(number)) => number.parse().ok().filter(|wanted| (1..=100).contains(wanted)),
            _ => None,
        };
        let wanted = wanted.ok_or_else(|| error_at(place, "expected how many, a number from 1 to 100"))?;
        let mut named = |name| {
            self.expect(",")?;
            self.expect(name)?;
            self.expect(":")?;
            self.span()
        };
        let apart = named("apart")?;
        let within = named("within")?;
        self.expect(")")?;
        Ok(Meaning::Condition(Condition::Count(Count { events, wanted, apart, within })))
    }

    /// `( E , day , … )`
    fn on_days(&mut self) -> Result<Meaning, SyntaxError> {
        self.expect("(")?;
        let start = self.start();
        let Meaning::Events(events) = self.alternatives()? else {
            return Err(error_at(start..self.previous_end(), "`on_days` looks for events, and this is none"));
        };
        let mut days = Vec::new();
        self.expect(",")?;
        loop {
            let place = self.place();
            let day = match self.take() {
                Some(Token::Number(number)) => number.parse().ok().filter(|day| (1..=100).contains(day)),
                _ => None,
            };
            let day: u16 =
                day.ok_or_else(|| error_at(place.clone(), "expected a day of the measure, from 1 to 100"))?;
            if days.last().is_some_and(|last| *last >= day) {
                return Err(error_at(place, "days stand in their order, each once"));
            }
            days.push(day);
            if self.accept(")") {
                return Ok(Meaning::Condition(Condition::OnDays(events, days)));
            }
            self.expect(",")?;
        }
    }

    /// `( name )`
    fn setting(&mut self) -> Result<Meaning, SyntaxError> {
        self.expect("(")?;
        let place = self.place();
        let value = match self.take() {
            Some(Token::Word(name)) => self.names.settings.get(name).copied(),
            _ => None,
        };
        let value = value.ok_or_else(|| SyntaxError {
            span: place,
            message: "no such setting".to_owned(),
            help: Some("declare it in the pack as [[setting]] with `id` and `value`".to_owned()),
        })?;
        self.expect(")")?;
        Ok(Meaning::Condition(Condition::Constant(value)))
    }

    /// `( [name :] value , … )`, or nothing
    fn arguments(&mut self) -> Result<Vec<Argument<'a>>, SyntaxError> {
        let mut arguments = Vec::new();
        if !self.accept("(") {
            return Ok(arguments);
        }
        loop {
            let start = self.start();
            let mut name = None;
            if let (Some(Token::Word(word)), Some((Token::Sign(":"), _))) =
                (self.peek(), self.tokens.get(self.next + 1))
            {
                name = Some(word);
                self.next += 2;
            }
            let sign = match self.peek() {
                Some(Token::Sign(sign @ ("<" | "<=" | ">" | ">="))) => {
                    self.next += 1;
                    Some(sign)
                }
                _ => None,
            };
            let place = self.place();
            let value = match self.take() {
                Some(Token::Word(value) | Token::Number(value)) => value,
                Some(token) => return Err(error_at(place, &format!("expected a value, found `{}`", token.text()))),
                None => return Err(error_at(place, "expected a value, found the end")),
            };
            arguments.push(Argument { name, sign, value, place: start..self.previous_end() });
            if self.accept(")") {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    fn span(&mut self) -> Result<Span, SyntaxError> {
        let place = self.place();
        match self.take() {
            Some(token) => Span::parse(token.text()).map_err(|error| error_at(place, &error.to_string())),
            None => Err(error_at(place, "expected a span such as 14d or 72h, found the end")),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Meaning, SyntaxError>) -> Result<Meaning, SyntaxError> {
        if self.depth == DEPTH_MAX {
            return Err(self.error("nested too deep; give parts a name under [define]".to_owned()));
        }
        self.depth += 1;
        let meaning = read(self);
        self.depth -= 1;
        meaning
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn peek_is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.text() == text)
    }

    fn take(&mut self) -> Option<Token<'a>> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn accept(&mut self, text: &str) -> bool {
        let accepted = self.peek_is(text);
        self.next += usize::from(accepted);
        accepted
    }

    fn expect(&mut self, text: &str) -> Result<(), SyntaxError> {
        if self.accept(text) {
            return Ok(());
        }
        let found = self.peek().map_or_else(|| "the end".to_owned(), |token| format!("`{}`", token.text()));
        Err(self.error(format!("expected `{text}`, found {found}")))
    }

    fn place(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.end..self.end, |(_, place)| place.clone())
    }

    fn start(&self) -> usize {
        self.place().start
    }

    fn previous_end(&self) -> usize {
        self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(self.end, |(_, place)| place.end)
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { span: self.place(), message, help: None }
    }

    fn error_before(&self, message: &str) -> SyntaxError {
        let last = self.next.saturating_sub(1);
        let place = self.tokens.get(last).map_or(self.end..self.end, |(_, place)| place.clone());
        error_at(place, message)
    }
}

/// The condition that `meaning` stands for; a bare event is none.
pub(super) fn condition(meaning: Meaning, place: Range<usize>) -> Result<Condition, SyntaxError> {
    match meaning {
        Meaning::Condition(condition) => Ok(condition),
        Meaning::States(states) => Ok(Condition::State(states)),
        Meaning::Events(_) => Err(SyntaxError {
            span: place,
            message: "an event holds at an instant only".to_owned(),
            help: Some("give it a window, such as `within 14d`".to_owned()),
        }),
    }
}

/// The exemption as events that others filed tell it; nobody exempts oneself.
fn by_others(exempt: &Condition, place: Range<usize>) -> Result<Condition, SyntaxError> {
    let mut by_oneself = false;
    let mut others = |events: &EventTerm| -> EventTerm {
        by_oneself |= events.iter().any(|event| event.by == By::Oneself);
        events.iter().map(|event| EventSelector { by: By::Others, ..event.clone() }).collect()
    };
    let exempt = exempt.rename(&mut others);
    let mut by_absence = false;
    exempt.visit(&mut |part| by_absence |= matches!(part, Condition::Not(_) | Condition::No(..)));
    if by_absence {
        return Err(SyntaxError {
            span: place,
            message: "nobody is exempt because something is missing".to_owned(),
            help: Some("name what an office, a laboratory or a carrier files; leave out `not` and `no`".to_owned()),
        });
    }
    exempt.visit(&mut |part| by_oneself |= rests_on_own_word(part));
    if by_oneself {
        return Err(SyntaxError {
            span: place,
            message: "nobody is exempt by what they file themselves".to_owned(),
            help: Some("name what an office, a laboratory or a carrier files".to_owned()),
        });
    }
    Ok(exempt)
}

/// Whether it looks at states that people state of themselves: that they applied, where they live, where they were.
fn rests_on_own_word(condition: &Condition) -> bool {
    let (Condition::State(states)
    | Condition::Within(Term::States(states), _)
    | Condition::No(Term::States(states), _)) = condition
    else {
        return false;
    };
    states.iter().any(|state| match state {
        StateSelector::Registered | StateSelector::Bound | StateSelector::Dwelling(_) | StateSelector::Stay(..) => true,
        StateSelector::Case(_) | StateSelector::Isolation(_) | StateSelector::Notice(_) => false,
    })
}

/// Whether days are counted of no measure: only what clears one knows when it began.
pub(super) fn has_loose_days(condition: &Condition) -> bool {
    match condition {
        Condition::OnDays(..) => true,
        Condition::Until(until) => {
            matches!(&until.trigger, Trigger::Condition(trigger) if has_loose_days(trigger))
        }
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(has_loose_days),
        Condition::Not(part) => has_loose_days(part),
        Condition::Constant(_)
        | Condition::State(_)
        | Condition::Within(..)
        | Condition::From(..)
        | Condition::No(..)
        | Condition::Count(_) => false,
    }
}

fn union(parts: Vec<(Meaning, Range<usize>)>) -> Result<Meaning, SyntaxError> {
    let mut events: EventTerm = Vec::new();
    let mut states = Vec::new();
    for (meaning, _) in &parts {
        match meaning {
            Meaning::Events(more) => events.extend(more.iter().cloned()),
            Meaning::States(more) => states.extend(more.iter().cloned()),
            Meaning::Condition(_) => {}
        }
    }
    let all = |is: fn(&Meaning) -> bool| parts.iter().all(|(meaning, _)| is(meaning));
    if all(|meaning| matches!(meaning, Meaning::Events(_))) {
        return one_clock(events, parts.into_iter().map(|(_, place)| place));
    }
    if all(|meaning| matches!(meaning, Meaning::States(_))) {
        return Ok(Meaning::States(states));
    }
    let mut conditions =
        parts.into_iter().map(|(meaning, place)| condition(meaning, place)).collect::<Result<Vec<_>, _>>()?;
    match (conditions.len(), conditions.pop()) {
        (1, Some(only)) => Ok(Meaning::Condition(only)),
        (_, last) => {
            conditions.extend(last);
            Ok(Meaning::Condition(Condition::Or(conditions)))
        }
    }
}

/// The events together, if they all count from the same.
fn one_clock(events: EventTerm, mut places: impl Iterator<Item = Range<usize>>) -> Result<Meaning, SyntaxError> {
    if events.iter().all(|event| Some(event.counts_from) == events.first().map(|first| first.counts_from)) {
        return Ok(Meaning::Events(events));
    }
    let first = places.next().unwrap_or_default();
    let last = places.last().unwrap_or_else(|| first.clone());
    Err(SyntaxError {
        span: first.start..last.end,
        message: "events of one window or count do not count from the same".to_owned(),
        help: Some("write `counts_from:` at each of them, or give each a window of its own".to_owned()),
    })
}

fn term_of(meaning: Meaning, place: Range<usize>) -> Result<Term, SyntaxError> {
    match meaning {
        Meaning::Events(events) => Ok(Term::Events(events)),
        Meaning::States(states) => Ok(Term::States(states)),
        Meaning::Condition(_) => {
            Err(error_at(place, "a window needs events or states before it, and this is a condition"))
        }
    }
}

fn trigger(meaning: Meaning) -> Trigger {
    match meaning {
        Meaning::Events(events) => Trigger::Events(events),
        Meaning::States(states) => Trigger::Condition(Condition::State(states)),
        Meaning::Condition(condition) => Trigger::Condition(condition),
    }
}

fn trigger_of_clearing(meaning: Meaning, place: Range<usize>) -> Result<Trigger, SyntaxError> {
    let clears = trigger(meaning);
    let mut negative = false;
    if let Trigger::Condition(condition) = &clears {
        condition.visit(&mut |part| negative |= matches!(part, Condition::No(..) | Condition::Not(_)));
    }
    if negative {
        return Err(SyntaxError {
            span: place,
            message: "absence cannot clear: only what comes after the trigger is looked at".to_owned(),
            help: Some(
                "name the evidence that clears, such as `count(test(negative), 2, apart: 24h, within: 3d)`".to_owned(),
            ),
        });
    }
    Ok(clears)
}

fn error_at(span: Range<usize>, message: &str) -> SyntaxError {
    SyntaxError { span, message: message.to_owned(), help: None }
}

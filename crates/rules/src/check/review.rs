//! Findings about whole rules of a pack that could be read: what they rest on, and whether they ever tell.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use yima_model::id::ListId;
use yima_model::{Colour, Level};

use super::{DAY_MILLIS, reach_millis};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expression::{
    Comparison, Condition, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Term, Trigger,
};
use crate::file::PackFile;
use crate::imply::implies;
use crate::pack::{Evidence, Pack, PackList, Rule};
use crate::selector::{Selector, selectors};

/// Everything that somebody should look at, in the order of the file.
pub(super) fn review(file: &PackFile, pack: &Pack) -> Vec<Diagnostic> {
    let lists: BTreeMap<&ListId, &PackList> = pack.lists.iter().map(|list| (&list.id, list)).collect();
    let mut findings = Vec::new();
    for (list, place) in pack.lists.iter().zip(file.list.iter().map(|list| &list.id)) {
        findings.extend(unproved(pack, list).map(|rule| error("no-evidence", place.span(), unproved_text(list, rule))));
    }
    for (list, place) in pack.lists.iter().zip(file.list.iter().map(|list| &list.from)) {
        findings.extend(
            too_young(pack, list).map(|rule| warning("list-begins-late", place.span(), too_young_text(list, rule))),
        );
    }
    for (number, (rule, place)) in pack.rules.iter().zip(file.rule.iter().map(|rule| &rule.when)).enumerate() {
        findings.extend((restricts(rule) && may_rest_on_traces(&rule.when, &lists)).then(|| inferred(place)));
        findings
            .extend(without_cases(rule, &lists).map(|what| error("no-cases", place.span(), without_cases_text(&what))));
        findings
            .extend(shadowing(pack, number, rule).map(|by| warning("shadowed", place.span(), shadowed_text(rule, by))));
    }
    findings
}

/// Message and help.
type Said = (String, Option<String>);

fn warning(code: &'static str, span: Range<usize>, (message, help): Said) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, code, message, span, help }
}

fn error(code: &'static str, span: Range<usize>, said: Said) -> Diagnostic {
    Diagnostic { severity: Severity::Error, ..warning(code, span, said) }
}

/// Whether a rule of this colour restricts somebody.
fn restricts(rule: &Rule) -> bool {
    rule.colour >= Colour::Yellow
}

/// The first rule that restricts somebody by what stands on a list that does not say how it came there.
fn unproved<'a>(pack: &'a Pack, list: &PackList) -> Option<&'a Rule> {
    let asks = |selector: Selector<'_>| match selector {
        Selector::Event(EventSelector { what: EventMatch::Compared(asked, Some(true), _), .. }) => *asked == list.id,
        other => inside_lists(other).any(|asked| *asked == list.id),
    };
    let restricting = pack.rules.iter().filter(|rule| restricts(rule) && list.evidence.is_none());
    restricting.into_iter().find(|rule| selectors(&rule.when).into_iter().any(asks))
}

fn unproved_text(list: &PackList, rule: &Rule) -> Said {
    let message =
        format!("`{}` does not say what puts a place or a person on it, and {} restricts by it", list.id, rule.id);
    let help =
        "add `evidence = \"cases\"`, `\"register\"`, `\"map\"` or `\"traces\"`; docs/RULES.md says what each means";
    (message, Some(help.to_owned()))
}

/// The lists in which a place must lie.
fn inside_lists(selector: Selector<'_>) -> impl Iterator<Item = &ListId> {
    let inside = selector.place().into_iter().flat_map(|place| &place.inside);
    inside.filter_map(|name| name.list())
}

/// The first rule that looks back behind the list's beginning, when everything lay outside it.
fn too_young<'a>(pack: &'a Pack, list: &PackList) -> Option<&'a Rule> {
    let outside = |selector: Selector<'_>| {
        let names = selector.place().into_iter().flat_map(|place| &place.outside);
        names.filter_map(|name| name.list()).any(|asked| *asked == list.id)
    };
    let behind = |rule: &Rule| pack.from.plus_millis(-reach_millis(&rule.when)) < list.from;
    let mut asking = pack.rules.iter().filter(|rule| selectors(&rule.when).into_iter().any(outside));
    // A list of places with cases begins with its cases; a map was always there.
    asking.find(|rule| list.evidence != Some(Evidence::Cases) && behind(rule))
}

fn too_young_text(list: &PackList, rule: &Rule) -> Said {
    let days = (reach_millis(&rule.when) + DAY_MILLIS - 1) / DAY_MILLIS;
    let message =
        format!("before this instant everything lies outside `{}`, and {} looks back further", list.id, rule.id);
    (message, Some(format!("let this version begin {days} days before the pack, or earlier")))
}

/// What a way of holding rests on, the least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rests {
    /// On an absence, or on nothing.
    OnNothing,
    /// On nothing but what was inferred.
    OnTraces,
    /// Something that somebody found or filed.
    Firmly,
}

/// Whether there is a way for the condition to hold by nothing but what was inferred.
fn may_rest_on_traces(condition: &Condition, lists: &BTreeMap<&ListId, &PackList>) -> bool {
    match condition {
        Condition::Or(parts) => parts.iter().any(|part| may_rest_on_traces(part, lists)),
        Condition::And(_) => rests(condition, lists) == Rests::OnTraces,
        Condition::Until(until) if let Trigger::Condition(trigger) = &until.trigger => {
            may_rest_on_traces(trigger, lists)
        }
        Condition::Constant(_) | Condition::No(..) | Condition::Not(_) => false,
        // Each of several events or states is a way of its own.
        _ => selectors(condition).into_iter().any(|selector| rests_selector(selector, lists) == Rests::OnTraces),
    }
}

/// What a condition rests on where it rests on the least.
fn rests(condition: &Condition, lists: &BTreeMap<&ListId, &PackList>) -> Rests {
    let events =
        |events: &[EventSelector]| weakest(events.iter().map(|event| rests_selector(Selector::Event(event), lists)));
    let states =
        |states: &[StateSelector]| weakest(states.iter().map(|state| rests_selector(Selector::State(state), lists)));
    match condition {
        Condition::Constant(_) | Condition::No(..) | Condition::Not(_) => Rests::OnNothing,
        Condition::State(term) | Condition::Within(Term::States(term), _) => states(term),
        Condition::Within(Term::Events(term), _) | Condition::From(term, ..) => events(term),
        Condition::Count(count) => events(&count.events),
        Condition::OnDays(term, _) => events(term),
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(term) => events(term),
            Trigger::Condition(condition) => rests(condition, lists),
        },
        Condition::Or(parts) => weakest(parts.iter().map(|part| rests(part, lists))),
        Condition::And(parts) => parts.iter().map(|part| rests(part, lists)).max().unwrap_or(Rests::OnNothing),
    }
}

/// Of several ways to hold, the one that rests on the least.
fn weakest(ways: impl Iterator<Item = Rests>) -> Rests {
    ways.min().unwrap_or(Rests::OnNothing)
}

fn rests_selector(selector: Selector<'_>, lists: &BTreeMap<&ListId, &PackList>) -> Rests {
    let inferred = |list: &ListId| lists.get(list).is_some_and(|list| list.evidence == Some(Evidence::Traces));
    let matches = |event: &EventSelector| !matches!(event.what, EventMatch::Compared(_, Some(false), _));
    let may_match = matches!(selector, Selector::Event(event) if matches(event));
    if says_nothing(selector) && !(may_match && selector.compared().is_some_and(inferred)) {
        return Rests::OnNothing;
    }
    match selector.compared().into_iter().chain(inside_lists(selector)).any(inferred) {
        true => Rests::OnTraces,
        false => Rests::Firmly,
    }
}

/// Whether it holds for people of whom nobody has found anything.
pub(super) fn says_nothing(selector: Selector<'_>) -> bool {
    match selector {
        Selector::Event(event) => match &event.what {
            EventMatch::Declared(contact) => contact.is_none(),
            EventMatch::CheckedIn(_) | EventMatch::Reviewed | EventMatch::Vaccinated(_) | EventMatch::Statement(_) => {
                true
            }
            EventMatch::Temperature(comparison, _) => matches!(comparison, Comparison::Less | Comparison::AtMost),
            EventMatch::Compared(_, matched, _) => *matched != Some(true),
            EventMatch::FollowUp(_) => true,
            EventMatch::Test(positive, ..) => *positive != Some(true),
            EventMatch::Symptom(_) | EventMatch::Missed(_) | EventMatch::Contact(_) | EventMatch::Isolated(_) => false,
            EventMatch::Arrival(place) => is_anywhere(place),
        },
        Selector::State(state) => match state {
            StateSelector::Registered | StateSelector::Bound | StateSelector::Notice(_) => true,
            StateSelector::Case(_) | StateSelector::Isolation(_) => false,
            StateSelector::Dwelling(place) | StateSelector::Stay(place, _) => is_anywhere(place),
        },
    }
}

fn inferred(place: &Spanned<String>) -> Diagnostic {
    let message = "the rule can colour somebody by what was inferred, and by nothing else".to_owned();
    let help = "ask beside it for what somebody found: a test, a symptom, a contact, an examined case";
    Diagnostic {
        severity: Severity::Error,
        code: "inferred-only",
        message,
        span: place.span(),
        help: Some(help.to_owned()),
    }
}

/// The first place on which a restrictive rule hangs a duty without a case in it: an area of its own, or a list of another kind.
fn without_cases(rule: &Rule, lists: &BTreeMap<&ListId, &PackList>) -> Option<PlaceName> {
    let proved = |name: &PlaceName| match name {
        PlaceName::Area(_) => false,
        // A list without evidence has a finding of its own.
        PlaceName::List(list) => {
            lists.get(list).is_none_or(|list| matches!(list.evidence, None | Some(Evidence::Cases | Evidence::Traces)))
        }
    };
    let hangs = |selector: Selector<'_>| {
        let place = selector.place().filter(|place| !has_risk(place) && !place.inside.iter().any(proved))?;
        // Who has come from outside a place has travelled; who lives or was there has done nothing else.
        let is_arrival = matches!(selector, Selector::Event(_));
        place.inside.first().or_else(|| place.outside.first().filter(|_| !is_arrival)).cloned()
    };
    selectors(&rule.when).into_iter().filter(|_| restricts(rule)).find_map(hangs)
}

/// Whether the place has a level above low, or lies beside one that has.
fn has_risk(place: &PlaceCondition) -> bool {
    place.near.is_some() || place.level.is_some_and(|level| level > Level::Low)
}

/// Whether the place may be one of which nothing is known.
fn is_anywhere(place: &PlaceCondition) -> bool {
    !has_risk(place) && place.inside.is_empty()
}

fn without_cases_text(name: &PlaceName) -> Said {
    let name = match name {
        PlaceName::Area(area) => area.to_string(),
        PlaceName::List(list) => list.to_string(),
    };
    let help = "ask for a level, or for a dated list with `evidence = \"cases\"`: nobody is restricted for where they come from";
    (format!("the rule hangs a duty on `{name}`, and nothing says that there are cases"), Some(help.to_owned()))
}

/// A rule with the same colour or a worse one that holds whenever this one does; of two that hold together, the first stays.
fn shadowing<'a>(pack: &'a Pack, number: usize, rule: &Rule) -> Option<&'a Rule> {
    let mut others = pack.rules.iter().enumerate().filter(|(other, _)| *other != number);
    let shadows = |(other, by): &(usize, &Rule)| {
        by.colour >= rule.colour
            && implies(&rule.when, &by.when)
            && (*other < number || by.colour > rule.colour || !implies(&by.when, &rule.when))
    };
    others.find(shadows).map(|(_, by)| by)
}

fn shadowed_text(rule: &Rule, by: &Rule) -> Said {
    let message = format!("{} never tells: whenever it holds, {} holds too and is {}", rule.id, by.id, by.colour);
    (message, Some("drop it, or state what sets it apart".to_owned()))
}

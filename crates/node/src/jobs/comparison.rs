//! Compares who is registered with the lists of the packs, and files that as facts.
//!
//! What the ledger holds about a person (cases, contacts) lies in the person's own record, so that the comparison is with
//! that record; a register outside files its own comparisons through the API.

use yima_model::id::{ListId, SourceId};
use yima_model::{Content, Fact, Kind, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, Zone};
use yima_registry::cases::report::{self, Report, Scope};
use yima_registry::cases::{Call, RequestId};
use yima_registry::standing::standing;

use crate::app::App;
use crate::http::problem::Problem;
use crate::random;

/// Persons looked at in one step.
const PAGE: usize = 1000;

/// Files the comparison of everybody once a day, and of each newly registered person at once.
pub(super) fn round(app: &App) -> Result<(), Problem> {
    let now = app.now();
    app.registry.follow(now)?;
    let lists = lists(app);
    for list in &lists {
        compare_everybody(app, list, now)?;
    }
    let globals = app.registry.globals();
    let mut from = PersonId::from_bytes([0; 16]);
    loop {
        let persons = app.registry.persons(from, PAGE)?;
        for person in &persons {
            let facts = app.registry.record(*person)?;
            for list in &lists {
                if is_registered(&facts) && !is_compared(&facts, &globals, list) {
                    compare(app, *person, &facts, list, now)?;
                }
            }
        }
        match persons.last() {
            Some(last) if persons.len() == PAGE => from = next(*last),
            _ => return Ok(()),
        }
    }
}

/// The lists that a rule wants people to be compared with.
fn lists(app: &App) -> Vec<ListId> {
    let mut lists: Vec<_> = app
        .shelf
        .iter()
        .flat_map(|(_, pack)| pack.lists.iter().map(move |list| (pack, list)))
        .filter(|(pack, list)| {
            let term = format!("compared({}", list.id);
            pack.rules.iter().any(|rule| rule.when_text.contains(&term))
        })
        .map(|(_, list)| list.id.clone())
        .collect();
    lists.sort();
    lists.dedup();
    lists
}

/// One fact for everybody who was registered by then, once each day of Beijing.
fn compare_everybody(app: &App, list: &ListId, now: Timestamp) -> Result<(), Problem> {
    let day = Zone::BEIJING.day(now).to_be_bytes();
    file(app, list, Subject::Global, b"everybody", &day, false, now)
}

/// One fact for one person; on the list is whoever the ledger knows as a case or a contact.
fn compare(app: &App, person: PersonId, facts: &[Fact], list: &ListId, now: Timestamp) -> Result<(), Problem> {
    let is_match = |fact: &Fact| matches!(fact.content(), Content::Case { .. } | Content::Contact { .. });
    let matched = standing(facts, Timestamp::FOREVER).iter().any(|(fact, lasts)| is_match(fact) && lasts.contains(now));
    let registered = standing(facts, Timestamp::FOREVER)
        .iter()
        .find(|(fact, _)| matches!(fact.content(), Content::Registration))
        .map(|(fact, _)| fact.id());
    let nonce = registered.map_or([0; 16], |id| *id.bytes());
    file(app, list, Subject::Person(person), person.bytes(), &nonce, matched, now)
}

fn file(
    app: &App,
    list: &ListId,
    subject: Subject,
    whom: &[u8],
    nonce: &[u8],
    matched: bool,
    now: Timestamp,
) -> Result<(), Problem> {
    let hash = random::hash("comparison", &[list.as_str().as_bytes(), whom, nonce]);
    let request = RequestId(hash.first_chunk().copied().unwrap_or([0; 16]));
    let id = SourceId::parse("yima-comparison").map_err(|error| Problem::internal(&error))?;
    let call = Call { request, source: Source { kind: SourceKind::Register, id }, now };
    let content = Content::Comparison { list: list.clone(), as_of: now, matched };
    let report = Report { subject, occurred: Occurred::at(now), content, cause: None };
    let scope = Scope { areas: None, kinds: vec![Kind::Comparison], persons_per_hour: report::PERSONS_PER_HOUR_MAX };
    report::report(&app.registry, &call, &scope, &[report])?;
    Ok(())
}

fn is_registered(facts: &[Fact]) -> bool {
    standing(facts, Timestamp::FOREVER).iter().any(|(fact, _)| matches!(fact.content(), Content::Registration))
}

/// Whether a comparison of the person, or one of everybody after the person had registered, is known.
fn is_compared(facts: &[Fact], globals: &[Fact], wanted: &ListId) -> bool {
    let registered = facts
        .iter()
        .filter(|fact| matches!(fact.content(), Content::Registration))
        .map(|fact| fact.occurred().start())
        .max();
    let own = facts.iter().any(|fact| matches!(fact.content(), Content::Comparison { list, .. } if list == wanted));
    own || globals.iter().any(|fact| match fact.content() {
        Content::Comparison { list, as_of, .. } => list == wanted && registered.is_some_and(|at| at <= *as_of),
        _ => false,
    })
}

fn next(person: PersonId) -> PersonId {
    PersonId::from_bytes(u128::from_be_bytes(*person.bytes()).saturating_add(1).to_be_bytes())
}

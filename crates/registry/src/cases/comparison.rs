//! Comparing persons with what their own records hold: a published procedure, which nobody's account can start.

use yima_model::id::ListId;
use yima_model::{Content, Fact, Filing, Interval, Occurred, PersonId, Subject};

use super::report::counting;
use super::{Call, CaseError, Draft, Filed, derived_id, file, is_registered};
use crate::registry::Registry;

/// Files, for each registered person who was not compared yet, whether a case or contact counts in the record.
///
/// Such a case or contact is the cause of the match: it was filed by somebody else within that one's bounds, and when it
/// is retracted so is the match. Therefore matches have no bound of their own. A person is compared anew with each further
/// case or contact.
///
/// # Errors
/// [`CaseError`]; then nothing was filed.
pub fn compare(registry: &Registry, call: &Call, list: &ListId, persons: &[PersonId]) -> Result<Filed, CaseError> {
    registry.follow(call.now)?;
    let mut filings = Vec::new();
    for person in persons {
        filings.extend(filing(call, list, *person, &registry.record(*person)?));
    }
    if filings.is_empty() {
        return Ok(Filed { facts: Vec::new(), places: Vec::new(), repeated: true });
    }
    file(registry, filings, call.now)
}

fn filing(call: &Call, list: &ListId, person: PersonId, facts: &[Fact]) -> Option<Filing> {
    if !is_registered(facts, call.now) {
        return None;
    }
    let counting = counting(facts, call.now);
    let latest = |is_it: fn(&Content) -> bool| {
        let found = counting.iter().filter(|(fact, lasts)| is_it(fact.content()) && lasts.contains(call.now));
        found.max_by_key(|(fact, _): &&(&Fact, Interval)| (fact.recorded(), fact.id())).map(|(fact, _)| fact.id())
    };
    let cause = latest(|content| matches!(content, Content::Case { .. } | Content::Contact { .. }));
    let basis = cause.or_else(|| latest(|content| matches!(content, Content::Registration)))?;
    // The id follows from what was compared, so that comparing again files nothing.
    let id = derived_id(b"comparison", &[list.as_str().as_bytes(), person.bytes(), basis.bytes()]);
    if facts.iter().any(|fact| fact.id() == id) {
        return None;
    }
    let mut draft = Draft::new(call);
    let content = Content::Comparison { list: list.clone(), as_of: call.now, matched: cause.is_some() };
    draft.add_by_system(Subject::Person(person), Occurred::at(call.now), content);
    let filing = draft.filings.pop()?;
    Some(Filing { id, cause, ..filing })
}

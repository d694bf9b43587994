//! Compares who is registered with the lists of the packs, and files that as facts.
//!
//! What the ledger holds about a person (cases, contacts) lies in the person's own record, so that the comparison is with
//! that record; a register outside files its own comparisons through the API.

use yima_model::id::{ListId, SourceId};
use yima_model::{Content, Kind, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, Zone};
use yima_registry::cases::comparison::compare;
use yima_registry::cases::report::{self, Report, Scope};
use yima_registry::cases::{Call, CaseError, Refusal, RequestId};

use super::{Progress, reading};
use crate::app::App;
use crate::http::problem::Problem;
use crate::random;

/// Whoever has one of these recorded is compared.
const CAUSES: [Kind; 3] = [Kind::Registration, Kind::Case, Kind::Contact];

/// How many persons are compared in one append.
const PERSONS: usize = 1000;

/// Files the comparison of everybody once a day, and at once that of each person with a new registration, case or contact.
pub(super) fn round(app: &App) -> Result<Progress, Problem> {
    let now = app.now();
    app.registry.follow(now)?;
    let lists = lists(app);
    for list in &lists {
        compare_everybody(app, list, now)?;
    }
    let agenda = app.agendas.of("comparison");
    let mut steps = agenda.steps();
    let (new, progress) = reading::read_on(app, &agenda, &mut steps)?;
    let mut persons: Vec<PersonId> = new
        .into_iter()
        .filter(|entry| entry.kind.is_some_and(|kind| CAUSES.contains(&kind)))
        .filter_map(|entry| match entry.subject {
            Subject::Person(person) => Some(person),
            Subject::Global => None,
        })
        .collect();
    persons.sort_unstable();
    persons.dedup();
    for list in &lists {
        for some in persons.chunks(PERSONS) {
            let call = Call { request: RequestId(random::bytes()), source: source(SourceKind::System)?, now };
            compare(&app.registry, &call, list, some)?;
        }
    }
    steps.commit().map_err(|error| Problem::internal(&error))?;
    Ok(progress)
}

/// The lists that are this system's own register; of any other nobody but those who keep it can say what it has.
fn lists(app: &App) -> Vec<ListId> {
    let lists = app.shelf.iter().flat_map(|(_, pack)| &pack.lists);
    let mut lists: Vec<_> = lists.filter(|list| list.kept_here).map(|list| list.id.clone()).collect();
    lists.sort();
    lists.dedup();
    lists
}

/// One fact for everybody who was registered by then, once each day of Beijing; whoever has a case or a contact was matched by
/// name, and of those it says nothing.
fn compare_everybody(app: &App, list: &ListId, now: Timestamp) -> Result<(), Problem> {
    let day = Zone::BEIJING.day(now).to_be_bytes();
    let hash = random::hash("comparison", &[list.as_str().as_bytes(), b"everybody", &day]);
    let request = RequestId(hash.first_chunk().copied().unwrap_or([0; 16]));
    let call = Call { request, source: source(SourceKind::Register)?, now };
    let content = Content::Comparison { list: list.clone(), as_of: now, matched: false };
    let report = Report { subject: Subject::Global, occurred: Occurred::at(now), content, cause: None };
    let scope = Scope { areas: None, kinds: vec![Kind::Comparison], persons_per_hour: report::PERSONS_PER_HOUR_MAX };
    match report::report(&app.registry, &call, &scope, &[report]) {
        // Of a day the first one stands, as of when it was made.
        Ok(_) | Err(CaseError::Refused(Refusal::RequestReused)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn source(kind: SourceKind) -> Result<Source, Problem> {
    let id = SourceId::parse("yima-comparison").map_err(|error| Problem::internal(&error))?;
    Ok(Source { kind, id })
}

//! Whole facts, alone or as the history of one person.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::Union;
use yima_model::fact::{EVENT_LEAD_MILLIS, Kind, Scope, Shape};
use yima_model::id::{PersonId, SourceId};
use yima_model::{Content, Fact, FactId, Filing, Occurred, Source, SourceKind, Subject, Timestamp};

use crate::content::{any_content, any_fact_id, any_instant, id, name, word};

/// Any fact of any kind, each kind as often as another.
pub fn any_fact() -> impl Strategy<Value = Fact> {
    Union::new(Kind::ALL.iter().map(|kind| any_fact_of(*kind)))
}

/// Any fact of this kind.
pub fn any_fact_of(kind: Kind) -> BoxedStrategy<Fact> {
    let source = (word(SourceKind::ALL), name(SourceId::parse)).prop_map(|(kind, id)| Source { kind, id });
    let references = (option::of(any_fact_id()), option::of(any_fact_id()));
    let times = (any_occurred(kind.shape()), option::of(0..30 * DAY_MILLIS));
    (any_fact_id(), any_subject(kind.scope()), source, times, references, any_content(kind))
        .prop_filter_map(
            "a fact that refers to itself",
            |(id, subject, source, (occurred, delay), (cause, replaces), content)| {
                let recorded = occurred.start().plus_millis(delay.unwrap_or(-EVENT_LEAD_MILLIS));
                Filing { id, subject, source, occurred, cause, replaces, content }.record(recorded).ok()
            },
        )
        .boxed()
}

/// Up to a dozen facts about one person, in the order in which they were recorded, each with an id of its own.
///
/// What a fact refers to is an older fact of the same person.
pub fn any_person_facts() -> impl Strategy<Value = Vec<Fact>> {
    let kinds = Kind::ALL.iter().filter(|kind| kind.scope() != Scope::Global);
    let fact = Union::new(kinds.map(|kind| any_fact_of(*kind)));
    (id(PersonId::from_bytes), vec((fact, any::<Index>()), 0..12)).prop_map(|(person, drafts)| {
        let mut facts: Vec<Fact> = Vec::new();
        for (draft, choice) in drafts {
            facts.extend(follow(&facts, person, &draft, choice));
        }
        facts
    })
}

const DAY_MILLIS: i64 = 86_400_000;

/// The draft as the next fact about this person; none if it needs an older fact and there is none.
fn follow(older: &[Fact], person: PersonId, draft: &Fact, choice: Index) -> Option<Fact> {
    let mut filing = draft.filing().clone();
    let target = (!older.is_empty()).then(|| choice.get(older).id());
    filing.subject = Subject::Person(person);
    filing.cause = filing.cause.and(target);
    filing.replaces = filing.replaces.and(target);
    if let Some(reference) = reference(&mut filing.content) {
        *reference = target?;
    }
    let recorded = older.last().map_or(Timestamp::BEGINNING, Fact::recorded).max(draft.recorded());
    let is_new = older.iter().all(|fact| fact.id() != filing.id);
    is_new.then(|| filing.record(recorded).ok()).flatten()
}

/// The fact that the content names, if it names one.
fn reference(content: &mut Content) -> Option<&mut FactId> {
    match content {
        Content::Contact { of: target, .. }
        | Content::Isolation { ground: target, .. }
        | Content::Closing { target }
        | Content::Retraction { target }
        | Content::Dispute { target, .. }
        | Content::Ruling { target, .. }
        | Content::Inert { target }
        | Content::Lift { target } => Some(target),
        _ => None,
    }
}

fn any_subject(scope: Scope) -> BoxedStrategy<Subject> {
    let person = id(PersonId::from_bytes).prop_map(Subject::Person);
    match scope {
        Scope::Person => person.boxed(),
        Scope::Global => Just(Subject::Global).boxed(),
        Scope::Either => prop_oneof![person, Just(Subject::Global)].boxed(),
    }
}

fn any_occurred(shape: Shape) -> BoxedStrategy<Occurred> {
    let length = option::of(1..60 * DAY_MILLIS);
    match shape {
        Shape::Event => (any_instant(), length)
            .prop_map(|(at, delay)| Occurred::At { at, reported: at.plus_millis(delay.unwrap_or(0)) })
            .boxed(),
        Shape::State => (any_instant(), length)
            .prop_map(|(from, length)| {
                let until = length.map_or(Timestamp::FOREVER, |length| from.plus_millis(length));
                Occurred::During { from, until }
            })
            .boxed(),
    }
}

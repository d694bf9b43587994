//! The person's own page: who, how reached, whose codes are managed, what is stored.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Content, Timestamp};
use yima_registry::cases::dependents;
use yima_registry::standing::standing;
use yima_registry::vault::Details;

use super::AppState;
use super::answer::{instant, position};
use super::dependents::DependentBody;
use super::extract::Resident;
use super::problem::Problem;
use super::residents::ReceiptBody;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(me)).routes(routes!(receipt)).routes(routes!(facts))
}

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct MeBody {
    person: String,
    /// The name but for its first character, such as `*小明`.
    name: Option<String>,
    documents: Vec<DocumentTailBody>,
    /// How the person is reached; the one that lasts longest.
    binding: Option<BindingStateBody>,
    dependents: Vec<DependentBody>,
    position: String,
}

/// A document, by its last characters.
#[derive(Debug, Serialize, ToSchema)]
struct DocumentTailBody {
    kind: u8,
    tail: String,
}

/// How long the code is bound.
#[derive(Debug, Serialize, ToSchema)]
struct BindingStateBody {
    channel: &'static str,
    expires: String,
    /// Whether it has ended; then the address is proven again, and everything else is still there.
    expired: bool,
}

/// Who is signed in
#[utoipa::path(get, path = "/me", tag = "record", responses((status = 200, body = MeBody)))]
async fn me(State(app): State<AppState>, resident: Resident) -> Result<Json<MeBody>, Problem> {
    let person = resident.0.person;
    app.run(move |app| {
        let now = app.now();
        let view = app.registry.view(person)?;
        let details = app.registry.vault().details(person)?;
        let facts = standing(&view.facts, Timestamp::FOREVER);
        let bindings = facts.iter().filter_map(|(fact, lasts)| match fact.content() {
            Content::Binding { channel } => Some((lasts.until(), channel.word())),
            _ => None,
        });
        let managed = dependents::of_guardian(&app.registry, person, now)?;
        let managed = managed.iter().map(|dependent| DependentBody::new(app, dependent)).collect::<Result<_, _>>()?;
        Ok::<_, Problem>(Json(MeBody {
            person: person.to_string(),
            name: masked_name(&details),
            documents: tails(&details),
            binding: bindings.max().map(|(until, channel)| BindingStateBody {
                channel,
                expires: instant(until),
                expired: until <= now,
            }),
            dependents: managed,
            position: position(&[view.as_of.person]),
        }))
    })
    .await
}

/// Exactly what is stored, for amending it
#[utoipa::path(get, path = "/me/receipt", tag = "record", responses((status = 200, body = ReceiptBody)))]
async fn receipt(State(app): State<AppState>, resident: Resident) -> Result<Json<ReceiptBody>, Problem> {
    let person = resident.0.person;
    app.run(move |app| {
        let details = app.registry.vault().details(person)?;
        Ok::<_, Problem>(Json(ReceiptBody::new(app, person, &app.registry.record(person)?, &details)?))
    })
    .await
}

/// Every fact of the own record, as docs/FACTS.md describes them
#[utoipa::path(get, path = "/me/facts", tag = "record", responses((status = 200, body = Vec<Value>)))]
async fn facts(State(app): State<AppState>, resident: Resident) -> Result<Json<Vec<Value>>, Problem> {
    let person = resident.0.person;
    app.run(move |app| {
        let mut facts = app.registry.record(person)?;
        facts.sort_by_key(|fact| (fact.recorded(), fact.id()));
        let json = facts.iter().map(|fact| serde_json::to_value(yima_wire::FactJson(fact)));
        json.collect::<Result<_, _>>().map(Json).map_err(|error| Problem::internal(&error))
    })
    .await
}

/// The name but for its first character.
pub(super) fn masked_name(details: &Details) -> Option<String> {
    let name = details.name.as_ref()?.reveal();
    let mut characters = name.chars();
    characters.next()?;
    Some(format!("*{}", characters.as_str()))
}

fn tails(details: &Details) -> Vec<DocumentTailBody> {
    let tail = |document: &yima_model::Document| {
        let number = document.number().reveal();
        let hidden = number.chars().count().saturating_sub(4);
        DocumentTailBody { kind: document.kind().code(), tail: number.chars().skip(hidden).collect() }
    };
    details.documents.iter().map(tail).collect()
}

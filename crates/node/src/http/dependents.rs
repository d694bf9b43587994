//! Dependents: whose codes a person manages, proved by a desk.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::Relation;
use yima_model::{PersonId, Source, SourceKind};
use yima_registry::cases::dependents::{self, Dependent};
use yima_registry::cases::reach::{self, Reach};
use yima_registry::cases::{Call, Filed};

use super::AppState;
use super::answer::{FiledBody, open_instant, person_id};
use super::bindings::too_many;
use super::extract::{Acting, Body, Key, Resident};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::binding;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A person whose code another manages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DependentBody {
    person: String,
    /// The name in full, which the guardian knows.
    name: Option<String>,
    /// `parent`, `child`, `spouse`, `relative`, `friend` or `institution`: what the guardian is to the person.
    relation: &'static str,
    /// When it ends by itself, such as at the eighteenth birthday.
    until: Option<String>,
}

impl DependentBody {
    pub(super) fn new(app: &App, dependent: &Dependent) -> Result<Self, Problem> {
        let details = app.registry.vault().details(dependent.person)?;
        Ok(Self {
            person: dependent.person.to_string(),
            name: details.name.map(|name| name.reveal().to_owned()),
            relation: dependent.relation.word(),
            until: open_instant(dependent.until),
        })
    }
}

/// Whose codes the person manages
#[utoipa::path(get, path = "/dependents", tag = "record", responses((status = 200, body = Vec<DependentBody>)))]
async fn list(State(app): State<AppState>, resident: Resident) -> Result<Json<Vec<DependentBody>>, Problem> {
    let guardian = resident.0.person;
    app.run(move |app| {
        let found = dependents::of_guardian(&app.registry, guardian, app.now())?;
        found.iter().map(|dependent| DependentBody::new(app, dependent)).collect::<Result<_, _>>().map(Json)
    })
    .await
}

/// Proof of a relation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CareRequest {
    /// The one-time code that a desk printed after it had seen both documents.
    proof: String,
}

/// Take a person's code into care, with a code that a desk printed
#[utoipa::path(post, path = "/dependents", tag = "record", request_body = CareRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 409)))]
async fn add(
    State(app): State<AppState>,
    resident: Resident,
    key: Key,
    Body(CareRequest { proof }): Body<CareRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let guardian = resident.0.person;
    let now = app.now();
    let filed = app
        .run(move |app| {
            app.bindings.check_desk(now).map_err(|many| too_many(many, now))?;
            let Some((code, relation)) = binding::enter_desk_code(app.ledger(), &proof, true, now)?
                .and_then(|code| Some((code.relation?, code)).map(|(relation, code)| (code, relation)))
            else {
                app.bindings.count_wrong_desk(now).map_err(|many| too_many(many, now))?;
                return Err(Code::OneTimeCodeWrong.into());
            };
            let source = Source { kind: SourceKind::Desk, id: code.account };
            let call = |number| Call { request: key.numbered(guardian.bytes(), number), source: source.clone(), now };
            take_into_care(app, [&call(0), &call(1)], guardian, code.person, relation)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// Gives a code into care, and binds it by the guardian's own binding.
pub(super) fn take_into_care(
    app: &App,
    [adding, binding]: [&Call; 2],
    guardian: PersonId,
    dependent: PersonId,
    relation: Relation,
) -> Result<Filed, Problem> {
    let filed = dependents::add(&app.registry, adding, guardian, dependent, relation)?;
    let until = binding.now.plus_millis(i64::from(app.terms.binding_days) * DAY_MILLIS);
    reach::bind(&app.registry, binding, dependent, &Reach::Guardian, until)?;
    Ok(filed)
}

#[derive(Deserialize)]
struct DependentPath {
    dependent: String,
}

/// End the care of a person's code
#[utoipa::path(delete, path = "/dependents/{dependent}", tag = "record", params(("dependent" = String, Path)), responses(
    (status = 200, body = FiledBody), (status = 404)))]
async fn remove(
    State(app): State<AppState>,
    resident: Resident,
    key: Key,
    Path(path): Path<DependentPath>,
) -> Result<Json<FiledBody>, Problem> {
    let acting = Acting { person: person_id(&path.dependent)?, actor: resident.0.person };
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app.run(move |app| dependents::remove(&app.registry, &call, acting.actor, acting.person)).await?;
    Ok(Json(FiledBody::new(&filed, now)))
}

//! Disputes: contest a ground, and answer within a day.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::FactId;
use yima_registry::cases::disputes::{self, ANSWER_MILLIS, OpenDispute};

use super::AppState;
use super::answer::{FiledBody, fact_id, instant, person_id};
use super::extract::{Acting, Body, Key, OnDuty, Path, staff_call};
use super::problem::Problem;
use crate::access_log::{self, Action};
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(dispute))
}

pub(super) fn staff_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open)).routes(routes!(rule_on))
}

/// What is contested.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisputeRequest {
    /// A fact of the own record.
    fact: String,
}

/// A dispute that was filed.
#[derive(Debug, Serialize, ToSchema)]
struct DisputeBody {
    dispute: String,
    /// Unanswered by then, the fact no longer counts.
    deadline: String,
    position: String,
}

/// Contest a fact
#[utoipa::path(post, path = "/disputes", tag = "record", request_body = DisputeRequest, responses(
    (status = 201, body = DisputeBody), (status = 404), (status = 409)))]
async fn dispute(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<DisputeRequest>,
) -> Result<(StatusCode, Json<DisputeBody>), Problem> {
    let target = fact_id(&request.fact)?;
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Contested)?;
            Ok::<_, Problem>(disputes::dispute(&app.registry, &call, acting.person, target)?)
        })
        .await?;
    let body = FiledBody::new(&filed, now);
    Ok((
        StatusCode::CREATED,
        Json(DisputeBody {
            dispute: filed.facts.first().map(FactId::to_string).unwrap_or_default(),
            deadline: instant(now.plus_millis(ANSWER_MILLIS)),
            position: body.position,
        }),
    ))
}

/// A dispute that nobody has answered.
#[derive(Debug, Serialize, ToSchema)]
struct OpenDisputeBody {
    dispute: String,
    person: String,
    fact: String,
    /// What kind of fact is contested.
    kind: &'static str,
    deadline: String,
}

/// The disputes that wait for an answer, the most urgent first
#[utoipa::path(get, path = "/staff/disputes", tag = "staff", responses((status = 200, body = Vec<OpenDisputeBody>)))]
async fn open(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<OpenDisputeBody>>, Problem> {
    let staff = on_duty.with_role(answers)?;
    let body = |open: OpenDispute| OpenDisputeBody {
        dispute: open.dispute.to_string(),
        person: open.person.to_string(),
        fact: open.target.to_string(),
        kind: open.kind.word(),
        deadline: instant(open.deadline),
    };
    app.run(move |app| {
        let open = disputes::open(&app.registry)?;
        for dispute in &open {
            access_log::note_staff(app.ledger(), dispute.person, &staff, Action::ReadDispute, app.now())?;
        }
        Ok::<_, Problem>(Json(open.into_iter().map(body).collect()))
    })
    .await
}

/// The answer to a dispute.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RulingRequest {
    /// Whether the contested fact stands.
    stands: bool,
}

/// Answer a dispute, as another office than the one that filed the fact
#[utoipa::path(post, path = "/staff/persons/{person}/disputes/{dispute}", tag = "staff",
    params(("person" = String, Path), ("dispute" = String, Path)), request_body = RulingRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 404), (status = 409)))]
async fn rule_on(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Path((person, dispute)): Path<(String, String)>,
    Body(request): Body<RulingRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(answers)?;
    let (person, dispute) = (person_id(&person)?, fact_id(&dispute)?);
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app.run(move |app| disputes::rule_on(&app.registry, &call, person, dispute, request.stands)).await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

const fn answers(role: Role) -> bool {
    matches!(role, Role::DiseaseControl | Role::Community | Role::Hospital | Role::Headquarters)
}

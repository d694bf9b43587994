//! The daily check-in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_registry::cases::statements;

use super::AppState;
use super::answer::{FiledBody, Form};
use super::declarations::read_symptoms;
use super::extract::{Acting, Body, Key};
use super::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(check_in))
}

/// How somebody is today.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInRequest {
    /// Present symptoms; empty for none.
    symptoms: Vec<String>,
}

/// Check in
#[utoipa::path(post, path = "/check-ins", tag = "record", request_body = CheckInRequest, responses(
    (status = 201, body = FiledBody), (status = 422)))]
async fn check_in(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<CheckInRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let mut form = Form::default();
    let symptoms = read_symptoms(&mut form, "symptoms", &request.symptoms);
    let symptoms = form.finish(symptoms)?;
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app.run(move |app| statements::check_in(&app.registry, &call, acting.person, symptoms)).await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

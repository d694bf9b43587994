//! The daily check-in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::Timestamp;
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
    /// Symptoms then; empty for none.
    symptoms: Vec<String>,
    /// When it was made, if it waited for a network: at most 48 hours ago. Now, if absent or ahead.
    made: Option<String>,
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
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let made = request.made.as_deref().map(Timestamp::parse).transpose();
    let made = form.read("made", "not-an-instant", made).map(|made| made.unwrap_or(now));
    let (symptoms, made) = form.finish(symptoms.zip(made))?;
    let filed =
        app.run(move |app| statements::check_in_made(&app.registry, &call, acting.person, symptoms, made)).await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

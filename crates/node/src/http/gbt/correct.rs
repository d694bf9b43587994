//! 6.8 用户健康信息纠错: a person contests what a colour rests on, wherever the person stands.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::{CorrectAnswer, CorrectRequest};
use yima_model::Content;
use yima_registry::cases::disputes;

use super::super::AppState;
use super::super::extract::{Body, Key, OnDuty, staff_call};
use super::super::problem::{Code, Problem};
use super::{Message, demand, moment, peer};
use crate::access_log::Action;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(correct))
}

super::bodies!(Correct, CorrectBody, CorrectedBody);

/// Contest a record for a person who has agreed; another office answers within a day
#[utoipa::path(post, path = "/correct", tag = "gbt", request_body = CorrectBody, responses(
    (status = 201, body = CorrectedBody), (status = 404), (status = 409), (status = 422), (status = 429)))]
async fn correct(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(message): Message,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let staff = peer(on_duty)?;
    let now = app.now();
    let request = CorrectRequest::read(message.get(), now)?;
    let call = staff_call(&staff, key, 0, now);
    app.run(move |app| {
        let person = demand(app, &staff, &request.who, Action::Contested, now)?;
        let filed = disputes::dispute(&app.registry, &call, person, request.record)?;
        let record = filed.facts.first().copied().ok_or(Code::Internal)?;
        // A repeated request is answered with the deadline of the first one.
        let facts = app.registry.record(person)?;
        let deadline = facts.iter().find(|fact| fact.id() == record).map(yima_model::Fact::content);
        let Some(Content::Dispute { deadline, .. }) = deadline else { return Err(Code::Internal.into()) };
        let answer = CorrectAnswer { record, deadline: moment(*deadline)? };
        Ok::<_, Problem>((StatusCode::CREATED, Json(answer.write())))
    })
    .await
}

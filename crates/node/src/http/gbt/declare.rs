//! 6.2 用户健康信息申报: what a person declared to another province's system.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::{DeclareAnswer, DeclareRequest};
use yima_model::{Content, Kind, Occurred, Subject};
use yima_registry::cases::report::{self, PERSONS_PER_HOUR_MAX, Report, Scope};

use super::super::AppState;
use super::super::extract::{Body, Key, OnDuty, staff_call};
use super::super::facts::raise;
use super::super::problem::Problem;
use super::{Message, demand, moment, peer};
use crate::access_log::Action;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(declare))
}

super::bodies!(Declare, DeclareBody, DeclaredBody);

/// Declare health for a person who declared it to another system; a grade that comes with it makes no colour
#[utoipa::path(post, path = "/declare", tag = "gbt", request_body = DeclareBody, responses(
    (status = 201, body = DeclaredBody), (status = 409), (status = 422), (status = 429)))]
async fn declare(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(message): Message,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let staff = peer(on_duty)?;
    let now = app.now();
    let request = DeclareRequest::read(message.get(), now)?;
    let call = staff_call(&staff, key, 0, now);
    let answer = app
        .run(move |app| {
            let person = demand(app, &staff, &request.who, Action::Declared, now)?;
            let scope = Scope {
                areas: None,
                kinds: vec![Kind::Declaration, Kind::Temperature],
                persons_per_hour: PERSONS_PER_HOUR_MAX,
            };
            let report = |content| Report {
                subject: Subject::Person(person),
                occurred: Occurred::at(now),
                content,
                cause: None,
            };
            let (symptoms, contact) = (request.symptoms(), request.contact);
            let declaration = Content::Declaration { symptoms, contact, on_duty: false };
            let temperature = request.decicelsius.map(|decicelsius| Content::Temperature { decicelsius });
            let reports: Vec<_> = std::iter::once(declaration).chain(temperature).map(report).collect();
            let reported = report::report(&app.registry, &call, &scope, &reports)?;
            raise(app, reported.alarm);
            Ok::<_, Problem>(DeclareAnswer {
                report_date: moment(now)?,
                not_kept: request.unkept.elements(),
                recognised: request.unkept.grade().map(|_| "unknown".to_owned()),
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(answer.write())))
}

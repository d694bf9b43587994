//! 6.3 用户行程申报: where a person was, as declared to another province's system.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::{Element, TripAnswer, TripRequest};
use yima_model::fact::StayOrigin;
use yima_model::{AreaCode, Content, Interval, Kind, Occurred, Subject, Timestamp};
use yima_registry::cases::report::{self, PERSONS_PER_HOUR_MAX, Report, Scope};

use super::super::AppState;
use super::super::answer::Form;
use super::super::extract::{Body, Key, OnDuty, staff_call};
use super::super::problem::Problem;
use super::super::trips;
use super::{Message, demand, moment, peer};
use crate::access_log::Action;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(declare))
}

super::bodies!(Trip, TripBody, TripDeclaredBody);

/// Declare a trip for a person who declared it to another system
#[utoipa::path(post, path = "/trip", tag = "gbt", request_body = TripBody, responses(
    (status = 201, body = TripDeclaredBody), (status = 409), (status = 422), (status = 429)))]
async fn declare(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(message): Message,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let staff = peer(on_duty)?;
    let now = app.now();
    let request = TripRequest::read(message.get(), now)?;
    let call = staff_call(&staff, key, 0, now);
    app.run(move |app| {
        let (area, during) = read(app, &request, now)?;
        let person = demand(app, &staff, &request.who, Action::Declared, now)?;
        let scope = Scope { areas: None, kinds: vec![Kind::Stay], persons_per_hour: PERSONS_PER_HOUR_MAX };
        let report = Report {
            subject: Subject::Person(person),
            occurred: Occurred::During { from: during.from(), until: during.until() },
            content: Content::Stay { area, origin: StayOrigin::Declared },
            cause: None,
        };
        report::report(&app.registry, &call, &scope, &[report])?;
        Ok::<_, Problem>((StatusCode::CREATED, Json(TripAnswer { report_date: moment(now)? }.write())))
    })
    .await
}

/// A listed area, and days as a resident may name them.
fn read(app: &App, request: &TripRequest, now: Timestamp) -> Result<(AreaCode, Interval), Problem> {
    let mut form = Form::default();
    let area = trips::listed(app, &mut form, Element::TripArea.name(), Some(request.area));
    let days = (request.first_day, request.last_day);
    let during = trips::days(&mut form, Element::TripLastDay.name(), days, now);
    form.finish(area.zip(during))
}

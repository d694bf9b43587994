//! Trips as the person declares them, by the day and as precisely as the person likes; nothing reads them back as a list
//!

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, Interval, Timestamp, Zone};
use yima_registry::cases::statements;

use super::AppState;
use super::answer::{FiledBody, Form};
use super::extract::{Acting, Body, Key};
use super::problem::Problem;
use crate::access_log::Action;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(declare))
}

/// The longest trip in one declaration.
const DAYS_MAX: i64 = 28;

/// Where somebody was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TripRequest {
    /// The smallest listed area that it was.
    area: String,
    /// The first day there in Beijing, such as 2020-12-14.
    first_day: String,
    /// The last day there, today at the latest.
    last_day: String,
}

impl TripRequest {
    fn read(&self, app: &App, now: Timestamp) -> Result<(AreaCode, Interval), Problem> {
        let mut form = Form::default();
        let area = listed(app, &mut form, "area", AreaCode::parse(&self.area).ok());
        let mut day = |field: &str, text: &str| form.read(field, "not-a-day", day_of(text).ok_or("write 2020-12-14"));
        let both = day("first_day", &self.first_day).zip(day("last_day", &self.last_day));
        let during = both.and_then(|both| days(&mut form, "last_day", both, now));
        form.finish(area.zip(during))
    }
}

/// An area that some list has.
pub(super) fn listed(app: &App, form: &mut Form, field: &str, area: Option<AreaCode>) -> Option<AreaCode> {
    let tree = app.tree.load();
    let known = area.filter(|area| tree.name(*area).is_some());
    form.read(field, "not-an-area", known.ok_or("choose a listed area"))
}

/// The time from the first day to the last, both counted.
pub(super) fn days(form: &mut Form, field: &str, (first, last): (i64, i64), now: Timestamp) -> Option<Interval> {
    let fits = first <= last && last <= Zone::BEIJING.day(now) && last - first < DAYS_MAX;
    let during = Interval::new(Zone::BEIJING.midnight(first), Zone::BEIJING.midnight(last + 1));
    let during = during.filter(|_| fits).ok_or("name 28 days at most, which do not lie ahead, the first one first");
    form.read(field, "not-a-trip", during)
}

/// The number of a civil day, from 1970 on.
fn day_of(text: &str) -> Option<i64> {
    let text = Some(text).filter(|text| text.len() == "2020-12-14".len())?;
    let midnight = Timestamp::parse(&format!("{text}T00:00:00+08:00")).ok()?;
    Some(Zone::BEIJING.day(midnight))
}

/// Declare where you were
#[utoipa::path(post, path = "/trips", tag = "record", request_body = TripRequest, responses(
    (status = 201, body = FiledBody), (status = 422)))]
async fn declare(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<TripRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Amended)?;
            let (area, during) = request.read(app, now)?;
            Ok::<_, Problem>(statements::travel(&app.registry, &call, acting.person, area, during)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

//! Places where codes are checked: their class decides what yellow and red mean there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::PlaceClass;
use yima_model::id::SourceId;
use yima_model::{AreaCode, Timestamp};

use super::AppState;
use super::answer::{Form, instant};
use super::areas::{level_of, level_word};
use super::extract::{Body, OnDuty, Path};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

static PLACES: Rows<PlaceRow> = Rows::new(table::PLACE);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(place)).routes(routes!(put))
}

#[derive(Serialize, Deserialize)]
struct PlaceRow {
    area: String,
    class: String,
    listed: bool,
    strict: bool,
    staffed: bool,
    legal_basis: String,
    until: i64,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceBody {
    id: String,
    area: String,
    /// `traffic`, `work`, `government`, `venue`, `hospital`, `fever-clinic`, `home`, `pharmacy`, `emergency`, `shelter`, `court`.
    class: String,
    /// The level of its area now.
    level: &'static str,
    /// Whether it stands on the public list of special places, which check in low-risk areas too.
    listed: bool,
    /// `ordinary` or `strict`.
    strictness: &'static str,
    /// Whether somebody stands there.
    staffed: bool,
    /// On what the check rests.
    legal_basis: String,
    /// Until when codes are checked there.
    until: String,
    /// Whether codes are checked there now.
    in_force: bool,
}

/// A place where codes are checked
#[utoipa::path(get, path = "/places/{id}", tag = "public", params(("id" = String, Path)), responses(
    (status = 200, body = PlaceBody), (status = 404)))]
async fn place(State(app): State<AppState>, Path(id): Path<String>) -> Result<Json<PlaceBody>, Problem> {
    app.run(move |app| {
        let row = PLACES.find(app.ledger(), id.as_bytes())?.ok_or(Code::NotFound)?;
        let area = AreaCode::parse(&row.area).map_err(|error| Problem::internal(&error))?;
        let until = Timestamp::from_millis(row.until);
        Ok::<_, Problem>(Json(PlaceBody {
            id,
            level: level_word(level_of(app, area, app.now())),
            area: row.area,
            class: row.class,
            listed: row.listed,
            strictness: if row.strict { "strict" } else { "ordinary" },
            staffed: row.staffed,
            legal_basis: row.legal_basis,
            until: instant(until),
            in_force: app.now() < until,
        }))
    })
    .await
}

/// That the place is on record and codes are checked there now.
pub(super) fn demand_check(app: &App, id: &str) -> Result<(), Problem> {
    let row = PLACES.find(app.ledger(), id.as_bytes())?.ok_or(Code::NotFound)?;
    if app.now() < Timestamp::from_millis(row.until) { Ok(()) } else { Err(Code::NotPermitted.into()) }
}

/// Where and why codes are checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceRequest {
    area: String,
    class: String,
    /// Whether it stands on the public list of special places.
    listed: bool,
    /// Whether data older than two minutes cannot tell.
    strict: bool,
    /// Whether somebody stands there.
    staffed: bool,
    /// On what the check rests.
    legal_basis: String,
    /// Until when; a check without an end is not lawful.
    until: String,
}

/// Say where and why codes are checked
#[utoipa::path(put, path = "/staff/places/{id}", tag = "staff", params(("id" = String, Path)), request_body = PlaceRequest,
    responses((status = 204), (status = 403), (status = 422)))]
async fn put(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(id): Path<String>,
    Body(request): Body<PlaceRequest>,
) -> Result<StatusCode, Problem> {
    on_duty.with_role(|role| matches!(role, Role::Admin | Role::Headquarters))?;
    let mut form = Form::default();
    let id = form.read("id", "not-a-name", SourceId::parse(&id));
    let area = form.read("area", "not-an-area", AreaCode::parse(&request.area));
    let class = form.word("class", &request.class, PlaceClass::from_word);
    let until = form.read("until", "not-an-instant", Timestamp::parse(&request.until));
    let basis = Some(request.legal_basis).filter(|basis| !basis.trim().is_empty());
    let basis = form.read("legal_basis", "missing", basis.ok_or("name the notice or law on which the check rests"));
    let read = id.zip(area).zip(class.zip(until)).zip(basis);
    let (((id, area), (class, until)), legal_basis) = form.finish(read)?;
    let row = PlaceRow {
        area: area.to_string(),
        class: class.word().to_owned(),
        listed: request.listed,
        strict: request.strict,
        staffed: request.staffed,
        legal_basis,
        until: until.millis(),
    };
    app.run(move |app| PLACES.put(app.ledger(), id.as_str().as_bytes(), &row)).await?;
    Ok(StatusCode::NO_CONTENT)
}

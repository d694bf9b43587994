//! Where the transport notice of an area stands, for whoever cannot know yet when they will leave.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, Timestamp};

use super::AppState;
use super::answer::{Form, instant};
use super::extract::{Body, OnDuty, Path};
use super::packs::{Texts, in_every_language};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// The notices, by the code of the area.
static NOTICES: Rows<NoticeRow> = Rows::new(table::TRANSPORT_NOTICE);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(notice)).routes(routes!(put))
}

#[derive(Serialize, Deserialize)]
struct NoticeRow {
    title: Texts,
    url: String,
    changed: i64,
}

/// A transport notice.
#[derive(Debug, Serialize, ToSchema)]
struct NoticeBody {
    /// For which area: the one that was asked for, or the nearest above it.
    area: String,
    /// What it is called, in every language.
    title: Texts,
    /// Where it stands, by HTTPS.
    url: String,
    /// Since when the node leads there.
    changed: String,
}

/// The transport notice that holds in an area
#[utoipa::path(get, path = "/transport-notices/{area}", tag = "public", params(("area" = String, Path)), responses(
    (status = 200, body = NoticeBody), (status = 404)))]
async fn notice(State(app): State<AppState>, Path(area): Path<String>) -> Result<Json<NoticeBody>, Problem> {
    let area = AreaCode::parse(&area).map_err(|_| Code::NotFound)?;
    app.run(move |app| nearest(app, area)).await.map(Json)
}

fn nearest(app: &App, area: AreaCode) -> Result<NoticeBody, Problem> {
    for area in area.and_above() {
        let area = area.to_string();
        if let Some(NoticeRow { title, url, changed }) = NOTICES.find(app.ledger(), area.as_bytes())? {
            return Ok(NoticeBody { area, title, url, changed: instant(Timestamp::from_millis(changed)) });
        }
    }
    Err(Code::NotFound.into())
}

/// Where the notice stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoticeRequest {
    /// What it is called, in `zh-CN`, `zh-TW` and `en`.
    title: Texts,
    /// Its address, which begins with `https://`.
    url: String,
}

/// Publish where the transport notice of an area stands
#[utoipa::path(put, path = "/staff/transport-notices/{area}", tag = "staff", params(("area" = String, Path)),
    request_body = NoticeRequest, responses((status = 204), (status = 403), (status = 422)))]
async fn put(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(area): Path<String>,
    Body(NoticeRequest { title, url }): Body<NoticeRequest>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Headquarters)?;
    let mut form = Form::default();
    let area = form.read("area", "not-an-area", AreaCode::parse(&area));
    let whole = form.read("title", "missing", in_every_language(&title));
    let safe = form.read("url", "not-an-address", is_web_address(&url).then_some(()).ok_or("begin with https://"));
    let ((area, ()), ()) = form.finish(area.zip(whole).zip(safe))?;
    if !staff.is_for(area) {
        return Err(Code::NotPermitted.into());
    }
    let row = NoticeRow { title, url, changed: app.now().millis() };
    app.run(move |app| NOTICES.put(app.ledger(), area.to_string().as_bytes(), &row)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether pages may lead there: nothing but HTTPS, so that no address runs a script.
fn is_web_address(url: &str) -> bool {
    url.parse::<Uri>()
        .is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some_and(|host| !host.is_empty()))
}

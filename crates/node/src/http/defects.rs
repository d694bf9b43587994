//! Known defects and rule clarifications, with status and dates, for everybody to read.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::Timestamp;
use yima_model::id::SourceId;

use super::AppState;
use super::answer::{Form, instant};
use super::extract::{Body, OnDuty, Path};
use super::packs::{Texts, in_every_language};
use super::problem::Problem;
use crate::rows::{Rows, table};
use crate::staff::Role;

static DEFECTS: Rows<DefectRow> = Rows::new(table::DEFECT);

/// Where a defect stands.
const STATUSES: [&str; 4] = ["reported", "confirmed", "in-work", "fixed"];

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(defects)).routes(routes!(put))
}

#[derive(Serialize, Deserialize)]
struct DefectRow {
    text: Texts,
    status: String,
    owner: String,
    reported: i64,
    changed: i64,
    due: Option<i64>,
    fixed: Option<i64>,
}

/// A known defect, or a rule that was clarified.
#[derive(Debug, Serialize, ToSchema)]
struct DefectBody {
    id: String,
    /// What is wrong and what to do meanwhile, in every language.
    text: Texts,
    /// `reported`, `confirmed`, `in-work` or `fixed`.
    status: String,
    /// The office that sees to it.
    owner: String,
    reported: String,
    /// When anything of this was last changed.
    changed: String,
    due: Option<String>,
    fixed: Option<String>,
}

/// What is known to be wrong, the latest first
#[utoipa::path(get, path = "/known-defects", tag = "public", responses((status = 200, body = Vec<DefectBody>)))]
async fn defects(State(app): State<AppState>) -> Result<Json<Vec<DefectBody>>, Problem> {
    let mut rows = app.run(|app| DEFECTS.all(app.ledger(), &[])).await?;
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.reported));
    let at = |millis: i64| instant(Timestamp::from_millis(millis));
    let body = |(id, row): (Vec<u8>, DefectRow)| DefectBody {
        id: String::from_utf8_lossy(&id).into_owned(),
        text: row.text,
        status: row.status,
        owner: row.owner,
        reported: at(row.reported),
        changed: at(row.changed),
        due: row.due.map(at),
        fixed: row.fixed.map(at),
    };
    Ok(Json(rows.into_iter().map(body).collect()))
}

/// What is to be published of a defect.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DefectRequest {
    /// In `zh-CN`, `zh-TW` and `en`.
    text: Texts,
    /// `reported`, `confirmed`, `in-work` or `fixed`.
    status: String,
    /// The office that sees to it.
    owner: String,
    /// When it shall be fixed.
    #[serde(default)]
    due: Option<String>,
}

/// Publish a defect, or how it stands
#[utoipa::path(put, path = "/staff/known-defects/{id}", tag = "staff", params(("id" = String, Path)),
    request_body = DefectRequest, responses((status = 204), (status = 403), (status = 422)))]
async fn put(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(id): Path<String>,
    Body(request): Body<DefectRequest>,
) -> Result<StatusCode, Problem> {
    on_duty.with_role(|role| matches!(role, Role::Admin | Role::Headquarters))?;
    let mut form = Form::default();
    let id = form.read("id", "not-a-name", SourceId::parse(&id));
    let text = form.read("text", "missing", in_every_language(&request.text));
    let status = form.word("status", &request.status, |word| STATUSES.iter().find(|status| **status == word).copied());
    let owner = Some(request.owner.trim()).filter(|owner| !owner.is_empty());
    let owner = form.read("owner", "missing", owner.ok_or("name the office that sees to it"));
    let due = form.read("due", "not-an-instant", request.due.as_deref().map(Timestamp::parse).transpose());
    let ((id, ()), ((status, owner), due)) = form.finish(id.zip(text).zip(status.zip(owner).zip(due)))?;
    let now = app.now().millis();
    let (status, owner, text) = (status.to_owned(), owner.to_owned(), request.text);
    app.run(move |app| {
        let key = id.as_str().as_bytes();
        let before = DEFECTS.find(app.ledger(), key)?;
        let fixed = before.as_ref().and_then(|row| row.fixed).unwrap_or(now);
        let row = DefectRow {
            text,
            fixed: (status == "fixed").then_some(fixed),
            status,
            owner,
            reported: before.map_or(now, |row| row.reported),
            changed: now,
            due: due.map(Timestamp::millis),
        };
        DEFECTS.put(app.ledger(), key, &row)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Who looked at the record.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::Timestamp;

use super::AppState;
use super::answer::instant;
use super::extract::Acting;
use super::problem::Problem;
use crate::access_log;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(looks))
}

/// One reading by somebody else.
#[derive(Debug, Serialize, ToSchema)]
struct LookBody {
    at: String,
    /// `guardian`, or the role of a member of staff.
    role: String,
    /// The account of a member of staff.
    account: Option<String>,
    /// `found`, `registered`, `kept-birth`, `checked-in`, `read-verdict`, `fetched-codes`, `printed`, `changed-care`,
    /// `looked-up-child`, `opened-provisional`, `read-visits`, `read-arrival`, `read-review`, `reviewed`,
    /// `read-dispute`, `reported-loss`, `found-paper`, `looked-up`, `declared`, `contested`, `read-record`, `amended`,
    /// `filed-certificate`.
    action: String,
    /// The id of the place where somebody was looked up at an entrance, for 28 days.
    place: Option<String>,
}

/// Who looked, the latest first
#[utoipa::path(get, path = "/access-log", tag = "record", responses((status = 200, body = Vec<LookBody>)))]
async fn looks(State(app): State<AppState>, acting: Acting) -> Result<Json<Vec<LookBody>>, Problem> {
    acting.reads_of_life()?;
    let looks = app.run(move |app| access_log::of_person(&app.registry, acting.person)).await?;
    let body = |(look, place): (access_log::Look, Option<String>)| LookBody {
        at: instant(Timestamp::from_millis(look.at)),
        role: look.role,
        account: look.account,
        action: look.action.word().to_owned(),
        place,
    };
    Ok(Json(looks.into_iter().map(body).collect()))
}

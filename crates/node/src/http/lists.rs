//! The trust list and the status lists, by which checkpoints verify without the network.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::extract::Path;
use super::problem::{Code, Problem};
use crate::random;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(trust_list)).routes(routes!(status_list)).routes(routes!(roots))
}

/// The number of the one status list of this node.
const STATUS_LIST: u32 = 1;

/// The signed trust list
#[utoipa::path(get, path = "/trust-list", tag = "public", responses(
    (status = 200, content_type = "application/cose", body = Vec<u8>), (status = 304)))]
async fn trust_list(State(app): State<AppState>, headers: HeaderMap) -> Response {
    answer("application/cose", 60, &app.trust.load().bytes, &headers)
}

/// A signed status list of paper codes
#[utoipa::path(get, path = "/status-lists/{number}", tag = "public", params(("number" = u32, Path)), responses(
    (status = 200, content_type = "application/statuslist+cwt", body = Vec<u8>), (status = 304), (status = 404)))]
async fn status_list(
    State(app): State<AppState>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match app.status_list.load().as_ref() {
        Some(edition) if number == STATUS_LIST.to_string() => {
            Ok(answer("application/statuslist+cwt", 60, &edition.bytes, &headers))
        }
        _ => Err(Code::NotFound.into()),
    }
}

/// The roots that a checkpoint of a demonstration pins; in service they come with the software
#[utoipa::path(get, path = "/roots", tag = "public", responses(
    (status = 200, content_type = "text/plain", body = String), (status = 404)))]
async fn roots(State(app): State<AppState>) -> Result<Response, Problem> {
    // In service a root that comes over the same line as what it vouches for would vouch for nothing.
    if app.keys.is_production() {
        return Err(Code::NotFound.into());
    }
    Ok(app.keys.roots().to_string().into_response())
}

pub(super) fn answer(content_type: &'static str, age_seconds: u32, bytes: &[u8], headers: &HeaderMap) -> Response {
    let hash = random::hash("etag", &[bytes]);
    let etag: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{etag}\"");
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| known.contains(&etag));
    let common: [(HeaderName, String); 2] =
        [(header::ETAG, etag), (header::CACHE_CONTROL, format!("public, max-age={age_seconds}"))];
    if is_known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, content_type)], bytes.to_vec()).into_response()
}

//! Whether the node is well, for load balancers and for the page that says so.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::answer::instant;
use super::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health))
}

/// How the node is.
#[derive(Debug, Serialize, ToSchema)]
struct HealthBody {
    /// `well`, or `behind` while what it has applied is older than a minute.
    status: &'static str,
    /// `test` or `production`.
    environment: &'static str,
    /// The clock of the node.
    now: String,
    /// The version of the program.
    version: &'static str,
}

/// How old what is applied may be before the node says that it is behind.
const BEHIND_MILLIS: i64 = 60_000;

/// How the node is
#[utoipa::path(get, path = "/health", tag = "public", responses((status = 200, body = HealthBody)))]
async fn health(State(app): State<AppState>) -> Result<Json<HealthBody>, Problem> {
    let now = app.now();
    let nobody = yima_model::PersonId::from_bytes([0; 16]);
    let as_of = app.run(move |app| app.registry.view(nobody).map(|view| view.as_of.at)).await?;
    Ok(Json(HealthBody {
        status: if now > as_of.plus_millis(BEHIND_MILLIS) { "behind" } else { "well" },
        environment: if app.keys.is_production() { "production" } else { "test" },
        now: instant(now),
        version: env!("CARGO_PKG_VERSION"),
    }))
}

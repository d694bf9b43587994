//! Signing out, here and on a device that was lost.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::answer::instant;
use super::extract::{Path, Resident, ResidentToken, no_resident_cookie};
use super::problem::{Code, Problem};
use crate::binding;
use crate::session;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_out)).routes(routes!(sessions)).routes(routes!(end))
}

/// A place where the person is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SessionBody {
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    created: String,
    expires: String,
}

/// Sign out
#[utoipa::path(delete, path = "/session", tag = "record", responses((status = 204)))]
async fn sign_out(State(app): State<AppState>, ResidentToken(hash): ResidentToken) -> Result<Response, Problem> {
    let now = app.now();
    app.run(move |app| {
        binding::forget(app.ledger(), hash)?;
        match session::find(app.ledger(), hash, now)? {
            Some(session) => session::end(app.ledger(), hash, session.person),
            None => Ok(()),
        }
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, no_resident_cookie()).into_response())
}

/// Where the person is signed in
#[utoipa::path(get, path = "/me/sessions", tag = "record", responses((status = 200, body = Vec<SessionBody>)))]
async fn sessions(State(app): State<AppState>, resident: Resident) -> Result<Json<Vec<SessionBody>>, Problem> {
    let Resident(own) = resident;
    let sessions = app.run(move |app| session::of_person(app.ledger(), own.person, app.now())).await?;
    let body = |session: session::Session| SessionBody {
        id: session.hash.name(),
        current: session.hash == own.hash,
        created: instant(session.created),
        expires: instant(session.expires),
    };
    Ok(Json(sessions.into_iter().map(body).collect()))
}

/// Sign out a device that was lost
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "record", params(("id" = String, Path)), responses(
    (status = 204), (status = 404)))]
async fn end(State(app): State<AppState>, resident: Resident, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let Resident(own) = resident;
    app.run(move |app| {
        let sessions = session::of_person(app.ledger(), own.person, app.now())?;
        let lost = sessions.into_iter().find(|session| session.hash.name() == id).ok_or(Code::NotFound)?;
        Ok::<_, Problem>(session::end(app.ledger(), lost.hash, lost.person)?)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Paper codes that are lost and found again, reported by the serial number on the sheet.
//!
//! A loss suspends the code: it falls from the public list until it is found, or until another is printed in its place.
//! A serial that is not the person's gets the same answer as one that nobody has.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::PersonId;

use super::AppState;
use super::bindings::too_many;
use super::desk::look_up;
use super::extract::{Acting, Body, OnDuty};
use super::paper_codes;
use super::problem::{Code, Problem};
use super::residents::DocumentRequest;
use crate::access_log::Action;
use crate::app::App;
use crate::attempts::{Attempts, Tried};
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(loss))
}

pub(super) fn desk_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(desk_loss))
}

/// A paper code that was lost, or has been found again.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LossRequest {
    /// The number on the sheet.
    serial: u32,
    /// Whether it is lost; `false` if it has been found.
    lost: bool,
}

/// The same for a person who has come or called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskLossRequest {
    document: DocumentRequest,
    /// The number on the sheet.
    serial: u32,
    /// Whether it is lost; `false` if it has been found.
    lost: bool,
}

/// Whether the code is suspended now.
#[derive(Debug, Serialize, ToSchema)]
struct LossBody {
    serial: u32,
    lost: bool,
}

impl LossRequest {
    const fn action(self) -> Action {
        if self.lost { Action::ReportedLoss } else { Action::FoundPaper }
    }

    /// Suspends the code, or lets it count again; whoever guesses serials is stopped after some.
    fn report(self, app: &App, person: PersonId, by: &[u8]) -> Result<LossBody, Problem> {
        let tried = Attempts::of(&app.registry, Tried::PaperSerial, by, app.now())?;
        tried.check().map_err(|many| too_many(many, app.now()))?;
        if !paper_codes::set_lost(app.ledger(), person, self.serial, self.lost)? {
            tried.count(app.now())?;
            return Err(Code::NotFound.into());
        }
        Ok(LossBody { serial: self.serial, lost: self.lost })
    }
}

/// Report a paper code lost, or found again
#[utoipa::path(post, path = "/paper-losses", tag = "record", request_body = LossRequest, responses(
    (status = 200, body = LossBody), (status = 404), (status = 429)))]
async fn loss(
    State(app): State<AppState>,
    acting: Acting,
    Body(request): Body<LossRequest>,
) -> Result<Json<LossBody>, Problem> {
    let body = app
        .run(move |app| {
            acting.note(app, request.action())?;
            request.report(app, acting.person, &acting.actor_key())
        })
        .await?;
    app.printed.notify_one();
    Ok(Json(body))
}

/// Report a paper code lost, or found again, for a person who has come or called
#[utoipa::path(post, path = "/desk/paper-losses", tag = "desk", request_body = DeskLossRequest, responses(
    (status = 200, body = LossBody), (status = 404), (status = 409), (status = 422), (status = 429)))]
async fn desk_loss(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<DeskLossRequest>,
) -> Result<Json<LossBody>, Problem> {
    let staff = on_duty.with_role(Role::serves_people)?;
    let body = app
        .run(move |app| {
            let loss = LossRequest { serial: request.serial, lost: request.lost };
            let person = look_up(app, &staff, &request.document, "document", loss.action())?;
            loss.report(app, person, staff.account.as_str().as_bytes())
        })
        .await?;
    app.printed.notify_one();
    Ok(Json(body))
}

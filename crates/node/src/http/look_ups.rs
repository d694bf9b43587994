//! Looking up, at an entrance, somebody who shows no code but a document: pass or lane, and nothing else.
//!
//! Whoever is not green and whoever nobody knows get the same answer, after the same time. Who looks is on duty at a
//! place that checks, has so many tries, and stands in the person's access log.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::Colour;
use yima_registry::vault::VaultError;

use super::AppState;
use super::answer::Form;
use super::bindings::too_many;
use super::extract::{Body, OnDuty};
use super::places;
use super::problem::Problem;
use super::residents::DocumentRequest;
use crate::access_log::{self, Action};
use crate::app::App;
use crate::attempts::{Attempts, Tried};
use crate::staff::{Role, Staff};

/// No answer leaves before this, so that the time that finding and judging took tells nothing.
const ANSWERED_AFTER: Duration = Duration::from_millis(300);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(look_up))
}

/// Who is looked up, where, and that the person wants it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookUpRequest {
    document: DocumentRequest,
    /// The id of the place that checks.
    place: String,
    /// Whether the person, who stands there, has agreed.
    consent: bool,
}

/// What the entrance learns.
#[derive(Debug, Serialize, ToSchema)]
struct LookUpBody {
    /// `pass`, `lane` or `cannot-tell`.
    answer: &'static str,
}

/// Look up a person who shows a document instead of a code
#[utoipa::path(post, path = "/checkpoint/look-ups", tag = "checkpoint", request_body = LookUpRequest, responses(
    (status = 200, body = LookUpBody), (status = 403), (status = 404), (status = 422), (status = 429)))]
async fn look_up(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<LookUpRequest>,
) -> Result<Json<LookUpBody>, Problem> {
    let staff = on_duty.with_role(|role| matches!(role, Role::Checkpoint | Role::Hospital) || role.serves_people())?;
    let found = app.run(move |app| answer(app, &staff, &request));
    let (answer, ()) = tokio::join!(found, tokio::time::sleep(ANSWERED_AFTER));
    Ok(Json(LookUpBody { answer: answer? }))
}

fn answer(app: &App, staff: &Staff, request: &LookUpRequest) -> Result<&'static str, Problem> {
    let now = app.now();
    let mut form = Form::default();
    let document = request.document.read(&mut form, "document", now);
    let consent = request.consent.then_some(()).ok_or("ask the person, who must agree");
    let consent = form.read("consent", "not-agreed", consent);
    let (document, ()) = form.finish(document.zip(consent))?;
    places::demand_check(app, &request.place)?;
    for (tried, who) in [(Tried::LookUp, staff.account.as_str()), (Tried::LookUpAtPlace, &request.place)] {
        let tries = Attempts::of(&app.registry, tried, who.as_bytes(), now)?;
        tries.check().map_err(|many| too_many(many, now))?;
        tries.count(now)?;
    }
    let person = match app.registry.vault().find_document(&document) {
        Ok(person) => person,
        // A node that only follows finds nobody, whoever it is.
        Err(VaultError::NoIndexKey) => return Ok("cannot-tell"),
        Err(error) => return Err(error.into()),
    };
    let Some(person) = person else { return Ok("lane") };
    access_log::note_staff(app.ledger(), person, staff, Action::LookedUp, now)?;
    let (_, judgement) = app.judge(person)?;
    Ok(if judgement.colour == Colour::Green { "pass" } else { "lane" })
}

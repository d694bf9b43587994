//! Dates of birth for holders of documents that do not carry them: stated by the person, kept and corrected by a desk.
//!
//! A checkpoint compares the day of the month with the card, so that without it there is no paper code.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Document, Timestamp, Zone};
use yima_registry::vault::BirthDate;

use super::AppState;
use super::answer::Form;
use super::desk::look_up;
use super::extract::{Acting, Body, OnDuty};
use super::problem::{Code, Problem};
use super::residents::DocumentRequest;
use crate::access_log::Action;
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(state))
}

pub(super) fn desk_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(keep))
}

/// Who has seen the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Witness {
    /// Nobody but the person.
    Nobody,
    /// A desk.
    Desk,
}

/// Reads the field `birth`.
pub(super) fn read_birth(form: &mut Form, text: &str, now: Timestamp, witness: Witness) -> Option<BirthDate> {
    let today = Zone::BEIJING.date(now)?;
    form.read("birth", "not-a-date-of-birth", BirthDate::parse(text, today, witness == Witness::Desk))
}

/// Says so if the document carries another date.
pub(super) fn contradiction(form: &mut Form, birth: &BirthDate, document: &Document) {
    let agrees = document.birth().is_none_or(|documented| documented.reveal() == birth.date().reveal());
    let other = agrees.then_some(()).ok_or("the document carries another date of birth; compare both");
    form.read("birth", "contradicts-document", other);
}

/// When somebody was born.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BirthRequest {
    /// Such as 1990-01-31.
    birth: String,
}

/// State the date of birth, once; a desk corrects it
#[utoipa::path(put, path = "/birth-date", tag = "record", request_body = BirthRequest, responses(
    (status = 204), (status = 409), (status = 422)))]
async fn state(
    State(app): State<AppState>,
    acting: Acting,
    Body(request): Body<BirthRequest>,
) -> Result<StatusCode, Problem> {
    let mut form = Form::default();
    let birth = read_birth(&mut form, &request.birth, app.now(), Witness::Nobody);
    let birth = form.finish(birth)?;
    app.run(move |app| {
        let known = app.registry.vault().details(acting.person)?.birth();
        match known {
            Some(known) if known.reveal() == birth.date().reveal() => Ok(()),
            Some(_) => Err(Problem::with_detail(Code::Refused, &"another date of birth is kept; a desk corrects it")),
            None => Ok(app.registry.vault().put_birth(acting.person, &birth)?),
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A date of birth that stands on a document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskBirthRequest {
    document: DocumentRequest,
    /// Such as 1990-01-31.
    birth: String,
}

/// Keep the date of birth that stands on the document, in the place of what was stated
#[utoipa::path(post, path = "/desk/birth-dates", tag = "desk", request_body = DeskBirthRequest, responses(
    (status = 204), (status = 409), (status = 422)))]
async fn keep(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<DeskBirthRequest>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let now = app.now();
    let mut form = Form::default();
    let document = request.document.read(&mut form, "document", now);
    let birth = read_birth(&mut form, &request.birth, now, Witness::Desk);
    if let (Some(birth), Some(document)) = (&birth, &document) {
        contradiction(&mut form, birth, document);
    }
    let is_needed = document.as_ref().is_some_and(|document| document.birth().is_none());
    let birth = form.finish(birth)?;
    app.run(move |app| {
        let person = look_up(app, &staff, &request.document, "document", Action::KeptBirth)?;
        if is_needed {
            app.registry.vault().put_birth(person, &birth)?;
        }
        Ok::<_, Problem>(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

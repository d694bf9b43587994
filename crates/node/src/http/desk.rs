//! Service desks and telephone operators: everything that a person without a phone needs.
//!
//! Whoever works here names a person by the document that lies on the desk; each look is written down.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::Relation;
use yima_model::{PersonId, Timestamp};
use yima_registry::cases::reach::Reach;
use yima_registry::cases::register::{Registered, register};
use yima_registry::cases::{dependents, statements};

use super::AppState;
use super::answer::{FiledBody, Form, instant, position};
use super::birth_dates::Witness;
use super::declarations::read_symptoms;
use super::dependents::take_into_care;
use super::extract::{Body, Key, OnDuty, Query, staff_call};
use super::paper_codes;
use super::paper_sheets::{PaperAnswer, PaperCodeBody, PaperQuery};
use super::problem::{Code, Problem};
use super::residents::{ApplicationRequest, DocumentRequest};
use super::reviews;
use super::verdict::VerdictBody;
use crate::access_log::{self, Action};
use crate::app::App;
use crate::binding::{self, DeskCode};
use crate::staff::{Role, Staff};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(find))
        .routes(routes!(registration))
        .routes(routes!(check_in))
        .routes(routes!(verdict))
        .routes(routes!(one_time_code))
        .routes(routes!(relation))
        .routes(routes!(end_relation))
        .routes(routes!(paper_code))
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A person, named by a document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonRequest {
    document: DocumentRequest,
}

/// A person who was found.
#[derive(Debug, Serialize, ToSchema)]
struct FoundBody {
    person: String,
}

/// Find a person by document, for filing facts
#[utoipa::path(post, path = "/persons/find", tag = "staff", request_body = PersonRequest, responses(
    (status = 200, body = FoundBody), (status = 409), (status = 422)))]
async fn find(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<PersonRequest>,
) -> Result<Json<FoundBody>, Problem> {
    let staff = on_duty.with_role(|role| role.serves_people() || !role.kinds().is_empty())?;
    let person = app.run(move |app| look_up(app, &staff, &request.document, "document", Action::Found)).await?;
    Ok(Json(FoundBody { person: person.to_string() }))
}

/// A registration at the desk.
#[derive(Debug, Serialize, ToSchema)]
struct RegistrationBody {
    person: String,
    /// Whether the person registers for the first time.
    new: bool,
    position: String,
}

/// Register a person who has come
#[utoipa::path(post, path = "/desk/registrations", tag = "desk", request_body = ApplicationRequest, responses(
    (status = 201, body = RegistrationBody), (status = 422)))]
async fn registration(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<ApplicationRequest>,
) -> Result<(StatusCode, Json<RegistrationBody>), Problem> {
    let staff = on_duty.with_role(Role::serves_people)?;
    let now = app.now();
    let body = app
        .run(move |app| {
            let mut form = request.read(app, now, Witness::Desk)?;
            form.application.reach = Some((Reach::Desk, binding_ends(app, now)));
            let call = |number| Ok(staff_call(&staff, key, number, now));
            let registered = register(&app.registry, &call(0)?, &form.application)?;
            let person = registered.person();
            access_log::note_staff(app.ledger(), person, &staff, Action::Registered, now)?;
            let new = matches!(registered, Registered::New { .. });
            if new {
                form.complete(app, person, false, call)?;
                reviews::enqueue(app, person)?;
            }
            let as_of = app.registry.view(person)?.as_of;
            Ok::<_, Problem>(RegistrationBody { person: person.to_string(), new, position: position(&[as_of.person]) })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// A check-in for somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskCheckInRequest {
    document: DocumentRequest,
    /// Present symptoms; empty for none.
    symptoms: Vec<String>,
}

/// File a check-in for a person who has come or called
#[utoipa::path(post, path = "/desk/check-ins", tag = "desk", request_body = DeskCheckInRequest, responses(
    (status = 201, body = FiledBody), (status = 409), (status = 422)))]
async fn check_in(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<DeskCheckInRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(Role::serves_people)?;
    let mut form = Form::default();
    let symptoms = read_symptoms(&mut form, "symptoms", &request.symptoms);
    let symptoms = form.finish(symptoms)?;
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app
        .run(move |app| {
            let person = look_up(app, &staff, &request.document, "document", Action::CheckedIn)?;
            Ok::<_, Problem>(statements::check_in(&app.registry, &call, person, symptoms)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// Read colour and grounds to a person who has come or called
#[utoipa::path(post, path = "/desk/verdicts", tag = "desk", request_body = PersonRequest, responses(
    (status = 200, body = VerdictBody), (status = 409), (status = 422)))]
async fn verdict(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<PersonRequest>,
) -> Result<Json<VerdictBody>, Problem> {
    let staff = on_duty.with_role(Role::serves_people)?;
    app.run(move |app| {
        let person = look_up(app, &staff, &request.document, "document", Action::ReadVerdict)?;
        let (view, judgement) = app.judge(person)?;
        Ok::<_, Problem>(Json(VerdictBody::new(app, person, &judgement, &view)?))
    })
    .await
}

/// For whom a code is printed, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OneTimeCodeRequest {
    document: DocumentRequest,
    /// For a code that gives the person's code into somebody's care: what that one is to the person. Without it, the
    /// code signs the person in.
    #[serde(default)]
    relation: Option<String>,
}

/// A code to be printed.
#[derive(Serialize, ToSchema)]
struct OneTimeCodeBody {
    code: String,
    expires: String,
}

/// Print a one-time code for a person who has shown the document
#[utoipa::path(post, path = "/desk/one-time-codes", tag = "desk", request_body = OneTimeCodeRequest, responses(
    (status = 201, body = OneTimeCodeBody), (status = 409), (status = 422)))]
async fn one_time_code(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<OneTimeCodeRequest>,
) -> Result<(StatusCode, Json<OneTimeCodeBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let mut form = Form::default();
    let relation = request.relation.as_deref().map(|word| form.word("relation", word, Relation::from_word));
    let relation = form.finish(Some(relation))?.flatten();
    let expires = app.now().plus_millis(i64::from(app.terms.desk_code_days) * DAY_MILLIS);
    let code = app
        .run(move |app| {
            let person = look_up(app, &staff, &request.document, "document", Action::Printed)?;
            let desk = DeskCode { person, account: staff.account, relation };
            Ok::<_, Problem>(binding::print_desk_code(app.ledger(), &desk, expires)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(OneTimeCodeBody { code, expires: instant(expires) })))
}

/// A relation that the desk has seen proof of.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RelationRequest {
    guardian: DocumentRequest,
    dependent: DocumentRequest,
    /// What the guardian is to the dependent: `parent`, `child`, `spouse`, `relative`, `friend` or `institution`.
    relation: String,
}

/// Give a person's code into the care of another
#[utoipa::path(post, path = "/desk/relations", tag = "desk", request_body = RelationRequest, responses(
    (status = 201, body = FiledBody), (status = 409), (status = 422)))]
async fn relation(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<RelationRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let mut form = Form::default();
    let relation = form.word("relation", &request.relation, Relation::from_word);
    let relation = form.finish(relation)?;
    let now = app.now();
    let filed = app
        .run(move |app| {
            let guardian = look_up(app, &staff, &request.guardian, "guardian", Action::ChangedCare)?;
            let dependent = look_up(app, &staff, &request.dependent, "dependent", Action::ChangedCare)?;
            let call = |number| staff_call(&staff, key, number, now);
            take_into_care(app, [&call(0), &call(1)], guardian, dependent, relation)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// Whose care of whom ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RelationEndRequest {
    guardian: DocumentRequest,
    dependent: DocumentRequest,
}

/// End the care of a person's code, as either of the two asks
#[utoipa::path(post, path = "/desk/relations/end", tag = "desk", request_body = RelationEndRequest, responses(
    (status = 200, body = FiledBody), (status = 404), (status = 409), (status = 422)))]
async fn end_relation(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<RelationEndRequest>,
) -> Result<Json<FiledBody>, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let now = app.now();
    let filed = app
        .run(move |app| {
            let guardian = look_up(app, &staff, &request.guardian, "guardian", Action::ChangedCare)?;
            let dependent = look_up(app, &staff, &request.dependent, "dependent", Action::ChangedCare)?;
            Ok::<_, Problem>(dependents::remove(&app.registry, &staff_call(&staff, key, 0, now), guardian, dependent)?)
        })
        .await?;
    Ok(Json(FiledBody::new(&filed, now)))
}

/// Print a paper code for a person who has come
#[utoipa::path(post, path = "/desk/paper-codes", tag = "desk", params(PaperQuery), request_body = PersonRequest, responses(
    (status = 201, content((PaperCodeBody = "application/json"), (Vec<u8> = "application/pdf"))), (status = 409),
    (status = 422)))]
async fn paper_code(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Query(query): Query<PaperQuery>,
    Body(request): Body<PersonRequest>,
) -> Result<PaperAnswer, Problem> {
    let staff = on_duty.with_role(Role::serves_people)?;
    let wanted = query.read()?;
    let answer = app
        .run(move |app| {
            let person = look_up(app, &staff, &request.document, "document", Action::Printed)?;
            PaperAnswer::new(app, person, paper_codes::print(app, person, None)?, wanted)
        })
        .await?;
    app.printed.notify_one();
    Ok(answer)
}

/// The person of a document, with the look written down.
pub(super) fn look_up(
    app: &App,
    staff: &Staff,
    request: &DocumentRequest,
    field: &str,
    action: Action,
) -> Result<PersonId, Problem> {
    let now = app.now();
    let mut form = Form::default();
    let document = request.read(&mut form, field, now);
    let document = form.finish(document)?;
    let person = app.registry.vault().find_document(&document)?.ok_or(Code::NotRegistered)?;
    access_log::note_staff(app.ledger(), person, staff, action, now)?;
    Ok(person)
}

fn binding_ends(app: &App, now: Timestamp) -> Timestamp {
    now.plus_millis(i64::from(app.terms.binding_days) * DAY_MILLIS)
}

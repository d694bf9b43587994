//! Staff: signing in, accounts, and the lists that somebody must look at.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, Personal, Subject};
use yima_registry::cases::{report, undo};

use super::AppState;
use super::answer::{FiledBody, Form, fact_id, instant, person_id};
use super::bindings;
use super::extract::{Body, Key, OnDuty, Path, no_staff_cookie, staff_call, staff_cookie};
use super::problem::{Code, Problem};
use crate::attempts::Tried;
use crate::jobs;
use crate::session::Token;
use crate::staff::{self, NewAccount, Role, Staff, StaffError};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
        .routes(routes!(open_account))
        .routes(routes!(inert))
        .routes(routes!(confirm))
        .routes(routes!(confirm_many))
        .routes(routes!(undelivered))
}

/// Account and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInRequest {
    account: String,
    password: String,
}

/// A member of staff.
#[derive(Debug, Serialize, ToSchema)]
struct StaffBody {
    account: String,
    role: &'static str,
    /// Where; empty for the whole country.
    areas: Vec<String>,
    /// What kinds of facts the account files in batches.
    kinds: Vec<&'static str>,
}

impl StaffBody {
    fn new(staff: &Staff) -> Self {
        Self {
            account: staff.account.to_string(),
            role: staff.role.word(),
            areas: staff.areas.iter().map(ToString::to_string).collect(),
            kinds: staff.role.kinds().iter().map(|kind| kind.word()).collect(),
        }
    }
}

/// Sign in as a member of staff
#[utoipa::path(post, path = "/staff/sessions", tag = "sign-in", request_body = SignInRequest, responses(
    (status = 201, body = StaffBody), (status = 403), (status = 429)))]
async fn sign_in(State(app): State<AppState>, Body(request): Body<SignInRequest>) -> Result<Response, Problem> {
    let now = app.now();
    let seconds = i64::from(app.terms.staff_session_hours) * 3600;
    let token = Token::new();
    let hash = token.hash();
    let SignInRequest { account, password } = request;
    let password = Personal::new(password);
    let body = app
        .run(move |app| {
            let many = |error| bindings::refused(error, now);
            app.bindings.check(&app.registry, Tried::Password, account.as_bytes(), now).map_err(many)?;
            let Some(staff) = staff::sign_in(app.ledger(), &account, &password)? else {
                app.bindings.count(&app.registry, Tried::Password, account.as_bytes(), now).map_err(many)?;
                return Err(Code::PasswordWrong.into());
            };
            staff::begin_session(app.ledger(), hash, &staff, now.plus_millis(seconds * 1000))?;
            Ok::<_, Problem>(StaffBody::new(&staff))
        })
        .await?;
    Ok((StatusCode::CREATED, staff_cookie(&token, seconds), Json(body)).into_response())
}

/// Sign out
#[utoipa::path(delete, path = "/staff/session", tag = "staff", responses((status = 204)))]
async fn sign_out(State(app): State<AppState>, on_duty: OnDuty) -> Result<Response, Problem> {
    app.run(move |app| staff::end_session(app.ledger(), on_duty.hash)).await?;
    Ok((StatusCode::NO_CONTENT, no_staff_cookie()).into_response())
}

/// Who is signed in
#[utoipa::path(get, path = "/staff/me", tag = "staff", responses((status = 200, body = StaffBody)))]
async fn me(on_duty: OnDuty) -> Json<StaffBody> {
    Json(StaffBody::new(&on_duty.staff))
}

/// An account to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountRequest {
    /// The institution, a full stop, and who or which desk there: `xian-cdc.li`.
    account: String,
    /// `admin`, `desk`, `operator`, `checkpoint`, `card-reader`, `community`, `laboratory`, `hospital`,
    /// `disease-control`, `carrier`, `register`, `civil-register`, `headquarters` or `province`.
    role: String,
    /// Where; empty for the whole country.
    #[serde(default)]
    areas: Vec<String>,
    /// The first password, at least 12 characters.
    password: String,
}

/// Open an account
#[utoipa::path(post, path = "/staff/accounts", tag = "staff", request_body = AccountRequest, responses(
    (status = 201), (status = 403), (status = 409), (status = 422)))]
async fn open_account(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<AccountRequest>,
) -> Result<StatusCode, Problem> {
    on_duty.with_role(|role| role == Role::Admin)?;
    let mut form = Form::default();
    let role = form.word("role", &request.role, Role::from_word);
    let areas: Vec<_> =
        request.areas.iter().map(|area| form.read("areas", "not-an-area", AreaCode::parse(area))).collect();
    let read = role.zip(areas.into_iter().collect::<Option<Vec<_>>>());
    let (role, areas) = form.finish(read)?;
    let new = NewAccount { account: request.account, role, areas, password: Personal::new(request.password) };
    app.run(move |app| staff::open(app.ledger(), &new, app.now()).map_err(refused)).await?;
    Ok(StatusCode::CREATED)
}

fn refused(error: StaffError) -> Problem {
    match error {
        StaffError::Name(_) => Problem::field("account", "not-a-name", &error),
        StaffError::NoInstitution => Problem::field("account", "no-institution", &error),
        StaffError::Password => Problem::field("password", "wrong-length", &error),
        StaffError::Taken => Problem::with_detail(Code::Refused, &error),
        StaffError::Ledger(error) => error.into(),
        StaffError::NotHashed => Problem::internal(&error),
    }
}

/// A fact that has no effect until a second body confirms it.
#[derive(Debug, Serialize, ToSchema)]
struct InertBody {
    /// Absent for a fact about everybody.
    person: Option<String>,
    fact: String,
    kind: &'static str,
    source: &'static str,
    /// The account that filed it.
    account: String,
    recorded: String,
    /// Until when it can be confirmed.
    until: String,
}

/// The facts that are held back
#[utoipa::path(get, path = "/staff/inert", tag = "staff", responses((status = 200, body = Vec<InertBody>)))]
async fn inert(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<InertBody>>, Problem> {
    on_duty.with_role(confirms)?;
    let held = app.run(move |app| report::inert(&app.registry, app.now())).await?;
    let body = |(subject, fact): (Subject, yima_model::Fact)| InertBody {
        person: match subject {
            Subject::Person(person) => Some(person.to_string()),
            Subject::Global => None,
        },
        fact: fact.id().to_string(),
        kind: fact.kind().word(),
        source: fact.filing().source.kind.word(),
        account: fact.filing().source.id.to_string(),
        recorded: instant(fact.recorded()),
        until: instant(fact.recorded().plus_millis(undo::CONFIRM_MILLIS)),
    };
    Ok(Json(held.into_iter().map(body).collect()))
}

/// Confirm a fact that is held back, as another office than the one that filed it
#[utoipa::path(post, path = "/staff/persons/{person}/facts/{fact}/confirm", tag = "staff",
    params(("person" = String, Path), ("fact" = String, Path)), responses(
    (status = 201, body = FiledBody), (status = 403), (status = 404), (status = 409)))]
async fn confirm(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Path((person, fact)): Path<(String, String)>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(confirms)?;
    let (person, fact) = (person_id(&person)?, fact_id(&fact)?);
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app.run(move |app| undo::confirm(&app.registry, &call, &[(Subject::Person(person), fact)])).await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// Facts that are held back, such as those of a long list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmationRequest {
    /// One to five hundred.
    facts: Vec<HeldRequest>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeldRequest {
    /// Absent for a fact about everybody.
    #[serde(default)]
    person: Option<String>,
    fact: String,
}

/// Confirm facts that are held back, as another office than the one that filed them; all of them or none
#[utoipa::path(post, path = "/staff/confirmations", tag = "staff", request_body = ConfirmationRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn confirm_many(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<ConfirmationRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(confirms)?;
    if !(1..=CONFIRMED_MAX).contains(&request.facts.len()) {
        return Err(Problem::field("facts", "wrong-count", &format!("send 1 to {CONFIRMED_MAX} facts")));
    }
    let target = |held: &HeldRequest| {
        let person = held.person.as_deref().map(person_id).transpose()?;
        Ok((person.map_or(Subject::Global, Subject::Person), fact_id(&held.fact)?))
    };
    let targets = request.facts.iter().map(target).collect::<Result<Vec<_>, Problem>>()?;
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app.run(move |app| undo::confirm(&app.registry, &call, &targets)).await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// How many facts are confirmed at once.
const CONFIRMED_MAX: usize = 500;

/// A person whom no message reached.
#[derive(Debug, Serialize, ToSchema)]
struct UndeliveredBody {
    person: String,
    since: String,
}

/// Whom no message about a change of colour reached: somebody visits them
#[utoipa::path(get, path = "/staff/undelivered", tag = "staff", responses((status = 200, body = Vec<UndeliveredBody>)))]
async fn undelivered(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<UndeliveredBody>>, Problem> {
    on_duty.with_role(Role::serves_people)?;
    let found = app.run(move |app| jobs::undelivered(app.ledger())).await?;
    let body = |(person, since): (yima_model::PersonId, yima_model::Timestamp)| UndeliveredBody {
        person: person.to_string(),
        since: instant(since),
    };
    Ok(Json(found.into_iter().map(body).collect()))
}

const fn confirms(role: Role) -> bool {
    matches!(role, Role::DiseaseControl | Role::Hospital | Role::Laboratory | Role::Headquarters | Role::Community)
}

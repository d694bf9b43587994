//! Signing in: prove a phone, an e-mail address, or a code that a desk printed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{FactId, PersonId, Personal, Timestamp};
use yima_registry::cases::reach::{self, Reach};
use yima_registry::cases::{Call, CaseError, Refusal};
use yima_registry::vault::ContactAddress;

use super::AppState;
use super::answer::instant;
use super::extract::{Body, Key, Path, resident_cookie, self_source};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::attempts::TooMany;
use crate::binding::{self, BindingError, Entered};
use crate::metrics;
use crate::outbox::{Message, Purpose};
use crate::session::{self, Token};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(confirm))
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// How somebody is to be reached.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BindingRequest {
    /// `phone`, `email`, or `desk` for a code that a desk printed.
    channel: String,
    /// The number or address; not for `desk`.
    address: Option<String>,
}

/// What happens next.
#[derive(Debug, Serialize, ToSchema)]
struct BindingBody {
    /// Names this attempt.
    binding: String,
    /// Until when the code can be entered.
    expires: String,
    /// When another code can be asked for.
    next_attempt: String,
}

/// Ask for a one-time code
#[utoipa::path(post, path = "/bindings", tag = "sign-in", request_body = BindingRequest, responses(
    (status = 202, body = BindingBody), (status = 422), (status = 429)))]
async fn begin(
    State(app): State<AppState>,
    key: Key,
    Body(request): Body<BindingRequest>,
) -> Result<(StatusCode, Json<BindingBody>), Problem> {
    let now = app.now();
    let id = key.by(b"binding").0;
    let expires = now.plus_millis(i64::from(app.terms.one_time_code_minutes) * 60_000);
    let contact = read_contact(&request)?;
    let (expires, next_attempt) = app
        .run(move |app| {
            let Some(contact) = contact else {
                binding::begin_desk(app.ledger(), id, expires)?;
                return Ok::<_, Problem>((expires, now));
            };
            let sending = app.bindings.begin(&app.registry, id, &contact, now, expires);
            let sending = sending.map_err(|error| refused(error, now))?;
            if let Some(code) = sending.code {
                send(app, contact.clone(), &code, now).or_else(|failed| {
                    app.bindings.cancel(&app.registry, id, &contact, now)?;
                    Err(failed)
                })?;
            }
            Ok((sending.expires, sending.next_attempt))
        })
        .await?;
    let binding = FactId::from_bytes(id).to_string();
    let body = BindingBody { binding, expires: instant(expires), next_attempt: instant(next_attempt) };
    Ok((StatusCode::ACCEPTED, Json(body)))
}

fn read_contact(request: &BindingRequest) -> Result<Option<ContactAddress>, Problem> {
    let address = request.address.as_deref().unwrap_or_default();
    match request.channel.as_str() {
        "phone" => ContactAddress::phone(address)
            .map(Some)
            .map_err(|error| Problem::field("address", "not-a-phone-number", &error)),
        "email" => ContactAddress::email(address)
            .map(Some)
            .map_err(|error| Problem::field("address", "not-an-email-address", &error)),
        "desk" => Ok(None),
        _ => Err(Problem::field("channel", "unknown-word", &"write `phone`, `email` or `desk`")),
    }
}

fn send(app: &App, to: ContactAddress, code: &str, created: Timestamp) -> Result<(), Problem> {
    let minutes = app.terms.one_time_code_minutes;
    let text = format!(
        "【一码】验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。Your Yima code is {code}, valid for {minutes} minutes. \
         Tell it to nobody."
    );
    let message = Message { to, purpose: Purpose::OneTimeCode, created, text: Personal::new(text) };
    let sent = app.outbox.send(&message);
    let outcome = if sent.is_ok() { "sent" } else { "failed" };
    app.metrics.messages.get_or_create(&metrics::OutcomeLabels { outcome }).inc();
    sent.map(drop).map_err(|error| Problem::internal(&error))
}

/// The code as received.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmRequest {
    code: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct ConfirmBody {
    /// The person, if the holder of the address has registered.
    person: Option<String>,
    /// Until when the sign-in lasts.
    expires: String,
}

/// Enter a one-time code; signs in
#[utoipa::path(post, path = "/bindings/{binding}/confirm", tag = "sign-in", params(("binding" = String, Path)),
    request_body = ConfirmRequest, responses((status = 200, body = ConfirmBody), (status = 403), (status = 429)))]
async fn confirm(
    State(app): State<AppState>,
    Path(binding): Path<String>,
    key: Key,
    Body(ConfirmRequest { code }): Body<ConfirmRequest>,
) -> Result<Response, Problem> {
    let now = app.now();
    let id = *FactId::parse(&binding).map_err(|_| Code::OneTimeCodeWrong)?.bytes();
    let token = Token::new();
    let hash = token.hash();
    let expires = now.plus_millis(i64::from(app.terms.session_days) * DAY_MILLIS);
    let (person, expires) = app
        .run(move |app| {
            let (found, reach) = enter(app, id, &code, now)?;
            let person = match found {
                Some(person) if renew(app, key, person, &reach, now)? => Some(person),
                _ => None,
            };
            match (person, reach) {
                (Some(person), _) => session::begin(app.ledger(), hash, person, now, expires).map(drop)?,
                (None, Reach::Contact(contact)) => {
                    return Ok((None, binding::prove(&app.registry, hash, &contact, now)?));
                }
                (None, Reach::Desk | Reach::Guardian) => return Err(Code::NotRegistered.into()),
            }
            Ok::<_, Problem>((person, expires))
        })
        .await?;
    let seconds = expires.seconds() - now.seconds();
    let body = ConfirmBody { person: person.map(|person| person.to_string()), expires: instant(expires) };
    Ok((resident_cookie(&token, seconds), Json(body)).into_response())
}

/// Who the holder of the code is, and what it proves.
fn enter(app: &App, id: binding::BindingId, code: &str, now: Timestamp) -> Result<(Option<PersonId>, Reach), Problem> {
    if binding::is_desk(app.ledger(), id, now)? {
        let desk = binding::enter_desk_code(app.ledger(), code, false, now)?.ok_or(Code::OneTimeCodeWrong)?;
        return Ok((Some(desk.person), Reach::Desk));
    }
    match app.bindings.enter(&app.registry, id, code, now)? {
        Entered::Right(contact) => Ok((app.registry.vault().find_contact(&contact)?, Reach::Contact(contact))),
        Entered::Wrong => Err(Code::OneTimeCodeWrong.into()),
        Entered::TooMany(many) => Err(too_many(many, now)),
    }
}

/// Binds a registered person again, as of now; `false` if the person has not registered.
fn renew(app: &App, key: Key, person: PersonId, reach: &Reach, now: Timestamp) -> Result<bool, Problem> {
    let until = now.plus_millis(i64::from(app.terms.binding_days) * DAY_MILLIS);
    let call = Call { request: key.by(person.bytes()), source: self_source()?, now };
    match reach::bind(&app.registry, &call, person, reach, until) {
        Ok(_) => Ok(true),
        Err(CaseError::Refused(Refusal::NotRegistered)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn too_many(many: TooMany, now: Timestamp) -> Problem {
    let seconds = many.until.seconds().saturating_sub(now.seconds());
    Problem::retry_after(Code::TooManyAttempts, u32::try_from(seconds).unwrap_or(u32::MAX))
}

pub(super) fn refused(error: BindingError, now: Timestamp) -> Problem {
    match error {
        BindingError::TooMany(many) => too_many(many, now),
        BindingError::Vault(error) => error.into(),
    }
}

//! Card readers at entrances: a document is looked up that the node does not see (RFC 9497).
//!
//! A reader blinds what it read, the node evaluates it under its card key, and the reader asks with the result. An
//! evaluation counts against the quota and comes with a ticket, with which the reader asks once, within a minute.

use axum::Json;
use axum::extract::State;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::Timestamp;
use yima_registry::vault::{CardResult, KeyNumber, VaultError};

use super::AppState;
use super::answer::Form;
use super::extract::{Body, OnDuty};
use super::look_ups::{LookUpBody, answer_for, count, not_before};
use super::places;
use super::problem::{Code, Problem};
use crate::app::App;
use crate::attempts::Tried;
use crate::random;
use crate::rows::{Rows, table};
use crate::staff::{Role, Staff};

/// The tickets that were used, by their hash, until they are too old anyway.
static USED: Rows<Used> = Rows::new(table::CARD_TICKET);

/// How long a reader has from the evaluation to the question.
const TICKET_MILLIS: i64 = 60_000;
/// What a ticket is sealed for.
const TICKET: &str = "card ticket";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(card_key)).routes(routes!(evaluate)).routes(routes!(look_up))
}

/// The public key by which readers check evaluations; the same for everybody.
#[derive(Debug, Serialize, ToSchema)]
struct CardKeyBody {
    number: u8,
    /// 32 bytes in base64url without padding.
    key: String,
}

/// The card key; readers pin it
#[utoipa::path(get, path = "/checkpoint/card-key", tag = "public", responses((status = 200, body = CardKeyBody), (status = 404)))]
async fn card_key(State(app): State<AppState>) -> Result<Json<CardKeyBody>, Problem> {
    let (number, key) = app.registry.vault().keyring().card().ok_or(Code::NotFound)?;
    Ok(Json(CardKeyBody { number: number.0, key: Base64UrlUnpadded::encode_string(&key.public().bytes()) }))
}

/// A document that a reader has blinded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvaluationRequest {
    /// The id of the place that checks.
    place: String,
    /// The number of the card key that the reader holds.
    key: u8,
    /// 32 bytes in base64url without padding.
    blinded: String,
}

/// What it is under the card key.
#[derive(Debug, Serialize, ToSchema)]
struct EvaluationBody {
    /// 32 bytes in base64url without padding.
    element: String,
    /// 64 bytes in base64url without padding: that it was this key.
    proof: String,
    /// With this the reader asks once, within a minute.
    ticket: String,
}

/// Evaluate what a card reader has blinded
#[utoipa::path(post, path = "/checkpoint/card-evaluations", tag = "checkpoint", request_body = EvaluationRequest, responses(
    (status = 200, body = EvaluationBody), (status = 403), (status = 404), (status = 422), (status = 429)))]
async fn evaluate(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<EvaluationRequest>,
) -> Result<Json<EvaluationBody>, Problem> {
    let hash = on_duty.hash;
    let staff = on_duty.with_role(|role| role == Role::CardReader)?;
    app.run(move |app| {
        let now = app.now();
        places::demand_check(app, &request.place)?;
        let (number, key) = app.registry.vault().keyring().card().ok_or(Code::NotFound)?;
        let mut form = Form::default();
        let is_current = (number.0 == request.key).then_some(()).ok_or("not the key in use; fetch the card key again");
        let current = form.read("key", "not-in-use", is_current);
        let blinded = form.read("blinded", "not-base64url", Base64UrlUnpadded::decode_vec(&request.blinded));
        let evaluated = blinded.map(|blinded| key.evaluate(&blinded, &*random::function()));
        let evaluated = evaluated.and_then(|evaluated| form.read("blinded", "not-an-element", evaluated));
        let (evaluation, ()) = form.finish(evaluated.zip(current))?;
        let account = staff.account.as_str().as_bytes();
        let whose =
            [(Tried::Card, account), (Tried::CardAtPlace, request.place.as_bytes()), (Tried::CardInShift, &hash.0)];
        count(app, &whose, now)?;
        let ticket = Ticket {
            account: staff.account.to_string(),
            place: request.place,
            key: number.0,
            expires: now.plus_millis(TICKET_MILLIS).millis(),
        };
        Ok::<_, Problem>(Json(EvaluationBody {
            element: Base64UrlUnpadded::encode_string(&evaluation.element),
            proof: Base64UrlUnpadded::encode_string(&evaluation.proof),
            ticket: ticket.seal(app)?,
        }))
    })
    .await
}

/// What a reader asks with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardLookUpRequest {
    ticket: String,
    /// The 64 bytes that the reader has unblinded, in base64url without padding.
    result: String,
}

/// Look up a person by a card that the node does not see
#[utoipa::path(post, path = "/checkpoint/card-look-ups", tag = "checkpoint", request_body = CardLookUpRequest, responses(
    (status = 200, body = LookUpBody), (status = 403), (status = 422)))]
async fn look_up(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<CardLookUpRequest>,
) -> Result<Json<LookUpBody>, Problem> {
    let staff = on_duty.with_role(|role| role == Role::CardReader)?;
    not_before(app.run(move |app| answer(app, &staff, &request))).await
}

fn answer(app: &App, staff: &Staff, request: &CardLookUpRequest) -> Result<&'static str, Problem> {
    let now = app.now();
    let mut form = Form::default();
    let mut bytes = [0; 64];
    let read = Base64UrlUnpadded::decode(&request.result, &mut bytes).map(<[u8]>::len);
    let read = matches!(read, Ok(64)).then_some(CardResult(bytes)).ok_or("not 64 bytes in base64url");
    let result = form.read("result", "not-a-result", read);
    let result = form.finish(result)?;
    let ticket = Ticket::take(app, &request.ticket, staff, now)?;
    match app.registry.vault().find_card(KeyNumber(ticket.key), &result) {
        Ok(found) => answer_for(app, found, staff, &ticket.place, now),
        Err(VaultError::NoIndexKey) => Ok("cannot-tell"),
        Err(error) => Err(error.into()),
    }
}

/// The right to ask once, for the reader to which the evaluation was given.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    account: String,
    place: String,
    key: u8,
    expires: i64,
}

/// A ticket that was used.
#[derive(Debug, Serialize, Deserialize)]
struct Used {
    expires: i64,
}

impl Ticket {
    fn seal(&self, app: &App) -> Result<String, Problem> {
        let content = serde_json::to_vec(self).map_err(|error| Problem::internal(&error))?;
        Ok(Base64UrlUnpadded::encode_string(&app.registry.vault().seal_ticket(TICKET, &content)?))
    }

    /// The ticket of this text, which counts for its reader, in time and once.
    fn take(app: &App, text: &str, staff: &Staff, now: Timestamp) -> Result<Self, Problem> {
        let sealed = Base64UrlUnpadded::decode_vec(text).map_err(|_| Code::TicketWrong)?;
        let content = app.registry.vault().open_ticket(TICKET, &sealed).ok_or(Code::TicketWrong)?;
        let ticket: Self = serde_json::from_slice(&content).map_err(|error| Problem::internal(&error))?;
        if ticket.account != staff.account.as_str() || ticket.expires <= now.millis() {
            return Err(Code::TicketWrong.into());
        }
        let used = Used { expires: ticket.expires };
        match USED.claim(app.ledger(), &random::hash(TICKET, &[&sealed]), &used)? {
            None => Ok(ticket),
            Some(_) => Err(Code::TicketWrong.into()),
        }
    }
}

/// Clears away the used tickets that are too old by now; says how many there were.
pub(crate) fn clear_tickets(app: &App) -> Result<usize, Problem> {
    let rows = USED.all(app.ledger(), &[])?.into_iter().filter(|(_, used)| used.expires <= app.now().millis());
    let keys: Vec<_> = rows.map(|(key, _)| key).collect();
    keys.iter().try_for_each(|key| USED.delete(app.ledger(), key))?;
    Ok(keys.len())
}

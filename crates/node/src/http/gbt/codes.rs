//! 6.6 健康码制码请求 and 6.7 健康码验码请求: codes that say nothing by themselves, and what they lead to.
//!
//! Such a code is 128 random bits that lead to a person for a minute; whoever verifies it asks this node, which judges at
//! that moment. That it was verified is written down nowhere.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::code::Origin;
use yima_gbt::{Interface, MakeAnswer, MakeRequest, Standing, VerifyAnswer, VerifyRequest};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{FactId, PersonId, Timestamp};
use yima_registry::cases::register::registered_until;

use super::super::AppState;
use super::super::extract::{Body, OnDuty};
use super::super::problem::{Code, Problem};
use super::super::reviews;
use super::{Message, apply, moment, peer, present, query};
use crate::app::App;
use crate::random;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// To whom a code leads.
static MADE: Rows<MadeRow> = Rows::new(table::GBT_CODE);

/// How long a picture counts: as long as that of a live code.
const CODE_MILLIS: i64 = 60_000;

/// How long after that it is answered that it has expired; then nobody knows the code.
const EXPIRED_MILLIS: i64 = 3_600_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(verify))
}

super::bodies!(Make, MakeBody, MadeBody);

/// Make a code under a serial number
#[utoipa::path(post, path = "/make", tag = "gbt", request_body = MakeBody, responses(
    (status = 201, body = MadeBody), (status = 404), (status = 409), (status = 422)))]
async fn make(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(message): Message,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let staff = peer(on_duty)?;
    let request = MakeRequest::read(message.get())?;
    let now = app.now();
    app.run(move |app| {
        let person = apply::person_of(app.ledger(), &staff, request.serial, now)?.ok_or(Code::NotFound)?;
        let facts = app.registry.view(person)?.facts;
        registered_until(&facts, now).ok_or(Code::NotRegistered)?;
        reviews::admit(app, &facts)?;
        let code = FactId::from_bytes(random::bytes());
        let expires = moment(now.plus_millis(CODE_MILLIS))?;
        let row = MadeRow { person: person.to_string(), expires: expires.timestamp().millis() };
        MADE.put(app.ledger(), &made_key(code), &row)?;
        app.metrics.codes.inc();
        let answer = MakeAnswer { code_content: code.to_string(), code_expire_time: expires };
        Ok::<_, Problem>((StatusCode::CREATED, Json(answer.write())))
    })
    .await
}

super::bodies!(Verify, VerifyBody, VerifiedBody);

/// Verify a code; that it has expired is an answer too
#[utoipa::path(post, path = "/verify", tag = "gbt", request_body = VerifyBody, responses(
    (status = 200, body = VerifiedBody), (status = 404), (status = 422)))]
async fn verify(State(app): State<AppState>, on_duty: OnDuty, Body(message): Message) -> Result<Json<Value>, Problem> {
    on_duty.with_role(|role| matches!(role, Role::Province | Role::Checkpoint))?;
    let request = VerifyRequest::read(message.get())?;
    app.run(move |app| {
        let code = FactId::parse(request.code_content.reveal()).map_err(|_| Code::NotFound)?;
        let row = MADE.find(app.ledger(), &made_key(code))?.ok_or(Code::NotFound)?;
        let mut answer = answer(app, &row)?;
        answer.auth_field = present(Interface::Verify, &answer.write());
        Ok::<_, Problem>(Json(answer.write()))
    })
    .await
}

fn answer(app: &App, row: &MadeRow) -> Result<VerifyAnswer, Problem> {
    let (expires, now) = (Timestamp::from_millis(row.expires), app.now());
    if expires.plus_millis(EXPIRED_MILLIS) <= now {
        return Err(Code::NotFound.into());
    }
    let person = PersonId::parse(&row.person).map_err(|_| Code::NotFound)?;
    let (_, judgement) = app.judge(person)?;
    let code_expired = expires <= now;
    let judged = query::judged(&judgement);
    // An old picture follows nobody: it tells what is to be renewed, and no colour.
    let standing =
        if code_expired { Standing { report_expired: judged.report_expired, ..Standing::UNKNOWN } } else { judged };
    Ok(VerifyAnswer {
        code_expired,
        code_expire_time: moment(expires)?,
        standing,
        data_source: Origin::Nation,
        auth_field: Vec::new(),
    })
}

#[derive(Serialize, Deserialize)]
struct MadeRow {
    person: String,
    expires: i64,
}

/// The row of a code: a hash, so that a stolen table makes nobody's code.
fn made_key(code: FactId) -> [u8; 32] {
    random::hash("gbt code", &[code.bytes()])
}

pub(super) fn clear_expired(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    let is_over = |row: &MadeRow| row.expires + EXPIRED_MILLIS <= now.millis();
    let keys: Vec<_> = MADE.all(ledger, &[])?.into_iter().filter(|(_, row)| is_over(row)).map(|(key, _)| key).collect();
    keys.iter().try_for_each(|key| MADE.delete(ledger, key))?;
    Ok(keys.len())
}

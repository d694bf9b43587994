//! 6.5 健康码调用申请: a serial number under which another province's system makes codes for one person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::{ApplyAnswer, ApplyRequest};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{FactId, PersonId, Timestamp};

use super::super::AppState;
use super::super::extract::{Body, Key, OnDuty, staff_call};
use super::super::problem::{Code, Problem};
use super::{Message, demand, moment, peer};
use crate::access_log::Action;
use crate::rows::{Rows, table};
use crate::staff::Staff;

/// For whom an account makes codes under a number.
static SERIALS: Rows<SerialRow> = Rows::new(table::GBT_SERIAL);

/// How long codes are made under a number: as long as a live code lasts at most.
const SERIAL_MILLIS: i64 = 24 * 3_600_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(apply))
}

super::bodies!(Apply, ApplyBody, AppliedBody);

/// Apply for the right to make codes for a person who has agreed
#[utoipa::path(post, path = "/apply", tag = "gbt", request_body = ApplyBody, responses(
    (status = 201, body = AppliedBody), (status = 409), (status = 422), (status = 429)))]
async fn apply(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(message): Message,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let staff = peer(on_duty)?;
    let now = app.now();
    let request = ApplyRequest::read(message.get(), now)?;
    app.run(move |app| {
        let person = demand(app, &staff, &request.who, Action::FetchedCodes, now)?;
        // A repeated request is answered as the first was.
        let serial = FactId::from_bytes(staff_call(&staff, key, 0, now).request.0);
        let expires = now.plus_millis(SERIAL_MILLIS).millis();
        let row = SerialRow { person: person.to_string(), account: staff.account.to_string(), expires };
        let row = match SERIALS.claim(app.ledger(), serial.bytes(), &row)? {
            Some(before) if before.person != row.person => return Err(Code::KeyReused.into()),
            Some(before) => before,
            None => row,
        };
        let expires = moment(Timestamp::from_millis(row.expires))?;
        Ok::<_, Problem>((StatusCode::CREATED, Json(ApplyAnswer { serial, expires }.write())))
    })
    .await
}

#[derive(Serialize, Deserialize)]
struct SerialRow {
    person: String,
    account: String,
    expires: i64,
}

/// For whom this account makes codes under the number.
pub(super) fn person_of(
    ledger: &dyn Ledger,
    staff: &Staff,
    serial: FactId,
    now: Timestamp,
) -> Result<Option<PersonId>, LedgerError> {
    let row = SERIALS.find(ledger, serial.bytes())?;
    let row = row.filter(|row| now.millis() < row.expires && row.account == staff.account.as_str());
    Ok(row.and_then(|row| PersonId::parse(&row.person).ok()))
}

pub(super) fn clear_expired(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    let expired = SERIALS.all(ledger, &[])?.into_iter().filter(|(_, row)| row.expires <= now.millis());
    let keys: Vec<_> = expired.map(|(key, _)| key).collect();
    keys.iter().try_for_each(|key| SERIALS.delete(ledger, key))?;
    Ok(keys.len())
}

//! Warnings about venues: disease control files them, everybody fetches the same signed list, and each phone compares it with
//! its own visits.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::trust_list::KeyUse;
use yima_credential::warning_list::{WARNING_LIST_SECONDS_MAX, WARNINGS_MAX};
use yima_credential::{Seconds, VenueId, Warning, WarningContent};
use yima_model::Timestamp;

use super::AppState;
use super::answer::{Form, instant};
use super::extract::{Body, OnDuty, Path};
use super::lists;
use super::problem::{Code, Problem};
use super::venues::{hex, known_to};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// Warnings, by venue and times as they stand in the list.
static WARNINGS: Rows<WarningRow> = Rows::new(table::VENUE_WARNING);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(warn)).routes(routes!(take_back))
}

/// For how long a warning is listed after its end: no phone keeps a visit longer.
const LISTED_SECONDS: u32 = 14 * 24 * 3600;

/// How old a list may be before another is signed: what another node has filed is in the next one.
const EDITION_SECONDS: u32 = 10 * 60;

#[derive(Serialize, Deserialize)]
struct WarningRow {
    filed: i64,
    by: String,
}

/// The list as it was signed last.
#[derive(Debug, Default)]
pub(crate) struct WarningEdition(Mutex<Option<Edition>>);

#[derive(Debug)]
struct Edition {
    number: u32,
    issued: Seconds,
    bytes: Arc<[u8]>,
}

/// The signed list of warnings about venues
#[utoipa::path(get, path = "/venue-warnings", tag = "public", responses(
    (status = 200, content_type = "application/cose", body = Vec<u8>), (status = 304)))]
async fn list(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let bytes = app.run(|app| edition(app, EDITION_SECONDS)).await?;
    Ok(lists::answer("application/cose", 60, &bytes, &headers))
}

/// The list, signed anew if it is `seconds_max` old or older.
fn edition(app: &App, seconds_max: u32) -> Result<Arc<[u8]>, Problem> {
    let issued = Seconds::floor(app.now());
    let mut held = app.venue_warnings.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(edition) = held.as_ref().filter(|edition| issued.since(edition.issued) < seconds_max) {
        return Ok(Arc::clone(&edition.bytes));
    }
    let mut warnings = Vec::new();
    for (key, _) in WARNINGS.all(app.ledger(), &[])? {
        match read_key(&key) {
            Some(warning) if issued < warning.until.plus(LISTED_SECONDS) => warnings.push(warning),
            _ => WARNINGS.delete(app.ledger(), &key)?,
        }
    }
    // Editions are numbered by their second, so that they grow over restarts too.
    let before = held.as_ref().map_or(0, |edition| edition.number);
    let number = issued.get().max(before.saturating_add(1));
    let content = WarningContent { number, issued, expires: issued.plus(WARNING_LIST_SECONDS_MAX), warnings };
    let trust = app.trust.load();
    let signer = trust.signer(KeyUse::Warning, app.now()).map_err(|error| Problem::internal(&error))?;
    let bytes: Arc<[u8]> = content.sign(signer).map_err(|error| Problem::internal(&error))?.into();
    *held = Some(Edition { number, issued, bytes: Arc::clone(&bytes) });
    Ok(bytes)
}

/// A warning to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WarningRequest {
    /// The id of a venue.
    venue: String,
    /// From when; the last fourteen days at most.
    from: String,
    /// Until when, at most 24 hours later.
    until: String,
}

/// A warning that is published.
#[derive(Debug, Serialize, ToSchema)]
struct WarningBody {
    /// By which it is taken back.
    id: String,
    venue: String,
    from: String,
    until: String,
}

/// Warn whoever was at a venue; it colours nobody
#[utoipa::path(post, path = "/staff/venue-warnings", tag = "staff", request_body = WarningRequest, responses(
    (status = 201, body = WarningBody), (status = 403), (status = 404), (status = 409), (status = 422)))]
async fn warn(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<WarningRequest>,
) -> Result<(StatusCode, Json<WarningBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::DiseaseControl)?;
    let now = app.now();
    let body = app
        .run(move |app| {
            let venue = known_to(app, &staff, &request.venue)?;
            let warning = request.read(venue, now)?;
            if WARNINGS.all(app.ledger(), &[])?.len() >= WARNINGS_MAX {
                return Err(Problem::with_detail(Code::Refused, &"there are too many warnings; take some back first"));
            }
            let row = WarningRow { filed: now.millis(), by: staff.account.to_string() };
            WARNINGS.claim(app.ledger(), &key_of(&warning), &row)?;
            tracing::info!(staff.account = %staff.account, "a warning about a venue was published");
            edition(app, 0)?;
            Ok::<_, Problem>(WarningBody {
                id: hex(&key_of(&warning)),
                venue: request.venue,
                from: instant(warning.from.timestamp()),
                until: instant(warning.until.timestamp()),
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

impl WarningRequest {
    fn read(&self, venue: VenueId, now: Timestamp) -> Result<Warning, Problem> {
        let mut form = Form::default();
        let from = form.read("from", "not-an-instant", Timestamp::parse(&self.from));
        let until = form.read("until", "not-an-instant", Timestamp::parse(&self.until));
        let warning = from.zip(until).and_then(|(from, until)| {
            let warning = Warning { venue, from: Seconds::floor(from), until: Seconds::floor(until) };
            let is_past = until <= now && Seconds::floor(now) < warning.until.plus(LISTED_SECONDS);
            let fits = (warning.is_bounded() && is_past).then_some(warning);
            form.read("until", "not-a-warning", fits.ok_or("name 24 hours at most, within the last fourteen days"))
        });
        form.finish(warning)
    }
}

/// Take a warning back
#[utoipa::path(delete, path = "/staff/venue-warnings/{id}", tag = "staff", params(("id" = String, Path)), responses(
    (status = 204), (status = 403), (status = 404)))]
async fn take_back(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(|role| role == Role::DiseaseControl)?;
    app.run(move |app| {
        let mut rows = WARNINGS.all(app.ledger(), &[])?.into_iter();
        let (key, _) = rows.find(|(key, _)| hex(key) == id).ok_or(Code::NotFound)?;
        let warning = read_key(&key).ok_or(Code::NotFound)?;
        known_to(app, &staff, &hex(warning.venue.bytes()))?;
        WARNINGS.delete(app.ledger(), &key)?;
        tracing::info!(staff.account = %staff.account, "a warning about a venue was taken back");
        edition(app, 0)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The row of a warning: venue and times, so that rows ascend as the list does.
fn key_of(warning: &Warning) -> Vec<u8> {
    let times = [warning.from, warning.until].map(|at| at.get().to_be_bytes());
    [warning.venue.bytes().as_slice(), times.as_flattened()].concat()
}

fn read_key(key: &[u8]) -> Option<Warning> {
    let (venue, times) = key.split_first_chunk()?;
    let (from, until) = times.split_first_chunk()?;
    let seconds = |bytes: [u8; 4]| Seconds::new(u32::from_be_bytes(bytes));
    Some(Warning { venue: VenueId::from_bytes(*venue), from: seconds(*from), until: seconds(until.try_into().ok()?) })
}

//! Venues: who registers them, how the screen at an entrance is enrolled, and the credential that it fetches.
//!
//! Nothing here learns who came in: a visitor's phone reads the screen and tells nobody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::trust_list::KeyUse;
use yima_credential::venue::{VENUE_SECONDS_MAX, VenueName};
use yima_credential::{PublicKey, Seconds, VenueClaims, VenueCredential, VenueId};
use yima_model::{AreaCode, FactId, Timestamp};

use super::AppState;
use super::answer::{Form, instant};
use super::codes::DeviceKey;
use super::extract::{Body, Key, OnDuty, Path, staff_call};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::random;
use crate::rows::{Rows, table};
use crate::staff::{Role, Staff};

static VENUES: Rows<VenueRow> = Rows::new(table::VENUE);
/// Codes with which a screen is enrolled once, by their hash.
static ENROLMENTS: Rows<EnrolmentRow> = Rows::new(table::VENUE_ENROLMENT);
/// Screens, by the id of their key.
static DEVICES: Rows<DeviceRow> = Rows::new(table::VENUE_DEVICE);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(list))
        .routes(routes!(admit, withdraw))
        .routes(routes!(enrol))
        .routes(routes!(renew))
}

/// How long an enrolment code counts.
const ENROLMENT_MINUTES: i64 = 60;

#[derive(Serialize, Deserialize)]
struct VenueRow {
    name: String,
    area: String,
    /// Grows when all its screens are withdrawn; what was enrolled before counts no longer.
    generation: u32,
    registered: i64,
    by: String,
}

#[derive(Serialize, Deserialize)]
struct EnrolmentRow {
    venue: String,
    generation: u32,
    expires: i64,
}

#[derive(Serialize, Deserialize)]
struct DeviceRow {
    venue: String,
    generation: u32,
}

/// A venue to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VenueRequest {
    /// What visitors read: 1 to 60 bytes.
    name: String,
    /// The smallest listed area that it lies in.
    area: String,
}

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
struct VenueBody {
    /// 32 hexadecimal digits.
    venue: String,
    name: String,
    area: String,
    /// Only in the answer to a registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment: Option<EnrolmentBody>,
}

/// What enrols one screen.
#[derive(Debug, Serialize, ToSchema)]
struct EnrolmentBody {
    /// Twelve letters and digits, for one screen.
    code: String,
    /// Until when it counts.
    expires: String,
}

/// Register a venue, and get the code that enrols its first screen
#[utoipa::path(post, path = "/staff/venues", tag = "staff", request_body = VenueRequest, responses(
    (status = 201, body = VenueBody), (status = 403), (status = 422)))]
async fn register(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<VenueRequest>,
) -> Result<(StatusCode, Json<VenueBody>), Problem> {
    let staff = on_duty.with_role(Role::keeps_areas)?;
    let mut form = Form::default();
    let tree = app.tree.load();
    let area = AreaCode::parse(&request.area).ok().filter(|area| tree.name(*area).is_some());
    let area = form.read("area", "not-an-area", area.ok_or("choose a listed area"));
    let name = form.read("name", "not-a-name", VenueName::parse(request.name.trim()));
    let (area, name) = form.finish(area.zip(name))?;
    if !staff.is_for(area) {
        return Err(Code::NotPermitted.into());
    }
    let now = app.now();
    let venue = VenueId::from_bytes(staff_call(&staff, key, 0, now).request.0);
    let row = VenueRow {
        name: name.as_str().to_owned(),
        area: area.to_string(),
        generation: 0,
        registered: now.millis(),
        by: staff.account.to_string(),
    };
    let body = app
        .run(move |app| {
            // The same request gives the same id, so that a repetition registers nothing twice.
            let row = VENUES.claim(app.ledger(), venue.bytes(), &row)?.unwrap_or(row);
            let enrolment = Some(new_enrolment(app, venue, &row, now)?);
            Ok::<_, Problem>(VenueBody { enrolment, ..VenueBody::new(venue, row) })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

impl VenueBody {
    fn new(venue: VenueId, row: VenueRow) -> Self {
        Self { venue: hex(venue.bytes()), name: row.name, area: row.area, enrolment: None }
    }
}

/// The venues of the areas that the account is for
#[utoipa::path(get, path = "/staff/venues", tag = "staff", responses((status = 200, body = Vec<VenueBody>), (status = 403)))]
async fn list(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<VenueBody>>, Problem> {
    let staff = on_duty.with_role(|role| role.keeps_areas() || role == Role::DiseaseControl)?;
    app.run(move |app| {
        let rows = VENUES.all(app.ledger(), &[])?.into_iter();
        let own = rows.filter(|(_, row)| AreaCode::parse(&row.area).is_ok_and(|area| staff.is_for(area)));
        let bodies = own.filter_map(|(key, row)| Some(VenueBody::new(id_of(&key)?, row)));
        Ok::<_, Problem>(Json(bodies.collect()))
    })
    .await
}

/// Get the code that enrols one more screen
#[utoipa::path(post, path = "/staff/venues/{venue}/devices", tag = "staff", params(("venue" = String, Path)), responses(
    (status = 201, body = EnrolmentBody), (status = 403), (status = 404)))]
async fn admit(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(venue): Path<String>,
) -> Result<(StatusCode, Json<EnrolmentBody>), Problem> {
    let staff = on_duty.with_role(Role::keeps_areas)?;
    let now = app.now();
    let body = app
        .run(move |app| {
            let (venue, row) = of_staff(app, &staff, &venue)?;
            new_enrolment(app, venue, &row, now)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Withdraw every screen of a venue, and every code that would enrol one: something was lost or stolen
#[utoipa::path(delete, path = "/staff/venues/{venue}/devices", tag = "staff", params(("venue" = String, Path)), responses(
    (status = 204), (status = 403), (status = 404)))]
async fn withdraw(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(venue): Path<String>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(Role::keeps_areas)?;
    app.run(move |app| {
        let (venue, mut row) = of_staff(app, &staff, &venue)?;
        row.generation = row.generation.saturating_add(1);
        VENUES.put(app.ledger(), venue.bytes(), &row)?;
        tracing::info!(staff.account = %staff.account, "the screens of a venue were withdrawn");
        Ok::<_, Problem>(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The venue of that id, for a member of staff whose areas it lies in.
fn of_staff(app: &App, staff: &Staff, text: &str) -> Result<(VenueId, VenueRow), Problem> {
    let (venue, row) = find(app, text)?.ok_or(Code::NotFound)?;
    match AreaCode::parse(&row.area) {
        Ok(area) if staff.is_for(area) => Ok((venue, row)),
        _ => Err(Code::NotPermitted.into()),
    }
}

fn find(app: &App, text: &str) -> Result<Option<(VenueId, VenueRow)>, Problem> {
    let Some(venue) = read_id(text) else { return Ok(None) };
    Ok(VENUES.find(app.ledger(), venue.bytes())?.map(|row| (venue, row)))
}

/// The id in these 32 hexadecimal digits.
pub(super) fn read_id(text: &str) -> Option<VenueId> {
    // Venues and facts have ids of the same form.
    FactId::parse(text).ok().map(|id| VenueId::from_bytes(*id.bytes()))
}

fn id_of(key: &[u8]) -> Option<VenueId> {
    key.try_into().ok().map(VenueId::from_bytes)
}

/// Whether a member of staff may speak of a venue; gives its id.
pub(super) fn known_to(app: &App, staff: &Staff, text: &str) -> Result<VenueId, Problem> {
    of_staff(app, staff, text).map(|(venue, _)| venue)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Letters and digits that nobody takes for others.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn new_enrolment(app: &App, venue: VenueId, row: &VenueRow, now: Timestamp) -> Result<EnrolmentBody, Problem> {
    let letter = |byte: u8| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
    let code: String = random::bytes::<12>().into_iter().filter_map(letter).collect();
    let expires = now.plus_millis(ENROLMENT_MINUTES * 60_000);
    let enrolment = EnrolmentRow { venue: hex(venue.bytes()), generation: row.generation, expires: expires.millis() };
    ENROLMENTS.put(app.ledger(), &enrolment_key(&code), &enrolment)?;
    Ok(EnrolmentBody { code, expires: instant(expires) })
}

/// The row of a code: a hash, so that a stolen table enrols nothing.
fn enrolment_key(code: &str) -> [u8; 32] {
    random::hash("venue enrolment", &[code.as_bytes()])
}

/// A screen that is being enrolled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeviceRequest {
    /// The code that was given for it.
    code: String,
    /// Its public key.
    key: DeviceKey,
}

/// A screen that was enrolled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CredentialRequest {
    /// Its public key.
    key: DeviceKey,
}

/// What a screen shows tokens with.
#[derive(Debug, Serialize, ToSchema)]
struct CredentialBody {
    /// The signed credential (docs/CODE.md) in base64url without padding.
    credential: String,
    name: String,
    expires: String,
}

/// Enrol the screen of a venue
#[utoipa::path(post, path = "/venue-devices", tag = "public", request_body = DeviceRequest, responses(
    (status = 201, body = CredentialBody), (status = 403), (status = 422), (status = 429)))]
async fn enrol(
    State(app): State<AppState>,
    Body(DeviceRequest { code, key }): Body<DeviceRequest>,
) -> Result<(StatusCode, Json<CredentialBody>), Problem> {
    let device = key.read("key")?;
    let body = app
        .run(move |app| {
            let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
            let key = enrolment_key(&code);
            let row = ENROLMENTS.find(app.ledger(), &key)?.filter(|row| app.now().millis() < row.expires);
            let EnrolmentRow { venue, generation, .. } = row.ok_or(Code::OneTimeCodeWrong)?;
            DEVICES.put(app.ledger(), device.id().bytes(), &DeviceRow { venue, generation })?;
            let body = credential(app, &device)?;
            ENROLMENTS.delete(app.ledger(), &key)?;
            Ok::<_, Problem>(body)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Fetch the next credential of a screen; it says nothing that the screen does not show
#[utoipa::path(post, path = "/venue-credentials", tag = "public", request_body = CredentialRequest, responses(
    (status = 200, body = CredentialBody), (status = 403), (status = 422)))]
async fn renew(
    State(app): State<AppState>,
    Body(CredentialRequest { key }): Body<CredentialRequest>,
) -> Result<Json<CredentialBody>, Problem> {
    let device = key.read("key")?;
    app.run(move |app| credential(app, &device)).await.map(Json)
}

/// A credential for an enrolled screen that was not withdrawn.
fn credential(app: &App, device: &PublicKey) -> Result<CredentialBody, Problem> {
    let gone = || Problem::with_detail(Code::NotPermitted, &"this screen is not enrolled; ask for a new code");
    let row = DEVICES.find(app.ledger(), device.id().bytes())?.ok_or_else(gone)?;
    let (venue, of_venue) = find(app, &row.venue)?.ok_or_else(gone)?;
    if row.generation != of_venue.generation {
        DEVICES.delete(app.ledger(), device.id().bytes())?;
        return Err(gone());
    }
    let trust = app.trust.load();
    let signer = trust.signer(KeyUse::Venue, app.now()).map_err(|error| Problem::internal(&error))?;
    let issued = Seconds::floor(app.now());
    let area = AreaCode::parse(&of_venue.area).map_err(|error| Problem::internal(&error))?;
    let claims = VenueClaims {
        issuer: trust.list.content().issuer,
        issued,
        expires: issued.plus(VENUE_SECONDS_MAX),
        device: *device.coordinates(),
        venue,
        name: VenueName::parse(&of_venue.name).map_err(|error| Problem::internal(&error))?,
        area,
    };
    let credential = VenueCredential::issue(&claims, signer).map_err(|error| Problem::internal(&error))?;
    Ok(CredentialBody {
        credential: Base64UrlUnpadded::encode_string(credential.bytes()),
        name: of_venue.name,
        expires: instant(claims.expires.timestamp()),
    })
}

/// Clears away codes that enrolled nothing in time; says how many there were.
pub(crate) fn clear_enrolments(app: &App) -> Result<usize, Problem> {
    let mut count = 0;
    for (key, row) in ENROLMENTS.all(app.ledger(), &[])? {
        if row.expires <= app.now().millis() {
            ENROLMENTS.delete(app.ledger(), &key)?;
            count += 1;
        }
    }
    Ok(count)
}

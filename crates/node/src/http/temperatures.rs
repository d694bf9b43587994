//! Temperatures taken at a checkpoint: bound to a scan, and nothing else of the scan is sent or kept.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Content, Kind, Occurred, Subject};
use yima_registry::FEVER_DECICELSIUS;
use yima_registry::cases::report::{self, PERSONS_PER_HOUR_MAX, Report, Scope};

use super::AppState;
use super::codes;
use super::extract::{Body, Key, OnDuty, staff_call};
use super::paper_codes;
use super::problem::{Code, Problem};
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(file))
}

/// What a person can have, in tenths of a degree.
const POSSIBLE: std::ops::RangeInclusive<u16> = 300..=450;

/// A temperature, bound to a scan: of a live code or of paper.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TemperatureRequest {
    /// The random id of the live code that was scanned: 16 bytes in base64url without padding.
    #[serde(default)]
    presentation: Option<String>,
    /// The whole text of the paper code that was scanned.
    #[serde(default)]
    paper: Option<String>,
    /// Tenths of a degree Celsius.
    decicelsius: u16,
}

/// What was scanned.
enum Scan {
    /// The id of a live code.
    Live(Vec<u8>),
    /// The text of a paper code.
    Paper(String),
}

impl TemperatureRequest {
    fn scan(self) -> Result<Scan, Problem> {
        match (self.presentation, self.paper) {
            (Some(id), None) => Base64UrlUnpadded::decode_vec(&id)
                .map(Scan::Live)
                .map_err(|_| Problem::field("presentation", "not-an-id", &"send the id of the live code")),
            (None, Some(text)) => Ok(Scan::Paper(text)),
            (None, None) | (Some(_), Some(_)) => {
                Err(Problem::field("presentation", "wrong-count", &"send either `presentation` or `paper`"))
            }
        }
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
struct TemperatureBody {
    /// Whether it is a fever.
    fever: bool,
    /// Whether a second reading is wanted before it counts.
    second_reading: bool,
}

/// File a temperature; a normal one counts as the day's check-in
#[utoipa::path(post, path = "/checkpoint/temperatures", tag = "checkpoint", request_body = TemperatureRequest, responses(
    (status = 201, body = TemperatureBody), (status = 404), (status = 422)))]
async fn file(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<TemperatureRequest>,
) -> Result<(StatusCode, Json<TemperatureBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Checkpoint)?;
    let decicelsius = request.decicelsius;
    let scan = request.scan()?;
    if !POSSIBLE.contains(&decicelsius) {
        return Err(Problem::field("decicelsius", "out-of-range", &"write 300 to 450; take the temperature again"));
    }
    let call = staff_call(&staff, key, 0, app.now());
    let body = app
        .run(move |app| {
            let person = match scan {
                Scan::Live(id) => codes::scanned(app.ledger(), &id, call.now)?,
                Scan::Paper(text) => paper_codes::scanned(app.ledger(), &text, call.now)?,
            };
            let person = person.ok_or(Code::NotFound)?;
            let report = Report {
                subject: Subject::Person(person),
                occurred: Occurred::at(call.now),
                content: Content::Temperature { decicelsius },
                cause: None,
            };
            let scope = Scope { areas: None, kinds: vec![Kind::Temperature], persons_per_hour: PERSONS_PER_HOUR_MAX };
            let reported = report::report(&app.registry, &call, &scope, &[report])?;
            let fever = decicelsius >= FEVER_DECICELSIUS;
            Ok::<_, Problem>(TemperatureBody { fever, second_reading: !reported.inert.is_empty() })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

//! The national list of risk areas: its snapshots come in, the suspicious ones are accepted or rejected, and another office
//! than the one that delivers them confirms the levels.

use std::sync::Arc;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_feed::atlas::Atlas;
use yima_feed::{Report, Ruling, SnapshotId, Standing, Suspicion};
use yima_model::Level;
use yima_registry::cases::risk_levels::{Outcome, RiskLevels, SnapshotView};

use super::AppState;
use super::answer::{instant, position};
use super::areas::read_tree_anew;
use super::extract::{Body, Key, OnDuty, Path, staff_call};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::staff::Role;

/// The longest snapshot; the longest that was ever published has seven million bytes.
const BYTES_MAX: usize = 32 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, deliver)).routes(routes!(read, rule)).routes(routes!(confirm))
}

/// The snapshots of the last days, and what waits.
#[derive(Debug, Serialize, ToSchema)]
struct SnapshotsBody {
    /// How many levels hold and have no effect until another office confirms them.
    unconfirmed: usize,
    /// The latest first.
    snapshots: Vec<SnapshotBody>,
}

/// One snapshot of the list.
#[derive(Debug, Serialize, ToSchema)]
struct SnapshotBody {
    id: String,
    /// The full hour from which it holds.
    hour: String,
    /// When it was first fetched.
    saved: String,
    delivered_by: String,
    high: usize,
    medium: usize,
    low: usize,
    #[serde(flatten)]
    standing: StandingBody,
    /// Whose decision it is that it was accepted or rejected.
    decided_by: Option<String>,
    decided: Option<String>,
}

/// Where a snapshot stands.
#[derive(Debug, Serialize, ToSchema)]
struct StandingBody {
    /// `taken`, `quarantined`, `resolved` by a later good one, or `rejected`.
    standing: &'static str,
    /// Why it is or was held back: `incomplete`, `without-places`, `miscounted` or `shrinks`.
    why: Option<&'static str>,
    /// What that means, in words for an operator.
    says: Option<String>,
}

/// What came of a snapshot, or of a decision about one.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeBody {
    snapshot: String,
    #[serde(flatten)]
    standing: StandingBody,
    /// Whether it, or the decision, was known already.
    repeated: bool,
    /// How many levels began.
    begun: usize,
    /// How many ended.
    ended: usize,
    /// How many facts were taken back, because a late snapshot or a decision showed something else.
    taken_back: usize,
    /// How its rows are mapped; absent for a decision.
    mapping: Option<MappingBody>,
}

/// How the rows of a snapshot are mapped to areas.
#[derive(Debug, Serialize, ToSchema)]
struct MappingBody {
    /// Rows whose county, or an area in it, is listed.
    exact: usize,
    /// Rows for which the city is.
    city_only: usize,
    /// Rows for which no more than the province is.
    nothing: usize,
    /// Rows with something taken away that could not be told; they count whole.
    carve_outs_not_understood: usize,
    /// Rows of places that have several wordings, as an office has said.
    united: usize,
    /// The rows that were not mapped exactly.
    unmapped: Vec<UnmappedBody>,
}

/// A row that was not mapped exactly.
#[derive(Debug, Serialize, ToSchema)]
struct UnmappedBody {
    /// Province, city, county and place, as published.
    names: [String; 4],
    /// The nearest listed area; without one the row has no effect.
    nearest: Option<String>,
}

/// The snapshots of the list of risk areas that are kept, with those held back and why
#[utoipa::path(get, path = "/staff/risk-snapshots", tag = "staff", responses(
    (status = 200, body = SnapshotsBody), (status = 403)))]
async fn list(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<SnapshotsBody>, Problem> {
    on_duty.with_role(decides)?;
    app.run(|app| {
        let levels = open(app)?;
        let unconfirmed = levels.unconfirmed(app.now()).len();
        let snapshots = levels.snapshots().into_iter().map(SnapshotBody::new).collect();
        Ok::<_, Problem>(Json(SnapshotsBody { unconfirmed, snapshots }))
    })
    .await
}

/// Deliver a snapshot as it was published; what it adds holds from its hour, and has effect once another office confirms it
#[utoipa::path(post, path = "/staff/risk-snapshots", tag = "staff",
    request_body(content = String, content_type = "application/json"), responses(
    (status = 201, body = OutcomeBody), (status = 403), (status = 409), (status = 413)))]
async fn deliver(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    body: axum::body::Body,
) -> Result<(StatusCode, Json<OutcomeBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Headquarters)?;
    if !staff.areas.is_empty() {
        // The list is the whole country's.
        return Err(Code::NotPermitted.into());
    }
    let bytes = to_bytes(body, BYTES_MAX).await.map_err(|_| Code::TooLarge)?;
    let call = staff_call(&staff, key, 0, app.now());
    app.run(move |app| {
        let (outcome, report) = open(app)?.deliver(&call, &bytes, call.now, None)?;
        if outcome.begun > 0 {
            read_tree_anew(app)?;
        }
        if let Standing::Quarantined(_) = outcome.standing {
            tracing::error!(
                snapshot.id = %outcome.id,
                "a snapshot of the list of risk areas is held back; somebody must look at it"
            );
        }
        Ok::<_, Problem>((StatusCode::CREATED, Json(OutcomeBody::new(&outcome, Some(&report)))))
    })
    .await
}

/// How the rows of a snapshot are mapped to areas
#[utoipa::path(get, path = "/staff/risk-snapshots/{id}", tag = "staff", params(("id" = String, Path)), responses(
    (status = 200, body = MappingBody), (status = 403), (status = 404)))]
async fn read(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(id): Path<String>,
) -> Result<Json<MappingBody>, Problem> {
    on_duty.with_role(decides)?;
    let id = SnapshotId::parse(&id).ok_or(Code::NotFound)?;
    app.run(move |app| Ok::<_, Problem>(Json(MappingBody::new(&open(app)?.report(id)?)))).await
}

/// A decision about a snapshot that is held back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RulingRequest {
    /// Whether the snapshot is right, however much it lowers; otherwise it changes nothing.
    accept: bool,
}

/// Accept or reject a snapshot, as another office than the one that delivered it; a later decision replaces this one
#[utoipa::path(post, path = "/staff/risk-snapshots/{id}", tag = "staff", params(("id" = String, Path)),
    request_body = RulingRequest, responses(
    (status = 201, body = OutcomeBody), (status = 403), (status = 404), (status = 409)))]
async fn rule(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Path(id): Path<String>,
    Body(request): Body<RulingRequest>,
) -> Result<(StatusCode, Json<OutcomeBody>), Problem> {
    let staff = on_duty.with_role(decides)?;
    let id = SnapshotId::parse(&id).ok_or(Code::NotFound)?;
    let ruling = if request.accept { Ruling::Accept } else { Ruling::Reject };
    let call = staff_call(&staff, key, 0, app.now());
    app.run(move |app| {
        let outcome = open(app)?.rule(&call, id, ruling)?;
        Ok::<_, Problem>((StatusCode::CREATED, Json(OutcomeBody::new(&outcome, None))))
    })
    .await
}

/// What was confirmed.
#[derive(Debug, Serialize, ToSchema)]
struct ConfirmedBody {
    /// How many levels count from now on.
    confirmed: usize,
    position: String,
}

/// Confirm the levels of the list that wait for another office than the one that delivered it
#[utoipa::path(post, path = "/staff/risk-confirmations", tag = "staff", responses(
    (status = 201, body = ConfirmedBody), (status = 403), (status = 409)))]
async fn confirm(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
) -> Result<(StatusCode, Json<ConfirmedBody>), Problem> {
    let staff = on_duty.with_role(decides)?;
    let call = staff_call(&staff, key, 0, app.now());
    let filed = app.run(move |app| Ok::<_, Problem>(open(app)?.confirm(&call)?)).await?;
    let body = ConfirmedBody { confirmed: filed.facts.len(), position: position(&filed.places) };
    Ok((StatusCode::CREATED, Json(body)))
}

fn open(app: &App) -> Result<RiskLevels<'_>, Problem> {
    let tree = app.tree.load();
    Ok(RiskLevels::open(&app.registry, Arc::new(Atlas::of(&tree)), &tree, app.now())?)
}

const fn decides(role: Role) -> bool {
    matches!(role, Role::Headquarters | Role::DiseaseControl)
}

impl SnapshotBody {
    fn new(view: SnapshotView) -> Self {
        let count =
            |wanted: Level| view.counts.iter().find(|(level, _)| *level == wanted).map_or(0, |(_, count)| *count);
        Self {
            id: view.id.to_string(),
            hour: instant(view.hour),
            saved: instant(view.saved),
            delivered_by: view.delivered_by.to_string(),
            high: count(Level::High),
            medium: count(Level::Medium),
            low: count(Level::Low),
            standing: StandingBody::new(view.standing),
            decided_by: view.decided.as_ref().map(|decided| decided.by.to_string()),
            decided: view.decided.as_ref().map(|decided| instant(decided.at)),
        }
    }
}

impl StandingBody {
    fn new(standing: Standing) -> Self {
        let (standing, suspicion) = match standing {
            Standing::Taken => ("taken", None),
            Standing::Quarantined(suspicion) => ("quarantined", Some(suspicion)),
            Standing::Resolved(suspicion) => ("resolved", Some(suspicion)),
            Standing::Rejected => ("rejected", None),
        };
        let why = suspicion.map(|suspicion| match suspicion {
            Suspicion::Incomplete { .. } => "incomplete",
            Suspicion::WithoutPlaces { .. } => "without-places",
            Suspicion::Miscounted { .. } => "miscounted",
            Suspicion::Shrinks { .. } | Suspicion::LevelShrinks { .. } => "shrinks",
        });
        Self { standing, why, says: suspicion.map(|suspicion| suspicion.to_string()) }
    }
}

impl OutcomeBody {
    fn new(outcome: &Outcome, report: Option<&Report>) -> Self {
        Self {
            snapshot: outcome.id.to_string(),
            standing: StandingBody::new(outcome.standing),
            repeated: outcome.repeated,
            begun: outcome.begun,
            ended: outcome.ended,
            taken_back: outcome.taken_back,
            mapping: report.map(MappingBody::new),
        }
    }
}

impl MappingBody {
    fn new(report: &Report) -> Self {
        let unmapped = report.unmapped().map(|(named, unmapped)| UnmappedBody {
            names: [&named.province, &named.city, &named.county, &named.place].map(ToString::to_string),
            nearest: unmapped.nearest.map(|area| area.to_string()),
        });
        Self {
            exact: report.exact,
            city_only: report.city_only,
            nothing: report.nothing,
            carve_outs_not_understood: report.not_understood,
            united: report.united,
            unmapped: unmapped.collect(),
        }
    }
}

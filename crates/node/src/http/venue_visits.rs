//! Visits to venues: they stay on the phone, and are taken only where and while a pack in force says so.
//!
//! Nothing reads them back as a list: the phone keeps what each report was answered.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::{Refusal, VenueVerifier};
use yima_model::Timestamp;
use yima_registry::cases::venue_visits::{self, Presence};

use super::AppState;
use super::answer::{FiledBody, instant};
use super::extract::{Acting, Body, Key};
use super::packs::{Texts, VenueVisitsBody, texts};
use super::problem::Problem;
use super::risk_levels::{NamedBody, named};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

pub(super) fn record_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(report))
}

/// A pack that has visits reported.
#[derive(Debug, Serialize, ToSchema)]
struct ReportingBody {
    pack: String,
    title: Texts,
    authority: Texts,
    /// Where; empty for the whole country.
    areas: Vec<NamedBody>,
    venue_visits: VenueVisitsBody,
}

/// The packs in force that have visits to venues reported; without one, visits stay on the phones
#[utoipa::path(get, path = "/venue-visits", tag = "public", responses((status = 200, body = Vec<ReportingBody>)))]
async fn list(State(app): State<AppState>) -> Json<Vec<ReportingBody>> {
    let (globals, tree) = (app.registry.globals(), app.tree.load());
    let packs = venue_visits::reporting(&globals, &app.shelf, app.now()).into_iter();
    let body = |(pack, visits): (&std::sync::Arc<yima_rules::pack::Pack>, _)| ReportingBody {
        pack: pack.id.to_string(),
        title: texts(&pack.title),
        authority: texts(&pack.authority),
        // What a pack applies to has no exceptions.
        areas: pack.areas.include.iter().map(|area| named(&tree, *area)).collect(),
        venue_visits: VenueVisitsBody::new(visits),
    };
    Json(packs.map(body).collect())
}

/// A visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VenueVisitRequest {
    /// The link that the screen at the entrance showed (docs/CODE.md, Venues).
    link: String,
}

/// What is stored of a visit.
#[derive(Debug, Serialize, ToSchema)]
struct StoredVisitBody {
    #[serde(flatten)]
    filed: FiledBody,
    /// The smallest listed area around the venue.
    area: NamedBody,
    /// When the day begins that is kept.
    day: String,
    /// From when on it is kept no longer.
    kept_until: String,
    /// Whether it was reported within the minute; else it counts only when an office confirms it.
    proven: bool,
}

/// Report a visit where a pack in force has visits reported; of it the listed area and the day are kept
#[utoipa::path(post, path = "/venue-visits", tag = "record", request_body = VenueVisitRequest, responses(
    (status = 201, body = StoredVisitBody), (status = 409), (status = 422)))]
async fn report(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(VenueVisitRequest { link }): Body<VenueVisitRequest>,
) -> Result<(StatusCode, Json<StoredVisitBody>), Problem> {
    let call = acting.call(key, app.now())?;
    let body = app
        .run(move |app| {
            let trust = app.trust.load();
            let verifier = VenueVerifier { trust: &trust.list, warnings: None, built: Timestamp::BEGINNING };
            let (seen, presence) = match verifier.verify(&link, call.now) {
                Err(Refusal::PresentationTooOld | Refusal::Expired) => {
                    (verifier.verify_kept(&link, call.now), Presence::Claimed)
                }
                seen => (seen, Presence::Proven),
            };
            let seen = seen.map_err(|refusal| Problem::field("link", "not-a-visit", &refusal))?;
            let area = seen.area();
            let visit = (area, seen.at().timestamp().min(call.now));
            let stored = venue_visits::report(&app.registry, &app.shelf, &call, acting.person, visit, presence)?;
            Ok::<_, Problem>(StoredVisitBody {
                filed: FiledBody::new(&stored.filed, call.now),
                area: named(&app.tree.load(), area),
                day: instant(stored.day),
                kept_until: instant(stored.kept_until),
                proven: presence == Presence::Proven,
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

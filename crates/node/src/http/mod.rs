//! The HTTP API: one file for each resource, each of which parses, calls one function and maps what comes of it.

mod access_log;
mod answer;
mod area_relations;
mod areas;
mod arrivals;
mod bindings;
mod birth_dates;
mod cards;
mod certificates;
mod check_ins;
mod codes;
mod declarations;
mod defects;
mod dependents;
mod description;
mod desk;
mod disputes;
mod dwellings;
mod extract;
mod facts;
mod gbt;
mod guard;
mod health;
mod lists;
mod look_ups;
mod me;
mod metrics;
mod packs;
mod padding;
mod paper_codes;
mod paper_losses;
mod paper_sheets;
mod places;
pub(crate) mod problem;
mod provisional_records;
mod residents;
mod reviews;
mod risk_levels;
mod risk_snapshots;
mod sessions;
mod staff;
mod temperatures;
mod transport_notices;
mod trips;
mod tubes;
mod unresolved_places;
mod venue_visits;
mod venue_warnings;
mod venues;
mod verdict;
mod web;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

pub use self::areas::tree as division_tree;
pub(crate) use self::cards::clear_tickets;
pub(crate) use self::codes::clear_expired;
pub(crate) use self::gbt::clear_made;
pub(crate) use self::metrics::router as metrics_router;
pub(crate) use self::paper_codes::{Edition, publish as publish_status_list};
pub(crate) use self::provisional_records::clear_provisional;
pub(crate) use self::venue_warnings::WarningEdition;
pub(crate) use self::venues::clear_enrolments;
pub(crate) use self::web::Pages;
use crate::app::App;
use problem::{Code, Problem};

/// What handlers share.
pub(crate) type AppState = Arc<App>;

fn api() -> OpenApiRouter<AppState> {
    let of_record = || {
        OpenApiRouter::new()
            .merge(birth_dates::routes())
            .merge(declarations::routes())
            .merge(dwellings::routes())
            .merge(check_ins::routes())
            .merge(certificates::routes())
            .merge(trips::routes())
            .merge(venue_visits::record_routes())
            .merge(verdict::routes())
            .merge(codes::routes())
            .merge(arrivals::routes())
            .merge(paper_codes::routes())
            .merge(paper_losses::routes())
            .merge(disputes::routes())
            .merge(access_log::routes())
    };
    // What somebody without a phone says at a counter or by telephone; codes are printed there, and not fetched.
    let at_desk = OpenApiRouter::new()
        .merge(declarations::routes())
        .merge(dwellings::routes())
        .merge(check_ins::routes())
        .merge(trips::routes())
        .merge(verdict::routes())
        .merge(arrivals::routes())
        .merge(disputes::routes())
        .merge(access_log::routes());
    let v1 = OpenApiRouter::new()
        .merge(lists::routes())
        .merge(areas::routes())
        .merge(risk_levels::routes())
        .merge(unresolved_places::routes())
        .merge(packs::routes())
        .merge(health::routes())
        .merge(bindings::routes())
        .merge(residents::routes())
        .merge(sessions::routes())
        .merge(me::routes())
        .nest("/me", of_record().merge(dependents::routes()))
        .nest("/dependents/{person}", of_record())
        .nest("/desk/persons/{person}", at_desk)
        .merge(staff::routes())
        .merge(desk::routes())
        .merge(paper_losses::desk_routes())
        .merge(provisional_records::routes())
        .merge(birth_dates::desk_routes())
        .merge(certificates::desk_routes())
        .merge(disputes::staff_routes())
        .merge(arrivals::staff_routes())
        .merge(facts::routes())
        .merge(places::routes())
        .merge(defects::routes())
        .merge(reviews::routes())
        .merge(risk_snapshots::routes())
        .merge(area_relations::routes())
        .merge(venue_visits::routes())
        .merge(temperatures::routes())
        .merge(look_ups::routes())
        .merge(cards::routes())
        .merge(tubes::routes())
        .merge(transport_notices::routes())
        .merge(venues::routes())
        .merge(venue_warnings::routes())
        .nest("/gbt", gbt::routes());
    OpenApiRouter::with_openapi(description::empty()).nest("/v1", v1)
}

/// The routes and their description.
fn parts() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    let (api, mut description) = api().split_for_parts();
    description::complete(&mut description);
    (api, description)
}

/// The description of the API, as JSON.
pub fn openapi() -> String {
    let (_, description) = parts();
    let mut text = description.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The API and the pages.
pub(crate) fn router(app: AppState) -> Router {
    let (api, description) = parts();
    let description: Arc<str> = description.to_json().unwrap_or_default().into();
    let body_bytes = app.limits.body_kilobytes as usize * 1024;
    api.route("/v1/openapi.json", get(async move || ([("content-type", "application/json")], description.to_string())))
        .method_not_allowed_fallback(wrong_method)
        .fallback(page)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::guard))
        .layer(DefaultBodyLimit::max(body_bytes))
        .with_state(app)
}

async fn wrong_method() -> Problem {
    Code::MethodWrong.into()
}

async fn page(State(app): State<AppState>, request: Request) -> Response {
    app.pages.answer(request.method(), request.uri(), request.headers()).into_response()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_description_in_the_repository_is_current() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/generated/openapi.json");
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == super::openapi(),
            "write it again: cargo run -p yima-node --example openapi > docs/generated/openapi.json"
        );
    }
}

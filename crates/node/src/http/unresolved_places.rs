//! Places that no list has: what operators see of them, and what they say is meant.

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, FactId, Timestamp};

use super::AppState;
use super::answer::{Form, fact_id, instant};
use super::extract::{Body, OnDuty, Path, Query};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::staff::Role;
use crate::unlisted::{self, Meaning, SettleError, Spelling, Unresolved};

/// The most names of one answer.
const PLACES_MAX: usize = 100;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(settle))
}

/// Reads the name of a place that no list has, if one was written: the area that is meant, and the name while nobody has
/// said what it means.
pub(super) fn read_place(
    form: &mut Form,
    field: &str,
    text: Option<&str>,
    area: AreaCode,
    app: &App,
) -> Option<(AreaCode, Option<Spelling>)> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Some((area, None)) };
    let spelling = form.read(field, "not-a-line", Spelling::parse(area, text))?;
    match app.unlisted.find(&spelling) {
        Some(area) => Some((area, None)),
        None => Some((area, Some(spelling))),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// `next` of the answer before.
    after: Option<String>,
}

/// A page of names.
#[derive(Debug, Serialize, ToSchema)]
struct PlacesBody {
    /// At most a hundred, the last filed first.
    places: Vec<PlaceBody>,
    /// What to ask with for those that come next; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The name of a place that no list has; nothing says who wrote it.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceBody {
    id: String,
    /// As it was first written.
    text: String,
    /// The nearest listed area.
    parent: String,
    parent_name: Option<String>,
    first_filed: String,
    last_filed: String,
    /// How many facts were filed with it.
    facts: u64,
}

impl PlaceBody {
    fn new(app: &App, place: Unresolved) -> Self {
        Self {
            id: FactId::from_bytes(place.id).to_string(),
            text: place.spelling.text,
            parent: place.spelling.parent.to_string(),
            parent_name: app.tree.load().full_name(place.spelling.parent),
            first_filed: instant(place.first),
            last_filed: instant(place.last),
            facts: place.facts,
        }
    }
}

/// The names of places that no list has
#[utoipa::path(get, path = "/staff/unresolved-places", tag = "staff", params(PageQuery), responses(
    (status = 200, body = PlacesBody), (status = 403), (status = 422)))]
async fn list(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Query(query): Query<PageQuery>,
) -> Result<Json<PlacesBody>, Problem> {
    on_duty.with_role(Role::keeps_areas)?;
    let after = query.after.as_deref().map(read_mark).transpose()?;
    app.run(move |app| {
        let mut found = unlisted::unresolved(app.ledger())?;
        if let Some((last, id)) = after {
            found.retain(|place| (Reverse(place.last), place.id) > (Reverse(last), id));
        }
        let is_more = found.len() > PLACES_MAX;
        found.truncate(PLACES_MAX);
        let next = found.last().filter(|_| is_more).map(mark);
        let places = found.into_iter().map(|place| PlaceBody::new(app, place)).collect();
        Ok::<_, Problem>(Json(PlacesBody { places, next }))
    })
    .await
}

/// Where a page ends.
fn mark(place: &Unresolved) -> String {
    format!("{}.{}", place.last.millis(), FactId::from_bytes(place.id))
}

/// Reads what [`mark`] wrote.
fn read_mark(text: &str) -> Result<(Timestamp, [u8; 16]), Problem> {
    let read = || {
        let (last, id) = text.split_once('.')?;
        Some((Timestamp::from_millis(last.parse().ok()?), *FactId::parse(id).ok()?.bytes()))
    };
    read().ok_or_else(|| Problem::field("after", "not-a-mark", &"send `next` of the answer before"))
}

/// What is meant by a name; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeaningRequest {
    /// A listed area in the one that was named with it, perhaps one that was just added.
    #[serde(default)]
    area: Option<String>,
    /// Why it is no place.
    #[serde(default)]
    dismissed: Option<String>,
}

/// Say what is meant by a name: filings of it count in that area from now on, and what was filed stays as it is
#[utoipa::path(put, path = "/staff/unresolved-places/{id}", tag = "staff", params(("id" = String, Path)),
    request_body = MeaningRequest, responses((status = 204), (status = 403), (status = 404), (status = 422)))]
async fn settle(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(id): Path<String>,
    Body(request): Body<MeaningRequest>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(Role::keeps_areas)?;
    let id = *fact_id(&id)?.bytes();
    let meaning = request.read(&app)?;
    app.run(move |app| {
        let settled = app.unlisted.settle(app.ledger(), id, &meaning, staff.account.as_str(), app.now());
        settled.map_err(|error| match error {
            SettleError::NoSuchName => Code::NotFound.into(),
            SettleError::Elsewhere(_) => Problem::field("area", "elsewhere", &error),
            SettleError::Ledger(error) => error.into(),
        })
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl MeaningRequest {
    fn read(self, app: &App) -> Result<Meaning, Problem> {
        let reason = self.dismissed.filter(|reason| !reason.trim().is_empty());
        match (self.area, reason) {
            (Some(code), None) => {
                let tree = app.tree.load();
                let known = AreaCode::parse(&code).ok().filter(|area| tree.name(*area).is_some());
                let missing = || Problem::field("area", "not-an-area", &"choose a listed area, or add it first");
                known.map(Meaning::Area).ok_or_else(missing)
            }
            (None, Some(reason)) => Ok(Meaning::Nothing(reason)),
            _ => Err(Problem::field("area", "missing", &"name an area, or say why the name is dismissed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_page_ends_is_read_back() {
        let spelling = Spelling::parse(AreaCode::parse("42").unwrap(), "x").unwrap();
        let at = Timestamp::from_millis(-7);
        let place = Unresolved { id: [0xa5; 16], spelling, first: at, last: at, facts: 1 };
        assert_eq!(read_mark(&mark(&place)).unwrap(), (at, [0xa5; 16]));
        for text in ["", "1", "1.", "x.a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"] {
            assert!(read_mark(text).is_err(), "{text}");
        }
    }
}

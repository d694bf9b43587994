//! Areas: what a form offers and finds, which level an area has, and adding one while the node runs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_ledger::{Ledger, LedgerError};
use yima_model::area::Depth;
use yima_model::{AreaCode, DivisionTree, Level, Timestamp};
use yima_registry::snapshots::name_places;

use super::AppState;
use super::answer::instant;
use super::extract::{Body, OnDuty, Path, Query};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// Areas that were added, by the number of their code.
static ADDED: Rows<String> = Rows::new(table::ADDED_AREA);

/// The most areas that a search gives.
const FOUND_MAX: usize = 30;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(areas, add)).routes(routes!(area)).routes(routes!(level))
}

/// The division tree with everything that was added by staff or named by the list of risk areas.
///
/// # Errors
/// [`LedgerError`].
pub fn tree(ledger: &dyn Ledger) -> Result<DivisionTree, LedgerError> {
    let mut tree = DivisionTree::built_in();
    for (key, name) in ADDED.all(ledger, &[])? {
        let code = key.try_into().ok().map(u64::from_be_bytes).and_then(AreaCode::from_number);
        if let Some(Err(error)) = code.map(|code| tree.insert(code, &name)) {
            tracing::warn!(error = %error, "an added area was left out");
        }
    }
    name_places(ledger, &mut tree)?;
    Ok(tree)
}

/// Replaces the tree by the one that the ledger now has.
pub(super) fn read_tree_anew(app: &App) -> Result<(), LedgerError> {
    app.tree.update(|_| Ok((tree(app.ledger())?, ())))
}

/// One area.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AreaBody {
    /// The code, such as `610102`.
    code: String,
    /// Its own name.
    name: String,
    /// The names from the province down.
    full_name: String,
    /// Whether nothing is listed below it.
    leaf: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AreasQuery {
    /// What lies directly below this area; without it, the provinces.
    parent: Option<String>,
    /// Names that contain this, below areas that match the words before it.
    search: Option<String>,
}

/// The areas below another, or those that a search finds
#[utoipa::path(get, path = "/areas", tag = "public", params(AreasQuery), responses((status = 200, body = Vec<AreaBody>)))]
async fn areas(State(app): State<AppState>, Query(query): Query<AreasQuery>) -> Result<Json<Vec<AreaBody>>, Problem> {
    let parent = query.parent.as_deref().map(read_area).transpose()?;
    let tree = app.tree.load();
    app.run(move |_| {
        let found = match query.search {
            Some(text) => tree.search(&text, FOUND_MAX),
            None => tree.choices(parent),
        };
        Ok::<_, Problem>(Json(found.into_iter().filter_map(|code| body(&tree, code)).collect()))
    })
    .await
}

/// One area
#[utoipa::path(get, path = "/areas/{code}", tag = "public", params(("code" = String, Path)), responses(
    (status = 200, body = AreaBody), (status = 404)))]
async fn area(State(app): State<AppState>, Path(code): Path<String>) -> Result<Json<AreaBody>, Problem> {
    let code = AreaCode::parse(&code).map_err(|_| Code::NotFound)?;
    body(&app.tree.load(), code).map(Json).ok_or_else(|| Code::NotFound.into())
}

/// The level of an area.
#[derive(Debug, Serialize, ToSchema)]
struct LevelBody {
    /// `low`, `medium` or `high`; low where nothing is published.
    level: &'static str,
    /// As of when.
    as_of: String,
}

/// The level of an area at this moment
#[utoipa::path(get, path = "/areas/{code}/level", tag = "public", params(("code" = String, Path)), responses(
    (status = 200, body = LevelBody), (status = 404)))]
async fn level(State(app): State<AppState>, Path(code): Path<String>) -> Result<Json<LevelBody>, Problem> {
    let code = AreaCode::parse(&code).map_err(|_| Code::NotFound)?;
    let now = app.now();
    let level = app.run(move |app| Ok::<_, Problem>(level_of(app, code, now))).await?;
    Ok(Json(LevelBody { level: level_word(level), as_of: instant(now) }))
}

/// The level of an area at `now`: the worst of those that contain it.
pub(super) fn level_of(app: &App, area: AreaCode, now: Timestamp) -> Level {
    let levels = app.levels_of(&app.registry.globals(), Timestamp::FOREVER);
    levels.of(area, now).map_or(Level::Low, |listed| listed.level)
}

pub(super) const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

/// An area to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewArea {
    /// The area that it lies in.
    parent: String,
    /// Its name.
    name: String,
}

/// Add an area, for everybody to choose at once
#[utoipa::path(post, path = "/areas", tag = "staff", request_body = NewArea, responses((status = 201, body = AreaBody)))]
async fn add(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(new): Body<NewArea>,
) -> Result<(StatusCode, Json<AreaBody>), Problem> {
    on_duty.with_role(Role::keeps_areas)?;
    let parent = read_area(&new.parent)?;
    let body = app
        .run(move |app| {
            app.tree.update(|tree| {
                let mut tree = tree.clone();
                let code =
                    tree.extend(parent, &new.name).map_err(|error| Problem::field("name", "not-an-area", &error))?;
                let name = tree.name(code).unwrap_or_default().to_owned();
                // Another node on this ledger may have given the code away meanwhile.
                if ADDED.claim(app.ledger(), &code.number().to_be_bytes(), &name)?.is_some() {
                    return Err(Problem::retry_after(Code::Busy, 1));
                }
                let body = body(&tree, code).ok_or(Code::NotFound)?;
                Ok((tree, body))
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

fn read_area(text: &str) -> Result<AreaCode, Problem> {
    AreaCode::parse(text).map_err(|error| Problem::field("parent", "not-an-area", &error))
}

fn body(tree: &DivisionTree, code: AreaCode) -> Option<AreaBody> {
    Some(AreaBody {
        code: code.to_string(),
        name: tree.name(code)?.to_owned(),
        full_name: tree.full_name(code)?,
        leaf: code.depth() == Depth::Place || tree.children(Some(code)).next().is_none(),
    })
}

//! Arrivals from medium- and high-risk places: marked for the person with the duty of the destination, and listed for the
//! community where the person arrived; nobody else sees them, no checkpoint either.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, PersonId, Timestamp, Zone};
use yima_registry::visits::{self, Marker, Visit};

use super::AppState;
use super::answer::{Form, instant};
use super::areas::level_word;
use super::extract::{Acting, Body, OnDuty, Path};
use super::packs::{Texts, in_every_language};
use super::problem::{Code, Problem};
use super::risk_levels::{NamedBody, named};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// What somebody who arrives from a listed place has to do, by the code of the area.
static DUTIES: Rows<DutyRow> = Rows::new(table::ARRIVAL_DUTY);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(visited))
}

pub(super) fn staff_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(arrived)).routes(routes!(put))
}

/// The medium- and high-risk places that the person has visited, and nothing else of where the person was.
#[derive(Debug, Serialize, ToSchema)]
struct VisitedBody {
    /// Each place once, the latest first.
    visits: Vec<VisitBody>,
    /// The arrivals of the last fourteen days from such places, the latest first.
    arrivals: Vec<MarkerBody>,
}

/// A place that was visited while it had its level.
#[derive(Debug, Serialize, ToSchema)]
struct VisitBody {
    level: &'static str,
    /// The place as it is listed.
    areas: Vec<NamedBody>,
    /// What does not belong to it.
    except: Vec<NamedBody>,
    /// The first day in Beijing, such as 2020-12-14.
    first_day: Option<String>,
    /// The last one; absent while it lasts.
    last_day: Option<String>,
}

/// An arrival from a listed place.
#[derive(Debug, Serialize, ToSchema)]
struct MarkerBody {
    /// The level of the place that the person came from, at that instant.
    level: &'static str,
    to: NamedBody,
    arrived: String,
    /// What is to be done there; absent where no headquarters has published it.
    duty: Option<DutyBody>,
}

/// A duty that a headquarters has published.
#[derive(Debug, Serialize, ToSchema)]
struct DutyBody {
    /// For which area: the destination, or the nearest above it.
    area: String,
    text: Texts,
    changed: String,
}

/// The medium- and high-risk places that were visited, and arrivals from such places
#[utoipa::path(get, path = "/risk-visits", tag = "record", responses((status = 200, body = VisitedBody)))]
async fn visited(State(app): State<AppState>, acting: Acting) -> Result<Json<VisitedBody>, Problem> {
    app.run(move |app| {
        acting.reads_of_life()?;
        acting.note(app, Action::ReadVisits)?;
        let view = app.registry.view(acting.person)?;
        let (levels, now) = (app.levels_of(&view.globals, Timestamp::FOREVER), app.now());
        let visits = visits::visits(&view.facts, &levels, now);
        let markers = visits::markers(&view.facts, &levels, now);
        let arrivals = markers.iter().map(|marker| MarkerBody::new(app, marker)).collect::<Result<_, _>>()?;
        let visits = visits.iter().map(|visit| VisitBody::new(app, visit, now)).collect();
        Ok::<_, Problem>(Json(VisitedBody { visits, arrivals }))
    })
    .await
}

impl VisitBody {
    fn new(app: &App, visit: &Visit<'_>, now: Timestamp) -> Self {
        let tree = app.tree.load();
        let names = |areas: &[AreaCode]| areas.iter().map(|area| named(&tree, *area)).collect();
        let day = |at| Zone::BEIJING.date(at).map(|date| date.to_string());
        let (from, until) = (visit.during.from(), visit.during.until());
        Self {
            level: level_word(visit.listed.level),
            areas: names(&visit.listed.areas.include),
            except: names(&visit.listed.areas.exclude),
            first_day: day(from),
            last_day: day(until.plus_millis(-1)).filter(|_| until <= now),
        }
    }
}

impl MarkerBody {
    fn new(app: &App, marker: &Marker<'_>) -> Result<Self, Problem> {
        Ok(Self {
            level: level_word(marker.listed.level),
            to: named(&app.tree.load(), marker.to),
            arrived: instant(marker.at),
            duty: DutyBody::of(app, marker)?,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct DutyRow {
    medium: Texts,
    high: Texts,
    changed: i64,
}

impl DutyBody {
    fn of(app: &App, marker: &Marker<'_>) -> Result<Option<Self>, Problem> {
        for area in marker.to.and_above() {
            let area = area.to_string();
            if let Some(DutyRow { medium, high, changed }) = DUTIES.find(app.ledger(), area.as_bytes())? {
                let text = if marker.listed.level == yima_model::Level::High { high } else { medium };
                return Ok(Some(Self { area, text, changed: instant(Timestamp::from_millis(changed)) }));
            }
        }
        Ok(None)
    }
}

/// What somebody who arrives has to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DutyRequest {
    /// From a medium-risk place; in `zh-CN`, `zh-TW` and `en`.
    medium: Texts,
    /// From a high-risk place.
    high: Texts,
}

/// Publish what somebody who arrives in an area from a medium- or high-risk place has to do there
#[utoipa::path(put, path = "/staff/arrival-duties/{area}", tag = "staff", params(("area" = String, Path)),
    request_body = DutyRequest, responses((status = 204), (status = 403), (status = 422)))]
async fn put(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(area): Path<String>,
    Body(DutyRequest { medium, high }): Body<DutyRequest>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Headquarters)?;
    let mut form = Form::default();
    let area = form.read("area", "not-an-area", AreaCode::parse(&area));
    let of_medium = form.read("medium", "missing", in_every_language(&medium));
    let of_high = form.read("high", "missing", in_every_language(&high));
    let ((area, ()), ()) = form.finish(area.zip(of_medium).zip(of_high))?;
    if !staff.is_for(area) {
        return Err(Code::NotPermitted.into());
    }
    let row = DutyRow { medium, high, changed: app.now().millis() };
    app.run(move |app| DUTIES.put(app.ledger(), area.to_string().as_bytes(), &row)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody who has arrived.
#[derive(Serialize, ToSchema)]
struct ArrivedBody {
    person: String,
    name: Option<String>,
    to: NamedBody,
    /// The present address as the person wrote it, else that of the home.
    address: Option<String>,
    arrived: String,
    /// `medium` or `high`: where the person came from, and not what the place is called.
    level: &'static str,
}

impl ArrivedBody {
    fn new(app: &App, person: PersonId, marker: &Marker<'_>) -> Result<Self, Problem> {
        let details = app.registry.vault().details(person)?;
        Ok(Self {
            person: person.to_string(),
            name: details.name.as_ref().map(|name| name.reveal().to_owned()),
            to: named(&app.tree.load(), marker.to),
            address: details.address().map(|text| text.reveal().to_owned()),
            arrived: instant(marker.at),
            level: level_word(marker.listed.level),
        })
    }
}

/// Who has arrived in the areas of this community from a medium- or high-risk place, within fourteen days, the latest first
#[utoipa::path(get, path = "/staff/arrivals", tag = "staff", responses(
    (status = 200, body = Vec<ArrivedBody>), (status = 403)))]
async fn arrived(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<ArrivedBody>>, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Community)?;
    if staff.areas.is_empty() {
        return Err(Problem::with_detail(
            Code::NotPermitted,
            &"the account is for no community; have its areas entered",
        ));
    }
    app.run(move |app| {
        let now = app.now();
        let levels = app.levels_of(&app.registry.globals(), Timestamp::FOREVER);
        let mut arrivals = BTreeSet::new();
        for area in &staff.areas {
            arrivals.extend(app.registry.arrivals_to(*area, visits::marked_since(now))?);
        }
        let mut found = Vec::new();
        for (person, fact) in arrivals {
            let facts = app.registry.record(person)?;
            let marker = visits::markers(&facts, &levels, now).into_iter().find(|marker| marker.fact == fact);
            let Some(marker) = marker else { continue };
            access_log::note_staff(app.ledger(), person, &staff, Action::ReadArrival, now)?;
            found.push((marker.at, ArrivedBody::new(app, person, &marker)?));
        }
        found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Ok::<_, Problem>(Json(found.into_iter().map(|(_, body)| body).collect()))
    })
    .await
}

//! Addresses: moving house, correcting what was said, and the history of both.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::DwellingRole;
use yima_model::{Content, Fact, FactId, Interval, Occurred, Timestamp};
use yima_registry::cases::{Refusal, statements};
use yima_registry::standing::{self, standing};

use super::AppState;
use super::answer::{FiledBody, Form, fact_id, instant, open_instant};
use super::extract::{Acting, Body, Key, Path};
use super::problem::Problem;
use super::residents::{DwellingRequest, NO_HOME, ReadDwelling};
use crate::access_log::Action;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(history, move_to)).routes(routes!(amend))
}

/// An address as it is recorded; its free text is kept for the present one of each role alone (`/me/receipt`).
#[derive(Debug, Serialize, ToSchema)]
struct AddressBody {
    fact: String,
    /// `home`, `present` or `workplace`.
    role: &'static str,
    area: String,
    full_name: Option<String>,
    from: Option<String>,
    /// When the person left, or plans to; absent if that is not known.
    until: Option<String>,
    recorded: String,
    /// Who said it: `resident`, `guardian`, `desk` …
    source: &'static str,
    /// The fact whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// Whether it stands: it was neither amended nor retracted.
    stands: bool,
}

/// Every address that was given, the latest first
#[utoipa::path(get, path = "/dwellings", tag = "record", responses((status = 200, body = Vec<AddressBody>)))]
async fn history(State(app): State<AppState>, acting: Acting) -> Result<Json<Vec<AddressBody>>, Problem> {
    app.run(move |app| {
        acting.note(app, Action::ReadRecord)?;
        let facts = app.registry.record(acting.person)?;
        let standing = standing(&facts, Timestamp::FOREVER);
        let mut addresses: Vec<&Fact> = facts.iter().filter(|fact| acting.may_read(fact)).collect();
        addresses.sort_by_key(|fact| std::cmp::Reverse((fact.recorded(), fact.id())));
        let lasts = |fact: &Fact| standing.iter().find(|(other, _)| other.id() == fact.id()).map(|(_, lasts)| *lasts);
        let bodies = addresses.into_iter().filter_map(|fact| AddressBody::of(app, fact, lasts(fact)));
        Ok::<_, Problem>(Json(bodies.collect()))
    })
    .await
}

impl AddressBody {
    fn of(app: &App, fact: &Fact, lasts: Option<Interval>) -> Option<Self> {
        let Content::Dwelling { area, role } = fact.content() else { return None };
        let planned = match fact.occurred() {
            Occurred::During { until, .. } => until,
            Occurred::At { .. } => Timestamp::FOREVER,
        };
        Some(Self {
            fact: fact.id().to_string(),
            role: role.word(),
            area: area.to_string(),
            full_name: app.tree.load().full_name(*area),
            from: open_instant(fact.occurred().start()),
            until: open_instant(lasts.map_or(planned, Interval::until)),
            recorded: instant(fact.recorded()),
            source: fact.filing().source.kind.word(),
            replaces: fact.filing().replaces.map(|id| id.to_string()),
            stands: lasts.is_some(),
        })
    }
}

/// Move: the address counts from now on, and the one of the same role ends
#[utoipa::path(post, path = "/dwellings", tag = "record", request_body = DwellingRequest, responses(
    (status = 201, body = FiledBody), (status = 422)))]
async fn move_to(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<DwellingRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Amended)?;
            let (dwelling, place) = read(app, &request, &app.registry.record(acting.person)?, now)?;
            let filed = statements::move_to(&app.registry, &call, acting.person, &dwelling)?;
            app.unlisted.note(app.ledger(), place.as_slice(), filed.repeated, now)?;
            Ok::<_, Problem>(filed)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

#[derive(Deserialize)]
struct FactPath {
    fact: String,
}

/// Correct an address: it counts from when the older one did, as if that had never been said
#[utoipa::path(put, path = "/dwellings/{fact}", tag = "record", params(("fact" = String, Path)),
    request_body = DwellingRequest, responses((status = 200, body = FiledBody), (status = 404), (status = 409), (status = 422)))]
async fn amend(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Path(path): Path<FactPath>,
    Body(request): Body<DwellingRequest>,
) -> Result<Json<FiledBody>, Problem> {
    let target = fact_id(&path.fact)?;
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Amended)?;
            let facts = app.registry.record(acting.person)?;
            let (dwelling, place) = read(app, &request, &facts, now)?;
            let lasts = lasts_of(&facts, target, dwelling.role, call.request.fact_id(0))?;
            // Where somebody has left, that stays so; where not, the plan is the one that is sent.
            let planned = dwelling.until.unwrap_or(Timestamp::FOREVER);
            let until = if lasts.until() <= now { lasts.until() } else { planned };
            let occurred = Occurred::During { from: lasts.from(), until };
            let content = Content::Dwelling { area: dwelling.area, role: dwelling.role };
            let filed = statements::amend(&app.registry, &call, acting.person, target, occurred, content)?;
            if let Some(text) = dwelling.text.filter(|_| until > now) {
                app.registry.vault().put_address(acting.person, dwelling.role, &text)?;
            }
            app.unlisted.note(app.ledger(), place.as_slice(), filed.repeated, now)?;
            Ok::<_, Problem>(filed)
        })
        .await?;
    Ok(Json(FiledBody::new(&filed, now)))
}

/// How long the address lasts that is corrected; the correction itself if the request came before.
fn lasts_of(facts: &[Fact], target: FactId, role: DwellingRole, own: FactId) -> Result<Interval, Problem> {
    let (fact, lasts) =
        standing::find(facts, target).or_else(|| standing::find(facts, own)).ok_or(Refusal::NoSuchFact)?;
    match fact.content() {
        Content::Dwelling { role: other, .. } if *other == role => Ok(lasts),
        Content::Dwelling { .. } => {
            Err(Problem::field("role", "other-role", &"a correction keeps the role; move instead"))
        }
        _ => Err(Refusal::OtherKind.into()),
    }
}

/// Reads an address; whoever plans to leave it has a home.
fn read(app: &App, request: &DwellingRequest, facts: &[Fact], now: Timestamp) -> Result<ReadDwelling, Problem> {
    let mut form = Form::default();
    let read = request.read(&mut form, "", app, now);
    let (dwelling, place) = form.finish(read)?;
    let is_home = |fact: &Fact| matches!(fact.content(), Content::Dwelling { role: DwellingRole::Home, .. });
    let has_home = standing(facts, Timestamp::FOREVER).iter().any(|(fact, lasts)| is_home(fact) && lasts.until() > now);
    if dwelling.until.is_some() && !has_home {
        return Err(Problem::field("until", "no-home", &NO_HOME));
    }
    Ok((dwelling, place))
}

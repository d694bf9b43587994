//! How places lie: an office says that several wordings are one place, that a place lies in another, or that they are apart.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_feed::Named;
use yima_feed::atlas::Atlas;
use yima_model::fact::PlaceRelation;
use yima_model::id::Remark;
use yima_model::{AreaCode, DivisionTree, Timestamp};
use yima_registry::cases::places::{self, ALWAYS, Decided, Decision};
use yima_registry::cases::risk_levels::RiskLevels;

use super::AppState;
use super::answer::{FiledBody, Form, instant};
use super::areas::read_tree_anew;
use super::extract::{Body, Key, OnDuty, staff_call};
use super::problem::{Code, Problem};
use crate::app::App;
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, decide))
}

/// A decision about two places that stands.
#[derive(Debug, Serialize, ToSchema)]
struct RelationBody {
    fact: String,
    place: NamedBody,
    /// `within`, `same` or `apart`.
    relation: &'static str,
    other: NamedBody,
    /// Whose decision.
    by: String,
    decided: String,
    why: String,
    /// Whether another office has confirmed it; until then it has no effect.
    confirmed: bool,
}

/// A place with its name.
#[derive(Debug, Serialize, ToSchema)]
struct NamedBody {
    code: String,
    /// The names from the province down; absent for one that no list has.
    name: Option<String>,
}

/// What an office says of places.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RelationRequest {
    /// `within`: the first lies in the second; `same`: all are one; `apart`: the first is none of the others.
    relation: String,
    /// Each is a code, or a wording of the national list: province, city, county and place with tabs or blanks between.
    places: Vec<String>,
    /// By which document or survey: one line about no person.
    why: String,
    /// From when on; without it, always.
    #[serde(default)]
    from: Option<String>,
}

/// A place as somebody writes it.
enum Written {
    Code(AreaCode),
    Wording(Named),
}

/// How places lie, as offices have said; the latest decision first
#[utoipa::path(get, path = "/staff/area-relations", tag = "staff", responses(
    (status = 200, body = Vec<RelationBody>), (status = 403)))]
async fn list(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<RelationBody>>, Problem> {
    on_duty.with_role(decides)?;
    let decided = places::decided(&app.registry.globals(), app.now());
    let tree = app.tree.load();
    Ok(Json(decided.into_iter().map(|decided| RelationBody::new(decided, &tree)).collect()))
}

/// Say how places lie: a dated decision that counts once another office has confirmed it
#[utoipa::path(post, path = "/staff/area-relations", tag = "staff", request_body = RelationRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 409), (status = 422)))]
async fn decide(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<RelationRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(decides)?;
    let (relation, written, from, why) = request.read()?;
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app
        .run(move |app| {
            let places = codes(app, written, now)?;
            if !places.iter().all(|place| staff.is_for(*place)) {
                return Err(Code::NotPermitted.into());
            }
            let filed = places::decide(&app.registry, &call, &Decision { relation, places, from, why })?;
            read_tree_anew(app)?;
            Ok::<_, Problem>(filed)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

const fn decides(role: Role) -> bool {
    matches!(role, Role::Headquarters | Role::DiseaseControl)
}

/// The code of each place; a wording that was never listed is numbered now.
fn codes(app: &App, written: Vec<Written>, now: Timestamp) -> Result<Vec<AreaCode>, Problem> {
    let wordings: Vec<Named> = written
        .iter()
        .filter_map(|place| match place {
            Written::Wording(named) => Some(named.clone()),
            Written::Code(_) => None,
        })
        .collect();
    let mut worded = Vec::new();
    if !wordings.is_empty() {
        let tree = app.tree.load();
        worded = RiskLevels::open(&app.registry, Arc::new(Atlas::of(&tree)), &tree, now)?.worded(&wordings)?;
    }
    let mut worded = worded.into_iter();
    let code = |place| match place {
        Written::Code(code) => Ok(code),
        Written::Wording(_) => worded.next().flatten().ok_or_else(|| {
            Problem::field("places", "not-a-place", &"no listed area has these names; write them as the list does")
        }),
    };
    written.into_iter().map(code).collect()
}

impl RelationRequest {
    fn read(self) -> Result<(PlaceRelation, Vec<Written>, Timestamp, Remark), Problem> {
        let mut form = Form::default();
        let relation = form.word("relation", &self.relation, PlaceRelation::from_word);
        let places = self.places.iter().map(|text| Written::read(text)).collect::<Result<Vec<_>, _>>();
        let places = form.read("places", "not-a-place", places);
        let from = form.read("from", "not-an-instant", self.from.as_deref().map(Timestamp::parse).transpose());
        let why = form.read("why", "not-a-remark", Remark::parse(self.why.trim()));
        let read = relation.zip(places).zip(from.zip(why));
        let ((relation, places), (from, why)) = form.finish(read)?;
        Ok((relation, places, from.unwrap_or(ALWAYS), why))
    }
}

impl Written {
    fn read(text: &str) -> Result<Self, &'static str> {
        if let Ok(code) = AreaCode::parse(text) {
            return Ok(Self::Code(code));
        }
        let names: Vec<&str> = if text.contains('\t') {
            text.splitn(4, '\t').collect()
        } else {
            text.splitn(4, char::is_whitespace).collect()
        };
        match names[..] {
            [province, city, county, place] => Ok(Self::Wording(Named {
                province: province.into(),
                city: city.into(),
                county: county.into(),
                place: place.into(),
            })),
            _ => Err("neither a code nor a wording; write province, city, county and place with blanks between"),
        }
    }
}

impl RelationBody {
    fn new(decided: Decided, tree: &DivisionTree) -> Self {
        let named = |code: AreaCode| NamedBody { code: code.to_string(), name: tree.full_name(code) };
        Self {
            fact: decided.fact.to_string(),
            place: named(decided.place),
            relation: decided.relation.word(),
            other: named(decided.other),
            by: decided.by.id.to_string(),
            decided: instant(decided.at),
            why: decided.why.to_string(),
            confirmed: decided.counts,
        }
    }
}

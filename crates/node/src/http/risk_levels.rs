//! The public list of medium- and high-risk places: by area, by name, at an instant, as known then; precise places, never a
//! whole city. Nothing is kept of who asked for what.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, DivisionTree, FactId, Level, Timestamp};
use yima_registry::retention::Gone;
use yima_registry::{Levels, Listed};

use super::AppState;
use super::answer::{Form, instant, open_instant};
use super::areas::level_word;
use super::extract::Query;
use super::problem::{Code, Problem};
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The most places in one answer.
const PLACES_MAX: usize = 100;

/// The most areas that a name finds.
const FOUND_MAX: usize = 30;

/// How long others may keep an answer.
const CACHING: &str = "public, max-age=60";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RiskQuery {
    /// The code of an area; the whole country, if absent.
    area: Option<String>,
    /// Instead of a code: a name, after the names of areas that it lies in.
    name: Option<String>,
    /// `medium` or `high`; both, if absent.
    level: Option<String>,
    /// The instant that is asked about; now, if absent.
    at: Option<String>,
    /// As it was known then; as it is known now, if absent.
    known_at: Option<String>,
    /// The last fact of the page before, for a list that is longer than one.
    after: Option<String>,
}

/// Medium- and high-risk places.
#[derive(Debug, Serialize, ToSchema)]
struct RiskBody {
    /// The instant that is asked about.
    at: String,
    /// As known then.
    known_at: String,
    as_of: RiskAsOfBody,
    /// The area that was asked for; absent for the whole country, and where a name was asked for.
    area: Option<AreaRiskBody>,
    /// How many places lie in it at each level.
    counts: CountsBody,
    /// What lies directly below it and has such places; or what the name finds.
    below: Vec<AreaRiskBody>,
    /// The places in it, the high ones first, at most 100.
    places: Vec<PlaceRiskBody>,
    /// What to name as `after` for those that follow.
    more: Option<String>,
}

/// How far the data reach; equal reach, equal answer.
#[derive(Debug, Serialize, ToSchema)]
struct RiskAsOfBody {
    /// Up to when everything is known that was filed.
    instant: String,
    global_position: u64,
    /// When the list last changed; absent where none was ever published.
    changed: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
struct CountsBody {
    high: usize,
    medium: usize,
}

/// An area with its own level, and what lies in it.
#[derive(Debug, Serialize, ToSchema)]
struct AreaRiskBody {
    code: String,
    name: String,
    full_name: String,
    /// The level of the area as a whole; `low` where nothing is published of it, whatever lies in it.
    level: &'static str,
    /// By what it has that level.
    place: Option<PlaceRiskBody>,
    counts: CountsBody,
}

/// A set of places with its level.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceRiskBody {
    /// The fact that says so.
    fact: String,
    level: &'static str,
    /// What belongs to it.
    areas: Vec<NamedBody>,
    /// What does not, although it lies in that.
    except: Vec<NamedBody>,
    from: Option<String>,
    /// Absent while nobody has said until when.
    until: Option<String>,
    /// Whether another office has confirmed it; until then it is shown and colours nobody.
    confirmed: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedBody {
    code: String,
    full_name: String,
}

/// An area with its name; where that is not known, with the name of what it lies in and its own code.
pub(super) fn named(tree: &DivisionTree, area: AreaCode) -> NamedBody {
    let code = area.to_string();
    let above = || area.and_above().find_map(|above| Some(format!("{} {code}", tree.full_name(above)?)));
    let full_name = tree.full_name(area).or_else(above).unwrap_or_default();
    NamedBody { code, full_name }
}

/// What is asked.
struct Asked {
    area: Option<AreaCode>,
    name: Option<String>,
    level: Option<Level>,
    at: Timestamp,
    known_at: Timestamp,
    after: Option<FactId>,
}

/// The medium- and high-risk places of an area or of a name
#[utoipa::path(get, path = "/risk-levels", tag = "public", params(RiskQuery), responses(
    (status = 200, body = RiskBody), (status = 404), (status = 410), (status = 422)))]
async fn list(State(app): State<AppState>, Query(query): Query<RiskQuery>) -> Result<Response, Problem> {
    let asked = query.read(app.now())?;
    let body = app.run(move |app| answer(app, &asked)).await?;
    Ok(([(header::CACHE_CONTROL, CACHING)], Json(body)).into_response())
}

impl RiskQuery {
    fn read(self, now: Timestamp) -> Result<Asked, Problem> {
        let mut form = Form::default();
        let area = self.area.as_deref().map(AreaCode::parse).transpose();
        let area = form.read("area", "not-an-area", area);
        let level = |word: &str| [Level::Medium, Level::High].into_iter().find(|level| level_word(*level) == word);
        let level = self.level.as_deref().map(|word| form.word("level", word, level));
        let at = form.read("at", "not-an-instant", self.at.as_deref().map(Timestamp::parse).transpose());
        let known_at =
            form.read("known_at", "not-an-instant", self.known_at.as_deref().map(Timestamp::parse).transpose());
        let after = form.read("after", "not-a-fact", self.after.as_deref().map(FactId::parse).transpose());
        let read = area.zip(at).zip(known_at.zip(after));
        let ((area, at), (known_at, after)) = form.finish(read)?;
        // What is known now is known at any later instant, so that such a question rests on the same facts.
        let known_at = known_at.filter(|known_at| *known_at < now).unwrap_or(Timestamp::FOREVER);
        Ok(Asked { area, name: self.name, level: level.flatten(), at: at.unwrap_or(now), known_at, after })
    }
}

fn answer(app: &App, asked: &Asked) -> Result<RiskBody, Problem> {
    let kept = app.registry.kept();
    if asked.at < kept.horizon {
        return Err(if asked.at < kept.expired { Gone::Destroyed } else { Gone::Sealed }.into());
    }
    let (globals, position, complete_until) = app.registry.globals_as_of();
    let levels = app.levels_of(&globals, asked.known_at);
    let list = List { levels: &levels, tree: &app.tree.load(), at: asked.at };
    let area = asked.area.map(|area| list.area(area).ok_or(Code::NotFound)).transpose()?;
    let (below, places) = match &asked.name {
        Some(name) => {
            (list.tree.search(name, FOUND_MAX).into_iter().filter_map(|area| list.area(area)).collect(), vec![])
        }
        None => (list.below(asked.area), levels.inside(asked.area, asked.at)),
    };
    let counts = if asked.name.is_some() { CountsBody::default() } else { list.counts(asked.area) };
    let mut places: Vec<_> =
        places.into_iter().filter(|listed| asked.level.is_none_or(|level| level == listed.level)).collect();
    if let Some(after) = asked.after {
        let read = places.iter().position(|listed| listed.fact == after).map_or(0, |at| at + 1);
        places.drain(..read);
    }
    let more = places.len() > PLACES_MAX;
    places.truncate(PLACES_MAX);
    Ok(RiskBody {
        at: instant(asked.at),
        known_at: instant(asked.known_at.min(complete_until)),
        as_of: RiskAsOfBody {
            instant: instant(complete_until),
            global_position: position.0,
            changed: levels.changed().map(instant),
        },
        area,
        counts,
        below,
        more: places.last().filter(|_| more).map(|listed| listed.fact.to_string()),
        places: places.into_iter().map(|listed| list.place(listed)).collect(),
    })
}

/// The list at one instant.
struct List<'a> {
    levels: &'a Levels,
    tree: &'a DivisionTree,
    at: Timestamp,
}

impl List<'_> {
    fn area(&self, area: AreaCode) -> Option<AreaRiskBody> {
        let own = self.levels.of(area, self.at);
        Some(AreaRiskBody {
            code: area.to_string(),
            name: self.tree.name(area)?.to_owned(),
            full_name: self.tree.full_name(area)?,
            level: level_word(own.map_or(Level::Low, |listed| listed.level)),
            place: own.map(|listed| self.place(listed)),
            counts: self.counts(Some(area)),
        })
    }

    /// What a form offers below an area, where a place of the list is it or lies in it.
    fn below(&self, area: Option<AreaCode>) -> Vec<AreaRiskBody> {
        let choices =
            self.tree.choices(area).into_iter().filter(|choice| choice.depth() != yima_model::area::Depth::Place);
        let found = choices.filter_map(|choice| self.area(choice));
        found
            .filter(|found| found.level != level_word(Level::Low) || found.counts.high + found.counts.medium > 0)
            .collect()
    }

    fn place(&self, listed: &Listed) -> PlaceRiskBody {
        let names = |areas: &[AreaCode]| areas.iter().map(|area| named(self.tree, *area)).collect();
        PlaceRiskBody {
            fact: listed.fact.to_string(),
            level: level_word(listed.level),
            areas: names(&listed.areas.include),
            except: names(&listed.areas.exclude),
            from: open_instant(listed.lasts.from()),
            until: open_instant(listed.lasts.until()),
            confirmed: listed.has_effect(self.at),
        }
    }

    fn counts(&self, area: Option<AreaCode>) -> CountsBody {
        let (high, medium) = self.levels.count_inside(area, self.at);
        CountsBody { high, medium }
    }
}

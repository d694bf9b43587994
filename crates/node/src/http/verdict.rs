//! The colour, why, until when, what to do, whom to call; and how it goes on.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Fact, FactId, PersonId, Timestamp};
use yima_registry::registry::{AsOf, View};
use yima_registry::{HeldGround, Judgement, retention};
use yima_rules::progress::Progress;

use super::AppState;
use super::answer::{instant, open_instant, read_position};
use super::extract::{Acting, Query};
use super::packs::{Texts, texts};
use super::problem::Problem;
use super::reviews::{self, ReviewBody};
use crate::access_log::Action;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(verdict)).routes(routes!(timeline))
}

/// How long a read waits for the position that it names.
const WAIT: Duration = Duration::from_secs(2);

/// A colour with everything that it follows from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerdictBody {
    person: String,
    /// The instant that is judged.
    at: String,
    /// `green`, `grey`, `yellow` or `red`.
    colour: &'static str,
    /// Why it is grey: `not-opened`, `not-compared`, `check-in-lapsed`, `binding-expired`.
    cause: Option<&'static str>,
    /// Whether any rules apply where the person lives.
    in_force: bool,
    /// The pack of the place, else the national one.
    pack: Option<String>,
    /// Every ground that holds, the worst colour first.
    grounds: Vec<GroundBody>,
    /// When the colour or the grounds change next if nothing more is filed.
    next_change: Option<String>,
    as_of: AsOfBody,
    /// Whom to call.
    call: Option<Texts>,
    /// Where the review of the first application stands; absent where none is ordered.
    review: Option<ReviewBody>,
    /// Whether the answer does not know the position that was named yet.
    behind: bool,
}

/// One rule that holds, with its evidence.
#[derive(Debug, Serialize, ToSchema)]
struct GroundBody {
    /// The pack that the rule is of: that of the place, or the national one beside it.
    pack: String,
    rule: String,
    colour: &'static str,
    /// `risk` or `administrative`.
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    from: Option<String>,
    until: Option<String>,
    reason: Texts,
    guide: Texts,
    clears: Texts,
    /// The sentence of the notice that the rule implements.
    source: String,
    facts: Vec<EvidenceBody>,
    /// For each count of tests or check-ins that would clear it, how far it has come; absent where nothing is counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    progress: Vec<ProgressBody>,
}

/// How far a count has come, such as 1 of 2.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressBody {
    done: u8,
    wanted: u8,
}

/// A fact that a ground rests on.
#[derive(Debug, Serialize, ToSchema)]
struct EvidenceBody {
    id: String,
    kind: &'static str,
    /// What kind of body filed it.
    source: &'static str,
    at: String,
    /// Whether it is in the person's own record and can be disputed.
    own: bool,
}

/// How far the data reach; equal reach, equal answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AsOfBody {
    instant: String,
    person_position: u64,
    global_position: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VerdictQuery {
    /// The instant to be judged; now, if absent.
    at: Option<String>,
    /// As it was known then; as it is known now, if absent.
    known_at: Option<String>,
    /// The position of an earlier answer that this one must know.
    position: Option<String>,
}

/// The colour and why
#[utoipa::path(get, path = "/verdict", tag = "record", params(VerdictQuery), responses(
    (status = 200, body = VerdictBody), (status = 410)))]
async fn verdict(
    State(app): State<AppState>,
    acting: Acting,
    Query(query): Query<VerdictQuery>,
) -> Result<Json<VerdictBody>, Problem> {
    let at = read_instant("at", query.at.as_deref())?;
    let known_at = read_instant("known_at", query.known_at.as_deref())?;
    app.run(move |app| {
        acting.note(app, Action::ReadVerdict)?;
        let is_known = wait(app, query.position.as_deref())?;
        let view = app.registry.view(acting.person)?;
        let at = at.unwrap_or_else(|| app.now().max(view.as_of.at));
        retention::check(&app.registry, &app.shelf, at)?;
        let judgement = app.judge_view(&view, at, known_at.unwrap_or(Timestamp::FOREVER))?;
        let mut body = VerdictBody::new(app, acting.person, &judgement, &view)?;
        body.behind = !is_known;
        Ok::<_, Problem>(Json(body))
    })
    .await
}

/// How the colour goes on if nothing more is filed.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineBody {
    person: String,
    steps: Vec<StepBody>,
}

/// A colour from an instant on.
#[derive(Debug, Serialize, ToSchema)]
struct StepBody {
    from: String,
    until: Option<String>,
    colour: &'static str,
    in_force: bool,
    rules: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// From when; if absent, four weeks ago, or now where what that rests on is no longer kept.
    from: Option<String>,
    /// Until when; eight weeks ahead, if absent.
    until: Option<String>,
}

const WEEK_MILLIS: i64 = 7 * 24 * 3_600_000;
const STEPS_MAX: usize = 500;

/// How the colour was and goes on
#[utoipa::path(get, path = "/timeline", tag = "record", params(TimelineQuery), responses(
    (status = 200, body = TimelineBody), (status = 410)))]
async fn timeline(
    State(app): State<AppState>,
    acting: Acting,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<TimelineBody>, Problem> {
    let now = app.now();
    let from = read_instant("from", query.from.as_deref())?;
    let until = read_instant("until", query.until.as_deref())?.unwrap_or(now.plus_millis(8 * WEEK_MILLIS));
    app.run(move |app| {
        acting.note(app, Action::ReadVerdict)?;
        let (view, four_weeks_ago) = (app.registry.view(acting.person)?, now.plus_millis(-4 * WEEK_MILLIS));
        let is_kept = |at| retention::check(&app.registry, &app.shelf, at);
        let from = match from {
            Some(from) => is_kept(from).map(|()| from)?,
            None => is_kept(four_weeks_ago).map_or(now, |()| four_weeks_ago),
        };
        let judge = app.judge_of(&view.globals)?;
        let steps = judge.timeline(&view, from, until, STEPS_MAX).iter().map(StepBody::new).collect();
        Ok::<_, Problem>(Json(TimelineBody { person: acting.person.to_string(), steps }))
    })
    .await
}

impl VerdictBody {
    pub(super) fn new(app: &App, person: PersonId, judgement: &Judgement, view: &View) -> Result<Self, Problem> {
        let pack = judgement.pack.as_ref();
        Ok(Self {
            person: person.to_string(),
            at: instant(judgement.at),
            colour: judgement.colour.word(),
            cause: judgement.cause.map(|cause| cause.word()),
            in_force: pack.is_some(),
            pack: pack.map(|pack| pack.id.to_string()),
            grounds: judgement.grounds.iter().filter_map(|ground| GroundBody::new(ground, view)).collect(),
            next_change: judgement.next_change.and_then(open_instant),
            as_of: AsOfBody::new(judgement.as_of),
            call: pack.map(|pack| texts(&pack.call)),
            review: reviews::state(app, &view.facts)?,
            behind: false,
        })
    }
}

impl GroundBody {
    fn new(ground: &HeldGround, view: &View) -> Option<Self> {
        let rule = ground.rule()?;
        Some(Self {
            pack: ground.pack.id.to_string(),
            rule: rule.id.to_string(),
            colour: ground.colour.word(),
            class: rule.class.word(),
            cause: rule.cause.map(|cause| cause.word()),
            from: open_instant(ground.interval.from()),
            until: open_instant(ground.interval.until()),
            reason: texts(&rule.reason),
            guide: texts(&rule.guide),
            clears: texts(&rule.clears),
            source: rule.source.clone(),
            facts: ground.evidence.iter().filter_map(|id| EvidenceBody::new(*id, view)).collect(),
            progress: ground.progress.iter().map(ProgressBody::new).collect(),
        })
    }
}

impl ProgressBody {
    const fn new(progress: &Progress) -> Self {
        Self { done: progress.done, wanted: progress.wanted }
    }
}

impl EvidenceBody {
    fn new(id: FactId, view: &View) -> Option<Self> {
        let own = view.facts.iter().find(|fact| fact.id() == id);
        let fact: &Fact = own.or_else(|| view.globals.iter().find(|fact| fact.id() == id))?;
        Some(Self {
            id: id.to_string(),
            kind: fact.kind().word(),
            source: fact.filing().source.kind.word(),
            at: instant(fact.occurred().start()),
            own: own.is_some(),
        })
    }
}

impl AsOfBody {
    pub(super) fn new(as_of: AsOf) -> Self {
        Self {
            instant: instant(as_of.at),
            person_position: as_of.person.position.0,
            global_position: as_of.global.position.0,
        }
    }
}

impl StepBody {
    fn new(judgement: &Judgement) -> Self {
        Self {
            from: instant(judgement.at),
            until: judgement.next_change.and_then(open_instant),
            colour: judgement.colour.word(),
            in_force: judgement.pack.is_some(),
            rules: judgement.grounds.iter().map(|ground| ground.rule.to_string()).collect(),
        }
    }
}

/// Waits until everything at the position is applied; `false` if that takes too long.
fn wait(app: &App, position: Option<&str>) -> Result<bool, Problem> {
    let partitions = app.ledger().identity().person_partitions;
    let places = read_position(position.unwrap_or_default(), partitions)?;
    Ok(places.into_iter().all(|place| app.registry.wait(place, WAIT)))
}

fn read_instant(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    // A plus sign that was not escaped arrives as a space.
    let text = text.map(|text| text.replace(' ', "+"));
    let read = text.map(|text| Timestamp::parse(&text)).transpose();
    read.map_err(|error| Problem::field(field, "not-an-instant", &error))
}

//! The rule packs in force: what they say, in every language, with the sentences that they implement.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, DivisionTree};
use yima_rules::explain::{Language, sentence};
use yima_rules::pack::{Evidence, LANGUAGES, Pack, Rule, Text, VenueVisits};

use super::AppState;
use super::answer::instant;
use super::extract::Path;
use super::problem::{Code, Problem};
use super::risk_levels::{NamedBody, named};

/// A text by language.
pub(super) type Texts = BTreeMap<String, String>;

/// Whether a text is there in every language and in no other.
pub(super) fn in_every_language(texts: &Texts) -> Result<(), &'static str> {
    let is_whole = LANGUAGES.iter().all(|tag| texts.get(*tag).is_some_and(|text| !text.trim().is_empty()));
    (is_whole && texts.len() == LANGUAGES.len()).then_some(()).ok_or("write it in zh-CN, zh-TW and en")
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(packs)).routes(routes!(pack))
}

/// A rule pack.
#[derive(Debug, Serialize, ToSchema)]
struct PackBody {
    id: String,
    title: Texts,
    authority: Texts,
    instrument: Texts,
    /// Whom to call.
    call: Texts,
    /// Where it applies; empty for a national pack, which applies everywhere.
    areas: Vec<NamedBody>,
    /// The worst colour that the pack of a place may add beside this one; only a national pack has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ceiling: Option<&'static str>,
    /// Why rules of the version before are still needed; only a renewal says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Texts>,
    /// Why it was not announced a day before it binds; it lapses within three days.
    #[serde(skip_serializing_if = "Option::is_none")]
    emergency: Option<Texts>,
    published: String,
    from: String,
    until: String,
    /// The colour where no rule holds.
    base: &'static str,
    /// For what time visits to venues are reported; absent where they stay on the phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    venue_visits: Option<VenueVisitsBody>,
    /// The lists on which duties hang.
    lists: Vec<ListBody>,
    rules: Vec<RuleBody>,
}

/// That visits to venues are reported, for a time and a reason.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueVisitsBody {
    from: String,
    /// Then all that were reported are deleted.
    until: String,
    /// For how many days after its day a visit is kept.
    days: u16,
    /// The sentence of the notice.
    source: String,
    /// What a resident reads before the first visit is reported.
    reason: Texts,
}

/// A list of a pack.
#[derive(Debug, Serialize, ToSchema)]
struct ListBody {
    id: String,
    title: Texts,
    /// What puts a place or a person on it: `cases`, `register`, `map` or `traces`; absent where the pack does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
    /// Where what the pack itself lists comes from: which cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Whether it is this system's own register, with which its nodes compare everybody.
    kept_here: bool,
    /// From when this version counts.
    from: String,
    areas: Vec<NamedBody>,
    except: Vec<NamedBody>,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
struct RuleBody {
    id: String,
    colour: &'static str,
    /// `risk` or `administrative`.
    class: &'static str,
    /// What it is there for: `arrivals` (against import), `inside` (against spread) or `procedure`.
    purpose: &'static str,
    /// Why it is grey.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    /// When it holds, as a sentence.
    when: Texts,
    /// The sentence of the notice.
    source: String,
    reason: Texts,
    guide: Texts,
    clears: Texts,
}

/// The packs of this node
#[utoipa::path(get, path = "/packs", tag = "public", responses((status = 200, body = Vec<PackBody>)))]
async fn packs(State(app): State<AppState>) -> Json<Vec<PackBody>> {
    let tree = app.tree.load();
    Json(app.shelf.iter().map(|(_, pack)| PackBody::new(pack, &tree)).collect())
}

/// One pack
#[utoipa::path(get, path = "/packs/{id}", tag = "public", params(("id" = String, Path)), responses(
    (status = 200, body = PackBody), (status = 404)))]
async fn pack(State(app): State<AppState>, Path(id): Path<String>) -> Result<Json<PackBody>, Problem> {
    let found = app.shelf.iter().find(|(_, pack)| pack.id.as_str() == id);
    found.map(|(_, pack)| Json(PackBody::new(pack, &app.tree.load()))).ok_or_else(|| Code::NotFound.into())
}

/// A text of a pack, by language.
pub(super) fn texts(text: &Text) -> Texts {
    text.iter().map(|(language, text)| (language.to_owned(), text.to_owned())).collect()
}

impl PackBody {
    fn new(pack: &Pack, tree: &DivisionTree) -> Self {
        let names = |areas: &[AreaCode]| areas.iter().map(|area| named(tree, *area)).collect();
        Self {
            id: pack.id.to_string(),
            title: texts(&pack.title),
            authority: texts(&pack.authority),
            instrument: texts(&pack.instrument),
            call: texts(&pack.call),
            areas: names(&pack.areas.include),
            ceiling: pack.ceiling.map(|ceiling| ceiling.word()),
            because: pack.because.as_ref().map(texts),
            emergency: pack.emergency.as_ref().map(texts),
            published: instant(pack.published),
            from: instant(pack.from),
            until: instant(pack.until),
            base: pack.base.word(),
            venue_visits: pack.visits.as_ref().map(VenueVisitsBody::new),
            lists: pack
                .lists
                .iter()
                .map(|list| ListBody {
                    id: list.id.to_string(),
                    title: texts(&list.title),
                    evidence: list.evidence.map(Evidence::word),
                    source: list.source.clone(),
                    kept_here: list.kept_here,
                    from: instant(list.from),
                    areas: names(&list.areas.include),
                    except: names(&list.areas.exclude),
                })
                .collect(),
            rules: pack.rules.iter().map(RuleBody::new).collect(),
        }
    }
}

impl VenueVisitsBody {
    pub(super) fn new(visits: &VenueVisits) -> Self {
        Self {
            from: instant(visits.from),
            until: instant(visits.until),
            days: visits.days,
            source: visits.source.clone(),
            reason: texts(&visits.reason),
        }
    }
}

impl RuleBody {
    fn new(rule: &Rule) -> Self {
        let languages = LANGUAGES.iter().filter_map(|tag| Some((*tag, Language::parse(tag).ok()?)));
        Self {
            id: rule.id.to_string(),
            colour: rule.colour.word(),
            class: rule.class.word(),
            purpose: rule.purpose().word(),
            cause: rule.cause.map(|cause| cause.word()),
            when: languages.map(|(tag, language)| (tag.to_owned(), sentence(&rule.when, language))).collect(),
            source: rule.source.clone(),
            reason: texts(&rule.reason),
            guide: texts(&rule.guide),
            clears: texts(&rule.clears),
        }
    }
}

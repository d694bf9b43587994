//! Declarations: filing, amending as often as needed, and the history of both.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::{Answer, Symptom, Symptoms};
use yima_model::{Content, Fact, Occurred, Timestamp};
use yima_registry::cases::register::Health;
use yima_registry::cases::statements;
use yima_registry::standing::standing;

use super::AppState;
use super::answer::{FiledBody, Form, fact_id, instant};
use super::bindings::too_many;
use super::extract::{Acting, Body, Key, Path};
use super::problem::Problem;
use crate::access_log::Action;
use crate::attempts::{Attempts, Tried};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(history, declare)).routes(routes!(amend))
}

/// Health and history, as declared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HealthRequest {
    /// Present symptoms: `fever`, `fatigue`, `cough`, `diarrhoea`, `conjunctivitis`, `breathlessness`.
    symptoms: Vec<String>,
    /// Contact with a case: `no`, `yes` or `unknown`.
    contact: String,
    /// Whether the person goes out daily on epidemic duty.
    on_duty: bool,
}

impl HealthRequest {
    pub(super) fn new(symptoms: &[String], contact: &str, on_duty: bool) -> Self {
        Self { symptoms: symptoms.to_vec(), contact: contact.to_owned(), on_duty }
    }

    pub(super) fn read(&self, form: &mut Form, field: &str) -> Option<Health> {
        let symptoms = read_symptoms(form, &format!("{field}symptoms"), &self.symptoms);
        let contact = form.word(&format!("{field}contact"), &self.contact, Answer::from_word);
        Some(Health { symptoms: symptoms?, contact: contact?, on_duty: self.on_duty })
    }
}

pub(super) fn read_symptoms(form: &mut Form, field: &str, words: &[String]) -> Option<Symptoms> {
    let symptoms = words.iter().map(|word| form.word(field, word, Symptom::from_word));
    symptoms.collect::<Vec<_>>().into_iter().collect()
}

/// A declaration as it is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeclarationBody {
    fact: String,
    at: String,
    recorded: String,
    symptoms: Vec<&'static str>,
    contact: &'static str,
    on_duty: bool,
    /// Who said it: `resident`, `guardian`, `desk` …
    source: &'static str,
    /// The declaration whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// Whether it stands: it was neither amended nor retracted.
    stands: bool,
}

impl DeclarationBody {
    /// The declarations among these facts that may be read, the latest first.
    pub(super) fn all(facts: &[Fact], may_read: impl Fn(&Fact) -> bool) -> Vec<Self> {
        let standing = standing(facts, Timestamp::FOREVER);
        let stands = |fact: &Fact| standing.iter().any(|(other, _)| other.id() == fact.id());
        let mut declarations: Vec<_> = facts.iter().filter(|fact| may_read(fact)).collect();
        declarations.sort_by_key(|fact| std::cmp::Reverse((fact.recorded(), fact.id())));
        declarations.into_iter().filter_map(|fact| Self::of(fact, stands(fact))).collect()
    }

    /// Whether it was neither amended nor retracted.
    pub(super) const fn is_standing(&self) -> bool {
        self.stands
    }

    fn of(fact: &Fact, stands: bool) -> Option<Self> {
        let Content::Declaration { symptoms, contact, on_duty } = fact.content() else { return None };
        Some(Self {
            fact: fact.id().to_string(),
            at: instant(fact.occurred().start()),
            recorded: instant(fact.recorded()),
            symptoms: symptoms.iter().map(Symptom::word).collect(),
            contact: contact.word(),
            on_duty: *on_duty,
            source: fact.filing().source.kind.word(),
            replaces: fact.filing().replaces.map(|id| id.to_string()),
            stands,
        })
    }
}

/// Everything that was declared, the latest first
#[utoipa::path(get, path = "/declarations", tag = "record", responses((status = 200, body = Vec<DeclarationBody>)))]
async fn history(State(app): State<AppState>, acting: Acting) -> Result<Json<Vec<DeclarationBody>>, Problem> {
    app.run(move |app| {
        acting.note(app, Action::ReadRecord)?;
        let facts = app.registry.record(acting.person)?;
        Ok::<_, Problem>(Json(DeclarationBody::all(&facts, |fact| acting.may_read(fact))))
    })
    .await
}

/// Declare
#[utoipa::path(post, path = "/declarations", tag = "record", request_body = HealthRequest, responses(
    (status = 201, body = FiledBody), (status = 422)))]
async fn declare(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<HealthRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let health = read(&request)?;
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Amended)?;
            Ok::<_, Problem>(statements::declare(&app.registry, &call, acting.person, health)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

#[derive(Deserialize)]
struct FactPath {
    fact: String,
}

/// Amend a declaration or check-in; the older one counts as never made from now on
#[utoipa::path(put, path = "/declarations/{fact}", tag = "record", params(("fact" = String, Path)),
    request_body = HealthRequest,
    responses((status = 200, body = FiledBody), (status = 404), (status = 422), (status = 429)))]
async fn amend(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Path(path): Path<FactPath>,
    Body(request): Body<HealthRequest>,
) -> Result<Json<FiledBody>, Problem> {
    let target = fact_id(&path.fact)?;
    let Health { symptoms, contact, on_duty } = read(&request)?;
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::Amended)?;
            let tried = Attempts::of(&app.registry, Tried::Amendment, acting.person.bytes(), now)?;
            tried.check().map_err(|many| too_many(many, now))?;
            let facts = app.registry.record(acting.person)?;
            let is_check_in =
                facts.iter().any(|fact| fact.id() == target && matches!(fact.content(), Content::CheckIn { .. }));
            let content = if is_check_in {
                Content::CheckIn { symptoms }
            } else {
                Content::Declaration { symptoms, contact, on_duty }
            };
            let at = Occurred::at(call.now);
            let filed = statements::amend(&app.registry, &call, acting.person, target, at, content)?;
            if !filed.repeated {
                tried.count(now)?;
            }
            Ok::<_, Problem>(filed)
        })
        .await?;
    Ok(Json(FiledBody::new(&filed, now)))
}

fn read(request: &HealthRequest) -> Result<Health, Problem> {
    let mut form = Form::default();
    let health = request.read(&mut form, "");
    form.finish(health)
}

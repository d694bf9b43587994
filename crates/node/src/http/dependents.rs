//! Dependents: whose codes a person manages, proved by a desk or a civil register.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::Relation;
use yima_model::{PersonId, Source, SourceKind, Timestamp, Zone};
use yima_registry::cases::dependents::{self, Dependent};
use yima_registry::cases::reach::{self, Reach};
use yima_registry::cases::{Call, CaseError, Filed};
use yima_registry::vault::PersonalText;

use super::AppState;
use super::answer::{FiledBody, Form, open_instant, person_id};
use super::bindings::too_many;
use super::birth_dates::{Witness, read_birth};
use super::extract::{Body, Key, Path, Resident, guardian_source, self_source};
use super::problem::{Code, Problem};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::attempts::TooMany;
use crate::binding;
use crate::rows::{Rows, table};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(look_up)).routes(routes!(remove))
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A person whose code another manages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DependentBody {
    person: String,
    /// The name in full, which the guardian knows.
    name: Option<String>,
    /// `parent`, `child`, `spouse`, `relative`, `friend` or `institution`: what the guardian is to the person.
    relation: &'static str,
    /// When it ends by itself, such as at the eighteenth birthday.
    until: Option<String>,
}

impl DependentBody {
    pub(super) fn new(app: &App, dependent: &Dependent) -> Result<Self, Problem> {
        let details = app.registry.vault().details(dependent.person)?;
        Ok(Self {
            person: dependent.person.to_string(),
            name: details.name.map(|name| name.reveal().to_owned()),
            relation: dependent.relation.word(),
            until: open_instant(dependent.until),
        })
    }
}

/// Whose codes the person manages
#[utoipa::path(get, path = "/dependents", tag = "record", responses((status = 200, body = Vec<DependentBody>)))]
async fn list(State(app): State<AppState>, resident: Resident) -> Result<Json<Vec<DependentBody>>, Problem> {
    let guardian = resident.0.person;
    app.run(move |app| {
        let found = dependents::of_guardian(&app.registry, guardian, app.now())?;
        found.iter().map(|dependent| DependentBody::new(app, dependent)).collect::<Result<_, _>>().map(Json)
    })
    .await
}

/// Proof of a relation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CareRequest {
    /// The one-time code that a desk printed after it had seen both documents.
    proof: String,
}

/// Take a person's code into care, with a code that a desk printed
#[utoipa::path(post, path = "/dependents", tag = "record", request_body = CareRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 409)))]
async fn add(
    State(app): State<AppState>,
    resident: Resident,
    key: Key,
    Body(CareRequest { proof }): Body<CareRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let guardian = resident.0.person;
    let now = app.now();
    let filed = app
        .run(move |app| {
            let code = binding::enter_desk_code(app.ledger(), &proof, true, now)?.ok_or(Code::OneTimeCodeWrong)?;
            let relation = code.relation.ok_or(Code::OneTimeCodeWrong)?;
            let source = Source { kind: SourceKind::Desk, id: code.account };
            let call = |number| Call { request: key.numbered(guardian.bytes(), number), source: source.clone(), now };
            take_into_care(app, [&call(0), &call(1)], guardian, code.person, relation)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// A child whose number the parent does not know.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookUpRequest {
    /// The name as on the child's document.
    name: String,
    /// Such as 2015-03-07.
    birth: String,
}

/// What came of a look-up; never a number, and never why not.
#[derive(Debug, Serialize, ToSchema)]
struct LookUpBody {
    /// `linked` for at most seven days, or `come-to-the-desk`.
    answer: &'static str,
}

/// How often a parent may look for a child within a day.
const LOOK_UPS_PER_DAY_MAX: u8 = 3;

/// The look-ups of a person on a day of Beijing.
static LOOK_UPS: Rows<()> = Rows::new(table::CHILD_LOOK_UP);

/// Look for a child as a parent whom a desk knows, without the household book
#[utoipa::path(post, path = "/dependents/look-up", tag = "record", request_body = LookUpRequest, responses(
    (status = 200, body = LookUpBody), (status = 422), (status = 429)))]
async fn look_up(
    State(app): State<AppState>,
    resident: Resident,
    key: Key,
    Body(request): Body<LookUpRequest>,
) -> Result<Json<LookUpBody>, Problem> {
    let parent = resident.0.person;
    let now = app.now();
    let mut form = Form::default();
    let name = form.read("name", "not-a-line", PersonalText::parse(&request.name));
    let birth = read_birth(&mut form, &request.birth, now, Witness::Nobody);
    let (name, birth) = form.finish(name.zip(birth))?;
    app.run(move |app| {
        count_look_up(app, parent, now)?;
        let call = |number| {
            Ok::<_, Problem>(Call { request: key.numbered(parent.bytes(), number), source: self_source()?, now })
        };
        let found = dependents::look_up(&app.registry, &call(0)?, parent, &name, *birth.date().reveal())?;
        for told in found.child.iter().chain(&found.other_parents).chain([&parent]) {
            access_log::note_guardian(app.ledger(), *told, parent, Action::LookedUpChild, now)?;
        }
        if let Some(child) = found.child {
            let until = now.plus_millis(dependents::PROVISIONAL_DAYS * DAY_MILLIS);
            reach::bind(&app.registry, &call(1)?, child, &Reach::Guardian, until)?;
        }
        let answer = if found.child.is_some() { "linked" } else { "come-to-the-desk" };
        Ok::<_, Problem>(Json(LookUpBody { answer }))
    })
    .await
}

fn count_look_up(app: &App, parent: PersonId, now: Timestamp) -> Result<(), Problem> {
    let day = Zone::BEIJING.day(now);
    for number in 0..LOOK_UPS_PER_DAY_MAX {
        let key = [parent.bytes().as_slice(), &day.to_be_bytes(), &[number]].concat();
        if LOOK_UPS.claim(app.ledger(), &key, &())?.is_none() {
            return Ok(());
        }
    }
    Err(too_many(TooMany { until: Zone::BEIJING.midnight(day + 1) }, now))
}

/// Gives a code into care, and binds it by the guardian's own binding.
pub(super) fn take_into_care(
    app: &App,
    [adding, binding]: [&Call; 2],
    guardian: PersonId,
    dependent: PersonId,
    relation: Relation,
) -> Result<Filed, Problem> {
    let filed = dependents::add(&app.registry, adding, guardian, dependent, relation)?;
    bind_by_guardian(app, binding, dependent)?;
    Ok(filed)
}

/// Binds a code by the guardian's own binding.
pub(super) fn bind_by_guardian(app: &App, call: &Call, dependent: PersonId) -> Result<(), CaseError> {
    let until = call.now.plus_millis(i64::from(app.terms.binding_days) * DAY_MILLIS);
    reach::bind(&app.registry, call, dependent, &Reach::Guardian, until).map(drop)
}

#[derive(Deserialize)]
struct DependentPath {
    dependent: String,
}

/// End the care of a person's code
#[utoipa::path(delete, path = "/dependents/{dependent}", tag = "record", params(("dependent" = String, Path)), responses(
    (status = 200, body = FiledBody), (status = 404)))]
async fn remove(
    State(app): State<AppState>,
    resident: Resident,
    key: Key,
    Path(path): Path<DependentPath>,
) -> Result<Json<FiledBody>, Problem> {
    let (guardian, dependent) = (resident.0.person, person_id(&path.dependent)?);
    let now = app.now();
    let actor = [guardian.bytes().as_slice(), dependent.bytes()].concat();
    let call = Call { request: key.by(&actor), source: guardian_source()?, now };
    let filed = app.run(move |app| dependents::remove(&app.registry, &call, guardian, dependent)).await?;
    Ok(Json(FiledBody::new(&filed, now)))
}

//! Provisional records: a desk gives the child of a guardian it knows a code without a document, for seven days.
//!
//! The desk names the child as the guardian does; nothing here finds or confirms a number.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::Relation;
use yima_model::{PersonId, Timestamp};
use yima_registry::cases::CaseError;
use yima_registry::cases::provisional::{self, Child};
use yima_registry::vault::{PersonalText, VaultError};

use super::AppState;
use super::answer::{FiledBody, Form, instant, position};
use super::birth_dates::{Witness, contradiction, read_birth};
use super::declarations::HealthRequest;
use super::desk::look_up;
use super::extract::{Body, Key, OnDuty, staff_call};
use super::problem::{Code, Problem};
use super::residents::DocumentRequest;
use super::reviews;
use crate::access_log::{self, Action};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::Role;

/// The ends of provisional records, until their name and date of birth are deleted or a document was attached.
static ENDS: Rows<i64> = Rows::new(table::PROVISIONAL);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open)).routes(routes!(attach))
}

/// A child whose number nobody has at hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpeningRequest {
    /// The document of the guardian, who stands at the desk and is registered.
    guardian: DocumentRequest,
    /// The name of the child.
    name: String,
    /// The child's date of birth, such as 2015-03-07.
    birth: String,
    /// What the guardian is to the child: `parent`, `child`, `spouse`, `relative`, `friend` or `institution`.
    relation: String,
    declaration: HealthRequest,
}

/// A provisional record.
#[derive(Debug, Serialize, ToSchema)]
struct OpenedBody {
    person: String,
    /// When record and codes end, unless the child's document is seen before.
    until: String,
    position: String,
}

/// Open a record for a child without a document, in the care of a guardian who has come
#[utoipa::path(post, path = "/desk/provisional-records", tag = "desk", request_body = OpeningRequest, responses(
    (status = 201, body = OpenedBody), (status = 409), (status = 422)))]
async fn open(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<OpeningRequest>,
) -> Result<(StatusCode, Json<OpenedBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let now = app.now();
    let mut form = Form::default();
    let child = read_child(&mut form, &request.name, &request.birth, now, Witness::Nobody);
    let relation = form.word("relation", &request.relation, Relation::from_word);
    let health = request.declaration.read(&mut form, "declaration.");
    let ((child, relation), health) = form.finish(child.zip(relation).zip(health))?;
    let body = app
        .run(move |app| {
            let guardian = look_up(app, &staff, &request.guardian, "guardian", Action::OpenedProvisional)?;
            let call = staff_call(&staff, key, 0, now);
            let opened = provisional::open(&app.registry, &call, guardian, &child, relation, health)?;
            ENDS.put(app.ledger(), opened.person.bytes(), &opened.until.millis())?;
            for told in opened.other_parents.iter().chain([&opened.person]) {
                access_log::note_staff(app.ledger(), *told, &staff, Action::OpenedProvisional, now)?;
            }
            reviews::enqueue(app, opened.person)?;
            Ok::<_, Problem>(OpenedBody {
                person: opened.person.to_string(),
                until: instant(opened.until),
                position: position(&opened.filed.places),
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// The document of a child with a provisional record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AttachingRequest {
    /// The document of the guardian.
    guardian: DocumentRequest,
    /// The name under which the record was opened.
    name: String,
    /// The date of birth under which it was opened.
    birth: String,
    /// The child's document, which the desk has seen.
    document: DocumentRequest,
}

/// What a desk is told of a document that has a record of its own.
const TAKEN: &str = "this document has a record already; check the number, and if it is the child's, give that record into \
    care by a proven relation: the provisional one ends by itself, and what it says is not carried over";

/// Attach the child's document, which makes the record an ordinary one
#[utoipa::path(post, path = "/desk/provisional-records/documents", tag = "desk", request_body = AttachingRequest,
    responses((status = 201, body = FiledBody), (status = 409), (status = 422)))]
async fn attach(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<AttachingRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let now = app.now();
    let mut form = Form::default();
    let child = read_child(&mut form, &request.name, &request.birth, now, Witness::Desk);
    let document = request.document.read(&mut form, "document", now);
    if let (Some(child), Some(document)) = (&child, &document) {
        contradiction(&mut form, &child.birth, document);
    }
    let (child, document) = form.finish(child.zip(document))?;
    let filed = app
        .run(move |app| {
            let guardian = look_up(app, &staff, &request.guardian, "guardian", Action::Found)?;
            let call = staff_call(&staff, key, 0, now);
            let attached = provisional::attach(&app.registry, &call, guardian, &child, &document);
            let (person, filed) = attached.map_err(|error| match error {
                CaseError::Vault(VaultError::OfAnotherPerson) => Problem::with_detail(Code::DocumentTaken, &TAKEN),
                error => error.into(),
            })?;
            ENDS.delete(app.ledger(), person.bytes())?;
            access_log::note_staff(app.ledger(), person, &staff, Action::Registered, now)?;
            Ok::<_, Problem>(filed)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

fn read_child(form: &mut Form, name: &str, birth: &str, now: Timestamp, witness: Witness) -> Option<Child> {
    let name = form.read("name", "not-a-line", PersonalText::parse(name));
    let birth = read_birth(form, birth, now, witness);
    Some(Child { name: name?, birth: birth? })
}

/// Deletes names and dates of birth of provisional records that ended weeks ago; says how many there were.
pub(crate) fn clear_provisional(app: &App) -> Result<usize, Problem> {
    let (now, mut count) = (app.now(), 0);
    for (key, until) in ENDS.all(app.ledger(), &[])? {
        let Some(person) = key.as_slice().try_into().ok().map(PersonId::from_bytes) else { continue };
        if provisional::clear(&app.registry, person, Timestamp::from_millis(until), now)? {
            ENDS.delete(app.ledger(), &key)?;
            count += 1;
        }
    }
    Ok(count)
}

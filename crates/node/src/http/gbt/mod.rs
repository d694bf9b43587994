//! The seven interfaces of GB/T 38963 for other provinces' systems (docs/GBT.md): each reads its message, calls what the
//! rest of the API calls, and writes its answer. A colour goes out and never comes in.

mod apply;
mod codes;
mod correct;
mod declare;
mod query;
mod trip;

use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa_axum::router::OpenApiRouter;
use yima_gbt::{Element, Fault, Faults, Form, Identity, Interface, Moment, Need};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{PersonId, Timestamp};
use yima_registry::cases::register::registered_until;
use yima_registry::vault::PersonalText;

use super::AppState;
use super::bindings::too_many;
use super::extract::{Body, OnDuty};
use super::problem::{Code, FieldError, Problem};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::attempts::{Attempts, Tried};
use crate::staff::{Role, Staff};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(declare::routes())
        .merge(trip::routes())
        .merge(query::routes())
        .merge(apply::routes())
        .merge(codes::routes())
        .merge(correct::routes())
}

/// Clears away serial numbers and codes that nobody asks about any more; says how many there were.
pub(crate) fn clear_made(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    Ok(apply::clear_expired(ledger, now)? + codes::clear_expired(ledger, now)?)
}

/// The text of a message; who reads it finds every fault in it.
type Message = Body<Box<RawValue>>;

/// The system of another province.
fn peer(on_duty: OnDuty) -> Result<Staff, Problem> {
    on_duty.with_role(|role| role == Role::Province)
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let error = |Fault { element, reason }: &Fault| FieldError::new(element, reason.word(), reason);
        Self::fields(faults.0.iter().map(error).collect())
    }
}

/// Who is meant, with the look written down; `None` for whoever is not registered here or has another name.
///
/// Whom nobody knows is counted, so that nobody finds out by trying who has registered.
fn find(app: &App, staff: &Staff, who: &Identity, action: Action, now: Timestamp) -> Result<Option<PersonId>, Problem> {
    let tries = Attempts::of(&app.registry, Tried::PeerLookUp, staff.account.as_str().as_bytes(), now)?;
    tries.check().map_err(|many| too_many(many, now))?;
    let vault = app.registry.vault();
    if let Some(person) = vault.find_document(&who.document)? {
        let name = PersonalText::parse(who.name.reveal()).ok();
        let facts = app.registry.view(person)?.facts;
        if registered_until(&facts, now).is_some() && vault.details(person)?.name == name && name.is_some() {
            access_log::note_staff(app.ledger(), person, staff, action, now)?;
            return Ok(Some(person));
        }
    }
    tries.count(now)?;
    Ok(None)
}

/// The same where nothing can be done for a person whom nobody knows.
fn demand(app: &App, staff: &Staff, who: &Identity, action: Action, now: Timestamp) -> Result<PersonId, Problem> {
    find(app, staff, who, action, now)?.ok_or_else(|| Code::NotRegistered.into())
}

/// The second that an instant lies in.
fn moment(at: Timestamp) -> Result<Moment, Problem> {
    Moment::floor(at).ok_or_else(|| Code::Internal.into())
}

/// The elements that an answer of this interface has, but for the one that names them.
fn present(interface: Interface, answer: &Value) -> Vec<Element> {
    let elements = interface.gives().iter().map(|(element, _)| *element);
    elements.filter(|element| *element != Element::AuthField && answer.get(element.name()).is_some()).collect()
}

/// The shapes of the messages of an interface, for the description of the API.
macro_rules! bodies {
    ($interface:ident, $request:ident, $answer:ident) => {
        struct $request;
        struct $answer;

        impl utoipa::PartialSchema for $request {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                super::object(&yima_gbt::Interface::$interface.takes())
            }
        }

        impl utoipa::PartialSchema for $answer {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                super::object(yima_gbt::Interface::$interface.gives())
            }
        }

        impl utoipa::ToSchema for $request {}
        impl utoipa::ToSchema for $answer {}
    };
}

use bodies;

/// The schema of a message with these elements.
fn object(elements: &[(Element, Need)]) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for (element, need) in elements {
        object = object.property(element.name(), property(*element));
        if *need == Need::Required {
            object = object.required(element.name());
        }
    }
    RefOr::T(object.into())
}

fn property(element: Element) -> RefOr<Schema> {
    let (form, description) = (element.form(), Some(format!("{}: {}", element.chinese(), element.form().describe())));
    let of = |kind: Type| ObjectBuilder::new().schema_type(SchemaType::Type(kind));
    RefOr::T(match form {
        Form::Flag => of(Type::Boolean).description(description).into(),
        Form::Temperature => of(Type::Number).description(description).into(),
        Form::Code(list) => {
            of(Type::String).description(description).enum_values(Some(list.codes.iter().copied())).into()
        }
        Form::Codes(list) => ArrayBuilder::new()
            .items(of(Type::String).enum_values(Some(list.codes.iter().copied())))
            .description(description)
            .into(),
        Form::Areas | Form::Ids | Form::Elements => {
            ArrayBuilder::new().items(of(Type::String)).description(description).into()
        }
        Form::Text(_) | Form::Grade | Form::Area | Form::State | Form::Moment | Form::Day | Form::Id | Form::None => {
            of(Type::String).description(description).into()
        }
    })
}

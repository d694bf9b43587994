//! The description of the API (OpenAPI): what the handlers say of themselves, and what holds for all of them.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use utoipa::OpenApi as _;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder, Schema};

use super::extract::{DESK, RESIDENT_COOKIE, STAFF_COOKIE};
use super::guard::METERED;
use super::problem::{self, Code};

const KEY: &str = "Idempotency-Key";

/// A description without operations.
pub(super) fn empty() -> OpenApi {
    Description::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Yima",
        description = "Facts in, colours out. State-changing requests carry the header `Idempotency-Key`: 32 hexadecimal \
            digits, the same ones when a request is repeated. What goes wrong is answered with a problem document (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "public", description = "For anybody, signed in or not"),
        (name = "sign-in", description = "For whoever is not signed in yet"),
        (name = "record", description = "For residents and whoever manages a code; under /v1/desk/persons for staff"),
        (name = "desk", description = "For desks, operators and communities"),
        (name = "checkpoint", description = "For checkpoints"),
        (name = "staff", description = "For institutions, each within its scope"),
        (name = "gbt", description = "The seven interfaces of GB/T 38963, for the systems of other provinces"),
    ),
    components(schemas(problem::ProblemBody))
)]
struct Description;

/// Adds to a description what every handler answers or asks for without saying so itself.
pub(super) fn complete(description: &mut OpenApi) {
    let components = description.components.get_or_insert_default();
    for (name, cookie, whom) in [
        ("resident", RESIDENT_COOKIE, "a resident, set by POST /v1/bindings/{binding}/confirm"),
        ("staff", STAFF_COOKIE, "a member of staff, set by POST /v1/staff/sessions"),
    ] {
        let text = format!("The session of {whom}; beside a cookie, state-changing requests need the header `Origin`");
        let key = ApiKeyValue::with_description(cookie.to_owned(), text);
        components.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Cookie(key)));
    }
    if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut("ProblemBody")
        && let Some(RefOr::T(Schema::Object(word))) = body.properties.get_mut("code")
    {
        word.enum_values = Some(Code::words().map(Into::into).collect());
    }
    components.parameters.insert(KEY.to_owned(), request_key().into());
    for status in Code::statuses().collect::<BTreeSet<_>>() {
        components.responses.insert(name(status), response(status).into());
    }
    for (path, item) in &mut description.paths.paths {
        for (changes, operation) in operations(item) {
            // The same handlers serve the own record and that of a dependent, so that their names are no ids.
            operation.operation_id = None;
            if changes {
                let key = RefOr::Ref(Ref::new(format!("#/components/parameters/{KEY}")));
                operation.parameters.get_or_insert_default().push(key);
            }
            add_security(operation, path);
            add_problems(operation, path, changes);
        }
    }
}

/// The operations of a path, and whether each changes state.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let of = [(false, &mut item.get), (true, &mut item.put), (true, &mut item.post), (true, &mut item.delete)];
    of.into_iter().filter_map(|(changes, operation)| Some((changes, operation.as_mut()?)))
}

/// What the guard demands of every request that is no reading.
fn request_key() -> Parameter {
    let digits = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some("^[0-9a-f]{32}$"));
    ParameterBuilder::new()
        .name(KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("Chosen by the client; the same one when the request is repeated"))
        .schema(Some(digits))
        .build()
}

fn add_security(operation: &mut Operation, path: &str) {
    let tag = operation.tags.iter().flatten().next().map_or("", String::as_str);
    let scheme = match tag {
        "public" | "sign-in" => return,
        "record" if !path.starts_with(DESK) => "resident",
        _ => "staff",
    };
    operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(scheme, [])]);
}

/// Gives each refusal its body, and adds those that come from the guard and from what reads the request.
fn add_problems(operation: &mut Operation, path: &str, changes: bool) {
    let is_query = |parameter: &_| matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. }));
    let has_query = operation.parameters.iter().flatten().any(is_query);
    let (has_body, has_session) = (operation.request_body.is_some(), operation.security.is_some());
    let of = [
        ("400", changes || has_query),
        ("401", has_session),
        ("403", has_session || changes),
        ("404", path.contains('{')),
        ("413", has_body),
        ("415", has_body),
        ("429", METERED.contains(&path)),
        ("500", true),
        ("503", true),
    ];
    let answers = &mut operation.responses.responses;
    for (status, _) in of.into_iter().filter(|(_, is_given)| *is_given) {
        answers.entry(status.to_owned()).or_insert_with(|| Response::new("").into());
    }
    for (status, answer) in answers {
        match (StatusCode::from_bytes(status.as_bytes()), answer) {
            (Ok(code), answer) if is_problem(code) => *answer = Ref::from_response_name(name(code)).into(),
            (Ok(code), RefOr::T(answer)) if answer.description.is_empty() => answer.description = title(code),
            _ => {}
        }
    }
}

/// What a problem with this status looks like.
fn response(status: StatusCode) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("ProblemBody")));
    let response = ResponseBuilder::new().description(title(status)).content("application/problem+json", body);
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = Header::new(ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer)));
            response.header("Retry-After", seconds).build()
        }
        _ => response.build(),
    }
}

fn is_problem(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn title(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or_default().to_owned()
}

/// The title in one word.
fn name(status: StatusCode) -> String {
    title(status).split(' ').collect()
}

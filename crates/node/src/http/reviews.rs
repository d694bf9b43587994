//! Reviews before the first code, where a headquarters orders them: a queue with a deadline; no reviewer chooses a
//! colour.
//!
//! The first code waits at most 24 hours for the fact `review`; then it is issued from the facts there are, and says so.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{AreaCode, Content, Fact, Kind, Occurred, PersonId, Subject, Timestamp};
use yima_registry::cases::report::{self, Report};
use yima_registry::standing::{address, standing};

use super::AppState;
use super::answer::{FiledBody, Form, instant, person_id};
use super::extract::{Body, Key, OnDuty, Path, staff_call};
use super::problem::{Code, Problem};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::rows::{Rows, table};
use crate::staff::{Role, Staff};

/// Where reviews are ordered, by the code of the area.
static ORDERS: Rows<OrderRow> = Rows::new(table::REVIEW_ORDER);
/// Who waits for a review, by deadline and person.
static WAITING: Rows<()> = Rows::new(table::REVIEW_WAITING);

/// How long a first code waits for a review.
const WAIT_MILLIS: i64 = 24 * 3_600_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(queue))
        .routes(routes!(read, review))
}

#[derive(Serialize, Deserialize)]
struct OrderRow {
    from: i64,
    until: i64,
    legal_basis: String,
}

/// An order of a headquarters that first applications are reviewed.
#[derive(Debug, Serialize, ToSchema)]
struct OrderBody {
    area: String,
    from: String,
    until: String,
    /// On what it rests.
    legal_basis: String,
}

/// Where first applications are reviewed
#[utoipa::path(get, path = "/review-orders", tag = "public", responses((status = 200, body = Vec<OrderBody>)))]
async fn orders(State(app): State<AppState>) -> Result<Json<Vec<OrderBody>>, Problem> {
    let orders = app.run(all_orders).await?;
    let body = |(area, row): (AreaCode, OrderRow)| OrderBody {
        area: area.to_string(),
        from: instant(Timestamp::from_millis(row.from)),
        until: instant(Timestamp::from_millis(row.until)),
        legal_basis: row.legal_basis,
    };
    Ok(Json(orders.into_iter().map(body).collect()))
}

/// Until when, and on what it rests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderRequest {
    /// Until when; an order without an end is not lawful.
    until: String,
    /// The notice on which the order rests.
    legal_basis: String,
}

/// Order that first applications in an area are reviewed, from now on
#[utoipa::path(put, path = "/staff/review-orders/{area}", tag = "staff", params(("area" = String, Path)),
    request_body = OrderRequest, responses((status = 204), (status = 403), (status = 422)))]
async fn order(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(area): Path<String>,
    Body(request): Body<OrderRequest>,
) -> Result<StatusCode, Problem> {
    let staff = on_duty.with_role(|role| role == Role::Headquarters)?;
    let mut form = Form::default();
    let area = form.read("area", "not-an-area", AreaCode::parse(&area));
    let until = form.read("until", "not-an-instant", Timestamp::parse(&request.until));
    let basis = Some(request.legal_basis).filter(|basis| !basis.trim().is_empty());
    let basis = form.read("legal_basis", "missing", basis.ok_or("name the notice on which the order rests"));
    let ((area, until), legal_basis) = form.finish(area.zip(until).zip(basis))?;
    if !staff.is_for(area) {
        return Err(Code::NotPermitted.into());
    }
    let now = app.now().millis();
    app.run(move |app| {
        let key = area.to_string();
        let before = ORDERS.find(app.ledger(), key.as_bytes())?.filter(|row| now < row.until);
        // Who waits under an order goes on waiting when it is renewed.
        let row = OrderRow { from: before.map_or(now, |row| row.from), until: until.millis(), legal_basis };
        ORDERS.put(app.ledger(), key.as_bytes(), &row)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where the review of a first application stands; absent where none is ordered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewBody {
    /// `waiting`, `reviewed`, or `not-reviewed` when the deadline has passed without a review.
    state: &'static str,
    deadline: String,
}

/// An application that an order covers.
struct Ordered {
    is_reviewed: bool,
    registered: Timestamp,
    area: AreaCode,
}

impl Ordered {
    /// The application in these facts, if an order held where and when it was made.
    fn of(app: &App, facts: &[Fact]) -> Result<Option<Self>, Problem> {
        let standing = standing(facts, Timestamp::FOREVER);
        let of_kind = |kind: Kind| standing.iter().map(|(fact, _)| *fact).filter(move |fact| fact.kind() == kind);
        let Some(registration) = of_kind(Kind::Registration).min_by_key(|fact| fact.recorded()) else {
            return Ok(None);
        };
        let Some(area) = address(&standing, registration.occurred().start()) else { return Ok(None) };
        let registered = registration.recorded();
        let covers = |(ordered, row): &(AreaCode, OrderRow)| {
            ordered.contains(area) && row.from <= registered.millis() && registered.millis() < row.until
        };
        let is_reviewed = of_kind(Kind::Review).any(|review| review.recorded() >= registered);
        let is_ordered = all_orders(app)?.iter().any(covers);
        Ok(is_ordered.then_some(Self { is_reviewed, registered, area }))
    }

    const fn deadline(&self) -> Timestamp {
        self.registered.plus_millis(WAIT_MILLIS)
    }

    fn is_waiting(&self, now: Timestamp) -> bool {
        !self.is_reviewed && now < self.deadline()
    }
}

/// Where the review of a first application stands.
pub(super) fn state(app: &App, facts: &[Fact]) -> Result<Option<ReviewBody>, Problem> {
    let body = |ordered: Ordered| ReviewBody {
        state: match ordered.is_reviewed {
            true => "reviewed",
            false if ordered.is_waiting(app.now()) => "waiting",
            false => "not-reviewed",
        },
        deadline: instant(ordered.deadline()),
    };
    Ok(Ordered::of(app, facts)?.map(body))
}

/// Refuses a code while a review is waited for.
pub(super) fn admit(app: &App, facts: &[Fact]) -> Result<(), Problem> {
    let now = app.now();
    match Ordered::of(app, facts)?.filter(|ordered| ordered.is_waiting(now)) {
        Some(ordered) => {
            let seconds = ordered.deadline().seconds().saturating_sub(now.seconds());
            Err(Problem::retry_after(Code::AwaitingReview, u32::try_from(seconds).unwrap_or(u32::MAX)))
        }
        None => Ok(()),
    }
}

/// Puts a person who has just applied into the queue, where a review is ordered.
pub(super) fn enqueue(app: &App, person: PersonId) -> Result<(), Problem> {
    let ordered = Ordered::of(app, &app.registry.record(person)?)?;
    match ordered.filter(|ordered| ordered.is_waiting(app.now())) {
        Some(ordered) => Ok(WAITING.put(app.ledger(), &waiting_key(&ordered, person), &())?),
        None => Ok(()),
    }
}

/// An application that waits for its review.
#[derive(Debug, Serialize, ToSchema)]
struct WaitingBody {
    person: String,
    /// Where the person lived when applying.
    area: String,
    registered: String,
    /// When the code is issued without a review.
    deadline: String,
}

/// The applications that wait for a review, the most urgent first
#[utoipa::path(get, path = "/staff/reviews", tag = "staff", responses((status = 200, body = Vec<WaitingBody>), (status = 403)))]
async fn queue(State(app): State<AppState>, on_duty: OnDuty) -> Result<Json<Vec<WaitingBody>>, Problem> {
    let staff = on_duty.with_role(reviews)?;
    app.run(move |app| {
        let mut found = Vec::new();
        for (key, ()) in WAITING.all(app.ledger(), &[])? {
            let Some(person) = key.last_chunk().copied().map(PersonId::from_bytes) else { continue };
            match Ordered::of(app, &app.registry.record(person)?)?.filter(|ordered| ordered.is_waiting(app.now())) {
                Some(ordered) if staff.is_for(ordered.area) => found.push(WaitingBody {
                    person: person.to_string(),
                    area: ordered.area.to_string(),
                    registered: instant(ordered.registered),
                    deadline: instant(ordered.deadline()),
                }),
                Some(_) => {}
                None => WAITING.delete(app.ledger(), &key)?,
            }
        }
        Ok::<_, Problem>(Json(found))
    })
    .await
}

/// The facts of an application that waits for its review
#[utoipa::path(get, path = "/staff/reviews/{person}", tag = "staff", params(("person" = String, Path)), responses(
    (status = 200, body = Vec<Value>), (status = 403), (status = 404)))]
async fn read(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Path(person): Path<String>,
) -> Result<Json<Vec<Value>>, Problem> {
    let staff = on_duty.with_role(reviews)?;
    let person = person_id(&person)?;
    app.run(move |app| {
        let mut facts = app.registry.record(person)?;
        find_waiting(app, &staff, &facts)?;
        access_log::note_staff(app.ledger(), person, &staff, Action::ReadReview, app.now())?;
        facts.sort_by_key(|fact| (fact.recorded(), fact.id()));
        let json = facts.iter().map(|fact| serde_json::to_value(yima_wire::FactJson(fact)));
        json.collect::<Result<_, _>>().map(Json).map_err(|error| Problem::internal(&error))
    })
    .await
}

/// End a review; what was found is filed as facts of its own
#[utoipa::path(post, path = "/staff/reviews/{person}", tag = "staff", params(("person" = String, Path)), responses(
    (status = 201, body = FiledBody), (status = 403), (status = 404)))]
async fn review(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Path(person): Path<String>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(reviews)?;
    let person = person_id(&person)?;
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app
        .run(move |app| {
            let facts = app.registry.record(person)?;
            let is_repeated = facts.iter().any(|fact| fact.id() == call.request.fact_id(0));
            let ordered = if is_repeated { None } else { Some(find_waiting(app, &staff, &facts)?) };
            let report = Report {
                subject: Subject::Person(person),
                occurred: Occurred::at(call.now),
                content: Content::Review,
                cause: None,
            };
            let reported = report::report(&app.registry, &call, &staff.scope(), &[report])?;
            if let Some(ordered) = ordered {
                access_log::note_staff(app.ledger(), person, &staff, Action::Reviewed, call.now)?;
                WAITING.delete(app.ledger(), &waiting_key(&ordered, person))?;
            }
            Ok::<_, Problem>(reported.filed)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(FiledBody::new(&filed, now))))
}

/// The application in these facts, if it waits for a review that this member of staff may make.
fn find_waiting(app: &App, staff: &Staff, facts: &[Fact]) -> Result<Ordered, Problem> {
    let waiting = Ordered::of(app, facts)?.filter(|ordered| ordered.is_waiting(app.now()));
    waiting.filter(|ordered| staff.is_for(ordered.area)).ok_or_else(|| Code::NotFound.into())
}

fn all_orders(app: &App) -> Result<Vec<(AreaCode, OrderRow)>, Problem> {
    let area = |key: &[u8]| std::str::from_utf8(key).ok().and_then(|text| AreaCode::parse(text).ok());
    let rows = ORDERS.all(app.ledger(), &[])?.into_iter();
    Ok(rows.filter_map(|(key, row)| Some((area(&key)?, row))).collect())
}

fn waiting_key(ordered: &Ordered, person: PersonId) -> Vec<u8> {
    [ordered.deadline().millis().to_be_bytes().as_slice(), person.bytes()].concat()
}

fn reviews(role: Role) -> bool {
    role.kinds().contains(&Kind::Review)
}

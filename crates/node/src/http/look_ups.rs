//! Looking up, at an entrance, somebody who shows no code but a document: pass or lane, and nothing else.
//!
//! Whoever is not green and whoever nobody knows get the same answer, after the same work and the same time. Who looks is
//! on duty at a place that checks, has so many tries, and stands with the place in the person's access log.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Colour, PersonId, Timestamp};
use yima_registry::vault::VaultError;

use super::AppState;
use super::answer::Form;
use super::bindings::refused;
use super::extract::{Body, OnDuty};
use super::places;
use super::problem::Problem;
use super::residents::DocumentRequest;
use crate::access_log;
use crate::app::App;
use crate::attempts::Tried;
use crate::random;
use crate::staff::{Role, Staff};

/// No answer leaves before this. The work is the same for everybody, but records differ in length and the one that was
/// read a minute ago lies in memory: this hides what is left, as long as the node is not overloaded.
const ANSWERED_AFTER: Duration = Duration::from_millis(300);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(look_up))
}

/// Who is looked up, where, and that the person wants it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookUpRequest {
    document: DocumentRequest,
    /// The id of the place that checks.
    place: String,
    /// Whether the person, who stands there, has agreed.
    consent: bool,
}

/// What the entrance learns.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LookUpBody {
    /// `pass`, `lane` or `cannot-tell`.
    answer: &'static str,
}

/// Look up a person who shows a document instead of a code
#[utoipa::path(post, path = "/checkpoint/look-ups", tag = "checkpoint", request_body = LookUpRequest, responses(
    (status = 200, body = LookUpBody), (status = 403), (status = 404), (status = 422), (status = 429)))]
async fn look_up(
    State(app): State<AppState>,
    on_duty: OnDuty,
    Body(request): Body<LookUpRequest>,
) -> Result<Json<LookUpBody>, Problem> {
    let staff = on_duty.with_role(|role| matches!(role, Role::Checkpoint | Role::Hospital) || role.serves_people())?;
    not_before(app.run(move |app| answer(app, &staff, &request))).await
}

/// Holds the answer back until the time is over after which every answer leaves.
pub(super) async fn not_before(
    work: impl Future<Output = Result<&'static str, Problem>>,
) -> Result<Json<LookUpBody>, Problem> {
    let answer = held_back(work, tokio::time::sleep(ANSWERED_AFTER)).await?;
    Ok(Json(LookUpBody { answer }))
}

/// What comes of the work, whatever it is, once the work and the time are both over; they begin together.
async fn held_back<T>(work: impl Future<Output = T>, time: impl Future<Output = ()>) -> T {
    let (answer, ()) = tokio::join!(work, time);
    answer
}

fn answer(app: &App, staff: &Staff, request: &LookUpRequest) -> Result<&'static str, Problem> {
    let now = app.now();
    let mut form = Form::default();
    let document = request.document.read(&mut form, "document", now);
    let consent = request.consent.then_some(()).ok_or("ask the person, who must agree");
    let consent = form.read("consent", "not-agreed", consent);
    let (document, ()) = form.finish(document.zip(consent))?;
    places::demand_check(app, &request.place)?;
    let account = staff.account.as_str().as_bytes();
    count(app, &[(Tried::LookUp, account), (Tried::LookUpAtPlace, request.place.as_bytes())], now)?;
    match app.registry.vault().find_document(&document) {
        Ok(found) => answer_for(app, found, staff, &request.place, now),
        // A node that only follows finds nobody, whoever it is.
        Err(VaultError::NoIndexKey) => Ok("cannot-tell"),
        Err(error) => Err(error.into()),
    }
}

/// Counts one more try for each of these, unless one of them has had too many: a refusal uses nothing up.
pub(super) fn count(app: &App, whose: &[(Tried, &[u8])], now: Timestamp) -> Result<(), Problem> {
    let many = |error| refused(error, now);
    for (tried, who) in whose {
        app.bindings.check(&app.registry, *tried, who, now).map_err(many)?;
    }
    for (tried, who) in whose {
        app.bindings.count(&app.registry, *tried, who, now).map_err(many)?;
    }
    Ok(())
}

/// What the entrance learns of whoever was found; if it is nobody, a person drawn by lot is judged for nothing.
pub(super) fn answer_for(
    app: &App,
    found: Option<PersonId>,
    staff: &Staff,
    place: &str,
    now: Timestamp,
) -> Result<&'static str, Problem> {
    let Some(stand_in) = anybody(app)? else { return Ok("lane") };
    access_log::note_look_up(&app.registry, found, stand_in, staff, place, now)?;
    let (_, judgement) = app.judge(found.unwrap_or(stand_in))?;
    Ok(if found.is_some() && judgement.colour == Colour::Green { "pass" } else { "lane" })
}

/// A person drawn by lot; `None` where nobody has registered yet.
fn anybody(app: &App) -> Result<Option<PersonId>, Problem> {
    let after = app.registry.persons(PersonId::from_bytes(random::bytes()), 1)?;
    match after.first() {
        Some(person) => Ok(Some(*person)),
        None => Ok(app.registry.persons(PersonId::from_bytes([0; 16]), 1)?.first().copied()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Source: docs/CODE.md, "Without a code": no answer leaves before 0.3 seconds.
    #[test]
    fn no_answer_leaves_before_its_time_nor_before_its_work() {
        assert_eq!(ANSWERED_AFTER, Duration::from_millis(300));
        let over = |is_over: &Cell<bool>| if is_over.get() { Poll::Ready(()) } else { Poll::Pending };
        for outcome in [Ok("pass"), Ok("lane"), Err("429")] {
            for is_work_first in [true, false] {
                let (work_over, time_over) = (Cell::new(false), Cell::new(false));
                let work = async {
                    poll_fn(|_| over(&work_over)).await;
                    outcome
                };
                let mut answer = pin!(held_back(work, poll_fn(|_| over(&time_over))));
                let mut context = Context::from_waker(Waker::noop());
                let (first, second) = if is_work_first { (&work_over, &time_over) } else { (&time_over, &work_over) };
                assert_eq!(answer.as_mut().poll(&mut context), Poll::Pending, "{outcome:?}");
                first.set(true);
                assert_eq!(answer.as_mut().poll(&mut context), Poll::Pending, "{outcome:?}");
                second.set(true);
                assert_eq!(answer.as_mut().poll(&mut context), Poll::Ready(outcome));
            }
        }
    }

    /// The time begins with the work, so that it hides how long the work took.
    #[test]
    fn the_time_runs_while_the_work_does() {
        let has_begun = Cell::new(false);
        let time = poll_fn(|_| {
            has_begun.set(true);
            Poll::<()>::Pending
        });
        let mut answer = pin!(held_back(std::future::pending::<()>(), time));
        assert_eq!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        assert!(has_begun.get());
    }
}

//! Shared tubes: a site says whose samples are in which tube, a laboratory what it found in it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::fact::TestMethod;
use yima_model::id::{SourceId, TubeNumber};
use yima_model::{Kind, PersonId, Timestamp};
use yima_registry::cases::pools::{self, Found, MEMBERS_MAX, Taken, Tube};

use super::AppState;
use super::answer::{FiledBody, Form, position};
use super::extract::{Body, Key, OnDuty, staff_call};
use super::facts::{missing_word, raise};
use super::problem::Problem;
use crate::staff;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(fill)).routes(routes!(find))
}

/// Whose samples were put into a tube.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TubeRequest {
    /// The account of the laboratory that the tube goes to.
    laboratory: String,
    /// What stands on the tube; each laboratory counts its own.
    number: String,
    /// `nucleic-acid`, `antigen` or `antibody`.
    method: String,
    /// One for each person, twenty at most; more may follow in later requests.
    samples: Vec<SampleRequest>,
}

/// One person's sample.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SampleRequest {
    person: String,
    /// When it was taken.
    at: String,
}

impl TubeRequest {
    fn read(self) -> Result<(Tube, Vec<Taken>), Problem> {
        let mut form = Form::default();
        let laboratory = form.read("laboratory", "not-a-name", SourceId::parse(&self.laboratory));
        let number = form.read("number", "not-a-name", TubeNumber::parse(&self.number));
        let method = form.word("method", &self.method, TestMethod::from_word);
        let count = (1..=MEMBERS_MAX).contains(&self.samples.len());
        form.read("samples", "wrong-count", count.then_some(()).ok_or(format!("send 1 to {MEMBERS_MAX} samples")));
        let mut taken = Vec::with_capacity(self.samples.len());
        for (at, sample) in self.samples.iter().enumerate() {
            let person = form.read(&format!("samples.{at}.person"), "not-an-id", PersonId::parse(&sample.person));
            let instant = form.read(&format!("samples.{at}.at"), "not-an-instant", Timestamp::parse(&sample.at));
            taken.extend(person.zip(instant).map(|(person, at)| Taken { person, at }));
        }
        let tube = laboratory.zip(number).zip(method);
        form.finish(tube.map(|((laboratory, number), method)| (Tube { laboratory, number, method }, taken)))
    }
}

/// File whose samples were put into a shared tube; where its result is known, each person has it at once
#[utoipa::path(post, path = "/staff/tubes", tag = "staff", request_body = TubeRequest, responses(
    (status = 201, body = FiledBody), (status = 403), (status = 409), (status = 422)))]
async fn fill(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<TubeRequest>,
) -> Result<(StatusCode, Json<FiledBody>), Problem> {
    let staff = on_duty.with_role(|role| role.kinds().contains(&Kind::Sample))?;
    let (tube, taken) = request.read()?;
    let call = staff_call(&staff, key, 0, app.now());
    let body = app
        .run(move |app| {
            if !staff::tests_tubes(app.ledger(), &tube.laboratory)? {
                return Err(Problem::field(
                    "laboratory",
                    "unknown",
                    &"write the institution of the laboratory, as in its accounts",
                ));
            }
            let reported = pools::fill(&app.registry, &call, &staff.scope(), &tube, &taken)?;
            raise(app, reported.alarm);
            Ok(FiledBody::new(&reported.filed, call.now))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// What a laboratory found in one of its tubes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TubeResultRequest {
    /// What stands on the tube.
    number: String,
    /// `nucleic-acid`, `antigen` or `antibody`.
    method: String,
    positive: bool,
    /// When the result was known.
    at: String,
}

impl TubeResultRequest {
    fn read(&self) -> Result<Found, Problem> {
        let mut form = Form::default();
        let number = form.read("number", "not-a-name", TubeNumber::parse(&self.number));
        let method = form.word("method", &self.method, TestMethod::from_word);
        let at = form.read("at", "not-an-instant", Timestamp::parse(&self.at));
        let read = number.zip(method).zip(at);
        form.finish(read.map(|((number, method), at)| Found { number, method, positive: self.positive, at }))
    }
}

/// What came of the result of a tube.
#[derive(Debug, Serialize, ToSchema)]
struct TubeResultBody {
    /// The fact to retract if the result was wrong: nobody has it any more then.
    fact: String,
    /// How many persons have the result now; whoever is named later has it too.
    persons: usize,
    /// What it lacks, so that it has no effect for some of them.
    inert: Option<&'static str>,
    /// Set if the laboratory went beyond its bounds: the results are held until a second body confirms them.
    alarm: Option<&'static str>,
    position: String,
}

/// File the result of a shared tube; every person with a sample in it has that result, then or later
#[utoipa::path(post, path = "/staff/tube-results", tag = "staff", request_body = TubeResultRequest, responses(
    (status = 201, body = TubeResultBody), (status = 403), (status = 409), (status = 422)))]
async fn find(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<TubeResultRequest>,
) -> Result<(StatusCode, Json<TubeResultBody>), Problem> {
    let staff = on_duty.with_role(|role| role.kinds().contains(&Kind::PoolResult))?;
    let found = request.read()?;
    let call = staff_call(&staff, key, 0, app.now());
    let body = app
        .run(move |app| {
            let reported = pools::find(&app.registry, &call, &staff.scope(), &found)?;
            let fact = call.request.fact_id(0);
            Ok::<_, Problem>(TubeResultBody {
                fact: fact.to_string(),
                persons: pools::delivered(&app.registry, fact)?.len(),
                inert: reported.inert.first().map(|(_, missing)| missing_word(*missing)),
                alarm: raise(app, reported.alarm),
                position: position(&reported.filed.places),
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

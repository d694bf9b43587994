//! Facts that sources file: one JSON object on a line, answered by row.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Content, Filing, Occurred, Subject, Timestamp};
use yima_registry::cases::relations::{self, Proven, Uploaded};
use yima_registry::cases::report::{self, Alarm, Report, Reported};
use yima_registry::cases::{CaseError, Filed, Missing, Refusal, undo};
use yima_wire::read_filing;

use super::AppState;
use super::answer::position;
use super::dependents::bind_by_guardian;
use super::extract::{Key, OnDuty, Query, staff_call};
use super::problem::{Code, FieldError, Problem};
use crate::access_log::{self, Action};
use crate::app::App;
use crate::metrics::AlarmLabels;
use crate::staff::Staff;

/// The most rows of a batch.
const ROWS_MAX: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(file))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BatchQuery {
    /// Whether the rows that are right are kept where others are wrong.
    #[serde(default)]
    partial: bool,
}

/// What came of a batch.
#[derive(Debug, Serialize, ToSchema)]
struct BatchBody {
    /// One for each line, in order.
    rows: Vec<RowBody>,
    position: String,
    /// Set if the batch went beyond the bounds of the source: it is held until a second body confirms it.
    alarm: Option<&'static str>,
}

/// What came of one line.
#[derive(Debug, Default, Serialize, ToSchema)]
struct RowBody {
    /// Counted from 1.
    row: usize,
    /// The fact under which it is recorded.
    fact: Option<String>,
    /// What it lacks, so that it has no effect until another body adds or confirms it.
    inert: Option<&'static str>,
    /// Why it was not recorded.
    refused: Option<String>,
}

/// File facts, one JSON object on a line (docs/FACTS.md); the id of each is chosen from the request's key and its row
#[utoipa::path(post, path = "/facts", tag = "staff", params(BatchQuery),
    request_body(content = String, content_type = "application/x-ndjson"), responses(
    (status = 201, body = BatchBody), (status = 403), (status = 413), (status = 422)))]
async fn file(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Query(query): Query<BatchQuery>,
    body: axum::body::Body,
) -> Result<(StatusCode, Json<BatchBody>), Problem> {
    let staff = on_duty.with_role(|role| !role.kinds().is_empty())?;
    let bytes_max = app.limits.batch_kilobytes as usize * 1024;
    let bytes = axum::body::to_bytes(body, bytes_max).await.map_err(|_| Code::TooLarge)?;
    let batch = Batch { staff, key, now: app.now(), partial: query.partial };
    let body = app
        .run(move |app| {
            let text = std::str::from_utf8(&bytes).map_err(|_| Code::Malformed)?;
            batch.file(app, text)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

struct Batch {
    staff: Staff,
    key: Key,
    now: Timestamp,
    partial: bool,
}

type Row = (usize, Filing);

impl Batch {
    fn file(&self, app: &App, text: &str) -> Result<BatchBody, Problem> {
        let (filings, wrong) = self.read(text)?;
        if !wrong.is_empty() && !self.partial {
            return Err(wrong_rows(&wrong));
        }
        let (undoing, filings): (Vec<Row>, Vec<Row>) = filings.into_iter().partition(|(_, filing)| undoes(filing));
        let (relating, reporting): (Vec<Row>, Vec<Row>) = filings.into_iter().partition(|(_, filing)| relates(filing));
        let mut answer = Answer { rows: wrong, places: Vec::new(), alarm: None };
        if self.partial {
            for (row, filing) in reporting {
                let outcome = self.report(app, row, std::slice::from_ref(&(row, filing)));
                answer.keep(app, row, outcome)?;
            }
        } else if !reporting.is_empty() {
            let reported = self.report(app, 0, &reporting)?;
            answer.add(app, &numbers(&reporting), &reported);
        }
        let at_a_time = if self.partial { 1 } else { ROWS_MAX };
        for rows in relating.chunks(at_a_time) {
            match self.relate(app, rows)? {
                Ok(filed) => answer.add(app, &numbers(rows), &Reported { filed, inert: Vec::new(), alarm: None }),
                Err(refused) if self.partial => answer.rows.extend(refused),
                Err(refused) => return Err(wrong_rows(&refused)),
            }
        }
        for (row, filing) in undoing {
            let outcome = self.undo(app, row, &filing);
            match outcome {
                Err(error) if !self.partial => return Err(error.into()),
                outcome => answer.keep(app, row, outcome)?,
            }
        }
        answer.rows.sort_by_key(|row| row.row);
        Ok(BatchBody { rows: answer.rows, position: position(&answer.places), alarm: answer.alarm })
    }

    /// The rows that can be read, and those that cannot.
    fn read(&self, text: &str) -> Result<(Vec<Row>, Vec<RowBody>), Problem> {
        let lines: Vec<_> = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
        if lines.is_empty() || lines.len() > ROWS_MAX {
            return Err(Problem::field("rows", "wrong-count", &format!("send 1 to {ROWS_MAX} lines")));
        }
        let (mut filings, mut wrong) = (Vec::new(), Vec::new());
        let own = self.staff.source();
        for (row, line) in lines {
            let refused = match read_filing(line) {
                Ok(filing) if filing.source == own => {
                    filings.push((row, filing));
                    continue;
                }
                Ok(_) => format!("the source is not you; write kind `{}` and id `{}`", own.kind.word(), own.id),
                Err(error) => error.to_string(),
            };
            wrong.push(RowBody { row, refused: Some(refused), ..RowBody::default() });
        }
        Ok((filings, wrong))
    }

    fn report(&self, app: &App, row: usize, filings: &[Row]) -> Result<Reported, CaseError> {
        let report = |(_, filing): &Row| Report {
            subject: filing.subject,
            occurred: filing.occurred,
            content: filing.content.clone(),
            cause: filing.cause,
        };
        let reports: Vec<_> = filings.iter().map(report).collect();
        let call = staff_call(&self.staff, self.key, number(row), self.now);
        report::report(&app.registry, &call, &self.staff.scope(), &reports)
    }

    /// Files relations that a register proves, all or none; the rows that are refused otherwise.
    fn relate(&self, app: &App, rows: &[Row]) -> Result<Result<Filed, Vec<RowBody>>, Problem> {
        let call = |row: usize| staff_call(&self.staff, self.key, number(row), self.now);
        let proven: Vec<Proven> = rows.iter().filter_map(|(_, filing)| proven(filing)).collect();
        let first = rows.first().map_or(0, |(row, _)| *row);
        match relations::upload(&app.registry, &call(first), &self.staff.scope(), &proven)? {
            Uploaded::Filed(filed) => {
                for ((row, _), proven) in rows.iter().zip(&proven) {
                    bind_by_guardian(app, &call(ROWS_MAX + row), proven.child)?;
                    for told in [proven.guardian, proven.child] {
                        access_log::note_staff(app.ledger(), told, &self.staff, Action::ChangedCare, self.now)?;
                    }
                }
                Ok(Ok(filed))
            }
            Uploaded::Refused(refused) => {
                let row = |at: usize| rows.get(at).map_or(0, |(row, _)| *row);
                let body = |(at, refusal): &(usize, Refusal)| RowBody {
                    row: row(*at),
                    refused: Some(refusal.to_string()),
                    ..RowBody::default()
                };
                Ok(Err(refused.iter().map(body).collect()))
            }
        }
    }

    fn undo(&self, app: &App, row: usize, filing: &Filing) -> Result<Reported, CaseError> {
        let call = staff_call(&self.staff, self.key, number(row), self.now);
        let undone = match &filing.content {
            Content::Closing { target } => {
                undo::close(&app.registry, &call, filing.subject, *target, filing.occurred.start())?
            }
            content => {
                let target = content.target().unwrap_or(filing.id);
                undo::retract(&app.registry, &call, filing.subject, target)?
            }
        };
        Ok(Reported { filed: undone.filed, inert: Vec::new(), alarm: undone.alarm })
    }
}

/// The answer as it is put together.
struct Answer {
    rows: Vec<RowBody>,
    places: Vec<yima_ledger::Place>,
    alarm: Option<&'static str>,
}

impl Answer {
    fn add(&mut self, app: &App, rows: &[usize], reported: &Reported) {
        for (row, fact) in rows.iter().zip(&reported.filed.facts) {
            let missing = reported.inert.iter().find(|(id, _)| id == fact).map(|(_, missing)| missing_word(*missing));
            self.rows.push(RowBody { row: *row, fact: Some(fact.to_string()), inert: missing, refused: None });
        }
        self.places.extend(&reported.filed.places);
        self.alarm = raise(app, reported.alarm).or(self.alarm);
    }

    /// Adds what came of one row; a refusal is the row's own, a failure of ours ends the batch.
    fn keep(&mut self, app: &App, row: usize, outcome: Result<Reported, CaseError>) -> Result<(), Problem> {
        match outcome {
            Ok(reported) => self.add(app, &[row], &reported),
            Err(CaseError::Refused(refusal)) => {
                self.rows.push(RowBody { row, refused: Some(refusal.to_string()), ..RowBody::default() });
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// Tells operators that a source went beyond its bounds, and gives the word for it.
pub(super) fn raise(app: &App, alarm: Option<Alarm>) -> Option<&'static str> {
    let bound = alarm_word(&alarm?);
    tracing::error!(alarm.bound = bound, "a source went beyond its bounds; somebody must look at it at once");
    app.metrics.alarms.get_or_create(&AlarmLabels { bound }).inc();
    Some(bound)
}

const fn undoes(filing: &Filing) -> bool {
    matches!(filing.content, Content::Closing { .. } | Content::Retraction { .. })
}

const fn relates(filing: &Filing) -> bool {
    matches!(filing.content, Content::Guardianship { .. })
}

fn proven(filing: &Filing) -> Option<Proven> {
    let (Subject::Person(child), Content::Guardianship { guardian, relation }) = (filing.subject, &filing.content)
    else {
        return None;
    };
    let until = match filing.occurred {
        Occurred::During { until, .. } => until,
        Occurred::At { .. } => Timestamp::FOREVER,
    };
    Some(Proven { guardian: *guardian, child, relation: *relation, until })
}

fn wrong_rows(rows: &[RowBody]) -> Problem {
    let error = |row: &RowBody| {
        FieldError::new(&format!("rows.{}", row.row), "wrong-row", &row.refused.as_deref().unwrap_or_default())
    };
    Problem::fields(rows.iter().map(error).collect())
}

fn numbers(rows: &[Row]) -> Vec<usize> {
    rows.iter().map(|(row, _)| *row).collect()
}

fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

pub(super) const fn missing_word(missing: Missing) -> &'static str {
    match missing {
        Missing::Case => "case",
        Missing::Overlap => "overlap",
        Missing::Sample => "sample",
        Missing::Countersignature => "countersignature",
        Missing::Ground => "ground",
        Missing::CaseInArea => "case-in-area",
        Missing::SecondReading => "second-reading",
        Missing::Campaign => "campaign",
        Missing::Origin => "origin",
        Missing::Confirmation => "confirmation",
    }
}

const fn alarm_word(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::Persons { .. } => "persons",
        Alarm::Contacts { .. } => "contacts",
        Alarm::Release { .. } => "release",
    }
}

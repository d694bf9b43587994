//! 6.4 用户健康信息查询: colour, reason and what can be contested, for a person who has agreed.

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_gbt::code::{Grade, Origin, StatedGrade};
use yima_gbt::{Interface, Moment, QueryAnswer, QueryRequest, Standing};
use yima_model::{Content, Fact, FactId, Timestamp};
use yima_registry::Judgement;
use yima_registry::registry::View;
use yima_registry::standing::standing;
use yima_rules::pack::{GreyCause, Text};

use super::super::AppState;
use super::super::extract::{Body, OnDuty};
use super::super::problem::Problem;
use super::{Message, find, peer, present};
use crate::access_log::Action;

/// Whoever declared or checked in within this time has reported lately.
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// The language in which other systems show why.
const LANGUAGE: &str = "zh-CN";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(query))
}

super::bodies!(Query, QueryBody, RecordBody);

/// Ask for a person's colour and why; of whomever nobody knows the answer holds nothing
#[utoipa::path(post, path = "/query", tag = "gbt", request_body = QueryBody, responses(
    (status = 200, body = RecordBody), (status = 422), (status = 429)))]
async fn query(State(app): State<AppState>, on_duty: OnDuty, Body(message): Message) -> Result<Json<Value>, Problem> {
    let staff = peer(on_duty)?;
    let now = app.now();
    let request = QueryRequest::read(message.get(), now)?;
    app.run(move |app| {
        let mut answer = match find(app, &staff, &request.who, Action::ReadVerdict, now)? {
            Some(person) => {
                let (view, judgement) = app.judge(person)?;
                known(&view, &judgement, now)
            }
            None => unknown(),
        };
        answer.auth_field = present(Interface::Query, &answer.write());
        Ok::<_, Problem>(Json(answer.write()))
    })
    .await
}

fn unknown() -> QueryAnswer {
    QueryAnswer {
        report_date: None,
        standing: Standing::UNKNOWN,
        reported_in_24_hours: false,
        reason: None,
        guide: None,
        rule_number: None,
        records: Vec::new(),
        data_source: Origin::Nation,
        auth_field: Vec::new(),
    }
}

fn known(view: &View, judgement: &Judgement, now: Timestamp) -> QueryAnswer {
    let reported = latest_report(&view.facts, now);
    // The worst ground comes first; the standard has room for one.
    let ground = judgement.grounds.first();
    let rule = ground.and_then(|ground| ground.rule());
    let chinese = |text: &Text| text.get(LANGUAGE).map(str::to_owned);
    QueryAnswer {
        report_date: reported.and_then(Moment::floor),
        standing: judged(judgement),
        reported_in_24_hours: reported.is_some_and(|at| now < at.plus_millis(DAY_MILLIS)),
        reason: rule.and_then(|rule| chinese(&rule.reason)),
        guide: rule.and_then(|rule| chinese(&rule.guide)),
        rule_number: ground.map(|ground| ground.rule.to_string()),
        records: contestable(view, judgement),
        data_source: Origin::Nation,
        auth_field: Vec::new(),
    }
}

/// The colour with its end; what lapses is for the person to renew.
pub(super) fn judged(judgement: &Judgement) -> Standing {
    Standing {
        grade: Grade::of(judgement.colour).map(StatedGrade::Known),
        report_expired: matches!(judgement.cause, Some(GreyCause::CheckInLapsed | GreyCause::BindingExpired)),
        report_valid_date: judgement.next_change.and_then(Moment::floor),
    }
}

fn latest_report(facts: &[Fact], now: Timestamp) -> Option<Timestamp> {
    let standing = standing(facts, Timestamp::FOREVER).into_iter();
    let is_report = |fact: &Fact| matches!(fact.content(), Content::Declaration { .. } | Content::CheckIn { .. });
    let reports = standing.filter(|(fact, _)| is_report(fact)).map(|(fact, _)| fact.occurred().start());
    reports.filter(|at| *at <= now).max()
}

/// The facts of the person's own record that some ground rests on.
fn contestable(view: &View, judgement: &Judgement) -> Vec<FactId> {
    let evidence = judgement.grounds.iter().flat_map(|ground| ground.evidence.iter().copied());
    let mut own: Vec<FactId> = evidence.filter(|id| view.facts.iter().any(|fact| fact.id() == *id)).collect();
    own.sort_unstable();
    own.dedup();
    own
}

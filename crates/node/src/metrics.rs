//! Figures for Prometheus: counts and times by closed sets of labels, never by person, place or text.

use std::fmt::Write as _;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use yima_model::Timestamp;
use yima_registry::Kept;

/// Upper bounds of the times that are told apart, in seconds.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// The figures of a node.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Family<RequestLabels, Counter>,
    pub(crate) problems: Family<ProblemLabels, Counter>,
    pub(crate) request_seconds: Histogram,
    /// Requests that are being worked on.
    pub(crate) open: Gauge,
    pub(crate) jobs: Family<JobLabels, Counter>,
    pub(crate) alarms: Family<AlarmLabels, Counter>,
    pub(crate) messages: Family<OutcomeLabels, Counter>,
    pub(crate) codes: Counter,
    /// Before when facts are forgotten and destroyed, in seconds since 1970; 0 where none are.
    horizon: Gauge,
    expired: Gauge,
}

/// Which route answered how.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    pub(crate) method: &'static str,
    pub(crate) route: String,
    pub(crate) status: u16,
}

/// Which problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ProblemLabels {
    pub(crate) code: &'static str,
}

/// Which job ended how.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct JobLabels {
    pub(crate) job: &'static str,
    pub(crate) outcome: &'static str,
}

/// Which bound a source went beyond.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct AlarmLabels {
    pub(crate) bound: &'static str,
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OutcomeLabels {
    pub(crate) outcome: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("yima");
        let metrics = Self {
            requests: Family::default(),
            problems: Family::default(),
            request_seconds: Histogram::new(SECONDS),
            open: Gauge::default(),
            jobs: Family::default(),
            alarms: Family::default(),
            messages: Family::default(),
            codes: Counter::default(),
            horizon: Gauge::default(),
            expired: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register("http_problems", "Problem documents sent", metrics.problems.clone());
        registry.register("http_request_seconds", "Time from request to answer", metrics.request_seconds.clone());
        registry.register("http_requests_open", "Requests being worked on", metrics.open.clone());
        registry.register("jobs", "Rounds of jobs", metrics.jobs.clone());
        registry.register("alarms", "Sources that went beyond a bound", metrics.alarms.clone());
        registry.register("messages", "Messages to residents", metrics.messages.clone());
        registry.register("codes", "Live codes issued", metrics.codes.clone());
        let (horizon, expired) = (metrics.horizon.clone(), metrics.expired.clone());
        registry.register("retention_horizon_seconds", "Before when facts are forgotten, since 1970", horizon);
        registry.register("retention_expired_seconds", "Before when facts are destroyed, since 1970", expired);
        Self { registry, ..metrics }
    }

    /// Says how far back facts are kept.
    pub(crate) fn note_kept(&self, kept: Kept) {
        for (gauge, before) in [(&self.horizon, kept.horizon), (&self.expired, kept.expired)] {
            gauge.set(if before == Timestamp::BEGINNING { 0 } else { before.seconds() });
        }
    }

    /// All figures in the text format of OpenMetrics.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Writing to a text cannot fail; an empty answer would look as if all were well.
            _ = writeln!(text, "# incomplete");
        }
        text
    }
}

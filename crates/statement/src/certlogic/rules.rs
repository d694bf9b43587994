//! Business rules: which of them apply to a certificate, and what they say.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thiserror::Error;
use yima_model::Timestamp;

use super::{EvaluationError, Expression, Issue};

/// A published rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id, such as `VR-DE-0001`.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Whose rule it is.
    pub country: String,
    /// The part of the country that it is for; without one it is for all of it.
    pub region: Option<String>,
    /// Whether it is about who may come, or takes back what its country issued.
    pub purpose: Purpose,
    /// Which certificates it is about.
    pub about: About,
    /// The first instant at which it applies, and the last.
    pub validity: (Timestamp, Timestamp),
    /// What it says, by language.
    descriptions: Vec<(String, String)>,
    expression: Expression,
}

/// Which certificates a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Every one.
    General,
    /// Vaccinations.
    Vaccination,
    /// Tests.
    Test,
    /// Recoveries.
    Recovery,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whether the country of arrival accepts a certificate.
    Acceptance,
    /// Whether the country of issue still stands by it.
    Invalidation,
}

/// Where a certificate is shown.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The country, two capital letters; without one the rules of every country are asked.
    pub country: Option<&'a str>,
    /// The part of the country.
    pub region: Option<&'a str>,
}

/// The general rules, which every country goes by.
const GENERAL: &str = "EU";

/// The rules that are asked about a certificate at `now`: of each id the highest version that is in force and about certificates
/// of this kind; those on acceptance of the country of arrival, of its region if it has its own, and the general ones; those on
/// invalidation of the country that issued the certificate.
///
/// Source: European eHealth network, "EU Digital COVID Certificate, business rules", selection of rules.
pub fn selected<'r>(
    rules: &'r [Rule],
    data: &Value,
    issuer: Option<&str>,
    arrival: Arrival<'_>,
    now: Timestamp,
) -> Vec<&'r Rule> {
    let is_asked = |rule: &&Rule| {
        let of_country = match rule.purpose {
            Purpose::Acceptance => {
                arrival.country.is_none_or(|country| rule.country == country || rule.country == GENERAL)
            }
            Purpose::Invalidation => issuer.is_some_and(|issuer| rule.country == issuer),
        };
        let of_region = rule.region.as_deref().is_none_or(|region| arrival.region == Some(region));
        of_country && of_region && rule.applies(data, now)
    };
    let mut latest: BTreeMap<(&str, Option<&str>), &Rule> = BTreeMap::new();
    for rule in rules.iter().filter(is_asked) {
        let place = latest.entry((&rule.id, rule.region.as_deref())).or_insert(rule);
        if version(&rule.version) > version(&place.version) {
            *place = rule;
        }
    }
    latest.into_values().collect()
}

/// The numbers of a version, which compare as numbers do.
fn version(text: &str) -> Vec<u64> {
    text.split('.').map(|number| number.parse().unwrap_or_default()).collect()
}

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RuleError {
    /// A field is missing or of another type.
    #[error("the field `{0}` of the rule is missing or of another type")]
    Field(&'static str),
    /// Another language than CertLogic.
    #[error("the rule is not written in CertLogic")]
    Engine,
    /// The expression is not well formed.
    #[error("the rule is not well formed: {}", .0.first().map_or_else(String::new, |issue| issue.fault.to_string()))]
    Expression(Vec<Issue>),
}

/// What a rule says about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It cannot be decided, which is never a pass.
    Open(EvaluationError),
    /// It is about other certificates, or other times.
    NotApplicable,
}

impl Outcome {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Open(_) => "open",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// [`RuleError`] when it lacks something or its expression is not well formed.
    pub fn parse(rule: &Value) -> Result<Self, RuleError> {
        let text = |name: &'static str| rule.get(name).and_then(Value::as_str).ok_or(RuleError::Field(name));
        let instant = |name| Timestamp::parse(text(name)?).map_err(|_| RuleError::Field(name));
        if text("Engine")? != "CERTLOGIC" {
            return Err(RuleError::Engine);
        }
        let purpose = match text("Type")? {
            "Acceptance" => Purpose::Acceptance,
            "Invalidation" => Purpose::Invalidation,
            _ => return Err(RuleError::Field("Type")),
        };
        let about = match text("CertificateType")? {
            "General" => About::General,
            "Vaccination" => About::Vaccination,
            "Test" => About::Test,
            "Recovery" => About::Recovery,
            _ => return Err(RuleError::Field("CertificateType")),
        };
        let descriptions = rule.get("Description").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let description =
            |entry: &Value| Some((entry.get("lang")?.as_str()?.to_owned(), entry.get("desc")?.as_str()?.to_owned()));
        let logic = rule.get("Logic").ok_or(RuleError::Field("Logic"))?;
        Ok(Self {
            id: text("Identifier")?.to_owned(),
            version: text("Version")?.to_owned(),
            country: text("Country")?.to_owned(),
            region: rule.get("Region").and_then(Value::as_str).filter(|region| !region.is_empty()).map(str::to_owned),
            purpose,
            about,
            validity: (instant("ValidFrom")?, instant("ValidTo")?),
            descriptions: descriptions.iter().filter_map(description).collect(),
            expression: Expression::parse(logic).map_err(RuleError::Expression)?,
        })
    }

    /// What the rule says in this language, or else in the first that it has.
    pub fn description(&self, language: &str) -> Option<&str> {
        let wanted = self.descriptions.iter().find(|(own, _)| own == language);
        wanted.or_else(|| self.descriptions.first()).map(|(_, text)| text.as_str())
    }

    /// What the rule says at `now` about a certificate, as JSON, with what lies outside of it.
    ///
    /// `data` has `payload`, the certificate, and `external`: the clock, the value sets and what the signature says.
    pub fn judge(&self, data: &Value, now: Timestamp) -> Outcome {
        if self.applies(data, now) { self.evaluate(data) } else { Outcome::NotApplicable }
    }

    fn applies(&self, data: &Value, now: Timestamp) -> bool {
        let (from, until) = self.validity;
        from <= now && now <= until && self.is_about(data)
    }

    /// What the expression says, whatever the time and the kind of certificate.
    pub fn evaluate(&self, data: &Value) -> Outcome {
        match self.expression.is_true(data) {
            Ok(true) => Outcome::Passed,
            Ok(false) => Outcome::Failed,
            Err(error) => Outcome::Open(error),
        }
    }

    fn is_about(&self, data: &Value) -> bool {
        let group = match self.about {
            About::General => return true,
            About::Vaccination => "v",
            About::Test => "t",
            About::Recovery => "r",
        };
        let group = data.get("payload").and_then(|payload| payload.get(group));
        group.and_then(Value::as_array).is_some_and(|entries| !entries.is_empty())
    }
}

/// The data that rules look at.
pub fn data(payload: Value, value_sets: Value, now: Timestamp, external: Value) -> Value {
    let mut outside = external;
    if !outside.is_object() {
        outside = json!({});
    }
    if let Some(entries) = outside.as_object_mut() {
        entries.insert("validationClock".to_owned(), now.to_string().into());
        entries.entry("valueSets").or_insert(value_sets);
    }
    json!({"payload": payload, "external": outside})
}

//! What a verified statement becomes in a fact: one word and an instant.
//!
//! A fact of the kind `statement` says that its holder was vaccinated, tested negative, recovered, or may pass, and when;
//! what that is worth is for the rules to say. Whatever is not surely one of these is `unknown`, and never green:
//! an unfinished series, a positive result, another disease, a code that is not known here.

use serde_json::Value;
use yima_model::Timestamp;
use yima_model::fact::{Content, StatementMeaning};

use crate::civil::Moment;
use crate::dcc::{Entry, Test};

/// A word, and when it became true; without an instant the word is `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    word: StatementMeaning, // INVARIANT: `Unknown` where `at` is `None`
    at: Option<Timestamp>,
}

/// COVID-19, in SNOMED CT.
const COVID: &str = "840539006";
/// "Not detected", in SNOMED CT.
const NOT_DETECTED: &str = "260415000";
/// "Negative", in SNOMED CT.
const NEGATIVE: &str = "260385009";
/// Tests for SARS-CoV-2 as a whole in LOINC, by nucleic acid or antigen: a negative one of a single gene says less.
const LOINC_TESTS: [&str; 11] = [
    "94309-2", "94500-6", "94565-9", "94759-8", "94845-5", "95406-5", "95608-6", "94558-4", "95209-3", "96119-3",
    "97097-0",
];
/// "Not detected" and "negative" as answers in LOINC.
const LOINC_NEGATIVE: [&str; 2] = ["LA11883-8", "LA6577-6"];
const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const CVX: &str = "http://hl7.org/fhir/sid/cvx";
/// COVID-19 vaccines in the code list CVX that a card names, and the one of a single dose.
const CVX_COVID: [&str; 17] = [
    "207", "208", "210", "211", "213", "217", "218", "219", "221", "227", "228", "229", "230", "300", "301", "302",
    "502",
];
const CVX_COVID_SINGLE: &str = "212";
/// COVID-19, in ICD-11, as a seal names it.
const ICD_COVID: &str = "RA01";
/// A COVID-19 vaccine, in ICD-11.
const ICD_COVID_VACCINE: &str = "XM";

impl Meaning {
    /// Nothing that is understood.
    pub const UNKNOWN: Self = Self { word: StatementMeaning::Unknown, at: None };

    /// The word.
    pub const fn word(self) -> StatementMeaning {
        self.word
    }

    /// When it became true: the dose that completed the series, the sample, the first positive test.
    pub const fn at(self) -> Option<Timestamp> {
        self.at
    }

    /// The content of the fact.
    pub const fn fact(self) -> Content {
        Content::Statement { meaning: self.word }
    }

    fn known(word: StatementMeaning, at: Option<Timestamp>) -> Self {
        at.map_or(Self::UNKNOWN, |at| Self { word, at: Some(at) })
    }

    pub(super) fn may_pass(at: Timestamp) -> Self {
        Self::known(StatementMeaning::MayPass, Some(at))
    }

    /// Of a DCC.
    pub(super) fn of_entry(entry: &Entry<'_>) -> Self {
        match entry {
            Entry::Vaccination(entry) if entry.common.disease == COVID && entry.dose >= entry.doses => {
                Self::known(StatementMeaning::Vaccinated, Some(entry.date))
            }
            Entry::Test(Test { common, result, sampled, .. }) if common.disease == COVID && result == NOT_DETECTED => {
                Self::known(StatementMeaning::TestedNegative, Some(*sampled))
            }
            Entry::Recovery(entry) if entry.common.disease == COVID => {
                Self::known(StatementMeaning::Recovered, Some(entry.first_positive))
            }
            Entry::Vaccination(_) | Entry::Test(_) | Entry::Recovery(_) => Self::UNKNOWN,
        }
    }

    /// Of a WHO certificate, which is one of vaccination.
    pub(super) fn of_ddcc(content: &Value) -> Self {
        let number = |name: &str| content.get(name).and_then(Value::as_u64);
        let is_covid = content.pointer("/disease/code").is_some_and(|code| code == COVID);
        match (number("dose"), number("total_doses")) {
            (Some(dose), Some(doses)) if is_covid && dose >= doses && doses > 0 => {
                Self::known(StatementMeaning::Vaccinated, moment(content.get("date")))
            }
            _ => Self::UNKNOWN,
        }
    }

    /// Of cards: a negative test, or else a series that is complete by its number of doses.
    pub(super) fn of_bundles(bundles: &[Value]) -> Self {
        let entries = bundles.iter().filter_map(|bundle| bundle.get("entry")?.as_array()).flatten();
        let resources: Vec<&Value> = entries.filter_map(|entry| entry.get("resource")).collect();
        let of_kind = |kind: &'static str| resources.iter().copied().filter(move |one| one["resourceType"] == kind);
        let negative = of_kind("Observation").filter(|one| {
            let is_final = one["status"] == "final" || one["status"] == "amended";
            let is_test = codings(one, "code").any(|(system, code)| system == LOINC && LOINC_TESTS.contains(&code));
            let is_negative = codings(one, "valueCodeableConcept").any(|(system, code)| match system {
                SNOMED => code == NOT_DETECTED || code == NEGATIVE,
                LOINC => LOINC_NEGATIVE.contains(&code),
                _ => false,
            });
            is_final && is_test && is_negative
        });
        if let Some(at) = negative.filter_map(|one| moment(one.get("effectiveDateTime"))).max() {
            return Self::known(StatementMeaning::TestedNegative, Some(at));
        }
        let completed: Vec<&Value> = of_kind("Immunization").filter(|one| one["status"] == "completed").collect();
        let doses_of = |is_vaccine: &dyn Fn(&str) -> bool| {
            let doses = completed
                .iter()
                .filter(|one| codings(one, "vaccineCode").any(|(system, code)| system == CVX && is_vaccine(code)));
            let mut days: Vec<Timestamp> = doses.filter_map(|one| moment(one.get("occurrenceDateTime"))).collect();
            days.sort_unstable();
            days.dedup();
            days
        };
        let single = doses_of(&|code| code == CVX_COVID_SINGLE).first().copied();
        let second = doses_of(&|code| CVX_COVID.contains(&code)).get(1).copied();
        Self::known(StatementMeaning::Vaccinated, single.into_iter().chain(second).min())
    }

    /// Of a seal: a test with a negative result, or two doses of one vaccine.
    pub(super) fn of_seal(data: &Value) -> Self {
        let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        if text(data, "/hdr/t").as_deref() == Some("icao.test") {
            return match text(data, "/msg/tr/r") {
                Some(result) if result.eq_ignore_ascii_case("negative") => {
                    Self::known(StatementMeaning::TestedNegative, moment(data.pointer("/msg/dat/sc")))
                }
                _ => Self::UNKNOWN,
            };
        }
        let events = data.pointer("/msg/ve").and_then(Value::as_array).into_iter().flatten();
        let covid = events.filter(|event| {
            let code = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
            code("dis").starts_with(ICD_COVID) && code("des").starts_with(ICD_COVID_VACCINE)
        });
        let completed = covid.filter_map(|event| {
            let doses = event.get("vd")?.as_array()?;
            let mut days: Vec<Timestamp> = doses.iter().filter_map(|dose| moment(dose.get("dvc"))).collect();
            days.sort_unstable();
            days.get(1).copied()
        });
        Self::known(StatementMeaning::Vaccinated, completed.min())
    }
}

/// The codes of a concept, each with the system that it is of.
fn codings<'a>(resource: &'a Value, field: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let codings = resource.get(field).and_then(|concept| concept.get("coding")?.as_array());
    let text = |coding: &'a Value, name: &str| coding.get(name)?.as_str();
    codings.into_iter().flatten().filter_map(move |coding| Some((text(coding, "system")?, text(coding, "code")?)))
}

fn moment(value: Option<&Value>) -> Option<Timestamp> {
    Moment::parse(value?.as_str()?).map(|moment| Timestamp::from_millis(moment.millis))
}

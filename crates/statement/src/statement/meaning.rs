//! What a verified statement becomes in a fact: one word and an instant.
//!
//! A fact of the kind `statement` says that its holder was vaccinated, tested negative, recovered, or may pass, and when;
//! what that is worth is for the rules to say. Whatever is not surely one of these is `unknown`, and never green:
//! an unfinished series, a positive result, another disease, a code that is not known here.

mod codes;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use yima_model::Timestamp;
use yima_model::fact::StatementMeaning;

use crate::civil::Moment;
use crate::dcc::Entry;
use codes::{
    Codes, DCC_PRODUCTS, DCC_PROPHYLAXES, DCC_RESULTS, DCC_TESTS, DDCC_VACCINES, ICAO_TESTS, ICD_VACCINES,
    NEGATIVE_RESULTS, VACCINES, VACCINES_OF_ONE_DOSE, VIRUS_TESTS, WHOLE_VIRUS_TESTS, says, says_one,
};

/// A word, and when it became true; without an instant the word is `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    word: StatementMeaning, // INVARIANT: `Unknown` where `at` is `None`
    at: Option<Timestamp>,
    doubt: Option<Doubt>, // INVARIANT: `None` where `at` is something
}

/// Why a statement of a kind that has a meaning here has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The code in this field is in no list.
    Unlisted(&'static str),
    /// What it says has not come about at the instant by which it was judged.
    Later,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted(field) => write!(f, "no list has the code in `{field}`"),
            Self::Later => f.write_str("what it says is of a later time"),
        }
    }
}

/// COVID-19, in SNOMED CT.
const COVID: &str = "840539006";
/// "Not detected", in SNOMED CT.
const NOT_DETECTED: &str = "260415000";
/// COVID-19, in ICD-11, as a seal names it.
const ICD_COVID: &str = "RA01";
/// The states in which an observation is complete.
///
/// Source: the vaccination and testing implementation guide, "Completed observation status".
const FINAL: [&str; 3] = ["final", "amended", "corrected"];

impl Meaning {
    /// Nothing that is understood.
    pub const UNKNOWN: Self = Self { word: StatementMeaning::Unknown, at: None, doubt: None };

    /// The word.
    pub const fn word(self) -> StatementMeaning {
        self.word
    }

    /// When it became true: the dose that completed the series, the sample, the first positive test.
    pub const fn at(self) -> Option<Timestamp> {
        self.at
    }

    /// Why it means nothing, where it is of a kind that does.
    pub const fn doubt(self) -> Option<Doubt> {
        self.doubt
    }

    fn known(word: StatementMeaning, at: Option<Timestamp>) -> Self {
        at.map_or(Self::UNKNOWN, |at| Self { word, at: Some(at), doubt: None })
    }

    /// The same as known at `now`: nothing that is still to come.
    pub(super) fn until(self, now: Timestamp) -> Self {
        match self.at {
            Some(at) if at > now => Self { doubt: Some(Doubt::Later), ..Self::UNKNOWN },
            Some(_) | None => self,
        }
    }

    const fn unlisted(field: &'static str) -> Self {
        Self { doubt: Some(Doubt::Unlisted(field)), ..Self::UNKNOWN }
    }

    pub(super) fn may_pass(at: Timestamp) -> Self {
        Self::known(StatementMeaning::MayPass, Some(at))
    }

    /// Of a DCC, whose codes are those of the value sets.
    pub(super) fn of_entry(entry: &Entry<'_>) -> Self {
        let (common, codes) = match entry {
            Entry::Vaccination(entry) => {
                let codes = vec![("vp", DCC_PROPHYLAXES, &entry.prophylaxis), ("mp", DCC_PRODUCTS, &entry.product)];
                (&entry.common, codes)
            }
            Entry::Test(entry) => {
                (&entry.common, vec![("tt", DCC_TESTS, &entry.kind), ("tr", DCC_RESULTS, &entry.result)])
            }
            Entry::Recovery(entry) => (&entry.common, Vec::new()),
        };
        if common.disease != COVID {
            return Self::unlisted("tg");
        }
        if let Some((field, ..)) = codes.iter().find(|(_, list, code)| !list.contains(&code.as_ref())) {
            return Self::unlisted(field);
        }
        match entry {
            Entry::Vaccination(entry) if entry.dose >= entry.doses => {
                Self::known(StatementMeaning::Vaccinated, Some(entry.date))
            }
            Entry::Test(entry) if entry.result == NOT_DETECTED => {
                Self::known(StatementMeaning::TestedNegative, Some(entry.sampled))
            }
            Entry::Recovery(entry) => Self::known(StatementMeaning::Recovered, Some(entry.first_positive)),
            Entry::Vaccination(_) | Entry::Test(_) => Self::UNKNOWN,
        }
    }

    /// Of a WHO certificate, which is one of vaccination.
    pub(super) fn of_ddcc(content: &Value) -> Self {
        let number = |name: &str| content.get(name).and_then(Value::as_u64);
        if content.pointer("/disease/code").is_none_or(|code| code != COVID) {
            return Self::unlisted("disease");
        }
        if !content.get("vaccine").is_some_and(|vaccine| says_one(vaccine, DDCC_VACCINES)) {
            return Self::unlisted("vaccine");
        }
        match (number("dose"), number("total_doses")) {
            (Some(dose), Some(doses)) if dose >= doses && doses > 0 => {
                Self::known(StatementMeaning::Vaccinated, moment(content.get("date")))
            }
            _ => Self::UNKNOWN,
        }
    }

    /// Of cards of one person: a negative test that no later or equal one contradicts, or else a series that is complete
    /// by its number of doses.
    pub(super) fn of_bundles(bundles: &[Value]) -> Self {
        let entries = bundles.iter().filter_map(|bundle| bundle.get("entry")?.as_array()).flatten();
        let resources: Vec<&Value> = entries.filter_map(|entry| entry.get("resource")).collect();
        let of_kind = |kind: &'static str| resources.iter().copied().filter(move |one| one["resourceType"] == kind);
        let tests: Vec<&Value> = of_kind("Observation").filter(|one| says(one.get("code"), VIRUS_TESTS)).collect();
        if let Some(at) = negative_since(&tests) {
            return Self::known(StatementMeaning::TestedNegative, Some(at));
        }
        let completed: Vec<&Value> = of_kind("Immunization").filter(|one| one["status"] == "completed").collect();
        let dose = |vaccines: &[Codes], number: usize| {
            let doses = completed.iter().filter(|one| says(one.get("vaccineCode"), vaccines));
            nth_dose(doses.filter_map(|one| one.get("occurrenceDateTime")?.as_str()), number)
        };
        let completions = [dose(VACCINES_OF_ONE_DOSE, 0), dose(VACCINES, 1)];
        Self::known(StatementMeaning::Vaccinated, completions.into_iter().flatten().min())
    }

    /// Of a seal: a test with a negative result, or two doses of one vaccine.
    pub(super) fn of_seal(data: &Value) -> Self {
        let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        if text(data, "/hdr/t").as_deref() == Some("icao.test") {
            if !text(data, "/msg/tr/tc").is_some_and(|kind| ICAO_TESTS.contains(&kind.as_str())) {
                return Self::unlisted("msg.tr.tc");
            }
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
            code("dis").split('.').next() == Some(ICD_COVID) && ICD_VACCINES.contains(&code("des"))
        });
        let completed = covid.filter_map(|event| {
            nth_dose(event.get("vd")?.as_array()?.iter().filter_map(|dose| dose.get("dvc")?.as_str()), 1)
        });
        Self::known(StatementMeaning::Vaccinated, completed.min())
    }
}

/// When the last of these tests that was negative for the whole virus was taken, if none that was taken then, later, or at
/// a time that is not known says otherwise.
fn negative_since(tests: &[&Value]) -> Option<Timestamp> {
    let is_final = |one: &Value| FINAL.iter().any(|status| one["status"] == *status);
    let is_negative = |one: &Value| is_final(one) && says(one.get("valueCodeableConcept"), NEGATIVE_RESULTS);
    let taken = |one: &Value| moment(one.get("effectiveDateTime"));
    let whole = tests.iter().filter(|one| says(one.get("code"), WHOLE_VIRUS_TESTS) && is_negative(one));
    let last = whole.filter_map(|one| taken(one)).max()?;
    let contradicts = |one: &&&Value| !is_negative(one) && taken(one).is_none_or(|taken| taken >= last);
    tests.iter().find(contradicts).is_none().then_some(last)
}

/// The day or instant of the dose with this number from 0; two entries of one day are one dose told twice.
fn nth_dose<'a>(given: impl Iterator<Item = &'a str>, number: usize) -> Option<Timestamp> {
    const DATE_LENGTH: usize = 10;
    let days = given.filter_map(|text| Some((text.get(..DATE_LENGTH)?, moment_of(text)?)));
    days.collect::<BTreeMap<_, _>>().into_values().nth(number)
}

fn moment(value: Option<&Value>) -> Option<Timestamp> {
    moment_of(value?.as_str()?)
}

fn moment_of(text: &str) -> Option<Timestamp> {
    Moment::parse(text).map(|moment| Timestamp::from_millis(moment.millis))
}

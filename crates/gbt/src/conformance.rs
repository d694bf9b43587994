//! Conformance: cases with what is sent, what must be decided, and why; and the run of a case against any adapter.
//!
//! Nothing here sends anything: a [`Run`] says what to send next and is told what came back. docs/vectors/gbt/ holds the
//! cases, and says in its README how they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;
use yima_model::FactId;

use crate::answer::{ApplyAnswer, CorrectAnswer, DeclareAnswer, MakeAnswer, QueryAnswer, TripAnswer, VerifyAnswer};
use crate::element::Element;
use crate::fault::Faults;
use crate::interface::Interface;
use crate::moment::day_text;
use crate::recognise::Decision;

/// The committed cases.
pub const CASES: &str = include_str!("../../../docs/vectors/gbt/cases.json");

/// Why a file of cases or subjects cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// No JSON of that form.
    #[error("not readable near line {line}, column {column}; see the README of docs/vectors/gbt")]
    Form {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A word that is no interface or decision.
    #[error("case `{case}`: `{word}` is no interface and no decision")]
    Word {
        /// The case.
        case: String,
        /// The word.
        word: String,
    },
}

/// Every case of a file.
#[derive(Debug)]
pub struct Suite {
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Why it must come out so.
    pub why: String,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    interface: String,
    /// Whose name and document are sent.
    #[serde(default, rename = "as")]
    person: Option<String>,
    /// Further elements; `null` leaves one out.
    #[serde(default)]
    send: Map<String, Value>,
    /// The request of the step before is repeated, under its key.
    #[serde(default)]
    again: bool,
    /// Which elements of the answer later steps name, by the name they give it.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    expect: Expect,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expect {
    /// The request must be refused; the element that the refusal names, or nothing in particular.
    refused: Option<Vec<String>>,
    /// What a checkpoint may make of the answer.
    decision: Vec<String>,
    equal: Map<String, Value>,
    differs: Map<String, Value>,
    gives: Vec<String>,
    lacks: Vec<String>,
}

/// The people and codes of a test environment that cases speak of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subjects {
    persons: BTreeMap<String, Map<String, Value>>,
    codes: BTreeMap<String, String>,
}

impl Suite {
    /// Reads a file of cases.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(text: &str) -> Result<Self, FileError> {
        let cases: Vec<Case> = serde_json::from_str(text).map_err(|error| form(&error))?;
        for case in &cases {
            for step in &case.steps {
                let decisions = step.expect.decision.iter().filter(|word| Decision::from_word(word).is_none());
                let interface = Some(&step.interface).filter(|word| Interface::from_word(word).is_none());
                if let Some(word) = decisions.chain(interface).next() {
                    return Err(FileError::Word { case: case.name.clone(), word: word.clone() });
                }
            }
        }
        Ok(Self { cases })
    }
}

impl Subjects {
    /// Reads a file of subjects.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(text: &str) -> Result<Self, FileError> {
        serde_json::from_str(text).map_err(|error| form(&error))
    }
}

fn form(error: &serde_json::Error) -> FileError {
    FileError::Form { line: error.line(), column: error.column() }
}

impl Case {
    /// Which subjects it needs that are not there.
    pub fn missing(&self, subjects: &Subjects) -> Vec<String> {
        let persons = self.steps.iter().filter_map(|step| step.person.as_ref());
        let persons = persons.filter(|name| !subjects.persons.contains_key(*name)).cloned();
        let named = self.steps.iter().flat_map(|step| step.send.values()).filter_map(Value::as_str);
        let codes = named.filter_map(|text| text.strip_prefix("${code.")?.strip_suffix('}'));
        let codes = codes.filter(|name| !subjects.codes.contains_key(*name)).map(|name| format!("code {name}"));
        let mut missing: Vec<_> = persons.chain(codes).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }
}

/// A request to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// To which interface.
    pub interface: Interface,
    /// The header `Idempotency-Key`.
    pub key: FactId,
    /// The body.
    pub body: String,
}

/// How an answer differs from what must come.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Difference {
    /// A status that neither accepts nor refuses.
    #[error("{interface} answers {status}, which is neither an answer nor a refusal")]
    Status {
        /// Which interface.
        interface: &'static str,
        /// The status.
        status: u16,
    },
    /// Refused, and it is a question that has an answer.
    #[error("{interface} refuses with {status} what has an answer")]
    Refused {
        /// Which interface.
        interface: &'static str,
        /// The status.
        status: u16,
    },
    /// Accepted, and it is wrong.
    #[error("{interface} accepts what is wrong")]
    Accepted {
        /// Which interface.
        interface: &'static str,
    },
    /// Refused without saying which element is wrong.
    #[error("{interface} refuses and does not name `{element}` in `errors`")]
    NotNamed {
        /// Which interface.
        interface: &'static str,
        /// The element.
        element: String,
    },
    /// The answer cannot be read.
    #[error("the answer of {interface} is wrong: {faults}")]
    Unreadable {
        /// Which interface.
        interface: &'static str,
        /// What is wrong.
        faults: Faults,
    },
    /// A checkpoint would decide otherwise.
    #[error("{interface} leads to `{found}` and must lead to `{expected}`")]
    Decision {
        /// Which interface.
        interface: &'static str,
        /// What a checkpoint makes of the answer.
        found: &'static str,
        /// What it may make of it.
        expected: String,
    },
    /// An element says something else.
    #[error("`{element}` of {interface} is {found} and must be {expected}")]
    Value {
        /// Which interface.
        interface: &'static str,
        /// The element.
        element: String,
        /// What stands there.
        found: String,
        /// What must stand there.
        expected: String,
    },
}

/// A case on its way.
#[derive(Debug)]
pub struct Run<'a> {
    case: &'a Case,
    subjects: &'a Subjects,
    variables: BTreeMap<String, Value>,
    seed: u128,
    step: usize,
    sent: Option<Request>,
    differences: Vec<Difference>,
}

impl<'a> Run<'a> {
    /// Begins a case on the day of this number (from 1970 on in Beijing); `seed` is another one for each run, so that
    /// no request of an earlier run is repeated.
    pub fn new(case: &'a Case, subjects: &'a Subjects, today: i64, seed: [u8; 16]) -> Self {
        let day = |name: &str, day: i64| (name.to_owned(), Value::from(day_text(day)));
        let codes = subjects.codes.iter().map(|(name, code)| (format!("code.{name}"), Value::from(code.as_str())));
        let days = [day("yesterday", today - 1), day("today", today), day("tomorrow", today + 1)];
        let seed = u128::from_be_bytes(seed);
        let variables = codes.chain(days).collect();
        Self { case, subjects, variables, seed, step: 0, sent: None, differences: Vec::new() }
    }

    /// What is to be sent next; `None` when the case is over.
    pub fn request(&mut self) -> Option<Request> {
        let step = self.case.steps.get(self.step).filter(|_| self.differences.is_empty())?;
        if step.again
            && let Some(sent) = &self.sent
        {
            return Some(sent.clone());
        }
        let interface = Interface::from_word(&step.interface)?;
        let mut members = Map::new();
        if let Some(person) = step.person.as_ref().and_then(|name| self.subjects.persons.get(name)) {
            members.extend(person.clone());
            members.insert(Element::Consent.name().to_owned(), true.into());
        }
        for (name, value) in &step.send {
            match value {
                Value::Null => members.remove(name),
                value => members.insert(name.clone(), self.substitute(value)),
            };
        }
        let key = FactId::from_bytes(self.seed.wrapping_add(self.step as u128).to_be_bytes());
        let request = Request { interface, key, body: Value::Object(members).to_string() };
        self.sent = Some(request.clone());
        Some(request)
    }

    /// Takes what came back for the request.
    pub fn answered(&mut self, status: u16, body: &str) {
        let Some((step, interface)) =
            self.case.steps.get(self.step).and_then(|step| Some((step, Interface::from_word(&step.interface)?)))
        else {
            return;
        };
        self.step += 1;
        let mut differences = Vec::new();
        let word = interface.word();
        match (&step.expect.refused, status) {
            (Some(elements), 400..=499) => {
                let named = named(body);
                let unnamed = elements.iter().filter(|element| !named.contains(element));
                differences
                    .extend(unnamed.map(|element| Difference::NotNamed { interface: word, element: element.clone() }));
            }
            (Some(_), 200..=299) => differences.push(Difference::Accepted { interface: word }),
            (None, 400..=499) => differences.push(Difference::Refused { interface: word, status }),
            (None, 200..=299) => self.compare(step, interface, body, &mut differences),
            _ => differences.push(Difference::Status { interface: word, status }),
        }
        self.differences = differences;
    }

    /// How the last answer differs; the case has failed if it does.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    fn compare(&mut self, step: &Step, interface: Interface, body: &str, differences: &mut Vec<Difference>) {
        let word = interface.word();
        match decision(interface, body) {
            Err(faults) => return differences.push(Difference::Unreadable { interface: word, faults }),
            Ok(found) => {
                let found = found.map_or("no decision", Decision::word);
                if !step.expect.decision.is_empty() && !step.expect.decision.iter().any(|word| word == found) {
                    let expected = step.expect.decision.join("` or `");
                    differences.push(Difference::Decision { interface: word, found, expected });
                }
            }
        }
        let body: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
        let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
        let mut differ = |element: &str, expected: String| {
            let found = shown(body.get(element));
            differences.push(Difference::Value { interface: word, element: element.to_owned(), found, expected });
        };
        for (element, value) in &step.expect.equal {
            let value = self.substitute(value);
            if body.get(element) != Some(&value) {
                differ(element, value.to_string());
            }
        }
        for (element, value) in &step.expect.differs {
            if body.get(element) == Some(&self.substitute(value)) {
                differ(element, "something else".to_owned());
            }
        }
        for element in step.expect.gives.iter().chain(step.keep.values()) {
            if is_empty(body.get(element)) {
                differ(element, "present".to_owned());
            }
        }
        for element in &step.expect.lacks {
            if !is_empty(body.get(element)) {
                differ(element, "absent".to_owned());
            }
        }
        for (name, element) in &step.keep {
            self.variables.insert(name.clone(), body.get(element).cloned().unwrap_or_default());
        }
    }

    /// The value with `${name}` in the place of which stands what that names: of a list, its first.
    fn substitute(&self, value: &Value) -> Value {
        let name = value.as_str().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
        let found = name.and_then(|name| self.variables.get(name));
        match found {
            Some(Value::Array(values)) => values.first().cloned().unwrap_or_default(),
            Some(found) => found.clone(),
            None => value.clone(),
        }
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(values)) => values.is_empty(),
        Some(_) => false,
    }
}

/// What a checkpoint makes of an answer that can be read, if it is one about a colour.
fn decision(interface: Interface, body: &str) -> Result<Option<Decision>, Faults> {
    Ok(match interface {
        Interface::Declare => DeclareAnswer::read(body).map(|_| None)?,
        Interface::Trip => TripAnswer::read(body).map(|_| None)?,
        Interface::Query => Some(QueryAnswer::read(body)?.decision()),
        Interface::Apply => ApplyAnswer::read(body).map(|_| None)?,
        Interface::Make => MakeAnswer::read(body).map(|_| None)?,
        Interface::Verify => Some(VerifyAnswer::read(body)?.decision()),
        Interface::Correct => CorrectAnswer::read(body).map(|_| None)?,
    })
}

/// The elements that a problem document names.
fn named(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let errors = body.get("errors").and_then(Value::as_array).into_iter().flatten();
    errors.filter_map(|error| error.get("field")?.as_str().map(str::to_owned)).collect()
}

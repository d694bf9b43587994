//! What the seven interfaces take.

use std::collections::BTreeMap;

use serde_json::Value;
use yima_model::document::{DocumentError, IssuingState};
use yima_model::fact::{Answer, Symptoms};
use yima_model::{AreaCode, Document, DocumentKind, FactId, Personal, Timestamp, Zone};

use crate::code::{Coded, StatedGrade, SymptomCode};
use crate::element::Element;
use crate::fault::{Faults, Reason};
use crate::interface::Interface;
use crate::moment::day_text;
use crate::read::{self, Reader};
use crate::write::Members;

/// Who is meant: the document finds the person, and the name must be that person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As on the document.
    pub name: Personal<String>,
    /// Read and found right.
    pub document: Document,
}

/// What came and is not kept, by element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unkept(BTreeMap<Element, Personal<Value>>); // INVARIANT: elements of Intake::Unkept, each in its form

impl Unkept {
    /// Which elements.
    pub fn elements(&self) -> Vec<Element> {
        self.0.keys().copied().collect()
    }

    /// The grade that the sender states; whatever it is, it makes no colour.
    pub fn grade(&self) -> Option<StatedGrade> {
        StatedGrade::from_code(self.0.get(&Element::Grade)?.reveal().as_str()?)
    }
}

/// 6.2: health, as the person declared it to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclareRequest {
    /// About whom.
    pub who: Identity,
    /// The groups of symptoms; `None` alone, or others without it.
    pub symptoms: Vec<SymptomCode>,
    /// Contact with a case.
    pub contact: Answer,
    /// Tenths of a degree Celsius.
    pub decicelsius: Option<u16>,
    /// Everything else that the sender told.
    pub unkept: Unkept,
}

/// 6.3: a trip, as the person declared it to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripRequest {
    /// About whom.
    pub who: Identity,
    /// Where.
    pub area: AreaCode,
    /// The number of the first day there, from 1970 on in Beijing.
    pub first_day: i64,
    /// That of the last day there, no earlier.
    pub last_day: i64,
}

/// 6.4: what is known about a person's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryRequest {
    /// About whom.
    pub who: Identity,
}

/// 6.5: the right to make codes for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyRequest {
    /// For whom.
    pub who: Identity,
}

/// 6.6: a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeRequest {
    /// The serial number that [`ApplyRequest`] was answered with.
    pub serial: FactId,
}

/// 6.7: what a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyRequest {
    /// The text of the code.
    pub code_content: Personal<String>,
}

/// 6.8: an objection to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectRequest {
    /// By whom.
    pub who: Identity,
    /// The record, as [`QueryRequest`] was answered with.
    pub record: FactId,
}

impl Identity {
    fn read(reader: &mut Reader, now: Timestamp) -> Option<Self> {
        let name = reader.required(Element::Name, read::text::<50>);
        let kind: Option<DocumentKind> = reader.required(Element::DocumentType, read::code);
        let issuer: Option<Option<IssuingState>> = reader.optional(Element::Nationality, read::state);
        let number = reader.required(Element::DocumentNumber, read::text::<60>);
        if reader.required(Element::Consent, read::flag) == Some(false) {
            reader.fault(Element::Consent.name(), Reason::NotAgreed);
        }
        let today = Zone::BEIJING.date(now)?;
        match Document::parse(kind?, issuer?, &number?, today) {
            Ok(document) => Some(Self { name: Personal::new(name?), document }),
            Err(error) => {
                let missing = issuer == Some(None) && error == DocumentError::IssuingState;
                let element = if missing { Element::Nationality } else { Element::DocumentNumber };
                reader.fault(element.name(), error.into());
                None
            }
        }
    }

    fn write(&self, members: &mut Members) {
        members.put(Element::Name, self.name.reveal().as_str());
        members.put(Element::DocumentType, Coded::code(self.document.kind()));
        members.put(Element::DocumentNumber, self.document.number().reveal().as_ref());
        members.put_some(Element::Nationality, self.document.issuer().map(|issuer| issuer.to_string()));
        members.put(Element::Consent, true);
    }
}

impl DeclareRequest {
    /// Reads a request; `now` says which dates of birth lie ahead.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, Faults> {
        let mut reader = Reader::request(Interface::Declare, text)?;
        let who = Identity::read(&mut reader, now);
        let symptoms: Option<Vec<SymptomCode>> = reader.required(Element::Symptoms, read::codes);
        if let Some(symptoms) = &symptoms {
            let is_one = symptoms.len() == 1 || !symptoms.contains(&SymptomCode::None);
            match symptoms.is_empty() {
                true => reader.fault(Element::Symptoms.name(), Reason::Missing),
                false if !is_one => reader.fault(Element::Symptoms.name(), Reason::Contradiction),
                false => {}
            }
        }
        let contact = reader.required(Element::Contact, read::code);
        let decicelsius = reader.optional(Element::Temperature, read::temperature);
        let unkept = Unkept(reader.unkept());
        let read =
            || Some(Self { who: who?, symptoms: symptoms?, contact: contact?, decicelsius: decicelsius?, unkept });
        let message = read();
        reader.finish(message)
    }

    /// The request as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        self.who.write(&mut members);
        members.put(Element::Symptoms, self.symptoms.iter().map(|symptom| symptom.code()).collect::<Vec<_>>());
        members.put(Element::Contact, self.contact.code());
        // Tenths are exact in the shortest decimal of a float.
        members.put_some(Element::Temperature, self.decicelsius.map(|tenths| f64::from(tenths) / 10.0));
        for (element, value) in &self.unkept.0 {
            members.put(*element, value.reveal().clone());
        }
        members.finish()
    }

    /// The symptoms as facts name them.
    pub fn symptoms(&self) -> Symptoms {
        self.symptoms.iter().flat_map(|code| code.symptoms().iter()).collect()
    }
}

impl TripRequest {
    /// Reads a request; `now` says which dates of birth lie ahead.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, Faults> {
        let mut reader = Reader::request(Interface::Trip, text)?;
        let who = Identity::read(&mut reader, now);
        let area = reader.required(Element::TripArea, read::area);
        let first_day = reader.required(Element::TripFirstDay, read::day);
        let last_day = reader.required(Element::TripLastDay, read::day);
        if first_day.zip(last_day).is_some_and(|(first, last)| last < first) {
            reader.fault(Element::TripLastDay.name(), Reason::EndsTooEarly);
        }
        let read = || Some(Self { who: who?, area: area?, first_day: first_day?, last_day: last_day? });
        let message = read();
        reader.finish(message)
    }

    /// The request as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        self.who.write(&mut members);
        members.put(Element::TripArea, self.area.to_string());
        members.put(Element::TripFirstDay, day_text(self.first_day));
        members.put(Element::TripLastDay, day_text(self.last_day));
        members.finish()
    }
}

/// Reading and writing of a request that says nothing but who is meant.
macro_rules! about_a_person {
    ($name:ident, $interface:ident) => {
        impl $name {
            /// Reads a request; `now` says which dates of birth lie ahead.
            ///
            /// # Errors
            /// [`Faults`]: everything that is wrong, by element.
            pub fn read(text: &str, now: Timestamp) -> Result<Self, Faults> {
                let mut reader = Reader::request(Interface::$interface, text)?;
                let who = Identity::read(&mut reader, now);
                reader.finish(who.map(|who| Self { who }))
            }

            /// The request as JSON.
            pub fn write(&self) -> Value {
                let mut members = Members::default();
                self.who.write(&mut members);
                members.finish()
            }
        }
    };
}

about_a_person!(QueryRequest, Query);
about_a_person!(ApplyRequest, Apply);

impl MakeRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::request(Interface::Make, text)?;
        let serial = reader.required(Element::Serial, read::id);
        reader.finish(serial.map(|serial| Self { serial }))
    }

    /// The request as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::Serial, self.serial.to_string());
        members.finish()
    }
}

impl VerifyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::request(Interface::Verify, text)?;
        let code_content = reader.required(Element::CodeContent, read::text::<600>);
        reader.finish(code_content.map(|text| Self { code_content: Personal::new(text) }))
    }

    /// The request as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        members.put(Element::CodeContent, self.code_content.reveal().as_str());
        members.finish()
    }
}

impl CorrectRequest {
    /// Reads a request; `now` says which dates of birth lie ahead.
    ///
    /// # Errors
    /// [`Faults`]: everything that is wrong, by element.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, Faults> {
        let mut reader = Reader::request(Interface::Correct, text)?;
        let who = Identity::read(&mut reader, now);
        let record = reader.required(Element::Record, read::id);
        reader.finish(who.zip(record).map(|(who, record)| Self { who, record }))
    }

    /// The request as JSON.
    pub fn write(&self) -> Value {
        let mut members = Members::default();
        self.who.write(&mut members);
        members.put(Element::Record, self.record.to_string());
        members.finish()
    }
}

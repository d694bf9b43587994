//! Reading the members of a message, each by its element; everything that is wrong is kept.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use yima_model::document::IssuingState;
use yima_model::{AreaCode, FactId, Personal};

use crate::code::{CodeList, Coded, StatedGrade};
use crate::element::{Element, Form, Intake};
use crate::fault::{Fault, Faults, Reason};
use crate::interface::Interface;
use crate::moment::{Moment, day_of};

/// The most values of a list.
const VALUES_MAX: usize = 64;

/// A message whose members are taken out one by one.
#[derive(Debug)]
pub(crate) struct Reader {
    members: BTreeMap<Element, Personal<Value>>,
    faults: Vec<Fault>,
}

impl Reader {
    /// A request: members that the interface does not take are wrong.
    pub(crate) fn request(interface: Interface, text: &str) -> Result<Self, Faults> {
        let allowed: Vec<Element> = interface.takes().into_iter().map(|(element, _)| element).collect();
        let mut reader = Self { members: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in members(text)? {
            match Element::from_name(&name).filter(|element| allowed.contains(element)) {
                Some(element) => reader.add(element, value),
                None => reader.fault(&plain(&name), Reason::Unknown),
            }
        }
        Ok(reader)
    }

    /// An answer: other systems may say more than we look at.
    pub(crate) fn answer(interface: Interface, text: &str) -> Result<Self, Faults> {
        let mut reader = Self { members: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in members(text)? {
            let element = Element::from_name(&name);
            if let Some(element) = element.filter(|found| interface.gives().iter().any(|(known, _)| known == found)) {
                reader.add(element, value);
            }
        }
        Ok(reader)
    }

    fn add(&mut self, element: Element, value: Value) {
        if self.members.insert(element, Personal::new(value)).is_some() {
            self.fault(element.name(), Reason::Twice);
        }
    }

    pub(crate) fn fault(&mut self, element: &str, reason: Reason) {
        self.faults.push(Fault { element: element.into(), reason });
    }

    /// An element that must be there.
    pub(crate) fn required<T>(&mut self, element: Element, read: fn(&Value) -> Result<T, Reason>) -> Option<T> {
        let found = self.optional(element, read)?;
        if found.is_none() {
            self.fault(element.name(), Reason::Missing);
        }
        found
    }

    /// An element that may be there; `None` if it is there and wrong.
    pub(crate) fn optional<T>(&mut self, element: Element, read: fn(&Value) -> Result<T, Reason>) -> Option<Option<T>> {
        let Some(value) = self.members.remove(&element) else { return Some(None) };
        match read(value.reveal()) {
            Ok(read) => Some(Some(read)),
            Err(reason) => {
                self.fault(element.name(), reason);
                None
            }
        }
    }

    /// What is not kept, each held to its form.
    pub(crate) fn unkept(&mut self) -> BTreeMap<Element, Personal<Value>> {
        let (unkept, rest) =
            std::mem::take(&mut self.members).into_iter().partition(|(element, _)| element.intake() == Intake::Unkept);
        self.members = rest;
        let found: BTreeMap<Element, Personal<Value>> = unkept;
        for (element, value) in &found {
            if let Err(reason) = check(element.form(), value.reveal()) {
                self.fault(element.name(), reason);
            }
        }
        found
    }

    /// The message, if nothing was wrong.
    pub(crate) fn finish<T>(self, message: Option<T>) -> Result<T, Faults> {
        match message {
            Some(message) if self.faults.is_empty() => Ok(message),
            _ => Err(Faults(self.faults)),
        }
    }
}

/// A name that can be repeated: somebody may have written a person's name or number as the name of an element.
fn plain(name: &str) -> String {
    let is_plain = name.len() <= 30 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_plain { name.to_owned() } else { "…".to_owned() }
}

struct Members(Vec<(String, Value)>);

fn members(text: &str) -> Result<Vec<(String, Value)>, Faults> {
    let read: Result<Members, _> = serde_json::from_str(text);
    let fault = || Fault { element: "…".into(), reason: Reason::NotAnObject };
    read.map(|members| members.0).map_err(|_| Faults(vec![fault()]))
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Holds a value to a form.
fn check(form: Form, value: &Value) -> Result<(), Reason> {
    match form {
        Form::Text(max) => line(value, max).map(drop),
        Form::Code(list) => in_list(value, list),
        Form::Codes(list) => texts(value)?.into_iter().try_for_each(|code| in_list(&code.into(), list)),
        Form::Grade => grade(value).map(drop),
        Form::Area => area(value).map(drop),
        Form::Areas => texts(value)?.into_iter().try_for_each(|code| area(&code.into()).map(drop)),
        Form::State => state(value).map(drop),
        Form::Moment => moment(value).map(drop),
        Form::Day => day(value).map(drop),
        Form::Flag => flag(value).map(drop),
        Form::Temperature => temperature(value).map(drop),
        Form::Id => id(value).map(drop),
        Form::Ids => ids(value).map(drop),
        Form::Elements => elements(value).map(drop),
        Form::None => Err(Reason::Unknown),
    }
}

fn in_list(value: &Value, list: CodeList) -> Result<(), Reason> {
    let known = value.as_str().is_some_and(|code| list.codes.contains(&code));
    if known { Ok(()) } else { Err(Reason::NotCode(list.codes)) }
}

fn line(value: &Value, max: usize) -> Result<String, Reason> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let fits = (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Reason::NotText(max)) }
}

fn texts(value: &Value) -> Result<Vec<&str>, Reason> {
    let texts: Option<Vec<&str>> = value.as_array().and_then(|values| values.iter().map(Value::as_str).collect());
    let texts = texts.filter(|texts| texts.len() <= VALUES_MAX).ok_or(Reason::NotList)?;
    let mut sorted = texts.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == texts.len() { Ok(texts) } else { Err(Reason::NotList) }
}

pub(crate) fn text<const MAX: usize>(value: &Value) -> Result<String, Reason> {
    line(value, MAX)
}

pub(crate) fn code<T: Coded>(value: &Value) -> Result<T, Reason> {
    value.as_str().and_then(T::from_code).ok_or(Reason::NotCode(T::LIST.codes))
}

pub(crate) fn codes<T: Coded>(value: &Value) -> Result<Vec<T>, Reason> {
    let codes = texts(value)?.into_iter().map(|code| T::from_code(code).ok_or(Reason::NotCode(T::LIST.codes)));
    codes.collect()
}

pub(crate) fn grade(value: &Value) -> Result<StatedGrade, Reason> {
    let code = value.as_str().and_then(StatedGrade::from_code);
    code.ok_or(Reason::NotText(StatedGrade::CHARACTERS_MAX))
}

pub(crate) fn area(value: &Value) -> Result<AreaCode, Reason> {
    value.as_str().and_then(|code| AreaCode::parse(code).ok()).ok_or(Reason::NotArea)
}

pub(crate) fn state(value: &Value) -> Result<IssuingState, Reason> {
    value.as_str().and_then(|code| IssuingState::parse(code).ok()).ok_or(Reason::NotState)
}

pub(crate) fn moment(value: &Value) -> Result<Moment, Reason> {
    value.as_str().and_then(Moment::parse).ok_or(Reason::NotMoment)
}

pub(crate) fn day(value: &Value) -> Result<i64, Reason> {
    value.as_str().and_then(day_of).ok_or(Reason::NotDay)
}

pub(crate) fn flag(value: &Value) -> Result<bool, Reason> {
    value.as_bool().ok_or(Reason::NotFlag)
}

/// Tenths of a degree.
pub(crate) fn temperature(value: &Value) -> Result<u16, Reason> {
    let text = value.as_number().map(ToString::to_string).unwrap_or_default();
    let (whole, tenth) = text.split_once('.').unwrap_or((&text, "0"));
    let is_short = tenth.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let tenths = format!("{whole}{tenth}").parse().ok().filter(|_| is_short);
    tenths.filter(|tenths| (300..=450).contains(tenths)).ok_or(Reason::NotTemperature)
}

pub(crate) fn id(value: &Value) -> Result<FactId, Reason> {
    value.as_str().and_then(|text| FactId::parse(text).ok()).ok_or(Reason::NotId)
}

pub(crate) fn ids(value: &Value) -> Result<Vec<FactId>, Reason> {
    texts(value)?.into_iter().map(|text| FactId::parse(text).map_err(|_| Reason::NotId)).collect()
}

pub(crate) fn elements(value: &Value) -> Result<Vec<Element>, Reason> {
    texts(value)?.into_iter().map(|name| Element::from_name(name).ok_or(Reason::Unknown)).collect()
}

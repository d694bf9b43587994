//! The value sets of the DCC: which codes of products, tests and countries are known.
//!
//! Issuers and the sets themselves change from week to week, so an unknown code does not make a certificate invalid;
//! what it is worth is for rules to say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::content::{Certificate, Entry};

/// Value sets by their ids, such as `country-2-codes`.
#[derive(Clone, Debug, Default)]
pub struct ValueSets {
    sets: BTreeMap<String, BTreeSet<String>>,
}

impl ValueSets {
    /// Adds a published set: `{"valueSetId": …, "valueSetValues": {code: …}}`. Anything else is passed over.
    pub fn add(&mut self, set: &Value) {
        let id = set.get("valueSetId").and_then(Value::as_str);
        let values = set.get("valueSetValues").and_then(Value::as_object);
        if let (Some(id), Some(values)) = (id, values) {
            self.sets.insert(id.to_owned(), values.keys().cloned().collect());
        }
    }

    /// The sets as rules see them: codes by id.
    pub fn json(&self) -> Value {
        json!(self.sets)
    }

    /// The fields whose code is in no set; a field whose set is not held is not looked at.
    pub fn unknown(&self, certificate: &Certificate<'_>) -> Vec<&'static str> {
        let has = |set: &str, code: &str| self.sets.get(set).is_none_or(|codes| codes.contains(code));
        let mut unknown = Vec::new();
        let mut look = |field, set, code: &str| {
            if !has(set, code) {
                unknown.push(field);
            }
        };
        let common = match &certificate.entry {
            Entry::Vaccination(entry) => {
                look("vp", "sct-vaccines-covid-19", &entry.prophylaxis);
                look("mp", "vaccines-covid-19-names", &entry.product);
                look("ma", "vaccines-covid-19-auth-holders", &entry.manufacturer);
                &entry.common
            }
            Entry::Test(entry) => {
                look("tt", "covid-19-lab-test-type", &entry.kind);
                look("tr", "covid-19-lab-result", &entry.result);
                if let Some(device) = &entry.device {
                    look("ma", "covid-19-lab-test-manufacturer-and-name", device);
                }
                &entry.common
            }
            Entry::Recovery(entry) => &entry.common,
        };
        look("tg", "disease-agent-targeted", &common.disease);
        look("co", "country-2-codes", &common.country);
        unknown
    }
}

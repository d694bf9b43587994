//! The value sets of the DCC: which codes of products, tests and countries are known.
//!
//! Issuers and the sets themselves change from week to week, so an unknown code does not make a certificate invalid:
//! it has no meaning here, and what it is worth is for business rules to say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

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
}

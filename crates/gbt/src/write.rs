//! Writing a message as one flat JSON object.

use serde_json::{Map, Value};
use yima_model::FactId;

use crate::element::Element;

/// The members of a message, as they are put together.
#[derive(Debug, Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn put(&mut self, element: Element, value: impl Into<Value>) {
        self.0.insert(element.name().to_owned(), value.into());
    }

    pub(crate) fn put_some(&mut self, element: Element, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(element, value);
        }
    }

    pub(crate) fn put_ids(&mut self, element: Element, ids: &[FactId]) {
        self.put(element, ids.iter().map(ToString::to_string).collect::<Vec<_>>());
    }

    pub(crate) fn put_names(&mut self, element: Element, names: &[Element]) {
        self.put(element, names.iter().map(|element| element.name()).collect::<Vec<_>>());
    }

    pub(crate) fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

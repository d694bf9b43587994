//! One flat JSON object whose values are not read yet.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::FactJsonError;

/// The members of an object in their order, each name once.
pub(crate) struct Object<'a> {
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, FactJsonError> {
        let object: Self =
            serde_json::from_str(text).map_err(|error| FactJsonError::Syntax { column: error.column() })?;
        let mut names: Vec<_> = object.members.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first) {
            Some(name) => Err(FactJsonError::Twice { field: plain(name) }),
            None => Ok(object),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// Refuses any member that is not among `allowed`.
    pub(crate) fn allow(&self, what: &'static str, allowed: Vec<&'static str>) -> Result<(), FactJsonError> {
        match self.members.iter().find(|(name, _)| !allowed.contains(&name.as_str())) {
            Some((name, _)) => Err(FactJsonError::Unknown { field: plain(name), what, allowed }),
            None => Ok(()),
        }
    }
}

/// A name that can be repeated in a message: somebody may have written a person's name or number as the name of a field.
fn plain(name: &str) -> String {
    let is_plain = name.len() <= 20 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_plain { name.to_owned() } else { "…".to_owned() }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Object { members })
    }
}

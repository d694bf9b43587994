//! Lists of revoked SMART Health Cards.
//!
//! Source: the SMART Health Cards framework, "Revocation".

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Refusal;

const CARD_ID_LENGTH_MAX: usize = 24;

/// What is known about the revocation of a card that counts; of several cards the last of these words holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revocation {
    /// Its key announces no list, and none that is held has it.
    NotAnnounced,
    /// The list that its key announces does not have it.
    Checked,
    /// Its key announces a list that is not held.
    NotHeld,
}

impl Revocation {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotAnnounced => "not_announced",
            Self::Checked => "checked",
            Self::NotHeld => "not_held",
        }
    }
}

/// The list of one key; a faulty one is kept as such, so that it revokes nothing and vouches for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Revocations {
    issuer: Option<String>,
    key_id: String,
    content: Option<Content>,
}

#[derive(Clone, Debug)]
struct Content {
    version: u64,
    /// By id the second before which cards are revoked; without one, all are.
    cards: BTreeMap<String, Option<i64>>,
}

impl Revocations {
    pub(crate) fn read(list: &Value, issuer: Option<&str>) -> Self {
        let key_id = list.get("kid").and_then(Value::as_str).unwrap_or_default();
        Self { issuer: issuer.map(str::to_owned), key_id: key_id.to_owned(), content: Content::read(list) }
    }

    /// Whether it names its key and can be read.
    pub(crate) fn is_whole(&self) -> bool {
        !self.key_id.is_empty() && self.content.is_some()
    }

    pub(crate) fn is_of(&self, key_id: &str, issuer: &str) -> bool {
        self.key_id == key_id && self.issuer.as_deref().is_none_or(|own| own == issuer)
    }

    /// Whether the card is revoked, if this list is the version that its key announces, or the key announces none.
    pub(crate) fn revokes(&self, version: Option<u64>, card: Option<&str>, not_before: i64) -> Result<bool, Refusal> {
        let content = self.content.as_ref().filter(|content| version.is_none_or(|version| version == content.version));
        let content = content.ok_or(Refusal::RevocationUnknown)?;
        Ok(match card.and_then(|card| content.cards.get(card)) {
            None => false,
            Some(None) => true,
            Some(Some(before)) => not_before < *before,
        })
    }
}

impl Content {
    fn read(list: &Value) -> Option<Self> {
        if list.get("method")?.as_str()? != "rid" {
            return None;
        }
        let mut cards = BTreeMap::new();
        for entry in list.get("rids")?.as_array()? {
            let (id, before) = match entry.as_str()?.split_once('.') {
                Some((id, before)) => (id, Some(before.parse().ok()?)),
                None => (entry.as_str()?, None),
            };
            if !is_card_id(id) || cards.insert(id.to_owned(), before).is_some() {
                return None;
            }
        }
        Some(Self { version: list.get("ctr")?.as_u64()?, cards })
    }
}

fn is_card_id(id: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= CARD_ID_LENGTH_MAX && id.bytes().all(is_base64url)
}

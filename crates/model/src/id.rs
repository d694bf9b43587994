//! Identifiers: random 128-bit ids and the short names of rules, packs, lists and sources.

use std::fmt;

use smol_str::SmolStr;
use thiserror::Error;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdError {
    /// A 128-bit id is 32 hexadecimal digits.
    #[error("not an id; it has 32 hexadecimal digits, dashes allowed as in a UUID")]
    NotHex,
    /// A name is 1 to 64 of the characters a-z, A-Z, 0-9, `-`, `_`, `.`.
    #[error("not a name; use 1 to 64 of letters, digits, `-`, `_` and `.`")]
    NotAName,
    /// A remark is a line of 1 to 200 characters.
    #[error("not a remark; write one line of 1 to 200 characters")]
    NotARemark,
    /// The issuer of a statement is named by 1 to 200 visible characters of ASCII.
    #[error("not an issuer; write its code, URL or DID with 1 to 200 letters, digits and signs, without blanks")]
    NotAnIssuer,
}

macro_rules! id128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 hexadecimal digits; dashes are allowed as in a UUID.
            ///
            /// # Errors
            /// [`IdError::NotHex`] when the text is anything else.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id128! {
    /// A natural person, known only by 128 random bits; never derived from a document number.
    PersonId
}
id128! {
    /// One fact; chosen by its source, so that a repeated filing is the same fact.
    FactId
}
id128! {
    /// One sample that a collector registered; results name it.
    SampleId
}
id128! {
    /// One tube that holds several samples.
    PoolId
}

/// Why an office says something: one line, of no person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remark(SmolStr);

impl Remark {
    /// Reads one line of 1 to 200 characters, without blanks at its ends.
    ///
    /// # Errors
    /// [`IdError::NotARemark`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let is_line = text.trim() == text && !text.contains(char::is_control);
        if is_line && (1..=200).contains(&text.chars().count()) {
            Ok(Self(SmolStr::new(text)))
        } else {
            Err(IdError::NotARemark)
        }
    }

    /// The line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who issued a statement that comes from elsewhere: the code of a country, a URL or a DID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementIssuer(SmolStr);

impl StatementIssuer {
    /// Reads 1 to 200 visible characters of ASCII.
    ///
    /// # Errors
    /// [`IdError::NotAnIssuer`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(SmolStr::new(text)))
        } else {
            Err(IdError::NotAnIssuer)
        }
    }

    /// The code, URL or DID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StatementIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn parse_hex(text: &str) -> Result<[u8; 16], IdError> {
    let mut bytes = [0; 16];
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    for byte in &mut bytes {
        *byte = hex_digit(digits.next())? << 4 | hex_digit(digits.next())?;
    }
    match digits.next() {
        None => Ok(bytes),
        Some(_) => Err(IdError::NotHex),
    }
}

const fn hex_digit(byte: Option<u8>) -> Result<u8, IdError> {
    match byte {
        Some(byte @ b'0'..=b'9') => Ok(byte - b'0'),
        Some(byte @ b'a'..=b'f') => Ok(byte - b'a' + 10),
        Some(byte @ b'A'..=b'F') => Ok(byte - b'A' + 10),
        _ => Err(IdError::NotHex),
    }
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Reads a name of 1 to 64 letters, digits, `-`, `_` and `.`.
            ///
            /// # Errors
            /// [`IdError::NotAName`] when the text is anything else.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
                if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(SmolStr::new(text)))
                } else {
                    Err(IdError::NotAName)
                }
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_id! {
    /// One rule of a pack, such as `HB-3`.
    RuleId
}
name_id! {
    /// One rule pack, such as `hubei-2020-02`.
    PackId
}
name_id! {
    /// A dated, public list on which a duty hangs, such as `sx-key-regions`.
    ListId
}
name_id! {
    /// An authority, laboratory, carrier or checkpoint that files facts, with the desk or officer there after a full stop:
    /// `xian-cdc.li`.
    SourceId
}

impl SourceId {
    /// The institution: the whole name, or what stands before its first full stop.
    pub fn institution(&self) -> &str {
        self.as_str().split_once('.').map_or(self.as_str(), |(institution, _)| institution)
    }
}
name_id! {
    /// What stands on a shared tube; a laboratory counts its own.
    TubeNumber
}
name_id! {
    /// A published testing campaign with a start and an end.
    CampaignId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_ids_are_read_with_and_without_dashes() {
        let id = PersonId::parse("00112233-4455-6677-8899-AABBCCDDEEFF").unwrap();
        assert_eq!(id.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(PersonId::parse(&id.to_string()), Ok(id));
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in [
            "",
            "0",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeff0",
            "g0112233445566778899aabbccddeeff",
        ] {
            assert_eq!(FactId::parse(text), Err(IdError::NotHex), "{text}");
        }
    }

    #[test]
    fn issuers_are_codes_and_addresses_without_blanks() {
        for text in ["AT", "AUS", "https://example.org/issuer", "did:web:example.org", &"x".repeat(200)] {
            assert_eq!(StatementIssuer::parse(text).unwrap().as_str(), text);
        }
        for text in ["", " ", "A T", "Österreich", "AT\n", &"x".repeat(201)] {
            assert_eq!(StatementIssuer::parse(text), Err(IdError::NotAnIssuer), "{text}");
        }
    }

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(PackId::parse("hubei-2020-02").unwrap().as_str(), "hubei-2020-02");
        for text in ["", "两湖", "a b", "a/b", &"x".repeat(65)] {
            assert_eq!(RuleId::parse(text), Err(IdError::NotAName), "{text}");
        }
    }
}

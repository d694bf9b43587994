//! The hash chain over a partition: what a leaf and a head are, byte by byte.
//!
//! A leaf commits to one entry, a head to a partition up to a position. An entry that was emptied keeps its leaf, so the
//! chain goes on verifying; the 16 random bytes in the leaf are destroyed with the content, so nobody can tell from the
//! leaf what the content was.

use std::fmt;

use aws_lc_rs::digest::{self, Context, SHA256};
use yima_model::{Subject, Timestamp};

use crate::entry::{NewFact, Partition, Position};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest with these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The 16 random bytes that make a leaf say nothing once they are destroyed.
pub(crate) type Salt = [u8; 16];

/// The leaf of a fact, but for the last thing in it, when it was recorded.
#[derive(Clone)]
pub(crate) struct LeafOfFact(Context);

impl LeafOfFact {
    /// Takes in salt, tag, person, fact id, kind, until and body.
    ///
    /// The tag is 1 for a fact about a person and 0 for one about everybody, whose person is zeros; numbers are big-endian.
    pub(crate) fn new(salt: &Salt, fact: &NewFact) -> Self {
        let NewFact { id, subject, kind, until, body } = fact;
        let (tag, person) = match subject {
            Subject::Global => (0, &[0; 16]),
            Subject::Person(person) => (1, person.bytes()),
        };
        let until = until.millis().to_be_bytes();
        let mut context = Context::new(&SHA256);
        for part in [&salt[..], &[tag], person, id.bytes(), &kind.0.to_be_bytes(), &until, &body.0] {
            context.update(part);
        }
        Self(context)
    }

    /// Takes in when the fact was recorded, and gives the leaf.
    pub(crate) fn recorded(self, at: Timestamp) -> Digest {
        let Self(mut context) = self;
        context.update(&at.millis().to_be_bytes());
        finish(context)
    }
}

impl fmt::Debug for LeafOfFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeafOfFact")
    }
}

/// The leaf of an act: SHA-256 over salt, tag 2, the bytes of the act, and when it was recorded.
pub(crate) fn leaf_of_act(salt: &Salt, recorded: Timestamp, act: &[u8]) -> Digest {
    sha256(&[salt, &[2], act, &recorded.millis().to_be_bytes()])
}

/// The head of a partition that has no entries.
pub(crate) fn genesis(partition: Partition) -> Digest {
    sha256(&[b"yima ledger 1", &partition.number().to_be_bytes()])
}

/// SHA-256 over the head before, the position and the leaf.
pub(crate) fn head(before: &Digest, position: Position, leaf: &Digest) -> Digest {
    sha256(&[before.bytes(), &position.0.to_be_bytes(), leaf.bytes()])
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    finish(context)
}

/// The digest of what a context has seen.
pub(crate) fn finish(context: Context) -> Digest {
    from_library(context.finish())
}

fn from_library(digest: digest::Digest) -> Digest {
    let mut bytes = [0; 32];
    digest.as_ref().iter().zip(&mut bytes).for_each(|(from, to)| *to = *from);
    Digest(bytes)
}

#[cfg(test)]
mod tests {
    use yima_model::{FactId, PersonId};

    use super::*;
    use crate::entry::{Kind, Sealed};

    /// The expected values were computed with another implementation of SHA-256 from the words of this file.
    ///
    /// Catches a changed byte order or field: every ledger ever written would fail to verify.
    #[test]
    fn leaves_and_heads_are_these_bytes() {
        let (salt, recorded) = ([0x11; 16], Timestamp::from_millis(1000));
        let fact = |subject| NewFact {
            id: FactId::from_bytes([0x22; 16]),
            subject,
            kind: Kind(7),
            until: Timestamp::FOREVER,
            body: Sealed(b"body".to_vec()),
        };
        let of = |subject| LeafOfFact::new(&salt, &fact(subject)).recorded(recorded);
        let check = |digest: Digest, expected: &str| assert_eq!(digest.to_string(), expected);
        let first = of(Subject::Person(PersonId::from_bytes([0x33; 16])));
        check(first, "c7200e593533a8a3ef17a19e4bf5079fbb69322be157b0a95d00ab6e8f4c6738");
        let global = of(Subject::Global);
        check(global, "d545f3dbd340cd4d269fc8723ac21a1bb531e85fd88e255b304dd6106a4e9d0f");
        check(leaf_of_act(&salt, recorded, b"act"), "6665f60a1fef51cee3e8e8d0a13c7d3dad11755ad30669ec19ba83812a362966");
        let start = genesis(Partition::GLOBAL);
        check(start, "4212fa6b3b2746533926ebb69897a4a26680ee6471d0ea1ec07261a74de56ba9");
        check(head(&start, Position(1), &first), "fa7273ab952853dac33a514482ceae6a7284869f56b8787a965d52befe80e60a");
    }
}

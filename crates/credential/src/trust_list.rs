//! Trust lists: whose codes count. A root that is pinned in every verifier signs them.
//!
//! Source: docs/CODE.md, "Trust list".

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;
use yima_model::Timestamp;

use crate::cbor::{Encoder, Reader, WrongShape};
use crate::claims::Issuer;
use crate::cose::{self, ES256, FormFault, HeaderContent, Sign1, TAG_SIGN1, read_label};
use crate::key::{Coordinates, KeyError, KeyId, PublicKey, Signer, encode_cose_key, read_cose_key};
use crate::list::{self, ListMark, Term};
use crate::refusal::{KeyFault, ListRefusal};
use crate::seconds::Seconds;

/// The most bytes of a trust list.
pub const TRUST_LIST_LENGTH_MAX: usize = 64 * 1024;
/// The longest life of a trust list.
pub const TRUST_LIST_SECONDS_MAX: u32 = 30 * 24 * 3600;

const CONTENT_TYPE: &str = "application/yima-trust-list+cbor";

/// Which world a list belongs to; nothing of one counts in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real people.
    Production,
    /// Tests and demonstrations.
    Test,
}

impl Environment {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }

    /// The environment of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Production, Self::Test].into_iter().find(|environment| environment.word() == word)
    }

    const fn number(self) -> u8 {
        match self {
            Self::Production => 1,
            Self::Test => 2,
        }
    }
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Live credentials.
    Live,
    /// Paper codes.
    Paper,
    /// Status lists.
    Status,
    /// Credentials of the devices at the entrances of venues.
    Venue,
    /// Lists of warnings about venues.
    Warning,
}

impl KeyUse {
    /// All uses.
    pub const ALL: [Self; 5] = [Self::Live, Self::Paper, Self::Status, Self::Venue, Self::Warning];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Paper => "paper",
            Self::Status => "status",
            Self::Venue => "venue",
            Self::Warning => "warning",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Live => 1,
            Self::Paper => 2,
            Self::Status => 3,
            Self::Venue => 4,
            Self::Warning => 5,
        }
    }
}

/// The roots that a verifier pins, all of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedRoots {
    /// The environment that every list must name.
    pub environment: Environment,
    /// The public keys of the roots; more than one while a root is being replaced.
    pub keys: Vec<PublicKey>,
}

/// Why a text names no roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RootsError {
    /// A line is not `environment x y`.
    #[error("not a root; write `test` or `production` and 128 hexadecimal digits, the coordinates x and y")]
    NotARoot,
    /// Roots of both environments.
    #[error("roots of both environments; a verifier pins those of one")]
    Mixed,
    /// No line.
    #[error("no root; a verifier pins at least one")]
    None,
}

impl PinnedRoots {
    /// Reads the configuration of a verifier: a root on each line, as [`PinnedRoots`] is written; `#` begins a comment.
    ///
    /// # Errors
    /// [`RootsError`] when a line is anything else, the environments differ, or there is no root.
    pub fn parse(text: &str) -> Result<Self, RootsError> {
        let mut roots: Option<Self> = None;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let (environment, key) = read_root(line).ok_or(RootsError::NotARoot)?;
            let roots = roots.get_or_insert(Self { environment, keys: Vec::new() });
            if roots.environment != environment {
                return Err(RootsError::Mixed);
            }
            roots.keys.push(key);
        }
        roots.ok_or(RootsError::None)
    }
}

fn read_root(line: &str) -> Option<(Environment, PublicKey)> {
    let (environment, digits) = line.split_once(' ')?;
    let (x, y) = digits.split_at_checked(64)?;
    let coordinates = Coordinates { x: read_hex(x)?, y: read_hex(y)? };
    Some((Environment::from_word(environment)?, PublicKey::new(coordinates).ok()?))
}

fn read_hex(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let pairs = digits.as_bytes().chunks(2);
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair else { return None };
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for PinnedRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in &self.keys {
            write!(f, "{} ", self.environment.word())?;
            let Coordinates { x, y } = key.coordinates();
            x.iter().chain(y).try_for_each(|byte| write!(f, "{byte:02x}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A key of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerKey {
    /// The public key.
    pub public: PublicKey,
    /// What it may sign.
    pub key_use: KeyUse,
    /// The first instant at which it may sign.
    pub valid_from: Seconds,
    /// The first instant at which it may no longer sign.
    pub valid_until: Seconds,
    /// What it signed from this instant on does not count; for a key that was stolen, all of it.
    pub revoked_from: Option<Seconds>,
}

/// The set of rule packs behind an epoch number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleEpoch {
    /// The number that live codes carry.
    pub number: u32,
    /// Since when it is in force.
    pub from: Seconds,
    /// The SHA-256 that identifies the set.
    pub digest: [u8; 32],
}

/// The address of a status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusListAddress {
    /// The number that paper codes carry.
    pub number: u32,
    /// The URI, which the list repeats as its subject.
    pub uri: String,
}

/// What a trust list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustContent {
    /// Which world it belongs to.
    pub environment: Environment,
    /// Whose keys these are.
    pub issuer: Issuer,
    /// Grows with every list of a root.
    pub number: u32,
    /// When it was signed.
    pub issued: Seconds,
    /// The first instant at which it no longer counts.
    pub expires: Seconds,
    /// The keys, at most 128.
    pub keys: Vec<IssuerKey>,
    /// The rule epochs, at most 64.
    pub rules: Vec<RuleEpoch>,
    /// The status lists, at most 256.
    pub status_lists: Vec<StatusListAddress>,
}

/// A trust list that a pinned root has signed; only [`TrustList::open`] makes one.
#[derive(Clone, Debug)]
pub struct TrustList {
    content: TrustContent,
    mark: ListMark,
}

impl TrustList {
    /// Checks a list that was fetched or stored; on a refusal the caller keeps the list that it has.
    ///
    /// # Errors
    /// The [`ListRefusal`] that comes first in the order of docs/CODE.md.
    pub fn open(
        bytes: &[u8],
        roots: &PinnedRoots,
        held: Option<ListMark>,
        now: Timestamp,
    ) -> Result<Self, ListRefusal> {
        let signed = list::parse(bytes, TRUST_LIST_LENGTH_MAX, CONTENT_TYPE)?;
        let root = roots.keys.iter().find(|key| Some(key.id()) == signed.key_id).ok_or(KeyFault::Unknown)?;
        if !signed.is_signed_by(root) {
            return Err(KeyFault::SignatureInvalid.into());
        }
        let content = TrustContent::parse(signed.payload)?;
        if content.environment != roots.environment {
            return Err(ListRefusal::EnvironmentWrong);
        }
        if content.keys.is_empty() {
            return Err(ListRefusal::NoKeys);
        }
        let term = Term { issued: content.issued, expires: content.expires, seconds_max: TRUST_LIST_SECONDS_MAX };
        let mark = list::admit(bytes, content.number, term, held, now)?;
        Ok(Self { content, mark })
    }

    /// What the list says.
    pub const fn content(&self) -> &TrustContent {
        &self.content
    }

    /// What a verifier stores, so that no older list takes the place of this one.
    pub const fn mark(&self) -> ListMark {
        self.mark
    }

    /// The address of the status list with this number.
    pub fn status_list(&self, number: u32) -> Option<&StatusListAddress> {
        self.content.status_lists.iter().find(|list| list.number == number)
    }

    /// Which of an issuer's own keys signs at `now`: of those that are listed for this use, valid and not revoked, the one
    /// that became valid last; `None` if there is none.
    ///
    /// So a key takes over at the instant at which its entry says that it is valid, with nothing to be done then.
    pub fn signer<'s>(
        &self,
        key_use: KeyUse,
        own: impl IntoIterator<Item = &'s Signer>,
        now: Timestamp,
    ) -> Option<&'s Signer> {
        let listed = |signer: &'s Signer| {
            let key = self.content.keys.iter().find(|key| key.public == *signer.public())?;
            let is_good = key.key_use == key_use && key.check_validity(Seconds::floor(now)).is_ok();
            is_good.then_some((key.valid_from, signer))
        };
        own.into_iter().filter_map(listed).max_by_key(|(valid_from, _)| *valid_from).map(|(_, signer)| signer)
    }

    /// The key with this id, if it is listed for this use.
    pub(crate) fn key(&self, id: Option<KeyId>, key_use: KeyUse) -> Result<&IssuerKey, KeyFault> {
        let key = self.content.keys.iter().find(|key| Some(key.public.id()) == id).ok_or(KeyFault::Unknown)?;
        if key.key_use == key_use { Ok(key) } else { Err(KeyFault::UseWrong) }
    }
}

impl IssuerKey {
    /// Checks the signature of `signed` and nothing else.
    pub(crate) fn check_signature(&self, signed: &Sign1<'_>) -> Result<(), KeyFault> {
        if signed.is_signed_by(&self.public) { Ok(()) } else { Err(KeyFault::SignatureInvalid) }
    }

    /// Checks that the key could sign at `issued`; a key is judged by the time of the issue, not by now.
    pub(crate) fn check_validity(&self, issued: Seconds) -> Result<(), KeyFault> {
        if issued < self.valid_from || issued >= self.valid_until {
            return Err(KeyFault::NotValidAtIssue);
        }
        match self.revoked_from {
            Some(revoked_from) if issued >= revoked_from => Err(KeyFault::Revoked),
            Some(_) | None => Ok(()),
        }
    }
}

mod key {
    pub(super) const ENVIRONMENT: i64 = 1;
    pub(super) const ISSUER: i64 = 2;
    pub(super) const NUMBER: i64 = 3;
    pub(super) const ISSUED: i64 = 4;
    pub(super) const EXPIRES: i64 = 5;
    pub(super) const KEYS: i64 = 6;
    pub(super) const RULES: i64 = 7;
    pub(super) const STATUS_LISTS: i64 = 8;
}

mod entry {
    pub(super) const ALGORITHM: i64 = 1;
    pub(super) const USE: i64 = 2;
    pub(super) const KEY: i64 = 3;
    pub(super) const VALID_FROM: i64 = 4;
    pub(super) const VALID_UNTIL: i64 = 5;
    pub(super) const REVOKED_FROM: i64 = 6;
}

const KEYS_MAX: u64 = 128;
/// The most rule epochs of a trust list.
pub const RULES_MAX: u64 = 64;
const STATUS_LISTS_MAX: u64 = 256;

impl TrustContent {
    /// Signs the list with a root.
    ///
    /// # Errors
    /// [`KeyError::NotSigned`] when the library cannot sign.
    pub fn sign(&self, root: &Signer) -> Result<Vec<u8>, KeyError> {
        let header = HeaderContent { key_id: Some(root.public().id()), content_type: Some(CONTENT_TYPE) };
        cose::sign(&self.encode(), header, &[TAG_SIGN1], root)
    }

    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(256 * self.keys.len());
        encoder.map(8);
        encoder.integer(key::ENVIRONMENT).unsigned(self.environment.number());
        encoder.integer(key::ISSUER).text(self.issuer.as_str());
        encoder.integer(key::NUMBER).unsigned(self.number);
        encoder.integer(key::ISSUED).unsigned(self.issued.get());
        encoder.integer(key::EXPIRES).unsigned(self.expires.get());
        encoder.integer(key::KEYS).array(self.keys.len());
        for issuer_key in &self.keys {
            issuer_key.encode(&mut encoder);
        }
        encoder.integer(key::RULES).array(self.rules.len());
        for rules in &self.rules {
            encoder.array(3).unsigned(rules.number).unsigned(rules.from.get()).bytes(&rules.digest);
        }
        encoder.integer(key::STATUS_LISTS).array(self.status_lists.len());
        for list in &self.status_lists {
            encoder.array(2).unsigned(list.number).text(&list.uri);
        }
        encoder.finish()
    }

    fn parse(payload: &[u8]) -> Result<Self, ListRefusal> {
        let mut claims = Vec::new();
        let mut reader = Reader::new(payload);
        for _ in 0..reader.map()? {
            let label = read_label(&mut reader)?;
            claims.extend(label.map(|label| (label, reader)));
            reader.skip()?;
        }
        if claims.iter().any(|(label, _)| *label < 0) {
            return Err(FormFault::CriticalUnknown.into());
        }
        let mut found = Found::default();
        for (label, mut value) in claims {
            found.take(label, &mut value)?;
        }
        found.content().ok_or(ListRefusal::ContentInvalid)
    }
}

#[derive(Default)]
struct Found {
    environment: Option<Environment>,
    issuer: Option<Issuer>,
    number: Option<u32>,
    issued: Option<Seconds>,
    expires: Option<Seconds>,
    keys: Option<Vec<IssuerKey>>,
    rules: Option<Vec<RuleEpoch>>,
    status_lists: Option<Vec<StatusListAddress>>,
}

impl Found {
    fn take(&mut self, label: i64, value: &mut Reader<'_>) -> Result<(), WrongShape> {
        match label {
            key::ENVIRONMENT => {
                let number = value.unsigned()?;
                let all = [Environment::Production, Environment::Test];
                self.environment = all.into_iter().find(|environment| u64::from(environment.number()) == number);
            }
            key::ISSUER => self.issuer = Issuer::parse(value.text()?),
            key::NUMBER => self.number = Some(value.u32()?),
            key::ISSUED => self.issued = Some(Seconds::new(value.u32()?)),
            key::EXPIRES => self.expires = Some(Seconds::new(value.u32()?)),
            key::KEYS => self.keys = Some(read_keys(value)?),
            key::RULES => self.rules = Some(read_distinct(value, RULES_MAX, read_rules, |rules| rules.number)?),
            key::STATUS_LISTS => {
                self.status_lists = Some(read_distinct(value, STATUS_LISTS_MAX, read_address, |list| list.number)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn content(self) -> Option<TrustContent> {
        Some(TrustContent {
            environment: self.environment?,
            issuer: self.issuer?,
            number: self.number?,
            issued: self.issued?,
            expires: self.expires?,
            keys: self.keys?,
            rules: self.rules?,
            status_lists: self.status_lists?,
        })
    }
}

impl IssuerKey {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.map(5 + usize::from(self.revoked_from.is_some()));
        encoder.integer(entry::ALGORITHM).integer(ES256);
        encoder.integer(entry::USE).unsigned(self.key_use.number());
        encoder.integer(entry::KEY);
        encode_cose_key(self.public.coordinates(), encoder);
        encoder.integer(entry::VALID_FROM).unsigned(self.valid_from.get());
        encoder.integer(entry::VALID_UNTIL).unsigned(self.valid_until.get());
        if let Some(revoked_from) = self.revoked_from {
            encoder.integer(entry::REVOKED_FROM).unsigned(revoked_from.get());
        }
    }

    /// Reads one entry; `None` for an algorithm or a use that this version does not know.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, WrongShape> {
        let (mut algorithm, mut key_use, mut cose_key) = (None, None, None);
        let (mut valid_from, mut valid_until, mut revoked_from) = (None, None, None);
        for _ in 0..reader.map()? {
            let mut label = *reader;
            reader.skip()?;
            let mut value = *reader;
            reader.skip()?;
            match label.integer() {
                Ok(entry::ALGORITHM) => algorithm = Some(value.integer()?),
                Ok(entry::USE) => key_use = Some(value.integer()?),
                Ok(entry::KEY) => cose_key = Some(value),
                Ok(entry::VALID_FROM) => valid_from = Some(value),
                Ok(entry::VALID_UNTIL) => valid_until = Some(value),
                Ok(entry::REVOKED_FROM) => revoked_from = Some(value),
                Ok(_) | Err(WrongShape) => {}
            }
        }
        let (algorithm, key_use) = (algorithm.ok_or(WrongShape)?, key_use.ok_or(WrongShape)?);
        let key_use = KeyUse::ALL.into_iter().find(|known| i64::from(known.number()) == key_use);
        // What a later version lists may be of any shape; only what is known here has one.
        let (ES256, Some(key_use)) = (algorithm, key_use) else { return Ok(None) };
        let coordinates = read_cose_key(&mut cose_key.ok_or(WrongShape)?)?;
        let seconds = |mut value: Reader<'_>| value.u32().map(Seconds::new);
        Ok(Some(Self {
            public: PublicKey::new(coordinates).map_err(|_| WrongShape)?,
            key_use,
            valid_from: seconds(valid_from.ok_or(WrongShape)?)?,
            valid_until: seconds(valid_until.ok_or(WrongShape)?)?,
            revoked_from: revoked_from.map(seconds).transpose()?,
        }))
    }
}

/// Reads the keys; one key twice is no list, so that no key can have two uses.
fn read_keys(reader: &mut Reader<'_>) -> Result<Vec<IssuerKey>, WrongShape> {
    let keys = read_bounded(reader, KEYS_MAX, IssuerKey::read)?.into_iter().flatten().collect();
    distinct(keys, |key| key.public.id())
}

/// Reads items that have a number each; one number twice is no list, so that a number means one thing.
fn read_distinct<'a, T>(
    reader: &mut Reader<'a>,
    length_max: u64,
    read: impl Fn(&mut Reader<'a>) -> Result<T, WrongShape>,
    number: impl Fn(&T) -> u32,
) -> Result<Vec<T>, WrongShape> {
    distinct(read_bounded(reader, length_max, read)?, number)
}

fn distinct<T, K: Ord>(items: Vec<T>, key: impl Fn(&T) -> K) -> Result<Vec<T>, WrongShape> {
    let keys: BTreeSet<_> = items.iter().map(key).collect();
    if keys.len() == items.len() { Ok(items) } else { Err(WrongShape) }
}

fn read_bounded<'a, T>(
    reader: &mut Reader<'a>,
    length_max: u64,
    read: impl Fn(&mut Reader<'a>) -> Result<T, WrongShape>,
) -> Result<Vec<T>, WrongShape> {
    match reader.array()? {
        length if length <= length_max => (0..length).map(|_| read(reader)).collect(),
        _ => Err(WrongShape),
    }
}

fn read_rules(reader: &mut Reader<'_>) -> Result<RuleEpoch, WrongShape> {
    reader.array_of(3)?;
    Ok(RuleEpoch { number: reader.u32()?, from: Seconds::new(reader.u32()?), digest: *reader.byte_array()? })
}

fn read_address(reader: &mut Reader<'_>) -> Result<StatusListAddress, WrongShape> {
    reader.array_of(2)?;
    Ok(StatusListAddress { number: reader.u32()?, uri: reader.text()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_roots_are_read_back_and_of_one_environment() {
        let key = || Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap().public().clone();
        let roots = PinnedRoots { environment: Environment::Test, keys: vec![key(), key()] };
        let text = roots.to_string();
        assert_eq!(PinnedRoots::parse(&format!("# roots\n\n{text}")), Ok(roots));
        let production = text.replacen("test", "production", 1);
        assert_eq!(PinnedRoots::parse(&production), Err(RootsError::Mixed));
        assert_eq!(PinnedRoots::parse("# none\n"), Err(RootsError::None));
        for line in ["test", "test 00", &text[..100], &text.replace("test", "staging"), &text.replacen(' ', " 0", 1)] {
            assert_eq!(PinnedRoots::parse(line), Err(RootsError::NotARoot), "{line}");
        }
    }
}

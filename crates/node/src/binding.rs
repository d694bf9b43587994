//! Proving a phone or e-mail address: a one-time code goes out, and whoever enters it holds the address.
//!
//! What is pending lies sealed in the ledger's tables, so that a code that is on its way counts after a restart too.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::fact::Relation;
use yima_model::id::SourceId;
use yima_model::{PersonId, Timestamp};
use yima_registry::Registry;
use yima_registry::vault::{ContactAddress, VaultError};

use crate::attempts::{self, Attempts, TooMany, Tried};
use crate::network::Network;
use crate::random;
use crate::rows::{Rows, table};
use crate::session::TokenHash;

/// How often a code may be entered wrongly.
const TRIES_MAX: u8 = 5;
/// Between two codes to one address.
const PAUSE_MILLIS: i64 = 60_000;
/// How long a proven address waits for its registration.
const REGISTERING_MILLIS: i64 = 2 * HOUR_MILLIS;

const HOUR_MILLIS: i64 = 3_600_000;

static PENDING: Rows<PendingRow> = Rows::new(table::ONE_TIME_CODE);
static PROVEN: Rows<ProvenRow> = Rows::new(table::PROVEN);
static DESK_CODES: Rows<DeskRow> = Rows::new(table::DESK_CODE);

/// Names one attempt to prove an address.
pub(crate) type BindingId = [u8; 16];

/// Lets one attempt in at a time, so that each is counted; and how often each network has signed in.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    one: Mutex<()>,
    /// By itself, since it is looked at before a request is let in, and never held while something is stored. It is the one
    /// count that a restart forgets: it bounds load, and every request would have to be written down.
    networks: Mutex<Hourly>,
}

/// An attempt to prove an address, or one with a code that a desk printed.
#[derive(Serialize, Deserialize)]
struct PendingRow {
    /// The address and the hash of the code, sealed; absent for a code that a desk printed.
    sealed: Option<Vec<u8>>,
    tries: u8,
    expires: i64,
}

/// A proven address whose holder has not registered yet.
#[derive(Serialize, Deserialize)]
struct ProvenRow {
    sealed: Vec<u8>,
    expires: i64,
}

/// A code to be sent.
#[derive(Debug)]
pub(crate) struct Sending {
    /// Absent when the same request came before: then nothing is sent again.
    pub(crate) code: Option<String>,
    pub(crate) expires: Timestamp,
    pub(crate) next_attempt: Timestamp,
}

/// What came of entering a code.
#[derive(Debug)]
pub(crate) enum Entered {
    Right(ContactAddress),
    Wrong,
    TooMany(TooMany),
}

/// Why no code is sent or taken.
#[derive(Debug)]
pub(crate) enum BindingError {
    TooMany(TooMany),
    Vault(VaultError),
}

impl From<TooMany> for BindingError {
    fn from(many: TooMany) -> Self {
        Self::TooMany(many)
    }
}

impl From<VaultError> for BindingError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<LedgerError> for BindingError {
    fn from(error: LedgerError) -> Self {
        Self::Vault(error.into())
    }
}

impl Bindings {
    /// Begins to prove an address; the same id again sends nothing and answers alike.
    pub(crate) fn begin(
        &self,
        registry: &Registry,
        id: BindingId,
        contact: &ContactAddress,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Sending, BindingError> {
        let _one = self.one();
        let next_attempt = now.plus_millis(PAUSE_MILLIS);
        if let Some((pending, before, _)) = find_pending(registry, id, now)?
            && before == *contact
        {
            return Ok(Sending { code: None, expires: Timestamp::from_millis(pending.expires), next_attempt });
        }
        let address = contact.reveal().as_bytes();
        Attempts::of(registry, Tried::Code, address, now)?.check()?;
        let sent = Attempts::of(registry, Tried::Sending, address, now)?;
        sent.check_pause(now, PAUSE_MILLIS)?;
        sent.check()?;
        sent.count(now)?;
        let code = one_time_code();
        let sealed = registry.vault().seal_attempt(&id, contact, &code_hash(&id, &code))?;
        let row = PendingRow { sealed: Some(sealed), tries: 0, expires: expires.millis() };
        PENDING.put(registry.ledger(), &id, &row)?;
        Ok(Sending { code: Some(code), expires, next_attempt })
    }

    /// Takes back an attempt whose code could not be sent, so that the same request can be repeated at once.
    pub(crate) fn cancel(
        &self,
        registry: &Registry,
        id: BindingId,
        contact: &ContactAddress,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let _one = self.one();
        Attempts::of(registry, Tried::Sending, contact.reveal().as_bytes(), now)?.take_back()?;
        Ok(PENDING.delete(registry.ledger(), &id)?)
    }

    /// Enters a code; a right one can be entered once.
    pub(crate) fn enter(
        &self,
        registry: &Registry,
        id: BindingId,
        code: &str,
        now: Timestamp,
    ) -> Result<Entered, VaultError> {
        let _one = self.one();
        let Some((mut pending, contact, hash)) = find_pending(registry, id, now)? else { return Ok(Entered::Wrong) };
        if hash == code_hash(&id, code.trim()) {
            PENDING.delete(registry.ledger(), &id)?;
            return Ok(Entered::Right(contact));
        }
        pending.tries += 1;
        if pending.tries < TRIES_MAX {
            PENDING.put(registry.ledger(), &id, &pending)?;
            return Ok(Entered::Wrong);
        }
        PENDING.delete(registry.ledger(), &id)?;
        Attempts::of(registry, Tried::Code, contact.reveal().as_bytes(), now)?.count(now)?;
        Ok(Entered::TooMany(TooMany { until: now.plus_millis(PAUSE_MILLIS) }))
    }

    /// Refuses what was tried too often by, or for, this address or account.
    pub(crate) fn check(
        &self,
        registry: &Registry,
        tried: Tried,
        who: &[u8],
        now: Timestamp,
    ) -> Result<(), BindingError> {
        let _one = self.one();
        Ok(Attempts::of(registry, tried, who, now)?.check()?)
    }

    /// Counts one more, unless there were too many.
    pub(crate) fn count(
        &self,
        registry: &Registry,
        tried: Tried,
        who: &[u8],
        now: Timestamp,
    ) -> Result<(), BindingError> {
        let _one = self.one();
        let attempts = Attempts::of(registry, tried, who, now)?;
        attempts.check()?;
        Ok(attempts.count(now)?)
    }

    /// Clears away what has expired; says how many rows there were.
    pub(crate) fn clear_expired(&self, ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
        let _one = self.one();
        Ok(clear_expired(ledger, now)? + attempts::clear_expired(ledger, now)?)
    }

    /// Counts a request that signs in or registers, from wherever it comes.
    pub(crate) fn count_network(&self, network: Network, now: Timestamp, max: u32) -> Result<(), TooMany> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner).count(network, now, max)
    }

    fn one(&self) -> MutexGuard<'_, ()> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt that has not expired, with its address and the hash of its code.
fn find_pending(
    registry: &Registry,
    id: BindingId,
    now: Timestamp,
) -> Result<Option<(PendingRow, ContactAddress, [u8; 32])>, LedgerError> {
    let row = PENDING.find(registry.ledger(), &id)?.filter(|row| now.millis() < row.expires);
    Ok(row.and_then(|row| {
        let (contact, hash) = registry.vault().open_attempt(&id, row.sealed.as_deref()?)?;
        Some((row, contact, hash))
    }))
}

/// Begins to enter a code that a desk printed; nothing is sent.
pub(crate) fn begin_desk(ledger: &dyn Ledger, id: BindingId, expires: Timestamp) -> Result<(), LedgerError> {
    PENDING.put(ledger, &id, &PendingRow { sealed: None, tries: 0, expires: expires.millis() })
}

/// Whether this attempt is one with a code that a desk printed.
pub(crate) fn is_desk(ledger: &dyn Ledger, id: BindingId, now: Timestamp) -> Result<bool, LedgerError> {
    let row = PENDING.find(ledger, &id)?.filter(|row| now.millis() < row.expires);
    Ok(row.is_some_and(|row| row.sealed.is_none()))
}

/// Remembers a proven address for a session whose holder has not registered; says until when.
pub(crate) fn prove(
    registry: &Registry,
    session: TokenHash,
    contact: &ContactAddress,
    now: Timestamp,
) -> Result<Timestamp, VaultError> {
    let expires = now.plus_millis(REGISTERING_MILLIS);
    let sealed = registry.vault().seal_attempt(&session.0, contact, &[0; 32])?;
    PROVEN.put(registry.ledger(), &session.0, &ProvenRow { sealed, expires: expires.millis() })?;
    Ok(expires)
}

/// The address that this session has proved.
pub(crate) fn proven(
    registry: &Registry,
    session: TokenHash,
    now: Timestamp,
) -> Result<Option<ContactAddress>, LedgerError> {
    let row = PROVEN.find(registry.ledger(), &session.0)?.filter(|row| now.millis() < row.expires);
    Ok(row.and_then(|row| registry.vault().open_attempt(&session.0, &row.sealed)).map(|(contact, _)| contact))
}

/// Forgets a session whose holder has registered or signed out.
pub(crate) fn forget(ledger: &dyn Ledger, session: TokenHash) -> Result<(), LedgerError> {
    PROVEN.delete(ledger, &session.0)
}

fn clear_expired(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    let pending = PENDING.all(ledger, &[])?.into_iter().filter(|(_, row)| row.expires <= now.millis());
    let proven = PROVEN.all(ledger, &[])?.into_iter().filter(|(_, row)| row.expires <= now.millis());
    let (pending, proven): (Vec<_>, Vec<_>) = (pending.collect(), proven.collect());
    pending.iter().try_for_each(|(key, _)| PENDING.delete(ledger, key))?;
    proven.iter().try_for_each(|(key, _)| PROVEN.delete(ledger, key))?;
    Ok(pending.len() + proven.len())
}

/// How many requests came from each network within the present hour.
#[derive(Debug, Default)]
struct Hourly {
    hour: i64,
    counts: HashMap<Network, u32>,
}

impl Hourly {
    fn count(&mut self, network: Network, now: Timestamp, max: u32) -> Result<(), TooMany> {
        let hour = now.millis().div_euclid(HOUR_MILLIS);
        if hour != self.hour {
            *self = Self { hour, counts: HashMap::new() };
        }
        let count = self.counts.entry(network).or_insert(0);
        if *count >= max {
            return Err(TooMany { until: Timestamp::from_millis((hour + 1).saturating_mul(HOUR_MILLIS)) });
        }
        *count += 1;
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct DeskRow {
    person: String,
    expires: i64,
    /// Who printed it.
    account: String,
    /// Set on a code that gives the person's code into somebody's care: how that one is related to the person.
    relation: Option<String>,
}

/// What a code that a desk printed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeskCode {
    /// For whom it was printed.
    pub(crate) person: PersonId,
    /// Who printed it.
    pub(crate) account: SourceId,
    /// Set on a code that gives the person's code into somebody's care.
    pub(crate) relation: Option<Relation>,
}

/// Makes a one-time code that a desk prints for a person it has seen: sixteen digits in fours.
///
/// It lies about for days and names nobody, so wrong ones cannot be counted for a person, and counting them for everybody
/// would let one guesser lock all others out. It is too long to be found instead: of a million codes that are out, one guess
/// finds any with a chance of 1 in 10¹⁰.
pub(crate) fn print_desk_code(ledger: &dyn Ledger, code: &DeskCode, expires: Timestamp) -> Result<String, LedgerError> {
    let fours: [u64; 4] = std::array::from_fn(|_| u64::from_be_bytes(random::bytes()) % 10_000);
    let digits = fours.map(|four| format!("{four:04}"));
    let row = DeskRow {
        person: code.person.to_string(),
        expires: expires.millis(),
        account: code.account.to_string(),
        relation: code.relation.map(|relation| relation.word().to_owned()),
    };
    DESK_CODES.put(ledger, &desk_key(&digits.concat()), &row)?;
    Ok(digits.join(" "))
}

/// What this code says, if a desk printed it and it is one for care, or one for signing in; it can be entered once.
pub(crate) fn enter_desk_code(
    ledger: &dyn Ledger,
    digits: &str,
    for_care: bool,
    now: Timestamp,
) -> Result<Option<DeskCode>, LedgerError> {
    let key = desk_key(&digits.chars().filter(char::is_ascii_digit).collect::<String>());
    let Some(row) = DESK_CODES.find(ledger, &key)?.filter(|row| row.relation.is_some() == for_care) else {
        return Ok(None);
    };
    DESK_CODES.delete(ledger, &key)?;
    Ok(row.read().filter(|_| now.millis() < row.expires))
}

impl DeskRow {
    fn read(&self) -> Option<DeskCode> {
        Some(DeskCode {
            person: PersonId::parse(&self.person).ok()?,
            account: SourceId::parse(&self.account).ok()?,
            relation: self.relation.as_deref().and_then(Relation::from_word),
        })
    }
}

fn desk_key(code: &str) -> [u8; 32] {
    random::hash("desk code", &[code.as_bytes()])
}

fn one_time_code() -> String {
    format!("{:06}", u64::from_be_bytes(random::bytes()) % 1_000_000)
}

fn code_hash(id: &BindingId, code: &str) -> [u8; 32] {
    random::hash("one-time code", &[id, code.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: BindingId = [1; 16];

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn phone() -> ContactAddress {
        ContactAddress::phone("13800138000").unwrap()
    }

    fn registry() -> Registry {
        let host = yima_ledger::Host { clock: std::sync::Arc::new(|| at(0)), random: random::function() };
        let ledger: std::sync::Arc<dyn Ledger> =
            std::sync::Arc::new(yima_ledger::KeyedLedger::in_memory(1, host).unwrap());
        let keyring = yima_registry::vault::Keyring::generate(&random::function());
        let vault = yima_registry::Vault::new(std::sync::Arc::clone(&ledger), keyring, random::function());
        Registry::in_memory(ledger, vault).unwrap()
    }

    fn begin(registry: &Registry, bindings: &Bindings, id: u8, minutes: i64) -> Result<Sending, BindingError> {
        bindings.begin(registry, [id; 16], &phone(), at(minutes), at(minutes + 10))
    }

    fn refused(sending: Result<Sending, BindingError>) -> TooMany {
        match sending {
            Err(BindingError::TooMany(many)) => many,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_right_code_counts_once_and_in_time_and_after_a_restart() {
        let (registry, bindings) = (registry(), Bindings::default());
        let enter = |bindings: &Bindings, id: u8, code: &str, minutes| {
            bindings.enter(&registry, [id; 16], code, at(minutes)).unwrap()
        };
        let code = begin(&registry, &bindings, 1, 0).unwrap().code.unwrap();
        assert!(matches!(enter(&bindings, 1, "x", 1), Entered::Wrong));
        let restarted = Bindings::default();
        let padded = format!(" {code} ");
        assert!(matches!(enter(&restarted, 1, &padded, 9), Entered::Right(contact) if contact == phone()));
        assert!(matches!(enter(&restarted, 1, &code, 9), Entered::Wrong));
        let code = begin(&registry, &bindings, 2, 20).unwrap().code.unwrap();
        assert!(matches!(enter(&bindings, 2, &code, 30), Entered::Wrong), "expired at that very minute");
        assert_eq!(bindings.clear_expired(registry.ledger(), at(30)).unwrap(), 1, "the code, and no count");
        assert_eq!(bindings.clear_expired(registry.ledger(), at(80)).unwrap(), 1, "the codes sent within the hour");
    }

    #[test]
    fn a_repeated_request_sends_nothing() {
        let (registry, bindings) = (registry(), Bindings::default());
        assert!(begin(&registry, &bindings, 1, 0).unwrap().code.is_some());
        assert!(begin(&registry, &bindings, 1, 1).unwrap().code.is_none());
    }

    #[test]
    fn five_wrong_tries_end_the_code() {
        let (registry, bindings) = (registry(), Bindings::default());
        let code = begin(&registry, &bindings, 1, 0).unwrap().code.unwrap();
        let enter = |code: &str| bindings.enter(&registry, ID, code, at(1)).unwrap();
        for _ in 0..4 {
            assert!(matches!(enter("x"), Entered::Wrong));
        }
        assert!(matches!(enter("x"), Entered::TooMany(_)));
        assert!(matches!(enter(&code), Entered::Wrong));
    }

    #[test]
    fn an_address_gets_five_codes_an_hour_and_one_a_minute_and_no_more_after_a_restart() {
        let registry = registry();
        let begin = |id, minutes| super::tests::begin(&registry, &Bindings::default(), id, minutes);
        assert!(begin(1, 0).is_ok());
        let too_soon = Bindings::default().begin(&registry, [2; 16], &phone(), Timestamp::from_millis(59_999), at(10));
        assert_eq!(refused(too_soon), TooMany { until: at(1) });
        for id in 1..5 {
            assert!(begin(10 + id, i64::from(id)).is_ok());
        }
        assert_eq!(refused(begin(20, 30)), TooMany { until: at(60) });
        assert!(begin(20, 60).is_ok());
    }

    #[test]
    fn a_code_that_could_not_be_sent_does_not_count() {
        let (registry, bindings) = (registry(), Bindings::default());
        assert!(begin(&registry, &bindings, 1, 0).is_ok());
        bindings.cancel(&registry, [1; 16], &phone(), at(0)).unwrap();
        assert!(begin(&registry, &bindings, 1, 0).unwrap().code.is_some());
    }

    #[test]
    fn tries_are_counted_for_each_by_itself() {
        let registry = registry();
        let count = |who: &[u8], minutes| Bindings::default().count(&registry, Tried::Password, who, at(minutes));
        for minutes in 0..10 {
            count(b"desk-1", minutes).unwrap();
        }
        assert!(matches!(count(b"desk-1", 59), Err(BindingError::TooMany(many)) if many.until == at(60)));
        let check = |tried| Bindings::default().check(&registry, tried, b"desk-1", at(59));
        assert!(matches!(check(Tried::Password), Err(BindingError::TooMany(_))));
        assert!(check(Tried::Registration).is_ok() && count(b"desk-2", 59).is_ok() && count(b"desk-1", 60).is_ok());
    }

    #[test]
    fn a_network_has_so_many_requests_in_an_hour() {
        let bindings = Bindings::default();
        let count =
            |network: &str, minutes| bindings.count_network(Network::of(network.parse().unwrap()), at(minutes), 2);
        assert_eq!((count("192.0.2.1", 5), count("192.0.2.200", 6)), (Ok(()), Ok(())));
        assert_eq!(count("192.0.2.1", 59), Err(TooMany { until: at(60) }));
        assert_eq!((count("192.0.3.1", 59), count("192.0.2.1", 60)), (Ok(()), Ok(())));
    }

    #[test]
    fn a_proven_address_waits_for_its_registration() {
        let registry = registry();
        let session = TokenHash([5; 32]);
        let expires = prove(&registry, session, &phone(), at(0)).unwrap();
        assert_eq!(proven(&registry, session, expires.plus_millis(-1)).unwrap(), Some(phone()));
        assert_eq!(proven(&registry, session, expires).unwrap(), None);
        forget(registry.ledger(), session).unwrap();
        assert_eq!(proven(&registry, session, at(0)).unwrap(), None);
    }

    #[test]
    fn codes_that_a_desk_printed_count_once() {
        let host = yima_ledger::Host { clock: std::sync::Arc::new(|| at(0)), random: random::function() };
        let ledger = yima_ledger::KeyedLedger::in_memory(1, host).unwrap();
        let desk = |relation| DeskCode {
            person: PersonId::from_bytes([7; 16]),
            account: SourceId::parse("desk-1").unwrap(),
            relation,
        };
        let enter = |code: &str, for_care, minutes| enter_desk_code(&ledger, code, for_care, at(minutes)).unwrap();
        let code = print_desk_code(&ledger, &desk(None), at(100)).unwrap();
        assert_eq!(enter("0", false, 1), None);
        assert_eq!(enter(&code, true, 1), None, "it signs in and does not give into care");
        assert!(code.split(' ').all(|four| four.len() == 4) && code.len() == 19, "{code}");
        assert_eq!(enter(&code.replace(' ', ""), false, 99), Some(desk(None)));
        assert_eq!(enter(&code, false, 99), None);
        let code = print_desk_code(&ledger, &desk(None), at(100)).unwrap();
        assert_eq!(enter(&code, false, 100), None, "expired");
        let code = print_desk_code(&ledger, &desk(Some(Relation::Parent)), at(100)).unwrap();
        assert_eq!(enter(&code, false, 1), None, "it gives into care and signs nobody in");
        assert_eq!(enter(&code, true, 1), Some(desk(Some(Relation::Parent))));
    }
}

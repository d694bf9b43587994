//! Proving a phone or e-mail address: a one-time code goes out, and whoever enters it holds the address.
//!
//! What is pending lives in memory for some minutes: after a restart the person asks for another code.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::fact::Relation;
use yima_model::id::SourceId;
use yima_model::{PersonId, Timestamp};
use yima_registry::vault::ContactAddress;

use crate::random;
use crate::rows::Rows;
use crate::session::TokenHash;

/// How many codes go to one address within an hour.
pub(crate) const SENT_PER_HOUR_MAX: usize = 5;
/// How often a code may be entered wrongly.
pub(crate) const TRIES_MAX: u8 = 5;
/// How many registrations one proven address may try within a day.
pub(crate) const REGISTRATIONS_PER_DAY_MAX: usize = 16;
/// How many wrong desk codes are taken within an hour, from everybody together.
const DESK_WRONG_PER_HOUR_MAX: usize = 600;
/// How many wrong passwords are taken for an account within an hour.
const PASSWORDS_PER_HOUR_MAX: usize = 10;
/// Between two codes to one address.
const PAUSE_MILLIS: i64 = 60_000;
/// How long a proven address waits for its registration.
const REGISTERING_MILLIS: i64 = 2 * HOUR_MILLIS;
/// How much is kept at most; what is oldest goes first.
const PENDING_MAX: usize = 100_000;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

static DESK_CODES: Rows<DeskRow> = Rows::new("desk-code");

/// Names one attempt to prove an address.
pub(crate) type BindingId = [u8; 16];

/// Tells addresses apart without keeping them.
type AddressKey = [u8; 32];

/// What is pending.
#[derive(Debug, Default)]
pub(crate) struct Bindings(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    pending: HashMap<BindingId, Pending>,
    /// Proven addresses whose holders have not registered yet, by session.
    proven: HashMap<TokenHash, Proven>,
    /// Attempts with a code that a desk printed.
    desk: HashMap<BindingId, Timestamp>,
    desk_wrong: Attempts<()>,
    staff_wrong: Attempts<String>,
    sent: Attempts<AddressKey>,
    wrong: Attempts<AddressKey>,
    registrations: Attempts<AddressKey>,
}

#[derive(Debug)]
struct Pending {
    contact: ContactAddress,
    code: [u8; 32],
    tries: u8,
    expires: Timestamp,
}

#[derive(Clone, Debug)]
struct Proven {
    contact: ContactAddress,
    expires: Timestamp,
}

/// A code to be sent.
#[derive(Debug)]
pub(crate) struct Sending {
    /// Absent when the same request came before: then nothing is sent again.
    pub(crate) code: Option<String>,
    pub(crate) expires: Timestamp,
    pub(crate) next_attempt: Timestamp,
}

/// There were too many tries; the next one is possible then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    pub(crate) until: Timestamp,
}

/// What came of entering a code.
#[derive(Debug)]
pub(crate) enum Entered {
    Right(ContactAddress),
    Wrong,
    TooMany(TooMany),
}

impl Bindings {
    /// Begins to prove an address; the same id again sends nothing and answers alike.
    pub(crate) fn begin(
        &self,
        id: BindingId,
        contact: ContactAddress,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Sending, TooMany> {
        let mut state = self.state(now);
        if let Some(pending) = state.pending.get(&id).filter(|pending| pending.contact == contact) {
            let next_attempt = now.plus_millis(PAUSE_MILLIS);
            return Ok(Sending { code: None, expires: pending.expires, next_attempt });
        }
        let address = address_key(&contact);
        state.wrong.check(&address, now, HOUR_MILLIS, usize::from(TRIES_MAX) * SENT_PER_HOUR_MAX)?;
        state.sent.check_pause(&address, now)?;
        state.sent.count(&address, now, HOUR_MILLIS, SENT_PER_HOUR_MAX)?;
        let code = one_time_code();
        state.pending.retain(|_, pending| pending.contact != contact);
        state.pending.insert(id, Pending { contact, code: code_hash(&id, &code), tries: 0, expires });
        Ok(Sending { code: Some(code), expires, next_attempt: now.plus_millis(PAUSE_MILLIS) })
    }

    /// Enters a code; a right one can be entered once.
    pub(crate) fn enter(&self, id: BindingId, code: &str, now: Timestamp) -> Entered {
        let mut state = self.state(now);
        let Some(pending) = state.pending.get_mut(&id) else { return Entered::Wrong };
        let contact = pending.contact.clone();
        if pending.code == code_hash(&id, code.trim()) {
            state.pending.remove(&id);
            return Entered::Right(contact);
        }
        pending.tries += 1;
        if pending.tries < TRIES_MAX {
            return Entered::Wrong;
        }
        state.pending.remove(&id);
        for _ in 0..TRIES_MAX {
            // The bound is looked at where the next code is asked for.
            _ = state.wrong.count(&address_key(&contact), now, HOUR_MILLIS, usize::MAX);
        }
        Entered::TooMany(TooMany { until: now.plus_millis(PAUSE_MILLIS) })
    }

    /// Begins to enter a code that a desk printed; nothing is sent.
    pub(crate) fn begin_desk(&self, id: BindingId, now: Timestamp, expires: Timestamp) {
        self.state(now).desk.insert(id, expires);
    }

    /// Whether this attempt is one with a code that a desk printed.
    pub(crate) fn is_desk(&self, id: BindingId, now: Timestamp) -> bool {
        self.state(now).desk.contains_key(&id)
    }

    /// Refuses further desk codes while too many wrong ones come in from anywhere.
    pub(crate) fn check_desk(&self, now: Timestamp) -> Result<(), TooMany> {
        self.state(now).desk_wrong.check(&(), now, HOUR_MILLIS, DESK_WRONG_PER_HOUR_MAX)
    }

    /// Counts a wrong desk code.
    pub(crate) fn count_wrong_desk(&self, now: Timestamp) -> Result<(), TooMany> {
        self.state(now).desk_wrong.count(&(), now, HOUR_MILLIS, DESK_WRONG_PER_HOUR_MAX)
    }

    /// Refuses to look at passwords of an account for which too many wrong ones came in.
    pub(crate) fn check_password(&self, account: &str, now: Timestamp) -> Result<(), TooMany> {
        self.state(now).staff_wrong.check(&account.to_owned(), now, HOUR_MILLIS, PASSWORDS_PER_HOUR_MAX)
    }

    /// Counts a wrong password.
    pub(crate) fn count_wrong_password(&self, account: &str, now: Timestamp) -> Result<(), TooMany> {
        self.state(now).staff_wrong.count(&account.to_owned(), now, HOUR_MILLIS, PASSWORDS_PER_HOUR_MAX)
    }

    /// Remembers a proven address for a session whose holder has not registered.
    pub(crate) fn prove(&self, session: TokenHash, contact: ContactAddress, now: Timestamp) -> Timestamp {
        let expires = now.plus_millis(REGISTERING_MILLIS);
        self.state(now).proven.insert(session, Proven { contact, expires });
        expires
    }

    /// The address that this session has proved.
    pub(crate) fn proven(&self, session: TokenHash, now: Timestamp) -> Option<ContactAddress> {
        self.state(now).proven.get(&session).map(|proven| proven.contact.clone())
    }

    /// Forgets a session whose holder has registered or signed out.
    pub(crate) fn forget(&self, session: TokenHash, now: Timestamp) {
        self.state(now).proven.remove(&session);
    }

    /// Counts a try to register, so that nobody looks for documents by trying.
    pub(crate) fn count_registration(&self, contact: &ContactAddress, now: Timestamp) -> Result<(), TooMany> {
        self.state(now).registrations.count(&address_key(contact), now, DAY_MILLIS, REGISTRATIONS_PER_DAY_MAX)
    }

    fn state(&self, now: Timestamp) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.pending.len() + state.proven.len() + state.desk.len() > PENDING_MAX {
            state.pending.clear();
            state.desk.clear();
            state.proven.clear();
        }
        state.pending.retain(|_, pending| now < pending.expires);
        state.desk.retain(|_, expires| now < *expires);
        state.proven.retain(|_, proven| now < proven.expires);
        state
    }
}

/// When something was tried, by whom.
#[derive(Debug)]
struct Attempts<K>(HashMap<K, Vec<Timestamp>>);

impl<K> Default for Attempts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + std::hash::Hash> Attempts<K> {
    /// Counts one more, if fewer than `max` lie within the window.
    fn count(&mut self, key: &K, now: Timestamp, window_millis: i64, max: usize) -> Result<(), TooMany> {
        self.check(key, now, window_millis, max)?;
        self.0.entry(key.clone()).or_default().push(now);
        Ok(())
    }

    fn check(&mut self, key: &K, now: Timestamp, window_millis: i64, max: usize) -> Result<(), TooMany> {
        let since = now.plus_millis(-window_millis);
        self.0.retain(|_, times| {
            times.retain(|at| since < *at);
            !times.is_empty()
        });
        match self.0.get(key) {
            Some(times) if times.len() >= max => {
                let first = times.get(times.len() - max).copied().unwrap_or(now);
                Err(TooMany { until: first.plus_millis(window_millis) })
            }
            _ => Ok(()),
        }
    }

    fn check_pause(&self, key: &K, now: Timestamp) -> Result<(), TooMany> {
        let until = self.0.get(key).and_then(|times| times.last()).map(|last| last.plus_millis(PAUSE_MILLIS));
        until.filter(|until| now < *until).map_or(Ok(()), |until| Err(TooMany { until }))
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

/// Makes a one-time code that a desk prints for a person it has seen; ten digits, since it lies about for days.
pub(crate) fn print_desk_code(ledger: &dyn Ledger, code: &DeskCode, expires: Timestamp) -> Result<String, LedgerError> {
    let digits = format!("{:010}", u64::from_be_bytes(random::bytes()) % 10_000_000_000);
    let row = DeskRow {
        person: code.person.to_string(),
        expires: expires.millis(),
        account: code.account.to_string(),
        relation: code.relation.map(|relation| relation.word().to_owned()),
    };
    DESK_CODES.put(ledger, &desk_key(&digits), &row)?;
    Ok(digits)
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

fn address_key(contact: &ContactAddress) -> AddressKey {
    random::hash("address", &[contact.reveal().as_bytes()])
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

    fn begin(bindings: &Bindings, id: u8, minutes: i64) -> Result<Sending, TooMany> {
        bindings.begin([id; 16], phone(), at(minutes), at(minutes + 10))
    }

    #[test]
    fn the_right_code_counts_once_and_in_time() {
        let bindings = Bindings::default();
        let code = begin(&bindings, 1, 0).unwrap().code.unwrap();
        assert!(matches!(bindings.enter(ID, "x", at(1)), Entered::Wrong));
        assert!(
            matches!(bindings.enter(ID, &format!(" {code} "), at(9)), Entered::Right(contact) if contact == phone())
        );
        assert!(matches!(bindings.enter(ID, &code, at(9)), Entered::Wrong));
        let code = begin(&bindings, 2, 20).unwrap().code.unwrap();
        assert!(matches!(bindings.enter([2; 16], &code, at(30)), Entered::Wrong), "expired at that very minute");
    }

    #[test]
    fn a_repeated_request_sends_nothing() {
        let bindings = Bindings::default();
        assert!(begin(&bindings, 1, 0).unwrap().code.is_some());
        assert!(begin(&bindings, 1, 1).unwrap().code.is_none());
    }

    #[test]
    fn five_wrong_tries_end_the_code() {
        let bindings = Bindings::default();
        let code = begin(&bindings, 1, 0).unwrap().code.unwrap();
        for _ in 0..4 {
            assert!(matches!(bindings.enter(ID, "x", at(1)), Entered::Wrong));
        }
        assert!(matches!(bindings.enter(ID, "x", at(1)), Entered::TooMany(_)));
        assert!(matches!(bindings.enter(ID, &code, at(1)), Entered::Wrong));
    }

    #[test]
    fn an_address_gets_five_codes_an_hour_and_one_a_minute() {
        let bindings = Bindings::default();
        assert!(begin(&bindings, 1, 0).is_ok());
        let too_soon = bindings.begin([2; 16], phone(), Timestamp::from_millis(59_999), at(10)).unwrap_err();
        assert_eq!(too_soon, TooMany { until: at(1) });
        for id in 1..5 {
            assert!(begin(&bindings, 10 + id, i64::from(id)).is_ok());
        }
        assert_eq!(begin(&bindings, 20, 30).unwrap_err(), TooMany { until: at(60) });
        assert!(begin(&bindings, 20, 60).is_ok());
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
        let spaced = format!("{} {}", &code[..5], &code[5..]);
        assert_eq!(enter(&spaced, false, 99), Some(desk(None)));
        assert_eq!(enter(&code, false, 99), None);
        let code = print_desk_code(&ledger, &desk(None), at(100)).unwrap();
        assert_eq!(enter(&code, false, 100), None, "expired");
        let code = print_desk_code(&ledger, &desk(Some(Relation::Parent)), at(100)).unwrap();
        assert_eq!(enter(&code, false, 1), None, "it gives into care and signs nobody in");
        assert_eq!(enter(&code, true, 1), Some(desk(Some(Relation::Parent))));
    }
}

//! How often something was tried, so that nobody finds a secret or a person by trying.
//!
//! The instants lie in the ledger's tables, so that a restart gives no further tries; whose they are stands there as a
//! keyed hash alone.

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::Timestamp;
use yima_registry::Registry;
use yima_registry::vault::VaultError;

use crate::rows::{Rows, table};

static ATTEMPTS: Rows<Row> = Rows::new(table::ATTEMPT);

/// How many codes go to one address within an hour.
const SENT_PER_HOUR_MAX: usize = 5;
/// How many registrations one proven address may try within a day.
const REGISTRATIONS_PER_DAY_MAX: usize = 16;
/// How many serials of paper that are not the person's somebody may give within an hour.
const PAPER_SERIALS_PER_HOUR_MAX: usize = 10;
/// How often what one person declared is amended within an hour: more than any mistakes need.
const AMENDMENTS_PER_HOUR_MAX: usize = 60;
/// How many people one account may look up within an hour: a busy lane, not a list.
const LOOK_UPS_PER_HOUR_MAX: usize = 30;
/// How many people are looked up at one place within an hour, by all who work there.
const LOOK_UPS_AT_PLACE_PER_HOUR_MAX: usize = 120;
/// How many people whom nobody knows another province's system may ask about within an hour.
const UNKNOWN_PER_HOUR_MAX: usize = 600;
/// How many cards one reader asks about within an hour: those without a code, one every half minute.
const CARDS_PER_HOUR_MAX: usize = 120;
/// How many cards are asked about at one place within an hour, by all its readers.
const CARDS_AT_PLACE_PER_HOUR_MAX: usize = 360;
/// How many cards are asked about in one shift, which is a session of a reader.
const CARDS_IN_SHIFT_MAX: usize = 600;
/// How many wrong passwords are taken for an account within an hour.
const PASSWORDS_PER_HOUR_MAX: usize = 10;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// A code was sent to an address.
    Sending,
    /// A code that was sent to an address was entered wrongly as often as it may be.
    Code,
    /// Somebody with a proven address tried to register a document.
    Registration,
    /// A password of an account was entered wrongly.
    Password,
    /// Somebody reported paper lost with a serial that is not the person's.
    PaperSerial,
    /// A declaration or check-in of a person was amended.
    Amendment,
    /// A member of staff looked somebody up at an entrance.
    LookUp,
    /// Somebody was looked up at this place.
    LookUpAtPlace,
    /// Another province's system asked about somebody whom nobody knows.
    PeerLookUp,
    /// A reader asked about a card.
    Card,
    /// Some reader at this place asked about a card.
    CardAtPlace,
    /// A reader asked about a card in this session.
    CardInShift,
}

impl Tried {
    const fn label(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Code => "code",
            Self::Registration => "registration",
            Self::Password => "password",
            Self::PaperSerial => "paper serial",
            Self::Amendment => "amendment",
            Self::LookUp => "look-up",
            Self::LookUpAtPlace => "look-up at place",
            Self::PeerLookUp => "look-up by peer",
            Self::Card => "card",
            Self::CardAtPlace => "card at place",
            Self::CardInShift => "card in shift",
        }
    }

    /// How often, and within how many milliseconds.
    const fn bound(self) -> (usize, i64) {
        match self {
            Self::Sending | Self::Code => (SENT_PER_HOUR_MAX, HOUR_MILLIS),
            Self::Registration => (REGISTRATIONS_PER_DAY_MAX, DAY_MILLIS),
            Self::Password => (PASSWORDS_PER_HOUR_MAX, HOUR_MILLIS),
            Self::PaperSerial => (PAPER_SERIALS_PER_HOUR_MAX, HOUR_MILLIS),
            Self::Amendment => (AMENDMENTS_PER_HOUR_MAX, HOUR_MILLIS),
            Self::LookUp => (LOOK_UPS_PER_HOUR_MAX, HOUR_MILLIS),
            Self::LookUpAtPlace => (LOOK_UPS_AT_PLACE_PER_HOUR_MAX, HOUR_MILLIS),
            Self::PeerLookUp => (UNKNOWN_PER_HOUR_MAX, HOUR_MILLIS),
            Self::Card => (CARDS_PER_HOUR_MAX, HOUR_MILLIS),
            Self::CardAtPlace => (CARDS_AT_PLACE_PER_HOUR_MAX, HOUR_MILLIS),
            // No session is longer.
            Self::CardInShift => (CARDS_IN_SHIFT_MAX, DAY_MILLIS),
        }
    }
}

/// There were too many tries; the next one is possible then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    pub(crate) until: Timestamp,
}

/// When something was tried by, or for, one address or account.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    registry: &'a Registry,
    key: [u8; 32],
    tried: Tried,
    row: Row,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Row {
    /// Within the window, ascending.
    at: Vec<i64>,
    /// When the last one leaves the window.
    expires: i64,
}

impl<'a> Attempts<'a> {
    /// Reads what was tried within the window before `now`.
    pub(crate) fn of(registry: &'a Registry, tried: Tried, who: &[u8], now: Timestamp) -> Result<Self, VaultError> {
        let key = registry.vault().hash_passing(tried.label(), who)?;
        let mut row = ATTEMPTS.find(registry.ledger(), &key)?.unwrap_or_default();
        let since = now.plus_millis(-tried.bound().1).millis();
        row.at.retain(|at| since < *at);
        Ok(Self { registry, key, tried, row })
    }

    /// Whether one more may be tried.
    pub(crate) fn check(&self) -> Result<(), TooMany> {
        let (max, window_millis) = self.tried.bound();
        let oldest = self.row.at.len().checked_sub(max).and_then(|at| self.row.at.get(at));
        oldest.map_or(Ok(()), |at| Err(TooMany { until: Timestamp::from_millis(*at).plus_millis(window_millis) }))
    }

    /// Whether the last one lies far enough back.
    pub(crate) fn check_pause(&self, now: Timestamp, pause_millis: i64) -> Result<(), TooMany> {
        let until = self.row.at.last().map(|last| Timestamp::from_millis(*last).plus_millis(pause_millis));
        until.filter(|until| now < *until).map_or(Ok(()), |until| Err(TooMany { until }))
    }

    /// Counts one more.
    pub(crate) fn count(mut self, now: Timestamp) -> Result<(), LedgerError> {
        self.row.at.push(now.millis());
        self.put()
    }

    /// Takes back the last one.
    pub(crate) fn take_back(mut self) -> Result<(), LedgerError> {
        self.row.at.pop();
        self.put()
    }

    fn put(mut self) -> Result<(), LedgerError> {
        let Some(last) = self.row.at.last() else { return ATTEMPTS.delete(self.registry.ledger(), &self.key) };
        self.row.expires = Timestamp::from_millis(*last).plus_millis(self.tried.bound().1).millis();
        ATTEMPTS.put(self.registry.ledger(), &self.key, &self.row)
    }
}

/// Clears away what lies before every window; says how many rows there were. Nobody may count meanwhile.
pub(crate) fn clear_expired(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    let rows = ATTEMPTS.all(ledger, &[])?.into_iter().filter(|(_, row)| row.expires <= now.millis());
    let keys: Vec<_> = rows.map(|(key, _)| key).collect();
    keys.iter().try_for_each(|key| ATTEMPTS.delete(ledger, key))?;
    Ok(keys.len())
}

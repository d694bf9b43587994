//! Tables of what the node itself must remember, in the tables that the ledger keeps for many nodes.
//!
//! Nothing in them says who a person is: persons stand there by their random ids alone.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use yima_ledger::{Claim, Ledger, LedgerError, RowTable, StoreError};
use yima_model::PersonId;

macro_rules! tables {
    ($($name:ident = $word:literal;)+) => {
        /// Every table of the node, so that none is forgotten when a person is.
        pub(crate) mod table {
            use super::{RowTable, Table};
            $(pub(crate) const $name: Table = Table(RowTable::new($word));)+
            pub(super) const ALL: &[Table] = &[$($name,)+];
        }
    };
}

tables! {
    ADDED_AREA = "area";
    ARRIVAL_DUTY = "arrival-duty";
    ATTEMPT = "attempt";
    CARD_TICKET = "card-ticket";
    CHANGE_LOOKED = "change-looked";
    CHANGE_SENT = "change-sent";
    CHILD_LOOK_UP = "child-look-up";
    DEFECT = "known-defect";
    DESK_CODE = "desk-code";
    GBT_CODE = "gbt-code";
    GBT_SERIAL = "gbt-serial";
    LIVE_CODE = "live-code";
    LOOK = "look";
    LOOK_PLACE = "look-place";
    ONE_TIME_CODE = "one-time-code";
    PAPER_CODE = "paper-code";
    PAPER_CODE_OF = "paper-code-of";
    PLACE = "place";
    PLEDGE = "pledge";
    PROVEN = "proven";
    PROVISIONAL = "provisional-record";
    REVIEW_ORDER = "review-order";
    REVIEW_WAITING = "review-waiting";
    SESSION = "session";
    SESSION_OF = "session-of";
    STAFF = "staff";
    STAFF_SESSION = "staff-session";
    TRANSPORT_NOTICE = "transport-notice";
    UNDELIVERED = "undelivered";
    UNLISTED_PLACE = "unlisted-place";
    VENUE = "venue";
    VENUE_DEVICE = "venue-device";
    VENUE_ENROLMENT = "venue-enrolment";
    VENUE_WARNING = "venue-warning";
}

/// The name of a table of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table(RowTable);

/// One table with rows of one type.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    table: RowTable,
    row: PhantomData<fn() -> T>,
}

/// Rows read at a time.
const PAGE: usize = 1024;

impl<T: Serialize + DeserializeOwned> Rows<T> {
    pub(crate) const fn new(table: Table) -> Self {
        Self { table: table.0, row: PhantomData }
    }

    pub(crate) fn find(&self, ledger: &dyn Ledger, key: &[u8]) -> Result<Option<T>, LedgerError> {
        ledger.row(self.table, key)?.map(|value| read(&value)).transpose()
    }

    pub(crate) fn put(&self, ledger: &dyn Ledger, key: &[u8], row: &T) -> Result<(), LedgerError> {
        ledger.put_row(self.table, key, &write(row)?)
    }

    /// Puts the row if there is none with this key; gives the one that was there.
    pub(crate) fn claim(&self, ledger: &dyn Ledger, key: &[u8], row: &T) -> Result<Option<T>, LedgerError> {
        match ledger.claim_row(self.table, key, &write(row)?)? {
            Claim::Inserted => Ok(None),
            Claim::Taken(value) => read(&value).map(Some),
        }
    }

    pub(crate) fn delete(&self, ledger: &dyn Ledger, key: &[u8]) -> Result<(), LedgerError> {
        ledger.delete_row(self.table, key)
    }

    /// The rows with the lowest keys, so many at most.
    pub(crate) fn first(&self, ledger: &dyn Ledger, max: usize) -> Result<Vec<(Vec<u8>, T)>, LedgerError> {
        let rows = ledger.rows(self.table, &[], max)?.into_iter();
        rows.map(|(key, value)| Ok((key, read(&value)?))).collect()
    }

    /// Deletes every row whose key is below `end`; says how many.
    pub(crate) fn delete_below(&self, ledger: &dyn Ledger, end: &[u8]) -> Result<usize, LedgerError> {
        let mut deleted = 0;
        loop {
            let page = ledger.rows(self.table, &[], PAGE)?;
            let below = page.iter().take_while(|(key, _)| key.as_slice() < end).count();
            for (key, _) in page.iter().take(below) {
                ledger.delete_row(self.table, key)?;
            }
            deleted += below;
            if below < PAGE {
                return Ok(deleted);
            }
        }
    }

    /// Every row whose key begins with `prefix`, ascending by key.
    pub(crate) fn all(&self, ledger: &dyn Ledger, prefix: &[u8]) -> Result<Vec<(Vec<u8>, T)>, LedgerError> {
        let mut found = Vec::new();
        let mut from = prefix.to_vec();
        loop {
            let page = ledger.rows(self.table, &from, PAGE)?;
            let is_last = page.len() < PAGE;
            let Some((last, _)) = page.last() else { return Ok(found) };
            from = [last.as_slice(), &[0]].concat();
            for (key, value) in page {
                if !key.starts_with(prefix) {
                    return Ok(found);
                }
                found.push((key, read(&value)?));
            }
            if is_last {
                return Ok(found);
            }
        }
    }
}

/// Deletes every row of the node's tables that names a person, in its key or in its content.
///
/// # Errors
/// [`LedgerError`]; calling again goes on where it failed.
pub fn forget_person(ledger: &dyn Ledger, person: PersonId) -> Result<(), LedgerError> {
    let text = person.to_string();
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for Table(table) in table::ALL {
        let mut from = Vec::new();
        loop {
            let page = ledger.rows(*table, &from, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            from = [last.as_slice(), &[0]].concat();
            for (key, value) in &page {
                if holds(key, person.bytes()) || holds(value, text.as_bytes()) {
                    ledger.delete_row(*table, key)?;
                }
            }
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(value: &[u8]) -> Result<T, LedgerError> {
    serde_json::from_slice(value).map_err(|_| StoreError::Row.into())
}

fn write<T: Serialize>(row: &T) -> Result<Vec<u8>, LedgerError> {
    serde_json::to_vec(row).map_err(|_| StoreError::Row.into())
}

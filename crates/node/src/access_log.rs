//! Who looked: every reading of somebody's record by another, kept for that person to see.

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{PersonId, Timestamp};

use crate::random;
use crate::rows::{Rows, table};

static LOOKS: Rows<Look> = Rows::new(table::LOOK);

/// One reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Look {
    /// When, in milliseconds since 1970.
    pub(crate) at: i64,
    /// `guardian`, or the role of a member of staff.
    pub(crate) role: String,
    /// The account of a member of staff.
    pub(crate) account: Option<String>,
    /// What was done.
    pub(crate) action: Action,
}

/// What somebody did with another's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Looked the person up by document.
    Found,
    /// Registered the person.
    Registered,
    /// Kept the date of birth that stands on the document.
    KeptBirth,
    /// Filed a check-in for the person.
    CheckedIn,
    /// Read colour and grounds.
    ReadVerdict,
    /// Fetched codes.
    FetchedCodes,
    /// Printed a code on paper or a one-time code.
    Printed,
    /// Reported a paper code lost.
    ReportedLoss,
    /// Said that a lost paper code has been found.
    FoundPaper,
    /// Looked the person up at an entrance.
    LookedUp,
    /// Gave the code into somebody's care, or ended that.
    ChangedCare,
    /// Looked for a child as a proven parent.
    LookedUpChild,
    /// Opened a provisional record for a child of the family.
    OpenedProvisional,
    /// Read which listed places were visited.
    ReadVisits,
    /// Read an arrival from a listed place.
    ReadArrival,
    /// Read an application that waits for its review.
    ReadReview,
    /// Reviewed an application.
    Reviewed,
    /// Read a contested fact.
    ReadDispute,
    /// Passed on what the person declared to another system.
    Declared,
    /// Contested a fact for the person.
    Contested,
}

impl Action {
    /// The word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Registered => "registered",
            Self::KeptBirth => "kept-birth",
            Self::CheckedIn => "checked-in",
            Self::ReadVerdict => "read-verdict",
            Self::FetchedCodes => "fetched-codes",
            Self::Printed => "printed",
            Self::ReportedLoss => "reported-loss",
            Self::FoundPaper => "found-paper",
            Self::LookedUp => "looked-up",
            Self::ChangedCare => "changed-care",
            Self::LookedUpChild => "looked-up-child",
            Self::OpenedProvisional => "opened-provisional",
            Self::ReadVisits => "read-visits",
            Self::ReadArrival => "read-arrival",
            Self::ReadReview => "read-review",
            Self::Reviewed => "reviewed",
            Self::ReadDispute => "read-dispute",
            Self::Declared => "declared",
            Self::Contested => "contested",
        }
    }
}

/// Writes down a reading by a member of staff; what is read as a list, once a day.
pub(crate) fn note_staff(
    ledger: &dyn Ledger,
    person: PersonId,
    staff: &crate::staff::Staff,
    action: Action,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let account = Some(staff.account.to_string());
    let look = Look { at: now.millis(), role: staff.role.word().to_owned(), account, action };
    match action {
        Action::ReadDispute | Action::ReadArrival => {
            note_daily(ledger, person, staff.account.as_str().as_bytes(), &look)
        }
        _ => LOOKS.put(ledger, &key(person, now.millis(), random::bytes()), &look),
    }
}

/// Writes down that a guardian read a dependent's record, once a day for each thing.
pub(crate) fn note_guardian(
    ledger: &dyn Ledger,
    person: PersonId,
    guardian: PersonId,
    action: Action,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let look = Look { at: now.millis(), role: "guardian".to_owned(), account: None, action };
    note_daily(ledger, person, guardian.bytes(), &look)
}

fn note_daily(ledger: &dyn Ledger, person: PersonId, who: &[u8], look: &Look) -> Result<(), LedgerError> {
    let [a, b, c, d, ..] = random::hash("look", &[who, look.action.word().as_bytes()]);
    let key = key(person, look.at - look.at.rem_euclid(DAY_MILLIS), [a, b, c, d]);
    match LOOKS.find(ledger, &key)? {
        Some(_) => Ok(()),
        None => LOOKS.put(ledger, &key, look),
    }
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// Who looked at the record of a person, the latest first.
pub(crate) fn of_person(ledger: &dyn Ledger, person: PersonId) -> Result<Vec<Look>, LedgerError> {
    let mut looks: Vec<Look> = LOOKS.all(ledger, person.bytes())?.into_iter().map(|(_, look)| look).collect();
    looks.sort_by_key(|look| std::cmp::Reverse(look.at));
    Ok(looks)
}

fn key(person: PersonId, at_millis: i64, nonce: [u8; 4]) -> Vec<u8> {
    [person.bytes().as_slice(), &at_millis.to_be_bytes(), &nonce].concat()
}

//! Who looked: every reading of somebody's record by another, kept for that person to see.

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{PersonId, Timestamp};
use yima_registry::Registry;
use yima_registry::vault::VaultError;

use crate::random;
use crate::rows::{Rows, table};
use crate::staff::Staff;

static LOOKS: Rows<Look> = Rows::new(table::LOOK);
/// At which entrance somebody was looked up, by the day and then by the key of the look.
static PLACES: Rows<SealedPlace> = Rows::new(table::LOOK_PLACE);

/// For how long the person sees at which entrance a look-up was.
const PLACE_DAYS: i64 = 28;

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

/// The name of an entrance, sealed under the key of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SealedPlace {
    sealed: Vec<u8>,
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
    /// Read what the person declared, or which addresses the person gave.
    ReadRecord,
    /// Changed what the person had said, as the person asked.
    Amended,
    /// Filed what a certificate of another issuer says of the person.
    FiledCertificate,
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
            Self::ReadRecord => "read-record",
            Self::Amended => "amended",
            Self::FiledCertificate => "filed-certificate",
        }
    }
}

/// Writes down a reading by a member of staff; what is read as a list, once a day.
pub(crate) fn note_staff(
    ledger: &dyn Ledger,
    person: PersonId,
    staff: &Staff,
    action: Action,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let look = by_staff(staff, action, now);
    match action {
        Action::ReadDispute | Action::ReadArrival => {
            note_daily(ledger, person, staff.account.as_str().as_bytes(), &look)
        }
        _ => LOOKS.put(ledger, &key(person, now.millis(), random::bytes()), &look),
    }
}

/// Whether the account has found the person by document, or registered the person, since then.
pub(crate) fn has_found(
    ledger: &dyn Ledger,
    person: PersonId,
    staff: &Staff,
    since: Timestamp,
) -> Result<bool, LedgerError> {
    let is_finding = |look: &Look| {
        matches!(look.action, Action::Found | Action::Registered)
            && look.account.as_deref() == Some(staff.account.as_str())
            && since.millis() < look.at
    };
    Ok(LOOKS.all(ledger, person.bytes())?.iter().any(|(_, look)| is_finding(look)))
}

/// Writes down that somebody was looked up at an entrance.
///
/// Where nobody was found the same is written about nobody, in the place of what stood there, with the work that a
/// `stand_in` makes: how long it takes tells nothing.
pub(crate) fn note_look_up(
    registry: &Registry,
    found: Option<PersonId>,
    stand_in: PersonId,
    staff: &Staff,
    place: &str,
    now: Timestamp,
) -> Result<(), VaultError> {
    let key = match found {
        Some(person) => key(person, now.millis(), random::bytes()),
        None => key(NOBODY, 0, [0; 4]),
    };
    let sealed = registry.vault().seal_note(found.unwrap_or(stand_in), &key, place.as_bytes())?;
    PLACES.put(registry.ledger(), &place_key(&key, now.millis()), &SealedPlace { sealed })?;
    Ok(LOOKS.put(registry.ledger(), &key, &by_staff(staff, Action::LookedUp, now))?)
}

/// Clears away at which entrances people were looked up, once they need not see it any longer; says how many there were.
pub(crate) fn clear_places(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    PLACES.delete_below(ledger, &(now.millis() - PLACE_DAYS * DAY_MILLIS).to_be_bytes())
}

fn by_staff(staff: &Staff, action: Action, now: Timestamp) -> Look {
    let account = Some(staff.account.to_string());
    Look { at: now.millis(), role: staff.role.word().to_owned(), account, action }
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

/// Nobody's id: 128 random bits are never all zero.
const NOBODY: PersonId = PersonId::from_bytes([0; 16]);

/// Who looked at the record of a person, the latest first, and at which entrance it was.
pub(crate) fn of_person(registry: &Registry, person: PersonId) -> Result<Vec<(Look, Option<String>)>, VaultError> {
    let mut looks = LOOKS.all(registry.ledger(), person.bytes())?;
    looks.sort_by_key(|(_, look)| std::cmp::Reverse(look.at));
    let placed = |(key, look): (Vec<u8>, Look)| {
        let place = place_of(registry, person, &key, &look)?;
        Ok((look, place))
    };
    looks.into_iter().map(placed).collect()
}

fn place_of(registry: &Registry, person: PersonId, key: &[u8], look: &Look) -> Result<Option<String>, VaultError> {
    if look.action != Action::LookedUp {
        return Ok(None);
    }
    let Some(row) = PLACES.find(registry.ledger(), &place_key(key, look.at))? else { return Ok(None) };
    let place = registry.vault().open_note(person, key, &row.sealed)?;
    String::from_utf8(place).map(Some).map_err(|_| VaultError::Damaged)
}

fn key(person: PersonId, at_millis: i64, nonce: [u8; 4]) -> Vec<u8> {
    [person.bytes().as_slice(), &at_millis.to_be_bytes(), &nonce].concat()
}

fn place_key(look: &[u8], at_millis: i64) -> Vec<u8> {
    [&(at_millis - at_millis.rem_euclid(DAY_MILLIS)).to_be_bytes(), look].concat()
}

//! Why a code or a list is refused: closed sets of reasons with stable codes.

use thiserror::Error;

use crate::cbor::WrongShape;
use crate::cose::FormFault;

/// Why a code is not accepted. Where several hold, the first of this order is the one; docs/CODE.md has the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// No text.
    #[error("nothing was scanned; scan again")]
    Empty,
    /// The text does not begin with `YM1:`.
    #[error("this is no health code; ask for the health code")]
    NotOurs,
    /// More text than a code can have.
    #[error("this is too long for a health code")]
    Oversized,
    /// The text is no base45.
    #[error("the code is damaged; scan again")]
    Base45Invalid,
    /// The bytes are no signed object of ours.
    #[error("the code is damaged: {0}")]
    Form(#[from] FormFault),
    /// The device's layer is not what it must be.
    #[error("the code is damaged: the part of the phone cannot be read")]
    PresentationInvalid,
    /// A claim that every code has is not there.
    #[error("the code is incomplete; ask the holder to open the page again")]
    ClaimMissing,
    /// A claim has another type or value than it may have.
    #[error("the code says something that no code says")]
    ClaimInvalid,
    /// It would end before it begins, or lasts longer than any code may.
    #[error("the code has a length of time that no code has")]
    LifetimeInvalid,
    /// The trust list of the checkpoint has expired.
    #[error("the list of keys is too old; connect this device once")]
    TrustListTooOld,
    /// The code names another issuer than the trust list.
    #[error("the code is of another issuer")]
    IssuerWrong,
    /// The key is unknown, of another use, invalid or revoked, or the signature is wrong.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A live credential without the signature of a device.
    #[error("this is a copy without the phone; ask the holder to show the live code")]
    PresentationMissing,
    /// Another device signed than the one to which the credential was given.
    #[error("another phone shows this code; ask for the holder's own")]
    PresentationKeyMismatch,
    /// What was opened is not what the issuer committed to.
    #[error("the name on the code was changed")]
    WhoMismatch,
    /// The code is from the future.
    #[error("the code is not valid yet; check the clock of this device")]
    NotYetValid,
    /// The code has ended.
    #[error("the code has expired; ask the holder to open the page again")]
    Expired,
    /// The device signed in the future.
    #[error("the phone is ahead of the time; check both clocks")]
    PresentationFromFuture,
    /// The device signed more than a minute ago.
    #[error("this is a screenshot or an old picture; ask for the live code")]
    PresentationTooOld,
    /// This very picture was shown here before.
    #[error("this picture was already shown here; wait for the next one")]
    Replayed,
    /// A place without staff takes live codes only.
    #[error("a paper code needs the staffed lane")]
    PaperNotAccepted,
    /// The checkpoint has no status list with this number.
    #[error("the status list of this paper code is not here; connect this device once")]
    StatusListMissing,
    /// The status list is more than a day old.
    #[error("the status list is too old; connect this device once")]
    StatusListTooOld,
    /// The status list has no such entry.
    #[error("the paper code points past the end of its status list")]
    StatusIndexOutOfRange,
    /// The paper code does not pass now; why is not said.
    #[error("the paper code does not pass now; the desk or the telephone says why")]
    StatusFallen,
    /// The data behind the code are older than this place takes.
    #[error("the data behind the code are too old for this place")]
    Stale,
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotOurs => "not_ours",
            Self::Oversized => "oversized",
            Self::Base45Invalid => "base45_invalid",
            Self::Form(fault) => fault.code(),
            Self::PresentationInvalid => "presentation_invalid",
            Self::ClaimMissing => "claim_missing",
            Self::ClaimInvalid => "claim_invalid",
            Self::LifetimeInvalid => "lifetime_invalid",
            Self::TrustListTooOld => "trust_list_too_old",
            Self::IssuerWrong => "issuer_wrong",
            Self::Key(fault) => fault.code(),
            Self::PresentationMissing => "presentation_missing",
            Self::PresentationKeyMismatch => "presentation_key_mismatch",
            Self::WhoMismatch => "who_mismatch",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::PresentationFromFuture => "presentation_from_future",
            Self::PresentationTooOld => "presentation_too_old",
            Self::Replayed => "replayed",
            Self::PaperNotAccepted => "paper_not_accepted",
            Self::StatusListMissing => "status_list_missing",
            Self::StatusListTooOld => "status_list_too_old",
            Self::StatusIndexOutOfRange => "status_index_out_of_range",
            Self::StatusFallen => "status_fallen",
            Self::Stale => "stale",
        }
    }

    /// All refusals.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Empty, Self::NotOurs, Self::Oversized, Self::Base45Invalid]
            .into_iter()
            .chain(FormFault::all().map(Self::Form))
            .chain([
                Self::PresentationInvalid,
                Self::ClaimMissing,
                Self::ClaimInvalid,
                Self::LifetimeInvalid,
                Self::TrustListTooOld,
                Self::IssuerWrong,
            ])
            .chain(KeyFault::ALL.into_iter().map(Self::Key))
            .chain([
                Self::PresentationMissing,
                Self::PresentationKeyMismatch,
                Self::WhoMismatch,
                Self::NotYetValid,
                Self::Expired,
                Self::PresentationFromFuture,
                Self::PresentationTooOld,
                Self::Replayed,
                Self::PaperNotAccepted,
                Self::StatusListMissing,
                Self::StatusListTooOld,
                Self::StatusIndexOutOfRange,
                Self::StatusFallen,
                Self::Stale,
            ])
    }
}

/// What is wrong with the key that a signed object names, or with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum KeyFault {
    /// No key with this id counts here.
    #[error("an unknown key signed this")]
    Unknown,
    /// The key may sign something else only.
    #[error("a key for another use signed this")]
    UseWrong,
    /// The key did not sign this.
    #[error("the signature is wrong; this was forged or damaged")]
    SignatureInvalid,
    /// The key could not sign at the time of issue.
    #[error("the key was not valid when this was issued")]
    NotValidAtIssue,
    /// What the key signed from some instant on does not count.
    #[error("the key was revoked")]
    Revoked,
}

impl KeyFault {
    /// All faults.
    pub const ALL: [Self; 5] =
        [Self::Unknown, Self::UseWrong, Self::SignatureInvalid, Self::NotValidAtIssue, Self::Revoked];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "key_unknown",
            Self::UseWrong => "key_use_wrong",
            Self::SignatureInvalid => "signature_invalid",
            Self::NotValidAtIssue => "key_not_valid_at_issue",
            Self::Revoked => "key_revoked",
        }
    }
}

/// Why a trust list or a status list is not taken; the caller keeps the one that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum ListRefusal {
    /// More bytes than a list may have.
    #[error("the list is too large")]
    Oversized,
    /// The bytes are no signed object of ours.
    #[error("the list is damaged or unsigned: {0}")]
    Form(#[from] FormFault),
    /// Another kind of list.
    #[error("this is another kind of list")]
    TypeWrong,
    /// The key is unknown (a list of another root), of another use, invalid or revoked, or the signature is wrong.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// Something is missing, out of bounds or of another type.
    #[error("the list has not the content of such a list")]
    ContentInvalid,
    /// The entries cannot be inflated, are too many, or are not padded.
    #[error("the entries of the list cannot be read")]
    EntriesInvalid,
    /// A list of the test environment where production is pinned, or the reverse.
    #[error("the list belongs to another environment")]
    EnvironmentWrong,
    /// A trust list without a key.
    #[error("the list has no keys")]
    NoKeys,
    /// The subject is not the address that the trust list gives.
    #[error("the list is not the one that the trust list names")]
    SubjectWrong,
    /// It would end before it begins, or lasts longer than such a list may.
    #[error("the list has a length of time that no list has")]
    LifetimeInvalid,
    /// Older than the list that is held.
    #[error("the list is older than the one that is held")]
    RolledBack,
    /// Another list with the same number.
    #[error("another list with the same number is held")]
    NumberReused,
    /// The list has ended.
    #[error("the list has expired; fetch a new one")]
    Expired,
}

impl ListRefusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Oversized => "oversized",
            Self::Form(fault) => fault.code(),
            Self::TypeWrong => "type_wrong",
            Self::Key(fault) => fault.code(),
            Self::ContentInvalid => "content_invalid",
            Self::EntriesInvalid => "entries_invalid",
            Self::EnvironmentWrong => "environment_wrong",
            Self::NoKeys => "no_keys",
            Self::SubjectWrong => "subject_wrong",
            Self::LifetimeInvalid => "lifetime_invalid",
            Self::RolledBack => "rolled_back",
            Self::NumberReused => "number_reused",
            Self::Expired => "expired",
        }
    }

    /// All refusals.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Oversized]
            .into_iter()
            .chain(FormFault::all().map(Self::Form))
            .chain([Self::TypeWrong])
            .chain(KeyFault::ALL.into_iter().map(Self::Key))
            .chain([
                Self::ContentInvalid,
                Self::EntriesInvalid,
                Self::EnvironmentWrong,
                Self::NoKeys,
                Self::SubjectWrong,
                Self::LifetimeInvalid,
                Self::RolledBack,
                Self::NumberReused,
                Self::Expired,
            ])
    }
}

impl From<WrongShape> for ListRefusal {
    fn from(_: WrongShape) -> Self {
        Self::ContentInvalid
    }
}

//! Codes: claims, COSE, QR, live and paper codes, trust and status lists; venue tokens and warnings.
//!
//! docs/CODE.md defines every byte. An issuer signs a [`LiveCredential`] or a paper [`Code`]; a device presents a live
//! one; a checkpoint calls [`verify`] with its lists and its clock, and asks its [`Place`] what to do with the outcome.
//!
//! Nothing here reads a clock or a file. The one source of randomness is the signature library's own: see [`Signer`].
#![warn(missing_docs)]

pub mod base45;
mod cbor;
pub mod claims;
mod code;
mod cose;
mod form;
pub mod head;
mod key;
mod list;
pub mod place;
pub mod qr;
mod refusal;
mod seconds;
mod seen;
pub mod status_list;
pub mod trust_list;
pub mod venue;
mod verify;
pub mod warning_list;
mod who;

pub use cbor::CborFault;
pub use claims::{Claims, CodeId, LiveClaims, PaperClaims};
pub use code::{Code, LiveCredential, PREFIX};
pub use cose::{FormFault, signed_bytes};
pub use form::{Presented, TEXT_LENGTH_MAX, Unverified, inspect};
pub use key::{Coordinates, KeyError, KeyId, PublicKey, SignElsewhere, Signer, sha256};
pub use list::ListMark;
pub use place::{Decision, Place, PlaceClass};
pub use refusal::{KeyFault, ListRefusal, Refusal};
pub use seconds::Seconds;
pub use seen::{SEEN_MAX, Seen};
pub use status_list::StatusList;
pub use trust_list::{PinnedRoots, TrustList};
pub use venue::{VenueClaims, VenueCredential, VenueId, VenueVerifier, VerifiedVenue};
pub use verify::{
    AHEAD_SECONDS_MAX, Age, Checkpoint, CodeMark, PRESENTATION_AGE_SECONDS_MAX, Standing, VerifiedCode, verify,
};
pub use warning_list::{Warning, WarningContent, WarningList};
pub use who::{NameMark, Who, WhoCommitment, WhoError, WhoOpening};

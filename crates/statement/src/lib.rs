//! Other issuers' certificates: what they say, whether they count, and the rules about them.
//!
//! docs/STATEMENTS.md says what is understood and which reasons there are. A statement is judged against a [`Trust`]
//! and an instant; nothing here reads a clock or a file.
#![warn(missing_docs)]

mod cbor;
pub mod certlogic;
mod civil;
mod cose;
mod countries;
mod crl;
pub mod dcc;
mod der;
mod inflate;
mod jcs;
mod jws;
pub mod key;
pub mod nzcp;
mod refusal;
pub mod shc;
mod statement;
#[cfg(test)]
mod suites;
pub mod trust;
pub mod vds;
pub mod x509;

pub use crl::Revocation;
pub use refusal::Refusal;
pub use statement::{Comparison, Doubt, Format, Holder, Meaning, Statement, inspect, verify};
pub use trust::Trust;

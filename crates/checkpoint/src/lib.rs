//! The offline verifier of a checkpoint, as a gate's firmware links it: no network, no files, no clock, no runtime.
//!
//! [`Lists`] holds the trust list and the status lists and takes a newer one only if it is right. A [`Gate`] is given the
//! text of a code and the clock, and says pass, stop, lane or cannot tell. What it remembers is bounded. A [`Group`] counts
//! the people of a family or a coach, each verified alone.
//! A [`CardReader`] asks with the network for whoever shows a card instead of a code, and sends no document.
//! `examples/gate.rs` is a whole gate. docs/CODE.md is the contract.
#![warn(missing_docs)]

mod card;
mod gate;
mod group;
mod lists;
mod memory;

pub use card::CardReader;
pub use gate::{Answer, CLOCK_BEHIND_SECONDS_MAX, Gate, SAME_SCAN_MILLIS_MAX};
pub use group::{Group, MEMBERS_MAX, Member, Scanned};
pub use lists::Lists;
pub use memory::{Memory, NotAMemory, Remembered};
pub use yima_card::{CardError, CardResult, Evaluation, PublicCardKey, Question};

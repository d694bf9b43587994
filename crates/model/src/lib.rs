//! The words of Yima as types: ids, documents, areas, facts, colours, intervals.
//!
//! Nothing here reads a clock, a file or a random source: `now` is always an argument.
#![warn(missing_docs)]

pub mod colour;

pub mod id;
pub mod interval;
pub mod personal;
pub mod time;

pub use colour::Colour;

pub use id::{FactId, PersonId};
pub use interval::{Interval, Signal};
pub use personal::Personal;
pub use time::{Span, Timestamp, Zone};

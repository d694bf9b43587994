//! The words of Yima as types: ids, documents, areas, facts, colours, intervals.
//!
//! Nothing here reads a clock, a file or a random source: `now` is always an argument.
#![warn(missing_docs)]

pub mod area;
pub mod codec;
pub mod colour;
pub mod division;
pub mod document;
pub mod fact;
pub mod id;
pub mod interval;
pub mod personal;
pub mod time;

pub use area::{AreaCode, AreaSet, Level};
pub use colour::Colour;
pub use division::DivisionTree;
pub use document::{Document, DocumentKind};
pub use fact::{Content, Fact, Filing, Kind, Occurred, Source, SourceKind, Subject};
pub use id::{FactId, PersonId};
pub use interval::{Interval, Signal};
pub use personal::Personal;
pub use time::{FirstDay, Span, Timestamp, Zone};

//! The JSON forms of facts and answers: one object on a line, described in docs/FACTS.md.
#![warn(missing_docs)]

mod content;
mod error;
mod fact;
mod field;
mod lines;
mod object;
mod verdict;

pub use error::{FactJsonError, Reason};
pub use fact::{FactJson, read_fact, read_filing, write_fact};
pub use lines::{LineError, LineReason, read_facts};
pub use verdict::{AsOf, VerdictJson, write_verdict};

/// One line of JSON, without its end.
#[expect(clippy::expect_used, reason = "what is written has texts as keys and goes to memory; nothing in it can fail")]
fn line(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data can be written to memory")
}

//! Many facts, one on each line.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use thiserror::Error;
use yima_model::{Fact, FactId};

use crate::error::FactJsonError;
use crate::fact::read_fact;

/// One line that is no fact.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct LineError {
    /// Which line, from 1.
    pub line: usize,
    /// Why.
    pub reason: LineReason,
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineReason {
    /// It cannot be read.
    #[error(transparent)]
    Fact(#[from] FactJsonError),
    /// An earlier line states another fact under the same id.
    #[error("line {first} has the same id and says something else; keep one, or give this fact an id of its own")]
    Conflict {
        /// The earlier line.
        first: usize,
    },
}

/// Reads all facts, in the order of their lines; blank lines say nothing, and a fact that comes again counts once.
///
/// # Errors
/// Every line that is wrong, in order.
pub fn read_facts(ndjson: &str) -> Result<Vec<Fact>, Vec<LineError>> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut seen: HashMap<FactId, (usize, usize)> = HashMap::new();
    let mut errors = Vec::new();
    for (line, text) in (1..).zip(ndjson.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let reason = match read_fact(text) {
            Err(error) => error.into(),
            Ok(fact) => match seen.entry(fact.id()) {
                Entry::Vacant(entry) => {
                    entry.insert((line, facts.len()));
                    facts.push(fact);
                    continue;
                }
                Entry::Occupied(entry) => {
                    let (first, index) = *entry.get();
                    if facts.get(index) == Some(&fact) {
                        continue;
                    }
                    LineReason::Conflict { first }
                }
            },
        };
        errors.push(LineError { line, reason });
    }
    if errors.is_empty() { Ok(facts) } else { Err(errors) }
}

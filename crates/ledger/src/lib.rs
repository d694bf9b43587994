//! The append-only ledger of facts: one trait, in memory and embedded.
#![warn(missing_docs)]

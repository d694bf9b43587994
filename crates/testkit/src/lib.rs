//! Strategies that generate facts, for the tests of the other crates.
#![warn(missing_docs)]

pub mod content;
mod fact;

pub use fact::{any_fact, any_fact_of, any_person_facts};

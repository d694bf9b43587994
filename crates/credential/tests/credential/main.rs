//! Tests of codes and lists from outside: every reason, the committed vectors, and what holds for all codes.
#![cfg(test)]

mod adversary;
mod code_cases;
mod group_cases;
mod hostile;
mod hostile_cases;
mod json;
mod list_cases;
mod properties;
mod raw;
mod symbols;
mod vectors;
mod venue_cases;
mod world;

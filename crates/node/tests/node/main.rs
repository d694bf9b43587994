//! A real node on a free port, over real TLS: from a declaration to a code that a checkpoint verifies.
#![cfg(test)]

mod client;
mod path;
mod people;
mod problems;
mod public;
mod sources;
mod world;

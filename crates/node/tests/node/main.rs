//! A real node on a free port, over real TLS: from a declaration to a code that a checkpoint verifies.
#![cfg(test)]

mod area_relations;
mod arrivals;
mod cards;
mod certificates;
mod change;
mod client;
mod dependents;
mod description;
mod documents;
mod dwellings;
mod erasure;
mod gbt;
mod held;
mod limits;
mod log;
mod look_ups;
mod nationwide;
mod paper;
mod path;
mod people;
mod problems;
mod provisional;
mod public;
mod retention;
mod reviews;
mod risk_levels;
mod risk_snapshots;
mod shape;
mod sources;
mod stops;
mod trust;
mod tubes;
mod unresolved_places;
mod venues;
mod world;

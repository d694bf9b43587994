//! The standard as it is written down, read back, refused and decided about.
#![cfg(test)]

mod lists;
mod page;
mod refusals;
mod round_trip;
mod runs;

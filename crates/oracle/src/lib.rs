//! The meaning of a rule pack once more, by direct search: what tests compare the engine with.
#![warn(missing_docs)]

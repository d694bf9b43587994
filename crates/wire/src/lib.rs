//! The JSON forms of facts and answers.
#![warn(missing_docs)]

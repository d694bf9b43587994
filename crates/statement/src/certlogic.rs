//! CertLogic 1.3.3: the language of the DCC's business rules, and the rules themselves.
//!
//! An expression is read once into an [`Expression`], which is well formed, and evaluated many times. A type that does
//! not fit is an [`EvaluationError`], and a rule with one neither passes nor fails: see [`rules`].

mod evaluate;
mod expression;
pub mod rules;
mod time;

pub use evaluate::EvaluationError;
pub use expression::{Expression, Fault, Issue};

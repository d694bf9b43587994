//! The pack language, its checker, the timeline engine and its explanations.
//!
//! A verdict is a pure function of a person's facts, the facts for everybody, a pack and an instant; docs/RULES.md says
//! what each part of a pack means.
#![warn(missing_docs)]

pub mod check;
pub mod coexist;
pub mod diagnostic;
pub mod diff;
mod engine;
pub mod explain;
pub mod expression;
mod file;
mod imply;
mod kinds;
pub mod pack;
pub mod places;
mod plan;
pub mod progress;
pub mod rulebook;
pub mod scaffold;
mod scene;
pub mod search;
pub mod selector;
mod surroundings;
pub mod syntax;
pub mod timeline;
mod view;

pub use view::standing;

//! The pack language, its checker, the timeline engine and its explanations.
#![warn(missing_docs)]

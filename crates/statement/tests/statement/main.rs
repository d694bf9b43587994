//! Conformance to the published suites, and what no input may do.

mod cards;
mod certlogic;
mod dgc;
mod grants;
mod hostile;
mod listed;
mod meanings;
mod others;
mod quality;
mod shown;
mod signing;
mod support;
mod tokens;
mod tricks;
mod who;

//! Whether what a command wrote is what it would write today.

use super::{Finding, Project};
use crate::divisions;

pub(super) fn current(_: &Project) -> Vec<Finding> {
    let end = divisions::run(divisions::Options { check: true });
    end.err().map(|error| Finding::at("crates/model/data", format!("{error:#}"))).into_iter().collect()
}

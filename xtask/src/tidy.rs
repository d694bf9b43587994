//! `cargo xtask tidy`: checks of the source tree what clippy cannot.

mod generated;
mod layers;
mod markdown;
mod metadata;
mod packages;
mod packs;
mod pure;
mod rust_files;
mod source;
mod tree;
mod words;

use std::fmt;
use std::process::ExitCode;

use crate::workspace;
use metadata::{Links, Metadata};
use tree::Tree;

/// What the checks look at.
#[derive(Debug, Default)]
struct Project {
    tree: Tree,
    metadata: Metadata,
    /// What the pure crates link.
    links: Links,
}

/// Something that a check refuses: where, and what to do about it.
#[derive(Debug)]
struct Finding {
    place: String,
    message: String,
}

impl Finding {
    fn at(place: &str, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), message: message.into() }
    }

    fn at_line(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { place: format!("{path}:{line}"), message: message.into() }
    }
}

/// One thing that holds of the whole project.
struct Check {
    name: &'static str,
    find: fn(&Project) -> Vec<Finding>,
}

const CHECKS: [Check; 23] = [
    Check { name: "dependencies between crates go down the layers", find: layers::direction },
    Check { name: "pure crates link no runtime, client, database, logger or random source", find: layers::pure_links },
    Check { name: "only binaries depend on anyhow", find: layers::anyhow_in_binaries },
    Check { name: "pure crates warn of missing documentation", find: pure::documented },
    Check { name: "pure crates have no hidden state", find: pure::no_hidden_state },
    Check { name: "pure crates do not touch the system", find: pure::no_system },
    Check { name: "each Rust file begins with a sentence", find: rust_files::opening_sentence },
    Check { name: "Rust files are short", find: rust_files::size },
    Check { name: "lints are set in one place", find: rust_files::one_lint_configuration },
    Check { name: "suppressed lints are `expect`, not `allow`", find: rust_files::no_allow },
    Check { name: "every test runs, and none sleeps", find: rust_files::tests_run },
    Check { name: "tests that need `../shared` say when they skip", find: rust_files::skips_are_said },
    Check { name: "no reminders are left", find: words::reminders },
    Check { name: "no banners", find: words::banners },
    Check { name: "comments do not narrate", find: words::narration },
    Check { name: "no path of somebody's machine", find: words::machine_paths },
    Check { name: "each Markdown file has one title", find: markdown::one_title },
    Check { name: "both READMEs are short and alike", find: markdown::readmes },
    Check { name: "links in Markdown lead somewhere", find: markdown::links },
    Check { name: "packs are named by authority and date", find: packs::names },
    Check { name: "few packages", find: packages::limit },
    Check { name: "packages have an allowed licence, and none is banned", find: packages::permitted },
    Check { name: "generated files are what their sources say", find: generated::current },
];

/// How many checks there are, and how many of them refuse something.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) checks: usize,
    pub(crate) refused: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refused {
            0 => write!(f, "{} checks", self.checks),
            refused => write!(f, "{refused} of {} checks FAILED", self.checks),
        }
    }
}

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let outcome = check()?;
    println!("tidy: {outcome}");
    Ok(if outcome.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every check, and prints what it refuses.
pub(crate) fn check() -> anyhow::Result<Outcome> {
    let metadata = Metadata::load()?;
    let links = Links::load(layers::pure_packages(&metadata))?;
    let project = Project { tree: Tree::load(workspace::root())?, metadata, links };
    let mut refused = 0;
    for check in CHECKS {
        let findings = (check.find)(&project);
        if !findings.is_empty() {
            refused += 1;
            println!("tidy: refused: {}", check.name);
        }
        for finding in findings {
            println!("  {}: {}", finding.place, finding.message);
        }
    }
    for note in rust_files::long_files(&project) {
        println!("tidy: note: {}: {}", note.place, note.message);
    }
    Ok(Outcome { checks: CHECKS.len(), refused })
}

#[cfg(test)]
mod support {
    use super::metadata::support::{Row, metadata};
    use super::tree::{TextFile, Tree};
    use super::{Finding, Project};

    /// A project of these files alone.
    pub(super) fn files(files: &[(&str, &str)]) -> Project {
        let file = |(path, text): &(&str, &str)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() };
        Project { tree: Tree::of(files.iter().map(file).collect()), ..Project::default() }
    }

    /// A project of these packages alone.
    pub(super) fn packages(rows: &[Row<'_>]) -> Project {
        Project { metadata: metadata(rows), ..Project::default() }
    }

    /// The places that a check refuses, in order.
    pub(super) fn places(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.place.as_str()).collect()
    }
}

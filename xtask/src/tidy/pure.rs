//! What the crates without I/O and clock keep away from.

use super::layers::PURE;
use super::source::has_word;
use super::tree::RustFile;
use super::{Finding, Project};

/// Types whose value changes behind a shared reference.
const HIDDEN_STATE: [&str; 10] = [
    "Mutex",
    "RwLock",
    "RefCell",
    "Cell",
    "OnceCell",
    "OnceLock",
    "LazyCell",
    "LazyLock",
    "UnsafeCell",
    "thread_local",
];

/// Modules of `std` that reach the system.
const SYSTEM_MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];

pub(super) fn documented(project: &Project) -> Vec<Finding> {
    let is_root = |file: &&RustFile| file.file.path.ends_with("/src/lib.rs");
    let undocumented = |file: &&RustFile| !file.source.code.iter().any(|line| line.contains("#![warn(missing_docs)]"));
    pure_files(project)
        .filter(is_root)
        .filter(undocumented)
        .map(|file| Finding::at(&file.file.path, "lacks `#![warn(missing_docs)]`"))
        .collect()
}

pub(super) fn no_hidden_state(project: &Project) -> Vec<Finding> {
    refused_lines(project, |line| {
        let word = HIDDEN_STATE.into_iter().find(|word| has_word(line, word)).map(str::to_owned);
        word.or_else(|| line.contains("static mut ").then(|| "static mut".to_owned())).or_else(|| atomic(line))
    })
}

pub(super) fn no_system(project: &Project) -> Vec<Finding> {
    refused_lines(project, system_module)
}

fn refused_lines(project: &Project, refused: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in pure_files(project) {
        for (number, line) in file.production_lines() {
            if let Some(word) = refused(line) {
                findings.push(Finding::at_line(&file.file.path, number, format!("`{word}` in a pure crate")));
            }
        }
    }
    findings
}

/// The files of the libraries: tests and examples may read files.
fn pure_files(project: &Project) -> impl Iterator<Item = &RustFile> {
    project.tree.rust.iter().filter(|file| {
        let is_library = |name: &str| PURE.contains(&name) && file.file.path.contains("/src/");
        file.file.crate_name().is_some_and(is_library)
    })
}

/// An atomic such as `AtomicU64`.
fn atomic(line: &str) -> Option<String> {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let is_atomic =
        |word: &&str| word.strip_prefix("Atomic").is_some_and(|rest| rest.starts_with(['U', 'I', 'B', 'P']));
    words.find(is_atomic).map(str::to_owned)
}

/// The module of `std` that reaches the system, in a path or in a grouped import.
fn system_module(line: &str) -> Option<String> {
    let (_, path) = line.split_once("std::")?;
    let first = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned();
    let names: Vec<String> = match path.strip_prefix('{') {
        Some(group) => group.split([',', '}']).map(|name| first(name.trim())).collect(),
        None => vec![first(path)],
    };
    let found = names.into_iter().find(|name| SYSTEM_MODULES.contains(&name.as_str()));
    found.map(|name| format!("std::{name}")).or_else(|| system_module(path))
}

#[cfg(test)]
mod tests {
    use super::super::support::{files, places};
    use super::{documented, no_hidden_state, no_system};

    #[test]
    fn an_undocumented_library_is_found() {
        let project = files(&[
            ("crates/model/src/lib.rs", "//! Words.\n#![warn(missing_docs)]\n"),
            ("crates/rules/src/lib.rs", "//! Rules.\n// #![warn(missing_docs)]\n"),
            ("crates/ledger/src/lib.rs", "//! Facts.\n"),
        ]);
        assert_eq!(places(&documented(&project)), ["crates/rules/src/lib.rs"]);
    }

    #[test]
    fn state_behind_a_shared_reference_is_found() {
        for (line, found) in [
            ("use std::sync::Mutex;", true),
            ("static SEEN: OnceLock<u8> = OnceLock::new();", true),
            ("static mut SEEN: u8 = 0;", true),
            ("let n = AtomicU64::new(0);", true),
            ("thread_local! { static A: u8 = 0; }", true),
            ("// a Mutex would be wrong", false),
            ("let text = \"RefCell\";", false),
            ("struct Cellar; struct AtomicFact;", false),
            ("#[cfg(test)] mod tests { use std::cell::Cell; }", false),
        ] {
            let project = files(&[("crates/rules/src/a.rs", line)]);
            assert_eq!(!no_hidden_state(&project).is_empty(), found, "{line}");
        }
        assert!(no_hidden_state(&files(&[("crates/ledger/src/a.rs", "use std::sync::Mutex;")])).is_empty());
    }

    #[test]
    fn a_way_to_the_system_is_found() {
        for (line, found) in [
            ("use std::fs::File;", true),
            ("let a = std::env::args();", true),
            ("use std::{fmt, net};", true),
            ("use std::{collections::BTreeMap, thread};", true),
            ("let a: std::fmt::Result = std::process::exit(1);", true),
            ("use std::fmt;", false),
            ("use std::{fmt, io};", false),
            ("use std::collections::fs_tree;", false),
        ] {
            let project = files(&[("crates/oracle/src/a.rs", line)]);
            assert_eq!(!no_system(&project).is_empty(), found, "{line}");
        }
        for path in ["crates/oracle/tests/a.rs", "crates/oracle/examples/a.rs", "crates/ledger/src/a.rs"] {
            assert!(no_system(&files(&[(path, "use std::fs;")])).is_empty(), "{path}");
        }
    }
}

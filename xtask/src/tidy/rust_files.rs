//! How a Rust file looks: its opening, its length, its lints and its tests.

use super::source::has_word;
use super::tree::RustFile;
use super::{Finding, Project};

/// Lines of code, tests left out, past which a file is mentioned.
const LINES_NOTED: usize = 500;
/// Lines of code, tests left out, past which a file is refused.
const LINES_REFUSED: usize = 800;
/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

pub(super) fn opening_sentence(project: &Project) -> Vec<Finding> {
    let files = project.tree.rust.iter();
    files
        .filter(|file| !file.file.text.starts_with("//! "))
        .map(|file| Finding::at_line(&file.file.path, 1, "the first line is no `//!` sentence that says what is in it"))
        .collect()
}

pub(super) fn size(project: &Project) -> Vec<Finding> {
    let is_excused = |file: &&RustFile| LONG_FILES.iter().any(|(path, _)| *path == file.file.path);
    longer_than(project, LINES_REFUSED).filter(|file| !is_excused(file)).map(too_long).collect()
}

/// Files that a reader may want to see divided, though nothing refuses them.
pub(super) fn long_files(project: &Project) -> Vec<Finding> {
    longer_than(project, LINES_NOTED).filter(|file| code_lines(file) <= LINES_REFUSED).map(too_long).collect()
}

pub(super) fn one_lint_configuration(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &project.tree.other {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        if matches!(name, "clippy.toml" | ".clippy.toml") && file.path != "clippy.toml" {
            findings.push(Finding::at(&file.path, "replaces the one in the root, and drops its bans"));
        }
        // A workspace of its own, built in its own way, has nothing to inherit from.
        if name == "Cargo.toml" && !["", "fuzz", "peers"].contains(&folder) && !inherits_lints(&file.text) {
            findings.push(Finding::at(&file.path, "lacks `[lints] workspace = true`"));
        }
    }
    findings
}

pub(super) fn no_allow(project: &Project) -> Vec<Finding> {
    let is_allow = |line: &str| {
        line.contains("#[allow(") || line.contains("#![allow(") || line.contains("cfg_attr(") && has_word(line, "allow")
    };
    let mut findings = Vec::new();
    for file in &project.tree.rust {
        for (number, _) in file.source.numbered_code().filter(|(_, line)| is_allow(line)) {
            findings.push(Finding::at_line(&file.file.path, number, "write `#[expect(.., reason = \"..\")]`"));
        }
    }
    findings
}

pub(super) fn tests_run(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &project.tree.rust {
        let path = &file.file.path;
        for (number, line) in file.source.numbered_code() {
            if line.contains("#[ignore") {
                findings.push(Finding::at_line(path, number, "a test that never runs says nothing"));
            }
            if has_word(line, "should_panic") {
                findings.push(Finding::at_line(
                    path,
                    number,
                    "`should_panic` does not say what went wrong: match the error",
                ));
            }
        }
        for (number, _) in file.test_lines().into_iter().filter(|(_, line)| has_word(line, "sleep")) {
            findings.push(Finding::at_line(path, number, "a test waits for what happens, not for time to pass"));
        }
        let is_idle = |line: &str| ["```ignore", "```should_panic"].iter().any(|fence| line.contains(fence));
        for (number, _) in file.source.numbered_comments().filter(|(_, line)| is_idle(line)) {
            findings.push(Finding::at_line(path, number, "an example that is not run goes stale"));
        }
    }
    findings
}

pub(super) fn skips_are_said(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &project.tree.rust {
        let (path, text) = (&file.file.path, &file.file.text);
        let named = file.test_lines().into_iter().map(|(number, _)| number).find(|number| names_shared(file, *number));
        if let Some(number) = named
            && !(text.contains("\"skipped: ") && text.contains("\"CI\""))
        {
            let message =
                "without `../shared`, print one line `skipped: ..` for each test, and fail where CI is `true`";
            findings.push(Finding::at_line(path, number, message));
        }
    }
    findings
}

/// Whether a string of that line holds the path of the folder beside the project.
fn names_shared(file: &RustFile, number: usize) -> bool {
    let named = |(at, line): (usize, &str)| {
        at == number && ["../shared\"", "../shared/"].iter().any(|path| line.contains(path))
    };
    file.file.numbered_lines().any(named) && !file.source.numbered_comments().any(named)
}

fn inherits_lints(manifest: &str) -> bool {
    let manifest: Option<toml::Table> = manifest.parse().ok();
    let inherited = manifest.as_ref().and_then(|table| table.get("lints")?.get("workspace")?.as_bool());
    inherited == Some(true)
}

fn longer_than(project: &Project, limit: usize) -> impl Iterator<Item = &RustFile> {
    let written = project.tree.rust.iter().filter(|file| !file.file.is_generated());
    written.filter(move |file| code_lines(file) > limit)
}

fn code_lines(file: &RustFile) -> usize {
    let lines = if file.is_test { file.test_lines() } else { file.production_lines() };
    lines.iter().filter(|(_, line)| !line.trim().is_empty()).count()
}

fn too_long(file: &RustFile) -> Finding {
    Finding::at(&file.file.path, format!("has {} lines of code", code_lines(file)))
}

#[cfg(test)]
mod tests {
    use super::super::support::{files, places};
    use super::{long_files, no_allow, one_lint_configuration, opening_sentence, size, skips_are_said, tests_run};

    #[test]
    fn a_file_without_an_opening_is_found() {
        let project = files(&[
            ("xtask/src/a.rs", "//! Says what is in it.\n"),
            ("xtask/src/b.rs", "// Says it wrongly.\n"),
            ("xtask/src/c.rs", ""),
            ("xtask/src/d.rs", "\n//! Too late.\n"),
        ]);
        assert_eq!(places(&opening_sentence(&project)), ["xtask/src/b.rs:1", "xtask/src/c.rs:1", "xtask/src/d.rs:1"]);
    }

    #[test]
    fn long_files_are_noted_and_then_refused() {
        let lines = |count: usize| "fn a() {}\n".repeat(count);
        let with_tests = format!("{}\n// Why.\n\n#[cfg(test)]\nmod tests {{\n{}}}\n", lines(500), lines(900));
        let project = files(&[
            ("xtask/src/a.rs", &lines(801)),
            ("xtask/src/b.rs", &lines(800)),
            ("xtask/src/c.rs", &lines(501)),
            ("xtask/src/d.rs", &with_tests),
            ("xtask/src/generated/e.rs", &lines(2000)),
            ("xtask/tests/f.rs", &lines(801)),
        ]);
        assert_eq!(places(&size(&project)), ["xtask/src/a.rs", "xtask/tests/f.rs"]);
        assert_eq!(places(&long_files(&project)), ["xtask/src/b.rs", "xtask/src/c.rs"]);
    }

    #[test]
    fn a_second_lint_configuration_is_found() {
        let project = files(&[
            ("clippy.toml", ""),
            ("Cargo.toml", "[workspace]"),
            ("crates/rules/clippy.toml", ""),
            ("crates/rules/Cargo.toml", "[lints]\nworkspace = true"),
            ("crates/wire/Cargo.toml", "[package]\nname = \"wire\""),
            ("crates/node/Cargo.toml", "[lints.clippy]\nall = \"allow\""),
        ]);
        let found = one_lint_configuration(&project);
        assert_eq!(places(&found), ["crates/rules/clippy.toml", "crates/wire/Cargo.toml", "crates/node/Cargo.toml"]);
    }

    #[test]
    fn an_allowed_lint_is_found() {
        for (line, found) in [
            ("#[allow(dead_code)]", true),
            ("#![allow(unused)]", true),
            ("#[cfg_attr(test, allow(unused))]", true),
            ("#[expect(dead_code, reason = \"read by a macro\")]", false),
            ("// #[allow(dead_code)]", false),
            ("fn allow(a: u8) {}", false),
        ] {
            assert_eq!(!no_allow(&files(&[("xtask/src/a.rs", line)])).is_empty(), found, "{line}");
        }
    }

    #[test]
    fn tests_that_do_not_run_or_sleep_are_found() {
        for (line, found) in [
            ("#[test]\n#[ignore]\nfn a() {}", true),
            ("#[ignore = \"slow\"]", true),
            ("#[should_panic]", true),
            ("#[cfg(test)]\nmod tests { fn a() { std::thread::sleep(b); } }", true),
            ("/// ```ignore\n/// a\n/// ```", true),
            ("fn a() { std::thread::sleep(b); }", false),
            ("/// ```no_run\n/// a\n/// ```", false),
            ("const A: &str = \"#[ignore]\";", false),
        ] {
            assert_eq!(!tests_run(&files(&[("xtask/src/a.rs", line)])).is_empty(), found, "{line}");
        }
    }

    #[test]
    fn a_silent_skip_is_found() {
        let path = concat!("const FOLDER: &str = \"../../..", "/shared\";\n");
        let speaks = format!("{path}fn a() {{ is(\"CI\"); println!(\"skipped: no folder\"); }}");
        let silent_in_ci = format!("{path}fn a() {{ println!(\"skipped: no folder\"); }}");
        for (file, text, found) in [
            ("crates/model/tests/a.rs", path, true),
            ("crates/model/tests/a.rs", silent_in_ci.as_str(), true),
            ("crates/model/tests/a.rs", speaks.as_str(), false),
            ("crates/model/tests/a.rs", concat!("// in ..", "/shared/a\n"), false),
            ("crates/model/tests/a.rs", "const REASON: &str = \"no ../shared here\";", false),
            ("xtask/src/a.rs", path, false),
        ] {
            assert_eq!(!skips_are_said(&files(&[(file, text)])).is_empty(), found, "{file} {text}");
        }
    }
}

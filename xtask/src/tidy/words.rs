//! Words that do not belong in the project.
//!
//! The words are put together from halves, since these files are checked like all others.

use super::source::has_word;
use super::{Finding, Project};

const REMINDERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

const NARRATION: [&str; 3] = [concat!("this ", "function"), concat!("as ", "requested"), concat!("now ", "fixed")];

const MACHINE_PATHS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/tmp/", "brief"), concat!("/home", "/")];

/// As many equal characters at one end of a comment make it a banner.
const BANNER_LENGTH: usize = 4;

pub(super) fn reminders(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in project.tree.files() {
        for (number, line) in file.numbered_lines() {
            if let Some(word) = REMINDERS.into_iter().find(|word| has_word(line, word)) {
                findings.push(Finding::at_line(&file.path, number, format!("`{word}` is left")));
            }
        }
    }
    findings
}

pub(super) fn banners(project: &Project) -> Vec<Finding> {
    refused_comments(project, |comment| {
        let is_documentation = |body: &&str| body.starts_with('!') || body.starts_with('/') && !body.starts_with("//");
        let body = comment.strip_prefix("//").filter(|body| !is_documentation(body))?.trim();
        (is_ruled(body.chars()) || is_ruled(body.chars().rev())).then_some("a banner".to_owned())
    })
}

pub(super) fn narration(project: &Project) -> Vec<Finding> {
    refused_comments(project, |comment| {
        let comment = comment.to_lowercase();
        let phrase = NARRATION.into_iter().find(|phrase| comment.contains(phrase))?;
        Some(format!("`{phrase}` says how the text came about, or nothing"))
    })
}

pub(super) fn machine_paths(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in project.tree.files() {
        for (number, line) in file.numbered_lines() {
            if let Some(path) = MACHINE_PATHS.into_iter().find(|path| starts_a_path(line, path)) {
                findings.push(Finding::at_line(&file.path, number, format!("`{path}` exists on one machine only")));
            }
        }
    }
    findings
}

fn refused_comments(project: &Project, refused: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &project.tree.rust {
        for (number, comment) in file.source.numbered_comments() {
            if let Some(message) = refused(comment.trim()) {
                findings.push(Finding::at_line(&file.file.path, number, message));
            }
        }
    }
    findings
}

fn is_ruled(mut characters: impl Iterator<Item = char>) -> bool {
    let first = characters.next().filter(|c| "-=*#~_+/─═".contains(*c));
    first.is_some_and(|first| characters.take_while(|c| *c == first).count() + 1 >= BANNER_LENGTH)
}

/// Whether `path` stands in the line as the beginning of a path, not inside an address or a longer path.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "./-_".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::support::{files, places};
    use super::{banners, machine_paths, narration, reminders};

    #[test]
    fn reminders_are_found_in_every_kind_of_file() {
        let reminder = concat!("TO", "DO");
        let project = files(&[
            ("crates/model/src/a.rs", &format!("fn a() {{}}\n// {reminder}: later\n")),
            ("docs/A.md", &format!("# A\n\n{}", concat!("FIX", "ME"))),
            ("web/a.ts", &format!("{reminder}S and my_{reminder} are other words")),
        ]);
        assert_eq!(places(&reminders(&project)), ["crates/model/src/a.rs:2", "docs/A.md:3"]);
    }

    #[test]
    fn banners_are_found() {
        for (line, found) in [
            ("// ---- Section ----", true),
            ("// Section ====", true),
            ("//////////", true),
            ("// ****", true),
            ("// a -- b", false),
            ("/// | --- |", false),
            ("let a = \"// ----\";", false),
        ] {
            assert_eq!(!banners(&files(&[("xtask/src/a.rs", line)])).is_empty(), found, "{line}");
        }
    }

    #[test]
    fn narration_is_found_in_comments_only() {
        let phrase = concat!("This ", "function");
        let bad = format!("/// {phrase} adds.\nfn a() {{}}");
        let good = format!("/// Adds.\nconst A: &str = \"{phrase}\";");
        assert_eq!(places(&narration(&files(&[("xtask/src/a.rs", &bad)]))), ["xtask/src/a.rs:1"]);
        assert!(narration(&files(&[("xtask/src/a.rs", &good)])).is_empty());
    }

    #[test]
    fn machine_paths_are_found() {
        let path = concat!("/wo", "rk/");
        for (line, found) in [
            (format!("see {path}shared"), true),
            (format!("`{path}`"), true),
            (format!("https://example.org{path}a"), false),
            (format!("..{path}a"), false),
        ] {
            assert_eq!(!machine_paths(&files(&[("docs/A.md", &line)])).is_empty(), found, "{line}");
        }
    }
}

//! How the documents look.

use super::tree::TextFile;
use super::{Finding, Project};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const README_LINES: usize = 80;

pub(super) fn one_title(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in documents(project) {
        let titles = prose(&file.text).filter(|(_, line)| line.starts_with("# ")).count();
        if titles != 1 {
            findings.push(Finding::at(&file.path, format!("has {titles} titles, not one")));
        }
    }
    findings
}

pub(super) fn readmes(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut outlines = Vec::new();
    for path in READMES {
        let Some(text) = project.tree.text_of(path) else {
            findings.push(Finding::at(path, "is missing"));
            continue;
        };
        if text.lines().count() > README_LINES {
            findings.push(Finding::at(path, format!("has more than {README_LINES} lines")));
        }
        outlines.push(outline(text));
    }
    if let [english, chinese] = outlines.as_slice()
        && english != chinese
    {
        findings.push(Finding::at(READMES[1], "has other headings or other commands than README.md"));
    }
    findings
}

pub(super) fn links(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in documents(project) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in prose(&file.text) {
            for target in targets(line).filter(|target| !leads_somewhere(project, folder, target)) {
                findings.push(Finding::at_line(&file.path, number, format!("`{target}` is not there")));
            }
        }
    }
    findings
}

fn documents(project: &Project) -> impl Iterator<Item = &TextFile> {
    project.tree.other.iter().filter(|file| file.path.ends_with(".md"))
}

/// Lines outside fenced code, with their number from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    by_fence(text).filter(|(_, _, is_code)| !is_code).map(|(number, line, _)| (number, line))
}

/// All lines but the fences, with their number from 1 and whether they are code.
fn by_fence(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut open: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = ["```", "~~~"].into_iter().find(|fence| line.trim_start().starts_with(fence));
        match (open, fence) {
            (None, Some(fence)) => open = Some(fence),
            (Some(opening), Some(fence)) if opening == fence => open = None,
            _ => return Some((index + 1, line, open.is_some())),
        }
        None
    })
}

/// The depth of each heading, and the lines of code.
fn outline(text: &str) -> (Vec<usize>, Vec<&str>) {
    let depth = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let depths = prose(text).map(|(_, line)| depth(line)).filter(|depth| *depth > 0).collect();
    let code = by_fence(text).filter(|(_, _, is_code)| *is_code).map(|(_, line, _)| line).collect();
    (depths, code)
}

/// The files that the inline links of a line name.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    links.filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
}

fn leads_somewhere(project: &Project, folder: &str, target: &str) -> bool {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    let inside = format!("{path}/");
    project.tree.paths.iter().any(|known| *known == path || known.starts_with(&inside))
}

#[cfg(test)]
mod tests {
    use super::super::support::{files, places};
    use super::{links, one_title, readmes};

    #[test]
    fn documents_without_exactly_one_title_are_found() {
        let project = files(&[
            ("docs/A.md", "# A\n\n## B\n\n```sh\n# a comment\n```\n"),
            ("docs/B.md", "## B\n"),
            ("docs/C.md", "# C\n\n# D\n"),
            ("docs/D.md", "~~~\n```\n# in code\n~~~\n"),
        ]);
        assert_eq!(places(&one_title(&project)), ["docs/B.md", "docs/C.md", "docs/D.md"]);
    }

    #[test]
    fn readmes_that_are_long_missing_or_unlike_are_found() {
        let english = "# Yima\n\n```sh\ncargo xtask demo\n```\n\n## Map\n";
        let alike = "# 一码\n\n```sh\ncargo xtask demo\n```\n\n## 导览\n";
        let long = format!("{alike}{}", "\n".repeat(80));
        for (chinese, found) in [
            (Some(alike), 0),
            (None, 1),
            (Some("# 一码\n\n```sh\ncargo xtask demo\n```\n"), 1),
            (Some("# 一码\n\n```sh\ncargo run demo\n```\n\n## 导览\n"), 1),
            (Some(long.as_str()), 1),
        ] {
            let mut both = vec![("README.md", english)];
            both.extend(chinese.map(|text| ("README.zh-CN.md", text)));
            assert_eq!(readmes(&files(&both)).len(), found, "{chinese:?}");
        }
    }

    #[test]
    fn dead_links_are_found() {
        let document = "# A\n[b](B.md) [up](../README.md#map) [folder](../packs/) [web](https://example.org) [own](#a)\n\
             [gone](C.md) and [gone too](../LICENSE)\n```\n[code](none.md)\n```\n";
        let project =
            files(&[("docs/A.md", document), ("docs/B.md", "# B"), ("README.md", "# Y"), ("packs/a.toml", "")]);
        assert_eq!(places(&links(&project)), ["docs/A.md:3", "docs/A.md:3"]);
    }
}

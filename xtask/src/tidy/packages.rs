//! How many packages there are, and under which licences.

use std::collections::BTreeSet;

use super::{Finding, Project};

/// The most packages that `Cargo.lock` may hold.
///
/// About a fifth above what the node with its web server, TLS and both databases needs.
const PACKAGES_MAX: usize = 400;

pub(super) fn limit(project: &Project) -> Vec<Finding> {
    let lock = project.tree.text_of("Cargo.lock").unwrap_or("");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    if packages <= PACKAGES_MAX {
        return Vec::new();
    }
    vec![Finding::at("Cargo.lock", format!("has {packages} packages, {PACKAGES_MAX} are allowed"))]
}

pub(super) fn permitted(project: &Project) -> Vec<Finding> {
    let Some(policy) = project.tree.text_of("deny.toml").and_then(Policy::parse) else {
        return vec![Finding::at("deny.toml", "is missing or lists no allowed licences")];
    };
    let mut findings = Vec::new();
    for package in project.metadata.packages() {
        let place = format!("{} {}", package.name, package.version);
        if policy.banned.contains(&package.name) {
            findings.push(Finding::at(&place, "is banned in deny.toml"));
        }
        match package.licence.as_deref() {
            None => findings.push(Finding::at(&place, "states no licence")),
            Some(licence) if !is_allowed(licence, &policy.licences) => {
                findings.push(Finding::at(&place, format!("`{licence}` is not allowed by deny.toml")));
            }
            Some(_) => {}
        }
    }
    findings
}

/// What deny.toml says, so that cargo-deny and this check cannot differ.
#[derive(Debug)]
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeSet<String>,
}

impl Policy {
    fn parse(text: &str) -> Option<Self> {
        let table: toml::Table = text.parse().ok()?;
        let licences = table.get("licenses")?.get("allow")?.as_array()?;
        let banned = table.get("bans").and_then(|bans| bans.get("deny")?.as_array());
        let text = |value: &toml::Value| value.as_str().map(str::to_owned);
        Some(Self {
            licences: licences.iter().filter_map(text).collect(),
            banned: banned.into_iter().flatten().filter_map(|entry| entry.get("crate").and_then(text)).collect(),
        })
    }
}

/// Whether an SPDX expression can be satisfied with the allowed licences alone; what cannot be read cannot.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Before SPDX expressions, packages wrote a slash for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression { tokens: &tokens, allowed };
    reader.any().is_some_and(|is_allowed| is_allowed && reader.tokens.is_empty())
}

/// A reader of SPDX expressions: AND binds closer than OR, WITH closer than AND.
#[derive(Debug)]
struct Expression<'a> {
    tokens: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl<'a> Expression<'a> {
    fn any(&mut self) -> Option<bool> {
        let mut result = self.all()?;
        while self.take("OR") {
            result |= self.all()?;
        }
        Some(result)
    }

    fn all(&mut self) -> Option<bool> {
        let mut result = self.licence()?;
        while self.take("AND") {
            result &= self.licence()?;
        }
        Some(result)
    }

    fn licence(&mut self) -> Option<bool> {
        if self.take("(") {
            let inner = self.any()?;
            return self.take(")").then_some(inner);
        }
        let name = self.next()?;
        if !self.take("WITH") {
            return Some(self.allowed.contains(name));
        }
        let exception = self.next()?;
        Some(self.allowed.contains(&format!("{name} WITH {exception}")))
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.first() == Some(&token);
        if found {
            self.next();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::Project;
    use super::super::support::{files, packages, places};
    use super::{is_allowed, limit, permitted};

    #[test]
    fn too_many_packages_are_found() {
        for (count, found) in [(400, false), (401, true)] {
            let lock = "[[package]]\nname = \"a\"\n".repeat(count);
            assert_eq!(!limit(&files(&[("Cargo.lock", &lock)])).is_empty(), found, "{count}");
        }
    }

    #[test]
    fn licence_expressions_are_read() {
        let allowed = ["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        for (expression, is) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only OR MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT/Apache-2.0", true),
            ("GPL-2.0/LGPL-3.0", false),
            ("GPL-3.0-only OR MIT AND ISC", true),
            ("(GPL-3.0-only OR MIT) AND ISC", true),
            ("(MIT OR ISC) AND GPL-3.0-only", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT ISC", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), is, "{expression}");
        }
    }

    #[test]
    fn packages_against_the_policy_are_found() {
        let policy = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"mockall\", reason = \"no mocks\" }]\n";
        let project = Project {
            tree: files(&[("deny.toml", policy)]).tree,
            ..packages(&[
                ("good", Some("MIT"), &[], &[]),
                ("mockall", Some("MIT"), &[], &[]),
                ("copyleft", Some("GPL-3.0-only"), &[], &[]),
                ("silent", None, &[], &[]),
            ])
        };
        assert_eq!(places(&permitted(&project)), ["copyleft 1.0.0", "mockall 1.0.0", "silent 1.0.0"]);
        assert_eq!(places(&permitted(&files(&[("deny.toml", "[licenses]\n")]))), ["deny.toml"]);
    }
}

//! What cargo knows about the packages: their licences and who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::workspace;

/// A package of the workspace or of a registry.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The licence expression, where the package states one.
    pub(crate) licence: Option<String>,
    pub(crate) is_member: bool,
    /// Ids of the packages that its library or binary links; what only its tests or build scripts need is left out.
    links: Vec<String>,
}

/// The packages of a build on this machine, by id.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    packages: BTreeMap<String, Package>,
}

impl Metadata {
    pub(crate) fn load() -> anyhow::Result<Self> {
        let host = workspace::host()?;
        let output = workspace::cargo()
            .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo does not start")?;
        if !output.status.success() {
            bail!("cargo cannot describe the packages, see above");
        }
        Self::parse(&output.stdout)
    }

    pub(crate) fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let root: Value = serde_json::from_slice(json).context("cargo metadata is not JSON")?;
        let members: BTreeSet<&str> = array(&root, "workspace_members").iter().filter_map(Value::as_str).collect();
        let mut packages = BTreeMap::new();
        for package in array(&root, "packages") {
            let id = text(package, "id")?;
            packages.insert(
                id.to_owned(),
                Package {
                    name: text(package, "name")?.to_owned(),
                    version: text(package, "version")?.to_owned(),
                    licence: package.get("license").and_then(Value::as_str).map(str::to_owned),
                    is_member: members.contains(id),
                    links: Vec::new(),
                },
            );
        }
        for node in root.get("resolve").map_or(&[][..], |resolve| array(resolve, "nodes")) {
            if let Some(package) = packages.get_mut(text(node, "id")?) {
                package.links = array(node, "deps").iter().filter(|dep| is_linked(dep)).filter_map(dep_id).collect();
            }
        }
        Ok(Self { packages })
    }

    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages().filter(|package| package.is_member)
    }

    /// The packages that `package` names itself.
    pub(crate) fn direct_links<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a Package> {
        package.links.iter().filter_map(|id| self.packages.get(id))
    }
}

/// The names of everything that ends up in the library of each package, itself left out.
///
/// `cargo metadata` also lists optional packages that nothing switches on; `cargo tree` does not.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<String, BTreeSet<String>>);

impl Links {
    pub(crate) fn load<'a>(packages: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut links = BTreeMap::new();
        for package in packages {
            let output = workspace::cargo()
                .args(["tree", "--locked", "--package", package, "--edges", "normal,no-proc-macro", "--prefix", "none"])
                .stderr(Stdio::inherit())
                .output()
                .context("cargo does not start")?;
            if !output.status.success() {
                bail!("cargo cannot tell what `{package}` links, see above");
            }
            links.insert(package.to_owned(), names(&String::from_utf8_lossy(&output.stdout)));
        }
        Ok(Self(links))
    }

    #[cfg(test)]
    pub(crate) fn of(trees: &[(&str, &str)]) -> Self {
        Self(trees.iter().map(|(package, tree)| ((*package).to_owned(), names(tree))).collect())
    }

    /// Each package with the names of what it links.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(package, links)| (package.as_str(), links))
    }
}

/// The names in the output of `cargo tree`, the first line left out.
fn names(tree: &str) -> BTreeSet<String> {
    tree.lines().skip(1).filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn is_linked(dep: &Value) -> bool {
    array(dep, "dep_kinds").iter().any(|kind| kind.get("kind").is_none_or(Value::is_null))
}

fn dep_id(dep: &Value) -> Option<String> {
    dep.get("pkg").and_then(Value::as_str).map(str::to_owned)
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value.get(key).and_then(Value::as_str).with_context(|| format!("cargo metadata has a record without `{key}`"))
}

#[cfg(test)]
pub(crate) mod support {
    use super::Metadata;

    /// Metadata of members and registry packages: (name, licence, linked names, names for tests only).
    pub(crate) type Row<'a> = (&'a str, Option<&'a str>, &'a [&'a str], &'a [&'a str]);

    /// The metadata of those rows; every `yima-` package and `xtask` is a member.
    pub(crate) fn metadata(rows: &[Row<'_>]) -> Metadata {
        let is_member = |name: &str| name.starts_with("yima-") || name == "xtask";
        let members: Vec<&str> = rows.iter().map(|row| row.0).filter(|name| is_member(name)).collect();
        let packages: Vec<_> = rows
            .iter()
            .map(|row| serde_json::json!({"id": row.0, "name": row.0, "version": "1.0.0", "license": row.1}))
            .collect();
        let dep = |name: &&str, kind: Option<&str>| serde_json::json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let nodes: Vec<_> = rows
            .iter()
            .map(|row| {
                let links = row.2.iter().map(|name| dep(name, None));
                let deps: Vec<_> = links.chain(row.3.iter().map(|name| dep(name, Some("dev")))).collect();
                serde_json::json!({"id": row.0, "deps": deps})
            })
            .collect();
        let root = serde_json::json!({"packages": packages, "workspace_members": members, "resolve": {"nodes": nodes}});
        Metadata::parse(root.to_string().as_bytes()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::names;
    use super::support::metadata;

    #[test]
    fn what_only_tests_need_is_not_linked() {
        let metadata = metadata(&[
            ("yima-a", None, &["b"], &["d"]),
            ("b", None, &["c"], &[]),
            ("c", None, &[], &[]),
            ("d", None, &[], &[]),
        ]);
        let member = metadata.members().next().unwrap();
        let links: Vec<&str> = metadata.direct_links(member).map(|link| link.name.as_str()).collect();
        assert_eq!((links, metadata.members().count()), (vec!["b"], 1));
    }

    #[test]
    fn a_tree_is_read() {
        let tree = "yima-model v0.1.0 (/somewhere)\njiff v0.2.43\njiff-core v0.1.5\njiff v0.2.43 (*)\n";
        assert_eq!(names(tree).into_iter().collect::<Vec<_>>(), ["jiff", "jiff-core"]);
    }
}

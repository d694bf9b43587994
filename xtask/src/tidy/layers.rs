//! Who may depend on whom.

use super::metadata::{Metadata, Package};
use super::{Finding, Project};

/// Where a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// In the product: depends on lower numbers only.
    Product(u8),
    /// Beside the product: tests and tools use it, the product never does.
    Beside,
}

const LAYERS: [(&str, Layer); 20] = [
    ("model", Layer::Product(0)),
    ("rules", Layer::Product(1)),
    ("credential", Layer::Product(1)),
    ("statement", Layer::Product(1)),
    ("audit", Layer::Product(1)),
    ("feed", Layer::Product(1)),
    ("gbt", Layer::Product(1)),
    ("wire", Layer::Product(1)),
    ("card", Layer::Product(1)),
    ("checkpoint", Layer::Product(2)),
    ("ledger", Layer::Product(2)),
    ("paper", Layer::Product(2)),
    ("registry", Layer::Product(3)),
    ("node", Layer::Product(4)),
    ("yima", Layer::Product(5)),
    ("bench", Layer::Beside),
    ("oracle", Layer::Beside),
    ("testkit", Layer::Beside),
    ("sim", Layer::Beside),
    ("xtask", Layer::Beside),
];

/// Edges within one layer: the JSON forms of packs and verdicts need their types, and other issuers' statements are
/// base45 and COSE like our own codes.
const SIDEWAYS: [(&str, &str); 2] = [("statement", "credential"), ("wire", "rules")];

/// Crates that do no I/O and read no clock.
pub(super) const PURE: [&str; 12] = [
    "model",
    "rules",
    "card",
    "credential",
    "checkpoint",
    "paper",
    "statement",
    "audit",
    "feed",
    "gbt",
    "wire",
    "oracle",
];

/// The oracle shares data types with the engine, and nothing else with anybody.
const ORACLE_LINKS: [&str; 2] = ["model", "rules"];

const IMPURE_PACKAGES: [&str; 29] = [
    "async-std",
    "axum",
    "env_logger",
    "fastrand",
    "fjall",
    "getrandom",
    "hyper",
    "isahc",
    "libsqlite3-sys",
    "log",
    "mio",
    "openssl",
    "postgres",
    "quinn",
    "rand",
    "redb",
    "reqwest",
    "rocksdb",
    "rusqlite",
    "rustls",
    "sled",
    "smol",
    "socket2",
    "sqlx",
    "tokio",
    "tokio-postgres",
    "tracing",
    "ureq",
    "uuid",
];

pub(super) fn direction(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in project.metadata.members() {
        let name = short_name(package);
        if layer(name).is_none() {
            findings.push(Finding::at(name, "is in no layer: name it in xtask/src/tidy/layers.rs"));
        }
        for link in project.metadata.direct_links(package).filter(|link| link.is_member) {
            if !may_depend(name, short_name(link)) {
                findings.push(Finding::at(name, format!("may not depend on `{}`", short_name(link))));
            }
        }
    }
    findings
}

pub(super) fn pure_links(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (package, links) in project.links.iter() {
        for link in links.iter().filter(|link| IMPURE_PACKAGES.contains(&link.as_str())) {
            let message = format!("links `{link}`: see `cargo tree -p {package} -e normal -i {link}`");
            findings.push(Finding::at(package, message));
        }
    }
    findings
}

/// The packages that do no I/O and read no clock.
pub(super) fn pure_packages(metadata: &Metadata) -> impl Iterator<Item = &str> {
    metadata.members().filter(|package| PURE.contains(&short_name(package))).map(|package| package.name.as_str())
}

pub(super) fn anyhow_in_binaries(project: &Project) -> Vec<Finding> {
    let members =
        project.metadata.members().filter(|package| !matches!(short_name(package), "bench" | "yima" | "xtask"));
    members
        .filter(|package| project.metadata.direct_links(package).any(|link| link.name == "anyhow"))
        .map(|package| Finding::at(short_name(package), "depends on `anyhow`: a library has typed errors"))
        .collect()
}

fn may_depend(name: &str, on: &str) -> bool {
    match (layer(name), layer(on)) {
        _ if name == "oracle" => ORACLE_LINKS.contains(&on),
        (Some(Layer::Product(_)), Some(Layer::Beside)) => false,
        (Some(Layer::Product(from)), Some(Layer::Product(to))) => to < from || SIDEWAYS.contains(&(name, on)),
        (Some(Layer::Beside), Some(_)) => true,
        // A crate without a layer is refused as such.
        (None, _) | (_, None) => true,
    }
}

fn layer(name: &str) -> Option<Layer> {
    LAYERS.into_iter().find(|(known, _)| *known == name).map(|(_, layer)| layer)
}

fn short_name(package: &Package) -> &str {
    package.name.strip_prefix("yima-").unwrap_or(&package.name)
}

#[cfg(test)]
mod tests {
    use super::super::Project;
    use super::super::metadata::Links;
    use super::super::support::{packages, places};
    use super::{anyhow_in_binaries, direction, may_depend, pure_links, pure_packages};

    #[test]
    fn edges_go_down_only() {
        for (name, on, may) in [
            ("rules", "model", true),
            ("model", "rules", false),
            ("rules", "credential", false),
            ("wire", "rules", true),
            ("rules", "wire", false),
            ("ledger", "wire", true),
            ("ledger", "registry", false),
            ("yima", "node", true),
            ("node", "yima", false),
            ("rules", "oracle", false),
            ("yima", "testkit", false),
            ("oracle", "rules", true),
            ("oracle", "wire", false),
            ("sim", "node", true),
            ("testkit", "oracle", true),
            ("xtask", "model", true),
        ] {
            assert_eq!(may_depend(name, on), may, "{name} -> {on}");
        }
    }

    #[test]
    fn an_edge_upwards_and_a_crate_without_a_layer_are_found() {
        let project = packages(&[
            ("yima-model", None, &["yima-rules"], &["yima-oracle"]),
            ("yima-rules", None, &["yima-model"], &["yima-oracle"]),
            ("yima-oracle", None, &["yima-model", "yima-rules"], &[]),
            ("yima-helpers", None, &[], &[]),
        ]);
        assert_eq!(places(&direction(&project)), ["helpers", "model"]);
    }

    #[test]
    fn a_runtime_behind_a_pure_crate_is_found_however_deep() {
        let links = Links::of(&[
            ("yima-rules", "yima-rules v0.1.0\nmiddle v1.0.0\ntokio v1.0.0\n"),
            ("yima-credential", "yima-credential v0.1.0\naws-lc-rs v1.0.0\ntokio-like v1.0.0\n"),
        ]);
        let project = Project { links, ..Project::default() };
        assert_eq!(places(&pure_links(&project)), ["yima-rules"]);
    }

    #[test]
    fn the_pure_crates_are_looked_at() {
        let project =
            packages(&[("yima-rules", None, &[], &[]), ("yima-node", None, &[], &[]), ("rules", None, &[], &[])]);
        assert_eq!(pure_packages(&project.metadata).collect::<Vec<_>>(), ["yima-rules"]);
    }

    #[test]
    fn anyhow_in_a_library_is_found() {
        let project = packages(&[
            ("yima-ledger", None, &["anyhow"], &[]),
            ("yima-yima", None, &["anyhow"], &[]),
            ("xtask", None, &["anyhow"], &[]),
            ("anyhow", None, &[], &[]),
        ]);
        assert_eq!(places(&anyhow_in_binaries(&project)), ["ledger"]);
    }
}

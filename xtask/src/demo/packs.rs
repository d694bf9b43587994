//! The published packs, and copies of them that are in force today.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use yima_model::{Timestamp, Zone};

use crate::workspace;

/// How long before now a copy begins.
const BEGUN_MILLIS: i64 = 30 * 24 * 3_600_000;

/// The packs by which the invented residents are judged; their stories are written for these.
const IN_FORCE: [&str; 2] = ["hubei-2020-02.toml", "shaanxi-2020-12.toml"];

/// The files of the published packs.
pub(super) fn published() -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(workspace::root().join("packs"))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Writes copies with the same rules, each as if it had come into force thirty days ago; gives the names of the files.
pub(super) fn write_copies(folder: &Path, now: Timestamp) -> anyhow::Result<Vec<String>> {
    let copy = |name: &str| {
        let text = std::fs::read_to_string(workspace::root().join("packs").join(name))?;
        std::fs::write(folder.join(name), redated(&text, now).with_context(|| format!("in `{name}`"))?)?;
        Ok(name.to_owned())
    };
    IN_FORCE.into_iter().map(copy).collect()
}

/// The ids of the rules by which the invented residents are judged.
pub(super) fn rules() -> anyhow::Result<BTreeSet<String>> {
    let mut rules = BTreeSet::new();
    for name in IN_FORCE {
        let pack: toml::Table = std::fs::read_to_string(workspace::root().join("packs").join(name))?.parse()?;
        let listed = pack.get("rule").and_then(toml::Value::as_array).into_iter().flatten();
        rules.extend(listed.filter_map(|rule| rule.get("id")?.as_str().map(str::to_owned)));
    }
    ensure!(!rules.is_empty(), "the packs have no rules");
    Ok(rules)
}

/// The text with every instant moved by as many days as bring the beginning to thirty days before `now`.
fn redated(text: &str, now: Timestamp) -> anyhow::Result<String> {
    let pack: toml::Table = text.parse()?;
    let from = pack.get("from").and_then(toml::Value::as_str).context("the pack has no beginning")?;
    let today = Zone::BEIJING.midnight(Zone::BEIJING.day(now));
    let shift = today.millis() - BEGUN_MILLIS - Timestamp::parse(from)?.millis();
    let moved = text.split('"').map(|part| match Timestamp::parse(part) {
        Ok(instant) => Zone::BEIJING.format(instant.plus_millis(shift)),
        Err(_) => part.to_owned(),
    });
    Ok(moved.collect::<Vec<_>>().join("\""))
}

#[cfg(test)]
mod tests {
    use yima_model::Timestamp;

    use super::redated;

    #[test]
    fn only_instants_are_moved_and_all_by_the_same_time() {
        let text = "# of 2020-02-25\npublished = \"2020-02-24T00:00:00+08:00\"\nfrom = \"2020-02-25T00:00:00+08:00\"\n\
            until = \"2020-05-25T00:00:00+08:00\"\nzone = \"+08:00\"\n";
        let now = Timestamp::parse("2026-03-31T15:00:00+08:00").unwrap();
        let expected = "# of 2020-02-25\npublished = \"2026-02-28T00:00:00+08:00\"\nfrom = \"2026-03-01T00:00:00+08:00\"\n\
            until = \"2026-05-30T00:00:00+08:00\"\nzone = \"+08:00\"\n";
        assert_eq!(redated(text, now).unwrap(), expected);
    }
}

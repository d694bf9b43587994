//! What commands read: packs, facts and instants given on the command line.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use flate2::read::GzDecoder;
use yima_model::{Fact, PersonId, Subject, Timestamp};
use yima_registry::Shelf;
use yima_rules::check::{self, Loaded};
use yima_rules::diagnostic::render;

/// Reads a file, or standard input where the path is `-`.
pub(crate) fn text(path: &Path) -> Result<String> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Reads a file, unpacked if its name ends with `.gz`.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked);
    read.with_context(|| format!("`{}` cannot be unpacked", path.display()))?;
    Ok(unpacked)
}

/// Reads a pack with some settings turned over; everything wrong with it is in the error.
pub(crate) fn pack(path: &Path, settings: &[(String, bool)]) -> Result<Loaded> {
    let source = text(path)?;
    let settings: BTreeMap<_, _> = settings.iter().cloned().collect();
    check::load_with(&source, &settings)
        .map_err(|findings| anyhow!("{}", render(&source, &path.display().to_string(), &findings)))
}

/// Reads the packs of a node; everything wrong with the first that does not load is in the error.
pub(crate) fn shelf(packs: &[PathBuf]) -> Result<Shelf> {
    let mut shelf = Shelf::default();
    for path in packs {
        let text = text(path)?;
        let added = shelf.add(&text);
        added.map_err(|findings| anyhow!("{}", render(&text, &path.display().to_string(), &findings)))?;
    }
    Ok(shelf)
}

/// Reads facts, one JSON object on a line; everything wrong with them is in the error.
pub(crate) fn facts(path: &Path) -> Result<Vec<Fact>> {
    match yima_wire::read_facts(&text(path)?) {
        Ok(facts) => Ok(facts),
        Err(errors) => {
            let lines: Vec<_> = errors.iter().map(|error| format!("{}: {error}", path.display())).collect();
            bail!("{}", lines.join("\n"))
        }
    }
}

/// The facts about each person, and those for everybody.
pub(crate) fn by_person(facts: Vec<Fact>) -> (BTreeMap<PersonId, Vec<Fact>>, Vec<Fact>) {
    let mut persons: BTreeMap<PersonId, Vec<Fact>> = BTreeMap::new();
    let mut global = Vec::new();
    for fact in facts {
        match fact.subject() {
            Subject::Person(person) => persons.entry(person).or_default().push(fact),
            Subject::Global => global.push(fact),
        }
    }
    (persons, global)
}

/// How many of the facts are known then: the position up to which an answer was made from them.
pub(crate) fn known(facts: &[Fact], at: Timestamp) -> u64 {
    u64::try_from(facts.iter().filter(|fact| fact.recorded() <= at).count()).unwrap_or(u64::MAX)
}

/// An instant as written on the command line.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| error.to_string())
}

/// A setting of a pack as written on the command line: `name=true` or `name=false`.
pub(crate) fn setting(text: &str) -> Result<(String, bool), String> {
    match text.split_once('=') {
        Some((name, "true")) => Ok((name.to_owned(), true)),
        Some((name, "false")) => Ok((name.to_owned(), false)),
        _ => Err("write a setting as `name=true` or `name=false`".to_owned()),
    }
}

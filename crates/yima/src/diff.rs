//! `yima pack diff`: who would change colour, before anybody publishes.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressIterator};
use serde_json::{Value, json};
use yima_model::division::DivisionTree;
use yima_model::{AreaCode, Colour, Fact, Interval, PersonId, Timestamp};
use yima_registry::standing::{address, standing};
use yima_rules::diff::{Change, Diff};
use yima_rules::pack::Pack;

use crate::input;

/// Fewer persons than this are not counted out: a small figure in a small place is somebody.
pub(crate) const FEWEST: usize = 10;

/// Says who would change colour if one pack took the place of another, when, where and by which rules.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// The pack that judges so far.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The pack that would judge.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The facts, one JSON object on a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// The first instant compared; without it, the first of the new pack.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    from: Option<Timestamp>,
    /// The instant at which the comparison ends; without it, the end of the new pack.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    until: Option<Timestamp>,
    /// Prints figures below ten and each person too, for those who may see single persons.
    #[arg(long)]
    persons: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Where, from which colour to which, and by which rules.
type Group = (Option<AreaCode>, Colour, Colour, String);

/// What was found.
struct Found {
    old: Pack,
    new: Pack,
    period: Interval,
    persons: usize,
    groups: BTreeMap<Group, usize>,
    changes: Vec<(PersonId, Change)>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let (old, new) = (input::pack(&self.old, &[])?.pack, input::pack(&self.new, &[])?.pack);
        let (from, until) = (self.from.unwrap_or(new.from), self.until.unwrap_or(new.until));
        let period = Interval::new(from, until).context("`--until` must lie after `--from`")?;
        let (persons, global) = input::by_person(input::facts(&self.facts)?);
        let diff = Diff::new(old.clone(), new.clone(), period, &global);
        let mut found =
            Found { old, new, period, persons: persons.len(), groups: BTreeMap::new(), changes: Vec::new() };
        // It is drawn on a terminal only, and on standard error.
        let progress = ProgressBar::new(u64::try_from(persons.len())?);
        for (person, facts) in persons.into_iter().progress_with(progress) {
            if let Some(change) = diff.first_change(&facts) {
                *found.groups.entry(group(&facts, &change)).or_default() += 1;
                found.changes.push((person, change));
            }
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        match self.json {
            true => writeln!(out, "{}", found.json(self.persons))?,
            false => found.print(&mut out, self.persons)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn group(facts: &[Fact], change: &Change) -> Group {
    let area = address(&standing(facts, Timestamp::FOREVER), change.at);
    (area.map(AreaCode::province), change.old, change.new, rules(change))
}

fn rules(change: &Change) -> String {
    let rules: Vec<_> = change.rules.iter().map(|rule| rule.as_str()).collect();
    rules.join(" ")
}

impl Found {
    fn instant(&self, at: Timestamp) -> String {
        self.new.zone.format(at)
    }

    /// How many change in the groups that are counted out; what is left of a whole would give away a small group.
    fn at_least(&self, exact: bool) -> usize {
        self.groups.values().filter(|persons| exact || **persons >= FEWEST).sum()
    }

    fn json(&self, exact: bool) -> Value {
        let count = |persons: usize| (exact || persons >= FEWEST).then_some(persons);
        let groups = self.groups.iter().map(|((area, old, new, rules), persons)| {
            json!({
                "area": area.map(|area| area.to_string()), "old": old.word(), "new": new.word(),
                "rules": rules.split_whitespace().collect::<Vec<_>>(), "persons": count(*persons),
            })
        });
        let change = |(person, change): &(PersonId, Change)| {
            let rules: Vec<_> = change.rules.iter().map(|rule| rule.as_str()).collect();
            json!({
                "person": person.to_string(), "at": self.instant(change.at),
                "old": change.old.word(), "new": change.new.word(), "rules": rules,
            })
        };
        json!({
            "old": self.old.id.as_str(), "new": self.new.id.as_str(),
            "from": self.instant(self.period.from()), "until": self.instant(self.period.until()),
            "persons": self.persons, "changed_at_least": self.at_least(exact), "fewest": FEWEST,
            "groups": groups.collect::<Vec<_>>(),
            "changes": exact.then(|| self.changes.iter().map(change).collect::<Vec<_>>()),
        })
    }

    fn print(&self, out: &mut impl Write, exact: bool) -> Result<()> {
        let divisions = DivisionTree::built_in();
        let count = |persons: usize| match exact || persons >= FEWEST {
            true => persons.to_string(),
            false => format!("fewer than {FEWEST}"),
        };
        let (from, until) = (self.instant(self.period.from()), self.instant(self.period.until()));
        writeln!(out, "{} → {}, {from} – {until}", self.old.id, self.new.id)?;
        writeln!(out, "at least {} of {} persons change colour", self.at_least(exact), self.persons)?;
        for ((area, old, new, rules), persons) in &self.groups {
            let name = area.and_then(|area| divisions.name(area)).unwrap_or("no address");
            let by = if rules.is_empty() { "the base" } else { rules };
            writeln!(out, "  {name}  {old} → {new}  by {by}: {}", count(*persons))?;
        }
        for (person, change) in self.changes.iter().filter(|_| exact) {
            let at = self.instant(change.at);
            writeln!(out, "{person}  {at}  {} → {}  {}", change.old, change.new, rules(change))?;
        }
        Ok(())
    }
}

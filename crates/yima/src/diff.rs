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
    /// How many of each group change first on a day.
    days: BTreeMap<Group, BTreeMap<String, usize>>,
    changes: Vec<(PersonId, Change)>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let (old, new) = (input::pack(&self.old, &[])?.pack, input::pack(&self.new, &[])?.pack);
        let (from, until) = (self.from.unwrap_or(new.from), self.until.unwrap_or(new.until));
        let period = Interval::new(from, until).context("`--until` must lie after `--from`")?;
        let (persons, global) = input::by_person(input::facts(&self.facts)?);
        let diff = Diff::new(old.clone(), new.clone(), period, &global);
        let mut found = Found {
            old,
            new,
            period,
            persons: persons.len(),
            groups: BTreeMap::new(),
            days: BTreeMap::new(),
            changes: Vec::new(),
        };
        // It is drawn on a terminal only, and on standard error.
        let progress = ProgressBar::new(u64::try_from(persons.len())?);
        for (person, facts) in persons.into_iter().progress_with(progress) {
            if let Some(change) = diff.first_change(&facts) {
                let group = group(&facts, &change);
                if let Some(day) = found.new.zone.date(change.at) {
                    *found.days.entry(group.clone()).or_default().entry(day.to_string()).or_default() += 1;
                }
                *found.groups.entry(group).or_default() += 1;
                found.changes.push((person, change));
            }
        }
        let mut out = BufWriter::new(crate::output::stdout());
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

    /// The groups that are counted out; of a smaller one nothing is said, not even where it is.
    fn shown(&self, exact: bool) -> impl Iterator<Item = (&Group, usize)> {
        self.groups.iter().map(|(group, persons)| (group, *persons)).filter(move |(_, count)| exact || *count >= FEWEST)
    }

    /// How many change in the groups that are counted out; what is left of a whole would give away a small group.
    fn at_least(&self, exact: bool) -> usize {
        self.shown(exact).map(|(_, persons)| persons).sum()
    }

    /// Whether there are groups that are not counted out.
    fn has_further(&self, exact: bool) -> bool {
        self.shown(exact).count() < self.groups.len()
    }

    /// How many of the groups that are counted out change first on each day; of none, if there is a day of fewer than may be.
    fn days(&self, exact: bool) -> BTreeMap<String, usize> {
        let mut days: BTreeMap<String, usize> = BTreeMap::new();
        for (group, _) in self.shown(exact) {
            for (day, persons) in self.days.get(group).into_iter().flatten() {
                *days.entry(day.clone()).or_default() += persons;
            }
        }
        if exact || days.values().all(|persons| *persons >= FEWEST) { days } else { BTreeMap::new() }
    }

    fn json(&self, exact: bool) -> Value {
        let groups = self.shown(exact).map(|((area, old, new, rules), persons)| {
            json!({
                "area": area.map(|area| area.to_string()), "old": old.word(), "new": new.word(),
                "rules": rules.split_whitespace().collect::<Vec<_>>(), "persons": persons,
            })
        });
        let days = self.days(exact);
        let days = days.iter().map(|(day, persons)| json!({"day": day, "persons": persons}));
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
            "groups": groups.collect::<Vec<_>>(), "further_groups": self.has_further(exact),
            "days": days.collect::<Vec<_>>(),
            "changes": exact.then(|| self.changes.iter().map(change).collect::<Vec<_>>()),
        })
    }

    fn print(&self, out: &mut impl Write, exact: bool) -> Result<()> {
        let divisions = DivisionTree::built_in();
        let (from, until) = (self.instant(self.period.from()), self.instant(self.period.until()));
        writeln!(out, "{} → {}, {from} – {until}", self.old.id, self.new.id)?;
        writeln!(out, "at least {} of {} persons change colour", self.at_least(exact), self.persons)?;
        for ((area, old, new, rules), persons) in self.shown(exact) {
            let name = area.and_then(|area| divisions.name(area)).unwrap_or("no address");
            let by = if rules.is_empty() { "the base" } else { rules };
            writeln!(out, "  {name}  {old} → {new}  by {by}: {persons}")?;
        }
        if self.has_further(exact) {
            writeln!(out, "  others, in groups of fewer than {FEWEST}")?;
        }
        for (day, persons) in self.days(exact) {
            writeln!(out, "  {day}: {persons}")?;
        }
        for (person, change) in self.changes.iter().filter(|_| exact) {
            let at = self.instant(change.at);
            writeln!(out, "{person}  {at}  {} → {}  {}", change.old, change.new, rules(change))?;
        }
        Ok(())
    }
}

//! What was counted: for each day the people with more than one colour, and the pairs of rules that cause it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use yima_model::id::PackId;
use yima_model::{Interval, Timestamp, Zone};
use yima_rules::coexist::{Conflict, Side};
use yima_rules::pack::{Class, Pack};

/// How many pairs of rules are printed.
const PAIRS_PRINTED: usize = 12;

pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) persons: u32,
    pub(super) zone: Zone,
    pub(super) period: Interval,
    pub(super) lines: Vec<Line>,
}

/// Some places with their packs, and what was counted there.
pub(super) struct Line {
    pub(super) packs: Vec<PackId>,
    pub(super) period: Interval,
    zone: Zone,
    pub(super) days: Vec<Day>,
    pairs: BTreeMap<Pair, Count>,
}

/// The people with more than one colour at some moment of a day; who is counted for health is not counted for paperwork.
#[derive(Clone, Copy, Default)]
pub(super) struct Day {
    pub(super) health: u32,
    pub(super) paperwork: u32,
}

/// The worse side, then the milder one.
type Pair = (Side, Side);

#[derive(Clone, Copy, Default)]
struct Count {
    persons: u32,
    days: u32,
}

impl Line {
    pub(super) fn new(packs: &[Pack], zone: Zone, period: Interval) -> Self {
        let days = (zone.day(period.from())..=zone.day(period.until().plus_millis(-1))).map(|_| Day::default());
        let packs = packs.iter().map(|pack| pack.id.clone()).collect();
        Self { packs, period, zone, days: days.collect(), pairs: BTreeMap::new() }
    }

    /// Counts one person.
    pub(super) fn count(&mut self, conflicts: &[Conflict]) -> Result<()> {
        let first = self.zone.day(self.period.from());
        let mut classes: BTreeMap<i64, Class> = BTreeMap::new();
        let mut pairs: BTreeMap<Pair, BTreeSet<i64>> = BTreeMap::new();
        for conflict in conflicts {
            let last = self.zone.day(conflict.during.until().plus_millis(-1));
            let days = self.zone.day(conflict.during.from())..=last;
            for day in days.clone() {
                let class = classes.entry(day).or_insert(conflict.class);
                *class = conflict.class.min(*class);
            }
            pairs.entry((conflict.worse.clone(), conflict.milder.clone())).or_default().extend(days);
        }
        for (day, class) in classes {
            let day = usize::try_from(day - first)?;
            let day = self.days.get_mut(day).context("a conflict lies outside the period")?;
            *match class {
                Class::Risk => &mut day.health,
                Class::Administrative => &mut day.paperwork,
            } += 1;
        }
        for (pair, days) in pairs {
            let count = self.pairs.entry(pair).or_default();
            count.persons += 1;
            count.days += u32::try_from(days.len())?;
        }
        Ok(())
    }

    /// The pairs of rules, those that concern the most persons first.
    fn worst_pairs(&self) -> Vec<(&Pair, &Count)> {
        let mut pairs: Vec<_> = self.pairs.iter().collect();
        pairs.sort_by_key(|(_, count)| std::cmp::Reverse((count.persons, count.days)));
        pairs
    }

    /// Whether one pack judges in every place.
    pub(super) fn is_unified(&self) -> bool {
        self.packs.iter().all(|pack| self.packs.first() == Some(pack))
    }

    fn title(&self) -> String {
        match self.packs.first().filter(|_| self.is_unified()) {
            Some(pack) => format!("{pack} in {} places", self.packs.len()),
            None => self.packs.iter().map(PackId::as_str).collect::<Vec<_>>().join(" | "),
        }
    }
}

impl Report {
    /// The dates of the period.
    pub(super) fn dates(&self) -> impl Iterator<Item = String> {
        let (first, last) = (self.zone.day(self.period.from()), self.zone.day(self.period.until().plus_millis(-1)));
        let date = |day| self.zone.date(self.zone.midnight(day)).map_or_else(String::new, |date| date.to_string());
        (first..=last).map(date)
    }

    fn instant(&self, at: Timestamp) -> String {
        self.zone.format(at)
    }

    pub(super) fn print(&self, out: &mut impl Write) -> Result<()> {
        let (from, until) = (self.instant(self.period.from()), self.instant(self.period.until()));
        writeln!(out, "{} invented people, seed {}, {from} – {until}", self.persons, self.seed)?;
        writeln!(
            out,
            "people with more than one colour at some moment of the day, by a rule of health | by paperwork alone"
        )?;
        for line in &self.lines {
            writeln!(out, "\n{}", line.title())?;
            if line.pairs.is_empty() {
                writeln!(out, "  nobody on any day")?;
                continue;
            }
            for (date, day) in self.dates().zip(&line.days) {
                writeln!(out, "  {date}  {:>6} | {:>6}", day.health, day.paperwork)?;
            }
            let pairs = line.worst_pairs();
            writeln!(out, "  by {} pairs of rules; people, days of a person:", pairs.len())?;
            for ((worse, milder), count) in pairs.into_iter().take(PAIRS_PRINTED) {
                writeln!(out, "  {:>6} {:>7}  {} ≠ {}", count.persons, count.days, side(worse), side(milder))?;
            }
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let side = |side: &Side| {
            let rule = side.rule.as_ref().map(|rule| rule.as_str());
            json!({ "pack": side.pack.as_str(), "colour": side.colour.word(), "rule": rule })
        };
        let pair = |((worse, milder), count): (&Pair, &Count)| json!({ "worse": side(worse), "milder": side(milder), "persons": count.persons, "person_days": count.days });
        let day =
            |(date, day): (String, &Day)| json!({ "date": date, "health": day.health, "paperwork": day.paperwork });
        let line = |line: &Line| {
            json!({
                "packs": line.packs.iter().map(PackId::as_str).collect::<Vec<_>>(),
                "days": self.dates().zip(&line.days).map(day).collect::<Vec<_>>(),
                "pairs": line.worst_pairs().into_iter().map(pair).collect::<Vec<_>>(),
            })
        };
        json!({
            "persons": self.persons, "seed": self.seed,
            "from": self.instant(self.period.from()), "until": self.instant(self.period.until()),
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        })
    }

    pub(super) fn days_csv(&self) -> String {
        let mut rows = vec!["date,packs,health,paperwork".to_owned()];
        for line in &self.lines {
            let title = line.title();
            let row = |(date, day): (String, &Day)| format!("{date},{title},{},{}", day.health, day.paperwork);
            rows.extend(self.dates().zip(&line.days).map(row));
        }
        rows.join("\n") + "\n"
    }

    pub(super) fn pairs_csv(&self) -> String {
        let heading =
            "packs,worse_pack,worse_colour,worse_rule,milder_pack,milder_colour,milder_rule,persons,person_days";
        let mut rows = vec![heading.to_owned()];
        let side = |side: &Side| format!("{},{},{}", side.pack, side.colour, rule(side));
        for line in &self.lines {
            let title = line.title();
            rows.extend(line.worst_pairs().into_iter().map(|((worse, milder), count)| {
                format!("{title},{},{},{},{}", side(worse), side(milder), count.persons, count.days)
            }));
        }
        rows.join("\n") + "\n"
    }
}

fn rule(side: &Side) -> &str {
    side.rule.as_ref().map_or("base", |rule| rule.as_str())
}

fn side(side: &Side) -> String {
    format!("{} {} ({})", rule(side), side.colour, side.pack)
}

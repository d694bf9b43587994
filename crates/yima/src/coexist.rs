//! `yima pack coexist`: how many people have more than one colour where places judge by packs of their own, and how many under
//! one pack everywhere.

mod plot;
mod population;
mod report;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::ProgressBar;
use yima_model::{Fact, Interval, Timestamp};
use yima_rules::coexist::Coexistence;
use yima_rules::pack::Pack;

use self::population::{Population, invent};
use self::report::{Line, Report};
use crate::draws::Draws;
use crate::input;

/// How long the packs stand side by side if nothing is said.
const DAYS: i64 = 60;

/// Says how many invented people have more than one colour under packs side by side, and by which rules.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// The packs of places: each judges as if the person stood where it applies.
    #[arg(required = true, num_args = 2.., value_name = "PACK")]
    packs: Vec<PathBuf>,
    /// A pack that judges in all these places instead; may be given several times.
    #[arg(long, value_name = "PACK")]
    national: Vec<PathBuf>,
    /// How many people are invented.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    persons: u32,
    /// Who they are and what happens to them follows from this number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The first instant; without it, the latest at which one of the packs comes into force.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    from: Option<Timestamp>,
    /// The instant at which it ends; without it, sixty days later.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    until: Option<Timestamp>,
    /// A folder for days.csv, pairs.csv, coexistence.json and coexistence.svg.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let packs = read(&self.packs)?;
        let national = read(&self.national)?;
        let latest = packs.iter().map(|pack| pack.from).max().context("name the packs of two places or more")?;
        let from = self.from.unwrap_or(latest);
        let until = self.until.unwrap_or(from.plus_millis(DAYS * 86_400_000));
        let period = Interval::new(from, until).context("`--until` must lie after `--from`")?;
        let all: Vec<_> = packs.iter().chain(&national).collect();
        let ceilings = national.iter().all(|pack| pack.ceiling.is_some());
        ensure!(ceilings, "a pack that judges everywhere states a ceiling; name those of places before `--national`");
        let zone = packs.first().context("name the packs of two places or more")?.zone;
        let population = invent(&all, zone, period, usize::try_from(self.persons)?, self.seed)?;
        let everywhere = national.into_iter().map(|pack| vec![pack; packs.len()]).collect::<Vec<_>>();
        // It is drawn on a terminal only, and on standard error.
        let progress = ProgressBar::new(u64::try_from(population.persons.len() * (everywhere.len() + 1))?);
        let mut lines = Vec::new();
        for packs in [packs].into_iter().chain(everywhere) {
            let mut line = Line::new(&packs, zone, period);
            judge(packs, &population, &mut line, self.seed, &progress)?;
            lines.push(line);
        }
        let report = Report { seed: self.seed, persons: self.persons, zone, period, lines };
        if let Some(folder) = &self.out {
            write(folder, &report)?;
        }
        let mut out = BufWriter::new(crate::output::stdout());
        match self.json {
            true => writeln!(out, "{}", report.json())?,
            false => report.print(&mut out)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<Pack>> {
    files.iter().map(|file| Ok(input::pack(file, &[])?.pack)).collect()
}

/// Judges everybody in every place; each place has the facts in an order of its own, as they reached it.
fn judge(packs: Vec<Pack>, population: &Population, line: &mut Line, seed: u64, progress: &ProgressBar) -> Result<()> {
    let mut draws = Draws::new(seed);
    let places = packs.len();
    let mut copies =
        |facts: &[Fact]| -> Result<Vec<Vec<Fact>>> { (0..places).map(|_| reordered(facts, &mut draws)).collect() };
    let globals = copies(&population.global)?;
    let coexistence = Coexistence::new(line.period, packs.into_iter().zip(globals.iter().map(Vec::as_slice)));
    for facts in &population.persons {
        line.count(&coexistence.conflicts(copies(facts)?.iter().map(Vec::as_slice)))?;
        progress.inc(1);
    }
    Ok(())
}

fn reordered(facts: &[Fact], draws: &mut Draws) -> Result<Vec<Fact>> {
    let mut copy = facts.to_vec();
    copy.rotate_left(usize::try_from(draws.below(i64::try_from(facts.len())?)?)?);
    if draws.happens(5_000) {
        copy.reverse();
    }
    Ok(copy)
}

fn write(folder: &Path, report: &Report) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let files = [
        ("days.csv", report.days_csv()),
        ("pairs.csv", report.pairs_csv()),
        ("coexistence.json", format!("{}\n", report.json())),
        ("coexistence.svg", plot::svg(report)),
    ];
    for (name, text) in files {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(())
}

//! `yima eval`: the verdict on every person in a file of facts.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use yima_model::{PersonId, Timestamp};
use yima_rules::explain::{Language, progress_sentence};
use yima_rules::pack::{Pack, Rule};
use yima_rules::progress::Progress;
use yima_rules::timeline::{Everybody, Verdict};
use yima_wire::{AsOf, VerdictJson};

use crate::input;

/// Says which colour every person in a file of facts has, and why.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// The rule pack.
    #[arg(long, value_name = "FILE")]
    pack: PathBuf,
    /// The facts, one JSON object on a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// The instant asked about, such as 2020-02-26T08:00:00+08:00.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    at: Timestamp,
    /// Only facts recorded by then count; without it, all do.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    known_at: Option<Timestamp>,
    /// The facts are complete up to then, and no absence begins later; without it, up to `--at`.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    as_of: Option<Timestamp>,
    /// Says how the colour goes on, from the pack's first instant to its last, if nothing more is filed.
    #[arg(long)]
    timeline: bool,
    /// Turns a setting of the pack over, as `name=true`.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = input::setting)]
    settings: Vec<(String, bool)>,
    /// Prints one JSON object for each person on a line.
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let pack = input::pack(&self.pack, &self.settings)?.pack;
        let (persons, global) = input::by_person(input::facts(&self.facts)?);
        let known_at = self.known_at.unwrap_or(Timestamp::FOREVER);
        let everybody = Everybody::new(pack.clone(), &global, known_at);
        let global_position = input::known(&global, known_at);
        let mut out = BufWriter::new(crate::output::stdout());
        for (person, facts) in &persons {
            let as_of = AsOf {
                instant: self.as_of.unwrap_or(self.at),
                person_position: input::known(facts, known_at),
                global_position,
            };
            let verdict = everybody.verdict(facts, self.at, as_of.instant);
            let progress = everybody.progress(facts, self.at, as_of.instant);
            let timeline = self.timeline.then(|| everybody.timeline(facts, self.as_of.unwrap_or(Timestamp::FOREVER)));
            let steps = timeline.as_ref().map(|timeline| timeline.verdicts_from(pack.from));
            if self.json {
                let answer = VerdictJson::new(*person, &verdict, as_of).with_progress(&progress);
                let answer = match steps {
                    None => answer,
                    Some(steps) => answer.with_timeline(steps),
                };
                writeln!(out, "{}", answer.to_line())?;
            } else {
                print(&mut out, *person, &verdict, &progress, &pack)?;
                for (from, step) in steps.into_iter().flatten() {
                    let rules: Vec<_> = step.rules().map(|rule| rule.as_str()).collect();
                    writeln!(out, "  {}  {}  {}", pack.zone.format(from), step.colour, rules.join(" "))?;
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print(
    out: &mut impl Write,
    person: PersonId,
    verdict: &Verdict<'_>,
    progress: &[(&Rule, Progress)],
    pack: &Pack,
) -> Result<()> {
    write!(out, "{person}  {}", verdict.colour)?;
    match verdict.next_change {
        Some(change) => writeln!(out, "  next change {}", pack.zone.format(change))?,
        None => writeln!(out)?,
    }
    if !verdict.in_force {
        writeln!(out, "  the pack is not in force: no rules here")?;
    }
    for ground in &verdict.grounds {
        let (from, until) = (ground.interval.from(), ground.interval.until());
        let reason = ground.rule.reason.get("en").unwrap_or_default();
        write!(out, "  {}", ground.rule.id)?;
        if from > Timestamp::BEGINNING {
            write!(out, " since {}", pack.zone.format(from))?;
        }
        if until < Timestamp::FOREVER {
            write!(out, " until {}", pack.zone.format(until))?;
        }
        writeln!(out, ": {reason}")?;
        for (_, counted) in progress.iter().filter(|(rule, _)| *rule == ground.rule) {
            writeln!(out, "    {}", progress_sentence(*counted, Language::English))?;
        }
    }
    Ok(())
}

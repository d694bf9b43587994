//! `yima pack`: checks, explains, compares and replays rule packs.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use yima_model::{PersonId, Timestamp};
use yima_rules::check::versions::{self, Version};
use yima_rules::check::{self, Loaded};
use yima_rules::diagnostic::{Diagnostic, Severity, render};
use yima_rules::explain::{Language, progress_sentence, sentence};
use yima_rules::pack::Pack;
use yima_rules::search::search;
use yima_rules::timeline::Everybody;

use crate::{EXIT_REFUSED, coexist, diff, input};

/// Works on rule packs.
#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Finds what is wrong with packs, and between those of the same places; exits with 2 if one is refused.
    Check {
        /// The packs.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The national pack beside which they will count: what is harsher than its ceiling is refused.
        #[arg(long, value_name = "FILE")]
        national: Option<PathBuf>,
    },
    /// Prints a pack as sentences, next to those of the notice.
    Explain {
        /// The pack.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The language: zh-CN, zh-TW or en.
        #[arg(long, default_value = "en", value_parser = Language::parse)]
        language: Language,
    },
    /// Says who would change colour if one pack took the place of another.
    Diff(diff::Command),
    /// Says how many invented people have more than one colour under packs side by side.
    Coexist(coexist::Command),
    /// Says which colour somebody had, as known then and as known now.
    Replay(Replay),
}

#[derive(Debug, Args)]
struct Replay {
    /// The rule pack.
    #[arg(long, value_name = "FILE")]
    pack: PathBuf,
    /// The facts, one JSON object on a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// The instant asked about.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    at: Timestamp,
    /// When somebody looked; without it, at that very instant.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    known_at: Option<Timestamp>,
    /// Only this person.
    #[arg(long, value_name = "ID", value_parser = person)]
    person: Option<PersonId>,
    /// Names the rules, their sources and the facts.
    #[arg(long)]
    why: bool,
    /// The language of reasons: zh-CN, zh-TW or en.
    #[arg(long, default_value = "en", value_parser = Language::parse)]
    language: Language,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Check { files, national } => check_all(&files, national.as_deref()),
            Action::Explain { file, language } => explain(&input::pack(&file, &[])?.pack, language),
            Action::Diff(diff) => diff.run(),
            Action::Coexist(coexist) => coexist.run(),
            Action::Replay(replay) => replay.run(),
        }
    }
}

fn check_all(files: &[PathBuf], national: Option<&Path>) -> Result<ExitCode> {
    let ceiling = match national {
        Some(file) => {
            let ceiling = input::pack(file, &[])?.pack.ceiling;
            Some(ceiling.with_context(|| format!("`{}` is no national pack: it has no ceiling", file.display()))?)
        }
        None => None,
    };
    let mut out = std::io::stdout().lock();
    let mut refused = false;
    let mut loaded = Vec::new();
    for file in files {
        let source = input::text(file)?;
        match check::load(&source) {
            Ok(Loaded { pack, warnings }) => {
                let version = Version { source: &source, pack: &pack };
                let ceiling = ceiling.filter(|_| pack.ceiling.is_none());
                let above = ceiling.map(|ceiling| versions::above(version, ceiling)).unwrap_or_default();
                let searched = search(&source, &pack);
                loaded.push((file, source, pack, [warnings, above, searched].concat()));
            }
            Err(findings) => {
                refused = true;
                show(&mut out, file, &source, &findings, "refused")?;
            }
        }
    }
    let versions: Vec<_> = loaded.iter().map(|(_, source, pack, _)| Version { source, pack }).collect();
    let between = versions::review(&versions);
    for (number, (file, source, pack, own)) in loaded.iter().enumerate() {
        let between = between.iter().filter(|(at, _)| *at == number).map(|(_, finding)| finding);
        let findings: Vec<_> = own.iter().chain(between).cloned().collect();
        let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
        refused |= failed;
        let (from, until) = (pack.zone.format(pack.from), pack.zone.format(pack.until));
        let rules = format!("{} rules, in force {from} to {until}", pack.rules.len());
        show(&mut out, file, source, &findings, if failed { "refused" } else { &rules })?;
    }
    Ok(if refused { ExitCode::from(EXIT_REFUSED) } else { ExitCode::SUCCESS })
}

fn show(out: &mut impl Write, file: &Path, source: &str, findings: &[Diagnostic], outcome: &str) -> Result<()> {
    let path = file.display().to_string();
    if !findings.is_empty() {
        writeln!(out, "{}", render(source, &path, findings))?;
    }
    writeln!(out, "{path}: {outcome}, {} findings", findings.len())?;
    Ok(())
}

fn explain(pack: &Pack, language: Language) -> Result<ExitCode> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let tag = language.tag();
    writeln!(out, "{} · {}", pack.title.get(tag).unwrap_or_default(), pack.id)?;
    writeln!(out, "{}", pack.instrument.get(tag).unwrap_or_default())?;
    writeln!(out, "{} – {}", pack.zone.format(pack.from), pack.zone.format(pack.until))?;
    for rule in &pack.rules {
        writeln!(out)?;
        writeln!(out, "{} · {}", rule.id, language.colour(rule.colour))?;
        writeln!(out, "  {}", sentence(&rule.when, language))?;
        writeln!(out, "  « {} »", rule.source)?;
        writeln!(out, "  → {}", rule.clears.get(tag).unwrap_or_default())?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl Replay {
    fn run(self) -> Result<ExitCode> {
        let pack = input::pack(&self.pack, &[])?.pack;
        let (persons, global) = input::by_person(input::facts(&self.facts)?);
        if let Some(wanted) = self.person {
            ensure!(persons.contains_key(&wanted), "no fact is about `{wanted}`; compare the id");
        }
        let then = Everybody::new(pack.clone(), &global, self.known_at.unwrap_or(self.at));
        let now = Everybody::new(pack.clone(), &global, Timestamp::FOREVER);
        let mut out = BufWriter::new(std::io::stdout().lock());
        for (person, facts) in persons.iter().filter(|(person, _)| self.person.is_none_or(|wanted| wanted == **person))
        {
            writeln!(out, "{person} at {}", pack.zone.format(self.at))?;
            for (known, everybody) in [("as known then", &then), ("as known now", &now)] {
                let verdict = everybody.verdict(facts, self.at, self.at);
                let progress = everybody.progress(facts, self.at, self.at);
                writeln!(out, "  {known}: {}", verdict.colour)?;
                for ground in verdict.grounds.iter().filter(|_| self.why) {
                    let rule = ground.rule;
                    let from = pack.zone.format(ground.interval.from());
                    let until = pack.zone.format(ground.interval.until());
                    writeln!(out, "    {} ({}) {from} – {until}", rule.id, rule.colour)?;
                    writeln!(out, "      {}", rule.reason.get(self.language.tag()).unwrap_or_default())?;
                    writeln!(out, "      {}", sentence(&rule.when, self.language))?;
                    for (_, counted) in progress.iter().filter(|(of, _)| *of == rule) {
                        writeln!(out, "      {}", progress_sentence(*counted, self.language))?;
                    }
                    writeln!(out, "      « {} »", rule.source)?;
                    for fact in facts.iter().chain(&global).filter(|fact| ground.evidence.contains(&fact.id())) {
                        writeln!(out, "      {}", yima_wire::write_fact(fact))?;
                    }
                }
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn person(text: &str) -> Result<PersonId, String> {
    PersonId::parse(text).map_err(|error| error.to_string())
}

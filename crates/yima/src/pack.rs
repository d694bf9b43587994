//! `yima pack`: checks and replays rule packs; its other commands have files of their own.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use yima_model::{Fact, PersonId, Timestamp};
use yima_rules::check::versions::{self, Version};
use yima_rules::check::{self, Loaded};
use yima_rules::diagnostic::{Diagnostic, Severity, render};
use yima_rules::explain::{Language, progress_sentence, sentence};
use yima_rules::search::search;
use yima_rules::timeline::Everybody;
use yima_wire::{AsOf, VerdictJson};

use crate::{EXIT_REFUSED, coexist, diff, explain, input, scaffold};

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
    Explain(explain::Command),
    /// Prints a new pack to be filled in, or the renewal of an old one.
    Scaffold(scaffold::Command),
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
    /// Prints one JSON object for each person on a line, with the verdict as known then and as known now.
    #[arg(long, conflicts_with = "why")]
    json: bool,
    /// The language of reasons: zh-CN, zh-TW or en.
    #[arg(long, default_value = "en", value_parser = Language::parse)]
    language: Language,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Check { files, national } => check_all(&files, national.as_deref()),
            Action::Explain(explain) => explain.run(),
            Action::Scaffold(scaffold) => scaffold.run(),
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

impl Replay {
    fn run(self) -> Result<ExitCode> {
        let pack = input::pack(&self.pack, &[])?.pack;
        let (persons, global) = input::by_person(input::facts(&self.facts)?);
        if let Some(wanted) = self.person {
            ensure!(persons.contains_key(&wanted), "no fact is about `{wanted}`; compare the id");
        }
        let known = [self.known_at.unwrap_or(self.at), Timestamp::FOREVER];
        let judges = known.map(|known_at| (known_at, Everybody::new(pack.clone(), &global, known_at)));
        let mut out = BufWriter::new(std::io::stdout().lock());
        for (person, facts) in persons.iter().filter(|(person, _)| self.person.is_none_or(|wanted| wanted == **person))
        {
            match self.json {
                true => writeln!(out, "{}", self.json(*person, facts, &global, &judges)?)?,
                false => self.print(&mut out, *person, facts, &global, &judges)?,
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn json(&self, person: PersonId, facts: &[Fact], global: &[Fact], judges: &Judges) -> Result<Value> {
        let told = |(known_at, everybody): &(Timestamp, Everybody)| -> Result<Value> {
            let (person_position, global_position) = (input::known(facts, *known_at), input::known(global, *known_at));
            let as_of = AsOf { instant: self.at, person_position, global_position };
            let verdict = everybody.verdict(facts, self.at, self.at);
            let progress = everybody.progress(facts, self.at, self.at);
            Ok(serde_json::from_str(&VerdictJson::new(person, &verdict, as_of).with_progress(&progress).to_line())?)
        };
        let [then, now] = judges;
        let at = then.1.pack().zone.format(self.at);
        Ok(json!({ "person": person.to_string(), "at": at, "then": told(then)?, "now": told(now)? }))
    }

    fn print(
        &self,
        out: &mut impl Write,
        person: PersonId,
        facts: &[Fact],
        global: &[Fact],
        judges: &Judges,
    ) -> Result<()> {
        for (known, (_, everybody)) in ["then", "now"].into_iter().zip(judges) {
            let zone = everybody.pack().zone;
            if known == "then" {
                writeln!(out, "{person} at {}", zone.format(self.at))?;
            }
            let verdict = everybody.verdict(facts, self.at, self.at);
            let progress = everybody.progress(facts, self.at, self.at);
            writeln!(out, "  as known {known}: {}", verdict.colour)?;
            for ground in verdict.grounds.iter().filter(|_| self.why) {
                let rule = ground.rule;
                let (from, until) = (zone.format(ground.interval.from()), zone.format(ground.interval.until()));
                writeln!(out, "    {} ({}) {from} – {until}", rule.id, rule.colour)?;
                writeln!(out, "      {}", rule.reason.get(self.language.tag()).unwrap_or_default())?;
                writeln!(out, "      {}", sentence(&rule.when, self.language))?;
                for (_, counted) in progress.iter().filter(|(of, _)| *of == rule) {
                    writeln!(out, "      {}", progress_sentence(*counted, self.language))?;
                }
                writeln!(out, "      « {} »", rule.source)?;
                for fact in facts.iter().chain(global).filter(|fact| ground.evidence.contains(&fact.id())) {
                    writeln!(out, "      {}", yima_wire::write_fact(fact))?;
                }
            }
        }
        Ok(())
    }
}

/// Who judges with what was known then, and with what is known now.
type Judges = [(Timestamp, Everybody); 2];

fn person(text: &str) -> Result<PersonId, String> {
    PersonId::parse(text).map_err(|error| error.to_string())
}

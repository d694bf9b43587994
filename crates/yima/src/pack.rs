//! `yima pack`: checks rule packs; its other commands have files of their own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use yima_rules::check::versions::{self, Version};
use yima_rules::check::{self, Loaded};
use yima_rules::diagnostic::{Diagnostic, Severity, render};
use yima_rules::search::search;

use crate::{EXIT_REFUSED, coexist, diff, explain, input, replay, scaffold};

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
    Replay(replay::Command),
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
    let mut out = crate::output::stdout();
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

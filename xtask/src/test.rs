//! `cargo xtask test`: runs every check and every test, and ends with one line that counts them.

mod counts;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{demo, fuzz, prerequisites, tidy, workspace};
use counts::Counts;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let missing = prerequisites::missing_to_test();
    if !missing.is_empty() {
        println!("{}\n\ntests: not run · FAILED: prerequisites", missing.join("\n"));
        return Ok(ExitCode::FAILURE);
    }
    #[expect(clippy::disallowed_methods, reason = "the closing line says how long the run took")]
    let start = Instant::now();
    let mut report = Report::default();
    for (name, step) in STEPS {
        if name == WEB && !workspace::has_web() {
            continue;
        }
        println!("\n== {name}");
        let outcome = step().unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            Outcome::of_state(false)
        });
        report.add(name, outcome);
    }
    println!("\n{}", report.closing_line(workspace::shared().is_none(), start.elapsed()));
    Ok(if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Step = fn() -> anyhow::Result<Outcome>;

/// All steps, the quick ones first. A step that fails does not keep the others from running.
const STEPS: [(&str, Step); 7] = [
    ("tidy", check_tree),
    ("format", check_format),
    ("clippy", check_lints),
    ("tests", run_tests),
    (FUZZ, check_fuzz),
    (WEB, check_web),
    ("demo", check_demo),
];

/// The steps that need something to be there.
const WEB: &str = "web";
const FUZZ: &str = "fuzz";

fn check_tree() -> anyhow::Result<Outcome> {
    let outcome = tidy::check()?;
    Ok(Outcome { summary: Some(outcome.to_string()), ..Outcome::silent(outcome.refused == 0) })
}

fn check_format() -> anyhow::Result<Outcome> {
    Ok(Outcome::of_state(cargo(&["fmt", "--check"])?.is_ok))
}

fn check_lints() -> anyhow::Result<Outcome> {
    Ok(Outcome::of_state(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?.is_ok))
}

fn run_tests() -> anyhow::Result<Outcome> {
    let output = cargo(&["test", "--workspace", "--no-fail-fast", "--", "--show-output"])?;
    let counts = Counts::of_cargo(&output.lines);
    Ok(Outcome { counts, ..Outcome::silent(output.is_ok && is_complete(counts)) })
}

fn check_fuzz() -> anyhow::Result<Outcome> {
    if !fuzz::can_run() && !workspace::is_ci() {
        return Ok(Outcome { summary: Some("skipped (no C++ compiler)".to_owned()), ..Outcome::silent(true) });
    }
    Ok(Outcome::of_state(fuzz::briefly()?))
}

fn check_web() -> anyhow::Result<Outcome> {
    let mut counts = Counts::default();
    for arguments in [&["ci"][..], &["run", "check"], &["test"], &["run", "build"], &["run", "e2e"]] {
        let output = npm(arguments)?;
        counts += Counts::of_vitest(&output.lines);
        if !output.is_ok {
            println!("failed: npm {}", arguments.join(" "));
            return Ok(Outcome { counts, ..Outcome::of_state(false) });
        }
    }
    Ok(Outcome { counts, ..Outcome::of_state(is_complete(counts)) })
}

fn check_demo() -> anyhow::Result<Outcome> {
    Ok(Outcome::of_state(demo::check()))
}

/// Whether tests ran at all, and in CI all of them.
fn is_complete(counts: Counts) -> bool {
    counts.total() > 0 && !(workspace::is_ci() && counts.skipped > 0)
}

/// How a step ended.
#[derive(Debug)]
struct Outcome {
    is_ok: bool,
    /// What the closing line says of the step; `None` where the counts say it all.
    summary: Option<String>,
    counts: Counts,
}

impl Outcome {
    fn of_state(is_ok: bool) -> Self {
        Self { summary: Some(if is_ok { "ok" } else { "FAILED" }.to_owned()), ..Self::silent(is_ok) }
    }

    fn silent(is_ok: bool) -> Self {
        Self { is_ok, summary: None, counts: Counts::default() }
    }
}

/// What all steps so far came to.
#[derive(Debug, Default)]
struct Report {
    counts: Counts,
    summaries: Vec<String>,
    failed: Vec<&'static str>,
}

impl Report {
    fn add(&mut self, name: &'static str, outcome: Outcome) {
        self.counts += outcome.counts;
        self.summaries.extend(outcome.summary.map(|summary| format!("{name}: {summary}")));
        if !outcome.is_ok {
            self.failed.push(name);
        }
    }

    fn closing_line(&self, is_shared_absent: bool, elapsed: Duration) -> String {
        let mut tests = format!("tests: {} passed, {} failed", self.counts.passed, self.counts.failed);
        if self.counts.skipped > 0 {
            let reason = if is_shared_absent { " (../shared absent)" } else { "" };
            tests.push_str(&format!(", {} skipped{reason}", self.counts.skipped));
        }
        let seconds = elapsed.as_secs();
        let time = format!("{} min {} s", seconds / 60, seconds % 60);
        let verdict = (!self.failed.is_empty()).then(|| format!("FAILED: {}", self.failed.join(", ")));
        let parts = [tests].into_iter().chain(self.summaries.iter().cloned()).chain([time]).chain(verdict);
        parts.collect::<Vec<_>>().join(" · ")
    }
}

/// What a tool printed on standard output, and whether it succeeded.
struct ToolOutput {
    is_ok: bool,
    lines: Vec<String>,
}

fn cargo(arguments: &[&str]) -> anyhow::Result<ToolOutput> {
    stream(workspace::cargo().args(arguments))
}

fn npm(arguments: &[&str]) -> anyhow::Result<ToolOutput> {
    // Colour codes would stand between the words that are counted.
    stream(Command::new("npm").args(arguments).env("NO_COLOR", "1").current_dir(workspace::root().join("web")))
}

/// Runs a tool, passing on what it prints line by line.
fn stream(command: &mut Command) -> anyhow::Result<ToolOutput> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{name}` does not start"))?;
    let mut lines = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            lines.push(line);
        }
    }
    Ok(ToolOutput { is_ok: child.wait()?.success(), lines })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::counts::Counts;
    use super::{Outcome, Report};

    #[test]
    fn the_closing_line_counts_everything() {
        let mut report = Report::default();
        report.add("tidy", Outcome { summary: Some("8 checks".to_owned()), ..Outcome::silent(true) });
        report.add("tests", Outcome { counts: Counts { passed: 309, failed: 0, skipped: 3 }, ..Outcome::silent(true) });
        report.add("web", Outcome { counts: Counts { passed: 3, failed: 0, skipped: 0 }, ..Outcome::of_state(true) });
        assert_eq!(
            report.closing_line(true, Duration::from_secs(252)),
            "tests: 312 passed, 0 failed, 3 skipped (../shared absent) · tidy: 8 checks · web: ok · 4 min 12 s"
        );
    }

    #[test]
    fn the_closing_line_names_what_failed() {
        let mut report = Report::default();
        report.add("clippy", Outcome::of_state(false));
        report.add("tests", Outcome { counts: Counts { passed: 1, failed: 2, skipped: 0 }, ..Outcome::silent(false) });
        report.add("demo", Outcome::of_state(true));
        assert_eq!(
            report.closing_line(false, Duration::from_secs(5)),
            "tests: 1 passed, 2 failed · clippy: FAILED · demo: ok · 0 min 5 s · FAILED: clippy, tests"
        );
        assert_eq!(report.failed, ["clippy", "tests"]);
    }
}

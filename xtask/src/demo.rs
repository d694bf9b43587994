//! `cargo xtask demo`: builds the program and walks through what it can do.
//!
//! The demo is a list of steps, each of which calls the built program as a user would and says what it saw.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use serde_json::{Map, Value};

use crate::{prerequisites, workspace};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Prints one JSON line of what was seen, and exits with 0 or 1.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    if options.check {
        return Ok(if check() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    show()?;
    Ok(ExitCode::SUCCESS)
}

/// Takes every step, prints one JSON line of what was seen, and says whether all was as it must be.
pub(crate) fn check() -> bool {
    let mut seen = Map::new();
    let end = walk(|step, value| drop(seen.insert(step.name.to_owned(), value)));
    seen.insert("ok".to_owned(), end.is_ok().into());
    if let Err(failure) = &end {
        seen.insert("failed".to_owned(), failure.step.into());
        seen.insert("error".to_owned(), format!("{:#}", failure.error).into());
    }
    println!("{}", Value::Object(seen));
    end.is_ok()
}

/// Takes every step for somebody who watches.
fn show() -> anyhow::Result<()> {
    let end = walk(|step, value| match value {
        Value::String(text) => println!("{}: {text}", step.says),
        value => println!("{}: {value}", step.says),
    });
    end.map_err(|failure| failure.error.context(format!("the step `{}` failed", failure.step)))
}

/// Takes every step, and hands what each saw to `saw`.
fn walk(mut saw: impl FnMut(&Step, Value)) -> Result<(), Failure> {
    let program = Program::build().map_err(|error| Failure { step: "build", error })?;
    for step in STEPS {
        let value = (step.run)(&program).map_err(|error| Failure { step: step.name, error })?;
        saw(&step, value);
    }
    Ok(())
}

/// The step that did not see what it must.
struct Failure {
    step: &'static str,
    error: anyhow::Error,
}

/// One thing that the program is asked to do.
struct Step {
    /// The key in the JSON line.
    name: &'static str,
    /// What is shown, for people.
    says: &'static str,
    run: fn(&Program) -> anyhow::Result<Value>,
}

const STEPS: [Step; 1] = [Step { name: "version", says: "the program says what it is", run: version }];

fn version(program: &Program) -> anyhow::Result<Value> {
    let text = program.call(&["--version"])?;
    if !text.starts_with("yima ") {
        bail!("`--version` answers `{text}`");
    }
    Ok(text.into())
}

/// The program as it was built.
struct Program {
    path: PathBuf,
}

impl Program {
    fn build() -> anyhow::Result<Self> {
        let missing = prerequisites::missing_to_build();
        if !missing.is_empty() {
            bail!("{}", missing.join("; "));
        }
        let output = workspace::cargo()
            .args(["build", "--package", "yima", "--message-format", "json-render-diagnostics"])
            .stderr(std::process::Stdio::inherit())
            .output()
            .context("cargo does not start")?;
        if !output.status.success() {
            bail!("the program does not build, see above");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let path = messages.lines().find_map(executable).context("cargo names no program")?;
        Ok(Self { path })
    }

    /// Calls the program, and gives what it prints on standard output.
    fn call(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let call = format!("`yima {}`", arguments.join(" "));
        let output =
            Command::new(&self.path).args(arguments).output().with_context(|| format!("{call} does not start"))?;
        if !output.status.success() {
            bail!("{call} ends with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The program that a message of cargo names.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message.get("executable").and_then(Value::as_str).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn the_program_is_found_in_the_messages_of_cargo() {
        for (message, path) in [
            (r#"{"reason":"compiler-artifact","executable":"/target/debug/yima"}"#, Some("/target/debug/yima")),
            (r#"{"reason":"compiler-artifact","executable":null}"#, None),
            (r#"{"reason":"build-finished","success":true}"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(executable(message).as_deref(), path.map(std::path::Path::new), "{message}");
        }
    }
}

//! `cargo xtask test`: runs every check and every test, and ends with one line that counts them.

use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::workspace;

const STEPS: [&[&str]; 3] = [
    &["fmt", "--check"],
    &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
    &["test", "--workspace"],
];

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    if workspace::is_ci() && workspace::shared().is_none() {
        anyhow::bail!("`../shared` is absent, and CI is true: put the folder beside the project");
    }
    for step in STEPS {
        let status =
            Command::new("cargo").args(step).current_dir(workspace::root()).status().context("cargo does not start")?;
        if !status.success() {
            println!("failed: cargo {}", step.join(" "));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

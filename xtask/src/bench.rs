//! `cargo xtask bench`: builds the benchmark with optimisation and runs it.

use std::process::ExitCode;

use anyhow::Context;

use crate::workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Measures these parts only: verdicts, codes, statements, append, census.
    #[arg(value_name = "PART")]
    parts: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--release", "--quiet", "--package", "yima-bench", "--"]).args(&options.parts);
    let status = cargo.status();
    Ok(if status.context("cargo does not start")?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

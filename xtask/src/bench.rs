//! `cargo xtask bench`: builds the benchmark with optimisation and runs it.

use std::process::ExitCode;

use anyhow::Context;

use crate::workspace;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut cargo = workspace::cargo();
    let status = cargo.args(["run", "--release", "--quiet", "--package", "yima-bench"]).status();
    Ok(if status.context("cargo does not start")?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `cargo xtask bench`: builds the benchmarks with optimisation and runs them: ours beside its limits, then beside its peers.

use std::process::ExitCode;

use anyhow::Context;

use crate::workspace;

/// The part that lies in a workspace of its own.
const PEERS: &str = "peers";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Measures these parts only: verdicts, codes, status, statements, append, archive, census, peers.
    #[arg(value_name = "PART")]
    parts: Vec<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let own: Vec<&String> = options.parts.iter().filter(|part| *part != PEERS).collect();
    let mut is_success = true;
    if options.parts.is_empty() || !own.is_empty() {
        let mut cargo = workspace::cargo();
        cargo.args(["run", "--release", "--quiet", "--package", "yima-bench", "--"]).args(own);
        is_success = cargo.status().context("cargo does not start")?.success();
    }
    if is_success && (options.parts.is_empty() || options.parts.iter().any(|part| part == PEERS)) {
        let mut cargo = workspace::cargo();
        cargo.args(["run", "--release", "--quiet", "--manifest-path"]).arg(workspace::root().join("peers/Cargo.toml"));
        is_success = cargo.status().context("cargo does not start")?.success();
    }
    Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

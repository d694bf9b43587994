//! `cargo xtask demo`: builds the binary and walks through what it can do.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use crate::workspace;

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Prints one JSON line of what was seen, and exits with 0 or 1.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    let binary = build()?;
    let output = Command::new(&binary).arg("--version").output().context("the built binary does not start")?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if options.check {
        println!("{{\"ok\":{},\"version\":\"{version}\"}}", output.status.success());
    } else {
        println!("{version}\n{}", binary.display());
    }
    Ok(if output.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn build() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), PathBuf::from);
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--package", "yima-yima"])
        .current_dir(workspace::root())
        .status()
        .context("cargo does not start")?;
    if !status.success() {
        bail!("the binary does not build");
    }
    Ok(target.join("debug").join("yima"))
}

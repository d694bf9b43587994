//! `cargo xtask fuzz`: feeds what reads foreign bytes with bytes that nobody wrote, guided by the code that they reach.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

use crate::workspace;

/// The targets, each with the folder in the root whose files it starts from.
const TARGETS: [(&str, &str); 15] = [
    ("pack", "packs"),
    ("condition", "fuzz/seeds/condition"),
    ("snapshot", "fuzz/seeds/snapshot"),
    ("code", "fuzz/seeds/code"),
    ("object", "fuzz/seeds/object"),
    ("base45", "fuzz/seeds/base45"),
    ("zlib", "fuzz/seeds/zlib"),
    ("certificate", "fuzz/seeds/certificate"),
    ("card", "fuzz/seeds/card"),
    ("statement", "fuzz/seeds/statement"),
    ("certlogic", "fuzz/seeds/certlogic"),
    ("x509", "fuzz/seeds/x509"),
    ("trust", "fuzz/seeds/trust"),
    ("picture", "fuzz/seeds/picture"),
    ("gbt", "fuzz/seeds/gbt"),
];

/// For how long all targets together run in every test run.
const BRIEF_SECONDS: u32 = 60;

/// What the compiler adds so that the fuzzer sees which code an input reaches. Source: cargo-fuzz, without a sanitizer, so
/// that the stable compiler does.
const INSTRUMENTED: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Runs these targets only: pack, condition, snapshot, code, object, base45, zlib, certificate, card, statement,
    /// certlogic, x509, trust, picture, gbt.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// For how long each target runs.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    Ok(if fuzz(options)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every target for some seconds; whether none found anything.
pub(crate) fn briefly() -> anyhow::Result<bool> {
    let count = u32::try_from(TARGETS.len()).context("there are few targets")?;
    fuzz(&Options { targets: Vec::new(), seconds: BRIEF_SECONDS / count })
}

/// Whether the fuzzer can be built here: it is written in C++.
pub(crate) fn can_run() -> bool {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    Command::new(compiler).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn fuzz(options: &Options) -> anyhow::Result<bool> {
    let unknown = options.targets.iter().find(|asked| TARGETS.iter().all(|(name, _)| name != asked));
    let names = TARGETS.map(|(name, _)| name).join(", ");
    ensure!(unknown.is_none(), "there is no target `{}`; the targets are {names}", unknown.map_or("", |name| name));
    let host = workspace::host()?;
    let folder = workspace::root().join("target/fuzz");
    let mut build = workspace::cargo();
    build.args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target named, what runs while building is not instrumented.
    build.args(["--target", &host]).arg("--target-dir").arg(&folder).env("RUSTFLAGS", INSTRUMENTED.join(" "));
    ensure!(build.status().context("cargo does not start")?.success(), "the fuzz targets do not build");
    let mut is_ok = true;
    for (name, seeds) in TARGETS {
        if options.targets.is_empty() || options.targets.iter().any(|asked| asked == name) {
            println!("\nfuzzing {name} for {} s", options.seconds);
            let corpus: PathBuf = folder.join("corpus").join(name);
            std::fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
            let mut program = Command::new(folder.join(&host).join("release").join(name));
            program.current_dir(workspace::root()).arg(corpus).arg(seeds);
            program.arg(format!("-max_total_time={}", options.seconds)).args(["-timeout=10", "-print_final_stats=1"]);
            program.arg(format!("-artifact_prefix={}/{name}-", folder.display())).arg("-verbosity=0");
            let output = program.output().with_context(|| format!("{name} does not start"))?;
            let told = String::from_utf8_lossy(&output.stderr);
            let wanted = |line: &&str| !output.status.success() || line.starts_with("stat::number_of_executed_units");
            told.lines().filter(wanted).for_each(|line| println!("{line}"));
            is_ok &= output.status.success();
        }
    }
    Ok(is_ok)
}

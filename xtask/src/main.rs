//! What contributors run: the demo, everything that is tested, and the checks of the source tree.
#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod bench;
mod demo;
mod divisions;
mod fuzz;
mod prerequisites;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs the demo and the tests of Yima.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measures what Yima is made of, each figure beside the limit of the same run.
    Bench(bench::Options),
    /// Builds everything and runs a node with invented residents; `--check` walks through the main job.
    Demo(demo::Options),
    /// Makes the embedded division tree and the table of past county codes.
    Divisions(divisions::Options),
    /// Feeds everything that reads foreign bytes with bytes that nobody wrote.
    Fuzz(fuzz::Options),
    /// Runs every check and every test, and ends with one line that counts them.
    Test,
    /// Checks of the source tree what clippy cannot.
    Tidy,
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().task {
        Task::Bench(options) => bench::run(&options),
        Task::Demo(options) => demo::run(options),
        Task::Divisions(options) => divisions::run(options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Test => test::run(),
        Task::Tidy => tidy::run(),
    }
}

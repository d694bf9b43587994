//! The one binary of Yima: one file for each command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Yima (一码): facts in, colours out.
#[derive(Debug, Parser)]
#[command(name = "yima", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {}

/// Exit code for wrong usage or unreadable input (sysexits `EX_USAGE`).
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { EXIT_USAGE } else { 0 };
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::from(EXIT_USAGE),
            };
        }
    };
    match arguments.command {}
}

//! The one binary of Yima: one file for each command.

mod admin;
mod areas;
mod backup;
mod books;
mod census;
mod code;
mod coexist;
mod conform;
mod diff;
mod draws;
mod erase;
mod eval;
mod expire;
mod explain;
mod export;
mod https;
mod import;
mod input;
mod keys;
mod output;
mod pack;
mod replay;
mod restore;
mod risk_levels;
mod rotate;
mod scaffold;
mod serve;
mod statement;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use yima_credential::KeyError;

/// A verdict makes many small allocations of short life.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Yima (一码): facts in, colours out.
#[derive(Debug, Parser)]
#[command(name = "yima", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Admin(admin::Command),
    Areas(areas::Command),
    Backup(backup::Command),
    Census(census::Command),
    Code(code::Command),
    Conform(conform::Command),
    Erase(erase::Command),
    Eval(eval::Command),
    Expire(expire::Command),
    Export(export::Command),
    Import(import::Command),
    Keys(keys::Command),
    Pack(pack::Command),
    Restore(restore::Command),
    RiskLevels(risk_levels::Command),
    Serve(serve::Command),
    Statement(statement::Command),
}

/// Exit code for "no": a pack that does not load, a code that does not pass.
const EXIT_REFUSED: u8 = 2;

/// Exit code for wrong usage or unreadable input (sysexits `EX_USAGE`).
const EXIT_USAGE: u8 = 64;

/// Exit code for a fault of this program or its machine (sysexits `EX_SOFTWARE`).
const EXIT_SOFTWARE: u8 = 70;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { EXIT_USAGE } else { 0 };
            let unprinted = if error.use_stderr() { EXIT_USAGE } else { EXIT_SOFTWARE };
            return ExitCode::from(error.print().map_or(unprinted, |()| code));
        }
    };
    exit_code(|| {
        let code = run(arguments.command)?;
        output::stdout().flush()?;
        Ok(code)
    })
}

/// What `command` says for itself, or whose fault it is that it says nothing.
fn exit_code(command: impl FnOnce() -> Result<ExitCode>) -> ExitCode {
    // Whoever runs this goes by the code, and that of a panic is none of ours; what it tells is on the error stream already.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(command)) else { return ExitCode::from(EXIT_SOFTWARE) };
    outcome.unwrap_or_else(|error| {
        // A closed error stream leaves nobody to tell.
        drop(writeln!(std::io::stderr(), "error: {error:#}"));
        let is_signing = matches!(error.downcast_ref(), Some(KeyError::NotGenerated | KeyError::NotSigned));
        ExitCode::from(if is_signing || output::is_unwritten(&error) { EXIT_SOFTWARE } else { EXIT_USAGE })
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Admin(command) => command.run(),
        Command::Areas(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Census(command) => command.run(),
        Command::Code(command) => command.run(),
        Command::Conform(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Eval(command) => command.run(),
        Command::Expire(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::Pack(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::RiskLevels(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Statement(command) => command.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_fault_of_ours() {
        let code = |command: fn() -> Result<ExitCode>| format!("{:?}", exit_code(command));
        let expected = |code: u8| format!("{:?}", ExitCode::from(code));
        assert_eq!(code(|| unreachable!("to see what comes of it")), expected(EXIT_SOFTWARE));
        assert_eq!(code(|| Err(anyhow::anyhow!("wrong input"))), expected(EXIT_USAGE));
        assert_eq!(code(|| Ok(EXIT_REFUSED.into())), expected(EXIT_REFUSED));
    }
}

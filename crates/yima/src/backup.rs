//! `yima backup`: one file with the ledger and the sealed vault.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;
use yima_model::Timestamp;

use crate::books;

/// Write the ledger and the vault of a stopped node to one file; the keyring is not in it
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The file to write; it must not exist
    #[arg(long)]
    out: PathBuf,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, Timestamp::BEGINNING)?;
        let verified = ledger.backup(&self.out).context("cannot write the backup")?;
        let line = json!({ "entries": verified.entries, "empty": verified.empty });
        writeln!(crate::output::stdout(), "{line}")?;
        Ok(ExitCode::SUCCESS)
    }
}

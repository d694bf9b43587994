//! `yima restore`: a node's folder from a backup, without those who were erased since.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;
use yima_ledger::{KeyedLedger, Ledger as _};
use yima_model::Timestamp;

use crate::books;

/// Make the folder of a node from a backup; persons erased since are erased before anything is served
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The file that `yima backup` wrote
    #[arg(long)]
    backup: PathBuf,
    /// The folder of the node; it must not have a ledger
    #[arg(long)]
    data: PathBuf,
    /// The keyring that was in use when the backup was taken
    #[arg(long)]
    keyring: PathBuf,
    /// The list that `yima erase` writes to
    #[arg(long)]
    erased: PathBuf,
    /// The present instant, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let erased = books::read_persons(&self.erased)?;
        std::fs::create_dir_all(&self.data).with_context(|| format!("cannot make `{}`", self.data.display()))?;
        let directory = books::ledger_directory(&self.data);
        let restored = KeyedLedger::restore(&self.backup, &directory, &erased, books::host(self.at));
        drop(restored.context("cannot restore the backup")?);
        let ledger = books::open_ledger(&self.data, self.at)?;
        let vault = books::open_vault(&ledger, &self.keyring, self.at)?;
        for person in &erased {
            vault.forget(*person)?;
        }
        ledger.shred_rows().context("cannot remove erased rows from the disk; restore into another folder")?;
        let verified = ledger.verify().context("the restored ledger is not whole")?;
        let line = json!({ "entries": verified.entries, "empty": verified.empty, "erased": erased.len() });
        writeln!(crate::output::stdout(), "{line}")?;
        Ok(ExitCode::SUCCESS)
    }
}

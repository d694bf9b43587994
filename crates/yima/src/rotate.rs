//! `yima keys rotate-vault`: the vault under new keys, and none of the older ones left in the keyring.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;
use yima_model::Timestamp;
use yima_registry::vault::Keyring;

use crate::books;

/// Bring the vault of a stopped node under new keys; a run that broke off is repeated and goes on where it stopped
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node, which is replaced; keep a copy as long as backups from before are kept
    #[arg(long)]
    keyring: PathBuf,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, Timestamp::BEGINNING)?;
        let before = Keyring::load(&self.keyring)?;
        // INVARIANT: a key is in the file before anything is sealed under it, and leaves it when nothing is.
        let keyring = if before.is_rotating() {
            before
        } else {
            let rotated = before.rotated(&books::host(Timestamp::BEGINNING).random)?;
            rotated.save(&self.keyring)?;
            rotated
        };
        let vault = books::open_vault(&ledger, &self.keyring, Timestamp::BEGINNING)?;
        let changed = vault.rotate().context("cannot finish; run the command again, it goes on where it stopped")?;
        keyring.retired().save(&self.keyring)?;
        writeln!(crate::output::stdout(), "{}", json!({ "changed": changed }))?;
        Ok(ExitCode::SUCCESS)
    }
}

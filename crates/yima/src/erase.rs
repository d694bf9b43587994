//! `yima erase`: nothing is left of a person but positions in the hash chain.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::json;
use yima_ledger::Ledger;
use yima_model::{PersonId, Timestamp};
use yima_registry::Vault;
use yima_registry::vault::VaultError;

use crate::books;

/// Erase persons from a stopped node: keys, details and facts; returns when they are gone from the disk
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node
    #[arg(long)]
    keyring: PathBuf,
    /// The list of all erased persons, which a restore asks for; keep it apart from the node and from its backups
    #[arg(long)]
    list: PathBuf,
    /// The person to erase; may be repeated
    #[arg(long = "person", value_parser = books::person, required = true)]
    persons: Vec<PersonId>,
    /// The present instant, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, self.at)?;
        let vault = books::open_vault(&ledger, &self.keyring, self.at)?;
        self.check_known(&*ledger, &vault)?;
        // The list first: whoever stands on it and is not erased yet is erased by the next try, and by any restore.
        note(&self.list, &self.persons)?;
        for person in &self.persons {
            vault.forget(*person)?;
            yima_node::forget_person(&*ledger, *person)?;
        }
        ledger.erase(&self.persons).context("cannot erase; run the command again, it goes on where it stopped")?;
        // What was derived holds records in the clear; the node derives it again.
        for derived in books::derived_directories(&self.data) {
            match std::fs::remove_dir_all(&derived) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    bail!("cannot remove `{}`: {error}", derived.display())
                }
                _ => {}
            }
        }
        writeln!(std::io::stdout(), "{}", json!({ "erased": self.persons.len() }))
            .context("cannot write to standard output")?;
        Ok(ExitCode::SUCCESS)
    }

    /// Refuses an id that is nobody's, so that a slip of the pen is not taken for an erasure.
    fn check_known(&self, ledger: &dyn Ledger, vault: &Vault) -> Result<()> {
        let (noted, erased) = (noted(&self.list)?, ledger.erased()?);
        for person in &self.persons {
            if !noted.contains(person) && !erased.contains(person) {
                match vault.details(*person) {
                    Err(VaultError::NoSuchPerson) => {
                        bail!("`{person}` is nobody, and nobody was erased; compare the id")
                    }
                    known => drop(known?),
                }
            }
        }
        Ok(())
    }
}

/// The persons on the list, which the first erasure begins.
fn noted(list: &Path) -> Result<Vec<PersonId>> {
    if list.try_exists()? { books::read_persons(list) } else { Ok(Vec::new()) }
}

/// Adds persons to the list, durably and each once.
fn note(list: &Path, persons: &[PersonId]) -> Result<()> {
    let noted = noted(list)?;
    let new = persons.iter().filter(|person| !noted.contains(person));
    let lines: String = new.map(|person| format!("{person}\n")).collect();
    let write = || {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(list)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write to `{}`", list.display()))
}

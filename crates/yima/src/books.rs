//! The ledger and the vault of a node that is stopped, for the commands that look after them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use aws_lc_rs::rand;
use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::{PersonId, Timestamp};
use yima_registry::Vault;
use yima_registry::vault::Keyring;

/// Where a node keeps its ledger, in its folder.
pub(crate) fn ledger_directory(data: &Path) -> PathBuf {
    data.join("ledger")
}

/// Where a node keeps the registry that it derives from the ledger; it can be thrown away.
pub(crate) fn registry_directory(data: &Path) -> PathBuf {
    data.join("registry")
}

/// Where a node keeps all that it derives from the ledger.
pub(crate) fn derived_directories(data: &Path) -> [PathBuf; 2] {
    [registry_directory(data), data.join("agenda")]
}

/// What a ledger takes from the machine; what it records now is dated `at`.
#[expect(clippy::expect_used, reason = "no randomness, no secrets: the process must not go on")]
pub(crate) fn host(at: Timestamp) -> Host {
    let random = |bytes: &mut [u8]| rand::fill(bytes).expect("the operating system gives random bytes");
    Host { clock: Arc::new(move || at), random: Arc::new(random) }
}

pub(crate) fn open_ledger(data: &Path, at: Timestamp) -> Result<Arc<KeyedLedger>> {
    let directory = ledger_directory(data);
    let ledger = KeyedLedger::open(&directory, host(at));
    Ok(Arc::new(ledger.with_context(|| format!("cannot open the ledger in `{}`", directory.display()))?))
}

pub(crate) fn open_vault(ledger: &Arc<KeyedLedger>, keyring: &Path, at: Timestamp) -> Result<Vault> {
    let ledger: Arc<dyn Ledger> = Arc::<KeyedLedger>::clone(ledger);
    Ok(Vault::new(ledger, Keyring::load(keyring)?, host(at).random))
}

/// Reads persons, one id on a line.
pub(crate) fn read_persons(path: &Path) -> Result<Vec<PersonId>> {
    let text = crate::input::text(path)?;
    let person = |(at, line): (usize, &str)| {
        PersonId::parse(line).with_context(|| format!("line {} of `{}` is no person", at + 1, path.display()))
    };
    text.lines().enumerate().map(person).collect()
}

pub(crate) fn person(text: &str) -> Result<PersonId, String> {
    PersonId::parse(text).map_err(|error| error.to_string())
}

//! `yima import`: what was not filed through the API: an invented past for the test environment, and the list of risk areas.
//!
//! The invented past is lived through, day after day, by the same use cases that a node calls: what a fact needs as evidence it needs
//! here too, and who files too much in an hour is held back. Only the clock is set, so a node that holds facts is refused.

mod life;
mod risk_levels;
mod stories;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use yima_ledger::{Host, KeyedLedger, Ledger, Position};
use yima_model::Timestamp;
use yima_node::{Clock, Config};
use yima_registry::vault::Keyring;
use yima_registry::{Registry, Vault};

use self::life::Life;
use crate::books;
use crate::keys::TestKeys;

/// Imports what was not filed through the API.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Invent residents in whose facts every published rule holds for somebody; for an empty node with test keys
    Synthetic(Synthetic),
    RiskLevels(Box<risk_levels::RiskLevelsImport>),
}

#[derive(Debug, clap::Args)]
struct Synthetic {
    /// The configuration of the node, which has an account already and is stopped
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How many residents
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..=5000))]
    persons: u32,
    /// Who they are and what happens to them follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Synthetic(synthetic) => synthetic.run(),
            Action::RiskLevels(import) => import.run(),
        }
    }
}

impl Synthetic {
    fn run(self) -> Result<ExitCode> {
        let config = Config::read(&self.config)?;
        let now = Clock::system().now();
        TestKeys::open(&config.keys, now)?;
        let clock = Arc::new(AtomicI64::new(now.millis()));
        let host = {
            let clock = Arc::clone(&clock);
            let clock = move || Timestamp::from_millis(clock.load(Ordering::SeqCst));
            Host { clock: Arc::new(clock), random: books::host(now).random }
        };
        let directory = books::ledger_directory(&config.data);
        let ledger = KeyedLedger::open(&directory, host.clone());
        let ledger = ledger.context("open the first account with `yima admin create`, and stop the node")?;
        let empty = ledger.tails()?.iter().all(|tail| tail.position == Position::START);
        ensure!(empty, "the node holds facts already, and nothing is put into its past; name an empty one");
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        let vault = Vault::new(Arc::clone(&ledger), keyring(&config.keyring, &host)?, Arc::clone(&host.random));
        let (registry, _) = Registry::open(&books::registry_directory(&config.data), ledger, vault)?;
        let mut life = Life::new(now, self.seed, i64::from(config.terms.binding_days));
        stories::tell(&mut life, self.persons)?;
        let lived = life.live(&registry, &clock)?;
        // One resident for each rule, for whoever wants to see it from within.
        let said = json!({ "persons": lived.persons, "facts": lived.facts, "residents": lived.examples });
        writeln!(crate::output::stdout(), "{said}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The keyring of the node, made if there is none.
fn keyring(path: &Path, host: &Host) -> Result<Keyring> {
    if path.exists() {
        return Ok(Keyring::load(path)?);
    }
    let keyring = Keyring::generate(&host.random);
    keyring.save(path)?;
    Ok(keyring)
}

#[cfg(test)]
mod tests;

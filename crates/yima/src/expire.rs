//! `yima expire`: forgets what no rule can see any more, and destroys it after the audit period.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use yima_ledger::{Content, KeyedLedger, Ledger, Partition, Position};
use yima_model::{Timestamp, Zone};
use yima_registry::Registry;
use yima_registry::retention::{self, Limits};

use crate::{books, input};

/// Forget and destroy, in the folder of a stopped node, what lies behind the limits of the packs in force and announced
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node
    #[arg(long)]
    keyring: PathBuf,
    /// A rule pack of the node; may be repeated, and every pack in force or announced must be among them
    #[arg(long = "pack", required = true, value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// The present instant, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// Only say what would be forgotten and destroyed
    #[arg(long)]
    preview: bool,
}

/// Facts read at a time.
const PAGE: usize = 1024;

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, self.at)?;
        let vault = books::open_vault(&ledger, &self.keyring, self.at)?;
        let shared: Arc<dyn Ledger> = Arc::<KeyedLedger>::clone(&ledger);
        let (registry, _) = Registry::open(&books::registry_directory(&self.data), shared, vault)?;
        registry.follow(self.at)?;
        let (globals, shelf) = (registry.globals(), input::shelf(&self.packs)?);
        let limits = retention::limits(&globals, &shelf, self.at)?;
        let visits_before = retention::visits_before(&globals, &shelf, self.at)?;
        let (behind_horizon, behind_expire) = count(&*ledger, &limits)?;
        if !self.preview {
            retention::delete_visits(&registry, visits_before, self.at)
                .context("cannot finish; run the command again, it goes on where it stopped")?;
            retention::enforce(&registry, &limits, self.at)
                .context("cannot finish; run the command again, it goes on where it stopped")?;
        }
        let instant = |at| Zone::BEIJING.format(at);
        let line = json!({
            "preview": self.preview,
            "horizon": instant(limits.horizon),
            "sealed": behind_horizon,
            "expire": limits.expire.map(instant),
            "destroyed": behind_expire,
            "visits_before": visits_before.map(instant),
        });
        writeln!(crate::output::stdout(), "{line}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How many facts of each kind lie behind the horizon and not yet behind the expiry, and how many behind that.
fn count(ledger: &dyn Ledger, limits: &Limits) -> Result<(Value, Value)> {
    let kinds = retention::kinds();
    let (mut sealed, mut destroyed) = (BTreeMap::new(), BTreeMap::new());
    for partition in Partition::all(ledger.identity().person_partitions) {
        let mut after = Position::START;
        loop {
            let entries = ledger.read(partition, after, PAGE)?;
            let Some(last) = entries.last() else { break };
            after = last.position;
            for entry in &entries {
                let Content::Fact(fact) = &entry.content else { continue };
                if fact.filed.until >= limits.horizon || !kinds.contains(&fact.filed.kind) {
                    continue;
                }
                let kind = retention::kind_of(fact.filed.kind);
                let is_destroyed = limits.expire.is_some_and(|before| fact.filed.until < before);
                let counts = if is_destroyed { &mut destroyed } else { &mut sealed };
                *counts.entry(kind.map_or("unknown", |kind| kind.word())).or_insert(0_u64) += 1;
            }
        }
    }
    Ok((json!(sealed), json!(destroyed)))
}

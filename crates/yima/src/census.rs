//! `yima census`: how many people have which colour, by region.

use std::io::{BufWriter, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::Result;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use yima_ledger::{KeyedLedger, Ledger};
use yima_model::area::Depth;
use yima_model::{AreaCode, Colour, DivisionTree, Timestamp, Zone};
use yima_registry::Registry;
use yima_registry::census::{self, Census};

use crate::diff::FEWEST;
use crate::{books, input};

/// Count, in the folder of a stopped node, how many people have which colour by the packs in force
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node
    #[arg(long)]
    keyring: PathBuf,
    /// A rule pack of the node; may be repeated, and every pack in force must be among them
    #[arg(long = "pack", required = true, value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// The instant that is judged, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// How large the regions are
    #[arg(long, value_enum, default_value = "province")]
    by: Region,
    /// Prints groups of fewer than ten too, for those who may see single persons
    #[arg(long)]
    exact: bool,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Region {
    Province,
    City,
    County,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let shelf = input::shelf(&self.packs)?;
        let ledger = books::open_ledger(&self.data, self.at)?;
        let vault = books::open_vault(&ledger, &self.keyring, self.at)?;
        let ledger: Arc<dyn Ledger> = Arc::<KeyedLedger>::clone(&ledger);
        let (registry, _) = Registry::open(&books::registry_directory(&self.data), ledger, vault)?;
        registry.follow(self.at)?;
        let depth = match self.by {
            Region::Province => Depth::Province,
            Region::City => Depth::City,
            Region::County => Depth::County,
        };
        let threads = thread::available_parallelism().ok().and_then(|threads| u8::try_from(threads.get()).ok());
        let threads = threads.and_then(NonZero::new).unwrap_or(NonZero::<u8>::MIN);
        // It is drawn on a terminal only, and on standard error.
        let progress = ProgressBar::new(census::SHARES.into());
        let census = census::census(&registry, &shelf, self.at, depth, threads, || progress.inc(1))?;
        progress.finish_and_clear();
        let mut out = BufWriter::new(crate::output::stdout());
        match self.json {
            true => writeln!(out, "{}", self.as_json(&census))?,
            false => self.print(&census, &mut out)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    /// The figure, unless it is so small that it is about somebody.
    fn shown(&self, persons: u64) -> Option<u64> {
        (self.exact || usize::try_from(persons).is_ok_and(|persons| persons >= FEWEST)).then_some(persons)
    }

    fn as_json(&self, census: &Census) -> Value {
        let group = |((area, colour), persons): (&(Option<AreaCode>, Colour), &u64)| {
            let area = area.map(|area| area.to_string());
            json!({ "area": area, "colour": colour.word(), "persons": self.shown(*persons) })
        };
        json!({
            "at": Zone::BEIJING.format(census.at), "fewest": FEWEST,
            "groups": census.groups.iter().map(group).collect::<Vec<_>>(),
        })
    }

    fn print(&self, census: &Census, out: &mut impl Write) -> Result<()> {
        let divisions = DivisionTree::built_in();
        for ((area, colour), persons) in &census.groups {
            let name = area.and_then(|area| divisions.name(area)).unwrap_or("no address");
            let code = area.map(|area| area.to_string()).unwrap_or_default();
            match self.shown(*persons) {
                Some(persons) => writeln!(out, "{code:6}  {name}  {colour}  {persons}")?,
                None => writeln!(out, "{code:6}  {name}  {colour}  fewer than {FEWEST}")?,
            }
        }
        Ok(())
    }
}

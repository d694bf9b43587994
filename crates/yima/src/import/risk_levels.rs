//! `yima import risk-levels`: snapshots of the national list of risk areas from a file, a folder or an address, delivered to a
//! node that runs or filed into one that is stopped.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use hyper::Uri;
use serde_json::{Value, json};
use yima_feed::archive;
use yima_feed::atlas::Atlas;
use yima_ledger::Ledger;
use yima_model::id::SourceId;
use yima_model::{Source, SourceKind, Timestamp};
use yima_node::{Clock, Config, division_tree};
use yima_registry::Registry;
use yima_registry::cases::risk_levels::RiskLevels;
use yima_registry::cases::{Call, CaseError, RequestId};

use crate::https::{Client, NodeAddress};
use crate::{EXIT_REFUSED, books, input, risk_levels};

/// File the levels of the national list of risk areas (docs/AREAS.md)
#[derive(Debug, clap::Args)]
pub(crate) struct RiskLevelsImport {
    /// A snapshot as it was published, or a folder of them; packed ones end with .gz, and `snapshots.csv` may say when each was saved
    #[arg(value_name = "PATH", required_unless_present = "url")]
    path: Option<PathBuf>,
    /// Fetch the snapshot from here instead
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    url: Option<Uri>,
    /// Fetch again every so many minutes, until the program is ended
    #[arg(long, value_name = "MINUTES", requires = "url", requires = "node", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// The configuration of a node that is stopped, whose books the levels are filed into
    #[arg(long, value_name = "FILE", required_unless_present = "node", conflicts_with = "node")]
    config: Option<PathBuf>,
    /// With --config: the account of another office, a centre for disease control, that has confirmed what is imported
    #[arg(long, value_name = "NAME", requires = "config", value_parser = SourceId::parse)]
    confirmed_by: Option<SourceId>,
    #[command(flatten)]
    node: NodeAddress,
}

/// A snapshot that was found.
struct Found {
    name: String,
    saved: Timestamp,
    bytes: Vec<u8>,
}

impl RiskLevelsImport {
    pub(super) fn run(self) -> Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let found = match &self.path {
            Some(path) => snapshots(path)?,
            None => Vec::new(),
        };
        match self.config.clone() {
            Some(config) => {
                let fetched = match &self.url {
                    Some(url) => vec![runtime.block_on(fetch(&Client::trusting(&self.node.roots)?, url))?],
                    None => found,
                };
                self.file(&config, fetched)
            }
            None => runtime.block_on(self.deliver(found)),
        }
    }

    /// Files snapshots into the books of a node that is stopped.
    fn file(&self, config: &Path, found: Vec<Found>) -> Result<ExitCode> {
        let config = Config::read(config)?;
        let now = Clock::system().now();
        let ledger = books::open_ledger(&config.data, now)?;
        let vault = books::open_vault(&ledger, &config.keyring, now)?;
        let ledger: Arc<dyn Ledger> = ledger;
        let tree = division_tree(&*ledger)?;
        let (registry, _) = Registry::open(&books::registry_directory(&config.data), ledger, vault)?;
        let source = Source { kind: SourceKind::Headquarters, id: SourceId::parse(&self.node.account)? };
        let office = self.confirmed_by.clone().map(|id| Source { kind: SourceKind::DiseaseControl, id });
        let mut levels = RiskLevels::open(&registry, Arc::new(Atlas::of(&tree)), &tree, now)?;
        let mut refused = false;
        for Found { name, saved, bytes } in found {
            // The ids of what is filed follow from what is filed.
            let call = Call { request: RequestId([0; 16]), source: source.clone(), now };
            let said = match levels.deliver(&call, &bytes, saved, office.as_ref()) {
                Ok((outcome, report)) => json!({
                    "file": name, "snapshot": outcome.id.to_string(), "standing": risk_levels::standing(outcome.standing),
                    "begun": outcome.begun, "ended": outcome.ended, "taken_back": outcome.taken_back,
                    "exact": report.exact, "city_only": report.city_only, "nothing": report.nothing,
                    "united": report.united,
                    "unmapped": report.unmapped_lines(&tree),
                }),
                Err(CaseError::Refused(refusal)) => {
                    refused = true;
                    json!({ "file": name, "refused": refusal.to_string() })
                }
                Err(error) => return Err(error).with_context(|| format!("`{name}` cannot be filed")),
            };
            say(&said)?;
        }
        Ok(if refused { ExitCode::from(EXIT_REFUSED) } else { ExitCode::SUCCESS })
    }

    /// Delivers snapshots to a node that runs.
    async fn deliver(&self, found: Vec<Found>) -> Result<ExitCode> {
        let session = risk_levels::session(&self.node).await?;
        let Some(url) = &self.url else {
            for Found { name, bytes, .. } in found {
                let said = session.post(risk_levels::SNAPSHOTS, bytes).await;
                say(&said.with_context(|| format!("`{name}` is not taken"))?)?;
            }
            return Ok(ExitCode::SUCCESS);
        };
        let client = Client::trusting(&self.node.roots)?;
        loop {
            let outcome = async { session.post(risk_levels::SNAPSHOTS, fetch(&client, url).await?.bytes).await };
            match (outcome.await, self.every) {
                (Ok(said), _) => say(&said)?,
                (Err(error), None) => return Err(error),
                // What is down now may be up at the next try; nothing is lowered meanwhile.
                (Err(error), Some(_)) => writeln!(crate::output::stderr(), "error: {error:#}")?,
            }
            let Some(minutes) = self.every else { return Ok(ExitCode::SUCCESS) };
            tokio::time::sleep(Duration::from_secs(60 * minutes)).await;
        }
    }
}

async fn fetch(client: &Client, url: &Uri) -> Result<Found> {
    let bytes = client.get(url).await?;
    Ok(Found { name: url.to_string(), saved: Clock::system().now(), bytes })
}

/// The snapshots at a path, those first that were saved first.
fn snapshots(path: &Path) -> Result<Vec<Found>> {
    if !path.is_dir() {
        return Ok(vec![read(path, &BTreeMap::new())?]);
    }
    let index = match input::text(&path.join("snapshots.csv")) {
        Ok(text) => archive::index(&text).filter_map(Result::ok).map(|indexed| (indexed.file, indexed.saved)).collect(),
        Err(_) => BTreeMap::new(),
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot read `{}`", path.display()))? {
        let file = entry?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".json") || name.ends_with(".json.gz") {
            found.push(read(&file, &index)?);
        }
    }
    ensure!(!found.is_empty(), "`{}` holds no snapshot; they end with .json or .json.gz", path.display());
    found.sort_by(|one, other| (one.saved, &one.name).cmp(&(other.saved, &other.name)));
    Ok(found)
}

fn read(path: &Path, index: &BTreeMap<String, Timestamp>) -> Result<Found> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = name.trim_end_matches(".gz");
    let bytes = input::bytes(path)?;
    let saved = match index.get(plain) {
        Some(saved) => *saved,
        None => modified(path)?,
    };
    Ok(Found { name: plain.to_owned(), saved, bytes })
}

fn modified(path: &Path) -> Result<Timestamp> {
    let since = std::fs::metadata(path)?.modified()?.duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?))
}

fn say(said: &Value) -> Result<()> {
    if said.is_null() {
        bail!("the node says nothing");
    }
    Ok(writeln!(crate::output::stdout(), "{said}")?)
}

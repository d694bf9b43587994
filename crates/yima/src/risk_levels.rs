//! `yima risk-levels`: what an operator does about the national list of risk areas, and what the archive of it shows.

mod due;

use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use yima_feed::archive::{self, Hours, Indexed, ListedFor};
use yima_feed::followed::followed;
use yima_feed::ladder::Ladder;
use yima_feed::{Reader, Report, SnapshotId, Standing};
use yima_model::{DivisionTree, Timestamp, Zone};

use crate::https::{Client, NodeAddress, Session};
use crate::input;

/// Where a node takes snapshots.
pub(crate) const SNAPSHOTS: &str = "/v1/staff/risk-snapshots";

/// Look at snapshots of the national list of risk areas that are held back, and decide (docs/AREAS.md)
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the snapshots of the last days, each with where it stands and why
    List(NodeAddress),
    /// Accept a snapshot: what it leaves out has really ended
    Accept(Decision),
    /// Reject a snapshot: it changes nothing
    Reject(Decision),
    /// Confirm the levels that wait for another office than the one that delivered them
    Confirm(NodeAddress),
    /// Say which areas of a county are due to be lowered, and when, by the cases in the books of a node that is stopped
    Due(due::Due),
    /// Say how the rows of an archive map to areas, and what of it would have been held back
    Report(Archive),
}

#[derive(Debug, clap::Args)]
struct Decision {
    /// The id of the snapshot, as listed
    #[arg(value_name = "SNAPSHOT", value_parser = snapshot)]
    id: SnapshotId,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, clap::Args)]
struct Archive {
    /// The folder with the file of intervals and the index of snapshots
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Print every name that is not mapped exactly, with its nearest area
    #[arg(long)]
    unmapped: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let said = match self.action {
            Action::List(node) => ask(&node, SNAPSHOTS, None)?,
            Action::Accept(decision) => decision.decide(true)?,
            Action::Reject(decision) => decision.decide(false)?,
            Action::Confirm(node) => ask(&node, "/v1/staff/risk-confirmations", Some(&Value::Null))?,
            Action::Due(due) => due.look()?,
            Action::Report(archive) => return archive.report(),
        };
        writeln!(crate::output::stdout(), "{said:#}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Decision {
    fn decide(&self, accept: bool) -> Result<Value> {
        let path = format!("{SNAPSHOTS}/{}", self.id);
        ask(&self.node, &path, Some(&json!({ "accept": accept })))
    }
}

/// What a node answers to a member of staff: to a change, or to the question how everything stands.
pub(crate) fn ask(node: &NodeAddress, path: &str, change: Option<&Value>) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let session = session(node).await?;
        match change {
            Some(change) => session.post(path, change.to_string().into_bytes()).await,
            None => session.get(path).await,
        }
    })
}

/// Signs in with the password on standard input.
pub(crate) async fn session(address: &NodeAddress) -> Result<Session> {
    let node = address.node.clone().context("name the node with --node URL")?;
    if std::io::stdin().is_terminal() {
        write!(crate::output::stderr(), "password of {}: ", address.account)?;
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "no password came in; type it, or pipe it in");
    Session::sign_in(Client::trusting(&address.roots)?, node, &address.account, password).await
}

/// Where a snapshot stands, and why if it is or was held back.
pub(crate) fn standing(standing: Standing) -> String {
    match standing {
        Standing::Taken => "taken".to_owned(),
        Standing::Quarantined(why) => format!("quarantined: {why}"),
        Standing::Resolved(_) => "resolved by a later one".to_owned(),
        Standing::Rejected => "rejected".to_owned(),
    }
}

impl Archive {
    fn report(&self) -> Result<ExitCode> {
        let text = |name: &str| input::bytes(&self.folder.join(name)).and_then(|bytes| Ok(String::from_utf8(bytes)?));
        let at = |line: usize| anyhow::anyhow!("line {line} is none of the archive");
        let intervals = text("risk_area_intervals_20220415_20230107.csv.gz")?;
        let intervals: Vec<ListedFor> = archive::intervals(&intervals).collect::<Result<_, _>>().map_err(at)?;
        let index: Vec<Indexed> = archive::index(&text("snapshots.csv")?).collect::<Result<_, _>>().map_err(at)?;
        let tree = DivisionTree::built_in();
        let mut reader = Reader::new(&tree);
        let mut report = Report::default();
        for listed in &intervals {
            report.count(&listed.named, reader.read(&listed.named));
        }
        let mut out = crate::output::stdout();
        writeln!(
            out,
            "{} rows: {} exact, {} city only, {} nothing",
            report.rows(),
            report.exact,
            report.city_only,
            report.nothing
        )?;
        writeln!(
            out,
            "carve-outs: {} of higher levels, {} of named parts, {} not understood and taken whole",
            report.higher_levels, report.parts, report.not_understood
        )?;
        let names = report.unmapped_lines(&tree);
        writeln!(out, "{} names are not mapped exactly; --unmapped lists them", names.len())?;
        for name in names.iter().filter(|_| self.unmapped) {
            writeln!(out, "  {name}")?;
        }
        let hours: BTreeSet<Timestamp> = index.iter().map(|indexed| indexed.hour).collect();
        let (held, fold) = archive::replay(&mut Hours::of(&intervals, &mut reader), &hours);
        let history = fold.into_history();
        writeln!(out, "held back until somebody accepts: {} of {} hours", held.len(), hours.len())?;
        for (hour, why) in held {
            writeln!(out, "  {}: {why}", Zone::BEIJING.format(hour))?;
        }
        for (plan, ladder) in [("ninth plan", Ladder::NINTH_PLAN), ("twenty measures", Ladder::TWENTY_MEASURES)] {
            writeln!(out, "{plan}:\n{}", followed(&ladder, &history, |set| reader.areas(set)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn snapshot(text: &str) -> Result<SnapshotId, String> {
    SnapshotId::parse(text).ok_or_else(|| "not the id of a snapshot; it has 32 hexadecimal digits".to_owned())
}

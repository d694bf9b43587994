//! `yima areas`: an office says how places lie that the division tree does not list.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use yima_model::{FactId, Timestamp};

use crate::https::NodeAddress;
use crate::risk_levels::ask;

const RELATIONS: &str = "/v1/staff/area-relations";

/// Say that several wordings are one place, or that a place lies in another (docs/AREAS.md)
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List what is said of places, with who said it, when and why, and whether it is confirmed
    List(NodeAddress),
    /// These wordings are one place
    Same(Decision),
    /// The first place lies in the second
    Within(Decision),
    /// The first place is none of the others and lies in none: an earlier decision was wrong
    Apart(Decision),
    /// Confirm decisions of another office; they count from then on
    Confirm(Confirmation),
}

#[derive(Debug, clap::Args)]
struct Decision {
    /// Two to eight codes, or wordings of the national list in quotes: province, city, county and place with blanks between
    #[arg(value_name = "PLACE", required = true, num_args = 2..)]
    places: Vec<String>,
    /// By which document or survey: one line about no person
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// From when on; without it, always
    #[arg(long, value_name = "INSTANT", value_parser = Timestamp::parse)]
    from: Option<Timestamp>,
    #[command(flatten)]
    node: NodeAddress,
}

#[derive(Debug, clap::Args)]
struct Confirmation {
    /// The facts, as listed
    #[arg(value_name = "FACT", required = true, value_parser = FactId::parse)]
    facts: Vec<FactId>,
    #[command(flatten)]
    node: NodeAddress,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let said = match self.action {
            Action::List(node) => ask(&node, RELATIONS, None)?,
            Action::Same(decision) => decision.file("same")?,
            Action::Within(decision) => decision.file("within")?,
            Action::Apart(decision) => decision.file("apart")?,
            Action::Confirm(Confirmation { facts, node }) => {
                let facts: Vec<Value> = facts.iter().map(|fact| json!({ "fact": fact.to_string() })).collect();
                ask(&node, "/v1/staff/confirmations", Some(&json!({ "facts": facts })))?
            }
        };
        writeln!(crate::output::stdout(), "{said:#}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Decision {
    fn file(&self, relation: &str) -> Result<Value> {
        let mut decision = json!({ "relation": relation, "places": self.places, "why": self.why });
        if let (Some(from), Some(decision)) = (self.from, decision.as_object_mut()) {
            decision.insert("from".to_owned(), json!(yima_model::Zone::BEIJING.format(from)));
        }
        ask(&self.node, RELATIONS, Some(&decision))
    }
}

//! `yima risk-levels due`: the ladder of a national plan, run on the cases that a node knows of.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::{Value, json};
use yima_feed::due;
use yima_feed::ladder::{ClearScreening, Known, Ladder};
use yima_ledger::Ledger;
use yima_model::area::Depth;
use yima_model::{AreaCode, DivisionTree, Level, Timestamp, Zone};
use yima_node::{Clock, Config, division_tree};
use yima_registry::infections::area_cases;
use yima_registry::{Levels, Registry};

use crate::books;

#[derive(Debug, clap::Args)]
pub(super) struct Due {
    /// The county, such as 110105
    #[arg(value_name = "COUNTY", value_parser = AreaCode::parse)]
    county: AreaCode,
    /// The configuration of the node
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The plan whose ladder it is
    #[arg(long, value_enum)]
    plan: Plan,
    /// The instant that is looked at; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = Timestamp::parse)]
    at: Option<Timestamp>,
    /// A screening of everybody in an area that ended then and found nobody; may be repeated
    #[arg(long = "screened", value_name = "AREA=INSTANT", value_parser = screening)]
    screenings: Vec<ClearScreening>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Plan {
    /// The ninth edition of the prevention and control plan, 2022-06-28
    NinthPlan,
    /// The twenty measures, 2022-11-11
    TwentyMeasures,
}

impl Due {
    /// The rest of the county and its places with cases, as far as their level or the published one is above low; what is due
    /// first stands first.
    pub(super) fn look(&self) -> Result<Value> {
        ensure!(self.county.depth() == Depth::County, "`{}` is no county; its code has six digits", self.county);
        let config = Config::read(&self.config)?;
        let now = Clock::system().now();
        let at = self.at.unwrap_or(now);
        let ledger = books::open_ledger(&config.data, now)?;
        let vault = books::open_vault(&ledger, &config.keyring, now)?;
        let ledger: Arc<dyn Ledger> = ledger;
        let tree = division_tree(&*ledger)?;
        let (registry, _) = Registry::open(&books::registry_directory(&config.data), ledger, vault)?;
        registry.follow(now)?;
        let cases = area_cases(&registry, self.county, at)?;
        let known = Known { cases: &cases, screenings: &self.screenings };
        let published = Levels::new(&registry.globals(), Timestamp::FOREVER);
        let published = |area: AreaCode| published.of(area, at).map(|listed| listed.level);
        let due = due::due(&self.plan.ladder(), self.county, known, at);
        let shown =
            due.iter().filter(|due| due.area == self.county || due.level.max(published(due.area)) > Some(Level::Low));
        let places: Vec<Value> = shown.map(|due| place(due, published(due.area), &tree)).collect();
        let without_place = cases.iter().filter(|case| case.area.depth() <= Depth::County).count();
        Ok(json!({
            "county": named(self.county, &tree), "at": Zone::BEIJING.format(at), "plan": self.plan.word(),
            "places": places, "cases_without_place": without_place,
        }))
    }
}

impl Plan {
    const fn ladder(self) -> Ladder {
        match self {
            Self::NinthPlan => Ladder::NINTH_PLAN,
            Self::TwentyMeasures => Ladder::TWENTY_MEASURES,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::NinthPlan => "ninth-plan",
            Self::TwentyMeasures => "twenty-measures",
        }
    }
}

fn place(due: &due::Due, published: Option<Level>, tree: &DivisionTree) -> Value {
    let instant = |at: Timestamp| Zone::BEIJING.format(at);
    json!({
        "area": due.area.to_string(), "name": named(due.area, tree),
        "level": due.level.map(word), "since": instant(due.since), "until": due.until.map(instant),
        "then": due.then.map(word), "published": published.map(word),
        "last_case": Zone::BEIJING.date(due.last_case).map(|date| date.to_string()),
        "screening_from": due.screening_from.map(instant),
    })
}

fn named(area: AreaCode, tree: &DivisionTree) -> String {
    tree.full_name(area).unwrap_or_else(|| area.to_string())
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

fn screening(text: &str) -> Result<ClearScreening> {
    let (area, ended) =
        text.split_once('=').context("write AREA=INSTANT, such as 110105003.17=2022-07-08T18:00:00+08:00")?;
    Ok(ClearScreening { area: AreaCode::parse(area)?, ended: Timestamp::parse(ended)? })
}

//! `yima pack scaffold`: the text of a new pack, or of the renewal of an old one.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use yima_model::id::PackId;
use yima_model::{AreaCode, Colour, Timestamp, Zone};
use yima_rules::check::IN_FORCE_DAYS_MAX;
use yima_rules::scaffold::{Applies, Outline, blank, renewal};

use crate::input;

/// Prints a new pack to be filled in, or an old one with new dates and room for a new reason.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// Its name: who issued it, the year and the month, such as hubei-2020-03.
    #[arg(value_name = "ID", value_parser = pack_id)]
    id: PackId,
    /// An area in which it applies; may be given several times.
    #[arg(long = "area", value_name = "CODE", value_parser = area)]
    #[arg(required_unless_present_any = ["ceiling", "renews"], conflicts_with_all = ["ceiling", "renews"])]
    areas: Vec<AreaCode>,
    /// For a pack that applies everywhere: the worst colour that the pack of a place may add.
    #[arg(long, value_name = "COLOUR", value_parser = colour, conflicts_with = "renews")]
    ceiling: Option<Colour>,
    /// The old pack whose rules go on.
    #[arg(long, value_name = "FILE")]
    renews: Option<PathBuf>,
    /// When it is published.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    published: Timestamp,
    /// From when it is in force.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    from: Timestamp,
    /// Until when it is in force; without it, as long as a pack may be.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    until: Option<Timestamp>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let longest = self.from.plus_millis(IN_FORCE_DAYS_MAX * 86_400_000);
        let until = self.until.unwrap_or(longest);
        ensure!(self.published <= self.from, "a pack is published before it binds; put `--published` before `--from`");
        ensure!(self.from < until && until <= longest, "a pack is in force for {IN_FORCE_DAYS_MAX} days at most");
        let outline = Outline { id: self.id, published: self.published, from: self.from, until, zone: Zone::BEIJING };
        let text = match (self.renews, self.ceiling) {
            (Some(old), _) => {
                let text = input::text(&old)?;
                renewal(&text, &outline).with_context(|| format!("`{}` cannot be renewed", old.display()))?
            }
            (None, Some(ceiling)) => blank(&outline, &Applies::Everywhere(ceiling)),
            (None, None) => blank(&outline, &Applies::In(self.areas)),
        };
        write!(crate::output::stdout(), "{text}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn pack_id(text: &str) -> Result<PackId, String> {
    PackId::parse(text).map_err(|error| error.to_string())
}

fn area(text: &str) -> Result<AreaCode, String> {
    AreaCode::parse(text).map_err(|error| error.to_string())
}

fn colour(text: &str) -> Result<Colour, String> {
    Colour::from_word(text).ok_or_else(|| "a ceiling is green, grey, yellow or red".to_owned())
}

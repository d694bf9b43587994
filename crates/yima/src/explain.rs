//! `yima pack explain`: a pack as plain sentences, next to those of the notice.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use yima_model::division::DivisionTree;
use yima_model::{AreaCode, AreaSet};
use yima_rules::explain::{Language, sentence, visits_sentence};
use yima_rules::pack::{Pack, PackList, Rule, Text, VenueVisits};

use crate::input;

/// Prints a pack as sentences, next to those of the notice.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// The pack.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The language: zh-CN, zh-TW or en; without it, Chinese with English below.
    #[arg(long, value_parser = Language::parse)]
    language: Option<Language>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let pack = input::pack(&self.file, &[])?.pack;
        let languages = match self.language {
            Some(language) => vec![language],
            None => vec![Language::SimplifiedChinese, Language::English],
        };
        let mut out = BufWriter::new(crate::output::stdout());
        print(&mut out, &pack, &languages)?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print(out: &mut impl Write, pack: &Pack, languages: &[Language]) -> Result<()> {
    writeln!(out, "{}", pack.id)?;
    for text in [&pack.title, &pack.authority, &pack.instrument].into_iter().chain(&pack.because) {
        texts(out, "", text, languages)?;
    }
    writeln!(out, "{} – {}", pack.zone.format(pack.from), pack.zone.format(pack.until))?;
    let divisions = DivisionTree::built_in();
    match pack.ceiling {
        Some(ceiling) => writeln!(out, "CN ≤ {ceiling}")?,
        None => writeln!(out, "{}", areas(&pack.areas, &divisions))?,
    }
    if let Some(visits) = &pack.visits {
        print_visits(out, visits, pack, languages)?;
    }
    for list in &pack.lists {
        print_list(out, list, &divisions, pack, languages)?;
    }
    for rule in &pack.rules {
        print_rule(out, rule, languages)?;
    }
    Ok(())
}

fn print_visits(out: &mut impl Write, visits: &VenueVisits, pack: &Pack, languages: &[Language]) -> Result<()> {
    writeln!(out, "\n[venue_visits] {} – {}", pack.zone.format(visits.from), pack.zone.format(visits.until))?;
    for language in languages {
        writeln!(out, "  {}", visits_sentence(visits.days, *language))?;
    }
    writeln!(out, "  « {} »", visits.source)?;
    texts(out, "  → ", &visits.reason, languages)
}

fn print_list(
    out: &mut impl Write,
    list: &PackList,
    divisions: &DivisionTree,
    pack: &Pack,
    languages: &[Language],
) -> Result<()> {
    writeln!(out, "\n[{}] {}", list.id, pack.zone.format(list.from))?;
    texts(out, "  ", &list.title, languages)?;
    if !list.areas.include.is_empty() {
        writeln!(out, "  {}", areas(&list.areas, divisions))?;
    }
    if let Some(source) = &list.source {
        writeln!(out, "  « {source} »")?;
    }
    Ok(())
}

fn print_rule(out: &mut impl Write, rule: &Rule, languages: &[Language]) -> Result<()> {
    let colours: Vec<_> = languages.iter().map(|language| language.colour(rule.colour)).collect();
    writeln!(out, "\n{} · {} · {} · {}", rule.id, colours.join(" "), rule.class.word(), rule.purpose().word())?;
    for language in languages {
        writeln!(out, "  {}", sentence(&rule.when, *language))?;
    }
    writeln!(out, "  « {} »", rule.source)?;
    texts(out, "  → ", &rule.clears, languages)
}

fn texts(out: &mut impl Write, before: &str, text: &Text, languages: &[Language]) -> Result<()> {
    for language in languages {
        writeln!(out, "{before}{}", text.get(language.tag()).unwrap_or_default())?;
    }
    Ok(())
}

fn areas(areas: &AreaSet, divisions: &DivisionTree) -> String {
    let name = |area: &AreaCode| divisions.full_name(*area).unwrap_or_else(|| area.to_string());
    let list = |areas: &[AreaCode]| areas.iter().map(name).collect::<Vec<_>>().join("、");
    match areas.exclude.is_empty() {
        true => list(&areas.include),
        false => format!("{}（− {}）", list(&areas.include), list(&areas.exclude)),
    }
}

//! `yima pack replay`: any past answer by all packs together, as known then and as known now.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use yima_ledger::{Partition, Place, Position};
use yima_model::id::SourceId;
use yima_model::{Content, Fact, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, Zone};
use yima_registry::registry::{AsOf, Globals, View};
use yima_registry::{HeldGround, Judge, Judgement, Shelf};
use yima_rules::explain::{Language, progress_sentence, sentence};
use yima_rules::pack::Pack;
use yima_rules::timeline::{Ground, Verdict};
use yima_wire::VerdictJson;

use crate::input;

/// Says which colour somebody had by all packs together, as known then and as known now.
#[derive(Debug, Args)]
pub(crate) struct Command {
    /// A rule pack; all that were in force are given, each with `--pack`. A `pack` fact says since when one is in force,
    /// without one its own dates do.
    #[arg(long = "pack", required = true, value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// The facts, one JSON object on a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// The instant asked about.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    at: Timestamp,
    /// When somebody looked; without it, at that very instant.
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    known_at: Option<Timestamp>,
    /// Only this person.
    #[arg(long, value_name = "ID", value_parser = person)]
    person: Option<PersonId>,
    /// Names the packs and rules, their sources, the facts and what is counted.
    #[arg(long)]
    why: bool,
    /// Prints one JSON object for each person on a line, with the verdict as known then and as known now.
    #[arg(long, conflicts_with = "why")]
    json: bool,
    /// The language of reasons: zh-CN, zh-TW or en.
    #[arg(long, default_value = "en", value_parser = Language::parse)]
    language: Language,
}

/// The facts for everybody, and who judges by what was known of them then and by what is known now.
struct Judges {
    globals: Arc<Globals>,
    /// How many of them the file has.
    filed: usize,
    by: [(Timestamp, Judge); 2],
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let shelf = input::shelf(&self.packs)?;
        let (persons, mut globals) = input::by_person(input::facts(&self.facts)?);
        if let Some(wanted) = self.person {
            ensure!(persons.contains_key(&wanted), "no fact is about `{wanted}`; compare the id");
        }
        let (filed, by_own_dates) = (globals.len(), put_in_force(&shelf, &globals)?);
        globals.extend(by_own_dates);
        let judge = |known_at| Ok::<_, anyhow::Error>((known_at, Judge::new(&globals, &shelf, known_at)?));
        let by = [judge(self.known_at.unwrap_or(self.at))?, judge(Timestamp::FOREVER)?];
        let judges = Judges { globals: Arc::new(globals), filed, by };
        let mut out = BufWriter::new(crate::output::stdout());
        for (person, facts) in persons {
            if self.person.is_none_or(|wanted| wanted == person) {
                self.answer(&mut out, person, facts, &judges)?;
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn answer(&self, out: &mut impl Write, person: PersonId, facts: Vec<Fact>, judges: &Judges) -> Result<()> {
        // The positions in a file are how many of its facts are known; the partitions are the file itself.
        let place = |position| Place { partition: Partition::GLOBAL, position: Position(position) };
        let as_of = AsOf { person: place(0), global: place(0), at: self.at };
        let mut view = View { facts, globals: Arc::clone(&judges.globals), as_of };
        let mut told = Vec::new();
        for (known_at, judge) in &judges.by {
            view.as_of.person = place(input::known(&view.facts, *known_at));
            let filed = view.globals.get(..judges.filed).unwrap_or_default();
            view.as_of.global = place(input::known(filed, *known_at));
            told.push(judge.verdict(&view, self.at));
        }
        let at = Zone::BEIJING.format(self.at);
        if self.json {
            let [then, now] = told.as_slice() else { return Ok(()) };
            let both = json!({ "person": person.to_string(), "at": at, "then": json(person, then)?, "now": json(person, now)? });
            writeln!(out, "{both}")?;
            return Ok(());
        }
        writeln!(out, "{person} at {at}")?;
        for (known, judgement) in ["then", "now"].into_iter().zip(&told) {
            let nothing = if judgement.pack.is_none() { ", no rules here" } else { "" };
            writeln!(out, "  as known {known}: {}{nothing}", judgement.colour)?;
            for ground in judgement.grounds.iter().filter(|_| self.why) {
                self.explain(out, ground, &view)?;
            }
        }
        Ok(())
    }

    fn explain(&self, out: &mut impl Write, ground: &HeldGround, view: &View) -> Result<()> {
        let Some(rule) = ground.rule() else { return Ok(()) };
        let Pack { id: pack, zone, .. } = ground.pack.as_ref();
        let (from, until) = (zone.format(ground.interval.from()), zone.format(ground.interval.until()));
        writeln!(out, "    {} ({}) {from} – {until} · {pack}", rule.id, ground.colour)?;
        writeln!(out, "      {}", rule.reason.get(self.language.tag()).unwrap_or_default())?;
        writeln!(out, "      {}", sentence(&rule.when, self.language))?;
        for counted in &ground.progress {
            writeln!(out, "      {}", progress_sentence(*counted, self.language))?;
        }
        writeln!(out, "      « {} »", rule.source)?;
        for fact in view.facts.iter().chain(view.globals.iter()).filter(|fact| ground.evidence.contains(&fact.id())) {
            writeln!(out, "      {}", yima_wire::write_fact(fact))?;
        }
        Ok(())
    }
}

/// Facts that put in force, from their publication on, those packs that no fact of the file does.
fn put_in_force(shelf: &Shelf, globals: &[Fact]) -> Result<Vec<Fact>> {
    let is_named = |wanted: &[u8; 32]| {
        globals.iter().any(|fact| matches!(fact.content(), Content::Pack { digest, .. } if digest == wanted))
    };
    let mut facts = Vec::new();
    for (digest, pack) in shelf.iter().filter(|(digest, _)| !is_named(digest)) {
        let source = Source { kind: SourceKind::Headquarters, id: SourceId::parse(pack.id.as_str())? };
        let filing = Filing {
            id: FactId::from_bytes(*digest.first_chunk().unwrap_or(&[0; 16])),
            subject: Subject::Global,
            source,
            occurred: Occurred::During { from: pack.from, until: pack.until },
            cause: None,
            replaces: None,
            content: Content::Pack { pack: pack.id.clone(), digest: *digest },
        };
        facts.push(filing.record(pack.published)?);
    }
    Ok(facts)
}

fn json(person: PersonId, judgement: &Judgement) -> Result<Value> {
    let mut grounds = Vec::new();
    for held in &judgement.grounds {
        let evidence = held.evidence.clone();
        grounds.extend(held.rule().map(|rule| Ground { rule, interval: held.interval, evidence }));
    }
    let verdict = Verdict {
        colour: judgement.colour,
        grounds,
        next_change: judgement.next_change,
        in_force: judgement.pack.is_some(),
    };
    let as_of = yima_wire::AsOf {
        instant: judgement.as_of.at,
        person_position: judgement.as_of.person.position.0,
        global_position: judgement.as_of.global.position.0,
    };
    let packs = judgement.grounds.iter().map(|held| (&held.pack.id, held.progress.as_slice()));
    Ok(serde_json::from_str(&VerdictJson::new(person, &verdict, as_of).with_packs(packs).to_line())?)
}

fn person(text: &str) -> Result<PersonId, String> {
    PersonId::parse(text).map_err(|error| error.to_string())
}

//! Findings between packs: what lies between one and the next of the same places, what goes on without a new reason, and
//! what is harsher than the national pack allows.

use std::ops::Range;

use thiserror::Error;
use yima_model::id::{ListId, PackId, RuleId};
use yima_model::{Colour, Timestamp};

use crate::diagnostic::{Diagnostic, Severity};
use crate::file::PackFile;
use crate::imply::implies;
use crate::pack::{Pack, Rule, Text};
use crate::selector::selectors;

/// A pack that loads, with the text it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The text.
    pub source: &'a str,
    /// The pack.
    pub pack: &'a Pack,
}

/// What is wrong between each pack and the one of the same places that comes into force next; each finding with the
/// position of the version in whose text it stands.
pub fn review(versions: &[Version<'_>]) -> Vec<(usize, Diagnostic)> {
    let mut order: Vec<_> = versions.iter().enumerate().collect();
    order.sort_by_key(|(_, version)| version.pack.from);
    let mut findings = Vec::new();
    for (at, (number, older)) in order.iter().enumerate() {
        let mut later = order.iter().skip(at + 1);
        if let Some((next, newer)) = later.find(|(_, newer)| same_places(older.pack, newer.pack)) {
            findings.extend(gap(older, newer).map(|gap| (*number, gap)));
            findings.extend(overlap(older, newer).map(|overlap| (*next, overlap)));
        }
        let before = order.iter().take(at).filter(|(_, earlier)| same_places(earlier.pack, older.pack));
        let earlier: Vec<_> = before.map(|(_, earlier)| **earlier).collect();
        findings.extend(renewal(&earlier, older).map(|renewal| (*number, renewal)));
    }
    findings
}

/// The rules of the pack of a place that are harsher than the national `ceiling`.
pub fn above(version: Version<'_>, ceiling: Colour) -> Vec<Diagnostic> {
    let colours = version.read().map(|file| file.rule.into_iter().map(|rule| rule.colour.span()));
    let rules = version.pack.rules.iter().zip(colours.into_iter().flatten());
    let harsher = rules.filter(|(rule, _)| rule.colour > ceiling);
    let told = |(rule, span): (&Rule, Range<usize>)| {
        let message = format!("rule {} is {}, above the national ceiling", rule.id, rule.colour);
        let help = format!("make it {ceiling} or milder; no node puts it in force beside the national pack");
        finding(Severity::Error, "above-ceiling", span, message, &help)
    };
    harsher.map(told).collect()
}

/// What a pack asks more of people than others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harsher<'a> {
    /// A rule that none of theirs covers, as far as the texts tell.
    Rule(&'a Rule),
    /// The colour of whom no rule holds for.
    Base,
    /// When days begin and end.
    Counting,
}

/// What makes a pack harsher than those that it joins or takes over from; `None` if it is as mild as they are.
///
/// It is milder only where the texts show it: each of its rules holds only while one of theirs does that is of the same colour
/// or a worse one, with the same lists and the same clock.
pub fn harsher<'a>(new: &'a Pack, before: &[&Pack]) -> Option<Harsher<'a>> {
    let clock = |pack: &Pack| (pack.zone, pack.first_day, pack.counts_from, pack.while_disputed);
    let (alike, others): (Vec<&Pack>, Vec<_>) = before.iter().copied().partition(|old| clock(old) == clock(new));
    let sets_base = new.ceiling.is_some() || before.iter().all(|old| old.ceiling.is_none());
    if sets_base && before.iter().all(|old| old.base < new.base) {
        return Some(Harsher::Base);
    }
    let covered = |rule: &Rule| {
        alike.iter().any(|old| {
            let covers = |by: &Rule| by.colour >= rule.colour && implies(&rule.when, &by.when);
            same_lists(rule, new, old) && old.rules.iter().any(covers)
        })
    };
    let harsher = new.rules.iter().find(|rule| !covered(rule))?;
    Some(if alike.is_empty() && !others.is_empty() { Harsher::Counting } else { Harsher::Rule(harsher) })
}

/// Whether the lists that a rule asks for are the same in both packs.
fn same_lists(rule: &Rule, new: &Pack, old: &Pack) -> bool {
    let version = |pack: &Pack, id: &ListId| {
        pack.lists.iter().find(|list| list.id == *id).map(|list| (list.areas.clone(), list.kept_here))
    };
    let asked = selectors(&rule.when);
    let mut lists = asked.iter().flat_map(|selector| selector.place_lists().chain(selector.compared()));
    lists.all(|list| version(new, list) == version(old, list))
}

/// Whether both judge the same places, in whatever order they name them.
fn same_places(one: &Pack, other: &Pack) -> bool {
    let within = |one: &Pack, other: &Pack| one.areas.include.iter().all(|area| other.areas.contains(*area));
    match (one.ceiling, other.ceiling) {
        (Some(_), Some(_)) => true,
        (None, None) => within(one, other) && within(other, one),
        _ => false,
    }
}

fn gap(older: &Version<'_>, newer: &Version<'_>) -> Option<Diagnostic> {
    let (ends, begins) = (older.pack.until, newer.pack.from);
    let span = older.place(|file| file.until.span())?;
    let message = format!("no pack is in force until `{}` begins on {}", newer.pack.id, newer.pack.zone.format(begins));
    let help = "everybody is grey in between; let the one end when the other begins, or say that this is meant";
    (ends < begins).then(|| finding(Severity::Warning, "gap", span, message, help))
}

fn overlap(older: &Version<'_>, newer: &Version<'_>) -> Option<Diagnostic> {
    let (ends, begins) = (older.pack.until, newer.pack.from);
    let span = newer.place(|file| file.from.span())?;
    let message = format!("`{}` is in force until {}", older.pack.id, older.pack.zone.format(ends));
    let help = "the one that is put in force last judges; let the one end when the other begins";
    (begins < ends).then(|| finding(Severity::Warning, "overlap", span, message, help))
}

/// How long a rule may stand for one reason, in days; a pack lasts no longer.
const REASON_DAYS_MAX: i64 = 90;

/// A rule that nothing kept in force for longer than this has lapsed, and begins anew with the next pack; our reading.
const LAPSE_DAYS: i64 = 30;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A rule that goes on from earlier versions.
struct Standing<'a> {
    rule: &'a Rule,
    /// The versions before that have it, without one between that lacks it or a lapse, in their order.
    line: &'a [&'a Pack],
    /// For how long it is in force by them and the new one.
    days: i64,
}

/// A pack goes on with what was before, and says no new reason.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unrenewed {
    /// It says none at all.
    #[error("rule {rule} goes on from `{first}`, for {days} days in all, and no new reason is given")]
    NoReason {
        /// The rule that goes on.
        rule: RuleId,
        /// The first of the packs that had it.
        first: PackId,
        /// For how long it is in force by all of them.
        days: i64,
    },
    /// It says what an earlier one said.
    #[error("the reason is that of `{0}` again")]
    SameReason(PackId),
}

/// What is wrong with a pack that lets rules of the packs before it go on, which are in the order of their beginning.
pub fn unrenewed(earlier: &[&Pack], newer: &Pack) -> Option<Unrenewed> {
    let earlier: Vec<&Pack> = earlier.iter().copied().filter(|older| same_places(older, newer)).collect();
    let standing: Vec<_> = newer.rules.iter().filter_map(|rule| standing(rule, &earlier, newer)).collect();
    let nothing_new = standing.len() == newer.rules.len();
    let renewed = standing.into_iter().filter(|one| nothing_new || one.days > REASON_DAYS_MAX);
    let longest = renewed.max_by_key(|one| one.line.len())?;
    let first = longest.line.first()?.id.clone();
    let Some(because) = &newer.because else {
        return Some(Unrenewed::NoReason { rule: longest.rule.id.clone(), first, days: longest.days });
    };
    let again =
        longest.line.iter().find(|older| older.because.as_ref().is_some_and(|said| says_the_same(said, because)));
    again.map(|older| Unrenewed::SameReason(older.id.clone()))
}

/// Whether a reason says in one of the languages what another said, blanks and signs apart.
fn says_the_same(one: &Text, other: &Text) -> bool {
    let letters =
        |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
    one.iter().any(|(language, said)| other.get(language).is_some_and(|again| letters(said) == letters(again)))
}

fn renewal(earlier: &[Version<'_>], newer: &Version<'_>) -> Option<Diagnostic> {
    let earlier: Vec<&Pack> = earlier.iter().map(|older| older.pack).collect();
    let wrong = unrenewed(&earlier, newer.pack)?;
    let (code, help) = match wrong {
        Unrenewed::NoReason { .. } => ("renewal-without-reason", "say in `because` why it is still needed"),
        Unrenewed::SameReason(_) => ("reason-not-new", "say why they are needed now"),
    };
    let span = newer.place(|file| file.because.as_ref().map_or(file.from.span(), |because| because.span()))?;
    Some(finding(Severity::Error, code, span, wrong.to_string(), help))
}

/// The rule with its line of versions; `None` if the version before lacks it, or if it has lapsed since.
fn standing<'a>(rule: &'a Rule, earlier: &'a [&'a Pack], newer: &'a Pack) -> Option<Standing<'a>> {
    let goes_on = |old: &Rule| {
        let is_named = old.id == rule.id || rule.replaces.contains(&old.id);
        let (wider, narrower) = (implies(&old.when, &rule.when), implies(&rule.when, &old.when));
        // An hour more or less under the same name is no other rule.
        old.colour == rule.colour && (wider && narrower || is_named && (wider || narrower))
    };
    let nexts = earlier.iter().skip(1).copied().chain([newer]).map(|next| next.from);
    let lapses: Vec<_> = earlier
        .iter()
        .zip(nexts)
        .map(|(older, next)| {
            !older.rules.iter().any(goes_on) || next.millis() - older.until.millis() > LAPSE_DAYS * DAY_MILLIS
        })
        .collect();
    let begins = lapses.iter().rposition(|lapses| *lapses).map_or(0, |last| last + 1);
    let line = earlier.get(begins..).filter(|line| !line.is_empty())?;
    let ends = line.iter().skip(1).copied().chain([newer]).map(|next| next.from);
    let in_force = |from: Timestamp, until: Timestamp| (until.millis() - from.millis()).max(0);
    let before = line.iter().zip(ends).map(|(older, next)| in_force(older.from, older.until.min(next)));
    let millis = before.sum::<i64>() + in_force(newer.from, newer.until);
    Some(Standing { rule, line, days: (millis + DAY_MILLIS - 1) / DAY_MILLIS })
}

fn finding(severity: Severity, code: &'static str, span: Range<usize>, message: String, help: &str) -> Diagnostic {
    Diagnostic { severity, code, message, span, help: Some(help.to_owned()) }
}

impl Version<'_> {
    fn place(&self, of: impl Fn(&PackFile) -> Range<usize>) -> Option<Range<usize>> {
        self.read().as_ref().map(of)
    }

    fn read(&self) -> Option<PackFile> {
        toml::from_str(self.source).ok()
    }
}

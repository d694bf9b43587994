//! Reads and checks a pack: everything that is wrong at once, each with its place.

mod creep;
mod holding;
mod outage;
mod review;
pub mod versions;
mod visits;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use yima_model::id::{ListId, PackId, RuleId};
use yima_model::{AreaCode, AreaSet, Colour, FirstDay, Timestamp, Zone};

use crate::diagnostic::{Diagnostic, Severity};
use crate::expression::{Condition, PlaceName, Trigger};
use crate::file::{CountsFromFile, FirstDayFile, ListFile, PackFile, RuleFile, WhileDisputedFile};
use crate::pack::{
    Class, CountsFrom, Evidence, GreyCause, LANGUAGES, Pack, PackList, Rule, Takeover, Text, Transition, WhileDisputed,
};
use crate::syntax::{Names, SyntaxError, read_condition, read_definition};

/// The fewest letters or digits in which something is cited: two words of Chinese.
const CITATION_LETTERS_MIN: usize = 4;

const LIST_SOURCE_HELP: &str =
    "say in `source` which cases, with their day and who published them, or leave the places to `list` facts";

/// The longest time for which a pack may be in force; a renewal is a new pack with a new reason.
pub const IN_FORCE_DAYS_MAX: i64 = 90;

/// The longest time for which a pack may be in force that was not announced a day before.
pub const EMERGENCY_HOURS_MAX: i64 = 72;

/// The longest look-back of a condition; more is kept than any published rule asked for.
pub const REACH_DAYS_MAX: i64 = 180;

/// The longest audit period.
pub const AUDIT_DAYS_MAX: u16 = 3660;

const AUDIT_HELP: &str = "write 1 to 3660 days, or leave it out where no law sets a period";

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// A pack that loads, with what somebody should look at.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The pack.
    pub pack: Pack,
    /// Findings that do not keep it from loading.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a pack, with settings as the file gives them.
///
/// # Errors
/// Every finding, errors and warnings, if one of them is an error.
pub fn load(source: &str) -> Result<Loaded, Vec<Diagnostic>> {
    load_with(source, &BTreeMap::new())
}

/// Reads a pack with some settings turned over, to see what another reading of the notice would do.
///
/// # Errors
/// Every finding, errors and warnings, if one of them is an error; a setting the pack does not have is one.
pub fn load_with(source: &str, settings: &BTreeMap<String, bool>) -> Result<Loaded, Vec<Diagnostic>> {
    let file: PackFile = toml::from_str(source).map_err(|error| {
        vec![Diagnostic {
            severity: Severity::Error,
            code: "not-a-pack",
            message: error.message().to_owned(),
            span: error.span().unwrap_or(0..0),
            help: Some("docs/RULES.md shows a whole pack".to_owned()),
        }]
    })?;
    let mut checker = Checker { source, findings: Vec::new() };
    let pack = checker.pack(&file, settings);
    checker.findings.extend(pack.iter().flat_map(|pack| review::review(&file, pack)));
    let failed = checker.findings.iter().any(|finding| finding.severity == Severity::Error);
    match pack {
        Some(pack) if !failed => Ok(Loaded { pack, warnings: checker.findings }),
        _ => Err(checker.findings),
    }
}

/// How far back `condition` looks: the longest time after which a fact cannot matter any more, open states apart.
pub fn reach_millis(condition: &Condition) -> i64 {
    match condition {
        Condition::Constant(_) | Condition::State(_) | Condition::OnDays(..) => 0,
        Condition::Within(_, span) | Condition::No(_, span) => span.reach_millis(),
        Condition::From(_, delay, length) => delay.reach_millis() + length.reach_millis(),
        Condition::Count(count) => count.within.reach_millis(),
        Condition::Until(until) => {
            let side = |trigger: &Trigger| match trigger {
                Trigger::Events(_) => 0,
                Trigger::Condition(condition) => reach_millis(condition),
            };
            side(&until.trigger) + side(&until.clears) + until.at_most.reach_millis()
        }
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(reach_millis).max().unwrap_or(0),
        Condition::Not(part) => reach_millis(part),
    }
}

struct Checker<'a> {
    source: &'a str,
    findings: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn pack(&mut self, file: &PackFile, settings: &BTreeMap<String, bool>) -> Option<Pack> {
        let names = self.names(file, settings);
        let follows = self.takeover(file);
        let transition = follows.as_ref().map_or(Transition::Apply, |follows| follows.transition);
        let rules: Vec<_> = file.rule.iter().map(|rule| self.rule(rule, &names, transition)).collect();
        let lists: Vec<_> = file.list.iter().map(|list| self.list(list)).collect();
        self.duplicates(file.rule.iter().map(|rule| &rule.id), "rule");
        self.duplicates(file.list.iter().map(|list| &list.id), "list");
        self.duplicates(file.setting.iter().map(|setting| &setting.id), "setting");
        if rules.is_empty() {
            self.error("no-rules", "the pack has no rule", file.id.span(), Some("add at least one [[rule]]"));
        }
        let reasons = file.because.iter().chain(&file.emergency);
        for texts in [&file.title, &file.authority, &file.instrument, &file.call].into_iter().chain(reasons) {
            self.translations(texts);
        }
        for setting in &file.setting {
            self.translations(&setting.title);
        }
        self.unused(file);
        let (published, from, until) =
            (self.instant(&file.published), self.instant(&file.from), self.instant(&file.until));
        self.order(file, published?, from?, until?);
        let visits = file.venue_visits.as_ref().map(|visits| self.visits(visits, (from?, until?), &rules));
        let areas = file.areas.iter().map(|area| self.area(area)).collect::<Option<Vec<_>>>()?;
        let ceiling = file.ceiling.as_ref().map(|ceiling| {
            self.word(ceiling, "bad-ceiling", "a ceiling is green, grey, yellow or red", Colour::from_word)
        });
        if ceiling.is_some() != areas.is_empty() {
            let message = "a pack names its areas or, if it is the national one, the ceiling of all others";
            let help =
                "write `areas = [..]`, or `ceiling = \"yellow\"` without areas for a pack that applies everywhere";
            self.error("no-area", message, file.id.span(), Some(help));
        }
        if let Some(days) = file.audit_days.as_ref().filter(|days| !(1..=AUDIT_DAYS_MAX).contains(days.get_ref())) {
            self.error("bad-audit-days", "the audit period is too short or too long", days.span(), Some(AUDIT_HELP));
        }
        let base = match file.base.get_ref().as_str() {
            "green" => Some(Colour::Green),
            "grey" => Some(Colour::Grey),
            _ => {
                self.error("bad-base", "the base colour is green or grey", file.base.span(), None);
                None
            }
        };
        Some(Pack {
            id: self.parsed(&file.id, PackId::parse)?,
            title: text(&file.title),
            authority: text(&file.authority),
            instrument: text(&file.instrument),
            call: text(&file.call),
            areas: AreaSet { include: areas, exclude: Vec::new() },
            ceiling: match ceiling {
                Some(ceiling) => Some(ceiling?),
                None => None,
            },
            zone: self.parsed(&file.zone, Zone::parse)?,
            first_day: match file.first_day {
                FirstDayFile::Counts => FirstDay::Counts,
                FirstDayFile::DoesNotCount => FirstDay::DoesNotCount,
            },
            counts_from: match file.counts_from {
                CountsFromFile::Occurrence => CountsFrom::Occurrence,
                CountsFromFile::Report => CountsFrom::Report,
            },
            while_disputed: match file.while_disputed {
                WhileDisputedFile::Holds => WhileDisputed::Holds,
                WhileDisputedFile::Inert => WhileDisputed::Inert,
            },
            published: published?,
            because: file.because.as_ref().map(text),
            emergency: file.emergency.as_ref().map(text),
            from: from?,
            until: until?,
            base: base?,
            audit_days: file.audit_days.as_ref().map(|days| *days.get_ref()),
            follows,
            visits: match visits {
                Some(visits) => Some(visits?),
                None => None,
            },
            lists: lists.into_iter().collect::<Option<_>>()?,
            rules: rules.into_iter().collect::<Option<_>>()?,
        })
    }

    /// What the names of the pack stand for; definitions may use those that stand before them in order of need.
    fn names(&mut self, file: &PackFile, settings: &BTreeMap<String, bool>) -> Names {
        let mut names = Names {
            lists: file.list.iter().map(|list| list.id.get_ref().clone()).collect(),
            settings: file.setting.iter().map(|setting| (setting.id.get_ref().clone(), setting.value)).collect(),
            definitions: BTreeMap::new(),
        };
        for (name, value) in settings {
            match names.settings.get_mut(name) {
                Some(setting) => *setting = *value,
                None => {
                    self.error("unknown-setting", &format!("the pack has no setting `{name}`"), file.id.span(), None)
                }
            }
        }
        for name in file.define.keys() {
            self.purpose(name, [name.get_ref()].into_iter());
        }
        for setting in &file.setting {
            self.purpose(&setting.id, setting.title.get_ref().values().chain([setting.id.get_ref()]));
        }
        let mut waiting: Vec<_> = file.define.iter().collect();
        loop {
            let mut progress = false;
            let mut failed = Vec::new();
            for (name, text) in waiting {
                match read_definition(text.get_ref(), &names) {
                    Ok(meaning) => {
                        names.definitions.insert(name.get_ref().clone(), meaning);
                        progress = true;
                    }
                    Err(error) => failed.push(((name, text), error)),
                }
            }
            if !progress {
                for ((_, text), error) in failed {
                    let known =
                        file.define.keys().any(|name| self.source_at(text, &error.span) == Some(name.get_ref()));
                    let error = if known {
                        SyntaxError { message: "definitions go round in a circle".to_owned(), ..error }
                    } else {
                        error
                    };
                    self.syntax(text, error);
                }
                return names;
            }
            waiting = failed.into_iter().map(|(definition, _)| definition).collect();
        }
    }

    /// How the pack takes over from the version before; `None` if it names none or something is wrong with it.
    fn takeover(&mut self, file: &PackFile) -> Option<Takeover> {
        let of_rules = file.rule.iter().flat_map(|rule| rule.transition.iter().chain(&rule.replaces));
        let speaks_of_it = file.transition.iter().chain(file.dropped.keys()).chain(of_rules);
        let Some(follows) = &file.follows else {
            for place in speaks_of_it.map(Spanned::span).collect::<Vec<_>>() {
                let help = "name the version before as `follows = \"…\"`";
                self.error("no-version-before", "the pack takes over from no version", place, Some(help));
            }
            return None;
        };
        if follows == &file.id {
            self.error("no-version-before", "a pack cannot take over from itself", follows.span(), None);
        }
        let mut dropped = BTreeMap::new();
        for (rule, word) in &file.dropped {
            if file.rule.iter().any(|kept| kept.id == *rule || kept.replaces.contains(rule)) {
                let message = format!("a rule of the pack stands in the place of `{}`", rule.get_ref());
                self.error("not-dropped", &message, rule.span(), Some("write the transition in that rule"));
            }
            dropped.insert(self.parsed(rule, RuleId::parse)?, self.transition(word)?);
        }
        let transition = file.transition.as_ref().map_or(Some(Transition::Apply), |word| self.transition(word))?;
        Some(Takeover { pack: self.parsed(follows, PackId::parse)?, transition, dropped })
    }

    fn transition(&mut self, word: &Spanned<String>) -> Option<Transition> {
        let message = "a transition is apply, keep, shorter or restart";
        self.word(word, "bad-transition", message, |word| {
            Transition::ALL.into_iter().find(|transition| transition.word() == word)
        })
    }

    fn rule(&mut self, rule: &RuleFile, names: &Names, transition: Transition) -> Option<Rule> {
        for texts in [&rule.reason, &rule.guide, &rule.clears] {
            self.translations(texts);
        }
        let help = "cite the sentence of the notice, or write `our reading` where it leaves this open";
        self.cited(&rule.source, "a rule needs its source", help);
        self.purpose(&rule.reason, rule.reason.get_ref().values());
        let colour = self.word(&rule.colour, "bad-colour", "a rule's colour is red, yellow or grey", |word| {
            Colour::from_word(word).filter(|colour| *colour != Colour::Green)
        });
        let class = self.word(&rule.class, "bad-class", "a class is risk or administrative", |word| {
            [Class::Risk, Class::Administrative].into_iter().find(|class| class.word() == word)
        });
        let cause = rule.cause.as_ref().and_then(|cause| {
            let message = "a cause of grey is not-opened, not-compared, check-in-lapsed or binding-expired";
            self.word(cause, "bad-cause", message, |word| GreyCause::ALL.into_iter().find(|cause| cause.word() == word))
        });
        if (colour == Some(Colour::Grey)) != rule.cause.is_some() {
            let message = "grey rules name one of the four causes of grey, and no other rule does";
            self.error("bad-cause", message, rule.colour.span(), None);
        }
        if colour == Some(Colour::Grey) && class == Some(Class::Risk) {
            let message = "grey is administrative: no health finding causes it";
            self.error("grey-risk", message, rule.class.span(), None);
        }
        let when = match read_condition(rule.when.get_ref(), names) {
            Ok(condition) => Some(condition),
            Err(error) => {
                self.syntax(&rule.when, error);
                None
            }
        };
        if let Some(when) = &when {
            self.condition(&rule.when, when, colour);
        }
        Some(Rule {
            id: self.parsed(&rule.id, RuleId::parse)?,
            colour: colour?,
            class: class?,
            cause,
            when: when?,
            when_text: rule.when.get_ref().clone(),
            replaces: rule.replaces.iter().map(|id| self.parsed(id, RuleId::parse)).collect::<Option<_>>()?,
            transition: rule.transition.as_ref().map_or(Some(transition), |word| self.transition(word))?,
            source: rule.source.get_ref().clone(),
            reason: text(&rule.reason),
            guide: text(&rule.guide),
            clears: text(&rule.clears),
        })
    }

    /// Findings about a whole condition.
    fn condition(&mut self, place: &Spanned<String>, when: &Condition, colour: Option<Colour>) {
        if reach_millis(when) > REACH_DAYS_MAX * DAY_MILLIS {
            let message = format!("the condition looks back more than {REACH_DAYS_MAX} days");
            self.error(
                "unbounded-reach",
                &message,
                place.span(),
                Some("shorten the windows; facts are not kept that long"),
            );
        }
        if colour >= Some(Colour::Yellow) && outage::colours(when) {
            let message = "while data are late, what is missing would colour people";
            let help = "write `no … within …`, which never begins after the data end; docs/RULES.md, as of";
            self.error("outage", message, place.span(), Some(help));
        }
        if holding::never_holds(when) {
            self.warning("never-holds", "the condition can hold at no instant", place.span());
        }
        if colour != Some(Colour::Grey) && !holding::ends(when) {
            let help = "give it a window (`within 14d`) or an end (`until … at most …`)";
            self.error("never-clears", "once the condition holds, nothing may end it", place.span(), Some(help));
        }
    }

    fn list(&mut self, list: &ListFile) -> Option<PackList> {
        self.translations(&list.title);
        let include = list.areas.iter().map(|area| self.area(area)).collect::<Option<_>>();
        let exclude = list.except.iter().map(|area| self.area(area)).collect::<Option<_>>();
        let evidence = list.evidence.as_ref().map(|evidence| {
            let message = "the evidence of a list is cases, register, map or traces";
            self.word(evidence, "bad-evidence", message, Evidence::from_word)
        });
        let kept_here = list.kept.as_ref().map_or(Some(false), |kept| {
            self.word(kept, "bad-kept", "a list is kept \"here\", or does not say", |word| {
                (word == "here").then_some(true)
            })
        });
        self.purpose(&list.id, list.title.get_ref().values().chain([list.id.get_ref()]));
        match &list.source {
            Some(source) => self.cited(source, "a list needs its source", LIST_SOURCE_HELP),
            None if evidence == Some(Some(Evidence::Cases)) && !list.areas.is_empty() => {
                let message = "the pack lists places for their cases and names no case";
                self.error("no-source", message, list.id.span(), Some(LIST_SOURCE_HELP));
            }
            None => {}
        }
        Some(PackList {
            id: self.parsed(&list.id, ListId::parse)?,
            kept_here: kept_here?,
            title: text(&list.title),
            evidence: match evidence {
                Some(evidence) => Some(evidence?),
                None => None,
            },
            source: list.source.as_ref().map(|source| source.get_ref().clone()),
            from: self.instant(&list.from)?,
            areas: AreaSet { include: include?, exclude: exclude? },
        })
    }

    /// Whether a source cites something: a few letters at least, and no mark that only fills the place.
    fn cited(&mut self, source: &Spanned<String>, message: &str, help: &str) {
        if source.get_ref().chars().filter(|character| character.is_alphanumeric()).count() < CITATION_LETTERS_MIN {
            self.error("no-source", message, source.span(), Some(help));
        }
    }

    /// Whether a name, or a text that goes with it, speaks of what a person is.
    fn purpose<'b, T>(&mut self, name: &Spanned<T>, texts: impl Iterator<Item = &'b String>) {
        if let Some(refusal) = texts.into_iter().find_map(|text| creep::spoken_of(text)) {
            self.error("creep", refusal.message, name.span(), Some(refusal.help));
        }
    }

    fn order(&mut self, file: &PackFile, published: Timestamp, from: Timestamp, until: Timestamp) {
        if from < published {
            let message = "the pack takes effect before it is published";
            self.error(
                "before-publication",
                message,
                file.from.span(),
                Some("announce first: move `from` to `published` or later"),
            );
        }
        if until <= from {
            self.error("ends-before-it-begins", "the pack ends before it begins", file.until.span(), None);
        } else if until > from.plus_millis(IN_FORCE_DAYS_MAX * DAY_MILLIS) {
            let message = format!("the pack is in force for more than {IN_FORCE_DAYS_MAX} days");
            self.error(
                "too-long",
                &message,
                file.until.span(),
                Some("end it earlier; a renewal is a new pack with a new reason"),
            );
        } else if file.emergency.is_some() && until > from.plus_millis(EMERGENCY_HOURS_MAX * HOUR_MILLIS) {
            let message = format!("an emergency lasts for more than {EMERGENCY_HOURS_MAX} hours");
            let help = "end it earlier, and announce what is to follow a day before";
            self.error("too-long", &message, file.until.span(), Some(help));
        }
    }

    /// Definitions, lists and settings that no condition names.
    fn unused(&mut self, file: &PackFile) {
        let texts: Vec<&str> = file
            .rule
            .iter()
            .map(|rule| &rule.when)
            .chain(file.define.values())
            .map(|text| text.get_ref().as_str())
            .collect();
        let used = |name: &str| {
            let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
            texts.iter().any(|text| text.split(|character| !is_name(character)).any(|word| word == name))
        };
        let named = (file.define.keys())
            .chain(file.list.iter().map(|list| &list.id))
            .chain(file.setting.iter().map(|setting| &setting.id));
        for name in named.filter(|name| !used(name.get_ref())).collect::<Vec<_>>() {
            self.warning("unused", &format!("nothing uses `{}`", name.get_ref()), name.span());
        }
    }

    fn duplicates<'b>(&mut self, names: impl Iterator<Item = &'b Spanned<String>>, what: &str) {
        let mut seen = BTreeMap::new();
        for name in names {
            if seen.insert(name.get_ref(), ()).is_some() {
                let message = format!("a second {what} is called `{}`", name.get_ref());
                self.error("duplicate", &message, name.span(), Some("names are used once"));
            }
        }
    }

    fn translations(&mut self, texts: &Spanned<BTreeMap<String, String>>) {
        for language in LANGUAGES {
            if texts.get_ref().get(language).is_none_or(|text| text.trim().is_empty()) {
                let message = format!("the text is missing in {language}");
                self.error("missing-translation", &message, texts.span(), None);
            }
        }
        for language in texts.get_ref().keys().filter(|language| !LANGUAGES.contains(&language.as_str())) {
            let message = format!("`{language}` is not a language of packs; they speak {}", LANGUAGES.join(", "));
            self.error("unknown-language", &message, texts.span(), None);
        }
    }

    fn word<T>(
        &mut self,
        word: &Spanned<String>,
        code: &'static str,
        message: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(word.get_ref());
        if value.is_none() {
            self.error(code, message, word.span(), None);
        }
        value
    }

    fn instant(&mut self, text: &Spanned<String>) -> Option<Timestamp> {
        self.parsed(text, Timestamp::parse)
    }

    fn area(&mut self, text: &Spanned<String>) -> Option<AreaCode> {
        self.parsed(text, AreaCode::parse)
    }

    fn parsed<T, E: std::fmt::Display>(
        &mut self,
        text: &Spanned<String>,
        parse: fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        parse(text.get_ref()).map_err(|error| self.error("bad-value", &error.to_string(), text.span(), None)).ok()
    }

    fn syntax(&mut self, text: &Spanned<String>, error: SyntaxError) {
        let span = self.inside(text, &error.span);
        match self.source.get(span.clone()).and_then(creep::refusal) {
            Some(refusal) => self.error("creep", refusal.message, span, Some(refusal.help)),
            None => self.findings.push(Diagnostic {
                severity: Severity::Error,
                code: "bad-condition",
                message: error.message,
                span,
                help: error.help,
            }),
        }
    }

    /// The place in the file of a place in a string value; the whole value where escapes shift it.
    fn inside(&self, text: &Spanned<String>, span: &Range<usize>) -> Range<usize> {
        let whole = text.span();
        match self.source.get(whole.clone()).and_then(|written| written.find(text.get_ref().as_str())) {
            None => whole,
            Some(offset) => whole.start + offset + span.start..whole.start + offset + span.end.max(span.start),
        }
    }

    fn source_at(&self, text: &Spanned<String>, span: &Range<usize>) -> Option<&str> {
        self.source.get(self.inside(text, span))
    }

    fn error(&mut self, code: &'static str, message: &str, span: Range<usize>, help: Option<&str>) {
        let help = help.map(str::to_owned);
        self.findings.push(Diagnostic { severity: Severity::Error, code, message: message.to_owned(), span, help });
    }

    fn warning(&mut self, code: &'static str, message: &str, span: Range<usize>) {
        self.findings.push(Diagnostic {
            severity: Severity::Warning,
            code,
            message: message.to_owned(),
            span,
            help: None,
        });
    }
}

fn text(texts: &Spanned<BTreeMap<String, String>>) -> Text {
    Text::new(texts.get_ref().clone())
}

impl PlaceName {
    /// The list that it names, if it is one.
    pub const fn list(&self) -> Option<&ListId> {
        match self {
            Self::Area(_) => None,
            Self::List(list) => Some(list),
        }
    }
}

//! Verdicts and timelines of one person, each as one JSON object on a line.

use serde::Serialize;
use yima_model::id::PackId;
use yima_model::{PersonId, Timestamp, Zone};
use yima_rules::pack::Rule;
use yima_rules::progress::Progress;
use yima_rules::timeline::{Ground, Verdict};

/// How far the data reach that an answer rests on; equal reach, equal answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The instant up to which the facts are complete.
    pub instant: Timestamp,
    /// The position in the partition of the person.
    pub person_position: u64,
    /// The position in the partition of the facts for everybody.
    pub global_position: u64,
}

/// Writes the verdict on one person.
pub fn write_verdict(person: PersonId, verdict: &Verdict<'_>, as_of: AsOf) -> String {
    crate::line(&VerdictJson::new(person, verdict, as_of))
}

/// A verdict as part of a larger answer.
#[derive(Clone, Debug, Serialize)]
pub struct VerdictJson {
    person: String,
    colour: &'static str,
    in_force: bool,
    grounds: Vec<GroundJson>,
    next_change: Option<String>,
    as_of: AsOfJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeline: Option<Vec<StepJson>>,
}

impl VerdictJson {
    /// The verdict on this person.
    pub fn new(person: PersonId, verdict: &Verdict<'_>, as_of: AsOf) -> Self {
        Self {
            person: person.to_string(),
            colour: verdict.colour.word(),
            in_force: verdict.in_force,
            grounds: verdict.grounds.iter().map(GroundJson::new).collect(),
            next_change: verdict.next_change.and_then(instant),
            as_of: AsOfJson {
                instant: instant(as_of.instant),
                person_position: as_of.person_position,
                global_position: as_of.global_position,
            },
            timeline: None,
        }
    }

    /// The same with how the colour goes on: each verdict from the instant at which it begins.
    #[must_use]
    pub fn with_timeline<'a>(mut self, verdicts: impl IntoIterator<Item = (Timestamp, Verdict<'a>)>) -> Self {
        let step = |(from, verdict): (Timestamp, Verdict<'_>)| StepJson {
            from: instant(from),
            colour: verdict.colour.word(),
            in_force: verdict.in_force,
            rules: verdict.rules().map(ToString::to_string).collect(),
        };
        self.timeline = Some(verdicts.into_iter().map(step).collect());
        self
    }

    /// The same with, for each ground in order, the pack that its rule is of and how far the counts have come that would
    /// clear it: of several packs two may have a rule of one name.
    #[must_use]
    pub fn with_packs<'a>(mut self, packs: impl IntoIterator<Item = (&'a PackId, &'a [Progress])>) -> Self {
        for (ground, (pack, counts)) in self.grounds.iter_mut().zip(packs) {
            ground.pack = Some(pack.to_string());
            ground.progress = counts.iter().map(ProgressJson::new).collect();
        }
        self
    }

    /// The same with how far the counts have come that would clear its grounds.
    #[must_use]
    pub fn with_progress(mut self, counts: &[(&Rule, Progress)]) -> Self {
        for ground in &mut self.grounds {
            let of_ground = counts.iter().filter(|(rule, _)| rule.id.as_str() == ground.rule);
            ground.progress = of_ground.map(|(_, count)| ProgressJson::new(count)).collect();
        }
        self
    }

    /// The object on one line.
    pub fn to_line(&self) -> String {
        crate::line(self)
    }
}

#[derive(Clone, Debug, Serialize)]
struct GroundJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pack: Option<String>,
    rule: String,
    colour: &'static str,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    facts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    progress: Vec<ProgressJson>,
}

#[derive(Clone, Debug, Serialize)]
struct ProgressJson {
    done: u8,
    wanted: u8,
}

impl ProgressJson {
    const fn new(progress: &Progress) -> Self {
        Self { done: progress.done, wanted: progress.wanted }
    }
}

impl GroundJson {
    fn new(ground: &Ground<'_>) -> Self {
        Self {
            pack: None,
            rule: ground.rule.id.to_string(),
            colour: ground.rule.colour.word(),
            class: ground.rule.class.word(),
            cause: ground.rule.cause.map(|cause| cause.word()),
            from: instant(ground.interval.from()),
            until: instant(ground.interval.until()),
            facts: ground.evidence.iter().map(ToString::to_string).collect(),
            progress: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct AsOfJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    instant: Option<String>,
    person_position: u64,
    global_position: u64,
}

#[derive(Clone, Debug, Serialize)]
struct StepJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    colour: &'static str,
    in_force: bool,
    rules: Vec<String>,
}

/// The instant in Beijing time; nothing for an open end.
fn instant(at: Timestamp) -> Option<String> {
    let is_open = matches!(at, Timestamp::BEGINNING | Timestamp::FOREVER);
    (!is_open).then(|| Zone::BEIJING.format(at))
}

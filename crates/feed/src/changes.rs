//! What must be recorded so that the recorded levels are those of the history: begun, ended, and taken back.

use std::collections::BTreeMap;

use yima_model::{AreaSet, FactId, Level, Timestamp};

use crate::fold::Spell;

/// A recorded level that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The fact.
    pub id: FactId,
    /// Its first hour.
    pub from: Timestamp,
    /// The end that the fact itself states; [`Timestamp::FOREVER`] for none.
    pub until: Timestamp,
    /// The level.
    pub level: Level,
    /// The standing facts that close it, and when; the earliest counts.
    pub closings: Vec<(FactId, Timestamp)>,
}

/// One fact to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A level holds for a set of areas.
    Begin {
        /// Where.
        areas: AreaSet,
        /// Which, from when, until when.
        spell: Spell,
    },
    /// A recorded level ended.
    End {
        /// The fact that states it.
        level: FactId,
        /// At which hour.
        at: Timestamp,
    },
    /// A recorded level, or a recorded end, was wrong.
    TakeBack {
        /// The fact that was wrong.
        fact: FactId,
    },
}

/// The levels of the history by what the sets are.
pub type Levels = BTreeMap<AreaSet, Vec<Spell>>;

/// The changes by which `recorded` becomes `history` from `since` on; what lies before is left as it is.
///
/// A repetition gives none: what is recorded as it should be is left alone.
pub fn changes(history: &Levels, recorded: &BTreeMap<AreaSet, Vec<Recorded>>, since: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    for (areas, spells) in history {
        let known = recorded.get(areas).map_or(&[][..], Vec::as_slice);
        of_set(areas, spells, known, since, &mut changes);
    }
    for (areas, known) in recorded.iter().filter(|(areas, _)| !history.contains_key(areas)) {
        of_set(areas, &[], known, since, &mut changes);
    }
    changes
}

fn of_set(areas: &AreaSet, spells: &[Spell], known: &[Recorded], since: Timestamp, changes: &mut Vec<Change>) {
    let mut wanted: Vec<Spell> = spells.iter().filter(|spell| spell.until > since).copied().collect();
    for level in known.iter().filter(|level| level.until() > since) {
        let is_it = |spell: &Spell| spell.level == level.level && spell.from.max(since) == level.from.max(since);
        match wanted.iter().position(is_it) {
            Some(at) if level.until < wanted.get(at).map_or(level.until, |spell| spell.until) => {
                // What states its own end too early is stated anew.
                changes.push(Change::TakeBack { fact: level.id });
                wanted.iter_mut().skip(at).take(1).for_each(|spell| spell.from = level.from);
            }
            Some(at) => end(level, wanted.swap_remove(at).until, changes),
            // It began before anything that is looked at, so it was right until then.
            None if level.from < since => end(level, since, changes),
            None => changes.push(Change::TakeBack { fact: level.id }),
        }
    }
    let begin = |spell| Change::Begin { areas: areas.clone(), spell };
    changes.extend(wanted.into_iter().map(begin));
}

/// Makes a recorded level end at `until`.
fn end(level: &Recorded, until: Timestamp, changes: &mut Vec<Change>) {
    if level.until() == until {
        return;
    }
    let too_early = level.closings.iter().filter(|(_, at)| *at < until);
    changes.extend(too_early.map(|(fact, _)| Change::TakeBack { fact: *fact }));
    let remaining = level.closings.iter().map(|(_, at)| *at).filter(|at| *at >= until).min();
    if remaining.unwrap_or(Timestamp::FOREVER).min(level.until) != until {
        changes.push(Change::End { level: level.id, at: until });
    }
}

impl Recorded {
    /// When it ends, with its closings.
    pub fn until(&self) -> Timestamp {
        self.closings.iter().map(|(_, at)| *at).fold(self.until, Timestamp::min)
    }
}

//! The archive's own forms: the intervals that were derived from its snapshots, and the index of the snapshots.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::{Level, Timestamp};

use crate::fold::{Fold, Ruling, Standing, Step, Suspicion};
use crate::reader::{Listing, Reader, SetId};
use crate::snapshot::{Named, SnapshotId};

/// One line of the file of intervals: a place was listed from one snapshot to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFor {
    /// How it was named.
    pub named: Named,
    /// Its level.
    pub level: Level,
    /// The hour of the first snapshot that lists it.
    pub from: Timestamp,
    /// The hour of the first that does not; [`Timestamp::FOREVER`] if the last one lists it.
    pub until: Timestamp,
}

/// One line of the index of snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// The name of the file.
    pub file: String,
    /// The hour that the feed gave.
    pub hour: Timestamp,
    /// When the archive saved it.
    pub saved: Timestamp,
    /// How many rows it has.
    pub rows: usize,
    /// Whether whoever made the archive took it for partial.
    pub is_partial: bool,
}

/// What the file of intervals lists, hour by hour.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    changes: BTreeMap<Timestamp, Vec<(SetId, Level, bool)>>,
    listed: BTreeMap<SetId, Vec<Level>>,
}

impl Hours {
    /// The intervals as a reader reads their names.
    pub fn of(intervals: &[ListedFor], reader: &mut Reader) -> Self {
        let mut hours = Self::default();
        for ListedFor { named, level, from, until } in intervals {
            let Some(set) = reader.read(named).set else { continue };
            hours.changes.entry(*from).or_default().push((set, *level, true));
            hours.changes.entry(*until).or_default().push((set, *level, false));
        }
        hours
    }

    /// What is listed from this hour on; hours are asked for in ascending order, and every hour of a change is.
    pub fn listing(&mut self, hour: Timestamp) -> Listing {
        for (set, level, begins) in self.changes.remove(&hour).unwrap_or_default() {
            let levels = self.listed.entry(set).or_default();
            if begins {
                levels.push(level);
            } else if let Some(at) = levels.iter().position(|listed| *listed == level) {
                levels.swap_remove(at);
            }
        }
        self.listed.retain(|_, levels| !levels.is_empty());
        let sets = self.listed.iter();
        Listing::of(sets.flat_map(|(set, levels)| levels.iter().map(|level| (*set, *level))).collect())
    }
}

/// Folds the listings of these hours, each whole, and gives those that would be held back until somebody accepts them.
pub fn replay(archive: &mut Hours, hours: &BTreeSet<Timestamp>) -> (Vec<(Timestamp, Suspicion)>, Fold) {
    let mut fold = Fold::default();
    let mut held = Vec::new();
    for hour in hours {
        let listing = archive.listing(*hour);
        let id = SnapshotId::from_bytes(i128::from(hour.millis()).to_be_bytes());
        let mut step = Step { id, hour: *hour, listing: &listing, fault: None, ruling: None };
        fold.step(&step, |_| false);
        if let Some((_, Standing::Quarantined(why))) = fold.standings().last() {
            held.push((*hour, *why));
            step.ruling = Some(Ruling::Accept);
            fold.step(&step, |_| false);
        }
    }
    (held, fold)
}

/// Reads the file of intervals, line by line; a line that is none is given as its number, from 1.
pub fn intervals(text: &str) -> impl Iterator<Item = Result<ListedFor, usize>> + '_ {
    lines(text).map(|(number, line)| interval(&line).ok_or(number))
}

/// Reads the index of snapshots.
pub fn index(text: &str) -> impl Iterator<Item = Result<Indexed, usize>> + '_ {
    lines(text).map(|(number, line)| indexed(&line).ok_or(number))
}

fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<String>)> + '_ {
    let numbered = (1..).zip(text.lines()).skip(1).filter(|(_, line)| !line.is_empty());
    numbered.map(|(number, line)| (number, fields(line)))
}

fn interval(fields: &[String]) -> Option<ListedFor> {
    let [province, city, county, place, level, from, until] = fields else { return None };
    let level = match level.as_str() {
        "H" => Level::High,
        "M" => Level::Medium,
        "L" => Level::Low,
        _ => return None,
    };
    let text = |text: &String| text.as_str().into();
    let named = Named { province: text(province), city: text(city), county: text(county), place: text(place) };
    let until = if until.is_empty() { Timestamp::FOREVER } else { instant(until)? };
    Some(ListedFor { named, level, from: instant(from)?, until })
}

fn indexed(fields: &[String]) -> Option<Indexed> {
    let [file, hour, saved, _, _, _, rows, flag] = fields else { return None };
    Some(Indexed {
        file: file.clone(),
        hour: instant(hour)?,
        saved: instant(saved)?,
        rows: rows.parse().ok()?,
        is_partial: flag == "partial",
    })
}

/// Reads `2022-04-15T11:00+08:00`, which gives no seconds.
fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok()
}

/// The fields of a line of CSV; a field in quotation marks may hold commas, and a doubled mark is one.
pub fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(field) = fields.last_mut() else { break };
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            _ => field.push(character),
        }
    }
    fields
}

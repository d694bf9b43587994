//! The fold over snapshots in the order of their hours: what each changes, and which is held back.

use std::collections::BTreeMap;

use thiserror::Error;
use yima_model::{AreaSet, Interval, Level, Timestamp};

use crate::reader::{Listing, SetId};
use crate::snapshot::SnapshotId;

/// Up to how many listed sets may be lowered or left out at once, however few are listed: the last places of an outbreak often
/// end together.
pub const LIFTED_FEW: usize = 5;

/// Up to how many sets of a short list may be lowered or left out at once, as long as they are no more than half of it.
///
/// Of the hours of 2022 with up to 250 places two lifted more than half, and more than the last few: 139 of 177, and 30 of 38.
pub const LIFTED_SHORT: usize = 50;

/// The part of the sets of a long list, in hundredths, that may be lowered or left out at once.
///
/// Of the 1,385 snapshots of 2022 five were partial: they left out 28 to 93 of a hundred. The largest share of a thousand or
/// more that really ended between two full snapshots was 29 of a hundred.
pub const LIFTED_PERCENT_MAX: usize = 20;

/// The part of the sets at one level, in hundredths, that may be lowered or left out at once beyond [`LIFTED_FEW`]: the feed
/// has a list for each level, and one of them may be cut off while the others are whole.
///
/// Half, as for a short list, would hold back one more hour of 2022 that was right: 9 of 12 high places on 24 June.
pub const LIFTED_OF_LEVEL_PERCENT_MAX: usize = 75;

/// Where a snapshot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What it says holds from its hour on.
    Taken,
    /// It is held back: what it adds or raises holds, and nothing is lowered until somebody accepts it.
    Quarantined(Suspicion),
    /// It was held back, and a later snapshot that was taken has made it out of date.
    Resolved(Suspicion),
    /// Somebody rejected it; it changes nothing.
    Rejected,
}

/// Why a snapshot is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Suspicion {
    /// A part is missing that every snapshot has, so it is not complete.
    #[error("it has no `{part}`; wait for a complete one, and ask the service if none comes")]
    Incomplete {
        /// Its name in JSON.
        part: &'static str,
    },
    /// It names areas and lists no place in them, so it is not complete.
    #[error("it names {areas} areas and lists no place in them; wait for a complete one")]
    WithoutPlaces {
        /// How many areas.
        areas: u32,
    },
    /// Its own count of a level differs from what it lists.
    #[error("it says that it lists {declared} {} places and lists {listed}; wait for a complete one", word(*level))]
    Miscounted {
        /// Of which level; the highest of several.
        level: Level,
        /// What it says.
        declared: u32,
        /// What it lists.
        listed: u32,
    },
    /// It leaves out or lowers more than the bound, and nothing was announced.
    #[error(
        "it leaves out or lowers {lifted} of {before} places that nothing was announced for; accept it if they really ended"
    )]
    Shrinks {
        /// How many sets the last snapshot listed that was taken.
        before: usize,
        /// How many of them it leaves out or lowers without an announcement.
        lifted: usize,
    },
    /// It leaves out or lowers nearly all of one level, and nothing was announced.
    #[error(
        "it leaves out or lowers {lifted} of {before} {} places that nothing was announced for; accept it if they really ended",
        word(*level)
    )]
    LevelShrinks {
        /// Which level; the highest of several.
        level: Level,
        /// How many sets the last snapshot that was taken listed at it.
        before: usize,
        /// How many of them it leaves out or lowers without an announcement.
        lifted: usize,
    },
}

/// What somebody decided about one snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is right, however much it lifts.
    Accept,
    /// It is wrong.
    Reject,
}

/// A published notice that levels in some areas end, which a snapshot that lifts them there follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// At which hours of snapshots it counts.
    pub during: Interval,
    /// Where.
    pub areas: AreaSet,
}

/// What one snapshot says, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Which snapshot.
    pub id: SnapshotId,
    /// Its hour.
    pub hour: Timestamp,
    /// The sets that it lists.
    pub listing: &'a Listing,
    /// What speaks against it whatever came before.
    pub fault: Option<Suspicion>,
    /// What was decided about it.
    pub ruling: Option<Ruling>,
}

/// A time during which a set has a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spell {
    /// The first hour.
    pub from: Timestamp,
    /// The hour at which it ended; [`Timestamp::FOREVER`] while it lasts.
    pub until: Timestamp,
    /// The level.
    pub level: Level,
}

/// The level history of every set.
pub type History = BTreeMap<SetId, Vec<Spell>>;

/// The state of a fold.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    /// The last snapshot that was taken.
    taken: Listing,
    /// What holds: that, and what was added or raised since by snapshots that are held back.
    holding: Listing,
    history: History,
    standings: Vec<(SnapshotId, Standing)>,
    has_begun: bool,
}

impl Fold {
    /// Takes the next snapshot, in the order of hours; `is_announced` says whether levels of a set were announced to end.
    pub fn step(&mut self, step: &Step<'_>, is_announced: impl Fn(SetId) -> bool) {
        let suspicion = match step.ruling {
            Some(Ruling::Reject) => {
                self.standings.push((step.id, Standing::Rejected));
                return;
            }
            Some(Ruling::Accept) => None,
            None => step.fault.or_else(|| self.shrinks(step.listing, is_announced)),
        };
        let next = match suspicion {
            Some(suspicion) => {
                self.standings.push((step.id, Standing::Quarantined(suspicion)));
                self.holding.worst(step.listing)
            }
            None => {
                self.resolve();
                self.standings.push((step.id, Standing::Taken));
                self.taken = step.listing.clone();
                self.has_begun = true;
                step.listing.clone()
            }
        };
        for (set, before, after) in self.holding.beside(&next) {
            if before != after {
                change(self.history.entry(set).or_default(), step.hour, after);
            }
        }
        self.holding = next;
    }

    /// What holds after the last step.
    pub const fn holding(&self) -> &Listing {
        &self.holding
    }

    /// Where each snapshot stands, in the order of the steps.
    pub fn standings(&self) -> &[(SnapshotId, Standing)] {
        &self.standings
    }

    /// The level history; sets that never held a level for an hour are left out.
    pub fn into_history(mut self) -> History {
        self.history.retain(|_, spells| !spells.is_empty());
        self.history
    }

    /// Whether the listing lifts more than the bounds, of all that the last one that was taken lists or of one level.
    fn shrinks(&self, listing: &Listing, is_announced: impl Fn(SetId) -> bool) -> Option<Suspicion> {
        const LEVELS: [Level; 3] = [Level::High, Level::Medium, Level::Low];
        if !self.has_begun {
            return None;
        }
        let (mut before, mut lifted) = ([0_usize; 3], [0_usize; 3]);
        for (set, was, is) in self.taken.beside(listing) {
            for ((level, before), lifted) in LEVELS.into_iter().zip(&mut before).zip(&mut lifted) {
                if was == Some(level) {
                    *before += 1;
                    *lifted += usize::from(is < was && !is_announced(set));
                }
            }
        }
        let (all, all_lifted) = (before.iter().sum(), lifted.iter().sum());
        if all_lifted > lifted_max(all) {
            return Some(Suspicion::Shrinks { before: all, lifted: all_lifted });
        }
        let of_levels = LEVELS.into_iter().zip(before).zip(lifted);
        let mut beyond = of_levels
            .filter(|((_, before), lifted)| *lifted > (before * LIFTED_OF_LEVEL_PERCENT_MAX / 100).max(LIFTED_FEW));
        beyond.next().map(|((level, before), lifted)| Suspicion::LevelShrinks { level, before, lifted })
    }

    fn resolve(&mut self) {
        for (_, standing) in self.standings.iter_mut().rev() {
            match *standing {
                Standing::Quarantined(suspicion) => *standing = Standing::Resolved(suspicion),
                Standing::Taken | Standing::Resolved(_) => break,
                Standing::Rejected => {}
            }
        }
    }
}

/// What speaks against a snapshot by itself.
pub fn fault(snapshot: &crate::Snapshot) -> Option<Suspicion> {
    if let Some(part) = snapshot.missing {
        return Some(Suspicion::Incomplete { part });
    }
    if snapshot.without_places > 0 {
        return Some(Suspicion::WithoutPlaces { areas: snapshot.without_places });
    }
    let (level, declared, listed) = snapshot.miscounted().next()?;
    Some(Suspicion::Miscounted { level, declared, listed })
}

/// How many of so many listed sets may be lowered or left out at once.
fn lifted_max(listed: usize) -> usize {
    let of_long = listed * LIFTED_PERCENT_MAX / 100;
    of_long.max(LIFTED_SHORT.min(listed / 2)).max(LIFTED_FEW)
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}

/// Ends the spell that lasts, and begins one at `level`; what would last no time is left out.
fn change(spells: &mut Vec<Spell>, at: Timestamp, level: Option<Level>) {
    if let Some(open) = spells.last_mut().filter(|spell| spell.until == Timestamp::FOREVER) {
        open.until = at;
    }
    spells.retain(|spell| spell.from < spell.until);
    let Some(level) = level else { return };
    match spells.last_mut() {
        // Two files of one hour: what the first ended goes on.
        Some(last) if last.until == at && last.level == level => last.until = Timestamp::FOREVER,
        _ => spells.push(Spell { from: at, until: Timestamp::FOREVER, level }),
    }
}

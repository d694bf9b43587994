//! What must be so before a pack is put in force: it keeps below the national ceiling, and what is harsher was announced.

use std::sync::Arc;

use thiserror::Error;
use yima_model::id::{PackId, RuleId};
use yima_model::{Colour, Content, Fact, Interval, Timestamp, Zone};
use yima_rules::check::versions::{Harsher, Unrenewed, harsher, unrenewed};
use yima_rules::pack::Pack;

use crate::standing::standing;
use crate::verdict::Shelf;

/// How long before it begins a harsher pack is put in force.
pub const NOTICE_HOURS: i64 = 24;

const HOUR_MILLIS: i64 = 3_600_000;

/// Why a pack is not put in force.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// A rule of a place is harsher than the national pack lets it be.
    #[error(
        "rule {rule} of the pack `{pack}` is harsher than `{national}` allows beside it; make it {ceiling} or milder"
    )]
    AboveCeiling {
        /// The pack.
        pack: PackId,
        /// Its rule.
        rule: RuleId,
        /// The national pack.
        national: PackId,
        /// The worst colour that it allows.
        ceiling: Colour,
    },
    /// It is harsher than what is in force, and nobody was told in time.
    #[error(
        "the pack `{pack}` is harsher than what is in force ({what}) and begins less than {NOTICE_HOURS} hours from now; let it begin \
         on {earliest} or later, or, in an emergency, say so in `emergency` and let it end within 72 hours"
    )]
    TooSoon {
        /// The pack.
        pack: PackId,
        /// What is harsher.
        what: String,
        /// When it may begin.
        earliest: String,
    },
    /// What was in force goes on by it, without a new reason.
    #[error("the pack `{pack}` is not put in force: {why}; say in `because` why it is still needed")]
    Unrenewed {
        /// The pack.
        pack: PackId,
        /// What goes on, or whose reason it repeats.
        why: Unrenewed,
    },
    /// It has ended already.
    #[error("the pack `{0}` has ended and was never in force; take its file out of the configuration")]
    Over(PackId),
}

/// For how long a pack that is put in force at `now` lasts; `others` are the packs that are put in force with it.
///
/// Milder rules bind at once and harsher ones not before their notice, except in an emergency that lapses by itself; none binds
/// before it was put in force. The first packs of all are filed with their own times: nothing was in force that they change.
///
/// # Errors
/// [`Refused`].
pub fn announce(
    globals: &[Fact],
    shelf: &Shelf,
    others: &[Arc<Pack>],
    pack: &Pack,
    now: Timestamp,
) -> Result<Interval, Refused> {
    let standing = standing(globals, Timestamp::FOREVER);
    let in_force: Vec<(&Pack, Interval)> = standing
        .iter()
        .filter_map(|(fact, lasts)| match fact.content() {
            Content::Pack { digest, .. } => Some((shelf.find(digest)?.as_ref(), *lasts)),
            _ => None,
        })
        .collect();
    let beside = in_force.iter().map(|(pack, _)| *pack).chain(others.iter().map(Arc::as_ref));
    for national in beside.filter(|national| pack.ceiling.is_none() && overlap(pack, national)) {
        let Some(ceiling) = national.ceiling else { continue };
        if let Some(rule) = pack.rules.iter().find(|rule| rule.colour > ceiling) {
            let (pack, rule, national) = (pack.id.clone(), rule.id.clone(), national.id.clone());
            return Err(Refused::AboveCeiling { pack, rule, national, ceiling });
        }
    }
    let is_first = !globals.iter().any(|fact| matches!(fact.content(), Content::Pack { .. }) && fact.recorded() < now);
    let from = if is_first { pack.from } else { pack.from.max(now) };
    let lasts = Interval::new(from, pack.until).ok_or_else(|| Refused::Over(pack.id.clone()))?;
    if is_first {
        return Ok(lasts);
    }
    let mut earlier: Vec<&Pack> = in_force.iter().map(|(old, _)| *old).filter(|old| old.from < pack.from).collect();
    earlier.sort_by_key(|old| old.from);
    if let Some(why) = unrenewed(&earlier, pack) {
        return Err(Refused::Unrenewed { pack: pack.id.clone(), why });
    }
    if pack.emergency.is_some() {
        return Ok(lasts);
    }
    let earliest = now.plus_millis(NOTICE_HOURS * HOUR_MILLIS);
    let then = in_force.iter().filter(|(old, lasts)| lasts.contains(from) && old.in_force(from)).map(|(old, _)| *old);
    match judged_by(pack, then.collect()).iter().find_map(|before| harsher(pack, before)) {
        Some(what) if from < earliest => {
            Err(Refused::TooSoon { pack: pack.id.clone(), what: told(what), earliest: Zone::BEIJING.format(earliest) })
        }
        _ => Ok(lasts),
    }
}

/// By which packs the people are judged whom `new` will judge: one set for each place where they differ, none where nobody is.
fn judged_by<'a>(new: &Pack, before: Vec<&'a Pack>) -> Vec<Vec<&'a Pack>> {
    let (national, places): (Vec<&Pack>, Vec<&Pack>) = before.into_iter().partition(|old| old.ceiling.is_some());
    let places: Vec<&Pack> = places.into_iter().filter(|old| meets(old, new)).collect();
    let covered = places.iter().any(|old| covers(old, new));
    let mut sets: Vec<Vec<&Pack>> = places.iter().map(|old| [national.as_slice(), &[*old]].concat()).collect();
    if !national.is_empty() && !covered {
        sets.push(national);
    }
    sets
}

fn told(what: Harsher<'_>) -> String {
    match what {
        Harsher::Rule(rule) => format!("rule {} is {}", rule.id, rule.colour),
        Harsher::Base => "whoever no rule holds for is grey".to_owned(),
        Harsher::Counting => "its days are counted in another way".to_owned(),
    }
}

fn overlap(one: &Pack, other: &Pack) -> bool {
    one.from < other.until && other.from < one.until
}

/// Whether some place is of both packs.
fn meets(old: &Pack, new: &Pack) -> bool {
    let within = |one: &Pack, other: &Pack| one.areas.include.iter().any(|area| other.areas.contains(*area));
    new.ceiling.is_some() || within(old, new) || within(new, old)
}

/// Whether every place of `new` is one of `old`.
fn covers(old: &Pack, new: &Pack) -> bool {
    new.ceiling.is_none() && new.areas.include.iter().all(|area| old.areas.contains(*area))
}

#[cfg(test)]
mod tests;

//! What must be so before a pack is put in force: it keeps below the national ceiling, and what is harsher was announced.

use std::sync::Arc;

use thiserror::Error;
use yima_model::id::{PackId, RuleId};
use yima_model::{Colour, Content, Fact, Interval, Timestamp, Zone};
use yima_rules::check::versions::{Harsher, harsher};
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
    if is_first || pack.emergency.is_some() {
        return Ok(lasts);
    }
    let earliest = now.plus_millis(NOTICE_HOURS * HOUR_MILLIS);
    let replaced: Vec<&Pack> = in_force
        .iter()
        .filter(|(old, lasts)| lasts.contains(from) && old.in_force(from) && judges_everywhere(old, pack))
        .map(|(old, _)| *old)
        .collect();
    match harsher(pack, &replaced) {
        Some(what) if from < earliest && !replaced.is_empty() => {
            Err(Refused::TooSoon { pack: pack.id.clone(), what: told(what), earliest: Zone::BEIJING.format(earliest) })
        }
        _ => Ok(lasts),
    }
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

/// Whether everybody whom `new` would judge is judged by `old`.
fn judges_everywhere(old: &Pack, new: &Pack) -> bool {
    old.ceiling.is_some() || (new.ceiling.is_none() && new.areas.include.iter().all(|area| old.areas.contains(*area)))
}

#[cfg(test)]
mod tests;

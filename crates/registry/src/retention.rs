//! Retention: how far back facts are kept, worked out from the packs in force and announced.
//!
//! What no rule can see any more is forgotten by the registry at the horizon and lies sealed in the ledger; after the audit
//! period that the packs state it is destroyed.

use thiserror::Error;
use yima_ledger::{Appended, Kind as LedgerKind};
use yima_model::{Content, Kind, Timestamp, Zone, codec};
use yima_rules::check::reach_millis;
use yima_rules::expression::{Condition, Trigger};
use yima_rules::pack::Pack;

use crate::cases::CaseError;
use crate::cases::venue_visits::{days_kept, reporting};
use crate::record::VISITS;
pub use crate::record::kind_of;
use crate::registry::{Globals, Registry};
use crate::standing::standing;
use crate::verdict::{JudgeError, Shelf};

/// For how long back a verdict can be asked for: the four weeks that a person sees of the own timeline.
///
/// DIFFERENCE: a horizon at the very reach of the rules would leave no past instant that can be judged, so that nobody
/// could be told why the code was yellow yesterday.
pub const HISTORY_DAYS: i64 = 28;

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// Before when facts are forgotten and destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The registry forgets what counts by an instant before this one.
    pub horizon: Timestamp,
    /// The ledger destroys what counts by an instant before this one; `None` where a pack states no audit period.
    pub expire: Option<Timestamp>,
}

/// Why there are no limits.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoLimits {
    /// No pack says how far back rules look.
    #[error("no pack is in force or announced, so that nothing is forgotten; put a pack in force")]
    NoPack,
    /// A rule looks back without end.
    #[error("a rule of the pack `{0}` counts for ever, so that nothing may be forgotten; let it end with `until`")]
    ForEver(String),
    /// The text of a pack is missing.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

/// What was ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// Of how many kinds the horizon moved.
    pub forgotten: usize,
    /// Of how many kinds facts were destroyed.
    pub destroyed: usize,
}

/// Why a past instant cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Gone {
    /// The facts lie sealed in the ledger.
    #[error(
        "what a verdict then rests on is no longer in the registry; an office with a reason replays it from the ledger"
    )]
    Sealed,
    /// The facts do not exist any more.
    #[error("what a verdict then rests on is destroyed; nobody can answer this any more")]
    Destroyed,
}

/// The kinds whose facts are forgotten: all but packs, which say nothing of anybody and by which past verdicts are judged.
pub fn kinds() -> Vec<LedgerKind> {
    let number = |kind: &Kind| LedgerKind(codec::kind_number(*kind).into());
    Kind::ALL.iter().filter(|kind| **kind != Kind::Pack).map(number).chain([VISITS]).collect()
}

/// Before when visits to venues are deleted, the same for a whole day of Beijing: as the packs in force that have them
/// reported say, and all of them when none does any more; `None` if none ever did.
///
/// # Errors
/// [`JudgeError`] if the text of a pack is missing.
pub fn visits_before(globals: &Globals, shelf: &Shelf, now: Timestamp) -> Result<Option<Timestamp>, JudgeError> {
    let mut ever = false;
    for (fact, _) in standing(globals, Timestamp::FOREVER) {
        let Content::Pack { pack: id, digest } = fact.content() else { continue };
        let pack = shelf.find(digest).ok_or_else(|| JudgeError::PackMissing(id.clone()))?;
        ever |= pack.visits.is_some();
    }
    let days = days_kept(&reporting(globals, shelf, now));
    let today = Zone::BEIJING.midnight(Zone::BEIJING.day(now));
    // A visit counts by the midnight after its day, and goes with the first instant of the day after the last one.
    Ok(ever.then(|| today.plus_millis(1 - days * DAY_MILLIS)))
}

/// Has registry and ledger delete the visits of days before this; says whether any bound moved.
///
/// # Errors
/// [`CaseError`]; doing it again goes on where it failed.
pub fn delete_visits(registry: &Registry, before: Option<Timestamp>, now: Timestamp) -> Result<bool, CaseError> {
    let Some(before) = before else { return Ok(false) };
    let ledger = registry.ledger();
    let is_new = |outcomes: &[Appended]| outcomes.iter().any(|one| matches!(one, Appended::New(_)));
    let forgotten = ledger.horizon(&[VISITS], before)?;
    registry.follow(now)?;
    let destroyed = ledger.expire(&[VISITS], before)?;
    registry.follow(now)?;
    Ok(is_new(&forgotten) || is_new(&destroyed))
}

/// The limits at `now`, the same for a whole day of Beijing.
///
/// # Errors
/// [`NoLimits`]; then everything is kept.
pub fn limits(globals: &Globals, shelf: &Shelf, now: Timestamp) -> Result<Limits, NoLimits> {
    let (mut all, mut lasting) = (Vec::new(), Vec::new());
    for (fact, lasts) in standing(globals, Timestamp::FOREVER) {
        let Content::Pack { pack: id, digest } = fact.content() else { continue };
        let pack = shelf.find(digest).ok_or_else(|| JudgeError::PackMissing(id.clone()))?.as_ref();
        all.push(pack);
        if now < lasts.until().min(pack.until) {
            lasting.push(pack);
        }
    }
    let (mut reach, mut audit_days) = (None, Some(0));
    for pack in with_earlier_versions(lasting, &all) {
        if pack.rules.iter().any(|rule| counts_for_ever(&rule.when)) {
            return Err(NoLimits::ForEver(pack.id.to_string()));
        }
        reach = reach.max(Some(reach_of(pack)));
        audit_days = audit_days.zip(pack.audit_days).map(|(one, other): (u16, u16)| one.max(other));
    }
    let today = Zone::BEIJING.midnight(Zone::BEIJING.day(now));
    let horizon = today.plus_millis(-reach.ok_or(NoLimits::NoPack)?).plus_millis(-HISTORY_DAYS * DAY_MILLIS);
    let expire = audit_days.map(|days| horizon.plus_millis(-i64::from(days) * DAY_MILLIS));
    Ok(Limits { horizon, expire })
}

/// Has the registry forget, and the ledger destroy, what lies behind the limits; doing it again does nothing.
///
/// # Errors
/// [`CaseError`]; doing it again goes on where it failed.
pub fn enforce(registry: &Registry, limits: &Limits, now: Timestamp) -> Result<Ordered, CaseError> {
    let (kinds, ledger) = (kinds(), registry.ledger());
    let new = |outcomes: Vec<Appended>| outcomes.iter().filter(|one| matches!(one, Appended::New(_))).count();
    let forgotten = new(ledger.horizon(&kinds, limits.horizon)?);
    registry.follow(now)?;
    let destroyed = match limits.expire {
        Some(before) => new(ledger.expire(&kinds, before)?),
        None => 0,
    };
    registry.follow(now)?;
    Ok(Ordered { forgotten, destroyed })
}

/// Whether everything is kept that a verdict at `at` rests on.
///
/// # Errors
/// [`Gone`].
pub fn check(registry: &Registry, shelf: &Shelf, at: Timestamp) -> Result<(), Gone> {
    let kept = registry.kept();
    let all: Vec<_> = shelf.iter().map(|(_, pack)| pack.as_ref()).collect();
    let in_force = all.iter().copied().filter(|pack| pack.in_force(at)).collect();
    let reach = with_earlier_versions(in_force, &all).into_iter().map(reach_of).max();
    let seen_from = at.plus_millis(-reach.unwrap_or(0));
    match seen_from {
        seen_from if seen_from < kept.expired => Err(Gone::Destroyed),
        seen_from if seen_from < kept.horizon => Err(Gone::Sealed),
        _ => Ok(()),
    }
}

/// The packs with the versions, among `all`, of which something may go on under them.
fn with_earlier_versions<'a>(mut packs: Vec<&'a Pack>, all: &[&'a Pack]) -> Vec<&'a Pack> {
    let mut next = 0;
    while let Some(pack) = packs.get(next).copied() {
        next += 1;
        let follows = pack.follows.as_ref().filter(|_| pack.is_transitional());
        let earlier = all.iter().filter(|earlier| follows.is_some_and(|follows| follows.pack == earlier.id));
        let new: Vec<_> =
            earlier.copied().filter(|earlier| !packs.iter().any(|known| std::ptr::eq(*known, *earlier))).collect();
        packs.extend(new);
    }
    packs
}

/// How far back the rules of a pack look.
fn reach_of(pack: &Pack) -> i64 {
    pack.rules.iter().map(|rule| reach_millis(&rule.when)).max().unwrap_or(0)
}

/// Whether the condition holds for ever after enough events: a count that nothing bounds.
fn counts_for_ever(condition: &Condition) -> bool {
    match condition {
        Condition::Count(_) | Condition::OnDays(..) => true,
        // What clears is computed from facts after the trigger alone, and ends with it.
        Condition::Until(until) => match &until.trigger {
            Trigger::Events(_) => false,
            Trigger::Condition(condition) => counts_for_ever(condition),
        },
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(counts_for_ever),
        Condition::Not(part) => counts_for_ever(part),
        Condition::Constant(_)
        | Condition::State(_)
        | Condition::Within(..)
        | Condition::From(..)
        | Condition::No(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use yima_ledger::{Content as Entry, Partition, Position};
    use yima_model::fact::{DwellingRole, Symptoms};
    use yima_model::{Fact, SourceKind};

    use super::*;
    use crate::cases::register::Dwelling;
    use crate::cases::statements::{check_in, move_to};
    use crate::cases::{Refusal, report::Report};
    use crate::record::counts_until;
    use crate::registry::View;
    use crate::testing::{DAY, HOUR, World, area, at};
    use crate::verdict::Judge;

    /// Rules look back 14 days, which is less than 15 times 24 hours, and the pack states an audit period of 10 days.
    const HORIZON_DAYS: i64 = 15 + HISTORY_DAYS;
    const EXPIRE_DAYS: i64 = HORIZON_DAYS + 10;

    fn fever(world: &World, person: yima_model::PersonId) -> Report {
        at(person, world.now(), Content::Temperature { decicelsius: 381 })
    }

    fn limits_of(world: &World) -> Limits {
        limits(&world.registry.globals(), &world.shelf, world.now()).unwrap()
    }

    /// Colour, rules and next change at each instant from four weeks ago to two weeks ahead.
    fn seen(world: &World, view: &View) -> Vec<impl PartialEq + std::fmt::Debug> {
        let judge = Judge::new(&view.globals, &world.shelf, Timestamp::FOREVER).unwrap();
        let at = |days: i64| world.now().plus_millis(days * DAY);
        let verdict = |days| {
            let judgement = judge.verdict(view, at(days));
            let rules: Vec<_> = judgement.grounds.iter().map(|ground| ground.rule.clone()).collect();
            (days, judgement.colour, rules, judgement.next_change)
        };
        (-HISTORY_DAYS..=14).map(verdict).collect()
    }

    #[test]
    fn forgetting_changes_no_verdict_that_can_be_asked_for() {
        let world = World::new();
        let person = world.resident(1);
        for day in 0..60 {
            world.pass(DAY);
            check_in(&world.registry, &world.own_call(), person, Symptoms::NONE).unwrap();
            if day % 17 == 0 {
                world.files(SourceKind::Hospital, "first", fever(&world, person));
            }
            if day % 5 == 0 {
                let area = area(if day % 2 == 0 { "420106001" } else { "420602" });
                let dwelling = Dwelling { area, role: DwellingRole::Home, until: None, text: None };
                move_to(&world.registry, &world.own_call(), person, &dwelling).unwrap();
            }
            let before = world.registry.view(person).unwrap();
            let limits = limits_of(&world);
            enforce(&world.registry, &limits, world.now()).unwrap();
            let after = world.registry.view(person).unwrap();
            assert_eq!(seen(&world, &after), seen(&world, &before), "day {day}");
            assert_eq!(check(&world.registry, &world.shelf, world.now().plus_millis(-HISTORY_DAYS * DAY)), Ok(()));
        }
        let limits = limits_of(&world);
        let facts = world.registry.record(person).unwrap();
        let is_old = |fact: &&Fact| counts_until(fact.filing()) < limits.horizon;
        assert!(facts.iter().filter(is_old).all(|fact| fact.kind() == Kind::Closing), "an address lasts, with its end");
        assert!(facts.iter().any(|fact| fact.kind() == Kind::Registration));
        let mut left = Vec::new();
        for partition in Partition::all(world.ledger.identity().person_partitions).skip(1) {
            left.extend(world.ledger.read(partition, Position::START, usize::MAX).unwrap());
        }
        let of = |content: &Entry| match content {
            Entry::Fact(fact) => Some(fact.filed.until),
            _ => None,
        };
        let oldest = left.iter().filter_map(|entry| of(&entry.content)).min().unwrap();
        assert!(limits.expire.unwrap() <= oldest && oldest < limits.horizon, "sealed between the two");
        assert!(left.iter().any(|entry| entry.content == Entry::Empty));
        world.ledger.verify().unwrap();
        assert_eq!(enforce(&world.registry, &limits, world.now()).unwrap(), Ordered::default());
        let rebuilt = Registry::in_memory(world.ledger.clone(), world.vault.clone()).unwrap();
        rebuilt.follow(world.now()).unwrap();
        assert_eq!((rebuilt.rows(), rebuilt.kept()), (world.registry.rows(), world.registry.kept()));
    }

    #[test]
    fn a_replay_of_what_is_gone_says_so() {
        let world = World::new();
        world.pass(60 * DAY);
        let limits = limits_of(&world);
        let today = Zone::BEIJING.midnight(Zone::BEIJING.day(world.now()));
        let days_ago = |days: i64| today.plus_millis(-days * DAY);
        assert_eq!(limits, Limits { horizon: days_ago(HORIZON_DAYS), expire: Some(days_ago(EXPIRE_DAYS)) });
        let check = |at| check(&world.registry, &world.shelf, at);
        assert_eq!(check(days_ago(59)), Ok(()), "nothing was forgotten yet");
        enforce(&world.registry, &limits, world.now()).unwrap();
        assert_eq!(check(days_ago(HISTORY_DAYS)), Ok(()));
        assert_eq!(check(days_ago(HISTORY_DAYS).plus_millis(-1)), Err(Gone::Sealed));
        assert_eq!(check(days_ago(HISTORY_DAYS + 10)), Err(Gone::Sealed));
        assert_eq!(check(days_ago(HISTORY_DAYS + 10).plus_millis(-1)), Err(Gone::Destroyed));
        let person = world.resident(1);
        let late = at(person, limits.horizon.plus_millis(-1), Content::Temperature { decicelsius: 381 });
        let refused = world.report(&world.call(SourceKind::Hospital, "first"), &[late]);
        assert!(matches!(refused, Err(CaseError::Refused(Refusal::TooOld))));
    }

    #[test]
    fn what_goes_on_under_a_later_version_is_kept_for_as_long_as_the_earlier_one_looks_back() {
        let load = |text: &str| yima_rules::check::load(text).unwrap().pack;
        let text = crate::testing::pack(&[("R-1", "red", "symptom within 14d")]);
        let earlier = load(&text);
        for (transition, looks_back) in [("apply", false), ("restart", true), ("keep", true), ("shorter", true)] {
            let takeover = format!("follows = \"{}\"\ntransition = \"{transition}\"\nid =", earlier.id);
            let later = load(&text.replace("test-2020-02", "later").replacen("id =", &takeover, 1));
            let line = with_earlier_versions(vec![&later], &[&earlier, &later]);
            assert_eq!(line.contains(&&earlier), looks_back, "{transition}");
        }
    }

    #[test]
    fn without_a_pack_or_with_one_that_counts_for_ever_everything_is_kept() {
        let world = World::new();
        let of = |globals: &Globals| limits(globals, &world.shelf, world.now());
        assert_eq!(of(&Vec::new()), Err(NoLimits::NoPack));
        let missing = limits(&world.registry.globals(), &Shelf::default(), world.now());
        assert!(matches!(missing, Err(NoLimits::Judge(JudgeError::PackMissing(_)))));
        let condition = |text: &str| yima_rules::check::load(&crate::testing::pack(&[("R-1", "red", text)])).unwrap();
        let for_ever = |text: &str| counts_for_ever(&condition(text).pack.rules[0].when);
        let count = "count(test(negative), 2, apart: 24h, within: 3d)";
        assert!(for_ever(&format!("case and not {}", count.replace("negative", "positive"))));
        assert!(!for_ever(&format!("case until {count} at most 14d")));
        assert!(for_ever(&format!("(case and {count}) until follow_up(clear) at most 14d")));
        world.pass(100 * DAY + HOUR);
        assert_eq!(limits(&world.registry.globals(), &world.shelf, world.now()), Err(NoLimits::NoPack), "it has ended");
    }
}

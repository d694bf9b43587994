//! All packs that are put in force at one instant, and what of earlier versions goes on.

use std::collections::BTreeSet;

use yima_model::id::{PackId, RuleId};
use yima_model::{Colour, Fact, Timestamp};
use yima_rules::pack::{Pack, Rule, Transition, WhileDisputed};
use yima_rules::rulebook::PutInForce;

use crate::moment::View;
use crate::visible::{is_inert, visible};

/// What all packs together say about a person at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The worst colour among the rules that hold, else the base; grey where no pack applies.
    pub colour: Colour,
    /// The rules that hold, each with its pack, in their order.
    pub rules: Vec<(PackId, RuleId)>,
    /// The pack of the place, else the national one.
    pub pack: Option<PackId>,
}

/// The colour and the rules that hold at `at`, as known at `known_at`, with the data complete up to `as_of`.
///
/// `facts` holds the facts of one person and those for everybody, each once and in any order; so do `packs`.
pub fn judge_all(
    packs: &[PutInForce],
    facts: &[Fact],
    at: Timestamp,
    known_at: Timestamp,
    as_of: Timestamp,
) -> Composed {
    let known =
        Known { packs, visible: visible(facts, known_at), as_of, instants: candidates_of_all(packs, facts, known_at) };
    let national = known.latest(at, |pack| pack.ceiling.is_some());
    let home = packs.first().and_then(|one| known.view(&one.pack, WhileDisputed::Holds, at).lives_in(at));
    let depth = |pack: &Pack| {
        let around = pack.areas.include.iter().filter(|area| home.is_some_and(|home| area.contains(home)));
        around.map(|area| area.depth()).max()
    };
    let in_force = packs.iter().filter(|one| in_force(one, at));
    let deepest = in_force.filter_map(|one| depth(&one.pack)).max();
    let local = deepest.and_then(|deepest| known.latest(at, |pack| depth(pack) == Some(deepest)));
    let ceiling = national.and_then(|national| packs.get(national)).and_then(|one| one.pack.ceiling);
    let by_nation = national.into_iter().flat_map(|place| known.entries(place, at));
    let by_place = local.into_iter().flat_map(|place| known.entries(place, at));
    let bounded = by_place.filter_map(|entry| match ceiling {
        Some(Colour::Green | Colour::Grey) if Some(entry.colour) > ceiling => None,
        Some(ceiling) => Some(Entry { colour: entry.colour.min(ceiling), ..entry }),
        None => Some(entry),
    });
    let holding: Vec<_> = by_nation.chain(bounded).collect();
    let pack_of = |place: usize| packs.get(place).map(|one| &one.pack);
    let base = national.or(local).and_then(pack_of).map_or(Colour::Grey, |pack| pack.base);
    let rules: BTreeSet<_> =
        holding.iter().filter_map(|entry| Some((pack_of(entry.of)?.id.clone(), entry.rule.clone()))).collect();
    Composed {
        colour: holding.iter().map(|entry| entry.colour).chain([base]).max().unwrap_or(base),
        rules: rules.into_iter().collect(),
        pack: local.or(national).and_then(pack_of).map(|pack| pack.id.clone()),
    }
}

/// Instants, sorted, among which are all at which [`judge_all`] may change as `at` moves on.
pub fn candidates_of_all(packs: &[PutInForce], facts: &[Fact], known_at: Timestamp) -> Vec<Timestamp> {
    let mut instants = BTreeSet::new();
    for one in packs {
        let view = View::new(&one.pack, visible(facts, known_at), Timestamp::FOREVER).restarted(Some(begins(one)));
        instants.extend([one.lasts.from(), one.lasts.until(), one.pack.from, one.pack.until]);
        instants.extend(view.instants());
        instants.extend(one.pack.rules.iter().flat_map(|rule| view.changes(&rule.when)));
    }
    instants.into_iter().collect()
}

struct Known<'a> {
    packs: &'a [PutInForce],
    visible: Vec<&'a Fact>,
    as_of: Timestamp,
    instants: Vec<Timestamp>,
}

/// One rule that holds.
#[derive(Clone, PartialEq, Eq)]
struct Entry {
    of: usize,
    rule: RuleId,
    colour: Colour,
    /// The rule by which the version that is asked knows it.
    known_as: RuleId,
}

/// When the pack takes over.
fn begins(one: &PutInForce) -> Timestamp {
    one.lasts.from().max(one.pack.from)
}

fn in_force(one: &PutInForce, t: Timestamp) -> bool {
    one.lasts.contains(t) && one.pack.from <= t && t < one.pack.until
}

impl<'a> Known<'a> {
    fn view(&self, pack: &'a Pack, while_disputed: WhileDisputed, t: Timestamp) -> View<'a> {
        let counting = self.visible.iter().copied().filter(|fact| !is_inert(fact, &self.visible, while_disputed, t));
        View::new(pack, counting.collect(), self.as_of)
    }

    fn latest(&self, t: Timestamp, choose: impl Fn(&Pack) -> bool) -> Option<usize> {
        let chosen = self.packs.iter().enumerate().filter(|(_, one)| in_force(one, t) && choose(&one.pack));
        chosen.max_by_key(|(_, one)| (one.lasts.from(), one.id)).map(|(place, _)| place)
    }

    /// The version that this one takes over from.
    fn before(&self, one: &PutInForce) -> Option<usize> {
        let follows = one.pack.follows.as_ref()?;
        let earlier = self.packs.iter().enumerate();
        let earlier = earlier.filter(|(_, earlier)| earlier.pack.id == follows.pack && begins(earlier) < begins(one));
        earlier.max_by_key(|(_, earlier)| (begins(earlier), earlier.id)).map(|(place, _)| place)
    }

    /// The rules that hold at `t`, not before it takes over, by the pack in this place.
    fn entries(&self, place: usize, t: Timestamp) -> Vec<Entry> {
        let Some(one) = self.packs.get(place) else { return Vec::new() };
        let own =
            |rule: &Rule| Entry { of: place, rule: rule.id.clone(), colour: rule.colour, known_as: rule.id.clone() };
        let Some(before) = self.before(one) else {
            return one.pack.rules.iter().filter(|rule| self.holds(one, rule, t, None)).map(own).collect();
        };
        let taken_over = begins(one);
        let begun: Vec<_> = self.entries(before, t);
        let has_begun = |old: &&Entry| self.throughout(taken_over, t, |s| self.entries(before, s).contains(old));
        let begun: Vec<_> = begun.iter().filter(has_begun).collect();
        let stands_for = |rule: &Rule, old: &Entry| rule.id == old.known_as || rule.replaces.contains(&old.known_as);
        let mut entries = Vec::new();
        for rule in &one.pack.rules {
            let restart = (rule.transition == Transition::Restart).then_some(taken_over);
            let holds = |s| self.holds(one, rule, s, restart);
            let counts = holds(t)
                && match rule.transition {
                    Transition::Apply | Transition::Restart => true,
                    Transition::Keep => !self.throughout(taken_over, t, holds),
                    Transition::Shorter => {
                        !self.throughout(taken_over, t, holds) || begun.iter().any(|old| stands_for(rule, old))
                    }
                };
            entries.extend(counts.then(|| own(rule)));
        }
        for old in begun {
            let successors: Vec<_> = one.pack.rules.iter().filter(|rule| stands_for(rule, old)).collect();
            let kept = successors.iter().find(|rule| rule.transition == Transition::Keep);
            let kept_as = match (kept, successors.is_empty(), &one.pack.follows) {
                (Some(rule), ..) => Some(&rule.id),
                (None, true, Some(follows)) => {
                    let transition = follows.dropped.get(&old.known_as).unwrap_or(&follows.transition);
                    (*transition == Transition::Keep).then_some(&old.known_as)
                }
                _ => None,
            };
            entries.extend(kept_as.map(|known_as| Entry { known_as: known_as.clone(), ..old.clone() }));
        }
        entries
    }

    fn holds(&self, one: &'a PutInForce, rule: &Rule, t: Timestamp, restart: Option<Timestamp>) -> bool {
        let view = self.view(&one.pack, one.pack.while_disputed, t).restarted(restart);
        view.holds(&rule.when, t, Timestamp::BEGINNING)
    }

    /// Whether something holds from the last instant before `from` to `t`.
    fn throughout(&self, from: Timestamp, t: Timestamp, holds: impl Fn(Timestamp) -> bool) -> bool {
        let between = self.instants.iter().copied().filter(|s| from < *s && *s < t);
        [t, from.plus_millis(-1), from].into_iter().chain(between).all(holds)
    }
}

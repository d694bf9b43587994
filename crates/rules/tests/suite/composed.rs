//! All packs together: engine and oracle agree on national and local packs, their versions and every transition.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use yima_model::id::{PackId, RuleId};
use yima_model::{AreaSet, Colour, Fact, FactId, Interval, Timestamp};
use yima_rules::pack::{Pack, Takeover, Transition};
use yima_rules::rulebook::{PutInForce, Rulebook};

use crate::laws::{any_pack, around, facts, instant, known, moment, own};
use crate::support::area;

const DAY: i64 = 24;

fn id(name: &str) -> PackId {
    PackId::parse(name).unwrap()
}

fn transition() -> impl Strategy<Value = Transition> {
    select(Transition::ALL.to_vec())
}

/// A version, with how each of its rules takes over; its rules have the names of those of other versions, or of none.
fn version(name: &'static str, before: Option<&'static str>) -> impl Strategy<Value = Pack> {
    let names = select(vec!["R-0", "R-1", "R-2", "R-new"]);
    let rule = (transition(), names, any::<bool>());
    let dropped = prop::collection::btree_map(select(vec!["R-0", "R-1", "R-2"]), transition(), 0..2);
    (any_pack(), prop::collection::vec(rule, 4), transition(), dropped).prop_map(
        move |(mut pack, transitions, otherwise, dropped)| {
            pack.id = id(name);
            for (rule, (transition, replaced, renames)) in pack.rules.iter_mut().zip(transitions) {
                rule.transition = transition;
                if renames {
                    rule.id = RuleId::parse(&format!("{}-later", rule.id)).unwrap();
                    rule.replaces = vec![RuleId::parse(replaced).unwrap()];
                }
            }
            let dropped = dropped.into_iter().map(|(rule, transition)| (RuleId::parse(rule).unwrap(), transition));
            let takeover = |before| Takeover { pack: id(before), transition: otherwise, dropped: dropped.collect() };
            pack.follows = before.map(takeover);
            pack
        },
    )
}

fn put_in_force(number: u8, pack: Pack, from: Timestamp) -> PutInForce {
    let lasts = Interval::new(from, instant(40 * DAY)).unwrap();
    PutInForce { id: FactId::from_bytes([number; 16]), pack: Arc::new(pack), lasts }
}

/// Two or three versions of the national pack, and two of the pack of a place.
fn packs() -> impl Strategy<Value = Vec<PutInForce>> {
    let national = (version("n-1", None), version("n-2", Some("n-1")), version("n-3", Some("n-2")));
    let local = (version("l-1", None), version("l-2", Some("l-1")));
    let begin = || (3..30_i64).prop_map(|day| instant(day * DAY));
    let places = select(vec!["61", "6101", "42", "610102"]);
    let ceiling = select(vec![Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red]);
    (national, local, [begin(), begin(), begin(), begin(), begin()], places, ceiling, 0..5_usize).prop_map(
        |((n1, n2, n3), (l1, l2), begins, place, ceiling, left_out)| {
            let nation = |pack| Pack { areas: AreaSet::default(), ceiling: Some(ceiling), ..pack };
            let of_place = |pack| Pack { areas: AreaSet::of(area(place)), ceiling: None, ..pack };
            let all = [nation(n1), nation(n2), nation(n3), of_place(l1), of_place(l2)];
            let all =
                all.into_iter().zip(begins).zip(1..).map(|((pack, from), number)| put_in_force(number, pack, from));
            all.enumerate().filter(|(place, _)| *place != left_out).map(|(_, pack)| pack).collect()
        },
    )
}

/// Colour, rules with their packs, and the pack shown.
type Told = (Colour, Vec<(PackId, RuleId)>, Option<PackId>);

fn by_engine(book: &Rulebook, own: &[Fact], at: Timestamp, as_of: Timestamp) -> (Told, Option<Timestamp>) {
    let verdict = book.verdict(own, at, as_of);
    let held = verdict.grounds.iter();
    let mut rules: Vec<_> = held.map(|held| (held.pack.id.clone(), held.ground.rule.id.clone())).collect();
    rules.sort();
    rules.dedup();
    ((verdict.colour, rules, verdict.pack.map(|pack| pack.id.clone())), verdict.next_change)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn engine_and_oracle_agree_on_all_packs_together(
        packs in packs(),
        facts in facts(),
        known_at in known(),
        as_of in known(),
        chosen in prop::collection::vec(any::<Index>(), 6),
    ) {
        let book = Rulebook::new(packs.clone(), &facts, known_at);
        let own = own(&facts);
        let instants = around(yima_oracle::candidates_of_all(&packs, &facts, known_at));
        for at in chosen.iter().map(|chosen| *chosen.get(&instants)) {
            let judged = yima_oracle::judge_all(&packs, &facts, at, known_at, as_of);
            let (told, _) = by_engine(&book, &own, at, as_of);
            prop_assert_eq!(told, (judged.colour, judged.rules, judged.pack), "at {} known at {} as of {}", at, known_at, as_of);
        }
    }

    #[test]
    fn nothing_changes_before_the_next_change(packs in packs(), facts in facts(), from in moment()) {
        let book = Rulebook::new(packs.clone(), &facts, Timestamp::FOREVER);
        let own = own(&facts);
        let (told, next_change) = by_engine(&book, &own, from, Timestamp::FOREVER);
        for at in around(yima_oracle::candidates_of_all(&packs, &facts, Timestamp::FOREVER)) {
            if at >= from && next_change.is_none_or(|change| at < change) {
                prop_assert_eq!(&by_engine(&book, &own, at, Timestamp::FOREVER).0, &told, "at {} before the next change", at);
            }
        }
    }

    #[test]
    fn neither_the_order_of_facts_nor_that_of_packs_matters(
        (packs, other_packs) in packs().prop_flat_map(|packs| (Just(packs.clone()), Just(packs).prop_shuffle())),
        (facts, other_facts) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        at in moment(),
    ) {
        let told = |packs: &[PutInForce], facts: &[Fact]| {
            let book = Rulebook::new(packs.to_vec(), facts, Timestamp::FOREVER);
            by_engine(&book, &own(facts), at, at)
        };
        prop_assert_eq!(told(&packs, &facts), told(&other_packs, &other_facts));
    }

    #[test]
    fn a_place_adds_up_to_the_ceiling_and_removes_nothing(packs in packs(), facts in facts(), at in moment()) {
        let (nation, own) = (packs.iter().filter(|one| one.pack.ceiling.is_some()).cloned(), own(&facts));
        let national = Rulebook::new(nation.collect::<Vec<_>>(), &facts, Timestamp::FOREVER);
        let alone = national.verdict(&own, at, at);
        let (ceiling, alone) = (alone.pack.and_then(|pack| pack.ceiling), alone.colour);
        let book = Rulebook::new(packs, &facts, Timestamp::FOREVER);
        let beside = book.verdict(&own, at, at);
        if let Some(ceiling) = ceiling {
            prop_assert!(beside.colour <= alone.max(ceiling));
            prop_assert!(beside.grounds.iter().all(|held| held.pack.ceiling.is_some() || held.colour <= ceiling));
        }
        if alone != Colour::Grey {
            prop_assert!(beside.colour >= alone);
        }
    }
}

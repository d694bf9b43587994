//! A dispute carries its own deadline: what it does is what facts that turn the contested one inert, and let it count again, do.

use proptest::prelude::*;
use proptest::sample::Index;
use yima_model::{Content, Fact, FactId, Filing, Occurred, Timestamp};
use yima_rules::pack::WhileDisputed;
use yima_rules::timeline::Everybody;

use crate::laws::{any_pack, around, facts, own};
const HOUR: i64 = 3_600_000;

/// The facts without the disputes and rulings that were generated among them.
fn undisputed(facts: Vec<Fact>) -> Vec<Fact> {
    facts
        .into_iter()
        .filter(|fact| !matches!(fact.content(), Content::Dispute { .. } | Content::Ruling { .. }))
        .collect()
}

/// Another fact about whom `like` is about, filed when it happens.
fn also(like: &Fact, id: u8, at: Timestamp, content: Content) -> Fact {
    let filing = Filing {
        id: FactId::from_bytes([id; 16]),
        occurred: Occurred::at(at),
        cause: None,
        replaces: None,
        content,
        ..like.filing().clone()
    };
    filing.record(at).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_dispute_turns_its_fact_inert_at_its_deadline_unless_it_is_answered(
        pack in any_pack(),
        facts in facts().prop_map(undisputed).prop_filter("something to contest", |facts| !facts.is_empty()),
        contested in any::<Index>(),
        disputed_after in 0..48_i64,
        deadline_after in 1..48_i64,
        ruling in proptest::option::of((0..96_i64, any::<bool>())),
    ) {
        let contested = contested.get(&facts);
        let target = contested.id();
        let at = contested.recorded().plus_millis(disputed_after * HOUR);
        let deadline = at.plus_millis(deadline_after * HOUR);
        let dispute = also(contested, 0xd1, at, Content::Dispute { target, deadline });
        let answered = ruling.map(|(hours, stands)| (at.plus_millis(hours * HOUR), stands));

        let mut disputed = facts.clone();
        disputed.push(dispute.clone());
        let mut switched = facts.clone();
        if pack.while_disputed == WhileDisputed::Inert {
            switched.push(also(contested, 0xe1, at, Content::Inert { target }));
        }
        if let Some((when, stands)) = answered {
            disputed.push(also(contested, 0xd2, when, Content::Ruling { target: dispute.id(), stands }));
            let switch = if stands { Content::Lift { target } } else { Content::Inert { target } };
            switched.push(also(contested, 0xe2, when, switch));
        }
        if answered.is_none_or(|(when, _)| when > deadline) {
            switched.push(also(contested, 0xe3, deadline, Content::Inert { target }));
        }

        let told = |facts: &[Fact]| {
            let everybody = Everybody::new(pack.clone(), facts, Timestamp::FOREVER);
            let timeline = everybody.timeline(&own(facts), Timestamp::FOREVER);
            timeline.grounds().iter().map(|ground| (ground.rule.id.clone(), ground.interval)).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&disputed), told(&switched));
        let mut instants = yima_oracle::candidates(&pack, &disputed, Timestamp::FOREVER);
        instants.retain(|instant| [at, deadline].contains(instant) || answered.is_some_and(|(when, _)| when == *instant));
        for instant in around(instants) {
            let judged = |facts: &[Fact]| yima_oracle::judge(&pack, facts, instant, Timestamp::FOREVER, Timestamp::FOREVER);
            let (one, other) = (judged(&disputed), judged(&switched));
            prop_assert_eq!((one.colour, one.rules), (other.colour, other.rules), "at {}", instant);
        }
    }
}

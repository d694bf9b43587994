//! The few instants that are asked are enough: nothing changes between them.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::moment::View;

const LENGTH: i64 = 100;

fn ms(millis: i64) -> Timestamp {
    at("03-01 00:00").plus_millis(millis)
}

/// Facts and conditions on a scale so small that every millisecond can be asked.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let content = select(vec![
        CHECK_IN,
        FEVER,
        FINE,
        NEGATIVE,
        stay("42"),
        Content::Registration,
        level("42", Level::High),
        inert(0),
        inert(1),
        Content::Lift { target: id(1) },
        Content::Dispute { target: id(2), deadline: ms(70) },
        closing(2),
        retraction(0),
    ]);
    prop::collection::vec((content, 0..LENGTH, 1..LENGTH / 2), 0..8).prop_map(|filings| {
        let numbered = filings.into_iter().zip(0..);
        let fact = numbered.map(|((content, start, length), number)| {
            let occurred = match content.kind().shape() {
                yima_model::fact::Shape::Event => Occurred::At { at: ms(start), reported: ms(start + length / 4) },
                yima_model::fact::Shape::State => Occurred::During { from: ms(start), until: ms(start + length) },
            };
            let targets_itself = content.target() == Some(id(number));
            fact(number, occurred, if targets_itself { Content::Review } else { content })
        });
        fact.collect()
    })
}

fn when() -> impl Strategy<Value = String> {
    let term = select(vec!["checked_in", "symptom", "test", "stay", "stay(level: high)", "(registered or stay)"]);
    let leaf = (term, select(vec!["checked_in", "symptom", "test"]), 0..30, 0..30, 0..4).prop_map(
        |(term, event, one, other, form)| match form {
            0 => format!("{term} within {one}ms"),
            1 => format!("no {term} within {one}ms"),
            2 => format!("{event} from {one}ms for {other}ms"),
            _ => format!("count({event}, 2, apart: {one}ms, within: {other}ms)"),
        },
    );
    let clears = (select(vec!["checked_in", "test", "stay", "test within 9ms", "stay within 3ms"]), 0..40);
    leaf.prop_recursive(3, 8, 2, move |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) and ({other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) or not ({other})")),
            (inner, clears.clone())
                .prop_map(|(trigger, (clears, most))| { format!("({trigger}) until {clears} at most {most}ms") }),
            clears.clone().prop_map(|(clears, most)| format!("symptom until {clears} at most {most}ms")),
        ]
    })
}

proptest! {
    #[test]
    fn truth_changes_only_where_it_may(facts in facts(), when in when(), since in 0..LENGTH, as_of in 0..LENGTH) {
        let pack = pack(&[("yellow", &when)]);
        let view = View::new(&pack, facts.iter().collect(), ms(as_of));
        let mut parts = Vec::new();
        pack.rules[0].when.visit(&mut |part| parts.push(part));
        for part in parts {
            let changes = view.changes(part);
            for since in [Timestamp::BEGINNING, ms(since)] {
                let mut held = view.holds(part, ms(-1), since);
                for t in (0..2 * LENGTH).map(ms) {
                    let holds = view.holds(part, t, since);
                    prop_assert!(holds == held || changes.contains(&t), "{part:?} at {t}");
                    held = holds;
                }
            }
        }
    }

    #[test]
    fn judgements_change_only_at_candidates(facts in facts(), when in when(), as_of in 0..LENGTH) {
        let pack = pack(&[("yellow", &when)]);
        let known_at = ms(LENGTH / 2);
        let candidates = candidates(&pack, &facts, known_at);
        prop_assert!(candidates.is_sorted());
        let judged = |t| judge(&pack, &facts, t, known_at, ms(as_of));
        let mut before = judged(ms(-1));
        for t in (0..2 * LENGTH).map(ms) {
            let now = judged(t);
            prop_assert!(now == before || candidates.contains(&t), "at {t}");
            before = now;
        }
    }

    #[test]
    fn the_order_of_facts_does_not_matter(facts in facts(), when in when()) {
        let pack = pack(&[("yellow", &when)]);
        let backwards: Vec<Fact> = facts.iter().rev().cloned().collect();
        for t in (0..LENGTH).step_by(7).map(ms) {
            let judged = |facts| judge(&pack, facts, t, Timestamp::FOREVER, Timestamp::FOREVER);
            prop_assert_eq!(judged(&facts), judged(&backwards));
        }
    }
}

//! Whatever fact there is, its line reads back to the same fact.

use proptest::prelude::*;
use yima_model::fact::{Content, Kind};
use yima_testkit::{any_fact, any_fact_of, any_person_facts};
use yima_wire::{read_fact, read_facts, read_filing, write_fact};

proptest! {
    #[test]
    fn every_fact_is_read_back(fact in any_fact()) {
        let line = write_fact(&fact);
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(read_fact(&line), Ok(fact), "{}", line);
    }

    #[test]
    fn the_line_without_recorded_is_the_filing(fact in any_fact()) {
        let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&write_fact(&fact)).unwrap();
        members.remove("recorded");
        prop_assert_eq!(read_filing(&serde_json::to_string(&members).unwrap()), Ok(fact.filing().clone()));
    }

    #[test]
    fn a_history_is_read_back_in_its_order(facts in any_person_facts()) {
        let lines: Vec<_> = facts.iter().map(write_fact).collect();
        prop_assert_eq!(read_facts(&lines.join("\n")), Ok(facts));
    }

    #[test]
    fn no_other_text_makes_it_panic(fact in any_fact(), place: prop::sample::Index, text in ".{0,3}") {
        let mut line = write_fact(&fact);
        line.insert_str(line.floor_char_boundary(place.index(line.len())), &text);
        if let Ok(read) = read_fact(&line) {
            prop_assert_eq!(read_fact(&write_fact(&read)), Ok(read));
        }
    }
}

#[test]
fn every_temperature_is_written_with_its_one_decimal() {
    let runner = &mut proptest::test_runner::TestRunner::deterministic();
    let draft = any_fact_of(Kind::Temperature).new_tree(runner).unwrap().current();
    for decicelsius in 300..=450 {
        let mut filing = draft.filing().clone();
        filing.content = Content::Temperature { decicelsius };
        let fact = filing.record(draft.recorded()).unwrap();
        let line = write_fact(&fact);
        let expected = format!(r#""temperature":{}.{}"#, decicelsius / 10, decicelsius % 10);
        assert!(line.contains(&expected), "{expected}: {line}");
        assert_eq!(read_fact(&line), Ok(fact));
    }
}

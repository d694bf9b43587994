//! docs/FACTS.md is right: its examples are facts, its fields and words are those that are read, its answers are given.

use std::collections::BTreeSet;

use yima_model::fact::{Kind, Scope, Shape, SourceKind};
use yima_model::{Fact, Subject, Timestamp};
use yima_rules::check;
use yima_rules::timeline::Everybody;
use yima_wire::{AsOf, FactJsonError, Reason, VerdictJson, read_fact, write_fact, write_verdict};

const PAGE: &str = include_str!("../../../docs/FACTS.md");
const HUBEI: &str = include_str!("../../../packs/hubei-2020-02.toml");

/// Each kind with what the page says of it, and with its example.
fn sections() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    PAGE.split("\n### ").skip(1).filter_map(|section| {
        let (kind, _) = section.split_once(' ')?;
        let (text, rest) = section.split_once("```json\n")?;
        let (example, _) = rest.split_once("\n```\n")?;
        Some((kind, text, example))
    })
}

fn example(kind: Kind) -> impl Iterator<Item = Fact> {
    sections().filter(move |(word, ..)| *word == kind.word()).filter_map(|(.., example)| read_fact(example).ok())
}

#[test]
fn every_kind_has_one_example_that_is_written_as_it_is_read() {
    let mut seen = BTreeSet::new();
    for (kind, text, example) in sections() {
        let fact = read_fact(example).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(fact.kind().word(), kind);
        assert!(seen.insert(fact.kind()), "{kind} has two examples");
        assert_eq!(write_fact(&fact), example);
        let shape = match fact.kind().shape() {
            Shape::Event => "An event",
            Shape::State => "A state",
        };
        let scope = match fact.kind().scope() {
            Scope::Person => "one person",
            Scope::Global => "everybody",
            Scope::Either => "one person or everybody",
        };
        assert!(text.contains(&format!("\n{shape} about {scope}.\n")), "{kind}");
    }
    assert_eq!(seen, Kind::ALL.iter().copied().collect());
    assert_eq!(PAGE.matches("```json").count(), seen.len());
}

#[test]
fn the_fields_of_each_kind_are_listed_and_no_others() {
    for (kind, text, example) in sections() {
        let fact = read_fact(example).unwrap();
        let common: &[&str] = match fact.kind().shape() {
            Shape::Event => &["id", "person", "kind", "source", "cause", "replaces", "recorded", "at", "reported"],
            Shape::State => &["id", "person", "kind", "source", "cause", "replaces", "recorded", "from", "until"],
        };
        let Err(FactJsonError::Unknown { allowed, .. }) = read_fact(&example.replacen('{', r#"{"other":0,"#, 1)) else {
            panic!("{kind} takes any field");
        };
        let own: BTreeSet<_> = allowed.into_iter().filter(|field| !common.contains(field)).collect();
        let listed: BTreeSet<_> = text.split("\n- `").skip(1).filter_map(|field| field.split('`').next()).collect();
        assert_eq!(listed, own, "{kind}");
        for field in common {
            assert!(PAGE.contains(&format!("`{field}`")), "{field}");
        }
    }
}

#[test]
fn the_words_of_each_field_are_listed() {
    for (kind, text, example) in sections() {
        let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(example).unwrap();
        for field in members.keys().filter(|field| *field != "kind") {
            for nonsense in ["?".into(), serde_json::json!(["?"])] {
                let mut members = members.clone();
                members.insert(field.clone(), nonsense);
                // A remark may say anything.
                let read = read_fact(&serde_json::to_string(&members).unwrap());
                if let Err(FactJsonError::Wrong { reason: Reason::NotWord(words), .. }) = read {
                    for word in words {
                        assert!(text.contains(&format!("`{word}`")), "{kind}, {field}: {word}");
                    }
                }
            }
        }
    }
    for source in SourceKind::ALL {
        assert!(PAGE.contains(&format!("`{}`", source.word())), "{}", source.word());
    }
}

#[test]
fn the_answers_are_those_that_the_examples_give() {
    let pack = check::load(HUBEI).unwrap().pack;
    let kinds = [Kind::Registration, Kind::CheckIn, Kind::Comparison];
    let facts: Vec<_> = kinds.into_iter().flat_map(example).collect();
    let (own, global): (Vec<_>, Vec<_>) = facts.into_iter().partition(|fact| fact.subject() != Subject::Global);
    let Some(Subject::Person(person)) = own.first().map(Fact::subject) else { panic!("the registration is gone") };
    let everybody = Everybody::new(pack, &global, Timestamp::FOREVER);
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let answer = |instant: Timestamp| {
        let as_of = AsOf { instant, person_position: 2, global_position: 1 };
        write_verdict(person, &everybody.verdict(&own, instant, instant), as_of)
    };

    let verdict = answer(at("2020-03-05T00:00:00+08:00"));
    assert!(PAGE.contains(&format!("\n{verdict}\n")), "{verdict}");
    let timeline = everybody.timeline(&own, Timestamp::FOREVER);
    let instant = at("2020-02-27T08:00:00+08:00");
    let as_of = AsOf { instant, person_position: 2, global_position: 1 };
    let line = VerdictJson::new(person, &everybody.verdict(&own, instant, instant), as_of)
        .with_timeline(timeline.verdicts_from(at("2020-02-26T08:00:00+08:00")))
        .to_line();
    assert!(PAGE.contains(&format!("\n{line}\n")), "{line}");

    let before_any_report = answer(at("2020-02-25T12:00:00+08:00"));
    let ground = r#"{"rule":"HB-1P","colour":"grey","class":"administrative","cause":"not-compared","until":"2020-02-26T08:00:00+08:00","facts":[]}"#;
    assert!(before_any_report.contains(&format!(r#""grounds":[{ground}],"#)), "{before_any_report}");
    let over = answer(at("2020-05-25T00:00:00+08:00"));
    let rest = r#""colour":"grey","in_force":false,"grounds":[],"next_change":null,"as_of":{"instant":"2020-05-25T00:00:00+08:00","person_position":2,"global_position":1}}"#;
    assert_eq!(over, format!(r#"{{"person":"{person}",{rest}"#));
}

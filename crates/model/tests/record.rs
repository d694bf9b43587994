//! Records: a set of facts has one form, which is read back, and nothing else is read.
#![expect(clippy::unwrap_used, reason = "builders of tests")]

use proptest::prelude::*;
use yima_model::codec::{CodecError, FactView, Part, decode_record, encode_fact, encode_record, view_record};
use yima_model::fact::Symptoms;
use yima_model::id::SourceId;
use yima_model::{Content, Fact, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp};
use yima_testkit::any_person_facts;

fn in_order(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_by_key(|fact| (fact.occurred().start(), fact.id()));
    facts
}

proptest! {
    #[test]
    fn every_record_is_read_back(facts in any_person_facts()) {
        prop_assert_eq!(decode_record(&encode_record(&facts)), Ok(in_order(facts)));
    }

    #[test]
    fn a_view_shows_what_rules_look_at(facts in any_person_facts()) {
        let bytes = encode_record(&facts);
        let views = view_record(&bytes).unwrap();
        let facts = in_order(facts);
        prop_assert_eq!(views.len(), facts.len());
        for (view, fact) in views.iter().zip(&facts) {
            let whole = FactView::from(fact);
            let seen = |view: &FactView<'_>| {
                let FactView { id, source, occurred, recorded, cause, replaces, content } = *view;
                (id, source, occurred, recorded, cause, replaces, content.kind(), content.get().into_owned())
            };
            prop_assert_eq!(seen(view), seen(&whole));
        }
    }

    #[test]
    fn the_bytes_depend_on_the_set_alone(facts in any_person_facts(), seed: u64) {
        let mut shuffled = facts.clone();
        shuffled.sort_by_key(|fact| fact.id().bytes().map(|byte| u64::from(byte).wrapping_mul(seed | 1)));
        prop_assert_eq!(encode_record(&shuffled), encode_record(&facts));
    }

    #[test]
    fn whatever_is_read_has_the_bytes_it_was_read_from(facts in any_person_facts(), at: prop::sample::Index, byte: u8) {
        let mut bytes = encode_record(&facts);
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(read) = decode_record(&bytes) {
            prop_assert_eq!(encode_record(&read), bytes);
        }
    }

    #[test]
    fn no_beginning_of_a_record_is_read(facts in any_person_facts(), length: prop::sample::Index) {
        let bytes = encode_record(&facts);
        prop_assume!(!bytes.is_empty());
        let length = length.index(bytes.len());
        prop_assert_eq!(decode_record(&bytes[..length]).is_ok(), length == 0);
    }
}

fn check_in(id: u8, day: i64, source: &str) -> Fact {
    let filing = Filing {
        id: FactId::from_bytes([id; 16]),
        subject: Subject::Person(PersonId::from_bytes([9; 16])),
        source: Source { kind: SourceKind::Resident, id: SourceId::parse(source).unwrap() },
        occurred: Occurred::at(Timestamp::from_millis(1_582_588_800_000 + day * 86_400_000)),
        cause: None,
        replaces: None,
        content: Content::CheckIn { symptoms: Symptoms::NONE },
    };
    let at = filing.occurred.start();
    filing.record(at.plus_millis(40)).unwrap()
}

#[test]
fn a_record_takes_half_the_bytes_of_its_facts() {
    let facts: Vec<Fact> = (0..20).map(|day| check_in(day, i64::from(day), "self")).collect();
    let alone: usize = facts.iter().map(|fact| encode_fact(fact).len()).sum();
    assert!(2 * encode_record(&facts).len() <= alone + 32);
}

/// Two check-ins a day apart, by one source; each changed in one place.
#[test]
fn malformed_records_are_refused_with_their_reason() {
    let good = encode_record(&[check_in(1, 0, "self"), check_in(2, 1, "self")]);
    const SOURCES_AT: usize = 18;
    const COUNT_AT: usize = 25;
    const FIRST: usize = 26;
    const FIRST_SOURCE: usize = FIRST + 18;
    assert_eq!(good[..18], [[1, 1].as_slice(), &[9; 16]].concat());
    assert_eq!(good[SOURCES_AT..FIRST], [1, 0, 4, b's', b'e', b'l', b'f', 2]);
    assert_eq!(good[FIRST..FIRST_SOURCE], [[1; 16].as_slice(), &[7, 0]].concat());
    let check = |what: &str, at: usize, byte: u8, expected| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        assert_eq!(decode_record(&bytes), Err(expected), "{what}");
        assert_eq!(view_record(&bytes).err(), Some(expected), "{what}");
    };
    check("version 2", 0, 2, CodecError::Version(2));
    check("a subject that is two", 1, 2, CodecError::OutOfRange(Part::Flag));
    check("no source and no fact", SOURCES_AT, 0, CodecError::NotCanonical(Part::Number));
    check("more facts than bytes", COUNT_AT, 100, CodecError::Truncated);
    check("one fact, and more bytes", COUNT_AT, 1, CodecError::Trailing);
    check("kind 0", FIRST + 16, 0, CodecError::Kind(0));
    check("a subject of its own", FIRST + 17, 1, CodecError::OutOfRange(Part::Flags));
    check("source 1 of one", FIRST_SOURCE, 1, CodecError::OutOfRange(Part::Source));
    let mut twice = encode_record(&[check_in(1, 0, "self"), check_in(2, 0, "self")]);
    let id = twice.windows(16).position(|window| window == [2; 16]).unwrap();
    twice.splice(id..id + 16, [1; 16]);
    assert_eq!(decode_record(&twice), Err(CodecError::NotCanonical(Part::Order)), "the same fact again");

    let mut two = encode_record(&[check_in(1, 0, "a"), check_in(2, 1, "b")]);
    assert_eq!(two[SOURCES_AT..SOURCES_AT + 7], [2, 0, 1, b'a', 0, 1, b'b']);
    two[SOURCES_AT + 6] = b'a';
    assert_eq!(decode_record(&two), Err(CodecError::NotCanonical(Part::Source)), "one source twice");
    two[SOURCES_AT + 6] = b'b';
    let first_source = SOURCES_AT + 8 + 18;
    two[first_source] = 1;
    assert_eq!(decode_record(&two), Err(CodecError::NotCanonical(Part::Source)), "the second source first");
    assert!(decode_record(&encode_fact(&check_in(1, 0, "self"))).is_err(), "a fact alone is no record");
}

//! The canonical encoding: everything is read back, equal things have equal bytes, and nothing else is read.
#![expect(clippy::unwrap_used, reason = "builders of tests")]

use proptest::prelude::*;
use yima_model::codec::{
    CodecError, Part, decode_fact, decode_filing, encode_fact, encode_filing, kind_number, kind_of_number,
};
use yima_model::fact::{
    Answer, CaseClass, Channel, ContactDegree, DwellingRole, FactError, IsolationPlace, NoticeKind, PlaceRelation,
    Relation, SourceKind, StatementFormat, StatementMeaning, StatementOrigin, StayOrigin, Symptom, Symptoms,
    TestMethod,
};
use yima_model::id::{SourceId, StatementIssuer};
use yima_model::{
    AreaCode, AreaSet, Content, DocumentKind, FactId, Filing, Kind, Level, Occurred, PersonId, Source, Subject,
    Timestamp,
};
use yima_testkit::any_fact;

const ID: [u8; 16] = [0x11; 16];
const PERSON: [u8; 16] = [0x22; 16];
/// The number after the last kind.
const UNKNOWN_KIND: u8 = Kind::ALL.len() as u8 + 1;

fn check_in() -> Filing {
    Filing {
        id: FactId::from_bytes(ID),
        subject: Subject::Person(PersonId::from_bytes(PERSON)),
        source: Source { kind: SourceKind::Resident, id: SourceId::parse("self").unwrap() },
        occurred: Occurred::at(Timestamp::from_millis(1_582_588_800_000)),
        cause: None,
        replaces: None,
        content: Content::CheckIn { symptoms: Symptoms::NONE.with(Symptom::Cough) },
    }
}

/// The bytes that the words of the module's first paragraph give, written down by hand.
fn check_in_bytes() -> Vec<u8> {
    let head = [1, 7, 0b1];
    let source = [0, 4, b's', b'e', b'l', b'f'];
    // 1582588800000 * 2 = 3165177600000, seven bits at a time from the lowest.
    let millis = [0x80, 0xb0, 0xa5, 0x9a, 0x8f, 0x5c];
    [&head[..], &PERSON, &ID, &source, &millis, &[0b100]].concat()
}

#[test]
fn a_check_in_has_these_bytes_and_is_short() {
    assert_eq!(encode_filing(&check_in()), check_in_bytes());
    assert!(check_in_bytes().len() < 80);
}

/// What was filed before statements had an origin keeps its bytes and is read as it was.
#[test]
fn a_statement_has_these_bytes_with_and_without_its_origin() {
    let issuer = StatementIssuer::parse("AT").unwrap();
    let origin = StatementOrigin { format: StatementFormat::Shc, issuer };
    let bytes = |origin| {
        let content = Content::Statement { meaning: StatementMeaning::Recovered, origin };
        let filing = Filing { content, ..check_in() };
        let bytes = encode_filing(&filing);
        assert_eq!(decode_filing(&bytes), Ok(filing));
        let head = check_in_bytes();
        bytes
            .strip_prefix(&[&[1, kind_number(Kind::Statement), 1], &head[3..head.len() - 1]].concat()[..])
            .unwrap()
            .to_vec()
    };
    assert_eq!(bytes(None), [2]);
    assert_eq!(bytes(Some(origin)), [0x80 | 2, 2, 2, b'A', b'T']);
}

/// Numbers of kinds and words are stored for ever; whoever inserts one in the middle of a list fails here.
#[test]
fn numbers_are_never_given_anew() {
    fn check<T: Copy>(all: &[T], word: fn(T) -> &'static str, expected: &str) {
        assert_eq!(all.iter().map(|value| word(*value)).collect::<Vec<_>>().join(" "), expected);
    }
    check(
        Kind::ALL,
        Kind::word,
        "registration dwelling binding guardianship document declaration check-in temperature comparison review \
         follow-up sample test-result missed-test case contact isolation arrival stay vaccination statement area-level \
         notice list pack campaign closing retraction dispute ruling inert lift pool-result place",
    );
    check(
        SourceKind::ALL,
        SourceKind::word,
        "resident guardian desk community checkpoint laboratory hospital disease-control carrier register headquarters \
         province system",
    );
    check(DwellingRole::ALL, DwellingRole::word, "home present workplace");
    check(Channel::ALL, Channel::word, "phone email desk guardian");
    check(Relation::ALL, Relation::word, "parent child spouse relative friend institution");
    check(Answer::ALL, Answer::word, "no yes unknown");
    check(TestMethod::ALL, TestMethod::word, "nucleic-acid antigen antibody");
    check(CaseClass::ALL, CaseClass::word, "confirmed clinical suspected asymptomatic fever");
    check(ContactDegree::ALL, ContactDegree::word, "close secondary");
    check(IsolationPlace::ALL, IsolationPlace::word, "central home closed-loop");
    check(StayOrigin::ALL, StayOrigin::word, "declared venue-code ticket carrier");
    check(PlaceRelation::ALL, PlaceRelation::word, "within same apart");
    check(StatementMeaning::ALL, StatementMeaning::word, "vaccinated tested-negative recovered may-pass unknown");
    check(StatementFormat::ALL, StatementFormat::word, "dcc ddcc shc nzcp vds-nc");
    check(NoticeKind::ALL, NoticeKind::word, "opening closing measure");
    check(Symptom::ALL, Symptom::word, "fever fatigue cough diarrhoea conjunctivitis breathlessness");
    for kind in Kind::ALL {
        assert_eq!(kind_of_number(kind_number(*kind)), Some(*kind));
    }
    assert_eq!((kind_of_number(0), kind_of_number(UNKNOWN_KIND)), (None, None));
}

#[test]
fn malformed_bytes_are_refused_with_their_reason() {
    const FLAGS_AT: usize = 2;
    const SOURCE_AT: usize = 35;
    const TIME_AT: usize = 41;
    let with = |at: usize, new: &[u8], old: usize| {
        let bytes = check_in_bytes();
        [&bytes[..at], new, &bytes[at + old..]].concat()
    };
    let check = |what: &str, bytes: Vec<u8>, expected| assert_eq!(decode_filing(&bytes), Err(expected), "{what}");
    check("empty", vec![], CodecError::Truncated);
    check("version 0", with(0, &[0], 1), CodecError::Version(0));
    check("version 2", with(0, &[2], 1), CodecError::Version(2));
    check("kind 0", with(1, &[0], 1), CodecError::Kind(0));
    check("an unknown kind", with(1, &[UNKNOWN_KIND], 1), CodecError::Kind(UNKNOWN_KIND));
    check("a flag too many", with(FLAGS_AT, &[0b10_0001], 1), CodecError::OutOfRange(Part::Flags));
    check("a byte too many", with(48, &[0], 0), CodecError::Trailing);
    check("unknown source kind", with(SOURCE_AT, &[13], 1), CodecError::OutOfRange(Part::Word));
    check("empty name", with(SOURCE_AT + 1, &[0], 5), CodecError::OutOfRange(Part::Name));
    check("name with a space", with(SOURCE_AT + 2, b" ", 1), CodecError::OutOfRange(Part::Name));
    check("name that is no text", with(SOURCE_AT + 2, &[0xff], 1), CodecError::OutOfRange(Part::Name));
    check("name past the end", with(SOURCE_AT + 1, &[64], 1), CodecError::Truncated);
    check("instant with a zero on top", with(TIME_AT, &[0x80, 0], 6), CodecError::NotCanonical(Part::Number));
    check("instant of 65 bits", with(TIME_AT, &[[0xff; 9].as_slice(), &[2]].concat(), 6), {
        CodecError::OutOfRange(Part::Number)
    });
    check("instant of 11 bytes", with(TIME_AT, &[[0x80; 10].as_slice(), &[0]].concat(), 6), {
        CodecError::OutOfRange(Part::Number)
    });
    check("symptom 7", with(47, &[0b100_0000], 1), CodecError::OutOfRange(Part::Symptoms));

    let mut reported = with(FLAGS_AT, &[0b101], 1);
    let time = reported[TIME_AT..47].to_vec();
    reported.splice(47..47, time);
    check("report at the event, written out", reported, CodecError::NotCanonical(Part::SecondTime));

    let with_content = |content, cut: usize, tail: &[u8]| {
        let bytes = encode_filing(&Filing { content, ..check_in() });
        [&bytes[..bytes.len() - cut], tail].concat()
    };
    let area = AreaCode::parse("61").unwrap();
    let flag = || with_content(Content::FollowUp { clear: true }, 1, &[2]);
    check("a yes that is two", flag(), CodecError::OutOfRange(Part::Flag));
    let temperature = with_content(Content::Temperature { decicelsius: 365 }, 2, &[0xff, 0xff, 4]);
    check("temperature of 17 bits", temperature, CodecError::OutOfRange(Part::Number));
    let dwelling = || Content::Dwelling { area, role: DwellingRole::Home };
    check("area 0", with_content(dwelling(), 9, &[0; 9]), CodecError::OutOfRange(Part::Area));
    check("dwelling role 3", with_content(dwelling(), 1, &[3]), CodecError::OutOfRange(Part::Word));
    let document = with_content(Content::Document { kind: DocumentKind::Passport }, 1, &[21]);
    check("document kind 21", document, CodecError::OutOfRange(Part::Word));
    let statement = |cut, tail: &[u8]| {
        with_content(Content::Statement { meaning: StatementMeaning::Vaccinated, origin: None }, cut, tail)
    };
    check("statement of meaning 5", statement(1, &[5]), CodecError::OutOfRange(Part::Word));
    check("meaning 5 and an origin", statement(1, &[0x85, 0, 1, b'x']), CodecError::OutOfRange(Part::Word));
    check("an origin that is not there", statement(1, &[0x80]), CodecError::Truncated);
    check("an origin that is not announced", statement(0, &[0, 1, b'x']), CodecError::Trailing);
    check("format 5", statement(1, &[0x80, 5, 1, b'x']), CodecError::OutOfRange(Part::Word));
    check("no issuer", statement(1, &[0x80, 0, 0]), CodecError::OutOfRange(Part::Name));
    check("an issuer with a blank", statement(1, &[0x80, 0, 1, b' ']), CodecError::OutOfRange(Part::Name));
    let level = || Content::AreaLevel { areas: AreaSet::default(), level: Level::High };
    check("level 3", with_content(level(), 1, &[3]), CodecError::OutOfRange(Part::Word));
    let many = with_content(level(), 3, &[0xff, 0xff, 0xff, 0xff, 0x7f]);
    check("more areas than bytes", many, CodecError::Truncated);
}

#[test]
fn a_whole_filing_that_is_no_fact_is_refused() {
    let recorded = Timestamp::from_millis(1_582_588_800_000);
    let fact = check_in().record(recorded).unwrap();
    assert_eq!(decode_fact(&encode_fact(&fact)), Ok(fact.clone()));
    let mut state = encode_fact(&fact);
    state[6 + 2] |= 0b10;
    assert_eq!(decode_fact(&state), Err(CodecError::NotAFact(FactError::WrongShape(Kind::CheckIn))));
    let mut early = encode_fact(&fact);
    early.splice(..6, [0]);
    assert_eq!(decode_fact(&early), Err(CodecError::NotAFact(FactError::InTheFuture)));
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![any::<i64>(), 1_500_000_000_000_i64..1_700_000_000_000, Just(i64::MAX), Just(i64::MIN), -2_i64..2,]
        .prop_map(Timestamp::from_millis)
}

fn occurred() -> impl Strategy<Value = Occurred> {
    prop_oneof![
        instant().prop_map(Occurred::at),
        (instant(), instant()).prop_map(|(at, reported)| Occurred::At { at, reported }),
        instant().prop_map(Occurred::since),
        (instant(), instant()).prop_map(|(from, until)| Occurred::During { from, until }),
    ]
}

fn filing() -> impl Strategy<Value = Filing> {
    (any_fact(), occurred()).prop_map(|(fact, occurred)| Filing { occurred, ..fact.filing().clone() })
}

proptest! {
    #[test]
    fn every_filing_is_read_back(filing in filing()) {
        prop_assert_eq!(decode_filing(&encode_filing(&filing)), Ok(filing));
    }

    #[test]
    fn whatever_is_read_has_the_bytes_it_was_read_from(filing in filing(), at: prop::sample::Index, byte: u8) {
        let mut bytes = encode_filing(&filing);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = decode_filing(&bytes) {
            prop_assert_eq!(encode_filing(&read), bytes);
        }
    }

    #[test]
    fn no_beginning_of_a_filing_is_read(filing in filing(), length: prop::sample::Index) {
        let bytes = encode_filing(&filing);
        prop_assert!(decode_filing(&bytes[..length.index(bytes.len())]).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        if let Ok(read) = decode_filing(&bytes) {
            prop_assert_eq!(encode_filing(&read), bytes);
        }
    }
}

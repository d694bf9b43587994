//! Lines that are no facts, each with what is wrong, and what is read although it is written otherwise than we write it.

use yima_model::area::AreaError;
use yima_model::fact::{Content, FactError, Kind, SourceKind};
use yima_model::id::IdError;
use yima_model::time::TimeError;
use yima_model::{Subject, Timestamp};
use yima_wire::{FactJsonError, LineError, LineReason, Reason, read_fact, read_facts, read_filing};

const ID: &str = "000102030405060708090a0b0c0d0e0f";
const OTHER: &str = "ffffffffffffffffffffffffffffffff";

/// A line of this kind with these fields; times of an event unless the fields give others.
fn line(kind: &str, fields: &str) -> String {
    let at = if fields.contains("\"from\"") { "" } else { r#","at":"2020-02-26T08:00:00+08:00""# };
    let source = r#"{"kind":"desk","id":"d.1"}"#;
    format!(
        r#"{{"id":"{ID}","person":"{OTHER}","kind":"{kind}","source":{source},"recorded":"2020-02-26T08:00:01+08:00"{at}{fields}}}"#
    )
}

fn refused(text: &str) -> Option<FactJsonError> {
    read_fact(text).err()
}

#[test]
fn values_are_refused_with_what_may_stand_there() {
    let check = |kind: &str, fields: &str, field: &'static str, reason: Reason| {
        assert_eq!(refused(&line(kind, fields)), Some(FactJsonError::Wrong { field, reason }), "{kind} {fields}");
    };
    for text in ["37.25", "\"37.2\"", "-1.0", "3.72e1", "null", "6553.6", "37.20", "[37.2]", "true"] {
        check("temperature", &format!(r#","temperature":{text}"#), "temperature", Reason::NotTemperature);
    }
    for text in ["0", "256", "-1", "1.0", "\"1\""] {
        check("vaccination", &format!(r#","dose":{text}"#), "dose", Reason::NotDose);
    }
    for text in ["11", "\"10\"", "0", "310"] {
        let fields = format!(r#","from":"2020-02-26T08:00:00Z","document":{text}"#);
        check("document", &fields, "document", Reason::NotDocumentKind);
    }
    for text in ["1", "\"true\"", "null"] {
        check("follow-up", &format!(r#","clear":{text}"#), "clear", Reason::NotFlag);
    }
    check("check-in", r#","symptoms":"fever""#, "symptoms", Reason::NotList);
    check("check-in", r#","symptoms":null"#, "symptoms", Reason::NotList);
    let symptoms = vec!["fever", "fatigue", "cough", "diarrhoea", "conjunctivitis", "breathlessness"];
    check("check-in", r#","symptoms":["sneezing"]"#, "symptoms", Reason::NotWord(symptoms));
    let degrees = || Reason::NotWord(vec!["close", "secondary"]);
    check("contact", &format!(r#","of":"{OTHER}","degree":"Close""#), "degree", degrees());
    check("contact", r#","of":"x","degree":"close""#, "of", Reason::Id(IdError::NotHex));
    check("contact", &format!(r#","of":"{OTHER}","degree":1"#), "degree", Reason::NotText);
    check("missed-test", r#","campaign":"全员""#, "campaign", Reason::Id(IdError::NotAName));
    check(
        "statement",
        r#","meaning":"recovered","format":"dcc","issuer":"A T""#,
        "issuer",
        Reason::Id(IdError::NotAnIssuer),
    );
    check("arrival", r#","from_area":"","to_area":"61""#, "from_area", Reason::NotOrigin);
    check("arrival", r#","from_area":null,"to_area":"61""#, "from_area", Reason::NotText);
    check("arrival", r#","from_area":"42","to_area":"abroad""#, "to_area", Reason::Area(AreaError::NotACode));
    let levels = Reason::NotWord(vec!["low", "medium", "high"]);
    check("area-level", r#","from":"2020-02-26T08:00:00Z","areas":["61"],"level":"red""#, "level", levels);
    let place = Reason::Area(AreaError::NotAPlace);
    check("notice", r#","from":"2020-02-26T08:00:00Z","notice":"closing","areas":["61.0"]"#, "areas", place.clone());
    check(
        "notice",
        r#","from":"2020-02-26T08:00:00Z","notice":"closing","areas":[],"except":["61.x"]"#,
        "except",
        place,
    );
    for text in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)] {
        let fields = format!(r#","from":"2020-02-26T08:00:00Z","pack":"p","digest":"{text}""#);
        check("pack", &fields, "digest", Reason::NotDigest);
    }
}

#[test]
fn instants_are_rfc_3339_with_an_offset() {
    let time = || Reason::Time(TimeError::NotAnInstant);
    for text in [
        "",
        "2020-02-26",
        "2020-02-26T08:00:00",
        "2020-02-26 08:00:00+08:00",
        "2020-02-26t08:00:00z",
        "2020-02-26T08:00+08:00",
        "2020-02-26T08:00:00+08",
        "2020-02-26T08:00:00+0800",
        "2020-02-26T08:00:00,5+08:00",
        "2020-02-26T08:00:00.+08:00",
        "2020-02-30T08:00:00+08:00",
        "2020-02-26T08:00:00+08:00[Asia/Shanghai]",
        "+002020-02-26T08:00:00Z",
        "0000-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59Z",
        "∞",
    ] {
        let text = line("stay", &format!(r#","from":"{text}","area":"61","origin":"ticket""#));
        assert_eq!(refused(&text), Some(FactJsonError::Wrong { field: "from", reason: time() }), "{text}");
    }
    let starts =
        |text: &str| read_fact(&line("registration", &format!(r#","from":"{text}""#))).unwrap().occurred().start();
    assert_eq!(starts("2020-02-26T00:00:00.25Z"), Timestamp::from_millis(1_582_675_200_250));
    assert_eq!(starts("2020-02-25T16:00:00.001-08:00"), Timestamp::from_millis(1_582_675_200_001));
}

#[test]
fn fields_are_refused_where_they_do_not_belong() {
    let check = |text: String, expected: &str| {
        assert_eq!(refused(&text).map(|error| error.to_string()).as_deref(), Some(expected))
    };
    check(
        line("check-in", r#","symptom":["fever"]"#),
        "unknown field `symptom`; check-in has the fields id, person, kind, source, cause, replaces, recorded, at, reported, symptoms",
    );
    check(
        line("review", r#","colour":"red""#),
        "unknown field `colour`; review has the fields id, person, kind, source, cause, replaces, recorded, at, reported",
    );
    check(
        line("retraction", &format!(r#","target":"{OTHER}","13800138000":1"#)),
        "unknown field `…`; retraction has the fields id, person, kind, source, cause, replaces, recorded, at, reported, target",
    );
    check(
        line("review", "").replace(r#""id":"d.1""#, r#""id":"d.1","name":"x""#),
        "unknown field `name`; source has the fields kind, id",
    );
    check(line("review", r#","at":"2020-02-26T08:00:00Z""#), "field `at` is given twice; keep one of them");
    check(
        line("review", "").replace(r#""id":"d.1""#, r#""id":"d.1","id":"d.2""#),
        "field `id` is given twice; keep one of them",
    );
    check(
        line("review", r#","from":"2020-02-26T08:00:00Z""#),
        "a review is an event; give the instant `at` at which it happened",
    );
    check(
        line("case", r#","class":"confirmed""#),
        "a case is a state; give the interval `from` … `until`, or no `until` while it lasts",
    );
}

#[test]
fn what_is_missing_is_named() {
    let whole = line("check-in", r#","symptoms":[]"#);
    assert_eq!(read_fact(&whole).unwrap().kind(), Kind::CheckIn);
    for (field, member) in [
        ("id", format!(r#""id":"{ID}","#)),
        ("source", r#""source":{"kind":"desk","id":"d.1"},"#.to_owned()),
        ("recorded", r#""recorded":"2020-02-26T08:00:01+08:00","#.to_owned()),
        ("at", r#""at":"2020-02-26T08:00:00+08:00","#.to_owned()),
    ] {
        let error = refused(&whole.replacen(&member, "", 1));
        assert_eq!(error, Some(FactJsonError::Missing { field, what: "check-in" }));
    }
    assert_eq!(refused(&line("check-in", "")), Some(FactJsonError::Missing { field: "symptoms", what: "check-in" }));
    for (own, field) in [(r#","format":"shc""#, "issuer"), (r#","issuer":"AT""#, "format")] {
        let error = refused(&line("statement", &format!(r#","meaning":"recovered"{own}"#)));
        assert_eq!(error, Some(FactJsonError::Missing { field, what: "statement" }));
    }
    let no_kind = whole.replace(r#""kind":"check-in","#, "");
    assert_eq!(refused(&no_kind), Some(FactJsonError::Missing { field: "kind", what: "fact" }));
    let no_person = whole.replace(&format!(r#""person":"{OTHER}","#), "");
    assert_eq!(refused(&no_person), Some(FactJsonError::Fact(FactError::WrongSubject(Kind::CheckIn))));
    let no_source_id = whole.replace(r#","id":"d.1""#, "");
    assert_eq!(refused(&no_source_id), Some(FactJsonError::Missing { field: "id", what: "source" }));
    let plain_source = whole.replace(r#"{"kind":"desk","id":"d.1"}"#, r#""desk""#);
    assert_eq!(refused(&plain_source), Some(FactJsonError::Wrong { field: "source", reason: Reason::NotSource }));
}

#[test]
fn kinds_are_a_closed_list() {
    let error = refused(&line("colour", ""));
    let Some(FactJsonError::Wrong { field: "kind", reason: Reason::NotWord(words) }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(words.len(), Kind::ALL.len());
}

#[test]
fn contradictions_are_refused() {
    let check = |text: String, expected| assert_eq!(refused(&text), Some(FactJsonError::Fact(expected)));
    check(line("review", r#","reported":"2020-02-26T07:59:59.999+08:00""#), FactError::ReportedTooEarly);
    check(line("review", "").replace("T08:00:00+", "T08:05:01.001+"), FactError::InTheFuture);
    let ends = r#","from":"2020-02-26T08:00:00Z","until":"2020-02-26T08:00:00Z""#;
    check(line("registration", ends), FactError::EndsTooEarly);
    check(line("retraction", &format!(r#","target":"{ID}""#)), FactError::RefersToItself);
    check(line("review", &format!(r#","replaces":"{ID}""#)), FactError::RefersToItself);
    let level = r#","from":"2020-02-26T08:00:00Z","areas":["61"],"level":"high""#;
    check(line("area-level", level), FactError::WrongSubject(Kind::AreaLevel));
}

#[test]
fn what_is_no_object_is_refused_where_it_breaks() {
    for text in ["", "[]", "null", "1", "\"{}\"", "{", "{}{}", "{} x", "{'id':1}", "{\"id\":}", "{\"id\":\"\u{1}\"}"] {
        assert!(matches!(refused(text), Some(FactJsonError::Syntax { .. })), "{text}");
    }
    assert_eq!(refused(r#"{"id":"0",}"#), Some(FactJsonError::Syntax { column: 11 }));
    assert!(matches!(refused(&format!("{{\"a\":{}", "[".repeat(100_000))), Some(FactJsonError::Syntax { .. })));
}

#[test]
fn no_message_repeats_a_value() {
    let secret = "wang xiaoming 11010519491231002X";
    let whole = line("temperature", r#","temperature":36.5,"cause":"00000000000000000000000000000000""#);
    for value in [ID, OTHER, "temperature", "desk", "d.1", "2020-02-26T08:00:00+08:00", "36.5"] {
        let broken = whole.replacen(value, secret, 1);
        let error = refused(&broken).unwrap();
        assert!(!format!("{error} {error:?}").contains("xiaoming"), "{error:?}");
    }
}

#[test]
fn the_order_of_fields_and_of_areas_is_free() {
    let text = format!(
        r#" {{ "source": {{ "id": "d.1", "kind": "desk" }}, "symptoms": ["cough", "fever", "cough"], "at": "2020-02-26T08:00:00Z",
            "recorded": "2020-02-26T08:00:00Z", "kind": "check-in", "person": "{OTHER}",
            "id": "00010203-0405-0607-0809-0A0B0C0D0E0F" }} "#
    );
    let fact = read_fact(&text).unwrap();
    assert_eq!((fact.id().to_string().as_str(), fact.filing().source.kind), (ID, SourceKind::Desk));
    let Content::CheckIn { symptoms } = fact.content() else { panic!("{fact:?}") };
    assert_eq!(symptoms.iter().count(), 2);
}

#[test]
fn a_filing_has_no_recorded_yet() {
    let text = line("review", "");
    assert_eq!(
        read_filing(&text).map(|filing| filing.id),
        Err(FactJsonError::Unknown {
            field: "recorded".to_owned(),
            what: "review",
            allowed: vec!["id", "person", "kind", "source", "cause", "replaces", "at", "reported"],
        })
    );
    let filing = read_filing(&text.replace(r#""recorded":"2020-02-26T08:00:01+08:00","#, "")).unwrap();
    assert!(matches!(filing.subject, Subject::Person(person) if person.to_string() == OTHER));
    assert_eq!(filing.record(read_fact(&text).unwrap().recorded()), Ok(read_fact(&text).unwrap()));
}

#[test]
fn every_bad_line_is_reported_with_its_number() {
    let good = line("review", "");
    let same = good.replace(r#""kind":"review","#, "").replacen('{', r#"{"kind":"review","#, 1);
    let other = line("follow-up", r#","clear":true"#);
    let file = format!("{good}\r\n\n  \n{other}\n{{\n{same}\n{}", line("check-in", ""));
    let expected = [
        LineError { line: 4, reason: LineReason::Conflict { first: 1 } },
        LineError { line: 5, reason: LineReason::Fact(FactJsonError::Syntax { column: 1 }) },
        LineError { line: 7, reason: LineReason::Fact(FactJsonError::Missing { field: "symptoms", what: "check-in" }) },
    ];
    assert_eq!(read_facts(&file), Err(expected.to_vec()));
    let message =
        "line 4: line 1 has the same id and says something else; keep one, or give this fact an id of its own";
    assert_eq!(expected.map(|error| error.to_string()).first().map(String::as_str), Some(message));
    assert_eq!(read_facts(&format!("{good}\n\n{same}\n")).map(|facts| facts.len()), Ok(1));
    assert_eq!(read_facts(""), Ok(Vec::new()));
}

//! Whatever is written is read back as it was, for all messages of all interfaces.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use yima_gbt::code::{Coded, Origin, StatedGrade};
use yima_gbt::{
    ApplyAnswer, ApplyRequest, CorrectAnswer, CorrectRequest, DeclareAnswer, DeclareRequest, Element, Form, Intake,
    Interface, MakeAnswer, MakeRequest, Moment, Need, QueryAnswer, QueryRequest, Standing, TripAnswer, TripRequest,
    VerifyAnswer, VerifyRequest,
};
use yima_model::{FactId, Personal, Timestamp};

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2020-12-14T08:00:00+08:00").unwrap()
}

/// A document of each kind, as type, number and issuing state.
const DOCUMENTS: [(&str, &str, Option<&str>); 8] = [
    ("10", "110101199003077651", None),
    ("10", "810000199408230021", None),
    ("14", "H12345678", None),
    ("15", "12345678", None),
    ("16", "12345678", None),
    ("20", "E12345678", Some("CHN")),
    ("34", "CHN110000010101", None),
    ("99", "A-1", None),
];

/// A value that fits a form.
fn value(form: Form) -> BoxedStrategy<Value> {
    match form {
        Form::Text(max) => {
            let text = format!("[a-z0-9王小明·]{{1,{}}}", max.min(20));
            proptest::string::string_regex(&text).unwrap().prop_map(Value::from).boxed()
        }
        Form::Code(list) => select(list.codes).prop_map(Value::from).boxed(),
        Form::Codes(list) => {
            // The first code excludes the others.
            let others = subsequence(&list.codes[1..], 1..list.codes.len() - 1).prop_map(|codes| json!(codes));
            prop_oneof![Just(json!([list.codes[0]])), others].boxed()
        }
        Form::Grade => "[!-~]{1,8}".prop_map(Value::from).boxed(),
        Form::Area => select(vec!["11", "1101", "110101", "420602001", "610102.17"]).prop_map(Value::from).boxed(),
        Form::Areas => subsequence(vec!["11", "1101", "110101"], 0..3).prop_map(|areas| json!(areas)).boxed(),
        Form::State => select(vec!["CHN", "USA", "D"]).prop_map(Value::from).boxed(),
        Form::Moment => moment().prop_map(|moment| moment.text().into()).boxed(),
        Form::Day => moment().prop_map(|moment| moment.text()[..10].into()).boxed(),
        Form::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Form::Temperature => (300_u16..=450).prop_map(|tenths| json!(f64::from(tenths) / 10.0)).boxed(),
        Form::Id => id().prop_map(|id| id.to_string().into()).boxed(),
        Form::Ids => ids().prop_map(|ids| json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>())).boxed(),
        Form::Elements => {
            elements().prop_map(|names| json!(names.iter().map(|name| name.name()).collect::<Vec<_>>())).boxed()
        }
        Form::None => Just(Value::Null).boxed(),
    }
}

fn moment() -> impl Strategy<Value = Moment> {
    (0_i64..4_000_000_000).prop_map(|second| Moment::floor(Timestamp::from_millis(second * 1000)).unwrap())
}

fn id() -> impl Strategy<Value = FactId> {
    any::<[u8; 16]>().prop_map(FactId::from_bytes)
}

fn ids() -> impl Strategy<Value = Vec<FactId>> {
    proptest::collection::btree_set(any::<[u8; 16]>(), 0..4)
        .prop_map(|ids| ids.into_iter().map(FactId::from_bytes).collect())
}

fn elements() -> impl Strategy<Value = Vec<Element>> {
    subsequence(Element::ALL, 0..Element::ALL.len())
}

/// A request with every element that must be there, and any of the others.
fn request(interface: Interface) -> impl Strategy<Value = Map<String, Value>> {
    let mut members = Just(Map::new()).boxed();
    for (element, need) in interface.takes() {
        let present = if need == Need::Required { Just(true).boxed() } else { any::<bool>().boxed() };
        members = (members, present, value(element.form()))
            .prop_map(move |(mut members, present, value)| {
                if present {
                    members.insert(element.name().to_owned(), value);
                }
                members
            })
            .boxed();
    }
    (members, select(DOCUMENTS.as_slice())).prop_map(move |(mut members, (kind, number, issuer))| {
        if members.contains_key("cid") {
            members.insert("cid_type".to_owned(), kind.into());
            members.insert("cid".to_owned(), number.into());
            members.insert("consent".to_owned(), true.into());
            members.remove("nationality");
            members.extend(issuer.map(|issuer| ("nationality".to_owned(), issuer.into())));
        }
        if let Some(first) = members.get("first_day").cloned() {
            members.insert("last_day".to_owned(), first);
        }
        members
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    let grade = prop::option::of("[!-~]{1,8}".prop_map(|code| StatedGrade::from_code(&code).unwrap()));
    (grade, any::<bool>(), prop::option::of(moment())).prop_map(|(grade, report_expired, report_valid_date)| Standing {
        grade,
        report_expired,
        report_valid_date,
    })
}

fn texts() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z0-9王小明·]{1,40}")
}

/// A message that is read back, to itself.
macro_rules! assert_back {
    ($kind:ident, $message:expr $(, $now:expr)?) => {{
        let message = $message;
        let text = message.write().to_string();
        prop_assert_eq!($kind::read(&text $(, $now)?), Ok(message), "{}", text);
    }};
}

proptest! {
    #[test]
    fn a_request_says_after_reading_what_it_said_before(
        declare in request(Interface::Declare), trip in request(Interface::Trip), query in request(Interface::Query),
        apply in request(Interface::Apply), make in request(Interface::Make), verify in request(Interface::Verify),
        correct in request(Interface::Correct),
    ) {
        let text = |members: &Map<String, Value>| Value::Object(members.clone()).to_string();
        let read = DeclareRequest::read(&text(&declare), now()).unwrap();
        let unkept: BTreeSet<_> = read.unkept.elements().iter().map(|element| element.name()).collect();
        for element in Element::ALL.iter().filter(|element| element.intake() == Intake::Unkept) {
            prop_assert_eq!(unkept.contains(element.name()), declare.contains_key(element.name()), "{:?}", element);
        }
        let back = read.write();
        for (name, value) in declare.iter().filter(|(name, _)| *name != "cid") {
            prop_assert_eq!(back.get(name), Some(value), "{}", name);
        }
        assert_back!(DeclareRequest, read, now());
        assert_back!(TripRequest, TripRequest::read(&text(&trip), now()).unwrap(), now());
        assert_back!(QueryRequest, QueryRequest::read(&text(&query), now()).unwrap(), now());
        assert_back!(ApplyRequest, ApplyRequest::read(&text(&apply), now()).unwrap(), now());
        assert_back!(MakeRequest, MakeRequest::read(&text(&make)).unwrap());
        assert_back!(VerifyRequest, VerifyRequest::read(&text(&verify)).unwrap());
        assert_back!(CorrectRequest, CorrectRequest::read(&text(&correct), now()).unwrap(), now());
    }

    #[test]
    fn an_answer_is_read_back_as_it_was(
        (at, until) in (moment(), moment()), (record, records) in (id(), ids()), standing in standing(),
        (reason, guide, rule_number) in (texts(), texts(), texts()), flag in any::<bool>(), names in elements(),
        data_source in select(Origin::ALL), content in "[ -~王]{1,60}".prop_filter("blank", |text| !text.trim().is_empty()),
    ) {
        let code_content = content.trim().to_owned();
        let recognised = flag.then(|| "unknown".to_owned());
        assert_back!(DeclareAnswer, DeclareAnswer { report_date: at, not_kept: names.clone(), recognised });
        assert_back!(TripAnswer, TripAnswer { report_date: at });
        assert_back!(ApplyAnswer, ApplyAnswer { serial: record, expires: until });
        assert_back!(MakeAnswer, MakeAnswer { code_content, code_expire_time: until });
        assert_back!(CorrectAnswer, CorrectAnswer { record, deadline: until });
        assert_back!(VerifyAnswer, VerifyAnswer {
            code_expired: flag, code_expire_time: until, standing: standing.clone(), data_source, auth_field: names.clone(),
        });
        assert_back!(QueryAnswer, QueryAnswer {
            report_date: flag.then_some(at), standing, reported_in_24_hours: flag, reason, guide, rule_number, records,
            data_source, auth_field: names,
        });
    }

    #[test]
    fn nothing_that_anybody_sends_is_read_as_something_else(text in ".{0,80}") {
        prop_assert!(QueryRequest::read(&text, now()).is_err());
        prop_assert!(VerifyAnswer::read(&text).is_err());
    }
}

#[test]
fn nothing_personal_stands_in_debug_output() {
    let sent = json!({"name": "王小明", "cid_type": "10", "cid": "110101199003077651", "consent": true,
        "current_symptom": ["1"], "is_contact_patient": "2", "phone": "13800138000", "living_detail_address": "某小区"});
    let read = DeclareRequest::read(&sent.to_string(), now()).unwrap();
    let code = VerifyRequest { code_content: Personal::new("secret".to_owned()) };
    let shown = format!("{read:?} {code:?}");
    for personal in ["王小明", "110101199003077651", "13800138000", "某小区", "secret"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

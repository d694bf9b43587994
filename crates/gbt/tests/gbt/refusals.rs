//! What is not right is refused, and the element is named.

use serde_json::{Value, json};
use yima_gbt::{DeclareRequest, Element, Faults, QueryAnswer, TripRequest, VerifyAnswer, VerifyRequest};

use crate::round_trip::now;

fn declaration() -> Value {
    json!({"name": "王小明", "cid_type": "10", "cid": "110101199003077651", "consent": true, "current_symptom": ["1"],
        "is_contact_patient": "2"})
}

/// The elements that are named, with the word for what is wrong.
fn named<T: std::fmt::Debug>(read: Result<T, Faults>) -> Vec<String> {
    let Faults(faults) = read.unwrap_err();
    faults.iter().map(|fault| format!("{} {}", fault.element, fault.reason.word())).collect()
}

/// The declaration with one element changed is refused for that one.
fn check(element: &str, value: Value, expected: &str) {
    let mut sent = declaration();
    sent[element] = value;
    assert_eq!(named(DeclareRequest::read(&sent.to_string(), now())), [expected], "{sent}");
}

#[test]
fn each_wrong_element_is_named() {
    DeclareRequest::read(&declaration().to_string(), now()).unwrap();
    for value in [json!(""), json!("  "), json!(1), json!(null), json!(["王"]), json!("王\n明"), json!("王".repeat(51))]
    {
        check("name", value, "name not-a-text");
    }
    for value in [json!("98"), json!("1"), json!(10), json!("")] {
        check("cid_type", value, "cid_type unknown-code");
    }
    for number in
        ["110101197608056896", "15000019970319128X", "11010119900307765", "990101199003077655", "110101209003077651"]
    {
        check("cid", json!(number), "cid wrong-number");
    }
    check("cid_type", json!("20"), "nationality wrong-number");
    check("nationality", json!("156"), "nationality not-a-state");
    check("consent", json!(false), "consent not-agreed");
    check("consent", json!("true"), "consent not-a-flag");
    for value in [json!(["7"]), json!(["01"]), json!([""])] {
        check("current_symptom", value, "current_symptom unknown-code");
    }
    for value in [json!("1"), json!([1]), json!(["2", "2"]), json!({"1": 1})] {
        check("current_symptom", value, "current_symptom not-a-list");
    }
    check("current_symptom", json!([]), "current_symptom missing");
    check("current_symptom", json!(["1", "6"]), "current_symptom contradiction");
    for value in [json!("0"), json!("4"), json!(1), json!(true)] {
        check("is_contact_patient", value, "is_contact_patient unknown-code");
    }
    for value in
        [json!(29.9), json!(45.1), json!(385), json!("36.5"), json!(36.55), json!(-36.5), json!(3e1), json!(null)]
    {
        if value != json!(3e1) {
            check("temperature", value, "temperature not-a-temperature");
        }
    }
    for (element, value, word) in [
        ("gender", json!("3"), "unknown-code"),
        ("household_code", json!("4206022"), "not-an-area"),
        ("living_county_code", json!("00"), "not-an-area"),
        ("living_risk_level", json!("low"), "unknown-code"),
        ("high_risk_area", json!("110101"), "not-a-list"),
        ("high_risk_area", json!(["1"]), "not-an-area"),
        ("is_visited_overseas", json!("2"), "unknown-code"),
        ("report_date", json!("2020-12-14"), "not-an-instant"),
        ("risk_assessment_grade", json!("绿"), "not-a-text"),
        ("risk_assessment_grade", json!(0), "not-a-text"),
        ("data_source", json!("3"), "unknown-code"),
        ("hscysj", json!("yesterday"), "not-an-instant"),
    ] {
        check(element, value, &format!("{element} {word}"));
    }
    for unknown in ["colour", "qrcode_expired", "report_valid_date", "code_content", "xcgj_all_list"] {
        check(unknown, json!("00"), &format!("{unknown} unknown-element"));
    }
    check("张三13800138000", json!(1), "… unknown-element");
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let missing = ["name", "cid_type", "cid", "consent", "current_symptom", "is_contact_patient"];
    let expected = missing.map(|element| format!("{element} missing"));
    assert_eq!(named(DeclareRequest::read("{}", now())), expected);
    for text in ["", "null", "[]", "\"x\"", "{", "{\"name\":}", "{} {}"] {
        assert_eq!(named(VerifyRequest::read(text)), ["… not-an-object"], "{text}");
    }
    assert_eq!(named(VerifyRequest::read(r#"{"code_content":"a","code_content":"b"}"#)), ["code_content twice"]);
}

#[test]
fn a_trip_has_an_area_and_days_in_their_order() {
    let mut sent = json!({"name": "王小明", "cid_type": "99", "cid": "A1", "consent": true, "area_code": "11010",
        "first_day": "2020-12-14", "last_day": "2020-12-13"});
    let read = |sent: &Value| named(TripRequest::read(&sent.to_string(), now()));
    assert_eq!(read(&sent), ["area_code not-an-area", "last_day not-a-trip"]);
    sent["area_code"] = "110101".into();
    sent["last_day"] = "2020-12-14".into();
    TripRequest::read(&sent.to_string(), now()).unwrap();
    for day in ["2020-2-30", "2020-02-30", "14.12.2020", "2020-12-14 00:00:00", ""] {
        sent["last_day"] = day.into();
        assert_eq!(read(&sent), ["last_day not-a-day"]);
    }
}

#[test]
fn an_answer_that_says_more_is_read_and_one_that_says_less_is_not() {
    let answer = json!({"qrcode_expired": false, "code_expire_time": "2020-12-14 08:01:00", "report_expired": false,
        "data_source": "1", "auth_field": [], "desensitizeName": "王*"});
    assert_eq!(VerifyAnswer::read(&answer.to_string()).unwrap().standing.grade, None);
    let required = ["qrcode_expired", "code_expire_time", "report_expired", "data_source", "auth_field"];
    for element in required {
        let mut less = answer.clone();
        less.as_object_mut().unwrap().remove(element);
        assert_eq!(named(VerifyAnswer::read(&less.to_string())), [format!("{element} missing")]);
    }
    let mut empty = answer;
    empty["report_valid_date"] = "".into();
    assert_eq!(named(VerifyAnswer::read(&empty.to_string())), ["report_valid_date not-an-instant"]);
    assert_eq!(named(QueryAnswer::read("{}")).len(), 5);
    assert!(Element::from_name("desensitizeName").is_none());
}

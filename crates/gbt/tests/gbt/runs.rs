//! The run of a case: what is sent, and which answers differ.

use serde_json::{Value, json};
use yima_gbt::Interface;
use yima_gbt::conformance::{CASES, Difference, Run, Subjects, Suite};

const SUBJECTS: &str =
    r#"{"persons": {"green": {"name": "王小明", "cid_type": "99", "cid": "A1"}}, "codes": {"old": "c0de"}}"#;

/// Runs one case against answers, and gives the bodies that were sent with what differed.
fn run(steps: &Value, answers: &[(u16, Value)]) -> (Vec<Value>, Vec<Difference>) {
    let file = json!([{"name": "case", "why": "to try it", "steps": steps}]).to_string();
    let suite = Suite::read(&file).unwrap();
    let subjects = Subjects::read(SUBJECTS).unwrap();
    let mut run = Run::new(&suite.cases[0], &subjects, 18_610, [7; 16]);
    let (mut sent, mut answers) = (Vec::new(), answers.iter());
    while let Some(request) = run.request() {
        sent.push(serde_json::from_str(&request.body).unwrap());
        let (status, body) = answers.next().expect("an answer for each request");
        run.answered(*status, &body.to_string());
    }
    (sent, run.differences().to_vec())
}

fn verified() -> Value {
    json!({"qrcode_expired": false, "code_expire_time": "2020-12-14 08:01:00", "report_expired": false, "data_source": "1",
        "risk_assessment_grade": "00", "auth_field": []})
}

/// The difference of one answer to a code, if there is one.
fn difference(expect: &Value, status: u16, body: &Value) -> Option<String> {
    let steps = json!([{"interface": "verify", "send": {"code_content": "${code.old}"}, "expect": expect}]);
    let (sent, differences) = run(&steps, &[(status, body.clone())]);
    assert_eq!(sent, [json!({"code_content": "c0de"})]);
    assert!(differences.len() <= 1, "{differences:?}");
    differences.first().map(ToString::to_string)
}

#[test]
fn the_committed_cases_are_read_and_every_interface_is_among_them() {
    let suite = Suite::read(CASES).unwrap();
    for interface in Interface::ALL {
        assert!(CASES.contains(&format!("\"interface\": \"{}\"", interface.word())), "{interface:?}");
    }
    let mut names: Vec<_> = suite.cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), suite.cases.len(), "each case has a name of its own");
    assert!(suite.cases.iter().all(|case| case.why.len() > 20));
}

#[test]
fn a_right_answer_has_no_difference() {
    let expect =
        json!({"decision": ["pass"], "equal": {"data_source": "1"}, "gives": ["code_expire_time"], "lacks": ["name"]});
    assert_eq!(difference(&expect, 200, &verified()), None);
    let refusal = json!({"errors": [{"field": "code_content", "code": "x", "message": "y"}]});
    assert_eq!(difference(&json!({"refused": ["code_content"]}), 422, &refusal), None);
    assert_eq!(difference(&json!({"refused": []}), 404, &json!({})), None);
}

#[test]
fn each_wrong_answer_is_told() {
    let check = |expect: Value, status: u16, body: Value, told: &str| {
        let found = difference(&expect, status, &body).unwrap();
        assert_eq!(found, told);
    };
    let with = |name: &str, value: Value| {
        let mut body = verified();
        body[name] = value;
        body
    };
    let pass = || json!({"decision": ["pass", "lane"]});
    check(pass(), 422, json!({}), "verify refuses with 422 what has an answer");
    check(pass(), 500, json!({}), "verify answers 500, which is neither an answer nor a refusal");
    check(pass(), 302, json!({}), "verify answers 302, which is neither an answer nor a refusal");
    check(
        pass(),
        200,
        with("risk_assessment_grade", json!("10")),
        "verify leads to `stop` and must lead to `pass` or `lane`",
    );
    check(
        pass(),
        200,
        with("qrcode_expired", json!("no")),
        "the answer of verify is wrong: `qrcode_expired`: write true or false",
    );
    check(
        json!({"equal": {"data_source": "2"}}),
        200,
        verified(),
        "`data_source` of verify is \"1\" and must be \"2\"",
    );
    check(json!({"gives": ["reason"]}), 200, verified(), "`reason` of verify is absent and must be present");
    check(json!({"gives": ["auth_field"]}), 200, verified(), "`auth_field` of verify is [] and must be present");
    check(json!({"lacks": ["name"]}), 200, with("name", json!("x")), "`name` of verify is \"x\" and must be absent");
    let differs = json!({"differs": {"risk_assessment_grade": "00"}});
    check(differs, 200, verified(), "`risk_assessment_grade` of verify is \"00\" and must be something else");
    check(json!({"refused": []}), 200, verified(), "verify accepts what is wrong");
    check(json!({"refused": ["cid"]}), 422, json!({}), "verify refuses and does not name `cid` in `errors`");
}

#[test]
fn what_was_kept_is_sent_later_and_a_repetition_is_the_same_request() {
    let steps = json!([
        {"interface": "apply", "as": "green", "keep": {"serial": "biz_serial"}, "expect": {}},
        {"interface": "apply", "again": true, "expect": {"equal": {"biz_serial": "${serial}"}}},
        {"interface": "trip", "as": "green", "send": {"name": null, "first_day": "${yesterday}", "last_day": "${today}", "area_code": "${serial}"},
            "expect": {"refused": []}},
    ]);
    let applied = json!({"biz_serial": "0123456789abcdef0123456789abcdef", "biz_expire_time": "2020-12-15 08:00:00"});
    let (sent, differences) = run(&steps, &[(201, applied.clone()), (200, applied), (422, json!({}))]);
    assert_eq!(differences, []);
    assert_eq!(sent[0], json!({"name": "王小明", "cid_type": "99", "cid": "A1", "consent": true}));
    assert_eq!(sent[0], sent[1]);
    let trip = json!({"cid_type": "99", "cid": "A1", "consent": true, "first_day": "2020-12-13", "last_day": "2020-12-14",
        "area_code": "0123456789abcdef0123456789abcdef"});
    assert_eq!(sent[2], trip);
}

#[test]
fn a_case_ends_with_its_first_difference() {
    let steps = json!([
        {"interface": "verify", "expect": {"refused": ["code_content"]}},
        {"interface": "verify", "expect": {"refused": ["code_content"]}},
    ]);
    let (sent, differences) = run(&steps, &[(200, verified())]);
    assert_eq!((sent.len(), differences.len()), (1, 1));
}

#[test]
fn subjects_that_are_not_there_are_named_and_files_that_are_wrong_refused() {
    let steps = json!([
        {"interface": "query", "as": "red", "expect": {}},
        {"interface": "verify", "send": {"code_content": "${code.expired}"}, "expect": {}},
    ]);
    let case = |steps: Value| json!([{"name": "case", "why": "to try it", "steps": steps}]).to_string();
    let suite = Suite::read(&case(steps)).unwrap();
    assert_eq!(suite.cases[0].missing(&Subjects::read(SUBJECTS).unwrap()), ["code expired", "red"]);
    for wrong in [
        "[".to_owned(),
        case(json!([{"interface": "guess", "expect": {}}])),
        case(json!([{"interface": "query", "expect": {"decision": ["green"]}}])),
        case(json!([{"interface": "query", "expect": {"colour": "green"}}])),
    ] {
        assert!(Suite::read(&wrong).is_err(), "{wrong}");
    }
    assert!(Subjects::read("{}").is_err());
}

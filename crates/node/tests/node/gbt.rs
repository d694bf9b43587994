//! The seven interfaces of GB/T 38963, there and back, and the committed cases of recognition against this node.

use hyper::Method;
use serde_json::{Value, json};
use yima_gbt::conformance::{CASES, Run, Subjects, Suite};
use yima_model::Zone;
use yima_node::staff::Role;

use crate::client::{Answer, Client};
use crate::world::{NUMBERS, Pace, World, comparison, number_of};

/// The person with this number, as another system names whom it serves.
fn who(number: &str) -> Value {
    json!({"name": "王小明", "cid_type": "10", "cid": number, "consent": true})
}

fn with(mut message: Value, more: &Value) -> Value {
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message
}

fn declaration(number: &str, symptoms: &[&str]) -> Value {
    with(who(number), &json!({"current_symptom": symptoms, "is_contact_patient": "2"}))
}

/// Which elements a refusal names.
fn named(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.problem(), "invalid-fields");
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

/// A code for the person, made for the system that this client is.
async fn make(system: &mut Client, number: &str) -> Value {
    let applied = system.post("/v1/gbt/apply", &who(number)).await.expect(201);
    system.post("/v1/gbt/make", &json!({"biz_serial": applied["biz_serial"]})).await.expect(201)
}

async fn verify(system: &mut Client, made: &Value) -> Answer {
    system.post("/v1/gbt/verify", &json!({"code_content": made["code_content"]})).await
}

/// A green person, and another province's system.
async fn green() -> (World, Client, Client) {
    let mut world = World::start(Pace::STILL).await;
    let (resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let system = world.staff(Role::Province).await;
    (world, resident, system)
}

#[tokio::test]
async fn what_is_declared_elsewhere_is_a_fact_here_and_makes_yellow_at_most() {
    let (world, mut resident, mut system) = green().await;
    let sent =
        with(declaration(NUMBERS[0], &["2"]), &json!({"temperature": 36.4, "phone": "13900139000", "gender": "1"}));
    let key = "5".repeat(32);
    let answer = system.change_with_key(Method::POST, "/v1/gbt/declare", &sent, &key).await.expect(201);
    assert_eq!(answer, json!({"report_date": "2020-12-14 08:02:00", "not_kept": ["gender", "phone"]}));
    system.change_with_key(Method::POST, "/v1/gbt/declare", &sent, &key).await.expect(201);
    let facts = resident.get("/v1/me/facts").await.expect(200);
    let by_province: Vec<_> =
        facts.as_array().unwrap().iter().filter(|fact| fact["source"]["kind"] == "province").collect();
    assert_eq!(by_province.len(), 2, "asked for twice is asked for once: {facts}");
    let found = |kind: &str| by_province.iter().find(|fact| fact["kind"] == kind).unwrap();
    assert_eq!(found("declaration")["symptoms"], json!(["fever", "fatigue", "cough"]));
    assert_eq!(found("temperature")["temperature"], 36.4);
    assert_eq!(resident.get("/v1/me/verdict").await.expect(200)["colour"], "yellow", "red only by the own word");
    let looks = resident.get("/v1/me/access-log").await.expect(200);
    assert_eq!((&looks[0]["role"], &looks[0]["action"]), (&json!("province"), &json!("declared")));

    let record = system.post("/v1/gbt/query", &who(NUMBERS[0])).await.expect(200);
    assert_eq!((&record["risk_assessment_grade"], &record["rule_number"]), (&json!("01"), &json!("SX-3D")));
    assert_eq!((&record["report_date"], &record["is_reported_in_24hours"]), (&answer["report_date"], &json!(true)));
    for text in ["reason", "guide"] {
        assert!(record[text].as_str().unwrap().chars().any(|c| c > '\u{4e00}'), "{record}");
    }
    let given: Vec<_> = record.as_object().unwrap().keys().filter(|name| *name != "auth_field").collect();
    let may_see = record["auth_field"].as_array().unwrap();
    assert!(given.iter().all(|name| may_see.iter().any(|field| field == *name)), "{record}");

    let contested = with(who(NUMBERS[0]), &json!({"record_id": record["record_ids"][0]}));
    let key = "6".repeat(32);
    let first = system.change_with_key(Method::POST, "/v1/gbt/correct", &contested, &key).await.expect(201);
    assert_eq!(first["deadline"], "2020-12-15 08:02:00");
    world.pass_minutes(5);
    let again = system.change_with_key(Method::POST, "/v1/gbt/correct", &contested, &key).await.expect(201);
    assert_eq!(again, first);
    assert_eq!(system.post("/v1/gbt/correct", &contested).await.problem(), "refused", "contested already");
    let unknown = with(who(NUMBERS[0]), &json!({"record_id": "7".repeat(32)}));
    assert_eq!(system.post("/v1/gbt/correct", &unknown).await.problem(), "not-found");
    let open = world.staff(Role::DiseaseControl).await.get("/v1/staff/disputes").await.expect(200);
    assert_eq!((&open[0]["dispute"], &open[0]["kind"]), (&first["record_id"], &json!("declaration")));
    world.node.stop().await;
}

#[tokio::test]
async fn many_symptoms_from_one_system_are_held_back_until_another_office_confirms_them() {
    let mut world = World::start(Pace::STILL).await;
    let mut residents = Vec::new();
    for number in 0..21 {
        let document = number_of("19800101", 2 * number + 1);
        residents.push((world.resident(&format!("138001381{number:02}"), &document).await.0, document));
    }
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let mut system = world.staff(Role::Province).await;
    for (_, document) in &residents {
        system.post("/v1/gbt/declare", &declaration(document, &["2"])).await.expect(201);
    }
    for (resident, _) in &mut residents {
        assert_eq!(resident.get("/v1/me/verdict").await.expect(200)["colour"], "green");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_trip_is_a_stay_of_whole_days_that_do_not_lie_ahead() {
    let (world, mut resident, mut system) = green().await;
    let trip = |area: &str, first: &str, last: &str| {
        with(who(NUMBERS[0]), &json!({"area_code": area, "first_day": first, "last_day": last}))
    };
    let sent = trip("420602", "2020-12-12", "2020-12-13");
    let key = "5".repeat(32);
    for _ in 0..2 {
        let answer = system.change_with_key(Method::POST, "/v1/gbt/trip", &sent, &key).await.expect(201);
        assert_eq!(answer, json!({"report_date": "2020-12-14 08:02:00"}));
    }
    let facts = resident.get("/v1/me/facts").await.expect(200);
    assert_eq!(facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "stay").count(), 1);
    for (area, first, last, element) in [
        ("420602", "2020-12-14", "2020-12-15", "last_day"),
        ("420602", "2020-11-14", "2020-12-13", "last_day"),
        ("420602", "2020-12-13", "2020-12-12", "last_day"),
        ("420699", "2020-12-13", "2020-12-13", "area_code"),
        ("Xiangyang", "2020-12-13", "2020-12-13", "area_code"),
        ("420602", "13.12.2020", "2020-12-13", "first_day"),
    ] {
        assert_eq!(named(&system.post("/v1/gbt/trip", &trip(area, first, last)).await), [element]);
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_code_lasts_a_minute_is_told_to_have_expired_for_an_hour_and_then_is_nobodys() {
    let (world, _, mut system) = green().await;
    let made = make(&mut system, NUMBERS[0]).await;
    assert_eq!(made["code_expire_time"], "2020-12-14 08:03:00");
    let mut gate = world.staff(Role::Checkpoint).await;
    world.pass_seconds(59);
    let answer = verify(&mut gate, &made).await.expect(200);
    assert_eq!(
        (&answer["risk_assessment_grade"], &answer["qrcode_expired"], &answer["data_source"]),
        (&json!("00"), &json!(false), &json!("2"))
    );
    assert!(answer["report_valid_date"].as_str().unwrap() > "2020-12-20", "until the next comparison is due: {answer}");
    for withheld in ["name", "cid", "phone", "reason", "guide", "rule_number", "record_ids"] {
        assert!(answer[withheld].is_null(), "{withheld}");
    }
    for pause in [1, 3599] {
        world.pass_seconds(pause);
        let expired = verify(&mut gate, &made).await.expect(200);
        let expected = json!({"qrcode_expired": true, "code_expire_time": "2020-12-14 08:03:00", "report_expired": false,
            "data_source": "2", "auth_field": ["qrcode_expired", "code_expire_time", "report_expired", "data_source"]});
        assert_eq!(expired, expected);
    }
    world.pass_seconds(1);
    assert_eq!(verify(&mut gate, &made).await.problem(), "not-found");
    world.node.stop().await;
}

#[tokio::test]
async fn a_colour_is_judged_when_the_code_is_verified() {
    let (world, mut resident, mut system) = green().await;
    let made = make(&mut system, NUMBERS[0]).await;
    let fever = json!({"symptoms": ["fever"], "contact": "no", "on_duty": false});
    resident.post("/v1/me/declarations", &fever).await.expect(201);
    assert_eq!(verify(&mut system, &made).await.expect(200)["risk_assessment_grade"], "10");
    world.node.stop().await;
}

#[tokio::test]
async fn a_serial_number_is_that_of_one_system_for_one_person() {
    let (mut world, _, mut system) = green().await;
    world.resident("13800138001", NUMBERS[2]).await;
    let key = "5".repeat(32);
    let applied = system.change_with_key(Method::POST, "/v1/gbt/apply", &who(NUMBERS[0]), &key).await.expect(201);
    assert_eq!(applied["biz_expire_time"], "2020-12-15 08:02:00");
    world.pass_minutes(1);
    let again = system.change_with_key(Method::POST, "/v1/gbt/apply", &who(NUMBERS[0]), &key).await.expect(201);
    assert_eq!(again, applied);
    let other = system.change_with_key(Method::POST, "/v1/gbt/apply", &who(NUMBERS[2]), &key).await;
    assert_eq!(other.problem(), "idempotency-key-reused");

    let account = json!({"account": "province.2", "role": "province", "areas": [], "password": crate::world::PASSWORD});
    world.staff(Role::Admin).await.post("/v1/staff/accounts", &account).await.expect(201);
    let mut another = world.client().await;
    let sign_in = json!({"account": "province.2", "password": crate::world::PASSWORD});
    another.post("/v1/staff/sessions", &sign_in).await.expect(201);
    let serial = json!({"biz_serial": applied["biz_serial"]});
    assert_eq!(another.post("/v1/gbt/make", &serial).await.problem(), "not-found");
    let first = system.post("/v1/gbt/make", &serial).await.expect(201);
    let second = system.post("/v1/gbt/make", &serial).await.expect(201);
    assert_ne!(first["code_content"], second["code_content"]);
    for made in [first, second] {
        another.post("/v1/gbt/verify", &json!({"code_content": made["code_content"]})).await.expect(200);
    }
    world.pass_minutes(24 * 60 - 1);
    let mut system = world.staff(Role::Province).await;
    assert_eq!(system.post("/v1/gbt/make", &serial).await.problem(), "not-found");
    world.node.stop().await;
}

#[tokio::test]
async fn whom_nobody_knows_and_who_has_another_name_are_the_same_and_are_counted() {
    let (world, _, mut system) = green().await;
    let mut namesake = who(NUMBERS[0]);
    namesake["name"] = "张三".into();
    let nobody = system.post("/v1/gbt/query", &who(NUMBERS[1])).await;
    let other = system.post("/v1/gbt/query", &namesake).await;
    assert_eq!((nobody.status, &nobody.bytes), (other.status, &other.bytes));
    let empty = json!({"report_expired": false, "is_reported_in_24hours": false, "record_ids": [], "data_source": "2",
        "auth_field": ["report_expired", "is_reported_in_24hours", "record_ids", "data_source"]});
    assert_eq!(nobody.json(), empty);
    assert_eq!(system.post("/v1/gbt/query", &who(NUMBERS[0])).await.bytes.len(), nobody.bytes.len());
    assert_eq!(system.post("/v1/gbt/apply", &namesake).await.problem(), "not-registered");
    assert_eq!(system.post("/v1/gbt/declare", &declaration(NUMBERS[1], &["1"])).await.problem(), "not-registered");
    for _ in 4..600 {
        system.post("/v1/gbt/query", &namesake).await.expect(200);
    }
    assert_eq!(system.post("/v1/gbt/query", &namesake).await.problem(), "too-many-attempts");
    world.pass_minutes(61);
    system.post("/v1/gbt/query", &who(NUMBERS[0])).await.expect(200);
    world.node.stop().await;
}

#[tokio::test]
async fn nobody_but_another_provinces_system_asks_and_wrong_messages_name_their_elements() {
    let (world, mut resident, mut system) = green().await;
    let mut desk = world.staff(Role::Desk).await;
    for word in ["declare", "trip", "query", "apply", "make", "verify", "correct"] {
        let path = format!("/v1/gbt/{word}");
        assert_eq!(resident.post(&path, &who(NUMBERS[0])).await.problem(), "no-session");
        assert_eq!(desk.post(&path, &who(NUMBERS[0])).await.problem(), "not-permitted");
        assert_eq!(system.post(&path, &json!([])).await.problem(), "invalid-fields");
        let (origin, key) = (system.origin(), "8".repeat(32));
        let headers = [(origin.0, origin.1.as_str()), ("content-type", "application/json"), ("idempotency-key", &key)];
        for (body, problem) in [("", "malformed"), ("{", "malformed"), ("{\"cid\":1,\"cid\":1}", "invalid-fields")] {
            assert_eq!(system.send(Method::POST, &path, &headers, body).await.problem(), problem, "{word} {body}");
        }
        let long = format!("{{\"name\":\"{}\"}}", "x".repeat(70 * 1024));
        assert_eq!(system.send(Method::POST, &path, &headers, long).await.problem(), "too-large");
        system.reconnect(&world).await;
        assert_eq!(system.send(Method::POST, &path, &headers[..2], "{}").await.problem(), "idempotency-key-missing");
    }
    assert_eq!(named(&system.post("/v1/gbt/make", &json!({"biz_serial": "1"})).await), ["biz_serial"]);
    assert_eq!(named(&system.post("/v1/gbt/verify", &json!({})).await), ["code_content"]);
    assert_eq!(verify(&mut system, &json!({"code_content": "YM1:0"})).await.problem(), "not-found");
    world.node.stop().await;
}

/// The subjects of the committed cases, as people of a world.
async fn subjects(world: &mut World) -> Subjects {
    let numbers: Vec<String> = (0..8).map(|number| number_of("19900101", 2 * number + 1)).collect();
    let names = ["lapsed", "green", "yellow", "red", "contesting", "pending", "visitor", "nobody"];
    world.resident("13800138100", &numbers[0]).await;
    world.pass_minutes(3 * 24 * 60);
    for number in 1..5 {
        let (mut resident, _) = world.resident(&format!("1380013810{number}"), &numbers[number]).await;
        if names[number] == "red" {
            let fever = json!({"symptoms": ["fever"], "contact": "no", "on_duty": false});
            resident.post("/v1/me/declarations", &fever).await.expect(201);
        }
    }
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let mut desk = world.staff(Role::Desk).await;
    for number in [2, 4] {
        let noted = json!({"document": {"kind": 10, "number": numbers[number]}, "symptoms": ["cough"]});
        desk.post("/v1/desk/check-ins", &noted).await.expect(201);
    }
    let made = make(&mut world.staff(Role::Province).await, &numbers[1]).await;
    world.pass_minutes(2);
    for (at, number) in numbers.iter().enumerate().skip(5).take(2) {
        world.resident(&format!("1380013810{at}"), number).await;
    }
    let person = |number: &String| json!({"name": "王小明", "cid_type": "10", "cid": number});
    let persons: serde_json::Map<_, _> =
        names.iter().zip(&numbers).map(|(name, number)| ((*name).to_owned(), person(number))).collect();
    Subjects::read(&json!({"persons": persons, "codes": {"expired": made["code_content"]}}).to_string()).unwrap()
}

#[tokio::test]
async fn this_node_decides_as_every_committed_case_demands() {
    let mut world = World::start_with(Pace::STILL, "terms = { binding_days = 2 }\n").await;
    let subjects = subjects(&mut world).await;
    let mut system = world.staff(Role::Province).await;
    let suite = Suite::read(CASES).unwrap();
    for (number, case) in suite.cases.iter().enumerate() {
        assert_eq!(case.missing(&subjects), Vec::<String>::new(), "{}", case.name);
        let seed = (number as u128 + 1) << 64;
        let mut run = Run::new(case, &subjects, Zone::BEIJING.day(world.now()), seed.to_be_bytes());
        while let Some(request) = run.request() {
            let path = format!("/v1/gbt/{}", request.interface.word());
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let answer = system.change_with_key(Method::POST, &path, &body, &request.key.to_string()).await;
            run.answered(answer.status.as_u16(), &String::from_utf8(answer.bytes).unwrap());
        }
        assert_eq!(run.differences(), [], "{}", case.name);
    }
    world.node.stop().await;
}

//! Every kind of document, end to end, and what is said of a wrong number.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::path::{check, present};
use crate::world::{NUMBERS, Pace, World, application, comparison};

/// Documents whose numbers are right by form; only the last two carry a date of birth.
const DOCUMENTS: [(u8, Option<&str>, &str); 8] = [
    (14, None, "H12345678"),
    (15, None, "01234567"),
    (16, None, "T12345678"),
    (20, Some("D"), "C01X00T47"),
    (34, None, "CAN110081080310"),
    (99, None, "A1"),
    (10, None, "810000199408230021"),
    (34, None, "911124198108030024"),
];

fn form(kind: u8, issuer: Option<&str>, number: &str) -> Value {
    let mut form = application(NUMBERS[0]);
    form["document"] = json!({"kind": kind, "issuer": issuer, "number": number});
    form
}

#[tokio::test]
async fn holders_of_every_document_get_live_and_paper_codes() {
    let mut world = World::start(Pace::STILL).await;
    let mut clients = Vec::new();
    for (at, (kind, issuer, number)) in DOCUMENTS.into_iter().enumerate() {
        let mut client = world.bound(&format!("1380013800{at}")).await;
        let mut form = form(kind, issuer, number);
        let carries_birth = matches!(number, "810000199408230021" | "911124198108030024");
        if !carries_birth {
            form["birth"] = "1990-01-31".into();
        }
        let applied = client.post("/v1/residents", &form).await.expect(201);
        let document = json!({"kind": kind, "issuer": issuer, "number": number});
        assert_eq!(applied["receipt"]["documents"], json!([document]));
        let source = if carries_birth { "document" } else { "stated" };
        assert_eq!(applied["receipt"]["birth"]["source"], source, "{kind}");
        clients.push((client, carries_birth));
    }
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    for (client, carries_birth) in &mut clients {
        let (text, batch) = present(&world, client, "/v1/me").await;
        assert_eq!(batch["verdict"]["colour"], "green");
        assert!(check(&world, client, &text).await.is_ok());
        let opening = &batch["codes"][0]["opening"];
        assert_eq!(opening["character"], "明");
        assert!(*carries_birth || opening["day"] == 31, "{opening}");
        let paper = client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
        assert!(paper["text"].as_str().unwrap().starts_with("YM1:"));
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_date_of_birth_is_stated_once_and_corrected_by_a_desk() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    let (kind, issuer, number) = DOCUMENTS[0];
    client.post("/v1/residents", &form(kind, issuer, number)).await.expect(201);
    let (_, batch) = present(&world, &mut client, "/v1/me").await;
    assert_eq!(batch["codes"][0]["opening"], Value::Null, "a live code needs no date of birth");
    assert_eq!(client.post("/v1/me/paper-codes", &json!({})).await.problem(), "no-birth-date");

    let stated = |text: &str| json!({"birth": text});
    for text in ["", "31.1.1990", "1990-02-30", "1790-01-01", "2020-12-15"] {
        let answer = client.put("/v1/me/birth-date", &stated(text)).await;
        assert_eq!(
            (answer.problem().as_str(), &answer.json()["errors"][0]["field"]),
            ("invalid-fields", &json!("birth"))
        );
    }
    client.put("/v1/me/birth-date", &stated("1990-01-31")).await.expect(204);
    client.put("/v1/me/birth-date", &stated("1990-01-31")).await.expect(204);
    assert_eq!(client.put("/v1/me/birth-date", &stated("1990-01-30")).await.problem(), "refused");
    client.post("/v1/me/paper-codes", &json!({})).await.expect(201);

    let mut desk = world.staff(Role::Desk).await;
    let seen = json!({"document": {"kind": kind, "number": number}, "birth": "1990-01-30"});
    assert_eq!(client.post("/v1/desk/birth-dates", &seen).await.problem(), "no-session");
    desk.post("/v1/desk/birth-dates", &seen).await.expect(204);
    let receipt = client.get("/v1/me/receipt").await.expect(200);
    assert_eq!(receipt["birth"], json!({"date": "1990-01-30", "source": "desk"}));
    let looks = client.get("/v1/me/access-log").await.expect(200);
    assert_eq!((&looks[0]["action"], &looks[0]["account"]), (&json!("kept-birth"), &json!("desk.1")));
    world.node.stop().await;
}

#[tokio::test]
async fn a_wrong_number_is_answered_with_the_part_that_is_wrong() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    for (kind, number, part) in [
        (10, "61010219900101001", "18"),
        (10, "61010219900101O01X", "15"),
        (10, "999999199001010016", "first six digits"),
        (10, "61010219901301001X", "birth"),
        (10, "610102199001010018", "last character"),
        (14, "C12345678", "character 1 "),
        (15, "T1234567", "character 1 "),
    ] {
        let answer = client.post("/v1/residents", &form(kind, None, number)).await;
        assert_eq!(answer.problem(), "invalid-fields", "{number}");
        let error = answer.json()["errors"][0].clone();
        assert_eq!((&error["field"], &error["code"]), (&json!("document.number"), &json!("wrong-number")));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(part) && !message.contains(number), "{message}");
    }
    let mut contradicting = application(NUMBERS[0]);
    contradicting["birth"] = "1990-01-02".into();
    let answer = client.post("/v1/residents", &contradicting).await;
    assert_eq!(answer.json()["errors"][0]["code"], "contradicts-document");
    world.node.stop().await;
}

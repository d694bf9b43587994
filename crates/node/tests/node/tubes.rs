//! Shared tubes: sites fill them, laboratories test them, and every person concerned has the result.

use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{NUMBERS, PASSWORD, Pace, World, comparison};

/// A node under a pack by which a positive tube makes red until a test of a tube of one's own is negative.
async fn world() -> World {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shaanxi-2020-12.toml");
    let text = std::fs::read_to_string(pack).unwrap();
    let rule = "when = \"case\"";
    assert!(text.contains(rule));
    let text = text.replace(rule, "when = \"case or test(positive, pool) until test(negative, single) at most 14d\"");
    World::start_under(&text, Pace::STILL, "").await
}

async fn laboratory(world: &World, account: &str) -> Client {
    let role = json!({"account": account, "role": "laboratory", "areas": [], "password": PASSWORD});
    world.staff(Role::Admin).await.post("/v1/staff/accounts", &role).await.expect(201);
    let mut client = world.client().await;
    let sign_in = json!({"account": account, "password": PASSWORD});
    client.post("/v1/staff/sessions", &sign_in).await.expect(201);
    client
}

async fn colour(client: &mut Client) -> String {
    client.get("/v1/me/verdict").await.expect(200)["colour"].as_str().unwrap().to_owned()
}

fn tube(laboratory: &str, samples: &[(&str, &str)]) -> Value {
    let samples: Vec<_> = samples.iter().map(|(person, at)| json!({"person": person, "at": at})).collect();
    json!({"laboratory": laboratory, "number": "SX-0001", "method": "nucleic-acid", "samples": samples})
}

fn result(number: &str, positive: bool, at: &str) -> Value {
    json!({"number": number, "method": "nucleic-acid", "positive": positive, "at": at})
}

#[tokio::test]
async fn a_positive_tube_is_everybodys_until_a_test_of_the_own_sample() {
    let mut world = world().await;
    let (mut first, one) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut second, other) = world.resident("13800138001", NUMBERS[2]).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let (mut lab, mut stranger) = (laboratory(&world, "lab-7.1").await, laboratory(&world, "lab-8.1").await);
    let mut site = world.staff(Role::Community).await;
    let taken = world.now().to_string();
    let filed = site.post("/v1/staff/tubes", &tube("lab-7", &[(&one, &taken)])).await.expect(201);
    assert_eq!(filed["facts"].as_array().unwrap().len(), 1);
    world.pass_minutes(8 * 60);
    let known = world.now().to_string();

    let elsewhere = stranger.post("/v1/staff/tube-results", &result("SX-0001", true, &known)).await.expect(201);
    assert_eq!(elsewhere["persons"], 0, "the tube of another laboratory with the same number");
    let wrong = lab.post("/v1/staff/tube-results", &result("SX-0002", true, &known)).await.expect(201);
    assert_eq!(wrong["persons"], 0);
    assert_eq!(colour(&mut first).await, "green");

    let key = format!("{:032x}", 77);
    let body = result("SX-0001", true, &known);
    let mut send = async || lab.change_with_key(Method::POST, "/v1/staff/tube-results", &body, &key).await.expect(201);
    let found = send().await;
    assert_eq!((&found["persons"], &found["inert"], &found["alarm"]), (&json!(1), &Value::Null, &Value::Null));
    world.pass_minutes(1);
    let again = send().await;
    assert_eq!((&again["fact"], &again["persons"]), (&found["fact"], &json!(1)));
    assert_eq!(lab.post("/v1/staff/tube-results", &result("SX-0001", false, &known)).await.problem(), "refused");
    assert_eq!((colour(&mut first).await, colour(&mut second).await), ("red".to_owned(), "green".to_owned()));

    // The rest of the list comes after the result.
    let late = site.post("/v1/staff/tubes", &tube("lab-7", &[(&other, &taken)])).await.expect(201);
    assert_eq!(late["facts"].as_array().unwrap().len(), 2, "the sample and its result");
    assert_eq!(colour(&mut second).await, "red");
    let facts = second.get("/v1/me/facts").await.expect(200);
    let provisional = facts.as_array().unwrap().iter().find(|fact| fact["kind"] == "test-result").unwrap();
    assert_eq!((&provisional["source"]["id"], &provisional["positive"]), (&json!("lab-7.1"), &json!(true)));

    // One of them is tested again, alone.
    world.pass_minutes(60);
    let at = world.now().to_string();
    let sample = "5".repeat(32);
    let taken_alone = json!({
        "id": "6".repeat(32), "person": one, "kind": "sample", "at": at, "sample": sample, "method": "nucleic-acid",
        "source": {"kind": "community", "id": "community.1"},
    });
    site.file("/v1/facts", &[taken_alone]).await.expect(201);
    let negative = json!({
        "id": "7".repeat(32), "person": one, "kind": "test-result", "at": at, "sample": sample, "method": "nucleic-acid",
        "positive": false, "source": {"kind": "laboratory", "id": "lab-7.1"},
    });
    assert_eq!(lab.file("/v1/facts", &[negative]).await.expect(201)["rows"][0]["inert"], Value::Null);
    assert_eq!((colour(&mut first).await, colour(&mut second).await), ("green".to_owned(), "red".to_owned()));

    // The tubes were mixed up: the laboratory takes the result back.
    let retraction = |laboratory: &str| {
        json!({
            "id": "8".repeat(32), "kind": "retraction", "at": world.now().to_string(), "target": found["fact"],
            "source": {"kind": "laboratory", "id": laboratory},
        })
    };
    assert_eq!(stranger.file("/v1/facts", &[retraction("lab-8.1")]).await.problem(), "not-permitted");
    lab.file("/v1/facts", &[retraction("lab-7.1")]).await.expect(201);
    assert_eq!((colour(&mut first).await, colour(&mut second).await), ("green".to_owned(), "green".to_owned()));
    world.node.stop().await;
}

#[tokio::test]
async fn tubes_are_filled_by_sites_and_tested_by_laboratories() {
    let mut world = world().await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    let mut lab = laboratory(&world, "lab-7.1").await;
    let mut site = world.staff(Role::Community).await;
    let at = world.now().to_string();
    let own = tube("lab-7", &[(&person, &at)]);
    assert_eq!(site.post("/v1/staff/tubes", &tube("lab-9", &[(&person, &at)])).await.problem(), "invalid-fields");
    assert_eq!(site.post("/v1/staff/tubes", &tube("lab-7", &[])).await.problem(), "invalid-fields");
    assert_eq!(site.post("/v1/staff/tubes", &tube("lab-7", &[("nobody", "never")])).await.problem(), "invalid-fields");
    assert_eq!(site.post("/v1/staff/tube-results", &result("SX-0001", true, &at)).await.problem(), "not-permitted");
    let mut desk = world.staff(Role::Desk).await;
    assert_eq!(desk.post("/v1/staff/tubes", &own).await.problem(), "not-permitted");
    assert_eq!(client.post("/v1/staff/tubes", &own).await.problem(), "no-session");
    assert_eq!(lab.post("/v1/staff/tube-results", &result("SX 1", true, "never")).await.problem(), "invalid-fields");

    lab.post("/v1/staff/tubes", &own).await.expect(201);
    assert_eq!(site.post("/v1/staff/tubes", &own).await.problem(), "refused", "another office has filled it");
    let found = lab.post("/v1/staff/tube-results", &result("SX-0001", true, &at)).await.expect(201);
    assert_eq!((&found["persons"], &found["inert"]), (&json!(1), &json!("sample")), "it took the sample itself");
    assert_ne!(colour(&mut client).await, "red");
    world.node.stop().await;
}

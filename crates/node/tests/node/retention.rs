//! What no rule can see any more is forgotten, and destroyed after the audit period; verdicts stay what they are.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{NUMBERS, Pace, World, application, comparison};

/// Rules that look back six days at most, and an audit period of three.
fn short_pack() -> String {
    let text = include_str!("../../../../packs/shaanxi-2020-12.toml").replace("audit_days = 180", "audit_days = 3");
    let text = text.replace("at most 14d", "at most 5d").replace("at most 7d", "at most 5d");
    ["within 90d", "within 14d", "within 7d"].iter().fold(text, |text, window| text.replace(window, "within 5d"))
}

async fn verdict_days_ago(world: &World, client: &mut Client, days: i64) -> Result<Value, String> {
    let at = world.now().plus_millis(-days * 24 * 3_600_000).to_string().replace('+', "%2B");
    let answer = client.get(&format!("/v1/me/verdict?at={at}")).await;
    if answer.status == 200 { Ok(answer.json()["colour"].clone()) } else { Err(answer.problem()) }
}

#[tokio::test]
async fn old_facts_go_and_no_verdict_changes() {
    let mut world = World::start_under(&short_pack(), Pace::STILL, "terms = { session_days = 90 }\n").await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    let check_in = json!({"symptoms": []});
    for number in 0..9 {
        world.pass_minutes(5 * 24 * 60);
        client.post("/v1/me/check-ins", &check_in).await.expect(201);
        // Every second comparison is missing, so that the code turns grey in between.
        if number % 2 == 0 {
            world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
        }
    }
    let mut before = Vec::new();
    for days in 0..=28 {
        before.push(verdict_days_ago(&world, &mut client, days).await);
    }
    assert_eq!(client.get("/v1/me/declarations").await.expect(200).as_array().unwrap().len(), 1);
    assert!(before.contains(&Ok(json!("green"))) && before.contains(&Ok(json!("grey"))), "{before:?}");
    assert!(verdict_days_ago(&world, &mut client, 40).await.is_ok());

    // The job runs at the start and then each hour.
    let world = world.restart().await;
    client.reconnect(&world).await;
    world.wait_for_rounds("retention", 1).await;
    let mut after = Vec::new();
    for days in 0..=28 {
        after.push(verdict_days_ago(&world, &mut client, days).await);
    }
    assert_eq!(after, before);
    assert!(after.iter().all(Result::is_ok));
    assert_eq!(verdict_days_ago(&world, &mut client, 30).await, Err("sealed".to_owned()));
    assert_eq!(verdict_days_ago(&world, &mut client, 32).await, Err("destroyed".to_owned()));
    let timeline = client.get("/v1/me/timeline").await.expect(200);
    assert_eq!(timeline["person"], person.as_str());
    assert_eq!(client.get("/v1/me/timeline?from=2020-12-15T00:00:00Z").await.problem(), "destroyed");
    assert_eq!(client.get("/v1/me/declarations").await.expect(200), json!([]), "it was made 45 days ago");
    assert_eq!(client.get("/v1/me/receipt").await.expect(200)["dwellings"][0]["area"], "610102", "the address lasts");

    // 2021-01-28, less 28 days and the six of the rules, less three more.
    let metrics = world.metrics().await;
    assert!(metrics.contains("yima_retention_horizon_seconds 1608825600\n"), "{metrics}");
    assert!(metrics.contains("yima_retention_expired_seconds 1608566400\n"), "{metrics}");

    let mut world = world;
    let mut late = world.bound("13900139000").await;
    let mut form = application(NUMBERS[1]);
    form["declaration"]["origins"] = json!([{"from": "4201", "arrived": "2020-12-20T00:00:00+08:00"}]);
    assert_eq!(late.post("/v1/residents", &form).await.json()["errors"][0]["code"], "too-old");
    world.node.stop().await;
}

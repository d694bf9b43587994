//! Reviews of first applications, where they are ordered.

use serde_json::json;
use yima_node::staff::Role;

use crate::client::Client;
use crate::path::present;
use crate::world::{NUMBERS, Pace, World, comparison};

async fn order(world: &World) -> Client {
    let mut headquarters = world.staff(Role::Headquarters).await;
    let order = json!({"until": "2021-01-01T00:00:00+08:00", "legal_basis": "西安市疫情防控指挥部通告"});
    headquarters.put("/v1/staff/review-orders/6101", &order).await.expect(204);
    headquarters
}

#[tokio::test]
async fn the_first_code_waits_for_the_review_and_the_reviewer_is_written_down() {
    let mut world = World::start(Pace::STILL).await;
    let (mut before, _) = world.resident("13900139000", NUMBERS[1]).await;
    world.pass_minutes(1);
    let mut headquarters = order(&world).await;
    let endless = json!({"until": "", "legal_basis": "x"});
    assert_eq!(headquarters.put("/v1/staff/review-orders/6101", &endless).await.problem(), "invalid-fields");
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    assert_eq!(client.get("/v1/review-orders").await.expect(200)[0]["area"], "6101");
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let verdict = client.get("/v1/me/verdict").await.expect(200);
    let deadline = "2020-12-15T08:02:00+08:00";
    assert_eq!(
        (&verdict["colour"], &verdict["review"]),
        (&json!("green"), &json!({"state": "waiting", "deadline": deadline}))
    );
    let refused = client.post("/v1/me/paper-codes", &json!({})).await;
    assert_eq!(
        (refused.problem().as_str(), &refused.headers["retry-after"]),
        ("awaiting-review", &"86340".parse().unwrap())
    );
    before.post("/v1/me/paper-codes", &json!({})).await.expect(201);

    let mut community = world.staff(Role::Community).await;
    let waiting = community.get("/v1/staff/reviews").await.expect(200);
    assert_eq!(
        waiting,
        json!([{"person": person, "area": "610102", "registered": "2020-12-14T08:02:00+08:00", "deadline": deadline}])
    );
    let path = format!("/v1/staff/reviews/{person}");
    let facts = community.get(&path).await.expect(200);
    assert!(facts.as_array().unwrap().iter().any(|fact| fact["kind"] == "declaration"));
    assert_eq!(world.staff(Role::Desk).await.post(&path, &json!({})).await.problem(), "not-permitted");
    assert_eq!(community.post(&path, &json!({"colour": "red"})).await.status, 201, "there is nothing to choose");
    assert_eq!(community.get("/v1/staff/reviews").await.expect(200), json!([]));
    assert_eq!(community.post(&path, &json!({})).await.problem(), "not-found", "done");

    client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    assert_eq!(client.get("/v1/me/verdict").await.expect(200)["review"]["state"], "reviewed");
    let looks = client.get("/v1/me/access-log").await.expect(200);
    let actions: Vec<_> = looks.as_array().unwrap().iter().map(|look| (&look["account"], &look["action"])).collect();
    for action in ["read-review", "reviewed"] {
        assert!(actions.contains(&(&json!("community.1"), &json!(action))), "{looks}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn after_a_day_the_code_is_issued_and_says_that_nobody_has_reviewed_it() {
    let mut world = World::start(Pace::STILL).await;
    order(&world).await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(24 * 60 - 1);
    assert_eq!(client.post("/v1/me/paper-codes", &json!({})).await.problem(), "awaiting-review");
    world.pass_minutes(1);
    client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    let (_, batch) = present(&world, &mut client, "/v1/me").await;
    assert_eq!(batch["verdict"]["review"]["state"], "not-reviewed");
    assert_eq!(client.get("/v1/me/verdict").await.expect(200)["review"]["state"], "not-reviewed");
    let mut community = world.staff(Role::Community).await;
    assert_eq!(community.get("/v1/staff/reviews").await.expect(200), json!([]));
    assert_eq!(community.get(&format!("/v1/staff/reviews/{person}")).await.problem(), "not-found");
    world.node.stop().await;
}

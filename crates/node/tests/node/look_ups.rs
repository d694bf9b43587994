//! Staff looks up a person who shows a document: pass or lane, the same for whom nobody knows, with quota, place and log.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::world::{NUMBERS, Pace, World, comparison};

/// A number that is right by form and registered nowhere.
const UNKNOWN: &str = NUMBERS[1];

fn asked(number: &str) -> Value {
    json!({"document": {"kind": 10, "number": number}, "place": "market-3", "consent": true})
}

async fn open_place(world: &World, until: &str) {
    let place = json!({"area": "610102", "class": "venue", "listed": true, "strict": false, "staffed": true,
        "legal_basis": "notice 1", "until": until});
    world.staff(Role::Admin).await.put("/v1/staff/places/market-3", &place).await.expect(204);
}

#[tokio::test]
async fn a_look_up_says_pass_or_lane_and_the_person_sees_it() {
    let mut world = World::start(Pace::STILL).await;
    open_place(&world, "2021-01-14T00:00:00+08:00").await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut checkpoint = world.staff(Role::Checkpoint).await;
    let path = "/v1/checkpoint/look-ups";
    let grey = checkpoint.post(path, &asked(NUMBERS[0])).await;
    assert_eq!(grey.expect(200), json!({"answer": "lane"}));
    let unknown = checkpoint.post(path, &asked(UNKNOWN)).await;
    assert_eq!((unknown.status, &unknown.bytes), (grey.status, &grey.bytes), "who is unknown is not told apart");

    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    assert_eq!(checkpoint.post(path, &asked(NUMBERS[0])).await.expect(200), json!({"answer": "pass"}));
    let looks = client.get("/v1/me/access-log").await.expect(200);
    let of = |look: &&Value| look["action"] == "looked-up" && look["account"] == "checkpoint.1";
    assert_eq!(looks.as_array().unwrap().iter().filter(of).count(), 2);
    world.node.stop().await;
}

#[tokio::test]
async fn a_look_up_wants_consent_a_place_that_checks_a_role_and_leaves_a_quota() {
    let world = World::start(Pace::STILL).await;
    let path = "/v1/checkpoint/look-ups";
    let mut checkpoint = world.staff(Role::Checkpoint).await;
    assert_eq!(checkpoint.post(path, &asked(UNKNOWN)).await.problem(), "not-found", "no such place");
    open_place(&world, "2020-12-14T00:00:00+08:00").await;
    assert_eq!(checkpoint.post(path, &asked(UNKNOWN)).await.problem(), "not-permitted", "the check has ended");
    open_place(&world, "2021-01-14T00:00:00+08:00").await;
    let mut against = asked(UNKNOWN);
    against["consent"] = false.into();
    assert_eq!(checkpoint.post(path, &against).await.problem(), "invalid-fields");
    assert_eq!(world.client().await.post(path, &asked(UNKNOWN)).await.problem(), "no-session");
    let mut register = world.staff(Role::Register).await;
    assert_eq!(register.post(path, &asked(UNKNOWN)).await.problem(), "not-permitted");
    for _ in 0..30 {
        checkpoint.post(path, &asked(UNKNOWN)).await.expect(200);
    }
    assert_eq!(checkpoint.post(path, &asked(UNKNOWN)).await.problem(), "too-many-attempts");
    assert_eq!(world.staff(Role::Desk).await.post(path, &asked(UNKNOWN)).await.expect(200)["answer"], "lane");
    world.node.stop().await;
}

//! The national list of risk areas comes in through the API, and an operator looks at what is held back.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::{Answer, Client};
use crate::world::{Pace, World};

const SNAPSHOTS: &str = "/v1/staff/risk-snapshots";

/// A snapshot that lists high-risk compounds of Xincheng by number.
fn snapshot(hour: u32, places: impl IntoIterator<Item = u32>) -> Value {
    let places: Vec<String> = places.into_iter().map(|place| format!("嘉园{place}号")).collect();
    let area = json!({"province": "陕西省", "city": "西安市", "county": "新城区", "communitys": places});
    let data = json!({
        "end_update_time": format!("2020-12-14 {hour}时"), "hcount": places.len(), "mcount": 0,
        "highlist": [area], "middlelist": [],
    });
    json!({"data": data, "code": 0})
}

async fn deliver(client: &mut Client, hour: u32, places: impl IntoIterator<Item = u32>) -> Answer {
    client.post(SNAPSHOTS, &snapshot(hour, places)).await
}

#[tokio::test]
async fn what_is_listed_is_found_at_once_and_has_effect_once_another_office_confirms_it() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    let delivered = deliver(&mut headquarters, 8, [1, 2]).await.expect(201);
    assert_eq!((&delivered["standing"], &delivered["begun"]), (&json!("taken"), &json!(2)));
    assert_eq!(delivered["mapping"]["exact"], 2);
    let again = deliver(&mut headquarters, 8, [2, 1]).await.expect(201);
    assert_eq!((&again["snapshot"], &again["repeated"]), (&delivered["snapshot"], &json!(true)));

    let mut anybody = world.client().await;
    let found = anybody.get("/v1/areas?search=%E5%98%89%E5%9B%AD1%E5%8F%B7").await.expect(200);
    assert_eq!(found[0]["full_name"], "陕西省 西安市 新城区 嘉园1号");
    let level = format!("/v1/areas/{}/level", found[0]["code"].as_str().unwrap());
    assert_eq!(anybody.get(&level).await.expect(200)["level"], "high");

    let mut second = world.staff(Role::DiseaseControl).await;
    assert_eq!(second.get(SNAPSHOTS).await.expect(200)["unconfirmed"], 2);
    assert_eq!(headquarters.post("/v1/staff/risk-confirmations", &Value::Null).await.problem(), "refused");
    assert_eq!(second.post("/v1/staff/risk-confirmations", &Value::Null).await.expect(201)["confirmed"], 2);
    assert_eq!(second.get(SNAPSHOTS).await.expect(200)["unconfirmed"], 0);
}

#[tokio::test]
async fn an_operator_sees_why_a_snapshot_is_held_back_and_decides() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    deliver(&mut headquarters, 7, 1..=100).await.expect(201);
    let held = deliver(&mut headquarters, 8, 1..=10).await.expect(201);
    assert_eq!(
        (&held["standing"], &held["why"], &held["ended"]),
        (&json!("quarantined"), &json!("shrinks"), &json!(0))
    );

    let mut second = world.staff(Role::DiseaseControl).await;
    let listed = second.get(SNAPSHOTS).await.expect(200);
    assert_eq!(listed["snapshots"][0]["id"], held["snapshot"]);
    assert_eq!((&listed["snapshots"][0]["high"], &listed["snapshots"][1]["standing"]), (&json!(10), &json!("taken")));
    assert!(listed["snapshots"][0]["says"].as_str().unwrap().contains("90 of 100"));
    let path = format!("{SNAPSHOTS}/{}", held["snapshot"].as_str().unwrap());
    assert_eq!(second.get(&path).await.expect(200)["exact"], 10);

    assert_eq!(headquarters.post(&path, &json!({"accept": true})).await.problem(), "refused");
    let accepted = second.post(&path, &json!({"accept": true})).await.expect(201);
    assert_eq!((&accepted["standing"], &accepted["ended"]), (&json!("taken"), &json!(90)));
    let rejected = second.post(&path, &json!({"accept": false})).await.expect(201);
    assert_eq!((&rejected["standing"], &rejected["taken_back"]), (&json!("rejected"), &json!(90)));
    assert_eq!(second.get(SNAPSHOTS).await.expect(200)["snapshots"][0]["decided_by"], "disease-control.1");
}

#[tokio::test]
async fn a_file_that_was_cut_off_lowers_nothing_however_short_the_list() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    deliver(&mut headquarters, 7, 1..=19).await.expect(201);
    let cut_off = json!({"data": {"end_update_time": "2020-12-14 8时", "hcount": 19, "mcount": 0}, "code": 0});
    let held = headquarters.post(SNAPSHOTS, &cut_off).await.expect(201);
    assert_eq!(
        (&held["standing"], &held["why"], &held["ended"]),
        (&json!("quarantined"), &json!("incomplete"), &json!(0))
    );
    world.pass_minutes(1);
    let good = deliver(&mut headquarters, 8, 2..=19).await.expect(201);
    assert_eq!((&good["standing"], &good["ended"]), (&json!("taken"), &json!(1)));
    let listed = headquarters.get(SNAPSHOTS).await.expect(200);
    assert!(listed["snapshots"].as_array().unwrap().iter().any(|listed| listed["standing"] == "resolved"), "{listed}");
}

#[tokio::test]
async fn only_those_whose_task_it_is_deliver_and_decide() {
    let world = World::start(Pace::STILL).await;
    for role in [Role::Desk, Role::Checkpoint, Role::Hospital, Role::Admin] {
        let mut staff = world.staff(role).await;
        assert_eq!(deliver(&mut staff, 8, [1]).await.problem(), "not-permitted");
        assert_eq!(staff.get(SNAPSHOTS).await.problem(), "not-permitted");
        assert_eq!(staff.post("/v1/staff/risk-confirmations", &Value::Null).await.problem(), "not-permitted");
    }
    let mut headquarters = world.staff(Role::Headquarters).await;
    let mut check =
        async |body: Value| assert_eq!(headquarters.post(SNAPSHOTS, &body).await.problem(), "refused", "{body}");
    check(json!({"code": 1001, "msg": "签名错误"})).await;
    check(snapshot(9, [1])).await;
    let missing = format!("{SNAPSHOTS}/00112233445566778899aabbccddeeff");
    assert_eq!(headquarters.post(&missing, &json!({"accept": false})).await.problem(), "not-found");
}

//! Arrivals from medium- and high-risk places: the holder and the destination's community see them, nobody else (R-16 … R-20).

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::path::present;
use crate::world::{NUMBERS, PASSWORD, Pace, World};

/// Lists a compound of Beilin as medium, confirmed by another office, and gives its code.
async fn list_compound(world: &World) -> String {
    let mut headquarters = world.staff(Role::Headquarters).await;
    let area = json!([{"province": "陕西省", "city": "西安市", "county": "碑林区", "communitys": ["嘉园1号"]}]);
    let data =
        json!({"end_update_time": "2020-12-14 8时", "hcount": 0, "mcount": 1, "highlist": [], "middlelist": area});
    headquarters.post("/v1/staff/risk-snapshots", &json!({"data": data, "code": 0})).await.expect(201);
    world.staff(Role::DiseaseControl).await.post("/v1/staff/risk-confirmations", &Value::Null).await.expect(201);
    let listed = world.client().await.get("/v1/risk-levels").await.expect(200);
    listed["places"][0]["areas"][0]["code"].as_str().unwrap().to_owned()
}

/// A community that is for these areas alone.
async fn community(world: &World, account: &str, area: &str) -> Client {
    let mut admin = world.staff(Role::Admin).await;
    let new = json!({"account": account, "role": "community", "areas": [area], "password": PASSWORD});
    admin.post("/v1/staff/accounts", &new).await.expect(201);
    let mut client = world.client().await;
    let sign_in = json!({"account": account, "password": PASSWORD});
    client.post("/v1/staff/sessions", &sign_in).await.expect(201);
    client
}

/// Files facts as disease control, none of which is held back.
async fn files(world: &World, facts: impl IntoIterator<Item = Value>) {
    let mut rows: Vec<Value> = facts.into_iter().collect();
    for (number, row) in (1_u8..).zip(&mut rows) {
        row["id"] = format!("{number:032x}").into();
        row["source"] = json!({"kind": "disease-control", "id": "disease-control.1"});
    }
    let kept = world.staff(Role::DiseaseControl).await.file("/v1/facts", &rows).await.expect(201);
    assert!(kept["rows"].as_array().unwrap().iter().all(|row| row["inert"].is_null()), "{kept}");
}

#[tokio::test]
async fn an_arrival_from_a_medium_place_is_shown_to_the_holder_and_to_the_community_of_the_destination() {
    let mut world = World::start(Pace::STILL).await;
    let (mut resident, person) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut other, other_person) = world.resident("13900139000", NUMBERS[2]).await;
    let compound = list_compound(&world).await;
    let mut here = community(&world, "xincheng.1", "610102").await;
    let mut elsewhere = community(&world, "beilin.1", "610103").await;
    world.pass_minutes(1);
    let arrives = |person: &str, from: &str, at: String| json!({"person": person, "kind": "arrival", "at": at, "from_area": from, "to_area": "610102"});
    assert_eq!(here.get("/v1/staff/arrivals").await.expect(200), json!([]));
    let now = world.now().to_string();
    files(&world, [arrives(&person, &compound, now.clone()), arrives(&other_person, "610103", now)]).await;

    let seen = here.get("/v1/staff/arrivals").await.expect(200);
    assert_eq!(seen.as_array().unwrap().len(), 1, "at once, and the one from a county with no level is none: {seen}");
    assert_eq!((&seen[0]["person"], &seen[0]["level"]), (&json!(person), &json!("medium")));
    assert_eq!((&seen[0]["name"], &seen[0]["address"]), (&json!("王小明"), &json!("某小区 1 号楼")));
    assert!(!seen.to_string().contains(&compound), "where from is not told");
    assert_eq!(elsewhere.get("/v1/staff/arrivals").await.expect(200), json!([]));
    for role in [Role::Checkpoint, Role::Headquarters, Role::Community, Role::Desk] {
        let answer = world.staff(role).await.get("/v1/staff/arrivals").await;
        assert_eq!(answer.problem(), "not-permitted", "{}", role.word());
    }
    let looks = resident.get("/v1/me/access-log").await.expect(200).to_string();
    assert!(looks.contains("read-arrival") && looks.contains("xincheng"), "{looks}");

    let path = "/v1/me/risk-visits";
    let marked = resident.get(path).await.expect(200);
    assert_eq!((&marked["arrivals"][0]["level"], &marked["arrivals"][0]["duty"]), (&json!("medium"), &Value::Null));
    let texts = |text: &str| json!({"zh-CN": text, "zh-TW": text, "en": text});
    let duty = json!({"medium": texts("三天两检"), "high": texts("集中隔离")});
    let mut headquarters = world.staff(Role::Headquarters).await;
    headquarters.put("/v1/staff/arrival-duties/6101", &duty).await.expect(204);
    assert_eq!(here.put("/v1/staff/arrival-duties/610102", &duty).await.problem(), "not-permitted");
    let marked = resident.get(path).await.expect(200);
    assert_eq!(
        (&marked["arrivals"][0]["duty"]["area"], &marked["arrivals"][0]["duty"]["text"]),
        (&json!("6101"), &texts("三天两检"))
    );
    assert_eq!(other.get(path).await.expect(200), json!({"visits": [], "arrivals": []}));

    let (text, batch) = present(&world, &mut resident, "/v1/me").await;
    let (plain, _) = present(&world, &mut other, "/v1/me").await;
    assert!(text.len().abs_diff(plain.len()) <= 8, "a code carries no marker");
    assert!(!batch["codes"].to_string().contains("medium"));
    world.pass_minutes(14 * 24 * 60);
    assert_eq!(world.bound("13800138000").await.get(path).await.expect(200)["arrivals"], json!([]));
    world.node.stop().await;
}

#[tokio::test]
async fn the_holder_sees_the_listed_place_that_was_visited_and_no_other() {
    let mut world = World::start(Pace::STILL).await;
    let (mut resident, person) = world.resident("13800138000", NUMBERS[0]).await;
    let compound = list_compound(&world).await;
    let now = world.now();
    let day = |days: i64| now.plus_millis(days * 24 * 3_600_000).to_string();
    let low = ["6101", "610102", "610103", "610104", "6103", "6104", "6105", "6106", "6107"];
    let stay = |area: &str| json!({"person": person, "kind": "stay", "from": day(-1), "until": day(1), "area": area, "origin": "declared"});
    files(&world, low.into_iter().chain([compound.as_str()]).map(stay)).await;
    let seen = resident.get("/v1/me/risk-visits").await.expect(200);
    assert_eq!(seen["visits"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(
        seen["visits"][0],
        json!({
            "level": "medium", "areas": [{"code": compound, "full_name": "陕西省 西安市 碑林区 嘉园1号"}], "except": [],
            "first_day": "2020-12-14", "last_day": null,
        })
    );
    world.node.stop().await;
}

#[tokio::test]
async fn a_declared_trip_to_a_listed_place_is_shown_and_trips_elsewhere_are_told_to_nobody() {
    let mut world = World::start(Pace::STILL).await;
    let (mut resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    let compound = list_compound(&world).await;
    let trip = |area: &str, first: &str, last: &str| json!({"area": area, "first_day": first, "last_day": last});
    let path = "/v1/me/trips";
    for (area, first, last) in [
        ("610102.77", "2020-12-10", "2020-12-12"),
        ("610104", "2020-12-12", "2020-12-11"),
        ("610104", "2020-12-14", "2020-12-15"),
        ("610104", "2020-11-01", "2020-12-01"),
        ("610104", "10.12.2020", "2020-12-12"),
    ] {
        assert_eq!(resident.post(path, &trip(area, first, last)).await.problem(), "invalid-fields", "{area} {first}");
    }
    for (area, day) in [("610104", "2020-12-14"), (compound.as_str(), "2020-12-13"), (compound.as_str(), "2020-12-14")]
    {
        resident.post(path, &trip(area, day, day)).await.expect(201);
    }
    let seen = resident.get("/v1/me/risk-visits").await.expect(200);
    assert_eq!(seen["visits"].as_array().unwrap().len(), 1, "listed from the fourteenth on: {seen}");
    assert_eq!(
        (&seen["visits"][0]["first_day"], &seen["visits"][0]["level"]),
        (&json!("2020-12-14"), &json!("medium"))
    );
    for path in ["/v1/me", "/v1/me/receipt", "/v1/me/declarations", "/v1/me/timeline", "/v1/me/risk-visits"] {
        let said = resident.get(path).await.expect(200).to_string();
        assert!(!said.contains("610104"), "{path} tells of another trip: {said}");
    }
    world.node.stop().await;
}

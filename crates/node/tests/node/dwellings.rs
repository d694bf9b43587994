//! Moving house, correcting an address, and leaving at a time that nobody can know yet.

use serde_json::json;
use yima_node::staff::Role;

use crate::world::{NUMBERS, Pace, World, application};

#[tokio::test]
async fn who_moves_or_corrects_an_address_keeps_the_history() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    let wrong = json!({"role": "present", "area": "610103", "text": "新址"});
    client.post("/v1/me/dwellings", &wrong).await.expect(201);
    let receipt = client.get("/v1/me/receipt").await.expect(200);
    let now = &receipt["dwellings"];
    assert_eq!(
        (&now[0]["area"], &now[0]["text"], now.as_array().unwrap().len()),
        (&json!("610103"), &json!("新址"), 1)
    );
    world.pass_minutes(1);
    let right = json!({"role": "present", "area": "610104", "text": "新址 2 号"});
    let path = format!("/v1/me/dwellings/{}", now[0]["fact"].as_str().unwrap());
    client.put(&path, &right).await.expect(200);
    assert_eq!(client.put(&path, &right).await.problem(), "not-found", "it stands no more");

    let history = client.get("/v1/me/dwellings").await.expect(200);
    let rows: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["area"].clone(), row["stands"].clone(), row["from"].clone(), row["until"].clone()))
        .collect();
    let at = |minute: u8| json!(format!("2020-12-14T08:0{minute}:00+08:00"));
    assert_eq!(
        rows,
        [
            (json!("610104"), json!(true), at(2), json!(null)),
            (json!("610103"), json!(false), at(2), json!(null)),
            (json!("610102"), json!(true), at(1), at(2)),
        ]
    );
    assert_eq!(client.get("/v1/me/receipt").await.expect(200)["dwellings"][0]["text"], "新址 2 号");
    let other = format!("/v1/me/dwellings/{}", history[0]["fact"].as_str().unwrap());
    let moved = json!({"role": "home", "area": "610104"});
    assert_eq!(client.put(&other, &moved).await.json()["errors"][0]["code"], "other-role");
    assert_eq!(client.put(&other, &json!({"role": "present", "area": "1"})).await.problem(), "invalid-fields");
    let declared = client.get("/v1/me/declarations").await.expect(200)[0]["fact"].clone();
    let path = format!("/v1/me/dwellings/{}", declared.as_str().unwrap());
    assert_eq!(client.put(&path, &right).await.problem(), "refused", "no address");
    world.node.stop().await;
}

#[tokio::test]
async fn a_planned_departure_may_be_unknown() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    let mut form = application(NUMBERS[0]);
    form["dwellings"][0]["until"] = "unknown".into();
    let unknown = client.post("/v1/residents", &form).await.expect(201);
    assert_eq!(unknown["receipt"]["dwellings"][0]["until"], json!(null));
    let leaving = json!({"role": "present", "area": "610102", "until": "2020-12-20T08:00:00+08:00"});
    let refused = client.post("/v1/me/dwellings", &leaving).await;
    assert_eq!(refused.json()["errors"][0]["code"], "no-home", "where to is not known");
    world.pass_minutes(1);
    client.post("/v1/me/dwellings", &json!({"role": "home", "area": "420106", "until": "unknown"})).await.expect(201);
    client.post("/v1/me/dwellings", &leaving).await.expect(201);
    for until in ["soon", "2020-12-01T08:00:00+08:00"] {
        let answer =
            client.post("/v1/me/dwellings", &json!({"role": "present", "area": "610102", "until": until})).await;
        assert_eq!(answer.json()["errors"][0]["field"], "until", "{until}");
    }
    let verdict = client.get("/v1/me/verdict").await.expect(200);
    assert_eq!((&verdict["in_force"], &verdict["next_change"]), (&json!(true), &json!("2020-12-20T08:00:00+08:00")));
    world.pass_minutes(6 * 24 * 60);
    assert_eq!(client.get("/v1/me/verdict").await.expect(200)["in_force"], false, "the home lies elsewhere");
    world.node.stop().await;
}

#[tokio::test]
async fn the_transport_notice_of_a_place_is_the_nearest_one_that_was_published() {
    let world = World::start(Pace::STILL).await;
    let mut anybody = world.client().await;
    assert_eq!(anybody.get("/v1/transport-notices/610102001").await.problem(), "not-found");
    let title = |name: &str| json!({"zh-CN": name, "zh-TW": name, "en": name});
    let mut office = world.staff(Role::Headquarters).await;
    let published =
        [("61", "省通告", "https://sx.example.cn/jt"), ("6101", "市通告", "https://xa.example.cn/jt?id=1#2")];
    for (area, name, url) in published {
        let path = format!("/v1/staff/transport-notices/{area}");
        office.put(&path, &json!({"title": title(name), "url": url})).await.expect(204);
        let found = anybody.get("/v1/transport-notices/610102001").await.expect(200);
        assert_eq!(
            (&found["area"], &found["title"]["zh-TW"], &found["url"]),
            (&json!(area), &json!(name), &json!(url))
        );
        assert_eq!(anybody.get("/v1/transport-notices/6102").await.expect(200)["area"], "61");
    }
    assert_eq!(anybody.get("/v1/transport-notices/42").await.problem(), "not-found");
    let path = "/v1/staff/transport-notices/61";
    for url in
        ["http://sx.example.cn/jt", "javascript:alert(1)", "//sx.example.cn/jt", "https:///jt", "https://a b.cn", ""]
    {
        let answer = office.put(path, &json!({"title": title("x"), "url": url})).await;
        assert_eq!(answer.json()["errors"][0]["field"], "url", "{url}");
    }
    let one = json!({"title": {"en": "x"}, "url": "https://sx.example.cn/jt"});
    assert_eq!(office.put(path, &one).await.json()["errors"][0]["field"], "title");
    let whole = json!({"title": title("x"), "url": "https://sx.example.cn/jt"});
    assert_eq!(world.staff(Role::Desk).await.put(path, &whole).await.problem(), "not-permitted");
    world.node.stop().await;
}

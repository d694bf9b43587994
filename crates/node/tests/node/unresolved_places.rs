//! Places that no list has: filed at once, listed for operators without anybody, and resolved from then on.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::world::{NUMBERS, Pace, World, application, number_of};

const PATH: &str = "/v1/staff/unresolved-places";

fn living_in(number: &str, area: &str, place: &str) -> Value {
    let mut form = application(number);
    form["dwellings"] = json!([{"role": "present", "area": area, "place": place, "text": "3 组 5 号"}]);
    form
}

fn settling(list: &Value, text: &str) -> String {
    let places = list["places"].as_array().unwrap();
    let place = places.iter().find(|place| place["text"] == text).unwrap();
    format!("{PATH}/{}", place["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_operator_sees_a_place_that_no_list_has_and_settles_it() {
    let mut world = World::start(Pace::STILL).await;
    let mut first = world.bound("13800138000").await;
    let applied = first.post("/v1/residents", &living_in(NUMBERS[0], "610102", "幸福新村")).await.expect(201);
    let person = applied["person"].as_str().unwrap();
    let dwelling = &applied["receipt"]["dwellings"][0];
    assert_eq!((&dwelling["area"], &dwelling["text"]), (&json!("610102"), &json!("幸福新村 3 组 5 号")));
    world.pass_minutes(1);
    let mut desk = world.staff(Role::Desk).await;
    let mut form = living_in(NUMBERS[1], "610102", "幸福 新村");
    form["declaration"]["origins"] = json!([{"from": "4201", "place": "东站", "arrived": "2020-12-10T08:00:00+08:00"}]);
    desk.post("/v1/desk/registrations", &form).await.expect(201);

    let answer = desk.get(PATH).await;
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    assert!(!text.contains(person) && !text.contains("5 号") && !text.contains("王"), "nobody, and no address: {text}");
    let list = answer.expect(200);
    let village = list["places"].as_array().unwrap().iter().find(|place| place["text"] == "幸福新村").unwrap();
    assert_eq!(
        (&village["parent"], &village["parent_name"], &village["facts"]),
        (&json!("610102"), &json!("陕西省 西安市 新城区"), &json!(2))
    );
    assert_eq!(
        (&village["first_filed"], &village["last_filed"]),
        (&json!("2020-12-14T08:01:00+08:00"), &json!("2020-12-14T08:02:00+08:00"))
    );
    assert_eq!(list["places"].as_array().unwrap().len(), 2);
    for role in [Role::DiseaseControl, Role::Checkpoint, Role::Headquarters] {
        assert_eq!(world.staff(role).await.get(PATH).await.problem(), "not-permitted");
    }
    assert_eq!(first.get(PATH).await.problem(), "no-session");

    let elsewhere = desk.put(&settling(&list, "幸福新村"), &json!({"area": "610103"})).await;
    assert_eq!(elsewhere.json()["errors"][0]["code"], "elsewhere");
    let both = json!({"area": "610102", "dismissed": "x"});
    for wrong in [json!({}), json!({"dismissed": " "}), both, json!({"area": "610102.99"})] {
        assert_eq!(desk.put(&settling(&list, "幸福新村"), &wrong).await.problem(), "invalid-fields", "{wrong}");
    }
    let added = desk.post("/v1/areas", &json!({"parent": "610102", "name": "幸福新村"})).await.expect(201);
    desk.put(&settling(&list, "幸福新村"), &json!({"area": added["code"]})).await.expect(204);
    desk.put(&settling(&list, "东站"), &json!({"dismissed": "the station, not a place to live"})).await.expect(204);
    assert_eq!(desk.get(PATH).await.expect(200), json!({"places": []}));
    assert_eq!(desk.put(&settling(&list, "东站"), &json!({"dismissed": "again"})).await.problem(), "not-found");

    let before = first.get("/v1/me/receipt").await.expect(200);
    assert_eq!(before["dwellings"][0]["area"], "610102", "what was filed stays as it is");
    let mut world = world.restart().await;
    let mut later = world.bound("13900139000").await;
    let form = living_in(&number_of("19900202", 1), "610102", "幸福新村");
    let applied = later.post("/v1/residents", &form).await.expect(201);
    assert_eq!(applied["receipt"]["dwellings"][0]["area"], added["code"]);
    let moved = json!({"role": "present", "area": "4201", "place": "东站"});
    later.post("/v1/me/dwellings", &moved).await.expect(201);
    assert_eq!(world.staff(Role::Admin).await.get(PATH).await.expect(200), json!({"places": []}));
    world.node.stop().await;
}

#[tokio::test]
async fn the_last_filed_comes_first_and_a_page_has_an_end() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let key = "00112233445566778899aabbccddeeff";
    for number in 0..101 {
        let place = json!({"role": "present", "area": "6101", "place": format!("新村 {number}")});
        client.post("/v1/me/dwellings", &place).await.expect(201);
        world.pass_seconds(1);
    }
    let again = json!({"role": "present", "area": "6101", "place": "新村 0"});
    for _ in 0..2 {
        client.change_with_key(hyper::Method::POST, "/v1/me/dwellings", &again, key).await.expect(201);
    }
    let page = desk.get(PATH).await.expect(200);
    let places = page["places"].as_array().unwrap();
    assert_eq!((&places[0]["text"], &places[0]["facts"]), (&json!("新村 0"), &json!(2)), "a repetition counts once");
    assert_eq!((&places[1]["text"], places.len()), (&json!("新村 100"), 100));
    let rest = desk.get(&format!("{PATH}?after={}", page["next"].as_str().unwrap())).await.expect(200);
    assert_eq!((&rest["places"][0]["text"], rest["places"].as_array().unwrap().len()), (&json!("新村 1"), 1));
    assert!(rest["next"].is_null());
    assert_eq!(desk.get(&format!("{PATH}?after=x")).await.problem(), "invalid-fields");
    let long = json!({"role": "present", "area": "6101", "place": "村".repeat(61)});
    assert_eq!(client.post("/v1/me/dwellings", &long).await.json()["errors"][0]["field"], "place");
    world.node.stop().await;
}

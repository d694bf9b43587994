//! An office says through the API that two wordings are one place; another confirms it; a third decision takes it back.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{Pace, World};

const RELATIONS: &str = "/v1/staff/area-relations";

async fn level_of(anybody: &mut Client, code: &Value) -> Value {
    anybody.get(&format!("/v1/areas/{}/level", code.as_str().unwrap())).await.expect(200)["level"].clone()
}

#[tokio::test]
async fn several_wordings_become_one_place_by_a_confirmed_decision() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    let mut second = world.staff(Role::DiseaseControl).await;
    let mut anybody = world.client().await;
    let area = json!({"province": "陕西省", "city": "西安市", "county": "新城区", "communitys": ["万锦花语岸"]});
    let list = json!({
        "data": {"end_update_time": "2020-12-14 8时", "hcount": 1, "mcount": 0, "highlist": [area], "middlelist": []},
        "code": 0,
    });
    headquarters.post("/v1/staff/risk-snapshots", &list).await.expect(201);

    let wordings = ["陕西省 西安市 新城区 万锦花语岸", "陕西省 西安市 新城区 万锦花语岸小区"];
    let same = json!({"relation": "same", "places": wordings, "why": "plan of the estate, 2020-12-13"});
    headquarters.post(RELATIONS, &same).await.expect(201);
    let said = second.get(RELATIONS).await.expect(200);
    assert_eq!(said[0]["place"]["name"], "陕西省 西安市 新城区 万锦花语岸");
    assert_eq!(said[0]["other"]["name"], "陕西省 西安市 新城区 万锦花语岸小区");
    assert_eq!((&said[0]["relation"], &said[0]["confirmed"]), (&json!("same"), &json!(false)));
    assert_eq!(said[0]["why"], "plan of the estate, 2020-12-13");
    let other = &said[0]["other"]["code"];
    assert_eq!(level_of(&mut anybody, other).await, "low", "nobody has confirmed it");
    let confirmation = json!({"facts": [{"fact": said[0]["fact"]}]});
    assert_eq!(headquarters.post("/v1/staff/confirmations", &confirmation).await.problem(), "refused");
    second.post("/v1/staff/confirmations", &confirmation).await.expect(201);
    assert_eq!(level_of(&mut anybody, other).await, "high");
    assert_eq!(headquarters.post(RELATIONS, &same).await.problem(), "refused", "it is said already");

    let apart =
        json!({"relation": "apart", "places": [other, said[0]["place"]["code"]], "why": "two estates after all"});
    second.post(RELATIONS, &apart).await.expect(201);
    assert_eq!(level_of(&mut anybody, other).await, "low");
    assert_eq!(second.get(RELATIONS).await.expect(200)[0]["relation"], "apart");
}

#[tokio::test]
async fn what_cannot_be_said_of_places_is_refused_with_what_to_do() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    let said = |relation: &str, places: &[&str], why: &str| json!({"relation": relation, "places": places, "why": why});
    let within = |inner: &str, outer: &str| said("within", &[inner, outer], "survey");
    headquarters.post(RELATIONS, &within("610102.2", "610102.1")).await.expect(201);
    let circle = headquarters.post(RELATIONS, &within("610102.1", "610102.2")).await;
    assert_eq!(circle.problem(), "refused");
    assert!(circle.json()["detail"].as_str().unwrap().contains("would lie in itself"));
    for wrong in [
        said("near", &["610102.1", "610102.2"], "survey"),
        said("same", &["610102.1", "嘉园"], "survey"),
        said("same", &["610102.1", "某省 某市 某区 嘉园"], "survey"),
        said("same", &["610102.1", "610102.2"], " "),
    ] {
        assert_eq!(headquarters.post(RELATIONS, &wrong).await.problem(), "invalid-fields", "{wrong}");
    }
    let mut community = world.staff(Role::Community).await;
    assert_eq!(community.post(RELATIONS, &within("610102.4", "610102.1")).await.problem(), "not-permitted");
}

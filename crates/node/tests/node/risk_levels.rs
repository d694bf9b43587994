//! The public list of risk places: precise, dated, as known then, and nobody learns who asked.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{Pace, World};

const PATH: &str = "/v1/risk-levels";

/// Delivers a list for an hour that names these compounds of Xincheng as high and of Beilin as medium.
async fn deliver(client: &mut Client, hour: u32, high: impl IntoIterator<Item = u32>, medium: &[u32]) {
    let area = |county: &str, places: Vec<String>| json!([{"province": "陕西省", "city": "西安市", "county": county, "communitys": places}]);
    let names = |places: Vec<u32>| places.into_iter().map(|place| format!("嘉园{place}号")).collect::<Vec<_>>();
    let (high, medium) = (names(high.into_iter().collect()), names(medium.to_vec()));
    let data = json!({
        "end_update_time": format!("2020-12-14 {hour}时"), "hcount": high.len(), "mcount": medium.len(),
        "highlist": area("新城区", high), "middlelist": area("碑林区", medium),
    });
    client.post("/v1/staff/risk-snapshots", &json!({"data": data, "code": 0})).await.expect(201);
}

async fn ask(client: &mut Client, query: &str) -> Value {
    client.get(&format!("{PATH}?{query}")).await.expect(200)
}

fn names(places: &Value) -> Vec<&str> {
    places.as_array().unwrap().iter().map(|place| place["areas"][0]["full_name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn places_are_shown_as_precisely_as_they_are_listed_and_no_city_with_them() {
    let world = World::start(Pace::STILL).await;
    let mut anybody = world.client().await;
    let empty = ask(&mut anybody, "").await;
    assert_eq!((&empty["places"], &empty["below"], &empty["as_of"]["changed"]), (&json!([]), &json!([]), &Value::Null));
    deliver(&mut world.staff(Role::Headquarters).await, 8, [1, 2], &[3]).await;

    for (query, level) in [("", None), ("area=61", Some("low")), ("area=6101", Some("low"))] {
        let found = ask(&mut anybody, query).await;
        assert_eq!(found["area"]["level"].as_str(), level, "{query}");
        assert_eq!(found["counts"], json!({"high": 2, "medium": 1}), "{query}");
        assert_eq!(
            names(&found["places"]),
            ["陕西省 西安市 新城区 嘉园1号", "陕西省 西安市 新城区 嘉园2号", "陕西省 西安市 碑林区 嘉园3号"]
        );
    }
    let city = ask(&mut anybody, "area=6101").await;
    let below: Vec<_> =
        city["below"].as_array().unwrap().iter().map(|area| (&area["name"], &area["level"], &area["counts"])).collect();
    assert_eq!(
        below,
        [
            (&json!("新城区"), &json!("low"), &json!({"high": 2, "medium": 0})),
            (&json!("碑林区"), &json!("low"), &json!({"high": 0, "medium": 1})),
        ]
    );
    let medium = ask(&mut anybody, "area=6101&level=medium").await;
    assert_eq!(names(&medium["places"]), ["陕西省 西安市 碑林区 嘉园3号"]);
    assert_eq!(ask(&mut anybody, "area=610104").await["places"], json!([]));

    let by_name = ask(&mut anybody, "name=%E6%96%B0%E5%9F%8E%E5%8C%BA%20%E5%98%89%E5%9B%AD1%E5%8F%B7").await;
    let found = &by_name["below"][0];
    assert_eq!((&found["full_name"], &found["level"]), (&json!("陕西省 西安市 新城区 嘉园1号"), &json!("high")));
    assert_eq!(
        (&found["place"]["from"], &found["place"]["confirmed"]),
        (&json!("2020-12-14T08:00:00+08:00"), &json!(false))
    );
    let code = found["code"].as_str().unwrap();
    world.staff(Role::DiseaseControl).await.post("/v1/staff/risk-confirmations", &Value::Null).await.expect(201);
    let compound = ask(&mut anybody, &format!("area={code}")).await;
    assert_eq!((&compound["area"]["level"], &compound["area"]["place"]["confirmed"]), (&json!("high"), &json!(true)));
    assert_eq!(anybody.get(&format!("/v1/areas/{code}/level")).await.expect(200)["level"], "high");

    assert!(!world.metrics().await.contains(code), "nothing says what was asked for");
    assert_eq!(anybody.get(PATH).await.headers["cache-control"], "public, max-age=60");
    world.node.stop().await;
}

#[tokio::test]
async fn the_list_of_an_hour_stays_what_it_was_known_to_be() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    let mut anybody = world.client().await;
    let first = world.now();
    deliver(&mut headquarters, 8, [1, 2], &[]).await;
    world.pass_minutes(120);
    deliver(&mut headquarters, 10, [1], &[4]).await;
    world.pass_minutes(1);
    let places = async |client: &mut Client, at: &str, known_at: &str| {
        let query = [("at", at), ("known_at", known_at)]
            .iter()
            .filter(|(_, instant)| !instant.is_empty())
            .map(|(name, instant)| format!("{name}={}", instant.replace('+', "%2B")))
            .collect::<Vec<_>>()
            .join("&");
        let found = ask(client, &query).await;
        names(&found["places"]).into_iter().map(|name| name.rsplit(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(places(&mut anybody, "", "").await, ["嘉园1号", "嘉园4号"]);
    assert_eq!(places(&mut anybody, "2020-12-14T09:59:59+08:00", "").await, ["嘉园1号", "嘉园2号"]);
    assert_eq!(places(&mut anybody, "2020-12-14T10:00:00+08:00", "").await, ["嘉园1号", "嘉园4号"]);
    assert_eq!(places(&mut anybody, "2020-12-14T07:59:59+08:00", "").await, [] as [&str; 0]);
    let known_first = "2020-12-14T09:00:00+08:00";
    assert_eq!(places(&mut anybody, "", known_first).await, ["嘉园1号", "嘉园2号"], "of the second list nobody knew");
    assert!(first < world.now());
    for query in ["area=x", "level=low", "at=now", "known_at=1", "after=1"] {
        assert_eq!(anybody.get(&format!("{PATH}?{query}")).await.problem(), "invalid-fields", "{query}");
    }
    assert_eq!(anybody.get(&format!("{PATH}?area=990101")).await.problem(), "not-found");
    world.node.stop().await;
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let world = World::start(Pace::STILL).await;
    deliver(&mut world.staff(Role::Headquarters).await, 8, 1..=130, &[]).await;
    let mut anybody = world.client().await;
    let first = ask(&mut anybody, "area=610102").await;
    assert_eq!((first["places"].as_array().unwrap().len(), &first["counts"]["high"]), (100, &json!(130)));
    let second = ask(&mut anybody, &format!("area=610102&after={}", first["more"].as_str().unwrap())).await;
    assert_eq!((second["places"].as_array().unwrap().len(), &second["more"]), (30, &Value::Null));
    let all: std::collections::BTreeSet<_> =
        names(&first["places"]).into_iter().chain(names(&second["places"])).collect();
    assert_eq!(all.len(), 130);
    world.node.stop().await;
}

/// The node keeps the levels of the past instant that was last asked about; what is filed later must not stand in them, and
/// another instant must not be answered from them.
#[tokio::test]
async fn levels_as_known_at_a_time_are_kept_and_stay_those_of_that_time() {
    let world = World::start(Pace::STILL).await;
    let mut headquarters = world.staff(Role::Headquarters).await;
    let mut anybody = world.client().await;
    let mut known = Vec::new();
    for (hour, listed) in [(8, vec![1]), (9, vec![1, 2]), (10, vec![1, 2, 3])] {
        deliver(&mut headquarters, hour, listed, &[]).await;
        known.push(world.now());
        world.pass_minutes(60);
    }
    let count = async |client: &mut Client, known_at: yima_model::Timestamp| {
        let known_at = yima_model::Zone::BEIJING.format(known_at).replace('+', "%2B");
        ask(client, &format!("known_at={known_at}")).await["counts"]["high"].clone()
    };
    for _ in 0..2 {
        for (places, known_at) in (1..).zip(&known) {
            for _ in 0..2 {
                assert_eq!(count(&mut anybody, *known_at).await, places);
            }
        }
    }
    assert_eq!(count(&mut anybody, known[1]).await, 2);
    deliver(&mut headquarters, 11, [4], &[1]).await;
    for (places, known_at) in (1..).zip(&known) {
        assert_eq!(count(&mut anybody, *known_at).await, places, "nobody knew then what came later");
    }
    assert_eq!(ask(&mut anybody, "").await["counts"], json!({"high": 1, "medium": 1}));
    world.node.stop().await;
}

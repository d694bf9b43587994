//! What everybody can read, and what every answer carries.

use hyper::Method;
use serde_json::Value;
use yima_credential::trust_list::KeyUse;

use crate::world::{Pace, World};

#[tokio::test]
async fn lists_areas_packs_and_health() {
    let world = World::start(Pace::STILL).await;
    let mut client = world.client().await;

    let trust = client.get("/v1/trust-list").await;
    assert_eq!(trust.headers["content-type"], "application/cose");
    let etag = trust.headers["etag"].to_str().unwrap();
    let again = client.send(Method::GET, "/v1/trust-list", &[("if-none-match", etag)], "").await;
    assert_eq!(again.status, 304);
    assert!(client.get("/v1/roots").await.bytes.starts_with(b"test "));

    let provinces = client.get("/v1/areas").await.expect(200);
    assert!(provinces.as_array().unwrap().len() >= 34);
    let found = client.get("/v1/areas?search=%E6%96%B0%E5%9F%8E%E5%8C%BA").await.expect(200);
    let names: Vec<_> = found.as_array().unwrap().iter().map(|area| area["full_name"].as_str().unwrap()).collect();
    assert!(names.contains(&"陕西省 西安市 新城区"), "{names:?}");
    assert_eq!(client.get("/v1/areas/610102").await.expect(200)["name"], "新城区");
    assert_eq!(client.get("/v1/areas/610102/level").await.expect(200)["level"], "low");
    assert_eq!(client.get("/v1/areas?parent=x").await.problem(), "invalid-fields");
    assert_eq!(client.get("/v1/areas/99").await.problem(), "not-found");

    let pack = client.get("/v1/packs/shaanxi-2020-12").await.expect(200);
    assert_eq!(client.get("/v1/packs").await.expect(200)[0], pack);
    let rule = pack["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "SX-3A").unwrap();
    for language in ["zh-CN", "zh-TW", "en"] {
        assert!(!rule["when"][language].as_str().unwrap().is_empty());
    }
    assert_eq!(pack["areas"][0]["full_name"], "陕西省");
    let list = pack["lists"].as_array().unwrap().iter().find(|list| list["id"] == "sx-key-regions").unwrap();
    assert_eq!((&list["evidence"], &list["areas"][0]["code"]), (&"cases".into(), &"2310".into()));
    assert_eq!(list["areas"][0]["full_name"], "黑龙江省 牡丹江市");
    assert_eq!(client.get("/v1/packs/none").await.problem(), "not-found");
    assert_eq!(client.get("/v1/health").await.expect(200)["environment"], "test");
    let description = client.get("/v1/openapi.json").await.expect(200);
    let paths = description["paths"].as_object().unwrap();
    for path in ["/v1/me/verdict", "/v1/dependents/{person}/codes", "/v1/trust-list", "/v1/facts"] {
        assert!(paths.contains_key(path), "{path}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn areas_that_several_desks_add_at_once_are_all_there() {
    let world = World::start(Pace::STILL).await;
    let mut adding = Vec::new();
    for number in 0..6 {
        let mut desk = world.staff(yima_node::staff::Role::Desk).await;
        adding.push(tokio::spawn(async move {
            let area = serde_json::json!({"parent": "610102", "name": format!("新建社区{number}")});
            desk.post("/v1/areas", &area).await.expect(201)["code"].as_str().unwrap().to_owned()
        }));
    }
    let mut codes = std::collections::BTreeSet::new();
    for added in adding {
        codes.insert(added.await.unwrap());
    }
    assert_eq!(codes.len(), 6, "{codes:?}");
    let mut client = world.client().await;
    let below = client.get("/v1/areas?parent=610102").await.expect(200);
    let listed: Vec<_> = below.as_array().unwrap().iter().map(|area| area["code"].as_str().unwrap()).collect();
    assert!(codes.iter().all(|code| listed.contains(&code.as_str())), "{codes:?} in {listed:?}");
    let world = world.restart().await;
    let mut client = world.client().await;
    for code in &codes {
        client.get(&format!("/v1/areas/{code}")).await.expect(200);
    }
    world.node.stop().await;
}

#[tokio::test]
async fn known_defects_are_public_with_status_and_dates() {
    let world = World::start(Pace::STILL).await;
    let mut office = world.staff(yima_node::staff::Role::Headquarters).await;
    let path = "/v1/staff/known-defects/q10-default";
    let text = serde_json::json!({"zh-CN": "编辑页默认值有误", "zh-TW": "編輯頁預設值有誤", "en": "The edit page showed a wrong default"});
    let defect = |status: &str| serde_json::json!({"text": text, "status": status, "owner": "省指挥部", "due": "2020-12-20T00:00:00+08:00"});
    office.put(path, &defect("reported")).await.expect(204);
    world.pass_minutes(5);
    office.put(path, &defect("fixed")).await.expect(204);
    for (field, value) in [
        ("status", "gone".into()),
        ("owner", " ".into()),
        ("text", serde_json::json!({"en": "x"})),
        ("due", "soon".into()),
    ] {
        let mut wrong = defect("fixed");
        wrong[field] = value;
        assert_eq!(office.put(path, &wrong).await.json()["errors"][0]["field"], field);
    }
    let mut desk = world.staff(yima_node::staff::Role::Desk).await;
    assert_eq!(desk.put(path, &defect("fixed")).await.problem(), "not-permitted");
    let known = world.client().await.get("/v1/known-defects").await.expect(200);
    let (reported, fixed) = ("2020-12-14T08:01:00+08:00", "2020-12-14T08:06:00+08:00");
    let expected = serde_json::json!([{
        "id": "q10-default", "text": text, "status": "fixed", "owner": "省指挥部", "reported": reported,
        "changed": fixed, "due": "2020-12-20T00:00:00+08:00", "fixed": fixed,
    }]);
    assert_eq!(known, expected);
    world.node.stop().await;
}

#[tokio::test]
async fn every_answer_keeps_the_browser_on_our_side() {
    let world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    for path in ["/", "/my/code", "/v1/health", "/v1/nothing", "/assets/none.js"] {
        let answer = client.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("script-src 'self' 'wasm-unsafe-eval';"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers.contains_key("strict-transport-security"));
    }
    assert_eq!(client.get("/v1/health").await.headers["cache-control"], "no-store");
    assert_eq!(client.get("/my/code").await.headers["content-type"], "text/html; charset=utf-8");
    world.node.stop().await;
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own_and_name_nobody() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = world.resident("13800138000", crate::world::NUMBERS[0]).await;
    assert_eq!(client.get("/metrics").await.headers["content-type"], "text/html; charset=utf-8", "a page, no figures");
    assert_eq!(client.get("/v1/me/nothing").await.problem(), "not-found");
    let text = world.metrics().await;
    assert!(text.contains(r#"yima_http_problems_total{code="not-found"} 1"#), "{text}");
    assert!(text.contains(r#"route="/v1/residents""#), "{text}");
    for personal in [person.as_str(), "13800138000", "王小明", crate::world::NUMBERS[0]] {
        assert!(!text.contains(personal), "{personal}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_trust_list_names_the_keys_of_this_node() {
    let world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    let trust = world.trust(&client.get("/v1/trust-list").await.bytes);
    let uses: Vec<_> = trust.content().keys.iter().map(|key| key.key_use).collect();
    assert_eq!(uses, KeyUse::ALL, "one for each use");
    assert_eq!(client.get("/v1/status-lists/2").await.problem(), "not-found");
    assert_eq!(client.get("/v1/health").await.json()["status"], Value::from("well"));
    world.node.stop().await;
}

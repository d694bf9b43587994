//! Wrong input: every way in which a request can be refused, with its code.

use hyper::Method;
use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::world::{NUMBERS, Pace, World, application};

/// Changes one place of an application.
fn with(path: &str, value: Value) -> Value {
    let mut form = application(NUMBERS[0]);
    *form.pointer_mut(path).unwrap() = value;
    form
}

#[tokio::test]
async fn every_wrong_field_of_the_form_is_named() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    for (path, value, field, code) in [
        ("/document/kind", json!(11), "document.kind", "unknown-kind"),
        ("/document/number", json!("610102199001010018"), "document.number", "wrong-number"),
        ("/document/number", json!("61010219901301001X"), "document.number", "wrong-number"),
        ("/name", json!(""), "name", "not-a-line"),
        ("/name", json!("王\u{202e}明"), "name", "not-a-line"),
        ("/dwellings", json!([]), "dwellings", "missing"),
        ("/dwellings/0/area", json!("999999"), "dwellings.0.area", "not-an-area"),
        ("/dwellings/0/role", json!("tent"), "dwellings.0.role", "unknown-word"),
        ("/dwellings/0/text", json!("a\u{0}b"), "dwellings.0.text", "not-a-line"),
        ("/declaration/symptoms", json!(["plague"]), "declaration.symptoms", "unknown-word"),
        ("/declaration/contact", json!("maybe"), "declaration.contact", "unknown-word"),
        (
            "/declaration/origins",
            json!([{"from": "x", "arrived": "2020-12-01T00:00:00+08:00"}]),
            "declaration.origins.0.from",
            "not-an-area",
        ),
        (
            "/declaration/origins",
            json!([{"from": "42", "arrived": "yesterday"}]),
            "declaration.origins.0.arrived",
            "not-an-instant",
        ),
        ("/pledge/accepted", json!(false), "pledge.accepted", "not-accepted"),
    ] {
        let answer = client.post("/v1/residents", &with(path, value)).await;
        assert_eq!(answer.problem(), "invalid-fields", "{path}");
        let errors = answer.json()["errors"].clone();
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(code)), "{errors}");
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
    }
    let mut all = with("/name", json!(""));
    all["document"]["number"] = "1".into();
    all["declaration"]["contact"] = "maybe".into();
    let answer = client.post("/v1/residents", &all).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3, "all at once");
    assert!(!String::from_utf8(answer.bytes).unwrap().contains("maybe"), "no value is repeated");
    world.node.stop().await;
}

#[tokio::test]
async fn what_is_no_request_of_ours_is_refused() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (origin, ours) = client.origin();
    let (key, json) = (("idempotency-key", "00112233445566778899aabbccddeeff"), ("content-type", "application/json"));
    let path = "/v1/me/check-ins";
    for (method, path, headers, body, code) in [
        (Method::POST, path, vec![(origin, ours.as_str()), json], "{}", "idempotency-key-missing"),
        (
            Method::POST,
            path,
            vec![(origin, ours.as_str()), json, ("idempotency-key", "1")],
            "{}",
            "idempotency-key-missing",
        ),
        (Method::POST, path, vec![json, key], "{}", "wrong-origin"),
        (Method::POST, path, vec![(origin, "https://evil.example"), json, key], "{}", "wrong-origin"),
        (Method::POST, path, vec![(origin, ours.as_str()), key], "{}", "unsupported-media-type"),
        (Method::POST, path, vec![(origin, ours.as_str()), json, key], "{", "malformed"),
        (
            Method::POST,
            path,
            vec![(origin, ours.as_str()), json, key],
            "{\"symptoms\":[],\"colour\":\"green\"}",
            "malformed",
        ),
        (Method::PUT, path, vec![(origin, ours.as_str()), json, key], "{}", "method-not-allowed"),
        (Method::POST, "/v1/me/colour", vec![(origin, ours.as_str()), json, key], "{}", "not-found"),
        (Method::POST, "/index.html", vec![(origin, ours.as_str()), json, key], "{}", "method-not-allowed"),
        (Method::GET, "/v1/me/verdict?at=now", vec![], "", "invalid-fields"),
        (Method::GET, "/v1/me/verdict?position=x", vec![], "", "invalid-fields"),
        (Method::GET, "/v1/dependents/x/verdict", vec![], "", "not-found"),
        (Method::GET, "/v1/staff/me", vec![], "", "no-session"),
    ] {
        let answer = client.send(method, path, &headers, body).await;
        assert_eq!(answer.problem(), code, "{path} {headers:?}");
    }
    let long = format!("{{\"symptoms\":[\"{}\"]}}", "x".repeat(70 * 1024));
    let answer = client.send(Method::POST, path, &[(origin, &ours), json, key], long).await;
    assert_eq!(answer.problem(), "too-large");
    world.node.stop().await;
}

#[tokio::test]
async fn sign_ins_are_bounded() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    let phone = json!({"channel": "phone", "address": "13800138000"});
    for (body, code) in [
        (json!({"channel": "phone", "address": "1"}), "invalid-fields"),
        (json!({"channel": "email", "address": "a@b"}), "invalid-fields"),
        (json!({"channel": "pigeon"}), "invalid-fields"),
    ] {
        assert_eq!(client.post("/v1/bindings", &body).await.problem(), code);
    }
    let begun = client.post("/v1/bindings", &phone).await.expect(202);
    let too_soon = client.post("/v1/bindings", &phone).await;
    assert_eq!(too_soon.problem(), "too-many-attempts");
    assert_eq!(too_soon.headers["retry-after"], "60");
    let path = format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
    let code = world.one_time_code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(client.post(&path, &json!({"code": wrong})).await.problem(), "wrong-code");
    }
    assert_eq!(client.post(&path, &json!({"code": wrong})).await.problem(), "too-many-attempts");
    assert_eq!(client.post(&path, &json!({"code": code})).await.problem(), "wrong-code", "it is void by now");

    let wrong = json!({"account": "desk.1", "password": "not the password"});
    for _ in 0..10 {
        assert_eq!(client.post("/v1/staff/sessions", &wrong).await.problem(), "wrong-password");
    }
    assert_eq!(client.post("/v1/staff/sessions", &wrong).await.problem(), "too-many-attempts");
    world.node.stop().await;
}

#[tokio::test]
async fn nobody_gets_at_another_by_document_or_path() {
    let mut world = World::start(Pace::STILL).await;
    let (_, person) = world.resident("13800138000", NUMBERS[0]).await;
    let mut stranger = world.bound("13900139000").await;
    assert_eq!(stranger.post("/v1/residents", &application(NUMBERS[0])).await.problem(), "document-taken");
    assert_eq!(stranger.get("/v1/me").await.problem(), "not-registered", "nothing was gained by that");
    stranger.post("/v1/residents", &application(NUMBERS[1])).await.expect(201);
    for path in ["verdict", "declarations", "access-log", "timeline"] {
        assert_eq!(stranger.get(&format!("/v1/dependents/{person}/{path}")).await.problem(), "not-found");
    }
    let keys = json!({"keys": [{"x": "AA", "y": "AA"}]});
    assert_eq!(stranger.post("/v1/me/codes", &keys).await.problem(), "invalid-fields");
    assert_eq!(stranger.post("/v1/me/codes", &json!({"keys": []})).await.problem(), "invalid-fields");
    let fact = json!({"fact": "00112233445566778899aabbccddeeff"});
    assert_eq!(stranger.post("/v1/me/disputes", &fact).await.problem(), "not-found");
    world.node.stop().await;
}

#[tokio::test]
async fn a_role_does_what_it_is_for() {
    let world = World::start(Pace::STILL).await;
    let named = json!({"document": {"kind": 10, "number": NUMBERS[0]}});
    for (role, path, body) in [
        (Role::Admin, "/v1/desk/verdicts", &named),
        (Role::Admin, "/v1/persons/find", &named),
        (Role::Checkpoint, "/v1/persons/find", &named),
        (Role::Checkpoint, "/v1/desk/check-ins", &json!({"document": named["document"], "symptoms": []})),
        (Role::Register, "/v1/desk/one-time-codes", &named),
        (Role::Desk, "/v1/checkpoint/temperatures", &json!({"presentation": "AA", "decicelsius": 365})),
        (Role::Desk, "/v1/staff/accounts", &json!({"account": "x", "role": "admin", "password": "x"})),
    ] {
        assert_eq!(world.staff(role).await.post(path, body).await.problem(), "not-permitted", "{role:?} {path}");
    }
    world.node.stop().await;
}

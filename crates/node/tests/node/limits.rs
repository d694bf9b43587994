//! Bounds on how much, how long, how often and from where, each with its own word.

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use yima_node::staff::Role;

use crate::client::Client;
use crate::path::{files_with, present};
use crate::world::{NUMBERS, Pace, World, application, device_keys};

#[tokio::test]
async fn a_key_is_good_for_one_thing() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let key = "000102030405060708090a0b0c0d0e0f";
    let check_in = json!({"symptoms": []});
    client.change_with_key(hyper::Method::POST, "/v1/me/check-ins", &check_in, key).await.expect(201);
    let health = json!({"symptoms": [], "contact": "no", "on_duty": false});
    let reused = client.change_with_key(hyper::Method::POST, "/v1/me/declarations", &health, key).await;
    assert_eq!(reused.problem(), "idempotency-key-reused");
    let ill = json!({"symptoms": ["cough"]});
    let other = client.change_with_key(hyper::Method::POST, "/v1/me/check-ins", &ill, key).await;
    assert_eq!(other.problem(), "idempotency-key-reused", "what was not stored is not acknowledged");
    assert_eq!(client.post("/v1/residents", &application(NUMBERS[1])).await.problem(), "registered-already");
    world.node.stop().await;
}

#[tokio::test]
async fn within_the_last_minute_before_a_change_there_is_no_code() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    let mut form = application(NUMBERS[0]);
    form["dwellings"][0]["until"] = "2020-12-14T08:05:30+08:00".into();
    form["dwellings"].as_array_mut().unwrap().push(json!({"role": "home", "area": "610103"}));
    client.post("/v1/residents", &form).await.expect(201);
    world.pass_seconds(4 * 60 + 10);
    let verdict = client.get("/v1/me/verdict").await.expect(200);
    assert_eq!(verdict["next_change"], "2020-12-14T08:05:30+08:00");
    let keys = json!({"keys": [{"x": "A".repeat(43), "y": "A".repeat(43)}]});
    assert_eq!(client.post("/v1/me/codes", &keys).await.problem(), "invalid-fields", "no point of the curve");
    let refused = client.post("/v1/me/codes", &device_keys(1)).await;
    assert_eq!((refused.problem().as_str(), &refused.headers["retry-after"]), ("changing-now", &"60".parse().unwrap()));
    world.pass_seconds(20);
    present(&world, &mut client, "/v1/me").await;
    world.node.stop().await;
}

#[tokio::test]
async fn whoever_holds_up_the_node_is_answered_in_time_and_others_are_told_to_wait() {
    let world = World::start_with(Pace::STILL, "limits = { requests = 1, request_seconds = 3 }\n").await;
    let mut client = world.client().await;
    let certificate = world.data().join("self-signed.pem");
    let mut stalled = Client::stall(world.node.https(), &certificate, "/v1/bindings").await;
    let begun = async { while !world.metrics().await.contains("yima_http_requests_open 1\n") {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), begun).await.expect("the request has begun");
    let busy = client.get("/v1/health").await;
    assert_eq!((busy.problem().as_str(), &busy.headers["retry-after"]), ("busy", &"1".parse().unwrap()));
    let mut answer = Vec::new();
    while stalled.read_buf(&mut answer).await.is_ok_and(|length| length > 0) && !answer.ends_with(b"}") {}
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"timed-out\""), "{answer}");
    client.get("/v1/health").await.expect(200);
    world.node.stop().await;
}

#[tokio::test]
async fn bodies_have_a_length() {
    let world = World::start_with(Pace::STILL, "limits = { body_kilobytes = 1, batch_kilobytes = 2 }\n").await;
    let mut client = world.client().await;
    let long = json!({"channel": "phone", "address": "1".repeat(2000)});
    assert_eq!(client.post("/v1/bindings", &long).await.problem(), "too-large");
    let mut office = world.staff(Role::DiseaseControl).await;
    let line = |length: usize| json!({"note": "x".repeat(length)});
    assert_eq!(office.file("/v1/facts", &[line(3000)]).await.problem(), "too-large");
    assert_eq!(office.file("/v1/facts", &[line(1500)]).await.problem(), "invalid-fields", "read, and no fact");
    world.node.stop().await;
}

#[tokio::test]
async fn a_failure_of_ours_says_no_more_than_that() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    std::fs::remove_dir_all(world.spool()).unwrap();
    let phone = json!({"channel": "phone", "address": "13800138000"});
    let key = "00112233445566778899aabbccddeeff";
    let answer = client.change_with_key(hyper::Method::POST, "/v1/bindings", &phone, key).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (500, "internal"));
    let text = String::from_utf8(answer.bytes).unwrap();
    assert!(!text.contains("spool") && !text.contains("13800138000"), "{text}");
    std::fs::create_dir(world.spool()).unwrap();
    client.change_with_key(hyper::Method::POST, "/v1/bindings", &phone, key).await.expect(202);
    world.one_time_code();
    world.node.stop().await;
}

#[tokio::test]
async fn one_network_signs_in_so_often_within_an_hour() {
    let world = World::start_with(Pace::STILL, "limits = { network_requests_per_hour = 3 }\n").await;
    let mut client = world.client().await;
    for number in 0..3 {
        let phone = json!({"channel": "phone", "address": format!("1380013800{number}")});
        client.post("/v1/bindings", &phone).await.expect(202);
    }
    let mut other = world.client().await;
    let refused = other.post("/v1/bindings", &json!({"channel": "desk"})).await;
    assert_eq!(refused.problem(), "too-many-attempts", "another client of the same network");
    assert_eq!(refused.headers["retry-after"], "3540");
    other.get("/v1/health").await.expect(200);
    world.pass_minutes(60);
    other.post("/v1/bindings", &json!({"channel": "desk"})).await.expect(202);
    world.node.stop().await;
}

#[tokio::test]
async fn whoever_guesses_codes_of_a_desk_locks_nobody_else_out() {
    let mut world = World::start_with(Pace::STILL, "limits = { network_requests_per_hour = 100000 }\n").await;
    world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let printed = desk.post("/v1/desk/one-time-codes", &json!({"document": {"kind": 10, "number": NUMBERS[0]}})).await;
    let code = printed.expect(201)["code"].clone();
    let mut guesser = world.client().await;
    let enter = |begun: serde_json::Value| format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
    let begun = enter(guesser.post("/v1/bindings", &json!({"channel": "desk"})).await.expect(202));
    for number in 0..1000 {
        let guess = json!({"code": format!("{number:016}")});
        assert_eq!(guesser.post(&begun, &guess).await.problem(), "wrong-code");
    }
    let mut person = world.client().await;
    let begun = enter(person.post("/v1/bindings", &json!({"channel": "desk"})).await.expect(202));
    person.post(&begun, &json!({"code": code})).await.expect(200);
    world.node.stop().await;
}

#[tokio::test]
async fn a_restart_gives_no_further_tries() {
    let mut world = World::start(Pace::STILL).await;
    let (mut known, _) = world.resident("13700137000", NUMBERS[1]).await;
    let phone = json!({"channel": "phone", "address": "13800138000"});
    for _ in 0..5 {
        world.client().await.post("/v1/bindings", &phone).await.expect(202);
        world.pass_minutes(1);
    }
    let guess = json!({"account": "admin.1", "password": "not the one"});
    for _ in 0..10 {
        assert_eq!(world.client().await.post("/v1/staff/sessions", &guess).await.problem(), "wrong-password");
    }
    let mut finder = world.bound("13900139000").await;
    for _ in 0..16 {
        assert_eq!(finder.post("/v1/residents", &application(NUMBERS[1])).await.problem(), "document-taken");
    }
    let child = json!({"name": "王小红", "birth": "2015-03-07"});
    for _ in 0..3 {
        known.post("/v1/me/dependents/look-up", &child).await.expect(200);
    }
    assert_eq!(files_with(&world.data(), b"13800138000"), Vec::<std::path::PathBuf>::new(), "a keyed hash alone");

    let world = world.restart().await;
    for client in [&mut known, &mut finder] {
        client.reconnect(&world).await;
    }
    let mut client = world.client().await;
    let answers = [
        client.post("/v1/bindings", &phone).await,
        client.post("/v1/staff/sessions", &guess).await,
        finder.post("/v1/residents", &application(NUMBERS[1])).await,
        known.post("/v1/me/dependents/look-up", &child).await,
    ];
    for (answer, seconds) in answers.iter().zip(["3300", "3600", "86400", "57240"]) {
        assert_eq!(answer.problem(), "too-many-attempts");
        assert_eq!(answer.headers["retry-after"], seconds);
    }
    world.pass_minutes(60);
    client.post("/v1/bindings", &phone).await.expect(202);
    world.node.stop().await;
}

#[tokio::test]
async fn where_the_addresses_of_the_service_are_named_no_other_page_changes_anything() {
    let world = World::start_with(Pace::STILL, "origins = [\"https://yima.example\"]\n").await;
    let mut client = world.client().await;
    let desk = json!({"channel": "desk"});
    assert_eq!(client.post("/v1/bindings", &desk).await.problem(), "wrong-origin", "a page of another name of ours");
    client.get("/v1/health").await.expect(200);
    client.call_it("yima.example");
    client.post("/v1/bindings", &desk).await.expect(202);
    client.call_it("evil.example");
    assert_eq!(client.post("/v1/bindings", &desk).await.problem(), "wrong-origin", "a name that leads here");
    world.node.stop().await;
}

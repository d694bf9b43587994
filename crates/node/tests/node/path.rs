//! The main path of a resident.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_credential::{
    Checkpoint, LiveCredential, Refusal, Seconds, Seen, Signer, Standing, StatusList, VerifiedCode, verify,
};
use yima_model::{Colour, Level};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{EPOCH, NUMBERS, Pace, World, application, comparison};

/// What a checkpoint with current lists makes of a text.
pub(crate) async fn check(world: &World, client: &mut Client, text: &str) -> Result<VerifiedCode, Refusal> {
    let trust = world.trust(&client.get("/v1/trust-list").await.bytes);
    let list = client.get("/v1/status-lists/1").await;
    let status: Vec<_> = match list.status.as_u16() {
        200 => vec![StatusList::open(&list.bytes, &trust, None, world.now()).unwrap()],
        _ => vec![],
    };
    let place = Place {
        class: PlaceClass::Venue,
        level: Level::Medium,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    let checkpoint = Checkpoint { place, trust: &trust, status: &status, built: world.now() };
    verify(text, &checkpoint, &mut Seen::default(), world.now())
}

/// Fetches one live code and presents it as the device does.
pub(crate) async fn present(world: &World, client: &mut Client, base: &str) -> (String, Value) {
    let device = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
    let coordinates = device.public().coordinates();
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let keys = json!({"keys": [{"x": encode(&coordinates.x), "y": encode(&coordinates.y)}]});
    let batch = client.post(&format!("{base}/codes"), &keys).await.expect(200);
    let credential = Base64UrlUnpadded::decode_vec(batch["codes"][0]["credential"].as_str().unwrap()).unwrap();
    let code = LiveCredential::received(credential).present(&device, Seconds::floor(world.now()), None).unwrap();
    (code.text(), batch)
}

fn colour(verdict: &Value) -> &str {
    verdict["colour"].as_str().unwrap()
}

#[tokio::test]
async fn from_a_declaration_to_a_code_that_a_checkpoint_verifies() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.bound("13800138000").await;
    assert_eq!(client.get("/v1/me").await.problem(), "not-registered");

    let applied = client.post("/v1/residents", &application(NUMBERS[0])).await.expect(201);
    let receipt = &applied["receipt"];
    assert_eq!(receipt["name"], "王小明");
    assert_eq!(receipt["documents"], json!([{"kind": 10, "issuer": null, "number": NUMBERS[0]}]));
    let dwelling = &receipt["dwellings"][0];
    assert_eq!(
        (&dwelling["role"], &dwelling["area"], &dwelling["text"]),
        (&json!("present"), &json!("610102"), &json!("某小区 1 号楼"))
    );
    assert_eq!(receipt["declarations"][0]["contact"], "no");
    assert_eq!(receipt["pledge"]["version"], "2020-12");
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!(me["name"], "*小明");
    assert_eq!(me["documents"], json!([{"kind": 10, "tail": "001X"}]));
    assert_eq!(me["binding"]["channel"], "phone");

    let path = format!("/v1/me/verdict?position={}", applied["position"].as_str().unwrap());
    let pending = client.get(&path).await.expect(200);
    assert_eq!((colour(&pending), &pending["cause"]), ("grey", &json!("not-compared")));
    assert_eq!(pending["grounds"][0]["rule"], "SX-0");
    assert_eq!(pending["behind"], false);

    world.pass_minutes(1);
    let mut register = world.staff(Role::Register).await;
    register.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let green = client.get("/v1/me/verdict").await.expect(200);
    assert_eq!((colour(&green), &green["grounds"]), ("green", &json!([])));

    let (text, batch) = present(&world, &mut client, "/v1/me").await;
    assert_eq!(colour(&batch["verdict"]), "green");
    assert_eq!(batch["codes"][0]["opening"]["character"], "明");
    let verified = check(&world, &mut client, &text).await.unwrap();
    assert_eq!((verified.standing(), verified.epoch()), (Standing::Colour(Colour::Green), Some(EPOCH)));
    world.pass_minutes(2);
    assert_eq!(check(&world, &mut client, &text).await, Err(Refusal::PresentationTooOld), "a screenshot");

    let checked_in = client.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
    let red = client.get("/v1/me/verdict").await.expect(200);
    assert_eq!(colour(&red), "red");
    let ground = &red["grounds"][0];
    assert_eq!((&ground["rule"], &ground["class"]), (&json!("SX-3C"), &json!("risk")));
    assert!(ground["reason"]["zh-CN"].as_str().unwrap().contains("发热"));
    assert_eq!((&ground["facts"][0]["id"], &ground["facts"][0]["own"]), (&checked_in["facts"][0], &json!(true)));
    assert!(red["call"]["en"].as_str().unwrap().contains("12345"));
    let (text, _) = present(&world, &mut client, "/v1/me").await;
    assert_eq!(check(&world, &mut client, &text).await.unwrap().standing(), Standing::Colour(Colour::Red));

    world.pass_minutes(1);
    let amendment = json!({"symptoms": [], "contact": "no", "on_duty": false});
    let path = format!("/v1/me/declarations/{}", checked_in["facts"][0].as_str().unwrap());
    client.put(&path, &amendment).await.expect(200);
    assert_eq!(colour(&client.get("/v1/me/verdict").await.expect(200)), "green");

    let timeline = client.get("/v1/me/timeline").await.expect(200);
    let steps = timeline["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["colour"] == "green") && steps.iter().any(|step| step["colour"] == "grey"));
    world.node.stop().await;
}

#[tokio::test]
async fn a_declaration_is_amended_any_number_of_times_and_all_of_it_stays() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    for round in 0..3 {
        world.pass_minutes(1);
        let history = client.get("/v1/me/declarations").await.expect(200);
        let standing = history.as_array().unwrap().iter().find(|fact| fact["stands"] == true).unwrap().clone();
        let amendment = json!({"symptoms": [], "contact": "unknown", "on_duty": round % 2 == 0});
        let path = format!("/v1/me/declarations/{}", standing["fact"].as_str().unwrap());
        client.put(&path, &amendment).await.expect(200);
        let receipt = client.get("/v1/me/receipt").await.expect(200);
        assert_eq!(receipt["declarations"][0]["on_duty"], round % 2 == 0);
        assert_eq!(receipt["declarations"].as_array().unwrap().len(), 1);
    }
    assert_eq!(client.get("/v1/me/declarations").await.expect(200).as_array().unwrap().len(), 4);
    world.node.stop().await;
}

#[tokio::test]
async fn nobody_amends_a_hundred_times_an_hour() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let amendment = json!({"symptoms": [], "contact": "no", "on_duty": false});
    let history = client.get("/v1/me/declarations").await.expect(200);
    let mut fact = history[0]["fact"].clone();
    for _ in 0..60 {
        let path = format!("/v1/me/declarations/{}", fact.as_str().unwrap());
        fact = client.put(&path, &amendment).await.expect(200)["facts"][0].clone();
    }
    let path = format!("/v1/me/declarations/{}", fact.as_str().unwrap());
    assert_eq!(client.put(&path, &amendment).await.problem(), "too-many-attempts");
    world.pass_minutes(60);
    client.put(&path, &amendment).await.expect(200);
    world.node.stop().await;
}

#[tokio::test]
async fn a_repeated_request_is_the_same_fact() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let key = "000102030405060708090a0b0c0d0e0f";
    let body = json!({"symptoms": []});
    let first = client.change_with_key(hyper::Method::POST, "/v1/me/check-ins", &body, key).await.expect(201);
    world.pass_minutes(5);
    let again = client.change_with_key(hyper::Method::POST, "/v1/me/check-ins", &body, key).await.expect(201);
    assert_eq!(first["facts"], again["facts"]);
    let facts = client.get("/v1/me/facts").await.expect(200);
    let check_ins = facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "check-in").count();
    assert_eq!(check_ins, 1);
    world.node.stop().await;
}

#[tokio::test]
async fn who_registers_is_compared_and_a_change_of_colour_is_told_without_the_colour() {
    let mut world = World::start(Pace { comparison_seconds: 1, change_seconds: 1 }).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let deadline = std::time::Duration::from_secs(60);
    let green = async { while colour(&client.get("/v1/me/verdict").await.expect(200)) != "green" {} };
    tokio::time::timeout(deadline, green).await.expect("the comparison clears what is pending");
    world.wait_for_round("change").await;
    world.messages();
    world.pass_minutes(1);
    client.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
    let told = async {
        loop {
            client.get("/v1/health").await.expect(200);
            if let Some(message) = world.messages().into_iter().find(|message| message["purpose"] == "change") {
                break message;
            }
        }
    };
    let message = tokio::time::timeout(deadline, told).await.expect("a message about the change");
    assert_eq!(message["to"], "+8613800138000");
    let text = message["text"].as_str().unwrap();
    for word in ["red", "红", "green", "绿", "yellow", "黄", "健康", "health", "发热", "隔离"] {
        assert!(!text.contains(word), "{word}");
    }
    let data = world.data();
    world.node.stop().await;
    assert_eq!(files_with(&data, br#""colour""#), Vec::<PathBuf>::new(), "a colour is never stored");
    assert_ne!(files_with(&data, br#""expires""#), Vec::<PathBuf>::new(), "rows are found where they are stored");
}

/// The files below a folder in which these bytes stand.
pub(crate) fn files_with(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if holds(&std::fs::read(&path).unwrap(), bytes) {
            found.push(path);
        }
    }
    found
}

/// Whether the content has these bytes; files of the store are long and mostly empty.
fn holds(content: &[u8], bytes: &[u8]) -> bool {
    let (first, others) = bytes.split_first().unwrap();
    let mut rest = content;
    while rest.skip_until(*first).unwrap() > 0 {
        if content[content.len() - rest.len() - 1] == *first && rest.starts_with(others) {
            return true;
        }
    }
    false
}

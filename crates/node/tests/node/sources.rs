//! Sources, checkpoints and offices: facts in batches, temperatures, disputes.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use yima_credential::{Claims, LiveCredential, Seconds, Signer, inspect};
use yima_node::staff::Role;

use crate::client::Client;
use crate::path::present;
use crate::world::{NUMBERS, PASSWORD, Pace, World, comparison, device_keys};

fn contact(person: &str, row: u8, at: &str, of: &str) -> Value {
    json!({
        "id": format!("{row:032x}"), "person": person, "kind": "contact", "at": at,
        "source": {"kind": "disease-control", "id": "disease-control.1"}, "degree": "close", "of": of,
    })
}

async fn colour(client: &mut Client) -> String {
    client.get("/v1/me/verdict").await.expect(200)["colour"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_contact_without_its_case_changes_no_colour() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let mut office = world.staff(Role::DiseaseControl).await;
    let named = json!({"document": {"kind": 10, "number": NUMBERS[0]}});
    assert_eq!(office.post("/v1/persons/find", &named).await.expect(200)["person"], person.as_str());
    let at = world.now().to_string();
    let filed = office.file("/v1/facts", &[contact(&person, 1, &at, &"0".repeat(32))]).await.expect(201);
    assert_eq!(filed["rows"][0]["inert"], "case");
    assert_eq!(colour(&mut client).await, "green");
    assert_eq!(client.get("/v1/me/access-log").await.expect(200)[0]["role"], "disease-control");
    world.node.stop().await;
}

#[tokio::test]
async fn a_batch_says_which_rows_are_wrong() {
    let mut world = World::start(Pace::STILL).await;
    let (_, person) = world.resident("13800138000", NUMBERS[0]).await;
    let mut office = world.staff(Role::DiseaseControl).await;
    let at = world.now().to_string();
    let right = json!({
        "id": "1".repeat(32), "person": person, "kind": "follow-up", "at": at,
        "source": {"kind": "disease-control", "id": "disease-control.1"}, "clear": true,
    });
    let mut by_another = right.clone();
    by_another["source"]["id"] = "somebody-else".into();
    let mut colour = right.clone();
    colour["colour"] = "red".into();
    let batch = [right.clone(), by_another, colour];
    let refused = office.file("/v1/facts", &batch).await;
    assert_eq!(refused.problem(), "invalid-fields");
    let fields: Vec<_> =
        refused.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, [json!("rows.2"), json!("rows.3")]);
    let kept = office.file("/v1/facts?partial=true", &batch).await.expect(201);
    let rows = kept["rows"].as_array().unwrap();
    assert!(rows[0]["fact"].is_string() && rows[0]["refused"].is_null());
    assert!(rows[1]["refused"].is_string() && rows[2]["refused"].is_string());
    let retraction = json!({
        "id": "2".repeat(32), "person": person, "kind": "retraction", "at": at, "target": rows[0]["fact"],
        "source": {"kind": "disease-control", "id": "disease-control.1"},
    });
    office.file("/v1/facts", &[retraction]).await.expect(201);
    let outside = json!({
        "id": "3".repeat(32), "kind": "area-level", "from": at, "level": "high", "areas": ["610102"],
        "source": {"kind": "disease-control", "id": "disease-control.1"},
    });
    assert_ne!(office.file("/v1/facts", &[outside]).await.status, 201, "a level is not its to set");
    world.node.stop().await;
}

#[tokio::test]
async fn a_normal_temperature_at_a_gate_counts_as_check_in() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (text, _) = present(&world, &mut client, "/v1/me").await;
    let Claims::Live(claims) = inspect(&text).unwrap().claims else { panic!("a live code") };
    let id: [u8; 16] = claims.id.bytes();
    let mut gate = world.staff(Role::Checkpoint).await;
    let reading =
        |decicelsius: u16| json!({"presentation": Base64UrlUnpadded::encode_string(&id), "decicelsius": decicelsius});
    let filed = gate.post("/v1/checkpoint/temperatures", &reading(365)).await.expect(201);
    assert_eq!(filed, json!({"fever": false, "second_reading": false}));
    let fever = gate.post("/v1/checkpoint/temperatures", &reading(380)).await.expect(201);
    assert_eq!(fever, json!({"fever": true, "second_reading": true}));
    let again = gate.post("/v1/checkpoint/temperatures", &reading(381)).await.expect(201);
    assert_eq!(again, json!({"fever": true, "second_reading": false}));
    assert_eq!(gate.post("/v1/checkpoint/temperatures", &reading(500)).await.problem(), "invalid-fields");
    let unknown = json!({"presentation": Base64UrlUnpadded::encode_string(&[0; 16]), "decicelsius": 365});
    assert_eq!(gate.post("/v1/checkpoint/temperatures", &unknown).await.problem(), "not-found");
    let facts = client.get("/v1/me/facts").await.expect(200);
    let readings = facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "temperature").count();
    assert_eq!(readings, 3);
    world.pass_minutes(25 * 60);
    assert_eq!(gate.post("/v1/checkpoint/temperatures", &reading(365)).await.problem(), "no-session");
    world.node.stop().await;
}

/// the code of a batch that is shown at once ends after ten minutes for everybody, the others with the verdict.
#[tokio::test]
async fn the_first_code_of_a_batch_is_brief_and_a_temperature_taken_at_its_end_is_filed() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let batch = client.post("/v1/me/codes", &device_keys(3)).await.expect(200);
    // It is 08:01.
    let ends: Vec<_> = (0..3).map(|index| batch["codes"][index]["expires"].as_str().unwrap()).collect();
    let day_later = "2020-12-15T08:00:00+08:00";
    assert_eq!(ends, ["2020-12-14T08:11:00+08:00", day_later, day_later]);
    let credential = Base64UrlUnpadded::decode_vec(batch["codes"][0]["credential"].as_str().unwrap()).unwrap();
    world.pass_minutes(10);
    let device = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
    let code = LiveCredential::received(credential).present(&device, Seconds::floor(world.now()), None).unwrap();
    let Claims::Live(claims) = inspect(&code.text()).unwrap().claims else { panic!("a live code") };
    let reading = json!({"presentation": Base64UrlUnpadded::encode_string(&claims.id.bytes()), "decicelsius": 365});
    world.staff(Role::Checkpoint).await.post("/v1/checkpoint/temperatures", &reading).await.expect(201);
    world.node.stop().await;
}

#[tokio::test]
async fn a_normal_temperature_counts_as_check_in_on_paper_too() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let sheet = client.post("/v1/me/paper-codes", &json!({})).await.expect(201)["text"].clone();
    client.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
    let mut gate = world.staff(Role::Checkpoint).await;
    let path = "/v1/checkpoint/temperatures";
    let reading = |text: &Value, decicelsius: u16| json!({"paper": text, "decicelsius": decicelsius});
    let filed = gate.post(path, &reading(&sheet, 366)).await.expect(201);
    assert_eq!(filed, json!({"fever": false, "second_reading": false}));
    let facts = client.get("/v1/me/facts").await.expect(200);
    let kept = facts.as_array().unwrap().iter().find(|fact| fact["kind"] == "temperature").unwrap();
    assert_eq!(
        (&kept["temperature"], &kept["source"]["kind"]),
        (&json!(36.6), &json!("checkpoint")),
        "of a red holder"
    );

    let reprint = client.post("/v1/me/paper-codes", &json!({})).await.expect(201)["text"].clone();
    assert_eq!(gate.post(path, &reading(&sheet, 366)).await.problem(), "not-found", "an older sheet is nobody's");
    gate.post(path, &reading(&reprint, 380)).await.expect(201);
    assert_eq!(gate.post(path, &reading(&"YM1:0".into(), 366)).await.problem(), "not-found");
    let both = json!({"paper": reprint, "presentation": "AAAA", "decicelsius": 366});
    assert_eq!(gate.post(path, &both).await.problem(), "invalid-fields");
    assert_eq!(gate.post(path, &json!({"decicelsius": 366})).await.problem(), "invalid-fields");
    world.node.stop().await;
}

#[tokio::test]
async fn a_ground_is_disputed_and_another_office_answers() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let document = json!({"kind": 10, "number": NUMBERS[0]});
    let filed =
        desk.post("/v1/desk/check-ins", &json!({"document": document, "symptoms": ["cough"]})).await.expect(201);
    assert_eq!(colour(&mut client).await, "yellow", "what others report makes yellow at most");
    let contested = json!({"fact": filed["facts"][0]});
    let dispute = client.post("/v1/me/disputes", &contested).await.expect(201);
    assert_eq!(dispute["deadline"], "2020-12-15T08:01:00+08:00");
    assert_eq!(client.post("/v1/me/disputes", &contested).await.problem(), "refused");
    let mut office = world.staff(Role::DiseaseControl).await;
    let open = office.get("/v1/staff/disputes").await.expect(200);
    assert_eq!((&open[0]["person"], &open[0]["kind"]), (&json!(person), &json!("check-in")));
    let path = format!("/v1/staff/persons/{person}/disputes/{}", dispute["dispute"].as_str().unwrap());
    assert_eq!(desk.post(&path, &json!({"stands": true})).await.problem(), "not-permitted");
    office.post(&path, &json!({"stands": false})).await.expect(201);
    assert_eq!(colour(&mut client).await, "grey", "pending as before");
    world.node.stop().await;
}

#[tokio::test]
async fn accounts_areas_and_places_are_added_while_the_node_runs() {
    let world = World::start(Pace::STILL).await;
    let mut admin = world.staff(Role::Admin).await;
    let account = json!({"account": "laboratory.7", "role": "laboratory", "areas": ["61"], "password": PASSWORD});
    admin.post("/v1/staff/accounts", &account).await.expect(201);
    assert_eq!(admin.post("/v1/staff/accounts", &account).await.problem(), "refused");
    let mut laboratory = world.client().await;
    let sign_in = json!({"account": "laboratory.7", "password": PASSWORD});
    let staff = laboratory.post("/v1/staff/sessions", &sign_in).await.expect(201);
    assert_eq!((&staff["role"], &staff["areas"]), (&json!("laboratory"), &json!(["61"])));
    laboratory.delete("/v1/staff/session").await.expect(204);
    assert_eq!(laboratory.get("/v1/staff/me").await.problem(), "no-session");

    let added = admin.post("/v1/areas", &json!({"parent": "610102", "name": "新开发区"})).await.expect(201);
    assert_eq!(added["code"], "610102.1");
    let below = admin.get("/v1/areas?parent=610102").await.expect(200);
    assert!(below.as_array().unwrap().iter().any(|area| area["name"] == "新开发区"));

    let place = json!({"area": "610102", "class": "venue", "listed": true, "strict": true, "staffed": true,
        "legal_basis": "西安市疫情防控指挥部通告", "until": "2021-01-01T00:00:00+08:00"});
    admin.put("/v1/staff/places/market-3", &place).await.expect(204);
    let read = admin.get("/v1/places/market-3").await.expect(200);
    assert_eq!(
        (&read["strictness"], &read["level"], &read["in_force"]),
        (&json!("strict"), &json!("low"), &json!(true))
    );
    let mut endless = place.clone();
    endless["until"] = "".into();
    assert_eq!(admin.put("/v1/staff/places/market-4", &endless).await.problem(), "invalid-fields");
    world.node.stop().await;
}

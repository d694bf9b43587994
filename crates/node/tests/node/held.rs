//! Facts that are held back, and the second body that confirms them.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{Pace, World, application, comparison};

fn by(role: Role, row: u8, person: &str, at: &str) -> Value {
    json!({
        "id": format!("{row:032x}"), "person": person, "at": at,
        "source": {"kind": role.word(), "id": format!("{}.1", role.word())},
    })
}

fn with(mut fact: Value, fields: &Value) -> Value {
    fact.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    fact
}

/// A resident with another document each, and the person.
async fn resident(world: &mut World, number: usize) -> (Client, String) {
    let mut client = world.bound(&format!("138001380{number:02}")).await;
    let mut form = application("");
    form["document"] = json!({"kind": 99, "number": format!("A-{number}")});
    let applied = client.post("/v1/residents", &form).await.expect(201);
    (client, applied["person"].as_str().unwrap().to_owned())
}

async fn colour(client: &mut Client) -> String {
    client.get("/v1/me/verdict").await.expect(200)["colour"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_list_beyond_the_bounds_counts_once_a_second_body_confirms_it() {
    let mut world = World::start(Pace::STILL).await;
    let mut residents = Vec::new();
    for number in 0..22 {
        residents.push(resident(&mut world, number).await);
    }
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let (mut unwell, carrier) = residents.remove(0);
    unwell.post("/v1/me/check-ins", &json!({"symptoms": ["cough"]})).await.expect(201);
    let at = world.now().to_string();
    let mut hospital = world.staff(Role::Hospital).await;
    let mut case = with(by(Role::Hospital, 1, &carrier, &at), &json!({"kind": "case", "class": "suspected"}));
    let fields = case.as_object_mut().unwrap();
    fields.remove("at");
    fields.insert("from".to_owned(), at.clone().into());
    fields.insert("until".to_owned(), "2020-12-28T00:00:00+08:00".into());
    let of = hospital.file("/v1/facts", &[case]).await.expect(201)["rows"][0]["fact"].clone();

    let contact = json!({"kind": "contact", "degree": "close", "of": of});
    let lines: Vec<_> = (1..)
        .zip(&residents)
        .map(|(row, (_, person))| with(by(Role::DiseaseControl, row, person, &at), &contact))
        .collect();
    let mut office = world.staff(Role::DiseaseControl).await;
    let filed = office.file("/v1/facts", &lines).await.expect(201);
    assert_eq!(filed["alarm"], "persons");
    assert!(filed["rows"].as_array().unwrap().iter().all(|row| row["inert"] == "confirmation"), "{filed}");
    assert_eq!(colour(&mut residents[0].0).await, "green");

    let held = hospital.get("/v1/staff/inert").await.expect(200);
    let held = held.as_array().unwrap();
    assert_eq!(held.len(), 21);
    assert!(
        held.iter().all(|fact| fact["account"] == "disease-control.1" && fact["until"] == "2020-12-15T08:02:00+08:00")
    );
    let facts: Vec<_> = held.iter().map(|fact| json!({"person": fact["person"], "fact": fact["fact"]})).collect();
    let path = "/v1/staff/confirmations";
    assert_eq!(office.post(path, &json!({"facts": facts})).await.problem(), "refused", "it filed them itself");
    assert_eq!(residents[0].0.post(path, &json!({"facts": facts})).await.problem(), "no-session");
    assert_eq!(hospital.post(path, &json!({"facts": []})).await.problem(), "invalid-fields");
    hospital.post(path, &json!({"facts": facts})).await.expect(201);
    for (client, _) in &mut residents {
        assert_eq!(colour(client).await, "red");
    }
    assert_eq!(hospital.get("/v1/staff/inert").await.expect(200), json!([]));
    assert_eq!(hospital.post(path, &json!({"facts": facts})).await.problem(), "refused", "nothing is held any more");
    world.node.stop().await;
}

#[tokio::test]
async fn one_fact_is_confirmed_within_a_day_or_is_void() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = resident(&mut world, 0).await;
    let at = world.now().to_string();
    let contact = json!({"kind": "contact", "degree": "close", "of": "0".repeat(32)});
    let mut office = world.staff(Role::DiseaseControl).await;
    let mut file = async |row| {
        let line = with(by(Role::DiseaseControl, row, &person, &at), &contact);
        let filed = office.file("/v1/facts", &[line]).await.expect(201);
        assert_eq!(filed["rows"][0]["inert"], "case");
        format!("/v1/staff/persons/{person}/facts/{}/confirm", filed["rows"][0]["fact"].as_str().unwrap())
    };
    let (first, second) = (file(1).await, file(2).await);
    let mut hospital = world.staff(Role::Hospital).await;
    let mut desk = world.staff(Role::Desk).await;
    assert_eq!(desk.post(&first, &json!({})).await.problem(), "not-permitted");
    hospital.post(&first, &json!({})).await.expect(201);
    assert_eq!(colour(&mut client).await, "red");
    world.pass_minutes(24 * 60);
    let mut hospital = world.staff(Role::Hospital).await;
    assert_eq!(hospital.post(&second, &json!({})).await.problem(), "refused", "void");
    let nobody = format!("/v1/staff/persons/{}/facts/{}/confirm", "0".repeat(32), "0".repeat(32));
    assert_eq!(hospital.post(&nobody, &json!({})).await.problem(), "not-found");
    world.node.stop().await;
}

//! Codes in the care of others: proved by a desk, bounded in number and in time, found without a number.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{NUMBERS, Pace, World, application, number_of};

fn document(number: &str) -> Value {
    json!({"kind": 10, "number": number})
}

async fn registered(desk: &mut Client, number: &str, name: &str) {
    let mut form = application(number);
    form["name"] = name.into();
    desk.post("/v1/desk/registrations", &form).await.expect(201);
}

fn relation(guardian: &str, dependent: &str, relation: &str) -> Value {
    json!({"guardian": document(guardian), "dependent": document(dependent), "relation": relation})
}

#[tokio::test]
async fn a_desk_gives_eight_codes_into_the_care_of_one_person() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let path = "/v1/desk/relations";
    let children: Vec<_> = (1..=9).map(|order| number_of("20150307", order)).collect();
    assert_eq!(desk.post(path, &relation(NUMBERS[0], &children[0], "parent")).await.problem(), "not-registered");
    for (order, child) in (1..).zip(&children) {
        registered(&mut desk, child, &format!("王小{order}")).await;
        let answer = desk.post(path, &relation(NUMBERS[0], child, "parent")).await;
        if order <= 8 { drop(answer.expect(201)) } else { assert_eq!(answer.problem(), "refused") }
    }
    let dependents = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!(dependents.as_array().unwrap().len(), 8);
    assert_eq!(desk.post(path, &relation(NUMBERS[0], NUMBERS[0], "parent")).await.problem(), "refused");
    assert_eq!(
        desk.post(path, &relation(NUMBERS[0], "1", "parent")).await.json()["errors"][0]["field"],
        "dependent.number"
    );
    assert_eq!(desk.post(path, &relation(NUMBERS[0], &children[8], "owner")).await.problem(), "invalid-fields");
    assert_eq!(guardian.post(path, &relation(NUMBERS[0], &children[8], "parent")).await.problem(), "no-session");
    world.node.stop().await;
}

#[tokio::test]
async fn a_parents_care_ends_on_the_eighteenth_birthday() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let (almost, grown) = (number_of("20021216", 1), number_of("20021214", 1));
    for child in [&almost, &grown] {
        registered(&mut desk, child, "王小红").await;
    }
    assert_eq!(desk.post("/v1/desk/relations", &relation(NUMBERS[0], &grown, "parent")).await.problem(), "refused");
    desk.post("/v1/desk/relations", &relation(NUMBERS[0], &almost, "parent")).await.expect(201);
    let path = |list: &Value| format!("/v1/dependents/{}/verdict", list[0]["person"].as_str().unwrap());
    let list = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!(list[0]["until"], "2020-12-16T00:00:00+08:00");
    world.pass_minutes(40 * 60 - 2);
    guardian.get(&path(&list)).await.expect(200);
    world.pass_minutes(1);
    assert_eq!(guardian.get(&path(&list)).await.problem(), "not-found");
    assert_eq!(guardian.get("/v1/me/dependents").await.expect(200), json!([]));
    world.node.stop().await;
}

#[tokio::test]
async fn a_civil_register_proves_relations_and_the_rows_it_cannot_are_named() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, guardian_id) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let (child, grown) = (number_of("20150307", 1), number_of("19990101", 1));
    for number in [&child, &grown] {
        registered(&mut desk, number, "王小红").await;
    }
    let mut office = world.staff(Role::CivilRegister).await;
    let mut ids = Vec::new();
    for number in [&child, &grown] {
        let found = office.post("/v1/persons/find", &json!({"document": document(number)})).await.expect(200);
        ids.push(found["person"].as_str().unwrap().to_owned());
    }
    let row = |number: u8, child: &str| {
        json!({
            "id": format!("{number:032x}"), "person": child, "kind": "guardianship", "from": world.now().to_string(),
            "source": {"kind": "register", "id": "civil-register.1"}, "guardian": guardian_id, "relation": "parent",
        })
    };
    let batch = [row(1, &ids[0]), row(2, &ids[1]), row(3, &guardian_id)];
    let refused = office.file("/v1/facts", &batch).await.json();
    let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, [&json!("rows.2"), &json!("rows.3")], "of age, and the own guardian");
    assert_eq!(guardian.get("/v1/me/dependents").await.expect(200), json!([]));

    let kept = office.file("/v1/facts?partial=true", &batch).await.expect(201);
    let rows = kept["rows"].as_array().unwrap();
    assert!(rows[0]["fact"].is_string() && rows[1]["refused"].is_string() && rows[2]["refused"].is_string());
    let list = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(
        (&list[0]["person"], &list[0]["relation"], &list[0]["until"]),
        (&json!(ids[0]), &json!("parent"), &json!("2033-03-07T00:00:00+08:00"))
    );
    guardian.get(&format!("/v1/dependents/{}/verdict", ids[0])).await.expect(200);
    let looks = guardian.get("/v1/me/access-log").await.expect(200);
    assert!(looks.as_array().unwrap().iter().any(|look| look["role"] == "civil-register"), "{looks}");
    let mut register = world.staff(Role::Register).await;
    let mut by_another = row(4, &ids[0]);
    by_another["source"]["id"] = "register.1".into();
    let refused = register.file("/v1/facts", &[by_another]).await;
    assert_eq!(refused.json()["errors"][0]["field"], "rows.1", "another register proves no relations");
    world.node.stop().await;
}

#[tokio::test]
async fn a_proven_parent_finds_a_child_without_a_number_and_nobody_else_does() {
    let mut world = World::start(Pace::STILL).await;
    let (mut mother, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut father, father_id) = world.resident("13900139000", NUMBERS[2]).await;
    let stranger_number = number_of("19900202", 1);
    let (mut stranger, _) = world.resident("13700137000", &stranger_number).await;
    let mut desk = world.staff(Role::Desk).await;
    let (first, second) = (number_of("20150307", 1), number_of("20180801", 1));
    registered(&mut desk, &first, "王小红").await;
    registered(&mut desk, &second, "王小兰").await;
    for (guardian, child) in [(NUMBERS[0], &first), (NUMBERS[0], &second), (NUMBERS[2], &first)] {
        desk.post("/v1/desk/relations", &relation(guardian, child, "parent")).await.expect(201);
    }
    let path = "/v1/me/dependents/look-up";
    let wanted = |name: &str, birth: &str| json!({"name": name, "birth": birth});
    let desk_answer = json!({"answer": "come-to-the-desk"});
    let right = wanted("王小兰", "2018-08-01");
    assert_eq!(stranger.post(path, &right).await.expect(200), desk_answer);
    assert_eq!(father.post(path, &wanted("王小兰", "2018-08-02")).await.expect(200), desk_answer);
    assert_eq!(father.post(path, &wanted("王小", "2018-08-01")).await.expect(200), desk_answer);
    assert_eq!(father.post(path, &right).await.expect(200), json!({"answer": "linked"}));
    let often = father.post(path, &right).await;
    assert_eq!(
        (often.problem().as_str(), &often.headers["retry-after"]),
        ("too-many-attempts", &"57540".parse().unwrap())
    );

    let list = father.get("/v1/me/dependents").await.expect(200);
    let list = list.as_array().unwrap();
    let found = list.iter().find(|dependent| dependent["name"] == "王小兰").unwrap();
    assert_eq!((&found["relation"], &found["until"]), (&json!("parent"), &json!("2020-12-21T08:01:00+08:00")));
    assert!(!found.to_string().contains(&second) && list.len() == 2);
    for parent in [&mut mother, &mut father] {
        let looks = parent.get("/v1/me/access-log").await.expect(200);
        assert!(looks.as_array().unwrap().iter().any(|look| look["action"] == "looked-up-child"), "{looks}");
    }
    assert_eq!(father.get("/v1/me").await.expect(200)["person"], father_id.as_str());

    world.pass_minutes(7 * 24 * 60);
    assert_eq!(father.get("/v1/me/dependents").await.expect(200).as_array().unwrap().len(), 1, "seven days are over");
    assert_eq!(father.post(path, &right).await.expect(200), desk_answer, "and are not had twice");
    world.node.stop().await;
}

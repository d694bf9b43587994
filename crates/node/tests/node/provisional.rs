//! A child without a document: seven days in the care of a guardian whom the desk sees, then a document or nothing.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::path::{check, files_with, present};
use crate::world::{NUMBERS, Pace, World, application, comparison, number_of};

const PATH: &str = "/v1/desk/provisional-records";
const DOCUMENTS: &str = "/v1/desk/provisional-records/documents";

fn document(number: &str) -> Value {
    json!({"kind": 10, "number": number})
}

fn opening(name: &str, birth: &str) -> Value {
    json!({
        "guardian": document(NUMBERS[0]), "name": name, "birth": birth, "relation": "parent",
        "declaration": {"symptoms": [], "contact": "no", "on_duty": false},
    })
}

fn attaching(name: &str, birth: &str, number: &str) -> Value {
    json!({"guardian": document(NUMBERS[0]), "name": name, "birth": birth, "document": document(number)})
}

#[tokio::test]
async fn a_provisional_record_gives_codes_that_end_after_seven_days() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let opened = desk.post(PATH, &opening("王小红", "2015-03-07")).await.expect(201);
    assert_eq!(opened["until"], "2020-12-21T08:01:00+08:00");
    let listed = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!((&listed[0]["name"], &listed[0]["until"]), (&json!("王小红"), &opened["until"]));

    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let record = format!("/v1/dependents/{}", opened["person"].as_str().unwrap());
    let (text, batch) = present(&world, &mut guardian, &record).await;
    assert_eq!(batch["verdict"]["colour"], "green");
    assert!(check(&world, &mut guardian, &text).await.is_ok());
    let paper = guardian.post(&format!("{record}/paper-codes"), &json!({})).await.expect(201);
    assert_eq!(paper["expires"], opened["until"]);
    let actions = guardian.get(&format!("{record}/access-log")).await.expect(200).to_string();
    assert!(actions.contains("opened-provisional"), "{actions}");

    world.pass_minutes(7 * 24 * 60 - 6 * 60);
    guardian.post(&format!("{record}/check-ins"), &json!({"symptoms": []})).await.expect(201);
    let (_, batch) = present(&world, &mut guardian, &record).await;
    assert_eq!(batch["codes"][0]["expires"], "2020-12-21T08:00:00+08:00", "the last minute before the end has none");
    world.pass_minutes(6 * 60 - 1);
    let mut desk = world.staff(Role::Desk).await;
    assert_eq!(guardian.get(&format!("{record}/verdict")).await.problem(), "not-found");
    assert_eq!(desk.post(PATH, &opening("王小红", "2015-03-07")).await.problem(), "refused", "not twice in a row");
    world.node.stop().await;
}

#[tokio::test]
async fn a_document_within_the_seven_days_makes_it_an_ordinary_record() {
    let mut world = World::start(Pace::STILL).await;
    world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let number = number_of("20150307", 1);
    let right = attaching("王小红", "2015-03-07", &number);
    assert_eq!(desk.post(DOCUMENTS, &right).await.problem(), "refused", "nothing was opened");
    let opened = desk.post(PATH, &opening("王小红", "2015-03-07")).await.expect(201);
    let other_day = attaching("王小红", "2015-03-08", &number);
    assert_eq!(desk.post(DOCUMENTS, &other_day).await.json()["errors"][0]["code"], "contradicts-document");
    let other_name = attaching("王小兰", "2015-03-07", &number);
    assert_eq!(desk.post(DOCUMENTS, &other_name).await.problem(), "refused");
    world.pass_minutes(6 * 24 * 60);
    let mut desk = world.staff(Role::Desk).await;
    desk.post(DOCUMENTS, &right).await.expect(201);
    let found = desk.post("/v1/persons/find", &json!({"document": document(&number)})).await.expect(200);
    assert_eq!(found["person"], opened["person"]);
    let relation = json!({"guardian": document(NUMBERS[0]), "dependent": document(&number), "relation": "parent"});
    desk.post("/v1/desk/relations", &relation).await.expect(201);

    world.pass_minutes(60 * 24 * 60);
    let mut guardian = world.bound("13800138000").await;
    let listed = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!((&listed[0]["person"], &listed[0]["until"]), (&opened["person"], &json!("2033-03-07T00:00:00+08:00")));
    assert_eq!(listed[0]["name"], "王小红");
    world.node.stop().await;
}

#[tokio::test]
async fn a_number_that_is_registered_tells_nothing_of_its_record() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let number = number_of("20150307", 1);
    let mut form = application(&number);
    form["name"] = "李小兰".into();
    let registered = desk.post("/v1/desk/registrations", &form).await.expect(201);
    // The opening is the same whether or not somebody of that name and birth is registered.
    let opened = desk.post(PATH, &opening("李小兰", "2015-03-07")).await.expect(201);
    assert_ne!(opened["person"], registered["person"]);
    let answer = desk.post(DOCUMENTS, &attaching("李小兰", "2015-03-07", &number)).await;
    assert_eq!(answer.problem(), "document-taken");
    let said = answer.json().to_string();
    assert!(said.contains("into care by a proven relation"), "{said}");
    assert!(!said.contains(registered["person"].as_str().unwrap()) && !said.contains(&number), "{said}");
    let listed = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!((&listed[0]["person"], listed.as_array().unwrap().len()), (&opened["person"], 1));
    let path = format!("/v1/dependents/{}/verdict", registered["person"].as_str().unwrap());
    assert_eq!(guardian.get(&path).await.problem(), "not-found");
    world.node.stop().await;
}

#[tokio::test]
async fn a_desk_opens_provisional_records_within_bounds_and_tells_the_other_parent() {
    let mut world = World::start(Pace::STILL).await;
    let (mut mother, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut father, _) = world.resident("13900139000", NUMBERS[2]).await;
    let mut desk = world.staff(Role::Desk).await;
    let shared = number_of("20150307", 1);
    desk.post("/v1/desk/registrations", &application(&shared)).await.expect(201);
    for parent in [NUMBERS[0], NUMBERS[2]] {
        let relation = json!({"guardian": document(parent), "dependent": document(&shared), "relation": "parent"});
        desk.post("/v1/desk/relations", &relation).await.expect(201);
    }
    let right = opening("王小红", "2018-08-01");
    assert_eq!(mother.post(PATH, &right).await.problem(), "no-session");
    assert_eq!(world.staff(Role::Checkpoint).await.post(PATH, &right).await.problem(), "not-permitted");
    let mut unknown = right.clone();
    unknown["guardian"] = document(&number_of("19900202", 1));
    assert_eq!(desk.post(PATH, &unknown).await.problem(), "not-registered");
    assert_eq!(desk.post(PATH, &opening("王小红", "2002-12-14")).await.problem(), "refused", "of age");
    desk.post(PATH, &right).await.expect(201);
    assert_eq!(desk.post(PATH, &right).await.problem(), "refused", "one for each child");
    let mut by_father = right.clone();
    by_father["guardian"] = document(NUMBERS[2]);
    assert_eq!(desk.post(PATH, &by_father).await.problem(), "refused", "for both parents together");
    for parent in [&mut mother, &mut father] {
        let looks = parent.get("/v1/me/access-log").await.expect(200).to_string();
        assert!(looks.contains("opened-provisional"), "{looks}");
    }
    let found = json!({"answer": "come-to-the-desk"});
    let sought = json!({"name": "王小红", "birth": "2018-08-01"});
    assert_eq!(
        father.post("/v1/me/dependents/look-up", &sought).await.expect(200),
        found,
        "a stated relation proves nothing"
    );
    for order in 3..=8 {
        desk.post(PATH, &opening(&format!("王小{order}"), "2018-08-01")).await.expect(201);
    }
    assert_eq!(desk.post(PATH, &opening("王小九", "2018-08-01")).await.problem(), "refused", "eight at most");
    assert_eq!(files_with(&world.data(), "王小红".as_bytes()), Vec::<std::path::PathBuf>::new(), "sealed");
    world.node.stop().await;
}

//! Every change of colour is told, whatever brought it and whatever happened to the node meanwhile.

use serde_json::{Value, json};
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{NUMBERS, Pace, World, comparison};

const QUICK: Pace = Pace { comparison_seconds: 3600, change_seconds: 1 };
/// The same with comparisons, for a node that starts more than once.
const QUICKER: Pace = Pace { comparison_seconds: 1, change_seconds: 1 };

/// A resident who is green by a comparison that lapses after seven days, and the messages so far taken away.
async fn green(world: &mut World) -> Client {
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    assert_eq!(colour(&mut client).await, "green");
    world.wait_for_round("change").await;
    world.messages();
    client
}

async fn colour(client: &mut Client) -> String {
    client.get("/v1/me/verdict").await.expect(200)["colour"].as_str().unwrap().to_owned()
}

fn changes(messages: &[Value]) -> usize {
    messages.iter().filter(|message| message["purpose"] == "change").count()
}

#[tokio::test]
async fn a_change_by_the_clock_alone_is_told_once() {
    let mut world = World::start(QUICK).await;
    let mut client = green(&mut world).await;
    world.pass_minutes(6 * 24 * 60);
    world.wait_for_round("change").await;
    assert_eq!(changes(&world.messages()), 0, "nothing has changed yet");
    world.pass_minutes(24 * 60);
    world.wait_for_round("change").await;
    assert_eq!(changes(&world.messages()), 1);
    assert_eq!(colour(&mut client).await, "grey");
    world.wait_for_round("change").await;
    assert_eq!(changes(&world.messages()), 0, "and not again");
    world.node.stop().await;
}

#[tokio::test]
async fn a_change_about_everybody_is_told_to_everybody() {
    let mut world = World::start(QUICK).await;
    let mut client = green(&mut world).await;
    world.pass_minutes(7 * 24 * 60);
    world.wait_for_round("change").await;
    world.messages();
    let mut again = comparison(world.now());
    again["id"] = "2".repeat(32).into();
    world.staff(Role::Register).await.file("/v1/facts", &[again]).await.expect(201);
    world.wait_for_round("change").await;
    assert_eq!((changes(&world.messages()), colour(&mut client).await.as_str()), (1, "green"));
    world.node.stop().await;
}

#[tokio::test]
async fn a_change_while_the_node_was_down_is_told_when_it_is_back() {
    let mut world = World::start(QUICKER).await;
    let mut client = green(&mut world).await;
    for is_agenda_lost in [false, true] {
        client.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
        assert_eq!(colour(&mut client).await, "red");
        world.wait_for_round("change").await;
        assert_ne!(changes(&world.messages()), 0);
        world.pass_minutes(1);
        world.wait_for_round("change").await;
        // The red ends after fourteen days.
        world.pass_minutes(14 * 24 * 60 + 10);
        let agenda = world.data().join("agenda");
        world = if is_agenda_lost { world.restart_without(&agenda).await } else { world.restart().await };
        world.wait_for_round("change").await;
        assert_ne!(changes(&world.messages()), 0, "{is_agenda_lost}");
        world.wait_for_round("comparison").await;
        world.wait_for_round("change").await;
        world.messages();
        client = world.bound("13800138000").await;
        world.pass_minutes(1);
    }
    world.node.stop().await;
}

#[tokio::test]
async fn who_cannot_be_reached_is_listed_for_a_visit() {
    let mut world = World::start(QUICK).await;
    let mut desk = world.staff(Role::Desk).await;
    let registered = desk.post("/v1/desk/registrations", &crate::world::application(NUMBERS[1])).await.expect(201);
    world.wait_for_round("change").await;
    world.pass_minutes(1);
    let document = json!({"kind": 10, "number": NUMBERS[1]});
    desk.post("/v1/desk/check-ins", &json!({"document": document, "symptoms": ["cough"]})).await.expect(201);
    world.wait_for_round("change").await;
    let listed = desk.get("/v1/staff/undelivered").await.expect(200);
    assert_eq!(listed[0]["person"], registered["person"]);
    assert_eq!(changes(&world.messages()), 0);
    world.node.stop().await;
}

#[tokio::test]
async fn a_message_says_why_until_when_and_whom_to_ask_and_no_word_of_health() {
    let mut world = World::start(QUICK).await;
    let mut client = green(&mut world).await;
    world.pass_minutes(1);
    client.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
    world.wait_for_round("change").await;
    let red = world.messages().pop().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(red.contains("您的码有更新") && red.contains("Your Yima code"), "{red}");
    assert!(red.contains("原因类别：规则") && red.contains("Kind of reason: a rule"), "{red}");
    assert!(red.contains("12345") && red.contains("打开一码"), "{red}");
    // The fever is of 2020-12-14, which counts: fourteen days end with the 27th, and what was compared lapses after seven.
    let verdict = client.get("/v1/me/verdict").await.expect(200);
    let until = verdict["next_change"].as_str().unwrap()[..16].replace('T', " ");
    assert!(red.contains(&format!("至 {until}")) && red.contains(&format!("until {until} Beijing time")), "{red}");

    world.pass_minutes(15 * 24 * 60);
    world.wait_for_round("change").await;
    let lapsed = world.messages().pop().unwrap()["text"].as_str().unwrap().to_owned();
    assert_eq!(colour(&mut client).await, "grey");
    assert!(lapsed.contains("原因类别：手续") && lapsed.contains("a formality"), "{lapsed}");
    for text in [red, lapsed] {
        let text = text.to_lowercase();
        for word in [
            "红",
            "黄",
            "绿",
            "灰",
            "发热",
            "病",
            "核酸",
            "健康",
            "密接",
            "隔离",
            "疫",
            "red ",
            "yellow",
            "green",
            "grey",
            "fever",
            "case",
            "contact",
            "health",
            "ill",
            "test",
            "王小明",
            "610102",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    world.node.stop().await;
}

#[tokio::test]
async fn who_is_not_reached_by_the_gateway_is_listed_for_a_visit() {
    let mut world = World::start(QUICK).await;
    let mut client = green(&mut world).await;
    let spool = world.spool();
    std::fs::create_dir(spool.join("failed")).unwrap();
    for (gateway, listed) in [("delivers", 0), ("fails", 1), ("delivers", 0), ("sleeps", 1)] {
        world.pass_minutes(1);
        let symptoms = if colour(&mut client).await == "red" { json!([]) } else { json!(["fever"]) };
        if symptoms == json!([]) {
            world.pass_minutes(15 * 24 * 60);
        } else {
            client.post("/v1/me/check-ins", &json!({"symptoms": symptoms})).await.expect(201);
        }
        world.wait_for_round("change").await;
        for entry in spool.read_dir().unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            match gateway {
                "delivers" => std::fs::remove_file(entry.path()).unwrap(),
                "fails" => std::fs::rename(entry.path(), spool.join("failed").join(entry.file_name())).unwrap(),
                _ => {}
            }
        }
        world.pass_minutes(16);
        world.wait_for_round("change").await;
        let found = world.staff(Role::Desk).await.get("/v1/staff/undelivered").await.expect(200);
        assert_eq!(found.as_array().unwrap().len(), listed, "the gateway {gateway}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn who_has_somebody_in_care_is_told_too_and_of_whose_code() {
    let mut world = World::start(QUICK).await;
    let mut guardian = green(&mut world).await;
    let (mut person, _) = world.resident("13900139000", NUMBERS[1]).await;
    let both = json!({
        "guardian": {"kind": 10, "number": NUMBERS[0]}, "dependent": {"kind": 10, "number": NUMBERS[1]}, "relation": "friend",
    });
    world.staff(Role::Desk).await.post("/v1/desk/relations", &both).await.expect(201);
    world.pass_minutes(1);
    let mut compared = comparison(world.now());
    compared["id"] = "2".repeat(32).into();
    world.staff(Role::Register).await.file("/v1/facts", &[compared]).await.expect(201);
    assert_eq!(colour(&mut person).await, "green");
    world.wait_for_round("change").await;
    world.messages();
    person.post("/v1/me/check-ins", &json!({"symptoms": ["fever"]})).await.expect(201);
    world.wait_for_round("change").await;
    let told = world.messages();
    let to = |address: &str| {
        told.iter().find(|message| message["to"] == format!("+86{address}") && message["purpose"] == "change")
    };
    let (own, in_care) = (to("13900139000").expect("the person"), to("13800138000").expect("the guardian"));
    assert!(in_care["text"].as_str().unwrap().contains("您代管的"), "{in_care}");
    assert!(!own["text"].as_str().unwrap().contains("您代管的"), "{own}");
    assert_eq!(colour(&mut guardian).await, "green");
    world.node.stop().await;
}

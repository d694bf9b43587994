//! Paper that is lost and found, by whom it is reported, and what nobody learns by trying; two devices of one person.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;
use yima_credential::{LiveCredential, Refusal, Seconds, Signer, Standing, VerifiedCode};
use yima_node::staff::Role;

use crate::client::Client;
use crate::path::{check, present};
use crate::world::{NUMBERS, Pace, World, comparison};

/// Waits for an edition of the status list under which the checkpoint answers so.
async fn until(
    world: &World,
    client: &mut Client,
    text: &str,
    wanted: impl Fn(&Result<VerifiedCode, Refusal>) -> bool,
) {
    let answered = async { while !wanted(&check(world, client, text).await) {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), answered).await.expect("an edition that says so");
}

fn passes(answer: &Result<VerifiedCode, Refusal>) -> bool {
    answer.as_ref().is_ok_and(|code| code.standing() == Standing::Passes)
}

fn is_fallen(answer: &Result<VerifiedCode, Refusal>) -> bool {
    matches!(answer, Err(Refusal::StatusFallen))
}

#[tokio::test]
async fn lost_paper_is_suspended_at_the_next_list_and_counts_again_when_found_or_reprinted() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    let mut register = world.staff(Role::Register).await;
    register.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let paper = client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    let (text, serial) = (paper["text"].as_str().unwrap().to_owned(), paper["serial"].clone());
    until(&world, &mut client, &text, passes).await;

    let document = json!({"kind": 10, "number": NUMBERS[0]});
    let loss = |lost: bool| json!({"serial": serial, "lost": lost});
    let at_desk = |lost: bool| json!({"document": document, "serial": serial, "lost": lost});
    let mut desk = world.staff(Role::Desk).await;
    let mut checkpoint = world.staff(Role::Checkpoint).await;
    let reading = json!({"paper": text, "decicelsius": 365});
    assert_eq!(client.post("/v1/me/paper-losses", &loss(true)).await.expect(200)["lost"], true);
    until(&world, &mut client, &text, is_fallen).await;
    assert_eq!(
        checkpoint.post("/v1/checkpoint/temperatures", &reading).await.problem(),
        "not-found",
        "a finder's scan is no check-in of the loser"
    );
    // Found by voice: the desk does what the telephone does.
    desk.post("/v1/desk/paper-losses", &at_desk(false)).await.expect(200);
    until(&world, &mut client, &text, passes).await;
    checkpoint.post("/v1/checkpoint/temperatures", &reading).await.expect(201);
    desk.post("/v1/desk/paper-losses", &at_desk(true)).await.expect(200);
    desk.post("/v1/desk/paper-losses", &at_desk(true)).await.expect(200);
    until(&world, &mut client, &text, is_fallen).await;

    let reprint = desk.post("/v1/desk/paper-codes", &json!({"document": document})).await.expect(201);
    until(&world, &mut client, reprint["text"].as_str().unwrap(), passes).await;
    assert_eq!(client.post("/v1/me/paper-losses", &loss(false)).await.problem(), "not-found", "superseded for good");
    assert!(is_fallen(&check(&world, &mut client, &text).await));

    let looks = client.get("/v1/me/access-log").await.expect(200);
    let by_desk = |action: &str| {
        let of = |look: &&serde_json::Value| look["action"] == action && look["account"] == "desk.1";
        looks.as_array().unwrap().iter().filter(of).count()
    };
    assert_eq!((by_desk("reported-loss"), by_desk("found-paper"), by_desk("printed")), (2, 1, 1));
    world.node.stop().await;
}

#[tokio::test]
async fn the_serial_of_somebody_else_tells_nothing_and_guessing_ends() {
    let mut world = World::start(Pace::STILL).await;
    let (mut owner, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut other, _) = world.resident("13900139000", NUMBERS[2]).await;
    world.pass_minutes(1);
    let mut register = world.staff(Role::Register).await;
    register.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let paper = owner.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    let (text, serial) = (paper["text"].as_str().unwrap().to_owned(), paper["serial"].as_u64().unwrap());
    until(&world, &mut owner, &text, passes).await;

    let loss = |serial: u64| json!({"serial": serial, "lost": true});
    let taken = other.post("/v1/me/paper-losses", &loss(serial)).await;
    let free = other.post("/v1/me/paper-losses", &loss(serial ^ 1)).await;
    assert_eq!(taken.problem(), "not-found");
    assert_eq!((taken.status, &taken.bytes), (free.status, &free.bytes), "no oracle of which serials there are");
    let mut desk = world.staff(Role::Desk).await;
    let of_other =
        |serial: u64| json!({"document": {"kind": 10, "number": NUMBERS[2]}, "serial": serial, "lost": true});
    let taken = desk.post("/v1/desk/paper-losses", &of_other(serial)).await;
    let free = desk.post("/v1/desk/paper-losses", &of_other(serial ^ 1)).await;
    assert_eq!((taken.problem().as_str(), &taken.bytes), ("not-found", &free.bytes));
    assert_eq!(world.client().await.post("/v1/me/paper-losses", &loss(serial)).await.problem(), "no-session");
    let mut checkpoint = world.staff(Role::Checkpoint).await;
    let refused = checkpoint.post("/v1/desk/paper-losses", &of_other(serial)).await;
    assert_eq!(refused.problem(), "not-permitted");

    for _ in 0..8 {
        assert_eq!(other.post("/v1/me/paper-losses", &loss(serial)).await.problem(), "not-found");
    }
    assert_eq!(other.post("/v1/me/paper-losses", &loss(serial)).await.problem(), "too-many-attempts");
    assert!(passes(&check(&world, &mut owner, &text).await), "nothing of that touched the owner's paper");
    world.node.stop().await;
}

#[tokio::test]
async fn a_lost_device_gets_no_more_codes_while_the_other_goes_on_with_keys_of_its_own() {
    let mut world = World::start(Pace::STILL).await;
    let (mut lost, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(1);
    let mut register = world.staff(Role::Register).await;
    register.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    world.pass_minutes(1);
    let mut kept = world.bound("13800138000").await;
    let (of_lost, batch) = present(&world, &mut lost, "/v1/me").await;
    let (of_kept, _) = present(&world, &mut kept, "/v1/me").await;
    for text in [&of_lost, &of_kept] {
        assert!(check(&world, &mut kept, text).await.is_ok());
    }
    // A credential of one device is worth nothing on another.
    let credential = Base64UrlUnpadded::decode_vec(batch["codes"][0]["credential"].as_str().unwrap()).unwrap();
    let thief = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
    let shown = LiveCredential::received(credential).present(&thief, Seconds::floor(world.now()), None).unwrap();
    assert_eq!(check(&world, &mut kept, &shown.text()).await.unwrap_err(), Refusal::PresentationKeyMismatch);

    let sessions = kept.get("/v1/me/sessions").await.expect(200);
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap().clone();
    kept.delete(&format!("/v1/me/sessions/{}", other["id"].as_str().unwrap())).await.expect(204);
    let refused = lost.post("/v1/me/codes", &json!({"keys": []})).await;
    assert_eq!(refused.problem(), "no-session");
    let (text, _) = present(&world, &mut kept, "/v1/me").await;
    assert!(check(&world, &mut kept, &text).await.is_ok());
    world.node.stop().await;
}

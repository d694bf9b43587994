//! How trust reaches a checkpoint: keys that follow one another, keys that are revoked, and lists that are refused.

use std::fs;
use std::time::Duration;

use hyper::Method;
use yima_checkpoint::{Gate, Lists};
use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_credential::trust_list::{IssuerKey, KeyUse, TrustContent};
use yima_credential::{KeyFault, PublicKey, Refusal, Seconds, Signer, inspect};
use yima_model::Level;

use crate::client::Client;
use crate::path::present;
use crate::world::{NUMBERS, Pace, World, device_keys, new_key};

fn gate(world: &World) -> Gate {
    let place = Place {
        class: PlaceClass::Venue,
        level: Level::Medium,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    Gate::new(place, Lists::new(world.roots.clone(), world.now()))
}

/// Fetches the lists as a checkpoint does, once the node serves the trust list with this number.
async fn renew(world: &World, client: &mut Client, gate: &mut Gate, number: u32) {
    let served = async {
        loop {
            let bytes = client.get("/v1/trust-list").await.bytes;
            if world.trust(&bytes).content().number == number {
                break bytes;
            }
        }
    };
    let bytes = tokio::time::timeout(Duration::from_secs(60), served).await.expect("the node takes the list");
    gate.lists.take_trust(&bytes, world.now()).unwrap();
}

fn entry(public: PublicKey, key_use: KeyUse, from: Seconds) -> IssuerKey {
    IssuerKey { public, key_use, valid_from: from, valid_until: from.plus(7 * 24 * 3600), revoked_from: None }
}

fn revoke(content: &mut TrustContent, key_use: KeyUse) {
    let keys = content.keys.iter_mut().filter(|key| key.key_use == key_use);
    keys.for_each(|key| key.revoked_from = Some(Seconds::new(0)));
}

/// A stolen key: the operator signs one list, and every node and checkpoint follows without a restart.
#[tokio::test]
async fn a_revoked_key_signs_nothing_more_and_what_it_signed_is_refused() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut gate = gate(&world);
    renew(&world, &mut client, &mut gate, 1).await;
    let (first, _) = present(&world, &mut client, "/v1/me").await;
    assert!(gate.scan(&first, world.now()).outcome.unwrap().is_ok());

    world.pass_minutes(1);
    let (stolen, _) = present(&world, &mut client, "/v1/me").await;
    let number = world.renew_trust(|content| revoke(content, KeyUse::Live));
    renew(&world, &mut client, &mut gate, number).await;
    assert_eq!(gate.scan(&stolen, world.now()).outcome, Some(Err(KeyFault::Revoked.into())));
    assert_eq!(client.post("/v1/me/codes", &device_keys(1)).await.problem(), "internal", "no key, no code");

    let next = new_key(&world.keys().join("live-3.p8"));
    let now = Seconds::floor(world.now());
    let number = world.renew_trust(|content| content.keys.push(entry(next, KeyUse::Live, now)));
    renew(&world, &mut client, &mut gate, number).await;
    let (code, _) = present(&world, &mut client, "/v1/me").await;
    assert!(gate.scan(&code, world.now()).outcome.unwrap().is_ok());
    assert_eq!(gate.scan(&stolen, world.now()).outcome, Some(Err(KeyFault::Revoked.into())));
    world.node.stop().await;
}

/// Weekly keys: the next one is listed days before it signs, and what the first one signed counts until it ends.
#[tokio::test]
async fn a_key_takes_over_at_the_instant_that_the_list_states() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut gate = gate(&world);
    let next = new_key(&world.keys().join("live-2.p8"));
    let (id, from) = (next.id(), Seconds::floor(world.now()).plus(3 * 24 * 3600));
    let number = world.renew_trust(|content| content.keys.push(entry(next, KeyUse::Live, from)));
    renew(&world, &mut client, &mut gate, number).await;
    world.pass_minutes(3 * 24 * 60 - 1);
    world.wait_for_round("follow").await;
    let (first, _) = present(&world, &mut client, "/v1/me").await;
    assert_ne!(inspect(&first).unwrap().key_id, Some(id));
    world.pass_minutes(1);
    // A code whose data are of the minute before states that minute, in which the first key signs.
    world.wait_for_round("follow").await;
    let (second, _) = present(&world, &mut client, "/v1/me").await;
    assert_eq!(inspect(&second).unwrap().key_id, Some(id));
    for code in [first, second] {
        assert!(gate.scan(&code, world.now()).outcome.unwrap().is_ok(), "both count");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_trust_list_that_is_worse_is_not_served() {
    let mut world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    let first = client.get("/v1/trust-list").await.bytes;
    let number = world.renew_trust(|_| {});
    let mut gate = gate(&world);
    renew(&world, &mut client, &mut gate, number).await;
    let held = client.get("/v1/trust-list").await.bytes;
    let stranger = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
    let content = world.trust(&held).content().clone();
    let foreign = TrustContent { number: number + 1, ..content }.sign(&stranger).unwrap();
    let mut unsigned = held.clone();
    *unsigned.last_mut().unwrap() ^= 1;
    for (worse, why) in [(first, "older"), (vec![], "empty"), (foreign, "of another root"), (unsigned, "unsigned")] {
        fs::write(world.keys().join("trust.cbor"), &worse).unwrap();
        let failed = world.rounds_with("trust-list", "failed").await;
        let refused = async { while world.rounds_with("trust-list", "failed").await < failed + 2 {} };
        tokio::time::timeout(Duration::from_secs(60), refused).await.expect("the job has looked");
        assert_eq!(client.get("/v1/trust-list").await.bytes, held, "{why}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn lists_are_cached_until_the_next_edition() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.wait_for_rounds("status-list", 1).await;
    let first = client.get("/v1/status-lists/1").await;
    assert_eq!(first.headers["cache-control"], "public, max-age=60");
    assert_eq!(first.headers["content-type"], "application/statuslist+cwt");
    let etag = first.headers["etag"].to_str().unwrap().to_owned();
    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let again = client.send(Method::GET, "/v1/status-lists/1", &[("if-none-match", &known)], "").await;
        assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{known}");
        assert_eq!(again.headers["etag"], etag);
    }
    let other = client.send(Method::GET, "/v1/status-lists/1", &[("if-none-match", "\"other\"")], "").await;
    assert_eq!((other.status.as_u16(), &other.bytes), (200, &first.bytes));

    world.pass_minutes(1);
    let printed = client.post("/v1/me/paper-codes", &serde_json::json!({})).await.expect(201);
    let edition = async {
        loop {
            let next = client.send(Method::GET, "/v1/status-lists/1", &[("if-none-match", &etag)], "").await;
            if next.status == 200 {
                break next;
            }
        }
    };
    let next = tokio::time::timeout(Duration::from_secs(60), edition).await.expect("the next edition");
    let mut gate = gate(&world);
    renew(&world, &mut client, &mut gate, 1).await;
    gate.lists.take_status(1, &first.bytes, world.now()).unwrap();
    gate.lists.take_status(1, &next.bytes, world.now()).unwrap();
    assert!(gate.lists.take_status(1, &first.bytes, world.now()).is_err(), "editions count upwards");
    let text = printed["text"].as_str().unwrap();
    let outcome = gate.scan(text, world.now()).outcome.unwrap();
    assert_eq!(outcome.unwrap_err(), Refusal::StatusFallen, "who is not compared yet is grey, and no paper passes");
    world.node.stop().await;
}

//! A card reader at an entrance, over the real API: pass, lane or cannot tell, and the node never sees the document.

use std::path::PathBuf;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use yima_checkpoint::{CardError, CardReader, CardResult, Evaluation, PublicCardKey};
use yima_credential::Decision;
use yima_model::{Document, DocumentKind, Zone};
use yima_node::staff::Role;

use crate::client::{Answer, Client};
use crate::log::log;
use crate::path::files_with;
use crate::world::{NUMBERS, Pace, World, comparison};

const EVALUATIONS: &str = "/v1/checkpoint/card-evaluations";
const LOOK_UPS: &str = "/v1/checkpoint/card-look-ups";
const PLACE: &str = "market-3";
/// A number that is right by form and registered nowhere.
const UNKNOWN: &str = NUMBERS[1];

/// A gate with a card reader that has signed in and pinned the key.
struct Gate {
    client: Client,
    reader: CardReader,
}

fn random(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).unwrap();
}

fn bytes<const N: usize>(text: &Value) -> [u8; N] {
    Base64UrlUnpadded::decode_vec(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

impl Gate {
    async fn open(world: &World) -> Self {
        let mut client = world.staff(Role::CardReader).await;
        let key = client.get("/v1/checkpoint/card-key").await.expect(200);
        let number = u8::try_from(key["number"].as_u64().unwrap()).unwrap();
        Self {
            client,
            reader: CardReader { number, key: PublicCardKey::from_bytes(&bytes::<32>(&key["key"])).unwrap() },
        }
    }

    async fn evaluate(&mut self, blinded: &[u8]) -> Answer {
        let asked = json!({"place": PLACE, "key": self.reader.number, "blinded": text(blinded)});
        self.client.post(EVALUATIONS, &asked).await
    }

    /// What a card gives, and the ticket with which to ask.
    async fn read(&mut self, world: &World, number: &str) -> (CardResult, String) {
        let (question, blinded) = self.reader.ask(&document(world, number), &random).unwrap();
        let answer = self.evaluate(&blinded).await.expect(200);
        let result = self.reader.finish(question, &evaluation(&answer)).unwrap();
        (result, answer["ticket"].as_str().unwrap().to_owned())
    }

    async fn ask(&mut self, result: &CardResult, ticket: &str) -> Answer {
        self.client.post(LOOK_UPS, &json!({"ticket": ticket, "result": text(&result.0)})).await
    }

    /// The whole way of a card.
    async fn scan(&mut self, world: &World, number: &str) -> Answer {
        let (result, ticket) = self.read(world, number).await;
        self.ask(&result, &ticket).await
    }
}

fn document(world: &World, number: &str) -> Document {
    let today = Zone::BEIJING.date(world.now()).unwrap();
    Document::parse(DocumentKind::ResidentId, None, number, today).unwrap()
}

fn evaluation(answer: &Value) -> Evaluation {
    Evaluation { element: bytes(&answer["element"]), proof: bytes(&answer["proof"]) }
}

fn decided(answer: &Answer) -> Decision {
    let body = answer.expect(200);
    assert_eq!(body.as_object().unwrap().len(), 1, "the answer and nothing else");
    CardReader::decide(body["answer"].as_str())
}

async fn open_place(world: &World, until: &str) {
    let place = json!({"area": "610102", "class": "venue", "listed": true, "strict": false, "staffed": false,
        "legal_basis": "notice 1", "until": until});
    world.staff(Role::Admin).await.put(&format!("/v1/staff/places/{PLACE}"), &place).await.expect(204);
}

async fn world() -> World {
    let world = World::start(Pace::STILL).await;
    open_place(&world, "2021-01-14T00:00:00+08:00").await;
    world
}

#[tokio::test]
async fn a_card_passes_or_takes_the_lane_and_the_person_sees_where_when_and_who() {
    let mut world = world().await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut gate = Gate::open(&world).await;
    let grey = gate.scan(&world, NUMBERS[0]).await;
    let unknown = gate.scan(&world, UNKNOWN).await;
    assert_eq!([decided(&grey), decided(&unknown)], [Decision::Lane, Decision::Lane]);
    assert_eq!(unknown.bytes, grey.bytes, "who is unknown is not told apart");
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let green = gate.scan(&world, NUMBERS[0]).await;
    assert_eq!(decided(&green), Decision::Pass);
    assert_eq!(green.bytes.len(), grey.bytes.len());

    let looks = client.get("/v1/me/access-log").await.expect(200);
    let looked: Vec<_> = looks.as_array().unwrap().iter().filter(|look| look["action"] == "looked-up").collect();
    assert_eq!(looked.len(), 2, "each look-up, and none of another's card");
    assert_eq!(looked[0]["at"].as_str().unwrap(), "2020-12-14T08:02:00+08:00");
    for look in looked {
        let seen = [&look["role"], &look["account"], &look["place"]];
        assert_eq!(seen, ["card-reader", "card-reader.1", PLACE]);
    }
    world.pass_minutes(29 * 24 * 60);
    let world = world.restart().await;
    world.wait_for_rounds("clear", 1).await;
    client.reconnect(&world).await;
    let looks = client.get("/v1/me/access-log").await.expect(200);
    let look = looks.as_array().unwrap().iter().find(|look| look["action"] == "looked-up").unwrap();
    assert_eq!(look["place"], Value::Null, "where it was is kept for 28 days");
    world.node.stop().await;
}

#[tokio::test]
async fn neither_log_nor_database_holds_a_number_or_what_readers_ask_with() {
    let log = log();
    let mut world = world().await;
    let (_client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut gate = Gate::open(&world).await;
    let mut secrets: Vec<Vec<u8>> = vec![NUMBERS[0].into(), UNKNOWN.into(), PLACE.into()];
    for number in [NUMBERS[0], UNKNOWN] {
        let (result, ticket) = gate.read(&world, number).await;
        decided(&gate.ask(&result, &ticket).await);
        secrets.extend([result.0.to_vec(), text(&result.0).into_bytes()]);
    }
    let data = world.data();
    world.node.stop().await;
    assert!(log.length() > 100, "the log is kept");
    // The name of the place is on record as such; of the looks it lies sealed.
    let is_place = |secret: &[u8]| secret == PLACE.as_bytes();
    for secret in &secrets {
        let found = files_with(&data, secret);
        assert!(found.is_empty() || is_place(secret), "{found:?}");
        assert!(!log.has(secret));
    }
}

#[tokio::test]
async fn a_ticket_counts_once_within_a_minute_and_for_its_reader() {
    let world = world().await;
    let mut gate = Gate::open(&world).await;
    let (result, ticket) = gate.read(&world, UNKNOWN).await;
    assert_eq!(
        gate.client.post(LOOK_UPS, &json!({"ticket": ticket, "result": "AAAA"})).await.problem(),
        "invalid-fields"
    );
    assert_eq!(decided(&gate.ask(&result, &ticket).await), Decision::Lane);
    assert_eq!(gate.ask(&result, &ticket).await.problem(), "wrong-ticket", "a replay");
    let (result, ticket) = gate.read(&world, UNKNOWN).await;
    world.pass_seconds(60);
    assert_eq!(gate.ask(&result, &ticket).await.problem(), "wrong-ticket", "too late");
    assert_eq!(gate.ask(&result, "AAAA").await.problem(), "wrong-ticket");
    let (result, ticket) = gate.read(&world, UNKNOWN).await;
    let account = json!({"account": "card-reader.2", "role": "card-reader", "password": crate::world::PASSWORD});
    world.staff(Role::Admin).await.post("/v1/staff/accounts", &account).await.expect(201);
    let mut other = world.client().await;
    let sign_in = json!({"account": "card-reader.2", "password": crate::world::PASSWORD});
    other.post("/v1/staff/sessions", &sign_in).await.expect(201);
    let stolen = other.post(LOOK_UPS, &json!({"ticket": ticket, "result": text(&result.0)})).await;
    assert_eq!(stolen.problem(), "wrong-ticket", "another reader");
    assert_eq!(decided(&gate.ask(&result, &ticket).await), Decision::Lane, "the theft used nothing up");
    world.node.stop().await;
}

#[tokio::test]
async fn readers_alone_ask_where_codes_are_checked_with_the_key_in_use() {
    let world = World::start(Pace::STILL).await;
    let mut gate = Gate::open(&world).await;
    let (_, blinded) = gate.reader.ask(&document(&world, UNKNOWN), &random).unwrap();
    assert_eq!(gate.evaluate(&blinded).await.problem(), "not-found", "no such place");
    open_place(&world, "2020-12-14T00:00:00+08:00").await;
    assert_eq!(gate.evaluate(&blinded).await.problem(), "not-permitted", "the check has ended");
    open_place(&world, "2021-01-14T00:00:00+08:00").await;
    let asked = json!({"place": PLACE, "key": gate.reader.number, "blinded": text(&blinded)});
    assert_eq!(world.client().await.post(EVALUATIONS, &asked).await.problem(), "no-session");
    assert_eq!(world.staff(Role::Checkpoint).await.post(EVALUATIONS, &asked).await.problem(), "not-permitted");
    let look_up = json!({"document": {"kind": 10, "number": UNKNOWN}, "place": PLACE, "consent": true});
    let plain = gate.client.post("/v1/checkpoint/look-ups", &look_up).await;
    assert_eq!(plain.problem(), "not-permitted", "a reader sends no documents");
    let with = |field: &str, value: Value| {
        let mut changed = asked.clone();
        changed[field] = value;
        changed
    };
    for (field, value, code) in [
        ("key", json!(gate.reader.number + 1), "not-in-use"),
        ("blinded", json!("?"), "not-base64url"),
        ("blinded", json!(text(&[0; 32])), "not-an-element"),
        ("blinded", json!(text(&blinded[1..])), "not-an-element"),
    ] {
        let refused = gate.client.post(EVALUATIONS, &with(field, value)).await;
        assert_eq!(refused.problem(), "invalid-fields");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{field}");
    }

    // A node that answered one reader under another key would know it again.
    let elsewhere = World::start(Pace::STILL).await;
    let pinned = Gate::open(&elsewhere).await.reader;
    let (question, blinded) = pinned.ask(&document(&world, UNKNOWN), &random).unwrap();
    let answer = gate.evaluate(&blinded).await.expect(200);
    assert_eq!(pinned.finish(question, &evaluation(&answer)).unwrap_err(), CardError::Proof);
    assert_eq!(CardReader::decide(None), Decision::CannotTell);
    for world in [world, elsewhere] {
        world.node.stop().await;
    }
}

#[tokio::test]
async fn reader_place_and_shift_have_quotas() {
    let world = world().await;
    let mut gate = Gate::open(&world).await;
    let (_, blinded) = gate.reader.ask(&document(&world, UNKNOWN), &random).unwrap();
    let mut asked = 0;
    let mut refused_at = Vec::new();
    for _hour in 0..6 {
        while gate.evaluate(&blinded).await.status == 200 {
            asked += 1;
        }
        refused_at.push(asked);
        world.pass_minutes(61);
    }
    assert_eq!(refused_at, [120, 240, 360, 480, 600, 600], "120 an hour, and 600 in a shift");
    assert_eq!(gate.evaluate(&blinded).await.problem(), "too-many-attempts");
    let mut next_shift = Gate::open(&world).await;
    next_shift.evaluate(&blinded).await.expect(200);
    for number in 2..=4 {
        let account = format!("card-reader.{number}");
        let new = json!({"account": account, "role": "card-reader", "password": crate::world::PASSWORD});
        world.staff(Role::Admin).await.post("/v1/staff/accounts", &new).await.expect(201);
        let mut client = world.client().await;
        let sign_in = json!({"account": account, "password": crate::world::PASSWORD});
        client.post("/v1/staff/sessions", &sign_in).await.expect(201);
        let mut other = Gate { client, reader: gate.reader };
        let mut own = 0;
        while other.evaluate(&blinded).await.status == 200 {
            own += 1;
        }
        assert_eq!(own, [120, 120, 119][number - 2], "360 an hour at the place");
    }
    world.node.stop().await;
}

/// Where a follower of the ledger finds nobody, no reader learns anything.
#[tokio::test]
async fn a_node_without_card_keys_has_nothing_to_answer_with() {
    let world = world().await;
    let keyring: PathBuf = world.keys().with_file_name("keyring");
    let lines = std::fs::read_to_string(&keyring).unwrap();
    let kept: String =
        lines.lines().filter(|line| !line.starts_with("card ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&keyring, kept).unwrap();
    let world = world.restart().await;
    let mut client = world.staff(Role::CardReader).await;
    assert_eq!(client.get("/v1/checkpoint/card-key").await.problem(), "not-found");
    let asked = json!({"place": PLACE, "key": 1, "blinded": text(&[0; 32])});
    assert_eq!(client.post(EVALUATIONS, &asked).await.problem(), "not-found");
    world.node.stop().await;
}

//! A node that stops answers what was begun; one that is killed has lost nothing that it acknowledged and repeats nothing.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use yima_model::Timestamp;

use crate::client::Client;
use crate::world::{Pace, START, World, number_of};

const KILLS: u64 = 15;
const RESIDENTS: usize = 4;

/// A resident who checks in again and again.
struct Resident {
    client: Client,
    /// What was acknowledged.
    acknowledged: u128,
    number: u128,
}

impl Resident {
    /// The key of the check-in that comes next, the same until it is acknowledged.
    fn key(&self) -> String {
        format!("{:032x}", self.number << 64 | self.acknowledged)
    }

    /// Checks in until the node is gone.
    async fn check_in(mut self, acknowledgements: mpsc::UnboundedSender<()>) -> Self {
        let body = json!({"symptoms": []});
        loop {
            let key = self.key();
            let Ok(answer) = self.client.try_to_change(Method::POST, "/v1/me/check-ins", &body, &key).await else {
                return self;
            };
            answer.expect(201);
            self.acknowledged += 1;
            let _ = acknowledgements.send(());
        }
    }

    async fn check_ins(&mut self) -> Vec<Value> {
        let facts = self.client.get("/v1/me/facts").await.expect(200);
        let facts = facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "check-in");
        facts.cloned().collect()
    }
}

/// A node in a process of its own: the example `ahead`, which is built along with the tests, its clock set back to the world's.
fn serve(config: &Path) -> (Child, SocketAddr) {
    let hour = 3_600_000;
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let hours = (Timestamp::parse(START).unwrap().millis() - now).div_euclid(hour) + 1;
    let mut child = Command::new(example("ahead"))
        .args([config.as_os_str(), hours.to_string().as_ref()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("https://").and_then(|address| address.parse().ok());
    (child, address.unwrap_or_else(|| panic!("no address: {line:?}")))
}

fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("examples").join(name)
}

#[tokio::test]
async fn a_node_that_is_killed_has_lost_nothing_acknowledged_and_repeats_nothing() {
    let mut world = World::start(Pace::STILL).await;
    let mut residents = Vec::new();
    for number in 0..RESIDENTS {
        let order = u32::try_from(number).unwrap() + 1;
        let (client, _) = world.resident(&format!("1380013800{number}"), &number_of("19900101", order)).await;
        residents.push(Resident { client, acknowledged: 0, number: u128::from(order) });
    }
    let mut killed = Vec::new();
    let mut world = world
        .while_stopped(async |folder| {
            for round in 0..KILLS {
                let (mut child, address) = serve(&folder.join("yima.toml"));
                let (sender, mut acknowledgements) = mpsc::unbounded_channel();
                let mut running = Vec::new();
                for mut resident in residents.drain(..) {
                    resident.client.reconnect_at(address, &folder.join("data/self-signed.pem")).await;
                    running.push(tokio::spawn(resident.check_in(sender.clone())));
                }
                let wanted = RandomState::new().hash_one(round) % 40;
                for _ in 0..wanted {
                    acknowledgements.recv().await.expect("the node goes on");
                }
                child.kill().unwrap();
                child.wait().unwrap();
                for resident in running {
                    residents.push(resident.await.unwrap());
                }
            }
            killed.append(&mut residents);
        })
        .await;
    // The clock of the killed node ran on from the world's.
    world.pass_minutes(120);
    let mut in_all = 0;
    for resident in &mut killed {
        resident.client.reconnect(&world).await;
        let known: usize = resident.acknowledged.try_into().unwrap();
        let found = resident.check_ins().await.len();
        assert!((known..=known + 1).contains(&found), "{known} acknowledged, {found} there");
        // What nobody was told of is sent again, and is there once.
        let (key, body) = (resident.key(), json!({"symptoms": []}));
        resident.client.change_with_key(Method::POST, "/v1/me/check-ins", &body, &key).await.expect(201);
        assert_eq!(resident.check_ins().await.len(), known + 1);
        in_all += known;
    }
    println!("{KILLS} kills, {in_all} check-ins acknowledged");
    assert!(in_all > 0, "nobody came to check in");
    let mut before = Vec::new();
    for resident in &mut killed {
        before.push(resident.client.get("/v1/me/facts").await.expect(200));
    }
    let registry = world.data().join("registry");
    assert!(registry.is_dir());
    world = world.restart_without(&registry).await;
    for (resident, before) in killed.iter_mut().zip(before) {
        resident.client.reconnect(&world).await;
        assert_eq!(resident.client.get("/v1/me/facts").await.expect(200), before, "the registry made anew");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_node_that_stops_answers_what_was_begun_and_takes_nothing_new() {
    let world = World::start(Pace::STILL).await;
    let (address, certificate) = (world.node.https(), world.data().join("self-signed.pem"));
    let mut begun = Client::stall(address, &certificate, "/v1/bindings").await;
    let counted = async { while !world.metrics().await.contains("yima_http_requests_open 1\n") {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), counted).await.expect("the request has begun");
    let stopping = tokio::spawn(world.while_stopped(async |_| ()));
    let refuses = async { while TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), refuses).await.expect("no new connection is taken");
    // The head said 100 bytes, and the first of them was sent with it.
    let rest = r#""channel": "desk"}"#;
    begun.write_all(format!("{rest}{}", " ".repeat(99 - rest.len())).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    begun.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let world = stopping.await.unwrap();
    world.node.stop().await;
}

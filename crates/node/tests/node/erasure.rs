//! Nothing of a person is left in the tables of the node either.

use std::sync::Arc;

use serde_json::json;
use yima_ledger::{Host, KeyedLedger, Ledger as _};
use yima_model::PersonId;
use yima_node::forget_person;
use yima_node::staff::Role;

use crate::path::{files_with, present};
use crate::world::{NUMBERS, Pace, World};

#[tokio::test]
async fn who_is_erased_is_gone_from_sessions_looks_pledges_and_codes() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut stays, other) = world.resident("13900139000", NUMBERS[1]).await;
    for client in [&mut client, &mut stays] {
        present(&world, client, "/v1/me").await;
        client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    }
    let mut desk = world.staff(Role::Desk).await;
    for number in [NUMBERS[0], NUMBERS[1]] {
        let document = json!({"document": {"kind": 10, "number": number}});
        desk.post("/v1/desk/one-time-codes", &document).await.expect(201);
    }
    let (folder, now) = (world.data().join("ledger"), world.now());
    world.node.stop().await;

    let person = PersonId::parse(&person).unwrap();
    let random = |bytes: &mut [u8]| bytes.fill(9);
    let open = || KeyedLedger::open(&folder, Host { clock: Arc::new(move || now), random: Arc::new(random) }).unwrap();
    let text = person.to_string();
    assert_ne!(files_with(&folder, text.as_bytes()).len(), 0);
    let ledger = open();
    forget_person(&ledger, person).unwrap();
    ledger.erase(&[person]).unwrap();
    drop(ledger);
    assert_eq!(files_with(&folder, text.as_bytes()), Vec::<std::path::PathBuf>::new());
    assert_ne!(files_with(&folder, other.as_bytes()).len(), 0, "the other one stays");
}

//! What somebody who watches the line can tell: answers about a person have one shape, whatever the colour.

use serde_json::json;
use yima_node::staff::Role;

use crate::client::{Answer, Client};
use crate::world::{NUMBERS, Pace, World, comparison, device_keys};

/// All that stands outside of the encryption, and what each header takes of the length within it.
fn shape(answer: &Answer) -> (u16, usize, Vec<(String, usize)>) {
    let mut headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().len())).collect();
    headers.sort();
    (answer.status.as_u16(), answer.bytes.len(), headers)
}

/// The shapes of everything from which a colour follows, for a person who has this one now.
async fn shapes(client: &mut Client, colour: &str) -> Vec<(&'static str, (u16, usize, Vec<(String, usize)>))> {
    let verdict = client.get("/v1/me/verdict").await;
    assert_eq!(verdict.json()["colour"], colour);
    let (one, eight) =
        (client.post("/v1/me/codes", &device_keys(1)).await, client.post("/v1/me/codes", &device_keys(8)).await);
    assert_eq!((one.status.as_u16(), eight.status.as_u16()), (200, 200));
    let mut shapes = vec![("verdict", shape(&verdict)), ("one code", shape(&one)), ("eight codes", shape(&eight))];
    for path in ["/v1/me/timeline", "/v1/me/facts", "/v1/me/nothing"] {
        shapes.push((path, shape(&client.get(path).await)));
    }
    shapes
}

#[tokio::test]
async fn no_colour_can_be_told_by_the_length_of_an_answer() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, person) = world.resident("13800138000", NUMBERS[0]).await;
    let grey = shapes(&mut client, "grey").await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let green = shapes(&mut client, "green").await;
    world.pass_minutes(1);
    let arrival = json!({
        "id": "00000000000000000000000000000002", "kind": "arrival", "person": person, "at": world.now().to_string(),
        "source": {"kind": "disease-control", "id": "disease-control.1"}, "from_area": "110101", "to_area": "610102",
    });
    world.staff(Role::DiseaseControl).await.file("/v1/facts", &[arrival]).await.expect(201);
    let yellow = shapes(&mut client, "yellow").await;
    world.pass_minutes(1);
    client.post("/v1/me/check-ins", &json!({"symptoms": ["fever", "cough"]})).await.expect(201);
    let red = shapes(&mut client, "red").await;
    for (colour, other) in [("grey", grey), ("yellow", yellow), ("red", red)] {
        assert_eq!(other, green, "{colour}");
    }
    world.node.stop().await;
}

//! One code for the whole country: issued for a resident of any province, it counts at a checkpoint in any other.

use serde_json::json;
use yima_credential::place::{Decision, Place, PlaceClass, Staffing, Strictness};
use yima_credential::{Checkpoint, Seen, TrustList, verify};
use yima_model::Level;
use yima_model::area::{AreaCode, Depth};
use yima_model::division::DivisionTree;
use yima_node::staff::Role;

use crate::path::present;
use crate::world::{Pace, World, application, comparison};

/// The eighth plan, as if it had been published in the winter in which the tests take place.
fn national_pack() -> String {
    let text = include_str!("../../../../packs/state-council-2021-05.toml");
    text.replace("2021-05-14", "2020-12-01").replace("2021-08-12", "2021-02-25")
}

/// The 34 regions, each with an area in it where somebody can live.
fn regions() -> Vec<(AreaCode, AreaCode)> {
    let divisions = DivisionTree::built_in();
    let county = |region: AreaCode| {
        let inside = divisions.areas().find(|area| region.contains(*area) && area.depth() == Depth::County);
        (region, inside.unwrap_or(region))
    };
    // The Corps is administered from several places, but it is no region.
    divisions.children(None).filter(|region| region.gbt2260() != 660_000).map(county).collect()
}

/// What a checkpoint at this place does with a code, with the lists it holds.
fn decide(world: &World, place: Place, trust: &TrustList, text: &str) -> Decision {
    let checkpoint = Checkpoint { place, trust, status: &[], built: world.now() };
    place.decide(&verify(text, &checkpoint, &mut Seen::default(), world.now()))
}

#[tokio::test]
async fn a_code_of_each_region_passes_in_every_other_with_and_without_a_network() {
    let mut world = World::start_under(&national_pack(), Pace::STILL, "").await;
    let regions = regions();
    assert_eq!(regions.len(), 34);
    let held = world.trust(&world.client().await.get("/v1/trust-list").await.bytes);

    let mut admin = world.staff(Role::Admin).await;
    let mut places = Vec::new();
    for (region, county) in &regions {
        let id = format!("station-{}", region.gbt2260());
        let place = json!({"area": county.to_string(), "class": "traffic", "listed": true, "strict": false, "staffed": true,
            "legal_basis": "国务院联防联控机制通知", "until": "2021-01-01T00:00:00+08:00"});
        admin.put(&format!("/v1/staff/places/{id}"), &place).await.expect(204);
        let read = admin.get(&format!("/v1/places/{id}")).await.expect(200);
        assert_eq!((&read["area"], &read["level"]), (&json!(county.to_string()), &json!("low")));
        places.push(Place {
            class: PlaceClass::from_word(read["class"].as_str().unwrap()).unwrap(),
            level: Level::Low,
            listed: read["listed"].as_bool().unwrap(),
            strictness: Strictness::Ordinary,
            staffing: Staffing::Attended,
        });
    }

    let mut residents = Vec::new();
    for (number, (region, county)) in regions.iter().enumerate() {
        let mut client = world.bound(&format!("138001380{number:02}")).await;
        let mut form = application("");
        form["document"] = json!({"kind": 99, "number": format!("A-{number}")});
        form["dwellings"][0]["area"] = county.to_string().into();
        let applied = client.post("/v1/residents", &form).await.expect(201);
        residents.push((client, applied["person"].clone(), *region));
    }
    world.pass_minutes(1);
    let mut compared = comparison(world.now());
    compared["list"] = "cn-risk-register".into();
    world.staff(Role::Register).await.file("/v1/facts", &[compared]).await.expect(201);
    // Whoever lives in the last region came home from abroad.
    let now = world.now().to_string();
    let arrival = json!({"id": format!("{:032x}", 9), "person": residents[33].1, "kind": "arrival", "at": now,
        "from_area": "710000", "to_area": "110101", "source": {"kind": "disease-control", "id": "disease-control.1"}});
    let filed = world.staff(Role::DiseaseControl).await.file("/v1/facts", &[arrival]).await.expect(201);
    assert!(filed["rows"][0]["inert"].is_null(), "{filed}");

    world.pass_minutes(12 * 60);
    let fresh = world.trust(&world.client().await.get("/v1/trust-list").await.bytes);
    for (number, (client, _, region)) in residents.iter_mut().enumerate() {
        let (text, batch) = present(&world, client, "/v1/me").await;
        let (colour, wanted) = if number == 33 { ("red", Decision::Stop) } else { ("green", Decision::Pass) };
        assert_eq!(batch["verdict"]["colour"], colour, "who lives in {region}");
        for (place, (elsewhere, _)) in places.iter().zip(&regions) {
            for (trust, network) in [(&fresh, "with"), (&held, "without")] {
                let done = decide(&world, *place, trust, &text);
                assert_eq!(done, wanted, "a code of {region} in {elsewhere} {network} a network");
            }
        }
    }
    world.node.stop().await;
}

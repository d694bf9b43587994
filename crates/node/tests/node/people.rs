//! Sign-ins, lost devices, dependents, people without a phone, paper.

use serde_json::json;
use yima_credential::{Refusal, Standing};
use yima_model::Zone;
use yima_node::staff::Role;

use crate::path::{check, present};
use crate::world::{NUMBERS, Pace, World, application, comparison};

#[tokio::test]
async fn a_lost_device_is_signed_out_from_another_one() {
    let mut world = World::start(Pace::STILL).await;
    let (mut lost, person) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(2);
    let mut other = world.bound("138 0013 8000").await;
    assert_eq!(other.get("/v1/me").await.expect(200)["person"], person.as_str());
    let sessions = other.get("/v1/me/sessions").await.expect(200);
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let stolen = sessions.iter().find(|session| session["current"] == false).unwrap();
    other.delete(&format!("/v1/me/sessions/{}", stolen["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(lost.get("/v1/me").await.problem(), "no-session");
    other.delete("/v1/session").await.expect(204);
    assert_eq!(other.get("/v1/me").await.problem(), "no-session");
    world.node.stop().await;
}

#[tokio::test]
async fn after_a_binding_has_expired_everything_is_still_there() {
    let mut world = World::start_with(Pace::STILL, "terms = { binding_days = 20 }\n").await;
    let (mut before, person) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    desk.post("/v1/desk/registrations", &application(NUMBERS[1])).await.expect(201);
    let document = |number: &str| json!({"kind": 10, "number": number});
    let relation = json!({"guardian": document(NUMBERS[0]), "dependent": document(NUMBERS[1]), "relation": "parent"});
    desk.post("/v1/desk/relations", &relation).await.expect(201);
    let binding = |me: &serde_json::Value| (me["binding"]["expires"].clone(), me["binding"]["expired"].clone());
    let me = before.get("/v1/me").await.expect(200);
    assert_eq!(binding(&me), (json!("2021-01-03T08:01:00+08:00"), json!(false)));
    world.pass_minutes(20 * 24 * 60);
    let me = before.get("/v1/me").await.expect(200);
    assert_eq!(binding(&me).1, json!(true), "at that very minute");

    let mut client = world.bound("13800138000").await;
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!(binding(&me), (json!("2021-01-23T08:01:00+08:00"), json!(false)));
    assert_eq!((&me["person"], &me["name"]), (&json!(person), &json!("*小明")));
    assert_eq!(me["dependents"].as_array().unwrap().len(), 1);
    let receipt = client.get("/v1/me/receipt").await.expect(200);
    assert_eq!(
        (&receipt["dwellings"][0]["area"], &receipt["pledge"]["version"]),
        (&json!("610102"), &json!("2020-12"))
    );
    assert_eq!(receipt["declarations"].as_array().unwrap().len(), 1);
    world.node.stop().await;
}

#[tokio::test]
async fn a_one_time_code_that_is_on_its_way_counts_after_a_restart() {
    let mut world = World::start(Pace::STILL).await;
    let phone = json!({"channel": "phone", "address": "13800138000"});
    let begun = world.client().await.post("/v1/bindings", &phone).await.expect(202);
    let code = world.one_time_code();
    assert_eq!(crate::path::files_with(&world.data(), b"13800138000"), Vec::<std::path::PathBuf>::new(), "sealed");
    let mut world = world.restart().await;
    let mut client = world.client().await;
    let path = format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
    client.post(&path, &json!({"code": code})).await.expect(200);
    assert_eq!(client.get("/v1/me").await.problem(), "not-registered");
    client.post("/v1/residents", &application(NUMBERS[0])).await.expect(201);
    world.pass_minutes(2);
    world.bound("13800138000").await.get("/v1/me").await.expect(200);
    world.node.stop().await;
}

#[tokio::test]
async fn a_dependent_without_a_phone_gets_paper_that_passes_and_falls() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, guardian_id) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let mut child = application(NUMBERS[1]);
    child["name"] = "王小红".into();
    let registered = desk.post("/v1/desk/registrations", &child).await.expect(201);
    let person = registered["person"].as_str().unwrap().to_owned();
    let path = format!("/v1/dependents/{person}");
    assert_eq!(guardian.get(&format!("{path}/verdict")).await.problem(), "not-found", "no relation yet");

    let document = |number: &str| json!({"kind": 10, "number": number});
    let wanted = json!({"document": document(NUMBERS[1]), "relation": "parent"});
    let code = desk.post("/v1/desk/one-time-codes", &wanted).await.expect(201);
    guardian.post("/v1/me/dependents", &json!({"proof": code["code"]})).await.expect(201);
    assert_eq!(guardian.post("/v1/me/dependents", &json!({"proof": code["code"]})).await.problem(), "wrong-code");
    let dependents = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!((&dependents[0]["name"], &dependents[0]["relation"]), (&json!("王小红"), &json!("parent")));
    assert_eq!(dependents[0]["until"], "2033-03-07T00:00:00+08:00", "the eighteenth birthday");

    world.pass_minutes(1);
    let mut register = world.staff(Role::Register).await;
    register.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    assert_eq!(guardian.get(&format!("{path}/verdict")).await.expect(200)["colour"], "green");
    let (text, _) = present(&world, &mut guardian, &path).await;
    assert!(check(&world, &mut guardian, &text).await.is_ok());

    let paper = guardian.post(&format!("{path}/paper-codes"), &json!({})).await.expect(201);
    assert_eq!(paper["guardian"], json!({"name": "王小明", "relation": "parent"}));
    assert!(paper["svg"].as_str().unwrap().starts_with("<svg"));
    let text = paper["text"].as_str().unwrap().to_owned();
    let passes = async {
        loop {
            if let Ok(verified) = check(&world, &mut guardian, &text).await {
                break verified;
            }
        }
    };
    let verified =
        tokio::time::timeout(std::time::Duration::from_secs(60), passes).await.expect("an edition that passes");
    assert_eq!(verified.standing(), Standing::Passes);
    assert_eq!(verified.guardian().unwrap().name.reveal(), '明');

    // A reprint, as PDF this time.
    let pdf = guardian.post(&format!("{path}/paper-codes?layout=cards&language=zh-TW"), &json!({})).await;
    assert_eq!((pdf.status.as_u16(), &pdf.bytes[..5]), (201, b"%PDF-".as_slice()));
    let falls = async { while check(&world, &mut guardian, &text).await != Err(Refusal::StatusFallen) {} };
    tokio::time::timeout(std::time::Duration::from_secs(60), falls).await.expect("a reprint lets the older one fall");

    let looks = guardian.get(&format!("{path}/access-log")).await.expect(200);
    let actions: Vec<_> = looks.as_array().unwrap().iter().map(|look| look["action"].as_str().unwrap()).collect();
    for action in ["registered", "printed", "read-verdict", "fetched-codes"] {
        assert!(actions.contains(&action), "{action}");
    }
    guardian.delete(&format!("/v1/me/dependents/{person}")).await.expect(200);
    assert_eq!(guardian.get(&format!("{path}/verdict")).await.problem(), "not-found");
    assert_eq!(guardian.get("/v1/me").await.expect(200)["person"], guardian_id.as_str());
    world.node.stop().await;
}

#[tokio::test]
async fn a_day_without_a_phone() {
    let world = World::start(Pace::STILL).await;
    let mut desk = world.staff(Role::Desk).await;
    let document = json!({"kind": 10, "number": NUMBERS[2]});
    let named = json!({"document": document});
    assert_eq!(desk.post("/v1/desk/verdicts", &named).await.problem(), "not-registered");
    desk.post("/v1/desk/registrations", &application(NUMBERS[2])).await.expect(201);
    desk.post("/v1/desk/check-ins", &json!({"document": document, "symptoms": []})).await.expect(201);
    assert_eq!(desk.post("/v1/desk/verdicts", &named).await.expect(200)["colour"], "grey");
    desk.post("/v1/desk/paper-codes", &named).await.expect(201);
    for layout in ["fold", "cards", "receipt"] {
        let pdf = desk.post(&format!("/v1/desk/paper-codes?layout={layout}"), &named).await;
        assert_eq!(pdf.status.as_u16(), 201, "{layout}");
        assert_eq!(pdf.headers["content-type"], "application/pdf", "{layout}");
        assert!(pdf.bytes.starts_with(b"%PDF-"), "{layout}");
    }
    for wrong in ["layout=poster", "layout=fold&language=fr", "language=fr"] {
        let path = format!("/v1/desk/paper-codes?{wrong}");
        assert_eq!(desk.post(&path, &named).await.problem(), "invalid-fields", "{wrong}");
    }
    let code = desk.post("/v1/desk/one-time-codes", &named).await.expect(201);

    let mut borrowed = world.client().await;
    let begun = borrowed.post("/v1/bindings", &json!({"channel": "desk"})).await.expect(202);
    let path = format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
    assert_eq!(borrowed.post(&path, &json!({"code": "0000000000"})).await.problem(), "wrong-code");
    let entered = borrowed.post(&path, &json!({"code": code["code"]})).await.expect(200);
    assert_eq!(borrowed.get("/v1/me").await.expect(200)["person"], entered["person"]);
    let looks = borrowed.get("/v1/me/access-log").await.expect(200);
    assert!(looks.as_array().unwrap().iter().all(|look| look["account"] == "desk.1"));
    assert!(looks.as_array().unwrap().len() >= 5);
    world.node.stop().await;
}

#[tokio::test]
async fn whatever_the_page_can_say_a_desk_says_for_whoever_stands_before_it() {
    let world = World::start(Pace::STILL).await;
    let named = json!({"document": {"kind": 10, "number": NUMBERS[2]}});
    let mut desk = world.staff(Role::Desk).await;
    let registered = desk.post("/v1/desk/registrations", &application(NUMBERS[2])).await.expect(201);
    let record = format!("/v1/desk/persons/{}", registered["person"].as_str().unwrap());
    let of = |path: &str| format!("{record}/{path}");

    let mut community = world.staff(Role::Community).await;
    assert_eq!(community.get(&of("declarations")).await.problem(), "not-found", "nobody has shown a document there");
    community.post("/v1/persons/find", &named).await.expect(200);
    let said = community.get(&of("declarations")).await.expect(200);
    let amended = json!({"symptoms": ["cough"], "contact": "no", "on_duty": false});
    let path = of(&format!("declarations/{}", said[0]["fact"].as_str().unwrap()));
    world.pass_minutes(1);
    community.put(&path, &amended).await.expect(200);
    world.pass_minutes(1);
    community.post(&of("declarations"), &amended).await.expect(201);
    let said = community.get(&of("declarations")).await.expect(200);
    assert_eq!((said.as_array().unwrap().len(), &said[0]["source"]), (3, &json!("community")));

    community.post(&of("dwellings"), &json!({"role": "present", "area": "610103"})).await.expect(201);
    world.pass_minutes(1);
    let addresses = community.get(&of("dwellings")).await.expect(200);
    let path = of(&format!("dwellings/{}", addresses[0]["fact"].as_str().unwrap()));
    community.put(&path, &json!({"role": "present", "area": "610104"})).await.expect(200);
    assert_eq!(community.get(&of("dwellings")).await.expect(200)[0]["area"], "610104");
    let trip = json!({"area": "420106", "first_day": "2020-12-10", "last_day": "2020-12-11"});
    community.post(&of("trips"), &trip).await.expect(201);
    community.get(&of("risk-visits")).await.expect(200);
    community.get(&of("timeline")).await.expect(200);
    let why = community.get(&of("verdict")).await.expect(200);
    assert_eq!(why["colour"], "yellow", "a person who coughs");

    let contested = json!({"fact": why["grounds"][0]["facts"][0]["id"]});
    let contested = community.post(&of("disputes"), &contested).await.expect(201);
    let ruling = |person: &serde_json::Value, dispute: &serde_json::Value| {
        format!("/v1/staff/persons/{}/disputes/{}", person.as_str().unwrap(), dispute.as_str().unwrap())
    };
    let path = ruling(&registered["person"], &contested["dispute"]);
    let stands = json!({"stands": false});
    assert_eq!(community.post(&path, &stands).await.problem(), "refused", "it wrote the objection down itself");
    world.staff(Role::Hospital).await.post(&path, &stands).await.expect(201);

    let looks = community.get(&of("access-log")).await.expect(200);
    let actions: Vec<_> = looks.as_array().unwrap().iter().map(|look| look["action"].as_str().unwrap()).collect();
    for action in ["found", "read-record", "amended", "read-visits", "read-verdict", "contested"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }

    let mut checkpoint = world.staff(Role::Checkpoint).await;
    assert_eq!(checkpoint.get(&of("declarations")).await.problem(), "not-permitted");
    assert_eq!(world.client().await.get(&of("declarations")).await.problem(), "no-session");
    assert_eq!(community.get(&of("codes")).await.status.as_u16(), 404, "codes are printed there");
    desk.get(&of("verdict")).await.expect(200);
    world.pass_minutes(31);
    assert_eq!(desk.get(&of("verdict")).await.problem(), "not-found", "the person has gone");
    world.node.stop().await;
}

#[tokio::test]
async fn a_check_in_that_waited_for_a_network_counts_from_when_it_was_made() {
    let mut world = World::start(Pace::STILL).await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.pass_minutes(50 * 60);
    let made = |hours: i64| Zone::BEIJING.format(world.now().plus_millis(-hours * 3_600_000));
    let check_in = |made: &str| json!({"symptoms": [], "made": made});
    for (wrong, code) in [(made(49), "waited-too-long"), ("yesterday".to_owned(), "not-an-instant")] {
        let refused = client.post("/v1/me/check-ins", &check_in(&wrong)).await.json();
        assert_eq!((&refused["errors"][0]["field"], &refused["errors"][0]["code"]), (&json!("made"), &json!(code)));
    }
    // A phone whose clock is three hours ahead says no more than that it is now.
    for (said, at) in [(made(48), made(48)), (made(1), made(1)), (made(-3), made(0))] {
        client.post("/v1/me/check-ins", &check_in(&said)).await.expect(201);
        let facts = client.get("/v1/me/facts").await.expect(200);
        let check_ins = facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "check-in");
        assert!(check_ins.clone().any(|fact| fact["at"] == at.as_str()), "{said}: {facts}");
        assert!(check_ins.clone().all(|fact| fact["recorded"] == made(0).as_str()), "{said}");
    }
    world.node.stop().await;
}

#[tokio::test]
async fn a_desk_ends_the_care_that_it_began() {
    let mut world = World::start(Pace::STILL).await;
    let (mut guardian, _) = world.resident("13800138000", NUMBERS[0]).await;
    world.resident("13900139000", NUMBERS[1]).await;
    let mut desk = world.staff(Role::Desk).await;
    let both = json!({"guardian": {"kind": 10, "number": NUMBERS[0]}, "dependent": {"kind": 10, "number": NUMBERS[1]}});
    assert_eq!(desk.post("/v1/desk/relations/end", &both).await.problem(), "not-found");
    let mut begin = both.clone();
    begin["relation"] = "friend".into();
    desk.post("/v1/desk/relations", &begin).await.expect(201);
    let managed = guardian.get("/v1/me/dependents").await.expect(200);
    assert_eq!(managed.as_array().unwrap().len(), 1);
    assert_eq!(
        world.staff(Role::Community).await.post("/v1/desk/relations/end", &both).await.problem(),
        "not-permitted"
    );
    world.pass_minutes(1);
    desk.post("/v1/desk/relations/end", &both).await.expect(200);
    assert_eq!(guardian.get("/v1/me/dependents").await.expect(200), json!([]));
    world.node.stop().await;
}

#[tokio::test]
async fn who_helps_a_grown_person_sees_the_colour_and_not_the_life() {
    let mut world = World::start(Pace::STILL).await;
    let (mut helper, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (mut grown, person) = world.resident("13900139000", NUMBERS[2]).await;
    let mut desk = world.staff(Role::Desk).await;
    let document = |number: &str| json!({"kind": 10, "number": number});
    let care = json!({"guardian": document(NUMBERS[0]), "dependent": document(NUMBERS[2]), "relation": "friend"});
    desk.post("/v1/desk/relations", &care).await.expect(201);
    world.pass_minutes(1);
    let of = |path: &str| format!("/v1/dependents/{person}/{path}");
    helper.get(&of("verdict")).await.expect(200);
    helper.get(&of("timeline")).await.expect(200);
    helper.post(&of("check-ins"), &json!({"symptoms": []})).await.expect(201);
    for path in ["risk-visits", "access-log"] {
        assert_eq!(helper.get(&of(path)).await.problem(), "not-permitted", "{path}");
        grown.get(&format!("/v1/me/{path}")).await.expect(200);
    }
    assert_eq!(helper.get(&of("declarations")).await.expect(200), json!([]), "what the person declared");
    assert_eq!(helper.get(&of("dwellings")).await.expect(200), json!([]));
    let health = json!({"symptoms": [], "contact": "no", "on_duty": false});
    helper.post(&of("declarations"), &health).await.expect(201);
    let said = helper.get(&of("declarations")).await.expect(200);
    assert_eq!((said.as_array().unwrap().len(), &said[0]["source"]), (1, &json!("guardian")), "what the helper did");
    assert_eq!(grown.get("/v1/me/declarations").await.expect(200).as_array().unwrap().len(), 2);
    world.node.stop().await;
}

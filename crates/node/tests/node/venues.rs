//! Venues: a screen is enrolled and shows tokens, a poster makes no visit, and warnings reach everybody alike.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use yima_credential::{
    Refusal, Seconds, Signer, TrustList, VenueCredential, VenueVerifier, VerifiedVenue, WarningList,
};
use yima_model::Timestamp;
use yima_node::staff::Role;

use crate::client::Client;
use crate::world::{NUMBERS, Pace, World};

const NAME: &str = "人民公园南门";

/// The screen at an entrance.
struct Screen {
    key: Signer,
    client: Client,
}

impl Screen {
    async fn new(world: &World) -> Self {
        let key = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
        Self { key, client: world.client().await }
    }

    fn public(&self) -> Value {
        let coordinates = self.key.public().coordinates();
        let text = |bytes: &[u8; 32]| Base64UrlUnpadded::encode_string(bytes);
        json!({"x": text(&coordinates.x), "y": text(&coordinates.y)})
    }

    async fn enrol(&mut self, code: &str) -> Result<VenueCredential, String> {
        let request = json!({"code": code, "key": self.public()});
        self.credential("/v1/venue-devices", &request).await
    }

    async fn renew(&mut self) -> Result<VenueCredential, String> {
        let request = json!({"key": self.public()});
        self.credential("/v1/venue-credentials", &request).await
    }

    async fn credential(&mut self, path: &str, request: &Value) -> Result<VenueCredential, String> {
        let answer = self.client.post(path, request).await;
        if !answer.status.is_success() {
            return Err(answer.problem());
        }
        let text = answer.json()["credential"].as_str().unwrap().to_owned();
        Ok(VenueCredential::received(Base64UrlUnpadded::decode_vec(&text).unwrap()))
    }

    fn show(&self, credential: &VenueCredential, at: Timestamp) -> String {
        credential.present(&self.key, Seconds::floor(at), "https://yima.example/").unwrap()
    }
}

/// A venue of Xincheng, and the code for its first screen.
async fn register(world: &World) -> (String, String) {
    let request = json!({"name": NAME, "area": "610102"});
    let venue = world.staff(Role::Desk).await.post("/v1/staff/venues", &request).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&venue["venue"]), text(&venue["enrolment"]["code"]))
}

async fn trust(world: &World) -> TrustList {
    world.trust(&world.client().await.get("/v1/trust-list").await.bytes)
}

async fn visit(world: &World, link: &str) -> Result<VerifiedVenue, Refusal> {
    let trust = trust(world).await;
    VenueVerifier { trust: &trust, warnings: None, built: Timestamp::BEGINNING }.verify(link, world.now())
}

async fn warnings(world: &World) -> WarningList {
    let list = world.client().await.get("/v1/venue-warnings").await;
    assert_eq!(list.headers["cache-control"], "public, max-age=60", "the same for everybody");
    WarningList::open(&list.bytes, &trust(world).await, None, world.now()).unwrap()
}

#[tokio::test]
async fn a_screen_shows_who_it_is_for_a_minute_and_a_withdrawn_one_ends_within_the_day() {
    let world = World::start(Pace::STILL).await;
    let (venue, code) = register(&world).await;
    let mut screen = Screen::new(&world).await;
    assert_eq!(screen.renew().await.unwrap_err(), "not-permitted");
    assert_eq!(screen.enrol("AAAAAAAAAAAA").await.unwrap_err(), "wrong-code");
    let spoken = format!("{} {} {}", &code[..4], &code[4..8], code[8..].to_lowercase());
    let credential = screen.enrol(&spoken).await.unwrap();
    assert_eq!(Screen::new(&world).await.enrol(&code).await.unwrap_err(), "wrong-code", "one code, one screen");

    let poster = screen.show(&credential, world.now());
    let seen = visit(&world, &poster).await.unwrap();
    let id: String = seen.venue().bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((id, seen.name().as_str()), (venue.clone(), NAME));
    let stranger = Screen::new(&world).await.show(&credential, world.now());
    assert_eq!(visit(&world, &stranger).await, Err(Refusal::PresentationKeyMismatch), "a credential without its key");
    world.pass_seconds(61);
    assert_eq!(visit(&world, &poster).await, Err(Refusal::PresentationTooOld), "a photographed poster");
    visit(&world, &screen.show(&credential, world.now())).await.unwrap();

    let mut desk = world.staff(Role::Desk).await;
    let devices = format!("/v1/staff/venues/{venue}/devices");
    let second = desk.post(&devices, &Value::Null).await.expect(201)["code"].as_str().unwrap().to_owned();
    screen.renew().await.unwrap();
    desk.delete(&devices).await.expect(204);
    assert_eq!(screen.renew().await.unwrap_err(), "not-permitted", "a stolen screen gets nothing more");
    assert_eq!(Screen::new(&world).await.enrol(&second).await.unwrap_err(), "not-permitted", "nor does an open code");
    world.pass_minutes(24 * 60);
    assert_eq!(visit(&world, &screen.show(&credential, world.now())).await, Err(Refusal::Expired));

    let mut desk = world.staff(Role::Desk).await;
    let third = desk.post(&devices, &Value::Null).await.expect(201)["code"].as_str().unwrap().to_owned();
    world.pass_minutes(60);
    assert_eq!(screen.enrol(&third).await.unwrap_err(), "wrong-code", "a code counts for an hour");
    world.node.stop().await;
}

#[tokio::test]
async fn venues_are_registered_by_staff_whose_task_it_is() {
    let world = World::start(Pace::STILL).await;
    let request = |name: &str, area: &str| json!({"name": name, "area": area});
    for role in [Role::Headquarters, Role::DiseaseControl, Role::Checkpoint] {
        let answer = world.staff(role).await.post("/v1/staff/venues", &request(NAME, "610102")).await;
        assert_eq!(answer.problem(), "not-permitted", "{}", role.word());
    }
    let mut desk = world.staff(Role::Desk).await;
    for (name, area) in [("", "610102"), (&"园".repeat(21), "610102"), (NAME, "999999"), (NAME, "x")] {
        assert_eq!(
            desk.post("/v1/staff/venues", &request(name, area)).await.problem(),
            "invalid-fields",
            "{name} {area}"
        );
    }
    assert_eq!(desk.get("/v1/staff/venues").await.expect(200), json!([]));
    assert_eq!(desk.delete("/v1/staff/venues/00/devices").await.problem(), "not-found");
    let (venue, _) = register(&world).await;
    let expected = json!([{"venue": venue, "name": NAME, "area": "610102"}]);
    assert_eq!(world.staff(Role::DiseaseControl).await.get("/v1/staff/venues").await.expect(200), expected);
    world.node.stop().await;
}

#[tokio::test]
async fn a_warning_reaches_whoever_was_there_then_until_it_is_taken_back_or_too_old() {
    let world = World::start(Pace::STILL).await;
    let (venue, code) = register(&world).await;
    let mut screen = Screen::new(&world).await;
    let credential = screen.enrol(&code).await.unwrap();
    let seen = visit(&world, &screen.show(&credential, world.now())).await.unwrap();
    let was_there = |list: &WarningList, hours: i64| {
        let from = seen.at().timestamp().plus_millis(hours * 3_600_000);
        list.about(seen.venue(), Seconds::floor(from), Seconds::floor(from).plus(3600)).count()
    };
    let before = warnings(&world).await;
    assert_eq!(was_there(&before, 0), 0);

    world.pass_minutes(120);
    let at = |hours: i64| seen.at().timestamp().plus_millis(hours * 3_600_000).to_string();
    let warning = |from: i64, until: i64| json!({"venue": venue, "from": at(from), "until": at(until)});
    let path = "/v1/staff/venue-warnings";
    for role in [Role::Desk, Role::Headquarters, Role::Community] {
        assert_eq!(world.staff(role).await.post(path, &warning(0, 1)).await.problem(), "not-permitted");
    }
    let mut control = world.staff(Role::DiseaseControl).await;
    for (from, until) in [(1, 1), (1, 0), (-24, 1), (1, 3), (-15 * 24, -15 * 24 + 1)] {
        assert_eq!(control.post(path, &warning(from, until)).await.problem(), "invalid-fields", "{from} {until}");
    }
    let unknown = json!({"venue": "00112233445566778899aabbccddeeff", "from": at(0), "until": at(1)});
    assert_eq!(control.post(path, &unknown).await.problem(), "not-found");
    let filed = control.post(path, &warning(0, 1)).await.expect(201);
    assert_eq!(control.post(path, &warning(0, 1)).await.expect(201), filed, "twice is once");

    let after = warnings(&world).await;
    assert!(before.content().number < after.content().number);
    assert_eq!([-1, 0, 1].map(|hours| was_there(&after, hours)), [0, 1, 0], "times are half-open");

    let one = format!("{path}/{}", filed["id"].as_str().unwrap());
    assert_eq!(world.staff(Role::Desk).await.delete(&one).await.problem(), "not-permitted");
    control.delete(&one).await.expect(204);
    let taken_back = warnings(&world).await;
    assert_eq!(was_there(&taken_back, 0), 0);
    assert!(after.content().number < taken_back.content().number, "no phone keeps the list from before");
    assert_eq!(control.delete(&one).await.problem(), "not-found");

    control.post(path, &warning(0, 1)).await.expect(201);
    world.pass_minutes(14 * 24 * 60 - 61);
    assert_eq!(was_there(&warnings(&world).await, 0), 1);
    world.pass_minutes(15);
    assert_eq!(was_there(&warnings(&world).await, 0), 0, "no phone keeps a visit for so long");
    world.node.stop().await;
}

/// The Shaanxi pack with visits reported from tomorrow at eight on, for nine days.
fn reporting_pack() -> String {
    let text = include_str!("../../../../packs/shaanxi-2020-12.toml");
    let visits = "[venue_visits]\nfrom = \"2020-12-15T08:00:00+08:00\"\nuntil = \"2020-12-24T08:00:00+08:00\"\ndays = 4\n\
                  source = \"notice 7\"\nreason = { zh-CN = \"查\", zh-TW = \"查\", en = \"Trace\" }\n";
    format!("{text}\n{visits}")
}

/// How many stays are kept of a person.
async fn stays(client: &mut Client) -> usize {
    let facts = client.get("/v1/me/facts").await.expect(200);
    facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "stay").count()
}

#[tokio::test]
async fn visits_are_taken_while_and_where_a_pack_in_force_says_so_and_are_deleted_then() {
    let mut world = World::start_under(&reporting_pack(), Pace::STILL, "terms = { session_days = 90 }\n").await;
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let (_, code) = register(&world).await;
    let mut screen = Screen::new(&world).await;
    let credential = screen.enrol(&code).await.unwrap();
    let path = "/v1/me/venue-visits";
    let link = |at: Timestamp, by: &Screen, credential| json!({"link": by.show(credential, at)});

    assert_eq!(world.client().await.get("/v1/venue-visits").await.expect(200), json!([]));
    let seen = world.now();
    let early = link(seen, &screen, &credential);
    assert_eq!(client.post(path, &early).await.problem(), "visits-stay-on-phone");

    world.pass_minutes(24 * 60);
    let said = world.client().await.get("/v1/venue-visits").await.expect(200);
    assert_eq!(said[0]["pack"], "shaanxi-2020-12");
    let terms = json!({"from": "2020-12-15T08:00:00+08:00", "until": "2020-12-24T08:00:00+08:00", "days": 4,
        "source": "notice 7", "reason": {"zh-CN": "查", "zh-TW": "查", "en": "Trace"}});
    assert_eq!(said[0]["venue_visits"], terms);
    assert_eq!(client.post(path, &early).await.problem(), "visits-stay-on-phone", "not what lies before it");
    let credential = screen.renew().await.unwrap();
    let now = link(world.now(), &screen, &credential);
    assert_eq!(world.client().await.post(path, &now).await.problem(), "no-session");
    let stored = client.post(path, &now).await.expect(201);
    assert_eq!((&stored["area"]["code"], &stored["proven"]), (&json!("610102"), &json!(true)));
    assert_eq!(
        (&stored["day"], &stored["kept_until"]),
        (&json!("2020-12-15T00:00:00+08:00"), &json!("2020-12-20T00:00:00+08:00"))
    );
    world.pass_seconds(30);
    let again = client.post(path, &link(world.now(), &screen, &credential)).await.expect(201);
    assert_eq!(again["facts"], stored["facts"], "twice on a day is once");

    let forged = Screen::new(&world).await;
    let refused = client.post(path, &link(world.now(), &forged, &credential)).await;
    assert_eq!(refused.json()["errors"][0]["code"], "not-a-visit");
    let ahead = link(world.now().plus_millis(31_000), &screen, &credential);
    assert_eq!(client.post(path, &ahead).await.problem(), "invalid-fields");

    // A poster, or a visit that the phone kept while it was offline: stored, and inert.
    let poster = link(world.now(), &screen, &credential);
    world.pass_seconds(61);
    let claimed = client.post(path, &poster).await.expect(201);
    assert_eq!((&claimed["proven"], claimed["facts"].as_array().unwrap().len()), (&json!(false), 2));

    assert_eq!(stays(&mut client).await, 2);
    world.pass_minutes(10 * 24 * 60);
    let world = world.restart().await;
    client.reconnect(&world).await;
    world.wait_for_rounds("retention", 1).await;
    assert_eq!(stays(&mut client).await, 0, "no pack says so any more");
    assert_eq!(world.client().await.get("/v1/venue-visits").await.expect(200), json!([]));
    let mut screen = Screen { client: world.client().await, ..screen };
    let credential = screen.renew().await.unwrap();
    assert_eq!(client.post(path, &link(world.now(), &screen, &credential)).await.problem(), "visits-stay-on-phone");
    world.node.stop().await;
}

#[tokio::test]
async fn a_venue_elsewhere_stays_on_the_phone() {
    let mut world = World::start_under(&reporting_pack(), Pace::STILL, "").await;
    world.pass_minutes(24 * 60);
    let (mut client, _) = world.resident("13800138000", NUMBERS[0]).await;
    let request = json!({"name": NAME, "area": "420602"});
    let venue = world.staff(Role::Desk).await.post("/v1/staff/venues", &request).await.expect(201);
    let mut screen = Screen::new(&world).await;
    let credential = screen.enrol(venue["enrolment"]["code"].as_str().unwrap()).await.unwrap();
    let visit = json!({"link": screen.show(&credential, world.now())});
    assert_eq!(client.post("/v1/me/venue-visits", &visit).await.problem(), "visits-stay-on-phone");
    world.node.stop().await;
}

//! Certificates of other issuers: presented on the phone or at a desk, verified, and filed as facts that rules decide about.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use tempfile::TempDir;
use yima_node::staff::Role;

use crate::client::Answer;
use crate::world::{NUMBERS, Pace, World, application, comparison};

const ISSUER: &str = "https://cards.example.org/issuer";
const PLACE: &str = "cards.example.org/issuer/.well-known/jwks.json";
/// 2020-12-01.
const NOT_BEFORE: i64 = 1_606_780_800;

/// An issuer of SMART Health Cards with a folder that trusts it.
struct Issuer {
    key: EcdsaKeyPair,
    folder: TempDir,
}

impl Issuer {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let issuer = Self { key, folder: tempfile::tempdir().unwrap() };
        issuer.publish(PLACE, &json!({"keys": [issuer.jwk()]}).to_string());
        issuer
    }

    fn publish(&self, place: &str, content: &str) {
        let path = self.folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, content).unwrap();
    }

    fn configuration(&self) -> String {
        format!("issuers = {:?}\n", self.folder.path())
    }

    fn jwk(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(Base64UrlUnpadded::encode_string);
        let mut jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y});
        let key = yima_statement::key::PublicKey::from_jwk(&jwk).unwrap();
        jwk["kid"] = key.thumbprint().unwrap().into();
        jwk
    }

    /// The card of somebody with a negative test of that day.
    fn negative(&self, family: &str, given: &str, birth: &str, day: &str) -> String {
        let concept = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
        self.card(&[
            json!({"resourceType": "Patient", "birthDate": birth, "name": [{"family": family, "given": [given]}]}),
            json!({
                "resourceType": "Observation", "status": "final", "effectiveDateTime": day,
                "code": concept("http://loinc.org", "94500-6"),
                "valueCodeableConcept": concept("http://snomed.info/sct", "260415000"),
            }),
        ])
    }

    fn card(&self, resources: &[Value]) -> String {
        let entries: Vec<_> = resources.iter().map(|resource| json!({"resource": resource})).collect();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        let claims = json!({"iss": ISSUER, "nbf": NOT_BEFORE, "vc": {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        }});
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
        deflated.write_all(claims.to_string().as_bytes()).unwrap();
        let header = json!({"zip": "DEF", "alg": "ES256", "kid": self.jwk()["kid"]}).to_string();
        let signed = [header.as_bytes(), &deflated.finish().unwrap()].map(Base64UrlUnpadded::encode_string).join(".");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref()))
    }
}

fn presented(certificate: &str) -> Value {
    json!({"certificate": certificate})
}

fn shown(number: &str, certificate: &str) -> Value {
    json!({"document": {"kind": 10, "number": number}, "certificate": certificate})
}

fn refused(answer: &Answer, reason: &str) {
    assert_eq!(answer.problem(), "invalid-fields", "{reason}");
    let error = answer.json()["errors"][0].clone();
    assert_eq!((&error["field"], &error["code"]), (&json!("certificate"), &json!(reason)));
    assert!(!error["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_certificate_becomes_a_fact_with_its_issuer_and_without_its_holder() {
    let issuer = Issuer::new();
    let mut world = World::start_with(Pace::STILL, &issuer.configuration()).await;
    let (mut resident, person) = world.resident("13800138000", NUMBERS[0]).await;
    let card = issuer.negative("王", "小强", "1990-01-01", "2020-12-13T20:00:00+08:00");
    assert_eq!(world.client().await.post("/v1/me/certificates", &presented(&card)).await.problem(), "no-session");

    refused(&resident.post("/v1/me/certificates", &presented(&card)).await, "holder_differs");
    let card = issuer.negative("王", "小明", "1990-01-02", "2020-12-13T20:00:00+08:00");
    refused(&resident.post("/v1/me/certificates", &presented(&card)).await, "holder_differs");
    let own =
        json!({"resourceType": "Patient", "birthDate": "1990-01-01", "name": [{"family": "王", "given": ["小明"]}]});
    let concept = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    let dose = |day: &str| {
        json!({"resourceType": "Immunization", "status": "completed", "occurrenceDateTime": day,
            "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", "207")})
    };
    let card = issuer.card(&[own.clone(), dose("2020-11-01"), dose("2020-12-01")]);
    let filed = resident.post("/v1/me/certificates", &presented(&card)).await.expect(201);
    assert_eq!(filed["meaning"], "vaccinated");
    assert_eq!(filed["at"], "2020-12-01T08:00:00+08:00");
    assert_eq!((&filed["format"], &filed["issuer"]), (&json!("shc"), &json!(ISSUER)));

    let facts = resident.get("/v1/me/facts").await.expect(200);
    let fact = facts.as_array().unwrap().iter().find(|fact| fact["kind"] == "statement").unwrap();
    assert_eq!(fact["id"], filed["facts"][0]);
    assert_eq!(
        fact,
        &json!({
            "id": filed["facts"][0], "person": person, "kind": "statement", "recorded": filed["recorded"],
            "source": {"kind": "resident", "id": "self"}, "at": "2020-12-01T08:00:00+08:00",
            "meaning": "vaccinated", "format": "shc", "issuer": ISSUER,
        })
    );
    let again = resident.post("/v1/me/certificates", &presented(&card)).await.expect(201);
    assert_eq!(again["facts"], filed["facts"], "the same certificate is the same fact");

    let unfinished = issuer.card(&[own, dose("2020-12-01")]);
    refused(&resident.post("/v1/me/certificates", &presented(&unfinished)).await, "meaning_unknown");
    for (certificate, reason) in [
        ("", "empty"),
        ("HC1:", "compression_invalid"),
        ("not a certificate", "format_unknown"),
        // Of the last digit of a signature two bits count, and `A` and `Q` differ in one of them; the others are zero.
        (&format!("{}{}", &card[..card.len() - 1], if card.ends_with('A') { 'Q' } else { 'A' }), "signature_invalid"),
        (&Issuer::new().card(&[]), "key_unknown"),
        (&"x".repeat(20_000), "format_unknown"),
    ] {
        refused(&resident.post("/v1/me/certificates", &presented(certificate)).await, reason);
    }
    let count = |facts: &Value| facts.as_array().unwrap().iter().filter(|fact| fact["kind"] == "statement").count();
    assert_eq!(count(&resident.get("/v1/me/facts").await.expect(200)), 1);
    world.node.stop().await;
}

#[tokio::test]
async fn a_desk_vouches_for_a_name_in_another_script_and_nobody_else_does() {
    let issuer = Issuer::new();
    let mut world = World::start_with(Pace::STILL, &issuer.configuration()).await;
    let (mut resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut desk = world.staff(Role::Desk).await;
    let card = |birth: &str| issuer.negative("WANG", "Xiaoming", birth, "2020-12-13T20:00:00+08:00");
    let latin = card("1990-01-01");
    refused(&resident.post("/v1/me/certificates", &presented(&latin)).await, "holder_unknown");
    refused(&desk.post("/v1/desk/certificates", &shown(NUMBERS[0], &card("1990-01-02"))).await, "holder_differs");
    refused(&desk.post("/v1/desk/certificates", &shown(NUMBERS[0], &card("1990"))).await, "holder_unknown");
    assert_eq!(desk.post("/v1/desk/certificates", &shown(NUMBERS[2], &latin)).await.problem(), "not-registered");
    let mut checkpoint = world.staff(Role::Checkpoint).await;
    let answer = checkpoint.post("/v1/desk/certificates", &shown(NUMBERS[0], &latin)).await;
    assert_eq!(answer.problem(), "not-permitted");

    let filed = desk.post("/v1/desk/certificates", &shown(NUMBERS[0], &latin)).await.expect(201);
    assert_eq!((&filed["meaning"], &filed["at"]), (&json!("tested-negative"), &json!("2020-12-13T20:00:00+08:00")));
    let facts = resident.get("/v1/me/facts").await.expect(200);
    let fact = facts.as_array().unwrap().iter().find(|fact| fact["kind"] == "statement").unwrap();
    assert_eq!(fact["source"], json!({"kind": "desk", "id": "desk.1"}));
    assert!(!facts.to_string().contains("WANG"), "{facts}");
    let looks = resident.get("/v1/me/access-log").await.expect(200);
    assert_eq!((&looks[0]["action"], &looks[0]["account"]), (&json!("filed-certificate"), &json!("desk.1")));

    // A guardian presents a dependent's, whose name and birth are compared with the dependent's.
    let (_, dependent) = world.resident("13800138001", NUMBERS[1]).await;
    let document = |number: &str| json!({"kind": 10, "number": number});
    let care = json!({"guardian": document(NUMBERS[0]), "dependent": document(NUMBERS[1]), "relation": "parent"});
    desk.post("/v1/desk/relations", &care).await.expect(201);
    let path = format!("/v1/dependents/{dependent}/certificates");
    let of_child = issuer.negative("王小明", "", "2015-03-07", "2020-12-13");
    refused(
        &resident.post(&path, &presented(&issuer.negative("王小明", "", "1990-01-01", "2020-12-13"))).await,
        "holder_differs",
    );
    resident.post(&path, &presented(&of_child)).await.expect(201);
    world.node.stop().await;
}

/// What a statement is worth stands in the pack: here a negative test elsewhere takes the place of two weeks at home, once
/// somebody has seen whose it is.
#[tokio::test]
async fn rules_decide_what_a_certificate_is_worth() {
    const RULE: &str = "arrival(outside: 61, outside: sx-key-regions) within 14d";
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shaanxi-2020-12.toml");
    let pack = fs::read_to_string(pack).unwrap();
    assert!(pack.contains(RULE));
    for (rule, expected) in
        [(RULE.to_owned(), "yellow"), (format!("{RULE} unless statement(tested-negative) within 7d"), "green")]
    {
        let issuer = Issuer::new();
        let pack = pack.replace(RULE, &rule);
        let mut world = World::start_under(&pack, Pace::STILL, &issuer.configuration()).await;
        let mut resident = world.bound("13800138000").await;
        let mut form = application(NUMBERS[0]);
        form["declaration"]["origins"] = json!([{"from": "4201", "arrived": "2020-12-14T07:00:00+08:00"}]);
        resident.post("/v1/residents", &form).await.expect(201);
        world.pass_minutes(1);
        world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
        let card = issuer.negative("王", "小明", "1990-01-01", "2020-12-13T20:00:00+08:00");
        let presented = resident.post("/v1/me/certificates", &presented(&card)).await.expect(201);
        assert_eq!(resident.get("/v1/me/verdict").await.expect(200)["colour"], "yellow", "the person's own word");
        let mut desk = world.staff(Role::Desk).await;
        let filed = desk.post("/v1/desk/certificates", &shown(NUMBERS[0], &card)).await.expect(201);
        assert_ne!(filed["facts"], presented["facts"], "what a desk has seen is another fact");
        assert_eq!(resident.get("/v1/me/verdict").await.expect(200)["colour"], expected, "{rule}");
        world.node.stop().await;
    }
}

/// Without a folder nobody is trusted, and what it says of revocation counts from the next start on at the latest.
#[tokio::test]
async fn what_counts_is_what_the_folder_says() {
    let issuer = Issuer::new();
    let card = issuer.negative("王小明", "", "1990-01-01", "2020-12-13");
    let mut world = World::start(Pace::STILL).await;
    let (mut resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    refused(&resident.post("/v1/me/certificates", &presented(&card)).await, "issuer_unknown");
    world.node.stop().await;

    let mut world = World::start_with(Pace::STILL, &issuer.configuration()).await;
    let (mut resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    let mut jwk = issuer.jwk();
    jwk["crlVersion"] = 1.into();
    issuer.publish(PLACE, &json!({"keys": [jwk]}).to_string());
    let list = json!({"kid": jwk["kid"], "method": "rid", "ctr": 2, "rids": []});
    issuer.publish("cards.example.org/issuer/.well-known/crl/list.json", &list.to_string());
    let world = world.restart().await;
    resident.reconnect(&world).await;
    refused(&resident.post("/v1/me/certificates", &presented(&card)).await, "revocation_unknown");
    world.node.stop().await;
}

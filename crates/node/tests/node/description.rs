//! The description of the API says what the node does: who may ask, what must be sent, and what comes back.

use hyper::Method;
use hyper::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::world::{NUMBERS, Pace, STAFF, World};

/// One operation of the description.
struct Operation {
    method: Method,
    /// With a word that names nothing for each parameter of the path.
    path: String,
    queries: Vec<String>,
    described: Value,
}

impl Operation {
    fn all(description: &Value) -> Vec<Self> {
        let of_path = |(path, item): (&String, &Value)| {
            let path = path.split('/').map(|part| if part.starts_with('{') { "nothing" } else { part });
            let path = path.collect::<Vec<_>>().join("/");
            let operations = item.as_object().unwrap().iter();
            operations
                .map(|(method, described)| Self {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    queries: parameters(described, "query"),
                    described: described.clone(),
                })
                .collect::<Vec<_>>()
        };
        description["paths"].as_object().unwrap().iter().flat_map(of_path).collect()
    }

    fn changes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whose session is asked for.
    fn scheme(&self) -> Option<&str> {
        let schemes = self.described["security"].as_array()?;
        schemes[0].as_object().unwrap().keys().map(String::as_str).next()
    }

    /// Sends a body that is none of ours.
    async fn ask(&self, client: &mut Client, query: &str) -> Answer {
        let path = format!("{}{query}", self.path);
        match self.method {
            Method::GET => client.get(&path).await,
            Method::POST => client.post(&path, &json!([])).await,
            Method::PUT => client.put(&path, &json!([])).await,
            _ => client.delete(&path).await,
        }
    }

    /// What the answer is that the description does not say.
    fn differs(&self, answer: &Answer) -> Option<String> {
        let status = answer.status;
        let differs = |what: &str| Some(format!("{} {}: {status} {what}", self.method, self.path));
        let described = &self.described["responses"][status.as_str()];
        if !described.is_object() {
            return differs(&format!("is not described: {}", String::from_utf8_lossy(&answer.bytes)));
        }
        let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()?.split(';').next());
        if status.is_client_error() || status.is_server_error() {
            let title: String = status.canonical_reason().unwrap().split(' ').collect();
            let is_problem = described["$ref"] == format!("#/components/responses/{title}");
            return if is_problem && kind == Some(PROBLEM) { None } else { differs("is no problem document") };
        }
        let kinds = described["content"].as_object().into_iter().flat_map(|kinds| kinds.keys());
        if kind == kinds.map(String::as_str).find(|described| kind == Some(*described)) {
            None
        } else {
            differs("is of another type")
        }
    }
}

const PROBLEM: &str = "application/problem+json";

fn parameters(described: &Value, within: &str) -> Vec<String> {
    let all = described["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == within).map(|found| found["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_is_not_signed_in_gets_exactly_what_is_described_as_open() {
    let world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    let description = client.get("/v1/openapi.json").await.expect(200);
    let operations = Operation::all(&description);
    assert!(operations.len() > 140, "all of them: {}", operations.len());
    let mut wrong = Vec::new();
    for operation in &operations {
        let answer = operation.ask(&mut client, "").await;
        wrong.extend(operation.differs(&answer));
        assert_eq!(answer.status == 401, operation.scheme().is_some(), "{} {}", operation.method, operation.path);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    world.node.stop().await;
}

#[tokio::test]
async fn what_changes_something_needs_the_key_that_is_described() {
    let world = World::start(Pace::STILL).await;
    let mut client = world.client().await;
    let description = client.get("/v1/openapi.json").await.expect(200);
    let key = &description["components"]["parameters"]["Idempotency-Key"];
    assert_eq!((&key["in"], &key["required"]), (&json!("header"), &json!(true)));
    for operation in Operation::all(&description).iter().filter(|operation| operation.changes()) {
        let (name, origin) = client.origin();
        let answer = client.send(operation.method.clone(), &operation.path, &[(name, &origin)], "").await;
        assert_eq!(answer.problem(), "idempotency-key-missing", "{}", operation.path);
        let all = operation.described["parameters"].as_array().unwrap();
        assert!(all.contains(&json!({"$ref": "#/components/parameters/Idempotency-Key"})), "{}", operation.path);
    }
    world.node.stop().await;
}

#[tokio::test]
async fn every_refusal_is_described_and_a_problem_document() {
    let mut world = World::start(Pace::STILL).await;
    let (mut resident, _) = world.resident("13800138000", NUMBERS[0]).await;
    let description = resident.get("/v1/openapi.json").await.expect(200);
    let words = &description["components"]["schemas"]["ProblemBody"]["properties"]["code"]["enum"];
    let operations = Operation::all(&description);
    let stays = |operation: &&Operation| !operation.path.ends_with("/session");
    let (mut asked, mut wrong) = (0, Vec::new());
    let staff = STAFF.iter().map(|role| ("staff", Some(*role)));
    for (scheme, role) in std::iter::once(("resident", None)).chain(staff) {
        let mut staff = match role {
            Some(role) => Some(world.staff(role).await),
            None => None,
        };
        let client = staff.as_mut().unwrap_or(&mut resident);
        for operation in operations.iter().filter(stays).filter(|operation| operation.scheme() == Some(scheme)) {
            let queries = operation.queries.iter().map(|name| format!("?{name}=%E0%A4&{name}=%00"));
            for query in std::iter::once(String::new()).chain(queries) {
                let answer = operation.ask(client, &query).await;
                wrong.extend(operation.differs(&answer));
                assert_ne!(answer.status, 401, "{} {}", operation.method, operation.path);
                assert!(answer.status.as_u16() < 500, "{} {}", operation.method, operation.path);
                if answer.status.is_client_error() {
                    assert!(words.as_array().unwrap().contains(&answer.problem().into()));
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 200, "{asked}");
    for operation in operations.iter().filter(|operation| operation.scheme().is_none() && !operation.changes()) {
        for name in &operation.queries {
            let answer = operation.ask(&mut resident, &format!("?{name}=%E0%A4&{name}=%00")).await;
            wrong.extend(operation.differs(&answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    world.node.stop().await;
}

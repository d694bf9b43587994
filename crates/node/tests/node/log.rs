//! What nodes log, in as much detail as an operator can ask for: nothing of it says who somebody is.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use serde_json::json;
use yima_node::staff::Role;

use crate::path::present;
use crate::world::{NUMBERS, PASSWORD, Pace, World, application, comparison};

/// What the nodes of these tests have logged since the first look.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<u8>>);

impl Log {
    pub(crate) fn length(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub(crate) fn has(&self, secret: &[u8]) -> bool {
        self.0.lock().unwrap().windows(secret.len()).any(|window| window == secret)
    }

    /// Whether these digits stand there as a number of their own.
    fn has_number(&self, digits: &str) -> bool {
        let log = self.0.lock().unwrap();
        log.split(|byte| !byte.is_ascii_digit()).any(|number| number == digits.as_bytes())
    }
}

impl Write for &Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn log() -> &'static Log {
    static LOG: OnceLock<&Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log: &'static Log = Box::leak(Box::default());
        let subscriber =
            tracing_subscriber::fmt().without_time().with_max_level(tracing::Level::TRACE).with_writer(move || log);
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        log
    })
}

#[tokio::test]
async fn neither_log_nor_figures_say_who_somebody_is() {
    let log = log();
    let mut world = World::start(Pace::STILL).await;
    let phone = "13612345678";
    let email = "wang.xiaoming@example.cn";
    let mut client = world.bound(phone).await;
    let begun = client.post("/v1/bindings", &json!({"channel": "email", "address": email})).await.expect(202);
    let code = world.one_time_code();
    let wrong = "000001";
    let path = format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
    assert_eq!(client.post(&path, &json!({"code": wrong})).await.problem(), "wrong-code");
    let mut form = application(NUMBERS[0]);
    form["name"] = "欧阳明月".into();
    form["dwellings"][0]["text"] = "长缨西路一号院三单元".into();
    client.post("/v1/residents", &form).await.expect(201);
    // Refused ones too: what is wrong with a form names the field and not what stood in it.
    form["document"]["number"] = "610102199001010018".into();
    client.post("/v1/residents", &form).await;
    client.post("/v1/me/check-ins", &json!({"symptoms": ["fever", "dizzy-secret"]})).await;
    world.pass_minutes(1);
    world.staff(Role::Register).await.file("/v1/facts", &[comparison(world.now())]).await.expect(201);
    let (live, _) = present(&world, &mut client, "/v1/me").await;
    let paper = client.post("/v1/me/paper-codes", &json!({})).await.expect(201);
    let mut desk = world.staff(Role::Desk).await;
    let named = json!({"document": {"kind": 10, "number": NUMBERS[0]}});
    let printed = desk.post("/v1/desk/one-time-codes", &named).await.expect(201);
    assert_eq!(
        world
            .client()
            .await
            .post("/v1/staff/sessions", &json!({"account": "desk.1", "password": "wrong-pass-phrase"}))
            .await
            .problem(),
        "wrong-password"
    );
    let person = client.get("/v1/me").await.expect(200)["person"].as_str().unwrap().to_owned();
    let figures = world.metrics().await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let secrets = [
        NUMBERS[0].to_owned(),
        "610102199001010018".to_owned(),
        phone.to_owned(),
        email.to_owned(),
        "欧阳明月".to_owned(),
        "长缨西路".to_owned(),
        "dizzy-secret".to_owned(),
        text(&printed["code"]),
        text(&printed["code"]).replace(' ', ""),
        live,
        text(&paper["text"]),
        PASSWORD.to_owned(),
        "wrong-pass-phrase".to_owned(),
    ];
    let cookies = client.cookies().chain(desk.cookies()).map(ToOwned::to_owned);
    let secrets: Vec<String> = secrets.into_iter().chain(cookies).collect();
    assert!(secrets.len() >= 15, "both are signed in");
    world.node.stop().await;
    assert!(log.length() > 100, "the log is kept");
    for secret in &secrets {
        assert!(!log.has(secret.as_bytes()), "the log has {secret}");
        assert!(!figures.contains(secret.as_str()), "the figures have {secret}");
    }
    assert!(!log.has_number(&code), "the code that was sent");
    assert!(!figures.contains(&person));
}

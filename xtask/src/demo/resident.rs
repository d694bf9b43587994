//! A resident with a device: signs in, applies, and shows codes.

use anyhow::{Context, bail};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use yima_credential::{Code, LiveCredential, Seconds, Signer};

use super::client::{Client, at, text};
use super::node::{Node, now};

/// How often a colour is looked at before it must have come; each look waits for the node's next round.
const LOOKS_MAX: u32 = 600;

/// A form of application in Xi'an with nothing to report; nobody who lives was born in 1890.
pub(super) fn application(name: &str, number: &str) -> Value {
    json!({
        "document": document(number),
        "name": name,
        "dwellings": [{"role": "present", "area": "610103"}],
        "declaration": {"symptoms": [], "contact": "no", "on_duty": false, "origins": []},
        "pledge": {"version": "2020-12", "accepted": true},
    })
}

pub(super) fn document(number: &str) -> Value {
    json!({"kind": 10, "number": number})
}

/// Registers somebody at the desk, who signs in with the one-time code that is printed there.
pub(super) fn register_at_desk(node: &Node, runtime: &Handle, name: &str, number: &str) -> anyhow::Result<Client> {
    let mut desk = node.staff(runtime, "desk")?;
    desk.post("/v1/desk/registrations", &application(name, number))?;
    let printed = desk.post("/v1/desk/one-time-codes", &json!({"document": document(number)}))?;
    let mut client = node.client(runtime)?;
    let begun = client.post("/v1/bindings", &json!({"channel": "desk"}))?;
    client.post(
        &format!("/v1/bindings/{}/confirm", text(&begun, "/binding")?),
        &json!({"code": at(&printed, "/code")}),
    )?;
    Ok(client)
}

/// Looks at a verdict until it has this colour.
pub(super) fn wait_for_colour(client: &mut Client, base: &str, colour: &str) -> anyhow::Result<Value> {
    let mut verdict = Value::Null;
    for _ in 0..LOOKS_MAX {
        verdict = client.get(&format!("{base}/verdict"))?;
        if at(&verdict, "/colour") == colour {
            return Ok(verdict);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    bail!("the verdict does not turn {colour}: {verdict}")
}

/// Fetches one live code for a fresh key of the device, and shows it now.
pub(super) fn live_code(client: &mut Client, base: &str) -> anyhow::Result<Code> {
    let device = Signer::from_pkcs8(&Signer::generate_pkcs8()?)?;
    let point = device.public().coordinates();
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let keys = json!({"keys": [{"x": encode(&point.x), "y": encode(&point.y)}]});
    let batch = client.post(&format!("{base}/codes"), &keys)?;
    let credential = text(&batch, "/codes/0/credential")?;
    let credential = Base64UrlUnpadded::decode_vec(&credential).ok().context("a credential is no base64url")?;
    Ok(LiveCredential::received(credential).present(&device, Seconds::floor(now()), None)?)
}

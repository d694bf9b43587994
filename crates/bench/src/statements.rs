//! Other issuers' certificates: decoding, verifying, refusing, and asking rules, beside the bare ES256 verification.

use std::hint::black_box;

use anyhow::{anyhow, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::{Value, json};
use yima_credential::{base45, signed_bytes};
use yima_model::Timestamp;
use yima_statement::Trust;
use yima_statement::certlogic::Expression;
use yima_statement::dcc::{self, Signed};
use yima_statement::key::PublicKey;
use yima_statement::trust::{Container, Grant, KEYS_PER_ID_MAX, Owner};

use crate::{Figure, clock};

const KEY_ID: &[u8; 8] = b"key id 1";
const ISSUED: i64 = 1_650_000_000;
const EXPIRES: i64 = 1_680_000_000;
const RULE: &str = r#"{"if": [{"var": "payload.v.0"}, {"and": [
    {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
    {"not-before": [{"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                    {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]}]}]}, true]}"#;

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let now = Timestamp::from_millis((ISSUED + 1) * 1000);
    let signer = pair()?;
    let certificate = certificate();
    let protected = map(&[(vec![1], vec![0x26]), (vec![4], bytes(KEY_ID))]);
    let container = map(&[(vec![1], encode(&certificate))]);
    let claims = [
        (vec![1], encode(&"AT".into())),
        (vec![4], encode(&EXPIRES.into())),
        (vec![6], encode(&ISSUED.into())),
        (encode(&(-260).into()), container),
    ];
    let payload = map(&claims);
    let message = signed_bytes(&protected, &payload);
    let random = SystemRandom::new();
    let signature = signer.sign(&random, &message)?;
    let object = |signature: &[u8]| {
        [vec![0xd2, 0x84], bytes(&protected), vec![0xa0], bytes(&payload), bytes(signature)].concat()
    };
    let mut damaged = signature.as_ref().to_vec();
    if let Some(last) = damaged.last_mut() {
        *last ^= 1;
    }
    let (text, forged) = (text(&object(signature.as_ref())), text(&object(&damaged)));

    // The key that signed comes last, so that accepting costs as many verifications as refusing.
    let mut trust = Trust::nobody();
    for _ in 1..KEYS_PER_ID_MAX {
        trust.add_key(KEY_ID, public(&pair()?)?, Grant::unbounded(Owner::Country(*b"AT"), Some(Container::Hcert)));
    }
    let crowded = {
        let mut crowded = trust.clone();
        crowded.add_key(KEY_ID, public(&signer)?, Grant::unbounded(Owner::Country(*b"AT"), Some(Container::Hcert)));
        crowded
    };
    let countries = {
        let mut countries = Trust::nobody();
        for country in [*b"BE", *b"CY", *b"DE"] {
            countries.add_key(
                KEY_ID,
                public(&pair()?)?,
                Grant::unbounded(Owner::Country(country), Some(Container::Hcert)),
            );
        }
        countries.add_key(KEY_ID, public(&signer)?, Grant::unbounded(Owner::Country(*b"AT"), Some(Container::Hcert)));
        countries
    };
    let mut single = Trust::nobody();
    for copy in 0..288 {
        let grant = Grant {
            validity: (ISSUED - copy, EXPIRES),
            ..Grant::unbounded(Owner::Country(*b"AT"), Some(Container::Hcert))
        };
        single.add_key(KEY_ID, public(&signer)?, grant);
    }

    let verified = |text: &str, trust: &Trust| -> anyhow::Result<bool> {
        let object = dcc::unpack(black_box(text)).map_err(|refusal| anyhow!("{refusal}"))?;
        let signed = Signed::parse(&object).map_err(|refusal| anyhow!("{refusal}"))?;
        Ok(black_box(dcc::verify(&signed, trust, now)).is_ok())
    };
    ensure!(verified(&text, &single)? && verified(&text, &crowded)?, "the certificate counts");
    ensure!(!verified(&forged, &single)? && !verified(&forged, &crowded)?, "the forged one does not");

    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, signer.public_key().as_ref())?;
    let mut raw = || Ok(key.verify_sig(black_box(&message), signature.as_ref())?);
    let mut decode = || {
        let object = dcc::unpack(black_box(&text)).map_err(|refusal| anyhow!("{refusal}"))?;
        let signed = Signed::parse(&object).map_err(|refusal| anyhow!("{refusal}"))?;
        let claims = signed.claims().map_err(|refusal| anyhow!("{refusal}"))?;
        black_box(claims.payload.certificate()?);
        Ok(())
    };
    let run = |text: &str, trust: &Trust| verified(text, trust).map(drop);
    let mut accept = || run(&text, &single);
    let mut refuse = || run(&forged, &single);
    let mut accept_crowded = || run(&text, &crowded);
    let mut refuse_crowded = || run(&forged, &crowded);
    let mut accept_countries = || run(&text, &countries);
    let mut refuse_countries = || run(&forged, &countries);
    let expression = Expression::parse(&serde_json::from_str(RULE)?).map_err(|issues| anyhow!("{issues:?}"))?;
    let data = json!({"payload": certificate, "external": {"validationClock": "2022-05-01T00:00:00Z"}});
    let mut rule = || {
        ensure!(black_box(&expression).is_true(black_box(&data))?, "the rule holds");
        Ok(())
    };

    let rates = clock::rates([
        &mut raw,
        &mut decode,
        &mut accept,
        &mut refuse,
        &mut accept_crowded,
        &mut refuse_crowded,
        &mut accept_countries,
        &mut refuse_countries,
        &mut rule,
    ])?;
    let [raw, decode, accept, refuse, accept_crowded, refuse_crowded, accept_countries, refuse_countries, rule] = rates;
    let figure =
        |what: &str, measured, limit, wanted| Figure { what: what.to_owned(), measured, unit: "/s", limit, wanted };
    let check = Some(("raw ES256 verifications", raw));
    Ok(vec![
        figure("decoding a DCC: text, header and content, typed", decode, None, None),
        figure("decoding and verifying a DCC", accept, check, Some(0.80)),
        figure(
            "refusing a forged one, 288 copies of the key under its id",
            refuse,
            Some(("accepting", accept)),
            Some(1.0),
        ),
        figure(
            "refusing a forged one, the keys of four countries under its id",
            refuse_countries,
            Some(("accepting", accept_countries)),
            Some(1.0),
        ),
        figure(
            "refusing a forged one, four keys of its country under its id",
            refuse_crowded,
            Some(("accepting by the last of them", accept_crowded)),
            Some(1.0),
        ),
        figure("evaluating a rule of three conditions", rule, None, Some(140_000.0)),
    ])
}

fn pair() -> anyhow::Result<EcdsaKeyPair> {
    Ok(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?)
}

fn public(pair: &EcdsaKeyPair) -> anyhow::Result<PublicKey> {
    let point = pair.public_key().as_ref();
    let coordinates = point.strip_prefix(&[0x04]).and_then(|point| point.split_at_checked(32));
    let (x, y) = coordinates.ok_or_else(|| anyhow!("a point has two coordinates"))?;
    let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
    Ok(PublicKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}))?)
}

/// As long as the usual certificate of vaccination.
fn certificate() -> Value {
    json!({
        "ver": "1.3.0",
        "nam": {"fn": "Musterfrau-Beispiel", "fnt": "MUSTERFRAU<BEISPIEL", "gn": "Erika", "gnt": "ERIKA"},
        "dob": "1964-08-12",
        "v": [{
            "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
            "dt": "2022-01-18", "co": "AT", "is": "Ministry of Health, Austria",
            "ci": "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B",
        }],
    })
}

fn text(object: &[u8]) -> String {
    let mut text = dcc::PREFIX.to_owned();
    base45::encode_to(&compress_to_vec_zlib(object, 9), &mut text);
    text
}

fn head(major: u8, number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let (info, length) = match number {
        0..24 => return vec![major << 5 | bytes[7]],
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    std::iter::once(major << 5 | info).chain(bytes.into_iter().skip(8 - length)).collect()
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [head(2, content.len() as u64), content.to_vec()].concat()
}

fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let pairs = entries.iter().flat_map(|(key, value)| [key.as_slice(), value].concat());
    head(5, entries.len() as u64).into_iter().chain(pairs).collect()
}

fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Null | Value::Bool(_) => vec![0xf6],
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            head(u8::from(number < 0), if number < 0 { (-1 - number).unsigned_abs() } else { number.unsigned_abs() })
        }
        Value::String(text) => [head(3, text.len() as u64), text.as_bytes().to_vec()].concat(),
        Value::Array(items) => head(4, items.len() as u64).into_iter().chain(items.iter().flat_map(encode)).collect(),
        Value::Object(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| (encode(&key.as_str().into()), encode(value))).collect();
            map(&entries)
        }
    }
}

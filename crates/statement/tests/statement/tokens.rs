//! Health certificates and passes made for the test.

#[cfg(test)]
pub(crate) use tests::*;

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::EcdsaKeyPair;
    use miniz_oxide::deflate::compress_to_vec_zlib;
    use serde_json::{Value, json};
    use yima_credential::{base45, signed_bytes};

    pub(crate) const NOW: i64 = 1_700_000_000;

    pub(crate) const ES256: &[u8] = &[0x26];

    pub(crate) fn text(text: &str) -> Vec<u8> {
        [vec![0x78, text.len() as u8], text.as_bytes().to_vec()].concat()
    }

    pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
        [vec![0x59], u16::try_from(content.len()).unwrap().to_be_bytes().to_vec(), content.to_vec()].concat()
    }

    pub(crate) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let body = entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()].concat());
        std::iter::once(0xa0 + entries.len() as u8).chain(body).collect()
    }

    pub(crate) fn array(items: &[Vec<u8>]) -> Vec<u8> {
        [vec![0x80 + items.len() as u8], items.concat()].concat()
    }

    pub(crate) fn word(number: i64) -> Vec<u8> {
        [vec![0x1a], u32::try_from(number).unwrap().to_be_bytes().to_vec()].concat()
    }

    /// A COSE_Sign1 with the tag 18.
    pub(crate) fn object(protected: &[u8], payload: &[u8], signer: &EcdsaKeyPair) -> Vec<u8> {
        let signature = signer.sign(&SystemRandom::new(), &signed_bytes(protected, payload)).unwrap();
        [vec![0xd2, 0x84], bytes(protected), vec![0xa0], bytes(payload), bytes(signature.as_ref())].concat()
    }

    pub(crate) fn hc1(object: &[u8]) -> String {
        let mut text = "HC1:".to_owned();
        base45::encode_to(&compress_to_vec_zlib(object, 6), &mut text);
        text
    }

    /// A vaccination of this dose of two.
    pub(crate) fn vaccination(dose: u8) -> Vec<u8> {
        content(&json!({"v": [{
            "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": dose, "sd": 2,
            "dt": "2021-06-01", "co": "AT", "is": "Ministry", "ci": "URN:UVCI:01:AT:1#A",
        }]}))
    }

    /// A content with these groups beside version and person.
    pub(crate) fn content(groups: &Value) -> Vec<u8> {
        let mut content = json!({"ver": "1.3.0", "nam": {"fnt": "MUSTER"}, "dob": "1990"});
        let groups = groups.as_object().unwrap().clone();
        content.as_object_mut().unwrap().extend(groups);
        encoded(&content)
    }

    /// A whole vaccination, issued a while ago by `issuer`.
    pub(crate) fn dcc(issuer: &str, key_id: &[u8], signer: &EcdsaKeyPair) -> String {
        dcc_of(vaccination(2), issuer, key_id, signer)
    }

    /// This content, issued a while ago by `issuer`.
    pub(crate) fn dcc_of(content: Vec<u8>, issuer: &str, key_id: &[u8], signer: &EcdsaKeyPair) -> String {
        let payload = map(&[
            (vec![1], text(issuer)),
            (vec![4], word(NOW + 1000)),
            (vec![6], word(NOW - 1000)),
            (vec![0x39, 0x01, 0x03], map(&[(vec![1], content)])),
        ]);
        let protected = map(&[(vec![1], ES256.to_vec()), (vec![4], bytes(key_id))]);
        hc1(&object(&protected, &payload, signer))
    }

    /// A text, a small number, or a list or object of them as CBOR.
    pub(crate) fn encoded(value: &Value) -> Vec<u8> {
        match value {
            Value::Object(entries) => {
                let entries = entries.iter().flat_map(|(name, value)| [text(name), encoded(value)].concat());
                [vec![0xbf], entries.collect(), vec![0xff]].concat()
            }
            Value::Array(items) => array(&items.iter().map(encoded).collect::<Vec<_>>()),
            Value::String(string) => text(string),
            Value::Number(number) => vec![u8::try_from(number.as_u64().unwrap()).unwrap()],
            _ => vec![0xf6],
        }
    }

    /// The credential of a pass.
    pub(crate) fn credential() -> Vec<(Vec<u8>, Vec<u8>)> {
        let contexts = ["https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1"];
        let types = ["VerifiableCredential", "PublicCovidPass"];
        let subject = map(&[(text("givenName"), text("Jack")), (text("dob"), text("1960-04-16"))]);
        vec![
            (text("@context"), array(&contexts.map(text))),
            (text("version"), text("1.0.0")),
            (text("type"), array(&types.map(text))),
            (text("credentialSubject"), subject),
        ]
    }

    /// The claims of a pass around its credential.
    pub(crate) fn claims(issuer: &str, credential: &[(Vec<u8>, Vec<u8>)]) -> Vec<(Vec<u8>, Vec<u8>)> {
        vec![
            (vec![1], text(issuer)),
            (vec![5], word(NOW - 1000)),
            (vec![4], word(NOW + 1000)),
            (text("vc"), map(credential)),
            (vec![7], [vec![0x50], vec![7; 16]].concat()),
        ]
    }

    pub(crate) fn nzcp(object: &[u8]) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = object.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<_>>();
        let letter = |five: &[u8]| {
            let value = five.iter().chain(&[0; 4]).take(5).fold(0, |sum, bit| sum << 1 | bit);
            char::from(LETTERS[usize::from(value)])
        };
        format!("NZCP:/1/{}", bits.chunks(5).map(letter).collect::<String>())
    }

    pub(crate) fn pass(issuer: &str, key_id: &str, signer: &EcdsaKeyPair) -> String {
        let protected = map(&[(vec![4], text(key_id)), (vec![1], ES256.to_vec())]);
        nzcp(&object(&protected, &map(&claims(issuer, &credential())), signer))
    }
}

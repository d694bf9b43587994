//! Bytes of codes and lists written without the crate under test, so that wrong ones can be written too.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

pub(crate) type Bytes = Vec<u8>;

pub(crate) fn head(major: u8, value: u64) -> Bytes {
    let bits = major << 5;
    let bytes = value.to_be_bytes();
    match value {
        0..=23 => vec![bits | bytes[7]],
        24..=0xff => vec![bits | 24, bytes[7]],
        0x100..=0xffff => [&[bits | 25], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[bits | 26], &bytes[4..]].concat(),
        _ => [&[bits | 27], bytes.as_slice()].concat(),
    }
}

pub(crate) fn int(value: i64) -> Bytes {
    match value {
        0.. => head(0, value.unsigned_abs()),
        _ => head(1, value.unsigned_abs() - 1),
    }
}

pub(crate) fn bytes(content: &[u8]) -> Bytes {
    [head(2, content.len() as u64), content.to_vec()].concat()
}

pub(crate) fn text(content: &str) -> Bytes {
    [head(3, content.len() as u64), content.as_bytes().to_vec()].concat()
}

pub(crate) fn array(items: &[Bytes]) -> Bytes {
    [head(4, items.len() as u64), items.concat()].concat()
}

pub(crate) fn tagged(tags: &[u64], item: Bytes) -> Bytes {
    [tags.iter().flat_map(|tag| head(6, *tag)).collect(), item].concat()
}

/// A map whose entries can be replaced; written in canonical order.
#[derive(Clone, Default)]
pub(crate) struct Map(Vec<(Bytes, Bytes)>);

impl Map {
    pub(crate) fn with(self, label: i64, value: Bytes) -> Self {
        self.with_key(int(label), value)
    }

    pub(crate) fn with_key(mut self, key: Bytes, value: Bytes) -> Self {
        self.0.retain(|(other, _)| *other != key);
        self.0.push((key, value));
        self.0.sort();
        self
    }

    pub(crate) fn without(mut self, label: i64) -> Self {
        self.0.retain(|(key, _)| *key != int(label));
        self
    }

    pub(crate) fn entries(&self) -> &[(Bytes, Bytes)] {
        &self.0
    }

    pub(crate) fn encode(&self) -> Bytes {
        Self::encode_as_it_stands(&self.0)
    }

    pub(crate) fn encode_as_it_stands(entries: &[(Bytes, Bytes)]) -> Bytes {
        let items = entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()].concat()).collect();
        [head(5, entries.len() as u64), items].concat()
    }
}

/// A test key.
pub(crate) struct Key {
    pub(crate) pkcs8: Bytes,
    pub(crate) x: [u8; 32],
    pub(crate) y: [u8; 32],
}

impl Key {
    pub(crate) fn cose(&self) -> Bytes {
        Map::default().with(1, int(2)).with(-1, int(1)).with(-2, bytes(&self.x)).with(-3, bytes(&self.y)).encode()
    }

    pub(crate) fn id(&self) -> [u8; 16] {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.cose());
        digest.as_ref()[..16].try_into().unwrap()
    }

    /// A signature with s in the half that is asked for; signing again until it falls there.
    fn sign(&self, message: &[u8], low_s: bool) -> Bytes {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.pkcs8).unwrap();
        loop {
            let signature = pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec();
            match signature[32] {
                0..=0x7e if low_s => return signature,
                0x80.. if !low_s => return signature,
                _ => {}
            }
        }
    }
}

/// A COSE_Sign1 each of whose parts can be replaced before it is signed.
#[derive(Clone)]
pub(crate) struct Object<'k> {
    pub(crate) tags: &'static [u64],
    pub(crate) protected: Map,
    pub(crate) unprotected: Map,
    pub(crate) payload: Bytes,
    pub(crate) key: &'k Key,
    pub(crate) low_s: bool,
}

impl<'k> Object<'k> {
    pub(crate) fn new(tags: &'static [u64], payload: Bytes, key: &'k Key) -> Self {
        let protected = Map::default().with(1, int(-7));
        Self { tags, protected, unprotected: Map::default(), payload, key, low_s: true }
    }

    pub(crate) fn protect(mut self, label: i64, value: Bytes) -> Self {
        self.protected = self.protected.with(label, value);
        self
    }

    pub(crate) fn unprotect(mut self, label: i64, value: Bytes) -> Self {
        self.unprotected = self.unprotected.with(label, value);
        self
    }

    pub(crate) fn signature(&self) -> Bytes {
        let protected = bytes(&self.protected.encode());
        let message = array(&[text("Signature1"), protected, bytes(&[]), bytes(&self.payload)]);
        self.key.sign(&message, self.low_s)
    }

    pub(crate) fn parts(&self) -> [Bytes; 4] {
        let protected = bytes(&self.protected.encode());
        [protected, self.unprotected.encode(), bytes(&self.payload), bytes(&self.signature())]
    }

    pub(crate) fn encode(&self) -> Bytes {
        tagged(self.tags, array(&self.parts()))
    }
}

/// The text of a code.
pub(crate) fn code(content: &[u8]) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut digits = b"YM1:".to_vec();
    for chunk in content.chunks(2) {
        let value = chunk.iter().fold(0, |value, byte| value * 256 + usize::from(*byte));
        let all = [value % 45, value / 45 % 45, value / 2025];
        digits.extend(all[..chunk.len() + 1].iter().map(|digit| ALPHABET[*digit]));
    }
    String::from_utf8(digits).unwrap()
}

pub(crate) fn hex(content: &[u8]) -> String {
    content.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Bytes {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

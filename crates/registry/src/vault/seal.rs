//! The cryptography of the vault: a keyed hash, and authenticated encryption of short messages.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

/// Bytes of a key.
pub(super) const KEY_LENGTH: usize = 32;

/// A secret key; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(pub(super) [u8; KEY_LENGTH]);

impl Key {
    /// A key that depends on this one and on nothing else but the label.
    pub(super) fn derive(&self, label: &str) -> Self {
        Self(keyed_hash(self, &[label.as_bytes()]))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// HMAC-SHA-256 over the parts one after the other.
pub(super) fn keyed_hash(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key.0));
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    context.sign().as_ref().iter().zip(&mut out).for_each(|(from, to)| *to = *from);
    out
}

/// AES-256-GCM under a nonce that is never used again with this key; the nonce stands before the sealed bytes.
pub(super) fn seal(key: &Key, nonce: [u8; NONCE_LEN], about: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key.0).ok()?);
    let mut sealed = content.to_vec();
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut sealed).ok()?;
    Some([&nonce, &sealed[..]].concat())
}

/// Reverses [`seal`]; `None` if the bytes were sealed under another key, about something else, or changed.
pub(super) fn open(key: &Key, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk()?;
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key.0).ok()?);
    let mut sealed = sealed.to_vec();
    let content = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(about), &mut sealed).ok()?;
    Some(content.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was computed with another implementation.
    #[test]
    fn the_keyed_hash_is_hmac_sha_256_over_the_joined_parts() {
        let key = Key([0x0b; 32]);
        assert_eq!(keyed_hash(&key, &[b"Hi ", b"There"]), keyed_hash(&key, &[b"Hi There"]));
        let hex: String = keyed_hash(&key, &[b"Hi There"]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
    }

    #[test]
    fn only_the_right_key_and_occasion_open_what_is_sealed() {
        let (key, other) = (Key([1; 32]), Key([2; 32]));
        let sealed = seal(&key, [3; 12], b"about", b"content").unwrap();
        assert_eq!(open(&key, b"about", &sealed).as_deref(), Some(&b"content"[..]));
        assert_eq!(open(&other, b"about", &sealed), None);
        assert_eq!(open(&key, b"else", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key, b"about", &changed), None, "{at}");
            assert_eq!(open(&key, b"about", &sealed[..at]), None, "{at}");
        }
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}

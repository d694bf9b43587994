//! Random bytes from the operating system, by way of the one cryptographic library.

use std::sync::Arc;

use aws_lc_rs::{digest, rand};
use yima_registry::Random;

/// Random bytes that nobody can guess.
///
/// # Panics
/// When the operating system gives none: nothing that needs a secret may go on then.
#[expect(clippy::expect_used, reason = "no randomness, no secrets: the process must not go on")]
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The same source as ledger and vault take it.
#[expect(clippy::expect_used, reason = "no randomness, no secrets: the process must not go on")]
pub(crate) fn function() -> Random {
    Arc::new(|bytes| rand::fill(bytes).expect("the operating system gives random bytes"))
}

/// SHA-256 over the parts, each behind its length.
pub(crate) fn hash(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    context.finish().as_ref().iter().zip(&mut hash).for_each(|(from, to)| *to = *from);
    hash
}

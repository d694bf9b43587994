//! Draws for inventing people: they follow from a seed, so that one seed invents the same people again.

use anyhow::{Context, Result};
use aws_lc_rs::digest;

/// A series of draws.
#[derive(Debug)]
pub(crate) struct Draws {
    seed: u64,
    drawn: u64,
}

impl Draws {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// Sixteen bytes that follow from the seed and from how many were drawn before.
    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let parts = [self.seed.to_be_bytes(), self.drawn.to_be_bytes()].concat();
        let hash = digest::digest(&digest::SHA256, &parts);
        hash.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u64 {
        self.bytes().first_chunk().map_or(0, |chunk| u64::from_be_bytes(*chunk))
    }

    /// A number from 0 on and below `bound`.
    pub(crate) fn below(&mut self, bound: i64) -> Result<i64> {
        Ok(i64::try_from(self.number() % u64::try_from(bound.max(1))?)?)
    }

    /// Whether something happens that does so this often in ten thousand times.
    pub(crate) fn happens(&mut self, in_ten_thousand: u64) -> bool {
        self.number() % 10_000 < in_ten_thousand
    }

    pub(crate) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Result<&'a T> {
        let at = self.number() % u64::try_from(choices.len())?.max(1);
        choices.get(usize::try_from(at)?).context("there is nothing to choose from")
    }
}

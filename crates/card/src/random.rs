//! Randomness that the caller hands in, as the library takes it.

use rand_core::{CryptoRng, Error, RngCore};

/// Fills slices with bytes that nobody can guess.
pub(crate) struct Handed<'a>(pub(crate) &'a dyn Fn(&mut [u8]));

impl RngCore for Handed<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        (self.0)(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Handed<'_> {}

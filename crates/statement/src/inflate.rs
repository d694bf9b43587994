//! Deflate (RFC 1950, RFC 1951) with a bound on what comes out.

use zlib_rs::{Inflate, InflateFlush, Status};

use crate::Refusal;

/// The most bytes that come out: a card of three QR codes inflates to 30 178, and no certificate needs more than twice that.
pub(crate) const INFLATED_MAX: usize = 64 * 1024;

/// How the stream is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// zlib, with a header and a checksum.
    Zlib,
    /// The bare stream.
    Raw,
}

/// Inflates exactly one stream.
///
/// # Errors
/// [`Refusal::CompressionInvalid`] for a broken, unfinished or continued stream, [`Refusal::TooLarge`] past the bound.
pub(crate) fn inflate(bytes: &[u8], wrapping: Wrapping) -> Result<Vec<u8>, Refusal> {
    const WINDOW_BITS: u8 = 15;
    let mut stream = Inflate::new(wrapping == Wrapping::Zlib, WINDOW_BITS);
    let mut inflated = vec![0; (bytes.len() * 3).clamp(512, INFLATED_MAX + 1)];
    let (mut read, mut written) = (0, 0);
    loop {
        let input = bytes.get(read..).unwrap_or_default();
        let output = inflated.get_mut(written..).unwrap_or_default();
        let status =
            stream.decompress(input, output, InflateFlush::NoFlush).map_err(|_| Refusal::CompressionInvalid)?;
        let (read_before, written_before) = (read, written);
        read = usize::try_from(stream.total_in()).map_err(|_| Refusal::CompressionInvalid)?;
        written = usize::try_from(stream.total_out()).map_err(|_| Refusal::CompressionInvalid)?;
        match status {
            _ if written > INFLATED_MAX => return Err(Refusal::TooLarge),
            Status::StreamEnd if read == bytes.len() => {
                inflated.truncate(written);
                return Ok(inflated);
            }
            Status::StreamEnd => return Err(Refusal::CompressionInvalid),
            Status::Ok | Status::BufError if written == inflated.len() => {
                inflated.resize((written * 2).min(INFLATED_MAX + 1), 0);
            }
            Status::Ok | Status::BufError if (read, written) == (read_before, written_before) => {
                return Err(Refusal::CompressionInvalid);
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_whole_stream_within_the_bound_comes_out() {
        for length in [0, 1, 511, 512, 40_000, INFLATED_MAX] {
            let content: Vec<u8> = (0..length).map(|number| (number % 251) as u8).collect();
            assert_eq!(inflate(&compress_to_vec_zlib(&content, 6), Wrapping::Zlib), Ok(content.clone()), "{length}");
            assert_eq!(inflate(&compress_to_vec(&content, 6), Wrapping::Raw), Ok(content), "{length}");
        }
    }

    #[test]
    fn bombs_and_broken_streams_are_refused() {
        let bomb = compress_to_vec_zlib(&vec![0; 2_700_000], 9);
        assert!(bomb.len() < 4096);
        assert_eq!(inflate(&bomb, Wrapping::Zlib), Err(Refusal::TooLarge));
        assert_eq!(
            inflate(&compress_to_vec_zlib(&vec![0; INFLATED_MAX + 1], 9), Wrapping::Zlib),
            Err(Refusal::TooLarge)
        );
        let whole = compress_to_vec_zlib(b"a certificate", 6);
        for length in 0..whole.len() {
            assert_eq!(inflate(&whole[..length], Wrapping::Zlib), Err(Refusal::CompressionInvalid), "{length}");
        }
        assert_eq!(inflate(&[whole.as_slice(), &[0]].concat(), Wrapping::Zlib), Err(Refusal::CompressionInvalid));
        let mut wrong_sum = whole;
        *wrong_sum.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&wrong_sum, Wrapping::Zlib), Err(Refusal::CompressionInvalid));
    }

    proptest! {
        #[test]
        fn any_bytes_are_inflated_within_the_bound(bytes: Vec<u8>) {
            for wrapping in [Wrapping::Zlib, Wrapping::Raw] {
                if let Ok(inflated) = inflate(&bytes, wrapping) {
                    prop_assert!(inflated.len() <= INFLATED_MAX);
                }
            }
        }
    }
}

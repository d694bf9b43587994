//! Base45 (RFC 9285), strict: one text for each byte string.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// Too much for any sum with it to fit into two bytes, and little enough for no sum of three to overflow.
const NONE: u32 = 1 << 20;
/// What each digit is worth at each of the three places.
const VALUES: [[u32; 256]; 3] = [values(1), values(45), values(45 * 45)];

#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn values(place: u32) -> [u32; 256] {
    let mut values = [NONE; 256];
    let mut digit = 0;
    while digit < ALPHABET.len() {
        values[ALPHABET[digit] as usize] = digit as u32 * place;
        digit += 1;
    }
    values
}

/// Appends the base45 form of `bytes` to `text`.
pub fn encode_to(bytes: &[u8], text: &mut String) {
    let mut push = |value: u32| text.push(ALPHABET.get(value as usize).map_or('0', |digit| char::from(*digit)));
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        let value = pair.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
        push(value % 45);
        push(value / 45 % 45);
        push(value / (45 * 45));
    }
    if let [last] = pairs.remainder() {
        push(u32::from(*last) % 45);
        push(u32::from(*last) / 45);
    }
}

/// The bytes that `text` stands for, or `None` if it is no base45.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let [ones, tens, hundreds] = &VALUES;
    let digit = |values: &[u32; 256], byte: u8| values.get(usize::from(byte)).copied().unwrap_or(NONE);
    let (triples, end) = text.as_bytes().as_chunks::<3>();
    let mut bytes = vec![0; triples.len() * 2];
    let mut seen = 0;
    for ([a, b, c], pair) in triples.iter().zip(bytes.as_chunks_mut().0) {
        let value = digit(ones, *a).wrapping_add(digit(tens, *b)).wrapping_add(digit(hundreds, *c));
        seen |= value;
        let [.., high, low] = value.to_be_bytes();
        *pair = [high, low];
    }
    // One look at the end, for all: a bit above the sixteen is a sum too large or no digit.
    u16::try_from(seen).ok()?;
    match end {
        [] => {}
        [a, b] => bytes.push(u8::try_from(digit(ones, *a) + digit(tens, *b)).ok()?),
        _ => return None,
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(bytes: &[u8]) -> String {
        let mut text = String::new();
        encode_to(bytes, &mut text);
        text
    }

    /// Source: RFC 9285, section 4.3 and 4.4.
    #[test]
    fn examples_of_the_standard() {
        for (bytes, text) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["0", "0000", "GGW", ":::", "::", "V5", "aa0", "00!", "00\u{e9}", "0\n0"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
        assert_eq!(decode("FGW"), Some(vec![0xff, 0xff]));
        assert_eq!(decode("U5"), Some(vec![0xff]));
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn each_accepted_text_is_the_one_of_its_bytes(text in "[0-9A-Z $%*+./:-]{0,30}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

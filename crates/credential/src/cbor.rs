//! The small canonical part of CBOR that codes and lists use: an encoder, one strict check, and a reader.
//!
//! [`check`] runs over foreign bytes before anything is read from them. It allocates nothing, so a declared length costs
//! nothing until its bytes are there. Source: docs/CODE.md, "CBOR".

use thiserror::Error;

use crate::head::{Argument, DEPTH_MAX, Head, ITEMS_MAX, Major, take};

/// What makes bytes no canonical CBOR; the first fault from the left is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CborFault {
    /// The bytes end inside an item.
    #[error("the data end too early")]
    Truncated,
    /// More than 16 levels.
    #[error("the data are nested too deeply")]
    TooDeep,
    /// More than 4096 items.
    #[error("the data have too many items")]
    TooManyItems,
    /// An item without a stated length.
    #[error("an item has no stated length")]
    IndefiniteLength,
    /// A map has one key twice.
    #[error("a key stands twice in a map")]
    DuplicateKey,
    /// A longer form than needed, or map keys out of order.
    #[error("the data are not in their one canonical form")]
    NotCanonical,
    /// A float, an undefined or reserved value, or text that is no UTF-8.
    #[error("the data contain a kind of item that no code has")]
    UnsupportedItem,
    /// Bytes after the end.
    #[error("there are bytes after the end of the data")]
    TrailingBytes,
}

impl CborFault {
    /// All faults.
    pub const ALL: [Self; 8] = [
        Self::Truncated,
        Self::TooDeep,
        Self::TooManyItems,
        Self::IndefiniteLength,
        Self::DuplicateKey,
        Self::NotCanonical,
        Self::UnsupportedItem,
        Self::TrailingBytes,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::TooDeep => "too_deep",
            Self::TooManyItems => "too_many_items",
            Self::IndefiniteLength => "indefinite_length",
            Self::DuplicateKey => "duplicate_key",
            Self::NotCanonical => "not_canonical",
            Self::UnsupportedItem => "unsupported_item",
            Self::TrailingBytes => "trailing_bytes",
        }
    }
}

/// Checks that `bytes` are exactly one canonical item within the bounds.
pub(crate) fn check(bytes: &[u8]) -> Result<(), CborFault> {
    let mut walk = Walk { reader: Reader::new(bytes), items: 0 };
    walk.item(1)?;
    match walk.reader.rest {
        [] => Ok(()),
        _ => Err(CborFault::TrailingBytes),
    }
}

struct Walk<'a> {
    reader: Reader<'a>,
    items: u32,
}

impl<'a> Walk<'a> {
    fn item(&mut self, depth: u32) -> Result<(), CborFault> {
        if depth > DEPTH_MAX {
            return Err(CborFault::TooDeep);
        }
        self.items += 1;
        if self.items > ITEMS_MAX {
            return Err(CborFault::TooManyItems);
        }
        let (major, value) = self.reader.head()?;
        match major {
            Major::Unsigned | Major::Negative | Major::Simple => Ok(()),
            Major::Bytes => self.reader.take(value).map(drop),
            Major::Text => {
                let text = self.reader.take(value)?;
                std::str::from_utf8(text).map(drop).map_err(|_| CborFault::UnsupportedItem)
            }
            Major::Array => (0..value).try_for_each(|_| self.item(depth + 1)),
            Major::Map => self.map(value, depth + 1),
            Major::Tag => self.item(depth + 1),
        }
    }

    fn map(&mut self, pairs: u64, depth: u32) -> Result<(), CborFault> {
        let first = self.reader.rest;
        let mut last_key: &[u8] = &[];
        for done in 0..pairs {
            let key = self.raw(depth)?;
            if key <= last_key {
                let mut earlier = Walk { reader: Reader::new(first), items: 0 };
                for _ in 0..done {
                    if earlier.raw(depth)? == key {
                        return Err(CborFault::DuplicateKey);
                    }
                    earlier.item(depth)?;
                }
                return Err(CborFault::NotCanonical);
            }
            last_key = key;
            self.item(depth)?;
        }
        Ok(())
    }

    fn raw(&mut self, depth: u32) -> Result<&'a [u8], CborFault> {
        let before = self.reader.rest;
        self.item(depth)?;
        let length = before.len() - self.reader.rest.len();
        before.get(..length).ok_or(CborFault::Truncated)
    }
}

/// An item has another type, or another value, than its place demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongShape;

impl From<CborFault> for WrongShape {
    fn from(_: CborFault) -> Self {
        Self
    }
}

/// Reads typed items from bytes that [`check`] has accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, WrongShape> {
        self.expect(Major::Unsigned)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, WrongShape> {
        u32::try_from(self.unsigned()?).map_err(|_| WrongShape)
    }

    /// A signed integer; what 64 bits cannot hold has no place in a code.
    pub(crate) fn integer(&mut self) -> Result<i64, WrongShape> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| WrongShape)?;
        match major {
            Major::Unsigned => Ok(value),
            Major::Negative => Ok(-1 - value),
            _ => Err(WrongShape),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], WrongShape> {
        let length = self.expect(Major::Bytes)?;
        Ok(self.take(length)?)
    }

    pub(crate) fn byte_array<const N: usize>(&mut self) -> Result<&'a [u8; N], WrongShape> {
        self.bytes()?.try_into().map_err(|_| WrongShape)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, WrongShape> {
        let length = self.expect(Major::Text)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| WrongShape)
    }

    pub(crate) fn array(&mut self) -> Result<u64, WrongShape> {
        self.expect(Major::Array)
    }

    pub(crate) fn array_of(&mut self, length: u64) -> Result<(), WrongShape> {
        if self.array()? == length { Ok(()) } else { Err(WrongShape) }
    }

    pub(crate) fn map(&mut self) -> Result<u64, WrongShape> {
        self.expect(Major::Map)
    }

    pub(crate) fn tag(&mut self) -> Result<u64, WrongShape> {
        self.expect(Major::Tag)
    }

    /// Passes over one item of any type.
    pub(crate) fn skip(&mut self) -> Result<(), WrongShape> {
        let mut walk = Walk { reader: *self, items: 0 };
        walk.item(1)?;
        *self = walk.reader;
        Ok(())
    }

    fn expect(&mut self, expected: Major) -> Result<u64, WrongShape> {
        let (major, value) = self.head()?;
        if major == expected { Ok(value) } else { Err(WrongShape) }
    }

    fn head(&mut self) -> Result<(Major, u64), CborFault> {
        if self
            .rest
            .first()
            .is_some_and(|first| Major::of(*first) == Major::Simple && !(20..=22).contains(&(first & 0x1f)))
        {
            return Err(CborFault::UnsupportedItem);
        }
        let Head { major, argument, is_shortest } = Head::read(&mut self.rest)?;
        let Argument::Of(value) = argument else { return Err(CborFault::IndefiniteLength) };
        if is_shortest { Ok((major, value)) } else { Err(CborFault::NotCanonical) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborFault> {
        take(&mut self.rest, length)
    }
}

/// Writes canonical CBOR; the caller gives map keys in ascending order of their encodings.
#[derive(Debug)]
pub(crate) struct Encoder {
    out: Vec<u8>,
}

impl Encoder {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity) }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn unsigned(&mut self, value: impl Into<u64>) -> &mut Self {
        self.head(Major::Unsigned, value.into())
    }

    pub(crate) fn integer(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.head(Major::Unsigned, value),
            Err(_) => self.head(Major::Negative, (-1 - value).unsigned_abs()),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(Major::Bytes, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.head(Major::Text, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn array(&mut self, length: usize) -> &mut Self {
        self.head(Major::Array, length as u64)
    }

    pub(crate) fn map(&mut self, pairs: usize) -> &mut Self {
        self.head(Major::Map, pairs as u64)
    }

    pub(crate) fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(Major::Tag, tag)
    }

    fn head(&mut self, major: Major, value: u64) -> &mut Self {
        let bits = major.bits();
        if let Ok(byte) = u8::try_from(value) {
            match byte {
                0..=23 => self.out.push(bits | byte),
                _ => self.out.extend_from_slice(&[bits | 24, byte]),
            }
        } else if let Ok(short) = u16::try_from(value) {
            self.out.push(bits | 25);
            self.out.extend_from_slice(&short.to_be_bytes());
        } else if let Ok(word) = u32::try_from(value) {
            self.out.push(bits | 26);
            self.out.extend_from_slice(&word.to_be_bytes());
        } else {
            self.out.push(bits | 27);
            self.out.extend_from_slice(&value.to_be_bytes());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn faults_are_named() {
        let check = |bytes: &[u8], expected| assert_eq!(super::check(bytes), expected, "{bytes:02x?}");
        check(&[0x00], Ok(()));
        check(&[0xa2, 0x01, 0xf5, 0x20, 0x80], Ok(()));
        check(&[], Err(CborFault::Truncated));
        check(&[0x19, 0x01], Err(CborFault::Truncated));
        check(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(CborFault::Truncated));
        check(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(CborFault::Truncated));
        check(&[0x18, 0x17], Err(CborFault::NotCanonical));
        check(&[0x19, 0x00, 0xff], Err(CborFault::NotCanonical));
        check(&[0x1a, 0x00, 0x00, 0xff, 0xff], Err(CborFault::NotCanonical));
        check(&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], Err(CborFault::NotCanonical));
        check(&[0xa2, 0x02, 0x00, 0x01, 0x00], Err(CborFault::NotCanonical));
        check(&[0xa2, 0x01, 0x00, 0x01, 0x00], Err(CborFault::DuplicateKey));
        check(&[0xa3, 0x01, 0x00, 0x02, 0x00, 0x01, 0x00], Err(CborFault::DuplicateKey));
        check(&[0x9f, 0xff], Err(CborFault::IndefiniteLength));
        check(&[0x5f, 0x41, 0x00, 0xff], Err(CborFault::IndefiniteLength));
        check(&[0xf9, 0x3c, 0x00], Err(CborFault::UnsupportedItem));
        check(&[0xf7], Err(CborFault::UnsupportedItem));
        for head in [0xf9, 0xff, 0x1f, 0x3f, 0xdf] {
            check(&[head], Err(CborFault::UnsupportedItem));
        }
        for head in [0x5f, 0x7f, 0x9f, 0xbf] {
            check(&[head], Err(CborFault::IndefiniteLength));
        }
        check(&[0x1c], Err(CborFault::UnsupportedItem));
        check(&[0x61, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0x00, 0x00], Err(CborFault::TrailingBytes));
    }

    #[test]
    fn depth_and_number_of_items_are_bounded() {
        let nested = |levels: usize| [vec![0x81; levels - 1], vec![0x00]].concat();
        assert_eq!(check(&nested(16)), Ok(()));
        assert_eq!(check(&nested(17)), Err(CborFault::TooDeep));
        assert_eq!(check(&nested(100_000)), Err(CborFault::TooDeep));
        let wide = |items: u16| [[0x99].as_slice(), &items.to_be_bytes(), &vec![0x00; items.into()]].concat();
        assert_eq!(check(&wide(4095)), Ok(()));
        assert_eq!(check(&wide(4096)), Err(CborFault::TooManyItems));
    }

    proptest! {
        #[test]
        fn what_is_written_is_canonical_and_read_back(number: i64, bytes: Vec<u8>, text: String, tag: u64) {
            let mut encoder = Encoder::with_capacity(0);
            encoder.tag(tag).array(3).integer(number).bytes(&bytes).text(&text);
            let encoded = encoder.finish();
            prop_assert_eq!(check(&encoded), Ok(()));
            let mut reader = Reader::new(&encoded);
            prop_assert_eq!(reader.tag(), Ok(tag));
            prop_assert_eq!(reader.array_of(3), Ok(()));
            prop_assert_eq!(reader.integer(), Ok(number));
            prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
            prop_assert_eq!(reader.text(), Ok(text.as_str()));
        }

        #[test]
        fn any_bytes_are_checked_without_panic(bytes: Vec<u8>) {
            if check(&bytes).is_ok() {
                let mut reader = Reader::new(&bytes);
                prop_assert_eq!(reader.skip(), Ok(()));
                prop_assert!(reader.rest.is_empty());
            }
        }
    }
}

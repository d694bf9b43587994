//! CBOR (RFC 8949) as other issuers write it: any well-formed item within bounds, read without copying where possible.
//!
//! [`check`] runs over foreign bytes before anything is read from them; a declared length allocates nothing.
//! Our own codes take one canonical part of CBOR only; issuers elsewhere use indefinite lengths, floats and tags.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};
use yima_credential::CborFault;
use yima_credential::head::{Argument, DEPTH_MAX, Head, ITEMS_MAX, Major, take};

/// Up to here the keys of a map are compared pair by pair, without sorting.
const FEW_KEYS: usize = 24;

/// Checks that `bytes` are exactly one well-formed item within the bounds, with no key twice in a map.
pub(crate) fn check(bytes: &[u8]) -> Result<(), CborFault> {
    let mut walk = Walk { rest: bytes, items: 0, keys: Vec::with_capacity(FEW_KEYS) };
    if !walk.item(1)? {
        return Err(CborFault::UnsupportedItem);
    }
    if walk.rest.is_empty() { Ok(()) } else { Err(CborFault::TrailingBytes) }
}

struct Walk<'a> {
    rest: &'a [u8],
    items: u32,
    keys: Vec<Key<'a>>,
}

/// A key of a map as it reads, with its length and its first bytes in a number: most keys differ there.
///
/// The same key has many encodings: its length or its number in longer forms, in pieces, under a tag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    beginning: u64,
    whole: Cow<'a, str>,
}

impl<'a> Key<'a> {
    /// Of the item that comes first in `bytes`.
    fn read(bytes: &'a [u8]) -> Result<Self, WrongShape> {
        let whole = Reader::new(bytes).key()?;
        let beginning = whole.bytes().take(7).fold(whole.len() as u64, |sum, byte| sum << 8 | u64::from(byte));
        Ok(Self { beginning, whole })
    }
}

impl<'a> Walk<'a> {
    /// Passes over one item; `false` if it was the break that ends an indefinite length.
    fn item(&mut self, depth: u32) -> Result<bool, CborFault> {
        if depth > DEPTH_MAX {
            return Err(CborFault::TooDeep);
        }
        self.items += 1;
        if self.items > ITEMS_MAX {
            return Err(CborFault::TooManyItems);
        }
        let Head { major, argument, .. } = Head::read(&mut self.rest)?;
        match (major, argument) {
            (Major::Unsigned | Major::Negative, Argument::Of(_)) | (Major::Simple, Argument::Of(_)) => {}
            (Major::Simple, Argument::Indefinite) => return Ok(false),
            (Major::Bytes, Argument::Of(length)) => drop(take(&mut self.rest, length)?),
            (Major::Text, Argument::Of(length)) => utf8(take(&mut self.rest, length)?)?,
            (Major::Bytes | Major::Text, Argument::Indefinite) => self.chunks(major)?,
            (Major::Array, Argument::Of(length)) => {
                for _ in 0..length {
                    self.inner(depth)?;
                }
            }
            (Major::Array, Argument::Indefinite) => while self.item(depth + 1)? {},
            (Major::Map, length) => self.map(length, depth)?,
            (Major::Tag, Argument::Of(_)) => self.inner(depth)?,
            _ => return Err(CborFault::UnsupportedItem),
        }
        Ok(true)
    }

    /// An item that no break may stand for.
    fn inner(&mut self, depth: u32) -> Result<(), CborFault> {
        if self.item(depth + 1)? { Ok(()) } else { Err(CborFault::UnsupportedItem) }
    }

    fn chunks(&mut self, major: Major) -> Result<(), CborFault> {
        loop {
            self.items += 1;
            if self.items > ITEMS_MAX {
                return Err(CborFault::TooManyItems);
            }
            match Head::read(&mut self.rest)? {
                Head { major: Major::Simple, argument: Argument::Indefinite, .. } => return Ok(()),
                Head { major: chunk, argument: Argument::Of(length), .. } if chunk == major => {
                    let chunk = take(&mut self.rest, length)?;
                    if major == Major::Text {
                        utf8(chunk)?;
                    }
                }
                _ => return Err(CborFault::UnsupportedItem),
            }
        }
    }

    fn map(&mut self, length: Argument, depth: u32) -> Result<(), CborFault> {
        let first = self.keys.len();
        let mut done = 0;
        while length != Argument::Of(done) {
            let before = self.rest;
            if !self.item(depth + 1)? {
                if length == Argument::Indefinite {
                    break;
                }
                return Err(CborFault::UnsupportedItem);
            }
            self.keys.push(Key::read(before).map_err(|WrongShape| CborFault::UnsupportedItem)?);
            self.inner(depth)?;
            done += 1;
        }
        let twice = self.keys.get_mut(first..).is_some_and(has_repetition);
        self.keys.truncate(first);
        if twice { Err(CborFault::DuplicateKey) } else { Ok(()) }
    }
}

fn has_repetition(keys: &mut [Key<'_>]) -> bool {
    if keys.len() <= FEW_KEYS {
        let mut rest = &*keys;
        while let Some((key, others)) = rest.split_first() {
            if others.contains(key) {
                return true;
            }
            rest = others;
        }
        return false;
    }
    keys.sort_unstable();
    keys.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

fn utf8(bytes: &[u8]) -> Result<(), CborFault> {
    if bytes.is_ascii() {
        return Ok(());
    }
    std::str::from_utf8(bytes).map(drop).map_err(|_| CborFault::UnsupportedItem)
}

/// An item has another type than its place demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongShape;

impl From<CborFault> for WrongShape {
    fn from(_: CborFault) -> Self {
        Self
    }
}

/// Reads typed items from bytes that [`check`] has accepted; tags before an item are passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// How many items or pairs an array or map still has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remaining(Option<u64>);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The number of the tag that comes first, if one does.
    pub(crate) fn tag(&mut self) -> Option<u64> {
        let mut rest = self.rest;
        match Head::read(&mut rest) {
            Ok(Head { major: Major::Tag, argument: Argument::Of(tag), .. }) => {
                self.rest = rest;
                Some(tag)
            }
            _ => None,
        }
    }

    pub(crate) fn array(&mut self) -> Result<Remaining, WrongShape> {
        self.container(Major::Array)
    }

    pub(crate) fn map(&mut self) -> Result<Remaining, WrongShape> {
        self.container(Major::Map)
    }

    fn container(&mut self, expected: Major) -> Result<Remaining, WrongShape> {
        match self.head()? {
            Head { major, argument: Argument::Of(length), .. } if major == expected => Ok(Remaining(Some(length))),
            Head { major, argument: Argument::Indefinite, .. } if major == expected => Ok(Remaining(None)),
            _ => Err(WrongShape),
        }
    }

    /// Whether another item or pair follows, counting it as read.
    pub(crate) fn more(&mut self, remaining: &mut Remaining) -> Result<bool, WrongShape> {
        match &mut remaining.0 {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None => match self.rest.split_first() {
                Some((0xff, after)) => {
                    self.rest = after;
                    Ok(false)
                }
                Some(_) => Ok(true),
                None => Err(WrongShape),
            },
        }
    }

    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, WrongShape> {
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).map_err(|_| WrongShape);
        match self.head()? {
            Head { major: Major::Text, argument: Argument::Of(length), .. } => {
                Ok(Cow::Borrowed(text(take(&mut self.rest, length)?)?))
            }
            Head { major: Major::Text, argument: Argument::Indefinite, .. } => {
                let mut whole = String::new();
                self.each_chunk(|chunk| {
                    whole.push_str(text(chunk)?);
                    Ok(())
                })?;
                Ok(Cow::Owned(whole))
            }
            _ => Err(WrongShape),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Cow<'a, [u8]>, WrongShape> {
        match self.head()? {
            Head { major: Major::Bytes, argument: Argument::Of(length), .. } => {
                Ok(Cow::Borrowed(take(&mut self.rest, length)?))
            }
            Head { major: Major::Bytes, argument: Argument::Indefinite, .. } => {
                let mut whole = Vec::new();
                self.each_chunk(|chunk| {
                    whole.extend_from_slice(chunk);
                    Ok(())
                })?;
                Ok(Cow::Owned(whole))
            }
            _ => Err(WrongShape),
        }
    }

    fn each_chunk(&mut self, mut see: impl FnMut(&'a [u8]) -> Result<(), WrongShape>) -> Result<(), WrongShape> {
        while let Argument::Of(length) = Head::read(&mut self.rest)?.argument {
            see(take(&mut self.rest, length)?)?;
        }
        Ok(())
    }

    /// A signed integer; a float counts if it has no fraction.
    pub(crate) fn integer(&mut self) -> Result<i64, WrongShape> {
        let before = *self;
        let Head { major, argument: Argument::Of(value), .. } = self.head()? else { return Err(WrongShape) };
        let whole = || i64::try_from(value).map_err(|_| WrongShape);
        match major {
            Major::Unsigned => whole(),
            Major::Negative => Ok(-1 - whole()?),
            Major::Simple => before.float().filter(|number| number.fract() == 0.0).and_then(floor).ok_or(WrongShape),
            _ => Err(WrongShape),
        }
    }

    /// An integer that is one by its type: no float and under no tag.
    pub(crate) fn plain_integer(&mut self) -> Result<i64, WrongShape> {
        match self.rest.first() {
            Some(0x00..=0x3b) => self.integer(),
            _ => Err(WrongShape),
        }
    }

    /// A NumericDate (RFC 8392, section 2) in whole seconds, rounded down.
    pub(crate) fn seconds(&mut self) -> Result<i64, WrongShape> {
        let before = *self;
        if let Ok(seconds) = self.integer() {
            return Ok(seconds);
        }
        let seconds = before.float().and_then(floor).ok_or(WrongShape)?;
        *self = before;
        self.skip()?;
        Ok(seconds)
    }

    /// The next item if it is an integer, passing over it whatever it is.
    pub(crate) fn label(&mut self) -> Result<Option<i64>, WrongShape> {
        let before = *self;
        if let Ok(label) = self.integer() {
            return Ok(Some(label));
        }
        *self = before;
        self.skip()?;
        Ok(None)
    }

    /// The bytes of the next item if it is a text, passing over it whatever it is.
    pub(crate) fn name(&mut self) -> Result<Option<Cow<'a, [u8]>>, WrongShape> {
        let before = *self;
        match self.head()? {
            Head { major: Major::Text, argument: Argument::Of(length), .. } => {
                Ok(Some(Cow::Borrowed(take(&mut self.rest, length)?)))
            }
            head => {
                *self = before;
                let mut again = self.piece()?;
                Ok(if head.major == Major::Text {
                    Some(Cow::Owned(again.text()?.into_owned().into_bytes()))
                } else {
                    None
                })
            }
        }
    }

    /// The next item as the key of a map in JSON: what is no text as the text of its value.
    fn key(&mut self) -> Result<Cow<'a, str>, WrongShape> {
        if matches!(self.rest.first(), Some(0x60..=0x7b)) {
            return self.text();
        }
        Ok(Cow::Owned(match self.value()? {
            Value::String(text) => text,
            other => other.to_string(),
        }))
    }

    fn float(mut self) -> Option<f64> {
        while self.tag().is_some() {}
        let (first, bytes) = self.rest.split_first()?;
        match first {
            0xf9 => Some(half(u16::from_be_bytes(*bytes.first_chunk()?))),
            0xfa => Some(f64::from(f32::from_be_bytes(*bytes.first_chunk()?))),
            0xfb => Some(f64::from_be_bytes(*bytes.first_chunk()?)),
            _ => None,
        }
    }

    /// Whether the item is `null` or `undefined`.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.rest.first(), Some(0xf6 | 0xf7))
    }

    /// Passes over one item of any type.
    pub(crate) fn skip(&mut self) -> Result<(), WrongShape> {
        let mut ahead = 1_u64;
        while ahead > 0 {
            ahead -= 1;
            // Most items of a certificate are a short text or a number of one byte, which stand in one look.
            if let Some((first, after)) = self.rest.split_first() {
                let length = match first {
                    0x00..=0x17 | 0x20..=0x37 => Some(0),
                    0x40..=0x57 | 0x60..=0x77 => Some(usize::from(first & 0x1f)),
                    _ => None,
                };
                if let Some(length) = length {
                    self.rest = after.get(length..).ok_or(WrongShape)?;
                    continue;
                }
            }
            let Head { major, argument, .. } = self.head()?;
            match (major, argument) {
                (Major::Bytes | Major::Text, Argument::Of(length)) => drop(take(&mut self.rest, length)?),
                (Major::Bytes | Major::Text, Argument::Indefinite) => self.each_chunk(|_| Ok(()))?,
                (Major::Array | Major::Map, Argument::Of(length)) => {
                    let items = if major == Major::Map { length.checked_mul(2).ok_or(WrongShape)? } else { length };
                    ahead = ahead.checked_add(items).ok_or(WrongShape)?;
                }
                (Major::Array | Major::Map, Argument::Indefinite) => {
                    let mut remaining = Remaining(None);
                    while self.more(&mut remaining)? {
                        self.skip()?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The next item, to be read later or again; this reader goes on behind it.
    pub(crate) fn piece(&mut self) -> Result<Self, WrongShape> {
        let piece = *self;
        self.skip()?;
        Ok(piece)
    }

    /// The next item as JSON: tags are dropped, byte strings become hexadecimal digits, integer keys decimal ones.
    pub(crate) fn value(&mut self) -> Result<Value, WrongShape> {
        let before = *self;
        let Head { major, argument, .. } = self.head()?;
        let mut again = before;
        while again.tag().is_some() {}
        Ok(match major {
            Major::Unsigned | Major::Negative => match again.integer() {
                Ok(number) => number.into(),
                Err(WrongShape) => {
                    let Argument::Of(number) = argument else { return Err(WrongShape) };
                    if major == Major::Unsigned { number.into() } else { Value::Null }
                }
            },
            Major::Bytes => {
                *self = again;
                let bytes = self.bytes()?;
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
            }
            Major::Text => {
                *self = again;
                self.text()?.into_owned().into()
            }
            Major::Array => {
                *self = again;
                self.array_value()?
            }
            Major::Map => {
                *self = again;
                self.map_value()?
            }
            _ => match (argument, again.float()) {
                (_, Some(number)) => Number::from_f64(number).map_or(Value::Null, Value::Number),
                (Argument::Of(20), None) => false.into(),
                (Argument::Of(21), None) => true.into(),
                _ => Value::Null,
            },
        })
    }

    fn array_value(&mut self) -> Result<Value, WrongShape> {
        let mut items = Vec::new();
        let mut remaining = self.array()?;
        while self.more(&mut remaining)? {
            items.push(self.value()?);
        }
        Ok(Value::Array(items))
    }

    fn map_value(&mut self) -> Result<Value, WrongShape> {
        let mut entries = Map::new();
        let mut remaining = self.map()?;
        while self.more(&mut remaining)? {
            let key = self.key()?.into_owned();
            entries.insert(key, self.value()?);
        }
        Ok(Value::Object(entries))
    }

    #[inline]
    fn head(&mut self) -> Result<Head, WrongShape> {
        loop {
            let head = Head::read(&mut self.rest)?;
            if head.major != Major::Tag {
                return Ok(head);
            }
        }
    }
}

/// Takes a claim once: a number has longer forms in which it could stand a second time.
pub(crate) fn set<T>(slot: &mut Option<T>, value: T) -> Result<(), WrongShape> {
    if slot.is_some() {
        return Err(WrongShape);
    }
    *slot = Some(value);
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "within 53 bits")]
fn floor(number: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    (number.abs() <= EXACT_MAX).then(|| number.floor() as i64)
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * f64::powi(2.0, -24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * f64::powi(2.0, exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn faults_are_named() {
        let check = |bytes: &[u8], expected| assert_eq!(super::check(bytes), expected, "{bytes:02x?}");
        check(&[0x00], Ok(()));
        check(&[0x18, 0x17], Ok(()));
        check(&[0xbf, 0x61, 0x61, 0x01, 0xff], Ok(()));
        check(&[0x9f, 0x01, 0xff], Ok(()));
        check(&[0x7f, 0x61, 0x61, 0x61, 0x62, 0xff], Ok(()));
        check(&[0xf9, 0x3c, 0x00], Ok(()));
        check(&[0xf6], Ok(()));
        check(&[], Err(CborFault::Truncated));
        check(&[0x19, 0x01], Err(CborFault::Truncated));
        check(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(CborFault::Truncated));
        check(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Err(CborFault::Truncated));
        check(&[0xbf, 0x01], Err(CborFault::Truncated));
        check(&[0xff], Err(CborFault::UnsupportedItem));
        check(&[0x81, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0xa1, 0x01, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0xbf, 0x01, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0x1c], Err(CborFault::UnsupportedItem));
        check(&[0xdf, 0x00], Err(CborFault::UnsupportedItem));
        check(&[0x7f, 0x41, 0x61, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0x7f, 0x7f, 0xff, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0x61, 0xff], Err(CborFault::UnsupportedItem));
        check(&[0xa2, 0x01, 0x00, 0x01, 0x00], Err(CborFault::DuplicateKey));
        // The same key in another form: a longer number or length, pieces, a tag, the text of a number.
        check(&[0xa2, 0x01, 0x00, 0x18, 0x01, 0x00], Err(CborFault::DuplicateKey));
        check(b"\xa2\x61a\x00\x78\x01a\x00", Err(CborFault::DuplicateKey));
        check(b"\xa2\x61a\x00\x7b\x00\x00\x00\x00\x00\x00\x00\x01a\x00", Err(CborFault::DuplicateKey));
        check(b"\xa2\x61a\x00\x7f\x61a\xff\x00", Err(CborFault::DuplicateKey));
        check(b"\xa2\x61a\x00\xc0\x61a\x00", Err(CborFault::DuplicateKey));
        check(b"\xa2\x611\x00\x01\x00", Err(CborFault::DuplicateKey));
        check(b"\xa2\x61a\x00\x61b\x00", Ok(()));
        check(b"\xa2\x68aaaaaaab\x00\x68aaaaaaac\x00", Ok(()));
        check(b"\xa2\x68aaaaaaab\x00\x68aaaaaaab\x00", Err(CborFault::DuplicateKey));
        check(&[0x00, 0x00], Err(CborFault::TrailingBytes));
    }

    #[test]
    fn depth_number_of_items_and_large_maps_are_bounded() {
        for opening in [0x81, 0x9f, 0xd2] {
            let nested = |levels: usize| [vec![opening; levels - 1], vec![0x00], vec![0xff; 20]].concat();
            assert_eq!(check(&nested(17)), Err(CborFault::TooDeep));
            assert_eq!(check(&nested(100_000)), Err(CborFault::TooDeep));
        }
        let map = |keys: u16, key: fn(u16) -> u16| {
            let pairs = (0..keys).flat_map(|number| {
                let [high, low] = key(number).to_be_bytes();
                [0x19, high, low, 0x00]
            });
            [0xb9, (keys >> 8) as u8, keys as u8].into_iter().chain(pairs).collect::<Vec<_>>()
        };
        assert_eq!(check(&map(2000, |number| number)), Ok(()));
        assert_eq!(check(&map(2000, |number| number % 1999)), Err(CborFault::DuplicateKey));
        assert_eq!(check(&map(3000, |number| number)), Err(CborFault::TooManyItems));
    }

    /// Source: RFC 8949, appendix A.
    #[test]
    fn items_are_read_as_json() {
        let check = |bytes: &[u8], expected: Value| {
            assert_eq!(super::check(bytes), Ok(()));
            assert_eq!(Reader::new(bytes).value(), Ok(expected), "{bytes:02x?}");
        };
        check(&[0x20], json!(-1));
        check(&[0xf9, 0x3e, 0x00], json!(1.5));
        check(&[0xf9, 0xc4, 0x00], json!(-4.0));
        check(&[0xfa, 0x47, 0xc3, 0x50, 0x00], json!(100000.0));
        check(&[0xc0, 0x61, 0x61], json!("a"));
        check(&[0xf5], json!(true));
        check(&[0xf7], json!(null));
        check(&[0x5f, 0x41, 0x01, 0x41, 0xff, 0xff], json!("01ff"));
        check(&[0xbf, 0x61, 0x61, 0x9f, 0x02, 0xff, 0x01, 0x80, 0xff], json!({"a": [2], "1": []}));
    }

    #[test]
    fn numbers_of_any_kind_are_seconds() {
        let check = |bytes: &[u8], expected| assert_eq!(Reader::new(bytes).seconds(), expected, "{bytes:02x?}");
        check(&[0x1a, 0x60, 0x92, 0xdd, 0x20], Ok(1_620_237_600));
        check(&[0xc1, 0x1a, 0x60, 0x92, 0xdd, 0x20], Ok(1_620_237_600));
        check(&[0xfb, 0x41, 0xd8, 0x24, 0xb7, 0x48, 0x10, 0x00, 0x00], Ok(1_620_237_600));
        check(&[0xf9, 0x3e, 0x00], Ok(1));
        check(&[0xf9, 0x7e, 0x00], Err(WrongShape));
        check(&[0x61, 0x61], Err(WrongShape));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let whole = check(&bytes).is_ok();
            let mut reader = Reader::new(&bytes);
            let mut skipped = Reader::new(&bytes);
            if whole {
                prop_assert!(reader.value().is_ok());
                prop_assert_eq!(skipped.skip(), Ok(()));
                prop_assert!(reader.rest.is_empty() && skipped.rest.is_empty());
            }
        }
    }
}

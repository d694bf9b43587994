//! The little of DER (X.690) that certificates need, forgiving where issuers are careless.

/// One element: its tag, its content, and its whole encoding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_ID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Reads elements one after the other; what follows the last one that is asked for says nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next element if it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.next().filter(|element| element.tag == tag)?;
        *self = ahead;
        Some(element)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    /// `None` at the end, and for a multi-byte tag or a length that the bytes do not hold.
    fn next(&mut self) -> Option<Element<'a>> {
        const MULTI_BYTE: u8 = 0x1f;
        let whole = self.rest;
        let ([tag, length], mut rest) = whole.split_first_chunk().map(|(start, rest)| (*start, rest))?;
        let length = match length {
            short @ 0..=0x7f => usize::from(short),
            0x81 => {
                let (length, after) = rest.split_first()?;
                rest = after;
                usize::from(*length)
            }
            0x82 => {
                let (length, after) = rest.split_first_chunk()?;
                rest = after;
                usize::from(u16::from_be_bytes(*length))
            }
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length).filter(|_| tag & MULTI_BYTE != MULTI_BYTE)?;
        self.rest = after;
        Some(Element { tag, content, whole: whole.get(..whole.len() - after.len())? })
    }
}

//! The head of a CBOR item (RFC 8949, section 3): what every reader of ours and of other issuers' bytes begins with.

use crate::cbor::CborFault;

/// The most levels of arrays, maps and tags; the outermost item is level 1.
pub const DEPTH_MAX: u32 = 16;
/// The most data items in one piece of CBOR.
pub const ITEMS_MAX: u32 = 4096;

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Major {
    /// An integer from 0.
    Unsigned,
    /// An integer below 0: -1 minus the argument.
    Negative,
    /// So many bytes follow.
    Bytes,
    /// So many bytes of UTF-8 follow.
    Text,
    /// So many items follow.
    Array,
    /// So many pairs of items follow.
    Map,
    /// One item follows.
    Tag,
    /// A simple value, a float, or the break that ends an indefinite length.
    Simple,
}

/// What a head says beside the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A number, a length, or the bits of a float.
    Of(u64),
    /// No length is stated; with [`Major::Simple`] it is the break.
    Indefinite,
}

/// The first bytes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The kind.
    pub major: Major,
    /// What it says.
    pub argument: Argument,
    /// Whether no shorter head says the same; of floats this says nothing.
    pub is_shortest: bool,
}

impl Head {
    /// Reads the head of the next item; `rest` goes on behind it.
    ///
    /// # Errors
    /// [`CborFault::Truncated`]; [`CborFault::UnsupportedItem`] for what no version of the standard allows.
    #[inline]
    pub fn read(rest: &mut &[u8]) -> Result<Self, CborFault> {
        let [first] = take_array(rest)?;
        match first & 0x1f {
            short @ 0..=23 => {
                Ok(Self { major: Major::of(first), argument: Argument::Of(u64::from(short)), is_shortest: true })
            }
            _ => Self::read_longer(first, rest),
        }
    }

    fn read_longer(first: u8, rest: &mut &[u8]) -> Result<Self, CborFault> {
        let major = Major::of(first);
        let (argument, least) = match first & 0x1f {
            24 => (u64::from(u8::from_be_bytes(take_array(rest)?)), 24),
            25 => (u64::from(u16::from_be_bytes(take_array(rest)?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(take_array(rest)?)), 1 << 16),
            27 => (u64::from_be_bytes(take_array(rest)?), 1 << 32),
            31 if !matches!(major, Major::Unsigned | Major::Negative | Major::Tag) => {
                return Ok(Self { major, argument: Argument::Indefinite, is_shortest: true });
            }
            _ => return Err(CborFault::UnsupportedItem),
        };
        Ok(Self { major, argument: Argument::Of(argument), is_shortest: argument >= least })
    }
}

impl Major {
    /// The kind of the item that begins with this byte.
    #[inline]
    pub const fn of(byte: u8) -> Self {
        match byte >> 5 {
            0 => Self::Unsigned,
            1 => Self::Negative,
            2 => Self::Bytes,
            3 => Self::Text,
            4 => Self::Array,
            5 => Self::Map,
            6 => Self::Tag,
            _ => Self::Simple,
        }
    }

    pub(crate) const fn bits(self) -> u8 {
        (self as u8) << 5
    }
}

/// Takes so many bytes; a declared length costs nothing until its bytes are there.
///
/// # Errors
/// [`CborFault::Truncated`].
#[inline]
pub fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], CborFault> {
    let length = usize::try_from(length).map_err(|_| CborFault::Truncated)?;
    let (taken, after) = rest.split_at_checked(length).ok_or(CborFault::Truncated)?;
    *rest = after;
    Ok(taken)
}

#[inline]
fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], CborFault> {
    let (taken, after) = rest.split_first_chunk().ok_or(CborFault::Truncated)?;
    *rest = after;
    Ok(*taken)
}

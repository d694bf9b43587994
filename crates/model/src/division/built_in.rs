//! The embedded list of areas, as `cargo xtask divisions` packs it.

use crate::area::AreaCode;

/// Deflated: the number of areas, the differences of their nine-digit codes in variable length, the names one a line.
const PACKED: &[u8] = include_bytes!("../../data/divisions.z");

const TOWN: u64 = 1_000_000_000;

/// 新疆生产建设兵团, which GB/T 2260 does not list and bulletins number 66.
pub(super) fn corps() -> Option<AreaCode> {
    AreaCode::from_number(66 * 10_000_000 * TOWN)
}

/// All areas with their names, by code.
pub(super) fn names() -> impl Iterator<Item = (AreaCode, Box<str>)> {
    #[expect(clippy::expect_used, reason = "the embedded bytes are part of the program, and a test reads them all")]
    let unpacked = miniz_oxide::inflate::decompress_to_vec_zlib(PACKED).expect("the embedded tree unpacks");
    let mut bytes = unpacked.as_slice();
    let count = read_varint(&mut bytes);
    let differences: Vec<_> = (0..count).map(|_| read_varint(&mut bytes)).collect();
    let codes = differences.into_iter().scan(0, |code, difference| {
        *code += difference;
        AreaCode::from_number(*code * TOWN)
    });
    let names: Vec<Box<str>> = String::from_utf8_lossy(bytes).lines().map(Into::into).collect();
    codes.zip(names)
}

fn read_varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    let mut shift = 0;
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

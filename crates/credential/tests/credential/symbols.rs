//! Symbols: they stay within their versions at the largest claims, and an independent reader reads them back.

use yima_credential::qr::{Bitmap, QUIET_MODULES, QrError, Version};
use yima_credential::{Code, LiveCredential, Seconds, Signer};

use crate::properties::{largest_live, largest_opening, largest_paper};
use crate::world::KEYS;

fn largest() -> [(&'static str, Code); 3] {
    let issuer = Signer::from_pkcs8(&KEYS.live.pkcs8).unwrap();
    let device = Signer::from_pkcs8(&KEYS.device.pkcs8).unwrap();
    let credential = LiveCredential::issue(&largest_live(), &issuer).unwrap();
    let at = Seconds::new(u32::MAX);
    [
        ("live", credential.present(&device, at, None).unwrap()),
        ("live, opened", credential.present(&device, at, Some(&largest_opening())).unwrap()),
        ("paper", Code::paper(&largest_paper(), &issuer).unwrap()),
    ]
}

/// Source: docs/CODE.md, "Layers".
#[test]
fn the_largest_codes_stay_within_their_versions() {
    for ((name, code), (version, bytes)) in largest().into_iter().zip([(14, 349), (15, 397), (12, 276)]) {
        assert!(code.bytes().len() <= bytes, "{name} has {} bytes", code.bytes().len());
        let symbol = code.qr().unwrap();
        assert!(symbol.version().number() <= version, "{name} has version {}", symbol.version().number());
        assert!(code.text().len() <= 600);
    }
}

/// Source: docs/CODE.md, "Several people".
#[test]
fn people_have_no_symbol_in_common() {
    let [live, _, paper] = largest().map(|(_, code)| code.text());
    for together in [live.repeat(2), [live.as_str(), &paper].concat(), paper.repeat(3)] {
        assert_eq!(Bitmap::of(&together, Version::LIVE_MAX), Err(QrError::TooLong { max: 15 }));
    }
}

#[test]
fn a_symbol_past_its_version_is_refused() {
    let text = |length: usize| "A".repeat(length);
    let check = |length, max, version| {
        assert_eq!(Bitmap::of(&text(length), max).map(|bitmap| bitmap.version().number()), version);
    };
    check(600, Version::LIVE_MAX, Ok(15));
    check(601, Version::LIVE_MAX, Err(QrError::TooLong { max: 15 }));
    check(419, Version::PAPER_MAX, Ok(12));
    check(420, Version::PAPER_MAX, Err(QrError::TooLong { max: 12 }));
    check(100_000, Version::LIVE_MAX, Err(QrError::TooLong { max: 15 }));
    assert_eq!(Bitmap::of("ym1", Version::LIVE_MAX), Err(QrError::NotAlphanumeric));
}

#[test]
fn png_and_terminal_are_read_back_and_svg_has_the_same_modules() {
    for (name, code) in largest() {
        let symbol = code.qr().unwrap();
        assert_eq!(read(png(&symbol)), code.text(), "{name} as PNG");
        assert_eq!(read(terminal(&symbol)), code.text(), "{name} on a terminal");
        assert_eq!(svg(&symbol), dark(&symbol), "{name} as SVG");
    }
}

/// Pixels, dark or not, row by row.
type Image = Vec<Vec<bool>>;

fn read(image: Image) -> String {
    let scale = 4;
    let dark = |x: usize, y: usize| image[y / scale][x / scale];
    let pixel = |x, y| if dark(x, y) { 0 } else { 255 };
    let size = image.len() * scale;
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(size, size, pixel);
    let grids = prepared.detect_grids();
    assert_eq!(grids.len(), 1);
    let (meta, text) = grids[0].decode().unwrap();
    assert_eq!(meta.ecc_level, 0, "level M is written as 0");
    text
}

fn png(symbol: &Bitmap) -> Image {
    let scale = 3;
    let bytes = symbol.png(scale);
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let width = info.width as usize;
    assert_eq!(width, (symbol.width() + 2 * QUIET_MODULES) * scale);
    pixels
        .chunks(width)
        .step_by(scale)
        .map(|row| row.iter().step_by(scale).map(|pixel| *pixel == 0).collect())
        .collect()
}

fn terminal(symbol: &Bitmap) -> Image {
    let width = symbol.width() + 2 * QUIET_MODULES;
    let mut image: Image = symbol
        .terminal()
        .lines()
        .flat_map(|line| {
            let blocks: Vec<char> = line.chars().filter(|block| " ▀▄█".contains(*block)).collect();
            assert_eq!(blocks.len(), width);
            [['▀', '█'], ['▄', '█']].map(|dark| blocks.iter().map(|block| dark.contains(block)).collect())
        })
        .collect();
    image.truncate(width);
    image
}

fn dark(symbol: &Bitmap) -> Vec<(usize, usize)> {
    let width = symbol.width();
    let at = |index: usize| (index / width + QUIET_MODULES, index % width + QUIET_MODULES);
    symbol.modules().iter().enumerate().filter(|(_, dark)| **dark).map(|(index, _)| at(index)).collect()
}

/// The modules (row, column) that the runs of the path cover.
fn svg(symbol: &Bitmap) -> Vec<(usize, usize)> {
    let svg = symbol.svg();
    let path = svg.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    let run = |run: &str| {
        let (column, rest) = run.split_once(' ').unwrap();
        let (row, rest) = rest.split_once('h').unwrap();
        let length: usize = rest.split_once('v').unwrap().0.parse().unwrap();
        let (row, column): (usize, usize) = (row.parse().unwrap(), column.parse().unwrap());
        (column..column + length).map(move |column| (row, column))
    };
    path.split('M').skip(1).flat_map(run).collect()
}

//! QR symbols: one alphanumeric segment at level M, black on white, as modules, SVG, PNG and terminal text.

use std::fmt::Write;

use fast_qr::{ECL, Mode, QRBuilder};
use miniz_oxide::deflate;
use thiserror::Error;

/// The white border, in modules; the standard asks for four.
pub const QUIET_MODULES: usize = 4;

/// Why a text has no symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QrError {
    /// It needs a larger version than scanners of cheap phones read well.
    #[error("the text is too long for a QR code of version {max}")]
    TooLong {
        /// The largest version that is allowed.
        max: u8,
    },
    /// A character outside of the alphanumeric alphabet.
    #[error("the text has characters that no alphanumeric QR code has")]
    NotAlphanumeric,
}

/// The version of a symbol, which fixes its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

impl Version {
    /// The largest of a live code, for a screen.
    pub const LIVE_MAX: Self = Self(15);
    /// The largest of a paper code, for cheap printers.
    pub const PAPER_MAX: Self = Self(12);

    /// The number, 1 to 40.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// The modules of a symbol, without the white border.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    dark: Vec<bool>, // INVARIANT: width × width, row by row
}

impl Bitmap {
    /// The symbol of `text`, at most of version `max`.
    ///
    /// # Errors
    /// [`QrError::TooLong`] past that version, [`QrError::NotAlphanumeric`] for other characters.
    pub fn of(text: &str, max: Version) -> Result<Self, QrError> {
        let alphanumeric = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'Z') || b" $%*+-./:".contains(&byte);
        if !text.bytes().all(alphanumeric) {
            return Err(QrError::NotAlphanumeric);
        }
        let too_long = QrError::TooLong { max: max.0 };
        let symbol = QRBuilder::new(text).ecl(ECL::M).mode(Mode::Alphanumeric).build().map_err(|_| too_long)?;
        let bitmap = Self {
            width: symbol.size,
            dark: symbol.data.iter().take(symbol.size * symbol.size).map(|module| module.value()).collect(),
        };
        if bitmap.version() > max { Err(too_long) } else { Ok(bitmap) }
    }

    /// Modules in a row, and rows.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whether each module is dark, row by row from the top left.
    pub fn modules(&self) -> &[bool] {
        &self.dark
    }

    /// The version.
    pub fn version(&self) -> Version {
        Version(u8::try_from(self.width.saturating_sub(17) / 4).unwrap_or(u8::MAX))
    }

    /// Whether the module is dark; the white border and what lies beyond is not.
    fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_MODULES).filter(|at| *at < self.width);
        let index = inside(row).zip(inside(column)).map(|(row, column)| row * self.width + column);
        index.and_then(|index| self.dark.get(index)).is_some_and(|dark| *dark)
    }

    const fn width_with_border(&self) -> usize {
        self.width + 2 * QUIET_MODULES
    }

    /// An SVG image, one unit to a module, black on white.
    pub fn svg(&self) -> String {
        let width = self.width_with_border();
        let mut path = String::with_capacity(self.dark.len() * 4);
        for row in 0..width {
            let mut column = 0;
            while column < width {
                let run = (column..width).take_while(|column| self.is_dark(*column, row)).count();
                if run > 0 {
                    // Writing into a `String` cannot fail.
                    _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}h-{width}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>\n"
        )
    }

    /// A PNG image of one bit for each pixel, `scale` pixels to a module (at least 1, at most 64).
    pub fn png(&self, scale: usize) -> Vec<u8> {
        let scale = scale.clamp(1, 64);
        let width = self.width_with_border() * scale;
        let mut rows = Vec::with_capacity(width * (width / 8 + 2));
        for y in 0..width {
            rows.push(0);
            for x in (0..width).step_by(8) {
                let white = |x: usize| u8::from(x >= width || !self.is_dark(x / scale, y / scale));
                rows.push((x..x + 8).fold(0, |byte, x| byte << 1 | white(x)));
            }
        }
        let size = u32::try_from(width).unwrap_or(u32::MAX).to_be_bytes();
        let header = [size.as_slice(), &size, &[1, 0, 0, 0, 0]].concat();
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        push_chunk(&mut png, b"IHDR", &header);
        push_chunk(&mut png, b"IDAT", &deflate::compress_to_vec_zlib(&rows, 6));
        push_chunk(&mut png, b"IEND", &[]);
        png
    }

    /// Text of half blocks for a terminal, black on white whatever the terminal's colours are.
    pub fn terminal(&self) -> String {
        let width = self.width_with_border();
        let mut text = String::with_capacity(width * width * 2);
        for row in (0..width).step_by(2) {
            text.push_str("\x1b[38;5;16;48;5;231m");
            text.extend((0..width).map(|column| match (self.is_dark(column, row), self.is_dark(column, row + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            }));
            text.push_str("\x1b[0m\n");
        }
        text
    }
}

impl std::fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitmap({0}×{0})", self.width)
    }
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    png.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    let checked_from = png.len();
    png.extend_from_slice(kind);
    png.extend_from_slice(content);
    let checksum = crc32(png.get(checked_from..).unwrap_or_default());
    png.extend_from_slice(&checksum.to_be_bytes());
}

/// The CRC-32 of the PNG standard, annex D.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

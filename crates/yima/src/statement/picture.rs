//! QR codes in pictures.

use rxing::helpers::detect_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Png,
    Jpeg,
}

impl Kind {
    /// By its first bytes; `None` if it is no picture.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else {
            None
        }
    }
}

/// The longest side that is read: the camera of a phone stays below it.
const SIDE_MAX: usize = 10_000;
/// The most points that are read, so that a small file cannot ask for much memory.
const POINTS_MAX: usize = 64 * 1024 * 1024;

/// A picture in shades of grey, row by row.
#[derive(Debug)]
pub(super) struct Luma {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) points: Vec<u8>,
}

/// Decodes a picture; `None` if it is damaged or too large.
pub(super) fn luma(kind: Kind, bytes: &[u8]) -> Option<Luma> {
    let luma = match kind {
        Kind::Png => png(bytes)?,
        Kind::Jpeg => jpeg(bytes)?,
    };
    (luma.points.len() == luma.width * luma.height && luma.width > 0 && luma.height > 0).then_some(luma)
}

fn png(bytes: &[u8]) -> Option<Luma> {
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), png::Limits { bytes: POINTS_MAX * 4 });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let size = reader.output_buffer_size().filter(|size| *size <= POINTS_MAX * 4)?;
    let mut points = vec![0; size];
    let frame = reader.next_frame(&mut points).ok()?;
    let (width, height) = (usize::try_from(frame.width).ok()?, usize::try_from(frame.height).ok()?);
    points.truncate(frame.buffer_size());
    let points = match frame.color_type {
        png::ColorType::Grayscale => points,
        png::ColorType::GrayscaleAlpha => points.chunks_exact(2).filter_map(over_white).collect(),
        png::ColorType::Rgb => points.chunks_exact(3).filter_map(grey).collect(),
        png::ColorType::Rgba => points.chunks_exact(4).filter_map(over_white).collect(),
        png::ColorType::Indexed => return None,
    };
    (width <= SIDE_MAX && height <= SIDE_MAX).then_some(Luma { width, height, points })
}

fn jpeg(bytes: &[u8]) -> Option<Luma> {
    let options = DecoderOptions::default()
        .set_max_width(SIDE_MAX)
        .set_max_height(SIDE_MAX)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions().filter(|(width, height)| width * height <= POINTS_MAX)?;
    let points = decoder.decode().ok()?;
    Some(Luma { width, height, points })
}

/// The brightness of red, green and blue.
fn grey(point: &[u8]) -> Option<u8> {
    let [red, green, blue, ..] = *point else { return None };
    u8::try_from((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000).ok()
}

/// The brightness of a point, which may be transparent, upon white paper.
fn over_white(point: &[u8]) -> Option<u8> {
    let (bright, alpha) = match *point {
        [bright, alpha] => (bright, alpha),
        [_, _, _, alpha] => (grey(point)?, alpha),
        _ => return None,
    };
    let alpha = u32::from(alpha);
    u8::try_from((u32::from(bright) * alpha + 255 * (255 - alpha)) / 255).ok()
}

impl Luma {
    /// The text of the QR code: as the picture is, with a white margin, and at half its size.
    pub(super) fn code(&self) -> Option<String> {
        self.detect().or_else(|| self.with_margin().detect()).or_else(|| self.halved()?.detect())
    }

    fn detect(&self) -> Option<String> {
        let (width, height) = (u32::try_from(self.width).ok()?, u32::try_from(self.height).ok()?);
        let mut hints = DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
        let kind = Some(BarcodeFormat::QR_CODE);
        let found = detect_in_luma_with_hints(self.points.clone(), width, height, kind, &mut hints);
        found.ok().map(|code| code.getText().to_owned())
    }

    fn with_margin(&self) -> Self {
        let margin = self.width.max(self.height) / 10 + 8;
        let width = self.width + 2 * margin;
        let blank = vec![0xff; width * margin];
        let side = vec![0xff; margin];
        let rows = self.points.chunks(self.width).flat_map(|row| [side.as_slice(), row, &side].concat());
        let points = blank.iter().copied().chain(rows).chain(blank.iter().copied()).collect();
        Self { width, height: self.height + 2 * margin, points }
    }

    fn halved(&self) -> Option<Self> {
        let (width, height) = (self.width / 2, self.height / 2);
        let at = |x: usize, y: usize| self.points.get(y * self.width + x).copied().map(u32::from);
        let mean = |x: usize, y: usize| {
            let sum = at(2 * x, 2 * y)? + at(2 * x + 1, 2 * y)? + at(2 * x, 2 * y + 1)? + at(2 * x + 1, 2 * y + 1)?;
            u8::try_from(sum / 4).ok()
        };
        let points = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| mean(x, y));
        Some(Self { width, height, points: points.collect::<Option<_>>()? })
            .filter(|half| half.width > 0 && half.height > 0)
    }
}

//! Pages as a printer lays them down, by poppler, which shares no code with what wrote them; and what happens to paper.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rxing::helpers::detect_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};

/// A page in shades of grey.
#[derive(Clone)]
pub(crate) struct Image {
    width: usize,
    points: Vec<u8>,
    /// Whether red, green and blue are alike everywhere.
    pub(crate) is_grey: bool,
}

/// Whether `pdftoppm` and `pdftotext` are there; where tests must not be skipped they have to be.
pub(crate) fn has_poppler() -> bool {
    let has = ["pdftoppm", "pdftotext"].iter().all(|tool| Command::new(tool).arg("-v").output().is_ok());
    if !has {
        assert!(std::env::var_os("CI").is_none(), "install poppler-utils");
        println!("skipped: printed pages are drawn by poppler-utils, which is not installed");
    }
    has
}

fn run(tool: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(tool).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{tool}");
    output.stdout
}

/// The text of the page without what parts words and lines.
pub(crate) fn text(pdf: &[u8]) -> String {
    String::from_utf8(run("pdftotext", &["-", "-"], pdf)).unwrap().split_whitespace().collect()
}

/// The page with so many dots to an inch.
pub(crate) fn raster(pdf: &[u8], dots_per_inch: u32) -> Image {
    let drawn = run("pdftoppm", &["-r", &dots_per_inch.to_string(), "-"], pdf);
    let mut parts = drawn.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(parts.next(), Some(b"P6".as_slice()));
    let mut number = || std::str::from_utf8(parts.next().unwrap()).unwrap().parse::<usize>().unwrap();
    let (width, _) = (number(), number());
    let pixels = parts.next().unwrap().strip_prefix(b"255\n").unwrap();
    let is_grey = pixels.chunks(3).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    Image { width, points: pixels.chunks(3).map(|pixel| pixel[1]).collect(), is_grey }
}

impl Image {
    fn height(&self) -> usize {
        self.points.len() / self.width
    }

    fn cut(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        let rows = self.points.chunks(self.width).skip(top).take(height);
        let points = rows.flat_map(|row| row[left..left + width].iter().copied()).collect();
        Self { width, points, is_grey: self.is_grey }
    }

    /// One of `columns` × `rows` equal parts.
    pub(crate) fn part(&self, column: usize, row: usize, columns: usize, rows: usize) -> Self {
        let (width, height) = (self.width / columns, self.height() / rows);
        self.cut(column * width, row * height, width, height)
    }

    /// The eight cards of A4 without the paper around them.
    pub(crate) fn without_margin_of_cards(&self) -> Self {
        let side = self.width * 20 / 210;
        let top = self.height() * 40 / 297;
        self.cut(side, top, self.width - 2 * side, self.height() - 2 * top)
    }

    /// Without so many dots on each side.
    pub(crate) fn cropped(self, dots: usize) -> Self {
        self.cut(dots, dots, self.width - 2 * dots, self.height() - 2 * dots)
    }

    /// The mean of five by five dots, twice: ink that runs, a lens that is not quite sharp.
    pub(crate) fn blurred(self) -> Self {
        (0..2).fold(self, |image, _| {
            let along = image.mean_of(1);
            along.mean_of(along.width)
        })
    }

    fn mean_of(&self, step: usize) -> Self {
        let at = |index: usize, offset: usize| {
            let moved = (index + offset * step).checked_sub(2 * step);
            u32::from(moved.and_then(|index| self.points.get(index)).copied().unwrap_or(255))
        };
        let mean = |index| u8::try_from((0..5).map(|offset| at(index, offset)).sum::<u32>() / 5).unwrap();
        Self { width: self.width, points: (0..self.points.len()).map(mean).collect(), is_grey: self.is_grey }
    }

    /// Faded ink on grey paper: two fifths of the contrast that black on white has.
    pub(crate) fn pale(mut self) -> Self {
        for point in &mut self.points {
            *point = 100 + *point / 5 * 2;
        }
        self
    }

    /// The text of the symbol: as the picture is, and at half its size.
    pub(crate) fn decode(self) -> Option<String> {
        let half = self.halved();
        self.detect().or_else(|| half.detect())
    }

    fn halved(&self) -> Self {
        let rows = self.points.chunks_exact(2 * self.width);
        let mean = |upper: &[u8], lower: &[u8]| {
            let sum: u32 = upper.iter().chain(lower).map(|point| u32::from(*point)).sum();
            u8::try_from(sum / 4).unwrap()
        };
        let points = rows.flat_map(|pair| {
            let (upper, lower) = pair.split_at(self.width);
            upper
                .chunks_exact(2)
                .zip(lower.chunks_exact(2))
                .map(|(upper, lower)| mean(upper, lower))
                .collect::<Vec<_>>()
        });
        Self { width: self.width / 2, points: points.collect(), is_grey: self.is_grey }
    }

    fn detect(self) -> Option<String> {
        let (width, height) = (u32::try_from(self.width).unwrap(), u32::try_from(self.height()).unwrap());
        let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
        let kind = Some(BarcodeFormat::QR_CODE);
        let found = detect_in_luma_with_hints(self.points, width, height, kind, &mut hints).ok()?;
        Some(found.getText().to_owned())
    }
}

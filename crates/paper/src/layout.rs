//! The three layouts: where each text and the symbol stand.

use yima_credential::qr::{Bitmap, QUIET_MODULES};

use crate::canvas::Canvas;
use crate::font::{Font, Glyph};
use crate::lines::{lines, width_of};
use crate::words::Words;
use crate::{FontDamaged, Sheet};

/// How the paper is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A4 to be folded twice, in large letters.
    Fold,
    /// Eight cards of the size of a bank card on A4, all of the same code: for the purse, the school bag, the coat.
    Cards,
    /// A receipt of 58 mm, as thermal printers print it.
    Receipt,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 3] = [Self::Fold, Self::Cards, Self::Receipt];

    /// As in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fold => "fold",
            Self::Cards => "cards",
            Self::Receipt => "receipt",
        }
    }

    /// Reverses [`Layout::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.word() == word)
    }
}

/// Millimetres in a point.
const MILLIMETRES: f32 = 25.4 / 72.0;
/// From one base line to the next, in sizes of the letters.
const LEADING: f32 = 1.4;
/// In these even the longest names that there are fit on a card.
const POINTS_MIN: f32 = 2.0;

const A4: (f32, f32) = (210.0, 297.0);
/// A bank card (ISO/IEC 7810, ID-1), rounded down.
const CARD: (f32, f32) = (85.0, 53.9);
/// What thermal printers print of 58 mm: 384 dots, eight to a millimetre.
const RECEIPT: (f32, f32) = (58.0, 48.0);
/// Five dots of a thermal printer.
const RECEIPT_MODULE: f32 = 0.625;

pub(crate) fn draw(sheet: &Sheet, layout: Layout, words: &Words) -> Result<Vec<u8>, FontDamaged> {
    let font = Font::embedded()?;
    let canvas = match layout {
        Layout::Fold => fold(font, sheet, words),
        Layout::Cards => cards(font, sheet, words),
        Layout::Receipt => receipt(font, sheet, words),
    };
    canvas.finish(words.sheet, words.language)
}

/// A paragraph.
struct Block {
    text: String,
    /// The size of its letters, as a multiple of the column's.
    scale: f32,
    bold: bool,
    centred: bool,
}

impl Block {
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), scale: 1.0, bold: false, centred: false }
    }

    fn bold(text: impl Into<String>, scale: f32) -> Self {
        Self { text: text.into(), scale, bold: true, centred: false }
    }

    fn centred(self) -> Self {
        Self { centred: true, ..self }
    }
}

/// Where a column of text stands, in millimetres.
#[derive(Clone, Copy)]
struct Area {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

fn fold(font: Font, sheet: &Sheet, words: &Words) -> Canvas {
    let mut canvas = Canvas::new(font, A4.0, A4.1);
    let (half, middle) = (A4.0 / 2.0, A4.1 / 2.0);
    canvas.dashed((half, 0.0), (half, A4.1));
    canvas.dashed((0.0, middle), (A4.0, middle));
    let quarter = |column: f32, row: f32| Area {
        left: column.mul_add(half, 10.0),
        top: row.mul_add(middle, 12.0),
        width: half - 20.0,
        height: middle - 24.0,
    };
    let front = quarter(0.0, 0.0);
    let title = Area { height: 14.0, ..front };
    column(&mut canvas, title, 18.0, &[Block::bold(words.sheet, 1.0).centred()]);
    let symbol = Area { top: front.top + 16.0, height: 80.0, ..front };
    symbol_in(&mut canvas, symbol, &sheet.symbol);
    let name = Area { top: front.top + 98.0, height: front.height - 98.0, ..front };
    column(&mut canvas, name, 22.0, &[Block::bold(sheet.name.reveal(), 1.0).centred()]);

    let blocks = details(canvas.font(), sheet, words);
    column(&mut canvas, quarter(1.0, 0.0), 15.0, &blocks);
    let steps = words.uses.iter().enumerate().map(|(at, text)| Block::plain(format!("{}. {text}", at + 1)));
    let uses: Vec<Block> = std::iter::once(Block::bold(words.what, 1.2)).chain(steps).collect();
    column(&mut canvas, quarter(0.0, 1.0), 15.0, &uses);
    let mut last = vec![Block::bold(words.lost(&sheet.call, sheet.serial), 1.0), Block::plain(words.foot)];
    last.push(Block::plain(words.fold));
    column(&mut canvas, quarter(1.0, 1.0), 15.0, &last);
    canvas
}

/// Name, guardian, serial and dates, each under its heading.
fn details(font: &Font, sheet: &Sheet, words: &Words) -> Vec<Block> {
    let mut blocks = vec![Block::plain(words.name), Block::bold(sheet.name.reveal(), 1.4)];
    if let Some((relation, name)) = &sheet.guardian {
        let text = format!("{} {}", words.relation(*relation), name.reveal());
        blocks.extend([Block::plain(words.guardian), Block::bold(text, 1.0)]);
    }
    blocks.extend([Block::plain(words.serial), Block::bold(sheet.serial.to_string(), 1.4)]);
    blocks.extend([Block::plain(words.valid_until), Block::bold(words.date(sheet.expires), 1.0)]);
    blocks.extend([Block::plain(words.printed), Block::plain(words.date(sheet.printed))]);
    blocks.extend(by_hand(font, sheet, words));
    blocks
}

fn cards(font: Font, sheet: &Sheet, words: &Words) -> Canvas {
    let mut canvas = Canvas::new(font, A4.0, A4.1);
    let side = ((A4.0 - 2.0 * CARD.0) / 2.0, (A4.1 - 4.0 * CARD.1) / 2.0);
    for line in [0.0, 1.0, 2.0_f32] {
        let x = line.mul_add(CARD.0, side.0);
        canvas.dashed((x, side.1), (x, A4.1 - side.1));
    }
    for line in [0.0, 1.0, 2.0, 3.0, 4.0_f32] {
        let y = line.mul_add(CARD.1, side.1);
        canvas.dashed((side.0, y), (A4.0 - side.0, y));
    }
    let blocks = beside(canvas.font(), sheet, words);
    for column_at in [0.0, 1.0_f32] {
        for row in [0.0, 1.0, 2.0, 3.0_f32] {
            let (left, top) = (column_at.mul_add(CARD.0, side.0), row.mul_add(CARD.1, side.1));
            let symbol = Area { left: left + 1.0, top: top + 1.5, width: 50.9, height: CARD.1 - 3.0 };
            symbol_in(&mut canvas, symbol, &sheet.symbol);
            column(&mut canvas, beside_symbol(left, top), 9.0, &blocks);
        }
    }
    canvas
}

/// What stands beside the symbol of a card.
fn beside(font: &Font, sheet: &Sheet, words: &Words) -> Vec<Block> {
    let mut blocks = vec![Block::plain(words.sheet), Block::bold(sheet.name.reveal(), 1.5)];
    if let Some((relation, name)) = &sheet.guardian {
        blocks.push(Block::plain(format!("{}: {} {}", words.guardian, words.relation(*relation), name.reveal())));
    }
    blocks.push(Block::plain(format!("{} {}", words.serial, sheet.serial)));
    blocks.push(Block::plain(format!("{} {}", words.valid_until, words.date(sheet.expires))));
    blocks.push(Block::plain(words.lost(&sheet.call, sheet.serial)));
    blocks.extend(by_hand(font, sheet, words));
    blocks
}

const fn beside_symbol(left: f32, top: f32) -> Area {
    Area { left: left + 52.0, top: top + 4.0, width: CARD.0 - 55.0, height: CARD.1 - 8.0 }
}

fn receipt(font: Font, sheet: &Sheet, words: &Words) -> Canvas {
    const POINTS: f32 = 10.0;
    let margin = (RECEIPT.0 - RECEIPT.1) / 2.0;
    let above = [Block::bold(words.sheet, 1.3).centred()];
    let mut below = details(&font, sheet, words);
    below.push(Block::bold(words.lost(&sheet.call, sheet.serial), 1.0));
    below.extend(words.uses.map(Block::plain));
    below.push(Block::plain(words.foot));
    let symbol_side = RECEIPT_MODULE * modules_across(&sheet.symbol);
    let [head, tail] = [above.as_slice(), &below].map(|blocks| height(&font, blocks, RECEIPT.1, POINTS));
    let mut canvas = Canvas::new(font, RECEIPT.0, margin.mul_add(2.0, head + symbol_side + tail + 4.0));
    let area = |top, height| Area { left: margin, top, width: RECEIPT.1, height };
    column(&mut canvas, area(margin, f32::MAX), POINTS, &above);
    let top = margin + head;
    canvas.symbol((RECEIPT.0 - symbol_side) / 2.0, top, RECEIPT_MODULE, &sheet.symbol);
    column(&mut canvas, area(top + symbol_side + 2.0, f32::MAX), POINTS, &below);
    canvas
}

/// That there is something to be written by hand, if there is.
fn by_hand(font: &Font, sheet: &Sheet, words: &Words) -> Option<Block> {
    let names = std::iter::once(sheet.name.reveal()).chain(sheet.guardian.as_ref().map(|(_, name)| name.reveal()));
    let lacks = names.flat_map(|name| name.chars()).any(|character| font.glyph(character) == Glyph::ByHand);
    lacks.then(|| Block::plain(words.by_hand))
}

fn symbol_in(canvas: &mut Canvas, area: Area, symbol: &Bitmap) {
    let module = area.width.min(area.height) / modules_across(symbol);
    let side = module * modules_across(symbol);
    canvas.symbol(area.left + (area.width - side) / 2.0, area.top + (area.height - side) / 2.0, module, symbol);
}

/// With the white border.
fn modules_across(symbol: &Bitmap) -> f32 {
    f32::from(u16::try_from(symbol.width() + 2 * QUIET_MODULES).unwrap_or(u16::MAX))
}

/// Writes the blocks one below the other, in letters of at most `points`, smaller where they would not fit.
fn column(canvas: &mut Canvas, area: Area, points: f32, blocks: &[Block]) {
    let points = fitting(canvas.font(), area, points, blocks);
    let mut top = area.top;
    for block in blocks {
        let size = points * block.scale;
        let em = size * MILLIMETRES;
        for line in lines(canvas.font(), &block.text, area.width / em) {
            let free = area.width - width_of(canvas.font(), &line) * em;
            let left = if block.centred { area.left + free / 2.0 } else { area.left };
            canvas.line(left, top + em * 1.1, size, block.bold, &line);
            top += em * LEADING;
        }
        top += em * (LEADING - 1.0);
    }
}

/// The largest size up to `points` in which the blocks fit.
fn fitting(font: &Font, area: Area, points: f32, blocks: &[Block]) -> f32 {
    let mut points = points;
    while points > POINTS_MIN && height(font, blocks, area.width, points) > area.height {
        points -= 0.5;
    }
    points
}

fn height(font: &Font, blocks: &[Block], width: f32, points: f32) -> f32 {
    let of = |block: &Block| {
        let em = points * block.scale * MILLIMETRES;
        let count = u16::try_from(lines(font, &block.text, width / em).len()).unwrap_or(u16::MAX);
        em * f32::from(count).mul_add(LEADING, LEADING - 1.0)
    };
    blocks.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use yima_credential::qr::Version;
    use yima_model::fact::Relation;
    use yima_model::{Personal, Timestamp};

    use super::*;
    use crate::Language;

    #[test]
    fn the_longest_names_fit_beside_the_symbol_of_a_card() {
        let font = Font::embedded().unwrap();
        for letter in ["喆", "W", "\u{3403}"] {
            let name = || Personal::new(letter.repeat(200));
            let at = Timestamp::from_millis(1_607_904_000_000);
            let sheet = Sheet {
                symbol: Bitmap::of("YM1:", Version::PAPER_MAX).unwrap(),
                name: name(),
                guardian: Some((Relation::Relative, name())),
                serial: u32::MAX,
                expires: at,
                printed: at,
                call: "12345".repeat(10),
            };
            for language in Language::ALL {
                let (area, blocks) = (beside_symbol(0.0, 0.0), beside(&font, &sheet, language.words()));
                let points = fitting(&font, area, 9.0, &blocks);
                assert!(height(&font, &blocks, area.width, points) <= area.height, "{letter} {language:?} {points}");
            }
        }
    }
}

//! One page: lines of text, the symbol and dashed lines, in millimetres from the top left, written as PDF.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, TextRenderingMode, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use subsetter::GlyphRemapper;
use yima_credential::qr::{Bitmap, QUIET_MODULES};

use crate::FontDamaged;
use crate::font::{Font, Glyph};

/// Points in a millimetre.
const POINTS: f32 = 72.0 / 25.4;

pub(crate) struct Canvas {
    font: Font,
    content: Content,
    /// In millimetres.
    size: (f32, f32),
    glyphs: GlyphRemapper,
    /// The character of each glyph of the subset, so that the text can be searched and read aloud.
    characters: BTreeMap<u16, char>,
}

impl Canvas {
    pub(crate) fn new(font: Font, width: f32, height: f32) -> Self {
        let mut content = Content::new();
        content.set_fill_gray(0.0).set_stroke_gray(0.0);
        Self { font, content, size: (width, height), glyphs: GlyphRemapper::new(), characters: BTreeMap::new() }
    }

    pub(crate) const fn font(&self) -> &Font {
        &self.font
    }

    /// One line of text on its base line, `points` high.
    pub(crate) fn line(&mut self, left: f32, base: f32, points: f32, bold: bool, text: &str) {
        let (mut x, y) = (left * POINTS, (self.size.1 - base) * POINTS);
        let mut shown: Vec<u8> = Vec::new();
        let mut from = x;
        for character in text.chars() {
            let glyph = self.font.glyph(character);
            match glyph {
                Glyph::Known { id, .. } => {
                    let new = self.glyphs.remap(id);
                    self.characters.insert(new, character);
                    shown.extend(new.to_be_bytes());
                }
                Glyph::ByHand => {
                    self.show(&mut shown, (from, y), points, bold);
                    let side = 0.84 * points;
                    self.content.set_line_width(0.05 * points);
                    self.content.rect(0.08f32.mul_add(points, x), y - 0.04 * points, side, side).stroke();
                    from = x + points;
                }
            }
            x += glyph.width() * points;
        }
        self.show(&mut shown, (from, y), points, bold);
    }

    fn show(&mut self, glyphs: &mut Vec<u8>, at: (f32, f32), points: f32, bold: bool) {
        if glyphs.is_empty() {
            return;
        }
        let mode = if bold { TextRenderingMode::FillStroke } else { TextRenderingMode::Fill };
        self.content.set_line_width(0.03 * points);
        self.content.begin_text().set_font(FONT, points).set_text_rendering_mode(mode);
        self.content.next_line(at.0, at.1).show(Str(glyphs)).end_text();
        glyphs.clear();
    }

    /// The symbol with its white border; `module` is the side of one module.
    pub(crate) fn symbol(&mut self, left: f32, top: f32, module: f32, symbol: &Bitmap) {
        let border = module * modules(QUIET_MODULES);
        for (row, dark) in symbol.modules().chunks(symbol.width().max(1)).enumerate() {
            let y = (self.size.1 - top - border - module * (modules(row) + 1.0)) * POINTS;
            let mut column = 0;
            for run in dark.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    let x = (left + border + module * modules(column)) * POINTS;
                    self.content.rect(x, y, module * modules(run.len()) * POINTS, module * POINTS);
                }
                column += run.len();
            }
        }
        // One path, so that no white seam is left between rows.
        self.content.fill_nonzero();
    }

    pub(crate) fn dashed(&mut self, from: (f32, f32), to: (f32, f32)) {
        let height = self.size.1;
        self.content.set_line_width(0.6).set_dash_pattern([4.0, 4.0], 0.0);
        self.content.move_to(from.0 * POINTS, (height - from.1) * POINTS);
        self.content.line_to(to.0 * POINTS, (height - to.1) * POINTS).stroke();
        self.content.set_dash_pattern([], 0.0);
    }

    /// The finished file.
    pub(crate) fn finish(self, title: &str, language: &str) -> Result<Vec<u8>, FontDamaged> {
        let mut pdf = Pdf::new();
        let [catalog, pages, page, content, info] = [1, 2, 3, 4, 5].map(Ref::new);
        pdf.catalog(catalog).pages(pages).lang(TextStr(language));
        pdf.document_info(info).title(TextStr(title));
        pdf.pages(pages).kids([page]).count(1);
        let mut written = pdf.page(page);
        written.media_box(Rect::new(0.0, 0.0, self.size.0 * POINTS, self.size.1 * POINTS));
        written.parent(pages).contents(content);
        written.resources().fonts().pair(FONT, FONT_ID);
        written.finish();
        let drawn = compress_to_vec_zlib(&self.content.finish(), 6);
        pdf.stream(content, &drawn).filter(Filter::FlateDecode);
        write_font(&mut pdf, &self.font, &self.glyphs, &self.characters)?;
        Ok(pdf.finish())
    }
}

const FONT: Name<'static> = Name(b"F");
const FONT_ID: Ref = Ref::new(6);
/// Six letters before the name say that the font is a part of that one.
const FONT_NAME: Name<'static> = Name(b"YIMAPC+NotoSansCJKsc-Regular");
const ROS: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

fn write_font(
    pdf: &mut Pdf,
    font: &Font,
    glyphs: &GlyphRemapper,
    characters: &BTreeMap<u16, char>,
) -> Result<(), FontDamaged> {
    let [cid_font, descriptor, to_unicode, file] = [7, 8, 9, 10].map(Ref::new);
    let mut written = pdf.type0_font(FONT_ID);
    written.base_font(FONT_NAME).encoding_predefined(Name(b"Identity-H"));
    written.descendant_font(cid_font).to_unicode(to_unicode);
    written.finish();
    let mut written = pdf.cid_font(cid_font);
    written.subtype(CidFontType::Type0).base_font(FONT_NAME).system_info(ROS).font_descriptor(descriptor);
    written.default_width(1000.0).widths().consecutive(0, glyphs.remapped_gids().map(|id| font.width_of(id)));
    written.finish();
    let extent = font.extent();
    let mut written = pdf.font_descriptor(descriptor);
    written.name(FONT_NAME).flags(FontFlags::SYMBOLIC).italic_angle(0.0).stem_v(80.0);
    written.bbox(Rect::new(extent.left, extent.descent, extent.right, extent.ascent));
    written.ascent(extent.ascent).descent(extent.descent).cap_height(extent.ascent).font_file3(file);
    written.finish();
    let mut map = UnicodeCmap::new(Name(b"Characters"), ROS);
    for (glyph, character) in characters {
        map.pair(*glyph, *character);
    }
    pdf.cmap(to_unicode, &map.finish());
    let outlines = compress_to_vec_zlib(&font.subset(glyphs)?, 6);
    pdf.stream(file, &outlines).filter(Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    Ok(())
}

/// Modules, of which a symbol has some hundred at most, as a length.
fn modules(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

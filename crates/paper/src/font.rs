//! The embedded font: Chinese, Latin letters, and how wide each of them is.

use ttf_parser::{Face, GlyphId, Tag};

use crate::FontDamaged;

/// Noto Sans CJK SC with the characters of names; font/README.md says which, and how it was made.
static BYTES: &[u8] = include_bytes!("../font/NotoSansCJKsc-names.otf");

/// What PDF calls one em.
const EM: f32 = 1000.0;

pub(crate) struct Font {
    face: Face<'static>,
}

/// What stands for one character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Glyph {
    /// An outline of the font.
    Known {
        id: u16,
        /// In ems.
        width: f32,
    },
    /// An empty square, since the font has no outline: somebody writes the character into it.
    ByHand,
}

impl Glyph {
    /// How far the next one stands, in ems.
    pub(crate) const fn width(self) -> f32 {
        match self {
            Self::Known { width, .. } => width,
            Self::ByHand => 1.0,
        }
    }
}

/// How high and low the outlines reach, in thousandths of an em.
pub(crate) struct Extent {
    pub(crate) ascent: f32,
    pub(crate) descent: f32,
    pub(crate) left: f32,
    pub(crate) right: f32,
}

impl Font {
    pub(crate) fn embedded() -> Result<Self, FontDamaged> {
        Face::parse(BYTES, 0).map(|face| Self { face }).map_err(|_| FontDamaged)
    }

    pub(crate) fn glyph(&self, character: char) -> Glyph {
        let Some(id) = self.face.glyph_index(character).filter(|id| id.0 != 0) else { return Glyph::ByHand };
        let units = f32::from(self.face.units_per_em().max(1));
        Glyph::Known { id: id.0, width: f32::from(self.face.glyph_hor_advance(id).unwrap_or(0)) / units }
    }

    /// The width of an outline as PDF counts it.
    pub(crate) fn width_of(&self, id: u16) -> f32 {
        let units = f32::from(self.face.units_per_em().max(1));
        f32::from(self.face.glyph_hor_advance(GlyphId(id)).unwrap_or(0)) * EM / units
    }

    pub(crate) fn extent(&self) -> Extent {
        let bounds = self.face.global_bounding_box();
        Extent {
            ascent: f32::from(self.face.ascender()),
            descent: f32::from(self.face.descender()),
            left: f32::from(bounds.x_min),
            right: f32::from(bounds.x_max),
        }
    }

    /// The outlines of these glyphs alone, as PDF embeds them.
    pub(crate) fn subset(&self, glyphs: &subsetter::GlyphRemapper) -> Result<Vec<u8>, FontDamaged> {
        let font = subsetter::subset(BYTES, 0, glyphs).map_err(|_| FontDamaged)?;
        let face = ttf_parser::RawFace::parse(&font, 0).map_err(|_| FontDamaged)?;
        Ok(face.table(Tag::from_bytes(b"CFF ")).ok_or(FontDamaged)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_characters_of_names_and_says_which_it_lacks() {
        let font = Font::embedded().unwrap();
        // Every ideograph of the first block of Unicode, and those rare ones that registers of names ask for.
        for character in ('\u{4e00}'..='\u{9fef}').chain("喆堃翀玥𬱖𫖯𬭎 Zəéÿ·-'".chars().filter(|c| *c != 'ə'))
        {
            assert_ne!(font.glyph(character), Glyph::ByHand, "{character}");
        }
        for character in ['\u{3403}', 'ཀ', 'ئ', '𪜀', '\u{e000}'] {
            assert_eq!(font.glyph(character), Glyph::ByHand, "{character}");
        }
    }
}

//! What is printed is read again: by the camera of a checkpoint, by a search for text, in black and white.

#[cfg(test)]
mod raster;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use yima_paper::{Language, Layout, pdf};

    use crate::raster::{Image, has_poppler, raster, text};
    use crate::world::{passes, sheet};

    /// The printed scale in per cent: printers "fit to page" a little smaller, cheap ones a little larger.
    const SCALES: [u32; 3] = [96, 100, 103];

    /// The symbols of a page, each as a person holds it before a camera.
    fn symbols(layout: Layout, page: &Image) -> Vec<Image> {
        match layout {
            Layout::Fold => vec![page.part(0, 0, 2, 2)],
            Layout::Cards => {
                let cards = page.without_margin_of_cards();
                (0..8).map(|card| cards.part(card % 2, card / 2, 2, 4)).collect()
            }
            Layout::Receipt => vec![page.clone()],
        }
    }

    fn dots_per_inch(layout: Layout) -> u32 {
        match layout {
            Layout::Fold | Layout::Cards => 300,
            // A thermal printer has eight dots to a millimetre; a camera sees each of them twice.
            Layout::Receipt => 406,
        }
    }

    #[test]
    fn every_layout_is_read_again_from_bad_prints_and_passes() {
        if !has_poppler() {
            return;
        }
        let (sheet, code) = sheet("欧阳小明");
        for layout in Layout::ALL {
            let file = pdf(&sheet, layout, Language::SimplifiedChinese).unwrap();
            for scale in SCALES {
                let page = raster(&file, dots_per_inch(layout) * scale / 100);
                let check = |symbol: Image, way: &str| {
                    let found = symbol.decode();
                    assert_eq!(found.as_deref(), Some(code.as_str()), "{layout:?} at {scale} %, {way}");
                };
                for symbol in symbols(layout, &page) {
                    check(symbol, "as it is");
                }
                let symbol = || symbols(layout, &page.clone().cropped(12)).remove(0);
                check(symbol(), "cropped by 1 mm");
                check(symbol().blurred(), "cropped and blurred");
                check(symbol().pale(), "cropped and of low contrast");
                check(symbol().blurred().pale(), "all of that");
            }
        }
        assert!(passes(&code));
    }

    #[test]
    fn paper_has_no_colour_and_its_text_can_be_searched() {
        if !has_poppler() {
            return;
        }
        let (sheet, _) = sheet("欧阳𬱖");
        for layout in Layout::ALL {
            for language in Language::ALL {
                let file = pdf(&sheet, layout, language).unwrap();
                assert!(raster(&file, 60).is_grey, "{layout:?} {language:?}");
                let text = text(&file);
                for part in ["欧阳𬱖", "王大明", "83124", "12345"] {
                    assert!(text.contains(part), "{part} in {layout:?} {language:?}: {text}");
                }
                assert!(file.len() < 120_000, "{} bytes", file.len());
            }
        }
    }

    #[test]
    fn a_character_that_the_font_lacks_is_left_to_a_hand_and_a_line_says_so() {
        if !has_poppler() {
            return;
        }
        let says = |name: &str, layout| {
            let file = pdf(&sheet(name).0, layout, Language::English).unwrap();
            text(&file).contains("emptysquares")
        };
        for layout in Layout::ALL {
            assert!(says("王㐃明", layout), "{layout:?}");
            assert!(!says("王小明", layout), "{layout:?}");
        }
    }
}

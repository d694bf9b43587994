//! Where a line ends: between words, and between any two Chinese characters, but not before a closing mark.

use crate::font::Font;

const CLOSING: &str = "，。；：、！？）」』”’》,.;:!?)";
const OPENING: &str = "（「『“‘《(";

/// Cuts a text into lines that are at most `width` wide, in ems; a word that is wider is cut within.
pub(crate) fn lines(font: &Font, text: &str, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    // Where the line may end, in bytes.
    let mut end = None;
    for character in text.chars() {
        let wide = font.glyph(character).width();
        if line.chars().next_back().is_some_and(|before| may_part(before, character)) {
            end = Some(line.len());
        }
        while used + wide > width && !line.is_empty() && character != ' ' {
            let rest = line.split_off(end.filter(|end| *end > 0).unwrap_or(line.len()));
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
            used = width_of(font, &line);
            end = None;
        }
        line.push(character);
        used += wide;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// In ems.
pub(crate) fn width_of(font: &Font, text: &str) -> f32 {
    text.chars().map(|character| font.glyph(character).width()).sum()
}

fn may_part(before: char, after: char) -> bool {
    if CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after)
}

const fn is_wide(character: char) -> bool {
    character as u32 >= 0x2e80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, width: f32, expected: &[&str]) {
        assert_eq!(lines(&Font::embedded().unwrap(), text, width), expected);
    }

    #[test]
    fn lines_end_where_a_reader_expects_it() {
        check("", 4.0, &[""]);
        check("一二三四五", 4.0, &["一二三四", "五"]);
        check("一二三四，五", 4.0, &["一二三", "四，五"]);
        check("一二三（四五", 4.0, &["一二三", "（四五"]);
        check("take the lane", 5.0, &["take the", "lane"]);
        check("Aaaaaaaaaaaaaaaa", 4.0, &["Aaaaaaa", "aaaaaaa", "aa"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide(text in "[一-龥a-zA-Z ，。（）·]{0,80}", width in 2.0_f32..30.0) {
            let font = Font::embedded().unwrap();
            let lines = lines(&font, &text, width);
            let kept = |text: &str| text.chars().filter(|character| *character != ' ').collect::<String>();
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
            for line in lines {
                prop_assert!(width_of(&font, &line) <= width + 0.001, "{}", line);
            }
        }
    }
}

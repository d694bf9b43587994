//! Names without what differs from one issue of the feed to the next: widths, blanks, brackets, dashes.

/// Every place of these words means the whole of the area named before.
const WHOLE: [&str; 14] = [
    "全域",
    "全区",
    "全境",
    "全部",
    "全县",
    "全市",
    "全镇",
    "全乡",
    "全街道",
    "全辖区",
    "所有区域",
    "全部区域",
    "辖区",
    "全区域",
];

/// The spelling by which names are compared.
///
/// ```
/// use yima_feed::text::plain;
///
/// assert_eq!(plain("龙湖　花园 ３＃楼（东区）。"), plain("龙湖花园3号楼(东区)"));
/// ```
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{ff01}'..='\u{ff5e}' => push(&mut plain, narrow(character)),
            _ => push(&mut plain, character),
        }
    }
    let end = plain.trim_end_matches(['、', '。', '.', '-']).len();
    plain.truncate(end);
    plain
}

/// Whether a text after the name of an area means all of that area.
pub fn means_whole(text: &str) -> bool {
    text.is_empty() || WHOLE.contains(&text)
}

/// The first `most` characters, with a sign where something was left out.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The ASCII character of a full-width one.
fn narrow(character: char) -> char {
    const WIDE: u32 = 0xfee0;
    u32::from(character).checked_sub(WIDE).and_then(char::from_u32).unwrap_or(character)
}

fn push(plain: &mut String, character: char) {
    let character = match character {
        '[' | '【' | '〔' | '{' | '<' | '《' => '(',
        ']' | '】' | '〕' | '}' | '>' | '》' => ')',
        '—' | '–' | '―' | '─' | '~' | '～' | '‐' | '‑' | '−' => '-',
        ',' | ';' | '，' | '；' => '、',
        '#' => '号',
        '•' | '・' | '.' => '·',
        '"' | '\'' | '“' | '”' | '‘' | '’' | '\u{feff}' | '\u{200b}' => return,
        _ if character.is_whitespace() || character.is_control() => return,
        _ => character,
    };
    // A double dash is one dash, and `3#号楼` has one 号.
    if !(matches!(character, '-' | '号' | '、') && plain.ends_with(character)) {
        plain.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        let check = |one: &str, other: &str| assert_eq!(plain(one), plain(other));
        check("共和新路街道柳营路（北侧）1059号—1069号", "共和新路街道柳营路(北侧)1059号--1069号");
        check("万新街蔚秀花园9、10号楼", "万新街蔚秀花园 9，10号楼。");
        check("１２＃楼", "12号楼");
        check("<含>", "(含)");
        check("", " \u{3000}\t");
        assert_ne!(plain("6号楼"), plain("16号楼"));
    }

    #[test]
    fn the_whole_of_an_area_has_many_words() {
        assert!(means_whole("") && means_whole("全域") && !means_whole("全福小区"));
    }

    #[test]
    fn a_name_that_is_too_long_says_so() {
        assert_eq!(shortened("一二三四", 4), "一二三四");
        assert_eq!(shortened("一二三四五", 4), "一二三…");
    }
}

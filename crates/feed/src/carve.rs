//! Carve-outs: what a name takes away again, as in `乌兰小区（除11、12、13号楼）`.

use crate::text::plain;

/// The most parts that one carve-out may name; past it the name is taken whole.
const PARTS_MAX: usize = 200;

/// A name cut into what it includes and what it excludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carved {
    /// The name without its carve-out, in the plain spelling; empty if it means the area named above it.
    pub base: String,
    /// The parts that are taken away, each under its full name.
    pub exclude: Vec<String>,
    /// What kind of carve-out it is.
    pub carve: Carve,
}

/// Whether a name takes something away, and whether that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carve {
    /// It takes nothing away.
    None,
    /// It takes away what has a higher level of its own; nothing is excluded, since of two levels the higher one holds.
    HigherLevels,
    /// It takes away named parts.
    Parts,
    /// It takes something away that cannot be told; the name is taken whole, which never makes a level milder.
    NotUnderstood,
}

/// Words at which a carve-out begins.
const BEGIN: [&str; 6] = ["不包括", "不包含", "不含", "除外", "除去", "除"];

/// Words at which what is taken away ends.
const END: [&str; 10] = ["之外", "以外", "除外", "外的", "外其", "外所", "外全", "外区", "外楼", "外地"];

/// Words with 除 in them that take nothing away.
const NOT_A_CARVE: [&str; 6] = ["拆除", "解除", "消除", "扫除", "清除", "除险"];

/// Cuts a name into what it includes and what it excludes.
///
/// ```
/// use yima_feed::carve::{Carve, carved};
///
/// let compound = carved("中北镇凯信佳园小区（除1号楼外）");
/// assert_eq!((compound.base.as_str(), compound.carve), ("中北镇凯信佳园小区", Carve::Parts));
/// assert_eq!(compound.exclude, ["中北镇凯信佳园小区1号楼"]);
/// ```
pub fn carved(name: &str) -> Carved {
    let name = plain(name);
    let is_carve = ["除", "不含", "不包", "以外", "之外"].iter().any(|word| name.contains(word));
    if !is_carve || NOT_A_CARVE.iter().any(|word| name.contains(word)) {
        return whole(name, Carve::None);
    }
    match cut(&name) {
        Some((base, taken)) if is_about_levels(&taken) => {
            Carved { base, exclude: Vec::new(), carve: Carve::HigherLevels }
        }
        Some((base, taken)) => match parts(&base, &taken) {
            Some(exclude) => Carved { base, exclude, carve: Carve::Parts },
            None => whole(name, Carve::NotUnderstood),
        },
        None => whole(name, Carve::NotUnderstood),
    }
}

const fn whole(base: String, carve: Carve) -> Carved {
    Carved { base, exclude: Vec::new(), carve }
}

/// The name without its carve-out, and what is carved out.
fn cut(name: &str) -> Option<(String, String)> {
    bracketed(name).or_else(|| spoken(name)).or_else(|| before_all(name))
}

/// `芳汀花园(除8号楼)`, `黄桷山居(1栋除外)`: the last pair of brackets, with nothing but a remark behind it.
fn bracketed(name: &str) -> Option<(String, String)> {
    let open = opening(name)?;
    let (base, inner) = (name.get(..open)?, name.get(open + 1..name.len() - 1)?);
    let taken = match begin_of(inner) {
        Some((0, word)) => inner.get(word.len()..)?,
        _ => inner.strip_suffix("除外").or_else(|| inner.strip_suffix("以外"))?,
    };
    // Another carve-out in front of this one would be lost.
    let is_single = begin_of(base).is_none() && begin_of(taken).is_none();
    is_single.then(|| (base.to_owned(), without_end(taken).to_owned()))
}

/// Where the bracket that closes the name was opened.
fn opening(name: &str) -> Option<usize> {
    if !name.ends_with(')') {
        return None;
    }
    let mut depth = 0_usize;
    for (at, character) in name.char_indices().rev() {
        match character {
            ')' => depth += 1,
            '(' if depth == 1 => return Some(at),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `泛华国际公馆内除10号楼以外区域`, `塘渡口镇双合社区除高风险区外的其他区域`.
fn spoken(name: &str) -> Option<(String, String)> {
    let (at, word) = begin_of(name)?;
    let taken = name.get(at + word.len()..)?;
    let end = END.iter().filter_map(|end| taken.find(end)).min();
    let (taken, behind) = match end {
        Some(end) => (taken.get(..end)?, taken.get(end..)?),
        None => (without_end(taken), ""),
    };
    let before = name.get(..at)?.trim_end_matches(['内', '中', '的', '、']);
    // `除高风险区以外六十二团其它区域` names its area behind.
    let base = if before.is_empty() { others(behind) } else { before };
    (!taken.is_empty() && begin_of(taken).is_none() && !base.contains(['(', ')']))
        .then(|| (base.to_owned(), taken.to_owned()))
}

/// The area that `以外六十二团其它区域` names; empty for `外的其他地区`.
fn others(behind: &str) -> &str {
    const OTHERS: [&str; 10] = ["其他", "其它", "所有", "全部", "区域", "地区", "地域", "范围", "的", "辖区"];
    let mut name = behind.trim_start_matches("以外").trim_start_matches("之外").trim_start_matches("除外");
    name = name.trim_start_matches('外').trim_start_matches('的');
    while let Some(shorter) = OTHERS.iter().find_map(|word| name.strip_suffix(word)) {
        name = shorter;
    }
    name
}

/// `天山区中高风险区以外的其他地区`: only levels, since the beginning of anything else cannot be told.
fn before_all(name: &str) -> Option<(String, String)> {
    let end = ["以外", "之外"].iter().filter_map(|end| name.find(end)).min()?;
    let before = name.get(..end)?;
    let start = ["已划分为", "中、高", "高、中", "中高", "高中", "高风险", "中风险", "高险"];
    let at = start.iter().filter_map(|word| before.find(word)).min()?;
    Some((before.get(..at)?.to_owned(), before.get(at..)?.to_owned()))
}

/// The first word at which a carve-out begins, and where.
fn begin_of(text: &str) -> Option<(usize, &'static str)> {
    let found = BEGIN.iter().filter_map(|word| text.find(word).map(|at| (at, *word)));
    // Of two words at one place the longer one stands first in the list.
    found.min_by_key(|(at, _)| *at)
}

fn without_end(taken: &str) -> &str {
    let ends = ["以外区域", "外区域", "以外", "之外", "除外", "外"];
    ends.iter().find_map(|end| taken.strip_suffix(end)).unwrap_or(taken)
}

fn is_about_levels(taken: &str) -> bool {
    taken.contains("风险") || taken.contains("险区")
}

/// The full names of the parts; `None` if they cannot be told.
fn parts(base: &str, taken: &str) -> Option<Vec<String>> {
    if base.is_empty() || taken.contains(['(', ')', ':']) {
        return None;
    }
    let pieces: Vec<&str> = taken.split('、').flat_map(joined).filter(|piece| !piece.is_empty()).collect();
    let mut names = Vec::new();
    // What is a bare number takes its unit from the piece after it: `6-11、13-18号楼`.
    let mut unit = "";
    for piece in pieces.iter().rev() {
        let (numbers, own) = split_unit(piece);
        match (numbers, own) {
            ("", own) => names.push(full(base, own)),
            (numbers, "") if unit.is_empty() => names.push(full(base, numbers)),
            (numbers, own) => {
                unit = if own.is_empty() { unit } else { own };
                let numbered = expand(numbers)?;
                names.extend(numbered.iter().rev().map(|number| full(base, &format!("{number}{unit}"))));
            }
        }
        if names.len() > PARTS_MAX {
            return None;
        }
    }
    names.reverse();
    (!names.is_empty()).then_some(names)
}

/// `6号楼和7号楼` in two; 安和家园 is one.
fn joined(piece: &str) -> impl Iterator<Item = &str> {
    let is_unit = |before: &str| before.ends_with(['楼', '栋', '幢', '座', '号', '元']);
    let found = piece.char_indices().filter(|(_, character)| matches!(character, '和' | '及' | '与'));
    let mut splits = found.filter_map(|(at, word)| Some((piece.get(..at)?, piece.get(at + word.len_utf8()..)?)));
    let (first, rest) = splits.find(|(before, _)| is_unit(before)).unwrap_or((piece, ""));
    [first, rest].into_iter()
}

/// The number or range at the beginning, and its unit.
fn split_unit(piece: &str) -> (&str, &str) {
    let end = piece.find(|character: char| !(character.is_ascii_digit() || character == '-')).unwrap_or(piece.len());
    piece.split_at_checked(end).unwrap_or((piece, ""))
}

/// `6-8` as 6, 7, 8; a single number as itself. `None` for what is no range of buildings.
fn expand(numbers: &str) -> Option<Vec<String>> {
    let Some((from, to)) = numbers.split_once('-') else { return Some(vec![numbers.to_owned()]) };
    let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
    let count = usize::try_from(to.checked_sub(from)?).ok()?;
    (count < PARTS_MAX).then(|| (from..=to).map(|number| number.to_string()).collect())
}

/// A building is named after its compound; what repeats the compound's name or stands by itself is not.
fn full(base: &str, part: &str) -> String {
    let is_numbered = part.starts_with(|character: char| character.is_ascii_alphanumeric());
    if is_numbered { format!("{base}{part}") } else { part.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_compound_are_taken_away() {
        let check = |name: &str, base: &str, exclude: &[&str]| {
            let carved = carved(name);
            assert_eq!((carved.base.as_str(), carved.carve), (base, Carve::Parts), "{name}");
            assert_eq!(carved.exclude, exclude, "{name}");
        };
        check("芳汀花园（除8号楼）", "芳汀花园", &["芳汀花园8号楼"]);
        check("双柳巷小区（除外9号楼）", "双柳巷小区", &["双柳巷小区9号楼"]);
        check("金龙大道666号中迪一期（除2栋外）", "金龙大道666号中迪一期", &["金龙大道666号中迪一期2栋"]);
        check(
            "（高新区）黎明街道火炬新街唯美康城（不含11号楼）",
            "(高新区)黎明街道火炬新街唯美康城",
            &["(高新区)黎明街道火炬新街唯美康城11号楼"],
        );
        check("乌兰小区（除11、12、13号楼）", "乌兰小区", &["乌兰小区11号楼", "乌兰小区12号楼", "乌兰小区13号楼"]);
        check(
            "鹏程里（除6-8、13-14号楼）",
            "鹏程里",
            &["鹏程里6号楼", "鹏程里7号楼", "鹏程里8号楼", "鹏程里13号楼", "鹏程里14号楼"],
        );
        check("花园街泛华国际公馆内除10号楼以外区域", "花园街泛华国际公馆", &["花园街泛华国际公馆10号楼"]);
        check(
            "新都街道汇景花园除1-3栋外其余楼栋",
            "新都街道汇景花园",
            &["新都街道汇景花园1栋", "新都街道汇景花园2栋", "新都街道汇景花园3栋"],
        );
        check("嘉园（除6号楼和8号楼）", "嘉园", &["嘉园6号楼", "嘉园8号楼"]);
        check("鹰潭市供电北苑（除招待所）", "鹰潭市供电北苑", &["招待所"]);
        check("东山街道（景祥佳园、安和家园除外）", "东山街道", &["景祥佳园", "安和家园"]);
        check("锦绣华庭小区除6号楼、10号楼外其他区域", "锦绣华庭小区", &["锦绣华庭小区6号楼", "锦绣华庭小区10号楼"]);
        check("肇东市学府家园1号楼（除1单元）", "肇东市学府家园1号楼", &["肇东市学府家园1号楼1单元"]);
    }

    #[test]
    fn higher_levels_are_no_parts() {
        let check = |name: &str, base: &str| {
            let carved = carved(name);
            let expected = Carved { base: base.to_owned(), exclude: Vec::new(), carve: Carve::HigherLevels };
            assert_eq!(carved, expected, "{name}");
        };
        check("除高风险区以外的其他地区", "");
        check("凤凰街道除高风险区以外的其他区域", "凤凰街道");
        check("昌华街（除高、中风险区外）", "昌华街");
        check("北宫镇(除高风险区外的其他地区)", "北宫镇");
        check("乌鲁木齐市天山区中高风险区以外的其他地区", "乌鲁木齐市天山区");
        check("除已划分为中、高风险区域以外第四师六十二团其它区域", "第四师六十二团");
        check("海西州格尔木市除高中风险区外", "海西州格尔木市");
        check("那大镇军屯村委会（除高险区以外）", "那大镇军屯村委会");
    }

    #[test]
    fn what_takes_nothing_away_stays_whole() {
        for name in ["二街坊", "拆除办宿舍", "解除隔离点"] {
            assert_eq!(carved(name), whole(name.to_owned(), Carve::None));
        }
    }

    #[test]
    fn what_is_not_understood_is_taken_whole() {
        for name in [
            "勐卯街道吉祥苑小区18栋（3单元除外）、19栋",
            "功德林街道拉鲁社区（除国土温馨苑、德康鑫居（除1、5、11栋）、金运一区）",
            "河西区域（除9-3号楼）",
        ] {
            assert_eq!(carved(name), whole(plain(name), Carve::NotUnderstood));
        }
    }
}

//! The texts on paper in three languages: those of the page that prints them too.

use yima_model::fact::Relation;
use yima_model::{Timestamp, Zone};

/// A language of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    SimplifiedChinese,
    /// 繁體中文.
    TraditionalChinese,
    /// English.
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::SimplifiedChinese, Self::TraditionalChinese, Self::English];

    /// As in `zh-CN`.
    pub const fn word(self) -> &'static str {
        self.words().language
    }

    /// Reverses [`Language::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.word() == word)
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::SimplifiedChinese => &SIMPLIFIED,
            Self::TraditionalChinese => &TRADITIONAL,
            Self::English => &ENGLISH,
        }
    }
}

pub(crate) struct Words {
    pub(crate) language: &'static str,
    pub(crate) sheet: &'static str,
    pub(crate) name: &'static str,
    pub(crate) guardian: &'static str,
    pub(crate) serial: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) printed: &'static str,
    lost: &'static str,
    pub(crate) foot: &'static str,
    pub(crate) fold: &'static str,
    pub(crate) what: &'static str,
    pub(crate) uses: [&'static str; 4],
    pub(crate) by_hand: &'static str,
    relations: [&'static str; 6],
    date: fn(i16, i8, i8) -> String,
}

impl Words {
    pub(crate) fn lost(&self, call: &str, serial: u32) -> String {
        self.lost.replace("{call}", call).replace("{serial}", &serial.to_string())
    }

    pub(crate) const fn relation(&self, relation: Relation) -> &'static str {
        let [parent, child, spouse, relative, friend, institution] = self.relations;
        match relation {
            Relation::Parent => parent,
            Relation::Child => child,
            Relation::Spouse => spouse,
            Relation::Relative => relative,
            Relation::Friend => friend,
            Relation::Institution => institution,
        }
    }

    /// The day in Beijing.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        Zone::BEIJING.date(at).map_or_else(String::new, |date| (self.date)(date.year(), date.month(), date.day()))
    }
}

fn chinese_date(year: i16, month: i8, day: i8) -> String {
    format!("{year}年{month}月{day}日")
}

fn english_date(year: i16, month: i8, day: i8) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{name} {day}, {year}")
}

const SIMPLIFIED: Words = Words {
    language: "zh-CN",
    sheet: "健康码（纸质）",
    name: "姓名",
    guardian: "代办人",
    serial: "编号",
    valid_until: "有效期至",
    printed: "打印日期",
    lost: "丢了请联系 {call}，报编号 {serial}。",
    foot: "不用手机也能办：社区窗口，或电话 12345",
    fold: "沿虚线对折两次",
    what: "怎么用",
    uses: [
        "进门时把二维码给工作人员扫，同时出示证件。",
        "请每天打卡一次：家人代办、打电话、到窗口都可以；在卡口测温正常也算打卡。",
        "扫码不通过，不一定与健康有关。请走专用通道，由工作人员协助。",
        "医院、药店、回家、急救照常可去。",
    ],
    by_hand: "空格里的字请照证件手写补上。",
    relations: ["父母", "子女", "配偶", "其他亲属", "朋友、邻居", "机构"],
    date: chinese_date,
};

const TRADITIONAL: Words = Words {
    language: "zh-TW",
    sheet: "健康碼（紙本）",
    name: "姓名",
    guardian: "代辦人",
    serial: "編號",
    valid_until: "有效期至",
    printed: "列印日期",
    lost: "遺失請聯絡 {call}，報編號 {serial}。",
    foot: "不用手機也能辦：社區窗口，或電話 12345",
    fold: "沿虛線對折兩次",
    what: "怎麼用",
    uses: [
        "進門時把 QR 碼給工作人員掃，同時出示證件。",
        "請每天打卡一次：家人代辦、打電話、到窗口都可以；在卡口量體溫正常也算打卡。",
        "掃碼不通過，不一定與健康有關。請走專用通道，由工作人員協助。",
        "醫院、藥局、回家、急救照常可去。",
    ],
    by_hand: "空格裡的字請照證件手寫補上。",
    relations: ["父母", "子女", "配偶", "其他親屬", "朋友、鄰居", "機構"],
    date: chinese_date,
};

const ENGLISH: Words = Words {
    language: "en",
    sheet: "Health code on paper",
    name: "Name",
    guardian: "Guardian",
    serial: "Serial number",
    valid_until: "Valid until",
    printed: "Printed on",
    lost: "Lost it? Give the serial number {serial}: {call}",
    foot: "All of this works without a phone: community desk, or call 12345",
    fold: "Fold twice along the dashed lines",
    what: "How to use it",
    uses: [
        "At the entrance let the staff scan the QR code, and show your document.",
        "Check in every day: through your family, by phone or at a desk. A normal temperature at a checkpoint counts too.",
        "If it does not pass, the reason need not be health. Take the assisted lane; staff will help.",
        "Hospital, pharmacy, home and emergency care are always open to you.",
    ],
    by_hand: "Write the characters in the empty squares by hand, as on the document.",
    relations: ["parent", "child", "spouse", "other relative", "friend or neighbour", "institution"],
    date: english_date,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::{Font, Glyph};

    #[test]
    fn the_page_that_prints_says_the_same() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/resident/messages");
        for language in Language::ALL {
            let words = language.words();
            let page = std::fs::read_to_string(folder.join(format!("{}.ts", words.language))).unwrap();
            let texts = [words.sheet, words.name, words.guardian, words.serial, words.valid_until, words.printed];
            let texts = texts.into_iter().chain([words.lost, words.foot, words.fold, words.what]);
            for text in texts.chain(words.uses).chain(words.relations) {
                assert!(page.contains(&format!("\"{text}\"")), "{text}");
            }
        }
    }

    #[test]
    fn the_font_has_every_character_of_the_texts() {
        let font = Font::embedded().unwrap();
        for language in Language::ALL {
            let words = language.words();
            let texts = [words.sheet, words.name, words.guardian, words.serial, words.valid_until, words.printed];
            let texts = texts.into_iter().chain([words.lost, words.foot, words.fold, words.what, words.by_hand]);
            for character in texts.chain(words.uses).chain(words.relations).flat_map(str::chars) {
                assert_ne!(font.glyph(character), Glyph::ByHand, "{character}");
            }
        }
    }

    #[test]
    fn days_are_those_of_beijing() {
        let at = Timestamp::parse("2021-06-11T16:00:00Z").unwrap();
        assert_eq!(
            Language::ALL.map(|language| language.words().date(at)),
            ["2021年6月12日", "2021年6月12日", "Jun 12, 2021"]
        );
    }
}

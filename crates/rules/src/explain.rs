//! Conditions as plain sentences in the languages of packs.

use yima_model::fact::{CaseClass, ContactDegree, IsolationPlace, NoticeKind, Symptom, TestMethod};
use yima_model::{Colour, Level, Span};

use crate::expression::{
    By, Comparison, Condition, Count, EventMatch, EventSelector, PlaceCondition, PlaceName, StateSelector, Term,
    Trigger, Tube,
};
use crate::pack::CountsFrom;
use crate::progress::Progress;

/// A language of packs.
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
    /// The language of this tag.
    ///
    /// # Errors
    /// The tags there are, for a message.
    pub fn parse(tag: &str) -> Result<Self, String> {
        [Self::SimplifiedChinese, Self::TraditionalChinese, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
            .ok_or_else(|| format!("choose one of {}", crate::pack::LANGUAGES.join(", ")))
    }

    /// Its tag, as in packs.
    pub const fn tag(self) -> &'static str {
        self.pick(["zh-CN", "zh-TW", "en"])
    }

    /// The word for a colour.
    pub const fn colour(self, colour: Colour) -> &'static str {
        self.pick(match colour {
            Colour::Green => ["绿码", "綠碼", "green"],
            Colour::Grey => ["灰码", "灰碼", "grey"],
            Colour::Yellow => ["黄码", "黃碼", "yellow"],
            Colour::Red => ["红码", "紅碼", "red"],
        })
    }

    const fn pick(self, [simplified, traditional, english]: [&'static str; 3]) -> &'static str {
        match self {
            Self::SimplifiedChinese => simplified,
            Self::TraditionalChinese => traditional,
            Self::English => english,
        }
    }

    /// Fills `{0}`, `{1}` and `{2}` of a phrase; the languages put them in different places.
    fn fill(self, phrase: [&'static str; 3], parts: &[&str]) -> String {
        let mut text = String::new();
        for piece in self.pick(phrase).split_inclusive('}') {
            let (before, index) = piece.split_once('{').unwrap_or((piece, ""));
            text.push_str(before);
            let part = index.trim_end_matches('}').parse().ok().and_then(|index: usize| parts.get(index));
            text.push_str(part.copied().unwrap_or_default());
        }
        text
    }
}

/// The condition as one sentence, without a full stop.
pub fn sentence(condition: &Condition, language: Language) -> String {
    let fill = |phrase, parts: &[&str]| language.fill(phrase, parts);
    let of = |condition: &Condition| sentence(condition, language);
    match condition {
        Condition::Constant(true) => fill(["始终成立", "始終成立", "always"], &[]),
        Condition::Constant(false) => fill(["从不成立", "從不成立", "never"], &[]),
        Condition::State(states) => state_phrase(states, language),
        Condition::Within(Term::Events(events), length) => fill(
            ["{1}内有{0}", "{1}內有{0}", "{0} within {1}"],
            &[&event_phrase(events, language), &span(*length, language)],
        ),
        Condition::Within(Term::States(states), length) => fill(
            ["{0}，以及此后{1}内", "{0}，以及此後{1}內", "{0}, and for {1} after"],
            &[&state_phrase(states, language), &span(*length, language)],
        ),
        Condition::From(events, delay, length) => fill(
            ["{0}满{1}后的{2}内", "{0}滿{1}後的{2}內", "after {0}, from {1} on for {2}"],
            &[&event_phrase(events, language), &span(*delay, language), &span(*length, language)],
        ),
        Condition::No(term, length) => {
            let what = match term {
                Term::Events(events) => event_phrase(events, language),
                Term::States(states) => state_phrase(states, language),
            };
            fill(["{0}内没有{1}", "{0}內沒有{1}", "for {0} none of: {1}"], &[&span(*length, language), &what])
        }
        Condition::Count(count) => count_phrase(count, language),
        Condition::OnDays(events, days) => {
            let days = join(days.iter().map(ToString::to_string), language.pick(["、", "、", ", "]));
            let phrase = ["第 {1} 天各有{0}", "第 {1} 天各有{0}", "{0} on each of the days {1}"];
            fill(phrase, &[&event_phrase(events, language), &days])
        }
        Condition::Until(until) => {
            let phrase = match until.after {
                Span::ZERO => {
                    ["自{0}起，直到{1}，最长{2}", "自{0}起，直到{1}，最長{2}", "from {0} until {1}, at most {2} after"]
                }
                _ => [
                    "自{0}起，满{3}后直到{1}，最长{2}",
                    "自{0}起，滿{3}後直到{1}，最長{2}",
                    "from {0}, for {3} and then until {1}, at most {2} after",
                ],
            };
            let (from, to) = (trigger(&until.trigger, language), trigger(&until.clears, language));
            fill(phrase, &[&from, &to, &span(until.at_most, language), &span(until.after, language)])
        }
        Condition::And(parts) => {
            join(parts.iter().filter(|part| !is_always(part)).map(of), language.pick(["，且", "，且", ", and "]))
        }
        Condition::Or(parts) => join(parts.iter().map(of), language.pick(["；或", "；或", "; or "])),
        Condition::Not(part) => fill(["并非（{0}）", "並非（{0}）", "not ({0})"], &[&of(part)]),
    }
}

/// How far a count has come, as a sentence without a full stop.
pub fn progress_sentence(progress: Progress, language: Language) -> String {
    let phrase = ["已完成 {0} 次，共需 {1} 次", "已完成 {0} 次，共需 {1} 次", "{0} of {1} done"];
    language.fill(phrase, &[&progress.done.to_string(), &progress.wanted.to_string()])
}

/// What becomes of visits to venues where a pack has them reported and keeps each for some days after its own, as a
/// sentence without a full stop.
pub fn visits_sentence(days: u16, language: Language) -> String {
    let phrase = [
        "扫场所码的到访会集中登记，只记地区和日期，当天之后保留 {0} 天；停止登记时全部删除",
        "掃場所碼的到訪會集中登記，只記地區和日期，當天之後保留 {0} 天；停止登記時全部刪除",
        "visits by venue code are stored centrally, by area and day, until {0} days after their day; all are deleted when this ends",
    ];
    language.fill(phrase, &[&days.to_string()])
}

/// What a setting leaves of `and setting(…)` or `and not setting(…)` says nothing.
fn is_always(condition: &Condition) -> bool {
    match condition {
        Condition::Constant(value) => *value,
        Condition::Not(part) => **part == Condition::Constant(false),
        _ => false,
    }
}

fn trigger(side: &Trigger, language: Language) -> String {
    match side {
        Trigger::Events(events) => event_phrase(events, language),
        Trigger::Condition(condition) => sentence(condition, language),
    }
}

fn count_phrase(count: &Count, language: Language) -> String {
    let events = event_phrase(&count.events, language);
    let (apart, within) = (span(count.apart, language), span(count.within, language));
    language.fill(
        [
            "{3}内{0}次{1}，每次间隔至少{2}",
            "{3}內{0}次{1}，每次間隔至少{2}",
            "{0} times {1}, at least {2} apart, inside {3}",
        ],
        &[&count.wanted.to_string(), &events, &apart, &within],
    )
}

fn event_phrase(events: &[EventSelector], language: Language) -> String {
    join(events.iter().map(|event| one_event(event, language)), language.pick(["或", "或", " or "]))
}

fn one_event(event: &EventSelector, language: Language) -> String {
    let what = match &event.what {
        EventMatch::Declared(None) => language.pick(["健康申报", "健康申報", "a health report"]).to_owned(),
        EventMatch::Declared(Some(_)) => {
            language.pick(["申报有接触史", "申報有接觸史", "a report of contact with a case"]).to_owned()
        }
        EventMatch::CheckedIn(None | Some(false)) => language.pick(["打卡", "打卡", "a check-in"]).to_owned(),
        EventMatch::CheckedIn(Some(true)) => {
            language.pick(["打卡无异常", "打卡無異常", "a check-in without symptoms"]).to_owned()
        }
        EventMatch::Symptom(symptoms) => {
            let names = join(
                symptoms.iter().map(|symptom| symptom_name(symptom, language).to_owned()),
                language.pick(["、", "、", ", "]),
            );
            language.fill(["申报症状（{0}）", "申報症狀（{0}）", "a reported symptom ({0})"], &[&names])
        }
        EventMatch::Temperature(comparison, decicelsius) => {
            let value = format!("{}.{}", decicelsius / 10, decicelsius % 10);
            let sign = match comparison {
                Comparison::Less => "<",
                Comparison::AtMost => "≤",
                Comparison::Greater => ">",
                Comparison::AtLeast => "≥",
            };
            language.fill(["体温{0}{1}℃", "體溫{0}{1}℃", "a temperature {0} {1} °C"], &[sign, &value])
        }
        EventMatch::Compared(list, result, fresh) => {
            let phrase = match result {
                None => ["与名单 {0} 比对", "與名單 {0} 比對", "a comparison with {0}"],
                Some(true) => ["与名单 {0} 比对命中", "與名單 {0} 比對命中", "a match in {0}"],
                Some(false) => {
                    ["与名单 {0} 比对未命中", "與名單 {0} 比對未命中", "a comparison with {0} without match"]
                }
            };
            let compared = language.fill(phrase, &[list.as_str()]);
            let phrase = ["{0}（名单数据未满{1}）", "{0}（名單資料未滿{1}）", "{0} (as it was less than {1} before)"];
            fresh.map_or_else(|| compared.clone(), |fresh| language.fill(phrase, &[&compared, &span(fresh, language)]))
        }
        EventMatch::Reviewed => language.pick(["审核", "審核", "a review"]).to_owned(),
        EventMatch::FollowUp(None | Some(false)) => language.pick(["随访", "隨訪", "a follow-up"]).to_owned(),
        EventMatch::FollowUp(Some(true)) => language.pick(["随访无异常", "隨訪無異常", "a clear follow-up"]).to_owned(),
        EventMatch::Test(positive, method, tube) => {
            let result = match positive {
                None if method.is_none() => ["检测", "檢測", "a test"],
                None => ["{0}检测", "{0}檢測", "any {0} test"],
                Some(true) => ["{0}检测阳性", "{0}檢測陽性", "a positive {0} test"],
                Some(false) => ["{0}检测阴性", "{0}檢測陰性", "a negative {0} test"],
            };
            let result = match (method, language) {
                (None, Language::English) => language.pick(result).replace(" {0}", ""),
                (method, _) => language.fill(result, &[method.map_or("", |method| method_name(method, language))]),
            };
            let tube = match tube {
                None => ["{0}", "{0}", "{0}"],
                Some(Tube::Single) => ["单管{0}", "單管{0}", "{0} of a tube of one's own"],
                Some(Tube::Pool) => ["混管{0}", "混管{0}", "{0} of a shared tube"],
            };
            language.fill(tube, &[&result])
        }
        EventMatch::Missed(None) => language.pick(["应检未检", "應檢未檢", "a missed mandatory test"]).to_owned(),
        EventMatch::Missed(Some(campaign)) => language.fill(
            ["检测行动 {0} 应检未检", "檢測行動 {0} 應檢未檢", "a missed mandatory test of the campaign {0}"],
            &[campaign.as_str()],
        ),
        EventMatch::Contact(degrees) => match degrees.as_slice() {
            [ContactDegree::Secondary] => {
                language.pick(["次密接", "次密接", "a contact of a close contact"]).to_owned()
            }
            [ContactDegree::Close] => language.pick(["密切接触", "密切接觸", "a close contact"]).to_owned(),
            _ => language.pick(["密接或次密接", "密接或次密接", "a contact of any degree"]).to_owned(),
        },
        EventMatch::Isolated(places) => {
            let begins = ["{0}开始", "{0}開始", "the beginning of {0}"];
            language.fill(begins, &[isolation_name(places, language)])
        }
        EventMatch::Arrival(place) => {
            language.fill(["自{0}到达", "自{0}到達", "an arrival from {0}"], &[&place_phrase(place, language)])
        }
        EventMatch::Vaccinated(dose) => language
            .fill(["接种第 {0} 剂或以上", "接種第 {0} 劑或以上", "dose {0} or a later one"], &[&dose.to_string()]),
        EventMatch::Statement(meaning) => {
            language.fill(["互认凭证（{0}）", "互認憑證（{0}）", "a verified certificate ({0})"], &[meaning.word()])
        }
    };
    let what = match event.by {
        By::Anybody => what,
        By::Oneself => language.fill(["本人{0}", "本人{0}", "{0} of one's own"], &[&what]),
        By::Others => language.fill(["他人{0}", "他人{0}", "{0} by somebody else"], &[&what]),
    };
    let phrase = match event.counts_from {
        None => return what,
        Some(CountsFrom::Occurrence) => {
            ["{0}（自发生时起算）", "{0}（自發生時起算）", "{0} (counted from when it was)"]
        }
        Some(CountsFrom::Report) => {
            ["{0}（自报告时起算）", "{0}（自報告時起算）", "{0} (counted from when it was reported)"]
        }
    };
    language.fill(phrase, &[&what])
}

const fn method_name(method: TestMethod, language: Language) -> &'static str {
    language.pick(match method {
        TestMethod::NucleicAcid => ["核酸", "核酸", "nucleic-acid"],
        TestMethod::Antigen => ["抗原", "抗原", "antigen"],
        TestMethod::Antibody => ["抗体", "抗體", "antibody"],
    })
}

fn state_phrase(states: &[StateSelector], language: Language) -> String {
    join(states.iter().map(|state| one_state(state, language)), language.pick(["或", "或", " or "]))
}

fn one_state(state: &StateSelector, language: Language) -> String {
    match state {
        StateSelector::Registered => language.pick(["已申领", "已申領", "registered"]).to_owned(),
        StateSelector::Bound => language.pick(["绑定有效", "綁定有效", "the binding is valid"]).to_owned(),
        StateSelector::Case(classes) if classes.len() == CaseClass::ALL.len() => {
            language.pick(["在病例名册上", "在病例名冊上", "being a case"]).to_owned()
        }
        StateSelector::Case(classes) => {
            let names = join(
                classes.iter().map(|class| case_name(*class, language).to_owned()),
                language.pick(["、", "、", ", "]),
            );
            language.fill(["为{0}", "為{0}", "being a case ({0})"], &[&names])
        }
        StateSelector::Isolation(places) => isolation_name(places, language).to_owned(),
        StateSelector::Dwelling(place) => {
            language.fill(["住在{0}", "住在{0}", "living in {0}"], &[&place_phrase(place, language)])
        }
        StateSelector::Stay(place, Span::ZERO) => {
            language.fill(["停留于{0}", "停留於{0}", "a stay in {0}"], &[&place_phrase(place, language)])
        }
        StateSelector::Stay(place, longer) => language.fill(
            ["停留于{0}超过{1}", "停留於{0}超過{1}", "a stay of more than {1} in {0}"],
            &[&place_phrase(place, language), &span(*longer, language)],
        ),
        StateSelector::Notice(kind) => match kind {
            NoticeKind::Closing => {
                language.pick(["住地被通告封闭", "住地被通告封閉", "a closing notice for the dwelling"]).to_owned()
            }
            NoticeKind::Opening => {
                language.pick(["住地被通告开放", "住地被通告開放", "an opening notice for the dwelling"]).to_owned()
            }
            NoticeKind::Measure => {
                language.pick(["住地有通告措施", "住地有通告措施", "a notice of measures for the dwelling"]).to_owned()
            }
        },
    }
}

fn place_phrase(place: &PlaceCondition, language: Language) -> String {
    let name = |name: &PlaceName| match name {
        PlaceName::Area(area) => area.to_string(),
        PlaceName::List(list) => list.to_string(),
    };
    let inside = place.inside.iter().map(|inside| language.fill(["{0} 之内", "{0} 之內", "{0}"], &[&name(inside)]));
    let outside =
        place.outside.iter().map(|outside| language.fill(["{0} 之外", "{0} 之外", "outside {0}"], &[&name(outside)]));
    let near = place.near.map(|level| {
        let word = match level {
            Level::Low => [
                "所在县（市、区）有低风险地区之处",
                "所在縣（市、區）有低風險地區之處",
                "a county with a low-risk area",
            ],
            Level::Medium => [
                "所在县（市、区）有中风险地区之处",
                "所在縣（市、區）有中風險地區之處",
                "a county with a medium-risk area",
            ],
            Level::High => [
                "所在县（市、区）有高风险地区之处",
                "所在縣（市、區）有高風險地區之處",
                "a county with a high-risk area",
            ],
        };
        language.pick(word).to_owned()
    });
    let level = place.level.map(|level| {
        let word = match level {
            Level::Low => ["低风险地区", "低風險地區", "a low-risk area"],
            Level::Medium => ["中风险地区", "中風險地區", "a medium-risk area"],
            Level::High => ["高风险地区", "高風險地區", "a high-risk area"],
        };
        language.pick(word).to_owned()
    });
    let parts: Vec<_> = inside.chain(outside).chain(level).chain(near).collect();
    if parts.is_empty() {
        return language.pick(["任何地方", "任何地方", "anywhere"]).to_owned();
    }
    join(parts.into_iter(), language.pick(["且", "且", " and "]))
}

const fn symptom_name(symptom: Symptom, language: Language) -> &'static str {
    language.pick(match symptom {
        Symptom::Fever => ["发热", "發熱", "fever"],
        Symptom::Fatigue => ["乏力", "乏力", "fatigue"],
        Symptom::Cough => ["干咳", "乾咳", "cough"],
        Symptom::Diarrhoea => ["腹泻", "腹瀉", "diarrhoea"],
        Symptom::Conjunctivitis => ["结膜炎", "結膜炎", "conjunctivitis"],
        Symptom::Breathlessness => ["呼吸急促", "呼吸急促", "breathlessness"],
    })
}

const fn isolation_name(places: &[IsolationPlace], language: Language) -> &'static str {
    language.pick(match places {
        [IsolationPlace::Central] => ["集中隔离", "集中隔離", "central isolation"],
        [IsolationPlace::Home] => ["居家隔离", "居家隔離", "home isolation"],
        [IsolationPlace::ClosedLoop] => ["闭环管理", "閉環管理", "closed-loop duty"],
        _ => ["隔离", "隔離", "isolation"],
    })
}

const fn case_name(class: CaseClass, language: Language) -> &'static str {
    language.pick(match class {
        CaseClass::Confirmed => ["确诊病例", "確診病例", "confirmed"],
        CaseClass::Clinical => ["临床诊断病例", "臨床診斷病例", "clinically diagnosed"],
        CaseClass::Suspected => ["疑似病例", "疑似病例", "suspected"],
        CaseClass::Asymptomatic => ["无症状感染者", "無症狀感染者", "without symptoms"],
        CaseClass::Fever => ["发热待排查", "發熱待排查", "fever under examination"],
    })
}

fn span(length: Span, language: Language) -> String {
    let (number, unit) = match length {
        Span::Days(days) => (i64::from(days), ["天", "天", if days == 1 { "day" } else { "days" }]),
        Span::Millis(millis) if millis % 3_600_000 == 0 => (millis / 3_600_000, ["小时", "小時", "hours"]),
        Span::Millis(millis) if millis % 60_000 == 0 => (millis / 60_000, ["分钟", "分鐘", "minutes"]),
        Span::Millis(millis) => (millis, ["毫秒", "毫秒", "milliseconds"]),
    };
    format!("{number} {}", language.pick(unit))
}

fn join(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Names, read_condition};

    fn check(condition: &str, chinese: &str, english: &str) {
        let names = Names { lists: vec!["key".to_owned()], ..Names::default() };
        let condition = read_condition(condition, &names).unwrap();
        assert_eq!(sentence(&condition, Language::SimplifiedChinese), chinese);
        assert_eq!(sentence(&condition, Language::English), english);
    }

    #[test]
    fn every_operator_reads_as_a_sentence() {
        check("contact(close) within 14d", "14 天内有密切接触", "a close contact within 14 days");
        check("isolation(home) within 72h", "居家隔离，以及此后72 小时内", "home isolation, and for 72 hours after");
        check("checked_in(clear) within 1d", "1 天内有打卡无异常", "a check-in without symptoms within 1 day");
        check("no checked_in within 72h", "72 小时内没有打卡", "for 72 hours none of: a check-in");
        check("reviewed from 7d for 3d", "审核满7 天后的3 天内", "after a review, from 7 days on for 3 days");
        check(
            "stay(level: medium) until count(test(negative), 2, apart: 24h, within: 3d) at most 14d",
            "自停留于中风险地区起，直到3 天内2次检测阴性，每次间隔至少24 小时，最长14 天",
            "from a stay in a medium-risk area until 2 times a negative test, at least 24 hours apart, inside 3 days, \
             at most 14 days after",
        );
        check(
            "contact(close) until on_days(test(negative, single), 1, 4, 7) at most 10d",
            "自密切接触起，直到第 1、4、7 天各有单管检测阴性，最长10 天",
            "from a close contact until a negative test of a tube of one's own on each of the days 1, 4, 7, at most 10 days \
             after",
        );
        check(
            "stay(level: high, longer: 4h) within 7d",
            "停留于高风险地区超过4 小时，以及此后7 天内",
            "a stay of more than 4 hours in a high-risk area, and for 7 days after",
        );
        check(
            "compared(key, clear, fresh: 3d) within 7d",
            "7 天内有与名单 key 比对未命中（名单数据未满3 天）",
            "a comparison with key without match (as it was less than 3 days before) within 7 days",
        );
        check("test(positive, antigen) within 1d", "1 天内有抗原检测阳性", "a positive antigen test within 1 day");
        check(
            "test(negative, nucleic-acid, single, counts_from: report) within 48h",
            "48 小时内有单管核酸检测阴性（自报告时起算）",
            "a negative nucleic-acid test of a tube of one's own (counted from when it was reported) within 48 hours",
        );
        check(
            "test(missed, round-3) within 1d",
            "1 天内有检测行动 round-3 应检未检",
            "a missed mandatory test of the campaign round-3 within 1 day",
        );
        check("bound and not case", "绑定有效，且并非（在病例名册上）", "the binding is valid, and not (being a case)");
        check(
            "arrival(outside: 61, outside: key) within 14d",
            "14 天内有自61 之外且key 之外到达",
            "an arrival from outside 61 and outside key within 14 days",
        );
        check(
            "temperature(>= 37.3, by: others) within 1d",
            "1 天内有他人体温≥37.3℃",
            "a temperature ≥ 37.3 °C by somebody else within 1 day",
        );
    }

    #[test]
    fn progress_reads_as_a_sentence() {
        let progress = Progress { done: 1, wanted: 2 };
        assert_eq!(progress_sentence(progress, Language::English), "1 of 2 done");
        assert_eq!(progress_sentence(progress, Language::SimplifiedChinese), "已完成 1 次，共需 2 次");
    }

    #[test]
    fn tags_are_read_back() {
        for tag in crate::pack::LANGUAGES {
            assert_eq!(Language::parse(tag).unwrap().tag(), tag);
        }
        assert!(Language::parse("fr").is_err());
    }
}

//! The code lists: each value with the code that stands for it on the wire.

use yima_model::fact::{Answer, Symptom, Symptoms};
use yima_model::{Colour, DocumentKind, Level};

/// A value that is one of a list of codes.
pub trait Coded: Copy + PartialEq + 'static {
    /// The list.
    const LIST: CodeList;

    /// Every value, in the order of the list.
    const ALL: &'static [Self];

    /// The code.
    fn code(self) -> &'static str;

    /// The value of that code; a code of no list is no value.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// The name of a list and its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// As docs/GBT.md names it.
    pub name: &'static str,
    /// The codes in their order.
    pub codes: &'static [&'static str],
}

/// Every list.
pub const LISTS: [CodeList; 9] = [
    Grade::LIST,
    DocumentKind::LIST,
    Sex::LIST,
    SymptomCode::LIST,
    Level::LIST,
    Answer::LIST,
    HighRiskStay::LIST,
    Indicator::LIST,
    Origin::LIST,
];

macro_rules! coded {
    ($name:ident, $list:literal: $($value:ident = $code:literal,)+) => {
        impl Coded for $name {
            const LIST: CodeList = CodeList { name: $list, codes: &[$($code,)+] };
            const ALL: &'static [Self] = &[$(Self::$value,)+];

            fn code(self) -> &'static str {
                match self { $(Self::$value => $code,)+ }
            }
        }
    };
}

/// 健康码风险等级: the grades that the standard's family of interfaces has; grey has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// 绿, low risk.
    Green,
    /// 黄, middle risk.
    Yellow,
    /// 红, high risk.
    Red,
}

impl Grade {
    /// The grade of a colour; `None` for grey, which is no answer.
    pub const fn of(colour: Colour) -> Option<Self> {
        match colour {
            Colour::Green => Some(Self::Green),
            Colour::Grey => None,
            Colour::Yellow => Some(Self::Yellow),
            Colour::Red => Some(Self::Red),
        }
    }

    /// The colour of the grade.
    pub const fn colour(self) -> Colour {
        match self {
            Self::Green => Colour::Green,
            Self::Yellow => Colour::Yellow,
            Self::Red => Colour::Red,
        }
    }
}

coded! { Grade, "grade": Green = "00", Yellow = "01", Red = "10", }

/// 性别, GB/T 2261.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// 未知.
    Unknown,
    /// 男.
    Male,
    /// 女.
    Female,
    /// 未说明.
    Unstated,
}

coded! { Sex, "sex": Unknown = "0", Male = "1", Female = "2", Unstated = "9", }

/// 当前症状: groups of symptoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymptomCode {
    /// 无症状.
    None,
    /// 感冒样: fatigue, cough, fever, muscle pain or headache.
    ColdLike,
    /// 喘憋、呼吸急促.
    Breathless,
    /// 恶心呕吐、腹泻.
    Digestive,
    /// 心慌、胸闷.
    Chest,
    /// 结膜炎.
    Conjunctivitis,
}

coded! {
    SymptomCode, "symptom":
    None = "1", ColdLike = "2", Breathless = "3", Digestive = "4", Chest = "5", Conjunctivitis = "6",
}

impl SymptomCode {
    /// The symptoms that the group may stand for.
    ///
    /// A group does not say which of its symptoms it is, so it counts as all of them that we know.
    pub fn symptoms(self) -> Symptoms {
        match self {
            Self::None => Symptoms::NONE,
            Self::ColdLike => [Symptom::Fever, Symptom::Fatigue, Symptom::Cough].into_iter().collect(),
            // We have no word for a tight chest; breathlessness is the nearest that no rule takes more lightly.
            Self::Breathless | Self::Chest => [Symptom::Breathlessness].into_iter().collect(),
            Self::Digestive => [Symptom::Diarrhoea].into_iter().collect(),
            Self::Conjunctivitis => [Symptom::Conjunctivitis].into_iter().collect(),
        }
    }
}

coded! { Level, "level": Low = "1", Medium = "2", High = "3", }

coded! { Answer, "contact": Yes = "1", No = "2", Unknown = "3", }

/// 是否到过高风险地区.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HighRiskStay {
    /// 是.
    Yes,
    /// 否.
    No,
}

coded! { HighRiskStay, "high-risk stay": Yes = "1", No = "2", }

/// 是否, where the interfaces write 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// 否.
    No,
    /// 是.
    Yes,
}

coded! { Indicator, "indicator": No = "0", Yes = "1", }

/// 数据来源: whose code it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// 本省码.
    Province,
    /// 国家健康码.
    Nation,
}

coded! { Origin, "origin": Province = "1", Nation = "2", }

coded! {
    DocumentKind, "document":
    ResidentId = "10", HongKongMacauPermit = "14", TaiwanPermit = "15", TaiwanSingleTripPermit = "16", Passport = "20",
    PermanentResidentCard = "34", Other = "99",
}

/// A grade as another system states it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StatedGrade {
    /// One of the list.
    Known(Grade),
    /// A code that the list does not have: unknown, and never green.
    Unknown(UnknownGrade),
}

/// A code of one to eight characters that stands for no grade.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnknownGrade(Box<str>); // INVARIANT: 1 to 8 visible ASCII characters, no code of Grade

impl StatedGrade {
    /// The most characters that are read as a code.
    pub const CHARACTERS_MAX: usize = 8;

    /// Reads a code; `None` if it is too long or too odd to be one.
    pub fn from_code(code: &str) -> Option<Self> {
        let is_code =
            (1..=Self::CHARACTERS_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic());
        is_code.then(|| Grade::from_code(code).map_or_else(|| Self::Unknown(UnknownGrade(code.into())), Self::Known))
    }

    /// The code as it was stated.
    pub fn code(&self) -> &str {
        match self {
            Self::Known(grade) => grade.code(),
            Self::Unknown(UnknownGrade(code)) => code,
        }
    }

    /// The grade, if it is one.
    pub const fn known(&self) -> Option<Grade> {
        match self {
            Self::Known(grade) => Some(*grade),
            Self::Unknown(_) => None,
        }
    }
}

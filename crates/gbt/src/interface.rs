//! The seven interfaces of GB/T 38963, clause 6.

use crate::element::{Element, Intake};

/// One of the seven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// 6.2 用户健康信息申报.
    Declare,
    /// 6.3 用户行程申报.
    Trip,
    /// 6.4 用户健康信息查询.
    Query,
    /// 6.5 健康码调用申请.
    Apply,
    /// 6.6 健康码制码请求.
    Make,
    /// 6.7 健康码验码请求.
    Verify,
    /// 6.8 用户健康信息纠错.
    Correct,
}

/// Whether an element must stand in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
}

use Need::{Optional, Required};

const WHO: [(Element, Need); 5] = [
    (Element::Name, Required),
    (Element::DocumentType, Required),
    (Element::DocumentNumber, Required),
    (Element::Nationality, Optional),
    (Element::Consent, Required),
];

impl Interface {
    /// All seven, in the order of the clauses.
    pub const ALL: [Self; 7] =
        [Self::Declare, Self::Trip, Self::Query, Self::Apply, Self::Make, Self::Verify, Self::Correct];

    /// The clause of GB/T 38963-2020.
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Declare => "6.2",
            Self::Trip => "6.3",
            Self::Query => "6.4",
            Self::Apply => "6.5",
            Self::Make => "6.6",
            Self::Verify => "6.7",
            Self::Correct => "6.8",
        }
    }

    /// The name in the standard.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Declare => "用户健康信息申报",
            Self::Trip => "用户行程申报",
            Self::Query => "用户健康信息查询",
            Self::Apply => "健康码调用申请",
            Self::Make => "健康码制码请求",
            Self::Verify => "健康码验码请求",
            Self::Correct => "用户健康信息纠错",
        }
    }

    /// The last part of its address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Declare => "declare",
            Self::Trip => "trip",
            Self::Query => "query",
            Self::Apply => "apply",
            Self::Make => "make",
            Self::Verify => "verify",
            Self::Correct => "correct",
        }
    }

    /// The interface of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|interface| interface.word() == word)
    }

    /// What a request may carry.
    pub fn takes(self) -> Vec<(Element, Need)> {
        let own: &[(Element, Need)] = match self {
            Self::Declare => {
                &[(Element::Symptoms, Required), (Element::Contact, Required), (Element::Temperature, Optional)]
            }
            Self::Trip => {
                &[(Element::TripArea, Required), (Element::TripFirstDay, Required), (Element::TripLastDay, Required)]
            }
            Self::Query | Self::Apply => &[],
            Self::Make => return vec![(Element::Serial, Required)],
            Self::Verify => return vec![(Element::CodeContent, Required)],
            Self::Correct => &[(Element::Record, Required)],
        };
        let mut takes = [WHO.as_slice(), own].concat();
        if self == Self::Declare {
            let unkept = Element::ALL.iter().filter(|element| element.intake() == Intake::Unkept);
            takes.extend(unkept.map(|element| (*element, Optional)));
        }
        takes
    }

    /// What an answer may carry.
    pub const fn gives(self) -> &'static [(Element, Need)] {
        match self {
            Self::Declare => {
                &[(Element::ReportDate, Required), (Element::Unkept, Required), (Element::Recognised, Optional)]
            }
            Self::Trip => &[(Element::ReportDate, Required)],
            Self::Query => &[
                (Element::ReportDate, Optional),
                (Element::ReportExpired, Required),
                (Element::ReportValidDate, Optional),
                (Element::ReportedIn24Hours, Required),
                (Element::Grade, Optional),
                (Element::Reason, Optional),
                (Element::Guide, Optional),
                (Element::RuleNumber, Optional),
                (Element::Records, Required),
                (Element::DataSource, Required),
                (Element::AuthField, Required),
            ],
            Self::Apply => &[(Element::Serial, Required), (Element::SerialExpireTime, Required)],
            Self::Make => &[(Element::CodeContent, Required), (Element::CodeExpireTime, Required)],
            Self::Verify => &[
                (Element::CodeExpired, Required),
                (Element::CodeExpireTime, Required),
                (Element::ReportExpired, Required),
                (Element::ReportValidDate, Optional),
                (Element::Grade, Optional),
                (Element::DataSource, Required),
                (Element::AuthField, Required),
            ],
            Self::Correct => &[(Element::Record, Required), (Element::Deadline, Required)],
        }
    }
}

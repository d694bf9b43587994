//! Where a code is checked, and what the checkpoint does with the outcome.
//!
//! Source: docs/CODE.md, "Places and answers".

use yima_model::{Colour, Level};

use crate::refusal::Refusal;
use crate::verify::{Standing, VerifiedCode};

/// 卡口: the kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceClass {
    /// 交通: stations, airports, roads.
    Traffic,
    /// 单位: offices, factories, schools.
    Work,
    /// 政务: halls of public services.
    Government,
    /// 公共场所: markets, parks, venues.
    Venue,
    /// 医院.
    Hospital,
    /// 发热门诊.
    FeverClinic,
    /// 住所: the entrance of the holder's own home.
    Home,
    /// 药店窗口.
    Pharmacy,
    /// 急救.
    Emergency,
    /// 避难所.
    Shelter,
    /// 法院.
    Court,
}

impl PlaceClass {
    /// All classes.
    pub const ALL: [Self; 11] = [
        Self::Traffic,
        Self::Work,
        Self::Government,
        Self::Venue,
        Self::Hospital,
        Self::FeverClinic,
        Self::Home,
        Self::Pharmacy,
        Self::Emergency,
        Self::Shelter,
        Self::Court,
    ];

    /// The word in configuration and interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Traffic => "traffic",
            Self::Work => "work",
            Self::Government => "government",
            Self::Venue => "venue",
            Self::Hospital => "hospital",
            Self::FeverClinic => "fever-clinic",
            Self::Home => "home",
            Self::Pharmacy => "pharmacy",
            Self::Emergency => "emergency",
            Self::Shelter => "shelter",
            Self::Court => "court",
        }
    }

    /// The class of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }

    /// What the place answers to somebody who does not pass; care, home and court turn nobody away.
    ///
    /// Source: R-74.
    const fn otherwise(self) -> Decision {
        match self {
            Self::Traffic | Self::Work | Self::Government | Self::Venue => Decision::Stop,
            Self::Hospital
            | Self::FeverClinic
            | Self::Home
            | Self::Pharmacy
            | Self::Emergency
            | Self::Shelter
            | Self::Court => Decision::Lane,
        }
    }
}

/// How old the data behind a code may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Ten minutes are fresh; up to 24 hours pass as older data.
    Ordinary,
    /// Two minutes are fresh; older data cannot tell.
    Strict,
}

impl Strictness {
    pub(crate) const fn fresh_seconds(self) -> u32 {
        match self {
            Self::Ordinary => 10 * 60,
            Self::Strict => 2 * 60,
        }
    }

    pub(crate) const fn oldest_seconds(self) -> u32 {
        match self {
            Self::Ordinary => 24 * 3600,
            Self::Strict => self.fresh_seconds(),
        }
    }
}

/// Whether somebody stands there who can compare a name, and open the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Staffing {
    /// Live and paper codes.
    Attended,
    /// An automatic gate: live codes only.
    Unattended,
}

/// A checkpoint's place, as its operator registered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The kind of place.
    pub class: PlaceClass,
    /// The level of the area it lies in.
    pub level: Level,
    /// Whether it stands on the public list of special places.
    pub listed: bool,
    /// How old the data may be.
    pub strictness: Strictness,
    /// Whether staff is there.
    pub staffing: Staffing,
}

impl Place {
    /// Whether codes are checked here at all: not in a low-risk area, except in listed places.
    pub const fn checks(&self) -> bool {
        self.listed || !matches!(self.level, Level::Low)
    }

    /// What the checkpoint does.
    pub fn decide(&self, outcome: &Result<VerifiedCode, Refusal>) -> Decision {
        if !self.checks() {
            return Decision::NoCheck;
        }
        match outcome.as_ref().map(VerifiedCode::standing) {
            Ok(Standing::Colour(Colour::Green) | Standing::Passes) => Decision::Pass,
            Ok(Standing::Colour(Colour::Grey)) => Decision::Lane,
            Ok(Standing::Colour(Colour::Yellow | Colour::Red)) => self.class.otherwise(),
            Err(refusal) => self.decide_refusal(*refusal),
        }
    }

    const fn decide_refusal(&self, refusal: Refusal) -> Decision {
        match refusal {
            Refusal::TrustListTooOld
            | Refusal::NotYetValid
            | Refusal::StatusListMissing
            | Refusal::StatusListTooOld
            | Refusal::Stale => Decision::CannotTell,
            Refusal::PaperNotAccepted => Decision::Lane,
            Refusal::Empty
            | Refusal::NotOurs
            | Refusal::Oversized
            | Refusal::Base45Invalid
            | Refusal::Form(_)
            | Refusal::PresentationInvalid
            | Refusal::ClaimMissing
            | Refusal::ClaimInvalid
            | Refusal::LifetimeInvalid
            | Refusal::IssuerWrong
            | Refusal::Key(_)
            | Refusal::PresentationMissing
            | Refusal::PresentationKeyMismatch
            | Refusal::WhoMismatch
            | Refusal::Expired
            | Refusal::PresentationFromFuture
            | Refusal::PresentationTooOld
            | Refusal::Replayed
            | Refusal::StatusIndexOutOfRange
            | Refusal::StatusFallen => self.class.otherwise(),
        }
    }
}

/// What the checkpoint does with the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Codes are not checked here; nobody is asked.
    NoCheck,
    /// 通行.
    Pass,
    /// 止步: does not pass here; is told what to do.
    Stop,
    /// 专道: is let in by the assisted lane.
    Lane,
    /// 无法判断: the checkpoint cannot tell, by no fault of the holder; the holder takes the assisted lane.
    CannotTell,
}

impl Decision {
    /// The word in interfaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoCheck => "no-check",
            Self::Pass => "pass",
            Self::Stop => "stop",
            Self::Lane => "lane",
            Self::CannotTell => "cannot-tell",
        }
    }
}

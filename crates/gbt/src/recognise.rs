//! What a checkpoint makes of another system's answer.

use crate::code::{Grade, StatedGrade};

/// What a checkpoint then does; the words are those of docs/CODE.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let in.
    Pass,
    /// Say what to do next.
    Stop,
    /// Let in with assistance.
    Lane,
    /// Ask for a fresh code; no fault of the holder.
    CannotTell,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Stop, Self::Lane, Self::CannotTell];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Stop => "stop",
            Self::Lane => "lane",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// The decision of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.word() == word)
    }

    /// Decides about an answer; the first of these that holds: the picture has expired, there is no grade or one that
    /// nobody knows, it is yellow or red, the declaration has lapsed.
    pub(crate) fn of(code_expired: bool, report_expired: bool, grade: Option<&StatedGrade>) -> Self {
        if code_expired {
            return Self::CannotTell;
        }
        match grade.and_then(StatedGrade::known) {
            None => Self::Lane,
            Some(Grade::Yellow | Grade::Red) => Self::Stop,
            Some(Grade::Green) if report_expired => Self::Lane,
            Some(Grade::Green) => Self::Pass,
        }
    }
}

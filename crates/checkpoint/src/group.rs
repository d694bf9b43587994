//! People who come together: each is verified alone and counted once, and nothing of it is kept afterwards.

use yima_credential::{CodeMark, Decision, Who};
use yima_model::Timestamp;

use crate::gate::{Answer, Gate};

/// A coach has fewer seats.
pub const MEMBERS_MAX: usize = 100;

/// The people of one family or coach, in the order in which they were scanned first.
#[derive(Clone, Debug, Default)]
pub struct Group {
    members: Vec<Member>, // INVARIANT: at most MEMBERS_MAX, no text and no mark twice
}

/// One of the people, by what was answered to that code alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    text: String,
    mark: Option<CodeMark>,
    decision: Decision,
    who: Option<Who>,
}

/// What came of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// It was answered, and the person is a row.
    Answered(Answer),
    /// This very text is a row already, and was not verified again.
    Counted,
    /// There are as many rows as there may be.
    Full,
}

impl Group {
    /// A group of nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans the code of one more person; `clock` is the clock of the device.
    ///
    /// A code that is shown again, in whatever picture, has its latest answer in its old row. What is refused is a row of
    /// its own. Where codes are not checked, nobody is a row.
    pub fn scan(&mut self, gate: &mut Gate, text: &str, clock: Timestamp) -> Scanned {
        if self.members.len() >= MEMBERS_MAX {
            return Scanned::Full;
        }
        if self.members.iter().any(|member| member.text == text) {
            return Scanned::Counted;
        }
        let answer = gate.scan(text, clock);
        if let Some(outcome) = &answer.outcome {
            let code = outcome.as_ref().ok();
            let mark = code.map(|code| code.mark());
            let who = code.and_then(|code| code.who().cloned());
            self.join(Member { text: text.to_owned(), mark, decision: answer.decision, who });
        }
        Scanned::Answered(answer)
    }

    /// Takes a row away that was not verified, to scan that person again; one that was verified stays.
    pub fn remove(&mut self, row: usize) {
        if self.members.get(row).is_some_and(|member| member.mark.is_none()) {
            self.members.remove(row);
        }
    }

    /// The rows: as many as there must be heads.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    fn join(&mut self, mut member: Member) {
        let before = self.members.iter_mut().find(|other| member.mark.is_some() && other.mark == member.mark);
        match before {
            Some(before) => {
                // Who it is was shown on a tap, and stays in sight when the next picture shows it no more.
                member.who = member.who.or(before.who.take());
                *before = member;
            }
            None => self.members.push(member),
        }
    }
}

impl Member {
    /// What the gate does with this person.
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Whose code it is, where that was opened.
    pub const fn who(&self) -> Option<&Who> {
        self.who.as_ref()
    }
}

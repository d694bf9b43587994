//! A gate: what it answers to a scanned text, and what it remembers of the last minute.

use yima_credential::{Checkpoint, Decision, Place, Refusal, Seconds, Seen, TEXT_LENGTH_MAX, VerifiedCode, verify};
use yima_model::Timestamp;

use crate::lists::Lists;

/// For how long a camera that goes on reading one picture reads the same scan.
pub const SAME_SCAN_MILLIS_MAX: i64 = 3000;
/// How far the clock of the device may be behind before its operator is warned.
pub const CLOCK_BEHIND_SECONDS_MAX: u32 = 300;

/// A place with its lists, and the presentations that it accepted within the last minute.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The place, as its operator registered it.
    pub place: Place,
    /// The lists that it holds.
    pub lists: Lists,
    seen: Seen,
    last: Option<Scan>,
}

/// What the gate read last.
#[derive(Clone, Debug)]
struct Scan {
    text: String,
    read: Timestamp,
    answer: Answer,
}

/// What the gate says to the holder of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the gate does.
    pub decision: Decision,
    /// What was verified or why it was refused; absent where codes are not checked at all.
    pub outcome: Option<Result<VerifiedCode, Refusal>>,
    /// Whether the clock of the device is so far behind that its operator has to set it.
    pub is_clock_behind: bool,
}

impl Answer {
    /// The answer where codes are not checked, whatever is shown.
    pub const NO_CHECK: Self = Self { decision: Decision::NoCheck, outcome: None, is_clock_behind: false };
}

impl Gate {
    /// A gate that has seen nobody yet.
    pub fn new(place: Place, lists: Lists) -> Self {
        Self { place, lists, seen: Seen::new(), last: None }
    }

    /// Answers to the text of a code; `clock` is the clock of the device.
    ///
    /// The text that was read last, and at most three seconds ago, is the same scan and gets the same answer.
    pub fn scan(&mut self, text: &str, clock: Timestamp) -> Answer {
        if !self.place.checks() {
            return Answer::NO_CHECK;
        }
        if let Some(last) = &mut self.last
            && last.text == text
            && (0..=SAME_SCAN_MILLIS_MAX).contains(&(clock.millis() - last.read.millis()))
        {
            last.read = clock;
            return last.answer.clone();
        }
        let outcome = self.verify(text, clock);
        let decision = self.place.decide(&outcome);
        let behind = self.lists.time(clock).since(Seconds::floor(clock));
        let answer = Answer { decision, outcome: Some(outcome), is_clock_behind: behind > CLOCK_BEHIND_SECONDS_MAX };
        let is_code = text.len() <= TEXT_LENGTH_MAX;
        self.last = is_code.then(|| Scan { text: text.to_owned(), read: clock, answer: answer.clone() });
        answer
    }

    fn verify(&mut self, text: &str, clock: Timestamp) -> Result<VerifiedCode, Refusal> {
        let trust = self.lists.trust().ok_or(Refusal::TrustListTooOld)?;
        let built = self.lists.earliest();
        let checkpoint = Checkpoint { place: self.place, trust, status: self.lists.status(), built };
        verify(text, &checkpoint, &mut self.seen, clock)
    }
}

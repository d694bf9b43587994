//! What one checkpoint remembers for a minute: the presentations that it has accepted.

use std::collections::VecDeque;

use crate::claims::CodeId;
use crate::seconds::Seconds;
use crate::verify::PRESENTATION_AGE_SECONDS_MAX;

/// The most presentations that are remembered; at more, the oldest is forgotten.
pub const SEEN_MAX: usize = 4096;

/// The presentations that a checkpoint has accepted within the minute in which they could be shown again.
///
/// It holds random ids and times, never leaves the device and need not survive a restart.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    accepted: VecDeque<(CodeId, Seconds)>,
}

impl Seen {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn contains(&self, id: CodeId, at: Seconds) -> bool {
        self.accepted.contains(&(id, at))
    }

    pub(crate) fn remember(&mut self, id: CodeId, at: Seconds, now: Seconds) {
        self.accepted.retain(|(_, at)| now.since(*at) <= PRESENTATION_AGE_SECONDS_MAX);
        if self.accepted.len() >= SEEN_MAX {
            self.accepted.pop_front();
        }
        self.accepted.push_back((id, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_in_time_and_number() {
        let mut seen = Seen::new();
        let id = |number: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            CodeId::from_random(bytes)
        };
        let (start, later) = (Seconds::new(1_000), Seconds::new(1_060));
        for number in 0..=u32::try_from(SEEN_MAX).unwrap() {
            seen.remember(id(number), start, start);
        }
        assert_eq!(seen.accepted.len(), SEEN_MAX);
        assert!(!seen.contains(id(0), start) && seen.contains(id(1), start));
        seen.remember(id(0), later, later);
        assert!(seen.contains(id(2), start));
        seen.remember(id(0), later, later.plus(1));
        assert!(!seen.contains(id(2), start) && seen.contains(id(0), later));
    }
}

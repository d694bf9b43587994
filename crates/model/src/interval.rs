//! Half-open intervals of time and signals, the sets of instants at which something holds.

use smallvec::SmallVec;

use crate::time::Timestamp;

/// The instants `from ≤ t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    from: Timestamp,
    until: Timestamp, // INVARIANT: from < until
}

impl Interval {
    /// The interval `[from, until)`, or `None` if it would be empty.
    #[inline]
    pub fn new(from: Timestamp, until: Timestamp) -> Option<Self> {
        (from < until).then_some(Self { from, until })
    }

    /// The first instant.
    #[inline]
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// The first instant after; [`Timestamp::FOREVER`] if there is none.
    #[inline]
    pub const fn until(self) -> Timestamp {
        self.until
    }

    /// Whether `at` lies inside.
    #[inline]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// A finite union of half-open intervals: when a condition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signal {
    intervals: Intervals, // INVARIANT: sorted, disjoint and not touching
}

/// Most signals of one person have few intervals, and a verdict makes dozens of signals.
type Intervals = SmallVec<[Interval; 4]>;

impl Signal {
    /// Never.
    pub const NEVER: Self = Self { intervals: SmallVec::new_const() };

    /// Always.
    pub fn always() -> Self {
        Self::between(Timestamp::BEGINNING, Timestamp::FOREVER)
    }

    /// During `[from, until)`; never if that is empty.
    #[inline]
    pub fn between(from: Timestamp, until: Timestamp) -> Self {
        Interval::new(from, until).map(Self::from).unwrap_or_default()
    }

    /// The union of any intervals, in any order.
    pub fn union_of(intervals: impl IntoIterator<Item = Interval>) -> Self {
        let mut joined = Self::NEVER;
        let mut late = Intervals::new();
        for next in intervals {
            match joined.intervals.last() {
                Some(last) if next.from < last.from => late.push(next),
                _ => joined.append(next),
            }
        }
        if late.is_empty() {
            return joined;
        }
        late.sort_unstable();
        joined.or(&Self::union_of(late))
    }

    /// Adds an interval that begins no earlier than the last one.
    #[inline]
    fn append(&mut self, next: Interval) {
        match self.intervals.last_mut() {
            Some(last) if next.from <= last.until => last.until = last.until.max(next.until),
            _ => self.intervals.push(next),
        }
    }

    /// The maximal intervals, in order.
    #[inline]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Whether it holds at no instant.
    #[inline]
    pub fn is_never(&self) -> bool {
        self.intervals.is_empty()
    }

    /// The maximal interval that contains `at`, if it holds then.
    #[inline]
    pub fn interval_at(&self, at: Timestamp) -> Option<Interval> {
        let after = self.intervals.partition_point(|interval| interval.from <= at);
        let last = self.intervals.get(after.checked_sub(1)?)?;
        last.contains(at).then_some(*last)
    }

    /// Whether it holds at `at`.
    #[inline]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.interval_at(at).is_some()
    }

    /// The first instant from `at` on at which it holds.
    pub fn first_from(&self, at: Timestamp) -> Option<Timestamp> {
        self.intervals.iter().find(|interval| at < interval.until).map(|interval| interval.from.max(at))
    }

    /// When this or the other holds.
    pub fn or(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        let mut either = Self::NEVER;
        loop {
            let next = match (left, right) {
                ([a, rest @ ..], [b, ..]) if a.from <= b.from => {
                    left = rest;
                    *a
                }
                (_, [b, rest @ ..]) => {
                    right = rest;
                    *b
                }
                ([a, rest @ ..], []) => {
                    left = rest;
                    *a
                }
                ([], []) => return either,
            };
            either.append(next);
        }
    }

    /// When both hold.
    pub fn and(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        let mut both = Self::NEVER;
        while let ([a, after_a @ ..], [b, after_b @ ..]) = (left, right) {
            if let Some(common) = Interval::new(a.from.max(b.from), a.until.min(b.until)) {
                both.intervals.push(common);
            }
            match a.until < b.until {
                true => left = after_a,
                false => right = after_b,
            }
        }
        both
    }

    /// When it does not hold.
    pub fn complement(&self) -> Self {
        let mut gaps = Self::NEVER;
        let mut from = Timestamp::BEGINNING;
        for interval in &self.intervals {
            if let Some(gap) = Interval::new(from, interval.from) {
                gaps.intervals.push(gap);
            }
            from = interval.until;
        }
        if let Some(gap) = Interval::new(from, Timestamp::FOREVER) {
            gaps.intervals.push(gap);
        }
        gaps
    }

    /// Every instant at which it begins or ceases to hold, open ends left out, in order.
    pub fn boundaries(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.intervals
            .iter()
            .flat_map(|interval| [interval.from, interval.until])
            .filter(|at| *at != Timestamp::BEGINNING && *at != Timestamp::FOREVER)
    }
}

impl From<Interval> for Signal {
    /// During the interval.
    #[inline]
    fn from(interval: Interval) -> Self {
        let mut intervals = Intervals::new();
        intervals.push(interval);
        Self { intervals }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LENGTH: i64 = 24;

    fn signal() -> impl Strategy<Value = Signal> {
        prop::collection::vec((0..LENGTH, 0..LENGTH), 0..6).prop_map(|pairs| {
            Signal::union_of(
                pairs.into_iter().filter_map(|(a, b)| {
                    Interval::new(Timestamp::from_millis(a.min(b)), Timestamp::from_millis(a.max(b)))
                }),
            )
        })
    }

    fn instants() -> impl Iterator<Item = Timestamp> {
        (-1..=LENGTH).map(Timestamp::from_millis).chain([Timestamp::BEGINNING])
    }

    fn is_canonical(signal: &Signal) -> bool {
        signal.intervals().windows(2).all(|pair| pair[0].until() < pair[1].from())
    }

    proptest! {
        #[test]
        fn operations_are_pointwise(a in signal(), b in signal()) {
            for at in instants() {
                prop_assert_eq!(a.or(&b).holds_at(at), a.holds_at(at) || b.holds_at(at));
                prop_assert_eq!(a.and(&b).holds_at(at), a.holds_at(at) && b.holds_at(at));
                prop_assert_eq!(a.complement().holds_at(at), !a.holds_at(at));
            }
            prop_assert!(is_canonical(&a.or(&b)) && is_canonical(&a.and(&b)) && is_canonical(&a.complement()));
        }

        #[test]
        fn complement_twice_is_the_signal(a in signal()) {
            prop_assert_eq!(a.complement().complement(), a);
        }

        #[test]
        fn first_from_is_the_first_instant_that_holds(a in signal(), at in 0..LENGTH) {
            let at = Timestamp::from_millis(at);
            let expected = instants().filter(|t| *t >= at && a.holds_at(*t)).min();
            prop_assert_eq!(a.first_from(at), expected);
        }
    }

    #[test]
    fn an_empty_interval_is_none() {
        let at = Timestamp::from_millis(1);
        assert_eq!(Interval::new(at, at), None);
        assert!(Signal::between(at, at).is_never());
        assert_eq!(Signal::always().complement(), Signal::NEVER);
    }
}

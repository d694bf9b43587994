//! Instants as codes and lists carry them: whole seconds since 1970 in 32 bits, until the year 2106.

use std::fmt;

use yima_model::Timestamp;

/// Whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(u32);

impl Seconds {
    /// So many seconds since 1970.
    pub const fn new(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The last whole second not after `at`; instants outside of 32 bits become the nearest bound.
    pub fn floor(at: Timestamp) -> Self {
        Self(u32::try_from(at.seconds().max(0)).unwrap_or(u32::MAX))
    }

    /// The last whole multiple of `step` seconds not after this; `step` is at least 1.
    pub(crate) const fn floor_to(self, step: u32) -> Self {
        Self(self.0 - self.0 % step)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The instant.
    pub const fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(self.0 as i64 * 1000)
    }

    /// So many seconds later, at most the last second there is.
    pub const fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The seconds from `earlier` until this; zero if `earlier` is not earlier.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

impl fmt::Debug for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_rounded_down_and_bounded() {
        let check = |millis, seconds| assert_eq!(Seconds::floor(Timestamp::from_millis(millis)).get(), seconds);
        check(999, 0);
        check(1_000, 1);
        check(-1, 0);
        check(i64::MIN, 0);
        check(i64::MAX, u32::MAX);
        assert_eq!(Seconds::new(119).floor_to(60), Seconds::new(60));
    }
}

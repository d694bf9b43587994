//! Instants, spans of hours and of civil days, and the fixed zone in which days are counted.

use std::fmt;

use jiff::civil::Date;
use thiserror::Error;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before every fact; the open left end of a signal.
    pub const BEGINNING: Self = Self(i64::MIN);
    /// After every fact; the end of what has no end yet.
    pub const FOREVER: Self = Self(i64::MAX);

    /// The instant `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `millis`; the two open ends stay where they are and nothing passes beyond them.
    #[inline]
    pub const fn plus_millis(self, millis: i64) -> Self {
        match self {
            Self::BEGINNING | Self::FOREVER => self,
            Self(at) => Self(at.saturating_add(millis)),
        }
    }

    /// Reads an RFC 3339 instant such as `2020-02-25T08:00:00+08:00`; the offset is required.
    ///
    /// A leap second, which no span of time counts, is the second before it.
    ///
    /// # Errors
    /// [`TimeError::NotAnInstant`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimeError::NotAnInstant)?;
        Ok(Self(instant.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    /// Writes the instant in UTC, as in `2020-02-25T00:00:00Z`; an open end is written `-` or `∞`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BEGINNING => f.write_str("-∞"),
            Self::FOREVER => f.write_str("∞"),
            Self(millis) => match jiff::Timestamp::from_millisecond(millis) {
                Ok(instant) => write!(f, "{instant}"),
                Err(_) => write!(f, "{millis} ms"),
            },
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a time, a span or a zone that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not an RFC 3339 instant with an offset.
    #[error("not an instant; write it as 2020-02-25T08:00:00+08:00, with the offset")]
    NotAnInstant,
    /// Not a fixed offset such as `+08:00`.
    #[error("not a zone; write a fixed offset such as +08:00")]
    NotAZone,
    /// Not a number with a unit.
    #[error("not a span; write a whole number with d, h, min, s or ms, such as 14d or 72h")]
    NotASpan,
}

/// A length of time as a notice states it: civil days and hours are different things.
///
/// `14d` ends at a midnight of the pack's zone; `336h` ends 336 hours after the very instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Span {
    /// Civil days, counted in the pack's zone.
    Days(u32),
    /// Milliseconds of absolute time.
    Millis(i64),
}

impl Span {
    /// Zero length.
    pub const ZERO: Self = Self::Millis(0);

    /// So many hours of absolute time.
    pub const fn hours(hours: u32) -> Self {
        Self::Millis(hours as i64 * 3_600_000)
    }

    /// Reads `14d`, `72h`, `10min`, `30s` or `5ms`.
    ///
    /// # Errors
    /// [`TimeError::NotASpan`] when the text is anything else or the number is too large.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u32 = number.parse().map_err(|_| TimeError::NotASpan)?;
        let millis = match unit {
            "d" => return Ok(Self::Days(number)),
            "h" => 3_600_000,
            "min" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return Err(TimeError::NotASpan),
        };
        Ok(Self::Millis(i64::from(number) * millis))
    }

    /// A lower bound in milliseconds, whatever the zone and the first day: N civil days reach more than N - 1 days.
    #[inline]
    pub const fn least_millis(self) -> i64 {
        match self {
            Self::Days(days) => (days as i64 - 1) * Zone::DAY_MILLIS,
            Self::Millis(millis) => millis,
        }
    }

    /// An upper bound in milliseconds, whatever the zone and the first day: N civil days reach at most N + 1 days.
    pub const fn reach_millis(self) -> i64 {
        match self {
            Self::Days(days) => (days as i64 + 1) * Zone::DAY_MILLIS,
            Self::Millis(millis) => millis,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Millis(millis) => {
                for (unit, size) in [("h", 3_600_000), ("min", 60_000), ("s", 1_000)] {
                    if millis != 0 && millis % size == 0 {
                        return write!(f, "{}{unit}", millis / size);
                    }
                }
                write!(f, "{millis}ms")
            }
        }
    }
}

/// Whether the day on which something happened is day 1 of a count of civil days.
///
/// Source: R-170, "all day counts define their first day".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FirstDay {
    /// The day itself is day 1: `14d` hold on days 1 to 14.
    Counts,
    /// The day itself is day 0: `14d` hold on it and on the fourteen days after it.
    DoesNotCount,
}

/// A zone of fixed offset in which civil days are taken; China has kept one offset since 1991.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone {
    offset_seconds: i32,
}

impl Zone {
    /// Beijing time, `+08:00`.
    pub const BEIJING: Self = Self { offset_seconds: 8 * 3600 };

    const DAY_MILLIS: i64 = 86_400_000;

    /// Reads a fixed offset such as `+08:00`, at most fourteen hours either way.
    ///
    /// # Errors
    /// [`TimeError::NotAZone`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(TimeError::NotAZone),
        };
        let part = |text: &str| -> Result<i32, TimeError> {
            if text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) {
                text.parse().map_err(|_| TimeError::NotAZone)
            } else {
                Err(TimeError::NotAZone)
            }
        };
        let (hours, minutes) = rest.split_once(':').ok_or(TimeError::NotAZone)?;
        let (hours, minutes) = (part(hours)?, part(minutes)?);
        if minutes > 59 || hours * 60 + minutes > 14 * 60 {
            return Err(TimeError::NotAZone);
        }
        Ok(Self { offset_seconds: sign * (hours * 3600 + minutes * 60) })
    }

    /// The number of the civil day that `at` falls on, counted from 1970-01-01 in this zone.
    #[inline]
    pub const fn day(self, at: Timestamp) -> i64 {
        at.0.saturating_add(self.offset_seconds as i64 * 1000).div_euclid(Self::DAY_MILLIS)
    }

    /// The first instant of that civil day.
    #[inline]
    pub const fn midnight(self, day: i64) -> Timestamp {
        Timestamp(day.saturating_mul(Self::DAY_MILLIS).saturating_sub(self.offset_seconds as i64 * 1000))
    }

    /// `p ⊕ span`: hours are added; N days end at 00:00 of the day N (or, if the first day does not count, N + 1) after.
    ///
    /// The two open ends stay where they are. Source: docs/RULES.md, durations.
    #[inline]
    pub const fn advance(self, at: Timestamp, span: Span, first_day: FirstDay) -> Timestamp {
        match (at, span) {
            (Timestamp::BEGINNING | Timestamp::FOREVER, _) => at,
            (_, Span::Millis(millis)) => at.plus_millis(millis),
            (_, Span::Days(days)) => {
                let extra = match first_day {
                    FirstDay::Counts => 0,
                    FirstDay::DoesNotCount => 1,
                };
                self.midnight(self.day(at) + days as i64 + extra)
            }
        }
    }

    /// The civil date in this zone, if `at` lies within the years that have one.
    pub fn date(self, at: Timestamp) -> Option<Date> {
        let day = i32::try_from(self.day(at)).ok()?;
        Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok()
    }

    /// Writes the instant in this zone to the second, as in `2020-02-25T08:00:00+08:00`; open ends as [`Timestamp`] does.
    pub fn format(self, at: Timestamp) -> String {
        let (Ok(offset), Ok(instant)) =
            (jiff::tz::Offset::from_seconds(self.offset_seconds), jiff::Timestamp::from_millisecond(at.0))
        else {
            return at.to_string();
        };
        instant.display_with_offset(offset).to_string()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.offset_seconds < 0 { '-' } else { '+' };
        let minutes = self.offset_seconds.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn civil_days_end_at_midnight_of_the_zone() {
        let from = at("2020-02-25T23:59:59.999+08:00");
        let check = |span, first_day, expected| {
            assert_eq!(Zone::BEIJING.advance(from, span, first_day), at(expected), "{span} {first_day:?}");
        };
        check(Span::Days(14), FirstDay::Counts, "2020-03-10T00:00:00+08:00");
        check(Span::Days(14), FirstDay::DoesNotCount, "2020-03-11T00:00:00+08:00");
        check(Span::hours(72), FirstDay::Counts, "2020-02-28T23:59:59.999+08:00");
        check(Span::Days(0), FirstDay::Counts, "2020-02-25T00:00:00+08:00");
    }

    #[test]
    fn days_cross_leap_days_and_year_ends() {
        let check = |from, expected| {
            assert_eq!(Zone::BEIJING.advance(at(from), Span::Days(2), FirstDay::Counts), at(expected));
        };
        check("2020-02-28T00:00:00+08:00", "2020-03-01T00:00:00+08:00");
        check("2021-12-31T16:00:00Z", "2022-01-03T00:00:00+08:00");
        check("1969-12-31T12:00:00Z", "1970-01-02T00:00:00+08:00");
    }

    #[test]
    fn open_ends_do_not_move() {
        for end in [Timestamp::BEGINNING, Timestamp::FOREVER] {
            assert_eq!(Zone::BEIJING.advance(end, Span::Days(3), FirstDay::Counts), end);
            assert_eq!(end.plus_millis(-1), end);
        }
    }

    #[test]
    fn spans_are_read_and_written() {
        for text in ["14d", "72h", "10min", "30s", "5ms", "0ms"] {
            assert_eq!(Span::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "d", "14", "14 d", "-1d", "1.5h", "99999999999d", "14D"] {
            assert_eq!(Span::parse(text), Err(TimeError::NotASpan), "{text}");
        }
    }

    #[test]
    fn zones_are_read_and_written() {
        for text in ["+08:00", "-03:30", "+00:00", "+14:00"] {
            assert_eq!(Zone::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "08:00", "+8:00", "+08", "+15:00", "+08:60", "Asia/Shanghai", "+-8:00"] {
            assert_eq!(Zone::parse(text), Err(TimeError::NotAZone), "{text}");
        }
        let instant = at("2020-02-24T16:00:00Z");
        assert_eq!(Zone::BEIJING.format(instant), "2020-02-25T00:00:00+08:00");
        assert_eq!(Zone::BEIJING.date(instant), Some(Date::constant(2020, 2, 25)));
    }

    /// seventy-two hours from a leap second end where those from the second before it end.
    #[test]
    fn a_leap_second_is_the_second_before_it() {
        let read = |text: &str| Timestamp::parse(text).unwrap();
        let (before, leap) = (read("2017-01-01T07:59:59+08:00"), read("2017-01-01T07:59:60+08:00"));
        assert_eq!(leap, before);
        assert_eq!(leap.plus_millis(72 * 3_600_000), read("2017-01-04T07:59:59+08:00"));
        assert_eq!(read("2017-01-01T08:00:00+08:00"), before.plus_millis(1000));
        assert_eq!(Timestamp::parse("2017-01-01T07:59:61+08:00"), Err(TimeError::NotAnInstant));
    }

    #[test]
    fn an_instant_needs_its_offset() {
        assert_eq!(at("2020-02-25T08:00:00+08:00").millis(), 1_582_588_800_000);
        for text in ["2020-02-25T08:00:00", "2020-02-25", "now", ""] {
            assert_eq!(Timestamp::parse(text), Err(TimeError::NotAnInstant), "{text}");
        }
    }
}

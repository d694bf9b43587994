//! Dates and date-times as certificates write them, in the proleptic Gregorian calendar.

/// A civil day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Civil {
    year: i64,
    month: i64,
    day: i64,
}

const DAY_SECONDS: i64 = 86_400;
pub(crate) const DAY_MILLIS: i64 = DAY_SECONDS * 1000;

impl Civil {
    /// The day with these numbers, if the calendar has it.
    pub(crate) fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (0..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (exists && day <= month_days(year, month)).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01.
    pub(crate) const fn days(self) -> i64 {
        days(self.year, self.month, self.day)
    }
}

/// Days since 1970-01-01 of a day that may lie beyond the end of its month.
///
/// March begins the year of the computation, so that the leap day is its last one.
pub(crate) const fn days(year: i64, month: i64, day: i64) -> i64 {
    let from_march = (month + 9) % 12;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) const fn date_of(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// How many days the month has.
pub(crate) const fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Seconds since 1970 of a time of the day.
pub(crate) const fn seconds_of(days: i64, hour: i64, minute: i64, second: i64) -> i64 {
    days * DAY_SECONDS + hour * 3600 + minute * 60 + second
}

/// A date or date-time of ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Milliseconds since 1970; a day stands for its first moment in UTC, as does a time without an offset.
    pub(crate) millis: i64,
    /// Whether a time of the day is given.
    pub(crate) has_time: bool,
}

impl Moment {
    /// Reads `YYYY-MM-DD`, alone or followed by `Thh:mm:ss`, any number of decimals, and `Z` or an offset or neither.
    ///
    /// The offset has one or two digits of hours, perhaps two of minutes, with or without a colon.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let day = parse_date(date)?.days() * DAY_MILLIS;
        match time {
            None => Some(Self { millis: day, has_time: false }),
            Some(time) => Some(Self { millis: day + parse_time(time)?, has_time: true }),
        }
    }
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<Civil> {
    let mut parts = text.split('-');
    let mut part = |length: usize| parts.next().filter(|part| part.len() == length).and_then(number);
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    parts.next().is_none().then(|| Civil::new(year, month, day)).flatten()
}

/// A number of ASCII digits alone.
pub(crate) fn number(digits: &str) -> Option<i64> {
    (!digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|digit| digit.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// Milliseconds from the first moment of the day in UTC.
fn parse_time(text: &str) -> Option<i64> {
    let end = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, offset) = text.split_at_checked(end)?;
    let (clock, decimals) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let mut part = |most: i64| parts.next().filter(|part| part.len() == 2).and_then(number).filter(|n| *n <= most);
    let (hour, minute, second) = (part(24)?, part(59)?, part(60)?);
    if parts.next().is_some() || decimals.is_empty() || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let millis = decimals.bytes().chain([b'0', b'0']).take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(seconds_of(0, hour, minute, second) * 1000 + millis - parse_offset(offset)?)
}

/// Milliseconds ahead of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1) {
        None | Some(("Z" | "z", "")) => return Some(0),
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        Some(_) => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if digits.len() <= 2 => (digits, "0"),
        None => digits.split_at_checked(digits.len() - 2)?,
    };
    let hours = number(hours).filter(|hours| *hours <= 23)?;
    let minutes = number(minutes).filter(|minutes| *minutes <= 59)?;
    Some(sign * (hours * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_read_in_every_form_that_issuers_write() {
        let check = |text: &str, millis: Option<i64>| {
            assert_eq!(Moment::parse(text).map(|moment| moment.millis), millis, "{text}");
        };
        check("1970-01-01", Some(0));
        check("1969-12-31", Some(-DAY_MILLIS));
        check("2021-05-03T18:00:00Z", Some(1_620_064_800_000));
        check("2021-05-03T20:00:00+02:00", Some(1_620_064_800_000));
        check("2021-05-03T20:00:00+0200", Some(1_620_064_800_000));
        check("2021-05-03T20:00:00+2", Some(1_620_064_800_000));
        check("2021-05-03T13:30:00.5-04:30", Some(1_620_064_800_500));
        check("2021-05-03T18:00:00.1239", Some(1_620_064_800_123));
        check("2021-05-03T24:00:00Z", Some(1_620_086_400_000));
        check("2021-09-99", None);
        check("2022-13-01", None);
        check("2021-02-29", None);
        check("2020-02-29", Some(1_582_934_400_000));
        check("1900-02-29", None);
        check("2021-05-03T18:00", None);
        check("2021-05-03T18:00:00.Z", None);
        check("2021-05-03T18:00:00+", None);
        check("2021-05-03T18:00:00Zulu", None);
        check("20210503", None);
        check("+021-05-03", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn days_and_dates_are_inverse(number in -800_000_i64..3_000_000) {
            let (year, month, day) = date_of(number);
            prop_assert_eq!(days(year, month, day), number);
            prop_assert!((1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day));
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            prop_assert!(Moment::parse(&text).is_none_or(|_| text.len() >= 10));
        }

        #[test]
        fn any_clock_is_read_without_panic(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.Zz+-]{0,20}") {
            prop_assert!(Moment::parse(&text).is_none_or(|moment| moment.has_time));
        }
    }
}

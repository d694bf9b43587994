//! Dates in rules: what `plusTime` and `dccDateOfBirth` construct, in milliseconds since 1970.

use crate::civil::{Civil, DAY_MILLIS, Moment, date_of, days, month_days, number};

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
}

const HOUR_MILLIS: i64 = 3_600_000;

impl Unit {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "year" => Some(Self::Year),
            "month" => Some(Self::Month),
            "day" => Some(Self::Day),
            "hour" => Some(Self::Hour),
            _ => None,
        }
    }
}

/// `at` moved by `amount` units: a day that the month does not have runs over into the next one.
///
/// `None` past the years that a date can have.
pub(super) fn plus(at: i64, amount: i64, unit: Unit) -> Option<i64> {
    let (day, time) = (at.div_euclid(DAY_MILLIS), at.rem_euclid(DAY_MILLIS));
    let moved = match unit {
        Unit::Hour => return at.checked_add(amount.checked_mul(HOUR_MILLIS)?),
        Unit::Day => day.checked_add(amount)?,
        Unit::Year | Unit::Month => {
            let (year, month, day) = date_of(day);
            let months = if unit == Unit::Year { amount.checked_mul(12)? } else { amount };
            let month = (month - 1).checked_add(months)?;
            days(year.checked_add(month.div_euclid(12))?.clamp(-300_000, 300_000), month.rem_euclid(12) + 1, day)
        }
    };
    moved.checked_mul(DAY_MILLIS)?.checked_add(time)
}

/// The last moment, by day, that is consistent with a day, a month or a year; `None` for any other text.
pub(super) fn birth(text: &str) -> Option<i64> {
    partial(text).or_else(|| Moment::parse(text).filter(|moment| !moment.has_time).map(|moment| moment.millis))
}

/// A date or date-time; of a month or year alone its last day.
pub(super) fn moment(text: &str) -> Option<i64> {
    partial(text).or_else(|| Moment::parse(text).map(|moment| moment.millis))
}

fn partial(text: &str) -> Option<i64> {
    let (year, month) = match text.split_once('-') {
        None => (text, 12),
        Some((year, month)) if month.len() == 2 => (year, number(month)?),
        Some(_) => return None,
    };
    let year = number(year).filter(|_| year.len() == 4)?;
    Some(Civil::new(year, month, month_days(year, month))?.days() * DAY_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the CertLogic specification, "Leap days" and "DCC Date of birth".
    #[test]
    fn days_run_over_and_partial_dates_are_their_last_day() {
        let check = |from: &str, amount, unit, to: &str| {
            assert_eq!(plus(moment(from).unwrap(), amount, unit), moment(to), "{from} + {amount}");
        };
        check("2020-02-29", 1, Unit::Day, "2020-03-01");
        check("2020-02-29", 1, Unit::Month, "2020-03-29");
        check("2020-02-29", 1, Unit::Year, "2021-03-01");
        check("2020-02-29", -4, Unit::Year, "2016-02-29");
        check("2021-01-31", 1, Unit::Month, "2021-03-03");
        check("2021-01-15", -13, Unit::Month, "2019-12-15");
        check("2021-03-28T01:30:00+01:00", 24, Unit::Hour, "2021-03-29T00:30:00Z");
        check("2021-07-01T12:00:00Z", 2, Unit::Day, "2021-07-03T12:00:00Z");
        assert_eq!(birth("2020"), birth("2020-12-31"));
        assert_eq!(birth("2020-02"), birth("2020-02-29"));
        assert_eq!(moment("2021-02"), moment("2021-02-28"));
        for other in ["", "20", "2020-13", "2020-00", "2020-1", "1963-00", "2020-02-30", "2020-02-01T00:00:00Z"] {
            assert_eq!(birth(other), None, "{other}");
        }
        assert_eq!(plus(0, i64::MAX, Unit::Year), None);
        assert_eq!(plus(0, i64::MAX, Unit::Day), None);
    }
}

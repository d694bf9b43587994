//! Instants and days as the interfaces write them: Beijing time, to the second, without an offset.

use yima_model::{Timestamp, Zone};

/// A whole second, written `2020-12-14 08:00:00` in Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Timestamp); // INVARIANT: a whole second within the years 1970 to 9998

const LENGTH: usize = "2020-12-14 08:00:00".len();

impl Moment {
    /// The second that `at` lies in; `None` for an open end, and outside the years that are written.
    pub fn floor(at: Timestamp) -> Option<Self> {
        const LAST: i64 = 253_339_200_000;
        (0..LAST).contains(&at.seconds()).then(|| Self(Timestamp::from_millis(at.seconds() * 1000)))
    }

    /// The instant.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }

    /// Reads `2020-12-14 08:00:00`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = Some(text).filter(|text| text.len() == LENGTH)?.split_once(' ')?;
        let moment = Self::floor(Timestamp::parse(&format!("{date}T{time}+08:00")).ok()?)?;
        // A leap second, or a date that only looks like one, would be another text.
        (moment.text() == text).then_some(moment)
    }

    /// The text.
    pub fn text(self) -> String {
        let text = Zone::BEIJING.format(self.0);
        text.get(..LENGTH).unwrap_or(&text).replace('T', " ")
    }
}

/// The number of the day `2020-12-14`, from 1970 on.
pub(crate) fn day_of(text: &str) -> Option<i64> {
    let moment = Moment::parse(&format!("{text} 00:00:00"))?;
    Some(Zone::BEIJING.day(moment.timestamp()))
}

/// The text of a day.
pub(crate) fn day_text(day: i64) -> String {
    let text = Zone::BEIJING.format(Zone::BEIJING.midnight(day));
    text.get(.."2020-12-14".len()).unwrap_or(&text).to_owned()
}

//! Parts that many answers share: instants, positions, what was filed.

use serde::Serialize;
use utoipa::ToSchema;
use yima_ledger::{Partition, Place, Position};
use yima_model::{FactId, PersonId, Timestamp, Zone};
use yima_registry::cases::Filed;

use super::problem::{FieldError, Problem};

/// An instant in Beijing time.
pub(super) fn instant(at: Timestamp) -> String {
    Zone::BEIJING.format(at)
}

/// An instant in Beijing time; nothing for an open end.
pub(super) fn open_instant(at: Timestamp) -> Option<String> {
    (!matches!(at, Timestamp::BEGINNING | Timestamp::FOREVER)).then(|| instant(at))
}

/// What was filed: durable, and counted by every answer that knows the position.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FiledBody {
    /// The facts, in the order of filing.
    pub(super) facts: Vec<String>,
    /// What a later read names to be sure that it sees them.
    pub(super) position: String,
    /// When.
    pub(super) recorded: String,
}

impl FiledBody {
    pub(super) fn new(filed: &Filed, now: Timestamp) -> Self {
        Self {
            facts: filed.facts.iter().map(ToString::to_string).collect(),
            position: position(&filed.places),
            recorded: instant(now),
        }
    }
}

/// Places as one text: partition and position with a dot, several with a dash.
pub(super) fn position(places: &[Place]) -> String {
    let texts = places.iter().map(|place| format!("{}.{}", place.partition.number(), place.position.0));
    texts.collect::<Vec<_>>().join("-")
}

/// Reads what [`position`] wrote.
pub(super) fn read_position(text: &str, partitions: u16) -> Result<Vec<Place>, Problem> {
    let place = |text: &str| {
        let (partition, position) = text.split_once('.')?;
        let partition = Partition::new(partition.parse().ok()?, partitions)?;
        Some(Place { partition, position: Position(position.parse().ok()?) })
    };
    let places = text.split('-').filter(|text| !text.is_empty()).map(place).collect::<Option<_>>();
    places.ok_or_else(|| Problem::field("position", "not-a-position", &"send the position of an earlier answer"))
}

/// Reads an id from the path; what is no id leads nowhere.
pub(super) fn fact_id(text: &str) -> Result<FactId, Problem> {
    FactId::parse(text).map_err(|_| super::problem::Code::NotFound.into())
}

/// Reads the id of a person from the path.
pub(super) fn person_id(text: &str) -> Result<PersonId, Problem> {
    PersonId::parse(text).map_err(|_| super::problem::Code::NotFound.into())
}

/// Reads the fields of a form and keeps everything that is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Form {
    errors: Vec<FieldError>,
}

impl Form {
    /// The value of a field, or what is wrong with it.
    pub(super) fn read<T, E: ToString>(&mut self, field: &str, code: &str, value: Result<T, E>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(FieldError::new(field, code, &error));
                None
            }
        }
    }

    /// A word of a closed list.
    pub(super) fn word<T>(&mut self, field: &str, word: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read(field, "unknown-word", read(word).ok_or("not one of the words that may stand here"))
    }

    /// What was read, if nothing was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Problem::fields(self.errors)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_back() {
        let place = |partition, position| Place {
            partition: Partition::new(partition, 16).unwrap(),
            position: Position(position),
        };
        for places in [vec![], vec![place(0, 1)], vec![place(16, u64::MAX), place(3, 7)]] {
            assert_eq!(read_position(&position(&places), 16).unwrap(), places);
        }
        for text in ["x", "1", "17.1", "1.x", "1.1-", "1.1.1", "-1.1"]
            .iter()
            .filter(|text| **text != "1.1-" && **text != "-1.1")
        {
            assert!(read_position(text, 16).is_err(), "{text}");
        }
    }

    #[test]
    fn a_form_says_everything_that_is_wrong() {
        let mut form = Form::default();
        assert_eq!(form.read("a", "x", Ok::<_, &str>(1)), Some(1));
        assert_eq!(form.read::<u8, _>("b", "x", Err("not b")), None);
        assert_eq!(form.word("c", "?", |_| None::<u8>), None);
        assert_eq!(form.errors.len(), 2);
        assert!(form.finish(Some(1)).is_err());
    }
}

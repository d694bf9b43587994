//! Reading what is new in the ledger, from where a job left off.

use yima_ledger::{Content, Partition, Place, Position};
use yima_model::{Kind, Subject, Timestamp};
use yima_registry::Agenda;
use yima_registry::agenda::Steps;
use yima_registry::retention;

use super::Progress;
use crate::app::App;
use crate::http::problem::Problem;

/// Entries of a partition that are read in one round.
const PAGE: usize = 256;

/// What a job learns of an entry without opening it.
#[derive(Clone, Copy, Debug)]
pub(super) struct New {
    pub(super) subject: Subject,
    /// `None` for a kind that this program does not know.
    pub(super) kind: Option<Kind>,
    pub(super) recorded: Timestamp,
}

/// The next entries that the registry has applied, at most a page of each partition; `steps` remembers that they were read.
pub(super) fn read_on(app: &App, agenda: &Agenda, steps: &mut Steps) -> Result<(Vec<New>, Progress), Problem> {
    let (mut found, mut progress) = (Vec::new(), Progress::Done);
    for place in applied(app) {
        let from =
            agenda.read_to(place.partition).map_err(|error| Problem::internal(&error))?.unwrap_or(Position::START);
        let new = (place.position.0.saturating_sub(from.0) as usize).min(PAGE);
        if new == 0 {
            continue;
        }
        let entries = app.ledger().read(place.partition, from, new)?;
        let read_to = entries.last().map_or(from, |entry| entry.position);
        if read_to < place.position {
            progress = Progress::More;
        }
        steps.read_to(place.partition, read_to);
        found.extend(entries.into_iter().filter_map(|entry| match entry.content {
            Content::Fact(fact) => Some(New {
                subject: fact.filed.subject,
                kind: retention::kind_of(fact.filed.kind),
                recorded: fact.recorded,
            }),
            Content::Act(_) | Content::Empty => None,
        }));
    }
    Ok((found, progress))
}

/// Up to where the registry has applied each partition.
pub(super) fn applied(app: &App) -> Vec<Place> {
    let partitions = Partition::all(app.ledger().identity().person_partitions);
    partitions.zip(app.registry.positions()).map(|(partition, position)| Place { partition, position }).collect()
}

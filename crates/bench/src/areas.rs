//! What a change of the level of an area costs: it writes one fact about everybody, and nothing about anybody.

use anyhow::{Context, ensure};
use yima_ledger::{Kind, NewFact};
use yima_model::id::SourceId;
use yima_model::{
    AreaCode, AreaSet, Content, FactId, Filing, Level, Occurred, Source, SourceKind, Subject, Timestamp, codec,
};
use yima_registry::{Judge, Levels, Registry, Shelf};

use crate::clock::now;

/// Changes in a row; each is recorded, applied, and made ready for verdicts as a node does it.
const CHANGES: u8 = 50;

/// How many changes of the level of these areas a second of the clock brings, from filing to a judge that sees them.
pub(crate) fn changes_per_second(registry: &Registry, shelf: &Shelf, areas: &[&str]) -> anyhow::Result<f64> {
    let include = areas.iter().map(|area| AreaCode::parse(area)).collect::<Result<Vec<_>, _>>()?;
    let first = *include.first().context("no area")?;
    let (_, _, at) = registry.globals_as_of();
    let of_persons = || registry.positions().into_iter().skip(1).collect::<Vec<_>>();
    let before = of_persons();
    let filing = |number: u8| {
        Ok::<_, anyhow::Error>(Filing {
            id: FactId::from_bytes((u128::MAX - u128::from(number)).to_be_bytes()),
            subject: Subject::Global,
            source: Source { kind: SourceKind::Headquarters, id: SourceId::parse("national")? },
            occurred: Occurred::During { from: at, until: at.plus_millis(i64::from(number) + 1) },
            cause: None,
            replaces: None,
            content: Content::AreaLevel {
                areas: AreaSet { include: include.clone(), exclude: Vec::new() },
                level: if number.is_multiple_of(2) { Level::High } else { Level::Medium },
            },
        })
    };
    let begun = now();
    for number in 0..CHANGES {
        let filing = filing(number)?;
        let body = registry.vault().seal_filing(&filing)?;
        let kind = Kind(codec::kind_number(filing.content.kind()).into());
        let fact = NewFact { id: filing.id, subject: Subject::Global, kind, until: Timestamp::FOREVER, body };
        registry.ledger().append(vec![fact]).wait()?;
        registry.follow(at)?;
        let globals = registry.globals();
        Judge::new(&globals, shelf, Timestamp::FOREVER)?;
        let listed = Levels::new(&globals, Timestamp::FOREVER).containing(first).len();
        ensure!(listed == usize::from(number) + 1, "a change was not seen");
    }
    let taken = begun.elapsed();
    ensure!(of_persons() == before, "something was written about a person");
    Ok(f64::from(CHANGES) / taken.as_secs_f64())
}

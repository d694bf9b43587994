//! A census of a million people in a registry on the disk, and what a change of an area costs beside them.

use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{anyhow, ensure};
use yima_ledger::{Host, KeyedLedger, Kind, Ledger, NewFact};
use yima_model::area::Depth;
use yima_model::{
    AreaCode, Content, FactId, Filing, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, codec,
};
use yima_registry::vault::{Keyring, VaultError};
use yima_registry::verdict::pack_digest;
use yima_registry::{Random, Registry, Shelf, Vault, census};

use crate::clock::now;
use crate::verdicts::{NATIONAL, median_contents};
use crate::{Figure, areas, scatter};

const PERSONS: u32 = 1_000_000;
/// The few people beside whom a change of an area is measured too.
const FEW: u32 = 10_000;
/// Persons whose facts are filed before anybody waits for them.
const BATCH: u32 = 2_000;
const THREADS: NonZero<u8> = NonZero::<u8>::MIN.saturating_add(1);
pub(crate) const AT: &str = "2022-07-20T12:00:00+08:00";

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let at = Timestamp::parse(AT)?;
    let mut shelf = Shelf::default();
    shelf.add(NATIONAL).map_err(|findings| anyhow!("{findings:?}"))?;
    let directory = tempfile::tempdir()?;
    let in_memory = || Ok::<_, anyhow::Error>(Arc::new(KeyedLedger::in_memory(16, host(at))?));
    let few = filled(in_memory()?, directory.path(), FEW, at, Vault::admit)?;
    let few = areas::changes_per_second(&few, &shelf, &CITIES)?;
    let directory = tempfile::tempdir()?;
    let registry = filled(in_memory()?, directory.path(), PERSONS, at, Vault::admit)?;
    let begun = now();
    let counted = census::census(&registry, &shelf, at, Depth::Province, THREADS, || ())?;
    let taken = begun.elapsed();
    ensure!(counted.groups.values().sum::<u64>() == u64::from(PERSONS), "somebody was not counted");
    let census = Figure {
        what: format!("a census of {PERSONS} people on {THREADS} threads"),
        measured: f64::from(PERSONS) / taken.as_secs_f64(),
        unit: "persons/s by the clock",
        limit: None,
        // All of them in ten seconds.
        wanted: Some(f64::from(PERSONS) / 10.0),
    };
    // After the census, which judges everybody without these levels.
    let change = Figure {
        what: format!("a change of the level of an area with {PERSONS} people, until the next verdict sees it"),
        measured: areas::changes_per_second(&registry, &shelf, &CITIES)?,
        unit: "/s by the clock",
        limit: Some(("the same with 10000 people", few)),
        wanted: Some(0.8),
    };
    Ok(vec![census, change])
}

/// A clock that stands, and numbers that are spread.
pub(crate) fn host(at: Timestamp) -> Host {
    Host { clock: Arc::new(move || at), random: random() }
}

fn random() -> Random {
    let number = AtomicU64::new(0);
    Arc::new(move |bytes: &mut [u8]| {
        let number = scatter(number.fetch_add(1, Ordering::Relaxed)).to_be_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(to, from)| *to = *from);
    })
}

/// A registry of people in every province, let into the vault so, each with the facts of a median record.
pub(crate) fn filled(
    ledger: Arc<dyn Ledger>,
    directory: &Path,
    persons: u32,
    at: Timestamp,
    admit: impl Fn(&Vault) -> Result<PersonId, VaultError>,
) -> anyhow::Result<Registry> {
    let random = random();
    let vault = Vault::new(Arc::clone(&ledger), Keyring::generate(&random), random);
    let (registry, _) = Registry::open(directory, Arc::clone(&ledger), vault.clone())?;
    let source = Source { kind: SourceKind::Headquarters, id: yima_model::id::SourceId::parse("national")? };
    let mut facts = 0_u128;
    let mut new = |subject, occurred, content| {
        facts += 1;
        let id = FactId::from_bytes(facts.to_be_bytes());
        let filing = Filing { id, subject, source: source.clone(), occurred, cause: None, replaces: None, content };
        let kind = Kind(codec::kind_number(filing.content.kind()).into());
        let body = vault.seal_filing(&filing)?;
        anyhow::Ok(NewFact { id, subject, kind, until: Timestamp::FOREVER, body })
    };
    let pack = Content::Pack {
        pack: yima_model::id::PackId::parse("state-council-2022-06-28")?,
        digest: pack_digest(NATIONAL),
    };
    let in_force = new(Subject::Global, Occurred::since(Timestamp::parse("2022-06-28T00:00:00+08:00")?), pack)?;
    ledger.append(vec![in_force]).wait()?;
    let mut left = persons;
    while left > 0 {
        let persons = (0..left.min(BATCH)).map(|_| admit(&vault)).collect::<Result<Vec<PersonId>, _>>()?;
        left -= u32::try_from(persons.len())?;
        let mut receipts = Vec::with_capacity(persons.len());
        for (number, person) in (left..).zip(persons) {
            let area = AreaCode::parse(CITIES.get(number as usize % CITIES.len()).copied().unwrap_or("42"))?;
            let contents = median_contents(area)?.into_iter();
            let facts = contents.map(|(occurred, content)| new(Subject::Person(person), occurred, content));
            receipts.push(ledger.append(facts.collect::<Result<_, _>>()?));
        }
        receipts.into_iter().try_for_each(|receipt| receipt.wait().map(drop))?;
        registry.follow(at)?;
    }
    Ok(registry)
}

const CITIES: [&str; 8] = ["1101", "3101", "3301", "4201", "4401", "5001", "5101", "6101"];

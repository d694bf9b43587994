//! How many bytes on the disk a person takes: facts, keys and details in the ledger, and the record in the registry.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;
use yima_ledger::KeyedLedger;
use yima_model::fact::DwellingRole;
use yima_model::{Document, DocumentKind, PersonId, Timestamp};
use yima_registry::Vault;
use yima_registry::vault::{PersonalText, VaultError};

use crate::Figure;
use crate::census::{AT, filled, host};

/// What grows from the one to the other is the persons'; what a store takes anyhow is left out.
const PERSONS: [u32; 2] = [5_000, 25_000];

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let [few, many] = [sizes(PERSONS[0])?, sizes(PERSONS[1])?];
    let persons = f64::from(PERSONS[1] - PERSONS[0]);
    let figure = |part: &str, few: u32, many: u32| Figure {
        what: format!("a person with a median record, in {part}"),
        measured: f64::from(many.saturating_sub(few)) / persons,
        unit: "bytes on the disk",
        limit: None,
        wanted: None,
    };
    Ok(vec![
        figure("the ledger, with keys, document, name and address", few[0], many[0]),
        figure("the registry, with its indexes", few[1], many[1]),
    ])
}

/// What the ledger and the registry of so many persons take once they are closed.
fn sizes(persons: u32) -> anyhow::Result<[u32; 2]> {
    let at = Timestamp::parse(AT)?;
    let folder = tempfile::tempdir()?;
    let (ledger, registry) = (folder.path().join("ledger"), folder.path().join("registry"));
    let (name, address) = (PersonalText::parse("王小明")?, PersonalText::parse("某小区 1 号楼 2 单元 301")?);
    let next = AtomicU32::new(0);
    let admit = |vault: &Vault| -> Result<PersonId, VaultError> {
        let number = format!("A{:08}", next.fetch_add(1, Ordering::Relaxed));
        let document = Document::parse(DocumentKind::Other, None, &number, Date::constant(2022, 7, 20));
        let person = vault.claim_document(&document.map_err(|_| VaultError::Damaged)?)?.person();
        vault.put_name(person, &name)?;
        vault.put_address(person, DwellingRole::Home, &address)?;
        Ok(person)
    };
    drop(filled(Arc::new(KeyedLedger::create(&ledger, 16, host(at))?), &registry, persons, at, admit)?);
    Ok([bytes_in(&ledger)?, bytes_in(&registry)?])
}

/// The blocks that the files in a folder take.
fn bytes_in(folder: &Path) -> anyhow::Result<u32> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_in(&entry.path())? } else { u32::try_from(metadata.blocks() * 512)? };
    }
    Ok(bytes)
}

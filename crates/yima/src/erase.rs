//! `yima erase`: nothing is left of a person but positions in the hash chain.

use std::fs::OpenOptions;
use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use yima_ledger::Ledger;
use yima_model::document::IssuingState;
use yima_model::{Document, DocumentKind, PersonId, Timestamp, Zone};
use yima_registry::Vault;
use yima_registry::vault::VaultError;

use crate::books;

/// Erase persons from a stopped node: keys, details and facts; returns when they are gone from the disk
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node
    #[arg(long)]
    keyring: PathBuf,
    /// The list of all erased persons, which a restore asks for; keep it apart from the node and from its backups
    #[arg(long)]
    list: PathBuf,
    /// The person to erase; may be repeated
    #[arg(long = "person", value_parser = books::person, required_unless_present = "document")]
    persons: Vec<PersonId>,
    /// Read documents from standard input, one on a line: the code of the kind and the number, such as `10 …`, with the state
    /// that issued it between them for a passport
    #[arg(long)]
    document: bool,
    /// The present instant, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
}

impl Command {
    pub(crate) fn run(mut self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, self.at)?;
        let vault = books::open_vault(&ledger, &self.keyring, self.at)?;
        self.check_known(&*ledger, &vault)?;
        let erased = ledger.erased()?;
        self.persons.extend(noted(&self.list)?.into_iter().filter(|person| !erased.contains(person)));
        if self.document {
            let found = self.find(&vault)?;
            self.persons.extend(found);
        }
        self.persons.sort_unstable();
        self.persons.dedup();
        // The list first: whoever stands on it and is not erased yet is erased by the next try, and by any restore.
        note(&self.list, &self.persons)?;
        for person in &self.persons {
            vault.forget(*person)?;
            yima_node::forget_person(&*ledger, *person)?;
        }
        ledger.erase(&self.persons).context("cannot erase; run the command again, it goes on where it stopped")?;
        // What was derived holds records in the clear; the node derives it again.
        for derived in books::derived_directories(&self.data) {
            match std::fs::remove_dir_all(&derived) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    bail!("cannot remove `{}`: {error}", derived.display())
                }
                _ => {}
            }
        }
        writeln!(crate::output::stdout(), "{}", json!({ "erased": self.persons.len() }))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The persons of the documents on standard input; a number stands in no argument and in no message.
    fn find(&self, vault: &Vault) -> Result<Vec<PersonId>> {
        if std::io::stdin().is_terminal() {
            write!(crate::output::stderr(), "kind and number, one document on a line, then Ctrl-D: ")?;
        }
        let mut found = Vec::new();
        for (at, line) in std::io::stdin().lock().lines().enumerate() {
            let line = line.context("cannot read standard input")?;
            if line.trim().is_empty() {
                continue;
            }
            let place = || format!("line {} of standard input", at + 1);
            let document = read_document(&line, self.at).with_context(place)?;
            match vault.find_document(&document)? {
                Some(person) => found.push(person),
                // An erasure that broke off has forgotten the document already; the list still has the person.
                None if !self.persons.is_empty() => {}
                None => bail!("{}: nobody has this document, and nobody was erased; compare the number", place()),
            }
        }
        ensure!(!(found.is_empty() && self.persons.is_empty()), "no document came in; type it, or pipe it in");
        Ok(found)
    }

    /// Refuses an id that is nobody's, so that a slip of the pen is not taken for an erasure.
    fn check_known(&self, ledger: &dyn Ledger, vault: &Vault) -> Result<()> {
        let (noted, erased) = (noted(&self.list)?, ledger.erased()?);
        for person in &self.persons {
            if !noted.contains(person) && !erased.contains(person) {
                match vault.details(*person) {
                    Err(VaultError::NoSuchPerson) => {
                        bail!("`{person}` is nobody, and nobody was erased; compare the id")
                    }
                    known => drop(known?),
                }
            }
        }
        Ok(())
    }
}

/// Reads the code of a kind and a number, with the state that issued it before the number where that matters.
fn read_document(line: &str, at: Timestamp) -> Result<Document> {
    let today = Zone::BEIJING.date(at).context("the instant has no civil date")?;
    let (kind, rest) =
        line.trim().split_once(char::is_whitespace).context("write the code of the kind, then the number")?;
    let kind = kind.parse().ok().and_then(DocumentKind::from_code);
    let kind = kind.context("not a kind of document; write 10, 14, 15, 16, 20, 34 or 99")?;
    let (issuer, number) = match (kind, rest.trim().split_once(char::is_whitespace)) {
        (DocumentKind::Passport | DocumentKind::Other, Some((issuer, number))) => {
            (Some(IssuingState::parse(issuer)?), number)
        }
        _ => (None, rest),
    };
    Ok(Document::parse(kind, issuer, number, today)?)
}

/// The persons on the list, which the first erasure begins.
fn noted(list: &Path) -> Result<Vec<PersonId>> {
    if list.try_exists()? { books::read_persons(list) } else { Ok(Vec::new()) }
}

/// Adds persons to the list, durably and each once.
fn note(list: &Path, persons: &[PersonId]) -> Result<()> {
    let noted = noted(list)?;
    let new = persons.iter().filter(|person| !noted.contains(person));
    let lines: String = new.map(|person| format!("{person}\n")).collect();
    let write = || {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(list)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write to `{}`", list.display()))
}

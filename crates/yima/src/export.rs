//! `yima export`: the facts that the ledger holds, or what the vault knows of one person.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use yima_ledger::{Content, Ledger, Partition, Position};
use yima_model::{PersonId, Subject, Timestamp};
use yima_registry::Vault;
use yima_registry::vault::Details;

use crate::books;

const PAGE: usize = 1024;

/// Write facts of a stopped node as lines that `yima eval` reads, or one person's details
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The folder of the node
    #[arg(long)]
    data: PathBuf,
    /// The keyring of the node
    #[arg(long)]
    keyring: PathBuf,
    /// The file to write, which only its owner can read; it must not exist
    #[arg(long)]
    out: PathBuf,
    /// Only what is about this person
    #[arg(long, value_parser = books::person)]
    person: Option<PersonId>,
    /// Name, date of birth, addresses, documents and contacts of the person instead of facts
    #[arg(long, requires = "person")]
    details: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let ledger = books::open_ledger(&self.data, Timestamp::BEGINNING)?;
        let vault = books::open_vault(&ledger, &self.keyring, Timestamp::BEGINNING)?;
        let asked = self.person.filter(|_| self.details);
        let details = asked.map(|person| vault.details(person)).transpose()?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.out);
        let file = file.with_context(|| format!("cannot make `{}`; name a new file", self.out.display()))?;
        let mut out = BufWriter::new(file);
        let count = match details {
            Some(details) => {
                writeln!(out, "{}", details_json(&details))?;
                1
            }
            None => write_facts(&*ledger, &vault, self.person, &mut out)?,
        };
        out.into_inner().context("cannot write the file")?.sync_all()?;
        writeln!(crate::output::stdout(), "{}", json!({ "lines": count }))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes every fact, or those of one person, in the order of the ledger.
fn write_facts(ledger: &dyn Ledger, vault: &Vault, person: Option<PersonId>, out: &mut BufWriter<File>) -> Result<u64> {
    let mut count = 0;
    for partition in Partition::all(ledger.identity().person_partitions) {
        let mut after = Position::START;
        loop {
            let entries = ledger.read(partition, after, PAGE)?;
            let Some(last) = entries.last() else { break };
            after = last.position;
            for entry in &entries {
                let Content::Fact(fact) = &entry.content else { continue };
                let wanted = person.is_none_or(|person| fact.filed.subject == Subject::Person(person));
                if let Some(fact) = wanted.then(|| vault.open_fact(fact)).transpose()?.flatten() {
                    writeln!(out, "{}", yima_wire::write_fact(&fact))?;
                    count += 1;
                }
            }
        }
    }
    Ok(count)
}

fn details_json(details: &Details) -> Value {
    let addresses = details.addresses.iter().map(|(role, text)| json!({ "role": role.word(), "text": text.reveal() }));
    let documents = details.documents.iter().map(|document| {
        json!({
            "kind": document.kind().code(),
            "issuer": document.issuer().map(|issuer| issuer.to_string()),
            "number": document.number().reveal(),
        })
    });
    let contacts = details
        .contacts
        .iter()
        .map(|contact| json!({ "channel": contact.channel().fact_channel().word(), "address": contact.reveal() }));
    json!({
        "name": details.name.as_ref().map(|name| name.reveal()),
        "birth": details.birth().map(|birth| birth.reveal().to_string()),
        "addresses": addresses.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(),
        "contacts": contacts.collect::<Vec<_>>(),
    })
}

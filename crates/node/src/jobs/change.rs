//! Tells people that their colour has changed, in a message without the colour.
//!
//! What is remembered is what somebody was told last. It decides about a message and about nothing else: no answer and no
//! code is made from it.

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{Content, PersonId, Personal, Timestamp};
use yima_registry::Judge;
use yima_registry::registry::View;
use yima_registry::standing::standing;
use yima_registry::vault::ContactAddress;

use crate::app::App;
use crate::http::problem::Problem;
use crate::metrics::OutcomeLabels;
use crate::outbox::{Message, Purpose};
use crate::rows::Rows;

static TOLD: Rows<Told> = Rows::new("told");
/// Persons whom no message reached: somebody visits them.
static UNDELIVERED: Rows<i64> = Rows::new("undelivered");

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    colour: String,
}

/// Persons looked at in one step.
const PAGE: usize = 1000;

const TEXT: &str = "【一码】您的码有更新，请打开一码查看，或拨打 12345。Your Yima code has been updated. Open Yima to see it, or call 12345.";

/// Looks at everybody once.
pub(super) fn round(app: &App) -> Result<(), Problem> {
    app.registry.follow(app.now())?;
    let mut from = PersonId::from_bytes([0; 16]);
    loop {
        let persons = app.registry.persons(from, PAGE)?;
        let globals = app.registry.globals();
        let judge = Judge::new(&globals, &app.shelf, Timestamp::FOREVER)?;
        for person in &persons {
            let view = app.registry.view(*person)?;
            let colour = judge.verdict(&view, app.now().max(view.as_of.at)).colour.word();
            look_at(app, *person, &view, colour)?;
        }
        match persons.last() {
            Some(last) if persons.len() == PAGE => {
                let next = u128::from_be_bytes(*last.bytes()).saturating_add(1);
                from = PersonId::from_bytes(next.to_be_bytes());
            }
            _ => return Ok(()),
        }
    }
}

/// Tells one person if the colour is another one than was told last; what it was at first the person has seen.
fn look_at(app: &App, person: PersonId, view: &View, colour: &str) -> Result<(), Problem> {
    let told = TOLD.find(app.ledger(), person.bytes())?;
    if told.as_ref().is_some_and(|told| told.colour == colour) {
        return Ok(());
    }
    if told.is_some() {
        tell(app, person, view)?;
    }
    Ok(TOLD.put(app.ledger(), person.bytes(), &Told { colour: colour.to_owned() })?)
}

fn tell(app: &App, person: PersonId, view: &View) -> Result<(), Problem> {
    let now = app.now();
    let mut delivered = false;
    for to in contacts(app, person, view)? {
        let message = Message { to, purpose: Purpose::Change, created: now, text: Personal::new(TEXT.to_owned()) };
        match app.outbox.send(&message) {
            Ok(()) => delivered = true,
            Err(error) => tracing::error!(error = %error, "a message was not handed over"),
        }
    }
    let outcome = if delivered { "sent" } else { "undelivered" };
    app.metrics.messages.get_or_create(&OutcomeLabels { outcome }).inc();
    if delivered {
        UNDELIVERED.delete(app.ledger(), person.bytes())?;
    } else {
        UNDELIVERED.put(app.ledger(), person.bytes(), &now.millis())?;
    }
    Ok(())
}

/// The person's own addresses and those of the guardians.
fn contacts(app: &App, person: PersonId, view: &View) -> Result<Vec<ContactAddress>, Problem> {
    let now = app.now();
    let mut contacts = app.registry.vault().details(person)?.contacts;
    for (fact, lasts) in standing(&view.facts, Timestamp::FOREVER) {
        if let Content::Guardianship { guardian, .. } = fact.content()
            && lasts.contains(now)
        {
            contacts.extend(app.registry.vault().details(*guardian)?.contacts);
        }
    }
    Ok(contacts)
}

/// Whom no message reached, with since when.
pub(crate) fn undelivered(ledger: &dyn Ledger) -> Result<Vec<(PersonId, Timestamp)>, LedgerError> {
    let person = |key: Vec<u8>| key.try_into().ok().map(PersonId::from_bytes);
    let rows = UNDELIVERED.all(ledger, &[])?.into_iter();
    Ok(rows.filter_map(|(key, since)| Some((person(key)?, Timestamp::from_millis(since)))).collect())
}

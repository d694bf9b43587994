//! Tells people that their colour has changed, in a message without the colour.
//!
//! Nobody's colour is remembered for this. What is remembered is when the last round looked; the colour as it was known
//! then is computed again and compared with that of now.

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

/// When the last whole round looked, under the one key of this table.
static LOOKED: Rows<i64> = Rows::new("change-looked");
const LAST: &[u8] = b"last";

/// Persons whom no message reached: somebody visits them.
static UNDELIVERED: Rows<i64> = Rows::new("undelivered");

/// Persons looked at in one step.
const PAGE: usize = 1000;

const TEXT: &str = "【一码】您的码有更新，请打开一码查看，或拨打 12345。Your Yima code has been updated. Open Yima to see it, or call 12345.";

/// Looks at everybody once; the first round of all has nothing to compare with.
///
/// A round that fails is done again from where the last whole one looked, so that a person may be told twice, but not never.
pub(super) fn round(app: &App) -> Result<(), Problem> {
    let now = app.now();
    app.registry.follow(now)?;
    if let Some(last) = LOOKED.find(app.ledger(), LAST)? {
        tell_changes(app, Timestamp::from_millis(last), now)?;
    }
    Ok(LOOKED.put(app.ledger(), LAST, &now.millis())?)
}

fn tell_changes(app: &App, last: Timestamp, now: Timestamp) -> Result<(), Problem> {
    // What is recorded at that very instant may have come after the round had followed the ledger.
    let known_then = last.plus_millis(-1);
    let globals = app.registry.globals();
    let before = Judge::new(&globals, &app.shelf, known_then)?;
    let after = Judge::new(&globals, &app.shelf, Timestamp::FOREVER)?;
    let mut from = PersonId::from_bytes([0; 16]);
    loop {
        let persons = app.registry.persons(from, PAGE)?;
        for person in &persons {
            let view = app.registry.view(*person)?;
            let now = now.max(view.as_of.at);
            if was_registered(&view, known_then)
                && before.verdict(&view, last).colour != after.verdict(&view, now).colour
            {
                tell(app, *person, &view)?;
            }
        }
        match persons.last() {
            Some(person) if persons.len() == PAGE => {
                let next = u128::from_be_bytes(*person.bytes()).saturating_add(1);
                from = PersonId::from_bytes(next.to_be_bytes());
            }
            _ => return Ok(()),
        }
    }
}

/// Whether the person had applied by then; what the colour was at first, the person has seen.
fn was_registered(view: &View, known_at: Timestamp) -> bool {
    standing(&view.facts, known_at).iter().any(|(fact, _)| matches!(fact.content(), Content::Registration))
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

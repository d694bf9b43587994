//! What people are told when a colour has changed, and who could not be told.
//!
//! A message names the kind of reason, until when, and whom to ask, and neither colour nor health: it shows on a locked
//! screen. Whether it arrived is the gateway's to say; whoever was not reached is listed for a visit.

use yima_ledger::{Ledger, LedgerError};
use yima_model::{Content, PersonId, Personal, Timestamp, Zone};
use yima_registry::Judgement;
use yima_registry::registry::View;
use yima_registry::standing::standing;
use yima_registry::vault::ContactAddress;
use yima_rules::pack::Class;

use crate::app::App;
use crate::http::problem::Problem;
use crate::metrics::OutcomeLabels;
use crate::outbox::{Fate, Message, Purpose};
use crate::rows::{Rows, table};

/// Persons whom no message reached: somebody visits them.
static UNDELIVERED: Rows<i64> = Rows::new(table::UNDELIVERED);

/// Messages whose fate is not known yet, under the instant, the person and a number.
static SENT: Rows<SentRow> = Rows::new(table::CHANGE_SENT);

/// A message that was handed over.
#[derive(serde::Serialize, serde::Deserialize)]
struct SentRow {
    /// Whose colour it is about, so that the row is forgotten with the person.
    person: String,
    /// As the outbox calls it.
    name: String,
}

/// How long a gateway has for a message, before somebody sets out to visit.
const DELIVERY_MILLIS: i64 = 15 * 60_000;

/// Messages that are looked after in one round.
const PAGE: usize = 1000;

/// Tells a person, and whoever manages the person's code, that the colour has changed.
pub(super) fn tell(app: &App, person: PersonId, view: &View, judgement: &Judgement) -> Result<(), Problem> {
    let now = app.now();
    let mut handed_over: u8 = 0;
    for (to, whose) in contacts(app, person, view)? {
        let text = Personal::new(text(judgement, whose));
        match app.outbox.send(&Message { to, purpose: Purpose::Change, created: now, text }) {
            Ok(name) => {
                let key = [&now.millis().to_be_bytes()[..], person.bytes(), &[handed_over]].concat();
                SENT.put(app.ledger(), &key, &SentRow { person: person.to_string(), name })?;
                handed_over = handed_over.saturating_add(1);
            }
            Err(error) => tracing::error!(error = %error, "a message was not handed over"),
        }
    }
    count(app, if handed_over > 0 { "sent" } else { "undelivered" });
    if handed_over > 0 {
        UNDELIVERED.delete(app.ledger(), person.bytes())?;
    } else {
        UNDELIVERED.put(app.ledger(), person.bytes(), &now.millis())?;
    }
    Ok(())
}

/// Looks after messages that a gateway has had for some time: a person whom none of them reached is listed.
pub(super) fn follow_up(app: &App) -> Result<(), Problem> {
    let before = app.now().plus_millis(-DELIVERY_MILLIS).millis().to_be_bytes();
    let mut due = SENT.first(app.ledger(), PAGE)?;
    if due.len() == PAGE {
        // The rest of what the last one was told may be on the next page.
        let last = due.last().and_then(|(key, _)| key.get(..24)).map(<[u8]>::to_vec);
        due.retain(|(key, _)| key.get(..24) != last.as_deref());
    }
    due.retain(|(key, _)| key.get(..8).is_some_and(|sent| sent <= before.as_slice()));
    for told in due.chunk_by(|(one, _), (other, _)| one.get(..24) == other.get(..24)) {
        let mut is_reached = false;
        for (_, row) in told {
            is_reached |= app.outbox.fate(&row.name).map_err(|error| Problem::internal(&error))? == Fate::Taken;
        }
        let person = told.first().and_then(|(_, row)| PersonId::parse(&row.person).ok());
        if let Some(person) = person.filter(|_| !is_reached) {
            count(app, "undelivered");
            UNDELIVERED.put(app.ledger(), person.bytes(), &app.now().millis())?;
        }
        told.iter().try_for_each(|(key, _)| SENT.delete(app.ledger(), key))?;
    }
    Ok(())
}

/// Whom no message reached, with since when.
pub(crate) fn undelivered(ledger: &dyn Ledger) -> Result<Vec<(PersonId, Timestamp)>, LedgerError> {
    let person = |key: Vec<u8>| key.try_into().ok().map(PersonId::from_bytes);
    let rows = UNDELIVERED.all(ledger, &[])?.into_iter();
    Ok(rows.filter_map(|(key, since)| Some((person(key)?, Timestamp::from_millis(since)))).collect())
}

fn count(app: &App, outcome: &'static str) {
    app.metrics.messages.get_or_create(&OutcomeLabels { outcome }).inc();
}

/// Whose code a message is about, for whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    InCare,
}

/// The person's own addresses and those of the guardians.
fn contacts(app: &App, person: PersonId, view: &View) -> Result<Vec<(ContactAddress, Whose)>, Problem> {
    let now = app.now();
    let of = |person| app.registry.vault().details(person).map(|details| details.contacts);
    let mut contacts: Vec<_> = of(person)?.into_iter().map(|to| (to, Whose::Own)).collect();
    for (fact, lasts) in standing(&view.facts, Timestamp::FOREVER) {
        if let Content::Guardianship { guardian, .. } = fact.content()
            && lasts.contains(now)
        {
            contacts.extend(of(*guardian)?.into_iter().map(|to| (to, Whose::InCare)));
        }
    }
    Ok(contacts)
}

/// What is told; no colour, no word of health, no name.
fn text(judgement: &Judgement, whose: Whose) -> String {
    let (your_zh, your_en) = match whose {
        Whose::Own => ("您的码", "Your Yima code"),
        Whose::InCare => ("您代管的一个码", "A Yima code in your care"),
    };
    let class = judgement.grounds.first().and_then(|ground| ground.rule()).map(|rule| rule.class);
    let (kind_zh, kind_en) = match (class, judgement.cause) {
        (Some(Class::Risk), _) => ("规则", "a rule"),
        (Some(Class::Administrative), _) | (None, Some(_)) => ("手续", "a formality"),
        (None, None) => ("原先的原因已不存在", "the earlier reason is gone"),
    };
    let minute = |at| Zone::BEIJING.format(at).get(..16).map(|text| text.replace('T', " "));
    let until = judgement.next_change.and_then(minute);
    let until_zh = until.as_ref().map_or("没有新情况则不再变化".to_owned(), |until| format!("至 {until}"));
    let until_en =
        until.map_or("if nothing new comes, for good".to_owned(), |until| format!("until {until} Beijing time"));
    format!(
        "【一码】{your_zh}有更新。原因类别：{kind_zh}；{until_zh}。怎么办：打开一码查看，或拨打 12345，或到所在社区。\
         {your_en} has been updated. Kind of reason: {kind_en}; {until_en}. What to do: open Yima, call 12345, or ask \
         your community office."
    )
}

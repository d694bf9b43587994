//! Paper codes, and the status list that says which of them pass now.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::claims::{Guardian, PAPER_SECONDS_MAX, PaperTimes, StatusReference};
use yima_credential::status_list::{
    STATUS_ENTRIES_MAX, STATUS_ENTRIES_MIN, STATUS_LIST_SECONDS_MAX, StatusContent, StatusEntries,
};
use yima_credential::trust_list::KeyUse;
use yima_credential::{Claims, Code as PaperCode, NameMark, PaperClaims, Seconds, inspect};
use yima_ledger::{Ledger, LedgerError};
use yima_model::fact::Relation;
use yima_model::{Colour, PersonId, Personal, Timestamp};
use yima_paper::Sheet;
use yima_registry::cases::dependents;
use yima_registry::cases::register::registered_until;

use super::AppState;
use super::codes::who;
use super::extract::{Acting, Query};
use super::paper_sheets::{PaperAnswer, PaperCodeBody, PaperQuery, Printed};
use super::problem::{Code, Problem};
use super::reviews;
use crate::access_log::Action;
use crate::app::App;
use crate::random;
use crate::rows::{Rows, table};

/// Printed codes, by their index in the status list.
static PRINTED: Rows<PrintedRow> = Rows::new(table::PAPER_CODE);
/// The index of a person's newest code; printing another supersedes it.
static OF_PERSON: Rows<u32> = Rows::new(table::PAPER_CODE_OF);

/// The number of the one status list of this node.
const LIST: u32 = 1;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(paper_code))
}

/// One edition of the status list.
#[derive(Debug)]
pub(crate) struct Edition {
    version: u32,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct PrintedRow {
    person: String,
    expires: u32,
    /// The hash of what stands in the QR code, by which a scan is known to be one of this very sheet.
    text: Option<[u8; 32]>,
    /// Whether it is reported lost.
    #[serde(default)]
    lost: bool,
}

/// Print a paper code; an older one passes no more
#[utoipa::path(post, path = "/paper-codes", tag = "record", params(PaperQuery), responses(
    (status = 201, content((PaperCodeBody = "application/json"), (Vec<u8> = "application/pdf"))), (status = 409),
    (status = 422)))]
async fn paper_code(
    State(app): State<AppState>,
    acting: Acting,
    Query(query): Query<PaperQuery>,
) -> Result<PaperAnswer, Problem> {
    let wanted = query.read()?;
    let answer = app
        .run(move |app| {
            acting.note(app, Action::Printed)?;
            let printed = print(app, acting.person, acting.guardian())?;
            PaperAnswer::new(app, acting.person, printed, wanted)
        })
        .await?;
    app.printed.notify_one();
    Ok(answer)
}

/// Makes the paper code of a person.
pub(super) fn print(app: &App, person: PersonId, guardian: Option<PersonId>) -> Result<Printed, Problem> {
    let now = app.now();
    let facts = app.registry.record(person)?;
    let registered = registered_until(&facts, now).ok_or(Code::NotRegistered)?;
    reviews::admit(app, &facts)?;
    let details = app.registry.vault().details(person)?;
    let name = Personal::new(details.name.as_ref().ok_or(Code::NotRegistered)?.reveal().to_owned());
    let until = Seconds::floor(now).plus(PAPER_SECONDS_MAX).timestamp().min(registered);
    let times = PaperTimes::new(now, until).map_err(|error| Problem::internal(&error))?;
    let guardian = guardian.map(|guardian| guardian_of(app, guardian, person)).transpose()?;
    let mark = |name| NameMark::of(name).map_err(|error| Problem::internal(&error));
    let who = who(&details).ok_or(Code::NoBirthDate)?;
    let mut row = PrintedRow { person: person.to_string(), expires: times.expires().get(), text: None, lost: false };
    let trust = app.trust.load();
    let signer = trust.signer(KeyUse::Paper, now).map_err(|error| Problem::internal(&error))?;
    let index = allocate(app, person, &row)?;
    let claims = PaperClaims {
        issuer: trust.list.content().issuer,
        times,
        who,
        status: StatusReference { list: LIST, index },
        guardian: match &guardian {
            Some((relation, name)) => Some(Guardian { relation: *relation, name: mark(name)? }),
            None => None,
        },
    };
    let code = PaperCode::paper(&claims, signer).map_err(|error| Problem::internal(&error))?;
    let text = code.text();
    row.text = Some(text_hash(&text));
    PRINTED.put(app.ledger(), &index.to_be_bytes(), &row)?;
    let sheet = Sheet {
        symbol: code.qr().map_err(|error| Problem::internal(&error))?,
        name,
        guardian,
        serial: index,
        expires: times.expires().timestamp(),
        printed: now,
        call: String::new(),
    };
    Ok(Printed { text, sheet })
}

fn guardian_of(app: &App, guardian: PersonId, person: PersonId) -> Result<(Relation, Personal<String>), Problem> {
    let known = dependents::of_guardian(&app.registry, guardian, app.now())?;
    let relation = known.iter().find(|dependent| dependent.person == person).ok_or(Code::NotFound)?.relation;
    let name = app.registry.vault().details(guardian)?.name.ok_or(Code::NotRegistered)?;
    Ok((relation, Personal::new(name.reveal().to_owned())))
}

/// Takes a free entry of the status list at random, so that its number says nothing; the person's older entry falls.
fn allocate(app: &App, person: PersonId, row: &PrintedRow) -> Result<u32, Problem> {
    let mut entries = STATUS_ENTRIES_MIN;
    loop {
        let index = u32::from_be_bytes(random::bytes()) % entries;
        if PRINTED.claim(app.ledger(), &index.to_be_bytes(), row)?.is_none() {
            if let Some(older) = OF_PERSON.find(app.ledger(), person.bytes())? {
                PRINTED.delete(app.ledger(), &older.to_be_bytes())?;
            }
            OF_PERSON.put(app.ledger(), person.bytes(), &index)?;
            return Ok(index);
        }
        // A list that is half full is met as often as not; then the search goes on in a list twice as long.
        if random::bytes::<1>()[0] < 64 {
            entries = entries.saturating_mul(2).min(STATUS_ENTRIES_MAX);
        }
    }
}

/// Suspends the newest code of a person, or lets it count again; `false` if this is not the serial of that one.
pub(super) fn set_lost(ledger: &dyn Ledger, person: PersonId, serial: u32, lost: bool) -> Result<bool, LedgerError> {
    if OF_PERSON.find(ledger, person.bytes())? != Some(serial) {
        return Ok(false);
    }
    let Some(mut row) = PRINTED.find(ledger, &serial.to_be_bytes())? else { return Ok(false) };
    row.lost = lost;
    PRINTED.put(ledger, &serial.to_be_bytes(), &row)?;
    Ok(true)
}

/// Whose sheet this text was scanned from: the newest one of that person, whether or not it passes now, but not a lost one.
pub(super) fn scanned(ledger: &dyn Ledger, text: &str, now: Timestamp) -> Result<Option<PersonId>, LedgerError> {
    let Some(Claims::Paper(claims)) = inspect(text).ok().map(|code| code.claims) else { return Ok(None) };
    let row = PRINTED.find(ledger, &claims.status.index.to_be_bytes())?;
    let is_held = |row: &PrintedRow| !row.lost && Seconds::floor(now).get() < row.expires;
    let row = row.filter(|row| row.text == Some(text_hash(text)) && is_held(row));
    Ok(row.and_then(|row| PersonId::parse(&row.person).ok()))
}

fn text_hash(text: &str) -> [u8; 32] {
    random::hash("paper code", &[text.as_bytes()])
}

/// Makes the next edition of the status list: evaluates everybody who holds a printed code.
pub(crate) fn publish(app: &App) -> Result<(), Problem> {
    let now = app.now();
    let trust = app.trust.load();
    let Some(address) = trust.list.status_list(LIST) else { return Ok(()) };
    let globals = app.registry.globals();
    let judge = app.judge_of(&globals)?;
    let issued = Seconds::floor(now);
    let mut passing = Vec::new();
    let mut highest = 0;
    for (key, row) in PRINTED.all(app.ledger(), &[])? {
        let index = key.as_slice().try_into().map_or(0, u32::from_be_bytes);
        if row.expires <= issued.get() {
            PRINTED.delete(app.ledger(), &key)?;
            continue;
        }
        highest = highest.max(index);
        if row.lost {
            continue;
        }
        let Ok(person) = PersonId::parse(&row.person) else { continue };
        let view = app.registry.view(person)?;
        if judge.verdict(&view, now.max(view.as_of.at)).colour == Colour::Green {
            passing.push(index);
        }
    }
    let mut entries = StatusEntries::fallen(highest.saturating_add(1));
    for index in passing {
        entries.let_pass(index);
    }
    // Editions are numbered by their second, so that they grow over restarts too.
    let before = app.status_list.load().as_ref().as_ref().map_or(0, |edition| edition.version);
    let version = issued.get().max(before.saturating_add(1));
    let content = StatusContent {
        number: LIST,
        uri: address.uri.clone(),
        version,
        issued,
        expires: issued.plus(STATUS_LIST_SECONDS_MAX),
        entries,
    };
    let signer = trust.signer(KeyUse::Status, now).map_err(|error| Problem::internal(&error))?;
    let signed = content.sign(signer).map_err(|error| Problem::internal(&error))?;
    app.status_list.replace(Some(Edition { version, bytes: signed }));
    Ok(())
}

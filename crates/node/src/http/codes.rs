//! Live codes, in batches: one credential for each key of the device, signed from the verdict of this moment.

use axum::Json;
use axum::extract::State;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_credential::claims::{LIVE_SECONDS_MAX, LiveTimes};
use yima_credential::trust_list::KeyUse;
use yima_credential::{
    CodeId, Coordinates, LiveClaims, LiveCredential, PublicKey, Seconds, Who, WhoCommitment, WhoOpening,
};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{Fact, PersonId, Personal, Timestamp};
use yima_registry::Judgement;
use yima_registry::cases::register::registered_until;
use yima_registry::vault::Details;

use super::AppState;
use super::answer::instant;
use super::extract::{Acting, Body};
use super::problem::{Code, Problem};
use super::reviews;
use super::verdict::VerdictBody;
use crate::access_log::Action;
use crate::app::App;
use crate::random;
use crate::rows::{Rows, table};

/// Whose live code has this id, so that a temperature can be filed for a scan, also when the code has ended meanwhile; gone a
/// day after the issue.
static SCANNED: Rows<ScannedRow> = Rows::new(table::LIVE_CODE);

/// The most codes in a batch.
const KEYS_MAX: usize = 8;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(codes))
}

/// Public keys of the device, a fresh one for each code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodesRequest {
    /// One to eight. Of several, the first is for the code that is shown at once and ends after ten minutes, alike for
    /// everybody; the others are for pages that are opened without a network.
    keys: Vec<DeviceKey>,
}

/// A public key on P-256.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceKey {
    /// 32 bytes in base64url without padding.
    x: String,
    /// 32 bytes in base64url without padding.
    y: String,
}

impl DeviceKey {
    /// The point of the curve, or what is wrong with this field.
    pub(super) fn read(&self, field: &str) -> Result<PublicKey, Problem> {
        let read = |text: &str| {
            let mut bytes = [0; 32];
            let length = Base64UrlUnpadded::decode(text, &mut bytes).ok()?.len();
            (length == bytes.len()).then_some(bytes)
        };
        let coordinates = read(&self.x).zip(read(&self.y)).map(|(x, y)| Coordinates { x, y });
        let key = coordinates.and_then(|coordinates| PublicKey::new(coordinates).ok());
        key.ok_or_else(|| Problem::field(field, "not-a-key", &"not a public key of P-256"))
    }
}

/// A batch of codes.
#[derive(Debug, Serialize, ToSchema)]
struct CodesBody {
    /// In the order of the keys.
    codes: Vec<CodeBody>,
    /// The verdict from which they were made.
    verdict: VerdictBody,
}

/// A code for one key.
#[derive(Debug, Serialize, ToSchema)]
struct CodeBody {
    /// The signed credential (docs/CODE.md) in base64url without padding.
    credential: String,
    expires: String,
    /// What the device adds when the holder shows whose code it is; absent if no day of birth is known.
    opening: Option<OpeningBody>,
}

/// What opens the commitment of a credential.
#[derive(Serialize, ToSchema)]
struct OpeningBody {
    /// 16 bytes in base64url without padding.
    salt: String,
    /// The last character of the name.
    character: String,
    /// The day of the month of birth.
    day: u8,
}

impl std::fmt::Debug for OpeningBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpeningBody(…)")
    }
}

/// Fetch live codes
#[utoipa::path(post, path = "/codes", tag = "record", request_body = CodesRequest, responses(
    (status = 200, body = CodesBody), (status = 422), (status = 503)))]
async fn codes(
    State(app): State<AppState>,
    acting: Acting,
    Body(request): Body<CodesRequest>,
) -> Result<Json<CodesBody>, Problem> {
    let keys = read_keys(&request.keys)?;
    app.run(move |app| {
        acting.note(app, Action::FetchedCodes)?;
        let (view, judgement) = app.judge(acting.person)?;
        reviews::admit(app, &view.facts)?;
        let details = app.registry.vault().details(acting.person)?;
        let times = times(&judgement, &view.facts)?;
        let is_batch = keys.len() > 1;
        let codes = keys.into_iter().enumerate().map(|(index, key)| {
            let times = if is_batch && index == 0 { times.brief() } else { times };
            issue(app, acting.person, &judgement, times, &details, key)
        });
        let codes = codes.collect::<Result<_, Problem>>()?;
        Ok::<_, Problem>(Json(CodesBody { codes, verdict: VerdictBody::new(app, acting.person, &judgement, &view)? }))
    })
    .await
}

fn read_keys(keys: &[DeviceKey]) -> Result<Vec<Coordinates>, Problem> {
    if !(1..=KEYS_MAX).contains(&keys.len()) {
        return Err(Problem::field("keys", "wrong-count", &"send one to eight keys"));
    }
    let key = |(index, key): (usize, &DeviceKey)| Ok(*key.read(&format!("keys.{index}"))?.coordinates());
    keys.iter().enumerate().map(key).collect()
}

fn times(judgement: &Judgement, facts: &[Fact]) -> Result<LiveTimes, Problem> {
    let registered = registered_until(facts, judgement.at).ok_or(Code::NotRegistered)?;
    let next_change = judgement.next_change.map_or(registered, |change| change.min(registered));
    let as_of = judgement.as_of.at.min(judgement.at);
    // Within the last minute before a change there is no code that would still be true when it is shown.
    LiveTimes::new(judgement.at, as_of, next_change).map_err(|_| Problem::retry_after(Code::NoTimeLeft, 60))
}

fn issue(
    app: &App,
    person: PersonId,
    judgement: &Judgement,
    times: LiveTimes,
    details: &Details,
    device: Coordinates,
) -> Result<CodeBody, Problem> {
    let trust = app.trust.load();
    // By the instant that the code states, so that a verifier finds the key valid at the issue.
    let signer = trust.signer(KeyUse::Live, times.issued().timestamp()).map_err(|error| Problem::internal(&error))?;
    let opening = who(details).map(|who| WhoOpening { salt: Personal::new(random::bytes()), who });
    let id: [u8; 16] = random::bytes();
    let claims = LiveClaims {
        issuer: trust.list.content().issuer,
        colour: judgement.colour,
        times,
        epoch: epoch(app, judgement.at),
        id: CodeId::from_random(id),
        device,
        who: opening.as_ref().map_or_else(|| WhoCommitment::from_bytes(random::bytes()), WhoOpening::commitment),
    };
    let credential = LiveCredential::issue(&claims, signer).map_err(|error| Problem::internal(&error))?;
    let row =
        ScannedRow { person: person.to_string(), expires: times.issued().plus(LIVE_SECONDS_MAX).timestamp().millis() };
    SCANNED.put(app.ledger(), &scanned_key(&id), &row)?;
    app.metrics.codes.inc();
    Ok(CodeBody {
        credential: Base64UrlUnpadded::encode_string(credential.bytes()),
        expires: instant(times.expires().timestamp()),
        opening: opening.map(|opening| OpeningBody {
            salt: Base64UrlUnpadded::encode_string(opening.salt.reveal()),
            character: opening.who.name().reveal().to_string(),
            day: opening.who.reveal_day(),
        }),
    })
}

/// The number under which the trust list names the packs of this node, so that a code says from which rules it follows;
/// 0 if it names them nowhere.
fn epoch(app: &App, now: Timestamp) -> u32 {
    let trust = app.trust.load();
    let packs = app.shelf.set_digest();
    let named = trust.list.content().rules.iter().filter(|rules| rules.digest == packs);
    let begun = named.filter(|rules| rules.from <= Seconds::floor(now));
    begun.max_by_key(|rules| rules.from).map_or(0, |rules| rules.number)
}

/// Whose code it is, if name and day of birth are known.
pub(super) fn who(details: &Details) -> Option<Who> {
    let name = Personal::new(details.name.as_ref()?.reveal().to_owned());
    Who::of(&name, u8::try_from(details.birth()?.reveal().day()).ok()?).ok()
}

#[derive(Serialize, Deserialize)]
struct ScannedRow {
    person: String,
    expires: i64,
}

/// Whose live code it is, for a day after the issue.
pub(super) fn scanned(ledger: &dyn Ledger, id: &[u8], now: Timestamp) -> Result<Option<PersonId>, LedgerError> {
    let row = SCANNED.find(ledger, &scanned_key(id))?.filter(|row| now.millis() < row.expires);
    Ok(row.and_then(|row| PersonId::parse(&row.person).ok()))
}

/// Clears away what belongs to codes of more than a day ago; says how many there were.
pub(crate) fn clear_expired(ledger: &dyn Ledger, now: Timestamp) -> Result<usize, LedgerError> {
    let mut count = 0;
    for (key, row) in SCANNED.all(ledger, &[])? {
        if row.expires <= now.millis() {
            SCANNED.delete(ledger, &key)?;
            count += 1;
        }
    }
    Ok(count)
}

/// The row of an id: a hash, so that a stolen table does not name the codes that were seen somewhere.
fn scanned_key(id: &[u8]) -> [u8; 32] {
    random::hash("live code", &[id])
}

//! Applying for a code: register and declare in one, with a receipt of exactly what was stored.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_ledger::Ledger;
use yima_model::document::IssuingState;
use yima_model::fact::DwellingRole;
use yima_model::{AreaCode, Content, Document, DocumentKind, Fact, PersonId, Timestamp, Zone};
use yima_registry::cases::reach::Reach;
use yima_registry::cases::register::{Application, Dwelling, Registered, register};
use yima_registry::cases::{Call, Refusal, statements};
use yima_registry::standing::standing;
use yima_registry::vault::{ContactAddress, Details, PersonalText};

use super::AppState;
use super::answer::{Form, instant, open_instant, position};
use super::bindings::refused;
use super::birth_dates::{Witness, contradiction, read_birth};
use super::declarations::{DeclarationBody, HealthRequest};
use super::extract::{Body, Key, ResidentToken, self_source};
use super::problem::{Code, Problem};
use super::reviews;
use super::unresolved_places::read_place;
use crate::app::App;
use crate::attempts::Tried;
use crate::binding;
use crate::rows::{Rows, table};
use crate::session::{self, TokenHash};
use crate::unlisted::Spelling;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(apply))
}

const DAY_MILLIS: i64 = 24 * 3_600_000;

/// The pledges that were made, by person and instant.
static PLEDGES: Rows<Pledge> = Rows::new(table::PLEDGE);

/// A form of application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationRequest {
    document: DocumentRequest,
    /// The name as on the document.
    name: String,
    /// The date of birth, such as 1990-01-31; asked for where the document does not carry it.
    #[serde(default)]
    birth: Option<String>,
    /// One to three addresses, each of another role; `present` counts where it is given.
    dwellings: Vec<DwellingRequest>,
    declaration: DeclarationRequest,
    pledge: PledgeRequest,
}

/// An identity document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentRequest {
    /// 10 resident ID, 14 HK/Macau permit, 15 and 16 Taiwan permits, 20 passport, 34 permanent resident card, 99 other.
    kind: u8,
    /// The state that issued it, for a passport.
    #[serde(default)]
    issuer: Option<String>,
    /// The number as typed.
    number: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DwellingRequest {
    /// `home`, `present` or `workplace`.
    role: String,
    /// The code of the nearest listed area.
    area: String,
    /// The name of the place in that area, where no list has it: operators see it, with nobody's name, and list it.
    #[serde(default)]
    place: Option<String>,
    /// The rest of the address, as the person writes it.
    #[serde(default)]
    text: Option<String>,
    /// For `present`: when the person plans to leave for home. Absent, or `unknown`, if nobody can know yet.
    #[serde(default)]
    until: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclarationRequest {
    symptoms: Vec<String>,
    /// `no`, `yes` or `unknown`.
    contact: String,
    on_duty: bool,
    /// Where the person came from in the last weeks; empty if from nowhere.
    #[serde(default)]
    origins: Vec<OriginRequest>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OriginRequest {
    /// The area; absent for abroad.
    #[serde(default)]
    from: Option<String>,
    /// The name of the place in that area, where no list has it; operators see it and list it, and it is kept nowhere else.
    #[serde(default)]
    place: Option<String>,
    /// When.
    arrived: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PledgeRequest {
    /// Which text.
    version: String,
    accepted: bool,
}

/// A pledge that was made.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
struct Pledge {
    version: String,
    at: String,
}

/// Exactly what was stored, read back; for the person alone.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    name: Option<String>,
    documents: Vec<DocumentBody>,
    birth: Option<BirthBody>,
    dwellings: Vec<DwellingBody>,
    declarations: Vec<DeclarationBody>,
    origins: Vec<OriginBody>,
    pledge: Option<Pledge>,
}

#[derive(Serialize, ToSchema)]
struct DocumentBody {
    kind: u8,
    issuer: Option<String>,
    number: String,
}

/// A date of birth.
#[derive(Serialize, ToSchema)]
struct BirthBody {
    /// Such as 1990-01-31.
    date: String,
    /// `document` if its number carries it, `desk` if a desk has seen it there, otherwise `stated`.
    source: &'static str,
}

#[derive(Serialize, ToSchema)]
struct DwellingBody {
    fact: String,
    role: &'static str,
    area: String,
    full_name: Option<String>,
    text: Option<String>,
    /// The planned departure, if it is known.
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct OriginBody {
    fact: String,
    from: Option<String>,
    to: String,
    arrived: String,
}

/// Who has registered.
#[derive(Serialize, ToSchema)]
struct ApplicationBody {
    person: String,
    receipt: ReceiptBody,
    position: String,
}

/// A form that was read.
pub(super) struct ReadForm {
    pub(super) application: Application,
    further: Vec<Dwelling>,
    origins: Vec<(Option<AreaCode>, Timestamp)>,
    /// The names of places that no list has.
    unlisted: Vec<Spelling>,
}

/// An address that was read, with the name of a place that no list has.
pub(super) type ReadDwelling = (Dwelling, Option<Spelling>);

/// Register and declare
#[utoipa::path(post, path = "/residents", tag = "record", request_body = ApplicationRequest, responses(
    (status = 201, body = ApplicationBody), (status = 409), (status = 422), (status = 429)))]
async fn apply(
    State(app): State<AppState>,
    ResidentToken(hash): ResidentToken,
    key: Key,
    Body(request): Body<ApplicationRequest>,
) -> Result<(StatusCode, Json<ApplicationBody>), Problem> {
    let now = app.now();
    let body = app
        .run(move |app| {
            let (contact, own) = applicant(app, hash, now)?;
            let mut form = request.read(app, now, Witness::Nobody)?;
            let until = now.plus_millis(i64::from(app.terms.binding_days) * DAY_MILLIS);
            if let Some(contact) = &contact {
                let count = app.bindings.count(&app.registry, Tried::Registration, contact.reveal().as_bytes(), now);
                count.map_err(|error| refused(error, now))?;
                form.application.reach = Some((Reach::Contact(contact.clone()), until));
            } else if app.registry.vault().find_document(&form.application.document)? != own {
                return Err(Code::RegisteredAlready.into());
            }
            let call = |number| Ok(Call { request: key.numbered(&hash.0, number), source: self_source()?, now });
            let registered = register(&app.registry, &call(0)?, &form.application)?;
            let (person, repeated) = match registered {
                Registered::New { person, .. } => (person, false),
                // The answer to the first try may have been lost: its sender holds the address that was bound then.
                Registered::Before { person } if own == Some(person) => (person, true),
                Registered::Before { .. } => return Err(Code::DocumentTaken.into()),
            };
            if contact.is_some() {
                let expires = now.plus_millis(i64::from(app.terms.session_days) * DAY_MILLIS);
                session::begin(app.ledger(), hash, person, now, expires)?;
                binding::forget(app.ledger(), hash)?;
            }
            let pledge = Pledge { version: request.pledge.version, at: instant(now) };
            PLEDGES.put(app.ledger(), &pledge_key(person, now), &pledge)?;
            form.complete(app, person, repeated, call)?;
            reviews::enqueue(app, person)?;
            answer(app, person)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Who applies: the address that the session has proved, and the person who is bound to it or signed in already.
fn applicant(
    app: &App,
    hash: TokenHash,
    now: Timestamp,
) -> Result<(Option<ContactAddress>, Option<PersonId>), Problem> {
    if let Some(contact) = binding::proven(&app.registry, hash, now)? {
        let own = app.registry.vault().find_contact(&contact)?;
        return Ok((Some(contact), own));
    }
    match session::find(app.ledger(), hash, now)? {
        Some(session) => Ok((None, Some(session.person))),
        None => Err(Code::NoSession.into()),
    }
}

fn answer(app: &App, person: PersonId) -> Result<ApplicationBody, Problem> {
    let view = app.registry.view(person)?;
    let details = app.registry.vault().details(person)?;
    Ok(ApplicationBody {
        person: person.to_string(),
        receipt: ReceiptBody::new(app, person, &view.facts, &details)?,
        position: position(&[view.as_of.person]),
    })
}

fn pledge_key(person: PersonId, at: Timestamp) -> Vec<u8> {
    [person.bytes().as_slice(), &at.millis().to_be_bytes()].concat()
}

fn latest_pledge(ledger: &dyn Ledger, person: PersonId) -> Result<Option<Pledge>, Problem> {
    Ok(PLEDGES.all(ledger, person.bytes())?.pop().map(|(_, pledge)| pledge))
}

impl DocumentRequest {
    pub(super) fn read(&self, form: &mut Form, field: &str, now: Timestamp) -> Option<Document> {
        let kind =
            DocumentKind::from_code(self.kind).ok_or("not a kind of document; write 10, 14, 15, 16, 20, 34 or 99");
        let kind = form.read(&format!("{field}.kind"), "unknown-kind", kind);
        let issuer = self.issuer.as_deref().filter(|issuer| !issuer.is_empty()).map(IssuingState::parse).transpose();
        let issuer = form.read(&format!("{field}.issuer"), "not-a-state", issuer);
        let today = Zone::BEIJING.date(now)?;
        let document = Document::parse(kind?, issuer?, &self.number, today);
        form.read(&format!("{field}.number"), "wrong-number", document)
    }
}

impl ApplicationRequest {
    /// Reads the form; everything that is wrong with it comes back at once.
    pub(super) fn read(&self, app: &App, now: Timestamp, witness: Witness) -> Result<ReadForm, Problem> {
        let mut form = Form::default();
        let read = self.fields(&mut form, app, now, witness);
        form.finish(read)
    }

    fn fields(&self, form: &mut Form, app: &App, now: Timestamp, witness: Witness) -> Option<ReadForm> {
        let document = self.document.read(form, "document", now);
        let birth = self.birth.as_deref().filter(|text| !text.trim().is_empty());
        let birth = birth.map(|text| read_birth(form, text, now, witness));
        if let (Some(Some(birth)), Some(document)) = (&birth, &document) {
            contradiction(form, birth, document);
        }
        let name = form.read("name", "not-a-line", PersonalText::parse(&self.name));
        let dwellings: Vec<_> = {
            let field = |at| format!("dwellings.{at}.");
            self.dwellings.iter().enumerate().map(|(at, dwelling)| dwelling.read(form, &field(at), app, now)).collect()
        };
        let DeclarationRequest { symptoms, contact, on_duty, origins } = &self.declaration;
        let health = HealthRequest::new(symptoms, contact, *on_duty).read(form, "declaration.");
        let origins: Vec<_> = origins.iter().enumerate().map(|(at, origin)| origin.read(form, at, app)).collect();
        let pledge = self.pledge.accepted.then_some(()).ok_or("without the pledge nothing can be filed");
        form.read("pledge.accepted", "not-accepted", pledge);
        let mut dwellings = dwellings.into_iter().collect::<Option<Vec<_>>>()?;
        let has_home = dwellings.iter().any(|(dwelling, _)| dwelling.role == DwellingRole::Home);
        if dwellings.iter().any(|(dwelling, _)| dwelling.until.is_some()) && !has_home {
            form.read::<(), _>("dwellings", "no-home", Err(NO_HOME));
        }
        // The one that counts is filed with the registration.
        dwellings.sort_by_key(|(dwelling, _)| (dwelling.role != DwellingRole::Present, dwelling.role));
        dwellings.dedup_by_key(|(dwelling, _)| dwelling.role);
        let origins = origins.into_iter().collect::<Option<Vec<_>>>()?;
        let unlisted = dwellings.iter().map(|(_, place)| place).chain(origins.iter().map(|(_, _, place)| place));
        let unlisted = unlisted.flatten().cloned().collect();
        let mut dwellings: Vec<_> = dwellings.into_iter().map(|(dwelling, _)| dwelling).collect();
        let first = (!dwellings.is_empty()).then(|| dwellings.remove(0)).ok_or("name at least one address");
        let application = Application {
            dwelling: form.read("dwellings", "missing", first)?,
            document: document?,
            name: name?,
            birth: birth.flatten(),
            health: health?,
            reach: None,
        };
        let origins = origins.into_iter().map(|(from, arrived, _)| (from, arrived)).collect();
        Some(ReadForm { application, further: dwellings, origins, unlisted })
    }
}

impl ReadForm {
    /// Files what goes beyond one address and one declaration, and notes which places no list has.
    pub(super) fn complete(
        &self,
        app: &App,
        person: PersonId,
        repeated: bool,
        call: impl Fn(u32) -> Result<Call, Problem>,
    ) -> Result<(), Problem> {
        let mut numbers = 1..;
        let mut next = || call(numbers.next().unwrap_or(u32::MAX));
        for dwelling in &self.further {
            statements::move_to(&app.registry, &next()?, person, dwelling)?;
        }
        for (from, at) in &self.origins {
            statements::arrive(&app.registry, &next()?, person, *from, *at)?;
        }
        app.unlisted.note(app.ledger(), &self.unlisted, repeated, app.now())?;
        Ok(())
    }
}

impl DwellingRequest {
    /// The address below the area, as the person writes it.
    fn written(&self) -> Option<String> {
        let parts = [&self.place, &self.text].into_iter().flatten().map(|part| part.trim());
        let written = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        (!written.is_empty()).then_some(written)
    }

    /// The planned departure, if it is known.
    fn departure(&self) -> Option<&str> {
        self.until.as_deref().filter(|text| !text.is_empty() && *text != "unknown")
    }

    pub(super) fn read(&self, form: &mut Form, prefix: &str, app: &App, now: Timestamp) -> Option<ReadDwelling> {
        let field = |name: &str| format!("{prefix}{name}");
        let role = form.word(&field("role"), &self.role, DwellingRole::from_word);
        let tree = app.tree.load();
        let known = AreaCode::parse(&self.area).ok().filter(|area| tree.name(*area).is_some());
        let area =
            form.read(&field("area"), "not-an-area", known.ok_or("choose a listed area; the text says the rest"));
        let area = area.map(|area| read_place(form, &field("place"), self.place.as_deref(), area, app));
        let text = self.written().map(|text| PersonalText::parse(&text)).transpose();
        let text = form.read(&field("text"), "not-a-line", text);
        let until = form.read(&field("until"), "not-an-instant", self.departure().map(Timestamp::parse).transpose())?;
        if let (Some(until), Some(role)) = (until, role) {
            let fits = role == DwellingRole::Present && until > now;
            let fits = fits.then_some(()).ok_or("a planned departure lies ahead, and is one from the present address");
            form.read(&field("until"), "no-departure", fits);
        }
        let (area, place) = area??;
        Some((Dwelling { area, role: role?, until, text: text? }, place))
    }
}

/// What is said where somebody plans to leave for a home that is not known.
pub(super) const NO_HOME: &str = "name the home too, which counts after the planned departure";

impl OriginRequest {
    fn read(&self, form: &mut Form, at: usize, app: &App) -> Option<(Option<AreaCode>, Timestamp, Option<Spelling>)> {
        let field = |name: &str| format!("declaration.origins.{at}.{name}");
        let from = self.from.as_deref().filter(|from| !from.is_empty()).map(AreaCode::parse).transpose();
        let from = form.read(&field("from"), "not-an-area", from);
        let arrived = Timestamp::parse(&self.arrived);
        let arrived = form.read(&field("arrived"), "not-an-instant", arrived);
        if arrived.is_some_and(|arrived| arrived < app.registry.kept().horizon) {
            form.read::<(), _>(&field("arrived"), "too-old", Err(Refusal::TooOld));
        }
        let (from, place) = match from? {
            Some(from) => {
                let (from, place) = read_place(form, &field("place"), self.place.as_deref(), from, app)?;
                (Some(from), place)
            }
            None => (None, None),
        };
        Some((from, arrived?, place))
    }
}

impl ReceiptBody {
    /// What is stored of a person now.
    pub(super) fn new(app: &App, person: PersonId, facts: &[Fact], details: &Details) -> Result<Self, Problem> {
        let tree = app.tree.load();
        let standing = standing(facts, Timestamp::FOREVER);
        let now = app.now();
        let mut dwellings = Vec::new();
        let mut origins = Vec::new();
        for (fact, lasts) in &standing {
            match fact.content() {
                Content::Dwelling { area, role } if lasts.until() > now => dwellings.push(DwellingBody {
                    fact: fact.id().to_string(),
                    role: role.word(),
                    area: area.to_string(),
                    full_name: tree.full_name(*area),
                    text: details.addresses.iter().find(|(of, _)| of == role).map(|(_, text)| text.reveal().to_owned()),
                    until: open_instant(lasts.until()),
                }),
                Content::Arrival { from, to } => origins.push(OriginBody {
                    fact: fact.id().to_string(),
                    from: from.map(|from| from.to_string()),
                    to: to.to_string(),
                    arrived: instant(fact.occurred().start()),
                }),
                _ => {}
            }
        }
        let declarations = DeclarationBody::all(facts, |_| true).into_iter().filter(DeclarationBody::is_standing);
        Ok(Self {
            name: details.name.as_ref().map(|name| name.reveal().to_owned()),
            documents: details.documents.iter().map(DocumentBody::new).collect(),
            birth: BirthBody::new(details),
            dwellings,
            declarations: declarations.collect(),
            origins,
            pledge: latest_pledge(app.ledger(), person)?,
        })
    }
}

impl BirthBody {
    fn new(details: &Details) -> Option<Self> {
        let source = match &details.stated_birth {
            _ if details.documents.iter().any(|document| document.birth().is_some()) => "document",
            Some(birth) if birth.is_confirmed() => "desk",
            _ => "stated",
        };
        Some(Self { date: details.birth()?.reveal().to_string(), source })
    }
}

impl DocumentBody {
    fn new(document: &Document) -> Self {
        Self {
            kind: document.kind().code(),
            issuer: document.issuer().map(|issuer| issuer.to_string()),
            number: document.number().reveal().to_string(),
        }
    }
}

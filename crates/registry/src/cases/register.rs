//! Registering: the document is claimed in the vault, then one append files everything that the form asks for.

use yima_model::fact::{Answer, DwellingRole, Symptoms};
use yima_model::{AreaCode, Content, Document, Fact, Occurred, PersonId, Subject, Timestamp};

use super::reach::{self, Reach};
use super::{Call, CaseError, Draft, Filed, Refusal, RequestId, derived_id, earlier, is_registered, registered};
use crate::registry::Registry;
use crate::standing::standing;
use crate::vault::{BirthDate, PersonalText};

/// What a form of application says.
#[derive(Clone, Debug)]
pub struct Application {
    /// The document by which the person is known.
    pub document: Document,
    /// The name as on the document.
    pub name: PersonalText,
    /// The date of birth as stated, for a document that does not carry it.
    pub birth: Option<BirthDate>,
    /// Where the person lives or is.
    pub dwelling: Dwelling,
    /// Health and history.
    pub health: Health,
    /// How the person is reached, if that is proved already, and until when that holds.
    pub reach: Option<(Reach, Timestamp)>,
}

/// An address: the area for rules, the free text for the vault.
#[derive(Clone, Debug)]
pub struct Dwelling {
    /// The nearest area that has a code.
    pub area: AreaCode,
    /// Which address it is.
    pub role: DwellingRole,
    /// When the person plans to leave, if that is known; from then on the home counts again.
    pub until: Option<Timestamp>,
    /// The rest of it, as written by the person.
    pub text: Option<PersonalText>,
}

impl Dwelling {
    /// From `from` on, until the planned departure.
    pub(super) fn occurred(&self, from: Timestamp) -> Occurred {
        Occurred::During { from, until: self.until.unwrap_or(Timestamp::FOREVER) }
    }
}

/// What a person declares about health and history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Present symptoms.
    pub symptoms: Symptoms,
    /// Whether the person knows of a contact with a case.
    pub contact: Answer,
    /// Whether the person goes out daily on epidemic duty.
    pub on_duty: bool,
}

impl Health {
    pub(super) const fn content(self) -> Content {
        let Self { symptoms, contact, on_duty } = self;
        Content::Declaration { symptoms, contact, on_duty }
    }
}

/// What came of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The person is registered now.
    New {
        /// Who.
        person: PersonId,
        /// What was filed.
        filed: Filed,
    },
    /// The document's person was registered before; nothing was filed or changed.
    ///
    /// The one who asks has proved nothing: whoever calls this tells no more than a stranger may know.
    Before {
        /// Who.
        person: PersonId,
    },
}

impl Registered {
    /// The person to whom the document belongs.
    pub const fn person(&self) -> PersonId {
        match self {
            Self::New { person, .. } | Self::Before { person } => *person,
        }
    }
}

/// Registers a person; one document is one person, however often and by however many it is tried at once.
///
/// # Errors
/// [`CaseError`]; a claimed document without facts is harmless and is used by the next try.
pub fn register(registry: &Registry, call: &Call, application: &Application) -> Result<Registered, CaseError> {
    let vault = registry.vault();
    let person = vault.claim_document(&application.document)?.person();
    registry.follow(call.now)?;
    let facts = registry.record(person)?;
    if is_registered(&facts, call.now) {
        return Ok(Registered::Before { person });
    }
    // The ids follow from the person and not from the request, so that of two who register at once one succeeds.
    let earlier = facts.iter().filter(|fact| matches!(fact.content(), Content::Registration)).count();
    let seed = derived_id(b"registration", &[person.bytes(), &(earlier as u64).to_be_bytes()]);
    let once = Call { request: RequestId(*seed.bytes()), ..call.clone() };
    let subject = Subject::Person(person);
    let mut draft = Draft::new(&once);
    draft.add(subject, Occurred::since(call.now), Content::Registration);
    draft.add(subject, Occurred::since(call.now), Content::Document { kind: application.document.kind() });
    let Dwelling { area, role, .. } = application.dwelling;
    draft.add(subject, application.dwelling.occurred(call.now), Content::Dwelling { area, role });
    draft.add(subject, Occurred::at(call.now), application.health.content());
    if let Some((reach, until)) = &application.reach {
        reach::add_binding(&mut draft, person, reach, *until);
    }
    let filed = draft.file(registry)?;
    if filed.repeated {
        return Ok(Registered::Before { person });
    }
    vault.put_name(person, &application.name)?;
    if let Some(birth) = application.birth.as_ref().filter(|_| application.document.birth().is_none()) {
        vault.put_birth(person, birth)?;
    }
    if let Some(text) = &application.dwelling.text {
        vault.put_address(person, role, text)?;
    }
    if let Some((Reach::Contact(contact), _)) = &application.reach
        && let Some(before) = vault.bind_contact(person, contact)?
    {
        reach::end_displaced(registry, call, before, contact)?;
    }
    Ok(Registered::New { person, filed })
}

/// Until when a person is registered, if at all: [`Timestamp::FOREVER`] but for a provisional record.
pub fn registered_until(facts: &[Fact], now: Timestamp) -> Option<Timestamp> {
    let standing = standing(facts, Timestamp::FOREVER);
    let ends = standing.iter().filter(|(fact, _)| matches!(fact.content(), Content::Registration));
    ends.map(|(_, lasts)| lasts.until()).filter(|until| *until > now).max()
}

/// Links a further document to a person who is registered; the desk has seen both.
///
/// # Errors
/// [`Refusal::NotRegistered`], [`crate::vault::VaultError::OfAnotherPerson`], or a failure underneath.
pub fn link_document(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    document: &Document,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if let Some(filed) =
        earlier(registry, call, &facts, |before| before.content == Content::Document { kind: document.kind() })?
    {
        return Ok(filed);
    }
    registry.vault().link_document(person, document)?;
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::since(call.now), Content::Document { kind: document.kind() });
    draft.file(registry)
}

/// Takes a document from a person who has another one; the fact that it belonged to the person ends.
///
/// # Errors
/// [`Refusal::NoSuchFact`] if no standing fact speaks of a document of that kind,
/// [`crate::vault::VaultError::LastDocument`], or a failure underneath.
pub fn unlink_document(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    document: &Document,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| matches!(before.content, Content::Closing { .. }))? {
        return Ok(filed);
    }
    let standing = standing(&facts, Timestamp::FOREVER);
    let kind = document.kind();
    let linked = standing
        .iter()
        .filter(|(fact, lasts)| lasts.until() == Timestamp::FOREVER && *fact.content() == Content::Document { kind });
    let target = linked.map(|(fact, _)| fact.id()).next().ok_or(Refusal::NoSuchFact)?;
    registry.vault().unlink_document(person, document)?;
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::at(call.now), Content::Closing { target });
    draft.file(registry)
}

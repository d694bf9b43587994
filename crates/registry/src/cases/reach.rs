//! How a person is reached: binding a phone, an e-mail address or a desk card, and ending that.

use yima_model::fact::Channel;
use yima_model::{Content, FactId, Occurred, PersonId, Subject, Timestamp};

use super::{Call, CaseError, Draft, Filed, earlier, registered};
use crate::registry::Registry;
use crate::standing;
use crate::vault::ContactAddress;

/// A means of reaching a person, proved by whoever calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A phone or e-mail address to which a one-time code was sent.
    Contact(ContactAddress),
    /// A card that a desk printed.
    Desk,
    /// The guardian's own binding.
    Guardian,
}

impl Reach {
    const fn channel(&self) -> Channel {
        match self {
            Self::Contact(contact) => contact.channel().fact_channel(),
            Self::Desk => Channel::Desk,
            Self::Guardian => Channel::Guardian,
        }
    }
}

/// Binds a code to a means of reaching the person until an instant; an older binding of the same channel ends.
///
/// Whoever had the phone or address before loses that binding in the same call. Expiry keeps everything else.
///
/// # Errors
/// [`super::Refusal::NotRegistered`], [`super::Refusal::Fact`] if `until` is not later than now, or a failure underneath.
pub fn bind(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    reach: &Reach,
    until: Timestamp,
) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if let Some(filed) =
        earlier(registry, call, &facts, |before| before.content == Content::Binding { channel: reach.channel() })?
    {
        return Ok(filed);
    }
    let mut draft = Draft::new(call);
    add_binding(&mut draft, person, reach, until);
    for target in bindings(registry, person, reach.channel(), call.now)? {
        draft.add(Subject::Person(person), Occurred::at(call.now), Content::Closing { target });
    }
    let filed = draft.file(registry)?;
    if let Reach::Contact(contact) = reach
        && let Some(before) = registry.vault().bind_contact(person, contact)?
    {
        end_displaced(registry, call, before, contact)?;
    }
    Ok(filed)
}

/// Ends every binding of a channel, and forgets the phone or address.
///
/// # Errors
/// [`super::Refusal::NotRegistered`] or a failure underneath.
pub fn unbind(registry: &Registry, call: &Call, person: PersonId, reach: &Reach) -> Result<Filed, CaseError> {
    let facts = registered(registry, person, call.now)?;
    if let Some(filed) = earlier(registry, call, &facts, |before| matches!(before.content, Content::Closing { .. }))? {
        return Ok(filed);
    }
    if let Reach::Contact(contact) = reach {
        registry.vault().unbind_contact(person, contact)?;
    }
    let mut draft = Draft::new(call);
    for target in bindings(registry, person, reach.channel(), call.now)? {
        draft.add(Subject::Person(person), Occurred::at(call.now), Content::Closing { target });
    }
    draft.file(registry)
}

pub(super) fn add_binding(draft: &mut Draft<'_>, person: PersonId, reach: &Reach, until: Timestamp) {
    let occurred = Occurred::During { from: draft.call.now, until };
    draft.add(Subject::Person(person), occurred, Content::Binding { channel: reach.channel() });
}

/// Ends the binding of whoever had a phone or address before.
pub(super) fn end_displaced(
    registry: &Registry,
    call: &Call,
    before: PersonId,
    contact: &ContactAddress,
) -> Result<(), CaseError> {
    let id = super::derived_id(b"displaced", &[&call.request.0, before.bytes()]);
    let call = Call { request: super::RequestId(*id.bytes()), ..call.clone() };
    let mut draft = Draft::new(&call);
    for target in bindings(registry, before, contact.channel().fact_channel(), call.now)? {
        draft.add_by_system(Subject::Person(before), Occurred::at(call.now), Content::Closing { target });
    }
    draft.file(registry)?;
    Ok(())
}

/// The standing bindings of a channel that have not ended.
fn bindings(registry: &Registry, person: PersonId, channel: Channel, now: Timestamp) -> Result<Vec<FactId>, CaseError> {
    let facts = registry.record(person)?;
    let standing = standing::standing(&facts, Timestamp::FOREVER).into_iter();
    let open = standing.filter(|(fact, lasts)| lasts.until() > now && *fact.content() == Content::Binding { channel });
    Ok(open.map(|(fact, _)| fact.id()).collect())
}

//! Certificates of other issuers: what a verified one says becomes a fact about the person whose it is.
//!
//! Kept are the meaning, since when, the format and the issuer; what that is worth is for the rules to say. The certificate
//! itself, and what it says of the person, is kept nowhere.

use thiserror::Error;
use yima_model::{Content, Fact, Filing, Kind, Occurred, PersonId, SourceKind, Subject, Timestamp};
use yima_statement::{Comparison, Holder, Trust, verify};

use super::{Call, CaseError, Draft, Filed, Refusal, applied_places, earlier, registered};
use crate::registry::Registry;
use crate::standing::standing;
use crate::vault::Details;

/// Why a certificate is not filed; the code of each is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateRefusal {
    /// It does not count, whosever it is.
    #[error(transparent)]
    Invalid(yima_statement::Refusal),
    /// It counts and says nothing that a fact could say.
    #[error(
        "the certificate is valid, but says nothing that counts here: neither a whole vaccination, a recovery nor a negative test for COVID-19"
    )]
    MeaningUnknown,
    /// Name or date of birth are another's.
    #[error(
        "the certificate names another person; compare name and date of birth, and let a desk correct what is kept"
    )]
    HolderDiffers,
    /// Too little is known of the one or the other to tell whose it is.
    #[error("it cannot be told whose the certificate is; come to a desk with it and with the document")]
    HolderUnknown,
}

impl CertificateRefusal {
    /// The stable code: that of the verifier (docs/STATEMENTS.md), or one of three more.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid(refusal) => refusal.code(),
            Self::MeaningUnknown => "meaning_unknown",
            Self::HolderDiffers => "holder_differs",
            Self::HolderUnknown => "holder_unknown",
        }
    }
}

/// What was filed of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiled {
    /// The fact; an equal one that stands already is not filed again.
    pub filed: Filed,
    /// Since when it is so.
    pub at: Timestamp,
    /// What the fact says.
    pub content: Content,
}

/// Verifies the text of a certificate by `trust` at the instant of the call, and files what it says of the person.
///
/// Its holder must be the person by name and date of birth, as far as both are known. At a desk, where somebody has seen
/// the document, one of them is enough if the other cannot be told, as of a name in another script. What the person's side
/// presents is its own word, which exempts from no rule (docs/RULES.md, `unless`): nobody has seen whose name is kept.
///
/// # Errors
/// [`Refusal::Certificate`], [`Refusal::NotForThisSource`], [`Refusal::NotRegistered`], [`Refusal::TooOld`],
/// [`Refusal::Fact`] if it says something of the future, or a failure underneath.
pub fn file_certificate(
    registry: &Registry,
    call: &Call,
    person: PersonId,
    text: &str,
    trust: &Trust,
) -> Result<CertificateFiled, CaseError> {
    let facts = registered(registry, person, call.now)?;
    let witness = witness(call.source.kind).ok_or(Refusal::NotForThisSource)?;
    let statement = verify(text, None, trust, call.now).map_err(CertificateRefusal::Invalid);
    // One that has expired since, or been revoked, was verified when it came first.
    let says = |before: &Filing| match statement.as_ref().map(|statement| statement.fact()) {
        Ok(Some((_, content))) => before.content == content,
        Ok(None) | Err(_) => before.content.kind() == Kind::Statement,
    };
    if let Some(filed) = earlier(registry, call, &facts, says)? {
        let first = facts.iter().find(|fact| filed.facts.first() == Some(&fact.id()));
        return first.map(|fact| CertificateFiled::new(filed, fact)).ok_or(Refusal::RequestReused.into());
    }
    let statement = statement?;
    check_holder(&statement.holder(), &registry.vault().details(person)?, witness)?;
    let (occurred, content) = statement.fact().ok_or(CertificateRefusal::MeaningUnknown)?;
    let at = begun(occurred.start(), call.now);
    if let Some(fact) = standing_equal(&facts, call.source.kind, at, &content) {
        let places = applied_places(registry, std::iter::once(fact.subject()));
        return Ok(CertificateFiled::new(Filed { facts: vec![fact.id()], places, repeated: true }, fact));
    }
    let mut draft = Draft::new(call);
    draft.add(Subject::Person(person), Occurred::at(at), content.clone());
    Ok(CertificateFiled { filed: draft.file(registry)?, at, content })
}

impl CertificateFiled {
    fn new(filed: Filed, fact: &Fact) -> Self {
        Self { filed, at: fact.occurred().start(), content: fact.content().clone() }
    }
}

/// Who has seen whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Witness {
    /// Nobody but the person's side.
    Nobody,
    /// A desk, with the person's document.
    Desk,
}

const fn witness(source: SourceKind) -> Option<Witness> {
    match source {
        SourceKind::Resident | SourceKind::Guardian => Some(Witness::Nobody),
        SourceKind::Desk => Some(Witness::Desk),
        _ => None,
    }
}

fn check_holder(holder: &Holder, details: &Details, witness: Witness) -> Result<(), CertificateRefusal> {
    let name = details.name.as_ref().map_or(Comparison::Unknown, |name| holder.compare_name(name.reveal()));
    let birth = details.birth();
    let birth = birth.map_or(Comparison::Unknown, |birth| holder.compare_birth(&birth.reveal().to_string()));
    match (name, birth) {
        (Comparison::Other, _) | (_, Comparison::Other) => Err(CertificateRefusal::HolderDiffers),
        (Comparison::Same, Comparison::Same) => Ok(()),
        (Comparison::Same, _) | (_, Comparison::Same) if witness == Witness::Desk => Ok(()),
        _ => Err(CertificateRefusal::HolderUnknown),
    }
}

/// A day without a time stands for its midnight in UTC, which may lie ahead on that day.
fn begun(at: Timestamp, now: Timestamp) -> Timestamp {
    const DAY_MILLIS: i64 = 24 * 3_600_000;
    if at < now.plus_millis(DAY_MILLIS) { at.min(now) } else { at }
}

/// The fact by which the same kind of source has said the same already.
fn standing_equal<'a>(facts: &'a [Fact], by: SourceKind, at: Timestamp, content: &Content) -> Option<&'a Fact> {
    let says =
        |fact: &&Fact| fact.filing().source.kind == by && fact.occurred().start() == at && fact.content() == content;
    standing(facts, Timestamp::FOREVER).into_iter().map(|(fact, _)| fact).find(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2021-06-01T20:00:00Z.
    const NOW: Timestamp = Timestamp::from_millis(1_622_577_600_000);

    #[test]
    fn a_day_that_has_begun_elsewhere_begins_now_and_no_later_one_does() {
        let check = |ahead: i64, expected: i64| {
            assert_eq!(begun(NOW.plus_millis(ahead), NOW), NOW.plus_millis(expected), "{ahead}");
        };
        const DAY: i64 = 24 * 3_600_000;
        check(-1, -1);
        check(0, 0);
        check(1, 0);
        check(DAY - 1, 0);
        check(DAY, DAY);
        check(DAY + 1, DAY + 1);
    }
}

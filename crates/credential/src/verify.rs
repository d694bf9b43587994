//! What a checkpoint checks, in order. Only [`verify`] makes a [`VerifiedCode`].

use yima_model::{Colour, Timestamp};

use crate::claims::{CodeId, Guardian, Issuer, LiveClaims, PaperClaims, StatusReference};
use crate::cose::Sign1;
use crate::form::{Content, Form, Presentation, decode_text};
use crate::key::PublicKey;
use crate::place::{Place, Staffing};
use crate::refusal::Refusal;
use crate::seconds::Seconds;
use crate::seen::Seen;
use crate::status_list::{STATUS_LIST_SECONDS_MAX, StatusList};
use crate::trust_list::{KeyUse, TrustList};
use crate::who::Who;

/// How long a presentation counts after the device signed it.
pub const PRESENTATION_AGE_SECONDS_MAX: u32 = 60;
/// How far a device's or an issuer's clock may be ahead of the checkpoint's.
pub const AHEAD_SECONDS_MAX: u32 = 30;

/// Checks a scanned code at a checkpoint; `now` is the clock of the checkpoint's device.
///
/// The time that counts is the latest of `now`, the newest signed list and the build, so that a clock turned back lets
/// nothing old pass. An accepted presentation is remembered in `seen`.
///
/// # Errors
/// The [`Refusal`] that comes first in the order in which the checks stand here. Source: docs/CODE.md, "Verifying".
pub fn verify(
    text: &str,
    checkpoint: &Checkpoint<'_>,
    seen: &mut Seen,
    now: Timestamp,
) -> Result<VerifiedCode, Refusal> {
    let now = checkpoint.time(now);
    let bytes = decode_text(text)?;
    let form = Form::parse(&bytes)?;
    check_issuer(&form, checkpoint.trust, now)?;
    match &form.content {
        Content::BareLive(_) => Err(Refusal::PresentationMissing),
        Content::Live(claims, presentation) => {
            check_device(claims, presentation)?;
            check_term(claims.times.issued(), claims.times.expires(), now)?;
            check_presented(claims.id, presentation.at, seen, now)?;
            let age = check_age(claims.times.as_of(), &checkpoint.place, now)?;
            seen.remember(claims.id, presentation.at, now);
            Ok(VerifiedCode::live(claims, presentation, age))
        }
        Content::Paper(claims) => {
            check_term(claims.times.issued(), claims.times.expires(), now)?;
            let as_of = check_status(claims, checkpoint, now)?;
            let age = check_age(as_of, &checkpoint.place, now)?;
            Ok(VerifiedCode::paper(claims, as_of, age))
        }
    }
}

/// What a checkpoint verifies against.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint<'a> {
    /// The place.
    pub place: Place,
    /// The trust list it holds.
    pub trust: &'a TrustList,
    /// The status lists it holds, at most one of each number.
    pub status: &'a [StatusList],
    /// When its software was built.
    pub built: Timestamp,
}

impl Checkpoint<'_> {
    /// The time that counts: the latest of the device's clock, the newest signed list and the build.
    ///
    /// A checkpoint whose own clock is more than five minutes behind this warns its operator.
    pub fn time(&self, device_clock: Timestamp) -> Seconds {
        let lists = self.status.iter().map(|list| list.content().issued).chain([self.trust.content().issued]);
        lists.chain([device_clock, self.built].map(Seconds::floor)).max().unwrap_or(Seconds::floor(device_clock))
    }
}

/// The trust list counts, names the issuer and the key; the key has this use, signed this and could sign it then.
fn check_issuer(form: &Form<'_>, trust: &TrustList, now: Seconds) -> Result<(), Refusal> {
    let (issuer, key_use, issued) = match &form.content {
        Content::Live(claims, _) | Content::BareLive(claims) => (claims.issuer, KeyUse::Live, claims.times.issued()),
        Content::Paper(claims) => (claims.issuer, KeyUse::Paper, claims.times.issued()),
    };
    check_key(&form.credential, trust, (issuer, key_use, issued), now)
}

/// The same for any credential, by whom it says it was issued, for what and when.
pub(crate) fn check_key(
    credential: &Sign1<'_>,
    trust: &TrustList,
    (issuer, key_use, issued): (Issuer, KeyUse, Seconds),
    now: Seconds,
) -> Result<(), Refusal> {
    if now >= trust.content().expires {
        return Err(Refusal::TrustListTooOld);
    }
    if issuer != trust.content().issuer {
        return Err(Refusal::IssuerWrong);
    }
    let key = trust.key(credential.key_id, key_use)?;
    key.check_signature(credential)?;
    key.check_validity(issued)?;
    Ok(())
}

/// The device to which the credential was given signed the presentation, and opened nothing but what the issuer closed.
fn check_device(claims: &LiveClaims, presentation: &Presentation<'_>) -> Result<(), Refusal> {
    let device = PublicKey::new(claims.device).map_err(|_| Refusal::PresentationKeyMismatch)?;
    if !presentation.signed.is_signed_by(&device) {
        return Err(Refusal::PresentationKeyMismatch);
    }
    match &presentation.opening {
        Some(opening) if opening.commitment() != claims.who => Err(Refusal::WhoMismatch),
        Some(_) | None => Ok(()),
    }
}

pub(crate) fn check_term(issued: Seconds, expires: Seconds, now: Seconds) -> Result<(), Refusal> {
    if issued.since(now) > AHEAD_SECONDS_MAX {
        return Err(Refusal::NotYetValid);
    }
    if now >= expires { Err(Refusal::Expired) } else { Ok(()) }
}

/// The presentation is fresh, and was not accepted here before.
fn check_presented(id: CodeId, at: Seconds, seen: &Seen, now: Seconds) -> Result<(), Refusal> {
    check_fresh(at, now)?;
    if seen.contains(id, at) { Err(Refusal::Replayed) } else { Ok(()) }
}

/// The device signed from 60 seconds ago to 30 seconds ahead.
pub(crate) fn check_fresh(at: Seconds, now: Seconds) -> Result<(), Refusal> {
    if at.since(now) > AHEAD_SECONDS_MAX {
        return Err(Refusal::PresentationFromFuture);
    }
    if now.since(at) > PRESENTATION_AGE_SECONDS_MAX { Err(Refusal::PresentationTooOld) } else { Ok(()) }
}

/// The place takes paper, and a status list of the last day says that the code passes; gives the time of that list.
fn check_status(claims: &PaperClaims, checkpoint: &Checkpoint<'_>, now: Seconds) -> Result<Seconds, Refusal> {
    if checkpoint.place.staffing == Staffing::Unattended {
        return Err(Refusal::PaperNotAccepted);
    }
    let list = checkpoint.status.iter().find(|list| list.content().number == claims.status.list);
    // A list that was taken under an older trust list is none once its key is revoked.
    let list = list.filter(|list| list.check_under(checkpoint.trust).is_ok()).ok_or(Refusal::StatusListMissing)?;
    let list = list.content();
    if now >= list.expires || now.since(list.issued) > STATUS_LIST_SECONDS_MAX {
        return Err(Refusal::StatusListTooOld);
    }
    match list.entries.passes(claims.status.index) {
        None => Err(Refusal::StatusIndexOutOfRange),
        Some(false) => Err(Refusal::StatusFallen),
        Some(true) => Ok(list.issued),
    }
}

fn check_age(as_of: Seconds, place: &Place, now: Seconds) -> Result<Age, Refusal> {
    match now.since(as_of) {
        age if age <= place.strictness.fresh_seconds() => Ok(Age::Fresh),
        age if age <= place.strictness.oldest_seconds() => Ok(Age::Older { hours: age.div_ceil(3600) }),
        _ => Err(Refusal::Stale),
    }
}

/// A code that a checkpoint has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCode {
    mark: CodeMark,
    standing: Standing,
    as_of: Seconds,
    age: Age,
    expires: Seconds,
    epoch: Option<u32>,
    who: Option<Who>,
    guardian: Option<Guardian>,
}

/// Which code it is, however often it is shown; a checkpoint keeps it no longer than the scan or the group lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeMark {
    /// The id of a live credential.
    Live(CodeId),
    /// The entry of a paper code.
    Paper(StatusReference),
}

/// Where the holder of a verified code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A live code: the colour as of its data.
    Colour(Colour),
    /// A paper code whose entry stands.
    Passes,
}

/// How old the data behind a code are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Age {
    /// As fresh as the place asks for.
    Fresh,
    /// Older, and to be shown as such.
    Older {
        /// Hours, rounded up.
        hours: u32,
    },
}

impl VerifiedCode {
    fn live(claims: &LiveClaims, presentation: &Presentation<'_>, age: Age) -> Self {
        Self {
            mark: CodeMark::Live(claims.id),
            standing: Standing::Colour(claims.colour),
            as_of: claims.times.as_of(),
            age,
            expires: claims.times.expires(),
            epoch: Some(claims.epoch),
            who: presentation.opening.as_ref().map(|opening| opening.who.clone()),
            guardian: None,
        }
    }

    fn paper(claims: &PaperClaims, as_of: Seconds, age: Age) -> Self {
        Self {
            mark: CodeMark::Paper(claims.status),
            standing: Standing::Passes,
            as_of,
            age,
            expires: claims.times.expires(),
            epoch: None,
            who: Some(claims.who.clone()),
            guardian: claims.guardian.clone(),
        }
    }

    /// Which code it is.
    pub const fn mark(&self) -> CodeMark {
        self.mark
    }

    /// Where the holder stands.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// As of when the data are: the colour's, or the status list's.
    pub const fn as_of(&self) -> Seconds {
        self.as_of
    }

    /// How old they are at this place.
    pub const fn age(&self) -> Age {
        self.age
    }

    /// The first instant at which the code no longer counts.
    pub const fn expires(&self) -> Seconds {
        self.expires
    }

    /// The number of the set of rule packs behind a colour.
    pub const fn epoch(&self) -> Option<u32> {
        self.epoch
    }

    /// Whose code it is: always on paper, on a live code if the holder tapped for it.
    pub const fn who(&self) -> Option<&Who> {
        self.who.as_ref()
    }

    /// Who manages the paper code of a dependent.
    pub const fn guardian(&self) -> Option<&Guardian> {
        self.guardian.as_ref()
    }
}

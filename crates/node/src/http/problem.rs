//! Problem documents (RFC 9457): the one place where something that went wrong becomes an answer.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use yima_ledger::LedgerError;
use yima_registry::JudgeError;
use yima_registry::cases::{CaseError, Refusal};
use yima_registry::registry::RegistryError;
use yima_registry::retention::Gone;
use yima_registry::vault::VaultError;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal, $hint:literal;)+) => {
        /// Everything that a client can be told; the code is stable, and is the label of the metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// The stable word.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint,)+ }
            }
        }
    };
}

problems! {
    /// The body or the query cannot be read at all.
    Malformed = BAD_REQUEST, "malformed", "the request cannot be read", "send what the API description names";
    /// Some fields say what cannot be.
    InvalidFields = UNPROCESSABLE_ENTITY, "invalid-fields", "some fields are not right", "correct the fields in `errors`";
    /// A state-changing request without its key.
    KeyMissing = BAD_REQUEST, "idempotency-key-missing", "the header Idempotency-Key is missing",
        "send 32 hexadecimal digits, the same ones when you repeat the request";
    /// The key was used for another request.
    KeyReused = CONFLICT, "idempotency-key-reused", "this Idempotency-Key was used for something else",
        "send a new one";
    /// A page of another site sent the request.
    OriginWrong = FORBIDDEN, "wrong-origin", "the request comes from another site", "open the page of this service";
    /// Nobody is signed in.
    NoSession = UNAUTHORIZED, "no-session", "you are not signed in", "sign in, then repeat the request";
    /// The role does not allow it.
    NotPermitted = FORBIDDEN, "not-permitted", "this is not yours to do", "ask somebody whose task it is";
    /// Nothing is there, or nothing that the asker may know of.
    NotFound = NOT_FOUND, "not-found", "there is nothing here", "check the address";
    /// What the answer would rest on lies sealed in the ledger.
    Sealed = GONE, "sealed", "this lies too far back", "ask an office that has a reason to replay it";
    /// What the answer would rest on does not exist any more.
    Destroyed = GONE, "destroyed", "what this rests on is destroyed", "nobody can answer this any more";
    /// The method is not one of the resource.
    MethodWrong = METHOD_NOT_ALLOWED, "method-not-allowed", "this cannot be done here", "look at the API description";
    /// The body is too long.
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "the request is too long", "send less at a time";
    /// The body is of another type.
    TypeWrong = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "the body is of another type",
        "send `content-type: application/json`";
    /// Too many tries.
    TooManyAttempts = TOO_MANY_REQUESTS, "too-many-attempts", "there were too many tries", "wait until `retry-after`";
    /// The one-time code is wrong, used or expired.
    OneTimeCodeWrong = FORBIDDEN, "wrong-code", "the one-time code is wrong or has expired",
        "check it, or ask for a new one";
    /// What a card reader was given with an evaluation is used, too old or another's.
    TicketWrong = FORBIDDEN, "wrong-ticket", "the ticket is used, too old or not yours",
        "read the card again and ask for another evaluation";
    /// Account or password are wrong.
    PasswordWrong = FORBIDDEN, "wrong-password", "account or password are wrong", "check both";
    /// The person has not registered.
    NotRegistered = CONFLICT, "not-registered", "there is no registration yet", "register first";
    /// The document belongs to somebody who registered it before.
    DocumentTaken = CONFLICT, "document-taken", "this document cannot be registered here",
        "if it is yours, bind the phone you registered with, or come to a desk with the document";
    /// The session belongs to a person who has registered.
    RegisteredAlready = CONFLICT, "registered-already", "you are registered", "amend what you declared instead";
    /// The registry refused a filing for a reason that the detail names.
    Refused = CONFLICT, "refused", "this cannot be filed", "read the detail";
    /// Visits stay on the phone where no pack in force has them reported.
    VisitsStay = CONFLICT, "visits-stay-on-phone", "no pack in force has visits reported there",
        "keep the visit on the phone";
    /// The pack of another place or none: no code can be made from this.
    NoTimeLeft = SERVICE_UNAVAILABLE, "changing-now", "the colour changes within a minute", "ask again in a minute";
    /// The document number carries no date of birth and nobody has stated one.
    NoBirthDate = CONFLICT, "no-birth-date", "a paper code needs the day of birth, which this document does not carry",
        "state it on your page, or come to a desk with the document";
    /// The first code waits for a review that a headquarters has ordered.
    AwaitingReview = CONFLICT, "awaiting-review", "your first application is being reviewed",
        "the code appears after the review, at the latest when `retry-after` is over";
    /// The request took too long.
    TimedOut = SERVICE_UNAVAILABLE, "timed-out", "this took too long", "repeat the request with the same key";
    /// Too many requests at once.
    Busy = SERVICE_UNAVAILABLE, "busy", "too many requests at the moment", "repeat the request after a pause";
    /// Something on our side failed.
    Internal = INTERNAL_SERVER_ERROR, "internal", "something failed on our side", "repeat the request with the same key";
}

impl Code {
    /// Every stable word.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|code| code.word())
    }

    /// The status of each.
    pub(crate) fn statuses() -> impl Iterator<Item = StatusCode> {
        Self::ALL.iter().map(|code| code.status())
    }
}

/// What went wrong, on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
}

/// One field that is not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Which field, as a path such as `document.number`.
    pub(crate) field: String,
    /// Which part of it is wrong, as a stable word.
    pub(crate) code: String,
    /// What is wrong with it and what may stand there; the value is not repeated.
    pub(crate) message: String,
}

/// The body of a problem document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// `/problems/` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What it is, the same for every case.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What it is in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The stable word.
    code: &'static str,
    /// What to do next.
    hint: &'static str,
    /// Every field that is not right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// The code of the problem in an answer, for the metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted(pub(crate) Code);

impl Problem {
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Code::InvalidFields.into() }
    }

    pub(crate) fn field(field: &str, code: &str, message: &impl ToString) -> Self {
        Self::fields(vec![FieldError::new(field, code, message)])
    }

    pub(crate) fn retry_after(code: Code, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds.max(1)), ..code.into() }
    }

    pub(crate) fn with_detail(code: Code, detail: &impl ToString) -> Self {
        Self { detail: Some(detail.to_string()), ..code.into() }
    }

    /// Logs a failure of ours where it is handled, and says no more of it.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "a request failed");
        Code::Internal.into()
    }
}

impl FieldError {
    pub(crate) fn new(field: &str, code: &str, message: &impl ToString) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), message: message.to_string() }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), retry_after_seconds: None }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Certificate(reason) => return Self::field("certificate", reason.code(), &reason),
            Refusal::WaitedTooLong => return Self::field("made", "waited-too-long", &refusal),
            Refusal::NotRegistered => Code::NotRegistered,
            Refusal::NotForThisSource | Refusal::OutsideScope | Refusal::NotYours => Code::NotPermitted,
            Refusal::NoSuchFact | Refusal::NoSuchSnapshot => Code::NotFound,
            Refusal::RequestReused => Code::KeyReused,
            Refusal::VisitsStay => Code::VisitsStay,
            Refusal::OtherKind
            | Refusal::OwnGuardian
            | Refusal::TooManyDependents
            | Refusal::OfAge
            | Refusal::BirthUnknown
            | Refusal::KnownChild
            | Refusal::NoProvisionalRecord
            | Refusal::TooOld
            | Refusal::DisputedAlready
            | Refusal::SameSource
            | Refusal::Answered
            | Refusal::NotHeld
            | Refusal::Void
            | Refusal::EndRequired
            | Refusal::TubeFull
            | Refusal::TubeOfAnother
            | Refusal::ResultStands
            | Refusal::Snapshot(_)
            | Refusal::SnapshotAhead
            | Refusal::SnapshotTooLate
            | Refusal::PlaceCount
            | Refusal::PlaceInItself
            | Refusal::PlaceSaid
            | Refusal::NotRelated
            | Refusal::StillRelated
            | Refusal::Fact(_) => Code::Refused,
        };
        Self::with_detail(code, &refusal)
    }
}

impl From<Gone> for Problem {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Sealed => Code::Sealed.into(),
            Gone::Destroyed => Code::Destroyed.into(),
        }
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Refused(refusal) => refusal.into(),
            CaseError::Vault(error) => error.into(),
            CaseError::Ledger(error) => error.into(),
            CaseError::Registry(error) => error.into(),
        }
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::NoSuchPerson => Code::NotRegistered.into(),
            VaultError::OfAnotherPerson => Code::DocumentTaken.into(),
            VaultError::LastDocument => Self::with_detail(Code::Refused, &error),
            error => Self::internal(&error),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Conflict { .. } => Code::KeyReused.into(),
            LedgerError::Erased { .. } => Code::NotRegistered.into(),
            LedgerError::BehindHorizon { .. } | LedgerError::TooLong { .. } => Self::with_detail(Code::Refused, &error),
            error => Self::internal(&error),
        }
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        Self::internal(&error)
    }
}

impl From<JudgeError> for Problem {
    fn from(error: JudgeError) -> Self {
        Self::internal(&error)
    }
}

impl From<tokio::task::JoinError> for Problem {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(&error)
    }
}

impl From<axum::extract::rejection::JsonRejection> for Problem {
    fn from(rejection: axum::extract::rejection::JsonRejection) -> Self {
        use axum::extract::rejection::JsonRejection as Rejection;
        match rejection {
            Rejection::MissingJsonContentType(_) => Code::TypeWrong.into(),
            Rejection::BytesRejection(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Code::TooLarge.into()
            }
            // Its text may repeat what was sent, so it is not passed on.
            _ => Code::Malformed.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { code, detail, errors, retry_after_seconds } = self;
        let body = ProblemBody {
            kind: format!("/problems/{}", code.word()),
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            code: code.word(),
            hint: code.hint(),
            errors,
        };
        let mut response = (code.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(Counted(code));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_has_its_own_word_and_says_what_to_do() {
        let words: BTreeSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error());
            for text in [code.title(), code.hint()] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }
}

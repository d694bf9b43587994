//! Certificates of other issuers: the text of one is verified, and what it says becomes a fact.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use yima_model::{Content, Timestamp};
use yima_registry::cases::certificates::{CertificateFiled, file_certificate};

use super::AppState;
use super::answer::{FiledBody, instant};
use super::desk::look_up;
use super::extract::{Acting, Body, Key, OnDuty, staff_call};
use super::problem::Problem;
use super::residents::DocumentRequest;
use crate::access_log::Action;
use crate::staff::Role;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(present))
}

pub(super) fn desk_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(file))
}

/// A certificate that the person holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CertificateRequest {
    /// The text of its QR code; of a card in several QR codes one on each line.
    certificate: String,
}

/// A certificate that the person has brought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeskCertificateRequest {
    document: DocumentRequest,
    /// The text of its QR code; of a card in several QR codes one on each line.
    certificate: String,
}

/// What a certificate said, and the fact about it; nothing else of it is kept.
#[derive(Debug, Serialize, ToSchema)]
struct CertificateBody {
    #[serde(flatten)]
    filed: FiledBody,
    /// `vaccinated`, `tested-negative`, `recovered` or `may-pass`.
    meaning: &'static str,
    /// Since when it is so.
    at: String,
    /// `dcc`, `ddcc`, `shc`, `nzcp` or `vds-nc`.
    format: Option<&'static str>,
    /// Who issued it: a country, a URL or a DID.
    issuer: Option<String>,
}

impl CertificateBody {
    fn new(certificate: &CertificateFiled, now: Timestamp) -> Self {
        let (meaning, origin) = match &certificate.content {
            Content::Statement { meaning, origin } => (meaning.word(), origin.as_ref()),
            _ => ("", None),
        };
        Self {
            filed: FiledBody::new(&certificate.filed, now),
            meaning,
            at: instant(certificate.at),
            format: origin.map(|origin| origin.format.word()),
            issuer: origin.map(|origin| origin.issuer.to_string()),
        }
    }
}

/// File what a certificate of another issuer says, by its text
///
/// `errors` names the field `certificate` with the reason why it does not count (docs/STATEMENTS.md), or `meaning_unknown`,
/// `holder_differs`, `holder_unknown`.
#[utoipa::path(post, path = "/certificates", tag = "record", request_body = CertificateRequest, responses(
    (status = 201, body = CertificateBody), (status = 409), (status = 422)))]
async fn present(
    State(app): State<AppState>,
    acting: Acting,
    key: Key,
    Body(request): Body<CertificateRequest>,
) -> Result<(StatusCode, Json<CertificateBody>), Problem> {
    let call = acting.call(key, app.now())?;
    let now = call.now;
    let filed = app
        .run(move |app| {
            acting.note(app, Action::FiledCertificate)?;
            let trust = app.issuers.trust();
            Ok::<_, Problem>(file_certificate(&app.registry, &call, acting.person, &request.certificate, &trust)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(CertificateBody::new(&filed, now))))
}

/// File what a certificate of another issuer says for a person who has shown it with the document
///
/// `errors` names the field `certificate` as above; a name in another script is compared by whoever sees both.
#[utoipa::path(post, path = "/desk/certificates", tag = "desk", request_body = DeskCertificateRequest, responses(
    (status = 201, body = CertificateBody), (status = 409), (status = 422)))]
async fn file(
    State(app): State<AppState>,
    on_duty: OnDuty,
    key: Key,
    Body(request): Body<DeskCertificateRequest>,
) -> Result<(StatusCode, Json<CertificateBody>), Problem> {
    let staff = on_duty.with_role(|role| role == Role::Desk)?;
    let call = staff_call(&staff, key, 0, app.now());
    let now = call.now;
    let filed = app
        .run(move |app| {
            let person = look_up(app, &staff, &request.document, "document", Action::FiledCertificate)?;
            let trust = app.issuers.trust();
            Ok::<_, Problem>(file_certificate(&app.registry, &call, person, &request.certificate, &trust)?)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(CertificateBody::new(&filed, now))))
}

//! What a paper code is answered as: its parts, or a PDF that is ready to print.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yima_model::PersonId;
use yima_paper::{Language, Layout, Sheet, pdf};

use super::answer::{Form, instant};
use super::problem::Problem;
use crate::app::App;

/// Whom to call where no pack says so.
const CALL: &str = "12345";

/// How a paper code is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct PaperQuery {
    /// For a PDF: `fold` (A4 to be folded twice), `cards` (eight on A4) or `receipt` (58 mm). Without it, JSON.
    layout: Option<String>,
    /// The language of the PDF: `zh-CN` (without this), `zh-TW` or `en`.
    language: Option<String>,
}

/// How a PDF is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    layout: Layout,
    language: Language,
}

impl PaperQuery {
    /// What is wanted; `None` for JSON.
    pub(super) fn read(&self) -> Result<Option<Wanted>, Problem> {
        let mut form = Form::default();
        let layout = self.layout.as_deref().map(|word| form.word("layout", word, Layout::from_word));
        let language = self.language.as_deref().unwrap_or("zh-CN");
        let language = form.word("language", language, Language::from_word);
        let read = layout.map_or(Some(None), |layout| layout.map(Some)).zip(language);
        let (layout, language) = form.finish(read)?;
        Ok(layout.map(|layout| Wanted { layout, language }))
    }
}

/// A paper code that was made.
#[derive(Debug)]
pub(super) struct Printed {
    pub(super) text: String,
    pub(super) sheet: Sheet,
}

/// A code for paper.
#[derive(Serialize, ToSchema)]
pub(super) struct PaperCodeBody {
    /// The text of the QR code.
    text: String,
    /// The QR code as an image.
    svg: String,
    /// The number on the sheet, for reporting it lost.
    serial: u32,
    /// The name on the sheet.
    name: String,
    /// Who manages the code.
    guardian: Option<GuardianBody>,
    expires: String,
}

/// A guardian, in full for the sheet.
#[derive(Serialize, ToSchema)]
struct GuardianBody {
    name: String,
    relation: &'static str,
}

/// The answer to a print.
pub(super) enum PaperAnswer {
    Parts(PaperCodeBody),
    Pdf(Vec<u8>),
}

impl PaperAnswer {
    /// What was printed in the way that is wanted.
    pub(super) fn new(app: &App, person: PersonId, printed: Printed, wanted: Option<Wanted>) -> Result<Self, Problem> {
        let Printed { text, mut sheet } = printed;
        let Some(Wanted { layout, language }) = wanted else {
            return Ok(Self::Parts(PaperCodeBody::new(text, sheet)));
        };
        let (_, judgement) = app.judge(person)?;
        let call = judgement.pack.as_ref().and_then(|pack| pack.call.get(language.word()));
        call.unwrap_or(CALL).clone_into(&mut sheet.call);
        pdf(&sheet, layout, language).map(Self::Pdf).map_err(|error| Problem::internal(&error))
    }
}

impl PaperCodeBody {
    fn new(text: String, sheet: Sheet) -> Self {
        let name = |(relation, name): (yima_model::fact::Relation, yima_model::Personal<String>)| GuardianBody {
            name: name.reveal().clone(),
            relation: relation.word(),
        };
        Self {
            text,
            svg: sheet.symbol.svg(),
            serial: sheet.serial,
            name: sheet.name.reveal().clone(),
            guardian: sheet.guardian.map(name),
            expires: instant(sheet.expires),
        }
    }
}

impl IntoResponse for PaperAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Parts(body) => (StatusCode::CREATED, Json(body)).into_response(),
            Self::Pdf(file) => {
                let headers = [
                    (header::CONTENT_TYPE, "application/pdf"),
                    (header::CONTENT_DISPOSITION, "inline; filename=\"paper-code.pdf\""),
                ];
                (StatusCode::CREATED, headers, file).into_response()
            }
        }
    }
}

//! What is wrong with a pack, and where, shown with the place underlined.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One finding of the checker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the pack loads in spite of it.
    pub severity: Severity,
    /// A stable name, such as `unknown-term`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The bytes of the file that are wrong.
    pub span: Range<usize>,
    /// What to do next.
    pub help: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The pack loads; somebody should look.
    Warning,
    /// The pack does not load.
    Error,
}

/// Shows findings with the lines of `source` they are about, underlined; `path` is the file's name.
pub fn render(source: &str, path: &str, diagnostics: &[Diagnostic]) -> String {
    let groups: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| {
            let level = match diagnostic.severity {
                Severity::Warning => Level::WARNING,
                Severity::Error => Level::ERROR,
            };
            let snippet =
                Snippet::source(source).path(path).annotation(AnnotationKind::Primary.span(diagnostic.span.clone()));
            let group = level.primary_title(&diagnostic.message).id(diagnostic.code).element(snippet);
            match &diagnostic.help {
                None => group,
                Some(help) => group.element(Level::HELP.message(help)),
            }
        })
        .collect();
    Renderer::plain().render(&groups)
}

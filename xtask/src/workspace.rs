//! Where the project lies, and what lies beside it.

use std::path::{Path, PathBuf};

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folder of public material beside the project, where it is present.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = root().join("../shared");
    folder.is_dir().then_some(folder)
}

/// Whether this runs where a missing prerequisite is a failure.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

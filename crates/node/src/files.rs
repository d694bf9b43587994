//! Files of the node: secrets that only their owner may read, and files that appear whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

const SECRET_LENGTH_MAX: u64 = 64 * 1024;

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read `{}`: {error}", .0.display(), error = .1)]
    Unreadable(PathBuf, #[source] io::Error),
    /// It cannot be written.
    #[error("cannot write `{}`: {error}", .0.display(), error = .1)]
    Unwritable(PathBuf, #[source] io::Error),
    /// Others than the owner can read a secret.
    #[error("`{}` can be read by others; allow its owner alone to read it (chmod 600)", .0.display())]
    NotPrivate(PathBuf),
}

/// Reads a file that nobody but its owner may read.
pub(crate) fn read_secret(path: &Path) -> Result<Vec<u8>, FileError> {
    let unreadable = |error| FileError::Unreadable(path.into(), error);
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(FileError::NotPrivate(path.into()));
    }
    let mut content = Vec::new();
    file.take(SECRET_LENGTH_MAX).read_to_end(&mut content).map_err(unreadable)?;
    Ok(content)
}

/// Writes a file that only its owner can read; it appears under its name whole, and lasts.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let write = || {
        let unfinished = path.with_extension("unfinished");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(|error| FileError::Unwritable(path.into(), error))
}

//! The folder of other issuers' keys, from which statements are verified; docs/STATEMENTS.md says what lies in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use yima_statement::Trust;
use yima_statement::key::KeyError;
use yima_statement::trust::TrustFileError;

use crate::app::Replaced;

const FILES_MAX: usize = 20_000;

/// Why a trust folder was not taken.
#[derive(Debug, Error)]
pub enum TrustFolderError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read `{}`: {error}", .0.display(), error = .1)]
    Unreadable(PathBuf, io::Error),
    /// There are more files than any list of issuers has.
    #[error("`{}` has more than {FILES_MAX} files; name the folder of the keys alone", .0.display())]
    TooManyFiles(PathBuf),
    /// A file is damaged or not understood.
    #[error("`{}` cannot be used: {error}", .0.display(), error = .1)]
    File(PathBuf, TrustFileError),
}

/// A key that was left out of what is trusted.
#[derive(Debug)]
pub struct LeftOut {
    /// The file in which it stands.
    pub file: PathBuf,
    /// What is wrong with it.
    pub fault: KeyError,
}

/// The keys and lists of other issuers that this node goes by.
#[derive(Debug)]
pub(crate) struct Issuers {
    folder: Option<PathBuf>,
    trust: Replaced<Trust>,
}

impl Issuers {
    /// Reads the folder; without one nobody is trusted.
    pub(crate) fn open(folder: Option<PathBuf>) -> Result<Self, TrustFolderError> {
        let issuers = Self { folder, trust: Replaced::new(Trust::nobody()) };
        issuers.renew()?;
        Ok(issuers)
    }

    pub(crate) fn trust(&self) -> Arc<Trust> {
        self.trust.load()
    }

    /// Reads the folder anew, as lists of revoked certificates come every day; if anything in it is damaged, what was read
    /// before stays.
    pub(crate) fn renew(&self) -> Result<(), TrustFolderError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut trust = Trust::nobody();
        for LeftOut { file, fault } in read_trust_folder(&mut trust, folder)? {
            tracing::warn!(file = %file.display(), fault = %fault, "a key of another issuer is left out");
        }
        self.trust.replace(trust);
        Ok(())
    }
}

/// Trusts what stands in a file, or in the files of a folder and those below it, and gives what was left out.
///
/// # Errors
/// [`TrustFolderError`]; what was read before it is trusted.
pub fn read_trust_folder(trust: &mut Trust, path: &Path) -> Result<Vec<LeftOut>, TrustFolderError> {
    let mut left_out = Vec::new();
    for file in files_below(path)? {
        let bytes = fs::read(&file).map_err(|error| TrustFolderError::Unreadable(file.clone(), error))?;
        let below = file.strip_prefix(path).ok().filter(|below| !below.as_os_str().is_empty()).unwrap_or(&file);
        let place = below.to_string_lossy();
        let faults = trust.add_file(&place, &bytes).map_err(|error| TrustFolderError::File(file.clone(), error))?;
        left_out.extend(faults.into_iter().map(|fault| LeftOut { file: file.clone(), fault }));
    }
    Ok(left_out)
}

/// The file itself, or the files below a folder, in order.
///
/// # Errors
/// [`TrustFolderError::Unreadable`] and [`TrustFolderError::TooManyFiles`].
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>, TrustFolderError> {
    let unreadable = |error| TrustFolderError::Unreadable(path.to_owned(), error);
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
        if found.len() > FILES_MAX {
            return Err(TrustFolderError::TooManyFiles(path.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

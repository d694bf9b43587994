//! The keys that sign codes and lists, and the trust list that names them.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;
use yima_credential::trust_list::{Environment, KeyUse};
use yima_credential::{KeyError, ListRefusal, PinnedRoots, Signer, TrustList};
use yima_model::Timestamp;

use crate::files::{self, FileError};

/// The folder of keys that `yima keys init` made, and the roots in it.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    roots: PinnedRoots,
}

/// A trust list as it is served, and the private keys that lay beside it.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) bytes: Vec<u8>,
    pub(crate) list: TrustList,
    own: Vec<Signer>,
}

/// What is wrong with the folder of keys.
#[derive(Debug, Error)]
pub enum KeysError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is no key.
    #[error("`{}`: {error}", .0.display(), error = .1)]
    Key(PathBuf, #[source] KeyError),
    /// The roots cannot be read.
    #[error("`{}`: {error}", .0.display(), error = .1)]
    Roots(PathBuf, #[source] yima_credential::trust_list::RootsError),
    /// The trust list is refused.
    #[error("the trust list is refused: {0}; make a new one with `yima keys renew`")]
    Trust(#[from] ListRefusal),
    /// No key may sign for this use now.
    #[error(
        "no key in the folder may sign for {0} codes now; each is not in the trust list, not valid yet, past its end or \
         revoked, so make one with `yima keys renew --add {0} --from NOW`"
    )]
    NoSigner(&'static str),
}

/// Reads the private keys in a folder, those of a use being `USE.p8` and `USE-NUMBER.p8`; the root's is not looked for.
///
/// # Errors
/// [`KeysError::File`] for a file that others can read too, [`KeysError::Key`] for one that is no key.
pub fn read_signers(folder: &Path) -> Result<Vec<Signer>, KeysError> {
    let unreadable = |error| FileError::Unreadable(folder.into(), error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let stem = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let word = stem.split('-').next().unwrap_or_default();
        let is_of_a_use = KeyUse::ALL.into_iter().any(|key_use| key_use.word() == word);
        if is_of_a_use && path.extension().is_some_and(|extension| extension == "p8") {
            paths.push(path);
        }
    }
    paths.sort();
    let read =
        |path: PathBuf| Signer::from_pkcs8(&files::read_secret(&path)?).map_err(|error| KeysError::Key(path, error));
    paths.into_iter().map(read).collect()
}

impl Keys {
    /// Reads which roots are pinned in the folder that `yima keys init` made.
    pub(crate) fn read(folder: &Path) -> Result<Self, KeysError> {
        let path = folder.join("roots.txt");
        let text = fs::read_to_string(&path).map_err(|error| FileError::Unreadable(path.clone(), error))?;
        let roots = PinnedRoots::parse(&text).map_err(|error| KeysError::Roots(path, error))?;
        Ok(Self { folder: folder.into(), roots })
    }

    /// Whether codes of these keys count for real people.
    pub(crate) fn is_production(&self) -> bool {
        self.roots.environment == Environment::Production
    }

    /// The roots, as checkpoints pin them.
    pub(crate) fn roots(&self) -> &PinnedRoots {
        &self.roots
    }

    /// Reads the trust list and the private keys; `held` is what they would replace.
    pub(crate) fn read_trust(&self, held: Option<&Trust>, now: Timestamp) -> Result<Trust, KeysError> {
        let path = self.folder.join("trust.cbor");
        let bytes = fs::read(&path).map_err(|error| FileError::Unreadable(path, error))?;
        let list = TrustList::open(&bytes, &self.roots, held.map(|trust| trust.list.mark()), now)?;
        Ok(Trust { bytes, list, own: read_signers(&self.folder)? })
    }
}

impl Trust {
    /// The key that signs for this use at `now`: a key takes over when its entry in the trust list says so, and a revoked
    /// one signs nothing more.
    pub(crate) fn signer(&self, key_use: KeyUse, now: Timestamp) -> Result<&Signer, KeysError> {
        self.list.signer(key_use, &self.own, now).ok_or(KeysError::NoSigner(key_use.word()))
    }

    /// Whether there is a key for every use at `now`.
    pub(crate) fn check_signers(&self, now: Timestamp) -> Result<(), KeysError> {
        KeyUse::ALL.into_iter().try_for_each(|key_use| self.signer(key_use, now).map(drop))
    }
}

//! The keys that sign codes and lists, and the trust list that names them.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;
use yima_credential::trust_list::{Environment, KeyUse};
use yima_credential::{KeyError, ListRefusal, PinnedRoots, Signer, TrustList};
use yima_model::Timestamp;

use crate::files::{self, FileError};

/// The signing keys of this node.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
    roots: PinnedRoots,
    pub(crate) live: Signer,
    pub(crate) paper: Signer,
    pub(crate) status: Signer,
}

/// A trust list as it is served.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) bytes: Vec<u8>,
    pub(crate) list: TrustList,
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
    /// A key is not in the trust list.
    #[error("the key for {0} codes is not in the trust list; put in the list that names it")]
    NotListed(&'static str),
}

impl Keys {
    /// Reads the folder that `yima keys init` made; the root's private key is not looked for.
    pub(crate) fn read(folder: &Path) -> Result<Self, KeysError> {
        let signer = |key_use: KeyUse| {
            let path = folder.join(format!("{}.p8", key_use.word()));
            Signer::from_pkcs8(&files::read_secret(&path)?).map_err(|error| KeysError::Key(path, error))
        };
        let path = folder.join("roots.txt");
        let text = fs::read_to_string(&path).map_err(|error| FileError::Unreadable(path.clone(), error))?;
        Ok(Self {
            folder: folder.into(),
            roots: PinnedRoots::parse(&text).map_err(|error| KeysError::Roots(path, error))?,
            live: signer(KeyUse::Live)?,
            paper: signer(KeyUse::Paper)?,
            status: signer(KeyUse::Status)?,
        })
    }

    /// Whether codes of these keys count for real people.
    pub(crate) fn is_production(&self) -> bool {
        self.roots.environment == Environment::Production
    }

    /// The roots, as checkpoints pin them.
    pub(crate) fn roots(&self) -> &PinnedRoots {
        &self.roots
    }

    /// Reads the trust list; `held` is the one that it would replace.
    pub(crate) fn read_trust(&self, held: Option<&Trust>, now: Timestamp) -> Result<Trust, KeysError> {
        let path = self.folder.join("trust.cbor");
        let bytes = fs::read(&path).map_err(|error| FileError::Unreadable(path, error))?;
        let list = TrustList::open(&bytes, &self.roots, held.map(|trust| trust.list.mark()), now)?;
        for (key_use, signer) in
            [(KeyUse::Live, &self.live), (KeyUse::Paper, &self.paper), (KeyUse::Status, &self.status)]
        {
            let mut keys = list.content().keys.iter();
            if !keys.any(|key| key.key_use == key_use && key.public == *signer.public()) {
                return Err(KeysError::NotListed(key_use.word()));
            }
        }
        Ok(Trust { bytes, list })
    }
}

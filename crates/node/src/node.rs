//! Starting and stopping a node.

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use yima_ledger::{Host, KeyedLedger, Ledger, LedgerError, OpenError, Position};
use yima_model::id::SourceId;
use yima_model::{Content, Fact, Kind, Occurred, Source, SourceKind, Subject, Timestamp};
use yima_registry::announce::{Refused, announce};
use yima_registry::cases::report::{self, Report, Scope};
use yima_registry::cases::{Call, CaseError, RequestId};
use yima_registry::registry::RegistryError;
use yima_registry::vault::{Keyring, KeyringError};
use yima_registry::{Agendas, Judge, JudgeError, Registry, Shelf, Vault};
use yima_rules::diagnostic::render;

use crate::app::{App, Replaced};
use crate::binding::Bindings;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::files::FileError;
use crate::http::{self, Pages};
use crate::keys::{Keys, KeysError};
use crate::metrics::Metrics;
use crate::outbox::{Outbox, Printed, Spool};
use crate::staff::{self, NewAccount, StaffError};
use crate::tls::{self, TlsError};
use crate::trust_folder::{Issuers, TrustFolderError};
use crate::unlisted::Unlisted;
use crate::{jobs, random, server};

/// Into how many partitions a new embedded ledger spreads persons.
const PERSON_PARTITIONS: u16 = 16;

/// A node that runs.
#[derive(Debug)]
pub struct Node {
    https: SocketAddr,
    metrics: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Why a node did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The ledger.
    #[error("the ledger: {0}")]
    Ledger(#[from] OpenError),
    /// The ledger was opened and then failed.
    #[error("the ledger: {0}")]
    LedgerFailed(#[from] LedgerError),
    /// The keys of the vault.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// There is a ledger and no keyring for it.
    #[error("the keyring `{}` is missing, and the ledger cannot be read without it; restore it from where it is kept safe", .0.display())]
    KeyringMissing(PathBuf),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The keys that sign codes.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder of other issuers' keys.
    #[error(transparent)]
    Issuers(#[from] TrustFolderError),
    /// A rule pack does not load.
    #[error("the rule pack `{}` does not load:\n{findings}", .path.display())]
    Pack {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        findings: String,
    },
    /// A rule pack could not be put in force.
    #[error("a rule pack could not be put in force: {0}")]
    PackRefused(#[from] CaseError),
    /// A rule pack is harsher than it may be, or was not announced in time.
    #[error(transparent)]
    PackNotAnnounced(#[from] Refused),
    /// A pack is in force whose file is missing.
    #[error(transparent)]
    PackMissing(#[from] JudgeError),
    /// Messages with one-time codes would be printed.
    #[error("the development outbox prints one-time codes and does not go with production keys; use the spool")]
    OutboxInProduction,
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; is another program using it?")]
    Listen(SocketAddr, #[source] io::Error),
    /// An account.
    #[error(transparent)]
    Staff(#[from] StaffError),
    /// A task of the runtime ended early.
    #[error("the start was cut off")]
    CutOff(#[from] tokio::task::JoinError),
}

impl Node {
    /// Starts a node; it serves when this returns.
    ///
    /// # Errors
    /// [`StartError`], each with what to do next.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        let (tls, listen, limits, jobs_config) =
            (config.tls.clone(), config.listen.clone(), config.limits.clone(), config.jobs.clone());
        let data = config.data.clone();
        let app = Arc::new(tokio::task::spawn_blocking(move || open(config, clock)).await??);
        let acceptor = TlsAcceptor::from(tls::server_config(tls.as_ref(), &data)?);
        let listener = bind(listen.https).await?;
        let https = local_address(&listener, listen.https)?;
        let metrics_listener = match listen.metrics {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let metrics = metrics_listener.as_ref().map(|bound| local_address(bound, https)).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = jobs::start(&app, &jobs_config, &stopped);
        if let Some(listener) = metrics_listener {
            let (router, limits, stopped) = (http::metrics_router(Arc::clone(&app)), limits.clone(), stopped.clone());
            tasks.spawn(async move { server::serve(listener, None, router, &limits, stopped).await });
        }
        let router = http::router(app);
        tasks.spawn(async move { server::serve(listener, Some(acceptor), router, &limits, stopped).await });
        tracing::info!(listen.https = %https, "the node serves");
        Ok(Self { https, metrics, stop, tasks })
    }

    /// Where the API and the pages are served.
    pub const fn https(&self) -> SocketAddr {
        self.https
    }

    /// Where the metrics are served.
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Takes no further requests, lets open ones finish, and ends.
    pub async fn stop(mut self) {
        // Whoever still listens is told; nobody listening means that all have ended.
        _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        tracing::info!("the node has stopped");
    }
}

/// Opens an account in the data folder of a node that does not run.
///
/// # Errors
/// [`StartError::Ledger`] while the node runs, [`StartError::Staff`].
pub fn create_account(config: &Config, clock: &Clock, new: &NewAccount) -> Result<(), StartError> {
    let ledger = open_ledger(&config.data, clock)?;
    Ok(staff::open(&ledger, new, clock.now())?)
}

fn open(config: Config, clock: Clock) -> Result<App, StartError> {
    let now = clock.now();
    let keys = Keys::read(&config.keys)?;
    let trust = keys.read_trust(None, now)?;
    trust.check_signers(now)?;
    if keys.is_production() && matches!(config.outbox, config::Outbox::Development) {
        return Err(StartError::OutboxInProduction);
    }
    let (shelf, digests) = read_packs(&config.packs)?;
    if !trust.list.content().rules.iter().any(|rules| rules.digest == shelf.set_digest()) {
        tracing::warn!(
            "the trust list does not name these packs, so that codes do not say from which rules they follow; run `yima keys renew --pack`"
        );
    }
    let ledger = open_ledger(&config.data, &clock)?;
    let keyring = keyring(&config.keyring, &ledger)?;
    let ledger: Arc<dyn Ledger> = Arc::new(ledger);
    let vault = Vault::new(Arc::clone(&ledger), keyring, random::function());
    let (registry, rebuilt) = Registry::open(&config.data.join("registry"), Arc::clone(&ledger), vault)?;
    if let Some(why) = rebuilt {
        tracing::error!(reason = %why, "the registry is built anew");
    }
    let agendas =
        Agendas::open(&config.data.join("agenda"), registry.ledger().identity()).map_err(RegistryError::from)?;
    registry.follow(now)?;
    put_in_force(&registry, &shelf, &digests, now)?;
    Judge::new(&registry.globals(), &shelf, Timestamp::FOREVER)?;
    if !staff::is_any(&*ledger)? {
        tracing::warn!("there is no staff account yet; stop the node and run `yima admin create`");
    }
    Ok(App {
        agendas,
        outbox: outbox(config.outbox)?,
        tree: Replaced::new(http::division_tree(&*ledger)?),
        unlisted: Unlisted::open(&*ledger)?,
        trust: Replaced::new(trust),
        issuers: Issuers::open(config.issuers)?,
        status_list: Replaced::new(None),
        venue_warnings: http::WarningEdition::default(),
        judge: Replaced::new(None),
        levels: Replaced::new(None),
        levels_then: Replaced::new(None),
        printed: Notify::new(),
        capacity: Semaphore::new(config.limits.requests as usize),
        bindings: Bindings::default(),
        metrics: Metrics::new(),
        pages: Pages::embedded(),
        limits: config.limits,
        origins: config.origins,
        terms: config.terms,
        clock,
        registry,
        shelf,
        keys,
    })
}

/// The ledger in the data folder, made if there is none.
fn open_ledger(data: &Path, clock: &Clock) -> Result<KeyedLedger, StartError> {
    let host = Host { clock: clock.function(), random: random::function() };
    private_folder(data)?;
    let folder = data.join("ledger");
    if folder.exists() {
        Ok(KeyedLedger::open(&folder, host)?)
    } else {
        Ok(KeyedLedger::create(&folder, PERSON_PARTITIONS, host)?)
    }
}

/// The keys of the vault; a missing file is made only beside a ledger that holds nothing to be read with it.
fn keyring(path: &Path, ledger: &dyn Ledger) -> Result<Keyring, StartError> {
    if path.exists() {
        return Ok(Keyring::load(path)?);
    }
    if ledger.tails()?.iter().any(|tail| tail.position > Position::START) {
        return Err(StartError::KeyringMissing(path.into()));
    }
    let keyring = Keyring::generate(&random::function());
    keyring.save(path)?;
    Ok(keyring)
}

fn read_packs(paths: &[PathBuf]) -> Result<(Shelf, Vec<[u8; 32]>), StartError> {
    let mut shelf = Shelf::default();
    let mut digests = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).map_err(|error| FileError::Unreadable(path.clone(), error))?;
        let digest = shelf.add(&text).map_err(|findings| StartError::Pack {
            path: path.clone(),
            findings: render(&text, &path.display().to_string(), &findings),
        })?;
        digests.push(digest);
    }
    Ok((shelf, digests))
}

/// Files that the configured packs are in force; a pack that was filed before is not filed again.
fn put_in_force(registry: &Registry, shelf: &Shelf, digests: &[[u8; 32]], now: Timestamp) -> Result<(), StartError> {
    let scope = Scope { areas: None, kinds: vec![Kind::Pack], persons_per_hour: report::PERSONS_PER_HOUR_MAX };
    let is_filed = |digest: &[u8; 32]| {
        let names = |fact: &Fact| matches!(fact.content(), Content::Pack { digest: filed, .. } if filed == digest);
        registry.globals().iter().any(names)
    };
    let mut new: Vec<_> = digests.iter().filter(|digest| !is_filed(digest)).collect();
    new.sort_by_key(|digest| shelf.find(digest).map(|pack| pack.from));
    let all: Vec<_> = new.iter().filter_map(|digest| shelf.find(digest).map(Arc::clone)).collect();
    for digest in new {
        let Some(pack) = shelf.find(digest) else { continue };
        let lasts = announce(&registry.globals(), shelf, &all, pack, now)?;
        let hash = random::hash("pack", &[digest]);
        let Ok(id) = SourceId::parse("configuration") else { continue };
        let call = Call {
            request: RequestId(hash.first_chunk().copied().unwrap_or_default()),
            source: Source { kind: SourceKind::Headquarters, id },
            now,
        };
        let report = Report {
            subject: Subject::Global,
            occurred: Occurred::During { from: lasts.from(), until: lasts.until() },
            content: Content::Pack { pack: pack.id.clone(), digest: *digest },
            cause: None,
        };
        report::report(registry, &call, &scope, &[report])?;
    }
    Ok(())
}

fn outbox(config: config::Outbox) -> Result<Box<dyn Outbox>, StartError> {
    Ok(match config {
        config::Outbox::Development => Box::new(Printed),
        config::Outbox::Spool { directory } => {
            private_folder(&directory)?;
            Box::new(Spool { directory })
        }
    })
}

/// Makes a folder that its owner alone can read, unless there is one.
fn private_folder(path: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| FileError::Unwritable(path.into(), error))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen(address, error))
}

fn local_address(listener: &TcpListener, wanted: SocketAddr) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::Listen(wanted, error))
}

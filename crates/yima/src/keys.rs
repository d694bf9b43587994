//! `yima keys`: the root, the issuer's keys and the trust list that names them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use yima_credential::claims::{Issuer, LIVE_SECONDS_MAX, PAPER_SECONDS_MAX};
use yima_credential::status_list::STATUS_LIST_SECONDS_MAX;
use yima_credential::trust_list::{
    Environment, IssuerKey, KeyUse, RULES_MAX, RuleEpoch, StatusListAddress, TRUST_LIST_SECONDS_MAX, TrustContent,
};
use yima_credential::venue::VENUE_SECONDS_MAX;
use yima_credential::warning_list::WARNING_LIST_SECONDS_MAX;
use yima_credential::{PinnedRoots, Seconds, Signer, TrustList};
use yima_model::Timestamp;
use yima_node::{KeysError, read_signers};
use yima_registry::verdict::{pack_digest, set_digest};

use crate::{input, rotate};

/// Makes and renews the keys that sign codes, and replaces those of the vault.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a root, a key for each use, and the signed trust list, in a new folder
    Init(Init),
    /// Sign the trust list again: a new number, a new term, and keys added or revoked
    Renew(Renew),
    RotateVault(rotate::Command),
}

#[derive(Debug, clap::Args)]
struct Init {
    /// The folder to make; it must not exist
    #[arg(long)]
    out: PathBuf,
    /// `test` or `production`; codes of one never count in the other
    #[arg(long, value_parser = environment)]
    environment: Environment,
    /// Since when the keys are valid, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// Sign with this root, kept elsewhere, instead of making one
    #[arg(long)]
    root: Option<PathBuf>,
    /// The address of status list 1
    #[arg(long, default_value = "urn:yima:status-list:1")]
    status_uri: String,
    /// A rule pack of the set from which codes follow; repeated for each of them
    #[arg(long = "pack", value_name = "FILE")]
    packs: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Renew {
    /// The folder that `init` made
    #[arg(long)]
    keys: PathBuf,
    /// When the new list is signed
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// The root, if it is kept elsewhere
    #[arg(long)]
    root: Option<PathBuf>,
    /// The id of a key whose every signature shall count no longer; may be repeated
    #[arg(long, value_name = "KEY_ID")]
    revoke: Vec<String>,
    /// What the revoked keys signed before this instant still counts: only for keys that nobody else has had
    #[arg(long, value_name = "INSTANT", value_parser = Timestamp::parse, requires = "revoke")]
    revoke_since: Option<Timestamp>,
    /// Make the key that follows the present one for a use, `live`, `paper`, `status`, `venue` or `warning`; may be repeated
    #[arg(long, value_name = "USE", value_parser = key_use)]
    add: Vec<KeyUse>,
    /// When the added keys take over; three days after `--at` if left out, at once where a key is revoked
    #[arg(long, value_name = "INSTANT", value_parser = Timestamp::parse, requires = "add")]
    from: Option<Timestamp>,
    /// For how many days the added keys sign
    #[arg(long, default_value_t = KEY_DAYS, value_parser = clap::value_parser!(u32).range(1..=KEY_DAYS as i64))]
    days: u32,
    /// A rule pack of the set from which codes follow from now on; repeated for each of them
    #[arg(long = "pack", value_name = "FILE")]
    packs: Vec<PathBuf>,
}

const DAY_SECONDS: u32 = 24 * 3600;
const KEY_DAYS: u32 = 365;
/// How long before it signs a key is listed, so that every checkpoint that was online has it by then.
const LISTED_BEFORE_SECONDS: u32 = 3 * DAY_SECONDS;
const FILE_ROOT: &str = "root.p8";
const FILE_ROOTS: &str = "roots.txt";
const FILE_TRUST_LIST: &str = "trust.cbor";
const PRIVATE_KEY_LENGTH_MAX: u64 = 4096;

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Init(init) => init.run(),
            Action::Renew(renew) => renew.run(),
            Action::RotateVault(rotate) => rotate.run(),
        }
    }
}

impl Init {
    fn run(self) -> Result<ExitCode> {
        let given_root = self.root.as_deref().map(read_private_key).transpose()?;
        DirBuilder::new()
            .mode(0o700)
            .create(&self.out)
            .with_context(|| format!("cannot make `{}`; name a folder that does not exist", self.out.display()))?;
        let root = match given_root {
            Some(root) => root,
            None => make_private_key(&self.out.join(FILE_ROOT))?,
        };
        let issued = Seconds::floor(self.at);
        let mut keys = Vec::new();
        for key_use in KeyUse::ALL {
            let key = make_private_key(&self.out.join(format!("{}.p8", key_use.word())))?;
            keys.push(listed(&key, key_use, issued, KEY_DAYS));
        }
        let roots = PinnedRoots { environment: self.environment, keys: vec![root.public().clone()] };
        write_new(&self.out.join(FILE_ROOTS), roots.to_string().as_bytes(), 0o644)?;
        let mut content = TrustContent {
            environment: self.environment,
            issuer: Issuer::CHINA,
            number: 1,
            issued,
            expires: issued.plus(TRUST_LIST_SECONDS_MAX),
            keys,
            rules: Vec::new(),
            status_lists: vec![StatusListAddress { number: 1, uri: self.status_uri }],
        };
        add_rules(&mut content, &self.packs)?;
        write_new(&self.out.join(FILE_TRUST_LIST), &content.sign(&root)?, 0o644)?;
        report(&content)
    }
}

impl Renew {
    fn run(self) -> Result<ExitCode> {
        let root = read_private_key(self.root.as_deref().unwrap_or(&self.keys.join(FILE_ROOT)))?;
        let path = self.keys.join(FILE_TRUST_LIST);
        let old = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let roots = read_roots(&self.keys.join(FILE_ROOTS))?;
        // A list that has expired is renewed all the same, so it is opened at its own beginning.
        let mut content = TrustList::open(&old, &roots, None, Timestamp::BEGINNING)
            .with_context(|| format!("`{}` is no trust list of these roots", path.display()))?
            .content()
            .clone();
        let issued = Seconds::floor(self.at);
        ensure!(issued > content.issued, "`--at` is not after the list that is renewed, of {}", content.issued);
        for id in &self.revoke {
            let key = content.keys.iter_mut().find(|key| key.public.id().to_string() == *id);
            let key = key.with_context(|| format!("no key `{id}` in the list; `init` and `renew` print the ids"))?;
            // Who has stolen a key can write any time.
            let since = self.revoke_since.map_or(Seconds::new(0), Seconds::floor);
            key.revoked_from = Some(key.revoked_from.map_or(since, |earlier| earlier.min(since)));
        }
        content.keys.retain(|key| !is_forgotten(key, issued));
        content.number = content.number.checked_add(1).context("the numbers of this root are used up")?;
        let soon = if self.revoke.is_empty() { issued.plus(LISTED_BEFORE_SECONDS) } else { issued };
        let from = self.from.map_or(soon, Seconds::floor);
        for key_use in self.add {
            let next = next_private_key(&self.keys, key_use, content.number, &content.keys)?;
            content.keys.push(listed(&next, key_use, from, self.days));
        }
        content.issued = issued;
        content.expires = issued.plus(TRUST_LIST_SECONDS_MAX);
        add_rules(&mut content, &self.packs)?;
        let signed = content.sign(&root)?;
        TrustList::open(&signed, &roots, None, self.at).context(
            "verifiers would refuse this list; is this the root that they pin, and are there at most 128 keys?",
        )?;
        replace(&path, &signed)?;
        report(&content)
    }
}

/// The entry of a new key, which signs from `from` on for so many days.
fn listed(key: &Signer, key_use: KeyUse, from: Seconds, days: u32) -> IssuerKey {
    IssuerKey {
        public: key.public().clone(),
        key_use,
        // A live code says the minute in which it was issued, and one of this very minute counts.
        valid_from: Seconds::new(from.get() / 60 * 60),
        valid_until: from.plus(days.saturating_mul(DAY_SECONDS)),
        revoked_from: None,
    }
}

/// Whether nothing that a key signed can count any more, so that it need not be listed.
fn is_forgotten(key: &IssuerKey, now: Seconds) -> bool {
    let longest = match key.key_use {
        KeyUse::Live => LIVE_SECONDS_MAX,
        KeyUse::Paper => PAPER_SECONDS_MAX,
        KeyUse::Status => STATUS_LIST_SECONDS_MAX,
        KeyUse::Venue => VENUE_SECONDS_MAX,
        KeyUse::Warning => WARNING_LIST_SECONDS_MAX,
    };
    now >= key.valid_until.plus(longest)
}

/// Makes the key that is listed first in list `number`, or takes up the one that a run left which broke off before.
fn next_private_key(folder: &Path, key_use: KeyUse, number: u32, keys: &[IssuerKey]) -> Result<Signer> {
    let path = folder.join(format!("{}-{number}.p8", key_use.word()));
    if !path.try_exists()? {
        return make_private_key(&path);
    }
    let key = read_private_key(&path)?;
    let is_listed = keys.iter().any(|listed| listed.public == *key.public());
    ensure!(!is_listed, "`{}` is in the list already; name each use once", path.display());
    Ok(key)
}

/// Gives the set of these packs the next number, unless it is the set that counts already.
fn add_rules(content: &mut TrustContent, packs: &[PathBuf]) -> Result<()> {
    if packs.is_empty() {
        return Ok(());
    }
    let digests = packs.iter().map(|path| Ok(pack_digest(&input::pack(path, &[]).and_then(|_| input::text(path))?)));
    let digest = set_digest(digests.collect::<Result<Vec<_>>>()?);
    let last = content.rules.iter().max_by_key(|rules| rules.number);
    if last.is_some_and(|last| last.digest == digest) {
        return Ok(());
    }
    let number = last.map_or(Some(1), |last| last.number.checked_add(1)).context("the rule epochs are used up")?;
    content.rules.push(RuleEpoch { number, from: content.issued, digest });
    if content.rules.len() as u64 > RULES_MAX {
        content.rules.remove(0);
    }
    Ok(())
}

fn report(content: &TrustContent) -> Result<ExitCode> {
    let keys: Vec<_> = content
        .keys
        .iter()
        .map(|key| {
            json!({
                "use": key.key_use.word(),
                "id": key.public.id().to_string(),
                "from": key.valid_from.to_string(),
                "until": key.valid_until.to_string(),
                "revoked": key.revoked_from.is_some(),
            })
        })
        .collect();
    let rules: Vec<_> =
        content.rules.iter().map(|rules| json!({"number": rules.number, "from": rules.from.to_string()})).collect();
    let report = json!({
        "environment": content.environment.word(),
        "number": content.number,
        "issued": content.issued.to_string(),
        "expires": content.expires.to_string(),
        "keys": keys,
        "rules": rules,
    });
    writeln!(crate::output::stdout(), "{report:#}")?;
    Ok(ExitCode::SUCCESS)
}

/// A folder of keys that may sign by hand: those of the test environment.
pub(crate) struct TestKeys {
    own: Vec<Signer>,
    at: Timestamp,
    pub(crate) trust: TrustList,
}

impl TestKeys {
    /// Opens the folder at an instant; production keys are refused, since in service only the node signs, from a verdict.
    pub(crate) fn open(folder: &Path, at: Timestamp) -> Result<Self> {
        let trust = read_trust_list(&folder.join(FILE_TRUST_LIST), &folder.join(FILE_ROOTS), at)?;
        match trust.content().environment {
            Environment::Test => Ok(Self { own: read_signers(folder)?, at, trust }),
            Environment::Production => bail!(
                "these are production keys, and no colour is ever set by hand; in service the node issues codes from a \
                 verdict. For a demonstration make keys with `yima keys init --environment test`"
            ),
        }
    }

    /// The key that signs for this use at that instant, as the node would choose it.
    pub(crate) fn signer(&self, key_use: KeyUse) -> Result<&Signer> {
        let signer = self.trust.signer(key_use, &self.own, self.at);
        signer.ok_or_else(|| KeysError::NoSigner(key_use.word()).into())
    }
}

/// Opens the trust list in a file by the roots pinned in another.
fn read_trust_list(path: &Path, roots: &Path, at: Timestamp) -> Result<TrustList> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    TrustList::open(&bytes, &read_roots(roots)?, None, at).with_context(|| format!("`{}` is refused", path.display()))
}

pub(crate) fn read_roots(path: &Path) -> Result<PinnedRoots> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    PinnedRoots::parse(&text).with_context(|| format!("in `{}`", path.display()))
}

/// Reads a private key, unless somebody else could read it too.
fn read_private_key(path: &Path) -> Result<Signer> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read `{shown}`"))?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        bail!(
            "other users can read the private key `{shown}`; run `chmod 600 {shown}`, and if they are not trusted, make new keys"
        );
    }
    let mut der = Vec::new();
    file.take(PRIVATE_KEY_LENGTH_MAX).read_to_end(&mut der).with_context(|| format!("cannot read `{shown}`"))?;
    Signer::from_pkcs8(&der).with_context(|| format!("`{shown}`"))
}

fn make_private_key(path: &Path) -> Result<Signer> {
    let der = Signer::generate_pkcs8()?;
    write_new(path, &der, 0o600)?;
    Ok(Signer::from_pkcs8(&der)?)
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("cannot make `{}`", path.display()))?;
    file.write_all(content).and_then(|()| file.sync_all()).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Puts a file in the place of another, so that a reader sees the one or the other whole.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let next = path.with_extension("next");
    match fs::remove_file(&next) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => write_new(&next, content, 0o644)?,
    }
    fs::rename(&next, path).with_context(|| format!("cannot replace `{}`", path.display()))
}

fn key_use(word: &str) -> Result<KeyUse, &'static str> {
    KeyUse::ALL
        .into_iter()
        .find(|key_use| key_use.word() == word)
        .ok_or("write `live`, `paper`, `status`, `venue` or `warning`")
}

fn environment(word: &str) -> Result<Environment, &'static str> {
    Environment::from_word(word).ok_or("write `test` or `production`")
}

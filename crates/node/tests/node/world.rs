//! A node on a free port with embedded storage, keys of its own, the Shaanxi pack, and a clock that is set by hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::{fs, io::Write};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use yima_credential::claims::Issuer;
use yima_credential::trust_list::{Environment, IssuerKey, KeyUse, RuleEpoch, StatusListAddress, TrustContent};
use yima_credential::{PinnedRoots, PublicKey, Seconds, Signer, TrustList};
use yima_model::{Personal, Timestamp};
use yima_node::staff::{NewAccount, Role};
use yima_node::{Clock, Config, Node, create_account};
use yima_registry::verdict::{pack_digest, set_digest};

use crate::client::Client;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The number under which the trust list names the Shaanxi pack.
pub(crate) const EPOCH: u32 = 7;
pub(crate) const START: &str = "2020-12-14T08:00:00+08:00";
/// Three residents whose numbers are right by form and belong to nobody.
pub(crate) const NUMBERS: [&str; 3] = ["61010219900101001X", "610102201503070012", "610102195002280021"];

pub(crate) const STAFF: [Role; 11] = [
    Role::Admin,
    Role::Desk,
    Role::Checkpoint,
    Role::CardReader,
    Role::Register,
    Role::CivilRegister,
    Role::DiseaseControl,
    Role::Hospital,
    Role::Community,
    Role::Headquarters,
    Role::Province,
];

pub(crate) struct World {
    folder: TempDir,
    pub(crate) node: Node,
    now: Arc<AtomicI64>,
    pub(crate) roots: PinnedRoots,
    root: Signer,
    trusted: TrustContent,
    used: BTreeSet<PathBuf>,
}

/// How often jobs run.
pub(crate) struct Pace {
    pub(crate) comparison_seconds: u32,
    pub(crate) change_seconds: u32,
}

impl Pace {
    /// Jobs that run once, at the start.
    pub(crate) const STILL: Self = Self { comparison_seconds: 3600, change_seconds: 3600 };
}

impl World {
    pub(crate) async fn start(pace: Pace) -> Self {
        Self::start_with(pace, "").await
    }

    /// Starts a node whose configuration has these further lines.
    pub(crate) async fn start_with(pace: Pace, further: &str) -> Self {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shaanxi-2020-12.toml");
        Self::start_under(&fs::read_to_string(pack).unwrap(), pace, further).await
    }

    /// Starts a node under a pack with this text.
    pub(crate) async fn start_under(pack: &str, pace: Pace, further: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let (roots, root, trusted) = make_keys(&path.join("keys"), pack);
        fs::write(path.join("pack.toml"), pack).unwrap();
        let config = format!(
            "data = \"data\"\nkeys = \"keys\"\nkeyring = \"keyring\"\npacks = [\"pack.toml\"]\n\
             listen = {{ https = \"127.0.0.1:0\", metrics = \"127.0.0.1:0\" }}\n\
             outbox = {{ kind = \"spool\", directory = \"spool\" }}\n\
             jobs = {{ comparison_seconds = {}, change_seconds = {}, status_list_seconds = 600 }}\n{further}",
            pace.comparison_seconds, pace.change_seconds
        );
        fs::write(path.join("yima.toml"), config).unwrap();
        let now = Arc::new(AtomicI64::new(Timestamp::parse(START).unwrap().millis()));
        let clock = {
            let now = Arc::clone(&now);
            Clock::of(move || Timestamp::from_millis(now.load(Ordering::SeqCst)))
        };
        let config = Config::read(&path.join("yima.toml")).unwrap();
        for role in STAFF {
            let password = Personal::new(PASSWORD.to_owned());
            let new = NewAccount { account: format!("{}.1", role.word()), role, areas: vec![], password };
            create_account(&config, &clock, &new).unwrap();
        }
        let node = Node::start(config, clock).await.unwrap();
        let world = Self { folder, node, now, roots, root, trusted, used: BTreeSet::new() };
        // Who registers from here on registers after the first comparison of everybody.
        world.wait_for_rounds("comparison", 1).await;
        world.pass_minutes(1);
        world
    }

    /// Stops the node and starts it again on what it has stored.
    pub(crate) async fn restart(self) -> Self {
        self.restart_without(Path::new("nothing")).await
    }

    /// The same with a folder lost in between.
    pub(crate) async fn restart_without(self, lost: &Path) -> Self {
        self.while_stopped(async |_| {
            if lost.exists() {
                fs::remove_dir_all(lost).unwrap();
            }
        })
        .await
    }

    /// Stops the node, does something with its folder, in which the configuration is `yima.toml`, and starts it again.
    pub(crate) async fn while_stopped(self, work: impl AsyncFnOnce(&Path)) -> Self {
        let Self { folder, node, now, roots, root, mut trusted, used } = self;
        node.stop().await;
        work(folder.path()).await;
        // The operator renews the trust list, which lasts for 30 days.
        trusted.issued = Seconds::floor(Timestamp::from_millis(now.load(Ordering::SeqCst)));
        trusted.expires = trusted.issued.plus(30 * 24 * 3600);
        trusted.number += 1;
        fs::write(folder.path().join("keys/trust.cbor"), trusted.sign(&root).unwrap()).unwrap();
        let clock = {
            let now = Arc::clone(&now);
            Clock::of(move || Timestamp::from_millis(now.load(Ordering::SeqCst)))
        };
        let node = Node::start(Config::read(&folder.path().join("yima.toml")).unwrap(), clock).await.unwrap();
        Self { folder, node, now, roots, root, trusted, used }
    }

    /// Waits until a job has gone through a whole round that began after this call.
    pub(crate) async fn wait_for_round(&self, job: &str) {
        let done = self.rounds(job).await;
        self.wait_for_rounds(job, done + 2).await;
    }

    pub(crate) async fn wait_for_rounds(&self, job: &str, count: u64) {
        let waiting = async { while self.rounds(job).await < count {} };
        tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.expect("the job has run");
    }

    async fn rounds(&self, job: &str) -> u64 {
        self.rounds_with(job, "done").await
    }

    /// How many rounds of a job have ended so.
    pub(crate) async fn rounds_with(&self, job: &str, outcome: &str) -> u64 {
        let line = format!("yima_jobs_total{{job=\"{job}\",outcome=\"{outcome}\"}} ");
        let metrics = self.metrics().await;
        metrics.lines().find_map(|found| found.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
    }

    /// The figures as Prometheus fetches them.
    pub(crate) async fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(self.node.metrics().unwrap()).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    /// Where the node puts messages.
    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// Where the node keeps what it stores.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.pass_seconds(minutes * 60);
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.node.https(), &self.folder.path().join("data/self-signed.pem")).await
    }

    /// A member of staff who has signed in.
    pub(crate) async fn staff(&self, role: Role) -> Client {
        let mut client = self.client().await;
        let sign_in = json!({"account": format!("{}.1", role.word()), "password": PASSWORD});
        client.post("/v1/staff/sessions", &sign_in).await.expect(201);
        client
    }

    /// A resident who has proved a phone.
    pub(crate) async fn bound(&mut self, phone: &str) -> Client {
        let mut client = self.client().await;
        let begun = client.post("/v1/bindings", &json!({"channel": "phone", "address": phone})).await.expect(202);
        let code = self.one_time_code();
        let path = format!("/v1/bindings/{}/confirm", begun["binding"].as_str().unwrap());
        client.post(&path, &json!({"code": code})).await.expect(200);
        client
    }

    /// A resident who has registered; gives the person too.
    pub(crate) async fn resident(&mut self, phone: &str, number: &str) -> (Client, String) {
        let mut client = self.bound(phone).await;
        let applied = client.post("/v1/residents", &application(number)).await.expect(201);
        (client, applied["person"].as_str().unwrap().to_owned())
    }

    /// The code in the newest message of the spool that has one; a change of colour may be told at the same time.
    pub(crate) fn one_time_code(&mut self) -> String {
        let messages = self.messages();
        let texts = messages.iter().rev().map(|message| message["text"].as_str().unwrap());
        let code = |text: &str| {
            text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).map(ToOwned::to_owned)
        };
        texts.filter_map(code).next().unwrap()
    }

    /// The messages that have come into the spool since the last look.
    pub(crate) fn messages(&mut self) -> Vec<Value> {
        let files = self.folder.path().join("spool").read_dir().unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|name| name == "json")).collect();
        files.sort();
        files.retain(|path| self.used.insert(path.clone()));
        files.into_iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }

    /// The folder of the keys that sign codes.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// What an operator does with `yima keys renew`: signs the trust list again, with these changes; gives its number.
    pub(crate) fn renew_trust(&mut self, change: impl FnOnce(&mut TrustContent)) -> u32 {
        self.trusted.issued = Seconds::floor(self.now());
        self.trusted.expires = self.trusted.issued.plus(30 * 24 * 3600);
        self.trusted.number += 1;
        change(&mut self.trusted);
        fs::write(self.keys().join("trust.cbor"), self.trusted.sign(&self.root).unwrap()).unwrap();
        self.trusted.number
    }

    pub(crate) fn trust(&self, bytes: &[u8]) -> TrustList {
        TrustList::open(bytes, &self.roots, None, self.now()).unwrap()
    }
}

/// A resident number with this birthday that is right by form.
pub(crate) fn number_of(birthday: &str, order: u32) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("610102{birthday}{order:03}");
    let sum: usize = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum % 11]))
}

pub(crate) fn application(number: &str) -> Value {
    json!({
        "document": {"kind": 10, "number": number},
        "name": "王小明",
        "dwellings": [{"role": "present", "area": "610102", "text": "某小区 1 号楼"}],
        "declaration": {"symptoms": [], "contact": "no", "on_duty": false, "origins": []},
        "pledge": {"version": "2020-12", "accepted": true},
    })
}

/// The filing of a national register: everybody was compared.
/// A request for codes for so many new keys of a device.
pub(crate) fn device_keys(count: usize) -> Value {
    let key = |_| {
        let device = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
        let coordinates = device.public().coordinates();
        json!({"x": Base64UrlUnpadded::encode_string(&coordinates.x), "y": Base64UrlUnpadded::encode_string(&coordinates.y)})
    };
    json!({"keys": (0..count).map(key).collect::<Vec<_>>()})
}

pub(crate) fn comparison(at: Timestamp) -> Value {
    json!({
        "id": "00000000000000000000000000000001", "kind": "comparison",
        "source": {"kind": "register", "id": "register.1"}, "at": at.to_string(),
        "list": "sx-risk-register", "as_of": at.to_string(), "matched": false,
    })
}

/// Makes a private key in a file that its owner alone can read; gives the public one.
pub(crate) fn new_key(path: &Path) -> PublicKey {
    let der = Signer::generate_pkcs8().unwrap();
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    options.open(path).unwrap().write_all(&der).unwrap();
    Signer::from_pkcs8(&der).unwrap().public().clone()
}

fn make_keys(folder: &Path, pack: &str) -> (PinnedRoots, Signer, TrustContent) {
    fs::create_dir(folder).unwrap();
    let root = Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap();
    let issued = Seconds::floor(Timestamp::parse(START).unwrap());
    let keys = KeyUse::ALL.map(|key_use| IssuerKey {
        public: new_key(&folder.join(format!("{}.p8", key_use.word()))),
        key_use,
        valid_from: issued,
        valid_until: issued.plus(365 * 24 * 3600),
        revoked_from: None,
    });
    let content = TrustContent {
        environment: Environment::Test,
        issuer: Issuer::CHINA,
        number: 1,
        issued,
        expires: issued.plus(30 * 24 * 3600),
        keys: keys.into(),
        rules: vec![
            RuleEpoch { number: EPOCH - 1, from: issued, digest: [1; 32] },
            RuleEpoch { number: EPOCH, from: issued, digest: set_digest([pack_digest(pack)]) },
            RuleEpoch { number: EPOCH + 1, from: issued.plus(1), digest: [2; 32] },
        ],
        status_lists: vec![StatusListAddress { number: 1, uri: "urn:yima:status-list:1".to_owned() }],
    };
    let roots = PinnedRoots { environment: Environment::Test, keys: vec![root.public().clone()] };
    fs::write(folder.join("trust.cbor"), content.sign(&root).unwrap()).unwrap();
    fs::write(folder.join("roots.txt"), roots.to_string()).unwrap();
    (roots, root, content)
}

//! A node of the test environment with a population: how it is set up, started, entered and stopped.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use yima_model::{Timestamp, Zone};

use super::client::{Client, at, random_hex};
use super::levels::{Levels, PLACES};
use super::packs;
use super::program::Program;

/// There is an account for each of these roles, each of an institution of its own.
pub(super) const ROLES: [&str; 11] = [
    "admin",
    "desk",
    "checkpoint",
    "community",
    "laboratory",
    "hospital",
    "disease-control",
    "carrier",
    "register",
    "headquarters",
    "province",
];

/// The account of a role.
pub(super) fn account_of(role: &str) -> String {
    format!("{role}.1")
}

const RESIDENTS: u32 = 1000;

/// What a node is set up with.
pub(super) struct Setup<'a> {
    pub(super) program: &'a Program,
    /// An empty folder.
    pub(super) folder: &'a Path,
    pub(super) listen: SocketAddr,
    /// Whether messages are printed; otherwise they lie in the folder `spool`.
    pub(super) prints_messages: bool,
}

/// What the node was filled with.
pub(super) struct Filled {
    pub(super) persons: u64,
    pub(super) facts: u64,
    /// The address of one resident for each rule.
    pub(super) residents: BTreeMap<String, String>,
    pub(super) levels: Levels,
}

/// A node that runs.
pub(super) struct Node {
    process: Child,
    /// The node stops when this is closed, however that comes about.
    attached: Option<ChildStdin>,
    pub(super) folder: PathBuf,
    pub(super) port: u16,
    pub(super) password: String,
    pub(super) filled: Filled,
}

impl Setup<'_> {
    /// Fills the folder and starts the node.
    pub(super) fn start(&self) -> anyhow::Result<Node> {
        let path = |name: &str| self.folder.join(name).display().to_string();
        let now = now();
        let an_hour_ago = Zone::BEIJING.format(now.plus_millis(-3_600_000));
        let (keys, config) = (path("keys"), path("yima.toml"));
        let packs = packs::write_copies(self.folder, now)?;
        let files: Vec<_> = packs.iter().map(|name| path(name)).collect();
        let mut init = vec!["keys", "init", "--environment", "test", "--at", &an_hour_ago, "--out", &keys];
        init.extend(files.iter().flat_map(|file| ["--pack", file]));
        self.program.call(&init)?;
        std::fs::write(&config, self.config(&packs))?;
        let password = random_hex()?;
        for role in ROLES {
            let account = account_of(role);
            let account = ["admin", "create", "--config", &config, "--account", &account, "--role", role];
            self.program.call_with(&account, &password)?;
        }
        let levels = Levels::read()?;
        let count = RESIDENTS.to_string();
        let import = ["import", "synthetic", "--config", &config, "--persons", &count];
        let filled: Value = serde_json::from_str(&self.program.call(&import)?)?;
        let list = path("risk-levels.json");
        std::fs::write(&list, levels.snapshot(now)?.to_string())?;
        let import = ["import", "risk-levels", &list, "--config", &config, "--confirmed-by", "disease-control"];
        let listed: Value = serde_json::from_str(&self.program.call(&import)?)?;
        let begun = at(&listed, "/begun").as_u64().context("the import counts no levels")?;
        ensure!(
            begun > 0 && usize::try_from(begun)? <= levels.count(),
            "{} areas are listed: {listed}",
            levels.count()
        );
        let filled = Filled {
            persons: at(&filled, "/persons").as_u64().context("the import counts no persons")?,
            facts: at(&filled, "/facts").as_u64().context("the import counts no facts")?,
            residents: serde_json::from_value(at(&filled, "/residents").clone())?,
            levels,
        };
        self.serve(&config, password, filled)
    }

    fn serve(&self, config: &str, password: String, filled: Filled) -> anyhow::Result<Node> {
        let mut process = self
            .program
            .command(&["serve", "--config", config, "--log", "error", "--attached"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the node does not start")?;
        let attached = process.stdin.take();
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("the node is silent")?).read_line(&mut url)?;
        let port = url.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.context("the node did not start, see above")?;
        Ok(Node { process, attached, folder: self.folder.to_owned(), port, password, filled })
    }

    /// Newcomers are compared at once, so that nobody waits for green.
    fn config(&self, packs: &[String]) -> String {
        let outbox = match self.prints_messages {
            true => "{ kind = \"development\" }",
            false => "{ kind = \"spool\", directory = \"spool\" }",
        };
        format!(
            "data = \"data\"\nkeys = \"keys\"\nkeyring = \"keyring\"\npacks = {packs:?}\n\
             listen = {{ https = \"{}\" }}\noutbox = {outbox}\n\
             jobs = {{ comparison_seconds = 2, change_seconds = 30, status_list_seconds = 30 }}\n",
            self.listen
        )
    }
}

impl Node {
    pub(super) fn client(&self, runtime: &Handle) -> anyhow::Result<Client> {
        Client::connect(runtime, self.port, &self.folder.join("data/self-signed.pem"))
    }

    /// A member of staff who has signed in.
    pub(super) fn staff(&self, runtime: &Handle, role: &str) -> anyhow::Result<Client> {
        let mut client = self.client(runtime)?;
        client.post("/v1/staff/sessions", &json!({"account": account_of(role), "password": self.password}))?;
        Ok(client)
    }

    /// Gives names to the places that the stories tell of.
    pub(super) fn name_areas(&self, runtime: &Handle) -> anyhow::Result<()> {
        let mut admin = self.staff(runtime, "admin")?;
        for (parent, name, code) in PLACES {
            let added = admin.post("/v1/areas", &json!({"parent": parent, "name": name}))?;
            ensure!(at(&added, "/code") == code, "`{code}` became {}", at(&added, "/code"));
        }
        Ok(())
    }

    /// Lets the node end in order.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        drop(self.attached.take());
        let status = self.process.wait()?;
        ensure!(status.success(), "the node ends with {status}");
        Ok(())
    }

    /// Waits until the node has ended, which it does in order on Ctrl-C.
    pub(super) fn wait(mut self, runtime: &Handle) -> anyhow::Result<()> {
        let attached = self.attached.take();
        runtime.spawn(async move {
            let interrupted = tokio::signal::ctrl_c().await;
            drop(attached);
            interrupted
        });
        let status = self.process.wait()?;
        ensure!(status.success(), "the node ends with {status}");
        Ok(())
    }
}

impl Drop for Node {
    /// Where something failed, the node still ends before whoever started it.
    fn drop(&mut self) {
        if self.attached.take().is_some() {
            drop(self.process.wait());
        }
    }
}

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the demo takes place now")]
pub(super) fn now() -> Timestamp {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// The address of this machine in its network, for phones.
pub(super) fn own_address() -> Option<IpAddr> {
    // Nothing is sent: the system only chooses from where it would (192.0.2.1 is reserved for examples).
    let socket = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

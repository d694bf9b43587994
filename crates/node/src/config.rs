//! The configuration of a node: one TOML file, read once; a key that is not known is refused.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// Everything that can be set. Relative paths start at the folder of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder of the ledger, of what is derived from it, and of the self-signed certificate.
    pub data: PathBuf,
    /// The folder with a private key for each use, `trust.cbor` and `roots.txt`, as `yima keys init` makes it.
    pub keys: PathBuf,
    /// The file with the keys of the vault; made at the first start, and to be kept in a safe place.
    pub keyring: PathBuf,
    /// The files of the rule packs.
    pub packs: Vec<PathBuf>,
    /// The folder of the keys and revocation lists of other issuers, from which their certificates are verified
    /// (docs/STATEMENTS.md); read at the start and every hour. Default: none, and no certificate counts.
    pub issuers: Option<PathBuf>,
    /// Where the node listens.
    pub listen: Listen,
    /// The certificate; without it the node makes a self-signed one, good for a demonstration.
    pub tls: Option<Tls>,
    /// How messages reach residents.
    pub outbox: Outbox,
    /// The addresses of this service as browsers write them, such as `https://code.example.cn`; where there are some, no page
    /// of another address changes anything. Default: none, and the address must be that of the request.
    #[serde(default)]
    pub origins: Vec<String>,
    /// What one client may ask for.
    #[serde(default)]
    pub limits: Limits,
    /// How long sign-ins and codes last.
    #[serde(default)]
    pub terms: Terms,
    /// How often work is done that nobody asked for.
    #[serde(default)]
    pub jobs: Jobs,
}

/// Where the node listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Address and port of the API and the pages, by HTTPS.
    pub https: SocketAddr,
    /// Address and port of the metrics, by plain HTTP; without it there are none. Keep it away from the public.
    pub metrics: Option<SocketAddr>,
}

/// The certificate of the node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The file with the certificate and the chain behind it, as PEM.
    pub certificate: PathBuf,
    /// The file with the private key, as PEM.
    pub private_key: PathBuf,
}

/// How messages reach residents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Outbox {
    /// Prints each message on standard error; refused with production keys.
    Development,
    /// Puts each message as a file into a folder, from which a gateway takes it.
    Spool {
        /// The folder; only the node and the gateway may read it.
        directory: PathBuf,
    },
}

/// What one client may ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The longest body of a request, in kilobytes. Default: 64.
    pub body_kilobytes: u32,
    /// The longest batch of facts, in kilobytes. Default: 4096.
    pub batch_kilobytes: u32,
    /// How long a request may take, in seconds. Default: 10.
    pub request_seconds: u32,
    /// How many requests are worked on at a time. Default: 1024.
    pub requests: u32,
    /// How many connections are open at a time. Default: 8192.
    pub connections: u32,
    /// How long a client may take for the handshake and for the head of a request, in seconds. Default: 10.
    pub head_seconds: u32,
    /// How many requests to sign in or register one client network (IPv4 /24, IPv6 /48) may send within an hour. Behind a
    /// proxy everybody comes from one network: let the proxy count, and write a large number here. Default: 6000.
    pub network_requests_per_hour: u32,
    /// How long open requests may take after the node was told to stop, in seconds. Default: 20.
    pub stop_seconds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_kilobytes: 64,
            batch_kilobytes: 4096,
            request_seconds: 10,
            requests: 1024,
            connections: 8192,
            head_seconds: 10,
            network_requests_per_hour: 6000,
            stop_seconds: 20,
        }
    }
}

/// How long sign-ins and codes last.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// How long a one-time code that was sent can be entered, in minutes. Default: 10.
    pub one_time_code_minutes: u32,
    /// How long a one-time code that a desk printed can be entered, in days. Default: 30.
    pub desk_code_days: u32,
    /// How long a binding lasts, in days; then the address is proven again. Default: 180.
    pub binding_days: u32,
    /// How long a resident stays signed in, in days. Default: 30.
    pub session_days: u32,
    /// How long a member of staff stays signed in, in hours. Default: 10.
    pub staff_session_hours: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            one_time_code_minutes: 10,
            desk_code_days: 30,
            binding_days: 180,
            session_days: 30,
            staff_session_hours: 10,
        }
    }
}

/// How often work is done that nobody asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Between two looks for residents who were not compared yet, in seconds. Default: 30.
    pub comparison_seconds: u32,
    /// Between two looks for changes of colour that residents must be told, in seconds. Default: 60.
    pub change_seconds: u32,
    /// Between two editions of the status list of paper codes, in seconds. Default: 120.
    pub status_list_seconds: u32,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { comparison_seconds: 30, change_seconds: 60, status_list_seconds: 120 }
    }
}

/// The oldest status list that an online checkpoint goes by, in seconds (docs/CODE.md).
const STATUS_LIST_SECONDS_MAX: u32 = 600;

/// How long a resident waits at most for a first look, and for word of a change, in seconds: an hour is our reading.
const WAIT_SECONDS_MAX: u32 = 3600;

/// Why a configuration was not taken.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{}`: {error}", .0.display(), error = .1)]
    File(PathBuf, std::io::Error),
    /// The file says something that is not understood.
    #[error("in the configuration `{}`: {error}", .0.display(), error = .1)]
    Content(PathBuf, Box<toml::de::Error>),
    /// A number that must be positive is zero.
    #[error("in the configuration `{}`: `{name}` is 0; write at least 1", .0.display(), name = .1)]
    Zero(PathBuf, &'static str),
    /// A job that would run too seldom.
    #[error("in the configuration `{}`: `{name}` is more than {most}; write at most {most}", .0.display(), name = .1, most = .2)]
    TooSeldom(PathBuf, &'static str, u32),
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ConfigError`], naming the line.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| ConfigError::File(file.into(), error))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|error| ConfigError::Content(file.into(), Box::new(error)))?;
        if let Some(name) = config.zero() {
            return Err(ConfigError::Zero(file.into(), name));
        }
        if let Some((name, most)) = config.too_seldom() {
            return Err(ConfigError::TooSeldom(file.into(), name, most));
        }
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        config.paths().for_each(|path| *path = folder.join(&*path));
        Ok(config)
    }

    fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.private_key]);
        let spool = match &mut self.outbox {
            Outbox::Development => None,
            Outbox::Spool { directory } => Some(directory),
        };
        [&mut self.data, &mut self.keys, &mut self.keyring]
            .into_iter()
            .chain(&mut self.packs)
            .chain(&mut self.issuers)
            .chain(tls)
            .chain(spool)
    }

    /// A job that runs so seldom that what is promised of it cannot hold, and how many seconds may lie between two runs.
    fn too_seldom(&self) -> Option<(&'static str, u32)> {
        let Jobs { comparison_seconds, change_seconds, status_list_seconds } = self.jobs;
        [
            ("jobs.comparison_seconds", comparison_seconds, WAIT_SECONDS_MAX),
            ("jobs.change_seconds", change_seconds, WAIT_SECONDS_MAX),
            ("jobs.status_list_seconds", status_list_seconds, STATUS_LIST_SECONDS_MAX),
        ]
        .into_iter()
        .find_map(|(name, value, most)| (value > most).then_some((name, most)))
    }

    fn zero(&self) -> Option<&'static str> {
        let Limits {
            body_kilobytes,
            batch_kilobytes,
            request_seconds,
            requests,
            connections,
            head_seconds,
            network_requests_per_hour,
            stop_seconds: _,
        } = self.limits;
        let Terms { one_time_code_minutes, desk_code_days, binding_days, session_days, staff_session_hours } =
            self.terms;
        let Jobs { comparison_seconds, change_seconds, status_list_seconds } = self.jobs;
        [
            ("limits.body_kilobytes", body_kilobytes),
            ("limits.batch_kilobytes", batch_kilobytes),
            ("limits.request_seconds", request_seconds),
            ("limits.requests", requests),
            ("limits.connections", connections),
            ("limits.head_seconds", head_seconds),
            ("limits.network_requests_per_hour", network_requests_per_hour),
            ("terms.one_time_code_minutes", one_time_code_minutes),
            ("terms.desk_code_days", desk_code_days),
            ("terms.binding_days", binding_days),
            ("terms.session_days", session_days),
            ("terms.staff_session_hours", staff_session_hours),
            ("jobs.comparison_seconds", comparison_seconds),
            ("jobs.change_seconds", change_seconds),
            ("jobs.status_list_seconds", status_list_seconds),
        ]
        .into_iter()
        .find_map(|(name, value)| (value == 0).then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("yima.toml");
        fs::write(&file, text).unwrap();
        Config::read(&file)
    }

    #[test]
    fn the_sample_is_read_and_shows_the_defaults() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/yima.toml");
        let config = Config::read(&sample).unwrap();
        assert_eq!(format!("{:?}", config.limits), format!("{:?}", Limits::default()));
        assert_eq!(format!("{:?}", config.terms), format!("{:?}", Terms::default()));
        assert_eq!(format!("{:?}", config.jobs), format!("{:?}", Jobs::default()));
        assert_eq!(config.data, Path::new("/var/lib/yima"));
    }

    #[test]
    fn little_is_needed_and_paths_start_at_the_file() {
        let config = read(LEAST).unwrap();
        assert!(config.data.is_absolute() && config.data.ends_with("d"));
        assert!(config.packs[0].is_absolute());
        assert!(config.tls.is_none() && config.listen.metrics.is_none());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let check = |text: &str, part: &str| {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(&format!("dta = \"x\"\n{LEAST}"), "dta");
        check(&format!("{LEAST}\n[limits]\nbody_megabytes = 1"), "body_megabytes");
        check(&format!("{LEAST}\n[limits]\nrequests = 0"), "`limits.requests` is 0");
        check(&format!("{LEAST}\n[limits]\nrequests = -1"), "requests");
        for (job, most) in [("status_list", 600), ("change", 3600), ("comparison", 3600)] {
            assert!(read(&format!("{LEAST}\n[jobs]\n{job}_seconds = {most}")).is_ok());
            let more = format!("{LEAST}\n[jobs]\n{job}_seconds = {}", most + 1);
            check(&more, &format!("`jobs.{job}_seconds` is more than {most}"));
        }
        check(&LEAST.replace("development", "telegram"), "telegram");
        check(&LEAST.replace("127.0.0.1:0", "localhost"), "https");
        check("", "data");
        assert!(matches!(Config::read(Path::new("/nowhere/yima.toml")), Err(ConfigError::File(..))));
    }

    const LEAST: &str = r#"
        data = "d"
        keys = "k"
        keyring = "r"
        packs = ["p.toml"]
        listen = { https = "127.0.0.1:0" }
        outbox = { kind = "development" }
    "#;
}

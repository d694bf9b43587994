//! The node: HTTPS API, sessions and roles, jobs, and the pages of the web.
#![warn(missing_docs)]

mod access_log;
mod app;
mod attempts;
mod binding;
pub mod clock;
pub mod config;
mod files;
mod http;
mod jobs;
mod keys;
pub mod logs;
mod metrics;
mod network;
pub mod node;
mod outbox;
mod random;
mod rows;
mod server;
mod session;
pub mod staff;
mod tls;
mod trust_folder;
mod unlisted;

pub use clock::Clock;
pub use config::{Config, ConfigError};
pub use files::FileError;
pub use http::{division_tree, openapi};
pub use keys::{KeysError, read_signers};
pub use node::{Node, StartError, create_account};
pub use rows::forget_person;
pub use tls::TlsError;
pub use trust_folder::{LeftOut, TrustFolderError, files_below, read_trust_folder};

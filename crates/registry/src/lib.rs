//! Use cases, the vault of personal data, and what a node derives from the ledger: records, indexes, verdicts.
#![warn(missing_docs)]

pub mod vault;

pub use vault::Vault;

/// Fills a slice with random bytes that nobody can guess.
pub type Random = std::sync::Arc<dyn Fn(&mut [u8]) + Send + Sync>;

//! Use cases, the vault of personal data, and what a node derives from the ledger: records, indexes, verdicts.
#![warn(missing_docs)]

pub mod agenda;
pub mod announce;
pub mod cases;
pub mod census;
mod index;
pub mod infections;
pub mod levels;
mod record;
pub mod registry;
pub mod retention;
pub mod snapshots;
pub mod standing;
mod store;
#[cfg(test)]
mod testing;
pub mod vault;
pub mod verdict;
pub mod visits;

pub use agenda::{Agenda, Agendas};
pub use index::{Carrier, FEVER_DECICELSIUS, Sampled, Weight, Weighty};
pub use levels::{Levels, Listed};
pub use registry::{AsOf, Followed, Globals, Kept, Rebuilt, Registry, RegistryError, View};
pub use store::StorageError;
pub use vault::Vault;
pub use verdict::{HeldGround, Judge, JudgeError, Judgement, Shelf};

/// Fills a slice with random bytes that nobody can guess.
pub type Random = std::sync::Arc<dyn Fn(&mut [u8]) + Send + Sync>;

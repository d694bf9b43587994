//! Messages to residents: printed for a demonstration, or put into a folder from which a gateway takes them.

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use thiserror::Error;
use yima_model::{Personal, Timestamp, Zone};
use yima_registry::vault::{ContactAddress, ContactChannel};

use crate::files::{self, FileError};
use crate::random;

/// One message to one person.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) to: ContactAddress,
    pub(crate) purpose: Purpose,
    pub(crate) created: Timestamp,
    pub(crate) text: Personal<String>,
}

/// What a message is for, so that a gateway can choose between SMS, voice and mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Purpose {
    /// It carries a one-time code, which the person waits for.
    OneTimeCode,
    /// The colour has changed; neither colour nor health stands in the message.
    Change,
}

/// Where messages go: [`Printed`] and [`Spool`].
pub(crate) trait Outbox: Send + Sync + fmt::Debug {
    /// Hands a message over; on return it is out of the node's hands. Gives the name by which to ask for its fate.
    fn send(&self, message: &Message) -> Result<String, OutboxError>;

    /// What has become of a message.
    fn fate(&self, name: &str) -> Result<Fate, OutboxError>;
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The gateway has delivered it.
    Taken,
    /// The gateway has not come to it yet.
    Waiting,
    /// The gateway could not deliver it.
    Failed,
}

/// Why a message was not handed over.
#[derive(Debug, Error)]
pub(crate) enum OutboxError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the message cannot be printed, or its file not looked for: {0}")]
    Unusable(#[from] std::io::Error),
}

/// Prints messages on standard error, for a demonstration on one machine.
#[derive(Debug)]
pub(crate) struct Printed;

impl Outbox for Printed {
    fn send(&self, message: &Message) -> Result<String, OutboxError> {
        writeln!(std::io::stderr(), "to {}: {}", message.to.reveal(), message.text.reveal())?;
        Ok(String::new())
    }

    fn fate(&self, _: &str) -> Result<Fate, OutboxError> {
        Ok(Fate::Taken)
    }
}

/// Puts each message as a JSON file into a folder; a gateway delivers and deletes it, or moves it into [`FAILED`] there.
#[derive(Debug)]
pub(crate) struct Spool {
    pub(crate) directory: PathBuf,
}

/// Where a gateway puts what it cannot deliver.
const FAILED: &str = "failed";

#[derive(Serialize)]
struct MessageFile<'a> {
    channel: &'static str,
    to: &'a str,
    purpose: Purpose,
    created: String,
    text: &'a str,
}

impl Outbox for Spool {
    fn send(&self, message: &Message) -> Result<String, OutboxError> {
        let file = MessageFile {
            channel: match message.to.channel() {
                ContactChannel::Phone => "phone",
                ContactChannel::Email => "email",
            },
            to: message.to.reveal(),
            purpose: message.purpose,
            created: Zone::BEIJING.format(message.created),
            text: message.text.reveal(),
        };
        let name = format!("{:015}-{:016x}.json", message.created.millis(), u64::from_be_bytes(random::bytes()));
        let content = serde_json::to_vec(&file).map_err(std::io::Error::from)?;
        files::write_secret(&self.directory.join(&name), &content)?;
        Ok(name)
    }

    /// What failed is deleted with the answer: it holds an address, and nobody else comes for it.
    fn fate(&self, name: &str) -> Result<Fate, OutboxError> {
        if self.directory.join(name).try_exists()? {
            return Ok(Fate::Waiting);
        }
        match std::fs::remove_file(self.directory.join(FAILED).join(name)) {
            Ok(()) => Ok(Fate::Failed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Fate::Taken),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spooled_message_is_one_private_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let message = Message {
            to: ContactAddress::phone("13800138000").unwrap(),
            purpose: Purpose::OneTimeCode,
            created: Timestamp::from_millis(1_582_588_800_000),
            text: Personal::new("482913".to_owned()),
        };
        let spool = Spool { directory: folder.path().into() };
        let names = [spool.send(&message).unwrap(), spool.send(&message).unwrap()];
        let files: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 2, "one does not take the place of another");
        assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
        let content: serde_json::Value = serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap();
        let expected = serde_json::json!({
            "channel": "phone", "to": "+8613800138000", "purpose": "one-time-code",
            "created": "2020-02-25T08:00:00+08:00", "text": "482913",
        });
        assert_eq!(content, expected);
        let path = |name: &str| folder.path().join(name);
        assert_eq!(spool.fate(&names[0]).unwrap(), Fate::Waiting);
        std::fs::remove_file(path(&names[0])).unwrap();
        assert_eq!(spool.fate(&names[0]).unwrap(), Fate::Taken);
        std::fs::create_dir(path(FAILED)).unwrap();
        std::fs::rename(path(&names[1]), path(FAILED).join(&names[1])).unwrap();
        assert_eq!(spool.fate(&names[1]).unwrap(), Fate::Failed);
        assert_eq!(path(FAILED).read_dir().unwrap().count(), 0);
        let debug = format!("{message:?}");
        assert!(!debug.contains("13800138000") && !debug.contains("482913"), "address and text are hidden");
    }
}

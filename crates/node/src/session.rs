//! Sign-ins: a random token in a cookie, of which the node keeps the hash alone.

use serde::{Deserialize, Serialize};
use yima_ledger::{Ledger, LedgerError};
use yima_model::{PersonId, Timestamp};

use crate::random;
use crate::rows::{Rows, table};

static SESSIONS: Rows<Row> = Rows::new(table::SESSION);
/// The sessions of a person, so that a lost device can be signed out from another one.
static OF_PERSON: Rows<()> = Rows::new(table::SESSION_OF);

/// A token as it stands in the cookie; 256 random bits.
pub(crate) struct Token(pub(crate) [u8; 32]);

/// What the node keeps instead of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TokenHash(pub(crate) [u8; 32]);

/// Somebody who is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub(crate) hash: TokenHash,
    pub(crate) person: PersonId,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row {
    person: String,
    created: i64,
    expires: i64,
}

impl Token {
    pub(crate) fn new() -> Self {
        Self(random::bytes())
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(random::hash("session", &[&self.0]))
    }
}

impl TokenHash {
    /// The name of the session towards its owner; too short to find the token by.
    pub(crate) fn name(&self) -> String {
        self.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Signs a person in under this token.
pub(crate) fn begin(
    ledger: &dyn Ledger,
    hash: TokenHash,
    person: PersonId,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Session, LedgerError> {
    let row = Row { person: person.to_string(), created: now.millis(), expires: expires.millis() };
    SESSIONS.put(ledger, &hash.0, &row)?;
    OF_PERSON.put(ledger, &of_person_key(person, hash), &())?;
    Ok(Session { hash, person, created: now, expires })
}

/// The session of this token, unless it has expired.
pub(crate) fn find(ledger: &dyn Ledger, hash: TokenHash, now: Timestamp) -> Result<Option<Session>, LedgerError> {
    let found = SESSIONS.find(ledger, &hash.0)?.and_then(|row| {
        let person = PersonId::parse(&row.person).ok()?;
        let at = Timestamp::from_millis;
        Some(Session { hash, person, created: at(row.created), expires: at(row.expires) })
    });
    Ok(found.filter(|session| now < session.expires))
}

/// Every session of a person that has not expired; those that have are cleared away.
pub(crate) fn of_person(ledger: &dyn Ledger, person: PersonId, now: Timestamp) -> Result<Vec<Session>, LedgerError> {
    let mut sessions = Vec::new();
    for (key, ()) in OF_PERSON.all(ledger, person.bytes())? {
        let Some(hash) = key.last_chunk().copied().map(TokenHash) else { continue };
        match find(ledger, hash, now)? {
            Some(session) => sessions.push(session),
            None => end(ledger, hash, person)?,
        }
    }
    Ok(sessions)
}

/// Signs out; nothing happens if nobody is signed in under this token.
pub(crate) fn end(ledger: &dyn Ledger, hash: TokenHash, person: PersonId) -> Result<(), LedgerError> {
    SESSIONS.delete(ledger, &hash.0)?;
    OF_PERSON.delete(ledger, &of_person_key(person, hash))
}

fn of_person_key(person: PersonId, hash: TokenHash) -> Vec<u8> {
    [person.bytes().as_slice(), &hash.0].concat()
}

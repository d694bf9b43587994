//! The vault: the one place with names, document numbers and phones, and the keys under which facts are sealed.
//!
//! | table    | key                                        | value                                        |
//! |----------|--------------------------------------------|----------------------------------------------|
//! | `index`  | sort, number of the index key, keyed hash  | the person                                   |
//! | `key`    | person                                     | the person's key, wrapped by a node key      |
//! | `detail` | person, sort, and what tells it from others | a detail, sealed under the person's key      |
//!
//! What a card reader asks for a document with (`cards`) is indexed like the document itself.
//! A fact about a person is sealed under the person's key too, so that destroying the key destroys what was said.

mod cards;
mod details;
mod keyring;
mod rotation;
mod seal;

use std::{fmt, sync::Arc};

use aws_lc_rs::aead::NONCE_LEN;
use thiserror::Error;
use yima_ledger::{Claim, Ledger, LedgerError, RowTable, Sealed};
use yima_model::codec::{self, CodecError};
use yima_model::fact::{DwellingRole, EVENT_LEAD_MILLIS};
use yima_model::{Document, Fact, Filing, Occurred, PersonId, Subject, Timestamp};

pub use self::details::{BirthDate, ContactAddress, ContactChannel, DetailError, Details, PersonalText};
pub use self::keyring::{KeyNumber, Keyring, KeyringError};
use self::seal::Key;
use crate::Random;
pub use yima_card::CardResult;

const INDEX: RowTable = RowTable::new("index");
const KEYS: RowTable = RowTable::new("key");
const DETAILS: RowTable = RowTable::new("detail");

const DOCUMENT: u8 = b'd';
const CONTACT: u8 = b'c';
const CARD: u8 = b'r';
const NAME: u8 = b'n';
const ADDRESS: u8 = b'a';
const BIRTH: u8 = b'b';

const OPEN_BODY: u8 = 0;
const SEALED_BODY: u8 = 1;

/// A key and its value.
type Row = (Vec<u8>, Vec<u8>);

/// Rows read at a time.
const PAGE: usize = 256;

/// The vault, over the tables that the ledger keeps for it.
#[derive(Clone)]
pub struct Vault {
    ledger: Arc<dyn Ledger>,
    keyring: Keyring,
    random: Random,
}

/// Why the vault did not do what it was asked.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The keyring has no index key.
    #[error("this node cannot find persons by document or contact; ask a node whose keyring has index keys")]
    NoIndexKey,
    /// The person has no key: nobody registered under this id, or the person was erased.
    #[error("the vault knows no such person; register the person again")]
    NoSuchPerson,
    /// The document belongs to another person.
    #[error("the document is linked to another person; unlink it there first")]
    OfAnotherPerson,
    /// It is the last document of the person.
    #[error("this is the only document of the person; link another one first")]
    LastDocument,
    /// What is stored cannot be opened.
    #[error("a row of the vault cannot be opened; look for a keyring that lacks a key, or restore a backup")]
    Damaged,
    /// A body was sealed by a newer program or is damaged.
    #[error("the body of a fact cannot be read: {0}")]
    Body(#[from] CodecError),
    /// The ledger underneath failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What came of claiming a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody had it: this is a new person.
    New(PersonId),
    /// It belongs to this person already.
    Known(PersonId),
}

impl Claimed {
    /// The person to whom the document belongs.
    pub const fn person(self) -> PersonId {
        match self {
            Self::New(person) | Self::Known(person) => person,
        }
    }
}

impl Vault {
    /// The vault of this ledger, under these keys.
    pub const fn new(ledger: Arc<dyn Ledger>, keyring: Keyring, random: Random) -> Self {
        Self { ledger, keyring, random }
    }

    /// The keys that it uses.
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The person to whom a document belongs.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn find_document(&self, document: &Document) -> Result<Option<PersonId>, VaultError> {
        Ok(self.find(DOCUMENT, &document.canonical())?.map(|(person, _)| person))
    }

    /// Gives a document to a new person unless it belongs to somebody; of concurrent calls exactly one gives it.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn claim_document(&self, document: &Document) -> Result<Claimed, VaultError> {
        let canonical = document.canonical();
        let mut candidate = [0; 16];
        (self.random)(&mut candidate);
        let candidate = PersonId::from_bytes(candidate);
        let person = self.claim(DOCUMENT, &canonical, candidate)?;
        // Done for a known document too: whoever claimed it first may have crashed before this.
        self.ensure_key(person)?;
        self.ensure_indexed_detail(person, DOCUMENT, &canonical)?;
        self.ensure_card(person, document)?;
        Ok(if person == candidate { Claimed::New(person) } else { Claimed::Known(person) })
    }

    /// A new person without any document.
    ///
    /// # Errors
    /// [`VaultError::Ledger`].
    pub fn admit(&self) -> Result<PersonId, VaultError> {
        let mut person = [0; 16];
        (self.random)(&mut person);
        let person = PersonId::from_bytes(person);
        self.ensure_key(person)?;
        Ok(person)
    }

    /// Gives a further document to a person.
    ///
    /// # Errors
    /// [`VaultError::OfAnotherPerson`], [`VaultError::NoSuchPerson`], [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn link_document(&self, person: PersonId, document: &Document) -> Result<(), VaultError> {
        self.key(person)?;
        let canonical = document.canonical();
        if self.claim(DOCUMENT, &canonical, person)? != person {
            return Err(VaultError::OfAnotherPerson);
        }
        self.ensure_indexed_detail(person, DOCUMENT, &canonical)?;
        self.ensure_card(person, document)
    }

    /// Takes a document from a person who has another one; nothing happens if it is not the person's.
    ///
    /// # Errors
    /// [`VaultError::LastDocument`], [`VaultError::NoSuchPerson`], [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn unlink_document(&self, person: PersonId, document: &Document) -> Result<(), VaultError> {
        let others = self.details(person)?.documents.into_iter().filter(|other| other != document).count();
        if others == 0 {
            return Err(VaultError::LastDocument);
        }
        for content in self.card_contents(document) {
            self.release(person, CARD, &content)?;
        }
        self.release(person, DOCUMENT, &document.canonical())
    }

    /// The person who is reached by this phone or e-mail address.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn find_contact(&self, contact: &ContactAddress) -> Result<Option<PersonId>, VaultError> {
        Ok(self.find(CONTACT, &contact.canonical())?.map(|(person, _)| person))
    }

    /// Gives a phone or e-mail address to a person who has proved to hold it, and says who had it before.
    ///
    /// Numbers are given out again by the networks, so whoever proves possession last has it.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn bind_contact(&self, person: PersonId, contact: &ContactAddress) -> Result<Option<PersonId>, VaultError> {
        self.key(person)?;
        let canonical = contact.canonical();
        let before = self.find_contact(contact)?.filter(|before| *before != person);
        if let Some(before) = before {
            self.release(before, CONTACT, &canonical)?;
        }
        let (number, hash) = self.newest_index(CONTACT, &canonical)?;
        self.ledger.put_row(INDEX, &index_key(CONTACT, number, &hash), person.bytes())?;
        self.ensure_indexed_detail(person, CONTACT, &canonical)?;
        Ok(before)
    }

    /// Takes a phone or e-mail address from a person; nothing happens if it is not the person's.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn unbind_contact(&self, person: PersonId, contact: &ContactAddress) -> Result<(), VaultError> {
        self.release(person, CONTACT, &contact.canonical())
    }

    /// Keeps the name of a person, in the place of an older one.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Ledger`].
    pub fn put_name(&self, person: PersonId, name: &PersonalText) -> Result<(), VaultError> {
        self.put_detail(person, &[NAME], name.reveal().as_bytes())
    }

    /// Keeps the free text of an address, in the place of an older one of the same role.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Ledger`].
    pub fn put_address(&self, person: PersonId, role: DwellingRole, text: &PersonalText) -> Result<(), VaultError> {
        self.put_detail(person, &[ADDRESS, role as u8], text.reveal().as_bytes())
    }

    /// Keeps a date of birth that was stated, in the place of an older one.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Ledger`].
    pub fn put_birth(&self, person: PersonId, birth: &BirthDate) -> Result<(), VaultError> {
        self.put_detail(person, &[BIRTH], &birth.canonical())
    }

    /// Everything that the vault knows of a person; reading it is an act to be written down by the caller.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Damaged`], [`VaultError::Ledger`].
    pub fn details(&self, person: PersonId) -> Result<Details, VaultError> {
        let key = self.key(person)?;
        let mut details = Details::default();
        for (row, sealed) in self.detail_rows(person)? {
            let content = seal::open(&detail_cipher(&key), &row, &sealed).ok_or(VaultError::Damaged)?;
            details.add(row.get(16..).unwrap_or_default(), &content).ok_or(VaultError::Damaged)?;
        }
        Ok(details)
    }

    /// Destroys the key of a person, every detail, and every way to find the person; erasing the facts comes next.
    ///
    /// Doing it again finishes what a crash had left. The rows are gone from the disk after the ledger's `erase`.
    ///
    /// # Errors
    /// [`VaultError::Ledger`].
    pub fn forget(&self, person: PersonId) -> Result<(), VaultError> {
        self.forget_details(person)?;
        Ok(self.ledger.delete_row(KEYS, person.bytes())?)
    }

    /// Deletes every detail of a person, and every way to find the person; facts can still be opened.
    ///
    /// # Errors
    /// [`VaultError::Ledger`].
    pub fn forget_details(&self, person: PersonId) -> Result<(), VaultError> {
        for (row, _) in self.detail_rows(person)? {
            // The row of the index goes first: without the detail nobody would find it again.
            if let Some([sort @ (DOCUMENT | CONTACT | CARD), number, hash @ ..]) = row.get(16..) {
                self.release_row(person, &[&[*sort, *number], hash].concat())?;
            }
            self.ledger.delete_row(DETAILS, &row)?;
        }
        Ok(())
    }

    /// A phone or e-mail address and a secret, sealed until its holder has proved the one by the other; `attempt` names that.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] if the keyring has no node key.
    pub fn seal_attempt(
        &self,
        attempt: &[u8],
        contact: &ContactAddress,
        secret: &[u8; 32],
    ) -> Result<Vec<u8>, VaultError> {
        let content = [secret.as_slice(), &contact.canonical()].concat();
        self.keyring.seal_passing(attempt, &content, self.nonce()).ok_or(VaultError::Damaged)
    }

    /// Reverses [`Vault::seal_attempt`]; `None` for what was sealed for another attempt or under a retired key.
    pub fn open_attempt(&self, attempt: &[u8], sealed: &[u8]) -> Option<(ContactAddress, [u8; 32])> {
        let content = self.keyring.open_passing(attempt, sealed)?;
        let (secret, contact) = content.split_first_chunk()?;
        Some((ContactAddress::from_canonical(contact)?, *secret))
    }

    /// A hash by which something about a person is found again for a short while, and from which nobody without the keyring
    /// finds what it is of; after a rotation of the keys it is another one.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] if the keyring has no node key.
    pub fn hash_passing(&self, label: &str, content: &[u8]) -> Result<[u8; 32], VaultError> {
        self.keyring.hash_passing(label, content).ok_or(VaultError::Damaged)
    }

    /// A short note about a person, sealed under that person's key; `about` says which.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Ledger`].
    pub fn seal_note(&self, person: PersonId, about: &[u8], note: &[u8]) -> Result<Vec<u8>, VaultError> {
        let cipher = self.key(person)?.derive("notes");
        seal::seal(&cipher, self.nonce(), about, note).ok_or(VaultError::Damaged)
    }

    /// Reverses [`Vault::seal_note`].
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Damaged`] for a note of another person or occasion, [`VaultError::Ledger`].
    pub fn open_note(&self, person: PersonId, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let cipher = self.key(person)?.derive("notes");
        seal::open(&cipher, about, sealed).ok_or(VaultError::Damaged)
    }

    /// Seals what only this node opens again, for a short while; `label` says for what use.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] if the keyring has no node key.
    pub fn seal_ticket(&self, label: &str, content: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.keyring.seal_passing(label.as_bytes(), content, self.nonce()).ok_or(VaultError::Damaged)
    }

    /// Reverses [`Vault::seal_ticket`]; `None` for what was sealed for another use or under a retired key.
    pub fn open_ticket(&self, label: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.keyring.open_passing(label.as_bytes(), sealed)
    }

    /// The body of a filing as the ledger keeps it: sealed under the person's key, open if it is about everybody.
    ///
    /// The same filing gives the same bytes, so that filing it again is a repetition.
    ///
    /// # Errors
    /// [`VaultError::NoSuchPerson`], [`VaultError::Ledger`].
    pub fn seal_filing(&self, filing: &Filing) -> Result<Sealed, VaultError> {
        let content = codec::encode_filing(filing);
        let Subject::Person(person) = filing.subject else {
            return Ok(Sealed([&[OPEN_BODY][..], &content].concat()));
        };
        let key = self.key(person)?;
        // The nonce follows from key, id and content: it comes twice only for a repetition of the very same bytes.
        let hash = seal::keyed_hash(&key.derive("nonce of a fact"), &[filing.id.bytes(), &content]);
        let mut nonce = [0; NONCE_LEN];
        hash.iter().zip(&mut nonce).for_each(|(from, to)| *to = *from);
        let about = [person.bytes().as_slice(), filing.id.bytes()].concat();
        let sealed = seal::seal(&fact_cipher(&key), nonce, &about, &content).ok_or(VaultError::Damaged)?;
        Ok(Sealed([&[SEALED_BODY][..], &sealed].concat()))
    }

    /// The fact that an entry of the ledger holds; `None` if the person's key was destroyed.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] or [`VaultError::Body`] if the body is not what was sealed, [`VaultError::Ledger`].
    pub fn open_fact(&self, entry: &yima_ledger::Fact) -> Result<Option<Fact>, VaultError> {
        let filed = &entry.filed;
        let content = match (filed.subject, filed.body.0.split_first()) {
            (Subject::Global, Some((&OPEN_BODY, content))) => content.to_vec(),
            (Subject::Person(person), Some((&SEALED_BODY, sealed))) => {
                let key = match self.key(person) {
                    Err(VaultError::NoSuchPerson) => return Ok(None),
                    key => key?,
                };
                let about = [person.bytes().as_slice(), filed.id.bytes()].concat();
                seal::open(&fact_cipher(&key), &about, sealed).ok_or(VaultError::Damaged)?
            }
            _ => return Err(VaultError::Damaged),
        };
        let filing = codec::decode_filing(&content)?;
        if filing.id != filed.id || filing.subject != filed.subject {
            return Err(VaultError::Damaged);
        }
        // Filers and ledger may have clocks that differ; what was accepted must stay readable.
        let earliest = match filing.occurred {
            Occurred::At { at, .. } => at.plus_millis(-EVENT_LEAD_MILLIS),
            Occurred::During { .. } => Timestamp::BEGINNING,
        };
        Ok(Some(filing.record(entry.recorded.max(earliest)).map_err(CodecError::from)?))
    }

    fn key(&self, person: PersonId) -> Result<Key, VaultError> {
        let wrapped = self.ledger.row(KEYS, person.bytes())?.ok_or(VaultError::NoSuchPerson)?;
        self.keyring.unwrap(person, &wrapped).ok_or(VaultError::Damaged)
    }

    fn ensure_key(&self, person: PersonId) -> Result<(), VaultError> {
        if self.ledger.row(KEYS, person.bytes())?.is_none() {
            let mut key = Key([0; seal::KEY_LENGTH]);
            (self.random)(&mut key.0);
            self.ledger.claim_row(KEYS, person.bytes(), &self.wrapped(person, &key)?)?;
        }
        Ok(())
    }

    fn wrapped(&self, person: PersonId, key: &Key) -> Result<Vec<u8>, VaultError> {
        self.keyring.wrap(person, key, self.nonce()).ok_or(VaultError::Damaged)
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        (self.random)(&mut nonce);
        nonce
    }

    fn newest_index(&self, sort: u8, canonical: &[u8]) -> Result<(KeyNumber, [u8; 32]), VaultError> {
        let content = [&[sort], canonical].concat();
        let number = self.keyring.index_numbers().next().ok_or(VaultError::NoIndexKey)?;
        Ok((number, self.keyring.index(number, &content).ok_or(VaultError::NoIndexKey)?))
    }

    /// The rows of the index under which this may be found, newest key first.
    fn index_rows(&self, sort: u8, canonical: &[u8]) -> Result<Vec<Vec<u8>>, VaultError> {
        let content = [&[sort], canonical].concat();
        let hashes =
            self.keyring.index_numbers().filter_map(|number| Some((number, self.keyring.index(number, &content)?)));
        let rows: Vec<_> = hashes.map(|(number, hash)| index_key(sort, number, &hash)).collect();
        if rows.is_empty() { Err(VaultError::NoIndexKey) } else { Ok(rows) }
    }

    fn find(&self, sort: u8, canonical: &[u8]) -> Result<Option<(PersonId, Vec<u8>)>, VaultError> {
        for row in self.index_rows(sort, canonical)? {
            if let Some(value) = self.ledger.row(INDEX, &row)? {
                return Ok(Some((person_of(&value)?, row)));
            }
        }
        Ok(None)
    }

    /// The person who has it after the call: the one found, or else `person`.
    fn claim(&self, sort: u8, canonical: &[u8], person: PersonId) -> Result<PersonId, VaultError> {
        if let Some((owner, _)) = self.find(sort, canonical)? {
            return Ok(owner);
        }
        let (number, hash) = self.newest_index(sort, canonical)?;
        match self.ledger.claim_row(INDEX, &index_key(sort, number, &hash), person.bytes())? {
            Claim::Inserted => Ok(person),
            Claim::Taken(owner) => person_of(&owner),
        }
    }

    fn release(&self, person: PersonId, sort: u8, canonical: &[u8]) -> Result<(), VaultError> {
        for row in self.index_rows(sort, canonical)? {
            self.release_row(person, &row)?;
            self.ledger.delete_row(DETAILS, &[person.bytes(), &row[..]].concat())?;
        }
        Ok(())
    }

    /// Deletes a row of the index if it leads to this person.
    fn release_row(&self, person: PersonId, row: &[u8]) -> Result<(), VaultError> {
        if self.ledger.row(INDEX, row)?.is_some_and(|owner| owner == person.bytes()) {
            self.ledger.delete_row(INDEX, row)?;
        }
        Ok(())
    }

    fn ensure_indexed_detail(&self, person: PersonId, sort: u8, canonical: &[u8]) -> Result<(), VaultError> {
        for row in self.index_rows(sort, canonical)? {
            if self.ledger.row(DETAILS, &[person.bytes(), &row[..]].concat())?.is_some() {
                return Ok(());
            }
        }
        let (number, hash) = self.newest_index(sort, canonical)?;
        self.put_detail(person, &index_key(sort, number, &hash), canonical)
    }

    fn put_detail(&self, person: PersonId, sort: &[u8], content: &[u8]) -> Result<(), VaultError> {
        let row = [person.bytes(), sort].concat();
        let cipher = detail_cipher(&self.key(person)?);
        let sealed = seal::seal(&cipher, self.nonce(), &row, content).ok_or(VaultError::Damaged)?;
        Ok(self.ledger.put_row(DETAILS, &row, &sealed)?)
    }

    fn detail_rows(&self, person: PersonId) -> Result<Vec<Row>, VaultError> {
        let mut found = Vec::new();
        let mut from = person.bytes().to_vec();
        loop {
            let page = self.ledger.rows(DETAILS, &from, PAGE)?;
            let whole = page.len() == PAGE;
            let before = found.len();
            found.extend(page.into_iter().take_while(|(row, _)| row.starts_with(person.bytes())));
            match found.last() {
                Some((last, _)) if whole && found.len() == before + PAGE => from = [last.as_slice(), &[0]].concat(),
                _ => return Ok(found),
            }
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Details {
    /// Adds what one row says; `None` if the row is not one of the vault's.
    fn add(&mut self, sort: &[u8], content: &[u8]) -> Option<()> {
        let text = || PersonalText::parse(std::str::from_utf8(content).ok()?).ok();
        match sort {
            [NAME] => self.name = Some(text()?),
            [BIRTH] => self.stated_birth = Some(BirthDate::from_canonical(content)?),
            [ADDRESS, role] => self.addresses.push((*DwellingRole::ALL.get(usize::from(*role))?, text()?)),
            [DOCUMENT, ..] => add_once(&mut self.documents, details::document_from_canonical(content)?),
            [CONTACT, ..] => add_once(&mut self.contacts, ContactAddress::from_canonical(content)?),
            // What is indexed of a document says nothing more of the person.
            [CARD, ..] => {}
            _ => return None,
        }
        Some(())
    }
}

/// Adds what is not there yet: while keys are rotated a document has the row of the old key and that of the new one.
fn add_once<T: PartialEq>(known: &mut Vec<T>, more: T) {
    if !known.contains(&more) {
        known.push(more);
    }
}

fn index_key(sort: u8, number: KeyNumber, hash: &[u8]) -> Vec<u8> {
    [&[sort, number.0], hash].concat()
}

fn person_of(row: &[u8]) -> Result<PersonId, VaultError> {
    row.try_into().map(PersonId::from_bytes).map_err(|_| VaultError::Damaged)
}

fn detail_cipher(key: &Key) -> Key {
    key.derive("details")
}

fn fact_cipher(key: &Key) -> Key {
    key.derive("facts")
}

#[cfg(test)]
pub(crate) mod tests;

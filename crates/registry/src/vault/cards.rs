//! Finding a person by what a card reader asks with, from which nobody tells the document.
//!
//! The index has it like a document, under the number of the card key and the result of that key for the document.

use yima_card::CardResult;
use yima_model::{Document, PersonId};

use super::{CARD, KeyNumber, Vault, VaultError};

impl Vault {
    /// The person to whom the document belongs whose result this is, under the card key of that number.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Ledger`].
    pub fn find_card(&self, number: KeyNumber, result: &CardResult) -> Result<Option<PersonId>, VaultError> {
        Ok(self.find(CARD, &card_content(number, result))?.map(|(person, _)| person))
    }

    /// Makes a document findable by what card readers ask with, if there is a card key: under the newest.
    pub(super) fn ensure_card(&self, person: PersonId, document: &Document) -> Result<(), VaultError> {
        let Some(content) = self.card_contents(document).next() else { return Ok(()) };
        self.claim(CARD, &content, person)?;
        self.ensure_indexed_detail(person, CARD, &content)
    }

    /// What is indexed of a document for card readers, under each card key, the newest first.
    pub(super) fn card_contents(&self, document: &Document) -> impl Iterator<Item = Vec<u8>> {
        let results = self.keyring.cards().filter_map(|(number, key)| Some((number, key.result(document).ok()?)));
        results.map(|(number, result)| card_content(number, &result))
    }
}

fn card_content(number: KeyNumber, result: &CardResult) -> Vec<u8> {
    [&[number.0][..], &result.0].concat()
}

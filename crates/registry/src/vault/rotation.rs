//! The vault under new keys, while it is used and after a crash.

use yima_model::PersonId;

use super::{
    CARD, CONTACT, DETAILS, DOCUMENT, INDEX, KEYS, KeyNumber, PAGE, Vault, VaultError, detail_cipher, details,
    index_key, seal,
};

impl Vault {
    /// Brings everything under the newest keys; afterwards the older ones can be retired. Says how many rows changed.
    ///
    /// It may run while the vault is used, and again after a crash.
    ///
    /// # Errors
    /// [`VaultError::NoIndexKey`], [`VaultError::Damaged`], [`VaultError::Ledger`].
    pub fn rotate(&self) -> Result<u64, VaultError> {
        let mut changed = 0;
        let mut from = Vec::new();
        loop {
            let rows = self.ledger.rows(KEYS, &from, PAGE)?;
            let Some((last, _)) = rows.last() else { break };
            from = [last.as_slice(), &[0]].concat();
            for (row, wrapped) in rows {
                let person = PersonId::from_bytes(row.as_slice().try_into().map_err(|_| VaultError::Damaged)?);
                if wrapped.first().copied() != self.keyring.node_number().map(|number| number.0) {
                    let key = self.keyring.unwrap(person, &wrapped).ok_or(VaultError::Damaged)?;
                    self.ledger.put_row(KEYS, &row, &self.wrapped(person, &key)?)?;
                    changed += 1;
                }
                changed += self.rotate_details(person)?;
            }
        }
        self.ledger.shred_rows()?;
        Ok(changed)
    }

    fn rotate_details(&self, person: PersonId) -> Result<u64, VaultError> {
        let newest = self.keyring.index_numbers().next().ok_or(VaultError::NoIndexKey)?;
        let newest_card = self.keyring.card().map(|(number, _)| number);
        let cipher = detail_cipher(&self.key(person)?);
        let mut changed = 0;
        for (row, sealed) in self.detail_rows(person)? {
            let Some([sort @ (DOCUMENT | CONTACT | CARD), number, hash @ ..]) = row.get(16..) else { continue };
            let canonical = seal::open(&cipher, &row, &sealed).ok_or(VaultError::Damaged)?;
            if *sort == DOCUMENT {
                let document = details::document_from_canonical(&canonical).ok_or(VaultError::Damaged)?;
                self.ensure_card(person, &document)?;
            }
            let is_retired = *sort == CARD && canonical.first().copied() != newest_card.map(|number| number.0);
            if *number == newest.0 && !is_retired {
                continue;
            }
            let (number, new_hash) = (*number, self.newest_index(*sort, &canonical)?.1);
            let old_row = index_key(*sort, KeyNumber(number), hash);
            if !is_retired {
                let owner = self.ledger.row(INDEX, &old_row)?;
                if owner.is_some_and(|owner| owner == person.bytes()) {
                    self.ledger.claim_row(INDEX, &index_key(*sort, newest, &new_hash), person.bytes())?;
                }
                self.put_detail(person, &index_key(*sort, newest, &new_hash), &canonical)?;
            }
            self.release_row(person, &old_row)?;
            self.ledger.delete_row(DETAILS, &row)?;
            changed += 1;
        }
        Ok(changed)
    }
}

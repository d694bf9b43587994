//! Receipts: an append returns at once, its outcome comes when it is durable.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, PoisonError},
};

use crate::error::{LedgerError, StoreError};

/// Stands for an outcome that comes when it is durable; dropping it does not undo the append.
pub struct Receipt<T> {
    slot: Arc<Slot<T>>,
}

impl<T> Receipt<T> {
    /// Waits for the outcome.
    ///
    /// # Errors
    /// What the append was refused for, or [`LedgerError::Stopped`]: then it is not known whether the facts are durable,
    /// and filing them again once the ledger runs is right either way.
    pub fn wait(self) -> Result<T, LedgerError> {
        let mut outcome = self.slot.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match outcome.take() {
                Some(outcome) => return outcome,
                None => outcome = self.slot.came.wait(outcome).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl<T> fmt::Debug for Receipt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

/// The other end of a receipt; a promise that is dropped says that the ledger has stopped.
pub(crate) struct Promise<T> {
    slot: Option<Arc<Slot<T>>>,
}

impl<T> Promise<T> {
    pub(crate) fn new() -> (Self, Receipt<T>) {
        let slot = Arc::new(Slot { outcome: Mutex::new(None), came: Condvar::new() });
        (Self { slot: Some(Arc::clone(&slot)) }, Receipt { slot })
    }

    pub(crate) fn keep(mut self, outcome: Result<T, LedgerError>) {
        self.fill(outcome);
    }

    fn fill(&mut self, outcome: Result<T, LedgerError>) {
        if let Some(slot) = self.slot.take() {
            *slot.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            slot.came.notify_one();
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        self.fill(Err(LedgerError::Stopped(Arc::new(StoreError::Closed))));
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promise")
    }
}

struct Slot<T> {
    outcome: Mutex<Option<Result<T, LedgerError>>>,
    came: Condvar,
}

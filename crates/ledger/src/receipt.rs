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
        let mut state = self.slot.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match std::mem::replace(&mut *state, State::Awaited) {
                State::Here(outcome) => return outcome,
                _ => state = self.slot.came.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl<T: 'static> Receipt<T> {
    /// Calls back with the outcome, for a caller that has no thread to wait on.
    ///
    /// The call comes from the thread that tells everybody: it must neither block nor take long. The outcomes are those
    /// of [`Receipt::wait`].
    pub fn then(self, call: impl FnOnce(Result<T, LedgerError>) + Send + 'static) {
        let mut state = self.slot.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Here(outcome) => {
                drop(state);
                call(outcome);
            }
            State::Awaited | State::Called(_) | State::Taken => *state = State::Called(Box::new(call)),
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
        let slot = Arc::new(Slot { state: Mutex::new(State::Awaited), came: Condvar::new() });
        (Self { slot: Some(Arc::clone(&slot)) }, Receipt { slot })
    }

    pub(crate) fn keep(mut self, outcome: Result<T, LedgerError>) {
        self.fill(outcome);
    }

    fn fill(&mut self, outcome: Result<T, LedgerError>) {
        if let Some(slot) = self.slot.take() {
            let mut state = slot.state.lock().unwrap_or_else(PoisonError::into_inner);
            match std::mem::replace(&mut *state, State::Taken) {
                State::Called(call) => {
                    drop(state);
                    call(outcome);
                }
                State::Awaited | State::Here(_) | State::Taken => {
                    *state = State::Here(outcome);
                    // Whoever waits would otherwise wake only to wait for the lock.
                    drop(state);
                    slot.came.notify_one();
                }
            }
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
    state: Mutex<State<T>>,
    came: Condvar,
}

enum State<T> {
    /// The outcome has not come.
    Awaited,
    /// It has not come, and this is to be called with it.
    Called(Box<dyn FnOnce(Result<T, LedgerError>) + Send>),
    /// It has come.
    Here(Result<T, LedgerError>),
    /// It was given away.
    Taken,
}

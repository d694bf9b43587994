//! Group commit: one thread makes everything durable that was filed while it made the last group durable.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    Host,
    plan::{Plan, Prepared, RowChange},
    state::State,
};
use crate::{
    Claim,
    entry::{Act, Appended, Partition, Position, Tail},
    error::{LedgerError, StoreError},
    receipt::{Promise, Receipt},
    store::Store,
};

/// Something to make durable.
#[derive(Debug)]
pub(super) enum Request {
    Facts(Vec<Prepared>, Promise<Vec<Appended>>),
    Acts(Vec<Act>, Promise<Vec<Appended>>),
    Row(RowChange, Promise<Claim>),
}

impl Request {
    fn weight(&self) -> usize {
        match self {
            Self::Facts(facts, _) => facts.len(),
            Self::Acts(acts, _) => acts.len(),
            Self::Row(..) => 1,
        }
    }
}

/// The thread that commits, the one that tells, and what they share with those who wait for them.
///
/// Waking many writers takes as long as the commit itself, so the next commit does not wait for it.
#[derive(Debug)]
pub(super) struct Committer {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    filed: Condvar,
    durable: Mutex<Durable>,
    news: Condvar,
}

#[derive(Debug)]
struct Queue {
    requests: VecDeque<Request>,
    /// Why nothing more is taken.
    closed: Option<LedgerError>,
}

/// What readers may see.
#[derive(Debug)]
struct Durable {
    tails: Vec<Tail>,
    stopped: Option<LedgerError>,
}

impl Committer {
    pub(super) fn start(store: Arc<dyn Store>, state: State, host: Host) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { requests: VecDeque::new(), closed: None }),
            filed: Condvar::new(),
            durable: Mutex::new(Durable { tails: state.tails.clone(), stopped: None }),
            news: Condvar::new(),
        });
        let (durable, told) = mpsc::channel::<Vec<Answer>>();
        let worker = Worker { shared: Arc::clone(&shared), store, state, host, unconfirmed: false, durable };
        let thread = |name: &str| thread::Builder::new().name(name.into());
        let threads = vec![
            thread("ledger-commit").spawn(move || worker.run())?,
            thread("ledger-tell").spawn(move || told.into_iter().flatten().for_each(Answer::tell))?,
        ];
        Ok(Self { shared, threads })
    }

    /// Queues a request; its promise is kept when it is durable.
    pub(super) fn send<T>(&self, request: impl FnOnce(Promise<T>) -> Request) -> Receipt<T> {
        let (promise, receipt) = Promise::new();
        let mut queue = lock(&self.shared.queue);
        match queue.closed.clone() {
            Some(error) => {
                drop(queue);
                request(promise).refuse(error);
            }
            None => {
                queue.requests.push_back(request(promise));
                self.shared.filed.notify_one();
            }
        }
        receipt
    }

    pub(super) fn tails(&self) -> Vec<Tail> {
        lock(&self.shared.durable).tails.clone()
    }

    pub(super) fn end(&self, partition: Partition) -> Position {
        lock(&self.shared.durable).tails.get(partition.index()).map_or(Position::START, |tail| tail.position)
    }

    /// The tails once one lies after what was seen, or after the timeout.
    pub(super) fn news(&self, seen: &[Position], timeout: Duration) -> Result<Vec<Tail>, LedgerError> {
        let seen = |index| seen.get(index).copied().unwrap_or(Position::START);
        let nothing_new = |durable: &mut Durable| {
            durable.stopped.is_none()
                && !durable.tails.iter().enumerate().any(|(index, tail)| tail.position > seen(index))
        };
        let durable = lock(&self.shared.durable);
        let (durable, _) =
            self.shared.news.wait_timeout_while(durable, timeout, nothing_new).unwrap_or_else(PoisonError::into_inner);
        match &durable.stopped {
            Some(error) => Err(error.clone()),
            None => Ok(durable.tails.clone()),
        }
    }
}

impl Drop for Committer {
    /// Makes durable what is queued, tells of it, then ends the threads.
    fn drop(&mut self) {
        lock(&self.shared.queue).closed.get_or_insert_with(closed);
        self.shared.filed.notify_one();
        for thread in self.threads.drain(..) {
            // A panic of the thread has been told to all who wait for it.
            drop(thread.join());
        }
    }
}

/// The committing thread.
struct Worker {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    state: State,
    host: Host,
    /// Whether something was committed and not confirmed.
    unconfirmed: bool,
    /// To the thread that tells.
    durable: mpsc::Sender<Vec<Answer>>,
}

impl Worker {
    /// A group takes no more requests once it has so many facts.
    const GROUP_FACTS: usize = 4096;
    /// After so long without a request the last commit is confirmed, which the next commit would do in passing.
    const IDLE: Duration = Duration::from_millis(20);

    fn run(mut self) {
        loop {
            let done = match self.next_group() {
                Some(group) => self.commit(group),
                None if self.unconfirmed => self.confirm(),
                None => return,
            };
            if let Err(error) = done {
                return self.stop(error);
            }
        }
    }

    /// Waits for requests; `None` if the ledger is idle with a commit to confirm, or closed.
    fn next_group(&self) -> Option<Vec<Request>> {
        let mut queue = lock(&self.shared.queue);
        while queue.requests.is_empty() {
            if queue.closed.is_some() {
                return None;
            }
            if self.unconfirmed {
                let (after, waited) =
                    self.shared.filed.wait_timeout(queue, Self::IDLE).unwrap_or_else(PoisonError::into_inner);
                queue = after;
                if waited.timed_out() && queue.requests.is_empty() {
                    return None;
                }
            } else {
                queue = self.shared.filed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
        let mut weight = 0;
        let take = |request: &&Request| {
            let fits = weight < Self::GROUP_FACTS;
            weight += request.weight();
            fits
        };
        let count = queue.requests.iter().take_while(take).count();
        Some(queue.requests.drain(..count).collect())
    }

    /// Commits a group and tells everybody; an error means that it is not known what is durable.
    fn commit(&mut self, group: Vec<Request>) -> Result<(), LedgerError> {
        let mut plan = Plan::new(&mut self.state, &*self.store, (self.host.clock)(), &*self.host.random);
        let answers: Vec<Answer> = group.into_iter().map(|request| request.plan(&mut plan)).collect();
        let writes = plan.into_writes();
        if !writes.is_empty() {
            if let Err(error) = self.store.commit(writes, Some(&self.state.tails)) {
                let error = LedgerError::Stopped(Arc::new(error));
                answers.into_iter().for_each(|answer| answer.fail(&error));
                return Err(error);
            }
            self.unconfirmed = true;
        }
        lock(&self.shared.durable).tails.clone_from(&self.state.tails);
        self.shared.news.notify_all();
        if let Err(mpsc::SendError(answers)) = self.durable.send(answers) {
            answers.into_iter().for_each(Answer::tell);
        }
        Ok(())
    }

    fn confirm(&mut self) -> Result<(), LedgerError> {
        self.unconfirmed = false;
        self.store.confirm(&self.state.tails).map_err(|error| LedgerError::Stopped(Arc::new(error)))
    }

    fn stop(self, error: LedgerError) {
        lock(&self.shared.queue).closed = Some(error.clone());
        lock(&self.shared.durable).stopped = Some(error);
    }
}

impl Drop for Worker {
    /// However the thread ends, nobody waits for it any longer.
    fn drop(&mut self) {
        let mut queue = lock(&self.shared.queue);
        let error = queue.closed.get_or_insert_with(closed).clone();
        let left: Vec<Request> = queue.requests.drain(..).collect();
        drop(queue);
        left.into_iter().for_each(|request| request.refuse(error.clone()));
        lock(&self.shared.durable).stopped.get_or_insert(error);
        self.shared.news.notify_all();
    }
}

/// A request with its outcome, to be told once the group is durable.
enum Answer {
    Appended(Promise<Vec<Appended>>, Result<Vec<Appended>, LedgerError>),
    Row(Promise<Claim>, Result<Claim, LedgerError>),
}

impl Request {
    fn plan(self, plan: &mut Plan<'_>) -> Answer {
        match self {
            Self::Facts(facts, promise) => Answer::Appended(promise, plan.facts(&facts)),
            Self::Acts(acts, promise) => Answer::Appended(promise, plan.acts(&acts)),
            Self::Row(change, promise) => Answer::Row(promise, plan.row(change)),
        }
    }

    fn refuse(self, error: LedgerError) {
        match self {
            Self::Facts(_, promise) | Self::Acts(_, promise) => promise.keep(Err(error)),
            Self::Row(_, promise) => promise.keep(Err(error)),
        }
    }
}

impl Answer {
    fn tell(self) {
        match self {
            Self::Appended(promise, outcome) => promise.keep(outcome),
            Self::Row(promise, outcome) => promise.keep(outcome),
        }
    }

    fn fail(self, error: &LedgerError) {
        match self {
            Self::Appended(promise, outcome) => promise.keep(outcome.and(Err(error.clone()))),
            Self::Row(promise, outcome) => promise.keep(outcome.and(Err(error.clone()))),
        }
    }
}

fn closed() -> LedgerError {
    LedgerError::Stopped(Arc::new(StoreError::Closed))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::{
        KeyedLedger, Ledger, Row,
        conformance::{Machine, append, fact, facts},
        store::{Table, Write},
    };

    /// A store on a disk that can fail.
    #[derive(Debug)]
    struct Failing {
        store: Arc<dyn Store>,
        fails: AtomicBool,
    }

    impl Store for Failing {
        fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            self.store.get(table, key)
        }

        fn scan(&self, table: Table, first: &[u8], max: usize) -> Result<Vec<Row>, StoreError> {
            self.store.scan(table, first, max)
        }

        fn commit(&self, writes: Vec<Write>, tails: Option<&[Tail]>) -> Result<(), StoreError> {
            if self.fails.load(Ordering::SeqCst) {
                return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
            }
            self.store.commit(writes, tails)
        }

        fn confirm(&self, tails: &[Tail]) -> Result<(), StoreError> {
            self.store.confirm(tails)
        }

        fn shred(&self, tables: &[Table]) -> Result<(), StoreError> {
            self.store.shred(tables)
        }
    }

    /// Catches a ledger that acknowledges, shows or builds upon a commit that failed, or that leaves somebody waiting.
    #[test]
    fn after_a_failed_write_nothing_is_accepted_until_a_restart() {
        let host = Machine::default().host();
        let store: Arc<dyn Store> = KeyedLedger::in_memory(4, host.clone()).unwrap().store();
        let failing = Arc::new(Failing { store: Arc::clone(&store), fails: AtomicBool::new(false) });
        let ledger = KeyedLedger::start(Arc::<Failing>::clone(&failing), host.clone()).unwrap();
        append(&ledger, &[fact(1, 1)]).unwrap();
        let before = ledger.tails().unwrap();

        failing.fails.store(true, Ordering::SeqCst);
        let error = append(&ledger, &[fact(2, 1)]).unwrap_err();
        assert!(matches!(error, LedgerError::Stopped(_)) && error.to_string().contains("restart"), "{error}");
        failing.fails.store(false, Ordering::SeqCst);
        assert!(matches!(append(&ledger, &[fact(3, 1)]), Err(LedgerError::Stopped(_))));
        assert!(matches!(ledger.erase(&[crate::conformance::person(1)]), Err(LedgerError::Stopped(_))));
        let seen: Vec<Position> = before.iter().map(|tail| tail.position).collect();
        assert!(matches!(ledger.wait(&seen, Duration::MAX), Err(LedgerError::Stopped(_))));
        assert_eq!((ledger.tails().unwrap(), facts(&ledger).len()), (before, 1));

        drop(ledger);
        let ledger = KeyedLedger::start(store, host).unwrap();
        assert!(matches!(append(&ledger, &[fact(2, 1)]).unwrap()[..], [Appended::New(_)]));
        ledger.verify().unwrap();
    }
}

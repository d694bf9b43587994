//! Group commit: one thread makes everything durable that was filed while it made the last group durable.

use std::{
    collections::VecDeque,
    mem,
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
    store::{Store, Write},
};

/// Something to make durable.
#[derive(Debug)]
pub(super) enum Request {
    Facts(Vec<Prepared>, Promise<Vec<Appended>>),
    Acts(Vec<Act>, Promise<Vec<Appended>>),
    Row(RowChange, Promise<Claim>),
}

/// The threads that plan, commit and tell, and what they share with those who wait for them.
///
/// Planning takes as long as the commit itself, and so does waking many writers: each has its own thread, so that the
/// next group is planned while one is committed and those of the one before are told. The committing thread takes the
/// next group itself when it is done with one: to wake a thread takes a tenth of the time of a commit.
#[derive(Debug)]
pub(super) struct Committer {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// For the planning thread: there is something to plan, or nothing more comes.
    filed: Condvar,
    /// For the committing thread: there is something to commit, or nothing more comes.
    planned: Condvar,
    /// What is planned; whoever needs the queue too locks this first.
    next: Mutex<Next>,
    durable: Mutex<Durable>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    requests: VecDeque<Request>,
    /// How many were taken from here for the next commit.
    planned: usize,
    /// Whether the next commit takes no more.
    is_full: bool,
    /// Whether the planning thread sleeps and nobody wakes it yet; waking it costs as much as planning a fact.
    asleep: bool,
    /// Whether the committing thread sleeps and nobody wakes it yet.
    free: bool,
    /// Whether the committing thread is about to take what is planned.
    taking: bool,
    /// Why nothing more is taken.
    closed: Option<LedgerError>,
}

impl Queue {
    /// The most requests that are planned before the committing thread is looked after; while that thread is busy, fewer
    /// are not worth a turn, since nobody is told sooner by it.
    const STEP: usize = 16;
    /// So many requests are worth a commit, once no more than that wait: half is committed while half is planned.
    const GROUP: usize = 64;

    /// Whether there is something for the planning thread to plan now.
    fn is_worth_planning(&self) -> bool {
        !(self.taking || self.is_full || self.requests.is_empty())
            && (self.free || self.closed.is_some() || self.requests.len() >= Self::STEP)
    }

    /// Whether there is something for the committing thread to commit now.
    fn is_worth_committing(&self) -> bool {
        let is_all = self.is_full || self.requests.is_empty();
        self.planned >= self.requests.len().max(Self::GROUP) || self.planned > 0 && is_all
    }

    /// Whether the planning thread is to be woken now.
    fn wakes_planner(&mut self) -> bool {
        let wakes = self.asleep && (self.is_worth_planning() || self.closed.is_some());
        self.asleep &= !wakes;
        wakes
    }

    /// Whether the committing thread is to be woken now.
    fn wakes_writer(&mut self) -> bool {
        let wakes = self.free && (self.is_worth_committing() || self.closed.is_some());
        self.free &= !wakes;
        wakes
    }
}

/// The next commit as it grows.
struct Next {
    plan: Plan,
    /// The outcomes of what is planned.
    answers: Vec<Answer>,
}

impl std::fmt::Debug for Next {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Next")
    }
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
            queue: Mutex::default(),
            filed: Condvar::new(),
            planned: Condvar::new(),
            durable: Mutex::new(Durable { tails: state.tails.clone(), stopped: None }),
            next: Mutex::new(Next { plan: Plan::new(state, Arc::clone(&store), host), answers: Vec::new() }),
            news: Condvar::new(),
        });
        let (durable, told) = mpsc::channel::<Vec<Answer>>();
        let planner = Planner { shared: Arc::clone(&shared) };
        let writer = Writer { shared: Arc::clone(&shared), store, durable };
        let thread = |name: &str| thread::Builder::new().name(name.into());
        let threads = vec![
            thread("ledger-plan").spawn(move || planner.run())?,
            thread("ledger-commit").spawn(move || writer.run())?,
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
                let wakes = queue.wakes_planner();
                drop(queue);
                if wakes {
                    self.shared.filed.notify_one();
                }
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
        self.shared.planned.notify_one();
        for thread in self.threads.drain(..) {
            // A panic of the thread has been told to all who wait for it.
            drop(thread.join());
        }
    }
}

impl Shared {
    /// Takes nothing more and refuses what is queued: a thread has ended. Says why.
    fn close(&self) -> LedgerError {
        let mut queue = lock(&self.queue);
        let error = queue.closed.get_or_insert_with(closed).clone();
        let left: Vec<Request> = queue.requests.drain(..).collect();
        drop(queue);
        self.filed.notify_one();
        self.planned.notify_one();
        left.into_iter().for_each(|request| request.refuse(error.clone()));
        error
    }
}

/// The planning thread.
struct Planner {
    shared: Arc<Shared>,
}

impl Planner {
    /// A commit takes no more requests once it has so many writes.
    const WRITES: usize = 8192;

    fn run(self) {
        while self.waits_for_requests() {
            let Ok(mut next) = self.shared.next.lock() else { return };
            let mut queue = lock(&self.shared.queue);
            let count = queue.requests.len().min(Queue::STEP);
            queue.planned += count;
            let requests: Vec<Request> = queue.requests.drain(..count).collect();
            drop(queue);
            for request in requests {
                let answer = request.plan(&mut next.plan);
                next.answers.push(answer);
            }
            let mut queue = lock(&self.shared.queue);
            queue.is_full = next.plan.len() >= Self::WRITES;
            let wakes = queue.wakes_writer();
            drop(queue);
            drop(next);
            if wakes {
                self.shared.planned.notify_one();
            }
        }
    }

    /// Returns once there is something to plan, or says that nothing more comes.
    fn waits_for_requests(&self) -> bool {
        let mut queue = lock(&self.shared.queue);
        loop {
            if queue.is_worth_planning() {
                return true;
            }
            if queue.closed.is_some() && queue.requests.is_empty() {
                return false;
            }
            queue.asleep = true;
            queue = self.shared.filed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.asleep = false;
        }
    }
}

impl Drop for Planner {
    /// However the thread ends, nobody waits for it any longer.
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// The committing thread.
struct Writer {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    /// To the thread that tells.
    durable: mpsc::Sender<Vec<Answer>>,
}

/// What one commit makes durable.
struct Group {
    writes: Vec<Write>,
    tails: Vec<Tail>,
    answers: Vec<Answer>,
}

impl Writer {
    fn run(self) {
        while let Some(group) = self.next_group() {
            if let Err(error) = self.commit(group) {
                lock(&self.shared.queue).closed = Some(error);
                return;
            }
        }
    }

    /// Takes what is planned once that is worth a commit; none if nothing more comes.
    fn next_group(&self) -> Option<Group> {
        let mut queue = lock(&self.shared.queue);
        while !queue.is_worth_committing() {
            if queue.closed.is_some() && queue.requests.is_empty() {
                return None;
            }
            queue.free = true;
            if queue.wakes_planner() {
                self.shared.filed.notify_one();
            }
            queue = self.shared.planned.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.free = false;
        }
        queue.taking = true;
        drop(queue);
        // After a panic half of a request may be planned.
        let mut next = self.shared.next.lock().ok()?;
        let ((writes, tails), answers) = (next.plan.take(), mem::take(&mut next.answers));
        let mut queue = lock(&self.shared.queue);
        (queue.planned, queue.is_full, queue.taking) = (0, false, false);
        let wakes = queue.wakes_planner();
        drop(queue);
        drop(next);
        if wakes {
            self.shared.filed.notify_one();
        }
        Some(Group { writes, tails, answers })
    }

    /// Commits a group and has everybody told; an error means that it is not known what is durable.
    fn commit(&self, group: Group) -> Result<(), LedgerError> {
        let Group { writes, tails, answers } = group;
        if !writes.is_empty() {
            if let Err(error) = self.store.commit(writes, Some(&tails)) {
                let error = LedgerError::Stopped(Arc::new(error));
                answers.into_iter().for_each(|answer| answer.fail(&error));
                return Err(error);
            }
            lock(&self.shared.durable).tails = tails;
            self.shared.news.notify_all();
        }
        if let Err(mpsc::SendError(answers)) = self.durable.send(answers) {
            answers.into_iter().for_each(Answer::tell);
        }
        Ok(())
    }
}

impl Drop for Writer {
    /// However the thread ends, what is planned is refused, the planning thread goes on to its end and nobody waits for
    /// news.
    fn drop(&mut self) {
        let error = self.shared.close();
        lock(&self.shared.next).answers.drain(..).for_each(|answer| answer.fail(&error));
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
    fn plan(self, plan: &mut Plan) -> Answer {
        match self {
            Self::Facts(facts, promise) => Answer::Appended(promise, plan.facts(facts)),
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
        KeyedLedger, Ledger, NewFact, Row, Sealed,
        conformance::{Machine, append, fact, facts},
        store::{Table, Write},
    };

    /// A store on a disk that can fail or be held up.
    #[derive(Debug)]
    struct Faulty {
        store: Arc<dyn Store>,
        fails: AtomicBool,
        /// Locked by a test to hold up commits.
        held: Mutex<()>,
        /// Told of each commit that begins.
        begun: mpsc::Sender<()>,
    }

    impl Faulty {
        fn new(store: &Arc<dyn Store>) -> (Arc<Self>, mpsc::Receiver<()>) {
            let (begun, begins) = mpsc::channel();
            let (store, fails, held) = (Arc::clone(store), AtomicBool::new(false), Mutex::new(()));
            (Arc::new(Self { store, fails, held, begun }), begins)
        }
    }

    impl Store for Faulty {
        fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            self.store.get(table, key)
        }

        fn scan(&self, table: Table, first: &[u8], max: usize) -> Result<Vec<Row>, StoreError> {
            self.store.scan(table, first, max)
        }

        fn commit(&self, writes: Vec<Write>, tails: Option<&[Tail]>) -> Result<(), StoreError> {
            self.begun.send(()).ok();
            let _held = lock(&self.held);
            if self.fails.load(Ordering::SeqCst) {
                return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
            }
            self.store.commit(writes, tails)
        }

        fn shred(&self, tables: &[Table]) -> Result<(), StoreError> {
            self.store.shred(tables)
        }
    }

    /// Catches a plan that forgets what is being committed while it is made: a fact would be recorded twice, or a
    /// document claimed by two persons.
    #[test]
    fn what_is_being_committed_is_known_to_what_is_filed_meanwhile() {
        let host = Machine::default().host();
        let store = KeyedLedger::in_memory(4, host.clone()).unwrap().store();
        let (faulty, begins) = Faulty::new(&store);
        let ledger = KeyedLedger::start(Arc::<Faulty>::clone(&faulty), host).unwrap();
        let claim = |value| RowChange::Claim(b"key".to_vec(), vec![value]);
        let claim = |value| ledger.committer.send(|promise| Request::Row(claim(value), promise));
        let held = lock(&faulty.held);
        let first = (ledger.append(vec![fact(1, 1)]), claim(1));
        begins.recv().unwrap();
        let again = (ledger.append(vec![fact(1, 1)]), claim(2));
        let other = ledger.append(vec![NewFact { body: Sealed(b"other".to_vec()), ..fact(1, 1) }]);
        assert!(ledger.tails().unwrap().iter().all(|tail| tail.position == Position::START), "nothing is durable yet");
        drop(held);

        let [Appended::New(place)] = first.0.wait().unwrap()[..] else { panic!("recorded") };
        assert_eq!(again.0.wait().unwrap(), [Appended::Already(place)]);
        assert!(matches!(other.wait(), Err(LedgerError::Conflict { .. })));
        assert_eq!((first.1.wait().unwrap(), again.1.wait().unwrap()), (Claim::Inserted, Claim::Taken(vec![1])));
        assert_eq!(facts(&ledger).len(), 1);
        ledger.verify().unwrap();
    }

    /// Catches a ledger that acknowledges, shows or builds upon a commit that failed, or that leaves somebody waiting.
    #[test]
    fn after_a_failed_write_nothing_is_accepted_until_a_restart() {
        let host = Machine::default().host();
        let store: Arc<dyn Store> = KeyedLedger::in_memory(4, host.clone()).unwrap().store();
        let (failing, _begins) = Faulty::new(&store);
        let ledger = KeyedLedger::start(Arc::<Faulty>::clone(&failing), host.clone()).unwrap();
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

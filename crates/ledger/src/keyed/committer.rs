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
/// next group is planned while one is committed and those of the one before are told.
#[derive(Debug)]
pub(super) struct Committer {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// For the planning thread: there are requests, or the committing thread is free, or nothing more comes.
    filed: Condvar,
    durable: Mutex<Durable>,
    news: Condvar,
}

#[derive(Debug)]
struct Queue {
    requests: VecDeque<Request>,
    /// Whether the planning thread sleeps and nobody wakes it yet; waking it costs as much as planning a fact.
    asleep: bool,
    /// Whether the committing thread has nothing to do.
    free: bool,
    /// Why nothing more is taken.
    closed: Option<LedgerError>,
}

impl Queue {
    /// The most requests that are planned before the committing thread is looked after; while that thread is busy, fewer
    /// are not worth a turn, since nobody is told sooner by it.
    const STEP: usize = 16;

    /// Whether there is something for the planning thread to plan now.
    fn is_worth_planning(&self) -> bool {
        !self.requests.is_empty() && (self.free || self.closed.is_some() || self.requests.len() >= Self::STEP)
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
            queue: Mutex::new(Queue { requests: VecDeque::new(), asleep: false, free: true, closed: None }),
            filed: Condvar::new(),
            durable: Mutex::new(Durable { tails: state.tails.clone(), stopped: None }),
            news: Condvar::new(),
        });
        let (groups, planned) = mpsc::channel();
        let (durable, told) = mpsc::channel::<Vec<Answer>>();
        let plan = Plan::new(state, Arc::clone(&store), host);
        let planner = Planner { shared: Arc::clone(&shared), plan, answers: Vec::new(), groups };
        let writer = Writer { shared: Arc::clone(&shared), store, planned, durable };
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
                let wakes = queue.asleep && queue.is_worth_planning();
                queue.asleep &= !wakes;
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
        for thread in self.threads.drain(..) {
            // A panic of the thread has been told to all who wait for it.
            drop(thread.join());
        }
    }
}

/// The planning thread.
struct Planner {
    shared: Arc<Shared>,
    plan: Plan,
    /// The outcomes of what is planned.
    answers: Vec<Answer>,
    /// To the committing thread.
    groups: mpsc::Sender<Group>,
}

/// What one commit makes durable.
struct Group {
    writes: Vec<Write>,
    tails: Vec<Tail>,
    answers: Vec<Answer>,
}

/// What the planning thread does next.
enum Step {
    Plan(Vec<Request>),
    HandOver,
    End,
}

impl Planner {
    /// So many requests are worth a commit, once no more than that wait: half is committed while half is planned.
    const GROUP: usize = 64;
    /// A group takes no more requests once it has so many writes.
    const GROUP_WRITES: usize = 8192;
    fn run(mut self) {
        loop {
            match self.next_step() {
                Step::Plan(requests) => {
                    for request in requests {
                        let answer = request.plan(&mut self.plan);
                        self.answers.push(answer);
                    }
                }
                Step::HandOver => {
                    let (writes, tails) = self.plan.take();
                    let group = Group { writes, tails, answers: mem::take(&mut self.answers) };
                    if let Err(mpsc::SendError(group)) = self.groups.send(group) {
                        self.answers = group.answers;
                        return;
                    }
                }
                Step::End => return,
            }
        }
    }

    fn next_step(&self) -> Step {
        let mut queue = lock(&self.shared.queue);
        loop {
            let more = queue.is_worth_planning() && self.plan.len() < Self::GROUP_WRITES;
            let worth_it = self.answers.len() >= queue.requests.len().max(Self::GROUP);
            if queue.free && (worth_it || !more && !self.answers.is_empty()) {
                queue.free = false;
                return Step::HandOver;
            }
            if more {
                let count = queue.requests.len().min(Queue::STEP);
                return Step::Plan(queue.requests.drain(..count).collect());
            }
            if queue.closed.is_some() && self.answers.is_empty() {
                return Step::End;
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
        let mut queue = lock(&self.shared.queue);
        let error = queue.closed.get_or_insert_with(closed).clone();
        let left: Vec<Request> = queue.requests.drain(..).collect();
        drop(queue);
        left.into_iter().for_each(|request| request.refuse(error.clone()));
        self.answers.drain(..).for_each(|answer| answer.fail(&error));
    }
}

/// The committing thread.
struct Writer {
    shared: Arc<Shared>,
    store: Arc<dyn Store>,
    planned: mpsc::Receiver<Group>,
    /// To the thread that tells.
    durable: mpsc::Sender<Vec<Answer>>,
}

impl Writer {
    fn run(mut self) {
        while let Ok(group) = self.planned.recv() {
            if let Err(error) = self.commit(group) {
                return self.stop(error);
            }
        }
    }

    /// Commits a group and has everybody told; an error means that it is not known what is durable.
    fn commit(&mut self, group: Group) -> Result<(), LedgerError> {
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
        self.free();
        if let Err(mpsc::SendError(answers)) = self.durable.send(answers) {
            answers.into_iter().for_each(Answer::tell);
        }
        Ok(())
    }

    fn free(&self) {
        let mut queue = lock(&self.shared.queue);
        queue.free = true;
        let wakes = mem::take(&mut queue.asleep);
        drop(queue);
        if wakes {
            self.shared.filed.notify_one();
        }
    }

    fn stop(self, error: LedgerError) {
        lock(&self.shared.queue).closed = Some(error.clone());
        lock(&self.shared.durable).stopped = Some(error);
    }
}

impl Drop for Writer {
    /// However the thread ends, the planning thread goes on to its end and nobody waits for news.
    fn drop(&mut self) {
        let error = lock(&self.shared.queue).closed.get_or_insert_with(closed).clone();
        lock(&self.shared.durable).stopped.get_or_insert(error);
        self.shared.news.notify_all();
        self.free();
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

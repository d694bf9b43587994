//! Files facts from many threads until it is killed, and says which were acknowledged; the other half is `tests/kill.rs`.
//!
//! Arguments: the ledger's directory, then for each thread the number of its first fact that was not acknowledged.

use std::{
    env,
    error::Error,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use yima_ledger::{Host, KeyedLedger, Kind, Ledger, LedgerError, NewFact, Sealed};
use yima_model::{FactId, PersonId, Subject, Timestamp};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().ok_or("name a directory")?;
    let starts = arguments.map(|start| start.parse()).collect::<Result<Vec<u64>, _>>()?;
    let counter = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&counter);
    let host = Host {
        clock: Arc::new(move || Timestamp::from_millis(clock.fetch_add(1, Ordering::Relaxed).cast_signed())),
        random: Arc::new(move |bytes| {
            bytes
                .iter_mut()
                .zip(counter.fetch_add(1, Ordering::Relaxed).to_le_bytes())
                .for_each(|(to, from)| *to = from);
        }),
    };
    let ledger = KeyedLedger::open(Path::new(&directory), host)?;
    say("open")?;
    thread::scope(|scope| {
        let file = |(thread, start)| file_facts(&ledger, thread, start);
        let threads: Vec<_> = (0..).zip(starts).map(|of| scope.spawn(move || file(of))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a writer panicked")?)
    })
}

/// Files the facts of one thread, one to four in a call, some of them a second time.
fn file_facts(ledger: &KeyedLedger, thread: u64, start: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut next = start;
    loop {
        let numbers = next..next + 1 + next % 4;
        next = numbers.end;
        let facts: Vec<NewFact> = numbers.clone().map(|number| fact(thread, number)).collect();
        file(ledger, &facts)?;
        say(&format!("{thread} {}", numbers.end))?;
        if next.is_multiple_of(3) {
            file(ledger, &facts)?;
        }
    }
}

fn file(ledger: &KeyedLedger, facts: &[NewFact]) -> Result<(), LedgerError> {
    ledger.append(facts.to_vec()).wait().map(drop)
}

fn fact(thread: u64, number: u64) -> NewFact {
    let id = FactId::from_bytes((u128::from(thread) << 64 | u128::from(number)).to_be_bytes());
    let person = PersonId::from_bytes((u128::from(number % 100) << 64 | u128::from(thread)).to_be_bytes());
    let body = Sealed(vec![number.to_le_bytes()[0]; 100]);
    NewFact { id, subject: Subject::Person(person), kind: Kind(1), until: Timestamp::FOREVER, body }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

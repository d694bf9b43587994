//! How fast facts become durable when many writers file one each, beside the same rows in raw batches of the engine.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, anyhow};
use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use yima_ledger::{Host, KeyedLedger, Kind, Ledger, LedgerError, NewFact, Sealed};
use yima_model::{FactId, PersonId, Subject, Timestamp};

use crate::clock::{median, now};
use crate::{Figure, scatter};

/// How long each of the three runs of each way lasts.
const RUN: Duration = Duration::from_secs(3);
const WRITERS: usize = 256;
const PARTITIONS: u16 = 16;
const BODY_BYTES: usize = 200;
/// What the ledger stores beside the body: tag, head, salt, recorded, kind, until, person and fact id.
const ENTRY_BYTES: usize = BODY_BYTES + 1 + 32 + 16 + 8 + 2 + 8 + 16 + 16;
const PLACE_BYTES: usize = 10;
/// Position, head and recorded, for each partition that a commit extends.
const TAIL_BYTES: usize = 48;

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let directory = tempfile::tempdir()?;
    let directory = directory.path();
    let (mut raw, mut called, mut threads) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..3 {
        raw.push(measure_raw(&directory.join(format!("raw-{run}")))?);
        called.push(measure_ledger(&directory.join(format!("called-{run}")), called_back)?);
        threads.push(measure_ledger(&directory.join(format!("threads-{run}")), on_threads)?);
    }
    let raw = median(&mut raw);
    let figure = |how: &str, rates: &mut [f64]| Figure {
        what: format!("appending by {WRITERS} writers of one fact, {how}"),
        measured: median(rates),
        unit: "/s by the clock",
        limit: Some(("the same rows in raw batches of 256", raw)),
        wanted: Some(0.6),
    };
    Ok(vec![figure("called back", &mut called), figure("on a thread each", &mut threads)])
}

/// The same keys and bytes as a ledger writes for a fact, in batches of as many facts as there are writers.
fn measure_raw(directory: &Path) -> anyhow::Result<f64> {
    let database = Database::builder(directory).worker_threads(2).open()?;
    let keyspace = |name: &str| database.keyspace(name, KeyspaceCreateOptions::default);
    let logs = (0..=PARTITIONS).map(|n| keyspace(&format!("log-{n}"))).collect::<Result<Vec<_>, _>>()?;
    let (ids, meta) = (keyspace("ids")?, keyspace("meta")?);
    let (begun, mut count) = (now(), 0);
    while begun.elapsed() < RUN {
        let mut batch = database.batch().durability(Some(PersistMode::SyncData));
        for _ in 0..WRITERS {
            let random = scatter(count);
            let log = logs.get(usize::try_from(random % u64::from(PARTITIONS))? + 1).context("no such log")?;
            batch.insert(log, count.to_be_bytes(), vec![random.to_le_bytes()[0]; ENTRY_BYTES]);
            batch.insert(&ids, fact_id(count), [0; PLACE_BYTES]);
            count += 1;
        }
        for partition in 1..=PARTITIONS {
            batch.insert(
                &meta,
                [b"tail", &partition.to_be_bytes()[..]].concat(),
                [scatter(count).to_le_bytes()[0]; TAIL_BYTES],
            );
        }
        batch.commit()?;
    }
    let rate = per_second(count, begun);
    drop((logs, ids, meta, database));
    fs::remove_dir_all(directory)?;
    Ok(rate)
}

/// Runs writers, who file until told to stop and say how many facts they filed.
fn measure_ledger(directory: &Path, writers: Writers) -> anyhow::Result<f64> {
    let (counter, asked) = (AtomicU64::new(0), AtomicU64::new(0));
    let host = Host {
        clock: Arc::new(move || Timestamp::from_millis(asked.fetch_add(1, Ordering::Relaxed).cast_signed())),
        random: Arc::new(move |bytes| {
            bytes
                .iter_mut()
                .zip(counter.fetch_add(1, Ordering::Relaxed).to_le_bytes())
                .for_each(|(to, from)| *to = from);
        }),
    };
    let ledger = KeyedLedger::create(directory, PARTITIONS, host)?;
    let begun = now();
    let count = writers(&ledger, &|| begun.elapsed() < RUN)?;
    let rate = per_second(count, begun);
    drop(ledger);
    fs::remove_dir_all(directory)?;
    Ok(rate)
}

type Writers = fn(&KeyedLedger, &(dyn Fn() -> bool + Sync)) -> anyhow::Result<u64>;

/// Each writer is a thread that waits for its receipt.
fn on_threads(ledger: &KeyedLedger, go_on: &(dyn Fn() -> bool + Sync)) -> anyhow::Result<u64> {
    let next = AtomicU64::new(0);
    let write = || -> Result<(), LedgerError> {
        while go_on() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            ledger.append(vec![fact(number)]).wait()?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        writers.into_iter().try_for_each(|writer| Ok(writer.join().map_err(|_| anyhow!("a writer panicked"))??))
    })
    .map_err(|error: anyhow::Error| error)?;
    Ok(next.load(Ordering::Relaxed))
}

/// The writers share a thread and each is called back, as a server's tasks are.
fn called_back(ledger: &KeyedLedger, go_on: &(dyn Fn() -> bool + Sync)) -> anyhow::Result<u64> {
    let (sender, told) = mpsc::channel();
    let mut count = 0;
    let mut file = || {
        let sender = sender.clone();
        ledger.append(vec![fact(count)]).then(move |outcome| drop(sender.send(outcome)));
        count += 1;
    };
    (0..WRITERS).for_each(|_| file());
    while go_on() {
        told.recv()??;
        file();
    }
    for _ in 0..WRITERS {
        told.recv()??;
    }
    Ok(count)
}

fn fact(number: u64) -> NewFact {
    let person = PersonId::from_bytes((u128::from(scatter(!number)) << 64).to_be_bytes());
    NewFact {
        id: FactId::from_bytes(fact_id(number)),
        subject: Subject::Person(person),
        kind: Kind(1),
        until: Timestamp::FOREVER,
        body: Sealed(vec![scatter(number).to_le_bytes()[0]; BODY_BYTES]),
    }
}

fn fact_id(number: u64) -> [u8; 16] {
    (u128::from(scatter(number)) << 64 | u128::from(number)).to_be_bytes()
}

fn per_second(count: u64, begun: Instant) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / begun.elapsed().as_secs_f64()
}

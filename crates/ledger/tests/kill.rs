//! Kills a writing process at random moments; what it said was durable is there, once.
//!
//! A kill leaves the cache of the operating system, so this tests recovery, not the disk's syncs.

#[cfg(test)]
mod kill {
    use std::{
        collections::HashMap,
        hash::{BuildHasher, RandomState},
        io::{BufRead, BufReader},
        path::{Path, PathBuf},
        process::{Command, Stdio},
        sync::Arc,
    };

    use yima_ledger::{Content, Host, KeyedLedger, Ledger, Partition, Position};
    use yima_model::Timestamp;

    const ROUNDS: u32 = 100;
    const ROUNDS_PER_LEDGER: u32 = 10;
    const THREADS: usize = 16;

    /// Catches an acknowledgement before the sync, a recovery that drops or repeats a batch, a torn tail file that
    /// keeps a whole ledger from starting, and a repetition that the id index has forgotten.
    #[test]
    fn killing_loses_nothing_acknowledged_and_repeats_nothing() {
        let seed = RandomState::new().hash_one("seed");
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let mut acknowledged_in_all = 0;
        for _ in 0..ROUNDS / ROUNDS_PER_LEDGER {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("ledger");
            drop(KeyedLedger::create(&path, 4, host()).unwrap());
            let mut acknowledged = vec![0; THREADS];
            for _ in 0..ROUNDS_PER_LEDGER {
                run_and_kill(&path, &mut acknowledged, &mut dice);
                check(&path, &acknowledged, seed);
            }
            acknowledged_in_all += acknowledged.iter().sum::<u64>();
        }
        println!("{ROUNDS} kills, {acknowledged_in_all} facts acknowledged");
        assert!(acknowledged_in_all > u64::from(ROUNDS), "the writers never came to write; seed {seed}");
    }

    /// Runs the writer, kills it after some of its acknowledgements and some turns of the processor, and notes all of them.
    fn run_and_kill(path: &Path, acknowledged: &mut [u64], dice: &mut Dice) {
        let starts = acknowledged.iter().map(u64::to_string);
        let mut child =
            Command::new(writer()).arg(path).args(starts).stdout(Stdio::piped()).spawn().expect("the writer starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = if dice.roll(10) == 0 { 0 } else { dice.roll(300) };
        for _ in 0..wanted {
            note(&lines.next().expect("the writer goes on").unwrap(), acknowledged);
        }
        for _ in 0..dice.roll(1_000_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            note(&line.unwrap(), acknowledged);
        }
    }

    /// Takes down an acknowledgement: a thread and the number of its next fact. A line is written whole or not at all.
    fn note(line: &str, acknowledged: &mut [u64]) {
        if let Some((thread, next)) = line.split_once(' ') {
            acknowledged[thread.parse::<usize>().unwrap()] = next.parse().unwrap();
        }
    }

    fn check(path: &Path, acknowledged: &[u64], seed: u64) {
        let ledger = KeyedLedger::open(path, host()).unwrap_or_else(|error| panic!("{error}; seed {seed}"));
        ledger.verify().unwrap_or_else(|error| panic!("{error}; seed {seed}"));
        let mut times: HashMap<u128, u32> = HashMap::new();
        for partition in Partition::all(ledger.identity().person_partitions) {
            for entry in ledger.read(partition, Position::START, usize::MAX).unwrap() {
                let Content::Fact(fact) = entry.content else { panic!("only facts were filed; seed {seed}") };
                *times.entry(u128::from_be_bytes(*fact.filed.id.bytes())).or_default() += 1;
            }
        }
        assert!(times.values().all(|times| *times == 1), "a fact is there twice; seed {seed}");
        for (thread, next) in (0_u128..).zip(acknowledged) {
            let lost = (0..u128::from(*next)).find(|number| !times.contains_key(&(thread << 64 | number)));
            assert_eq!(lost, None, "an acknowledged fact of thread {thread} is missing; seed {seed}");
        }
    }

    /// The example `crash_writer`, which is built along with the tests.
    fn writer() -> PathBuf {
        let test = std::env::current_exe().unwrap();
        test.parent().and_then(Path::parent).unwrap().join("examples").join("crash_writer")
    }

    fn host() -> Host {
        Host { clock: Arc::new(|| Timestamp::from_millis(0)), random: Arc::new(|bytes| bytes.fill(7)) }
    }

    /// Random numbers from a seed (xorshift).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % sides
        }
    }
}

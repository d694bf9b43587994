//! Random sequences of lists: late, repeated, rolled back, missing, damaged, of another root, and weeks without any.
//!
//! The invariants, after every step:
//! 1. the number of the trust list and the version of a status list never fall, but for what a revoked key had signed;
//! 2. whatever is refused changes nothing;
//! 3. the time that counts never falls while the device's clock does not, and is never before the newest list that is held;
//! 4. what a key signed that any trust list ever held revoked never passes, over restarts too;
//! 5. a paper code passes only if the newest edition ever held says so and is at most a day old;
//! 6. nothing passes once the trust list has ended;
//! 7. with the newest lists held and the right clock, what is good passes.

use proptest::prelude::*;
use yima_checkpoint::{Gate, Lists, Memory};
use yima_credential::{ListRefusal, Seconds};
use yima_model::Timestamp;

use crate::issuer::{DAY, HOUR, Issuer, MINUTE, T, VENUE, at};

/// The paper codes whose entries are watched: each has its index and its key.
const PAPER: [(u32, usize); 4] = [(3, 0), (700, 0), (70_000, 1), (131_071, 1)];

#[derive(Clone, Debug)]
enum Step {
    /// So much time passes: minutes, or weeks without a network.
    Pass(i64),
    /// The clock of the device is so far off from now on.
    Skew(i64),
    /// The issuer signs a trust list, and revokes one of its keys.
    PublishTrust(Option<usize>),
    /// The issuer signs an edition with one of its status keys, in which these codes pass.
    PublishStatus(usize, [bool; 4]),
    /// A published trust list arrives: the newest, or one from so many before it.
    DeliverTrust(usize),
    DeliverStatus(usize),
    /// A published list arrives with one byte changed, cut short, or as another kind of list.
    Damage {
        is_trust: bool,
        at: usize,
    },
    /// A list of another root arrives, with a higher number than any.
    Stranger,
    /// The device starts again with what it stored.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let times = prop_oneof![4 => 1..2 * HOUR, 2 => HOUR..2 * DAY, 1 => DAY..50 * DAY];
    let skews = prop_oneof![Just(0), -60 * DAY..60 * DAY];
    let step = prop_oneof![
        3 => times.prop_map(Step::Pass),
        1 => skews.prop_map(Step::Skew),
        2 => prop::option::weighted(0.3, 0..6_usize).prop_map(Step::PublishTrust),
        3 => (0..2_usize, any::<[bool; 4]>()).prop_map(|(key, pass)| Step::PublishStatus(key, pass)),
        3 => prop_oneof![2 => Just(0), 1 => 1..5_usize].prop_map(Step::DeliverTrust),
        4 => prop_oneof![2 => Just(0), 1 => 1..5_usize].prop_map(Step::DeliverStatus),
        1 => (any::<bool>(), 0..400_usize).prop_map(|(is_trust, at)| Step::Damage { is_trust, at }),
        1 => Just(Step::Stranger),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..40)
}

/// A published edition: what was signed, and what it says.
#[derive(Clone)]
struct Edition {
    bytes: Vec<u8>,
    version: u32,
    issued: i64,
    key: usize,
    passing: [bool; 4],
}

struct Published {
    number: u32,
    bytes: Vec<u8>,
    issued: i64,
    revoked: [bool; 6],
}

/// The issuer's side, and what the checkpoint must remember by the invariants.
struct World {
    issuer: Issuer,
    stranger: Issuer,
    now: i64,
    skew: i64,
    trust: Vec<Published>,
    status: Vec<Edition>,
    gate: Gate,
    stored: (Option<Vec<u8>>, Option<Vec<u8>>),
    held_trust: Option<usize>,
    held_status: Option<Edition>,
    scans: u128,
}

impl World {
    fn new() -> Self {
        let issuer = Issuer::new();
        let gate = Gate::new(VENUE, Lists::new(issuer.roots(), at(T - 30 * DAY)));
        let mut world = Self {
            issuer,
            stranger: Issuer::new(),
            now: T,
            skew: 0,
            trust: Vec::new(),
            status: Vec::new(),
            gate,
            stored: (None, None),
            held_trust: None,
            held_status: None,
            scans: 0,
        };
        world.publish_trust(None);
        world.publish_status(0, [true; 4]);
        world
    }

    fn clock(&self) -> Timestamp {
        at(self.now + self.skew)
    }

    fn publish_trust(&mut self, revoke: Option<usize>) {
        let mut revoked = self.trust.last().map_or([false; 6], |list| list.revoked);
        revoke.into_iter().for_each(|key| revoked[key] = true);
        let number = u32::try_from(self.trust.len()).unwrap() + 1;
        let bytes = self.issuer.trust(number, self.now, revoked).sign(&self.issuer.root).unwrap();
        self.trust.push(Published { number, bytes, issued: self.now, revoked });
    }

    fn publish_status(&mut self, key: usize, passing: [bool; 4]) {
        let version = u32::try_from(self.status.len()).unwrap() + 1;
        let entries: Vec<_> =
            PAPER.iter().zip(passing).filter(|(_, passes)| *passes).map(|((index, _), _)| *index).collect();
        let bytes = self.issuer.status(key, version, self.now, &entries);
        self.status.push(Edition { bytes, version, issued: self.now, key, passing });
    }

    fn revoked(&self) -> [bool; 6] {
        self.held_trust.map_or([false; 6], |held| self.trust[held].revoked)
    }

    fn take_trust(&mut self, bytes: &[u8]) -> Result<(), ListRefusal> {
        self.gate.lists.take_trust(bytes, self.clock())?;
        self.stored.0 = Some(bytes.to_vec());
        Ok(())
    }

    fn step(&mut self, step: Step) {
        let before = self.gate.lists.memory().clone();
        let outcome = match step {
            Step::Pass(seconds) => {
                self.now += seconds;
                Ok(())
            }
            Step::Skew(seconds) => {
                self.skew = seconds;
                Ok(())
            }
            Step::PublishTrust(revoke) => {
                self.publish_trust(revoke);
                Ok(())
            }
            Step::PublishStatus(key, passing) => {
                self.publish_status(key, passing);
                Ok(())
            }
            Step::DeliverTrust(back) => {
                let index = self.trust.len().saturating_sub(1 + back);
                let taken = self.take_trust(&self.trust[index].bytes.clone());
                if taken.is_ok() {
                    assert!(self.held_trust.is_none_or(|held| held <= index), "rolled back");
                    self.held_trust = Some(index);
                    let revoked = self.revoked();
                    self.held_status.take_if(|edition| revoked[4 + edition.key]);
                }
                taken
            }
            Step::DeliverStatus(back) => {
                let edition = self.status[self.status.len().saturating_sub(1 + back)].clone();
                let taken = self.gate.lists.take_status(1, &edition.bytes, self.clock());
                if taken.is_ok() {
                    assert!(
                        self.held_status.as_ref().is_none_or(|held| held.version <= edition.version),
                        "rolled back"
                    );
                    assert!(!self.revoked()[4 + edition.key], "signed by a revoked key");
                    self.stored.1 = Some(edition.bytes.clone());
                    self.held_status = Some(edition);
                }
                taken
            }
            Step::Damage { is_trust, at } => {
                let list = if is_trust {
                    &self.trust[self.trust.len() - 1].bytes
                } else {
                    &self.status[self.status.len() - 1].bytes
                };
                let mut changed = list.clone();
                let length = changed.len();
                changed[at % length] ^= 1;
                for bytes in [changed.as_slice(), &list[..at % length], b""] {
                    assert!(self.gate.lists.take_trust(bytes, self.clock()).is_err());
                    assert!(self.gate.lists.take_status(1, bytes, self.clock()).is_err());
                }
                self.gate.lists.take_status(2, list, self.clock())
            }
            Step::Stranger => {
                let list = self.stranger.trust(1000, self.now, [false; 6]).sign(&self.stranger.root).unwrap();
                assert!(
                    self.gate
                        .lists
                        .take_status(1, &self.stranger.status(0, 1000, self.now, &[3]), self.clock())
                        .is_err()
                );
                self.gate.lists.take_trust(&list, self.clock())
            }
            Step::Restart => {
                let memory: Memory = before.to_string().parse().unwrap();
                let status: Vec<_> = self.stored.1.iter().map(|bytes| (1, bytes.as_slice())).collect();
                let (roots, built) = (self.issuer.roots(), at(T - 30 * DAY));
                let (lists, refused) = Lists::restore(roots, built, memory, self.stored.0.as_deref(), &status);
                assert!(refused.len() <= usize::from(self.held_status.is_none()), "{refused:?}");
                self.gate = Gate::new(VENUE, lists);
                Ok(())
            }
        };
        if outcome.is_err() {
            assert_eq!(self.gate.lists.memory(), &before, "what is refused changes nothing");
        }
    }

    fn check(&mut self) {
        let lists = &self.gate.lists;
        assert_eq!(
            lists.memory().trust.map(|held| held.mark.number),
            self.held_trust.map(|held| self.trust[held].number)
        );
        let version = lists.memory().status.get(&1).map(|(held, _)| held.mark.number);
        assert_eq!(version, self.held_status.as_ref().map(|held| held.version));
        let newest =
            self.held_trust.map(|held| self.trust[held].issued).max(self.held_status.as_ref().map(|held| held.issued));
        let time = lists.time(self.clock());
        let clock = Seconds::floor(self.clock());
        assert_eq!(
            time,
            newest.map_or(clock, |newest| clock.max(Seconds::floor(at(newest)))).max(Seconds::floor(at(T - 30 * DAY)))
        );

        let ends = self.held_trust.map(|held| self.trust[held].issued + 30 * DAY);
        let is_trusted = ends.is_some_and(|ends| time < Seconds::floor(at(ends)));
        let is_newest = self.held_trust == Some(self.trust.len() - 1) && time == Seconds::floor(at(self.now));
        let revoked = self.revoked();
        for (key, is_revoked) in revoked.into_iter().enumerate().take(2) {
            self.scans += 1;
            let code = self.issuer.live_code(key, self.now, self.scans);
            let passes = self.gate.scan(&code, self.clock()).outcome.unwrap().is_ok();
            assert!(!passes || is_trusted && !is_revoked, "a live code of key {key}");
            assert!(passes || !is_newest || !is_trusted || is_revoked, "a good live code of key {key}");
        }
        for ((index, key), number) in PAPER.into_iter().zip(0..) {
            let code = self.issuer.paper_code(key, T, index);
            let passes = self.gate.scan(&code, self.clock()).outcome.unwrap().is_ok();
            let held = self.held_status.as_ref();
            let stands = held.is_some_and(|held| {
                let age = time.since(Seconds::floor(at(held.issued)));
                held.passing[number] && age < u32::try_from(DAY).unwrap() && !revoked[4 + held.key]
            });
            let is_good = stands && is_trusted && !revoked[2 + key];
            let is_over = self.now + self.skew > T + 180 * DAY || time >= Seconds::floor(at(T + 180 * DAY));
            assert!(!passes || is_good, "paper {number}");
            assert!(passes || !is_good || is_over, "good paper {number}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_sequence_of_lists_lets_pass_what_was_revoked(steps in steps()) {
        let mut world = World::new();
        world.check();
        for step in steps {
            world.step(step);
            world.check();
        }
    }
}

/// R: weeks offline, then back. A live code passes until the trust list ends, paper for a day.
#[test]
fn weeks_without_a_network() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let paper = issuer.paper_code(0, T, 7);
    let mut answers = |now: i64| {
        let live = gate.scan(&issuer.live_code(0, now, now.unsigned_abs().into()), at(now)).decision.word();
        (live, gate.scan(&paper, at(now)).decision.word())
    };
    assert_eq!(answers(T + MINUTE), ("pass", "pass"));
    assert_eq!(answers(T + DAY - 1), ("pass", "pass"));
    assert_eq!(answers(T + DAY), ("pass", "cannot-tell"));
    assert_eq!(answers(T + 29 * DAY), ("pass", "cannot-tell"));
    assert_eq!(answers(T + 30 * DAY), ("cannot-tell", "cannot-tell"));

    let back = T + 40 * DAY;
    gate.lists.take_trust(&issuer.trust(9, back, [false; 6]).sign(&issuer.root).unwrap(), at(back)).unwrap();
    gate.lists.take_status(1, &issuer.status(1, 9, back, &[7]), at(back)).unwrap();
    let live = issuer.live_code(1, back, 1);
    assert_eq!(gate.scan(&live, at(back)).decision.word(), "pass");
    assert_eq!(gate.scan(&paper, at(back)).decision.word(), "pass");
}

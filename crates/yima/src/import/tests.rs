//! The invented lives under the published packs: every rule holds for somebody, and nothing is held back.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::id::SourceId;
use yima_model::{Colour, Content, Kind, Occurred, PersonId, Source, SourceKind, Subject, Timestamp};
use yima_registry::cases::report::{self, Report, Scope};
use yima_registry::cases::{Call, RequestId};
use yima_registry::vault::Keyring;
use yima_registry::{Judge, Judgement, Registry, Shelf, Vault};

use super::life::{Life, Lived};
use super::stories;
use crate::books;

const PERSONS: u32 = 150;

struct Lives {
    lived: Lived,
    registry: Registry,
    shelf: Shelf,
    now: Timestamp,
}

/// Lives up to an instant at which the pack is in force.
fn live(pack: &str, now: &str) -> Lives {
    let now = Timestamp::parse(now).unwrap();
    let clock = Arc::new(AtomicI64::new(0));
    let time = Arc::clone(&clock);
    let host = Host {
        clock: Arc::new(move || Timestamp::from_millis(time.load(Ordering::SeqCst))),
        random: books::host(now).random,
    };
    let ledger: Arc<dyn Ledger> = Arc::new(KeyedLedger::in_memory(4, host.clone()).unwrap());
    let vault = Vault::new(Arc::clone(&ledger), Keyring::generate(&host.random), host.random);
    let registry = Registry::in_memory(ledger, vault).unwrap();
    let mut life = Life::new(now, 1, 180);
    stories::tell(&mut life, PERSONS).unwrap();
    let lived = life.live(&registry, &clock).unwrap();
    let mut shelf = Shelf::default();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(pack);
    let digest = shelf.add(&std::fs::read_to_string(path).unwrap()).unwrap();
    let pack = shelf.find(&digest).unwrap();
    let content = Content::Pack { pack: pack.id.clone(), digest };
    let occurred = Occurred::During { from: pack.from, until: pack.until };
    let report = Report { subject: Subject::Global, occurred, content, cause: None };
    let source = Source { kind: SourceKind::Headquarters, id: SourceId::parse("test").unwrap() };
    let scope = Scope { areas: None, kinds: vec![Kind::Pack], persons_per_hour: 1 };
    report::report(&registry, &Call { request: RequestId([1; 16]), source, now }, &scope, &[report]).unwrap();
    Lives { lived, registry, shelf, now }
}

impl Lives {
    fn judgements(&self) -> Vec<Judgement> {
        let globals = self.registry.globals();
        let judge = Judge::new(&globals, &self.shelf, Timestamp::FOREVER).unwrap();
        let persons = self.registry.persons(PersonId::from_bytes([0; 16]), usize::MAX).unwrap();
        persons.iter().map(|person| judge.verdict(&self.registry.view(*person).unwrap(), self.now)).collect()
    }
}

fn check(pack: &str, now: &str) {
    let lives = live(pack, now);
    let judgements = lives.judgements();
    let grounds = judgements.iter().flat_map(|judgement| &judgement.grounds);
    let held: BTreeSet<String> = grounds.map(|ground| ground.rule.to_string()).collect();
    let (_, pack) = lives.shelf.iter().next().unwrap();
    for rule in &pack.rules {
        assert!(held.contains(rule.id.as_str()), "{} holds for nobody", rule.id);
        assert!(lives.lived.examples.contains_key(rule.id.as_str()), "nobody is named for {}", rule.id);
    }
    let green = judgements.iter().filter(|judgement| judgement.colour == Colour::Green && judgement.pack.is_some());
    assert!(green.count() > 10, "most residents have nothing against them");
    assert!(report::inert(&lives.registry, lives.now).unwrap().is_empty(), "every fact has its evidence");
    assert_eq!(lives.lived.persons, judgements.len());
}

#[test]
fn every_rule_of_hubei_holds_for_somebody() {
    check("hubei-2020-02.toml", "2020-03-20T09:30:00+08:00");
}

#[test]
fn every_rule_of_shaanxi_holds_for_somebody() {
    check("shaanxi-2020-12.toml", "2021-01-10T09:30:00+08:00");
}

#[test]
fn the_same_seed_tells_the_same_lives() {
    let now = Timestamp::parse("2020-03-20T09:30:00+08:00").unwrap();
    let told = |seed| {
        let mut life = Life::new(now, seed, 180);
        stories::tell(&mut life, PERSONS).unwrap();
        (life.draws.number(), life.population())
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

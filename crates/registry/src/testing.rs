//! A small world for tests: a ledger, its vault, a registry, and a clock that is set by hand.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use jiff::civil::Date;
use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::fact::{Answer, DwellingRole, SourceKind, Symptoms};
use yima_model::id::{PackId, SourceId};
use yima_model::{
    AreaCode, AreaSet, Colour, Content, Document, DocumentKind, Fact, FactId, Kind, Occurred, PersonId, Source,
    Subject, Timestamp,
};

use crate::cases::register::{Application, Dwelling, Health, register};
use crate::cases::report::{Report, Reported, Scope, report};
use crate::cases::{Call, CaseError, RequestId};
use crate::registry::Registry;
use crate::vault::{Keyring, PersonalText, Vault, tests::counting};
use crate::verdict::{Judge, Judgement, Shelf};

/// Monday noon in Beijing.
pub(crate) const START: i64 = 1_582_516_800_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

const PACK: &str = r#"
id = "test-2020-02"
title = { zh-CN = "试", zh-TW = "試", en = "Test" }
authority = { zh-CN = "试", zh-TW = "試", en = "Test" }
instrument = { zh-CN = "试", zh-TW = "試", en = "Test" }
call = { zh-CN = "12345", zh-TW = "12345", en = "12345" }
areas = ["42"]
zone = "+08:00"
first_day = "counts"
counts_from = "occurrence"
while_disputed = "holds"
published = "2020-02-20T00:00:00+08:00"
from = "2020-02-20T00:00:00+08:00"
until = "2020-05-01T00:00:00+08:00"
base = "green"
audit_days = 10
"#;

const RULE: &str = r#"
[[rule]]
id = "ID"
colour = "COLOUR"
class = "risk"
when = "WHEN"
source = "our reading"
reason = { zh-CN = "因", zh-TW = "因", en = "Reason" }
guide = { zh-CN = "行", zh-TW = "行", en = "Guide" }
clears = { zh-CN = "解", zh-TW = "解", en = "Clears" }
"#;

pub(crate) struct World {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) vault: Vault,
    pub(crate) registry: Registry,
    pub(crate) shelf: Shelf,
    clock: Arc<AtomicI64>,
    requests: AtomicU64,
}

impl World {
    /// In memory, with a pack in force in Hubei: red for cases, positive tests and isolation, yellow for contacts,
    /// fever and levels.
    pub(crate) fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let ledger = Arc::new(KeyedLedger::in_memory(4, host(&clock)).unwrap());
        let vault = Vault::new(ledger.clone(), Keyring::generate(&counting()), counting());
        let registry = Registry::in_memory(ledger.clone(), vault.clone()).unwrap();
        let mut world = Self { ledger, vault, registry, shelf: Shelf::default(), clock, requests: AtomicU64::new(0) };
        world.put_pack_in_force();
        world
    }

    /// The same on a disk, with the registry beside the ledger.
    pub(crate) fn on_disk(directory: &Path) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let ledger = Arc::new(KeyedLedger::create(&directory.join("ledger"), 4, host(&clock)).unwrap());
        let vault = Vault::new(ledger.clone(), Keyring::generate(&counting()), counting());
        let (registry, _) = Registry::open(&directory.join("registry"), ledger.clone(), vault.clone()).unwrap();
        let mut world = Self { ledger, vault, registry, shelf: Shelf::default(), clock, requests: AtomicU64::new(0) };
        world.put_pack_in_force();
        world
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::Relaxed))
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn call(&self, kind: SourceKind, id: &str) -> Call {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request = [7; 16];
        request[..8].copy_from_slice(&number.to_be_bytes());
        Call { request: RequestId(request), source: source(kind, id), now: self.now() }
    }

    pub(crate) fn own_call(&self) -> Call {
        self.call(SourceKind::Resident, "self")
    }

    /// Registers the person with the document `A-number`, who lives in Wuchang.
    pub(crate) fn resident(&self, number: u32) -> PersonId {
        register(&self.registry, &self.own_call(), &application(number)).unwrap().person()
    }

    pub(crate) fn report(&self, call: &Call, reports: &[Report]) -> Result<Reported, CaseError> {
        let scope = Scope { areas: None, kinds: Kind::ALL.to_vec(), persons_per_hour: usize::MAX };
        report(&self.registry, call, &scope, reports)
    }

    /// Files one fact, and says whether it was born inert.
    pub(crate) fn files(&self, kind: SourceKind, id: &str, report: Report) -> (FactId, bool) {
        let reported = self.report(&self.call(kind, id), &[report]).unwrap();
        (reported.filed.facts[0], !reported.inert.is_empty())
    }

    pub(crate) fn judgement(&self, person: PersonId) -> Judgement {
        self.registry.follow(self.now()).unwrap();
        let view = self.registry.view(person).unwrap();
        Judge::new(&view.globals, &self.shelf, Timestamp::FOREVER).unwrap().verdict(&view, self.now())
    }

    pub(crate) fn colour(&self, person: PersonId) -> Colour {
        self.judgement(person).colour
    }

    pub(crate) fn facts(&self, person: PersonId, kind: Kind) -> Vec<Fact> {
        let facts = self.registry.record(person).unwrap();
        facts.into_iter().filter(|fact| fact.kind() == kind).collect()
    }

    fn put_pack_in_force(&mut self) {
        let rules = [
            ("R-1", "red", "case or isolation"),
            ("R-2", "red", "test(positive) within 14d"),
            ("Y-1", "yellow", "contact(close, secondary) within 14d"),
            ("Y-2", "yellow", "temperature(>= 37.3) within 14d"),
            ("Y-3", "yellow", "dwelling(level: medium)"),
        ];
        let digest = self.shelf.add(&pack(&rules)).unwrap();
        let content = Content::Pack { pack: PackId::parse("test-2020-02").unwrap(), digest };
        let report = Report { subject: Subject::Global, occurred: Occurred::since(self.now()), content, cause: None };
        self.files(SourceKind::Headquarters, "hubei", report);
    }
}

/// The text of a pack with these rules: id, colour, condition.
pub(crate) fn pack(rules: &[(&str, &str, &str)]) -> String {
    let rule = |(id, colour, when): &(&str, &str, &str)| {
        RULE.replace("ID", id).replace("COLOUR", colour).replace("WHEN", when)
    };
    format!("{PACK}{}", rules.iter().map(rule).collect::<String>())
}

fn host(clock: &Arc<AtomicI64>) -> Host {
    let clock = Arc::clone(clock);
    Host { clock: Arc::new(move || Timestamp::from_millis(clock.load(Ordering::Relaxed))), random: counting() }
}

pub(crate) fn source(kind: SourceKind, id: &str) -> Source {
    Source { kind, id: SourceId::parse(id).unwrap() }
}

pub(crate) fn document(number: u32) -> Document {
    Document::parse(DocumentKind::Other, None, &format!("A{number:06}"), Date::constant(2020, 2, 25)).unwrap()
}

pub(crate) fn application(number: u32) -> Application {
    Application {
        document: document(number),
        name: PersonalText::parse("王小明").unwrap(),
        birth: None,
        dwelling: Dwelling { area: area("420106001"), role: DwellingRole::Home, until: None, text: None },
        health: Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false },
        reach: None,
    }
}

pub(crate) fn area(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

pub(crate) fn areas(text: &str) -> AreaSet {
    AreaSet::of(area(text))
}

pub(crate) fn at(subject: PersonId, at: Timestamp, content: Content) -> Report {
    Report { subject: Subject::Person(subject), occurred: Occurred::at(at), content, cause: None }
}

pub(crate) fn during(subject: PersonId, from: Timestamp, days: i64, content: Content) -> Report {
    let until = from.plus_millis(days * DAY);
    Report { subject: Subject::Person(subject), occurred: Occurred::During { from, until }, content, cause: None }
}

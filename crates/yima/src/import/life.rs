//! Invented residents and what is done by and about them, each deed at its instant; living it files it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, ensure};
use yima_model::fact::{Answer, DwellingRole, Symptoms};
use yima_model::id::SourceId;
use yima_model::{
    AreaCode, Content, Document, DocumentKind, FactId, Occurred, PersonId, Source, SourceKind, Subject, Timestamp, Zone,
};
use yima_registry::Registry;
use yima_registry::cases::reach::Reach;
use yima_registry::cases::register::{Application, Dwelling, Health, register};
use yima_registry::cases::report::{self, PERSONS_PER_HOUR_MAX, Report, Scope};
use yima_registry::cases::{Call, RequestId, statements, undo};
use yima_registry::vault::{ContactAddress, PersonalText};

use crate::draws::Draws;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// How many deeds of one instant are done at a time, so that they share what it costs to make them durable.
const AT_ONCE: usize = 32;

/// Nobody who lives was born so long ago, so that no number is anybody's.
const BIRTHS_FROM: &str = "1900-01-01T12:00:00+08:00";

const SURNAMES: [char; 16] =
    ['王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周', '徐', '孙', '马', '朱', '胡', '林'];
const GIVEN: [&str; 16] = [
    "小明", "小红", "建国", "秀英", "志强", "丽华", "家豪", "雨桐", "子涵", "浩然", "国庆", "春梅", "海燕", "文静",
    "永福", "玉兰",
];

/// One of the invented residents.
struct Resident {
    home: AreaCode,
    document: Document,
    name: PersonalText,
    /// At a domain that is reserved for examples, so that it is nobody's.
    email: String,
}

/// What is done.
pub(super) enum Act {
    Apply,
    CheckIn(SourceKind, Symptoms),
    Report { by: SourceKind, occurred: Occurred, content: Content },
    Confirm { by: SourceKind, target: FactId },
    Close { by: SourceKind, target: FactId },
}

struct Deed {
    at: Timestamp,
    /// Which resident it is about, or everybody.
    about: Option<usize>,
    request: RequestId,
    act: Act,
}

/// Everything that will have happened up to `now`.
pub(super) struct Life {
    pub(super) now: Timestamp,
    pub(super) binding_days: i64,
    pub(super) draws: Draws,
    residents: Vec<Resident>,
    deeds: Vec<Deed>,
    examples: BTreeMap<&'static str, String>,
}

/// What came of it.
pub(super) struct Lived {
    pub(super) persons: usize,
    pub(super) facts: u64,
    /// The address of one resident for each rule that was told.
    pub(super) examples: BTreeMap<&'static str, String>,
}

impl Life {
    pub(super) fn new(now: Timestamp, seed: u64, binding_days: i64) -> Self {
        let (residents, deeds, examples) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { now, binding_days, draws: Draws::new(seed), residents, deeds, examples }
    }

    /// Somebody who lives there.
    pub(super) fn resident(&mut self, home: AreaCode) -> Result<usize> {
        let number = self.residents.len();
        let name = format!("{}{}", self.draws.one_of(&SURNAMES)?, self.draws.one_of(&GIVEN)?);
        let sequence = self.draws.number() % 1000;
        let today = Zone::BEIJING.date(self.now).context("the clock is no date")?;
        let born = Timestamp::parse(BIRTHS_FROM)?.plus_millis(i64::try_from(number)? * DAY);
        let born = Zone::BEIJING.date(born).context("the birth is no date")?.to_string().replace('-', "");
        let begin = format!("{:06}{born}{sequence:03}", home.gbt2260());
        let read = |end| Document::parse(DocumentKind::ResidentId, None, &format!("{begin}{end}"), today).ok();
        let document = "0123456789X".chars().find_map(read).context("no check character fits an invented number")?;
        let email = format!("resident-{:04}@example.com", number + 1);
        self.residents.push(Resident { home, document, name: PersonalText::parse(&name)?, email });
        Ok(number)
    }

    /// How many residents there are.
    pub(super) const fn population(&self) -> usize {
        self.residents.len()
    }

    /// Names the resident as one for whom the rule holds, unless there is one already.
    pub(super) fn name_example(&mut self, rule: &'static str, resident: usize) {
        if let Some(resident) = self.residents.get(resident) {
            self.examples.entry(rule).or_insert_with(|| resident.email.clone());
        }
    }

    /// Adds a deed, and gives the id of the fact that it will file.
    pub(super) fn add(&mut self, at: Timestamp, about: Option<usize>, act: Act) -> FactId {
        let request = RequestId(self.draws.bytes());
        self.deeds.push(Deed { at, about, request, act });
        request.fact_id(0)
    }

    /// Does every deed in the order of time, with `clock` set to its instant; deeds of one instant are done together.
    pub(super) fn live(mut self, registry: &Registry, clock: &AtomicI64) -> Result<Lived> {
        self.deeds.sort_by_key(|deed| deed.at);
        let persons: Vec<OnceLock<PersonId>> = self.residents.iter().map(|_| OnceLock::new()).collect();
        let world = World { registry, life: &self, persons: &persons };
        for deeds in self.deeds.chunk_by(|one, next| one.at == next.at) {
            clock.store(world.moment(deeds)?.millis(), Ordering::SeqCst);
            world.do_together(deeds)?;
        }
        clock.store(self.now.millis(), Ordering::SeqCst);
        let facts = registry.positions().iter().map(|position| position.0).sum();
        Ok(Lived { persons: self.residents.len(), facts, examples: self.examples })
    }
}

/// Where it is lived.
struct World<'a> {
    registry: &'a Registry,
    life: &'a Life,
    persons: &'a [OnceLock<PersonId>],
}

impl World<'_> {
    fn moment(&self, deeds: &[Deed]) -> Result<Timestamp> {
        let at = deeds.first().context("nothing is done at no instant")?.at;
        ensure!(at <= self.life.now, "something is told of the time to come");
        Ok(at)
    }

    fn do_together(&self, deeds: &[Deed]) -> Result<()> {
        let failed = Mutex::new(None);
        std::thread::scope(|scope| {
            for part in deeds.chunks(deeds.len().div_ceil(AT_ONCE)) {
                let failed = &failed;
                scope.spawn(move || {
                    if let Err(error) = part.iter().try_for_each(|deed| self.act(deed)) {
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn act(&self, deed: &Deed) -> Result<()> {
        match &deed.act {
            Act::Apply => self.apply(deed),
            Act::CheckIn(by, symptoms) => {
                let person = self.person(deed)?;
                statements::check_in(self.registry, &self.call(deed, *by)?, person, *symptoms)?;
                Ok(())
            }
            Act::Report { by, occurred, content } => {
                let subject = self.subject(deed)?;
                let report = Report { subject, occurred: *occurred, content: content.clone(), cause: None };
                let kinds = vec![content.kind()];
                let scope = Scope { areas: None, kinds, persons_per_hour: PERSONS_PER_HOUR_MAX };
                let reported = report::report(self.registry, &self.call(deed, *by)?, &scope, &[report])?;
                ensure!(reported.alarm.is_none(), "too much is told of one hour: {:?}", reported.alarm);
                Ok(())
            }
            Act::Confirm { by, target } => {
                undo::confirm(self.registry, &self.call(deed, *by)?, &[(self.subject(deed)?, *target)])?;
                Ok(())
            }
            Act::Close { by, target } => {
                undo::close(self.registry, &self.call(deed, *by)?, self.subject(deed)?, *target, deed.at)?;
                Ok(())
            }
        }
    }

    fn apply(&self, deed: &Deed) -> Result<()> {
        let about = deed.about.context("everybody cannot apply at once")?;
        let resident = self.life.residents.get(about).context("nobody is told of")?;
        let until = deed.at.plus_millis(self.life.binding_days * DAY);
        let application = Application {
            document: resident.document.clone(),
            name: resident.name.clone(),
            birth: None,
            dwelling: Dwelling { area: resident.home, role: DwellingRole::Present, until: None, text: None },
            health: Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false },
            reach: Some((Reach::Contact(ContactAddress::email(&resident.email)?), until)),
        };
        let registered = register(self.registry, &self.call(deed, SourceKind::Resident)?, &application)?;
        let person = self.persons.get(about).context("nobody is told of")?;
        person.set(registered.person()).ok().context("the same resident applied twice")
    }

    fn person(&self, deed: &Deed) -> Result<PersonId> {
        let person = deed.about.and_then(|about| self.persons.get(about)?.get());
        person.copied().context("a deed is told of somebody who had not applied")
    }

    fn subject(&self, deed: &Deed) -> Result<Subject> {
        match deed.about {
            Some(_) => Ok(Subject::Person(self.person(deed)?)),
            None => Ok(Subject::Global),
        }
    }

    fn call(&self, deed: &Deed, by: SourceKind) -> Result<Call> {
        Ok(Call { request: deed.request, source: office(by)?, now: deed.at })
    }
}

/// The source of that kind; none is an account of the node, so that its staff may answer disputes about what is told here.
fn office(kind: SourceKind) -> Result<Source> {
    let id = match kind {
        SourceKind::Resident => "self".to_owned(),
        _ => format!("synthetic-{}", kind.word()),
    };
    Ok(Source { kind, id: SourceId::parse(&id)? })
}

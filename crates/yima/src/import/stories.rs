//! What happens to the invented residents: for each rule of the two published packs a story at whose end it holds.
//!
//! Whoever adds a pack adds its stories; a test says which rule holds for nobody.

use anyhow::Result;
use yima_model::fact::{
    CaseClass, ContactDegree, IsolationPlace, NoticeKind, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{ListId, SampleId};
use yima_model::{AreaCode, AreaSet, Content, FactId, Occurred, SourceKind, Timestamp};

use super::life::{Act, DAY, HOUR, Life, MINUTE};

/// Counties of Hubei and of Shaanxi where nothing is listed.
const HOMES: [&str; 10] =
    ["420102", "420106", "420502", "420602", "420606", "610102", "610103", "610113", "610402", "610802"];

/// A county that is closed; a compound and a market that are listed.
const CLOSED: &str = "421102";
const COMPOUND: &str = "610113.1";
const MARKET: &str = "610113.2";

const HUBEI: &str = "420602";
const SHAANXI: &str = "610103";

/// Stories of one kind begin this far apart, so that no office files about twenty persons within an hour.
const APART: i64 = 10 * MINUTE;

/// Each story is told of one resident in a hundred, and of this many at most, as one case has few contacts.
const TOLD_MAX: usize = 10;

/// A rule, where its residents live, and what happens to one of them.
type Story = (&'static str, &'static str, fn(&mut Teller<'_>) -> Result<()>);

const STORIES: [Story; 23] = [
    ("HB-1P", HUBEI, |of| of.applies(95)),
    ("HB-3", HUBEI, |of| of.applies(5)),
    ("HB-4", HUBEI, |of| {
        of.applies_and_checks_in()?;
        of.event(2, SourceKind::Checkpoint, Content::Temperature { decicelsius: 379 });
        of.minutes_later(5).event(2, SourceKind::Checkpoint, Content::Temperature { decicelsius: 381 });
        Ok(())
    }),
    ("HB-5A", HUBEI, |of| {
        of.applies_and_checks_in()?;
        of.meets_case(3);
        Ok(())
    }),
    ("HB-5B", HUBEI, |of| {
        of.applies_and_checks_in()?;
        let ground = of.meets_case(12);
        let isolation = Content::Isolation { place: IsolationPlace::Home, ground };
        of.state(11, 10, SourceKind::DiseaseControl, isolation);
        Ok(())
    }),
    ("HB-5C", HUBEI, |of| {
        of.applies_and_checks_in()?;
        let ground = of.meets_case(9);
        let isolation = Content::Isolation { place: IsolationPlace::Central, ground };
        of.state(8, 10, SourceKind::DiseaseControl, isolation);
        Ok(())
    }),
    ("HB-6", HUBEI, |of| {
        of.applies_and_checks_in()?;
        of.is_suspected(4, CaseClass::Suspected);
        Ok(())
    }),
    ("HB-6A", HUBEI, |of| {
        of.applies_and_checks_in()?;
        of.tests_positive(4);
        of.falls_ill(3, CaseClass::Asymptomatic);
        Ok(())
    }),
    ("HB-7R", HUBEI, |of| {
        of.applies_and_checks_in()?;
        of.tests_positive(31);
        let case = of.falls_ill(30, CaseClass::Confirmed);
        of.ends(5, case);
        Ok(())
    }),
    ("HB-7", HUBEI, |of| {
        of.applies_and_checks_in()?;
        let case = of.is_suspected(45, CaseClass::Clinical);
        of.ends(18, case);
        of.event(2, SourceKind::Community, Content::FollowUp { clear: true });
        Ok(())
    }),
    ("HB-8R", HUBEI, |of| {
        of.applies_and_checks_in()?;
        let case = of.is_suspected(9, CaseClass::Suspected);
        of.ends(6, case);
        Ok(())
    }),
    ("HB-8", HUBEI, |of| {
        of.applies_and_checks_in()?;
        let case = of.is_suspected(22, CaseClass::Fever);
        of.ends(18, case);
        Ok(())
    }),
    ("HB-11", CLOSED, |of| of.applies_and_checks_in()),
    ("SX-0", SHAANXI, |of| of.applies(95)),
    ("SX-1P", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        let stay = Content::Stay { area: AreaCode::parse(MARKET)?, origin: StayOrigin::Ticket };
        of.state(2, 1, SourceKind::Carrier, stay);
        Ok(())
    }),
    ("SX-2A", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.arrives_from("1101")
    }),
    ("SX-2B", COMPOUND, |of| of.applies_and_checks_in()),
    ("SX-3A", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.meets_case(3);
        Ok(())
    }),
    ("SX-3B", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.arrives_from("2310")
    }),
    ("SX-3C", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.reports_symptom(SourceKind::Resident);
        Ok(())
    }),
    ("SX-3D", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.reports_symptom(SourceKind::Community);
        Ok(())
    }),
    ("SX-3E", SHAANXI, |of| {
        of.applies_and_checks_in()?;
        of.tests_positive(4);
        of.falls_ill(3, CaseClass::Confirmed);
        Ok(())
    }),
    ("SX-4", SHAANXI, |of| {
        of.applies(of.life.binding_days + 1)?;
        of.checks_in(SourceKind::Community);
        Ok(())
    }),
];

/// Tells every story, and fills up with residents to whom nothing happens.
pub(super) fn tell(life: &mut Life, persons: u32) -> Result<()> {
    let persons = usize::try_from(persons)?;
    publish(life)?;
    let mut begun = 0;
    for home in [HUBEI, SHAANXI] {
        let carrier = Teller::new(life, home, begun, None)?.is_the_first_case()?;
        begun += 1;
        for (rule, home, story) in STORIES.iter().filter(|(_, at, _)| at.get(..2) == home.get(..2)) {
            for _ in 0..(persons / 100).min(TOLD_MAX) {
                let mut teller = Teller::new(life, home, begun, Some(carrier))?;
                story(&mut teller)?;
                let about = teller.about;
                life.name_example(rule, about);
                begun += 1;
            }
        }
    }
    while life.population() < persons {
        let home = AreaCode::parse(life.draws.one_of(&HOMES)?)?;
        let about = Some(life.resident(home)?);
        let (days, hours) = (life.draws.below(14)?, life.draws.below(5)?);
        life.add(life.now.plus_millis(-(6 + days) * DAY), about, Act::Apply);
        life.add(life.now.plus_millis(-(1 + hours) * HOUR), about, check_in(SourceKind::Resident));
    }
    Ok(())
}

/// What is said of everybody: a closed county, lists, and that all were compared with the registers.
fn publish(life: &mut Life) -> Result<()> {
    let since = life.now.plus_millis(-20 * DAY);
    let list = |list: &str, area: &str| -> Result<Content> {
        Ok(Content::List { list: ListId::parse(list)?, areas: AreaSet::of(AreaCode::parse(area)?) })
    };
    let closing = Content::Notice { kind: NoticeKind::Closing, areas: AreaSet::of(AreaCode::parse(CLOSED)?) };
    for content in [list("sx-key-compounds", COMPOUND)?, list("sx-contaminated", MARKET)?, closing] {
        let is_list = matches!(content, Content::List { .. });
        let target = life.add(since, None, by(SourceKind::Headquarters, Occurred::since(since), content));
        if is_list {
            let signing = Act::Confirm { by: SourceKind::DiseaseControl, target };
            life.add(since.plus_millis(MINUTE), None, signing);
        }
    }
    let as_of = life.now.plus_millis(-MINUTE);
    for list in ["four-classes", "sx-risk-register"] {
        let content = Content::Comparison { list: ListId::parse(list)?, as_of, matched: false };
        life.add(as_of, None, by(SourceKind::Register, Occurred::at(as_of), content));
    }
    Ok(())
}

const fn by(by: SourceKind, occurred: Occurred, content: Content) -> Act {
    Act::Report { by, occurred, content }
}

const fn check_in(by: SourceKind) -> Act {
    Act::CheckIn(by, Symptoms::NONE)
}

/// Tells what happens to one resident.
struct Teller<'a> {
    life: &'a mut Life,
    about: usize,
    /// How much earlier than that of the first one this story lies.
    earlier: i64,
    /// The fact by which somebody whom others of the province meet is a case.
    carrier: Option<FactId>,
}

impl<'a> Teller<'a> {
    fn new(life: &'a mut Life, home: &str, begun: i64, carrier: Option<FactId>) -> Result<Self> {
        let about = life.resident(AreaCode::parse(home)?)?;
        Ok(Self { life, about, earlier: begun * APART, carrier })
    }

    fn at(&self, days: i64) -> Timestamp {
        self.life.now.plus_millis(-days * DAY - self.earlier)
    }

    /// The same story a few minutes on.
    fn minutes_later(&mut self, minutes: i64) -> &mut Self {
        self.earlier -= minutes * MINUTE;
        self
    }

    fn applies(&mut self, days: i64) -> Result<()> {
        self.life.add(self.at(days), Some(self.about), Act::Apply);
        Ok(())
    }

    fn applies_and_checks_in(&mut self) -> Result<()> {
        self.applies(60)?;
        self.checks_in(SourceKind::Resident);
        Ok(())
    }

    fn checks_in(&mut self, by: SourceKind) {
        self.life.add(self.life.now.plus_millis(-HOUR), Some(self.about), check_in(by));
    }

    fn event(&mut self, days: i64, office: SourceKind, content: Content) -> FactId {
        let at = self.at(days);
        self.life.add(at, Some(self.about), by(office, Occurred::at(at), content))
    }

    fn state(&mut self, days: i64, lasts_days: i64, office: SourceKind, content: Content) -> FactId {
        let from = self.at(days);
        let occurred = Occurred::During { from, until: from.plus_millis(lasts_days * DAY) };
        self.life.add(from, Some(self.about), by(office, occurred, content))
    }

    /// A hospital takes a sample and a laboratory finds something in it.
    fn tests_positive(&mut self, days: i64) {
        let (sample, method) = (SampleId::from_bytes(self.life.draws.bytes()), TestMethod::NucleicAcid);
        self.event(days, SourceKind::Community, Content::Sample { sample, pool: None, method });
        let result = Content::TestResult { sample, method, positive: true };
        self.minutes_later(1).event(days, SourceKind::Laboratory, result);
    }

    fn falls_ill(&mut self, days: i64, class: CaseClass) -> FactId {
        self.state(days, 60, SourceKind::Hospital, Content::Case { class })
    }

    /// The hospital has nothing but what it sees, which a second institution signs.
    fn is_suspected(&mut self, days: i64, class: CaseClass) -> FactId {
        let case = self.falls_ill(days, class);
        self.minutes_later(1).confirms(days, case);
        case
    }

    fn ends(&mut self, days: i64, target: FactId) {
        self.life.add(self.at(days), Some(self.about), Act::Close { by: SourceKind::Hospital, target });
    }

    /// A second institution signs what the hospital found.
    fn confirms(&mut self, days: i64, target: FactId) {
        self.life.add(self.at(days), Some(self.about), Act::Confirm { by: SourceKind::DiseaseControl, target });
    }

    fn is_the_first_case(&mut self) -> Result<FactId> {
        self.applies_and_checks_in()?;
        self.tests_positive(26);
        Ok(self.falls_ill(25, CaseClass::Confirmed))
    }

    fn meets_case(&mut self, days: i64) -> FactId {
        // INVARIANT: only the carrier's own story is told without one.
        let of = self.carrier.unwrap_or(FactId::from_bytes([0; 16]));
        self.event(days, SourceKind::DiseaseControl, Content::Contact { degree: ContactDegree::Close, of })
    }

    fn arrives_from(&mut self, from: &str) -> Result<()> {
        let content = Content::Arrival { from: Some(AreaCode::parse(from)?), to: AreaCode::parse(SHAANXI)? };
        self.event(3, SourceKind::Carrier, content);
        Ok(())
    }

    fn reports_symptom(&mut self, office: SourceKind) {
        let symptoms = Symptoms::NONE.with(Symptom::Cough);
        self.life.add(self.at(1), Some(self.about), Act::CheckIn(office, symptoms));
    }
}

//! Invented people who declare, check in, are tested, travel, fall ill and meet one another, day after day.
//!
//! How often each thing happens is an assumption, written down here; nothing is taken from anybody's data.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use yima_model::area::Depth;
use yima_model::fact::{
    Answer, CaseClass, Channel, ContactDegree, DwellingRole, IsolationPlace, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{CampaignId, ListId, SampleId, SourceId};
use yima_model::{
    AreaCode, AreaSet, Content, DivisionTree, Fact, FactId, Filing, Interval, Level, Occurred, PersonId, Source,
    SourceKind, Subject, Timestamp, Zone,
};
use yima_rules::pack::Pack;
use yima_rules::selector::{Selector, selectors};

use crate::draws::Draws;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Days lived before the period, so that nobody comes to it without a past.
const DAYS_BEFORE: i64 = 28;

/// Where they live: in so many counties of each province of the mainland, and there in compounds of so many people.
const COUNTIES: usize = 4;
const PEOPLE_IN_A_COMPOUND: usize = 20;
/// Codes of Taiwan, Hong Kong and Macau begin here; the packs are of the mainland.
const MAINLAND_BELOW: u32 = 700_000;

/// How often in ten thousand times, of a day of one person or, for an outbreak, of one compound.
const OUTBREAK: u64 = 5;
const TRIP: u64 = 150;
const ENTRY_FROM_ABROAD: u64 = 3;
const SYMPTOM: u64 = 5;
const FEVER_AT_A_GATE: u64 = 5;
const MISSED_TEST: u64 = 10;
/// Of a hundred people, so many check in every day, and the others on so many days of a hundred.
const DILIGENT: u64 = 95;
const CHECK_IN_OF_OTHERS: u64 = 6_000;
/// How often people go to be tested: every so many days, or never unless they are told to.
const TESTED_EVERY: [Option<i64>; 5] = [Some(3), Some(3), Some(7), Some(7), None];

/// A compound is high for so many days after an infection, then medium for so many.
const HIGH_DAYS: i64 = 7;
const MEDIUM_DAYS: i64 = 3;
/// In an outbreak so many residents fall ill; each meets so many closely, and each of these meets others.
const CASES: usize = 2;
const CLOSE_CONTACTS: usize = 4;
const SECONDARY_CONTACTS: usize = 2;
const ILL_DAYS: i64 = 10;
const CENTRAL_DAYS: i64 = 14;
const HOME_DAYS: i64 = 7;

/// What is known of everybody, and of each person.
pub(super) struct Population {
    pub(super) global: Vec<Fact>,
    pub(super) persons: Vec<Vec<Fact>>,
}

/// Invents what happens up to the end of the period.
///
/// Each list of places that a pack publishes empty holds, day by day, the compounds that have a level; each list that
/// anybody is to be compared with is compared every day, without a match.
pub(super) fn invent(packs: &[&Pack], zone: Zone, period: Interval, persons: usize, seed: u64) -> Result<Population> {
    let mut world = World::new(zone, period, persons, seed)?;
    let outbreaks = world.outbreaks();
    world.publish(packs, &outbreaks)?;
    for (compound, from) in &outbreaks {
        world.falls_ill(*compound, *from)?;
    }
    for about in 0..persons {
        world.live(about)?;
    }
    let persons = world.people.into_iter().map(|person| person.facts).collect();
    Ok(Population { global: world.global, persons })
}

struct Inhabitant {
    id: PersonId,
    home: AreaCode,
    facts: Vec<Fact>,
    /// The days on which the person goes nowhere.
    confined: BTreeSet<i64>,
}

struct World {
    draws: Draws,
    source: SourceId,
    /// The first instant of the first day.
    begin: Timestamp,
    days: i64,
    compounds: Vec<AreaCode>,
    people: Vec<Inhabitant>,
    global: Vec<Fact>,
}

impl World {
    fn new(zone: Zone, period: Interval, persons: usize, seed: u64) -> Result<Self> {
        let mut draws = Draws::new(seed);
        let first = zone.day(period.from()) - DAYS_BEFORE;
        let days = zone.day(period.until()) - first;
        let compounds = compounds(persons, &mut draws)?;
        let inhabitant = |_| {
            let home = *draws.one_of(&compounds)?;
            let id = PersonId::from_bytes(draws.bytes());
            Ok(Inhabitant { id, home, facts: Vec::new(), confined: BTreeSet::new() })
        };
        let people = (0..persons).map(inhabitant).collect::<Result<_>>()?;
        let source = SourceId::parse("synthetic")?;
        Ok(Self { draws, source, begin: zone.midnight(first), days, compounds, people, global: Vec::new() })
    }

    fn at(&self, day: i64, hour: i64) -> Timestamp {
        self.begin.plus_millis(day * DAY + hour * HOUR)
    }

    /// The compounds in which an outbreak begins, and the day; none begins where one lasts.
    fn outbreaks(&mut self) -> Vec<(AreaCode, i64)> {
        let mut outbreaks: Vec<(AreaCode, i64)> = Vec::new();
        let mut free: BTreeMap<AreaCode, i64> = BTreeMap::new();
        for day in 0..self.days {
            for compound in &self.compounds {
                let is_free = free.get(compound).is_none_or(|free| *free <= day);
                if self.draws.happens(OUTBREAK) && is_free {
                    outbreaks.push((*compound, day));
                    free.insert(*compound, day + HIGH_DAYS + MEDIUM_DAYS);
                }
            }
        }
        outbreaks
    }

    /// Levels, lists and comparisons.
    fn publish(&mut self, packs: &[&Pack], outbreaks: &[(AreaCode, i64)]) -> Result<()> {
        for (compound, day) in outbreaks {
            let lowered = day + HIGH_DAYS;
            for (level, from, until) in [(Level::High, *day, lowered), (Level::Medium, lowered, lowered + MEDIUM_DAYS)]
            {
                let content = Content::AreaLevel { areas: AreaSet::of(*compound), level };
                self.publishes(SourceKind::Headquarters, from, until, content)?;
            }
        }
        let asked = |find: fn(Selector<'_>) -> Vec<ListId>| -> BTreeSet<ListId> {
            let conditions = packs.iter().flat_map(|pack| pack.rules.iter().map(|rule| &rule.when));
            conditions.flat_map(selectors).flat_map(find).collect()
        };
        let compared = asked(|selector| selector.compared().into_iter().cloned().collect());
        let places = asked(|selector| selector.place_lists().cloned().collect());
        let published = packs.iter().flat_map(|pack| &pack.lists);
        let empty: Vec<_> =
            published.filter(|list| list.areas.include.is_empty() && places.contains(&list.id)).collect();
        for day in 0..self.days {
            let affected = outbreaks.iter().filter(|(_, from)| (*from..from + HIGH_DAYS + MEDIUM_DAYS).contains(&day));
            let areas = AreaSet { include: affected.map(|(compound, _)| *compound).collect(), exclude: Vec::new() };
            for list in &empty {
                let content = Content::List { list: list.id.clone(), areas: areas.clone() };
                self.publishes(SourceKind::Headquarters, day, day + 1, content)?;
            }
            for list in &compared {
                let as_of = self.at(day, 0);
                let content = Content::Comparison { list: list.clone(), as_of, matched: false };
                self.file(None, SourceKind::Register, as_of, Occurred::at(as_of), content)?;
            }
        }
        Ok(())
    }

    fn publishes(&mut self, kind: SourceKind, from: i64, until: i64, content: Content) -> Result<()> {
        let occurred = Occurred::During { from: self.at(from, 0), until: self.at(until, 0) };
        self.file(None, kind, self.at(from, 0), occurred, content)?;
        Ok(())
    }

    /// Some who live there fall ill on the days after; whom they met is found a day after they are.
    fn falls_ill(&mut self, compound: AreaCode, from: i64) -> Result<()> {
        let here: Vec<_> = (0_usize..).zip(&self.people).filter(|(_, person)| person.home == compound).collect();
        let residents: Vec<usize> = here.into_iter().map(|(about, _)| about).take(CASES).collect();
        for (about, day) in residents.into_iter().zip(from..) {
            self.tested(about, day, true)?;
            let case = Content::Case { class: CaseClass::Confirmed };
            let case = self.lasts(about, SourceKind::Hospital, (day + 1, 0), ILL_DAYS, case)?;
            self.confine(about, day, ILL_DAYS + 1);
            for _ in 0..CLOSE_CONTACTS {
                let met = self.somebody()?;
                let contact = self.meets(met, ContactDegree::Close, case, day - 1)?;
                self.isolated(met, IsolationPlace::Central, day + 1, CENTRAL_DAYS, contact)?;
                for _ in 0..SECONDARY_CONTACTS {
                    let met = self.somebody()?;
                    let contact = self.meets(met, ContactDegree::Secondary, contact, day)?;
                    self.isolated(met, IsolationPlace::Home, day + 2, HOME_DAYS, contact)?;
                }
            }
        }
        Ok(())
    }

    fn somebody(&mut self) -> Result<usize> {
        let persons = i64::try_from(self.people.len())?;
        Ok(usize::try_from(self.draws.below(persons)?)?)
    }

    /// The last exposure on that day, found two days later.
    fn meets(&mut self, about: usize, degree: ContactDegree, of: FactId, day: i64) -> Result<FactId> {
        let reported = self.at(day + 2, 12);
        let occurred = Occurred::At { at: self.at(day, 12), reported };
        self.file(Some(about), SourceKind::DiseaseControl, reported, occurred, Content::Contact { degree, of })
    }

    /// Isolated from noon on, tested on the first day and the last, and followed up at the end.
    fn isolated(&mut self, about: usize, place: IsolationPlace, day: i64, days: i64, ground: FactId) -> Result<()> {
        self.lasts(about, SourceKind::DiseaseControl, (day, 12), days, Content::Isolation { place, ground })?;
        self.confine(about, day, days);
        self.tested(about, day + 1, false)?;
        self.tested(about, day + days - 1, false)?;
        self.event(about, SourceKind::Community, (day + days, 15), Content::FollowUp { clear: true })
    }

    fn confine(&mut self, about: usize, from: i64, days: i64) {
        if let Some(person) = self.people.get_mut(about) {
            person.confined.extend(from..from + days);
        }
    }

    /// What somebody does by habit and by chance.
    fn live(&mut self, about: usize) -> Result<()> {
        self.applies(about)?;
        let diligent = self.draws.below(100)? < i64::try_from(DILIGENT)?;
        let tested_every = *self.draws.one_of(&TESTED_EVERY)?;
        let offset = self.draws.below(7)?;
        let mut back = 0;
        for day in 0..self.days {
            if diligent || self.draws.happens(CHECK_IN_OF_OTHERS) {
                self.checks_in(about, day)?;
            }
            if tested_every.is_some_and(|every| (day + offset) % every == 0) {
                self.tested(about, day, false)?;
            }
            if self.draws.happens(MISSED_TEST) {
                let campaign = CampaignId::parse("synthetic")?;
                self.event(about, SourceKind::Community, (day, 23), Content::MissedTest { campaign })?;
            }
            let confined = self.people.get(about).is_some_and(|person| person.confined.contains(&day));
            if confined || day < back {
                continue;
            }
            if self.draws.happens(FEVER_AT_A_GATE) {
                self.event(about, SourceKind::Checkpoint, (day, 17), Content::Temperature { decicelsius: 379 })?;
                self.event(about, SourceKind::Community, (day + 2, 15), Content::FollowUp { clear: true })?;
            }
            if self.draws.happens(TRIP) {
                back = day + 1 + self.draws.below(4)?;
                self.travels(about, day, back)?;
            } else if self.draws.happens(ENTRY_FROM_ABROAD) {
                back = day + CENTRAL_DAYS;
                self.enters(about, day)?;
            }
        }
        Ok(())
    }

    fn applies(&mut self, about: usize) -> Result<()> {
        let home = self.home(about)?;
        let dwelling = Content::Dwelling { area: home, role: DwellingRole::Present };
        for content in [Content::Registration, dwelling, Content::Binding { channel: Channel::Phone }] {
            let begin = self.begin;
            self.file(Some(about), SourceKind::Resident, begin, Occurred::since(begin), content)?;
        }
        let declared = Content::Declaration { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false };
        self.event(about, SourceKind::Resident, (0, 7), declared)
    }

    /// At eight; who reports a symptom is followed up three days later.
    fn checks_in(&mut self, about: usize, day: i64) -> Result<()> {
        let ill = self.draws.happens(SYMPTOM);
        let symptoms = match ill {
            true => Symptoms::NONE.with(*self.draws.one_of(&[Symptom::Fever, Symptom::Cough, Symptom::Fatigue])?),
            false => Symptoms::NONE,
        };
        self.event(about, SourceKind::Resident, (day, 8), Content::CheckIn { symptoms })?;
        match ill {
            true => self.event(about, SourceKind::Community, (day + 3, 15), Content::FollowUp { clear: true }),
            false => Ok(()),
        }
    }

    /// Sampled at ten, reported at ten in the evening.
    fn tested(&mut self, about: usize, day: i64, positive: bool) -> Result<()> {
        let sample = SampleId::from_bytes(self.draws.bytes());
        let reported = self.at(day, 22);
        let occurred = Occurred::At { at: self.at(day, 10), reported };
        let content = Content::TestResult { sample, method: TestMethod::NucleicAcid, positive };
        self.file(Some(about), SourceKind::Laboratory, reported, occurred, content)?;
        Ok(())
    }

    /// To some compound and home again.
    fn travels(&mut self, about: usize, day: i64, back: i64) -> Result<()> {
        let (home, there) = (self.home(about)?, *self.draws.one_of(&self.compounds)?);
        let arrival = |from, to| Content::Arrival { from: Some(from), to };
        self.event(about, SourceKind::Carrier, (day, 14), arrival(home, there))?;
        let occurred = Occurred::During { from: self.at(day, 14), until: self.at(back, 10) };
        let stay = Content::Stay { area: there, origin: StayOrigin::Carrier };
        self.file(Some(about), SourceKind::Carrier, self.at(day, 14), occurred, stay)?;
        self.event(about, SourceKind::Carrier, (back, 16), arrival(there, home))
    }

    /// From abroad, and into central isolation.
    fn enters(&mut self, about: usize, day: i64) -> Result<()> {
        let content = Content::Arrival { from: None, to: self.home(about)? };
        let at = self.at(day, 9);
        let arrival = self.file(Some(about), SourceKind::Register, at, Occurred::at(at), content)?;
        self.isolated(about, IsolationPlace::Central, day, CENTRAL_DAYS, arrival)
    }

    fn home(&self, about: usize) -> Result<AreaCode> {
        self.people.get(about).map(|person| person.home).context("nobody is invented under this number")
    }

    fn event(&mut self, about: usize, kind: SourceKind, (day, hour): (i64, i64), content: Content) -> Result<()> {
        let at = self.at(day, hour);
        self.file(Some(about), kind, at, Occurred::at(at), content)?;
        Ok(())
    }

    fn lasts(
        &mut self,
        about: usize,
        kind: SourceKind,
        (day, hour): (i64, i64),
        days: i64,
        content: Content,
    ) -> Result<FactId> {
        let occurred = Occurred::During { from: self.at(day, hour), until: self.at(day + days, hour) };
        self.file(Some(about), kind, self.at(day, hour), occurred, content)
    }

    fn file(
        &mut self,
        about: Option<usize>,
        kind: SourceKind,
        recorded: Timestamp,
        occurred: Occurred,
        content: Content,
    ) -> Result<FactId> {
        let id = FactId::from_bytes(self.draws.bytes());
        let source = Source { kind, id: self.source.clone() };
        let person = match about {
            Some(about) => Some(self.people.get_mut(about).context("nobody is invented under this number")?),
            None => None,
        };
        let subject = person.as_ref().map_or(Subject::Global, |person| Subject::Person(person.id));
        let fact = Filing { id, subject, source, occurred, cause: None, replaces: None, content }.record(recorded)?;
        person.map_or(&mut self.global, |person| &mut person.facts).push(fact);
        Ok(id)
    }
}

/// Compounds for so many persons, in some counties of every province.
fn compounds(persons: usize, draws: &mut Draws) -> Result<Vec<AreaCode>> {
    let divisions = DivisionTree::built_in();
    let mut counties = Vec::new();
    for province in divisions.children(None).filter(|province| province.gbt2260() < MAINLAND_BELOW) {
        let inside = divisions.areas().filter(|area| area.depth() == Depth::County && province.contains(*area));
        let inside: Vec<_> = inside.collect();
        // The Corps of Xinjiang has a code of a province and none of a county.
        for _ in (0..COUNTIES).filter(|_| !inside.is_empty()) {
            counties.push(*draws.one_of(&inside)?);
        }
    }
    counties.sort_unstable();
    counties.dedup();
    let each = u32::try_from(persons.div_ceil(PEOPLE_IN_A_COMPOUND * counties.len().max(1)))?;
    Ok(counties.into_iter().flat_map(|county| (1..=each).filter_map(move |number| county.place(number))).collect())
}

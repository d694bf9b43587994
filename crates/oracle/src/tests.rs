//! Stories of one person, told in few words, and the intervals in which a rule must then hold, worked out by hand.

mod colours;
mod counting;
mod operators;
mod search;
mod terms;

use yima_model::fact::{Answer, Scope, StayOrigin, Symptom, Symptoms, TestMethod};
use yima_model::id::{ListId, PackId, RuleId, SampleId, SourceId};
use yima_model::{
    AreaCode, AreaSet, Colour, Content, Fact, FactId, Filing, FirstDay, Level, Occurred, PersonId, Source, SourceKind,
    Subject, Timestamp, Zone,
};
use yima_rules::expression::Condition;
use yima_rules::pack::{Class, CountsFrom, Pack, PackList, Rule, Text, Transition, WhileDisputed};
use yima_rules::syntax::{Names, read_condition};

use crate::{candidates, judge};

/// A pack, what was filed, and what is known of it.
struct Story {
    pack: Pack,
    facts: Vec<Fact>,
    known_at: Timestamp,
    as_of: Timestamp,
}

/// A pack with one yellow rule, and facts that are all known and complete.
fn story(when: &str, facts: Vec<Fact>) -> Story {
    Story { pack: pack(&[("yellow", when)]), facts, known_at: Timestamp::FOREVER, as_of: Timestamp::FOREVER }
}

impl Story {
    /// Checks that its rule holds in these intervals and at no other instant; `end` is the end of the pack.
    fn holds(&self, intervals: &[(&str, &str)]) {
        let intervals: Vec<_> = intervals.iter().map(|(from, until)| (at(from), at(until))).collect();
        let mut probes = candidates(&self.pack, &self.facts, self.known_at);
        probes.extend(intervals.iter().flat_map(|(from, until)| [*from, *until]));
        for probe in probes.iter().flat_map(|probe| [-1, 0, 1].map(|millis| probe.plus_millis(millis))) {
            let expected = intervals.iter().any(|(from, until)| *from <= probe && probe < *until);
            let judgement = judge(&self.pack, &self.facts, probe, self.known_at, self.as_of);
            assert_eq!(!judgement.rules.is_empty(), expected, "at {}", Zone::BEIJING.format(probe));
        }
    }

    fn known_at(self, known_at: &str) -> Self {
        Self { known_at: at(known_at), ..self }
    }

    fn complete_to(self, as_of: &str) -> Self {
        Self { as_of: at(as_of), ..self }
    }

    fn with(mut self, change: impl FnOnce(&mut Pack)) -> Self {
        change(&mut self.pack);
        self
    }
}

/// `03-01 08:00` of 2020 in Beijing, with seconds and milliseconds if need be; `end` is the end of the pack.
fn at(text: &str) -> Timestamp {
    if text == "end" {
        return at("12-31 00:00");
    }
    let seconds = if text.len() == 11 { ":00" } else { "" };
    Timestamp::parse(&format!("2020-{}{seconds}+08:00", text.replace(' ', "T"))).unwrap()
}

fn condition(text: &str) -> Condition {
    let names = Names { lists: vec!["l".to_owned()], ..Names::default() };
    read_condition(text, &names).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn list() -> ListId {
    ListId::parse("l").unwrap()
}

/// A pack in force from January to December with these rules, `1`, `2`, ….
fn pack(rules: &[(&str, &str)]) -> Pack {
    let rule = |(number, (colour, when)): (usize, &(&str, &str))| Rule {
        id: RuleId::parse(&(number + 1).to_string()).unwrap(),
        colour: Colour::from_word(colour).unwrap(),
        class: Class::Risk,
        cause: None,
        when: condition(when),
        when_text: (*when).to_owned(),
        replaces: Vec::new(),
        transition: Transition::Apply,
        source: String::new(),
        reason: Text::default(),
        guide: Text::default(),
        clears: Text::default(),
    };
    Pack {
        id: PackId::parse("p").unwrap(),
        title: Text::default(),
        authority: Text::default(),
        instrument: Text::default(),
        areas: AreaSet::default(),
        zone: Zone::BEIJING,
        first_day: FirstDay::Counts,
        counts_from: CountsFrom::Occurrence,
        ceiling: None,
        audit_days: None,
        visits: None,
        because: None,
        emergency: None,
        while_disputed: WhileDisputed::Holds,
        published: at("01-01 00:00"),
        from: at("01-01 00:00"),
        until: at("end"),
        base: Colour::Green,
        call: Text::default(),
        follows: None,
        lists: Vec::new(),
        rules: rules.iter().enumerate().map(rule).collect(),
    }
}

/// The pack's own version of the list `l`.
fn own_list(from: &str, area: &str) -> PackList {
    PackList {
        id: list(),
        title: Text::default(),
        from: at(from),
        areas: areas(area),
        evidence: None,
        source: None,
        kept_here: false,
    }
}

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

fn areas(code: &str) -> AreaSet {
    AreaSet::of(area(code))
}

fn id(number: u8) -> FactId {
    FactId::from_bytes([number; 16])
}

fn fact(number: u8, occurred: Occurred, content: Content) -> Fact {
    let subject = match content.kind().scope() {
        Scope::Global => Subject::Global,
        Scope::Person | Scope::Either => Subject::Person(PersonId::from_bytes([0; 16])),
    };
    let source = Source { kind: SourceKind::Resident, id: SourceId::parse("s").unwrap() };
    let filing = Filing { id: id(number), subject, source, occurred, cause: None, replaces: None, content };
    filing.record(occurred.start()).unwrap()
}

/// An event that is known and recorded when it happens.
fn event(number: u8, when: &str, content: Content) -> Fact {
    fact(number, Occurred::at(at(when)), content)
}

/// An event with a later report.
fn late(number: u8, when: &str, reported: &str, content: Content) -> Fact {
    fact(number, Occurred::At { at: at(when), reported: at(reported) }, content)
}

/// A state, recorded when it begins; one until `end` has no end yet.
fn state(number: u8, from: &str, until: &str, content: Content) -> Fact {
    let until = if until == "end" { Timestamp::FOREVER } else { at(until) };
    fact(number, Occurred::During { from: at(from), until }, content)
}

/// The fact, filed a little differently.
fn but(fact: Fact, change: impl FnOnce(&mut Filing)) -> Fact {
    let mut filing = fact.filing().clone();
    change(&mut filing);
    filing.record(fact.recorded()).unwrap()
}

fn recorded(fact: &Fact, recorded: &str) -> Fact {
    fact.filing().clone().record(at(recorded)).unwrap()
}

const CHECK_IN: Content = Content::CheckIn { symptoms: Symptoms::NONE };
const FEVER: Content = Content::CheckIn { symptoms: Symptoms::NONE.with(Symptom::Fever) };
const FINE: Content = Content::FollowUp { clear: true };
const DECLARED: Content = Content::Declaration { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false };
const NEGATIVE: Content = test(false, TestMethod::NucleicAcid);

const fn test(positive: bool, method: TestMethod) -> Content {
    Content::TestResult { sample: SampleId::from_bytes([0; 16]), method, positive }
}

const fn inert(target: u8) -> Content {
    Content::Inert { target: FactId::from_bytes([target; 16]) }
}

const fn retraction(target: u8) -> Content {
    Content::Retraction { target: FactId::from_bytes([target; 16]) }
}

const fn closing(target: u8) -> Content {
    Content::Closing { target: FactId::from_bytes([target; 16]) }
}

fn stay(code: &str) -> Content {
    Content::Stay { area: area(code), origin: StayOrigin::Declared }
}

fn level(code: &str, level: Level) -> Content {
    Content::AreaLevel { areas: areas(code), level }
}

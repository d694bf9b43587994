//! Shared tubes: whoever has a sample in one has its result, whatever came first, and nobody else has.

use yima_model::{Colour, SourceKind};

use super::super::report::Alarm;
use super::super::undo::{confirm, retract};
use super::*;
use crate::registry::Registry;
use crate::retention::{enforce, limits};
use crate::testing::{DAY, HOUR, MINUTE, World, at};

macro_rules! refused {
    ($outcome:expr, $refusal:pat) => {
        match $outcome {
            Err(CaseError::Refused($refusal)) => {}
            other => panic!("{} gave {other:?}", stringify!($outcome)),
        }
    };
}

const METHOD: TestMethod = TestMethod::NucleicAcid;

fn everything() -> Scope {
    Scope { areas: None, kinds: Kind::ALL.to_vec(), persons_per_hour: usize::MAX }
}

fn number(text: &str) -> TubeNumber {
    TubeNumber::parse(text).unwrap()
}

impl World {
    fn fill_by(&self, call: &Call, tube: (&str, &str), persons: &[PersonId]) -> Result<Reported, CaseError> {
        let laboratory = SourceId::parse(tube.0).unwrap();
        let tube = Tube { laboratory, number: number(tube.1), method: METHOD };
        let taken: Vec<_> = persons.iter().map(|person| Taken { person: *person, at: self.now() }).collect();
        fill(&self.registry, call, &everything(), &tube, &taken)
    }

    /// A site puts samples of these persons, taken now, into a tube.
    fn fill(&self, tube: (&str, &str), persons: &[PersonId]) -> Reported {
        self.fill_by(&self.call(SourceKind::Community, "site"), tube, persons).unwrap()
    }

    fn find_by(&self, call: &Call, tube: &str, positive: bool) -> Result<Reported, CaseError> {
        let found = Found { number: number(tube), method: METHOD, positive, at: self.now() };
        find(&self.registry, call, &everything(), &found)
    }

    fn find(&self, laboratory: &str, tube: &str, positive: bool) -> Reported {
        self.find_by(&self.call(SourceKind::Laboratory, laboratory), tube, positive).unwrap()
    }

    fn residents(&self, count: u32) -> Vec<PersonId> {
        (1..=count).map(|number| self.resident(number)).collect()
    }

    /// The results of a person that stand: positive or not.
    fn results(&self, person: PersonId) -> Vec<bool> {
        let facts = self.registry.record(person).unwrap();
        let result = |(fact, _): (&Fact, Interval)| match fact.content() {
            Content::TestResult { positive, .. } => Some(*positive),
            _ => None,
        };
        standing::standing(&facts, Timestamp::FOREVER).into_iter().filter_map(result).collect()
    }
}

const TUBE: (&str, &str) = ("lab", "A-1");

#[test]
fn a_tube_has_one_result_and_each_member_a_fact_of_it() {
    let world = World::new();
    let persons = world.residents(3);
    world.fill(TUBE, &persons);
    let taken = world.now();
    world.pass(8 * HOUR);
    let reported = world.find("lab", "A-1", true);
    assert_eq!((reported.filed.facts.len(), reported.inert, reported.alarm), (4, vec![], None));
    for person in persons {
        let [result] = world.facts(person, Kind::TestResult).try_into().unwrap();
        let filing = result.filing();
        assert_eq!(filing.occurred, Occurred::At { at: taken, reported: world.now() });
        assert_eq!(filing.source, world.call(SourceKind::Laboratory, "lab").source);
        assert_eq!(filing.cause, Some(reported.filed.facts[0]));
        assert_eq!(world.colour(person), Colour::Red);
    }
    assert_eq!(world.registry.globals().len(), 1, "the pack; results of tubes do not lie there");
}

#[test]
fn who_comes_late_has_the_result_too() {
    let world = World::new();
    let persons = world.residents(4);
    let before = world.now();
    world.pass(8 * HOUR);
    assert_eq!(world.find("lab", "A-1", true).filed.facts.len(), 1, "nobody is known to be in it yet");
    world.pass(HOUR);
    let site = || world.call(SourceKind::Community, "site");
    let tube = Tube { laboratory: SourceId::parse("lab").unwrap(), number: number("A-1"), method: METHOD };
    let taken = |person, at| Taken { person, at };
    let list = [taken(persons[0], before), taken(persons[1], before)];
    let reported = fill(&world.registry, &site(), &everything(), &tube, &list).unwrap();
    assert_eq!(reported.filed.facts.len(), 4, "two samples and two results");
    fill(&world.registry, &site(), &everything(), &tube, &[taken(persons[2], before)]).unwrap();
    fill(&world.registry, &site(), &everything(), &tube, &[taken(persons[3], world.now())]).unwrap();
    for person in &persons[..3] {
        assert_eq!((world.results(*person), world.colour(*person)), (vec![true], Colour::Red));
    }
    assert_eq!(
        world.results(persons[3]),
        Vec::<bool>::new(),
        "a sample that was taken after the result was known is not in it"
    );
}

#[test]
fn nothing_is_filed_twice() {
    let world = World::new();
    let persons = world.residents(2);
    let site = world.call(SourceKind::Community, "site");
    let first = world.fill_by(&site, TUBE, &persons).unwrap();
    let lab = world.call(SourceKind::Laboratory, "lab");
    let found = world.find_by(&lab, "A-1", true).unwrap();
    world.pass(MINUTE);
    let later = |call: &Call| Call { now: world.now(), ..call.clone() };
    let again = world.fill_by(&later(&site), TUBE, &persons).unwrap().filed;
    assert!(again.repeated && again.facts == first.filed.facts);
    let again = world.find_by(&later(&lab), "A-1", true).unwrap().filed;
    assert!(again.repeated && again.facts == found.filed.facts[..1]);
    world.fill(TUBE, &persons);
    refused!(world.find_by(&world.call(SourceKind::Laboratory, "lab"), "A-1", false), Refusal::ResultStands);
    refused!(world.find_by(&lab, "A-2", true), Refusal::RequestReused);
    for person in persons {
        assert_eq!(world.results(person), [true], "the list was sent twice, and there is one result");
    }
}

#[test]
fn the_tubes_of_two_laboratories_with_one_number_are_two() {
    let world = World::new();
    let persons = world.residents(2);
    world.fill(TUBE, &persons[..1]);
    world.fill(("other", "A-1"), &persons[1..]);
    world.find("other", "A-1", true);
    world.find("lab", "A-11", true);
    assert_eq!((world.results(persons[0]), world.results(persons[1])), (vec![], vec![true]));
    world.find("lab", "A-1", false);
    assert_eq!((world.results(persons[0]), world.results(persons[1])), (vec![false], vec![true]));
}

#[test]
fn a_retracted_result_is_nobodys() {
    let world = World::new();
    let persons = world.residents(2);
    world.fill(TUBE, &persons);
    let wrong = world.find("lab", "A-1", true).filed.facts[0];
    world.pass(HOUR);
    let other = world.call(SourceKind::Laboratory, "other");
    refused!(retract(&world.registry, &other, Subject::Global, wrong), Refusal::NotYours);
    let lab = world.call(SourceKind::Laboratory, "lab");
    let undone = retract(&world.registry, &lab, Subject::Global, wrong).unwrap();
    assert_eq!((undone.filed.facts.len(), undone.alarm), (3, None));
    assert!(persons.iter().all(|person| world.results(*person).is_empty() && world.colour(*person) == Colour::Green));
    let late = world.resident(9);
    world.fill(TUBE, &[late]);
    assert_eq!(world.results(late), Vec::<bool>::new(), "nor is it that of who comes late");
    world.pass(MINUTE);
    world.find("lab", "A-1", false);
    assert!(persons.iter().chain([&late]).all(|person| world.results(*person) == [false]), "the corrected one is");
}

#[test]
fn who_was_not_in_the_tube_loses_its_result() {
    let world = World::new();
    let persons = world.residents(2);
    let sample = world.fill(TUBE, &persons).filed.facts[0];
    world.find("lab", "A-1", true);
    world.pass(MINUTE);
    let take_out = |fact| {
        let site = world.call(SourceKind::Community, "site");
        retract(&world.registry, &site, Subject::Person(persons[0]), fact).unwrap();
    };
    take_out(sample);
    assert_eq!((world.results(persons[0]), world.results(persons[1])), (vec![], vec![true]));
    let tube = Tube { laboratory: SourceId::parse("lab").unwrap(), number: number("A-1"), method: METHOD };
    let taken = [Taken { person: persons[0], at: world.now().plus_millis(-MINUTE) }];
    let add = || {
        let site = world.call(SourceKind::Community, "site");
        fill(&world.registry, &site, &everything(), &tube, &taken).unwrap().filed.facts[0]
    };
    let (once, _twice) = (add(), add());
    assert_eq!(world.results(persons[0]), [true], "and has it again when put in again");
    take_out(once);
    assert_eq!(world.results(persons[0]), [true], "while one of two entries stands");
}

#[test]
fn a_tube_holds_the_samples_of_twenty_by_one_office() {
    let world = World::new();
    let persons = world.residents(21);
    let site = || world.call(SourceKind::Community, "site");
    refused!(world.fill_by(&site(), TUBE, &persons), Refusal::TubeFull);
    world.fill(TUBE, &persons[..20]);
    world.fill(TUBE, &persons[..1]);
    refused!(world.fill_by(&site(), TUBE, &persons[20..]), Refusal::TubeFull);
    let other = world.call(SourceKind::Community, "other-site");
    refused!(world.fill_by(&other, TUBE, &persons[..1]), Refusal::TubeOfAnother);
    assert_eq!(world.find("lab", "A-1", true).alarm, None, "one tube is within the bounds of a laboratory");
}

#[test]
fn a_laboratory_colours_nobody_by_samples_of_its_own() {
    let world = World::new();
    let persons = world.residents(2);
    world.fill_by(&world.call(SourceKind::Laboratory, "lab"), TUBE, &persons).unwrap();
    let reported = world.find("lab", "A-1", true);
    assert!(reported.inert.len() == 2 && reported.inert.iter().all(|(_, missing)| *missing == Missing::Sample));
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Green));
    let raw = Content::PoolResult { pool: PoolId::from_bytes([1; 16]), method: METHOD, positive: true };
    let raw = Report { subject: Subject::Global, occurred: Occurred::at(world.now()), content: raw, cause: None };
    refused!(world.report(&world.call(SourceKind::Laboratory, "lab"), &[raw]), Refusal::NotForThisSource);
}

#[test]
fn many_positive_tubes_in_an_hour_wait_for_a_second_body() {
    let world = World::new();
    let persons = world.residents(31);
    world.fill(("lab", "A-1"), &persons[..15]);
    world.fill(("lab", "A-2"), &persons[15..30]);
    assert_eq!(world.find("lab", "A-1", true).alarm, None);
    world.pass(MINUTE);
    let reported = world.find("lab", "A-2", true);
    assert_eq!(reported.alarm, Some(Alarm::Persons { count: 30 }));
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Green));
    world.pass(2 * HOUR);
    let tube = Tube { laboratory: SourceId::parse("lab").unwrap(), number: number("A-2"), method: METHOD };
    let taken = [Taken { person: persons[30], at: world.now().plus_millis(-3 * HOUR) }];
    let site = world.call(SourceKind::Community, "site");
    let late = fill(&world.registry, &site, &everything(), &tube, &taken).unwrap();
    assert_eq!(late.inert.len(), 1, "a result that is held is held for who comes late");
    let office = world.call(SourceKind::DiseaseControl, "hubei");
    let one = world.facts(persons[15], Kind::TestResult)[0].id();
    confirm(&world.registry, &office, &[(Subject::Person(persons[15]), one)]).unwrap();
    assert_eq!((world.colour(persons[15]), world.colour(persons[16])), (Colour::Red, Colour::Green));
}

#[test]
fn many_positive_tubes_are_not_undone_in_an_hour_either() {
    let world = World::new();
    let persons = world.residents(30);
    let mut tubes = Vec::new();
    for (tube, persons) in ["A-1", "A-2"].into_iter().zip(persons.chunks(15)) {
        world.fill(("lab", tube), persons);
        tubes.push(world.find("lab", tube, true).filed.facts[0]);
        world.pass(2 * HOUR);
    }
    let undo = |tube| {
        let lab = world.call(SourceKind::Laboratory, "lab");
        retract(&world.registry, &lab, Subject::Global, tube).unwrap().alarm
    };
    assert_eq!(undo(tubes[0]), None);
    assert_eq!(undo(tubes[1]), Some(Alarm::Release { count: 30 }));
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Red));
}

#[test]
fn tubes_are_found_again_by_a_registry_that_is_rebuilt_and_forgotten_in_their_time() {
    let world = World::new();
    let persons = world.residents(2);
    world.fill(TUBE, &persons);
    let result = world.find("lab", "A-1", true).filed.facts[0];
    let rebuilt = |world: &World| {
        let registry = Registry::in_memory(world.ledger.clone(), world.vault.clone()).unwrap();
        registry.follow(world.now()).unwrap();
        assert_eq!(registry.rows(), world.registry.rows());
        registry
    };
    let pool = pool_id(&SourceId::parse("lab").unwrap(), &number("A-1"));
    assert_eq!(rebuilt(&world).pool_results(pool).unwrap()[0].id(), result);
    world.ledger.erase(&persons[..1]).unwrap();
    world.registry.follow(world.now()).unwrap();
    assert_eq!(world.registry.members(pool).unwrap().len(), 1, "an erased person is in no tube");

    world.pass(30 * DAY);
    world.find("lab", "B-1", true);
    let later = pool_id(&SourceId::parse("lab").unwrap(), &number("B-1"));
    world.files(SourceKind::Hospital, "first", at(persons[1], world.now(), Content::Review));
    world.pass(15 * DAY);
    let limits = limits(&world.registry.globals(), &world.shelf, world.now()).unwrap();
    enforce(&world.registry, &limits, world.now()).unwrap();
    assert_eq!((world.registry.pool_results(pool).unwrap(), world.registry.members(pool).unwrap()), (vec![], vec![]));
    assert_eq!(world.registry.pool_results(later).unwrap().len(), 1);
    assert_eq!(world.registry.pool_of_result(result).unwrap(), None);
    rebuilt(&world);
}

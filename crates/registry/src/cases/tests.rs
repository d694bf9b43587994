//! Use cases over the ledger in memory: what each files, refuses, and does to a colour.

use std::thread;

use jiff::civil::Date;
use yima_model::fact::{
    Answer, CaseClass, ContactDegree, DwellingRole, IsolationPlace, Relation, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{CampaignId, ListId, SampleId};
use yima_model::{AreaSet, Colour, Document, DocumentKind, Kind, Level};

use super::comparison::compare;
use super::dependents;
use super::disputes;
use super::evidence::Missing;
use super::reach::{self, Reach};
use super::register::{Application, Dwelling, Health, Registered, link_document, register, unlink_document};
use super::report::{Alarm, Report, Scope, inert, report};
use super::statements::{amend, arrive, check_in, check_in_made, declare, move_to};
use super::undo::{close, confirm, retract};
use super::*;
use crate::testing::{DAY, HOUR, MINUTE, World, application, area, areas, at, document, during};
use crate::vault::{BirthDate, ContactAddress, PersonalText, VaultError};

macro_rules! refused {
    ($outcome:expr, $refusal:pat) => {
        match $outcome {
            Err(CaseError::Refused($refusal)) => {}
            other => panic!("{} gave {other:?}", stringify!($outcome)),
        }
    };
}

mod evidence;
mod repeated;

const WELL: Health = Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false };

const fn case(class: CaseClass) -> Content {
    Content::Case { class }
}

const fn contact(of: FactId) -> Content {
    Content::Contact { degree: ContactDegree::Close, of }
}

const fn fever(decicelsius: u16) -> Content {
    Content::Temperature { decicelsius }
}

/// A person who coughs, with a suspected case that a hospital filed.
fn infected(world: &World, number: u32) -> (PersonId, FactId) {
    let person = world.resident(number);
    check_in(&world.registry, &world.own_call(), person, Symptoms::NONE.with(Symptom::Cough)).unwrap();
    let (fact, inert) =
        world.files(SourceKind::Hospital, "first", during(person, world.now(), 14, case(CaseClass::Suspected)));
    assert!(!inert);
    (person, fact)
}

#[test]
fn an_application_gives_a_person_with_everything_that_the_form_said() {
    let world = World::new();
    let registered = register(&world.registry, &world.own_call(), &application(1)).unwrap();
    let Registered::New { person, filed } = registered else { panic!("known") };
    assert_eq!(filed.facts.len(), 4);
    for kind in [Kind::Registration, Kind::Document, Kind::Dwelling, Kind::Declaration] {
        assert_eq!(world.facts(person, kind).len(), 1, "{kind:?}");
    }
    assert_eq!(world.colour(person), Colour::Green);
    let name = world.vault.details(person).unwrap().name.unwrap();
    assert_eq!(name, application(1).name);
}

#[test]
fn registering_again_gives_the_same_person_and_changes_nothing() {
    let world = World::new();
    let person = world.resident(1);
    world.pass(DAY);
    let mut other = application(1);
    other.name = PersonalText::parse("张三").unwrap();
    let again = register(&world.registry, &world.own_call(), &other).unwrap();
    assert_eq!(again, Registered::Before { person });
    assert_eq!(world.registry.record(person).unwrap().len(), 4);
    assert_eq!(world.vault.details(person).unwrap().name, Some(application(1).name));
}

#[test]
fn one_document_is_one_registration_however_many_try_at_once() {
    let world = World::new();
    let outcomes: Vec<Registered> = thread::scope(|scope| {
        let try_once = || register(&world.registry, &world.own_call(), &application(1)).unwrap();
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(try_once)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let person = outcomes[0].person();
    assert!(outcomes.iter().all(|outcome| outcome.person() == person));
    assert_eq!(world.facts(person, Kind::Registration).len(), 1);
    assert_eq!(world.registry.record(person).unwrap().len(), 4);
}

#[test]
fn documents_are_linked_and_unlinked_with_a_fact_each() {
    let world = World::new();
    let person = world.resident(1);
    let desk = || world.call(SourceKind::Desk, "wuchang");
    link_document(&world.registry, &desk(), person, &document(2)).unwrap();
    assert_eq!(register(&world.registry, &world.own_call(), &application(2)).unwrap(), Registered::Before { person });
    let taken = link_document(&world.registry, &desk(), world.resident(3), &document(2));
    assert!(matches!(taken, Err(CaseError::Vault(VaultError::OfAnotherPerson))));
    unlink_document(&world.registry, &desk(), person, &document(2)).unwrap();
    assert_eq!(world.facts(person, Kind::Closing).len(), 1);
    let last = unlink_document(&world.registry, &desk(), person, &document(1));
    assert!(matches!(last, Err(CaseError::Vault(VaultError::LastDocument))));
}

#[test]
fn a_repeated_request_files_once_also_when_the_clock_has_moved() {
    let world = World::new();
    let person = world.resident(1);
    let first = world.own_call();
    let filed = check_in(&world.registry, &first, person, Symptoms::NONE).unwrap();
    world.pass(10 * MINUTE);
    let later = Call { now: world.now(), ..first };
    let again = check_in(&world.registry, &later, person, Symptoms::NONE).unwrap();
    assert_eq!((again.facts, again.repeated), (filed.facts, true));
    refused!(declare(&world.registry, &later, person, WELL), Refusal::RequestReused);
    assert_eq!(world.facts(person, Kind::CheckIn).len(), 1);
}

#[test]
fn a_check_in_that_was_received_in_time_is_received_once_however_late_it_comes_again() {
    let world = World::new();
    let person = world.resident(1);
    let (first, made) = (world.own_call(), world.now());
    let filed = check_in_made(&world.registry, &first, person, Symptoms::NONE, made).unwrap();
    world.pass(49 * HOUR);
    let later = Call { now: world.now(), ..first };
    let again = check_in_made(&world.registry, &later, person, Symptoms::NONE, made).unwrap();
    assert_eq!((again.facts, again.repeated), (filed.facts, true));
    refused!(check_in_made(&world.registry, &world.own_call(), person, Symptoms::NONE, made), Refusal::WaitedTooLong);
}

#[test]
fn a_declaration_is_amended_as_often_as_needed() {
    let world = World::new();
    let person = world.resident(1);
    let mut target = world.facts(person, Kind::Declaration)[0].id();
    for round in 0..5 {
        world.pass(HOUR);
        let symptoms = if round % 2 == 0 { Symptoms::NONE.with(Symptom::Cough) } else { Symptoms::NONE };
        let content = Health { symptoms, ..WELL }.content();
        let occurred = Occurred::at(world.now());
        let filed = amend(&world.registry, &world.own_call(), person, target, occurred, content.clone()).unwrap();
        refused!(amend(&world.registry, &world.own_call(), person, target, occurred, content), Refusal::NoSuchFact);
        target = filed.facts[0];
    }
    assert_eq!(world.facts(person, Kind::Declaration).len(), 6, "the history stays");
    let occurred = Occurred::at(world.now());
    let other = Content::CheckIn { symptoms: Symptoms::NONE };
    refused!(amend(&world.registry, &world.own_call(), person, target, occurred, other), Refusal::OtherKind);
    let (reading, _) = world.files(SourceKind::Checkpoint, "gate", at(person, world.now(), fever(366)));
    refused!(amend(&world.registry, &world.own_call(), person, reading, occurred, fever(365)), Refusal::OtherKind);
}

#[test]
fn an_amendment_of_an_amendment_does_not_bring_the_first_statement_back() {
    let world = World::new();
    let person = world.resident(1);
    let first = check_in(&world.registry, &world.own_call(), person, Symptoms::NONE.with(Symptom::Fever)).unwrap();
    let mut target = first.facts[0];
    for _ in 0..3 {
        world.pass(MINUTE);
        let content = Content::CheckIn { symptoms: Symptoms::NONE };
        let occurred = Occurred::at(world.now());
        target = amend(&world.registry, &world.own_call(), person, target, occurred, content).unwrap().facts[0];
        let facts = world.registry.record(person).unwrap();
        let standing = standing::standing(&facts, Timestamp::FOREVER);
        let check_ins: Vec<_> = standing.iter().filter(|(fact, _)| fact.kind() == Kind::CheckIn).collect();
        assert_eq!(check_ins.iter().map(|(fact, _)| fact.id()).collect::<Vec<_>>(), [target]);
    }
}

#[test]
fn a_person_says_where_it_came_from() {
    let world = World::new();
    let person = world.resident(1);
    let arrived = world.now().plus_millis(-DAY);
    arrive(&world.registry, &world.own_call(), person, Some(area("61")), arrived).unwrap();
    let facts = world.facts(person, Kind::Arrival);
    assert!(matches!(facts[0].content(), Content::Arrival { from: Some(from), .. } if *from == area("61")));
    assert_eq!(facts[0].occurred(), Occurred::at(arrived));
    let ahead = arrive(&world.registry, &world.own_call(), person, None, world.now().plus_millis(DAY));
    refused!(ahead, Refusal::Fact(_));
    let office = world.call(SourceKind::DiseaseControl, "office");
    refused!(arrive(&world.registry, &office, person, None, arrived), Refusal::NotForThisSource);
}

#[test]
fn only_the_persons_side_and_only_the_registered_declare() {
    let world = World::new();
    let person = world.resident(1);
    let nobody = PersonId::from_bytes([1; 16]);
    refused!(declare(&world.registry, &world.own_call(), nobody, WELL), Refusal::NotRegistered);
    let lab = world.call(SourceKind::Laboratory, "lab");
    refused!(check_in(&world.registry, &lab, person, Symptoms::NONE), Refusal::NotForThisSource);
    let operator = world.call(SourceKind::Desk, "12345");
    check_in(&world.registry, &operator, person, Symptoms::NONE).unwrap();
}

#[test]
fn moving_away_changes_who_judges() {
    let world = World::new();
    let person = world.resident(1);
    let dwelling = |code| Dwelling { area: area(code), role: DwellingRole::Home, until: None, text: None };
    world.pass(HOUR);
    move_to(&world.registry, &world.own_call(), person, &dwelling("610102")).unwrap();
    let judgement = world.judgement(person);
    assert_eq!((judgement.colour, judgement.pack.is_none()), (Colour::Grey, true), "no pack in Shaanxi");
    world.pass(HOUR);
    move_to(&world.registry, &world.own_call(), person, &dwelling("420106")).unwrap();
    assert_eq!(world.colour(person), Colour::Green);
}

#[test]
fn a_phone_is_bound_bound_again_and_lost_to_whoever_proves_it() {
    let world = World::new();
    let (first, second) = (world.resident(1), world.resident(2));
    let phone = Reach::Contact(ContactAddress::phone("13800138000").unwrap());
    let until = world.now().plus_millis(30 * DAY);
    let open = |person| {
        let facts = world.registry.record(person).unwrap();
        let standing = standing::standing(&facts, Timestamp::FOREVER);
        let bound = |fact: &Fact, until| fact.kind() == Kind::Binding && until > world.now();
        standing.iter().filter(|(fact, lasts)| bound(fact, lasts.until())).count()
    };
    reach::bind(&world.registry, &world.own_call(), first, &phone, until).unwrap();
    world.pass(MINUTE);
    let call = world.own_call();
    reach::bind(&world.registry, &call, first, &phone, until).unwrap();
    assert!(reach::bind(&world.registry, &call, first, &phone, until).unwrap().repeated);
    assert_eq!(open(first), 1);
    world.pass(MINUTE);
    reach::bind(&world.registry, &world.own_call(), second, &phone, until).unwrap();
    assert_eq!((open(first), open(second)), (0, 1));
    world.pass(40 * DAY);
    assert_eq!(open(second), 0, "expired");
    assert_eq!(world.facts(second, Kind::Declaration).len(), 1, "everything else is kept");
    reach::unbind(&world.registry, &world.own_call(), second, &phone).unwrap();
    assert_eq!(world.vault.details(second).unwrap().contacts, []);
}

#[test]
fn a_guardian_has_eight_dependents_proved_by_a_desk() {
    let world = World::new();
    let guardian = world.resident(100);
    let desk = || world.call(SourceKind::Desk, "wuchang");
    let add = |call: &Call, dependent| dependents::add(&world.registry, call, guardian, dependent, Relation::Friend);
    let persons: Vec<PersonId> = (0..9).map(|number| born(&world, number, "1950-01-01")).collect();
    refused!(add(&world.own_call(), persons[0]), Refusal::NotForThisSource);
    refused!(add(&desk(), guardian), Refusal::OwnGuardian);
    refused!(add(&desk(), PersonId::from_bytes([9; 16])), Refusal::NotRegistered);
    refused!(add(&desk(), world.resident(50)), Refusal::BirthUnknown);
    for person in &persons[..8] {
        add(&desk(), *person).unwrap();
    }
    refused!(add(&desk(), persons[8]), Refusal::TooManyDependents);
    world.pass(MINUTE);
    dependents::remove(&world.registry, &desk(), guardian, persons[0]).unwrap();
    refused!(dependents::remove(&world.registry, &desk(), guardian, persons[0]), Refusal::NoSuchFact);
    world.pass(MINUTE);
    assert_eq!(dependents::of_guardian(&world.registry, guardian, world.now()).unwrap().len(), 7);
    add(&desk(), persons[8]).unwrap();
}

/// Somebody who stated this date of birth.
fn born(world: &World, number: u32, birth: &str) -> PersonId {
    let birth = BirthDate::parse(birth, Date::constant(2020, 2, 25), true).unwrap();
    let form = Application { birth: Some(birth), ..application(number) };
    register(&world.registry, &world.own_call(), &form).unwrap().person()
}

#[test]
fn care_for_a_child_ends_at_the_eighteenth_birthday_whoever_has_it() {
    let world = World::new();
    let by_document = |number: &str| {
        let mut form = application(0);
        form.document = Document::parse(DocumentKind::ResidentId, None, number, Date::constant(2020, 2, 25)).unwrap();
        register(&world.registry, &world.own_call(), &form).unwrap().person()
    };
    // Born on 2010-03-01; of age on 2028-03-01 in Beijing.
    let young = by_document("420106201003010013");
    let stated = born(&world, 1, "2010-03-01");
    let grown = by_document("61010219900101001X");
    for (number, relation) in (100..).zip(Relation::ALL) {
        let guardian = world.resident(number);
        let add = |dependent| {
            world.pass(MINUTE);
            let desk = world.call(SourceKind::Desk, "wuchang");
            dependents::add(&world.registry, &desk, guardian, dependent, *relation)
        };
        add(young).unwrap();
        add(stated).unwrap();
        let managed = dependents::of_guardian(&world.registry, guardian, world.now()).unwrap();
        let of_age = Timestamp::parse("2028-03-01T00:00:00+08:00").unwrap();
        assert!(managed.iter().all(|known| known.until == of_age), "{relation:?}");
        refused!(add(world.resident(50)), Refusal::BirthUnknown);
        if *relation == Relation::Parent {
            refused!(add(grown), Refusal::OfAge);
        } else {
            add(grown).unwrap();
        }
    }
}

#[test]
fn who_is_compared_matches_by_what_counts_in_the_record() {
    let world = World::new();
    let list = yima_model::id::ListId::parse("four-classes").unwrap();
    let system = || world.call(SourceKind::System, "yima");
    let (carrier, of) = infected(&world, 0);
    let plain = world.resident(1);
    let met = world.resident(2);
    let (meeting, _) = world.files(SourceKind::DiseaseControl, "hubei", at(met, world.now(), contact(of)));
    let held = world.resident(3);
    let nothing = contact(FactId::from_bytes([9; 16]));
    assert!(world.files(SourceKind::DiseaseControl, "hubei", at(held, world.now(), nothing)).1);
    let unknown = PersonId::from_bytes([8; 16]);
    let everybody = [carrier, plain, met, held, unknown];
    assert_eq!(compare(&world.registry, &system(), &list, &everybody).unwrap().facts.len(), 4);
    world.pass(MINUTE);
    assert_eq!(compare(&world.registry, &system(), &list, &everybody).unwrap().facts.len(), 0, "once");

    let matches = |person| {
        let facts = world.facts(person, Kind::Comparison);
        facts.iter().map(|fact| (fact.filing().cause, fact.content().clone())).collect::<Vec<_>>()
    };
    let result =
        |matched| Content::Comparison { list: list.clone(), as_of: system().now.plus_millis(-MINUTE), matched };
    assert_eq!(matches(carrier), [(Some(of), result(true))]);
    assert_eq!(matches(met), [(Some(meeting), result(true))]);
    assert_eq!(matches(plain), [(None, result(false))]);
    assert_eq!(matches(held), [(None, result(false))], "what is held back matches nothing");

    let call = world.call(SourceKind::DiseaseControl, "hubei");
    retract(&world.registry, &call, Subject::Person(met), meeting).unwrap();
    let facts = world.registry.record(met).unwrap();
    let standing = crate::standing::standing(&facts, Timestamp::FOREVER);
    assert!(!standing.iter().any(|(fact, _)| fact.kind() == Kind::Comparison), "the match goes with its cause");
    let (again, _) = world.files(SourceKind::DiseaseControl, "hubei", at(plain, world.now(), contact(of)));
    compare(&world.registry, &system(), &list, &everybody).unwrap();
    assert!(matches(plain).iter().any(|(cause, _)| *cause == Some(again)), "compared anew with a further contact");
}

#[test]
fn what_followed_from_a_retracted_fact_goes_with_it() {
    let world = World::new();
    let (carrier, of) = infected(&world, 1);
    let (first, second) = (world.resident(2), world.resident(3));
    let control = "hubei";
    let (close, _) = world.files(SourceKind::DiseaseControl, control, at(first, world.now(), contact(of)));
    let secondary = Content::Contact { degree: ContactDegree::Secondary, of: close };
    assert!(!world.files(SourceKind::DiseaseControl, control, at(second, world.now(), secondary)).1);
    let isolation = Content::Isolation { place: IsolationPlace::Home, ground: close };
    world.files(SourceKind::DiseaseControl, control, during(first, world.now(), 14, isolation));
    assert_eq!((world.colour(first), world.colour(second)), (Colour::Red, Colour::Yellow));
    world.pass(HOUR);
    let stranger = world.call(SourceKind::Hospital, "second");
    refused!(retract(&world.registry, &stranger, Subject::Person(carrier), of), Refusal::NotYours);
    let hospital = world.call(SourceKind::Hospital, "first");
    retract(&world.registry, &hospital, Subject::Person(carrier), of).unwrap();
    for person in [carrier, first, second] {
        assert_eq!(world.colour(person), Colour::Green);
    }
}

#[test]
fn a_state_is_closed_by_its_source() {
    let world = World::new();
    let (person, of) = infected(&world, 1);
    world.pass(DAY);
    let hospital = world.call(SourceKind::Hospital, "first");
    let ahead = world.now().plus_millis(DAY);
    let subject = Subject::Person(person);
    refused!(close(&world.registry, &hospital, subject, of, ahead), Refusal::Fact(FactError::InTheFuture));
    close(&world.registry, &hospital, subject, of, world.now()).unwrap();
    assert_eq!(world.colour(person), Colour::Green);
}

#[test]
fn a_dispute_is_answered_by_another_office_or_the_fact_is_inert_after_a_day() {
    let world = World::new();
    let (person, of) = infected(&world, 1);
    let file = || disputes::dispute(&world.registry, &world.own_call(), person, of);
    let dispute = file().unwrap().facts[0];
    refused!(file(), Refusal::DisputedAlready);
    let rule = |kind, id, dispute| disputes::rule_on(&world.registry, &world.call(kind, id), person, dispute, true);
    refused!(rule(SourceKind::Hospital, "first", dispute), Refusal::SameSource);
    refused!(rule(SourceKind::Carrier, "train", dispute), Refusal::NotForThisSource);
    refused!(rule(SourceKind::Hospital, "second", of), Refusal::NoSuchFact);
    assert_eq!(disputes::open(&world.registry).unwrap().len(), 1);
    rule(SourceKind::Hospital, "second", dispute).unwrap();
    refused!(rule(SourceKind::Hospital, "third", dispute), Refusal::Answered);
    assert_eq!(disputes::open(&world.registry).unwrap(), []);
    assert_eq!(world.colour(person), Colour::Red);

    world.pass(HOUR);
    let desk = world.call(SourceKind::Community, "wuchang.li");
    let at_desk = disputes::dispute(&world.registry, &desk, person, of).unwrap().facts[0];
    refused!(rule(SourceKind::Community, "wuchang.wang", at_desk), Refusal::SameSource);
    rule(SourceKind::Community, "hanyang", at_desk).unwrap();

    world.pass(HOUR);
    let call = world.own_call();
    disputes::dispute(&world.registry, &call, person, of).unwrap();
    world.pass(DAY - 1);
    assert_eq!(world.colour(person), Colour::Red);
    world.pass(1);
    assert_eq!(world.colour(person), Colour::Green, "unanswered at the deadline");
}

#[test]
fn a_key_covers_its_kinds_and_its_areas() {
    let world = World::new();
    let person = world.resident(1);
    let scope = |kinds: &[Kind], place| Scope { areas: Some(areas(place)), kinds: kinds.to_vec(), persons_per_hour: 9 };
    let file = |scope: &Scope, content| {
        let call = world.call(SourceKind::Checkpoint, "gate");
        report(&world.registry, &call, scope, &[at(person, world.now(), content)])
    };
    file(&scope(&[Kind::Temperature], "42"), fever(366)).unwrap();
    refused!(file(&scope(&[Kind::Temperature], "61"), fever(366)), Refusal::OutsideScope);
    refused!(file(&scope(&[Kind::Sample], "42"), fever(366)), Refusal::OutsideScope);
    let lift = Content::Lift { target: FactId::from_bytes([1; 16]) };
    refused!(file(&scope(&[Kind::Lift], "42"), lift), Refusal::NotForThisSource);
}

#[test]
fn no_message_of_a_refusal_names_anybody() {
    let world = World::new();
    let person = world.resident(1);
    let taken = link_document(&world.registry, &world.call(SourceKind::Desk, "d"), world.resident(2), &document(1));
    let message = format!("{0} {0:?}", taken.unwrap_err());
    assert!(!message.contains("A000001") && !message.contains(&person.to_string()));
}

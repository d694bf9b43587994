//! Use cases over the ledger in memory: what each files, refuses, and does to a colour.

use std::thread;

use jiff::civil::Date;
use yima_model::fact::{
    Answer, CaseClass, ContactDegree, DwellingRole, IsolationPlace, Relation, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{CampaignId, ListId, SampleId};
use yima_model::{AreaSet, Colour, Document, DocumentKind, Level};

use super::comparison::compare;
use super::dependents;
use super::disputes;
use super::evidence::Missing;
use super::reach::{self, Reach};
use super::register::{Application, Dwelling, Health, Registered, link_document, register, unlink_document};
use super::report::{Alarm, Report, Scope, inert, report};
use super::statements::{amend, arrive, check_in, declare, move_to};
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
fn a_contact_counts_only_with_a_case_that_another_source_filed() {
    let world = World::new();
    let (carrier, of) = infected(&world, 1);
    let person = world.resident(2);
    let filed = |id, content, when| world.files(SourceKind::DiseaseControl, id, at(person, when, content));
    let lacking = |content, when| {
        let call = world.call(SourceKind::DiseaseControl, "hubei");
        world.report(&call, &[at(person, when, content)]).unwrap().inert.first().map(|(_, missing)| *missing)
    };
    assert_eq!(lacking(contact(FactId::from_bytes([3; 16])), world.now()), Some(Missing::Case));
    let long_ago = world.now().plus_millis(-15 * DAY);
    assert_eq!(lacking(contact(of), long_ago), Some(Missing::Overlap));
    assert_eq!(world.colour(person), Colour::Green);

    let own = world.call(SourceKind::Hospital, "first");
    let by_the_same = world.report(&own, &[at(person, world.now(), contact(of))]).unwrap();
    assert_eq!(by_the_same.inert[0].1, Missing::Case);
    let call = world.call(SourceKind::DiseaseControl, "hubei");
    let oneself = world.report(&call, &[at(carrier, world.now(), contact(of))]).unwrap();
    assert_eq!(oneself.inert[0].1, Missing::Case);
    assert_eq!(world.colour(person), Colour::Green);

    assert!(!filed("hubei", contact(of), world.now()).1);
    assert_eq!(world.colour(person), Colour::Yellow);
    assert_eq!(inert(&world.registry, world.now()).unwrap().len(), 4, "all four are listed");
}

#[test]
fn a_result_counts_only_with_a_sample_that_another_source_took() {
    let world = World::new();
    let person = world.resident(1);
    let (sample, method) = (SampleId::from_bytes([4; 16]), TestMethod::NucleicAcid);
    let positive = || at(person, world.now(), Content::TestResult { sample, method, positive: true });
    let taken = || at(person, world.now(), Content::Sample { sample, pool: None, method });
    assert!(world.files(SourceKind::Laboratory, "lab", positive()).1, "no sample");
    world.files(SourceKind::Laboratory, "lab", taken());
    assert!(world.files(SourceKind::Laboratory, "lab", positive()).1, "its own sample");
    assert_eq!(world.colour(person), Colour::Green);
    world.files(SourceKind::Hospital, "first", taken());
    assert!(!world.files(SourceKind::Laboratory, "lab", positive()).1);
    assert_eq!(world.colour(person), Colour::Red);
}

#[test]
fn a_clinical_diagnosis_is_signed_by_a_second_institution_within_a_day() {
    let world = World::new();
    let person = world.resident(1);
    let diagnose = || during(person, world.now(), 14, case(CaseClass::Clinical));
    let (fact, held) = world.files(SourceKind::Hospital, "first", diagnose());
    assert!(held);
    let subject = Subject::Person(person);
    let sign = |kind, id| confirm(&world.registry, &world.call(kind, id), &[(subject, fact)]);
    refused!(sign(SourceKind::Hospital, "first"), Refusal::SameSource);
    refused!(sign(SourceKind::Carrier, "train"), Refusal::NotForThisSource);
    assert_eq!(world.colour(person), Colour::Green);
    world.pass(HOUR);
    sign(SourceKind::Hospital, "second").unwrap();
    assert_eq!(world.colour(person), Colour::Red);
    refused!(sign(SourceKind::Hospital, "third"), Refusal::NotHeld);

    let (late, _) = world.files(SourceKind::Hospital, "first", diagnose());
    world.pass(DAY);
    let call = world.call(SourceKind::Hospital, "second");
    refused!(confirm(&world.registry, &call, &[(subject, late)]), Refusal::Void);
}

#[test]
fn a_suspicion_rests_on_what_somebody_else_saw_or_is_signed_by_a_second_institution() {
    type Seen = fn(&World, PersonId);
    let table: [(&str, Seen, bool); 8] = [
        ("nothing", |_, _| (), false),
        (
            "a check-in without symptoms",
            |world, person| {
                check_in(&world.registry, &world.own_call(), person, Symptoms::NONE).unwrap();
            },
            false,
        ),
        (
            "symptoms that the person states",
            |world, person| {
                check_in(&world.registry, &world.own_call(), person, Symptoms::NONE.with(Symptom::Fever)).unwrap();
            },
            true,
        ),
        (
            "a fever that the same hospital measured",
            |world, person| {
                world.files(SourceKind::Hospital, "first", at(person, world.now(), fever(385)));
            },
            false,
        ),
        (
            "a fever that a colleague there measured",
            |world, person| {
                world.files(SourceKind::Hospital, "first.ward-2", at(person, world.now(), fever(385)));
            },
            false,
        ),
        (
            "a fever that another one measured",
            |world, person| {
                world.files(SourceKind::Hospital, "second", at(person, world.now(), fever(373)));
            },
            true,
        ),
        (
            "no fever",
            |world, person| {
                world.files(SourceKind::Hospital, "second", at(person, world.now(), fever(372)));
            },
            false,
        ),
        (
            "a contact with a case",
            |world, person| {
                let (_, of) = infected(world, 90);
                world.files(SourceKind::DiseaseControl, "hubei", at(person, world.now(), contact(of)));
            },
            true,
        ),
    ];
    for (seen, see, counts) in table {
        for class in [CaseClass::Suspected, CaseClass::Fever] {
            let world = World::new();
            let person = world.resident(1);
            see(&world, person);
            let (fact, held) = world.files(SourceKind::Hospital, "first", during(person, world.now(), 14, case(class)));
            assert_eq!(!held, counts, "{class:?} on {seen}");
            if held {
                let targets = [(Subject::Person(person), fact)];
                confirm(&world.registry, &world.call(SourceKind::Hospital, "second"), &targets).unwrap();
                assert!(!is_inert(&world.registry.record(person).unwrap(), fact, world.now()));
            }
        }
    }
}

#[test]
fn a_colleague_is_no_second_institution_and_shares_the_bounds() {
    let world = World::new();
    let (first, second) = (world.resident(1), world.resident(2));
    let diagnose = |person| during(person, world.now(), 14, case(CaseClass::Clinical));
    let (held, _) = world.files(SourceKind::Hospital, "tongji.li", diagnose(first));
    let subject = Subject::Person(first);
    let sign = |kind, id| confirm(&world.registry, &world.call(kind, id), &[(subject, held)]);
    refused!(sign(SourceKind::Hospital, "tongji.wang"), Refusal::SameSource);
    refused!(sign(SourceKind::Laboratory, "tongji.lab"), Refusal::SameSource);
    sign(SourceKind::Hospital, "xiehe.li").unwrap();

    let dispute = disputes::dispute(&world.registry, &world.own_call(), first, held).unwrap().facts[0];
    let rule = |id| disputes::rule_on(&world.registry, &world.call(SourceKind::Hospital, id), first, dispute, true);
    refused!(rule("tongji.wang"), Refusal::SameSource);
    rule("xiehe.wang").unwrap();

    let (sample, method) = (SampleId::from_bytes([4; 16]), TestMethod::NucleicAcid);
    world.files(
        SourceKind::Hospital,
        "tongji.li",
        at(second, world.now(), Content::Sample { sample, pool: None, method }),
    );
    let positive = || at(second, world.now(), Content::TestResult { sample, method, positive: true });
    assert!(world.files(SourceKind::Laboratory, "tongji.lab", positive()).1);
    assert!(!world.files(SourceKind::Laboratory, "kingmed", positive()).1);

    let stranger = world.call(SourceKind::Hospital, "xiehe.li");
    refused!(retract(&world.registry, &stranger, subject, held), Refusal::NotYours);
    let laboratory = world.call(SourceKind::Laboratory, "tongji.lab");
    refused!(retract(&world.registry, &laboratory, subject, held), Refusal::NotYours);
    retract(&world.registry, &world.call(SourceKind::Hospital, "tongji.wang"), subject, held).unwrap();

    let mut alarms = 0;
    for number in 100..124 {
        let source = ["railway.east", "railway.west"][usize::from(number % 2 == 0)];
        let call = world.call(SourceKind::Carrier, source);
        let arrival = Content::Arrival { from: Some(area("2310")), to: area("420106") };
        let reported = world.report(&call, &[at(world.resident(number), world.now(), arrival)]).unwrap();
        alarms += usize::from(reported.alarm.is_some());
    }
    assert_eq!(alarms, 4, "of 24 persons by two accounts of one railway those beyond 20 raise one each");
}

#[test]
fn a_train_that_nobody_else_knows_of_colours_nobody() {
    let world = World::new();
    let persons: Vec<PersonId> = (1..=40).map(|number| world.resident(number)).collect();
    let ticket = Content::Stay { area: area("2310"), origin: StayOrigin::Ticket };
    let arrival = Content::Arrival { from: Some(area("2310")), to: area("420106") };
    let train = |persons: &[PersonId]| {
        let arrived = persons.iter().map(|person| at(*person, world.now(), arrival.clone()));
        let rode = persons.iter().map(|person| Report {
            occurred: Occurred::During { from: world.now().plus_millis(-HOUR), until: world.now() },
            ..at(*person, world.now(), ticket.clone())
        });
        arrived.chain(rode).collect::<Vec<_>>()
    };
    let call = world.call(SourceKind::Carrier, "railway");
    assert_eq!(world.report(&call, &train(&persons[..20])).unwrap().inert, []);
    let reported = world.report(&world.call(SourceKind::Carrier, "railway"), &train(&persons[20..])).unwrap();
    assert_eq!(reported.alarm, Some(Alarm::Persons { count: 40 }));
    let held = inert(&world.registry, world.now()).unwrap();
    assert_eq!(held.len(), 80, "the first twenty are held with them");
    let held: Vec<_> = held.iter().map(|(subject, fact)| (*subject, fact.id())).collect();
    confirm(&world.registry, &world.call(SourceKind::Community, "420106001"), &held).unwrap();
    assert_eq!(inert(&world.registry, world.now()).unwrap(), []);
}

#[test]
fn clear_findings_release_no_more_than_an_officer_can_look_at() {
    let world = World::new();
    let (_, of) = infected(&world, 0);
    let persons: Vec<PersonId> = (1..=40).map(|number| world.resident(number)).collect();
    for some in persons.chunks(20) {
        world.pass(2 * HOUR);
        let reports: Vec<_> = some.iter().map(|person| at(*person, world.now(), contact(of))).collect();
        let call = world.call(SourceKind::DiseaseControl, "hubei");
        let met = world.report(&call, &reports).unwrap();
        let held: Vec<_> =
            met.inert.iter().zip(some).map(|((id, _), person)| (Subject::Person(*person), *id)).collect();
        if !held.is_empty() {
            confirm(&world.registry, &world.call(SourceKind::Hospital, "second"), &held).unwrap();
        }
    }
    world.pass(2 * HOUR);
    for content in [Content::FollowUp { clear: true }, Content::Review] {
        let file = |some: &[PersonId]| {
            let reports: Vec<_> = some.iter().map(|person| at(*person, world.now(), content.clone())).collect();
            world.report(&world.call(SourceKind::Community, "wuchang"), &reports).unwrap()
        };
        assert_eq!(file(&persons[..20]).inert, []);
        world.pass(MINUTE);
        let beyond = file(&persons[20..]);
        assert_eq!((beyond.alarm, beyond.inert.len()), (Some(Alarm::Release { count: 40 }), 20));
        let held = inert(&world.registry, world.now()).unwrap();
        let held: Vec<_> = held.iter().filter(|(_, fact)| *fact.content() == content).collect();
        assert_eq!(held.len(), 40, "{content:?}");
        world.pass(2 * HOUR);
    }
    // Twenty-one restrictions in the same batch hide nothing.
    let source = "hanyang";
    let clear = persons[..21].iter().map(|person| at(*person, world.now(), Content::FollowUp { clear: true }));
    let unwell = persons[19..].iter().map(|person| at(*person, world.now(), Content::FollowUp { clear: false }));
    let both: Vec<_> = clear.chain(unwell).collect();
    let reported = world.report(&world.call(SourceKind::Community, source), &both).unwrap();
    assert_eq!(reported.inert.len(), 42);
    // Who has filed clear findings undoes no more beside them.
    let call = world.call(SourceKind::Community, "qiaokou");
    let some: Vec<_> =
        persons[..20].iter().map(|person| at(*person, world.now(), Content::FollowUp { clear: true })).collect();
    world.report(&call, &some).unwrap();
    let contents = Content::FollowUp { clear: false };
    let (wrong, _) = world.files(SourceKind::Community, "qiaokou", at(persons[30], world.now(), contents));
    let call = world.call(SourceKind::Community, "qiaokou");
    let undone = retract(&world.registry, &call, Subject::Person(persons[30]), wrong).unwrap();
    assert_eq!(undone.alarm, Some(Alarm::Release { count: 21 }));
    assert!(persons[..20].iter().all(|person| {
        let facts = world.registry.record(*person).unwrap();
        let by = |fact: &&Fact| fact.filing().source.id.as_str() == "qiaokou";
        facts.iter().filter(by).all(|fact| is_inert(&facts, fact.id(), world.now()))
    }));
}

#[test]
fn an_isolation_names_its_ground_and_its_end() {
    let world = World::new();
    let (_, of) = infected(&world, 1);
    let person = world.resident(2);
    let isolate =
        |ground, days| during(person, world.now(), days, Content::Isolation { place: IsolationPlace::Central, ground });
    assert!(world.files(SourceKind::DiseaseControl, "hubei", isolate(of, 14)).1, "somebody else's case");
    let (met, _) = world.files(SourceKind::DiseaseControl, "hubei", at(person, world.now(), contact(of)));
    let call = world.call(SourceKind::DiseaseControl, "hubei");
    refused!(world.report(&call, &[isolate(met, 91)]), Refusal::EndRequired);
    assert!(!world.files(SourceKind::DiseaseControl, "hubei", isolate(met, 14)).1);
    assert_eq!(world.colour(person), Colour::Red);

    let traveller = world.resident(3);
    let arrival = Content::Arrival { from: Some(area("2310")), to: area("420106") };
    let isolate =
        |ground| during(traveller, world.now(), 14, Content::Isolation { place: IsolationPlace::Home, ground });
    let (own, _) = world.files(SourceKind::DiseaseControl, "hubei.li", at(traveller, world.now(), arrival.clone()));
    assert!(world.files(SourceKind::DiseaseControl, "hubei", isolate(own)).1, "an arrival of its own");
    let (other, _) = world.files(SourceKind::Carrier, "railway", at(traveller, world.now(), arrival));
    assert!(!world.files(SourceKind::DiseaseControl, "hubei", isolate(other)).1);
}

#[test]
fn closed_loop_duty_names_the_declaration_of_being_on_duty() {
    let world = World::new();
    let (_, of) = infected(&world, 1);
    let person = world.resident(2);
    let (met, _) = world.files(SourceKind::DiseaseControl, "hubei", at(person, world.now(), contact(of)));
    let declared = |on_duty| {
        let health = Health { on_duty, ..WELL };
        declare(&world.registry, &world.own_call(), person, health).unwrap().facts[0]
    };
    let duty = |place, ground| {
        let content = Content::Isolation { place, ground };
        world.files(SourceKind::Community, "hubei", during(person, world.now(), 14, content)).1
    };
    let (on_duty, off_duty) = (declared(true), declared(false));
    assert!(!duty(IsolationPlace::ClosedLoop, on_duty));
    assert!(duty(IsolationPlace::ClosedLoop, off_duty), "nobody is on duty who does not say so");
    assert!(duty(IsolationPlace::ClosedLoop, met), "a contact is isolated and not on duty");
    assert!(duty(IsolationPlace::Central, on_duty), "being on duty is no reason for an isolation");
}

#[test]
fn a_level_names_a_case_in_the_area() {
    let world = World::new();
    let (_, of) = infected(&world, 1);
    let person = world.resident(2);
    let level = |place, cause| Report {
        subject: Subject::Global,
        occurred: Occurred::since(world.now()),
        content: Content::AreaLevel { areas: areas(place), level: Level::Medium },
        cause,
    };
    assert!(world.files(SourceKind::Headquarters, "hubei", level("420106001", None)).1);
    assert!(world.files(SourceKind::Headquarters, "hubei", level("420107", Some(of))).1, "the case lives elsewhere");
    for larger in ["42", "4201"] {
        assert!(
            world.files(SourceKind::Headquarters, "hubei", level(larger, Some(of))).1,
            "one case, and all of {larger}"
        );
    }
    let mut with_another_city = level("420106001", Some(of));
    let places = AreaSet { include: vec![area("420106001"), area("420502001")], exclude: vec![] };
    with_another_city.content = Content::AreaLevel { areas: places, level: Level::Medium };
    assert!(world.files(SourceKind::Headquarters, "hubei", with_another_city).1, "one case for two cities");
    assert_eq!(world.colour(person), Colour::Green);
    assert!(!world.files(SourceKind::Headquarters, "hubei", level("420106001", Some(of))).1);
    assert_eq!(world.colour(person), Colour::Yellow);
}

#[test]
fn a_list_begins_and_shrinks_by_two_offices_and_grows_by_cases() {
    let world = World::new();
    let (_, of) = infected(&world, 1);
    let file = |codes: &[&str], cause| {
        world.pass(MINUTE);
        let places = AreaSet { include: codes.iter().map(|code| area(code)).collect(), exclude: vec![] };
        let content = Content::List { list: ListId::parse("key-compounds").unwrap(), areas: places };
        let occurred = Occurred::since(world.now());
        let report = Report { subject: Subject::Global, occurred, content, cause };
        let reported = world.report(&world.call(SourceKind::Headquarters, "hubei"), &[report]).unwrap();
        (reported.filed.facts[0], reported.inert.first().map(|(_, missing)| *missing))
    };
    let (first, missing) = file(&["420106001"], Some(of));
    assert_eq!(missing, Some(Missing::Countersignature), "nothing was on it before");
    let held = [(Subject::Global, first)];
    refused!(confirm(&world.registry, &world.call(SourceKind::Headquarters, "hubei.li"), &held), Refusal::SameSource);
    confirm(&world.registry, &world.call(SourceKind::DiseaseControl, "wuhan"), &held).unwrap();
    assert_eq!(file(&["420106001", "420106002"], Some(of)).1, None, "of the county where the case lives");
    assert_eq!(file(&["420106001", "420106002"], None).1, None, "as it was");
    for (added, cause) in [("420106003", None), ("420107001", Some(of)), ("4201", Some(of)), ("42", Some(of))] {
        let missing = file(&["420106001", "420106002", added], cause).1;
        assert_eq!(missing, Some(Missing::CaseInArea), "{added}");
    }
    assert_eq!(file(&["420106001"], Some(of)).1, Some(Missing::Countersignature), "one place fewer");
}

#[test]
fn one_high_reading_at_a_gate_waits_for_a_second() {
    let world = World::new();
    let person = world.resident(1);
    let read = |decicelsius| world.files(SourceKind::Checkpoint, "gate", at(person, world.now(), fever(decicelsius)));
    assert!(!read(372).1);
    assert!(read(373).1);
    world.pass(31 * MINUTE);
    assert!(read(375).1, "the first reading is too long ago");
    assert_eq!(world.colour(person), Colour::Green);
    world.pass(5 * MINUTE);
    assert!(!read(374).1);
    assert_eq!(world.colour(person), Colour::Yellow);
    assert_eq!(inert(&world.registry, world.now()).unwrap().len(), 1, "the reading of half an hour before stays inert");
}

#[test]
fn a_test_is_missed_only_after_the_end_of_a_campaign_with_every_result_in() {
    let campaign = CampaignId::parse("hubei-2020-02-a").unwrap();
    let list = ListId::parse("hubei-2020-02-a").unwrap();
    /// What is so when the test is said to be missed: hours since the campaign's end, where it was, until when its results are
    /// complete (hours after its end), and hours after its beginning at which the person was tested.
    type Told = (i64, &'static str, Option<i64>, Option<i64>);
    let table: [(Told, bool); 10] = [
        ((1, "42", Some(0), None), true),
        ((0, "42", Some(0), None), true),
        ((-1, "42", Some(0), None), false),
        ((1, "4201", Some(0), None), true),
        ((1, "61", Some(0), None), false),
        ((1, "42", Some(-1), None), false),
        ((1, "42", None, None), false),
        ((1, "42", Some(0), Some(0)), false),
        ((1, "42", Some(0), Some(23)), false),
        ((1, "42", Some(0), Some(-1)), true),
    ];
    for ((since_end, place, complete, tested), counts) in table {
        let world = World::new();
        let person = world.resident(1);
        let begins = world.now().plus_millis(2 * HOUR);
        let ends = begins.plus_millis(DAY);
        let publish = |kind, occurred, content| {
            world.files(kind, "hubei", Report { subject: Subject::Global, occurred, content, cause: None });
        };
        let content = Content::Campaign { campaign: campaign.clone(), areas: areas(place) };
        publish(SourceKind::Headquarters, Occurred::During { from: begins, until: ends }, content);
        world.pass(DAY + 8 * HOUR);
        if let Some(hours) = complete {
            let as_of = ends.plus_millis(hours * HOUR);
            let content = Content::Comparison { list: list.clone(), as_of, matched: false };
            publish(SourceKind::Register, Occurred::at(world.now()), content);
        }
        if let Some(hours) = tested {
            let sample =
                Content::Sample { sample: SampleId::from_bytes([1; 16]), pool: None, method: TestMethod::NucleicAcid };
            world.files(SourceKind::Community, "booth", at(person, begins.plus_millis(hours * HOUR), sample));
        }
        let missed = Content::MissedTest { campaign: campaign.clone() };
        let missed = at(person, ends.plus_millis(since_end * HOUR), missed);
        let (_, inert) = world.files(SourceKind::Community, "hubei", missed);
        assert_eq!(!inert, counts, "{since_end} {place} {complete:?} {tested:?}");
    }
    let world = World::new();
    let person = world.resident(1);
    let missed = Content::MissedTest { campaign };
    assert!(world.files(SourceKind::Community, "hubei", at(person, world.now(), missed)).1, "no such campaign");
}

#[test]
fn a_valid_account_cannot_colour_1317_persons_at_once() {
    let world = World::new();
    let (_, of) = infected(&world, 0);
    let persons: Vec<PersonId> = (1..=1_317).map(|number| world.resident(number)).collect();
    let reports: Vec<Report> = persons.iter().map(|person| at(*person, world.now(), contact(of))).collect();
    let call = world.call(SourceKind::DiseaseControl, "hubei");
    let reported = world.report(&call, &reports).unwrap();
    assert_eq!(reported.alarm, Some(Alarm::Persons { count: 1_317 }));
    assert_eq!(reported.inert.len(), 1_317);
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Green));
    assert_eq!(inert(&world.registry, world.now()).unwrap().len(), 1_317);
}

#[test]
fn a_true_list_of_500_counts_once_a_second_body_confirms_it() {
    let world = World::new();
    let (_, of) = infected(&world, 0);
    let persons: Vec<PersonId> = (1..=500).map(|number| world.resident(number)).collect();
    let reports: Vec<Report> = persons.iter().map(|person| at(*person, world.now(), contact(of))).collect();
    world.report(&world.call(SourceKind::DiseaseControl, "hubei"), &reports).unwrap();
    let held = inert(&world.registry, world.now()).unwrap();
    let held: Vec<_> = held.iter().map(|(subject, fact)| (*subject, fact.id())).collect();
    assert_eq!(held.len(), 500);

    let own = world.call(SourceKind::DiseaseControl, "hubei");
    refused!(confirm(&world.registry, &own, &held), Refusal::SameSource);
    let call = world.call(SourceKind::Hospital, "first");
    let unknown = (Subject::Global, FactId::from_bytes([1; 16]));
    refused!(confirm(&world.registry, &call, &[held.clone(), vec![unknown]].concat()), Refusal::NoSuchFact);
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Green), "all of it or nothing");
    let filed = confirm(&world.registry, &call, &held).unwrap();
    world.pass(MINUTE);
    let call = Call { now: world.now(), ..call };
    assert_eq!(confirm(&world.registry, &call, &held).unwrap().facts, filed.facts, "the same request again");
    let others: Vec<_> = held.iter().rev().copied().collect();
    refused!(confirm(&world.registry, &call, &others), Refusal::NotHeld);
    let shifted = [(held[0].0, unknown.1)];
    refused!(confirm(&world.registry, &call, &shifted), Refusal::RequestReused);
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Yellow));
    refused!(confirm(&world.registry, &world.call(SourceKind::Hospital, "first"), &held), Refusal::NotHeld);
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
fn nor_one_by_one() {
    let world = World::new();
    let cases: Vec<FactId> = (900..903).map(|number| infected(&world, number).1).collect();
    let persons: Vec<PersonId> = (1..=25).map(|number| world.resident(number)).collect();
    for (count, person) in (1..).zip(&persons) {
        let call = world.call(SourceKind::DiseaseControl, "hubei");
        let reported = world.report(&call, &[at(*person, world.now(), contact(cases[count % 3]))]).unwrap();
        assert_eq!(reported.alarm, (count > 20).then_some(Alarm::Persons { count }));
        world.pass(MINUTE);
    }
    assert!(persons.iter().all(|person| world.colour(*person) == Colour::Green));
    world.pass(2 * HOUR);
    let later = world.resident(26);
    assert!(!world.files(SourceKind::DiseaseControl, "hubei", at(later, world.now(), contact(cases[0]))).1);
    let confirming = world.call(SourceKind::Hospital, "first");
    let held = world.facts(persons[0], Kind::Contact)[0].id();
    confirm(&world.registry, &confirming, &[(Subject::Person(persons[0]), held)]).unwrap();
    assert_eq!(world.colour(persons[0]), Colour::Yellow);
}

#[test]
fn a_case_has_thirty_contacts_before_somebody_else_confirms_more() {
    let world = World::new();
    let (_, of) = infected(&world, 0);
    let mut alarms = Vec::new();
    for number in 1..=31 {
        let person = world.resident(number);
        let source = ["hubei", "wuhan"][usize::from(number % 2 == 0)];
        let call = world.call(SourceKind::DiseaseControl, source);
        alarms.extend(world.report(&call, &[at(person, world.now(), contact(of))]).unwrap().alarm);
        world.pass(4 * MINUTE);
    }
    assert_eq!(alarms, [Alarm::Contacts { of, count: 31 }]);
}

#[test]
fn a_valid_account_cannot_release_everybody_at_once() {
    let world = World::new();
    let (_, of) = infected(&world, 0);
    let persons: Vec<PersonId> = (1..=25).map(|number| world.resident(number)).collect();
    let facts: Vec<FactId> = persons
        .iter()
        .map(|person| {
            world.pass(5 * MINUTE);
            world.files(SourceKind::DiseaseControl, "hubei", at(*person, world.now(), contact(of))).0
        })
        .collect();
    world.pass(2 * HOUR);
    let yellow = || persons.iter().filter(|person| world.colour(**person) == Colour::Yellow).count();
    assert_eq!(yellow(), 25);
    let mut alarms = 0;
    for (person, fact) in persons.iter().zip(&facts) {
        let call = world.call(SourceKind::DiseaseControl, "hubei");
        let undone = retract(&world.registry, &call, Subject::Person(*person), *fact).unwrap();
        alarms += usize::from(matches!(undone.alarm, Some(Alarm::Release { .. })));
        world.pass(MINUTE);
    }
    assert_eq!((alarms, yellow()), (5, 25), "all of it is held");
    let held = world.facts(persons[0], Kind::Retraction);
    let held = held.iter().find(|fact| fact.filing().source.kind == SourceKind::DiseaseControl).unwrap();
    let second = world.call(SourceKind::Headquarters, "national");
    confirm(&world.registry, &second, &[(Subject::Person(persons[0]), held.id())]).unwrap();
    assert_eq!(yellow(), 24);
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

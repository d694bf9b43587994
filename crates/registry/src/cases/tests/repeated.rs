//! A request that comes again is answered as the first one, and one that says something else under its id is refused.

use yima_model::Interval;

use super::*;
use crate::cases::statements::travel;

/// The call that came before, some minutes later.
fn later(world: &World, call: &Call) -> Call {
    world.pass(MINUTE);
    Call { now: world.now(), ..call.clone() }
}

#[test]
fn what_a_person_says_is_not_taken_for_what_was_said_before() {
    let world = World::new();
    let person = world.resident(1);
    let ill = Symptoms::NONE.with(Symptom::Fever);

    let call = world.own_call();
    declare(&world.registry, &call, person, WELL).unwrap();
    for other in
        [Health { symptoms: ill, ..WELL }, Health { contact: Answer::Yes, ..WELL }, Health { on_duty: true, ..WELL }]
    {
        refused!(declare(&world.registry, &later(&world, &call), person, other), Refusal::RequestReused);
    }
    assert!(declare(&world.registry, &later(&world, &call), person, WELL).unwrap().repeated);

    let call = world.own_call();
    check_in(&world.registry, &call, person, Symptoms::NONE).unwrap();
    refused!(check_in(&world.registry, &later(&world, &call), person, ill), Refusal::RequestReused);

    let call = world.own_call();
    let days =
        |count: i64| Interval::new(world.now().plus_millis(-3 * DAY), world.now().plus_millis(-count * DAY)).unwrap();
    let (trip, longer) = (days(2), days(1));
    travel(&world.registry, &call, person, area("610104"), trip).unwrap();
    refused!(travel(&world.registry, &later(&world, &call), person, area("610104"), longer), Refusal::RequestReused);
    refused!(travel(&world.registry, &later(&world, &call), person, area("610103"), trip), Refusal::RequestReused);
    assert!(travel(&world.registry, &later(&world, &call), person, area("610104"), trip).unwrap().repeated);

    let (call, arrived) = (world.own_call(), world.now().plus_millis(-HOUR));
    arrive(&world.registry, &call, person, Some(area("11")), arrived).unwrap();
    let from = |code, at| arrive(&world.registry, &later(&world, &call), person, Some(area(code)), at);
    refused!(from("31", arrived), Refusal::RequestReused);
    refused!(from("11", arrived.plus_millis(1)), Refusal::RequestReused);
    assert!(from("11", arrived).unwrap().repeated);
}

#[test]
fn an_address_is_not_taken_for_another_one() {
    let world = World::new();
    let person = world.resident(1);
    let call = world.own_call();
    let leaves = world.now().plus_millis(9 * DAY);
    let to = |code: &str, until| Dwelling { area: area(code), role: DwellingRole::Present, until, text: None };
    let moves = |call: &Call, dwelling: Dwelling| move_to(&world.registry, call, person, &dwelling);
    moves(&call, to("610104", Some(leaves))).unwrap();
    refused!(moves(&later(&world, &call), to("610103", Some(leaves))), Refusal::RequestReused);
    refused!(moves(&later(&world, &call), to("610104", Some(leaves.plus_millis(DAY)))), Refusal::RequestReused);
    refused!(moves(&later(&world, &call), to("610104", None)), Refusal::RequestReused);
    assert!(moves(&later(&world, &call), to("610104", Some(leaves))).unwrap().repeated);
}

#[test]
fn what_is_undone_or_contested_is_not_taken_for_another_fact() {
    let world = World::new();
    let person = world.resident(1);
    let subject = Subject::Person(person);
    let filed = || {
        let report = at(person, world.now(), Content::FollowUp { clear: false });
        world.files(SourceKind::Community, "wuchang", report).0
    };
    let (one, other) = (filed(), filed());
    let call = world.call(SourceKind::Community, "wuchang");
    retract(&world.registry, &call, subject, one).unwrap();
    refused!(retract(&world.registry, &later(&world, &call), subject, other), Refusal::RequestReused);
    let call = world.own_call();
    disputes::dispute(&world.registry, &call, person, other).unwrap();
    assert!(disputes::dispute(&world.registry, &later(&world, &call), person, other).unwrap().repeated);
    refused!(disputes::dispute(&world.registry, &later(&world, &call), person, one), Refusal::RequestReused);
}

#[test]
fn a_batch_is_answered_only_for_facts_that_exist() {
    let world = World::new();
    let (person, neighbour) = (world.resident(1), world.resident(2));
    let row = |person, clear| at(person, world.now(), Content::FollowUp { clear });
    let (one, two) = (row(person, true), row(person, false));
    let call = world.call(SourceKind::Hospital, "first");
    let filed = world.report(&call, std::slice::from_ref(&one)).unwrap().filed;
    let again = |rows: &[Report]| world.report(&later(&world, &call), rows);
    refused!(again(&[one.clone(), two.clone()]), Refusal::RequestReused);
    refused!(again(std::slice::from_ref(&two)), Refusal::RequestReused);
    refused!(again(&[row(person, true)]), Refusal::RequestReused);
    refused!(again(&[Report { subject: Subject::Person(neighbour), ..one.clone() }]), Refusal::RequestReused);
    refused!(again(&[Report { cause: Some(filed.facts[0]), ..one.clone() }]), Refusal::RequestReused);
    let same = again(&[one]).unwrap().filed;
    assert!(same.repeated && same.facts == filed.facts);
    assert_eq!(world.facts(person, Kind::FollowUp).len(), 1);
    assert_eq!(world.facts(neighbour, Kind::FollowUp).len(), 0);
}

/// what does not count is kept and listed; whoever lost the first answer reads it in the second.
#[test]
fn what_a_fact_lacks_is_said_again_and_no_more_once_it_counts() {
    let world = World::new();
    let person = world.resident(1);
    let call = world.call(SourceKind::Hospital, "first");
    let diagnosed = during(person, world.now(), 14, case(CaseClass::Clinical));
    let first = world.report(&call, std::slice::from_ref(&diagnosed)).unwrap();
    let again = || world.report(&later(&world, &call), std::slice::from_ref(&diagnosed)).unwrap();
    assert_eq!(first.inert, again().inert);
    assert_eq!(first.inert[0].1, Missing::Countersignature);
    let signer = world.call(SourceKind::Hospital, "second");
    confirm(&world.registry, &signer, &[(Subject::Person(person), first.filed.facts[0])]).unwrap();
    assert_eq!(again().inert, []);
}

//! What a fact needs before it counts, and how much one institution may restrict or release.

use super::*;

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

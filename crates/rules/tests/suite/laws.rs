//! The laws of docs/RULES.md over generated packs and facts.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use yima_model::fact::{
    CaseClass, Channel, ContactDegree, DwellingRole, IsolationPlace, NoticeKind, PlaceRelation, StayOrigin, Symptom,
    Symptoms, TestMethod,
};
use yima_model::id::{ListId, PoolId, Remark, RuleId, SampleId, SourceId};
use yima_model::{
    AreaSet, Colour, Content, Fact, FactId, Filing, FirstDay, Level, Occurred, PersonId, Source, SourceKind, Span,
    Subject, Timestamp,
};
use yima_rules::check::reach_millis;
use yima_rules::expression::{Condition, Count, Term, Trigger, Until};
use yima_rules::pack::{CountsFrom, Pack, Rule, WhileDisputed};
use yima_rules::syntax::{Meaning, Names, read_definition};
use yima_rules::timeline::Everybody;

use crate::support::{area, at, pack};

const HOUR: i64 = 3_600_000;
const LIST: &str = "key";

pub(crate) fn instant(hours: i64) -> Timestamp {
    at("2020-01-01 00:00").plus_millis(hours * HOUR)
}

/// An instant on the grid of six hours over thirty days, now and then one millisecond off.
pub(crate) fn moment() -> impl Strategy<Value = Timestamp> {
    (0..120_i64, select(vec![0, 0, 0, -1, 1])).prop_map(|(step, off)| instant(step * 6).plus_millis(off))
}

/// Where somebody may be; facts say of the last three in which of the others they lie.
const PLACES: [&str; 6] = ["610102", "610103", "4206", "610102.1", "610102.2", "610102.3"];

#[derive(Clone, Debug)]
struct Sketch {
    what: u8,
    detail: u8,
    at: Timestamp,
    reported_after: i64,
    lasts: Option<i64>,
    recorded_after: i64,
    target: Index,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let delay = select(vec![0, 0, 1, 30]);
    let lasts = prop_oneof![Just(None), (1..80_i64).prop_map(Some)];
    (0..26_u8, any::<u8>(), moment(), delay.clone(), lasts, delay, any::<Index>()).prop_map(
        |(what, detail, at, reported_after, lasts, recorded_after, target)| Sketch {
            what,
            detail,
            at,
            reported_after,
            lasts,
            recorded_after,
            target,
        },
    )
}

/// Facts in which every reference goes to an older fact of the same subject.
pub(crate) fn facts() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(sketch(), 0..14).prop_map(|sketches| {
        let mut facts = Vec::new();
        for (number, sketch) in (1_u128..).zip(sketches) {
            facts.extend(fact(number, &sketch, &facts));
        }
        facts
    })
}

fn fact(number: u128, sketch: &Sketch, older: &[Fact]) -> Option<Fact> {
    let place = |detail: u8| area(PLACES[usize::from(detail) % PLACES.len()]);
    let areas = || {
        let exclude = ["610102.1", "610102.3"][usize::from(sketch.detail / 36 % 2)];
        AreaSet { include: vec![place(sketch.detail / 6)], exclude: vec![area(exclude)] }
    };
    let symptoms: Symptoms =
        if sketch.detail.is_multiple_of(2) { Symptoms::NONE } else { Symptoms::NONE.with(Symptom::Fever) };
    let recorded = sketch.at.plus_millis((sketch.reported_after + sketch.recorded_after) * HOUR);
    let targets: Vec<_> = older.iter().filter(|fact| fact.recorded() <= recorded).collect();
    let target = || (!targets.is_empty()).then(|| *sketch.target.get(&targets));
    let dispute = || targets.iter().find(|fact| matches!(fact.content(), Content::Dispute { .. }));
    let content = match sketch.what {
        0 | 1 => Content::Registration,
        2 => Content::Dwelling {
            area: place(sketch.detail),
            role: DwellingRole::ALL[usize::from(sketch.detail / 4 % 3)],
        },
        3 => Content::Binding { channel: Channel::Phone },
        4 => Content::Declaration { symptoms, contact: yima_model::fact::Answer::Yes, on_duty: false },
        5 | 6 => Content::CheckIn { symptoms },
        7 => Content::Temperature { decicelsius: 370 + u16::from(sketch.detail % 8) },
        8 | 9 => {
            let as_of = sketch.at.plus_millis(-i64::from(sketch.detail % 5) * HOUR);
            Content::Comparison { list: ListId::parse(LIST).unwrap(), as_of, matched: sketch.detail.is_multiple_of(3) }
        }
        10 => Content::FollowUp { clear: !sketch.detail.is_multiple_of(3) },
        24 => Content::Sample {
            sample: SampleId::from_bytes([sketch.detail % 3; 16]),
            pool: sketch.detail.is_multiple_of(2).then(|| PoolId::from_bytes([1; 16])),
            method: TestMethod::NucleicAcid,
        },
        11 | 12 => Content::TestResult {
            sample: SampleId::from_bytes([sketch.detail % 3; 16]),
            method: TestMethod::NucleicAcid,
            positive: sketch.detail.is_multiple_of(4),
        },
        13 if sketch.detail.is_multiple_of(3) => Content::Isolation {
            place: IsolationPlace::ALL[usize::from(sketch.detail / 3 % 3)],
            ground: FactId::from_bytes([9; 16]),
        },
        13 => Content::Case { class: CaseClass::ALL[usize::from(sketch.detail % 5)] },
        14 => Content::Contact { degree: ContactDegree::Close, of: FactId::from_bytes([9; 16]) },
        15 => {
            let from = if sketch.detail.is_multiple_of(5) { None } else { Some(place(sketch.detail)) };
            Content::Arrival { from, to: area("61") }
        }
        16 => Content::Stay { area: place(sketch.detail), origin: StayOrigin::Declared },
        17 => Content::AreaLevel {
            areas: areas(),
            level: if sketch.detail.is_multiple_of(2) { Level::Medium } else { Level::High },
        },
        18 => {
            if sketch.detail.is_multiple_of(2) {
                Content::List { list: ListId::parse(LIST).unwrap(), areas: areas() }
            } else {
                Content::Notice { kind: NoticeKind::Closing, areas: areas() }
            }
        }
        19 => Content::Closing { target: target()?.id() },
        20 => Content::Retraction { target: target()?.id() },
        21 if sketch.detail.is_multiple_of(2) => Content::Inert { target: target()?.id() },
        21 => Content::Lift { target: target()?.id() },
        25 => Content::Place {
            place: area(PLACES[usize::from(3 + sketch.detail % 3)]),
            relation: PlaceRelation::ALL[usize::from(sketch.detail / 3 % 3)],
            other: place(sketch.detail / 9),
            why: Remark::parse("seen on the map").unwrap(),
        },
        22 => Content::Dispute { target: target()?.id(), deadline: sketch.at.plus_millis(24 * HOUR) },
        _ => Content::Ruling { target: dispute()?.id(), stands: sketch.detail.is_multiple_of(2) },
    };
    let global = match &content {
        Content::AreaLevel { .. } | Content::List { .. } | Content::Notice { .. } | Content::Place { .. } => true,
        Content::Comparison { .. } => sketch.what == 9,
        _ => content
            .target()
            .is_some_and(|id| targets.iter().any(|fact| fact.id() == id && fact.subject() == Subject::Global)),
    };
    let occurred = match (content.kind().shape(), sketch.lasts) {
        (yima_model::fact::Shape::Event, _) => {
            Occurred::At { at: sketch.at, reported: sketch.at.plus_millis(sketch.reported_after * HOUR) }
        }
        (yima_model::fact::Shape::State, Some(hours)) => {
            Occurred::During { from: sketch.at, until: sketch.at.plus_millis(hours * 6 * HOUR) }
        }
        (yima_model::fact::Shape::State, None) => Occurred::since(sketch.at),
    };
    let subject = if global { Subject::Global } else { Subject::Person(PersonId::from_bytes([7; 16])) };
    let own = targets.iter().filter(|fact| fact.subject() == subject).map(|fact| fact.id());
    let own: Vec<_> = own.collect();
    let reference = (!own.is_empty()).then(|| *sketch.target.get(&own));
    let kind = match sketch.detail % 6 {
        0 | 3 => SourceKind::Community,
        1 => SourceKind::Guardian,
        _ => SourceKind::Resident,
    };
    let filing = Filing {
        id: FactId::from_bytes(number.to_be_bytes()),
        subject,
        source: Source { kind, id: SourceId::parse("test").unwrap() },
        occurred,
        cause: reference.filter(|_| sketch.detail % 11 == 1),
        replaces: reference.filter(|_| sketch.detail % 11 == 2),
        content,
    };
    filing.record(recorded).ok()
}

fn names() -> Names {
    Names { lists: vec![LIST.to_owned()], ..Names::default() }
}

fn span() -> impl Strategy<Value = Span> {
    select(vec!["0h", "6h", "72h", "1d", "3d", "7d", "14d"]).prop_map(|text| Span::parse(text).unwrap())
}

/// How long nothing clears; mostly not at all.
fn after() -> impl Strategy<Value = Span> {
    select(vec!["0h", "0h", "0h", "30h", "2d", "4d"]).prop_map(|text| Span::parse(text).unwrap())
}

fn term(texts: &'static [&'static str]) -> impl Strategy<Value = Meaning> {
    select(texts).prop_map(|text| read_definition(text, &names()).unwrap())
}

const EVENTS: &[&str] = &[
    "declared or checked_in",
    "symptom",
    "symptom(fever, by: self)",
    "checked_in(by: others)",
    "checked_in(clear)",
    "temperature(>= 37.3) or temperature(< 37.1)",
    "compared(key)",
    "compared(key, clear)",
    "compared(key, match)",
    "compared(key, fresh: 3h)",
    "test(negative, single)",
    "test(pool)",
    "follow_up(clear)",
    "test(negative)",
    "test(negative, counts_from: report)",
    "test(counts_from: occurrence) or vaccinated(counts_from: occurrence)",
    "test(positive)",
    "contact(close)",
    "isolated or contact(close)",
    "isolated(home, by: others)",
    "arrival(outside: 61)",
    "arrival(in: key)",
    "arrival(level: medium)",
    "arrival(near: high)",
    "checked_in(by: self)",
];

const STATES: &[&str] = &[
    "registered",
    "bound",
    "case",
    "isolation(central)",
    "case(confirmed, suspected)",
    "dwelling(in: key)",
    "dwelling(outside: key, in: 61)",
    "dwelling(level: high)",
    "stay(in: 6101)",
    "stay(level: medium)",
    "stay(near: medium)",
    "dwelling(near: high, outside: key)",
    "stay(level: high, longer: 30h) or bound",
    "stay(in: 61, longer: 6h)",
    "stay(outside: key) or case(fever)",
    "notice(closing)",
];

fn events() -> impl Strategy<Value = yima_rules::expression::EventTerm> {
    term(EVENTS).prop_map(|meaning| match meaning {
        Meaning::Events(events) => events,
        other => panic!("{other:?}"),
    })
}

fn states() -> impl Strategy<Value = yima_rules::expression::StateTerm> {
    term(STATES).prop_map(|meaning| match meaning {
        Meaning::States(states) => states,
        other => panic!("{other:?}"),
    })
}

fn either() -> impl Strategy<Value = Term> {
    prop_oneof![events().prop_map(Term::Events), states().prop_map(Term::States)]
}

/// Conditions without absence, as `until` wants them on its clearing side.
fn positive() -> impl Strategy<Value = Condition> {
    let same_unit = prop_oneof![
        (0..8_u32, 0..8_u32).prop_map(|(a, b)| (Span::Days(a), Span::Days(b))),
        (0..80_u32, 0..80_u32).prop_map(|(a, b)| (Span::hours(a), Span::hours(b))),
    ];
    let count = (events(), 1..4_u8, span(), span())
        .prop_map(|(events, wanted, apart, within)| Condition::Count(Count { events, wanted, apart, within }));
    let leaf = prop_oneof![
        states().prop_map(Condition::State),
        (either(), span()).prop_map(|(term, span)| Condition::Within(term, span)),
        (events(), same_unit).prop_map(|(events, (delay, length))| Condition::From(events, delay, length)),
        count,
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        let trigger = prop_oneof![events().prop_map(Trigger::Events), inner.clone().prop_map(Trigger::Condition)];
        prop_oneof![
            prop::collection::vec(inner.clone(), 2).prop_map(Condition::And),
            prop::collection::vec(inner, 2).prop_map(Condition::Or),
            (trigger.clone(), trigger, after(), span()).prop_map(|(trigger, clears, after, at_most)| {
                Condition::Until(Box::new(Until { trigger, clears, after, at_most }))
            }),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        3 => positive(),
        2 => (either(), span()).prop_map(|(term, span)| Condition::No(term, span)),
    ];
    let leaf = prop_oneof![5 => leaf, 1 => clearing()];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let trigger = prop_oneof![events().prop_map(Trigger::Events), inner.clone().prop_map(Trigger::Condition)];
        let clears = prop_oneof![events().prop_map(Trigger::Events), positive().prop_map(Trigger::Condition)];
        prop_oneof![
            prop::collection::vec(inner.clone(), 2).prop_map(Condition::And),
            prop::collection::vec(inner.clone(), 2).prop_map(Condition::Or),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
            (trigger, clears, after(), span()).prop_map(|(trigger, clears, after, at_most)| {
                Condition::Until(Box::new(Until { trigger, clears, after, at_most }))
            }),
        ]
    })
}

/// Something that one or two counts clear.
fn clearing() -> impl Strategy<Value = Condition> {
    let count = (events(), 1..6_u8, span(), span())
        .prop_map(|(events, wanted, apart, within)| Condition::Count(Count { events, wanted, apart, within }));
    let days = prop::collection::btree_set(1..9_u16, 1..4);
    let on_days = (events(), days).prop_map(|(events, days)| Condition::OnDays(events, days.into_iter().collect()));
    let count = prop_oneof![count, on_days];
    let state = states().prop_map(|states| Trigger::Condition(Condition::State(states)));
    let trigger = prop_oneof![events().prop_map(Trigger::Events), state];
    (trigger, prop::collection::vec(count, 1..3), span()).prop_map(|(trigger, counts, at_most)| {
        let clears = Trigger::Condition(Condition::And(counts));
        Condition::Until(Box::new(Until { trigger, clears, after: Span::ZERO, at_most }))
    })
}

pub(crate) fn any_pack() -> impl Strategy<Value = Pack> {
    let template = pack("shaanxi-2020-12");
    let rule = (condition(), select(vec![Colour::Grey, Colour::Yellow, Colour::Red]));
    (prop::collection::vec(rule, 1..4), any::<[bool; 3]>()).prop_map(move |(conditions, flags)| {
        let model = &template.rules[0];
        let rules = conditions.into_iter().enumerate().map(|(number, (when, colour))| Rule {
            id: RuleId::parse(&format!("R-{number}")).unwrap(),
            colour,
            when,
            ..model.clone()
        });
        let mut lists = template.lists.clone();
        lists.truncate(1);
        for list in &mut lists {
            list.id = ListId::parse(LIST).unwrap();
            list.areas = AreaSet::of(area("610103"));
            list.from = instant(24 * 5);
        }
        Pack {
            rules: rules.collect(),
            lists,
            from: instant(24 * 2),
            until: instant(24 * 45),
            first_day: if flags[0] { FirstDay::Counts } else { FirstDay::DoesNotCount },
            counts_from: if flags[1] { CountsFrom::Occurrence } else { CountsFrom::Report },
            ceiling: None,
            audit_days: None,
            while_disputed: if flags[2] { WhileDisputed::Holds } else { WhileDisputed::Inert },
            ..template.clone()
        }
    })
}

pub(crate) fn own(facts: &[Fact]) -> Vec<Fact> {
    facts.iter().filter(|fact| fact.subject() != Subject::Global).cloned().collect()
}

/// Colour and rules at each instant, by the engine.
fn by_engine(
    pack: &Pack,
    facts: &[Fact],
    known_at: Timestamp,
    as_of: Timestamp,
    instants: &[Timestamp],
) -> Vec<(Colour, Vec<RuleId>)> {
    let everybody = Everybody::new(pack.clone(), facts, known_at);
    let own = own(facts);
    let forecast = everybody.timeline(&own, Timestamp::FOREVER);
    let stale = everybody.timeline(&own, as_of);
    let judge = |at: &Timestamp| {
        let verdict = if *at <= as_of { forecast.verdict(*at) } else { stale.verdict(*at) };
        let mut rules: Vec<_> = verdict.rules().cloned().collect();
        rules.sort();
        (verdict.colour, rules)
    };
    instants.iter().map(judge).collect()
}

pub(crate) fn around(instants: Vec<Timestamp>) -> Vec<Timestamp> {
    instants.into_iter().flat_map(|at| [at.plus_millis(-1), at, at.plus_millis(1)]).collect()
}

pub(crate) fn known() -> impl Strategy<Value = Timestamp> {
    prop_oneof![3 => Just(Timestamp::FOREVER), 1 => moment()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn engine_and_oracle_agree(
        pack in any_pack(),
        facts in facts(),
        known_at in known(),
        as_of in known(),
        random in prop::collection::vec(moment(), 4),
    ) {
        let mut instants = around(yima_oracle::candidates(&pack, &facts, known_at));
        instants.extend(random);
        let verdicts = by_engine(&pack, &facts, known_at, as_of, &instants);
        for (at, verdict) in instants.iter().zip(verdicts) {
            let judged = yima_oracle::judge(&pack, &facts, *at, known_at, as_of);
            let mut rules = judged.rules;
            rules.sort();
            prop_assert_eq!(verdict, (judged.colour, rules), "at {} known at {} as of {}", at, known_at, as_of);
        }
    }

    #[test]
    fn engine_and_oracle_count_alike(
        pack in any_pack(),
        when in clearing(),
        facts in facts(),
        as_of in known(),
        chosen in prop::collection::vec(any::<Index>(), 8),
    ) {
        let mut pack = pack;
        pack.rules = vec![Rule { when, ..pack.rules[0].clone() }];
        let everybody = Everybody::new(pack.clone(), &facts, Timestamp::FOREVER);
        let instants = around(yima_oracle::candidates(&pack, &facts, Timestamp::FOREVER));
        for at in chosen.iter().map(|chosen| *chosen.get(&instants)) {
            let counted = everybody.progress(&own(&facts), at, as_of);
            let counted: Vec<_> = counted.iter().map(|(rule, of)| (rule.id.clone(), of.done, of.wanted)).collect();
            prop_assert_eq!(counted, yima_oracle::progress(&pack, &facts, at, Timestamp::FOREVER, as_of), "at {}", at);
        }
    }

    #[test]
    fn next_change_is_the_first_change(pack in any_pack(), facts in facts(), from in moment()) {
        let everybody = Everybody::new(pack.clone(), &facts, Timestamp::FOREVER);
        let timeline = everybody.timeline(&own(&facts), Timestamp::FOREVER);
        let seen = |at| {
            let verdict = timeline.verdict(at);
            (verdict.in_force, verdict.colour, verdict.rules().cloned().collect::<Vec<_>>())
        };
        let verdict = timeline.verdict(from);
        for at in around(yima_oracle::candidates(&pack, &facts, Timestamp::FOREVER)) {
            if at >= from && verdict.next_change.is_none_or(|change| at < change) {
                prop_assert_eq!(seen(at), seen(from), "at {} before the next change", at);
            }
        }
        if let Some(change) = verdict.next_change {
            prop_assert!(change > from);
            prop_assert_ne!(seen(change), seen(change.plus_millis(-1)));
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        pack in any_pack(),
        (facts, shuffled) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
    ) {
        let timeline = |facts: &[Fact]| {
            let everybody = Everybody::new(pack.clone(), facts, Timestamp::FOREVER);
            let grounds = everybody.timeline(&own(facts), Timestamp::FOREVER);
            let describe = |ground: &yima_rules::timeline::Ground<'_>| {
                (ground.rule.id.clone(), ground.interval, ground.evidence.clone())
            };
            grounds.grounds().iter().map(describe).collect::<Vec<_>>()
        };
        prop_assert_eq!(timeline(&facts), timeline(&shuffled));
    }

    #[test]
    fn a_verdict_is_what_the_timeline_says(pack in any_pack(), facts in facts(), at in moment()) {
        let everybody = Everybody::new(pack, &facts, Timestamp::FOREVER);
        let own = own(&facts);
        let timeline = everybody.timeline(&own, Timestamp::FOREVER);
        prop_assert_eq!(everybody.verdict(&own, at, at), timeline.verdict(at));
    }

    #[test]
    fn an_extra_ground_never_makes_a_colour_milder(pack in any_pack(), facts in facts(), extra in condition()) {
        let mut more = pack.clone();
        let model = more.rules[0].clone();
        more.rules.push(Rule { id: RuleId::parse("R-extra").unwrap(), when: extra, ..model });
        let instants = around(yima_oracle::candidates(&more, &facts, Timestamp::FOREVER));
        let colours = |pack| by_engine(pack, &facts, Timestamp::FOREVER, Timestamp::FOREVER, &instants);
        for (before, after) in colours(&pack).into_iter().zip(colours(&more)) {
            prop_assert!(after.0 >= before.0);
        }
    }

    #[test]
    fn a_fact_and_its_retraction_leave_no_trace(
        pack in any_pack(),
        facts in facts(),
        added in sketch(),
        retracted_after in 0..48_i64,
    ) {
        let Some(fact) = fact(1_000, &added, &[]) else { return Ok(()) };
        let when = fact.recorded().plus_millis(retracted_after * HOUR);
        let retraction = Filing {
            id: FactId::from_bytes([0xff; 16]),
            occurred: Occurred::at(when),
            content: Content::Retraction { target: fact.id() },
            cause: None,
            replaces: None,
            ..fact.filing().clone()
        };
        let mut more = facts.clone();
        more.push(fact);
        more.push(retraction.record(when).unwrap());
        let grounds = |facts: &[Fact], known_at| {
            let everybody = Everybody::new(pack.clone(), facts, known_at);
            let timeline = everybody.timeline(&own(facts), Timestamp::FOREVER);
            timeline.grounds().iter().map(|ground| (ground.rule.id.clone(), ground.interval, ground.evidence.clone())).collect::<Vec<_>>()
        };
        prop_assert_eq!(grounds(&more, Timestamp::FOREVER), grounds(&facts, Timestamp::FOREVER));
        prop_assert_eq!(grounds(&more, when), grounds(&facts, when));
    }

    #[test]
    fn forgetting_what_no_rule_can_reach_changes_no_verdict(
        name in select(vec!["hubei-2020-02", "shaanxi-2020-12"]),
        facts in facts(),
        horizon in moment(),
    ) {
        let mut pack = pack(name);
        pack.from = instant(0);
        let reach = pack.rules.iter().map(|rule| reach_millis(&rule.when)).max().unwrap();
        let matters_until = |fact: &Fact| match fact.occurred() {
            Occurred::At { at, reported } => at.max(reported),
            Occurred::During { until, .. } => until,
        };
        let controlled: Vec<_> = facts.iter().filter_map(|fact| fact.content().target()).collect();
        let kept: Vec<_> = facts
            .iter()
            .filter(|fact| fact.content().target().is_some() || controlled.contains(&fact.id()) || matters_until(fact).plus_millis(reach) > horizon)
            .cloned()
            .collect();
        let mut instants = around(yima_oracle::candidates(&pack, &facts, Timestamp::FOREVER));
        instants.retain(|at| *at >= horizon);
        let verdicts = |facts: &[Fact]| by_engine(&pack, facts, Timestamp::FOREVER, Timestamp::FOREVER, &instants);
        prop_assert_eq!(verdicts(&kept), verdicts(&facts));
    }
}

#[test]
fn the_generators_reach_every_colour() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..64 {
        let pack = any_pack().new_tree(&mut runner).unwrap().current();
        let mut facts = facts().new_tree(&mut runner).unwrap().current();
        facts.push(
            fact(
                99,
                &Sketch {
                    what: 0,
                    detail: 0,
                    at: instant(0),
                    reported_after: 0,
                    lasts: None,
                    recorded_after: 0,
                    target: any::<Index>().new_tree(&mut runner).unwrap().current(),
                },
                &[],
            )
            .unwrap(),
        );
        let instants = yima_oracle::candidates(&pack, &facts, Timestamp::FOREVER);
        let verdicts = by_engine(&pack, &facts, Timestamp::FOREVER, Timestamp::FOREVER, &instants);
        seen.extend(verdicts.into_iter().map(|(colour, _)| colour));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), Colour::ALL);
}

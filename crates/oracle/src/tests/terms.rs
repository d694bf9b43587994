//! The table of terms, addresses, lists and levels.

use yima_model::fact::{CaseClass, Channel, ContactDegree, DwellingRole, IsolationPlace, NoticeKind, StatementMeaning};
use yima_model::id::{CampaignId, PoolId};

use super::*;

const HIGH: Level = Level::High;
const HOME: DwellingRole = DwellingRole::Home;
const PRESENT: DwellingRole = DwellingRole::Present;

fn dwelling(code: &str, role: DwellingRole) -> Content {
    Content::Dwelling { area: area(code), role }
}

fn arrival(from: Option<&str>) -> Content {
    Content::Arrival { from: from.map(area), to: area("61") }
}

/// A version of the list `l`.
fn version(code: &str) -> Content {
    Content::List { list: list(), areas: areas(code) }
}

#[test]
fn events_match_what_they_state() {
    let answers = |contact| Content::Declaration { symptoms: Symptoms::NONE, contact, on_duty: false };
    let unwell = Content::Declaration {
        symptoms: Symptoms::NONE.with(Symptom::Cough),
        contact: Answer::Unknown,
        on_duty: false,
    };
    let coughing = || Content::CheckIn { symptoms: Symptoms::NONE.with(Symptom::Cough) };
    let warm = |decicelsius| Content::Temperature { decicelsius };
    let missed = || Content::MissedTest { campaign: CampaignId::parse("c").unwrap() };
    let contact = |degree| Content::Contact { degree, of: id(9) };
    let statement = |meaning| Content::Statement { meaning, origin: None };
    let compared = |matched| Content::Comparison { list: list(), as_of: at("03-01 00:00"), matched };
    let antigen = || test(true, TestMethod::Antigen);
    let table: Vec<(&str, Content, bool)> = vec![
        ("declared", DECLARED, true),
        ("declared", CHECK_IN, false),
        ("declared(contact)", answers(Answer::Yes), true),
        ("declared(contact)", answers(Answer::Unknown), false),
        ("checked_in", CHECK_IN, true),
        ("checked_in", DECLARED, false),
        ("checked_in", coughing(), true),
        ("checked_in(clear)", CHECK_IN, true),
        ("checked_in(clear)", coughing(), false),
        ("checked_in(clear)", DECLARED, false),
        ("symptom", FEVER, true),
        ("symptom", unwell.clone(), true),
        ("symptom", CHECK_IN, false),
        ("symptom(fever, cough)", unwell.clone(), true),
        ("symptom(fever)", unwell, false),
        ("temperature(>= 37.3)", warm(373), true),
        ("temperature(>= 37.3)", warm(372), false),
        ("temperature(> 37.3)", warm(373), false),
        ("temperature(< 37.3)", warm(372), true),
        ("temperature(<= 37.3)", warm(373), true),
        ("compared(l)", compared(true), true),
        ("compared(l, match)", compared(true), true),
        ("compared(l, match)", compared(false), false),
        ("compared(l, clear)", compared(false), true),
        ("compared(l, fresh: 33h)", compared(true), true),
        ("compared(l, fresh: 32h)", compared(true), false),
        ("compared(l, match, fresh: 2d)", compared(true), true),
        ("compared(l, fresh: 1d)", compared(true), false),
        ("test(single)", NEGATIVE, true),
        ("test(negative, pool)", NEGATIVE, false),
        ("reviewed", Content::Review, true),
        ("follow_up", Content::FollowUp { clear: false }, true),
        ("follow_up(clear)", Content::FollowUp { clear: false }, false),
        ("test", NEGATIVE, true),
        ("test(positive)", NEGATIVE, false),
        ("test(positive, antigen)", antigen(), true),
        ("test(positive, nucleic-acid)", antigen(), false),
        ("test(negative)", antigen(), false),
        ("test", missed(), false),
        ("test(missed)", missed(), true),
        ("test(missed, c)", missed(), true),
        ("test(missed, d)", missed(), false),
        ("contact", contact(ContactDegree::Secondary), true),
        ("contact(close)", contact(ContactDegree::Secondary), false),
        ("vaccinated", Content::Vaccination { dose: 1 }, true),
        ("vaccinated(3)", Content::Vaccination { dose: 3 }, true),
        ("vaccinated(3)", Content::Vaccination { dose: 2 }, false),
        ("statement(recovered)", statement(StatementMeaning::Recovered), true),
        ("statement(recovered)", statement(StatementMeaning::MayPass), false),
        ("declared or checked_in", CHECK_IN, true),
        ("checked_in(by: self)", CHECK_IN, true),
        ("checked_in(by: others)", CHECK_IN, false),
    ];
    for (term, content, expected) in table {
        let intervals: &[_] = if expected { &[("03-02 08:00", "03-03 08:00")] } else { &[] };
        story(&format!("({term}) within 24h"), vec![event(1, "03-02 08:00", content)]).holds(intervals);
    }
}

#[test]
fn a_guardian_files_in_the_persons_stead() {
    let by_guardian = but(event(1, "03-02 08:00", CHECK_IN), |filing| filing.source.kind = SourceKind::Guardian);
    story("checked_in(by: self) within 24h", vec![by_guardian.clone()]).holds(&[("03-02 08:00", "03-03 08:00")]);
    story("checked_in(by: others) within 24h", vec![by_guardian]).holds(&[]);
}

#[test]
fn states_match_what_they_state() {
    let case = |class| Content::Case { class };
    let isolation = |place| Content::Isolation { place, ground: id(9) };
    let table = [
        ("registered", Content::Registration, true),
        ("bound", Content::Binding { channel: Channel::Desk }, true),
        ("bound", Content::Registration, false),
        ("case", case(CaseClass::Fever), true),
        ("case(confirmed, clinical)", case(CaseClass::Clinical), true),
        ("case(confirmed, clinical)", case(CaseClass::Suspected), false),
        ("isolation", isolation(IsolationPlace::Home), true),
        ("isolation(central)", isolation(IsolationPlace::Home), false),
        ("stay or isolation", isolation(IsolationPlace::Home), true),
    ];
    for (term, content, expected) in table {
        let intervals: &[_] = if expected { &[("03-02 08:00", "03-03 08:00")] } else { &[] };
        story(term, vec![state(1, "03-02 08:00", "03-03 08:00", content)]).holds(intervals);
    }
}

#[test]
fn an_isolation_begins_at_an_instant_however_soon_it_ends() {
    let isolation = |place| Content::Isolation { place, ground: id(9) };
    for (term, expected) in
        [("isolated", true), ("isolated(central)", true), ("isolated(home)", false), ("isolated(closed-loop)", false)]
    {
        let intervals: &[_] = if expected { &[("03-02 08:00", "03-04 08:00")] } else { &[] };
        let central = state(1, "03-02 08:00", "03-02 09:00", isolation(IsolationPlace::Central));
        story(&format!("{term} within 48h"), vec![central]).holds(intervals);
    }
}

#[test]
fn a_comparison_for_everybody_is_for_those_registered_by_then() {
    let compared = |as_of| {
        let content = Content::Comparison { list: list(), as_of: at(as_of), matched: false };
        but(event(1, "03-05 08:00", content), |filing| filing.subject = Subject::Global)
    };
    let registered = |number, from| state(number, from, "end", Content::Registration);
    let rule = "compared(l) within 24h";
    let after = &[("03-05 08:00", "03-06 08:00")];
    story(rule, vec![compared("03-04 08:00"), registered(2, "03-04 08:00")]).holds(after);
    story(rule, vec![compared("03-04 07:59:59.999"), registered(2, "03-04 08:00")]).holds(&[]);
    story(rule, vec![compared("03-04 08:00"), registered(2, "03-09 08:00"), registered(3, "03-04 08:00")]).holds(after);
    story(rule, vec![compared("03-04 08:00")]).holds(&[]);
    // As what clears it counts too, although the registration is older than the trigger.
    let facts = vec![compared("03-04 08:00"), registered(2, "02-01 08:00"), event(3, "03-01 08:00", FEVER)];
    story("symptom until compared(l) at most 14d", facts).holds(&[("03-01 08:00", "03-05 08:00")]);
}

#[test]
fn an_arrival_is_judged_by_its_origin_when_it_happened() {
    let day = &[("03-02 08:00", "03-03 08:00")][..];
    let levels = || {
        vec![
            state(2, "02-01 00:00", "03-02 08:00", level("4201", Level::Medium)),
            state(3, "03-02 08:00", "03-02 09:00", level("4201", HIGH)),
        ]
    };
    let table = [
        ("arrival", Some("420102"), true),
        ("arrival", None, true),
        ("arrival(in: 42)", Some("420102"), true),
        ("arrival(in: 42)", Some("43"), false),
        ("arrival(in: 42)", None, false),
        ("arrival(outside: 42)", Some("420102"), false),
        ("arrival(outside: 42)", Some("43"), true),
        ("arrival(outside: 42)", None, true),
        ("arrival(level: high)", Some("420102"), true),
        ("arrival(level: medium)", Some("420102"), false),
        ("arrival(level: high)", Some("42"), false),
        ("arrival(level: low)", Some("43"), false),
        ("arrival(level: low)", None, false),
        ("arrival(level: high, in: 42, outside: 420103)", Some("420102"), true),
        ("arrival(level: high, in: 42, outside: 420102)", Some("420102"), false),
    ];
    for (term, from, expected) in table {
        let mut facts = levels();
        facts.push(event(1, "03-02 08:00", arrival(from)));
        story(&format!("{term} within 24h"), facts).holds(if expected { day } else { &[] });
    }
}

#[test]
fn the_address_is_present_before_home_then_the_latest_then_the_greatest_id() {
    let rule = "dwelling(in: 42)";
    story(rule, vec![state(1, "03-01 08:00", "end", dwelling("4201", HOME))]).holds(&[("03-01 08:00", "end")]);
    story(rule, vec![state(1, "03-01 08:00", "end", dwelling("4201", DwellingRole::Workplace))]).holds(&[]);
    // Present elsewhere for a while, although the home is given anew meanwhile.
    let facts = vec![
        state(1, "03-01 08:00", "end", dwelling("42", HOME)),
        state(2, "03-03 08:00", "03-05 08:00", dwelling("61", PRESENT)),
        state(3, "03-04 08:00", "end", dwelling("42", HOME)),
    ];
    story(rule, facts).holds(&[("03-01 08:00", "03-03 08:00"), ("03-05 08:00", "end")]);
    let latest =
        |from| vec![state(2, "03-01 08:00", "end", dwelling("42", HOME)), state(1, from, "end", dwelling("61", HOME))];
    story(rule, latest("03-03 08:00")).holds(&[("03-01 08:00", "03-03 08:00")]);
    story(rule, latest("02-03 08:00")).holds(&[("03-01 08:00", "end")]);
    story(rule, latest("03-01 08:00")).holds(&[("03-01 08:00", "end")]);
    story("dwelling(in: 61)", latest("03-01 08:00")).holds(&[]);
}

#[test]
fn a_notice_holds_while_its_areas_contain_the_address() {
    let notice = |kind| state(1, "03-02 08:00", "03-09 08:00", Content::Notice { kind, areas: areas("4201") });
    let facts = || {
        vec![
            notice(NoticeKind::Closing),
            state(2, "03-01 08:00", "end", dwelling("420102", HOME)),
            state(3, "03-04 08:00", "03-05 08:00", dwelling("42", PRESENT)),
        ]
    };
    story("notice(closing)", facts()).holds(&[("03-02 08:00", "03-04 08:00"), ("03-05 08:00", "03-09 08:00")]);
    story("notice(opening)", facts()).holds(&[]);
    story("notice(closing)", vec![notice(NoticeKind::Closing)]).holds(&[]);
    // A window counts from the end of each interval.
    story("notice(closing) within 12h", facts())
        .holds(&[("03-02 08:00", "03-04 20:00"), ("03-05 08:00", "03-09 20:00")]);
}

#[test]
fn a_stay_counts_while_its_area_has_the_level() {
    let facts = || {
        vec![
            state(1, "03-01 08:00", "03-09 08:00", stay("420102")),
            state(2, "03-02 08:00", "03-04 08:00", level("42", HIGH)),
            state(3, "03-03 08:00", "03-05 08:00", level("4201", HIGH)),
            state(4, "03-06 08:00", "end", level("4201", HIGH)),
            event(5, "03-07 08:00", closing(4)),
            state(6, "03-01 08:00", "end", level("420103", HIGH)),
        ]
    };
    story("stay(level: high)", facts()).holds(&[("03-02 08:00", "03-05 08:00"), ("03-06 08:00", "03-07 08:00")]);
    story("stay(level: medium)", facts()).holds(&[]);
    let mut carved = facts();
    carved.push(state(
        7,
        "03-08 08:00",
        "end",
        Content::AreaLevel {
            areas: AreaSet { include: vec![area("42")], exclude: vec![area("420102")] },
            level: Level::Medium,
        },
    ));
    story("stay(level: medium)", carved).holds(&[]);
}

#[test]
fn the_latest_version_of_a_list_counts() {
    let visit = || state(1, "02-01 08:00", "end", stay("4201"));
    let of = |facts: Vec<Fact>| {
        story("stay(in: l)", [visit()].into_iter().chain(facts).collect())
            .with(|pack| pack.lists = vec![own_list("03-01 08:00", "42")])
    };
    // Before any version the list is empty.
    of(vec![]).holds(&[("03-01 08:00", "end")]);
    story("stay(in: l)", vec![visit()]).holds(&[]);
    story("stay(outside: l)", vec![visit()])
        .with(|pack| pack.lists = vec![own_list("03-01 08:00", "42")])
        .holds(&[("02-01 08:00", "03-01 08:00")]);
    // A later version counts while it lasts; then the one before it counts again.
    of(vec![state(2, "03-03 08:00", "03-05 08:00", version("61"))])
        .holds(&[("03-01 08:00", "03-03 08:00"), ("03-05 08:00", "end")]);
    of(vec![state(2, "02-20 08:00", "end", version("42"))]).holds(&[("02-20 08:00", "end")]);
    of(vec![state(2, "02-20 08:00", "end", version("61"))]).holds(&[("03-01 08:00", "end")]);
    // At one instant the pack's own yields to any fact, and of facts the greatest id counts.
    of(vec![state(2, "03-01 08:00", "end", version("61"))]).holds(&[]);
    of(vec![state(3, "03-01 08:00", "end", version("42")), state(2, "03-01 08:00", "end", version("61"))])
        .holds(&[("03-01 08:00", "end")]);
    let other = Content::List { list: ListId::parse("m").unwrap(), areas: areas("61") };
    of(vec![state(2, "03-03 08:00", "end", other)]).holds(&[("03-01 08:00", "end")]);
}

#[test]
fn a_stay_that_must_be_long_counts_from_when_it_has_been() {
    let rule = "stay(level: high, longer: 4h) within 24h";
    let visit = |until, level_until| {
        vec![
            state(1, "03-01 08:00", until, stay("4201")),
            state(2, "02-01 08:00", level_until, level("42", Level::High)),
        ]
    };
    story(rule, visit("03-01 12:00:00.001", "end")).holds(&[("03-01 12:00", "03-02 12:00:00.001")]);
    story(rule, visit("03-01 12:00", "end")).holds(&[]);
    // Only the time at that level counts.
    story(rule, visit("03-01 18:00", "03-01 12:00")).holds(&[]);
    story(rule, visit("03-01 18:00", "03-01 13:00")).holds(&[("03-01 12:00", "03-02 13:00")]);
}

#[test]
fn a_result_is_of_a_shared_tube_where_its_sample_was_taken_for_one() {
    let taken = |sample: u8, pool: Option<u8>| Content::Sample {
        sample: SampleId::from_bytes([sample; 16]),
        pool: pool.map(|pool| PoolId::from_bytes([pool; 16])),
        method: TestMethod::NucleicAcid,
    };
    for (sample, of_pool) in [(taken(0, Some(1)), true), (taken(0, None), false), (taken(5, Some(1)), false)] {
        let facts = vec![event(1, "03-01 08:00", sample), event(2, "03-02 08:00", NEGATIVE)];
        let day: &[_] = &[("03-02 08:00", "03-03 08:00")];
        story("test(negative, pool) within 24h", facts.clone()).holds(if of_pool { day } else { &[] });
        story("test(negative, single) within 24h", facts).holds(if of_pool { &[] } else { day });
    }
}

//! docs/RULES.md, run: its pack loads, its terms are read, and its examples hold when it says they do.

use yima_model::fact::{
    Answer, CaseClass, Channel, ContactDegree, IsolationPlace, NoticeKind, StatementMeaning, Symptom, Symptoms,
    TestMethod,
};
use yima_model::id::{CampaignId, ListId, PoolId, SampleId};
use yima_model::{AreaSet, Content, Fact, FirstDay, Level, Occurred, SourceKind, Subject, Timestamp};
use yima_rules::check::load;
use yima_rules::pack::{CountsFrom, Pack, Rule, WhileDisputed};
use yima_rules::syntax::{Names, TERMS, read_condition, read_definition};
use yima_rules::timeline::Everybody;

use crate::support::*;

const PAGE: &str = include_str!("../../../../docs/RULES.md");

fn names() -> Names {
    Names { lists: vec!["key".to_owned()], settings: [("wide".to_owned(), true)].into(), ..Names::default() }
}

/// The text from one heading to the next.
fn section(heading: &str) -> &'static str {
    let rest = PAGE.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}")).1;
    rest.split("\n## ").next().unwrap()
}

/// The cells of the rows of a section's table, without its head.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let lines = section(heading).lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

fn day(text: &str) -> Timestamp {
    at(&format!("2020-03-{}", text.trim()))
}

/// `02 08:00 – 03 08:00`, with nothing after the dash for an open end; then what is left of the text.
fn interval(text: &str) -> (Timestamp, Timestamp, &str) {
    let (from, rest) = text.split_once('–').unwrap();
    let rest = rest.trim_start();
    let is_time =
        rest.get(..8).is_some_and(|time| time.bytes().all(|byte| byte.is_ascii_digit() || b" :".contains(&byte)));
    if is_time { (day(from), day(&rest[..8]), rest[8..].trim()) } else { (day(from), Timestamp::FOREVER, rest) }
}

fn fact(story: &mut Story, text: &str) {
    if text.contains('–') {
        let (from, until, words) = interval(text);
        let content = state(&words.split(' ').collect::<Vec<_>>());
        story.file(SourceKind::DiseaseControl, from, Occurred::During { from, until }, content);
        return;
    }
    let (when, words) = (day(&text[..8]), text[8..].trim());
    let (words, reported) = words.split_once(" reported ").map_or((words, when), |(words, at)| (words, day(at)));
    let (words, as_of) = words.split_once(" as-of ").map_or((words, when), |(words, at)| (words, day(at)));
    let (words, kind) = words
        .split_once(" by ")
        .map_or((words, SourceKind::Resident), |(words, kind)| (words, SourceKind::from_word(kind).unwrap()));
    let (words, caused) = words.strip_suffix(" caused").map_or((words, false), |words| (words, true));
    let (words, of_everybody) = words.strip_suffix(" everybody").map_or((words, false), |words| (words, true));
    let content = event(&words.split(' ').collect::<Vec<_>>(), as_of);
    let before = story.facts.last().map(Fact::id);
    story.file(kind, reported, Occurred::At { at: when, reported }, content);
    if of_everybody {
        story.refile_last(|filing| filing.subject = Subject::Global);
    }
    if caused {
        story.refile_last(|filing| filing.cause = before);
    }
}

fn event(words: &[&str], as_of: Timestamp) -> Content {
    let symptoms = |words: &[&str]| words.iter().filter_map(|word| Symptom::from_word(word)).collect::<Symptoms>();
    let result = |sample, outcome: &str, method: Option<&&str>| Content::TestResult {
        sample: SampleId::from_bytes([sample; 16]),
        method: method.map_or(TestMethod::NucleicAcid, |method| TestMethod::from_word(method).unwrap()),
        positive: outcome == "positive",
    };
    match words {
        ["declaration", more @ ..] => Content::Declaration {
            symptoms: symptoms(more),
            contact: if more.contains(&"contact") { Answer::Yes } else { Answer::No },
            on_duty: false,
        },
        ["check-in", more @ ..] => Content::CheckIn { symptoms: symptoms(more) },
        ["temperature", degrees] => temperature(degrees.replace('.', "").parse().unwrap()),
        ["comparison", outcome] => {
            Content::Comparison { list: ListId::parse("key").unwrap(), as_of, matched: *outcome == "match" }
        }
        ["review"] => Content::Review,
        ["follow-up", more @ ..] => Content::FollowUp { clear: more.contains(&"clear") },
        ["sample", tube] => Content::Sample {
            sample: SampleId::from_bytes([1; 16]),
            pool: (*tube == "pool").then(|| PoolId::from_bytes([1; 16])),
            method: TestMethod::NucleicAcid,
        },
        ["result", outcome, more @ ..] => result(1, outcome, more.first()),
        ["other", outcome] => result(2, outcome, None),
        ["missed-test"] => Content::MissedTest { campaign: CampaignId::parse("c").unwrap() },
        ["contact", degree] => {
            let degree = ContactDegree::from_word(degree).unwrap();
            if degree == ContactDegree::Close { contact() } else { secondary() }
        }
        ["arrival", "abroad"] => arrival_from_abroad("61"),
        ["arrival", from] => arrival(from, "61"),
        ["vaccination", dose] => Content::Vaccination { dose: dose.parse().unwrap() },
        ["statement", meaning] => {
            Content::Statement { meaning: StatementMeaning::from_word(meaning).unwrap(), origin: None }
        }
        other => panic!("no event {other:?}"),
    }
}

fn state(words: &[&str]) -> Content {
    match words {
        ["registration"] => Content::Registration,
        ["binding"] => Content::Binding { channel: Channel::Phone },
        ["case", class] => case(CaseClass::from_word(class).unwrap()),
        ["isolation", place] => isolation(IsolationPlace::from_word(place).unwrap()),
        ["dwelling", code] => dwelling(code),
        ["stay", code] => stay(code),
        ["level", "high", code] => level(Level::High, code),
        ["level", "medium", code] => level(Level::Medium, code),
        ["notice", kind, code] => notice(NoticeKind::from_word(kind).unwrap(), code),
        other => panic!("no state {other:?}"),
    }
}

fn pack_of(condition: &str) -> Pack {
    let mut pack = pack("shaanxi-2020-12");
    let when = read_condition(condition, &names()).unwrap_or_else(|error| panic!("{condition}: {error:?}"));
    pack.rules = vec![Rule { when, ..pack.rules[0].clone() }];
    pack.lists.truncate(1);
    pack.lists[0].id = ListId::parse("key").unwrap();
    pack.lists[0].areas = AreaSet::of(area("6101"));
    pack.lists[0].from = at("2020-01-01 00:00");
    Pack {
        from: at("2020-01-01 00:00"),
        until: at("2020-12-31 00:00"),
        first_day: FirstDay::Counts,
        counts_from: CountsFrom::Occurrence,
        while_disputed: WhileDisputed::Holds,
        ..pack
    }
}

#[test]
fn every_example_holds_when_the_page_says_it_does() {
    for row in rows("Examples") {
        let [condition, facts, holds] = row.as_slice() else { panic!("{row:?}") };
        let condition = condition.trim_matches('`');
        let mut story = Story::default();
        facts.split("; ").for_each(|text| fact(&mut story, text));
        let expected: Vec<_> = holds.split("; ").map(interval).map(|(from, until, _)| (from, until)).collect();
        let pack = pack_of(condition);
        let everybody = Everybody::new(pack.clone(), &story.facts, Timestamp::FOREVER);
        let timeline = everybody.timeline(&story.own(), Timestamp::FOREVER);
        let grounds: Vec<_> = timeline.grounds().iter().map(|ground| ground.interval).collect();
        let grounds: Vec<_> = grounds.iter().map(|interval| (interval.from(), interval.until())).collect();
        assert_eq!(grounds, expected, "{condition}");
        for instant in yima_oracle::candidates(&pack, &story.facts, Timestamp::FOREVER) {
            for instant in
                [-1, 0, 1].map(|millis| instant.plus_millis(millis)).into_iter().filter(|at| pack.in_force(*at))
            {
                let judged = yima_oracle::judge(&pack, &story.facts, instant, Timestamp::FOREVER, Timestamp::FOREVER);
                let holds = expected.iter().any(|(from, until)| *from <= instant && instant < *until);
                assert_eq!(!judged.rules.is_empty(), holds, "oracle: {condition} at {instant}");
            }
        }
    }
}

#[test]
fn every_term_and_operator_has_an_example() {
    let conditions: Vec<_> = rows("Examples").iter().map(|row| row[0]).collect();
    let word = |text: &str, word: &str| {
        text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').any(|part| part == word)
    };
    let operators = [
        "within", "from", "for", "no", "until", "after", "at", "most", "count", "on_days", "and", "or", "not",
        "unless", "setting",
    ];
    let arguments =
        ["by", "in", "outside", "level", "near", "longer", "fresh", "pool", "single", "missed", "clear", "match"];
    for wanted in TERMS.iter().map(|(term, _)| *term).chain(operators).chain(arguments) {
        assert!(conditions.iter().any(|condition| word(condition, wanted)), "`{wanted}` has no example");
    }
}

#[test]
fn every_term_of_the_table_is_read_and_every_term_is_in_it() {
    let mut written = Vec::new();
    for row in rows("Terms") {
        for text in row[0].split('`').skip(1).step_by(2) {
            let text = text
                .replace("P)", "42)")
                .replace("level: L", "level: high")
                .replace("(L", "(key")
                .replace("campaign", "c");
            assert!(read_definition(&text, &names()).is_ok(), "{text}");
            written.push(text);
        }
    }
    for (term, _) in TERMS {
        assert!(written.iter().any(|text| text.split('(').next() == Some(term)), "`{term}` is not in the table");
    }
}

#[test]
fn the_pack_of_the_page_loads_as_one_of_a_place_and_as_the_national_one() {
    let blocks: Vec<_> = PAGE.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let of_place = blocks[0].to_owned();
    let areas = of_place.lines().find(|line| line.starts_with("areas = ")).unwrap();
    let ceiling = blocks.iter().find(|block| block.starts_with("ceiling = ")).unwrap();
    for source in [of_place.clone(), of_place.replacen(areas, ceiling, 1)] {
        let loaded = load(&source).unwrap_or_else(|findings| panic!("{findings:?}"));
        assert!(loaded.warnings.iter().all(|warning| warning.code == "unused"), "{:?}", loaded.warnings);
    }
}

#[test]
fn the_visits_of_the_page_are_reported_for_a_rule_that_looks_as_far_back() {
    let mut blocks = PAGE.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap());
    let pack = blocks.next().unwrap();
    let visits = blocks.find(|block| block.starts_with("[venue_visits]")).unwrap();
    let looks = pack.replacen("report within 90d and no report within 72h", "stay(in: key-regions) within 14d", 1);
    let codes = |source: String| {
        let findings = load(&source).map_or_else(|findings| findings, |loaded| loaded.warnings);
        findings
            .into_iter()
            .map(|finding| finding.code)
            .filter(|code| code.contains("visits") || *code == "kept-too-long")
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(format!("{looks}\n{visits}")), [""; 0]);
    assert_eq!(codes(format!("{pack}\n{visits}")), ["visits-for-nothing"]);
    assert_eq!(codes(format!("{looks}\n{}", visits.replace("days = 14", "days = 16"))), ["kept-too-long"]);
}

#[test]
fn the_versions_of_the_page_name_every_transition() {
    let named: Vec<_> = rows("Versions").iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, yima_rules::pack::Transition::ALL.map(yima_rules::pack::Transition::word));
}

#[test]
fn the_evidence_of_a_shared_tube_names_the_sample() {
    let mut story = Story::default();
    for text in ["02 08:00 sample pool", "02 08:00 result positive"] {
        fact(&mut story, text);
    }
    for (condition, facts) in [("test(positive, pool) within 1d", 2), ("test(positive) within 1d", 1)] {
        let everybody = Everybody::new(pack_of(condition), &story.facts, Timestamp::FOREVER);
        let timeline = everybody.timeline(&story.facts, Timestamp::FOREVER);
        let [ground] = timeline.grounds() else { panic!("{condition}") };
        assert_eq!(ground.evidence.len(), facts, "{condition}");
    }
}

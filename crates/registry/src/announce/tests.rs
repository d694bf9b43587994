//! What is milder binds at once, what is harsher a day after it was filed, and what is above the ceiling never.

use super::*;
use crate::testing::{HOUR, START, World, pack};

const CONTACTS: (&str, &str, &str) = ("Y-1", "yellow", "contact(close, secondary) within 14d");

/// A pack for Hubei in force from so many hours after the start, for sixty days.
fn text(rules: &[(&str, &str, &str)], hours: i64) -> String {
    let day = |hours| Zone::BEIJING.format(Timestamp::from_millis(START + hours * HOUR));
    let dated = |line: &str| match line.split_once(" = ") {
        Some(("published", _)) => format!("published = \"{}\"", day(hours - 240)),
        Some(("from", _)) => format!("from = \"{}\"", day(hours)),
        Some(("until", _)) => format!("until = \"{}\"", day(hours + 60 * 24)),
        _ => line.to_owned(),
    };
    let text = pack(rules).replace("test-2020-02", "test-2020-03");
    let (head, rest) = text.split_once("[[").unwrap();
    format!("{}\n{BECAUSE}\n[[{rest}", head.lines().map(dated).collect::<Vec<_>>().join("\n"))
}

const BECAUSE: &str = "because = { zh-CN = \"仍有病例\", zh-TW = \"仍有病例\", en = \"There are still cases\" }";

/// For how long a pack lasts that is put in force one hour after that of Hubei.
fn announced(text: &str, others: &[&str]) -> Result<Interval, Refused> {
    let mut world = World::new();
    world.pass(HOUR);
    let mut read = |text: &str| {
        let digest = world.shelf.add(text).unwrap_or_else(|findings| panic!("{findings:?}"));
        Arc::clone(world.shelf.find(&digest).unwrap())
    };
    let (pack, others) = (read(text), others.iter().map(|text| read(text)).collect::<Vec<_>>());
    announce(&world.registry.globals(), &world.shelf, &others, &pack, world.now())
}

fn now() -> Timestamp {
    Timestamp::from_millis(START + HOUR)
}

#[test]
fn milder_rules_bind_at_once_and_never_before_they_are_put_in_force() {
    for rule in [CONTACTS, ("Y-1", "yellow", "contact(close) within 7d"), ("Y-9", "yellow", "case(confirmed)")] {
        for hours in [-48, 0] {
            assert_eq!(announced(&text(&[rule], hours), &[]).unwrap().from(), now(), "{rule:?}");
        }
        let later = Timestamp::from_millis(START + 2 * HOUR);
        assert_eq!(announced(&text(&[rule], 2), &[]).unwrap().from(), later, "{rule:?}");
    }
}

#[test]
fn harsher_rules_bind_a_day_after_they_were_put_in_force() {
    for rule in [
        ("Y-8", "yellow", "contact(close, secondary) within 15d"),
        ("R-9", "red", "contact(close) within 7d"),
        ("Y-9", "yellow", "no checked_in within 72h"),
        ("G-9", "yellow", "symptom within 1d"),
    ] {
        for hours in [-48, 0, 2, 24] {
            let refused = announced(&text(&[CONTACTS, rule], hours), &[]).unwrap_err();
            let Refused::TooSoon { what, earliest, .. } = &refused else { panic!("{rule:?}: {refused:?}") };
            assert!(what.starts_with(&format!("rule {}", rule.0)), "{what}");
            assert_eq!(*earliest, Zone::BEIJING.format(now().plus_millis(24 * HOUR)));
        }
        assert!(announced(&text(&[CONTACTS, rule], 25), &[]).is_ok(), "{rule:?}");
    }
    let counted = text(&[CONTACTS], 2).replace("first_day = \"counts\"", "first_day = \"does-not-count\"");
    assert!(matches!(announced(&counted, &[]), Err(Refused::TooSoon { .. })), "a day more for everybody");
    let withheld = text(&[CONTACTS], 2).replace("base = \"green\"", "base = \"grey\"");
    assert!(matches!(announced(&withheld, &[]), Err(Refused::TooSoon { .. })));
}

#[test]
fn what_goes_on_says_why_it_is_still_needed() {
    let silent = text(&[CONTACTS], 25).replace(BECAUSE, "");
    for renewed in [silent.clone(), silent.replace("14d", "13d"), silent.replace("Y-1", "Y-2")] {
        assert!(matches!(announced(&renewed, &[]), Err(Refused::Unrenewed { .. })), "{renewed}");
    }
    assert!(announced(&text(&[CONTACTS], 25), &[]).is_ok());
    assert!(announced(&text(&[("Y-9", "yellow", "case(confirmed)")], 25).replace(BECAUSE, ""), &[]).is_ok());
}

#[test]
fn an_emergency_binds_at_once_and_lapses_within_three_days() {
    let reason = "{ zh-CN = \"急\", zh-TW = \"急\", en = \"Urgent\" }";
    let harsher = text(&[("R-9", "red", "symptom within 1d")], 2);
    let until = harsher.lines().find(|line| line.starts_with("until")).unwrap();
    let lasting = |hours: i64| {
        let end = Zone::BEIJING.format(Timestamp::from_millis(START + (2 + hours) * HOUR));
        harsher.replace(until, &format!("until = \"{end}\"\nemergency = {reason}"))
    };
    assert_eq!(announced(&lasting(72), &[]).unwrap().from(), Timestamp::from_millis(START + 2 * HOUR));
    let findings = Shelf::default().add(&lasting(73)).unwrap_err();
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["too-long"]);
}

#[test]
fn nothing_above_the_ceiling_is_put_in_force_beside_the_national_pack() {
    let national = |ceiling: &str, hours| {
        let text = text(&[CONTACTS], hours).replace("test-2020-03", "national");
        text.replace("areas = [\"42\"]", &format!("ceiling = \"{ceiling}\""))
    };
    let local = text(&[CONTACTS, ("R-9", "red", "contact(close) within 3d")], 48);
    for ceiling in ["green", "yellow"] {
        let refused = announced(&local, &[&national(ceiling, 24)]).unwrap_err();
        assert!(matches!(&refused, Refused::AboveCeiling { rule, .. } if ceiling == "green" || rule.as_str() == "R-9"));
    }
    assert!(announced(&local, &[&national("red", 24)]).is_ok());
    assert!(announced(&local, &[&national("yellow", 48 + 60 * 24)]).is_ok(), "it begins when the other has ended");
    assert!(announced(&national("yellow", 25), &[&local]).is_ok(), "a national pack has no ceiling above it");
}

#[test]
fn a_further_area_hides_nothing_from_those_who_are_judged_already() {
    let harsher = text(&[CONTACTS, ("R-9", "red", "contact(close) within 7d")], 2);
    for areas in ["[\"42\", \"43\"]", "[\"43\", \"42\"]", "[\"4201\"]", "[\"4201\", \"61\"]"] {
        let wider = harsher.replace("[\"42\"]", areas);
        assert!(matches!(announced(&wider, &[]), Err(Refused::TooSoon { .. })), "{areas}");
    }
    let milder = text(&[CONTACTS], 2).replace("[\"42\"]", "[\"42\", \"43\"]");
    assert!(announced(&milder, &[]).is_ok(), "who is judged anew had no rules, and the others have the same");
}

#[test]
fn where_no_pack_judges_there_is_nobody_to_warn() {
    let elsewhere = text(&[("R-9", "red", "symptom within 1d")], 0).replace("[\"42\"]", "[\"61\"]");
    assert_eq!(announced(&elsewhere, &[]).unwrap().from(), now());
    let mut shelf = Shelf::default();
    let digest = shelf.add(&text(&[CONTACTS], -480)).unwrap();
    let first = Arc::clone(shelf.find(&digest).unwrap());
    let lasts = announce(&[], &shelf, &[], &first, now()).unwrap();
    assert_eq!(lasts.from(), first.from, "the first of all is filed with its own time");
    let over = text(&[CONTACTS], -90 * 24);
    assert!(matches!(announced(&over, &[]), Err(Refused::Over(_))));
}

//! The colour, the rules that hold, and where a pack is in force.

use super::*;
use crate::Judgement;

fn judged(pack: &Pack, facts: &[Fact], when: &str) -> Judgement {
    judge(pack, facts, at(when), Timestamp::FOREVER, Timestamp::FOREVER)
}

fn judgement(colour: Colour, rules: &[&str]) -> Judgement {
    let rules = rules.iter().map(|rule| RuleId::parse(rule).unwrap()).collect();
    Judgement { colour, rules, in_force: true }
}

#[test]
fn the_worst_colour_shows_and_every_rule_that_holds_is_named() {
    let pack =
        pack(&[("yellow", "checked_in within 24h"), ("red", "follow_up within 24h"), ("grey", "reviewed within 24h")]);
    let facts =
        [event(1, "03-01 08:00", Content::Review), event(2, "03-01 09:00", CHECK_IN), event(3, "03-01 10:00", FINE)];
    let check = |when, colour, rules: &[&str]| assert_eq!(judged(&pack, &facts, when), judgement(colour, rules));
    check("03-01 07:00", Colour::Green, &[]);
    check("03-01 08:00", Colour::Grey, &["3"]);
    check("03-01 09:00", Colour::Yellow, &["1", "3"]);
    check("03-01 10:00", Colour::Red, &["1", "2", "3"]);
    check("03-02 09:00", Colour::Red, &["2"]);
    check("03-02 10:00", Colour::Green, &[]);
}

#[test]
fn the_base_shows_where_no_rule_holds() {
    let mut pack = pack(&[("yellow", "checked_in within 24h")]);
    pack.base = Colour::Grey;
    assert_eq!(judged(&pack, &[], "03-01 08:00"), judgement(Colour::Grey, &[]));
    assert_eq!(judged(&pack, &[event(1, "03-01 08:00", CHECK_IN)], "03-01 08:00"), judgement(Colour::Yellow, &["1"]));
}

#[test]
fn outside_its_time_a_pack_says_nothing() {
    let mut pack = pack(&[("red", "registered")]);
    (pack.from, pack.until) = (at("03-01 08:00"), at("03-02 08:00"));
    let facts = [state(1, "02-01 08:00", "end", Content::Registration)];
    let outside = Judgement { colour: Colour::Grey, rules: Vec::new(), in_force: false };
    assert_eq!(judged(&pack, &facts, "03-01 07:59:59.999"), outside);
    assert_eq!(judged(&pack, &facts, "03-01 08:00"), judgement(Colour::Red, &["1"]));
    assert_eq!(judged(&pack, &facts, "03-02 07:59:59.999"), judgement(Colour::Red, &["1"]));
    assert_eq!(judged(&pack, &facts, "03-02 08:00"), outside);
}

#[test]
fn facts_recorded_later_count_only_when_known() {
    let pack = pack(&[("red", "registered")]);
    let facts = [recorded(&state(1, "02-01 08:00", "end", Content::Registration), "03-01 08:00")];
    let colour = |known_at| judge(&pack, &facts, at("02-20 08:00"), at(known_at), Timestamp::FOREVER).colour;
    assert_eq!(colour("03-01 07:59:59.999"), Colour::Green);
    assert_eq!(colour("03-01 08:00"), Colour::Red);
}

//! What the checker refuses, and the place it points to.

use yima_rules::check::load;
use yima_rules::check::versions::{Version, review};
use yima_rules::diagnostic::{Diagnostic, Severity, render};
use yima_rules::search::search;

const PACK: &str = r#"
id = "test-2020-01"
areas = ["61"]
zone = "+08:00"
first_day = "counts"
counts_from = "occurrence"
while_disputed = "holds"
published = "2020-01-01T00:00:00+08:00"
from = "2020-01-02T00:00:00+08:00"
until = "2020-03-01T00:00:00+08:00"
base = "green"
title = { zh-CN = "测", zh-TW = "測", en = "Test" }
authority = { zh-CN = "测", zh-TW = "測", en = "Test" }
instrument = { zh-CN = "测", zh-TW = "測", en = "Test" }
call = { zh-CN = "测", zh-TW = "測", en = "Test" }
[define]
report = "declared or checked_in"
[[list]]
id = "key"
from = "2020-01-01T00:00:00+08:00"
areas = ["6101"]
evidence = "cases"
source = "cases of 1 January 2020, by their county"
title = { zh-CN = "测", zh-TW = "測", en = "Test" }
[[rule]]
id = "T-1"
colour = "yellow"
class = "risk"
when = "no report within 72h or stay(in: key) within 14d"
source = "our reading"
reason = { zh-CN = "测", zh-TW = "測", en = "Test" }
guide = { zh-CN = "测", zh-TW = "測", en = "Test" }
clears = { zh-CN = "测", zh-TW = "測", en = "Test" }
"#;

const CONDITION: &str = "no report within 72h or stay(in: key) within 14d";

/// The findings after replacing `old` by `new`, once.
fn findings(old: &str, new: &str) -> (String, Vec<Diagnostic>) {
    assert!(PACK.contains(old), "{old}");
    let source = PACK.replacen(old, new, 1);
    let found = match load(&source) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found,
    };
    (source, found)
}

/// The first finding has this code, and its place in the file reads `underlined`.
fn check(old: &str, new: &str, code: &str, underlined: &str) {
    let (source, found) = findings(old, new);
    let first = found.iter().find(|finding| finding.code == code).unwrap_or_else(|| panic!("{new}: {found:?}"));
    assert_eq!(&source[first.span.clone()], underlined, "{new}: {}", first.message);
}

fn check_condition(condition: &str, code: &str, underlined: &str) {
    check(CONDITION, &format!("{condition} and {CONDITION}"), code, underlined);
}

#[test]
fn the_sound_pack_has_no_findings() {
    assert_eq!(findings("T-1", "T-1").1, []);
}

#[test]
fn conditions_are_refused_at_the_place_that_is_wrong() {
    check_condition("symptm within 14d", "bad-condition", "symptm");
    check_condition("declared", "bad-condition", "declared");
    check_condition("contact(close) within 14", "bad-condition", "14");
    check_condition("contact(near) within 14d", "bad-condition", "near");
    check_condition("temperature(>= 99.9) within 14d", "bad-condition", ">= 99.9");
    check_condition("temperature within 14d", "bad-condition", "temperature");
    check_condition("stay(in: keys) within 14d", "bad-condition", "in: keys");
    check_condition("stay(in: 6) within 14d", "bad-condition", "in: 6");
    check_condition("stay(level: middle) within 14d", "bad-condition", "level: middle");
    check_condition("case from 7d for 3d", "bad-condition", "case");
    check_condition("declared from 7d for 72h", "bad-condition", "72h");
    check_condition("(declared within 14d) within 7d", "bad-condition", "(declared within 14d)");
    check_condition("count(case, 2, apart: 24h, within: 3d)", "bad-condition", "case");
    check_condition("count(reviewed, 0, apart: 24h, within: 3d)", "bad-condition", "0");
    check_condition("case until no symptom within 3d at most 14d", "bad-condition", "no symptom within 3d");
    check_condition("case until not case at most 14d", "bad-condition", "not case");
    check_condition("setting(wide)", "bad-condition", "wide");
    check_condition("case % 2", "bad-condition", "%");
    check_condition("case(by: self)", "bad-condition", "case");
    check_condition("case(counts_from: report)", "bad-condition", "case");
    check_condition("test(counts_from: sampling) within 1d", "bad-condition", "counts_from: sampling");
    let two_clocks = "(reviewed or test(counts_from: report)) within 1d";
    check_condition(two_clocks, "bad-condition", "reviewed or test(counts_from: report)");
    check_condition("within 3d", "bad-condition", "within");
    check_condition("case)", "bad-condition", ")");
}

#[test]
fn a_near_miss_gets_a_suggestion() {
    let (source, found) = findings(CONDITION, "symptm within 14d and no report within 72h");
    let text = render(&source, "packs/test.toml", &found);
    assert!(text.contains("unknown term `symptm`") && text.contains("did you mean `symptom`?"), "{text}");
    assert!(text.contains("packs/test.toml:"), "{text}");
    assert!(text.contains("^^^^^^"), "{text}");
}

#[test]
fn values_are_refused_with_their_place() {
    check("\"test-2020-01\"", "\"二〇二〇\"", "bad-value", "\"二〇二〇\"");
    check("[\"61\"]", "[\"6\"]", "bad-value", "\"6\"");
    check("[\"61\"]", "[]", "no-area", "\"test-2020-01\"");
    check("\"+08:00\"", "\"Asia/Shanghai\"", "bad-value", "\"Asia/Shanghai\"");
    check("\"2020-01-02T00:00:00+08:00\"", "\"2020-01-02\"", "bad-value", "\"2020-01-02\"");
    check("base = \"green\"", "base = \"red\"", "bad-base", "\"red\"");
    check("areas = [\"61\"]", "ceiling = \"pink\"", "bad-ceiling", "\"pink\"");
    check("areas = [\"61\"]", "areas = [\"61\"]\nceiling = \"red\"", "no-area", "\"test-2020-01\"");
    check("base = \"green\"", "base = \"green\"\naudit_days = 0", "bad-audit-days", "0");
    check("base = \"green\"", "base = \"green\"\naudit_days = 3661", "bad-audit-days", "3661");
    check("colour = \"yellow\"", "colour = \"green\"", "bad-colour", "\"green\"");
    check("colour = \"yellow\"", "colour = \"grey\"", "bad-cause", "\"grey\"");
    check("class = \"risk\"", "class = \"health\"", "bad-class", "\"health\"");
    check("class = \"risk\"", "class = \"risk\"\ncause = \"not-compared\"", "bad-cause", "\"yellow\"");
    for empty in ["\" \"", "\".\"", "\"—\"", "\"见 1\"", "\"n/a\""] {
        check("source = \"our reading\"", &format!("source = {empty}"), "no-source", empty);
    }
}

#[test]
fn a_grey_rule_speaks_of_no_health_risk() {
    let grey = "colour = \"grey\"\ncause = \"not-compared\"";
    check("colour = \"yellow\"", grey, "grey-risk", "\"risk\"");
}

#[test]
fn times_must_be_lawful() {
    let from = "from = \"2020-01-02T00:00:00+08:00\"";
    check(from, "from = \"2019-12-31T23:59:59+08:00\"", "before-publication", "\"2019-12-31T23:59:59+08:00\"");
    let until = "until = \"2020-03-01T00:00:00+08:00\"";
    check(until, "until = \"2020-01-02T00:00:00+08:00\"", "ends-before-it-begins", "\"2020-01-02T00:00:00+08:00\"");
    check(until, "until = \"2020-04-01T00:00:01+08:00\"", "too-long", "\"2020-04-01T00:00:01+08:00\"");
    assert_eq!(findings(until, "until = \"2020-04-01T00:00:00+08:00\"").1, []);
    let (_, found) = findings(until, "");
    assert_eq!(found.first().map(|finding| finding.code), Some("not-a-pack"));
}

#[test]
fn texts_must_be_translated() {
    let all = "reason = { zh-CN = \"测\", zh-TW = \"測\", en = \"Test\" }";
    check(
        all,
        "reason = { zh-CN = \"测\", zh-TW = \"測\" }",
        "missing-translation",
        "{ zh-CN = \"测\", zh-TW = \"測\" }",
    );
    let empty = "{ zh-CN = \"测\", zh-TW = \"\", en = \"Test\" }";
    check(all, &format!("reason = {empty}"), "missing-translation", empty);
    let more = "{ zh-CN = \"测\", zh-TW = \"測\", en = \"Test\", fr = \"Essai\" }";
    check(all, &format!("reason = {more}"), "unknown-language", more);
}

#[test]
fn conditions_must_end_and_look_back_a_bounded_time() {
    check(
        CONDITION,
        "report within 400d and stay(in: key) within 14d",
        "unbounded-reach",
        "\"report within 400d and stay(in: key) within 14d\"",
    );
    let forever = "count(report, 2, apart: 24h, within: 3d) or stay(in: key)";
    check(CONDITION, forever, "never-clears", &format!("\"{forever}\""));
    let registered = "registered or report within 3d and stay(in: key) within 3d";
    check(CONDITION, registered, "never-clears", &format!("\"{registered}\""));
    // What holds of everybody who is well ends with falling ill, and that is no end.
    for well in [
        "registered within 1d",
        "registered and not case",
        "no case within 14d",
        "no contact within 14d",
        "no test(positive) within 7d",
        "registered and not isolation",
        "registered and not symptom within 7d",
    ] {
        let (_, found) = findings(CONDITION, &format!("{CONDITION} or {well}"));
        assert!(found.iter().any(|finding| finding.code == "never-clears"), "{well}: {found:?}");
    }
    let never = "stay(in: key, outside: key) and report within 3d";
    check(CONDITION, never, "never-holds", &format!("\"{never}\""));
}

#[test]
fn exemptions_rest_on_what_others_file_and_days_on_a_measure() {
    let own = "report within 3d unless checked_in(by: self) within 1d";
    check(CONDITION, own, "bad-condition", "checked_in(by: self) within 1d");
    let event = "report within 3d unless checked_in";
    check(CONDITION, event, "bad-condition", "checked_in");
    let loose = "on_days(test(negative), 1, 4) and stay(in: key) within 3d";
    check(CONDITION, loose, "bad-condition", loose);
    let order = "report until on_days(test(negative), 4, 1) at most 7d and stay(in: key) within 3d";
    check(CONDITION, order, "bad-condition", "1");
    check(CONDITION, "report within 3d and stay(in: key, longer: 1d) within 3d", "bad-condition", "stay");
}

#[test]
fn what_can_never_hold_is_seen() {
    for never in [
        "stay(in: 610102, outside: 61) within 3d",
        "stay(in: 42, in: 61)",
        "dwelling(in: 6101, in: 6102)",
        "test(positive) within 3d and no test within 7d",
        "not case and case(confirmed)",
        "no contact within 14d and contact(close) within 14d",
        "count(test(negative), 3, apart: 48h, within: 72h) and case",
        "count(test(negative), 4, apart: 1d, within: 2d) and case",
        "(stay(in: key, outside: key)) until reviewed at most 3d",
    ] {
        check(CONDITION, never, "never-holds", &format!("\"{never}\""));
    }
    for sometimes in [
        "stay(in: 6101, outside: 610102) within 3d",
        "test(positive) within 7d and no test within 3d",
        "case(confirmed) within 7d and not case(confirmed)",
        "count(test(negative), 2, apart: 24h, within: 1d) and case",
        "count(test(negative), 2, apart: 24h, within: 24h) and case",
    ] {
        let (_, found) = findings(CONDITION, sometimes);
        assert!(found.iter().all(|finding| finding.code != "never-holds"), "{sometimes}: {found:?}");
    }
}

/// The pack with a second rule of this colour and condition.
fn with_rule(colour: &str, condition: &str) -> String {
    let (_, rule) = PACK.split_once("[[rule]]").unwrap();
    let rule = rule.replace("T-1", "T-2").replace("yellow", colour).replace(CONDITION, condition);
    format!("{PACK}[[rule]]{rule}")
}

fn second_rule(colour: &str, condition: &str) -> Vec<(&'static str, String, String)> {
    let source = with_rule(colour, condition);
    let found = load(&source).unwrap_or_else(|found| panic!("{condition}: {found:?}")).warnings;
    let told = |finding: Diagnostic| (finding.code, source[finding.span.clone()].to_owned(), finding.message);
    found.into_iter().map(told).collect()
}

#[test]
fn a_rule_that_another_always_covers_is_seen() {
    let first = |condition: &str| PACK.replace(CONDITION, condition);
    for (colour, wide, narrow) in [
        ("yellow", "contact within 14d", "contact(close) within 7d"),
        ("yellow", "contact within 14d or case", "contact(secondary) within 14d and symptom within 3d"),
        ("yellow", "contact(close) within 7d", "contact(close) from 2d for 5d"),
        ("yellow", "case within 14d", "case(confirmed)"),
        ("yellow", "stay(in: 61, level: high) within 14d", "stay(in: 610102, level: high) within 14d"),
        ("yellow", "arrival(outside: 610102) within 14d", "arrival(outside: 61) within 14d"),
        ("yellow", "no test within 3d", "no test within 7d"),
        ("yellow", "not symptom(fever) within 7d and contact within 9d", "not symptom within 7d and contact within 9d"),
        ("yellow", "symptom until follow_up(clear) at most 14d", "symptom(fever, by: self) until follow_up at most 7d"),
        ("yellow", "stay(level: high) within 9d", "stay(level: high) until test(negative) at most 9d"),
        ("yellow", "stay until test(negative) at most 9d", "stay(level: high)"),
        ("yellow", "temperature(>= 37.3) within 3d", "temperature(> 38.0) within 2d"),
        ("yellow", "test(positive) within 3d", "test(positive, antigen) within 48h"),
    ] {
        let source = first(wide) + with_rule(colour, narrow).strip_prefix(PACK).unwrap();
        let found = load(&source).unwrap_or_else(|found| panic!("{narrow}: {found:?}")).warnings;
        let shadowed: Vec<_> = found.iter().filter(|finding| finding.code == "shadowed").collect();
        let [finding] = shadowed.as_slice() else { panic!("{narrow}: {found:?}") };
        assert_eq!(&source[finding.span.clone()], format!("\"{narrow}\""));
        assert_eq!(finding.message, "T-2 never tells: whenever it holds, T-1 holds too and is yellow");
    }
    for (wide, other) in [
        ("contact(close) within 14d", "contact within 7d"),
        ("contact within 7d", "contact(close) within 14d"),
        ("contact within 7d", "contact within 168h"),
        ("stay(in: 610102, level: high) within 14d", "stay(in: 61, level: high) within 14d"),
        ("stay(near: high) within 14d", "stay(level: high) within 14d"),
        ("symptom until follow_up at most 14d", "symptom until follow_up(clear) at most 14d"),
        ("symptom(by: self) within 14d", "symptom(by: others) within 14d"),
        ("test(positive, antigen) within 3d", "test(positive, nucleic-acid) within 3d"),
    ] {
        let source = first(wide) + with_rule("yellow", other).strip_prefix(PACK).unwrap();
        let found = load(&source).unwrap_or_else(|found| panic!("{other}: {found:?}")).warnings;
        assert!(found.iter().all(|finding| !finding.message.starts_with("T-2 never tells")), "{other}: {found:?}");
    }
    let red = second_rule("red", "stay(in: key) within 3d");
    assert_eq!(red, [], "a harsher colour is no repetition");
    let same = second_rule("yellow", CONDITION);
    assert_eq!(same.len(), 1, "of two that hold together one is told: {same:?}");
}

#[test]
fn what_a_person_is_may_not_be_asked() {
    for word in [
        "nationality",
        "occupation",
        "registered_residence",
        "hukou",
        "household-registration",
        "petitioner",
        "employer",
    ] {
        check_condition(&format!("{word}(driver) within 14d"), "creep", word);
        check_condition(&format!("{word} and case"), "creep", word);
    }
    check("\"declared or checked_in\"", "\"declared or ethnicity\"", "creep", "ethnicity");
    let named = |name: &str| PACK.replace("\"key\"", &format!("\"{name}\"")).replace("in: key", &format!("in: {name}"));
    for name in
        ["petitioners", "bank-depositors", "hukou-elsewhere", "registered-residence", "foreign-guests", "taxi-drivers"]
    {
        let found = load(&named(name)).unwrap_err();
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["creep"], "{name}");
    }
    assert!(load(&named("networked-areas")).is_ok(), "a word inside another is another word");
    check(
        "zh-CN = \"测\", zh-TW = \"測\", en = \"Test\" }\n[[rule]]",
        "zh-CN = \"上访人员\", zh-TW = \"測\", en = \"Test\" }\n[[rule]]",
        "creep",
        "\"key\"",
    );
    check("report = ", "depositors = \"declared\"\nreport = ", "creep", "depositors");
    let reason = "{ zh-CN = \"测\", zh-TW = \"測\", en = \"You are a petitioner.\" }";
    check("reason = { zh-CN = \"测\", zh-TW = \"測\", en = \"Test\" }", &format!("reason = {reason}"), "creep", reason);
    let setting = |title: &str| {
        format!(
            "[[setting]]\nid = \"wide\"\nvalue = false\ntitle = {{ zh-CN = \"{title}\", zh-TW = \"測\", en = \"Test\" }}\n[[rule]]"
        )
    };
    check("[[rule]]", &setting("储户也算"), "creep", "\"wide\"");
    let (source, found) = findings(CONDITION, "occupation within 14d");
    let text = render(&source, "packs/test.toml", &found);
    assert!(text.contains("no rule asks for an occupation") && text.contains("isolation(closed-loop)"), "{text}");
}

/// R-172: a place stands on a list for its cases, which the pack names where it lists the place itself.
#[test]
fn a_pack_names_the_cases_for_which_it_lists_places_itself() {
    let source = "source = \"cases of 1 January 2020, by their county\"\n";
    check(source, "", "no-source", "\"key\"");
    check(source, "source = \"-\"\n", "no-source", "\"-\"");
    let later = PACK.replace(source, "").replace("areas = [\"6101\"]", "areas = []");
    assert_eq!(load(&later).unwrap().warnings, [], "`list` facts bring the places with their cases");
}

#[test]
fn nobody_is_coloured_because_data_are_late() {
    for refused in [
        "not test(negative) within 7d and dwelling(level: high)",
        "dwelling(level: high) and not (test(negative) within 7d or vaccinated within 7d)",
        "contact within 14d and not follow_up(clear) within 7d",
        "stay(level: low) until test(negative) at most 7d and not stay(level: low) within 3d",
        "case within 3d or stay(level: high) within 7d and not checked_in within 24h",
        "dwelling(level: high) and not (test(negative) or contact(close)) within 7d",
        "dwelling(level: high) and not (test(negative) until test(positive) at most 7d)",
        "bound and not temperature(>= 20.0) within 1d",
        "bound unless test(negative) within 7d",
        "bound and not test(negative, by: others) within 7d",
    ] {
        check(CONDITION, refused, "outage", &format!("\"{refused}\""));
    }
    for allowed in [
        "no test(negative) within 7d and dwelling(level: high)",
        "stay(level: low) until test(negative) at most 7d and no stay(level: low) within 3d",
        "case within 28d and not case within 14d",
        "arrival(level: high) within 14d unless statement(recovered) within 90d",
        "arrival(outside: 61) within 14d unless statement(recovered) within 90d",
        "arrival(level: high) within 14d and not test(negative, by: others) within 3d",
    ] {
        let (_, found) = findings(CONDITION, &format!("{allowed} or {CONDITION}"));
        assert!(found.iter().all(|finding| finding.code != "outage"), "{allowed}: {found:?}");
    }
    let (_, found) = findings("colour = \"yellow\"", "colour = \"grey\"\ncause = \"not-compared\"");
    let grey = "not checked_in within 24h";
    assert!(found.iter().all(|finding| finding.code != "outage"), "{grey} is pending: {found:?}");
}

#[test]
fn nobody_exempts_oneself() {
    for (exempt, place) in [
        ("statement(recovered, by: self) within 90d", "statement(recovered, by: self) within 90d"),
        ("stay(in: key)", "stay(in: key)"),
        ("dwelling(in: key)", "dwelling(in: key)"),
        ("(case or no stay within 7d)", "(case or no stay within 7d)"),
        ("not case", "not case"),
        ("no test(positive) within 7d", "no test(positive) within 7d"),
        (
            "(test(negative) within 3d and not contact within 7d)",
            "(test(negative) within 3d and not contact within 7d)",
        ),
        ("registered", "registered"),
    ] {
        check_condition(&format!("contact within 14d unless {exempt}"), "bad-condition", place);
    }
    let (_, found) = findings(CONDITION, &format!("contact within 14d unless isolation or {CONDITION}"));
    assert_eq!(found, []);
}

#[test]
fn nothing_can_clear_what_ends_before_it_may() {
    check_condition("contact until test(negative) after 7d at most 7d", "bad-condition", "after 7d");
    let days = "on_days(test(negative), 3)";
    check_condition(&format!("contact until {days} after 2d at most 7d"), "bad-condition", days);
    let (_, found) = findings(CONDITION, &format!("contact until test(negative) after 6d at most 7d or {CONDITION}"));
    assert_eq!(found, []);
}

#[test]
fn a_list_is_kept_here_or_does_not_say() {
    let evidence = "evidence = \"cases\"\n";
    check(evidence, &format!("{evidence}kept = \"there\"\n"), "bad-kept", "\"there\"");
    let (_, found) = findings(evidence, &format!("{evidence}kept = \"here\"\n"));
    assert_eq!(found, []);
}

#[test]
fn a_place_carries_a_duty_only_for_its_cases() {
    let evidence = "evidence = \"cases\"\n";
    check(evidence, "", "no-evidence", "\"key\"");
    check(evidence, "evidence = \"rumour\"\n", "bad-evidence", "\"rumour\"");
    for other in ["map", "register"] {
        check(evidence, &format!("evidence = \"{other}\"\n"), "no-cases", &format!("\"{CONDITION}\""));
    }
    let area = "arrival(in: 42) within 14d";
    check(CONDITION, &format!("{area} or {CONDITION}"), "no-cases", &format!("\"{area} or {CONDITION}\""));
    for unproved in [
        "dwelling(outside: 4403)",
        "stay(outside: 44) within 7d",
        "arrival(in: 6501, level: low) within 14d",
        "dwelling(in: 4401, level: low)",
    ] {
        let (_, found) = findings(CONDITION, &format!("{unproved} or {CONDITION}"));
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["no-cases"], "{unproved}");
    }
    for proved in [
        "arrival(in: 42, level: high) within 14d",
        "stay(in: 61, in: key) within 14d",
        "arrival(outside: 61) within 14d",
    ] {
        let (_, found) = findings(CONDITION, &format!("{proved} or {CONDITION}"));
        assert_eq!(found, [], "{proved}");
    }
}

#[test]
fn nobody_is_coloured_by_what_was_inferred_alone() {
    let traces = PACK.replace("evidence = \"cases\"", "evidence = \"traces\"");
    let judged = |condition: &str| {
        let source = traces.replace(CONDITION, condition);
        let found = load(&source).map_or_else(|found| found, |loaded| loaded.warnings);
        found.into_iter().find(|finding| finding.code == "inferred-only").map(|finding| source[finding.span].to_owned())
    };
    for refused in [
        "compared(key, match) within 7d",
        "stay(in: key) within 14d",
        "compared(key, match) until test(negative) at most 7d",
        "contact within 7d or compared(key, match) within 7d",
        "compared(key, match) within 7d and no test(negative) within 3d",
        "count(compared(key, match), 2, apart: 1d, within: 7d) and no reviewed within 9d",
        "compared(key, match) within 7d and registered",
        "stay(in: key) within 7d and bound and declared within 7d",
        "compared(key, match) within 7d and (case or bound)",
        "compared(key) within 7d and no compared(key, clear) within 7d",
        "compared(key, match) within 7d and dwelling(level: low)",
        "compared(key, match) within 7d and follow_up within 7d",
    ] {
        assert_eq!(judged(refused), Some(format!("\"{refused}\"")));
    }
    for allowed in [
        "compared(key, match) within 7d and symptom within 3d",
        "no compared(key, clear) within 7d",
        "contact within 7d",
    ] {
        assert_eq!(judged(allowed), None, "{allowed}");
    }
}

#[test]
fn a_list_is_older_than_what_a_rule_asks_outside_of_it() {
    let rule = "arrival(outside: key) within 14d";
    let from = "from = \"2020-01-01T00:00:00+08:00\"\nareas";
    let source = PACK.replace(CONDITION, rule).replace("\"cases\"", "\"map\"");
    let judged = |begins: &str| {
        let source = source.replace(from, &format!("from = \"{begins}\"\nareas"));
        let found = load(&source).unwrap_or_else(|found| panic!("{found:?}")).warnings;
        found.into_iter().map(|finding| (finding.code, source[finding.span].to_owned())).collect::<Vec<_>>()
    };
    let late = "2020-01-01T00:00:00+08:00";
    assert_eq!(judged(late), [("unused", "report".to_owned()), ("list-begins-late", format!("\"{late}\""))]);
    assert_eq!(judged("2019-12-01T00:00:00+08:00"), [("unused", "report".to_owned())]);
}

#[test]
fn generated_histories_show_what_texts_do_not() {
    let searched = |text: &str| {
        let loaded = load(text).unwrap_or_else(|found| panic!("{found:?}"));
        assert!(loaded.warnings.iter().all(|finding| finding.code == "unused"), "{:?}", loaded.warnings);
        let told = |finding: Diagnostic| (finding.code, text[finding.span].to_owned(), finding.message);
        search(text, &loaded.pack).into_iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(searched(PACK), []);
    let never = "symptom within 1d and no report within 7d";
    let message = "T-1 holds in none of 96 generated histories".to_owned();
    assert_eq!(searched(&PACK.replace(CONDITION, never)), [("never-held", format!("\"{never}\""), message)]);
    let covered = "symptom(fever) within 2d";
    let found =
        searched(&with_rule("yellow", covered).replacen(CONDITION, "report within 3d or stay(in: key) within 3d", 1));
    let [(code, place, message)] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((*code, place.as_str()), ("always-covered", "\"symptom(fever) within 2d\""));
    assert!(message.ends_with("T-2 held only while T-1 did"), "{message}");
    let longer = searched(&with_rule("yellow", "symptom(fever) within 4d").replacen(
        CONDITION,
        "report within 3d or stay(in: key) within 3d",
        1,
    ));
    assert_eq!(longer, []);
}

/// What is wrong between the packs: in which, what, and the place.
fn between(sources: &[&str]) -> Vec<(usize, &'static str, String)> {
    let packs: Vec<_> =
        sources.iter().map(|source| load(source).unwrap_or_else(|found| panic!("{found:?}")).pack).collect();
    let versions: Vec<_> = sources.iter().zip(&packs).map(|(source, pack)| Version { source, pack }).collect();
    let told =
        |(number, finding): (usize, Diagnostic)| (number, finding.code, sources[number][finding.span].to_owned());
    review(&versions).into_iter().map(told).collect()
}

/// The pack again, in force in April, with other rules unless it renews the first.
fn next(from: &str) -> String {
    let dates = [("2020-03-01T", "2020-04-20T"), ("2020-01-02T", from), ("test-2020-01", "test-2020-03")];
    dates.into_iter().fold(PACK.to_owned(), |text, (old, new)| text.replace(old, new))
}

#[test]
fn between_two_versions_lies_neither_gap_nor_overlap() {
    let other = |from| next(from).replace("within 72h", "within 48h").replace("T-1", "T-7");
    let (until, from) = ("\"2020-03-01T00:00:00+08:00\"".to_owned(), |date: &str| format!("\"{date}00:00:00+08:00\""));
    assert_eq!(between(&[PACK, &other("2020-03-01T")]), []);
    assert_eq!(between(&[PACK, &other("2020-03-05T")]), [(0, "gap", until.clone())]);
    assert_eq!(between(&[&other("2020-03-05T"), PACK]), [(1, "gap", until)], "in whatever order they are given");
    assert_eq!(between(&[PACK, &other("2020-02-20T")]), [(1, "overlap", from("2020-02-20T"))]);
    let elsewhere = other("2020-03-05T").replace("[\"61\"]", "[\"42\"]");
    assert_eq!(between(&[PACK, &elsewhere]), [], "packs of other places are no versions of one another");
}

#[test]
fn rules_go_on_only_for_a_new_reason() {
    let because = |reason: &str| format!("{{ zh-CN = \"{reason}\", zh-TW = \"{reason}\", en = \"{reason}\" }}");
    let bare = next("2020-03-01T");
    assert_eq!(between(&[PACK, &bare]), [(1, "renewal-without-reason", "\"2020-03-01T00:00:00+08:00\"".to_owned())]);
    for cosmetic in [
        bare.replace("[\"61\"]", "[\"6101\", \"61\"]"),
        bare.replace("within 72h", "within 73h"),
        bare.replace("within 72h", "within 71h"),
        bare.replace(CONDITION, &format!("{CONDITION} or {CONDITION}")),
        bare.replace("T-1", "T-9"),
    ] {
        let found = between(&[PACK, &cosmetic]).into_iter().map(|(_, code, _)| code).collect::<Vec<_>>();
        assert_eq!(found, ["renewal-without-reason"], "{cosmetic}");
    }
    let codes = |from: &str| between(&[PACK, &next(from)]).into_iter().map(|(_, code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes("2020-03-31T"), ["gap", "renewal-without-reason"], "thirty days without a pack are no lapse");
    assert_eq!(codes("2020-04-01T"), ["gap"], "what has lapsed begins anew");
    let renewing =
        |text: &str, reason: &str| text.replace("[define]", &format!("because = {}\n[define]", because(reason)));
    let renewed = renewing(&bare, "first");
    assert_eq!(between(&[PACK, &renewed]), []);
    let fewer = bare.replace(CONDITION, "no report within 72h") + "[[rule]]" + PACK.split_once("[[rule]]").unwrap().1;
    let both = PACK.to_owned()
        + "[[rule]]"
        + &PACK.split_once("[[rule]]").unwrap().1.replace("T-1", "T-2").replace(CONDITION, "case");
    assert_eq!(between(&[&both, &bare])[0].1, "renewal-without-reason", "some of the rules go on");
    let beside = fewer.replacen("T-1", "T-0", 1);
    assert_eq!(between(&[PACK, &beside])[0].1, "renewal-without-reason", "a rule beside it does not make it new");
    assert_eq!(between(&[PACK, &renewing(&beside, "first")]), []);
    let short = beside.replace("2020-04-20T", "2020-04-01T");
    assert_eq!(between(&[PACK, &short]), [], "ninety days in all");
    let longer = beside.replace("2020-04-20T00:00:00", "2020-04-01T00:00:01");
    assert_eq!(between(&[PACK, &longer])[0].1, "renewal-without-reason", "and a second more");
    let dates = [
        ("test-2020-03", "test-2020-04"),
        ("2020-04-20T", "2020-06-10T"),
        ("from = \"2020-03-01T", "from = \"2020-04-20T"),
    ];
    let third = dates.into_iter().fold(bare, |text, (old, new)| text.replace(old, new));
    let again = (2, "reason-not-new", because("first"));
    assert_eq!(between(&[PACK, &renewed, &renewing(&third, "first")]), [again]);
    for cosmetic in [" first ", "First.", "fir st"] {
        assert_eq!(between(&[PACK, &renewed, &renewing(&third, cosmetic)])[0].1, "reason-not-new", "{cosmetic}");
    }
    let in_english = renewing(&third, "first").replace("en = \"first\"", "en = \"second\"");
    assert_eq!(between(&[PACK, &renewed, &in_english])[0].1, "reason-not-new", "in two languages it is the same");
    assert_eq!(between(&[PACK, &renewed, &renewing(&third, "second")]), []);
    let fourth = [("test-2020-04", "test-2020-06"), ("2020-06-10T", "2020-08-01T"), ("2020-04-20T", "2020-06-10T")];
    let fourth = fourth.into_iter().fold(third.clone(), |text, (old, new)| text.replace(old, new));
    let line = [PACK, &renewed, &renewing(&third, "second"), &renewing(&fourth, "first")];
    assert_eq!(between(&line), [(3, "reason-not-new", because("first"))], "an older reason is no new one either");
    let found = load(&renewing(&third, "")).unwrap_err();
    assert_eq!(found.first().map(|finding| finding.code), Some("missing-translation"));
}

#[test]
fn names_are_used_once_and_defined_ones_are_used() {
    check(
        "[[list]]",
        "[[list]]\nid = \"key\"\nfrom = \"2020-01-01T00:00:00+08:00\"\nareas = []\ntitle = { zh-CN = \"测\", zh-TW = \"測\", en = \"T\" }\n[[list]]",
        "duplicate",
        "\"key\"",
    );
    check("report = ", "spare = \"declared\"\nreport = ", "unused", "spare");
    check("\"declared or checked_in\"", "\"declared or report\"", "bad-condition", "report");
    check("base = ", "colour = \"green\"\nbase = ", "not-a-pack", "colour");
}

#[test]
fn transitions_name_the_version_before_and_are_one_of_four() {
    let follows = |more: &str| format!("follows = \"test-2019-12\"\n{more}\nbase = ");
    check("base = ", "transition = \"keep\"\nbase = ", "no-version-before", "\"keep\"");
    check("colour = ", "replaces = [\"T-0\"]\ncolour = ", "no-version-before", "\"T-0\"");
    check("base = ", "follows = \"test-2020-01\"\nbase = ", "no-version-before", "\"test-2020-01\"");
    check("base = ", &follows("transition = \"longer\""), "bad-transition", "\"longer\"");
    check("base = ", &follows("dropped = { T-0 = \"longer\" }"), "bad-transition", "\"longer\"");
    check("base = ", &follows("dropped = { T-1 = \"keep\" }"), "not-dropped", "T-1");
}

#[test]
fn only_errors_keep_a_pack_from_loading() {
    let (_, found) = findings("report = ", "spare = \"declared\"\nreport = ");
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning) && found.len() == 1);
}

#[test]
fn visits_are_reported_for_a_reason_and_a_time_and_for_a_rule_that_looks_at_them() {
    let visits = |from: &str, until: &str, days: u16, source: &str| {
        format!(
            "[venue_visits]\nfrom = \"{from}T00:00:00+08:00\"\nuntil = \"{until}T00:00:00+08:00\"\ndays = {days}\n\
             source = \"{source}\"\nreason = {{ zh-CN = \"查\", zh-TW = \"查\", en = \"Trace\" }}\n\n[[rule]]"
        )
    };
    let with = |pack: &str, visits: &str| pack.replacen("[[rule]]", visits, 1);
    let codes = |text: &str| match load(text) {
        Ok(loaded) => loaded.warnings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
        Err(findings) => findings.iter().map(|finding| finding.code).collect(),
    };
    let good = visits("2020-01-05", "2020-02-20", 14, "notice 3, sentence 2");
    assert_eq!(codes(&with(PACK, &good)), codes(PACK));
    let loaded = load(&with(PACK, &good)).unwrap().pack.visits.unwrap();
    assert_eq!((loaded.days, loaded.reason.get("en")), (14, Some("Trace")));
    for (visits, code) in [
        (visits("2020-01-01", "2020-02-20", 14, "s"), "bad-visits"),
        (visits("2020-02-20", "2020-02-20", 14, "s"), "bad-visits"),
        (visits("2020-01-05", "2020-03-02", 14, "s"), "bad-visits"),
        (visits("2020-01-05", "2020-02-20", 0, "s"), "bad-visits"),
        (visits("2020-01-05", "2020-02-20", 16, "s"), "kept-too-long"),
        (visits("2020-01-05", "2020-02-20", 14, " "), "no-source"),
        (good.replace("zh-TW = \"查\", ", ""), "missing-translation"),
    ] {
        assert!(codes(&with(PACK, &visits)).contains(&code), "{visits}");
    }
    let blind = PACK.replace(" or stay(in: key) within 14d", "");
    assert!(codes(&with(&blind, &good)).contains(&"visits-for-nothing"));
}

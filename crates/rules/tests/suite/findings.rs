//! What the checker refuses, and the place it points to.

use yima_rules::check::load;
use yima_rules::diagnostic::{Diagnostic, Severity, render};

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
    check("source = \"our reading\"", "source = \" \"", "no-source", "\" \"");
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

//! New packs: what the checker still asks for is what somebody has to write, and a renewal is the old pack with a new reason.

use std::collections::BTreeSet;

use yima_model::id::PackId;
use yima_model::{AreaCode, Colour, Zone};
use yima_rules::check::load;
use yima_rules::check::versions::{Version, review};
use yima_rules::scaffold::{Applies, Outline, RenewalError, blank, renewal};

use crate::support::at;

fn outline(id: &str, from: &str, until: &str) -> Outline {
    let (from, until) = (at(from), at(until));
    Outline {
        id: PackId::parse(id).unwrap(),
        published: from.plus_millis(-86_400_000),
        from,
        until,
        zone: Zone::BEIJING,
    }
}

/// The text with every empty text written.
fn filled(text: &str) -> String {
    text.replace("\"\"", "\"written\"")
}

#[test]
fn only_what_must_be_written_is_missing_from_a_new_pack() {
    let areas = ["42", "610102"].map(|code| AreaCode::parse(code).unwrap()).to_vec();
    for applies in [Applies::In(areas), Applies::Everywhere(Colour::Yellow)] {
        let text = blank(&outline("hubei-2020-03", "2020-03-02 00:00", "2020-05-31 00:00"), &applies);
        let found: BTreeSet<_> = load(&text).unwrap_err().into_iter().map(|finding| finding.code).collect();
        assert_eq!(found, BTreeSet::from(["missing-translation", "no-rules"]));
        let found: Vec<_> = load(&filled(&text)).unwrap_err().into_iter().map(|finding| finding.code).collect();
        assert_eq!(found, ["no-rules"]);
    }
}

#[test]
fn the_examples_of_a_new_pack_are_a_pack() {
    let applies = Applies::In(vec![AreaCode::parse("42").unwrap()]);
    let text = blank(&outline("hubei-2020-03", "2020-03-02 00:00", "2020-05-31 00:00"), &applies);
    let is_example = |line: &str| {
        let example = line.strip_prefix("# ").unwrap_or_default();
        example.starts_with('[')
            || example
                .split_once(" = ")
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let uncommented: Vec<_> = text.lines().map(|line| if is_example(line) { &line[2..] } else { line }).collect();
    let text = filled(&uncommented.join("\n")).replace(
        "when = \"stay(level: medium)",
        "when = \"no report within 72h or stay(in: key-regions) within 3d or stay(level: medium)",
    );
    let loaded = load(&text).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    assert_eq!(loaded.warnings, [], "{text}");
    assert_eq!(loaded.pack.id.as_str(), "hubei-2020-03");
    assert_eq!((loaded.pack.from, loaded.pack.until), (at("2020-03-02 00:00"), at("2020-05-31 00:00")));
}

#[test]
fn a_renewal_is_the_old_pack_with_new_dates_and_a_reason_to_be_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/hubei-2020-02.toml");
    let old = std::fs::read_to_string(path).unwrap();
    let next = outline("hubei-2020-05", "2020-05-25 00:00", "2020-08-20 00:00");
    let text = renewal(&old, &next).unwrap();
    let found: BTreeSet<_> = load(&text).unwrap_err().into_iter().map(|finding| finding.code).collect();
    assert_eq!(found, BTreeSet::from(["missing-translation"]));
    let (before, renewed) = (load(&old).unwrap().pack, load(&filled(&text)).unwrap().pack);
    assert_eq!(renewed.rules, before.rules);
    assert_eq!((renewed.id.as_str(), renewed.from, renewed.until), ("hubei-2020-05", next.from, next.until));
    let text = filled(&text);
    let versions = [Version { source: &old, pack: &before }, Version { source: &text, pack: &renewed }];
    assert_eq!(review(&versions), []);
    let again = renewal(&text, &outline("hubei-2020-08", "2020-08-20 00:00", "2020-11-01 00:00")).unwrap();
    assert_eq!(again.matches("because").count(), 1, "the old reason is taken away");
    assert_eq!(renewal("nothing", &next), Err(RenewalError::NotAPack));
    let table = format!("{}\n[because]\nzh-CN = \"因\"\nzh-TW = \"因\"\nen = \"since\"\n", old);
    assert_eq!(renewal(&table, &next), Err(RenewalError::ReasonIsATable));
}

//! Every file of packs/: it loads without a finding and is called what its pack is called.

use yima_rules::check::load;
use yima_rules::diagnostic::render;
use yima_rules::pack::Purpose;
use yima_rules::search::search;

use crate::support::pack;

#[test]
fn every_published_pack_loads_without_a_finding_and_names_itself() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let loaded = load(&source).unwrap_or_else(|findings| panic!("{}", render(&source, name, &findings)));
        assert_eq!(loaded.warnings, [], "{}", render(&source, name, &loaded.warnings));
        let searched = search(&source, &loaded.pack);
        assert_eq!(searched, [], "{}", render(&source, name, &searched));
        assert_eq!(loaded.pack.id.to_string(), name);
        found += 1;
    }
    assert!(found >= 2, "no packs in {folder}");
}

/// what guards against import and what against spread inside are listed apart.
#[test]
fn rules_for_arrivals_are_told_from_those_against_spread_inside() {
    let of = |name: &str, purpose: Purpose| {
        let pack = pack(name);
        let rules = pack.rules.iter().filter(|rule| rule.purpose() == purpose);
        rules.map(|rule| rule.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    for (name, arrivals, procedure) in [
        ("hubei-2020-02", "", "HB-1P HB-3 HB-11"),
        ("shaanxi-2020-12", "SX-2A SX-3B", "SX-0 SX-1P SX-4"),
        ("zhejiang-2020-06", "ZJ-R3 ZJ-R3A", "ZJ-0"),
        ("guangdong-2022-04", "GD-Y2", "GD-0"),
        ("state-council-2022-06-28", "CN-4 CN-4A", "CN-0 CN-7"),
        ("state-council-2022-12-07", "CN-4 CN-4A", "CN-0"),
    ] {
        assert_eq!(of(name, Purpose::Arrivals), arrivals, "{name}");
        assert_eq!(of(name, Purpose::Procedure), procedure, "{name}");
        assert!(!of(name, Purpose::Inside).is_empty(), "{name}");
    }
}

//! Every file of packs/: it loads without a finding and is called what its pack is called.

use yima_rules::check::load;
use yima_rules::diagnostic::render;
use yima_rules::search::search;

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

//! The division tree and past county codes, compared with the lists they were made from.

use std::collections::BTreeMap;

use support::{area, names, read, sources};
use yima_model::area::Depth;
use yima_model::division::{DivisionError, history};
use yima_model::{AreaCode, DivisionTree};

#[test]
fn every_area_lies_below_a_known_one_and_has_a_name() {
    let tree = DivisionTree::built_in();
    for area in tree.areas() {
        assert!(!tree.name(area).unwrap().trim().is_empty(), "{area}");
        assert!(area.parent().is_none_or(|parent| tree.name(parent).is_some()), "{area}");
        assert_eq!(AreaCode::parse(&area.to_string()), Ok(area));
    }
}

#[test]
fn counts_are_those_of_the_edition_and_of_what_we_add() {
    let tree = DivisionTree::built_in();
    // Taiwan has 20 cities and 358 districts in the list, Hong Kong 3 and 18, Macau 2 and 7; the Corps 14 divisions.
    assert_eq!(tree.count(Depth::Province), 31 + 3 + 1);
    assert_eq!(tree.count(Depth::City), 342 + 20 + 3 + 2 + 14);
    // Three cities without counties are listed as counties too, and Kinmen as county and as town.
    assert_eq!(tree.count(Depth::County), 2_978 - 3 + 358 + 18 + 7);
    assert_eq!(tree.count(Depth::Town), 41_352 - 1);
    assert_eq!(tree.count(Depth::Village), 0);
    assert_eq!(tree.count(Depth::Place), 0);
}

#[test]
fn full_names_are_as_people_write_them() {
    let tree = DivisionTree::built_in();
    let check =
        |code: &str, expected: &str| assert_eq!(tree.full_name(area(code)).as_deref(), Some(expected), "{code}");
    check("61", "陕西省");
    check("610102", "陕西省 西安市 新城区");
    check("610102001", "陕西省 西安市 新城区 西一路街道");
    check("310101", "上海市 黄浦区");
    check("500229", "重庆市 城口县");
    check("5002", "重庆市 县");
    check("429004", "湖北省 仙桃市");
    check("441900003", "广东省 东莞市 东城街道");
    check("659001", "新疆维吾尔自治区 石河子市");
    check("810101", "香港特别行政区 香港岛 中西区");
    check("8202", "澳门特别行政区 澳门外岛");
    check("710101", "台湾省 台北市 大安区");
    check("6608", "新疆生产建设兵团 第八师");
}

#[test]
fn unknown_codes_have_no_name() {
    let tree = DivisionTree::built_in();
    for code in ["99", "6199", "610199", "610102999", "610102001001", "610102.1", "8301"] {
        assert_eq!(tree.name(area(code)), None, "{code}");
        assert_eq!(tree.full_name(area(code)), None, "{code}");
        assert_eq!(tree.path(area(code)), [], "{code}");
        assert_eq!(tree.children(Some(area(code))).count(), 0, "{code}");
    }
}

#[test]
fn a_form_steps_from_the_provinces_down_to_towns() {
    let tree = DivisionTree::built_in();
    let provinces = names(&tree, tree.choices(None));
    assert_eq!(provinces.len(), 35);
    assert_eq!(provinces[0], "北京市");
    assert_eq!(provinces[31..], ["新疆生产建设兵团", "台湾省", "香港特别行政区", "澳门特别行政区"]);
    assert_eq!(tree.children(Some(area("31"))).collect::<Vec<_>>(), [area("3101")]);
    assert_eq!(names(&tree, tree.choices(Some(area("31"))))[..2], ["黄浦区", "徐汇区"]);
    assert_eq!(tree.choices(Some(area("50"))).len(), 38);
    assert!(names(&tree, tree.choices(Some(area("42")))).contains(&"仙桃市".to_owned()));
    assert_eq!(names(&tree, tree.choices(Some(area("4419"))))[0], "东城街道");
    assert_eq!(tree.choices(Some(area("610102001"))), []);
}

#[test]
fn search_puts_exact_names_before_beginnings_before_parts() {
    let tree = DivisionTree::built_in();
    let found = |text: &str, limit| tree.search(text, limit);
    assert_eq!(found("新城区", 2), [area("150102"), area("610102")]);
    assert_eq!(found("西安 新城区", 9), [area("610102")]);
    assert_eq!(found("陕西省 新城", 1), [area("610102")]);
    assert_eq!(found("西安", 1), [area("6101")]);
    assert_eq!(found("石河子", 2), [area("659001"), area("659001101")]);
    assert_eq!(found("东莞市", 9), [area("4419")]);
    assert_eq!(found("街道", 50).len(), 50);
    assert_eq!(found("甲乙丙丁", 9), []);
    assert_eq!(found("  ", 9), []);
}

#[test]
fn the_corps_is_a_region_of_its_own_in_bulletins() {
    let tree = DivisionTree::built_in();
    let check = |code: &str, expected: &str| assert_eq!(tree.bulletin_region(area(code)), area(expected), "{code}");
    check("659001", "66");
    check("659001001", "66");
    check("6608", "66");
    check("650106503", "66"); // 新疆兵团十二师头屯河农场, in a district of Urumqi
    check("650106", "65");
    check("650104001", "65");
    check("610102001", "61");
    check("659001001.7", "66");
}

#[test]
fn a_place_is_added_anywhere_and_found_at_once() {
    let mut tree = DivisionTree::built_in();
    let new_zone = tree.extend(area("5001"), "两江新区").unwrap();
    assert_eq!(new_zone, area("5001.1"));
    assert_eq!(tree.extend(area("5001"), " 重庆高新区 "), Ok(area("5001.2")));
    let compound = tree.extend(area("610102001"), "某小区").unwrap();
    assert_eq!(compound, area("610102001.1"));
    assert_eq!(tree.full_name(compound).unwrap(), "陕西省 西安市 新城区 西一路街道 某小区");
    assert_eq!(tree.full_name(new_zone).unwrap(), "重庆市 两江新区");
    assert_eq!(tree.search("两江新区", 1), [new_zone]);
    assert!(tree.choices(Some(area("50"))).contains(&new_zone));
    assert_eq!(tree.children(Some(area("5001"))).take(2).collect::<Vec<_>>(), [area("5001.1"), area("5001.2")]);
}

#[test]
fn recorded_additions_give_the_same_tree_again() {
    let mut tree = DivisionTree::built_in();
    let added: Vec<_> = ["甲社区", "乙社区", "丙社区"]
        .into_iter()
        .map(|name| (tree.extend(area("610102001"), name).unwrap(), name))
        .collect();
    let mut replayed = DivisionTree::built_in();
    for (area, name) in added.iter().chain(&added).rev() {
        replayed.insert(*area, name).unwrap();
    }
    assert_eq!(replayed, tree);
    replayed.insert(area("610102001002"), "某村").unwrap();
    assert_eq!(replayed.full_name(area("610102001002")).unwrap(), "陕西省 西安市 新城区 西一路街道 某村");
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut tree = DivisionTree::built_in();
    let place = tree.extend(area("61"), "西咸新区").unwrap();
    tree.insert(area("11.499999"), "最后一处").unwrap();
    let before = tree.clone();
    for (result, expected) in [
        (tree.extend(area("61"), "西咸新区"), DivisionError::NameTaken(place)),
        (tree.extend(area("61"), "西安市"), DivisionError::NameTaken(area("6101"))),
        (tree.extend(place, "秦汉新城"), DivisionError::BelowPlace(place)),
        (tree.extend(area("6199"), "某处"), DivisionError::NoParent(area("6199"))),
        (tree.extend(area("11"), "某处"), DivisionError::Full(area("11"))),
        (tree.extend(area("61"), "  "), DivisionError::NotAName),
        (tree.extend(area("61"), "某\n处"), DivisionError::NotAName),
        (tree.extend(area("61"), &"长".repeat(61)), DivisionError::NotAName),
        (tree.insert(area("610102"), "新区").map(|()| place), DivisionError::CodeTaken(area("610102"))),
    ] {
        assert_eq!(result, Err(expected));
    }
    assert_eq!(tree, before);
}

#[test]
fn what_was_recorded_keeps_its_name_under_a_newer_edition() {
    let mut tree = DivisionTree::built_in();
    tree.insert(area("619901.3"), "某小区").unwrap(); // its county is gone
    tree.insert(area("61.4"), "西安市").unwrap(); // its name has a code now
    assert_eq!(tree.full_name(area("619901.3")).unwrap(), "陕西省 某小区");
    assert_eq!(tree.search("某小区", 1), [area("619901.3")]);
    assert_eq!(tree.full_name(area("61.4")).unwrap(), "陕西省 西安市");
}

#[test]
fn past_codes_have_the_names_of_their_years() {
    let check = |code: &str, year, expected| assert_eq!(history::name_in(area(code), year), expected, "{code} {year}");
    check("110103", 1979, None);
    check("110103", 1980, Some("崇文区"));
    check("110103", 2009, Some("崇文区"));
    check("110103", 2010, None);
    check("61", 2000, Some("陕西省"));
    check("610102", 2023, Some("新城区"));
    check("610102", 2024, None);
    check("330103", 2022, Some("下城区"));
    check("330103", 2023, None);
    check("330113", 2022, None);
    check("330113", 2023, Some("临平区"));
    check("441900", 2020, Some("东莞市"));
    check("999999", 2000, None);
    check("610102001", 2020, None);
    check("610102.1", 2020, None);
}

#[test]
fn every_row_of_the_lists_is_in_the_tree() {
    let Some(sources) = sources() else {
        println!("skipped: the folder `shared` beside the project is absent");
        return;
    };
    let tree = DivisionTree::built_in();
    for (file, count) in [("provinces.csv", 31), ("cities.csv", 342), ("areas.csv", 2_978), ("streets.csv.gz", 41_352)]
    {
        let text = read(sources.join(file));
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(rows.len(), count, "{file}");
        for row in rows {
            let fields: Vec<_> = row.split(',').collect();
            assert_eq!(tree.name(area(fields[0])), Some(fields[1].trim_matches('"')), "{row}");
        }
    }
}

#[test]
fn every_row_of_the_yearly_list_is_in_the_history() {
    let Some(sources) = sources() else {
        println!("skipped: the folder `shared` beside the project is absent");
        return;
    };
    let text = read(sources.join("address_code_1980_2020.csv.gz"));
    let mut names: BTreeMap<(&str, i16), &str> = BTreeMap::new();
    for row in text.lines() {
        let fields: Vec<_> = row.split(',').collect();
        // In 1982 some codes of Guangdong passed from one county to another, and the list has both.
        names.entry((fields[1], fields[0].parse().unwrap())).or_insert(fields[2]);
    }
    let mut years: BTreeMap<&str, usize> = BTreeMap::new();
    for ((code, year), name) in names {
        assert_eq!(history::name_in(area(code), year), Some(name), "{code} {year}");
        *years.entry(code).or_default() += 1;
    }
    for (code, listed) in years {
        let known = (history::FIRST_YEAR..=2020).filter(|year| history::name_in(area(code), *year).is_some()).count();
        assert_eq!(known, listed, "{code}");
    }
}

#[cfg(test)]
mod support {
    use std::io::Read;
    use std::path::PathBuf;

    use yima_model::{AreaCode, DivisionTree};

    pub(crate) fn area(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    pub(crate) fn names(tree: &DivisionTree, areas: impl IntoIterator<Item = AreaCode>) -> Vec<String> {
        areas.into_iter().map(|area| tree.name(area).unwrap().to_owned()).collect()
    }

    /// The lists themselves; `None` where they are absent and nothing demands them.
    pub(crate) fn sources() -> Option<PathBuf> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/divisions"));
        if folder.is_dir() {
            return Some(folder);
        }
        assert_ne!(
            std::env::var_os("CI").as_deref(),
            Some("true".as_ref()),
            "the folder `shared` beside the project is absent"
        );
        None
    }

    pub(crate) fn read(file: PathBuf) -> String {
        let bytes = std::fs::read(&file).unwrap();
        let mut text = String::new();
        if file.extension() == Some("gz".as_ref()) {
            flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        text
    }
}

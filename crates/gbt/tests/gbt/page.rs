//! docs/GBT.md, held against the code: every element, list and interface stands on the page, and nothing else.

use yima_gbt::code::LISTS;
use yima_gbt::{Decision, Element, Form, Intake, Interface, Need, Output};

const PAGE: &str = include_str!("../../../../docs/GBT.md");

/// The cells of the rows of a section's first table, without its head.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let rest = PAGE.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}")).1;
    let section = rest.split("\n## ").next().unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    lines.skip(2).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

#[test]
fn the_page_has_every_element_in_its_form_and_says_what_becomes_of_it() {
    let rows = rows("Data elements");
    assert_eq!(rows.len(), Element::ALL.len());
    for (row, element) in rows.iter().zip(Element::ALL) {
        let [chinese, name, form, intake, ours, output, lost] = row[..] else { panic!("seven cells: {row:?}") };
        let expected = [element.chinese(), &code(element.name()), &element.form().describe()];
        assert_eq!([chinese, name, form], expected);
        assert_eq!((intake, output), (element.intake().word(), element.output().word()), "{name}");
        assert!(!ours.is_empty(), "{name}: what it is here, or why it is nothing");
        let loses = element.intake() == Intake::Unkept || element.output() == Output::Withheld;
        assert!(!loses || !lost.is_empty(), "{name}: what is lost, and why");
    }
}

#[test]
fn the_page_has_every_list_with_its_codes() {
    let rows = rows("Code lists");
    let codes = |row: &Vec<&'static str>| {
        row[1].split('；').map(|entry| entry.split_whitespace().next().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rows.len(), LISTS.len());
    for (row, list) in rows.iter().zip(LISTS) {
        assert_eq!((row[0], codes(row)), (list.name, list.codes.to_vec()));
    }
}

#[test]
fn the_page_has_every_interface_with_what_it_takes_and_gives() {
    let write = |elements: &[(Element, Need)]| {
        let write = |(element, need): &(Element, Need)| {
            let mark = if *need == Need::Optional { "?" } else { "" };
            format!("`{}`{mark}", element.name())
        };
        elements.iter().map(write).collect::<Vec<_>>().join(" ")
    };
    let rows = rows("Interfaces");
    assert_eq!(rows.len(), Interface::ALL.len());
    for (row, interface) in rows.iter().zip(Interface::ALL) {
        let takes: Vec<_> = interface.takes();
        // What is not kept is named in the table of elements.
        let takes: Vec<_> = takes.into_iter().filter(|(element, _)| element.intake() != Intake::Unkept).collect();
        let path = code(&format!("/v1/gbt/{}", interface.word()));
        let expected = [interface.clause(), interface.chinese(), &path, &write(&takes), &write(interface.gives())];
        assert_eq!(row[..5], expected);
        assert!(!row[5].is_empty(), "what it calls");
    }
}

#[test]
fn the_page_has_every_decision() {
    let words: Vec<_> = rows("Recognition").iter().map(|row| row[1].trim_matches('`').to_owned()).collect();
    for decision in Decision::ALL {
        assert!(words.iter().any(|word| word == decision.word()), "{}", decision.word());
    }
}

#[test]
fn an_element_is_taken_and_given_as_its_interfaces_say() {
    for element in Element::ALL {
        let is_taken =
            Interface::ALL.iter().any(|interface| interface.takes().iter().any(|(known, _)| known == element));
        let is_given =
            Interface::ALL.iter().any(|interface| interface.gives().iter().any(|(known, _)| known == element));
        assert_eq!(is_taken, element.intake() != Intake::Refused, "{element:?}");
        assert_eq!(is_given, element.output() == Output::Given, "{element:?}");
        assert!(element.form() != Form::None || !is_taken && !is_given, "{element:?}");
        assert_eq!(Element::from_name(element.name()), Some(*element));
    }
}

//! How the files of the rule packs are named; what is in them, the checker of packs judges.

use super::tree::TextFile;
use super::{Finding, Project};

pub(super) fn names(project: &Project) -> Vec<Finding> {
    let packs = project.tree.other.iter().filter(|file| file.path.starts_with("packs/"));
    packs
        .filter_map(|file| {
            let stem = file.path.strip_prefix("packs/")?.strip_suffix(".toml");
            let Some(stem) = stem.filter(|stem| is_authority_and_date(stem)) else {
                return Some(Finding::at(&file.path, "is not named `<authority>-<year>-<month>.toml`"));
            };
            (id(file).as_deref() != Some(stem)).then(|| Finding::at(&file.path, format!("its id is not `{stem}`")))
        })
        .collect()
}

/// Whether a name ends with a year and a month, perhaps a day, after words in small letters.
fn is_authority_and_date(stem: &str) -> bool {
    let parts: Vec<&str> = stem.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let words = parts.iter().take_while(|part| is_word(part)).count();
    let is_number = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.get(words..) {
        Some([year, rest @ ..]) if words > 0 && matches!(rest.len(), 1 | 2) => {
            is_number(year, 4) && rest.iter().all(|part| is_number(part, 2))
        }
        _ => false,
    }
}

fn id(file: &TextFile) -> Option<String> {
    let pack: toml::Table = file.text.parse().ok()?;
    pack.get("id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::support::{files, places};
    use super::names;

    #[test]
    fn packs_that_are_not_found_by_authority_and_date_are_refused() {
        for (path, id, found) in [
            ("packs/hubei-2020-02.toml", "hubei-2020-02", false),
            ("packs/state-council-2022-11-11.toml", "state-council-2022-11-11", false),
            ("packs/hubei-2020-02.toml", "hubei-2020-03", true),
            ("packs/hubei.toml", "hubei", true),
            ("packs/2020-02.toml", "2020-02", true),
            ("packs/Hubei-2020-02.toml", "Hubei-2020-02", true),
            ("packs/hubei-2020-2.toml", "hubei-2020-2", true),
            ("packs/hubei-2020.toml", "hubei-2020", true),
            ("packs/old/hubei-2020-02.toml", "hubei-2020-02", true),
            ("packs/hubei-2020-02.txt", "hubei-2020-02", true),
        ] {
            let project = files(&[(path, &format!("id = \"{id}\"\n"))]);
            assert_eq!(places(&names(&project)), if found { vec![path] } else { vec![] }, "{id}");
        }
        assert_eq!(places(&names(&files(&[("packs/hubei-2020-02.toml", "no TOML")]))), ["packs/hubei-2020-02.toml"]);
    }
}

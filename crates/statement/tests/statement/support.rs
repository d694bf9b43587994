//! What the suites share: where they lie, and the account of what ran and what passed.

#[cfg(test)]
pub(crate) use tests::*;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::Value;
    use yima_model::Timestamp;

    /// A folder of published vectors; `None` where it is absent and nothing demands it.
    pub(crate) fn vectors(suite: &str) -> Option<PathBuf> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).join(suite);
        if folder.exists() {
            return Some(folder);
        }
        let is_demanded = std::env::var_os("CI").as_deref() == Some("true".as_ref());
        assert!(!is_demanded, "the folder `shared` beside the project is absent");
        println!("skipped: the folder `shared` beside the project is absent");
        None
    }

    /// The files below `folder` whose name ends like this, in order.
    pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The text of a file without the mark that some editors put before it.
    pub(crate) fn text(path: &Path) -> String {
        let text = fs::read_to_string(path).unwrap();
        text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
    }

    pub(crate) fn json(path: &Path) -> Value {
        serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn hex(digits: &str) -> Option<Vec<u8>> {
        let pairs = digits.trim().as_bytes().chunks(2);
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    }

    /// An instant in one of the forms that the suites have: without a zone it is in UTC.
    pub(crate) fn clock(text: &str) -> Timestamp {
        let text = text.trim();
        let offset_without_colon = text.len() > 5 && text[text.len() - 5..].starts_with(['+', '-']);
        let candidates = [
            text.to_owned(),
            format!("{text}Z"),
            if offset_without_colon {
                format!("{}:{}", &text[..text.len() - 2], &text[text.len() - 2..])
            } else {
                String::new()
            },
        ];
        candidates.iter().find_map(|text| Timestamp::parse(text).ok()).unwrap_or_else(|| panic!("no clock: {text}"))
    }

    /// The account of one suite.
    #[derive(Default)]
    pub(crate) struct Account {
        run: BTreeMap<&'static str, (u32, u32)>,
        deviations: Vec<(String, &'static str)>,
        told: Vec<String>,
        not_run: Vec<String>,
    }

    impl Account {
        pub(crate) fn note(&mut self, case: &str, check: &'static str, passed: bool) {
            let (run, passes) = self.run.entry(check).or_default();
            *run += 1;
            if passed {
                *passes += 1;
            } else {
                self.deviations.push((case.to_owned(), check));
            }
        }

        /// What came of a case about which the suite expects nothing.
        pub(crate) fn told(&mut self, case: &str) {
            self.told.push(case.to_owned());
        }

        pub(crate) fn not_run(&mut self, case: &str, reason: &str) {
            self.not_run.push(format!("{case}: {reason}"));
        }

        /// Whether any case had this check.
        pub(crate) fn has(&self, check: &str) -> bool {
            self.run.contains_key(check)
        }

        /// Prints the account; at least so many checks must have run, and every deviation must be known, with its reason.
        pub(crate) fn close(self, suite: &str, least: u32, known: impl Fn(&str, &str) -> Option<&'static str>) {
            let run: u32 = self.run.values().map(|(run, _)| run).sum();
            assert!(run >= least, "{suite}: only {run} checks ran, of at least {least}");
            for (check, (run, passed)) in &self.run {
                println!("{suite}: {check}: {run} run, {passed} passed");
            }
            let mut unknown = Vec::new();
            for (case, check) in self.deviations {
                match known(&case, check) {
                    Some(reason) => println!("{suite}: deviation: {case}: {check}: {reason}"),
                    None => unknown.push(format!("{case}: {check}")),
                }
            }
            for case in self.told {
                println!("{suite}: run, nothing is expected of a verifier: {case}");
            }
            for case in self.not_run {
                println!("{suite}: not run: {case}");
            }
            assert!(
                unknown.is_empty(),
                "{suite}: {} deviations without a reason:\n{}",
                unknown.len(),
                unknown.join("\n")
            );
        }
    }
}

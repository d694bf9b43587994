//! How many tests ran, read from what the tools print.

use std::ops::AddAssign;

/// Tests by their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// Reads what `cargo test -- --show-output` prints.
    ///
    /// A Rust test cannot be skipped while it runs, so one that lacks its material prints a line `skipped: ..` and
    /// passes; it counts as skipped here, not as passed.
    pub(crate) fn of_cargo(lines: &[String]) -> Self {
        let mut counts = Self::default();
        for line in lines {
            if let Some(result) = line.strip_prefix("test result: ") {
                counts.passed += number_before(result, "passed");
                counts.failed += number_before(result, "failed");
                counts.skipped += number_before(result, "ignored");
            }
        }
        let said = lines.iter().filter(|line| line.starts_with("skipped: ")).map(|_| 1).sum();
        counts.passed = counts.passed.saturating_sub(said);
        counts.skipped += said;
        counts
    }

    /// Reads what `vitest run` prints.
    pub(crate) fn of_vitest(lines: &[String]) -> Self {
        let mut counts = Self::default();
        for tests in lines.iter().filter_map(|line| line.trim_start().strip_prefix("Tests  ")) {
            counts.passed += number_before(tests, "passed");
            counts.failed += number_before(tests, "failed");
            counts.skipped += number_before(tests, "skipped") + number_before(tests, "todo");
        }
        counts
    }

    pub(crate) fn total(self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The number that stands before a word; 0 where the word is absent.
fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> = text.split([' ', ';', '.']).filter(|part| !part.is_empty()).collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs.filter(|(_, next)| **next == word).find_map(|(number, _)| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn results_of_cargo_are_added_up() {
        let output = "running 3 tests\n\
            test a ... ok\n\
            ---- b stdout ----\n\
            skipped: `../shared` is absent\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
            it said that 7 passed\n\
            test result: FAILED. 20 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        assert_eq!(Counts::of_cargo(&lines(output)), Counts { passed: 22, failed: 1, skipped: 3 });
    }

    #[test]
    fn nothing_is_counted_where_nothing_ran() {
        assert_eq!(Counts::of_cargo(&lines("error: could not compile\n")), Counts::default());
        assert_eq!(Counts::of_vitest(&lines("No test files found\n")), Counts::default());
    }

    #[test]
    fn results_of_vitest_are_read() {
        for (line, counts) in [
            ("      Tests  1 failed | 12 passed | 2 skipped (15)", Counts { passed: 12, failed: 1, skipped: 2 }),
            ("      Tests  1 passed (1)", Counts { passed: 1, failed: 0, skipped: 0 }),
            (" Test Files  1 failed | 3 passed (4)", Counts::default()),
        ] {
            assert_eq!(Counts::of_vitest(&lines(line)), counts, "{line}");
        }
    }
}

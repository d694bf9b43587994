//! The text files of the project, as the checks see them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::source::Source;

/// Folders of the root that hold nothing of the project, and folders anywhere that a build fills.
const SKIPPED_IN_ROOT: [&str; 3] = [".git", "target", "data"];
const SKIPPED: [&str; 2] = ["node_modules", "dist"];

/// A text file; `path` is relative to the root, with `/`.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl TextFile {
    /// Whether a command wrote the file.
    pub(crate) fn is_generated(&self) -> bool {
        self.path.split('/').any(|part| part == "generated")
    }

    /// The short name of the crate the file belongs to, such as `model`.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    pub(crate) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// A Rust file, taken apart.
#[derive(Debug)]
pub(crate) struct RustFile {
    pub(crate) file: TextFile,
    pub(crate) source: Source,
    /// Whether the whole file is compiled for tests only.
    pub(crate) is_test: bool,
}

impl RustFile {
    /// Lines of code that end up in a library or a binary.
    pub(crate) fn production_lines(&self) -> Vec<(usize, &str)> {
        if self.is_test { Vec::new() } else { self.source.production_lines().collect() }
    }

    /// Lines of code of tests.
    pub(crate) fn test_lines(&self) -> Vec<(usize, &str)> {
        if self.is_test { self.source.numbered_code().collect() } else { self.source.test_lines().collect() }
    }
}

/// Every file of the project, Rust apart from other text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The paths of all files, text or not.
    pub(crate) paths: BTreeSet<String>,
    pub(crate) rust: Vec<RustFile>,
    pub(crate) other: Vec<TextFile>,
}

impl Tree {
    pub(crate) fn load(root: &Path) -> anyhow::Result<Self> {
        let mut paths = BTreeSet::new();
        collect(root, "", &mut paths)?;
        let mut files = Vec::new();
        for path in &paths {
            let bytes = std::fs::read(root.join(path)).with_context(|| format!("`{path}` cannot be read"))?;
            // What is not UTF-8 is no text.
            files.extend(String::from_utf8(bytes).ok().map(|text| TextFile { path: path.clone(), text }));
        }
        Ok(Self { paths, ..Self::of(files) })
    }

    pub(crate) fn of(files: Vec<TextFile>) -> Self {
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let (rust, other): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.path.ends_with(".rs"));
        let mut rust: Vec<RustFile> = rust
            .into_iter()
            .map(|file| RustFile { source: Source::of(&file.text), is_test: is_test_path(&file.path), file })
            .collect();
        let modules: Vec<String> = rust.iter().flat_map(test_module_paths).collect();
        for file in &mut rust {
            let stem = file.file.path.trim_end_matches(".rs");
            file.is_test |= modules.iter().any(|path| stem == path || stem.starts_with(&format!("{path}/")));
        }
        Self { paths, rust, other }
    }

    /// All files, Rust or not.
    pub(crate) fn files(&self) -> impl Iterator<Item = &TextFile> {
        self.rust.iter().map(|file| &file.file).chain(&self.other)
    }

    pub(crate) fn text_of(&self, path: &str) -> Option<&str> {
        self.files().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

fn collect(folder: &Path, prefix: &str, paths: &mut BTreeSet<String>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("`{}` cannot be listed", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED_IN_ROOT.contains(&path.as_str()) && !SKIPPED.contains(&name.as_str()) {
            collect(&entry.path(), &path, paths)?;
        } else if kind.is_file() {
            paths.insert(path);
        }
    }
    Ok(())
}

fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
}

/// Where the modules lie that the file declares behind `#[cfg(test)]`, without `.rs`.
fn test_module_paths(file: &RustFile) -> Vec<String> {
    let stem = file.file.path.trim_end_matches(".rs");
    let folder = match stem.rsplit_once('/') {
        Some((parent, "lib" | "main" | "mod")) => parent,
        _ => stem,
    };
    file.source.test_modules.iter().map(|name| format!("{folder}/{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{TextFile, Tree};

    #[test]
    fn a_module_behind_cfg_test_is_a_test_wherever_it_lies() {
        let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        let tree = Tree::of(vec![
            file("crates/a/src/lib.rs", "#[cfg(test)]\nmod support;\nmod deep;\n"),
            file("crates/a/src/support.rs", ""),
            file("crates/a/src/support/more.rs", ""),
            file("crates/a/src/deep.rs", "#[cfg(test)]\nmod vectors;\n"),
            file("crates/a/src/deep/vectors.rs", ""),
            file("crates/a/tests/all.rs", ""),
            file("crates/a/src/supported.rs", ""),
        ]);
        let tests: Vec<&str> =
            tree.rust.iter().filter(|file| file.is_test).map(|file| file.file.path.as_str()).collect();
        assert_eq!(
            tests,
            [
                "crates/a/src/support.rs",
                "crates/a/src/support/more.rs",
                "crates/a/src/deep/vectors.rs",
                "crates/a/tests/all.rs"
            ]
        );
    }
}

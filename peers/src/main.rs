//! Measures other programs that do the same, beside ours and in the same run, over the published suites.
//!
//! `cargo xtask bench peers` builds and runs it; it needs the folder `shared` beside the project. zbar is the program `zbarimg`,
//! and CertLogic's reference implementation runs by `node`; where one is absent, its line says so.

#[path = "../../crates/bench/src/clock.rs"]
mod clock;
#[path = "../../crates/yima/src/statement/picture.rs"]
mod picture;

mod certificates;
mod certlogic;
mod photos;
mod pictures;

use std::path::PathBuf;

use anyhow::Result;

fn main() -> Result<()> {
    let shared = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors"));
    if !shared.is_dir() {
        println!("skipped: the folder `shared` with the published suites is not beside the project");
        return Ok(());
    }
    println!("| what | ours | peer | ours to the peer |");
    println!("| --- | --- | --- | --- |");
    certificates::measure(&shared)?;
    certlogic::measure(&shared)?;
    pictures::measure(&shared)?;
    photos::measure()
}

/// Every file below a folder whose name ends like this, in order.
fn files(folder: &std::path::Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A JSON file, without the mark that some editors put before it.
fn json(path: &std::path::Path) -> Result<serde_json::Value> {
    let text = std::fs::read_to_string(path)?;
    Ok(serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text))?)
}

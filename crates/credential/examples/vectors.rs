//! Signs the vectors in docs/vectors/code again from the cases of the tests; `world.json` holds the lists they name.
//!
//! Signatures are random, so each run changes every file: run it only after the cases have changed. With `groups` it
//! writes the groups only, and with `hostile` the hostile texts, which follow from the committed codes and have no signature.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "it shares its modules with the tests")]

#[path = "../tests/credential/code_cases.rs"]
mod code_cases;
#[path = "../tests/credential/group_cases.rs"]
mod group_cases;
#[path = "../tests/credential/hostile_cases.rs"]
mod hostile_cases;
#[path = "../tests/credential/json.rs"]
mod json;
#[path = "../tests/credential/list_cases.rs"]
mod list_cases;
#[path = "../tests/credential/raw.rs"]
mod raw;
#[path = "../tests/credential/venue_cases.rs"]
mod venue_cases;
#[path = "../tests/credential/world.rs"]
mod world;

use std::path::Path;

use serde_json::Value;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/code");
    let only = std::env::args().nth(1);
    let writes = |file: &str| only.as_deref().is_none_or(|only| only == file);
    if only.is_none() {
        std::fs::write(folder.join("codes.json"), lines(&json::codes()))?;
        std::fs::write(folder.join("lists.json"), lines(&json::lists()))?;
        std::fs::write(folder.join("venues.json"), lines(&json::venues()))?;
        std::fs::write(folder.join("world.json"), format!("{:#}\n", json::world()))?;
    }
    if writes("groups") {
        std::fs::write(folder.join("groups.json"), lines(&json::groups()))?;
    }
    if writes("hostile") {
        let codes: Value = serde_json::from_slice(&std::fs::read(folder.join("codes.json"))?)?;
        std::fs::write(folder.join("hostile.json"), lines(&json::hostile(&codes)))?;
    }
    Ok(())
}

/// An array with one vector on a line.
fn lines(vectors: &[Value]) -> String {
    let lines: Vec<_> = vectors.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

//! Writes the description of the API: `cargo run -p yima-node --example openapi > docs/generated/openapi.json`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(yima_node::openapi().as_bytes())
}

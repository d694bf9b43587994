//! Embeds the built pages of the web: writes a table of the files under `web/dist`, empty if there are none.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let web = manifest.join("../../web/dist");
    // A folder that is absent would count as changed at every build, so the one above it is watched then.
    let watched =
        ["dist", "."].into_iter().map(|name| manifest.join("../../web").join(name)).find(|path| path.is_dir());
    println!("cargo::rerun-if-changed={}", watched.unwrap_or_else(|| manifest.join("build.rs")).display());
    let mut files = Vec::new();
    if web.is_dir() {
        collect(&web, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    // Copies, so that building the pages again while the program is compiled takes nothing away.
    let copies = out.join("web");
    fs::create_dir_all(&copies)?;
    for (number, file) in files.iter().enumerate() {
        let name = file.strip_prefix(&web)?.to_str().ok_or("the names of the pages are UTF-8")?;
        let copy = copies.join(number.to_string());
        fs::copy(file, &copy)?;
        writeln!(table, "    ({name:?}, include_bytes!({copy:?})),")?;
    }
    table.push_str("]\n");
    Ok(fs::write(out.join("web.rs"), table)?)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

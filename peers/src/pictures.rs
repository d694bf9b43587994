//! The pictures of the published suites, beside zbar.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use base64ct::{Base64, Encoding};

use crate::picture::{Kind, luma};
use crate::{clock, files, json};

pub(crate) fn measure(shared: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut paths = Vec::new();
    for path in files(&shared.join("dgc-testdata"), ".json")? {
        let Ok(case) = json(&path) else { continue };
        let Some(picture) = case["2DCODE"].as_str().and_then(|picture| Base64::decode_vec(picture).ok()) else {
            continue;
        };
        let path = folder.path().join(format!("{}.png", paths.len()));
        std::fs::write(&path, picture)?;
        paths.push(path);
    }
    row("pictures within dgc-testdata", &paths)?;
    for suite in ["dcc-quality-assurance", "nzcp", "shc", "khealthcertificate", "who-ddcc-validator"] {
        let mut paths = Vec::new();
        for ending in [".png", ".jpg", ".jpeg", ".PNG"] {
            paths.extend(files(&shared.join(suite), ending)?);
        }
        if !paths.is_empty() {
            row(&format!("pictures of {suite}"), &paths)?;
        }
    }
    Ok(())
}

/// How many of these pictures each reads, and how many a second by the clock, files and all.
pub(crate) fn row(what: &str, paths: &[PathBuf]) -> Result<()> {
    let begun = clock::now();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).ok()?;
        luma(Kind::of(&bytes)?, &bytes)?.code()
    };
    let ours: BTreeMap<_, _> = paths.iter().filter_map(|path| Some((path.clone(), read(path)?))).collect();
    let rate = paths.len() as f64 / begun.elapsed().as_secs_f64();
    let all = paths.len();
    let begun = clock::now();
    let Some(zbar) = zbar(paths) else {
        println!("| {what}: {all} | {} read, {rate:.0} /s | zbar: absent (Debian package zbar-tools) | |", ours.len());
        return Ok(());
    };
    let zbar_rate = all as f64 / begun.elapsed().as_secs_f64();
    println!(
        "| {what}: {all} | {} read, {rate:.0} /s | zbar: {} read, {zbar_rate:.0} /s | {:.2} |",
        ours.len(),
        zbar.len(),
        rate / zbar_rate
    );
    Ok(())
}

/// The pictures in which zbar finds a QR code; `None` if there is no zbar.
fn zbar(paths: &[PathBuf]) -> Option<Vec<PathBuf>> {
    let mut command = Command::new("zbarimg");
    command.args(["--quiet", "--xml", "-Sdisable", "-Sqrcode.enable"]).args(paths);
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let sources = text.split("<source href='").skip(1);
    let found = sources.filter(|source| source.contains("<symbol")).filter_map(|source| source.split('\'').next());
    Some(found.map(PathBuf::from).collect())
}

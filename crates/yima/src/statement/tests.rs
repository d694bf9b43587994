//! The pictures of the published suites, each read as `yima statement verify` reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::picture::{Kind, luma};
use super::trust::files;

fn vectors(suite: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).join(suite);
    if folder.is_dir() {
        return Some(folder);
    }
    let is_demanded = std::env::var_os("CI").as_deref() == Some("true".as_ref());
    assert!(!is_demanded, "the folder `shared` beside the project is absent");
    println!("skipped: the folder `shared` beside the project is absent");
    None
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text)).unwrap()
}

fn read(bytes: &[u8]) -> Option<String> {
    luma(Kind::of(bytes)?, bytes)?.code()
}

#[test]
fn pictures_within_cases_are_read_as_expected() {
    let Some(folder) = vectors("dgc-testdata") else { return };
    let (mut run, mut deviations) = (0, Vec::new());
    for path in files(&folder).unwrap() {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let case = json(&path);
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let Some(expected) = case["EXPECTEDRESULTS"]["EXPECTEDPICTUREDECODE"].as_bool() else { continue };
        let Some(picture) = case["2DCODE"].as_str() else {
            println!("dgc-testdata: not run: {name}: EXPECTEDPICTUREDECODE: there is no picture");
            continue;
        };
        run += 1;
        let found = Base64::decode_vec(picture).ok().and_then(|picture| read(&picture));
        if (found.is_some() && found.as_deref() == case["PREFIX"].as_str()) != expected {
            deviations.push(name);
        }
    }
    println!("dgc-testdata: EXPECTEDPICTUREDECODE: {run} run, {} passed", run - deviations.len());
    deviations.retain(|name| match ["ES/2DCode/raw/501", "ES/2DCode/raw/502", "ES/2DCode/raw/503"] {
        known if known.iter().any(|known| name.starts_with(known)) => {
            println!("dgc-testdata: deviation: {name}: the picture is of another text than the case");
            false
        }
        _ => true,
    });
    assert_eq!(deviations, [""; 0]);
}

#[test]
fn pictures_of_national_generators_are_read() {
    let Some(folder) = vectors("dcc-quality-assurance") else { return };
    let tables = files(&folder).unwrap().into_iter().filter(|path| path.extension() == Some("json".as_ref()));
    let mut expected = BTreeMap::new();
    for table in tables {
        for case in json(&table).as_array().into_iter().flatten() {
            let (Some(file), Some(text)) = (case["file"].as_str(), case["text"].as_str()) else { continue };
            expected.insert(file.to_owned(), text.to_owned());
        }
    }
    let (mut run, mut deviations) = (0, Vec::new());
    for (file, text) in expected {
        let Ok(bytes) = fs::read(folder.join("png").join(&file)) else { continue };
        run += 1;
        if read(&bytes) != Some(text) {
            deviations.push(file);
        }
    }
    println!("dcc-quality-assurance: pictures: {run} run, {} passed", run - deviations.len());
    assert!(run > 0);
    assert_eq!(deviations, [""; 0]);
}

#[test]
fn damaged_pictures_and_pictures_of_nothing_are_no_text() {
    for start in [b"\x89PNG\r\n\x1a\n".as_slice(), &[0xff, 0xd8, 0xff, 0xe0]] {
        for length in [0, 1, 100] {
            assert_eq!(read(&[start, &vec![0x5a; length]].concat()), None);
        }
    }
    assert_eq!(Kind::of(b"HC1:"), None);
    let mut blank = Vec::new();
    let mut encoder = png::Encoder::new(&mut blank, 64, 64);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[0x7f; 64 * 64]).unwrap();
    assert_eq!(read(&blank), None);
    // A picture that says it is far larger than it is.
    let mut vast = blank;
    vast[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    assert_eq!(read(&vast), None);
}

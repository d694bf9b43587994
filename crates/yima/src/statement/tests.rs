//! The pictures of the published suites, each read as `yima statement verify` reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use serde_json::Value;

use yima_model::Timestamp;
use yima_node::files_below;
use yima_statement::trust::Owner;
use yima_statement::{Refusal, Trust, verify};

use super::picture::{Kind, Luma, luma};

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
    for path in files_below(&folder).unwrap() {
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
    assert!(run >= 100, "only {run} pictures were read");
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
    let tables = files_below(&folder).unwrap().into_iter().filter(|path| path.extension() == Some("json".as_ref()));
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
    assert!(run >= 50, "only {run} pictures were read");
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

/// The strokes of a drawing as generators of QR codes write it: rows of horizontal lines, one unit a module.
fn drawn(svg: &str) -> Option<String> {
    const SCALE: usize = 4;
    let (_, strokes) = svg.split_once("stroke=\"#000000\" d=\"")?;
    let (_, side) = svg.split_once("viewBox=\"0 0 ")?;
    let side: usize = side.split(' ').next()?.parse().ok()?;
    let width = side * SCALE;
    let mut points = vec![0xff; width * width];
    let (strokes, _) = strokes.split_once('"')?;
    let letters = strokes.chars().filter(char::is_ascii_alphabetic);
    let (mut x, mut y) = (0, 0);
    for (letter, numbers) in letters.zip(strokes.split(|letter: char| letter.is_ascii_alphabetic()).skip(1)) {
        let mut numbers = numbers.split(' ').map(|number| number.parse::<f64>());
        let mut number = || numbers.next()?.ok().map(|number| number as usize);
        match letter {
            'M' => (x, y) = (number()?, number()?),
            'm' => x += number()?,
            _ => {
                let length = number()?;
                for row in y * SCALE..(y + 1) * SCALE {
                    points[row * width + x * SCALE..row * width + (x + length) * SCALE].fill(0);
                }
                x += length;
            }
        }
    }
    Luma { width, height: width, points }.code()
}

#[test]
fn pictures_of_cards_are_judged_as_the_table_expects() {
    let Some(root) = vectors("shc") else { return };
    let keys = json(&root.join("spec-examples/issuer/.well-known/jwks.json"));
    let mut trust = Trust::nobody();
    let owner = Owner::Issuer("https://spec.smarthealth.cards/examples/issuer".to_owned());
    assert_eq!(trust.add_key_set(&keys, &owner), []);
    let now = Timestamp::parse("2024-01-01T00:00:00Z").unwrap();
    let tables = files_below(&root).unwrap().into_iter().filter(|path| path.ends_with("expected.json"));
    let mut seen = BTreeSet::new();
    let (mut run, mut deviations) = (0, Vec::new());
    for case in tables.flat_map(|table| json(&table)["cases"].as_array().cloned().unwrap_or_default()) {
        let name = case["name"].as_str().unwrap().to_owned();
        if case["type"] != "qr" || !seen.insert(format!("{name} {}", case["files"])) {
            continue;
        }
        let bytes = |path: &Value| fs::read(root.join("..").join(path.as_str().unwrap())).ok();
        let pictures: Option<Vec<_>> = case["paths"].as_array().unwrap().iter().map(bytes).collect();
        let Some(pictures) = pictures else {
            println!("shc: not run: {name}: a file of it is not here");
            continue;
        };
        let text = |bytes: &Vec<u8>| match std::str::from_utf8(bytes) {
            Ok(svg) => drawn(svg),
            Err(_) => read(bytes),
        };
        let texts: Option<Vec<String>> = pictures.iter().map(text).collect();
        let outcome = match texts {
            None => "code_not_found",
            Some(texts) => verify(&texts.join("\n"), None, &trust, now).map_or_else(Refusal::code, |_| "valid"),
        };
        match case["verifier_accept"].as_bool() {
            _ if name.contains("SHL") => println!("shc: not run: {name}: an address to be asked ({outcome})"),
            None => println!("shc: run, nothing is expected of a verifier: {name}: {outcome}"),
            Some(expected) => {
                run += 1;
                if (outcome == "valid") != expected {
                    deviations.push(format!("{name}: {outcome}"));
                }
            }
        }
    }
    println!("shc: pictures: {run} run, {} passed", run - deviations.len());
    assert!(run >= 2, "only {run} pictures were read");
    assert_eq!(deviations, [""; 0]);
}

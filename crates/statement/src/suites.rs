//! The published suites on what lies below all formats: signatures, CBOR, COSE. Each says what ran, what passed and what did not run.

use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;
use yima_credential::CborFault;

use crate::cbor::{self, Reader};
use crate::cose::Sign1;
use crate::jws::Jws;
use crate::key::{Algorithm, PublicKey};
use crate::refusal::Refusal;

/// A folder of published vectors; `None` where it is absent and nothing demands it.
fn vectors(suite: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")).join(suite);
    if folder.exists() {
        return Some(folder);
    }
    let is_demanded = std::env::var_os("CI").as_deref() == Some("true".as_ref());
    assert!(!is_demanded, "the folder `shared` beside the project is absent");
    println!("skipped: the folder `shared` beside the project is absent");
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The JSON files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn hex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// What ran and passed; what deviates must have a reason.
#[derive(Default)]
struct Account {
    run: u32,
    deviations: Vec<String>,
}

impl Account {
    fn note(&mut self, case: String, passed: bool) {
        self.run += 1;
        if !passed {
            self.deviations.push(case);
        }
    }

    fn close(self, suite: &str, least: u32) {
        println!("{suite}: {} run, {} passed", self.run, self.run - u32::try_from(self.deviations.len()).unwrap());
        assert!(self.run >= least, "{suite}: only {} cases ran", self.run);
        assert_eq!(self.deviations, [""; 0], "{suite}: deviations without a reason");
    }
}

/// The files of the suite that no format here has a use for.
const NOT_RUN: [(&str, &str); 8] = [
    ("aes_gcm", "nothing is encrypted for others here"),
    ("x25519", "no key is agreed upon"),
    ("ecdh", "no key is agreed upon"),
    ("hmac", "no statement carries a code of authentication"),
    ("hkdf", "no key is derived for others"),
    ("ed25519", "no format here is signed so"),
    ("ecdsa_secp256r1_sha512", "ES256 alone goes with P-256"),
    ("json_web_crypto", "nothing is encrypted for others here"),
];

/// Those of signed objects in JSON, which have a test of their own.
const OBJECTS: [&str; 2] = ["json_web_signature", "json_web_key"];

#[test]
fn wycheproof_signatures_verify_exactly_where_they_are_valid() {
    let Some(folder) = vectors("wycheproof") else { return };
    let mut account = Account::default();
    for path in files(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if let Some((_, reason)) = NOT_RUN.iter().find(|(start, _)| name.starts_with(start)) {
            println!("wycheproof: not run: {name}: {reason}");
            continue;
        }
        if OBJECTS.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let mut others = 0;
        for group in json(&path)["testGroups"].as_array().unwrap() {
            let is = |field: &str, value: &str| group.get(field).is_none_or(|given| given == value);
            let is_pss = group["type"] == "RsassaPssVerify";
            if is_pss && !(is("sha", "SHA-256") && is("mgfSha", "SHA-256") && group["sLen"] == 32) {
                others += 1;
                continue;
            }
            let number = |field: &str| {
                let digits = group["publicKey"][field].as_str().unwrap();
                Base64UrlUnpadded::encode_string(&hex(digits))
            };
            let key = match group["publicKey"]["curve"].as_str() {
                Some("secp256r1") => {
                    PublicKey::new(Algorithm::Es256, hex(group["publicKey"]["uncompressed"].as_str().unwrap()))
                }
                Some("secp384r1") => {
                    PublicKey::new(Algorithm::Es384, hex(group["publicKey"]["uncompressed"].as_str().unwrap()))
                }
                _ => {
                    let jwk = serde_json::json!({"kty": "RSA", "n": number("modulus"), "e": number("publicExponent")});
                    PublicKey::from_jwk(&jwk)
                }
            };
            for test in group["tests"].as_array().unwrap() {
                let bytes = |field: &str| hex(test[field].as_str().unwrap());
                let verifies = key.as_ref().is_ok_and(|key| key.verifies(&bytes("msg"), &bytes("sig")));
                let expected = test["result"] == "valid" || test["result"] == "acceptable";
                account.note(format!("{name} {}: {}", test["tcId"], test["comment"]), verifies == expected);
            }
        }
        if others > 0 {
            println!("wycheproof: not run: {name}: {others} groups of PSS with other parameters than those of PS256");
        }
    }
    account.close("wycheproof", 500);
}

/// What becomes of a signed object under the key, or the one key of a set with the id that it names.
fn judged(jws: &str, key: &Value) -> Result<(), Refusal> {
    let object = Jws::parse(jws)?;
    let algorithm = object.algorithm()?;
    let key = match key["keys"].as_array() {
        None => key,
        Some(keys) => {
            let id = object.text("kid").ok_or(Refusal::KeyIdMissing)?;
            keys.iter().find(|key| key["kid"] == id).ok_or(Refusal::KeyUnknown)?
        }
    };
    let key = PublicKey::from_jwk(key).map_err(|_| Refusal::KeyUnknown)?;
    if key.algorithm() != algorithm {
        return Err(Refusal::AlgorithmWrong);
    }
    let verifies = key.verifies(object.signed.as_bytes(), &object.signature);
    verifies.then_some(()).ok_or(Refusal::SignatureInvalid)
}

/// Whether every case of a file of signed objects is judged as it says; the algorithms that no statement has verify nowhere.
#[test]
fn wycheproof_objects_in_json_verify_exactly_where_they_are_valid() {
    let Some(folder) = vectors("wycheproof") else { return };
    let mut account = Account::default();
    let (mut verified, mut deviations) = (0, 0);
    for path in files(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !OBJECTS.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        for group in json(&path)["testGroups"].as_array().unwrap() {
            let key = group.get("public").unwrap_or(&group["private"]);
            for test in group["tests"].as_array().unwrap() {
                let (jws, is_valid) = (test["jws"].as_str().unwrap(), test["result"] == "valid");
                let case = format!("{name} {}: {}: {}", test["tcId"], group["comment"], test["comment"]);
                let verdict = judged(jws, key);
                verified += u32::from(verdict.is_ok());
                if is_valid && verdict == Err(Refusal::AlgorithmWrong) {
                    let named = Jws::parse(jws).unwrap().text("alg").unwrap().to_owned();
                    assert!(
                        ["HS256", "HS384", "HS512", "RS256", "RS384", "PS384", "PS512"].contains(&named.as_str()),
                        "{case}"
                    );
                    println!("wycheproof: deviation: {case}: no statement is signed with {named}");
                    deviations += 1;
                    continue;
                }
                account.note(format!("{case}: {verdict:?}"), verdict.is_ok() == is_valid);
            }
        }
    }
    println!("wycheproof, objects in JSON: {verified} verified, {deviations} deviations");
    assert!(verified >= 7, "only {verified} verified");
    account.close("wycheproof, objects in JSON", 352);
}

/// Why a case of the suite is refused by form, which statements never need.
fn refused_on_purpose(bytes: &[u8], fault: CborFault) -> Option<&'static str> {
    match (bytes.first()?, fault) {
        (0xe0..=0xf3 | 0xf8, CborFault::UnsupportedItem) => Some("a simple value without a meaning"),
        _ => None,
    }
}

#[test]
fn every_example_of_cbor_reads_as_it_is_decoded() {
    let Some(folder) = vectors("cbor") else { return };
    let mut account = Account::default();
    for case in json(&folder.join("appendix_a.json")).as_array().unwrap() {
        let digits = case["hex"].as_str().unwrap();
        let bytes = hex(digits);
        if let Err(fault) = cbor::check(&bytes) {
            match refused_on_purpose(&bytes, fault) {
                Some(reason) => println!("cbor: deviation: {digits}: {reason}"),
                None => account.note(format!("{digits}: {}", fault.code()), false),
            }
            continue;
        }
        let Some(decoded) = case.get("decoded") else {
            account.note(digits.to_owned(), true);
            continue;
        };
        let found = Reader::new(&bytes).value();
        let is_same = found.as_ref().is_ok_and(|found| match (found.as_f64(), decoded.as_f64()) {
            // The digits of the suite are read to within one unit in the last place.
            (Some(found), Some(decoded)) => (found - decoded).abs() <= f64::EPSILON * decoded.abs(),
            _ => found == decoded,
        });
        let is_big = matches!(digits, "c249010000000000000000" | "c349010000000000000000" | "3bffffffffffffffff");
        if is_big && !is_same {
            println!("cbor: deviation: {digits}: an integer beyond 64 bits is shown as its bytes, or as nothing");
            continue;
        }
        account.note(format!("{digits}: {found:?} and not {decoded}"), is_same);
    }
    account.close("cbor", 60);
}

#[test]
fn objects_with_one_signature_verify_unless_they_were_changed() {
    let Some(folder) = vectors("cose-examples") else { return };
    let mut account = Account::default();
    for path in files(&folder) {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let case = json(&path);
        let Some(signer) = case["input"].get("sign0") else {
            println!("cose-examples: not run: {name}: no object with one signature");
            continue;
        };
        if signer.get("external").is_some() {
            println!("cose-examples: not run: {name}: no statement signs what it does not carry");
            continue;
        }
        let bytes = hex(case["output"]["cbor"].as_str().unwrap());
        let verdict = Sign1::parse_object(&bytes).and_then(|object| {
            let algorithm = object.algorithm()?;
            let mut jwk = signer["key"].clone();
            for coordinate in ["x", "y"] {
                if let Some(digits) = jwk.get(format!("{coordinate}_hex")).and_then(Value::as_str) {
                    jwk[coordinate] = Base64UrlUnpadded::encode_string(&hex(digits)).into();
                }
            }
            let key = PublicKey::from_jwk(&jwk).map_err(|_| Refusal::KeyUnknown)?;
            if key.algorithm() != algorithm {
                return Err(Refusal::AlgorithmWrong);
            }
            let verifies = key.verifies(&object.message(), object.signature());
            verifies.then_some(()).ok_or(Refusal::SignatureInvalid)
        });
        let is_changed = case["fail"] == true;
        match verdict {
            Err(Refusal::AlgorithmMissing) if !is_changed => {
                println!("cose-examples: deviation: {name}: an algorithm outside of the signed header does not count");
            }
            Err(Refusal::KeyUnknown | Refusal::AlgorithmWrong) if !is_changed => {
                println!("cose-examples: not run: {name}: a key or an algorithm that no statement has");
            }
            verdict => account.note(format!("{name}: {verdict:?}"), verdict.is_err() == is_changed),
        }
    }
    account.close("cose-examples", 6);
}

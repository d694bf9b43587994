//! Runs `yima statement` as an operator does: files, output and exit codes.
#![cfg(test)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn yima(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yima")).arg("statement").args(arguments).output().unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

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

const AT: &str = "2022-01-01T00:00:00Z";

fn check(arguments: &[&str], code: i32, reason: Option<&str>) -> Value {
    let output = yima(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
    let answer = answer(&output);
    assert_eq!(answer["reason"].as_str(), reason, "{arguments:?}");
    answer
}

#[test]
fn wrong_usage_is_told_apart_from_a_refusal() {
    for arguments in [
        &["verify"][..],
        &["verify", "--at", "yesterday", "/dev/null"],
        &["verify", "--at", AT, "--format", "pcf", "/dev/null"],
        &["verify", "--at", AT, "--trust", "/nowhere/at/all", "/dev/null"],
        &["verify", "--at", AT, "/nowhere/at/all"],
        &["rules", "--at", AT, "--rules", "/nowhere/at/all", "/dev/null"],
    ] {
        assert_eq!(yima(arguments).status.code(), Some(64), "{arguments:?}");
    }
    check(&["verify", "--at", AT, "/dev/null"], 2, Some("empty"));
}

#[test]
fn a_pass_is_read_from_text_and_picture_and_names_nobody() {
    let Some(folder) = vectors("nzcp/examples/valid") else { return };
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (trust, text, picture) = (path("did.json"), path("nzcp.txt"), path("nzcp.png"));
    for file in [&text, &picture] {
        let answer = check(&["verify", "--trust", &trust, "--at", AT, file], 0, None);
        assert_eq!(answer["issuer"], "did:web:nzcp.covid19.health.nz");
        assert_eq!(answer["fact"]["meaning"], "may-pass");
        assert!(!answer.to_string().contains("Sparrow"));
        let named = check(&["verify", "--trust", &trust, "--at", AT, "--with-person", file], 0, None);
        assert_eq!(named["content"]["familyName"], "Sparrow");
        let shown = check(&["inspect", file], 0, None);
        assert!(shown["UNVERIFIED"].is_string() && !shown.to_string().contains("Sparrow"));
    }
    let refused = check(&["verify", "--at", AT, &text], 2, Some("issuer_unknown"));
    assert_eq!((&refused["format"], &refused["content"]), (&"nzcp".into(), &Value::Null));
    check(&["verify", "--trust", &trust, "--at", "2021-11-02T20:05:29Z", &text], 2, Some("not_yet_valid"));
}

#[test]
fn a_card_of_several_codes_is_given_as_several_files() {
    let Some(folder) = vectors("shc/spec-examples") else { return };
    let part = |number: u32| folder.join(format!("example-02-f-qr-code-numeric-value-{number}.txt"));
    let parts = [2, 0, 1].map(|number| part(number).to_str().unwrap().to_owned());
    let trust = folder.join("issuer").to_str().unwrap().to_owned();
    let arguments = ["verify", "--trust", &trust, "--at", "2024-01-01T00:00:00Z"];
    let [one, two, three] = &parts;
    let answer = check(&[&arguments, [one.as_str(), two, three].as_slice()].concat(), 0, None);
    assert!(answer["content"][0]["entry"].as_array().is_some_and(|entries| entries.len() > 2));
    check(&[&arguments, [one.as_str(), two].as_slice()].concat(), 2, Some("parts_invalid"));
}

/// A folder of trust with one file at this place.
fn trusting(place: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(place);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    folder
}

#[test]
fn what_is_damaged_in_the_folder_of_trust_is_told_and_nothing_is_verified() {
    const KEYS: &str = r#"{"issuer": "https://two.invalid", "keys": []}"#;
    for (place, text, told) in [
        ("rids.json", r#"{"kid": "a", "method": "rid", "ctr": 1, "rids": [""#, "damaged"),
        (
            "rids.json",
            r#"{"kid": "a", "method": "rid", "ctr": "one", "rids": ["abc"]}"#,
            "list of revoked cards is damaged",
        ),
        ("rids.json", r#"{"kid": "a", "revoked": ["abc"]}"#, "neither a set of keys"),
        ("batch.json", r#"{"kid": "a", "hashType": "SIGNATURE", "entries": 3}"#, "cannot be used"),
        ("one.invalid/.well-known/jwks.json", KEYS, "names https://two.invalid"),
    ] {
        let folder = trusting(place, text);
        let output = yima(&["verify", "--trust", folder.path().to_str().unwrap(), "--at", AT, "/dev/null"]);
        assert_eq!(output.status.code(), Some(64), "{text}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{text}: {output:?}");
    }
    for (place, text) in [("two.invalid/.well-known/jwks.json", KEYS), ("keys.json", KEYS)] {
        let folder = trusting(place, text);
        check(&["verify", "--trust", folder.path().to_str().unwrap(), "--at", AT, "/dev/null"], 2, Some("empty"));
    }
}

#[test]
fn rules_pass_or_fail_by_the_certificate_and_the_clock() {
    let Some(folder) = vectors("dcc-business-rules/DE/VR-DE-0001") else { return };
    let (mut passed, mut failed) = (0, 0);
    for number in 1..=5 {
        let path = folder.join(format!("tests/test{number:03}.json"));
        let test: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let (rules, path) = (folder.to_str().unwrap(), path.to_str().unwrap());
        let output = yima(&["rules", "--rules", rules, "--at", "2021-08-01T00:00:00Z", path]);
        let Some(result) = answer(&output)["rules"][0]["result"].as_str().map(str::to_owned) else {
            let doses = test["payload"]["v"].as_array().map_or(0, Vec::len);
            assert_eq!(doses, 0, "{path}: a rule on vaccinations is asked about each of them");
            continue;
        };
        let expected = test["expected"] == true;
        assert_eq!(output.status.code(), Some(if expected { 0 } else { 2 }), "{path}");
        assert_eq!(result == "failed", !expected, "{path}");
        passed += u32::from(result == "passed");
        failed += u32::from(result == "failed");
    }
    assert!(passed > 0 && failed > 0);
}

#[test]
fn where_no_rule_says_anything_nothing_is_accepted() {
    let Some(folder) = vectors("dcc-business-rules/DE/VR-DE-0001") else { return };
    let test = folder.join("tests/test001.json");
    let (rules, test) = (folder.to_str().unwrap(), test.to_str().unwrap());
    for (more, at) in [(&["--country", "FR"][..], "2021-08-01T00:00:00Z"), (&[], "2001-01-01T00:00:00Z")] {
        let output = yima(&[&["rules", "--rules", rules, "--at", at], more, &[test]].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(answer(&output), serde_json::json!({"passed": null, "rules": []}));
    }
}

/// A rule that accepts everything, in force for the times of these tests.
fn rule() -> Value {
    serde_json::json!({
        "Identifier": "GR-DE-0001", "Type": "Acceptance", "Version": "1.0.0", "Country": "DE",
        "CertificateType": "General", "Engine": "CERTLOGIC", "ValidFrom": "2021-07-01T00:00:00Z",
        "ValidTo": "2030-01-01T00:00:00Z", "Logic": {"===": [1, 1]},
    })
}

#[test]
fn a_rule_that_cannot_be_read_is_told_with_its_file_and_nothing_passes() {
    let without = |field: &str| {
        let mut rule = rule();
        rule.as_object_mut().unwrap().remove(field);
        rule
    };
    let mut misspelt = without("Logic");
    misspelt["logic"] = rule()["Logic"].clone();
    let content = trusting("content.json", r#"{"v": [{"dn": 2, "sd": 2}]}"#);
    let content = content.path().join("content.json");
    for bad in [
        without("Logic"),
        misspelt,
        without("Identifier"),
        serde_json::json!({}),
        serde_json::json!([rule(), without("Logic")]),
        serde_json::json!([rule(), 1]),
    ] {
        let folder = trusting("whole.json", &rule().to_string());
        std::fs::write(folder.path().join("second.json"), bad.to_string()).unwrap();
        let rules = folder.path().to_str().unwrap();
        let output = yima(&["rules", "--rules", rules, "--at", AT, content.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(64), "{bad}: {output:?}");
        assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains("second.json"), "{bad}");
    }
    let folder = trusting("whole.json", &rule().to_string());
    let rules = folder.path().to_str().unwrap();
    assert_eq!(yima(&["rules", "--rules", rules, "--at", AT, content.to_str().unwrap()]).status.code(), Some(0));
}

#[test]
fn rules_refuse_what_is_no_certificate() {
    let folder = trusting("whole.json", &rule().to_string());
    let rules = folder.path().to_str().unwrap();
    for (text, reason) in [
        ("", "empty"),
        ("HELLO", "format_unknown"),
        ("HC1:?", "encoding_invalid"),
        ("HC1:6BF", "compression_invalid"),
        ("{\"v\": [", "json_invalid"),
        ("\u{89}PNG", "format_unknown"),
    ] {
        let file = trusting("certificate.txt", text);
        let file = file.path().join("certificate.txt");
        let output = yima(&["rules", "--rules", rules, "--at", AT, file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{text}: {output:?}");
        let answer = answer(&output);
        assert_eq!((&answer["passed"], &answer["reason"]), (&Value::Null, &reason.into()), "{text}");
    }
    let file = trusting("certificate.png", "");
    let file = file.path().join("certificate.png");
    std::fs::write(&file, b"\x89PNG\r\n\x1a\n").unwrap();
    let output = yima(&["rules", "--rules", rules, "--at", AT, file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(answer(&output)["reason"], "picture_unreadable");
}

#[test]
fn a_country_is_given_by_two_letters_of_any_size() {
    let folder = trusting("whole.json", &rule().to_string());
    let content = trusting("content.json", r#"{"v": [{"dn": 2, "sd": 2}]}"#);
    let (rules, content) = (folder.path().to_str().unwrap(), content.path().join("content.json"));
    let asked =
        |country: &str| yima(&["rules", "--rules", rules, "--country", country, "--at", AT, content.to_str().unwrap()]);
    for country in ["", "D", "DEU", "Germany", "D1", "\u{fc}"] {
        assert_eq!(asked(country).status.code(), Some(64), "{country}");
    }
    for country in ["DE", "de", "De"] {
        assert_eq!(answer(&asked(country))["rules"][0]["rule"], "GR-DE-0001", "{country}");
    }
    assert_eq!(asked("fr").status.code(), Some(2));
}

/// Source: docs/STATEMENTS.md, "The commands": 70 is a fault of ours, or of the machine.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_nothing_takes_is_no_wrong_usage() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let binary = || Command::new(env!("CARGO_BIN_EXE_yima"));
    let known = trusting("whole.json", &rule().to_string());
    let rules = ["statement", "rules", "--rules", known.path().to_str().unwrap(), "--at", AT, "/dev/null"];
    for arguments in [
        &["statement", "verify", "--at", AT, "/dev/null"][..],
        &["statement", "inspect", "/dev/null"],
        &rules,
        &["--help"],
        &["--version"],
    ] {
        let output = binary().args(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(70), "{arguments:?}: {output:?}");
    }
    let keys = trusting("keys.json", r#"{"keys": [{"kty": "oct"}]}"#);
    let verify = ["statement", "verify", "--trust", keys.path().to_str().unwrap(), "--at", AT, "/dev/null"];
    assert_eq!(binary().args(verify).output().unwrap().status.code(), Some(2));
    let output = binary().args(verify).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(70), "what is left out of the trusted keys is not told: {output:?}");
    let output = binary().args(["statement", "verify"]).stdout(full()).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(64), "wrong usage that nobody reads");
}

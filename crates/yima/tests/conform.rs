//! `yima conform` against small systems of other provinces: one that is right, and each of the others wrong in one way.
#![cfg(test)]

mod adapter;

use std::path::Path;
use std::process::{Command, Output};

use adapter::{Adapter, Fault, subjects};

fn conform(url: &str, folder: &Path, further: &[&str]) -> Output {
    std::fs::write(folder.join("subjects.json"), subjects()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_yima"));
    command.args(["conform", "--url", url, "--subjects", "subjects.json"]).args(further);
    command.current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The names of the cases after this word.
fn cases<'a>(said: &'a str, word: &str) -> Vec<&'a str> {
    let lines = said.lines().filter_map(|line| line.strip_prefix(word));
    lines.map(|rest| rest.trim().split(':').next().unwrap()).collect()
}

#[test]
fn a_system_that_is_right_passes_every_case() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headers.txt"), "x-app-id: yima\n\nX-Sign : 1234:5678\n").unwrap();
    let output = conform(&Adapter::start(Fault::None), folder.path(), &["--headers", "headers.txt"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(cases(&said, "passed").len() >= 20, "{said}");
    assert_eq!((cases(&said, "FAILED"), cases(&said, "not run")), (vec![], vec![]));
}

#[test]
fn each_fault_is_found_by_the_case_that_is_meant_for_it_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for (fault, case) in [
        (Fault::GreenForUnknownColour, "an-unknown-colour-is-not-green"),
        (Fault::ExpiredIsError, "an-expired-code-is-an-answer"),
        (Fault::SwappedExpiries, "two-expiries-kept-apart"),
        (Fault::BadCheckCharacter, "bad-check-character"),
        (Fault::StatedGreenCounts, "a-stated-green-makes-nothing-green"),
        (Fault::StrangersAreGreen, "nobody-knows-the-person"),
        (Fault::NamesAreNotCompared, "another-name"),
        (Fault::PendingIsGreen, "no-answer-yet-is-not-green"),
        (Fault::RedIsTwo, "red-stops"),
        (Fault::TellsTheName, "verifying-says-no-more"),
        (Fault::ExpiredIsGreen, "an-expired-code-is-an-answer"),
    ] {
        let output = conform(&Adapter::start(fault), folder.path(), &[]);
        let said = said(&output);
        let mut failed = cases(&said, "FAILED");
        failed.dedup();
        assert_eq!(failed, [case], "{fault:?}: {said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
        let alone = conform(&Adapter::start(fault), folder.path(), &["--only", case]);
        assert_eq!(alone.status.code(), Some(1), "{case} by itself");
    }
}

#[test]
fn what_cannot_be_tried_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = conform("http://127.0.0.1:1/gbt", folder.path(), &[]);
    assert_eq!(nobody.status.code(), Some(70));
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("cannot be reached"));
    let url = Adapter::start(Fault::None);
    assert_eq!(conform(&url, folder.path(), &["--only", "nothing"]).status.code(), Some(64));
    assert_eq!(conform(&url, folder.path(), &["--cases", "nowhere.json"]).status.code(), Some(64));
    std::fs::write(folder.path().join("headers.txt"), "no header\n").unwrap();
    assert_eq!(conform(&url, folder.path(), &["--headers", "headers.txt"]).status.code(), Some(64));
    let cases_of_my_own =
        r#"[{"name": "mine", "why": "", "steps": [{"interface": "query", "as": "purple", "expect": {}}]}]"#;
    std::fs::write(folder.path().join("mine.json"), cases_of_my_own).unwrap();
    let output = conform(&url, folder.path(), &["--cases", "mine.json"]);
    assert_eq!(
        (said(&output).as_str(), output.status.code()),
        ("not run  mine: no purple\n0 of 1 cases passed\n", Some(1))
    );
}

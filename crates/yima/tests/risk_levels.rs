//! `yima import risk-levels` into a stopped node, and what it says of a file that is none.
#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::Value;
use yima_ledger::{Host, KeyedLedger};
use yima_model::Timestamp;
use yima_registry::vault::Keyring;

const SNAPSHOT: &str = r#"{"data":{"end_update_time":"2022-11-20 8时","hcount":1,"mcount":1,
    "highlist":[{"province":"湖北省","city":"武汉市","county":"江岸区","communitys":["嘉园（除6号楼）"]}],
    "middlelist":[{"province":"重庆市","city":"重庆市","county":"两江新区","communitys":["天山大道西段8号"]}]},"code":0}"#;

/// A stopped node's folder without anybody in it.
fn stopped_node(folder: &Path) {
    let now = Timestamp::parse("2022-11-20T09:00:00+08:00").unwrap();
    let random: yima_registry::Random = Arc::new(|bytes: &mut [u8]| bytes.fill(7));
    let host = Host { clock: Arc::new(move || now), random: Arc::clone(&random) };
    drop(KeyedLedger::create(&folder.join("data/ledger"), 2, host).unwrap());
    Keyring::generate(&random).save(&folder.join("keyring")).unwrap();
    let config = "data = \"data\"\nkeys = \"keys\"\nkeyring = \"keyring\"\npacks = []\n\
         listen = { https = \"127.0.0.1:0\" }\noutbox = { kind = \"spool\", directory = \"spool\" }\n";
    std::fs::write(folder.join("yima.toml"), config).unwrap();
}

fn import(folder: &Path, file: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yima"));
    command.args(["import", "risk-levels", file, "--config", "yima.toml", "--confirmed-by", "second"]);
    command.current_dir(folder).output().unwrap()
}

#[test]
fn a_snapshot_is_filed_and_a_second_time_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    stopped_node(folder.path());
    std::fs::write(folder.path().join("snapshot.json"), SNAPSHOT).unwrap();
    let said = |output: Output| -> Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = said(import(folder.path(), "snapshot.json"));
    assert_eq!((&first["standing"], &first["begun"]), (&"taken".into(), &2.into()));
    assert_eq!((&first["exact"], &first["city_only"]), (&1.into(), &1.into()));
    let unmapped = first["unmapped"][0].as_str().unwrap();
    assert!(unmapped.contains("两江新区") && unmapped.contains("nearest 重庆市"), "{unmapped}");
    let again = said(import(folder.path(), "snapshot.json"));
    assert_eq!((&again["snapshot"], &again["begun"]), (&first["snapshot"], &0.into()));
}

#[test]
fn a_file_that_was_cut_off_is_held_back_and_lowers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    stopped_node(folder.path());
    std::fs::write(folder.path().join("snapshot.json"), SNAPSHOT).unwrap();
    let cut_off = r#"{"data":{"end_update_time":"2022-11-20 9时","hcount":1,"mcount":1},"code":0}"#;
    std::fs::write(folder.path().join("cut-off.json"), cut_off).unwrap();
    for (file, standing, ended) in [
        ("snapshot.json", "taken", 0),
        (
            "cut-off.json",
            "quarantined: it has no `highlist`; wait for a complete one, and ask the service if none comes",
            0,
        ),
    ] {
        let output = import(folder.path(), file);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&said["standing"], &said["ended"]), (&standing.into(), &ended.into()));
    }
}

#[test]
fn what_is_no_snapshot_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    stopped_node(folder.path());
    std::fs::write(folder.path().join("page.json"), "<html>").unwrap();
    let refused = import(folder.path(), "page.json");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("not a snapshot"));
    assert_eq!(import(folder.path(), "missing.json").status.code(), Some(64));
}

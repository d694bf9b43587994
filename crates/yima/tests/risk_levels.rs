//! `yima import risk-levels` into a stopped node, and what it says of a file that is none.
#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};
use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::fact::{Answer, CaseClass, DwellingRole, Symptoms, TestMethod};
use yima_model::id::{SampleId, SourceId};
use yima_model::{AreaCode, Content, Document, DocumentKind, Kind, Occurred, Source, SourceKind, Subject, Timestamp};
use yima_registry::cases::register::{Application, Dwelling, Health, register};
use yima_registry::cases::report::{Report, Scope, report};
use yima_registry::cases::{Call, RequestId};
use yima_registry::vault::{Keyring, PersonalText};
use yima_registry::{Registry, Vault};

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

/// A case in 一元街道 of Jiangan, found at this instant; a laboratory has found the sample of another source positive before.
fn case(folder: &Path, found: &str) {
    let now = Timestamp::parse(found).unwrap();
    let random: yima_registry::Random = Arc::new(|bytes: &mut [u8]| bytes.fill(9));
    let host = Host { clock: Arc::new(move || now), random: Arc::clone(&random) };
    let ledger: Arc<dyn Ledger> = Arc::new(KeyedLedger::open(&folder.join("data/ledger"), host).unwrap());
    let vault = Vault::new(Arc::clone(&ledger), Keyring::load(&folder.join("keyring")).unwrap(), random);
    let (registry, _) = Registry::open(&folder.join("data/registry"), ledger, vault).unwrap();
    let call = |number: u8, kind: SourceKind, id: &str| {
        let source = Source { kind, id: SourceId::parse(id).unwrap() };
        Call { request: RequestId([number; 16]), source, now }
    };
    let application = Application {
        document: Document::parse(DocumentKind::Other, None, "A000001", Date::constant(2022, 11, 20)).unwrap(),
        name: PersonalText::parse("王小明").unwrap(),
        birth: None,
        dwelling: Dwelling {
            area: AreaCode::parse("420102003").unwrap(),
            role: DwellingRole::Home,
            until: None,
            text: None,
        },
        health: Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false },
        reach: None,
    };
    let person = register(&registry, &call(1, SourceKind::Resident, "self"), &application).unwrap().person();
    let (sample, method) = (SampleId::from_bytes([3; 16]), TestMethod::NucleicAcid);
    let files = |number, kind, id, occurred, content| {
        let scope = Scope { areas: None, kinds: Kind::ALL.to_vec(), persons_per_hour: usize::MAX };
        let fact = Report { subject: Subject::Person(person), occurred, content, cause: None };
        let reported = report(&registry, &call(number, kind, id), &scope, &[fact]).unwrap();
        assert!(reported.inert.is_empty());
    };
    let sampled = Content::Sample { sample, pool: None, method };
    files(2, SourceKind::Laboratory, "first", Occurred::at(now), sampled);
    files(
        3,
        SourceKind::Laboratory,
        "second",
        Occurred::at(now),
        Content::TestResult { sample, method, positive: true },
    );
    let class = CaseClass::Confirmed;
    let ill = Occurred::During { from: now, until: now.plus_millis(14 * 86_400_000) };
    files(4, SourceKind::Hospital, "third", ill, Content::Case { class });
}

#[test]
fn an_officer_learns_which_area_is_due_to_be_lowered_and_when() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    stopped_node(folder.path());
    case(folder.path(), "2022-11-20T10:00:00+08:00");
    let listed = r#"{"data":{"end_update_time":"2022-11-20 12时","hcount":1,"mcount":0,"highlist":
        [{"province":"湖北省","city":"武汉市","county":"江岸区","communitys":["一元街道全域"]}],"middlelist":[]},"code":0}"#;
    std::fs::write(folder.path().join("listed.json"), listed).unwrap();
    assert!(import(folder.path(), "listed.json").status.success());
    let due = |county: &str, plan: &str, at: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yima"));
        command.args(["risk-levels", "due", county, "--config", "yima.toml", "--plan", plan, "--at", at]);
        command.args(more).current_dir(folder.path()).output().unwrap()
    };
    let check = |plan: &str, at: &str, more: &[&str], expected: Value| {
        let output = due("420102", plan, at, more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let line = |place: &Value| {
            let fields = ["area", "level", "published", "until", "then", "screening_from"];
            Value::Array(fields.iter().map(|field| place[field].clone()).collect())
        };
        assert_eq!(Value::Array(said["places"].as_array().unwrap().iter().map(line).collect()), expected, "{at}");
        said
    };
    let street = "420102003";
    // The notice: high to low after five days on end without a new infection.
    let over = "2022-11-26T00:00:00+08:00";
    let said = check(
        "twenty-measures",
        "2022-11-25T23:59:59+08:00",
        &[],
        json!([["420102", "low", null, over, null, null], [street, "high", "high", over, null, null]]),
    );
    assert_eq!((&said["places"][1]["last_case"], &said["cases_without_place"]), (&json!("2022-11-20"), &json!(0)));
    // It is over, and the list still says high: the area is due to be lowered.
    let over_and_listed = json!([["420102", null, null, null, null, null], [street, null, "high", null, null, null]]);
    check("twenty-measures", over, &[], over_and_listed);
    // The ninth plan asks for a clear screening on the seventh day: medium then for three days.
    let seventh = "2022-11-27T00:00:00+08:00";
    let waits = json!([["420102", "low", null, null, null, null], [street, "high", "high", null, null, seventh]]);
    check("ninth-plan", "2022-12-20T00:00:00+08:00", &[], waits);
    check(
        "ninth-plan",
        "2022-11-27T20:00:00+08:00",
        &["--screened", "420102=2022-11-27T18:00:00+08:00"],
        json!([
            [street, "high", "high", "2022-11-28T00:00:00+08:00", "medium", null],
            ["420102", "low", null, "2022-12-01T00:00:00+08:00", null, null],
        ]),
    );
    assert_eq!(due("4201", "ninth-plan", over, &[]).status.code(), Some(64));
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

//! `yima backup`, `erase`, `export` and `restore` on a small ledger: who was erased does not come back.
#![expect(clippy::unwrap_used, reason = "builders of tests")]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::fact::{Answer, DwellingRole, SourceKind, Symptoms};
use yima_model::id::SourceId;
use yima_model::{AreaCode, Document, DocumentKind, PersonId, Source, Timestamp};
use yima_registry::cases::register::{Application, Dwelling, Health, register};
use yima_registry::cases::{Call, RequestId};
use yima_registry::vault::{BirthDate, Keyring, PersonalText};
use yima_registry::{Random, Registry, Vault};

const AT: &str = "2020-02-24T12:00:00+08:00";

fn counting() -> Random {
    let count = AtomicU64::new(1);
    Arc::new(move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            let number = count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            chunk.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        }
    })
}

/// A stopped node's folder with two residents; the files stand below `folder`.
fn stopped_node(folder: &Path) -> [PersonId; 2] {
    let now = Timestamp::parse(AT).unwrap();
    let random = counting();
    std::fs::create_dir(folder.join("data")).unwrap();
    let host = Host { clock: Arc::new(move || now), random: Arc::clone(&random) };
    let ledger = Arc::new(KeyedLedger::create(&folder.join("data/ledger"), 2, host).unwrap());
    let keyring = Keyring::generate(&random);
    keyring.save(&folder.join("keyring")).unwrap();
    let ledger: Arc<dyn Ledger> = ledger;
    let vault = Vault::new(Arc::clone(&ledger), keyring, random);
    let (registry, _) = Registry::open(&folder.join("data/registry"), ledger, vault).unwrap();
    [1, 2].map(|number: u8| {
        let source = Source { kind: SourceKind::Resident, id: SourceId::parse("self").unwrap() };
        let call = Call { request: RequestId([number; 16]), source, now };
        let number = format!("A{number}");
        let application = Application {
            document: Document::parse(DocumentKind::Other, None, &number, jiff_date()).unwrap(),
            name: PersonalText::parse("王小明").unwrap(),
            birth: Some(BirthDate::parse("1990-01-31", jiff_date(), false).unwrap()),
            dwelling: Dwelling {
                area: AreaCode::parse("42").unwrap(),
                role: DwellingRole::Home,
                until: None,
                text: None,
            },
            health: Health { symptoms: Symptoms::NONE, contact: Answer::No, on_duty: false },
            reach: None,
        };
        register(&registry, &call, &application).unwrap().person()
    })
}

fn jiff_date() -> jiff::civil::Date {
    jiff::civil::Date::constant(2020, 2, 24)
}

fn yima(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yima")).current_dir(folder).args(arguments).output().unwrap()
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = yima(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn who_was_erased_does_not_come_back_from_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [stays, goes] = stopped_node(folder);
    let goes = goes.to_string();
    assert_eq!(succeeds(folder, &["backup", "--data", "data", "--out", "backup"]), "{\"empty\":0,\"entries\":8}\n");
    let export = |data: &str, out: &str| {
        succeeds(folder, &["export", "--data", data, "--keyring", "keyring", "--out", out]);
        std::fs::read_to_string(folder.join(out)).unwrap()
    };
    assert!(export("data", "before").contains(&goes));
    let erase = ["erase", "--data", "data", "--keyring", "keyring", "--list", "erased", "--at", AT, "--person", &goes];
    let nobody = ["--list", "erased", "--at", AT, "--person", "00000000000000000000000000000bad"];
    let slip = yima(folder, &[&["erase", "--data", "data", "--keyring", "keyring"], nobody.as_slice()].concat());
    assert!(String::from_utf8_lossy(&slip.stderr).contains("nobody was erased"));
    assert!(!folder.join("erased").exists());
    succeeds(folder, &erase);
    succeeds(folder, &erase);
    assert_eq!(std::fs::read_to_string(folder.join("erased")).unwrap(), format!("{goes}\n"));
    assert!(!folder.join("data/registry").exists());
    let after = export("data", "after");
    assert!(!after.contains(&goes) && after.contains(&stays.to_string()));

    succeeds(
        folder,
        &["restore", "--backup", "backup", "--data", "new", "--keyring", "keyring", "--erased", "erased", "--at", AT],
    );
    assert_eq!(export("new", "restored"), after);
    let stays = stays.to_string();
    let details = |person, out| {
        yima(
            folder,
            &["export", "--data", "new", "--keyring", "keyring", "--out", out, "--person", person, "--details"],
        )
    };
    assert!(details(&stays, "details").status.success());
    let text = std::fs::read_to_string(folder.join("details")).unwrap();
    assert!(text.contains("王小明") && text.contains("A1") && text.contains("1990-01-31"));
    let gone = details(&goes, "gone");
    assert!(String::from_utf8_lossy(&gone.stderr).contains("the vault knows no such person"));
    assert!(!folder.join("gone").exists());
}

#[test]
fn nothing_is_overwritten_and_a_keyring_in_the_open_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stopped_node(folder);
    std::fs::write(folder.join("taken"), "mine").unwrap();
    assert!(!yima(folder, &["backup", "--data", "data", "--out", "taken"]).status.success());
    let export = ["export", "--data", "data", "--keyring", "keyring", "--out", "taken"];
    assert!(!yima(folder, &export).status.success());
    assert_eq!(std::fs::read_to_string(folder.join("taken")).unwrap(), "mine");
    std::fs::set_permissions(folder.join("keyring"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = yima(folder, &["export", "--data", "data", "--keyring", "keyring", "--out", "new"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("chmod 600"));
    assert!(!folder.join("new").exists());
}

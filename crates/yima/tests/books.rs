//! `yima backup`, `erase`, `export` and `restore` on a small ledger: who was erased does not come back.
#![expect(clippy::unwrap_used, reason = "builders of tests")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use yima_ledger::{Host, KeyedLedger, Ledger};
use yima_model::fact::{Answer, DwellingRole, SourceKind, Symptoms};
use yima_model::id::{PackId, SourceId};
use yima_model::{AreaCode, Content, Document, DocumentKind, Kind, Occurred, PersonId, Source, Subject, Timestamp};
use yima_registry::cases::register::{Application, Dwelling, Health, register};
use yima_registry::cases::report::{Report, Scope, report};
use yima_registry::cases::{Call, RequestId};
use yima_registry::vault::{BirthDate, Keyring, PersonalText};
use yima_registry::verdict::pack_digest;
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

/// Announces the Hubei pack on the stopped node, with rules that look back 29 days at most and an audit period of five.
fn announce_pack(folder: &Path) {
    let text = include_str!("../../../packs/hubei-2020-02.toml");
    let text = text.replace("audit_days = 180", "audit_days = 5").replace("within 90d", "within 5d");
    std::fs::write(folder.join("pack.toml"), &text).unwrap();
    let (now, random) = (Timestamp::parse(AT).unwrap(), counting());
    let host = Host { clock: Arc::new(move || now), random: Arc::clone(&random) };
    let ledger: Arc<dyn Ledger> = Arc::new(KeyedLedger::open(&folder.join("data/ledger"), host).unwrap());
    let vault = Vault::new(Arc::clone(&ledger), Keyring::load(&folder.join("keyring")).unwrap(), random);
    let (registry, _) = Registry::open(&folder.join("data/registry"), ledger, vault).unwrap();
    let instant = |text| Timestamp::parse(text).unwrap();
    let (from, until) = (instant("2020-02-25T00:00:00+08:00"), instant("2020-05-25T00:00:00+08:00"));
    let content = Content::Pack { pack: PackId::parse("hubei-2020-02").unwrap(), digest: pack_digest(&text) };
    let pack = Report { subject: Subject::Global, occurred: Occurred::During { from, until }, content, cause: None };
    let source = Source { kind: SourceKind::Headquarters, id: SourceId::parse("hubei").unwrap() };
    let scope = Scope { areas: None, kinds: vec![Kind::Pack], persons_per_hour: 0 };
    report(&registry, &Call { request: RequestId([3; 16]), source, now }, &scope, &[pack]).unwrap();
}

/// Runs the command with this on its standard input.
fn with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yima"));
    command.current_dir(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_person_is_erased_by_a_document_that_stands_in_no_argument() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [stays, goes] = stopped_node(folder);
    let erase = ["erase", "--data", "data", "--keyring", "keyring", "--list", "erased", "--at", AT, "--document"];
    for (input, part) in [
        ("", "no document came in"),
        ("99\n", "then the number"),
        ("98 A2\n", "not a kind"),
        ("99 A3\n", "nobody has this document"),
        ("10 610102199001010011\n", "line 1"),
    ] {
        let refused = with_input(folder, &erase, input);
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && message.contains(part), "{message}");
        assert!(!message.contains("A3") && !message.contains("610102"), "{message}");
        assert!(!folder.join("erased").exists(), "nobody was erased");
    }
    let erased = with_input(folder, &erase, "99 a2\n\n");
    assert_eq!(String::from_utf8_lossy(&erased.stdout), "{\"erased\":1}\n", "{erased:?}");
    assert_eq!(std::fs::read_to_string(folder.join("erased")).unwrap(), format!("{goes}\n"));
    succeeds(folder, &["export", "--data", "data", "--keyring", "keyring", "--out", "left"]);
    let left = std::fs::read_to_string(folder.join("left")).unwrap();
    assert!(left.contains(&stays.to_string()) && !left.contains(&goes.to_string()));
}

#[test]
fn an_erasure_that_broke_off_is_finished_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [_, goes] = stopped_node(folder);
    // The list was written and the document forgotten when it broke off.
    std::fs::write(folder.join("erased"), format!("{goes}\n")).unwrap();
    vault(folder).forget(goes).unwrap();
    let erase = ["erase", "--data", "data", "--keyring", "keyring", "--list", "erased", "--at", AT, "--document"];
    let erased = with_input(folder, &erase, "99 A2\n");
    assert_eq!(String::from_utf8_lossy(&erased.stdout), "{\"erased\":1}\n", "{erased:?}");
    succeeds(folder, &["export", "--data", "data", "--keyring", "keyring", "--out", "left"]);
    assert!(!std::fs::read_to_string(folder.join("left")).unwrap().contains(&goes.to_string()));
}

/// The vault of the stopped node.
fn vault(folder: &Path) -> Vault {
    let now = Timestamp::parse(AT).unwrap();
    // Other ids than those of the residents.
    let random: Random = {
        let counting = counting();
        Arc::new(move |bytes: &mut [u8]| {
            counting(bytes);
            bytes.iter_mut().for_each(|byte| *byte ^= 0xff);
        })
    };
    let host = Host { clock: Arc::new(move || now), random: Arc::clone(&random) };
    let ledger = KeyedLedger::open(&folder.join("data/ledger"), host).unwrap();
    Vault::new(Arc::new(ledger), Keyring::load(&folder.join("keyring")).unwrap(), random)
}

fn other(number: u32) -> Document {
    Document::parse(DocumentKind::Other, None, &format!("B{number}"), jiff_date()).unwrap()
}

#[test]
fn keys_are_rotated_also_when_the_run_is_killed_half_way() {
    const PERSONS: u32 = 60;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let residents = stopped_node(folder);
    let mut persons = Vec::new();
    {
        let vault = vault(folder);
        for number in 0..PERSONS {
            let person = vault.claim_document(&other(number)).unwrap().person();
            vault.put_name(person, &PersonalText::parse(&format!("王{number}")).unwrap()).unwrap();
            persons.push(person);
        }
    }
    let first = std::fs::read_to_string(folder.join("keyring")).unwrap();
    let rotate = ["keys", "rotate-vault", "--data", "data", "--keyring", "keyring"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_yima")).current_dir(folder).args(rotate).spawn().unwrap();
    // The new keys are in the file before anything is under them.
    while std::fs::read_to_string(folder.join("keyring")).unwrap() == first && child.try_wait().unwrap().is_none() {}
    child.kill().unwrap();
    child.wait().unwrap();
    let check = || {
        let vault = vault(folder);
        for (number, person) in (0..).zip(&persons) {
            assert_eq!(vault.find_document(&other(number)).unwrap(), Some(*person));
            let details = vault.details(*person).unwrap();
            assert_eq!(details.name.unwrap().reveal(), format!("王{number}"));
            assert_eq!(details.documents, [other(number)]);
        }
        assert!(residents.iter().all(|person| vault.details(*person).is_ok()));
    };
    check();
    succeeds(folder, &rotate);
    check();
    let last = std::fs::read_to_string(folder.join("keyring")).unwrap();
    let sorts: Vec<_> = last.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(sorts, ["index", "node", "card"], "one key of each sort");
    assert!(first.lines().skip(1).all(|line| !last.contains(line)), "and none of the older ones");
    succeeds(folder, &["export", "--data", "data", "--keyring", "keyring", "--out", "facts"]);
    assert!(
        residents
            .iter()
            .all(|person| std::fs::read_to_string(folder.join("facts")).unwrap().contains(&person.to_string()))
    );
}

#[test]
fn what_no_rule_can_see_is_destroyed_after_the_audit_period() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let [stays, _] = stopped_node(folder);
    announce_pack(folder);
    let expire = |at: &str, further: &[&str]| {
        let command = ["expire", "--data", "data", "--keyring", "keyring", "--pack", "pack.toml", "--at", at];
        succeeds(folder, &[&command, further].concat())
    };
    let line = |preview: bool, sealed: &str, destroyed: &str| {
        format!(
            "{{\"destroyed\":{destroyed},\"expire\":\"2020-02-29T00:00:00+08:00\",\
             \"horizon\":\"2020-03-05T00:00:00+08:00\",\"preview\":{preview},\"sealed\":{sealed},\
             \"visits_before\":null}}\n"
        )
    };
    let early = expire("2020-04-22T08:00:00+08:00", &["--preview"]);
    assert!(early.contains("\"sealed\":{\"declaration\":2}") && early.contains("\"destroyed\":{}"), "{early}");
    let at = "2020-05-01T08:00:00+08:00";
    for _ in 0..2 {
        assert_eq!(expire(at, &["--preview"]), line(true, "{}", "{\"declaration\":2}"), "a preview changes nothing");
    }
    assert_eq!(expire(at, &[]), line(false, "{}", "{\"declaration\":2}"));
    assert_eq!(expire(at, &[]), line(false, "{}", "{}"));
    succeeds(folder, &["export", "--data", "data", "--keyring", "keyring", "--out", "left"]);
    let left = std::fs::read_to_string(folder.join("left")).unwrap();
    assert!(!left.contains("declaration") && left.contains(&stays.to_string()) && left.contains("dwelling"));
    let other = ["expire", "--data", "data", "--keyring", "keyring", "--pack", "other.toml", "--at", at];
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shaanxi-2020-12.toml"),
        folder.join("other.toml"),
    )
    .unwrap();
    let missing = yima(folder, &other);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("pack `hubei-2020-02` is in force"));
}

#[test]
fn a_census_counts_everybody_and_shows_no_small_group() {
    // Nobody has been compared with the lists of cases, so everybody is grey (HB-1P).
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    stopped_node(folder);
    announce_pack(folder);
    let census = |pack: &str, further: &[&str]| {
        let at = "2020-02-26T08:00:00+08:00";
        let command = ["census", "--data", "data", "--keyring", "keyring", "--pack", pack, "--at", at];
        yima(folder, &[&command, further].concat())
    };
    let printed = |further: &[&str]| String::from_utf8(census("pack.toml", further).stdout).unwrap();
    let json = |persons: &str| {
        format!(
            "{{\"at\":\"2020-02-26T08:00:00+08:00\",\"fewest\":10,\
             \"groups\":[{{\"area\":\"42\",\"colour\":\"grey\",\"persons\":{persons}}}]}}\n"
        )
    };
    assert_eq!(printed(&["--json"]), json("null"));
    assert_eq!(printed(&["--json", "--exact"]), json("2"));
    assert_eq!(printed(&["--by", "county"]), "42      湖北省  grey  fewer than 10\n", "no deeper than is known");
    assert_eq!(printed(&["--exact"]), "42      湖北省  grey  2\n");
    std::fs::write(folder.join("none.toml"), "").unwrap();
    assert!(!census("none.toml", &[]).status.success(), "a pack that does not load");
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

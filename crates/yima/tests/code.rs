//! Runs `yima keys` and `yima code` as an operator does: files, output and exit codes.
#![cfg(test)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use yima_credential::trust_list::KeyUse;
use yima_model::Timestamp;

const AT: &str = "2020-12-14T08:00:00+08:00";
const AT_10: &str = "2020-12-14T08:00:10+08:00";

/// A folder of keys of its own for each test.
struct Desk {
    folder: PathBuf,
}

impl Desk {
    fn new(name: &str, environment: &str) -> Self {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("code");
        fs::create_dir_all(&parent).unwrap();
        let desk = Self { folder: parent.join(name) };
        match fs::remove_dir_all(&desk.folder) {
            Ok(()) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
        }
        let made = yima(&["keys", "init", "--out", desk.path(""), "--environment", environment, "--at", AT]);
        assert_eq!(made.code(), 0, "{}", made.error());
        desk
    }

    /// The path of a file in the folder; leaked, since a test ends soon.
    fn path(&self, file: &str) -> &'static str {
        let path = self.folder.join(file).to_str().unwrap().trim_end_matches('/').to_owned();
        Box::leak(path.into_boxed_str())
    }

    fn issue(&self, at: &str, arguments: &[&str]) -> Run {
        let all = ["code", "issue", "--keys", self.path(""), "--name", "王小明", "--day", "27", "--at", at];
        yima(&[&all, arguments].concat())
    }

    fn text(&self, arguments: &[&str]) -> String {
        let issued = self.issue(AT, arguments);
        assert_eq!(issued.code(), 0, "{}", issued.error());
        issued.text().trim_end().to_owned()
    }

    fn verify(&self, text: &str, at: &str, arguments: &[&str]) -> Run {
        let lists = ["--trust", self.path("trust.cbor"), "--roots", self.path("roots.txt")];
        yima(&[&["code", "verify", "--at", at], lists.as_slice(), arguments, &[text]].concat())
    }

    fn status_list(&self, at: &str, version: &str, passes: &str) -> &'static str {
        let out = self.path("status.cbor");
        let list = ["--at", at, "--version", version, "--passes", passes, "--out", out];
        let signed = yima(&[&["code", "status-list", "--keys", self.path("")], list.as_slice()].concat());
        assert_eq!(signed.code(), 0, "{}", signed.error());
        out
    }
}

struct Run(Output);

fn yima(arguments: &[&str]) -> Run {
    Run(Command::new(env!("CARGO_BIN_EXE_yima")).args(arguments).output().unwrap())
}

impl Run {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn error(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap()
    }

    /// Exit code, decision and reason, or the standing of a code that was verified.
    fn answer(&self) -> (i32, String, String) {
        let json = self.json();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let standing = match &json["refused"] {
            Value::Null => &json["verified"]["standing"],
            reason => reason,
        };
        (self.code(), word(&json["decision"]), word(standing))
    }
}

fn answer(code: i32, decision: &str, outcome: &str) -> (i32, String, String) {
    (code, decision.to_owned(), outcome.to_owned())
}

#[test]
fn a_live_code_passes_for_a_minute_and_its_colour_decides() {
    let desk = Desk::new("live", "test");
    let venue = ["--place", "venue"];
    let green = desk.text(&["--live", "--colour", "green"]);
    assert_eq!(desk.verify(&green, "2020-12-14T08:00:20+08:00", &venue).answer(), answer(0, "pass", "green"));
    let late = desk.verify(&green, "2020-12-14T08:01:01+08:00", &venue);
    assert_eq!(late.answer(), answer(2, "stop", "presentation_too_old"));
    assert_eq!(desk.verify("YM1:00", AT, &venue).answer(), answer(2, "stop", "wrong_tag"));

    let red = desk.text(&["--live", "--colour", "red"]);
    assert_eq!(desk.verify(&red, AT, &venue).answer(), answer(2, "stop", "red"));
    assert_eq!(desk.verify(&red, AT, &["--place", "hospital"]).answer(), answer(4, "lane", "red"));
    let low = desk.verify(&red, AT, &["--place", "venue", "--level", "low"]);
    assert_eq!(low.answer(), answer(0, "no-check", ""));
}

#[test]
fn whose_code_it_is_stands_there_only_after_a_tap() {
    let desk = Desk::new("who", "test");
    let who = |arguments: &[&str]| {
        let text = desk.text(&[&["--live", "--colour", "green"], arguments].concat());
        desk.verify(&text, AT, &["--place", "venue"]).json()["verified"]["who"].clone()
    };
    assert_eq!(who(&[]), Value::Null);
    assert_eq!(who(&["--open"]), serde_json::json!({"name": "*明", "day": 27}));
}

#[test]
fn paper_passes_while_its_entry_stands() {
    let desk = Desk::new("paper", "test");
    let text = desk.text(&["--paper", "--status-index", "5", "--guardian", "李红", "--relation", "parent"]);
    let status = desk.status_list(AT, "1", "5,9");
    let venue = ["--place", "venue", "--status", status];
    let passed = desk.verify(&text, AT, &venue);
    assert_eq!(passed.answer(), answer(0, "pass", "passes"));
    assert_eq!(passed.json()["verified"]["guardian"], serde_json::json!({"relation": "parent", "name": "*红"}));

    let gate = desk.verify(&text, AT, &[venue.as_slice(), &["--unattended"]].concat());
    assert_eq!(gate.answer(), answer(4, "lane", "paper_not_accepted"));
    let without = desk.verify(&text, AT, &["--place", "venue"]);
    assert_eq!(without.answer(), answer(3, "cannot-tell", "status_list_missing"));
    desk.status_list(AT, "2", "9");
    assert_eq!(desk.verify(&text, AT, &venue).answer(), answer(2, "stop", "status_fallen"));
}

#[test]
fn old_lists_cannot_tell() {
    let desk = Desk::new("old", "test");
    let text = desk.text(&["--live", "--colour", "green"]);
    let late = desk.verify(&text, "2021-01-13T08:00:00+08:00", &["--place", "venue"]);
    assert_eq!(late.answer(), answer(3, "cannot-tell", "trust_list_too_old"));

    let renewed = yima(&["keys", "renew", "--keys", desk.path(""), "--at", "2021-01-13T08:00:00+08:00"]);
    assert_eq!(renewed.code(), 0, "{}", renewed.error());
    assert_eq!(renewed.json()["number"], 2);
    let late = desk.verify(&text, "2021-01-13T08:00:00+08:00", &["--place", "venue"]);
    assert_eq!(late.answer(), answer(2, "stop", "expired"));
}

#[test]
fn a_set_of_packs_has_a_number_in_the_trust_list() {
    let desk = Desk::new("packs", "test");
    let pack = |name: &str| format!("{}/../../packs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let (hubei, shaanxi) = (pack("hubei-2020-02"), pack("shaanxi-2020-12"));
    let renew = |at: &str, packs: &[&str]| {
        let packs: Vec<_> = packs.iter().flat_map(|pack| ["--pack", pack]).collect();
        yima(&[&["keys", "renew", "--keys", desk.path(""), "--at", at], packs.as_slice()].concat())
    };
    assert_eq!(renew("2020-12-15T08:00:00+08:00", &[]).json()["rules"], serde_json::json!([]));
    let rules = renew("2020-12-16T08:00:00+08:00", &[&hubei]).json()["rules"].clone();
    assert_eq!(rules[0]["number"], 1);
    let both = renew("2020-12-17T08:00:00+08:00", &[&hubei, &shaanxi]).json()["rules"].clone();
    assert_eq!((&both[0], &both[1]["number"]), (&rules[0], &serde_json::json!(2)));
    let again = renew("2020-12-18T08:00:00+08:00", &[&shaanxi, &hubei]).json()["rules"].clone();
    assert_eq!(again, both, "the same set in another order");
    assert_eq!(renew("2020-12-19T08:00:00+08:00", &["nowhere.toml"]).code(), 64);
}

#[test]
fn a_revoked_key_counts_no_longer() {
    let desk = Desk::new("revoke", "test");
    let text = desk.text(&["--live", "--colour", "green"]);
    let id = yima(&["code", "inspect", &text]).json()["key_id"].as_str().unwrap().to_owned();
    let at = "2020-12-14T08:00:10+08:00";
    let renewed = yima(&["keys", "renew", "--keys", desk.path(""), "--at", at, "--revoke", &id]);
    assert_eq!(renewed.code(), 0, "{}", renewed.error());
    assert_eq!(desk.verify(&text, at, &["--place", "venue"]).answer(), answer(2, "stop", "key_revoked"));
    let unknown = yima(&["keys", "renew", "--keys", desk.path(""), "--at", "2020-12-15T08:00:00Z", "--revoke", "00"]);
    assert_eq!(unknown.code(), 64);
}

#[test]
fn a_key_follows_another_when_it_is_time_and_what_the_first_one_signed_still_counts() {
    let desk = Desk::new("next", "test");
    let added = yima(&["keys", "renew", "--keys", desk.path(""), "--at", AT_10, "--add", "live", "--days", "7"]).json();
    let keys = added["keys"].as_array().unwrap();
    let new = keys.last().unwrap();
    assert_eq!((keys.len(), &new["use"]), (KeyUse::ALL.len() + 1, &serde_json::json!("live")));
    assert_eq!((&new["from"], &new["until"]), (&"2020-12-17T00:00:00Z".into(), &"2020-12-24T00:00:10Z".into()));
    let code = |at: &str| desk.issue(at, &["--live", "--colour", "green"]).text().trim_end().to_owned();
    let (before, after) = ("2020-12-17T07:59:59+08:00", "2020-12-17T08:00:00+08:00");
    let (first, next) = (code(before), code(after));
    let key = |text: &str| yima(&["code", "inspect", text]).json()["key_id"].clone();
    assert_ne!(key(&first), new["id"]);
    assert_eq!(key(&next), new["id"]);
    for text in [&first, &next] {
        assert_eq!(desk.verify(text, after, &["--place", "venue"]).answer(), answer(0, "pass", "green"));
    }
    assert_eq!(key(&code("2020-12-25T08:00:00+08:00")), key(&first), "a key that has ended signs no more");
}

#[test]
fn in_an_emergency_one_run_revokes_a_key_and_the_next_one_signs_at_once() {
    let desk = Desk::new("emergency", "test");
    let stolen = desk.text(&["--live", "--colour", "green"]);
    let id = yima(&["code", "inspect", &stolen]).json()["key_id"].as_str().unwrap().to_owned();
    let revoke = |at: &str, further: &[&str]| {
        let all = ["keys", "renew", "--keys", desk.path(""), "--at", at, "--revoke", &id];
        yima(&[all.as_slice(), further].concat())
    };
    assert_eq!(revoke("2020-12-14T08:00:05+08:00", &["--revoke-since", AT_10]).code(), 0);
    assert_eq!(desk.verify(&stolen, AT_10, &["--place", "venue"]).answer(), answer(0, "pass", "green"));
    assert_eq!(revoke(AT_10, &["--add", "live"]).code(), 0);
    assert_eq!(desk.verify(&stolen, AT_10, &["--place", "venue"]).answer(), answer(2, "stop", "key_revoked"));
    let next = desk.issue(AT_10, &["--live", "--colour", "green"]).text().trim_end().to_owned();
    assert_eq!(desk.verify(&next, AT_10, &["--place", "venue"]).answer(), answer(0, "pass", "green"));
}

#[test]
fn without_a_key_that_counts_nothing_is_signed() {
    let desk = Desk::new("unsigned", "test");
    let text = desk.text(&["--live", "--colour", "green"]);
    let id = yima(&["code", "inspect", &text]).json()["key_id"].as_str().unwrap().to_owned();
    let revoked = yima(&["keys", "renew", "--keys", desk.path(""), "--at", AT_10, "--revoke", &id]);
    assert_eq!(revoked.code(), 0, "{}", revoked.error());
    let refused = desk.issue(AT_10, &["--live", "--colour", "green"]);
    assert_eq!((refused.code(), refused.0.stdout.len()), (64, 0));
    assert!(refused.error().contains("`yima keys renew --add live --from NOW`"), "{}", refused.error());
}

/// Keys of three weeks: each leaves the list once nothing that it signed can count, so that the list stays short.
#[test]
fn many_short_lived_keys_fit_into_the_list() {
    let desk = Desk::new("short-lived", "test");
    let counts = (1..=14).map(|turn: i64| {
        let at = Timestamp::parse(AT).unwrap().plus_millis(turn * 21 * 24 * 3_600_000).to_string();
        let add = ["--add", "live", "--add", "paper", "--days", "21"];
        let renewed = yima(&[&["keys", "renew", "--keys", desk.path(""), "--at", &at], add.as_slice()].concat());
        assert_eq!(renewed.code(), 0, "{}", renewed.error());
        renewed.json()["keys"].as_array().unwrap().len()
    });
    let counts: Vec<_> = counts.collect();
    // Those of the first day, two for live codes, and those for paper of the last 204 days.
    assert_eq!(counts[11..], [KeyUse::ALL.len() + 2 + 204 / 21 + 1; 3], "{counts:?}");
}

#[test]
fn a_key_that_was_made_and_not_listed_is_taken_up() {
    let desk = Desk::new("broken-off", "test");
    let add = |at, what| yima(&["keys", "renew", "--keys", desk.path(""), "--at", at, "--add", what]);
    let made = Desk::new("broken-off-source", "test").path("paper.p8");
    fs::copy(made, desk.path("paper-2.p8")).unwrap();
    let before = fs::read(desk.path("paper-2.p8")).unwrap();
    assert_eq!(add("2020-12-15T08:00:00+08:00", "paper").code(), 0);
    assert_eq!(fs::read(desk.path("paper-2.p8")).unwrap(), before);
    assert_eq!(add("2020-12-16T08:00:00+08:00", "all").code(), 64);
    let twice = [
        "keys",
        "renew",
        "--keys",
        desk.path(""),
        "--at",
        "2020-12-16T08:00:00+08:00",
        "--add",
        "live",
        "--add",
        "live",
    ];
    assert!(yima(&twice).error().contains("name each use once"));
}

#[test]
fn inspecting_says_that_nothing_was_verified() {
    let desk = Desk::new("inspect", "test");
    let shown = yima(&["code", "inspect", &desk.text(&["--live", "--colour", "yellow"])]);
    assert_eq!(shown.code(), 0);
    assert_eq!(shown.json()["claims"]["colour"], "yellow");
    assert!(shown.text().contains("UNVERIFIED"));
    let broken = yima(&["code", "inspect", "https://example.com"]);
    assert_eq!((broken.code(), broken.json()["refused"].as_str()), (2, Some("not_ours")));
    assert!(broken.text().contains("UNVERIFIED"));
}

#[test]
fn a_code_is_drawn_in_each_form() {
    let desk = Desk::new("forms", "test");
    let drawn = |form| desk.issue(AT, &["--live", "--colour", "green", "--qr", form]);
    assert!(drawn("text").text().starts_with("YM1:"));
    assert!(drawn("svg").text().starts_with("<svg "));
    assert!(drawn("terminal").text().contains('▀'));
    assert!(drawn("png").0.stdout.starts_with(b"\x89PNG\r\n\x1a\n"));
}

#[test]
fn production_keys_sign_nothing_by_hand() {
    let desk = Desk::new("production", "production");
    for arguments in [["--live", "--colour", "green"].as_slice(), &["--paper"]] {
        let refused = desk.issue(AT, arguments);
        assert_eq!((refused.code(), refused.0.stdout.len()), (64, 0));
        assert!(refused.error().contains("production keys"), "{}", refused.error());
    }
    let list = ["--at", AT, "--version", "1", "--passes", "1", "--out", desk.path("status.cbor")];
    let refused = yima(&[&["code", "status-list", "--keys", desk.path("")], list.as_slice()].concat());
    assert_eq!(refused.code(), 64);
    assert!(!desk.folder.join("status.cbor").exists());
}

#[test]
fn test_codes_do_not_count_where_production_is_pinned() {
    let (test, production) = (Desk::new("pinned-test", "test"), Desk::new("pinned-production", "production"));
    let text = test.text(&["--live", "--colour", "green"]);
    let verify = |trust: &Desk| {
        let lists = ["--trust", trust.path("trust.cbor"), "--roots", production.path("roots.txt")];
        yima(&[&["code", "verify", "--at", AT, "--place", "venue"], lists.as_slice(), &[text.as_str()]].concat())
    };
    assert_eq!(verify(&production).answer(), answer(2, "stop", "key_unknown"));
    let other_root = verify(&test);
    assert_eq!((other_root.code(), other_root.0.stdout.len()), (64, 0));
    let relabelled = fs::read_to_string(test.path("roots.txt")).unwrap().replace("test", "production");
    fs::write(production.path("roots.txt"), relabelled).unwrap();
    assert!(verify(&test).error().contains("another environment"));
}

#[test]
fn private_keys_are_private_and_never_overwritten() {
    let desk = Desk::new("private", "test");
    for file in ["root.p8", "live.p8", "paper.p8", "status.p8", "venue.p8", "warning.p8"] {
        let mode = fs::metadata(desk.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let again = yima(&["keys", "init", "--out", desk.path(""), "--environment", "test", "--at", AT]);
    assert_eq!(again.code(), 64);

    for mode in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(desk.path("live.p8"), Permissions::from_mode(mode)).unwrap();
        let refused = desk.issue(AT, &["--live", "--colour", "green"]);
        assert_eq!((refused.code(), refused.0.stdout.len()), (64, 0), "{mode:o}");
        assert!(refused.error().contains("chmod 600"), "{}", refused.error());
    }
    fs::set_permissions(desk.path("root.p8"), Permissions::from_mode(0o644)).unwrap();
    let renew = yima(&["keys", "renew", "--keys", desk.path(""), "--at", "2020-12-15T08:00:00+08:00"]);
    assert!(renew.error().contains("chmod 600"), "{}", renew.error());
}

#[test]
fn a_root_may_be_kept_elsewhere() {
    let (office, site) = (Desk::new("office", "test"), Desk::new("site", "test"));
    fs::remove_dir_all(&site.folder).unwrap();
    let root = office.path("root.p8");
    let made = yima(&["keys", "init", "--out", site.path(""), "--environment", "test", "--at", AT, "--root", root]);
    assert_eq!(made.code(), 0, "{}", made.error());
    assert!(!site.folder.join("root.p8").exists());
    assert_eq!(fs::read(site.path("roots.txt")).unwrap(), fs::read(office.path("roots.txt")).unwrap());
    let renewed = ["keys", "renew", "--keys", site.path(""), "--at", "2020-12-15T08:00:00+08:00", "--root"];
    assert_eq!(yima(&[renewed.as_slice(), &[root]].concat()).code(), 0);
    let stranger = Desk::new("stranger", "test").path("root.p8");
    let later = ["keys", "renew", "--keys", site.path(""), "--at", "2020-12-16T08:00:00+08:00", "--root", stranger];
    assert_eq!(yima(&later).code(), 64);
}

#[test]
fn wrong_usage_is_told_from_a_refusal() {
    let desk = Desk::new("usage", "test");
    let text = desk.text(&["--live", "--colour", "green"]);
    for arguments in [["--place", "nowhere"].as_slice(), &["--place", "venue", "--level", "none"], &[]] {
        assert_eq!(desk.verify(&text, AT, arguments).code(), 64, "{arguments:?}");
    }
    let missing = ["--trust", "/nonexistent", "--roots", desk.path("roots.txt")];
    let verified =
        yima(&[&["code", "verify", "--place", "venue", "--at", AT], missing.as_slice(), &[text.as_str()]].concat());
    assert_eq!(verified.code(), 64);
    for arguments in [
        ["--live"].as_slice(),
        &["--paper", "--colour", "green"],
        &["--live", "--paper"],
        &["--live", "--colour", "blue"],
    ] {
        assert_eq!(desk.issue(AT, arguments).code(), 64, "{arguments:?}");
    }
}

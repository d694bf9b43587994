//! What `--check` does: the main job of a resident, a desk and a checkpoint, step by step, through HTTPS.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;
use yima_model::{Timestamp, Zone};

use super::client::{Client, at, text};
use super::node::{Node, now};
use super::packs;
use super::program::Program;
use super::recognition;
use super::resident::{application, document, live_code, register_at_desk, wait_for_colour};

/// A resident, and a father who has no phone; nobody who lives was born in 1890.
const RESIDENT: (&str, &str) = ("王芳", "610103189005010014");
const FATHER: (&str, &str) = ("王建国", "610103189005020028");

const EMAIL: &str = "resident@example.com";

/// How often the next edition of the status list is waited for.
const EDITIONS_MAX: u32 = 600;

/// What the steps share.
pub(super) struct Walk<'a> {
    program: &'a Program,
    node: &'a Node,
    runtime: &'a Handle,
    resident: Client,
}

/// One thing that must come out as said.
struct Step {
    /// The key in the JSON line.
    name: &'static str,
    run: fn(&mut Walk<'_>) -> anyhow::Result<Value>,
}

const STEPS: [Step; 9] = [
    Step { name: "packs", run: |walk| walk.packs() },
    Step { name: "replay", run: |walk| walk.replay() },
    Step { name: "filled", run: |walk| walk.filled() },
    Step { name: "registered", run: |walk| walk.registered() },
    Step { name: "offline", run: |walk| walk.offline() },
    Step { name: "symptom", run: |walk| walk.symptom() },
    Step { name: "amended", run: |walk| walk.amended() },
    Step { name: "paper", run: |walk| walk.paper() },
    Step { name: "conform", run: |walk| recognition::conform(walk.program, walk.node, walk.runtime, RESIDENT) },
];

impl<'a> Walk<'a> {
    pub(super) fn new(program: &'a Program, node: &'a Node, runtime: &'a Handle) -> anyhow::Result<Self> {
        Ok(Self { program, node, runtime, resident: node.client(runtime)? })
    }

    /// Takes every step, and notes what each saw; the first that did not see what it must ends the walk.
    pub(super) fn take(&mut self, seen: &mut Map<String, Value>) -> anyhow::Result<()> {
        for step in STEPS {
            let value = (step.run)(self).with_context(|| format!("step `{}`", step.name))?;
            seen.insert(step.name.to_owned(), value);
        }
        Ok(())
    }

    /// The published packs load without a finding.
    fn packs(&mut self) -> anyhow::Result<Value> {
        let files = packs::published()?;
        // Each by itself: together they are also asked whether each goes on where another ends, which the notices do not.
        for file in &files {
            let text = self.program.call(&["pack", "check", &file.display().to_string()])?;
            if let Some(line) = text.lines().find(|line| !line.ends_with(", 0 findings")) {
                bail!("`pack check` answers `{line}`");
            }
        }
        Ok(files.len().into())
    }

    /// A contact of 2020 that was a mistake: the colour as it was known then, and as it is known now.
    fn replay(&mut self) -> anyhow::Result<Value> {
        let person = format!("{:032x}", 8);
        let facts = ["--pack", "packs/hubei-2020-02.toml", "--facts", "xtask/demo/mistaken-contact.ndjson"];
        let of = ["--at", "2020-03-02T12:00:00+08:00", "--person", &person];
        let text = self.program.call(&[&["pack", "replay"], &facts[..], &of[..]].concat())?;
        let known = |when: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(when));
            line.map(|colour| colour.trim_start_matches(": ").to_owned()).unwrap_or_default()
        };
        let seen = (known("as known then"), known("as known now"));
        ensure!(seen == ("yellow".to_owned(), "green".to_owned()), "the replay answers {seen:?}");
        Ok(json!({ "then": seen.0, "now": seen.1 }))
    }

    /// Every rule of every pack has somebody for whom it holds, the areas have their levels, and the pages are there.
    fn filled(&mut self) -> anyhow::Result<Value> {
        self.node.name_areas(self.runtime)?;
        let filled = &self.node.filled;
        let (rules, held): (_, std::collections::BTreeSet<_>) =
            (packs::rules()?, filled.residents.keys().cloned().collect());
        ensure!(rules == held, "the packs have the rules {rules:?}, and somebody has {held:?}");
        for page in ["/", "/checkpoint/"] {
            let page = String::from_utf8(self.resident.get_bytes(page)?)?;
            ensure!(page.to_lowercase().starts_with("<!doctype html"), "the node serves no pages");
        }
        let has_pages = self.program.without_pages.is_none();
        Ok(json!({
            "persons": filled.persons, "facts": filled.facts, "rules": rules.len(), "levels": filled.levels.says,
            "pages": has_pages,
        }))
    }

    /// Applies with an e-mail address that is proved by a one-time code; grey until compared, then green.
    fn registered(&mut self) -> anyhow::Result<Value> {
        let begun = self.resident.post("/v1/bindings", &json!({"channel": "email", "address": EMAIL}))?;
        let confirm = format!("/v1/bindings/{}/confirm", text(&begun, "/binding")?);
        self.resident.post(&confirm, &json!({"code": self.one_time_code()?}))?;
        let applied = self.resident.post("/v1/residents", &application(RESIDENT.0, RESIDENT.1))?;
        ensure!(at(&applied, "/receipt/name") == RESIDENT.0, "the receipt names somebody else");
        let at_first = self.resident.get("/v1/me/verdict")?;
        ensure!(at(&at_first, "/colour") == "grey" || at(&at_first, "/colour") == "green", "a newcomer is {at_first}");
        wait_for_colour(&mut self.resident, "/v1/me", "green")?;
        Ok("green".into())
    }

    /// The program verifies a live code from the trust list alone; a picture of it is worth nothing two minutes later.
    fn offline(&mut self) -> anyhow::Result<Value> {
        std::fs::write(self.node.folder.join("trust"), self.resident.get_bytes("/v1/trust-list")?)?;
        let code = live_code(&mut self.resident, "/v1/me")?.text();
        let at_once = self.verify(&code, now(), false)?;
        ensure!(at(&at_once, "/decision") == "pass" && at(&at_once, "/verified/standing") == "green", "{at_once}");
        let later = self.verify(&code, now().plus_millis(120_000), false)?;
        ensure!(at(&later, "/decision") == "stop", "two minutes later: {later}");
        Ok(json!({ "at_once": at(&at_once, "/decision"), "two_minutes_later": at(&later, "/refused") }))
    }

    /// A cough makes red with its reason, and the next code stops.
    fn symptom(&mut self) -> anyhow::Result<Value> {
        self.resident.post("/v1/me/check-ins", &json!({"symptoms": ["cough"]}))?;
        let verdict = self.resident.get("/v1/me/verdict")?;
        let ground = at(&verdict, "/grounds/0");
        ensure!(at(&verdict, "/colour") == "red" && at(ground, "/rule") == "SX-3C", "{verdict}");
        let code = live_code(&mut self.resident, "/v1/me")?.text();
        let answer = self.verify(&code, now(), false)?;
        ensure!(at(&answer, "/decision") == "stop" && at(&answer, "/verified/standing") == "red", "{answer}");
        Ok(
            json!({ "colour": "red", "rule": at(ground, "/rule"), "reason": at(ground, "/reason/en"), "checkpoint": "stop" }),
        )
    }

    /// The check-in is taken back, since it was a mistake: green again.
    fn amended(&mut self) -> anyhow::Result<Value> {
        let verdict = self.resident.get("/v1/me/verdict")?;
        let fact = text(&verdict, "/grounds/0/facts/0/id")?;
        let nothing = json!({"symptoms": [], "contact": "no", "on_duty": false});
        self.resident.put(&format!("/v1/me/declarations/{fact}"), &nothing)?;
        let verdict = self.resident.get("/v1/me/verdict")?;
        ensure!(at(&verdict, "/colour") == "green", "{verdict}");
        let code = live_code(&mut self.resident, "/v1/me")?.text();
        let answer = self.verify(&code, now(), false)?;
        ensure!(at(&answer, "/decision") == "pass", "{answer}");
        Ok("green".into())
    }

    /// A father without a phone comes into the resident's care at the desk; the paper code passes until it is printed anew.
    fn paper(&mut self) -> anyhow::Result<Value> {
        let mut desk = self.node.staff(self.runtime, "desk")?;
        let registered = desk.post("/v1/desk/registrations", &application(FATHER.0, FATHER.1))?;
        let wanted = json!({"document": document(FATHER.1), "relation": "child"});
        let printed = desk.post("/v1/desk/one-time-codes", &wanted)?;
        self.resident.post("/v1/me/dependents", &json!({"proof": at(&printed, "/code")}))?;
        let path = format!("/v1/dependents/{}", text(&registered, "/person")?);
        wait_for_colour(&mut self.resident, &path, "green")?;
        let paper = self.resident.post(&format!("{path}/paper-codes"), &json!({}))?;
        let code = text(&paper, "/text")?;
        let passes = self.wait_for_edition(&code, "pass")?;
        let guardian = at(&passes, "/verified/guardian");
        ensure!(at(guardian, "/relation") == "child", "the code names no guardian: {passes}");
        self.resident.post(&format!("{path}/paper-codes"), &json!({}))?;
        let falls = self.wait_for_edition(&code, "stop")?;
        Ok(json!({ "at_once": "pass", "guardian": guardian, "printed_anew": at(&falls, "/refused") }))
    }

    /// Fetches status lists until one lets the checkpoint decide so.
    fn wait_for_edition(&mut self, code: &str, decision: &str) -> anyhow::Result<Value> {
        let mut answer = Value::Null;
        for _ in 0..EDITIONS_MAX {
            std::fs::write(self.node.folder.join("status"), self.resident.get_bytes("/v1/status-lists/1")?)?;
            answer = self.verify(code, now(), true)?;
            if at(&answer, "/decision") == decision {
                return Ok(answer);
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        bail!("no status list lets the checkpoint say {decision}: {answer}")
    }

    /// What `yima code verify` says at a market, from the files that were fetched and the roots that are pinned.
    fn verify(&self, code: &str, at: Timestamp, on_paper: bool) -> anyhow::Result<Value> {
        let path = |name: &str| self.node.folder.join(name).display().to_string();
        let (trust, roots, status, at) =
            (path("trust"), path("keys/roots.txt"), path("status"), Zone::BEIJING.format(at));
        let mut arguments =
            vec!["code", "verify", "--place", "venue", "--trust", &trust, "--roots", &roots, "--at", &at];
        if on_paper {
            arguments.extend(["--status", &status]);
        }
        arguments.push(code);
        let (_, answer) = self.program.run(&arguments, "")?;
        serde_json::from_str(&answer).with_context(|| format!("`code verify` answers `{answer}`"))
    }

    /// The code in the one message that has come to the resident.
    fn one_time_code(&self) -> anyhow::Result<String> {
        for entry in std::fs::read_dir(self.node.folder.join("spool"))? {
            let message: Value = serde_json::from_slice(&std::fs::read(entry?.path())?)?;
            if at(&message, "/to") == EMAIL {
                let said = text(&message, "/text")?;
                let digits = said.split(|character: char| !character.is_ascii_digit()).find(|digits| digits.len() == 6);
                return Ok(digits.context("the message has no code")?.to_owned());
            }
        }
        bail!("no message has come to {EMAIL}")
    }
}

/// Somebody to show: registered at the desk, green, and with a live code for the terminal.
pub(super) fn shown_resident(node: &Node, runtime: &Handle) -> anyhow::Result<String> {
    let mut client = register_at_desk(node, runtime, RESIDENT.0, RESIDENT.1)?;
    wait_for_colour(&mut client, "/v1/me", "green")?;
    Ok(live_code(&mut client, "/v1/me")?.qr()?.terminal())
}

//! `cargo xtask demo`: builds the program and walks through what it can do.
//!
//! The demo is a list of steps, each of which calls the built program as a user would and says what it saw.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use serde_json::{Map, Value};

use crate::{prerequisites, workspace};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Prints one JSON line of what was seen, and exits with 0 or 1.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    if options.check {
        return Ok(if check() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    show()?;
    Ok(ExitCode::SUCCESS)
}

/// Takes every step, prints one JSON line of what was seen, and says whether all was as it must be.
pub(crate) fn check() -> bool {
    let mut seen = Map::new();
    let end = walk(|step, value| drop(seen.insert(step.name.to_owned(), value)));
    seen.insert("ok".to_owned(), end.is_ok().into());
    if let Err(failure) = &end {
        seen.insert("failed".to_owned(), failure.step.into());
        seen.insert("error".to_owned(), format!("{:#}", failure.error).into());
    }
    println!("{}", Value::Object(seen));
    end.is_ok()
}

/// Takes every step for somebody who watches, and shows a code.
fn show() -> anyhow::Result<()> {
    let program = walk(|step, value| match value {
        Value::String(text) => println!("{}: {text}", step.says),
        value => println!("{}: {value}", step.says),
    })
    .map_err(|failure| failure.error.context(format!("the step `{}` failed", failure.step)))?;
    let qr = Desk::new(&program)?.issue(&["--live", "--colour", "green", "--qr", "terminal"])?;
    println!("\n{qr}\n\na live code of test keys: a screenshot of it dies within a minute\n");
    println!("try:");
    let yima = program.path.display();
    println!("  {yima} pack explain {HUBEI} --language zh-CN");
    println!("  {yima} pack replay --pack {HUBEI} --facts {RESIDENTS} --at 2020-03-05T12:00:00+08:00 --why");
    Ok(())
}

/// Takes every step, and hands what each saw to `saw`.
fn walk(mut saw: impl FnMut(&Step, Value)) -> Result<Program, Failure> {
    let program = Program::build().map_err(|error| Failure { step: "build", error })?;
    for step in STEPS {
        let value = (step.run)(&program).map_err(|error| Failure { step: step.name, error })?;
        saw(&step, value);
    }
    Ok(program)
}

/// The step that did not see what it must.
struct Failure {
    step: &'static str,
    error: anyhow::Error,
}

/// One thing that the program is asked to do.
struct Step {
    /// The key in the JSON line.
    name: &'static str,
    /// What is shown, for people.
    says: &'static str,
    run: fn(&Program) -> anyhow::Result<Value>,
}

const STEPS: [Step; 6] = [
    Step { name: "version", says: "the program says what it is", run: version },
    Step { name: "packs", says: "the rule packs load without a finding", run: packs },
    Step { name: "colours", says: "nine residents on 5 March 2020, under the rules of Hubei", run: colours },
    Step { name: "retracted", says: "a mistaken contact, as known then and as known now", run: retracted },
    Step { name: "codes", says: "codes verified without a network", run: codes },
    Step { name: "paper", says: "a dependent's paper code", run: paper },
];

const HUBEI: &str = "packs/hubei-2020-02.toml";
const RESIDENTS: &str = "xtask/demo/residents.ndjson";

/// The colour of each resident of the file on 5 March 2020 at noon, and the rules that make it.
const COLOURS: [(&str, &[&str]); 9] = [
    ("green", &[]),
    ("yellow", &["HB-3"]),
    ("grey", &["HB-1P"]),
    ("red", &["HB-6"]),
    ("yellow", &["HB-5A"]),
    ("yellow", &["HB-4"]),
    ("grey", &["HB-11"]),
    ("green", &[]),
    ("red", &["HB-8R"]),
];

fn version(program: &Program) -> anyhow::Result<Value> {
    let text = program.call(&["--version"])?;
    if !text.starts_with("yima ") {
        bail!("`--version` answers `{text}`");
    }
    Ok(text.into())
}

fn packs(program: &Program) -> anyhow::Result<Value> {
    let mut files: Vec<_> = std::fs::read_dir(workspace::root().join("packs"))?
        .map(|entry| Ok(format!("packs/{}", entry?.file_name().to_string_lossy())))
        .collect::<anyhow::Result<_>>()?;
    files.sort();
    let arguments: Vec<_> = ["pack", "check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let text = program.call(&arguments)?;
    match text.lines().find(|line| !line.ends_with(", 0 findings")) {
        None => Ok(files.len().into()),
        Some(line) => bail!("`pack check` answers `{line}`"),
    }
}

fn colours(program: &Program) -> anyhow::Result<Value> {
    let at = "2020-03-05T12:00:00+08:00";
    let text = program.call(&["eval", "--pack", HUBEI, "--facts", RESIDENTS, "--at", at, "--json"])?;
    let answers: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let seen: Vec<_> = answers.iter().map(|answer| (answer["colour"].clone(), rules(answer))).collect();
    let expected: Vec<_> = COLOURS.iter().map(|(colour, rules)| (Value::from(*colour), rules.to_vec())).collect();
    if seen != expected {
        bail!("the residents are {seen:?}, not {expected:?}");
    }
    let mut counts = Map::new();
    for (colour, _) in COLOURS {
        let count = counts.get(colour).and_then(Value::as_u64).unwrap_or(0);
        counts.insert(colour.to_owned(), (count + 1).into());
    }
    Ok(counts.into())
}

fn rules(answer: &Value) -> Vec<&str> {
    answer["grounds"].as_array().into_iter().flatten().filter_map(|ground| ground["rule"].as_str()).collect()
}

fn retracted(program: &Program) -> anyhow::Result<Value> {
    let person = format!("{:032x}", 8);
    let at = "2020-03-02T12:00:00+08:00";
    let replay = ["pack", "replay", "--pack", HUBEI, "--facts", RESIDENTS, "--at", at, "--person", &person];
    let text = program.call(&replay)?;
    let known = |when: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(when));
        line.map(|colour| colour.trim_start_matches(": ").to_owned()).unwrap_or_default()
    };
    let seen = (known("as known then"), known("as known now"));
    if seen != ("yellow".to_owned(), "green".to_owned()) {
        bail!("the replay answers {seen:?}");
    }
    Ok(serde_json::json!({ "then": seen.0, "now": seen.1 }))
}

/// Issues one code of each kind with test keys and shows it at several places and times.
fn codes(program: &Program) -> anyhow::Result<Value> {
    let desk = Desk::new(program)?;
    let live = |colour: &str| desk.issue(&["--live", "--colour", colour]);
    let (green, red) = (live("green")?, live("red")?);
    let shown = [
        ("green at the station", desk.show(&green, "traffic", "2020-03-05T12:00:10+08:00")?, 0),
        ("red at the station", desk.show(&red, "traffic", "2020-03-05T12:00:10+08:00")?, 2),
        ("red at the hospital", desk.show(&red, "hospital", "2020-03-05T12:00:10+08:00")?, 4),
        ("the green one two minutes later", desk.show(&green, "traffic", "2020-03-05T12:02:10+08:00")?, 2),
    ];
    outcomes(&shown)
}

fn paper(program: &Program) -> anyhow::Result<Value> {
    let desk = Desk::new(program)?;
    let kin = ["--paper", "--guardian", "王芳", "--relation", "parent", "--status-index", "3"];
    let passing = desk.issue(&kin)?;
    let shown = [
        ("while it passes", desk.show(&passing, "traffic", "2020-03-05T12:05:00+08:00")?, 0),
        ("on a list of the day before yesterday", desk.show(&passing, "traffic", "2020-03-07T12:05:00+08:00")?, 3),
    ];
    outcomes(&shown)
}

/// What was shown, and with which code the program ended; an unexpected one is an error.
fn outcomes(shown: &[(&str, i32, i32)]) -> anyhow::Result<Value> {
    let mut seen = Map::new();
    for (what, code, expected) in shown {
        if code != expected {
            bail!("{what}: `code verify` ends with {code}, not {expected}");
        }
        let word = ["pass", "?", "stop", "cannot tell", "lane"].get(usize::try_from(*code)?).copied().unwrap_or("?");
        seen.insert((*what).to_owned(), word.into());
    }
    Ok(seen.into())
}

/// Test keys and lists in a folder that is removed with it.
struct Desk<'a> {
    program: &'a Program,
    folder: tempfile::TempDir,
}

impl<'a> Desk<'a> {
    fn new(program: &'a Program) -> anyhow::Result<Self> {
        let desk = Self { program, folder: tempfile::tempdir()? };
        let at = "2020-03-05T12:00:00+08:00";
        program.call(&["keys", "init", "--out", &desk.path("keys"), "--environment", "test", "--at", at])?;
        let list = ["code", "status-list", "--keys", &desk.path("keys"), "--at", at, "--version", "1", "--passes", "3"];
        program.call(&[&list[..], &["--out", &desk.path("status")]].concat())?;
        Ok(desk)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn issue(&self, kind: &[&str]) -> anyhow::Result<String> {
        let common = ["code", "issue", "--keys", &self.path("keys"), "--at", "2020-03-05T12:00:00+08:00"];
        self.program.call(&[&common[..], &["--name", "王小明", "--day", "7"], kind].concat())
    }

    /// The exit code of verifying `code` at a place of this class.
    fn show(&self, code: &str, place: &str, at: &str) -> anyhow::Result<i32> {
        let (trust, roots) = (self.path("keys/trust.cbor"), self.path("keys/roots.txt"));
        let lists = ["code", "verify", "--trust", &trust, "--roots", &roots, "--status", &self.path("status")];
        self.program.code(&[&lists[..], &["--place", place, "--at", at, code]].concat())
    }
}

/// The program as it was built.
struct Program {
    path: PathBuf,
}

impl Program {
    fn build() -> anyhow::Result<Self> {
        let missing = prerequisites::missing_to_build();
        if !missing.is_empty() {
            bail!("{}", missing.join("; "));
        }
        let output = workspace::cargo()
            .args(["build", "--package", "yima", "--message-format", "json-render-diagnostics"])
            .stderr(std::process::Stdio::inherit())
            .output()
            .context("cargo does not start")?;
        if !output.status.success() {
            bail!("the program does not build, see above");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let path = messages.lines().find_map(executable).context("cargo names no program")?;
        Ok(Self { path })
    }

    /// Calls the program, and gives the code it ends with.
    fn code(&self, arguments: &[&str]) -> anyhow::Result<i32> {
        let output = Command::new(&self.path).args(arguments).current_dir(workspace::root()).output()?;
        output.status.code().context("the program was killed")
    }

    /// Calls the program, and gives what it prints on standard output.
    fn call(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let call = format!("`yima {}`", arguments.join(" "));
        let output = Command::new(&self.path)
            .args(arguments)
            .current_dir(workspace::root())
            .output()
            .with_context(|| format!("{call} does not start"))?;
        if !output.status.success() {
            bail!("{call} ends with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The program that a message of cargo names.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message.get("executable").and_then(Value::as_str).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn the_program_is_found_in_the_messages_of_cargo() {
        for (message, path) in [
            (r#"{"reason":"compiler-artifact","executable":"/target/debug/yima"}"#, Some("/target/debug/yima")),
            (r#"{"reason":"compiler-artifact","executable":null}"#, None),
            (r#"{"reason":"build-finished","success":true}"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(executable(message).as_deref(), path.map(std::path::Path::new), "{message}");
        }
    }
}

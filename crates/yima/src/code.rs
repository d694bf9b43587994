//! `yima code`: issues codes for tests, shows what stands in a code, and verifies one as a checkpoint does.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand;
use serde_json::{Value, json};
use yima_checkpoint::{Answer, Gate, Lists};
use yima_credential::claims::{Guardian, Issuer, LiveTimes, PaperTimes, StatusReference};
use yima_credential::place::{Decision, Place, PlaceClass, Staffing, Strictness};
use yima_credential::status_list::{StatusContent, StatusEntries};
use yima_credential::trust_list::KeyUse;
use yima_credential::{
    Age, Claims, Code, CodeId, ListRefusal, LiveClaims, LiveCredential, NameMark, PaperClaims, Seconds, Signer,
    Standing, Unverified, VerifiedCode, Who, WhoOpening, inspect,
};
use yima_model::fact::Relation;
use yima_model::{Colour, Level, Personal, Timestamp};

use crate::EXIT_REFUSED;
use crate::keys::{TestKeys, read_roots};

/// Issues, shows and verifies codes.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Issue a code with test keys, for tests and demonstrations; production keys are refused
    Issue(Box<Issue>),
    /// Sign a status list with test keys; production keys are refused
    StatusList(SignStatusList),
    /// Show what stands in a code, with nothing verified
    Inspect {
        /// The text of the code, or `-` to read it from standard input
        #[arg(default_value = "-")]
        text: String,
    },
    /// Verify a code as a checkpoint does: exit 0 pass, 2 stop, 3 cannot tell, 4 lane
    Verify(Verify),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Issue(issue) => issue.run(),
            Action::StatusList(list) => list.run(),
            Action::Inspect { text } => show(&read_text(text)?),
            Action::Verify(verify) => verify.run(),
        }
    }
}

#[derive(Debug, clap::Args)]
struct Issue {
    /// The folder that `yima keys init --environment test` made
    #[arg(long)]
    keys: PathBuf,
    /// A live code, presented at `--at` by a device key made for it
    #[arg(long, requires = "colour", required_unless_present = "paper", conflicts_with = "paper")]
    live: bool,
    /// A paper code
    #[arg(long)]
    paper: bool,
    /// When it is issued, such as 2020-12-14T08:00:00+08:00
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// The name on the document; the code carries its last character
    #[arg(long, value_parser = personal)]
    name: Personal<String>,
    /// The day of the month of birth
    #[arg(long)]
    day: u8,
    /// The colour of a live code
    #[arg(long, value_parser = colour, conflicts_with = "paper")]
    colour: Option<Colour>,
    /// As of when the data of a live code are; `--at` if left out
    #[arg(long, value_parser = Timestamp::parse, conflicts_with = "paper")]
    as_of: Option<Timestamp>,
    /// Show whose live code it is, as after a tap
    #[arg(long, conflicts_with = "paper")]
    open: bool,
    /// The epoch of the rules of a live code
    #[arg(long, default_value_t = 1)]
    epoch: u32,
    /// The name of the guardian of a dependent; a paper code carries its last character
    #[arg(long, value_parser = personal, requires = "relation", conflicts_with = "live")]
    guardian: Option<Personal<String>>,
    /// What the guardian is to the holder: parent, child, spouse, relative, friend, institution
    #[arg(long, value_parser = relation, requires = "guardian")]
    relation: Option<Relation>,
    /// The entry of a paper code in status list 1
    #[arg(long, default_value_t = 0)]
    status_index: u32,
    /// How the code is written: text, terminal, svg, png
    #[arg(long, value_enum, default_value_t = Picture::Text)]
    qr: Picture,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Picture {
    Text,
    Terminal,
    Svg,
    Png,
}

const DAY_MILLIS: i64 = 24 * 3600 * 1000;
const PAPER_DAYS: i64 = 180;
const PNG_SCALE: usize = 8;

impl Issue {
    fn run(self) -> Result<ExitCode> {
        let keys = TestKeys::open(&self.keys, self.at)?;
        let who = Who::of(&self.name, self.day)?;
        let code = match self.colour {
            Some(colour) => self.live(&keys, colour, who)?,
            None => self.paper(&keys, who)?,
        };
        let symbol = code.qr()?;
        let mut out = crate::output::stdout();
        match self.qr {
            Picture::Text => writeln!(out, "{}", code.text()),
            Picture::Terminal => out.write_all(symbol.terminal().as_bytes()),
            Picture::Svg => out.write_all(symbol.svg().as_bytes()),
            Picture::Png => out.write_all(&symbol.png(PNG_SCALE)),
        }?;
        Ok(ExitCode::SUCCESS)
    }

    fn live(&self, keys: &TestKeys, colour: Colour, who: Who) -> Result<Code> {
        let device = Signer::from_pkcs8(&Signer::generate_pkcs8()?)?;
        let opening = WhoOpening { salt: Personal::new(random()?), who };
        let claims = LiveClaims {
            issuer: Issuer::CHINA,
            colour,
            times: LiveTimes::new(self.at, self.as_of.unwrap_or(self.at), Timestamp::FOREVER)?,
            epoch: self.epoch,
            id: CodeId::from_random(random()?),
            device: *device.public().coordinates(),
            who: opening.commitment(),
        };
        let credential = LiveCredential::issue(&claims, keys.signer(KeyUse::Live)?)?;
        Ok(credential.present(&device, Seconds::floor(self.at), self.open.then_some(&opening))?)
    }

    fn paper(&self, keys: &TestKeys, who: Who) -> Result<Code> {
        let guardian = match (self.relation, &self.guardian) {
            (Some(relation), Some(name)) => Some(Guardian { relation, name: NameMark::of(name)? }),
            _ => None,
        };
        let claims = PaperClaims {
            issuer: Issuer::CHINA,
            times: PaperTimes::new(self.at, self.at.plus_millis(PAPER_DAYS * DAY_MILLIS))?,
            who,
            status: StatusReference { list: 1, index: self.status_index },
            guardian,
        };
        Ok(Code::paper(&claims, keys.signer(KeyUse::Paper)?)?)
    }
}

#[derive(Debug, clap::Args)]
struct SignStatusList {
    /// The folder that `yima keys init --environment test` made
    #[arg(long)]
    keys: PathBuf,
    /// When it is issued
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// The version, larger in each edition
    #[arg(long)]
    version: u32,
    /// The entries that pass; all others are fallen
    #[arg(long, value_delimiter = ',')]
    passes: Vec<u32>,
    /// The file to write
    #[arg(long)]
    out: PathBuf,
}

impl SignStatusList {
    fn run(self) -> Result<ExitCode> {
        let keys = TestKeys::open(&self.keys, self.at)?;
        let address = keys.trust.status_list(1).context("the trust list names no status list 1")?;
        let largest = self.passes.iter().max().copied().unwrap_or(0);
        let mut entries = StatusEntries::fallen(largest.saturating_add(1));
        for index in &self.passes {
            entries.let_pass(*index).with_context(|| format!("no list is long enough for entry {index}"))?;
        }
        let issued = Seconds::floor(self.at);
        let content = StatusContent {
            number: address.number,
            uri: address.uri.clone(),
            version: self.version,
            issued,
            expires: issued.plus(yima_credential::status_list::STATUS_LIST_SECONDS_MAX),
            entries,
        };
        let signed = content.sign(keys.signer(KeyUse::Status)?)?;
        fs::write(&self.out, signed).with_context(|| format!("cannot write `{}`", self.out.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn show(text: &str) -> Result<ExitCode> {
    let (mut shown, code) = match inspect(text) {
        Ok(code) => (unverified(&code), ExitCode::SUCCESS),
        Err(refusal) => (json!({"refused": refusal.code(), "message": refusal.to_string()}), EXIT_REFUSED.into()),
    };
    if let Some(shown) = shown.as_object_mut() {
        shown.insert(
            "UNVERIFIED".to_owned(),
            "no signature, list or clock was looked at; decide nothing by this".into(),
        );
    }
    writeln!(crate::output::stdout(), "{shown:#}")?;
    Ok(code)
}

fn unverified(code: &Unverified) -> Value {
    let claims = match &code.claims {
        Claims::Live(claims) => json!({
            "mode": "live",
            "issuer": claims.issuer.as_str(),
            "colour": claims.colour.word(),
            "issued": claims.times.issued().to_string(),
            "expires": claims.times.expires().to_string(),
            "as_of": claims.times.as_of().to_string(),
            "epoch": claims.epoch,
        }),
        Claims::Paper(claims) => json!({
            "mode": "paper",
            "issuer": claims.issuer.as_str(),
            "issued": claims.times.issued().to_string(),
            "expires": claims.times.expires().to_string(),
            "who": who(&claims.who),
            "status": {"list": claims.status.list, "index": claims.status.index},
            "guardian": claims.guardian.as_ref().map(guardian),
        }),
    };
    let presented = code
        .presented
        .as_ref()
        .map(|presented| json!({"at": presented.at.to_string(), "who": presented.who.as_ref().map(who)}));
    json!({"key_id": code.key_id.map(|id| id.to_string()), "claims": claims, "presented": presented})
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The trust list
    #[arg(long)]
    trust: PathBuf,
    /// The roots that this verifier pins
    #[arg(long)]
    roots: PathBuf,
    /// A status list; may be repeated
    #[arg(long)]
    status: Vec<PathBuf>,
    /// The class of the place: traffic, work, government, venue, hospital, fever-clinic, home, pharmacy, emergency,
    /// shelter, court
    #[arg(long, value_parser = place_class)]
    place: PlaceClass,
    /// The level of the area: low, medium, high
    #[arg(long, value_parser = level, default_value = "medium")]
    level: Level,
    /// The place stands on the public list of special places
    #[arg(long)]
    listed: bool,
    /// Two minutes are fresh, older data cannot tell
    #[arg(long)]
    strict: bool,
    /// Nobody stands there: live codes only
    #[arg(long)]
    unattended: bool,
    /// The clock of the checkpoint
    #[arg(long, value_parser = Timestamp::parse)]
    at: Timestamp,
    /// The text of the code, or `-` to read it from standard input
    #[arg(default_value = "-")]
    text: String,
}

const EXIT_CANNOT_TELL: u8 = 3;
const EXIT_LANE: u8 = 4;

impl Verify {
    fn run(self) -> Result<ExitCode> {
        let place = Place {
            class: self.place,
            level: self.level,
            listed: self.listed,
            strictness: if self.strict { Strictness::Strict } else { Strictness::Ordinary },
            staffing: if self.unattended { Staffing::Unattended } else { Staffing::Attended },
        };
        if !place.checks() {
            return answer(&Answer::NO_CHECK);
        }
        let mut gate = Gate::new(place, self.lists()?);
        answer(&gate.scan(&read_text(self.text)?, self.at))
    }

    /// The lists in the files; one that has ended is none, and a code says so.
    fn lists(&self) -> Result<Lists> {
        // A command has no clock but `--at`; the lists still keep it from going back.
        let mut lists = Lists::new(read_roots(&self.roots)?, Timestamp::BEGINNING);
        let taken = lists.take_trust(&read_list(&self.trust)?, self.at);
        unless_ended(taken, &self.trust)?;
        let Some(trust) = lists.trust() else { return Ok(lists) };
        let numbers = trust.content().status_lists.clone();
        for path in &self.status {
            let bytes = read_list(path)?;
            let mut taken = Err(ListRefusal::SubjectWrong);
            for address in &numbers {
                if taken == Err(ListRefusal::SubjectWrong) {
                    taken = lists.take_status(address.number, &bytes, self.at);
                }
            }
            unless_ended(taken, path)?;
        }
        Ok(lists)
    }
}

fn read_list(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn unless_ended(taken: Result<(), ListRefusal>, path: &Path) -> Result<()> {
    match taken {
        Ok(()) | Err(ListRefusal::Expired) => Ok(()),
        Err(refusal) => Err(refusal).with_context(|| format!("`{}` is refused", path.display())),
    }
}

fn answer(answer: &Answer) -> Result<ExitCode> {
    let Answer { decision, outcome, .. } = answer;
    let mut answer = match outcome {
        None => json!({"message": "codes are not checked here; nobody is asked"}),
        Some(Ok(code)) => json!({"verified": verified(code)}),
        Some(Err(refusal)) => json!({"refused": refusal.code(), "message": refusal.to_string()}),
    };
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("decision".to_owned(), decision.word().into());
    }
    writeln!(crate::output::stdout(), "{answer:#}")?;
    Ok(match decision {
        Decision::NoCheck | Decision::Pass => ExitCode::SUCCESS,
        Decision::Stop => EXIT_REFUSED.into(),
        Decision::CannotTell => EXIT_CANNOT_TELL.into(),
        Decision::Lane => EXIT_LANE.into(),
    })
}

fn verified(code: &VerifiedCode) -> Value {
    let standing = match code.standing() {
        Standing::Colour(colour) => colour.word(),
        Standing::Passes => "passes",
    };
    let older_hours = match code.age() {
        Age::Fresh => None,
        Age::Older { hours } => Some(hours),
    };
    json!({
        "standing": standing,
        "as_of": code.as_of().to_string(),
        "older_hours": older_hours,
        "expires": code.expires().to_string(),
        "epoch": code.epoch(),
        "who": code.who().map(who),
        "guardian": code.guardian().map(guardian),
    })
}

fn who(who: &Who) -> Value {
    json!({"name": format!("*{}", who.name().reveal()), "day": who.reveal_day()})
}

fn guardian(guardian: &Guardian) -> Value {
    json!({"relation": guardian.relation.word(), "name": format!("*{}", guardian.name.reveal())})
}

/// Reads a code from the argument or standard input, without the line break that a scanner or a shell adds.
fn read_text(text: String) -> Result<String> {
    const LENGTH_MAX: u64 = 64 * 1024;
    if text != "-" {
        return Ok(text);
    }
    let mut text = String::new();
    std::io::stdin().take(LENGTH_MAX).read_to_string(&mut text).context("cannot read a code from standard input")?;
    ensure!(text.lines().count() <= 1, "standard input has more than one line; give one code");
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).context("the system gave no randomness")?;
    Ok(bytes)
}

#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn personal(name: &str) -> Result<Personal<String>, std::convert::Infallible> {
    Ok(Personal::new(name.to_owned()))
}

fn colour(word: &str) -> Result<Colour, &'static str> {
    Colour::from_word(word).ok_or("write green, grey, yellow or red")
}

fn relation(word: &str) -> Result<Relation, &'static str> {
    Relation::from_word(word).ok_or("write parent, child, spouse, relative, friend or institution")
}

fn place_class(word: &str) -> Result<PlaceClass, &'static str> {
    PlaceClass::from_word(word).ok_or("no such class; see `yima code verify --help`")
}

fn level(word: &str) -> Result<Level, &'static str> {
    match word {
        "low" => Ok(Level::Low),
        "medium" => Ok(Level::Medium),
        "high" => Ok(Level::High),
        _ => Err("write low, medium or high"),
    }
}

//! `yima statement`: verifies another issuer's certificate, shows what stands in one, and asks business rules about it.

mod picture;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yima_model::Timestamp;
use yima_node::{LeftOut, files_below, read_trust_folder};
use yima_statement::certlogic::rules::{self, Arrival, Outcome, Rule};
use yima_statement::dcc::value_sets::ValueSets;
use yima_statement::dcc::{self, Signed};
use yima_statement::{Format, Refusal, Revocation, Statement, Trust, inspect, verify};

use crate::{EXIT_REFUSED, input};

/// Verifies other issuers' certificates, and asks rules about them.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Verify a certificate: exit 0 valid, 2 refused
    Verify(Verify),
    /// Show what stands in a certificate, with nothing verified
    Inspect(Source),
    /// Ask business rules in CertLogic about a DCC: exit 0 all passed, 2 not
    Rules(Rules),
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Verify(verify) => verify.run(),
            Action::Inspect(source) => source.inspect(),
            Action::Rules(rules) => rules.run(),
        }
    }
}

#[derive(Debug, clap::Args)]
struct Source {
    /// The format: dcc, ddcc, shc, nzcp, vds-nc, divoc; by how the text begins, if left out
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// Show what identifies the person too
    #[arg(long)]
    with_person: bool,
    /// The text of a QR code, or a picture of one in PNG or JPEG; several for a card in several QR codes; `-` reads
    /// standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// A folder or file of trusted keys: certificates (DER, PEM), key sets, DID documents, revocation lists
    #[arg(long, value_name = "DIR")]
    trust: Vec<PathBuf>,
    /// The certificate of one trusted signer (DER or PEM), whatever country it names
    #[arg(long, value_name = "DER")]
    cert: Vec<PathBuf>,
    /// Refuse a card whose key announces a list of revoked cards that is not in the trust folder
    #[arg(long)]
    demand_revocation_lists: bool,
    /// The instant to judge by, such as 2021-07-01T08:00:00+02:00
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    at: Timestamp,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, clap::Args)]
struct Rules {
    /// A rule in JSON, or a folder of them
    #[arg(long, value_name = "DIR")]
    rules: PathBuf,
    /// A folder of value sets in JSON
    #[arg(long, value_name = "DIR")]
    value_sets: Option<PathBuf>,
    /// Only the rules on acceptance of this country and the general ones, such as DE
    #[arg(long, value_parser = country)]
    country: Option<String>,
    /// Those of this part of the country too
    #[arg(long, requires = "country")]
    region: Option<String>,
    /// The instant to judge by
    #[arg(long, value_name = "INSTANT", value_parser = input::instant)]
    at: Timestamp,
    /// A DCC as text or picture, its content in JSON, or `{"payload": …, "external": …}`; nothing is verified
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

/// What was read instead of a text.
#[derive(Clone, Copy, Debug)]
enum Unreadable {
    /// The picture is damaged.
    Picture,
    /// No QR code was found in the picture.
    NoCode,
}

impl Unreadable {
    const fn code(self) -> &'static str {
        match self {
            Self::Picture => "picture_unreadable",
            Self::NoCode => "code_not_found",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Picture => "the picture is damaged, or too large",
            Self::NoCode => "no QR code is found in the picture; take it again, nearer and straight",
        }
    }
}

impl Source {
    /// The text, of all files together.
    fn text(&self) -> Result<Result<String, Unreadable>> {
        let mut texts = Vec::new();
        for file in &self.files {
            match read(file)? {
                Ok(text) => texts.push(text),
                Err(unreadable) => return Ok(Err(unreadable)),
            }
        }
        Ok(Ok(texts.join("\n")))
    }

    fn inspect(&self) -> Result<ExitCode> {
        let text = self.text()?;
        let (mut shown, code) = match text.map(|text| inspect(&text, self.format)) {
            Err(unreadable) => (refused(unreadable.code(), unreadable.message()), EXIT_REFUSED.into()),
            Ok(Err(refusal)) => (refused(refusal.code(), &refusal.to_string()), EXIT_REFUSED.into()),
            Ok(Ok(statement)) => (self.show(&statement), ExitCode::SUCCESS),
        };
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("valid");
            let warning = "no signature, key or clock was looked at; decide nothing by this";
            shown.insert("UNVERIFIED".to_owned(), warning.into());
        }
        writeln!(crate::output::stdout(), "{shown:#}")?;
        Ok(code)
    }

    fn show(&self, statement: &Statement) -> Value {
        let content =
            if self.with_person { statement.content.reveal().clone() } else { statement.content_without_person() };
        json!({
            "format": statement.format.word(),
            "valid": true,
            "reason": null,
            "issuer": statement.issuer,
            "issued": statement.issued.map(|at| at.to_string()),
            "expires": statement.expires.map(|at| at.to_string()),
            "revocation": statement.revocation.map(Revocation::word),
            "fact": {
                "meaning": statement.meaning.word().word(),
                "at": statement.meaning.at().map(|at| at.to_string()),
                "doubt": statement.meaning.doubt().map(|doubt| doubt.to_string()),
            },
            "content": content,
        })
    }
}

impl Verify {
    fn run(self) -> Result<ExitCode> {
        let mut trust = Trust::nobody();
        for path in &self.cert {
            let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            trust.pin_file(&bytes).with_context(|| format!("`{}` cannot be used", path.display()))?;
        }
        for path in &self.trust {
            for LeftOut { file, fault } in read_trust_folder(&mut trust, path)? {
                writeln!(crate::output::stderr(), "left out of `{}`: {fault}", file.display())?;
            }
        }
        if self.demand_revocation_lists {
            trust.demand_card_lists();
        }
        let format = self.source.format;
        let (answer, recognised) = match self.source.text()? {
            Err(unreadable) => (Err((unreadable.code(), unreadable.message().to_owned())), None),
            Ok(text) => {
                let outcome = verify(&text, format, &trust, self.at);
                let explain = |refusal: Refusal| (refusal.code(), refusal.to_string());
                (outcome.map_err(explain), format.or_else(|| Format::of(&text)))
            }
        };
        let (shown, code) = match answer {
            Ok(statement) => (self.source.show(&statement), ExitCode::SUCCESS),
            Err((reason, message)) => {
                let mut shown = refused(reason, &message);
                if let Some(shown) = shown.as_object_mut() {
                    shown.insert("format".to_owned(), recognised.map(Format::word).into());
                }
                (shown, EXIT_REFUSED.into())
            }
        };
        writeln!(crate::output::stdout(), "{shown:#}")?;
        Ok(code)
    }
}

impl Rules {
    fn run(self) -> Result<ExitCode> {
        let rules = self.read_rules()?;
        let data = match self.data()? {
            Ok(data) => data,
            Err((reason, message)) => {
                let shown = json!({"passed": null, "reason": reason, "message": message, "rules": []});
                writeln!(crate::output::stdout(), "{shown:#}")?;
                return Ok(EXIT_REFUSED.into());
            }
        };
        let mut answers = Vec::new();
        let (mut failed, mut open) = (0, 0);
        let arrival = Arrival { country: self.country.as_deref(), region: self.region.as_deref() };
        let issuer = data.pointer("/external/issuerCountryCode").and_then(Value::as_str);
        for rule in rules::selected(&rules, &data, issuer, arrival, self.at) {
            let outcome = rule.evaluate(&data);
            let detail = match outcome {
                Outcome::Open(error) => Some(error.to_string()),
                Outcome::Passed | Outcome::Failed | Outcome::NotApplicable => None,
            };
            failed += usize::from(outcome == Outcome::Failed);
            open += usize::from(detail.is_some());
            answers.push(json!({
                "rule": rule.id, "version": rule.version, "country": rule.country, "result": outcome.word(),
                "detail": detail, "description": rule.description("en"),
            }));
        }
        // Where no rule says anything, nothing was accepted.
        let passed = (!answers.is_empty()).then_some(failed == 0 && open == 0);
        writeln!(crate::output::stdout(), "{:#}", json!({"passed": passed, "rules": answers}))?;
        Ok(if passed == Some(true) { ExitCode::SUCCESS } else { EXIT_REFUSED.into() })
    }

    fn read_rules(&self) -> Result<Vec<Rule>> {
        let mut rules = Vec::new();
        for path in files_below(&self.rules)? {
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let value = json_file(&path)?;
            // Published rules have their tests in a folder below their own.
            if value.get("payload").is_some() {
                continue;
            }
            for rule in value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice) {
                rules.push(Rule::parse(rule).with_context(|| format!("`{}` cannot be used", path.display()))?);
            }
        }
        ensure!(!rules.is_empty(), "`{}` has no rule", self.rules.display());
        Ok(rules)
    }

    /// What the rules look at; or why there is nothing, with the stable code of the reason.
    fn data(&self) -> Result<Result<Value, (&'static str, String)>> {
        let mut sets = ValueSets::default();
        let folder = self.value_sets.as_deref().map(files_below).transpose()?;
        for path in folder.unwrap_or_default() {
            if path.extension().is_some_and(|extension| extension == "json") {
                sets.add(&json_file(&path)?);
            }
        }
        let text = match read(&self.file)? {
            Ok(text) => text,
            Err(unreadable) => return Ok(Err((unreadable.code(), unreadable.message().to_owned()))),
        };
        Ok(match self.content(&text) {
            Ok((payload, external)) => Ok(rules::data(payload, sets.json(), self.at, external)),
            Err(refusal) => Err((refusal.code(), refusal.to_string())),
        })
    }

    /// The content of a DCC, given as such or within its text, and what lies outside of it.
    fn content(&self, text: &str) -> Result<(Value, Value), Refusal> {
        if text.trim_start().starts_with('{') {
            let mut given: Value = serde_json::from_str(text).map_err(|_| Refusal::JsonInvalid)?;
            return Ok(match given.get_mut("payload").map(Value::take) {
                Some(payload) => (payload, given.get_mut("external").map(Value::take).unwrap_or_default()),
                None => (given, Value::Null),
            });
        }
        let statement = inspect(text, Some(Format::Dcc))?;
        let bytes = dcc::unpack(text)?;
        let signed = Signed::parse(&bytes)?;
        signed.claims()?.payload.certificate().map_err(Refusal::SchemaInvalid)?;
        let external = json!({
            "countryCode": self.country,
            "region": self.region,
            "kid": Base64::encode_string(signed.key_id()?),
            "issuerCountryCode": statement.issuer,
            "iat": statement.issued.map(|at| at.to_string()),
            "exp": statement.expires.map(|at| at.to_string()),
        });
        Ok((statement.content.reveal().clone(), external))
    }
}

fn refused(reason: &str, message: &str) -> Value {
    json!({"format": null, "valid": false, "reason": reason, "message": message, "issuer": null, "content": null})
}

/// The text in a file: as it stands there, or of the QR code in a picture.
fn read(path: &Path) -> Result<Result<String, Unreadable>> {
    const LENGTH_MAX: u64 = 32 * 1024 * 1024;
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(LENGTH_MAX).read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        let file = fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let read = file.take(LENGTH_MAX).read_to_end(&mut bytes);
        read.with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    if let Some(kind) = picture::Kind::of(&bytes) {
        return Ok(match picture::luma(kind, &bytes) {
            None => Err(Unreadable::Picture),
            Some(picture) => picture.code().ok_or(Unreadable::NoCode),
        });
    }
    // What is no text is a damaged text, for the verifier to refuse.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches(['\r', '\n']).to_owned()))
}

fn json_file(path: &Path) -> Result<Value> {
    let text = input::text(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).with_context(|| format!("`{}` is no valid JSON", path.display()))
}

fn format(word: &str) -> Result<Format, String> {
    let known = Format::ALL.map(Format::word).join(", ");
    Format::ALL.into_iter().find(|format| format.word() == word).ok_or(format!("not a format; use one of {known}"))
}

fn country(code: &str) -> Result<String, String> {
    let is_code = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_code.then(|| code.to_ascii_uppercase()).ok_or("not a country; give its two letters, such as `DE`".to_owned())
}

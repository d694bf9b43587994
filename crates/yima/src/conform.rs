//! `yima conform`: tries a system that speaks the interfaces of GB/T 38963, case by case.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand;
use hyper::Uri;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use yima_gbt::conformance::{CASES, Case, Difference, Run, Subjects, Suite};
use yima_model::Zone;
use yima_node::Clock;

use crate::https::{Client, SYSTEM_ROOTS};
use crate::{EXIT_SOFTWARE, input};

/// Exit code for a system that decides otherwise than a case demands, or of which a case could not be tried.
const EXIT_DIFFERENT: u8 = 1;

/// Try whether a system decides as the cases of GB/T 38963 demand (docs/GBT.md)
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// Where the seven interfaces are, such as https://health.example/v1/gbt
    #[arg(long, value_name = "URL")]
    url: Uri,
    /// The people and codes of its test environment that the cases speak of
    #[arg(long, value_name = "FILE")]
    subjects: PathBuf,
    /// The cases, if not those of this version
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Headers that go with each request, `name: value`, one on a line, such as the one by which it knows who asks
    #[arg(long, value_name = "FILE")]
    headers: Option<PathBuf>,
    /// The certificates that are trusted, as PEM
    #[arg(long, value_name = "FILE", default_value = SYSTEM_ROOTS)]
    roots: PathBuf,
    /// Try the case of this name only
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
}

/// What came of a case.
enum Outcome {
    Passed,
    Failed(Vec<Difference>),
    NotRun(Vec<String>),
}

/// The system that is tried.
struct System {
    client: Client,
    url: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let cases = self.cases.as_deref().map(input::text).transpose()?;
        let suite = Suite::read(cases.as_deref().unwrap_or(CASES)).context("the cases cannot be used")?;
        let subjects = Subjects::read(&input::text(&self.subjects)?).context("the subjects cannot be used")?;
        let headers = self.headers.as_deref().map(input::text).transpose()?;
        let headers = read_headers(headers.as_deref().unwrap_or_default())?;
        let wanted = |case: &&Case| self.only.as_ref().is_none_or(|name| *name == case.name);
        let cases: Vec<&Case> = suite.cases.iter().filter(wanted).collect();
        ensure!(!cases.is_empty(), "there is no case of that name");
        let system = System { client: Client::reaching(&self.url, &self.roots)?, url: self.url, headers };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(system.try_all(&cases, &subjects))
    }
}

impl System {
    async fn try_all(&self, cases: &[&Case], subjects: &Subjects) -> Result<ExitCode> {
        let mut passed = 0;
        for case in cases {
            let outcome = match self.try_one(case, subjects).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    writeln!(crate::output::stderr(), "error: {error:#}")?;
                    return Ok(ExitCode::from(EXIT_SOFTWARE));
                }
            };
            passed += usize::from(matches!(outcome, Outcome::Passed));
            say(case, &outcome)?;
        }
        writeln!(crate::output::stdout(), "{passed} of {} cases passed", cases.len())?;
        Ok(if passed == cases.len() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_DIFFERENT) })
    }

    async fn try_one(&self, case: &Case, subjects: &Subjects) -> Result<Outcome> {
        let missing = case.missing(subjects);
        if !missing.is_empty() {
            return Ok(Outcome::NotRun(missing));
        }
        let mut seed = [0; 16];
        rand::fill(&mut seed).ok().context("the system gave no randomness")?;
        let mut run = Run::new(case, subjects, Zone::BEIJING.day(Clock::system().now()), seed);
        while let Some(request) = run.request() {
            let address = format!("{}/{}", self.url.to_string().trim_end_matches('/'), request.interface.word());
            let mut headers = self.headers.clone();
            headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
            let key = HeaderValue::from_str(&request.key.to_string()).context("a key is no header")?;
            headers.push((HeaderName::from_static("idempotency-key"), key));
            let (status, body) = self.client.post(&address.parse()?, &headers, request.body.into_bytes()).await?;
            run.answered(status, &String::from_utf8_lossy(&body));
        }
        let differences = run.differences().to_vec();
        Ok(if differences.is_empty() { Outcome::Passed } else { Outcome::Failed(differences) })
    }
}

fn say(case: &Case, outcome: &Outcome) -> Result<()> {
    let mut stdout = crate::output::stdout();
    match outcome {
        Outcome::Passed => writeln!(stdout, "passed   {}", case.name)?,
        Outcome::NotRun(missing) => writeln!(stdout, "not run  {}: no {}", case.name, missing.join(", no "))?,
        Outcome::Failed(differences) => {
            for difference in differences {
                writeln!(stdout, "FAILED   {}: {difference}", case.name)?;
            }
            writeln!(stdout, "         {}", case.why)?;
        }
    }
    Ok(())
}

fn read_headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let read = |line: &str| {
        let (name, value) = line.split_once(':').context("a header is written `name: value`")?;
        let mut value = HeaderValue::from_str(value.trim()).context("a header has a value that cannot be sent")?;
        value.set_sensitive(true);
        Ok((HeaderName::from_bytes(name.trim().as_bytes()).context("a header has no name that can be sent")?, value))
    };
    lines.map(read).collect()
}

//! A whole gate: the folder with what it holds, then on each line of standard input an instant and the text of a code.
//!
//! `gate FOLDER < SCANS`, where the folder has `roots.txt` and, from the last time that it was online, `trust.cbor`,
//! `status-1.cbor` and `memory.txt`. Built with `SOURCE_DATE_EPOCH`, as reproducible builds are, no clock of the gate counts that says
//! it is earlier than that. For each scan it says `pass`, `stop`, `lane` or `cannot-tell`, and a refusal's reason.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::{env, fs};

use yima_checkpoint::{Gate, Lists};
use yima_credential::PinnedRoots;
use yima_credential::place::{Place, PlaceClass, Staffing, Strictness};
use yima_model::{Level, Timestamp};

/// The entrance of a station in a region of medium risk, where nobody stands.
const PLACE: Place = Place {
    class: PlaceClass::Traffic,
    level: Level::Medium,
    listed: false,
    strictness: Strictness::Ordinary,
    staffing: Staffing::Unattended,
};

/// The day of this source, than which no build of it is older.
const SOURCE: &str = "2026-11-01T00:00:00Z";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("name the folder with the lists")?;
    let built = match option_env!("SOURCE_DATE_EPOCH") {
        Some(seconds) => Timestamp::from_millis(seconds.parse::<i64>()?.saturating_mul(1000)),
        None => Timestamp::parse(SOURCE)?,
    };
    gate(Path::new(&folder), built, io::stdin().lock(), &mut io::stdout())
}

/// Answers every scan with software of that time.
pub(crate) fn gate(
    folder: &Path,
    built: Timestamp,
    scans: impl BufRead,
    answers: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let stored = |name: &str| fs::read(folder.join(name)).ok();
    let roots = PinnedRoots::parse(&fs::read_to_string(folder.join("roots.txt"))?)?;
    let memory = stored("memory.txt").and_then(|text| String::from_utf8(text).ok()?.parse().ok()).unwrap_or_default();
    let (trust, status) = (stored("trust.cbor"), stored("status-1.cbor"));
    let status: Vec<_> = status.iter().map(|bytes| (1, bytes.as_slice())).collect();
    let (lists, _) = Lists::restore(roots, built, memory, trust.as_deref(), &status);
    fs::write(folder.join("memory.txt"), lists.memory().to_string())?;
    let mut gate = Gate::new(PLACE, lists);
    for line in scans.lines() {
        let line = line?;
        let (clock, text) = line.split_once(' ').ok_or("write an instant, a space and the text of a code")?;
        let answer = gate.scan(text, Timestamp::parse(clock)?);
        let refusal = answer.outcome.and_then(Result::err).map_or("", |refusal| refusal.code());
        writeln!(answers, "{} {refusal}", answer.decision.word())?;
    }
    Ok(())
}

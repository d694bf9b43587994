//! Measures what Yima is made of, each figure beside the limit that the same run measures.
//!
//! Rates of computation are a second of processor time of one thread, so that other programs count little; what waits
//! for the disk is a second by the clock. `cargo xtask bench` builds and runs it.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod append;
mod archive;
mod areas;
mod census;
mod clock;
mod codes;
mod statements;
mod status;
mod storage;
mod verdicts;

use std::env;

use anyhow::bail;
use mimalloc::MiMalloc;

/// The allocator of the program `yima`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// One line of the table.
struct Figure {
    what: String,
    measured: f64,
    unit: &'static str,
    /// What of the same run it is measured against.
    limit: Option<(&'static str, f64)>,
    /// The least that is wanted: a share of the limit, or the figure itself where there is no limit.
    wanted: Option<f64>,
}

impl Figure {
    fn line(&self) -> String {
        let Self { what, measured, unit, limit, wanted } = self;
        let (reference, share) = match limit {
            Some((name, rate)) => (format!("{name}: {rate:.0}"), format!("{:.2}", measured / rate)),
            None => ("".to_owned(), "".to_owned()),
        };
        let wanted = match (wanted, limit) {
            (None, _) => String::new(),
            (Some(wanted), Some(_)) => format!("{wanted:.2}"),
            (Some(wanted), None) => format!("{wanted:.0}"),
        };
        format!("| {what} | {measured:.0} {unit} | {reference} | {share} | {wanted} |")
    }
}

/// What is measured; the names given as arguments choose some of it.
const SECTIONS: [(&str, Measure); 8] = [
    ("verdicts", verdicts::measure),
    ("codes", codes::measure),
    ("status", status::measure),
    ("statements", statements::measure),
    ("append", append::measure),
    ("archive", archive::measure),
    ("census", census::measure),
    ("storage", storage::measure),
];

type Measure = fn() -> anyhow::Result<Vec<Figure>>;

/// Spreads consecutive numbers over all 64 bits.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

fn main() -> anyhow::Result<()> {
    let only: Vec<String> = env::args().skip(1).collect();
    let unknown = only.iter().find(|asked| SECTIONS.iter().all(|(name, _)| name != asked));
    if let Some(unknown) = unknown {
        bail!(
            "there is no part `{unknown}`; the parts are verdicts, codes, status, statements, append, archive, census and storage"
        );
    }
    println!("| what | measured | limit | share | wanted |");
    println!("| --- | --- | --- | --- | --- |");
    for (name, measure) in SECTIONS {
        if only.is_empty() || only.iter().any(|asked| asked == name) {
            measure()?.iter().for_each(|figure| println!("{}", figure.line()));
        }
    }
    Ok(())
}

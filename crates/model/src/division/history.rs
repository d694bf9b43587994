//! Which counties there were in which year: codes of GB/T 2260 from 1980 on, with the names they had.

use crate::area::AreaCode;

/// The first year of the table.
pub const FIRST_YEAR: i16 = 1980;

/// The year of the newest edition in the table; what was in use then is taken to be in use still.
pub const LAST_YEAR: i16 = 2023;

/// Counts of runs and names, the runs in order, the ends of the names, and the names; all numbers little-endian.
const TABLE: &[u8] = include_bytes!("../../data/history.bin");

/// The name that a province, city or county had at the end of that year; `None` outside the years of the table.
///
/// Where a code passed from one county to another within a year, the name is that of the former.
///
/// ```
/// use yima_model::{AreaCode, division::history};
///
/// let area = AreaCode::parse("110103").unwrap();
/// assert_eq!(history::name_in(area, 2009), Some("崇文区"));
/// assert_eq!(history::name_in(area, 2010), None);
/// ```
pub fn name_in(area: AreaCode, year: i16) -> Option<&'static str> {
    let code = area.gbt2260();
    let is_listed = AreaCode::from_number(u64::from(code) * 1_000_000_000_000) == Some(area);
    let run = runs_of(code).find(|run| (run.first..=run.last).contains(&year)).filter(|_| is_listed)?;
    name(run.name)
}

/// Whether this code can have been used in some year of `from..=until`.
///
/// The table tells the state at the end of each year, so a code that it lists for a year was used in the next one too.
pub(crate) fn was_in_use(code: u32, from: i16, until: i16) -> bool {
    runs_of(code).any(|run| run.first <= until && (from <= run.last + 1 || run.last == LAST_YEAR))
}

/// Whether this code is in the table for any year.
pub(crate) fn is_listed(code: u32) -> bool {
    runs_of(code).next().is_some()
}

/// Consecutive years in which a code had one name.
struct Run {
    first: i16,
    last: i16,
    name: u16,
}

const HEADER_BYTES: usize = 4;
const RUN_BYTES: usize = 7;

type RunBytes = [u8; RUN_BYTES];

fn runs_of(code: u32) -> impl Iterator<Item = Run> {
    let runs = runs();
    let start = runs.partition_point(|run| run_code(run) < code);
    let runs = runs.get(start..).unwrap_or_default().iter();
    runs.take_while(move |run| run_code(run) == code).map(|[_, _, _, first, last, low, high]| Run {
        first: FIRST_YEAR + i16::from(*first),
        last: FIRST_YEAR + i16::from(*last),
        name: u16::from_le_bytes([*low, *high]),
    })
}

fn runs() -> &'static [RunBytes] {
    let bytes = TABLE.get(HEADER_BYTES..HEADER_BYTES + run_count() * RUN_BYTES).unwrap_or_default();
    bytes.as_chunks().0
}

fn run_code(run: &RunBytes) -> u32 {
    let [low, middle, high, ..] = *run;
    u32::from_le_bytes([low, middle, high, 0])
}

fn name(index: u16) -> Option<&'static str> {
    let ends = HEADER_BYTES + run_count() * RUN_BYTES;
    let names = ends + 2 * usize::from(number_at(2)?);
    let end_of = |index: usize| number_at(ends + 2 * index).map(usize::from);
    let index = usize::from(index);
    let start = index.checked_sub(1).map_or(Some(0), end_of)?;
    std::str::from_utf8(TABLE.get(names + start..names + end_of(index)?)?).ok()
}

fn run_count() -> usize {
    number_at(0).map_or(0, usize::from)
}

fn number_at(offset: usize) -> Option<u16> {
    let bytes = TABLE.get(offset..offset + 2)?;
    bytes.try_into().ok().map(u16::from_le_bytes)
}

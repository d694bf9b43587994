//! `cargo xtask divisions`: makes the embedded division tree and the table of past county codes from public lists.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;

use crate::workspace;

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Compares with the committed files instead of writing them.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Codes of nine digits (province 2, city 2, county 2, town 3) and what they name.
type Names = BTreeMap<u32, String>;

const PROVINCE: u32 = 10_000_000;
const CITY: u32 = 100_000;
const COUNTY: u32 = 1_000;

/// How many rows each list of the 2023 edition has.
const LISTS: [(&str, u32, usize); 4] = [
    ("provinces.csv", PROVINCE, 31),
    ("cities.csv", CITY, 342),
    ("areas.csv", COUNTY, 2_978),
    ("streets.csv.gz", 1, 41_352),
];

/// Taiwan, Hong Kong and Macau by GB/T 2260; what lies in them has no national code and is numbered in the list's order.
const REGIONS_OUTSIDE: [(&str, u32); 3] = [("台湾省", 71), ("香港特别行政区", 81), ("澳门特别行政区", 82)];

/// 新疆生产建设兵团 and its fourteen divisions, numbered as in national bulletins and budgets; GB/T 2260 does not list them.
const CORPS: (u32, &str) = (66, "新疆生产建设兵团");
const CORPS_DIVISIONS: [&str; 14] = [
    "第一师",
    "第二师",
    "第三师",
    "第四师",
    "第五师",
    "第六师",
    "第七师",
    "第八师",
    "第九师",
    "第十师",
    "第十一师",
    "第十二师",
    "第十三师",
    "第十四师",
];

pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Some(shared) = workspace::shared() else {
        if workspace::is_ci() || !options.check {
            bail!("the public lists are absent: put the folder `shared` beside the project");
        }
        println!("divisions: not checked, since the folder `shared` beside the project is absent");
        return Ok(ExitCode::SUCCESS);
    };
    let out = workspace::root().join("crates/model/data");
    make(&shared.join("data/divisions"), &out, options.check)?;
    Ok(ExitCode::SUCCESS)
}

fn make(sources: &Path, out: &Path, check: bool) -> anyhow::Result<()> {
    let names = read_names(sources)?;
    let tree = encode_tree(&names)?;
    let history = encode_history(&read_runs(sources, &names)?)?;
    let (tree_file, history_file) = (out.join("divisions.z"), out.join("history.bin"));
    if check {
        // The compressed bytes depend on the version of the compressor, their content does not.
        let committed = miniz_oxide::inflate::decompress_to_vec_zlib(&std::fs::read(&tree_file)?)
            .map_err(|error| anyhow::anyhow!("{}: {error}", tree_file.display()))?;
        if committed != tree || std::fs::read(&history_file)? != history {
            bail!("the embedded divisions differ from their sources; run `cargo xtask divisions` and commit");
        }
        println!("divisions: {} areas, as their sources say", names.len());
        return Ok(());
    }
    let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&tree, 10);
    std::fs::write(&tree_file, &compressed).context("cannot write the tree")?;
    std::fs::write(&history_file, &history).context("cannot write the history")?;
    println!("divisions: {} areas in {} bytes, history in {} bytes", names.len(), compressed.len(), history.len());
    Ok(())
}

fn read_names(sources: &Path) -> anyhow::Result<Names> {
    let mut names = Names::new();
    for (file, unit, count) in LISTS {
        let text = read_text(&sources.join(file))?;
        let rows: Vec<_> = text.lines().skip(1).filter(|line| !line.is_empty()).collect();
        ensure!(rows.len() == count, "{file} has {} rows instead of {count}", rows.len());
        for row in rows {
            let (code, rest) = row.split_once(',').with_context(|| format!("{file}: no comma in `{row}`"))?;
            let name = rest.split(',').next().unwrap_or(rest).trim_matches('"');
            insert(&mut names, code.parse::<u32>().with_context(|| format!("{file}: `{row}`"))? * unit, name)?;
        }
    }
    let outside = std::fs::read(sources.join("HK-MO-TW.json")).context("HK-MO-TW.json")?;
    let outside: InOrder<InOrder<Vec<String>>> = serde_json::from_slice(&outside).context("HK-MO-TW.json")?;
    for (region, cities) in outside.0 {
        let known = REGIONS_OUTSIDE.into_iter().find(|(name, _)| *name == region);
        let (_, province) = known.with_context(|| format!("HK-MO-TW.json: `{region}` has no code"))?;
        insert(&mut names, province * PROVINCE, &region)?;
        for (city, (name, counties)) in (1..100).zip(cities.0) {
            insert(&mut names, province * PROVINCE + city * CITY, &name)?;
            for (county, name) in (1..100).zip(counties) {
                insert(&mut names, province * PROVINCE + city * CITY + county * COUNTY, &name)?;
            }
        }
    }
    let (corps, name) = CORPS;
    insert(&mut names, corps * PROVINCE, name)?;
    for (division, name) in (1..).zip(CORPS_DIVISIONS) {
        insert(&mut names, corps * PROVINCE + division * CITY, name)?;
    }
    Ok(names)
}

/// Cities without counties stand in the list of counties too, and Kinmen in that of towns: the same code and name.
fn insert(names: &mut Names, code: u32, name: &str) -> anyhow::Result<()> {
    ensure!(!name.is_empty() && !name.contains('\n'), "{code} has no name");
    match names.insert(code, name.to_owned()) {
        Some(other) if other != name => bail!("{code} is both `{other}` and `{name}`"),
        _ => Ok(()),
    }
}

/// The number of areas, the differences of their codes in variable length, and their names, one a line.
fn encode_tree(names: &Names) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    push_varint(&mut bytes, names.len().try_into()?);
    let mut before = 0;
    for code in names.keys() {
        push_varint(&mut bytes, code - before);
        before = *code;
    }
    for name in names.values() {
        bytes.extend(name.as_bytes());
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn push_varint(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// One code with one name from the end of the first year to the end of the last.
struct Run {
    code: u32,
    first: u16,
    last: u16,
    name: String,
}

const HISTORY_FIRST: u16 = 1980;
const TABLE_LAST: u16 = 2020;
const EDITION: u16 = 2023;

/// Joins the yearly rows to runs and goes on to the edition of the tree.
///
/// No list here covers the two years between: a code that is gone by then is taken to have lasted until the year before.
fn read_runs(sources: &Path, names: &Names) -> anyhow::Result<Vec<Run>> {
    let text = read_text(&sources.join("address_code_1980_2020.csv.gz"))?;
    let mut by_code: BTreeMap<u32, Vec<Run>> = BTreeMap::new();
    for row in text.lines() {
        let parts: Vec<_> = row.split(',').collect();
        let [year, code, name] = parts[..] else { bail!("not year, code and name: `{row}`") };
        let (year, code): (u16, u32) = (year.parse()?, code.parse()?);
        let runs = by_code.entry(code).or_default();
        match runs.last_mut() {
            Some(run) if run.last + 1 == year && run.name == name => run.last = year,
            _ => runs.push(Run { code, first: year, last: year, name: name.to_owned() }),
        }
    }
    for run in by_code.values_mut().flatten().filter(|run| run.last == TABLE_LAST) {
        // Codes from 71 on stand for Taiwan, Hong Kong and Macau as on residence permits and are in no yearly edition.
        let lasts = run.code >= 700_000 || names.get(&(run.code * COUNTY)) == Some(&run.name);
        run.last = if lasts { EDITION } else { EDITION - 1 };
    }
    for (code, name) in names.iter().filter(|(code, _)| **code < 66 * PROVINCE && **code % COUNTY == 0) {
        let runs = by_code.entry(code / COUNTY).or_default();
        if runs.last().is_none_or(|run| run.last < EDITION) {
            runs.push(Run { code: code / COUNTY, first: EDITION, last: EDITION, name: name.clone() });
        }
    }
    Ok(by_code.into_values().flatten().collect())
}

/// Counts of runs and names, the runs (code, first and last year from 1980, name), the ends of the names, and the names.
fn encode_history(runs: &[Run]) -> anyhow::Result<Vec<u8>> {
    let mut names: Vec<_> = runs.iter().map(|run| run.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut bytes = Vec::new();
    bytes.extend(u16::try_from(runs.len())?.to_le_bytes());
    bytes.extend(u16::try_from(names.len())?.to_le_bytes());
    for run in runs {
        let name = names.binary_search(&run.name.as_str()).ok().context("a name is missing")?;
        bytes.extend(&run.code.to_le_bytes()[..3]);
        bytes.push(u8::try_from(run.first - HISTORY_FIRST)?);
        bytes.push(u8::try_from(run.last - HISTORY_FIRST)?);
        bytes.extend(u16::try_from(name)?.to_le_bytes());
    }
    let mut end = 0;
    for name in &names {
        end += name.len();
        bytes.extend(u16::try_from(end)?.to_le_bytes());
    }
    bytes.extend(names.concat().into_bytes());
    Ok(bytes)
}

fn read_text(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut text = String::new();
    if file.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).with_context(|| format!("{}", file.display()))?;
    } else {
        text = String::from_utf8(bytes).with_context(|| format!("{}", file.display()))?;
    }
    Ok(text)
}

/// A JSON object whose members keep the order of the file.
struct InOrder<T>(Vec<(String, T)>);

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for InOrder<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);

        impl<'de, T: serde::Deserialize<'de>> serde::de::Visitor<'de> for Members<T> {
            type Value = InOrder<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(InOrder(members))
            }
        }

        deserializer.deserialize_map(Members(std::marker::PhantomData))
    }
}

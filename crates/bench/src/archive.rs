//! The archive of the national list of risk areas, replayed whole: from its intervals, and from the raw snapshots that it holds.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use flate2::read::GzDecoder;
use yima_feed::archive::{self, Hours, Indexed};
use yima_feed::{Delivered, Feed, Reader, Snapshot};
use yima_model::{DivisionTree, Timestamp};

use crate::Figure;
use crate::clock::now;

/// Within what time the whole archive is wanted.
const SECONDS: f64 = 60.0;

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/risk-level");
    if !folder.is_dir() {
        println!("skipped: the folder `shared` beside the project is absent");
        return Ok(Vec::new());
    }
    let text = |name: &str| Ok::<_, anyhow::Error>(String::from_utf8(bytes(&folder.join(name))?)?);
    let at = |line: usize| anyhow!("line {line} is none of the archive");
    let index: Vec<Indexed> = archive::index(&text("snapshots.csv")?).collect::<Result<_, _>>().map_err(at)?;

    let begun = now();
    let intervals = text("risk_area_intervals_20220415_20230107.csv.gz")?;
    let intervals = archive::intervals(&intervals).collect::<Result<Vec<_>, _>>().map_err(at)?;
    let hours: BTreeSet<Timestamp> = index.iter().map(|indexed| indexed.hour).collect();
    let mut reader = Reader::new(&DivisionTree::built_in());
    let (_, fold) = archive::replay(&mut Hours::of(&intervals, &mut reader), &hours);
    let levels = fold.into_history().values().map(Vec::len).sum::<usize>();
    let whole = figure("intervals", intervals.len(), hours.len(), begun.elapsed().as_secs_f64())?;
    ensure!(levels > intervals.len() / 2, "the archive has lost its levels");

    let begun = now();
    let (mut rows, mut feed) = (0, Feed::default());
    let mut reader = Reader::new(&DivisionTree::built_in());
    let mut files: Vec<_> = std::fs::read_dir(folder.join("raw"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    for file in &files {
        let name = file.file_name();
        let name = name.to_str().context("a snapshot has no name")?.trim_end_matches(".gz");
        let indexed = index.iter().find(|indexed| indexed.file == name).context("a snapshot is not in the index")?;
        let snapshot = Snapshot::read(&bytes(&file.path())?)?;
        rows += snapshot.rows.len();
        feed.deliver(Delivered::new(&snapshot, indexed.saved, &mut reader));
    }
    let fold = feed.fold(|set| reader.areas(set));
    ensure!(fold.standings().len() == files.len(), "a snapshot was lost");
    let raw = figure("raw snapshots", rows, files.len(), begun.elapsed().as_secs_f64())?;
    Ok(vec![whole, raw])
}

fn figure(of: &str, rows: usize, hours: usize, seconds: f64) -> anyhow::Result<Figure> {
    let rate = |seconds: f64| Ok::<_, anyhow::Error>(f64::from(u32::try_from(rows)?) / seconds);
    Ok(Figure {
        what: format!("replaying the archive of risk areas from {of}: {rows} rows, {hours} snapshots, {seconds:.1} s"),
        measured: rate(seconds)?,
        unit: "rows/s by the clock",
        limit: None,
        // All of them in a minute.
        wanted: Some(rate(SECONDS)?.ceil()),
    })
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    if path.extension() != Some("gz".as_ref()) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

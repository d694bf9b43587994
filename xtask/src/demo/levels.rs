//! Which areas are listed: the risk levels of one real day where the public material is there, else a few invented ones; as
//! a snapshot of the national list of the present hour.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use yima_feed::archive::{ListedFor, fields, intervals};
use yima_feed::{Named, Row};
use yima_model::{Level, Timestamp, Zone};

use crate::workspace;

/// The moment from which the real levels are.
const REAL_AT: &str = "2022-06-20T12:00:00+08:00";
const REAL_DAY: &str = "20 June 2022";

/// Places that the stories of the synthetic residents tell of, under the numbers that staff give them first.
pub(super) const PLACES: [(&str, &str, &str); 2] =
    [("610113", "示范小区（重点防控）", "610113.1"), ("610113", "示范市场（受污染环境）", "610113.2")];

/// What is listed, and where that comes from.
pub(super) struct Levels {
    rows: Vec<Row>,
    pub(super) says: String,
}

impl Levels {
    pub(super) fn read() -> anyhow::Result<Self> {
        let folder = workspace::shared().map(|shared| shared.join("data/risk-level"));
        let (rows, what) = match folder.filter(|folder| folder.is_dir()) {
            Some(folder) => (real(&folder)?, format!("of {REAL_DAY}, as they were published")),
            None => (invented(include_str!("../../demo/levels.csv"))?, "invented for the demo".to_owned()),
        };
        Ok(Self { says: format!("{} listed areas {what}", rows.len()), rows })
    }

    /// How many areas are listed.
    pub(super) const fn count(&self) -> usize {
        self.rows.len()
    }

    /// A snapshot of the national list for the hour that has begun last.
    pub(super) fn snapshot(&self, now: Timestamp) -> anyhow::Result<Value> {
        let text = Zone::BEIJING.format(now);
        let (day, time) = text.split_once('T').context("the clock is no instant")?;
        let hour = time.get(..2).context("the clock is no instant")?;
        let area = |Row { named: Named { province, city, county, place }, .. }: &Row| json!({ "province": province, "city": city, "county": county, "communitys": [place] });
        let list = |level| -> Vec<Value> { self.rows.iter().filter(|row| row.level == level).map(area).collect() };
        let count = |level| self.rows.iter().filter(|row| row.level == level).count();
        Ok(json!({
            "data": {
                "end_update_time": format!("{day} {hour}时"),
                "hcount": count(Level::High), "mcount": count(Level::Medium), "lcount": count(Level::Low),
                "highlist": list(Level::High), "middlelist": list(Level::Medium), "lowlist": list(Level::Low),
            },
            "code": 0,
        }))
    }
}

/// The areas that were listed at that moment.
fn real(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let at = Timestamp::parse(REAL_AT)?;
    let file = std::fs::File::open(folder.join("risk_area_intervals_20220415_20230107.csv.gz"))?;
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(file));
    let text = text.context("the archive of risk levels cannot be read")?;
    let is_listed = |listed: &ListedFor| listed.from <= at && at < listed.until;
    let listed = intervals(&text).filter_map(Result::ok).filter(is_listed);
    let rows: Vec<Row> = listed.map(|listed| Row { named: listed.named, level: listed.level }).collect();
    ensure!(!rows.is_empty(), "the archive of risk levels lists nothing on {REAL_DAY}");
    Ok(rows)
}

fn invented(text: &str) -> anyhow::Result<Vec<Row>> {
    let row = |line: &str| {
        let fields = fields(line);
        let [province, city, county, place, level] = fields.as_slice() else { return None };
        let level = match level.as_str() {
            "H" => Level::High,
            "M" => Level::Medium,
            _ => return None,
        };
        let text = |text: &String| text.as_str().into();
        Some(Row {
            named: Named { province: text(province), city: text(city), county: text(county), place: text(place) },
            level,
        })
    };
    text.lines().skip(1).map(|line| row(line).with_context(|| format!("no area and level in `{line}`"))).collect()
}

#[cfg(test)]
mod tests {
    use yima_feed::{Reader, Snapshot};
    use yima_model::{DivisionTree, Timestamp};

    use super::{Levels, invented};

    #[test]
    fn the_committed_areas_make_a_snapshot_whose_counties_are_known() {
        let rows = invented(include_str!("../../demo/levels.csv")).unwrap();
        let levels = Levels { rows, says: String::new() };
        let now = Timestamp::parse("2026-11-22T09:59:59+08:00").unwrap();
        let snapshot = Snapshot::read(levels.snapshot(now).unwrap().to_string().as_bytes()).unwrap();
        assert_eq!(snapshot.hour, Timestamp::parse("2026-11-22T09:00:00+08:00").unwrap());
        let mut reader = Reader::new(&DivisionTree::built_in());
        assert_eq!(reader.listing(&snapshot.rows).len(), levels.rows.len());
        for row in &snapshot.rows {
            let nearest = reader.read(&row.named).nearest.unwrap();
            assert!(nearest.to_string().len() >= 6, "{:?} lies in {nearest}", row.named);
        }
    }
}

//! Which areas are listed: the risk levels of one real day where the public material is there, else a few invented ones.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use flate2::read::GzDecoder;
use serde_json::json;
use yima_model::division::DivisionError;
use yima_model::{AreaCode, DivisionTree};

use crate::workspace;

/// The day, and the moment of it, from which the real levels are.
const REAL_AT: &str = "2022-06-20T12:00+08:00";
const REAL_DAY: &str = "20 June 2022";

/// Two invented places that the stories of the synthetic residents tell of, and that therefore come first.
const PLACES: [(&str, &str); 2] = [("610113", "示范小区（重点防控）"), ("610113", "示范市场（受污染环境）")];

/// An area with a level, or one that the stories tell of.
pub(super) struct Area {
    pub(super) code: AreaCode,
    level: Option<&'static str>,
    /// The area above and the name, where the division tree does not have it yet; added in this order it gets the code.
    pub(super) new: Option<(AreaCode, String)>,
}

/// What is listed, and where that comes from.
pub(super) struct Levels {
    pub(super) areas: Vec<Area>,
    pub(super) says: String,
}

impl Levels {
    pub(super) fn read() -> anyhow::Result<Self> {
        let folder = workspace::shared().map(|shared| shared.join("data/risk-level"));
        let (rows, what) = match folder.filter(|folder| folder.is_dir()) {
            Some(folder) => (real(&folder)?, format!("of {REAL_DAY}, as they were published")),
            None => (invented(include_str!("../../demo/levels.csv"))?, "invented for the demo".to_owned()),
        };
        let places = PLACES.iter().map(|(parent, name)| ((*parent).to_owned(), (*name).to_owned(), None));
        let areas = locate(places.chain(rows))?;
        let count = areas.iter().filter(|area| area.level.is_some()).count();
        Ok(Self { areas, says: format!("{count} listed areas {what}") })
    }

    /// The levels as facts, one on a line (docs/FACTS.md).
    pub(super) fn facts(&self, from: &str) -> String {
        let fact = |(number, area): (u32, &Area)| {
            Some(json!({
                "id": format!("{number:032x}"), "kind": "area-level", "from": from, "level": area.level?,
                "source": {"kind": "headquarters", "id": "demo"}, "areas": [area.code.to_string()],
            }))
        };
        (1..).zip(&self.areas).filter_map(fact).map(|fact| format!("{fact}\n")).collect()
    }
}

/// The code of a county, a name in it, and its level.
type Row = (String, String, Option<&'static str>);

/// Finds each area in the division tree, or gives it the code that the node will give it; each comes once.
fn locate(rows: impl IntoIterator<Item = Row>) -> anyhow::Result<Vec<Area>> {
    let mut tree = DivisionTree::built_in();
    let mut areas: Vec<Area> = Vec::new();
    for (parent, name, level) in rows {
        let parent = AreaCode::parse(&parent)?;
        match tree.extend(parent, &name) {
            Ok(code) => areas.push(Area { code, level, new: Some((parent, name)) }),
            Err(DivisionError::NameTaken(code)) if areas.iter().all(|area| area.code != code) => {
                areas.push(Area { code, level, new: None });
            }
            // Listed twice, or in a county that the tree no longer has.
            Err(DivisionError::NameTaken(_) | DivisionError::NoParent(_)) => {}
            Err(error) => return Err(error).with_context(|| format!("`{name}` in {parent}")),
        }
    }
    Ok(areas)
}

/// The areas that were listed at that moment in counties whose code is known.
fn real(folder: &Path) -> anyhow::Result<Vec<Row>> {
    const NAME_CHARACTERS_MAX: usize = 60;
    let codes = std::fs::read_to_string(folder.join("areas_to_gbt2260.csv"))?;
    let mut counties = BTreeMap::new();
    for line in codes.lines().skip(1) {
        if let [province, city, county, code, ..] = fields(line).as_slice() {
            counties.insert([province.clone(), city.clone(), county.clone()], code.clone());
        }
    }
    let file = std::fs::File::open(folder.join("risk_area_intervals_20220415_20230107.csv.gz"))?;
    let mut intervals = String::new();
    GzDecoder::new(file).read_to_string(&mut intervals).context("the archive of risk levels cannot be read")?;
    let mut rows = Vec::new();
    for line in intervals.lines().skip(1) {
        let fields = fields(line);
        let [province, city, county, community, level, from, until] = fields.as_slice() else { continue };
        let listed = from.as_str() <= REAL_AT && REAL_AT < until.as_str();
        let code = counties.get(&[province.clone(), city.clone(), county.clone()]);
        if let (true, Some(level), Some(code)) = (listed, level_of(level), code.filter(|code| code.len() == 6)) {
            rows.push((code.clone(), community.chars().take(NAME_CHARACTERS_MAX).collect(), Some(level)));
        }
    }
    ensure!(!rows.is_empty(), "the archive of risk levels lists nothing on {REAL_DAY}");
    Ok(rows)
}

fn invented(text: &str) -> anyhow::Result<Vec<Row>> {
    let row = |line: &str| match fields(line).as_slice() {
        [county, name, level] => Some((county.clone(), name.clone(), Some(level_of(level)?))),
        _ => None,
    };
    text.lines().skip(1).map(|line| row(line).with_context(|| format!("no area and level in `{line}`"))).collect()
}

fn level_of(letter: &str) -> Option<&'static str> {
    match letter {
        "H" => Some("high"),
        "M" => Some("medium"),
        _ => None,
    }
}

/// The fields of a line of CSV; a field in quotation marks may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match (character, fields.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => fields.push(String::new()),
            (character, Some(field)) => field.push(character),
            (_, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{fields, invented, locate};

    #[test]
    fn a_field_in_quotation_marks_holds_commas() {
        assert_eq!(fields("a,\"b,c\",,d"), ["a", "b,c", "", "d"]);
    }

    #[test]
    fn the_committed_areas_come_once_with_a_code_of_their_county() {
        let rows = invented(include_str!("../../demo/levels.csv")).unwrap();
        let areas = locate(rows.iter().chain(&rows).cloned()).unwrap();
        assert_eq!(areas.len(), rows.len());
        for area in &areas {
            let (parent, _) = area.new.as_ref().expect("invented areas are not in the tree");
            assert!(area.level.is_some() && parent.contains(area.code));
        }
    }

    #[test]
    fn a_listed_street_is_found_by_its_name() {
        let areas = locate([("152501".to_owned(), "格日勒敖都苏木".to_owned(), Some("high"))]).unwrap();
        assert!(areas[0].new.is_none() && areas[0].code.to_string().len() == 9);
    }
}

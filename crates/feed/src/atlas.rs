//! The division tree as the feed names it: municipalities written three ways, streets in the place of counties, zones.

use std::collections::HashMap;

use yima_model::area::Depth;
use yima_model::{AreaCode, DivisionTree};

use crate::snapshot::Named;
use crate::text::{means_whole, plain};

/// The listed areas by name, for finding the one that a place lies in.
#[derive(Clone, Debug)]
pub struct Atlas {
    provinces: Names,
    /// What a form would offer below each area: layers that only group are passed over.
    below: HashMap<AreaCode, Names>,
    /// Each county and city that is written without a county, by its province.
    counties: HashMap<AreaCode, Names>,
    /// Each town whose name is the only one in its city, or in its municipality.
    towns: HashMap<AreaCode, Names>,
}

/// Areas by the plain spelling of their name, and by the part of it that does not change.
#[derive(Clone, Debug, Default)]
struct Names {
    exact: HashMap<Box<str>, Option<AreaCode>>,
    stems: HashMap<Box<str>, Option<AreaCode>>,
    zones: HashMap<Zone, Option<AreaCode>>,
}

/// Where a place lies, as far as its names tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The nearest listed area.
    pub area: AreaCode,
    /// How near that is.
    pub fit: Fit,
    /// The rest of the names; empty for the area itself.
    pub rest: String,
}

/// How near the listed area is that a row could be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// The county, or an area in it: what the row names is in the division tree.
    County,
    /// The city, or the municipality: the row names a zone that the division tree does not list.
    City,
    /// The province or the Corps alone.
    Province,
}

/// A development zone: what distinguishes it from others of its city, and what kind it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Zone {
    core: Box<str>,
    kind: Option<ZoneKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ZoneKind {
    HighTechnology,
    Economic,
    New,
    Other,
}

/// What the names of zones end with, the longer endings first.
const ZONE_ENDINGS: [(&str, ZoneKind); 18] = [
    ("高新技术产业开发区", ZoneKind::HighTechnology),
    ("高新技术开发区", ZoneKind::HighTechnology),
    ("高新技术产业园区", ZoneKind::HighTechnology),
    ("高新区", ZoneKind::HighTechnology),
    ("经济技术开发区", ZoneKind::Economic),
    ("经济开发区", ZoneKind::Economic),
    ("经开区", ZoneKind::Economic),
    ("开发区", ZoneKind::Economic),
    ("新区", ZoneKind::New),
    ("经济综合实验区", ZoneKind::Other),
    ("综合实验区", ZoneKind::Other),
    ("城乡一体化示范区", ZoneKind::Other),
    ("示范区", ZoneKind::Other),
    ("管理区", ZoneKind::Other),
    ("工业园区", ZoneKind::Other),
    ("化工园区", ZoneKind::Other),
    ("园区", ZoneKind::Other),
    ("区", ZoneKind::Other),
];

/// What may end the name of a county or town and is not always written.
const STEM_ENDINGS: [&str; 16] = [
    "街道办事处",
    "地区办事处",
    "办事处",
    "自治县",
    "自治旗",
    "街道",
    "地区",
    "镇",
    "乡",
    "市",
    "区",
    "县",
    "旗",
    "盟",
    "州",
    "街",
];

/// The most characters of the name of a county or town.
const NAME_CHARACTERS_MAX: usize = 16;

/// The last endings of the above, which stand before a place: `万新街蔚秀花园`.
const TOWN_ENDINGS: [&str; 7] = ["街道办事处", "地区办事处", "街道", "地区", "镇", "乡", "街"];

impl Atlas {
    /// The listed areas of a tree; places that were added are left out, since their names are not unique.
    pub fn of(tree: &DivisionTree) -> Self {
        let mut atlas = Self {
            provinces: Names::default(),
            below: HashMap::new(),
            counties: HashMap::new(),
            towns: HashMap::new(),
        };
        for province in tree.children(None) {
            let Some(name) = tree.name(province) else { continue };
            atlas.provinces.add(name, province, &[]);
            let counties = atlas.counties.entry(province).or_default();
            for city in tree.choices(Some(province)).into_iter().filter(|area| area.depth() < Depth::Village) {
                if let Some(name) = tree.name(city).filter(|_| city.depth() != Depth::City) {
                    counties.add(name, city, &[]);
                }
            }
        }
        for area in tree.areas().filter(|area| area.depth() < Depth::Town) {
            let above: Vec<&str> = tree.path(area).into_iter().filter_map(|step| tree.name(step)).collect();
            let names = atlas.below.entry(area).or_default();
            for child in tree.choices(Some(area)).into_iter().filter(|child| child.depth() != Depth::Place) {
                let Some(name) = tree.name(child) else { continue };
                names.add(name, child, &above);
                if child.depth() == Depth::Town {
                    atlas.towns.entry(city_of(child)).or_default().add(name, child, &[]);
                }
                if child.depth() == Depth::County && area.depth() == Depth::City {
                    atlas.counties.entry(area.province()).or_default().add(name, child, &above);
                }
            }
        }
        atlas
    }

    /// The nearest listed area of a place whose own name is `place`; `None` if not even the province is known.
    pub fn locate(&self, named: &Named, place: &str) -> Option<Location> {
        let (province, city, county) = (plain(&named.province), plain(&named.city), plain(&named.county));
        let area = self.provinces.find(&province)?;
        let names = [province.as_str(), city.as_str(), county.as_str()];
        let place = without_names(place, &names);
        let county = county.strip_suffix("(虚拟)").unwrap_or(&county);
        let found = match self.city(area, &province, &city) {
            // A county may have passed to another city since.
            Some(city) if city.depth() == Depth::City => {
                Some(match self.child(city, county).or_else(|| self.counties.get(&area)?.exact(county)) {
                    Some(county) => (county, String::new()),
                    None => (city, unless_repeated(county, &[names[1], "市辖区"])),
                })
            }
            // A district of a municipality in the place of the city, or a city without counties; then comes a street.
            Some(district) if district.depth() == Depth::County => Some(match self.child(district, county) {
                Some(town) => (town, String::new()),
                None => (district, unless_repeated(county, &[names[1], "市辖区"])),
            }),
            _ => None,
        };
        let found = found.or_else(|| self.in_province(area, county).map(|county| (county, String::new())));
        let town = || self.towns.get(&area).filter(|_| is_municipality(area))?.find(county);
        let found = found.or_else(|| town().map(|town| (town, String::new())));
        let (listed, zone) = found.unwrap_or_else(|| (area, unless_repeated(county, &[names[0]])));
        let zone = if listed == area && city != province && city != county && !is_group(&city) {
            format!("{city}{zone}")
        } else {
            zone
        };
        let (listed, zone, place) = match zone.is_empty() {
            true => self.town(listed, place),
            // A zone that is not listed may lie in towns that are.
            false => match self.towns.get(&listed).and_then(|towns| towns.beginning(&place)) {
                Some((town, rest)) => (town, String::new(), rest),
                None => (listed, zone, place),
            },
        };
        let fit = match listed.depth() {
            Depth::Province if is_municipality(area) => Fit::City,
            Depth::Province => Fit::Province,
            Depth::City => Fit::City,
            _ => Fit::County,
        };
        let rest = if means_whole(&place) { zone } else { format!("{zone}{place}") };
        Some(Location { area: listed, fit, rest })
    }

    /// What the text in the place of the city names.
    fn city(&self, province: AreaCode, province_name: &str, city: &str) -> Option<AreaCode> {
        if city == province_name || is_group(city) || city.is_empty() {
            return None;
        }
        self.child(province, city)
    }

    fn child(&self, area: AreaCode, name: &str) -> Option<AreaCode> {
        self.below.get(&area)?.find(name)
    }

    /// The only county of this name in a province; a zone is found in its own city alone.
    fn in_province(&self, province: AreaCode, name: &str) -> Option<AreaCode> {
        let counties = self.counties.get(&province)?;
        counties.exact(name).or_else(|| counties.by_stem(name))
    }

    /// The county and town at the beginning of a place's name, and the rest; an area that is named has no zone.
    fn town(&self, mut area: AreaCode, mut place: String) -> (AreaCode, String, String) {
        while let Some((inner, rest)) = self.below.get(&area).and_then(|names| names.beginning(&place)) {
            (area, place) = (inner, rest);
        }
        (area, String::new(), place)
    }
}

impl Names {
    fn add(&mut self, name: &str, area: AreaCode, above: &[&str]) {
        let name = plain(name);
        // Of two areas with one name neither is found by it.
        let put = |slot: &mut Option<AreaCode>| {
            if *slot != Some(area) {
                *slot = None;
            }
        };
        self.stems.entry(stem(&name).into()).and_modify(put).or_insert(Some(area));
        if let Some(zone) = Zone::of(&name, above) {
            if zone.kind.is_some() {
                let any = Zone { kind: None, ..zone.clone() };
                self.zones.entry(any).and_modify(put).or_insert(Some(area));
            }
            self.zones.entry(zone).and_modify(put).or_insert(Some(area));
        }
        self.exact.entry(name.into()).and_modify(put).or_insert(Some(area));
    }

    /// The area of this name: as it is written, by its unchanging part, or as a zone.
    fn find(&self, name: &str) -> Option<AreaCode> {
        if name.is_empty() {
            return None;
        }
        let inner = || name.split_once('(').and_then(|(_, rest)| self.exact(rest.strip_suffix(')')?));
        let by_zone = || {
            let zone = Zone::of(name, &[])?;
            let any =
                || (!zone.core.is_empty()).then(|| self.zones.get(&Zone { kind: None, ..zone.clone() })).flatten();
            self.zones.get(&zone).or_else(any).copied().flatten()
        };
        self.exact(name).or_else(inner).or_else(|| self.by_stem(name)).or_else(by_zone)
    }

    /// The area whose name stands at the beginning of a text, the longest one, and what comes behind.
    fn beginning(&self, text: &str) -> Option<(AreaCode, String)> {
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).skip(1).take(NAME_CHARACTERS_MAX);
        let found = ends.filter_map(|at| text.split_at_checked(at)).filter_map(|(name, rest)| {
            let written = || {
                let stem = TOWN_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))?;
                // `和平街12号` is an address in a street, not in the town that has its name.
                let is_address = name.ends_with('街') && rest.starts_with(|next: char| next.is_ascii_digit());
                self.stems.get(stem).copied().flatten().filter(|_| !is_address)
            };
            Some((self.exact(name).or_else(written)?, rest))
        });
        found.last().map(|(area, rest)| (area, rest.trim_start_matches([':', '：']).to_owned()))
    }

    fn exact(&self, name: &str) -> Option<AreaCode> {
        self.exact.get(name).copied().flatten()
    }

    fn by_stem(&self, name: &str) -> Option<AreaCode> {
        self.stems.get(stem(name).as_str()).copied().flatten()
    }
}

impl Zone {
    /// The zone of this name, without the names of the areas above that it repeats.
    fn of(name: &str, above: &[&str]) -> Option<Self> {
        let name = name.replace("(国家)", "");
        let (core, kind) = ZONE_ENDINGS.iter().find_map(|(ending, kind)| Some((name.strip_suffix(ending)?, *kind)))?;
        let mut core = core;
        for above in above {
            let above = stem(above);
            core = core.strip_prefix(above.as_str()).unwrap_or(core);
        }
        let core = core.trim_start_matches(['市', '省']);
        Some(Self { core: core.into(), kind: Some(kind) })
    }
}

/// The part of a name that stays when a county becomes a district, or a town a street.
fn stem(name: &str) -> String {
    let without: String = match (name.find('('), name.find(')')) {
        // `十八里店(地区)乡`, `大兴区(…)`.
        (Some(open), Some(close)) if open < close => {
            [name.get(..open), name.get(close + 1..)].into_iter().flatten().collect()
        }
        _ => name.to_owned(),
    };
    let ending = STEM_ENDINGS.iter().find_map(|ending| without.strip_suffix(ending));
    match ending {
        Some(stem) if stem.chars().count() >= 2 => stem.to_owned(),
        _ => without,
    }
}

/// A place's name without the names of the areas above that it repeats.
fn without_names(place: &str, names: &[&str]) -> String {
    let mut rest = place;
    for name in names.iter().filter(|name| !name.is_empty()) {
        rest = rest.strip_prefix(name).unwrap_or(rest);
    }
    rest.to_owned()
}

fn unless_repeated(name: &str, known: &[&str]) -> String {
    if known.contains(&name) { String::new() } else { name.to_owned() }
}

/// Layers of the tree that only group, as the feed writes them.
fn is_group(city: &str) -> bool {
    matches!(
        city,
        "市辖区"
            | "县"
            | "省直辖县级行政单位"
            | "省直辖县级行政区划"
            | "自治区直辖县级行政区划"
            | "自治区直辖县级行政单位"
    )
}

/// The city of a town, or its municipality.
fn city_of(town: AreaCode) -> AreaCode {
    if is_municipality(town) {
        return town.province();
    }
    town.and_above().find(|area| area.depth() == Depth::City).unwrap_or(town)
}

/// Beijing, Tianjin, Shanghai and Chongqing.
fn is_municipality(area: AreaCode) -> bool {
    matches!(area.gbt2260() / 10_000, 11 | 12 | 31 | 50)
}

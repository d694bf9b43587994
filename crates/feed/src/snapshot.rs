//! One issue of the feed as it was published: the hour, its own counts, and the places by level.

use std::fmt;

use aws_lc_rs::digest;
use serde::Deserialize;
use thiserror::Error;
use yima_model::{Level, Timestamp};

use crate::text::plain;

const HOUR_MILLIS: i64 = 3_600_000;

/// The most places that one snapshot may list; the most that were ever listed are 44,970.
const ROWS_MAX: usize = 500_000;

/// The most characters of one name.
const NAME_CHARACTERS_MAX: usize = 4_000;

/// The part of the rows of a level, in hundredths, by which a snapshot's own count may differ; lists of less than a hundred
/// rows are counted exactly.
///
/// In the archive the whole lists that differ do so by one or two rows, once by 24, and none of them has less than 1,260.
pub const MISCOUNTED_PERCENT_MAX: usize = 1;

/// What the feed said at one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The hour that the feed gives for it, to the full hour.
    pub hour: Timestamp,
    /// How many places of each level it says that it lists, where it says so.
    pub declared: [(Level, Option<u32>); 3],
    /// The places, in the order of the file.
    pub rows: Vec<Row>,
    /// How many areas it names under which it then lists no place; each is a sign that the file is not complete.
    pub without_places: u32,
    /// The first part that every issue has and that is missing here, by its name in JSON. Without it a list that was cut off
    /// looks like one on which nothing stands.
    pub missing: Option<&'static str>,
}

/// One place on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How it is named.
    pub named: Named,
    /// Its level.
    pub level: Level,
}

/// The four texts by which the feed names a place, exactly as they were published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// A province, or the Corps.
    pub province: Box<str>,
    /// A city; for a municipality its own name again, or one of its districts.
    pub city: Box<str>,
    /// A county, a development zone, or a street.
    pub county: Box<str>,
    /// The place in it.
    pub place: Box<str>,
}

/// Names a snapshot by what it says: its hour and its places, in whatever order and spelling of JSON they come, and what is
/// missing or miscounted in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId([u8; 16]);

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Not JSON of the published form.
    #[error("not a snapshot of the risk-level feed near line {line}, column {column}; look what was really fetched")]
    NotASnapshot {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The service answered with an error instead of a list.
    #[error("the feed answered with its error {0}; fetch again later")]
    Answered(i64),
    /// The hour cannot be read.
    #[error("the hour of the snapshot cannot be read; it is written like `2022-04-15 11时`")]
    NoHour,
    /// More places or longer names than there can be.
    #[error("more places or longer names than the feed ever had; look what was really fetched")]
    TooLarge,
}

impl SnapshotId {
    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads 32 hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Deserialize)]
struct FileForm {
    data: Option<ListForm>,
    code: Option<i64>,
}

#[derive(Deserialize)]
struct ListForm {
    end_update_time: String,
    hcount: Option<u32>,
    mcount: Option<u32>,
    lcount: Option<u32>,
    highlist: Option<Vec<AreaForm>>,
    middlelist: Option<Vec<AreaForm>>,
    lowlist: Option<Vec<AreaForm>>,
}

#[derive(Deserialize)]
struct AreaForm {
    #[serde(default)]
    province: Box<str>,
    #[serde(default)]
    city: Box<str>,
    #[serde(default)]
    county: Box<str>,
    /// The service spells it so.
    #[serde(default)]
    communitys: Vec<Box<str>>,
}

impl ListForm {
    fn missing(&self) -> Option<&'static str> {
        let has_low = self.lowlist.is_some() || self.lcount.is_some();
        let parts = [
            ("highlist", self.highlist.is_some()),
            ("middlelist", self.middlelist.is_some()),
            ("lowlist", self.lowlist.is_some() || !has_low),
            ("hcount", self.hcount.is_some()),
            ("mcount", self.mcount.is_some()),
            ("lcount", self.lcount.is_some() || !has_low),
        ];
        parts.into_iter().find(|(_, is_there)| !is_there).map(|(part, _)| part)
    }
}

impl Snapshot {
    /// Reads the published JSON, which the archive keeps untouched.
    ///
    /// An empty list is a statement, a missing one is none: every issue has `code`, the lists of high and medium places and
    /// their counts. Low places were not listed before July 2022, so that their list and its count are both there or neither.
    ///
    /// # Errors
    /// [`SnapshotError`]; nothing of a file that is wrong anywhere is used.
    pub fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let not_a_snapshot =
            |error: serde_json::Error| SnapshotError::NotASnapshot { line: error.line(), column: error.column() };
        let file: FileForm = serde_json::from_slice(bytes).map_err(not_a_snapshot)?;
        let code = file.code.unwrap_or_default();
        let list = file.data.filter(|_| code == 0).ok_or(SnapshotError::Answered(code))?;
        let hour = read_hour(&list.end_update_time).ok_or(SnapshotError::NoHour)?;
        let missing = list.missing().or_else(|| file.code.is_none().then_some("code"));
        let declared = [(Level::High, list.hcount), (Level::Medium, list.mcount), (Level::Low, list.lcount)];
        let levels = [(Level::High, list.highlist), (Level::Medium, list.middlelist), (Level::Low, list.lowlist)];
        let levels = levels.map(|(level, areas)| (level, areas.unwrap_or_default()));
        let mut snapshot = Self { hour, declared, rows: Vec::new(), without_places: 0, missing };
        for (level, areas) in levels {
            for area in areas {
                snapshot.add(level, area)?;
            }
        }
        Ok(snapshot)
    }

    /// The id that follows from what it says.
    pub fn id(&self) -> SnapshotId {
        let mut rows: Vec<_> = self.rows.iter().map(|row| (&row.named, row.level)).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.hour.millis().to_be_bytes());
        context.update(&self.without_places.to_be_bytes());
        context.update(self.missing.unwrap_or_default().as_bytes());
        for (Named { province, city, county, place }, level) in rows {
            for text in [province, city, county, place] {
                context.update(text.as_bytes());
                context.update(&[0]);
            }
            context.update(&[level as u8]);
        }
        // An issue with its counts put right is another one: the first is held back for them.
        for (level, declared, _) in self.miscounted() {
            context.update(&[level as u8]);
            context.update(&declared.to_be_bytes());
        }
        let hash = context.finish();
        SnapshotId(hash.as_ref().first_chunk().copied().unwrap_or_default())
    }

    /// How many places of a level it lists.
    pub fn count(&self, level: Level) -> usize {
        self.rows.iter().filter(|row| row.level == level).count()
    }

    /// The levels of which it lists other than it says, beyond [`MISCOUNTED_PERCENT_MAX`]: how many it says and how many it
    /// lists, the highest level first.
    pub fn miscounted(&self) -> impl Iterator<Item = (Level, u32, u32)> {
        self.declared.iter().filter_map(|(level, declared)| {
            let (declared, listed) = ((*declared)?, self.count(*level));
            let most = listed * MISCOUNTED_PERCENT_MAX / 100;
            let listed = u32::try_from(listed).unwrap_or(u32::MAX);
            let differs = usize::try_from(declared.abs_diff(listed)).unwrap_or(usize::MAX);
            (differs > most).then_some((*level, declared, listed))
        })
    }

    fn add(&mut self, level: Level, area: AreaForm) -> Result<(), SnapshotError> {
        let AreaForm { province, city, county, communitys } = area;
        let is_named = !(province.is_empty() && city.is_empty() && county.is_empty());
        if communitys.is_empty() && is_named {
            self.without_places = self.without_places.saturating_add(1);
        }
        for place in communitys {
            // A whole city is no precise place; where all four texts are blank nothing is named at all.
            if plain(&place).is_empty() && is_named {
                self.without_places = self.without_places.saturating_add(1);
                continue;
            }
            let named = Named { province: province.clone(), city: city.clone(), county: county.clone(), place };
            self.rows.push(Row { named, level });
        }
        let names = self.rows.last().map_or(0, |row| row.named.characters());
        if self.rows.len() > ROWS_MAX || names > NAME_CHARACTERS_MAX {
            return Err(SnapshotError::TooLarge);
        }
        Ok(())
    }
}

impl Named {
    fn characters(&self) -> usize {
        [&self.province, &self.city, &self.county, &self.place].iter().map(|text| text.chars().count()).sum()
    }
}

/// Reads `2022-04-15 11时`; a day ends at `24时`.
pub(crate) fn read_hour(text: &str) -> Option<Timestamp> {
    let (date, hour) = text.trim().split_once(' ')?;
    let hour: i64 = hour.trim().strip_suffix('时')?.parse().ok().filter(|hour| (0..=24).contains(hour))?;
    let midnight = Timestamp::parse(&format!("{date}T00:00:00+08:00")).ok()?;
    Some(midnight.plus_millis(hour * HOUR_MILLIS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn the_hour_is_read_as_the_feed_writes_it() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(read_hour(text), expected.map(at), "{text}");
        check("2022-04-15 11时", Some("2022-04-15T11:00:00+08:00"));
        check("2022-11-24 8时", Some("2022-11-24T08:00:00+08:00"));
        check("2022-11-24 08时", Some("2022-11-24T08:00:00+08:00"));
        check("2022-12-31 24时", Some("2023-01-01T00:00:00+08:00"));
        for text in ["", "2022-11-24", "2022-11-24 25时", "2022-11-24 -1时", "2022-02-30 1时", "2022-11-24 8", "8时"]
        {
            check(text, None);
        }
    }

    const ONE: &str = r#"{"data":{"end_update_time":"2022-04-15 11时","hcount":1,"mcount":1,"highlist":[
        {"type":"2","province":"北京市","city":"朝阳区","county":"酒仙桥街道","area_name":"…","communitys":["二街坊"]}],
        "middlelist":[{"province":"河北省","city":"廊坊市","county":"霸州市","communitys":["胜芳镇欧韵城小区"]}]},
        "code":0,"msg":"查询成功"}"#;

    #[test]
    fn what_is_listed_is_read_with_its_level() {
        let snapshot = Snapshot::read(ONE.as_bytes()).unwrap();
        assert_eq!(snapshot.hour, at("2022-04-15T11:00:00+08:00"));
        assert_eq!(snapshot.declared, [(Level::High, Some(1)), (Level::Medium, Some(1)), (Level::Low, None)]);
        assert_eq!((snapshot.count(Level::High), snapshot.count(Level::Medium), snapshot.without_places), (1, 1, 0));
        let row = &snapshot.rows[0];
        assert_eq!((&*row.named.city, &*row.named.place, row.level), ("朝阳区", "二街坊", Level::High));
    }

    #[test]
    fn the_id_follows_from_what_is_said_and_not_from_how() {
        let id = |text: &str| Snapshot::read(text.as_bytes()).unwrap().id();
        assert_eq!(id(ONE), id(&ONE.replace("\"type\":\"2\",", "").replace("…", "")));
        assert_ne!(id(ONE), id(&ONE.replace("11时", "12时")));
        assert_ne!(id(ONE), id(&ONE.replace("二街坊", "三街坊")));
        assert_eq!(SnapshotId::parse(&id(ONE).to_string()), Some(id(ONE)));
        assert_eq!(SnapshotId::parse("+0112233445566778899aabbccddeeff"), None);
    }

    #[test]
    fn an_area_without_places_is_noticed() {
        let text = ONE.replace("[\"二街坊\"]", "[]");
        assert_eq!(Snapshot::read(text.as_bytes()).unwrap().without_places, 1);
        // A whole city is never meant by a blank.
        for blank in ["[\"\"]", "[\" \"]", "[\"。\"]"] {
            let snapshot = Snapshot::read(ONE.replace("[\"二街坊\"]", blank).as_bytes()).unwrap();
            assert_eq!((snapshot.without_places, snapshot.count(Level::High)), (1, 0), "{blank}");
        }
    }

    /// What the service published on 2023-01-07, when nothing was listed any more.
    const NOTHING: &str = r#"{"data":{"end_update_time":"2023-01-07 15时","hcount":0,"mcount":0,"lcount":0,
        "highlist":[],"middlelist":[],"lowlist":[]},"code":0,"msg":"查询成功"}"#;

    #[test]
    fn an_empty_list_is_a_statement_and_a_missing_one_is_none() {
        let check = |text: &str, missing| {
            let snapshot = Snapshot::read(text.as_bytes()).unwrap();
            assert_eq!(snapshot.missing, missing, "{text}");
            snapshot.id()
        };
        check(ONE, None);
        let whole = check(NOTHING, None);
        for (part, missing) in [
            ("\"highlist\":[],", "highlist"),
            ("\"middlelist\":[],", "middlelist"),
            (",\"lowlist\":[]", "lowlist"),
            ("\"hcount\":0,", "hcount"),
            ("\"mcount\":0,", "mcount"),
            ("\"lcount\":0,", "lcount"),
            ("\"code\":0,", "code"),
        ] {
            assert_ne!(
                check(&NOTHING.replace(part, ""), Some(missing)),
                whole,
                "the whole one that follows is another"
            );
        }
        check(&NOTHING.replace("\"highlist\":[]", "\"highlist\":null"), Some("highlist"));
        check(&NOTHING.replace("\"lcount\":0,", "").replace(",\"lowlist\":[]", ""), None);
    }

    #[test]
    fn an_issue_with_its_counts_put_right_is_another_one() {
        let id = |text: &str| Snapshot::read(text.as_bytes()).unwrap().id();
        assert_ne!(id(ONE), id(&ONE.replace("\"hcount\":1", "\"hcount\":5")));
        assert_ne!(id(&ONE.replace("\"hcount\":1", "\"hcount\":6")), id(&ONE.replace("\"hcount\":1", "\"hcount\":5")));
        // Where the counts are right it is named by its hour and its places alone, with a low list or without.
        let with_low = ONE.replace("\"hcount\":1", "\"lcount\":0,\"lowlist\":[],\"hcount\":1");
        assert_eq!(id(ONE), id(&with_low));
        let many: Vec<String> = (0..100).map(|place| format!("\"{place}号\"")).collect();
        let many = ONE.replace("\"二街坊\"", &many.join(",")).replace("\"hcount\":1", "\"hcount\":100");
        let declares = |count: u32| id(&many.replace("\"hcount\":100", &format!("\"hcount\":{count}")));
        assert_eq!(declares(100), declares(101));
        assert_ne!(declares(100), declares(102));
    }

    #[test]
    fn other_bytes_are_refused_with_a_reason() {
        let check = |text: &str, expected| assert_eq!(Snapshot::read(text.as_bytes()), Err(expected), "{text}");
        check("", SnapshotError::NotASnapshot { line: 1, column: 0 });
        check(r#"{"code":1001,"msg":"签名错误"}"#, SnapshotError::Answered(1001));
        check(r#"{"data":null,"code":0}"#, SnapshotError::Answered(0));
        check(&ONE.replace("11时", "later"), SnapshotError::NoHour);
        check(&ONE.replace("二街坊", &"一".repeat(4_001)), SnapshotError::TooLarge);
        assert!(matches!(Snapshot::read(b"<html>"), Err(SnapshotError::NotASnapshot { .. })));
    }
}

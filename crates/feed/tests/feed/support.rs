//! Where the archive lies, and snapshots made from a few words.

#[cfg(test)]
pub(crate) mod test {
    use std::collections::BTreeMap;
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::sync::LazyLock;

    use flate2::read::GzDecoder;
    use yima_feed::{Named, Reader, Row, SetId, Snapshot, Spell};
    use yima_model::{AreaSet, DivisionTree, Level, Timestamp};

    pub(crate) fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("{text}:00+08:00")).unwrap()
    }

    /// A reader that has read nothing yet.
    pub(crate) fn reader() -> Reader {
        static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&DivisionTree::built_in()));
        READER.clone()
    }

    /// A name as the feed writes it, its four texts separated by blanks.
    pub(crate) fn named(text: &str) -> Named {
        let mut texts = text.splitn(4, ' ').map(Into::into);
        let mut next = || texts.next().unwrap_or_default();
        Named { province: next(), city: next(), county: next(), place: next() }
    }

    pub(crate) fn snapshot(hour: &str, rows: impl IntoIterator<Item = (String, Level)>) -> Snapshot {
        let rows: Vec<Row> = rows.into_iter().map(|(text, level)| Row { named: named(&text), level }).collect();
        Snapshot {
            hour: at(hour),
            declared: [Level::High, Level::Medium, Level::Low].map(|level| (level, None)),
            rows,
            without_places: 0,
            missing: None,
        }
    }

    /// A history by what the sets are, so that two readers can be compared.
    pub(crate) fn by_areas(history: &BTreeMap<SetId, Vec<Spell>>, reader: &Reader) -> BTreeMap<AreaSet, Vec<Spell>> {
        history.iter().map(|(set, spells)| (reader.areas(*set).unwrap().clone(), spells.clone())).collect()
    }

    /// The archive; `None` where it is absent and nothing demands it.
    pub(crate) fn archive() -> Option<PathBuf> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/risk-level"));
        if folder.is_dir() {
            return Some(folder);
        }
        let is_demanded = std::env::var_os("CI").as_deref() == Some("true".as_ref());
        assert!(!is_demanded, "the folder `shared` beside the project is absent");
        println!("skipped: the folder `shared` beside the project is absent");
        None
    }

    /// The bytes of a file, unpacked if it is packed.
    pub(crate) fn bytes(path: &Path) -> Vec<u8> {
        let bytes = std::fs::read(path).unwrap();
        if path.extension() != Some("gz".as_ref()) {
            return bytes;
        }
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
        unpacked
    }

    pub(crate) fn text(path: &Path) -> String {
        String::from_utf8(bytes(path)).unwrap()
    }
}

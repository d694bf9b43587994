//! Places that no list has: the names that people wrote, until an operator says what is meant.
//!
//! A name stands here with the area in which it was said to lie and how many facts were filed with it, and never with
//! anybody who wrote it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use yima_ledger::{Ledger, LedgerError};
use yima_model::{AreaCode, Timestamp};
use yima_registry::vault::PersonalText;

use crate::app::Replaced;
use crate::random;
use crate::rows::{Rows, table};

static PLACES: Rows<Row> = Rows::new(table::UNLISTED_PLACE);

/// The most characters of a name: as many as an area may have.
const CHARACTERS_MAX: usize = 60;

/// Names a spelling within its area.
pub(crate) type SpellingId = [u8; 16];

/// The name of a place that no list has, with the nearest area that one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) parent: AreaCode,
    pub(crate) text: String,
}

/// The text is no name of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write the name of the place alone, 1 to {CHARACTERS_MAX} characters on one line")]
pub(crate) struct NotAPlace;

/// A name that nobody has looked at yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) id: SpellingId,
    pub(crate) spelling: Spelling,
    /// When it was first and last filed.
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// How many facts were filed with it.
    pub(crate) facts: u64,
}

/// What an operator says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is this area, which lies in the one that was named.
    Area(AreaCode),
    /// It is none, for this reason.
    Nothing(String),
}

/// Why a name was not settled.
#[derive(Debug, Error)]
pub(crate) enum SettleError {
    #[error("there is no such name, or it is settled already; read the list again")]
    NoSuchName,
    #[error("the place was said to lie in {0}; choose an area there, or dismiss the name")]
    Elsewhere(AreaCode),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The names that were filed, and which of them are settled.
#[derive(Debug)]
pub(crate) struct Unlisted {
    /// Replaced whole when a name is settled.
    settled: Replaced<HashMap<SpellingId, AreaCode>>,
    /// Held from reading a row until it is written again.
    writing: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    parent: String,
    /// Empty once it was dismissed: it may be no name at all.
    text: String,
    first: i64,
    last: i64,
    facts: u64,
    settled: Option<SettledRow>,
}

#[derive(Serialize, Deserialize)]
struct SettledRow {
    /// The area; absent for a name that was dismissed.
    area: Option<String>,
    /// Why it was dismissed.
    reason: Option<String>,
    account: String,
    at: i64,
}

impl Spelling {
    /// Reads the name of a place in an area.
    pub(crate) fn parse(parent: AreaCode, text: &str) -> Result<Self, NotAPlace> {
        let line = PersonalText::parse(text).map_err(|_| NotAPlace)?;
        let text = line.reveal().to_owned();
        if text.chars().count() > CHARACTERS_MAX { Err(NotAPlace) } else { Ok(Self { parent, text }) }
    }

    /// The same for texts that differ in spaces, width and case alone.
    fn id(&self) -> SpellingId {
        const WIDE: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
        let narrow = |c: char| match c {
            c if WIDE.contains(&c) => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        };
        let folded = self.text.chars().filter(|c| !c.is_whitespace()).map(narrow).flat_map(char::to_lowercase);
        let parts = [self.parent.number().to_be_bytes().as_slice(), folded.collect::<String>().as_bytes()].concat();
        random::hash("unlisted place", &[&parts]).first_chunk().copied().unwrap_or_default()
    }
}

impl Unlisted {
    pub(crate) fn open(ledger: &dyn Ledger) -> Result<Self, LedgerError> {
        let settled = PLACES.all(ledger, &[])?.into_iter().filter_map(|(key, row)| {
            let area = row.settled?.area?;
            Some((key.try_into().ok()?, AreaCode::parse(&area).ok()?))
        });
        Ok(Self { settled: Replaced::new(settled.collect()), writing: Mutex::default() })
    }

    /// The area that an operator has said to be meant.
    pub(crate) fn find(&self, spelling: &Spelling) -> Option<AreaCode> {
        self.settled.load().get(&spelling.id()).copied()
    }

    /// Notes that facts were filed with these names; a repeated filing counts once.
    pub(crate) fn note(
        &self,
        ledger: &dyn Ledger,
        spellings: &[Spelling],
        repeated: bool,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for spelling in spellings {
            let row = match PLACES.find(ledger, &spelling.id())? {
                Some(row) if repeated || row.settled.is_some() => row,
                Some(row) => Row { facts: row.facts.saturating_add(1), last: row.last.max(now.millis()), ..row },
                None => Row {
                    parent: spelling.parent.to_string(),
                    text: spelling.text.clone(),
                    first: now.millis(),
                    last: now.millis(),
                    facts: 1,
                    settled: None,
                },
            };
            PLACES.put(ledger, &spelling.id(), &row)?;
        }
        Ok(())
    }

    /// Says what is meant by a name, here and wherever it is filed from now on; what was filed stays as it is.
    pub(crate) fn settle(
        &self,
        ledger: &dyn Ledger,
        id: SpellingId,
        meaning: &Meaning,
        account: &str,
        now: Timestamp,
    ) -> Result<(), SettleError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut row = PLACES.find(ledger, &id)?.filter(|row| row.settled.is_none()).ok_or(SettleError::NoSuchName)?;
        let parent = AreaCode::parse(&row.parent).map_err(|_| SettleError::NoSuchName)?;
        let settled = |area, reason| Some(SettledRow { area, reason, account: account.to_owned(), at: now.millis() });
        match meaning {
            Meaning::Area(area) if !parent.contains(*area) => return Err(SettleError::Elsewhere(parent)),
            Meaning::Area(area) => row.settled = settled(Some(area.to_string()), None),
            Meaning::Nothing(reason) => {
                row.text.clear();
                row.settled = settled(None, Some(reason.clone()));
            }
        }
        PLACES.put(ledger, &id, &row)?;
        if let Meaning::Area(area) = meaning {
            let mut settled = HashMap::clone(&self.settled.load());
            settled.insert(id, *area);
            self.settled.replace(settled);
        }
        Ok(())
    }
}

/// The names that nobody has looked at yet, the last filed first.
pub(crate) fn unresolved(ledger: &dyn Ledger) -> Result<Vec<Unresolved>, LedgerError> {
    let open = PLACES.all(ledger, &[])?.into_iter().filter(|(_, row)| row.settled.is_none());
    let mut found: Vec<_> = open.filter_map(|(key, row)| row.read(key.try_into().ok()?)).collect();
    found.sort_unstable_by_key(|entry| (std::cmp::Reverse(entry.last), entry.id));
    Ok(found)
}

impl Row {
    fn read(self, id: SpellingId) -> Option<Unresolved> {
        Some(Unresolved {
            id,
            spelling: Spelling { parent: AreaCode::parse(&self.parent).ok()?, text: self.text },
            first: Timestamp::from_millis(self.first),
            last: Timestamp::from_millis(self.last),
            facts: self.facts,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn ledger() -> yima_ledger::KeyedLedger {
        let host = yima_ledger::Host { clock: Arc::new(|| at(0)), random: random::function() };
        yima_ledger::KeyedLedger::in_memory(1, host).unwrap()
    }

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn area(code: &str) -> AreaCode {
        AreaCode::parse(code).unwrap()
    }

    fn spelling(parent: &str, text: &str) -> Spelling {
        Spelling::parse(area(parent), text).unwrap()
    }

    #[test]
    fn one_place_has_one_entry_however_it_is_typed() {
        let (ledger, village) = (ledger(), spelling("4206", "幸福村A区"));
        let unlisted = Unlisted::open(&ledger).unwrap();
        for (text, now) in [("幸福村A区", 5), (" 幸福村　Ａ区 ", 9), ("幸福村 a区", 7)] {
            unlisted.note(&ledger, &[spelling("4206", text)], false, at(now)).unwrap();
        }
        unlisted.note(&ledger, &[spelling("4207", "幸福村A区")], false, at(8)).unwrap();
        unlisted.note(&ledger, std::slice::from_ref(&village), true, at(99)).unwrap();
        let found = unresolved(&ledger).unwrap();
        let first = Unresolved { id: village.id(), spelling: village, first: at(5), last: at(9), facts: 3 };
        assert_eq!(found[0], first, "a repeated filing is no further fact");
        assert_eq!((found.len(), found[1].spelling.parent), (2, area("4207")));
    }

    #[test]
    fn what_is_settled_stays_so_after_a_restart() {
        let (ledger, village) = (ledger(), spelling("420602", "幸福村"));
        let unlisted = Unlisted::open(&ledger).unwrap();
        unlisted.note(&ledger, &[village.clone(), spelling("420602", "x")], false, at(1)).unwrap();
        let settle = |spelling: &Spelling, meaning| unlisted.settle(&ledger, spelling.id(), &meaning, "desk-1", at(2));
        assert!(matches!(settle(&village, Meaning::Area(area("610102"))), Err(SettleError::Elsewhere(_))));
        assert_eq!(unlisted.find(&village), None);
        settle(&village, Meaning::Area(area("420602001"))).unwrap();
        settle(&spelling("420602", "X"), Meaning::Nothing("no place".to_owned())).unwrap();
        assert!(matches!(settle(&village, Meaning::Nothing(String::new())), Err(SettleError::NoSuchName)));
        unlisted.note(&ledger, &[village.clone(), spelling("420602", "x")], false, at(3)).unwrap();
        assert_eq!(unresolved(&ledger).unwrap(), []);
        for unlisted in [&unlisted, &Unlisted::open(&ledger).unwrap()] {
            assert_eq!(unlisted.find(&village), Some(area("420602001")));
            assert_eq!(unlisted.find(&spelling("420602", "x")), None);
        }
    }

    #[test]
    fn a_name_is_short_and_on_one_line() {
        for text in ["", "  ", "a\nb", &"村".repeat(61)] {
            assert_eq!(Spelling::parse(area("42"), text), Err(NotAPlace), "{text}");
        }
        assert!(Spelling::parse(area("42"), &"村".repeat(60)).is_ok());
    }
}

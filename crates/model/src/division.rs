//! The division tree: which areas there are, what they are called, and how a form offers and finds them.

mod built_in;
pub mod history;

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use thiserror::Error;

use crate::area::{AreaCode, Depth};

/// Below each area, numbers of places from here on are given by the import of the feed of risk levels, and those below by
/// [`DivisionTree::extend`], so that neither gives a number that the other has given.
pub const FEED_PLACES_FROM: u32 = 500_000;

/// The areas that are known by name, from provinces to towns and on to whatever was added while the system runs.
///
/// A tree is a value: a node builds it once with [`DivisionTree::built_in`], puts in what the facts of the ledger added, and
/// replaces it whole. It never blocks a form: an address keeps its free text in the vault beside the nearest area here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DivisionTree {
    names: BTreeMap<AreaCode, Box<str>>, // INVARIANT: names are trimmed, 1 to 60 characters
}

/// Why a name cannot be put into the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DivisionError {
    /// The area to add to is not in the tree.
    #[error("`{0}` is not known; choose a listed area to add to")]
    NoParent(AreaCode),
    /// A place cannot have places below it.
    #[error("`{0}` is a place and has nothing below it; choose the area it was added to")]
    BelowPlace(AreaCode),
    /// Something directly below the same area has this name already.
    #[error("there is such a name already; use `{0}`")]
    NameTaken(AreaCode),
    /// The code has another name already.
    #[error("`{0}` has another name already; add the new name under a code of its own")]
    CodeTaken(AreaCode),
    /// All numbers for places below this area are used.
    #[error("`{0}` has no free number for another place; add it below one of its parts")]
    Full(AreaCode),
    /// The name is empty, longer than 60 characters, or has control characters.
    #[error("not a name; write 1 to 60 characters on one line")]
    NotAName,
}

impl DivisionTree {
    /// The tree of the 2023 edition with Hong Kong, Macau, Taiwan and the Xinjiang Production and Construction Corps.
    ///
    /// Unpacks the embedded list, which takes tens of milliseconds: build it once and keep it.
    pub fn built_in() -> Self {
        Self { names: built_in::names().collect() }
    }

    /// The area's own name, such as `新城区`.
    pub fn name(&self, area: AreaCode) -> Option<&str> {
        self.names.get(&area).map(AsRef::as_ref)
    }

    /// The areas from the province down to this one; empty if it is not known.
    pub fn path(&self, area: AreaCode) -> Vec<AreaCode> {
        let above = |area: &AreaCode| area.parent();
        let mut path: Vec<_> = std::iter::successors(self.names.contains_key(&area).then_some(area), above).collect();
        path.reverse();
        path
    }

    /// The names from the province down, as people write them: `陕西省 西安市 新城区`, `上海市 黄浦区`.
    ///
    /// Layers that only group (市辖区, 县, 省直辖县级行政区划) are left out.
    pub fn full_name(&self, area: AreaCode) -> Option<String> {
        let path = self.path(area);
        let spoken = path.iter().filter(|step| **step == area || !self.only_groups(**step));
        let names: Vec<_> = spoken.filter_map(|step| self.name(*step)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// The areas directly below, by code; below `None` are the provinces.
    pub fn children(&self, parent: Option<AreaCode>) -> impl Iterator<Item = AreaCode> {
        let from = parent.map_or(Unbounded, Excluded);
        let below = self.names.range((from, Unbounded)).map(|(area, _)| *area);
        below
            .take_while(move |area| parent.is_none_or(|parent| parent.contains(*area)))
            .filter(move |area| area.parent() == parent)
    }

    /// What a form offers below an area: its children, with each layer that only groups replaced by what lies in it.
    ///
    /// So 上海市 offers its districts at once, and 湖北省 offers 仙桃市 beside its prefectures.
    pub fn choices(&self, parent: Option<AreaCode>) -> Vec<AreaCode> {
        let (groups, mut choices): (Vec<_>, Vec<_>) = self.children(parent).partition(|area| self.only_groups(*area));
        choices.extend(groups.into_iter().flat_map(|group| self.children(Some(group))));
        choices.sort_unstable();
        choices
    }

    /// At most `limit` areas whose name contains the last word of `text`, below areas that match the words before it.
    ///
    /// Exact names come first, then names that begin with the word, then the rest; among equals the higher area, then the
    /// lower code.
    pub fn search(&self, text: &str, limit: usize) -> Vec<AreaCode> {
        let mut words: Vec<_> = text.split_whitespace().collect();
        let Some(word) = words.pop() else { return Vec::new() };
        let rank = |name: &str| match name.strip_prefix(word) {
            Some("") => Some(0),
            Some(_) => Some(1),
            None => name.contains(word).then_some(2),
        };
        let mut found: Vec<_> = self
            .names
            .iter()
            .filter_map(|(area, name)| Some((rank(name)?, area.depth(), *area)))
            .filter(|(_, _, area)| self.lies_below(*area, &words))
            .collect();
        found.sort_unstable();
        found.into_iter().take(limit).map(|(_, _, area)| area).collect()
    }

    /// How many areas there are of this depth.
    pub fn count(&self, depth: Depth) -> usize {
        self.names.keys().filter(|area| area.depth() == depth).count()
    }

    /// All areas by code: every area comes before those that lie in it.
    pub fn areas(&self) -> impl Iterator<Item = AreaCode> {
        self.names.keys().copied()
    }

    /// The region under which a national bulletin counts the area: its province, or the Corps for its cities and regiments.
    ///
    /// GB/T 2260 lists the Corps' cities (6590 and below) under Xinjiang, and its regiments elsewhere carry 兵团 in their name.
    pub fn bulletin_region(&self, area: AreaCode) -> AreaCode {
        const XINJIANG: u32 = 65;
        const CITIES_OF_THE_CORPS: u32 = 6590;
        let (province, city) = (area.gbt2260() / 10_000, area.gbt2260() / 100);
        let is_regiment =
            || self.path(area).iter().filter_map(|step| self.name(*step)).any(|name| name.contains("兵团"));
        let is_corps = city == CITIES_OF_THE_CORPS || province == XINJIANG && is_regiment();
        is_corps.then(built_in::corps).flatten().unwrap_or_else(|| area.province())
    }

    /// Adds a place below an area that is known, and gives the code that a fact records for it.
    ///
    /// The number is one more than the highest below that area and below [`FEED_PLACES_FROM`], so that the same facts give the same codes everywhere;
    /// whoever reads the fact calls [`DivisionTree::insert`].
    ///
    /// # Errors
    /// [`DivisionError`] when the parent is unknown or a place, the name is no name or taken, or the numbers are used up.
    pub fn extend(&mut self, parent: AreaCode, name: &str) -> Result<AreaCode, DivisionError> {
        let name = read_name(name)?;
        if parent.depth() == Depth::Place {
            return Err(DivisionError::BelowPlace(parent));
        }
        if !self.names.contains_key(&parent) {
            return Err(DivisionError::NoParent(parent));
        }
        if let Some(namesake) = self.children(Some(parent)).find(|sibling| self.name(*sibling) == Some(name)) {
            return Err(DivisionError::NameTaken(namesake));
        }
        let places = self.children(Some(parent)).filter(|area| area.depth() == Depth::Place);
        let numbers = places.map(|place| place.number() - parent.number());
        let highest = numbers.take_while(|number| *number < u64::from(FEED_PLACES_FROM)).last().unwrap_or(0);
        let next = u32::try_from(highest + 1).ok().filter(|number| *number < FEED_PLACES_FROM);
        let next = next.and_then(|number| parent.place(number));
        let area = next.ok_or(DivisionError::Full(parent))?;
        self.names.insert(area, name.into());
        Ok(area)
    }

    /// Puts in an area under a code that is already decided: a recorded place, or a village or county newer than the tree.
    ///
    /// Doing it again changes nothing. A newer edition may have dropped the area above or have the same name under a code
    /// of its own; neither takes the name from what was recorded.
    ///
    /// # Errors
    /// [`DivisionError::NotAName`], or [`DivisionError::CodeTaken`] if the code has another name already.
    pub fn insert(&mut self, area: AreaCode, name: &str) -> Result<(), DivisionError> {
        let name = read_name(name)?;
        match self.name(area) {
            Some(known) if known != name => Err(DivisionError::CodeTaken(area)),
            Some(_) => Ok(()),
            None => {
                self.names.insert(area, name.into());
                Ok(())
            }
        }
    }

    fn only_groups(&self, area: AreaCode) -> bool {
        let is_group = |name| matches!(name, "市辖区" | "县" | "省直辖县级行政区划" | "自治区直辖县级行政区划");
        area.depth() == Depth::City && self.name(area).is_some_and(is_group)
    }

    fn lies_below(&self, area: AreaCode, words: &[&str]) -> bool {
        let names_above =
            || std::iter::successors(area.parent(), |area| area.parent()).filter_map(|area| self.name(area));
        words.iter().all(|word| names_above().any(|name| name.contains(word)))
    }
}

fn read_name(text: &str) -> Result<&str, DivisionError> {
    const CHARACTERS_MAX: usize = 60;
    let name = text.trim();
    if name.is_empty() || name.chars().count() > CHARACTERS_MAX || name.chars().any(char::is_control) {
        return Err(DivisionError::NotAName);
    }
    Ok(name)
}

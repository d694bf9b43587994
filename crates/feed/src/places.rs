//! Places that the division tree does not list: each has a number that does not come from how its name is spelt.

use std::collections::{BTreeMap, HashMap};

use yima_model::area::Depth;
use yima_model::division::FEED_PLACES_FROM;
use yima_model::{AreaCode, DivisionTree};

use crate::text::{plain, shortened};

/// The most characters of a name in the division tree.
const NAME_CHARACTERS_MAX: usize = 60;

/// Which place a spelling below a listed area means.
///
/// Places are numbered as they first appear, and the number stays. Several spellings may mean one place, which is said with
/// [`Places::know`].
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_spelling: HashMap<(AreaCode, Box<str>), AreaCode>,
    /// The places with several wordings: under which code each is known.
    known_as: BTreeMap<AreaCode, AreaCode>,
    highest: HashMap<AreaCode, u32>,
    added: Vec<Added>,
}

/// A spelling that was new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The listed area that the place lies in.
    pub parent: AreaCode,
    /// The plain spelling.
    pub spelling: String,
    /// The code that the place was given.
    pub code: AreaCode,
}

impl Added {
    /// The name of the place in the division tree.
    pub fn name(&self) -> String {
        shortened(&self.spelling, NAME_CHARACTERS_MAX)
    }
}

impl Places {
    /// The places that a tree has already, under their names.
    pub fn of(tree: &DivisionTree) -> Self {
        let mut places = Self::default();
        for code in tree.areas().filter(|area| area.depth() == Depth::Place) {
            if let (Some(parent), Some(name)) = (code.parent(), tree.name(code)) {
                places.know(parent, &plain(name), code);
            }
        }
        places
    }

    /// Says that a spelling below an area means this place.
    pub fn know(&mut self, parent: AreaCode, spelling: &str, code: AreaCode) {
        self.by_spelling.insert((parent, spelling.into()), code);
        if let Some(number) = code.number().checked_sub(parent.number()).and_then(|number| u32::try_from(number).ok()) {
            let highest = self.highest.entry(parent).or_default();
            *highest = number.max(*highest);
        }
    }

    /// Says under which code each place is known that somebody has said has several wordings.
    pub fn unite(&mut self, known_as: BTreeMap<AreaCode, AreaCode>) {
        self.known_as = known_as;
    }

    /// Whether somebody has said that this place has several wordings.
    pub fn has_wordings(&self, place: AreaCode) -> bool {
        self.known_as.contains_key(&place)
    }

    /// The place as it is known now.
    pub fn known(&self, place: AreaCode) -> AreaCode {
        self.known_as.get(&place).copied().unwrap_or(place)
    }

    /// The place of this plain spelling as it is known now, numbered if it is new; `None` once all numbers below the area
    /// are used.
    pub fn code(&mut self, parent: AreaCode, spelling: &str) -> Option<AreaCode> {
        self.worded(parent, spelling).map(|place| self.known(place))
    }

    /// The place that was numbered for this plain spelling, numbered now if it is new; `None` once all numbers below the area are used.
    pub fn worded(&mut self, parent: AreaCode, spelling: &str) -> Option<AreaCode> {
        if spelling.is_empty() {
            return Some(parent);
        }
        if let Some(code) = self.by_spelling.get(&(parent, spelling.into())) {
            return Some(*code);
        }
        let number = self.highest.get(&parent).map_or(FEED_PLACES_FROM, |highest| FEED_PLACES_FROM.max(highest + 1));
        let code = parent.place(number)?;
        self.know(parent, spelling, code);
        self.added.push(Added { parent, spelling: spelling.to_owned(), code });
        Some(code)
    }

    /// The spellings that were new since the last call.
    pub fn take_added(&mut self) -> Vec<Added> {
        std::mem::take(&mut self.added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_number_whatever_it_is_called_later() {
        let town = AreaCode::parse("110105003").unwrap();
        let mut places = Places::default();
        let first = places.code(town, "财富中心公寓").unwrap();
        assert_eq!(first, AreaCode::parse("110105003.500000").unwrap());
        assert_eq!(places.code(town, "财富中心公寓"), Some(first));
        places.know(town, "财富公寓", first);
        assert_eq!(places.code(town, "财富公寓"), Some(first), "another name of the same place");
        assert_ne!(places.code(town, "富中心公寓"), Some(first));
        assert_eq!(places.code(town, ""), Some(town));
        let added: Vec<_> = places.take_added().into_iter().map(|added| added.spelling).collect();
        assert_eq!(added, ["财富中心公寓", "富中心公寓"]);
        assert!(places.take_added().is_empty());
    }

    #[test]
    fn places_that_the_tree_has_are_found_again() {
        let mut tree = DivisionTree::built_in();
        let county = AreaCode::parse("610113").unwrap();
        let place = tree.extend(county, "示范小区（东区）").unwrap();
        assert_eq!(Places::of(&tree).code(county, "示范小区(东区)"), Some(place));
    }
}

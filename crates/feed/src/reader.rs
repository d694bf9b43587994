//! From names to areas: what a row of the feed includes and excludes, by codes that stay when the spelling changes.

use std::collections::HashMap;
use std::sync::Arc;

use yima_model::{AreaCode, AreaSet, DivisionTree, Level};

use crate::atlas::{Atlas, Fit};
use crate::carve::{Carve, carved};
use crate::places::Places;
use crate::snapshot::{Named, Row};
use crate::text::plain;

/// Reads names as areas, and remembers each spelling that it has read.
#[derive(Clone, Debug)]
pub struct Reader {
    atlas: Arc<Atlas>,
    /// The places below listed areas.
    pub places: Places,
    read: HashMap<Named, Reading>,
    sets: Vec<AreaSet>,
    numbers: HashMap<AreaSet, SetId>,
}

/// A set of areas that some row has named; one number for one set within one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

/// What a row was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The areas; `None` if not even the province is known, or there are no numbers left.
    pub set: Option<SetId>,
    /// How near the listed area is that was found; `None` if there is none.
    pub fit: Option<Fit>,
    /// The nearest listed area.
    pub nearest: Option<AreaCode>,
    /// Whether the row takes something away again.
    pub carve: Carve,
    /// Whether the place has several wordings, as somebody has said.
    pub is_united: bool,
}

/// Which sets of areas are listed at which level: ascending, each once with its highest level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Vec<(SetId, Level)>); // INVARIANT: ascending by set, each set once

impl Reader {
    /// A reader of names in this tree, which knows the places that were added to it.
    pub fn new(tree: &DivisionTree) -> Self {
        Self::over(Arc::new(Atlas::of(tree)), Places::of(tree))
    }

    /// A reader that finds listed areas in an atlas, which takes time to make, and other places among these.
    pub fn over(atlas: Arc<Atlas>, places: Places) -> Self {
        Self { atlas, places, read: HashMap::new(), sets: Vec::new(), numbers: HashMap::new() }
    }

    /// What a row names.
    pub fn read(&mut self, named: &Named) -> Reading {
        if let Some(reading) = self.read.get(named) {
            return *reading;
        }
        let reading = self.look(named);
        self.read.insert(named.clone(), reading);
        reading
    }

    /// The rows of a snapshot as areas; of a set that is listed twice the higher level holds.
    pub fn listing<'a>(&mut self, rows: impl IntoIterator<Item = &'a Row>) -> Listing {
        let sets = rows.into_iter().filter_map(|row| Some((self.read(&row.named).set?, row.level)));
        Listing::of(sets.collect())
    }

    /// The areas of a set.
    pub fn areas(&self, set: SetId) -> Option<&AreaSet> {
        self.sets.get(usize::try_from(set.0).ok()?)
    }

    /// The number of a set of areas, a new one if it was never named.
    pub fn number(&mut self, areas: AreaSet) -> SetId {
        let next = SetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        let number = *self.numbers.entry(areas.clone()).or_insert(next);
        if number == next {
            self.sets.push(areas);
        }
        number
    }

    fn look(&mut self, named: &Named) -> Reading {
        let carved = carved(&named.place);
        let Some(location) = self.atlas.locate(named, &carved.base) else {
            return Reading { set: None, fit: None, nearest: None, carve: carved.carve, is_united: false };
        };
        let nearest = location.area;
        let include = self.places.code(nearest, &location.rest);
        let set = include.map(|include| {
            let exclude = carved.exclude.iter().filter_map(|part| {
                // A part is named like its compound, below the same listed area.
                let part = self.atlas.locate(named, &plain(part))?;
                let code = self.places.code(part.area, &part.rest)?;
                (code != include).then_some(code)
            });
            let mut exclude: Vec<AreaCode> = exclude.collect();
            exclude.sort_unstable();
            exclude.dedup();
            AreaSet { include: vec![include], exclude }
        });
        let set = set.map(|areas| self.number(areas));
        let is_united = include.is_some_and(|include| self.places.has_wordings(include));
        Reading { set, fit: Some(location.fit), nearest: Some(nearest), carve: carved.carve, is_united }
    }

    /// The place that was numbered for a wording, numbered now if it is new, whatever was said of it since; what it takes
    /// away again plays no part.
    pub fn worded(&mut self, named: &Named) -> Option<AreaCode> {
        let location = self.atlas.locate(named, &carved(&named.place).base)?;
        self.places.worded(location.area, &location.rest)
    }
}

impl Listing {
    /// The listing of these sets; of a set that comes twice the higher level holds.
    pub fn of(mut sets: Vec<(SetId, Level)>) -> Self {
        // The higher level first, which is the one that stays.
        sets.sort_unstable_by_key(|(set, level)| (*set, std::cmp::Reverse(*level)));
        sets.dedup_by_key(|(set, _)| *set);
        Self(sets)
    }

    /// The sets with their levels, ascending by set.
    pub fn sets(&self) -> &[(SetId, Level)] {
        &self.0
    }

    /// How many sets are listed.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is listed.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sets that stand in either listing, with their level in each.
    pub fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (SetId, Option<Level>, Option<Level>)> + 'a {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        std::iter::from_fn(move || {
            let (one, two) = (ours.peek().map(|(set, _)| *set), theirs.peek().map(|(set, _)| *set));
            let set = one.into_iter().chain(two).min()?;
            let level = |is_next: bool, side: &mut std::iter::Peekable<std::slice::Iter<'a, (SetId, Level)>>| {
                is_next.then(|| side.next()).flatten().map(|(_, level)| *level)
            };
            Some((set, level(one == Some(set), &mut ours), level(two == Some(set), &mut theirs)))
        })
    }

    /// Every set of either listing, at the higher of its levels.
    #[must_use]
    pub fn worst(&self, other: &Self) -> Self {
        Self(self.beside(other).filter_map(|(set, one, two)| Some((set, one.max(two)?))).collect())
    }
}

//! How the rows of the feed were mapped: nothing that was not mapped is dropped silently.

use std::collections::BTreeMap;

use yima_model::{AreaCode, DivisionTree};

use crate::atlas::Fit;
use crate::carve::Carve;
use crate::reader::Reading;
use crate::snapshot::Named;

/// How many rows were mapped, and which were not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows whose county, or an area in it, is in the division tree.
    pub exact: usize,
    /// Rows for which the city is, or the municipality.
    pub city_only: usize,
    /// Rows for which no more than the province is.
    pub nothing: usize,
    /// Rows with named parts taken away.
    pub parts: usize,
    /// Rows from which what has a higher level is taken away.
    pub higher_levels: usize,
    /// Rows with something taken away that could not be told; they are taken whole.
    pub not_understood: usize,
    /// Rows of places with several wordings, as somebody has said.
    pub united: usize,
    unmapped: BTreeMap<Named, Unmapped>,
}

/// A row that was not mapped exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// The nearest listed area; `None` if not even the province is known, when the row has no effect.
    pub nearest: Option<AreaCode>,
    /// How many times the row came.
    pub rows: usize,
}

impl Report {
    /// Counts one row.
    pub fn count(&mut self, named: &Named, reading: Reading) {
        match reading.fit {
            Some(Fit::County) => self.exact += 1,
            Some(Fit::City) => self.city_only += 1,
            Some(Fit::Province) | None => self.nothing += 1,
        }
        match reading.carve {
            Carve::None => {}
            Carve::HigherLevels => self.higher_levels += 1,
            Carve::Parts => self.parts += 1,
            Carve::NotUnderstood => self.not_understood += 1,
        }
        self.united += usize::from(reading.is_united);
        if reading.fit != Some(Fit::County) || reading.set.is_none() {
            let unmapped = Unmapped { nearest: reading.nearest, rows: 0 };
            self.unmapped.entry(named.clone()).or_insert(unmapped).rows += 1;
        }
    }

    /// How many rows were counted.
    pub const fn rows(&self) -> usize {
        self.exact + self.city_only + self.nothing
    }

    /// The names that were not mapped exactly, each with the nearest listed area.
    pub fn unmapped(&self) -> impl Iterator<Item = (&Named, &Unmapped)> {
        self.unmapped.iter()
    }

    /// The names that were not mapped exactly, one a line: the text, the nearest listed area, how many rows.
    pub fn unmapped_lines(&self, tree: &DivisionTree) -> Vec<String> {
        let line = |(named, unmapped): (&Named, &Unmapped)| {
            let Named { province, city, county, place } = named;
            let nearest = unmapped.nearest.and_then(|area| tree.full_name(area));
            let nearest = nearest.unwrap_or_else(|| "none, so the row has no effect".to_owned());
            format!("{province} {city} {county} {place}: nearest {nearest}, {} rows", unmapped.rows)
        };
        self.unmapped().map(line).collect()
    }
}

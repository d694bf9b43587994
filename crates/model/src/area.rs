//! Area codes of the division tree, sets of places, and levels.

use std::fmt;

use thiserror::Error;

/// The segments of a code from province to village, as digits (GB/T 2260 and the statistical codes below it), and then
/// the number of a place that was added while the system runs.
const SEGMENT_UNITS: [u64; 6] = [
    10_000_000_000_000_000, // province, 2 digits
    100_000_000_000_000,    // city, 2
    1_000_000_000_000,      // county, 2
    1_000_000_000,          // town or street, 3
    1_000_000,              // village or community, 3
    1,                      // place, 6
];

/// One area of the division tree: a province, city, county, town, village, or a place below any of these.
///
/// Which area contains which follows from the codes alone. Places (new districts, compounds, buildings, development
/// zones that GB/T 2260 does not list) are numbered under the nearest listed area, so that adding one needs no release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode(u64); // INVARIANT: eighteen digits at most, a province segment of two digits that does not begin with zero

/// How deep in the tree an area lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// 省级, 2 digits.
    Province,
    /// 地级, 4 digits.
    City,
    /// 县级, 6 digits.
    County,
    /// 乡级, 9 digits.
    Town,
    /// 村级, 12 digits.
    Village,
    /// A place added under any of the others.
    Place,
}

/// Why a text is not an area code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AreaError {
    /// Neither 2, 4, 6, 9 nor 12 digits.
    #[error("not an area code; write 2, 4, 6, 9 or 12 digits such as 610102, and a place below it as 610102.17")]
    NotACode,
    /// The number of a place is not between 1 and 999999.
    #[error("not a place number; write 1 to 999999 after the dot")]
    NotAPlace,
}

impl AreaCode {
    /// Reads `61`, `610102`, `610102001` or, for a place, `610102.17`; trailing zero segments say nothing.
    ///
    /// # Errors
    /// [`AreaError`] when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, AreaError> {
        let (digits, place) = match text.split_once('.') {
            Some((digits, place)) => (digits, Some(place)),
            None => (text, None),
        };
        if !matches!(digits.len(), 2 | 4 | 6 | 9 | 12) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AreaError::NotACode);
        }
        let code = digits.parse::<u64>().map_err(|_| AreaError::NotACode)?;
        let zeros = 10_u64.pow(18 - u32::try_from(digits.len()).map_err(|_| AreaError::NotACode)?);
        let area = Self::from_number(code * zeros).ok_or(AreaError::NotACode)?;
        match place {
            None => Ok(area),
            Some(place) if place.bytes().all(|byte| byte.is_ascii_digit()) => {
                place.parse().ok().and_then(|number| area.place(number)).ok_or(AreaError::NotAPlace)
            }
            Some(_) => Err(AreaError::NotAPlace),
        }
    }

    /// The area with this eighteen-digit number, as stored; `None` if the province segment is missing or it is too large.
    pub fn from_number(number: u64) -> Option<Self> {
        let [province, ..] = SEGMENT_UNITS;
        (10 * province..100 * province).contains(&number).then_some(Self(number))
    }

    /// The eighteen-digit number, for storage.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The six-digit GB/T 2260 code of the county (or city, or province) that this area is or lies in.
    pub fn gbt2260(self) -> u32 {
        let [_, _, county, ..] = SEGMENT_UNITS;
        u32::try_from(self.0 / county).unwrap_or(u32::MAX)
    }

    /// The place with this number (1 to 999999) directly below this area; `None` below another place.
    pub fn place(self, number: u32) -> Option<Self> {
        let [.., village, _] = SEGMENT_UNITS;
        ((1..=999_999).contains(&number) && self.0.is_multiple_of(village)).then_some(Self(self.0 + u64::from(number)))
    }

    /// How deep it lies.
    pub fn depth(self) -> Depth {
        let [province, city, county, town, village, place] = SEGMENT_UNITS;
        let steps = [
            (Depth::Place, place, village),
            (Depth::Village, village, town),
            (Depth::Town, town, county),
            (Depth::County, county, city),
            (Depth::City, city, province),
        ];
        let is_set = |unit: u64, above: u64| self.0 % above / unit != 0;
        steps.into_iter().find(|(_, unit, above)| is_set(*unit, *above)).map_or(Depth::Province, |(depth, ..)| depth)
    }

    /// The area directly above, `None` above a province. A place lies directly below the area it was added to.
    pub fn parent(self) -> Option<Self> {
        let unit = self.unit();
        let above = SEGMENT_UNITS.into_iter().rev().find(|above| *above > unit)?;
        Some(Self(self.0 / above * above))
    }

    /// This area and every area in which it lies, from the inside out.
    pub fn and_above(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |area| area.parent())
    }

    /// Whether `other` is this area or lies in it.
    pub fn contains(self, other: Self) -> bool {
        let unit = self.unit();
        self.0 / unit == other.0 / unit
    }

    /// The province-level area in which it lies.
    pub fn province(self) -> Self {
        let [province, ..] = SEGMENT_UNITS;
        Self(self.0 / province * province)
    }

    fn unit(self) -> u64 {
        let [province, city, county, town, village, place] = SEGMENT_UNITS;
        match self.depth() {
            Depth::Province => province,
            Depth::City => city,
            Depth::County => county,
            Depth::Town => town,
            Depth::Village => village,
            Depth::Place => place,
        }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.depth(), self.parent()) {
            (Depth::Place, Some(parent)) => write!(f, "{parent}.{}", self.0 - parent.0),
            _ => write!(f, "{}", self.0 / self.unit()),
        }
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of places minus a set of places, such as a compound without its building 6.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaSet {
    /// What belongs to the set, with all that lies in it.
    pub include: Vec<AreaCode>,
    /// What does not, although it lies in an included area.
    pub exclude: Vec<AreaCode>,
}

impl AreaSet {
    /// One area with all that lies in it.
    pub fn of(area: AreaCode) -> Self {
        Self { include: vec![area], exclude: Vec::new() }
    }

    /// Whether `area` lies wholly in the set, as far as its code tells.
    pub fn contains(&self, area: AreaCode) -> bool {
        let within = |areas: &[AreaCode]| areas.iter().any(|outer| outer.contains(area));
        within(&self.include) && !within(&self.exclude)
    }
}

/// 风险等级: the published level of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 低风险.
    Low,
    /// 中风险.
    Medium,
    /// 高风险.
    High,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    #[test]
    fn codes_are_read_and_written_without_empty_segments() {
        let check = |text: &str, written: &str, depth| {
            assert_eq!(area(text).to_string(), written);
            assert_eq!(area(text).depth(), depth, "{text}");
        };
        check("61", "61", Depth::Province);
        check("610000", "61", Depth::Province);
        check("610100", "6101", Depth::City);
        check("610102", "610102", Depth::County);
        check("610102001", "610102001", Depth::Town);
        check("610102001000", "610102001", Depth::Town);
        check("610102001001", "610102001001", Depth::Village);
        check("610102.17", "610102.17", Depth::Place);
        check("61.999999", "61.999999", Depth::Place);
        check("610102001001.1", "610102001001.1", Depth::Place);
        check("659001", "659001", Depth::County);
        check("110100", "1101", Depth::City);
        check("441900003", "441900003", Depth::Town);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "6", "610", "6101020", "0", "00", "01", "000102", "090000", "61010x", "+61", "6101 2", "陕西"]
        {
            assert_eq!(AreaCode::parse(text), Err(AreaError::NotACode), "{text}");
        }
        for text in ["61.", "61.0", "61.1000000", "61.x", "61.1.1", "61.-1", "61.+1"] {
            assert_eq!(AreaCode::parse(text), Err(AreaError::NotAPlace), "{text}");
        }
    }

    #[test]
    fn parents_are_the_nearest_listed_area() {
        let check = |text: &str, parent: Option<&str>| assert_eq!(area(text).parent(), parent.map(area), "{text}");
        check("61", None);
        check("6101", Some("61"));
        check("610102", Some("6101"));
        check("610102001", Some("610102"));
        check("610102001001", Some("610102001"));
        check("610102.17", Some("610102"));
        check("61.17", Some("61"));
        check("441900003", Some("4419"));
        check("110106100001", Some("110106100"));
        check("110106100.1", Some("110106100"));
    }

    #[test]
    fn an_area_contains_itself_and_what_lies_in_it() {
        let check = |outer: &str, inner: &str, expected| {
            assert_eq!(area(outer).contains(area(inner)), expected, "{outer} {inner}");
        };
        check("61", "61", true);
        check("61", "610102001001", true);
        check("6101", "610102.17", true);
        check("610102", "610103", false);
        check("610102", "6101", false);
        check("610102.17", "610102.17", true);
        check("610102.17", "610102.18", false);
        check("4419", "441900003", true);
        assert_eq!(area("610102.17").province(), area("61"));
        assert_eq!(area("610102.17").gbt2260(), 610_102);
    }

    #[test]
    fn a_set_leaves_out_what_it_excludes() {
        let set = AreaSet { include: vec![area("610102001")], exclude: vec![area("610102001.6")] };
        assert!(set.contains(area("610102001.5")));
        assert!(!set.contains(area("610102001.6")));
        assert!(!set.contains(area("610102")));
        assert!(!AreaSet::default().contains(area("61")));
    }

    #[test]
    fn there_is_no_place_below_a_place() {
        assert_eq!(area("61.1").place(1), None);
        assert_eq!(area("61").place(0), None);
        assert_eq!(AreaCode::from_number(0), None);
        assert_eq!(AreaCode::from_number(u64::MAX), None);
    }
}

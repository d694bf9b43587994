//! Which facts stand, as the rules see them too: neither retracted nor replaced; and where a person lives by them.

use yima_model::fact::DwellingRole;
use yima_model::{AreaCode, Content, Fact, FactId, Interval, Timestamp};
pub use yima_rules::standing;

/// The standing fact with this id.
pub fn find(facts: &[Fact], id: FactId) -> Option<(&Fact, Interval)> {
    standing(facts, Timestamp::FOREVER).into_iter().find(|(fact, _)| fact.id() == id)
}

/// Where the person lives at `at`: the present dwelling before the home, then the latest; else the last arrival.
pub fn address(standing: &[(&Fact, Interval)], at: Timestamp) -> Option<AreaCode> {
    let dwellings =
        standing.iter().filter(|(_, lasts)| lasts.contains(at)).filter_map(|(fact, lasts)| match fact.content() {
            Content::Dwelling { area, role: role @ (DwellingRole::Present | DwellingRole::Home) } => {
                Some(((*role == DwellingRole::Present, lasts.from(), fact.id()), *area))
            }
            _ => None,
        });
    let arrivals = || {
        standing.iter().filter(|(_, lasts)| lasts.contains(at)).filter_map(|(fact, lasts)| match fact.content() {
            Content::Arrival { to, .. } => Some(((lasts.from(), fact.id()), *to)),
            _ => None,
        })
    };
    let dwelling = dwellings.max_by_key(|(rank, _)| *rank).map(|(_, area)| area);
    dwelling.or_else(|| arrivals().max_by_key(|(rank, _)| *rank).map(|(_, area)| area))
}

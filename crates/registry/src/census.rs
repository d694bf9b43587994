//! A census: how many persons have which colour, by where they live.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::mpsc;
use std::thread;

use thiserror::Error;
use yima_model::area::Depth;
use yima_model::{AreaCode, Colour, Fact, PersonId, Timestamp};

use crate::registry::{Registry, RegistryError};
use crate::verdict::{Judge, JudgeError, Shelf};

/// How many persons there are of each region and colour; no region where no address is known.
pub type Groups = BTreeMap<(Option<AreaCode>, Colour), u64>;

/// How many persons have which colour, by region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// The instant that is judged.
    pub at: Timestamp,
    /// The instant up to which facts are taken in; what comes later is left out.
    pub known_at: Timestamp,
    /// How many persons are in each group; groups of nobody are not there.
    pub groups: Groups,
}

/// Why there is no census.
#[derive(Debug, Error)]
pub enum CensusError {
    /// The packs in force cannot judge.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The records cannot be read.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Persons are counted in so many shares, by the first byte of their ids.
pub const SHARES: u16 = 256;

/// Records read at a time.
const PAGE: usize = 1024;

/// Judges everybody at `at`, on so many threads, by what is known when the census begins.
///
/// Regions are as deep as `depth`, or less deep where the address is. `counted` is told after each share.
///
/// # Errors
/// [`CensusError`].
pub fn census(
    registry: &Registry,
    shelf: &Shelf,
    at: Timestamp,
    depth: Depth,
    threads: NonZero<u8>,
    mut counted: impl FnMut(),
) -> Result<Census, CensusError> {
    let known_at = registry.complete_until();
    let judge = Judge::new(&registry.globals(), shelf, known_at)?;
    let judge = |facts: &[Fact]| {
        let (area, colour) = judge.colour(facts, at, known_at);
        (area.map(|area| region(area, depth)), colour)
    };
    let mut groups = Groups::new();
    thread::scope(|scope| {
        let (sender, done) = mpsc::channel();
        for first in 0..threads.get() {
            let (sender, judge) = (sender.clone(), &judge);
            scope.spawn(move || {
                for share in (first..=u8::MAX).step_by(threads.get().into()) {
                    // Nobody listens any longer once a share has failed.
                    if sender.send(count(registry, share, judge)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for share in done {
            for (group, persons) in share? {
                *groups.entry(group).or_default() += persons;
            }
            counted();
        }
        Ok::<_, RegistryError>(())
    })?;
    Ok(Census { at, known_at, groups })
}

/// Counts the persons whose ids begin with this byte.
fn count(
    registry: &Registry,
    share: u8,
    judge: &impl Fn(&[Fact]) -> (Option<AreaCode>, Colour),
) -> Result<Groups, RegistryError> {
    let mut groups = Groups::new();
    let mut from = u128::from(share) << 120;
    loop {
        let records = registry.records(PersonId::from_bytes(from.to_be_bytes()), PAGE)?;
        for (_, facts) in &records {
            *groups.entry(judge(facts)).or_default() += 1;
        }
        match records.last() {
            Some((last, _)) if records.len() == PAGE => from = u128::from_be_bytes(*last.bytes()).saturating_add(1),
            _ => return Ok(groups),
        }
    }
}

/// The area in which this one lies at that depth, or itself.
fn region(area: AreaCode, depth: Depth) -> AreaCode {
    area.and_above().find(|above| above.depth() <= depth).unwrap_or(area)
}

#[cfg(test)]
mod tests {
    use yima_model::fact::DwellingRole;
    use yima_model::{Content, SourceKind};

    use super::*;
    use crate::cases::register::Dwelling;
    use crate::cases::statements::move_to;
    use crate::testing::{World, area, at};

    /// The groups by region, the colour and the number of persons.
    fn counted(world: &World, depth: Depth, threads: u8) -> Vec<(String, Colour, u64)> {
        let mut shares = 0;
        let threads = NonZero::new(threads).unwrap();
        let census = census(&world.registry, &world.shelf, world.now(), depth, threads, || shares += 1).unwrap();
        assert_eq!(shares, SHARES);
        let name = |area: Option<AreaCode>| area.map_or_else(|| "nowhere".to_owned(), |area| area.to_string());
        census.groups.into_iter().map(|((area, colour), persons)| (name(area), colour, persons)).collect()
    }

    #[test]
    fn everybody_is_counted_once_where_they_live_and_in_their_colour() {
        let world = World::new();
        let more_than_a_page = u32::try_from(PAGE).unwrap() + 100;
        let persons: Vec<PersonId> = (0..more_than_a_page).map(|number| world.resident(number)).collect();
        let [moved, feverish, ..] = persons[..] else { panic!("there are more") };
        let dwelling = Dwelling { area: area("420602"), role: DwellingRole::Home, until: None, text: None };
        move_to(&world.registry, &world.own_call(), moved, &dwelling).unwrap();
        world.files(
            SourceKind::Hospital,
            "first",
            at(feverish, world.now(), Content::Temperature { decicelsius: 381 }),
        );
        assert_eq!(world.colour(feverish), Colour::Yellow);

        let group = |region: &str, colour, persons: u32| (region.to_owned(), colour, u64::from(persons));
        let of_cities = [
            group("4201", Colour::Green, more_than_a_page - 2),
            group("4201", Colour::Yellow, 1),
            group("4206", Colour::Green, 1),
        ];
        assert_eq!(counted(&world, Depth::City, 1), of_cities);
        assert_eq!(counted(&world, Depth::City, 3), of_cities, "by three threads");
        let of_provinces = [group("42", Colour::Green, more_than_a_page - 1), group("42", Colour::Yellow, 1)];
        assert_eq!(counted(&world, Depth::Province, 2), of_provinces);
        let of_places = counted(&world, Depth::Place, 2);
        assert_eq!(of_places.last(), Some(&group("420602", Colour::Green, 1)), "no deeper than the address is known");
    }

    #[test]
    fn without_people_there_is_nothing_to_count() {
        assert_eq!(counted(&World::new(), Depth::City, 2), []);
    }
}

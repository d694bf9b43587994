//! What holds for every order of arrival, and that no bytes make the parser fall over.

#[cfg(test)]
mod test {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use yima_feed::carve::carved;
    use yima_feed::changes::{Change, Recorded, changes};
    use yima_feed::fold::{Fold, Step, fault};
    use yima_feed::{Delivered, Feed, Reader, Ruling, Snapshot, SnapshotId, Spell, Standing};
    use yima_model::{AreaSet, FactId, Level, Timestamp};

    use super::super::support::test::{archive, at, by_areas, bytes, named, reader, snapshot};

    const LEVELS: [Level; 3] = [Level::Low, Level::Medium, Level::High];

    /// What a snapshot lists, by hour and minute of saving; enough places that a part of them is beyond the bound.
    #[derive(Clone, Debug)]
    struct Issue {
        hour: i64,
        saved: i64,
        levels: Vec<Option<usize>>,
        without_places: u32,
        ruling: Option<bool>,
    }

    fn issue() -> impl Strategy<Value = Issue> {
        let mostly = |listed: f64| vec(prop::option::weighted(listed, 0..LEVELS.len()), 80);
        let levels = prop_oneof![mostly(0.97), mostly(0.9), mostly(0.2)];
        let ruling = prop::option::weighted(0.2, any::<bool>());
        (0..6_i64, 0..180_i64, levels, prop_oneof![9 => Just(0), 1 => Just(5_u32)], ruling).prop_map(
            |(hour, saved, levels, without_places, ruling)| Issue { hour, saved, levels, without_places, ruling },
        )
    }

    impl Issue {
        fn snapshot(&self) -> Snapshot {
            let rows = (1..).zip(&self.levels).filter_map(|(place, level)| Some((place, LEVELS[(*level)?])));
            let rows = rows.map(|(place, level)| (format!("江西省 南昌市 西湖区 嘉园{place}号"), level));
            let mut snapshot = snapshot("2022-11-20T00:00", rows);
            snapshot.hour = snapshot.hour.plus_millis(self.hour * 3_600_000);
            snapshot.without_places = self.without_places;
            snapshot
        }

        fn deliver(&self, feed: &mut Feed, reader: &mut Reader) -> bool {
            let snapshot = self.snapshot();
            let saved = snapshot.hour.plus_millis(self.saved * 60_000);
            if let Some(accepts) = self.ruling {
                feed.rule(snapshot.id(), if accepts { Ruling::Accept } else { Ruling::Reject });
            }
            feed.deliver(Delivered::new(&snapshot, saved, reader))
        }
    }

    type Outcome = (BTreeMap<AreaSet, Vec<Spell>>, Vec<(SnapshotId, Standing)>);

    /// The history and where each snapshot stands, by what they are.
    fn outcome<'a>(issues: impl IntoIterator<Item = &'a Issue>, reader: &mut Reader) -> Outcome {
        let mut feed = Feed::default();
        for issue in issues {
            issue.deliver(&mut feed, reader);
        }
        let fold = feed.fold(|set| reader.areas(set));
        let standings = fold.standings().to_vec();
        (by_areas(&fold.into_history(), reader), standings)
    }

    /// What is recorded, as it grows.
    #[derive(Default)]
    struct Book {
        levels: BTreeMap<AreaSet, Vec<Recorded>>,
        facts: u128,
    }

    impl Book {
        fn id(&mut self) -> FactId {
            self.facts += 1;
            FactId::from_bytes(self.facts.to_be_bytes())
        }

        fn record(&mut self, changes: Vec<Change>) {
            for change in changes {
                let id = self.id();
                match change {
                    Change::Begin { areas, spell: Spell { from, until, level } } => {
                        let recorded = Recorded { id, from, until, level, closings: Vec::new() };
                        self.levels.entry(areas).or_default().push(recorded);
                    }
                    Change::End { level, at } => {
                        let mut known = self.levels.values_mut().flatten();
                        known.find(|known| known.id == level).unwrap().closings.push((id, at));
                    }
                    Change::TakeBack { fact } => {
                        for levels in self.levels.values_mut() {
                            levels.retain(|known| known.id != fact);
                            levels.iter_mut().for_each(|known| known.closings.retain(|(id, _)| *id != fact));
                        }
                    }
                }
            }
        }

        /// When which set has which level.
        fn spells(&self) -> Vec<(&AreaSet, Spell)> {
            let spell = |known: &Recorded| Spell { from: known.from, until: known.until(), level: known.level };
            let all =
                self.levels.iter().flat_map(|(areas, levels)| levels.iter().map(move |known| (areas, spell(known))));
            let mut spells: Vec<_> = all.filter(|(_, spell)| spell.from < spell.until).collect();
            spells.sort_unstable();
            spells
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_recorded_follows_the_history_whatever_comes_late(issues in vec(issue(), 1..8)) {
            let (mut reader, mut feed, mut book) = (reader(), Feed::default(), Book::default());
            for issue in &issues {
                issue.deliver(&mut feed, &mut reader);
                let history = by_areas(&feed.fold(|set| reader.areas(set)).into_history(), &reader);
                book.record(changes(&history, &book.levels, Timestamp::BEGINNING));
                let wanted: Vec<_> =
                    history.iter().flat_map(|(areas, spells)| spells.iter().map(move |spell| (areas, *spell))).collect();
                prop_assert_eq!(book.spells(), wanted);
                prop_assert_eq!(changes(&history, &book.levels, Timestamp::BEGINNING), []);
            }
        }

        #[test]
        fn any_order_of_arrival_gives_the_same_history(
            issues in vec(issue(), 1..8),
            order in vec(any::<Index>(), 8),
            again in vec(any::<Index>(), 0..4),
        ) {
            // Of two rulings on one snapshot the later one counts; here each snapshot has one.
            let mut issues = issues;
            issues.dedup_by_key(|issue| issue.snapshot().id());
            let mut shuffled = issues.clone();
            for (at, other) in order.iter().enumerate().take(shuffled.len()) {
                let other = other.index(shuffled.len());
                shuffled.swap(at, other);
            }
            let twice: Vec<_> = again.iter().map(|index| issues[index.index(issues.len())].clone()).collect();
            let mut reader = reader();
            let in_order = outcome(&issues, &mut reader);
            prop_assert_eq!(&in_order, &outcome(shuffled.iter().chain(&twice), &mut reader));
        }

        #[test]
        fn what_is_held_back_never_lowers_a_level(issues in vec(issue(), 1..8)) {
            let mut reader = reader();
            let mut fold = Fold::default();
            for issue in &issues {
                let snapshot = issue.snapshot();
                let listing = reader.listing(&snapshot.rows);
                let before = fold.holding().clone();
                let step = Step { id: snapshot.id(), hour: snapshot.hour, listing: &listing, fault: fault(&snapshot), ruling: None };
                fold.step(&step, |_| false);
                if let Some((_, Standing::Quarantined(_))) = fold.standings().last() {
                    prop_assert!(before.beside(fold.holding()).all(|(_, before, after)| before <= after));
                } else {
                    prop_assert_eq!(fold.holding(), &listing);
                }
            }
        }

        #[test]
        fn spells_follow_one_another(issues in vec(issue(), 1..8)) {
            let mut reader = reader();
            let mut feed = Feed::default();
            for issue in &issues {
                issue.deliver(&mut feed, &mut reader);
            }
            for spells in feed.fold(|set| reader.areas(set)).into_history().values() {
                prop_assert!(spells.iter().all(|spell| spell.from < spell.until));
                for (one, next) in spells.iter().zip(spells.iter().skip(1)) {
                    prop_assert!(one.until < next.from || one.until == next.from && one.level != next.level);
                }
                prop_assert!(spells.iter().rev().skip(1).all(|spell| spell.until != Timestamp::FOREVER));
            }
        }

        #[test]
        fn no_bytes_make_the_parser_fall_over(bytes in vec(any::<u8>(), 0..400)) {
            drop(Snapshot::read(&bytes));
        }

        #[test]
        fn no_name_makes_the_reader_fall_over(place in "\\PC{0,40}", names in "[市区县街道镇除外不含（）、0-9号楼新高开发 ]{0,40}") {
            let mut reader = reader();
            let whole = carved(&place);
            prop_assert!(whole.exclude.iter().all(|part| !part.is_empty()));
            reader.read(&named(&format!("陕西省 西安市 {names} {place}")));
            reader.read(&named(&format!("{names} {place} {names} {names}")));
            carved(&names);
        }
    }

    #[test]
    fn no_change_to_a_real_snapshot_makes_the_parser_fall_over() {
        let Some(folder) = archive() else { return };
        let real = bytes(&folder.join("raw/2022070821-8d3cad37.json"));
        let reader = reader();
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
        let changes = vec((any::<Index>(), any::<u8>()), 1..6);
        let outcome = runner.run(&(changes, any::<Index>()), |(changes, end)| {
            let mut changed = real.clone();
            for (at, byte) in changes {
                let at = at.index(changed.len());
                changed[at] = byte;
            }
            // Cut off somewhere, or whole.
            let end = end.index(2 * changed.len());
            changed.truncate(end);
            if let Ok(snapshot) = Snapshot::read(&changed) {
                Delivered::new(&snapshot, at("2022-07-08T22:00"), &mut reader.clone());
            }
            Ok(())
        });
        outcome.unwrap();
    }
}

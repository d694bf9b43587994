//! The faults of the feed, each as the archive shows it: late, twice, out of order, partial, empty, miscounted.

#[cfg(test)]
mod test {
    use std::collections::BTreeMap;

    use yima_feed::fold::{Announcement, Suspicion, fault};
    use yima_feed::{Delivered, Feed, Reader, Ruling, Snapshot, SnapshotId, Standing};
    use yima_model::{AreaCode, AreaSet, Interval, Level, Timestamp};

    use super::super::support::test::{at, by_areas, named, reader, snapshot};

    const HIGH: Level = Level::High;

    /// A feed as it grows.
    struct Case {
        feed: Feed,
        reader: Reader,
    }

    impl Case {
        fn new() -> Self {
            Self { feed: Feed::default(), reader: reader() }
        }

        /// Delivers places with their numbers, all of them high, saved so many minutes after the hour.
        fn high(&mut self, hour: &str, minutes: i64, places: impl IntoIterator<Item = u32>) -> SnapshotId {
            let rows = places.into_iter().map(|place| (name(place), HIGH));
            self.deliver(&snapshot(hour, rows), minutes)
        }

        fn deliver(&mut self, snapshot: &Snapshot, minutes: i64) -> SnapshotId {
            let delivered = Delivered::new(snapshot, snapshot.hour.plus_millis(minutes * 60_000), &mut self.reader);
            let id = delivered.id;
            self.feed.deliver(delivered);
            id
        }

        fn standing(&self, id: SnapshotId) -> Standing {
            let fold = self.feed.fold(|set| self.reader.areas(set));
            fold.standings().iter().find(|(known, _)| *known == id).unwrap().1
        }

        /// When a place was listed, with hours as `8-11`; an open end is left out.
        fn listed(&mut self, place: u32) -> Vec<(String, String, Level)> {
            let set = self.reader.read(&named(&name(place))).set.unwrap();
            let history = self.feed.fold(|set| self.reader.areas(set)).into_history();
            let hour = |at: Timestamp| match at {
                Timestamp::FOREVER => String::new(),
                at => yima_model::Zone::BEIJING.format(at)[5..13].to_owned(),
            };
            let spells = history.get(&set).cloned().unwrap_or_default();
            spells.iter().map(|spell| (hour(spell.from), hour(spell.until), spell.level)).collect()
        }

        fn check(&mut self, place: u32, expected: &[(&str, &str)]) {
            let listed: Vec<(String, String)> =
                self.listed(place).into_iter().map(|(from, until, _)| (from, until)).collect();
            let listed: Vec<(&str, &str)> =
                listed.iter().map(|(from, until)| (from.as_str(), until.as_str())).collect();
            assert_eq!(listed, expected, "place {place}");
        }
    }

    fn name(place: u32) -> String {
        format!("江西省 南昌市 西湖区 嘉园{place}号")
    }

    #[test]
    fn what_comes_twice_changes_nothing() {
        let mut case = Case::new();
        let first = case.high("2022-11-20T08:00", 60, [1, 2]);
        let before = case.feed.fold(|_| None).into_history();
        let snapshot = snapshot("2022-11-20T08:00", [2, 1].map(|place| (name(place), HIGH)));
        let again = Delivered::new(&snapshot, at("2022-11-20T12:00"), &mut case.reader);
        assert!(again.id == first && !case.feed.deliver(again));
        assert_eq!(case.feed.fold(|_| None).into_history(), before);
    }

    #[test]
    fn a_late_snapshot_takes_its_place() {
        let mut case = Case::new();
        case.high("2022-11-20T08:00", 60, [1, 2]);
        case.high("2022-11-20T14:00", 60, [1]);
        case.check(2, &[("11-20T08", "11-20T14")]);
        case.high("2022-11-20T11:00", 27 * 60, [1, 3]);
        case.check(1, &[("11-20T08", "")]);
        case.check(2, &[("11-20T08", "11-20T11")]);
        case.check(3, &[("11-20T11", "11-20T14")]);
    }

    #[test]
    fn of_two_files_of_one_hour_the_later_one_holds() {
        let mut case = Case::new();
        case.high("2022-11-20T08:00", 60, [1, 2]);
        case.high("2022-11-20T11:00", 90, [1, 2, 4]);
        case.high("2022-11-20T11:00", 60, [1, 3]);
        // Left out by the first file of the hour and listed by the second, place 2 was never left out.
        case.check(2, &[("11-20T08", "")]);
        case.check(3, &[]);
        case.check(4, &[("11-20T11", "")]);
    }

    #[test]
    fn a_place_that_is_listed_again_is_the_same_area() {
        let mut case = Case::new();
        case.high("2022-11-20T08:00", 60, [1, 2]);
        case.high("2022-11-20T11:00", 60, [1]);
        case.high("2022-11-20T14:00", 60, [1, 2]);
        case.check(2, &[("11-20T08", "11-20T11"), ("11-20T14", "")]);
    }

    #[test]
    fn a_partial_file_lowers_nothing_and_a_later_good_one_resolves_it() {
        let mut case = Case::new();
        let before = case.high("2022-11-26T00:00", 60, 1..=300);
        // 24,201 places, then 2,157, then 24,443 with the same hour.
        let partial = case.high("2022-11-26T08:00", 150, (1..=30).chain([400]));
        let why = Suspicion::Shrinks { before: 300, lifted: 270 };
        assert_eq!((case.standing(before), case.standing(partial)), (Standing::Taken, Standing::Quarantined(why)));
        case.check(200, &[("11-26T00", "")]);
        case.check(400, &[("11-26T08", "")]);
        let good = case.high("2022-11-26T08:00", 183, 1..=290);
        assert_eq!((case.standing(partial), case.standing(good)), (Standing::Resolved(why), Standing::Taken));
        case.check(200, &[("11-26T00", "")]);
        case.check(295, &[("11-26T00", "11-26T08")]);
        case.check(400, &[]);
    }

    #[test]
    fn who_looks_at_it_accepts_or_rejects() {
        let quarantined = || {
            let mut case = Case::new();
            case.high("2022-12-06T17:00", 60, 1..=300);
            let shrunk = case.high("2022-12-06T21:00", 60, 200..=310);
            let next = case.high("2022-12-07T00:00", 60, 200..=311);
            (case, shrunk, next)
        };
        let (mut case, shrunk, next) = quarantined();
        assert!(
            matches!(case.standing(next), Standing::Quarantined(_)),
            "what is held back is nothing to compare with"
        );
        case.check(100, &[("12-06T17", "")]);
        case.check(310, &[("12-06T21", "")]);
        case.feed.rule(shrunk, Ruling::Accept);
        assert_eq!((case.standing(shrunk), case.standing(next)), (Standing::Taken, Standing::Taken));
        case.check(100, &[("12-06T17", "12-06T21")]);

        let (mut case, shrunk, next) = quarantined();
        case.feed.rule(shrunk, Ruling::Reject);
        case.feed.rule(next, Ruling::Reject);
        assert_eq!(case.standing(shrunk), Standing::Rejected);
        case.check(100, &[("12-06T17", "")]);
        case.check(310, &[]);
    }

    #[test]
    fn the_bound_is_a_fifth_and_never_less_than_fifty() {
        let check = |before: u32, lifted: u32, is_held: bool| {
            let mut case = Case::new();
            case.high("2022-11-20T08:00", 60, 1..=before);
            let next = case.high("2022-11-20T11:00", 60, lifted + 1..=before);
            assert_eq!(case.standing(next) != Standing::Taken, is_held, "{lifted} of {before}");
        };
        check(1_000, 200, false);
        check(1_000, 201, true);
        check(60, 50, false);
        check(60, 51, true);
        check(13, 13, false);
    }

    #[test]
    fn lowering_counts_like_leaving_out() {
        let mut case = Case::new();
        case.high("2022-11-20T08:00", 60, 1..=100);
        let medium = snapshot("2022-11-20T11:00", (1..=100).map(|place| (name(place), Level::Medium)));
        let lowered = case.deliver(&medium, 60);
        assert_eq!(case.standing(lowered), Standing::Quarantined(Suspicion::Shrinks { before: 100, lifted: 100 }));
        assert_eq!(case.listed(1), [("11-20T08".to_owned(), String::new(), HIGH)]);
    }

    #[test]
    fn an_announcement_lets_the_levels_of_its_areas_end() {
        let mut case = Case::new();
        case.high("2023-01-07T08:00", 60, 1..=100);
        let empty = case.high("2023-01-07T15:00", 60, []);
        assert!(matches!(case.standing(empty), Standing::Quarantined(_)));
        let announce = |case: &mut Case, area: &str, from: &str| {
            let during = Interval::new(at(from), Timestamp::FOREVER).unwrap();
            case.feed.announce(Announcement { during, areas: AreaSet::of(AreaCode::parse(area).unwrap()) });
        };
        announce(&mut case, "37", "2023-01-07T12:00");
        announce(&mut case, "36", "2023-01-08T00:00");
        assert!(matches!(case.standing(empty), Standing::Quarantined(_)), "elsewhere, and not in force yet");
        announce(&mut case, "36", "2023-01-07T12:00");
        assert_eq!(case.standing(empty), Standing::Taken);
        case.check(1, &[("01-07T08", "01-07T15")]);
    }

    #[test]
    fn a_file_that_is_wrong_in_itself_is_held_back() {
        let check = |change: fn(&mut Snapshot), expected| {
            let mut snapshot = snapshot("2022-11-23T08:00", (1..=1_000).map(|place| (name(place), HIGH)));
            change(&mut snapshot);
            assert_eq!(fault(&snapshot), expected);
        };
        check(|_| (), None);
        // 57 areas without a place stood among 18,855 rows, and nobody took the file for partial.
        check(|snapshot| snapshot.without_places = 57, Some(Suspicion::WithoutPlaces { areas: 57 }));
        check(|snapshot| snapshot.declared = counts(1_000), None);
        check(|snapshot| snapshot.declared = counts(1_050), None);
        check(
            |snapshot| snapshot.declared = counts(1_051),
            Some(Suspicion::Miscounted { declared: 1_051, listed: 1_000 }),
        );
        check(|snapshot| snapshot.declared = counts(949), Some(Suspicion::Miscounted { declared: 949, listed: 1_000 }));
    }

    fn counts(high: u32) -> [(Level, Option<u32>); 3] {
        [(HIGH, Some(high)), (Level::Medium, Some(0)), (Level::Low, None)]
    }

    #[test]
    fn of_a_place_that_is_listed_twice_the_higher_level_holds() {
        let mut case = Case::new();
        let rows = [(name(1), Level::Medium), (name(1), HIGH), (name(1), Level::Low)];
        case.deliver(&snapshot("2022-11-20T08:00", rows), 60);
        assert_eq!(case.listed(1), [("11-20T08".to_owned(), String::new(), HIGH)]);
        let history = case.feed.fold(|_| None).into_history();
        assert_eq!(by_areas(&history, &case.reader).len(), 1);
        assert_eq!(BTreeMap::from_iter(history).len(), 1);
    }
}

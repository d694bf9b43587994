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
    fn a_long_list_may_lose_a_fifth_a_short_one_half_and_the_last_five_places_end() {
        let check = |before: u32, lifted: u32, is_held: bool| {
            let mut case = Case::new();
            case.high("2022-11-20T08:00", 60, 1..=before);
            let next = case.high("2022-11-20T11:00", 60, lifted + 1..=before);
            assert_eq!(case.standing(next) != Standing::Taken, is_held, "{lifted} of {before}");
        };
        check(1_000, 200, false);
        check(1_000, 201, true);
        check(250, 50, false);
        check(250, 51, true);
        check(100, 50, false);
        check(100, 51, true);
        check(60, 30, false);
        check(60, 31, true);
        check(19, 9, false);
        check(19, 10, true);
        check(19, 19, true);
        check(6, 5, false);
        check(6, 6, true);
        check(5, 5, false);
        check(3, 3, false);
    }

    #[test]
    fn the_list_of_one_level_does_not_vanish_beside_a_longer_one() {
        let check = |high: u32, lifted: u32, expected: Option<Suspicion>| {
            let mut case = Case::new();
            let medium = || (1_000..1_100).map(|place| (name(place), Level::Medium));
            let listed = |from: u32| (from..=high).map(|place| (name(place), HIGH)).chain(medium());
            case.deliver(&snapshot("2022-11-20T08:00", listed(1)), 60);
            let next = case.deliver(&snapshot("2022-11-20T11:00", listed(lifted + 1)), 60);
            assert_eq!(case.standing(next), expected.map_or(Standing::Taken, Standing::Quarantined), "{high} {lifted}");
        };
        let why = |before, lifted| Some(Suspicion::LevelShrinks { level: HIGH, before, lifted });
        check(20, 15, None);
        check(20, 16, why(20, 16));
        check(20, 20, why(20, 20));
        check(6, 5, None);
        check(6, 6, why(6, 6));
        check(5, 5, None);
    }

    /// The list of 2022-06-26, one high and eighteen medium places, and what the service says an hour later.
    fn after_nineteen(text: &str) -> (Case, Standing) {
        let mut case = Case::new();
        let rows = (1..=19).map(|place| (name(place), if place == 1 { HIGH } else { Level::Medium }));
        case.deliver(&snapshot("2022-06-26T13:00", rows), 60);
        let id = case.deliver(&Snapshot::read(text.as_bytes()).unwrap(), 60);
        let standing = case.standing(id);
        (case, standing)
    }

    #[test]
    fn a_short_list_that_is_cut_off_lowers_nothing() {
        let without = |part| Suspicion::Incomplete { part };
        let miscounted = |level, declared, listed| Suspicion::Miscounted { level, declared, listed };
        let area = r#"{"province":"江西省","city":"南昌市","county":"西湖区","communitys":["嘉园1号"]}"#;
        let check = |lists: &str, expected| {
            let text = format!(r#"{{"data":{{"end_update_time":"2022-06-26 14时",{lists}}},"code":0}}"#);
            let (mut case, standing) = after_nineteen(&text);
            assert_eq!(standing, Standing::Quarantined(expected), "{lists}");
            case.check(1, &[("06-26T13", "")]);
            case.check(19, &[("06-26T13", "")]);
        };
        check(r#""hcount":1,"mcount":18"#, without("highlist"));
        check(r#""hcount":0,"mcount":0"#, without("highlist"));
        check(r#""hcount":0,"mcount":0,"highlist":[]"#, without("middlelist"));
        check(r#""highlist":[],"middlelist":[]"#, without("hcount"));
        check(r#""hcount":1,"mcount":18,"highlist":[],"middlelist":[]"#, miscounted(HIGH, 1, 0));
        check(
            &format!(r#""hcount":1,"mcount":18,"highlist":[{area}],"middlelist":[]"#),
            miscounted(Level::Medium, 18, 0),
        );
        check(&format!(r#""hcount":2,"mcount":0,"highlist":[{area}],"middlelist":[]"#), miscounted(HIGH, 2, 1));
        // Three of the five partial files of the archive counted no more than they listed.
        let shrinks = |lifted| Suspicion::Shrinks { before: 19, lifted };
        check(r#""hcount":0,"mcount":0,"highlist":[],"middlelist":[]"#, shrinks(19));
        check(&format!(r#""hcount":1,"mcount":0,"highlist":[{area}],"middlelist":[]"#), shrinks(18));
    }

    #[test]
    fn what_an_incomplete_file_adds_holds_and_the_whole_one_of_its_hour_is_another() {
        let mut case = Case::new();
        case.high("2022-06-26T13:00", 60, [1, 2]);
        let mut cut_off = snapshot("2022-06-26T14:00", [(name(3), HIGH)]);
        cut_off.missing = Some("middlelist");
        let held = case.deliver(&cut_off, 60);
        assert_eq!(case.standing(held), Standing::Quarantined(Suspicion::Incomplete { part: "middlelist" }));
        case.check(1, &[("06-26T13", "")]);
        case.check(3, &[("06-26T14", "")]);
        let whole = case.high("2022-06-26T14:00", 90, [3]);
        assert!(matches!(case.standing(held), Standing::Resolved(_)));
        assert_eq!(case.standing(whole), Standing::Taken);
        case.check(1, &[("06-26T13", "06-26T14")]);
        case.check(3, &[("06-26T14", "")]);
    }

    #[test]
    fn an_outbreak_ends_by_itself_or_when_somebody_says_so() {
        let nothing = r#"{"data":{"end_update_time":"2022-12-24 11时","hcount":0,"mcount":0,"lcount":0,
            "highlist":[],"middlelist":[],"lowlist":[]},"code":0}"#;
        let nothing = Snapshot::read(nothing.as_bytes()).unwrap();
        // On 2022-12-24 the list ended so: two high places and two low ones, and then none.
        let mut case = Case::new();
        let last = [(1, HIGH), (2, HIGH), (3, Level::Low), (4, Level::Low)];
        case.deliver(&snapshot("2022-12-24T09:00", last.map(|(place, level)| (name(place), level))), 60);
        let ended = case.deliver(&nothing, 20);
        assert_eq!(case.standing(ended), Standing::Taken);
        case.check(1, &[("12-24T09", "12-24T11")]);

        let mut case = Case::new();
        case.high("2022-12-24T09:00", 60, 1..=19);
        let ended = case.deliver(&nothing, 20);
        assert_eq!(case.standing(ended), Standing::Quarantined(Suspicion::Shrinks { before: 19, lifted: 19 }));
        case.feed.rule(ended, Ruling::Accept);
        assert_eq!(case.standing(ended), Standing::Taken);
        case.check(1, &[("12-24T09", "12-24T11")]);
        case.feed.rule(ended, Ruling::Reject);
        case.check(1, &[("12-24T09", "")]);

        let mut case = Case::new();
        case.high("2022-12-24T09:00", 60, 1..=19);
        let cut_off = case.deliver(&nothing, 20);
        case.high("2022-12-24T11:00", 60, 2..=19);
        assert!(matches!(case.standing(cut_off), Standing::Resolved(_)));
        case.check(1, &[("12-24T09", "12-24T11")]);
        case.check(2, &[("12-24T09", "")]);
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
        let check_count = |high, is_held: bool| {
            let mut snapshot = snapshot("2022-11-23T08:00", (1..=1_000).map(|place| (name(place), HIGH)));
            snapshot.declared = counts(high);
            let why = Suspicion::Miscounted { level: HIGH, declared: high, listed: 1_000 };
            assert_eq!(fault(&snapshot), is_held.then_some(why));
        };
        for (high, is_held) in [(1_000, false), (1_010, false), (1_011, true), (990, false), (989, true), (0, true)] {
            check_count(high, is_held);
        }
        // Of less than a hundred rows each counts, and one level does not hide the other.
        let short = |high: u32, medium: u32| {
            let rows = (1..=1_099).map(|place| (name(place), if place > 99 { Level::Medium } else { HIGH }));
            let mut snapshot = snapshot("2022-11-23T08:00", rows);
            snapshot.declared = [(HIGH, Some(high)), (Level::Medium, Some(medium)), (Level::Low, None)];
            fault(&snapshot)
        };
        assert_eq!(short(99, 1_000), None);
        assert_eq!(short(100, 1_000), Some(Suspicion::Miscounted { level: HIGH, declared: 100, listed: 99 }));
        assert_eq!(short(98, 1_001), Some(Suspicion::Miscounted { level: HIGH, declared: 98, listed: 99 }));
        assert_eq!(short(99, 900), Some(Suspicion::Miscounted { level: Level::Medium, declared: 900, listed: 1_000 }));
        let mut low = snapshot("2022-11-23T08:00", (1..=2).map(|place| (name(place), HIGH)));
        low.declared = [(HIGH, Some(2)), (Level::Medium, Some(0)), (Level::Low, Some(1))];
        assert_eq!(fault(&low), Some(Suspicion::Miscounted { level: Level::Low, declared: 1, listed: 0 }));
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

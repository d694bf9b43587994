//! Replays the archive of the real feed, from its interval file and from raw snapshots, and compares the two.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use yima_feed::archive::{self, Hours, Indexed, ListedFor};
use yima_feed::fold::{Fold, Step, Suspicion};
use yima_feed::followed::{Ended, followed};
use yima_feed::ladder::Ladder;
use yima_feed::{Delivered, Feed, Listing, Report, Ruling, Snapshot, SnapshotId, Standing};
use yima_model::{AreaCode, DivisionTree, Level, Timestamp};

use super::support::test::{archive, bytes, reader, text};

fn intervals(folder: &Path) -> Vec<ListedFor> {
    let text = text(&folder.join("risk_area_intervals_20220415_20230107.csv.gz"));
    archive::intervals(&text).map(Result::unwrap).collect()
}

fn index(folder: &Path) -> Vec<Indexed> {
    archive::index(&text(&folder.join("snapshots.csv"))).map(Result::unwrap).collect()
}

#[test]
fn the_interval_file_replays_whole() {
    let Some(folder) = archive() else { return };
    let (intervals, index) = (intervals(&folder), index(&folder));
    assert_eq!((intervals.len(), index.len()), (221_982, 1_385));
    let (tree, mut reader) = (DivisionTree::built_in(), reader());
    let mut report = Report::default();
    for listed in &intervals {
        report.count(&listed.named, reader.read(&listed.named));
    }
    let hours: BTreeSet<Timestamp> = index.iter().map(|indexed| indexed.hour).collect();
    let mut replay = Hours::of(&intervals, &mut reader);
    let mut fold = Fold::default();
    let (mut held, mut most) = (Vec::new(), 0);
    for hour in &hours {
        let listing = replay.listing(*hour);
        let id = SnapshotId::from_bytes(u128::try_from(hour.millis()).unwrap().to_be_bytes());
        let mut step = Step { id, hour: *hour, listing: &listing, fault: None, ruling: None };
        fold.step(&step, |_| false);
        if let Some((_, Standing::Quarantined(why))) = fold.standings().last() {
            held.push(format!("{hour}: {why}"));
            step.ruling = Some(Ruling::Accept);
            fold.step(&step, |_| false);
        }
        assert!(*fold.holding() == listing, "{hour}");
        most = most.max(listing.len());
    }
    let history = fold.into_history();
    println!("{} intervals in {} hours, {} places at most", intervals.len(), hours.len(), most);
    println!("rows: {} exact, {} city only, {} nothing", report.exact, report.city_only, report.nothing);
    println!(
        "carve-outs: {} of higher levels, {} of named parts, {} not understood and taken whole",
        report.higher_levels, report.parts, report.not_understood
    );
    println!("not mapped exactly: {} names, such as", report.unmapped().count());
    report.unmapped_lines(&tree).iter().step_by(200).for_each(|line| println!("  {line}"));
    println!("{} sets of areas with {} levels", history.len(), history.values().map(Vec::len).sum::<usize>());
    println!("held back until somebody accepted: {} of {} hours", held.len(), hours.len());
    held.iter().for_each(|held| println!("  {held}"));
    assert_eq!(report.rows(), intervals.len(), "every row is counted");
    // The county is found for all but the zones and the Corps, 4.9 % by names alone.
    assert!(report.exact * 100 >= report.rows() * 98);
    let without_effect = report.unmapped().filter(|(_, unmapped)| unmapped.nearest.is_none());
    assert_eq!(without_effect.map(|(_, unmapped)| unmapped.rows).sum::<usize>(), 1, "the one row without any name");
    assert!(held.len() <= 12, "a bound that holds back what is right is no help");
    // Medium was abolished on 11 November and left the list on the 15th; on 23 December the outbreak ended.
    let added_for_short_lists = ["238 of 241 medium places", "30 of 38 places"];
    for lifted in added_for_short_lists {
        assert_eq!(held.iter().filter(|held| held.contains(lifted)).count(), 1, "{lifted}");
    }
}

/// How many days high or medium names that began in a time lasted, by the middle one, in hundredths of a day.
fn median(intervals: &[ListedFor], level: Level, from: Timestamp, until: Timestamp) -> i64 {
    let began = intervals.iter().filter(|listed| listed.level == level && from <= listed.from && listed.from < until);
    let ended = began.filter(|listed| listed.until != Timestamp::FOREVER);
    let mut lasted: Vec<i64> = ended.map(|listed| listed.until.millis() - listed.from.millis()).collect();
    lasted.sort_unstable();
    lasted.get(lasted.len() / 2).map_or(0, |lasted| lasted * 100 / 86_400_000)
}

#[test]
fn the_published_figures_of_how_long_levels_last_come_out() {
    let Some(folder) = archive() else { return };
    let intervals = intervals(&folder);
    let (ninth, twenty) = (Ladder::NINTH_PLAN, Ladder::TWENTY_MEASURES);
    // High: 14.0 days before the ninth plan, 7.0 under it, 4.0 under the twenty measures, 3.1 after them; medium: 9.7, then 4.1.
    let median = |level, from, until| median(&intervals, level, from, until);
    assert_eq!(median(Level::High, Timestamp::BEGINNING, ninth.from), 1_400);
    assert_eq!(median(Level::High, ninth.from, ninth.until), 695);
    assert_eq!(median(Level::High, twenty.from, twenty.until), 400);
    assert_eq!(median(Level::High, twenty.until, Timestamp::FOREVER), 312);
    assert_eq!(median(Level::Medium, Timestamp::BEGINNING, ninth.from), 966);
    assert_eq!(median(Level::Medium, ninth.from, ninth.until), 408);

    let high = intervals.iter().filter(|listed| listed.level == Level::High);
    let high: Vec<_> = high.filter(|listed| ninth.from <= listed.from && listed.from < ninth.until).collect();
    let medium = intervals.iter().filter(|listed| listed.level == Level::Medium);
    let medium: BTreeSet<_> = medium.map(|listed| (&listed.named, listed.from)).collect();
    let at_once = high.iter().filter(|listed| medium.contains(&(&listed.named, listed.until))).count();
    assert_eq!((at_once, high.len()), (10_588, 21_070));
}

#[test]
fn the_ladder_gives_how_long_levels_lasted_under_each_plan() {
    let Some(folder) = archive() else { return };
    let mut reader = reader();
    let hours: BTreeSet<Timestamp> = index(&folder).iter().map(|indexed| indexed.hour).collect();
    let (_, fold) = archive::replay(&mut Hours::of(&intervals(&folder), &mut reader), &hours);
    let history = fold.into_history();
    let follow = |name: &str, ladder: Ladder| {
        let followed = followed(&ladder, &history, |set| reader.areas(set));
        println!("{name}:\n{followed}");
        followed
    };
    let (ninth, twenty) =
        (follow("ninth plan", Ladder::NINTH_PLAN), follow("twenty measures", Ladder::TWENTY_MEASURES));
    // What is governed and can be told from a new wording lasts most often as long as the ladder says after a case of the day
    // before: high seven days and then medium three, medium of its own seven, high under the twenty measures five.
    for (ended, days) in [(&ninth.high, 7), (&ninth.after_high, 3), (&ninth.medium, 7), (&twenty.high, 5)] {
        assert_eq!(ended.most_often(), Some(days), "{ended}");
    }
    let counts = |ended: &Ended| {
        let Ended { levels, redrawn, sooner, sooner_by_a_day, to_the_day, later, .. } = *ended;
        assert_eq!(levels, redrawn + sooner + to_the_day + later);
        assert_eq!(levels - redrawn, ended.lasted.values().sum::<usize>());
        [levels, redrawn, to_the_day, later, sooner, sooner_by_a_day]
    };
    // All, redrawn, to the day, later, sooner, of these by a day; docs/AREAS.md tells what they are.
    assert_eq!(counts(&ninth.high), [16_591, 8_482, 3_113, 2_448, 2_548, 1_382]);
    assert_eq!(counts(&ninth.after_high), [9_887, 3_632, 3_705, 1_400, 1_150, 949]);
    assert_eq!(counts(&ninth.medium), [14_026, 9_905, 1_395, 784, 1_942, 707]);
    assert_eq!(counts(&twenty.high), [117_001, 94_397, 9_738, 4_097, 8_769, 3_566]);
    assert_eq!((ninth.high_then_medium, ninth.unknown), (10_725, 0));
    assert_eq!(
        (twenty.after_high.levels, twenty.medium.levels, twenty.unknown),
        (0, 0, 496),
        "there is no medium any more"
    );
}

#[test]
fn names_lead_to_the_codes_that_were_derived_for_the_archive() {
    let Some(folder) = archive() else { return };
    let mut reader = reader();
    let mut differing = Vec::new();
    let mut seen = BTreeSet::new();
    let codes = text(&folder.join("areas_to_gbt2260.csv"));
    let codes: BTreeMap<Vec<String>, (String, String)> = codes
        .lines()
        .skip(1)
        .map(archive::fields)
        .map(|fields| (fields[..3].to_vec(), (fields[3].clone(), fields[4].clone())))
        .collect();
    let mut same = 0;
    for listed in intervals(&folder) {
        let named = &listed.named;
        let key = vec![named.province.to_string(), named.city.to_string(), named.county.to_string()];
        let (code, kind) = &codes[&key];
        if !matches!(kind.as_str(), "pcd" | "pd" | "shifted") {
            continue;
        }
        let nearest = reader.read(named).nearest.unwrap();
        if AreaCode::parse(code).is_ok_and(|code| code.contains(nearest) || nearest.contains(code)) {
            same += 1;
        } else if seen.insert(key.clone()) {
            differing.push(format!("{} {code} {nearest}", key.join(" ")));
        }
    }
    println!("{same} rows lie in the county that was derived for the archive");
    assert_eq!((same, differing), (211_118, Vec::new()));
}

/// The raw snapshots that follow one of half a day to seven months before, so that much of that one has really ended.
const AFTER_A_GAP: [&str; 6] = [
    "2022062813-a722f3c2.json",
    "2022070821-8d3cad37.json",
    "2022111111-b7e7a3d7.json",
    "2022112321-b52dd1e8.json",
    "2022112421-01518abf.json",
    "2023010715-84818142.json",
];

#[test]
fn raw_snapshots_and_intervals_agree_or_say_why() {
    let Some(folder) = archive() else { return };
    let index = index(&folder);
    let mut reader = reader();
    let mut feed = Feed::default();
    let mut files: BTreeMap<SnapshotId, String> = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("raw")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".gz").to_owned();
        let indexed = index.iter().find(|indexed| indexed.file == name).unwrap();
        let snapshot = Snapshot::read(&bytes(&path)).unwrap();
        assert_eq!(snapshot.hour, indexed.hour, "{name}");
        // The archive counted an area without places as a row.
        let rows = snapshot.rows.len() + usize::try_from(snapshot.without_places).unwrap();
        assert_eq!(rows, indexed.rows, "{name}");
        let delivered = Delivered::new(&snapshot, indexed.saved, &mut reader);
        files.insert(delivered.id, name);
        assert!(feed.deliver(delivered));
    }
    let standings = |feed: &Feed| -> BTreeMap<String, Standing> {
        let fold = feed.fold(|set| reader.areas(set));
        fold.standings().iter().map(|(id, standing)| (files[id].clone(), *standing)).collect()
    };
    let before = standings(&feed);
    for name in AFTER_A_GAP {
        assert!(matches!(before[name], Standing::Quarantined(Suspicion::Shrinks { .. })), "{name}: {before:?}");
    }
    for (id, _) in files.iter().filter(|(_, name)| AFTER_A_GAP.contains(&name.as_str())) {
        feed.rule(*id, Ruling::Accept);
    }
    let partial = BTreeMap::from([
        ("2022112408-7ceb0209.json", Suspicion::WithoutPlaces { areas: 187 }),
        ("2022112408-c1b75598.json", Suspicion::WithoutPlaces { areas: 789 }),
    ]);
    for (name, standing) in standings(&feed) {
        let expected = partial.get(name.as_str()).map_or(Standing::Taken, |why| Standing::Resolved(*why));
        assert_eq!(standing, expected, "{name}");
    }

    let mut replay = Hours::of(&intervals(&folder), &mut reader);
    let hours: BTreeSet<Timestamp> = index.iter().map(|indexed| indexed.hour).collect();
    let by_hour: BTreeMap<Timestamp, Listing> = hours.into_iter().map(|hour| (hour, replay.listing(hour))).collect();
    println!("raw snapshots beside the interval file, sets of areas with their level:");
    for delivered in feed.in_order() {
        let name = files[&delivered.id].as_str();
        let derived = &by_hour[&delivered.hour];
        let differing = delivered.listing.beside(derived).filter(|(_, raw, derived)| raw != derived).count();
        let why = match partial.get(name) {
            Some(_) => {
                "a partial file of the same hour, which is left out of the intervals and resolved by the full one"
            }
            None => "no difference",
        };
        println!("  {name}: {} raw, {} derived, {differing} differ ({why})", delivered.listing.len(), derived.len());
        assert_eq!(differing > 0, partial.contains_key(name), "{name}");
    }
}

//! The list of risk areas over the ledger in memory: what is filed, held back, corrected, and what it does to a colour.

use std::path::PathBuf;
use std::sync::LazyLock;

use yima_feed::fold::Suspicion;
use yima_model::{AreaCode, Colour, PersonId};

use super::*;
use crate::cases::register::register;
use crate::testing::{HOUR, World, application, source};

/// Hours of the day on which the test world begins, Monday noon in Beijing.
const DAY: &str = "2020-02-24";

static BUILT_IN: LazyLock<(DivisionTree, Arc<Atlas>)> = LazyLock::new(|| {
    let tree = DivisionTree::built_in();
    let atlas = Arc::new(Atlas::of(&tree));
    (tree, atlas)
});

struct List {
    world: World,
}

impl List {
    fn new() -> Self {
        Self { world: World::new() }
    }

    fn open(&self) -> RiskLevels<'_> {
        RiskLevels::open(&self.world.registry, Arc::clone(&BUILT_IN.1), &BUILT_IN.0, self.world.now()).unwrap()
    }

    fn call(&self, id: &str) -> Call {
        self.world.call(SourceKind::Headquarters, id)
    }

    /// Delivers a snapshot that lists places by number, all of them medium; confirmed by another office if that is named.
    fn deliver(&self, hour: u32, places: impl IntoIterator<Item = u32>, office: Option<&str>) -> Outcome {
        self.try_deliver(&json(DAY, hour, places), office).unwrap()
    }

    fn try_deliver(&self, bytes: &[u8], office: Option<&str>) -> Result<Outcome, CaseError> {
        let office = office.map(|id| source(SourceKind::DiseaseControl, id));
        let outcome = self.open().deliver(&self.call("list"), bytes, self.world.now(), office.as_ref());
        Ok(outcome?.0)
    }

    /// From when until when a place is listed, by the standing facts, beginning with the earliest.
    fn listed(&self, place: u32) -> Vec<(u32, Option<u32>)> {
        let code = self.code(place);
        let globals = self.world.registry.globals();
        let hour = |at: Timestamp| u32::try_from((at.millis() - midnight().millis()) / HOUR).unwrap();
        let mut listed: Vec<_> = standing(&globals, Timestamp::FOREVER)
            .into_iter()
            .filter(|(fact, _)| matches!(fact.content(), Content::AreaLevel { areas, .. } if areas.contains(code)))
            .map(|(_, lasts)| (hour(lasts.from()), (lasts.until() != Timestamp::FOREVER).then(|| hour(lasts.until()))))
            .collect();
        listed.sort_unstable();
        listed
    }

    /// Somebody who lives in a place that was listed.
    fn resident(&self, place: u32) -> PersonId {
        let mut application = application(1);
        application.dwelling.area = self.code(place);
        register(&self.world.registry, &self.world.own_call(), &application).unwrap().person()
    }

    /// The code of a place that was listed.
    fn code(&self, place: u32) -> AreaCode {
        let mut tree = DivisionTree::default();
        snapshots::name_places(self.world.registry.ledger(), &mut tree).unwrap();
        let found = tree.areas().find(|area| tree.name(*area) == Some(&format!("嘉园{place}号")));
        found.unwrap()
    }
}

fn midnight() -> Timestamp {
    Timestamp::parse(&format!("{DAY}T00:00:00+08:00")).unwrap()
}

/// A whole snapshot that lists these places as medium.
fn json(day: &str, hour: u32, places: impl IntoIterator<Item = u32>) -> Vec<u8> {
    json_at(Level::Medium, day, hour, places)
}

fn json_at(level: Level, day: &str, hour: u32, places: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let places: Vec<String> = places.into_iter().map(|place| format!("\"嘉园{place}号\"")).collect();
    let area = r#""province":"湖北省","city":"武汉市","county":"江岸区""#;
    let list = match places.as_slice() {
        [] => "[]".to_owned(),
        places => format!("[{{{area},\"communitys\":[{}]}}]", places.join(",")),
    };
    let of = |wanted: Level| if wanted == level { (places.len(), list.as_str()) } else { (0, "[]") };
    let ((high, highs), (medium, mediums), (low, lows)) = (of(Level::High), of(Level::Medium), of(Level::Low));
    let counts = format!(r#""hcount":{high},"mcount":{medium},"lcount":{low}"#);
    let lists = format!(r#""highlist":{highs},"middlelist":{mediums},"lowlist":{lows}"#);
    format!(r#"{{"data":{{"end_update_time":"{day} {hour}时",{counts},{lists}}},"code":0}}"#).into_bytes()
}

#[test]
fn a_level_without_a_case_has_no_effect_until_another_office_confirms_it() {
    let list = List::new();
    let outcome = list.deliver(8, [1, 2], None);
    assert_eq!((outcome.standing, outcome.begun, outcome.ended), (Standing::Taken, 2, 0));
    assert_eq!(list.listed(1), [(8, None)]);
    let levels = list.open();
    assert_eq!(levels.unconfirmed(list.world.now()).len(), 2);
    let own = levels.confirm(&list.call("list"));
    assert!(matches!(own, Err(CaseError::Refused(Refusal::SameSource))));
    let resident = levels.confirm(&list.world.own_call());
    assert!(matches!(resident, Err(CaseError::Refused(Refusal::NotForThisSource))));
    let confirmed = levels.confirm(&list.world.call(SourceKind::DiseaseControl, "second")).unwrap();
    assert_eq!(confirmed.facts.len(), 2);
    assert!(levels.unconfirmed(list.world.now()).is_empty());
    assert!(levels.confirm(&list.world.call(SourceKind::DiseaseControl, "second")).unwrap().facts.is_empty());
}

#[test]
fn a_level_colours_who_lives_there_from_its_hour_to_its_end() {
    let list = List::new();
    list.deliver(8, [1, 2], Some("second"));
    let there = list.resident(1);
    assert_eq!(list.world.colour(there), Colour::Yellow);
    list.world.pass(3 * HOUR);
    let outcome = list.deliver(15, [2], Some("second"));
    assert_eq!((outcome.begun, outcome.ended), (0, 1));
    assert_eq!(list.listed(1), [(8, Some(15))]);
    assert_eq!(list.world.colour(there), Colour::Green);
}

#[test]
fn a_confirmed_listing_that_goes_on_stays_confirmed() {
    let list = List::new();
    list.deliver(6, [1], None);
    list.deliver(9, [1, 2], Some("second"));
    let waiting = || list.open().unconfirmed(list.world.now()).len();
    assert_eq!(waiting(), 1, "the first place was listed before anybody confirmed it");
    list.open().confirm(&list.world.call(SourceKind::DiseaseControl, "second")).unwrap();
    let there = list.resident(2);
    // A late snapshot lists the second place from an earlier hour on, and a later one raises it.
    let late = list.deliver(8, [1, 2], None);
    assert_eq!((late.begun, late.taken_back, waiting()), (1, 1, 0));
    assert_eq!((list.listed(2), list.world.colour(there)), (vec![(8, None)], Colour::Yellow));
    let raised = list.try_deliver(&json_at(Level::High, DAY, 11, [2]), None).unwrap();
    assert_eq!((raised.begun, raised.ended, waiting()), (1, 2, 0));
    // The third place is new, though it was low before.
    list.world.pass(2 * HOUR);
    list.try_deliver(&json_at(Level::Low, DAY, 13, [2, 3]), None).unwrap();
    assert_eq!(waiting(), 0);
    list.deliver(14, [3], None);
    assert_eq!(waiting(), 1);
}

#[test]
fn what_comes_twice_files_nothing() {
    let list = List::new();
    list.deliver(8, [1, 2], None);
    let facts = list.world.registry.globals().len();
    let again = list.deliver(8, [2, 1], None);
    assert!(again.repeated && again.filed.facts.is_empty());
    assert_eq!(list.world.registry.globals().len(), facts);
}

#[test]
fn a_late_snapshot_corrects_what_was_known_and_not_what_was_known_before() {
    let list = List::new();
    list.deliver(6, [1, 2], None);
    list.deliver(12, [1], None);
    let before = list.world.now();
    list.world.pass(HOUR);
    let late = list.deliver(9, [1, 3], None);
    assert_eq!((late.begun, late.ended, late.taken_back), (1, 1, 0));
    assert_eq!((list.listed(2), list.listed(3)), (vec![(6, Some(9))], vec![(9, Some(12))]));
    let globals = list.world.registry.globals();
    let known_before = standing(&globals, before);
    let ends: Vec<_> = known_before
        .iter()
        .filter(|(fact, lasts)| fact.kind() == yima_model::Kind::AreaLevel && lasts.until() != Timestamp::FOREVER)
        .map(|(_, lasts)| lasts.until())
        .collect();
    assert_eq!(ends, [midnight().plus_millis(12 * HOUR)], "the state as it was known then");
}

#[test]
fn any_order_of_arrival_leaves_the_same_levels() {
    let snapshots = [(6, vec![1, 2, 3]), (8, vec![1, 3]), (9, vec![1, 2, 4]), (11, vec![2, 4])];
    let outcome = |order: [usize; 4]| {
        let list = List::new();
        // What comes before the first that was kept is too late, so the first hour comes first.
        for at in order {
            let (hour, places) = &snapshots[at];
            list.deliver(*hour, places.iter().copied(), None);
        }
        [1, 2, 3, 4].map(|place| list.listed(place))
    };
    let expected = outcome([0, 1, 2, 3]);
    assert_eq!(expected[1], [(6, Some(8)), (9, None)]);
    for order in [[0, 3, 2, 1], [0, 2, 1, 3], [0, 1, 3, 2], [0, 3, 1, 2]] {
        assert_eq!(outcome(order), expected, "{order:?}");
    }
}

#[test]
fn a_partial_snapshot_lowers_nothing_until_somebody_accepts_it() {
    let list = List::new();
    list.deliver(6, 1..=100, Some("second"));
    let there = list.resident(60);
    let partial = list.deliver(8, (1..=10).chain([200]), Some("second"));
    let why = Suspicion::Shrinks { before: 100, lifted: 90 };
    assert_eq!((partial.standing, partial.begun, partial.ended), (Standing::Quarantined(why), 1, 0));
    assert_eq!((list.listed(60), list.listed(200)), (vec![(6, None)], vec![(8, None)]));
    assert_eq!(list.world.colour(there), Colour::Yellow);
    let views = list.open().snapshots();
    assert_eq!(views.iter().map(|view| view.standing).collect::<Vec<_>>(), [partial.standing, Standing::Taken]);

    let own = list.open().rule(&list.call("list"), partial.id, Ruling::Accept);
    assert!(matches!(own, Err(CaseError::Refused(Refusal::SameSource))));
    let accepted = list.open().rule(&list.call("operator"), partial.id, Ruling::Accept).unwrap();
    assert_eq!((accepted.standing, accepted.ended), (Standing::Taken, 90));
    assert_eq!((list.listed(60), list.world.colour(there)), (vec![(6, Some(8))], Colour::Green));

    let rejected = list.open().rule(&list.call("operator"), partial.id, Ruling::Reject).unwrap();
    // Ninety ends were wrong, and so was the place that it alone lists.
    assert_eq!((rejected.standing, rejected.taken_back), (Standing::Rejected, 91));
    assert_eq!((list.listed(60), list.listed(200)), (vec![(6, None)], vec![]));
    assert_eq!(list.world.colour(there), Colour::Yellow);
    let decided = list.open().snapshots().into_iter().find(|view| view.id == partial.id).unwrap().decided.unwrap();
    assert_eq!((decided.ruling, decided.by.as_str()), (Ruling::Reject, "operator"));
}

#[test]
fn a_later_good_snapshot_resolves_a_partial_one() {
    let list = List::new();
    list.deliver(6, 1..=100, None);
    let partial = list.deliver(8, 1..=10, None);
    let good = list.deliver(9, 1..=99, None);
    assert_eq!((good.standing, good.ended), (Standing::Taken, 1));
    let resolved = list.open().snapshots().into_iter().find(|view| view.id == partial.id).unwrap();
    assert!(matches!(resolved.standing, Standing::Resolved(_)));
}

#[test]
fn a_notice_of_opening_announces_that_levels_end() {
    let list = List::new();
    list.deliver(6, 1..=100, None);
    let emptied = json(DAY, 12, []);
    let held = list.try_deliver(&emptied, None).unwrap();
    assert!(matches!(held.standing, Standing::Quarantined(_)));
    let content = Content::Notice { kind: NoticeKind::Opening, areas: AreaSet::of(AreaCode::parse("42").unwrap()) };
    let notice = filing(
        FactId::from_bytes([9; 16]),
        source(SourceKind::Headquarters, "hubei"),
        Occurred::since(midnight()),
        content,
    );
    file(&list.world.registry, vec![notice], list.world.now()).unwrap();
    let again = list.try_deliver(&emptied, None).unwrap();
    assert_eq!((again.standing, again.repeated, again.ended), (Standing::Taken, true, 100));
}

#[test]
fn what_cannot_be_placed_is_refused() {
    let list = List::new();
    list.deliver(8, [1], None);
    let check = |bytes: &[u8], expected: Refusal| {
        let refused = list.try_deliver(bytes, None);
        assert!(matches!(refused, Err(CaseError::Refused(refusal)) if refusal == expected), "{refused:?}");
    };
    check(&json(DAY, 13, [1]), Refusal::SnapshotAhead);
    check(&json(DAY, 7, [1]), Refusal::SnapshotTooLate);
    check(b"{}", Refusal::Snapshot(yima_feed::SnapshotError::Answered(0)));
    let unknown = SnapshotId::from_bytes([1; 16]);
    let ruled = list.open().rule(&list.call("operator"), unknown, Ruling::Accept);
    assert!(matches!(ruled, Err(CaseError::Refused(Refusal::NoSuchSnapshot))));
}

#[test]
fn settled_snapshots_are_forgotten_after_three_days_and_places_never() {
    let list = List::new();
    list.deliver(8, [1, 2], None);
    let place = list.code(1);
    list.world.pass(5 * 24 * HOUR);
    for day in ["2020-02-25", "2020-02-28", "2020-02-29"] {
        list.try_deliver(&json(day, 8, [2]), None).unwrap();
    }
    let hours: Vec<_> = list.open().snapshots().iter().map(|view| view.hour).collect();
    assert_eq!(hours.len(), 3, "those of three days, and the last one before: {hours:?}");
    list.try_deliver(&json("2020-02-29", 9, [1]), None).unwrap();
    assert_eq!(list.code(1), place);
    assert_eq!(list.listed(1).len(), 2);
}

#[test]
fn real_snapshots_go_through_the_ledger() {
    let raw = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/risk-level/raw"));
    if !raw.is_dir() {
        assert_ne!(std::env::var_os("CI").as_deref(), Some("true".as_ref()), "the folder `shared` is absent");
        println!("skipped: the folder `shared` beside the project is absent");
        return;
    }
    let list = List::new();
    let day = Timestamp::parse("2022-07-09T00:00:00+08:00").unwrap();
    list.world.pass(day.millis() - list.world.now().millis());
    let bytes = std::fs::read(raw.join("2022070821-8d3cad37.json")).unwrap();
    let mut levels = list.open();
    let (outcome, report) = levels.deliver(&list.call("list"), &bytes, list.world.now(), None).unwrap();
    assert_eq!((outcome.standing, outcome.begun), (Standing::Taken, 508));
    assert_eq!(report.rows(), 508);
    assert_eq!(levels.unconfirmed(list.world.now()).len(), 508);
    list.world.ledger.verify().unwrap();
}

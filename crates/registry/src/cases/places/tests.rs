//! Wordings of the real list that are one place, and places that lie in others: who may say so, when it counts, what it undoes.

use std::sync::{Arc, LazyLock};

use yima_feed::atlas::Atlas;
use yima_feed::{Named, Report as Mapping};
use yima_model::fact::FactError;
use yima_model::{Colour, DivisionTree, PersonId, SourceKind};

use super::*;
use crate::cases::register::register;
use crate::cases::risk_levels::RiskLevels;
use crate::cases::undo::confirm;
use crate::levels::Levels;
use crate::testing::{HOUR, World, application, area, source};

/// Three wordings of one estate, as the list of 2022-11-11 and 2022-07-08 had such: the first two stood in it side by side.
const WORDINGS: [&str; 3] = ["万锦花语岸", "万锦花语岸小区", "昭君路街道万锦花语岸"];

static BUILT_IN: LazyLock<(DivisionTree, Arc<Atlas>)> = LazyLock::new(|| {
    let tree = DivisionTree::built_in();
    let atlas = Arc::new(Atlas::of(&tree));
    (tree, atlas)
});

struct Office {
    world: World,
}

impl Office {
    fn new() -> Self {
        Self { world: World::new() }
    }

    fn list(&self) -> RiskLevels<'_> {
        RiskLevels::open(&self.world.registry, Arc::clone(&BUILT_IN.1), &BUILT_IN.0, self.world.now()).unwrap()
    }

    /// Delivers a list of medium-risk places of Jianghan at this hour of the first day, confirmed by another office.
    fn lists(&self, hour: u32, places: &[&str]) -> Mapping {
        let count = places.len();
        let places: Vec<String> = places.iter().map(|place| format!("\"{place}\"")).collect();
        let area =
            format!(r#"{{"province":"湖北省","city":"武汉市","county":"江汉区","communitys":[{}]}}"#, places.join(","));
        let counts = format!(r#""hcount":0,"mcount":{count}"#);
        let lists = format!(r#""highlist":[],"middlelist":[{area}]"#);
        let text = format!(r#"{{"data":{{"end_update_time":"2020-02-24 {hour}时",{counts},{lists}}},"code":0}}"#);
        let call = self.world.call(SourceKind::Headquarters, "list");
        let office = source(SourceKind::DiseaseControl, "second");
        self.list().deliver(&call, text.as_bytes(), self.world.now(), Some(&office)).unwrap().1
    }

    fn code(&self, wording: &str) -> AreaCode {
        let named =
            Named {
                province: "湖北省".into(), city: "武汉市".into(), county: "江汉区".into(), place: wording.into()
            };
        self.list().worded(&[named]).unwrap()[0].unwrap()
    }

    fn decide(&self, relation: PlaceRelation, places: &[AreaCode]) -> Result<Filed, CaseError> {
        let why = Remark::parse("plan of the estate, 2022-11-10").unwrap();
        let decision = Decision { relation, places: places.to_vec(), from: ALWAYS, why };
        decide(&self.world.registry, &self.world.call(SourceKind::Headquarters, "city"), &decision)
    }

    /// The same, confirmed by another office.
    fn settle(&self, relation: PlaceRelation, places: &[AreaCode]) {
        let filed = self.decide(relation, places).unwrap();
        let facts = self.world.registry.globals();
        let placed = filed
            .facts
            .into_iter()
            .filter(|id| facts.iter().any(|fact| fact.id() == *id && matches!(fact.content(), Content::Place { .. })));
        let placed: Vec<_> = placed.map(|fact| (Subject::Global, fact)).collect();
        confirm(&self.world.registry, &self.world.call(SourceKind::DiseaseControl, "cdc"), &placed).unwrap();
    }

    fn resident(&self, number: u32, place: AreaCode) -> PersonId {
        let mut application = application(number);
        application.dwelling.area = place;
        register(&self.world.registry, &self.world.own_call(), &application).unwrap().person()
    }

    fn refused(&self, relation: PlaceRelation, places: &[AreaCode]) -> Refusal {
        match self.decide(relation, places) {
            Err(CaseError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    /// How many levels of the list stand.
    fn listed(&self) -> usize {
        let globals = self.world.registry.globals();
        let standing = standing(&globals, Timestamp::FOREVER).into_iter();
        standing
            .filter(|(fact, lasts)| {
                matches!(fact.content(), Content::AreaLevel { .. }) && lasts.contains(self.world.now())
            })
            .count()
    }
}

#[test]
fn wordings_that_are_one_place_are_one_place_from_the_decision_on() {
    let office = Office::new();
    assert_eq!(office.lists(8, &WORDINGS[..1]).united, 0);
    let codes = WORDINGS.map(|wording| office.code(wording));
    let [first, second, third] = codes;
    assert!(first != second && second != third);
    let people = [(1, first), (2, second), (3, third)].map(|(number, place)| office.resident(number, place));
    let colours = || people.map(|person| office.world.colour(person));
    assert_eq!(colours(), [Colour::Yellow, Colour::Green, Colour::Green]);

    office.world.pass(HOUR);
    let before = office.world.now();
    office.world.pass(HOUR);
    let filed = office.decide(PlaceRelation::Same, &codes).unwrap();
    assert_eq!(colours(), [Colour::Yellow, Colour::Green, Colour::Green], "nobody has confirmed it");
    assert_eq!(office.lists(12, &WORDINGS).united, 0);
    assert_eq!(office.listed(), 3);
    let placed: Vec<_> = decided(&office.world.registry.globals(), office.world.now());
    assert_eq!(placed.len(), 3, "each two of them");
    assert!(placed.iter().all(|one| filed.facts.contains(&one.fact) && !one.counts && one.by.id.as_str() == "city"));
    let facts: Vec<_> = placed.iter().map(|one| (Subject::Global, one.fact)).collect();
    let own = confirm(&office.world.registry, &office.world.call(SourceKind::Headquarters, "city"), &facts);
    assert!(matches!(own, Err(CaseError::Refused(Refusal::SameSource))));
    confirm(&office.world.registry, &office.world.call(SourceKind::DiseaseControl, "cdc"), &facts).unwrap();

    assert_eq!(colours(), [Colour::Yellow; 3]);
    office.world.pass(HOUR);
    let report = office.lists(13, &WORDINGS[1..]);
    assert_eq!((report.united, report.rows()), (2, 2));
    assert_eq!(office.listed(), 1, "all wordings are the one place");
    assert_eq!(colours(), [Colour::Yellow; 3]);
    office.lists(14, &["知春园小区"]);
    assert_eq!(colours(), [Colour::Green; 3]);

    let at = before;
    let level = |known_at| {
        let levels = Levels::new(&office.world.registry.globals(), known_at);
        [first, second].map(|place| levels.of(place, at).is_some())
    };
    assert_eq!(level(before), [true, false], "as it was known then");
    assert_eq!(level(Timestamp::FOREVER), [true, true], "as it is known now");
}

#[test]
fn the_reverse_takes_back_what_was_said_and_keeps_it_in_the_books() {
    let office = Office::new();
    let codes = WORDINGS.map(|wording| office.code(wording));
    let [first, second, third] = codes;
    office.settle(PlaceRelation::Same, &codes);
    let related = office.world.now();
    let person = office.resident(1, second);
    office.world.pass(HOUR);
    office.lists(12, &[WORDINGS[0]]);
    assert_eq!(office.world.colour(person), Colour::Yellow);
    assert_eq!(office.refused(PlaceRelation::Same, &[first, second]), Refusal::PlaceSaid);
    assert_eq!(office.refused(PlaceRelation::Apart, &[second, first]), Refusal::StillRelated);

    office.world.pass(HOUR);
    office.decide(PlaceRelation::Apart, &[second, first, third]).unwrap();
    assert_eq!(office.world.colour(person), Colour::Green, "at once: it makes nobody's colour worse than before");
    let now = office.world.now();
    let stands: Vec<_> = decided(&office.world.registry.globals(), now).iter().map(|one| one.relation).collect();
    assert_eq!(stands.iter().filter(|relation| **relation == PlaceRelation::Same).count(), 1);
    assert_eq!(office.lists(14, &WORDINGS).united, 2, "the other two are one still");
    let known = |known_at| {
        let levels = Levels::new(&office.world.registry.globals(), known_at);
        levels.of(second, now.plus_millis(-1)).is_some()
    };
    assert!(!known(related), "nothing was listed yet");
    assert!(known(now.plus_millis(-1)) && !known(now));
    assert_eq!(office.refused(PlaceRelation::Apart, &[area("420106001.1"), first]), Refusal::NotRelated);
    office.settle(PlaceRelation::Same, &[second, first]);
    assert_eq!(office.lists(14, &[WORDINGS[2]]).united, 1);
}

#[test]
fn a_place_does_not_lie_in_itself() {
    let office = Office::new();
    let [estate, building, flat, other] = ["1", "2", "3", "4"].map(|number| area(&format!("420106001.{number}")));
    office.settle(PlaceRelation::Within, &[building, estate]);
    office.settle(PlaceRelation::Within, &[flat, building]);
    for circle in [[estate, building], [estate, flat]] {
        assert_eq!(office.refused(PlaceRelation::Within, &circle), Refusal::PlaceInItself);
        assert_eq!(office.refused(PlaceRelation::Same, &circle), Refusal::PlaceInItself);
    }
    office.settle(PlaceRelation::Same, &[estate, other]);
    assert_eq!(office.refused(PlaceRelation::Within, &[other, flat]), Refusal::PlaceInItself);
    assert_eq!(office.refused(PlaceRelation::Within, &[estate, other]), Refusal::PlaceInItself);
    assert_eq!(office.refused(PlaceRelation::Within, &[estate]), Refusal::PlaceCount);
    assert_eq!(office.refused(PlaceRelation::Within, &[estate, building, flat]), Refusal::PlaceCount);
    let elsewhere = office.refused(PlaceRelation::Within, &[flat, area("420107")]);
    assert_eq!(elsewhere, Refusal::Fact(FactError::LiesElsewhere));
    let call = office.world.own_call();
    let why = Remark::parse("we say so").unwrap();
    let decision = Decision { relation: PlaceRelation::Same, places: vec![flat, other], from: ALWAYS, why };
    let resident = decide(&office.world.registry, &call, &decision);
    assert!(matches!(resident, Err(CaseError::Refused(Refusal::NotForThisSource))));
}

#[test]
fn a_listed_estate_is_found_from_its_building_and_shows_what_lies_in_it() {
    let office = Office::new();
    let (estate, building) = (office.code("知春园小区"), office.code("知春园小区5号楼"));
    office.lists(8, &["知春园小区", "知春园小区5号楼"]);
    office.settle(PlaceRelation::Within, &[building, estate]);
    office.world.pass(HOUR);
    office.lists(12, &["知春园小区"]);
    let person = office.resident(1, building);
    assert_eq!(office.world.colour(person), Colour::Yellow);
    let levels = Levels::new(&office.world.registry.globals(), Timestamp::FOREVER);
    let now = office.world.now();
    assert_eq!(levels.of(building, now).map(|listed| listed.areas.include.clone()), Some(vec![estate]));
    let earlier = now.plus_millis(-2 * HOUR);
    let inside: Vec<_> = levels.inside(Some(estate), earlier).iter().map(|listed| listed.areas.clone()).collect();
    assert_eq!(inside, [yima_model::AreaSet::of(building)]);
    office.world.pass(HOUR);
    office.lists(13, &["知春园小区5号楼"]);
    assert_eq!(office.world.colour(office.resident(2, estate)), Colour::Green, "a building never widens to its estate");
}

#[test]
fn an_import_of_the_real_list_maps_its_wordings_to_one_place() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/risk-level/raw/2022111111-b7e7a3d7.json");
    let Ok(bytes) = std::fs::read(path) else {
        assert_ne!(std::env::var_os("CI").as_deref(), Some("true".as_ref()), "the folder `shared` is absent");
        println!("skipped: the folder `shared` beside the project is absent");
        return;
    };
    let office = Office::new();
    let day = Timestamp::parse("2022-11-11T12:00:00+08:00").unwrap();
    office.world.pass(day.millis() - office.world.now().millis());
    let deliver = || {
        let call = office.world.call(SourceKind::Headquarters, "list");
        office.list().deliver(&call, &bytes, office.world.now(), None).unwrap()
    };
    let (first, mapping) = deliver();
    assert_eq!(mapping.united, 0);
    let yuquan = |place: &str| Named {
        province: "内蒙古自治区".into(),
        city: "呼和浩特市".into(),
        county: "玉泉区".into(),
        place: place.into(),
    };
    let wordings = [yuquan("万锦花语岸"), yuquan("万锦花语岸小区")];
    let codes: Vec<_> = office.list().worded(&wordings).unwrap().into_iter().flatten().collect();
    office.settle(PlaceRelation::Same, &codes);
    let (second, mapping) = deliver();
    assert_eq!((first.repeated, second.repeated, mapping.united), (false, true, 2));
    assert_eq!((second.begun, second.ended + second.taken_back), (0, 1), "two levels of one place are one");
}

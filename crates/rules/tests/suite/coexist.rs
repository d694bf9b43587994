//! Packs side by side: one pack gives nobody two colours, and what two packs disagree about is found with its rules.

use proptest::prelude::*;
use yima_model::fact::{CaseClass, Channel};
use yima_model::id::ListId;
use yima_model::{Content, Interval, Signal, SourceKind, Timestamp};
use yima_rules::coexist::{Coexistence, Conflict, Side};
use yima_rules::pack::{Class, Pack, PackList};

use crate::laws::{any_pack, facts, moment, own};
use crate::support::{Story, at, case, contact, pack, resident_of};

fn period(from: &str, until: &str) -> Interval {
    Interval::new(at(from), at(until)).unwrap()
}

/// What two places say that each have one of these packs.
fn conflicts(packs: [Pack; 2], period: Interval, story: &Story) -> Vec<Conflict> {
    let places = packs.map(|pack| (pack, story.facts.as_slice()));
    let own = story.own();
    Coexistence::new(period, places).conflicts([own.as_slice(), own.as_slice()])
}

fn told(conflict: &Conflict) -> String {
    let side = |side: &Side| format!("{} {}", side.rule.as_ref().map_or("base", |rule| rule.as_str()), side.colour);
    format!("{} / {}", side(&conflict.worse), side(&conflict.milder))
}

#[test]
fn a_close_contact_is_red_in_one_province_and_yellow_in_the_other_by_exactly_these_rules() {
    let mut story = resident_of("420602", "2020-03-01 00:00", 40, "four-classes");
    story.daily("2020-03-01 00:00", 40, "sx-risk-register");
    story.since("2020-03-01 00:00", Content::Binding { channel: Channel::Phone });
    story.event("2020-03-10 12:00", contact());
    let found = conflicts(
        [pack("shaanxi-2020-12"), pack("hubei-2020-02")],
        period("2020-03-09 00:00", "2020-03-20 00:00"),
        &story,
    );
    let [conflict] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(told(conflict), "SX-3A red / HB-5A yellow");
    assert_eq!((conflict.worse.pack.as_str(), conflict.milder.pack.as_str()), ("shaanxi-2020-12", "hubei-2020-02"));
    assert_eq!(conflict.class, Class::Risk);
    assert_eq!(
        conflict.during,
        period("2020-03-10 12:00", "2020-03-20 00:00"),
        "from the exposure to the end that was asked for"
    );
}

#[test]
fn the_conflict_ends_where_the_longer_measure_does() {
    let mut story = resident_of("420602", "2020-03-01 00:00", 60, "four-classes");
    story.daily("2020-03-01 00:00", 60, "sx-risk-register");
    story.since("2020-03-01 00:00", Content::Binding { channel: Channel::Phone });
    story.event("2020-03-10 12:00", contact());
    let found = conflicts(
        [pack("shaanxi-2020-12"), pack("hubei-2020-02")],
        period("2020-03-09 00:00", "2020-04-20 00:00"),
        &story,
    );
    let told: Vec<_> = found.iter().map(told).collect();
    assert_eq!(told, ["SX-3A red / HB-5A yellow", "HB-5A yellow / base green"]);
    assert_eq!(found[0].during.until(), at("2020-03-24 00:00"), "day 14 is the last in Shaanxi");
    assert_eq!(found[1].during.until(), at("2020-04-07 00:00"), "and day 28 in Hubei, without a follow-up");
}

#[test]
fn a_lapse_of_paperwork_is_no_difference_of_health() {
    let mut story = resident_of("420602", "2020-03-01 00:00", 1, "four-classes");
    story.since("2020-03-01 00:00", Content::Binding { channel: Channel::Phone });
    for list in ["four-classes", "sx-risk-register"] {
        let (list, as_of) = (ListId::parse(list).unwrap(), at("2020-03-03 00:00"));
        story.event_by(SourceKind::Register, "2020-03-03 00:00", Content::Comparison { list, as_of, matched: false });
    }
    let found = conflicts(
        [pack("shaanxi-2020-12"), pack("hubei-2020-02")],
        period("2020-03-03 00:00", "2020-03-09 00:00"),
        &story,
    );
    let [conflict] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((told(conflict).as_str(), conflict.class), ("HB-3 yellow / base green", Class::Administrative));
    assert_eq!(conflict.during.from(), at("2020-03-04 00:00"), "72 hours after the only report");
}

#[test]
fn who_is_the_same_everywhere_is_in_no_conflict() {
    let mut story = resident_of("420602", "2020-03-01 00:00", 40, "four-classes");
    story.daily("2020-03-01 00:00", 40, "sx-risk-register");
    story.since("2020-03-10 12:00", case(CaseClass::Confirmed));
    story.since("2020-03-01 00:00", Content::Binding { channel: Channel::Phone });
    let packs = [pack("shaanxi-2020-12"), pack("hubei-2020-02")];
    assert_eq!(conflicts(packs, period("2020-03-05 00:00", "2020-03-20 00:00"), &story), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn one_pack_in_every_place_gives_nobody_two_colours(
        pack in any_pack(),
        (facts, shuffled) in facts().prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        from in moment(),
    ) {
        let period = Interval::new(from, from.plus_millis(30 * 86_400_000)).unwrap();
        let places = [(pack.clone(), facts.as_slice()), (pack.clone(), shuffled.as_slice()), (pack, facts.as_slice())];
        let (here, there) = (own(&facts), own(&shuffled));
        let found = Coexistence::new(period, places).conflicts([here.as_slice(), there.as_slice(), here.as_slice()]);
        prop_assert_eq!(found, []);
    }

    #[test]
    fn two_places_conflict_exactly_while_their_colours_differ(
        one in any_pack(),
        other in any_pack(),
        facts in facts(),
        from in moment(),
        after in 0..40_i64,
    ) {
        let period = Interval::new(from, from.plus_millis(10 * 86_400_000)).unwrap();
        let own = own(&facts);
        let places = [(one.clone(), facts.as_slice()), (other.clone(), facts.as_slice())];
        let found = Coexistence::new(period, places).conflicts([own.as_slice(), own.as_slice()]);
        let at = from.plus_millis(after * 6 * 3_600_000);
        let colour = |pack: &Pack| {
            let lists = pack.lists.iter().map(|list| PackList { from: Timestamp::BEGINNING, ..list.clone() }).collect();
            let pack = Pack { from: period.from(), until: period.until(), lists, ..pack.clone() };
            yima_oracle::judge(&pack, &facts, at, Timestamp::FOREVER, Timestamp::FOREVER).colour
        };
        let during = Signal::union_of(found.iter().map(|conflict| conflict.during));
        let differ = period.contains(at) && colour(&one) != colour(&other);
        prop_assert_eq!(during.holds_at(at), differ);
        let holding = found.iter().find(|conflict| conflict.during.contains(at));
        let colours = holding.map(|conflict| (conflict.worse.colour, conflict.milder.colour));
        let expected = differ.then(|| (colour(&one).max(colour(&other)), colour(&one).min(colour(&other))));
        prop_assert_eq!(colours, expected);
    }
}

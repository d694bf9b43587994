//! What a gate remembers of the last minute, and what it does without lists.

use yima_checkpoint::{Gate, Lists};
use yima_credential::{Decision, Place, Refusal, SEEN_MAX};
use yima_model::Level;

use crate::issuer::{Issuer, MINUTE, T, VENUE, at};

#[test]
fn one_picture_is_one_scan_for_three_seconds_and_a_replay_after() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let code = issuer.live_code(0, T, 1);
    for second in [0, 3, 6, 9] {
        assert_eq!(gate.scan(&code, at(T + second)).decision, Decision::Pass, "{second}");
    }
    assert_eq!(gate.scan(&code, at(T + 13)).outcome, Some(Err(Refusal::Replayed)));
    assert_eq!(gate.scan("another", at(T + 14)).outcome, Some(Err(Refusal::NotOurs)));
    assert_eq!(gate.scan(&code, at(T + 14)).outcome, Some(Err(Refusal::Replayed)));
}

/// A clock that is set back does not turn an old answer into that of the same scan.
#[test]
fn the_same_scan_ends_when_the_clock_is_set_back() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let code = issuer.live_code(0, T, 1);
    assert_eq!(gate.scan(&code, at(T + 40)).decision, Decision::Pass);
    assert_eq!(gate.scan(&code, at(T + 5)).outcome, Some(Err(Refusal::Replayed)));
}

#[test]
fn what_is_remembered_is_bounded() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    gate.scan(&"x".repeat(1 << 20), at(T));
    assert!(format!("{gate:?}").len() < 1 << 14, "a megabyte is not kept");
    let codes = [0, SEEN_MAX].map(|id| issuer.live_code(0, T, id as u128));
    assert_eq!(gate.scan(&codes[0], at(T)).decision, Decision::Pass);
    for id in 1..SEEN_MAX {
        assert_eq!(gate.scan(&issuer.live_code(0, T, id as u128), at(T)).decision, Decision::Pass);
    }
    assert_eq!(gate.scan(&codes[0], at(T)).outcome, Some(Err(Refusal::Replayed)));
    assert_eq!(gate.scan(&codes[1], at(T)).decision, Decision::Pass);
    assert_eq!(gate.scan(&codes[0], at(T)).decision, Decision::Pass, "the oldest of more than {SEEN_MAX} is forgotten");
}

#[test]
fn without_lists_nothing_can_be_told_and_in_a_low_risk_area_nobody_is_asked() {
    let issuer = Issuer::new();
    let code = issuer.live_code(0, T, 1);
    let lists = || Lists::new(issuer.roots(), at(T));
    assert_eq!(Gate::new(VENUE, lists()).scan(&code, at(T + MINUTE)).decision, Decision::CannotTell);
    let answer = Gate::new(Place { level: Level::Low, ..VENUE }, lists()).scan(&code, at(T));
    assert_eq!((answer.decision, answer.outcome), (Decision::NoCheck, None));
}

//! Stolen keys, and what a checkpoint does once it has the list that revokes them.

use yima_credential::trust_list::KeyUse;
use yima_credential::{KeyFault, ListRefusal, Refusal, Seconds};

use crate::issuer::{DAY, Issuer, MINUTE, T, at};

fn revoking(issuer: &Issuer, number: u32, key: usize) -> Vec<u8> {
    let mut revoked = [false; 6];
    revoked[key] = true;
    issuer.trust(number, T + MINUTE, revoked).sign(&issuer.root).unwrap()
}

#[test]
fn what_a_stolen_key_signed_is_refused_from_the_list_on_and_the_next_key_counts() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let (stolen, next) = (issuer.live_code(0, T + MINUTE, 1), issuer.live_code(1, T + MINUTE, 2));
    gate.lists.take_trust(&revoking(&issuer, 2, 0), at(T + MINUTE)).unwrap();
    assert_eq!(gate.scan(&stolen, at(T + MINUTE)).outcome, Some(Err(KeyFault::Revoked.into())));
    assert_eq!(gate.scan(&next, at(T + MINUTE)).decision.word(), "pass");
    let older = issuer.trust(1, T, [false; 6]).sign(&issuer.root).unwrap();
    assert_eq!(gate.lists.take_trust(&older, at(T + MINUTE)), Err(ListRefusal::RolledBack));
    assert_eq!(gate.scan(&stolen, at(T + 2 * MINUTE)).outcome, Some(Err(KeyFault::Revoked.into())));
}

/// The thief of a status key signs the highest version there is, long from now: neither number nor time may stay.
#[test]
fn a_status_list_of_a_stolen_key_is_forgotten_with_its_number_and_its_time() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let (good, lost) = (issuer.paper_code(0, T, 7), issuer.paper_code(0, T, 8));
    let forged = issuer.status(1, u32::MAX, T + 29 * DAY, &[7, 8]);
    gate.lists.take_status(1, &forged, at(T)).unwrap();
    assert_eq!(gate.scan(&lost, at(T)).decision.word(), "pass");
    assert!(gate.scan(&lost, at(T + 10)).is_clock_behind);

    gate.lists.take_trust(&revoking(&issuer, 2, 5), at(T + MINUTE)).unwrap();
    assert_eq!(gate.scan(&lost, at(T + MINUTE)).outcome, Some(Err(Refusal::StatusListMissing)));
    gate.lists.take_status(1, &issuer.status(0, 2, T + MINUTE, &[7]), at(T + MINUTE)).unwrap();
    assert_eq!(gate.scan(&lost, at(T + MINUTE + 10)).outcome, Some(Err(Refusal::StatusFallen)));
    let answer = gate.scan(&good, at(T + MINUTE));
    assert_eq!((answer.decision.word(), answer.is_clock_behind), ("pass", false));
}

#[test]
fn a_list_of_another_number_is_not_taken_in_its_place() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let second = issuer.status_of(2, 0, 9, T, &[7, 8]);
    assert_eq!(gate.lists.take_status(1, &second, at(T)), Err(ListRefusal::SubjectWrong));
    gate.lists.take_status(2, &second, at(T)).unwrap();
    let older = issuer.status_of(2, 0, 8, T, &[7, 8]);
    assert_eq!(gate.lists.take_status(1, &older, at(T)), Err(ListRefusal::SubjectWrong));
    assert_eq!(gate.lists.status().len(), 2);
}

/// one key in the lists of two issuers, so that their key ids are equal: each list speaks for its issuer alone.
#[test]
fn two_issuers_with_one_key_are_told_apart() {
    let issuer = Issuer::new();
    let code = issuer.live_code(0, T, 1);
    let mut own = issuer.gate();
    let mut other = issuer.gate();
    let mut content = issuer.trust(2, T, [false; 6]);
    content.issuer = yima_credential::claims::Issuer::parse("XX").unwrap();
    other.lists.take_trust(&content.sign(&issuer.root).unwrap(), at(T)).unwrap();
    assert_eq!(other.scan(&code, at(T)).outcome, Some(Err(Refusal::IssuerWrong)));

    content.number = 3;
    content.keys.retain(|key| key.key_use != KeyUse::Live);
    other.lists.take_trust(&content.sign(&issuer.root).unwrap(), at(T)).unwrap();
    assert_eq!(own.scan(&code, at(T)).decision.word(), "pass", "removed by the other, and by the other alone");
}

/// A key is judged by the time of the issue: what it signed in its term counts until it ends, and nothing of after it.
#[test]
fn a_key_whose_term_is_over_speaks_for_what_it_signed_before() {
    let issuer = Issuer::new();
    let mut gate = issuer.gate();
    let mut content = issuer.trust(2, T, [false; 6]);
    content.keys[2].valid_until = Seconds::floor(at(T + MINUTE));
    gate.lists.take_trust(&content.sign(&issuer.root).unwrap(), at(T)).unwrap();
    let (before, after) = (issuer.paper_code(0, T, 7), issuer.paper_code(0, T + MINUTE, 7));
    assert_eq!(gate.scan(&before, at(T + 5 * MINUTE)).decision.word(), "pass");
    assert_eq!(gate.scan(&after, at(T + 5 * MINUTE)).outcome, Some(Err(KeyFault::NotValidAtIssue.into())));
}

//! Which facts count: visible ones, closed ones, inert ones.

use super::*;

const DAY: &[(&str, &str)] = &[("03-01 08:00", "03-02 08:00")];
const LONG: &[(&str, &str)] = &[("03-01 08:00", "end")];
const NEVER: &[(&str, &str)] = &[];

#[test]
fn a_retraction_counts_from_its_recording_and_for_every_instant() {
    let facts = || {
        vec![
            recorded(&event(1, "03-01 08:00", CHECK_IN), "03-01 09:00"),
            recorded(&event(2, "03-02 08:00", retraction(1)), "03-05 08:00"),
            recorded(&event(3, "03-02 09:00", retraction(2)), "03-07 08:00"),
        ]
    };
    let rule = "checked_in within 24h";
    story(rule, facts()).known_at("03-01 08:59:59.999").holds(NEVER);
    story(rule, facts()).known_at("03-01 09:00").holds(DAY);
    story(rule, facts()).known_at("03-05 07:59:59.999").holds(DAY);
    story(rule, facts()).known_at("03-05 08:00").holds(NEVER);
    story(rule, facts()).known_at("03-07 08:00").holds(DAY);
    let mut again = facts();
    again.push(recorded(&event(4, "03-02 10:00", retraction(3)), "03-07 08:00"));
    story(rule, again).holds(NEVER);
}

#[test]
fn a_fact_that_replaces_another_hides_it_while_it_is_visible_itself() {
    let old = event(1, "03-01 08:00", CHECK_IN);
    let new = but(event(2, "03-04 08:00", CHECK_IN), |filing| filing.replaces = Some(id(1)));
    let rule = "checked_in within 24h";
    story(rule, vec![new.clone(), old.clone()]).holds(&[("03-04 08:00", "03-05 08:00")]);
    story(rule, vec![event(3, "03-06 08:00", retraction(2)), new, old]).holds(DAY);
}

#[test]
fn a_fact_falls_with_its_cause() {
    let caused = |number, by| but(event(number, "03-01 08:00", CHECK_IN), |filing| filing.cause = Some(id(by)));
    let rule = "checked_in within 24h";
    let cause = || event(1, "02-01 08:00", FINE);
    story(rule, vec![caused(2, 1)]).holds(DAY);
    story(rule, vec![caused(2, 1), cause()]).holds(DAY);
    story(rule, vec![caused(2, 1), cause(), event(3, "03-03 08:00", retraction(1))]).holds(NEVER);
    // Along a chain of causes, and back again when the retraction falls, be it through a cause of its own.
    let chain = || vec![caused(5, 2), but(event(2, "02-02 08:00", FINE), |filing| filing.cause = Some(id(1))), cause()];
    let mut facts = chain();
    facts.push(but(event(3, "03-03 08:00", retraction(1)), |filing| filing.cause = Some(id(4))));
    facts.push(event(4, "03-02 08:00", Content::Review));
    story(rule, facts.clone()).holds(NEVER);
    facts.push(event(6, "03-04 08:00", retraction(4)));
    story(rule, facts).holds(DAY);
}

#[test]
fn facts_that_deny_one_another_in_a_circle_do_not_count() {
    let facts = vec![
        event(1, "03-01 08:00", CHECK_IN),
        but(event(2, "03-02 08:00", retraction(1)), |filing| filing.cause = Some(id(4))),
        state(3, "03-01 08:00", "end", stay("42")),
        but(event(4, "03-01 09:00", FINE), |filing| filing.cause = Some(id(1))),
    ];
    story("checked_in within 24h", facts.clone()).holds(NEVER);
    story("stay", facts).holds(LONG);
}

#[test]
fn the_earliest_end_counts() {
    let visit = |until| state(1, "03-01 08:00", until, stay("42"));
    let closed = |until, times: &[&str]| {
        let closings = times.iter().zip(2..).map(|(when, number)| event(number, when, closing(1)));
        story("stay", [visit(until)].into_iter().chain(closings).collect())
    };
    closed("end", &["03-02 08:00"]).holds(DAY);
    closed("end", &["03-04 08:00", "03-02 08:00"]).holds(DAY);
    closed("03-02 08:00", &["03-04 08:00"]).holds(DAY);
    closed("03-04 08:00", &["03-02 08:00"]).holds(DAY);
    closed("end", &["03-01 08:00"]).holds(NEVER);
    closed("end", &["02-01 08:00"]).holds(NEVER);
    // What was closed before it began is no registration either.
    let facts = vec![state(1, "03-01 08:00", "end", Content::Registration), event(2, "02-01 08:00", closing(1))];
    story("no checked_in within 24h", facts).holds(NEVER);
    let retracted = vec![visit("end"), event(2, "03-02 08:00", closing(1)), event(3, "03-05 08:00", retraction(2))];
    story("stay", retracted).holds(LONG);
}

const fn lift(target: u8) -> Content {
    Content::Lift { target: FactId::from_bytes([target; 16]) }
}

fn dispute(deadline: &str) -> Content {
    Content::Dispute { target: id(1), deadline: at(deadline) }
}

const fn ruling(stands: bool) -> Content {
    Content::Ruling { target: FactId::from_bytes([2; 16]), stands }
}

fn visit(more: Vec<Fact>) -> Story {
    story("stay", [state(1, "03-01 08:00", "end", stay("42"))].into_iter().chain(more).collect())
}

#[test]
fn an_inert_fact_does_not_count_until_it_is_lifted() {
    visit(vec![event(2, "03-02 08:00", inert(1))]).holds(DAY);
    visit(vec![event(2, "03-02 08:00", inert(1)), event(3, "03-04 08:00", lift(1))])
        .holds(&[("03-01 08:00", "03-02 08:00"), ("03-04 08:00", "end")]);
    visit(vec![event(2, "02-02 08:00", inert(1)), event(3, "03-02 08:00", lift(1))]).holds(&[("03-02 08:00", "end")]);
    // Of two at one instant, on wins, whatever their order.
    visit(vec![event(2, "03-02 08:00", inert(1)), event(3, "03-02 08:00", lift(1))]).holds(LONG);
    visit(vec![event(2, "03-02 08:00", lift(1)), event(3, "03-02 08:00", inert(1))]).holds(LONG);
    visit(vec![event(2, "03-02 08:00", inert(1)), event(3, "03-05 08:00", retraction(2))]).holds(LONG);
}

#[test]
fn an_inert_fact_has_no_effect_by_what_it_did_before() {
    let facts = |target| vec![event(1, "03-01 08:00", FEVER), event(2, "03-03 08:00", inert(target))];
    story("symptom until follow_up at most 14d", facts(1)).holds(&[("03-01 08:00", "03-03 08:00")]);
    // A clearing that becomes inert no longer clears.
    let mut cleared = facts(4);
    cleared.push(event(4, "03-02 08:00", FINE));
    story("symptom until follow_up at most 14d", cleared)
        .holds(&[("03-01 08:00", "03-02 08:00"), ("03-03 08:00", "03-15 00:00")]);
    // A level that becomes inert leaves no place at that level, also for an arrival of before.
    let arrival = Content::Arrival { from: Some(area("4201")), to: area("61") };
    let facts = vec![
        state(1, "02-01 08:00", "end", level("42", Level::High)),
        event(2, "03-03 08:00", inert(1)),
        event(3, "03-01 08:00", arrival),
    ];
    story("arrival(level: high) within 14d", facts).holds(&[("03-01 08:00", "03-03 08:00")]);
}

#[test]
fn switches_retractions_and_closings_are_never_inert() {
    visit(vec![event(2, "03-02 08:00", inert(1)), event(3, "03-03 08:00", inert(2))]).holds(DAY);
    visit(vec![event(2, "03-02 08:00", closing(1)), event(3, "03-03 08:00", inert(2))]).holds(DAY);
    visit(vec![event(2, "03-02 08:00", retraction(1)), event(3, "03-03 08:00", inert(2))]).holds(NEVER);
    visit(vec![event(2, "03-02 08:00", inert(1)), event(3, "03-04 08:00", lift(1)), event(4, "03-05 08:00", inert(3))])
        .holds(&[("03-01 08:00", "03-02 08:00"), ("03-04 08:00", "end")]);
}

#[test]
fn an_unanswered_dispute_makes_its_fact_inert_at_the_deadline() {
    let disputed =
        |more: Vec<Fact>| visit([event(2, "03-02 08:00", dispute("03-05 08:00"))].into_iter().chain(more).collect());
    let to_deadline = &[("03-01 08:00", "03-05 08:00")];
    disputed(vec![]).holds(to_deadline);
    // A ruling at the deadline is in time; one after it lets the fact count again from then on.
    disputed(vec![event(3, "03-05 08:00", ruling(true))]).holds(LONG);
    disputed(vec![event(3, "03-05 08:00:00.001", ruling(true))])
        .holds(&[("03-01 08:00", "03-05 08:00"), ("03-05 08:00:00.001", "end")]);
    disputed(vec![event(3, "03-03 08:00", ruling(false))]).holds(&[("03-01 08:00", "03-03 08:00")]);
    disputed(vec![event(3, "03-03 08:00", ruling(false)), event(4, "03-04 08:00", lift(1))])
        .holds(&[("03-01 08:00", "03-03 08:00"), ("03-04 08:00", "end")]);
    // A ruling on another dispute answers nothing; a withdrawn dispute contests nothing.
    let other = Content::Ruling { target: id(9), stands: true };
    disputed(vec![event(3, "03-03 08:00", other)]).holds(to_deadline);
    disputed(vec![event(3, "03-03 08:00", retraction(2))]).holds(LONG);
    disputed(vec![event(3, "03-03 08:00", ruling(false)), event(4, "03-04 08:00", retraction(2))]).holds(LONG);
}

#[test]
fn a_pack_may_suspend_what_is_disputed() {
    let disputed = |more: Vec<Fact>| {
        visit([event(2, "03-02 08:00", dispute("03-05 08:00"))].into_iter().chain(more).collect())
            .with(|pack| pack.while_disputed = WhileDisputed::Inert)
    };
    disputed(vec![]).holds(DAY);
    disputed(vec![event(3, "03-03 08:00", ruling(true))])
        .holds(&[("03-01 08:00", "03-02 08:00"), ("03-03 08:00", "end")]);
    disputed(vec![event(3, "03-02 08:00", ruling(true))]).holds(LONG);
    disputed(vec![event(3, "03-03 08:00", ruling(false))]).holds(DAY);
}

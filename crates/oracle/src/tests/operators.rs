//! The table of operators, and what days and hours are.

use yima_model::fact::{ContactDegree, NoticeKind};

use super::*;

#[test]
fn a_state_holds_from_its_first_instant_to_before_its_end() {
    story("stay", vec![state(1, "03-01 08:00", "03-02 08:00", stay("42"))]).holds(&[("03-01 08:00", "03-02 08:00")]);
    story("stay", vec![state(1, "03-01 08:00", "end", stay("42"))]).holds(&[("03-01 08:00", "end")]);
    let two =
        vec![state(1, "03-01 08:00", "03-02 08:00", stay("42")), state(2, "03-04 08:00", "03-05 08:00", stay("42"))];
    story("stay", two).holds(&[("03-01 08:00", "03-02 08:00"), ("03-04 08:00", "03-05 08:00")]);
    story("stay", vec![]).holds(&[]);
}

#[test]
fn hours_are_added() {
    story("checked_in within 72h", vec![event(1, "03-01 23:59:59.999", CHECK_IN)])
        .holds(&[("03-01 23:59:59.999", "03-04 23:59:59.999")]);
}

#[test]
fn days_end_at_midnight_of_the_zone() {
    let facts = |when| vec![event(1, when, CHECK_IN)];
    let rule = "checked_in within 14d";
    story(rule, facts("03-01 23:59:59.999")).holds(&[("03-01 23:59:59.999", "03-15 00:00")]);
    story(rule, facts("03-01 00:00")).holds(&[("03-01 00:00", "03-15 00:00")]);
    story(rule, facts("03-01 23:59:59.999"))
        .with(|pack| pack.first_day = FirstDay::DoesNotCount)
        .holds(&[("03-01 23:59:59.999", "03-16 00:00")]);
    // 07:00 in Beijing is the day before in UTC, whose midnight is 08:00 in Beijing.
    story(rule, facts("03-02 07:00"))
        .with(|pack| pack.zone = Zone::parse("+00:00").unwrap())
        .holds(&[("03-02 07:00", "03-15 08:00")]);
}

#[test]
fn an_event_makes_nothing_true_before_it_is_usable() {
    let facts = vec![late(1, "03-01 08:00", "03-02 20:00", NEGATIVE)];
    story("test(negative) within 72h", facts.clone()).holds(&[("03-02 20:00", "03-04 08:00")]);
    story("test(negative) within 72h", facts.clone())
        .with(|pack| pack.counts_from = CountsFrom::Report)
        .holds(&[("03-02 20:00", "03-05 20:00")]);
    story("test(negative, counts_from: report) within 72h", facts.clone()).holds(&[("03-02 20:00", "03-05 20:00")]);
    story("test(negative, counts_from: occurrence) within 72h", facts.clone())
        .with(|pack| pack.counts_from = CountsFrom::Report)
        .holds(&[("03-02 20:00", "03-04 08:00")]);
    story("test(negative) within 24h", facts.clone()).holds(&[]);
    story("test(negative) from 24h for 24h", facts.clone()).holds(&[("03-02 20:00", "03-03 08:00")]);
    story("test(negative) from 48h for 24h", facts).holds(&[("03-03 08:00", "03-04 08:00")]);
}

#[test]
fn a_window_of_states_counts_from_their_ends() {
    let facts = vec![state(1, "03-01 08:00", "03-02 08:00", stay("42"))];
    story("stay within 24h", facts.clone()).holds(&[("03-01 08:00", "03-03 08:00")]);
    story("stay within 14d", facts).holds(&[("03-01 08:00", "03-16 00:00")]);
    story("stay within 14d", vec![state(1, "03-01 08:00", "end", stay("42"))]).holds(&[("03-01 08:00", "end")]);
    // The end lies on the next date already when it is that date's midnight.
    story("stay within 1d", vec![state(1, "03-01 08:00", "03-02 00:00", stay("42"))])
        .holds(&[("03-01 08:00", "03-03 00:00")]);
    // The window of the first reaches into the second; the gap between second and third is longer than it.
    let three = vec![
        state(1, "03-01 08:00", "03-01 20:00", stay("42")),
        state(2, "03-02 08:00", "03-02 09:00", stay("42")),
        state(3, "03-04 08:00", "03-04 09:00", stay("42")),
    ];
    story("stay within 24h", three).holds(&[("03-01 08:00", "03-03 09:00"), ("03-04 08:00", "03-05 09:00")]);
}

#[test]
fn stages_of_days_follow_one_another_without_gap() {
    let contact = Content::Contact { degree: ContactDegree::Close, of: id(9) };
    let facts = vec![event(1, "03-01 15:00", contact)];
    story("contact from 0d for 7d", facts.clone()).holds(&[("03-01 15:00", "03-08 00:00")]);
    story("contact from 7d for 7d", facts.clone()).holds(&[("03-08 00:00", "03-15 00:00")]);
    story("contact from 7d for 7d", facts)
        .with(|pack| pack.first_day = FirstDay::DoesNotCount)
        .holds(&[("03-09 00:00", "03-16 00:00")]);
}

#[test]
fn absence_begins_with_the_registration() {
    let registration = state(1, "03-01 08:00", "end", Content::Registration);
    let rule = "no checked_in within 72h";
    story(rule, vec![registration.clone()]).holds(&[("03-01 08:00", "end")]);
    story(rule, vec![]).holds(&[]);
    story(rule, vec![event(2, "03-01 08:00", CHECK_IN)]).holds(&[]);
    story(rule, vec![registration.clone(), late(2, "03-02 08:00", "03-02 09:00", CHECK_IN)])
        .holds(&[("03-01 08:00", "03-02 09:00"), ("03-05 08:00", "end")]);
    // A second registration, or the end of the first, starts nothing again.
    let both = vec![
        state(1, "03-01 08:00", "03-02 08:00", Content::Registration),
        state(3, "03-04 08:00", "end", Content::Registration),
    ];
    story(rule, both).holds(&[("03-01 08:00", "end")]);
    story("no stay within 24h", vec![registration, state(2, "03-02 08:00", "03-03 08:00", stay("42"))])
        .holds(&[("03-01 08:00", "03-02 08:00"), ("03-04 08:00", "end")]);
}

#[test]
fn absence_never_begins_after_the_data_ends() {
    let facts = || vec![state(1, "03-01 08:00", "end", Content::Registration), event(2, "03-01 09:00", CHECK_IN)];
    let rule = "no checked_in within 72h";
    story(rule, facts()).complete_to("03-04 08:59:59.999").holds(&[("03-01 08:00", "03-01 09:00")]);
    story(rule, facts()).complete_to("03-04 09:00").holds(&[("03-01 08:00", "03-01 09:00"), ("03-04 09:00", "end")]);
    // What was absent when the data ended stays absent, also where an event after it is already known.
    story(rule, facts()).complete_to("03-01 08:30").holds(&[("03-01 08:00", "end")]);
    story(rule, facts()).complete_to("03-01 07:59:59.999").holds(&[]);
    // Presence is judged at the instant itself.
    story("checked_in within 72h", facts()).complete_to("03-02 00:00").holds(&[("03-01 09:00", "03-04 09:00")]);
    story("not checked_in within 72h", facts())
        .complete_to("03-02 00:00")
        .holds(&[("01-01 00:00", "03-01 09:00"), ("03-04 09:00", "end")]);
    // Within `until` absence is judged so too: it began at 03-04 09:00 or never.
    let until = "(no checked_in within 72h) until follow_up at most 14d";
    story(until, facts()).complete_to("03-04 08:59:59.999").holds(&[("03-01 08:00", "03-15 00:00")]);
    story(until, facts()).complete_to("03-04 09:00").holds(&[("03-01 08:00", "end")]);
}

#[test]
fn and_or_not_are_pointwise() {
    let facts = || {
        vec![
            state(1, "03-01 08:00", "03-03 08:00", stay("42")),
            state(2, "03-02 08:00", "03-04 08:00", Content::Registration),
        ]
    };
    story("stay and registered", facts()).holds(&[("03-02 08:00", "03-03 08:00")]);
    story("stay or registered", facts()).holds(&[("03-01 08:00", "03-04 08:00")]);
    story("stay and not registered", facts()).holds(&[("03-01 08:00", "03-02 08:00")]);
    story("not stay", facts()).holds(&[("01-01 00:00", "03-01 08:00"), ("03-03 08:00", "end")]);
}

#[test]
fn settings_hold_always_or_never() {
    for (value, expected) in [(true, &[("01-01 00:00", "end")][..]), (false, &[])] {
        story("registered", vec![]).with(|pack| pack.rules[0].when = Condition::Constant(value)).holds(expected);
    }
}

#[test]
fn counting_begins_with_the_chain_and_never_ends() {
    let tests = |times: &[(&str, &str)]| {
        times.iter().zip(1..).map(|((when, reported), number)| late(number, when, reported, NEGATIVE)).collect()
    };
    let rule = "count(test(negative), 2, apart: 24h, within: 3d)";
    // Exactly 24 hours apart will do, and the result of the second decides when.
    story(rule, tests(&[("03-01 08:00", "03-01 20:00"), ("03-02 08:00", "03-02 21:00")]))
        .holds(&[("03-02 21:00", "end")]);
    // The result of the first may come last.
    story(rule, tests(&[("03-01 08:00", "03-05 20:00"), ("03-02 08:00", "03-02 21:00")]))
        .holds(&[("03-05 20:00", "end")]);
    story(rule, tests(&[("03-01 08:00", "03-01 08:00"), ("03-02 07:59:59.999", "03-02 08:00")])).holds(&[]);
    // Three days from 1 March end before 4 March.
    story(rule, tests(&[("03-01 08:00", "03-01 08:00"), ("03-03 23:59:59.999", "03-04 00:00")]))
        .holds(&[("03-04 00:00", "end")]);
    story(rule, tests(&[("03-01 08:00", "03-01 08:00"), ("03-04 00:00", "03-04 00:00")])).holds(&[]);
    // The chain may begin with the second test, or leave one out.
    let three = [("03-01 08:00", "03-01 08:00"), ("03-04 08:00", "03-04 08:00"), ("03-05 08:00", "03-05 08:00")];
    story(rule, tests(&three)).holds(&[("03-05 08:00", "end")]);
    let three = [("03-01 08:00", "03-01 08:00"), ("03-01 20:00", "03-01 20:00"), ("03-02 08:00", "03-02 08:00")];
    story(rule, tests(&three)).holds(&[("03-02 08:00", "end")]);
    story("count(test(negative), 3, apart: 24h, within: 3d)", tests(&three)).holds(&[]);
    story("count(test(negative), 1, apart: 24h, within: 3d)", tests(&three)).holds(&[("03-01 08:00", "end")]);
}

#[test]
fn counting_in_days_looks_at_dates_and_in_hours_at_the_clock() {
    let tests = |first, second| vec![event(1, first, NEGATIVE), event(2, second, NEGATIVE)];
    let by_day = "count(test(negative), 2, apart: 1d, within: 3d)";
    story(by_day, tests("03-01 23:59", "03-02 00:01")).holds(&[("03-02 00:01", "end")]);
    story(by_day, tests("03-02 00:00", "03-02 23:59")).holds(&[]);
    let by_hour = "count(test(negative), 2, apart: 1h, within: 48h)";
    story(by_hour, tests("03-01 08:00", "03-03 08:00")).holds(&[("03-03 08:00", "end")]);
    story(by_hour, tests("03-01 08:00", "03-03 08:00:00.001")).holds(&[]);
    // Spacing counts from the report where the pack says so.
    let facts = vec![late(1, "03-01 08:00", "03-01 20:00", NEGATIVE), event(2, "03-02 08:00", NEGATIVE)];
    let spaced = "count(test(negative), 2, apart: 24h, within: 72h)";
    story(spaced, facts.clone()).holds(&[("03-02 08:00", "end")]);
    story(spaced, facts).with(|pack| pack.counts_from = CountsFrom::Report).holds(&[]);
}

#[test]
fn until_lasts_from_an_event_to_its_clearing_or_its_cap() {
    let rule = "symptom until follow_up(clear) at most 14d";
    let story = |facts| story(rule, facts);
    let fever = || event(1, "03-01 08:00", FEVER);
    story(vec![fever()]).holds(&[("03-01 08:00", "03-15 00:00")]);
    story(vec![fever(), event(2, "03-04 08:00", FINE)]).holds(&[("03-01 08:00", "03-04 08:00")]);
    story(vec![fever(), event(2, "03-04 08:00", Content::FollowUp { clear: false })])
        .holds(&[("03-01 08:00", "03-15 00:00")]);
    // One before clears nothing, also when it becomes known after; one at the same instant does.
    story(vec![fever(), event(2, "02-29 08:00", FINE)]).holds(&[("03-01 08:00", "03-15 00:00")]);
    story(vec![fever(), late(2, "03-01 07:59:59.999", "03-02 08:00", FINE)]).holds(&[("03-01 08:00", "03-15 00:00")]);
    story(vec![fever(), event(2, "03-01 08:00", FINE)]).holds(&[]);
    // A clearing counts from when it is usable.
    story(vec![fever(), late(2, "03-02 08:00", "03-04 08:00", FINE)]).holds(&[("03-01 08:00", "03-04 08:00")]);
    // A new trigger starts again, the cap too.
    story(vec![fever(), event(2, "03-04 08:00", FINE), event(3, "03-06 08:00", FEVER)])
        .holds(&[("03-01 08:00", "03-04 08:00"), ("03-06 08:00", "03-20 00:00")]);
    story(vec![fever(), event(3, "03-06 08:00", FEVER)]).holds(&[("03-01 08:00", "03-20 00:00")]);
    // A trigger that becomes known late holds from then on; an older one that does so changes nothing.
    let known_late = late(3, "03-02 08:00", "03-03 08:00", FEVER);
    story(vec![known_late.clone()]).holds(&[("03-03 08:00", "03-16 00:00")]);
    story(vec![known_late.clone(), event(2, "03-02 12:00", FINE)]).holds(&[]);
    story(vec![known_late, event(1, "03-02 20:00", FEVER), event(2, "03-04 08:00", FINE)])
        .holds(&[("03-02 20:00", "03-04 08:00")]);
}

#[test]
fn what_is_cleared_stays_cleared_when_the_clearing_condition_ends() {
    let facts = vec![event(1, "03-01 08:00", FEVER), event(2, "03-04 08:00", CHECK_IN)];
    story("symptom until checked_in within 1h at most 14d", facts).holds(&[]);
    let facts = vec![event(1, "03-01 08:00", FEVER), event(2, "03-04 08:00", FINE)];
    story("symptom until follow_up within 1h at most 14d", facts).holds(&[("03-01 08:00", "03-04 08:00")]);
    let notice = Content::Notice { kind: NoticeKind::Opening, areas: areas("42") };
    let home = Content::Dwelling { area: area("42"), role: yima_model::fact::DwellingRole::Home };
    let facts = vec![
        event(1, "03-01 08:00", FEVER),
        state(2, "02-01 08:00", "end", home),
        state(3, "02-01 08:00", "03-02 08:00", notice.clone()),
        state(4, "03-04 08:00", "03-05 08:00", notice),
    ];
    // The notice of February is older than the trigger; the home of February only says where the person lives.
    story("symptom until notice(opening) at most 14d", facts).holds(&[("03-01 08:00", "03-04 08:00")]);
}

#[test]
fn until_counts_from_the_last_millisecond_of_a_state() {
    let medium = || state(1, "02-01 00:00", "end", level("42", Level::Medium));
    let rule = "stay(level: medium) until count(test(negative), 2, apart: 24h, within: 3d) at most 14d";
    let visit = || state(2, "03-01 08:00", "03-05 00:00", stay("4201"));
    // The last instant lies on 4 March.
    story(rule, vec![medium(), visit()]).holds(&[("03-01 08:00", "03-18 00:00")]);
    // While the stay lasts nothing clears, and tests taken during it count neither then nor after it.
    let during = [event(3, "03-02 08:00", NEGATIVE), event(4, "03-04 08:00", NEGATIVE)];
    let mut facts = vec![medium(), visit()];
    facts.extend(during);
    story(rule, facts.clone()).holds(&[("03-01 08:00", "03-18 00:00")]);
    facts.extend([event(5, "03-05 08:00", NEGATIVE), late(6, "03-06 08:00", "03-06 20:00", NEGATIVE)]);
    story(rule, facts.clone()).holds(&[("03-01 08:00", "03-06 20:00")]);
    // A second stay starts again.
    facts.push(state(7, "03-07 00:00", "03-07 12:00", stay("4201")));
    story(rule, facts).holds(&[("03-01 08:00", "03-06 20:00"), ("03-07 00:00", "03-21 00:00")]);
    // One millisecond before the end is still in time for what clears, two are not.
    let until = "stay until follow_up at most 14d";
    story(until, vec![visit(), event(3, "03-04 23:59:59.999", FINE)]).holds(&[("03-01 08:00", "03-05 00:00")]);
    story(until, vec![visit(), event(3, "03-04 23:59:59.998", FINE)]).holds(&[("03-01 08:00", "03-18 00:00")]);
}

#[test]
fn intervals_of_one_state_count_from_its_own_beginning() {
    // The stay began before the trigger, so its later low-risk interval clears nothing; a stay begun after it does.
    let low = state(1, "03-05 00:00", "end", level("42", Level::Low));
    let rule = "symptom until stay(level: low) at most 14d";
    let fever = event(2, "03-01 08:00", FEVER);
    story(rule, vec![low.clone(), fever.clone(), state(3, "02-01 08:00", "end", stay("42"))])
        .holds(&[("03-01 08:00", "03-15 00:00")]);
    story(rule, vec![low, fever.clone(), state(3, "03-01 08:00", "end", stay("42"))])
        .holds(&[("03-01 08:00", "03-05 00:00")]);
    // A level published before the trigger says what the place is, and does not itself clear.
    let low = state(1, "02-01 00:00", "end", level("42", Level::Low));
    story(rule, vec![low, fever, state(3, "03-02 08:00", "end", stay("42"))]).holds(&[("03-01 08:00", "03-02 08:00")]);
}

#[test]
fn until_takes_any_condition_and_another_until() {
    let facts = || vec![event(1, "03-01 08:00", FEVER), event(2, "03-01 12:00", FINE), event(3, "03-03 08:00", FINE)];
    // Holds for 24 hours whatever is found, then until a follow-up from its last millisecond on.
    story("symptom within 24h until follow_up at most 14d", facts()).holds(&[("03-01 08:00", "03-03 08:00")]);
    // The inner one ends at 12:00; a review from the millisecond before that on would clear the outer one.
    let rule = "(symptom until follow_up at most 14d) until reviewed at most 48h";
    story(rule, facts()).holds(&[("03-01 08:00", "03-03 11:59:59.999")]);
    let mut reviewed = facts();
    reviewed.push(event(4, "03-01 11:59:59.998", Content::Review));
    story(rule, reviewed.clone()).holds(&[("03-01 08:00", "03-03 11:59:59.999")]);
    reviewed.push(event(5, "03-02 08:00", Content::Review));
    story(rule, reviewed).holds(&[("03-01 08:00", "03-02 08:00")]);
    // Within the clearing side only facts from the trigger on count, at every depth.
    let rule = "symptom until (follow_up until reviewed at most 2d) at most 14d";
    story(rule, facts()).holds(&[("03-01 08:00", "03-01 12:00")]);
    story(rule, vec![event(1, "03-01 08:00", FEVER), event(2, "02-29 12:00", FINE)])
        .holds(&[("03-01 08:00", "03-15 00:00")]);
}

#[test]
fn on_days_wants_an_event_on_each_of_the_days_of_what_it_clears() {
    let rule = "symptom until on_days(test(negative), 1, 3) at most 10d";
    let tested = |tests: &[(&str, &str)]| {
        let tests = tests.iter().zip(2..).map(|((when, reported), number)| late(number, when, reported, NEGATIVE));
        story(rule, [event(1, "03-01 08:00", FEVER)].into_iter().chain(tests).collect())
    };
    let never_cleared: &[(&str, &str)] = &[("03-01 08:00", "03-11 00:00")];
    let (first, last) = (("03-01 09:00", "03-01 20:00"), ("03-03 23:59:59.999", "03-04 10:00"));
    tested(&[first, last]).holds(&[("03-01 08:00", "03-04 10:00")]);
    tested(&[last, first]).holds(&[("03-01 08:00", "03-04 10:00")]);
    tested(&[last]).holds(never_cleared);
    tested(&[first, ("03-04 00:00", "03-04 10:00")]).holds(never_cleared);
    tested(&[first, ("03-02 23:59:59.999", "03-03 10:00")]).holds(never_cleared);
    // What was sampled before it began is no test of its first day.
    tested(&[("03-01 07:59:59.999", "03-01 20:00"), last]).holds(never_cleared);
    tested(&[("03-02 09:00", "03-02 20:00"), ("03-04 09:00", "03-04 20:00")])
        .with(|pack| pack.first_day = FirstDay::DoesNotCount)
        .holds(&[("03-01 08:00", "03-04 20:00")]);
}

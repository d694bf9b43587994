//! Tells people that their colour has changed, in a message without the colour.
//!
//! Nobody's colour is remembered for this, only when it changes next if nothing is filed. A person is looked at when that
//! instant has come, when something about the person was recorded, or, with everybody, when something about everybody was;
//! then the colour just before is computed again and compared with that of now.

use std::collections::{BTreeMap, BTreeSet};

use yima_model::{Content, PersonId, Subject, Timestamp};
use yima_registry::agenda::{Agenda, Steps, Sweep};
use yima_registry::cases::register::registered_until;
use yima_registry::registry::View;
use yima_registry::standing::standing;
use yima_registry::{Judge, StorageError};

use super::{Progress, reading, told};
use crate::app::App;
use crate::http::problem::Problem;
use crate::rows::{Rows, table};

/// When the last round looked that left nothing to do, under the one key of this table.
static LOOKED: Rows<i64> = Rows::new(table::CHANGE_LOOKED);
const LAST: &[u8] = b"last";

/// Persons who are due, and persons of a look at everybody, that are looked at in one round.
const PAGE: usize = 1000;

const FIRST_PERSON: PersonId = PersonId::from_bytes([0; 16]);

/// Looks at who may have changed, a bounded number at a time.
///
/// What a round did is remembered when all of it is done, so that after a crash somebody may be told twice, but not never.
pub(super) fn round(app: &App) -> Result<Progress, Problem> {
    let now = app.now();
    app.registry.follow(now)?;
    told::follow_up(app)?;
    let agenda = app.agendas.of("change");
    let mut steps = agenda.steps();
    let mut progress = begin(app, &agenda, &mut steps)?;
    if progress == Progress::Done {
        progress = look(app, &agenda, &mut steps, now)?;
    }
    steps.commit().map_err(failed)?;
    if progress == Progress::Done {
        LOOKED.put(app.ledger(), LAST, &now.millis())?;
    }
    Ok(progress)
}

/// Begins an empty agenda with a look at everybody, compared with when the last round had looked.
fn begin(app: &App, agenda: &Agenda, steps: &mut Steps) -> Result<Progress, Problem> {
    let places = reading::applied(app);
    let Some(first) = places.first() else { return Ok(Progress::Done) };
    if agenda.read_to(first.partition).map_err(failed)?.is_some() {
        return Ok(Progress::Done);
    }
    for place in places {
        steps.read_to(place.partition, place.position);
    }
    // Without an earlier round there is nothing to compare with: it is learnt when each person changes next.
    let last = LOOKED.find(app.ledger(), LAST)?.map_or(Timestamp::BEGINNING, Timestamp::from_millis);
    // What was recorded at that very instant may have come after the round had followed the ledger.
    steps.sweep_on(Sweep { before: last.plus_millis(-1), from: FIRST_PERSON });
    Ok(Progress::More)
}

fn look(app: &App, agenda: &Agenda, steps: &mut Steps, now: Timestamp) -> Result<Progress, Problem> {
    let (new, mut progress) = reading::read_on(app, agenda, steps)?;
    let mut round = Round { app, now, told: BTreeSet::new(), steps };
    let mut looks: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    let mut add = |person, before: Timestamp| {
        looks.entry(person).and_modify(|earlier| *earlier = before.min(*earlier)).or_insert(before);
    };
    let mut everybody: Option<Timestamp> = None;
    for entry in new {
        let before = entry.recorded.plus_millis(-1);
        match entry.subject {
            Subject::Person(person) => add(person, before),
            Subject::Global => everybody = Some(everybody.map_or(before, |earlier| earlier.min(before))),
        }
    }
    let due = agenda.due(now, PAGE).map_err(failed)?;
    if due.len() == PAGE {
        progress = Progress::More;
    }
    due.into_iter().for_each(|(at, person)| add(person, at.plus_millis(-1)));
    let globals = app.registry.globals();
    let after = app.judge_of(&globals)?;
    for (person, before) in looks {
        let view = app.registry.view(person)?;
        // What was recorded about everybody since is the matter of a look at everybody.
        let facts = view.facts.iter().filter(|fact| fact.recorded() <= before).cloned().collect();
        let earlier = View { facts, ..view.clone() };
        round.compare(person, (&*after, &earlier), (&*after, &view), before)?;
    }
    let mut sweeps = agenda.sweeps().map_err(failed)?;
    if let Some(before) = everybody {
        begin_sweep(round.steps, &mut sweeps, before);
    }
    if let Some(sweep) = sweeps.first() {
        let before = Judge::new(&globals, &app.shelf, sweep.before)?;
        let persons = app.registry.persons(sweep.from, PAGE)?;
        for person in &persons {
            let view = app.registry.view(*person)?;
            round.compare(*person, (&before, &view), (&*after, &view), sweep.before)?;
        }
        match persons.last().filter(|_| persons.len() == PAGE) {
            Some(last) => round.steps.sweep_on(Sweep { from: next(*last), ..*sweep }),
            None => round.steps.sweep_ends(*sweep),
        }
        if persons.len() == PAGE || sweeps.len() > 1 {
            progress = Progress::More;
        }
    }
    Ok(progress)
}

/// Adds a look at everybody behind the one that goes on; one that has not begun yet is taken together with it.
fn begin_sweep(steps: &mut Steps, sweeps: &mut Vec<Sweep>, mut before: Timestamp) {
    if sweeps.iter().any(|sweep| sweep.from == FIRST_PERSON) {
        return;
    }
    while sweeps.iter().any(|sweep| sweep.before == before) {
        before = before.plus_millis(-1);
    }
    let sweep = Sweep { before, from: FIRST_PERSON };
    steps.sweep_on(sweep);
    sweeps.push(sweep);
}

/// One round as it goes on.
struct Round<'a> {
    app: &'a App,
    now: Timestamp,
    told: BTreeSet<PersonId>,
    steps: &'a mut Steps,
}

impl Round<'_> {
    /// Tells the person if the colours differ, and remembers when the next change comes.
    fn compare(
        &mut self,
        person: PersonId,
        (earlier_judge, earlier): (&Judge, &View),
        (judge, view): (&Judge, &View),
        before: Timestamp,
    ) -> Result<(), Problem> {
        let judgement = judge.verdict(view, self.now.max(view.as_of.at));
        let is_registered = registered_until(&view.facts, self.now).is_some();
        self.steps.set_due(person, judgement.next_change.filter(|_| is_registered)).map_err(failed)?;
        if is_registered
            && was_registered(earlier, before)
            && earlier_judge.verdict(earlier, before).colour != judgement.colour
            && self.told.insert(person)
        {
            told::tell(self.app, person, view, &judgement)?;
        }
        Ok(())
    }
}

fn next(person: PersonId) -> PersonId {
    PersonId::from_bytes(u128::from_be_bytes(*person.bytes()).saturating_add(1).to_be_bytes())
}

fn failed(error: StorageError) -> Problem {
    Problem::internal(&error)
}

/// Whether the person had applied by then; what the colour was at first, the person has seen.
fn was_registered(view: &View, known_at: Timestamp) -> bool {
    standing(&view.facts, known_at).iter().any(|(fact, _)| matches!(fact.content(), Content::Registration))
}

//! Which areas of a county are due to be lowered, and when, by the cases found in them.

use yima_model::area::Depth;
use yima_model::{AreaCode, Level, Timestamp};

use crate::fold::Spell;
use crate::ladder::{AreaCase, ClearScreening, Known, Ladder};

/// What a ladder says of one place, if nobody is found infected there any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The place, or the county for the rest of it.
    pub area: AreaCode,
    /// The level that follows from its cases; `None` once it has none any more.
    pub level: Option<Level>,
    /// Since when, or when the last level ended.
    pub since: Timestamp,
    /// When that level ends; `None` while it waits for a screening, or if there is none.
    pub until: Option<Timestamp>,
    /// The level after that.
    pub then: Option<Level>,
    /// When the last case was found that counts there.
    pub last_case: Timestamp,
    /// From when on a screening of everybody counts that must find nobody, if the level waits for one.
    pub screening_from: Option<Timestamp>,
}

/// The places of a county that had a level, as a ladder sees them at `at`, and the county itself for the rest of it: what is due
/// first stands first, and what ends at one instant by area.
///
/// Cases and screenings after `at` are left out.
pub fn due(ladder: &Ladder, county: AreaCode, known: Known<'_>, at: Timestamp) -> Vec<Due> {
    let cases: Vec<AreaCase> = known.cases.iter().filter(|case| case.found <= at).copied().collect();
    let screenings: Vec<ClearScreening> =
        known.screenings.iter().filter(|screening| screening.ended <= at).copied().collect();
    let levels = ladder.county(county, Known { cases: &cases, screenings: &screenings });
    let last_case = |area: AreaCode| {
        let here = cases.iter().filter(|case| case.is_infection() && area.contains(case.area));
        here.filter(|case| case.area.depth() > Depth::County).map(|case| case.found).max()
    };
    let mut due: Vec<Due> =
        levels.iter().filter_map(|(area, spells)| of_area(ladder, *area, spells, last_case(*area)?, at)).collect();
    due.sort_by_key(|due| (due.until.unwrap_or(Timestamp::FOREVER), due.area));
    due
}

fn of_area(ladder: &Ladder, area: AreaCode, spells: &[Spell], last_case: Timestamp, at: Timestamp) -> Option<Due> {
    let Some(now) = spells.iter().position(|spell| spell.from <= at && at < spell.until) else {
        let since = spells.iter().map(|spell| spell.until).filter(|until| *until <= at).max()?;
        return Some(Due { area, level: None, since, until: None, then: None, last_case, screening_from: None });
    };
    let spell = spells.get(now)?;
    let next = spells.get(now + 1).filter(|next| next.from == spell.until);
    let waits = spell.level == Level::High && spell.until == Timestamp::FOREVER;
    Some(Due {
        area,
        level: Some(spell.level),
        since: spell.from,
        until: (spell.until != Timestamp::FOREVER).then_some(spell.until),
        then: next.map(|next| next.level),
        last_case,
        screening_from: if waits { ladder.screening_from(last_case) } else { None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ladder::Presence;
    use yima_model::fact::CaseClass;

    const COUNTY: &str = "110105";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2022-{text}+08:00")).unwrap()
    }

    fn area(text: &str) -> AreaCode {
        AreaCode::parse(text).unwrap()
    }

    fn case(place: &str, class: CaseClass, found: &str, presence: Presence) -> AreaCase {
        AreaCase { area: area(place), class, found: at(found), presence }
    }

    /// The place, its level and until when, the level after that, and from when on a screening counts.
    type Line = (&'static str, Option<Level>, Option<&'static str>, Option<Level>, Option<&'static str>);

    fn check(ladder: Ladder, cases: &[AreaCase], screened: &[&str], now: &str, expected: &[Line]) {
        let screenings: Vec<ClearScreening> =
            screened.iter().map(|ended| ClearScreening { area: area(COUNTY), ended: at(ended) }).collect();
        let due = due(&ladder, area(COUNTY), Known { cases, screenings: &screenings }, at(now));
        let line = |due: &Due| (due.area, due.level, due.until, due.then, due.screening_from);
        let expected = expected.iter().map(|(place, level, until, then, screening)| {
            (area(place), *level, until.map(at), *then, screening.map(at))
        });
        assert_eq!(due.iter().map(line).collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{now}");
    }

    #[test]
    fn an_area_of_the_ninth_plan_waits_for_its_screening_and_then_steps_down() {
        let plan = Ladder::NINTH_PLAN;
        let cases = [case("110105003.17", CaseClass::Confirmed, "07-01T10:00:00", Presence::Lives)];
        let (high, medium, low) = (Some(Level::High), Some(Level::Medium), Some(Level::Low));
        let place = "110105003.17";
        check(plan, &cases, &[], "07-01T09:59:59.999", &[]);
        let screening = Some("07-08T00:00:00");
        let waits = [(COUNTY, low, None, None, None), (place, high, None, None, screening)];
        check(plan, &cases, &[], "07-01T10:00:00", &waits);
        check(plan, &cases, &[], "07-20T10:00:00", &waits);
        let screened = ["07-08T09:00:00"];
        check(plan, &cases, &screened, "07-08T08:59:59.999", &waits);
        let low_until = (COUNTY, low, Some("07-12T00:00:00"), None, None);
        let steps = (place, high, Some("07-09T00:00:00"), medium, None);
        check(plan, &cases, &screened, "07-08T09:00:00", &[steps, low_until]);
        check(plan, &cases, &screened, "07-08T23:59:59.999", &[steps, low_until]);
        let ends = (place, medium, Some("07-12T00:00:00"), None, None);
        check(plan, &cases, &screened, "07-09T00:00:00", &[low_until, ends]);
        check(plan, &cases, &screened, "07-11T23:59:59.999", &[low_until, ends]);
        let over = [(COUNTY, None, None, None, None), (place, None, None, None, None)];
        check(plan, &cases, &screened, "07-12T00:00:00", &over);
    }

    #[test]
    fn what_is_due_first_stands_first_and_later_cases_count_when_they_are_found() {
        let measures = Ladder::TWENTY_MEASURES;
        let cases = [
            case("110105003.17", CaseClass::Confirmed, "11-20T10:00:00", Presence::Lives),
            case("110105012.4", CaseClass::Asymptomatic, "11-19T10:00:00", Presence::Lives),
            case("110105003.17", CaseClass::Confirmed, "11-22T10:00:00", Presence::Lives),
        ];
        let (high, low) = (Some(Level::High), Some(Level::Low));
        check(
            measures,
            &cases,
            &[],
            "11-21T10:00:00",
            &[
                ("110105012.4", high, Some("11-25T00:00:00"), low, None),
                (COUNTY, low, Some("11-26T00:00:00"), None, None),
                ("110105003.17", high, Some("11-26T00:00:00"), None, None),
            ],
        );
        check(
            measures,
            &cases,
            &[],
            "11-25T00:00:00",
            &[
                (COUNTY, low, Some("11-28T00:00:00"), None, None),
                ("110105003.17", high, Some("11-28T00:00:00"), None, None),
                ("110105012.4", low, Some("11-28T00:00:00"), None, None),
            ],
        );
    }
}

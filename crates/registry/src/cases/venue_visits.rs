//! Visits to venues: kept on the phone and matched there, unless a pack in force has them reported.

use std::sync::Arc;

use yima_model::fact::StayOrigin;
use yima_model::{AreaCode, Content, Filing, Occurred, PersonId, Subject, Timestamp};
use yima_rules::pack::{Pack, VenueVisits};

use super::report::counting;
use super::{Call, CaseError, Filed, Refusal, derived_id, file, registered, system};
use crate::registry::{Globals, Registry};
use crate::verdict::Shelf;

/// How it is known that a phone was before the screen of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// What the screen showed was reported within its minute.
    Proven,
    /// It was kept and reported later, so that it may have been a picture that somebody sent on.
    Claimed,
}

/// What was filed of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The filing.
    pub filed: Filed,
    /// When the day begins that is kept.
    pub day: Timestamp,
    /// From when on it is kept no longer.
    pub kept_until: Timestamp,
}

/// The packs in force that have visits reported at `now`, with what they say of them.
pub fn reporting<'s>(globals: &Globals, shelf: &'s Shelf, now: Timestamp) -> Vec<(&'s Arc<Pack>, &'s VenueVisits)> {
    let put_in_force = counting(globals, now).into_iter().filter(|(_, lasts)| lasts.contains(now));
    let packs = put_in_force.filter_map(|(fact, _)| match fact.content() {
        Content::Pack { digest, .. } => shelf.find(digest),
        _ => None,
    });
    let in_force = packs.filter(|pack| pack.in_force(now));
    let saying = in_force.filter_map(|pack| Some((pack, pack.visits.as_ref()?)));
    saying.filter(|(_, visits)| visits.from <= now && now < visits.until).collect()
}

/// For how many days after its day a visit is kept: of several packs the longest time holds.
pub(crate) fn days_kept(packs: &[(&Arc<Pack>, &VenueVisits)]) -> i64 {
    packs.iter().map(|(_, visits)| i64::from(visits.days)).max().unwrap_or(0)
}

/// Files that a person was at a venue in this area, whose screen showed at `at` what the phone read.
///
/// What is kept of it is the smallest listed area and the day; a second visit on that day says nothing new. A presence
/// that is only claimed is inert: it colours nobody until another office confirms it.
///
/// # Errors
/// [`Refusal::VisitsStay`] where no pack in force has the visits of that instant reported, [`Refusal::NotRegistered`],
/// [`Refusal::TooOld`], or a failure underneath.
pub fn report(
    registry: &Registry,
    shelf: &Shelf,
    call: &Call,
    person: PersonId,
    (area, at): (AreaCode, Timestamp),
    presence: Presence,
) -> Result<Reported, CaseError> {
    registered(registry, person, call.now)?;
    let globals = registry.globals();
    let packs = reporting(&globals, shelf, call.now);
    let asks =
        |pack: &Pack, visits: &VenueVisits| (pack.ceiling.is_some() || pack.areas.contains(area)) && visits.from <= at;
    let (pack, _) = packs.iter().find(|(pack, visits)| asks(pack, visits)).ok_or(Refusal::VisitsStay)?;
    let day = pack.zone.day(at);
    let [from, until] = [day, day + 1].map(|day| pack.zone.midnight(day));
    let label: &[u8] = match presence {
        Presence::Proven => b"venue-visit",
        Presence::Claimed => b"venue-visit-claimed",
    };
    let id = derived_id(label, &[person.bytes(), &area.number().to_be_bytes(), &day.to_be_bytes()]);
    let filing = |id, occurred, content| Filing {
        id,
        subject: Subject::Person(person),
        // This system has verified what the screen showed.
        source: system(call),
        occurred,
        cause: None,
        replaces: None,
        content,
    };
    let during = Occurred::During { from, until };
    let mut filings = vec![filing(id, during, Content::Stay { area, origin: StayOrigin::VenueCode })];
    if presence == Presence::Claimed {
        let inert = derived_id(b"venue-visit-inert", &[id.bytes()]);
        filings.push(filing(inert, Occurred::at(from), Content::Inert { target: id }));
    }
    // No time ends within the day.
    let ends = packs.iter().map(|(_, visits)| visits.until).max().unwrap_or(until);
    let kept_until = pack.zone.midnight(day + 1 + days_kept(&packs)).min(ends.max(until));
    Ok(Reported { filed: file(registry, filings, call.now)?, day: from, kept_until })
}

#[cfg(test)]
mod tests {
    use yima_model::id::PackId;
    use yima_model::{Colour, Kind, SourceKind};

    use super::*;
    use crate::cases::report::Report;
    use crate::retention;
    use crate::testing::{DAY, HOUR, World, area, at, pack};

    const MARKET: &str = "420106001";

    /// A world in which a pack of Wuchang has visits reported from the second day to the tenth, and keeps each four days.
    fn world() -> World {
        let mut world = World::new();
        // Of two packs of a place, the one that was put in force last applies.
        world.pass(HOUR);
        let start = world.now();
        let day = |days: i64| yima_model::Zone::BEIJING.format(start.plus_millis(days * DAY));
        let said = format!(
            "[venue_visits]\nfrom = \"{}\"\nuntil = \"{}\"\ndays = 4\nsource = \"notice 7\"\n\
             reason = {{ zh-CN = \"查\", zh-TW = \"查\", en = \"Trace\" }}\n\n\
             [[list]]\nid = \"markets\"\nfrom = \"{}\"\nevidence = \"cases\"\nsource = \"cases of notice 7\"\nareas = [\"42\"]\n\
             title = {{ zh-CN = \"市\", zh-TW = \"市\", en = \"Markets\" }}\n\n[[rule]]",
            day(1),
            day(9),
            day(-30)
        );
        let text = pack(&[("S-1", "yellow", "stay(in: markets) within 14d")]).replacen("[[rule]]", &said, 1);
        let digest = world.shelf.add(&text).unwrap();
        let content = Content::Pack { pack: PackId::parse("test-2020-02").unwrap(), digest };
        let report = Report { subject: Subject::Global, occurred: Occurred::since(start), content, cause: None };
        world.files(SourceKind::Headquarters, "hubei", report);
        world
    }

    fn report_now(world: &World, person: PersonId, place: &str) -> Result<Filed, CaseError> {
        report_as(world, person, (place, world.now()), Presence::Proven)
    }

    fn report_as(
        world: &World,
        person: PersonId,
        (place, at): (&str, Timestamp),
        presence: Presence,
    ) -> Result<Filed, CaseError> {
        let visit = (area(place), at);
        report(&world.registry, &world.shelf, &world.own_call(), person, visit, presence).map(|reported| reported.filed)
    }

    fn delete(world: &World) -> bool {
        let before = retention::visits_before(&world.registry.globals(), &world.shelf, world.now()).unwrap();
        retention::delete_visits(&world.registry, before, world.now()).unwrap()
    }

    #[test]
    fn visits_are_taken_while_a_pack_says_so_and_where_it_applies() {
        let world = world();
        let person = world.resident(1);
        let stays = |result: Result<Filed, CaseError>| matches!(result, Err(CaseError::Refused(Refusal::VisitsStay)));
        world.pass(DAY - 1);
        assert!(stays(report_now(&world, person, MARKET)));
        world.pass(1);
        assert!(stays(report_now(&world, person, "610102")), "another province");
        let filed = report_now(&world, person, MARKET).unwrap();
        assert!(report_now(&world, person, MARKET).unwrap().repeated, "once a day and place");
        let stay = world.facts(person, Kind::Stay);
        assert_eq!(stay.iter().map(|fact| fact.id()).collect::<Vec<_>>(), filed.facts);
        let lasts = stay[0].occurred();
        let Occurred::During { from, until } = lasts else { panic!("{lasts:?}") };
        assert_eq!((until.millis() - from.millis(), from <= world.now()), (DAY, true), "the day and no hour of it");
        world.pass(8 * DAY);
        assert!(stays(report_now(&world, person, MARKET)), "it has ended");
    }

    #[test]
    fn a_visit_is_deleted_when_the_pack_says_so_and_nothing_else_with_it() {
        let world = world();
        let person = world.resident(1);
        world.pass(DAY);
        report_now(&world, person, MARKET).unwrap();
        let declared = Content::Stay { area: area(MARKET), origin: StayOrigin::Declared };
        let noon = world.now();
        let during = Occurred::During { from: noon.plus_millis(-DAY), until: noon };
        let trip = Report { subject: Subject::Person(person), occurred: during, content: declared, cause: None };
        world.files(SourceKind::Community, "wuchang", trip);
        world.files(SourceKind::Hospital, "h", at(person, noon, Content::Temperature { decicelsius: 366 }));
        let stays = || world.facts(person, Kind::Stay).len();
        let kept = world.registry.kept();
        world.pass(4 * DAY);
        delete(&world);
        assert_eq!(stays(), 2, "the fourth day after it has not ended");
        world.pass(DAY);
        assert!(delete(&world));
        assert_eq!(stays(), 1);
        assert!(!delete(&world), "again nothing");
        assert_eq!(world.facts(person, Kind::Temperature).len(), 1);
        assert_eq!(world.registry.kept(), kept, "past verdicts are answered as before");
        world.ledger.verify().unwrap();
        let rebuilt = Registry::in_memory(world.ledger.clone(), world.vault.clone()).unwrap();
        rebuilt.follow(world.now()).unwrap();
        assert_eq!((rebuilt.rows(), rebuilt.kept()), (world.registry.rows(), kept));
    }

    #[test]
    fn when_no_pack_says_so_any_more_all_visits_are_deleted() {
        let world = world();
        let person = world.resident(1);
        world.pass(8 * DAY);
        report_now(&world, person, MARKET).unwrap();
        world.pass(DAY - 1);
        delete(&world);
        assert_eq!(world.facts(person, Kind::Stay).len(), 1, "it is in force for a last millisecond");
        world.pass(1);
        assert!(delete(&world));
        assert_eq!(world.facts(person, Kind::Stay), []);
    }

    #[test]
    fn where_no_pack_ever_said_so_nothing_is_ordered() {
        let world = World::new();
        assert!(!delete(&world));
        let person = world.resident(1);
        assert!(matches!(report_now(&world, person, MARKET), Err(CaseError::Refused(Refusal::VisitsStay))));
    }

    #[test]
    fn a_proven_visit_counts_and_a_claimed_one_colours_nobody_until_an_office_confirms_it() {
        let world = world();
        world.pass(DAY);
        let [proven, claimed] = [1, 2].map(|number| world.resident(number));
        report_now(&world, proven, MARKET).unwrap();
        assert_eq!(world.colour(proven), Colour::Yellow);
        let seen = world.now();
        world.pass(HOUR);
        let late = || report_as(&world, claimed, (MARKET, seen), Presence::Claimed).unwrap();
        let filed = late();
        assert!(late().repeated);
        assert_eq!(world.colour(claimed), Colour::Green);
        let office = world.call(SourceKind::DiseaseControl, "wuchang");
        crate::cases::undo::confirm(&world.registry, &office, &[(Subject::Person(claimed), filed.facts[0])]).unwrap();
        assert_eq!(world.colour(claimed), Colour::Yellow);
        let earlier = report_as(&world, claimed, (MARKET, seen.plus_millis(-1)), Presence::Claimed);
        assert!(matches!(earlier, Err(CaseError::Refused(Refusal::VisitsStay))), "it was not yet asked for");
    }
}

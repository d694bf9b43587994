//! Evidence closure: what a restrictive fact must name before it counts.

use yima_model::fact::{CaseClass, IsolationPlace, StayOrigin};
use yima_model::id::CampaignId;
use yima_model::{AreaCode, Content, Fact, FactId, Interval, Occurred, SourceKind, Subject, Timestamp};

use super::places::places_at;
use super::report::{Report, counting, facts_of};
use super::{Call, CaseError};
use crate::index::FEVER_DECICELSIUS;
use crate::registry::Registry;
use crate::standing::address;

/// How long before its first day a case may have infected others.
const INFECTIOUS_BEFORE_MILLIS: i64 = 14 * 24 * 3_600_000;

/// How far apart two readings of one temperature are at most.
const SECOND_READING_MILLIS: i64 = 30 * 60_000;

/// What a fact lacks, so that it is inert until another body adds or confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A contact names no case, or no contact of one, that another source filed about another person.
    Case,
    /// A contact lies outside the time in which the case could infect.
    Overlap,
    /// A result names no sample of this person that another source registered before.
    Sample,
    /// A diagnosis has no positive result by another source, and no second institution has signed it.
    Countersignature,
    /// An isolation names no contact, case or arrival of this person, or closed-loop duty no declaration of it.
    Ground,
    /// A level names no case in the area.
    CaseInArea,
    /// A high temperature was read once.
    SecondReading,
    /// A missed test names no campaign that has ended where the person lives, with every result in and none of this person.
    Campaign,
    /// A stay is said to be known in a way that this source does not vouch for.
    Origin,
    /// The source went beyond its bounds.
    Confirmation,
}

/// What a report lacks, if anything.
pub(super) fn missing(registry: &Registry, call: &Call, report: &Report) -> Result<Option<Missing>, CaseError> {
    let own = facts_of(registry, report.subject)?;
    let own = counting(&own, call.now);
    Ok(match &report.content {
        Content::Contact { of, .. } => missing_case(registry, call, report, *of)?,
        Content::TestResult { sample, .. } => {
            let samples = registry.samples(*sample)?;
            let fits = samples
                .iter()
                .any(|sampled| Subject::Person(sampled.person) == report.subject && sampled.source != call.source);
            (!fits).then_some(Missing::Sample)
        }
        Content::Case { class: CaseClass::Clinical } => Some(Missing::Countersignature),
        Content::Case { class: CaseClass::Confirmed | CaseClass::Asymptomatic } => {
            let positive = |fact: &Fact| {
                matches!(fact.content(), Content::TestResult { positive: true, .. })
                    && fact.filing().source != call.source
            };
            (!own.iter().any(|(fact, _)| positive(fact))).then_some(Missing::Countersignature)
        }
        Content::Isolation { ground, place } => {
            let names = |fact: &Fact| {
                fact.id() == *ground
                    && match fact.content() {
                        Content::Declaration { on_duty, .. } => *on_duty && *place == IsolationPlace::ClosedLoop,
                        Content::Contact { .. } | Content::Case { .. } | Content::Arrival { .. } => {
                            *place != IsolationPlace::ClosedLoop
                        }
                        _ => false,
                    }
            };
            (!own.iter().any(|(fact, _)| names(fact))).then_some(Missing::Ground)
        }
        Content::AreaLevel { areas, level } if *level > yima_model::Level::Low => {
            let in_area = match report.cause {
                Some(case) => lives_in(registry, call, case, areas)?,
                None => false,
            };
            (!in_area).then_some(Missing::CaseInArea)
        }
        Content::Temperature { decicelsius } if *decicelsius >= FEVER_DECICELSIUS => {
            let alone = call.source.kind == SourceKind::Checkpoint && readings(registry, call, report)?.is_empty();
            alone.then_some(Missing::SecondReading)
        }
        Content::MissedTest { campaign } => {
            (!was_missed(registry, call, report, campaign, &own)).then_some(Missing::Campaign)
        }
        Content::Stay { origin, .. } => (!vouches(call.source.kind, *origin)).then_some(Missing::Origin),
        _ => None,
    })
}

/// Whether a published campaign is over by then that was for where the person lives, its results are complete, and the person
/// was not tested in it.
///
/// That the results are complete is told by a comparison of everybody with the list of the campaign's name: the laboratories'
/// register of it, as of its end or later.
fn was_missed(
    registry: &Registry,
    call: &Call,
    report: &Report,
    campaign: &CampaignId,
    own: &[(&Fact, Interval)],
) -> bool {
    let globals = registry.globals();
    let published = counting(&globals, call.now);
    let places = places_at(&globals, call.now);
    let results_until = published.iter().filter_map(|(fact, _)| match fact.content() {
        Content::Comparison { list, as_of, .. } if list.as_str() == campaign.as_str() => Some(*as_of),
        _ => None,
    });
    let results_until = results_until.max().unwrap_or(Timestamp::BEGINNING);
    published.iter().any(|(fact, lasts)| {
        let Content::Campaign { campaign: known, areas } = fact.content() else { return false };
        let last = lasts.until().plus_millis(-1);
        let lives_there = || address(own, last).is_some_and(|home| places.around(home).is_in(areas, last));
        let tested = |(fact, when): &(&Fact, Interval)| {
            matches!(fact.content(), Content::Sample { .. } | Content::TestResult { .. }) && lasts.contains(when.from())
        };
        known == campaign
            && lasts.until() <= report.occurred.start()
            && lasts.until() <= results_until
            && lives_there()
            && !own.iter().any(tested)
    })
}

/// Whether a source that reports a stay can know it in this way.
///
/// That a venue code was scanned says nothing of who was there: a poster can be photographed and sent on, and the proof of
/// presence stays on the phone. So nobody vouches for it alone.
const fn vouches(source: SourceKind, origin: StayOrigin) -> bool {
    match origin {
        StayOrigin::VenueCode => false,
        StayOrigin::Declared => !matches!(source, SourceKind::Carrier),
        StayOrigin::Ticket | StayOrigin::Carrier => true,
    }
}

/// The older facts of the same person that this report is the missing evidence for.
pub(super) fn supports(registry: &Registry, call: &Call, report: &Report) -> Result<Vec<FactId>, CaseError> {
    match report.content {
        Content::Temperature { decicelsius } if decicelsius >= FEVER_DECICELSIUS => {
            let facts = facts_of(registry, report.subject)?;
            let readings = readings(registry, call, report)?.into_iter();
            Ok(readings.filter(|id| super::is_inert(&facts, *id, call.now)).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// The high readings of the same person shortly before, inert ones too.
fn readings(registry: &Registry, call: &Call, report: &Report) -> Result<Vec<FactId>, CaseError> {
    let facts = facts_of(registry, report.subject)?;
    let at = report.occurred.start();
    let recent = |lasts: Interval| at.plus_millis(-SECOND_READING_MILLIS) <= lasts.from() && lasts.from() <= at;
    let high = |fact: &Fact| {
        matches!(fact.content(), Content::Temperature { decicelsius } if *decicelsius >= FEVER_DECICELSIUS)
            && fact.recorded() <= call.now
    };
    let standing = crate::standing::standing(&facts, Timestamp::FOREVER).into_iter();
    Ok(standing.filter(|(fact, lasts)| high(fact) && recent(*lasts)).map(|(fact, _)| fact.id()).collect())
}

fn missing_case(registry: &Registry, call: &Call, report: &Report, of: FactId) -> Result<Option<Missing>, CaseError> {
    let Some(carrier) = registry.carrier(of)?.filter(|carrier| Subject::Person(carrier.person) != report.subject)
    else {
        return Ok(Some(Missing::Case));
    };
    let facts = registry.record(carrier.person)?;
    let counting = counting(&facts, call.now);
    let found = counting.iter().find(|(fact, _)| fact.id() == of);
    let Some((fact, lasts)) = found else { return Ok(Some(Missing::Case)) };
    // Who a contact has met is found by the office that found the contact; the case itself is somebody else's finding.
    if carrier.class.is_some() && fact.filing().source == call.source {
        return Ok(Some(Missing::Case));
    }
    let at = report.occurred.start();
    let overlaps = match fact.occurred() {
        Occurred::During { .. } => lasts.from().plus_millis(-INFECTIOUS_BEFORE_MILLIS) <= at && at < lasts.until(),
        Occurred::At { at: met, .. } => met <= at,
    };
    Ok((!overlaps).then_some(Missing::Overlap))
}

/// Whether a case lives, or arrived, in these areas.
fn lives_in(registry: &Registry, call: &Call, case: FactId, areas: &yima_model::AreaSet) -> Result<bool, CaseError> {
    let Some(carrier) = registry.carrier(case)?.filter(|carrier| carrier.class.is_some()) else { return Ok(false) };
    let facts = registry.record(carrier.person)?;
    let counting = counting(&facts, call.now);
    let stands = counting.iter().any(|(fact, _)| fact.id() == case);
    let places = places_at(&registry.globals(), call.now);
    // A level may be for a building of the street that the case is known to live in.
    let near = address(&counting, call.now).is_some_and(|home| {
        let is_above = |area: &AreaCode| places.around(*area).areas_at(call.now).any(|outer| outer == home);
        places.around(home).is_in(areas, call.now) || areas.include.iter().any(is_above)
    });
    Ok(stands && near)
}

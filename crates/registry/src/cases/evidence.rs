//! Evidence closure: what a restrictive fact must name before it counts.

use yima_model::area::Depth;
use yima_model::fact::{CaseClass, IsolationPlace, StayOrigin};
use yima_model::id::{CampaignId, ListId};
use yima_model::{AreaCode, AreaSet, Content, Fact, FactId, Interval, Level, Occurred, SourceKind, Subject, Timestamp};

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
    /// A diagnosis has no positive result, a suspicion no symptom, fever, contact or positive result by another
    /// institution, and no second one has signed it; or a list begins or loses areas on the word of one office.
    Countersignature,
    /// An isolation names no contact or case of this person, and no arrival that another institution filed; or closed-loop
    /// duty no declaration of it.
    Ground,
    /// A level or a list names no case in the county of each place, or an area is larger than a county.
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
            let fits = samples.iter().any(|sampled| {
                Subject::Person(sampled.person) == report.subject && !sampled.source.is_colleague_of(&call.source)
            });
            (!fits).then_some(Missing::Sample)
        }
        Content::Case { class } => {
            let supports = |fact: &Fact| is_found_by_another(call, fact) && speaks_for(*class, fact.content());
            (!own.iter().any(|(fact, _)| supports(fact))).then_some(Missing::Countersignature)
        }
        Content::Isolation { ground, place } => {
            let names = |fact: &Fact| {
                fact.id() == *ground
                    && match fact.content() {
                        Content::Declaration { on_duty, .. } => *on_duty && *place == IsolationPlace::ClosedLoop,
                        Content::Contact { .. } | Content::Case { .. } => *place != IsolationPlace::ClosedLoop,
                        Content::Arrival { .. } => {
                            *place != IsolationPlace::ClosedLoop && is_found_by_another(call, fact)
                        }
                        _ => false,
                    }
            };
            (!own.iter().any(|(fact, _)| names(fact))).then_some(Missing::Ground)
        }
        Content::AreaLevel { areas, level } if *level > Level::Low => {
            (!is_near_case(registry, call, report, &areas.include)?).then_some(Missing::CaseInArea)
        }
        Content::List { list, areas } => match version_before(registry, call, list) {
            Some(before) if before.exclude == areas.exclude && adds_alone(&before, areas) => {
                let is_new = |area: &&AreaCode| !before.include.contains(area);
                let new: Vec<AreaCode> = areas.include.iter().filter(is_new).copied().collect();
                let is_founded = new.is_empty() || is_near_case(registry, call, report, &new)?;
                (!is_founded).then_some(Missing::CaseInArea)
            }
            _ => Some(Missing::Countersignature),
        },
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
    if carrier.class.is_some() && !is_found_by_another(call, fact) {
        return Ok(Some(Missing::Case));
    }
    let at = report.occurred.start();
    let overlaps = match fact.occurred() {
        Occurred::During { .. } => lasts.from().plus_millis(-INFECTIOUS_BEFORE_MILLIS) <= at && at < lasts.until(),
        Occurred::At { at: met, .. } => met <= at,
    };
    Ok((!overlaps).then_some(Missing::Overlap))
}

/// Whether another institution, or the person, filed the fact.
fn is_found_by_another(call: &Call, fact: &Fact) -> bool {
    !fact.filing().source.is_colleague_of(&call.source)
}

/// Whether a finding is evidence for a case of that class.
fn speaks_for(class: CaseClass, finding: &Content) -> bool {
    let is_positive = matches!(finding, Content::TestResult { positive: true, .. });
    match class {
        CaseClass::Confirmed | CaseClass::Asymptomatic => is_positive,
        // What a clinician sees without a test is signed by a second institution.
        CaseClass::Clinical => false,
        CaseClass::Suspected | CaseClass::Fever => match finding {
            Content::Declaration { symptoms, .. } | Content::CheckIn { symptoms } => !symptoms.is_none(),
            Content::Temperature { decicelsius } => *decicelsius >= FEVER_DECICELSIUS,
            Content::Contact { .. } => true,
            _ => is_positive,
        },
    }
}

/// The version of a list that counts before a new one is filed.
fn version_before(registry: &Registry, call: &Call, list: &ListId) -> Option<AreaSet> {
    let globals = registry.globals();
    let versions = counting(&globals, call.now).into_iter().filter_map(|(fact, lasts)| match fact.content() {
        Content::List { list: known, areas } if known == list => Some((lasts.from(), fact.id(), areas)),
        _ => None,
    });
    versions.max_by_key(|(from, id, _)| (*from, *id)).map(|(.., areas)| areas.clone())
}

/// Whether everything that was on the list still is.
fn adds_alone(before: &AreaSet, after: &AreaSet) -> bool {
    before.include.iter().all(|area| after.include.contains(area))
}

/// Whether a report names a case that lives, or arrived, in the county of each of these areas, none of which is larger.
fn is_near_case(registry: &Registry, call: &Call, report: &Report, areas: &[AreaCode]) -> Result<bool, CaseError> {
    let Some(case) = report.cause else { return Ok(false) };
    let Some(carrier) = registry.carrier(case)?.filter(|carrier| carrier.class.is_some()) else { return Ok(false) };
    let facts = registry.record(carrier.person)?;
    let counting = counting(&facts, call.now);
    let stands = counting.iter().any(|(fact, _)| fact.id() == case);
    let Some(home) = address(&counting, call.now).filter(|_| stands) else { return Ok(false) };
    let places = places_at(&registry.globals(), call.now);
    let county = |area: AreaCode| area.and_above().find(|outer| outer.depth() == Depth::County);
    // A level may be for a building of the street that the case is known to live in.
    let is_near = |area: AreaCode| {
        places.around(home).is_in(&AreaSet::of(area), call.now)
            || places.around(area).areas_at(call.now).any(|outer| outer == home || Some(outer) == county(home))
    };
    Ok(areas.iter().all(|area| area.depth() >= Depth::County && is_near(*area)))
}

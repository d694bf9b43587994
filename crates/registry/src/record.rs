//! A record: the set of facts of one person, or of everybody, in one canonical form.

use std::collections::{BTreeMap, BTreeSet};

use yima_ledger::Kind as LedgerKind;
use yima_model::codec::{self, CodecError};
use yima_model::fact::StayOrigin;
use yima_model::{Content, Fact, FactId, Filing, Kind, Occurred, SourceKind, Timestamp};

/// Before which instant facts of each kind of the ledger are forgotten.
pub(crate) type Horizons = BTreeMap<LedgerKind, Timestamp>;

/// Visits to venues that phones reported: a kind of their own for the ledger, since a pack says for how long they are kept.
pub(crate) const VISITS: LedgerKind = LedgerKind(255);

/// As what the ledger keeps a fact.
pub(crate) fn ledger_kind(filing: &Filing) -> LedgerKind {
    match (&filing.content, filing.source.kind) {
        (Content::Stay { origin: StayOrigin::VenueCode, .. }, SourceKind::System) => VISITS,
        (content, _) => LedgerKind(codec::kind_number(content.kind()).into()),
    }
}

/// What facts of a kind of the ledger are, if this program knows it.
pub fn kind_of(kind: LedgerKind) -> Option<Kind> {
    if kind == VISITS { Some(Kind::Stay) } else { u8::try_from(kind.0).ok().and_then(codec::kind_of_number) }
}

/// The facts of one person that some rule in force can still see.
///
/// Its bytes depend on the set of facts alone, not on the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record(BTreeMap<FactId, Fact>);

/// The instant by which a filing counts: the end of a state, the last instant that an event speaks of.
pub(crate) fn counts_until(filing: &Filing) -> Timestamp {
    let end = match filing.occurred {
        Occurred::At { at, reported } => at.max(reported),
        Occurred::During { until, .. } => until,
    };
    match filing.content {
        Content::Dispute { deadline, .. } => end.max(deadline),
        _ => end,
    }
}

/// Whether a fact does not lie behind the horizon of its kind.
pub(crate) fn is_inside(fact: &Fact, horizons: &Horizons) -> bool {
    horizons.get(&ledger_kind(fact.filing())).is_none_or(|before| counts_until(fact.filing()) >= *before)
}

impl Record {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, fact: Fact) {
        self.0.insert(fact.id(), fact);
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.0.values()
    }

    pub(crate) fn into_facts(self) -> Vec<Fact> {
        self.0.into_values().collect()
    }

    /// Takes out what lies behind the horizons.
    ///
    /// What refers to a fact that stays, stays: a retraction must not be forgotten before what it retracts.
    pub(crate) fn forget(&mut self, horizons: &Horizons) -> Vec<Fact> {
        let mut kept: BTreeSet<FactId> = self.facts().filter(|fact| is_inside(fact, horizons)).map(Fact::id).collect();
        if kept.len() == self.0.len() {
            return Vec::new();
        }
        loop {
            let refers = |fact: &&Fact| {
                let filing = fact.filing();
                [filing.content.target(), filing.replaces, filing.cause].iter().flatten().any(|id| kept.contains(id))
            };
            let more: Vec<_> =
                self.facts().filter(|fact| !kept.contains(&fact.id())).filter(refers).map(Fact::id).collect();
            if more.is_empty() {
                break;
            }
            kept.extend(more);
        }
        let (kept, forgotten) = std::mem::take(&mut self.0).into_iter().partition(|(id, _)| kept.contains(id));
        self.0 = kept;
        BTreeMap::into_values(forgotten).collect()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        codec::encode_record(self.facts())
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        Ok(Self(codec::decode_record(bytes)?.into_iter().map(|fact| (fact.id(), fact)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use yima_model::fact::{CaseClass, Symptoms};
    use yima_model::id::SourceId;
    use yima_model::{PersonId, Source, Subject};

    use super::*;

    fn fact(id: u8, occurred: Occurred, content: Content) -> Fact {
        let filing = Filing {
            id: FactId::from_bytes([id; 16]),
            subject: Subject::Person(PersonId::from_bytes([9; 16])),
            source: Source { kind: SourceKind::Hospital, id: SourceId::parse("h").unwrap() },
            occurred,
            cause: None,
            replaces: None,
            content,
        };
        filing.record(Timestamp::from_millis(1_000)).unwrap()
    }

    const fn ms(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn check_in(id: u8, at: i64) -> Fact {
        fact(id, Occurred::at(ms(at)), Content::CheckIn { symptoms: Symptoms::NONE })
    }

    fn retraction(id: u8, at: i64, target: u8) -> Fact {
        fact(id, Occurred::at(ms(at)), Content::Retraction { target: FactId::from_bytes([target; 16]) })
    }

    fn case(id: u8, from: i64, until: i64) -> Fact {
        let occurred = Occurred::During { from: ms(from), until: ms(until) };
        fact(id, occurred, Content::Case { class: CaseClass::Confirmed })
    }

    fn check(facts: &[Fact], horizons: &[(Kind, i64)], forgotten: &[u8]) {
        let horizons: Horizons =
            horizons.iter().map(|(kind, before)| (LedgerKind(codec::kind_number(*kind).into()), ms(*before))).collect();
        let mut at_once = Record::default();
        facts.iter().for_each(|fact| at_once.insert(fact.clone()));
        let gone: Vec<u8> = at_once.forget(&horizons).iter().map(|fact| fact.id().bytes()[0]).collect();
        assert_eq!(gone, forgotten);

        let mut one_by_one = Record::default();
        for fact in facts {
            one_by_one.insert(fact.clone());
            one_by_one.forget(&horizons);
        }
        assert_eq!(one_by_one, at_once, "the horizon may have come before the facts");
    }

    #[test]
    fn events_are_forgotten_by_their_instant_and_states_by_their_end() {
        check(&[check_in(1, 10), check_in(2, 9)], &[(Kind::CheckIn, 10)], &[2]);
        check(&[case(1, 0, 10), case(2, 0, 9)], &[(Kind::Case, 10)], &[2]);
        check(&[case(1, 0, i64::MAX)], &[(Kind::Case, 999)], &[]);
        check(&[check_in(1, 10)], &[(Kind::Case, 999)], &[]);
    }

    #[test]
    fn what_refers_to_a_kept_fact_is_kept() {
        let both = [(Kind::Retraction, 100), (Kind::Case, 10)];
        check(&[case(1, 0, 50), retraction(2, 20, 1), retraction(3, 30, 2)], &both, &[]);
        check(&[case(1, 0, 5), retraction(2, 20, 1), retraction(3, 30, 2)], &both, &[1, 2, 3]);
        check(&[case(1, 0, 5), retraction(2, 200, 1)], &both, &[1]);
    }
}

//! What a fact may state: a strategy for the content of each kind.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use yima_model::fact::{
    Answer, CaseClass, Channel, ContactDegree, Content, DwellingRole, IsolationPlace, Kind, NoticeKind, PlaceRelation,
    Relation, StatementFormat, StatementMeaning, StatementOrigin, StayOrigin, Symptom, Symptoms, TestMethod,
};
use yima_model::id::{
    CampaignId, FactId, IdError, ListId, PackId, PersonId, PoolId, Remark, SampleId, StatementIssuer,
};
use yima_model::{AreaCode, AreaSet, DocumentKind, Level, Timestamp};

/// Any content of this kind.
pub fn any_content(kind: Kind) -> BoxedStrategy<Content> {
    match kind {
        Kind::Registration => Just(Content::Registration).boxed(),
        Kind::Dwelling => {
            (any_area(), word(DwellingRole::ALL)).prop_map(|(area, role)| Content::Dwelling { area, role }).boxed()
        }
        Kind::Binding => word(Channel::ALL).prop_map(|channel| Content::Binding { channel }).boxed(),
        Kind::Guardianship => (id(PersonId::from_bytes), word(Relation::ALL))
            .prop_map(|(guardian, relation)| Content::Guardianship { guardian, relation })
            .boxed(),
        Kind::Document => word(&DocumentKind::ALL).prop_map(|kind| Content::Document { kind }).boxed(),
        Kind::Declaration => (symptoms(), word(Answer::ALL), any::<bool>())
            .prop_map(|(symptoms, contact, on_duty)| Content::Declaration { symptoms, contact, on_duty })
            .boxed(),
        Kind::CheckIn => symptoms().prop_map(|symptoms| Content::CheckIn { symptoms }).boxed(),
        Kind::Temperature => (300..=450_u16).prop_map(|decicelsius| Content::Temperature { decicelsius }).boxed(),
        Kind::Comparison => (name(ListId::parse), any_instant(), any::<bool>())
            .prop_map(|(list, as_of, matched)| Content::Comparison { list, as_of, matched })
            .boxed(),
        Kind::Review => Just(Content::Review).boxed(),
        Kind::FollowUp => any::<bool>().prop_map(|clear| Content::FollowUp { clear }).boxed(),
        Kind::Sample => (id(SampleId::from_bytes), option::of(id(PoolId::from_bytes)), word(TestMethod::ALL))
            .prop_map(|(sample, pool, method)| Content::Sample { sample, pool, method })
            .boxed(),
        Kind::TestResult => (id(SampleId::from_bytes), word(TestMethod::ALL), any::<bool>())
            .prop_map(|(sample, method, positive)| Content::TestResult { sample, method, positive })
            .boxed(),
        Kind::PoolResult => (id(PoolId::from_bytes), word(TestMethod::ALL), any::<bool>())
            .prop_map(|(pool, method, positive)| Content::PoolResult { pool, method, positive })
            .boxed(),
        Kind::MissedTest => name(CampaignId::parse).prop_map(|campaign| Content::MissedTest { campaign }).boxed(),
        Kind::Case => word(CaseClass::ALL).prop_map(|class| Content::Case { class }).boxed(),
        Kind::Contact => {
            (word(ContactDegree::ALL), any_fact_id()).prop_map(|(degree, of)| Content::Contact { degree, of }).boxed()
        }
        Kind::Isolation => (word(IsolationPlace::ALL), any_fact_id())
            .prop_map(|(place, ground)| Content::Isolation { place, ground })
            .boxed(),
        Kind::Arrival => {
            (option::of(any_area()), any_area()).prop_map(|(from, to)| Content::Arrival { from, to }).boxed()
        }
        Kind::Stay => {
            (any_area(), word(StayOrigin::ALL)).prop_map(|(area, origin)| Content::Stay { area, origin }).boxed()
        }
        Kind::Vaccination => (1..=u8::MAX).prop_map(|dose| Content::Vaccination { dose }).boxed(),
        Kind::Statement => (word(StatementMeaning::ALL), option::of((word(StatementFormat::ALL), issuer())))
            .prop_map(|(meaning, origin)| {
                let origin = origin.map(|(format, issuer)| StatementOrigin { format, issuer });
                Content::Statement { meaning, origin }
            })
            .boxed(),
        Kind::AreaLevel => (areas(), word(&[Level::Low, Level::Medium, Level::High]))
            .prop_map(|(areas, level)| Content::AreaLevel { areas, level })
            .boxed(),
        Kind::Notice => {
            (word(NoticeKind::ALL), areas()).prop_map(|(kind, areas)| Content::Notice { kind, areas }).boxed()
        }
        Kind::List => (name(ListId::parse), areas()).prop_map(|(list, areas)| Content::List { list, areas }).boxed(),
        Kind::Pack => {
            (name(PackId::parse), any::<[u8; 32]>()).prop_map(|(pack, digest)| Content::Pack { pack, digest }).boxed()
        }
        Kind::Campaign => (name(CampaignId::parse), areas())
            .prop_map(|(campaign, areas)| Content::Campaign { campaign, areas })
            .boxed(),
        Kind::Closing => any_fact_id().prop_map(|target| Content::Closing { target }).boxed(),
        Kind::Retraction => any_fact_id().prop_map(|target| Content::Retraction { target }).boxed(),
        Kind::Dispute => {
            (any_fact_id(), any_instant()).prop_map(|(target, deadline)| Content::Dispute { target, deadline }).boxed()
        }
        Kind::Ruling => {
            (any_fact_id(), any::<bool>()).prop_map(|(target, stands)| Content::Ruling { target, stands }).boxed()
        }
        Kind::Inert => any_fact_id().prop_map(|target| Content::Inert { target }).boxed(),
        Kind::Place => (word(PlaceRelation::ALL), 1..9_u32, 1..9_u32, remark())
            .prop_filter_map("two places", |(relation, place, other, why)| {
                let below = AreaCode::parse("610102").ok()?;
                let (place, other) = (below.place(place)?, below.place(other).filter(|_| place != other)?);
                Some(Content::Place { place, relation, other, why })
            })
            .boxed(),
        Kind::Lift => any_fact_id().prop_map(|target| Content::Lift { target }).boxed(),
    }
}

/// Any fact id.
pub fn any_fact_id() -> impl Strategy<Value = FactId> {
    id(FactId::from_bytes)
}

/// Any instant of the years 1 to 9998: often a whole hour of 2020, else any millisecond.
pub fn any_instant() -> impl Strategy<Value = Timestamp> {
    const HOUR: i64 = 3_600_000;
    prop_oneof![
        2 => (438_288_i64..447_072).prop_map(|hour| hour * HOUR),
        2 => 438_288 * HOUR..447_072 * HOUR,
        1 => -62_135_596_800_000_i64..253_370_764_800_000,
    ]
    .prop_map(Timestamp::from_millis)
}

/// Any area, whether or not the division tree knows it.
pub fn any_area() -> impl Strategy<Value = AreaCode> {
    const KNOWN: &[&str] = &["11", "4201", "420106", "610102", "610102001", "610102001005", "659001", "610102.17"];
    prop_oneof![
        select(KNOWN).prop_filter_map("a code", |text| AreaCode::parse(text).ok()),
        (110_000_000_000_000_000..1_000_000_000_000_000_000_u64).prop_filter_map("a code", AreaCode::from_number),
    ]
}

fn areas() -> impl Strategy<Value = AreaSet> {
    (vec(any_area(), 0..3), vec(any_area(), 0..2)).prop_map(|(include, exclude)| AreaSet { include, exclude })
}

pub(crate) fn id<T: Debug>(from_bytes: fn([u8; 16]) -> T) -> impl Strategy<Value = T> {
    any::<[u8; 16]>().prop_map(from_bytes)
}

pub(crate) fn name<T: Debug>(parse: fn(&str) -> Result<T, IdError>) -> impl Strategy<Value = T> {
    "[a-zA-Z0-9._-]{1,64}".prop_filter_map("a name", move |text| parse(&text).ok())
}

fn issuer() -> impl Strategy<Value = StatementIssuer> {
    "[!-~]{1,200}".prop_filter_map("an issuer", |text| StatementIssuer::parse(&text).ok())
}

fn remark() -> impl Strategy<Value = Remark> {
    "[a-z\u{4e00}-\u{4eff}]{1,200}".prop_filter_map("a remark", |text| Remark::parse(&text).ok())
}

pub(crate) fn word<T: Copy + Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

fn symptoms() -> impl Strategy<Value = Symptoms> {
    vec(word(Symptom::ALL), 0..4).prop_map(|symptoms| symptoms.into_iter().collect())
}

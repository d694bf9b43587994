//! What holds for all codes: they come back as they were issued, and no changed bit passes.

use proptest::prelude::*;
use yima_credential::claims::{ClaimsError, Guardian, Issuer, LiveTimes, PaperTimes, StatusReference};
use yima_credential::place::{Staffing, Strictness};
use yima_credential::status_list::{StatusContent, StatusEntries};
use yima_credential::trust_list::{Environment, IssuerKey, KeyUse, RuleEpoch, StatusListAddress, TrustContent};
use yima_credential::{
    Checkpoint, Claims, Code, CodeId, Coordinates, LiveClaims, LiveCredential, NameMark, PaperClaims, Place,
    PlaceClass, PublicKey, Refusal, Seconds, Seen, Signer, StatusList, TrustList, VerifiedCode, Who, WhoOpening,
    inspect, verify,
};
use yima_model::fact::Relation;
use yima_model::{Colour, Level, Personal, Timestamp};

use crate::json;
use crate::raw::{Key, code};
use crate::vectors::{roots, status, trust};
use crate::world::{
    DAY, KEYS, STATUS_URI, T, credential, live_claims, live_ours, paper_claims, paper_ours, presentation,
};

fn signer(key: &Key) -> Signer {
    Signer::from_pkcs8(&key.pkcs8).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn device() -> Coordinates {
    Coordinates { x: KEYS.device.x, y: KEYS.device.y }
}

fn name(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

/// The last minutes of 32 bits, the largest epoch; all other claims have one size.
pub(crate) fn largest_live() -> LiveClaims {
    let end = i64::from(u32::MAX);
    LiveClaims {
        issuer: Issuer::CHINA,
        colour: Colour::Grey,
        times: LiveTimes::new(at(end - DAY), at(end - DAY), at(end)).unwrap(),
        epoch: u32::MAX,
        id: CodeId::from_random([0xff; 16]),
        device: device(),
        who: largest_opening().commitment(),
    }
}

/// A character of four bytes, a day of two.
pub(crate) fn largest_opening() -> WhoOpening {
    WhoOpening { salt: Personal::new([0xff; 16]), who: Who::of(&name("𠮷"), 31).unwrap() }
}

pub(crate) fn largest_paper() -> PaperClaims {
    let end = i64::from(u32::MAX);
    PaperClaims {
        issuer: Issuer::CHINA,
        times: PaperTimes::new(at(end - 180 * DAY), at(end)).unwrap(),
        who: largest_opening().who,
        status: StatusReference { list: u32::MAX, index: u32::MAX },
        guardian: Some(Guardian { relation: Relation::Institution, name: NameMark::of(&name("𠮷")).unwrap() }),
    }
}

/// A staffed venue in a medium-risk area, half a minute after T, that has seen nobody yet.
struct Gate {
    trust: TrustList,
    status: [StatusList; 1],
}

impl Gate {
    fn new() -> Self {
        let world = json::world();
        let trust = trust(&world, &"default".into());
        Self { status: [status(&world, &"default".into(), &trust)], trust }
    }

    fn verify(&self, text: &str) -> Result<VerifiedCode, Refusal> {
        let place = Place {
            class: PlaceClass::Venue,
            level: Level::Medium,
            listed: false,
            strictness: Strictness::Ordinary,
            staffing: Staffing::Attended,
        };
        let checkpoint = Checkpoint { place, trust: &self.trust, status: &self.status, built: at(T) };
        verify(text, &checkpoint, &mut Seen::new(), at(T + 30))
    }
}

/// One flipped bit anywhere in the signed bytes of a live or a paper code, tried for every bit.
#[test]
fn no_flipped_bit_passes() {
    let gate = Gate::new();
    let inner = credential(&live_claims(&live_ours()), &KEYS.live).encode();
    let live = presentation(&inner, T + 20).encode();
    let paper = credential(&paper_claims(&paper_ours()), &KEYS.paper).encode();
    for bytes in [live, paper] {
        assert!(gate.verify(&code(&bytes)).is_ok());
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(gate.verify(&code(&changed)).is_err(), "bit {bit} of {}", bytes.len());
        }
    }
}

#[test]
fn no_cut_code_passes() {
    let gate = Gate::new();
    let inner = credential(&live_claims(&live_ours()), &KEYS.live).encode();
    let text = code(&presentation(&inner, T + 20).encode());
    for length in 0..text.len() {
        assert!(gate.verify(&text[..length]).is_err(), "{length} characters");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_is_refused_without_panic(digits in "[0-9A-Z $%*+./:-]{0,200}") {
        let text = format!("YM1:{digits}");
        prop_assert!(inspect(&text).is_err());
    }

    #[test]
    fn live_claims_come_back(
        now in 0..i64::from(u32::MAX) - DAY,
        data_age in 0..DAY,
        until in 120..3 * DAY,
        colour in prop::sample::select(&Colour::ALL),
        epoch: u32,
        id: [u8; 16],
        salt: [u8; 16],
        character in "[一-龥A-Za-z]",
        day in 1..=31_u8,
        opened: bool,
    ) {
        let opening = WhoOpening { salt: Personal::new(salt), who: Who::of(&name(&character), day).unwrap() };
        let claims = LiveClaims {
            issuer: Issuer::CHINA,
            colour,
            times: LiveTimes::new(at(now), at(now - data_age), at(now + until)).unwrap(),
            epoch,
            id: CodeId::from_random(id),
            device: device(),
            who: opening.commitment(),
        };
        let credential = LiveCredential::issue(&claims, &signer(&KEYS.live)).unwrap();
        let shown = credential.present(&signer(&KEYS.device), Seconds::floor(at(now)), opened.then_some(&opening));
        let read = inspect(&shown.unwrap().text()).unwrap();
        prop_assert_eq!(read.claims, Claims::Live(claims));
        prop_assert_eq!(read.key_id, Some(signer(&KEYS.live).public().id()));
        let presented = read.presented.unwrap();
        prop_assert_eq!(presented.at, Seconds::floor(at(now)));
        prop_assert_eq!(presented.who, opened.then_some(opening.who));
    }

    #[test]
    fn paper_claims_come_back(
        now in 0..i64::from(u32::MAX) - 180 * DAY,
        life in 1..=180 * DAY,
        list: u32,
        index: u32,
        character in "[一-龥A-Za-z]",
        day in 1..=31_u8,
        relation in prop::option::of(prop::sample::select(Relation::ALL)),
    ) {
        let claims = PaperClaims {
            issuer: Issuer::CHINA,
            times: PaperTimes::new(at(now), at(now + life)).unwrap(),
            who: Who::of(&name(&character), day).unwrap(),
            status: StatusReference { list, index },
            guardian: relation.map(|relation| Guardian { relation, name: NameMark::of(&name(&character)).unwrap() }),
        };
        let text = Code::paper(&claims, &signer(&KEYS.paper)).unwrap().text();
        prop_assert_eq!(inspect(&text).unwrap().claims, Claims::Paper(claims));
    }

    /// A code never outlives 24 hours or the verdict, and its times are whole minutes.
    #[test]
    fn times_are_bounded_and_coarse(now in DAY..i64::from(u32::MAX) - DAY, until in 0..2 * DAY) {
        match LiveTimes::new(at(now), at(now), at(now + until)) {
            Ok(times) => {
                let expires = i64::from(times.expires().get());
                prop_assert!(now < expires && expires <= (now + DAY).min(now + until));
                prop_assert!([times.issued(), times.as_of(), times.expires()].iter().all(|time| time.get() % 60 == 0));
                prop_assert!(until < 1800 || expires % 900 == 0);
                prop_assert!(until < 2700 || expires > (now + DAY).min(now + until) - 900 - 60);
                let brief = times.brief();
                prop_assert_eq!((brief.issued(), brief.as_of()), (times.issued(), times.as_of()));
                prop_assert_eq!(i64::from(brief.expires().get()), expires.min(i64::from(times.issued().get()) + 600));
            }
            Err(error) => {
                prop_assert_eq!(error, ClaimsError::NoTimeLeft);
                prop_assert!(until < 60);
            }
        }
    }
}

#[test]
fn times_of_other_kinds_are_refused() {
    assert_eq!(LiveTimes::new(at(T), at(T + 1), at(T + DAY)), Err(ClaimsError::DataFromTheFuture));
    assert_eq!(LiveTimes::new(at(T), at(T), at(T)), Err(ClaimsError::NoTimeLeft));
    assert_eq!(PaperTimes::new(at(T), at(T)), Err(ClaimsError::NoTimeLeft));
    assert_eq!(PaperTimes::new(at(T), at(T + 180 * DAY + 1)), Err(ClaimsError::TooLong));
    assert!(PaperTimes::new(at(T), at(T + 180 * DAY)).is_ok());
}

/// two codes of one person share nothing that a place, a history or a stable id could hide in.
#[test]
fn two_codes_of_one_person_share_no_identifier() {
    let claims = |id: u8, salt: u8, key: &Key| LiveClaims {
        issuer: Issuer::CHINA,
        colour: Colour::Green,
        times: LiveTimes::new(at(T), at(T), at(T + 10 * DAY)).unwrap(),
        epoch: 7,
        id: CodeId::from_random([id; 16]),
        device: Coordinates { x: key.x, y: key.y },
        who: WhoOpening { salt: Personal::new([salt; 16]), who: Who::of(&name("明"), 27).unwrap() }.commitment(),
    };
    let (first, second) = (claims(1, 1, &KEYS.device), claims(2, 2, &KEYS.other_device));
    assert_ne!(first.who, second.who);
    let common = |claims: &LiveClaims| (claims.issuer, claims.colour, claims.times, claims.epoch);
    assert_eq!(common(&first), common(&second));
    let stranger = LiveClaims { id: second.id, device: second.device, who: second.who, ..first };
    assert_eq!(stranger, second, "what is common to two codes of a person is common to all codes of that minute");
}

#[test]
fn lists_come_back() {
    let public = |key: &Key| PublicKey::new(Coordinates { x: key.x, y: key.y }).unwrap();
    let seconds = |at: i64| Seconds::new(u32::try_from(at).unwrap());
    let key = |key, key_use, revoked_from| IssuerKey {
        public: public(key),
        key_use,
        valid_from: seconds(T - DAY),
        valid_until: seconds(T + DAY),
        revoked_from,
    };
    let content = TrustContent {
        environment: Environment::Test,
        issuer: Issuer::CHINA,
        number: 3,
        issued: seconds(T),
        expires: seconds(T + DAY),
        keys: vec![key(&KEYS.live, KeyUse::Live, Some(seconds(T))), key(&KEYS.status, KeyUse::Status, None)],
        rules: vec![RuleEpoch { number: 7, from: seconds(T), digest: [9; 32] }],
        status_lists: vec![StatusListAddress { number: 1, uri: STATUS_URI.to_owned() }],
    };
    let trust = TrustList::open(
        &content.sign(&signer(&KEYS.root)).unwrap(),
        &roots(&json::world(), &"test".into()),
        None,
        at(T),
    )
    .unwrap();
    assert_eq!(trust.content(), &content);

    let mut entries = StatusEntries::fallen(10);
    entries.let_pass(7).unwrap();
    let content = StatusContent {
        number: 1,
        uri: STATUS_URI.to_owned(),
        version: 5,
        issued: seconds(T),
        expires: seconds(T + 600),
        entries,
    };
    let bytes = content.sign(&signer(&KEYS.status)).unwrap();
    assert_eq!(StatusList::open(&bytes, &trust, None, at(T)).unwrap().content(), &content);
    assert!(bytes.len() < 1024, "a list without codes is small: {} bytes", bytes.len());
}

#[test]
fn what_was_verified_is_what_was_signed() {
    let gate = Gate::new();
    let inner = credential(&live_claims(&live_ours()), &KEYS.live).encode();
    let text = code(&presentation(&inner, T + 20).encode());
    assert!(gate.verify(&text).is_ok());
    assert_eq!(gate.verify(&code(&inner)), Err(Refusal::PresentationMissing));
}

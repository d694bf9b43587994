//! An issuer with its root and keys, which signs lists and codes.

use yima_checkpoint::{Gate, Lists};
use yima_credential::claims::{Issuer as Nation, LiveTimes, PaperTimes, StatusReference};
use yima_credential::place::{Staffing, Strictness};
use yima_credential::status_list::{STATUS_ENTRIES_MIN, STATUS_LIST_SECONDS_MAX, StatusContent, StatusEntries};
use yima_credential::trust_list::{
    Environment, IssuerKey, KeyUse, StatusListAddress, TRUST_LIST_SECONDS_MAX, TrustContent,
};
use yima_credential::{
    Code, CodeId, LiveClaims, LiveCredential, PaperClaims, PinnedRoots, Place, PlaceClass, Seconds, Signer, Who,
    WhoCommitment,
};
use yima_model::{Colour, Level, Personal, Timestamp};

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 2020-12-14T08:00:00+08:00.
pub(crate) const T: i64 = 1_607_904_000;

pub(crate) const VENUE: Place = Place {
    class: PlaceClass::Venue,
    level: Level::Medium,
    listed: false,
    strictness: Strictness::Ordinary,
    staffing: Staffing::Attended,
};

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

pub(crate) fn signer() -> Signer {
    Signer::from_pkcs8(&Signer::generate_pkcs8().unwrap()).unwrap()
}

/// A national issuer: two keys for each use, one root.
pub(crate) struct Issuer {
    pub(crate) root: Signer,
    pub(crate) live: [Signer; 2],
    pub(crate) paper: [Signer; 2],
    pub(crate) status: [Signer; 2],
    device: Signer,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let two = || [signer(), signer()];
        Self { root: signer(), live: two(), paper: two(), status: two(), device: signer() }
    }

    pub(crate) fn roots(&self) -> PinnedRoots {
        PinnedRoots { environment: Environment::Test, keys: vec![self.root.public().clone()] }
    }

    /// The six keys, in the order of `revoked`.
    pub(crate) fn trust(&self, number: u32, issued: i64, revoked: [bool; 6]) -> TrustContent {
        let issued = Seconds::floor(at(issued));
        let keys = [(&self.live, KeyUse::Live), (&self.paper, KeyUse::Paper), (&self.status, KeyUse::Status)];
        let keys = keys.into_iter().flat_map(|(keys, key_use)| keys.iter().map(move |key| (key, key_use)));
        let keys = keys.zip(revoked).map(|((key, key_use), is_revoked)| IssuerKey {
            public: key.public().clone(),
            key_use,
            valid_from: Seconds::floor(at(T - DAY)),
            valid_until: Seconds::floor(at(T + 365 * DAY)),
            revoked_from: is_revoked.then_some(Seconds::new(0)),
        });
        TrustContent {
            environment: Environment::Test,
            issuer: Nation::CHINA,
            number,
            issued,
            expires: issued.plus(TRUST_LIST_SECONDS_MAX),
            keys: keys.collect(),
            rules: Vec::new(),
            status_lists: [1, 2].map(|number| StatusListAddress { number, uri: uri(number) }).into(),
        }
    }

    /// An edition of list 1 in which these entries pass.
    pub(crate) fn status(&self, key: usize, version: u32, issued: i64, passing: &[u32]) -> Vec<u8> {
        self.status_of(1, key, version, issued, passing)
    }

    pub(crate) fn status_of(&self, number: u32, key: usize, version: u32, issued: i64, passing: &[u32]) -> Vec<u8> {
        let mut entries = StatusEntries::fallen(STATUS_ENTRIES_MIN);
        passing.iter().for_each(|index| entries.let_pass(*index).unwrap());
        let issued = Seconds::floor(at(issued));
        let expires = issued.plus(STATUS_LIST_SECONDS_MAX);
        let content = StatusContent { number, uri: uri(number), version, issued, expires, entries };
        content.sign(&self.status[key]).unwrap()
    }

    /// A green live code of this instant, presented at once.
    pub(crate) fn live_code(&self, key: usize, now: i64, id: u128) -> String {
        let claims = LiveClaims {
            issuer: Nation::CHINA,
            colour: Colour::Green,
            times: LiveTimes::new(at(now), at(now), Timestamp::FOREVER).unwrap(),
            epoch: 1,
            id: CodeId::from_random(id.to_be_bytes()),
            device: *self.device.public().coordinates(),
            who: WhoCommitment::from_bytes([9; 16]),
        };
        let credential = LiveCredential::issue(&claims, &self.live[key]).unwrap();
        credential.present(&self.device, Seconds::floor(at(now)), None).unwrap().text()
    }

    pub(crate) fn paper_code(&self, key: usize, issued: i64, index: u32) -> String {
        let claims = PaperClaims {
            issuer: Nation::CHINA,
            times: PaperTimes::new(at(issued), at(issued + 180 * DAY)).unwrap(),
            who: Who::of(&Personal::new("明".to_owned()), 27).unwrap(),
            status: StatusReference { list: 1, index },
            guardian: None,
        };
        Code::paper(&claims, &self.paper[key]).unwrap().text()
    }

    /// A gate whose software was built before everything, with the lists of T.
    pub(crate) fn gate(&self) -> Gate {
        let mut lists = Lists::new(self.roots(), at(T - 30 * DAY));
        lists.take_trust(&self.trust(1, T, [false; 6]).sign(&self.root).unwrap(), at(T)).unwrap();
        lists.take_status(1, &self.status(0, 1, T, &[7]), at(T)).unwrap();
        Gate::new(VENUE, lists)
    }
}

fn uri(number: u32) -> String {
    format!("urn:yima:status-list:{number}")
}
